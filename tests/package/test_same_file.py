"""The same seed and arguments give the same file: on every BLAS kernel, and under python -O."""

from __future__ import annotations

import os
import platform
import subprocess
import sys

import pytest

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
