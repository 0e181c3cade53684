"""How sure a measurement is: tolerances and intervals for what is drawn some number of times."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from lpbook import _checks

__all__ = [
    "FALSE_ALARM",
    "Band",
    "hoeffding_tolerance",
    "mean_interval",
    "quantile_band",
    "unlikely_mean",
]

FALSE_ALARM = 1e-6
"""Probability, at most, that a Monte Carlo test of this book fails although all is right."""


def hoeffding_tolerance(
    trials: int,
    *,
    sides: int = 2,
    tests: int = 1,
    width: float = 1.0,
    false_alarm: float = FALSE_ALARM,
) -> float:
    r"""How far the mean of independent trials may be from its expectation, by Hoeffding's bound.

    .. math:: t=(b-a)\sqrt{\frac{\ln(sm/\eta)}{2M}}

    for M trials in [a, b], in m tests of s sides each. With two sides it also bounds, for one test,
    the largest distance of an empirical distribution function from the true one (Dvoretzky, Kiefer
    and Wolfowitz, with Massart's constant).

    Parameters
    ----------
    trials : int
        Independent trials M.
    sides : {1, 2}
        Whether the mean may be off on one side only, or on either.
    tests : int
        How many means are compared; the false alarm is shared by all.
    width : float
        Length b - a of an interval that holds every trial: 1 for what happens or not.
    false_alarm : float
        Probability η, at most, that any of them is off by more.

    Returns
    -------
    float
        The tolerance of each mean.

    References
    ----------
    Hoeffding, JASA 1963; Massart, Annals of Probability 1990; this book, page *toolbox*.

    Examples
    --------
    >>> round(hoeffding_tolerance(1000), 4), round(hoeffding_tolerance(1000, sides=1), 4)
    (0.0852, 0.0831)
    """
    trials = _checks.count("trials", trials)
    sides = _checks.count("sides", sides, at_most=2)
    tests = _checks.count("tests", tests)
    width = _checks.real("width", width, above=0)
    false_alarm = _checks.real("false_alarm", false_alarm, above=0, below=1)
    return width * math.sqrt(math.log(sides * tests / false_alarm) / (2 * trials))


def unlikely_mean(
    observed: float, assumed: float, trials: int, false_alarm: float = FALSE_ALARM
) -> bool:
    """Whether a mean so far from its assumed expectation has probability at most `false_alarm`.

    By Hoeffding's bound with relative entropy, which is sharp near 0 and 1; one-sided.

    Parameters
    ----------
    observed : float
        Mean of the trials, in [0, 1].
    assumed : float
        Their expectation, in (0, 1).
    trials : int
        Independent trials, each in [0, 1].
    false_alarm : float
        What counts as unlikely.

    Examples
    --------
    >>> unlikely_mean(0.0, 0.01, 1000), unlikely_mean(0.0, 0.01, 2000)
    (False, True)
    >>> unlikely_mean(1.0, 0.9, 100), unlikely_mean(1.0, 0.9, 200)
    (False, True)
    """
    import mpmath

    with mpmath.workdps(30):
        a, p = mpmath.mpf(observed), mpmath.mpf(assumed)
        first = a * mpmath.log(a / p) if a else mpmath.mpf(0)
        second = (1 - a) * mpmath.log((1 - a) / (1 - p)) if a < 1 else mpmath.mpf(0)
        return bool(trials * (first + second) >= -mpmath.log(false_alarm))


def mean_interval(values: ArrayLike, confidence: float = 0.95) -> tuple[Any, Any]:
    """Mean over the last axis, and half the width of Student's t-interval for it.

    Parameters
    ----------
    values : array_like, shape (..., n)
        n independent measurements, at least 2.
    confidence : float
        Confidence of the interval, in (0, 1).

    Returns
    -------
    mean, half : ndarray or float, shape (...)

    Examples
    --------
    >>> mean, half = mean_interval([1.0, 2.0, 3.0])
    >>> float(mean), round(float(half), 3)
    (2.0, 2.484)
    """
    from scipy.stats import t

    x = np.asarray(values, dtype=float)
    n = x.shape[-1]
    half = t.ppf((1 + confidence) / 2, n - 1) * x.std(axis=-1, ddof=1) / np.sqrt(n)
    return x.mean(axis=-1), half


class Band(NamedTuple):
    """A quantile of a sample, and where the true one is with the asked-for confidence."""

    estimate: float
    low: float
    high: float


def quantile_band(samples: ArrayLike, level: float, confidence: float = 0.99) -> Band:
    """A quantile with a confidence interval that assumes nothing about the law.

    The number of samples up to the true quantile is binomial, so two of the sorted samples
    enclose it.

    Parameters
    ----------
    samples : array_like, shape (n,)
        Independent samples.
    level : float
        Level of the quantile, in (0, 1).
    confidence : float
        Confidence of the interval, in (0, 1).

    Returns
    -------
    Band
        An end is infinite where n samples cannot tell.

    Examples
    --------
    >>> quantile_band(range(1, 1001), 0.9)
    Band(estimate=900.0, low=875.0, high=925.0)
    """
    from scipy.stats import binom

    values = np.sort(_checks.array("samples", samples, ndim=1))
    level = _checks.real("level", level, above=0, below=1)
    outside = 1 - _checks.real("confidence", confidence, above=0, below=1)
    n = values.size
    low, high = (int(binom.ppf(q, n, level)) for q in (outside / 2, 1 - outside / 2))
    return Band(
        float(np.quantile(values, level, method="inverted_cdf")),
        float(values[low - 1]) if low > 0 else -np.inf,
        float(values[high]) if high < n else np.inf,
    )
