"""Named arrays, of a state dict or a safetensors file: which layers they are, in which order."""

from __future__ import annotations

import json
import math
import os
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook._files import regular

__all__ = ["StateLayer", "read", "read_safetensors"]

_NUMBERED = re.compile(r"(?P<part>weights|biases|W|b)_?(?P<name>\d+)")
_PARTS = {"weights": "weight", "W": "weight", "biases": "bias", "b": "bias"}
_KNOWN = (
    "NAME.weight (outputs, inputs), NAME.kernel (inputs, outputs), NAME.bias, and weights_0, "
    "biases_0, W1, b1"
)

_MOST_AXES = 32  # of a tensor in a file: what every NumPy knows
_MOST_LAYERS = 1000  # whose order is looked for
_LONGEST_NAMES = 500  # characters, in a message
_DTYPES = {
    **{"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2"},
    **{"I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1"},
}
"""What safetensors calls the types that are read here."""


@dataclass
class StateLayer:
    """The arrays of one dense layer.

    Attributes
    ----------
    name : str
        What their names have in common.
    weights : ndarray, shape (outputs, inputs)
    bias : ndarray, shape (outputs,)
        Zeros where there is none.
    """

    name: str
    weights: Floats
    bias: Floats


def read(tensors: Mapping[str, Any], layers: Sequence[str] | None) -> tuple[list[StateLayer], bool]:
    """The layers that named arrays hold, in order, and whether any of them has a bias."""
    if not _checks.is_a(tensors, Mapping):
        raise _checks.wrong_type("tensors", tensors, "must map names to arrays")
    try:
        given = [*tensors.items()]
    except Exception as error:  # of a strange mapping
        raise _checks.wrong_type("tensors", tensors, "must map names to arrays") from error
    if layers is not None:
        layers = _checks.ordered("layers", layers, "must be a list of names")
        layers = [_checks.text(f"layers[{i}]", name) for i, name in enumerate(layers)]
    parts: dict[str, dict[str, Any]] = {}
    for key, value in given:
        if layers is not None and not any(_belongs(key, name) for name in layers):
            continue
        name, part = _name_and_part(key)
        parts.setdefault(name, {})[part] = _array(f"tensors[{key!r}]", value)
    if not parts and layers is None:
        raise _checks.fail("tensors", tensors, "must hold the weights of a layer")
    found = {name: _layer(name, arrays) for name, arrays in parts.items()}
    ordered = _in_order(found, layers)
    return ordered, any("bias" in arrays for arrays in parts.values())


def _belongs(key: Any, layer: str) -> bool:
    """Whether an array is one of a layer's."""
    match = _NUMBERED.fullmatch(str(key))
    return (match["name"] if match else _split(str(key))[0]) == layer


def _split(key: str) -> tuple[str, str]:
    """What is before the last point or, in TensorFlow's names, slash; and what is behind."""
    match = re.fullmatch(r"(.*)[./](.*?)(?::0)?", key)
    return (match[1], match[2]) if match else ("", key)


def _name_and_part(key: Any) -> tuple[str, str]:
    """The layer that an array belongs to, and what it is there."""
    if not isinstance(key, str):
        raise _checks.wrong_type("tensors", key, "must have names that are strings")
    if match := _NUMBERED.fullmatch(key):
        return match["name"], _PARTS[match["part"]]
    name, part = _split(key)
    if part not in ("weight", "kernel", "bias"):
        hint = ""
        if part in ("running_mean", "running_var", "num_batches_tracked"):
            hint = (
                "; it is of a batch norm, and names do not say on which side of an activation that "
                "stands: take Network.from_torch, which folds it"
            )
        hint = hint or "; to leave it out, give layers, the names of those that count"
        raise ValueError(
            f"tensors[{key!r}]: is not part of a dense layer; known are {_KNOWN}{hint}"
        )
    return name, part


def _array(name: str, value: Any) -> Floats:
    """An array or a tensor of any framework, detached, in float64."""
    if _checks.has(value, "detach"):
        value = value.detach().cpu().double().numpy()
    return _checks.array(name, value)


def _layer(name: str, arrays: dict[str, Floats]) -> StateLayer:
    if ("weight" in arrays) == ("kernel" in arrays):
        given = ", ".join(sorted(arrays))
        raise ValueError(f"layer {name!r}: has {given}; it needs a weight or a kernel, and one")
    weights = arrays["weight"] if "weight" in arrays else arrays["kernel"].T
    key = "weight" if "weight" in arrays else "kernel"
    if weights.ndim != 2:
        shape = arrays[key].shape
        raise ValueError(f"layer {name!r}: its {key} has shape {shape}; a dense layer has two axes")
    bias = arrays.get("bias", np.zeros(len(weights)))
    if bias.shape != (len(weights),):
        raise ValueError(
            f"layer {name!r}: {len(weights)} outputs by its {key}, of shape {arrays[key].shape}, "
            f"and a bias of shape {bias.shape}"
        )
    return StateLayer(name, weights, bias)


def _in_order(found: dict[str, StateLayer], layers: Sequence[str] | None) -> list[StateLayer]:
    """The layers in the order that is given, that their numbers give, or that alone fits."""
    if layers is not None:
        if sorted(layers) != sorted(found) or not layers:
            rule = "must name layers that have weights here, each once"
            raise _checks.fail("layers", [*layers], rule)
        return [found[name] for name in layers]
    numbers = {name: tuple(map(int, re.findall(r"\d+", name))) for name in found}
    without = {re.sub(r"\d+", "#", name) for name in found}
    if len(without) == 1 and len(set(numbers.values())) == len(found):
        return [found[name] for name in sorted(found, key=lambda name: numbers[name])]
    names = ", ".join(map(repr, found))
    names = names if len(names) <= _LONGEST_NAMES else f"{names[:_LONGEST_NAMES]}…"
    if len(found) > _MOST_LAYERS:
        rule = f"of more than {_MOST_LAYERS:,} layers no order is tried"
        raise ValueError(f"layers=None: {rule} ({names}); give layers, their names in order")
    orders = _chains([*found.values()])
    if len(orders) == 1:
        return orders[0]
    many = "more than one order" if orders else "no order"
    raise ValueError(
        f"layers=None: {many} of {names} fits their shapes; give layers, their names in order"
    )


def _chains(layers: list[StateLayer]) -> list[list[StateLayer]]:
    """The order in which the outputs of each layer are the inputs of the next.

    Widths are the nodes of a graph, and layers its edges: an order is a path along all of them. So
    Euler's conditions say beforehand where a layer leads, and none is tried in vain.

    Returns
    -------
    list
        Empty where there is no order; of the only one; of two beginnings where there are more.
    """
    left, done = layers, list[StateLayer]()
    while left:
        near = [
            layer for layer in left if not done or layer.weights.shape[1] == len(done[-1].weights)
        ]
        ways, failed = [], set[tuple[int, ...]]()
        for layer in near:
            if layer.weights.shape in failed:
                continue
            rest = [other for other in left if other is not layer]
            if (done and len(near) == 1) or _is_chain(rest, len(layer.weights)):
                ways.append((layer, rest))
            else:
                failed.add(layer.weights.shape)
            if len(ways) > 1:
                return [[*done, way] for way, _ in ways]
        if not ways:
            return []
        layer, left = ways[0]
        done = [*done, layer]
    return [done]


def _is_chain(layers: list[StateLayer], width: int) -> bool:
    """Whether layers can follow each other behind so many outputs."""
    balance, after = Counter([width]), defaultdict[int, list[int]](list)
    for layer in layers:
        outputs, inputs = layer.weights.shape
        balance[inputs] -= 1
        balance[outputs] += 1
        after[inputs].append(outputs)
    # the path arrives as often as it leaves, but where it ends once more
    if sorted(count for count in balance.values() if count) != [1]:
        return False
    reached, new = {width}, [width]
    while new:
        new = [*{outputs for inputs in new for outputs in after[inputs]} - reached]
        reached.update(new)
    return all(inputs in reached for inputs in [*after])


def read_safetensors(path: str | os.PathLike[str]) -> dict[str, Floats]:
    """The tensors of a safetensors file, in float64.

    Eight bytes give the length of a header in JSON, which gives type, shape and place of each
    tensor in the bytes that follow. NumPy has no bfloat16: it is the upper half of a float32.

    Raises
    ------
    OSError
        If the file cannot be read, or is no regular file.
    ValueError
        If it is not such a file, or holds a type that is not read here.
    """
    path = _checks.path("path", path)
    regular(path)
    content, shown = Path(path).read_bytes(), repr(path)
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > len(content) - 8 or content[8:9] != b"{":
        raise ValueError(f"path={shown}: is not an intact safetensors file")
    tensors = {}
    try:
        header = json.loads(content[8 : 8 + size])
        data = memoryview(content)[8 + size :]
        left = len(data)
        for name, entry in header.items():
            if name != "__metadata__":
                place = _place(entry, len(data))
                left -= place.stop - place.start
                if left < 0:
                    raise ValueError("its tensors overlap")
                tensors[name] = _tensor(entry, data[place])
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise ValueError(f"path={shown}: is not an intact safetensors file: {error}") from error
    return tensors


def _place(entry: Any, size: int) -> slice:
    """Where a tensor stands among so many bytes, if its shape and type say the same."""
    kind, shape, (start, end) = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(kind, str) or kind not in _DTYPES:
        raise ValueError(f"type {str(kind)[:20]} is not read; known are {', '.join(_DTYPES)}")
    if len(shape) > _MOST_AXES or not all(0 <= n < 2**63 for n in shape):
        raise ValueError(f"a tensor has more than {_MOST_AXES} axes, or one of impossible length")
    expected = math.prod(shape) * np.dtype(_DTYPES[kind]).itemsize
    if not 0 <= start <= end <= size or end - start != expected:
        raise ValueError(f"a tensor of shape {shape} is not where its header says")
    return slice(start, end)


def _tensor(entry: Any, data: memoryview) -> Floats:
    """The tensor that stands in these bytes."""
    kind, shape = entry["dtype"], entry["shape"]
    dtype = np.dtype(_DTYPES[kind])
    values: Any = np.frombuffer(data, dtype=dtype)
    if kind == "BF16":
        values = (values.astype("<u4") << np.uint32(16)).view("<f4")
    found: Floats = values.astype(np.float64).reshape(shape)
    return found
