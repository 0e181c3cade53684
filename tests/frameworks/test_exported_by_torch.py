"""Files that PyTorch exports."""

import warnings

import numpy as np
import onnx
import pytest
import torch
from test_attention import TOKENS, Block, D, encoder, shaken
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


TRANSFORMERS = {
    "block, old": (Block, {"dynamo": False}),
    "block, old, any number": (
        Block,
        {"dynamo": False, "input_names": ["x"], "dynamic_axes": {"x": {0: "rows"}}},
    ),
    "norm first, new": (lambda: encoder(norm_first=True), {"dynamo": True}),
    "norms, new, any number": (
        encoder,
        {"dynamo": True, "dynamic_shapes": ({0: torch.export.Dim("rows")},)},
    ),
    "decomposed norm": (
        lambda: nn.Sequential(nn.Linear(D, D), nn.LayerNorm(D), nn.ReLU()),
        {"dynamo": False, "opset_version": 14},
    ),
}


@pytest.mark.parametrize("name", TRANSFORMERS)
def test_attention_and_layer_norms_that_pytorch_exports(tmp_path, name):
    make, options = TRANSFORMERS[name]
    module = shaken(make())
    rows = np.random.default_rng(0).normal(size=(8, TOKENS, D)).astype(np.float32)
    one = rows[:2] if "any number" in name else rows[:1]
    path = exported(module, tmp_path / "model.onnx", one, **options)
    network = lp.Network.from_onnx(path)
    run = session(path)
    wanted = np.concatenate([run(x[None]).reshape(1, -1) for x in rows])
    assert network(rows.reshape(8, -1)) == pytest.approx(wanted, rel=1e-4, abs=1e-5)
    # layer by layer as from PyTorch, each weight once for all tokens
    same = lp.Network.from_torch(module, input_shape=(TOKENS, D))
    assert network.widths == same.widths
    for ours, theirs in zip(network.kernels, same.kernels, strict=True):
        assert ours.core_shape == theirs.core_shape
