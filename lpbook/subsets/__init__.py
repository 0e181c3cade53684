r"""Subset sums: the closest to a target, and the sparsest within a tolerance, exactly.

Each target may keep any subset of its n numbers. *Closest* minimises the error; *sparsest* keeps
the fewest numbers among all subsets within :math:`\varepsilon`.

What is compared is the exact real number :math:`\sum_{i\in S}x_i-w`, never a rounded sum. Integers
of 64 bits, which hold a rounded sum beside the subset that makes it, only propose candidates: every
subset that rounding could have put in the wrong order is proposed, and candidates are told apart
exactly. Bit `i` of a code says whether number `i` is kept.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.subsets.exact import Bools, Ints, sizes_of
from lpbook.subsets.solver import Chunk

__all__ = ["MOST_SAMPLES", "Subsets", "closest_subset", "sparsest_subset"]

MOST_SAMPLES = 28
"""Most numbers to choose from: tables of 2^14 sums; 28 bits of a key are left for the subset."""

_CHUNK = 2**16  # targets at a time: what they need beside the result is a few tens of MiB


@dataclass(frozen=True)
class Subsets:
    """A subset of its n numbers for each target.

    Attributes
    ----------
    codes : ndarray of uint32, shape (..., t)
        The subsets as integers: bit i says whether number i is kept.
    errors : ndarray of float, shape (..., t)
        Achieved minus target: the exact difference, rounded once.
    found : ndarray of bool, shape (..., t)
        Whether the subset is what was asked for.
    n : int
        How many numbers there were to choose from.
    """

    codes: NDArray[np.uint32]
    errors: Floats
    found: Bools
    n: int

    @property
    def masks(self) -> Bools:
        """Which numbers are kept: ndarray of bool, shape (..., t, n)."""
        octets = self.codes.astype("<u4", order="C")[..., None].view(np.uint8)
        bits = np.unpackbits(octets, axis=-1, count=self.n, bitorder="little")
        return bits.view(np.bool_)

    @property
    def sizes(self) -> Ints:
        """How many numbers are kept: ndarray of int, shape (..., t)."""
        return sizes_of(self.codes)


def closest_subset(targets: ArrayLike, samples: ArrayLike) -> Subsets:
    r"""Find for each target the subset of its numbers whose sum is closest.

    No other subset comes closer, in exact arithmetic. Among subsets that are exactly as close, the
    one with the fewest numbers is given, and of those the one with the smallest code.

    Parameters
    ----------
    targets : array_like, shape (..., t)
        The numbers to be met.
    samples : array_like, shape (..., n)
        What may be summed, n up to 28: the t targets of a row share its n numbers. Leading shapes
        broadcast.

    Returns
    -------
    Subsets
        `masks` (..., t, n), `errors`, `sizes` and `found` (..., t); all are found, since keeping
        nothing counts.

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If there are no targets, more than 28 numbers, or the leading shapes do not broadcast.

    References
    ----------
    Pensia, Rajput, Nagle, Vishwakarma and Papailiopoulos, *Optimal Lottery Tickets via SubsetSum*,
    NeurIPS 2020, solve it as an integer program for each weight. Meeting in the middle: Horowitz
    and Sahni, *Computing Partitions with Applications to the Knapsack Problem*, J. ACM 1974.

    Examples
    --------
    >>> found = closest_subset([0.5, -0.25, 9.0], [1.0, -0.75, 0.25, 0.125])
    >>> found.masks.astype(int).tolist()
    [[1, 1, 1, 0], [0, 1, 1, 1], [1, 0, 1, 1]]
    >>> found.errors.tolist()
    [0.0, -0.125, -7.625]
    """
    return _solve(targets, samples, None)


def sparsest_subset(targets: ArrayLike, samples: ArrayLike, epsilon: float) -> Subsets:
    r"""Find for each target the smallest subset of its numbers that sums to within `epsilon`.

    Among all subsets with \|error\| ≤ `epsilon`, the one with the fewest numbers; of those the
    closest, and of equally close ones the one with the smallest code. Where no subset comes within
    `epsilon`, `found` is False and the closest subset is given instead.

    Parameters
    ----------
    targets : array_like, shape (..., t)
        The numbers to be met.
    samples : array_like, shape (..., n)
        What may be summed, n up to 28: the t targets of a row share its n numbers. Leading shapes
        broadcast.
    epsilon : float
        The error allowed, at least 0. It is compared with the error as given, rounded once.

    Returns
    -------
    Subsets
        `masks` (..., t, n), `errors`, `sizes` and `found` (..., t).

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If there are no targets, more than 28 numbers, the leading shapes do not broadcast, or
        `epsilon` is below 0.

    References
    ----------
    This book, chapter *subset_sum*.

    Examples
    --------
    >>> found = sparsest_subset([0.5, -0.25, 9.0], [1.0, -0.75, 0.25, 0.125], 0.26)
    >>> found.masks.astype(int).tolist()
    [[0, 0, 1, 0], [0, 0, 0, 0], [1, 0, 1, 1]]
    >>> found.sizes.tolist(), found.found.tolist()
    ([1, 0, 3], [True, True, False])
    """
    return _solve(targets, samples, _checks.real("epsilon", epsilon, at_least=0))


def _solve(targets: Any, samples: Any, epsilon: float | None) -> Subsets:
    """Bring the arguments into rows that share numbers, solve chunk by chunk, and undo."""
    w = _checks.array("targets", targets)
    x = _checks.array("samples", samples, empty=True)
    for name, array in (("targets", w), ("samples", x)):
        if array.ndim == 0:
            raise _checks.fail(name, array, "must have at least one dimension")
    n = x.shape[-1]
    if n > MOST_SAMPLES:
        rule = f"a target may choose from at most {MOST_SAMPLES} numbers (n), has shape {x.shape}"
        raise _checks.fail("samples", x, rule)
    try:
        lead = np.broadcast_shapes(w.shape[:-1], x.shape[:-1])
    except ValueError:
        rule = f"leading shape {x.shape[:-1]} must broadcast with {w.shape[:-1]} of targets"
        raise _checks.fail("samples", x, rule) from None
    if 0 in lead:
        raise _checks.fail("samples", x, f"must not be empty, has shape {x.shape}")

    # axes along which the numbers do not change only add targets to a row
    x = x.reshape((1,) * (len(lead) + 1 - x.ndim) + x.shape)
    shared = [axis for axis, length in enumerate(lead) if x.shape[axis] == 1]
    own = [axis for axis in range(len(lead)) if axis not in shared]
    order = (*own, *shared, len(lead))
    moved = np.broadcast_to(w, (*lead, w.shape[-1])).transpose(order)
    x = x.reshape(math.prod(lead[axis] for axis in own), n)
    rows = moved.reshape(x.shape[0], -1)

    codes = np.empty(rows.shape, np.uint32)
    errors = np.empty(rows.shape)
    found = np.empty(rows.shape, bool)
    for part in _chunks(*rows.shape):
        codes[part], errors[part], found[part] = _solve_chunk(rows[part], x[part[0]], epsilon)
    back = np.argsort(order)
    return Subsets(
        codes.reshape(moved.shape).transpose(back),
        errors.reshape(moved.shape).transpose(back),
        found.reshape(moved.shape).transpose(back),
        n,
    )


def _chunks(rows: int, width: int) -> Iterator[tuple[slice, slice]]:
    """Slices of rows and columns that hold about as many targets as are worked on at once."""
    for top in range(0, rows, step := max(1, _CHUNK // width)):
        for left in range(0, width, _CHUNK):
            yield slice(top, top + step), slice(left, left + _CHUNK)


def _solve_chunk(
    targets: Floats, samples: Floats, epsilon: float | None
) -> tuple[NDArray[np.uint32], Floats, Bools]:
    """Solve rows (R, t) that share numbers (R, n). Zeros are never kept: they are left out."""
    n = samples.shape[1]
    zero = samples == 0
    if not zero.any():
        return Chunk.of(targets, samples).solve(epsilon)
    order = np.argsort(zero, axis=1, kind="stable")
    compact = np.take_along_axis(samples, order, axis=1)
    left = n - zero.sum(axis=1)
    codes = np.zeros(targets.shape, np.uint32)
    errors, found = np.empty(targets.shape), np.empty(targets.shape, bool)
    for m in np.unique(left):
        rows = np.flatnonzero(left == m)
        chunk = Chunk.of(targets[rows], compact[rows, :m])
        short, errors[rows], found[rows] = chunk.solve(epsilon)
        for i in range(m):
            place = order[rows, i].astype(np.uint32)[:, None]
            codes[rows] |= (short >> np.uint32(i) & np.uint32(1)) << place
    return codes, errors, found
