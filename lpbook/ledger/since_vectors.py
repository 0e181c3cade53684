"""Claims of the chapter *since_vectors*: subset sums of vectors."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache, partial
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from lpbook.experiments import vector_subsets
from lpbook.experiments.vector_subsets import LAW, enough_subsets, least_subsets, miss_bound
from lpbook.ledger.common import measured, promised, spans, too_few, unless
from lpbook.ledger.core import Counterexample, Steps, evidence, exactly, finite, proof
from lpbook.ledger.exact import whole
from lpbook.ledger.ranges import ranges
from lpbook.ledger.reading import right_side
from lpbook.ledger.relations import ge, gt, le, lt
from lpbook.ledger.shown import put, shown, sides

N, p, delta, epsilon = sp.symbols("N p delta epsilon", positive=True)
d, n = sp.symbols("d n", integer=True, positive=True)
CUBE = *LAW.ppf([0, 1]).tolist(), d
"""The ends of each of d coordinates that are drawn."""


# -- counting ----------------------------------------------------------------------------------


def _targets_on_a_line() -> Counterexample | None:
    radius, dimension = Fraction(1, 4), 2
    centres = [Fraction(2 * i + 1, 4) - 1 for i in range(4)]
    wanted = least_subsets(radius**dimension, 0)
    ends = [-1 - radius, *centres, 1 + radius]
    return unless(
        any(b - a > 2 * radius for a, b in itertools.pairwise(ends)) or len(centres) >= wanted,
        "targets from the whole cube (from a line instead)",
        {"d": dimension, "ε": radius, "N": len(centres)},
        f"fewer than {wanted} sums meet all targets",
    )


@proof(
    source="folklore",
    prose=("expectation", "measure", "union bound"),
    code=(least_subsets, vector_subsets.least_numbers),
    uses=("union-bound",),
    wrong={"side": 2},
    refute=_targets_on_a_line,
)
def counting_vectors(steps: Steps, side: Any = 1) -> None:
    served, q = sp.symbols("S q", positive=True)  # the expected share of served targets
    steps.implies(
        {ge(served, 1 - delta): 1 / p, le(served, N * p): 1 / p}, ge(N, least_subsets(p, delta))
    )
    low, high, power = right_side("counting-vectors#6", "in", "t", d=d).args
    box = (2 * epsilon / (side * (high - low))) ** power  # its share of the cube
    names = {"N": N, "delta": delta, "epsilon": epsilon, "d": d, "n": n, "q": q}
    point = 1 / shown("counting-vectors#13", **names)  # the share of one of them
    for address, share in (("eq-counting-vectors", box), ("counting-vectors#12", point)):
        steps.derives(address, ">=", least_subsets(share, delta), left=N, **names)
    bits = sp.expand_log(sp.log(least_subsets(box, delta)), force=True) / sp.log(2)
    steps.derives("counting-vectors#11", ">=", bits, left=n, **names)  # N = 2^n

    def numbers(d: int, delta: float, epsilon: float) -> int:
        return vector_subsets.least_numbers(least_subsets(epsilon**d, delta))

    least = sp.ceiling(sides("counting-vectors#11", ">=").rhs)
    at = {"d": (1, 2, 9), "delta": (0.0, 0.25, 0.5), "epsilon": (0.5, 0.375, 2.0**-20)}
    steps.computes(least, numbers, at)
    name = "counting-vectors"
    ranges(steps, name, (1, 3), epsilon=epsilon, d=d)
    largest = right_side(f"{name}#1", "<=", epsilon, 1, epsilon=epsilon)
    steps.identity(box.subs(epsilon, largest), 1, of=f"{name}#1")  # all of the cube
    sure, never = sides(f"{name}#2", "<=", 0).lhs, right_side(f"{name}#2", "<", "delta", 1)
    steps.identity(least_subsets(p, sure), 1 / p, of=f"{name}#2")
    steps.identity(least_subsets(p, never), 0, of=f"{name}#2")
    promised(steps, "counting-vectors#7")


# -- wrap-around: pairs of subsets are independent ---------------------------------------------


def _with_the_empty_set() -> Counterexample | None:
    missed = Fraction(sum(1 not in {0, x} for x in range(2)), 2)
    bound = miss_bound(2, Fraction(1, 2))
    return unless(
        missed <= bound,
        "no subset of the family is empty ({∅, {1}} instead)",
        {"group": "Z₂", "n": 1, "A": "{1}"},
        f"the target is missed with probability {missed} > {bound}",
    )


@proof(
    source="★; that the sums are pairwise independent is folklore",
    prose=("conditioning", "expectation", "independence"),
    code=(miss_bound, enough_subsets),
    wrong={"empty": 1},
    refute=_with_the_empty_set,
)
def wraparound_hits(steps: Steps, empty: int = 0) -> None:
    names = {"N": N, "p": p, "delta": delta}
    first, second, hit, x, s = sp.symbols("E_1 E_2 P x s", positive=True)  # E Z, E Z², Pr[Z > 0]
    factor = second / first  # E (Z − factor · 1[Z > 0])² >= 0
    steps.implies(
        {ge(second - 2 * factor * first + factor**2 * hit, 0): factor**-2},
        ge(hit, first**2 / second),
    )
    random = N - empty  # subsets whose sum is uniform
    moments = {first: random * p, second: random * p + random * (random - 1) * p**2}
    bound = 1 - (first**2 / second).subs(moments)
    for same in (bound, miss_bound(N, p)):
        steps.derives("eq-wraparound-hits", "<=", same, which=1, **names)
    some, name = 1 / (1 + x), "wraparound-hits"
    steps.holds(lt(sp.diff(miss_bound(N, some), N), 0))  # any p < 1: it falls with N
    count = sides(f"{name}#13", ">=", **names)
    steps.identity(miss_bound(count.rhs, p), delta, of=f"{name}#13")
    steps.derives(f"{name}#13", ">=", enough_subsets(p, delta), left=N, **names)
    steps.holds(gt(enough_subsets(p, delta).subs({p: some, delta: 1 / (1 + s)}), 0))
    steps.identity(miss_bound(right_side(f"{name}#8", ">=", "N"), p), 1 - p)  # of one subset
    ranges(steps, name, (6, 11), p=some, delta=1 / (1 + s))
    for which in (0, 2):  # x_1, …, x_n
        element = sp.Symbol(f"x_{shown(f'{name}#9').args[which]}")
        steps.identity(shown(f"{name}#1", which), element, of=f"{name}#9")


def _groups() -> list[tuple[int, int, int]]:
    """(q, d, n): the groups Z_q^d of the statement and how many elements are drawn."""
    name = "wraparound-hits-finite"
    line, plane, two, three = (
        whole(right_side(f"{name}#{i}", "=", letter))
        for i, letter in ((2, "d"), (5, "d"), (6, "q"), (8, "q"))
    )
    first = whole(sides(f"{name}#3", "<=", 0).lhs)
    last = whole(right_side(f"{name}#3", "<=", "q", 1))
    most = [whole(right_side(f"{name}#{i}", "<=", "n")) for i in (4, 7, 9)]
    groups = [(q, line, most[0]) for q in range(first, last + 1)]
    groups += [(two, plane, most[1]), (three, plane, most[2])]
    return [(q, d, n) for q, d, largest in groups for n in range(1, largest + 1)]


def group_sums(q: int, d: int, n: int) -> NDArray[np.int64]:
    """Sums of all subsets for all draws, as codes: shape (q^(d n), 2^n)."""
    elements = np.array(list(itertools.product(range(q), repeat=d)))
    draws = np.array(list(itertools.product(range(len(elements)), repeat=n)))
    kept = np.array(list(itertools.product((0, 1), repeat=n)))
    sums = np.einsum("sn,and->asd", kept, elements[draws]) % q
    codes: NDArray[np.int64] = sums @ q ** np.arange(d)
    return codes


def _pairs_of_sums(empty: bool) -> Iterator[tuple[Any, ...]]:
    """How often each pair of values is taken by the sums of two subsets, over all draws."""
    for q, d, n in _groups():
        order, sums = q**d, group_sums(q, d, n)
        for s, t in itertools.combinations(range(0 if empty else 1, 2**n), 2):
            counts = np.bincount(sums[:, s] * order + sums[:, t], minlength=order**2)
            yield q, d, n, s, t, set(counts.tolist())


def _missed(empty: bool) -> Iterator[tuple[Any, ...]]:
    """With which probability a family of subsets, all or those of one size, misses a target."""
    for q, d, n in _groups():
        sums = group_sums(q, d, n)
        sizes = np.array([sum(kept) for kept in itertools.product((0, 1), repeat=n)])
        members = [sizes >= (0 if empty else 1), *(sizes == size for size in range(1, n + 1))]
        for family, target in itertools.product(members, range(q**d)):
            missed = (sums[:, family] != target).all(axis=1)
            yield q, d, n, int(family.sum()), target, Fraction(int(missed.sum()), len(sums))


def _even_numbers() -> Counterexample | None:
    hit = (2 * group_sums(2, 1, 3) % 4 == 1).any(axis=1)  # twice an element of Z_2
    missed, bound = 1 - Fraction(int(hit.sum()), hit.size), miss_bound(7, Fraction(1, 4))
    return unless(
        missed <= bound,
        "uniform on the whole group (on {0, 2} only)",
        {"group": "Z₄", "n": 3, "t": 1},
        f"the target is missed with probability {missed} > {bound}",
    )


@finite(code=(miss_bound,), uses=("wraparound-hits",), wrong={"empty": True}, refute=_even_numbers)
def wraparound_hits_finite(steps: Steps, empty: bool = False) -> None:
    steps.each(lambda q, d, n, s, t, counts: len(counts) == 1, _pairs_of_sums, empty)
    both = shown("wraparound-hits-finite#13")
    one = whole(right_side("wraparound-hits-finite#12", "=", "t"))

    def within(q: int, d: int, n: int, family: int, t: int, missed: Fraction) -> bool:
        bound = exactly(miss_bound(family, Fraction(1, q**d)))
        attained = (q, d, t, family) == (2, 1, one, 2**n - 1)
        found = exactly(missed)
        return bool(found == bound == put(both, n=n) if attained else found <= bound)

    steps.each(within, _missed, empty)


# -- several coordinates -----------------------------------------------------------------------


@cache
def _hits(d: int, n: int, error: float, trials: int, own: int | None = None) -> int:
    """How many random targets are met by n random vectors with so many own coordinates each."""
    rng = np.random.default_rng(2022 + d)
    shapes = (trials, n, own or d), (trials, d)
    vectors, targets = (LAW.rvs(shape, rng=rng) for shape in shapes)
    vectors = np.broadcast_to(vectors, (trials, n, d))
    return int(vector_subsets.hits_by_count(vectors, targets, error)[:, -1].sum())


def _vectors_on_a_line() -> Counterexample | None:
    found = _hits(2, 14, 0.1, 200, own=1)
    dropped = "independent coordinates (equal ones instead)"
    return too_few(dropped, {"d": 2, "n": 14, "ε": 0.1}, found, 200, 0.75)


@evidence(
    source="★, after Becchetti et al. 2022",
    code=(vector_subsets.hits_by_count,),
    uses=("becchetti2022",),
    wrong={"own": 1},
    refute=_vectors_on_a_line,
)
def dimensions_measured(steps: Steps, own: int | None = None) -> None:
    trials, error = 1000, float(right_side("dimensions-measured#4", "=", "epsilon"))
    where = {">": (3, {6: "d", 5: "n"}), "<": (8, {6: "d", 7: "n"})}
    of = partial(_hits, error=error, trials=trials, own=own)
    measured(steps, "dimensions-measured", where, of, trials, most=22)
    spans(steps, "dimensions-measured#2", CUBE, d=d)


@evidence(
    source="★, after Turner et al. 2020 and Becchetti et al. 2022",
    code=(vector_subsets.vectors_until_hit,),
    uses=("becchetti2022", "turner2020"),
    wrong={"later": 3},
    refute=_vectors_on_a_line,
)
def six_dimensions_measured(steps: Steps, later: int = 0) -> None:
    record = vector_subsets.recorded_waits()
    epsilon = right_side("six-dimensions-measured#4", "=", "epsilon")
    drawn = Fraction(str(record["epsilon"]))
    steps.cases(lambda said, drawn: said == exactly(drawn), said=[epsilon], drawn=[drawn])
    where = {">": (3, {6: "d", 5: "n"}), "<": (8, {6: "d", 7: "n"})}

    def met(d: int, n: int) -> int:
        return sum(wait is not None and wait + later <= n for wait in record["waits"][str(d)])

    trials = len(record["waits"]["4"])
    measured(steps, "six-dimensions-measured", where, met, trials, most=40)
    spans(steps, "six-dimensions-measured#2", CUBE, d=d)


# -- all subsets of one target -----------------------------------------------------------------


def _one_number_alone() -> Counterexample | None:
    target = spread = Fraction(1, 2)
    bound = vector_subsets.union_bound(1, 1, Fraction(1, 10))
    return unless(
        bound >= 1,
        "vectors are uniform (always 1/2 instead)",
        {"d": 1, "n": 1, "ε": Fraction(1, 10), "t": target},
        f"{spread} meets the target with probability 1 > {bound}",
    )


@proof(
    prose=("independence", "induction", "monotonicity", "union bound"),
    code=(vector_subsets.union_bound, vector_subsets.within_of_sum),
    uses=("union-bound",),
    wrong={"bound": lambda n, d, epsilon: vector_subsets.union_bound(n + 1, d, epsilon)},
    refute=_one_number_alone,
)
def union_over_vectors(
    steps: Steps, bound: Callable[..., Fraction] = vector_subsets.union_bound
) -> None:
    share = vector_subsets.within_of_sum
    near, far = (Fraction(1, 10), Fraction(1, 2), Fraction(1)), (Fraction(1, 4), Fraction(3, 2))
    steps.cases(
        lambda k, epsilon, centre: share(k, epsilon, centre) <= share(k, epsilon),
        k=range(1, 7), epsilon=near, centre=far,
    )  # fmt: skip
    total = right_side("eq-union-over-vectors", "<=", "P")
    if not isinstance(total, sp.Sum):
        raise AssertionError(f"{total} is no sum")
    (index, first, last), term = total.limits[0], total.function

    def shown_sum(d: int, n: int, epsilon: Fraction) -> Any:
        total = 0
        for k in range(whole(first), whole(put(last, n=n)) + 1):
            total += put(term, **{index.name: k}, p_k=exactly(share(k, epsilon)), d=d, n=n)
        return total

    steps.cases(
        lambda d, n, epsilon: shown_sum(d, n, epsilon) == exactly(bound(n, d, epsilon)),
        d=(1, 3), n=range(1, 7), epsilon=near,
    )  # fmt: skip
    spans(steps, "union-over-vectors#2", CUBE, d=d)
    spans(steps, "union-over-vectors#5", LAW)
