"""Subsets as numbers: the fewer elements, the smaller."""

from __future__ import annotations

from functools import cache
from math import comb

import numpy as np

from lpbook.subsets.exact import Bools, Ints

__all__ = ["rank", "unrank"]


@cache
def _binomials(n: int) -> Ints:
    """Binomial coefficients C(i, t) for 0 ≤ i ≤ n and 0 ≤ t ≤ n + 1."""
    return np.array([[comb(i, t) for t in range(n + 2)] for i in range(n + 1)], dtype=np.int64)


@cache
def _smaller(n: int) -> Ints:
    """How many subsets of n elements have fewer than t, for 0 ≤ t ≤ n + 1."""
    return np.concatenate([[0], np.cumsum(_binomials(n)[n, : n + 1])])


def rank(masks: Bools) -> Ints:
    """Number of each subset, in the order of size, then of the largest elements.

    Parameters
    ----------
    masks : ndarray of bool, shape (..., n)

    Returns
    -------
    ndarray of int, shape (...)
        From 0, the empty set, to 2^n - 1.

    Examples
    --------
    >>> rank(np.array([[0, 0, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]], dtype=bool))
    array([0, 3, 4, 7])
    """
    n = masks.shape[-1]
    position = np.cumsum(masks, axis=-1)
    within_size = np.where(masks, _binomials(n)[np.arange(n), position], 0).sum(axis=-1)
    ranks: Ints = _smaller(n)[masks.sum(axis=-1)] + within_size
    return ranks


def unrank(ranks: Ints, n: int) -> Bools:
    """The subsets of n elements that have these ranks; the inverse of `rank`.

    Parameters
    ----------
    ranks : ndarray of int, shape (...)
        From 0 to 2^n - 1.
    n : int
        Number of elements.

    Returns
    -------
    ndarray of bool, shape (..., n)

    Examples
    --------
    >>> unrank(np.array([0, 3, 4, 7]), 3).astype(int).tolist()
    [[0, 0, 0], [0, 0, 1], [1, 1, 0], [1, 1, 1]]
    """
    left = np.searchsorted(_smaller(n), ranks, side="right") - 1
    rest = ranks - _smaller(n)[left]
    masks = np.zeros((*np.shape(ranks), n), dtype=bool)
    for i in reversed(range(n)):
        below = _binomials(n)[i, left]
        keep = (left > 0) & (rest >= below)
        masks[..., i] = keep
        rest = rest - below * keep
        left = left - keep
    return masks
