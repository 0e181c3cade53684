"""Claims of the chapter *subset_sum*."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from lpbook import batches, subsets
from lpbook._checks import Floats
from lpbook.batches import subset_sum_size
from lpbook.experiments.confidence import unlikely_mean
from lpbook.experiments.covered_intervals import missed_shares, stratified
from lpbook.ledger.legacy import Counterexample, Steps, claim

CHAPTER = "subset_sum"
Ints = NDArray[np.int64]

R, eps, eta, tau, kappa, delta = sp.symbols("R epsilon eta tau kappa delta", positive=True)
v, x = sp.symbols("v x", positive=True)


# -- random subset sums: how much one more number covers ----------------------------------------


def _density_on_half_the_range() -> Counterexample:
    # R = 1, X uniform on [-1, 1], so d = 1/2 there and κ would be 1; C = [1 - s, 1]
    s, shift = sp.Rational(1, 2), sp.Symbol("x")
    grown = (sp.integrate(s, (shift, -1, -s)) + sp.integrate(-shift, (shift, -s, 0))) / 2
    share = s / 2
    said = share * (1 + 1 * (1 - share))
    seen = share + grown / 2
    assert seen < said
    return Counterexample(
        "the density is at least d on all of [−2R, 2R] (on [−R, R] only)",
        {"R": 1, "X": "uniform on [-1, 1]", "C": "[1/2, 1]"},
        f"the mean of v′ is {seen}, below v(1 + κ(1 − v)) = {said},",
    )


@claim(
    name="subset-sum-step",
    chapter=CHAPTER,
    title="one more number",
    statement=(
        r"Let $C\subset[-R,R]$ be a finite union of intervals, "
        r"$v=\frac{\lvert C\rvert}{2R}>0$, let $X$ have a density that is at least $d>0$ on "
        r"$[-2R,2R]$, and "
        r"$C'=C\cup\bigl((C+X)\cap[-R,R]\bigr)$, $v'=\frac{\lvert C'\rvert}{2R}$, "
        r"$\kappa=2Rd$. Then $v\le v'\le2v$, $\mathrm E[v']\ge v(1+\kappa(1-v))$, and "
        r"$\mathrm E\bigl[\frac1{v'}-1\bigr]\le\bigl(1-\frac\kappa2\bigr)\bigl(\frac1v-1\bigr)$."
    ),
    source="★ (the process: da Cunha et al. 2023)",
    kind="proof",
    uses=("dacunha2023",),
    wrong={"growth": sp.Rational(101, 100), "share": sp.Rational(505, 1000)},
    refute=_density_on_half_the_range,
)
def subset_sum_step(
    steps: Steps, growth: Any = sp.Integer(1), share: Any = sp.Rational(1, 2)
) -> None:
    z, c = sp.symbols("z c", real=True)
    steps.say("z and c in [−R, R]: then z − c lies in [−2R, 2R], for", r"R\mp z\ge0,\ R\mp c\ge0")
    steps.equal(2 * R - (z - c), (R - z) + (R + c), "2R − (z − c) is a sum of two such terms")
    steps.equal(2 * R + (z - c), (R + z) + (R - c), "and so is 2R + (z − c)")
    d = kappa / (2 * R)
    steps.say(
        "so a z outside C is reached, X in z − C, with probability at least d|C|; |C| = 2Rv",
        r"\Pr[z\in C+X]\ge d\,\lvert C\rvert",
    )
    gain = d * (2 * R * v) * (2 * R * (1 - v)) / (2 * R)
    steps.equal(
        v + gain,
        v * (1 + growth * kappa * (1 - v)),
        "summed over all z outside C, of total length 2R(1 − v), and divided by 2R: the mean of v′ "
        "is at least",
        r"v+d\cdot2Rv\,(1-v)=v(1+\kappa(1-v))",
    )
    steps.equal(v + v, 2 * v, "C + X is as long as C, so v′ ≤ v + v; and v′ ≥ v", r"v\le v'\le2v")
    chord = 1 / v - (x - v) / (2 * v**2)
    steps.equal(chord.subs(x, v), 1 / v, "this line goes through (v, 1/v)", chord)
    steps.equal(
        chord.subs(x, 2 * v),
        1 / (2 * v),
        "and through (2v, 1/(2v))",
        r"\tfrac1v-\tfrac v{2v^2}=\tfrac1{2v}",
    )
    steps.equal(
        chord - 1 / x,
        (x - v) * (2 * v - x) / (2 * v**2 * x),
        "exceeds 1/x by a product that is at least 0 for v ≤ x ≤ 2v",
    )
    mean = sp.Symbol("m", positive=True)
    steps.equal(
        sp.diff(chord.subs(x, mean), mean),
        -1 / (2 * v**2),
        "so the mean of 1/v′ is at most the line at the mean m of v′; the line falls, so a bound "
        "for m from below will do",
        r"\mathrm E\tfrac1{v'}\le\tfrac1v-\tfrac{m-v}{2v^2}",
    )
    steps.equal(
        chord.subs(x, v * (1 + kappa * (1 - v))) - 1,
        (1 - kappa / 2) * (1 / v - 1),
        "at m = v(1 + κ(1 − v)), minus 1",
    )
    steps.holds(
        sp.Rational(1, 2) - share >= 0,
        "and 1/v − 1 ≥ 0: the potential shrinks by the factor of the statement",
        sp.Lt(0, 1 - share * kappa, evaluate=False),
    )


def _only_positive_numbers() -> Counterexample:
    # as dense as they must be, but on [0, 4R]: no sum is negative
    size = subset_sum_size(1.0, 0.01, 0.25, 0.01)
    draws = np.random.default_rng(0).uniform(0, 4, (200, size))
    lowest = draws.clip(max=0).sum(axis=1)  # the lowest subset sum of each draw
    missed = int((lowest == 0).sum())
    assert missed == len(draws)
    return Counterexample(
        "the density is at least d on [−2R, 2R] (on [0, 4R] instead)",
        {"R": 1, "ε": 0.01, "δ": 0.01, "n": size},
        f"in {missed} of {len(draws)} draws no sum is below 0, and w = −1 is missed by 1,",
    )


@claim(
    name="subset-sum-count",
    chapter=CHAPTER,
    title="how many numbers cover an interval",
    statement=(
        r"Let $X_1,X_2,\dots$ be independent, each with a density that is at least $d>0$ on "
        r"$[-2R,2R]$, and $\kappa=2Rd$. Let $0<\varepsilon<R$ and $0<\delta<1$. If "
        r"$n\ge\ln\bigl[\frac1\delta\bigl(\frac{2R}\varepsilon-1\bigr)"
        r"\bigl(\frac{4R}\varepsilon-1\bigr)\bigr]\big/\ln\frac1{1-\kappa/2}$, then with "
        r"probability at least $1-\delta$ *every* $w\in[-R,R]$ is within $\varepsilon$ of a subset "
        r"sum of $X_1,\dots,X_n$."
    ),
    source="★ (the order: Lueker 1998; the process: da Cunha et al. 2023)",
    kind="proof",
    uses=("subset-sum-step", "lueker1998", "dacunha2023"),
    wrong={
        "share": sp.Rational(505, 1000),
        "start": sp.Rational(198, 100),
        "gap": sp.Rational(396, 100),
    },
    refute=_only_positive_numbers,
)
def subset_sum_count(
    steps: Steps,
    share: Any = sp.Rational(1, 2),
    start: Any = sp.Integer(2),
    gap: Any = sp.Integer(4),
) -> None:
    n = sp.symbols("n", integer=True, nonnegative=True)
    s, number, c = sp.symbols("s X c", real=True)
    steps.say(
        "the process: C₀ = [−η, η], and Cₜ₊₁ is made of Cₜ by Xₜ₊₁ as in the step",
        r"C_{t+1}=C_t\cup\bigl((C_t+X_{t+1})\cap[-R,R]\bigr)",
    )
    steps.equal(
        (c + number) - (s + number),
        c - s,
        "every point of Cₜ is within η of a subset sum. Induction, base: C₀ and the empty sum; "
        "step: a point and its sum move together",
        r"(c+X)-(s+X)=c-s",
    )
    first = 1 / ((2 * eta) / (2 * R)) - 1
    steps.equal(
        first, R / eta - 1, "potential Ψₜ = 1/vₜ − 1, at the start", r"\Psi_0=\tfrac R\eta-1"
    )
    q = 1 - share * kappa
    steps.holds(
        sp.Rational(1, 2) - share >= 0,
        "by the step, given the past, the mean of Ψₜ₊₁ is at most this factor times Ψₜ",
        r"1-\tfrac\kappa2",
    )
    steps.equal(
        q * (q**n * first),
        q ** (n + 1) * first,
        "so E Ψₙ ≤ (1 − κ/2)ⁿ Ψ₀. Induction, base n = 0; step",
    )
    steps.equal(
        (eta + tau) - tau,
        eta,
        "let z be farther than η + τ from every subset sum: points up to τ from z are farther than "
        "this from all of them (triangle), so Cₙ misses them",
        r"(\eta+\tau)-\tau=\eta",
    )
    half = eps / 2
    surplus = sp.Symbol("s", positive=True)  # R - ε
    steps.equal(
        ((R - half) - (-R + half)).subs(R, eps + surplus),
        eps + 2 * surplus,
        "with η = τ = ε/2 and R = ε + s: R − τ exceeds −R + τ by this, so z ≤ R − τ or "
        "z ≥ −R + τ, and [z, z + τ] or [z − τ, z] lies inside [−R, R]",
        r"(R-\tau)-(-R+\tau)=\varepsilon+2s>0",
    )
    gone = tau / (2 * R)
    steps.equal(
        1 / (1 - gone) - 1,
        1 / (2 * R / tau - 1),
        "then vₙ ≤ 1 − τ/2R, so Ψₙ is at least",
    )
    steps.equal(
        q**n * first / (1 / (1 - gone) - 1),
        q**n * (R / eta - 1) * (2 * R / tau - 1),
        "Markov: the probability of that is at most E Ψₙ divided by this",
        r"\bigl(1-\tfrac\kappa2\bigr)^n\bigl(\tfrac R\eta-1\bigr)\bigl(\tfrac{2R}\tau-1\bigr)",
    )
    factor = ((R / eta - 1) * (2 * R / tau - 1)).subs({eta: half, tau: half})
    steps.equal(
        factor,
        (2 * R / eps - 1) * (4 * R / eps - 1),
        "for η = τ = ε/2 the two factors are",
        (2 * R / eps - 1) * (4 * R / eps - 1),
    )
    steps.holds(
        start >= 2 and gap >= 4,
        "the statement's are at least as large",
        (start * R / eps - 1) * (gap * R / eps - 1),
    )
    bound = sp.log(factor / delta) / sp.log(1 / (1 - kappa / 2))
    power = sp.exp(-bound * sp.log(1 / (1 - kappa / 2)))
    steps.equal(
        power * factor,
        delta,
        "at the n of the statement, not rounded, the bound is δ; it falls with n, as 0 < κ ≤ 1/2",
        r"\bigl(1-\tfrac\kappa2\bigr)^n\bigl(\tfrac{2R}\varepsilon-1\bigr)"
        r"\bigl(\tfrac{4R}\varepsilon-1\bigr)=\delta",
    )


def _arguments_of_size() -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    """ε, d, δ for R = 1, floats without rounding."""
    errors = [Fraction(1, 2**k) for k in (1, 2, 3, 6, 10, 20)]
    densities = [Fraction(1, 2**k) for k in (2, 3, 5, 8)]
    return itertools.product(errors, densities, [Fraction(1, 2**k) for k in (1, 4, 10)])


def _bound_at(n: int, epsilon: Fraction, density: Fraction) -> Fraction:
    return (1 - density) ** n * (2 / epsilon - 1) * (4 / epsilon - 1)


def _one_fewer(reach: float, epsilon: float, density: float, delta: float) -> int:
    return subset_sum_size(reach, epsilon, density, delta) - 1


def _one_number_fewer() -> Counterexample:
    for epsilon, density, risk in _arguments_of_size():
        n = _one_fewer(1.0, float(epsilon), float(density), float(risk))
        bound = _bound_at(n, epsilon, density)
        if bound > risk:
            return Counterexample(
                "the least n (one number fewer)",
                {"R": 1, "ε": epsilon, "d": density, "δ": risk, "n": n},
                f"the bound is {float(bound):.4g} > δ",
            )
    raise AssertionError("one number fewer does as well")


@claim(
    name="subset-sum-count-smallest",
    chapter=CHAPTER,
    title="the count is the least that the bound allows",
    statement=(
        r"`subset_sum_size(R, epsilon, d, delta)` is the least $n\ge0$ with "
        r"$\bigl(1-\frac\kappa2\bigr)^n\bigl(\frac{2R}\varepsilon-1\bigr)"
        r"\bigl(\frac{4R}\varepsilon-1\bigr)\le\delta$, for $R=1$, "
        r"$\varepsilon=2^{-1},2^{-2},2^{-3},2^{-6},2^{-10},2^{-20}$, "
        r"$d=2^{-2},2^{-3},2^{-5},2^{-8}$, $\delta=2^{-1},2^{-4},2^{-10}$."
    ),
    source="★",
    kind="finite verification",
    uses=("subset-sum-count",),
    wrong={"size": _one_fewer},
    refute=_one_number_fewer,
)
def subset_sum_count_smallest(
    steps: Steps, size: Callable[..., int] = batches.subset_sum_size
) -> None:
    cases = 0
    for epsilon, density, risk in _arguments_of_size():
        n = size(1.0, float(epsilon), float(density), float(risk))
        case = f"ε = {epsilon}, d = {density}, δ = {risk}: n = {n}"
        if _bound_at(n, epsilon, density) > risk:
            raise AssertionError(f"{case} is too small")
        if n > 0 and _bound_at(n - 1, epsilon, density) <= risk:
            raise AssertionError(f"{case} is not the smallest")
        cases += 1
    steps.holds(
        cases == 72,
        f"{cases} cases, in fractions: n satisfies the inequality, and n − 1 does not",
        r"(1-d)^n\bigl(\tfrac2\varepsilon-1\bigr)\bigl(\tfrac4\varepsilon-1\bigr)\le\delta",
    )


def _average_density() -> Counterexample:
    # R = 1, A = 2e: the mean of the density over [-2, 2] instead of its least value
    z, A = sp.symbols("z A", positive=True)
    density = sp.log(A / z) / (2 * A)
    mean = sp.integrate(density, (z, 0, 2)).subs(A, 2 * sp.E) / 2
    least = density.subs({A: 2 * sp.E, z: 2})
    assert sp.simplify(mean - least) > 0
    return Counterexample(
        "d is the least value of the density (its mean instead)",
        {"R": 1, "A": "2e", "z": 2},
        f"the density is {float(least):.4f}, and d would be {float(mean):.4f},",
    )


@claim(
    name="subset-sum-products",
    chapter=CHAPTER,
    title="products of two uniform weights",
    statement=(
        r"Let $a,b$ be independent and uniform on $[-\sqrt A,\sqrt A]$, $A\ge2R$. The density of "
        r"$ab$ is at least $d=\frac1{2A}\ln\frac A{2R}$ on $[-2R,2R]$, and no larger constant will "
        r"do: $\kappa=\frac RA\ln\frac A{2R}$. It is largest for $A=2eR$, where "
        r"$\kappa=\frac1{2e}$. For uniform numbers on $[-2R,2R]$, $\kappa=\frac12$, the largest "
        r"that any law has."
    ),
    source="★",
    kind="proof",
    uses=("product-density",),
    wrong={"best": sp.E * sp.Rational(101, 100), "value": sp.Rational(101, 200) / sp.E},
    refute=_average_density,
)
def subset_sum_products(steps: Steps, best: Any = sp.E, value: Any = 1 / (2 * sp.E)) -> None:
    z, A = sp.symbols("z A", positive=True)
    density = sp.log(A / z) / (2 * A)
    unit = -sp.log(z) / 2
    steps.say("density of a product of two uniform numbers on [−1, 1], at ±z, 0 < z ≤ 1", unit)
    steps.equal(
        sp.expand_log(unit.subs(z, z / A) / A),
        sp.expand_log(density),
        "ab is A times such a product: its density at ±z, 0 < z ≤ A, is",
        r"\tfrac1A\cdot\tfrac12\ln\tfrac Az=\tfrac1{2A}\ln\tfrac Az",
    )
    steps.equal(sp.diff(density, z), -1 / (2 * A * z), "it falls with z, so it is least at z = 2R")
    u = sp.Symbol("u", real=True)
    ratio = sp.exp(u)  # A / 2R >= 1
    k = (2 * R * density.subs(z, 2 * R)).subs(A, 2 * R * ratio)
    steps.equal(k, u * sp.exp(-u) / 2, "κ = 2Rd with A = 2R eᵘ, u ≥ 0")
    steps.equal(
        sp.diff(k, u),
        (1 - u) * sp.exp(-u) / 2,
        "its derivative is above 0 for u < 1 and below 0 for u > 1",
    )
    steps.equal(sp.log(best), 1, "so it is largest at u = 1, A = 2eR", r"\ln\tfrac A{2R}=1")
    steps.equal(k.subs(u, 1), value, "where it is", r"\kappa=\tfrac1{2e}")
    d = sp.Symbol("d", positive=True)
    steps.equal(
        d * 4 * R,
        2 * (2 * R * d),
        "any law: [−2R, 2R] has probability at least 4Rd = 2κ, and at most 1; uniform: equal to 1",
        r"2\kappa\le1",
    )


def _one_target_only() -> Counterexample:
    # b = 1, a uniform on [-2, 2]: in the shared layout the products ab = a are independent, κ = ½
    epsilon, risk, weights = Fraction(1, 2), Fraction(1, 2), 10**6
    n = subset_sum_size(1.0, float(epsilon), 0.25, float(risk))
    all_met = math.exp(-weights / 2**n)  # at least (1 - 2^-n)^N, see subset-sum-signs
    assert all_met < risk
    return Counterexample(
        "δ/m for each weight (δ itself)",
        {"w_max": 1, "m": weights, "ε": epsilon, "δ": risk, "M": n, "b": 1, "a": "U[−2, 2]"},
        f"by their signs alone, if all |w| > ε, all are met with probability at most {all_met:.1g} "
        "< 1 − δ",
    )


@claim(
    name="subset-sum-layer",
    chapter=CHAPTER,
    title="subset sums in a layer, shared layout",
    statement=(
        r"A layer with $n_i$ outputs, inputs at least 0, $m$ non-zero target weights in "
        r"$[-w_{\max},w_{\max}]$, $0<\varepsilon<w_{\max}$. Let every input own $M$ neurons with "
        r"$b>0$, all weights be independent and $ab$ have density at least $d$ on "
        r"$[-2w_{\max},2w_{\max}]$. If $M$ is at least the count of "
        r"{prf:ref}`subset-sum-count` for $R=w_{\max}$ and $\frac\delta m$ in place of $\delta$, "
        r"then with probability at least $1-\delta$ every target weight is within $\varepsilon$ "
        r"of a sum of some of its products. With no zero weight that is $\frac M{n_i}$ neurons per "
        r"target weight."
    ),
    source="★ (the idea: Pensia et al. 2020)",
    kind="proof",
    uses=("subset-sum-count", "union-bound", "pensia2020"),
    wrong={"weights": sp.Rational(99, 100)},
    refute=_one_target_only,
)
def subset_sum_layer(steps: Steps, weights: Any = sp.Integer(1)) -> None:
    m, outputs, inputs, width = sp.symbols("m n_i n_{i-1} M", positive=True)
    a, b, ones = sp.symbols("a b y", positive=True)
    steps.equal(
        a * (b * ones),
        (a * b) * ones,
        "for inputs y ≥ 0, a neuron with b > 0 adds ab to the weight if both edges are kept",
        r"a\,\sigma(by)=ab\,y",
    )
    steps.say(
        "one output and one input: the pairs (b, a) of the block's neurons are independent, so are "
        "their products; by the theorem the weight is missed with probability at most",
        r"\tfrac\delta m",
    )
    failed = m * delta / (weights * m)
    steps.holds(
        sp.simplify(1 - failed / delta) >= 0,
        "union bound over the m weights, which may depend on each other: in units of δ",
        sp.simplify(failed / delta),
    )
    steps.equal(
        inputs * width / (outputs * inputs),
        width / outputs,
        "neurons over weights, with no zero weight",
    )


# -- what no number of a wrong sign can do ------------------------------------------------------


def _shared_set() -> Counterexample:
    # numbers ±1, fair and independent; half of the weights 1, half -1, ε = 1/2; one set for all
    n, weights = 12, 10**6
    met = sum(
        len(set(signs)) == 2 for signs in itertools.product((-1, 1), repeat=n)
    )  # both signs: all weights are met
    chance = Fraction(met, 2**n)
    own = math.exp(-weights / 2**n)  # at least (1 - 2^-n)^N
    assert chance > own
    return Counterexample(
        "each weight has its own set (one set for all)",
        {"n": n, "N": weights, "numbers": "±1", "weights": "±1", "ε": "1/2"},
        f"all are met with probability {float(chance):.4f}, far above (1 − 2⁻ⁿ)ᴺ < 1e"
        f"{math.ceil(math.log10(own))},",
    )


@claim(
    name="subset-sum-signs",
    chapter=CHAPTER,
    title="all of one sign",
    statement=(
        r"Let $X_1,\dots,X_n$, $n\ge1$, be independent, each below 0 and above 0 with probability "
        r"$\frac12$. All have the same sign with probability $2^{1-n}$. If $N$ weights with "
        r"$\lvert w\rvert>\varepsilon\ge0$ have $n$ such numbers each, the signs of all $Nn$ "
        r"numbers independent, then all are "
        r"within $\varepsilon$ of a subset sum with probability at most $(1-2^{-n})^N$; for that "
        r"to be at least $1-\delta$, $0<\delta<1$, it is necessary that "
        r"$n\ge\log_2\frac{N(1-\delta)}\delta$."
    ),
    source="★",
    kind="proof",
    wrong={"both": sp.Rational(198, 100), "factor": sp.Rational(101, 100)},
    refute=_shared_set,
)
def subset_sum_signs(steps: Steps, both: Any = sp.Integer(2), factor: Any = sp.Integer(1)) -> None:
    n = sp.symbols("n", integer=True, positive=True)
    half = sp.Rational(1, 2)
    steps.equal(
        half**n + half**n,
        both * 2 ** (-n),
        "all above 0, or all below 0: two events that exclude each other",
        r"2^{-n}+2^{-n}=2^{1-n}",
    )
    w, s = sp.symbols("w s", positive=True)
    steps.equal(
        (w + s) - w,
        s,
        "w > ε and all numbers below 0: a sum −s of some of them misses w by w + s ≥ w > ε (and "
        "likewise with the signs exchanged)",
        r"w+s\ge w>\varepsilon",
    )
    steps.say(
        "so by its signs alone one weight fails with probability at least 2⁻ⁿ; the signs of the N "
        "sets are independent, and all succeed with probability at most",
        r"(1-2^{-n})^N",
    )
    t = sp.symbols("t", nonnegative=True)
    lower = -sp.log(1 - t) - t
    steps.equal(lower.subs(t, 0), 0, "for 0 ≤ t < 1 this is 0 at t = 0", lower)
    steps.equal(sp.diff(lower, t), t / (1 - t), "and its derivative is at least 0")
    upper = t / (1 - t) + sp.log(1 - t)
    steps.equal(upper.subs(t, 0), 0, "so is this", upper)
    steps.equal(sp.diff(upper, t), t / (1 - t) ** 2, "and its derivative is at least 0")
    steps.say(
        "(1 − 2⁻ⁿ)ᴺ ≥ 1 − δ means N · (−ln(1 − 2⁻ⁿ)) ≤ −ln(1 − δ); by the two inequalities then",
        r"N2^{-n}\le\frac\delta{1-\delta}",
    )
    steps.holds(
        1 - factor >= 0,
        "that is 2ⁿ ≥ N(1 − δ)/δ; the statement asks no more",
        r"2^n\ge\frac{N(1-\delta)}\delta",
    )


# -- how many are needed: drawn ------------------------------------------------------------------


GRID = np.linspace(-1, 1, 100)
"""Targets in [-1, 1] on which draws are tried."""
SHARE_ENOUGH = 0.001
"""100 targets are all met with probability 0.9 if one is missed at most so often on average."""
SHARE_TOO_MUCH = 0.001055
"""They are not if it is more often, since (1 - 0.001055)^100 < 0.9."""


def uniform_numbers(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Uniform on [-2, 2]: the best law of the theorem for R = 1."""
    return rng.uniform(-2, 2, shape)


def product_numbers(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """Products of two uniform weights, up to 2e: the best of the theorem for R = 1."""
    return 2 * math.e * rng.uniform(-1, 1, shape) * rng.uniform(-1, 1, shape)


def stratified_numbers(shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    """One in each of n equal slices of [-1, 1]."""
    return stratified(shape, 1.0, rng)


Draw = Callable[[tuple[int, ...], np.random.Generator], Floats]


def _tried(draw: Draw, n: int, draws: int, epsilon: float, seed: int = 0) -> float:
    """The mean share of the 100 targets that are missed."""
    rng = np.random.default_rng(seed)
    return float(missed_shares(draw, n, GRID, epsilon, draws, rng).mean())


def _enough_and_too_few(
    steps: Steps, name: str, draw: Draw, sizes: tuple[int, int], draws: tuple[int, int]
) -> None:
    """The first number of numbers is enough for 100 targets and δ = 0.1, the second is not."""
    assert Fraction(SHARE_ENOUGH) * GRID.size <= Fraction(0.1) + Fraction(1, 10**9)
    assert (1 - Fraction(SHARE_TOO_MUCH)) ** GRID.size < Fraction(9, 10)
    for size, count in zip(sizes, draws, strict=True):
        missed, trials = _tried(draw, size, count, 0.01), count * GRID.size
        words = f"{name}, n = {size}: {missed:.5f} of {trials:,} weights are missed; if it were "
        if size == sizes[0]:
            steps.holds(
                missed < SHARE_ENOUGH and unlikely_mean(missed, SHARE_ENOUGH, trials),
                words + f"{SHARE_ENOUGH} or more, so few would have probability at most 1e-6",
            )
        else:
            steps.holds(
                missed > SHARE_TOO_MUCH and unlikely_mean(missed, SHARE_TOO_MUCH, trials),
                words + f"{SHARE_TOO_MUCH} or less, so many would have probability at most 1e-6",
            )


def _half_the_range() -> Counterexample:
    n, draws = 17, 300
    missed = _tried(lambda shape, rng: rng.uniform(-1, 1, shape) / 4, n, draws, 0.01)
    assert missed > SHARE_TOO_MUCH
    assert unlikely_mean(missed, SHARE_TOO_MUCH, draws * GRID.size)
    return Counterexample(
        "numbers up to 2 (up to 1/4)",
        {"n": n, "ε": 0.01, "N": GRID.size},
        f"{missed:.3f} of {draws * GRID.size:,} weights are missed, too many",
    )


@claim(
    name="subset-sum-measured",
    chapter=CHAPTER,
    title="how many numbers are needed (measured)",
    statement=(
        r"$N=100$ weights, evenly spaced from $-1$ to $1$, own sets of $n$ numbers, "
        r"$\varepsilon=0.01$, $\delta=0.1$. Numbers uniform on $[-2,2]$: $n=17$ are enough, 15 are "
        r"not. Products of two uniform weights, up to $2e$: 18 are enough, 16 are not."
    ),
    source="★",
    kind="evidence",
    uses=("hoeffding1963", "union-bound"),
    wrong={"numbers": 15, "products": 16},
    refute=_half_the_range,
)
def subset_sum_measured(steps: Steps, numbers: int = 17, products: int = 18) -> None:
    steps.say(
        "let q be the mean probability with which one of the 100 weights is missed: all are met "
        "with probability at least 1 − 100q (union bound), and at most (1 − q)¹⁰⁰ (the mean of "
        "logarithms is at most the logarithm of the mean)"
    )
    _enough_and_too_few(steps, "uniform", uniform_numbers, (numbers, numbers - 2), (2500, 600))
    _enough_and_too_few(steps, "products", product_numbers, (products, products - 2), (1000, 2000))


# -- stratified numbers --------------------------------------------------------------------------


def _no_number_in_a_slice() -> Counterexample:
    m = 4  # h = 1; all eight numbers are at the far ends
    sums = {0}
    for number in (m, m, m, m, -m, -m, -m, -m):
        sums |= {s + number for s in sums}
    missed = min(abs(2 - s) for s in sums)
    assert missed > 1
    return Counterexample(
        "one number in every slice (all eight at the far ends)",
        {"h": 1, "numbers": "4, 4, 4, 4, -4, -4, -4, -4", "w": 2},
        f"w is missed by {missed} > h",
    )


@claim(
    name="stratified-spread",
    chapter=CHAPTER,
    title="stratified numbers, whatever is drawn",
    statement=(
        r"Cut $[-A,A]$ into $n=2m$ slices, $m\ge1$, of length $h=\frac{2A}n$, and let one number "
        r"lie in each slice, ends included, wherever it likes. Then every $w\in[-A,A]$ is within "
        r"$h$ of a subset sum; and for every $m$ there are such numbers for which some $w$ is off "
        r"by $h$."
    ),
    source="★",
    kind="proof",
    wrong={"window": sp.Rational(198, 100)},
    refute=_no_number_in_a_slice,
)
def stratified_spread(steps: Steps, window: Any = sp.Integer(2)) -> None:
    h = sp.Symbol("h", positive=True)
    j = sp.symbols("j", integer=True, positive=True)
    i = sp.symbols("i", integer=True, positive=True)
    steps.say(
        "x_j in [(j − 1)h, jh], j = 1..m, are the numbers at or above 0; S_j is the sum of the "
        "first j"
    )
    least = sp.summation((i - 1) * h, (i, 1, j - 1))
    steps.equal(least, h * (j - 1) * (j - 2) / 2, "S_{j−1} is at least", least)
    slack = sp.expand((window * h + least - j * h) * 2 / h)
    roots = sp.expand((j - 2) * (j - 3))
    steps.equal(
        slack,
        roots,
        "2h + S_{j−1} − x_j is at least h/2 times a product of two neighbouring integers, "
        "so not below 0",
        r"x_j\le2h+S_{j-1}",
    )
    steps.holds(
        [roots.subs(j, a) for a in (1, 2, 3)] == [2, 0, 0]
        and all(value > 0 for value in sp.Poly(roots.subs(j, i + 3), i).coeffs()),
        "(it is 2, 0, 0 for j = 1, 2, 3, and positive for j = i + 3: all coefficients are)",
        sp.Ge((j - 2) * (j - 3), 0, evaluate=False),
    )
    steps.say(
        "every t in [0, S_j + 2h] exceeds a sum of some of the first j by 0 to 2h. Induction, base "
        "j = 0: the empty sum; step: t ≤ S_{j−1} + 2h is the hypothesis"
    )
    rest, number, before = sp.symbols("t x_j S", nonnegative=True)
    steps.equal(
        (before + number + 2 * h - rest) - (before + 2 * h - (rest - number)),
        0,
        "step, t above S_{j−1} + 2h, so above x_j: t − x_j is at least 0 and at most S_{j−1} + 2h, "
        "the hypothesis holds for it, and x_j joins the sum",
        r"t-x_j\le S_{j-1}+2h",
    )
    m = sp.symbols("m", integer=True, positive=True)
    reach = (h * m * (m - 1) / 2 + h) - m * h
    steps.equal(
        reach,
        h * (m - 1) * (m - 2) / 2,
        "apply it to t = w + h, 0 ≤ w ≤ A = mh: t ≤ S_m + 2h, since S_m + h − mh is at least",
    )
    over = sp.Poly(sp.expand((m - 1) * (m - 2)).subs(m, i + 2), i)
    steps.holds(
        [((m - 1) * (m - 2)).subs(m, a) for a in (1, 2)] == [0, 0]
        and all(value >= 0 for value in over.coeffs()),
        "not below 0 (it is 0 for m = 1, 2, and for m = i + 2 no coefficient is negative)",
        sp.Ge((m - 1) * (m - 2), 0, evaluate=False),
    )
    steps.say("so w + h exceeds a sum by 0 to 2h: w is within h of it; for w < 0 mirror the slices")
    steps.equal(
        sp.Symbol("k", integer=True) * 2 * h - h - (sp.Symbol("k", integer=True) - 1) * 2 * h,
        h,
        "sharp: each slice has an end at an even multiple of h, so all sums may be even multiples; "
        "w = h lies between two of them, at distance h",
    )


def _stratified_on_one_side() -> Counterexample:
    n, draws = 11, 100
    missed = _tried(lambda shape, rng: np.abs(stratified_numbers(shape, rng)), n, draws, 0.01)
    assert missed > SHARE_TOO_MUCH
    assert unlikely_mean(missed, SHARE_TOO_MUCH, draws * GRID.size)
    return Counterexample(
        "slices on both sides of 0 (the signs dropped)",
        {"n": n, "ε": 0.01, "N": GRID.size},
        f"{missed:.3f} of {draws * GRID.size:,} weights are missed, too many",
    )


@claim(
    name="stratified-measured",
    chapter=CHAPTER,
    title="how many stratified numbers are needed (measured)",
    statement=(
        r"In the setting of {prf:ref}`subset-sum-measured`, with one uniform number in each of $n$ "
        r"equal slices of $[-1,1]$: $n=11$ are enough, 10 are not."
    ),
    source="★",
    kind="evidence",
    uses=("hoeffding1963", "union-bound"),
    wrong={"numbers": 10},
    refute=_stratified_on_one_side,
)
def stratified_measured(steps: Steps, numbers: int = 11) -> None:
    _enough_and_too_few(
        steps, "stratified", stratified_numbers, (numbers, numbers - 1), (1000, 500)
    )


# -- the solvers ---------------------------------------------------------------------------------


def _closest_pair_of_two() -> Counterexample:
    # exactly two numbers in all: the best pair need not be of neighbours in the line
    for numbers in itertools.permutations(range(1, 8), 4):
        left = [(sum(c), len(c)) for c in _combinations(numbers[:2])]
        for target in range(1, 15):
            right = [(target - sum(c), len(c)) for c in _combinations(numbers[2:])]
            line = sorted([(*key, 0) for key in left] + [(*key, 1) for key in right])
            pairs = [
                (abs(a[0] - b[0]), abs(p - q))
                for p, a in enumerate(line)
                for q, b in enumerate(line)
                if a[2] < b[2] and a[1] + b[1] == 2
            ]
            best = min(gap for gap, _ in pairs)
            if all(apart > 1 for gap, apart in pairs if gap == best):
                return Counterexample(
                    "all subsets count (only those of two numbers)",
                    {"numbers": numbers, "w": target},
                    f"the closest such subset, off by {best}, is no pair of neighbours",
                )
    raise AssertionError("always neighbours")


def _combinations(numbers: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for size in range(len(numbers) + 1):
        yield from itertools.combinations(numbers, size)


@claim(
    name="meet-in-the-middle",
    chapter=CHAPTER,
    title="neighbours meet in the middle",
    statement=(
        r"Split the numbers into two parts. Sort into one line the subset sums $l$ of the left "
        r"part and the differences $w-r$, $r$ a subset sum of the right part. Then the least "
        r"$\lvert l+r-w\rvert$ over all subsets is attained by neighbours in the line."
    ),
    source="Horowitz and Sahni 1974, in another form",
    kind="proof",
    uses=("horowitz1974",),
    wrong={"apart": 0},
    refute=_closest_pair_of_two,
)
def meet_in_the_middle(steps: Steps, apart: int = 1) -> None:
    left, right, w = sp.symbols("l r w", real=True)
    steps.equal(
        (left + right) - w,
        left - (w - right),
        "a subset is a pair of one element of either side, and its error is their distance",
    )
    p, q = sp.symbols("p q", nonnegative=True)
    steps.say(
        "take a closest pair with as few elements between it as possible (places in the line, ties "
        "in any order), and suppose that an element lies between, at distance p from its lower and "
        "q from its upper end",
        r"p,q\ge0",
    )
    for near, far, side in ((q, p, "lower"), (p, q, "upper")):
        steps.equal(
            (p + q) - near,
            far,
            f"if it is of the side of the {side} end, it makes a pair with the other end: closer "
            "or as close, with fewer elements between, which cannot be",
            rf"(p+q)-{near}={far}",
        )
    steps.holds(
        apart >= 1,
        "so nothing lies between: the places of the two differ by one",
    )


TUPLES = range(5)
PRIMES = (2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71)
LONG = (5, 6, 7, 8, 10, 12, 16, 20)
"""How many numbers the long sets have."""


def _long_set(n: int) -> Ints:
    """Squares of primes with alternating signs."""
    return np.array([(-1) ** i * p * p for i, p in enumerate(PRIMES[:n])])


def _long_targets(x: Ints) -> Ints:
    """80 integers, from below the least sum to above the largest."""
    return np.linspace(x.clip(max=0).sum() - 3, x.clip(min=0).sum() + 3, 80).astype(int)


def _fewest(x: Ints) -> tuple[Ints, Ints]:
    """All subset sums, and the fewest numbers that make each."""
    fewest = {0: 0}
    for number in x.tolist():
        for total, size in list(fewest.items()):
            fewest[total + number] = min(size + 1, fewest.get(total + number, x.size))
    return np.array(list(fewest)), np.array(list(fewest.values()))


def _short_sets() -> Iterator[tuple[Ints, Ints, Ints, Ints]]:
    """Numbers (rows, n), targets (t,), errors (rows, t, 2^n) of all codes, sizes (2^n,)."""
    targets = np.arange(-9, 10)
    for n in TUPLES:
        x = np.array(list(itertools.product(range(-2, 3), repeat=n)), dtype=np.int64)
        x = 2 * x.reshape(5**n, n)
        bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
        yield x, targets, (x @ bits.T)[:, None, :] - targets[:, None], bits.sum(axis=1)


def _best(errors: Ints, sizes: Ints, allowed: int | None) -> Ints:
    """The code that the definition asks for, by a look at all."""
    codes = np.arange(sizes.size)
    far = np.abs(errors)
    closest = (far * 8 + sizes) * 16 + codes  # exact: all are small integers
    if allowed is None:
        best: Ints = closest.argmin(axis=-1)
        return best
    sparsest = (sizes * 64 + far) * 16 + codes
    sparsest = np.where(far <= allowed, sparsest, 2**20 + closest)
    best = sparsest.argmin(axis=-1)
    return best


ALLOWED = (0, 1, 5)


def _check_solver(steps: Steps, solve: Callable[..., Any], allowed: tuple[int | None, ...]) -> None:
    """Compare a solver with brute force: numbers in units of 1/16, in integers."""
    cases = 0
    for x, targets, errors, sizes in _short_sets():
        for most in allowed:
            wanted = _best(errors, sizes, most)
            got = solve(*_arguments(targets, x, most))
            if not np.array_equal(got.codes, wanted):
                row, t = np.argwhere(got.codes != wanted)[0]
                told = f"code {got.codes[row, t]}, not {wanted[row, t]}"
                raise AssertionError(f"numbers {x[row] / 16}, target {targets[t] / 16}: {told}")
            seen = np.take_along_axis(errors, wanted[..., None], axis=-1)[..., 0]
            assert np.array_equal(got.errors * 16, seen)
            if most is not None:
                assert np.array_equal(got.found, np.abs(seen) <= most)
            cases += wanted.size
    steps.holds(
        cases > 0,
        f"all sets of up to 4 numbers from −2/8, −1/8, …, 2/8, targets j/16 from −9/16 to 9/16: "
        f"{cases:,} cases, the same subset as a look at all of them in integers",
    )
    cases = 0
    for n in LONG:
        x = _long_set(n)
        targets = _long_targets(x)
        sums, fewest = _fewest(x)
        far = np.abs(sums - targets[:, None])
        least = far.min(axis=1)
        size = np.where(far == least[:, None], fewest, n + 1).min(axis=1)
        for most in allowed:
            if most is not None:
                size_within = np.where(far <= 16 * most, fewest, n + 1).min(axis=1)
                found = size_within <= n
            for own in (False, True):
                rows = np.repeat(x[None], targets.size, axis=0) if own else x
                aims = targets[:, None] if own else targets
                got = solve(*_arguments(aims, rows, None if most is None else 16 * most))
                off = np.abs(got.errors.ravel() * 16)
                kept = got.sizes.ravel()
                if most is None:
                    right = (off == least) & (kept == size)
                else:
                    right = np.where(
                        found, (kept == size_within) & (off <= 16 * most), kept == size
                    )
                    right &= (got.found.ravel() == found) & (found | (off == least))
                if not right.all():
                    t = int(np.argmin(right))
                    raise AssertionError(f"{n} numbers {x} / 16, target {targets[t]} / 16")
                cases += targets.size
    steps.holds(
        cases > 0,
        f"n = {', '.join(map(str, LONG))} squares of primes over 16, alternating in sign, 80 "
        f"targets, one set for all and own sets: {cases:,} cases, errors and sizes as in the list "
        "of all sums with the fewest numbers for each",
    )


def _arguments(targets: Ints, x: Ints, most: int | None) -> tuple[Any, ...]:
    given = (targets / 16, x / 16)
    return given if most is None else (*given, most / 16)


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


def _greedy_is_not_closest() -> Counterexample:
    for x, targets, errors, _ in _short_sets():
        if x.shape[1] < 2:
            continue
        codes = greedy_subset(targets / 16, x / 16).codes
        seen = np.abs(np.take_along_axis(errors, codes[..., None].astype(int), axis=-1)[..., 0])
        worse = np.argwhere(seen > np.abs(errors).min(axis=-1))
        if worse.size:
            row, t = worse[0]
            return Counterexample(
                "all subsets are looked at (greedily, the largest first, instead)",
                {"numbers": (x[row] / 16).tolist(), "w": targets[t] / 16},
                f"greedy is off by {seen[row, t]}/16, the closest subset by "
                f"{np.abs(errors[row, t]).min()}/16,",
            )
    raise AssertionError("greedy is always as close")


@claim(
    name="closest-exact",
    chapter=CHAPTER,
    title="closest subsets are the closest",
    statement=(
        r"`closest_subset` gives the subset with the least $\lvert\text{error}\rvert$, of those "
        r"the one with the fewest numbers, of those the one with the smallest code: for all sets "
        r"of up to 4 numbers from $-\frac28,-\frac18,\dots,\frac28$ and all targets "
        r"$-\frac9{16},-\frac8{16},\dots,\frac9{16}$. For "
        r"$n=5,6,7,8,10,12,16,20$ numbers, $\pm\frac{p^2}{16}$ for the first $n$ primes $p$ with "
        r"alternating signs, and 80 targets from end to end, error and size are those."
    ),
    source="★",
    kind="finite verification",
    uses=("meet-in-the-middle",),
    wrong={"closest": greedy_subset},
    refute=_greedy_is_not_closest,
)
def closest_exact(steps: Steps, closest: Callable[..., Any] = subsets.closest_subset) -> None:
    _check_solver(steps, closest, (None,))


def _closest_instead(targets: Any, samples: Any, epsilon: float) -> subsets.Subsets:
    return subsets.closest_subset(targets, samples)


def _closest_is_not_sparsest() -> Counterexample:
    for x, targets, _, _ in _short_sets():
        if x.shape[1] < 3:
            continue
        near = subsets.closest_subset(targets / 16, x / 16)
        few = subsets.sparsest_subset(targets / 16, x / 16, 2 / 16)
        worse = np.argwhere(few.found & (near.sizes > few.sizes))
        if worse.size:
            row, t = worse[0]
            return Counterexample(
                "the fewest numbers within ε (the closest subset instead)",
                {"numbers": (x[row] / 16).tolist(), "w": targets[t] / 16, "ε": "1/8"},
                f"the closest keeps {near.sizes[row, t]} numbers where {few.sizes[row, t]} will do",
            )
    raise AssertionError("the closest is always the sparsest")


@claim(
    name="sparsest-exact",
    chapter=CHAPTER,
    title="sparsest subsets are the sparsest",
    statement=(
        r"`sparsest_subset` gives, among all subsets with "
        r"$\lvert\text{error}\rvert\le\varepsilon$, the one with the fewest numbers, of those "
        r"the closest, of those the one with the smallest code; where there is none, it says so "
        r"and gives the closest: for the same short sets and targets, "
        r"$\varepsilon=0,\frac1{16},\frac5{16}$. For the same long ones, "
        r"$\varepsilon=0,1,5$, size and whether one was found are those."
    ),
    source="★",
    kind="finite verification",
    wrong={"sparsest": _closest_instead},
    refute=_closest_is_not_sparsest,
)
def sparsest_exact(steps: Steps, sparsest: Callable[..., Any] = subsets.sparsest_subset) -> None:
    _check_solver(steps, sparsest, ALLOWED)


CLAIMS = (
    subset_sum_step,
    subset_sum_count,
    subset_sum_count_smallest,
    subset_sum_products,
    subset_sum_layer,
    subset_sum_signs,
    subset_sum_measured,
    stratified_spread,
    stratified_measured,
    meet_in_the_middle,
    closest_exact,
    sparsest_exact,
)
