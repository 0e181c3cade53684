"""Claims of the chapter *hyperbolic*: which laws make every digit equally likely.

Logarithms throughout: h = ln γ is one digit, t = −ln|w| counts downwards from |w| = 1 (the largest
weight), and the segments of the k digits are [h, 2h], …, [kh, (k+1)h].
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import sympy as sp

from lpbook.batches import all_hit
from lpbook.digits import PHI
from lpbook.distributions import Hyperbolic, Uniform, common_range_exponents, segment_probabilities
from lpbook.ledger.core import Counterexample, Steps, claim

CHAPTER = "hyperbolic"
R = sp.Rational
h, L, eps, delta = sp.symbols("h L epsilon delta", positive=True)
k = sp.Symbol("k", positive=True)
t, u = sp.symbols("t u", nonnegative=True)


def _from(expression: Any, least: int) -> Any:
    """The same with k = least + j, j ≥ 0, as a product: its sign can be read off."""
    return sp.factor(expression.subs(k, least + sp.Symbol("j", nonnegative=True)))


# -- one weight ------------------------------------------------------------------------------


def _uniform_is_cheap_with_another_law() -> Counterexample:
    digits = 10
    epsilon = PHI**-digits
    law = Hyperbolic(PHI ** -(digits + 1), 1 / PHI)
    wait = 1 / segment_probabilities(law, digits)[-1]
    bound = PHI / ((PHI - 1) * epsilon)
    assert wait < bound
    return Counterexample(
        "the weight is uniform: take it hyperbolic",
        {"γ": "φ", "ε": f"φ^-{digits}", "wait": round(float(wait), 4)},
        f"the last digit waits less than γ/((γ−1)ε) = {bound:.4g} samples",
    )


@claim(
    name="uniform-segments-cost",
    chapter=CHAPTER,
    title="uniform weights wait 1/ε samples for the last digit",
    statement=(
        r"Let $\gamma>1$, $0<\varepsilon<1$, $k=\lceil\log_\gamma\frac1\varepsilon\rceil$ and "
        r"$|w|$ uniform on $[0,1]$. Segment $i$ has probability $\gamma^{-i}(1-\frac1\gamma)$, "
        r"and the expected number of samples until the first one in segment $k$ lies between "
        r"$\frac{\gamma}{\gamma-1}\frac1\varepsilon$ and "
        r"$\frac{\gamma^2}{\gamma-1}\frac1\varepsilon$."
    ),
    source="★",
    kind="proof",
    wrong={"lower": R(101, 100), "upper": R(199, 100)},
    refute=_uniform_is_cheap_with_another_law,
)
def uniform_segments_cost(steps: Steps, lower: Any = 1, upper: Any = 2) -> None:
    g = sp.exp(h)
    share = sp.integrate(sp.exp(-t), (t, k * h, (k + 1) * h))  # the density of t is e^-t
    steps.equal(
        share,
        sp.exp(-k * h) * (1 - 1 / g),
        "probability of segment k, integrated over t = −ln|w|",
        r"\Pr[S_k]=\gamma^{-k}(1-\tfrac1\gamma)",
    )
    v, s = sp.symbols("v s", positive=True)
    steps.say(
        "put γ⁻ᵏ = ε e⁻ᵛ; since k is the least integer with γ⁻ᵏ ≤ ε, v lies in [0, h), h = ln γ",
        r"\gamma^{-k}=\varepsilon e^{-v},\quad 0\le v<\ln\gamma",
    )
    wait = (1 / (1 - 1 / g)) * sp.exp(v) / eps
    low, high = g**lower / ((g - 1) * eps), g**upper / ((g - 1) * eps)
    steps.equal(
        wait / low,
        sp.exp((1 - lower) * h + v),
        "the expected wait 1/p over the lower bound",
        r"\frac{1/p}{\text{lower}}=e^v",
    )
    steps.holds(
        ((1 - lower) * h).is_nonnegative, "its logarithm is at least 0 for every v ≥ 0", r"v\ge0"
    )
    steps.equal(
        wait / high,
        sp.exp((1 - upper) * h + v),
        "the wait over the upper bound",
        r"\frac{1/p}{\text{upper}}=e^{v-h}",
    )
    steps.holds(
        ((upper - 2) * h + s).is_positive,
        "its logarithm is negative for every v = h − s with s > 0",
        r"v-\ln\gamma<0",
    )


def _one_uniform_weight_waits_longer() -> Counterexample:
    digits = 20
    epsilon = PHI**-digits
    wait = 1 / segment_probabilities(Uniform(1.0), digits)[-1]
    bound = PHI**2 / ((PHI - 1) * epsilon * float(sp.log(1 / epsilon)))
    assert wait > bound
    return Counterexample(
        "the weight is a product of two",
        {"γ": "φ", "ε": f"φ^-{digits}", "wait": f"{wait:.4g}"},
        f"one uniform weight waits longer than γ²/((γ−1) ε ln(1/ε)) = {bound:.4g} samples",
    )


@claim(
    name="product-of-uniforms-cost",
    chapter=CHAPTER,
    title="a product of two uniforms saves a logarithm, no more",
    statement=(
        r"Let $\gamma>1$, $0<\varepsilon<1$, $k=\lceil\log_\gamma\frac1\varepsilon\rceil$ and let "
        r"$|a|,|b|$ be independent and uniform on $[0,1]$. Then $|ab|$ falls in segment $k$ with "
        r"probability "
        r"$p=\gamma^{-k}\bigl[(1-\frac1\gamma)(1+k\ln\gamma)-\frac{\ln\gamma}\gamma\bigr]$, and "
        r"$\frac{\gamma-1}{\gamma^2}\,\varepsilon\ln\frac1\varepsilon<p\le\frac{\gamma-1}{\gamma}\,\varepsilon\,\bigl(\ln\frac1\varepsilon+\frac32\ln\gamma\bigr)$."
    ),
    source="★",
    kind="proof",
    wrong={"lower": R(199, 100), "upper": R(101, 100), "extra": R(1485, 1000)},
    refute=_one_uniform_weight_waits_longer,
)
def product_of_uniforms_cost(
    steps: Steps, lower: Any = 2, upper: Any = 1, extra: Any = R(3, 2)
) -> None:
    x, z, r = sp.symbols("x z r", positive=True)
    cdf = sp.integrate(1, (x, 0, z)) + sp.integrate(z / x, (x, z, 1))
    steps.equal(
        cdf,
        z * (1 - sp.log(z)),
        "given the first factor x, the second is at most z/x: add up over x",
        r"\Pr[|ab|\le z]=\int_0^1\min(1,\tfrac zx)\,dx=z(1-\ln z)",
    )
    share = cdf.subs(z, sp.exp(-k * h)) - cdf.subs(z, sp.exp(-(k + 1) * h))
    ratio = h / (sp.exp(h) - 1)
    steps.equal(
        share,
        sp.exp(-k * h) * (1 - sp.exp(-h)) * (k * h + 1 - ratio),
        "so segment k has this probability, with h = ln γ",
        r"p=\gamma^{-k}\bigl(1-\tfrac1\gamma\bigr)\Bigl(k\ln\gamma+1-\frac{\ln\gamma}{\gamma-1}\Bigr)",
    )
    steps.equal(
        (1 - sp.exp(-h)) * (k * h + 1 - ratio),
        (1 - sp.exp(-h)) * (1 + k * h) - h * sp.exp(-h),
        "which is the form of the statement",
    )
    rest = (r - 2) * sp.exp(r) + r + 2
    slopes = [sp.diff(rest, r, n) for n in range(3)]
    steps.holds(
        slopes[0].subs(r, 0) == 0 and slopes[1].subs(r, 0) == 0 and slopes[2].is_positive,
        "(h−2)eʰ + h + 2 and its derivative are 0 at h = 0, its second derivative is heʰ > 0",
        r"(h-2)e^h+h+2>0",
    )
    steps.equal(
        h / 2 - (1 - ratio),
        rest.subs(r, h) / (2 * (sp.exp(h) - 1)),
        "therefore 1 − h/(γ−1) < h/2",
    )
    bend = sp.exp(r) - 1 - r
    steps.holds(
        bend.subs(r, 0) == 0 and (sp.diff(bend, r) + 1 - sp.exp(r)) == 0,
        "and 1 − h/(γ−1) > 0, since eʰ − 1 − h is 0 at 0 and has the derivative eʰ − 1 > 0",
    )
    s = sp.Symbol("s", positive=True)
    steps.say(
        "put γ⁻ᵏ = ε e⁻ᵛ with v in [0, h), so that k h = ln(1/ε) + v, and divide p by (1−1/γ)ε",
        r"e^{-v}\bigl(\ln\tfrac1\varepsilon+v+1-\tfrac{h}{\gamma-1}\bigr)",
    )
    steps.holds(
        ((lower - 2) * h + s).is_positive,
        "lower bound: drop v and the positive rest; e⁻ᵛ exceeds 1/γ, as v = h − s with s > 0",
        r"e^{-v}\ln\tfrac1\varepsilon>\tfrac1\gamma\ln\tfrac1\varepsilon",
    )
    steps.holds(
        ((1 - upper) * h).is_nonnegative,
        "upper bound: e⁻ᵛ ≤ 1, attained at v = 0, is the factor of ln(1/ε)",
    )
    steps.holds(
        ((extra - R(3, 2)) * h).is_nonnegative,
        "and v + 1 − h/(γ−1) is less than h + h/2",
        r"v+1-\tfrac h{\gamma-1}<\tfrac32\ln\gamma",
    )


def _one_base_is_not_enough() -> Counterexample:
    size = sp.log(R(3, 2))
    density = (1 + sp.sin(2 * sp.pi * t / size)) / (2 * size)  # on [0, 2 ln(3/2)]

    def shares(step: Any, count: int) -> list[Any]:
        return [
            sp.simplify(sp.integrate(density, (t, i * step, (i + 1) * step))) for i in range(count)
        ]

    assert shares(size, 2) == [R(1, 2), R(1, 2)]  # base 3/2 sees nothing
    finer = shares(size / 2, 4)
    assert len(set(finer)) > 1
    return Counterexample(
        "for every base: ask it of base 3/2 alone",
        {
            "density of t = −ln|w|": "(1 + sin 2πt/h)/(2h), h = ln 3/2, on [0, 2h]",
            "base 3/2": "1/2, 1/2",
            "base √(3/2)": ", ".join(f"{float(f):.4f}" for f in finer),
        },
        "equal segments in one base, but ln|w| is not uniform",
    )


@claim(
    name="equal-segments-iff-hyperbolic",
    chapter=CHAPTER,
    title="equal segments in every base: the hyperbolic law and no other",
    statement=(
        r"Let $0<\alpha<1$ and let $w$ be random with $\alpha\le|w|\le1$. Then (i) for every "
        r"$\gamma>1$, all segments $[\gamma^{-i-1},\gamma^{-i}]$, $i\ge0$, inside $[\alpha,1]$ are "
        r"equally likely, if and only if (ii) $\ln|w|$ is uniform on $[\ln\alpha,0]$: density "
        r"$\propto1/|w|$. Their common probability is then $\ln\gamma/\ln\frac1\alpha$, for "
        r"$\gamma\le\frac1\alpha$. It is enough to ask (i) of the bases $\gamma=\alpha^{-1/m}$ "
        r"for infinitely many integers $m$."
    ),
    source="Orseau et al. 2020 for (ii) ⇒ (i); ★ for the converse",
    kind="proof",
    wrong={"power": R(101, 100), "scale": R(101, 100)},
    refute=_one_base_is_not_enough,
)
def equal_segments_iff_hyperbolic(steps: Steps, power: Any = 1, scale: Any = 1) -> None:
    i = sp.Symbol("i", nonnegative=True)
    weight = sp.exp(-t)
    shape = weight ** (1 - power)  # density of t = −ln|w| where that of |w| is |w|^-power
    total = sp.integrate(shape, (t, 0, L))
    share = sp.integrate(shape, (t, i * h, (i + 1) * h)) / total
    steps.equal(
        share,
        scale * h / L,
        "(ii) ⇒ (i): integrate the density over segment i, with h = ln γ and L = ln(1/α)",
        r"\int_{\gamma^{-i-1}}^{\gamma^{-i}}\frac{dw}{w\,L}=\frac{\ln\gamma}{\ln(1/\alpha)}",
    )
    m, n = sp.symbols("m n", integer=True, positive=True)
    j = sp.Symbol("j", integer=True, nonnegative=True)
    f, q, p = sp.symbols("f q p", positive=True)
    steps.say(
        "(i) ⇒ (ii): let γ = α^(−1/m), so that m segments of length L/m cover the range of t; let "
        "p be their common probability and H the distribution function of t"
    )
    steps.holds(
        sp.factor((j + 1 + n) * h - (j + 1) * h).is_positive,
        "segments j and j + 1 + n, n ≥ 1, do not meet, so a point is in at most two, and adding "
        "the m probabilities counts none more than twice: m p ≤ 2",
    )
    steps.equal(
        q - 2 / m,
        2 * (m - 2 / q) / (m * (2 / q)),
        "an atom of mass q would give its segment p ≥ q, but p ≤ 2/m < q for m > 2/q: no atoms",
        r"q-\tfrac2m=\tfrac qm\bigl(m-\tfrac2q\bigr)",
    )
    first = sp.summation(p, (n, 0, j - 1))
    steps.equal(
        first.subs(p, sp.solve(first.subs(j, m) - 1, p)[0]),
        j / m,
        "without atoms the ends do not count, so H at the end of the first j segments is j p, and "
        "H = 1 at the end of all m gives p",
        r"H(jL/m)=jp=\tfrac jm",
    )
    point = (j + f) / m  # t/L for a t in segment j, 0 ≤ f ≤ 1
    steps.equal(
        (j + 1) / m - point,
        (1 - f) / m,
        "t in segment j: H(t) ≤ (j+1)/m, and t/L = (j+f)/m",
        r"\tfrac{j+1}m-\tfrac{j+f}m=\tfrac{1-f}m",
    )
    steps.equal(
        point - j / m,
        f / m,
        "and H(t) ≥ j/m; so |H(t) − t/L| ≤ 1/m, as 0 ≤ f ≤ 1",
        r"\tfrac{j+f}m-\tfrac jm=\tfrac fm",
    )
    steps.holds(
        sp.limit(1 / m, m, sp.oo) == 0,
        "let m run through infinitely many values: t is uniform on [0, L]",
        r"H(t)=t/L",
    )


# -- products --------------------------------------------------------------------------------


def _same_weight_twice() -> Counterexample:
    # a = b: ln|ab| = 2 ln|a| is uniform, so the middle half of the range has half the mass
    triangular = 1 - (1 - R(1, 2)) ** 2
    uniform = R(1, 2)
    assert triangular != uniform
    return Counterexample(
        "the two weights are independent: take a = b",
        {"Pr[|ln|ab| − ln αβ| ≤ L/2]": uniform, "by the triangular law": triangular},
        "ln|ab| = 2 ln|a| is uniform, not triangular",
    )


@claim(
    name="hyperbolic-product-law",
    chapter=CHAPTER,
    title="the product of two hyperbolic weights is triangular",
    statement=(
        r"If $a,b$ are independent and hyperbolic on the same range $\alpha\le|w|\le\beta$ "
        r"($\ln|w|$ uniform, the sign an independent fair coin), then $\ln|ab|$ has at $y$ the "
        r"density $\bigl(L-|y-\ln\alpha\beta|\bigr)/L^2$ for $|y-\ln\alpha\beta|\le "
        r"L=\ln\frac\beta\alpha$, and the sign of $ab$ is fair and independent of it."
    ),
    source="Folklore (a sum of two uniforms); used by Orseau et al. 2020",
    kind="proof",
    wrong={"half_width": R(101, 100), "power": R(198, 100)},
    refute=_same_weight_twice,
)
def hyperbolic_product_law(steps: Steps, half_width: Any = 1, power: Any = 2) -> None:
    s, r = sp.symbols("s r", nonnegative=True)
    flat = 1 / L
    steps.say(
        "ln(|a|/α) and ln(|b|/α) are independent and uniform on [0, L]; convolve their densities",
        r"\int\tfrac1L\mathbf 1[0\le s\le L]\,\tfrac1L\mathbf 1[0\le t-s\le L]\,ds\ "
        r"\text{ at }\ln\tfrac{|ab|}{\alpha^2}=t",
    )
    rising = sp.integrate(flat**2, (s, 0, t))
    falling = sp.integrate(flat**2, (s, t - L, L))
    wanted = (half_width * L - r) / L**power  # at distance r from the middle t = L
    steps.equal(
        rising.subs(t, L - r), wanted, "for t = L − r ≤ L, s runs from 0 to t", r"\frac{L-r}{L^2}"
    )
    steps.equal(
        falling.subs(t, L + r), wanted, "for t = L + r ≥ L, from t − L to L", r"\frac{L-r}{L^2}"
    )
    steps.equal(
        2 * sp.integrate(wanted, (r, 0, L)),
        1,
        "the triangle has area 1",
        r"2\int_0^L\frac{L-r}{L^2}\,dr=1",
    )
    steps.equal(
        2 * sp.integrate(wanted, (r, 0, u)),
        1 - (1 - u / L) ** 2,
        "and up to distance u from the middle it has this area",
        r"1-(1-u/L)^2",
    )
    steps.equal(
        R(1, 2) * R(1, 2) + R(1, 2) * R(1, 2),
        R(1, 2),
        "signs: ab > 0 for two of the four equally likely patterns, whatever the magnitudes",
        r"\tfrac12\cdot\tfrac12+\tfrac12\cdot\tfrac12=\tfrac12",
    )


def _different_ranges_do_better() -> Counterexample:
    digits, wide = 4, 5  # in digits: ln|a| uniform over 5, ln|b| over 1

    def cdf(x: Fraction) -> Fraction:  # of their sum: a trapezoid on [0, 6]
        corners = ((0, 1), (1, -1), (wide, -1), (wide + 1, 1))
        return sum((sign * max(x - at, Fraction(0)) ** 2 for at, sign in corners), Fraction(0)) / (
            2 * wide
        )

    start = Fraction(wide + 1 - digits, 2)  # the segments in the middle of the range
    shares = [cdf(start + i + 1) - cdf(start + i) for i in range(digits)]
    best = Fraction(1, 2 * (digits - 1))
    assert min(shares) > best
    return Counterexample(
        "both factors have the same range: let ln|a| vary over 5 digits, ln|b| over one",
        {"k": digits, "smallest segment": min(shares), "1/(2(k−1))": best},
        "every segment is likelier",
    )


@claim(
    name="best-common-range",
    chapter=CHAPTER,
    title="the best common range",
    statement=(
        r"Let $\gamma>1$, $k\ge2$, and let $a,b$ be independent and hyperbolic on the same range "
        r"$[\alpha,\beta]$. Of all ranges, $\alpha=\sqrt{w_{\max}}\,\gamma^{-3k/4}$, "
        r"$\beta=\sqrt{w_{\max}}\,\gamma^{k/4-1}$, of width $L=(k-1)\ln\gamma$, makes the "
        r"smallest of the $k$ probabilities $\Pr[|ab|\in w_{\max}[\gamma^{-i-1},\gamma^{-i}]]$, "
        r"$i=1..k$, largest; its value is $\frac1{2(k-1)}$, with both signs $c=\frac1{8(k-1)}$. "
        r"For $k\ge3$ no other range attains it. For $k=1$ the range "
        r"$\sqrt{w_{\max}}[\gamma^{-1},\gamma^{-1/2}]$ gives 1, and $c=\frac14$."
    ),
    source="★",
    kind="proof",
    uses=("hyperbolic-product-law",),
    wrong={
        "exponents": lambda k: (-k, k),
        "smallest": R(198, 100),
        "signs": R(792, 100),
    },
    refute=_different_ranges_do_better,
)
def best_common_range(
    steps: Steps,
    exponents: Callable[[Any], tuple[Any, Any]] = common_range_exponents,
    smallest: Any = 2,
    signs: Any = 8,
) -> None:
    j, d = sp.symbols("j d", nonnegative=True)
    r, s = sp.symbols("r s", positive=True)
    shift = sp.Symbol("u", real=True)
    steps.say(
        "let w_max = 1, or else divide both factors by its root; at distance z of ln|ab| from the "
        "middle of the triangle the density is f(z); the k segments have length h = ln γ each",
        r"f(z)=\max(L-|z|,0)/L^2",
    )

    def f(at: Any, width: Any) -> Any:
        return sp.Max(width - at, 0) / width**2

    falls = [
        sp.factor(f(t, width) - f(t + step, width))
        for width, step in ((t + r + s, r), (t + r, r + s), (t + r, r))
    ]
    steps.holds(
        all(fall.is_positive for fall in falls) and f(r + t, r) == 0,
        "f falls strictly with the distance as long as it is below L, and is 0 from there on",
        r"f(z)>f(z+r)\text{ for }0\le z<L,\ r>0",
    )
    steps.equal(
        (shift + h) ** 2 - shift**2,
        h * (2 * shift + h),
        "so a segment [u, u+h] with u ≥ −h/2 loses as it moves on: its derivative in u is "
        "f(u+h) − f(u) ≤ 0, as |u+h| ≥ |u|",
        r"(u+h)^2-u^2=h(2u+h)\ge0",
    )
    begin = (k - 2) * h / 2 + d
    steps.holds(
        sp.expand(begin.subs(k, 2 + j)).is_nonnegative,
        "centre: with the middle of the triangle d ≥ 0 beside the middle of the segments, the "
        "farthest segment begins at u = (k−2)h/2 + d ≥ 0, so it is no likelier than for d = 0",
        r"u=\tfrac{k-2}2h+d\ge0",
    )
    steps.say(
        "for d = 0 the two outermost segments mirror each other; every other segment, or its "
        "mirror image, begins at some u ≥ −h/2 further in, so these two are the least likely"
    )
    half = k * h / 2
    inner = sp.integrate((L - t) / L**2, (t, half - h, half))
    steps.equal(
        1 / (smallest * (k - 1)) - inner,
        (L - (k - 1) * h) ** 2 / (2 * (k - 1) * L**2),
        "width, if L ≥ kh/2: what the outermost segment lacks is a square",
        r"\frac1{2(k-1)}-\int_{kh/2-h}^{kh/2}\frac{L-z}{L^2}\,dz=\frac{(L-(k-1)h)^2}{2(k-1)L^2}",
    )
    steps.equal(
        sp.diff(inner, L),
        h * ((k - 1) * h - L) / L**3,
        "the same by calculus: the derivative in L changes its sign once, at (k−1)h",
        r"q'(L)=h\,\frac{(k-1)h-L}{L^3}",
    )
    steps.holds(
        _from((k - 1) * h - half, 2).is_nonnegative,
        "that L is at least kh/2",
        r"(k-1)h-\tfrac k2h=\tfrac{k-2}2h\ge0",
    )
    gap = (k - 2) * h / 2
    outer = sp.integrate((L - t) / L**2, (t, gap, L))
    steps.equal(
        sp.diff(outer, L),
        gap * (L - gap) / L**3,
        "width, if (k−2)h/2 ≤ L ≤ kh/2: the derivative is not negative, so L = kh/2 is best there",
        r"\tfrac{d}{dL}\tfrac12\bigl(1-\tfrac{(k-2)h}{2L}\bigr)^2\ge0",
    )
    steps.holds(
        _from(gap * r, 2).is_nonnegative, "both its factors are at least 0, as L = (k−2)h/2 + r"
    )
    steps.equal(
        outer.subs(L, half), inner.subs(L, half), "the two cases agree at L = kh/2", r"\tfrac2{k^2}"
    )
    steps.say("width, if L ≤ (k−2)h/2: the outermost segment has probability 0")
    steps.holds(
        _from((half - (k - 1) * h) ** 2, 3).is_positive,
        "for k ≥ 3, L = kh/2 is strictly worse: (k−1)h is the only best width, and since there "
        "u < L, d = 0 the only best centre",
    )
    low, high = exponents(k)
    steps.equal(
        high - low, k - 1, "the range of the statement has the width (k−1)h", r"L=(k-1)\ln\gamma"
    )
    steps.equal(
        low + high,
        R(-1, 2) * (k + 2),
        "and the middle of its products is that of the segments, halfway from γ⁻¹ to γ^−(k+1)",
        r"\alpha\beta=\gamma^{-(k+2)/2}",
    )
    steps.equal(
        R(1, 4) / (smallest * (k - 1)),
        1 / (signs * (k - 1)),
        "two fair signs: a quarter of it",
        r"c=\frac1{8(k-1)}",
    )
    low, high = exponents(sp.Integer(1))
    steps.holds(
        2 * low >= -2 and 2 * high <= -1, "k = 1: every product lies in the one segment [γ⁻², γ⁻¹]"
    )


def _other_epsilon() -> Counterexample:
    # ε = γ^-(k − 1/2) needs k digits as well
    digits = Fraction(6)
    width = 2 * (digits - Fraction(1, 2))
    share = (width - (digits + Fraction(1, 2))) / width**2
    ratio = share * 2 * (digits - 1)
    formula = (digits - Fraction(1, 2)) * (digits - 1) / (2 * digits**2)
    assert ratio != formula
    return Counterexample(
        "ε is a power of γ: take ε = γ^-5.5, which needs 6 digits too",
        {"ratio": ratio, "formula": formula},
        "the ratio is another one",
    )


@claim(
    name="naive-range",
    chapter=CHAPTER,
    title="the obvious range costs more than twice as much",
    statement=(
        r"Let $\varepsilon=\gamma^{-k}$, $k\ge2$, $w_{\max}=1$. With both factors hyperbolic on "
        r"$[\varepsilon,1/\varepsilon]$ the smallest segment probability is $\frac{k-1/2}{4k^2}$: "
        r"$\frac{(k-\frac12)(k-1)}{2k^2}$ times that of the best common range, which is less than "
        r"$\frac12$ and tends to it."
    ),
    source="★",
    kind="proof",
    uses=("hyperbolic-product-law", "best-common-range"),
    wrong={"shift": R(505, 1000), "divisor": R(202, 100), "limit": R(495, 1000)},
    refute=_other_epsilon,
)
def naive_range(steps: Steps, shift: Any = R(1, 2), divisor: Any = 2, limit: Any = R(1, 2)) -> None:
    width = 2 * k * h
    steps.say("α = γ⁻ᵏ and β = γᵏ: the triangle is around 0 and L = 2kh", r"\ln\alpha\beta=0")
    steps.holds(
        _from(width - (k + 1) * h, 2).is_positive,
        "all segments lie on its one side, segment k from kh to (k+1)h < L: the farthest, so the "
        "least",
    )
    share = sp.integrate((width - t) / width**2, (t, k * h, (k + 1) * h))
    steps.equal(share, (k - shift) / (4 * k**2), "its probability", r"\frac{k-\frac12}{4k^2}")
    ratio = share * 2 * (k - 1)
    steps.equal(
        ratio,
        (k - shift) * (k - 1) / (divisor * k**2),
        "divided by the best, 1/(2(k−1))",
        r"\frac{(k-\frac12)(k-1)}{2k^2}",
    )
    steps.equal(
        R(1, 2) - ratio, (3 * k - 1) / (4 * k**2), "less than 1/2", r"\tfrac12-\frac{3k-1}{4k^2}"
    )
    steps.holds(sp.limit(ratio, k, sp.oo) == limit, "and 1/2 in the limit", r"\to\tfrac12")


# -- the best laws ---------------------------------------------------------------------------


def _a_neuron_counted_twice() -> Counterexample:
    # products γ^-2 and γ^-4, each with probability 1/2; segment i is [i, i + 1] in digits, ends in
    digits = 4
    atoms = {2: Fraction(1, 2), 4: Fraction(1, 2)}
    shares = [sum(p for at, p in atoms.items() if i <= at <= i + 1) for i in range(1, digits + 1)]
    assert min(shares) > Fraction(1, digits)
    return Counterexample(
        "a sample counts for one digit: count it for both segments that share the end it is on",
        {
            "k": digits,
            "|ab|": "γ⁻² or γ⁻⁴, 1/2 each",
            "closed segments": ", ".join(str(s) for s in shares),
        },
        f"every segment has more than 1/k = 1/{digits}",
    )


@claim(
    name="constant-inner-best",
    chapter=CHAPTER,
    title="constant |b| is best of all",
    statement=(
        r"Let $|b|=1$ and let $|a|$ be hyperbolic on $w_{\max}[\gamma^{-(k+1)},\gamma^{-1}]$. "
        r"Then $|ab|$ falls in each of the $k$ segments with probability exactly $\frac1k$; with "
        r"independent fair signs $c=\frac1{4k}$ for each digit and pair of signs, for $k\ge2$ "
        r"$\frac{2(k-1)}k$ times the best common range (for $k=1$ both are $\frac14$). "
        r"Conversely, if every sample counts for one digit only, then for **no** joint law of "
        r"$(a,b)$ do all $4k$ of these categories have a probability above $\frac1{4k}$. With "
        r"$b=+1$, for inputs that are at least 0, there are $2k$ categories and $c=\frac1{2k}$ is "
        r"best."
    ),
    source="★",
    kind="proof",
    uses=("equal-segments-iff-hyperbolic", "best-common-range"),
    wrong={"share": R(101, 100), "patterns": R(396, 100), "gain": R(202, 100)},
    refute=_a_neuron_counted_twice,
)
def constant_inner_best(steps: Steps, share: Any = 1, patterns: Any = 4, gain: Any = 2) -> None:
    i = sp.Symbol("i", integer=True, positive=True)
    mass = sp.integrate(1 / (k * h), (t, i * h, (i + 1) * h))
    steps.equal(
        mass,
        share / k,
        "ln|ab| = ln|a| is uniform on k segments of length h",
        r"\frac h{kh}=\frac1k",
    )
    steps.equal(
        R(1, 2) * R(1, 2) * mass,
        1 / (patterns * k),
        "two independent fair signs: a quarter of it",
        r"c=\frac1{4k}",
    )
    steps.equal(
        (mass / 4) / (1 / (8 * (k - 1))),
        gain * (k - 1) / k,
        "against the best common range, k ≥ 2",
        r"\frac{1/(4k)}{1/(8(k-1))}=\frac{2(k-1)}k",
    )
    steps.holds(sp.limit(gain * (k - 1) / k, k, sp.oo) == 2, "a factor that tends to 2")
    more = sp.Symbol("d", positive=True)
    steps.say(
        "conversely, categories that exclude each other have probabilities with a sum of at most 1"
    )
    for count, least, words in (
        (patterns, 4, "two signs of b, two of a, k digits"),
        (patterns / R(2), 2, "b > 0, two signs of a, k digits"),
    ):
        steps.equal(
            count * k * (1 + more) / (least * k) - 1,
            more,
            f"{words}: with more than 1/({least}k) each, say 1 + d times as much, d > 0, the sum "
            "would exceed 1",
            rf"{least}k\cdot\frac{{1+d}}{{{least}k}}-1=d>0",
        )
    steps.equal(
        mass * R(1, 2) * R(1, 2),
        1 / (4 * k),
        "constant |b| attains it for both signs of b",
        r"\tfrac12\cdot\tfrac12\cdot\tfrac1k=\tfrac1{4k}",
    )
    steps.equal(
        mass * R(1, 2),
        1 / (2 * k),
        "and b = +1 attains it for the one",
        r"\tfrac12\cdot\tfrac1k=\tfrac1{2k}",
    )


def _two_of_one_digit() -> Counterexample:
    def chance(p: Fraction) -> Fraction:  # of two samples in category 1 and one in category 2
        return 3 * p**2 * (1 - p)

    equal, other = chance(Fraction(1, 2)), chance(Fraction(2, 3))
    assert other > equal
    return Counterexample(
        "the same number is wanted of every category: want two of the first, one of the second",
        {"k": 2, "N": 3, "shares": "2/3, 1/3", "probability": other, "with equal shares": equal},
        "unequal shares fill the categories more often",
    )


@claim(
    name="equal-shares-fill-fastest",
    chapter=CHAPTER,
    title="equal shares fill the digits fastest",
    statement=(
        r"Let each of $N$ independent samples fall into category $i=1..k$ with probability $p_i$, "
        r"$\sum_ip_i\le1$, and into at most one. Let $m\ge1$ samples be wanted in each, and "
        r"$N\ge km$. The probability that every category gets its $m$ is largest for "
        r"$p_i=\frac1k$, and only there. The same holds for $N\ge2km$ and the $2k$ categories of "
        r"both halves of a weight, two of probability $p_i/4$ for each digit $i$ (independent fair "
        r"signs)."
    ),
    source="Folklore (coupon collector); applied here ★",
    kind="proof",
    wrong={"share": R(101, 200), "enough": R(99, 100), "enough_both": R(198, 100)},
    refute=_two_of_one_digit,
)
def equal_shares_fill_fastest(
    steps: Steps, share: Any = R(1, 2), enough: Any = 1, enough_both: Any = 2
) -> None:
    x, v = sp.symbols("x v", positive=True)
    m, i, e = sp.symbols("m i e", integer=True, positive=True)
    f, d = sp.symbols("f d", integer=True, nonnegative=True)

    def one(trials: Any, hits: Any) -> Any:  # probability of so many hits, each with probability x
        return sp.binomial(trials, hits) * x**hits * (1 - x) ** (trials - hits)

    n = i + f  # so that 1 ≤ i ≤ n
    slope = sp.diff(one(n, i), x) - n * (one(n - 1, i - 1) - one(n - 1, i))
    steps.equal(
        sp.combsimp(sp.powsimp(sp.expand_func(slope / one(n - 1, i - 1)), force=True)),
        0,
        "a term of the binomial law, 1 ≤ i ≤ n, has this derivative, so that sums of terms "
        "telescope",
        r"\tfrac{d}{dx}B_{n,x}(i)=n\bigl(B_{n-1,x}(i-1)-B_{n-1,x}(i)\bigr),\quad "
        r"B_{n,x}(i)=\tbinom nix^i(1-x)^{n-i}",
    )
    steps.say(
        "one category, the other probabilities fixed: n samples, a number whose law does not "
        "depend on p₁, fall into category 1 or outside, into 1 with a probability x that rises "
        "with p₁; m of them or more do so with a probability that has the derivative",
        r"\tfrac{d}{dx}\Pr[X\ge m]=n\,B_{n-1,x}(m-1)",
    )
    inside = one(m + f - 1, m - 1).subs(x, 1 / (1 + v))
    steps.holds(
        sp.simplify(inside).rewrite(sp.gamma).is_positive,
        "positive for n = m + f, f ≥ 0, and x = 1/(1 + v), v > 0: to move probability from outside "
        "into a category never harms, and helps if n ≥ m may happen while the others get their m",
        r"\tbinom{n-1}{m-1}x^{m-1}(1-x)^{n-m}>0",
    )
    steps.say(
        "two categories: of n samples in the two, with the share x of the first, both get m with a "
        "probability that is 0 for n < 2m, and otherwise has the derivative",
        r"\tfrac{d}{dx}\Pr[m\le X\le n-m]=n\bigl(B_{n-1,x}(m-1)-B_{n-1,x}(n-m)\bigr)",
    )
    n = 2 * m + e - 1
    power = (1 - x) ** e - x**e
    lower, upper = x ** (m - 1) * (1 - x) ** (n - m), x ** (n - m) * (1 - x) ** (m - 1)
    steps.equal(
        sp.gammasimp(sp.binomial(n - 1, n - m).rewrite(sp.gamma))
        - sp.gammasimp(sp.binomial(n - 1, m - 1).rewrite(sp.gamma)),
        0,
        "the two binomial coefficients agree; put n = 2m − 1 + e, e ≥ 1",
        r"\tbinom{n-1}{n-m}=\tbinom{n-1}{m-1}",
    )
    steps.equal(
        sp.expand(lower - upper),
        sp.expand(x ** (m - 1) * (1 - x) ** (m - 1) * power),
        "so the sign is that of the last factor of",
        r"x^{m-1}(1-x)^{n-m}-x^{n-m}(1-x)^{m-1}=\bigl(x(1-x)\bigr)^{m-1}\bigl((1-x)^e-x^e\bigr)",
    )
    steps.holds(
        (e * sp.log(1 + 2 * v)).is_positive
        and sp.simplify(((1 - x) / x).subs(x, 1 / (2 * (1 + v))) - (1 + 2 * v)) == 0,
        "positive for every x < 1/2, as (1 − x)/x = 1 + 2v for x = 1/(2 + 2v), v > 0; and by "
        "symmetry negative for every x > 1/2",
        r"\ln\frac{(1-x)^e}{x^e}=e\ln(1+2v)>0",
    )
    steps.equal(
        power.subs(x, share), 0, "so to have equal shares is best for any two", r"x=\tfrac12"
    )
    steps.say(
        "the probability is a polynomial in p on a compact set, so it has a maximum; there all p_i "
        "are positive, if equal shares have a positive probability"
    )
    steps.holds(
        ((enough - 1) * k * m).is_nonnegative,
        "they have, as m in each of the k categories need no more than N samples; so a sum below "
        "1 is not the maximum: with positive probability the others get m each and m are left",
        r"km\le N",
    )
    steps.holds(
        sp.expand(enough * (d + 2) * m - (d * m + 2 * m)).is_nonnegative,
        "nor are two different entries: with positive probability k − 2 = d get m and the two 2m",
        r"(k-2)m+2m\le N",
    )
    steps.say(
        "both halves: to raise the two probabilities of one digit one after the other never harms; "
        "for two digits, n and n' samples of either sign of b enter as two such factors, with the "
        "same x, each largest at x = 1/2"
    )
    steps.holds(
        sp.expand(enough_both * (d + 2) * m - 2 * (d * m + 2 * m)).is_nonnegative,
        "strictly if n, n' ≥ 2m while the others get m in either half, which has positive "
        "probability",
        r"2\bigl((k-2)m+2m\bigr)\le N",
    )


def _disc_is_worse_for_two_digits() -> Counterexample:
    disc, common = sp.pi / 8, R(1, 2)
    assert disc < common
    return Counterexample("k ≥ 3", {"k": 2, "π/(4k)": "π/8", "1/(2(k−1))": common}, "it does worse")


@claim(
    name="quarter-disc-law",
    chapter=CHAPTER,
    title="a common law that is better than 1/w",
    statement=(
        r"Let $|a|$ and $|b|$ be $\sqrt{w_{\max}}\,\gamma^{-1/2-kU^2}$ with independent $U$ "
        r"uniform on $[0,1]$. Then $|ab|$ falls in each of the $k$ segments with probability "
        r"exactly $\frac\pi{4k}$. For $k\ge3$ this exceeds $\frac1{2(k-1)}$, for large $k$ by a "
        r"factor that tends to $\frac\pi2$."
    ),
    source="★",
    kind="proof",
    uses=("best-common-range",),
    wrong={"area": R(79, 100), "least": 2, "gain": R(158, 100)},
    refute=_disc_is_worse_for_two_digits,
)
def quarter_disc_law(
    steps: Steps, area: Any = sp.pi / 4, least: Any = 3, gain: Any = sp.pi / 2
) -> None:
    x = sp.Symbol("x", nonnegative=True)
    i, radius = sp.symbols("i rho", positive=True)
    j = sp.Symbol("j", nonnegative=True)
    steps.say(
        "in units of the largest weight |ab| = γ^−(1 + k(U² + V²)): segment i is the ring between "
        "the radii √((i−1)/k) and √(i/k)",
        r"\tfrac{i-1}k\le U^2+V^2\le\tfrac ik",
    )
    disc = sp.simplify(sp.integrate(sp.sqrt(radius**2 - x**2), (x, 0, radius)))
    steps.equal(
        disc,
        sp.pi * radius**2 / 4,
        "quarter of a disc of radius ρ ≤ 1: inside the unit square",
        r"\int_0^\rho\sqrt{\rho^2-x^2}\,dx=\tfrac\pi4\rho^2",
    )
    inside = disc.subs(radius, sp.sqrt(t))
    ring = sp.simplify(inside.subs(t, i / k) - inside.subs(t, (i - 1) / k))
    steps.equal(ring, area / k, "all rings have the same area", r"\frac{\pi}{4k}")
    numerator = sp.expand(sp.simplify((ring - 1 / (2 * (k - 1))) * 4 * k * (k - 1)))
    steps.equal(
        numerator,
        (sp.pi - 2) * k - sp.pi,
        "compare with 1/(2(k−1)): the sign is that of",
        r"(\pi-2)k-\pi",
    )
    steps.holds(
        (sp.expand(numerator.subs(k, least)) + (sp.pi - 2) * j).is_nonnegative,
        f"which is positive at k = {least} and grows with k",
    )
    steps.holds(sp.limit(ring * 2 * (k - 1), k, sp.oo) == gain, "in the limit", r"\to\tfrac\pi2")


# -- one weight in a logarithm -----------------------------------------------------------------


def _uniform_products_fail() -> Counterexample:
    digits, risk = 10, 0.01
    count = int(sp.ceiling(4 * digits * sp.log(2 * digits / R(1, 100))))
    last = segment_probabilities(Uniform(1.0).product(), digits)[-1] / 4
    missing = (1 - last) ** count
    assert missing > risk
    return Counterexample(
        "every category has probability at least 1/(4k): draw a and b uniformly on [−1, 1]",
        {
            "k": digits,
            "δ": risk,
            "N": count,
            "Pr[last digit of one half missing]": f"{missing:.4g}",
        },
        "N samples fail more often than δ",
    )


@claim(
    name="one-weight-logarithmic",
    chapter=CHAPTER,
    title="one weight from log(1/ε) log(1/δ) samples",
    statement=(
        r"Let $1<\gamma\le\varphi$, $k\ge1$, $0<\delta<1$ and $0<|w|\le w_{\max}$. For each sign "
        r"of $b$ and each digit, the neurons with this sign of $b$, with the $a$ that gives $ab$ "
        r"the sign of $w$, and with $|ab|$ in the digit's segment are a category; let each of "
        r"these $2k$ have probability at least $c>0$ for one sample. Then "
        r"$N=\lceil\frac1c\ln\frac{2k}\delta\rceil$ independent samples hit all of them with "
        r"probability at least $1-\delta$. If they do, then for each sign of $b$ some of them "
        r"have products $ab$ with a sum $\hat w$ and $|\hat w-w|\le w_{\max}\gamma^{-k}$. With "
        r"$k=\lceil x\rceil$, $x=\log_\gamma\frac{w_{\max}}\varepsilon>0$, this is at most "
        r"$\varepsilon$; and with constant $|b|$ and independent fair signs $c=\frac1{4k}$ and "
        r"$N=\lceil4k\ln\frac{2k}\delta\rceil<4(x+1)\ln\frac{2(x+1)}\delta+1$."
    ),
    source="Orseau et al. 2020; the constants ★",
    kind="proof",
    uses=("sign-rule", "digits-suffice", "constant-inner-best", "orseau2020"),
    wrong={"categories": R(198, 100), "factor": R(396, 100)},
    refute=_uniform_products_fail,
)
def one_weight_logarithmic(steps: Steps, categories: Any = 2, factor: Any = 4) -> None:
    c, y = sp.symbols("c y", positive=True)
    curve = sp.exp(-u) - 1 + u
    steps.holds(
        curve.subs(u, 0) == 0 and sp.simplify(sp.diff(curve, u) - (1 - sp.exp(-u))) == 0,
        "1 − c ≤ e⁻ᶜ: the difference is 0 at c = 0 and has the derivative 1 − e⁻ᶜ ≥ 0",
        r"(1-c)^N\le e^{-cN}",
    )
    count = sp.log(categories * k / delta) / c
    union = sp.simplify(2 * k * sp.exp(-c * count))
    steps.equal(
        union,
        2 * delta / categories,
        "union bound: one of the 2k categories is missed with at most this probability",
        r"2k\,e^{-cN}\le\delta",
    )
    steps.holds(2 / sp.nsimplify(categories) <= 1, "which is at most δ")
    r, w = sp.symbols("r w", real=True)
    steps.holds(
        all(sp.Abs(sp.expand(sign * (w - r) - sign * w)) == sp.Abs(r) for sign in (1, -1)),
        "if all are hit, take one neuron of each category for each sign of b: by the lemma of "
        "sufficiency, scaled, some |ab| add up to |w| − r with 0 ≤ r ≤ w_max γ^-k; with the sign "
        "of w on every product, whichever it is",
        r"|\hat w-w|=r\le w_{\max}\gamma^{-k}",
    )
    spare = sp.Symbol("v", nonnegative=True)  # k = x + v
    steps.holds(
        (-spare * h).is_nonpositive,
        "k = x + v digits, v ≥ 0, are enough for ε",
        r"\ln\frac{w_{\max}\gamma^{-k}}\varepsilon=-v\ln\gamma\le0",
    )
    steps.equal(
        R(1, 2) * R(1, 2) / k,
        1 / (factor * k),
        "constant |b|: one digit of k, and two fair signs",
        r"c=\frac1{4k}",
    )
    slope = sp.diff(y * sp.log(2 * y / delta), y)
    steps.equal(
        slope,
        sp.log(2 * y / delta) + 1,
        "y ln(2y/δ) grows for y ≥ 1, as then 2y/δ > 1",
        r"\tfrac{d}{dy}\,y\ln\tfrac{2y}\delta=\ln\tfrac{2y}\delta+1",
    )
    steps.say(
        "and k < x + 1, while rounding up adds less than 1",
        r"N<4(x+1)\ln\tfrac{2(x+1)}\delta+1",
    )


def _lower_bound(digits: int, risk: Any) -> float:
    """The bound of the claim below."""
    return float(
        sp.log(2 * digits / sp.log(1 / (1 - risk))) / sp.log(R(4 * digits, 4 * digits - 1))
    )


def _atoms_need_fewer() -> Counterexample:
    digits, risk = 20, Fraction(1, 100)
    # each value has probability 1/k, and 1/4 for the signs; it lies in two closed segments, so
    # that 2k categories of probability 1/(4k) each are hit iff k values with signs are
    share = Fraction(1, digits) / 4
    assert share == Fraction(1, 4 * digits)
    bound = _lower_bound(digits, R(1, 100))
    for samples in range(digits, int(bound)):
        if all_hit(digits, share, samples) >= 1 - risk:
            return Counterexample(
                "a sample falls into at most one category: let it fall into two",
                {
                    "k": digits,
                    "|ab|": f"γ⁻², γ⁻⁴, …, γ^−{digits}, 1/{digits} each, else useless",
                    "δ": risk,
                    "N": samples,
                    "bound": round(bound, 1),
                },
                "each closed segment has 1/(4k) with its signs, and N samples hit all of them",
            )
    raise AssertionError("no counterexample")


@claim(
    name="one-weight-no-fewer",
    chapter=CHAPTER,
    title="filling every digit takes no fewer samples",
    statement=(
        r"Let $k\ge1$ and $0<\delta<1$, and let each sample fall into at most one of $2k$ "
        r"categories, into each with probability $\frac1{4k}$. If $N$ independent samples hit all "
        r"of them with probability at least $1-\delta$, then "
        r"$N\ge\ln\frac{2k}{\ln(1/(1-\delta))}\Big/\ln\frac{4k}{4k-1}$."
    ),
    source="★",
    kind="proof",
    uses=("constant-inner-best",),
    wrong={"categories": R(202, 100), "factor": R(404, 100)},
    refute=_atoms_need_fewer,
)
def one_weight_no_fewer(steps: Steps, categories: Any = 2, factor: Any = 4) -> None:
    p, q, x = sp.symbols("p q x", positive=True)
    steps.equal(
        p / (1 - q) - p,
        p * q / (1 - q),
        "let A: some given categories are all hit. Given that another one, j, is missed, each of "
        "them is likelier, p/(1−q) ≥ p instead of p",
    )
    n = sp.Symbol("n", integer=True, positive=True)
    steps.equal(
        sp.diff(1 - (1 - x) ** n, x),
        n * (1 - x) ** (n - 1),
        "and A is likelier if one of its categories is, the others being fixed: of the n samples "
        "that are not in the others, at least one is in it with a probability that does not fall "
        "as x rises; or draw every sample in j again, then no other category loses one",
        r"\tfrac{d}{dx}\bigl(1-(1-x)^n\bigr)=n(1-x)^{n-1}\ge0",
    )
    both, miss, gain = sp.symbols("P M e", nonnegative=True)
    steps.equal(
        both * (1 - miss) - (both - miss * (both + gain)),
        miss * gain,
        "so with P = Pr[A], M = Pr[j missed] and Pr[A | j missed] = P + e, e ≥ 0",
        r"\Pr[A]\Pr[j\text{ hit}]-\Pr[A,\,j\text{ hit}]=P(1-M)-\bigl(P-M(P+e)\bigr)=Me\ge0",
    )
    steps.say(
        "one category after the other, all are hit with at most the product",
        r"\Pr[\text{all hit}]\le\bigl(1-(1-\tfrac1{4k})^N\bigr)^{2k}",
    )
    curve = -sp.log(1 - x) - x
    steps.holds(curve.subs(x, 0) == 0, "ln(1−x) ≤ −x: −ln(1−x) − x is 0 at x = 0")
    steps.equal(sp.diff(curve, x), x / (1 - x), "and its derivative is at least 0 for 0 ≤ x < 1")
    tau, N = sp.symbols("tau N", positive=True)
    steps.say(
        "with τ = ln(1/(1−δ)), 1 − δ ≤ (1 − y)^(2k) ≤ e^(−2ky) for y = (1 − 1/(4k))^N gives 2ky ≤ "
        "τ",
        r"2k\bigl(1-\tfrac1{4k}\bigr)^N\le\tau",
    )
    edge = sp.log(2 * k / tau) / -sp.log(1 - 1 / (4 * k))
    steps.equal(
        sp.log(2 * k / tau) + N * sp.log(1 - 1 / (4 * k)),
        (N - edge) * sp.log(1 - 1 / (4 * k)),
        "take logarithms: N may not be below the bound, since ln(1 − 1/(4k)) < 0",
        r"N\ge\frac{\ln(2k/\tau)}{-\ln(1-1/(4k))}",
    )
    steps.holds(
        sp.log(2 / sp.nsimplify(categories)) >= 0,
        "the bound of the statement has at most this numerator",
        r"\ln\tfrac{2k}{\tau}",
    )
    steps.holds(
        sp.simplify(1 / (factor * k) - 1 / (4 * k)).is_nonnegative,
        "and at least this denominator, as 4k/(4k−1) = 1/(1 − 1/(4k))",
        r"\ln\tfrac{4k}{4k-1}",
    )


def _overlapping_categories_beat_the_product() -> Counterexample:
    # two categories that are one and the same: both are hit as soon as one is
    share, samples = Fraction(1, 4), 4
    both = 1 - (1 - share) ** samples
    bound = both**2
    if both <= bound:
        raise AssertionError("no counterexample")
    return Counterexample(
        "the categories are disjoint: let the two be the same",
        {"k": 1, "N": samples, "both hit": both, "product": bound},
        "they are hit together more often than the product says",
    )


@claim(
    name="one-weight-no-fewer-finite",
    chapter=CHAPTER,
    title="all hit is at most the product: exactly",
    statement=(
        r"For $k\in\{1,2,3,5,8\}$ and all $N<200$, $2k$ disjoint categories of probability "
        r"$\frac1{4k}$ are all hit by $N$ independent samples with probability at most "
        r"$\bigl(1-(1-\frac1{4k})^N\bigr)^{2k}$."
    ),
    source="★",
    kind="finite verification",
    wrong={
        "categories": 3,
        "factor": 5,
        "chance": lambda categories, p, samples: all_hit(categories, p, samples + 1),
    },
    refute=_overlapping_categories_beat_the_product,
)
def one_weight_no_fewer_finite(
    steps: Steps,
    categories: int = 2,
    factor: int = 4,
    chance: Callable[..., Fraction] = all_hit,
) -> None:
    for digits in (1, 2, 3, 5, 8):
        share = Fraction(1, 4 * digits)
        for samples in range(200):
            hit = chance(2 * digits, share, samples)
            bound = (1 - (1 - Fraction(1, factor * digits)) ** samples) ** (categories * digits)
            assert hit <= bound, f"k = {digits}, N = {samples}: {float(hit)} > {float(bound)}"
        steps.say(
            f"k = {digits}: every N < 200, by inclusion and exclusion in exact fractions",
            rf"\Pr[\text{{all {2 * digits} hit}}]\le\bigl(1-(1-\tfrac1{{{4 * digits}}})^N\bigr)"
            rf"^{{{2 * digits}}}",
        )


CLAIMS = (
    uniform_segments_cost,
    product_of_uniforms_cost,
    equal_segments_iff_hyperbolic,
    hyperbolic_product_law,
    best_common_range,
    naive_range,
    constant_inner_best,
    equal_shares_fill_fastest,
    quarter_disc_law,
    one_weight_logarithmic,
    one_weight_no_fewer,
    one_weight_no_fewer_finite,
)
