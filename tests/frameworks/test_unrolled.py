"""Convolutions, pooling and skip connections as dense layers that compute the same."""

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper
from test_exported_by_torch import exported
from test_from_onnx import PUBLISHED
from test_from_torch import Written, outputs, trained
from torch import nn

import lpbook as lp


class Block(nn.Module):
    """Two layers and what skips them, as in a residual network."""

    def __init__(self, channels):
        super().__init__()
        self.one = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm = nn.BatchNorm2d(channels)
        self.two = nn.Conv2d(channels, channels, 3, padding=1)

    def forward(self, x):
        return torch.relu(x + self.two(torch.relu(self.norm(self.one(x)))))


IMAGES = {
    "convolution": lambda: nn.Sequential(
        nn.Conv2d(2, 3, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(27, 4)
    ),
    "groups": lambda: nn.Sequential(nn.Conv2d(2, 4, 3, groups=2, dilation=2), nn.ReLU()),
    "average": lambda: nn.Sequential(
        nn.Conv2d(2, 3, 2), nn.Tanh(), nn.AvgPool2d(2), nn.Conv2d(3, 2, 2), nn.Flatten()
    ),
    "everywhere": lambda: nn.Sequential(nn.Conv2d(2, 3, 3), nn.ReLU(), nn.AdaptiveAvgPool2d(1)),
    "max": lambda: nn.Sequential(
        nn.MaxPool2d(2, 1), nn.Conv2d(2, 3, 2), nn.ReLU(), nn.MaxPool2d(3), nn.Flatten()
    ),
    "leaky": lambda: nn.Sequential(
        nn.Conv2d(2, 3, 3), nn.LeakyReLU(0.2), nn.BatchNorm2d(3), nn.Conv2d(3, 1, 3), nn.LeakyReLU()
    ),
    "residual": lambda: nn.Sequential(
        nn.Conv2d(2, 3, 3), nn.ReLU(), Block(3), Block(3), nn.AvgPool2d(3), nn.Flatten()
    ),
    "signed skip": lambda: Written(
        lambda self, x: x - self.two(torch.relu(self.one(x))),
        one=nn.Conv2d(2, 2, 1, bias=False),
        two=nn.Conv2d(2, 2, 1, bias=False),
    ),
}


@pytest.mark.parametrize("name", IMAGES)
def test_the_network_computes_what_the_module_does(name):
    torch.manual_seed(0)
    module = IMAGES[name]()
    for part in module.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
    network = lp.Network.from_torch(module, input_shape=(2, 5, 5))
    rows = np.random.default_rng(1).normal(size=(20, 50))
    found = outputs(module, rows.reshape(20, 2, 5, 5)).reshape(20, -1)
    assert network(rows) == pytest.approx(found, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", ["convolution", "residual", "leaky", "max"])
def test_it_is_found_and_certified_whole(name):
    torch.manual_seed(0)
    network = lp.Network.from_torch(IMAGES[name](), input_shape=(2, 5, 5))
    rows = np.random.default_rng(1).uniform(size=(20, 50))
    ticket = lp.prune(network, 1.0, inputs=rows)
    certificate = ticket.verify(network, rows)
    assert certificate
    assert certificate.measured_error <= certificate.network_error <= 1.0


@pytest.mark.parametrize("name", IMAGES)
def test_the_same_from_files(tmp_path, name):
    torch.manual_seed(0)
    module = IMAGES[name]()
    rows = np.random.default_rng(0).normal(size=(1, 2, 5, 5)).astype(np.float32)
    path = exported(module, tmp_path / "model.onnx", rows, dynamo=False)
    mine = lp.Network.from_onnx(path)
    theirs = lp.Network.from_torch(module, input_shape=(2, 5, 5))
    assert mine.widths == theirs.widths
    assert mine(rows.ravel()) == pytest.approx(theirs(rows.ravel()), rel=1e-5, abs=1e-5)


PLAIN = (
    *("Conv2d", "Conv2d_depthwise", "Conv2d_depthwise_padded", "Conv2d_dilated", "Conv2d_groups"),
    *("Conv2d_no_bias", "Conv2d_padding", "Conv2d_strided", "AvgPool2d", "AvgPool2d_stride"),
    *("MaxPool1d", "MaxPool1d_stride", "ConvTranspose2d", "Conv1d", "LeakyReLU"),
)


@pytest.mark.parametrize("name", PLAIN)
def test_files_that_come_with_onnx(name):
    folder = PUBLISHED / "pytorch-converted" / f"test_{name}"
    network = lp.Network.from_onnx(folder / "model.onnx")
    given, wanted = (
        numpy_helper.to_array(onnx.load_tensor(folder / "test_data_set_0" / f"{kind}_0.pb"))
        for kind in ("input", "output")
    )
    found = network(given.reshape(len(given), -1)).reshape(wanted.shape)
    assert found == pytest.approx(wanted, rel=1e-4, abs=1e-5)


def test_what_a_chain_can_do_is_the_same():
    module = trained(nn.Sequential(nn.Linear(4, 3), nn.BatchNorm1d(3), nn.ReLU(), nn.Linear(3, 2)))
    unrolled = lp.Network.from_torch(module, input_shape=(4,))
    chain = lp.Network.from_torch(module)
    assert unrolled.widths == chain.widths
    assert unrolled.names == chain.names == ("0", "3")
    for mine, theirs in zip(unrolled.matrices, chain.matrices, strict=True):
        assert mine == pytest.approx(theirs, rel=1e-12)


def test_a_softmax_at_the_end_is_left_off_with_a_warning(tmp_path):
    module = nn.Sequential(nn.Conv2d(2, 3, 5), nn.Flatten(), nn.Softmax(dim=1))
    with pytest.warns(UserWarning, match="`Softmax`.*left off") as caught:
        network = lp.Network.from_torch(module, input_shape=(2, 5, 5))
    assert any(w.filename == __file__ and "left off" in str(w.message) for w in caught)
    rows = np.zeros((1, 2, 5, 5), dtype=np.float32)
    path = exported(module, tmp_path / "model.onnx", rows, dynamo=False)
    with pytest.warns(UserWarning, match="`Softmax`.*left off") as caught:
        mine = lp.Network.from_onnx(path)
    assert any(w.filename == __file__ and "left off" in str(w.message) for w in caught)
    assert mine.widths == network.widths
    with pytest.raises(ValueError, match=r"layer 4, `Linear`.*follows `Softmax`"):
        lp.Network.from_torch(nn.Sequential(*module, nn.Linear(3, 3)), input_shape=(2, 5, 5))


def test_a_skip_costs_a_neuron_for_each_number_where_it_is_nonnegative():
    block = nn.Sequential(nn.Conv2d(2, 2, 1), nn.ReLU(), Block(2))
    network = lp.Network.from_torch(block, input_shape=(2, 4, 4))
    assert network.widths == (32, 32, 64, 32)  # of the 64, half pass through
    signed = lp.Network.from_torch(IMAGES["signed skip"](), input_shape=(2, 4, 4))
    assert signed.widths == (32, 96, 32)


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (lambda: nn.Sequential(nn.Conv2d(2, 2, 3), nn.GELU()), r"layer 2, `GELU` \('1'\): supp"),
        (lambda: nn.MaxPool2d(2, padding=1), "layer 1, `MaxPool2d`.*without padding"),
        (lambda: nn.Conv2d(3, 2, 3), "layer 1, `Conv2d`"),
        (
            lambda: Written(lambda self, x: x + torch.tanh(self.one(x)), one=nn.Conv2d(2, 2, 1)),
            "layer 2, `tanh`.*only a ReLU can be skipped",
        ),
        (
            lambda: Written(lambda self, x: x * self.one(x), one=nn.Conv2d(2, 2, 1)),
            "layer 2, `mul`",
        ),
    ],
)
def test_what_is_not_supported_is_refused_by_name_and_place(module, message):
    with pytest.raises(ValueError, match=message):
        lp.Network.from_torch(module(), input_shape=(2, 5, 5))


def test_a_matrix_that_is_too_large_is_refused_before_it_is_made(monkeypatch):
    monkeypatch.setattr("lpbook.frameworks.unrolled.MOST_ENTRIES", 1000)
    with pytest.raises(ValueError, match=r"layer 1, `Conv2d`.*its matrix has 1,600 entries"):
        lp.Network.from_torch(nn.Conv2d(2, 2, 2), input_shape=(2, 5, 5))


def test_the_shape_is_one_of_inputs():
    with pytest.raises(ValueError, match=r"input_shape\[0\]=0"):
        lp.Network.from_torch(nn.Linear(1, 1), input_shape=(0,))


def test_the_kernels_of_a_module_are_found():
    network = lp.Network.from_torch(IMAGES["residual"](), input_shape=(2, 5, 5))
    found = [kernels.core_shape for kernels in network.kernels]
    # 3 kernels of 3 x 3 from 2 or 3 channels and a bias, or from what skips them too; skips; logits
    assert found == [(27, 3), (30, 4), (27, 7), (30, 4), (27, 7), (3, 4)]
