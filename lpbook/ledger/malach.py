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
from lpbook.ledger.common import one_half, promised, spans, unless
from lpbook.ledger.core import (
    Counterexample,
    Steps,
    evidence,
    exactly,
    finite,
    interval_function,
    proof,
)
from lpbook.ledger.exact import fraction, relu, whole
from lpbook.ledger.ranges import accepted, ranges
from lpbook.ledger.reading import above_zero, listed, right_side, rounded_up, uniform, within
from lpbook.ledger.relations import ge, gt, le, lt
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import ACTIVATIONS

SOURCE = "Malach et al. 2020, one weight"

_z, _s = sp.symbols("z s", real=True)
RELU = relu(_z)  # and leaky ReLUs, for every real z at once
LEAKY = (1 + _s) / 2 * _z + (1 - _s) / 2 * sp.Abs(_z)

a, c, w, x = sp.symbols("a c w x", real=True)
p, q, epsilon, delta, above = sp.symbols("p q epsilon delta s", positive=True)
k, more = sp.symbols("k x", nonnegative=True)
n = sp.Symbol("N", integer=True, nonnegative=True)


def _two_neurons(a: Any, b: Any, c: Any, d: Any, x: Any, sigma: Any = RELU) -> Any:
    """What a neuron (b, a) and a neuron (d, c) add up to at the input x."""
    return sp.simplify(a * sigma.subs(_z, b * x) + c * sigma.subs(_z, d * x))


def _seen(address: str, name: str, sigma: Any, **symbols: Any) -> tuple[Any, Any]:
    """Both sides of an equation of the chapter, with the activation put in."""
    left, right = (
        side.replace(sp.Function(name), lambda z: sigma.subs(_z, z))
        for side in sides(address, "=", **symbols).args
    )
    return left, right


def _solution(address: str, which: int | None, unknown: Any, **symbols: Any) -> Any:
    """What an equation of the chapter, linear in it, says of an unknown."""
    formula = sides(address, "=", which, **symbols)
    excess = sp.expand(formula.lhs - formula.rhs)
    return -excess.subs(unknown, 0) / sp.diff(excess, unknown)


def _one_half_alone() -> Counterexample | None:
    w, x = sp.Rational(7, 10), sp.Integer(-1)
    left = _two_neurons(1, w, 0, 0, x)
    return unless(
        left == w * x,
        "the second neuron is there",
        {"w": w, "x": x},
        f"σ(wx) = {left}, not wx = {w * x}",
    )


@proof(
    source="folklore; used by Malach et al. 2020",
    code=(ACTIVATIONS["relu"].function,),
    refute=_one_half_alone,
)
def relu_identity(steps: Steps) -> None:
    def positive_part(z: float) -> float:
        return float(ACTIVATIONS["relu"].function(np.array(z)))

    steps.computes(RELU, positive_part, {"z": (-2.5, -1.0, 0.0, 1.0, 2.5)})
    steps.identity(*_seen("relu-identity#2", "sigma", RELU, w=w, x=x), of="relu-identity#2")


def _same_signs_lose_a_half_line() -> Counterexample | None:
    # the neurons add up to w on x > 0, but both have b > 0
    w, x = sp.Rational(7, 10), sp.Integer(-1)
    a = c = w / 2
    value = _two_neurons(a, 1, c, 1, x)
    return unless(
        _two_neurons(a, 1, c, 1, 1) != w or value == w * x,
        "b > 0 > d",
        {"w": w, "a = c": a, "b = d": 1, "x": x},
        f"the two give {value}, not {w * x}",
    )


@proof(
    source="Orseau et al. 2020, with one sign corrected; the converse ★",
    prose=("case distinction",),
    uses=("orseau2020",),
    wrong={"second": -1},
    refute=_same_signs_lose_a_half_line,
)
def sign_rule(steps: Steps, second: Any = 1) -> None:
    t, b, d = sp.symbols("t b d", nonnegative=True)
    steps.identity(RELU.subs(_z, t * _z), t * RELU)  # so the values at 1 and -1 decide
    f = {x: _seen("sign-rule#3", "sigma", RELU, a=a, c=c, w=w, x=x) for x in (1, -1)}
    zero = {w: right_side("sign-rule#1", "!=", w, w=w)}  # so b, d of one sign give no w
    steps.identity(put(f[-1][0], b=b, d=d), f[-1][1].subs(zero), of="sign-rule#3")  # b, d >= 0
    steps.identity(put(f[1][0], b=-b, d=-d), f[1][1].subs(zero), of="sign-rule#3")  # b, d <= 0
    for x, unknown, address, target in (
        (1, a, "sign-rule#6", w),
        (-1, c, "sign-rule#7", second * w),
    ):
        value = put(f[x][0], b=p, d=-q)  # b > 0 > d: one solution at most, this one
        steps.holds(gt(sp.diff(value, unknown), 0))
        only = _solution(address, None, unknown, a=a, b=p, c=c, d=-q, w=target)
        steps.identity(value.subs(unknown, only), f[x][1], of=address)
    ranges(steps, "sign-rule", 5, b=p, d=-q)


def _one_neuron_fails_below_zero() -> Counterexample | None:
    w, x = sp.Rational(7, 10), sp.Integer(-1)
    value = _two_neurons(w, 1, 0, 0, x)
    return unless(
        value == w * x, "x ≥ 0", {"w": w, "x": x}, f"the one neuron gives {value}, not {w * x}"
    )


@proof(prose=("case distinction",), refute=_one_neuron_fails_below_zero)
def one_half_suffices(steps: Steps) -> None:
    x, b = sp.symbols("x b", nonnegative=True)
    neuron, wanted = _seen("one-half-suffices#2", "sigma", RELU, a=a, w=w, x=x)
    zero = {w: right_side("one-half-suffices#1", "!=", w, w=w)}
    silent = put(neuron, b=-b)  # b <= 0
    steps.identity(silent, wanted.subs(zero), of="one-half-suffices#2")
    only = _solution("one-half-suffices#5", None, a, a=a, b=p, w=w)
    steps.identity(put(neuron, b=p).subs(a, only), wanted, of="one-half-suffices#5")
    steps.holds(gt(sp.diff(put(neuron, b=p, x=p), a), 0))  # at x > 0, so nothing else will do
    ranges(steps, "one-half-suffices", (3, 4), x=x, b=p)


def _absolute_value_is_even() -> Counterexample | None:
    a, b, c, d = sp.symbols("a b c d", real=True)
    f = [_two_neurons(a, b, c, d, x, LEAKY.subs(_s, -1)) for x in (1, -1)]
    return unless(
        sp.simplify(f[0] - f[1]) != 0,
        "s ≠ −1",
        {"s": -1, "w": 1},
        "whatever a, b, c, d are, f(1) = f(−1), so they cannot be w and −w; this is seen",
    )


@proof(prose=("case distinction",), refute=_absolute_value_is_even)
def leaky_relu(steps: Steps) -> None:
    t, b, d = sp.symbols("t b d", nonnegative=True)
    steps.identity(
        LEAKY.subs(_z, t), right_side("leaky-relu#1", "=", sp.Function("sigma_s")(t), z=t)
    )
    steps.identity(LEAKY.subs(_z, -t), put(shown("leaky-relu#3"), s=_s, z=-t))
    steps.identity(LEAKY.subs(_z, t * _z), t * LEAKY)
    f = {x: _seen("leaky-relu#7", "sigma_s", LEAKY, a=a, c=c, w=w, x=x) for x in (1, -1)}
    steps.identity(put(f[-1][0], b=b, d=d), -_s * put(f[1][0], b=b, d=d))  # b, d >= 0: w = sw
    steps.identity(put(f[1][0], b=-b, d=-d), -_s * put(f[-1][0], b=-b, d=-d))
    (only,) = sp.solve(f[-1][1] + _s * f[1][1], w)
    steps.identity(only, right_side("leaky-relu#6", "!=", w, w=w), of="leaky-relu#6")
    values = [put(f[x][0], b=p, d=-q) for x in (1, -1)]  # b > 0 > d: two linear equations
    matrix = sp.Matrix(values).jacobian([a, c])
    steps.identity(matrix.det(), p * q * (1 - _s) * (1 + _s))
    names = {"a": a, "b": p, "c": c, "d": -q, "w": w, "s": _s}
    in_c = _solution("leaky-relu#10", 1, c, **names)
    in_a = _solution("leaky-relu#10", 0, a, **names).subs(c, in_c)
    for value, x in zip(values, (1, -1), strict=True):
        steps.identity(value.subs({a: in_a, c: in_c}), f[x][1], of="leaky-relu#10")
    even = right_side("leaky-relu#11", "=", "s")
    steps.identity(LEAKY.subs(_s, even), sp.Abs(_z), of="leaky-relu#11")  # so f(1) = f(-1)
    size = right_side("leaky-relu#5", "!=", sp.Abs(_s), s=_s)
    for s in (size, -size):
        steps.identity(matrix.det().subs(_s, s), 0, of="leaky-relu#5")
    ranges(steps, "leaky-relu", 2, z=t)
    ranges(steps, "leaky-relu", 4, z=-t)
    ranges(steps, "leaky-relu", 9, b=p, d=-q)


def _a_neuron_too_far_off() -> Counterexample | None:
    # b may be a little smaller than allowed
    epsilon, w = Fraction(1, 10), Fraction(1)
    a, b = 1 - epsilon / 2, 1 - Fraction(11, 20) * epsilon
    error = abs(a * b - w)
    return unless(
        error <= epsilon - epsilon**2 / 4,
        "b ≥ 1 − ε/2",
        {"ε": epsilon, "w": w, "a": a, "b": b},
        f"|ab − w| = {error} > ε − ε²/4 = {epsilon - epsilon**2 / 4}",
    )


@proof(source=f"{SOURCE}; $\\varepsilon^2/4$ ★", uses=("malach2020",), refute=_a_neuron_too_far_off)
def malach_error(steps: Steps) -> None:
    name, names = "malach-error", {"w": w, "epsilon": 2 - 2 * k}
    small, large = within(f"{name}#1", **names)
    b = right_side(f"{name}#4", "<=", sp.Symbol("b"), 1) / (1 + more)  # up to its largest value
    d = sides(f"{name}#8", "<=", 0).lhs / (1 + more)
    low_b = sides(f"{name}#4", "<=", 0, **names).lhs
    high_d = right_side(f"{name}#8", "<=", sp.Symbol("d"), 1, **names)
    positive = b, low_b, within(f"{name}#3", a=a, **names)
    negative = -d, -high_d, within(f"{name}#7", c=-a, **names)  # cd = (-c)(-d)
    for size, low, (above, below) in (positive, negative):
        upper, lower = within(f"{name}#5", 0, a=a, b=size, **names)
        # ab - w = b(a - w) - (1 - b)w
        steps.implies({above: size, large: 1 - size, ge(size, low): k}, upper)
        steps.implies({below: size, small: 1 - size, ge(size, low): k}, lower)
        steps.identity(1 - (1 - above.rhs) * low, upper.rhs)  # at w = 1
    steps.holds(sides(f"{name}#5", "<=", 1, **names))
    one_half(steps, f"{name}#6", "<", "x")
    ranges(steps, name, 2, epsilon=2 - 2 * k)
    accepted(steps, f"{name}#2", lambda epsilon: malach_success(1.0, epsilon), 0)


def _a_weight_out_of_range() -> Counterexample | None:
    epsilon, w = 0.1, 1.025
    p, least = malach_success(w, epsilon), epsilon**2 / 16
    return unless(
        p >= least,
        "|w| ≤ 1",
        {"w": w, "ε": epsilon},
        f"p = {p:.4g} is less than ε²/16 = {least:.4g}",
    )


@proof(
    name="malach-success",
    source=f"{SOURCE}; the exact values ★",
    prose=("measure",),
    code=(malach_success,),
    uses=("malach2020",),
    wrong={"success": lambda w, epsilon: np.square(epsilon) / 16 + 0 * w},
    refute=_a_weight_out_of_range,
)
def malach_success_claim(steps: Steps, success: Callable[..., Any] = malach_success) -> None:
    name, h = "malach-success", sp.Symbol("h", positive=True)  # ε/2
    half = right_side(f"{name}#4", "<=", sp.Abs(a - w), a=a, w=w, epsilon=2 * h)
    edge = right_side(f"{name}#5", ">=", sp.Symbol("b"), epsilon=2 * h)
    lowest_b, largest_b = uniform(f"{name}#1", "b", 1)  # as a is
    top = right_side(f"{name}#2", "<=", sp.Abs(w), w=w)
    formula = above_zero(right_side("eq-malach-success", "=", sp.Symbol("p"), 0, epsilon=2 * h))
    lowest = above_zero(sides("eq-malach-success", ">=", 1, epsilon=2 * h))
    largest = le(epsilon, right_side(f"{name}#3", "<=", epsilon, 1, epsilon=epsilon))
    steps.implies({ge(k, 0): 1, largest: sp.Rational(1, 2)}, ge(k - epsilon / 2, -1))  # k for |w|
    for distance in (1 + more, 1 - more):  # from the edge, in units of h
        weight = top - h * distance
        length = sp.Min(weight + half, largest_b) - (weight - half)
        share = length * (largest_b - edge) / (largest_b - lowest_b) ** 2
        steps.identity(put(formula, w=weight), share, of="eq-malach-success")
    least, most = (shown(f"{name}#{i}", epsilon=2 * h) for i in (7, 9))
    steps.holds(put(lowest, w=top - h * k))
    at = right_side(f"{name}#8", "=", sp.Abs(w), w=w)
    inner = right_side(f"{name}#10", "<=", sp.Abs(w), w=w, epsilon=2 * h)
    steps.identity(put(formula, w=at), least, of=f"{name}#7")
    steps.holds(gt(put(formula, w=at - h * above), least))
    steps.identity(put(formula, w=inner - more), most, of=f"{name}#9")
    steps.holds(lt(put(formula, w=inner + above), most))
    points = {"w": [j / 8 for j in range(-8, 9)], "epsilon": [2.0, 1.0, 0.25, 2**-10]}
    steps.computes(sides("eq-malach-success", "=", 0), success, points)
    ranges(steps, name, 3, epsilon=2 * h)


def failure(p: Any, size: Any) -> Any:
    """How likely `size` samples miss a half, as the chapter has it."""
    return right_side("both-halves#4", "=", sp.Function("f")(size), p=p, N=size)


def _missed(relation: Any, p: Any, powers: dict[Any, Any] | None = None) -> Any:
    """A relation of the chapter with the formula in place of f(N)."""

    def value(size: Any) -> Any:
        return failure(p, size).subs(powers or {})

    parts = (side.replace(sp.Function("f"), value) for side in relation.args)
    return relation.func(*parts, evaluate=False)


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
    true = failure(exactly(p), size)
    return unless(
        together == true,
        "no sample serves both halves",
        {"p": p, "N": size},
        f"samples that serve both or none fail with probability {together}, not {true},",
    )


@proof(prose=("independence", "expectation"), refute=_halves_that_overlap)
def both_halves(steps: Steps) -> None:
    q, r, y = sp.symbols("q r y", nonnegative=True)  # (1 - p)^N and (1 - 2p)^N
    steps.cases(
        lambda N, p: exactly(_enumerated(N, p)) == failure(exactly(p), N),
        N=range(6),
        p=(Fraction(1, 2), Fraction(1, 3), Fraction(1, 7)),
    )
    for which in (0, 1):
        formula = _missed(sides("both-halves#5", "=", which), p)
        steps.identity(formula.lhs, formula.rhs, of="both-halves#5")
    powers = {(1 - p) ** n: q, (1 - 2 * p) ** n: r}
    now = failure(p, n).subs(powers)
    following = sp.expand(failure(p, n + 1), power_base=False).subs(powers)
    steps.identity(now - following, 2 * p * (q - r))
    start = right_side("both-halves#6", "=", "N")
    steps.identity(failure(p, start - 1) - failure(p, start), 0, of="both-halves#6")
    steps.holds(gt(sp.expand(failure(p, start) - failure(p, start + 1)), 0))
    steps.implies(
        {sides("both-halves#1", "<=", 1, p=p): 2}, ge(1 - 2 * p, 0)
    )  # so q > r from there on
    names = {"q": q, "N": n, "p": p}
    low, high = (_missed(sides("eq-both-halves", "<=", i, **names), p, powers) for i in (0, 1))
    steps.holds(ge((1 - p) ** 2, 1 - 2 * p))  # so q² >= r
    steps.implies({le(r, q**2): 1}, low)
    steps.holds(high)
    steps.holds(ge(sp.exp(-p), 1 - p), derivative=(p, 2))
    steps.derives("eq-both-halves", "<=", 2 * sp.exp(-p) ** n, left=2 * q, which=2, **names)
    steps.derives("eq-both-halves", "=", (1 - p) ** n, left=q, which=3, **names)
    series = sp.summation(y**n, (n, 0, sp.oo)).args[0][0]  # where |y| < 1
    mean = 2 * series.subs(y, 1 - p) - series.subs(y, 1 - 2 * p)
    steps.identity(mean, shown("both-halves#9", p=p), of="both-halves#9")
    ranges(steps, "both-halves", 1, p=p)


def _one_sample_fewer() -> Counterexample | None:
    p, delta = Fraction(1, 16), Fraction(1, 4)
    size = samples_for_both(float(p), float(delta), "exact") - 1
    missed = fraction(failure(exactly(p), size))
    return unless(
        missed <= delta,
        "all of the N samples",
        {"p": p, "δ": delta, "N − 1": size},
        f"a half is missed with probability {float(missed):.4g} > δ",
    )


@finite(
    code=(samples_for_both,),
    uses=("both-halves",),
    wrong={"samples": lambda p, delta, bound: samples_for_both(p, delta, bound) - 1},
    refute=_one_sample_fewer,
)
def both_halves_counts(
    steps: Steps, samples: Callable[[float, float, str], int] = samples_for_both
) -> None:
    name, letters = "both-halves-counts", sp.symbols("p N delta")
    pairs = {"p": listed(f"{name}#1", "p"), "delta": listed(f"{name}#2", "delta")}
    excess = {}
    f, double = sides("eq-both-halves", "<=", 1, q=(1 - letters[0]) ** letters[1]).args
    for bound, address, missed in (("exact", "#4", f), ("union", "#5", double)):
        allowed = right_side(name + address, "<=", missed)
        missed = missed.replace(sp.Function("f"), lambda size: failure(letters[0], size))
        excess[bound] = sp.lambdify(letters, missed - allowed, modules=[{}])
    logarithm = rounded_up(shown(f"{name}#6"))
    interval = interval_function(logarithm, list(letters[::2]))

    def is_least(p: Fraction, delta: Fraction, bound: str) -> bool:
        size = samples(float(p), float(delta), bound)
        return bool(excess[bound](p, size, delta) <= 0 < excess[bound](p, size - 1, delta))

    def is_next_whole(p: Fraction, delta: Fraction) -> bool:
        size = samples(float(p), float(delta), "simple")
        exact = interval(*(mpmath.iv.mpf(v.numerator) / v.denominator for v in (p, delta)))
        return bool(size - 1 < exact.a and exact.b <= size)

    def in_order(p: Fraction, delta: Fraction) -> bool:
        counts = [samples(float(p), float(delta), b) for b in ("exact", "union", "simple")]
        return counts == sorted(counts)

    steps.cases(is_least, **pairs, bound=("exact", "union"))
    steps.cases(is_next_whole, **pairs)
    steps.cases(in_order, **pairs)


def _a_percent_fewer() -> Counterexample | None:
    epsilon, delta, factor = Fraction(1, 100), Fraction(1, 100), Fraction(1584, 100)
    size = int(mpmath.ceil(float(factor / epsilon**2) * mpmath.log(float(2 / delta))))
    missed = float(failure(sp.Float(exactly(epsilon**2 / 16), 50), size))
    return unless(
        missed <= delta,
        "16/ε² (1 % less is taken)",
        {"w": 1, "ε = δ": epsilon, "N": size},
        f"a half is missed with probability {missed:.5f} > δ",
    )


def _samples_at_the_edge(epsilon: float, delta: float) -> int:
    """The count of the package for the hardest weight."""
    return samples_for_both(float(malach_success(1.0, epsilon)), delta)


@proof(
    source=f"{SOURCE}; that the constants are best ★",
    prose=("limit",),
    code=(samples_for_both,),
    uses=("malach-error", "malach-success", "both-halves"),
    wrong={"size": lambda *case: _samples_at_the_edge(*case) - 1},
    refute=_a_percent_fewer,
)
def malach_count(steps: Steps, size: Callable[..., int] = _samples_at_the_edge) -> None:
    y, x, kappa = sp.symbols("y x kappa", positive=True)
    count = right_side("malach-count#4", "=", sp.Symbol("N"), epsilon=epsilon, delta=delta)
    p = shown("malach-success#7", epsilon=epsilon)
    missed = 2 * sp.exp(-p * rounded_up(count))
    steps.identity(missed, delta, of="malach-count#4")
    at = {"epsilon": (2.0, 1.0, 0.01), "delta": (0.5, 0.01)}
    steps.computes(shown("malach-count#4"), size, at)
    # at |w| = 1, as ε goes to 0 and pN to y, f tends to 2x - x² with x = e^(-y), nearly 2x
    for rate in (1, 2):
        limit = sp.limit((1 - rate * p) ** (y / p), epsilon, 0)
        steps.identity(limit, sp.exp(-rate * y))
    steps.identity(sp.limit((2 * x - x**2) / (2 * x), x, 0), 1)
    # constants smaller by κ: above δ for small δ; and 2/(1 + κ) in place of 2
    steps.identity(2 * (missed / 2) ** (1 - kappa) / delta, (2 / delta) ** kappa)
    steps.identity(missed * sp.exp(sp.log(1 + kappa)) / delta, 1 + kappa)
    ranges(steps, "malach-count", (2, 3), epsilon=epsilon, delta=delta)
    accepted(steps, "malach-count#3", lambda delta: samples_for_both(0.25, delta))
    largest = right_side("malach-success#3", "<=", "epsilon", 1)
    steps.identity(right_side("malach-count#2", "<=", "epsilon", 1), largest, of="malach-count#2")
    hardest = right_side("malach-success#8", "=", sp.Abs(w), w=w)
    steps.identity(right_side("malach-count#1", "<=", sp.Abs(w), w=w), hardest, of="malach-count#1")
    spans(steps, "malach-count#5", uniform("malach-success#1", "b", 1))  # as a is
    promised(steps, "malach-count#6")


def _norms_above_one() -> Counterexample | None:
    # one neuron for each half gives at most |ab| = 1, whatever is drawn
    layers, epsilon, w = 2, 1, Fraction(3, 2)
    best, true = Fraction(1) ** layers, w**layers
    return unless(
        true - best <= epsilon,
        "‖W_i‖₂ ≤ 1",
        {"ℓ": layers, "n": 1, "W_1 = W_2": w, "ε": epsilon, "x": 1},
        f"one product of weights in [−1, 1] a layer gives at most {best}, not {true}: "
        f"no draw holds such a ticket,",
    )


@proof(
    source="★, under assumptions of Malach et al. 2020",
    prose=("induction", "norms", "union bound"),
    uses=("malach2020", "malach-count", "union-bound"),
    refute=_norms_above_one,
)
def malach_network(steps: Steps) -> None:
    name, formula = "malach-network", "eq-malach-network"
    e, before, eta = sp.symbols("e_i e_i-1 eta", nonnegative=True)
    u, v, y, z = sp.symbols("u v y z", real=True)
    # Cauchy and Schwarz, one row of the matrix of errors: what is spared is a square
    steps.identity((u**2 + v**2) * (y**2 + z**2) - (u * y + v * z) ** 2, (u * z - v * y) ** 2)
    norm = {i: right_side(f"{name}#{i}", "<=", sp.Function("norm")(sp.Symbol(of)))
            for i, of in ((4, "W_i"), (6, "x"))}  # fmt: skip
    error = le(e, norm[4] * before + eta * (norm[6] + before))
    steps.implies({error: 1}, le(1 + e, (1 + eta) * (1 + before)))
    steps.holds(ge(sp.exp(eta), 1 + eta), derivative=(eta, 2))
    layers, m = sp.symbols("ell m", positive=True)
    small = sp.Symbol("epsilon_w", positive=True)
    names = {"epsilon": epsilon, "ell": layers, "m": m, "epsilon_w": small, "delta": delta}
    budget = right_side(formula, "=", small, 1, **names)
    steps.identity(sp.exp(sp.sqrt(m) * budget) ** layers, 1 + epsilon, of=formula)
    count = right_side(formula, "=", sp.Symbol("N"), 0, **names)
    p = shown("malach-success#7", epsilon=small)
    steps.identity(2 * m * layers * sp.exp(-p * rounded_up(count)), delta, of=formula)
    chord = le(epsilon * sp.log(2), sp.log(1 + epsilon))
    ends = sides(f"{name}#7", "<", 0).lhs, right_side(f"{name}#7", "<=", epsilon, 1, **names)
    steps.holds(chord, concave=(epsilon, *ends))
    price = sides(f"{name}#12", "<=", **names)
    steps.identity(price.lhs.subs(small, budget) / price.rhs, (chord.lhs / chord.rhs) ** 2)
    steps.derives(f"{name}#3", "=", relu(sp.Integer(0)), left=sp.Function("sigma")(0))
    promised(steps, "malach-network#9")


SEED = 2020


def hits(
    construction: Any, weight: float, epsilons: Sequence[float], drawn: int, side: float = 0.0
) -> list[int]:
    """How many of the drawn neurons serve x > side by the rule of `prune`: one count for each ε."""
    rng = np.random.default_rng(SEED)
    found = [0] * len(epsilons)
    schemes = [construction.scheme(1.0, epsilon) for epsilon in epsilons]
    for _ in range(8):
        b, a = (rng.uniform(-1, 1, drawn // 8) for _ in range(2))
        # all are within the widest rule, so the others need look no further
        near = (b > side) & schemes[0].fits(b, a, np.full(1, weight))
        b, a = b[near], a[near]
        for i, scheme in enumerate(schemes):
            found[i] += int(scheme.fits(b, a, np.full(1, weight)).sum())
    return found


def bernstein(expected: float, tests: int, false_alarm: float = FALSE_ALARM) -> float:
    """How far a binomial count may be from its mean, in any of `tests` tests, on either side."""
    t = math.log(2 * tests / false_alarm)
    return t / 3 + math.sqrt(t * t / 9 + 2 * expected * t)


def measure(steps: Steps, name: str, construction: Any, success: Callable[..., Any]) -> None:
    """Hold what is counted against what the statement and the exact probability let expect."""
    drawn = whole(right_side(f"{name}#1", "=", sp.Symbol("n")))
    weight = float(right_side(f"{name}#3", "=", sp.Symbol("w")))
    errors = [float(error) for error in listed(f"{name}#7", "epsilon")]
    law = right_side(f"{name}#6", "=", sp.Symbol("mu"), w=weight, n=drawn)
    if not law.subs("epsilon", errors[0]) > 0:
        raise AssertionError(f"{name}#6: {law} are expected")
    found, mean, tolerance = sp.symbols("X mu t")
    far = right_side(f"{name}#5", "<=", sp.Abs(found - mean))
    side = float(right_side(f"{name}#4", ">", "x"))
    for error, count in zip(errors, hits(construction, weight, errors, drawn, side), strict=True):
        for expected in (float(law.subs("epsilon", error)), drawn * float(success(weight, error))):
            allowed = bernstein(expected, len(errors))
            steps.trial(le(tolerance, far), drawn, t=allowed, mu=expected)
            steps.trial(le(sp.Abs(found - mean), far), drawn, X=count, mu=expected)


def _not_one_over_epsilon() -> Counterexample | None:
    errors, drawn = [2.0**-j for j in range(1, 6)], 10**6
    for epsilon, found in zip(errors, hits(Malach(), 0.7, errors, drawn), strict=True):
        linear = drawn * malach_success(0.7, errors[0]) * epsilon / errors[0]
        if abs(found - linear) > bernstein(linear, len(errors)):
            return Counterexample(
                "the exponent 2 (1 is taken)",
                {"ε": round(epsilon, 4), "neurons": f"{drawn:,}"},
                f"{found:,} neurons fit, not about {linear:,.0f},",
            )
    return None


@evidence(
    code=(malach_success,),
    uses=("malach-success",),
    wrong={"success": lambda w, epsilon: epsilon**2 / 16},
    refute=_not_one_over_epsilon,
)
def malach_measured(steps: Steps, success: Callable[..., Any] = malach_success) -> None:
    measure(steps, "malach-measured", Malach(), success)
