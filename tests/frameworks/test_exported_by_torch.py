"""Files that PyTorch exports."""

import warnings

import numpy as np
import onnx
import pytest
import torch
from test_from_onnx import session
from torch import nn

import lpbook as lp

MODULES = {
    "plain": lambda: nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)),
    "batch norm": lambda: nn.Sequential(
        nn.BatchNorm1d(4),
        nn.Linear(4, 4, bias=False),
        nn.Tanh(),
        nn.BatchNorm1d(4),
        nn.Linear(4, 2),
    ),
    "flat": lambda: nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.Dropout(), nn.Sigmoid()),
}


def exported(module, path, rows, **options):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter, about itself
        torch.onnx.export(
            module.eval(), torch.from_numpy(rows), str(path), verbose=False, **options
        )
    return str(path)


@pytest.mark.parametrize("dynamo", [True, False], ids=["new", "old"])
@pytest.mark.parametrize("name", MODULES)
def test_files_that_pytorch_exports(tmp_path, name, dynamo):
    torch.manual_seed(0)
    rows = np.random.default_rng(0).normal(size=(8, 4)).astype(np.float32)
    path = exported(MODULES[name](), tmp_path / "model.onnx", rows, dynamo=dynamo)
    network = lp.Network.from_onnx(path)
    assert network(rows) == pytest.approx(session(path)(rows), rel=1e-4, abs=1e-5)
    assert lp.Network.from_onnx(onnx.load(path)) == network
