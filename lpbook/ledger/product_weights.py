"""Claims of the chapter *product_weights₀: only the product of two weights matters."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from lpbook.constructions import ProductWeights, product_success
from lpbook.distributions import Hyperbolic, Uniform
from lpbook.ledger.legacy import Counterexample, Steps, claim
from lpbook.ledger.malach import DRAWN, SEED, bernstein, compare_counts, hits

CHAPTER = "product_weights"
SOURCE = "Orseau et al. 2020, product weights"


def _k(z: Any) -> Any:
    """z (1 − ln z) for z > 0: the function h where it is not cut off."""
    return z * (1 - sp.log(z))


def _h(z: Any) -> Any:
    """h at 50 digits: odd, and ±1 beyond ±1."""
    size = abs(mpmath.mpf(z))
    value = mpmath.mpf(1) if size >= 1 else size * (1 - mpmath.log(size)) if size else size
    return mpmath.sign(z) * value


def exact_success(weight: Any, epsilon: Any) -> Any:
    """The probability of `product_success` at 50 digits."""
    with mpmath.workdps(50):
        w, e = abs(mpmath.mpf(weight)), mpmath.mpf(epsilon)
        return (_h(w + e) - _h(w - e)) / 4


# -- the law of a product ----------------------------------------------------------------------


def _one_weight_twice() -> Counterexample:
    # a = b: the product is a², and Pr[a² ≤ 1/4] = Pr[|a| ≤ 1/2]
    z, true = sp.Rational(1, 4), sp.Rational(1, 2)
    claimed = sp.Rational(1, 2) + _k(z) / 2
    assert sp.simplify(claimed - true).is_positive
    return Counterexample(
        "a and b are independent",
        {"z": z, "b": "a"},
        f"Pr[a² ≤ z] = {true}, not {float(claimed):.4f},",
    )


@claim(
    name="product-density",
    chapter=CHAPTER,
    title="law of the product of two uniforms",
    statement=(
        r"For independent $a,b\sim U[-1,1]$ the product $ab$ has distribution function "
        r"$\frac12+\frac z2(1-\ln|z|)$ (½ at $z=0$) and, for $z\ne0$, density $-\frac12\ln|z|$ on "
        r"$[-1,1]$."
    ),
    source=f"folklore; {SOURCE}",
    kind="proof",
    uses=("orseau2020",),
    wrong={"half": sp.Rational(101, 200), "law": Uniform(1.01).product()},
    refute=_one_weight_twice,
)
def product_density(
    steps: Steps, half: Any = sp.Rational(1, 2), law: Any = Uniform(1.0).product()
) -> None:
    z, v = sp.symbols("z v", positive=True)
    steps.say(
        "|a| and |b| = v are uniform on [0, 1]; given v, |ab| ≤ z has probability min(1, z/v)"
    )
    size = sp.integrate(1, (v, 0, z)) + sp.integrate(z / v, (v, z, 1))
    steps.equal(
        size,
        _k(z),
        "so for 0 < z ≤ 1, its integral over v",
        r"\Pr[|ab|\le z]=z(1-\ln z)",
    )
    steps.equal(sp.limit(_k(z), z, 0), 0, "no mass at 0", r"\lim_{z\to0}z(1-\ln z)=0")
    steps.equal(_k(sp.Integer(1)), 1, "all mass up to 1", r"1\,(1-\ln1)=1")
    steps.say("the sign of ab is fair and independent of |ab|, so z > 0 is passed by ½ + ½ of that")
    cdf = sp.Rational(1, 2) + half * z * (1 - sp.log(z))
    steps.equal(
        cdf,
        sp.Rational(1, 2) + size / 2,
        "the distribution function for z > 0",
        r"\Pr[ab\le z]=\tfrac12+\tfrac z2(1-\ln z)",
    )
    steps.equal(
        sp.diff(cdf, z),
        -half * sp.log(z),
        "its slope is the density",
        r"-\tfrac12\ln z",
    )
    steps.equal(
        2 * sp.integrate(-half * sp.log(z), (z, 0, 1)),
        1,
        "whose integral is 1",
        r"2\int_0^1-\tfrac12\ln z\,dz=1",
    )
    steps.say("z < 0 by symmetry: the density is even")
    points = np.concatenate([-np.geomspace(1e-12, 1, 200), np.geomspace(1e-12, 1, 200)])
    cdfs = [float(mpmath.mpf(1) / 2 + _h(x) / 2) for x in points]
    steps.holds(
        np.allclose(law.cdf(points), cdfs, rtol=1e-13, atol=0)
        and np.allclose(law.pdf(points), -0.5 * np.log(np.abs(points)), rtol=1e-13, atol=1e-15),
        f"the law in use has this density and distribution, compared at {points.size} points",
    )


# -- success probability -----------------------------------------------------------------------


def _h_without_its_cut() -> Counterexample:
    w, epsilon = sp.Integer(3), sp.Integer(1)
    value = (_k(w + epsilon) - _k(w - epsilon)) / 4
    assert value.is_negative
    return Counterexample(
        "h is cut off at ±1",
        {"w": w, "ε": epsilon},
        f"the formula gives a “probability” of {float(value):.4f}",
    )


@claim(
    name="product-success",
    chapter=CHAPTER,
    title="success probability of one sample",
    statement=(
        r"Let $a,b\sim U[-1,1]$ be independent. For every real $w$ and every $\varepsilon>0$, "
        r"$\Pr[\,|ab-w|\le\varepsilon,\ b>0\,]$ is $p(w,\varepsilon)"
        r"=\frac14[h(|w|+\varepsilon)-h(|w|-\varepsilon)]$, and the same for $b<0$, "
        r"where $h$ is odd, $h(z)=z(1-\ln z)$ for $0<z\le1$, $h(0)=0$, $h(z)=1$ for $z\ge1$."
    ),
    source=f"{SOURCE}; the exact value ★",
    kind="proof",
    uses=("orseau2020",),
    wrong={
        "quarter": sp.Rational(101, 400),
        "success": lambda w, epsilon: epsilon / 2 * np.log(1 / (abs(w) + epsilon)),
    },
    refute=_h_without_its_cut,
)
def product_success_claim(
    steps: Steps,
    quarter: Any = sp.Rational(1, 4),
    success: Callable[..., Any] = product_success,
) -> None:
    c, b = sp.symbols("c b", positive=True)
    steps.say("let G(c) = Pr[ab ≤ c, b > 0]; b has density ½, and a ≤ c/b has a known probability")
    above = (sp.integrate(1, (b, 0, c)) + sp.integrate((1 + c / b) / 2, (b, c, 1))) / 2
    steps.equal(
        above,
        quarter * (1 + _k(c)),
        "0 < c ≤ 1: certain for b < c, (1 + c/b)/2 beyond",
        r"G(c)=\tfrac14(1+c(1-\ln c))",
    )
    below = sp.integrate((1 - c / b) / 2, (b, c, 1)) / 2
    steps.equal(
        below,
        quarter * (1 - _k(c)),
        "below 0: impossible for b < c, (1 − c/b)/2 beyond",
        r"G(-c)=\tfrac14(1-c(1-\ln c))",
    )
    steps.equal(
        quarter * 2,
        sp.Rational(1, 2),
        "c ≥ 1: always, which is Pr[b > 0]",
        r"G(c)=\tfrac12=\tfrac14(1+1)",
    )
    steps.equal(quarter * (1 - 1), 0, "c ≤ −1: never", r"G(c)=0")
    steps.equal(
        sp.limit(above, c, 0),
        sp.limit(below, c, 0),
        "the two sides meet at 0: h(0) = 0",
        r"G(0)=\tfrac14",
    )
    steps.say(
        "so G(c) = ¼(1 + h(c)) for every real c, without atoms, and p = G(w + ε) − G(w − ε)",
        r"p=\tfrac14[h(w+\varepsilon)-h(w-\varepsilon)]",
    )
    u, epsilon = sp.symbols("u epsilon", positive=True)
    odd = sp.Function("h")
    mirrored = odd(-u + epsilon) - odd(-u - epsilon)
    steps.equal(
        mirrored.subs({odd(-u + epsilon): -odd(u - epsilon), odd(-u - epsilon): -odd(u + epsilon)}),
        odd(u + epsilon) - odd(u - epsilon),
        "for w = −u < 0: h is odd, so only |w| matters",
        r"p(-u,\varepsilon)=p(u,\varepsilon)",
    )
    steps.say("for b < 0 change both signs: ab stays, and (−a, −b) has the law of (a, b)")
    pairs = [(i / 40, 2.0**-j) for i in range(-60, 61) for j in range(-1, 21)]
    values = success(*(np.array(side) for side in zip(*pairs, strict=True)))
    exact = np.array([float(exact_success(*pair)) for pair in pairs])
    steps.holds(
        np.allclose(values, exact, rtol=1e-8, atol=1e-15),
        f"the function in use gives these values, compared at {len(pairs):,} pairs w, ε",
    )


# -- lower bounds ------------------------------------------------------------------------------


def _half_a_percent_more() -> Counterexample:
    w, epsilon = mpmath.mpf(1) / 2, mpmath.mpf(1) / 1000
    p = exact_success(w, epsilon)
    bound = mpmath.mpf("0.505") * epsilon * mpmath.log(1 / (w + epsilon))
    assert p < bound
    return Counterexample(
        "the factor ½ (0.505 is taken)",
        {"w": "1/2", "ε": "1/1000"},
        f"p = {float(p):.5g} < {float(bound):.5g}",
    )


@claim(
    name="product-lower-bound",
    chapter=CHAPTER,
    title="a lower bound of order ε",
    statement=(
        r"For every real $w$ and $\varepsilon>0$: "
        r"$p(w,\varepsilon)\ge\frac\varepsilon2\ln\frac1{|w|+\varepsilon}$. While "
        r"$s=|w|+\varepsilon\le1$, the difference is exactly "
        r"$\frac s4\bigl(1-h\bigl(\frac{|w|-\varepsilon}s\bigr)\bigr)$."
    ),
    source=f"{SOURCE}; the difference ★",
    kind="proof",
    uses=("product-success",),
    wrong={"half": sp.Rational(101, 200)},
    refute=_half_a_percent_more,
)
def product_lower_bound(steps: Steps, half: Any = sp.Rational(1, 2)) -> None:
    s, y = sp.symbols("s y", positive=True)
    steps.say(
        "if s = |w| + ε > 1, the bound is negative and p is not; else put |w| − ε = sy, "
        "so that s(1 − y) = 2ε and −1 ≤ y < 1"
    )
    for side, sign in (("y > 0", 1), ("y < 0, by h odd", -1)):
        steps.equal(
            sign * _k(s * y),
            s * sign * _k(y) - s * sign * y * sp.log(s),
            f"scaling, {side}",
            r"h(sy)=s\,h(y)-sy\ln s",
        )
    hy, yy = sp.symbols("H Y", real=True)  # h(y) and y
    four_p = _k(s) - (s * hy - s * yy * sp.log(s))
    epsilon = s * (1 - yy) / 2
    steps.equal(
        four_p / 4,
        half * epsilon * sp.log(1 / s) + s / 4 * (1 - hy),
        "so p, which is a quarter of h(s) − h(sy), is",
        r"p=\tfrac\varepsilon2\ln\tfrac1s+\tfrac s4(1-h(y))",
    )
    steps.holds(
        sp.simplify(sp.diff(_k(y), y) + sp.log(y)) == 0
        and sp.expand_log(-sp.log(1 / (1 + y))).is_positive,
        "h has slope −ln|y| > 0 for 0 < |y| < 1",
    )
    steps.equal(
        _k(sp.Integer(1)),
        1,
        "and h(1) = 1, so h(y) < 1 for y < 1: the difference is > 0",
        r"h(y)<h(1)=1",
    )


def _tiny_weights() -> Counterexample:
    w, epsilon = mpmath.mpf(1) / 10**6, mpmath.mpf(1) / 10
    p = exact_success(w, epsilon)
    bound = epsilon / 2 * mpmath.log(1 / w)
    assert p < bound
    return Counterexample(
        "the maximum with ε",
        {"w": "1e-6", "ε": "1/10"},
        f"p = {float(p):.4g} < (ε/2) ln(1/|w|) = {float(bound):.4g}",
    )


@claim(
    name="product-sharper-bound",
    chapter=CHAPTER,
    title="a sharper lower bound",
    statement=(
        r"For every real $w$ and $\varepsilon>0$: "
        r"$p(w,\varepsilon)\ge\frac\varepsilon2\ln\frac1{\max\{|w|,\,\varepsilon\}}$."
    ),
    source="★",
    kind="proof",
    uses=("product-success",),
    wrong={"half": sp.Rational(101, 200)},
    refute=_tiny_weights,
)
def product_sharper_bound(steps: Steps, half: Any = sp.Rational(1, 2)) -> None:
    u, t, z, epsilon, x = sp.symbols("u t z epsilon x", positive=True)
    steps.say("u = |w| > 1 or ε > 1: the bound is negative and p is not; so both are at most 1")
    beyond = sp.diff(_k(z), z).subs(z, 1 + x)
    steps.holds(
        _k(sp.Integer(1)) == 1 and beyond.is_negative,
        "put k(z) = z(1 − ln z): h = k on (0, 1], and beyond 1 h = 1 ≥ k, since k(1) = 1 and "
        "k′(1 + x) < 0",
        r"k'(1+x)=-\ln(1+x)<0",
    )
    left = _k(u * (1 + t)) - _k(u * (1 - t))
    right = 4 * half * (u * t) * sp.log(1 / u) + u * (_k(1 + t) - _k(1 - t))
    steps.equal(
        sp.expand_log(sp.expand(left - right), force=True),
        0,
        "u = |w| ≥ ε, put ε = ut; then 4p ≥ k(u + ε) − k(u − ε), which is",
        r"2\varepsilon\ln\tfrac1u+u\,[k(1+t)-k(1-t)]",
    )
    bracket = _k(1 + t) - _k(1 - t)
    slope = sp.simplify(sp.diff(bracket, t) + sp.log(1 + t) + sp.log(1 - t))
    steps.holds(
        bracket.subs(t, 0) == 0
        and slope == 0
        and (1 / (1 - t**2) - 1).subs(t, x / (1 + x)).simplify().is_positive,
        "the bracket is 0 at t = 0, and its slope −ln(1 + t) − ln(1 − t) = −ln(1 − t²) is > 0",
    )
    steps.holds(
        sp.diff(-sp.log(z), z).is_negative,
        "u < ε: 4p = h(ε + u) + h(ε − u) falls as u grows, since h′(z) = max(0, −ln z) falls with "
        "z; so it is at least its value h(2ε) ≥ k(2ε) at u = ε",
    )
    steps.equal(
        _k(2 * epsilon) - 4 * half * epsilon * sp.log(1 / epsilon),
        2 * epsilon * (1 - sp.log(2)),
        "which is enough",
        r"k(2\varepsilon)-2\varepsilon\ln\tfrac1\varepsilon=2\varepsilon(1-\ln2)",
    )
    steps.holds(1 - sp.log(2) > 0, "since", r"\ln2<1")


# -- how many samples --------------------------------------------------------------------------


def _at_the_edge() -> Counterexample:
    eta, epsilon, delta = (mpmath.mpf(1) / 10, mpmath.mpf(1) / 100, mpmath.mpf(1) / 100)
    size = int(mpmath.ceil(2 / (epsilon * -mpmath.log(1 - eta)) * mpmath.log(2 / delta)))
    p = exact_success(1, epsilon)
    failure = 2 * (1 - p) ** size - (1 - 2 * p) ** size
    assert failure > delta
    return Counterexample(
        "|w| ≤ 1 − η",
        {"w": 1, "η": "1/10", "ε": "1/100", "δ": "1/100", "N": size},
        f"a half is missed with probability {float(failure):.4f} > δ",
    )


@claim(
    name="product-count",
    chapter=CHAPTER,
    title="how many samples product weights need",
    statement=(
        r"Let neurons have independent weights $a,b\sim U[-1,1]$ and be accepted when "
        r"$|ab-w|\le\varepsilon$. Let $0<\eta<1$, $|w|\le1-\eta$, "
        r"$0<\varepsilon\le1-\eta$, $0<\delta<1$ and "
        r"$\lambda=\ln\frac1{1-\eta}\ge\eta$. Then "
        r"$N=\lceil\frac2{\lambda\varepsilon}\ln\frac2\delta\rceil$ samples contain, with "
        r"probability at least $1-\delta$, two neurons whose sum is within $\varepsilon|x|$ of "
        r"$wx$ for all $x$. For no $\eta$ can either 2 be replaced by a smaller number, if this is "
        r"to hold for all such $w,\varepsilon,\delta$."
    ),
    source=f"{SOURCE}; the constants ★",
    kind="proof",
    uses=("both-halves", "product-sharper-bound"),
    wrong={"factor": sp.Rational(198, 100), "halves": sp.Rational(198, 100)},
    refute=_at_the_edge,
)
def product_count(steps: Steps, factor: Any = 2, halves: Any = 2) -> None:
    t, epsilon, rate, eta = sp.symbols("t epsilon lambda eta", positive=True)
    steps.say(
        "p ≥ ελ/2, because max(|w|, ε) ≤ 1 − η; a half is missed with probability at most 2 e^−pN"
    )
    size = factor / (rate * epsilon) * (sp.log(halves) + t)
    exponent = sp.expand(sp.log(2) - epsilon * rate / 2 * size + t)
    steps.say(
        "put δ = e^−t; with N as claimed, ln of the bound minus ln δ shall be ≤ 0 for every t > 0",
        rf"\ln2-\tfrac{{{factor}}}2(\ln{halves}+t)+t",
    )
    slope = sp.diff(exponent, t)
    start = sp.simplify(exponent.subs(t, 0))
    steps.holds(slope <= 0, "it does not grow with t", rf"1-\tfrac{{{factor}}}2\le0")
    steps.holds(
        start <= 0, "nor is it above 0 at t = 0", rf"\ln2-\tfrac{{{factor}}}2\ln{halves}\le0"
    )
    gap = -sp.log(1 - eta) - eta
    steps.holds(
        gap.subs(eta, 0) == 0
        and sp.simplify(sp.diff(gap, eta) - eta / (1 - eta)) == 0
        and (eta / (1 - eta)).subs(eta, t / (1 + t)).simplify().is_positive,
        "λ ≥ η: equal at η = 0, and λ − η has slope η/(1 − η) > 0",
    )
    w = sp.Symbol("w", positive=True)  # 1 − η
    p = (_k(w + epsilon) - _k(w - epsilon)) / 4
    steps.equal(
        sp.limit(p / epsilon, epsilon, 0),
        sp.log(1 / w) / 2,
        "at |w| = 1 − η the bound on p is tight as ε → 0, so neither 2 can be smaller, as in "
        "Malach et al.'s count",
        r"\tfrac p\varepsilon\to\tfrac12\ln\tfrac1{1-\eta}",
    )


# -- the edge ----------------------------------------------------------------------------------


def _away_from_the_edge() -> Counterexample:
    w, epsilon = mpmath.mpf(1) / 2, mpmath.mpf(1) / 100
    p = exact_success(w, epsilon)
    bound = epsilon**2 / 2 + epsilon**3
    assert p > bound
    return Counterexample(
        "|w| = 1 − ε",
        {"w": "1/2", "ε": "1/100"},
        f"p = {float(p):.4g} is far above ε²/2 + ε³ = {float(bound):.4g}",
    )


@claim(
    name="product-edge",
    chapter=CHAPTER,
    title="the edge",
    statement=(
        r"$\frac{\varepsilon^2}2\le p(1-\varepsilon,\varepsilon)\le\frac{\varepsilon^2}2+"
        r"\varepsilon^3$ for $0<\varepsilon\le\frac12$, and $\frac{\varepsilon^2}8\le "
        r"p(1,\varepsilon)\le\frac{\varepsilon^2}8+\frac{\varepsilon^3}8$ for $0<\varepsilon\le1$. "
        r"The constants are best: left as $\varepsilon\to0$, right at the largest $\varepsilon$."
    ),
    source="★",
    kind="proof",
    uses=("product-success",),
    wrong={
        "near": sp.Rational(198, 100),
        "at": sp.Rational(792, 100),
        "cubic_near": sp.Rational(99, 100),
        "cubic_at": sp.Rational(99, 800),
    },
    refute=_away_from_the_edge,
)
def product_edge(
    steps: Steps,
    near: Any = 2,
    at: Any = 8,
    cubic_near: Any = 1,
    cubic_at: Any = sp.Rational(1, 8),
) -> None:
    d, x, epsilon = sp.symbols("d x epsilon", positive=True)
    g = d + (1 - d) * sp.log(1 - d)
    steps.equal(
        g,
        1 - _k(1 - d),
        "put g(d) = 1 − h(1 − d), 0 ≤ d ≤ 1, so p(1−ε, ε) = g(2ε)/4 and p(1, ε) = g(ε)/4",
        r"g(d)=d+(1-d)\ln(1-d)",
    )
    low = g - d**2 / 2
    steps.holds(
        low.subs(d, 0) == 0
        and sp.diff(low, d).subs(d, 0) == 0
        and sp.simplify(sp.diff(low, d, 2) - d / (1 - d)) == 0,
        "g − d²/2 vanishes at 0 with its slope, and its second derivative is d/(1 − d) ≥ 0",
        r"g(d)\ge\tfrac{d^2}2",
    )
    high = d**2 / 2 + d**3 / 2 - g
    bend = sp.factor(sp.simplify(sp.diff(high, d, 2)))
    steps.equal(
        bend,
        d * (2 - 3 * d) / (1 - d),
        "the other way round, the second derivative is",
        r"\bigl[\tfrac{d^2}2+\tfrac{d^3}2-g\bigr]''=\tfrac{d(2-3d)}{1-d}",
    )
    steps.holds(
        high.subs(d, 0) == 0
        and sp.diff(high, d).subs(d, 0) == 0
        and bend.subs(d, sp.Rational(2, 3) / (1 + x)).simplify().is_positive,
        "the bracket vanishes at 0 with its slope and is convex up to 2/3, hence ≥ 0 there",
    )
    steps.holds(
        sp.limit(high, d, 1) == 0
        and bend.subs(d, (sp.Rational(2, 3) + x) / (1 + x)).simplify().is_negative,
        "it is concave from 2/3 to 1, where it is 0 again, hence ≥ 0 there too",
        r"g(d)\le\tfrac{d^2}2+\tfrac{d^3}2",
    )
    for scale, bottom, cubic, where in (
        (2, near, cubic_near, "|w| = 1 − ε, d = 2ε"),
        (1, at, cubic_at, "|w| = 1, d = ε"),
    ):
        p = g.subs(d, scale * epsilon) / 4
        steps.holds(
            (scale * epsilon) ** 2 / 8 == epsilon**2 / bottom
            and (scale * epsilon) ** 3 / 8 == cubic * epsilon**3,
            f"{where}: d²/8 ≤ p ≤ d²/8 + d³/8 is the statement",
        )
        steps.equal(
            sp.limit(p / epsilon**2, epsilon, 0),
            sp.Rational(1) / bottom,
            "and as ε → 0",
            rf"\tfrac p{{\varepsilon^2}}\to\tfrac1{{{bottom}}}",
        )
        end = sp.Rational(1, scale)
        steps.equal(
            sp.limit(p, epsilon, end, "-"),
            end**2 / bottom + cubic * end**3,
            f"the upper bound is attained at ε = {end}",
            r"p=\tfrac14",
        )


# -- a wider range -----------------------------------------------------------------------------


def _without_a_wider_range() -> Counterexample:
    epsilon = mpmath.mpf(1) / 100
    p = exact_success(1, epsilon)
    assert p < epsilon / (2 * mpmath.e)
    return Counterexample(
        "a is drawn on [−e, e] ([−1, 1] is taken)",
        {"w": 1, "ε": "1/100"},
        f"p = {float(p):.4g} < ε/(2e) = {float(epsilon / (2 * mpmath.e)):.4g}",
    )


@claim(
    name="wider-range",
    chapter=CHAPTER,
    title="a wider range removes the edge",
    statement=(
        r"Let independent $a\sim U[-e,e]$ and $b\sim U[-1,1]$. For **every** $|w|\le1$ and "
        r"$0<\varepsilon\le1$ a sample serves a given half with probability at least "
        r"$\frac\varepsilon{2e}$, so $N=\lceil\frac{2e}\varepsilon\ln\frac2\delta\rceil$ samples "
        r"serve both with probability at least $1-\delta$."
    ),
    source="★",
    kind="proof",
    uses=("both-halves", "product-sharper-bound"),
    wrong={"reach": sp.Rational(275, 100), "price": sp.Rational(99, 50) * sp.E},
    refute=_without_a_wider_range,
)
def wider_range(steps: Steps, reach: Any = sp.E, price: Any = 2 * sp.E) -> None:
    s, epsilon, size = sp.symbols("s epsilon m", positive=True)
    steps.say("a/s is uniform on [−1, 1], and |ab − w| ≤ ε iff |(a/s)b − w/s| ≤ ε/s; take s = e")
    scaled = epsilon / s / 2 * sp.log(1 / (size / s))
    steps.equal(
        scaled,
        epsilon / (2 * s) * (sp.log(s) - sp.log(size)),
        "the sharper bound, in units of s, with m = max(|w|, ε)",
        r"p\ge\tfrac\varepsilon{2s}\ln\tfrac sm",
    )
    steps.holds(
        sp.diff(scaled, size).is_negative, "it falls with m, so m ≤ 1 gives at least its value at 1"
    )
    value = (scaled.subs(size, 1) / epsilon).subs(s, reach)
    steps.holds(
        sp.simplify(value - 1 / price) >= 0,
        "which is, over ε, for s as chosen",
        rf"\tfrac{{\ln s}}{{2s}}={sp.latex(sp.simplify(value))}\ge{sp.latex(1 / price)}",
    )
    steps.say("a half is missed with probability at most 2 e^−pN, which is ≤ δ for N as stated")


def _finite_epsilon() -> Counterexample:
    epsilon = mpmath.mpf(1) / 2
    best = mpmath.exp(_log_reach(epsilon))
    values = [exact_success(1 / s, epsilon / s) for s in (best, mpmath.e)]
    assert values[0] > values[1]
    return Counterexample(
        "ε → 0",
        {"ε": "1/2", "s": f"{float(best):.4f}"},
        f"p = {float(values[0]):.5f} is more than {float(values[1]):.5f}, that of s = e,",
    )


def _log_reach(epsilon: Any) -> Any:
    log = sp.log if isinstance(epsilon, sp.Basic) else mpmath.log
    both = (1 + epsilon) * log(1 + epsilon) - (1 - epsilon) * log(1 - epsilon)
    return both / (2 * epsilon)


@claim(
    name="best-reach",
    chapter=CHAPTER,
    title="the best reach",
    statement=(
        r"Let $0<\varepsilon<1$, $s>0$, and $a\sim U[-s,s]$, $b\sim U[-1,1]$ be "
        r"independent. Of all $|w|\le1$, $|w|=1$ has "
        r"the smallest success probability. That probability is largest for $s=s_0$, "
        r"$\ln s_0=\frac{(1+\varepsilon)\ln(1+\varepsilon)-(1-\varepsilon)\ln(1-\varepsilon)}"
        r"{2\varepsilon}$, and for no other $s$. Here $1+\varepsilon<s_0<e$, and $s_0\to e$ as "
        r"$\varepsilon\to0$."
    ),
    source="★",
    kind="proof",
    uses=("product-success",),
    wrong={"best": sp.Rational(275, 100), "reach": 2.75},
    refute=_finite_epsilon,
)
def best_reach(steps: Steps, best: Any = sp.E, reach: float = ProductWeights().reach) -> None:
    s, epsilon, m, x, z = sp.symbols("s epsilon m x z", positive=True)
    steps.holds(
        sp.diff(-sp.log(z), z).is_negative,
        "4 dp/d|w| = h′(|w| + ε) − h′(|w| − ε) ≤ 0: h′(z) = max(0, −ln|z|) does not grow with |z|, "
        "and |w| + ε is the larger magnitude. So |w| = 1 is the hardest",
    )
    steps.say("in units of s: 4p = h((1+ε)/s) − h((1−ε)/s), 0 for s ≤ 1 − ε")
    slope = sp.expand_log(sp.simplify(sp.diff(1 - _k(m / s), s)))
    steps.holds(
        sp.simplify(slope - m / s**2 * (sp.log(s) - sp.log(m))) == 0
        and sp.expand_log(sp.log(m * (1 + x) / m)).is_positive,
        "1 − ε < s < 1 + ε: 4p = 1 − h(m/s), m = 1 − ε, has slope (m/s²) ln(s/m) > 0",
    )
    upper = _k((1 + epsilon) / s) - _k((1 - epsilon) / s)
    both = (1 + epsilon) * sp.log(1 + epsilon) - (1 - epsilon) * sp.log(1 - epsilon)
    slope = sp.expand_log(sp.diff(upper, s) * s**2, force=True)
    steps.equal(
        sp.expand(sp.expand_log(sp.simplify(slope), force=True)),
        sp.expand(both - 2 * epsilon * sp.log(s)),
        "s ≥ 1 + ε: the slope changes sign only at s₀, from + to −",
        r"\tfrac{s^2}{2\varepsilon}\tfrac{d(4p)}{ds}=\ln s_0-\ln s",
    )
    above = both - 2 * epsilon * sp.log(1 + epsilon)
    steps.equal(
        sp.expand(above),
        sp.expand((1 - epsilon) * (sp.log(1 + epsilon) - sp.log(1 - epsilon))),
        "s₀ > 1 + ε, since at s = 1 + ε that is positive",
        r"(1-\varepsilon)\ln\tfrac{1+\varepsilon}{1-\varepsilon}>0",
    )
    steps.holds(
        ((1 + epsilon) / (1 - epsilon) - 1).subs(epsilon, x / (1 + x)).simplify().is_positive,
        "(it is the logarithm of a number above 1)",
    )
    gap = 2 * epsilon - both
    steps.holds(
        gap.subs(epsilon, 0) == 0
        and sp.simplify(sp.diff(gap, epsilon) + sp.log(1 + epsilon) + sp.log(1 - epsilon)) == 0,
        "s₀ < e: the difference is 0 at ε = 0, and its slope is −ln(1 − ε²) > 0",
        r"2\varepsilon(1-\ln s_0)>0",
    )
    steps.equal(
        sp.limit(_log_reach(epsilon), epsilon, 0),
        sp.log(best),
        "the limit is e",
        rf"\ln s_0\to\ln {sp.latex(best)}",
    )
    steps.holds(abs(reach - math.e) < 1e-15, "and e is what the construction takes")


# -- hyperbolic weights ------------------------------------------------------------------------


def _below_the_range() -> Counterexample:
    low, w, epsilon = 0.5, 0.3, 0.01
    law = Hyperbolic(low, 1.0).product()
    true = float(law.cdf(w + epsilon) - law.cdf(w - epsilon)) / 2
    logs = [math.log(w - epsilon) ** 2, math.log(w + epsilon) ** 2]
    claimed = (logs[0] - logs[1]) / (8 * math.log(low) ** 2)
    assert abs(true - claimed) > 1e-3
    return Counterexample(
        "|w| − ε ≥ α",
        {"α": low, "w": w, "ε": epsilon},
        f"the probability is {true:.4f}, not {claimed:.4f},",
    )


@claim(
    name="product-hyperbolic",
    chapter=CHAPTER,
    title="hyperbolic weights by a change of variable",
    statement=(
        r"Let $a,b$ be independent and hyperbolic on $\alpha\le|\cdot|\le1$, "
        r"$\Lambda=\ln\frac1\alpha$. If $|w|-\varepsilon\ge\alpha$ and $|w|+\varepsilon\le1$, a "
        r"sample serves a given half with probability "
        r"$\frac1{8\Lambda^2}\bigl[\ln^2(|w|-\varepsilon)-\ln^2(|w|+\varepsilon)\bigr]$, at least "
        r"$\frac{\varepsilon}{2\Lambda^2|w|}\ln\frac1{|w|}$."
    ),
    source="Orseau et al. 2020, poster (“similar for hyperbolic distribution by a change of "
    "variable argument”); the formula ★",
    kind="proof",
    uses=("orseau2020",),
    wrong={
        "eighth": sp.Rational(101, 800),
        "half": sp.Rational(101, 200),
        "law": lambda low, high: Uniform(high),
    },
    refute=_below_the_range,
)
def product_hyperbolic(
    steps: Steps,
    eighth: Any = sp.Rational(1, 8),
    half: Any = sp.Rational(1, 2),
    law: Callable[[float, float], Any] = Hyperbolic,
) -> None:
    r, v, w, t, x, big = sp.symbols("r v w t x Lambda", positive=True)
    steps.say("|a| = e^−ΛU, |b| = e^−ΛV with U, V uniform on [0, 1], so −ln|ab| = Λ(U + V)")
    steps.equal(
        sp.integrate(r - v, (v, 0, r)),
        r**2 / 2,
        "Pr[U + V ≤ r] for r ≤ 1",
        r"\int_0^r(r-v)\,dv=\tfrac{r^2}2",
    )
    tail = (sp.log(v) / big) ** 2 / 2
    steps.say(
        "so for α ≤ z ≤ 1, where r = ln(1/z)/Λ ≤ 1",
        r"\Pr[|ab|\ge z]=\tfrac{\ln^2z}{2\Lambda^2}",
    )
    steps.equal(
        (tail.subs(v, w * (1 - t)) - tail.subs(v, w * (1 + t))) / 4,
        eighth / big**2 * (sp.log(w * (1 - t)) ** 2 - sp.log(w * (1 + t)) ** 2),
        "with w > 0: the sign of b is right with probability ½, that of a with ½",
        r"p=\tfrac1{8\Lambda^2}[\ln^2(w-\varepsilon)-\ln^2(w+\varepsilon)]",
    )
    squares = sp.log(w * (1 - t)) ** 2 - sp.log(w * (1 + t)) ** 2
    factors = (sp.log(1 + t) - sp.log(1 - t)) * (-2 * sp.log(w) - sp.log(1 - t) - sp.log(1 + t))
    steps.holds(
        sp.expand(sp.expand_log(squares, force=True) - factors) == 0,
        "put ε = wt: the bracket is a difference of squares",
        r"\ln\tfrac{1+t}{1-t}\,\bigl[2\ln\tfrac1w-\ln(1-t^2)\bigr]",
    )
    first = sp.log(1 + t) - sp.log(1 - t) - 2 * t
    steps.holds(
        first.subs(t, 0) == 0
        and sp.simplify(sp.diff(first, t) - 2 * t**2 / (1 - t**2)) == 0
        and (t**2 / (1 - t**2)).subs(t, x / (1 + x)).simplify().is_positive,
        "the first factor is ≥ 2t: equal at 0, and the difference has slope 2t²/(1 − t²) ≥ 0",
    )
    steps.say("the second is ≥ 2 ln(1/w), since 1 − t² ≤ 1")
    steps.equal(
        eighth / big**2 * 2 * t * 2 * sp.log(1 / w),
        half * (w * t) / (big**2 * w) * sp.log(1 / w),
        "so, with wt = ε",
        r"p\ge\tfrac\varepsilon{2\Lambda^2w}\ln\tfrac1w",
    )
    steps.say("w < 0: change the sign of a")
    low, weight, epsilon = 0.01, np.linspace(0.05, 0.9, 200), 0.03
    drawn = law(low, 1.0).product()
    logs = np.log(weight - epsilon) ** 2 - np.log(weight + epsilon) ** 2
    steps.holds(
        np.allclose(
            (drawn.cdf(weight + epsilon) - drawn.cdf(weight - epsilon)) / 2,
            logs / (8 * math.log(low) ** 2),
            rtol=1e-10,
        ),
        "the law in use gives these values, compared at 200 weights",
    )


# -- measured ----------------------------------------------------------------------------------

UNIT = ProductWeights(reach=1)
MEASURED = tuple(10 ** (-1 - j / 3) for j in range(10))  # three decades of ε


def _not_at_the_edge() -> Counterexample:
    for epsilon, found in zip(MEASURED, hits(UNIT, 1.0, MEASURED), strict=True):
        expected = DRAWN * product_success(0.7, epsilon)
        if abs(found - expected) > bernstein(expected, len(MEASURED)):
            return Counterexample(
                "w = 0.7 (1 is taken)",
                {"ε": round(epsilon, 4), "neurons": f"{DRAWN:,}"},
                f"{found:,} neurons fit, not about {expected:,.0f},",
            )
    raise AssertionError("the edge cannot be told from the middle")


@claim(
    name="product-measured",
    chapter=CHAPTER,
    title="the exponent, measured",
    statement=(
        r"Of $4\cdot10^6$ drawn neurons, as many fit $w=0.7$ on $x>0$ as "
        r"$p=\frac\varepsilon2\ln\frac1w$ lets expect, for ten values of $\varepsilon$ over three "
        r"decades, from $0.1$ down, within the stated tolerances."
    ),
    source="★",
    kind="evidence",
    uses=("product-success",),
    wrong={"exponent": 0.98, "success": lambda w, epsilon: epsilon**2 / 2},
    refute=_not_at_the_edge,
)
def product_measured(
    steps: Steps, exponent: float = 1, success: Callable[..., Any] = product_success
) -> None:
    steps.say(
        f"{DRAWN:,} neurons from seed {SEED}; Bernstein's inequality and a union bound over both "
        f"sides of {len(MEASURED)} counts: a false alarm has probability at most 1e-6"
    )
    compare_counts(
        steps,
        hits(UNIT, 0.7, MEASURED),
        {e: DRAWN * e**exponent / 2 * math.log(1 / 0.7) for e in MEASURED},
        {e: DRAWN * float(success(0.7, e)) for e in MEASURED},
    )


CLAIMS = (
    product_density,
    product_success_claim,
    product_lower_bound,
    product_sharper_bound,
    product_count,
    product_measured,
    product_edge,
    wider_range,
    best_reach,
    product_hyperbolic,
)
