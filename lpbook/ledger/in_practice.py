"""Claims of the chapter *in_practice*: what a law of random weights is worth, and to whom."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, cast

import numpy as np
import sympy as sp

from lpbook._checks import Floats
from lpbook.digits import count_digits
from lpbook.distributions import Hyperbolic, Normal, SymmetricLaw, Uniform
from lpbook.experiments.confidence import hoeffding_tolerance
from lpbook.experiments.edge_popup import popup
from lpbook.experiments.in_practice import mask_accuracy
from lpbook.experiments.sampling_laws import (
    EPSILON,
    TARGETS,
    digit_errors,
    effective_share,
    pool_laws,
    pool_units,
    products,
)
from lpbook.ledger.common import rounded, spans, unless
from lpbook.ledger.core import Counterexample, Steps, evidence, exactly, proof
from lpbook.ledger.exact import whole
from lpbook.ledger.ranges import ranges
from lpbook.ledger.reading import argument, right_side
from lpbook.ledger.relations import eq, gt, le, lt
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import Box
from lpbook.subsets import closest_subset

R = sp.Rational
p, c, d, g = sp.symbols("p c d g", positive=True)


# -- what scale can do -------------------------------------------------------------------------


def _a_bias_knows_the_scale() -> Counterexample | None:
    w, bias, x, factor = 1, 1, 1, 2
    before, after = max(w * x + bias, 0), max(factor * w * x + bias, 0)
    return unless(
        after == factor * before,
        "there are no biases",
        {"w": w, "bias": bias, "x": x, "c": factor},
        f"σ(c w x + bias) = {after}, but c σ(w x + bias) = {factor * before}",
    )


@proof(prose=("induction",), code=(popup,), refute=_a_bias_knows_the_scale)
def scale_is_temperature(steps: Steps) -> None:
    for size in (p, sp.Integer(0), -p):  # one layer: weights d times, inputs g times as large
        steps.identity(sp.Max(d * g * size, 0), d * g * sp.Max(size, 0))
    m1, m2, x, w, v, eta = sp.symbols("m_1 m_2 x w v eta", positive=True)
    c1, c2 = sp.symbols("c_1 c_2", positive=True)

    def loss(logit: Any) -> Any:
        return sp.log(1 + sp.exp(-logit))

    # a path of two weights, masked; f_c = c f is the statement for it
    each = argument("Product_i", right_side("scale-is-temperature#5", "=", "c"))
    both = sp.prod(each.subs("c_i", factor) for factor in (c1, c2))
    path = v * m2 * sp.Max(w * m1 * x, 0)
    scaled = c2 * v * m2 * sp.Max(c1 * w * m1 * x, 0)
    formula = sides("scale-is-temperature#6", "=", f=path, f_c=scaled)
    steps.identity(formula.lhs, put(formula.rhs, c=both), of="scale-is-temperature#6")
    ranges(steps, "scale-is-temperature", 4, c_i=c1)
    step = shown("scale-is-temperature#8", c=c1 * c2)
    for m in (m1, m2):
        own = eta / (c1 * c2) * sp.diff(loss(c1 * c2 * path), m)
        steps.identity(put(step, eta=eta) * sp.diff(loss(scaled), m), own)

    def same_masks(factors: tuple[float, float], rate: float) -> bool:
        slower = float(put(step, eta=exactly(rate), c_1=factors[0], c_2=factors[1]))
        runs = _masks((1.0, 1.0), rate, math.prod(factors)), _masks(factors, slower, 1.0)
        return all((one == two).all() for one, two in zip(*runs, strict=True))

    # powers of 2 scale without rounding
    steps.cases(same_masks, factors=((2.0, 1.0), (1.0, 8.0), (4.0, 0.5)), rate=(0.25, 4.0))


def _masks(factors: tuple[float, float], rate: float, gain: float) -> list[Any]:
    """Masks that edge-popup finds in a small random network whose matrices are so many times it."""
    rng = np.random.default_rng(3)
    weights = [c * rng.normal(size=n) for c, n in zip(factors, ((6, 4), (3, 6)), strict=True)]
    x, labels = rng.random((40, 4)), rng.integers(0, 3, 40)
    how: dict[str, Any] = {"keep": 0.5, "rate": rate, "gain": gain, "steps": 20, "batch": 8}
    return list(popup(weights, x, labels, **how, rng=rng))


# -- what spread costs -------------------------------------------------------------------------


def _uniform_on_a_wider_range() -> Counterexample | None:
    low, high, w = R(1, 100), sp.Integer(1), sp.Symbol("w", positive=True)
    second, fourth = (sp.integrate(w**n, (w, low, high)) / (high - low) for n in (2, 4))
    share = second**2 / fourth
    range_ = sp.log(high / low)
    hyperbolic = sp.tanh(range_) / range_
    return unless(
        share <= hyperbolic,
        "|w| is hyperbolic: take it uniform on the same [1/100, 1]",
        {"L": f"{float(range_):.4g}"},
        f"the share is {float(share):.4g} instead of {float(hyperbolic):.4g}",
    )


@proof(
    name="effective-share",
    prose=("expectation",),
    code=(effective_share,),
    wrong={"share": lambda law: 1.01 * effective_share(law)},
    refute=_uniform_on_a_wider_range,
)
def effective_share_claim(steps: Steps, share: Callable[[Any], float] = effective_share) -> None:
    a, b, mean = sp.symbols("a b mu", real=True)  # E w⁴, E w², and any number
    steps.identity(a - 2 * mean * b + mean**2, (a - b**2) + (b - mean) ** 2)
    of, size = sp.Function("E"), sp.Symbol("w")
    ratio = right_side("effective-share#3", "=", "s")
    ratio = ratio.subs({of(size**2): b, of(size**4): a}, simultaneous=True)
    steps.identity(ratio.subs({b: c**2 * b, a: c**4 * a}, simultaneous=True), ratio)
    steps.identity(ratio, b**2 / a, of="effective-share#3")
    w, h, dev = sp.symbols("w h s", positive=True)
    second, fourth = (sp.integrate(w**n / h, (w, 0, h)) for n in (2, 4))
    steps.identity(second**2 / fourth, shown("effective-share#6"), of="effective-share#6")
    low, high = (
        sides("effective-share#2", "<", 0).lhs,
        right_side("effective-share#2", "<", of(size**4), 1),
    )
    steps.cases(lambda moment: low < moment < high, moment=(fourth.subs(h, 1),))
    density = sp.sqrt(2 / sp.pi) / dev * sp.exp(-(w**2) / (2 * dev**2))
    second, fourth = (sp.integrate(w**n * density, (w, 0, sp.oo)) for n in (2, 4))
    steps.identity(second**2 / fourth, shown("effective-share#8"), of="effective-share#8")
    L, t = sp.symbols("L t", positive=True)
    second, fourth = (sp.integrate(sp.exp(n * t) / L, (t, 0, L)) for n in (2, 4))  # t = ln|w|
    formula = right_side("eq-effective-share", "=", "s", 0, L=L)
    steps.identity(second**2 / fourth, formula, of="eq-effective-share")
    width = right_side("effective-share#10", "=", "L", alpha=1, beta=sp.exp(L))
    steps.identity(width, L, of="effective-share#10")
    below = sides("eq-effective-share", "<", which=1, L=L)
    e = sp.exp(2 * L)
    steps.identity(L * below.lhs, 1 - 2 / (e + 1))
    steps.identity(L * below.rhs, 1)
    steps.holds(lt(1 - 2 / (e + 1), 1))
    for end, value in ((sp.oo, 0), (0, 1)):
        steps.identity(sp.limit(formula, L, end), value)
    rest = sp.sinh(2 * L) - 2 * L
    slope = sp.diff((e - 1) / ((e + 1) * L), L)
    steps.identity(slope, (-rest / (2 * L**2 * sp.cosh(L) ** 2)).rewrite(sp.exp))
    steps.identity(rest.subs(L, 0), 0)  # and it grows: its derivative is a square
    steps.identity(sp.diff(rest, L).rewrite(sp.exp), sp.expand((sp.exp(L) - sp.exp(-L)) ** 2))
    for law, number in ((Uniform(2.0), 6), (Normal(3.0), 8)):
        steps.computes(shown(f"effective-share#{number}"), lambda law=law: share(law), {})
    steps.computes(formula, lambda L: share(Hyperbolic(1.0, math.exp(L))), {"L": (0.5, 2.0, 4.0)})


# -- drawn -------------------------------------------------------------------------------------


def _out_weights(law: str) -> SymmetricLaw:
    """The law of a where b = 1."""
    return cast("SymmetricLaw", pool_laws(f"{law}, b = 1", 1)[1])


def _complete(name: str, weights: int, n: int, products: Callable[..., Floats]) -> float:
    targets, units = pool_units(2020, weights, n)
    return float(digit_errors(targets, products(name, units))[1].mean())


def _enough_neurons_for_uniform() -> Counterexample | None:
    weights, n = 1000, 3000
    share = _complete("uniform, b = 1", weights, n, products)
    return unless(
        share - hoeffding_tolerance(weights, sides=1, tests=2) <= 0.1,
        "there are 160 neurons (3,000 instead)",
        {"n": n},
        f"the uniform law supplies all digits of {share:.3f} of the weights, more than a tenth",
    )


@evidence(
    code=(digit_errors, products),
    uses=("hoeffding",),
    wrong={"products": lambda name, units: products("hyperbolic, b = 1", units)},
    refute=_enough_neurons_for_uniform,
)
def digits_by_law(steps: Steps, products: Callable[..., Floats] = products) -> None:
    weights, n = 4000, whole(shown("digits-by-law#1"))
    b = right_side("digits-by-law#2", "=", "b")
    tolerance = hoeffding_tolerance(weights, sides=1, tests=2)
    steps.derives("digits-by-law#3", "=", sp.Rational(str(EPSILON)), sp.Symbol("epsilon"))
    steps.derives("digits-by-law#4", "=", count_digits(EPSILON), sp.Symbol("k"))
    share, slack = sp.symbols("p t")
    for law, relation in (
        ("hyperbolic", gt(share - slack, shown("digits-by-law#8"))),
        ("uniform", lt(share + slack, shown("digits-by-law#11"))),
    ):
        found = _complete(f"{law}, b = {b}", weights, n, products)
        steps.trial(relation, weights, p=found, t=tolerance)
    spans(steps, "digits-by-law#7", _out_weights("hyperbolic").positive())
    spans(steps, "digits-by-law#10", _out_weights("uniform"))


def _within(name: str, scale: float, weights: int, n: int, seed: int = 2021) -> Floats:
    targets, units = pool_units(seed, weights, n)
    error = closest_subset(targets[:, None], scale * products(name, units)).errors[:, 0]
    within: Floats = (np.abs(error) <= EPSILON).astype(float)
    return within


def _more_numbers() -> Counterexample | None:
    weights, n = 6000, 20
    pair = [_within(f"{law}, b = 1", 1.0, weights, n) for law in ("uniform", "hyperbolic")]
    gap = (pair[0] - pair[1]).mean()
    tolerance = hoeffding_tolerance(weights, sides=1, width=2)
    return unless(
        gap + tolerance >= 0.25,
        "there are 10 numbers (20 instead)",
        {"n": n},
        f"uniform numbers serve {gap:.3f} of the weights more, and with Hoeffding's tolerance "
        f"{tolerance:.3f} that is less than a quarter",
    )


@evidence(
    code=(closest_subset, products), uses=("hoeffding",), wrong={"n": 16}, refute=_more_numbers
)
def subsets_by_law(steps: Steps, n: int = 10) -> None:
    weights, size = 20_000, sp.Abs(sp.Symbol("x"))
    # differences lie in [-1, 1]; three lines
    tolerance = hoeffding_tolerance(weights, sides=1, tests=3, width=2)
    uniform = _within("uniform, b = 1", 1.0, weights, n)
    gain, slack = sp.symbols("d t")
    steps.identity(shown("subsets-by-law#2"), sp.Rational(str(EPSILON)), of="subsets-by-law#2")
    spans(steps, "subsets-by-law#1", TARGETS)
    spans(steps, "subsets-by-law#4", _out_weights("uniform"))
    ends = sides("subsets-by-law#5", "<=", 0).lhs, right_side("subsets-by-law#5", "<=", size, 1)
    for end, value in zip(ends, _out_weights("hyperbolic").positive().ppf([0, 1]), strict=True):
        steps.computes(end, lambda value=value: value, {})
    quarter = shown("subsets-by-law#3")
    for scale, least in ((1.0, quarter), (2.0, 0), (4.0, 0)):
        found = (uniform - _within("hyperbolic, b = 1", scale, weights, n)).mean()
        steps.trial(gt(gain - slack, least), weights, d=found, t=tolerance)


PIXELS = Box(0, 1)


def _clusters(seed: int) -> tuple[tuple[Floats, Any], tuple[Floats, Any]]:
    """Ten noisy patterns of 64 pixels: 600 images to train on, 300 to test."""
    rng = np.random.default_rng([seed, 21])
    low, high = PIXELS.low, PIXELS.high
    patterns, labels = rng.uniform(low, high, (10, 64)), rng.integers(0, 10, 900)
    x = np.clip(patterns[labels] + 0.5 * rng.normal(size=(900, 64)), low, high)
    return (x[:600], labels[:600]), (x[600:], labels[600:])


def _wins(better: str, worse: str, width: int, pairs: int) -> int:
    wins = 0
    for seed in range(pairs):
        train, test = _clusters(seed)
        reached = [
            mask_accuracy(
                law, width, seed, train, test, keep=0.5, rate=0.3, gain=4.0, steps=200,
                kind=np.float64,
            )
            for law in (better, worse)
        ]  # fmt: skip
        wins += reached[0] > reached[1]
    return wins


def _another_better_law() -> Counterexample | None:
    pairs = 20
    wins = _wins("hyperbolic, wide", "hyperbolic", 48, pairs)
    return unless(
        wins,
        "the better law is the constant (hyperbolic on [ε, 1/ε] instead)",
        {"L": f"{2 * math.log(1 / EPSILON):.3g}"},
        f"it wins none of {pairs} pairs (had the chance been more than 1/2, with probability "
        f"below 2^-{pairs})",
    )


@evidence(
    code=(mask_accuracy, popup),
    uses=("ramanujan2020",),
    wrong={"pairs": 19, "better": "hyperbolic", "worse": "constant"},
    refute=_another_better_law,
)
def popup_by_law(
    steps: Steps, pairs: int = 20, better: str = "constant", worse: str = "hyperbolic"
) -> None:
    for number in (1, 2):
        spans(steps, f"popup-by-law#{number}", (PIXELS.low, PIXELS.high))
    wins, drawn = sp.symbols("X n")
    steps.trial(eq(wins, drawn), pairs, X=_wins(better, worse, 48, pairs), n=pairs)
    # were the chance of a win at most a half, all would be won with at most this probability
    steps.holds(le(R(1, 2) ** pairs, R(1, 10**6)))
    law = Hyperbolic.for_digits(10)
    length = right_side("popup-by-law#3", "=", "L", 0)
    steps.computes(length, lambda: math.log(law.high / law.low), {})
    shows = right_side("popup-by-law#3", "=", length, 1)
    rounded(steps, "popup-by-law#3", shows, length, places=2)
