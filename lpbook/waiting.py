"""How many neurons are drawn until one weight is served: waits that are drawn, and their law."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook.constructions.first_fit import FirstFit

__all__ = ["Band", "drawn_waits", "geometric_waits", "quantile_band"]

_CHUNK = 1 << 17


def drawn_waits(
    scheme: FirstFit, weight: float, trials: int, *, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Neurons drawn until both halves of a weight are served, by drawing every one of them.

    Parameters
    ----------
    scheme : FirstFit
        ``Malach().scheme(...)`` or ``ProductWeights().scheme(...)``: its laws, its rule.
    weight : float
        The target weight, at most ``scheme.max_weight`` in magnitude.
    trials : int
        How many waits, at least 1. Each starts where the one before has ended.
    rng : numpy.random.Generator
        Source of the neurons.

    Returns
    -------
    ndarray of int, shape (trials,)

    Examples
    --------
    >>> from lpbook.constructions import Malach
    >>> scheme = Malach().scheme(max_weight=1.0, weight_epsilon=0.5)
    >>> drawn_waits(scheme, 0.7, 3, rng=np.random.default_rng(0)).tolist()
    [10, 50, 12]
    """
    top = scheme.max_weight
    targets = np.array([_checks.real("weight", weight, at_least=-top, at_most=top)])
    trials = _checks.count("trials", trials)
    rng = _checks.generator("rng", rng)
    b_law, a_law = scheme.laws(nonnegative=False)
    waits: list[int] = []
    drawn, start, served = 0, 0, set()
    while len(waits) < trials:
        b, a = b_law.rvs(_CHUNK, rng=rng), a_law.rvs(_CHUNK, rng=rng)
        hits = np.flatnonzero(scheme.fits(b, a, targets))
        for i, positive in zip((hits + drawn + 1).tolist(), (b[hits] > 0).tolist(), strict=True):
            served.add(positive)
            if len(served) == 2:
                waits.append(i - start)
                start, served = i, set()
        drawn += _CHUNK
    return np.array(waits[:trials], dtype=np.int64)


def geometric_waits(
    probability: float, trials: int, *, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The same waits from their law, without drawing a neuron.

    Each neuron serves either half with `probability` p, never both: the wait is a geometric
    number of parameter 2p (until one half is served) plus one of parameter p (until the other is).

    Parameters
    ----------
    probability : float
        Probability p of one given half for one neuron, in (0, 1/2].
    trials : int
        How many waits, at least 1.
    rng : numpy.random.Generator
        Source of the waits.

    Returns
    -------
    ndarray of int, shape (trials,)

    References
    ----------
    This book, chapter *malach*.

    Examples
    --------
    >>> waits = geometric_waits(0.001, 10_000, rng=np.random.default_rng(0))
    >>> abs(waits.mean() - 1500) < 60
    np.True_
    """
    p = _checks.real("probability", probability, above=0, at_most=0.5)
    trials = _checks.count("trials", trials)
    rng = _checks.generator("rng", rng)
    return rng.geometric(2 * p, trials) + rng.geometric(p, trials)


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
