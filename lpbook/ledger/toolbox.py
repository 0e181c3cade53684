"""Claims of the page *toolbox*: the union bound, Chernoff, Hoeffding, Lipschitz constants."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from fractions import Fraction
from math import comb
from typing import Any

import mpmath
import sympy as sp

from lpbook.batches import batch_size
from lpbook.ledger.core import Counterexample, Steps, claim, exactly, ge, le
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import ACTIVATIONS


def binomial_tail(m: int, size: int, p: Fraction) -> Fraction:
    """Pr[Bin(size, p) < m], exactly; whole numbers until the one division at the end."""
    hit, miss, scale = p.numerator, p.denominator - p.numerator, p.denominator
    most = min(m - 1, size)
    if most < 0:
        return Fraction(0)
    total = sum(comb(size, j) * hit**j * miss ** (most - j) for j in range(most + 1))
    return Fraction(total * miss ** (size - most), scale**size)


def below_exp(value: Fraction, exponent: Any) -> bool:
    """Whether value < exp(exponent), decided by interval arithmetic."""
    # a quotient of intervals would do; logarithms keep huge numbers small
    iv, q = mpmath.iv, sp.Rational(exponent)
    left = iv.log(iv.mpf(value.numerator)) - iv.log(iv.mpf(value.denominator))
    right = iv.mpf(q.p) / q.q
    if left.b >= right.a and left.a <= right.b:
        raise AssertionError(f"undecided: {value} < exp({exponent})")
    return bool(left.b < right.a)


# -- union bound -------------------------------------------------------------------------------


def _largest_is_not_enough() -> Counterexample | None:
    # two independent fair coins: the events "first is heads", "second is heads"
    coins = list(itertools.product((0, 1), repeat=2))
    share = [Fraction(sum(c[i] for c in coins), len(coins)) for i in range(2)]
    union = Fraction(sum(any(c) for c in coins), len(coins))
    if union <= max(share):
        return None
    return Counterexample(
        "the sum of all probabilities (the largest one instead)",
        {"Pr[A]": share[0], "Pr[B]": share[1]},
        f"A ∪ B has probability {union}, more than the largest,",
    )


@claim(
    name="union-bound",
    chapter="toolbox",
    source="Boole",
    kind="proof",
    prose=("induction",),
    wrong={"both": sp.Symbol("p_{UA}", negative=True)},
    refute=_largest_is_not_enough,
)
def union_bound(steps: Steps, both: Any = sp.Symbol("p_{UA}", nonnegative=True)) -> None:
    only_u, only_a, s = sp.symbols("p_{U} p_{A} s", nonnegative=True)
    u, a, union = only_u + both, only_a + both, only_u + only_a + both
    steps.holds(le(union, u + a))
    steps.implies({le(u, s): 1}, le(union, s + a))


# -- (1 - c)^M ---------------------------------------------------------------------------------


def _a_percent_fewer_coupons() -> Counterexample | None:
    c, delta, factor = Fraction(1, 1000), Fraction(1, 100), 0.99
    size = int(mpmath.ceil(factor * mpmath.log(1 / mpmath.mpf("0.01")) / mpmath.mpf("0.001")))
    missed = (1 - c) ** size
    if missed <= delta:
        return None
    return Counterexample(
        "M ≥ (1/c) ln(k/δ) (only 0.99 times that)",
        {"k": 1, "c": c, "δ": delta, "M": size},
        f"the category stays empty with probability {float(missed):.6f} > δ",
    )


@claim(
    name="coupon-collector",
    chapter="toolbox",
    source="folklore",
    kind="proof",
    prose=("independence", "union bound"),
    code=(batch_size,),
    uses=("union-bound",),
    wrong={"size": lambda *case: batch_size(*case) - 1},
    refute=_a_percent_fewer_coupons,
)
def coupon_collector(steps: Steps, size: Any = batch_size) -> None:
    u = sp.Symbol("u", real=True)
    c, k, t = sp.symbols("c k t", positive=True)
    steps.holds(ge(sp.exp(u), 1 + u), derivative=(u, 2))
    # (1 - c)^M <= e^(-cM) is the M-th power of that at u = -c
    trials = sp.Symbol("M", positive=True)
    missed = sp.exp(u).subs(u, -c) ** trials
    steps.derives("coupon-collector#5", "<=", missed, left=(1 - c) ** trials, c=c, M=trials)
    count = sides("coupon-collector#6", "=", k=k, c=c, delta=k * sp.exp(-t)).rhs
    steps.identity(k * missed.subs(trials, count.args[0]), k * sp.exp(-t))
    exact = {"k": (1, 12), "c": (Fraction(1, 2), Fraction(1, 100)), "delta": (0.5, 1e-3, 1e-12)}
    steps.cases(lambda k, c, delta: _least(k, c, delta, size), **exact)


def _least(k: int, c: Fraction, delta: float, size: Any) -> bool:
    """Whether `size` is the least M with k(1 - c)^M <= delta."""
    found = size(1, k, float(c), delta, "exact")
    missed = [k * (1 - c) ** (found - less) for less in (0, 1)]
    return bool(missed[0] <= exactly(delta) < missed[1])


# -- Chernoff ----------------------------------------------------------------------------------


def _m_above_the_mean() -> Counterexample | None:
    size, c, m = 4, Fraction(1, 2), 4
    tail = binomial_tail(m + 1, size, c)
    exponent = -((size * c - m) ** 2) / (2 * size * c)
    if below_exp(tail, exponent):
        return None
    return Counterexample(
        "m ≤ Mc",
        {"M": size, "c": c, "m": m},
        f"Pr[X ≤ m] = {tail} exceeds exp({exponent})",
    )


@claim(
    name="chernoff-lower-tail",
    chapter="toolbox",
    source="Chernoff 1952; this form is standard",
    kind="proof",
    prose=("expectation", "independence"),
    uses=("coupon-collector",),
    refute=_m_above_the_mean,
)
def chernoff_lower_tail(steps: Steps) -> None:
    s, mu, m = sp.symbols("s mu m", positive=True)
    c, e = sp.symbols("c e", positive=True)
    trials = sp.Symbol("M", positive=True)
    u = sp.Symbol("u", real=True)
    steps.holds(ge(sp.exp(u), 1 + u), derivative=(u, 2))
    steps.identity(c * e + (1 - c), (1 + u).subs(u, -c * (1 - e)))  # the mean of e^X, e = e^(-s)
    exponent = s * m + trials * (-c * (1 - e))
    first = sp.exp(exponent.subs({c: mu / trials, e: sp.exp(-s)}))
    steps.derives("eq-chernoff-lower-tail", "<=", first, s=s, mu=mu, m=m)
    steps.holds(ge(1 - sp.exp(-s), s - s**2 / 2), derivative=(s, 3))
    second = sp.exp((s * m - mu * (s - s**2 / 2)).subs(s, (mu - m) / mu))
    steps.derives("eq-chernoff-lower-tail-b", "<=", second, mu=mu, m=m)


# -- Hoeffding ---------------------------------------------------------------------------------


def _correlated_trials() -> Counterexample | None:
    # M copies of one fair coin: the average is 0 or 1
    trials, t = 20, Fraction(2, 5)
    outcomes = {average: Fraction(1, 2) for average in (Fraction(0), Fraction(1))}
    far = sum(p for average, p in outcomes.items() if abs(average - Fraction(1, 2)) >= t)
    if below_exp(Fraction(far, 2), -2 * trials * t**2):
        return None
    bound = float(2 * mpmath.exp(-6.4))
    return Counterexample(
        "the trials are independent (M copies of one coin instead)",
        {"M": trials, "p": Fraction(1, 2), "t": t},
        f"the average is that far off with probability {far}, not at most {bound:.4f}",
    )


@claim(
    name="hoeffding",
    chapter="toolbox",
    source="Hoeffding 1963",
    kind="proof",
    prose=("expectation", "independence", "union bound"),
    uses=("union-bound", "hoeffding1963"),
    refute=_correlated_trials,
)
def hoeffding(steps: Steps) -> None:
    s, size, t = sp.symbols("s M t", positive=True)
    miss, hit = sp.symbols("1-p p", positive=True)  # one trial, whose probabilities add up to 1
    x = sp.Symbol("s", real=True)
    psi = sp.log(miss + hit * sp.exp(x)) - sp.log(miss + hit)
    steps.holds(le(psi, hit / (miss + hit) * x + x**2 / 8), derivative=(x, 2))
    exponent = size * (s**2 / 8 - s * t)
    steps.derives("hoeffding#3", "<=", 2 * sp.exp(exponent.subs(s, 4 * t)), M=size, t=t)


# -- dominance ---------------------------------------------------------------------------------


def _only_on_average() -> Counterexample | None:
    # two trials that are copies of one fair coin: each hits with probability 1/2, but not given
    # that the first one missed
    c, none = Fraction(1, 2), Fraction(1, 2)
    if none <= binomial_tail(1, 2, c):
        return None
    return Counterexample(
        "the condition on all earlier trials (copies of one coin have c on average only)",
        {"M": 2, "c": c, "m": 1},
        f"Pr[X < m] = {none} exceeds {binomial_tail(1, 2, c)}",
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


@claim(
    name="dominance",
    chapter="toolbox",
    source="standard coupling",
    kind="proof",
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
    bound = sides("dominance#4", "<=").rhs
    most = [Fraction(str(put(bound, M=3, c=sp.Rational(1, 3), m=m))) for m in range(5)]
    steps.each(lambda chance: _dominates(chance, most), _all_processes, least)


# -- Lipschitz constants -----------------------------------------------------------------------


def _logistic_a_little_less() -> Counterexample | None:
    constant, z = sp.Rational(2475, 10000), sp.Rational(1, 10)
    slope = mpmath.iv.mpf(1) / (1 + mpmath.iv.exp(-mpmath.iv.mpf(1) / 10)) - 0.5
    slope = slope * 10  # logistic(z) − logistic(−z) over 2z
    if slope.a <= float(constant):
        return None
    return Counterexample(
        "the constant 1/4 of the logistic function (0.2475 instead)",
        {"u": z, "v": -z},
        f"the slope between u and v is {float(slope.mid):.5f}",
    )


@claim(
    name="lipschitz-constants",
    chapter="toolbox",
    source="standard",
    kind="proof",
    prose=("case distinction", "limit"),
    code=tuple(a.function for a in ACTIVATIONS.values()),
    wrong={
        "leaky": lambda slope: sp.Max(1, slope) * sp.Rational(99, 100),
        "logistic": sp.Rational(2475, 10000),
        "tanh": sp.Rational(99, 100),
    },
    refute=_logistic_a_little_less,
)
def lipschitz_constants(
    steps: Steps,
    leaky: Any = lambda slope: shown("lipschitz-constants#7").subs(sp.Symbol("alpha"), slope),
    logistic: Any = sp.Rational(1, 4),
    tanh: Any = sp.Integer(1),
) -> None:
    u, v, r = sp.symbols("u v r", nonnegative=True)
    for slope in (r / (1 + r), 1 + r):  # below 1, and from 1 on; both arguments or one below 0
        constant = sp.simplify(leaky(slope))
        steps.holds(ge(constant * (u + v), u + slope * v))
        steps.holds(ge(constant, slope))
    z = sp.Symbol("z", real=True)
    sigma = 1 / (1 + sp.exp(-z))
    steps.identity(sp.diff(sigma, z), logistic - (sigma - sp.Rational(1, 2)) ** 2)
    steps.identity(sp.diff(sp.tanh(z), z), tanh - sp.tanh(z) ** 2)
    for name, constant in (("logistic", logistic), ("tanh", tanh), ("relu", leaky(0))):
        steps.identity(exactly(ACTIVATIONS[name].lipschitz), constant)


CLAIMS = (
    union_bound,
    coupon_collector,
    chernoff_lower_tail,
    dominance,
    hoeffding,
    lipschitz_constants,
)
