r"""What the subset sums of random numbers cover, number by number.

Around every subset sum of the numbers drawn so far lies an interval of radius :math:`\eta`. The
part of [-R, R] that these intervals cover, as far as sums are followed that never leave [-R, R],
grows with each number: the chapter *subset_sum* proves how fast.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.distributions import Uniform
from lpbook.subsets import sparsest_subset

__all__ = [
    "cover",
    "covered_shares",
    "missed_shares",
    "product_numbers",
    "stratified",
    "stratified_numbers",
    "uniform_numbers",
]

UNIFORM, LARGEST_PRODUCT = Uniform(2.0), 2 * math.e
"""For R = 1 the best law of the theorem, and the best size of products."""
SLICED = Uniform(1.0)
"""Its range is cut into slices."""


def cover(samples: ArrayLike, eta: float, reach: float = 1.0) -> list[Floats]:
    r"""The sets C_0, ..., C_n, each as disjoint intervals in order.

    :math:`C_0=[-\eta,\eta]` and :math:`C_{t+1}=C_t\cup((C_t+x_{t+1})\cap[-R,R])`: every point of
    :math:`C_t` is within :math:`\eta` of a subset sum of the first t numbers.

    Parameters
    ----------
    samples : array_like, shape (n,)
        The numbers, in the order in which they are drawn.
    eta : float
        Radius of the first interval, above 0 and at most `reach`.
    reach : float
        Half-width R of what is to be covered.

    Returns
    -------
    list of ndarray, each of shape (intervals, 2)
        Lower and upper ends.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    This book, chapter *subset_sum*; the process is that of da Cunha et al., *Revisiting the Random
    Subset Sum Problem*, ESA 2023.

    Examples
    --------
    >>> [c.tolist() for c in cover([0.5], eta=0.125)]
    [[[-0.125, 0.125]], [[-0.125, 0.125], [0.375, 0.625]]]
    """
    x = _checks.array("samples", samples, ndim=1, empty=True)
    reach = _checks.real("reach", reach, above=0)
    eta = _checks.real("eta", eta, above=0, at_most=reach)
    sets = [np.array([[-eta, eta]])]
    for number in x:
        moved = np.clip(sets[-1] + number, -reach, reach)
        sets.append(_union(np.concatenate([sets[-1], moved[moved[:, 0] < moved[:, 1]]])))
    return sets


def _union(intervals: Floats) -> Floats:
    """Intervals that overlap or touch, joined."""
    intervals = intervals[np.argsort(intervals[:, 0])]
    highest = np.maximum.accumulate(intervals[:, 1])
    first = np.concatenate([[True], intervals[1:, 0] > highest[:-1]])
    last = np.concatenate([first[1:], [True]])
    return np.column_stack([intervals[first, 0], highest[last]])


def covered_shares(samples: ArrayLike, eta: float, reach: float = 1.0) -> Floats:
    r"""Shares :math:`v_0,\dots,v_n` of [-R, R] that :math:`C_0,\dots,C_n` fill: see `cover`.

    Parameters
    ----------
    samples, eta, reach
        As in `cover`.

    Returns
    -------
    ndarray of float, shape (n + 1,)

    Examples
    --------
    >>> covered_shares([0.5, 0.125], eta=0.125).tolist()
    [0.125, 0.25, 0.375]
    """
    sets = cover(samples, eta, reach)
    return np.array([np.diff(c, axis=1).sum() for c in sets]) / (2 * reach)


def stratified(size: int | tuple[int, ...], high: float, rng: np.random.Generator) -> Floats:
    """One uniform number in each of n equal slices of [-high, high], n the last axis of `size`.

    Examples
    --------
    >>> x = stratified(4, 2.0, np.random.default_rng(0))
    >>> np.floor(x).tolist()
    [-2.0, -1.0, 0.0, 1.0]
    """
    levels = _checks.generator("rng", rng).random(size)
    n = levels.shape[-1]
    numbers: Floats = _checks.real("high", high, above=0) * (2 * (np.arange(n) + levels) / n - 1)
    return numbers


def uniform_numbers(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Uniform on [-2, 2]: the best law of the theorem for R = 1."""
    numbers: Floats = UNIFORM.rvs(shape, rng=rng)
    return numbers


def product_numbers(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Products of two uniform weights, up to 2e: the best of the theorem for R = 1."""
    return LARGEST_PRODUCT * rng.uniform(-1, 1, shape) * rng.uniform(-1, 1, shape)


def stratified_numbers(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """One in each of n equal slices of [-1, 1], n the last axis of `shape`."""
    return stratified(shape, SLICED.high, rng)


def missed_shares(
    draw: Callable[[tuple[int, ...], np.random.Generator], Floats],
    n: int,
    targets: ArrayLike,
    epsilon: float,
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """For each target, how often no subset of n numbers of its own comes within `epsilon`.

    Parameters
    ----------
    draw : callable
        Takes a shape, whose last axis is n, and `rng`; returns the numbers.
    n : int
        How many numbers each target has in each draw.
    targets : array_like, shape (t,)
        What is to be met.
    epsilon : float
        The error allowed.
    draws : int
        Independent draws for each target.
    rng : numpy.random.Generator
        Handed to `draw`.

    Returns
    -------
    ndarray of float, shape (t,)

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> ones = lambda shape, rng: np.ones(shape)
    >>> missed_shares(ones, 2, [0.0, 1.5, 2.0], 0.1, 10, rng).tolist()
    [0.0, 1.0, 0.0]
    """
    w = _checks.array("targets", targets, ndim=1)
    draws = _checks.count("draws", draws)
    missed = np.zeros(w.size, np.int64)
    at_once = max(1, 2**20 // max(1, n * w.size))
    for start in range(0, draws, at_once):
        shape = (min(at_once, draws - start), w.size)
        rows = np.broadcast_to(w[:, None], (*shape, 1))
        found = sparsest_subset(rows, draw((*shape, n), rng), epsilon).found
        missed += (~found[..., 0]).sum(axis=0)
    return missed / draws
