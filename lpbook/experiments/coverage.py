"""Random numbers that are to cover [0, 1] by their subset sums, with no segment in mind."""

from __future__ import annotations

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.digits import segments

__all__ = ["coverage_draws"]


_MOST_DRAWS = 2**30


def range_of(k: int) -> tuple[float, float]:
    """From the lower end of the last of k segments to the upper end of the first."""
    low, high = segments(_checks.count("k", k))
    return float(low[-1]), float(high[0])


def coverage_draws(k: int, samples: int, trials: int, seed: int = 0) -> Floats:
    """Log-uniform samples from the range of k segments in base φ.

    Parameters
    ----------
    k, samples, trials : int
        Segments, samples of one draw, and draws.
    seed : int
        Where the random numbers come from.

    Returns
    -------
    ndarray of float, shape (trials, samples)

    Examples
    --------
    >>> coverage_draws(2, samples=3, trials=1).round(3).tolist()
    [[0.436, 0.306, 0.246]]
    """
    size = (_checks.count("trials", trials), _checks.count("samples", samples))
    name, value = ("trials", trials) if size[0] > size[1] else ("samples", samples)
    _checks.work(name, value, size[0] * size[1], _MOST_DRAWS, "random numbers")
    seed = _checks.count("seed", seed, at_least=0, at_most=2**256 - 1)
    low, high = range_of(k)
    levels = np.random.default_rng(seed).random(size)
    drawn: Floats = low * (high / low) ** levels
    return drawn
