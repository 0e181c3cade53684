"""Claims of the chapter *batch_sampling*."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from lpbook.batches import batch_size, output_batch_size, unserved
from lpbook.constructions import GoldenRatio
from lpbook.digits import PHI
from lpbook.ledger.core import Counterexample, Steps, claim
from lpbook.ledger.toolbox import binomial_tail
from lpbook.pooling import draw_pool

T, C = sp.symbols("t c", positive=True)


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
    wrong={"leading": sp.Rational(198, 100)},
    refute=_leading_three_halves,
)
def batch_lemma(steps: Steps, leading: Any = sp.Integer(2)) -> None:
    m, t, mu = sp.symbols("m t mu", positive=True)
    steps.say("one category; μ = Mc, t = ln(k/δ) > 0", r"t=\ln\tfrac k\delta")
    exponent = (mu - m) ** 2 / (2 * mu)
    steps.say(
        "the number X of its samples: Pr[X < m] ≤ Pr[Bin(M, c) ≤ m], and by Chernoff at most",
        r"\exp\bigl(-\tfrac{(\mu-m)^2}{2\mu}\bigr),\ m\le\mu",
    )
    steps.equal(
        sp.diff(exponent, mu),
        (mu - m) * (mu + m) / (2 * mu**2),
        "the exponent grows with μ ≥ m, so rounding M up only helps",
        r"\frac{d}{d\mu}\frac{(\mu-m)^2}{2\mu}=\frac{(\mu-m)(\mu+m)}{2\mu^2}\ge0",
    )
    least = leading * (m + t)
    steps.holds(
        all(value >= 0 for value in sp.Poly(least - m, m, t).coeffs()),
        "μ is at least m",
        sp.Eq(sp.Symbol("mu"), least, evaluate=False),
    )
    excess = sp.cancel(exponent.subs(mu, least) - t)
    top, bottom = sp.fraction(excess)
    steps.holds(
        all(value >= 0 for value in sp.Poly(bottom, m, t).coeffs())
        and all(value >= 0 for value in sp.Poly(top, m, t).coeffs()),
        "at this μ the exponent exceeds t by something not below 0",
        sp.factor(excess),
    )
    steps.say(
        "so one category fails with probability at most e^(−t) = δ/k, and k of them with at most δ",
        r"k\,e^{-t}=\delta",
    )


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
        r"$m'=m-1$, $t=\ln\frac k\delta$: the least $M$ for which Chernoff's bound gives "
        r"$\delta$. As $m\to\infty$, $\frac{Mc}m\to1$."
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
        all(w >= 0 for w in sp.Poly((m + t) ** 2 - m**2, m, t).coeffs()),
        "the product of its roots is m′² and their mean is m′ + t, so this is the larger root and "
        "no smaller μ ≥ m′ will do",
        r"\mu\ge m'+t\ge m'",
    )
    x = sp.symbols("x", positive=True)
    scaled = leading * (1 + t * x + sp.sqrt(t**2 * x**2 + under * t * x))
    shown = r"\frac\mu{m'}=1+tx+\sqrt{t^2x^2+2tx}"
    steps.equal(root.subs(m, 1 / x) * x, scaled, "in units of m′ = 1/x", shown)
    steps.holds(
        sp.limit(scaled, x, 0) == 1,
        "so it tends to 1 as m′ grows",
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


def _one_sample_fewer() -> Counterexample:
    for m, k, c, delta in _finite_set():
        size = batch_size(m, k, float(c), float(delta), "exact") - 1
        missed = k * binomial_tail(m, size, c)
        if missed > delta and size >= m:
            return Counterexample(
                "the exact count (one sample fewer)",
                {"m": m, "k": k, "c": c, "δ": delta, "M": size},
                f"the union bound is {_decimals(missed)} > δ",
            )
    raise AssertionError("one sample fewer does as well")


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
    refute=_one_sample_fewer,
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


def _least_for_union(needs: int, c: Fraction, delta: Fraction) -> int:
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


def _one_half_forgotten() -> Counterexample:
    c, delta = Fraction(1, 4), Fraction(1, 100)
    size = _least_for_union(1, c, delta)
    fails = 2 * (1 - c) ** size - (1 - 2 * c) ** size
    assert fails > delta
    return Counterexample(
        "both halves in the union bound (one of them only)",
        {"k": 1, "m": 1, "c": c, "δ": delta, "M": size},
        f"a half is missing with probability {_decimals(fails)} > δ",
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


@claim(
    name="shared-layout",
    chapter="batch_sampling",
    title="shared layout",
    statement=(
        r"If every *input* owns a block of that same $M$ neurons, and a neuron may serve every "
        r"output at once, then all digits are found with probability at least $1-\delta$. With "
        r"$n_i$ outputs and no zero weight that is $\frac M{n_i}$ neurons per target weight."
    ),
    source="★",
    kind="proof",
    uses=("coupon-collector", "union-bound"),
    wrong={"halves": sp.Rational(198, 100)},
    refute=_one_half_forgotten,
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


@claim(
    name="one-draw-for-all",
    chapter="batch_sampling",
    title="one draw for all networks",
    statement=(
        r"Shared blocks of $M$ neurons with $4kn_in_{i-1}(1-c)^M\le\delta$, at most "
        r"$M=\lceil\frac1c\ln\frac{4kn_in_{i-1}}\delta\rceil$, hold with probability at least "
        r"$1-\delta$ a ticket for **every** layer of that shape at once, whatever its weights in "
        r"$[-w_{\max},w_{\max}]$."
    ),
    source="★",
    kind="proof",
    uses=("shared-layout",),
    wrong={"signs": sp.Rational(396, 100)},
    refute=_signs_of_one_network_only,
)
def one_draw_for_all(steps: Steps, signs: Any = sp.Integer(4)) -> None:
    k, outputs, inputs = sp.symbols("k n_i n_{i-1}", positive=True)
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
    _union_over(steps, 4 * k * outputs * inputs, signs * k * outputs * inputs, "4kn_in_{i-1}")


# -- pooled ------------------------------------------------------------------------------------

Requirement = tuple[int, int]  # (edge, category); a category is (sign of a, digit)


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


def _all_open_at_once() -> Counterexample:
    # one output, six inputs, k = 1, positive weights: every requirement open
    signs = (1,) * 6
    outcomes, _ = _small_layer(1, 6, 1, signs)
    hits = [o for o in outcomes if o[0] == 0]
    others = Fraction(sum(sum(s >= 0 for s in o) - 1 for o in hits), len(hits))
    assert others > 2
    return Counterexample(
        "one open requirement in each category (all are open)",
        {"outputs": 1, "inputs": 6, "k": 1},
        f"a neuron that satisfies one satisfies {others} others on average, more than 2,",
    )


@claim(
    name="crowding",
    chapter="batch_sampling",
    title="a neuron is seldom wanted by many",
    statement=(
        r"Pooled layout, one open requirement in each of the $2k$ categories (sign of the "
        r"out-weight, digit), all signs fair and independent. Given that a fresh neuron satisfies "
        r"one open requirement, the number $N$ of others that it satisfies has mean at most 2; at "
        r"most $\frac32$ if $|a|$ and $|b|$ have the same law; at most $1-\frac1{2k}$ if $|b|$ is "
        r"constant and the $k$ digits are equally likely. The first two hold also if all $b>0$ and "
        r"the $k$ digits alone are the categories."
    ),
    source="★",
    kind="proof",
    wrong={
        "any_laws": sp.Rational(198, 100),
        "same_law": sp.Rational(1485, 1000),
        "constant": sp.Rational(99, 100),
    },
    refute=_all_open_at_once,
)
def crowding(
    steps: Steps,
    any_laws: Any = sp.Integer(2),
    same_law: Any = sp.Rational(3, 2),
    constant: Any = sp.Integer(1),
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
        "magnitudes: p_d of segment d; given segment d, another product with the same |a| lies in "
        "segment d′ with probability α_d′, one with the same |b| with probability β_d′",
        r"\sum_d p_d\le1,\quad\sum_{d'}\alpha_{d'}\le1,\quad\sum_{d'}\beta_{d'}\le1",
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
    steps.say("same law of |a| and |b|: α = β by symmetry, so the maximum is at most β + p/2")
    _at_least(steps, same_law, (2 * other_sign).subs(total), "same law")
    k = sp.symbols("k", integer=True, positive=True)
    steps.say(
        "|b| constant: the same |a| means the same digit, α_d′ = 0 for d′ ≠ d; β_d′ = p_d′ = 1/k",
        r"(k-1)\cdot\tfrac12\cdot\tfrac1k+k\cdot\tfrac12\cdot\tfrac1k",
    )
    found = (k - 1) * half / k + k * half / k
    steps.equal(found, 1 - 1 / (2 * k), "their sum")
    steps.holds(constant - 1 >= 0, "is at most the bound, 1 − 1/(2k)")
    steps.say(
        "all b > 0, categories d′: at most max{α, β/2, p/2}; its sum is at most 1 + ½ + ½, and "
        "with α = β at most 1 + ½"
    )
    one_sided = alpha + beta / 2 + p / 2
    _at_least(steps, any_laws, one_sided.subs(total), "any laws, b > 0")
    _at_least(steps, same_law, (alpha + p / 2).subs(total), "same law, b > 0")


def _at_least(steps: Steps, bound: Any, value: Any, words: str) -> None:
    gap = sp.expand(bound - value)
    coefficients = sp.Poly(gap, *sorted(gap.free_symbols, key=str)).coeffs()
    constant = gap.subs(dict.fromkeys(gap.free_symbols, 0))
    steps.holds(
        constant >= 0 and all(value >= 0 for value in coefficients),
        f"{words}: {bound} exceeds the sum by",
        gap,
    )


def _given_signs() -> dict[str, dict[tuple[bool, bool], Any]]:
    """How two requirements' signs go together, by enumeration of all fair signs.

    Keys: how the edges (0, 0) and (i, j) meet; then whether both want the same sign of their
    out-weights, and of their in-weights.
    """
    found: dict[str, dict[tuple[bool, bool], Any]] = {}
    for how, (i, j) in {
        "same edge": (0, 0),
        "same output": (0, 1),
        "same input": (1, 0),
        "no common end": (1, 1),
    }.items():
        found[how] = {}
        for out_sign, in_sign in itertools.product((1, -1), repeat=2):
            first = both = 0
            for a in itertools.product((1, -1), repeat=2):
                for b in itertools.product((1, -1), repeat=2):
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
        r"Layer with $m$ target weights; a random neuron is connected to all inputs and outputs, "
        r"keeps one edge of each kind, and satisfies a given requirement with probability at least "
        r"$c$. With $K=3$ for any laws, $K=\frac{12}5$ if $|a|$ and $|b|$ have the same law, "
        r"$K=\frac{4k}{2k+1}<2$ if $|b|$ is constant and digits are equally likely, the least $M$ "
        r"with $2k\Pr[\mathrm{Bin}(M,\frac cK)<m]\le\delta$ neurons serve all $2km$ requirements "
        r"with probability at least $1-\delta$."
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
    others = sp.symbols("N", integer=True, nonnegative=True)
    steps.say(
        "a fresh neuron satisfies the open requirement of category g with probability at least c; "
        "with N others satisfied it serves g with probability 1/(1 + N)"
    )
    for n, words in ((0, "through N = 0, 1"), (1, "through N = 1, 2")):
        line = sp.Rational(1, n + 1) - (others - n) / sp.Integer((n + 1) * (n + 2))
        steps.equal(
            1 / (1 + others) - line,
            (others - n) * (others - n - 1) / ((n + 1) * (n + 2) * (others + 1)),
            f"1/(1 + N) lies on or above its chord {words}: the difference is",
        )
    r = sp.symbols("r", integer=True, nonnegative=True)
    steps.holds(
        sp.expand((1 + r) * r).is_nonnegative and sp.expand(-r * (-r - 1)).is_nonnegative,
        "for whole N not below 0, as x(x − 1) ≥ 0 for every whole x (x = 1 + r and x = −r, r ≥ 0)",
        r"x(x-1)\ge0",
    )
    steps.say(
        "the mean of a chord is its value at the mean λ of N, bounded by the crowding lemma",
        r"\mathrm E\tfrac1{1+N}\ge\max\{1-\tfrac\lambda2,\ \tfrac23-\tfrac\lambda6\}",
    )
    mean = sp.symbols("lambda", nonnegative=True)
    first, second = 1 - mean / 2, sp.Rational(2, 3) - mean / 6
    for words, factor, chord, bound in (
        ("any laws, λ ≤ 2", any_laws, second, sp.Integer(2)),
        ("same law, λ ≤ 3/2", same_law, second, sp.Rational(3, 2)),
        ("|b| constant, λ ≤ 1 − 1/(2k)", constant * k / (2 * k + 1), first, 1 - 1 / (2 * k)),
    ):
        share = sp.simplify(chord.subs(mean, bound))
        # K share - 1 has the sign of a number: for the last law k drops out
        surplus = sp.simplify(factor * share - 1)
        steps.holds(
            surplus.is_number and surplus >= 0,
            f"{words}: the share is at least 1/K",
            sp.Ge(share, sp.simplify(1 / factor), evaluate=False),
        )
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
        r"In-weights $\pm1$, out-weights hyperbolic with $k$ equally likely digits; $n$ outputs, "
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


def _matched(extra: int, networks: int) -> int:
    """How many of the networks can be assigned with `extra` neurons above the minimum."""
    rng = np.random.default_rng(2020)
    k = _EXAMPLE["digits"]
    scheme = GoldenRatio(law="common").scheme(1.0, 1.0001 * PHI**-k)
    found = 0
    for _ in range(networks):
        weights = rng.choice([-1.0, 1.0], (_EXAMPLE["outputs"], _EXAMPLE["inputs"]))
        pool = draw_pool(weights, scheme, 2 * k * weights.size + max(extra, 0), rng)
        neurons = 2 * k * weights.size + extra
        found += pool.served_by_matching(neurons) == pool.requirements
    return found


def _below_the_minimum() -> Counterexample:
    found = _matched(-1, 20)
    assert found == 0
    return Counterexample(
        "at least one neuron for each requirement (one fewer)",
        {"neurons": 479, "requirements": 480},
        "no assignment exists in any of 20 networks",
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
    refute=_below_the_minimum,
)
def pooled_measured(steps: Steps, at_least: float = 0.75, networks: int = 200) -> None:
    found = _matched(1, networks)
    tolerance = math.sqrt(math.log(1e6) / (2 * networks))
    steps.say("maximum bipartite matching of neurons and requirements, 480 + 1 neurons")
    steps.holds(
        found / networks - tolerance > at_least,
        f"{found} of {networks} networks can be assigned; Hoeffding's one-sided tolerance for a "
        f"false alarm of 1e-6 is {tolerance:.3f}",
        rf"{found / networks:.3f}-{tolerance:.3f}>{at_least}",
    )


def _simulate_category(m: int, k: int, size: int, trials: int, bias: float = 0.5) -> float:
    """Frequency with which one category of one output is not served, from the weights drawn."""
    rng = np.random.default_rng(2006)
    open_ = np.ones((trials, m), dtype=bool)
    everyone = np.arange(trials)
    for _ in range(size):
        landed = rng.integers(2 * k, size=trials) == 0  # sign and digit of the out-weight
        right = open_ & (rng.random((trials, m)) < bias)  # in-weights with the right sign
        serves = landed & right.any(axis=1)
        open_[everyone[serves], right.argmax(axis=1)[serves]] = False
    return float(open_.any(axis=1).mean())


def _biased_signs() -> Counterexample:
    m, k, size, trials = 6, 8, 110, 4000
    found = _simulate_category(m, k, size, trials, bias=0.25)
    tolerance = math.sqrt(math.log(2e6) / (2 * trials))
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
        r"$m_i=6$, $k=8$: in 4,000 draws of $M_i=110$ neurons the frequency with which one "
        r"category is not served agrees with the $u(110)$ that is proved for it, up to "
        r"Hoeffding's tolerance 0.043."
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
    found = _simulate_category(m, k, 110, trials)
    wanted = unserved(size, m, 1 / (2 * k))
    tolerance = math.sqrt(math.log(2e6) / (2 * trials))
    steps.say(f"{trials:,} draws of 110 neurons, in-weights and out-weights as in the statement")
    steps.holds(
        abs(found - wanted) <= tolerance,
        f"frequency {found:.4f}, predicted {wanted:.4f}; Hoeffding's tolerance for a false alarm "
        f"of 1e-6 is {tolerance:.3f}",
    )
    neurons = _EXAMPLE["outputs"] * output_batch_size(m, k, _EXAMPLE["outputs"], 0.01)
    steps.say(f"at δ = 0.01 for 5 such outputs the proved count is {neurons:,} neurons")


CLAIMS = (
    batch_lemma,
    sharper_count,
    exact_count_monotone,
    exact_count_smallest,
    count_order,
    reserved_layout,
    shared_layout,
    one_draw_for_all,
    crowding,
    pooled_layout,
    pooled_layout_finite,
    pooled_by_output,
    pooled_measured,
    pooled_by_output_measured,
)
