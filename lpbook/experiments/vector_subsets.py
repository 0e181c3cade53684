r"""How many subsets it takes to hit a target: the two bounds, and what happens when one draws.

A *family* is a set of subsets that may be kept: all of them, or those with at most `kept` numbers.
A *share* is the probability that a uniform point falls where it should: :math:`\varepsilon^d` for a
box of radius :math:`\varepsilon` in :math:`[-1,1]^d`, :math:`q^{-d}` for one point of a grid with q
values in each of d coordinates.
"""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.digits import sums_by_index
from lpbook.distributions import Uniform

__all__ = [
    "enough_subsets",
    "entropy",
    "family_size",
    "grid_hits",
    "hits_by_count",
    "least_numbers",
    "least_subsets",
    "miss_bound",
    "recorded_waits",
    "union_bound",
    "vector_sums",
    "vectors_until_hit",
    "within_of_sum",
]

WAITS = files("lpbook.data") / "vector_waits.json"
"""Written by ``scripts/vector_waits.py``."""

LAW = Uniform(1.0)
"""Of each coordinate of the vectors and targets that are drawn."""

_LEAST = 2.0**-500  # of a probability: two of them together do not underflow
_MOST_NUMBERS = 10_000
_MOST_DRAWS = 10**9


def family_size(n: int, kept: int | None = None) -> int:
    """How many subsets n numbers have, or how many of at most `kept` numbers.

    Examples
    --------
    >>> family_size(10), family_size(10, 2)
    (1024, 56)
    """
    n = _checks.count("n", n, at_least=0, at_most=_MOST_NUMBERS)
    if kept is None:
        return 1 << n
    kept = _checks.count("kept", kept, at_least=0)
    return sum(math.comb(n, j) for j in range(min(kept, n) + 1))


def least_subsets(share: Any, delta: Any) -> Any:
    r"""Counting: a family that hits every target with probability 1 - delta has at least so many.

    Parameters
    ----------
    share : number or SymPy expression
        What share of the targets one sum can serve, in (0, 1].
    delta : number or SymPy expression
        Probability of failure for one fixed target, in [0, 1).

    Examples
    --------
    >>> least_subsets(0.01, 0.1)
    90.0
    """
    share = _checks.formula("share", share, at_least=_LEAST, at_most=1)
    return (1 - _checks.formula("delta", delta, at_least=0, below=1)) / share


def enough_subsets(share: Any, delta: Any) -> Any:
    """With wrap-around, a family of so many subsets misses a fixed target with probability delta.

    Examples
    --------
    >>> round(enough_subsets(0.01, 0.1), 6)
    891.0
    """
    share = _checks.formula("share", share, at_least=_LEAST, at_most=1)
    delta = _checks.formula("delta", delta, at_least=_LEAST, below=1)
    return (1 - delta) * (1 - share) / (delta * share)


def miss_bound(family: Any, share: Any) -> Any:
    """With wrap-around, `family` non-empty subsets miss a set of this share at most so often.

    Examples
    --------
    >>> round(miss_bound(891, 0.01), 6)
    0.1
    """
    family = _checks.formula("family", family, at_least=0)
    share = _checks.formula("share", share, at_least=_LEAST, at_most=1)
    return (1 - share) / (1 - share + family * share)


def least_numbers(subsets: float, kept: int | None = None) -> int:
    """The least n with at least so many subsets (of at most `kept` numbers).

    Examples
    --------
    >>> least_numbers(90), least_numbers(90, kept=2)
    (7, 13)
    """
    subsets = _checks.real("subsets", subsets)
    kept = None if kept is None else _checks.count("kept", kept, at_least=0)
    if kept == 0 and subsets > 1:
        raise _checks.fail("kept", kept, "must be at least 1 where more than 1 subset is asked")
    if family_size(_MOST_NUMBERS, kept if kept is None else min(kept, 64)) < subsets:
        rule = f"takes more than {_MOST_NUMBERS:,} numbers"
        raise _checks.fail("subsets", subsets, rule)
    return bisect_left(range(_MOST_NUMBERS + 1), subsets, key=lambda n: family_size(n, kept))


def entropy(share: Any, log: Any = math.log) -> Any:
    """Binary entropy in bits; `log` may be SymPy's.

    Examples
    --------
    >>> entropy(0.5), round(entropy(0.1), 4)
    (1.0, 0.469)
    """
    share = _checks.formula("share", share, at_least=0, at_most=1)
    log = _checks.instance("log", log, Callable, "must be a function of one number")
    if share in (0, 1):
        return 0.0
    return -(share * log(share) + (1 - share) * log(1 - share)) / log(2)


def vector_sums(numbers: ArrayLike) -> Floats:
    """The sums of all subsets.

    Parameters
    ----------
    numbers : array_like, shape (n, d)
        The vectors that may be summed, n up to 22.

    Returns
    -------
    ndarray of float, shape (2^n, d)
        Bit i of the row's index says whether vector i is in the subset.

    Examples
    --------
    >>> vector_sums([[1, 0], [10, 5]]).tolist()
    [[0.0, 0.0], [1.0, 0.0], [10.0, 5.0], [11.0, 5.0]]
    """
    x = _checks.array("numbers", numbers, ndim=2)
    if len(x) > 22:
        raise _checks.fail("numbers", x, f"at most 22 vectors (n), has shape {x.shape}")
    return sums_by_index(x)


def hits_by_count(
    numbers: ArrayLike, targets: ArrayLike, epsilon: float, period: float | None = None
) -> NDArray[np.bool_]:
    """Whether some subset of the first n vectors comes within epsilon, for n = 0, 1, 2, ...

    Parameters
    ----------
    numbers : array_like, shape (t, n, d)
        For each target its own vectors, n up to 22.
    targets : array_like, shape (t, d)
        What is to be met, in each coordinate up to `epsilon`.
    epsilon : float
        The error allowed, at least 0.
    period : float, optional
        Sums are taken with wrap-around: differences count modulo this number.

    Returns
    -------
    ndarray of bool, shape (t, n + 1)
        Column j: some subset of the first j vectors meets the target. The empty one counts.

    Examples
    --------
    >>> hits_by_count([[[0.5], [0.3]]], [[0.8]], 0.1).tolist()
    [[False, False, True]]
    >>> hits_by_count([[[0.5], [0.3]]], [[-1.5]], 0.1, period=2).tolist()
    [[False, True, True]]
    """
    x = _checks.array("numbers", numbers, ndim=3)
    z = _checks.array("targets", targets, ndim=2)
    epsilon = _checks.real("epsilon", epsilon, at_least=0)
    if period is not None:
        period = _checks.real("period", period, at_least=_LEAST)
    count, n, d = x.shape
    if z.shape != (count, d):
        raise _checks.fail("targets", z, f"must have shape ({count}, {d}), has {z.shape}")
    if n > 22:
        raise _checks.fail("numbers", x, f"at most 22 vectors (n), has shape {x.shape}")
    hit = np.ones((count, n + 1), dtype=bool)
    for i in range(count):
        gaps = -z[i][:, None]  # (d, sums): sum minus target
        for j in range(n + 1):
            if _near(gaps if j == 0 else gaps[:, gaps.shape[1] // 2 :], epsilon, period):
                break
            hit[i, j] = False
            if j < n:
                gaps = np.concatenate([gaps, gaps + x[i, j][:, None]], axis=1)
    return hit


def vectors_until_hit(numbers: ArrayLike, target: ArrayLike, epsilon: float) -> int | None:
    """The least n for which some subset of the first n vectors comes within epsilon of a target.

    The sums of either half are made, and for each of the one the nearest of the other is looked up
    in a k-d tree: 40 vectors in six dimensions take seconds.

    Parameters
    ----------
    numbers : array_like, shape (n, d)
        The vectors in their order, n up to 40.
    target : array_like, shape (d,)
        What is to be met, in each coordinate up to `epsilon`. The empty subset counts.
    epsilon : float
        The error allowed, at least 0.

    Returns
    -------
    int or None
        None where all of them do not do.

    Examples
    --------
    >>> vectors_until_hit([[0.5, 0.5], [0.3, 0.0], [-0.2, 0.1]], [0.3, 0.6], 0.01)
    3
    >>> vectors_until_hit([[0.5, 0.5]], [0.3, 0.6], 0.01) is None
    True
    """
    x = _checks.array("numbers", numbers, ndim=2)
    z = _checks.array("target", target, ndim=1)
    epsilon = _checks.real("epsilon", epsilon, at_least=0)
    if z.shape != x.shape[1:]:
        raise _checks.fail("target", z, f"must have shape ({x.shape[1]},), has {z.shape}")
    if len(x) > 40:
        raise _checks.fail("numbers", x, f"at most 40 vectors (n), has shape {x.shape}")
    if not _some_subset(x, z, epsilon):
        return None
    return bisect_left(range(len(x)), True, key=lambda n: _some_subset(x[:n], z, epsilon))


def _some_subset(x: Floats, z: Floats, epsilon: float) -> bool:
    """Whether some subset comes within epsilon: halves that meet in a k-d tree."""
    from scipy.spatial import KDTree

    half = len(x) // 2
    sums, others = sums_by_index(x[:half]), sums_by_index(x[half:])
    open_ = z - sums
    open_ = open_[(np.abs(open_) <= np.abs(others).max(axis=0) + epsilon).all(axis=1)]
    if not len(open_):
        return False
    least = np.nextafter(epsilon, math.inf)  # the tree finds what is nearer than that
    distance, _ = KDTree(others).query(open_, p=math.inf, distance_upper_bound=least)
    return bool(np.isfinite(distance).any())


def recorded_waits() -> dict[str, Any]:
    """How many vectors it took to come within epsilon, by dimension; a draw that failed is None.

    Examples
    --------
    >>> recorded_waits()["epsilon"]
    0.1
    """
    found: dict[str, Any] = json.loads(WAITS.read_text(encoding="utf-8"))
    return found


@cache
def within_of_sum(count: int, epsilon: Fraction, centre: Fraction = Fraction(0)) -> Fraction:
    """How likely `count` numbers of `LAW`, uniform on [-1, 1], add up to one near `centre`.

    Parameters
    ----------
    count : int
        At least 1.
    epsilon : Fraction
        How near, at least 0. The answer is exact.
    centre : Fraction
        0, where nothing else is said.

    Examples
    --------
    >>> within_of_sum(1, Fraction(1, 4)), within_of_sum(2, Fraction(1, 2))
    (Fraction(1, 4), Fraction(7, 16))
    """
    count = _checks.count("count", count)
    epsilon = _checks.instance("epsilon", epsilon, Fraction, "must be a Fraction")
    if epsilon < 0:
        raise _checks.fail("epsilon", epsilon, "must be at least 0")

    def below(x: Fraction) -> Fraction:  # of the sum of numbers uniform on [0, 1]
        total = sum(
            (-1) ** j * math.comb(count, j) * max(x - j, Fraction(0)) ** count
            for j in range(count + 1)
        )
        return Fraction(total) / math.factorial(count)

    reach = Fraction(LAW.high)
    low, high = (((centre + side * epsilon) / reach + count) / 2 for side in (-1, 1))
    return below(min(high, Fraction(count))) - below(min(low, Fraction(count)))


def union_bound(n: int, d: int, epsilon: Fraction) -> Fraction:
    r"""With at most this probability some subset of n vectors, not empty, meets a given target.

    The vectors are independent and uniform on :math:`[-1,1]^d`:
    :math:`\sum_{k=1}^n\binom nk\Pr[\lvert x_1+\dots+x_k\rvert\le\varepsilon]^d`, exactly. It may
    exceed 1.

    Examples
    --------
    >>> union_bound(2, 1, Fraction(1, 4))
    Fraction(47, 64)
    """
    n = _checks.count("n", n)
    d = _checks.count("d", d)
    shares = (math.comb(n, k) * within_of_sum(k, epsilon) ** d for k in range(1, n + 1))
    return sum(shares, Fraction(0))


def grid_hits(largest: int, n: int) -> dict[int, Fraction]:
    """How likely n numbers from a grid have a subset with exactly this sum, for each target.

    All (2 largest + 1)^n draws are counted: those that reach the same sums together.

    Parameters
    ----------
    largest : int
        Numbers are independent and uniform on the integers from -largest to largest.
    n : int
        How many are drawn.

    Returns
    -------
    dict from int to Fraction
        For each target from -largest to largest the exact probability.

    Examples
    --------
    >>> hits = grid_hits(1, 2)
    >>> {t: str(p) for t, p in hits.items()}
    {-1: '5/9', 0: '1', 1: '5/9'}
    """
    largest = _checks.count("largest", largest)
    n = _checks.count("n", n)
    draws = (2 * largest + 1) ** min(n, 64)
    _checks.work("n" if largest < 10 else "largest", n, draws, _MOST_DRAWS, "draws")
    zero = largest * n  # the bit that stands for the sum 0
    reached = Counter({1 << zero: 1})
    for _ in range(n):
        following: Counter[int] = Counter()
        for sums, ways in reached.items():
            for value in range(-largest, largest + 1):
                moved = sums << value if value >= 0 else sums >> -value
                following[sums | moved] += ways
        reached = following
    total = (2 * largest + 1) ** n
    return {
        t: Fraction(sum(ways for sums, ways in reached.items() if sums >> (zero + t) & 1), total)
        for t in range(-largest, largest + 1)
    }


def _near(gaps: Floats, epsilon: float, period: float | None) -> bool:
    """Whether a column of gaps is within epsilon of 0 in each coordinate."""
    open_ = np.arange(gaps.shape[1])
    for row in gaps:
        gap = row[open_]
        if period is not None:
            gap = gap - period * np.round(gap / period)
        open_ = open_[np.abs(gap) <= epsilon]
    return bool(open_.size)
