"""Claims of the chapter *since_binary*: random networks whose weights are ± 1."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from lpbook.experiments.random_signs import (
    ladder_failure,
    ladder_neurons,
    ladder_ticket,
    parallel_rows,
    parallel_ticket,
    through_ladder,
)
from lpbook.ledger import core
from lpbook.ledger.binomial import binomial_tail
from lpbook.ledger.common import either_sign, promised, unless
from lpbook.ledger.core import Counterexample, Steps
from lpbook.ledger.exact import is_least, true_at
from lpbook.ledger.ranges import ranges
from lpbook.ledger.reading import right_side
from lpbook.ledger.shown import put, shown, sides

own = partial(core.proof, source="★, after Sreenivasan et al. 2022")
SIGNS = (-1, 1)


def _negative_input() -> Counterexample | None:
    ticket = parallel_ticket([[2]], 60, np.random.default_rng(0))
    computed = float(ticket([[-1.0]])[0, 0])
    return unless(
        computed == -2,
        "inputs of at least 0 (x = −1)",
        {"w": 2, "x": -1, "M": 60},
        f"the kept neurons compute {computed:g}, not −2",
    )


@own(
    prose=("construction", "independence", "union bound"),
    code=(parallel_rows, parallel_ticket),
    uses=("batch-lemma", "union-bound", "sreenivasan2022"),
    wrong={"size": lambda J, m, delta: parallel_rows(J, m, min(4 * delta, 0.99))},
    refute=_negative_input,
)
def signs_in_parallel(steps: Steps, size: Callable[[int, int, float], int] = parallel_rows) -> None:
    label = "eq-signs-in-parallel"
    bound, closed = (sides(label, "<=", which) for which in (0, 1))
    served = [(b, a) for b, a in itertools.product(SIGNS, repeat=2) if b > 0 and a > 0]
    names = {"c": Fraction(len(served), 4), "m": sp.Symbol("J"), "k": sp.Symbol("m")}
    lemma = right_side("eq-batch-lemma", "=", "M", **names)
    steps.derives(label, "<=", lemma, sp.Symbol("M"), 1)

    def is_planned(J: int, m: int, delta: float) -> bool:
        values: dict[str, Any] = {"J": J, "m": m, "delta": delta}
        found = size(J, m, delta)
        return is_least(bound, found, **values) and true_at(closed, M=found, **values)

    steps.cases(is_planned, J=(1, 7), m=(1, 32), delta=(0.5, 1.99 * 0.75**20))
    needs = sides("signs-in-parallel#11", ">=", w=sp.Symbol("w", real=True))

    def is_needed(M: int) -> bool:  # the sums of all masks of all draws
        sums = (sum(part) for part in itertools.product((-1, 0, 1), repeat=M))
        reached = {abs(total) for total in sums}
        return reached == {w for w in range(2 * M + 2) if true_at(needs, M=M, w=w)}

    steps.cases(is_needed, M=(1, 2, 5))
    largest = sp.Symbol("J", integer=True, positive=True)
    share = 1 / (1 + sp.Symbol("s", positive=True))
    ranges(steps, "signs-in-parallel", (5, 6), J=largest, delta=share)
    either_sign(steps, "signs-in-parallel#2", SIGNS)
    promised(steps, "signs-in-parallel#7")


def _no_negative_signs() -> Counterexample | None:
    layers = ladder_ticket([1, 2], 2, 40, np.random.default_rng(0))
    computed = through_ladder([np.abs(layer) for layer in layers], 1.0)
    return unless(
        computed.min() < 0,
        "signs of both kinds (all weights are + 1 instead)",
        {"w": -1, "x": 1},
        "no output is below 0",
    )


def _reads(doubles: bool, sources: int) -> Fraction:
    """Share of sign patterns with which a neuron reads what it should from its sources."""
    draws = list(itertools.product(SIGNS, repeat=sources))
    right = sum((min if doubles else max)(signs) > 0 for signs in draws)
    return Fraction(right, len(draws))


@own(
    prose=("conditioning", "construction", "union bound"),
    code=(ladder_failure, ladder_neurons, ladder_ticket),
    uses=("union-bound", "sreenivasan2022"),
    wrong={"chance": Fraction(1, 2)},
    refute=_no_negative_signs,
)
def sign_ladder(steps: Steps, chance: Fraction = Fraction(1, 4)) -> None:
    label, g = "eq-sign-ladder", sp.Symbol("g", integer=True, positive=True)
    B, n, i = sp.symbols("B n i", integer=True, positive=True)
    inputs, delta = sp.Symbol("n'", positive=True), sp.Symbol("delta", positive=True)
    reads = ((True, 2), (False, 2), (False, 1))  # a doubling, a copy, the first layer
    steps.cases(lambda how: _reads(*how) >= chance, how=reads)
    right = sp.Rational(chance)
    group = (1 - right) ** g + g * right * (1 - right) ** (g - 1)  # fewer than two of g

    def is_tail(size: int) -> bool:
        return bool(put(group, g=size) == sp.Rational(binomial_tail(2, size, chance)))

    steps.cases(is_tail, size=(2, 3, 10))
    groups = sp.summation(i, (i, 1, B - 1))
    edges = 2 * B * n * (1 - right / 2) ** g  # no good neuron has the edge to an output
    fails = inputs * (groups * group + edges)
    names = {"g": g, "B": B, "n": n, "n'": inputs, "delta": delta}
    steps.derives(label, "<=", delta, left=fails, **names)
    at = {"g": (2, 30, 110), "B": (1, 2, 7), "n": (1, 32), "n'": (1, 65)}
    steps.computes(sides(label, "<=").lhs, ladder_failure, at)
    neurons = shown("sign-ladder#12", g=g, B=B)
    steps.identity(neurons, g * sp.summation(i, (i, 1, B)), of="sign-ladder#12")
    steps.computes(shown("sign-ladder#12"), ladder_neurons, {"g": (2, 100), "B": (1, 2, 7)})
    limit = math.ceil(right_side("sign-ladder#11", "<", sp.Abs(sp.Symbol("w")), B=2))
    whole = list(range(1 - limit, limit))

    def is_computed(w: list[int], g: int, seed: int) -> bool:
        layers = ladder_ticket(w, 2, g, np.random.default_rng(seed))
        entries = {int(entry) for layer in layers for entry in np.unique(layer)}
        outputs = through_ladder(layers, 0.5).tolist()
        return outputs == [weight / 2 for weight in w] and entries <= {-1, 0, 1}

    steps.cases(is_computed, w=[whole], g=(60,), seed=range(5))
    either_sign(steps, "sign-ladder#2", SIGNS)
    promised(steps, "sign-ladder#9")
