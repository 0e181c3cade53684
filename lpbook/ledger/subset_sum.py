"""Claims of the chapter *subset_sum*."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from lpbook import subsets
from lpbook._checks import Floats
from lpbook.batches import subset_sum_size
from lpbook.constructions.subset_sum import SubsetSum, SubsetSumScheme, growth
from lpbook.distributions import UniformProduct
from lpbook.experiments.covered_intervals import (
    LARGEST_PRODUCT,
    SLICED,
    UNIFORM,
    covered_shares,
    missed_shares,
    product_numbers,
    stratified_numbers,
    uniform_numbers,
)
from lpbook.ledger.common import one_half, promised, spans, surely, unless
from lpbook.ledger.core import Counterexample, Steps, evidence, exactly, finite, proof
from lpbook.ledger.exact import binary, fraction, is_least, subset_sums, true_at, whole
from lpbook.ledger.ranges import accepted, ranges
from lpbook.ledger.reading import above_zero, members, right_side
from lpbook.ledger.relations import ge, gt, le, lt
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import Ball, Network
from lpbook.pruning import plan

Ints = NDArray[np.int64]

STEP, COUNT = "eq-subset-sum-step", "eq-subset-sum-count"
R, eps, delta, kappa, v, x, p, q, N = sp.symbols("R epsilon delta kappa v x p q N", positive=True)
mean = sp.Function("E")


def farthest(sums: Iterable[Any], reach: Any) -> Fraction:
    """How far the worst point of [-reach, reach] is from the nearest of these sums."""
    line = sorted(map(Fraction, sums))
    middles = ((a + b) / 2 for a, b in itertools.pairwise(line))
    points = [Fraction(-reach), Fraction(reach), *(p for p in middles if abs(p) <= reach)]
    return max(min(abs(p - s) for s in line) for p in points)


# -- random subset sums: how much one more number covers -------------------------------------------


def _average(values: list[Any]) -> Any:
    """The mean of what is linear between equally spaced values."""
    return (sum(values) - (values[0] + values[-1]) / 2) / (len(values) - 1)


def _unions_of_cells(reach: int) -> Iterator[tuple[Any, list[Any]]]:
    """v, and v' at equally spaced X in [-reach R, reach R]; between two of them v' is linear.

    C is any union of some of 2, 4, 6 or 8 cells of equal length that make up [-R, R], and X moves
    it by whole cells.
    """
    for size in (2, 4, 6, 8):
        furthest = size * reach // 2
        for cells in range(1, 2**size):
            moved = [cells << by & 2**size - 1 for by in range(furthest + 1)]
            moved += [cells >> by for by in range(1, furthest + 1)]
            after = [sp.Rational((cells | m).bit_count(), size) for m in moved]
            after = after[:furthest:-1] + after[: furthest + 1]
            yield sp.Rational(cells.bit_count(), size), after


def _density_on_half_the_range() -> Counterexample | None:
    # R = 1, X uniform on [-1, 1], so d = 1/2 there and κ would be 1; C = [-1, -1/2]
    share, after = next(case for case in _unions_of_cells(1) if case[0] == sp.Rational(1, 4))
    said = put(sides(STEP, ">=", which=2).rhs, v=share, kappa=1)
    seen = _average(after)
    return unless(
        seen >= said,
        "the density is at least d on [−2R, 2R] (on [−R, R] only)",
        {"R": 1, "C": "[-1, -1/2]"},
        f"the mean of v′ is {seen} < {said}",
    )


@proof(
    source="★ (the process: da Cunha et al. 2023)",
    prose=("expectation", "measure"),
    uses=("dacunha2023",),
    wrong={"reach": 1},
    refute=_density_on_half_the_range,
)
def subset_sum_step(steps: Steps, reach: int = 2) -> None:
    d, y, m = sp.symbols("d y m", nonnegative=True)
    length = sp.Symbol("C", positive=True)
    z, c = sp.symbols("z c", real=True)
    low, high = shown("subset-sum-step#5", R=R)  # where X has a density of at least d
    steps.implies({le(z, R): 1, ge(c, -R): 1}, le(z - c, high))
    steps.implies({ge(z, -R): 1, le(c, R): 1}, ge(z - c, low))
    spans(steps, "subset-sum-step#5", (-R - R, R + R), R=R)  # attained at z = ±R, c = -z
    share = right_side("subset-sum-step#2", "=", v, 0, v=v, R=R)
    share = share.xreplace({sp.Abs(sp.Symbol("C")): length})
    density = right_side("subset-sum-step#6", "=", kappa, kappa=kappa, d=d, R=R)
    now, after = {"v": share, "kappa": density}, sp.Symbol("v'")
    gained = d * length * (2 * R - length) / (2 * R)  # d|C| for each z outside C
    most = share + length / (2 * R)  # C + X is as long as C
    steps.derives(STEP, "<=", most, left=after, which=1, **now)
    steps.derives(STEP, ">=", share + gained, left=mean(after), which=2, **now)
    chord = 1 / v - (x - v) / (2 * v**2)
    steps.holds(le(1 / x, chord), concave=(x, v, 2 * v))
    grown = right_side(STEP, ">=", mean(after), 2, v=v, kappa=kappa)
    left = mean(1 / after - 1)
    potential = right_side(STEP, "<=", left, 3, v=v, kappa=kappa)
    steps.implies(  # y and m are the means of 1/v′ and v′
        {le(y, chord.subs(x, m)): 1, ge(m, grown): 1 / (2 * v**2)}, le(y - 1, potential)
    )
    steps.derives(STEP, "<=", chord.subs(x, grown) - 1, left, 3, v=v, kappa=kappa)
    _unions_as_said(steps, reach, grown, potential)
    size = sp.Abs(sp.Symbol("C")) / (2 * R)
    steps.holds(gt(share, right_side("subset-sum-step#2", ">", size, 1, R=R)))
    ranges(steps, "subset-sum-step", 4, d=d)
    grown = right_side("subset-sum-step#8", "=", "v'", R=R)
    grown = grown.xreplace({sp.Abs(sp.Symbol("C'")): length})
    steps.identity(grown, share, of="subset-sum-step#8")


def _unions_as_said(steps: Steps, reach: int, grown: Any, potential: Any) -> None:
    """For unions of cells and the uniform law on [-reach R, reach R] both means are exact."""
    at = sp.Rational(1, reach)  # κ of the uniform law on [−reach R, reach R]
    wanted, bound = (sp.Lambda(v, side.subs(kappa, at)) for side in (grown, potential))
    not_less, doubled = (sides(STEP, "<=", which) for which in (0, 1))

    def as_said(v: Any, found: list[Any]) -> bool:
        ends = (
            true_at(not_less, v=v, **{"v'": min(found)}),
            true_at(doubled, v=v, **{"v'": max(found)}),
        )
        return all(ends) and _average(found) == wanted(v)

    steps.each(as_said, _unions_of_cells, reach)
    steps.each(
        lambda v, found: _average([1 / share - 1 for share in found]) <= bound(v),
        _unions_of_cells,
        reach,
    )


def _only_positive_numbers() -> Counterexample | None:
    # as dense as they must be, but on [0, 4R]: no sum is negative
    size = subset_sum_size(1.0, 0.01, 0.25, 0.01)
    draws = np.random.default_rng(0).uniform(0, 4, (200, size))
    lowest = draws.clip(max=0).sum(axis=1)  # the lowest subset sum of each draw
    missed = int((lowest == 0).sum())
    return unless(
        missed < len(draws),
        "the density is at least d on [−2R, 2R] (on [0, 4R] instead)",
        {"R": 1, "n": size},
        f"w = −1 is missed by 1 in {missed} of {len(draws)} draws",
    )


ETA, REACH = 1, 4


def _covers_of_four() -> Iterator[tuple[tuple[int, ...], Fraction, Fraction]]:
    """Four numbers, the distance of the worst w in [-4, 4] from their sums, and v_4 for η = 1."""
    for numbers in itertools.product(range(-8, 9, 3), repeat=4):
        share = covered_shares(numbers, ETA, REACH)[-1]  # dyadic, so exact
        yield numbers, farthest(subset_sums(numbers), REACH), Fraction(float(share))


def _kappa() -> Any:
    return right_side("subset-sum-count#4", "=", "kappa")


def _count_of_the_package(steps: Steps, size: Callable[..., int]) -> None:
    exact = sp.ceiling(right_side(COUNT, ">=", "n", kappa=_kappa()))
    points = {
        "R": [1.0, 0.375],
        "epsilon": [0.3125, 2.0**-20],
        "d": [0.25, 2.0**-14],
        "delta": [0.75, 2.0**-10],
    }
    steps.computes(exact, size, points)


@proof(
    source="★ (the order: Lueker 1998; the process: da Cunha et al. 2023)",
    prose=("conditioning", "expectation", "induction"),
    code=(subset_sum_size, covered_shares),
    uses=("subset-sum-step", "lueker1998", "dacunha2023"),
    wrong={"size": lambda *case: subset_sum_size(*case) - 1, "free": 2},
    refute=_only_positive_numbers,
)
def subset_sum_count(
    steps: Steps, size: Callable[..., int] = subset_sum_size, free: int = 1
) -> None:
    n, eta, tau, u, s = sp.symbols("n eta tau u s", positive=True)
    now, after = sp.symbols(r"\Psi_t \Psi_{t+1}", positive=True)
    # κ = 1/(2(1 + u)), at most 1/2
    q = sides(STEP, "<=", which=3, kappa=1 / (2 * (1 + u)), v=v).rhs / (1 / v - 1)
    q = sp.factor(sp.simplify(q))
    start = 1 / (2 * eta / (2 * R)) - 1
    steps.implies(
        {le(after, q * now): 1, le(now, q**n * start): q}, le(after, q ** (n + 1) * start)
    )
    _one_side_is_inside(steps, tau)
    steps.each(
        lambda x, worst, v: v <= 1 - free * max(0, worst - ETA) / (2 * REACH), _covers_of_four
    )
    least = 1 / (1 - tau / (2 * R)) - 1
    half = {R: eps + s, eta: eps / 2, tau: eps / 2}  # R = ε + s
    least, start = (sp.factor(sp.simplify(side.subs(half))) for side in (least, start))
    steps.implies(  # Markov
        {le(p * least, now): 1 / least, le(now, q**n * start): 1 / least},
        le(p, q**n * start / least),
    )
    bound = (R / eta - 1) * (2 * R / tau - 1)
    first = bound.subs({eta: eps / 2, tau: eps / 2})
    steps.identity(sp.simplify(start / least), first.subs(R, eps + s))
    odds = sp.log(first / delta)
    letters = {"R": R, "epsilon": eps, "delta": delta, "kappa": kappa}
    least_n = odds / sp.log(1 / (1 - kappa / 2))
    steps.derives(COUNT, ">=", least_n, left=sp.Symbol("n"), **letters)
    rate, odds = sp.log(1 / q), odds.subs(R, eps + s)
    count = sides(COUNT, ">=", R=eps + s, epsilon=eps, delta=delta, kappa=1 / (2 * (1 + u)))
    steps.implies({ge(n, count.rhs): rate}, ge(n * rate, odds))
    _count_of_the_package(steps, size)
    steps.holds(sides("subset-sum-count#5", "<", 1, epsilon=eps, R=eps + s))
    accepted(steps, "subset-sum-count#2", lambda d: size(1.0, 0.5, d, 0.5))
    accepted(steps, "subset-sum-count#6", lambda delta: size(1.0, 0.5, 0.1, delta))
    ranges(steps, "subset-sum-count", (5, 6), epsilon=eps, delta=delta, R=R)
    promised(steps, "subset-sum-count#8")


def _one_side_is_inside(steps: Steps, tau: Any) -> None:
    """Numbers have the density of one more; half of a gap around z lies inside [−R, R]."""
    z = sp.Symbol("z", real=True)
    spans(steps, "subset-sum-count#3", shown("subset-sum-step#5"))
    low, high = right_side("subset-sum-count#9", "in", "w", R=R)
    steps.implies({ge(z, high - tau): 1, ge(R, tau): 2}, ge(z - tau, low))


SMALLEST = "subset-sum-count-smallest"


def _arguments_of_size() -> dict[str, list[float]]:
    """R, ε, d, δ of the statement."""
    sets = {
        name: members(f"{SMALLEST}#{i}", name)
        for i, name in enumerate(("epsilon", "d", "delta"), start=4)
    }
    sets = {"R": [right_side(f"{SMALLEST}#3", "=", "R")]} | sets
    return {name: [binary(x) for x in found] for name, found in sets.items()}


def _bound() -> Any:
    return sides(f"{SMALLEST}#2", "<=", kappa=_kappa())


def _one_fewer(reach: float, epsilon: float, density: float, delta: float) -> int:
    return subset_sum_size(reach, epsilon, density, delta) - 1


def _one_number_fewer() -> Counterexample | None:
    bound, arguments = _bound(), _arguments_of_size()
    for case in itertools.product(*arguments.values()):
        values = dict(zip(arguments, case, strict=True)) | {"n": _one_fewer(*case)}
        if not true_at(bound, **values):
            left = put(bound.lhs, **{name: exactly(value) for name, value in values.items()})
            shows = f"the bound is {float(left):.4g} > δ"
            return Counterexample("the least n (one number fewer)", values, shows)
    return None


@finite(
    code=(subset_sum_size,),
    uses=("subset-sum-count",),
    wrong={"size": _one_fewer},
    refute=_one_number_fewer,
)
def subset_sum_count_smallest(steps: Steps, size: Callable[..., int] = subset_sum_size) -> None:
    bound, lowest = _bound(), right_side(f"{SMALLEST}#1", ">=", "n")

    def is_smallest(R: float, epsilon: float, d: float, delta: float) -> bool:
        n, values = size(R, epsilon, d, delta), {"R": R, "epsilon": epsilon, "d": d, "delta": delta}
        return is_least(bound, n, "n", **values) or (n == lowest and true_at(bound, n=n, **values))

    steps.cases(is_smallest, **_arguments_of_size())


# -- which law -------------------------------------------------------------------------------------


def _average_density() -> Counterexample | None:
    # R = 1, A = 2e: the mean of the density over [-2, 2] instead of its least value
    z, A = sp.symbols("z A", positive=True)
    density = sp.log(A / z) / (2 * A)
    average = sp.integrate(density, (z, 0, 2)).subs(A, 2 * sp.E) / 2
    least = density.subs({A: 2 * sp.E, z: 2})
    return unless(
        not sp.simplify(average - least).is_positive,
        "d is the least value of the density (its mean instead)",
        {"R": 1, "A": "2e", "z": 2},
        f"the density is {float(least):.4f}, and d would be {float(average):.4f},",
    )


@proof(
    prose=("measure", "monotonicity"),
    code=(growth, UniformProduct),
    uses=("product-density",),
    wrong={"rate": lambda law, reach: 1.01 * growth(law, reach)},
    refute=_average_density,
)
def subset_sum_products(steps: Steps, rate: Callable[[str, float], float] = growth) -> None:
    z, A, d = sp.symbols("z A d", positive=True)
    u = sp.Symbol("u", real=True)
    low, high = shown("subset-sum-products#2", A=A)
    steps.identity(low, -high, of="subset-sum-products#2")
    largest = high**2  # ab is so many times a unit product
    density = put(shown("product-density#7"), z=z / largest) / largest
    density = sp.expand_log(above_zero(density), force=True)
    steps.holds(lt(sp.diff(density, z), 0))
    for address in ("subset-sum-products#6", "subset-sum-products#10"):
        spans(steps, address, shown("subset-sum-step#5", R=R), R=R)
    steps.derives("subset-sum-products#5", "=", density.subs(z, 2 * R), left=d, A=A, R=R, d=d)
    least = right_side("subset-sum-products#3", ">=", A, A=A, R=R)  # nothing is left of d
    steps.identity(density.subs(z, 2 * R).subs(A, least), 0, of="subset-sum-products#3")
    best = right_side("subset-sum-products#7", "=", kappa, A=A, R=R, kappa=kappa)
    growing = 2 * R * density.subs(z, 2 * R)
    steps.derives("subset-sum-products#7", "=", growing, left=kappa, A=A, R=R, kappa=kappa)
    at = right_side("subset-sum-products#8", "=", A, A=A, R=R)
    value = right_side("subset-sum-products#9", "=", "kappa")
    steps.identity(best.subs(A, at), value, of="subset-sum-products#9")
    other = sp.expand_log(sp.simplify(best.subs(A, at * sp.exp(u))), force=True)
    steps.implies({ge(sp.exp(u), 1 + u): value * sp.exp(-u)}, le(sp.simplify(other), value))
    steps.holds(ge(sp.exp(u), 1 + u), derivative=(u, 2))
    most = right_side("subset-sum-products#11", "=", "kappa")
    steps.implies({le(4 * R * d, 1): sp.Rational(1, 2)}, le(2 * R * d, most))
    steps.identity(exactly(rate("constant", 2.0)), most, of="subset-sum-products#11")

    def products(A: float) -> float:
        return rate("product", A)

    def density_at_2(scale: float) -> float:
        return float(UniformProduct(float(high.subs(A, scale))).pdf(2.0))

    scales = {"A": [2.125, 4.0, 5.5, 2.0**10]}
    steps.computes(sides("subset-sum-products#7", "=", R=1), products, scales)
    steps.computes(sides("subset-sum-products#5", "=", R=1), density_at_2, scales)


# -- a layer ---------------------------------------------------------------------------------------


def _one_target_only() -> Counterexample | None:
    # b = 1, a uniform on [-2, 2]: in the shared layout the products ab = a are independent, κ = ½
    epsilon, risk, weights = Fraction(1, 2), Fraction(1, 2), 10**6
    n = subset_sum_size(1.0, float(epsilon), 0.25, float(risk))
    all_met = math.exp(-weights / 2**n)  # at least (1 - 2^-n)^N, see subset-sum-signs
    return unless(
        all_met >= risk,
        "δ/m for each weight (δ itself)",
        {"w_max": 1, "m": weights, "ε": epsilon, "δ": risk, "M": n, "b": 1, "a": "U[−2, 2]"},
        f"by their signs alone, if all |w| > ε, all are met with probability at most {all_met:.1g} "
        "< 1 − δ",
    )


PRICED = SubsetSum(reach=2.0625)  # numbers that grow slowly: so many that 1 % is seen
INPUTS, TOLERANCE, RISK = 7, 2.0**-10, 2.0**-5


def neurons_per_weight(outputs: float, scheme: SubsetSum = PRICED) -> float:
    """What `plan` asks for in one layer of weights ± 1 with this many outputs."""
    weights = np.ones((int(outputs), INPUTS))
    domain = Ball(1.0, nonnegative=True)
    F = Network([weights])
    found = plan(F, None, scheme, weight_epsilon=TOLERANCE, inputs=domain, delta=RISK)
    return found.neurons_per_weight


def _two_products(own: bool) -> Iterator[tuple[dict[Any, Fraction], dict[Any, Fraction]]]:
    """The law of the two products of an input's neurons for one output, and the law of one.

    Two neurons, two outputs, b in {1, 2}, a in {-1, 1}; without `own` both neurons have one b.
    """
    draws = list(itertools.product((1, 2), (1, 2), *[(-1, 1)] * 4))
    for output in (0, 1):
        pairs: dict[Any, Fraction] = defaultdict(Fraction)
        for b0, b1, *a in draws:
            pairs[a[2 * output] * b0, a[2 * output + 1] * (b1 if own else b0)] += Fraction(
                1, len(draws)
            )
        one: dict[Any, Fraction] = defaultdict(Fraction)
        for (first, _), p in pairs.items():
            one[first] += p
        yield pairs, one


@proof(
    source="★ (the idea: Pensia et al. 2020)",
    prose=("construction", "independence", "union bound"),
    code=(SubsetSumScheme.block_rows, plan),
    uses=("subset-sum-count", "union-bound", "pensia2020"),
    wrong={"scheme": SubsetSum(reach=2.06), "own": False},
    refute=_one_target_only,
)
def subset_sum_layer(steps: Steps, scheme: SubsetSum = PRICED, own: bool = True) -> None:
    m, risk, missed = sp.symbols("m delta p", positive=True)
    each = put(shown("subset-sum-layer#12"), m=m, delta=risk)
    steps.implies({le(missed, each): m}, le(m * missed, risk))
    steps.each(
        lambda pairs, one: all(pairs[s, t] == one[s] * one[t] for s in one for t in one),
        _two_products,
        own,
    )
    # the count of the theorem at R = w_max = 1 and the δ of one weight
    reach = right_side("subset-sum-layer#11", "=", "R", w_max=1)
    spans(steps, "subset-sum-layer#9", shown("subset-sum-step#5", R=reach), w_max=1)
    d = exactly(growth(str(PRICED.law), float(str(PRICED.reach)))) / 2
    error = exactly(PRICED.scheme(1.0, TOLERANCE).tolerance)
    count = right_side(COUNT, ">=", "n", R=reach, epsilon=error, kappa=2 * reach * d)
    outputs = sp.Symbol("n_i")
    count = put(count, delta=put(each, m=INPUTS * outputs, delta=exactly(RISK)))
    per_weight = put(shown("subset-sum-layer#16"), M=sp.ceiling(count))

    def planned(outputs: float) -> float:
        return neurons_per_weight(outputs, scheme)

    steps.computes(per_weight, planned, {"n_i": [1, 2, 5]})
    one_half(steps, "subset-sum-layer#6", ">", "b")
    accepted(steps, "subset-sum-layer#4", lambda error: scheme.scheme(1.0, error), w_max=1)
    promised(steps, "subset-sum-layer#14")


# -- what no number of a wrong sign can do ---------------------------------------------------------


def _shared_set() -> Counterexample | None:
    # numbers ±1, fair and independent; half of the weights 1, half -1, ε = 1/2; one set for all
    n, weights = 12, 10**6
    met = sum(
        len(set(signs)) == 2 for signs in itertools.product((-1, 1), repeat=n)
    )  # both signs: all weights are met
    chance = Fraction(met, 2**n)
    own = math.exp(-weights / 2**n)  # at least (1 - 2^-n)^N
    return unless(
        chance <= own,
        "each weight has its own set (one set for all)",
        {"n": n, "N": weights, "numbers": "±1", "weights": "±1", "ε": "1/2"},
        f"all are met with probability {float(chance):.4f}, far above (1 − 2⁻ⁿ)ᴺ < 1e"
        f"{math.ceil(math.log10(own))},",
    )


def _share_of_signs(n: int, weights: int, shared: bool) -> tuple[Fraction, Fraction]:
    """How often n fair numbers ± 1 have one sign; how often 1, -1, 1, … are met within 1/2."""
    sets = list(itertools.product((-1, 1), repeat=n))
    alike = sum(len(set(signs)) == 1 for signs in sets)
    aims = [(-1) ** i for i in range(weights)]
    draws = [[s] * weights for s in sets] if shared else itertools.product(sets, repeat=weights)
    met = [
        all(min(abs(s - w) for s in subset_sums(signs)) <= Fraction(1, 2) for w, signs in pairs)
        for pairs in (list(zip(aims, draw, strict=True)) for draw in draws)
    ]
    return Fraction(alike, len(sets)), Fraction(sum(met), len(met))


@proof(prose=("independence", "monotonicity"), wrong={"shared": True}, refute=_shared_set)
def subset_sum_signs(steps: Steps, shared: bool = False) -> None:
    alike, met = shown("subset-sum-signs#4"), shown("subset-sum-signs#10")
    below, size = shown("subset-sum-signs#3"), sp.Symbol("n", integer=True, positive=True)
    steps.identity(put(alike, n=size), below**size + (1 - below) ** size, of="subset-sum-signs#4")

    def as_said(n: int, N: int) -> bool:
        said = put(alike, n=n), put(met, n=n, N=N)
        return said == tuple(map(exactly, _share_of_signs(n, N, shared)))

    name, (w, s, error) = "subset-sum-signs", sp.symbols("w s epsilon", real=True)
    least = whole(right_side(f"{name}#2", ">=", "n"))
    steps.cases(as_said, n=range(least, 4), N=(1, 2, 3))
    steps.cases(lambda N: not as_said(least - 1, N), N=(1,))
    large = above_zero(sides(f"{name}#6", ">", 0)), sides(f"{name}#6", ">=", 1)
    large, exact = (put(relation, w=w, epsilon=error) for relation in large)
    steps.implies({large: 1, le(s, 0): 1}, gt(w - s, error))  # all sums have the wrong sign
    steps.implies({large: 1, exact: 1}, gt(w, 0))
    s, y = sp.symbols("s y", nonnegative=True)
    # 2^−n = s/(1 + s), δ = y/(1 + y), so that −ln(1 − 2^−n) = ln(1 + s)
    steps.holds(ge(sp.log(1 + s), s / (1 + s)), derivative=(s, 1))
    steps.holds(le(sp.log(1 + y), y), derivative=(y, 1))
    steps.implies(
        {
            le(N * sp.log(1 + s), sp.log(1 + y)): 1,
            ge(sp.log(1 + s), s / (1 + s)): N,
            le(sp.log(1 + y), y): 1,
        },
        le(N * s / (1 + s), y),
    )
    n, least = sp.Symbol("n"), sp.log(N * (1 - delta) / delta) / sp.log(2)  # y = δ/(1 − δ)
    steps.derives("eq-subset-sum-signs", ">=", least, left=n, N=N, delta=delta)
    ranges(steps, name, 12, delta=y / (1 + y))
    promised(steps, "subset-sum-signs#11")


# -- how many are needed: drawn --------------------------------------------------------------------

Draw = Callable[[tuple[int, ...], np.random.Generator], Floats]


def _setting() -> tuple[NDArray[np.float64], float, Any]:
    """Targets, ε and δ of the measured claims."""
    weights, epsilon, delta = (
        right_side(f"subset-sum-measured#{i}", "=", sp.Symbol(name))
        for i, name in ((1, "N"), (5, "epsilon"), (6, "delta"))
    )
    low, high = (float(shown(f"subset-sum-measured#{i}")) for i in (2, 3))
    return np.linspace(low, high, whole(weights)), float(epsilon), delta


def _missed(draw: Draw, n: int, draws: int) -> float:
    """The mean share of the weights that are missed."""
    targets, error, _ = _setting()
    return _mean_missed(draw, n, tuple(targets), error, draws)


@cache
def _mean_missed(draw: Draw, n: int, targets: tuple[float, ...], error: float, draws: int) -> float:
    rng = np.random.default_rng(0)
    return float(missed_shares(draw, n, np.array(targets), error, draws, rng).mean())


def _enough(steps: Steps, draw: Draw, n: int, draws: int) -> None:
    """So few are missed that the union bound gives all with probability at least 1 − δ."""
    _beyond(steps, lt(q, delta / N), draw, n, draws)


def _too_few(steps: Steps, draw: Draw, n: int, draws: int) -> None:
    """So many are missed that (1 − q)^N, the most by Jensen's inequality, is below 1 − δ."""
    _beyond(steps, gt(q, 1 - (1 - delta) ** (1 / N)), draw, n, draws)


def _beyond(steps: Steps, relation: Any, draw: Draw, n: int, draws: int) -> None:
    targets, _, risk = _setting()
    weights = targets.size
    surely(steps, relation, _missed(draw, n, draws), draws * weights, N=weights, delta=risk)


def _numbers(address: str) -> int:
    return whole(right_side(address, "=", "n"))


def _fails(dropped: str, draw: Draw, n: int, draws: int) -> Counterexample | None:
    """A law with which n numbers are too few."""
    try:
        _too_few(Steps(), draw, n, draws)
    except AssertionError:
        return None
    targets, error, _ = _setting()
    share = _missed(draw, n, draws)
    return Counterexample(
        dropped,
        {"n": n, "ε": error, "N": targets.size},
        f"{share:.3f} of {draws * targets.size:,} weights are missed, too many",
    )


def _half_the_range() -> Counterexample | None:
    return _fails(
        "numbers up to 2 (up to 1/4)", lambda shape, rng: rng.uniform(-1, 1, shape) / 4, 17, 300
    )


@evidence(
    prose=("expectation", "union bound"),
    code=(missed_shares, uniform_numbers, product_numbers),
    uses=("hoeffding1963", "union-bound"),
    wrong={"uniform": stratified_numbers, "products": stratified_numbers},
    refute=_half_the_range,
)
def subset_sum_measured(
    steps: Steps, uniform: Draw = uniform_numbers, products: Draw = product_numbers
) -> None:
    n = [_numbers(f"subset-sum-measured#{i}") for i in (8, 9, 11, 12)]
    _enough(steps, uniform, n[0], 2500)
    _too_few(steps, uniform, n[1], 600)
    _enough(steps, products, n[2], 1000)
    _too_few(steps, products, n[3], 2000)
    spans(steps, "subset-sum-measured#7", UNIFORM)
    steps.computes(shown("subset-sum-measured#10"), lambda: LARGEST_PRODUCT, {})


# -- stratified numbers ----------------------------------------------------------------------------


def _no_number_in_a_slice() -> Counterexample | None:
    m = 4  # h = 1; all eight numbers are at the far ends
    sums = subset_sums((m, m, m, m, -m, -m, -m, -m))
    missed = min(abs(2 - s) for s in sums)
    return unless(
        missed <= 1,
        "one number in every slice (all eight at the far ends)",
        {"h": 1, "numbers": "4, 4, 4, 4, -4, -4, -4, -4", "w": 2},
        f"w is missed by {missed} > h",
    )


def _numbers_in_slices(m: int, loose: int) -> Iterator[tuple[int, ...]]:
    """One number at either end of each of 2m slices of length 1, or `loose` slices beyond."""
    ends = [range(j, j + 2 + loose) for j in range(m)]
    yield from itertools.product(*ends, *([-end for end in places] for places in ends))


@proof(prose=("case distinction", "induction"), wrong={"loose": 1}, refute=_no_number_in_a_slice)
def stratified_spread(steps: Steps, loose: int = 0) -> None:
    h = sp.Symbol("h", positive=True)
    i, j, m = sp.symbols("i j m", integer=True, positive=True)
    t, w, more = sp.symbols("t w l", nonnegative=True)
    number, before = sp.symbols("x_j S_{j-1}", nonnegative=True)
    pair = (j - 2) * (j - 3)
    steps.cases(lambda j: (j - 2) * (j - 3) >= 0, j=(1, 2))
    steps.holds(ge(pair.subs(j, 3 + more), 0))
    least = sp.factor(sp.summation((i - 1) * h, (i, 1, j - 1)))  # of S_{j−1}
    steps.implies(
        {ge(before, least): 1, le(number, j * h): 1, ge(pair, 0): h / 2}, le(number, 2 * h + before)
    )
    beyond = gt(t, before + 2 * h)  # then x_j joins the sum
    steps.implies({beyond: 1, le(number, 2 * h + before): 1}, ge(t - number, 0))
    steps.implies({le(t, before + number + 2 * h): 1}, le(t - number, before + 2 * h))
    total = sp.Symbol("S_m", nonnegative=True)
    steps.implies(
        {le(w, m * h): 1, ge(total, least.subs(j, m + 1)): 1, ge(pair.subs(j, m + 1), 0): h / 2},
        le(w + h, total + 2 * h),
    )
    slices = right_side("stratified-spread#2", "=", "n")
    length = right_side("stratified-spread#4", "=", h, h=h)

    def worst_is_h(m: int) -> bool:
        low, high = right_side("stratified-spread#5", "in", "w", A=m)
        reach = fraction(high - low) / 2
        found = max(farthest(subset_sums(x), reach) for x in _numbers_in_slices(m, loose))
        return bool(exactly(found) == put(length, A=m, n=put(slices, m=m)))

    steps.cases(worst_is_h, m=(1, 2, 3))
    ranges(steps, "stratified-spread", 3, m=m)


def _stratified_on_one_side() -> Counterexample | None:
    return _fails(
        "slices on both sides of 0 (the signs dropped)",
        lambda shape, rng: np.abs(stratified_numbers(shape, rng)),
        11,
        100,
    )


@evidence(
    prose=("expectation", "union bound"),
    code=(missed_shares, stratified_numbers),
    uses=("hoeffding1963", "union-bound"),
    wrong={"stratified": uniform_numbers},
    refute=_stratified_on_one_side,
)
def stratified_measured(steps: Steps, stratified: Draw = stratified_numbers) -> None:
    enough, too_few = (_numbers(f"stratified-measured#{i}") for i in (3, 4))
    _enough(steps, stratified, enough, 1000)
    _too_few(steps, stratified, too_few, 500)
    spans(steps, "stratified-measured#2", SLICED)


# -- the solvers -----------------------------------------------------------------------------------

NONE = 10**9
"""The error where there is no pair."""


def _errors_in_line(
    numbers: tuple[int, ...], split: int, w: int, kept: int | None, says: Sequence[Any]
) -> tuple[int, int] | None:
    """The least error of neighbours in the line, in the worse order of ties, and that of all.

    With `kept`, only subsets of so many numbers count. The page `says` what stands in the line for
    a sum of the right part, and what the error is.
    """
    in_line, error = says
    parts = numbers[:split], numbers[split:]
    left, right = (
        [
            (sum(chosen), len(chosen))
            for size in range(len(part) + 1)
            for chosen in itertools.combinations(part, size)
        ]
        for part in parts
    )
    pairs = [(a, b) for a in left for b in right if kept in (None, a[1] + b[1])]
    if not pairs:
        return None
    neighbours = []
    for first in (1, -1):  # ties: the left part first, or last
        line = sorted(
            [(s, first, 0, size) for s, size in left]
            + [(in_line(w, s), 0, 1, size) for s, size in right]
        )  # fmt: skip
        meets = [
            b[0] - a[0]
            for a, b in itertools.pairwise(line)
            if a[2] != b[2] and kept in (None, a[3] + b[3])
        ]
        neighbours.append(min(meets, default=NONE))
    return max(neighbours), min(error(a[0], b[0], w) for a, b in pairs)


def _lines(kept: int | None) -> Iterator[tuple[Any, ...]]:
    """Up to 4 numbers, where they are split, a target, and the two least errors."""
    says = [
        sp.lambdify(sp.symbols(letters), shown(f"meet-in-the-middle#{number}"), modules=[{}])
        for number, letters in ((2, "w r"), (4, "l r w"))
    ]
    for n in range(5):
        for numbers in itertools.product((-4, -1, 2, 3), repeat=n):
            for split, w in itertools.product(range(n + 1), range(-5, 6, 2)):
                if (found := _errors_in_line(numbers, split, w, kept, says)) is not None:
                    yield numbers, split, w, *found


def _closest_pair_of_two() -> Counterexample | None:
    for numbers, split, w, near, least in _lines(2):
        if len(numbers) == 4 and split == 2 and least < near < NONE:
            return Counterexample(
                "all subsets count (only those of two numbers)",
                {"left": numbers[:split], "right": numbers[split:], "w": w},
                f"the closest such subset, off by {least}, is no pair of neighbours",
            )
    return None


@proof(
    source="Horowitz and Sahni 1974, in another form",
    prose=("case distinction",),
    uses=("horowitz1974",),
    wrong={"kept": 2},
    refute=_closest_pair_of_two,
)
def meet_in_the_middle(steps: Steps, kept: int | None = None) -> None:
    low, between, high = sp.symbols("p z q", real=True)
    # z lies between a closest pair p <= q: with the end of the other side it is as close
    steps.implies({ge(between, low): 1}, le(high - between, high - low))
    steps.implies({le(between, high): 1}, le(between - low, high - low))
    steps.each(lambda numbers, split, w, near, least: near == least, _lines, kept)


Solver = Callable[..., subsets.Subsets]
Allowed = Sequence[int | None]


def _sixteenths(numbers: Iterable[Any]) -> list[int]:
    return [whole(16 * number) for number in numbers]


def _short_sets() -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
    """Numbers (rows, n), targets (t,), errors (rows, t, 2^n) of all codes, sizes (2^n,)."""
    values = _sixteenths(members("closest-exact#5", "x"))
    farthest_target = whole(right_side("closest-exact#7", "<=", sp.Abs(sp.Symbol("j"))))
    (step,) = _sixteenths([shown("closest-exact#6", j=1)])
    targets = step * np.arange(-farthest_target, farthest_target + 1)
    for n in range(whole(shown("closest-exact#4")) + 1):
        x = np.array(list(itertools.product(values, repeat=n)), dtype=np.int64)
        x = x.reshape(len(values) ** n, n)
        bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
        yield x, targets, (x @ bits.T)[:, None, :] - targets[:, None], bits.sum(axis=1)


def _best(errors: Ints, sizes: Ints, allowed: int | None) -> Ints:
    """The code that the definition asks for, by a look at all."""
    codes = np.arange(sizes.size)
    far = np.abs(errors)
    rank = (far * 8 + sizes) * 16 + codes  # exact: all are small integers
    if allowed is not None:
        sparsest = (sizes * 64 + far) * 16 + codes
        rank = np.where(far <= allowed, sparsest, 2**20 + rank)
    best: Ints = rank.argmin(axis=-1)
    return best


def _arguments(targets: Ints, x: Ints, most: int | None) -> tuple[Any, ...]:
    """In units of 1/16."""
    given = (targets / 16, x / 16)
    return given if most is None else (*given, most / 16)


def _short_answers(solve: Solver, allowed: Allowed) -> Iterator[tuple[Any, ...]]:
    """What a solver says (code, error, whether found) and what is right, in units of 1/16."""
    for (x, targets, errors, sizes), most in itertools.product(_short_sets(), allowed):
        wanted = _best(errors, sizes, most)
        seen = np.take_along_axis(errors, wanted[..., None], axis=-1)[..., 0]
        within = np.full(seen.shape, True) if most is None else np.abs(seen) <= most
        got = solve(*_arguments(targets, x, most))
        told = (got.codes, got.errors * 16, got.found)
        columns = [a.ravel().tolist() for a in (*told, wanted, seen, within)]
        sets = itertools.product(x.tolist(), targets.tolist())
        for (numbers, w), *found in zip(sets, *columns, strict=True):
            yield numbers, w, most, tuple(found[:3]), tuple(found[3:])


def _fewest(x: Ints) -> tuple[Ints, Ints]:
    """All subset sums, and the fewest numbers that make each."""
    fewest = {0: 0}
    for number in x.tolist():
        for total, size in list(fewest.items()):
            fewest[total + number] = min(size + 1, fewest.get(total + number, x.size))
    return np.array(list(fewest)), np.array(list(fewest.values()))


def _long_answers(solve: Solver, allowed: Allowed) -> Iterator[tuple[Any, ...]]:
    """The same for long sets: |error| where it must be the least, size, whether found.

    Squares of primes with alternating signs; targets from below the least sum to above the
    largest; one set for all of them, and own sets.
    """
    lengths = [whole(n) for n in members("closest-exact#8", "n")]
    count, primes = (
        whole(shown("closest-exact#12")),
        list(sp.primerange(sp.prime(max(lengths)) + 1)),
    )
    (size,) = shown("closest-exact#9").args  # of either sign
    squares = _sixteenths(put(size, p=p) for p in primes)
    for n, most in itertools.product(lengths, allowed):
        x = np.array([(-1) ** i * square for i, square in enumerate(squares[:n])])
        targets = np.linspace(x.clip(max=0).sum() - 3, x.clip(min=0).sum() + 3, count).astype(int)
        sums, fewest = _fewest(x)
        far = np.abs(sums - targets[:, None])
        least = far.min(axis=1)
        limit = least if most is None else np.maximum(least, most)
        size = np.where(far <= limit[:, None], fewest, n + 1).min(axis=1)
        within = least <= (least if most is None else most)
        for rows, aims in ((x, targets), (np.repeat(x[None], count, axis=0), targets[:, None])):
            got = solve(*_arguments(aims, rows, most))
            off = np.abs(got.errors.ravel() * 16) <= limit
            told = np.stack([off, got.sizes.ravel(), got.found.ravel()], axis=1).tolist()
            right = np.stack([off | True, size, within], axis=1).tolist()
            for w, got_, best in zip(targets.tolist(), told, right, strict=True):
                yield n, w, most, got_, best


def _check_solver(steps: Steps, solve: Solver, short: Allowed, long: Allowed) -> None:
    """Compare a solver with a look at all subsets, in integers."""
    steps.each(lambda numbers, w, within, got, best: got == best, _short_answers, solve, short)
    steps.each(lambda n, w, within, got, best: got == best, _long_answers, solve, long)


def greedy_subset(targets: Any, samples: Any) -> subsets.Subsets:
    """Largest number first, while it fits: not the closest subset."""
    t, numbers = np.broadcast_arrays(
        np.asarray(targets, float)[..., None], np.asarray(samples, float)[..., None, :]
    )
    order = np.argsort(-np.abs(numbers), axis=-1, kind="stable")
    lead = np.broadcast_shapes(t.shape[:-1], np.shape(targets))
    left = np.broadcast_to(np.asarray(targets, float), lead).copy()
    codes = np.zeros(lead, np.uint32)
    for place in np.moveaxis(order, -1, 0):
        number = np.take_along_axis(numbers, place[..., None], axis=-1)[..., 0]
        fits = (np.sign(number) == np.sign(left)) & (np.abs(number) <= np.abs(left))
        left = left - np.where(fits, number, 0)
        codes |= np.where(fits, 1 << place, 0).astype(np.uint32)
    return subsets.Subsets(codes, -left, np.ones(left.shape, bool), numbers.shape[-1])


def _greedy_is_not_closest() -> Counterexample | None:
    for numbers, w, _, (_, off, _), (_, least, _) in _short_answers(greedy_subset, (None,)):
        if abs(off) > abs(least):
            return Counterexample(
                "all subsets are looked at (greedily, the largest first, instead)",
                {"numbers": [number / 16 for number in numbers], "w": w / 16},
                f"greedy is off by {abs(off):.0f}/16, the closest subset by {abs(least)}/16,",
            )
    return None


@finite(
    code=(subsets.closest_subset,),
    uses=("meet-in-the-middle",),
    wrong={"closest": greedy_subset},
    refute=_greedy_is_not_closest,
)
def closest_exact(steps: Steps, closest: Solver = subsets.closest_subset) -> None:
    _check_solver(steps, closest, [None], [None])


def _closest_instead(targets: Any, samples: Any, epsilon: float) -> subsets.Subsets:
    return subsets.closest_subset(targets, samples)


def _closest_is_not_sparsest() -> Counterexample | None:
    for numbers, w, _, (code, *_), (best, *_) in _short_answers(_closest_instead, (2,)):
        if code.bit_count() > best.bit_count() and len(numbers) == 3:
            return Counterexample(
                "the fewest numbers within ε (the closest subset instead)",
                {"numbers": [number / 16 for number in numbers], "w": w / 16, "ε": "1/8"},
                f"the closest keeps {code.bit_count()} numbers where {best.bit_count()} will do",
            )
    return None


@finite(
    code=(subsets.sparsest_subset,),
    wrong={"sparsest": _closest_instead},
    refute=_closest_is_not_sparsest,
)
def sparsest_exact(steps: Steps, sparsest: Solver = subsets.sparsest_subset) -> None:
    allowed = (_sixteenths(members(f"sparsest-exact#{i}", "epsilon")) for i in (2, 3))
    _check_solver(steps, sparsest, *allowed)
