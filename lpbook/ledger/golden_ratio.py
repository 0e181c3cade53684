"""Claims of the chapter *golden_ratio*: a weight as a sum of random digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, product
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from lpbook import batches, digits
from lpbook.experiments.confidence import unlikely_mean
from lpbook.ledger.legacy import Claim, Counterexample, Steps, claim

CHAPTER = "golden_ratio"
ORSEAU = "Orseau et al. 2020, golden-ratio decomposition"

GOLDEN = (1 + sp.sqrt(5)) / 2

# γ > 1 where nothing else is said; i, j, k count digits; s, t are what an inequality leaves over
g = sp.Symbol("gamma", positive=True)
i, j, k = sp.symbols("i j k", integer=True, positive=True)
s, t = sp.symbols("s t", nonnegative=True)
d = sp.Symbol("d", positive=True)
eps, top = sp.symbols("epsilon w_max", positive=True)


def _sums(samples: Iterable[Any]) -> list[Any]:
    """The sums of all subsets."""
    sums = [Fraction(0)]
    for sample in samples:
        sums += [total + sample for total in sums]
    return sums


def _shortfall(weight: Any, samples: Iterable[Any]) -> Any:
    """Weight minus its best subset sum from below: all subsets are tried."""
    return min(weight - total for total in _sums(samples) if total <= weight)


def _powers_fall(steps: Steps) -> None:
    """γ^-k < 1 for γ > 1 and k >= 1."""
    v = sp.Symbol("v", positive=True)
    steps.holds(
        (-k * sp.log(1 + v)).is_negative,
        "powers of γ = 1 + v, v > 0: γ^-k is below 1",
        r"\ln\gamma^{-k}=-k\ln\gamma<0",
    )


def _nonnegative_up_to(steps: Steps, polynomial: Any, largest: Any, words: str) -> None:
    """polynomial(γ) ≥ 0 on [1, largest], for a concave one: it is so at both ends."""
    steps.holds(
        sp.diff(polynomial, g, 2).is_negative,
        f"{words} is concave in γ, with a negative second derivative",
        sp.latex(polynomial),
    )
    for end, name in ((sp.Integer(1), "1"), (sp.sympify(largest), "the largest base")):
        value = sp.simplify(polynomial.subs(g, end))
        steps.holds(
            value.is_nonnegative,
            f"and not negative at {name}",
            rf"{sp.latex(value)}\ge0",
        )
    steps.say("so it is not negative in between")


# -- exact digits ----------------------------------------------------------------------------------


def _exact_digits_fail_above_two() -> Counterexample:
    base = Fraction(202, 100)
    for count in range(1, 13):
        error = _shortfall(Fraction(1), [base**-n for n in range(1, count + 1)])
        if error > base**-count:
            return Counterexample(
                "the base is at most 2",
                {"γ": base, "k": count, "w": 1},
                f"every subset misses by {float(error):.4f} > γ^-k = {float(base**-count):.4f}",
            )
    raise AssertionError("no counterexample")


@claim(
    name="exact-binary-digits",
    chapter=CHAPTER,
    title="exact binary digits",
    statement=(
        r"For every $w\in[0,1]$ and $k\ge1$, the greedy bits $b_i\in\{0,1\}$ for $x_i=2^{-i}$ give "
        r"$0\le w-\sum_{i=1}^kb_i2^{-i}\le2^{-k}$, with equality on the right at $w=1$."
    ),
    source="Folklore; Orseau et al. 2020, poster, binary decomposition",
    kind="proof",
    wrong={"base": sp.Rational(202, 100)},
    refute=_exact_digits_fail_above_two,
)
def exact_binary_digits(steps: Steps, base: Any = sp.Integer(2)) -> None:
    steps.say(
        "greedy remainders: r₀ = w; subtract a sample whenever it fits",
        r"r_i=r_{i-1}-b_i\,2^{-i},\quad b_i=1\iff r_{i-1}\ge 2^{-i}",
    )
    steps.say("to be kept for every i", r"0\le r_i\le 2^{-i}")
    steps.holds(base**0 >= 1, "induction, base: w is in [0, 1]", r"0\le r_0=w\le1=2^{-0}")
    steps.say("induction step, bit 0: it did not fit", r"0\le r_i=r_{i-1}<2^{-i}")
    steps.equal(
        base ** (1 - i) - base**-i,
        (base - 1) * base**-i,
        "induction step, bit 1: what is left is not negative and at most",
    )
    steps.holds(base - 1 <= 1, "which is at most the next power", rf"{sp.latex(base)}-1\le1")
    steps.equal(
        base ** (1 - i) - base**-i,
        base**-i,
        "at w = 1 every sample fits, every bit is 1, and by induction r_i is",
    )


# -- digits with freedom ---------------------------------------------------------------------------


def _digits_fail_at_1_62() -> Counterexample:
    base = Fraction(162, 100)
    for count in range(1, 13):
        lowest = [base ** -(n + 1) for n in range(1, count + 1)]
        error = _shortfall(Fraction(1), lowest)
        if error > base**-count:
            return Counterexample(
                "γ ≤ φ",
                {"γ": float(base), "k": count, "w": 1, "x": [round(float(x), 4) for x in lowest]},
                f"every subset misses by {float(error):.5f} > γ^-k = {float(base**-count):.5f}",
            )
    raise AssertionError("no counterexample")


@claim(
    name="digits-suffice",
    chapter=CHAPTER,
    title="digits suffice for γ ≤ φ",
    statement=(
        r"Let $1<\gamma\le\varphi=\frac{1+\sqrt5}2$, $k\ge1$, and let $x_1,\dots,x_k$ be any "
        r"numbers with $x_i\in[\gamma^{-(i+1)},\gamma^{-i}]$. For every $w\in[0,1]$ the greedy "
        r"bits give $0\le w-\sum_ib_ix_i\le\gamma^{-k}$."
    ),
    source=ORSEAU,
    kind="proof",
    uses=("orseau2020",),
    wrong={"largest": sp.Rational(162, 100), "factor": sp.Rational(99, 100)},
    refute=_digits_fail_at_1_62,
)
def digits_suffice(steps: Steps, largest: Any = GOLDEN, factor: Any = sp.Integer(1)) -> None:
    c = "" if factor == 1 else sp.latex(factor)
    steps.say(
        "greedy remainders: r₀ = w; subtract a sample whenever it fits",
        r"r_i=r_{i-1}-b_ix_i,\quad b_i=1\iff r_{i-1}\ge x_i",
    )
    steps.say("to be kept for every i", rf"0\le r_i\le {c}\gamma^{{-i}}")
    steps.holds(factor >= 1, "induction, base: r₀ = w is in [0, 1]", rf"r_0\le1\le {c}\gamma^0")
    steps.holds(
        factor >= 1,
        "induction step, bit 0: the sample did not fit",
        rf"0\le r_i=r_{{i-1}}<x_i\le\gamma^{{-i}}\le {c}\gamma^{{-i}}",
    )
    steps.say(
        "induction step, bit 1: it fitted, so the new remainder is not negative; write what the "
        "hypothesis and the segment leave over as s, t ≥ 0",
        rf"r_{{i-1}}={c}\gamma^{{-(i-1)}}-s,\quad x_i=\gamma^{{-(i+1)}}+t",
    )
    polynomial = 1 + factor * g - factor * g**2
    steps.equal(
        factor * g**-i - ((factor * g ** (1 - i) - s) - (g ** -(i + 1) + t)),
        g ** -(i + 1) * polynomial + s + t,
        "the bound minus the new remainder",
        r"\gamma^{-i}-\bigl((\gamma^{-(i-1)}-s)-(\gamma^{-(i+1)}+t)\bigr)"
        r"=\gamma^{-(i+1)}(1+\gamma-\gamma^2)+s+t"
        if factor == 1
        else "",
    )
    _nonnegative_up_to(steps, polynomial, largest, "the polynomial in it")
    steps.say(
        "so the remainder keeps its bound; after the last digit",
        rf"0\le r_k=w-\sum_ib_ix_i\le {c}\gamma^{{-k}}",
    )


@dataclass(frozen=True)
class Surd:
    """An exact number a + b√5, so that base φ can be computed with like a fraction."""

    a: Fraction
    b: Fraction = Fraction(0)

    def __add__(self, other: Surd) -> Surd:
        return Surd(self.a + other.a, self.b + other.b)

    def __sub__(self, other: Surd) -> Surd:
        return Surd(self.a - other.a, self.b - other.b)

    def __mul__(self, other: Surd) -> Surd:
        return Surd(self.a * other.a + 5 * self.b * other.b, self.a * other.b + self.b * other.a)

    def __lt__(self, other: Surd) -> bool:
        # sign of a + b√5: if a and b pull in different directions, compare their squares
        a, b = other.a - self.a, other.b - self.b
        if a >= 0 and b >= 0:
            return a > 0 or b > 0
        if a <= 0 and b <= 0:
            return False
        return a * a > 5 * b * b if a > 0 else 5 * b * b > a * a

    def __float__(self) -> float:
        return float(self.a) + float(self.b) * 5**0.5

    def __str__(self) -> str:
        return f"{self.a} + {self.b}√5" if self.b else str(self.a)

    def inverse(self) -> Surd:
        norm = self.a * self.a - 5 * self.b * self.b
        return Surd(self.a / norm, -self.b / norm)


EXACT_PHI = Surd(Fraction(1, 2), Fraction(1, 2))


def largest_remainders(base: Surd, count: int) -> list[tuple[Surd, Surd]]:
    """For k = 1..count: γ^-k, and the largest greedy remainder that any corner choice leaves.

    For given samples the remainders of all w in [0, 1] fill an interval from 0 with the supremum h,
    to begin with h = 1. A sample x <= h cuts it in two: what is below x stays, the rest moves down
    to [0, h - x], so that max(x, h - x) is the new h; one above h changes nothing. All 2^k choices
    of either end of each segment are followed; those that share their h go on together.
    """
    inverse = base.inverse()
    high = inverse
    heights = {Surd(Fraction(1))}
    found = []
    for _ in range(count):
        new = set()
        for h, x in product(heights, (high * inverse, high)):
            new.add(h if h < x else max(x, h - x))
        heights = new
        found.append((high, max(heights)))
        high = high * inverse
    return found


def hardest(
    numerator: int, denominator: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """All corner choices for base denominator/numerator, and for each the hardest weight.

    Returns
    -------
    weights : ndarray of int, shape (2^count,)
    samples : ndarray of int, shape (2^count, count)
    one : int
        Both are in units of 1/one: exact integers.
    """
    powers = [numerator**n * denominator ** (count + 1 - n) for n in range(count + 2)]
    choice = np.arange(2**count)[:, None] >> np.arange(count) & 1
    samples = np.where(choice == 1, powers[1 : count + 1], powers[2 : count + 2]).astype(np.int64)
    heights = [np.full(2**count, powers[0], dtype=np.int64)]  # largest remainder, on the grid
    for x in samples.T:
        h = heights[-1]
        heights.append(np.where(h < x, h, np.maximum(x - 1, h - x)))
    weights = heights[-1]  # follow the largest remainder back to the weight that leaves it
    for n in reversed(range(count)):
        x, h = samples[:, n], heights[n]
        weights = weights + np.where(weights + x <= h, x, 0)
    return weights, samples, powers[0]


def _fixed_digits(weights: Any, samples: Any, base: float) -> digits.Digits:
    """Digits of w for the exact powers, which pay no heed to the samples: wrong."""
    rest = np.array(weights, dtype=float)
    masks = np.zeros(np.shape(samples), dtype=bool)
    for n in range(masks.shape[1]):
        masks[:, n] = rest >= base ** -(n + 1)
        rest = rest - masks[:, n] * base ** -(n + 1)
    return digits.Digits(masks, np.asarray(weights - (masks * samples).sum(axis=1)))


def _corner_beats_base_1_62() -> Counterexample:
    base = Fraction(162, 100)
    for count, (power, largest) in enumerate(largest_remainders(Surd(base), 12), start=1):
        if power < largest:
            return Counterexample(
                "γ ≤ φ",
                {"γ": float(base), "k": count},
                f"some corner choice leaves {float(largest):.5f} > γ^-k = {float(power):.5f}",
            )
    raise AssertionError("no counterexample")


@claim(
    name="digits-suffice-finite",
    chapter=CHAPTER,
    title="digits suffice: all corners, exactly",
    statement=(
        r"For $\gamma\in\{\frac43,\frac32,\frac85,\varphi\}$, $k\le12$, all $2^k$ choices of "
        r"either end of each segment and all $w\in[0,1]$, the greedy remainder is in "
        r"$[0,\gamma^{-k}]$; and `lp.decompose` stays there at the hardest weight of each choice "
        r"for $\gamma=\frac43$ and $\frac85$, where floats are exact."
    ),
    source=ORSEAU,
    kind="finite verification",
    uses=("orseau2020",),
    wrong={
        "bases": (Surd(Fraction(162, 100)),),
        "factor": Fraction(99, 100),
        "decompose": _fixed_digits,
    },
    refute=_corner_beats_base_1_62,
)
def digits_suffice_finite(
    steps: Steps,
    bases: tuple[Surd, ...] = (
        Surd(Fraction(4, 3)),
        Surd(Fraction(3, 2)),
        Surd(Fraction(8, 5)),
        EXACT_PHI,
    ),
    factor: Fraction = Fraction(1),
    decompose: Callable[..., digits.Digits] = digits.decompose,
) -> None:
    most = 12
    steps.say(
        "no remainder is negative, by the rule; for given samples those of all w in [0, 1] fill an "
        "interval from 0 with supremum h: those below x_i stay, the others move down by x_i",
        r"h_0=1,\quad h_i=\max(x_i,\,h_{i-1}-x_i)\text{ if }x_i\le h_{i-1},\text{ else }h_{i-1}",
    )
    for base in bases:
        name = r"\varphi" if base.b else sp.latex(sp.Rational(base.a.numerator, base.a.denominator))
        tight = 0
        for power, largest in largest_remainders(base, most):
            bound = Surd(factor) * power
            assert not bound < largest, f"base {base}: a corner leaves {float(largest):.5f}"
            tight += not largest < power
        steps.holds(
            tight == most,
            f"every corner, exactly: for all {most} values of k the bound is the supremum",
            rf"\gamma={name}:\quad\max h_k\le\gamma^{{-k}}",
        )
    for numerator, denominator in ((3, 4), (5, 8)):
        rows = 0
        for count in range(1, most + 1):
            hard, x, one = hardest(numerator, denominator, count)
            for w in (hard, np.full_like(hard, one), np.zeros_like(hard)):
                found = decompose(w / one, x / one, denominator / numerator)
                rest = w - (np.asarray(found.masks) * x).sum(axis=1)
                bound = factor * numerator**count * denominator
                same = np.asarray(found.residuals) == rest / one
                good = (rest >= 0) & (rest * bound.denominator <= bound.numerator) & same
                if not good.all():
                    n = int(np.argmin(good))
                    raise AssertionError(
                        f"base {denominator}/{numerator}, k = {count}: weight {w[n] / one} with "
                        f"samples {x[n] / one} leaves {rest[n] / one}, bound {float(bound) / one}"
                    )
                rows += len(w)
        steps.say(
            f"decompose at the hardest weight of every corner, at 1 and at 0: {rows:,} weights, "
            "all numbers exact in binary floats",
            rf"\gamma=\tfrac{{{denominator}}}{{{numerator}}}:\quad 0\le r_k\le\gamma^{{-k}}",
        )


def _total(steps: Steps, factor: Any, words: str) -> Any:
    """R, with the telescoping that makes it the sum of the lowest samples."""
    total = factor / (g * (g - 1))
    steps.equal(
        g ** -(i + 1),
        total * g ** (1 - i) - total * g**-i,
        words,
        r"\gamma^{-(i+1)}=R\gamma^{-(i-1)}-R\gamma^{-i},\quad R=\frac1{\gamma(\gamma-1)}",
    )
    return total


def _sums_reach_one_below_phi() -> Counterexample:
    base = Fraction(8, 5)
    for count in range(1, 13):
        lowest = [base ** -(n + 1) for n in range(1, count + 1)]
        error = _shortfall(Fraction(1), lowest)
        if error > base**-count:
            raise AssertionError("no counterexample")
    return Counterexample(
        "γ > φ",
        {"γ": float(base), "k": count, "w": 1},
        f"the lowest samples come within {float(error):.5f} ≤ γ^-k = {float(base**-count):.5f}",
    )


@claim(
    name="digits-fail-above-phi",
    chapter=CHAPTER,
    title="digits fail for γ > φ",
    statement=(
        r"Let $\gamma>\varphi$ and $R=\frac1{\gamma(\gamma-1)}$; then $R<1$. (a) With "
        r"$x_i=\gamma^{-(i+1)}$ for all $i\le k$, every subset sum misses $w=1$ by at least "
        r"$1-R+R\gamma^{-k}$, which exceeds both $1-R$ and $\gamma^{-k}$, for every $k\ge1$. (b) "
        r"Let $1\le j\le k$. With $x_j=\gamma^{-j}$, $x_i=\gamma^{-(i+1)}$ for $j<i\le k$ and any "
        r"$x_i$ in their segments for $i<j$, no subset sum is in $(R\gamma^{-j},\gamma^{-j})$, so "
        r"its middle is missed by at least $\frac12(1-R)\gamma^{-j}$."
    ),
    source="Orseau et al. 2020, poster, for base 2; ★ for every γ > φ; idea of (b): Kakeya 1914",
    kind="proof",
    wrong={"factor": sp.Rational(99, 100), "part": sp.Rational(51, 100)},
    refute=_sums_reach_one_below_phi,
)
def digits_fail_above_phi(
    steps: Steps, factor: Any = sp.Integer(1), part: Any = sp.Rational(1, 2)
) -> None:
    steps.equal(
        sp.expand((g**2 - g - 1).subs(g, GOLDEN + d)),
        d**2 + sp.sqrt(5) * d,
        "for γ = φ + d, d > 0",
        r"\gamma^2-\gamma-1=d^2+\sqrt5\,d>0",
    )
    total = _total(steps, factor, "R telescopes")
    steps.equal(
        1 - total,
        (g**2 - g - 1) / (g * (g - 1)),
        "so R is below 1",
        r"1-R=\frac{\gamma^2-\gamma-1}{\gamma(\gamma-1)}>0",
    )
    steps.say(
        "added up over the digits after j",
        r"\sum_{i=j+1}^k\gamma^{-(i+1)}=R(\gamma^{-j}-\gamma^{-k})<R\gamma^{-j}",
    )
    _powers_fall(steps)
    steps.equal(
        (1 - total * (1 - g**-k)) - g**-k,
        (1 - total) * (1 - g**-k),
        "(a), j = 0: no subset exceeds the sum of all; what w = 1 is missed by, minus γ^-k, is "
        "positive",
        r"\bigl(1-R(1-\gamma^{-k})\bigr)-\gamma^{-k}=(1-R)(1-\gamma^{-k})>0",
    )
    n = sp.Symbol("n", integer=True, nonnegative=True)
    steps.equal(
        g ** -(j - 1 - n + 1) / g**-j,
        g**n,
        "(b): a subset with a digit i = j − 1 − n before j, n ≥ 0, or with j itself, sums to γ^-j "
        "or more",
        r"x_i\ge\gamma^{-(i+1)}=\gamma^{n}\,\gamma^{-j}\ge\gamma^{-j}",
    )
    steps.say("any other subset sums to less than Rγ^-j, so both sides of the gap are empty")
    middle = (1 + total) / 2 * g**-j
    for words, distance in (
        ("from the middle of the gap up", g**-j - middle),
        ("and down", middle - total * g**-j),
    ):
        steps.equal(
            distance,
            part * (1 - total) * g**-j,
            words,
            rf"{sp.latex(part)}(1-R)\gamma^{{-j}}",
        )


# -- what more the digits can do -------------------------------------------------------------------


def _range_is_no_larger() -> Counterexample:
    base = Fraction(3, 2)
    limit = 1 / (base * (base - 1))
    weight, count = limit * Fraction(101, 100), 4
    error = _shortfall(weight, [base ** -(n + 1) for n in range(1, count + 1)])
    if error <= limit * base**-count:
        raise AssertionError("no counterexample")
    return Counterexample(
        "w ≤ R",
        {"γ": base, "R": limit, "w": weight, "k": count},
        f"every subset misses by {float(error):.4f} > Rγ^-k = {float(limit * base**-count):.4f}",
    )


@claim(
    name="extended-range",
    chapter=CHAPTER,
    title="the range of the digits",
    statement=(
        r"Let $1<\gamma\le\varphi$, $R=\frac1{\gamma(\gamma-1)}\ge1$ and "
        r"$x_i\in[\gamma^{-(i+1)},\gamma^{-i}]$, $i=1..k$, $k\ge1$. For every $w\in[0,R]$ the "
        r"greedy bits give $0\le w-\sum_ib_ix_i\le R\gamma^{-k}$. For $w>R$ the lowest samples "
        r"allow no subset to come that close, whatever $k$ is."
    ),
    source="★",
    kind="proof",
    wrong={"factor": sp.Rational(101, 100)},
    refute=_range_is_no_larger,
)
def extended_range(steps: Steps, factor: Any = sp.Integer(1)) -> None:
    total = _total(steps, factor, "R telescopes")
    steps.equal(total - 1, (factor + g - g**2) / (g * (g - 1)), "R − 1 as a fraction")
    _nonnegative_up_to(steps, factor + g - g**2, GOLDEN, "its numerator")
    steps.say("so R ≥ 1; induction, base: r₀ = w is in [0, R]", r"0\le r_i\le R\gamma^{-i}")
    steps.say(
        "induction step, bit 0: the sample did not fit",
        r"0\le r_i<x_i\le\gamma^{-i}\le R\gamma^{-i}",
    )
    steps.equal(
        total * g**-i - ((total * g ** (1 - i) - s) - (g ** -(i + 1) + t)),
        s + t,
        "induction step, bit 1: what hypothesis and segment leave over, the new bound keeps",
        r"R\gamma^{-i}-\bigl((R\gamma^{-(i-1)}-s)-(\gamma^{-(i+1)}+t)\bigr)=s+t\ge0",
    )
    steps.equal(
        (total + d) - total * (1 - g**-k) - total * g**-k,
        d,
        "for w = R + d, d > 0, even all of the lowest samples miss by more than Rγ^-k, namely by d",
        r"(R+d)-R(1-\gamma^{-k})-R\gamma^{-k}=d>0",
    )


def _exact_powers_allow_a_better_base() -> Counterexample:
    count = 6
    error = Fraction(1)  # the largest remainder, as in largest_remainders
    for n in range(1, count + 1):
        x = Fraction(1, 2**n)
        error = max(x, error - x)
    power = largest_remainders(EXACT_PHI, count)[-1][0]
    if not Surd(error) < power:
        raise AssertionError("no counterexample")
    return Counterexample(
        "the windows are adjacent segments",
        {"γ": 2, "k": count},
        f"exact powers of 2 leave at most {float(error):.4f}, less than φ^-k = {float(power):.4f},",
    )


@claim(
    name="best-base",
    chapter=CHAPTER,
    title="φ is the best base for adjacent segments",
    statement=(
        r"For $\gamma>1$ and $k\ge1$ let $E_k(\gamma)$ be the error that $k$ digits guarantee: "
        r"the supremum, over all $w\in[0,1]$ and all $x_i\in[\gamma^{-(i+1)},\gamma^{-i}]$, of "
        r"$w$ minus its best subset sum from below. Then $E_k(\gamma)=\gamma^{-k}$ for "
        r"$\gamma\le\varphi$ and $E_k(\gamma)=1-R(1-\gamma^{-k})$ for $\gamma>\varphi$, with "
        r"$R=\frac1{\gamma(\gamma-1)}$; greedy bits never leave more; and "
        r"$E_k(\gamma)>E_k(\varphi)=\varphi^{-k}$ for every $\gamma\ne\varphi$. Base $\frac32$ "
        r"needs $\frac{\ln\varphi}{\ln1.5}\approx1.187$ times as many digits as $\varphi$, up to "
        r"rounding to whole digits."
    ),
    source="★",
    kind="proof",
    uses=("digits-suffice", "digits-fail-above-phi"),
    wrong={"factor": sp.Rational(99, 100), "ratio": "1.199"},
    refute=_exact_powers_allow_a_better_base,
)
def best_base(steps: Steps, factor: Any = sp.Integer(1), ratio: str = "1.187") -> None:
    n = sp.Symbol("n", integer=True, nonnegative=True)
    steps.say("γ ≤ φ: no more than γ^-k by the lemma of sufficiency", r"E_k(\gamma)\le\gamma^{-k}")
    steps.equal(
        g ** -((k - 1 - n) + 1) / g**-k,
        g**n,
        "no less: with x_k = γ^-k all samples are γ^-k or more, since for i = k − 1 − n, n ≥ 0",
        r"x_i\ge\gamma^{-(i+1)}=\gamma^n\gamma^{-k}\ge\gamma^{-k}",
    )
    steps.equal(
        sp.limit(g**-k - d, d, 0, "+"),
        g**-k,
        "so w = γ^-k − d is served by the empty set alone, whose error has the limit",
        r"\lim_{d\to0}(\gamma^{-k}-d)=\gamma^{-k}",
    )
    total = _total(steps, factor, "γ > φ, where 0 < R < 1; R telescopes")

    def bound(exponent: Any) -> Any:
        return 1 - total * (1 - g**-exponent)

    _powers_fall(steps)
    steps.say("no more: greedy keeps", r"0\le r_i\le e_i=1-R(1-\gamma^{-i})")
    steps.equal(bound(0), 1, "induction, base: r₀ = w is in [0, 1]", r"r_0=w\le1=e_0")
    steps.equal(
        bound(i) - g**-i,
        (1 - total) * (1 - g**-i),
        "induction step, bit 0: the remainder is below x_i ≤ γ^-i, and",
        r"e_i-\gamma^{-i}=(1-R)(1-\gamma^{-i})>0",
    )
    steps.equal(
        bound(i - 1) - g ** -(i + 1),
        bound(i),
        "induction step, bit 1: the remainder is at most",
        r"e_{i-1}-\gamma^{-(i+1)}=e_i",
    )
    steps.say(
        "no less: w = 1 with the lowest samples, which all together sum to R(1 − γ^-k)",
        r"E_k(\gamma)=1-R(1-\gamma^{-k})",
    )
    below = sp.diff(g**-k, g)
    steps.holds(
        sp.simplify(below).is_negative,
        "below φ the error falls as γ grows",
        rf"\frac{{d}}{{d\gamma}}\gamma^{{-k}}={sp.latex(sp.simplify(below))}<0",
    )
    above = sp.diff(g ** -(i + 1), g)
    steps.holds(
        sp.simplify(above).is_negative,
        "above φ it rises: it is 1 minus a sum of terms that fall",
        rf"\frac{{d}}{{d\gamma}}\gamma^{{-(i+1)}}={sp.latex(sp.simplify(above))}<0",
    )
    steps.equal(
        sp.simplify(total.subs(g, GOLDEN)), 1, "and the two meet at φ, where R = 1", r"R(\varphi)=1"
    )
    iv = mpmath.iv
    quotient = iv.log((1 + iv.sqrt(iv.mpf(5))) / 2) / iv.log(iv.mpf("1.5"))
    half = iv.mpf("0.0005")
    steps.holds(
        (quotient - iv.mpf(ratio) + half).a > 0 and (iv.mpf(ratio) + half - quotient).a > 0,
        "ln(1/ε)/ln γ digits: the quotient, by interval arithmetic",
        rf"\frac{{\ln\varphi}}{{\ln1.5}}={ratio}\pm0.0005",
    )


def _fewer_than_three_digits() -> Counterexample:
    base, scale, count = Fraction(3, 2), Fraction(27, 32), 2
    errors = [Fraction(1)]  # the largest remainders over all corners, as in largest_remainders
    for n in range(1, count + 1):
        ends = (scale * base ** -(n + 1), scale * base**-n)
        errors = [h if h < x else max(x, h - x) for h, x in product(errors, ends)]
    power = largest_remainders(EXACT_PHI, count)[-1][0]
    if not Surd(max(errors)) < power:
        raise AssertionError("no counterexample")
    return Counterexample(
        "k ≥ 3",
        {"γ": base, "s": scale, "k": count},
        f"no corner leaves more than {max(errors)}, less than φ^-k = {float(power):.4f},",
    )


@claim(
    name="best-base-scaled",
    chapter=CHAPTER,
    title="the best base, if segments may be scaled",
    statement=(
        r"For $\gamma>1$, $s>0$ and $k\ge1$ let $E_k(\gamma,s)$ be the supremum, over all "
        r"$w\in[0,1]$ and all $x_i\in s[\gamma^{-(i+1)},\gamma^{-i}]$, of $w$ minus its best "
        r"subset sum from below. (a) For $1<\gamma\le\varphi$ and $R=\frac1{\gamma(\gamma-1)}$, "
        r"$\min_sE_k(\gamma,s)=\frac1{1+R(\gamma^k-1)}$, at $s=\frac1{R-(R-1)\gamma^{-k}}$. (b) "
        r"For $k\ge3$, $E_k(\gamma,s)\ge\varphi^{-k}$, with equality for $\gamma=\varphi$, $s=1$ "
        r"only. (c) For $k=1$ and $k=2$ the minimum in (a) is the smaller, the smaller $\gamma$ "
        r"is; as $\gamma\to1$ it tends to $\frac1{k+1}<\varphi^{-k}$."
    ),
    source="★",
    kind="proof",
    uses=("best-base",),
    wrong={
        "factor": sp.Rational(99, 100),
        "one": sp.Rational(99, 100),
        "least": 2,
        "more": sp.Rational(101, 100),
    },
    refute=_fewer_than_three_digits,
)
def best_base_scaled(
    steps: Steps,
    factor: Any = sp.Integer(1),
    one: Any = sp.Integer(1),
    least: int = 3,
    more: Any = sp.Integer(1),
) -> None:
    scale, v = sp.symbols("s v", positive=True)
    n = sp.Symbol("n", integer=True, nonnegative=True)
    over, rest = sp.symbols("t_1 t_2", nonnegative=True)
    total = _total(steps, factor, "R telescopes, so the lowest samples sum to sR(1 − γ^-k)")
    lows = total * (1 - g**-k)
    q = total * (g**k - 1)
    _powers_fall(steps)
    steps.say(
        "from below, for all γ > 1: w = 1 with the lowest samples, and a w just below x_k = sγ^-k "
        "(if that exceeds 1, w = 1 is missed by 1); t₁, t₂ ≥ 0 are what the error has above that",
        r"E=1-sR(1-\gamma^{-k})+t_1=s\gamma^{-k}+t_2",
    )
    steps.equal(
        one * (1 - scale * lows + over) + q * (scale * g**-k + rest) - 1,
        over + q * rest,
        "the first plus Q = R(γ^k − 1) > 0 times the second",
        r"(1+Q)E-1=t_1+Q\,t_2\ge0",
    )
    best = 1 / (total - (total - 1) * g**-k)

    def bound(exponent: Any) -> Any:
        return best * (total * g**-exponent - (total - 1) * g**-k)

    steps.say("(a), from above, with the s of the statement: greedy keeps", r"0\le r_i\le e_i")
    steps.equal(
        bound(0),
        1,
        "induction, base: r₀ = w is in [0, 1]",
        r"e_i=s\bigl(R\gamma^{-i}-(R-1)\gamma^{-k}\bigr),\quad e_0=1",
    )
    steps.equal(
        bound(i) - best * g**-i,
        best * (total - 1) * (g**-i - g**-k),
        "induction step, bit 0: the remainder is below x_i ≤ sγ^-i, and",
        r"e_i-s\gamma^{-i}=s(R-1)(\gamma^{-i}-\gamma^{-k})",
    )
    steps.equal(total - 1, (1 + g - g**2) / (g * (g - 1)), "not negative: R − 1 as a fraction")
    _nonnegative_up_to(steps, 1 + g - g**2, GOLDEN, "its numerator")
    steps.holds(
        (n * sp.log(1 + v)).is_nonnegative,
        "and the powers fall: with n = k − i ≥ 0, γ = 1 + v",
        r"\ln(\gamma^{-i}/\gamma^{-k})=n\ln\gamma\ge0",
    )
    steps.equal(
        bound(i - 1) - best * g ** -(i + 1),
        bound(i),
        "induction step, bit 1: the remainder is at most",
        r"e_{i-1}-s\gamma^{-(i+1)}=e_i",
    )
    steps.equal(
        bound(k), 1 / (one + q), "after the last digit, the bound from below", r"e_k=\tfrac1{1+Q}"
    )
    steps.equal(
        total * (g ** (n + 1) - 1) - total * (g**n - 1),
        g ** (n - 1),
        "(b), γ ≤ φ: one digit more adds one term to Q",
        r"Q=\gamma^{-1}+1+\gamma+\dots+\gamma^{k-2}",
    )
    first = sum(g**m for m in range(-1, least - 1))
    slope = sp.factor(sp.diff(first, g).subs(g, 1 + v))
    steps.holds(
        slope.is_positive,
        f"its first {least} terms together grow with γ = 1 + v",
        rf"\frac{{d}}{{d\gamma}}\bigl({sp.latex(first)}\bigr)={sp.latex(slope)}>0",
    )
    steps.holds(
        sp.diff(g ** (n + 1), g).is_positive, "and so do all later ones", r"\gamma^{n+1},\ n\ge0"
    )
    steps.equal(
        q.subs(g, GOLDEN), GOLDEN**k - 1, "so E > φ^-k for γ < φ, since at φ", r"Q=\varphi^k-1"
    )
    steps.equal(
        (1 + d) * GOLDEN**-k - GOLDEN**-k,
        d * GOLDEN**-k,
        "γ = φ, s = 1 + d, d > 0: the second bound exceeds φ^-k",
        r"s\varphi^{-k}-\varphi^{-k}=d\varphi^{-k}>0",
    )
    steps.equal(
        (1 - (1 - d) * (1 - GOLDEN**-k)) - GOLDEN**-k,
        d * (1 - GOLDEN**-k),
        "γ = φ, s = 1 − d: the first does; and s = 1 has E = φ^-k",
        r"1-s(1-\varphi^{-k})-\varphi^{-k}=d(1-\varphi^{-k})>0",
    )
    steps.equal(
        sp.expand((g**2 - g - 1).subs(g, GOLDEN + d)),
        d**2 + sp.sqrt(5) * d,
        "(b), γ = φ + d, d > 0: R < 1, as",
        r"\gamma^2-\gamma-1=d^2+\sqrt5\,d>0",
    )
    gap = g**-1 - total * (g**-1 - g**-k)
    steps.equal(
        gap,
        (1 - total) / g + total * g**-k,
        "let sγ⁻¹ ≤ 1; with x₁ = sγ⁻¹ and all others lowest, a w just below x₁ is missed by sD",
        r"D=\gamma^{-1}-R(\gamma^{-1}-\gamma^{-k})=\tfrac{1-R}\gamma+R\gamma^{-k}>0",
    )
    steps.equal(
        (1 - scale * lows + over) + lows / gap * (scale * gap + rest) - 1,
        over + lows / gap * rest,
        "again the first bound plus a positive multiple of this one",
        r"\Bigl(1+\frac{R(1-\gamma^{-k})}D\Bigr)E-1=t_1+\frac{R(1-\gamma^{-k})}D\,t_2\ge0",
    )

    def part(exponent: Any) -> Any:
        return g * (1 - g**-exponent) / (g**2 - 1)

    steps.equal(
        gap / (gap + lows),
        1 - part(k),
        "so the error is at least",
        r"\frac{D}{D+R(1-\gamma^{-k})}=1-f_k,\quad f_k=\frac{\gamma(1-\gamma^{-k})}{\gamma^2-1}",
    )
    steps.equal(
        part(n + 1) - part(n),
        g**-n / (1 + g),
        "one digit more adds a positive term to f",
        r"f_k=\frac{1+\gamma^{-1}+\dots+\gamma^{-(k-1)}}{1+\gamma}",
    )
    steps.holds(
        sp.diff(sp.expand_log(sp.log(g**-n / (1 + g)), force=True), g).is_negative,
        "and each term falls as γ grows: the derivative of its logarithm is",
        r"-\tfrac n\gamma-\tfrac1{1+\gamma}<0",
    )
    steps.equal(
        part(k).subs(g, GOLDEN), 1 - GOLDEN**-k, "at φ it is", r"f_k(\varphi)=1-\varphi^{-k}"
    )
    steps.say(
        "so E > φ^-k; if sγ⁻¹ > 1, let the digits whose segments reach above 1 be above 1: fewer "
        "digits of the same kind are left, with a larger bound, or none, and then w = 1 is missed "
        "by 1"
    )
    for digits_ in (1, 2):
        few = sp.expand(sp.simplify(q.subs(k, digits_)))
        limit = 1 / (digits_ + more)
        steps.holds(
            sp.diff(few, g).is_negative and 1 / (1 + sp.limit(few, g, 1)) == limit,
            f"(c), k = {digits_}: Q rises as γ falls, and the error tends to {limit}",
            rf"Q={sp.latex(few)}",
        )
        steps.holds(limit < GOLDEN**-digits_, "which is less than", rf"\varphi^{{-{digits_}}}")


def _aim_leaves_the_range() -> Counterexample:
    base, weight, epsilon = Fraction(8, 5), Fraction(1), Fraction(1, 10)
    count = 1
    while base**-count > 2 * epsilon:
        count += 1
    sums = _sums(base ** -(n + 1) for n in range(1, count + 1))
    error = min(abs(weight - total) for total in sums)
    if error <= epsilon:
        raise AssertionError("no counterexample")
    return Counterexample(
        "the segments are scaled by w_max + ε, not by w_max",
        {"γ": float(base), "w": weight, "ε": float(epsilon), "k": count},
        f"every subset of the lowest samples misses by {float(error):.4f}",
    )


@claim(
    name="two-sided-rounding",
    chapter=CHAPTER,
    title="two-sided rounding",
    statement=(
        r"Let $1<\gamma\le\varphi$, $0<\varepsilon<w_{\max}$, "
        r"$k=\lceil\log_\gamma\frac{w_{\max}+\varepsilon}{2\varepsilon}\rceil$ and "
        r"$x_i\in(w_{\max}+\varepsilon)[\gamma^{-(i+1)},\gamma^{-i}]$. For every "
        r"$w\in[0,w_{\max}]$ the greedy bits of $w+\varepsilon$ give $\lvert "
        r"w-\sum_ib_ix_i\rvert\le\varepsilon$. Before rounding up, $k$ is smaller than for "
        r"one-sided digits by $\log_\gamma2-\log_\gamma(1+\varepsilon/w_{\max})$, which is "
        r"between 0 and $\log_\gamma2$."
    ),
    source="★",
    kind="proof",
    uses=("digits-suffice",),
    wrong={
        "shift": sp.Rational(101, 100),
        "room": sp.Rational(99, 100),
        "window": sp.Rational(202, 100),
    },
    refute=_aim_leaves_the_range,
)
def two_sided_rounding(
    steps: Steps,
    shift: Any = sp.Integer(1),
    room: Any = sp.Integer(1),
    window: Any = sp.Integer(2),
) -> None:
    scale = top + room * eps
    steps.equal(
        scale - ((top - s) + shift * eps),
        s + (room - shift) * eps,
        "the aim stays in range: for w = w_max − s, s ≥ 0, the scale minus the aim",
        rf"(w_{{\max}}+\varepsilon)-(w+\varepsilon)=s+{sp.latex(room - shift)}\,\varepsilon",
    )
    steps.holds(
        room - shift >= 0, "which is not negative", r"w+\varepsilon\le w_{\max}+\varepsilon"
    )
    steps.say(
        "sufficiency of the digits, scaled, leaves a remainder of w + ε",
        rf"0\le r\le(w_{{\max}}+\varepsilon)\gamma^{{-k}}\le {sp.latex(window)}\varepsilon",
    )
    r = sp.Symbol("r", nonnegative=True)
    w = sp.Symbol("w", nonnegative=True)
    total = (w + shift * eps) - r
    steps.equal(w - total, r - shift * eps, "the error", r"w-\sum_ib_ix_i=r-\varepsilon")
    steps.holds(shift <= 1, "which is at least −ε, at r = 0", r"0-\varepsilon\ge-\varepsilon")
    steps.holds(
        window - shift <= 1,
        "and at most ε, at the largest r",
        rf"{sp.latex(window)}\varepsilon-\varepsilon\le\varepsilon",
    )
    q = sp.Symbol("q", positive=True)  # ε/w_max
    steps.equal(
        sp.log(1 / q) - (sp.log(1 + room * q) - sp.log(window) - sp.log(q)),
        sp.log(window) - sp.log(1 + room * q),
        "digits saved, times ln γ, with q = ε/w_max",
        r"\ln\frac{w_{\max}}\varepsilon-\ln\frac{w_{\max}+\varepsilon}{2\varepsilon}=\ln2-\ln(1+q)",
    )
    v = sp.Symbol("v", positive=True)
    steps.holds(
        sp.simplify(sp.together(window / (1 + room * (1 / (1 + v))) - 1)).is_positive
        and sp.log(1 + room * q).is_positive,
        "positive, since 2/(1 + q) > 1 for q = 1/(1 + v), v > 0; and below ln 2, since q > 0",
        r"0<\ln2-\ln(1+q)<\ln2",
    )


# -- what the lemma hides --------------------------------------------------------------------------


def _window_too_narrow() -> Counterexample:
    ratio, base = Fraction(1, 2), Fraction(152, 100)
    for count in range(1, 13):
        error = _shortfall(Fraction(1), [ratio * base**-n for n in range(1, count + 1)])
        if error > base**-count:
            return Counterexample(
                "γ ≤ 1 + ρ",
                {"ρ": ratio, "γ": float(base), "k": count, "w": 1},
                f"every subset misses by {float(error):.4f} > γ^-k = {float(base**-count):.4f}",
            )
    raise AssertionError("no counterexample")


@claim(
    name="digit-windows",
    chapter=CHAPTER,
    title="windows of any width",
    statement=(
        r"Let $0<\rho\le1$, $\gamma>1$ and $k\ge1$. Every $w\in[0,1]$ has, for every choice of "
        r"$x_i\in[\rho\gamma^{-i},\gamma^{-i}]$, $i=1..k$, a subset with "
        r"$0\le w-\sum_ib_ix_i\le\gamma^{-k}$ if and only if $\gamma\le1+\rho$; then the greedy "
        r"bits are one."
    ),
    source="★",
    kind="proof",
    wrong={"one": sp.Rational(101, 100)},
    refute=_window_too_narrow,
)
def digit_windows(steps: Steps, one: Any = sp.Integer(1)) -> None:
    rho = sp.Symbol("rho", positive=True)
    steps.say("if: greedy keeps", r"0\le r_i\le\gamma^{-i}")
    steps.say("induction, base: r₀ = w is in [0, 1]", r"r_0\le\gamma^0")
    steps.say("induction step, bit 0: it did not fit", r"0\le r_i<x_i\le\gamma^{-i}")
    spare = one + rho - g  # ≥ 0: the hypothesis
    steps.equal(
        g**-i - ((g ** (1 - i) - s) - (rho * g**-i + t)),
        g**-i * (spare + (1 - one)) + s + t,
        "induction step, bit 1: the bound minus the remainder; s, t ≥ 0 are what hypothesis and "
        "window leave over",
        r"\gamma^{-i}-\bigl((\gamma^{-(i-1)}-s)-(\rho\gamma^{-i}+t)\bigr)"
        r"=\gamma^{-i}(1+\rho-\gamma)+s+t",
    )
    steps.holds(1 - one >= 0, "not negative for γ ≤ 1 + ρ", r"1+\rho-\gamma\ge0")
    steps.equal(
        rho * g**-i,
        rho / (g - 1) * (g ** (1 - i) - g**-i),
        "only if: the lowest samples telescope",
        r"\rho\gamma^{-i}=\tfrac{\rho}{\gamma-1}(\gamma^{-(i-1)}-\gamma^{-i})",
    )
    steps.equal(
        1 - rho / (g - 1) * (1 - g**-k) - g**-k,
        (1 - g**-k) * (g - 1 - rho) / (g - 1),
        "even all of them miss w = 1 by more than γ^-k, the difference being",
        r"1-\tfrac{\rho}{\gamma-1}(1-\gamma^{-k})-\gamma^{-k}"
        r"=(1-\gamma^{-k})\tfrac{\gamma-1-\rho}{\gamma-1}",
    )
    _powers_fall(steps)
    steps.holds(
        one - 1 >= 0, "so it is positive for γ > 1 + ρ, for every k ≥ 1", r"\gamma-1-\rho>0"
    )
    steps.equal(
        sp.simplify((1 + 1 / GOLDEN) - GOLDEN),
        0,
        "adjacent windows, ρ = 1/γ: γ = 1 + 1/γ is solved by φ",
        r"\varphi=1+\tfrac1\varphi",
    )


def _covered(numbers: Sequence[int], one: int, allowed: int) -> bool:
    """Coverage of [0, one] within `allowed`, by looking at every subset sum, in integers."""
    sums = sorted({int(total) for total in _sums(numbers) if total <= one})
    ends = [*sums[1:], one]
    return all(end - start <= allowed for start, end in zip(sums, ends, strict=True))


def _numbers_above_one_do_not_count() -> Counterexample:
    for count in range(1, 4):
        for numbers in combinations_with_replacement(range(1, 13), count):
            total = np.cumsum((0, *numbers))
            criterion = all(x <= 4 + b for x, b in zip(numbers, total[:-1], strict=True))
            criterion &= bool(total[-1] >= 8 - 4)
            if criterion != _covered(numbers, 8, 4):
                shown = ", ".join(str(Fraction(x, 8)) for x in numbers)
                return Counterexample(
                    "every number is at most 1",
                    {"numbers": f"{{{shown}}}", "ε": Fraction(1, 2)},
                    "the numbers cover [0, 1], and yet the criterion fails",
                )
    raise AssertionError("no counterexample")


@claim(
    name="coverage-criterion",
    chapter=CHAPTER,
    title="coverage criterion",
    statement=(
        r"Let $n\ge1$, $0<y_1\le\dots\le y_n\le1$, $S_j=y_1+\dots+y_j$, $S_0=0$, $\varepsilon>0$. "
        r"Every $w\in[0,1]$ has a subset with $0\le w-\sum_{i\in I}y_i\le\varepsilon$ if and only "
        r"if $y_j\le\varepsilon+S_{j-1}$ for all $j$ and $S_n\ge1-\varepsilon$; then choosing "
        r"greedily, largest first, finds one."
    ),
    source="Kakeya 1914 for a series and ε = 0, Brown 1961 for integers; ★ for any ε",
    kind="proof",
    uses=("kakeya1914", "brown1961"),
    wrong={"spare": sp.Rational(101, 100)},
    refute=_numbers_above_one_do_not_count,
)
def coverage_criterion(steps: Steps, spare: Any = sp.Integer(1)) -> None:
    before = sp.Symbol("S", nonnegative=True)  # the sum of the numbers before y
    allowed = spare * eps
    steps.say(
        "if: from the largest number down, r is what is left before y_j is looked at",
        r"0\le r\le\varepsilon+S_j",
    )
    steps.say("induction, base: w ≤ 1 ≤ ε + S_n, by the second condition")
    steps.say("induction step, y_j does not fit", r"r<y_j\le\varepsilon+S_{j-1}")
    y = sp.Symbol("y", positive=True)
    steps.equal(
        (allowed + before) - ((allowed + before + y - s) - y),
        s,
        "induction step, y_j fits: what the hypothesis left over, s ≥ 0, the new bound keeps",
        r"\varepsilon+S_{j-1}-\bigl((\varepsilon+S_j-s)-y_j\bigr)=s\ge0",
    )
    steps.holds(
        1 - spare >= 0, "after y₁ nothing is before", r"0\le r\le\varepsilon+S_0=\varepsilon"
    )
    steps.say("only if, the sum: w = 1 needs a subset of 1 − ε or more", r"S_n\ge1-\varepsilon")
    steps.say(
        "only if, each number: suppose one is too large, and aim just below it, at a w in [0, 1]",
        r"y_j=\varepsilon+S_{j-1}+2d,\quad w=y_j-d<y_j\le1,\quad d>0",
    )
    steps.equal(
        (allowed + before + 2 * d - d) - before,
        allowed + d,
        "a subset sum up to w uses numbers below y_j alone, so it is S_{j−1} or less; then w is "
        "missed by at least",
        r"w-S_{j-1}=\varepsilon+d>\varepsilon",
    )
    steps.holds(spare - 1 >= 0, "which is more than allowed")


def _without_first_step(samples: Any, epsilon: float) -> Any:
    """The criterion without the clause on numbers above 1: wrong."""
    ordered = np.sort(np.asarray(samples, dtype=float), axis=-1)
    total = np.cumsum(ordered, axis=-1)
    before = total - ordered
    return (ordered <= epsilon + before).all(axis=-1) & (total[..., -1] >= 1 - epsilon)


def _largest_first_can_lose_on_one_weight() -> Counterexample:
    # the criterion is about all weights: where it fails, greedy may miss what some subset meets
    for numbers in combinations_with_replacement(range(1, 9), 3):
        if _covered(numbers, 8, 1):
            continue
        for weight in range(9):
            rest = weight
            for x in reversed(numbers):
                rest -= x if rest >= x else 0
            if rest > 1 >= _shortfall(weight, numbers):
                shown = ", ".join(str(Fraction(x, 8)) for x in numbers)
                return Counterexample(
                    "the criterion holds",
                    {"numbers": f"{{{shown}}}", "w": Fraction(weight, 8), "ε": Fraction(1, 8)},
                    f"greedy leaves {Fraction(rest, 8)}, though some subset comes within ε",
                )
    raise AssertionError("no counterexample")


@claim(
    name="coverage-criterion-finite",
    chapter=CHAPTER,
    title="coverage criterion: all small sets, exactly",
    statement=(
        r"For every multiset of up to 5 numbers from $\frac18,\frac28,\dots,\frac{10}8$ and every "
        r"$\varepsilon=\frac18,\dots,\frac88$, the criterion, applied to the numbers up to 1, says "
        r"what a look at all subset sums says; where it holds, greedy stays within $\varepsilon$."
    ),
    source="★",
    kind="finite verification",
    uses=("coverage-criterion",),
    wrong={"covers": _without_first_step},
    refute=_largest_first_can_lose_on_one_weight,
)
def coverage_criterion_finite(steps: Steps, covers: Callable[..., Any] = digits.covers) -> None:
    one = 8
    for count in range(1, 6):
        sets = list(combinations_with_replacement(range(1, 11), count))
        rows = np.array(sets)
        covered = 0
        weights = np.arange(one + 1)[:, None]
        rest = np.tile(weights, (1, len(sets)))  # the largest of [w, w + 1/8) is just below w + 1/8
        for x in rows[:, ::-1].T:
            rest = np.where(rest >= x, rest - x, rest)
        worst = np.maximum((rest[:-1] + 1).max(axis=0), rest[-1])
        for allowed in range(1, one + 1):
            said = np.asarray(covers(rows / one, allowed / one))
            seen = np.array([_covered(numbers, one, allowed) for numbers in sets])
            if (said != seen).any():
                n = int(np.argmax(said != seen))
                raise AssertionError(f"{rows[n]}/8 with ε = {allowed}/8: covered is {seen[n]}")
            assert (worst[seen] <= allowed).all(), "greedy misses a weight that is covered"
            covered += int(seen.sum())
        steps.say(
            f"{len(sets):,} sets of {count}, 8 values of ε: the criterion and the list of all "
            f"sums agree; {covered:,} pairs cover, and there greedy leaves at most ε"
        )


EXPONENTS = (8, 20, 40)


def coverage_draws(count: int, samples: int, trials: int, seed: int = 0) -> NDArray[np.float64]:
    """Log-uniform samples from the range of k segments in base φ, shape (trials, samples)."""
    low, high = digits.segments(count)
    levels = np.random.default_rng(seed).random((trials, samples))
    drawn: NDArray[np.float64] = low[-1] * (high[0] / low[-1]) ** levels
    return drawn


def _fewer_samples_fail() -> Counterexample:
    trials = 2000
    for count, samples in zip(EXPONENTS, (24, 60, 120), strict=True):
        drawn = coverage_draws(count, samples, trials, seed=1)
        failures = int((~digits.covers(drawn, digits.PHI**-count)).sum())
        # if failures had probability 0.01, so many would have one below exp(-N kl)
        if failures / trials > 0.01 and unlikely_mean(failures / trials, 0.01, trials):
            return Counterexample(
                "enough samples",
                {"k": count, "samples": samples},
                f"{failures} of {trials} draws leave a gap, far more than one in a hundred",
            )
    raise AssertionError("no counterexample")


@claim(
    name="coverage-measured",
    chapter=CHAPTER,
    title="fewer samples than categories ask for",
    statement=(
        r"With $\varepsilon=\varphi^{-k}$ and $k=8,20,40$: 42, 108 and 220 log-uniform samples "
        r"from $[\varphi^{-(k+1)},\varphi^{-1}]$ cover $[0,1]$ within $\varepsilon$ with "
        r"probability above 99 %, while hitting every segment with that probability takes 51, "
        r"149 and 328."
    ),
    source="★",
    kind="evidence",
    uses=("coverage-criterion",),
    wrong={
        "enough": (28, 108, 220),
        "all_hit": (50, 149, 328),
        "probability": 0.999,
        "covers": lambda samples, epsilon: digits.covers(samples, epsilon / 4),
    },
    refute=_fewer_samples_fail,
)
def coverage_measured(
    steps: Steps,
    enough: tuple[int, ...] = (42, 108, 220),
    all_hit: tuple[int, ...] = (51, 149, 328),
    probability: float = 0.99,
    covers: Callable[..., Any] = digits.covers,
) -> None:
    trials = 20_000
    for count, samples, hits in zip(EXPONENTS, enough, all_hit, strict=True):
        drawn = coverage_draws(count, samples, trials)
        failures = int((~np.asarray(covers(drawn, digits.PHI**-count))).sum())
        observed = failures / trials
        steps.holds(
            observed < 1 - probability and unlikely_mean(observed, 1 - probability, trials),
            f"k = {count}: {failures} of {trials:,} draws of {samples} samples leave a gap; were "
            f"the probability of a gap {1 - probability:.2g} or more, so few would turn up with "
            "probability 1e-6 at most (Hoeffding's bound, with relative entropy)",
        )
        wanted = Fraction(str(probability))
        share = Fraction(1, count)
        enough_hit, one_fewer = (batches.all_hit(count, share, n) for n in (hits, hits - 1))
        steps.holds(
            enough_hit >= wanted > one_fewer,
            f"k = {count}: every segment hit, by inclusion and exclusion in fractions: {hits} "
            f"samples, one fewer is not enough",
        )


CLAIMS: tuple[Claim, ...] = (
    exact_binary_digits,
    digits_suffice,
    digits_suffice_finite,
    digits_fail_above_phi,
    extended_range,
    best_base,
    best_base_scaled,
    two_sided_rounding,
    digit_windows,
    coverage_criterion,
    coverage_criterion_finite,
    coverage_measured,
)
