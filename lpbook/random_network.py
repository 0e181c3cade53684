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
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook._checks import Floats

__all__ = ["LAYOUTS", "MOST_SEED", "Block", "Rows", "other_weights", "unit"]

MOST_SEED = 2**256 - 1
"""The largest seed of a ticket: the entropy that `SeedSequence` takes in, twice over."""

LAYOUTS = ("shared", "reserved")
"""How a block's neurons serve the outputs: each all of them, or each one of them."""

CHUNK = 2**15  # random numbers at a time: they stay in the second-level cache


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
    out-weights. Numbers are drawn when asked for and not kept.

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
    picked : ndarray of int, optional
        Of a shared block, the outputs that are looked at, ascending: they alone count as its
        outputs. The numbers are those of the whole block.

    Attributes
    ----------
    state : tuple of int
        State and increment of the stream before its first number.

    Examples
    --------
    >>> inner, outer = Block(0, 0, 0, outputs=3, layout="shared").rows(2)
    >>> inner.shape, outer.shape
    ((2, 1), (2, 3))
    """

    def __init__(
        self,
        seed: int,
        layer: int,
        column: int,
        outputs: int,
        layout: str,
        picked: NDArray[np.int64] | None = None,
    ) -> None:
        sequence = np.random.SeedSequence(seed, spawn_key=(layer, column))
        self._stream: Any = np.random.PCG64(sequence)
        inside = self._stream.state["state"]
        self.state: tuple[int, int] = inside["state"], inside["inc"]
        self.inner_columns = 1 if layout == "shared" else outputs
        self.picked = picked
        self.outputs = outputs if picked is None else len(picked)
        self.row = self.inner_columns + outputs  # numbers of a row
        self._next = 0  # numbers before the one that comes next

    def raw(self, start: int, count: int) -> NDArray[np.uint64]:
        """Raw integers number `start` and after; what lies between two calls is not drawn."""
        if start != self._next:
            self._stream.advance(start - self._next)
        self._next = start + count
        raw: NDArray[np.uint64] = self._stream.random_raw(count)
        return raw

    def rows(self, count: int) -> tuple[Floats, Floats]:
        """The next `count` rows as numbers in (0, 1): in-weights, then out-weights.

        Shapes (count, 1 or outputs) and (count, outputs).
        """
        units = unit(self.raw(self._next, count * self.row)).reshape(count, self.row)
        inner, outer = units[:, : self.inner_columns], units[:, self.inner_columns :]
        return inner, outer if self.picked is None else outer[:, self.picked]

    def chunks(self, count: int) -> Rows:
        """The first `count` rows, for whoever reads them in order or anywhere."""
        return Rows(self, count)


@dataclass(frozen=True)
class Rows:
    """The first `count` rows of a block."""

    block: Block
    count: int

    def __iter__(self) -> Iterator[tuple[Floats, Floats]]:
        """A few at a time: who finds what it needs draws no more."""
        size = max(1, CHUNK // self.block.row)
        for start in range(0, self.count, size):
            yield self.block.rows(min(size, self.count - start))


def other_weights(
    seed: int, layer: int, column: int, neurons: int, inputs: int, outputs: int
) -> tuple[Floats, Floats]:
    """Numbers in (0, 1) for the weights of a block that every ticket drops.

    A neuron of G has a weight from each input of its layer and to each output; its `Block` has
    those that a ticket may keep. The others come from a stream of their own, whose key has a third
    part, so that drawing them changes nothing.

    Returns
    -------
    ndarray, shape (neurons, inputs)
        In-weights; that of the block's own input is not to be used.
    ndarray, shape (neurons, outputs)
        Out-weights; those that the block has are not to be used.

    Examples
    --------
    >>> inner, outer = other_weights(0, 0, 0, neurons=2, inputs=3, outputs=4)
    >>> inner.shape, outer.shape
    ((2, 3), (2, 4))
    """
    sequence = np.random.SeedSequence(seed, spawn_key=(layer, column, 1))
    raw: Any = np.random.PCG64(sequence).random_raw(neurons * (inputs + outputs))
    units = unit(raw).reshape(neurons, inputs + outputs)
    return units[:, :inputs], units[:, inputs:]
