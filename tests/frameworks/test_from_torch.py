import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

import lpbook as lp


def trained(module):
    """The module, with a batch norm that is not the identity."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm1d):
            part.running_mean.normal_()
            part.running_var.uniform_(0.5, 2)
            if part.affine:
                part.weight.data.normal_()
                part.bias.data.normal_()
    return module


def outputs(module, rows):
    """What the module gives outside training, in float64."""
    with torch.no_grad():
        return module.double().eval()(torch.from_numpy(rows)).numpy()


class Written(nn.Module):
    """A module with a forward of its own."""

    def __init__(self, forward, **parts):
        super().__init__()
        for name, part in parts.items():
            setattr(self, name, part)
        self._forward = forward

    def forward(self, x):
        return self._forward(self, x)


GOOD = {
    "plain": lambda: nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3)),
    "alone": lambda: nn.Linear(4, 3),
    "square": lambda: nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4)),
    "nested": lambda: nn.Sequential(
        nn.Flatten(), nn.Sequential(nn.Linear(4, 6, bias=False), nn.Sigmoid()), nn.Linear(6, 3)
    ),
    "batch norm after": lambda: nn.Sequential(
        nn.Linear(4, 6, bias=False), nn.BatchNorm1d(6), nn.ReLU(), nn.Dropout(), nn.Linear(6, 3)
    ),
    "batch norm before": lambda: nn.Sequential(
        nn.BatchNorm1d(4, affine=False),
        nn.Linear(4, 6, bias=False),
        nn.ReLU(),
        nn.BatchNorm1d(6),
        nn.Linear(6, 3),
    ),
    "functions": lambda: Written(
        lambda self, x: self.two(
            functional.dropout(functional.relu(self.one(x / 255 - 0.5)), training=self.training)
        ),
        one=nn.Linear(4, 6),
        two=nn.Linear(6, 3),
    ),
    "methods": lambda: Written(
        lambda self, x: self.two(self.one(2 * x.flatten(1) + 1).relu()) * 0.5,
        one=nn.Linear(4, 6),
        two=nn.Linear(6, 3),
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_the_network_computes_what_the_module_does(name):
    torch.manual_seed(0)
    module = trained(GOOD[name]())
    network = lp.Network.from_torch(module)
    rows = np.random.default_rng(1).normal(size=(50, 4))
    assert network(rows) == pytest.approx(outputs(module, rows), rel=1e-9, abs=1e-12)


def test_layers_have_the_names_of_the_modules():
    assert lp.Network.from_torch(GOOD["batch norm before"]()).names == ("1", "4")
    assert lp.Network.from_torch(GOOD["functions"]()).names == ("one", "two")


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32])
def test_weights_are_taken_exactly_whatever_their_type(dtype):
    module = nn.Linear(4, 3).to(dtype)
    network = lp.Network.from_torch(module)
    assert (network.weights[0] == module.weight.detach().double().numpy()).all()
    assert network.weights[0].dtype == np.float64


def test_missing_biases_are_exact_zeros():
    module = nn.Sequential(nn.Linear(4, 6, bias=False), nn.ReLU(), nn.Linear(6, 3))
    assert not lp.Network.from_torch(module).biases[0].any()
    module[2] = nn.Linear(6, 3, bias=False)
    assert lp.Network.from_torch(module).biases is None


def test_the_module_is_left_as_it_is():
    module = nn.Sequential(nn.Linear(4, 3), nn.Dropout())
    network = lp.Network.from_torch(module)
    assert module.training
    assert module[0].weight.dtype == torch.float32
    assert module[0].weight.requires_grad
    before = network.weights[0].copy()
    with torch.no_grad():
        module[0].weight.zero_()
    assert (network.weights[0] == before).all()


def test_a_softmax_at_the_end_is_left_off_with_a_warning():
    module = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))
    with pytest.warns(UserWarning, match=r"layer 2, `Softmax`: left off.*logits"):
        network = lp.Network.from_torch(module)
    assert network == lp.Network.from_torch(module[0])
    with pytest.raises(ValueError, match=r"layer 3, `Linear`.*follows layer 2, `Softmax`"):
        lp.Network.from_torch(nn.Sequential(*module, nn.Linear(3, 3)))


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (
            lambda: nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.GELU(), nn.Linear(4, 4)),
            r"layer 3, `GELU` \('2'\): supported are Linear",
        ),
        (lambda: nn.LSTM(4, 4), "layer 1, `LSTM`"),
        (lambda: nn.Sequential(nn.Linear(4, 4), nn.Linear(5, 2)), "takes 5 inputs.* 4 outputs"),
        (lambda: nn.Sequential(nn.ReLU(), nn.Linear(4, 4)), "layer 1, `ReLU`.*after a layer"),
        (
            lambda: nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Sigmoid()),
            "layer 3, `Sigmoid`.*follows 'tanh'",
        ),
        (
            lambda: nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.BatchNorm1d(4)),
            "`BatchNorm1d`.*cannot be folded",
        ),
        (lambda: Written(lambda self, x: x + self.one(x), one=nn.Linear(4, 4)), "layer 2, `add`"),
        (
            lambda: Written(lambda self, x: self.one(x) if x.sum() > 0 else x, one=nn.Linear(4, 4)),
            "cannot be traced.*from_onnx",
        ),
        (nn.ReLU, "layer 1, `ReLU`"),
    ],
)
def test_what_is_not_supported_is_refused_by_name_and_place(module, message):
    with pytest.raises(ValueError, match=message):
        lp.Network.from_torch(module())


def test_what_its_layers_do_not_say_is_noticed_with_its_size():
    module = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    module[1].register_forward_hook(lambda module, inputs, output: output + 0.01)
    with pytest.raises(ValueError, match=r"64 random rows the outputs differ by up to 0\.0"):
        lp.Network.from_torch(module)
    always = Written(lambda self, x: functional.dropout(self.one(x)), one=nn.Linear(4, 3))
    with pytest.raises(ValueError, match="differ by up to"):  # it forgets `training=`
        lp.Network.from_torch(always)


def test_only_modules():
    with pytest.raises(TypeError, match=r"module=.*must be a torch.nn.Module"):
        lp.Network.from_torch([1.0])


def test_a_state_dict_is_read_as_it_is():
    module = nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 3).to(torch.bfloat16))
    assert lp.Network.from_state_dict(module.state_dict()) == lp.Network.from_torch(module)
    module[1] = nn.BatchNorm1d(6)
    with pytest.raises(ValueError, match=r"'1\.running_mean'.*batch norm.*from_torch"):
        lp.Network.from_state_dict(
            {k: v for k, v in module.state_dict().items() if k[:2] != "1." or "run" in k}
        )


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_safetensors_are_what_the_library_writes(tmp_path, dtype):
    from safetensors.torch import save_file

    layers = [part for _ in range(6) for part in (nn.Linear(4, 4), nn.ReLU())]
    module = nn.Sequential(*layers, nn.Linear(4, 2)).to(dtype)  # "10" sorts before "2"
    save_file(module.state_dict(), tmp_path / "model.safetensors", {"format": "pt"})
    network = lp.Network.from_safetensors(tmp_path / "model.safetensors")
    assert network == lp.Network.from_torch(module)
    assert network.names == ("0", "2", "4", "6", "8", "10", "12")
