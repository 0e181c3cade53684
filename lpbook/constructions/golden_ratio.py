"""The golden-ratio construction: k digits for each half of a weight."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.batches import batch_size, output_batch_size, pooled_batch_size
from lpbook.constructions.base import (
    Bools,
    Categories,
    Construction,
    Ints,
    Kept,
    Rows,
    Unfilled,
    first_rows,
    kept_of,
)
from lpbook.digits import MOST_DIGITS, PHI, checked_base, count_digits, greedy
from lpbook.distributions import Hyperbolic, Law, LogLinear, SignedConstant

_OUTSIDE = 2.0**-45  # of its size: how far rounding may take a sample out of its segment


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
        object.__setattr__(self, "base", checked_base(self.base))
        _checks.one_of("law", self.law, ("constant", "common"))
        object.__setattr__(self, "two_sided", _checks.flag("two_sided", self.two_sided))

    @property
    def name(self) -> str:
        return "golden-ratio"

    def scheme(self, max_weight: float, weight_epsilon: float) -> GoldenRatioScheme:
        max_weight = _checks.real("max_weight", max_weight, above=0)
        weight_epsilon = _checks.real("weight_epsilon", weight_epsilon, above=0, below=max_weight)
        top = max_weight + weight_epsilon if self.two_sided else max_weight
        window = 2 * weight_epsilon if self.two_sided else weight_epsilon
        digits = count_digits(window, self.base, top)
        if digits > MOST_DIGITS:
            rule = f"makes {digits:,} digits of a weight, more than {MOST_DIGITS:,}: too near to 1"
            raise _checks.fail("base", self.base, rule)
        # The lemma holds for exact segments, and a sample may leave its own by the rounding of its
        # logarithm. At base φ, where nothing is to spare, this adds up to less than 5/4 of the
        # share by which one sample does; subtractions and sums of at most 60 kept digits fit into
        # what is left of two shares. Two-sided, the aim keeps off the other side as well. Where
        # that matters, one more digit makes room.
        slack = 2 * _OUTSIDE * top
        while top * self.base**-digits + (2 * slack if self.two_sided else slack) > window:
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
class GoldenRatioScheme(Categories):
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

    def pooled_neurons(
        self, positive: Ints, negative: Ints, nonnegative: bool, delta: float
    ) -> int:
        k, c = self.digits, self.probability(nonnegative)
        per_output = (positive + negative)[positive + negative > 0]
        weights, outputs = int(per_output.sum()), per_output.size
        # a neuron that is digit d of one weight: how many open requirements it meets besides
        if self.law == "common":
            crowding = 1.5
        else:
            crowding = (k - 1) / (2 * k) if nonnegative else 1 - 1 / (2 * k)
        categories = k if nonnegative else 2 * k
        pool = pooled_batch_size(weights, categories, c, delta, crowding)
        if self.law == "common":
            return pool
        if nonnegative:
            most = np.maximum(positive, negative)
            owned = {
                int(m): batch_size(int(m), 2 * k * outputs, 1 / (2 * k), delta, "exact")
                for m in np.unique(most[most > 0])
            }
            return min(pool, sum(owned[int(m)] for m in most[most > 0]))
        owned = {
            int(m): output_batch_size(int(m), k, outputs, delta) for m in np.unique(per_output)
        }
        return min(pool, sum(owned[int(m)] for m in per_output))

    def code_bits(self, rows: int) -> int:
        return 1 + 2 * self.digits

    def choose(
        self, targets: Floats, rows: Rows, nonnegative: bool, width: int
    ) -> tuple[Bools, Kept]:
        k = self.digits
        codes = np.zeros((self.code_bits(width), targets.size), dtype=bool)
        active = np.flatnonzero(np.abs(targets) > self.weight_epsilon)  # (A,): outputs to serve
        negative = targets[active] < 0
        halves = 1 if nonnegative else 2
        needed = np.ones((halves * k, active.size), dtype=bool)  # digits of x > 0, then of x < 0
        row, inner, outer = self._first_in_each_segment(active, negative, needed, rows, nonnegative)

        magnitudes = np.abs(targets[active]) + self.shift
        bits = np.zeros_like(needed)
        for half in range(halves):
            part = slice(half * k, (half + 1) * k)
            samples = np.abs(inner[part] * outer[part])  # (k, A)
            greedy(magnitudes.copy(), samples, bits[part])
        codes[0, active] = negative
        codes[1 : 1 + halves * k, active] = bits
        return codes, kept_of(bits, row, inner, outer, active)

    def recall(self, codes: Bools, rows: Rows, nonnegative: bool, width: int) -> Kept:
        halves = 1 if nonnegative else 2
        active = np.flatnonzero(codes[1:].any(axis=0))
        needed = codes[1 : 1 + halves * self.digits, active]
        negative = codes[0, active]
        row, inner, outer = self._first_in_each_segment(active, negative, needed, rows, nonnegative)
        return kept_of(needed, row, inner, outer, active)

    def _first_in_each_segment(
        self, active: Ints, negative: Bools, needed: Bools, rows: Rows, nonnegative: bool
    ) -> tuple[Ints, Floats, Floats]:
        """For each needed (half and digit, output): the first neuron that supplies it.

        `needed` has shape (halves * k, A) for the A outputs in `active`. Returns row, in-weight and
        out-weight of these neurons, each of the shape of `needed`.
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
            # (rows, 1 or outputs) and (rows, outputs): of these the A columns
            if active.size < outer.shape[1]:
                outer = outer[:, active]
                inner = inner if inner.shape[1] == 1 else inner[:, active]
            supplied = self._supplied(inner, outer, negative, nonnegative)  # (rows, A)
            table = first_rows(supplied, needed.shape[0])  # (halves * k, A)
            new = missing & (table >= 0)
            row = table[new]  # (found,), as all that follow
            first[new] = seen + row
            inner_units[new] = inner[row, output[new] if inner.shape[1] > 1 else 0]
            outer_units[new] = outer[row, output[new]]
            missing &= ~new
            seen += len(outer)
        inner_law, outer_law = self.laws(nonnegative)
        return first, inner_law.ppf(inner_units), outer_law.ppf(outer_units)

    def _supplied(self, inner: Floats, outer: Floats, negative: Bools, nonnegative: bool) -> Ints:
        """Which (half and digit) each neuron supplies to each output; past the last one: none.

        In-weights (rows, 1 or A) and out-weights (rows, A) come as numbers in (0, 1).
        """
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
        # digit 1 is the highest segment; a segment has its lower end, not its upper one, so that no
        # product is two digits; in either half the product has the sign of the weight
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
