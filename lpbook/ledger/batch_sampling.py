"""Claims of the chapter *batch_sampling*."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from statistics import NormalDist
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from lpbook.batches import batch_size, best_leading_size, output_batch_size, unserved
from lpbook.constructions import GoldenRatio
from lpbook.digits import PHI
from lpbook.experiments.confidence import hoeffding_tolerance
from lpbook.experiments.pooled_layer import draw_pool
from lpbook.ledger.legacy import Counterexample, Steps, claim, convex_from_zero
from lpbook.ledger.toolbox import binomial_tail

C = sp.symbols("c", positive=True)
BEST = sp.E / (sp.E - 1)


def _exact_or_decimal(value: Fraction) -> str:
    return str(value) if value.denominator < 100 else f"{float(value):.10g}"


def _decimals(value: Fraction) -> str:
    return f"{float(value):.4g}"


# -- the lemma and its sharper forms -----------------------------------------------------------


def _leading_three_halves() -> Counterexample:
    c, delta, m = Fraction(1, 128), Fraction(1, 2**58), 56
    size = math.ceil(Fraction(3, 2) / c * (m + Fraction(58 * math.log(2))))
    missed = binomial_tail(m, size, c)
    assert missed > delta
    return Counterexample(
        "the leading constant 2 (3/2 instead)",
        {"k": 1, "c": c, "δ": "2^-58", "m": m, "M": size},
        f"the category holds fewer than m with probability {_decimals(missed / delta)} δ",
    )


@claim(
    name="batch-lemma",
    chapter="batch_sampling",
    title="batch sampling",
    statement=(
        r"Let each of $k$ categories contain one sample with probability at least $c$; they may "
        r"overlap. With $M=\lceil\frac2c(m+\ln\frac k\delta)\rceil$ independent samples every "
        r"category holds at least $m$ of them, with probability at least $1-\delta$."
    ),
    source="Orseau et al. 2020, batch sampling",
    kind="proof",
    uses=("chernoff-lower-tail", "union-bound", "dominance", "orseau2020"),
    wrong={"leading": sp.Rational(158, 100)},
    refute=_leading_three_halves,
)
def batch_lemma(steps: Steps, leading: Any = sp.Integer(2)) -> None:
    m, t, mu = sp.symbols("m t mu", positive=True)
    steps.say("one category; μ = Mc, t = ln(k/δ) > 0", r"t=\ln\tfrac k\delta")
    _exponent_at(steps, m, t, mu, leading)
    steps.say(
        "so one category fails with probability at most e^(−t) = δ/k, and k of them with at most δ",
        r"k\,e^{-t}=\delta",
    )


def _exponent_at(steps: Steps, m: Any, t: Any, mu: Any, leading: Any) -> None:
    """Pr[Bin(M, c) <= m] <= e^(-t) at μ = leading (m + t), by Chernoff's exponent with s = 1."""
    exponent = m - mu * (1 - sp.exp(-1))
    name = sp.latex(m)
    words = name.replace("'", "′")
    steps.say(
        f"the number X of its samples is at most {words} with probability at most (Chernoff with "
        "s = 1, and dominance)",
        rf"\exp\bigl({name}-\mu(1-\tfrac1e)\bigr)",
    )
    steps.holds(
        sp.diff(exponent, mu).is_negative,
        "the exponent falls as μ grows, so rounding M up only helps: its derivative",
        sp.diff(exponent, mu),
    )
    spare = sp.simplify(leading * (1 - sp.exp(-1)) - 1)
    steps.equal(
        -t - exponent.subs(mu, leading * (m + t)),
        spare * (m + t),
        "at the μ of the statement it is below −t by",
        rf"\Bigl({sp.latex(leading)}\bigl(1-\tfrac1e\bigr)-1\Bigr)({name}+t)",
    )
    steps.holds(spare >= 0, "which is at least 0", sp.Ge(spare, 0, evaluate=False))


def _log_tail(m: int, size: int, c: Fraction) -> Any:
    """ln Pr[Bin(size, c) < m] as an interval, for size >= m."""
    hit, miss, scale = c.numerator, c.denominator - c.numerator, c.denominator
    terms = sum(math.comb(size, j) * hit**j * miss ** (m - 1 - j) for j in range(m))
    iv = mpmath.iv
    return iv.log(iv.mpf(terms)) + (size - m + 1) * iv.log(iv.mpf(miss)) - size * iv.log(
        iv.mpf(scale)
    )  # fmt: skip


def _a_percent_below_best() -> Counterexample:
    leading, c, m, halvings = 0.99 * math.e / (math.e - 1), Fraction(1, 4096), 418, 433
    size = math.ceil(leading / c * (m + halvings * math.log(2))) + 1  # one more, for rounding
    excess = _log_tail(m, size, c) + halvings * mpmath.iv.log(2)
    assert excess.a > 0
    return Counterexample(
        "the leading constant e/(e − 1) (99 % of it)",
        {"k": 1, "c": c, "δ": f"2^-{halvings}", "m": m, "M": size},
        f"the category holds fewer than m with probability {float(mpmath.exp(excess.a)):.1f} δ",
    )


@claim(
    name="best-leading",
    chapter="batch_sampling",
    title="the best leading constant",
    statement=(
        r"$M=\bigl\lceil\frac e{e-1}\cdot\frac1c(m'+\ln\frac k\delta)\bigr\rceil$ samples are "
        r"enough in the lemma, $m'=m-1$. And for every $L<\frac e{e-1}$ there are $m$, $c$ and "
        r"$\delta$ with which $M=\lceil\frac Lc(m+\ln\frac1\delta)\rceil$ samples leave one "
        r"category of probability $c$ with fewer than $m$, with probability more than $\delta$."
    ),
    source="★",
    kind="proof",
    uses=("chernoff-lower-tail", "union-bound", "dominance", "exact-count-monotone"),
    wrong={
        "enough": sp.Rational(158, 100),
        "needed": sp.Rational(159, 100),
        "size": lambda *arguments: best_leading_size(*arguments) - 1,
    },
    refute=_a_percent_below_best,
)
def best_leading(
    steps: Steps,
    enough: Any = BEST,
    needed: Any = BEST,
    size: Callable[..., int] = best_leading_size,
) -> None:
    few = sp.symbols("m'", nonnegative=True)
    t, mu = sp.symbols("t mu", positive=True)
    steps.say("*enough*: one category; fewer than m samples means at most m′ = m − 1")
    _exponent_at(steps, few, t, mu, enough)
    steps.holds(
        all(
            size(n, k, 2.0**-20, 0.5**b) == mpmath.ceil(_digits(enough) * 2**20 * (n - 1 + log))
            for n, k, b in itertools.product((1, 10, 418), (1, 20), (1, 7, 433))
            for log in [mpmath.log(k) + b * mpmath.log(2)]
        ),
        "and this is what best_leading_size computes (18 cases)",
    )
    steps.say(
        "*needed*: k = 1. Let 1 ≤ L below the constant (a smaller L takes fewer samples still), "
        "and for a whole number m to be chosen let t = ln(1/δ) = (e − 2)m"
    )
    m, total = sp.symbols("m M", integer=True, positive=True)
    lead, lam = sp.symbols("L lambda", positive=True)
    steps.equal(
        lead * (m + (sp.E - 2) * m),
        (lam * m).subs(lam, lead * (sp.E - 1)),
        "then μ = L(m + t) = λm",
        r"\lambda=L(e-1)",
    )
    steps.equal(
        lead / (mu / total) * (mu / lead),
        total,
        "for each whole M ≥ μ let c = μ/M: the count of the statement is M itself",
        r"\tfrac Lc(m+t)=\tfrac{LM}\mu\cdot\tfrac\mu L=M",
    )
    j = sp.symbols("j", integer=True, nonnegative=True)
    steps.holds(
        sp.limit((1 - mu / total) ** total, total, sp.oo) == sp.exp(-mu)
        and sp.limit((1 - j / total) / (1 - mu / total), total, sp.oo) == 1,
        "as M grows, Pr[X < m] ≥ Pr[X = m − 1] tends to a Poisson probability: the factors "
        "(1 − j/M)/(1 − μ/M), 0 ≤ j < m − 1, tend to 1 and (1 − μ/M)ᴹ to e^(−μ)",
        r"\tbinom M{m-1}c^{m-1}(1-c)^{M-m+1}\to e^{-\mu}\frac{\mu^{m-1}}{(m-1)!}",
    )
    poisson = sp.exp(-mu) * mu ** (m - 1) / sp.gamma(m)
    steps.equal(
        sp.gammasimp((poisson / (sp.exp(-mu) * mu**m / sp.gamma(m + 1))).subs(mu, lam * m)),
        1 / lam,
        "which is 1/λ times the next one",
        r"e^{-\mu}\frac{\mu^{m-1}}{(m-1)!}=\tfrac1\lambda\,e^{-\mu}\frac{\mu^m}{m!}",
    )
    x = sp.symbols("x", positive=True)
    log_bound = 1 + sp.log(x) + x * (sp.log(x) - 1)
    steps.equal(
        log_bound.subs(x, 1),
        0,
        "m! ≤ e m (m/e)ᵐ by induction; base m = 1: both sides are 1",
        r"1!=e\cdot\tfrac1e",
    )
    steps.equal(
        log_bound.subs(x, x + 1) - log_bound - sp.log(x + 1),
        -(x + 1) * (1 / (x + 1) + sp.log(x) - sp.log(x + 1)),
        "step: what the logarithm of the right side grows by beyond ln(m + 1)",
        r"-(m+1)\bigl(\tfrac1{m+1}+\ln(1-\tfrac1{m+1})\bigr)",
    )
    u = sp.symbols("u", real=True)
    steps.say("is at least 0 by 1 + u ≤ eᵘ at u = −1/(m + 1)", r"f(u)=e^u-1-u")
    convex_from_zero(steps, sp.exp(u) - 1 - u, u, 2, "f")
    log_ratio = -lam * x + x * sp.log(lam * x) - sp.log(lam) - log_bound + (sp.E - 2) * x
    height = sp.log(lam) - lam + sp.E - 1
    steps.equal(
        log_ratio,
        x * height - 1 - sp.log(lam) - sp.log(x),
        "so the limit over δ is at least e^(mh) / (eλm)",
        r"h=\ln\lambda-\lambda+e-1",
    )
    end = sp.simplify(needed * (sp.E - 1))
    steps.holds(
        sp.simplify(height.subs(lam, end)) >= 0,
        "h is not below 0 at the end, λ = (e − 1) times the constant",
        rf"h\bigl({sp.latex(end)}\bigr)\ge0",
    )
    above = sp.symbols("r", positive=True)
    slope = sp.factor(sp.diff(height, lam).subs(lam, 1 + above))
    steps.holds(
        slope.is_negative,
        "and falls for λ = 1 + r > 1, so h > 0 for every smaller λ; L ≥ 1 gives λ ≥ e − 1 > 1",
        sp.Eq(sp.Symbol("h'"), slope, evaluate=False),
    )
    v = sp.symbols("v", nonnegative=True)
    steps.say("for v = mh ≥ 0: eᵛ ≥ 1 + v + v²/2 > v²/2", r"g(v)=e^v-1-v-\tfrac{v^2}2")
    convex_from_zero(steps, sp.exp(v) - 1 - v - v**2 / 2, v, 3, "g")
    h = sp.symbols("h", positive=True)
    steps.equal(
        (x * h) ** 2 / 2 / (sp.E * lam * x),
        x * h**2 / (2 * sp.E * lam),
        "so the limit over δ exceeds this, which is 1 or more once m is large",
        r"\frac{mh^2}{2e\lambda}\ge1\quad\text{for }m\ge\frac{2e\lambda}{h^2}",
    )
    steps.say("then it exceeds δ for every M that is large enough as well")


def _digits(value: Any) -> Any:
    """A SymPy number for mpmath."""
    return mpmath.mpf(sp.N(value, 40))


def _one_less_still() -> Counterexample:
    # m' = m - 2: k = 1, m = 2, so m' = 0 and M = 2 ln(1/δ)/c
    c, delta, m = Fraction(1, 64), Fraction(1, 2), 2
    size = math.ceil(2 * math.log(2) * 64)
    missed = binomial_tail(m, size, c)
    assert missed > delta
    return Counterexample(
        "m′ = m − 1 (m − 2 instead)",
        {"k": 1, "c": c, "δ": delta, "m": m, "M": size},
        f"the category holds fewer than m with probability {_decimals(missed)} > δ",
    )


@claim(
    name="sharper-count",
    chapter="batch_sampling",
    title="the sharper count",
    statement=(
        r"The same holds with $M=\lceil\frac1c\bigl(m'+t+\sqrt{t^2+2m't}\,\bigr)\rceil$, "
        r"$m'=m-1$, $t=\ln\frac k\delta$: the least $M\ge\frac{m'}c$ for which the quadratic form "
        r"of Chernoff's bound gives $\delta$. With $k,c,\delta$ fixed, $\frac{Mc}m\to1$ as "
        r"$m\to\infty$."
    ),
    source="★",
    kind="proof",
    uses=("chernoff-lower-tail", "union-bound", "dominance"),
    wrong={"leading": sp.Rational(99, 100), "under": sp.Rational(198, 100)},
    refute=_one_less_still,
)
def sharper_count(steps: Steps, leading: Any = sp.Integer(1), under: Any = sp.Integer(2)) -> None:
    m = sp.symbols("m'", nonnegative=True)
    t, mu = sp.symbols("t mu", positive=True)
    steps.say("fewer than m means at most m′ = m − 1", r"\Pr[X<m]=\Pr[X\le m']")
    quadratic = mu**2 - 2 * (m + t) * mu + m**2
    steps.equal(
        (mu - m) ** 2 / (2 * mu) - t,
        quadratic / (2 * mu),
        "Chernoff's exponent is at least t where a quadratic in μ is at least 0",
    )
    root = leading * (m + t + sp.sqrt(t**2 + under * m * t))
    value = sp.expand(quadratic.subs(mu, root))
    steps.equal(value, 0, "at the μ of the statement it is 0", r"\mu^2-2(m'+t)\mu+m'^2=0")
    steps.holds(
        (root - (m + t)).is_nonnegative and t.is_nonnegative,
        "this is the larger root: it is at least the roots' mean m′ + t ≥ m′, by",
        r"\mu-(m'+t)=\sqrt{t^2+2m't}\ge0",
    )
    smaller = m + t - sp.sqrt(t**2 + 2 * m * t)
    steps.equal(
        sp.expand(root * smaller),
        m**2,
        "the product of both is m′², so the smaller one, m′²/larger, is at most m′, and between "
        "m′ and the larger root the quadratic is below 0: no smaller μ ≥ m′ will do",
        r"\bigl(m'+t+\sqrt{t^2+2m't}\bigr)\bigl(m'+t-\sqrt{t^2+2m't}\bigr)=m'^2",
    )
    x = sp.symbols("x", positive=True)
    scaled = leading * (1 + t * x + sp.sqrt(t**2 * x**2 + under * t * x))
    shown = r"\frac\mu{m'}=1+tx+\sqrt{t^2x^2+2tx}"
    steps.equal(root.subs(m, 1 / x) * x, scaled, "in units of m′ = 1/x", shown)
    steps.holds(
        sp.limit(scaled, x, 0) == 1,
        "so it tends to 1 as m′ grows; rounding up adds less than c to Mc, and m/m′ → 1",
        r"\frac{\mu}{m'}\to1",
    )


def _strict_too_early() -> Counterexample:
    c, m = Fraction(1, 3), 4
    for size in range(m):
        if binomial_tail(m, size + 1, c) == binomial_tail(m, size, c):
            return Counterexample(
                "M ≥ m − 1",
                {"c": c, "m": m, "M": size},
                "one more sample changes nothing: both probabilities are "
                f"{binomial_tail(m, size, c)}",
            )
    raise AssertionError("always strictly falling")


@claim(
    name="exact-count-monotone",
    chapter="batch_sampling",
    title="more samples, less failure",
    statement=(
        r"For $0<c\le1$ and $m\ge1$, $\Pr[\mathrm{Bin}(M+1,c)<m]=\Pr[\mathrm{Bin}(M,c)<m]-"
        r"c\Pr[\mathrm{Bin}(M,c)=m-1]$: it falls as $M$ grows (strictly from $M=m-1$ on if $c<1$) "
        r"to 0. So there is a least $M$ with $k\Pr[\mathrm{Bin}(M,c)<m]\le\delta$, and every "
        r"larger $M$ has that property, too."
    ),
    source="★",
    kind="proof",
    uses=("chernoff-lower-tail",),
    wrong={"factor": sp.Rational(99, 100)},
    refute=_strict_too_early,
)
def exact_count_monotone(steps: Steps, factor: Any = sp.Integer(1)) -> None:
    size, j, m = sp.symbols("M j m", integer=True, positive=True)
    c, low, here = sp.symbols("c q_{j-1} q_j", positive=True)
    pascal = (sp.binomial(size, j - 1) + sp.binomial(size, j)).rewrite(sp.gamma)
    steps.equal(
        sp.combsimp(sp.gammasimp(pascal / sp.binomial(size + 1, j))),
        1,
        "q_j = Pr[Bin(M, c) = j]; with one more sample it becomes c q_{j−1} + (1 − c) q_j (Pascal)",
        r"\tbinom{M+1}j=\tbinom M{j-1}+\tbinom Mj",
    )
    steps.equal(
        c * low + (1 - c) * here - here,
        factor * c * (low - here),
        "the change of q_j",
        r"c\,(q_{j-1}-q_j)",
    )
    q = sp.Function("q")
    steps.equal(
        (q(-1) - q(0)).subs(q(-1), 0),
        -q(0),
        "the sum of q_{j−1} − q_j over j < m is −q_{m−1}, by induction; base m = 1, with q₋₁ = 0",
        r"q_{-1}-q_0=-q_0",
    )
    steps.equal(
        -q(m - 1) + (q(m - 1) - q(m)),
        -q(m),
        "step: one more term, j = m",
        r"-q_{m-1}+(q_{m-1}-q_m)=-q_m",
    )
    steps.say(
        "so the probability changes by −c q_{m−1} ≤ 0, strictly negative where 0 < c < 1 and "
        "M ≥ m − 1",
        r"-c\,\Pr[\mathrm{Bin}(M,c)=m-1]",
    )
    mu = sp.symbols("mu", positive=True)
    steps.holds(
        sp.limit((mu - m) ** 2 / (2 * mu), mu, sp.oo) == sp.oo,
        "and tends to 0, since Chernoff's exponent is unbounded",
        r"\tfrac{(Mc-m)^2}{2Mc}\to\infty",
    )


def _finite_set() -> Iterator[tuple[int, int, Fraction, Fraction]]:
    """m, k, c, δ: all of them floats without rounding."""
    chances = [Fraction(x) for x in (0.5, 0.75, 0.25, 0.0625, 0.0078125)]
    deltas = [Fraction(x) for x in (0.5, 0.125, 0.01, 1e-6)]
    return itertools.product((1, 2, 3, 5, 8, 21), (1, 2, 20), chances, deltas)


def _normal_count(m: int, k: int, c: float, delta: float) -> int:
    """The textbook's count: the least M with Mc - z sqrt(Mc(1 - c)) >= m."""
    z, size = NormalDist().inv_cdf(1 - delta / k), m
    while size * c - z * math.sqrt(size * c * (1 - c)) < m:
        size += 1
    return size


def _normal_instead_of_binomial() -> Counterexample:
    worst, where = Fraction(1), {}
    for m, k, c, delta in _finite_set():
        size = _normal_count(m, k, float(c), float(delta))
        missed = k * binomial_tail(m, size, c) / delta
        if missed > worst:
            worst, where = missed, {"m": m, "k": k, "c": c, "δ": float(delta), "M": size}
    assert worst > 1
    assert where
    return Counterexample(
        "the binomial tail itself (the normal approximation instead)",
        where,
        f"the union bound is {_decimals(worst)} δ",
    )


def _one_too_few(m: int, k: int, c: float, delta: float, bound: str = "poster") -> int:
    return batch_size(m, k, c, delta, bound) - 1


@claim(
    name="exact-count-smallest",
    chapter="batch_sampling",
    title="the exact count is smallest",
    statement=(
        r"`batch_size(m, k, c, delta, \"exact\")` is the least $M$ with "
        r"$k\Pr[\mathrm{Bin}(M,c)<m]\le\delta$, for all $m\in\{1,2,3,5,8,21\}$, "
        r"$k\in\{1,2,20\}$, $c\in\{\frac34,\frac12,\frac14,\frac1{16},\frac1{128}\}$, "
        r"$\delta\in\{\frac12,\frac18,0.01,10^{-6}\}$ (the last two as floats)."
    ),
    source="★",
    kind="finite verification",
    uses=("exact-count-monotone",),
    wrong={"batch_size": _one_too_few},
    refute=_normal_instead_of_binomial,
)
def exact_count_smallest(steps: Steps, batch_size: Callable[..., int] = batch_size) -> None:
    cases = 0
    for m, k, c, delta in _finite_set():
        size = batch_size(m, k, float(c), float(delta), "exact")
        case = f"m = {m}, k = {k}, c = {c}, δ = {float(delta)}: M = {size}"
        if k * binomial_tail(m, size, c) > delta:
            raise AssertionError(f"{case} is too small")
        if size > m and k * binomial_tail(m, size - 1, c) <= delta:
            raise AssertionError(f"{case} is not the smallest")
        cases += 1
    steps.holds(cases == 360, f"{cases} cases, in fractions: M satisfies the union bound",
                r"k\Pr[\mathrm{Bin}(M,c)<m]\le\delta")  # fmt: skip
    steps.say("and M − 1 does not (or is below m, where the probability is 1)")


def _poster_with_one() -> Counterexample:
    m, k, c, delta = 100, 20, 1 / 160, 0.01
    shorter = math.ceil((m + math.log(k / delta)) / c)
    exact = batch_size(m, k, c, delta, "exact")
    assert exact > shorter
    return Counterexample(
        "the poster's leading constant 2 (1 instead)",
        {"m": m, "k": k, "c": "1/160", "δ": delta},
        f"its count {shorter:,} is below the exact one, {exact:,},",
    )


@claim(
    name="count-order",
    chapter="batch_sampling",
    title="exact ≤ sharper ≤ poster",
    statement=(
        r"For the same $m,k,c,\delta$: the exact count is at most the sharper one, and that is at "
        r"most the poster's."
    ),
    source="★",
    kind="proof",
    uses=("sharper-count", "exact-count-monotone"),
    wrong={"leading": sp.Rational(198, 100)},
    refute=_poster_with_one,
)
def count_order(steps: Steps, leading: Any = sp.Integer(2)) -> None:
    m, t = sp.symbols("m' t", nonnegative=True)
    steps.say(
        "the sharper M satisfies k Pr[Bin(M, c) < m] ≤ δ, and the exact one is the least that does"
    )
    steps.equal(
        (m + t) ** 2 - (t**2 + 2 * m * t), m**2, "what (m′ + t)² exceeds the radicand by: a square"
    )
    gap = leading * (m + 1 + t) - 2 * (m + t)
    steps.holds(
        all(value >= 0 for value in sp.Poly(sp.expand(gap), m, t).coeffs()),
        "so sharper · c ≤ 2(m′ + t); with m = m′ + 1 the poster's exceeds that by",
        sp.expand(gap),
    )


# -- layouts -----------------------------------------------------------------------------------

Requirement = tuple[int, int]  # (edge, category); a category is (sign of a, digit)


def _least_for_union(needs: int | Fraction, c: Fraction, delta: Fraction) -> int:
    """Least M with needs (1 - c)^M <= δ."""
    return next(size for size in itertools.count(1) if needs * (1 - c) ** size <= delta)


def _blocks_without_m() -> Counterexample:
    c, delta, m = Fraction(1, 4), Fraction(1, 100), 50
    size = _least_for_union(2, c, delta)  # k = 1: two halves, and the m weights forgotten
    block = 2 * (1 - c) ** size - (1 - 2 * c) ** size
    fails = 1 - (1 - block) ** m
    assert fails > delta
    return Counterexample(
        "all m weights in the union bound (one of them only)",
        {"k": 1, "c": c, "δ": delta, "m": m, "M": size},
        f"some block fails with probability {_decimals(fails)} > δ",
    )


def _two_inputs_in_one_neuron() -> Counterexample:
    # w = (1, 1), k = 1: neurons ((b_1, b_2), a) with 0 for an edge that is not kept
    neurons = [((1, 1), 1), ((-1, 0), -1), ((0, -1), -1)]
    satisfied = {
        (j, b[j] > 0) for b, a in neurons for j in range(2) if b[j] and a * b[j] == 1
    }  # fmt: skip
    assert len(satisfied) == 4
    x = (1, -1)
    found = sum(a * max(b[0] * x[0] + b[1] * x[1], 0) for b, a in neurons)
    assert found != x[0] + x[1]
    return Counterexample(
        "one in-edge for each neuron (two are kept in one of them)",
        {"w": (1, 1), "x": x},
        f"both halves of both weights have their digit, but G(x) = {found}, not {x[0] + x[1]},",
    )


def _signs_of_one_network_only() -> Counterexample:
    c, delta = Fraction(1, 4), Fraction(1, 100)
    size = _least_for_union(2, c, delta)
    # k = 1: the four categories share all outcomes, and inclusion and exclusion is exact
    fails = sum(
        (-1) ** (j + 1) * math.comb(4, j) * (1 - j * c) ** size for j in range(1, 5)
    )  # fmt: skip
    assert fails > delta
    return Counterexample(
        "all four sign categories (those of one F only)",
        {"k": 1, "inputs": 1, "outputs": 1, "c": c, "δ": delta, "M": size},
        f"w or −w has no ticket with probability {_decimals(fails)} > δ",
    )


def _some_missed(supplied: list[set[Requirement]], size: int) -> Fraction:
    """Probability that `size` neurons, each with one of these equally likely sets, miss something.

    Something that occurs in one of the sets; by inclusion and exclusion, exactly.
    """
    needs = sorted(set().union(*supplied))
    total = Fraction(0)
    for n in range(1, len(needs) + 1):
        for some in itertools.combinations(needs, n):
            none = sum(not one.intersection(some) for one in supplied)
            total -= (-1) ** n * Fraction(none, len(supplied)) ** size
    return total


def _supplied(outputs: int, inputs: int, k: int, signs: tuple[int, ...]) -> list[set[Requirement]]:
    outcomes, _ = _small_layer(outputs, inputs, k, signs)
    return [{(e, g) for e, g in enumerate(one) if g >= 0} for one in outcomes]


def _exactly(steps: Steps, where: str, fails: Fraction, delta: Fraction) -> None:
    steps.holds(
        fails <= delta,
        f"a small case exactly, {where}: something is missing with probability "
        f"{_decimals(fails)}, not above δ = {delta}",
    )


def _union_over(steps: Steps, needs: Any, counted: Any, tex: str) -> None:
    """The union bound over `needs` requirements is at most δ with the M of `counted` ones."""
    delta = sp.symbols("delta", positive=True)
    steps.say(
        "the M samples of a requirement are independent, each meets it with probability at least "
        "c, so all miss it with probability at most (1 − c)ᴹ; by the choice of M that is at most",
        rf"(1-c)^M\le\frac{{\delta}}{{{tex}}}",
    )
    ratio = sp.simplify(needs * (delta / counted) / delta)
    steps.holds(
        sp.simplify(1 - ratio) >= 0,
        "the union bound over all requirements is at most δ: sum over δ",
        ratio,
    )
    t = sp.symbols("t", positive=True)
    steps.say("closed form: (1 − c)ᴹ ≤ e^(−cM), and e^(−cM) ≤ e^(−t) once M ≥ t/c, t = ln(needs/δ)")
    steps.equal(sp.exp(-C * (t / C)), sp.exp(-t), "at M = t/c", r"e^{-cM}=e^{-t}")


@claim(
    name="reserved-layout",
    chapter="batch_sampling",
    title="reserved layout",
    statement=(
        r"$m$ target weights, $k$ digits for each half of each, each met by a random neuron with "
        r"probability at least $c$. If every target weight owns a block of the least $M$ neurons "
        r"with $2km(1-c)^M\le\delta$, so at most $M=\lceil\frac1c\ln\frac{2km}\delta\rceil$, then "
        r"all digits are found with probability at least $1-\delta$. That is $M$ neurons per "
        r"target weight."
    ),
    source="Orseau et al. 2020, without recycling; constants ★",
    kind="proof",
    uses=("coupon-collector", "union-bound"),
    wrong={"halves": sp.Rational(198, 100)},
    refute=_blocks_without_m,
)
def reserved_layout(steps: Steps, halves: Any = sp.Integer(2)) -> None:
    k, m = sp.symbols("k m", positive=True)
    steps.say("requirements: one for each weight, half and digit", "2km")
    steps.say("each of them looks at the M neurons of its weight's block, and at no others")
    _union_over(steps, 2 * k * m, halves * k * m, "2km")
    delta = Fraction(1, 100)
    size = _least_for_union(Fraction(int(200 * halves), 100), Fraction(1, 4), delta)
    block = _some_missed(_supplied(1, 1, 1, (1,)), size)
    where = f"2 weights, k = 1, c = 1/4, M = {size}"
    _exactly(steps, where, 1 - (1 - block) ** 2, delta)


@claim(
    name="shared-layout",
    chapter="batch_sampling",
    title="shared layout",
    statement=(
        r"If every *input* owns a block of that same $M$ neurons, and a neuron may serve every "
        r"output at once, then all digits are found with probability at least $1-\delta$. With "
        r"$n$ outputs and no zero weight that is $\frac Mn$ neurons per target weight."
    ),
    source="★",
    kind="proof",
    uses=("coupon-collector", "union-bound"),
    wrong={"halves": sp.Rational(198, 100)},
    refute=_two_inputs_in_one_neuron,
)
def shared_layout(steps: Steps, halves: Any = sp.Integer(2)) -> None:
    k, m = sp.symbols("k m", positive=True)
    steps.say(
        "requirements: one for each weight, half and digit, met by neuron r of block j for output "
        "i if sign b_rj is the half's, a_ir b_rj has the weight's sign and its digit's magnitude",
        "2km",
    )
    steps.say(
        "for a fixed requirement the pairs (b_rj, a_ir), r = 1..M, are independent; different "
        "requirements share them, which a union bound does not mind"
    )
    _union_over(steps, 2 * k * m, halves * k * m, "2km")
    steps.say(
        "a neuron keeps its one in-edge and any of its out-edges: for one output its product is "
        "in at most one segment, of one half, so it is no digit twice"
    )
    delta = Fraction(1, 100)
    size = _least_for_union(Fraction(int(400 * halves), 100), Fraction(1, 8), delta)
    where = f"2 outputs, 1 input, k = 2, c = 1/8, M = {size}"
    _exactly(steps, where, _some_missed(_supplied(2, 1, 2, (1, -1)), size), delta)


@claim(
    name="one-draw-for-all",
    chapter="batch_sampling",
    title="one draw for all networks",
    statement=(
        r"Digits that reach up to $w_{\max}$ in a base of at most φ; $n$ outputs, $n'$ inputs. "
        r"Shared blocks of $M$ neurons with $4knn'(1-c)^M\le\delta$, at most "
        r"$M=\lceil\frac1c\ln\frac{4knn'}\delta\rceil$, hold with probability at least "
        r"$1-\delta$ a ticket for **every** layer of that shape at once, whatever its weights in "
        r"$[-w_{\max},w_{\max}]$."
    ),
    source="★",
    kind="proof",
    uses=("shared-layout", "digits-suffice"),
    wrong={"signs": sp.Rational(396, 100)},
    refute=_signs_of_one_network_only,
)
def one_draw_for_all(steps: Steps, signs: Any = sp.Integer(4)) -> None:
    k, outputs, inputs = sp.symbols("k n n'", positive=True)
    categories = list(itertools.product((-1, 1), repeat=2))
    steps.holds(
        len(categories) == 4,
        "categories of an (output, input) pair: sign of b, sign of ab, digit",
        r"4k",
    )
    steps.say(
        "they do not name F. If all are filled for all pairs, every weight of either sign finds "
        "all digits of both halves: each F has its mask, though no event was about F"
    )
    _union_over(steps, 4 * k * outputs * inputs, signs * k * outputs * inputs, "4knn'")
    delta = Fraction(1, 100)
    size = _least_for_union(Fraction(int(200 * signs), 100), Fraction(1, 4), delta)
    supplied = [
        {(i, (1 + b) + (1 + a[i] * b) // 2) for i in range(2)}
        for b in (1, -1)
        for a in itertools.product((1, -1), repeat=2)
    ]
    where = f"2 outputs, 1 input, k = 1, c = 1/4, M = {size}"
    _exactly(steps, where, _some_missed(supplied, size), delta)


# -- pooled ------------------------------------------------------------------------------------


def _small_layer(
    outputs: int, inputs: int, k: int, signs: tuple[int, ...]
) -> tuple[list[list[int]], int]:
    """All outcomes of a neuron with in-weights ± 1 and k equally likely digits.

    Returns for each outcome the category supplied at each edge, -1 for none: digit + k if a < 0.
    """
    outcomes = []
    for a in itertools.product(itertools.product((1, -1), range(k)), repeat=outputs):
        for b in itertools.product((1, -1), repeat=inputs):
            outcomes.append(
                [
                    digit + (0 if sign > 0 else k) if sign * b[j] == signs[i * inputs + j] else -1
                    for i, (sign, digit) in enumerate(a)
                    for j in range(inputs)
                ]
            )
    return outcomes, len(outcomes)


def _another_law_for_each_input() -> Counterexample:
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
    assert mean > 2
    return Counterexample(
        "one law for all |b| (another constant for each input)",
        {"outputs": 1, "inputs": k, "k": k, "|b_j|": "φ^j"},
        f"a neuron that satisfies one open requirement satisfies {mean} others on average",
    )


@claim(
    name="crowding",
    chapter="batch_sampling",
    title="a neuron is seldom wanted by many",
    statement=(
        r"All weights of $G$ are independent; signs are fair and independent of the magnitudes; "
        r"all $|a|$ have one law and all $|b|$ have one law. At most one requirement is open in "
        r"each of the $2k$ categories (sign of the out-weight, digit). Fix one of them. Given that "
        r"a fresh neuron satisfies it, the number $N$ of *other* open requirements that the neuron "
        r"satisfies has mean at most 2; at most $\frac32$ if $|a|$ and $|b|$ have the same law; "
        r"at most $1-\frac1{2k}$ if $|b|$ is constant and the $k$ digits are equally likely. "
        r"Neither 2 nor $\frac32$ can be lowered."
    ),
    source="★",
    kind="proof",
    wrong={
        "any_laws": sp.Rational(198, 100),
        "same_law": sp.Rational(1485, 1000),
        "constant": sp.Rational(99, 100),
        "seen": sp.Rational(202, 100),
        "seen_same": sp.Rational(1515, 1000),
    },
    refute=_another_law_for_each_input,
)
def crowding(
    steps: Steps,
    any_laws: Any = sp.Integer(2),
    same_law: Any = sp.Rational(3, 2),
    constant: Any = sp.Integer(1),
    seen: Any = sp.Integer(2),
    seen_same: Any = sp.Rational(3, 2),
) -> None:
    half, quarter = sp.Rational(1, 2), sp.Rational(1, 4)
    signs = _given_signs()
    shares = {
        "same edge": {sp.Integer(0), sp.Integer(1)},
        "same output": {sp.Integer(0), half},
        "same input": {sp.Integer(0), half},
        "no common end": {quarter},
    }
    for how, wanted in shares.items():
        steps.holds(
            set(signs[how].values()) == wanted,
            f"{how}: given the signs of one requirement, those of the other are right with "
            f"probability {' or '.join(map(str, sorted(wanted)))}",
        )
    steps.holds(
        all(v == 0 for (s, _), v in signs["same output"].items() if not s)
        and all(v == 0 for (_, h), v in signs["same input"].items() if not h)
        and all(v == 0 for (s, h), v in signs["same edge"].items() if not (s and h)),
        "0 unless a common out-weight has the same sign in both, a common in-weight likewise",
    )
    steps.say(
        "same edge, same signs, another digit: one product lies in one segment only, so never both"
    )
    steps.say(
        "magnitudes: p_d′ is the probability of segment d′; given that the given product lies in "
        "segment d, another one with the same |a| lies in segment d′ with probability α_d′, one "
        "with the same |b| with probability β_d′",
        r"\sum_{d'}p_{d'}\le1,\quad\sum_{d'}\alpha_{d'}\le1,\quad\sum_{d'}\beta_{d'}\le1",
    )
    alpha, beta, p = sp.symbols("alpha beta p", nonnegative=True)
    x, y, z = sp.symbols("x y z", nonnegative=True)
    steps.holds(
        all(w.is_nonnegative for w in (x + y, y + z, x + z)),
        "a largest one of non-negative numbers is at most their sum: what the sum has beyond it",
        r"\max\{x,y,z\}\le x+y+z",
    )
    # x, y, z from here on: what the three sums lack to 1
    total = {alpha: 1 - x, beta: 1 - y, p: 1 - z}
    same_sign = half * (alpha + beta + p / 2)
    other_sign = half * (beta + p / 2)
    steps.say(
        "category (σ, d′) has at most ½ max{α, β, p/2}, category (−σ, d′) at most ½ max{β, p/2}; "
        "summed over d′, with x, y, z for what the three sums lack to 1:"
    )
    _at_least(steps, any_laws, (same_sign + other_sign).subs(total), "any laws")
    steps.say(
        "same law of |a| and |b|: exchanging their roles turns α into β, so α = β and the maximum "
        "is at most β + p/2"
    )
    _at_least(steps, same_law, (2 * other_sign).subs(total), "same law")
    k = sp.symbols("k", integer=True, positive=True)
    steps.say(
        "|b| constant: the same |a| means the same digit, α_d′ = 0 for d′ ≠ d; β_d′ = p_d′ = 1/k",
        r"(k-1)\cdot\tfrac12\cdot\tfrac1k+k\cdot\tfrac12\cdot\tfrac1k",
    )
    found = (k - 1) * half / k + k * half / k
    steps.equal(found, 1 - 1 / (2 * k), "their sum")
    steps.holds(constant - 1 >= 0, "is at most the bound, 1 − 1/(2k)")
    rare = sp.symbols("eta", positive=True)
    for words, inner, digits, bound in (
        ("|a| ∈ {φ⁻¹, φ⁻²}, |b| ∈ {φ^(−1/2), φ^(−5/2)}, four digits", 2, 4, seen),
        ("both in {φ^(−3/4), φ^(−7/4)}, three digits", 1, 3, seen_same),
    ):
        mean = _mean_of_two_levels(rare, inner, digits)
        steps.holds(
            sp.limit(mean, rare, 0) == bound,
            f"{words}, the smaller one with probability η, given the last digit; where each other "
            "category is open at the edge with the largest share, the mean of N tends, as η → 0, "
            "to the bound",
            rf"{sp.latex(sp.factor(mean))}\to{sp.latex(sp.sympify(bound))}",
        )


def _mean_of_two_levels(rare: Any, inner: int, digits: int) -> Any:
    """The sum of the lemma's maxima for 0 < η < 1/3, the given requirement in the last digit.

    Out-weights have level 0 or 1, in-weights 0 or `inner`, the second with probability η; the
    digit is the sum of both. All maxima are seen to be the largest one for all these η.
    """
    outer_law, inner_law = {0: 1 - rare, 1: rare}, {0: 1 - rare, inner: rare}
    p = [sp.Integer(0)] * digits
    for (x, u), (y, v) in itertools.product(outer_law.items(), inner_law.items()):
        p[x + y] += u * v
    alpha = [inner_law.get(d - 1, sp.Integer(0)) for d in range(digits)]  # the last digit: |a| = 1
    beta = [outer_law.get(d - inner, sp.Integer(0)) for d in range(digits)]
    half = sp.Rational(1, 2)
    total = sp.Integer(0)
    for d in range(digits):
        for shares in ([alpha[d], beta[d], p[d] / 2], [beta[d], p[d] / 2]):
            if len(shares) == 3 and d == digits - 1:
                continue  # the given requirement's own category
            total += half * next(w for w in shares if all(_above(w - v, rare) for v in shares))
    return sp.expand(total)


def _above(gap: Any, rare: Any) -> bool:
    """Whether a polynomial is at least 0 for 0 < η < 1/3, by the coefficients in y > 0."""
    y = sp.symbols("y", positive=True)  # η = y / (3 (1 + y))
    top, _ = sp.fraction(sp.together(gap.subs(rare, y / (3 * (1 + y)))))
    return all(value >= 0 for value in sp.Poly(top, y).coeffs())


def _at_least(steps: Steps, bound: Any, value: Any, words: str) -> None:
    gap = sp.expand(bound - value)
    coefficients = sp.Poly(gap, *sorted(gap.free_symbols, key=str)).coeffs()
    constant = gap.subs(dict.fromkeys(gap.free_symbols, 0))
    steps.holds(
        constant >= 0 and all(value >= 0 for value in coefficients),
        f"{words}: {bound} exceeds the sum by",
        gap,
    )


def _given_signs(one_sided: bool = False) -> dict[str, dict[tuple[bool, bool], Any]]:
    """How two requirements' signs go together, by enumeration of all fair signs.

    Keys: how the edges (0, 0) and (i, j) meet; then whether both want the same sign of their
    out-weights, and of their in-weights. With `one_sided` all in-weights are above 0.
    """
    inner = ((1, 1),) if one_sided else tuple(itertools.product((1, -1), repeat=2))
    found: dict[str, dict[tuple[bool, bool], Any]] = {}
    for how, (i, j) in {
        "same edge": (0, 0),
        "same output": (0, 1),
        "same input": (1, 0),
        "no common end": (1, 1),
    }.items():
        found[how] = {}
        for out_sign, in_sign in itertools.product((1, -1), (1,) if one_sided else (1, -1)):
            first = both = 0
            for a in itertools.product((1, -1), repeat=2):
                for b in inner:
                    if a[0] == b[0] == 1:
                        first += 1
                        both += a[i] == out_sign and b[j] == in_sign
            found[how][out_sign == 1, in_sign == 1] = sp.Rational(both, first)
    return found


def _service_without_crowding() -> Counterexample:
    # two outputs, one input, k = 1: categories a > 0 open at the first, a < 0 at the second output
    outcomes, total = _small_layer(2, 1, 1, (1, -1))
    c = Fraction(sum(o[0] == 0 for o in outcomes), total)
    served = sum(
        Fraction(1, 1 + (o[1] == 1)) for o in outcomes if o[0] == 0
    ) / total  # fmt: skip
    assert served < c
    return Counterexample(
        "the loss to crowding (K = 1: each category is served with probability c)",
        {"outputs": 2, "inputs": 1, "k": 1, "c": c},
        f"a category is served with probability {served} only",
    )


@claim(
    name="pooled-layout",
    chapter="batch_sampling",
    title="pooled layout, any laws",
    statement=(
        r"Under the hypotheses of the crowding lemma, in a layer with $m$ target weights: a random "
        r"neuron is connected to all inputs and outputs, keeps one edge of each kind, and "
        r"satisfies each given requirement with probability at least $c$. With $K=3$ whatever the "
        r"two laws of the magnitudes, $K=\frac{12}5$ if they are the same, $K=\frac{4k}{2k+1}<2$ "
        r"if $|b|$ is constant and digits are equally likely, the least $M$ with "
        r"$2k\Pr[\mathrm{Bin}(M,\frac cK)<m]\le\delta$ neurons serve all $2km$ requirements with "
        r"probability at least $1-\delta$."
    ),
    source="★",
    kind="proof",
    uses=("crowding", "dominance", "union-bound", "sharper-count"),
    wrong={
        "any_laws": sp.Rational(297, 100),
        "same_law": sp.Rational(2376, 1000),
        "constant": sp.Rational(396, 100),
    },
    refute=_service_without_crowding,
)
def pooled_layout(
    steps: Steps,
    any_laws: Any = sp.Integer(3),
    same_law: Any = sp.Rational(12, 5),
    constant: Any = sp.Integer(4),
) -> None:
    k = sp.symbols("k", integer=True, positive=True)
    steps.say(
        "a fresh neuron satisfies the open requirement of category g with probability at least c; "
        "with N others satisfied it serves g with probability 1/(1 + N)"
    )
    first, second = _chords(steps)
    for words, factor, chord, bound in (
        ("any laws, λ ≤ 2", any_laws, second, sp.Integer(2)),
        ("same law, λ ≤ 3/2", same_law, second, sp.Rational(3, 2)),
        ("|b| constant, λ ≤ 1 − 1/(2k)", constant * k / (2 * k + 1), first, 1 - 1 / (2 * k)),
    ):
        _share(steps, words, factor, chord(bound))
    steps.say(
        "each neuron, given all earlier ones, serves an open category with probability at least "
        "c/K: by dominance fewer than m services in M neurons are at most as likely as for Bin",
        r"\Pr[X_g<m]\le\Pr\bigl[\mathrm{Bin}(M,\tfrac cK)<m\bigr]",
    )
    steps.say(
        "each weight has one requirement in each category (out-weight > 0 and < 0 are its two "
        "halves), so m services in each of the 2k categories are all 2km; union bound over 2k",
        r"2k\Pr\bigl[\mathrm{Bin}(M,\tfrac cK)<m\bigr]\le\delta",
    )


def _chords(steps: Steps) -> tuple[Callable[[Any], Any], Callable[[Any], Any]]:
    """Lower bounds for the mean of 1/(1 + N), as functions of the mean of N."""
    others, r = sp.symbols("N r", integer=True, nonnegative=True)
    for n, words in ((0, "through N = 0, 1"), (1, "through N = 1, 2")):
        line = sp.Rational(1, n + 1) - (others - n) / sp.Integer((n + 1) * (n + 2))
        steps.equal(
            1 / (1 + others) - line,
            (others - n) * (others - n - 1) / ((n + 1) * (n + 2) * (others + 1)),
            f"1/(1 + N) lies on or above its chord {words}: the difference is",
        )
    steps.holds(
        sp.expand((1 + r) * r).is_nonnegative and sp.expand(-r * (-r - 1)).is_nonnegative,
        "for whole N not below 0, as x(x − 1) ≥ 0 for every whole x (x = 1 + r and x = −r, r ≥ 0)",
        r"x(x-1)\ge0",
    )
    steps.say(
        "the mean of a chord is its value at the mean of N, and falls with it; for a mean of at "
        "most λ",
        r"\mathrm E\tfrac1{1+N}\ge\max\{1-\tfrac\lambda2,\ \tfrac23-\tfrac\lambda6\}",
    )
    return (lambda mean: 1 - mean / 2), (lambda mean: sp.Rational(2, 3) - mean / 6)


def _share(steps: Steps, words: str, factor: Any, share: Any) -> None:
    # K share - 1 has the sign of a number: where k occurs, it drops out
    surplus = sp.simplify(factor * share - 1)
    steps.holds(
        surplus.is_number and surplus >= 0,
        f"{words}: the share is at least 1/K",
        sp.Ge(sp.simplify(share), sp.simplify(1 / sp.sympify(factor)), evaluate=False),
    )


def _worst(outputs: int, inputs: int, k: int) -> tuple[Fraction, Fraction, int]:
    """Largest mean number of others, smallest probability of service, and how many cases.

    |b| constant, digits equally likely; all signs of the target weights, and all choices of one
    open requirement (or none) in each category.
    """
    edges, categories = outputs * inputs, np.arange(2 * k)
    opened = np.array([*itertools.product(range(edges + 1), repeat=2 * k)])  # the last: closed
    scale = math.lcm(*range(1, 2 * k + 1))
    shares = np.array([0, *(scale // n for n in range(1, 2 * k + 1))])
    largest, smallest = Fraction(0), Fraction(1)
    for signs in itertools.product((1, -1), repeat=edges):
        outcomes, total = _small_layer(outputs, inputs, k, signs)
        fits = np.array([[*o, -1] for o in outcomes])[:, :, None] == categories
        satisfied = fits[:, opened, categories]  # (outcomes, configurations, categories)
        count = satisfied.sum(axis=2, keepdims=True)
        hits = satisfied.sum(axis=0)
        others = (satisfied * (count - 1)).sum(axis=0)
        served = (satisfied * shares[count]).sum(axis=0)
        here = opened < edges
        for h, o in set(zip(hits[here].tolist(), others[here].tolist(), strict=True)):
            largest = max(largest, Fraction(o, h))
        smallest = min(smallest, Fraction(int(served[here].min()), scale * total))
    return largest, smallest, 2**edges * len(opened)


def _mean_a_percent_less() -> Counterexample:
    k = 1
    mean, served, _ = _worst(3, 1, k)
    lower = Fraction(99, 100) * (1 - Fraction(1, 2 * k))
    assert mean > lower
    return Counterexample(
        "the mean 1 − 1/(2k) (99 % of it)",
        {"outputs": 3, "inputs": 1, "k": k},
        f"some configuration has mean {mean} > {lower} (and service {served})",
    )


@claim(
    name="pooled-layout-finite",
    chapter="batch_sampling",
    title="crowding, all cases of a small layer",
    statement=(
        r"Layer of 3 outputs and 2 inputs, $k=2$, $|b|$ constant, digits equally likely: over all "
        r"$2^6$ patterns of signs and all $7^4$ choices of open or closed requirements, the "
        r"largest mean of $N$ is exactly $1-\frac1{2k}=\frac34$, and the least probability with "
        r"which an open category is served is $\frac1{12}$, above $\frac cK=\frac5{64}$."
    ),
    source="★",
    kind="finite verification",
    uses=("crowding", "pooled-layout"),
    wrong={"mean": Fraction(297, 400), "served": Fraction(101, 1200)},
    refute=_mean_a_percent_less,
)
def pooled_layout_finite(
    steps: Steps, mean: Fraction = Fraction(3, 4), served: Fraction = Fraction(1, 12)
) -> None:
    largest, smallest, cases = _worst(3, 2, 2)
    steps.holds(cases == 2**6 * 7**4, f"{cases:,} cases, in whole numbers and fractions")
    steps.holds(largest == mean, f"largest mean of N: {largest}")
    steps.holds(smallest == served, f"smallest probability of service: {smallest}")
    steps.holds(smallest > Fraction(5, 64), "which is above c/K", r"\tfrac5{64}")


Levels = Mapping[int, int]  # level of a magnitude: its probability, as a whole number


def _layer_of_levels(
    outer: Levels, inner: Levels, digits: int, one_sided: bool
) -> tuple[list[int], list[list[tuple[int, int]]]]:
    """All outcomes of a neuron with 3 outputs and 2 inputs: probability, and sign and category.

    The digit of a product is the sum of both levels; the category of an edge is as in
    `_small_layer`, -1 where the product is no digit. With `one_sided` in-weights are above 0, and
    categories are digits.
    """
    probabilities, outcomes = [], []
    in_signs = (1,) if one_sided else (1, -1)
    for a in itertools.product(itertools.product((1, -1), outer.items()), repeat=3):
        for b in itertools.product(itertools.product(in_signs, inner.items()), repeat=2):
            line = []
            for (a_sign, (x, _)), (b_sign, (y, _)) in itertools.product(a, b):
                category = x + y + digits * (not one_sided and a_sign < 0)
                line.append((a_sign * b_sign, category if x + y < digits else -1))
            outcomes.append(line)
            probabilities.append(math.prod(value for _, (_, value) in a + b))
    return probabilities, outcomes


def _largest_mean(outer: Levels, inner: Levels, digits: int, one_sided: bool = False) -> Fraction:
    """Largest mean of N over all signs, all given requirements and all choices of open ones.

    N is a sum over the other categories, and each of them may be open at any edge or at none: so
    the largest sum is the sum of the largest.
    """
    largest = Fraction(0)
    categories = np.arange(digits if one_sided else 2 * digits)
    probabilities, outcomes = _layer_of_levels(outer, inner, digits, one_sided)
    probability, supplied = np.array(probabilities)[:, None], np.array(outcomes)
    is_category = supplied[:, :, 1, None] == categories
    for signs in itertools.product((1, -1), repeat=6):
        right = supplied[:, :, 0] == signs
        hits = (is_category & right[:, :, None]).reshape(len(supplied), -1).astype(np.int64)
        both = (hits * probability).T @ hits
        for given in np.flatnonzero(both.diagonal()):
            most = both[given].reshape(6, -1).max(axis=0)
            most[given % categories.size] = 0
            largest = max(largest, Fraction(int(most.sum()), int(both[given, given])))
    return largest


_RARE = {0: 999, 1: 1}  # the second of two magnitudes has probability 1/1000
_RARE_INNER = {0: 999, 2: 1}


def _all_open_at_once() -> Counterexample:
    # one output, six inputs, k = 1, positive weights: every requirement open
    signs = (1,) * 6
    outcomes, _ = _small_layer(1, 6, 1, signs)
    hits = [o for o in outcomes if o[0] == 0]
    others = Fraction(sum(sum(s >= 0 for s in o) - 1 for o in hits), len(hits))
    assert others > 2
    return Counterexample(
        "at most one open requirement in each category (all are open)",
        {"outputs": 1, "inputs": 6, "k": 1},
        f"a neuron that satisfies one satisfies {others} others on average, more than 2,",
    )


@claim(
    name="crowding-finite",
    chapter="batch_sampling",
    title="crowding, two magnitudes",
    statement=(
        r"Layer of 3 outputs and 2 inputs, magnitudes of two values, of which the smaller one has "
        r"probability $\frac1{1000}$. Over all $2^6$ patterns of signs, all given requirements and "
        r"all choices of open or closed ones, the largest mean of $N$ is 1.99825025 if "
        r"$|a|\in\{\varphi^{-1},\varphi^{-2}\}$, $|b|\in\{\varphi^{-1/2},\varphi^{-5/2}\}$, $k=4$, "
        r"and 1.4985005 if both lie in $\{\varphi^{-3/4},\varphi^{-7/4}\}$, $k=3$."
    ),
    source="★",
    kind="finite verification",
    uses=("crowding",),
    wrong={"any_laws": Fraction(199, 100), "same_law": Fraction(151, 100)},
    refute=_all_open_at_once,
)
def crowding_finite(
    steps: Steps,
    any_laws: Fraction = Fraction("1.99825025"),
    same_law: Fraction = Fraction("1.4985005"),
) -> None:
    for words, inner, digits, wanted, bound in (
        ("any laws", _RARE_INNER, 4, any_laws, Fraction(2)),
        ("same law", _RARE, 3, same_law, Fraction(3, 2)),
    ):
        largest = _largest_mean(_RARE, inner, digits)
        steps.holds(
            largest == wanted,
            f"{words}: all outcomes of a neuron, in whole numbers; largest mean of N",
            _exact_or_decimal(largest),
        )
        steps.holds(largest < bound, "which is below the bound", str(bound))
    steps.say(
        "N is a sum over the other categories, each open at one edge or closed, so the largest sum "
        "is the sum of the largest"
    )


def _both_signs_at_the_inputs() -> Counterexample:
    # by output, k = 1, n = 1, all m weights positive, but b = ± 1 is fair: then a neuron that is
    # of the category serves with probability 1/2 only
    m, delta = 6, Fraction(1, 100)
    size = batch_size(m, 2, 0.5, float(delta), "exact")
    fails = binomial_tail(m, size, Fraction(1, 4))
    assert fails > delta
    return Counterexample(
        "all b > 0 (their signs are fair)",
        {"k": 1, "n": 1, "m⁺": m, "δ": delta, "M": size},
        f"requirements stay open with probability {_decimals(fails)} > δ",
    )


@claim(
    name="pooled-one-half",
    chapter="batch_sampling",
    title="pooled layout, inputs that are never negative",
    statement=(
        r"Inputs at least 0 and all $b>0$, otherwise as in the crowding lemma; a category is a "
        r"digit, with one requirement of each of the $m$ target weights, each satisfied with "
        r"probability at least $c$. (1) *One open:* the mean of $N$ is at most 2, $\frac32$ if "
        r"$|a|$ and $|b|$ have the same law, $\frac{k-1}{2k}$ if $|b|$ is constant and digits are "
        r"equally likely; so with $K=3$, $\frac{12}5$, $\frac{4k}{3k+1}$ the least $M$ with "
        r"$k\Pr[\mathrm{Bin}(M,\frac cK)<m]\le\delta$ neurons serve all $km$ requirements with "
        r"probability at least $1-\delta$. (2) *By output*, $|b|$ constant, digits equally likely: "
        r"so do $M_i$ neurons for each output $i$, the least with "
        r"$2kn\Pr[\mathrm{Bin}(M_i,\frac1{2k})<\max\{m_i^+,m_i^-\}]\le\delta$, where $m_i^\pm$ of "
        r"its weights are above and below 0."
    ),
    source="★",
    kind="proof",
    uses=("crowding", "pooled-layout", "dominance", "union-bound"),
    wrong={
        "any_laws": sp.Rational(297, 100),
        "same_law": sp.Rational(2376, 1000),
        "constant": sp.Rational(396, 100),
        "crowded": sp.Rational(198, 100),
        "crowded_same": sp.Rational(1485, 1000),
        "crowded_constant": sp.Rational(99, 100),
        "signs": sp.Rational(198, 100),
    },
    refute=_both_signs_at_the_inputs,
)
def pooled_one_half(
    steps: Steps,
    any_laws: Any = sp.Integer(3),
    same_law: Any = sp.Rational(12, 5),
    constant: Any = sp.Integer(4),
    crowded: Any = sp.Integer(2),
    crowded_same: Any = sp.Rational(3, 2),
    crowded_constant: Any = sp.Integer(1),
    signs: Any = sp.Integer(2),
) -> None:
    half = sp.Rational(1, 2)
    given = _given_signs(one_sided=True)
    for how, wanted in (
        ("same edge", {sp.Integer(0), sp.Integer(1)}),
        ("same output", {sp.Integer(0), sp.Integer(1)}),
        ("same input", {half}),
        ("no common end", {half}),
    ):
        steps.holds(
            set(given[how].values()) == wanted,
            f"{how}: given the sign of one out-weight, that of the other requirement is right with "
            f"probability {' or '.join(map(str, sorted(wanted)))}",
        )
    steps.say("same edge, another digit: one product lies in one segment only, so never both")
    alpha, beta, p = sp.symbols("alpha beta p", nonnegative=True)
    x, y, z = sp.symbols("x y z", nonnegative=True)
    total = {alpha: 1 - x, beta: 1 - y, p: 1 - z}
    steps.say(
        "with α, β, p as in the crowding lemma, category d′ has at most max{α, β/2, p/2}, at most "
        "their sum; summed over d′, with x, y, z for what the three sums lack to 1:"
    )
    _at_least(steps, crowded, (alpha + beta / 2 + p / 2).subs(total), "any laws")
    steps.say("same law: α = β, so the maximum is at most α + p/2")
    _at_least(steps, crowded_same, (alpha + p / 2).subs(total), "same law")
    k, n, delta = sp.symbols("k n delta", positive=True)
    steps.say(
        "|b| constant: α_d′ = 0 for the k − 1 other digits, β_d′ = p_d′ = 1/k",
        r"(k-1)\cdot\tfrac12\cdot\tfrac1k=\tfrac{k-1}{2k}",
    )
    mean = (k - 1) * half / k
    steps.holds(crowded_constant - 1 >= 0, "is at most the bound, (k − 1)/(2k)")
    steps.say("(1) as in the pooled layout, a category is served with probability 1/(1 + N)")
    first, second = _chords(steps)
    _share(steps, "any laws", any_laws, second(sp.Integer(2)))
    _share(steps, "same law", same_law, second(sp.Rational(3, 2)))
    _share(steps, "|b| constant", constant * k / (3 * k + 1), first(mean))
    steps.say(
        "and by dominance each of the k categories is not served with probability at most",
        r"\Pr\bigl[\mathrm{Bin}(M,\tfrac cK)<m\bigr]\le\tfrac\delta k",
    )
    steps.say(
        "(2) a neuron of output i with sign σ and digit d at its out-weight satisfies (j, d) for "
        "every j with sgn w_ij = σ, and no neuron is in two categories (σ, d) of its output: so "
        "category (σ, d) is served iff at least m_i^σ of the M_i neurons fall into it",
        r"\Pr\bigl[\mathrm{Bin}(M_i,\tfrac1{2k})<m_i^\sigma\bigr]\le\tfrac\delta{2kn}",
    )
    ratio = sp.simplify(2 * k * n * delta / (signs * k * n) / delta)
    steps.holds(1 - ratio >= 0, "union bound over 2k categories of n outputs: sum over δ", ratio)
    chance = Fraction(1, 20)
    size = next(
        M for M in itertools.count(2)
        if Fraction(int(100 * signs), 100) * binomial_tail(2, M, Fraction(1, 2)) <= chance
    )  # fmt: skip
    served = sum(math.comb(size, j) for j in range(2, size)) * Fraction(1, 2**size)
    where = f"k = n = 1, m⁺ = 2, m⁻ = 1, M = {size}"
    _exactly(steps, where, 1 - served, chance)


def _both_signs_in_the_finite_layer() -> Counterexample:
    mean = _largest_mean({0: 1, 1: 1, 2: 1}, {0: 1}, 3)
    assert mean > Fraction(1, 3)
    return Counterexample(
        "all b > 0 (their signs are fair, and categories are sign and digit)",
        {"outputs": 3, "inputs": 2, "k": 3},
        f"the largest mean of N is {mean}, not 1/3,",
    )


@claim(
    name="pooled-one-half-finite",
    chapter="batch_sampling",
    title="crowding with one half, small layers",
    statement=(
        r"The layer and the laws of the two magnitudes, with all $b>0$ and digits alone as "
        r"categories: the largest mean of $N$ is 1.9975005 and 1.4980005. If $|b|$ is constant and "
        r"$k=3$ digits are equally likely it is $\frac{k-1}{2k}=\frac13$."
    ),
    source="★",
    kind="finite verification",
    uses=("pooled-one-half", "crowding-finite"),
    wrong={
        "any_laws": Fraction(199, 100),
        "same_law": Fraction(149, 100),
        "constant": Fraction(33, 100),
    },
    refute=_both_signs_in_the_finite_layer,
)
def pooled_one_half_finite(
    steps: Steps,
    any_laws: Fraction = Fraction("1.9975005"),
    same_law: Fraction = Fraction("1.4980005"),
    constant: Fraction = Fraction(1, 3),
) -> None:
    for words, outer, inner, digits, wanted, bound in (
        ("any laws", _RARE, _RARE_INNER, 4, any_laws, Fraction(2)),
        ("same law", _RARE, _RARE, 3, same_law, Fraction(3, 2)),
        ("|b| constant", {0: 1, 1: 1, 2: 1}, {0: 1}, 3, constant, Fraction(1, 3)),
    ):
        largest = _largest_mean(outer, inner, digits, one_sided=True)
        steps.holds(
            largest == wanted,
            f"{words}: all outcomes of a neuron, in whole numbers; largest mean of N",
            _exact_or_decimal(largest),
        )
        steps.holds(largest <= bound, "which is at most the bound", str(bound))


def _mean_in_the_other_half(in_signs: Sequence[tuple[int, ...]]) -> Fraction:
    """One output, w = (1, -1), all magnitudes 1: half + open at input 1, half - at input 2."""
    outcomes = [(a, b) for a in (1, -1) for b in in_signs]
    one = [(a, b) for a, b in outcomes if b[0] > 0 and a * b[0] == 1]
    two = [(a, b) for a, b in one if b[1] < 0 and a * b[1] == -1]
    return Fraction(len(two), len(one))


def _in_weights_of_opposite_signs() -> Counterexample:
    mean = _mean_in_the_other_half([(1, -1), (-1, 1)])
    assert mean > Fraction(1, 2)
    return Counterexample(
        "independent signs of the in-weights (b₂ = −b₁)",
        {"w": (1, -1), "|a|, |b|": 1},
        f"a neuron that satisfies one open requirement always satisfies the other, N = {mean},",
    )


@claim(
    name="pooled-one-neuron",
    chapter="batch_sampling",
    title="pooled layout, one neuron for each half",
    statement=(
        r"Constructions that keep one neuron for each half of a weight, with no digits; in-weights "
        r"are independent of each other and of the out-weights, their signs fair. The categories "
        r"are the two halves, with $m$ requirements each; a neuron satisfies each given one with "
        r"probability at least $c$. Given that a fresh neuron satisfies the open one of a half, it "
        r"satisfies that of the other with probability at most $\frac12$. So with $K=\frac43$ the "
        r"least $M$ with $2\Pr[\mathrm{Bin}(M,\frac cK)<m]\le\delta$ neurons serve all $2m$ "
        r"requirements with probability at least $1-\delta$. For inputs at least 0, with all "
        r"$b>0$: one category, the least $M$ with $\Pr[\mathrm{Bin}(M,c)<m]\le\delta$."
    ),
    source="★",
    kind="proof",
    uses=("dominance", "union-bound"),
    wrong={
        "factor": sp.Rational(132, 100),
        "crowded": sp.Rational(495, 1000),
        "alone": sp.Rational(99, 100),
    },
    refute=_in_weights_of_opposite_signs,
)
def pooled_one_neuron(
    steps: Steps,
    factor: Any = sp.Rational(4, 3),
    crowded: Any = sp.Rational(1, 2),
    alone: Any = sp.Integer(1),
) -> None:
    half = sp.Rational(1, 2)
    signs = list(itertools.product((1, -1), repeat=2))
    given = [b for b in signs if b[0] > 0]
    steps.holds(
        not any(b[0] < 0 for b in given),
        "weight (i, j) is open in one half, (i′, j′) in the other. Same input, j′ = j: b_j has one "
        "sign, so never both",
    )
    steps.holds(
        sp.Rational(sum(b[1] < 0 for b in given), len(given)) == half,
        "another input: b_j′ has the sign of the other half with probability 1/2, whatever a and "
        "b_j are",
    )
    steps.holds(
        crowded >= half,
        "so the mean of N is at most the bound",
        sp.Le(half, crowded, evaluate=False),
    )
    steps.holds(
        _mean_in_the_other_half(signs) == Fraction(1, 2),
        "it is 1/2 for one output, w = (1, −1), all magnitudes 1: the bound cannot be lowered",
    )
    others = sp.symbols("N")
    chord = 1 - others / 2
    steps.holds(
        all(chord.subs(others, n) == sp.Rational(1, 1 + n) for n in (0, 1)),
        "N is 0 or 1, and then",
        r"\tfrac1{1+N}=1-\tfrac N2",
    )
    share = chord.subs(others, half)
    _share(steps, "a half is served with probability c/K, K = 4/3", factor, share)
    _share(steps, "all b > 0: one category, nothing else is open, K = 1", alone, sp.Integer(1))
    steps.say(
        "each neuron, given all earlier ones, serves an open half with probability at least c/K: "
        "dominance, and the union bound over the halves",
        r"2\,\Pr\bigl[\mathrm{Bin}(M,\tfrac cK)<m\bigr]\le\delta",
    )


def _no_spare_landings() -> Counterexample:
    m = 6
    done = math.prod((1 - Fraction(1, 2**i) for i in range(1, m + 1)), start=Fraction(1))
    assert 1 - done > Fraction(7, 10)
    return Counterexample(
        "the spare neurons (a category gets exactly m of them)",
        {"m": m},
        f"some requirement stays open with probability {_decimals(1 - done)}",
    )


@claim(
    name="pooled-by-output",
    chapter="batch_sampling",
    title="pooled by output",
    statement=(
        r"In-weights $\pm1$ with fair signs, out-weights hyperbolic with $k$ equally likely digits "
        r"and fair signs, all independent; $n$ outputs, "
        r"of which output $i$ has $m_i$ target weights and owns $M_i$ neurons, pooled over its "
        r"inputs. A category is not served with probability "
        r"$u(M_i)=\mathrm E\bigl[1-\prod_{j=X-m_i+1}^{X}(1-2^{-j})\bigr]$, "
        r"$X\sim\mathrm{Bin}(M_i,\frac1{2k})$ (the bracket is 1 where $X<m_i$). So $M_i$ with "
        r"$2kn\,u(M_i)\le\delta$ serve all requirements with probability at least $1-\delta$; "
        r"$M_i=\lceil2k\bigl(m_i+s+t+\sqrt{t^2+2(m_i+s)t}\,\bigr)\rceil$ does, with "
        r"$t=\ln\frac{4kn}\delta$, $s=\lceil\log_2\frac{4kn}\delta\rceil$."
    ),
    source="★",
    kind="proof",
    uses=("sharper-count", "union-bound"),
    wrong={"base": sp.Rational(202, 100), "split": sp.Rational(396, 100)},
    refute=_no_spare_landings,
)
def pooled_by_output(steps: Steps, base: Any = sp.Integer(2), split: Any = sp.Integer(4)) -> None:
    m, x, q, i = sp.symbols("m x q i", integer=True, positive=True)
    steps.say(
        "output i: a neuron's category is sign and digit of its out-weight, all equally likely, "
        "so X ~ Bin(M, 1/(2k)) neurons fall into a given category"
    )
    steps.equal(
        sp.Rational(1, 2) ** q,
        base ** (-q),
        "such a neuron can serve an input's requirement if the in-weight has the right sign: all q "
        "that are left are wrong with probability",
        r"2^{-q}",
    )
    steps.say(
        "f(m, x): probability that x neurons of the category serve m requirements. The first one "
        "serves one unless all m signs are wrong",
        r"f(m,x)=(1-2^{-m})f(m-1,x-1)+2^{-m}f(m,x-1)",
    )
    steps.say("at the ends", r"f(0,x)=1,\quad f(m,x)=0\ (x<m)")
    steps.say("induction on x: f is a product", r"f(m,x)=\prod_{j=x-m+1}^x(1-2^{-j})")
    shown = r"1-2^0=0"
    steps.equal(1 - base ** sp.Integer(0), 0, "base: at x = m − 1 the factor j = 0 is 0", shown)
    u, v = base ** (-m), base ** (-(x - m))
    steps.equal(
        sp.expand((1 - u) + u * (1 - v)),
        sp.expand(1 - sp.powsimp(u * v)),
        "step: divided by the common factors j = x−m+1, …, x−1, the recursion reads",
        r"(1-2^{-m})+2^{-m}\bigl(1-2^{-(x-m)}\bigr)=1-2^{-x}",
    )
    p, rest = sp.symbols("P a", nonnegative=True)
    steps.equal(
        (1 - p) * (1 - rest) - (1 - p - rest),
        p * rest,
        "so f ≥ 1 − Σ 2^(−j): one more factor 1 − a costs at most a, since the difference is ≥ 0",
    )
    spare = sp.symbols("s", integer=True, nonnegative=True)
    tail = sp.summation(sp.Integer(2) ** (-(spare + i)), (i, 1, sp.oo))
    steps.equal(
        tail, 2 ** (-spare), "with x ≥ m + s the sum is at most", r"\sum_{j>s}2^{-j}=2^{-s}"
    )
    k, n, delta = sp.symbols("k n delta", positive=True)
    each = delta / (split * k * n)
    steps.say(
        "fewer than m + s neurons fall into the category with probability at most e^(−t) (sharper "
        "count, with m + s ≥ m′), and then 2^(−s) is added",
        r"u(M)\le e^{-t}+2^{-s}",
    )
    ratio = sp.simplify(2 * k * n * (each + each) / delta)
    steps.holds(1 - ratio >= 0, "union bound over 2k categories of n outputs: sum over δ", ratio)


# -- evidence ----------------------------------------------------------------------------------

_EXAMPLE = {"outputs": 5, "inputs": 6, "digits": 8}


def _matched(extra: int, networks: int, outputs: int = _EXAMPLE["outputs"]) -> int:
    """How many of the networks can be assigned with `extra` neurons above the minimum."""
    rng = np.random.default_rng(2020)
    k = _EXAMPLE["digits"]
    scheme = GoldenRatio(law="common").scheme(1.0, 1.0001 * PHI**-k)
    found = 0
    for _ in range(networks):
        weights = rng.choice([-1.0, 1.0], (outputs, _EXAMPLE["inputs"]))
        pool = draw_pool(weights, scheme, 2 * k * weights.size + max(extra, 0), rng)
        neurons = 2 * k * weights.size + extra
        found += pool.served_by_matching(neurons) == pool.requirements
    return found


def _one_output_only() -> Counterexample:
    networks = 100
    found = _matched(1, networks, outputs=1)
    tolerance = hoeffding_tolerance(networks, sides=1)
    assert found / networks + tolerance < 0.75
    return Counterexample(
        "the layer (5 outputs): with one output a neuron has one out-weight only",
        {"outputs": 1, "inputs": 6, "neurons": 97, "requirements": 96},
        f"only {found} of {networks} networks can be assigned",
    )


@claim(
    name="pooled-measured",
    chapter="batch_sampling",
    title="the best assignment",
    statement=(
        r"6 inputs, 5 outputs, random signs, $k=8$, best common range: at $M=481$, one above the "
        r"minimum $2km=480$, all requirements can be served with probability more than "
        r"$\frac34$ over the draw."
    ),
    source="★",
    kind="evidence",
    uses=("hoeffding",),
    wrong={"at_least": 0.99, "networks": 40},
    refute=_one_output_only,
)
def pooled_measured(steps: Steps, at_least: float = 0.75, networks: int = 200) -> None:
    found = _matched(1, networks)
    tolerance = hoeffding_tolerance(networks, sides=1)
    steps.say("maximum bipartite matching of neurons and requirements, 480 + 1 neurons")
    steps.holds(
        found / networks - tolerance > at_least,
        f"{found} of {networks} networks can be assigned; Hoeffding's one-sided tolerance for a "
        f"false alarm of 1e-6 is {tolerance:.3f}",
        rf"{found / networks:.3f}-{tolerance:.3f}>{at_least}",
    )


def _unserved_in_draws(m: int, k: int, size: int, trials: int, biased: bool = False) -> float:
    """How often the neurons of one output, drawn by `draw_pool`, leave one category unserved.

    With `biased` a neuron keeps the right signs of its in-weights with probability 1/2 only.
    """
    rng = np.random.default_rng(2006)
    scheme = GoldenRatio().scheme(1.0, 1.0001 * PHI**-k)
    weights = rng.choice([-1.0, 1.0], (1, m))
    pool = draw_pool(weights, scheme, size * trials, rng)
    fits = (pool.supplies == 0).reshape(trials, size, m)  # category: out-weight > 0, digit 1
    if biased:
        fits &= rng.random(fits.shape) < 0.5
    left = np.ones((trials, m), dtype=bool)
    for neuron in range(size):
        useful = left & fits[:, neuron]
        drawn = np.flatnonzero(useful.any(axis=1))
        left[drawn, useful[drawn].argmax(axis=1)] = False
    return float(left.any(axis=1).mean())


def _biased_signs() -> Counterexample:
    m, k, size, trials = 6, 8, 110, 4000
    found = _unserved_in_draws(m, k, size, trials, biased=True)
    tolerance = hoeffding_tolerance(trials)
    wanted = unserved(size, m, 1 / (2 * k))
    assert found > wanted + tolerance
    return Counterexample(
        "fair signs (the right one has probability 1/4)",
        {"m": m, "k": k, "M": size},
        f"the category is not served with frequency {found:.3f} instead of {wanted:.3f}",
    )


@claim(
    name="pooled-by-output-measured",
    chapter="batch_sampling",
    title="pooled by output, drawn",
    statement=(
        r"One output, $m_i=6$, $k=8$: in 4,000 draws of the weights of $M_i=110$ neurons the "
        r"frequency with which one category is not served agrees with the $u(110)$ that is proved "
        r"for it, up to Hoeffding's tolerance 0.043."
    ),
    source="★",
    kind="evidence",
    uses=("hoeffding", "pooled-by-output"),
    wrong={"size": 125, "unserved": lambda size, m, p: unserved(size, m, p) / 2},
    refute=_biased_signs,
)
def pooled_by_output_measured(
    steps: Steps, size: int = 110, unserved: Callable[..., float] = unserved
) -> None:
    m, k, trials = 6, 8, 4000
    found = _unserved_in_draws(m, k, 110, trials)
    wanted = unserved(size, m, 1 / (2 * k))
    tolerance = hoeffding_tolerance(trials)
    steps.say(
        f"{trials:,} draws of 110 neurons with the laws of the theorem; each serves the first "
        "input that still wants category (+, digit 1) and finds the right sign"
    )
    steps.holds(
        abs(found - wanted) <= tolerance,
        f"frequency {found:.4f}, predicted {wanted:.4f}; Hoeffding's tolerance for a false alarm "
        f"of 1e-6 is {tolerance:.3f}",
    )
    neurons = _EXAMPLE["outputs"] * output_batch_size(m, k, _EXAMPLE["outputs"], 0.01)
    steps.say(f"at δ = 0.01 for 5 such outputs the proved count is {neurons:,} neurons")


CLAIMS = (
    batch_lemma,
    best_leading,
    sharper_count,
    exact_count_monotone,
    exact_count_smallest,
    count_order,
    reserved_layout,
    shared_layout,
    one_draw_for_all,
    crowding,
    crowding_finite,
    pooled_layout,
    pooled_layout_finite,
    pooled_by_output,
    pooled_one_half,
    pooled_one_half_finite,
    pooled_one_neuron,
    pooled_measured,
    pooled_by_output_measured,
)
