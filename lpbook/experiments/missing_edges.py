r"""Random networks with edges missing at random, and sums some of whose numbers are frozen.

Each in-edge of an intermediate neuron is present with probability q₁ and each out-edge with
probability q₂, independently of all else. A product of two weights is there if both edges are:
with probability :math:`p=q_1q_2`. An edge that is missing is a weight 0, so the network is one with
another law of its weights, and `plan` and `prune` take it as a construction.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.batches import batch_size
from lpbook.constructions import GoldenRatio
from lpbook.constructions.base import (
    Bools,
    Categories,
    Construction,
    Ints,
    Kept,
    first_rows,
    kept_of,
)
from lpbook.constructions.golden_ratio import GoldenRatioScheme
from lpbook.digits import greedy
from lpbook.distributions import Law
from lpbook.random_network import LAYOUTS, Rows
from lpbook.subsets import closest_subset

__all__ = [
    "SparseGoldenRatio",
    "Thinned",
    "errors_with_frozen",
    "least_with_frozen",
    "present_weights",
    "rows_with_missing_numbers",
]


@dataclass(frozen=True)
class Thinned(Law):
    """The law of a weight whose edge may be missing: 0, or as the law says.

    Attributes
    ----------
    law : Law
        The law of a weight that is there; it has no mass at 0.
    present : float
        Probability that the edge is present, in (0, 1].

    Examples
    --------
    >>> from lpbook.distributions import Uniform
    >>> Thinned(Uniform(1.0), 0.5).ppf([0.125, 0.3, 0.7, 0.875]).tolist()
    [-0.5, 0.0, 0.0, 0.5]
    """

    law: Law
    present: float

    def __post_init__(self) -> None:
        present = _checks.real("present", self.present, above=0, at_most=1)
        object.__setattr__(self, "present", present)

    def pdf(self, x: ArrayLike) -> Any:
        """Density of the part that has one."""
        return self.present * self.law.pdf(x)

    def cdf(self, x: ArrayLike) -> Any:
        """Distribution function: it jumps at 0."""
        return self.present * self.law.cdf(x) + (1 - self.present) * (np.asarray(x) >= 0)

    def ppf(self, q: ArrayLike) -> Any:
        """Quantile function."""
        levels, there = self.levels(q)
        return np.where(there, self.law.ppf(levels), 0.0)[()]

    def levels(self, q: ArrayLike) -> tuple[Floats, Bools]:
        """The levels in `law` of weights at these levels, and whether their edges are present."""
        u = np.asarray(q, dtype=float)
        missing = 1 - self.present
        below = self.present * float(self.law.cdf(0.0))  # mass below 0
        there = (u < below) | (u > below + missing)
        return np.clip(np.where(u < below, u, u - missing) / self.present, 0.0, 1.0), there


@dataclass(frozen=True)
class SparseGoldenRatio(Construction):
    r"""The golden-ratio construction in a random network whose edges are missing at random.

    Parameters
    ----------
    present_in, present_out : float
        Probabilities q₁ and q₂ that an in-edge and an out-edge of an intermediate neuron is there.

    Raises
    ------
    TypeError, ValueError
        If one of them is not in (0, 1].

    References
    ----------
    Gadhikar, Mukherjee and Burkholz, ICML 2023, the question; the price: this book, chapter
    *since_missing*.

    Examples
    --------
    >>> import lpbook as lp
    >>> F = lp.Network([[[0.5, -1.0], [0.25, 0.75]]])
    >>> full = lp.plan(F, weight_epsilon=0.01, construction=SparseGoldenRatio())
    >>> half = lp.plan(F, weight_epsilon=0.01, construction=SparseGoldenRatio(present_out=0.5))
    >>> full.neurons == lp.plan(F, weight_epsilon=0.01).neurons, half.neurons / full.neurons
    (True, 2.0...)
    """

    present_in: float = 1.0
    present_out: float = 1.0

    def __post_init__(self) -> None:
        for name in ("present_in", "present_out"):
            value = _checks.real(name, getattr(self, name), above=0, at_most=1)
            object.__setattr__(self, name, value)

    @property
    def name(self) -> str:
        return "sparse-golden-ratio"

    @property
    def layouts(self) -> tuple[str, ...]:
        return LAYOUTS

    def scheme(self, max_weight: float, weight_epsilon: float) -> SparseScheme:
        full = GoldenRatio().scheme(max_weight, weight_epsilon)
        return SparseScheme(full, self.present_in, self.present_out)


@dataclass(frozen=True)
class SparseScheme(Categories):
    """`SparseGoldenRatio` for one layer.

    Attributes
    ----------
    full : GoldenRatioScheme
        The scheme where no edge is missing.
    present_in, present_out : float
        As in `SparseGoldenRatio`.
    """

    full: GoldenRatioScheme
    present_in: float
    present_out: float

    @property
    def requirements(self) -> int:  # type: ignore[override]
        return self.full.digits

    def laws(self, nonnegative: bool) -> tuple[Thinned, Thinned]:
        inner, outer = self.full.laws(nonnegative)
        return Thinned(inner, self.present_in), Thinned(outer, self.present_out)

    def probability(self, nonnegative: bool) -> float:
        return self.present_in * self.present_out * self.full.probability(nonnegative)

    def pooled_neurons(
        self, positive: Ints, negative: Ints, nonnegative: bool, delta: float
    ) -> int:
        raise ValueError("layout='pooled': no count is proved for a pool with missing edges")

    def code_bits(self, rows: int) -> int:
        return self.full.code_bits(rows)

    def seconds(self, outputs: int) -> float:
        return self.full.seconds(outputs) / (self.present_in * self.present_out)

    def choose(self, targets: Floats, rows: Rows, nonnegative: bool, width: int) -> Bools:
        k, active = self.full.digits, np.flatnonzero(np.abs(targets) > self.full.weight_epsilon)
        w = targets[active]
        categories = k if nonnegative else 2 * k
        found = self._first(w < 0, active, rows, nonnegative, np.ones((categories, w.size), bool))
        products = np.abs(found[1] * found[2])
        bits = np.zeros((2 * k, w.size), dtype=bool)
        for first in range(0, categories, k):
            samples = iter(products[first : first + k])
            greedy(np.abs(w) + self.full.shift, samples, bits[first : first + k])
        codes = np.zeros((1 + 2 * k, targets.size), dtype=bool)
        codes[0, active], codes[1:, active] = w < 0, bits
        return codes

    def recall(self, codes: Bools, rows: Rows, nonnegative: bool, width: int) -> Kept:
        active = np.flatnonzero(codes[1:].any(axis=0))
        wanted = codes[1:, active][: self.full.digits * (1 if nonnegative else 2)]
        row, inner, outer = self._first(codes[0, active], active, rows, nonnegative, wanted)
        return kept_of(wanted, np.where(wanted, row, -1).astype(np.int64), inner, outer, active)

    def _first(
        self, negative: Bools, active: Ints, rows: Rows, nonnegative: bool, wanted: Bools
    ) -> Floats:
        """First neuron for what is wanted (categories, A): row, in- and out-weight.

        Shape (3, categories, A).
        """
        found = np.full((3, *wanted.shape), np.nan)
        b_law, a_law = self.laws(nonnegative)
        seen, chunks = 0, iter(rows)
        while (lacking := wanted & np.isnan(found[0])).any():
            inner_units, outer_units = next(chunks, (None, None))
            if inner_units is None or outer_units is None:
                category, output = np.argwhere(lacking)[0].tolist()
                raise self.full.unfilled(category, int(active[output]))
            if inner_units.shape[1] > 1:
                inner_units = inner_units[:, active]
            outer_units = outer_units[:, active]
            (b, with_b), (a, with_a) = b_law.levels(inner_units), a_law.levels(outer_units)
            supplied = self.full.supplied(b, a, negative, nonnegative)
            supplied[~(with_b & with_a)] = 2 * self.full.digits
            row = first_rows(supplied, len(wanted))
            new = (row >= 0) & np.isnan(found[0])
            at = row[new], np.nonzero(new)[1]
            inner = np.broadcast_to(b_law.law.ppf(b), supplied.shape)
            found[:, new] = seen + row[new], inner[at], a_law.law.ppf(a[at])
            seen += len(supplied)
        return found


def present_weights(neurons: Any, outputs: Any, present_in: Any, present_out: Any) -> Any:
    """Weights of a block that are there, on average: an in-weight, and one to each output.

    All arguments may be numbers or symbols.

    Examples
    --------
    >>> present_weights(1000, outputs=32, present_in=1, present_out=0.5)
    17000.0
    """
    return neurons * (present_in + outputs * present_out)


def rows_with_missing_numbers(numbers: int, halves: int, present: float, delta: float) -> int:
    """Neurons of a block, so that each half of a weight has enough numbers to choose from.

    Parameters
    ----------
    numbers : int
        How many are enough, n.
    halves : int
        Halves of weights that choose, H.
    present : float
        Probability p that a neuron's product is there, of the sign of the half.
    delta : float
        Probability of failure; a half of it is for too few numbers.

    Returns
    -------
    int
        The least M with H Pr[Bin(M, p) < n] ≤ δ/2.

    Examples
    --------
    >>> rows_with_missing_numbers(20, 1, 1.0, 0.01)
    20
    >>> rows_with_missing_numbers(20, 1000, 0.25, 0.01)
    171
    """
    return batch_size(numbers, halves, present, delta / 2, "exact")


def least_with_frozen(needed: Any, frozen: Any) -> Any:
    """Numbers that are needed in all where a share of them is frozen.

    Examples
    --------
    >>> least_with_frozen(9, 0.25)
    12.0
    """
    return needed / (1 - frozen)


def errors_with_frozen(
    targets: ArrayLike, numbers: ArrayLike, deleted: int = 0, locked: int = 0
) -> NDArray[np.float64]:
    """Error of the closest subset sum where some numbers are not free.

    Parameters
    ----------
    targets : array_like, shape (N,)
        A target for each row of `numbers`.
    numbers : array_like, shape (N, n)
        The first `deleted` are in no sum, the `locked` ones that follow are in each.
    deleted, locked : int
        How many; at least one number must be free.

    Returns
    -------
    ndarray, shape (N,)
        Magnitudes of the errors.

    Examples
    --------
    >>> numbers = [[0.5, -1.0, 0.25, 0.75]]
    >>> errors_with_frozen([1.0], numbers).tolist()
    [0.0]
    >>> errors_with_frozen([1.0], numbers, deleted=1, locked=1).tolist()
    [1.0]
    """
    t = _checks.array("targets", targets, ndim=1)
    x = _checks.array("numbers", numbers, ndim=2)
    if len(t) != len(x):
        raise _checks.fail("targets", t, f"must have one for each of {len(x)} rows of numbers")
    deleted = _checks.count("deleted", deleted, at_least=0, at_most=x.shape[1] - 1)
    locked = _checks.count("locked", locked, at_least=0, at_most=x.shape[1] - 1 - deleted)
    shift = x[:, deleted : deleted + locked].sum(axis=1)
    left = closest_subset((t - shift)[:, None], x[:, deleted + locked :])
    return np.abs(left.errors[:, 0])
