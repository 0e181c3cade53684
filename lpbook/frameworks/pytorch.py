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
from lpbook.frameworks.chain import Chain, batch_norm, first_line, log_softmax, refusal, softmax
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

TOKENS = ("MultiheadAttention", "TransformerEncoder", "TransformerEncoderLayer", "LayerNorm")
"""Modules that read tokens one by one: their numbers come last."""

SHAPED = (
    "with input_shape, the shape of one input, also convolution, average and max pooling without "
    "padding, LeakyReLU, sums of branches, LayerNorm, self-attention without masks "
    "(MultiheadAttention) and TransformerEncoderLayer"
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
    if not _checks.is_a(module, torch.nn.Module):
        raise _checks.wrong_type("module", module, "must be a torch.nn.Module")
    frozen = copy.deepcopy(module).cpu().double().eval()
    if isinstance(frozen, torch.nn.MultiheadAttention):
        frozen = _self_attention(torch, frozen)
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


def _self_attention(torch: Any, attention: Any) -> Any:
    """A module of one input, which reads itself."""

    class SelfAttention(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.attention = attention

        def forward(self, x: Any) -> Any:
            return self.attention(x, x, x, need_weights=False)[0]

    return SelfAttention()


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
                tokens = any(type(part).__name__ in TOKENS for part in frozen.modules())
                unrolled = Unrolled(node, shape, channels=-1 if tokens else 0)
            elif node.op == "output":
                last = node.args[0]
            elif node.op == "get_attr":
                continue  # a constant: who reads it, finds it
            elif unrolled is not None:
                later = [
                    value
                    for value in unrolled.values
                    if any(place[user] > i for user in getattr(value, "users", ()))
                ]
                try:
                    _unroll(torch, unrolled, node, frozen, later)
                except (RuntimeError, TypeError, ValueError) as error:
                    raise refusal(i, kind, name, first_line(error)) from error
    if unrolled is None or last not in unrolled.values:
        raise ValueError("module: its output is not one value that its input gives")
    return unrolled, last


def _unroll(torch: Any, unrolled: Unrolled, node: Any, module: Any, later: list[Any]) -> None:
    """One node of the traced graph."""
    kind, name = _kind(node, module)
    owner = module.get_submodule(node.target) if node.op == "call_module" else None
    sources = [of for of in node.all_input_nodes if of.op != "get_attr"]
    if not sources:
        raise ValueError("reads nothing that depends on the input")
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
    elif kind in ("add", "sub") and len(sources) == len(node.args) == 2 and not node.kwargs:
        unrolled.total(node, {sources[0]: 1.0, sources[1]: 1.0 if kind == "add" else -1.0})
    elif kind == "MultiheadAttention" and owner is not None:
        if len(node.args) < 3 or set(node.kwargs) - {"need_weights", "average_attn_weights"}:
            raise ValueError("supported is attention(query, key, value) without masks")
        _attend(unrolled, node, node.args[:3], owner, name, later)
    elif kind == "getitem" and getattr(sources[0], "op", "") == "call_module":
        if node.args[1] != 0:
            raise ValueError("of attention, its outputs are supported, not its weights")
        unrolled.affine(node, source, lambda x: x)
    elif kind == "LayerNorm" and owner is not None:
        _normalise(unrolled, node, source, owner, name, later)
    elif kind == "TransformerEncoderLayer" and owner is not None:
        _require_one(node)
        _encode(unrolled, node, source, owner, name, later)
    elif kind == "TransformerEncoder" and owner is not None:
        _require_one(node)
        for i, layer in enumerate(owner.layers):
            found = node, "layer", i
            _encode(unrolled, found, source, layer, f"{name}.layers.{i}", later)
            source = found
        if owner.norm is not None:
            _normalise(unrolled, (node, "norm"), source, owner.norm, f"{name}.norm", later)
            source = node, "norm"
        unrolled.affine(node, source, lambda x: x)
    elif kind in AFFINE and len(sources) == 1:

        def apply(rows: Floats) -> Any:
            tensor = torch.from_numpy(np.ascontiguousarray(rows))

            def of(read: Any) -> Any:
                return _constant(module, read.target) if read.op == "get_attr" else tensor

            args, kwargs = torch.fx.node.map_arg((node.args, node.kwargs), of)
            if owner is not None:
                return owner(*args, **kwargs).numpy()
            if node.op == "call_method":
                return getattr(args[0], node.target)(*args[1:], **kwargs).numpy()
            return node.target(*args, **kwargs).numpy()

        has_weights = owner is not None and any(True for _ in owner.parameters())
        unrolled.affine(node, source, apply, name if has_weights else "")
    else:
        raise ValueError(SUPPORTED)


def _constant(module: Any, path: str) -> Any:
    """A parameter or a tensor that a module holds."""
    for name in path.split("."):
        module = getattr(module, name)
    return module


def _require_one(node: Any) -> None:
    """Refuse masks."""
    if len(node.args) != 1 or node.kwargs:
        raise ValueError("it is supported without masks")


def _linear(
    weight: Floats, bias: Floats | None, rows: slice = slice(None)
) -> Callable[[Floats], Floats]:
    """Some rows of a linear layer, as a function of tokens."""
    return lambda x: x @ weight[rows].T + (0.0 if bias is None else bias[rows])


def _attend(
    unrolled: Unrolled,
    key: Any,
    sources: Sequence[Any],
    owner: Any,
    name: str,
    later: Sequence[Any],
) -> None:
    """Self-attention: three linear maps, the heads, and one more."""
    if not owner.batch_first:
        raise ValueError("has batch_first=False: inputs come one by one, set it to True")
    if owner.bias_k is not None or owner.add_zero_attn:
        raise ValueError("keys of its own (add_bias_kv, add_zero_attn) are not supported")
    shapes = {getattr(unrolled.values.get(of), "shape", None) for of in sources}
    if len(shapes) > 1 or None in shapes:
        raise ValueError("reads other tokens than its queries; supported is self-attention")
    d = owner.embed_dim
    together, bias, last, offset = _arrays(
        owner.in_proj_weight, owner.in_proj_bias, owner.out_proj.weight, owner.out_proj.bias
    )
    parts = []
    for i, (source, what) in enumerate(zip(sources, ("q", "k", "v"), strict=True)):
        rows, weight = slice(i * d, (i + 1) * d), together
        if weight is None:
            (weight,) = _arrays(getattr(owner, f"{what}_proj_weight"))
            weight = np.concatenate([np.zeros((i * d, weight.shape[1])), weight])
        parts.append((key, what))
        unrolled.affine(parts[-1], source, _linear(weight, bias, rows), name, channels=-1)
    unrolled.attention((key, "heads"), *parts, heads=owner.num_heads, carried=later)
    unrolled.affine(key, (key, "heads"), _linear(last, offset), f"{name}.out_proj")


def _normalise(
    unrolled: Unrolled, key: Any, source: Any, owner: Any, name: str, later: Sequence[Any]
) -> None:
    """Layer norm: what is left of it is affine."""
    shape = unrolled.values[source].shape
    if tuple(owner.normalized_shape) != shape[-1:]:
        raise ValueError("it is supported over the last axis of its input")
    gain, shift = _arrays(owner.weight, owner.bias)
    unrolled.layer_norm((key, "normed"), source, owner.eps, later, name)
    gain, shift = 1.0 if gain is None else gain, 0.0 if shift is None else shift
    unrolled.affine(key, (key, "normed"), lambda x: x * gain + shift, name)


def _encode(
    unrolled: Unrolled, key: Any, source: Any, owner: Any, name: str, later: Sequence[Any]
) -> None:
    """A layer of a transformer: attention and two linear maps, each with a skip and a norm."""
    if owner.activation_relu_or_gelu != 1:
        of = getattr(owner.activation, "__name__", type(owner.activation).__name__)
        raise ValueError(f"has the activation {of!r}; supported is ReLU")
    if not unrolled.values[source].shape[1:]:
        raise ValueError("its inputs are tokens: input_shape must be (tokens, numbers)")

    def norm(found: Any, of: Any, which: str, kept: Sequence[Any]) -> None:
        _normalise(unrolled, found, of, getattr(owner, which), f"{name}.{which}", kept)

    def attend(found: Any, of: Any, kept: Sequence[Any]) -> None:
        _attend(unrolled, found, [of] * 3, owner.self_attn, f"{name}.self_attn", kept)

    def feed(found: Any, of: Any, kept: Sequence[Any]) -> None:
        for i, linear in enumerate((owner.linear1, owner.linear2), start=1):
            weight, bias = _arrays(linear.weight, linear.bias)
            made = (found, "sums") if i == 1 else found
            unrolled.affine(made, of, _linear(weight, bias), f"{name}.linear{i}")
            if i == 1:
                of = found, "hidden"
                unrolled.relu(of, made, kept)

    x = source
    for i, part in enumerate((attend, feed), start=1):
        read, made, added = x, (key, "part", i), (key, "added", i)
        if owner.norm_first:
            read = key, "read", i
            norm(read, x, f"norm{i}", [*later, x])
        part(made, read, [*later, x])
        unrolled.total(added, {made: 1.0, x: 1.0})
        x = added
        if not owner.norm_first:
            x = key, "normed", i
            norm(x, added, f"norm{i}", later)
    unrolled.affine(key, x, lambda rows: rows)


def _argument(node: Any, name: str, position: int) -> Any:
    """An argument of a function that is called by place or by name."""
    if name in node.kwargs:
        return node.kwargs[name]
    return node.args[position] if len(node.args) > position else None


def _pair(value: Any, axes: int) -> tuple[int, ...]:
    """A number for each axis, where one stands for all."""
    return (value,) * axes if isinstance(value, int) else tuple(value)
