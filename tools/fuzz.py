"""Change ticket files at random and by design: none may hang, take much memory, or get through.

``python -m tools.fuzz 10000`` loads and verifies as many files whose bytes were changed, as many
that were changed and sealed again, and all bombs; it prints the slowest, the peak of memory above
that of the honest files, and every error that is neither ValueError nor OSError.
"""

from __future__ import annotations

import argparse
import copy
import io
import json
import resource
import signal
import sys
import tempfile
import time
import warnings
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

import lpbook as lp
from lpbook._files import sealed, unsealed, write_sealed
from lpbook._packing import pack
from lpbook.constructions import CONSTRUCTIONS
from lpbook.kernels import Kernels, Places, Window
from lpbook.random_network import LAYOUTS

SECONDS = 2.0
"""Of this process, that a file may take to be loaded and verified."""
BYTES = 200 * 2**20
"""Of memory, that it may take above what the honest files took."""

Forgery = tuple[str, bytes]
"""What was done, and the file that came of it."""

_ODD: tuple[Any, ...] = (
    None, True, False, "", "nan", "relu", -1, 0, 1, 2, 7, 2**31, 2**39, 2**63, 10**400, 10**9,
    0.5, -0.5, 1e-300, 5e-324, 1e308, 2.0**200, -2**40, float("nan"), float("inf"), 1 + 1e-12,
    1.0001, [], [[]], {}, [1.0, True], [1e75], [2**40] * 4, {"low": 0.0, "high": 1e308},
    {"name": "malach"}, {"name": "subset-sum", "candidates": 10**9},
    {"name": "golden-ratio", "base": 1 + 1e-12, "law": "constant", "two_sided": False},
)  # fmt: skip


def honest(folder: Path) -> list[tuple[lp.Network, Path]]:
    """A ticket of each construction, and others of all that a file can hold; and the targets."""
    rng = np.random.default_rng(0)
    weights = [rng.uniform(-1, 1, (4, 3)), rng.uniform(-1, 1, (2, 4))]
    network = lp.Network(weights, [[0.1] * 4, [0.0] * 2])
    made = []
    for construction in CONSTRUCTIONS:
        for layout in LAYOUTS:
            path = folder / f"{construction}-{layout}.npz"
            wanted: dict[str, Any] = {"inputs": lp.Ball(1.0, True), "layout": layout}
            lp.prune(network, 2.0, construction, **wanted).save(path)
            made.append((network, path))
    kernels = Kernels((Places(2, (3,)),), (Places(1, (5,)),), ((Window(3, 1, 0),),))
    convolved = kernels.spread(rng.normal(size=kernels.core_shape))
    scaled = [100 * convolved, rng.normal(size=(2, 6)) / 100]
    others: dict[str, tuple[list[Any], dict[str, Any]]] = {
        "kernels": ([convolved, weights[1][:, [0, 1, 2, 3, 0, 1]]], {"kernels": [kernels, None]}),
        "scaled": (scaled, {}),
        "deeper": ([*scaled, weights[0][:, :2]], {"activations": ["tanh", "relu", "logistic"]}),
    }
    rows = rng.uniform(0, 1, (9, 5))
    for name, (matrices, more) in others.items():
        network = lp.Network(matrices, **more)
        for inputs, rule in ((lp.Box([-1, 0, 0, 0, 0], 1), "proved"), (rows, "measured")):
            path = folder / f"{name} {rule}.npz"
            lp.prune(network, 2.0, inputs=inputs, rule=rule).save(path)
            made.append((network, path))
    return made


def in_version_1(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and arrays of a ticket's file as version 1 has them, the codes not packed."""
    header, arrays = unsealed(path)
    choices = lp.load_ticket(path).choices
    codes = {f"codes_{i}": np.array(mask.codes) for i, mask in enumerate(choices)}
    return header | {"version": 1}, arrays | codes


def packed(header: dict[str, Any], arrays: dict[str, Any]) -> dict[str, Any]:
    """Arrays of version 1 as version 2 has them, though the bits of a code in another order."""
    found = dict(arrays)
    for key in arrays:
        if "codes" in key:
            outputs = header["layers"][int(key[-1])][0]
            found[key] = pack(arrays[key], outputs, range(arrays[key].shape[1]))
    return found


def raw(rng: np.random.Generator, content: bytes) -> Forgery:
    """Bytes changed, lost, doubled or added: never the same file."""
    at, n = int(rng.integers(1, len(content))), int(rng.integers(1, 40))
    new = rng.bytes(n)
    match int(rng.integers(4)):
        case 0:
            return "changed", content[:at] + new + content[at + n :]
        case 1:
            return "lost", content[:at] + content[at + n :]
        case 2:
            return "doubled", content[:at] + content[max(at - n, 0) :]
        case _:
            return "added", content[:at] + new + content[at:]


def resealed(rng: np.random.Generator, path: Path, folder: Path) -> Forgery:
    """A file that was changed by someone who can compute a checksum."""
    kind = int(rng.integers(4))
    if kind == 0:
        what, content = raw(rng, path.read_bytes()[:-64])
        return f"{what} and sealed", sealed(content + bytes(64))
    header, arrays = in_version_1(path) if rng.integers(2) else unsealed(path)
    if kind == 1:
        places = [*_places(header)]
        for _ in range(int(rng.integers(1, 3))):
            holder, key = places[int(rng.integers(len(places)))]
            holder[key] = copy.deepcopy(_ODD[int(rng.integers(len(_ODD)))])
        what = f"header {json.dumps(header)[:300]}"
    else:
        name = str(rng.choice(list(arrays)))
        arrays[name] = _changed(rng, arrays[name], kind == 2)
        what = f"array {name}: {arrays[name].dtype} {arrays[name].shape}"
    write_sealed(folder / "forged", header, arrays)
    return what, (folder / "forged").read_bytes()


def _places(holder: Any) -> Iterator[tuple[Any, Any]]:
    """Everything in nested lists and dicts, by what holds it and under which key."""
    keys = holder if isinstance(holder, dict) else range(len(holder))
    for key in list(keys):
        yield holder, key
        if isinstance(holder[key], (dict, list)):
            yield from _places(holder[key])


def _changed(rng: np.random.Generator, array: Any, values: bool) -> Any:
    """An array with other values, or of another type or shape."""
    if values:
        array = array.copy()
        flat = array.reshape(-1)
        for _ in range(int(rng.integers(1, 9)) if flat.size else 0):
            largest = 2 ** int(rng.integers(1, 41)) if array.dtype.itemsize == 8 else 2
            new = rng.integers(256) if array.dtype == np.uint8 else rng.integers(-1, largest)
            flat[rng.integers(flat.size)] = new
        return array
    match int(rng.integers(5)):
        case 0:
            return array.astype(rng.choice(["<f8", "<i4", "u1", "?", "<U3", "<c16"]))
        case 1:
            return np.repeat(array, int(rng.integers(0, 4)), axis=0)
        case 2:
            return array[..., None]
        case 3:
            return np.asfortranarray(np.broadcast_to(array, (2, *array.shape)))
        case _:
            return np.zeros(int(2 ** rng.uniform(0, 22)), array.dtype)


def bombs(folder: Path) -> Iterator[Forgery]:
    """Small files that declare much."""
    for path in sorted(folder.glob("*-*.npz")):
        header, arrays = in_version_1(path)
        name = path.stem

        def forged(what: str, new: Any, members: Any, name: str = name) -> Iterator[Forgery]:
            for version, content in ((1, members), (2, packed(new, members))):
                write_sealed(folder / "forged", new | {"version": version}, content)
                yield f"{name}, {version}: {what}", (folder / "forged").read_bytes()

        for rows in (2**20, 2**30, 2**39):
            more = {key: np.full_like(a, rows) for key, a in arrays.items() if "widths" in key}
            codes = {
                key: np.full((len(a), bits, a.shape[2]), fill, np.uint8)
                for key, a in arrays.items()
                if "codes" in key
                for bits, fill in [(_bits(header, rows, int(key[-1])), 255)]
            }
            yield from forged(f"blocks of {rows:,} rows", header, arrays | more)
            yield from forged(f"blocks of {rows:,} rows, all kept", header, arrays | more | codes)
        for key, value in (("candidates", 10**9), ("base", 1 + 1e-12), ("base", 1.001)):
            construction = header["construction"] | {key: value}
            yield from forged(f"{key} {value}", header | {"construction": construction}, arrays)
        yield from forged(
            "a billion layers of one", header | {"layers": [[1, 1, "relu", 0.0]] * 9000}, {}
        )
        for outputs, inputs in ((10**9, 1), (10**6, 10**6), (1, 10**9), (1, 3 * 10**6)):
            empty = header | {"layers": [[outputs, inputs, "relu", 0.0]], "bias": False}
            stored = min(inputs, 2 * 10**7)
            members = {
                "nonnegative_0": np.zeros(stored, bool),
                "widths_0": np.zeros(stored, "<i8"),
                "codes_0": np.zeros((stored, 0, 1), np.uint8),
            }
            yield from forged(f"{outputs} outputs of {inputs} inputs", empty, members)
    header, arrays = unsealed(sorted(folder.glob("*-*.npz"))[0])
    write_sealed(folder / "forged", header, arrays | {"more": np.zeros(2 * 10**8, np.uint8)})
    yield "200 MB of zeros besides", (folder / "forged").read_bytes()
    large = arrays | {"codes_0": np.zeros(2 * 10**8, np.uint8)}
    write_sealed(folder / "forged", header, large)
    yield "200 MB of zeros for codes", (folder / "forged").read_bytes()
    deflate = zlib.compressobj(9, wbits=-15)
    zeros = deflate.compress(bytes(2 * 10**8)) + deflate.flush()
    write_sealed(folder / "forged", header, arrays | {"codes_0": np.frombuffer(zeros, np.uint8)})
    yield "200 MB of zeros, packed, for codes", (folder / "forged").read_bytes()
    for what, text in {
        "nested lists": b"[" * 200_000,
        "a long header": json.dumps(header | {"target": "x" * 10**7}).encode(),
        "many numbers": b'{"format": [' + b"0," * 100_000 + b"0]}",
        "digits": b'{"format": 1' + b"0" * 200_000 + b"}",
    }.items():
        yield what, _archive({"header": _member(np.frombuffer(text, np.uint8))}, arrays)
    wide = _member(np.zeros(3, np.uint8)).replace(b"(3,)" + b" " * 12, b"(9999999999999,)")
    yield "a member that states a size", _archive({"header": wide}, arrays)
    short = {f"m{i}": b"" for i in range(60_000)}
    yield "many members", _archive(short, arrays)


def _bits(header: dict[str, Any], rows: int, layer: int) -> int:
    """Bits of a code in a layer with blocks of so many rows."""
    parameters = dict(header["construction"])
    construction = CONSTRUCTIONS[parameters.pop("name")](**parameters)
    scheme = construction.scheme(header["layers"][layer][3], header["weight_epsilon"])
    return scheme.code_bits(rows)


def _member(array: Any) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def _archive(members: dict[str, bytes], arrays: dict[str, Any]) -> bytes:
    """A sealed archive of these members, and of the arrays that they do not replace."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in ({key: _member(a) for key, a in arrays.items()} | members).items():
            archive.writestr(f"{name}.npy", content)
        archive.comment = b"0" * 64
    return sealed(buffer.getvalue())


class Slow(BaseException):
    """Raised where a file takes far too long: an error that nothing catches."""


class Attack:
    """Load and verify one file after the other, and keep count of what came.

    Attributes
    ----------
    came : Counter
        How often which outcome came.
    faults : list of str
        What should not have come.
    slowest : tuple of float and str
        Seconds of this process, and of which file.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / "attack"
        self.came: Counter[str] = Counter()
        self.faults: list[str] = []
        self.slowest = (0.0, "")

    def __call__(self, network: lp.Network, forgery: Forgery) -> None:
        what, content = forgery
        self._path.write_bytes(content)
        start, outcome = time.process_time(), "loaded and verified"
        signal.signal(signal.SIGVTALRM, _stop)
        signal.setitimer(signal.ITIMER_VIRTUAL, 10 * SECONDS)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", RuntimeWarning)  # no number overflows unnoticed
                lp.load_ticket(self._path).verify(network)
        except (ValueError, OSError) as error:
            outcome = type(error).__name__
        except BaseException as error:
            outcome = type(error).__name__
            self.faults.append(f"{what}: {error!r}"[:300])
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        self.came[outcome] += 1
        self.slowest = max(self.slowest, (time.process_time() - start, what))
        if self.slowest[0] > SECONDS and self.slowest[1] == what:
            self.faults.append(f"{what}: {self.slowest[0]:.1f} s")


def _stop(*_: Any) -> None:
    raise Slow


def peak() -> int:
    """The most memory, in bytes, that this process has had."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def main() -> None:
    """Attack, and print what came."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("number", type=int, nargs="?", default=10_000)
    number, faults = parser.parse_args().number, 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = honest(folder)
        made: dict[str, Callable[[np.random.Generator, Path], Forgery]] = {
            "raw": lambda rng, path: raw(rng, path.read_bytes()),
            "resealed": lambda rng, path: resealed(rng, path, folder),
        }
        for kind, make in made.items():
            attack, rng = Attack(folder), np.random.default_rng(1)
            for network, path in files:
                attack(network, ("honest", path.read_bytes()))
            before = peak()
            for i in range(number):
                network, path = files[i % len(files)]
                attack(network, make(rng, path))
            faults += _report(kind, attack, before)
        attack = Attack(folder)
        for what, path in _apart(folder):
            attack(files[0][0], (what, path.read_bytes()))
        faults += _report("bombs", attack, before)
    sys.exit(1 if faults else 0)


def _apart(folder: Path) -> list[tuple[str, Path]]:
    """All bombs, made by another process: this one's peak of memory is then the readers'."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as maker:
        return maker.submit(_make_bombs, folder).result()


def _make_bombs(folder: Path) -> list[tuple[str, Path]]:
    made = []
    for i, (what, content) in enumerate(bombs(folder)):
        (folder / f"bomb{i}").write_bytes(content)
        made.append((what, folder / f"bomb{i}"))
    return made


def _report(kind: str, attack: Attack, before: int) -> int:
    """Print what came of an attack; the number of faults."""
    seconds, what = attack.slowest
    if peak() - before > BYTES:
        attack.faults.append(f"{(peak() - before) / 2**20:.0f} MiB of memory")
    print(f"{kind}: {dict(attack.came)}, {len(attack.faults)} faults")
    print(f"  slowest {seconds:.2f} s ({what[:60]}), peak {(peak() - before) / 2**20:+.0f} MiB")
    for fault in attack.faults:
        print(f"  FAULT {fault}")
    return len(attack.faults)


if __name__ == "__main__":
    main()
