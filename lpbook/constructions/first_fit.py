"""One neuron for each half of a weight: Malach et al., and product weights."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.batches import pooled_batch_size
from lpbook.constructions.base import (
    SECONDS_A_DRAW,
    Bools,
    Categories,
    Construction,
    Ints,
    Kept,
    Unfilled,
    first_rows,
    rows_drawn,
)
from lpbook.distributions import Law, Uniform, UniformProduct
from lpbook.networks import LEAST_FLOAT
from lpbook.random_network import Rows

_SECONDS_A_NUMBER, _SECONDS_A_BLOCK = 1e-8, 7e-5  # measured on one core
_LOST = 8 * LEAST_FLOAT  # where the product of a neuron underflows


@dataclass(frozen=True)
class Malach(Construction):
    r"""One neuron for each half of a weight, with both its weights prescribed.

    Weights are uniform, b on [-1, 1] and a on :math:`[-w_{\max},w_{\max}]`. With
    :math:`\eta=\varepsilon/w_{\max}`, the first neuron with :math:`|a-w|\le\frac\varepsilon2` and
    :math:`b\ge1-\frac\eta2` serves x > 0; its mirror image serves x < 0. A random neuron succeeds
    with probability at least :math:`\eta^2/16`; where the input is known to be at least 0 and G is
    drawn with b > 0, with :math:`\eta^2/8`.

    References
    ----------
    Malach, Yehudai, Shalev-Shwartz and Shamir, *Proving the Lottery Ticket Hypothesis: Pruning is
    All You Need*, ICML 2020.

    Examples
    --------
    >>> scheme = Malach().scheme(max_weight=1.0, weight_epsilon=0.1)
    >>> round(scheme.probability(nonnegative=False), 9)
    0.000625
    """

    @property
    def name(self) -> str:
        return "malach"

    def scheme(self, max_weight: float, weight_epsilon: float) -> MalachScheme:
        return MalachScheme(*_within_float64(max_weight, weight_epsilon))


@dataclass(frozen=True)
class ProductWeights(Construction):
    r"""One neuron for each half of a weight, with only the product of its weights prescribed.

    Weights are uniform, b on [-1, 1] and a on :math:`[-s\,w_{\max},s\,w_{\max}]`. The first neuron
    of either half with :math:`|ab-w|\le\varepsilon` is kept.

    Parameters
    ----------
    reach : float
        The factor s, at least 1. With s = 1 a weight close to :math:`w_{\max}` is hit with
        probability of order ε² only; s = e is best as ε goes to 0.

    Raises
    ------
    TypeError, ValueError
        If `reach` is not a number of at least 1.

    References
    ----------
    Orseau, Hutter and Rivasplata, *Logarithmic Pruning is All You Need*, NeurIPS 2020, product
    weights; the reach: this book, chapter *product_weights*.

    Examples
    --------
    >>> scheme = ProductWeights().scheme(max_weight=1.0, weight_epsilon=0.1)
    >>> round(scheme.probability(nonnegative=False), 4)
    0.0184
    """

    reach: float = math.e

    def __post_init__(self) -> None:
        object.__setattr__(self, "reach", _checks.real("reach", self.reach, at_least=1))

    @property
    def name(self) -> str:
        return "product"

    def scheme(self, max_weight: float, weight_epsilon: float) -> ProductScheme:
        return ProductScheme(*_within_float64(max_weight, weight_epsilon), self.reach)


def malach_success(weight: ArrayLike, epsilon: ArrayLike) -> Any:
    r"""Probability that one neuron gives one half of a weight by Malach et al.'s rule.

    For :math:`a,b\sim U[-1,1]`: the probability of :math:`|a-w|\le\frac\varepsilon2` and
    :math:`b\ge1-\frac\varepsilon2`. At least :math:`\varepsilon^2/16` for
    :math:`|w|\le1` and ε ≤ 2; 0 for :math:`|w|>1+\frac\varepsilon2`.

    Parameters
    ----------
    weight, epsilon : array_like
        Target weights and errors above 0; broadcast.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    Malach et al., ICML 2020; this book, chapter *malach*.

    Examples
    --------
    >>> [round(float(malach_success(w, 0.1)), 9) for w in (0.0, 1.0)]
    [0.00125, 0.000625]
    """
    w, epsilon = _success_arguments(weight, epsilon)
    half = epsilon / 2
    in_range = np.minimum(w + half, 1.0) - np.maximum(w - half, -1.0)
    return (np.maximum(in_range, 0.0) / 2 * np.minimum(half, 2.0) / 2)[()]


def product_success(weight: ArrayLike, epsilon: ArrayLike) -> Any:
    r"""Probability that one neuron gives one half of a weight by its product.

    For :math:`a,b\sim U[-1,1]`: the probability of :math:`|ab-w|\le\varepsilon` with the sign of b
    prescribed, :math:`\frac14[h(|w|+\varepsilon)-h(|w|-\varepsilon)]` with
    :math:`h(z)=z(1-\ln|z|)`, cut off at ± 1.

    Parameters
    ----------
    weight, epsilon : array_like
        Target weights and errors above 0; broadcast.

    References
    ----------
    Orseau, Hutter and Rivasplata, NeurIPS 2020, product weights; this book, chapter
    *product_weights*.

    Examples
    --------
    >>> [round(float(product_success(w, 0.01)), 6) for w in (0.5, 1.0)]
    [0.003466, 1.3e-05]
    """
    w, epsilon = _success_arguments(weight, epsilon)
    law = UniformProduct(1.0)  # its distribution function is (1 + h) / 2
    return ((law.cdf(w + epsilon) - law.cdf(w - epsilon)) / 2)[()]


def _success_arguments(weight: ArrayLike, epsilon: ArrayLike) -> tuple[Floats, Floats]:
    """Magnitudes of weights, and errors above 0."""
    w = np.abs(_checks.array("weight", weight))
    errors = _checks.array("epsilon", epsilon)
    _checks.entries("epsilon", errors, errors > 0, "must be above 0")
    try:
        np.broadcast_shapes(w.shape, errors.shape)
    except ValueError:
        rule = f"shape {errors.shape} must broadcast with {w.shape} of weight"
        raise _checks.fail("epsilon", errors, rule) from None
    return w, errors


def _within_float64(max_weight: float, weight_epsilon: float) -> tuple[float, float]:
    """The arguments of a scheme, checked, if float64 can tell a hit from a miss."""
    max_weight = _checks.real("max_weight", max_weight, above=0)
    least = max_weight * 2.0**-40 + 2 * _LOST
    weight_epsilon = _checks.real(
        "weight_epsilon", weight_epsilon, at_least=least, below=max_weight
    )
    return max_weight, weight_epsilon


@dataclass(frozen=True)
class FirstFit(Categories):
    """Schemes that keep one neuron for each half of a weight: the first that fits.

    Attributes
    ----------
    max_weight : float
        Largest magnitude of a target weight.
    weight_epsilon : float
        Error allowed on each; weights up to this magnitude keep nothing.
    """

    max_weight: float
    weight_epsilon: float

    @property
    def requirements(self) -> int:  # type: ignore[override]
        return 1

    @property
    def tolerance(self) -> float:
        """The error allowed, less what the comparison in float64 may round away."""
        return self.weight_epsilon - 2.0**-46 * self.max_weight - _LOST

    @abstractmethod
    def fits(self, inner: Floats, outer: Floats, targets: Floats) -> Bools:
        """Which neurons give which weight on the half of their sign: (rows, A).

        In-weights (rows, 1 or A), out-weights (rows, A) and targets (A,).
        """

    def pooled_neurons(
        self, positive: Ints, negative: Ints, nonnegative: bool, delta: float
    ) -> int:
        # one open requirement for each half; the other half's, too, with probability 1/2 at most
        halves, crowding = (1, 0.0) if nonnegative else (2, 0.5)
        weights = int(positive.sum() + negative.sum())
        return pooled_batch_size(weights, halves, self.probability(nonnegative), delta, crowding)

    def code_bits(self, rows: int) -> int:
        return 2 * rows.bit_length()

    def seconds(self, outputs: int) -> float:
        # rows until the last of all halves of a block is served, each for both halves
        rows = (math.log(2 * outputs) + 0.6) / self.probability(nonnegative=False)
        return _SECONDS_A_NUMBER * rows / 2

    def block_seconds(
        self, outputs: int, weights: float, nonnegative: bool, rows: int, inner: int
    ) -> float:
        # rows until the last of all halves is served, drawn whole and looked at where needed
        halves = (1 if nonnegative else 2) * weights
        needed = (math.log(halves) + 0.6) / self.probability(nonnegative)
        drawn = rows_drawn(needed, rows, outputs + inner)
        looks = (_SECONDS_A_NUMBER - SECONDS_A_DRAW) * weights
        return drawn * (SECONDS_A_DRAW * (outputs + inner) + looks) + _SECONDS_A_BLOCK

    def choose(self, targets: Floats, rows: Rows, nonnegative: bool, width: int) -> Bools:
        halves = 1 if nonnegative else 2
        b_law, a_law = self.laws(nonnegative)
        active = np.flatnonzero(np.abs(targets) > self.weight_epsilon)  # (A,): outputs to serve
        first = np.full((halves, active.size), -1)  # row of the neuron found, -1 for none
        seen = 0  # rows of earlier chunks
        chunks = iter(rows)
        while (first < 0).any():
            inner_units, outer_units = next(chunks, (None, None))
            if inner_units is None or outer_units is None:
                half, output = np.argwhere(first < 0)[0]
                raise Unfilled(int(active[output]), f"inputs x {'><'[half]} 0")
            if inner_units.shape[1] > 1:
                inner_units = inner_units[:, active]
            # (rows, 1 or A) and (rows, A)
            inner, outer = b_law.ppf(inner_units), a_law.ppf(outer_units[:, active])
            # (rows, A): the half that a neuron serves, 2 for none
            half_served = np.where(self.fits(inner, outer, targets[active]), inner < 0, 2)
            table = first_rows(half_served, halves)  # (halves, A)
            new = (first < 0) & (table >= 0)
            first[new] = seen + table[new]
            seen += len(outer)
        codes = np.zeros((2, targets.size), dtype=np.int64)
        codes[:halves, active] = first + 1
        return self._bits(codes, width)

    def recall(self, codes: Bools, rows: Rows, nonnegative: bool, width: int) -> Kept:
        number = codes.reshape(2, -1, codes.shape[1]).astype(np.int64)  # (2, bits, outputs)
        place = 1 << np.arange(number.shape[1])
        row_of = (number * place[:, None]).sum(axis=1) - 1  # (2, outputs), -1 where nothing is kept
        halves, outputs = np.nonzero(row_of >= 0)  # (kept,), as all that follow
        wanted = row_of[halves, outputs]
        inner_units, outer_units = np.empty(wanted.size), np.empty(wanted.size)
        seen = 0
        chunks = iter(rows)
        while seen <= wanted.max(initial=-1):
            inner, outer = next(chunks, (None, None))
            if inner is None or outer is None:
                raise ValueError(f"the block ends before neuron {wanted.max()}")
            here = (wanted >= seen) & (wanted < seen + len(outer))
            row, output = wanted[here] - seen, outputs[here]
            inner_units[here] = inner[row, output if inner.shape[1] > 1 else 0]
            outer_units[here] = outer[row, output]
            seen += len(outer)
        b_law, a_law = self.laws(nonnegative)
        return Kept(wanted, outputs, b_law.ppf(inner_units), a_law.ppf(outer_units))

    def _bits(self, codes: Ints, width: int) -> Bools:
        """Numbers of the kept rows, from 1, in binary; shape (code_bits, outputs)."""
        place = np.arange(self.code_bits(width) // 2)
        bits: Bools = (codes[:, None, :] >> place[:, None]) & 1 == 1
        return bits.reshape(-1, codes.shape[1])


@dataclass(frozen=True)
class MalachScheme(FirstFit):
    """`Malach` for one layer."""

    def laws(self, nonnegative: bool) -> tuple[Law, Law]:
        inner = Uniform(1.0)
        return (inner.positive() if nonnegative else inner), Uniform(self.max_weight)

    def probability(self, nonnegative: bool) -> float:
        # weights of largest magnitude are the hardest to hit
        p = float(malach_success(1.0, self.tolerance / self.max_weight))
        return 2 * p if nonnegative else p

    def fits(self, inner: Floats, outer: Floats, targets: Floats) -> Bools:
        close_to_one = np.abs(inner) >= 1 - self.tolerance / self.max_weight / 2
        fit: Bools = close_to_one & (
            np.abs(outer - np.copysign(1, inner) * targets) <= self.tolerance / 2
        )
        return fit


@dataclass(frozen=True)
class ProductScheme(FirstFit):
    """`ProductWeights` for one layer.

    Attributes
    ----------
    reach : float
        Largest out-weight, in units of the largest target weight.
    """

    reach: float

    def laws(self, nonnegative: bool) -> tuple[Law, Law]:
        inner = Uniform(1.0)
        return (inner.positive() if nonnegative else inner), Uniform(self.reach * self.max_weight)

    def probability(self, nonnegative: bool) -> float:
        # the density of the product falls with the magnitude: the largest weight is the hardest
        unit = self.reach * self.max_weight
        p = float(product_success(self.max_weight / unit, self.tolerance / unit))
        return 2 * p if nonnegative else p

    def fits(self, inner: Floats, outer: Floats, targets: Floats) -> Bools:
        fit: Bools = np.abs(inner * outer - targets) <= self.tolerance
        return fit
