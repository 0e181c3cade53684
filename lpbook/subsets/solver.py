"""Which method answers for which target, and the exact error of what it proposes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lpbook._checks import Floats
from lpbook.subsets.exact import Bools, Ints, Judge, differences, integer, rounded, sizes_of
from lpbook.subsets.few import by_enumeration, by_search
from lpbook.subsets.halves import by_halves
from lpbook.subsets.keys import FEW, Proposal, merge, nothing
from lpbook.subsets.windows import by_window

_SHARED = 24  # open targets of a row from which a table of the row pays for itself
_BEFORE = 6  # numbers up to which a size is tried before the closest subset, which costs more
_WINDOW = 2**13  # targets of a row that share a table
_TINY, _HUGE = 2.0**-900, 2.0**900


@dataclass
class Chunk:
    """N targets, the row of each, and the numbers (R, n) of each row, none of them 0."""

    targets: Floats
    rows: Ints  # ascending
    samples: Floats
    usual: Bools  # targets of ordinary scale: what is computed for them cannot overflow
    shape: tuple[int, int]

    @classmethod
    def of(cls, targets: Floats, samples: Floats) -> Chunk:
        sizes, far = np.abs(samples), np.abs(targets)
        if sizes.min(initial=1) > _TINY and max(sizes.max(initial=0), far.max()) < _HUGE / 32:
            usual = np.ones(targets.shape, bool)
        else:
            with np.errstate(over="ignore"):
                reach = sizes.sum(axis=1, keepdims=True) + far
            usual = (reach > _TINY) & (reach < _HUGE)
        rows = np.repeat(np.arange(targets.shape[0]), targets.shape[1])
        return cls(targets.reshape(-1), rows, samples, usual.reshape(-1), targets.shape)

    def solve(self, epsilon: float | None) -> tuple[NDArray[np.uint32], Floats, Bools]:
        """Codes, errors and what was found, in the shape of the targets."""
        if epsilon is None:
            codes, errors = self._closest(np.arange(self.targets.size))
            found = np.ones(self.targets.size, bool)
        else:
            codes, errors = self._sparsest(epsilon)
            found = np.abs(errors) <= epsilon
        short = codes.astype(np.uint32)
        return short.reshape(self.shape), errors.reshape(self.shape), found.reshape(self.shape)

    def _closest(self, which: Ints) -> tuple[Ints, Floats]:
        """Codes and errors of the closest subsets."""
        codes, _ = self._ask(which, None, None)
        return codes, self._errors(which, codes)

    def _sparsest(self, epsilon: float) -> tuple[Ints, Floats]:
        """Size after size, each for the targets that no smaller size met."""
        codes = np.zeros(self.targets.size, np.int64)
        errors = 0.0 - self.targets
        left = np.flatnonzero(np.abs(errors) > epsilon)
        n = self.samples.shape[1]
        for size in range(1, min(n, FEW) + 1):
            left = self._try(left, size, epsilon, codes, errors)
        left = self._try(left, None, epsilon, codes, errors)
        for size in range(FEW + 1, min(n, _BEFORE) + 1):
            left = self._try(left, size, epsilon, codes, errors)
        if left.size:
            codes[left], errors[left] = self._closest(left)
            left = left[np.abs(errors[left]) <= epsilon]
        for size in range(max(FEW, _BEFORE) + 1, n + 1):  # fewer numbers than the closest may do
            left = left[sizes_of(codes[left]) > size]
            left = self._try(left, size, epsilon, codes, errors)
        return codes, errors

    def _try(
        self, left: Ints, size: int | None, epsilon: float, codes: Ints, errors: Floats
    ) -> Ints:
        """Enter subsets of one size (or the sparsest of all) that are within epsilon; the rest."""
        if not left.size:
            return left
        proposed, near = self._ask(left, size, epsilon)
        at = np.flatnonzero(near)
        found = self._errors(left[at], proposed[at])
        met = np.abs(found) <= epsilon
        at = at[met]
        codes[left[at]], errors[left[at]] = proposed[at], found[met]
        near[:] = True
        near[at] = False
        return left[near]

    def _ask(self, which: Ints, size: int | None, epsilon: float | None) -> tuple[Ints, Bools]:
        """Proposed codes, and which of them may be within epsilon.

        With a size, the closest of that size. Without, the closest of all; with epsilon then the
        sparsest within it, of those targets for which that is quickly known.
        """
        codes, near = np.zeros(which.size, np.int64), np.ones(which.size, bool)
        if self.samples.shape[1] == 0:
            return codes, near
        t, rows, usual = self.targets[which], self.rows[which], self.usual[which]
        sparsest = size is None and epsilon is not None
        near[:] = not sparsest
        doubtful: list[tuple[int, Ints | None]] = []
        if not sparsest:
            doubtful += [(int(i), None) for i in np.flatnonzero(~usual)]
        todo = np.flatnonzero(usual)
        for method in (self._by_row,) if sparsest else (self._by_row, self._by_target):
            if todo.size:
                said = method(t[todo], rows[todo], size, epsilon)
                codes[todo], near[todo] = said.codes, said.near
                doubtful += [(int(todo[i]), names) for i, names in said.doubtful]
                todo = todo[~said.settled]
        judge = Judge(self.samples)
        for i, names in doubtful:
            codes[i] = judge.best(t[i], int(rows[i]), names, size)
        return codes, near

    def _by_row(self, t: Floats, rows: Ints, size: int | None, epsilon: float | None) -> Proposal:
        """Tables of whole rows, where enough targets share them."""
        n = self.samples.shape[1]
        said = nothing(t.size)
        start = np.flatnonzero(np.diff(rows, prepend=-1))
        count = np.diff(start, append=rows.size)
        many = count >= _SHARED
        if size is not None and epsilon is not None and size <= FEW:
            picked = np.flatnonzero(np.repeat(many, count))
            merge(said, picked, by_search(t[picked], rows[picked], self.samples, size, epsilon))
        elif n >= 16:
            for first, k in zip(start[many], count[many], strict=True):
                for begin in range(first, first + k, _WINDOW):
                    part = np.arange(begin, min(begin + _WINDOW, first + k))
                    x = self.samples[rows[first]]
                    merge(said, part, by_window(t[part], x, size, epsilon))
        return said

    def _by_target(
        self, t: Floats, rows: Ints, size: int | None, epsilon: float | None
    ) -> Proposal:
        """A table for each target."""
        if size is not None and epsilon is not None and size <= FEW:
            return by_enumeration(t, rows, self.samples, size, epsilon)
        return by_halves(t, rows, self.samples, size, epsilon)

    def _errors(self, which: Ints, codes: Ints) -> Floats:
        """Exact differences, rounded once."""
        high = np.empty(which.size)
        for start in range(0, which.size, 4096):
            part = slice(start, start + 4096)
            t, rows = self.targets[which[part]], self.rows[which[part]]
            high[part], _, exact = differences(codes[part], t, rows, self.samples)
            for i in np.flatnonzero(~exact):
                kept = [x for j, x in enumerate(self.samples[rows[i]]) if codes[start + i] >> j & 1]
                high[start + i] = rounded(sum(map(integer, kept)) - integer(t[i]))
        return high
