"""How many random samples fill every category."""

from __future__ import annotations

import math

from lpbook import _checks

__all__ = ["batch_size"]

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
        Samples wanted in each category, m, from 1 to 2^53.
    categories : int
        Number of categories, k, from 1 to 2^53.
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
    m = _checks.count("per_category", per_category, at_most=2**53)
    k = _checks.count("categories", categories, at_most=2**53)
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
    """The same where floats cannot tell: 80 digits, and a tie counts as holding."""
    import mpmath

    with mpmath.workdps(80):
        p, q = mpmath.mpf(c), 1 - mpmath.mpf(c)
        if q == 0:
            return True
        # the terms below m, downwards from the largest, until they no longer matter
        j = m - 1
        log_choose = (
            mpmath.loggamma(size + 1) - mpmath.loggamma(j + 1) - mpmath.loggamma(size - j + 1)
        )
        term = mpmath.exp(log_choose + j * mpmath.log(p) + (size - j) * mpmath.log(q))
        tail = term
        while j > 0 and term > tail * mpmath.mpf(10) ** -60:
            term *= mpmath.mpf(j) / (size - j + 1) * q / p
            tail += term
            j -= 1
        return bool(k * tail <= mpmath.mpf(delta) * (1 + mpmath.mpf(10) ** -45))
