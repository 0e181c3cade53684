"""Claims of the page *toolbox*: the union bound, Chernoff, Hoeffding, Lipschitz constants."""

from __future__ import annotations

import itertools
from fractions import Fraction
from math import comb
from typing import Any

import mpmath
import sympy as sp

from lpbook.ledger.core import Counterexample, Steps, claim


def convex_from_zero(steps: Steps, f: Any, x: Any, order: int, words: str) -> None:
    """f >= 0 because f and its first derivatives vanish at 0 and the next one is positive.

    For even `order` this covers every real x in the range of the symbol, for odd `order` x >= 0.
    """
    for j in range(order):
        steps.holds(
            sp.simplify(sp.diff(f, x, j).subs(x, 0)) == 0,
            f"{words}: derivative {j} is 0 at 0",
        )
    last = sp.simplify(sp.diff(f, x, order))
    steps.holds(
        last.is_positive,
        f"and derivative {order} is positive, so integrating {order} times from 0 gives ≥ 0",
        last,
    )


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
    left = mpmath.iv.log(mpmath.iv.mpf(value.numerator)) - mpmath.iv.log(
        mpmath.iv.mpf(value.denominator)
    )
    right = mpmath.iv.mpf(sp.Rational(exponent).p) / sp.Rational(exponent).q
    assert left.b < right.a or left.a > right.b, "undecided"
    return bool(left.b < right.a)


# -- union bound -------------------------------------------------------------------------------


def _largest_is_not_enough() -> Counterexample:
    # two independent fair coins: the events "first is heads", "second is heads"
    coins = list(itertools.product((0, 1), repeat=2))
    events = [{c for c in coins if c[i]} for i in range(2)]
    share = [Fraction(len(e), len(coins)) for e in events]
    union = Fraction(len(events[0] | events[1]), len(coins))
    assert union > max(share)
    return Counterexample(
        "the sum of all probabilities (the largest one instead)",
        {"Pr[A]": share[0], "Pr[B]": share[1]},
        f"A ∪ B has probability {union}, more than the largest,",
    )


@claim(
    name="union-bound",
    chapter="toolbox",
    title="union bound",
    statement=(
        r"For any events $A_1,\dots,A_n$, dependent or not, "
        r"$\Pr[A_1\cup\dots\cup A_n]\le\Pr[A_1]+\dots+\Pr[A_n]$."
    ),
    source="Boole",
    kind="proof",
    wrong={"factor": sp.Rational(99, 100)},
    refute=_largest_is_not_enough,
)
def union_bound(steps: Steps, factor: Any = sp.Integer(1)) -> None:
    only_u, only_a, both = sp.symbols("p_{U} p_{A} p_{UA}", nonnegative=True)
    u, a, union = only_u + both, only_a + both, only_u + only_a + both
    steps.say(
        "two events U and A split what can happen into four parts; p are the probabilities of: "
        "only U, only A, both",
        r"p_U,\ p_A,\ p_{UA}\ge0",
    )
    steps.equal(
        u + a - union,
        both,
        "sum minus union: what is counted twice",
        r"\Pr[U]+\Pr[A]-\Pr[U\cup A]=p_{UA}",
    )
    steps.holds(both.is_nonnegative, "which is at least 0")
    steps.holds(
        factor - 1 >= 0, f"base of the induction: for one event, Pr[A₁] ≤ {factor} · Pr[A₁]"
    )
    s = sp.symbols("s", nonnegative=True)
    steps.equal(
        factor * (s + a) - (s + a),
        (factor - 1) * (s + a),
        "step: U = A₁ ∪ … ∪ Aₙ has Pr[U] ≤ s, the sum of n probabilities, so "
        "Pr[U ∪ A] ≤ s + Pr[A]; "
        f"the bound {factor} · (s + Pr[A]) exceeds that by",
        rf"({sp.latex(factor - 1)})\cdot(s+\Pr[A])",
    )
    steps.holds(factor - 1 >= 0, "which is at least 0: the bound holds for n + 1 events")


# -- (1 - c)^M ---------------------------------------------------------------------------------


def _a_percent_fewer_coupons() -> Counterexample:
    c, delta, factor = Fraction(1, 1000), Fraction(1, 100), 0.99
    size = int(mpmath.ceil(factor * mpmath.log(1 / mpmath.mpf("0.01")) / mpmath.mpf("0.001")))
    missed = (1 - c) ** size
    assert missed > delta
    return Counterexample(
        "M ≥ (1/c) ln(k/δ) (only 0.99 times that)",
        {"k": 1, "c": c, "δ": delta, "M": size},
        f"the category stays empty with probability {float(missed):.6f} > δ",
    )


@claim(
    name="coupon-collector",
    chapter="toolbox",
    title="every category at least once",
    statement=(
        r"Let $0<c\le1$ and $0<\delta<1$. An event of probability at least $c$ occurs in none of "
        r"$M$ independent trials with probability at most $(1-c)^M\le e^{-cM}$. So "
        r"$M=\lceil\frac1c\ln\frac k\delta\rceil$ trials meet each of $k\ge1$ such events at least "
        r"once, with probability at least $1-\delta$."
    ),
    source="folklore",
    kind="proof",
    uses=("union-bound",),
    wrong={"factor": sp.Rational(99, 100)},
    refute=_a_percent_fewer_coupons,
)
def coupon_collector(steps: Steps, factor: Any = sp.Integer(1)) -> None:
    u = sp.symbols("u", real=True)
    steps.say("first the inequality 1 + u ≤ eᵘ for all real u", r"f(u)=e^u-1-u")
    convex_from_zero(steps, sp.exp(u) - 1 - u, u, 2, "f")
    steps.say(
        "with u = −c, and 0 ≤ 1 − c for the power: independent trials all miss with probability "
        "at most (1 − c)ᴹ ≤ e^(−cM)",
        r"(1-c)^M\le e^{-cM}",
    )
    k, t = sp.symbols("k t", positive=True)
    delta = k * sp.exp(-t)
    steps.say(f"write t = ln(k/δ) > 0, that is δ = k e^(−t), and let Mc ≥ {factor} · t")
    bound = k * sp.exp(-factor * t)
    steps.equal(
        sp.log(sp.simplify(delta / bound)),
        (factor - 1) * t,
        f"the union bound is k e^(−cM) ≤ k e^(−{factor}·t); logarithm of δ over that",
        rf"({factor}-1)\cdot t",
    )
    steps.holds(factor - 1 >= 0, "is at least 0: the k probabilities add up to at most δ")


# -- Chernoff ----------------------------------------------------------------------------------


def _m_above_the_mean() -> Counterexample:
    size, c, m = 4, Fraction(1, 2), 4
    tail = binomial_tail(m + 1, size, c)
    exponent = -((size * c - m) ** 2) / (2 * size * c)
    assert not below_exp(tail, exponent)
    return Counterexample(
        "m ≤ Mc",
        {"M": size, "c": c, "m": m},
        f"Pr[X ≤ m] = {tail} exceeds exp({exponent})",
    )


@claim(
    name="chernoff-lower-tail",
    chapter="toolbox",
    title="Chernoff bound, lower tail",
    statement=(
        r"For $X\sim\mathrm{Bin}(M,c)$ with $\mu=Mc>0$, every real $m$ and every $s\ge0$: "
        r"$\Pr[X\le m]\le\exp\bigl(sm-\mu(1-e^{-s})\bigr)$. For $0\le m\le\mu$ in particular "
        r"$\Pr[X\le m]\le\exp\bigl(-\frac{(\mu-m)^2}{2\mu}\bigr)$."
    ),
    source="Chernoff 1952; this form is standard",
    kind="proof",
    uses=("coupon-collector",),
    wrong={"denominator": sp.Rational(198, 100), "rate": sp.Rational(101, 100)},
    refute=_m_above_the_mean,
)
def chernoff_lower_tail(
    steps: Steps, denominator: Any = sp.Integer(2), rate: Any = sp.Integer(1)
) -> None:
    s, mu, m = sp.symbols("s mu m", nonnegative=True)
    c, e = sp.symbols("c e", real=True)
    x = sp.symbols("X", integer=True)
    steps.say(
        "for s ≥ 0, X ≤ m means e^(s(m−X)) ≥ 1, so by Markov Pr[X ≤ m] ≤ E e^(s(m−X))",
        r"\Pr[X\le m]\le e^{sm}\,\mathrm E\,e^{-sX}",
    )
    one_trial = sp.summation(c**x * (1 - c) ** (1 - x) * e**x, (x, 0, 1))
    steps.equal(
        one_trial,
        1 - c * (1 - e),
        "one trial, e = e^(−s); the M independent ones multiply",
    )
    trials = sp.symbols("M", integer=True, positive=True)
    steps.say("that is at most e^(−c(1 − e)), by 1 + u ≤ eᵘ with u = −c(1 − e)")
    steps.equal(
        (trials * (-c * (1 - e))).subs(c, mu / trials),
        -rate * mu * (1 - e),
        "logarithm of the M-th power, with c = μ/M",
        r"\mathrm E\,e^{-sX}\le\exp\bigl(-\mu(1-e^{-s})\bigr)",
    )
    steps.say(
        "which is the first inequality, for every real m",
        r"\Pr[X\le m]\le\exp\bigl(sm-\mu(1-e^{-s})\bigr)",
    )
    g = 1 - sp.exp(-s) - s + s**2 / 2
    steps.say("for s ≥ 0: 1 − e^(−s) ≥ s − s²/2", r"g(s)=1-e^{-s}-s+\tfrac{s^2}2")
    convex_from_zero(steps, g, s, 3, "g")
    mu = sp.symbols("mu", positive=True)
    chosen = (mu - m) / mu
    exponent = s * m - mu * (s - s**2 / 2)
    steps.equal(
        exponent.subs(s, chosen),
        -((mu - m) ** 2) / (denominator * mu),
        "the exponent is at most a quadratic in s; at s = (μ − m)/μ, which is ≥ 0 as m ≤ μ",
        r"sm-\mu\bigl(s-\tfrac{s^2}2\bigr)=-\frac{(\mu-m)^2}{2\mu}",
    )


# -- Hoeffding ---------------------------------------------------------------------------------


def _correlated_trials() -> Counterexample:
    # M copies of one fair coin: the average is 0 or 1
    trials, t = 20, Fraction(2, 5)
    outcomes = {average: Fraction(1, 2) for average in (Fraction(0), Fraction(1))}
    far = sum(p for average, p in outcomes.items() if abs(average - Fraction(1, 2)) >= t)
    assert not below_exp(Fraction(far, 2), -2 * trials * t**2)
    bound = float(2 * mpmath.exp(-6.4))
    return Counterexample(
        "the trials are independent (M copies of one coin instead)",
        {"M": trials, "p": Fraction(1, 2), "t": t},
        f"the average is that far off with probability {far}, not at most {bound:.4f}",
    )


@claim(
    name="hoeffding",
    chapter="toolbox",
    title="Hoeffding's inequality, for frequencies",
    statement=(
        r"For $X\sim\mathrm{Bin}(M,p)$ and $t\ge0$: $\Pr\bigl[\lvert\frac XM-p\rvert\ge t\bigr]"
        r"\le2e^{-2Mt^2}$."
    ),
    source="Hoeffding 1963",
    kind="proof",
    uses=("union-bound", "hoeffding1963"),
    wrong={"rate": sp.Rational(202, 100)},
    refute=_correlated_trials,
)
def hoeffding(steps: Steps, rate: Any = sp.Integer(2)) -> None:
    s, p = sp.symbols("s p", real=True)
    miss, hit = sp.symbols("q p_+", positive=True)
    steps.say(
        "logarithm of the exponential moment of one trial, for 0 < p < 1 and all real s",
        r"\psi(s)=\ln(1-p+pe^s)",
    )
    psi = sp.log(1 - p + p * sp.exp(s))
    steps.holds(psi.subs(s, 0) == 0, "ψ(0) = 0")
    steps.equal(sp.diff(psi, s).subs(s, 0), p, "ψ′(0)")
    second = sp.diff(psi, s, 2)
    gap = (1 - p - p * sp.exp(s)) ** 2 / (4 * (1 - p + p * sp.exp(s)) ** 2)
    steps.equal(
        sp.Rational(1, 4) - second,
        gap,
        "what ψ″ lacks to 1/4 is a square",
        r"\tfrac14-\psi''(s)=\frac{(1-p-pe^s)^2}{4(1-p+pe^s)^2}",
    )
    steps.holds(
        ((miss - hit) ** 2 / (4 * (miss + hit) ** 2)).is_nonnegative,
        "so ψ″ ≤ 1/4, and integrating this twice from 0: ψ(s) ≤ ps + s²/8",
        r"\psi(s)\le ps+\tfrac{s^2}8",
    )
    size, t = sp.symbols("M t", positive=True)
    steps.say(
        "Markov with s ≥ 0: Pr[X ≥ M(p + t)] ≤ exp(M(ψ(s) − s(p + t)))",
        r"\Pr[X\ge M(p+t)]\le\exp\bigl(M(\tfrac{s^2}8-st)\bigr)",
    )
    exponent = size * (s**2 / 8 - s * t)
    steps.equal(exponent.subs(s, 4 * t), -rate * size * t**2, "at s = 4t")
    steps.say("M − X is Bin(M, 1 − p): the other side is the same, and the two are added")


# -- dominance ---------------------------------------------------------------------------------


def _only_on_average() -> Counterexample:
    # two trials that are copies of one fair coin: each hits with probability 1/2, but not given
    # that the first one missed
    law = {(0, 0): Fraction(1, 2), (1, 1): Fraction(1, 2)}
    c = Fraction(1, 2)
    assert all(sum(p for o, p in law.items() if o[i]) == c for i in range(2))
    none = sum(p for o, p in law.items() if sum(o) == 0)
    assert none > binomial_tail(1, 2, c)
    return Counterexample(
        "given all earlier trials (copies of one coin: c holds on average only)",
        {"M": 2, "c": c, "m": 1},
        f"Pr[X < m] = {none} exceeds {binomial_tail(1, 2, c)}",
    )


@claim(
    name="dominance",
    chapter="toolbox",
    title="at least c each time",
    statement=(
        r"Let each of $M$ trials succeed with probability at least $c$, *given* the outcomes of "
        r"all earlier ones, and let $X$ be the number of successes. Then "
        r"$\Pr[X<m]\le\Pr[\mathrm{Bin}(M,c)<m]$ for every whole $m$."
    ),
    source="standard coupling",
    kind="proof",
    refute=_only_on_average,
)
def dominance(steps: Steps) -> None:
    n, j = sp.symbols("n j", integer=True, nonnegative=True)
    steps.say(
        "fₙ(m) = Pr[Bin(n, c) < m]. Induction on the number n of trials to come: whatever "
        "happened before, they bring fewer than m successes with probability at most fₙ(m)"
    )
    steps.say("base n = 0: no trial, no success; both sides are 1 for m ≥ 1 and 0 for m ≤ 0")
    pascal = sp.binomial(n, j - 1) + sp.binomial(n, j)
    steps.equal(
        sp.combsimp(sp.gammasimp(pascal.rewrite(sp.gamma) / sp.binomial(n + 1, j))),
        1,
        "Pascal: Pr[Bin(n+1, c) = j] = c Pr[Bin(n, c) = j−1] + (1−c) Pr[Bin(n, c) = j]",
        r"\tbinom{n+1}j=\tbinom n{j-1}+\tbinom nj",
    )
    c, low, point, excess = sp.symbols("c f_{n}(m-1) b s", nonnegative=True)
    high = low + point
    steps.say(
        "step: the next trial succeeds with probability c + s, s ≥ 0; b = Pr[Bin(n, c) = m−1] ≥ 0",
        r"f_n(m)=f_n(m-1)+b",
    )
    wanted = c * low + (1 - c) * high
    found = (c + excess) * low + (1 - c - excess) * high
    steps.equal(
        wanted - found,
        excess * point,
        "fₙ₊₁(m) = c fₙ(m−1) + (1−c) fₙ(m) minus the same with c + s in place of c",
        r"f_{n+1}(m)-\bigl((c+s)f_n(m-1)+(1-c-s)f_n(m)\bigr)=s\,b",
    )
    steps.holds((excess * point).is_nonnegative, "which is at least 0")


# -- Lipschitz constants -----------------------------------------------------------------------


def _logistic_a_little_less() -> Counterexample:
    constant = sp.Rational(2475, 10000)
    z = sp.Rational(1, 10)
    # logistic(z) - logistic(-z) = tanh(z/2)
    with mpmath.workdps(30):
        slope = mpmath.tanh(mpmath.mpf(z.p) / z.q / 2) / (2 * mpmath.mpf(z.p) / z.q)
    assert slope > constant
    return Counterexample(
        "the constant 1/4 of the logistic function (0.2475 instead)",
        {"u": z, "v": -z},
        f"the slope between u and v is {float(slope):.5f}",
    )


@claim(
    name="lipschitz-constants",
    chapter="toolbox",
    title="Lipschitz constants",
    statement=(
        r"The identity, ReLU and tanh have Lipschitz constant 1, the logistic function "
        r"$\frac1{1+e^{-z}}$ has $\frac14$, leaky ReLU of slope $\alpha\ge0$ (that is $z$ for "
        r"$z\ge0$, $\alpha z$ below) has $\max\{1,\alpha\}$; none can be lowered. A composition "
        r"has at most the product of the constants."
    ),
    source="standard",
    kind="proof",
    wrong={
        "relu": sp.Rational(99, 100),
        "tanh": sp.Rational(99, 100),
        "logistic": sp.Rational(2475, 10000),
        "leaky": sp.Rational(99, 100),
    },
    refute=_logistic_a_little_less,
)
def lipschitz_constants(
    steps: Steps,
    relu: Any = sp.Integer(1),
    tanh: Any = sp.Integer(1),
    logistic: Any = sp.Rational(1, 4),
    leaky: Any = sp.Integer(1),
) -> None:
    z = sp.symbols("z", real=True)
    u, v = sp.symbols("u v", nonnegative=True)
    steps.say("leaky ReLU with slope α; α = 0 is ReLU, α = 1 the identity; let u, v ≥ 0")
    extra = sp.symbols("r", nonnegative=True)
    for case, slope in (("α = r/(1 + r) < 1", extra / (1 + extra)), ("α = 1 + r ≥ 1", 1 + extra)):
        constant = leaky * (slope if slope == 1 + extra else 1)
        for words, gap in (
            ("u and v on one side: the difference is u − v or α(u − v), the constant is at least "
             "both slopes: it exceeds 1 by", constant - 1),
            ("and α by", constant - slope),
            ("u and −v on two sides: the difference u + αv lacks to the constant times u + v",
             constant * (u + v) - (u + slope * v)),
        ):  # fmt: skip
            steps.holds(
                all(value >= 0 for value in _coefficients(gap, (u, v, extra))),
                f"{case}, {words}",
                sp.factor(sp.together(gap)),
            )
    steps.holds(relu - 1 >= 0, "ReLU: the slope between 0 and 1 is 1, so no constant below 1 does")

    s = 1 / (1 + sp.exp(-z))
    steps.equal(sp.diff(s, z), s * (1 - s), "logistic function s(z): its derivative")
    steps.equal(
        sp.Rational(1, 4) - s * (1 - s),
        (s - sp.Rational(1, 2)) ** 2,
        "what that lacks to 1/4 is a square, and 0 at z = 0",
    )
    steps.holds(logistic - sp.Rational(1, 4) >= 0, "so the constant is 1/4 and no less")

    h = sp.tanh(z)
    steps.equal(
        sp.diff(h, z),
        1 / sp.cosh(z) ** 2,
        "tanh: its derivative, 1 at z = 0",
        r"\tanh'(z)=1-\tanh^2z=\frac1{\cosh^2z}",
    )
    steps.holds(
        (h**2).is_nonnegative and sp.cosh(z).is_positive and tanh - 1 >= 0,
        "is positive and at most 1, so the constant is 1 and no less",
    )
    steps.say(
        "mean value theorem: a function whose derivative stays within ±λ has constant λ; and "
        "|f(g(u)) − f(g(v))| ≤ λ|g(u) − g(v)| ≤ λμ|u − v|",
    )


def _coefficients(rational: Any, symbols: tuple[Any, ...]) -> list[Any]:
    """Coefficients of the numerator, once the denominator's are seen to be positive."""
    top, bottom = sp.fraction(sp.together(rational))
    signs = sp.Poly(bottom, *symbols).coeffs()
    assert all(value > 0 for value in signs), "denominator of unknown sign"
    return list(sp.Poly(top, *symbols).coeffs())


CLAIMS = (
    union_bound,
    coupon_collector,
    chernoff_lower_tail,
    dominance,
    hoeffding,
    lipschitz_constants,
)
