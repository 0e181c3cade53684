r"""The random network G: from (seed, layer, input) to its weights.

G is never stored. The neurons between layers i - 1 and i of the target come in blocks, one for
each input of the layer (and one for its constant 1, where there are biases). A block has its own
stream of numbers: the raw 64-bit integers of ``PCG64`` seeded by
``SeedSequence(seed, spawn_key=(layer, input))``, which NumPy promises to keep for good. An integer
becomes a number in (0, 1) by `unit`, and a weight by the ``ppf`` of the layer's law. Anyone can
draw any weight again; this stream is part of the format of a ticket's file.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook._checks import Floats

__all__ = ["LAYOUTS", "MOST_SEED", "Block", "unit"]

MOST_SEED = 2**256 - 1
"""The largest seed of a ticket: the entropy that `SeedSequence` takes in, twice over."""

LAYOUTS = ("shared", "reserved")
"""How a block's neurons serve the outputs: each all of them, or each one of them."""

_CHUNK = 2**15  # random numbers at a time: they stay in the second-level cache


def unit(raw: NDArray[np.uint64]) -> Floats:
    """Raw 64-bit integers as numbers in (0, 1): the middles of 2^52 equal cells, exactly.

    Examples
    --------
    >>> unit(np.array([0, 2**64 - 1], dtype=np.uint64)) == [2.0**-53, 1 - 2.0**-53]
    array([ True,  True])
    """
    units = (raw >> np.uint64(12)).astype(np.float64)
    units += 0.5
    units *= 2.0**-52
    return units


class Block:
    """The random neurons of G between one input of a layer and all its outputs.

    Neuron r of a shared block is row r: its in-weight b, then its out-weights a to every output.
    Row r of a reserved block holds one neuron for each output: their in-weights, then their
    out-weights. Rows are drawn in order and not kept.

    Parameters
    ----------
    seed : int
        The seed of G, at least 0.
    layer, column : int
        Layer of the target and input of that layer, from 0.
    outputs : int
        Outputs of the layer.
    layout : {"shared", "reserved"}
        Which edges a neuron has.

    Examples
    --------
    >>> inner, outer = Block(0, 0, 0, outputs=3, layout="shared").rows(2)
    >>> inner.shape, outer.shape
    ((2, 1), (2, 3))
    """

    def __init__(self, seed: int, layer: int, column: int, outputs: int, layout: str) -> None:
        sequence = np.random.SeedSequence(seed, spawn_key=(layer, column))
        self._stream = np.random.PCG64(sequence)
        self.inner_columns = 1 if layout == "shared" else outputs
        self.outputs = outputs

    def rows(self, count: int) -> tuple[Floats, Floats]:
        """The next `count` rows as numbers in (0, 1): in-weights, then out-weights.

        Shapes (count, 1 or outputs) and (count, outputs).
        """
        row = self.inner_columns + self.outputs
        raw: Any = self._stream.random_raw(count * row)
        units = unit(raw).reshape(count, row)
        return units[:, : self.inner_columns], units[:, self.inner_columns :]

    def chunks(self, count: int) -> Iterator[tuple[Floats, Floats]]:
        """The next `count` rows, a few at a time: who finds what it needs draws no more."""
        size = max(1, _CHUNK // (self.inner_columns + self.outputs))
        for start in range(0, count, size):
            yield self.rows(min(size, count - start))
