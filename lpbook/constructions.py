r"""One weight out of random samples: which law, how many neurons, which of them to keep.

A *construction* is a recipe without numbers, such as `GoldenRatio()`. For one layer, with its
largest weight and the error allowed on each, it becomes a *scheme*: the laws of the random
weights, the probability that a random neuron supplies one given requirement, and the choice among
drawn neurons. `plan` prices schemes and `prune` runs them; neither knows which it has.

An intermediate neuron with in-weight b and out-weight a computes :math:`a\,\sigma(bx)`. It acts
only on the half of the inputs that has the sign of b, and there with effective weight ab. A target
weight w needs, for either half of its input, neurons whose products add up to w; where the input
is known to be at least 0, the half x > 0 alone.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook import _checks
from lpbook._checks import PHI, Floats
from lpbook.digits import count_digits, greedy
from lpbook.distributions import Hyperbolic, Law, LogLinear, SignedConstant

__all__ = ["CONSTRUCTIONS", "Construction", "GoldenRatio", "Kept", "Scheme", "Unfilled"]

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Rows = Iterator[tuple[Floats, Floats]]
"""Consecutive rows of a block: numbers in (0, 1) for the in-weights and for the out-weights."""


@dataclass(frozen=True)
class Kept:
    """The kept neurons of one block; all arrays have shape (kept edges to an output,).

    Attributes
    ----------
    rows, outputs : ndarray of int
        Row of the block, and the output that the neuron serves.
    inner, outer : ndarray of float
        In-weight b and out-weight a.
    """

    rows: Ints
    outputs: Ints
    inner: Floats
    outer: Floats

    def effective(self, outputs: int) -> Floats:
        """Effective weights for x > 0 and for x < 0, shape (2, outputs)."""
        return self._sum(self.inner * self.outer, outputs)

    def magnitude(self, outputs: int) -> Floats:
        """Sum of the magnitudes of the kept products for either half, shape (2, outputs)."""
        return self._sum(np.abs(self.inner * self.outer), outputs)

    def _sum(self, products: Floats, outputs: int) -> Floats:
        half_and_output = self.outputs + outputs * (self.inner < 0)
        sums = np.bincount(half_and_output, products, minlength=2 * outputs)
        return sums.astype(np.float64).reshape(2, outputs)


class Unfilled(Exception):
    """The random neurons of a block do not supply what a target weight needs.

    Attributes
    ----------
    output : int
        The output whose weight it is.
    need : str
        What is missing.
    """

    def __init__(self, output: int, need: str) -> None:
        super().__init__(output, need)
        self.output, self.need = output, need


class Scheme(ABC):
    """A construction for the weights of one layer.

    Attributes
    ----------
    requirements : int
        What one half of one weight needs filled: k digits, say.
    """

    requirements: int

    @abstractmethod
    def laws(self, nonnegative: bool) -> tuple[Law, Law]:
        """Laws of the in-weights b and of the out-weights a."""

    @abstractmethod
    def probability(self, nonnegative: bool) -> float:
        """Probability, at least, that one random neuron meets one given requirement."""

    @abstractmethod
    def code_bits(self) -> int:
        """Bits that tell, given the seed, which neurons one weight keeps."""

    @abstractmethod
    def choose(self, targets: Floats, rows: Rows, nonnegative: bool) -> tuple[Bools, Kept]:
        """The choice for the weights of one block.

        Parameters
        ----------
        targets : ndarray, shape (outputs,)
            The target weights between one input and all outputs.
        rows : iterator
            The rows of the block, in order; read no further than needed.
        nonnegative : bool
            Whether the input is known to be at least 0.

        Returns
        -------
        codes : ndarray of bool, shape (code_bits, outputs)
        kept : Kept

        Raises
        ------
        Unfilled
            If the rows end before every requirement is met.
        """

    @abstractmethod
    def recall(self, codes: Bools, rows: Rows, nonnegative: bool) -> Kept:
        """The kept neurons that `codes` of an earlier choice name; the same as `choose` gave."""


@dataclass(frozen=True)
class Construction(ABC):
    """A recipe for single weights; its fields are its parameters."""

    @property
    @abstractmethod
    def name(self) -> str:
        """The name under which `plan` and `prune` know it."""

    @abstractmethod
    def scheme(self, max_weight: float, weight_epsilon: float) -> Scheme:
        """The scheme for weights up to `max_weight`, each within `weight_epsilon` < `max_weight`.

        Raises
        ------
        ValueError
            If float64 cannot hold the weights to that accuracy.
        """

    def parameters(self) -> dict[str, Any]:
        """The fields by name, for a ticket's file."""
        return asdict(self)


@dataclass(frozen=True)
class GoldenRatio(Construction):
    r"""The golden-ratio construction: k digits for each half of a weight.

    Parameters
    ----------
    base : float
        Base γ of the decomposition, in (1, φ].
    law : {"constant", "common"}
        ``"constant"``: in-weights ± 1, out-weights hyperbolic on
        :math:`w_{\max}[\gamma^{-(k+1)},\gamma^{-1}]`; every digit is equally likely and a given
        digit, both signs prescribed, has probability :math:`\frac1{4k}`. ``"common"``: both
        weights hyperbolic on the same, best range, `Hyperbolic.for_digits`; then it is at least
        :math:`\frac1{8(k-1)}`. Where the input is known to be at least 0, G is drawn with b > 0
        and both probabilities double.
    two_sided : bool
        Aim at \|w\| + ε and err on both sides, which saves about :math:`\log_\gamma2` digits.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    Orseau, Hutter and Rivasplata, *Logarithmic Pruning is All You Need*, NeurIPS 2020; the laws:
    this book, chapter *hyperbolic*.

    Examples
    --------
    >>> scheme = GoldenRatio().scheme(max_weight=1.0, weight_epsilon=0.01)
    >>> scheme.digits, scheme.probability(nonnegative=False)
    (10, 0.025)
    >>> GoldenRatio(two_sided=True).scheme(1.0, 0.01).digits
    9
    """

    base: float = PHI
    law: str = "constant"
    two_sided: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "base", _checks.base(self.base))
        _checks.one_of("law", self.law, ("constant", "common"))
        if not isinstance(self.two_sided, bool):
            raise TypeError(f"two_sided={self.two_sided!r}: must be a bool")

    @property
    def name(self) -> str:
        return "golden-ratio"

    def scheme(self, max_weight: float, weight_epsilon: float) -> GoldenRatioScheme:
        max_weight = _checks.real("max_weight", max_weight, above=0)
        weight_epsilon = _checks.real("weight_epsilon", weight_epsilon, above=0, below=max_weight)
        top = max_weight + weight_epsilon if self.two_sided else max_weight
        window = 2 * weight_epsilon if self.two_sided else weight_epsilon
        digits = count_digits(window, self.base, top)
        # The lemma holds for exact segments; a sample may leave its own by the rounding of its
        # logarithm, and k subtractions round. Where that matters, one more digit makes room.
        slack = top * (2.0**-44 + 4 * digits * 2.0**-53)
        while top * self.base**-digits + 3 * slack > window:
            digits += 1
            if top * self.base**-digits < slack:
                raise _checks.fail(
                    "weight_epsilon",
                    weight_epsilon,
                    f"must be at least about {4 * slack:.1e}, what float64 can resolve beside "
                    f"the largest weight {max_weight}",
                )
        shift = weight_epsilon - slack if self.two_sided else 0.0
        return GoldenRatioScheme(digits, self.base, self.law, top, shift, weight_epsilon)


@dataclass(frozen=True)
class GoldenRatioScheme(Scheme):
    """`GoldenRatio` for one layer.

    Attributes
    ----------
    digits : int
        Digits of one half of one weight, k.
    base : float
        Base γ.
    law : str
        As in `GoldenRatio`.
    top : float
        What the segments are scaled by: the largest number that the digits reach.
    shift : float
        Added to the magnitude of a weight before it is decomposed.
    weight_epsilon : float
        Weights up to this magnitude keep nothing.
    """

    digits: int
    base: float
    law: str
    top: float
    shift: float
    weight_epsilon: float

    @property
    def requirements(self) -> int:  # type: ignore[override]
        return self.digits

    def _symmetric_laws(self) -> tuple[LogLinear, LogLinear]:
        if self.law == "constant":
            high = self.top / self.base
            return SignedConstant(1.0), Hyperbolic(self.top * self.base ** -(self.digits + 1), high)
        common = Hyperbolic.for_digits(self.digits, self.base, self.top)
        return common, common

    def laws(self, nonnegative: bool) -> tuple[Law, Law]:
        inner, outer = self._symmetric_laws()
        return (inner.positive() if nonnegative else inner), outer

    def probability(self, nonnegative: bool) -> float:
        # one digit's share of the magnitudes, then a fair sign of a, then one of b
        if self.law == "constant":
            magnitude = 1 / self.digits
        else:
            magnitude = 1 / (2 * max(self.digits - 1, 0.5))
        return magnitude / 2 if nonnegative else magnitude / 4

    def code_bits(self) -> int:
        return 1 + 2 * self.digits

    def choose(self, targets: Floats, rows: Rows, nonnegative: bool) -> tuple[Bools, Kept]:
        k = self.digits
        codes = np.zeros((self.code_bits(), targets.size), dtype=bool)
        active = np.flatnonzero(np.abs(targets) > self.weight_epsilon)
        negative = targets[active] < 0
        halves = 1 if nonnegative else 2
        needed = np.ones((halves * k, active.size), dtype=bool)
        row, inner, outer = self._first_in_each_segment(active, negative, needed, rows, nonnegative)

        magnitudes = np.abs(targets[active]) + self.shift
        bits = np.zeros_like(needed)
        for half in range(halves):
            part = slice(half * k, (half + 1) * k)
            samples = np.abs(inner[part] * outer[part])
            greedy(magnitudes.copy(), samples, bits[part])
        codes[0, active] = negative
        codes[1 : 1 + halves * k, active] = bits
        return codes, _kept(bits, row, inner, outer, active)

    def recall(self, codes: Bools, rows: Rows, nonnegative: bool) -> Kept:
        halves = 1 if nonnegative else 2
        active = np.flatnonzero(codes[1:].any(axis=0))
        needed = codes[1 : 1 + halves * self.digits, active]
        negative = codes[0, active]
        row, inner, outer = self._first_in_each_segment(active, negative, needed, rows, nonnegative)
        return _kept(needed, row, inner, outer, active)

    def _first_in_each_segment(
        self, active: Ints, negative: Bools, needed: Bools, rows: Rows, nonnegative: bool
    ) -> tuple[Ints, Floats, Floats]:
        """For each needed (half and digit, output): the first neuron that supplies it.

        Returns its row, its in-weight and its out-weight, each of the shape of `needed`.
        """
        first = np.zeros(needed.shape, dtype=np.int64)
        inner_units, outer_units = np.full(needed.shape, 0.5), np.full(needed.shape, 0.5)
        output = np.broadcast_to(np.arange(active.size), needed.shape)
        missing = needed.copy()
        seen = 0
        while missing.any():
            inner, outer = next(rows, (None, None))
            if inner is None or outer is None:
                raise self._unfilled(missing, active)
            if active.size < outer.shape[1]:
                outer = outer[:, active]
                inner = inner if inner.shape[1] == 1 else inner[:, active]
            supplied = self._supplied(inner, outer, negative, nonnegative)
            table = _first_rows(supplied, needed.shape[0])
            new = missing & (table >= 0)
            row = table[new]
            first[new] = seen + row
            inner_units[new] = inner[row, output[new] if inner.shape[1] > 1 else 0]
            outer_units[new] = outer[row, output[new]]
            missing &= ~new
            seen += len(outer)
        inner_law, outer_law = self.laws(nonnegative)
        return first, inner_law.ppf(inner_units), outer_law.ppf(outer_units)

    def _supplied(self, inner: Floats, outer: Floats, negative: Bools, nonnegative: bool) -> Ints:
        """Which (half and digit) each neuron supplies to each output; past the last one: none."""
        inner_law, outer_law = self._symmetric_laws()
        # ln|ab| is linear in the numbers drawn: measured in digits, from the lowest end up
        per_digit = math.log(self.base)
        lowest = math.log(self.top) - (self.digits + 1) * per_digit
        start = (inner_law.log_low + outer_law.log_low - lowest) / per_digit
        a = 2 * outer - 1  # in (-1, 1): sign and level of the magnitude
        b = inner if nonnegative else 2 * inner - 1
        position = np.abs(a)
        position *= outer_law.log_range / per_digit
        position += start + inner_law.log_range / per_digit * np.abs(b)
        # digit 1 is the highest segment; in either half the product has the sign of the weight
        fits = (np.signbit(a) ^ np.signbit(b)) == negative
        fits &= (position >= 0) & (position < self.digits)
        supplied = self.digits - 1 - position.astype(np.int64)
        supplied += self.digits * np.signbit(b)
        supplied[~fits] = 2 * self.digits
        return supplied

    def _unfilled(self, missing: Bools, active: Ints) -> Unfilled:
        half_and_digit, output = np.argwhere(missing)[0]
        half, digit = divmod(int(half_and_digit), self.digits)
        need = f"digit {digit + 1} of {self.digits} for inputs x {'><'[half]} 0"
        return Unfilled(int(active[output]), need)


def _first_rows(categories: Ints, count: int) -> Ints:
    """First row in which each of `count` categories occurs in each column, -1 where in none.

    Examples
    --------
    >>> _first_rows(np.array([[2, 1], [0, 1], [0, 5]]), 3)
    array([[ 1, -1],
           [-1,  0],
           [ 0, -1]])
    """
    rows, columns = categories.shape
    table = np.full((max(count, int(categories.max()) + 1), columns), rows)
    # not table[categories, column] = row: which of repeated entries stays is up to NumPy's order
    entry = categories * columns + np.arange(columns)
    np.minimum.at(table.reshape(-1), entry.reshape(-1), np.repeat(np.arange(rows), columns))
    table = table[:count]
    return np.where(table < rows, table, -1)


def _kept(bits: Bools, row: Ints, inner: Floats, outer: Floats, active: Ints) -> Kept:
    """The entries of the tables that `bits` keep."""
    outputs = np.broadcast_to(active, bits.shape)[bits]
    return Kept(row[bits], outputs, inner[bits], outer[bits])


CONSTRUCTIONS: Mapping[str, type[Construction]] = {"golden-ratio": GoldenRatio}
"""The constructions that `plan` and `prune` know by name."""


def as_construction(construction: Any) -> Construction:
    """A construction by name, or as it is."""
    if isinstance(construction, Construction):
        return construction
    return CONSTRUCTIONS[_checks.one_of("construction", construction, CONSTRUCTIONS)]()
