"""The random numbers of the interactive figures: mulberry32, a generator that browsers have too.

With it Python computes what such a figure shows from the figure's seed. Nothing else uses it: the
package draws from `numpy.random`.
"""

from __future__ import annotations

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats

__all__ = ["mulberry32"]


def mulberry32(seed: int, count: int) -> Floats:
    """The first numbers in [0, 1) of a seed.

    Parameters
    ----------
    seed : int
        From 0 to 2^32 - 1.
    count : int
        How many, at most ten million.

    Returns
    -------
    ndarray of float, shape (count,)

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    Tommy Ettinger, *mulberry32*, 2017, public domain.

    Examples
    --------
    >>> mulberry32(1, 2).round(4).tolist()
    [0.6271, 0.0027]
    """
    seed = _checks.count("seed", seed, at_least=0, at_most=2**32 - 1)
    count = _checks.count("count", count, at_least=0, at_most=10**7)
    # the state grows by a constant; products and sums are those of integers modulo 2^32
    steps = np.arange(1, count + 1, dtype=np.uint32)
    state = np.uint32(seed) + steps * np.uint32(0x6D2B79F5)
    t = (state ^ (state >> 15)) * (state | 1)
    t ^= t + (t ^ (t >> 7)) * (t | 61)
    numbers: Floats = (t ^ (t >> 14)) / 2.0**32
    return numbers
