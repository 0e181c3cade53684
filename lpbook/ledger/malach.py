"""Claims of the chapter *malach*: one weight out of ReLU neurons."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from lpbook.batches import samples_for_both
from lpbook.constructions import Malach, malach_success
from lpbook.experiments.confidence import FALSE_ALARM
from lpbook.ledger.core import Counterexample, Steps, claim, exactly, ge, gt, interval_function, le
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import ACTIVATIONS

CHAPTER = "malach"
SOURCE = "Malach et al. 2020, one weight"

# σ and leaky ReLUs, for every real z at once
_z, _s = sp.symbols("z s", real=True)
RELU = (_z + sp.Abs(_z)) / 2
LEAKY = (1 + _s) / 2 * _z + (1 - _s) / 2 * sp.Abs(_z)


def _neuron(a: Any, b: Any, x: Any, relu: Any = RELU) -> Any:
    """What a neuron with in-weight b and out-weight a adds at the input x."""
    return sp.simplify(a * relu.subs(_z, b * x))


def _two_neurons(a: Any, b: Any, c: Any, d: Any, x: Any, relu: Any = RELU) -> Any:
    """What a neuron (b, a) and a neuron (d, c) add up to at the input x."""
    return sp.simplify(_neuron(a, b, x, relu) + _neuron(c, d, x, relu))


def _seen(address: str, name: str, relu: Any, **symbols: Any) -> tuple[Any, Any]:
    """Both sides of a formula of the chapter, with the activation put in."""
    formula = sides(address, "=", **symbols)

    def activated(side: Any) -> Any:
        return side.replace(sp.Function(name), lambda z: relu.subs(_z, z))

    return activated(formula.lhs), activated(formula.rhs)


# -- the ReLU identity -------------------------------------------------------------------------


def _one_half_alone() -> Counterexample | None:
    w, x = sp.Rational(7, 10), sp.Integer(-1)
    left = _neuron(1, w, x)
    if left == w * x:
        return None
    return Counterexample(
        "the second neuron is there", {"w": w, "x": x}, f"σ(wx) = {left}, not wx = {w * x}"
    )


@claim(
    name="relu-identity",
    chapter=CHAPTER,
    source="folklore; used by Malach et al. 2020",
    kind="proof",
    code=(ACTIVATIONS["relu"].function,),
    refute=_one_half_alone,
)
def relu_identity(steps: Steps) -> None:
    t = sp.Symbol("t", nonnegative=True)
    steps.identity(RELU.subs(_z, t), t)
    steps.identity(RELU.subs(_z, -t), 0)
    w, x = sp.symbols("w x", real=True)
    steps.identity(*_seen("relu-identity#2", "sigma", RELU, w=w, x=x), of="relu-identity#2")


# -- the sign rule -----------------------------------------------------------------------------


def _same_signs_lose_a_half_line() -> Counterexample | None:
    # the neurons add up to w on x > 0, but both have b > 0
    w, x = sp.Rational(7, 10), sp.Integer(-1)
    a = c = w / 2
    value = _two_neurons(a, 1, c, 1, x)
    if _two_neurons(a, 1, c, 1, 1) != w or value == w * x:
        return None
    return Counterexample(
        "b and d have opposite signs",
        {"w": w, "a": a, "b": 1, "c": c, "d": 1, "x": x},
        f"the two neurons give {value} instead of {w * x}",
    )


@claim(
    name="sign-rule",
    chapter=CHAPTER,
    source="Orseau et al. 2020, with one sign corrected; the converse ★",
    kind="proof",
    prose=("case distinction",),
    code=(ACTIVATIONS["relu"].function,),
    uses=("orseau2020",),
    wrong={"second": -1},
    refute=_same_signs_lose_a_half_line,
)
def sign_rule(steps: Steps, second: Any = 1) -> None:
    t, b, d = sp.symbols("t b d", nonnegative=True)
    a, c, w = sp.symbols("a c w", real=True)
    p, q = sp.symbols("p q", positive=True)
    steps.identity(RELU.subs(_z, t * _z), t * RELU)  # so the values at 1 and -1 decide
    f = {x: _seen("sign-rule#3", "sigma", RELU, a=a, c=c, w=w, x=x) for x in (1, -1)}
    at = {x: lambda b, d, x=x: put(f[x][0], b=b, d=d) for x in (1, -1)}
    steps.identity(at[-1](b, d), 0, of="sign-rule#3")  # b, d >= 0
    steps.identity(at[1](-b, -d), 0, of="sign-rule#3")  # b, d <= 0
    steps.holds(gt(sp.diff(at[1](p, -q), a), 0))  # b = p > 0 > d = -q: one solution at most
    steps.holds(gt(sp.diff(at[-1](p, -q), c), 0))
    (first,) = sp.solve(shown("sign-rule#6", a=a, b=p, w=w), a)
    (last,) = sp.solve(shown("sign-rule#7", c=c, d=-q, w=second * w), c)
    steps.identity(at[1](p, -q).subs(a, first), f[1][1], of="sign-rule#6")
    steps.identity(at[-1](p, -q).subs(c, last), f[-1][1], of="sign-rule#7")


# -- variants ----------------------------------------------------------------------------------


def _one_neuron_fails_below_zero() -> Counterexample | None:
    w, x = sp.Rational(7, 10), sp.Integer(-1)
    value = _neuron(w, 1, x)
    if value == w * x:
        return None
    return Counterexample("x ≥ 0", {"w": w, "x": x}, f"the one neuron gives {value}, not {w * x}")


@claim(
    name="one-half-suffices",
    chapter=CHAPTER,
    source="★",
    kind="proof",
    prose=("case distinction",),
    code=(ACTIVATIONS["relu"].function,),
    refute=_one_neuron_fails_below_zero,
)
def one_half_suffices(steps: Steps) -> None:
    x, b = sp.symbols("x b", nonnegative=True)
    a, w = sp.symbols("a w", real=True)
    p = sp.Symbol("p", positive=True)
    neuron, wanted = _seen("one-half-suffices#2", "sigma", RELU, a=a, w=w, x=x)
    steps.identity(put(neuron, b=-b), 0, of="one-half-suffices#2")  # b <= 0: silent
    (only,) = sp.solve(shown("one-half-suffices#5", a=a, b=p, w=w), a)
    steps.identity(put(neuron, b=p).subs(a, only), wanted, of="one-half-suffices#5")
    steps.holds(gt(sp.diff(put(neuron, b=p, x=p), a), 0))  # at x > 0, so nothing else will do


def _absolute_value_is_even() -> Counterexample | None:
    a, b, c, d = sp.symbols("a b c d", real=True)
    f = [_two_neurons(a, b, c, d, x, LEAKY.subs(_s, -1)) for x in (1, -1)]
    if sp.simplify(f[0] - f[1]) != 0:
        return None
    return Counterexample(
        "s ≠ −1",
        {"s": -1, "w": 1},
        "whatever a, b, c, d are, f(1) = f(−1), so they cannot be w and −w; this is seen",
    )


@claim(
    name="leaky-relu",
    chapter=CHAPTER,
    source="★",
    kind="proof",
    prose=("case distinction",),
    refute=_absolute_value_is_even,
)
def leaky_relu(steps: Steps) -> None:
    t, b, d = sp.symbols("t b d", nonnegative=True)
    a, c, w = sp.symbols("a c w", real=True)
    p, q = sp.symbols("p q", positive=True)
    steps.identity(LEAKY.subs(_z, t), t)
    steps.identity(LEAKY.subs(_z, -t), -_s * t)
    steps.identity(LEAKY.subs(_z, t * _z), t * LEAKY)
    f = {x: _seen("leaky-relu#7", "sigma_s", LEAKY, a=a, c=c, w=w, x=x) for x in (1, -1)}
    at = {x: lambda b, d, x=x: put(f[x][0], b=b, d=d) for x in (1, -1)}
    steps.identity(at[-1](b, d), -_s * at[1](b, d))  # b, d >= 0: w = sw, so s = 1
    steps.identity(at[1](-b, -d), -_s * at[-1](-b, -d))
    first, last = sp.symbols("P Q", real=True)  # ab and cd
    put_products = {a: first / p, c: last / -q}
    steps.identity(at[1](p, -q).subs(put_products), first + _s * last)
    steps.identity(-at[-1](p, -q).subs(put_products), _s * first + last)
    steps.identity(sp.Matrix([[1, _s], [_s, 1]]).det(), (1 - _s) * (1 + _s))
    both, share = (shown("leaky-relu#10", i, a=a, b=p, c=c, d=-q, w=w, s=_s) for i in (0, 1))
    (in_c,) = sp.solve(share, c)
    (in_a,) = sp.solve(both.subs(c, in_c), a)
    for x in (1, -1):
        steps.identity(at[x](p, -q).subs({a: in_a, c: in_c}), f[x][1], of="leaky-relu#10")


# -- one weight from samples -------------------------------------------------------------------


def _a_neuron_too_far_off() -> Counterexample | None:
    # b may be a little smaller than allowed
    epsilon, w = Fraction(1, 10), Fraction(1)
    a, b = 1 - epsilon / 2, 1 - Fraction(11, 20) * epsilon
    error = abs(a * b - w)
    if error <= epsilon - epsilon**2 / 4:
        return None
    return Counterexample(
        "b ≥ 1 − ε/2",
        {"ε": epsilon, "w": w, "a": a, "b": b},
        f"|ab − w| = {error} > ε − ε²/4 = {epsilon - epsilon**2 / 4}",
    )


@claim(
    name="malach-error",
    chapter=CHAPTER,
    source=f"{SOURCE}; $\\varepsilon^2/4$ ★",
    kind="proof",
    uses=("malach2020",),
    wrong={"largest": sp.Rational(101, 100)},
    refute=_a_neuron_too_far_off,
)
def malach_error(steps: Steps, largest: Any = 1) -> None:
    alpha, w = sp.symbols("alpha w", real=True)
    h, beta, k = sp.symbols("h beta k", nonnegative=True)  # h = ε/2 = 1 - k
    g = sp.Symbol("g", nonnegative=True)  # 1 - hβ
    steps.identity((w + h * alpha) * (1 - h * beta) - w, h * ((1 - h * beta) * alpha - beta * w))
    bracket = g * alpha - beta * w
    steps.implies({le(alpha, 1): g, ge(w, -largest): beta}, le(bracket, g + beta))
    steps.implies({ge(alpha, -1): g, le(w, largest): beta}, ge(bracket, -(g + beta)))
    size = (1 - (1 - k) * beta) + beta
    steps.implies({le(beta, 1): k}, le(size, 2 - (1 - k)))
    steps.derives("malach-error#5", "<=", h * (2 - h), which=0, epsilon=2 * h)
    steps.holds(shown("malach-error#5", 1, epsilon=2 * h))
    worst = (1 - h) * (1 - h) - 1  # at w = 1, a = b = 1 - ε/2
    steps.identity(-worst, h * (2 - h))


def _success(u: Any, epsilon: Any) -> Any:
    """Area of the accepted (a, b), over that of the square, exactly; works on fractions."""
    length = min(u + epsilon / 2, 1) - max(u - epsilon / 2, -1)
    return max(length, 0) / 2 * min(epsilon / 2, 2) / 2


def _a_weight_out_of_range() -> Counterexample | None:
    epsilon = Fraction(1, 10)
    w = 1 + epsilon / 4
    p = _success(w, epsilon)
    if p >= epsilon**2 / 16:
        return None
    return Counterexample(
        "|w| ≤ 1", {"w": w, "ε": epsilon}, f"p = {p} is less than ε²/16 = {epsilon**2 / 16}"
    )


@claim(
    name="malach-success",
    chapter=CHAPTER,
    source=f"{SOURCE}; the exact values ★",
    kind="proof",
    prose=("measure",),
    code=(malach_success,),
    uses=("malach2020",),
    wrong={"success": lambda w, epsilon: np.square(epsilon) / 16 + 0 * w},
    refute=_a_weight_out_of_range,
)
def malach_success_claim(steps: Steps, success: Callable[..., Any] = malach_success) -> None:
    h, s, u = sp.symbols("h s u", positive=True)  # h = ε/2; u = |w|, or 1 - hs near the edge
    k = sp.Symbol("k", nonnegative=True)  # 1 - h
    formula = sides("eq-malach-success", "=", which=0, epsilon=2 * h).rhs
    (least,) = formula.atoms(sp.Min)
    (share,) = set(least.args) - {sp.Integer(1)}
    near_edge = put(share.replace(sp.Abs, lambda w: w), w=1 - h * s)
    steps.identity(
        near_edge, s, of="eq-malach-success"
    )  # so 1 is the smaller one iff |w| <= 1 - ε/2
    steps.identity(formula.subs(least, 1), 2 * h / 2 * h / 2)
    steps.identity(formula.subs(least, s), (1 - (1 - h * s - h)) / 2 * h / 2)
    steps.holds(ge(u - (1 - k), -1))  # the lower end is never cut off
    steps.holds(gt(sp.diff(formula.subs(least, s), s), 0))
    lowest = sides("eq-malach-success", ">=", which=1, epsilon=2 * h)
    steps.identity(lowest.lhs.subs(lowest.lhs.atoms(sp.Min).pop(), 0), lowest.rhs)
    steps.identity(shown("malach-success#7", epsilon=2 * h), formula.subs(least, 0))
    steps.identity(shown("malach-success#9", epsilon=2 * h), formula.subs(least, 1))
    weights, errors = ([Fraction(i, n) for i in r] for r, n in _GRIDS)
    steps.cases(
        lambda w, epsilon: math.isclose(
            success(float(w), float(epsilon)), _success(abs(w), epsilon), rel_tol=1e-12
        ),
        w=weights,
        epsilon=errors,
    )
    dyadic = {"w": [j / 8 for j in range(-8, 9)], "epsilon": [2.0, 1.0, 0.25, 2**-10]}
    steps.computes(shown("eq-malach-success", 0), success, dyadic)


_GRIDS = ((range(-20, 21), 20), (range(1, 41), 20))


# -- how many samples --------------------------------------------------------------------------


def _failure(size: int, p: Fraction) -> Fraction:
    return 2 * (1 - p) ** size - (1 - 2 * p) ** size


def _enumerated(size: int, p: Fraction) -> Any:
    """Probability that `size` samples miss a half, over all their outcomes."""
    chance = {"positive": p, "negative": p, "neither": 1 - 2 * p}
    missed = Fraction(0)
    for outcome in itertools.product(chance, repeat=size):
        if not {"positive", "negative"} <= set(outcome):
            missed += math.prod((chance[served] for served in outcome), start=Fraction(1))
    return exactly(missed)


def _halves_that_overlap() -> Counterexample | None:
    # one sample that serves both halves at once, each with probability p
    p, size = Fraction(1, 4), 3
    together = (1 - p) ** size
    if together == _failure(size, p):
        return None
    return Counterexample(
        "no sample serves both halves",
        {"p": p, "N": size},
        f"samples that serve both or none fail with probability {together}, "
        f"not {_failure(size, p)},",
    )


@claim(
    name="both-halves",
    chapter=CHAPTER,
    source="★",
    kind="proof",
    prose=("independence", "expectation"),
    code=(samples_for_both,),
    refute=_halves_that_overlap,
)
def both_halves(steps: Steps) -> None:
    p, n = sp.Symbol("p", positive=True), sp.Symbol("N", integer=True, nonnegative=True)
    q, r = sp.symbols("q r", nonnegative=True)  # (1 - p)^N and (1 - 2p)^N
    f = sides("both-halves#4", "=", p=p, N=n).rhs
    steps.cases(
        lambda N, p: exactly(_enumerated(N, p)) == put(f, N=N, p=exactly(p)),
        N=range(6),
        p=(Fraction(1, 2), Fraction(1, 3), Fraction(1, 7)),
    )
    powers = {(1 - p) ** n: q, (1 - 2 * p) ** n: r}
    following = sp.expand(f.subs(n, n + 1), power_base=False).subs(powers)
    steps.identity(f.subs(powers) - following, 2 * p * (q - r))
    x = sp.Symbol("x", nonnegative=True)
    steps.holds(ge(1 - 2 / (2 * (1 + x)), 0))  # every p in (0, 1/2], so q > r from N = 1 on
    for start in (0, 1):
        one = sides("both-halves#5", "=", which=1).rhs
        steps.identity(f.subs(n, start), one, of="both-halves#5")
    names = {"q": q, "N": n, "p": p}
    low = sides("eq-both-halves", "<=", which=0, **names)
    steps.derives("eq-both-halves", "=", (1 - p) ** n, which=3, **names)
    steps.holds(ge((1 - p) ** 2, 1 - 2 * p))  # so q² >= r
    steps.implies({le(r, q**2): 1}, ge(f.subs(powers), low.lhs))
    steps.derives("eq-both-halves", "<=", 2 * q, which=1, **names)
    steps.holds(le(f.subs(powers), 2 * q))
    steps.holds(ge(sp.exp(-p), 1 - p), derivative=(p, 2))
    steps.derives("eq-both-halves", "<=", 2 * sp.exp(-p) ** n, left=2 * q, which=2, **names)
    y = sp.Symbol("y")
    series = sp.summation(y**n, (n, 0, sp.oo)).args[0][0]  # where |y| < 1
    mean = 2 * series.subs(y, 1 - p) - series.subs(y, 1 - 2 * p)
    steps.identity(mean, shown("both-halves#9", p=p), of="both-halves#9")


def _one_sample_fewer() -> Counterexample | None:
    p, delta = Fraction(1, 16), Fraction(1, 4)
    size = samples_for_both(float(p), float(delta), "exact") - 1
    failure = _failure(size, p)
    if failure <= delta:
        return None
    return Counterexample(
        "all of the N samples",
        {"p": p, "δ": delta, "N − 1": size},
        f"a half is missed with probability {float(failure):.4g} > δ",
    )


@claim(
    name="both-halves-counts",
    chapter=CHAPTER,
    source="★",
    kind="finite verification",
    code=(samples_for_both,),
    uses=("both-halves",),
    wrong={"samples": lambda p, delta, bound: samples_for_both(p, delta, bound) - 1},
    refute=_one_sample_fewer,
)
def both_halves_counts(
    steps: Steps, samples: Callable[[float, float, str], int] = samples_for_both
) -> None:
    pairs = {
        "p": [Fraction(i, 64) for i in range(1, 33)],
        "delta": [Fraction(1, 2**j) for j in range(1, 13)],
    }
    union = sp.Lambda(sp.symbols("p N"), sides("both-halves-counts#5", "<=").lhs)
    logarithm = shown("both-halves-counts#6").args[0]
    interval = interval_function(logarithm, list(sp.symbols("p delta")))

    def least(p: Fraction, delta: Fraction) -> bool:
        """The least N with f(N) <= δ."""
        n = samples(float(p), float(delta), "exact")
        return _failure(n, p) <= delta < _failure(n - 1, p)

    def least_by_union(p: Fraction, delta: Fraction) -> bool:
        """The least N with 2(1 - p)^N <= δ."""
        n = samples(float(p), float(delta), "union")
        return bool(union(exactly(p), n) <= exactly(delta) < union(exactly(p), n - 1))

    def rounded_up(p: Fraction, delta: Fraction) -> bool:
        """The logarithm, rounded up to a whole number."""
        n = samples(float(p), float(delta), "simple")
        exact = interval(*(mpmath.iv.mpf(v.numerator) / v.denominator for v in (p, delta)))
        return bool(n - 1 < exact.a and exact.b <= n)

    def in_order(p: Fraction, delta: Fraction) -> bool:
        """exact <= union <= simple."""
        counts = [samples(float(p), float(delta), b) for b in ("exact", "union", "simple")]
        return counts == sorted(counts)

    for true in (least, least_by_union, rounded_up, in_order):
        steps.cases(true, **pairs)


def _a_percent_fewer() -> Counterexample | None:
    iv = mpmath.iv
    epsilon, delta, factor = Fraction(1, 100), Fraction(1, 100), Fraction(1584, 100)
    size = int(mpmath.ceil(float(factor / epsilon**2) * mpmath.log(float(2 / delta))))
    p = _success(1, epsilon)
    chance = iv.mpf(p.numerator) / p.denominator
    failure = 2 * iv.exp(size * iv.log(1 - chance)) - iv.exp(size * iv.log(1 - 2 * chance))
    if failure.a <= float(delta):
        return None
    return Counterexample(
        "16/ε² (1 % less is taken)",
        {"w": 1, "ε": epsilon, "δ": delta, "N": size},
        f"a half is missed with probability {float(failure.a):.5f} > δ",
    )


def _samples_at_the_edge(epsilon: float, delta: float) -> int:
    """The count of the package for the hardest weight."""
    return samples_for_both(float(malach_success(1.0, epsilon)), delta)


@claim(
    name="malach-count",
    chapter=CHAPTER,
    source=f"{SOURCE}; that the constants are best ★",
    kind="proof",
    prose=("limit",),
    code=(samples_for_both,),
    uses=("malach-error", "malach-success", "both-halves"),
    wrong={"size": lambda *case: _samples_at_the_edge(*case) - 1},
    refute=_a_percent_fewer,
)
def malach_count(steps: Steps, size: Callable[..., int] = _samples_at_the_edge) -> None:
    epsilon, delta, y, x = sp.symbols("epsilon delta y x", positive=True)
    count = sides("malach-count#4", "=", epsilon=epsilon, delta=delta).rhs
    p = shown("malach-success#7", epsilon=epsilon)
    steps.identity(2 * sp.exp(-p * count.args[0]), delta, of="malach-count#4")
    steps.computes(
        shown("malach-count#4"), size, {"epsilon": (2.0, 1.0, 0.01), "delta": (0.5, 0.01)}
    )
    # at |w| = 1, as ε goes to 0 and pN to y, f tends to 2x - x² with x = e^(-y), nearly 2x
    for rate in (1, 2):
        limit = sp.limit((1 - rate * p) ** (y / p), epsilon, 0)
        steps.identity(limit, sp.exp(-rate * y))
    steps.identity(sp.limit((2 * x - x**2) / (2 * x), x, 0), 1)
    kappa = sp.Symbol("kappa", positive=True)  # how much smaller a constant is
    fewer = (1 - kappa) * p * count.args[0]
    steps.identity(2 * sp.exp(-fewer) / delta, (2 / delta) ** kappa)  # above 1 for small δ
    smaller = p * count.args[0] - sp.log(1 + kappa)  # 2/(1 + κ) in place of 2
    steps.identity(2 * sp.exp(-smaller) / delta, 1 + kappa)


# -- the network -------------------------------------------------------------------------------


def _norms_above_one() -> Counterexample | None:
    # one neuron for each half gives at most |ab| = 1, whatever is drawn
    layers, epsilon, w = 2, 1, Fraction(3, 2)
    best, true = Fraction(1) ** layers, w**layers
    if true - best <= epsilon:
        return None
    return Counterexample(
        "‖W_i‖₂ ≤ 1",
        {"ℓ": layers, "n": 1, "W_1 = W_2": w, "ε": epsilon, "x": 1},
        f"one product of weights in [−1, 1] a layer gives at most {best}, not {true}: "
        f"no draw holds such a ticket,",
    )


@claim(
    name="malach-network",
    chapter=CHAPTER,
    source="★, under assumptions of Malach et al. 2020",
    kind="proof",
    prose=("induction", "norms", "union bound"),
    uses=("malach2020", "malach-count", "union-bound"),
    wrong={"input_norm": sp.Rational(101, 100)},
    refute=_norms_above_one,
)
def malach_network(steps: Steps, input_norm: Any = sp.Integer(1)) -> None:
    e, before, eta = sp.symbols("e_i e_i-1 eta", nonnegative=True)
    u, v, y, z = sp.symbols("u v y z", real=True)
    # Cauchy and Schwarz, one row of the matrix of errors: what is spared is a square
    steps.identity((u**2 + v**2) * (y**2 + z**2) - (u * y + v * z) ** 2, (u * z - v * y) ** 2)
    steps.implies(
        {le(e, before + eta * (input_norm + before)): 1}, le(1 + e, (1 + eta) * (1 + before))
    )
    steps.holds(ge(sp.exp(eta), 1 + eta), derivative=(eta, 2))
    epsilon, layers, m, delta = sp.symbols("epsilon ell m delta", positive=True)
    names = {"epsilon": epsilon, "ell": layers, "m": m}
    budget = sides("eq-malach-network", "=", which=1, **names).rhs
    steps.identity(sp.exp(sp.sqrt(m) * budget) ** layers, 1 + epsilon, of="eq-malach-network")
    error = sp.Symbol("epsilon_w", positive=True)
    count = sides("eq-malach-network", "=", which=0, delta=delta, epsilon_w=error, **names).rhs
    p = shown("malach-success#7", epsilon=error)
    missed = 2 * m * layers * sp.exp(-p * count.args[0])
    steps.identity(missed, delta, of="eq-malach-network")
    chord = le(epsilon * sp.log(2), sp.log(1 + epsilon))
    steps.holds(chord, concave=(epsilon, 0, 1))
    price = sides("malach-network#11", "<=", **names)
    steps.identity(put(price.lhs, epsilon_w=budget) / price.rhs, (chord.lhs / chord.rhs) ** 2)


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


def bernstein(expected: float, tests: int, false_alarm: float = FALSE_ALARM) -> float:
    """How far a binomial count may be from its mean, in any of `tests` tests, on either side."""
    t = math.log(2 * tests / false_alarm)
    return t / 3 + math.sqrt(t * t / 9 + 2 * expected * t)


def compare_counts(
    steps: Steps, counts: Sequence[int], law: dict[float, float], exact: dict[float, float]
) -> None:
    """Hold each count against what a power law and the exact probability let expect."""
    found, expected, tolerance = sp.symbols("X mu t")
    near = le(sp.Abs(found - expected), tolerance)
    for (epsilon, power), count in zip(law.items(), counts, strict=True):
        for mean in (power, exact[epsilon]):
            steps.trial(near, DRAWN, X=count, mu=mean, t=bernstein(mean, len(law)))


def _not_one_over_epsilon() -> Counterexample | None:
    first = MEASURED[0]
    for epsilon, found in zip(MEASURED, hits(Malach(), 0.7, MEASURED), strict=True):
        linear = DRAWN * malach_success(0.7, first) * epsilon / first
        if abs(found - linear) > bernstein(linear, len(MEASURED)):
            return Counterexample(
                "the exponent 2 (1 is taken)",
                {"ε": round(epsilon, 4), "neurons": f"{DRAWN:,}"},
                f"{found:,} neurons fit, not about {linear:,.0f},",
            )
    return None


@claim(
    name="malach-measured",
    chapter=CHAPTER,
    source="★",
    kind="evidence",
    code=(malach_success,),
    uses=("malach-success",),
    wrong={"exponent": 1.95, "success": lambda w, epsilon: epsilon**2 / 16},
    refute=_not_one_over_epsilon,
)
def malach_measured(
    steps: Steps, exponent: float = 2, success: Callable[..., Any] = malach_success
) -> None:
    law = sides("malach-measured#4", "=").rhs
    power = {e: float(put(law, epsilon=e ** (exponent / 2))) for e in MEASURED}
    compare_counts(
        steps,
        hits(Malach(), 0.7, MEASURED),
        {e: DRAWN * power[e] for e in MEASURED},
        {e: DRAWN * float(success(0.7, e)) for e in MEASURED},
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
