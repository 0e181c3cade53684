"""Claims of the chapter *malach*: one weight out of ReLU neurons."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from lpbook.batches import samples_for_both
from lpbook.constructions import Malach, malach_success
from lpbook.ledger.legacy import Counterexample, Steps, claim

CHAPTER = "malach"
SOURCE = "Malach et al. 2020, one weight"

# σ and leaky ReLUs, for every real z at once
_z, _s = sp.symbols("z s", real=True)
RELU = (_z + sp.Abs(_z)) / 2
LEAKY = (1 + _s) / 2 * _z + (1 - _s) / 2 * sp.Abs(_z)


def _relu(z: Any) -> Any:
    return RELU.subs(_z, z)


def _two_neurons(a: Any, b: Any, c: Any, d: Any, x: Any, relu: Any = RELU) -> Any:
    """What a neuron (b, a) and a neuron (d, c) add up to at the input x."""
    return sp.simplify(a * relu.subs(_z, b * x) + c * relu.subs(_z, d * x))


# -- the ReLU identity -------------------------------------------------------------------------


def _one_half_alone() -> Counterexample:
    w, x = sp.Rational(7, 10), sp.Integer(-1)
    left = _relu(w * x)
    assert left != w * x
    return Counterexample(
        "the second neuron is there", {"w": w, "x": x}, f"σ(wx) = {left}, not wx = {w * x}"
    )


@claim(
    name="relu-identity",
    chapter=CHAPTER,
    title="ReLU identity",
    statement=r"For all real $w,x$: $wx=\sigma(wx)-\sigma(-wx)$ with $\sigma(z)=\max(z,0)$.",
    source="folklore; used by Malach et al. 2020",
    kind="proof",
    wrong={"scale": sp.Rational(101, 100)},
    refute=_one_half_alone,
)
def relu_identity(steps: Steps, scale: Any = 1) -> None:
    t = sp.Symbol("t", nonnegative=True)
    steps.equal(_relu(t), t, "σ(z) = (z + |z|)/2: for z = t ≥ 0 it is t", r"\sigma(t)=t")
    steps.equal(
        _relu(-t),
        0,
        "and for z = −t ≤ 0 it is 0, so this is max(z, 0) for every real z",
        r"\sigma(-t)=0",
    )
    steps.equal(
        _relu(_z) - scale * _relu(-_z),
        _z,
        "subtract the two halves; then put z = wx",
        r"\sigma(z)-\sigma(-z)=z",
    )


# -- the sign rule -----------------------------------------------------------------------------


def _same_signs_lose_a_half_line() -> Counterexample:
    # the neurons add up to w on x > 0, but both have b > 0
    w, x = sp.Rational(7, 10), sp.Integer(-1)
    a = c = w / 2
    value = _two_neurons(a, 1, c, 1, x)
    assert _two_neurons(a, 1, c, 1, 1) == w
    assert value != w * x
    return Counterexample(
        "b and d have opposite signs",
        {"w": w, "a": a, "b": 1, "c": c, "d": 1, "x": x},
        f"the two neurons give {value} instead of {w * x}",
    )


@claim(
    name="sign-rule",
    chapter=CHAPTER,
    title="sign rule",
    statement=(
        r"Let $w\ne0$ and $a,b,c,d$ be real. Then $a\,\sigma(bx)+c\,\sigma(dx)=wx$ for all real "
        r"$x$ if and only if, up to swapping the two neurons, $b>0>d$, $ab=w$ and $cd=w$."
    ),
    source="Orseau et al. 2020, poster, with its sign corrected; the converse ★",
    kind="proof",
    uses=("orseau2020",),
    wrong={"first": sp.Rational(101, 100), "second": -1},
    refute=_same_signs_lose_a_half_line,
)
def sign_rule(steps: Steps, first: Any = 1, second: Any = 1) -> None:
    t, b, d = sp.symbols("t b d", nonnegative=True)
    a, c = sp.symbols("a c", real=True)
    w = sp.Symbol("w", real=True, nonzero=True)
    steps.equal(_relu(t * _z), t * _relu(_z), "scaling by t ≥ 0", r"\sigma(tz)=t\,\sigma(z)")
    steps.say(
        "so f(x) = a σ(bx) + c σ(dx) is x f(1) for x ≥ 0 and −x f(−1) for x < 0: "
        "it is wx everywhere iff f(1) = w and f(−1) = −w"
    )
    steps.equal(
        _two_neurons(a, b, c, d, -1), 0, "if b, d ≥ 0: f(−1) = 0, which is not −w", r"f(-1)=0\ne-w"
    )
    steps.equal(
        _two_neurons(a, -b, c, -d, 1), 0, "if b, d ≤ 0: f(1) = 0, which is not w", r"f(1)=0\ne w"
    )
    p, q = sp.symbols("p q", positive=True)
    plus, minus = (_two_neurons(a, p, c, -q, x) for x in (1, -1))
    steps.equal(plus, a * p, "otherwise swap so that b = p > 0 > d = −q", r"f(1)=ap=ab")
    steps.equal(minus, c * q, "and", r"f(-1)=cq=-cd")
    for at, share, value, wanted, name in (
        (1, first, plus.subs(a, first * w / p), w, "ab"),
        (-1, second, minus.subs(c, second * w / -q), -w, "cd"),
    ):
        words = f"{name} = {share * w} gives f({at}) = {value}, and it shall be {wanted}"
        steps.holds(sp.simplify(value - wanted) == 0, words.replace("-", "−"))
    steps.holds(
        sp.diff(plus, a).is_positive and sp.diff(minus, c).is_positive,
        "and by nothing else: f(1) increases strictly with a, f(−1) with c",
    )


# -- variants ----------------------------------------------------------------------------------


def _one_neuron_fails_below_zero() -> Counterexample:
    w, x = sp.Rational(7, 10), sp.Integer(-1)
    value = _two_neurons(w, 1, 0, 0, x)
    assert value != w * x
    return Counterexample("x ≥ 0", {"w": w, "x": x}, f"the one neuron gives {value}, not {w * x}")


@claim(
    name="one-half-suffices",
    chapter=CHAPTER,
    title="one half suffices for inputs of one sign",
    statement=(
        r"Let $w\ne0$. Then $a\,\sigma(bx)=wx$ for all $x\ge0$ if and only if $b>0$ and $ab=w$."
    ),
    source="★",
    kind="proof",
    wrong={"product": sp.Rational(101, 100)},
    refute=_one_neuron_fails_below_zero,
)
def one_half_suffices(steps: Steps, product: Any = 1) -> None:
    t, b = sp.symbols("t b", nonnegative=True)
    a = sp.Symbol("a", real=True)
    w = sp.Symbol("w", real=True, nonzero=True)
    p = sp.Symbol("p", positive=True)
    steps.equal(
        a * _relu(-b * t),
        0,
        "if b ≤ 0 the neuron is silent on all x = t ≥ 0; w is not 0",
        r"a\,\sigma(bx)=0",
    )
    steps.equal(a * _relu(p * t), a * p * t, "if b = p > 0", r"a\,\sigma(bx)=abx")
    steps.equal(
        (a * p * t).subs(a, product * w / p), w * t, "which is wx iff ab = w (put x = 1)", r"ab=w"
    )


def _absolute_value_is_even() -> Counterexample:
    a, b, c, d = sp.symbols("a b c d", real=True)
    f = [a * sp.Abs(b * x) + c * sp.Abs(d * x) for x in (1, -1)]
    assert LEAKY.subs(_s, -1) == sp.Abs(_z)
    assert sp.simplify(f[0] - f[1]) == 0
    return Counterexample(
        "s ≠ −1",
        {"s": -1, "w": 1},
        "whatever a, b, c, d are, f(1) = f(−1), so they cannot be w and −w; this is seen",
    )


@claim(
    name="leaky-relu",
    chapter=CHAPTER,
    title="leaky ReLUs",
    statement=(
        r"Let $\sigma_s(z)=z$ for $z\ge0$ and $sz$ for $z<0$, with $s\ne\pm1$, and let $w\ne0$. "
        r"Then $a\,\sigma_s(bx)+c\,\sigma_s(dx)=wx$ for all real $x$ iff, up to swapping, "
        r"$b>0>d$ and $ab=cd=\frac{w}{1+s}$. For $s=-1$ no two neurons do it."
    ),
    source="★",
    kind="proof",
    wrong={"one": sp.Rational(101, 100)},
    refute=_absolute_value_is_even,
)
def leaky_relu(steps: Steps, one: Any = 1) -> None:
    t, b, d = sp.symbols("t b d", nonnegative=True)
    a, c = sp.symbols("a c", real=True)
    w = sp.Symbol("w", real=True, nonzero=True)
    steps.equal(
        LEAKY.subs(_z, t),
        t,
        "σ_s(z) = (1+s)z/2 + (1−s)|z|/2: for z = t ≥ 0 it is t",
        r"\sigma_s(t)=t",
    )
    steps.equal(LEAKY.subs(_z, -t), -_s * t, "and −st for z = −t", r"\sigma_s(-t)=-st")
    steps.equal(
        LEAKY.subs(_z, t * _z),
        t * LEAKY,
        "scaling by t ≥ 0, so f(1) = w and f(−1) = −w decide",
        r"\sigma_s(tz)=t\,\sigma_s(z)",
    )
    plus, minus = (_two_neurons(a, b, c, d, x, LEAKY) for x in (1, -1))
    steps.equal(
        minus, -_s * plus, "if b, d ≥ 0, then −w = −sw, so s = 1: excluded", r"f(-1)=-s\,f(1)"
    )
    plus, minus = (_two_neurons(a, -b, c, -d, x, LEAKY) for x in (1, -1))
    steps.equal(
        plus, -_s * minus, "if b, d ≤ 0, then w = sw, so s = 1: excluded", r"f(1)=-s\,f(-1)"
    )
    p, q = sp.symbols("p q", positive=True)
    plus, minus = (_two_neurons(a, p, c, -q, x, LEAKY) for x in (1, -1))
    first, second = sp.symbols("P Q", real=True)
    values = {a: first / p, c: -second / q}
    steps.equal(
        plus.subs(values), first + _s * second, "if b > 0 > d, with P = ab, Q = cd", r"f(1)=P+sQ"
    )
    steps.equal(
        -minus.subs(values), _s * first + second, "and likewise; both shall be w", r"-f(-1)=sP+Q"
    )
    determinant = sp.Matrix([[1, _s], [_s, 1]]).det()
    steps.equal(
        determinant,
        (1 - _s) * (1 + _s),
        "the determinant is not 0, so there is one solution",
        r"1-s^2=(1-s)(1+s)",
    )
    share = w / (one + _s)
    steps.equal(
        share + _s * share,
        w,
        "and it is this, as P + sQ = sP + Q = w shows",
        rf"P=Q={sp.latex(share)}",
    )
    steps.equal(
        (first + _s * second + _s * first + second).subs(_s, -1),
        0,
        "for s = −1 the two equations add up to a contradiction",
        r"0=2w",
    )


# -- one weight from samples -------------------------------------------------------------------


def _a_neuron_too_far_off() -> Counterexample:
    # b may be a little smaller than allowed
    epsilon, w = Fraction(1, 10), Fraction(1)
    a, b = 1 - epsilon / 2, 1 - Fraction(11, 20) * epsilon
    error = abs(a * b - w)
    assert error > epsilon - epsilon**2 / 4
    assert abs(a - w) <= epsilon / 2
    return Counterexample(
        "b ≥ 1 − ε/2",
        {"ε": epsilon, "w": w, "a": a, "b": b},
        f"|ab − w| = {error} > ε − ε²/4 = {epsilon - epsilon**2 / 4}",
    )


@claim(
    name="malach-error",
    chapter=CHAPTER,
    title="Malach et al.'s neurons are close enough",
    statement=(
        r"Let $|w|\le1$ and $0<\varepsilon\le2$. If $|a-w|\le\frac\varepsilon2$ and "
        r"$1-\frac\varepsilon2\le b\le1$, then "
        r"$|ab-w|\le\varepsilon-\frac{\varepsilon^2}4\le\varepsilon$. "
        r"For $x<0$: if $|c+w|\le\frac\varepsilon2$ and $-1\le d\le-1+\frac\varepsilon2$, the same "
        r"holds for $cd$."
    ),
    source=f"{SOURCE}; $\\varepsilon^2/4$ ★",
    kind="proof",
    uses=("malach2020",),
    wrong={"quarter": sp.Rational(101, 400)},
    refute=_a_neuron_too_far_off,
)
def malach_error(steps: Steps, quarter: Any = sp.Rational(1, 4)) -> None:
    alpha, w = sp.symbols("alpha w", real=True)
    h, beta, g = sp.symbols("h beta g", nonnegative=True)
    steps.say(
        "put h = ε/2 ≤ 1, a = w + hα, b = 1 − hβ", r"|\alpha|\le1,\quad0\le\beta\le1,\quad|w|\le1"
    )
    error = (w + h * alpha) * (1 - h * beta) - w
    steps.equal(
        error,
        h * ((1 - h * beta) * alpha - beta * w),
        "the error",
        r"ab-w=h\,[(1-h\beta)\,\alpha-\beta w]",
    )
    corners = [g * x - beta * y for x in (1, -1) for y in (1, -1)]
    steps.holds(
        all((g + beta - sign * corner).is_nonnegative for corner in corners for sign in (1, -1)),
        "with g = 1 − hβ ≥ 0 the bracket gα − βw is linear in α and in w, so it is largest at a "
        "corner of |α|, |w| ≤ 1; there it is at most g + β",
        r"|g\alpha-\beta w|\le g+\beta=1+\beta(1-h)",
    )
    gap = (2 - h) - (1 + beta * (1 - h))
    steps.equal(
        gap,
        (1 - beta) * (1 - h),
        "2 − h exceeds that by a product of two numbers ≥ 0",
        r"(1-\beta)(1-h)\ge0",
    )
    epsilon = 2 * h
    steps.holds(
        sp.simplify((epsilon - quarter * epsilon**2 - h * (2 - h)) / h**2) >= 0,
        "so the error is at most h(2 − h) = ε − ε²/4",
        r"|ab-w|\le\varepsilon-\varepsilon^2/4",
    )
    worst = error.subs({w: 1, alpha: -1, beta: 1})
    steps.equal(-worst, h * (2 - h), "with equality at w = 1, a = b = 1 − ε/2", r"1-(1-h)^2=h(2-h)")
    steps.say("for x < 0 change the signs of both weights: cd = (−c)(−d)")


def _success(u: Any, epsilon: Any) -> Any:
    """Area of the accepted (a, b), over that of the square, exactly; works on fractions."""
    length = min(u + epsilon / 2, 1) - max(u - epsilon / 2, -1)
    return max(length, 0) / 2 * min(epsilon / 2, 2) / 2


def _a_weight_out_of_range() -> Counterexample:
    epsilon = Fraction(1, 10)
    w = 1 + epsilon / 4
    p = _success(w, epsilon)
    assert p < epsilon**2 / 16
    return Counterexample(
        "|w| ≤ 1", {"w": w, "ε": epsilon}, f"p = {p} is less than ε²/16 = {epsilon**2 / 16}"
    )


@claim(
    name="malach-success",
    chapter=CHAPTER,
    title="success probability of one sample",
    statement=(
        r"Let $a,b\sim U[-1,1]$ be independent, $|w|\le1$, $0<\varepsilon\le2$. Then "
        r"$|a-w|\le\frac\varepsilon2$ and $b\ge1-\frac\varepsilon2$ with probability "
        r"$p=\frac{\varepsilon^2}{16}\bigl(1+\min\{1,\tfrac{2(1-|w|)}\varepsilon\}\bigr)"
        r"\ge\frac{\varepsilon^2}{16}$. It is $\frac{\varepsilon^2}{16}$ iff $|w|=1$, and "
        r"$\frac{\varepsilon^2}8$ iff $|w|\le1-\frac\varepsilon2$."
    ),
    source=f"{SOURCE}; the exact values ★",
    kind="proof",
    uses=("malach2020",),
    wrong={
        "edge": sp.Rational(1584, 100),
        "inside": sp.Rational(792, 100),
        "success": lambda w, epsilon: np.square(epsilon) / 16 + 0 * w,
    },
    refute=_a_weight_out_of_range,
)
def malach_success_claim(
    steps: Steps,
    edge: Any = 16,
    inside: Any = 8,
    success: Callable[..., Any] = malach_success,
) -> None:
    h, k, g, s, r, tau, kappa = sp.symbols("h k g s r tau kappa", nonnegative=True)
    steps.say(
        "put h = ε/2 ≤ 1; changing the sign of a lets us take w = u ≥ 0. The pair (a, b) is "
        "uniform on a square of side 2, so p is the length of [u − h, u + h] in [−1, 1], over 2, "
        "times h/2"
    )
    u = g * tau  # g = 1 − h, κ = 1 − τ
    steps.holds(
        sp.expand((g + h - u - h).subs(g * tau, g * (1 - kappa))).is_nonnegative
        and (u - h + (g + h)).is_nonnegative,
        "if u = (1 − h)τ, 0 ≤ τ ≤ 1: the interval lies inside, since 1 − (u + h) = (1 − h)(1 − τ) "
        "≥ 0 and u − h ≥ −1",
    )
    epsilon = 2 * h
    steps.equal(
        2 * h / 2 * h / 2,
        epsilon**2 / inside,
        "so its two sides give",
        r"p=\tfrac{2h}2\cdot\tfrac h2=\tfrac{\varepsilon^2}8",
    )
    u = 1 - h * s
    steps.holds(
        sp.expand((u + h - 1).subs(h * s, h * (1 - r))).is_nonnegative
        and sp.expand(u - h + 1 - (k + g)).subs({k: 1 - h * s, g: 1 - h}).expand() == 0
        and (k + g).is_nonnegative,
        "if u = 1 − hs, 0 ≤ s < 1: it sticks out above, since u + h − 1 = h(1 − s) > 0, and not "
        "below, since u − h + 1 = (1 − h) + (1 − hs) ≥ 0",
    )
    p = (1 - (u - h)) / 2 * h / 2
    steps.equal(
        p,
        epsilon**2 / 16 * (1 + s),
        "so, with 1 − u + h = h(1 + s)",
        r"p=\tfrac{h(1+s)}2\cdot\tfrac h2=\tfrac{\varepsilon^2}{16}(1+s)",
    )
    excess = sp.factor((p - epsilon**2 / edge) / h**2)  # linear in s
    steps.holds(
        excess.subs(s, 0) == 0 and sp.diff(excess, s).is_positive,
        "which is ε²/16 for s = 0, that is |w| = 1, and strictly more for s > 0",
    )
    steps.equal(
        p.subs(s, 1),
        epsilon**2 / inside,
        "at s = 1 the two cases meet; below, p is strictly less",
        r"\tfrac{2\varepsilon^2}{16}=\tfrac{\varepsilon^2}8",
    )
    pairs = [(Fraction(i, 20), Fraction(j, 20)) for i in range(-20, 21) for j in range(1, 41)]
    values = success(*(np.array([float(pair[i]) for pair in pairs]) for i in (0, 1)))
    exact = np.array([float(_success(abs(w), e)) for w, e in pairs])
    steps.holds(
        np.allclose(values, exact, rtol=1e-12, atol=1e-15),
        f"the function in use gives these values, compared at {len(pairs):,} pairs w, ε",
    )


# -- how many samples --------------------------------------------------------------------------


def _failure(size: int, p: Fraction) -> Fraction:
    return 2 * (1 - p) ** size - (1 - 2 * p) ** size


def _halves_that_overlap() -> Counterexample:
    # one sample that serves both halves at once, each with probability p
    p, size = Fraction(1, 4), 3
    together = (1 - p) ** size
    assert together != _failure(size, p)
    return Counterexample(
        "no sample serves both halves",
        {"p": p, "N": size},
        f"samples that serve both or none fail with probability {together}, "
        f"not {_failure(size, p)},",
    )


@claim(
    name="both-halves",
    chapter=CHAPTER,
    title="both halves of a weight",
    statement=(
        r"Let each of independent samples serve either half of a weight with probability "
        r"$p\in(0,\frac12]$ each, never both. Then $N$ samples miss a half with probability "
        r"$f(N)=2(1-p)^N-(1-2p)^N$. $f(0)=f(1)=1$, and from $N=1$ on $f$ falls strictly; "
        r"$2q-q^2\le f(N)\le2q\le2e^{-pN}$ with $q=(1-p)^N$; and on average the "
        r"$\frac3{2p}$-th sample is the one that completes both halves."
    ),
    source="★",
    kind="proof",
    wrong={"halves": sp.Rational(198, 100), "mean": sp.Rational(1485, 1000)},
    refute=_halves_that_overlap,
)
def both_halves(steps: Steps, halves: Any = 2, mean: Any = sp.Rational(3, 2)) -> None:
    p = sp.Symbol("p", positive=True)
    q, r = sp.symbols("q r", nonnegative=True)  # (1−p)^N and (1−2p)^N
    steps.say("put q = (1−p)^N, r = (1−2p)^N; N samples serve neither half with probability r")
    one = halves * q - 2 * r
    steps.equal(
        one.subs({q: 1, r: 1}),
        0,
        "exactly one half is served with probability 2q − 2r: true for N = 0",
        r"2-2=0",
    )
    after = 2 * p * r + (1 - p) * one
    steps.equal(
        after,
        one.subs({q: (1 - p) * q, r: (1 - 2 * p) * r}, simultaneous=True),
        "from N to N + 1: it was none and one comes, or it was one and the other stays away; "
        "2pr + (1 − p)(2q − 2r) is",
        r"2(1-p)q-2(1-2p)r",
    )
    f = sp.expand(one + r)
    steps.equal(f, 2 * q - r, "so a half is missed with probability", r"f(N)=(2q-2r)+r=2q-r")
    drop = f - f.subs({q: (1 - p) * q, r: (1 - 2 * p) * r}, simultaneous=True)
    steps.equal(
        drop,
        2 * p * (q - r),
        "f(N) − f(N + 1)",
        r"f(N)-f(N+1)=2p(q-r)",
    )
    x = sp.Symbol("x", nonnegative=True)
    half = 1 / (2 * (1 + x))  # every p in (0, 1/2]
    steps.holds(
        sp.factor(sp.simplify(1 - 2 * half)).is_nonnegative
        and sp.factor(sp.simplify((1 - half) - (1 - 2 * half))).is_positive,
        "for 0 < p ≤ ½: so q > r for N ≥ 1 and f falls; and both geometric series converge",
        r"1-p>1-2p\ge0",
    )
    steps.equal(f.subs({q: 1, r: 1}), 1, "f(0)")
    steps.equal(f.subs({q: 1 - p, r: 1 - 2 * p}), 1, "f(1)")
    steps.holds((2 * q - f).is_nonnegative, "the union bound, since r ≥ 0", r"f\le2q")
    steps.equal(
        (1 - p) ** 2 - (1 - 2 * p), p**2, "so q² ≥ r, and f ≥ 2q − q²", r"(1-p)^2-(1-2p)=p^2\ge0"
    )
    gap = sp.exp(-p) - 1 + p
    steps.holds(
        gap.subs(p, 0) == 0 and sp.diff(gap, p).subs(p, 0) == 0 and sp.diff(gap, p, 2).is_positive,
        "so q ≤ e^−pN: both sides and their slopes agree at 0, and the difference is convex",
        r"1-p\le e^{-p}",
    )
    n = sp.Symbol("N", integer=True, nonnegative=True)
    y = sp.Symbol("y")
    series = sp.summation(y**n, (n, 0, sp.oo)).args[0][0]  # where |y| < 1
    total = halves * series.subs(y, 1 - p) - series.subs(y, 1 - 2 * p)
    steps.equal(
        total,
        mean / p,
        "the mean, by two geometric series",
        r"\sum_{N\ge0}f(N)=\tfrac2p-\tfrac1{2p}=\tfrac3{2p}",
    )


_DYADIC = [(Fraction(i, 64), Fraction(1, 2**j)) for i in range(1, 33) for j in range(1, 13)]


def _one_sample_fewer() -> Counterexample:
    p, delta = Fraction(1, 16), Fraction(1, 4)
    size = samples_for_both(float(p), float(delta), "exact") - 1
    failure = _failure(size, p)
    assert failure > delta
    return Counterexample(
        "all of the N samples",
        {"p": p, "δ": delta, "N − 1": size},
        f"a half is missed with probability {float(failure):.4g} > δ",
    )


@claim(
    name="both-halves-counts",
    chapter=CHAPTER,
    title="the least counts, for 384 pairs",
    statement=(
        r"For $p=\frac1{64},\frac2{64},\dots,\frac{32}{64}$ and "
        r"$\delta=\frac12,\frac14,\dots,2^{-12}$, `samples_for_both` gives the least $N$ with "
        r"$f(N)\le\delta$, the least with $2(1-p)^N\le\delta$, and "
        r"$\lceil\frac1p\ln\frac2\delta\rceil$, in non-decreasing order."
    ),
    source="★",
    kind="finite verification",
    uses=("both-halves",),
    wrong={"samples": lambda p, delta, bound: samples_for_both(p, delta, bound) - 1},
    refute=_one_sample_fewer,
)
def both_halves_counts(
    steps: Steps, samples: Callable[[float, float, str], int] = samples_for_both
) -> None:
    steps.say("p and δ are fractions with powers of two below, which floats hold exactly")
    counts = {
        bound: [samples(float(p), float(delta), bound) for p, delta in _DYADIC]
        for bound in ("exact", "union", "simple")
    }
    steps.holds(
        all(
            _failure(n, p) <= delta < _failure(n - 1, p)
            for n, (p, delta) in zip(counts["exact"], _DYADIC, strict=True)
        ),
        "exact: f(N) ≤ δ < f(N − 1) in rational arithmetic",
    )
    steps.holds(
        all(
            2 * (1 - p) ** n <= delta < 2 * (1 - p) ** (n - 1)
            for n, (p, delta) in zip(counts["union"], _DYADIC, strict=True)
        ),
        "union: 2(1−p)^N ≤ δ < 2(1−p)^(N−1)",
    )
    logs = [
        mpmath.iv.log(mpmath.iv.mpf(2) / delta.numerator * delta.denominator)
        for _, delta in _DYADIC
    ]
    steps.holds(
        all(
            (n - 1) * mpmath.iv.mpf(p.numerator)
            < log * p.denominator
            <= n * mpmath.iv.mpf(p.numerator)
            for n, (p, _), log in zip(counts["simple"], _DYADIC, logs, strict=True)
        ),
        "simple: N − 1 < ln(2/δ)/p ≤ N (interval arithmetic)",
    )
    steps.holds(
        all(e <= u <= s for e, u, s in zip(*counts.values(), strict=True)), "exact ≤ union ≤ simple"
    )
    spared = max(u - e for e, u in zip(counts["exact"], counts["union"], strict=True))
    steps.say(f"over the {len(_DYADIC)} pairs the union bound wastes at most {spared} samples")


def _fifteen_is_not_enough() -> Counterexample:
    iv = mpmath.iv
    epsilon, delta, factor = Fraction(1, 100), Fraction(1, 100), Fraction(1584, 100)
    size = int(mpmath.ceil(float(factor / epsilon**2) * mpmath.log(float(2 / delta))))
    p = _success(1, epsilon)
    chance = iv.mpf(p.numerator) / p.denominator
    failure = 2 * iv.exp(size * iv.log(1 - chance)) - iv.exp(size * iv.log(1 - 2 * chance))
    assert failure.a > float(delta)
    return Counterexample(
        "16/ε² (1 % less is taken)",
        {"w": 1, "ε": epsilon, "δ": delta, "N": size},
        f"a half is missed with probability {float(failure.a):.5f} > δ",
    )


@claim(
    name="malach-count",
    chapter=CHAPTER,
    title="how many samples Malach et al. need",
    statement=(
        r"Let $|w|\le1$, $0<\varepsilon\le2$, $0<\delta<1$. Among "
        r"$N=\lceil\frac{16}{\varepsilon^2}\ln\frac2\delta\rceil$ neurons with weights uniform on "
        r"$[-1,1]$ there are, with probability at least $1-\delta$, two whose sum is "
        r"within $\varepsilon|x|$ of $wx$ for all $x$. For this rule neither 16 nor 2 can be "
        r"smaller."
    ),
    source=f"{SOURCE}; that the constants are best ★",
    kind="proof",
    uses=("malach-error", "malach-success", "both-halves"),
    wrong={"factor": sp.Rational(1584, 100), "halves": sp.Rational(198, 100)},
    refute=_fifteen_is_not_enough,
)
def malach_count(steps: Steps, factor: Any = 16, halves: Any = 2) -> None:
    t, epsilon = sp.symbols("t epsilon", positive=True)
    steps.say(
        "by the success probability p ≥ ε²/16, the same for the mirror image, so a half is missed "
        "with probability at most 2 exp(−ε²N/16); put δ = e^−t, t > 0"
    )
    size = factor / epsilon**2 * (sp.log(halves) + t)
    exponent = sp.expand(sp.log(2) - epsilon**2 / 16 * size + t)
    steps.say(
        "with N as claimed, ln of the bound minus ln δ shall be ≤ 0 for every t",
        rf"\ln2-\tfrac{{{factor}}}{{16}}(\ln{halves}+t)+t",
    )
    slope = sp.diff(exponent, t)
    start = sp.simplify(exponent.subs(t, 0))
    steps.holds(slope <= 0, "it does not grow with t", rf"1-\tfrac{{{factor}}}{{16}}\le0")
    steps.holds(
        start <= 0, "nor is it above 0 at t = 0", rf"\ln2-\tfrac{{{factor}}}{{16}}\ln{halves}\le0"
    )
    steps.say("two such neurons are within ε of w on either half, and so within ε|x| of wx")
    y = sp.Symbol("y", positive=True)  # N ε²/16
    for rate, words in ((1, "q = (1−p)^N"), (2, "r = (1−2p)^N")):
        limit = sp.limit((1 - rate * epsilon**2 / 16) ** (16 * y / epsilon**2), epsilon, 0)
        steps.equal(
            limit,
            sp.exp(-rate * y),
            f"at |w| = 1, for Nε²/16 → y and ε → 0: {words} tends to",
            sp.exp(-rate * y),
        )
    x = sp.Symbol("x", positive=True)
    steps.equal(
        sp.limit((2 * x - x**2) / (2 * x), x, 0),
        1,
        "so f tends to 2x − x² with x = e^−y, and for small x that is nearly 2x",
        r"\tfrac{2x-x^2}{2x}\to1",
    )
    kappa = sp.Symbol("kappa", positive=True)  # how much smaller a constant is
    twice = sp.log(2) - (1 - kappa) * (sp.log(2) + t)  # ln 2x
    steps.holds(
        sp.expand(twice + t - kappa * (t + sp.log(2))) == 0
        and sp.limit(kappa * (t + sp.log(2)), t, sp.oo) == sp.oo,
        "16(1−κ) in place of 16: 2x/δ = e^κ(t + ln 2) grows without bound, so f > δ for small δ",
    )
    twice = sp.log(2) - (sp.log(2 / (1 + kappa)) + t)
    steps.holds(
        sp.expand(sp.expand_log(twice + t - sp.log(1 + kappa))) == 0,
        "2/(1+κ) in place of 2: 2x/δ = 1 + κ, so f > δ for small δ",
    )


# -- the network -------------------------------------------------------------------------------


def _norms_above_one() -> Counterexample:
    # one neuron for each half gives at most |ab| = 1, whatever is drawn
    layers, epsilon, w = 2, 1, Fraction(3, 2)
    best, true = Fraction(1) ** layers, w**layers
    assert true - best > epsilon
    return Counterexample(
        "‖W_i‖₂ ≤ 1",
        {"ℓ": layers, "n": 1, "W_1 = W_2": w, "ε": epsilon, "x": 1},
        f"one product of weights in [−1, 1] a layer gives at most {best}, not {true}: "
        f"no draw holds "
        "such a ticket,",
    )


@claim(
    name="malach-network",
    chapter=CHAPTER,
    title="the network bound",
    statement=(
        r"Let $F$ have $\ell$ layers with ReLU or another activation with $\sigma(0)=0$ and "
        r"Lipschitz constant 1, $\lVert W_i\rVert_2\le1$, at "
        r"most $m$ non-zero weights a layer, and let $\lVert x\rVert_2\le1$, $0<\varepsilon\le1$. "
        r"If each non-zero weight is given "
        r"$N=\lceil\frac{16}{\varepsilon_w^2}\ln\frac{2m\ell}\delta\rceil$ random neurons of its "
        r"own, $\varepsilon_w=\frac{\ln(1+\varepsilon)}{\ell\sqrt m}$, then with "
        r"probability at least "
        r"$1-\delta$ one of them for each half of each weight makes a ticket for $F$. Here "
        r"$\frac{16}{\varepsilon_w^2}\le\frac{16}{(\ln2)^2}\cdot\frac{m\ell^2}{\varepsilon^2}$."
    ),
    source="★, under assumptions of Malach et al. 2020",
    kind="proof",
    uses=("malach2020", "malach-count", "union-bound"),
    wrong={
        "budget": sp.Rational(101, 100),
        "rate": sp.Rational(101, 100) * sp.log(2),
        "halves": sp.Rational(198, 100),
    },
    refute=_norms_above_one,
)
def malach_network(steps: Steps, budget: Any = 1, rate: Any = sp.log(2), halves: Any = 2) -> None:
    eta, e, size = sp.symbols("eta e Y", nonnegative=True)
    epsilon, layers = sp.symbols("epsilon l", positive=True)
    steps.say(
        "‖W_i‖₂ ≤ 1 and |σ(z)| ≤ |z| keep every ‖F_i(x)‖₂ ≤ 1, and every weight "
        "within [−1, 1] (not "
        "decided here: see the proof)"
    )
    m, weight_epsilon = sp.symbols("m epsilon_w", positive=True)
    index = sp.Symbol("j", integer=True, positive=True)
    entries = sp.Symbol("m", integer=True, positive=True)
    steps.equal(
        sp.sqrt(sp.summation(weight_epsilon**2, (index, 1, entries))),
        weight_epsilon * sp.sqrt(entries),
        "at most m weights of a layer err, by ε_w at most: the error matrix has "
        "Frobenius norm, and "
        "so spectral norm, at most η",
        r"\sqrt{m\,\varepsilon_w^2}=\varepsilon_w\sqrt m=\eta",
    )
    steps.say(
        "the error e after a layer becomes at most e + η(‖F‖₂ + e): the old error through a matrix "
        "of norm ≤ 1, and the error matrix on the perturbed input (triangle "
        "inequality: see the proof)"
    )
    steps.holds(
        (((1 + eta) * (1 + e) - 1) - (e + eta * (1 + e))).expand() == 0
        and sp.diff(e + eta * (size + e), size).is_nonnegative,
        "with ‖F‖₂ ≤ 1, one layer multiplies 1 + e by at most 1 + η",
        r"1+e_i\le(1+\eta)(1+e_{i-1})",
    )
    steps.equal(
        (1 + eta) ** 0 - 1, 0, "induction, base: before the first layer e = 0", r"1+e_0=(1+\eta)^0"
    )
    steps.equal(
        (1 + eta) * (1 + eta) ** layers,
        (1 + eta) ** (layers + 1),
        "induction, step",
        r"(1+\eta)\,(1+\eta)^{i-1}=(1+\eta)^i",
    )
    gap = sp.exp(eta) - 1 - eta
    steps.holds(
        gap.subs(eta, 0) == 0
        and sp.diff(gap, eta).subs(eta, 0) == 0
        and sp.diff(gap, eta, 2).is_positive,
        "both sides and their slopes agree at 0, and the difference is convex",
        r"1+\eta\le e^\eta",
    )
    exponent = sp.simplify(layers * budget * sp.log(1 + epsilon) / layers / sp.log(1 + epsilon))
    steps.holds(
        exponent <= 1,
        "so 1 + e_ℓ ≤ e^ℓη, which is at most 1 + ε for this ε_w",
        r"e^{\ell\eta}\le1+\varepsilon",
    )
    delta = sp.Symbol("delta", positive=True)
    missed = 2 * m * layers * sp.exp(-sp.log(halves * m * layers / delta))
    steps.holds(
        sp.simplify(missed / delta) <= 1,
        "each half of each of the at most mℓ weights is missed with probability at most "
        "exp(−ε_w² N/16); union bound over 2mℓ of them, for N as stated",
        r"2m\ell\,e^{-\ln(2m\ell/\delta)}=\delta",
    )
    chord = sp.log(1 + epsilon) - rate * epsilon
    steps.holds(
        chord.subs(epsilon, 0) == 0
        and sp.simplify(chord.subs(epsilon, 1)) >= 0
        and sp.diff(chord, epsilon, 2).is_negative,
        "ln(1+ε) − ε ln 2 is ≥ 0 at ε = 0 and ε = 1 and concave between",
        r"\ln(1+\varepsilon)\ge\varepsilon\ln2",
    )


# -- measured ----------------------------------------------------------------------------------

DRAWN, SEED = 4_000_000, 2020
MEASURED = tuple(0.5 * 10 ** (-j / 4) for j in range(7))  # one and a half decades of ε


def hits(construction: Any, weight: float, epsilons: Sequence[float]) -> list[int]:
    """How many of the drawn neurons serve x > 0 by the rule of `prune`: one count for each ε."""
    rng = np.random.default_rng(SEED)
    found = [0] * len(epsilons)
    schemes = [construction.scheme(1.0, epsilon) for epsilon in epsilons]
    for _ in range(8):
        b, a = (rng.uniform(-1, 1, DRAWN // 8) for _ in range(2))
        # all are within the widest rule, so the others need look no further
        near = (b > 0) & schemes[0].fits(b, a, np.full(1, weight))
        b, a = b[near], a[near]
        for i, scheme in enumerate(schemes):
            found[i] += int(scheme.fits(b, a, np.full(1, weight)).sum())
    return found


def bernstein(expected: float, tests: int, false_alarm: float = 1e-6) -> float:
    """How far a binomial count may be from its mean, in any of `tests` tests, on either side."""
    t = math.log(2 * tests / false_alarm)
    return t / 3 + math.sqrt(t * t / 9 + 2 * expected * t)


def compare_counts(
    steps: Steps, counts: Sequence[int], law: dict[float, float], exact: dict[float, float]
) -> None:
    """Hold each count against what a power law and the exact probability let expect."""
    for (epsilon, power), found in zip(law.items(), counts, strict=True):
        for expected in (power, exact[epsilon]):
            tolerance = bernstein(expected, len(law))
            if abs(found - expected) > tolerance:
                raise AssertionError(
                    f"ε = {epsilon:.4g}: {found:,} fit, expected {expected:,.0f} ± {tolerance:,.0f}"
                )
        allowed = bernstein(power, len(law))
        steps.say(
            f"ε = {epsilon:.4g}: {found:,} fit, the power law says {power:,.0f} ± {allowed:,.0f} "
            f"({allowed / power:.0%}), the exact probability {exact[epsilon]:,.0f}"
        )


def _not_one_over_epsilon() -> Counterexample:
    first = MEASURED[0]
    for epsilon, found in zip(MEASURED, hits(Malach(), 0.7, MEASURED), strict=True):
        linear = DRAWN * malach_success(0.7, first) * epsilon / first
        if abs(found - linear) > bernstein(linear, len(MEASURED)):
            return Counterexample(
                "the exponent 2 (1 is taken)",
                {"ε": round(epsilon, 4), "neurons": f"{DRAWN:,}"},
                f"{found:,} neurons fit, not about {linear:,.0f},",
            )
    raise AssertionError("ε cannot be told from ε²")


@claim(
    name="malach-measured",
    chapter=CHAPTER,
    title="the exponent, measured",
    statement=(
        r"Of $4\cdot10^6$ drawn neurons, as many fit $w=0.7$ on $x>0$ as $p=\varepsilon^2/8$ lets "
        r"expect, within the stated tolerances, for seven values of $\varepsilon$ from "
        r"0.5 to 0.016."
    ),
    source="★",
    kind="evidence",
    uses=("malach-success",),
    wrong={"exponent": 1.95, "success": lambda w, epsilon: epsilon**2 / 16},
    refute=_not_one_over_epsilon,
)
def malach_measured(
    steps: Steps, exponent: float = 2, success: Callable[..., Any] = malach_success
) -> None:
    steps.say(
        f"{DRAWN:,} neurons from seed {SEED}; Bernstein's inequality and a union bound over both "
        f"sides of {len(MEASURED)} counts: a false alarm has probability at most 1e-6"
    )
    compare_counts(
        steps,
        hits(Malach(), 0.7, MEASURED),
        {epsilon: DRAWN * epsilon**exponent / 8 for epsilon in MEASURED},
        {epsilon: DRAWN * float(success(0.7, epsilon)) for epsilon in MEASURED},
    )


CLAIMS = (
    relu_identity,
    sign_rule,
    one_half_suffices,
    leaky_relu,
    malach_error,
    malach_success_claim,
    both_halves,
    both_halves_counts,
    malach_count,
    malach_measured,
    malach_network,
)
