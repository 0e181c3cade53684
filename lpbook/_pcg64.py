"""Random access to a PCG64 stream: many of its numbers at once, without those in between.

The generator steps s ← A s + c modulo 2^128 and hands out a hash of each new state. Its state after
e steps is linear in what it began with:

    s_e = s_0 + G_e d,   d = (A - 1) s_0 + c,   G_e = 1 + A + ... + A^(e - 1),

so that one product of 128 bits, with G_e from a table, reaches any place of any stream. NumPy
promises the numbers for good; the tests compare these with its own.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Wide = tuple[Words, Words]
"""Integers modulo 2^128: their low and their high 64 bits."""

MULTIPLIER = 47026247687942121848144207491837523525  # A
_MODULUS = 1 << 128
_LOW, _HALF = np.uint64(2**32 - 1), np.uint64(32)


def wide(*numbers: int) -> Wide:
    """Python integers as an array of this kind, shape (numbers,)."""
    low = np.array([n % 2**64 for n in numbers], dtype=np.uint64)
    return low, np.array([n % _MODULUS >> 64 for n in numbers], dtype=np.uint64)


def add(x: Wide, y: Wide) -> Wide:
    """x + y; shapes broadcast."""
    low = x[0] + y[0]
    high = x[1] + y[1]
    high += low < y[0]  # the carry
    return low, high


def multiply(x: Wide, y: Wide) -> Wide:
    """x y; shapes broadcast."""
    a0, a1, b0, b1 = x[0] & _LOW, x[0] >> _HALF, y[0] & _LOW, y[0] >> _HALF
    cross = a0 * b1
    middle = a0 * b0
    middle >>= _HALF
    middle += cross & _LOW
    middle += a1 * b0  # of three terms below 2^64 - 2^33, 2^32 and 2^32: no carry
    high = a1 * b1
    cross >>= _HALF
    middle >>= _HALF
    for term in (cross, middle, x[1] * y[0], x[0] * y[1]):
        high += term
    return x[0] * y[0], high


def hashed(state: Wide) -> Words:
    """The number that a state hands out: its halves xored, rotated by its highest 6 bits."""
    turn = state[1] >> np.uint64(58)
    both = state[0] ^ state[1]
    out = both >> turn
    np.subtract(np.uint64(64), turn, out=turn)
    turn &= np.uint64(63)
    both <<= turn
    out |= both
    return out


@lru_cache(maxsize=16)
def sums_of_powers(count: int, step: int = 1) -> Wide:
    """G_0, G_step, ..., G_((count - 1) step), shape (count,)."""
    power = pow(MULTIPLIER, step, _MODULUS)
    total = (pow(MULTIPLIER, step, (MULTIPLIER - 1) * _MODULUS) - 1) // (MULTIPLIER - 1)
    sums = wide(0)
    while sums[0].size < count:
        # G_(a + b) = G_a A^b + G_b doubles the table
        more = add(multiply(sums, wide(power)), wide(total))
        sums = tuple(np.concatenate(parts) for parts in zip(sums, more, strict=True))  # type: ignore[assignment]
        total = (total * power + total) % _MODULUS
        power = power * power % _MODULUS
    for part in sums:
        part.flags.writeable = False
    return sums[0][:count], sums[1][:count]


class Streams:
    """Rows of numbers from several streams, of which any place can be reached.

    Parameters
    ----------
    states : list of (int, int)
        State and increment of each stream before its first number, as ``PCG64.state`` tells them.
    row : int
        Numbers of a row.
    first, last : int
        The rows that can be reached, from `first` to before `last`.
    """

    def __init__(self, states: list[tuple[int, int]], row: int, first: int, last: int) -> None:
        start, step = (wide(*numbers) for numbers in zip(*states, strict=True))  # (streams,)
        drift = add(multiply(start, wide(MULTIPLIER - 1)), step)
        low, high = (part[first:last, None] for part in sums_of_powers(last, row))
        before = add(multiply((low, high), drift), start)  # (rows, streams): states before a row
        drift = add(multiply(before, wide(MULTIPLIER - 1)), step)
        self.first, self.last, self._streams = first, last, len(states)
        self._rows = [part.reshape(-1) for part in (*before, *drift)]
        self._places = sums_of_powers(row + 1)

    def numbers(self, row: Any, stream: Any, place: Any) -> Words:
        """Raw 64-bit integers at places in rows of streams; shapes broadcast, `place` to `row`."""
        at = (row - self.first) * self._streams + stream
        s0, s1, d0, d1 = (part.take(at) for part in self._rows)
        g0, g1 = (part.take(place + 1) for part in self._places)
        return hashed(add(multiply((g0, g1), (d0, d1)), (s0, s1)))
