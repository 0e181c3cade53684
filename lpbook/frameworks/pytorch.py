"""PyTorch: a traced module as a chain of layers."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.frameworks.chain import Chain, batch_norm, log_softmax, softmax
from lpbook.frameworks.libraries import library

MODULES = {"ReLU": "relu", "Tanh": "tanh", "Sigmoid": "logistic", "Identity": "identity"}
"""Modules that are an activation."""

FUNCTIONS = {"relu": "relu", "relu_": "relu", "tanh": "tanh", "sigmoid": "logistic"}
"""Functions and methods that are one."""

NOTHING = ("dropout", "flatten", "Dropout", "AlphaDropout", "FeatureAlphaDropout", "Flatten")
"""What changes no output of a network that is not being trained, for rows of inputs."""

ENDS = {
    "Softmax": softmax,
    "softmax": softmax,
    "LogSoftmax": log_softmax,
    "log_softmax": log_softmax,
}
SUPPORTED = (
    "supported are Linear, BatchNorm1d, ReLU, Tanh, Sigmoid, Identity, Dropout, Flatten, and a "
    "Softmax at the end"
)


def read(module: Any) -> tuple[Chain, Callable[[Floats], Any]]:
    """The layers of a module, and the module as a function of rows, both in float64."""
    torch = library("torch", "Network.from_torch")
    if not isinstance(module, torch.nn.Module):
        raise _checks.wrong_type("module", module, "must be a torch.nn.Module")
    frozen = copy.deepcopy(module).cpu().double().eval()
    if torch.fx.Tracer().is_leaf_module(frozen, ""):  # a single layer would be traced from inside
        frozen = torch.nn.Sequential(frozen)
    try:
        graph = torch.fx.symbolic_trace(frozen).graph
    except Exception as error:  # whatever its forward does with what is not a tensor
        reason = str(error).splitlines()[0]
        remedy = "export it with torch.onnx, which runs it, and take Network.from_onnx"
        raise ValueError(f"module: its forward cannot be traced ({reason}); {remedy}") from error

    chain, last = Chain(), None
    for node in graph.nodes:
        if node.op == "placeholder":
            if last is not None:
                raise ValueError(f"module: takes a second input, {node.target!r}; one is supported")
            last = node
        elif node.op == "output":
            if node.args[0] is not last:
                raise ValueError("module: its output is not that of its last layer")
        else:
            inputs = node.all_input_nodes
            if inputs != [last]:
                chain.position += 1
                kind, name = _kind(node, frozen)
                why = "reads something else than the output of the layer before it"
                raise chain.refusal(kind, name, f"{why}; {SUPPORTED}, in a chain")
            _add(chain, node, frozen)
            last = node

    def theirs(rows: Floats) -> Any:
        with torch.no_grad():
            return frozen(torch.from_numpy(rows)).numpy()

    return chain, theirs


def _kind(node: Any, module: Any) -> tuple[str, str]:
    """What a node does, and its name."""
    if node.op == "call_module":
        return type(module.get_submodule(node.target)).__name__, node.target
    if node.op == "call_function":
        return node.target.__name__, node.name
    return str(node.target), node.name


def _add(chain: Chain, node: Any, module: Any) -> None:
    """One node of the traced graph, as a step of the chain."""
    kind, name = _kind(node, module)
    owner = module.get_submodule(node.target) if node.op == "call_module" else None
    if kind in MODULES or kind in FUNCTIONS:
        chain.activation(kind, name, MODULES.get(kind) or FUNCTIONS[kind])
    elif kind in ENDS:
        chain.end(kind, name, ENDS[kind])
    elif kind in NOTHING:
        chain.nothing(kind, name)
    elif kind == "Linear" and owner is not None:
        chain.dense(kind, name, *_arrays(owner.weight, owner.bias))
    elif kind == "BatchNorm1d" and owner is not None and owner.running_mean is not None:
        mean, variance, gain, shift = _arrays(
            owner.running_mean, owner.running_var, owner.weight, owner.bias
        )
        chain.affine(kind, name, *batch_norm(mean, variance, gain, shift, owner.eps))
    elif node.target in (operator.add, operator.sub, operator.mul, operator.truediv):
        _arithmetic(chain, node, kind, name)
    else:
        chain.position += 1
        raise chain.refusal(kind, name, SUPPORTED)


def _arithmetic(chain: Chain, node: Any, kind: str, name: str) -> None:
    """A sum or product with a number, as in ``x / 255``."""
    left, right = node.args
    number: Any = next((x for x in (right, left) if isinstance(x, (int, float))), None)
    commutes = node.target in (operator.add, operator.mul)
    if number is None or not (commutes or number is right):
        chain.position += 1
        raise chain.refusal(kind, name, SUPPORTED)
    scale, shift = {
        operator.add: (1.0, number),
        operator.sub: (1.0, -number),
        operator.mul: (number, 0.0),
        operator.truediv: (1 / (number or np.nan), 0.0),
    }[node.target]
    chain.affine(kind, name, np.asarray(scale, dtype=float), np.asarray(shift, dtype=float))


def _arrays(*tensors: Any) -> list[Any]:
    """Tensors as arrays in float64, detached."""
    return [None if t is None else t.detach().to_dense().cpu().double().numpy() for t in tensors]
