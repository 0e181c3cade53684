"""Subset sums: each half of a weight keeps any subset of the products drawn for it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.batches import batch_size, subset_sum_size
from lpbook.constructions.base import (
    SECONDS_A_DRAW,
    Bools,
    Construction,
    Ints,
    Kept,
    Scheme,
    Unfilled,
    kept_of,
    rows_drawn,
)
from lpbook.distributions import Law, SignedConstant, Uniform, UniformProduct
from lpbook.networks import LEAST_FLOAT
from lpbook.random_network import LAYOUTS, Rows
from lpbook.subsets import MOST_SAMPLES, closest_subset, sparsest_subset
from lpbook.subsets.ranks import rank, unrank

_SECONDS_A_BLOCK = 7e-4  # measured on one core
_SPARE = 13  # numbers beyond log2(w_max/ε): a few thousand subsets then come within ε
_MOST_CANDIDATES = 2**14  # for each half of a weight: a search of all takes several seconds
_LOST = 64 * LEAST_FLOAT  # where the products of a weight underflow
_FINEST = 2.0**-20  # of the largest weight; below, 28 numbers rarely hold a subset that fits


@dataclass(frozen=True)
class SubsetSum(Construction):
    r"""Any subset of the products: each half of a weight keeps the subset that fits.

    Weights are uniform; a neuron with b > 0 offers its product to the half x > 0 of every output,
    one with b < 0 to the other half, so each weight chooses from numbers of its own.

    Parameters
    ----------
    objective : {"sparsest", "closest"}
        Keep the fewest numbers within ε, or come as close as possible.
    candidates : int, optional
        Numbers for each half of a weight. Without it: as many as the theorem asks for, so that all
        targets are within reach with the probability wanted. A number given is an experiment: the
        theorem says nothing about it.
    law : {"product", "constant"}, optional
        ``"product"``: b uniform on [-1, 1], a on :math:`[-s\,w_{\max},s\,w_{\max}]`.
        ``"constant"``: b = ± 1 instead. The default is ``"product"``, for stratified draws
        ``"constant"``.
    reach : float, optional
        The factor s, at least 1; by default the best for the theorem, 2e for ``"product"`` and 2
        for ``"constant"``, and 1 for stratified draws.
    stratified : bool
        Draw number i of n uniformly from the i-th of n equal slices of the range, as many with
        b = + 1 as with b = - 1. The weights of G are then no longer independent and identically
        distributed, and the theorem does not apply; `candidates` must be given.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    Notes
    -----
    An exact search takes at most 28 numbers. Where there are more candidates they are searched in
    groups, one after the other, until one holds a subset within ε. The theorem speaks of the
    subsets of all candidates, so `prune` may give up, with an error, where one exists; with the
    theorem's number there are so many groups that this was not seen.

    References
    ----------
    Pensia, Rajput, Nagle, Vishwakarma and Papailiopoulos, *Optimal Lottery Tickets via SubsetSum*,
    NeurIPS 2020; the count: this book, chapter *subset_sum*.

    Examples
    --------
    >>> scheme = SubsetSum().scheme(max_weight=1.0, weight_epsilon=0.01)
    >>> scheme.block_rows(halves=1, blocks=1, nonnegative=True, delta=0.01)
    165
    """

    objective: str = "sparsest"
    candidates: int | None = None
    law: str | None = None
    reach: float | None = None
    stratified: bool = False

    def __post_init__(self) -> None:
        _checks.one_of("objective", self.objective, ("sparsest", "closest"))
        object.__setattr__(self, "stratified", _checks.flag("stratified", self.stratified))
        law = self.law
        if law is None:
            law = "constant" if self.stratified else "product"
        _checks.one_of("law", law, ("product", "constant"))
        reach = self.reach
        if reach is None:
            reach = 1.0 if self.stratified else 2.0 if law == "constant" else 2 * math.e
        reach = _checks.real("reach", reach, at_least=1)
        if self.candidates is not None:
            number = _checks.count("candidates", self.candidates, at_most=_MOST_CANDIDATES)
            object.__setattr__(self, "candidates", number)
        elif self.stratified:
            rule = "must be given for stratified draws: the theorem does not speak of them"
            raise _checks.fail("candidates", None, rule)
        elif growth(law, reach) <= 0:
            least = "more than 2" if law == "product" else "at least 2"
            rule = f"must be {least} for the theorem, or candidates be given"
            raise _checks.fail("reach", reach, rule)
        if self.stratified and law != "constant":
            raise _checks.fail("law", law, "must be 'constant' for stratified draws")
        object.__setattr__(self, "law", law)
        object.__setattr__(self, "reach", reach)

    @property
    def name(self) -> str:
        return "subset-sum"

    @property
    def layouts(self) -> tuple[str, ...]:
        return LAYOUTS

    def scheme(self, max_weight: float, weight_epsilon: float) -> SubsetSumScheme:
        max_weight = _checks.real("max_weight", max_weight, above=0)
        least = max_weight * _FINEST + 2 * _LOST
        weight_epsilon = _checks.real(
            "weight_epsilon", weight_epsilon, at_least=least, below=max_weight
        )
        group = min(MOST_SAMPLES, math.ceil(math.log2(max_weight / weight_epsilon)) + _SPARE)
        if self.candidates is not None and self.candidates <= MOST_SAMPLES:
            group = self.candidates
        return SubsetSumScheme(
            max_weight=max_weight,
            weight_epsilon=weight_epsilon,
            objective=self.objective,
            candidates=self.candidates,
            law=cast(str, self.law),  # set above, whatever was given
            reach=cast(float, self.reach),
            slices=self.candidates if self.candidates and self.stratified else 0,
            group=group,
        )


def growth(law: str, reach: float) -> float:
    r"""The rate κ at which one more number extends what subset sums cover; 0 where unproved.

    :math:`\kappa=2Rd` for targets in [-R, R] and numbers whose density is at least d on
    [-2R, 2R]. Both weights uniform, with a up to sR: :math:`\kappa=\frac1s\ln\frac s2`, largest at
    s = 2e; constant \|b\|: :math:`\frac1s` for s ≥ 2.

    References
    ----------
    This book, chapter *subset_sum*.

    Examples
    --------
    >>> growth("constant", 2.0), round(growth("product", 2 * math.e) * 2 * math.e, 12)
    (0.5, 1.0)
    """
    if law == "product":
        return 2 / reach * float(UniformProduct(1.0).pdf(2 / reach))
    return 2 * float(Uniform(reach).pdf(2.0))


@dataclass(frozen=True)
class SubsetSumScheme(Scheme):
    """`SubsetSum` for one layer.

    Attributes
    ----------
    max_weight : float
        Largest magnitude of a target weight.
    weight_epsilon : float
        Error allowed on each.
    objective, candidates, law, reach
        As in `SubsetSum`.
    slices : int
        Slices of the range for stratified draws, 0 for independent ones.
    group : int
        Numbers that are searched at a time.
    """

    max_weight: float
    weight_epsilon: float
    objective: str
    candidates: int | None
    law: str
    reach: float
    slices: int
    group: int
    most_recalled = 384.0

    @property
    def requirements(self) -> int:  # type: ignore[override]
        return self.group

    @property
    def proved(self) -> bool:  # type: ignore[override]
        return self.candidates is None

    @property
    def tolerance(self) -> float:
        """The error allowed, less what rounding may add: γ_28 for each of 28 numbers at most."""
        return self.weight_epsilon - 2.0**-43 * self.reach * self.max_weight - _LOST

    def laws(self, nonnegative: bool) -> tuple[Law, Law]:
        inner = SignedConstant(1.0) if self.law == "constant" else Uniform(1.0)
        return (inner.positive() if nonnegative else inner), Uniform(self.reach * self.max_weight)

    def block_rows(self, halves: int, blocks: int, nonnegative: bool, delta: float) -> int:
        if self.slices:
            return self.slices * (1 if nonnegative else 2)
        # with both signs of b, half of delta is for a block with too few neurons of one sign
        cover_delta = delta if nonnegative else delta / 2
        exponent = math.frexp(self.max_weight)[1]  # in other units no density overflows
        largest, tolerance = (math.ldexp(x, -exponent) for x in (self.max_weight, self.tolerance))
        density = growth(self.law, self.reach) / (2 * largest)
        n = self.candidates or subset_sum_size(largest, tolerance, density, cover_delta / halves)
        if nonnegative:
            return n
        sign_delta = delta if self.candidates else delta / 2
        return batch_size(n, 2 * blocks, 0.5, sign_delta, "exact")

    def pooled_neurons(
        self, positive: Ints, negative: Ints, nonnegative: bool, delta: float
    ) -> int:
        raise ValueError("layout='pooled': no count is proved for a pool of subset sums")

    def code_bits(self, rows: int) -> int:
        return 2 * (self.group + self._group_bits(rows))

    def _groups(self, rows: int) -> int:
        """Most groups that one half can have."""
        return -(-min(rows, self.candidates or rows) // self.group)

    def _group_bits(self, rows: int) -> int:
        return (self._groups(rows) - 1).bit_length()

    def recall_work(self, rows: int, outputs: int) -> float:
        numbers = super().recall_work(rows, outputs)
        return numbers * (1 + numbers / 2**15)  # what was read is sorted again with every chunk

    def seconds(self, outputs: int) -> float:
        if self.objective == "closest":
            return 2.1e-5 * math.pow(1.25, self.group - 20)
        return 4.5e-6 * math.pow(max(1.0, self.max_weight / self.weight_epsilon / 100), 0.7)

    def block_seconds(
        self, outputs: int, weights: float, nonnegative: bool, rows: int, inner: int
    ) -> float:
        needed = (1 if nonnegative else 2) * self.group  # rows of a first group of each half
        draws = rows_drawn(needed, rows, outputs + inner) * (outputs + inner)
        of_weights = super().block_seconds(outputs, weights, nonnegative, rows, inner)
        return of_weights + SECONDS_A_DRAW * draws + _SECONDS_A_BLOCK

    def choose(self, targets: Floats, rows: Rows, nonnegative: bool, width: int) -> Bools:
        smallest = self.weight_epsilon if self.objective == "sparsest" else 0.0
        active = np.flatnonzero(np.abs(targets) > smallest)  # (A,): outputs to serve
        halves = 1 if nonnegative else 2
        drawn = _Drawn(self, rows, nonnegative)
        bits = np.zeros((halves, active.size, self.group), dtype=bool)
        group_of = np.zeros((halves, active.size), dtype=np.int64)
        best = np.full((halves, active.size), np.inf)  # error of the best subset so far
        for group in range(self._groups(width)):
            open_ = best > self.tolerance
            if not open_.any():
                break
            half_of, output = np.nonzero(open_)  # (open,), by halves
            offered = np.concatenate(  # (3, open, group)
                [drawn.numbers(h, group, active[output[half_of == h]]) for h in range(halves)],
                axis=1,
            )
            w = targets[active[output]]
            masks, errors = self._solve(w, offered[1] * offered[2])  # (open, group), (open,)
            best[open_] = np.minimum(best[open_], errors)
            served = errors <= self.tolerance
            here = half_of[served], output[served]
            bits[here] = masks[served]
            group_of[here] = group
        if (best > self.tolerance).any():
            half, missed = np.argwhere(best > self.tolerance)[0]
            need = (
                f"a subset within {self.weight_epsilon:.3g} for inputs x {'><'[half]} 0 "
                f"(the best misses by {best[half, missed]:.3g})"
            )
            raise Unfilled(int(active[missed]), need)
        codes = np.zeros((targets.size, 2, self.group + self._group_bits(width)), dtype=bool)
        numbers = rank(bits) + (group_of << self.group)  # (halves, A)
        codes[active, :halves] = _binary(numbers.T, codes.shape[-1])
        return codes.reshape(targets.size, -1).T

    def _solve(self, targets: Floats, numbers: Floats) -> tuple[Bools, Floats]:
        """Masks of the subsets, and by how much they miss."""
        if self.objective == "sparsest":
            solved = sparsest_subset(targets[:, None], numbers, self.tolerance)
        else:
            solved = closest_subset(targets[:, None], numbers)
        return solved.masks[:, 0], np.abs(solved.errors[:, 0])

    def recall(self, codes: Bools, rows: Rows, nonnegative: bool, width: int) -> Kept:
        halves = 1 if nonnegative else 2
        parts = codes.T.reshape(codes.shape[1], 2, -1)[:, :halves]  # (outputs, halves, bits)
        active = np.flatnonzero(parts.any(axis=(1, 2)))  # (A,)
        code = (parts[active] @ (1 << np.arange(parts.shape[2]))).T  # (halves, A)
        bits = unrank(code & (1 << self.group) - 1, self.group)  # (halves, A, group)
        group_of = code >> self.group
        drawn = _Drawn(self, rows, nonnegative)
        neurons = np.zeros((3, *bits.shape))
        for half, groups in enumerate(group_of):
            for group in np.unique(groups[bits[half].any(axis=1)]):
                here = np.flatnonzero(groups == group)
                neurons[:, half, here] = drawn.numbers(half, int(group), active[here])
        lacking = bits & (neurons[1] == 0)
        if lacking.any():
            half, output, _ = np.argwhere(lacking)[0]
            raise Unfilled(int(active[output]), f"a neuron for inputs x {'><'[half]} 0")
        return _kept(bits, neurons, active)


def _kept(bits: Bools, neurons: Floats, active: Ints) -> Kept:
    """What `bits` (halves, active, group) keep of the neurons (3, halves, active, group)."""
    row, inner, outer = neurons
    return kept_of(bits, row.astype(np.int64), inner, outer, active[:, None])


def _binary(numbers: Ints, digits: int) -> Bools:
    """Binary digits of numbers, the lowest first, along a new last axis."""
    bits: Bools = numbers[..., None] >> np.arange(digits) & 1 == 1
    return bits


class _Drawn:
    """The neurons of a block as far as they have been needed, in groups for either half."""

    def __init__(self, scheme: SubsetSumScheme, rows: Rows, nonnegative: bool) -> None:
        self._scheme, self._rows, self._nonnegative = scheme, iter(rows), nonnegative
        self._inner: Floats | None = None
        self._outer: Floats | None = None

    def numbers(self, half: int, group: int, outputs: Ints) -> Floats:
        """A group of neurons for each output: rows, in- and out-weights, (3, outputs, group).

        Where a half runs out of neurons, its last group is filled up with weights 0.
        """
        size = self._scheme.group
        if not outputs.size:
            return np.zeros((3, 0, size))
        first, last = group * size, (group + 1) * size
        if self._scheme.candidates is not None:
            last = min(last, self._scheme.candidates)
        while True:
            row, inside = self._rows_of_half(half, outputs)
            if inside.sum(axis=0).min() >= last or not self._read():
                break
        if self._inner is None:  # a block without rows
            return np.zeros((3, outputs.size, size))
        row, inside = row[first:last], inside[first:last]  # (up to group, outputs)
        padding = ((0, size - len(row)), (0, 0))
        row, inside = np.pad(row, padding), np.pad(inside, padding)
        drawn = self._inner
        inner_units = drawn[row, 0] if drawn.shape[1] == 1 else drawn[row, outputs]
        outer_units = cast(Floats, self._outer)[row, outputs]
        if slices := self._scheme.slices:
            outer_units = (row % slices + outer_units) / slices
        inner_law, outer_law = self._scheme.laws(self._nonnegative)
        inner, outer = inner_law.ppf(inner_units), outer_law.ppf(outer_units)
        return np.stack([row.T, np.where(inside, inner, 0.0).T, np.where(inside, outer, 0.0).T])

    def _rows_of_half(self, half: int, outputs: Ints) -> tuple[Ints, Bools]:
        """Rows of each output with those of the half first; and which are of the half.

        Both of shape (rows read, outputs).
        """
        if self._inner is None:
            empty = np.zeros((0, outputs.size))
            return empty.astype(np.int64), empty.astype(bool)
        columns = self._inner if self._inner.shape[1] == 1 else self._inner[:, outputs]
        of_half = np.ones(columns.shape, bool) if self._nonnegative else (columns < 0.5) == half
        row = np.argsort(~of_half, axis=0, kind="stable")
        inside = np.take_along_axis(of_half, row, axis=0)
        shape = (len(row), outputs.size)
        return np.broadcast_to(row, shape), np.broadcast_to(inside, shape)

    def _read(self) -> bool:
        """Draw some more rows, if there are any."""
        more: Iterable[Floats] | None = next(self._rows, None)
        if more is None:
            return False
        inner, outer = more
        if (slices := self._scheme.slices) and not self._nonnegative:
            # as many neurons of either sign: the first half of the rows has b > 0
            start = 0 if self._inner is None else len(self._inner)
            first = np.arange(start, start + len(inner)) < slices
            inner = np.where(first[:, None], 0.5 + inner / 2, inner / 2)
        self._inner = inner if self._inner is None else np.concatenate([self._inner, inner])
        self._outer = outer if self._outer is None else np.concatenate([self._outer, outer])
        return True
