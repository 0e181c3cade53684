"""How many random samples fill every category."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from lpbook import _checks

__all__ = ["all_hit", "batch_size", "expected_samples"]

_BOUNDS = ("poster", "chernoff", "exact")


def batch_size(
    per_category: int, categories: int, probability: float, delta: float, bound: str = "poster"
) -> int:
    r"""Samples that put at least m into each of k categories, with probability at least 1 - δ.

    Each category is hit by one sample with probability at least c; categories may overlap.

    =============  ==============================================================================
    bound          M
    =============  ==============================================================================
    ``poster``     :math:`\lceil\frac2c(m+\ln\frac k\delta)\rceil`
    ``chernoff``   :math:`\lceil\frac1c(m'+t+\sqrt{t^2+2m't})\rceil`, :math:`m'=m-1`,
                   :math:`t=\ln\frac k\delta`
    ``exact``      least :math:`M\ge m` with :math:`k\Pr[\mathrm{Bin}(M,c)<m]\le\delta`
    =============  ==============================================================================

    Parameters
    ----------
    per_category : int
        Samples wanted in each category, m, at least 1.
    categories : int
        Number of categories, k, at least 1.
    probability : float
        Probability c of one category for one sample, in (0, 1].
    delta : float
        Probability of failure allowed, in (0, 1).
    bound : {"poster", "chernoff", "exact"}
        Which count. Always exact ≤ chernoff ≤ poster.

    Returns
    -------
    int
        The number of samples M.

    Raises
    ------
    TypeError
        If a count is not an integer or a probability not a real number.
    ValueError
        If an argument is out of its range, or M exceeds every float.

    References
    ----------
    Orseau, Hutter and Rivasplata, *Logarithmic Pruning is All You Need*, NeurIPS 2020, batch
    sampling; this book, chapter *batch_sampling*, for the other two.

    Examples
    --------
    >>> [batch_size(100, 20, 1 / 160, 0.01, bound) for bound in ("poster", "chernoff", "exact")]
    [34433, 23382, 21776]
    """
    m = _checks.count("per_category", per_category)
    k = _checks.count("categories", categories)
    c = _checks.real("probability", probability, above=0, at_most=1)
    delta = _checks.real("delta", delta, above=0, below=1)
    bound = _checks.one_of("bound", bound, _BOUNDS)

    t = math.log(k) - math.log(delta)
    if bound == "poster":
        size = 2 / c * (m + t)
    else:
        size = (m - 1 + t + math.sqrt(t * t + 2 * (m - 1) * t)) / c
    if math.isinf(size):
        raise _checks.fail("probability", c, "needs more samples than a float can count")
    ceiling = max(math.ceil(size), m)
    return _least_size(m, k, c, delta, ceiling) if bound == "exact" else ceiling


def _least_size(m: int, k: int, c: float, delta: float, enough: int) -> int:
    """Least M in [m, enough] that the union bound over exact binomial tails allows."""
    too_few = m - 1
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        if _union_bound_holds(middle, m, k, c, delta):
            enough = middle
        else:
            too_few = middle
    return enough


def _union_bound_holds(size: int, m: int, k: int, c: float, delta: float) -> bool:
    """Whether k Pr[Bin(size, c) < m] <= delta."""
    from scipy.special import betaincc

    # Pr[Bin(M, c) < m] = 1 - I_c(m, M - m + 1); the complement keeps its precision for small c
    union = k * float(betaincc(m, size - m + 1, c))
    if abs(union - delta) > 1e-9 * delta:
        return union < delta
    return _union_bound_holds_exactly(size, m, k, c, delta)


def _union_bound_holds_exactly(size: int, m: int, k: int, c: float, delta: float) -> bool:
    """The same where floats cannot tell: 60 digits, and a tie counts as holding."""
    import mpmath

    with mpmath.workdps(60):
        p = mpmath.mpf(c)
        term = (1 - p) ** size
        tail = mpmath.mpf(0)
        for j in range(m):
            tail += term
            term = term * (size - j) / (j + 1) * p / (1 - p) if p < 1 else mpmath.mpf(0)
        return bool(k * tail <= mpmath.mpf(delta) * (1 + mpmath.mpf(10) ** -45))


def expected_samples(probabilities: ArrayLike) -> float:
    r"""Expected number of samples until every category has been hit once.

    Parameters
    ----------
    probabilities : array_like, shape (k,)
        Probability of each category for one sample; the categories are disjoint, so these add up
        to at most 1.

    Returns
    -------
    float
        The expectation, infinite where a category has probability 0.

    Raises
    ------
    ValueError
        If a probability is below 0, or they add up to more than 1.

    Notes
    -----
    Samples that arrive at the times of a Poisson process of rate 1 fill the categories
    independently, so the expectation is
    :math:`\int_0^\infty\bigl(1-\prod_i(1-e^{-p_it})\bigr)\,dt`. It is computed on a logarithmic
    scale of :math:`t`, where the trapezoidal rule is accurate to about 12 digits.

    Examples
    --------
    >>> round(expected_samples([0.5, 0.5]), 9)
    3.0
    >>> round(expected_samples([0.25] * 4), 9)  # 4 (1 + 1/2 + 1/3 + 1/4)
    8.333333333
    """
    p = _checks.array("probabilities", probabilities, ndim=1)
    if (p < 0).any() or p.sum() > 1 + 1e-9:
        raise _checks.fail("probabilities", p, "must be at least 0 and add up to at most 1")
    if (p == 0).any():
        return math.inf
    step = 0.02
    s = np.arange(-math.log(p.max()) - 35, -math.log(p.min()) + 6 + math.log(p.size), step)
    t = np.exp(s)
    all_hit = np.log(-np.expm1(-np.outer(t, p))).sum(axis=1)
    return float(step * np.sum(-np.expm1(all_hit) * t))


def all_hit(categories: int, probability: Fraction, samples: int) -> Fraction:
    r"""Probability that every one of some equally likely categories is hit, exactly.

    Parameters
    ----------
    categories : int
        Number of disjoint categories n, at least 1.
    probability : Fraction
        Probability p of each, at most 1/n.
    samples : int
        Number of samples N, at least 0.

    Returns
    -------
    Fraction
        By inclusion and exclusion :math:`\sum_j(-1)^j\binom nj(1-jp)^N`.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> all_hit(2, Fraction(1, 2), 3)
    Fraction(3, 4)
    """
    n = _checks.count("categories", categories)
    size = _checks.count("samples", samples, at_least=0)
    if not 0 < probability * n <= 1:
        raise _checks.fail("probability", probability, f"must lie in (0, 1/{n}]")
    p = Fraction(probability)
    terms = ((-1) ** j * math.comb(n, j) * (1 - j * p) ** size for j in range(n + 1))
    return sum(terms, Fraction(0))
