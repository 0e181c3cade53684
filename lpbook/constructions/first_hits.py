r"""First hits: for every digit of every weight, the first random neuron that supplies it.

Pruning asks this 2k times a weight, of hundreds of neurons each. Four ideas answer it at about the
cost of drawing the numbers, or below:

*Integers.* The upper half of a raw number, xored so that its top bit says whether the sign fits,
gives a digit by a product and a shift. Where rounding might tell, about once in a million, the
floats decide that define the weights of G.

*Masks.* Each column, the weights of one output from one input, has a bit for every digit that it
lacks. For a row of numbers, ``row &= open; open ^= row`` leaves the first hits, in all columns at
once and without repeats.

*Few numbers.* Only the first rows are drawn whole; what is served in them is looked at no more.
What is lacking then is found by random access to the streams: most of G is never drawn. Where
only some outputs of a block are looked at, or few lack anything, all is.

*Strips* of some 25,000 columns: few enough that the digits of ten rows fit a core's cache, and
enough that starting a step costs nothing. A part of a wide block, or several narrow ones.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from lpbook._checks import Floats
from lpbook._pcg64 import Streams, Words
from lpbook.constructions.base import Bools, Ints
from lpbook.random_network import Rows, unit

Words32 = NDArray[np.uint32]

STRIP = 25_600  # columns looked at together
_BLOCKS = 64  # of a strip, at most
_TILE = 2**18  # numbers drawn at a time
_WAVE = 2**16  # numbers reached at random at a time
_SECTION = 8  # times the rows drawn whole: those of which numbers are then reached together
_FEW = 0.02  # of the columns of a strip: too few to draw rows whole for them
_BAND = 31  # digits of a mask: with a bit for "no digit", two halves fill 64 bits

_TOP = np.uint32(2**31)
_UPPER = slice(1, None, 2) if sys.byteorder == "little" else slice(0, None, 2)
_FLIP = np.array([2**31, 2**31 - 1], dtype=np.uint32)  # of targets above 0, and below


@dataclass(frozen=True)
class Line:
    r"""Where a neuron lies, in digits from the lowest end: start + inner \|b\| + outer \|a\|.

    Magnitudes count as levels in (0, 1), as those of `LogLinear` laws.

    Attributes
    ----------
    digits : int
        Digits, k; the highest comes first.
    start, inner, outer : float
        The coefficients.
    exactly : callable
        From numbers in (0, 1) for in- and out-weights, whether the target is negative, and whether
        its input never is, to the digit, + k for the half x < 0, and 2k where there is none.
    """

    digits: int
    start: float
    inner: float
    outer: float
    exactly: Callable[[Floats, Floats, Bools, bool], Ints]


class Meter:
    """Digits of raw integers, from places on the line in units of 2^-places digits."""

    def __init__(self, line: Line, nonnegative: bool) -> None:
        self.line, self.nonnegative = line, nonnegative
        # digits under the lowest end, where that is not the start but for rounding
        self._below = max(0, math.ceil(-line.start - 2.0**-34))
        reach = line.start + self._below + line.inner + line.outer
        self._places = 31 - math.ceil(reach + 1).bit_length()
        halved = line.outer < 0.75  # one digit on the common range: outer is 1/2
        factor = round(line.outer * 2**halved)
        self._factor, self._drop = np.uint32(factor), np.uint32(31 - self._places + halved)
        # factor * (x >> drop) is less than `factor` units below the true place; start, inner and
        # the floats that `exactly` computes are off by less than a unit each. So a place moved up
        # by factor + 4 passes a digit's end, if at all, by less than twice that.
        self._start = (line.start + self._below) * 2.0**self._places + (factor + 4)
        self._doubt = np.uint32(2 * (factor + 4) << 32 - self._places)
        if abs(line.outer * 2**halved - factor) > 2.0**-34:
            self._doubt = np.uint32(2**32 - 1)  # no digits of equal length: everywhere

    def halves(self, inner: Words) -> Bools:
        """Whether raw in-weights are negative."""
        if self.nonnegative:
            return np.zeros(inner.shape, bool)
        return inner < np.uint64(2**63)

    def starts(self, inner: Words) -> Any:
        """Start of the line for raw in-weights, in units; one number where all are the same."""
        if self.line.inner == 0:
            return np.uint32(round(self._start))
        levels = unit(inner)
        if not self.nonnegative:
            levels = np.abs(2 * levels - 1)
        return (self._start + levels * (self.line.inner * 2.0**self._places)).astype(np.uint32)

    def read(self, x: Words32, starts: Any) -> Ints:
        """Turn xored numbers into digits, 0 the lowest, k for none; in place.

        Returns where `settle` has to decide, flattened.
        """
        wrong = x & _TOP
        x ^= wrong
        x >>= self._drop
        x *= self._factor
        x += starts
        rest = x << np.uint32(32 - self._places)
        doubt = np.flatnonzero(rest < self._doubt) if rest.min() < self._doubt else np.arange(0)
        x >>= np.uint32(self._places)
        x |= wrong
        if self._below:
            x -= np.uint32(self._below)  # what is below 0 wraps around: beyond all digits
        np.minimum(x, np.uint32(self.line.digits), out=x)
        return doubt

    def settle(self, inner: Words, outer: Words, negative: Bools) -> Ints:
        """The same for single raw numbers, by the floats that define it."""
        k = self.line.digits
        said = self.line.exactly(unit(inner), unit(outer), negative, self.nonnegative)
        return np.where(said < 2 * k, k - 1 - said % k, k)


class Strip:
    """Columns `first` to `first + width` of J blocks with as many rows: N = J width columns."""

    def __init__(self, rows: Sequence[Rows], first: int, width: int) -> None:
        self.blocks, self.count = [each.block for each in rows], rows[0].count
        self.first, self.width = first, width
        self.shared = self.blocks[0].inner_columns == 1
        picked = self.blocks[0].picked
        self.columns = None if picked is None else picked[first : first + width]
        self.inner = 1 if self.shared else width  # in-weights of a row of the strip
        self.block, self.within = np.divmod(np.arange(len(rows) * width), width)  # (N,)
        # (N,): where the out-weight of a column stands in a row of `draw`, flattened
        self.place = self.block * (self.inner + width) + self.inner + self.within

    def draw(self, start: int, count: int) -> Words:
        """Rows of raw numbers, in-weights before out-weights: (count, J, inner + width)."""
        if self.width == self.blocks[0].outputs:
            parts = [b.raw(start * b.row, count * b.row).reshape(count, 1, -1) for b in self.blocks]
            return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=1)
        (block,) = self.blocks
        raw = np.empty((count, 1, self.inner + self.width), np.uint64)
        for i, row in enumerate(raw[:, 0]):
            at = (start + i) * block.row
            row[: self.inner] = block.raw(at + (0 if self.shared else self.first), self.inner)
            row[self.inner :] = block.raw(at + block.inner_columns + self.first, self.width)
        return raw


def strips(rows: Sequence[Rows], nonnegative: Bools) -> Iterator[tuple[slice, list[slice]]]:
    """Consecutive blocks that are alike and fit beside one another, and parts of their columns."""
    outputs = rows[0].block.outputs
    width = -(-outputs // parts_of(outputs))
    columns = [slice(c, min(c + width, outputs)) for c in range(0, outputs, width)]
    kinds = [(each.count, bool(sign)) for each, sign in zip(rows, nonnegative, strict=True)]
    first = 0
    for last in range(1, len(rows) + 1):
        if last == len(rows) or kinds[last] != kinds[first] or last - first == blocks_of(outputs):
            yield slice(first, last), columns
            first = last


def parts_of(outputs: int) -> int:
    """Strips that a wide block is parted into."""
    return -(-outputs // STRIP)


def blocks_of(outputs: int) -> int:
    """Narrow blocks that are beside one another in a strip, at most."""
    return max(1, min(_BLOCKS, STRIP // outputs))


def are_few(lacking: float, columns: int) -> bool:
    """Whether no rows are drawn whole, since so few of the columns of a strip lack anything."""
    return lacking < _FEW * columns


def bands_of(digits: int) -> int:
    """How many masks a column needs for so many digits."""
    return -(-digits // _BAND)


class Table(NamedTuple):
    """Numbers in R rows of K columns."""

    upper: Words32  # out-weights, xored: of any shape with R K entries
    half: Bools  # whether in-weights are negative; broadcasts to `upper`
    starts: Any  # starts of their lines; broadcasts to `upper`
    pick: Callable[[Ints, bool], tuple[Ints, Ints, Words, Words | None]]
    """Column, row and raw out-weight of entries, flattened, and raw in-weight where wanted."""


class Search:
    """First hits in a strip.

    Parameters
    ----------
    meter : Meter
    strip : Strip
    negative : ndarray of bool, shape (N,)
        Signs of the targets of the strip's N columns.
    needed : ndarray of bool, shape (halves * k, N)
        What to look for: digits of x > 0, the highest first, then of x < 0.
    whole : int
        Rows that are drawn whole, if anything is lacking; beyond, numbers are reached singly.

    Attributes
    ----------
    row : ndarray of int, shape (halves * k, N)
        Row of each neuron that was looked for.
    outer : ndarray of uint64, shape (halves * k, N)
        Its raw out-weight.
    missing : ndarray of bool, shape (halves * k, N)
        What none of the rows supplies.
    nonnegative, first
        As in `meter` and `strip`.
    """

    def __init__(
        self, meter: Meter, strip: Strip, negative: Bools, needed: Bools, whole: int
    ) -> None:
        self._meter, self._strip, self._negative = meter, strip, negative
        self.nonnegative, self.first = meter.nonnegative, strip.first
        self._flip = _FLIP[negative.astype(np.intp)]
        self.row: Ints = np.zeros(needed.shape, np.int64)
        self.outer = np.full(needed.shape, 2**63, np.uint64)
        self.missing = np.zeros(needed.shape, bool)
        self._inner = None if strip.shared else np.full(needed.shape, 2**63, np.uint64)
        # of shared blocks, as they are drawn: (rows, J)
        self._inner_rows: list[Words] = [np.empty((0, len(strip.blocks)), np.uint64)]
        self._open = self._masks(needed)
        few = are_few(int(np.count_nonzero(self._open.any(axis=0))), negative.size)
        seen = 0
        if strip.columns is None and not few:
            seen = self._whole_rows(min(whole, strip.count))
        for first in range(seen, strip.count, _SECTION * whole):
            if not self._open.any():
                break
            self._single_numbers(first, min(first + _SECTION * whole, strip.count))
        if self._open.any():
            self._mark_missing()

    def _masks(self, needed: Bools) -> Any:
        """Bits of what is needed, shape (bands, N); and what each bit stands for."""
        k = self._meter.line.digits
        halves, self._band = len(needed) // k, min(k, _BAND)
        self._size = self._band + 1  # bits of a half: the last one stands for no digit
        self._mask = np.uint32 if halves * self._size <= 32 else np.uint64
        half, bit = np.divmod(np.arange(halves * self._size), self._size)
        digit = bit + np.arange(0, k, self._band)[:, None]  # (bands, bits)
        real = (bit < self._band) & (digit < k)
        self._category = np.where(real, half * k + (k - 1 - digit), -1)
        open_ = np.zeros((len(real), needed.shape[1]), self._mask)
        for band, i in np.argwhere(real):
            open_[band] |= needed[self._category[band, i]].astype(self._mask) << self._mask(i)
        return open_

    def inner(self, category: Any, column: Any) -> Words:
        """Raw in-weights of the neurons found for categories and columns, which broadcast."""
        if self._inner is not None:
            found: Words = self._inner[category, column]
        else:
            row, block = self.row[category, column], self._strip.block[column]
            found = np.concatenate(self._inner_rows)[row, block]
        return found

    def _whole_rows(self, whole: int) -> int:
        """Draw rows, and look at the columns that lack something; how many rows that took."""
        n, seen = self._strip.place.size, 0
        columns = np.flatnonzero(self._open.any(axis=0))  # (K,)
        while seen < whole and columns.size:
            if columns.size > 0.8 * n:
                columns = np.arange(n)  # looking at all costs less than picking
            count = max(1, min(whole - seen, _TILE // n))
            raw = self._strip.draw(seen, count)
            self._inner_rows.append(raw[:, :, 0].copy())
            open_ = self._open.take(columns, axis=1)
            self._look(self._table(raw, seen, columns), open_)
            self._open[:, columns] = open_
            columns = columns[open_.any(axis=0)]
            seen += count
        return seen

    def _table(self, raw: Words, seen: int, columns: Ints) -> Table:
        """Some columns (K,) of rows `raw` (R, J, inner + width); `seen` is the first of them."""
        strip, meter = self._strip, self._meter
        flat = raw.reshape(len(raw), -1)
        half = meter.halves(raw[:, :, : strip.inner])  # (R, J, inner)
        starts = meter.starts(raw[:, :, : strip.inner])
        everything = columns.size == strip.place.size
        if everything:
            upper = raw.view(np.uint32)[:, :, _UPPER][:, :, strip.inner :]
            upper = upper ^ self._flip.reshape(-1, strip.width)
        else:
            upper = flat.take(strip.place.take(columns), axis=1).view(np.uint32)[:, _UPPER]
            upper = upper ^ self._flip.take(columns)
            of = strip.block.take(columns) if strip.shared else columns
            half = half.reshape(len(raw), -1).take(of, axis=1)
            starts = starts if starts.ndim == 0 else starts.reshape(len(raw), -1).take(of, axis=1)

        def pick(at: Ints, with_inner: bool) -> tuple[Ints, Ints, Words, Words | None]:
            row = at // columns.size
            column = at - row * columns.size
            if not everything:
                column = columns.take(column)
            place = row * flat.shape[1] + strip.place.take(column)
            outer = flat.reshape(-1).take(place)
            if not with_inner:
                return column, seen + row, outer, None
            place -= 1 + strip.within.take(column) if strip.shared else strip.width
            return column, seen + row, outer, flat.reshape(-1).take(place)

        return Table(upper, half, starts, pick)

    def _look(self, table: Table, open_: Any) -> None:
        """Enter the first hits in a table; masks `open_` (bands, K) of its columns lose them."""
        x = table.upper
        x ^= np.negative(table.half, dtype=np.uint32, casting="unsafe")
        doubt = self._meter.read(x, table.starts)
        if doubt.size:
            column, _, outer, inner = table.pick(doubt, True)
            numbers = cast("Words", inner)  # they were asked for
            x.reshape(-1)[doubt] = self._meter.settle(numbers, outer, self._negative[column])
        shift = table.half * np.uint32(self._size)
        for band, (lacking, category) in enumerate(zip(open_, self._category, strict=True)):
            bit = x
            if len(open_) > 1:
                bit = np.minimum(x - np.uint32(band * self._band), np.uint32(self._band))
            bit += shift
            hits = np.left_shift(self._mask(1), bit, dtype=self._mask).reshape(-1, lacking.size)
            for each in hits:
                each &= lacking
                lacking ^= each
            at = np.flatnonzero(hits.astype(bool))
            column, row, outer, inner = table.pick(at, not self._strip.shared)
            self._enter(category.take(bit.reshape(-1).take(at)), column, row, outer, inner)

    def _enter(
        self, category: Ints, column: Ints, row: Ints, outer: Words, inner: Words | None
    ) -> None:
        place = category * self.row.shape[1] + column
        self.row.reshape(-1)[place] = row
        self.outer.reshape(-1)[place] = outer
        if self._inner is not None and inner is not None:
            self._inner.reshape(-1)[place] = inner

    def _single_numbers(self, first: int, last: int) -> None:
        """Reach for the numbers of columns that lack something, in rows from `first` to `last`."""
        strip, count = self._strip, 0
        streams = Streams([b.state for b in strip.blocks], strip.blocks[0].row, first, last)
        lists, length, bits = self._row_lists(streams)
        # items (I,): columns that lack any of these bits, and the list of rows that may serve them
        items = [np.flatnonzero((self._open & mask).any(axis=0)) for mask in bits]
        column = np.concatenate(items)
        of = np.repeat(np.arange(len(items)), [i.size for i in items]) * len(strip.blocks)
        of += strip.block[column]
        open_ = np.concatenate(
            [self._open[:, i] & mask for i, mask in zip(items, bits, strict=True)], axis=1
        )
        self._open[:] = 0
        while column.size:
            more = max(2, min(4 * self._meter.line.digits, _WAVE // column.size))
            row = lists[count : count + more].take(of, axis=1)  # (R, I)
            self._look(self._reach(streams, row, column), open_)
            count += more
            left = open_.any(axis=0)
            over = left & (count >= length[of])  # both halves of a column may be
            for lacking, bits_left in zip(self._open, open_[:, over], strict=True):
                np.bitwise_or.at(lacking, column[over], bits_left)
            left &= ~over
            column, of, open_ = column[left], of[left], open_[:, left]

    def _row_lists(self, streams: Streams) -> tuple[Ints, Ints, list[Any]]:
        """Lists of rows that serve these bits: (rows, lists), and their lengths.

        A neuron of a shared block serves one half of all its weights: a list for each half and
        block. In a reserved block each output has neurons of its own: one list for all it lacks.
        """
        strip = self._strip
        row = np.arange(streams.first, streams.last)[:, None]
        block = np.arange(len(strip.blocks))
        if not strip.shared:
            lists = np.broadcast_to(row, (row.size, block.size))
            return lists, np.full(block.size, row.size), [~self._mask(0)]
        inner = streams.numbers(row, block, np.zeros(1, np.int64))  # (rows, J)
        self._inner_rows.append(inner)
        halves = range(len(self.row) // self._meter.line.digits)
        serves = [self._meter.halves(inner) == half for half in halves]  # (rows, J) each
        lists = streams.first + np.concatenate(
            [np.argsort(~each, axis=0, kind="stable") for each in serves], axis=1
        )
        length = np.concatenate([np.count_nonzero(each, axis=0) for each in serves])
        return lists, length, [self._mask((2**self._size - 1) << h * self._size) for h in halves]

    def _reach(self, streams: Streams, row: Ints, column: Ints) -> Table:
        """The numbers in `row` (R, I) of each column (I,)."""
        strip, meter, block = self._strip, self._meter, self._strip.blocks[0]
        of, place = strip.block[column], strip.within[column]
        place = strip.first + place if strip.columns is None else strip.columns[place]
        outer = streams.numbers(row, of, block.inner_columns + place)
        if strip.shared:
            inner = self._inner_rows[-1][row - streams.first, of]
        else:
            inner = streams.numbers(row, of, place)

        def pick(at: Ints, with_inner: bool) -> tuple[Ints, Ints, Words, Words | None]:
            return (
                column[at % column.size],
                row.reshape(-1)[at],
                outer.reshape(-1)[at],
                inner.reshape(-1)[at],
            )

        upper = outer.view(np.uint32)[:, _UPPER] ^ self._flip[column]
        return Table(upper, meter.halves(inner), meter.starts(inner), pick)

    def _mark_missing(self) -> None:
        for (band, bit), category in np.ndenumerate(self._category):
            if category >= 0:
                lacking = self._open[band] >> self._mask(bit) & self._mask(1)
                self.missing[category] = lacking == 1
