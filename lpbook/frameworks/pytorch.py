"""PyTorch: a traced module as a chain of layers."""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable, Sequence
from textwrap import shorten
from typing import Any

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.frameworks.chain import Chain, batch_norm, log_softmax, refusal, softmax
from lpbook.frameworks.libraries import library
from lpbook.frameworks.unrolled import Unrolled

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
AFFINE = (
    *("Linear", "Conv1d", "Conv2d", "Conv3d", "ConvTranspose1d", "ConvTranspose2d"),
    *("AvgPool1d", "AvgPool2d", "AvgPool3d", "AdaptiveAvgPool1d", "AdaptiveAvgPool2d"),
    *("BatchNorm1d", "BatchNorm2d", "BatchNorm3d", "Identity", "Dropout2d", "Unflatten"),
    *("ZeroPad2d", "ConstantPad1d", "ConstantPad2d", "Upsample", "PixelShuffle", "ChannelShuffle"),
    *("add", "sub", "mul", "truediv", "avg_pool1d", "avg_pool2d", "adaptive_avg_pool2d", "mean"),
    *("sum", "pad", "permute", "transpose", "unflatten", "dropout2d", *NOTHING),
)
"""What is affine in one value, outside training; the comparison would notice if it were not."""

SHAPED = (
    "with input_shape, the shape of one input, also convolution, average and max pooling without "
    "padding, LeakyReLU, and sums of branches"
)
SUPPORTED = (
    "supported are Linear, BatchNorm1d, ReLU, Tanh, Sigmoid, Identity, Dropout, Flatten, and a "
    f"Softmax at the end; {SHAPED}"
)


def read(module: Any, shape: Sequence[int] | None) -> Callable[..., Any]:
    """The layers of a module, as a function that makes the network and compares it."""
    frozen, graph, theirs = _traced(module)
    if shape is not None:
        shape = _sizes(shape)
        unrolled, output = _unrolled(frozen, graph, shape)
        return lambda make: unrolled.network(
            make, output, lambda rows: theirs(rows.reshape(-1, *shape))
        )
    chain = _chain(frozen, graph)
    return lambda make: chain.network(make, theirs)


def _sizes(shape: Any) -> tuple[int, ...]:
    """The shape of one input."""
    given = _checks.ordered("input_shape", shape, "must be a list of sizes, as (1, 28, 28)")
    if not given:
        raise _checks.fail("input_shape", shape, "must hold at least one size")
    return tuple(_checks.count(f"input_shape[{i}]", n) for i, n in enumerate(given))


def _chain(frozen: Any, graph: Any) -> Chain:
    """The layers of a module for rows of inputs."""
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
            if node.all_input_nodes != [last]:
                chain.position += 1
                why = "reads something else than the output of the layer before it"
                raise chain.refusal(*_kind(node, frozen), f"{why}; {SUPPORTED}")
            _add(chain, node, frozen)
            last = node
    return chain


def _traced(module: Any) -> tuple[Any, Any, Callable[[Floats], Any]]:
    """A copy of a module in float64, its graph, and it as a function of rows of its inputs."""
    torch = library("torch", "Network.from_torch")
    if not isinstance(module, torch.nn.Module):
        raise _checks.wrong_type("module", module, "must be a torch.nn.Module")
    frozen = copy.deepcopy(module).cpu().double().eval()
    if torch.fx.Tracer().is_leaf_module(frozen, ""):  # a single layer would be traced from inside
        frozen = torch.nn.Sequential(frozen)
    try:
        graph = torch.fx.symbolic_trace(frozen).graph
    except Exception as error:  # whatever its forward does with what is not a tensor
        reason = shorten(str(error) or type(error).__name__, 160, placeholder=" ...")
        remedy = "export it with torch.onnx, which runs it, and take Network.from_onnx"
        raise ValueError(f"module: its forward cannot be traced ({reason}); {remedy}") from error

    def theirs(rows: Floats) -> Any:
        with torch.no_grad():
            return frozen(torch.from_numpy(rows)).numpy()

    return frozen, graph, theirs


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


def _unrolled(frozen: Any, graph: Any, shape: tuple[int, ...]) -> tuple[Unrolled, Any]:
    """The layers of a module for inputs of a shape, unrolled, and their output."""
    torch = library("torch", "Network.from_torch")
    nodes = [*graph.nodes]
    place = {node: i for i, node in enumerate(nodes)}
    unrolled: Unrolled | None = None
    with torch.no_grad():
        for i, node in enumerate(nodes):
            kind, name = _kind(node, frozen)
            if node.op == "placeholder":
                if unrolled is not None:
                    raise ValueError(f"module: takes a second input, {name!r}; one is supported")
                unrolled = Unrolled(node, shape)
            elif node.op == "output":
                last = node.args[0]
            elif unrolled is not None:
                later = [
                    value
                    for value in unrolled.values
                    if any(place[user] > i for user in getattr(value, "users", ()))
                ]
                try:
                    _unroll(torch, unrolled, node, frozen, later)
                except (RuntimeError, TypeError, ValueError) as error:
                    reason = str(error).splitlines()[0]
                    raise refusal(i, kind, name, reason) from error
    if unrolled is None or last not in unrolled.values:
        raise ValueError("module: its output is not one value that its input gives")
    return unrolled, last


def _unroll(torch: Any, unrolled: Unrolled, node: Any, module: Any, later: list[Any]) -> None:
    """One node of the traced graph."""
    kind, name = _kind(node, module)
    owner = module.get_submodule(node.target) if node.op == "call_module" else None
    sources = node.all_input_nodes
    source = sources[0]
    if kind in ("relu", "relu_", "ReLU"):
        unrolled.relu(node, source, later)
    elif kind in ENDS:
        unrolled.end(node, source, f"`{kind}` ({name!r})", ENDS[kind])
    elif kind in ("LeakyReLU", "leaky_relu", "leaky_relu_"):
        slope = owner.negative_slope if owner is not None else _argument(node, "negative_slope", 1)
        unrolled.relu(node, source, later, 0.01 if slope is None else float(slope))
    elif kind in ("MaxPool1d", "MaxPool2d") and owner is not None:
        axes = int(kind[-2])
        if (
            any(_pair(owner.padding, axes))
            or owner.ceil_mode
            or max(_pair(owner.dilation, axes)) > 1
        ):
            raise ValueError("max pooling is supported without padding, dilation and ceil_mode")
        window, stride = (_pair(x, axes) for x in (owner.kernel_size, owner.stride))
        unrolled.max_pool(node, source, window, stride, later)
    elif kind in MODULES or kind in FUNCTIONS:
        activation = MODULES.get(kind) or FUNCTIONS[kind]
        if activation == "identity":
            unrolled.affine(node, source, lambda x: x)
        elif later:
            raise ValueError("only a ReLU can be skipped by another branch")
        else:
            unrolled.smooth(node, source, activation)
    elif kind in ("add", "sub") and len(sources) == 2 and not node.kwargs:
        unrolled.total(node, {sources[0]: 1.0, sources[1]: 1.0 if kind == "add" else -1.0})
    elif kind in AFFINE and len(sources) == 1:

        def apply(rows: Floats) -> Any:
            tensor = torch.from_numpy(np.ascontiguousarray(rows))
            args, kwargs = torch.fx.node.map_arg((node.args, node.kwargs), lambda _: tensor)
            if owner is not None:
                return owner(*args, **kwargs).numpy()
            if node.op == "call_method":
                return getattr(args[0], node.target)(*args[1:], **kwargs).numpy()
            return node.target(*args, **kwargs).numpy()

        has_weights = owner is not None and any(True for _ in owner.parameters())
        unrolled.affine(node, source, apply, name if has_weights else "")
    else:
        raise ValueError(SUPPORTED)


def _argument(node: Any, name: str, position: int) -> Any:
    """An argument of a function that is called by place or by name."""
    if name in node.kwargs:
        return node.kwargs[name]
    return node.args[position] if len(node.args) > position else None


def _pair(value: Any, axes: int) -> tuple[int, ...]:
    """A number for each axis, where one stands for all."""
    return (value,) * axes if isinstance(value, int) else tuple(value)
