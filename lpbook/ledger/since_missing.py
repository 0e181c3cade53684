"""Claims of the chapter *since_missing*: random networks with missing and with frozen edges."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from fractions import Fraction
from functools import cache, partial
from typing import Any

import numpy as np
import sympy as sp

from lpbook.constructions import GoldenRatio
from lpbook.experiments import missing_edges
from lpbook.experiments.missing_edges import (
    SparseScheme,
    errors_with_frozen,
    least_with_frozen,
    rows_with_missing_numbers,
)
from lpbook.experiments.vector_subsets import least_subsets, miss_bound
from lpbook.ledger.common import UNIT, measured, promised, spans, too_few, unless
from lpbook.ledger.core import Counterexample, Steps, evidence, proof
from lpbook.ledger.exact import fraction, is_least, subset_sums, true_at
from lpbook.ledger.ranges import ranges
from lpbook.ledger.reading import right_side
from lpbook.ledger.relations import ge, le
from lpbook.ledger.shown import put, shown, sides

delta, epsilon = sp.symbols("delta epsilon", positive=True)
HALF = Fraction(1, 2)
GADHIKAR = "★; the question is from Gadhikar et al. 2023"


def _unmet(c: Fraction, q_1: Fraction, q_2: Fraction, neurons: int, shared: bool) -> Fraction:
    """Probability that one of two outputs lacks its requirement; their out-edges may be one."""
    either = q_1 * q_2 * c
    none = 1 - either if shared else 1 - q_1 + q_1 * (1 - q_2 * c) ** 2
    return 2 * (1 - either) ** neurons - none**neurons


def _one_edge_forgotten() -> Counterexample | None:
    c, q, delta = Fraction(1, 4), HALF, Fraction(1, 100)
    size = missing_edges.rows_with_missing_numbers(1, 2, float(c * q), float(2 * delta))
    fails = _unmet(c, q, q, size, shared=False)
    return unless(
        fails <= delta,
        "both edges count (the in-edge is forgotten)",
        {"R": 2, "c": c, "q₁": q, "q₂": q, "δ": delta, "M": size},
        f"a requirement is unmet with probability {float(fails):.3g} > δ",
    )


@proof(
    name="missing-edges",
    source=GADHIKAR,
    prose=("independence", "union bound"),
    code=(SparseScheme.probability, SparseScheme.block_rows),
    uses=("union-bound", "main-theorem"),
    wrong={"chance": lambda q_1, q_2: q_2},
    refute=_one_edge_forgotten,
)
def missing_edges_price(
    steps: Steps, chance: Callable[[Any, Any], Any] = lambda q_1, q_2: q_1 * q_2
) -> None:
    label = "eq-missing-edges"
    p, c, q_1, q_2 = sp.symbols("p c q_1 q_2")
    steps.identity(right_side("missing-edges#3", "=", "p"), chance(q_1, q_2), of="missing-edges#3")
    bound = sides(label, "<=", 0)
    steps.identity(bound.lhs / (1 - p * c) ** sp.Symbol("M"), sp.Symbol("R"), of=label)
    count = sp.ceiling(sp.log(sp.Symbol("R") / sp.Symbol("delta")) / (p * c))
    steps.derives(label, "<=", count, sp.Symbol("M"), 1)

    def is_planned(digits: int, q_1: float, q_2: float, delta: float) -> bool:
        full = GoldenRatio().scheme(1.0, ((1 + 5**0.5) / 2) ** (0.5 - digits))
        size = SparseScheme(full, q_1, q_2).block_rows(1, 1, True, delta)
        values: dict[str, Any] = {"R": full.digits, "c": full.probability(True), "delta": delta}
        values["p"] = chance(q_1, q_2)
        return is_least(bound, size, **values) and true_at(sides(label, "<=", 1), M=size, **values)

    steps.cases(is_planned, digits=(2, 5), q_1=(1.0, 0.5), q_2=(1.0, 0.25), delta=(0.5, 2.0**-9))

    def is_enough(q_1: Fraction, q_2: Fraction, M: int, shared: bool) -> bool:
        values = {"R": 2, "c": HALF, "p": chance(q_1, q_2), "M": M}
        return _unmet(HALF, q_1, q_2, M, shared) <= fraction(put(bound.lhs, **values))

    shares = (Fraction(1), HALF, Fraction(1, 8))
    steps.cases(is_enough, q_1=shares, q_2=shares, M=(1, 2, 30), shared=(False, True))
    _ratio(steps)
    promised(steps, "missing-edges#8")


def _ratio(steps: Steps) -> None:
    """The count without its rounding, p = 1/(1 + x) and c = s/(1 + s)."""
    label, s = "eq-missing-edges-price", sp.Symbol("s", positive=True)
    x = sp.Symbol("x", nonnegative=True)
    needs, a, b, p = sp.symbols("L a b p", positive=True)  # ln R/δ, ln 1/(1-pc), ln 1/(1-c)
    count = right_side(label, "=", "M_p", 0, R=delta * sp.exp(needs), delta=delta, c=s / (1 + s))
    share = 1 / (1 + x)
    sparse = sp.log(1 + x) + sp.log(1 + s) - sp.log(1 + x + x * s)
    full = sp.log(1 + s)
    for found, log in ((put(count, p=share), sparse), (put(count, p=1), full)):
        argument = sp.factor(sp.simplify(sp.exp(needs / found)))
        steps.identity(argument, sp.factor(sp.exp(log)), of=label)
    steps.holds(le(sparse, full * share), derivative=(s, 1))
    steps.holds(ge(sparse, share * s / (1 + s)), derivative=(s, 1))
    steps.holds(le(full, s), derivative=(s, 1))
    names = {"M_1": needs / b, "M_p": needs / a, "p": p, "c": s / (1 + s)}
    steps.implies({le(a, p * b): needs / (a * p * b)}, sides(label, "<=", 1, **names))
    times = needs * (1 + s) / (p * s)
    steps.implies(
        {le(b, s): times / b, ge(a, p * s / (1 + s)): times / a}, sides(label, "<=", 2, **names)
    )
    ranges(steps, "missing-edges", (6, 7), c=s / (1 + s), delta=1 / (1 + s))


def _missing_in_edges() -> Counterexample | None:
    outputs, q = 32, 0.25
    full, sparse = (
        missing_edges.present_weights(1 / share, outputs, share, 1) for share in (1.0, q)
    )
    most = 1 + 1 / (outputs * q)
    return unless(
        sparse / full <= most,
        "all in-edges are present (in-edges missing instead)",
        {"m": outputs, "q₁": q, "q₂": 1},
        f"{sparse / full:.3g} times as many weights, more than {most:.3g}",
    )


@proof(
    source=GADHIKAR,
    prose=("expectation",),
    code=(missing_edges.present_weights,),
    uses=("missing-edges",),
    wrong={"there": lambda M, m, q_1, q_2: M * (1 + m) * q_1 * q_2},
    refute=_missing_in_edges,
)
def missing_out_edges(
    steps: Steps, there: Callable[..., Any] = missing_edges.present_weights
) -> None:
    M, m, q_1, c, R = sp.symbols("M m q_1 c R", positive=True)
    x = sp.Symbol("x", nonnegative=True)
    q_2 = 1 / (1 + x)  # at most 1
    names = {"M": M, "m": m, "q_1": q_1, "q_2": q_2, "c": c, "R": R, "delta": delta}
    average = there(M, m, q_1, q_2)
    steps.identity(shown("missing-out-edges#2", **names), average, of="missing-out-edges#2")
    count = right_side("missing-out-edges#3", "=", M, **names)
    size = sp.log(R / delta) / (q_1 * q_2 * c)
    steps.identity(count, size, of="missing-out-edges#3")
    at_count = shown("eq-missing-out-edges", **names)
    steps.identity(at_count, average.subs(M, size), of="eq-missing-out-edges")
    factor = at_count.subs(q_1, 1) / at_count.subs({q_1: 1, x: 0})
    shows = sides("eq-missing-out-edges-factor", "=", **names)
    steps.identity(shows.lhs, sp.simplify(factor), of="eq-missing-out-edges-factor")
    steps.identity(shows.lhs, shows.rhs, of="eq-missing-out-edges-factor")
    q = sp.Symbol("q_1")
    steps.identity(right_side("missing-out-edges#5", "=", q), 1, of="missing-out-edges#5")
    ranges(steps, "missing-out-edges", 6, q_2=q_2)


def _unmet_halves(
    bad: Fraction, missing: Callable[[Fraction, int], Fraction], q: Fraction, M: int, H: int
) -> Fraction:
    """Probability that some half of H has no good number: a bad one meets no half, a good one all.

    `missing` is the probability that a half has none of so many good numbers.
    """
    met = (
        math.comb(M, good) * (1 - bad) ** good * bad ** (M - good) * (1 - missing(q, good)) ** H
        for good in range(M + 1)
    )
    return 1 - sum(met, Fraction(0))


def _own(bad: Fraction, M: int, H: int) -> Fraction:
    """Probability that some half is not met by its own number, the worst choice: all differ."""
    return 1 - (1 - bad) ** min(M, H)


def _one_for_all() -> Counterexample | None:
    M, H, delta, q = 3, 10**4, Fraction(1, 10), Fraction(17, 1000)
    bad = delta / 2  # a number fails to meet all halves
    fails = _unmet_halves(bad, lambda q, good: q**good, q, M, H)
    return unless(
        H * q**M > delta / 2 or fails <= delta,
        "the numbers may differ from half to half (the same for all instead)",
        {"n": 1, "M": M, "H": H, "δ": delta, "p": 1 - q},
        f"some half is not met with probability {float(fails):.3f} > δ",
    )


@proof(
    source=GADHIKAR,
    prose=("conditioning", "union bound"),
    code=(rows_with_missing_numbers,),
    uses=("subset-sum-count", "batch-lemma", "union-bound"),
    wrong={
        "size": lambda n, H, p, delta: rows_with_missing_numbers(n, H, p, 2 * delta),
        "chosen": lambda bad, M, H: bad,  # one number for all halves
        "missing": lambda q, good: q,  # all edges of a half are there together or not at all
    },
    refute=_one_for_all,
)
def missing_numbers(
    steps: Steps,
    size: Callable[[int, int, float, float], int] = rows_with_missing_numbers,
    chosen: Callable[[Fraction, int, int], Fraction] = _own,
    missing: Callable[[Fraction, int], Fraction] = lambda q, good: q**good,
) -> None:
    label = "eq-missing-numbers"
    bound = sides(label, "<=", 0)
    names = {"c": sp.Symbol("p"), "m": sp.Symbol("n"), "k": sp.Symbol("H")}
    lemma = right_side("eq-batch-lemma", "=", "M", **names, delta=shown("missing-numbers#3"))
    steps.derives(label, "<=", lemma, sp.Symbol("M"), 1)

    def is_planned(n: int, H: int, p: float, delta: float) -> bool:
        values: dict[str, Any] = {"n": n, "H": H, "p": p, "delta": delta}
        found = size(n, H, p, delta)
        return is_least(bound, found, **values) and true_at(
            sides(label, "<=", 1), M=found, **values
        )

    steps.cases(is_planned, n=(1, 12), H=(1, 100), p=(0.5, 0.125), delta=(0.5, 0.995 * 2.0**-7))

    def is_enough(bad: Fraction, q: Fraction, M: int, H: int) -> bool:
        lacking = fraction(put(bound.lhs, n=1, M=M, H=H, p=1 - q))
        return _unmet_halves(bad, missing, q, M, H) <= lacking + chosen(bad, M, H)

    tenths = (Fraction(1, 10), Fraction(2, 5))
    steps.cases(is_enough, bad=tenths, q=tenths, M=(1, 2, 3), H=(1, 2, 20))
    promised(steps, "missing-numbers#5")


def _frozen_but_free() -> Counterexample | None:
    radius, numbers = Fraction(1, 16), [Fraction(-15, 16), *(Fraction(1, 2**i) for i in range(4))]
    sums = sorted({total for total in subset_sums(numbers) if abs(total) <= 1})
    covered = all(
        b - a <= 2 * radius for a, b in itertools.pairwise([-1 - radius, *sums, 1 + radius])
    )
    least = least_with_frozen(-math.log2(radius), HALF)
    return unless(
        not covered or len(numbers) >= least,
        "frozen numbers are in all sums or in none (all are free)",
        {"ε": radius, "f": HALF, "n": len(numbers)},
        f"{len(numbers)} numbers meet all targets, fewer than {least:g}",
    )


@proof(
    source="★; the question is from Otsuka et al. 2025",
    prose=("conditioning",),
    code=(least_with_frozen, miss_bound),
    uses=("counting-vectors", "wraparound-hits"),
    wrong={"least": lambda needed, frozen: needed},
    refute=_frozen_but_free,
)
def frozen_numbers(steps: Steps, least: Callable[[Any, Any], Any] = least_with_frozen) -> None:
    n, y = sp.Symbol("n", positive=True), sp.Symbol("y", nonnegative=True)
    f = y / (1 + y)  # below 1
    names = {"n": n, "f": f, "delta": delta, "epsilon": epsilon}
    bits = sp.log(least_subsets(epsilon, delta)) / sp.log(2)  # of the free numbers
    steps.derives("eq-frozen-numbers", ">=", least(bits, f), left=n, **names)
    free = sp.Symbol("m")
    steps.implies({ge((1 - f) * n, free): 1 + y}, ge(n, sp.simplify(least(free, f))))
    sums = right_side("frozen-numbers#6", "=", "N", **names)
    steps.identity(sums, 2 ** ((1 - f) * n) - 1, of="frozen-numbers#6")
    missed = shown("eq-frozen-wrapped", epsilon=epsilon)
    steps.identity(missed, miss_bound(sp.Symbol("N"), epsilon), of="eq-frozen-wrapped")
    ranges(steps, "frozen-numbers", (1, 4), f=f, epsilon=1 / (1 + delta))
    promised(steps, "frozen-numbers#3")


@cache
def _met(n: int, k: int = 10, *, error: float, trials: int, locked: bool) -> int:
    """How many random targets are met by n free numbers beside k frozen ones."""
    rng = np.random.default_rng(2023)
    targets, numbers = UNIT.rvs(trials, rng=rng), UNIT.rvs((trials, 32), rng=rng)
    how = {"locked": k} if locked else {"deleted": k}
    found = errors_with_frozen(targets, numbers[:, : n + k], **how)
    return int((found <= error).sum())


def _locked_as_deleted() -> Counterexample | None:
    found = _met(10, 10, error=0.01, trials=1000, locked=True)
    dropped = "the frozen numbers are deleted (locked instead)"
    return too_few(dropped, {"n": 10, "k": 10, "ε": 0.01}, found, 1000, 0.75)


@evidence(
    source="★, after Otsuka et al. 2025",
    code=(errors_with_frozen,),
    uses=("frozen-numbers",),
    wrong={"locks": (True, True)},
    refute=_locked_as_deleted,
)
def frozen_measured(steps: Steps, locks: tuple[bool, bool] = (False, True)) -> None:
    trials, error, name = (
        1000,
        float(right_side("frozen-measured#4", "=", "epsilon")),
        "frozen-measured",
    )
    deleted, locked = (partial(_met, error=error, trials=trials, locked=locked) for locked in locks)
    measured(steps, name, {">": (6, {7: "n"})}, deleted, trials)
    where = {"<": (8, {9: "n", 10: "k"}), ">": (11, {12: "n", 13: "k"})}
    measured(steps, name, where, locked, trials)
    spans(steps, f"{name}#3", UNIT)
