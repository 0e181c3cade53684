"""Claims of the page *toolbox*: the union bound, Chernoff, Hoeffding, Lipschitz constants."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from lpbook.batches import batch_size
from lpbook.ledger.binomial import binomial_tail
from lpbook.ledger.common import promised, unless
from lpbook.ledger.core import Counterexample, Steps, exactly, proof
from lpbook.ledger.exact import fraction
from lpbook.ledger.ranges import accepted, ranges
from lpbook.ledger.reading import argument, event, right_side, rounded_up
from lpbook.ledger.relations import ge, le
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import ACTIVATIONS

c, k, s, t, mu, trials = sp.symbols("c k s t mu M", positive=True)
real = sp.Symbol("u", real=True)


def below_exp(value: Fraction, exponent: Any) -> bool:
    """Whether value < exp(exponent), decided by interval arithmetic."""
    # a quotient of intervals would do; logarithms keep huge numbers small
    iv, q = mpmath.iv, sp.Rational(exponent)
    left = iv.log(iv.mpf(value.numerator)) - iv.log(iv.mpf(value.denominator))
    right = iv.mpf(q.p) / q.q
    if left.b >= right.a and left.a <= right.b:
        raise AssertionError(f"undecided: {value} < exp({exponent})")
    return bool(left.b < right.a)


def _largest_is_not_enough() -> Counterexample | None:
    # two independent fair coins: the events "first is heads", "second is heads"
    share, union = Fraction(1, 2), Fraction(3, 4)
    return unless(
        union <= share,
        "the sum of all probabilities (the largest one instead)",
        {"Pr[A]": share, "Pr[B]": share},
        f"A ∪ B has probability {union}, more than the largest,",
    )


@proof(source="Boole", prose=("induction",), refute=_largest_is_not_enough)
def union_bound(steps: Steps) -> None:
    only_u, only_a, both, total = sp.symbols("p_{U} p_{A} p_{UA} s", nonnegative=True)
    u, a, union = only_u + both, only_a + both, only_u + only_a + both
    found = right_side("union-bound#2", "<=", event(r"A_1\cup\dots\cup A_n"))
    named = {event("A_1"): u, event("A_n"): a, sp.Symbol("dots"): 0}
    steps.holds(le(union, found.subs(named)))  # two events
    # one event more: U is the union of n events, whose probabilities have the sum s
    named |= {event("A_1"): total}
    steps.implies({le(u, total): 1}, le(union, found.subs(named)))


def _a_percent_fewer_coupons() -> Counterexample | None:
    c, delta, factor = Fraction(1, 1000), Fraction(1, 100), 0.99
    size = int(mpmath.ceil(factor * mpmath.log(float(1 / delta)) / float(c)))
    missed = (1 - c) ** size
    return unless(
        missed <= delta,
        "M ≥ (1/c) ln(k/δ) (only 0.99 times that)",
        {"k": 1, "c": c, "δ": delta, "M": size},
        f"the category stays empty with probability {float(missed):.6f} > δ",
    )


@proof(
    source="folklore",
    prose=("independence", "union bound"),
    code=(batch_size,),
    uses=("union-bound",),
    wrong={"size": lambda *case: batch_size(*case) - 1},
    refute=_a_percent_fewer_coupons,
)
def coupon_collector(steps: Steps, size: Callable[..., int] = batch_size) -> None:
    steps.holds(ge(sp.exp(real), 1 + real), derivative=(real, 2))
    # (1 - c)^M <= e^(-cM) is the M-th power of that at u = -c
    missed = sp.exp(real).subs(real, -c) ** trials
    steps.derives("coupon-collector#5", "<=", missed, left=(1 - c) ** trials, c=c, M=trials)
    names = {"k": k, "c": c, "delta": k * sp.exp(-t)}
    count = right_side("coupon-collector#6", "=", sp.Symbol("M"), **names)
    missed_by_all = k * missed.subs(trials, rounded_up(count))
    steps.identity(missed_by_all, names["delta"])
    promised(steps, "coupon-collector#8", missed_by_all, **names)

    def is_least(k: int, c: Fraction, delta: float) -> bool:
        found = size(1, k, float(c), delta, "exact")
        missed = [k * (1 - c) ** (found - less) for less in (0, 1)]
        return bool(missed[0] <= exactly(delta) < missed[1])

    steps.cases(is_least, k=(1, 12), c=(Fraction(1, 2), Fraction(1, 100)), delta=(0.5, 1e-3, 1e-12))
    name = "coupon-collector"
    ranges(steps, name, 1, c=c)
    accepted(steps, f"{name}#1", lambda c: batch_size(1, 1, c, 0.5))
    accepted(steps, f"{name}#2", lambda delta: batch_size(1, 1, 0.5, delta))
    accepted(steps, f"{name}#7", lambda k: batch_size(1, k, 0.5, 0.5), by=1)


def _m_above_the_mean() -> Counterexample | None:
    size, c, m = 4, Fraction(1, 2), 4
    tail = binomial_tail(m + 1, size, c)
    exponent = -((size * c - m) ** 2) / (2 * size * c)
    return unless(
        below_exp(tail, exponent),
        "m ≤ Mc",
        {"M": size, "c": c, "m": m},
        f"Pr[X ≤ m] = {tail} exceeds exp({exponent})",
    )


@proof(
    source="Chernoff 1952; this form is standard",
    prose=("expectation", "independence"),
    uses=("coupon-collector",),
    refute=_m_above_the_mean,
)
def chernoff_lower_tail(steps: Steps) -> None:
    m, s = sp.symbols("m s", nonnegative=True)
    e = sp.Symbol("e", positive=True)
    formulas = "eq-chernoff-lower-tail", "eq-chernoff-lower-tail-b"
    first, second = (right_side(at, "<=", event(r"X\le m"), s=s, mu=mu, m=m) for at in formulas)
    steps.holds(ge(sp.exp(real), 1 + real), derivative=(real, 2))
    one = (1 + real).subs(real, -c * (1 - e))  # the mean of e^X for one trial, e = e^(-s)
    steps.identity(c * e + (1 - c), one)
    mean = right_side("chernoff-lower-tail#2", "=", mu, 0, mu=mu, M=trials, c=c)
    steps.holds(sides("chernoff-lower-tail#2", ">", 1, M=trials, c=c))
    law = right_side("chernoff-lower-tail#1", "sim", "X", M=trials, c=c)
    argument("Bin", law)
    steps.identity(sp.prod(law.args), mean, of="chernoff-lower-tail#2")  # M trials, c for each
    exponent = s * m + trials * (one - 1).subs(e, sp.exp(-s))
    steps.identity(sp.exp(exponent), first.subs(mu, mean), of=formulas[0])
    steps.holds(ge(1 - sp.exp(-s), s - s**2 / 2), derivative=(s, 3))
    best = (mu - m) / mu
    few = le(m, right_side("chernoff-lower-tail#6", "<=", m, 1, mu=mu, m=m))
    steps.implies({few: 1 / mu}, ge(best, 0))
    round_exponent = s * m - mu * (s - s**2 / 2)
    steps.identity(sp.exp(round_exponent.subs(s, best)), second, of=formulas[1])
    ranges(steps, "chernoff-lower-tail", (4, 6), s=s, m=m)


def _correlated_trials() -> Counterexample | None:
    # M copies of one fair coin: the average is 0 or 1, always 1/2 off
    trials, t, far = 20, Fraction(2, 5), 1
    return unless(
        below_exp(Fraction(far, 2), -2 * trials * t**2),
        "the trials are independent (M copies of one coin instead)",
        {"M": trials, "p": Fraction(1, 2), "t": t},
        f"the average is that far off with probability {far}, "
        f"not at most {float(2 * mpmath.exp(float(-2 * trials * t**2))):.4f},",
    )


@proof(
    source="Hoeffding 1963",
    prose=("expectation", "independence", "union bound"),
    uses=("union-bound", "hoeffding1963"),
    refute=_correlated_trials,
)
def hoeffding(steps: Steps) -> None:
    miss, hit = sp.symbols("1-p p", positive=True)  # one trial, whose probabilities add up to 1
    psi = sp.log(miss + hit * sp.exp(real)) - sp.log(miss + hit)
    steps.holds(le(psi, hit / (miss + hit) * real + real**2 / 8), derivative=(real, 2))
    law = right_side("hoeffding#1", "sim", "X", M=trials, p=hit / (miss + hit))
    argument("Bin", law)
    mean = trials * sp.diff(psi, real).subs(real, 0)
    steps.identity(mean, sp.prod(law.args), of="hoeffding#1")
    t = sp.Symbol("t", nonnegative=True)
    exponent = trials * (s**2 / 8 - s * t)
    bound = right_side("hoeffding#3", "<=", event(r"\lvert\frac XM-p\rvert\ge t"), M=trials, t=t)
    steps.identity(2 * sp.exp(exponent.subs(s, 4 * t)), bound, of="hoeffding#3")  # two sides
    ranges(steps, "hoeffding", 2, t=t)


def _only_on_average() -> Counterexample | None:
    # two trials that are copies of one fair coin: each hits with probability 1/2, but not given
    # that the first one missed
    c, none = Fraction(1, 2), Fraction(1, 2)
    bound = binomial_tail(1, 2, c)
    return unless(
        none <= bound,
        "the condition on all earlier trials (copies of one coin have c on average only)",
        {"M": 2, "c": c, "m": 1},
        f"Pr[X < m] = {none} exceeds {bound}",
    )


def _all_processes(least: Fraction) -> Iterator[tuple[dict[tuple[int, ...], Fraction]]]:
    """Three trials; after each history the next one succeeds with 1/3, 2/3 or surely."""
    histories = [h for n in range(3) for h in itertools.product((0, 1), repeat=n)]
    for chances in itertools.product((least, Fraction(2, 3), Fraction(1)), repeat=len(histories)):
        yield (dict(zip(histories, chances, strict=True)),)


def _dominates(chance: dict[tuple[int, ...], Fraction], most: list[Fraction]) -> bool:
    """Whether fewer than m successes are at most as likely as the statement says, m = 0..4."""
    law = [Fraction(0)] * 4
    for outcome in itertools.product((0, 1), repeat=3):
        p = Fraction(1)
        for i, hit in enumerate(outcome):
            p *= chance[outcome[:i]] if hit else 1 - chance[outcome[:i]]
        law[sum(outcome)] += p
    return all(sum(law[:m], Fraction(0)) <= bound for m, bound in enumerate(most))


@proof(
    source="standard coupling",
    prose=("induction", "conditioning"),
    wrong={"least": Fraction(3, 10)},
    refute=_only_on_average,
)
def dominance(steps: Steps, least: Fraction = Fraction(1, 3)) -> None:
    n, j = sp.symbols("n j", integer=True, positive=True)
    steps.identity(sp.binomial(n, j - 1) + sp.binomial(n, j), sp.binomial(n + 1, j))
    # with n trials to come: f = Pr[Bin(n, c) < m - 1], b = Pr[Bin(n, c) = m - 1]; the next trial
    # succeeds with probability c + s
    c, low, point, more = sp.symbols("c f b s", nonnegative=True)
    high = low + point
    steps.holds(le((c + more) * low + (1 - c - more) * high, c * low + (1 - c) * high))
    bound = right_side("dominance#4", "<=", event("X<m"))
    most = [fraction(put(bound, M=3, c=sp.Rational(1, 3), m=m)) for m in range(5)]
    steps.each(lambda chance: _dominates(chance, most), _all_processes, least)


def _logistic_a_little_less() -> Counterexample | None:
    constant, z = sp.Rational(2475, 10000), sp.Rational(1, 10)
    half = mpmath.iv.mpf(1) / 10
    slope = (1 / (1 + mpmath.iv.exp(-half)) - 0.5) / half  # (logistic(z) − logistic(−z)) / 2z
    return unless(
        slope.a <= float(constant),
        "the constant 1/4 of the logistic function (0.2475 instead)",
        {"u": z, "v": -z},
        f"the slope between u and v is {float(slope.mid):.5f}",
    )


@proof(
    source="standard",
    prose=("case distinction", "limit"),
    code=tuple(a.function for a in ACTIVATIONS.values()),
    wrong={
        "leaky": lambda slope: sp.Max(1, slope) * sp.Rational(99, 100),
        "logistic": lambda: sp.Rational(2475, 10000),
        "tanh": sp.Rational(99, 100),
    },
    refute=_logistic_a_little_less,
)
def lipschitz_constants(
    steps: Steps,
    leaky: Any = lambda slope: shown("lipschitz-constants#7", alpha=slope),
    logistic: Any = lambda: shown("lipschitz-constants#2"),
    tanh: Any = sp.Integer(1),
) -> None:
    u, v, r = sp.symbols("u v r", nonnegative=True)
    for slope in (r / (1 + r), 1 + r):  # below 1, and from 1 on; both arguments or one below 0
        constant = sp.simplify(leaky(slope))
        steps.holds(ge(constant * (u + v), u + slope * v))
        steps.holds(ge(constant, slope))
    z = sp.Symbol("z", real=True)
    sigma = shown("lipschitz-constants#1", z=z)
    steps.identity(sp.diff(sigma, z), logistic() - (sigma - sp.Rational(1, 2)) ** 2)
    steps.identity(sp.diff(sp.tanh(z), z), tanh - sp.tanh(z) ** 2)
    for name, form, constant in (
        ("logistic", sigma, logistic()), ("tanh", sp.tanh(z), tanh),
        ("relu", sp.Max(z, 0), leaky(0)), ("identity", z, leaky(1))
    ):  # fmt: skip

        def activation(z: float, name: str = name) -> float:
            return float(ACTIVATIONS[name].function(np.array(z)))

        steps.computes(form, activation, {"z": (-2.0, 0.0, 0.5)})
        steps.identity(exactly(ACTIVATIONS[name].lipschitz), constant)
    ranges(steps, "lipschitz-constants", (3, 5), alpha=r, z=u)
