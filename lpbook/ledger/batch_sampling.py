"""Claims of the chapter *batch_sampling*."""

from __future__ import annotations

import itertools
import math
import operator
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from statistics import NormalDist
from typing import Any

import numpy as np
import sympy as sp

from lpbook.batches import (
    all_hit,
    batch_size,
    best_leading_size,
    output_batch_size,
    pooled_batch_size,
    unserved,
)
from lpbook.constructions import GoldenRatio
from lpbook.constructions.golden_ratio import GoldenRatioScheme
from lpbook.digits import worst_error
from lpbook.experiments.confidence import hoeffding_tolerance
from lpbook.experiments.pooled_layer import Pool, draw_pool, scheme_of_digits, unserved_in_draws
from lpbook.experiments.small_layers import (
    Layer,
    closed,
    half_open,
    largest_mean,
    least_service,
    service_cases,
    some_missed,
    unserved_counts,
)
from lpbook.ledger.binomial import BinBelow, binomial_chance, binomial_tail
from lpbook.ledger.common import (
    IsDigit,
    at_most_one_digit,
    drawn_in_weights,
    promised,
    rounded,
    unless,
)
from lpbook.ledger.core import Counterexample, Steps, evidence, exactly, finite, proof
from lpbook.ledger.exact import binary, fraction, is_least, true_at, whole
from lpbook.ledger.ranges import accepted, ranges
from lpbook.ledger.reading import argument, event, members, right_side, rounded_up
from lpbook.ledger.relations import ge, gt, le, lt
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import Network
from lpbook.pruning import plan

COUNTS = {"m": (1, 100), "k": (1, 20), "c": (0.75, 2.0**-12), "delta": (0.5, 1e-9)}
"""Where the formulas of samples are compared with the package."""
HALF = Fraction(1, 2)
Size = Callable[..., int]


def sharper_size(m: int, k: int, c: float, delta: float) -> int:
    """The sharper count of the package."""
    return batch_size(m, k, c, delta, "chernoff")


def exact_size(needs: int, c: float, delta: float) -> int:
    """The least M with needs (1 - c)^M <= delta of the package."""
    return batch_size(1, needs, c, delta, "exact")


# -- the lemma and its sharper forms -----------------------------------------------------------


def _at_s_equal_1(steps: Steps, few: Any, mu: Any) -> Any:
    """The exponent of Chernoff's bound at s = 1."""
    exponent = few - mu * (1 - sp.exp(-1))
    tail = event(r"X\le m")
    steps.derives("eq-chernoff-lower-tail", "<=", sp.exp(exponent), tail, s=1, m=few, mu=mu)
    return exponent


def _leading_three_halves() -> Counterexample | None:
    c, delta, m = Fraction(1, 128), Fraction(1, 2**58), 56
    size = math.ceil(Fraction(3, 2) / c * (m + Fraction(58 * math.log(2))))
    missed = binomial_tail(m, size, c)
    return unless(
        missed <= delta,
        "the leading constant 2 (3/2 instead)",
        {"k": 1, "c": c, "δ": "2^-58", "m": m, "M": size},
        f"the category holds fewer than m with probability {float(missed / delta):.4g} δ",
    )


@proof(
    source="Orseau et al. 2020, batch sampling",
    prose=("union bound",),
    code=(batch_size,),
    uses=("chernoff-lower-tail", "union-bound", "dominance", "orseau2020"),
    wrong={"size": lambda m, k, c, delta: math.ceil(1.99 / c * (m + math.log(k / delta)))},
    refute=_leading_three_halves,
)
def batch_lemma(steps: Steps, size: Size = batch_size) -> None:
    m, k, c, t, mu = sp.symbols("m k c t mu", positive=True)
    steps.computes(right_side("eq-batch-lemma", "=", "M"), size, COUNTS)
    exponent = _at_s_equal_1(steps, m, mu)
    enough = rounded_up(sides("eq-batch-lemma", "=", m=m, k=k, c=c, delta=k * sp.exp(-t)).rhs)
    steps.implies({ge(mu, c * enough): 1 - sp.exp(-1)}, le(exponent, -t))
    promised(steps, "batch-lemma#5")


def _a_percent_below_best() -> Counterexample | None:
    leading, halvings, m = 0.99 * math.e / (math.e - 1), 433, 418
    size = math.ceil(leading * 256 * (m + halvings * math.log(2))) + 1  # one more, for rounding
    ways = sum(math.comb(size, j) * 255 ** (m - 1 - j) for j in range(m)) * 255 ** (size - m + 1)
    excess = ways >> (8 * size - halvings)  # the probability over δ, rounded down
    return unless(
        excess <= 0,
        "the leading constant e/(e − 1) (99 % of it)",
        {"k": 1, "c": Fraction(1, 256), "δ": f"2^-{halvings}", "m": m, "M": size},
        f"the category holds fewer than m with probability more than {excess} δ",
    )


@proof(
    prose=("induction", "limit", "monotonicity", "union bound"),
    code=(best_leading_size,),
    uses=("chernoff-lower-tail", "union-bound", "dominance", "exact-count-monotone"),
    wrong={"size": lambda m, k, c, delta: math.ceil(1.58 / c * (m - 1 + math.log(k / delta)))},
    refute=_a_percent_below_best,
)
def best_leading(steps: Steps, size: Size = best_leading_size) -> None:
    few = sp.Symbol("m'", nonnegative=True)
    k, c, t, mu = sp.symbols("k c t mu", positive=True)
    steps.computes(right_side("eq-best-leading", "=", "M"), size, COUNTS)
    exponent = _at_s_equal_1(steps, few, mu)
    count = sides("eq-best-leading", "=", m=few + 1, k=k, c=c, delta=k * sp.exp(-t)).rhs
    steps.implies({ge(mu, c * rounded_up(count)): 1 - sp.exp(-1)}, le(exponent, -t))
    _poisson_limit(steps)
    _below_the_limit(steps)


def _poisson_limit(steps: Steps) -> None:
    """With c = μ/M the count is M, and Pr[X = m - 1] tends to a Poisson probability."""
    m, size = sp.symbols("m M", integer=True, positive=True)
    lead, mu = sp.symbols("L mu", positive=True)
    t, x = (sp.E - 2) * m, sp.Symbol("x", positive=True)
    count = {"L": lead, "m": m, "c": lead * (m + t) / size, "delta": sp.exp(-t)}
    rounded_up(right_side("eq-best-leading-needed", "=", "M"))  # as the limit below takes it
    steps.derives("eq-best-leading-needed", "=", size, sp.Symbol("M"), **count)
    c = mu / size
    growth = sp.binomial(size, m) / sp.binomial(size, m - 1) * c / (1 - c)
    steps.identity(growth, mu / m * (1 - (m - 1) / size) / (1 - mu / size))
    steps.identity(sp.Limit((1 - (m - 1) / x) / (1 - mu / x), x, sp.oo), 1)
    steps.identity(sp.Limit((1 - mu / x) ** x, x, sp.oo), sp.exp(-mu))
    ranges(steps, "best-leading", 3, L=lead)


def _below_the_limit(steps: Steps) -> None:
    """The Poisson probability of m - 1 at μ = λm is above δ for a large m, if L is below."""
    x, lam, r, h = sp.symbols("m lambda r h", positive=True)
    u, v = sp.Symbol("u", real=True), sp.Symbol("v", nonnegative=True)
    stirling = 1 + sp.log(x) + x * (sp.log(x) - 1)  # at least ln m!
    steps.cases(lambda m: sp.factorial(m) <= sp.exp(stirling.subs(x, m)), m=range(1, 13))
    steps.holds(ge(sp.exp(u), 1 + u), derivative=(u, 2))
    shorter = le(sp.log(x / (x + 1)), -1 / (x + 1))
    growth = stirling.subs(x, x + 1) - stirling
    steps.implies({shorter: x + 1}, le(sp.log(x + 1), sp.expand_log(growth)))
    poisson = -lam * x + x * sp.log(lam * x) - sp.log(lam) - stirling
    height = sp.log(lam) - lam + sp.E - 1
    steps.identity(poisson + (sp.E - 2) * x, x * height - sp.log(sp.E * lam * x))
    steps.identity(height.subs(lam, sp.E * h), sp.log(h) + sp.E * (1 - h))  # 0 at λ = e
    least = right_side("best-leading#3", "<", "L", 1)
    steps.identity(least * (sp.E - 1), sp.E, of="best-leading#3")
    steps.identity(shown("best-leading#11"), least, of="best-leading#11")
    steps.holds(lt(sp.diff(height, lam).subs(lam, 1 + r), 0))
    steps.holds(ge(sp.exp(v), 1 + v + v**2 / 2), derivative=(v, 3))
    enough = 2 * sp.E * lam / h**2
    steps.implies({ge(x, enough): 1 / enough}, ge((x * h) ** 2 / 2 / (sp.E * lam * x), 1))


def _one_less_still() -> Counterexample | None:
    # m' = m - 2: k = 1, m = 2, so m' = 0 and M = 2 ln(1/δ)/c
    c, delta, m = Fraction(1, 64), Fraction(1, 2), 2
    size = math.ceil(2 * math.log(2) * 64)
    missed = binomial_tail(m, size, c)
    return unless(
        missed <= delta,
        "m′ = m − 1 (m − 2 instead)",
        {"k": 1, "c": c, "δ": delta, "m": m, "M": size},
        f"the category holds fewer than m with probability {float(missed):.4g} > δ",
    )


def _sharper(**symbols: Any) -> Any:
    """The sharper count of the book, of m, k, c and δ, or of what stands for m′ and t."""
    count, few, t = (
        right_side("eq-sharper-count", "=", letter, i) for i, letter in enumerate(("M", "m'", "t"))
    )
    return put(count, **{"m'": put(few, **symbols), "t": put(t, **symbols)} | symbols)


@proof(
    prose=("union bound",),
    code=(batch_size,),
    uses=("chernoff-lower-tail", "union-bound", "dominance"),
    wrong={"size": lambda m, k, c, delta: sharper_size(m + 1, k, c, delta)},
    refute=_one_less_still,
)
def sharper_count(steps: Steps, size: Size = sharper_size) -> None:
    steps.computes(_sharper(), size, COUNTS)
    # any m' >= 0 and t > 0 are y(y + r) and r²/2: then the root is a square
    y, z, t = sp.symbols("y z t", nonnegative=True)
    r, c, e = sp.symbols("r c e", positive=True)
    few, log, root = y * (y + r), r**2 / 2, (y + r) ** 2
    steps.identity(_root_of_sharper(c, few, log), root)
    tail = event(r"X\le m")
    bound = right_side("eq-chernoff-lower-tail-b", "<=", tail, mu=root, m=few)
    steps.identity(bound.args[0], -log, of="eq-chernoff-lower-tail-b")
    steps.holds(ge((root + z - few) ** 2, 2 * (root + z) * log))
    least = c * right_side("sharper-count#2", ">=", "M", **{"m'": few, "c": c})
    below = {lt(least + e, root): e + r * y}  # from m' to the root the exponent is below t
    steps.implies(below, lt(e**2, 2 * (few + e) * log))
    x = sp.Symbol("m", positive=True)
    mean, limit = sides("sharper-count#7", "to").args
    size = (_root_of_sharper(c, x - 1, t) + c) / c  # rounding adds less than 1
    mean = put(mean, M=size, m=x, c=c)
    far = right_side("sharper-count#8", "to", "m")
    steps.identity(sp.Limit(mean, x, far), limit, of="sharper-count#7")


def _root_of_sharper(c: Any, few: Any, t: Any) -> Any:
    """What the sharper count says of μ = Mc, not rounded up."""
    count = _sharper(**{"m'": few, "t": t, "c": c})
    return (c * rounded_up(count)).replace(sp.Pow, lambda base, power: sp.factor(base) ** power)


def _strict_too_early() -> Counterexample | None:
    c, m = Fraction(1, 3), 4
    for size in range(m):
        if (same := binomial_tail(m, size, c)) == binomial_tail(m, size + 1, c):
            values, shows = {"c": c, "m": m, "M": size}, f"both probabilities are {same}"
            return Counterexample("M ≥ m − 1", values, f"one more changes nothing: {shows}")
    return None


@proof(
    prose=("induction",),
    code=(batch_size,),
    uses=("chernoff-lower-tail",),
    refute=_strict_too_early,
)
def exact_count_monotone(steps: Steps) -> None:
    size, j, m = sp.symbols("M j m", integer=True, positive=True)
    odds, mu = sp.symbols("q mu", positive=True)  # odds: c/(1 - c)
    c = odds / (1 + odds)

    def point(trials: Any, successes: Any) -> Any:  # Pr[Bin = successes] over (1 - c)^M odds^j
        return sp.binomial(trials, successes) * odds ** (successes - j)

    one_more = c * point(size, j - 1) + (1 - c) * point(size, j)
    steps.identity(point(size + 1, j) * (1 - c), one_more)
    change = sides("eq-exact-count-monotone", "=")
    start = right_side("exact-count-monotone#5", "=", "M")

    def changes(M: int, m: int, c: Fraction) -> bool:
        falls = binomial_tail(m, M + 1, c) < binomial_tail(m, M, c)
        return true_at(change, M=M, m=m, c=c) and falls == (put(start, m=m) <= M)

    chances = [Fraction(1, 7), Fraction(1, 2), Fraction(5, 6)]
    steps.cases(changes, M=range(9), m=range(1, 9), c=chances)
    sure = fraction(right_side("exact-count-monotone#6", "<", "c"))  # then it falls but once
    steps.cases(lambda M: binomial_tail(1, M, sure) == 0, M=(1, 2))
    tail = sp.exp(-((mu - m) ** 2) / (2 * mu))
    steps.derives("eq-chernoff-lower-tail-b", "<=", tail, event(r"X\le m"), mu=mu, m=m)
    steps.identity(sp.Limit(tail, mu, sp.oo), 0)
    allowed = sides("exact-count-monotone#8", "<=")

    def is_first(m: int, k: int, c: float, delta: float) -> bool:
        least = batch_size(m, k, c, delta, "exact")
        values: dict[str, Any] = {"m": m, "k": k, "c": c, "delta": delta}
        return is_least(allowed, least, **values) and true_at(allowed, M=least + 1, **values)

    steps.cases(is_first, m=(1, 7), k=(1, 20), c=(0.75, 2.0**-4), delta=(0.5, 2.0**-20))
    ranges(steps, "exact-count-monotone", 2, m=m)
    accepted(steps, "exact-count-monotone#1", lambda c: batch_size(1, 1, c, 0.5))


def _finite_set() -> dict[str, list[Any]]:
    """m, k, c and δ of the statement."""
    kinds = {"m": whole, "k": whole, "c": binary, "delta": binary}
    return {
        letter: [kind(value) for value in members(f"exact-count-smallest#{i}", letter)]
        for i, (letter, kind) in enumerate(kinds.items(), start=3)
    }


def _normal_count(m: int, k: int, c: float, delta: float) -> int:
    """The textbook's count: the least M with Mc - z sqrt(Mc(1 - c)) >= m."""
    z, size = NormalDist().inv_cdf(1 - delta / k), m
    while size * c - z * math.sqrt(size * c * (1 - c)) < m:
        size += 1
    return size


def _normal_instead_of_binomial() -> Counterexample | None:
    worst, where = Fraction(1), {}
    for m, k, c, delta in itertools.product(*_finite_set().values()):
        size = _normal_count(m, k, c, delta)
        missed = k * binomial_tail(m, size, Fraction(c)) / Fraction(delta)
        if missed > worst:
            worst, where = missed, {"m": m, "k": k, "c": c, "δ": delta, "M": size}
    return unless(
        not where,
        "the binomial tail itself (the normal approximation instead)",
        where,
        f"the union bound is {float(worst):.4g} δ",
    )


@finite(
    code=(batch_size,),
    uses=("exact-count-monotone",),
    wrong={"batch_size": lambda *case: batch_size(*case) - 1},
    refute=_normal_instead_of_binomial,
)
def exact_count_smallest(steps: Steps, batch_size: Size = batch_size) -> None:
    bound = sides("exact-count-smallest#2", "<=")

    def is_smallest(m: int, k: int, c: float, delta: float) -> bool:
        size = batch_size(m, k, c, delta, "exact")
        return is_least(bound, size, m=m, k=k, c=c, delta=delta)

    steps.cases(is_smallest, **_finite_set())


def _leading_one(m: int, k: int, c: float, delta: float, bound: str = "poster") -> int:
    if bound == "poster":
        return math.ceil((m + math.log(k / delta)) / c)
    return batch_size(m, k, c, delta, bound)


def _lemma_with_one() -> Counterexample | None:
    case = 100, 20, 1 / 160, 0.01
    shorter, exact = _leading_one(*case), batch_size(*case, "exact")
    return unless(
        exact <= shorter,
        "the lemma's leading constant 2 (1 instead)",
        {"m": 100, "k": 20, "c": "1/160", "δ": 0.01},
        f"its count {shorter:,} is below the exact one, {exact:,},",
    )


@proof(
    prose=("monotonicity",),
    code=(batch_size,),
    uses=("sharper-count", "exact-count-monotone"),
    wrong={"size": _leading_one},
    refute=_lemma_with_one,
)
def count_order(steps: Steps, size: Size = batch_size) -> None:
    steps.computes(right_side("eq-batch-lemma", "=", "M"), size, COUNTS)
    steps.computes(_sharper(), sharper_size, COUNTS)
    y = sp.Symbol("y", nonnegative=True)
    r, k, c = sp.symbols("r k c", positive=True)
    few, t = y * (y + r), r**2 / 2  # as for the sharper count
    case = {"m": few + 1, "k": k, "c": c, "delta": k * sp.exp(-t)}
    lemma = c * rounded_up(sides("eq-batch-lemma", "=", **case).rhs)
    steps.identity(_root_of_sharper(c, few, t), (y + r) ** 2)
    steps.holds(ge(sp.expand_log(lemma), (y + r) ** 2))

    def in_order(m: int, k: int, c: float, delta: float) -> bool:
        found = [size(m, k, c, delta, bound) for bound in ("exact", "chernoff", "poster")]
        return found == sorted(found)

    steps.cases(in_order, **COUNTS)


# -- layouts -----------------------------------------------------------------------------------


def _block(steps: Steps, label: str, size: Size, **at: Any) -> Any:
    """A count of neurons: least M with needs (1 - c)^M <= δ, its closed form; gives the needs."""
    c, delta, bound = sp.Symbol("c"), sp.Symbol("delta"), sides(label, "<=", 0)
    needs = bound.lhs / (1 - c) ** sp.Symbol("M")
    steps.derives(label, "<=", sp.ceiling(sp.log(needs / delta) / c), sp.Symbol("M"), 1)
    closed = sides(label, "<=", 1)

    def as_said(c: float, delta: float, **counts: int) -> bool:
        found = size(**counts, c=c, delta=delta)
        values: dict[str, Any] = counts | {"c": c, "delta": delta}
        return is_least(bound, found, **values) and true_at(closed, M=found, **values)

    steps.cases(as_said, c=(0.5, 2.0**-9), delta=(0.5, 2.0**-20), **at)
    return needs


def _planned(steps: Steps, layout: str, per_weight: Any) -> None:
    """What `plan` counts for one layer of 3 outputs and 4 inputs."""
    bound = sides("eq-reserved-layout", "<=", 0)

    def is_planned(law: str, epsilon: float) -> bool:
        network = Network([np.ones((3, 4))])
        found = plan(
            network, None, GoldenRatio(law=law), weight_epsilon=epsilon, delta=0.01, layout=layout
        )
        layer: Any = found.layers[0]
        size, c = layer.widths[0], layer.scheme.probability(False)
        values = {"k": layer.requirements, "m": layer.weights, "c": c, "delta": 0.01}
        wanted = put(per_weight, M=size, n=3)
        return is_least(bound, size, **values) and found.neurons == 12 * wanted

    steps.cases(is_planned, law=("constant", "common"), epsilon=(0.3, 0.01))


def _constant(outputs: int, inputs: int, k: int, sorted_by: str = "a", **more: Any) -> Layer:
    """In-weights ± 1, digits equally likely; one of them is the upper end of the next one."""
    return Layer(outputs, inputs, k, dict.fromkeys(range(2, k + 2), 1), {0: 1}, sorted_by, **more)


def reserved_size(k: int, m: int, c: float, delta: float) -> int:
    """The count of the reserved and of the shared layout."""
    return exact_size(2 * k * m, c, delta)


def _blocks_without_m() -> Counterexample | None:
    c, delta, m = Fraction(1, 4), Fraction(1, 100), 50
    size = reserved_size(1, 1, float(c), float(delta))  # the m weights forgotten
    fails = 1 - all_hit(2, c, size) ** m
    return unless(
        fails <= delta,
        "all m weights in the union bound (one of them only)",
        {"k": 1, "c": c, "δ": delta, "m": m, "M": size},
        f"some block fails with probability {float(fails):.4g} > δ",
    )


@proof(
    source="Orseau et al. 2020, without recycling; constants ★",
    prose=("independence", "union bound"),
    code=(batch_size, plan),
    uses=("coupon-collector", "union-bound"),
    wrong={"size": lambda k, m, c, delta: exact_size(k * m, c, delta)},  # one half forgotten
    refute=_blocks_without_m,
)
def reserved_layout(steps: Steps, size: Size = reserved_size) -> None:
    needs = _block(steps, "eq-reserved-layout", size, k=(1, 12), m=(1, 30))

    def is_enough(k: int, m: int, delta: Fraction) -> bool:  # one block for each of m weights
        one = _constant(1, 1, k).satisfied((1,)).reshape(-1, 2 * k)
        neurons = size(k, m, 1 / (4 * k), float(delta))
        fails = 1 - (1 - some_missed(one, neurons)) ** m
        return m * one.shape[1] == put(needs, k=k, m=m) and fails <= delta

    steps.cases(is_enough, k=(1, 2, 3), m=(1, 2, 10), delta=(HALF, Fraction(1, 100)))
    _planned(steps, "reserved", shown("reserved-layout#4"))
    promised(steps, "reserved-layout#3")


def _two_inputs_in_one_neuron() -> Counterexample | None:
    # w = (1, 1), k = 1: neurons ((b_1, b_2), a) with 0 for an edge that is not kept
    neurons = [((1, 1), 1), ((-1, 0), -1), ((0, -1), -1)]
    satisfied = {(j, b[j] > 0) for b, a in neurons for j in range(2) if b[j] and a * b[j] == 1}
    x = (1, -1)
    found = sum(a * max(b[0] * x[0] + b[1] * x[1], 0) for b, a in neurons)
    return unless(
        len(satisfied) < 4 or found == sum(x),
        "one in-edge for each neuron (two are kept in one of them)",
        {"w": (1, 1), "x": x},
        f"both halves of both weights have their digit, but G(x) = {found}, not {x[0] + x[1]},",
    )


@proof(
    source="sharing: Pensia et al. 2020; digits and constants ★",
    prose=("independence", "union bound"),
    code=(batch_size, plan),
    uses=("coupon-collector", "union-bound", "pensia2020"),
    wrong={"size": lambda k, m, c, delta: exact_size(k * m, c, delta), "is_digit": closed},
    refute=_two_inputs_in_one_neuron,
)
def shared_layout(steps: Steps, size: Size = reserved_size, is_digit: IsDigit = half_open) -> None:
    at_most_one_digit(steps, "eq-half-open", "d")
    needs = _block(steps, "eq-reserved-layout", size, k=(1, 12), m=(1, 30))

    def is_enough(outputs: int, k: int, delta: Fraction) -> bool:  # one input
        layer = _constant(outputs, 1, k, is_digit=is_digit)
        satisfied = layer.satisfied((1, -1, 1)[:outputs])
        if (satisfied.sum(axis=2) > 1).any():  # one neuron for two requirements of one weight
            return False
        all_of_them = satisfied.reshape(len(satisfied), -1)
        fails = some_missed(all_of_them, size(k, outputs, 1 / (4 * k), float(delta)))
        return all_of_them.shape[1] == put(needs, k=k, m=outputs) and fails <= delta

    steps.cases(is_enough, outputs=(1, 2, 3), k=(1, 2), delta=(HALF, Fraction(1, 100)))
    _planned(steps, "shared", shown("shared-layout#4"))
    promised(steps, "shared-layout#2")


def _signs_of_one_network_only() -> Counterexample | None:
    delta = Fraction(1, 100)
    size = exact_size(2, 0.25, 0.01)
    fails = some_missed(_for_all_signs(_constant(1, 1, 1)), size)
    return unless(
        fails <= delta,
        "all four sign categories (those of one F only)",
        {"k": 1, "inputs": 1, "outputs": 1, "c": Fraction(1, 4), "δ": delta, "M": size},
        f"w or −w has no ticket with probability {float(fails):.4g} > δ",
    )


def _for_all_signs(layer: Layer) -> Any:
    """What each outcome satisfies of all layers of that shape, shape (outcomes, categories)."""
    same = [layer.satisfied([sign] * layer.edges) for sign in (1, -1)]
    return np.concatenate(same, axis=1).reshape(len(same[0]), -1)


def digits_error(w_max: float, gamma: float, k: int) -> float:
    """The error that k digits guarantee for weights up to w_max."""
    return w_max * worst_error(k, gamma)


@proof(
    prose=("union bound",),
    code=(batch_size, worst_error),
    uses=("shared-layout", "digits-suffice"),
    wrong={"signs": 2, "error": lambda w_max, gamma, k: digits_error(w_max, gamma, k + 1)},
    refute=_signs_of_one_network_only,
)
def one_draw_for_all(
    steps: Steps, signs: int = 4, error: Callable[..., float] = digits_error
) -> None:
    def size(c: float, delta: float, **counts: int) -> int:
        return exact_size(signs * math.prod(counts.values()), c, delta)

    needs = _block(steps, "eq-one-draw-for-all", size, **{"k": (1, 12), "n": (1, 5), "n'": (1, 6)})

    def is_enough(shape: tuple[int, int], delta: Fraction) -> bool:  # one input
        n, k = shape
        filled, counts = _for_all_signs(_constant(n, 1, k)), {"k": k, "n": n, "n'": 1}
        fails = some_missed(filled, size(1 / (4 * k), float(delta), **counts))
        return filled.shape[1] == put(needs, **counts) and fails <= delta

    steps.cases(is_enough, shape=((1, 1), (2, 1), (1, 2)), delta=(HALF, Fraction(1, 100)))
    at = {"w_max": (1.0, 0.3), "gamma": (1.25, 1.5, 1.6), "k": (1, 2, 20)}
    steps.computes(shown("eq-one-draw-error"), error, at)
    promised(steps, "one-draw-for-all#6")


# -- pooled ------------------------------------------------------------------------------------


def two_levels(
    a: Any, b: Any, k: int, sorted_by: str = "a", often: int = 999, **more: Any
) -> Layer:
    """3 outputs, 2 inputs; |a| and |b| have two values, the second `often` times less likely."""
    outer, inner = (dict(zip(exponents, (often, 1), strict=True)) for exponents in (a, b))
    return Layer(3, 2, k, outer, inner, sorted_by, **more)


def _exponents(address: str, letter: str, which: int | None = None) -> list[Fraction]:
    """The magnitudes φ^(-x) of a letter in the book; x is a whole number of quarters."""
    powers = [x.as_base_exp() for x in members(address, sp.Abs(sp.Symbol(letter)), which)]
    if any(base != sp.GoldenRatio for base, _ in powers):
        raise AssertionError(f"{address} shows {powers}, not powers of φ")
    return [Fraction(whole(-4 * exponent), 4) for _, exponent in powers]


def _finite_law(case: int) -> tuple[Any, Any, int]:
    """Exponents of |a| and of |b|, and digits: any two laws, one law, products on ends."""
    address, (first, digits) = "crowding-finite", ((5, 7), (9, 10), (12, 14))[case]
    k = whole(right_side(f"{address}#{digits}", "=", "k"))
    if case == 1:
        same = _exponents(f"{address}#{first}", "b", 1)
        return same, same, k
    outer, inner = (_exponents(f"{address}#{first + i}", letter) for i, letter in enumerate("ab"))
    return outer, inner, k


def _two_by_two(is_digit: IsDigit, sorted_by: str, same: bool) -> Iterator[Layer]:
    """Layers of 2 outputs and 2 inputs, k = 4, two values for |a| and for |b|, ends included."""
    pairs = (HALF, 1), (HALF, 2), (1, 2), (Fraction(3, 4), Fraction(7, 4))
    laws = [dict(zip(pair, p, strict=True)) for pair in pairs for p in ((1, 1), (50, 1))]
    for i, outer in enumerate(laws):
        for inner in [outer] if same else laws[i % 3 :: 3]:
            yield Layer(2, 2, 4, outer, inner, sorted_by, is_digit)


def _another_law_for_each_input() -> Counterexample | None:
    # one output, w > 0, |b_j| = φ^j, |a| = φ^-l with l uniform on 0..2k-2: the product of input j
    # is digit d = 0..k-1 if l = j + d. Category (+, d) is open at input k - 1 - d: always l = k - 1
    k = 8
    first = others = 0
    for level in range(2 * k - 1):
        for b in itertools.product((1, -1), repeat=k):  # and an out-weight > 0
            met = [b[k - 1 - d] > 0 and level == (k - 1 - d) + d for d in range(k)]
            first += met[0]
            others += met[0] * (sum(met) - 1)
    mean = Fraction(others, first)
    return unless(
        mean <= 2,
        "one law for all |b| (another constant for each input)",
        {"outputs": 1, "inputs": k, "k": k, "|b_j|": "φ^j"},
        f"a neuron that satisfies one open requirement satisfies {mean} others on average",
    )


@proof(
    prose=("case distinction", "conditioning", "expectation", "independence"),
    code=(largest_mean,),
    wrong={"is_digit": closed},
    refute=_another_law_for_each_input,
)
def crowding(steps: Steps, is_digit: IsDigit = half_open) -> None:
    at_most_one_digit(steps, "eq-half-open", "d")
    a, b, p = sp.symbols("A B P", nonnegative=True)  # sums of α, β and p over the digits
    same, other = (a + b + p / 2) / 2, (b + p / 2) / 2  # categories (σ, d') and (-σ, d')
    _mean_of_others(steps, "eq-crowding", same + other, 2 * other, signs=2)
    eta = sp.Symbol("eta", positive=True)
    p1, most = (1 - eta) ** 2, 1 - eta
    means = (p1 / 2 + 2 * most) / 2 + (p1 / 2 + most) / 2, p1 / 2 + most
    for i, (mean, case) in enumerate(zip(means, map(_finite_law, (0, 1)), strict=True)):
        most = right_side("eq-crowding", "=", "lambda", i)
        steps.identity(sp.Limit(mean, eta, 0), most, of="eq-crowding")
        reached = exactly(largest_mean(two_levels(*case, is_digit=is_digit)))
        steps.holds(ge(reached, mean.subs(eta, sp.Rational(1, 1000))))
    _means_of_small_layers(steps, "eq-crowding", is_digit, "a")
    steps.computes(shown("crowding#4"), lambda k: _constant(1, 1, k).categories, {"k": (1, 2, 3)})


def _mean_of_others(steps: Steps, label: str, any_laws: Any, same_law: Any, signs: int) -> None:
    """The three bounds λ of the book from sums over the other categories, each at most 1.

    For any laws, for one law (α = β), and for a constant |b|, where digits have 1/k each.
    """
    k, mean = sp.Symbol("k", positive=True), sp.Symbol("lambda")
    for i, total in enumerate((any_laws, same_law)):
        sums = sorted(total.free_symbols, key=str)
        most = total.subs(dict.fromkeys(sums, 1))
        steps.implies({le(x, 1): sp.diff(total, x) for x in sums}, le(total, most))
        steps.derives(label, "=", most, mean, i)
    constant = (k - 1) / (2 * k) + (signs - 1) * k / (2 * k)
    steps.derives(label, "=", constant, mean, 2, k=k)


def _means_of_small_layers(steps: Steps, label: str, is_digit: IsDigit, sorted_by: str) -> None:
    """No choice of open requirements exceeds the bounds, for many laws."""
    any_laws, same_law, constant = (sides(label, "=", i).rhs for i in range(3))
    mean = largest_mean
    steps.each(lambda layer: mean(layer) <= any_laws, _two_by_two, is_digit, sorted_by, False)
    steps.each(lambda layer: mean(layer) <= same_law, _two_by_two, is_digit, sorted_by, True)

    def is_constant(outputs: int, k: int) -> bool:
        layer = _constant(outputs, 2, k, sorted_by, is_digit=is_digit)
        return bool(largest_mean(layer) <= put(constant, k=k))

    steps.cases(is_constant, outputs=(1, 2), k=(1, 2, 3, 4))


def _all_open_at_once() -> Counterexample | None:
    # one output, six inputs, k = 1, positive weights: every requirement open
    satisfied = _constant(1, 6, 1).satisfied((1,) * 6)
    hits = satisfied[satisfied[:, 0, 0]]
    others = Fraction(int(hits.sum()), len(hits)) - 1
    return unless(
        others <= 2,
        "at most one open requirement in each category (all are open)",
        {"outputs": 1, "inputs": 6, "k": 1},
        f"a neuron that satisfies one satisfies {others} others on average, more than 2,",
    )


@finite(uses=("crowding",), wrong={"is_digit": closed}, refute=_all_open_at_once)
def crowding_finite(steps: Steps, is_digit: IsDigit = half_open) -> None:
    often = whole(1 / shown("crowding-finite#1")) - 1
    for i, case in zip((4, 8, 11), map(_finite_law, range(3)), strict=True):
        layer = two_levels(*case, often=often, is_digit=is_digit)
        found = exactly(largest_mean(layer))
        steps.identity(shown(f"crowding-finite#{i}"), found, of=f"crowding-finite#{i}")
    patterns = sum(1 for _ in layer.patterns())
    steps.identity(shown("crowding-finite#2"), patterns, of="crowding-finite#2")


def _service_without_crowding() -> Counterexample | None:
    # two outputs, one input, k = 1: categories a > 0 open at the first, a < 0 at the second output
    served = least_service(_constant(2, 1, 1))
    c = Fraction(1, 4)
    return unless(
        served >= c,
        "the loss to crowding (K = 1: each category is served with probability c)",
        {"outputs": 2, "inputs": 1, "k": 1, "c": c},
        f"a category is served with probability {served} only",
    )


@proof(
    prose=("conditioning", "expectation", "union bound"),
    code=(pooled_batch_size, GoldenRatioScheme.pooled_neurons),
    uses=("crowding", "dominance", "union-bound", "sharper-count"),
    wrong={"size": lambda m, n, c, delta, crowding: pooled_batch_size(m, n, c, delta, 0.0)},
    refute=_service_without_crowding,
)
def pooled_layout(steps: Steps, size: Size = pooled_batch_size) -> None:
    _reciprocals(steps)
    _factors(steps, "eq-crowding", "eq-pooled-factors")
    c, k, factor = sp.symbols("c k K")
    few, log = (sides("eq-sharper-count", "=", i, k=2 * k).rhs for i in (1, 2))
    steps.derives("pooled-layout#7", "=", few, sp.Symbol("m'"))
    steps.derives("pooled-layout#8", "=", log, sp.Symbol("t"))
    letters = {name: sp.Symbol(name) for name in ("m'", "t")}
    steps.derives("eq-pooled-closed", "=", _sharper(**letters, c=c / factor), sp.Symbol("M"))
    _counted(steps, "eq-pooled-layout", "eq-pooled-factors", "eq-crowding", 2, size)
    _served_in_small_layers(steps, "eq-pooled-layout", "eq-pooled-factors", "a")
    at = {"k": (1, 2), "m": (1, 2, 3)}
    steps.computes(shown("pooled-layout#5"), lambda k, m: _constant(1, m, k).requirements, at)
    promised(steps, "pooled-layout#6")


def _chords(others: Any) -> tuple[Any, Any]:
    """The chords of 1/(1 + N) through N = 0, 1 and through N = 1, 2."""
    return 1 - others / 2, sp.Rational(2, 3) - others / 6


def _reciprocals(steps: Steps) -> None:
    """1/(1 + N) is on or above both chords."""
    others, r = sp.symbols("N r", integer=True, nonnegative=True)
    for n, chord in enumerate(_chords(others)):
        above = 1 / (1 + others) - chord
        steps.identity(above, (others - n) * (others - n - 1) / ((n + 1) * (n + 2) * (others + 1)))
        steps.holds(ge(above.subs(others, 2 + r), 0))
    steps.cases(lambda N: sp.Rational(1, 1 + N) >= max(_chords(N)), N=(0, 1))


def _factors(steps: Steps, means: str, factors: str) -> None:
    """1/K is the larger one of both chords at the mean λ."""
    k = sp.Symbol("k", positive=True)
    for i, chord in enumerate((1, 1, 0)):
        mean = right_side(means, "=", "lambda", i, k=k)
        steps.derives(factors, "=", 1 / _chords(mean)[chord], sp.Symbol("K"), i, k=k)


def _is_served(layer: Layer, tail: Any, factor: Any) -> bool:
    """Whether no category is left open more often than the binomial count of the book says."""
    values = {"m": layer.edges, "c": exactly(layer.least_chance), "K": factor}
    most = [fraction(put(tail, M=M, **values)) for M in range(9)]
    return all(
        open_ <= bound
        for signs in layer.patterns()
        for categories, bound in zip(unserved_counts(layer, signs, 8), most, strict=True)
        for open_ in categories
    )


def _served_in_small_layers(steps: Steps, label: str, factors: str, sorted_by: str) -> None:
    """The rule played out: all signs, all outcomes of up to 8 neurons, three kinds of laws."""
    (tail,) = sides(label, "<=").lhs.atoms(BinBelow)
    any_laws, same_law, constant = (sides(factors, "=", i).rhs for i in range(3))

    def layers() -> Iterator[tuple[Layer, Any]]:
        for outputs, inputs, k in ((1, 1, 1), (2, 1, 1), (1, 2, 1), (2, 1, 2)):
            yield _constant(outputs, inputs, k, sorted_by), put(constant, k=k)
        one, two = {HALF: 1, 1: 1}, {HALF: 3, 3 * HALF: 1}
        yield Layer(2, 1, 2, {1: 1, 2: 1}, two, sorted_by), any_laws
        for outputs, inputs in ((2, 1), (1, 2)):
            yield Layer(outputs, inputs, 1, one, one, sorted_by), same_law

    steps.each(lambda layer, factor: _is_served(layer, tail, factor), layers)


def _counted(steps: Steps, label: str, factors: str, means: str, halves: int, size: Size) -> None:
    """The package's count is the least M of the statement, in all three cases, and in a plan."""
    bound = sides(label, "<=")
    mean, factor = ([sides(each, "=", i).rhs for i in range(3)] for each in (means, factors))

    def as_said(case: int, k: int, m: int, delta: float) -> bool:
        c, crowding = 2.0**-7, float(put(mean[case], k=k))
        found = size(m, halves * k, c, delta, crowding)
        return is_least(bound, found, m=m, k=k, c=c, K=put(factor[case], k=k), delta=delta)

    steps.cases(as_said, case=(0, 1, 2), k=(2, 8), m=(1, 5), delta=(0.25, 2.0**-20))

    def is_priced(law: str, digits: int) -> bool:  # 40 outputs of one weight each
        scheme = scheme_of_digits(digits, law)
        k, c, case = scheme.digits, scheme.probability(halves == 1), ("", "common", "constant")
        one, none = np.ones(40, dtype=int), np.zeros(40, dtype=int)
        found = scheme.pooled_neurons(one, none, halves == 1, 0.01)
        share = put(factor[case.index(law)], k=k)
        return is_least(bound, found, m=40, k=k, c=c, K=share, delta=0.01)

    steps.cases(is_priced, law=("common", "constant"), digits=(3, 8))


def _mean_a_percent_less() -> Counterexample | None:
    k = 1
    layer = _constant(3, 1, k)
    mean, lower = largest_mean(layer), Fraction(99, 100) * (1 - Fraction(1, 2 * k))
    return unless(
        mean <= lower,
        "the mean 1 − 1/(2k) (99 % of it)",
        {"outputs": 3, "inputs": 1, "k": k},
        f"some configuration has mean {mean} > {lower} (and service {least_service(layer)})",
    )


@finite(
    uses=("crowding", "pooled-layout"),
    wrong={"inputs": 1, "is_digit": closed},
    refute=_mean_a_percent_less,
)
def pooled_layout_finite(steps: Steps, inputs: int = 2, is_digit: IsDigit = half_open) -> None:
    k = whole(right_side("pooled-layout-finite#1", "=", "k"))
    layer = _constant(3, inputs, k, is_digit=is_digit)
    cases = service_cases(layer)
    steps.identity(shown("pooled-layout-finite#3") * shown("pooled-layout-finite#4"), cases)
    least = least_service(layer)
    mean, served = exactly(largest_mean(layer)), shown("pooled-layout-finite#7")
    steps.derives("pooled-layout-finite#6", "=", mean, mean, k=k)
    steps.identity(served, exactly(least), of="pooled-layout-finite#7")
    factor = right_side("eq-pooled-factors", "=", "K", 2, k=k)
    even = {"c": sp.Rational(1, 4 * k), "K": factor}
    bound = even["c"] / factor
    steps.derives("pooled-layout-finite#8", "=", bound, bound, **even)
    steps.holds(gt(served, bound))


U = sp.Function("u")(sp.Symbol("M_i"))


def _no_spare_landings() -> Counterexample | None:
    m = 6
    done = math.prod((1 - Fraction(1, 2**i) for i in range(1, m + 1)), start=Fraction(1))
    return unless(
        1 - done <= Fraction(7, 10),
        "the spare neurons (a category gets exactly m of them)",
        {"m": m},
        f"some requirement stays open with probability {float(1 - done):.4g}",
    )


def _share_served(m: int, neurons: int) -> Fraction:
    """How many of all signs of `neurons` neurons of a category serve its m requirements."""
    served = 0
    for signs in itertools.product(range(2**m), repeat=neurons):
        left = 2**m - 1
        for right in signs:  # bit j: the sign of in-weight j is right; the lowest one is served
            left &= ~(left & right & -(left & right))
        served += left == 0
    return Fraction(served, 2 ** (m * neurons))


@proof(
    prose=("conditioning", "independence", "induction", "union bound"),
    code=(unserved, output_batch_size, GoldenRatioScheme.pooled_neurons),
    uses=("sharper-count", "union-bound"),
    wrong={
        "missed": lambda size, m, p: unserved(size, m, p) / 2,
        "size": lambda m, k, n, delta: output_batch_size(m, k, 1, delta),  # one output only
    },
    refute=_no_spare_landings,
)
def pooled_by_output(
    steps: Steps, missed: Callable[..., float] = unserved, size: Size = output_batch_size
) -> None:
    _exactly_unserved(steps, missed)
    _closed_form_by_output(steps)
    bound = sides("eq-pooled-by-output-least", "<=")

    def as_said(m: int, k: int, n: int, delta: float) -> bool:
        found = size(m, k, n, delta)
        open_ = (exactly(unserved(found - less, m, 1 / (2 * k))) for less in (0, 1))
        bounds = (bound.func(bound.lhs.subs(U, p), bound.rhs) for p in open_)
        return [true_at(b, k=k, n=n, delta=delta) for b in bounds] == [True, False]

    steps.cases(as_said, m=(1, 6), k=(8, 300), n=(1, 5), delta=(0.5, 0.01))

    def is_priced(m: int, k: int) -> bool:  # two outputs
        each, none = np.array([m, m]), np.zeros(2, dtype=int)
        found = scheme_of_digits(k).pooled_neurons(each, none, False, 0.01)
        return found == 2 * size(m, k, 2, 0.01)

    steps.cases(is_priced, m=(150, 600), k=(3, 8))
    drawn_in_weights(steps, "pooled-by-output#1")
    promised(steps, "pooled-by-output#11")


def _exactly_unserved(steps: Steps, missed: Callable[..., float]) -> None:
    """The bracket of the formula is what all signs give, and its mean what the package computes."""
    m, x = sp.symbols("m x", integer=True, positive=True)
    common = sp.Symbol("f", positive=True)  # f(m - 1, x - 1): the factors of both
    shorter = common * (1 - sp.Integer(2) ** -(x - m))  # f(m, x - 1)
    recursion = (1 - sp.Integer(2) ** -m) * common + sp.Integer(2) ** -m * shorter
    steps.identity(recursion, common * (1 - sp.Integer(2) ** -x))
    bracket = argument("E", right_side("eq-pooled-by-output", "=", U, 0))
    law = right_side("eq-pooled-by-output", "sim", "X", 1)
    argument("Bin", law)
    (product,) = bracket.atoms(sp.Product)

    @cache
    def left_open(m: int, x: int) -> Fraction:
        for end in product.limits[0][1:]:
            whole(put(end, m_i=m, X=x))
        return fraction(put(bracket, m_i=m, X=x).doit())

    few, at = sides("pooled-by-output#8", "<"), {"m": (1, 2, 3), "x": range(5)}
    steps.cases(lambda m, x: _share_served(m, x) == 1 - left_open(m, x), **at)
    steps.cases(lambda m, x: (left_open(m, x) == 1) == true_at(few, m_i=m, X=x), **at)

    def is_mean(neurons: int, m: int, k: int) -> bool:
        trials, chance = (fraction(put(part, M_i=neurons, k=k)) for part in law.args)
        counts = [range(x, x + 1) for x in range(neurons + 1)]
        mean = sum(binomial_chance(whole(trials), chance, x) * left_open(m, x[0]) for x in counts)
        return math.isclose(mean, missed(neurons, m, 1 / (2 * k)), rel_tol=1e-12)

    steps.cases(is_mean, neurons=(1, 9, 30), m=(1, 2, 6), k=(1, 4))


def _closed_form_by_output(steps: Steps) -> None:
    p, a = sp.symbols("p a", nonnegative=True)
    steps.holds(ge((1 - p) * (1 - a), 1 - p - a))
    s, j = sp.symbols("s j", integer=True, nonnegative=True)
    steps.identity(sp.Sum(sp.Integer(2) ** -j, (j, 1, sp.oo)) * 2**-s, 2**-s)
    needs, delta = sides("eq-pooled-by-output-least", "<=").lhs / U, sp.Symbol("delta")
    half = delta / (2 * needs)  # for each of e^(-t) and 2^(-s)
    m, s, log, k = sp.symbols("m_i s t k")
    steps.derives("pooled-by-output#12", "=", sp.log(1 / half), log)
    steps.derives("pooled-by-output#13", "=", sp.ceiling(sp.log(1 / half) / sp.log(2)), s)
    sharper = _sharper(**{"m'": m + s, "t": log, "c": 1 / (2 * k)})
    steps.derives("eq-pooled-by-output-b", "=", sharper, sp.Symbol("M_i"))


def _both_signs_at_the_inputs() -> Counterexample | None:
    # by output, k = 1, n = 1, all m weights positive, but b = ± 1 is fair: then a neuron that is
    # of the category serves with probability 1/2 only
    m, delta = 6, Fraction(1, 100)
    size = batch_size(m, 2, 0.5, float(delta), "exact")
    fails = binomial_tail(m, size, Fraction(1, 4))
    return unless(
        fails <= delta,
        "all b > 0 (their signs are fair)",
        {"k": 1, "n": 1, "m⁺": m, "δ": delta, "M": size},
        f"requirements stay open with probability {float(fails):.4g} > δ",
    )


def owned_size(m: int, k: int, n: int, delta: float) -> int:
    """Neurons of an output, inputs at least 0, of which no more than m weights have one sign."""
    return batch_size(m, 2 * k * n, 1 / (2 * k), delta, "exact")


@proof(
    prose=("case distinction", "conditioning", "expectation", "independence", "union bound"),
    code=(pooled_batch_size, GoldenRatioScheme.pooled_neurons),
    uses=("crowding", "pooled-layout", "dominance", "union-bound"),
    wrong={
        "is_digit": closed,
        "size": lambda m, n, c, delta, crowding: pooled_batch_size(m, n, c, delta, 0.0),
        "owned": lambda m, k, n, delta: owned_size(m, k, 1, delta),  # one output only
    },
    refute=_both_signs_at_the_inputs,
)
def pooled_one_half(
    steps: Steps,
    is_digit: IsDigit = half_open,
    size: Size = pooled_batch_size,
    owned: Size = owned_size,
) -> None:
    a, b, p = sp.symbols("A B P", nonnegative=True)
    means, factors = "eq-one-half-crowding", "eq-one-half-factors"
    _mean_of_others(steps, means, a + b / 2 + p / 2, a + p / 2, signs=1)
    _factors(steps, means, factors)
    _counted(steps, "eq-one-half", factors, means, 1, size)
    _owned(steps, owned)
    _means_of_small_layers(steps, means, is_digit, "none")
    _served_in_small_layers(steps, "eq-one-half", factors, "none")
    _in_weights(steps, "pooled-one-half#1", _constant(1, 1, 1, "none"))
    promised(steps, "pooled-one-half#10")
    promised(steps, "pooled-one-half#18")


def _in_weights(steps: Steps, address: str, layer: Layer) -> None:
    """A small layer of one half has in-weights of the signs that the statement allows."""
    signs = {sign for _, inner in layer._neurons() for sign, _ in inner}
    low = right_side(address, ">", "b")
    steps.cases(lambda b: (b in signs) == (b > low), b=(1, 0, -1))


def _owned(steps: Steps, owned: Size) -> None:
    """By output: the least count, that of the package, and small outputs exactly."""
    bound = sides("eq-one-half-by-output", "<=")

    def as_said(g: int, k: int, n: int, delta: float) -> bool:
        return is_least(bound, owned(g, k, n, delta), "M_i", g_i=g, k=k, n=n, delta=delta)

    steps.cases(as_said, g=(1, 9), k=(3, 100), n=(1, 5), delta=(0.5, 2.0**-20))

    def is_priced(k: int, positive: tuple[int, int], negative: tuple[int, int]) -> bool:
        scheme = scheme_of_digits(k)
        found = scheme.pooled_neurons(np.array(positive), np.array(negative), True, 0.01)
        return found == sum(owned(max(g), k, 2, 0.01) for g in zip(positive, negative, strict=True))

    steps.cases(is_priced, k=(3, 8), positive=((90, 60), (75, 75)), negative=((0, 30), (20, 75)))

    def is_enough(positive: int, negative: int, k: int) -> bool:
        neurons, wanted = owned(max(positive, negative), k, 1, 0.25), (positive, negative) * k
        ways = 0  # in which some pair of sign and digit has too few
        for counts in itertools.product(range(neurons + 1), repeat=2 * k - 1):
            counts = (*counts, neurons - sum(counts))
            if counts[-1] >= 0 and any(map(operator.lt, counts, wanted)):
                ways += math.factorial(neurons) // math.prod(map(math.factorial, counts))
        return Fraction(ways, (2 * k) ** neurons) <= Fraction(1, 4)

    steps.cases(is_enough, positive=(0, 1, 2), negative=(1, 2), k=(1, 2))


def _both_signs_in_the_finite_layer() -> Counterexample | None:
    mean = largest_mean(_constant(3, 2, 3))
    return unless(
        mean <= Fraction(1, 3),
        "all b > 0 (their signs are fair, and categories are sign and digit)",
        {"outputs": 3, "inputs": 2, "k": 3},
        f"the largest mean of N is {mean}, not 1/3,",
    )


@finite(
    uses=("pooled-one-half", "crowding-finite"),
    wrong={"is_digit": closed, "sorted_by": "a"},
    refute=_both_signs_in_the_finite_layer,
)
def pooled_one_half_finite(
    steps: Steps, is_digit: IsDigit = half_open, sorted_by: str = "none"
) -> None:
    for i, case in enumerate(map(_finite_law, range(3)), start=3):
        found = exactly(largest_mean(two_levels(*case, sorted_by, is_digit=is_digit)))
        address = f"pooled-one-half-finite#{i}"
        steps.identity(shown(address), found, of=address)
    k = whole(right_side("pooled-one-half-finite#7", "=", "k"))
    layer = _constant(3, 2, k, sorted_by, is_digit=is_digit)
    mean = exactly(largest_mean(layer))
    _in_weights(steps, "pooled-one-half-finite#1", layer)
    steps.derives("pooled-one-half-finite#8", "=", mean, mean, k=k)


def _one_for_each_half(outputs: int, inputs: int, in_signs: Any = None, both: bool = True) -> Layer:
    """Categories are halves, and an out-weight of the smaller magnitude suits nobody."""
    return Layer(
        outputs, inputs, 1, {2: 1, 5: 1}, {0: 1}, "b" if both else "none", in_signs=in_signs
    )


OPPOSITE = (1, -1), (-1, 1)


def _in_weights_of_opposite_signs() -> Counterexample | None:
    mean = largest_mean(_one_for_each_half(1, 2, OPPOSITE))
    return unless(
        mean <= HALF,
        "independent signs of the in-weights (b₂ = −b₁)",
        {"w": (1, -1), "|a|, |b|": 1},
        f"a neuron that satisfies one open requirement always satisfies the other, N = {mean},",
    )


@proof(
    prose=("conditioning", "independence", "union bound"),
    code=(pooled_batch_size,),
    uses=("dominance", "union-bound", "pooled-layout"),
    wrong={
        "in_signs": OPPOSITE,
        "size": lambda m, n, c, delta, crowding: pooled_batch_size(m, n, c, delta, 0.0),
    },
    refute=_in_weights_of_opposite_signs,
)
def pooled_one_neuron(steps: Steps, in_signs: Any = None, size: Size = pooled_batch_size) -> None:
    mean, factor = shown("pooled-one-neuron#5"), right_side("pooled-one-neuron#6", "=", "K")
    steps.cases(lambda N: Fraction(1, 1 + N) == _chords(Fraction(N))[0], N=(0, 1))
    steps.identity(factor, 1 / _chords(mean)[0], of="pooled-one-neuron#6")

    def is_mean(outputs: int) -> bool:  # the largest of all signs and choices, two inputs
        found = largest_mean(_one_for_each_half(outputs, 2, in_signs))
        return bool(exactly(found) == mean == shown("pooled-one-neuron#4"))

    steps.cases(is_mean, outputs=(1, 2, 3))
    one, both = (sides(f"pooled-one-neuron#{i}", "<=") for i in (13, 8))

    def is_served(outputs: int, inputs: int, halves: int) -> bool:
        layer = _one_for_each_half(outputs, inputs, both=halves == 2)
        (tail,) = (one, both)[halves - 1].lhs.atoms(BinBelow)
        return _is_served(layer, tail, factor)

    steps.cases(is_served, outputs=(1, 2), inputs=(1, 2), halves=(1, 2))

    def as_said(m: int, halves: int, delta: float) -> bool:
        c, bound = 2.0**-7, (one, both)[halves - 1]
        found = size(m, halves, c, delta, float(mean) * (halves - 1))
        return is_least(bound, found, m=m, c=c, K=factor, delta=delta)

    steps.cases(as_said, m=(1, 5), halves=(1, 2), delta=(0.25, 2.0**-20))
    _in_weights(steps, "pooled-one-neuron#11", _one_for_each_half(1, 2, both=False))
    of_layer, m = shown("pooled-one-neuron#9"), {"m": (1, 2, 3)}
    steps.computes(of_layer, lambda m: _one_for_each_half(1, m).requirements, m)
    promised(steps, "pooled-one-neuron#10")


# -- evidence ----------------------------------------------------------------------------------

K, SHAPE = 8, (5, 6)  # digits; outputs and inputs


def _matched(networks: int, outputs: int, neurons: int) -> tuple[int, Pool]:
    """How many of the networks can be assigned with so many neurons; the last one."""
    rng = np.random.default_rng(2020)
    scheme = scheme_of_digits(K, "common")
    found = 0
    for _ in range(networks):
        pool = draw_pool(rng.choice([-1.0, 1.0], (outputs, SHAPE[1])), scheme, neurons, rng)
        found += pool.served_by_matching(neurons) == pool.requirements
    return found, pool


def _one_output_only() -> Counterexample | None:
    networks = 100
    found, pool = _matched(networks, 1, 2 * K * SHAPE[1] + 1)
    tolerance = hoeffding_tolerance(networks, sides=1)
    return unless(
        found / networks + tolerance >= 0.75,
        "5 outputs (one output, and so one out-weight for each neuron)",
        {
            "outputs": 1,
            "inputs": SHAPE[1],
            "neurons": len(pool.supplies),
            "requirements": pool.requirements,
        },
        f"only {found} of {networks} networks can be assigned",
    )


@evidence(uses=("hoeffding",), wrong={"networks": 40, "outputs": 1}, refute=_one_output_only)
def pooled_measured(steps: Steps, networks: int = 200, outputs: int = SHAPE[0]) -> None:
    steps.derives("pooled-measured#1", "=", K, sp.Symbol("k"))
    neurons = whole(right_side("pooled-measured#2", "=", "M"))
    found, pool = _matched(networks, outputs, neurons)
    size = {"k": K, "m": pool.signs.size}
    steps.derives("pooled-measured#3", "=", pool.requirements, 2 * math.prod(size.values()), **size)
    steps.identity(neurons, pool.requirements + 1, of="pooled-measured#2")
    frequency, tolerance = sp.symbols("f tau")
    above = gt(frequency - tolerance, shown("pooled-measured#4"))
    width = hoeffding_tolerance(networks, sides=1)
    steps.trial(above, networks, f=found / networks, tau=width)


def _biased_signs() -> Counterexample | None:
    m, k, size, trials = 6, 8, 110, 4000
    found = unserved_in_draws(m, k, size, trials, biased=True)
    tolerance = hoeffding_tolerance(trials)
    wanted = unserved(size, m, 1 / (2 * k))
    return unless(
        found <= wanted + tolerance,
        "fair signs (the right one has probability 1/4)",
        {"m": m, "k": k, "M": size},
        f"the category is not served with frequency {found:.3f} instead of {wanted:.3f}",
    )


@evidence(
    code=(unserved,),
    uses=("hoeffding", "pooled-by-output"),
    wrong={"biased": True, "unserved": lambda size, m, p: unserved(size, m, p) / 2},
    refute=_biased_signs,
)
def pooled_by_output_measured(
    steps: Steps, biased: bool = False, unserved: Callable[..., float] = unserved
) -> None:
    address = "pooled-by-output-measured"
    m, k, size = (
        whole(right_side(f"{address}#{i}", "=", letter))
        for i, letter in ((1, "m_i"), (2, "k"), (4, "M_i"))
    )
    trials = whole(shown(f"{address}#3"))
    promise, about = sides(f"{address}#5", "approx").args
    proved, tolerance = unserved(size, m, 1 / (2 * k)), hoeffding_tolerance(trials)
    steps.identity(promise, sp.Function("u")(size), of=f"{address}#5")
    for i, value, shows in ((5, proved, about), (6, tolerance, shown(f"{address}#6"))):
        rounded(steps, f"{address}#{i}", shows, value)
    frequency, u, tau = sp.symbols("f u tau")
    found = unserved_in_draws(m, k, size, trials, biased)
    steps.trial(le(sp.Abs(frequency - u), tau), trials, f=found, u=proved, tau=tolerance)
