"""Keys: integers of 64 bits that hold a sum, rounded to some unit, beside the subset that makes it.

Keys propose candidates, no more. `slack_units` says how much of a lead rounding may feign.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook._checks import Floats
from lpbook.subsets.exact import Bools, Ints

ELEMENTS = 2**16  # entries of a table worked on at once: they stay in the second-level cache
FEW = 3  # numbers of which all subsets are tried
NONE = np.int64(2**63 - 1)


@dataclass
class Proposal:
    """What a method says about k targets."""

    codes: Ints  # the subset it proposes
    near: Bools  # whether that may lie within the tolerance
    settled: Bools  # whether the method can vouch for its answer
    doubtful: list[tuple[int, Ints | None]]  # targets with several candidates; None: too many


def nothing(k: int) -> Proposal:
    """No answer for any of k targets."""
    return Proposal(np.zeros(k, np.int64), np.zeros(k, bool), np.zeros(k, bool), [])


def merge(whole: Proposal, which: Ints, part: Proposal) -> None:
    """Put what is said about some targets into what is said about all."""
    whole.codes[which] = part.codes
    whole.near[which] = part.near
    whole.settled[which] = part.settled
    whole.doubtful += [(int(which[i]), names) for i, names in part.doubtful]


def exponents_of(reach: Floats, bits: int) -> Ints:
    """For each e such that reach < 2^(e + bits)."""
    return np.frexp(reach)[1].astype(np.int64) - bits


def in_units(values: Floats, exponents: Ints) -> Ints:
    """Values in units of 2^exponents, rounded: each is off by at most half a unit."""
    return np.rint(values * np.ldexp(1.0, -exponents.astype(np.int32))).astype(np.int64)


def slack_units(n: int) -> int:
    """Units by which one subset must beat another to be closer beyond doubt.

    Each of n numbers and the target is off by half a unit, in both subsets: n + 1. The code in the
    low bits of a key counts for less than a unit, in both: 2. And one to spare.
    """
    return n + 4


def write_sums(start: Ints, steps: Ints, out: Ints) -> None:
    """Write sums of start (B,) and any of steps (B, k) to out (B, 2^k).

    Bit i of a column's number says whether step i is in its sum.
    """
    out[:, 0] = start
    for i in range(steps.shape[1]):
        np.add(out[:, : 1 << i], steps[:, i : i + 1], out=out[:, 1 << i : 2 << i])


def sums_of_size(start: NDArray[Any], terms: NDArray[Any], size: int) -> NDArray[Any]:
    """Sums (C(n, size), B) of start (B,) and all choices of `size` among terms (n, B)."""
    n = len(terms)
    sums = start[None]
    for level in range(1, size + 1):
        longer = np.empty((math.comb(n, level), start.size), sums.dtype)
        end = 0
        for i in range(n - level + 1):
            # choices are in lexicographic order: those among the terms after i come last
            tail = math.comb(n - 1 - i, level - 1)
            begin, end = end, end + tail
            np.add(sums[len(sums) - tail :], terms[i], out=longer[begin:end])
        sums = longer
    return sums


def tolerance_key(epsilon: float, exponents: Ints, tag: int, n: int) -> Ints:
    """Distance between keys that a subset within epsilon cannot exceed."""
    beyond = math.nextafter(epsilon, math.inf)  # an error that is rounded to epsilon may exceed it
    with np.errstate(over="ignore"):
        units = np.minimum(np.ldexp(beyond, -exponents.astype(np.int32)), 2.0 ** (62 - tag))
    return (np.ceil(units).astype(np.int64) + slack_units(n)) << tag


def density_near(t: Floats, x: Floats, size: int | None) -> Floats:
    """About how many subset sums (of that size) of x (B, n) there are per unit near t (B,).

    As if they were normal. Only the time taken depends on this guess.
    """
    n = x.shape[1]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        total, squares = x.sum(axis=1), (x * x).sum(axis=1)
        if size is None:
            count, mean, variance = 2.0**n, total / 2, squares / 4
        else:
            count, mean = float(math.comb(n, size)), total * (size / n)
            spread = np.maximum(squares - total * total / n, 0.0)
            variance = spread * (size * (n - size) / (n * max(n - 1, 1)))
        far = np.minimum((t - mean) ** 2 / (2 * variance), 50.0)
        density = count * np.exp(-far) / np.sqrt(2 * np.pi * variance)
    return np.where(np.isfinite(density), density, 0.0)
