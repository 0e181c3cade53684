"""How many random samples fill every category."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lpbook import _checks
from lpbook.digits import MOST_DIGITS

__all__ = [
    "all_hit",
    "batch_size",
    "best_leading_size",
    "expected_samples",
    "output_batch_size",
    "pooled_batch_size",
    "samples_for_both",
    "subset_sum_size",
    "unserved",
]

_MOST_EXACT = 2**40  # in a category: where floats cannot tell, a step takes 0.1 s
_BOUNDS = ("poster", "chernoff", "exact")
_BOTH_BOUNDS = ("simple", "union", "exact")


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
        Which count; ``poster`` is the batch lemma's. Always exact ≤ chernoff ≤ poster.

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
    if bound != "exact":
        return ceiling
    if m > _MOST_EXACT:
        rule = f"takes long to count exactly: at most {_MOST_EXACT}, or take bound='chernoff'"
        raise _checks.fail("per_category", m, rule)
    return _least_size(m, k, c, delta, ceiling)


def best_leading_size(per_category: int, categories: int, probability: float, delta: float) -> int:
    r"""The batch lemma's form of the count with the least leading constant that is enough.

    :math:`\lceil\frac e{e-1}\cdot\frac1c(m-1+\ln\frac k\delta)\rceil`: at most the lemma's, at
    least the exact one; below or above the sharper one.

    Parameters
    ----------
    per_category, categories : int
        Samples wanted in each category, m, and number of categories, k.
    probability, delta : float
        Probability c of one category for one sample, and of failure allowed.

    Returns
    -------
    int
        The number of samples M.

    References
    ----------
    This book, chapter *batch_sampling*, the best leading constant.

    Examples
    --------
    >>> [best_leading_size(m, 20, 1 / 160, 0.01) for m in (1, 100)]
    [1924, 26983]
    """
    m = _checks.count("per_category", per_category, at_most=2**53)
    k = _checks.count("categories", categories, at_most=2**53)
    c = _checks.real("probability", probability, above=0, at_most=1)
    delta = _checks.real("delta", delta, above=0, below=1)
    size = (m - 1 + math.log(k) - math.log(delta)) / (-math.expm1(-1) * c)
    if math.isinf(size):
        raise _checks.fail("probability", c, "needs more samples than a float can count")
    return math.ceil(size)


def samples_for_both(probability: float, delta: float, bound: str = "simple") -> int:
    r"""Samples that serve both halves of a weight, with probability at least 1 - δ.

    One sample serves a given half with probability p, and never both: then N samples fail with
    probability :math:`2(1-p)^N-(1-2p)^N`.

    ==========  ================================================================================
    bound       N
    ==========  ================================================================================
    ``simple``  :math:`\lceil\frac1p\ln\frac2\delta\rceil`
    ``union``   least N with :math:`2(1-p)^N\le\delta`
    ``exact``   least N with :math:`2(1-p)^N-(1-2p)^N\le\delta`
    ==========  ================================================================================

    Parameters
    ----------
    probability : float
        Probability p of one given half for one sample, in (0, 1/2].
    delta : float
        Probability of failure allowed, in (0, 1).
    bound : {"simple", "union", "exact"}
        Which count. Always exact ≤ union ≤ simple.

    Returns
    -------
    int
        The number of samples N.

    Raises
    ------
    TypeError
        If a probability is not a real number.
    ValueError
        If an argument is out of its range, or N exceeds every float.

    References
    ----------
    ``simple``: Malach et al., ICML 2020, for their p; the exact one: this book, chapter *malach*.

    Examples
    --------
    >>> [samples_for_both(0.01, 0.5, bound) for bound in ("simple", "union", "exact")]
    [139, 138, 123]
    """
    p = _checks.real("probability", probability, above=0, at_most=0.5)
    delta = _checks.real("delta", delta, above=0, below=1)
    bound = _checks.one_of("bound", bound, _BOTH_BOUNDS)

    t = math.log(2) - math.log(delta)
    if math.isinf(t / p):
        raise _checks.fail("probability", p, "needs more samples than a float can count")
    if bound == "simple":
        return math.ceil(t / p)
    enough = batch_size(1, 2, p, delta, "exact")
    if bound == "union":
        return enough
    return _least(lambda size: _both_served(size, p, delta), 1, enough)  # one never serves both


def half_missed(probability: ArrayLike, samples: ArrayLike) -> Any:
    r"""Probability :math:`2(1-p)^N-(1-2p)^N` that samples miss a half of a weight.

    Parameters
    ----------
    probability : array_like
        Probabilities p of one given half for one sample, in [0, 1/2].
    samples : array_like
        Numbers N of samples, at least 1; broadcast.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    Examples
    --------
    >>> half_missed([0.0, 0.25, 0.5], 2).tolist()
    [1.0, 0.875, 0.5]
    """
    p, n = _checks.array("probability", probability), _checks.array("samples", samples)
    if not ((p >= 0) & (p <= 0.5)).all():
        raise _checks.fail("probability", p, "must lie in [0, 1/2]")
    if n.min() < 1:
        raise _checks.fail("samples", n, "must be at least 1")
    with np.errstate(divide="ignore"):  # p = 1/2: one half or the other is always served
        neither = np.exp(n * np.log1p(-2 * p))
    return (2 * np.exp(n * np.log1p(-p)) - neither)[()]


def _both_served(size: int, p: float, delta: float) -> bool:
    """Whether 2(1-p)^N - (1-2p)^N <= delta."""
    failure = float(half_missed(p, float(size)))
    if abs(failure - delta) > 1e-9 * delta:
        return failure < delta
    import mpmath

    with mpmath.workdps(_enough_digits(p)):
        one, neither = (mpmath.exp(size * mpmath.log1p(-i * mpmath.mpf(p))) for i in (1, 2))
        return bool(2 * one - neither <= _with_ties(delta, p))


def _enough_digits(p: float) -> int:
    """Where floats cannot tell: 80 more than tell apart N and N + 1 samples of probability p.

    A power of 1 - p with an exponent of about 1/p keeps that many less, and changes by a share of
    about p from one sample to the next.
    """
    return 80 - 2 * math.floor(math.log10(p))


def _with_ties(delta: float, p: float) -> Any:
    """A little more than δ, far less than one sample of probability p changes: ties hold."""
    import mpmath

    return mpmath.mpf(delta) * (1 + mpmath.mpf(p) * mpmath.mpf(10) ** -45)


def pooled_batch_size(
    per_category: int,
    categories: int,
    probability: float,
    delta: float,
    crowding: float = 2.0,
    bound: str = "exact",
) -> int:
    r"""Neurons for the pooled layout: each of them serves at most one requirement.

    One requirement is open in each category; a fresh neuron serves a random one among those that
    it satisfies. Given that it satisfies one, it satisfies at most `crowding` others on average,
    so a category is served with probability at least :math:`c` times the linear interpolation of
    :math:`\frac1{1+N}` at `crowding`, and `batch_size` does the rest.

    Parameters
    ----------
    per_category : int
        Requirements in each category, m: one for each target weight.
    categories : int
        Number of categories: sign of the out-weight times digit, 2k; digits, k, for inputs that
        are never negative; halves, with one neuron for each.
    probability : float
        Probability c that a neuron satisfies one given requirement, in (0, 1].
    delta : float
        Probability of failure allowed, in (0, 1).
    crowding : float
        At least 0. With k digits: 2 for any law of the in-weights and any of the out-weights, 3/2
        where their magnitudes have the same, :math:`1-\frac1{2k}` where in-weights are ± 1 and
        digits equally likely, :math:`\frac{k-1}{2k}` where they are + 1 for inputs that are never
        negative. With one neuron for each half: 1/2, or 0 for such inputs.
    bound : {"poster", "chernoff", "exact"}
        As in `batch_size`.

    Returns
    -------
    int
        The number of neurons M.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules or those of `batch_size`.

    References
    ----------
    This book, chapter *batch_sampling*, the pooled layout.

    Examples
    --------
    >>> pooled_batch_size(30, 16, 1 / 56, 0.01, crowding=1.5)
    6825
    """
    c = _checks.real("probability", probability, above=0, at_most=1)
    crowding = _checks.real("crowding", crowding, at_least=0, at_most=2**53)
    n = math.floor(crowding)
    share = 1 / (n + 1) - (crowding - n) / ((n + 1) * (n + 2))
    if c * share < sys.float_info.min:
        raise _checks.fail("probability", c, "needs more samples than a float can count")
    return batch_size(per_category, categories, c * share, delta, bound)


def output_batch_size(per_output: int, digits: int, outputs: int, delta: float) -> int:
    r"""Neurons of the pooled layout that one output owns, where in-weights are ± 1.

    The out-weight of a neuron says which sign and digit it supplies, each with probability
    :math:`\frac1{2k}`; any of the output's weights that still wants it and finds the right sign
    among the in-weights may have it. The least M with which :math:`2kn` times the probability that
    a given one of these :math:`2k` categories is not served is at most :math:`\delta`.

    Parameters
    ----------
    per_output : int
        Target weights of the output, m.
    digits : int
        Digits k of one half of one weight.
    outputs : int
        Outputs of the layer, n.
    delta : float
        Probability of failure allowed for the whole layer, in (0, 1).

    Returns
    -------
    int
        The number of neurons M of this output.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    This book, chapter *batch_sampling*, pooled by output.

    Examples
    --------
    >>> 5 * output_batch_size(6, 8, 5, 0.01)
    2065
    """
    m = _checks.count("per_output", per_output, at_most=2**17)  # a sum of as many terms a step
    k = _checks.count("digits", digits, at_most=MOST_DIGITS)
    n = _checks.count("outputs", outputs, at_most=2**32)
    delta = _checks.real("delta", delta, at_least=sys.float_info.min, below=1)
    spare = math.ceil(math.log2(4 * k) + math.log2(n) - math.log2(delta))
    enough = batch_size(m + spare, 2 * k * n, 1 / (2 * k), delta / 2, "chernoff")
    return _least(lambda size: 2 * k * n * unserved(size, m, 1 / (2 * k)) <= delta, m - 1, enough)


def subset_sum_size(reach: float, epsilon: float, density: float, delta: float) -> int:
    r"""Random numbers whose subset sums come within ε of every target in [-R, R].

    The numbers are independent, with a density of at least d on [-2R, 2R]. With
    :math:`\kappa=2Rd`, the least n with
    :math:`(1-\frac\kappa2)^n(\frac{2R}\varepsilon-1)(\frac{4R}\varepsilon-1)\le\delta`.

    Parameters
    ----------
    reach : float
        Largest magnitude of a target, R, above 0.
    epsilon : float
        Error allowed, ε, above 0.
    density : float
        Least density of a number on [-2R, 2R], d, above 0; at most :math:`\frac1{4R}`.
    delta : float
        Probability of failure allowed for all targets together, in (0, 1).

    Returns
    -------
    int
        The number of numbers n; 0 where ε ≥ R, since keeping nothing is then enough.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules, or n exceeds every float.

    References
    ----------
    This book, chapter *subset_sum*; the order: Lueker 1998.

    Examples
    --------
    >>> subset_sum_size(0.5, 0.01, 0.5, 0.01)  # uniform on [-1, 1]
    51
    """
    reach = _checks.real("reach", reach, above=0)
    epsilon = _checks.real("epsilon", epsilon, above=0)
    density = _checks.real("density", density, above=0)
    delta = _checks.real("delta", delta, above=0, below=1)
    kappa = 2 * reach * density
    if kappa > 0.5 * (1 + 1e-12):
        raise _checks.fail("density", density, f"must be at most 1/(4 reach) = {0.25 / reach:g}")
    if epsilon >= reach:
        return 0
    odds = math.log(2 * reach / epsilon - 1) + math.log(4 * reach / epsilon - 1) - math.log(delta)
    rate = -math.log1p(-kappa / 2)
    size = odds / rate if rate else math.inf
    if math.isinf(size):
        name, value = ("epsilon", epsilon) if math.isinf(odds) else ("density", density)
        raise _checks.fail(name, value, "needs more numbers than a float can count")
    return math.ceil(size)


def unserved(size: int, m: int, probability: float) -> float:
    r"""Probability that a category with `m` requirements is not served by `size` neurons.

    X of the neurons fall into the category, and each of these serves one of the q requirements
    that are left unless all q signs are wrong, which has probability :math:`2^{-q}`:
    :math:`\mathrm E\bigl[1-\prod_{i=X-m+1}^{X}(1-2^{-i})\bigr]`, and 1 where :math:`X<m`.

    Examples
    --------
    >>> [round(unserved(size, m, 1.0), 9) for size, m in [(1, 1), (2, 2), (3, 2)]]
    [0.5, 0.625, 0.34375]
    """
    from scipy.stats import binom

    spare = np.arange(min(size - m + 1, 1074))  # further on, 2^-spare / 2 is 0 as a float
    logs = np.log1p(-(0.5 ** np.arange(1, spare.size + m)))
    sums = np.concatenate([np.cumsum(logs[::-1])[::-1], [0.0]])  # from the small end: no digit lost
    missed = -np.expm1(sums[spare] - sums[spare + m])
    too_few = float(binom.cdf(m - 1, size, probability))
    return too_few + float(binom.pmf(m + spare, size, probability) @ missed)


def _least_size(m: int, k: int, c: float, delta: float, enough: int) -> int:
    """Least M in [m, enough] that the union bound over exact binomial tails allows."""
    return _least(lambda size: _union_bound_holds(size, m, k, c, delta), m - 1, enough)


def _least(holds: Callable[[int], bool], too_few: int, enough: int) -> int:
    """Least size above `too_few` that `holds`; `enough` does, and so does every larger one.

    `bisect` would do, but it counts to 2^63 only.
    """
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        too_few, enough = (too_few, middle) if holds(middle) else (middle, enough)
    return enough


def _union_bound_holds(size: int, m: int, k: int, c: float, delta: float) -> bool:
    """Whether k Pr[Bin(size, c) < m] <= delta."""
    from scipy.special import betaincc

    # Pr[Bin(M, c) < m] = 1 - I_c(m, M - m + 1); the complement keeps its precision for small c.
    # As floats, since the counts may exceed the integers of NumPy.
    union = k * float(betaincc(float(m), float(size - m + 1), c))
    # its relative error was measured: up to 3e-16 m in SciPy 1.12, 1e-19 m in 1.15
    if abs(union - delta) > (1e-9 + 1e-15 * m) * max(union, delta):
        return union < delta
    return _union_bound_holds_exactly(size, m, k, c, delta)


def _union_bound_holds_exactly(size: int, m: int, k: int, c: float, delta: float) -> bool:
    """The same where floats cannot tell; a tie counts as holding."""
    import mpmath

    with mpmath.workdps(_enough_digits(c)):
        compute = _tail_by_sum if m <= 10_000 else _tail_by_quadrature
        tail = compute(m, size - m + 1, mpmath.mpf(c))
        return bool(k * tail <= _with_ties(delta, c))


def _tail_by_sum(a: int, b: int, x: Any) -> Any:
    r"""Pr[Beta(a, b) > x] = Pr[Bin(a + b - 1, x) < a], with the digits of the mpf `x`."""
    import mpmath

    size, odds = a + b - 1, x / (1 - x)
    tail = term = mpmath.exp(size * mpmath.log1p(-x))
    for j in range(a - 1):
        term *= odds * (size - j) / (j + 1)
        tail += term
    return tail


def _tail_by_quadrature(a: int, b: int, x: Any) -> Any:
    r"""The same in a time that hardly depends on `a` and `b`, where the sum has a terms."""
    import mpmath

    if (a - 1) * (1 - x) > (b - 1) * x:  # the density still rises at x: take the other side
        return 1 - _tail_by_quadrature(b, a, 1 - x)

    def decline(t: Any) -> Any:
        """Density at `t` over density at `x`: falls from 1, and its logarithm is concave."""
        return (t / x) ** (a - 1) * ((1 - t) / (1 - x)) ** (b - 1)

    width = 1 - x
    while decline(x + width) < 0.1:
        width /= 2
    # it falls below 1/10 within two widths, hence below all digits within twice their number
    doublings = 1 + math.ceil(math.log2(2 * mpmath.mp.dps))
    ends = [x, *(x + 2**i * width for i in range(doublings) if 2**i * width < 1 - x)]
    area = mpmath.quad(decline, ends if len(ends) > doublings else [*ends, 1])
    log_beta = mpmath.loggamma(a) + mpmath.loggamma(b) - mpmath.loggamma(a + b)
    density = mpmath.exp((a - 1) * mpmath.log(x) + (b - 1) * mpmath.log(1 - x) - log_beta)
    return area * density


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
