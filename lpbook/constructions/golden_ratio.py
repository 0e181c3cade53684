"""The golden-ratio construction: k digits for each half of a weight."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.batches import batch_size, output_batch_size, pooled_batch_size
from lpbook.constructions.base import (
    SECONDS_A_DRAW,
    Bools,
    Categories,
    Construction,
    Ints,
    Kept,
    Unfilled,
)
from lpbook.constructions.first_hits import (
    STRIP,
    Line,
    Meter,
    Search,
    Strip,
    are_few,
    bands_of,
    blocks_of,
    parts_of,
    strips,
)
from lpbook.digits import MOST_DIGITS, PHI, checked_base, count_digits, greedy
from lpbook.distributions import Hyperbolic, Law, LogLinear, SignedConstant
from lpbook.networks import LEAST_FLOAT
from lpbook.random_network import Rows, unit

_SECONDS_A_DIGIT, _SECONDS_A_BLOCK = 8e-8, 3.5e-5  # measured on one core
_SEEN = 2  # times the rows drawn whole: what is looked at, singly or not, of however many rows
WHOLE = 3.75
"""Times the expected wait for a digit: rows in which few columns still lack any."""
_STRIP_DRAWS, _ROW_DRAWS, _BAND_DRAWS = 20_000, 60, 25
"""Random numbers in the time that a strip takes besides, each of its rows, and each band of it."""
_ROW_BYTES, _DIGIT_BYTES = 128, 80
"""Of memory for each row of the blocks of a strip, and for each digit of its columns."""
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
        # that matters, one more digit makes room. What underflows is lost absolutely.
        slack = 2 * _OUTSIDE * top + 2 * (digits + 8) * LEAST_FLOAT
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
    most_recalled = 1536.0

    @property
    def requirements(self) -> int:  # type: ignore[override]
        return self.digits

    @cached_property
    def _symmetric_laws(self) -> tuple[LogLinear, LogLinear]:
        if self.law == "constant":
            high = self.top / self.base
            return SignedConstant(1.0), Hyperbolic(self.top * self.base ** -(self.digits + 1), high)
        common = Hyperbolic.for_digits(self.digits, self.base, self.top)
        return common, common

    def laws(self, nonnegative: bool) -> tuple[Law, Law]:
        inner, outer = self._symmetric_laws
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

    def recall_work(self, rows: int, outputs: int) -> float:
        # in more rows nearly all digits are found: few numbers beyond them are looked at
        seen = math.ceil(_SEEN * WHOLE / self.probability(nonnegative=False))
        return super().recall_work(min(rows, seen), outputs)

    def recall_besides(self, rows: int, blocks: int, outputs: int) -> float:
        of_rows = rows * (_ROW_DRAWS + _BAND_DRAWS * bands_of(self.digits))
        searches = parts_of(outputs) * -(-blocks // blocks_of(outputs)) * (_STRIP_DRAWS + of_rows)
        return super().recall_besides(rows, blocks, outputs) + searches

    def recall_bytes(self, rows: int, blocks: int, outputs: int) -> float:
        together = min(blocks, blocks_of(outputs))
        columns = min(together * outputs, STRIP)
        return float(_ROW_BYTES) * rows * together + float(_DIGIT_BYTES) * self.digits * columns

    def code_bits(self, rows: int) -> int:
        return 1 + 2 * self.digits

    def code_order(self, rows: int) -> Sequence[int]:
        k = self.digits  # digit by digit, of both halves, which stand for one weight; then the sign
        return [1 + half * k + digit for digit in range(k) for half in range(2)] + [0]

    def seconds(self, outputs: int) -> float:
        return _SECONDS_A_DIGIT * self.digits + _SECONDS_A_BLOCK / outputs

    def block_seconds(
        self, outputs: int, weights: float, nonnegative: bool, rows: int, inner: int
    ) -> float:
        # the first rows are drawn whole; in a full block that is part of what its digits take
        draws: float = min(self._drawn_whole(nonnegative), rows) * (outputs + inner)
        if are_few(weights, outputs):  # none is; in their place, tables with room for all weights
            draws = 2.0 * self.digits * outputs
        empty = SECONDS_A_DRAW * draws + (1 if nonnegative else 2) * _SECONDS_A_BLOCK
        of_weights = super().block_seconds(outputs, weights, nonnegative, rows, inner)
        return of_weights + max(0.0, 1 - weights / outputs) * empty

    def _drawn_whole(self, nonnegative: bool) -> int:
        """Rows of a block that are drawn whole, if there are as many and not only few lack any."""
        return math.ceil(WHOLE / self.probability(nonnegative))

    def choose(self, targets: Floats, rows: Rows, nonnegative: bool, width: int) -> Bools:
        codes: Bools = self.choose_all(targets[None], [rows], np.array([nonnegative]), width)[0]
        return codes

    def recall(self, codes: Bools, rows: Rows, nonnegative: bool, width: int) -> Kept:
        return next(self.recall_all(codes[None], [rows], np.array([nonnegative]), width))

    def choose_all(
        self, targets: Floats, rows: Sequence[Rows], nonnegative: Bools, width: int
    ) -> Bools:
        codes = np.zeros((len(targets), self.code_bits(width), targets.shape[1]), dtype=bool)
        active = np.abs(targets) > self.weight_epsilon
        codes[:, 0] = active & (targets < 0)
        needed = np.broadcast_to(active[:, None], codes[:, 1:].shape)
        for blocks, columns, search in self._searches(codes[:, 0], needed, rows, nonnegative):
            w, wanted = targets[blocks, columns], active[blocks, columns]
            bits = self._greedy(w.reshape(-1), wanted.reshape(-1), search)  # (halves * k, N)
            into = codes[blocks, 1 : 1 + len(bits), columns]
            into[:] = bits.reshape(-1, *w.shape).transpose(1, 0, 2)
        return codes

    def _greedy(self, targets: Floats, active: Bools, search: Search) -> Bools:
        """Which digits make up each target of a strip: (halves * k, N)."""
        k = self.digits
        # a few more columns cost less than picking them
        columns: Any = slice(None) if active.mean() > 0.8 else np.flatnonzero(active)
        magnitudes = np.abs(targets[columns]) + self.shift
        chosen = np.zeros((len(search.outer), magnitudes.size), dtype=bool)
        for first in range(0, len(chosen), k):
            samples = (self._products(search, i, columns) for i in range(first, first + k))
            greedy(magnitudes.copy(), samples, chosen[first : first + k])
        bits = np.zeros(search.outer.shape, dtype=bool)
        bits[:, columns] = chosen & active[columns]
        return bits

    def _products(self, search: Search, category: int, columns: Any) -> Floats:
        """Magnitudes of the products ab that were found."""
        inner_law, outer_law = self._symmetric_laws
        products = outer_law.magnitude_ppf(_level(search.outer[category, columns], False))
        if self.law == "constant":  # |b| = 1
            return products
        inner = _level(search.inner(category, columns), search.nonnegative)
        return inner_law.magnitude_ppf(inner) * products

    def recall_all(
        self, codes: Bools, rows: Sequence[Rows], nonnegative: Bools, width: int
    ) -> Iterator[Kept]:
        outputs = codes.shape[2]
        parts: list[list[tuple[Ints, Kept]]] = []
        needed = codes[:, 1:]
        for blocks, columns, search in self._searches(codes[:, 0], needed, rows, nonnegative):
            wanted = needed[blocks, : len(search.row), columns]  # (J, halves * k, width)
            parts.append([self._found(search, j, each) for j, each in enumerate(wanted)])
            if columns.stop == outputs:
                yield from map(self._joined, zip(*parts, strict=True))
                parts = []

    def _found(self, search: Search, block: int, wanted: Bools) -> tuple[Ints, Kept]:
        """What `wanted` (halves * k, width) names of one block of a strip, and its categories."""
        inner_law, outer_law = self.laws(search.nonnegative)
        category, output = np.nonzero(wanted)
        column = block * wanted.shape[1] + output
        inner = inner_law.ppf(unit(search.inner(category, column)))
        outer = outer_law.ppf(unit(search.outer[category, column]))
        row = search.row[category, column]
        return category, Kept(row, search.first + output, inner, outer)

    @staticmethod
    def _joined(parts: tuple[tuple[Ints, Kept], ...]) -> Kept:
        """Parts of a block in the order of categories, then of outputs."""
        if len(parts) == 1:
            return parts[0][1]
        order = np.argsort(np.concatenate([category for category, _ in parts]), kind="stable")
        arrays = zip(*([k.rows, k.outputs, k.inner, k.outer] for _, k in parts), strict=True)
        return Kept(*(np.concatenate(each)[order] for each in arrays))

    def _searches(
        self, negative: Bools, needed: Bools, rows: Sequence[Rows], nonnegative: Bools
    ) -> Iterator[tuple[slice, slice, Search]]:
        """First hits for what is needed, (blocks, 2k, outputs), strip by strip."""
        for blocks, parts in strips(rows, nonnegative):
            one_sided = bool(nonnegative[blocks.start])
            categories = self.digits * (1 if one_sided else 2)
            meter = Meter(self.line, one_sided)
            whole = self._drawn_whole(one_sided)
            lacking = []
            for columns in parts:
                strip = Strip(rows[blocks], columns.start, columns.stop - columns.start)
                wanted = needed[blocks, :categories, columns].transpose(1, 0, 2)
                search = Search(
                    meter,
                    strip,
                    negative[blocks, columns].reshape(-1),
                    wanted.reshape(categories, -1),
                    whole,
                )
                missing = search.missing.reshape(wanted.shape).transpose(1, 0, 2)
                if missing.any():
                    j, category, output = np.argwhere(missing)[0].tolist()
                    lacking.append((blocks.start + j, category, columns.start + output))
                elif not lacking:
                    yield blocks, columns, search
            if lacking:
                block, category, output = min(lacking)
                raise self.unfilled(category, output, block)

    @cached_property
    def line(self) -> Line:
        """ln|ab| is linear in the numbers drawn: measured in digits, from the lowest end up."""
        inner_law, outer_law = self._symmetric_laws
        per_digit = math.log(self.base)
        lowest = math.log(self.top) - (self.digits + 1) * per_digit
        return Line(
            self.digits,
            (inner_law.log_low + outer_law.log_low - lowest) / per_digit,
            inner_law.log_range / per_digit,
            outer_law.log_range / per_digit,
            self.supplied,
        )

    def supplied(self, inner: Floats, outer: Floats, negative: Bools, nonnegative: bool) -> Ints:
        """Which (half and digit) each neuron supplies to each output; past the last one: none.

        In-weights (rows, 1 or A) and out-weights (rows, A) come as numbers in (0, 1).
        """
        line = self.line
        a = 2 * outer - 1  # in (-1, 1): sign and level of the magnitude
        b = inner if nonnegative else 2 * inner - 1
        position = np.abs(a)
        position *= line.outer
        position += line.start + line.inner * np.abs(b)
        # digit 1 is the highest segment; a segment has its lower end, not its upper one, so that no
        # product is two digits; in either half the product has the sign of the weight
        fits = (np.signbit(a) ^ np.signbit(b)) == negative
        fits &= (position >= 0) & (position < self.digits)
        supplied = self.digits - 1 - position.astype(np.int64)
        supplied += self.digits * np.signbit(b)
        supplied[~fits] = 2 * self.digits
        return supplied

    def unfilled(self, category: int, output: int, block: int = 0) -> Unfilled:
        """The error that no neuron supplies an output with a digit."""
        half, digit = divmod(category, self.digits)
        need = f"digit {digit + 1} of {self.digits} for inputs x {'><'[half]} 0"
        return Unfilled(output, need, block)


def _level(raw: NDArray[np.uint64], positive: bool) -> Floats:
    """Levels of the magnitudes of raw weights, whose law is symmetric or that of a magnitude."""
    levels = unit(raw)
    if not positive:
        levels *= 2.0
        levels -= 1.0
        np.abs(levels, out=levels)
    return levels
