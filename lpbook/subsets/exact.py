"""Exact arithmetic: differences rounded once, candidates told apart, all sums of a row."""

from __future__ import annotations

import math
from bisect import bisect_left
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook._checks import Floats

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

MANY = 1024  # candidates of one target beyond which Python's integers are quicker
_UNIT = 1074  # every float is a multiple of 2^-1074


def integer(x: float) -> int:
    """A float in units of 2^-1074."""
    mantissa, exponent = math.frexp(x)
    shift = exponent - 53 + _UNIT
    scaled = int(mantissa * 2.0**53)
    return scaled << shift if shift >= 0 else scaled >> -shift


def rounded(value: int) -> float:
    """The float nearest to `value` units of 2^-1074."""
    try:
        return float(value / 2**_UNIT)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def differences(
    codes: Ints, t: Floats, rows: Ints, samples: Floats
) -> tuple[Floats, Floats, Bools]:
    """Sums minus targets: the float nearest to each, what that leaves, and whether both are exact.

    A chain of error-free additions; their errors are added in the same way. Where this second chain
    makes no error of its own, as with numbers of similar size, nothing is lost.
    """
    total, rest = -t, np.zeros_like(t)
    exact = np.ones(t.size, bool)
    left = codes
    with np.errstate(over="ignore", invalid="ignore"):
        for _ in range(int(sizes_of(codes).max(initial=0))):
            lowest = left & -left
            left = left ^ lowest
            i = np.frexp(lowest.astype(float))[1] - 1  # -1 where no number is left
            term = np.where(i >= 0, samples[rows, i], 0.0)
            total, error = _two_sum(total, term)
            rest, lost = _two_sum(rest, error)
            exact &= lost == 0  # false for NaN, which stands for an overflow
        high, low = _two_sum(total, rest)
        exact &= np.isfinite(high)
    return high + 0.0, low, exact


def _two_sum(a: Floats, b: Floats) -> tuple[Floats, Floats]:
    """a + b as the nearest float and the error of that (Knuth)."""
    total = a + b
    of_b = total - a
    return total, (a - (total - of_b)) + (b - of_b)


def sizes_of(codes: NDArray[Any]) -> Ints:
    """How many bits are set in each code."""
    wide = np.asarray(codes, np.int64)
    sizes: Ints = _BITS_SET[wide & 0x3FFF] + _BITS_SET[wide >> 14 & 0x3FFF]
    return sizes


_BITS_SET = np.array([code.bit_count() for code in range(2**14)])


class Judge:
    """Tells candidates apart, in exact arithmetic."""

    def __init__(self, samples: Floats) -> None:
        self._samples = samples
        self._row = -1
        self._sums = ExactSums([])

    def best(self, target: float, row: int, codes: Ints | None, size: int | None) -> int:
        """The closest of the candidates; fewest numbers, then the smallest code, break ties.

        Without candidates: of all subsets, or of all of that size.
        """
        if codes is None or codes.size > MANY:
            if row != self._row:
                self._row, self._sums = row, ExactSums(self._samples[row].tolist())
            return self._sums.closest(target, size)
        of_row, targets = np.full(codes.size, row), np.full(codes.size, target)
        high, low, exact = differences(codes, targets, of_row, self._samples)
        if exact.all():
            far = np.where(high < 0, -low, low)
            return int(codes[np.lexsort((codes, sizes_of(codes), far, np.abs(high)))[0]])
        values = [integer(x) for x in self._samples[row].tolist()]
        aim = integer(target)
        return min(map(int, codes), key=lambda code: _rank(code, values, aim))


def _rank(code: int, values: list[int], aim: int) -> tuple[int, int, int]:
    """What the choice between subsets goes by: distance, numbers kept, code."""
    total = sum(value for i, value in enumerate(values) if code >> i & 1)
    return abs(total - aim), code.bit_count(), code


_Names = dict[int, tuple[int, int]]  # a sum: fewest numbers that make it, and the smallest code


class ExactSums:
    """All subset sums of a row in Python's integers: slow, and right for any floats at all."""

    def __init__(self, samples: list[float]) -> None:
        values = [integer(x) for x in samples]
        self._half = len(values) // 2
        self._left = _exact_table(values[: self._half])
        self._right = _exact_table(values[self._half :])

    @cached_property
    def _all_left(self) -> _Names:
        return _union(self._left)

    @cached_property
    def _all_right(self) -> tuple[list[int], _Names]:
        names = _union(self._right)
        return sorted(names), names

    @cached_property
    def _sorted_right(self) -> list[list[int]]:
        return [sorted(names) for names in self._right]

    def closest(self, target: float, size: int | None = None) -> int:
        """Code of the closest subset (of that size)."""
        aim = integer(target)
        if size is None:
            return self._nearest(aim, self._all_left, *self._all_right)[2]
        ranks = []
        for a, left in enumerate(self._left):
            if 0 <= size - a < len(self._right):
                right = self._right[size - a]
                ranks.append(self._nearest(aim, left, self._sorted_right[size - a], right))
        return min(ranks)[2]

    def _nearest(
        self, aim: int, left: _Names, values: list[int], right: _Names
    ) -> tuple[int, int, int]:
        """Distance, numbers kept and code of the closest sum of a left and a right one."""
        ranks = []
        for value, (size, code) in left.items():
            i = bisect_left(values, aim - value)
            for other in values[max(i - 1, 0) : i + 1]:
                more, high = right[other]
                distance = abs(value + other - aim)
                ranks.append((distance, size + more, code | high << self._half))
        return min(ranks)


def _exact_table(values: list[int]) -> list[_Names]:
    """All subset sums, by the number of values that make them."""
    sums = [0]
    for value in values:
        sums += [total + value for total in sums]
    tables: list[_Names] = [{} for _ in range(len(values) + 1)]
    for code, total in enumerate(sums):  # ascending: the smallest code of a sum is kept
        size = code.bit_count()
        tables[size].setdefault(total, (size, code))
    return tables


def _union(tables: list[_Names]) -> _Names:
    """The tables of all sizes as one: fewest numbers first."""
    names: _Names = {}
    for table in tables:
        for total, name in table.items():
            names.setdefault(total, name)
    return names
