"""Claims of the chapter *lower_bound*: why no one beats the logarithm."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import mpmath
import sympy as sp

from lpbook import lower_bounds
from lpbook.batches import batch_size
from lpbook.digits import PHI, count_digits
from lpbook.ledger.legacy import Counterexample, Steps, claim

CHAPTER = "lower_bound"
ONE = sp.Integer(1)

# w is w_max; t > 0 is how far a count of bits falls short of what is claimed
eps, w, radius, kappa, t = sp.symbols("epsilon w_max R kappa_n t", positive=True)
n, m, k = sp.symbols("n m k", integer=True, positive=True)
delta = sp.Symbol("delta", nonnegative=True)
keep = sp.Symbol("p", positive=True)  # p = 1 - δ

BITS = r"n\ge\log_2\frac{w_{\max}}\varepsilon"


def furthest(sums: Iterable[Any], epsilon: Any) -> Any:
    """The largest w such that [-w, w] is within ε of the sums, exactly; -1 if not even 0 is."""
    ordered = sorted(set(sums))
    return min(_end(ordered, epsilon), _end([-s for s in reversed(ordered)], epsilon))


def _end(ordered: Sequence[Any], epsilon: Any) -> Any:
    """Where the covered part that holds 0 ends on the right; -1 if 0 is not covered."""
    end: Any = -1
    for s in ordered:
        if abs(s) <= epsilon or (end >= 0 and s - epsilon <= end):
            end = s + epsilon
    return end


def subset_sums(numbers: Iterable[Any]) -> list[Any]:
    """The sums of all subsets, the empty one among them."""
    sums = [0]
    for number in numbers:
        sums += [number + s for s in sums]
    return sums


def _log_falls_short(steps: Steps, log_ratio: Any, words: str, formula: str = "") -> None:
    """A logarithm of (what is served) / (what is to be served) is negative, for every t > 0."""
    value = sp.simplify(sp.expand_log(sp.expand(log_ratio), force=True))
    steps.holds(
        value.is_negative, words, formula or rf"\ln\frac{{served}}{{all}}={sp.latex(value)}<0"
    )


# -- one weight ------------------------------------------------------------------------------------


def _three_states() -> Counterexample:
    numbers = (2, 6, 18)
    sums = [sum(d * x for d, x in zip(digits, numbers, strict=True))
            for digits in product((-1, 0, 1), repeat=3)]  # fmt: skip
    found = furthest(sums, 1)
    assert found > 2 ** len(numbers)
    return Counterexample(
        "a weight is kept or deleted, nothing else",
        {"numbers": numbers, "ε": 1, "w_max": found},
        f"if signs may be flipped too, 3 numbers reach every weight, fewer than "
        f"log₂ {found} = {math.log2(found):.2f}",
    )


@claim(
    name="counting-one-weight",
    chapter=CHAPTER,
    title="counting, one weight",
    statement=(
        r"Let $0<\varepsilon\le w_{\max}$ and let $S$ be a set of at most $2^n$ real numbers. If "
        r"every $w\in[-w_{\max},w_{\max}]$ is within $\varepsilon$ of a member of $S$, then "
        r"$n\ge\log_2\frac{w_{\max}}\varepsilon$. For every whole $n\ge0$ some $S$ and $w_{\max}$ "
        r"attain it."
    ),
    source="Folklore; for matrices, Pensia et al. 2020",
    kind="proof",
    wrong={"states": sp.Rational(202, 100), "factor": sp.Rational(101, 100)},
    refute=_three_states,
)
def counting_one_weight(steps: Steps, states: Any = sp.Integer(2), factor: Any = ONE) -> None:
    s, a, b, both = sp.symbols("s A I B", nonnegative=True)
    j, N = sp.symbols("j N", integer=True, nonnegative=True)
    steps.equal((s + eps) - (s - eps), 2 * eps, "one member serves an interval of this length")
    steps.holds(
        ((a + b) - (a + b - both)).is_nonnegative,
        "lengths at most add up: one more interval of length I adds what it does not share",
        r"|A\cup I|=|A|+|I|-|A\cap I|\le|A|+|I|",
    )
    steps.say("if n falls short by t > 0", r"n=\log_2\frac{w_{\max}}\varepsilon-t")
    falls_short = sp.log(factor * w / eps) / sp.log(2) - t
    _log_falls_short(
        steps,
        falls_short * sp.log(states) + sp.log(2 * eps) - sp.log(2 * w),
        "then all intervals together are shorter than the range",
        r"\ln\frac{2^n\cdot2\varepsilon}{2w_{\max}}=-t\ln2<0",
    )
    centre = eps * (2 * j + 1 - 2**N)
    steps.equal(
        centre.subs(j, j + 1) - eps, centre + eps, "attained: equally spaced intervals touch"
    )
    steps.equal(centre.subs(j, 0) - eps, -(2**N) * eps, "the first one begins at")
    steps.equal(centre.subs(j, 2**N - 1) + eps, 2**N * eps, "the last one ends at, which is w_max")


def _fixed_weight() -> Counterexample:
    numbers, fixed = (2, 4), -3
    found = furthest([fixed + s for s in subset_sums(numbers)], 1)
    assert found > 2 ** len(numbers) - 1
    return Counterexample(
        "every number may be deleted",
        {"numbers": numbers, "always kept": fixed, "ε": 1, "w_max": found},
        f"they reach more than (2² - 1) ε = {2 ** len(numbers) - 1}",
    )


@claim(
    name="chosen-numbers",
    chapter=CHAPTER,
    title="numbers chosen as well as possible",
    statement=(
        r"Let $n\ge1$ and $\varepsilon>0$. There are numbers $x_1,\dots,x_n$ whose subset sums "
        r"(the empty one counts) come within $\varepsilon$ of every "
        r"$w\in[-w_{\max},w_{\max}]$ if and only if $w_{\max}\le(2^n-1)\,\varepsilon$."
    ),
    source="★",
    kind="proof",
    uses=("counting-one-weight",),
    wrong={"less": sp.Rational(99, 100)},
    refute=_fixed_weight,
)
def chosen_numbers(steps: Steps, less: Any = ONE) -> None:
    i, h = sp.symbols("i h", integer=True, nonnegative=True)
    steps.say("if: take", r"2\varepsilon,4\varepsilon,\dots,2^{n-1}\varepsilon,\ -2^n\varepsilon")
    steps.equal(
        2**i - 1 + 1, 2**i, "sums of the first i are 2ε times 0, …, 2^i - 1; one more number, 2^i,"
        " adds a copy that begins where they end (induction on i from i = 0)",
    )  # fmt: skip
    top = 2 * eps * (2 ** (n - 1) - 1) + eps
    bottom = -(2**n) * eps - eps
    steps.equal(
        2 * eps * (2 ** (n - 1) - 1) - 2**n * eps + 2 * eps, 0,
        "with the negative number a second copy ends 2ε below 0: no gap",
    )  # fmt: skip
    steps.equal(top, (2**n - 1) * eps, "the highest sum serves up to")
    steps.holds(
        sp.simplify(top - (2**n - less) * eps).is_nonnegative,
        "which is far enough",
        r"w_{\max}\le(2^n-1)\varepsilon",
    )
    steps.holds(sp.simplify(-bottom - top).is_positive, "the lowest one serves further down")
    steps.say(
        "only if: let the 2^n - 1 other sums be P positive ones and Q others; of (ε, w_max] only "
        "positive sums serve anything, of [-w_max, -ε) only others",
        r"P+Q=2^n-1",
    )
    fewer = sp.Symbol("Q", nonnegative=True)
    steps.holds(
        sp.expand((eps + 2 * eps * fewer + t) - eps - 2 * eps * fewer).is_positive,
        "if w_max were larger by t > 0, the side with fewer sums would be longer than their "
        "intervals, by t",
        r"w_{\max}\le\varepsilon+2\varepsilon\min\{P,Q\}",
    )
    smaller = 2 ** (n - 1) - 1 - h
    steps.equal(
        (2**n - 1 - smaller) - smaller,
        2 * h + 1,
        "P and Q have an odd sum, so they differ by 2h + 1, h ≥ 0, and the smaller one is",
        r"\min\{P,Q\}=2^{n-1}-1-h",
    )
    steps.holds(
        sp.simplify((2**n - less) - (1 + 2 * smaller)).is_nonnegative,
        "so the reach is at most",
        r"w_{\max}\le\varepsilon\,(2^n-1-2h)\le(2^n-1)\,\varepsilon",
    )


def _no_negative_number() -> Counterexample:
    numbers = (2, 4, 8)
    found = furthest(subset_sums(numbers), 1)
    assert found < 2 ** len(numbers) - 1
    return Counterexample(
        "one of the numbers is negative",
        {"numbers": numbers, "ε": 1},
        f"binary digits reach only w_max = {found} on the negative side",
    )


@claim(
    name="chosen-numbers-finite",
    chapter=CHAPTER,
    title="no set of small whole numbers does better",
    statement=(
        r"With $\varepsilon=1$: of all sets of $n\le4$ non-zero whole numbers between $-16$ and "
        r"$16$ (0 adds no sum) none reaches further than $w_{\max}=2^n-1$, and the numbers of "
        r"`chosen_numbers` reach it for $2\le n\le10$."
    ),
    source="★",
    kind="finite verification",
    uses=("chosen-numbers",),
    wrong={
        "less": Fraction(101, 100),
        "numbers": lambda epsilon, top: abs(lower_bounds.chosen_numbers(epsilon, top)),
    },
    refute=_no_negative_number,
)
def chosen_numbers_finite(
    steps: Steps,
    less: Any = 1,
    numbers: Callable[[float, float], Any] = lower_bounds.chosen_numbers,
) -> None:
    whole = [x for x in range(-16, 17) if x]
    for count in range(1, 5):
        most = max(furthest(subset_sums(chosen), 1) for chosen in combinations(whole, count))
        steps.holds(
            most <= 2**count - less,
            f"n = {count}: the furthest reach of all sets",
            rf"w_{{\max}}={most}",
        )
    for count in range(2, 11):
        top = 2**count - 1
        found = [int(x) for x in numbers(1.0, float(top))]
        steps.holds(
            len(found) == count and furthest(subset_sums(found), 1) == top,
            f"n = {count}: the chosen numbers reach",
            rf"w_{{\max}}={top}",
        )


def _coin() -> Counterexample:
    # w_max = 1, ε = 1/2, one number s = ± 1/2 by a fair coin, no mask at all: n = 0
    epsilon, grid = Fraction(1, 2), [Fraction(i, 8) for i in range(-8, 9)]
    chance = min(Fraction(sum(abs(x - s) <= epsilon for s in (-epsilon, epsilon)), 2) for x in grid)
    # on each half of the range one of the two serves everything, so the grid misses nothing
    assert chance == Fraction(1, 2)
    assert math.log2(1 / epsilon) > 0
    return Counterexample(
        "the factor 1 - δ",
        {"n": 0, "w_max": 1, "ε": epsilon, "s": "± 1/2, a fair coin"},
        f"every w is served with probability at least {chance}, and n = 0 < log₂(w_max/ε) = 1",
    )


@claim(
    name="counting-random",
    chapter=CHAPTER,
    title="counting, with luck",
    statement=(
        r"Let $S$ be a random set of at most $2^n$ real numbers, of any law. If every fixed "
        r"$w\in[-w_{\max},w_{\max}]$ is within $\varepsilon$ of a member of $S$ with probability "
        r"at least $1-\delta$, $0\le\delta<1$, then "
        r"$n\ge\log_2\frac{(1-\delta)\,w_{\max}}\varepsilon$. Where "
        r"$\frac{w_{\max}}\varepsilon=K$ is a whole number, some random $S$ attains it for each "
        r"$1-\delta=\frac{2^n}K\le1$. If with positive probability $S$ serves all $w$ at once, the "
        r"bound holds with $\delta=0$."
    ),
    source="★; the expected covered length in place of a covering",
    kind="proof",
    uses=("counting-one-weight",),
    wrong={"factor": sp.Rational(101, 100)},
    refute=_coin,
)
def counting_random(steps: Steps, factor: Any = ONE) -> None:
    N, K = sp.symbols("N K", integer=True, positive=True)
    steps.say(
        "C, the length of the part of the range that S serves, is the integral of an indicator, "
        "and so is its mean (Tonelli)",
        r"\mathrm E[C]=\int_{-w_{\max}}^{w_{\max}}\Pr[w\text{ is served}]\,dw",
    )
    more = sp.Symbol("r", nonnegative=True)
    steps.holds(
        sp.simplify(
            sp.integrate(keep + more, (sp.Symbol("w"), -w, w)) - 2 * keep * w
        ).is_nonnegative,
        "with probability p + r, r ≥ 0, p = 1 - δ, for every w",
        r"\mathrm E[C]\ge2(1-\delta)\,w_{\max}",
    )
    steps.say("and in every draw C is at most, by counting", r"C\le2^n\cdot2\varepsilon")
    falls_short = sp.log(factor * keep * w / eps) / sp.log(2) - t
    _log_falls_short(
        steps,
        falls_short * sp.log(2) + sp.log(2 * eps) - sp.log(2 * keep * w),
        "if n falls short by t > 0, every draw serves less than that mean",
        r"\ln\frac{2^n\cdot2\varepsilon}{2(1-\delta)w_{\max}}=-t\ln2<0",
    )
    steps.equal(
        sp.binomial(K - 1, N - 1) / sp.binomial(K, N),
        N / K,
        "attained: cut the range into K cells of length 2ε and draw the middles of N = 2^n of "
        "them; a given cell is among them with probability",
    )
    steps.equal(
        sp.log((N / K) * (K * eps) / eps), sp.log(N), "so that with 1 - δ = N/K and w_max = Kε",
        r"\log_2\frac{(1-\delta)w_{\max}}\varepsilon=\log_2N=n",
    )  # fmt: skip


def _antithetic() -> Counterexample:
    # a number and its negative, both drawn: one of them always has the right sign
    signs = [(s, -s) for s in (-1, 1)]
    for target in (-1, 1):
        assert all(any(s * target > 0 for s in pair) for pair in signs)
    draws, failure = 2, Fraction(1, 8)
    assert draws < lower_bounds.independent_numbers(float(failure))
    return Counterexample(
        "the draws are independent",
        {"draws": "x and -x, x = ± 1 by a fair coin", "w": "± 1", "δ": failure},
        f"both weights are reached in every draw, with {draws} numbers instead of "
        f"{lower_bounds.independent_numbers(float(failure)):.0f}",
    )


@claim(
    name="independent-draws",
    chapter=CHAPTER,
    title="what independence costs",
    statement=(
        r"Let $w_1,\dots,w_N$ be weights with $|w_i|>\varepsilon$, each with $n$ random numbers of "
        r"its own, all $nN$ independent, each having the sign of its weight with probability at "
        r"most $q\in(0,1)$. If with probability at least $1-\delta$, $0<\delta<1$, every $w_i$ is "
        r"within $\varepsilon$ of a subset sum of its numbers, then "
        r"$n\ge\log_{1/(1-q)}\frac1u$ with $u=1-(1-\delta)^{1/N}\le\frac1N\ln\frac1{1-\delta}$. "
        r"For symmetric numbers $q=\frac12$. For one half of a weight made of ReLU neurons whose "
        r"two weights are independent and symmetric, "
        r"the same holds for $n$ neurons with $q=\frac14$."
    ),
    source="★",
    kind="proof",
    wrong={"symmetric": sp.Rational(495, 1000), "relu": sp.Rational(2475, 10000)},
    refute=_antithetic,
)
def independent_draws(
    steps: Steps, symmetric: Any = sp.Rational(1, 2), relu: Any = sp.Rational(1, 4)
) -> None:
    r, x, y, z = sp.symbols("r x y z", nonnegative=True)
    N = sp.Symbol("N", integer=True, positive=True)
    f = sp.Symbol("f", positive=True)
    steps.holds(
        ((eps + t) - (-r) - eps).is_positive,
        "a weight w = ε + t without a number of its sign: a subset sum is -r ≤ 0, and misses by",
        r"w-(-r)=\varepsilon+t+r>\varepsilon",
    )
    q, less = sp.symbols("q s", nonnegative=True)
    steps.holds(
        ((1 - (q - less)) - (1 - q)).is_nonnegative,
        "a number has its sign with probability q - s, s ≥ 0, so it does not with at least 1 - q, "
        "and all n independent ones do not with at least",
        r"v=(1-q)^n",
    )
    steps.say(
        "so all N weights are reached, independently, with probability at most",
        r"1-\delta\le(1-v)^N",
    )
    v, rest = sp.symbols("v r", positive=True)
    steps.holds(
        sp.diff((1 - v) ** N, v).subs(v, 1 - rest).is_negative,
        "the right side falls with v on (0, 1)",
    )
    steps.equal(
        (keep ** (ONE / N)) ** N,
        keep,
        "and equals p = 1 - δ at v = u = 1 - p^(1/N), so v is at most u",
        r"(1-q)^n\le1-(1-\delta)^{1/N}=u",
    )
    gap = f - 1 + sp.exp(-f)
    steps.equal(gap.subs(f, 0), 0, "with f = (1/N) ln(1/(1-δ)) > 0, u = 1 - e^-f: f - u is 0 at 0")
    rising = sp.diff(gap, f).subs(f, sp.log(1 + t))
    steps.holds(sp.simplify(rising).is_positive, "and rises", r"\tfrac{d}{df}(f-u)=1-e^{-f}>0")
    # a symmetric number is 0 with probability x and positive with probability (1 - x)/2
    steps.holds(
        (symmetric - sp.Rational(1, 2) + x / 2).is_nonnegative,
        "a symmetric number is 0 with probability x, and of either sign with probability",
        r"\tfrac12(1-x)\le q",
    )
    # y = 1 - z is the probability that b is 0
    steps.equal(
        sp.Rational(1, 4) - (1 - x) / 2 * z / 2,
        ((1 - z) + x * z) / 4,
        "a neuron: b ≠ 0 with probability z, a = 0 with probability x; both signs are right with "
        "probability (1-x)z/4, which differs from 1/4 by",
    )
    steps.holds(
        (relu - sp.Rational(1, 4) + (y + x * z) / 4).is_nonnegative,
        "with y = 1 - z ≥ 0 the probability is at most",
        r"\tfrac14(1-x)z\le q",
    )


# -- volumes ---------------------------------------------------------------------------------------


def _larger_constant() -> Counterexample:
    # κ² < 2.02 n/(π e) at n = 2000 iff 1000! < (1010/e)^1000
    mpmath.iv.prec = 200
    try:
        left = mpmath.iv.log(mpmath.iv.mpf(math.factorial(1000)))
        right = 1000 * (mpmath.iv.log(1010) - 1)
        assert left.b < right.a
    finally:
        mpmath.iv.prec = 53
    kappa_2000 = lower_bounds.column_constant(2000)
    return Counterexample(
        "the constant is at most 2",
        {"constant": 2.02, "n": 2000},
        f"κ = {kappa_2000:.3f} < √(2.02 n/(πe)) = {math.sqrt(2.02 * 2000 / math.pi / math.e):.3f}",
    )


@claim(
    name="ball-constant",
    chapter=CHAPTER,
    title="the cube as large as a ball",
    statement=(
        r"Let $V_n=\pi^{n/2}/\Gamma(\frac n2+1)$ be the volume of the ball of radius 1 in "
        r"$\mathbb R^n$ and $\kappa_n=2V_n^{-1/n}$. Then $\kappa_1=1$, and "
        r"$\kappa_n\ge\max\bigl\{1,\sqrt{2n/(\pi e)}\bigr\}$ for all $n\ge1$."
    ),
    source="Classical",
    kind="proof",
    wrong={"constant": sp.Rational(202, 100)},
    refute=_larger_constant,
)
def ball_constant(steps: Steps, constant: Any = sp.Integer(2)) -> None:
    x, s, r, d = sp.symbols("x s r d", positive=True)
    others = sp.Symbol("q", nonnegative=True)

    def volume(dimension: Any) -> Any:
        return sp.pi ** (dimension / 2) / sp.gamma(dimension / 2 + 1)

    steps.equal(volume(ONE), 2, "volume, n = 1: the interval [-1, 1]", "V_1=2")
    steps.equal(volume(2 * ONE), sp.pi, "n = 2: the disc", r"V_2=\pi")
    primitive = -((1 - r**2) ** (d / 2)) / d
    steps.equal(
        sp.diff(primitive, r),
        r * (1 - r**2) ** (d / 2 - 1),
        "over a point of the disc at distance r from its centre stands a ball of radius √(1-r²) in "
        "n - 2 dimensions; with d for n",
    )
    steps.equal(
        2 * sp.pi * (primitive.subs(r, 1) - primitive.subs(r, 0)), 2 * sp.pi / d,
        "integrated over the disc", r"V_n=\tfrac{2\pi}nV_{n-2}",
    )  # fmt: skip
    steps.equal(
        sp.gammasimp(volume(d) / volume(d - 2)), 2 * sp.pi / d, "and the formula does the same",
        r"\frac{\pi^{n/2}}{\Gamma(n/2+1)}\Big/\frac{\pi^{n/2-1}}{\Gamma(n/2)}=\frac{2\pi}n",
    )  # fmt: skip
    steps.equal(2 / volume(ONE), 1, "the first constant", r"\kappa_1=1")
    steps.holds(
        ((x**2 + others) - x**2).is_nonnegative,
        "a coordinate is at most the norm, so the cube [-1, 1]^n holds the ball and V_n ≤ 2^n",
        r"x_i^2\le\lVert x\rVert_2^2,\qquad\kappa_n\ge1",
    )
    steps.holds(
        (x * sp.log(1 + s)).is_positive,
        "for u = x(1 + s) > x > 0",
        r"u^x>x^x",
    )
    steps.equal(
        sp.integrate(sp.exp(-s), (s, x, sp.oo)), sp.exp(-x), "so Γ is at least its tail from x on",
        r"\Gamma(x+1)=\int_0^\infty u^xe^{-u}du\ge x^x\int_x^\infty e^{-u}du=x^xe^{-x}",
    )  # fmt: skip
    least = (4 / sp.pi) * (n / 2) / sp.E
    steps.equal(
        least, 2 * n / (sp.pi * sp.E), "with x = n/2",
        r"\kappa_n^2=\tfrac4\pi\,\Gamma(\tfrac n2+1)^{2/n}\ge\tfrac4\pi\cdot\tfrac n{2e}",
    )  # fmt: skip
    steps.holds(
        sp.simplify(least - constant * n / (sp.pi * sp.E)).is_nonnegative,
        "which is enough",
        rf"\kappa_n^2\ge{sp.latex(constant)}\,\tfrac n{{\pi e}}",
    )


def _one_direction() -> Counterexample:
    # one output, two inputs, R = w_max = 1, ε = 1/2, and only the input e_1 is of interest
    epsilon = Fraction(1, 2)
    found = furthest([-epsilon, epsilon], epsilon)
    assert found == 1
    bits = lower_bounds.layer_bits(1, 2, 0.5)
    assert bits > 1
    return Counterexample(
        "inputs in every coordinate direction",
        {"outputs": 1, "inputs": 2, "R": 1, "w_max": 1, "ε": epsilon, "x": "(1, 0) alone"},
        f"the second column does not matter: 2 functions, 1 bit, do where {bits:.0f} are claimed",
    )


def _volumes(
    steps: Steps, side: Any, claimed: Any, cell: str, cube: str, shown: str, words: str
) -> None:
    """2^N cells, each a product of balls, are too small for a cube if N falls short by t."""
    steps.say("volume of what one function serves, a ball for each of the m columns", cell)
    steps.say("volume of all targets", cube)
    falls_short = n * m * sp.log(claimed) / sp.log(2) + sp.log(keep) / sp.log(2) - t
    log_cell = n * m * sp.log(2 * eps / (kappa * radius))
    _log_falls_short(
        steps,
        falls_short * sp.log(2) + log_cell - sp.log(keep) - n * m * sp.log(side),
        words,
        shown,
    )


_SERVED = (
    r"\Bigl(V_n\bigl(\tfrac\varepsilon R\bigr)^n\Bigr)^m"
    r"=\bigl(\tfrac{2\varepsilon}{\kappa_nR}\bigr)^{nm}"
)


@claim(
    name="counting-layer",
    chapter=CHAPTER,
    title="counting, a linear layer",
    statement=(
        r"Let $\mathcal X=\{x\in\mathbb R^m:\lVert x\rVert_2\le R\}$ or its part $x\ge0$, and let "
        r"$\mathcal G$ be a random set of at most $2^N$ functions "
        r"$\mathcal X\to\mathbb R^n$, of any law. If for every fixed "
        r"$W\in[-w_{\max},w_{\max}]^{n\times m}$, with probability at least $1-\delta$, some "
        r"$g\in\mathcal G$ has $\sup_{x\in\mathcal X}\lVert g(x)-Wx\rVert_2\le\varepsilon$, then "
        r"$N\ge nm\log_2\frac{\kappa_nw_{\max}R}\varepsilon-\log_2\frac1{1-\delta}$."
    ),
    source="After Pensia et al. 2020, lower bound; the constants ★",
    kind="proof",
    uses=("counting-random", "ball-constant", "pensia2020"),
    wrong={"factor": sp.Rational(101, 100)},
    refute=_one_direction,
)
def counting_layer(steps: Steps, factor: Any = ONE) -> None:
    steps.say(
        "look at g only at the inputs R e_j, which are in the domain", r"x=Re_j,\quad Wx=RW_j"
    )
    steps.say(
        "so each column of a matrix that g serves lies in a ball",
        r"\lVert\tfrac1Rg(Re_j)-W_j\rVert_2\le\tfrac\varepsilon R",
    )
    steps.equal(
        sp.expand_log(
            m * sp.log((2 / kappa) ** n * (eps / radius) ** n)
            - n * m * sp.log(2 * eps / (kappa * radius)),
            force=True,
        ),
        0,
        "with V_n = (2/κ_n)^n the volume of such a ball, to the power m, is that of a cube",
        _SERVED,
    )
    _volumes(
        steps,
        2 * w,
        factor * kappa * w * radius / eps,
        _SERVED,
        r"(2w_{\max})^{nm}",
        r"\ln\frac{2^N(2\varepsilon/\kappa_nR)^{nm}}{(1-\delta)(2w_{\max})^{nm}}=-t\ln2<0",
        "as for one weight: if N falls short by t > 0, every draw serves less than the mean, which "
        "is at least p = 1 - δ times all",
    )


def _relu_hides_a_half() -> Counterexample:
    # one weight, x ≥ 0: σ(wx) is 0 for every w < 0
    epsilon = Fraction(1, 2)
    grid = [Fraction(i, 64) for i in range(-64, 65)]
    # σ(w) - 1/2 is monotone in w: its extremes are at the ends of the range
    assert max(abs(max(x, Fraction(0)) - epsilon) for x in grid) <= epsilon
    bits = lower_bounds.layer_bits(1, 1, 0.5)
    assert bits > 0
    return Counterexample(
        "half of w_max, that is, only weights ≥ 0 are counted",
        {"outputs": 1, "inputs": 1, "R": 1, "w_max": 1, "ε": epsilon, "x": "≥ 0"},
        f"x/2 is within 1/2 of σ(wx) for all w: 0 bits do where {bits:.0f} is claimed",
    )


@claim(
    name="counting-relu-layer",
    chapter=CHAPTER,
    title="counting, a ReLU layer",
    statement=(
        r"The same holds for the targets $x\mapsto\sigma(Wx)$, $\sigma$ the ReLU in each output, "
        r"with $N\ge nm\log_2\frac{\kappa_nw_{\max}R}{2\varepsilon}-\log_2\frac1{1-\delta}$."
    ),
    source="★",
    kind="proof",
    uses=("counting-layer",),
    wrong={"half": sp.Rational(51, 100)},
    refute=_relu_hides_a_half,
)
def counting_relu_layer(steps: Steps, half: Any = sp.Rational(1, 2)) -> None:
    v = sp.Symbol("v", nonnegative=True)
    steps.equal(
        sp.Max(v * radius, 0), v * radius,
        "count only targets with weights v in [0, w_max]: at R e_j the ReLU changes nothing",
        r"\sigma(RW_j)=RW_j",
    )  # fmt: skip
    _volumes(
        steps,
        w,
        half * kappa * w * radius / eps,
        _SERVED,
        r"w_{\max}^{\,nm}",
        r"\ln\frac{2^N(2\varepsilon/\kappa_nR)^{nm}}{(1-\delta)\,w_{\max}^{\,nm}}=-t\ln2<0",
        "if N falls short by t > 0, every draw serves less than the mean",
    )


# -- networks --------------------------------------------------------------------------------------


def _tied_weights() -> Counterexample:
    epsilon = Fraction(1, 2)
    found = furthest([-epsilon, epsilon], epsilon)  # for both weights at once
    assert found == 1
    bits = 2 * lower_bounds.weight_bits(0.5)
    assert bits > 1
    return Counterexample(
        "all networks of that shape are targets",
        {"targets": "w₁ = w₂", "w_max": 1, "ε_w": epsilon},
        f"(½, ½) and (-½, -½) serve them all: 1 bit, where {bits:.0f} are claimed",
    )


@claim(
    name="counting-effective-weights",
    chapter=CHAPTER,
    title="counting, all effective weights of a network",
    statement=(
        r"Let a target have $m_i$ free weights in layer $i$, anywhere in $[-w_i,w_i]$, and let $G$ "
        r"be random, of any law, with $N$ weights that may be kept or deleted. If for every "
        r"target, with probability at least $1-\delta$, some mask gives effective weights that are "
        r"all within $\varepsilon_w$ of its weights, then $N\ge B-\log_2\frac1{1-\delta}$ with "
        r"$B=\sum_{i:\,w_i>\varepsilon_w}m_i\log_2\frac{w_i}{\varepsilon_w}$."
    ),
    source="★",
    kind="proof",
    uses=("counting-random",),
    wrong={"factor": sp.Rational(101, 100)},
    refute=_tied_weights,
)
def counting_effective_weights(steps: Steps, factor: Any = ONE) -> None:
    B = sp.Symbol("B", positive=True)
    steps.say(
        "leave out the layers with w_i ≤ ε_w: serving all weights serves the others",
        r"w_i>\varepsilon_w",
    )
    steps.equal(
        m * sp.log(2 * w),
        m * (sp.log(w / eps) / sp.log(2)) * sp.log(2) + m * sp.log(2 * eps),
        "a layer's share of the logarithm of the volume of all targets; the sum over the layers",
        r"\ln\prod_i(2w_i)^{m_i}=B\ln2+\sum_im_i\ln(2\varepsilon_w)",
    )
    steps.say("one mask serves a box", r"\prod_i(2\varepsilon_w)^{m_i}")
    falls_short = factor * B + sp.log(keep) / sp.log(2) - t
    _log_falls_short(
        steps,
        falls_short * sp.log(2) - sp.log(keep) - B * sp.log(2),
        "if N falls short by t > 0, every draw serves less than the mean, at least 1 - δ times all",
        r"\ln\frac{2^N}{(1-\delta)\,2^B}=-t\ln2<0",
    )


def _mostly_zero() -> Counterexample:
    # w = 0 with probability 9/10, else uniform on [-1, 1]; ε = 1/8
    epsilon = Fraction(1, 8)
    centres = [epsilon * (2 * j + 1 - 8) for j in range(8)]
    assert furthest(centres, epsilon) == 1
    mean = Fraction(9, 10) * 1 + Fraction(1, 10) * (1 + 3)
    bits = lower_bounds.weight_bits(float(epsilon))
    assert mean < bits
    return Counterexample(
        "the weights are uniform",
        {"w": "0 with probability 9/10, else uniform on [-1, 1]", "ε_w": epsilon},
        f"the code 0, or 1 and 3 bits, has {float(mean):.1f} bits on average, not {bits:.0f}",
    )


@claim(
    name="counting-file",
    chapter=CHAPTER,
    title="what a ticket's file must hold",
    statement=(
        r"Let a target have $m_i$ weights in layer $i$, all independent and uniform on "
        r"$[-w_i,w_i]$, and let a file (a seed, a mask, anything) determine effective weights that "
        r"are within $\varepsilon_w$ of all of them. "
        r"If no file is the beginning of another, its mean length is at least "
        r"$B=\sum_{i:\,w_i>\varepsilon_w}m_i\log_2\frac{w_i}{\varepsilon_w}$ bits."
    ),
    source="★; after Shannon, noiseless coding",
    kind="proof",
    uses=("counting-effective-weights", "cover2006"),
    wrong={"factor": sp.Rational(101, 100)},
    refute=_mostly_zero,
)
def counting_file(steps: Steps, factor: Any = ONE) -> None:
    B = sp.Symbol("B", positive=True)
    r = sp.Symbol("r", nonnegative=True)
    z = sp.Symbol("z", positive=True)
    steps.equal(
        m * sp.log(2 * eps / (2 * w)),
        -m * (sp.log(w / eps) / sp.log(2)) * sp.log(2),
        "a box of side 2ε_w: a layer's share in the logarithm of its part of all targets",
        r"\ln\prod_i\bigl(\tfrac{\varepsilon_w}{w_i}\bigr)^{m_i}=-B\ln2",
    )
    steps.say(
        "a file f is written only for weights in such a box, so the probability of that is",
        r"p_f=\frac{2^{-B}}{1+r},\quad r\ge0",
    )
    log_probability = sp.expand_log(sp.log(2**-B / (1 + r)), force=True)
    steps.holds(
        sp.expand(-log_probability / sp.log(2) - factor * B).is_nonnegative,
        "so the entropy, the mean of log₂(1/p_f), is at least B",
        r"\log_2\tfrac1{p_f}=B+\log_2(1+r)\ge B",
    )
    gap = sp.log(z) - 1 + 1 / z
    steps.equal(gap.subs(z, 1), 0, "ln z is at least 1 - 1/z: the difference is 0 at 1")
    steps.equal(sp.diff(gap, z), (z - 1) / z**2, "and falls before, rises after: its derivative is")
    steps.holds(
        ((1 + t - 1) / (1 + t) ** 2).is_positive
        and sp.simplify(((z - 1) / z**2).subs(z, 1 / (1 + t))).is_negative,
        "positive for z = 1 + t, negative for z = 1/(1 + t), t > 0",
    )
    p_f, length = sp.symbols("p_f l_f", positive=True)
    steps.equal(
        p_f * (1 - 1 / (p_f * 2**length)),
        p_f - 2 ** (-length),
        "with z = p_f 2^l, l the length of f, times p_f",
    )
    steps.say(
        "so, summed over all f: mean length minus entropy, times ln 2",
        r"\sum_fp_f\ln\frac{p_f}{2^{-\ell_f}}\ge\sum_fp_f-\sum_f2^{-\ell_f}=1-\sum_f2^{-\ell_f}",
    )
    steps.say(
        "which is not negative (Kraft): a sequence of fair bits begins with f with probability "
        "2^-l, and with no two files at once, since no file begins another",
        r"\sum_f2^{-\ell_f}\le1",
    )


def contributions(layout: str, outputs: int, inputs: int) -> int:
    """How many different things one intermediate neuron can be pruned to, by trying all masks."""
    found = set()
    for ins in product((0, 1), repeat=inputs):
        for outs in product((0, 1), repeat=outputs):
            allowed = {
                "reserved": ins[1:] == (0,) * (inputs - 1) and outs[1:] == (0,) * (outputs - 1),
                "pooled": sum(ins) <= 1 and sum(outs) <= 1,
                "shared": ins[1:] == (0,) * (inputs - 1),
                "any": True,
            }[layout]
            if allowed:  # without an in-edge or without an out-edge it computes nothing
                found.add((ins, outs) if any(ins) and any(outs) else ())
    return len(found)


def _pooled_is_not_shared() -> Counterexample:
    outputs, inputs = 2, 1
    pooled, shared = contributions("pooled", outputs, inputs), contributions("shared", 2, 1)
    assert shared > pooled
    return Counterexample(
        "a pooled neuron keeps one edge to an output",
        {"outputs": outputs, "inputs": inputs},
        f"with both edges one neuron can do {shared} things, more than the {pooled} that "
        f"log₂(nm + 1) bits name",
    )


def _forgetful(layout: str, outputs: int, inputs: int) -> float:
    """A pooled neuron that may not be deleted."""
    if layout == "pooled":
        return math.log2(outputs * inputs)
    return lower_bounds.bits_per_neuron(layout, outputs, inputs)


@claim(
    name="counting-layouts",
    chapter=CHAPTER,
    title="what one neuron can carry",
    statement=(
        r"In a layer of $n$ outputs and $m$ inputs, with one layout, let $\beta=1$ for reserved, "
        r"$\log_2(nm+1)$ for pooled, $n$ for shared, and $n+m$ if any edges may be kept. Let "
        r"$B=nm\log_2\frac{w_{\max}}{\varepsilon_w}$, $w_{\max}>\varepsilon_w$. If for each choice "
        r"of weights in $[-w_{\max},w_{\max}]$, with probability at least $1-\delta$, $M$ random "
        r"intermediate neurons can be pruned to effective weights within $\varepsilon_w$ of all of "
        r"them, then $M\beta\ge B-\log_2\frac1{1-\delta}$. If each weight is to be met both for "
        r"inputs $x>0$ and for $x<0$, then in the reserved and the shared layout "
        r"$\frac12M\beta\ge B-\log_2\frac1{1-\delta}$."
    ),
    source="★",
    kind="proof",
    uses=("counting-effective-weights",),
    wrong={"bits": _forgetful, "both_halves": sp.Rational(202, 100)},
    refute=_pooled_is_not_shared,
)
def counting_layouts(
    steps: Steps,
    bits: Callable[[str, int, int], float] = lower_bounds.bits_per_neuron,
    both_halves: Any = sp.Integer(2),
) -> None:
    r = sp.Symbol("r", integer=True, nonnegative=True)
    choices: Sequence[tuple[str, Any, str]] = (
        ("reserved", sp.Integer(2), "reserved: a neuron is kept or not"),
        ("pooled", n * m + 1, "pooled: one of n times m pairs of edges, or nothing"),
        ("shared", 2**n, "shared: any set of edges to the outputs"),
        ("any", 2 ** (n + m), "any edges: at most"),
    )
    steps.equal(sp.summation(sp.binomial(n, r), (r, 0, n)), 2**n, "sets of r edges, summed over r")
    for layout, count, words in choices:
        for rows, columns in product((1, 2, 3), repeat=2):
            value = count.subs({n: rows, m: columns})
            found = contributions(layout, rows, columns)
            right = found <= value if layout == "any" else found == value
            same = math.isclose(2 ** bits(layout, rows, columns), value, rel_tol=1e-12)
            if not (right and same):
                raise AssertionError(f"{layout}, {rows} × {columns}: {found} ways, not {value}")
        steps.say(f"{words} (counted again, mask by mask, up to 3 × 3)", count)
    M, d = sp.symbols("M d", positive=True)
    B = sp.Symbol("B", positive=True)
    falls_short = B + sp.log(keep) / sp.log(2) - t
    _log_falls_short(
        steps,
        falls_short * sp.log(2) - sp.log(keep) - B * sp.log(2),
        "M neurons can be pruned in at most 2^(Mβ) ways, each serving a share 2^-B of all targets; "
        "if Mβ falls short by t > 0, they serve less than 1 - δ of them",
        r"\ln\frac{2^{M\beta}}{(1-\delta)\,2^B}=-t\ln2<0",
    )
    steps.say(
        "both signs: neurons with b > 0 alone make the weights for x > 0, those with b < 0 the "
        "weights for x < 0; one of the two kinds has at most half of all neurons",
        r"M_++M_-\le M",
    )
    smaller = M / 2 - d
    steps.holds(
        sp.simplify(M / both_halves - smaller - d).is_nonnegative,
        "say M/2 - d of them; their half of every target is served by at most 2^(Mβ/2) choices",
        r"\min\{M_+,M_-\}\le\tfrac12M",
    )


def _rounding_matters() -> Counterexample:
    # without the 4 that rounding k up costs
    outputs, inputs, failure = 10, 10, 0.01
    ratio = 2.0  # w_max / ε: one bit
    digits = count_digits(1 / ratio)
    needs = 2 * digits * outputs * inputs
    found = batch_size(1, needs, 1 / (4 * digits), failure, "exact")
    claimed = 4 * math.log2(ratio) / math.log2(PHI) * math.log(needs / failure) + 1
    assert found > claimed
    return Counterexample(
        "the 4 that stands for rounding k up",
        {"n": outputs, "m": inputs, "δ": failure, "L": 1, "k": digits},
        f"a block needs {found} neurons, more than {claimed:.1f}",
    )


def _poster_size(per: int, needs: int, c: float, failure: float, bound: str) -> int:
    return batch_size(per, needs, c, failure, "poster")


@claim(
    name="distance-shared",
    chapter=CHAPTER,
    title="how far the shared layout is from the bound",
    statement=(
        r"Take a layer of $n$ outputs and $m$ inputs of either sign, without a zero weight, "
        r"$L=\log_2\frac{w_{\max}}{\varepsilon_w}>0$, $k=\lceil L\log_\varphi2\rceil$ digits in "
        r"base $\varphi$, in-weights $\pm1$ and hyperbolic out-weights, so that $c=\frac1{4k}$, "
        r"and $\lambda=\ln\frac{2knm}\delta$, $0<\delta<1$. Shared blocks of the least $M$ neurons "
        r"with $2knm(1-c)^M\le\delta$ have $\bigl(1+\frac mn\bigr)M$ random weights per target "
        r"weight, "
        r"and $\bigl(4L\log_\varphi2-1\bigr)\lambda\le M<\bigl(4L\log_\varphi2+4\bigr)\lambda+1$."
    ),
    source="★",
    kind="proof",
    uses=("shared-layout",),
    wrong={"leading": sp.Rational(396, 100), "size": _poster_size},
    refute=_rounding_matters,
)
def distance_shared(
    steps: Steps,
    leading: Any = sp.Integer(4),
    size: Callable[[int, int, float, float, str], int] = batch_size,
) -> None:
    x, s = sp.symbols("x s", positive=True)
    M, bits = sp.symbols("M L", positive=True)
    rate = sp.Symbol("g", positive=True)  # log_φ 2
    steps.equal(
        m * M * (n + m) / (n * m), (1 + m / n) * M,
        "m blocks of M neurons, each with n + m weights, for nm target weights",
    )  # fmt: skip
    steps.say("M is the least count with", r"M\ln\tfrac1{1-c}\ge\lambda=\ln\tfrac{2knm}\delta")
    c = x / (1 + x)  # all c in (0, 1)
    for function, words, formula in (
        (-sp.log(1 - s) - s, "the logarithm, from below: the difference is 0 at c = 0 and rises",
         r"\ln\tfrac1{1-c}\ge c"),
        (s / (1 - s) + sp.log(1 - s), "from above: the same",
         r"\ln\tfrac1{1-c}\le\tfrac c{1-c}"),
    ):  # fmt: skip
        steps.holds(
            function.subs(s, 0) == 0 and sp.simplify(sp.diff(function, s).subs(s, c)).is_positive,
            words,
            formula,
        )
    chance = 1 / (4 * k)
    steps.equal((1 - chance) / chance, 4 * k - 1, "so with c = 1/(4k), M is at least λ times")
    steps.equal(1 / chance, 4 * k, "and less than 1 plus λ times")
    up = sp.Symbol("u", nonnegative=True)  # k = L log_φ 2 + u, 0 ≤ u < 1
    steps.holds(
        sp.expand(4 * (bits * rate + up) - 1 - (leading * bits * rate - 1)).is_nonnegative,
        "k = L log_φ 2 + u, u ≥ 0: from below",
        r"4k-1\ge4L\log_\varphi2-1",
    )
    steps.holds(
        sp.expand(
            (leading * bits * rate + 4) - 4 * (bits * rate + 1 - up)
        ).is_nonnegative,
        "k = L log_φ 2 + 1 - u, u ≥ 0: from above",
        r"4k\le4L\log_\varphi2+4",
    )  # fmt: skip
    inside = []
    for outputs, inputs, epsilon in product((1, 10), (1, 64), (0.4, 1e-2, 1e-6)):
        digits = count_digits(epsilon)
        needs = 2 * digits * outputs * inputs
        found = size(1, needs, 1 / (4 * digits), 0.01, "exact")
        logarithm = math.log(needs / 0.01)
        scaled = 4 * math.log2(1 / epsilon) / math.log2(PHI)
        inside.append((scaled - 1) * logarithm <= found < (scaled + 4) * logarithm + 1)
    steps.holds(all(inside), f"the package's count lies between the two, in {len(inside)} cases")


CLAIMS = (
    counting_one_weight,
    chosen_numbers,
    chosen_numbers_finite,
    counting_random,
    independent_draws,
    ball_constant,
    counting_layer,
    counting_relu_layer,
    counting_effective_weights,
    counting_file,
    counting_layouts,
    distance_shared,
)
