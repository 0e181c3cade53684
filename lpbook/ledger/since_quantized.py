"""Claims of the chapter *since_quantized*: numbers on a grid are hit or missed."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial

import numpy as np

from lpbook.experiments import vector_subsets
from lpbook.ledger.common import measured, sizes, too_few, unless
from lpbook.ledger.core import Counterexample, Steps, evidence, exactly, finite
from lpbook.ledger.reading import right_side
from lpbook.ledger.shown import shown
from lpbook.subsets import closest_subset


def _positive_grid() -> Counterexample | None:
    draws = itertools.product((1, 2, 3), repeat=4)
    kept = list(itertools.product((0, 1), repeat=4))
    return unless(
        any(sum(itertools.compress(x, bits)) == -1 for x in draws for bits in kept),
        "numbers of both signs ({1, 2, 3} instead)",
        {"n": 4, "t": -1},
        "no draw hits the target",
    )


@finite(
    source="★, after Kumar and Natale 2025",
    code=(vector_subsets.grid_hits,),
    uses=("kumar2025",),
    wrong={"hits": lambda largest, n: vector_subsets.grid_hits(largest + 1, n)},
    refute=_positive_grid,
)
def grid_hits_exact(
    steps: Steps, hits: Callable[[int, int], dict[int, Fraction]] = vector_subsets.grid_hits
) -> None:
    level = right_side("grid-hits-exact#6", ">=", "p_t")

    def least(L: int, n: int) -> bool:
        *fewer, rarest = (exactly(min(hits(L, m).values())) for m in range(1, n + 1))
        return bool(max(fewer) < level <= rarest)

    drawn = (sizes(f"grid-hits-exact#{i}", letter, 28) for i, letter in ((3, "L"), (7, "n")))
    for largest, n in zip(*drawn, strict=True):
        steps.cases(least, L=[largest], n=[n])


@cache
def _bits_hit(bits: int, n: int, trials: int, step: int = 1) -> int:
    """How many random targets of so many bits are sums of n random numbers, exactly."""
    rng = np.random.default_rng((2025, bits))
    low, high = (int(shown(f"grid-transition-measured#{i}", b=bits)) for i in (2, 3))
    targets = rng.integers(low, high, (trials, 1), endpoint=True)
    numbers = rng.integers(low, high, (trials, n), endpoint=True) // step * step
    return int((closest_subset(targets, numbers).errors == 0).sum())


def _coarser_numbers() -> Counterexample | None:
    found = _bits_hit(8, 14, 300, step=2)
    dropped = "numbers on the targets' grid (on every second point of it)"
    return too_few(dropped, {"bits": 8, "n": 14}, found, 300, 0.9)


@evidence(
    source="★, after Borgs, Chayes and Pittel 2001 and Kumar and Natale 2025",
    code=(closest_subset, vector_subsets.family_size),
    uses=("borgs2001", "counting-vectors", "kumar2025"),
    wrong={"step": 2},
    refute=_coarser_numbers,
)
def grid_transition_measured(steps: Steps, step: int = 1) -> None:
    trials = 400
    whole, low, high = (shown(f"grid-transition-measured#{i}") for i in (1, 2, 3))
    steps.identity(high - low + 1, whole, of="grid-transition-measured#1")
    of = partial(_bits_hit, trials=trials, step=step)
    measured(steps, "grid-transition-measured", {">": (6, {4: "b", 5: "n"})}, of, trials)
    most = right_side("grid-transition-measured#8", "<=", "p")
    drawn = (
        sizes(f"grid-transition-measured#{i}", letter, 28) for i, letter in ((4, "b"), (7, "n"))
    )

    def too_few_subsets(b: int, n: int) -> bool:  # they are the share of the targets that is met
        return bool(vector_subsets.family_size(n) <= most * 2**b)

    for b, n in zip(*drawn, strict=True):
        steps.cases(too_few_subsets, b=[b], n=[n])
