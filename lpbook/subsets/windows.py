"""Meet in the middle once for all targets of a row: only sums that come near one of them."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lpbook._checks import Floats
from lpbook.subsets.exact import Bools, Ints, sizes_of
from lpbook.subsets.keys import (
    ELEMENTS,
    FEW,
    Proposal,
    density_near,
    exponents_of,
    in_units,
    nothing,
    slack_units,
    tolerance_key,
    write_sums,
)

_NEAR = 2**22  # pairs of a sum and a target looked at together; with more, most are ties


def by_window(t: Floats, x: Floats, size: int | None, epsilon: float | None) -> Proposal:
    """All subset sums of a row that come within some radius of one of its targets.

    The radius is the tolerance, or what is expected to hold about eight sums. With epsilon and no
    size: the sparsest subsets.
    """
    said = nothing(t.size)
    density = density_near(t, x[None], size)
    least, most = float(np.quantile(density, 0.1)), float(density.max())
    if least == 0 or not math.isfinite(4 / least):
        return said
    radius, numbers = 4 / least, x.size
    if epsilon is not None:
        radius = min(radius, epsilon)
        if size is None:
            radius, numbers = epsilon, _enough(t, x, epsilon)
    sums = (float(t.max() - t.min()) + 2 * radius) * most
    if not numbers or not _pays(t.size, x.size, sums):
        return said
    window = Window(t, x, radius, size, numbers)
    near = window.close_sums()
    if near is None:
        return said
    if size is None and epsilon is not None:
        return _sparsest_of(*near, t.size, x.size)
    return window.closest_of(*near, epsilon)


def _enough(t: Floats, x: Floats, epsilon: float) -> int:
    """So many numbers that sums of up to as many meet most targets; 0 if far too many do."""
    expected = 0.0
    for size in range(FEW + 1, x.size):
        expected += 2 * epsilon * float(np.quantile(density_near(t, x[None], size), 0.1))
        if expected > 8:
            return size if expected < 100 else 0
    return x.size


def _pays(targets: int, n: int, sums: float) -> bool:
    """Whether a table of so many sums of a row is quicker than one for each target."""
    return bool(2e5 + 3 * sums < targets * 12 * 2.0 ** (n / 2))


def _sparsest_of(which: Ints, keys: Ints, distance: Ints, count: int, n: int) -> Proposal:
    """The closest of the fewest numbers among all near a target, where no other may be as close.

    `near` says for which targets that is so; whether it is within epsilon is left to be seen. If it
    is, no smaller subset is, since every subset that rounding leaves in doubt was among them.
    """
    said = nothing(count)
    codes = keys & (1 << n) - 1
    sizes = sizes_of(codes)
    fewest = _least(sizes, which, count, np.int64(n + 1))
    kept = np.flatnonzero(sizes == fewest[which])
    which, codes, distance = which[kept], codes[kept], distance[kept]
    limit = _least(distance, which, count, np.int64(0)) + (slack_units(n) << n)
    kept = np.flatnonzero(distance <= limit[which])
    which, codes = which[kept], codes[kept]
    said.codes[which] = codes
    said.near[:] = np.bincount(which, minlength=count) == 1
    return said


def _least(values: Ints, which: Ints, count: int, default: np.int64) -> Ints:
    """Least value of each target; `which`, ascending, says whose each value is."""
    least = np.full(count, default)
    first = np.flatnonzero(np.diff(which, prepend=-1))
    if first.size:
        least[which[first]] = np.minimum.reduceat(values, first)
    return least


class Window:
    """The subset sums (of one size) of a row that lie near its targets.

    A key is the distance of a sum from the window's lower end, in units of 2^exponent, times 2^n,
    plus the code of the subset. All keys of the window fit into 61 bits. Keys of halves, and of
    sums outside the window, may not: they are taken modulo 2^64, as NumPy adds, and a sum of two
    that lies in the window is right all the same.

    Parameters
    ----------
    t : ndarray, shape (T,)
        The targets.
    x : ndarray, shape (n,)
        The numbers.
    radius : float
        How near a sum must come to a target.
    size : int or None
        How many numbers a subset has, where that is given.
    most : int
        How many it has at most.
    """

    def __init__(self, t: Floats, x: Floats, radius: float, size: int | None, most: int) -> None:
        n = self.n = x.size
        self.most = most
        # of the numbers, the first go to the left half; the right half is sorted once
        self.right = n - n // 2 + 1
        self.left = n - self.right
        self.size = size
        reach = np.abs(x).sum() + np.abs(t).max()
        width = t.max() - t.min() + 2 * radius
        self.bits = 56 - self.right  # of a sum: with the code of its right half, 56
        self.exponent = max(int(exponents_of(reach, self.bits)), int(exponents_of(width, 61 - n)))
        self.values = in_units(x, np.full(n, self.exponent))  # (n,)
        whole = in_units(t, np.full(t.size, self.exponent))  # (T,)
        self.radius = math.ceil(math.ldexp(radius, -self.exponent)) + 2 * slack_units(n)
        self.low, self.high = int(whole.min()) - self.radius, int(whole.max()) + self.radius
        self.width = self.high - self.low
        self.targets = whole - self.low  # (T,)
        self.covered = np.int64(self.radius - 1) << n  # no key that is further away is looked for

    def closest_of(
        self, which: Ints, keys: Ints, distance: Ints, epsilon: float | None
    ) -> Proposal:
        """The closest of all sums near each target, where all that compete are among them."""
        count, n = self.targets.size, self.n
        said = nothing(count)
        best = _least(distance, which, count, self.covered)
        limit = best + (slack_units(n) << n)
        wanted = limit
        said.near[:] = True
        if epsilon is not None:
            tolerance = tolerance_key(epsilon, np.full(count, self.exponent), n, n)
            said.near[:] = best <= tolerance
            wanted = np.minimum(limit, tolerance)
        said.settled[:] = wanted <= self.covered

        kept = np.flatnonzero(distance <= limit[which])
        which, codes = which[kept], keys[kept] & (1 << n) - 1
        said.codes[which] = codes
        several = np.bincount(which, minlength=count) > 1
        for i in np.flatnonzero(several & said.near & said.settled):
            said.doubtful.append((int(i), codes[slice(*np.searchsorted(which, (i, i + 1)))]))
        return said

    def close_sums_one_by_one(self) -> list[tuple[int, int, int]]:
        """What `close_sums` finds, by a look at every subset: to be read, and compared with."""
        found = []
        for code in range(1 << self.n):
            kept = [i for i in range(self.n) if code >> i & 1]
            if len(kept) > self.most or self.size not in (None, len(kept)):
                continue
            sum_ = sum(int(self.values[i]) for i in kept)
            key = (sum_ - self.low << self.n) + code
            for which, target in enumerate(self.targets.tolist()):
                distance = abs(key - (target << self.n))
                if distance <= self.covered:
                    found.append((which, key, distance))
        return sorted(found)

    def close_sums(self) -> tuple[Ints, Ints, Ints] | None:
        """Targets, ascending, and key and distance of each sum within the radius of one.

        Three arrays of shape (pairs,), or nothing if these are too many.
        """
        # The window is cut into cells of 2^shift units, and a table says which are near a target.
        # A cell is not much wider than the radius, and the table has some 64 cells for a target.
        cells = max(17, self.targets.size.bit_length() + 6)
        shift = max(self.radius.bit_length() - 2, self.width.bit_length() - cells, 0)
        order = np.argsort(self.targets)  # (T,)
        hit, lowest, highest = self._cells(self.targets[order], shift)
        found = []
        total = 0
        for keys in self._keys_in(hit, shift + self.n):  # (m,)
            cell = keys >> shift + self.n  # (m,)
            start = lowest[cell]
            # (m,): targets that the cell of a key is near
            count = (highest[cell] - start + 1).astype(np.intp)
            total += int(count.sum())
            if total > _NEAR:
                return None
            # (pairs,): each key with each of these targets, start, start + 1, ..., in turn
            keys = np.repeat(keys, count)
            before = np.cumsum(count) - count  # (m,): pairs of the keys before
            which = order[np.arange(keys.size) - np.repeat(before - start, count)]
            distance = np.abs(keys - (self.targets[which] << self.n))
            close = np.flatnonzero(distance <= self.covered)
            found.append((which[close], keys[close], distance[close]))
        which, keys, distance = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
        by_target = np.argsort(which.astype(np.uint16), kind="stable")  # a radix sort
        return which[by_target], keys[by_target], distance[by_target]

    def _cells(self, targets: Ints, shift: int) -> tuple[Bools, Ints, Ints]:
        """Which cells of 2^shift units are near a target, and the first and last of those targets.

        Targets (T,) are in ascending order; all results have shape (cells,). Where a cell is near
        none, the last two say nothing.
        """
        # (T,): the cells that a target is near are first, first + 1, ..., last
        first, last = targets - self.radius >> shift, targets + self.radius >> shift
        hit = np.zeros((self.width >> shift) + 2, bool)
        lowest, highest = np.empty(hit.size, np.int64), np.empty(hit.size, np.int64)
        # In a cell that targets share, the first of them is the one that reaches it in the most
        # steps, and is written last; the other way round for the last of them.
        steps = range(int((last - first).max()) + 1)
        reached = [np.flatnonzero(first + step <= last) for step in steps]
        for step, some in zip(steps, reached, strict=True):
            hit[first[some] + step] = True
            lowest[first[some[::-1]] + step] = some[::-1]
        for step, some in zip(steps[::-1], reached[::-1], strict=True):
            highest[first[some] + step] = some
        return hit, lowest, highest

    def _keys_in(self, hit: Bools, shift: int) -> Iterator[Ints]:
        """Keys of the window whose cell, the bits from `shift` on, is hit: some (m,) at a time.

        A left key and the run of right keys that bring it into the window give its keys. Left keys
        with runs of about the same length are done together: B of them, in a block (B, length) as
        long as the longest run.
        """
        left, right, first, count = self._runs()  # (L,), (R,), (L,), (L,)
        order = np.argsort(-count)  # the left keys, those with the longest runs first
        order = order[count[order] > 0]
        longest = int(count.max(initial=0))
        right = np.append(right, np.zeros(longest, np.int64))  # (R + longest,): to read on into
        found = [np.zeros(0, np.int64)]
        begin = 0
        while begin < order.size:
            length = int(count[order[begin]])
            rows = order[begin : begin + max(1, ELEMENTS // (2 * length))]  # (B,)
            begin += rows.size
            # all runs of this length are a view; those that are taken from it, a copy
            block = sliding_window_view(right, length)[first[rows]]  # (B, length)
            block += left[rows, None]
            keys = block.reshape(-1)  # (B * length,)
            at = np.flatnonzero(hit.take(keys >> shift, mode="clip"))
            # what stands beyond the end of a run is not in the window, or not a key at all
            at = at[at % length < count[rows[at // length]]]
            found.append(keys[at])
            if sum(some.size for some in found) > ELEMENTS:
                yield self._small(np.concatenate(found))
                found = []
        yield self._small(np.concatenate([np.zeros(0, np.int64), *found]))

    def _small(self, keys: Ints) -> Ints:
        """Those of the keys (m,) with no more numbers than are wanted."""
        if self.most == self.n:
            return keys
        return keys[sizes_of(keys & (1 << self.n) - 1) <= self.most]

    def _runs(self) -> tuple[Ints, Ints, Ints, Ints]:
        """Keys of the left half and of the sorted right half, and for each left key the run of
        right ones that bring it into the window: where it starts and how long it is.

        Shapes (2^left,), (2^right,), (2^left,), (2^left,).
        """
        half, right = self.left, self.right
        # With a size, each number is so much larger that sums of each size have a block of their
        # own, `stride` apart: then only a right half of the size that is missing fits.
        stride = 1 << self.bits + 2 if self.size is not None else 0
        names = 1 << np.arange(self.n)  # (n,): a number's bit in the code
        keys = (self.values << self.n) + names
        left_keys = _table(-self.low << self.n, keys[:half])
        right_keys = _table(0, keys[half:])
        left_values = _table(0, self.values[:half] + stride)

        # Right sums in ascending order, each with its code in the lowest bits: 62 bits at most.
        line = np.zeros(1, np.int64)
        for step in (self.values[half:] + stride << right) + names[:right]:
            line = np.concatenate((line, line + step))
            line.sort(kind="stable")  # two sorted runs: one merge
        right_keys = right_keys[line & (1 << right) - 1]

        middle = (self.size or 0) * stride - left_values  # (2^left,): what a right sum makes up for
        first = np.searchsorted(line, self.low + middle << right)
        end = np.searchsorted(line, self.high + 1 + middle << right)
        return left_keys, right_keys, first, end - first


def _table(start: int, steps: Ints) -> Ints:
    """All sums (2^k,) of start and any of the steps (k,), modulo 2^64; bit i of a sum's number says
    whether step i is in it."""
    out = np.empty(1 << steps.size, np.int64)
    wrapped = np.array([start % 2**64], np.uint64).view(np.int64)
    write_sums(wrapped, steps[None], out[None])
    return out
