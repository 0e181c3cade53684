"""The command line: ``lpbook`` or ``python -m lpbook``.

Results go to standard output, as text or, with ``--json``, as one JSON object; messages and the
progress bar go to standard error. The exit code is 0 where the answer is yes, 1 where a certificate
is not valid or a claim does not hold, 2 where the question cannot be answered (a bad argument, a
file that cannot be read, a library that is missing), and 130 after Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import warnings
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from lpbook import _checks, completion
from lpbook._checks import Floats
from lpbook._files import MAX_BYTES, check_writable, names, read_arrays
from lpbook._tasks import Processes
from lpbook.constructions import CONSTRUCTIONS
from lpbook.networks import ACTIVATIONS, Ball, Network
from lpbook.pruning import DEPTHS, Plan, plan, prune
from lpbook.random_network import LAYOUTS
from lpbook.tickets import MAX_DRAWS, Certificate, Ticket, load_ticket

__all__ = ["main", "parser"]

_Found = TypeVar("_Found")

YES, NO, NO_ANSWER, INTERRUPTED = 0, 1, 2, 130

DESCRIPTION = """\
Find a trained network inside a random one: what it costs, the ticket, its certificate.

NETWORK is a file: .onnx (layers and activations; needs the library onnx), .safetensors or .npz
(weights and biases by name; say the activations), or .npy (the matrix of a single layer).
ROWS is a file with one input in each row: .npy, or .npz with a single array.
"""

EXIT_CODES = """\
exit codes: 0 yes, 1 no (not valid, does not hold), 2 no answer (the message says why)
"""

EXAMPLES = {
    "plan": (
        "lpbook plan model.npz --epsilon 0.1 --inputs rows.npy",
        "lpbook plan model.npz --weight-epsilon 1e-3 --construction subset-sum",
        "lpbook plan model.safetensors --activations tanh --epsilon 0.1 --radius 8 --json",
    ),
    "prune": (
        "lpbook prune model.npz --epsilon 0.1 --inputs rows.npy -o ticket.npz",
        "lpbook prune model.npz --weight-epsilon 1e-3 --seed 7 --workers 2 -o ticket.npz",
        "lpbook prune model.npz --weight-epsilon 1e-3 --checkpoint done.bin -o ticket.npz",
        "lpbook prune model.npz --weight-epsilon 1e-3 --checkpoint done.bin --resume -o ticket.npz",
    ),
    "verify": (
        "lpbook verify ticket.npz model.npz",
        "lpbook verify ticket.npz model.npz --inputs rows.npy --json",
    ),
    "info": ("lpbook info ticket.npz", "lpbook info model.safetensors --json"),
    "claims": ("lpbook claims", "lpbook claims batch-lemma", "lpbook claims batch-lemma --break"),
    "completion": ("lpbook completion bash", "lpbook completion fish"),
}
"""The examples that ``--help`` shows; a test runs them all."""


class _Help(argparse.RawDescriptionHelpFormatter):
    """Room for the names of commands, whose indentation Python 3.11 does not count."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = 14


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    whole = argparse.ArgumentParser(
        prog="lpbook",
        description=DESCRIPTION,
        epilog=EXIT_CODES,
        formatter_class=_Help,
    )
    whole.add_argument("--version", action="version", version=f"lpbook {_version()}")
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, help_text, run, fill in (
        ("plan", "what a ticket costs by the theorems, before anything is drawn", _plan, _of_plan),
        ("prune", "find the ticket, write it, and check it", _prune, _of_prune),
        ("verify", "check a ticket against its network, from the seed up", _verify, _of_verify),
        ("info", "what is in the file of a ticket or a network", _info, _of_info),
        ("claims", "the statements of the book: list them, check one, break one", _claims, None),
        ("completion", "a script that completes this command line", _completion, _of_completion),
    ):
        command = commands.add_parser(
            name,
            help=help_text,
            description=help_text[0].upper() + help_text[1:] + ".",
            epilog="examples:\n" + "".join(f"  {line}\n" for line in EXAMPLES[name]) + EXIT_CODES,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.set_defaults(run=run)
        if fill is None:
            command.add_argument("name", nargs="?", help="the statement's name; all, if not given")
            command.add_argument("--break", action="store_true", dest="refute", help=_BREAK)
        else:
            fill(command)
        command.add_argument("--json", action="store_true", help="print one JSON object")
    return whole


_BREAK = "drop a hypothesis of the statement and print the counterexample"


def _version() -> str:
    from lpbook import __version__

    return __version__


def _of_network(command: argparse.ArgumentParser, name: str = "network") -> None:
    command.add_argument(name, metavar=name.upper(), help=f"the file of the {name}")
    command.add_argument(
        "--activations",
        default="relu",
        metavar="NAME[,NAME...]",
        help="for files that do not say: one for the hidden layers (the last is then linear), or "
        f"one for each layer, of {', '.join(ACTIVATIONS)} (default: relu)",
    )
    command.add_argument(
        "--layers", metavar="NAME,NAME...", help="for files without order: the layers in order"
    )
    command.add_argument(
        "--output", metavar="VALUE", help="for .onnx: the value in the graph that is the output"
    )
    command.add_argument(
        "--max-bytes",
        type=int,
        default=MAX_BYTES,
        metavar="N",
        help="memory that the arrays of an .npz or .npy file, constants that an .onnx computes, or "
        f"a ticket may ask for; 16 times the size of the file is always allowed (default: "
        f"{MAX_BYTES})",
    )


def _of_plan(command: argparse.ArgumentParser) -> None:
    _of_network(command)
    command.add_argument(
        "--epsilon", type=float, metavar="E", help="2-norm of the output's error allowed"
    )
    command.add_argument(
        "--weight-epsilon", type=float, metavar="E", help="in its place: error of each weight"
    )
    command.add_argument(
        "--inputs", metavar="ROWS", help="the domain: all inputs no longer than the longest row"
    )
    command.add_argument(
        "--radius", type=float, metavar="R", help="in its place: all inputs of norm up to R"
    )
    command.add_argument(
        "--nonnegative", action="store_true", help="with --radius: inputs that are never negative"
    )
    command.add_argument(
        "--construction",
        choices=[*CONSTRUCTIONS],
        default="golden-ratio",
        help="how a weight is made (default: golden-ratio)",
    )
    command.add_argument(
        "--layout",
        choices=[*LAYOUTS, "pooled"],
        default="shared",
        help="what a neuron serves; pooled only to plan (default: shared)",
    )
    command.add_argument(
        "--depth",
        choices=[*DEPTHS],
        default="2l",
        help="layers of G: twice as many as the network has, or one more (default: 2l)",
    )
    command.add_argument(
        "--delta", type=float, default=0.01, help="probability of failure (default: 0.01)"
    )
    command.add_argument(
        "--rule",
        choices=["proved", "measured"],
        default="proved",
        help="whether --epsilon holds for all inputs, or on the ROWS (default: proved)",
    )
    command.add_argument(
        "--max-seconds",
        type=float,
        default=3600.0,
        metavar="S",
        help="processor time that pruning, or the trials of the measured rule, may take by the "
        "plan (default: 3600.0)",
    )


def _of_prune(command: argparse.ArgumentParser) -> None:
    _of_plan(command)
    command.add_argument("--seed", type=int, default=0, help="seed of G (default: 0)")
    command.add_argument(
        "-o", dest="ticket", metavar="TICKET", required=True, help="where the ticket is written"
    )
    command.add_argument(
        "--workers", type=int, default=1, metavar="N", help="processes that draw (default: 1)"
    )
    command.add_argument(
        "--timeout",
        type=float,
        metavar="S",
        help="with 2 workers or more: seconds without a result after which this process does the "
        "rest",
    )
    command.add_argument(
        "--checkpoint",
        metavar="FILE",
        help="where finished blocks are kept, so that a run that was stopped can go on",
    )
    command.add_argument(
        "--resume", action="store_true", help="go on with a checkpoint that is there already"
    )
    command.add_argument("--quiet", action="store_true", help="no progress bar")


def _of_ticket(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--max-draws",
        type=int,
        default=MAX_DRAWS,
        metavar="N",
        help="random numbers that a ticket may have to draw again; for each byte of the file "
        f"some hundred are always allowed (default: {MAX_DRAWS})",
    )


def _of_verify(command: argparse.ArgumentParser) -> None:
    command.add_argument("ticket", metavar="TICKET", help="the file of the ticket")
    _of_network(command)
    command.add_argument("--inputs", metavar="ROWS", help="rows to measure the output's error on")
    _of_ticket(command)


def _of_info(command: argparse.ArgumentParser) -> None:
    _of_network(command, "file")
    _of_ticket(command)


def _of_completion(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "shell",
        choices=[*completion.SHELLS],
        help="which shell is to read it; for bash: source <(lpbook completion bash)",
    )


def read_network(path: str, options: argparse.Namespace) -> Network:
    """The network in a file, by the end of its name."""
    names = options.activations.split(",")
    activations = names[0] if len(names) == 1 else names
    layers = None if options.layers is None else options.layers.split(",")
    suffix = Path(path).suffix.lower()
    if suffix == ".onnx":
        max_bytes = _checks.count("--max-bytes", options.max_bytes)
        return Network.from_onnx(path, output=options.output, max_bytes=max_bytes)
    if suffix == ".safetensors":
        return Network.from_safetensors(path, activations=activations, layers=layers)
    if suffix in (".npz", ".npy"):
        arrays = _arrays(path, options)
        is_single = arrays.keys() == {""}
        if is_single != (suffix == ".npy"):
            remedy = "is one array; name it .npy" if is_single else "is an archive; name it .npz"
            raise ValueError(f"{path}: {remedy}")
        if is_single:
            return Network([arrays[""]], activations=activations)
        return Network.from_state_dict(arrays, activations=activations, layers=layers)
    remedy = "known are .onnx, .safetensors, .npz and .npy"
    if suffix in (".pt", ".pth", ".pkl", ".joblib"):
        remedy = "reading it would run code: save the weights as .safetensors, or export to .onnx"
    if suffix in (".keras", ".h5"):
        remedy = "take Network.from_keras in Python, or export to .onnx"
    raise ValueError(f"{path}: {remedy}")


def _read_numpy(read: Callable[..., _Found], path: str, **limits: int) -> _Found:
    """What is read from a file of NumPy's; whatever a damaged one provokes is one kind of error."""
    try:
        return read(path, **limits)
    except OSError:
        raise
    except Exception as error:  # of zipfile, zlib, NumPy
        raise ValueError(f"{path}: is not an intact file of NumPy's: {error}") from error


def _arrays(path: str, options: argparse.Namespace) -> dict[str, Floats]:
    """The arrays in a file of NumPy's; the one of an .npy has no name."""
    max_bytes = _checks.count("--max-bytes", options.max_bytes)
    return _read_numpy(read_arrays, path, max_bytes=max_bytes)


def _ticket(path: str, options: argparse.Namespace) -> Ticket:
    return load_ticket(path, max_bytes=options.max_bytes, max_draws=options.max_draws)


def _rows(path: str, options: argparse.Namespace) -> Floats:
    arrays = _arrays(path, options)
    if len(arrays) != 1:
        raise ValueError(f"{path}: must hold one array of rows, holds {', '.join(arrays)}")
    return next(iter(arrays.values()))


def _domain(options: argparse.Namespace) -> Any:
    if options.inputs is not None and options.radius is not None:
        raise ValueError("--inputs and --radius: give one of them")
    if options.radius is not None:
        return Ball(options.radius, options.nonnegative)
    if options.nonnegative:
        raise ValueError("--nonnegative: needs --radius; rows say themselves what they are")
    return None if options.inputs is None else _rows(options.inputs, options)


def _asked(options: argparse.Namespace) -> dict[str, Any]:
    """What `plan` and `prune` are asked."""
    if (options.epsilon is None) == (options.weight_epsilon is None):
        raise ValueError("--epsilon and --weight-epsilon: give exactly one of them")
    if options.epsilon is not None and options.inputs is None and options.radius is None:
        raise ValueError("--epsilon: needs the domain of inputs, --inputs ROWS or --radius R")
    return {
        "epsilon": options.epsilon,
        "weight_epsilon": options.weight_epsilon,
        "construction": options.construction,
        "inputs": _domain(options),
        "delta": options.delta,
        "layout": options.layout,
        "depth": options.depth,
        "rule": options.rule,
        "max_seconds": options.max_seconds,
    }


def _plan(options: argparse.Namespace) -> int:
    network = read_network(options.network, options)
    cost = plan(network, **_asked(options))
    _show(options, _plan_facts(cost, network), f"{network!r}\n{cost}")
    return YES


def _prune(options: argparse.Namespace) -> int:
    network = read_network(options.network, options)
    if options.layout == "pooled":
        raise ValueError("--layout pooled: only to plan; take shared or reserved")
    if options.workers < 1:
        raise ValueError(f"--workers {options.workers}: must be at least 1")
    _check_checkpoint(options)
    if options.timeout is not None and options.workers == 1:
        raise ValueError(f"--timeout {options.timeout}: needs --workers 2 or more")
    _check_place(options)
    with nullcontext() if options.workers == 1 else Processes(options.workers) as executor:
        ticket = prune(
            network,
            **_asked(options),
            seed=options.seed,
            progress=not options.quiet and sys.stderr.isatty(),
            executor=executor,
            timeout=options.timeout,
            checkpoint=options.checkpoint,
        )
        ticket.save(options.ticket)
    certificate = ticket.verify(network)
    facts = _ticket_facts(ticket, options.ticket) | {"certificate": _certificate_facts(certificate)}
    size = f"wrote {options.ticket}, {os.path.getsize(options.ticket):,} bytes"
    _show(options, facts, f"{ticket!r}\n{size}\n{certificate}")
    return YES if certificate else NO


def _check_place(options: argparse.Namespace) -> None:
    """The ticket can be written where it shall be, and replaces nothing that is needed.

    Better to hear so before hours of work than after.
    """
    path = options.ticket
    for what, other in (
        ("the NETWORK", options.network),
        ("the file of --inputs", options.inputs),
        ("the file of --checkpoint", options.checkpoint),
    ):
        if other is not None and _is_same(path, other):
            raise ValueError(f"-o {path}: is {what}, which the ticket would replace; name another")
    if os.path.isdir(path):
        example = os.path.join(path, "ticket.npz")
        raise ValueError(f"-o {path}: is a directory; name a file, such as {example}")
    if os.path.exists(path) and not os.path.isfile(path):
        raise ValueError(f"-o {path}: is no regular file; name another")
    try:
        check_writable(path)
    except OSError as error:
        folder = os.path.dirname(path) or "."
        remedy = "name a file in a directory that can be written to"
        reason = f"cannot be written in {folder}: {error.strerror or error}; {remedy}"
        raise ValueError(f"-o {path}: {reason}") from error


def _is_same(path: str, other: str) -> bool:
    """Whether two paths lead to one file, which need not be there yet."""
    if os.path.exists(path) and os.path.exists(other):
        return os.path.samefile(path, other)
    return os.path.normcase(os.path.realpath(path)) == os.path.normcase(os.path.realpath(other))


def _check_checkpoint(options: argparse.Namespace) -> None:
    """A checkpoint is new, or meant to be gone on with."""
    if options.checkpoint is None:
        if options.resume:
            raise ValueError("--resume: needs the file, --checkpoint FILE")
    elif options.resume != os.path.exists(options.checkpoint):
        remedy = "is not there" if options.resume else "is there already: --resume goes on with it"
        raise ValueError(f"--checkpoint {options.checkpoint}: {remedy}")


def _completion(options: argparse.Namespace) -> int:
    text = completion.script(parser(), options.shell)
    _show(options, {"shell": options.shell, "script": text}, text.rstrip())
    return YES


def _verify(options: argparse.Namespace) -> int:
    ticket = _ticket(options.ticket, options)
    network = read_network(options.network, options)
    rows = None if options.inputs is None else _rows(options.inputs, options)
    certificate = ticket.verify(network, rows)
    _show(options, _certificate_facts(certificate), str(certificate))
    return YES if certificate else NO


def _info(options: argparse.Namespace) -> int:
    is_npz = Path(options.file).suffix.lower() == ".npz"
    if is_npz and "header" in _read_numpy(names, options.file):
        ticket = _ticket(options.file, options)
        facts = _ticket_facts(ticket, options.file)
    else:
        network = read_network(options.file, options)
        facts = {
            "network": list(network.widths),
            "layers": list(network.names),
            "activations": [*map(str, network.activations)],
            "biases": network.biases is not None,
            "weights": sum(matrix.size for matrix in network.matrices),
            "largest_weight": max(float(np.abs(matrix).max()) for matrix in network.matrices),
            "spectral_norms": list(network.spectral_norms),
            "digest": network.digest,
        }
    width = max(map(len, facts)) + 2
    _show(
        options, facts, "\n".join(f"{key:<{width}}{_line(value)}" for key, value in facts.items())
    )
    return YES


def _claims(options: argparse.Namespace) -> int:
    from lpbook.ledger import claims

    if options.name is None:
        listed = {
            name: {"chapter": c.chapter, "title": c.title, "kind": c.kind, "source": c.source}
            for name, c in claims.items()
        }
        width = max(map(len, claims)) + 2
        lines = (f"{c.name:<{width}}{c.kind:<20} {c.chapter}: {c.title}" for c in claims.values())
        _show(options, listed, "\n".join(lines))
        return YES
    if options.name not in claims:
        raise ValueError(f"{options.name}: no such statement; `lpbook claims` lists them")
    claim = claims[options.name]
    about = _about(claim)
    facts = {"name": claim.name, "kind": claim.kind, "statement": claim.statement, **about}
    try:
        found = claim.break_it() if options.refute else claim.check()
    except AssertionError as error:
        _show(options, facts | {"ok": False, "found": str(error)}, f"DOES NOT HOLD: {error}")
        return NO
    heads = f"{claim.title} ({claim.kind}; {claim.source})\n{claim.statement}\n"
    rest = "\n".join(f"{what}: {_line(said)}" for what, said in about.items() if said)
    text = f"{heads}\n{found!r}\n\n{rest}"
    _show(options, facts | {"ok": True, "found": repr(found).split("\n")}, text)
    return YES


def _about(claim: Any) -> dict[str, Any]:
    """Where a statement is proved and checked, and on what it rests."""
    from lpbook.ledger import dotted_name

    return {
        "chapter": claim.chapter,
        "title": claim.title,
        "uses": list(claim.uses),
        "prose": list(claim.prose),
        "code": list(map(dotted_name, claim.code)),
        "formal": claim.formal,
    }


def _plan_facts(cost: Plan, network: Network) -> dict[str, Any]:
    return {
        "construction": cost.construction.name,
        "layout": cost.layout,
        "depth": cost.depth,
        "epsilon": cost.epsilon,
        "weight_epsilon": cost.weight_epsilon,
        "delta": cost.delta,
        "domain": _domain_facts(cost.domain),
        "proved": cost.proved,
        "trials": cost.trials,
        "seconds": cost.seconds,
        "bytes": cost.bytes,
        "weights": cost.weights,
        "neurons": cost.neurons,
        "random_weights": cost.random_weights,
        "layers": [
            {
                "name": name,
                "inputs": layer.inputs,
                "outputs": layer.outputs,
                "weights": layer.weights,
                "requirements": layer.requirements,
                "neurons": layer.neurons,
            }
            for name, layer in zip(network.names, cost.layers, strict=True)
        ],
    }


def _ticket_facts(ticket: Ticket, path: str) -> dict[str, Any]:
    return {
        "ticket": list(ticket.widths),
        "construction": ticket.construction.name,
        "layout": ticket.layout,
        "depth": ticket.depth,
        "seed": ticket.seed,
        "epsilon": ticket.epsilon,
        "weight_epsilon": ticket.weight_epsilon,
        "delta": ticket.delta,
        "domain": _domain_facts(ticket.domain),
        "biases": ticket.bias,
        "neurons": ticket.drawn,
        "bytes": os.path.getsize(path),
        "target": ticket.target,
    }


def _certificate_facts(certificate: Certificate) -> dict[str, Any]:
    return {
        "ok": certificate.ok,
        "weight_error": certificate.weight_error,
        "network_error": certificate.network_error,
        "domain": _domain_facts(certificate.domain),
        "measured_error": certificate.measured_error,
        "outside_domain": certificate.outside_domain,
        "drawn": certificate.drawn,
        "kept": certificate.kept,
        "kept_weights": certificate.kept_weights,
    }


def _domain_facts(domain: Any) -> str | None:
    return None if domain is None else repr(domain)


def _line(value: Any) -> str:
    """A fact as text has it."""
    if isinstance(value, list):
        return ", ".join(map(_line, value))
    if isinstance(value, float):
        return f"{value:.6g}"
    return f"{value:,}" if isinstance(value, int) and not isinstance(value, bool) else str(value)


def _show(options: argparse.Namespace, facts: dict[str, Any], text: str) -> None:
    """Print the result, as text or as JSON."""
    if options.json:
        text = json.dumps(_finite(facts), indent=2, ensure_ascii=False, allow_nan=False)
    print(text)


def _finite(value: Any) -> Any:
    """The value with null for infinity, which JSON has not."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, list):
        return [*map(_finite, value)]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _say(message: str) -> None:
    print(f"lpbook: {message}", file=sys.stderr)


def _warn(message: Warning | str, *_: Any, **__: Any) -> None:
    _say(f"warning: {message}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    arguments : sequence of str, optional
        What stands behind ``lpbook``; that of this process, if not given.

    Returns
    -------
    int
        The exit code: 0 yes, 1 no, 2 no answer, 130 interrupted.

    Examples
    --------
    >>> main(["claims", "nonsense"])
    2
    """
    options = parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        warnings.showwarning = _warn
        try:
            return run(options)
        except KeyboardInterrupt:
            _say("interrupted")
            return INTERRUPTED
        except BrokenPipeError:  # of `lpbook claims | head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return YES
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            _say(f"{where}{error.strerror or error}")
        except (ImportError, TypeError, ValueError) as error:
            _say(str(error))
        return NO_ANSWER
