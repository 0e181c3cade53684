"""Keras 3, on any backend: a model without branches as a chain of layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.frameworks.chain import Chain, batch_norm, first_line, log_softmax, refusal, softmax
from lpbook.frameworks.libraries import library
from lpbook.frameworks.unrolled import Unrolled

ACTIVATIONS = {"linear": "identity", "relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}
"""What Keras calls them."""

ENDS = {"softmax": softmax, "log_softmax": log_softmax}
NOTHING = (
    *("Dropout", "AlphaDropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise"),
    *("ActivityRegularization", "Identity", "Flatten"),
)
"""What changes no output of a model that is not being trained, for rows of inputs."""

UNROLLED = (
    *("Conv1D", "Conv2D", "Conv3D", "DepthwiseConv2D", "SeparableConv2D", "Conv2DTranspose"),
    *("AveragePooling1D", "AveragePooling2D", "GlobalAveragePooling1D", "GlobalAveragePooling2D"),
    *("MaxPooling1D", "MaxPooling2D", "LeakyReLU", "Add", "Subtract", "ZeroPadding2D"),
    *("UpSampling2D", "Permute", "Reshape", "MultiHeadAttention", "LayerNormalization"),
)
"""With one of these in it, a model is unrolled into dense layers (`lpbook.frameworks.unrolled`)."""

AFFINE = ("Dense", "BatchNormalization", "Rescaling", *NOTHING, *UNROLLED)
"""What is affine, apart from its activation, but for those that are listed before it."""

SUPPORTED = (
    "supported are Dense, Activation, ReLU, BatchNormalization, Rescaling, Dropout, Flatten, with "
    f"the activations {', '.join(ACTIVATIONS)}, and a softmax at the end; "
    "in a model with a convolution, MultiHeadAttention or LayerNormalization also pooling, "
    "LeakyReLU, and Add"
)


def read(model: Any) -> Callable[..., Any]:
    """The layers of a model, as a function that makes the network and compares it."""
    keras = library("keras", "Network.from_keras")
    if not _checks.is_a(model, keras.Model):
        raise _checks.wrong_type("model", model, "must be a keras.Model")
    if not model.built:
        raise ValueError("model: is not built: call it once, or give it an Input")
    if not isinstance(model, (keras.Sequential, keras.src.models.Functional)):
        raise ValueError(
            f"model: {type(model).__name__} says in Python what it does: build it as Sequential "
            "or from Input and outputs, or export it to ONNX"
        )
    shape = model.input_shape[1:]
    if None in shape:
        raise ValueError(f"model: in its input shape {shape} every size must be set")

    def theirs(rows: Floats) -> Any:
        return model.predict(rows.reshape(-1, *shape), verbose=0)

    if any(type(layer).__name__ in UNROLLED for layer in model.layers):
        graph, output = _unrolled(model, shape, keras)
        return lambda make: graph.network(make, output, theirs, "float32")
    chain = Chain()
    for layer in _layers(model, keras):
        _add(chain, layer, keras)
    return lambda make: chain.network(make, theirs, "float32")


def _layers(model: Any, keras: Any) -> Iterator[Any]:
    """The layers, in order; a model inside a model gives its own."""
    sequential = isinstance(model, keras.Sequential)
    current = None if sequential else model.inputs
    for layer in model.layers:
        if isinstance(layer, keras.layers.InputLayer):
            continue
        if current is not None:
            if [*_flat(layer.input)] != [*_flat(current)] or len([*_flat(current)]) != 1:
                raise ValueError(
                    f"layer {layer.name!r}, `{type(layer).__name__}`: reads something else than "
                    "the output of the layer before it; a chain of layers is supported"
                )
            current = layer.output
        if isinstance(layer, keras.Model):
            yield from _layers(layer, keras)
        else:
            yield layer


def _flat(tensors: Any) -> Iterator[int]:
    """Which tensors these are: one, or a list of them."""
    for tensor in tensors if isinstance(tensors, (list, tuple)) else [tensors]:
        yield id(tensor)


def _add(chain: Chain, layer: Any, keras: Any) -> None:
    """One layer, as a step of the chain."""
    kind, name = type(layer).__name__, layer.name
    if kind == "Dense":
        weights = _array(layer.kernel, keras).T  # (inputs, outputs) there
        bias = _array(layer.bias, keras) if layer.use_bias else None
        chain.dense(kind, name, weights, bias)
        _activation(chain, kind, name, layer, keras)
    elif kind == "Activation":
        _activation(chain, kind, name, layer, keras)
    elif kind == "ReLU" and not (layer.max_value or layer.negative_slope or layer.threshold):
        chain.activation(kind, name, "relu")
    elif kind == "Softmax":
        chain.end(kind, name, softmax)
    elif kind == "BatchNormalization" and layer.axis in (-1, len(layer.input.shape) - 1):
        mean, variance = (
            _array(value, keras) for value in (layer.moving_mean, layer.moving_variance)
        )
        gain = _array(layer.gamma, keras) if layer.scale else None
        shift = _array(layer.beta, keras) if layer.center else None
        chain.affine(kind, name, *batch_norm(mean, variance, gain, shift, layer.epsilon))
    elif kind == "Rescaling":
        chain.affine(kind, name, *(np.asarray(x, dtype=float) for x in (layer.scale, layer.offset)))
    elif kind in NOTHING:
        chain.nothing(kind, name)
    else:
        chain.position += 1
        raise chain.refusal(kind, name, SUPPORTED)


def _activation(chain: Chain, kind: str, name: str, layer: Any, keras: Any) -> None:
    """The activation inside a layer, which is a step of its own unless it is linear."""
    found = getattr(layer.activation, "__name__", type(layer.activation).__name__)
    own = getattr(keras.activations, found, None) is layer.activation
    if own and found in ENDS:
        chain.end(f"{kind}, activation {found!r}", name, ENDS[found])
    elif own and found in ACTIVATIONS:
        chain.activation(kind, name, ACTIVATIONS[found])
    else:
        raise chain.refusal(kind, name, f"has the activation {found!r}; {SUPPORTED}")


def _array(variable: Any, keras: Any) -> Floats:
    return np.asarray(keras.ops.convert_to_numpy(variable.value)).astype(np.float64)


def _unrolled(model: Any, shape: tuple[int, ...], keras: Any) -> tuple[Unrolled, Any]:
    """The layers of a model, unrolled, and the key of its output."""
    layers = [x for x in model.layers if not isinstance(x, keras.layers.InputLayer)]
    if isinstance(model, keras.Sequential):
        reads: list[list[Any]] = [[i] for i in range(len(layers))]
        gives: list[Any] = [i + 1 for i in range(len(layers))]
        entry, output = 0, len(layers)
    else:
        reads = [[*_flat(layer.input)] for layer in layers]
        gives = [next(_flat(layer.output)) for layer in layers]
        (entry,), (output,) = ([*_flat(ends)] for ends in (model.inputs, model.outputs))
    graph = Unrolled(entry, shape, channels=-1)
    for i, (layer, sources, key) in enumerate(zip(layers, reads, gives, strict=True)):
        used = {source for later in reads[i + 1 :] for source in later} | {output}
        try:
            _unroll(graph, layer, sources, key, used, keras)
        except Exception as error:  # whatever the backend says of shapes that do not fit
            where = i + 1, type(layer).__name__, layer.name
            raise refusal(*where, first_line(error)) from error
    return graph, output


def _unroll(
    graph: Unrolled, layer: Any, sources: list[Any], key: Any, used: set[Any], keras: Any
) -> None:
    """One layer of a model that is unrolled."""
    kind, source = type(layer).__name__, sources[0]
    later = [value for value in graph.values if value in used]
    if kind in ("Add", "Subtract"):
        if len(set(sources)) < len(sources):
            raise ValueError("reads one value twice")
        signs = dict.fromkeys(sources, 1.0)
        if kind == "Subtract":
            signs[sources[1]] = -1.0
        graph.total(key, signs)
    elif kind in ("ReLU", "LeakyReLU"):
        if getattr(layer, "max_value", None) or getattr(layer, "threshold", 0):
            raise ValueError("a ReLU is supported without max_value and threshold")
        graph.relu(key, source, later, float(layer.negative_slope))
    elif kind in ("MaxPooling1D", "MaxPooling2D"):
        if layer.padding != "valid" or layer.data_format != "channels_last":
            raise ValueError("max pooling is supported without padding, with channels last")
        first, pooled = (key, "channels first"), (key, "pooled")
        graph.affine(first, source, lambda x: np.moveaxis(x, -1, 1), channels=0)
        graph.max_pool(pooled, first, layer.pool_size, layer.strides, later)
        graph.affine(key, pooled, lambda x: np.moveaxis(x, 1, -1), channels=-1)
    elif kind == "Softmax":
        graph.end(key, source, f"layer {layer.name!r}, `Softmax`", softmax)
    elif kind == "Activation":
        _unroll_activation(graph, layer, source, key, later, keras)
    elif kind == "MultiHeadAttention":
        _attend(graph, layer, key, later, keras)
    elif kind == "LayerNormalization":
        _normalise(graph, layer, source, key, later, keras)
    elif kind in AFFINE:
        linear = _linear_part(layer)

        def apply(rows: Floats) -> Any:
            found = linear(keras.ops.convert_to_tensor(rows.astype("float32")), training=False)
            return keras.ops.convert_to_numpy(found)

        before = (key, "linear")
        graph.affine(before, source, apply, layer.name if layer.get_weights() else "")
        _unroll_activation(graph, layer, before, key, later, keras)
    else:
        raise ValueError(SUPPORTED)


def _attend(graph: Unrolled, layer: Any, key: Any, later: list[Any], keras: Any) -> None:
    """Attention: three linear maps of tokens, the heads, and one more."""
    called = layer._inbound_nodes[0].arguments
    given = dict(zip(("query", "value", "key"), called.args, strict=False)) | called.kwargs
    read = {"query": given.pop("query"), "value": given.pop("value")}
    read["key"] = given.pop("key", None)
    if read["key"] is None:
        read["key"] = read["value"]
    more = [name for name, value in given.items() if value is not None and value is not False]
    if more:
        raise ValueError(f"is called with {', '.join(more)}: supported is attention without masks")
    if getattr(layer, "_use_gate", False) or getattr(layer, "_sliding_window", None):
        raise ValueError("is supported without use_gate and sliding_window")
    shapes = {name: graph.values[id(tensor)].shape for name, tensor in read.items()}
    if any(len(shape) != 2 or shape[0] != shapes["query"][0] for shape in shapes.values()):
        found = ", ".join(f"{name} of shape {shape}" for name, shape in shapes.items())
        raise ValueError(f"reads {found}: supported are (tokens, numbers), as many tokens each")
    parts = []
    for name in ("query", "key", "value"):
        parts.append((key, name))
        projection = _tokenwise(getattr(layer, f"{name}_dense"), 1, keras)
        graph.affine(parts[-1], id(read[name]), projection, layer.name, channels=-1)
    graph.attention((key, "heads"), *parts, heads=layer.num_heads, carried=later)
    last = _tokenwise(layer.output_dense, 2, keras)
    graph.affine(key, (key, "heads"), last, f"{layer.name}.attention_output")


def _tokenwise(layer: Any, inputs: int, keras: Any) -> Callable[[Floats], Floats]:
    """A dense layer of tokens whose kernel has so many axes of inputs; heads are side by side."""
    kernel = _array(layer.kernel, keras)
    weights = kernel.reshape(int(np.prod(kernel.shape[:inputs])), -1)
    bias = 0.0 if layer.bias is None else _array(layer.bias, keras).reshape(-1)
    return lambda x: x @ weights + bias


def _normalise(
    graph: Unrolled, layer: Any, source: Any, key: Any, later: list[Any], keras: Any
) -> None:
    """Layer norm: what is left of it is affine."""
    axes = layer.axis if isinstance(layer.axis, (list, tuple)) else [layer.axis]
    rank = len(layer.input.shape)
    if [axis % rank for axis in axes] != [rank - 1]:
        raise ValueError("it is supported over the last axis of its input")
    if getattr(layer, "rms_scaling", False):
        raise ValueError("is supported without rms_scaling")
    gain = _array(layer.gamma, keras) if layer.scale else 1.0
    shift = _array(layer.beta, keras) if layer.center else 0.0
    graph.layer_norm((key, "normed"), source, float(layer.epsilon), later, layer.name)
    graph.affine(key, (key, "normed"), lambda x: x * gain + shift, layer.name)


def _linear_part(layer: Any) -> Any:
    """The layer without its activation: a copy, since the model is somebody's."""
    if not hasattr(layer, "activation"):
        return layer
    copy = type(layer).from_config(layer.get_config() | {"activation": "linear"})
    copy.build(layer.input.shape)
    copy.set_weights(layer.get_weights())
    return copy


def _unroll_activation(
    graph: Unrolled, layer: Any, source: Any, key: Any, later: list[Any], keras: Any
) -> None:
    activation = getattr(layer, "activation", keras.activations.linear)
    found = getattr(activation, "__name__", type(activation).__name__)
    own = getattr(keras.activations, found, None) is activation
    if own and found in ENDS:
        graph.end(key, source, f"layer {layer.name!r}, activation {found!r}", ENDS[found])
        return
    if not own or found not in ACTIVATIONS:
        raise ValueError(f"has the activation {found!r}; {SUPPORTED}")
    if found == "linear":
        graph.affine(key, source, lambda x: x)
    elif found == "relu":
        graph.relu(key, source, later)
    elif later:
        raise ValueError("only a ReLU can be skipped by another branch")
    else:
        graph.smooth(key, source, ACTIVATIONS[found])
