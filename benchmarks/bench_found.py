"""Whole networks found and certified: those of packages that others wrote, and trained ones.

    _build/frameworks/bin/python benchmarks/bench_found.py [--wheels FOLDER] [--write FILE.json]
        [--only NAME]

Runs in the environment of ``make test-frameworks``. Seconds are processor time; the peak of memory
is that of `tracemalloc`, in a run of its own.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
import tracemalloc
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from machine import machine
from packaged import REFUSED, WHEELS, driver, fetch, onnx_model, soil, wake_word
from trained import attention, lenet, residual, trained

import lpbook as lp

LARGEST_SCALED = 2000
"""Neurons of a layer, beyond which scales of hidden layers are not searched for: it takes long."""


TRAINED: Any = (
    ("LeNet-5", lenet, (1, 28, 28)),
    ("residual", residual, (1, 8, 8)),
    ("attention", attention, (8, 8)),
)
"""Name, module and shape of the inputs of each network that is trained here."""


def networks(
    wheels: Path, only: str | None
) -> Iterator[tuple[str, str, float, Any, Any, Any, Any]]:
    """Name, package, error to allow, network, domain, rows to measure on, labels.

    All, or a trained one by its name.
    """
    if only is None:
        drives, box, rows = driver(wheels)
        yield "driver", "metadrive-simulator", 0.05, drives, box, rows, None
        for name, frames, epsilon in (
            ("alexa", 16, 0.01),
            ("weather", 22, 0.01),
            ("timer", 34, 0.05),
        ):
            network, domain, heard = wake_word(f"{name}_v0.1", frames, wheels)
            yield f"wake word {name}", "openwakeword", epsilon, network, domain, heard, None
        predicts, box, rows = soil(wheels)
        yield "soil", "rosetta-soil", 0.01, predicts, box, rows, None
    for title, build, shape in TRAINED:
        if only in (None, title):
            network, images, labels = trained(build, shape)
            yield title, "", 0.1, network, lp.Box(0, 1), images, labels


def measured(
    network: lp.Network, epsilon: float, domain: Any, rows: Any, labels: Any
) -> dict[str, Any]:
    """What it costs to find a network, and what is certified of what was found."""
    start = time.process_time()
    asked: dict[str, Any] = {"epsilon": epsilon, "inputs": domain}
    if max(network.widths) > LARGEST_SCALED:
        budget = lp.weight_budget(network, epsilon, domain)
        asked = {"weight_epsilon": budget, "inputs": domain}
    ticket = lp.prune(network, **asked)
    pruned = time.process_time()
    certificate = ticket.verify(network, rows)
    verified = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        ticket.save(Path(folder) / "ticket")
        size = (Path(folder) / "ticket").stat().st_size
    scaled = network.scaled(ticket.scales)  # found by a search, which need not be done again
    plan = lp.plan(scaled, weight_epsilon=ticket.weight_epsilon, inputs=domain)
    tracemalloc.start()
    lp.prune(network, **asked)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    found = {
        "widths": list(network.widths),
        "weights": plan.weights,
        "weight_epsilon": plan.weight_epsilon,
        "neurons": plan.neurons,
        "drawn": plan.drawn_weights,
        "prune_seconds": round(pruned - start, 2),
        "verify_seconds": round(verified - pruned, 2),
        "peak_bytes": peak,
        "file_bytes": size,
        "epsilon": epsilon,
        "ok": certificate.ok and certificate.network_error <= epsilon,
        "proved": certificate.network_error,
        "measured": certificate.measured_error,
    }
    if labels is not None:
        found["right"] = float((network(rows).argmax(axis=1) == labels).mean())
        found["same"] = float((network(rows).argmax(1) == ticket(rows).argmax(1)).mean())
    return found


def refusals(wheels: Path) -> Iterator[dict[str, str]]:
    """What `from_onnx` says to models that it does not take."""
    for package, name, output in REFUSED:
        model = onnx_model(fetch(package, wheels), name)
        try:
            lp.Network.from_onnx(model, output=output)
        except ValueError as error:
            yield {"package": package, "file": name.split("/")[-1], "why": str(error)}
        else:
            raise AssertionError(f"{name}: is not refused any more")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheels", type=Path, help="where wheels are kept; if not given, nowhere")
    parser.add_argument("--write", metavar="FILE.json", help="write what is printed to a file")
    parser.add_argument("--only", metavar="NAME", help="a trained one; others stay in FILE.json")
    options = parser.parse_args()
    ran_on = machine()
    print(ran_on)
    said: dict[str, Any] = {"machine": ran_on, "lpbook": lp.__version__, "rows": []}
    warnings.filterwarnings("ignore", message=".*left off; the network gives what enters it")
    with tempfile.TemporaryDirectory() as temporary:
        wheels = options.wheels or Path(temporary)
        for name, package, *rest in networks(wheels, options.only):
            network, *asked = rest[1], rest[0], *rest[2:]
            said["rows"].append({"name": name, "package": package, **measured(network, *asked)})
            print(json.dumps(said["rows"][-1]), flush=True)
        if options.only is not None:
            before = json.loads(Path(options.write).read_text(encoding="utf-8"))
            others = [row for row in before["rows"] if row["name"] != options.only]
            said = before | {"rows": [*others, *said["rows"]]}
            Path(options.write).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
            return
        said["packages"] = {package: version for package, (version, _) in WHEELS.items()}
        said["refused"] = [*refusals(wheels)]
    for row in said["refused"]:
        print(json.dumps(row))
    if options.write:
        Path(options.write).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
