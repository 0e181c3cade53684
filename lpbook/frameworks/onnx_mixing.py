"""Attention and layer norm as nodes of an ONNX graph, of the sums that a layer has side by side.

A layer norm is written in elementary operators: ONNX lets `LayerNormalization` compute its mean and
its variance in float32, also for numbers in float64.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from lpbook.mixing import Attention, LayerNorm

__all__ = ["MixedNodes"]


class MixedNodes:
    """The nodes, and the constants that they read, of one mixing activation.

    Parameters
    ----------
    onnx : module
        The library.
    mixing : Attention or LayerNorm
        What is written.
    name : str
        What the names of its values begin with.
    """

    def __init__(self, onnx: Any, mixing: Attention | LayerNorm, name: str) -> None:
        self._onnx, self._mixing, self._name = onnx, mixing, name
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def write(self, before: str, after: str) -> None:
        """Make the nodes from one value to another, both of shape (rows, numbers)."""
        of = self._mixing
        skipped = [self._value("skipped")] if of.skipped else []
        rows = self._value("read") if skipped else before
        if skipped:
            self._split(before, [rows, *skipped], [of.mixed[0], of.skipped])
        found = self._norm(rows, of) if isinstance(of, LayerNorm) else self._heads(rows, of)
        flat = [self._value("mixed") if skipped else after]
        self._add("Reshape", [found, self._sizes("flat", [0, of.mixed[1]])], flat)
        if skipped:
            self._add("Concat", [*flat, *skipped], [after], axis=1)

    def _norm(self, rows: str, of: LayerNorm) -> str:
        tokens = self._node("Reshape", "x", rows, self._sizes("shape", [0, of.tokens, of.size]))
        mean = self._node("ReduceMean", "mean", tokens, axes=[-1], keepdims=1)
        apart = self._node("Sub", "apart", tokens, mean)
        squares = self._node("Mul", "squares", apart, apart)
        variance = self._node("ReduceMean", "variance", squares, axes=[-1], keepdims=1)
        more = self._node("Add", "more", variance, self._constant("added", of.added))
        return self._node("Div", "normed", apart, self._node("Sqrt", "deviation", more))

    def _heads(self, rows: str, of: Attention) -> str:
        parts = [self._value(what) for what in ("queries", "keys", "values")]
        starts = [0, *of.starts, of.mixed[0]]
        self._split(rows, parts, np.diff(starts).tolist())
        shape = self._sizes("shape", [0, of.tokens, of.heads, -1])
        q, k, v = (
            self._node(
                "Transpose",
                f"{part}_by_head",
                self._node("Reshape", f"{part}_by_token", part, shape),
                perm=perm,
            )
            for part, perm in zip(parts, ([0, 2, 1, 3], [0, 2, 3, 1], [0, 2, 1, 3]), strict=True)
        )
        products = self._node("MatMul", "products", q, k)
        logits = self._node("Div", "logits", products, self._constant("root", math.sqrt(of.size)))
        weights = self._node("Softmax", "weights", logits, axis=-1)
        found = self._node("MatMul", "found", weights, v)
        return self._node("Transpose", "by_token", found, perm=[0, 2, 1, 3])

    def _value(self, what: str) -> str:
        return f"{self._name}_{what}"

    def _node(self, op: str, what: str, *inputs: str, **attributes: Any) -> str:
        output = self._value(what)
        self._add(op, inputs, [output], **attributes)
        return output

    def _add(self, op: str, inputs: Any, outputs: list[str], **attributes: Any) -> None:
        made = self._onnx.helper.make_node(op, [*inputs], outputs, name=outputs[0], **attributes)
        self.nodes.append(made)

    def _split(self, before: str, parts: list[str], sizes: list[int]) -> None:
        self._add("Split", [before, self._sizes(f"{parts[0]}_sizes", sizes)], parts, axis=1)

    def _sizes(self, what: str, sizes: list[int]) -> str:
        return self._constant(what, np.array(sizes, dtype=np.int64))

    def _constant(self, what: str, value: Any) -> str:
        name = self._value(what)
        self.constants.append(self._onnx.numpy_helper.from_array(np.asarray(value), name))
        return name
