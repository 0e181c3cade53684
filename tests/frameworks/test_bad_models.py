"""Objects of the wrong kind, for what needs PyTorch, Keras or ONNX: one error that says so."""

import re

import keras
import onnx
import pytest
import torch
from onnx import helper
from torch import nn

import lpbook as lp
from tests.package.bad_values import VALUES

NETWORK = lp.Network([[[0.5, -1.0]]])
TICKET = lp.prune(NETWORK, 0.5, inputs=lp.Ball(1.0))
LINEAR = nn.Linear(2, 1)
ODD = {
    "module": lambda: LINEAR,
    "class of modules": lambda: nn.Linear,
    "state dict": LINEAR.state_dict,
    "torch tensor": lambda: torch.ones(2, requires_grad=True),
    "bfloat16 of torch": lambda: torch.ones(2, dtype=torch.bfloat16),
    "keras layer": lambda: keras.layers.Dense(1),
    "onnx graph": lambda: helper.make_graph([], "empty", [], []),
    "network": lambda: NETWORK,
}
"""What belongs to another of these libraries, or is near to what is wanted."""
PATHS = ("str", "digits in a str", "bytes")
CALLS = {
    "from_torch": (lp.Network.from_torch, {"module": LINEAR}, {"module": ["module"]}),
    "from_torch with a shape": (
        lp.Network.from_torch,
        {"module": LINEAR, "input_shape": (2,)},
        {"module": ["module"], "input_shape": ["None"]},
    ),
    "from_keras": (lp.Network.from_keras, {"model": None}, {"model": []}),
    "from_onnx": (
        lp.Network.from_onnx,
        {"model": NETWORK.to_onnx(), "output": None},
        {"model": [], "output": ["None"]},
    ),
    "Network.to_onnx": (NETWORK.to_onnx, {"path": None}, {"path": ["None", *PATHS]}),
    "Ticket.to_torch": (
        TICKET.to_torch,
        {"effective": False, "sparse": False},
        {"effective": ["bool"], "sparse": ["bool"]},
    ),
    "Ticket.to_onnx": (
        TICKET.to_onnx,
        {"path": None, "effective": False, "sparse": False},
        {"path": ["None", *PATHS], "effective": ["bool"], "sparse": ["bool"]},
    ),
}
"""By name: the function, arguments that are right, and which values are right for each of them."""
ROWS = [(name, argument) for name, (_, _, right) in CALLS.items() for argument in right]


@pytest.mark.parametrize(("name", "argument"), ROWS, ids=map(".".join, ROWS))
def test_bad_values_are_refused_by_name(name, argument, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    function, arguments, right = CALLS[name]
    for value, made in {**VALUES, **ODD}.items():
        said = None
        try:
            function(**arguments | {argument: made()})
        except (TypeError, ValueError) as error:
            said = str(error)
        except OSError as error:  # a path that leads nowhere
            said = f"{argument}: {error}"
        if value in right[argument]:
            assert said is None, f"{value}: {said}"
        else:
            assert said is not None, f"{value} is accepted"
            assert re.search(rf"(?<![\w.]){argument}\b", said), f"{value}: {said}"
            assert "\n" not in said
            assert len(said) <= 400


def test_inputs_that_are_too_many_are_refused_before_anything_is_made():
    model = onnx.ModelProto()
    model.CopyFrom(NETWORK.to_onnx())
    model.graph.node[-1].op_type = "LeakyRelu"
    del model.graph.node[-1].input[1:], model.graph.node[-1].attribute[:]
    model.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 10**6
    with pytest.raises(ValueError, match=r"\(1000000,\) are 1,000,000 numbers; at most 15,000"):
        lp.Network.from_onnx(model)
    shape = (3, 2**40, 2**40)
    with pytest.raises(ValueError, match="numbers; at most 15,000 are unrolled"):
        lp.Network.from_torch(nn.Conv2d(3, 1, 3), input_shape=shape)
