"""ONNX: graphs with attention or a layer norm, unrolled.

Exporters write both as a few nodes each, and move the axis of the batch about. So such a graph is
read for one input: each value has its whole shape, with the axis of the batch, of size 1; and what
a graph computes of shapes is constant. Of attention the nodes are a product of queries and keys,
perhaps scaled, a softmax over the last axis, and a product with values; of a layer norm, where it
is not one node, differences from a mean divided by the root of the mean of their squares.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lpbook._checks import Floats
from lpbook._files import Limits
from lpbook.frameworks.onnx_nodes import (
    ACTIVATIONS,
    AFFINE,
    ENDS,
    SUPPORTED,
    alone,
    constant,
    require_small_result,
    unroll,
)
from lpbook.frameworks.unrolled import Unrolled

__all__ = ["Tokens", "mixes"]

MOVED = (
    *("Cast", "Dropout", "Expand", "Flatten", "Gather", "Identity", "Reshape", "Slice", "Split"),
    *("Squeeze", "Tile", "Transpose", "Unsqueeze"),
)
"""What puts numbers elsewhere, and changes none."""

SAME = ("Cast", "Dropout", "Identity")
MASKS = "attention with a mask, or with something else added to its logits, is not supported"


def mixes(node: Any, constants: dict[str, Any]) -> bool:
    """Whether a node can only belong to attention or to a layer norm."""
    products = node.op_type == "MatMul" and not any(name in constants for name in node.input)
    return products or node.op_type in ("LayerNormalization", "Sqrt")


@dataclass(frozen=True)
class _Part:
    """What is neither affine nor a layer yet.

    Attributes
    ----------
    kind : str
        Of attention ``products`` of queries and keys, then ``weights``; of a layer norm
        ``squares``, their ``variance``, its root, the ``deviation``, and that one's ``inverse``.
    of : tuple of str
        The values that it is computed of.
    number : float
        By what products are multiplied; what is added to a variance.
    """

    kind: str
    of: tuple[str, ...]
    number: float = 0.0


class Tokens:
    """Reads nodes, in order, into a graph.

    Attributes
    ----------
    graph : Unrolled
        Its values have none of the axes of size 1 that they have in the model.
    """

    def __init__(
        self,
        onnx: Any,
        model: Any,
        constants: dict[str, Any],
        entry: str,
        shape: tuple[int, ...],
        limits: Limits,
    ) -> None:
        self._limits = limits
        self.graph = Unrolled(entry, _thin(shape), channels=-1)
        self._onnx, self._model, self._constants = onnx, model, constants
        self._shapes = {entry: shape}
        self._parts: dict[str, _Part] = {}
        self._means: dict[str, str] = {}  # of the last axis, and of what
        self._centred: dict[str, str] = {}  # differences from such a mean, and of what

    def needed(self, used: set[str]) -> set[str]:
        """The values that are needed where these are used."""
        parts = {name for part in used & self._parts.keys() for name in self._parts[part].of}
        found = used | parts
        return found | {self._centred[name] for name in found & self._centred.keys()}

    def read(self, node: Any, later: list[Any]) -> None:
        """One node; `later` are the values that are needed after it."""
        kind, (key, *_) = node.op_type, node.output
        sources = [name for name in node.input if name and name not in self._constants]
        if not sources:
            self._constants |= constant(
                self._onnx, self._model, node, self._constants, self._limits
            )
        elif kind == "Shape":
            shape = self._shape(sources[0])
            part = slice(self._attribute(node, "start", 0), self._attribute(node, "end", None))
            self._constants[key] = np.array(shape[part], dtype=np.int64)
        elif any(name in self._parts for name in sources):
            self._continue(node, sources, later)
        elif kind == "LayerNormalization":
            self._normalise(node, sources, later)
        elif kind == "MatMul" and len(sources) == 2:
            self._parts[key] = _Part("products", tuple(sources), 1.0)
        elif self._squares(node, sources):
            self._parts[key] = _Part("squares", tuple(sources[:1]))
        elif kind in ("Add", "Sub") and len(sources) == 2:
            self._total(key, sources, (1.0, 1.0 if kind == "Add" else -1.0))
            if kind == "Sub" and self._means.get(sources[1]) == sources[0]:
                self._centred[key] = sources[0]
        elif kind == "Concat":
            self._concatenate(node)
        elif kind in MOVED and len(sources) == 1:
            self._move(node, sources[0])
        elif kind in (*AFFINE, "Einsum") and len(sources) == 1:
            if self._is_mean(node, sources[0]):
                self._means[key] = sources[0]
            self._affine(node, sources[0])
        elif kind in (*ACTIVATIONS, *ENDS, "LeakyRelu"):
            unroll(self._onnx, self._model, self.graph, node, self._constants, later)
            self._shapes[key] = self._shapes[sources[0]]
        else:
            raise ValueError(SUPPORTED)

    def _attribute(self, node: Any, name: str, otherwise: Any) -> Any:
        found = {item.name: item for item in node.attribute}
        if name not in found:
            return otherwise
        return self._onnx.helper.get_attribute_value(found[name])

    def _shape(self, name: str) -> tuple[int, ...]:
        if name not in self._shapes:
            raise ValueError(SUPPORTED)
        return self._shapes[name]

    def _give(
        self,
        key: str,
        source: Hashable,
        apply: Callable[[Floats], Floats],
        shape: tuple[int, ...],
        name: str = "",
    ) -> None:
        """A value of this shape, an affine function of another one."""
        self._shapes[key] = shape
        self.graph.affine(
            key, source, lambda rows: apply(rows).reshape(len(rows), *_thin(shape)), name, -1
        )

    def _move(self, node: Any, source: str) -> None:
        """What only moves numbers: where they come from is seen by their numbers."""
        shape = self._shape(source)
        numbers = np.arange(math.prod(shape), dtype=np.float64).reshape(shape)
        inputs = [name for name in node.input if name]
        require_small_result(node, [numbers if n == source else self._constants[n] for n in inputs])
        for output in filter(None, node.output):
            apply = alone(self._onnx, self._model, node, source, self._constants, output)
            places = np.asarray(apply(numbers)).astype(np.int64)
            self._give(output, source, _picked(places), places.shape)

    def _affine(self, node: Any, source: str) -> None:
        key, shape = node.output[0], self._shape(source)
        one = alone(self._onnx, self._model, node, source, self._constants)
        weights = "" if len(node.input) == 1 else node.name or key

        def apply(rows: Floats) -> Floats:
            return np.stack([one(row.reshape(shape)) for row in rows])

        self._give(key, source, apply, np.shape(one(np.zeros(shape))), weights)

    def _total(self, key: str, sources: list[str], signs: tuple[float, ...]) -> None:
        """A sum of values, each as large as the sum."""
        shape = np.broadcast_shapes(*map(self._shape, sources))
        parts: dict[Hashable, float] = {}
        for i, (source, sign) in enumerate(zip(sources, signs, strict=True)):
            places = np.broadcast_to(_numbers(self._shape(source)), shape)
            self.graph.affine((key, i), source, _picked(places.reshape(_thin(shape))), "", -1)
            parts[key, i] = sign
        self.graph.total(key, parts)
        self._shapes[key] = shape

    def _concatenate(self, node: Any) -> None:
        """Values and constants side by side: a sum, of each where it stands and 0 elsewhere."""
        axis, (key, *_) = self._attribute(node, "axis", 0), node.output
        pieces = [
            np.asarray(self._constants[name], dtype=np.float64)
            if name in self._constants
            else np.zeros(self._shape(name))
            for name in node.input
        ]
        around = np.concatenate(pieces, axis=axis)
        thin = _thin(around.shape)
        number = np.concatenate(
            [np.full(piece.shape, i) for i, piece in enumerate(pieces)], axis=axis
        )
        parts: dict[Hashable, float] = {}
        for i, name in enumerate(node.input):
            if name not in self._constants:
                whole = _placed((number == i).reshape(thin), around.reshape(thin))
                self.graph.affine((key, i), name, whole, "", -1)
                parts[key, i], around = 1.0, np.zeros(around.shape)
        self.graph.total(key, parts)
        self._shapes[key] = around.shape

    def _over_last(self, node: Any, rank: int) -> bool:
        """Whether a mean is one of the last axis, which it keeps."""
        axes = self._attribute(node, "axes", None)
        if axes is None and len(node.input) > 1:
            axes = self._constants.get(node.input[1])
        kept = self._attribute(node, "keepdims", 1)
        return bool(kept) and axes is not None and [int(n) % rank for n in axes] == [rank - 1]

    def _is_mean(self, node: Any, source: str) -> bool:
        return node.op_type == "ReduceMean" and self._over_last(node, len(self._shape(source)))

    def _squares(self, node: Any, sources: list[str]) -> bool:
        """Whether a node squares differences from a mean."""
        if sources[0] not in self._centred:
            return False
        if node.op_type == "Mul":
            return [*node.input] == sources == sources[:1] * 2
        return node.op_type == "Pow" and node.input[0] == sources[0] and self._number(node) == 2

    def _number(self, node: Any) -> float:
        """The one number that a node reads besides what depends on the input."""
        found = [self._constants[name] for name in node.input if name in self._constants]
        if len(found) != 1 or np.asarray(found[0]).size != 1:
            return math.nan
        return float(np.asarray(found[0]).reshape(()))

    def _continue(self, node: Any, sources: list[str], later: list[Any]) -> None:
        """A node that reads a part of attention or of a layer norm."""
        kind, (key, *_) = node.op_type, node.output
        name = next(name for name in sources if name in self._parts)
        part, others = self._parts[name], [other for other in sources if other != name]
        first, number = node.input[0] == name, self._number(node)
        step = (part.kind, kind, len(others))
        if kind in SAME:
            self._parts[key] = part
        elif step in (("products", "Mul", 0), ("products", "Div", 0)) and math.isfinite(number):
            if kind == "Div" and not first:
                raise ValueError(SUPPORTED)
            factor = number if kind == "Mul" else 1 / number
            self._parts[key] = replace(part, number=part.number * factor)
        elif part.kind == "products" and kind in ("Add", "Sub", "Where"):
            raise ValueError(MASKS)
        elif step == ("products", "Softmax", 0):
            self._require_last(node, len(self._shape(part.of[0])))
            self._parts[key] = replace(part, kind="weights")
        elif step == ("weights", "MatMul", 1) and first:
            self._attend(key, part, others[0], later)
        elif step == ("squares", "ReduceMean", 0):
            if not self._over_last(node, len(self._shape(part.of[0]))):
                raise ValueError("a variance is supported over the last axis")
            self._parts[key] = replace(part, kind="variance")
        elif step == ("variance", "Add", 0) and math.isfinite(number):
            self._parts[key] = replace(part, number=part.number + number)
        elif step == ("variance", "Sqrt", 0):
            self._parts[key] = replace(part, kind="deviation")
        elif step == ("deviation", "Reciprocal", 0):
            self._parts[key] = replace(part, kind="inverse")
        elif (step == ("deviation", "Div", 1) and not first) or step == ("inverse", "Mul", 1):
            source = self._centred.get(others[0])
            if source is None or source != self._centred[part.of[0]]:
                raise ValueError("divides something else than differences from the same mean")
            self.graph.layer_norm(key, source, part.number, later, node.name or key)
            self._shapes[key] = self._shape(others[0])
        else:
            raise ValueError(f"reads {part.kind} of attention or of a layer norm; {SUPPORTED}")

    def _require_last(self, node: Any, rank: int) -> None:
        opset = max(item.version for item in self._model.opset_import if not item.domain)
        if self._attribute(node, "axis", -1 if opset >= 13 else 1) not in (-1, rank - 1):
            raise ValueError("in attention a softmax is supported over the last axis")

    def _attend(self, key: str, part: _Part, values: str, later: list[Any]) -> None:
        """Attention: queries, keys and values by token, each with its heads side by side."""
        shapes = [self._shape(name) for name in (*part.of, values)]
        (*lead, tokens, size), (*of_keys, _, read), (*of_values, _, wide) = shapes
        if not lead == of_keys == of_values or tokens != read:
            rule = f"queries, keys and values have shapes {', '.join(map(str, shapes))}"
            raise ValueError(f"{rule}; supported is self-attention, every token reads all")
        heads = math.prod(lead)
        # what the layer here does not multiply by itself, queries and keys share
        factor = part.number * math.sqrt(size)
        share = 1.0 if abs(factor - 1) < 1e-12 else math.sqrt(abs(factor))
        sides = zip(
            (*part.of, values),
            ((tokens, size), (size, tokens), (tokens, wide)),
            ((1, 0, 2), (2, 0, 1), (1, 0, 2)),
            (math.copysign(share, factor), share, 1.0),
            strict=True,
        )
        found = []
        for i, (name, shape, axes, times) in enumerate(sides):
            numbers = _numbers((heads, *shape)).transpose(axes).reshape(tokens, -1)
            found.append((key, i))
            self.graph.affine(found[-1], name, _picked(numbers, times), channels=-1)
        together = (key, "heads")
        self.graph.attention(together, *found, heads=heads, carried=later)
        places = _numbers((tokens, heads, wide)).transpose(1, 0, 2)
        self._give(key, together, _picked(places), (*lead, tokens, wide))

    def _normalise(self, node: Any, sources: list[str], later: list[Any]) -> None:
        """A layer norm that is one node: what is left of it is affine."""
        key, source = node.output[0], node.input[0]
        axis = self._attribute(node, "axis", -1)
        if axis not in (-1, len(self._shape(source)) - 1) or sources != [source]:
            raise ValueError("a layer norm is supported over the last axis, with constants")
        gain, shift = (
            np.asarray(self._constants[name], dtype=np.float64) if name else 0.0
            for name in [*node.input[1:], ""][:2]
        )
        name = node.name or key
        added = float(self._attribute(node, "epsilon", 1e-5))
        self.graph.layer_norm((key, "normed"), source, added, later, name)
        shape = self._shape(source)
        self._give(
            key, (key, "normed"), lambda x: x.reshape(-1, *shape) * gain + shift, shape, name
        )


def _thin(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A shape without the axes of size 1, but for the last: that of channels."""
    return (*(n for n in shape[:-1] if n != 1), *shape[-1:])


def _numbers(shape: tuple[int, ...]) -> Any:
    return np.arange(math.prod(shape)).reshape(shape)


def _picked(places: Any, times: float = 1.0) -> Callable[[Floats], Floats]:
    """Rows of the numbers that stand at places, times a number."""
    return lambda rows: times * rows.reshape(len(rows), -1)[:, places]


def _placed(where: Any, around: Floats) -> Callable[[Floats], Floats]:
    """Rows whose numbers stand at places, and others around them."""

    def apply(rows: Floats) -> Floats:
        found = np.repeat(around[None], len(rows), axis=0)
        found[:, where] = rows.reshape(len(rows), -1)
        return found

    return apply
