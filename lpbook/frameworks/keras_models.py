"""Keras 3, on any backend: a model without branches as a chain of layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.frameworks.chain import Chain, batch_norm, log_softmax, softmax
from lpbook.frameworks.libraries import library

ACTIVATIONS = {"linear": "identity", "relu": "relu", "tanh": "tanh", "sigmoid": "logistic"}
"""What Keras calls them."""

ENDS = {"softmax": softmax, "log_softmax": log_softmax}
NOTHING = (
    *("Dropout", "AlphaDropout", "SpatialDropout1D", "GaussianDropout", "GaussianNoise"),
    *("ActivityRegularization", "Identity", "Flatten"),
)
"""What changes no output of a model that is not being trained, for rows of inputs."""

SUPPORTED = (
    "supported are Dense, Activation, ReLU, BatchNormalization, Rescaling, Dropout, Flatten, with "
    f"the activations {', '.join(ACTIVATIONS)}, and a softmax at the end"
)


def read(model: Any) -> tuple[Chain, Callable[[Floats], Any]]:
    """The layers of a model, and the model as a function of rows."""
    keras = library("keras", "Network.from_keras")
    if not isinstance(model, keras.Model):
        raise _checks.wrong_type("model", model, "must be a keras.Model")
    if not model.built:
        raise ValueError("model: is not built: call it once, or give it an Input")
    chain = Chain()
    for layer in _layers(model, keras):
        _add(chain, layer, keras)
    shape = model.input_shape[1:]
    if None in shape:
        raise ValueError(
            f"model: input shape {shape}: every size but that of the batch must be set"
        )

    def theirs(rows: Floats) -> Any:
        return model.predict(rows.reshape(-1, *shape), verbose=0)

    return chain, theirs


def _layers(model: Any, keras: Any) -> Iterator[Any]:
    """The layers, in order; a model inside a model gives its own."""
    sequential = isinstance(model, keras.Sequential)
    if not sequential and not isinstance(model, keras.src.models.Functional):
        raise ValueError(
            f"model: {type(model).__name__} says in Python what it does: build it as Sequential "
            "or from Input and outputs, or export it to ONNX"
        )
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
