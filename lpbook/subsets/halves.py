"""Meet in the middle, for each target with its own numbers."""

from __future__ import annotations

import math

import numpy as np

from lpbook._checks import Floats
from lpbook.subsets.exact import MANY, Ints, sizes_of
from lpbook.subsets.keys import (
    ELEMENTS,
    NONE,
    Proposal,
    density_near,
    exponents_of,
    in_units,
    merge,
    nothing,
    slack_units,
    tolerance_key,
    write_sums,
)


def by_halves(
    t: Floats, rows: Ints, samples: Floats, size: int | None, epsilon: float | None
) -> Proposal:
    """Meet in the middle for each target: sums of the left half, target minus those of the right.

    Both are keys of one line: sum, code within the half, and the side in the lowest bit. Sorted,
    the closest left and right key are neighbours. Where the line is long, most of it is first
    dropped: only keys that share a cell of width about 8 / density with one of the other side stay.
    """
    said = nothing(t.size)
    halves = Halves(samples.shape[1], size)
    for method in (halves.join, halves.sort) if halves.width > _SORTED else (halves.sort,):
        todo = np.flatnonzero(~said.settled)
        step = max(1, 2 * ELEMENTS // halves.width)
        for begin in range(0, todo.size, step):
            part = todo[begin : begin + step]
            merge(said, part, method(t[part], samples[rows[part]], epsilon))
    return said


class Halves:
    """Keys of the two halves of n numbers, and the closest pairs among them."""

    def __init__(self, n: int, size: int | None) -> None:
        self.n, self.size = n, size
        self.left, self.right = n // 2, n - n // 2
        self.tag = self.right + 1
        self._left_names = self._columns(self.left, self.right)
        self._right_names = self._columns(self.right, self.left)
        self.width = self._left_names.size + self._right_names.size
        self.places = self.right + 3  # 2^places cells in the table of one target
        self._rooms: dict[str, Ints] = {}

    def _room(self, name: str, shape: tuple[int, ...]) -> Ints:
        """An array to write to, the same memory at every call: fresh pages would cost more."""
        size = math.prod(shape)
        if name not in self._rooms or self._rooms[name].size < size:
            self._rooms[name] = np.empty(size, np.int64)
        return self._rooms[name][:size].reshape(shape)

    def _columns(self, k: int, others: int) -> Ints:
        """Codes within one half that the given size allows."""
        codes = np.arange(1 << k)
        if self.size is None:
            return codes
        sizes = sizes_of(codes)
        return codes[(sizes <= self.size) & (sizes >= self.size - others)]

    # A key is a multiple of 2^tag plus twice the code plus the side. With a size, the block it
    # belongs to is added on top: left, how many numbers it keeps; right, how many that leaves.

    def _keys(self, t: Floats, x: Floats, exponents: Ints, bits: int) -> tuple[Ints, Ints]:
        """Left (B, .) and right (B, .) keys; sums are below 2^bits units of 2^exponents."""
        count = t.size
        block = 0
        if self.size is not None:
            # the lower bit gives each block cells of its own, whatever the modulus
            block = (1 << bits + self.tag + 2) + (1 << _CELL + self.places - 4)
        numbers = in_units(x, exponents[:, None]) << self.tag
        start = (in_units(t, exponents) << self.tag) + (block * (self.size or 0) + 1)
        names = 2 << np.arange(self.right, dtype=np.int64)  # not the platform's own width
        left = numbers[:, : self.left] + (names[: self.left] + block)
        right = (names - block) - numbers[:, self.left :]
        return (
            self._table("left", np.zeros(count, np.int64), left, self._left_names),
            self._table("right", start, right, self._right_names),
        )

    def _table(self, name: str, start: Ints, steps: Ints, names: Ints) -> Ints:
        out = self._room(name, (start.size, 1 << steps.shape[1]))
        write_sums(start, steps, out)
        return out if names.size == out.shape[1] else out.take(names, axis=1)

    def sort(self, t: Floats, x: Floats, epsilon: float | None) -> Proposal:
        """Sort whole lines: always settles."""
        bits = 60 - self.tag - (6 if self.size is not None else 0)
        reach = np.abs(x).sum(axis=1) + np.abs(t)
        exponents = exponents_of(reach, bits)
        line = np.concatenate(self._keys(t, x, exponents, bits), axis=1)
        said = self._read(line, exponents, epsilon, np.full(t.size, NONE))
        said.settled[:] = True
        return said

    def join(self, t: Floats, x: Floats, epsilon: float | None) -> Proposal:
        """Sort only keys that have one of the other side in their cell or the next."""
        reach = np.abs(x).sum(axis=1) + np.abs(t)
        with np.errstate(divide="ignore"):
            cell = np.minimum(8 / density_near(t, x, self.size), reach)
        if epsilon is not None:
            cell = np.minimum(cell, 2.1 * epsilon)
        bits = 60 - self.tag - (6 if self.size is not None else 0)
        exponents = np.maximum(exponents_of(cell, _CELL - self.tag), exponents_of(reach, bits))
        left, right = self._keys(t, x, exponents, bits)
        line = self._survivors(left, right)
        covered = np.full(t.size, 1 << _CELL - 1)
        full = line[:, -1] != _PAD
        covered[full] = -1
        return self._read(line, exponents, epsilon, covered)

    def _survivors(self, left: Ints, right: Ints) -> Ints:
        """Keys of both sides that may be within half a cell of one another, padded.

        `left` (B, L) and `right` (B, R) are the keys of B targets; the result is (B, survivors).
        A left key marks the cells of its lower and its upper end, `a` and `b`, a right one its own,
        `c`; the table has 2^places cells for each target, so cells count modulo that.
        """
        count = left.shape[0]
        offset = (np.arange(count) << self.places)[:, None]  # (B, 1): where its part begins
        lower = np.subtract(left, 1 << _CELL - 1, out=self._room("lower", left.shape))
        lower >>= _CELL
        middle = np.right_shift(right, _CELL, out=self._room("middle", right.shape))
        table = np.zeros(count << self.places, bool)
        a = self._places(lower, offset, self._room("a", left.shape)).reshape(-1)
        c = self._places(middle, offset, self._room("c", right.shape)).reshape(-1)
        upper = np.add(lower, 1, out=self._room("b", left.shape))
        b = self._places(upper, offset, upper).reshape(-1)

        # (survivors,): places in `right` and `left`, flattened
        table[a] = True
        table[b] = True
        of_right = np.flatnonzero(table.take(c))
        table.fill(False)
        table[c[of_right]] = True
        of_left = np.flatnonzero(table.take(a) | table.take(b))
        table.fill(False)

        # what met in cells that are equal only modulo 2^places meets no more when scrambled
        lower, middle = lower.reshape(-1)[of_left], middle.reshape(-1)[of_right]
        of_target = offset[of_left // left.shape[1], 0]
        a, b, c = (cells * _SCRAMBLE >> 20 for cells in (lower, lower + 1, middle))
        a, b = (self._places(cells, of_target, cells) for cells in (a, b))
        c = self._places(c, offset[of_right // right.shape[1], 0], c)
        table[a] = True
        table[b] = True
        keep = table.take(c)
        of_right, c = of_right[keep], c[keep]
        table.fill(False)
        table[c] = True
        of_left = of_left[table.take(a) | table.take(b)]
        return _padded(left, right, of_left, of_right)

    def _places(self, cells: Ints, offset: Ints, out: Ints) -> Ints:
        """Where cells are in the table, each target having a part of its own."""
        np.bitwise_and(cells, (1 << self.places) - 1, out=out)
        return np.add(out, offset, out=out)

    def _read(self, line: Ints, exponents: Ints, epsilon: float | None, covered: Ints) -> Proposal:
        """Closest pairs of a line (B, keys) that holds every pair up to `covered` (B,) apart."""
        line.sort(axis=1)
        count = line.shape[0]
        every = np.arange(count)
        slack = slack_units(self.n) << self.tag
        gaps = line[:, 1:] - line[:, :-1]  # (B, keys - 1)
        gaps |= gaps << 63  # odd gaps, between the two sides, become negative: the least of all
        at = gaps.argmin(axis=1)  # (B,), as all that follow
        best = _odd(gaps[every, at])
        low, high = line[every, at], line[every, at + 1]
        gaps[every, at] = NONE
        limit = best + np.minimum(slack, NONE - best)
        single = _odd(gaps.min(axis=1)) > limit
        before = high - line[every, np.maximum(at - 1, 0)]
        after = line[every, np.minimum(at + 2, line.shape[1] - 1)] - low
        single &= ((before > limit) | (at == 0)) & ((after > limit) | (at == line.shape[1] - 2))

        near = np.ones(count, bool)
        wanted = limit
        if epsilon is not None:
            tolerance = tolerance_key(epsilon, exponents, self.tag, self.n)
            near = best <= tolerance
            wanted = np.minimum(limit, tolerance)
        said = Proposal(self._codes(low, high), near, wanted <= covered, [])
        for i in np.flatnonzero(~single & near & said.settled):
            said.doubtful.append((int(i), self._pairs(line[i], limit[i])))
        return said

    def _codes(self, one: Ints, other: Ints) -> Ints:
        """Codes of pairs of keys, in either order."""
        swap = one & 1
        left, right = np.where(swap, other, one), np.where(swap, one, other)
        inside = (1 << self.tag) - 1
        return (left & inside) >> 1 | (right & inside) >> 1 << self.left

    def _pairs(self, line: Ints, limit: np.int64) -> Ints | None:
        """Codes of all pairs of the two sides at most `limit` apart, unless there are too many."""
        line = line[line < _PAD]
        found: list[Ints] = []
        for step in range(1, line.size):
            gaps = line[step:] - line[:-step]
            close = gaps <= limit
            if not close.any():
                break
            at = np.flatnonzero(close & (gaps & 1 == 1))
            found.append(self._codes(line[at], line[at + step]))
            if step > 16 or sum(codes.size for codes in found) > MANY:
                return None
        return np.concatenate(found)


_SORTED = 1500  # keys up to which sorting them all costs less than dropping most of them
_CELL = 32  # bits of a key below its cell
_PAD = np.int64(2**62)
_SURVIVORS = 256  # keys of one target that are sorted after a join


_SCRAMBLE = 0x9E3779B97F4A7C15 - 2**64  # odd, without structure: 2^64 over the golden ratio


def _odd(gaps: Ints) -> Ints:
    """Marked gaps as they were, and the largest integer for those within one side."""
    return np.where(gaps < 0, gaps & NONE, NONE)


def _padded(left: Ints, right: Ints, of_left: Ints, of_right: Ints) -> Ints:
    """The given keys of each target in a line of its own, (B, _SURVIVORS), the rest filled up.

    `of_left` and `of_right` are places in `left` (B, L) and `right` (B, R), flattened, ascending.
    """
    count = left.shape[0]
    line = np.full((count, _SURVIVORS), _PAD)
    used = np.zeros(count, np.int64)
    for keys, picked in ((left, of_left), (right, of_right)):
        target = picked // keys.shape[1]
        number = np.bincount(target, minlength=count)
        first = np.cumsum(number) - number
        place = np.arange(picked.size) + (used - first)[target]
        fits = place < _SURVIVORS
        line[target[fits], place[fits]] = keys.reshape(-1)[picked[fits]]
        used += number
    return line
