"""The same seed and arguments give the same file: on every BLAS kernel, and under python -O.

And on every version of Python, NumPy and SciPy: checksums of small tickets of all kinds are kept in
``data/same_files.json``. ``python tests/package/test_same_file.py`` writes them anew, which is
right only where a ticket is meant to change.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
import pytest

import lpbook as lp
from lpbook._files import unsealed
from lpbook.kernels import Kernels, Places, Window

KEPT = Path(__file__).parent / "data" / "same_files.json"
CONSTRUCTIONS = {
    "malach": lp.Malach(),
    "product": lp.ProductWeights(),
    "golden ratio": lp.GoldenRatio(),
    "golden ratio, common": lp.GoldenRatio(law="common"),
    "golden ratio, two-sided": lp.GoldenRatio(two_sided=True),
    "golden ratio, base 1.3": lp.GoldenRatio(base=1.3),
    "subset sum, sparsest": lp.SubsetSum(),
    "subset sum, closest": lp.SubsetSum("closest", candidates=12),
    "subset sum, constant": lp.SubsetSum(law="constant"),
    "subset sum, stratified": lp.SubsetSum(candidates=16, stratified=True),
}

SCRIPT = """
import hashlib, sys, numpy as np, lpbook as lp
rng = np.random.default_rng(0)
for sizes in ((7, 16, 9, 3), (30, 40, 5)):
    weights = [rng.normal(size=(m, n)) for n, m in zip(sizes, sizes[1:])]
    biases = [rng.normal(size=len(w)) for w in weights]
    network = lp.Network(weights, biases)
    for inputs in (lp.Ball(1.7), lp.Box(0, 1)):
        ticket = lp.prune(network, 0.3, inputs=inputs, delta=1e-4)
        ticket.save(sys.argv[1])
        print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())
rows = rng.normal(size=(20, 30))
ticket = lp.prune(network, 3.0, "subset-sum", inputs=rows, rule="measured")
ticket.save(sys.argv[1])
print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest())
"""


def files(path, options=(), **environment):
    command = [sys.executable, *options, "-c", SCRIPT, str(path)]
    env = os.environ | environment
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return done.stdout.split()


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    return files(tmp_path_factory.mktemp("here") / "t")


def test_under_python_o(tmp_path, here):
    assert len(set(here)) == 5
    assert files(tmp_path / "t", ["-O"]) == here


@pytest.mark.skipif(platform.machine() != "x86_64", reason="these kernels are of x86-64")
@pytest.mark.parametrize("kernel", ["Prescott", "Nehalem", "Haswell"])
def test_on_other_blas_kernels(tmp_path, here, kernel):
    assert files(tmp_path / "t", OPENBLAS_CORETYPE=kernel) == here


def tickets():
    """Small tickets of every construction, law, layout and rule, by name."""
    # whole numbers over powers of 2: no generator's stream, and no library's sine, is asked
    weights = [np.arange(-6.0, 6.0).reshape(4, 3) / 8, np.arange(8.0, 0.0, -1).reshape(2, 4) / 16]
    network = lp.Network(weights, [[0.25, 0, -0.5, 0], [0.125, 0]], activations=["relu", "tanh"])
    for name, construction in CONSTRUCTIONS.items():
        for layout in ("shared", "reserved"):
            wanted = {"weight_epsilon": 0.1, "inputs": lp.Ball(2.0, True), "layout": layout}
            yield f"{name}, {layout}", lp.prune(network, None, construction, **wanted)
    yield "ball", lp.prune(network, 0.5, inputs=lp.Ball(1.7), delta=1e-4, seed=2**70)
    yield "box", lp.prune(network, 0.5, inputs=lp.Box([-1, 0, 0], 1))
    rows = np.arange(12.0).reshape(4, 3) / 16
    yield "measured", lp.prune(network, 0.5, inputs=rows, rule="measured")
    kernels = Kernels((Places(2, (3,)),), (Places(1, (5,)),), ((Window(3, 1, 0),),))
    core = np.arange(-2.0, 4.0).reshape(kernels.core_shape) / 4
    matrices = [8 * kernels.spread(core), np.arange(12.0).reshape(2, 6) / 64]
    network = lp.Network(matrices, kernels=[kernels, None])
    yield "kernels, scaled", lp.prune(network, 0.5, inputs=lp.Box(0, 1))


def checksums(ticket, path):
    """Of what a file says, and of the file itself, which who wrote zlib may pack in other ways."""
    ticket.save(path)
    header, arrays = unsealed(path)
    said = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for i, mask in enumerate(lp.load_ticket(path).choices):
        for array in (arrays[f"nonnegative_{i}"], arrays[f"widths_{i}"], mask.codes):
            said.update(f"{array.dtype.str} {array.shape} ".encode() + array.tobytes())
    return {"said": said.hexdigest(), "file": hashlib.sha256(path.read_bytes()).hexdigest()}


@pytest.fixture(scope="module")
def kept():
    return json.loads(KEPT.read_text(encoding="utf-8"))


def test_files_are_those_of_all_versions(tmp_path, kept):
    found = {name: checksums(ticket, tmp_path / "t") for name, ticket in tickets()}
    assert [*found] == [*kept["tickets"]]
    ours = zlib.ZLIB_RUNTIME_VERSION
    part = slice(None) if ours == kept["zlib"] else slice(1)  # else what the files say
    for name, of in found.items():
        wanted = kept["tickets"][name]
        assert [*of.items()][part] == [*wanted.items()][part], name


def test_all_kept_files_differ(kept):
    files = [of[kind] for of in kept["tickets"].values() for kind in ("said", "file")]
    assert len({*files}) == len(files) == 2 * (2 * len(CONSTRUCTIONS) + 4)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        found = {name: checksums(ticket, Path(folder) / "t") for name, ticket in tickets()}
    content = {"zlib": zlib.ZLIB_RUNTIME_VERSION, "tickets": found}
    KEPT.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
