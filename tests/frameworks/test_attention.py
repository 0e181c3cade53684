"""Attention, layer norms and layers of transformers of PyTorch, in and out (PyTorch and ONNX)."""

import numpy as np
import onnx
import pytest
import torch
from test_exports import in_onnx
from torch import nn

import lpbook as lp

TOKENS, D = 3, 4


class Block(nn.Module):
    """Attention and two linear maps, each with a skip, then a mean over tokens."""

    def __init__(self):
        super().__init__()
        self.attention = nn.MultiheadAttention(D, 2, batch_first=True)
        self.feed = nn.Sequential(nn.Linear(D, 5), nn.ReLU(), nn.Linear(5, D))
        self.places = nn.Parameter(torch.zeros(TOKENS, D))

    def forward(self, x):
        x = x + self.places
        h = x + self.attention(x, x, x)[0]
        return (h + self.feed(h)).mean(1)


class Asked(nn.Module):
    """Attention that is called in some other way."""

    def __init__(self, call, **options):
        super().__init__()
        self.attention = nn.MultiheadAttention(D, 2, **{"batch_first": True} | options)
        self.call = call

    def forward(self, x):
        return self.call(self.attention, x)


def encoder(**options):
    options = {"batch_first": True, "dim_feedforward": 5} | options
    return nn.TransformerEncoderLayer(D, 2, **options)


def shaken(module):
    """No weight or bias is 0 or 1 for being new."""
    torch.manual_seed(0)
    for parameter in module.parameters():
        parameter.data += 0.1 * torch.randn_like(parameter)
    return module


MODULES = {
    "attention": (lambda: nn.MultiheadAttention(D, 2, batch_first=True), 2),
    "without biases": (lambda: nn.MultiheadAttention(D, 4, bias=False, batch_first=True), 2),
    "block": (Block, 3),
    "norm": (lambda: nn.Sequential(nn.Linear(D, D), nn.LayerNorm(D), nn.ReLU()), 2),
    "plain norm": (lambda: nn.LayerNorm(D, elementwise_affine=False), 1),
    "after": (encoder, 5),
    "before": (lambda: encoder(norm_first=True), 5),
    "stack": (lambda: nn.TransformerEncoder(encoder(), 2, norm=nn.LayerNorm(D)), 10),
}


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_read(name):
    make, layers = MODULES[name]
    module = shaken(make())
    network = lp.Network.from_torch(module, input_shape=(TOKENS, D))
    assert len(network.weights) == layers
    assert any(network.names)
    x = np.random.default_rng(1).normal(size=(9, TOKENS, D))
    with torch.no_grad():
        rows = torch.from_numpy(x)
        module = module.double().eval()
        alone = isinstance(module, nn.MultiheadAttention)
        wanted = module(rows, rows, rows)[0] if alone else module(rows)
    found = network(x.reshape(9, -1))
    np.testing.assert_allclose(found, wanted.numpy().reshape(9, -1), atol=1e-12)
    again = network.to_torch()(torch.from_numpy(x.reshape(9, -1))).detach().numpy()
    np.testing.assert_allclose(again, found, atol=1e-12)
    model = network.to_onnx()
    onnx.checker.check_model(model, full_check=True)
    np.testing.assert_allclose(
        in_onnx(model.SerializeToString(), x.reshape(9, -1)), found, atol=1e-12
    )


@pytest.mark.parametrize("name", ["block", "after"])
def test_a_module_is_found_and_certified(name):
    network = lp.Network.from_torch(shaken(MODULES[name][0]()), input_shape=(TOKENS, D))
    box, rows = lp.Box(-1, 1), np.random.default_rng(2).uniform(-1, 1, size=(40, TOKENS * D))
    ticket = lp.prune(network, weight_epsilon=lp.weight_budget(network, 0.1, box), inputs=box)
    certificate = ticket.verify(network, rows)
    assert certificate.ok
    assert 0 < certificate.measured_error <= certificate.network_error <= 0.1
    out = ticket.to_torch()(torch.from_numpy(rows)).detach().numpy()
    np.testing.assert_allclose(out, ticket(rows), atol=1e-9)
    for options in ({}, {"sparse": True}, {"effective": True}):
        model = ticket.to_onnx(**options).SerializeToString()
        np.testing.assert_allclose(in_onnx(model, rows), ticket(rows), atol=1e-9)


def masked(attention, x):
    return attention(x, x, x, attn_mask=torch.zeros(TOKENS, TOKENS))[0]


@pytest.mark.parametrize(("module", "message"), [
    (nn.MultiheadAttention(D, 2), r"layer 1, `MultiheadAttention` .*batch_first=False"),
    (encoder(batch_first=False), r"layer 1, `TransformerEncoderLayer` .*batch_first=False"),
    (encoder(activation="gelu"), r"layer 1, `TransformerEncoderLayer` .*'gelu'"),
    (Asked(masked), r"layer 2, `MultiheadAttention` .*without masks"),
    (Asked(lambda a, x: a(a.out_proj.weight, x, x)[0]), r"`MultiheadAttention` .*queries"),
    (Asked(lambda a, x: a(x, x, x)[1]), r"`getitem` .*not its weights"),
    (Asked(lambda a, x: a(x, x, x)[0], add_bias_kv=True), "add_bias_kv"),
    (Asked(lambda a, x: a(x, x, x)[0], add_zero_attn=True), "add_zero_attn"),
    (nn.Sequential(nn.LayerNorm((TOKENS, D))), r"layer 1, `LayerNorm` .*over the last axis"),
])  # fmt: skip
def test_what_is_not_supported_is_refused_by_name_and_place(module, message):
    with pytest.raises(ValueError, match=message):
        lp.Network.from_torch(module, input_shape=(TOKENS, D))


def test_without_a_shape_it_is_said_what_is_missing():
    with pytest.raises(ValueError, match=r"layer 1, `MultiheadAttention` .*with input_shape"):
        lp.Network.from_torch(nn.MultiheadAttention(D, 2, batch_first=True))
