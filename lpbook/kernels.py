r"""Kernels: which entries of a layer's matrix are one and the same weight.

Written as a matrix, a convolution has each entry of its kernels at many places. Output channel o at
place q reads input channel c at place p with the weight

.. math:: K_{o,c,\kappa},\qquad \kappa=\lfloor p/m\rfloor-sq-f,

along each axis; where κ is outside of the window there is none. So s is the stride, f the first
place that is read (minus the padding), and m the side of a pooling by means before. Random numbers
are needed for each entry of the kernels, not for each place: the *core* of the matrix, with a
column for each input channel and in it a row for each output channel and κ.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook import _checks
from lpbook._checks import Floats

__all__ = ["Kernels", "Places", "Window", "kernels_of"]

_MOST_AXES = 3  # of places
_MOST_STRIDE = 8  # that is looked for
_CLOSE = 1e-6  # of the largest entry: what a library's float32 may make of one weight at two places


@dataclass(frozen=True)
class Places:
    """Channels of neurons, each at all places of a grid; a single place where there is no grid.

    Attributes
    ----------
    channels : int
    extent : tuple of int
        Places along each axis.
    last : bool
        Whether neurons of one place come together, channels last.
    """

    channels: int
    extent: tuple[int, ...] = ()
    last: bool = False

    @classmethod
    def of(cls, shape: Sequence[int], axis: int = 0) -> Places:
        """Neurons of an array of this shape, with channels along its first or last axis.

        Examples
        --------
        >>> Places.of((8, 9, 3), axis=-1)
        Places(channels=3, extent=(8, 9), last=True)
        """
        sizes = list(map(int, shape)) or [1]
        return cls(sizes.pop(axis), tuple(sizes), bool(axis) and len(shape) > 1)

    @property
    def size(self) -> int:
        """Neurons."""
        return self.channels * math.prod(self.extent)

    def number(self, axes: int) -> tuple[NDArray[np.int64], tuple[NDArray[np.int64], ...]]:
        """Channel of each neuron, and its place along each of so many axes."""
        extent = (*self.extent, *(1,) * (axes - len(self.extent)))
        shape = (*extent, self.channels) if self.last else (self.channels, *extent)
        numbers = [index.ravel() for index in np.indices(shape)]
        channel = numbers.pop(-1 if self.last else 0)
        return channel, tuple(numbers)


@dataclass(frozen=True)
class Window:
    """Where a kernel reads along one axis: κ = ⌊p / mean⌋ - stride · q - first, 0 ≤ κ < size."""

    size: int
    stride: int
    first: int
    mean: int = 1

    def entry(self, q: Any, p: Any) -> Any:
        """κ for places q of the outputs and p of the inputs; -1 outside of the window."""
        found = p // self.mean - self.stride * q - self.first
        return np.where((found >= 0) & (found < self.size), found, -1)


@dataclass(frozen=True)
class Kernels:
    """Which entries of a matrix (outputs, inputs) are the same weight.

    Attributes
    ----------
    outputs, inputs : tuple of Places
        Its rows and columns, in order; a constant 1 is a last part with one place.
    windows : tuple of tuple of Window
        For each part of the outputs and each of the inputs, outputs first: one window an axis.

    Examples
    --------
    A kernel of two entries that meets three numbers at two places:

    >>> kernels = Kernels((Places(1, (2,)),), (Places(1, (3,)),), ((Window(2, 1, 0),),))
    >>> kernels.spread(np.array([[5.0], [7.0]])).tolist()
    [[5.0, 7.0, 0.0], [0.0, 5.0, 7.0]]
    """

    outputs: tuple[Places, ...]
    inputs: tuple[Places, ...]
    windows: tuple[tuple[Window, ...], ...]

    def __post_init__(self) -> None:
        if len(self.windows) != len(self.outputs) * len(self.inputs):
            rule = "must hold the windows of each part of the outputs and each of the inputs"
            raise _checks.fail("windows", self.windows, rule)
        axes = {len(windows) for windows in self.windows}
        parts = (*self.outputs, *self.inputs)
        if len(axes) != 1 or not max(len(p.extent) for p in parts) <= min(axes) <= _MOST_AXES:
            rule = f"must hold a window for each axis, of {_MOST_AXES} at most"
            raise _checks.fail("windows", self.windows, rule)

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the matrix."""
        rows, columns = (sum(p.size for p in parts) for parts in (self.outputs, self.inputs))
        return rows, columns

    @property
    def core_shape(self) -> tuple[int, int]:
        """Shape of the core."""
        widths = [
            sum(rows.channels * _entries(self._of(k, j)) for k, rows in enumerate(self.outputs))
            for j in range(len(self.inputs))
        ]
        return max(widths), sum(part.channels for part in self.inputs)

    def _of(self, output: int, part: int) -> tuple[Window, ...]:
        return self.windows[output * len(self.inputs) + part]

    @cached_property
    def blocks(self) -> NDArray[np.int64]:
        """Column of the core for each input, shape (inputs,)."""
        found, start, axes = [], 0, len(self.windows[0])
        for part in self.inputs:
            found.append(start + part.number(axes)[0])
            start += part.channels
        return np.concatenate(found)

    @cached_property
    def _by_block(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The inputs by their columns of the core, and where those of each begin."""
        order = np.argsort(self.blocks, kind="stable")
        columns = np.arange(self.core_shape[1] + 1)
        return order, np.searchsorted(self.blocks[order], columns)

    def inputs_of(self, block: int) -> NDArray[np.int64]:
        """The inputs that a column of the core serves, in order."""
        order, first = self._by_block
        return order[first[block] : first[block + 1]]

    @cached_property
    def rows(self) -> NDArray[np.int32]:
        """Row of the core for each entry (outputs, inputs); -1 where there is no weight."""
        found = np.full(self.shape, -1, dtype=np.int32)
        axes, column = len(self.windows[0]), 0
        for j, part in enumerate(self.inputs):
            _, places = part.number(axes)
            row = start = 0
            for k, of in enumerate(self.outputs):
                channel, at = of.number(axes)
                windows = self._of(k, j)
                entry: Any = 0
                inside: Any = True
                for window, q, p in zip(windows, at, places, strict=True):
                    along = window.entry(q[:, None], p[None, :])
                    inside = inside & (along >= 0)
                    entry = entry * window.size + along
                entries = _entries(windows)
                entry = entry + start + channel[:, None] * entries
                block = found[row : row + of.size, column : column + part.size]
                block[:] = np.where(inside, entry, -1)
                row, start = row + of.size, start + of.channels * entries
            column += part.size
        return found

    @cached_property
    def _places(self) -> NDArray[np.int64]:
        """Flat index of an entry of the matrix for each of the core; -1 where there is none."""
        rows, columns = self.core_shape
        found = np.full(rows * columns, -1, dtype=np.int64)
        which = np.flatnonzero(self.rows >= 0)
        inputs = which % self.shape[1]
        found[self.rows.ravel()[which] * columns + self.blocks[inputs]] = which
        return found.reshape(rows, columns)

    def core(self, matrix: Floats) -> Floats:
        """Each weight of a matrix once; 0 where no entry stands for it."""
        return np.where(self._places >= 0, matrix.ravel()[self._places], 0.0)

    def spread(self, core: Floats) -> Floats:
        """The matrix (..., outputs, inputs) of a core."""
        beyond = np.zeros((*core.shape[:-2], 1, core.shape[-1]), dtype=core.dtype)
        found: Floats = np.concatenate([core, beyond], axis=-2)[..., self.rows, self.blocks]
        return found

    def edges(self, column: int, rows: NDArray[np.int64]) -> tuple[Any, NDArray[np.int64]]:
        """Edges to these rows of the core, where an input's place has them; and their outputs.

        Returns
        -------
        ndarray of int, shape (edges,)
            Numbers of the edges, in order; one comes as often as it has outputs.
        ndarray of int, shape (edges,)
            Its outputs.
        """
        of = self.rows[:, column]
        outputs = np.argsort(of, kind="stable")
        of = of[outputs]
        first, beyond = (np.searchsorted(of, rows, side) for side in ("left", "right"))
        counts = beyond - first
        edges = np.repeat(np.arange(len(rows)), counts)
        inside = np.arange(len(edges)) - np.repeat(np.cumsum(counts) - counts, counts)
        return edges, outputs[first[edges] + inside]

    def split(self, widths: NDArray[np.int64], bias: bool) -> tuple[Kernels, Kernels]:
        """The kernels into hidden channels of a random network, and out of them.

        A block's hidden channels stand at the places of its inputs, those of one place together.
        Each reads all channels of inputs with the same places, there alone, and all that have a
        single place; nothing leads to it from others.

        Parameters
        ----------
        widths : ndarray of int, shape (columns of the core,)
            Hidden channels of each block.
        bias : bool
            Whether the second matrix has a last column, of a constant 1 that is not used.
        """
        axes, start = len(self.windows[0]), 0
        hidden: list[Places] = []
        sources: list[int] = []
        for j, part in enumerate(self.inputs):
            each = widths[start : start + part.channels].tolist()
            start += part.channels
            if part.last or not part.extent:
                each = [sum(each)]
            hidden += [Places(width, part.extent, last=True) for width in each]
            sources += [j] * len(each)
        inner = tuple(
            tuple(_same_place(of, part, axis) for axis in range(axes))
            for of, part in product(hidden, self.inputs)
        )
        unused = ((Window(0, 0, 0),) * axes,) * bias
        outer: list[tuple[Window, ...]] = []
        for k in range(len(self.outputs)):
            outer += [*(self._of(k, j) for j in sources), *unused]
        return (
            Kernels(tuple(hidden), self.inputs, inner),
            Kernels(self.outputs, (*hidden, *[Places(1)] * bias), tuple(outer)),
        )

    def stacked(self, weights: NDArray[Any]) -> Any:
        """The core of kernels of one place each, of weights (channels, columns of the core)."""
        core, column = np.zeros(self.core_shape, dtype=weights.dtype), 0
        for j, part in enumerate(self.inputs):
            own = slice(column, column + part.channels)
            column += part.channels
            connected = np.repeat(
                [_entries(self._of(k, j)) > 0 for k in range(len(self.outputs))],
                [of.channels for of in self.outputs],
            )
            core[: np.count_nonzero(connected), own] = weights[connected, own]
        return core

    def all_of(self, flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """For each column of the core, whether a flag (inputs,) is set for all its places."""
        missing = np.bincount(self.blocks[~flags], minlength=self.core_shape[1])
        found: NDArray[np.bool_] = missing == 0
        return found

    def parts(self) -> list[Any]:
        """As a file has it; `from_parts` reads it."""
        places = [[[p.channels, p.extent, p.last] for p in side] for side in self._sides]
        windows = [[[w.size, w.stride, w.first, w.mean] for w in pair] for pair in self.windows]
        return [*places, windows]

    @property
    def _sides(self) -> tuple[tuple[Places, ...], ...]:
        return self.outputs, self.inputs

    @classmethod
    def from_parts(cls, parts: Any) -> Kernels:
        """What `parts` gave, each number checked."""
        outputs, inputs = (
            tuple(
                Places(
                    _checks.count("channels", channels, at_most=2**40),
                    tuple(_checks.count("extent", n, at_most=2**40) for n in extent),
                    _checks.flag("last", last),
                )
                for channels, extent, last in side
            )
            for side in parts[:2]
        )
        windows = tuple(
            tuple(
                Window(
                    _checks.count("size", size, at_least=0, at_most=2**40),
                    _checks.count("stride", stride, at_least=0, at_most=2**40),
                    _checks.count("first", first, at_least=-(2**40), at_most=2**40),
                    _checks.count("mean", mean, at_most=2**40),
                )
                for size, stride, first, mean in pair
            )
            for pair in parts[2]
        )
        return cls(outputs, inputs, windows)


def _same_place(of: Places, part: Places, axis: int) -> Window:
    """The window of one place from inputs to outputs that have as many, or from a single one."""
    q, p = (side.extent[axis] if axis < len(side.extent) else 1 for side in (of, part))
    return Window(1, int(p > 1), 0) if p in (1, q) else Window(0, 0, 0)


def _entries(windows: Sequence[Window]) -> int:
    return math.prod(window.size for window in windows)


def kernels_of(
    matrix: Floats, outputs: Sequence[Places], inputs: Sequence[Places]
) -> Kernels | None:
    """The kernels of a matrix whose rows and columns stand at these places, as small as they can.

    Strides and poolings are tried along each axis. One fits only if all entries of all channels
    agree with it, so weights that happen to be equal count as different ones.

    Parameters
    ----------
    matrix : ndarray, shape (outputs, inputs)
    outputs, inputs : sequence of Places
        The parts of its rows and columns.

    Returns
    -------
    Kernels or None
        None where no weight stands at two places.

    Examples
    --------
    >>> matrix = np.array([[5.0, 7.0, 0.0], [0.0, 5.0, 7.0]])
    >>> kernels_of(matrix, [Places(1, (2,))], [Places(1, (3,))]).windows
    ((Window(size=2, stride=1, first=0, mean=1),),)
    >>> kernels_of(matrix, [Places(2)], [Places(3)]) is None
    True
    """
    axes = max(len(part.extent) for part in (*outputs, *inputs))
    if not 0 < axes <= _MOST_AXES or not matrix.any():
        return None
    rows, columns = (np.cumsum([0, *(p.size for p in side)]) for side in (outputs, inputs))
    close = _CLOSE * float(np.abs(matrix).max())
    windows = tuple(
        tuple(
            _window(matrix[rows[k] : rows[k + 1], columns[j] : columns[j + 1]], of, part, axis)
            for axis in range(axes)
        )
        for (k, of), (j, part) in product(enumerate(outputs), enumerate(inputs))
    )
    found = Kernels(tuple(outputs), tuple(inputs), windows)
    core = found.core(matrix)
    if np.count_nonzero(core) == np.count_nonzero(matrix):
        return None
    return found if (np.abs(found.spread(core) - matrix) <= close).all() else None


def _window(block: Floats, of: Places, part: Places, axis: int) -> Window:
    """The smallest window along an axis that all entries between two parts agree with."""
    qs, ps = (side.extent[axis] if axis < len(side.extent) else 1 for side in (of, part))
    sums, used = _along(block, of, part, axis, qs, ps)
    q, p = (index.ravel() for index in np.indices((qs, ps)))
    best = Window(0, 0, 0)
    if not used.any():
        return best
    close, best = _CLOSE * float(np.abs(sums).max()), Window(qs * ps, ps, -ps * (qs - 1))
    strides = sorted({*range(min(_MOST_STRIDE, ps) + 1), ps})
    means = [m for m in range(1, ps + 1) if ps % m == 0]
    for mean, stride in product(means, strides):
        entry = p // mean - stride * q
        seen = entry[used.ravel()]
        first, size = int(seen.min()), int(seen.max() - seen.min()) + 1
        if size >= best.size:
            continue
        inside = (entry >= first) & (entry < first + size)
        most, least = np.full(size, -np.inf), np.full(size, np.inf)
        np.maximum.at(most, entry[inside] - first, sums.ravel()[inside])
        np.minimum.at(least, entry[inside] - first, sums.ravel()[inside])
        if (most - least <= close).all():
            best = Window(size, stride, first, mean)
    return best


def _along(
    block: Floats, of: Places, part: Places, axis: int, qs: int, ps: int
) -> tuple[Floats, NDArray[np.bool_]]:
    """Random sums of a block over all but an axis (qs, ps), and where any entry is not 0.

    Two random sums with the same factors are equal only if all their terms are.
    """
    rng = np.random.default_rng(0)
    views = []
    for side in (of, part):
        shape = (*side.extent, side.channels) if side.last else (side.channels, *side.extent)
        where = axis + (not side.last) if axis < len(side.extent) else None
        numbers = np.arange(side.size).reshape(shape)
        along = numbers[None] if where is None else np.moveaxis(numbers, where, 0)
        views.append(along.reshape(len(along), -1))
    rows, columns = views
    left, right = rng.uniform(1, 2, rows.shape[1]), rng.uniform(1, 2, columns.shape[1])
    sums, used = np.empty((qs, ps)), np.empty((qs, ps), dtype=bool)
    for q, p in product(range(qs), range(ps)):
        part_of = block[np.ix_(rows[q], columns[p])]
        sums[q, p] = left @ part_of @ right
        used[q, p] = part_of.any()
    return sums, used
