"""Which numbers of a block the search for first hits looks at, and how its time grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.constructions.first_hits import Meter, Search, Strip, Table
from lpbook.constructions.golden_ratio import WHOLE, GoldenRatioScheme
from lpbook.random_network import MOST_SEED, Block

__all__ = ["LOOKED", "PASSED", "REACHED", "UNDRAWN", "growth", "numbers_looked_at"]

UNDRAWN, PASSED, LOOKED, REACHED = range(4)
"""Never drawn; drawn and not looked at; drawn in a row and looked at; reached singly."""
_MOST_SEEN = 2**30  # random numbers: a GiB of looks


class _Watched(Search):
    """A search that notes where it looks."""

    def __init__(self, meter: Meter, strip: Strip, *rest: Any) -> None:
        self.seen = np.full((strip.count, strip.place.size), UNDRAWN, np.int8)
        super().__init__(meter, strip, *rest)

    def _table(self, raw: Any, seen: int, columns: Any) -> Table:
        self.seen[seen : seen + len(raw)] = PASSED
        self.seen[seen : seen + len(raw), columns] = LOOKED
        return super()._table(raw, seen, columns)

    def _reach(self, streams: Any, row: Any, column: Any) -> Table:
        self.seen[row, column] = REACHED
        return super()._reach(streams, row, column)


def numbers_looked_at(
    scheme: GoldenRatioScheme, targets: Floats, count: int, seed: int = 0
) -> tuple[NDArray[np.int8], NDArray[np.int64]]:
    """What happens to each random number of a shared block, for inputs of either sign.

    Parameters
    ----------
    scheme : GoldenRatioScheme
        The construction for one layer.
    targets : ndarray, shape (outputs,)
        Target weights from one input, all above the scheme's ``weight_epsilon`` in magnitude.
    count : int
        Rows of the block.
    seed : int
        The seed of G.

    Returns
    -------
    looks : ndarray of int, shape (count, outputs)
        `UNDRAWN`, `PASSED`, `LOOKED` or `REACHED`.
    last : ndarray of int, shape (outputs,)
        Row of the last neuron that each output waits for.

    Examples
    --------
    >>> from lpbook import GoldenRatio
    >>> scheme = GoldenRatio().scheme(1.0, 0.1)
    >>> looks, last = numbers_looked_at(scheme, np.full(200, 0.5), 400)
    >>> bool((looks[last, np.arange(200)] >= LOOKED).all())
    True
    """
    rule = "must be GoldenRatio().scheme(...)"
    scheme = _checks.instance("scheme", scheme, GoldenRatioScheme, rule)
    count = _checks.count("count", count)
    seed = _checks.count("seed", seed, at_least=0, at_most=MOST_SEED)
    w = _checks.array("targets", targets, ndim=1)
    name, value = ("count", count) if count > w.size else ("targets", w)
    _checks.work(name, value, count * w.size, _MOST_SEEN, "random numbers")
    if np.abs(w).min() <= scheme.weight_epsilon:
        raise _checks.fail("targets", w, f"must exceed {scheme.weight_epsilon} in magnitude")
    rows = [Block(seed, 0, 0, w.size, "shared").chunks(count)]
    needed = np.ones((2 * scheme.digits, w.size), bool)
    whole = round(WHOLE / scheme.probability(nonnegative=False))
    search = _Watched(Meter(scheme.line, False), Strip(rows, 0, w.size), w < 0, needed, whole)
    if search.missing.any():
        raise _checks.fail("count", count, "the block has too few rows for what is needed")
    return search.seen, search.row.max(axis=0)


def growth(sizes: Sequence[float], times: Sequence[float]) -> tuple[float, float]:
    """The power law that fits best: least squares between logarithms.

    Parameters
    ----------
    sizes, times : sequence of float
        At least two, above 0.

    Returns
    -------
    tuple of float
        Power p and factor c of the law c * size**p.

    Examples
    --------
    >>> power, factor = growth([1, 10, 100], [3, 30, 300])
    >>> round(power, 9), round(factor, 9)
    (1.0, 3.0)
    """
    x, y = _checks.array("sizes", sizes, ndim=1), _checks.array("times", times, ndim=1)
    power, intercept = np.polyfit(np.log(x), np.log(y), 1)
    return float(power), float(np.exp(intercept))
