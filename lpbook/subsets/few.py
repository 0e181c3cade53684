"""Subsets of few numbers: all of them, for each target or for a row."""

from __future__ import annotations

import math

import numpy as np

from lpbook._checks import Floats
from lpbook.subsets.exact import Ints
from lpbook.subsets.keys import (
    ELEMENTS,
    Proposal,
    exponents_of,
    in_units,
    merge,
    nothing,
    slack_units,
    sums_of_size,
    tolerance_key,
)


def by_enumeration(t: Floats, rows: Ints, samples: Floats, size: int, epsilon: float) -> Proposal:
    """All subsets of one size, for each target its own.

    A key is the sum minus the target, twice the code, and 0. Negative keys are inverted bit by bit,
    which leaves the magnitude (less one unit of the last bit) and a 1 that tells.

    `t` and `rows` have shape (T,), `samples` (rows, n). B targets are done together, each with its
    C = C(n, size) subsets.
    """
    said = nothing(t.size)
    said.settled[:] = True
    n = samples.shape[1]
    tag = n + 1
    step = max(1, 4 * ELEMENTS // math.comb(n, size))
    for begin in range(0, t.size, step):
        part = slice(begin, begin + step)
        x = np.ascontiguousarray(samples[rows[part]].T)  # (n, B)
        reach = np.abs(x).sum(axis=0) + np.abs(t[part])
        exponents = exponents_of(reach, 62 - tag)
        numbers = (in_units(x, exponents) << tag) + (2 << np.arange(n))[:, None]
        keys = sums_of_size(-in_units(t[part], exponents) << tag, numbers, size)  # (C, B)
        keys ^= keys >> 63  # all bits where the sign says so
        best = keys.min(axis=0)
        said.near[part] = near = best <= tolerance_key(epsilon, exponents, tag, n)
        said.codes[part] = _code_of(best, tag)
        limit = best + (slack_units(n) << tag)
        several = np.count_nonzero(keys <= limit, axis=0) > 1
        for i in np.flatnonzero(several & near):
            said.doubtful.append((begin + int(i), _code_of(keys[keys[:, i] <= limit[i], i], tag)))
    return said


def _code_of(keys: Ints, tag: int) -> Ints:
    """Codes of keys, of which the odd ones are inverted."""
    return ((keys ^ -(keys & 1)) & (1 << tag) - 1) >> 1


def by_search(t: Floats, rows: Ints, samples: Floats, size: int, epsilon: float) -> Proposal:
    """All subsets of one size of a row, sorted once for all its targets."""
    said = nothing(t.size)
    said.settled[:] = True
    n = samples.shape[1]
    # (C,): the code of each subset, in the order of the sums of a row
    names = sums_of_size(np.zeros(1, np.int64), 1 << np.arange(n)[:, None], size)[:, 0]
    step = max(1, 4 * ELEMENTS // names.size)
    for begin in range(0, samples.shape[0], step):
        i, j = np.searchsorted(rows, (begin, begin + step))
        if i < j:
            new = np.diff(rows[i:j], prepend=-1) > 0
            index = np.cumsum(new.astype(np.int64)) - 1
            part = _search_rows(t[i:j], index, samples[rows[i:j][new]], names, size, epsilon)
            merge(said, np.arange(i, j), part)
    return said


def _search_rows(
    t: Floats, rows: Ints, x: Floats, names: Ints, size: int, epsilon: float
) -> Proposal:
    """The same for a few rows, in one sorted line: row, sum and column of each subset.

    Targets `t` (T,) of `rows` (T,), ascending; `x` (R, n); `names` (C,).
    """
    count, n = x.shape
    tag = int(names.size).bit_length()
    bits = 60 - tag - count.bit_length()
    farthest = np.zeros(count)
    np.maximum.at(farthest, rows, np.abs(t))
    exponents = exponents_of(np.abs(x).sum(axis=1) + farthest, bits)
    sums = sums_of_size(np.zeros(count, np.int64), in_units(x.T, exponents), size)
    line = np.ascontiguousarray(sums.T)  # (R, C)
    line <<= tag
    line += np.arange(names.size)
    line.sort(axis=1)
    line += (np.arange(count, dtype=np.int64) << bits + tag + 2)[:, None]
    edge = np.full(2, 2**62)
    flat = np.concatenate((-edge, line.reshape(-1), edge))  # (R * C + 4,)

    aim = (in_units(t, exponents[rows]) << tag) + (rows << bits + tag + 2)
    slack = slack_units(n) << tag
    after = np.searchsorted(flat, aim)  # (T,): the two next to each target
    below, above = aim - flat[after - 1], flat[after] - aim
    best = np.minimum(below, above)
    at = np.where(below < above, after - 1, after)
    codes = names[flat[at] & (1 << tag) - 1]
    near = best <= tolerance_key(epsilon, exponents[rows], tag, n)
    said = Proposal(codes, near, np.ones(t.size, bool), [])
    limit = best + slack
    others = (np.maximum(below, above) <= limit) | (aim - flat[after - 2] <= limit)
    others |= flat[np.minimum(after + 1, flat.size - 1)] - aim <= limit
    for i in np.flatnonzero(others & said.near):
        ends = np.searchsorted(flat, (aim[i] - limit[i], aim[i] + limit[i] + 1))
        said.doubtful.append((int(i), names[flat[slice(*ends)] & (1 << tag) - 1]))
    return said
