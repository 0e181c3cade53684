"""Claims of the chapter *main_theorem*: from weights to a network."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np
import sympy as sp

from lpbook import pruning
from lpbook.batches import all_hit, output_batch_size, samples_for_both
from lpbook.budgets import (
    closed_form_budget,
    logarithmic_budget,
    network_error,
    uniform_errors,
    weight_budget,
)
from lpbook.constructions import GoldenRatio
from lpbook.digits import PHI
from lpbook.error_bounds import error_bound, of_parts
from lpbook.experiments.confidence import FALSE_ALARM, unlikely_mean
from lpbook.experiments.pooled_layer import scheme_of_digits
from lpbook.experiments.running_example import digits_classifier
from lpbook.ledger.common import drawn_in_weights, unless, up_to_golden
from lpbook.ledger.core import Counterexample, Steps, evidence, exactly, finite, proof
from lpbook.ledger.exact import binary, is_least, relu, true_at, whole
from lpbook.ledger.ranges import accepted, ranges
from lpbook.ledger.reading import argument, chain, counted, members, right_side, rounded_up
from lpbook.ledger.relations import ge, gt, le, lt
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import Ball, Bounds, Box, Network, stretched
from lpbook.scaling import balanced

# Error e before a layer, ε_w, norms of W and of the layer's input: none of them below 0.
E, T, NORM, A, SLOPE = sp.symbols("e epsilon_w W A lambda", nonnegative=True)


def _measured(formula: Any, **norms: Any) -> Any:
    """With a letter for each norm, by the name of what it is taken of."""
    for part in formula.atoms(sp.core.function.AppliedUndef):
        if part.func.__name__.startswith("norm_"):
            raise AssertionError(f"{part} is not the 2-norm")
    return formula.replace(sp.Function("norm"), lambda of: norms[of.name])


def recursion(e: Any, eta: Any, norm: Any = NORM, size: Any = A, slope: Any = SLOPE) -> Any:
    """One step of the error budget, as the chapter shows it."""
    step = _measured(right_side("eq-error-budget", "=", "e_i"), W_i=sp.Symbol("norm"))
    values = {"e_i-1": e, "eta_i": eta, "norm": norm, "A_i-1": size, "lambda_i": slope}
    return put(step, **values)


# -- one layer ---------------------------------------------------------------------------------


def _one_half_is_off() -> Counterexample | None:
    w, plus, minus, epsilon, y = 1, 1, 0, Fraction(1, 10), -1
    error = abs(plus * max(y, 0) - minus * max(-y, 0) - w * y)
    return unless(
        error <= epsilon * abs(y),
        "both halves of every weight (the one for x > 0 only)",
        {"w": w, "weight for x > 0": plus, "for x < 0": minus, "ε_w": epsilon, "y": y},
        f"the layer errs by {error}",
    )


def _small_layers(negative: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Square of an output's error, non-zero entries, square of the input's norm; ε_w is 1.

    Two inputs; the errors of both halves of both weights are given.
    """
    errors = itertools.product((-1, 0, 1), negative, repeat=2)
    for halves, y in itertools.product(errors, itertools.product((-2, -1, 0, 1, 3), repeat=2)):
        pairs = list(zip(halves[::2], halves[1::2], strict=True))
        terms = zip(pairs, y, strict=True)
        error = sum(plus * max(x, 0) - minus * max(-x, 0) for (plus, minus), x in terms)
        yield error**2, sum(half != (0, 0) for half in pairs), sum(x * x for x in y)


@proof(
    source="Malach et al. 2020 and Orseau et al. 2020; two halves and $m$: ★",
    prose=("case distinction", "induction", "norms"),
    code=(uniform_errors,),
    wrong={"negative": (-2, 0, 2)},
    refute=_one_half_is_off,
)
def layer_error(steps: Steps, negative: Sequence[int] = (-1, 0, 1)) -> None:
    p, q, w = sp.symbols("w^+ w^- w", real=True)
    y = sp.Symbol("y", nonnegative=True)
    for signed, half in ((y, p), (-y, q)):
        steps.identity(p * relu(signed) - q * relu(-signed) - w * signed, (half - w) * signed)
    a, b, r, s = sp.symbols("a b r s", nonnegative=True)  # Cauchy and Schwarz: one more term
    norms = (a**2 + r**2) * (b**2 + y**2)
    steps.implies({le(s, a * b): s + a * b + 2 * r * y}, le((s + r * y) ** 2, norms))
    length, m, n, t = sp.symbols("Y m n epsilon_w", positive=True)
    first, last = (sides("eq-layer-error", "<=", i, m=m, n=n, epsilon_w=t) for i in (0, 1))
    frobenius = sp.sqrt(sp.summation(t**2, (sp.Symbol("i"), 1, m)))
    steps.identity(frobenius * length, _measured(first.lhs, y=length), of="eq-layer-error")
    most = sp.lambdify([m, length], _measured(first.lhs.subs(t, 1), y=sp.sqrt(length)) ** 2)
    steps.each(lambda error, m, size: error <= most(m, size), _small_layers, negative)
    wide = {"n_i": (m + a) / n, "n_i-1": n}  # m is at most n_i n_{i-1}
    steps.holds(le(*(_measured(put(side, **wide), y=length) ** 2 for side in first.args)))
    top = sp.Symbol("y_max", nonnegative=True)
    (largest,) = last.rhs.atoms(sp.core.function.AppliedUndef)
    if largest != sp.Function("Max_j")(sp.Abs(sp.Symbol("y_j"))):
        raise AssertionError(f"{largest} is not the largest |y_j|")
    inputs = n / (1 + b)  # ‖y‖ is at most √inputs y_max
    narrow = {"n_i": n / (1 + a), "n_i-1": inputs}
    left = _measured(put(last.lhs, **narrow), y=sp.sqrt(inputs) * top / (1 + s))
    steps.holds(le(left**2, last.rhs.subs(largest, top) ** 2))
    # all n² errors are ε_w, y = (1, ..., 1): each of n outputs errs by n ε_w
    equal = {"m": right_side("layer-error#8", "=", "m", n=n), "n_i": n, "n_i-1": n}
    for side in (first.lhs, first.rhs, last.rhs):
        attained = put(_measured(side.subs(largest, 1), y=sp.sqrt(n)), **equal)
        steps.identity(sp.sqrt(n * (n * t) ** 2), attained, of="eq-layer-error")

    def package(outputs: float, inputs: float) -> float:
        return uniform_errors(Network([np.ones((int(outputs), int(inputs)))]), 0.25)[0]

    by_layer = put(_measured(first.rhs, y=sp.Integer(1)), epsilon_w=0.25)
    steps.computes(by_layer, package, {"n_i": (1, 6), "n_i-1": (2, 5)})
    for pair in ((2, 5), (5, 2)):
        larger = right_side(
            "layer-error#7", "=", "n", **dict(zip(("n_i", "n_i-1"), pair, strict=True))
        )
        steps.identity(larger, 5, of="layer-error#7")


# -- all layers --------------------------------------------------------------------------------


def chain_error(weights: Sequence[Fraction], t: Fraction, x: Fraction) -> Fraction:
    """Error of a chain of linear neurons, n = 1, all of whose weights err by t upwards."""
    return math.prod((w + t for w in weights), start=x) - math.prod(weights, start=x)


def _chain(weights: Sequence[Any]) -> Network:
    """The chain itself, as a network of the package."""
    return Network([[[float(w)]] for w in weights], activations=["identity"] * len(weights))


def _true_inputs_only() -> Counterexample | None:
    # e_i = λ_i (‖W_i‖ e_{i-1} + η A): forgets that later layers read perturbed inputs
    t, x = Fraction(1, 10), Fraction(1)
    error, forgetful = chain_error([Fraction(1)] * 2, t, x), 2 * t * x
    return unless(
        error <= forgetful,
        "the perturbed input of a layer (the true one instead)",
        {"ℓ": 2, "n": 1, "W_1 = W_2": 1, "ε_w": t, "x": x},
        f"the network errs by {error}, more than {forgetful},",
    )


def _chains_that_err() -> Iterator[tuple[tuple[Fraction, ...], Fraction, Fraction]]:
    """Up to three weights, the error of each, the input."""
    for layers in (1, 2, 3):
        for weights in itertools.product((Fraction(1, 2), Fraction(1), Fraction(3)), repeat=layers):
            yield weights, Fraction(1, 4), Fraction(2)


@proof(
    source="after Orseau et al. 2020, and Malach et al. 2020",
    prose=("induction", "norms"),
    code=(network_error,),
    uses=("layer-error", "lipschitz-constants", "orseau2020"),
    wrong={
        "network_error": lambda network, domain, errors: network_error(
            network, domain, [*errors[:-1], 0.0]
        ),
        "arrives": sp.Rational(101, 100) * E,
    },
    refute=_true_inputs_only,
)
def error_budget(
    steps: Steps, network_error: Callable[..., float] = network_error, arrives: Any = E
) -> None:
    (a, b), product = sp.symbols("a b", nonnegative=True), sp.Symbol("uv")
    # the norm of a sum, by Cauchy and Schwarz; then the activation, one coordinate more
    steps.implies({le(product, a * b): 2}, le(a**2 + 2 * product + b**2, (a + b) ** 2))
    u, v, x, z = sp.symbols("u v x z", nonnegative=True)
    more = {le(u, SLOPE**2 * x): 1, le(v, SLOPE**2 * z): 1}
    steps.implies(more, le(u + v, SLOPE**2 * (x + z)))
    eta, d, size, length = sp.symbols("eta d Y Yhat", nonnegative=True)
    first, second, before, after = sp.symbols("p q z f", nonnegative=True)
    norm, x, f = sp.Function("norm"), sp.Symbol("x"), sp.Symbol("F_i")
    claimed = norm(sp.expand((f - sp.Symbol("hat_F_i")) * x))
    claimed = right_side("error-budget#11", "<=", claimed, e_i=recursion(E, eta))
    largest = sp.Function("Sup_x")(norm(sp.Symbol("F_i-1") * x))
    least = right_side("error-budget#6", ">=", "A_i-1").subs(largest, size)
    steps.implies(
        {
            le(after, SLOPE * before): 1,  # the activation
            le(before, first + second): SLOPE,
            le(first, NORM * d): SLOPE,  # what arrives wrong
            le(second, eta * length): SLOPE,  # what the weights do wrong
            le(length, size + d): SLOPE * eta,
            le(least, A): SLOPE * eta,
            le(d, arrives): SLOPE * (NORM + eta),
        },
        le(after, claimed),
    )
    start = right_side("error-budget#7", "=", "e_0")

    def is_attained(weights: Sequence[Fraction], t: Fraction, x: Fraction) -> bool:
        e, size = start, exactly(x)
        for weight in map(exactly, weights):
            e, size = recursion(e, exactly(t), weight, size, 1), weight * size
        found = network_error(_chain(weights), Ball(float(x)), [float(t)] * len(weights))
        exact = chain_error(weights, t, x)
        return bool(e == exact) and math.isclose(found, exact, rel_tol=1e-9)

    steps.each(is_attained, _chains_that_err)


# -- solving it --------------------------------------------------------------------------------


def _nothing_arrives() -> Counterexample | None:
    network, domain = Network([[[1.0]], [[1.0]]]), Ball(0.0)
    return unless(
        any(network_error(network, domain, [t, t]) for t in (1.0, 1e100)),
        "some input is not 0, or there are biases",
        {"ℓ": 2, "n": 1, "W_1 = W_2": 1, "x": 0},
        "e_ℓ is 0 for every ε_w, and e_ℓ = ε has no solution,",
    )


def _letter(name: str) -> Any:
    return sp.Symbol(name, positive=True)


def _over_layers(formula: Any, layers: Sequence[int]) -> Any:
    """A formula with `Product_i` and its like, written out for these layers."""

    def factor(term: Any, i: int) -> Any:
        names = {s: s.name.replace("_i-1", f"_{i - 1}") for s in term.free_symbols}
        return term.subs({s: _letter(name.replace("_i", f"_{i}")) for s, name in names.items()})

    def product(term: Any) -> Any:
        return math.prod((factor(term, i) for i in layers), start=sp.Integer(1))

    return formula.replace(sp.Function("Product_i"), product)


def _unrolled(layers: int) -> Any:
    """e_ℓ as a polynomial in ε_w, with s_i, λ_i, A_i and W_i for norms."""
    e: Any = sp.Integer(0)
    for i in range(1, layers + 1):
        s, slope, norm, size = map(_letter, (f"s_{i}", f"lambda_{i}", f"W_{i}", f"A_{i - 1}"))
        eta = right_side("budget-solution#1", "=", "eta_i", epsilon_w=T, s_i=s)
        e = recursion(e, eta, norm, size, slope)
    return sp.Poly(sp.expand(e), T)


@proof(
    prose=("induction", "monotonicity", "limit"),
    code=(weight_budget,),
    uses=("error-budget",),
    refute=_nothing_arrives,
)
def budget_solution(steps: Steps) -> None:
    t, s, slope, p = sp.symbols("epsilon_w s_i lambda_i p", positive=True)
    d = sp.Symbol("d", integer=True, positive=True)
    before, after = p * t**d, sp.expand(recursion(p * t**d, t * s, NORM, A, slope))
    arrives, first, top = slope * NORM * before, slope * s * A * t, slope * s * t * before
    name = "budget-solution"
    steps.identity(after, arrives + first + top)  # one degree more, its coefficient times λ_i s_i
    leading = shown(f"{name}#6", A_0=_letter("A_0"))
    for layers in (1, 2, 3):
        written_out = _over_layers(leading, range(1, layers + 1))
        steps.identity(_unrolled(layers).LC(), written_out, of=f"{name}#6")

    def rises(layers: int) -> bool:
        """Of degree ℓ, with no constant term, and every sign is +."""
        e = _unrolled(layers)
        first, *terms = (e.coeff_monomial(T**d) for d in range(layers + 1))
        return e.degree() == layers and first == 0 and all(c.is_positive for c in terms)

    def is_solved(layers: int, epsilon: float) -> bool:
        """By the package, for weights 1 and inputs up to 1."""
        e, solution = _unrolled(layers), weight_budget(_chain([1] * layers), epsilon, Ball(1.0))
        ones = dict.fromkeys(e.free_symbols_in_domain, 1)
        at = {by: e.as_expr().subs(ones).subs(T, solution * by) for by in (0.99, 1, 1.01)}
        below = right_side(f"{name}#10", "<", "e_ell", epsilon=epsilon)
        wanted = right_side(f"{name}#9", "=", "e_ell", epsilon=epsilon)
        above = right_side(f"{name}#11", ">", "e_ell", epsilon=epsilon)
        return at[0.99] < below and above < at[1.01] and math.isclose(at[1], wanted, rel_tol=1e-8)

    ranges(steps, name, 2, A_0=_letter("A_0"))
    accepted(steps, f"{name}#7", lambda epsilon: weight_budget(_chain([1]), epsilon, Ball(1.0)))
    accepted(steps, f"{name}#8", lambda t: pruning.plan(_chain([1]), weight_epsilon=t))
    steps.cases(rises, layers=(1, 2, 3, 4))
    steps.cases(is_solved, layers=(1, 2, 3, 4), epsilon=(2.0**-9, 8.0))


def _finite_chains() -> list[tuple[tuple[Fraction, ...], float]]:
    """Weights and ε of the statement."""
    longest = whole(right_side("budget-solution-finite#2", "<=", "ell"))
    weights, epsilons = (
        [binary(x) for x in members(f"budget-solution-finite#{i}", letter)]
        for i, letter in ((3, "w"), (5, "epsilon"))
    )
    return [
        (tuple(map(Fraction, chain)), epsilon)
        for layers in range(1, longest + 1)
        for chain in itertools.product(weights, repeat=layers)
        for epsilon in epsilons
    ]


def _chain_budgets(budget: Callable[..., float]) -> Iterator[tuple[Any, ...]]:
    """Weights, ε, the ε_w of the package, and what is a little more."""
    more = 1 + Fraction(1, whole(shown("budget-solution-finite#7")))
    radius = binary(right_side("budget-solution-finite#4", "<=", sp.Abs(sp.Symbol("x"))))
    for weights, epsilon in _finite_chains():
        t = Fraction(budget(_chain(weights), epsilon, Ball(radius)))
        yield weights, Fraction(epsilon), Fraction(radius), t, more * t


def _a_billionth_more() -> Counterexample | None:
    for weights, epsilon, x, _, t in _chain_budgets(weight_budget):
        if chain_error(weights, t, x) > epsilon:
            return Counterexample(
                "the ε_w of weight_budget (a billionth more)",
                {"weights": f"({', '.join(map(str, weights))})", "ε": epsilon, "x": x},
                "the chain errs by more than ε",
            )
    return None


@finite(
    code=(weight_budget,),
    uses=("budget-solution",),
    wrong={"budget": lambda *arguments: 1.01 * weight_budget(*arguments)},
    refute=_a_billionth_more,
)
def budget_solution_finite(steps: Steps, budget: Callable[..., float] = weight_budget) -> None:
    def is_solution(weights: Any, epsilon: Fraction, x: Fraction, t: Any, more: Any) -> bool:
        most = right_side("budget-solution-finite#6", "=", "e_ell", epsilon=exactly(epsilon))
        return bool(chain_error(weights, t, x) <= most < chain_error(weights, more, x))

    steps.each(is_solution, _chain_budgets, budget)
    steps.identity(shown("budget-solution-finite#1"), len(_finite_chains()))


# -- closed forms ------------------------------------------------------------------------------


def _linear_instead() -> Counterexample | None:
    eps, x = Fraction(1), Fraction(1)
    t = eps / 2  # ε/(ℓλs) in place of ln(1 + ε)/(ℓλs)
    error = chain_error([Fraction(1)] * 2, t, x)
    return unless(
        error <= eps,
        "the logarithm (ε/(AP) instead of ln(1 + ε/(AP)))",
        {"ℓ": 2, "n": 1, "W_1 = W_2": 1, "ε": eps, "ε_w": t, "x": x},
        f"the network errs by {error}",
    )


def _logarithmic(layers: int, epsilon: float, radius: float = 1.0) -> float:
    """The package's formula for a chain of weights 1."""
    return logarithmic_budget(_chain([1] * layers), epsilon, Ball(radius))


def _gain(address: str, which: int | None = None) -> tuple[Any, Any]:
    """A factor of P = ∏ max{1, λ_i ‖W_i‖}: the 1, and what it is if that is more."""
    product = right_side(address, "=", "P", which)
    (factor,) = product.args
    if product.func.name != "Product_i" or factor.func is not sp.Max:
        raise AssertionError(f"{product} is not the product of what is at least 1")
    return tuple(sorted(_measured(factor, W_i=NORM).args, key=lambda term: not term.is_number))


@proof(
    prose=("induction",),
    code=(logarithmic_budget,),
    uses=("error-budget",),
    wrong={"budget": lambda ell, eps, x: eps / (ell * x)},
    refute=_linear_instead,
)
def budget_logarithm(
    steps: Steps, budget: Callable[[int, float, float], float] = _logarithmic
) -> None:
    u, h, q, r = sp.symbols("u h q r", nonnegative=True)
    letters = sp.symbols("A P ell s lambda epsilon", positive=True)
    size, p, layers, s, slope, epsilon = letters
    names = {letter.name: letter for letter in letters}
    t = u / (slope * s)
    bound = right_side("eq-budget-logarithm", "<=", "e_ell", **names, epsilon_w=t)
    steps.identity(bound.subs(layers, 0), 0, of="eq-budget-logarithm")
    least, grows = _gain("budget-logarithm#7")
    gain, before = least + h, 1 + r  # g_i, and g_1 ... g_{i-1}
    (power,) = (found for found in bound.atoms(sp.Pow) if found.exp == layers)  # (1 + u)^ℓ
    error, steep, s_i, here = sp.symbols("e_i lambda_i s_i a", nonnegative=True)
    inner = {"lambda_i": steep, "s_i": s_i, "A_i-1": here}
    steeper, wider, larger = (
        sides(f"budget-logarithm#{i}", ">=", **names, **inner) for i in (1, 2, 3)
    )
    eta = right_side("budget-logarithm#6", "=", "eta_i", epsilon_w=t, s_i=s_i)
    steps.implies(
        {
            le(error, recursion(E, eta, NORM, here, steep)): 1,
            le(put(grows, **inner), gain): E,
            steeper: s_i * t * (here + E),
            wider: slope * t * (here + E),
            larger: u,
            le(E, bound.subs(power, 1 + q).subs(p, before)): gain + u,
        },
        le(error, bound.subs(power, (1 + q) * (1 + u)).subs(p, gain * before)),
    )
    _attained_by_chains(steps, bound.subs(u, T * slope * s), sp.Max(least, grows))
    steps.holds(ge(sp.exp(u), 1 + u), derivative=(u, 2))
    rule = right_side("eq-budget-logarithm-b", "=", "epsilon_w", **names)
    reached = bound.subs(power, sp.exp(slope * s * rule) ** layers)  # 1 + u <= e^u
    allowed = right_side("budget-logarithm#9", "<=", "e_ell", epsilon=epsilon)
    steps.identity(reached, allowed, of="eq-budget-logarithm-b")
    at = {"ell": (1, 2, 5), "epsilon": (0.5, 2.0**-20, 64.0), "A": (0.25, 2.0)}
    steps.computes(put(rule, s=1, P=1, **{"lambda": 1}), budget, at)
    ranges(steps, "budget-logarithm", 5, A=size)


def _attained_by_chains(steps: Steps, bound: Any, gain: Any) -> None:
    """The bound is the error where all that is given is 1."""
    for i in (1, 2, 3):
        ones = dict.fromkeys(_unrolled(i).free_symbols_in_domain, 1)
        most = {"A": 1, "P": put(gain, W=1, lambda_i=1) ** i, "ell": i, "s": 1, "lambda": 1}
        error = _unrolled(i).as_expr().subs(ones)
        steps.identity(error, put(bound, **most), of="eq-budget-logarithm")


def _without_side_condition() -> Counterexample | None:
    epsilon, largest = sp.Rational(1, 2), sp.Rational(1, 100)
    t = epsilon / (sp.E * 2 * largest)
    error = ((1 + t) ** 2 - 1) * largest
    return unless(
        error <= epsilon,
        "the second term of the minimum",
        {"n": 1, "ℓ": 2, "W_1 = W_2": 1, "F_max": largest, "ε": epsilon, "ε_w": f"{t.n(4)}"},
        f"the network errs by {sp.N(error, 4)}",
    )


def _closed(layers: int, weight: float, epsilon: float, kappa: float) -> float:
    """The package's formula for a chain of equal weights; F_max is 1 if they are, or ℓ = 1."""
    return closed_form_budget(_chain([weight] * layers), epsilon, Ball(1.0), kappa)


def _closed_terms(**symbols: Any) -> tuple[Any, Any]:
    """Both terms of the minimum: that with ε, and the side condition."""
    least = right_side("eq-budget-closed-form", "=", "epsilon_w", 0)
    first, second = sorted(least.args, key=lambda term: not term.has(sp.Symbol("epsilon")))
    if not isinstance(least, sp.Min):
        raise AssertionError(f"not a minimum: {least}")
    return put(first, **symbols), put(second, **symbols)


@proof(
    source="after Orseau et al. 2020; constants and side condition: ★",
    prose=("monotonicity", "limit"),
    code=(closed_form_budget,),
    uses=("budget-logarithm", "layer-error", "orseau2020"),
    wrong={"budget": lambda ell, w, eps, kappa: _closed(ell, w, eps, 1.01 * kappa)},
    refute=_without_side_condition,
)
def budget_closed_form(steps: Steps, budget: Callable[..., float] = _closed) -> None:
    n, top, p, slope, layers = sp.symbols("n F_max P lambda ell", positive=True)
    z, x = sp.symbols("z x", nonnegative=True)
    names = {"n": n, "F_max": top, "P": p, "lambda": slope, "ell": layers}
    spread = right_side("budget-closed-form#4", "<=", "A_i-1", **names)  # A, at most
    scaled = names | {"epsilon": z * spread * p}
    widest = {"n_i": n, "n_i-1": n, "epsilon_w": 1}
    size = right_side("budget-closed-form#3", "=", "eta_i", **widest)  # s, at most
    unit = layers * slope * n
    rule = right_side("eq-budget-logarithm-b", "=", "epsilon_w", **scaled, A=spread, s=size)
    steps.identity(rule * unit, sp.log(1 + z))
    kappa = right_side("budget-closed-form#9", "=", "kappa")
    first, side = (unit * term for term in _closed_terms(**scaled, kappa=kappa))
    steps.identity(first, z / kappa, of="eq-budget-closed-form")
    steps.identity(side, 1, of="eq-budget-closed-form")
    steps.holds(le(z / kappa, sp.log(1 + z)), concave=(z, 0, kappa))
    steps.holds(ge(sp.log(1 + kappa + x), side), derivative=(x, 1))
    larger = right_side("budget-closed-form#7", "=", "kappa")
    steps.holds(gt(larger, kappa))  # so it allows less
    steps.identity(larger, sp.E, of="budget-closed-form#7")
    chain = (1 + 1 / layers) ** layers - 1  # W_i = 1, ε = κ: all weights may err by 1/ℓ
    steps.derives("budget-closed-form#9", "=", sp.limit(chain, layers, sp.oo), sp.Symbol("kappa"))
    least, grows = _gain("eq-budget-closed-form", 1)
    gain = sp.Max(least, put(grows, lambda_i=1, W=sp.Symbol("w"))) ** sp.Symbol("ell")
    formula = sp.Min(*_closed_terms(n=1, F_max=1, P=gain, **{"lambda": 1}))
    at = {"ell": (1, 3), "w": (0.25, 1.0), "epsilon": (2.0**-9, 64.0), "kappa": (math.e, 1.75)}
    steps.computes(formula, budget, at, rel=1e-9)
    steps.computes(formula, budget, {**at, "ell": (1,), "w": (3.0,)}, rel=1e-9)
    ranges(steps, "budget-closed-form", (1, 2, 5), F_max=top, lambda_i=slope, epsilon=z)
    _largest(steps, "budget-closed-form#2", "lambda", 1, which=0)
    steps.identity(*(right_side(f"{n}#{i}", "<=", "e_ell") for n, i in
                     (("budget-closed-form", 8), ("budget-logarithm", 9))))  # fmt: skip


def _largest(steps: Steps, address: str, letter: str, place: int, which: Any = None) -> None:
    """The largest of all layers does for each of them what the logarithmic form asks for."""
    more = sp.Symbol("h", nonnegative=True)
    most = right_side(address, "=", letter, which)
    most = most.replace(sp.Function("Max"), lambda each: each + more)  # the largest is no less
    steps.holds(sides(f"budget-logarithm#{place}", ">=", **{letter: most}))


def _without_the_maxima() -> Counterexample | None:
    w, epsilon = Fraction(1, 10), Fraction(1, 100)
    t = epsilon / (sp.E * 2 * w**2)  # P = ‖W_1‖‖W_2‖
    e = sp.Rational(1, 5) * t + t**2  # e_2 of W = (1/10, 1/10), A_0 = 1, A_1 = 1/10
    return unless(
        not (t < sp.Rational(1, 2) and e > epsilon),
        "max{1, ·} in the product",
        {"n": 1, "ℓ": 2, "W_1 = W_2": w, "F_max": 1, "ε": epsilon, "ε_w": f"{t.n(4)}"},
        f"the closed form exceeds the budget: e_ℓ = {sp.N(e, 4)} > ε",
    )


def _first_order(layers: int) -> Any:
    """C of the chapter, written out for these layers, with W_i for norms."""
    whole = right_side("eq-budget-order", "=", "C", 1)
    term = _measured(whole.args[0], W_j=sp.Symbol("W_j"))
    parts = [whole, *term.atoms(sp.core.function.AppliedUndef)]
    if [part.func.__name__ for part in parts] != ["Sum_i", "Product_j>i"]:
        raise AssertionError(f"{whole} adds up over other layers")
    later = parts[1]
    each, total = sp.Function("Product_i"), sp.Integer(0)
    for i in range(1, layers + 1):
        total += _over_layers(each(term.subs(later, 1)), [i]) * math.prod(
            put(later.args[0], lambda_j=_letter(f"lambda_{j}"), W_j=_letter(f"W_{j}"))
            for j in range(i + 1, layers + 1)
        )
    return total


SMALL = Network([[[0.5, -1.0], [0.25, -0.75]], [[1.0, -0.5]]])


@proof(
    prose=("induction", "monotonicity", "limit"),
    code=(weight_budget, logarithmic_budget, closed_form_budget),
    uses=("budget-solution", "budget-logarithm", "budget-closed-form"),
    wrong={"rules": ("closed-form", "recursive", "logarithmic")},
    refute=_without_the_maxima,
)
def budget_order(
    steps: Steps, rules: Sequence[str] = ("closed-form", "logarithmic", "recursive")
) -> None:
    size, bound, z = sp.symbols("s A z", positive=True)
    names = {"s": size, "A": bound, "P": 1, "ell": 1, "lambda": 1, "epsilon": z}
    rule = right_side("eq-budget-logarithm-b", "=", "epsilon_w", **names)
    steps.identity(bound * (sp.exp(size * rule) - 1), z, of="eq-budget-logarithm-b")
    for larger in (size, bound):  # s <= n, A <= √n F_max
        steps.holds(lt(sp.diff(rule, larger), 0))
    for layers in (1, 2, 3):
        linear = _unrolled(layers).coeff_monomial(T)
        steps.identity(linear, _first_order(layers), of="eq-budget-order")
    c, i, h, r, here, unit, s_i, steep = sp.symbols("c i h r a u s_i lambda_i", nonnegative=True)
    after = sp.diff(recursion(c * T, T * s_i, NORM, here, steep), T).subs(T, 0)
    steps.implies(
        {
            le(steep * NORM, 1 + h): c,  # a factor of P, at least 1
            le(steep * s_i * here, unit): 1,
            le(c, i * unit * (1 + r)): 1 + h,
        },
        le(after, (i + 1) * unit * (1 + h) * (1 + r)),
    )
    ranges(steps, "budget-order", 5, A_0=_letter("A_0"))
    for place, letter in enumerate(("lambda", "s", "A"), start=1):
        _largest(steps, f"budget-order#{place + 1}", letter, place)
    eta = right_side("budget-closed-form#3", "=", "eta_i", epsilon_w=1)
    steps.identity(right_side("budget-order#1", "=", "s_i"), eta, of="budget-order#1")
    kappas = [shown(f"budget-order#{i}") for i in (6, 7)]
    _ratio_of_budgets(steps, kappas)

    def in_order(epsilon: float) -> bool:
        found = [weight_budget(SMALL, epsilon, Ball(1.0), rule) for rule in rules]
        found.insert(1, closed_form_budget(SMALL, epsilon, Ball(1.0), float(kappas[1])))
        return found == sorted(found)

    steps.cases(in_order, epsilon=(2.0**-20, 0.5, 64.0))


def _ratio_of_budgets(steps: Steps, kappas: Sequence[Any]) -> None:
    """As ε tends to 0 the solution is ε/C, and the closed form is its first term."""
    t, first, q, spare = sp.symbols("t C q y", positive=True)
    small = right_side("budget-order#8", "to", "epsilon")  # and with it t = ε_w
    slope = sp.limit(t / (first * t + q * t**2), t, small)  # ε_w/ε of the solution
    n, top, p, lam, layers, z = sp.symbols("n F_max P lambda ell z", positive=True)
    names = {"n": n, "F_max": top, "P": p, "lambda": lam, "ell": layers, "epsilon": z}
    closed, sharper = (_closed_terms(**names, kappa=kappa)[0] for kappa in kappas)
    steps.holds(lt(closed, sharper))
    ratio = shown("eq-budget-order", 0, **names, C=first)
    steps.identity(slope / (closed / z), ratio, of="eq-budget-order")
    larger = (first + spare) / (layers * lam * n * sp.sqrt(n) * top)  # C <= ℓ λ n √n F_max P
    steps.holds(ge(sp.simplify(ratio.subs(p, larger)), shown("budget-order#11")))
    *_, one = chain("budget-order#14", "W_i lambda_i F_max A_i-1", "=")
    ones = dict.fromkeys(_first_order(3).free_symbols, one)
    least = {"F_max": one, "lambda": one, "P": one, "n": right_side("budget-order#13", "=", "n")}
    equal = put(ratio, ell=3, C=_first_order(3).subs(ones), **least)
    steps.identity(equal, shown("budget-order#12"), of="eq-budget-order")
    ranges(steps, "budget-order", 10, C=first)


# -- certificates ------------------------------------------------------------------------------


def _one_end() -> Counterexample | None:
    w, low, high, y = -1, 0, 1, 0
    return unless(
        w * y <= w * high,
        "the other end (w u alone)",
        {"w": w, "l": low, "u": high, "y": y},
        f"the product is {w * y}, above {w * high},",
    )


def _end(w: float, low: float, high: float) -> float:
    """The largest product of a weight and what lies between two ends, by the package."""
    matrix, ends = np.array([[w]]), (np.array([low]), np.array([high]))
    return float(stretched(matrix, matrix, ends)[1][0])


@proof(
    prose=("induction",),
    code=(stretched, Bounds.spreads),
    uses=("error-budget",),
    wrong={"largest": lambda w, low, high: w * high},
    refute=_one_end,
)
def neuron_ends(steps: Steps, largest: Callable[[float, float, float], float] = _end) -> None:
    w, low, high = sp.symbols("w l u", real=True)
    p, q = sp.symbols("p q", positive=True)
    ends = sides("eq-neuron-ends", "<=")
    term, most = (argument("Sum_j", side) for side in ends.args)
    at = {"w_j": w, "l_j": low, "u_j": high}
    between = (q * low + p * high) / (p + q)
    products = [w * low, w * high]
    steps.identity(put(most, **at), sp.Max(*products), of="eq-neuron-ends")
    top = sp.Symbol("m", real=True)
    shares = dict(zip((le(each, top) for each in products), (q, p), strict=True))
    steps.implies(
        {relation: share / (p + q) for relation, share in shares.items()},
        le(put(term, **at, y_j=between), top),
    )
    size, inside = sp.Symbol("|w|", nonnegative=True), sp.Symbol("y", real=True)
    above, below = (sides("neuron-ends#1", "<=", i, l_j=low, y_j=inside, u_j=high) for i in (0, 1))
    steps.implies({below: size}, le(size * inside, size * high))
    steps.implies({above: size}, le(-size * inside, -size * low))
    for end, chosen in ((low, products[0]), (high, products[1])):
        steps.identity(put(term, **at, y_j=end), chosen, of="eq-neuron-ends")
    steps.computes(
        put(most, w_j=sp.Symbol("w"), l_j=sp.Symbol("l"), u_j=sp.Symbol("u")),
        largest,
        {"w": (-2.0, 0.5), "l": (-1.0, 0.25), "u": (0.25, 3.0)},
    )
    _error_of_a_neuron(steps)


def _error_of_a_neuron(steps: Steps) -> None:
    """What errors of up to ε_w make of it, and what the package says of that."""
    n, t, a, y = sp.symbols("n epsilon_w a y", positive=True)
    errs, size = sides("eq-neuron-error", "<=", n=n, epsilon_w=t).args
    each = argument("Sum_j", errs / t)
    error = sp.Symbol("E_j", nonnegative=True)
    one = put(t * each, a_j=a)
    steps.implies({le(error, t): y, le(y, a): t}, le(error * y, one))
    steps.identity(t * a, one, of="eq-neuron-error")  # attained
    # Cauchy and Schwarz, one number more: the sum s of n, whose squares add up to s²/n + r
    h = sp.Symbol("h", real=True)
    b, r = sp.symbols("b r", nonnegative=True)
    s = n * b + h
    steps.holds(le((s + b) ** 2, (n + 1) * (s**2 / n + r + b**2)))
    first, last = counted("neuron-ends#3", "j", n=n)
    terms = last - first + 1
    steps.identity(_measured(size, a=y) ** 2, terms * t**2 * y**2, of="eq-neuron-error")

    def spread(low: float, high: float) -> float:
        network = Network([[[1.0, 1.0]]])
        return math.sqrt(2) * network.bounds(Box([low, 0.0], [high, 1.0])).spreads(False)[0]

    letters = {"l_j": sp.Symbol("l"), "u_j": sp.Symbol("u")}
    ends_of = right_side("neuron-ends#2", "=", "a_j", **letters)
    two = put(each, a_j=ends_of) + put(each, a_j=1)
    steps.computes(two, spread, {"l": (-2.0, 0.0), "u": (0.5, 1.0)})


def _half_the_width() -> Counterexample | None:
    a, b, d = 0, 1, 1
    return unless(
        d <= Fraction(a + b, 2) + Fraction(b - a, 4),
        "half of the width (a quarter)",
        {"W": 1, "M": 1, "a": a, "b": b, "d": d},
        "W D M u is longer than the bound",
    )


def _behind(w: float, m: float, low: float, high: float) -> float:
    """The bound of the package for one neuron of each layer."""
    error = of_parts((np.array([[m]]), 1.0))
    passed = error.passed(np.array([low]), np.array([high]))
    return passed.weighted(np.array([[w]]), abs(w)).norm


@proof(
    prose=("norms",),
    code=(error_bound,),
    uses=("error-budget", "neuron-ends"),
    wrong={"behind": lambda w, m, low, high: _behind(w, m, 0.5 * low, 0.5 * high)},
    refute=_half_the_width,
)
def between_layers(
    steps: Steps, behind: Callable[[float, float, float, float], float] = _behind
) -> None:
    low, d, high, s = sp.symbols("a d b s", real=True)
    w, m, t, u = sp.symbols("W M T u", positive=True)
    names = {"a_j": low, "b_j": high}
    middle, half = (
        right_side("eq-slope-ends", "=", letter, i, **names)
        for i, letter in enumerate(("c_j", "r_j"))
    )
    above, below = (sides("between-layers#2", "<=", i, **names, d_j=d) for i in (0, 1))
    steps.implies({below: 1}, le(d - middle, half))
    steps.implies({above: 1}, le(middle - d, half))
    steps.identity((w * t) * s * (half * m / t), w * s * half * m)
    c, r = sp.symbols("C R", nonnegative=True)
    bound = sides("eq-between-layers", "<=").replace(sp.Function("norm"), lambda of: of)
    known = {"W": w, "M": m, "T": t, "u": u, "C": c, "R": r, "D": sp.Symbol("D")}
    left, right = (put(side, **known) for side in bound.args)
    steps.implies({le(sp.Symbol("D"), c + r): w * m * u}, le(left, right))
    one = right.subs({t: 1, u: 1, c: middle, r: half})
    letters = {w: sp.Symbol("W"), m: sp.Symbol("M"), low: sp.Symbol("a"), high: sp.Symbol("b")}
    steps.computes(
        one.subs(letters),
        behind,
        {"W": (0.5, 3.0), "M": (1.0, 2.0), "a": (0.0, 0.25), "b": (0.5, 1.0)},
        rel=1e-8,
    )


# -- scalings ----------------------------------------------------------------------------------


def _tanh_between() -> Counterexample | None:
    x, scale = 1.0, 2.0
    before, after = math.tanh(x), math.tanh(scale * x) / scale
    return unless(
        math.isclose(before, after),
        "positively homogeneous activations (tanh)",
        {"ℓ": 2, "n": 1, "W_1 = W_2": 1, "x": x, "s_1": scale},
        f"the scaled network computes {after:.4f} in place of {before:.4f}",
    )


def _scaled(factor: Any, before: Any, w: Any, b: Any) -> tuple[Any, Any]:
    """Weight and bias of a layer after a change of scale."""
    names = {"s_i": factor, "s_i-1": before, "W_i": w, "b_i": b}
    letters = enumerate(("V_i", "d_i"))
    weight, bias = (right_side("eq-scaled-network", "=", at, i, **names) for i, at in letters)
    return weight, bias


@proof(
    prose=("induction",),
    code=(balanced, Network.scaled),
    uses=("error-budget", "budget-order"),
    wrong={"balanced": lambda network, domain: (1.0,)},
    refute=_tanh_between,
)
def price_of_the_function(
    steps: Steps, balanced: Callable[[Network, Ball], Sequence[float]] = balanced
) -> None:
    s, s_before, r, r_before, w, b, y = sp.symbols("s t r u w b y", positive=True)
    z = sp.Symbol("z", real=True)

    def q(r: Any, s: Any) -> Any:
        return right_side("eq-scaled-twice", "=", "q_i", r_i=r, s_i=s)

    weight, bias = _scaled(s, s_before, w, b)
    steps.identity(weight * s_before * y + bias, s * (w * y + b), of="eq-scaled-network")
    steps.identity(relu(s * z), s * relu(z))
    factors = {"s": (s, s_before), "r": (r, r_before), "q": (q(r, s), q(r_before, s_before))}

    def network(F: Any) -> tuple[Any, Any]:
        """Weight and bias of a layer of F, or of F to the power of some factors."""
        if sp.Symbol("F") == F:
            return w, b
        if not isinstance(F, sp.Pow):
            raise AssertionError(f"{F} is no network with other factors")
        return _scaled(*factors[F.exp.name], *network(F.base))

    name = "price-of-the-function"
    least = [side / sp.Symbol("m") for side in sides(f"{name}#20", "=").args]
    same = [side ** sp.Symbol(by) for side, by in zip(least, "sq", strict=True)]  # any factors
    for twice, once in (sides(f"{name}#18", "=").args, same):
        for left, right in zip(network(twice), network(once), strict=True):
            steps.identity(left, right, of="eq-scaled-twice")
    *_, one = chain(f"{name}#2", "s_0 s_ell", "=")
    for left, right in zip(*map(network, sides(f"{name}#14", "=").args), strict=True):
        steps.identity(left.subs({s: one, s_before: one}), right, of=f"{name}#14")

    def is_scaled(number: int) -> bool:
        return network(shown(f"{name}#{number}", p=1)) == (weight, bias)

    steps.cases(is_scaled, number=(3, 9, 11, 15, 23))
    _cheapest_errors(steps, balanced)
    ranges(steps, name, 1, **{"s_ell-1": s})


def _cheapest_errors(steps: Steps, balanced: Callable[[Network, Ball], Sequence[float]]) -> None:
    """Of all errors that two layers may have together, those of the statement cost least."""
    name, s = "price-of-the-function", sp.Symbol("s", positive=True)
    epsilon, c, d, g, h = sp.symbols("epsilon c d g h", positive=True)
    each = argument("Sum_i", right_side(f"{name}#27", "=", "g"))
    total = put(each, g_i=g) + put(each, g_i=h)
    first, second = (
        right_side("eq-cheapest-errors", "=", "epsilon_i", c_i=at, g_i=price, g=total).subs(
            sp.Symbol("epsilon"), epsilon
        )
        for at, price in ((c, g), (d, h))
    )
    steps.identity(c * first + d * second, epsilon, of="eq-cheapest-errors")
    x, p, q = sp.symbols("x p q", positive=True)
    steps.holds(ge(x - 1 - sp.log(x), 0), derivative=(x, 2), start=1)
    m, n = sp.symbols("m n", real=True)  # the logarithms of p and q
    errs, most = sides(f"{name}#29", "<=", epsilon=epsilon).args
    each = argument("Sum_i", errs)
    parts = ((c, first * p), (d, second * q))
    allowed = le(sp.expand(sum(put(each, c_i=at, epsilon_i=e) for at, e in parts)), most)
    steps.implies(
        {le(m, p - 1): g, le(n, q - 1): h, allowed: (g + h) / epsilon}, le(g * m + h * n, 0)
    )
    cost = argument("Sum_i", shown(f"{name}#30"))
    rises = [
        put(cost, g_i=price, epsilon_i=at * by) - put(cost, g_i=price, epsilon_i=at)
        for price, at, by in ((g, first, p), (h, second, q))
    ]
    steps.identity(sum(rises), -g * sp.log(p) - h * sp.log(q), of=f"{name}#30")
    # two weights, inputs up to 1: the first error arrives times w_2, the second one is of w_1
    each = right_side("price-of-the-function#24", "=", "epsilon_i", epsilon_w=1)
    one, other = sp.symbols("w_1 w_2", positive=True)
    errors = [put(first, c=other, d=one, g=1, h=1), put(second, c=other, d=one, g=1, h=1)]
    (ratio,) = {put(each, **{"s_i-1": 1, "s_i": s}) / put(each, **{"s_i-1": s, "s_i": 1})}
    (found,) = sp.solve(sp.Eq(ratio, errors[0] / errors[1]), s)

    def scale(w_1: float, w_2: float) -> float:
        return balanced(_chain([w_1, w_2]), Ball(1.0))[0]

    steps.computes(found, scale, {"w_1": (0.5, 1.0, 3.0), "w_2": (0.25, 8.0)}, rel=1e-8)
    ranges(steps, name, (26, 28), g_i=g, epsilon_i=p)


# -- the theorem -------------------------------------------------------------------------------


def _scheme(w: float, weight_epsilon: float) -> Any:
    return GoldenRatio().scheme(w, weight_epsilon)


def _rows(k: int, m: int, layers: int, delta: float) -> int:
    """The rows of each block that `plan` asks for: layers of m weights of k digits."""
    shapes = itertools.islice(itertools.cycle(((m, 1), (1, m))), layers)
    network = Network([np.ones(shape) for shape in shapes], activations=["identity"] * layers)
    error = scheme_of_digits(k).weight_epsilon
    cost = pruning.plan(network, weight_epsilon=error, inputs=Ball(1.0), delta=delta)
    (rows,) = {int(width) for layer in cost.layers for width in layer.widths}
    return rows


def _all_of_delta_for_each_layer() -> Counterexample | None:
    delta, layers = Fraction(1, 100), 2
    size = _rows(1, 1, 1, float(delta))
    fails = 1 - all_hit(2, Fraction(1, 4), size) ** layers
    return unless(
        fails <= delta,
        "δ/ℓ for each layer (δ instead)",
        {"ℓ": layers, "n": 1, "k": 1, "c": Fraction(1, 4), "δ": delta, "M": size},
        f"a requirement is not met with probability {float(fails):.4g} > δ",
    )


@proof(
    source="Orseau et al. 2020, main theorem; constants, shared digits, the proved pool: ★",
    prose=("independence", "union bound", "norms"),
    code=(pruning.plan, GoldenRatio.scheme),
    uses=(
        "orseau2020", "digits-suffice", "constant-inner-best", "coupon-collector",
        "reserved-layout", "shared-layout", "pooled-by-output", "union-bound", "layer-error",
        "error-budget",
    ),
    wrong={
        "size": lambda k, m, layers, delta: _rows(k, m, 1, delta),  # δ for each layer
        "scheme": lambda w, weight_epsilon: _scheme(w, 1.01 * weight_epsilon),
    },
    refute=_all_of_delta_for_each_layer,
)  # fmt: skip
def main_theorem(
    steps: Steps,
    size: Callable[[int, int, int, float], int] = _rows,
    scheme: Callable[[float, float], Any] = _scheme,
) -> None:
    _digits_of_the_theorem(steps, scheme)
    c, block = _layouts_of_the_theorem(steps)

    def is_planned(k: int, m: int, layers: int, delta: float) -> bool:
        values = {"k_i": k, "m_i": m, "ell": layers, "delta": delta, "c_i": put(c, k_i=k)}
        return is_least(block, size(k, m, layers, delta), "M_i", **values)

    steps.cases(is_planned, k=(1, 2, 3), m=(1, 2), layers=(1, 2), delta=(0.5, 0.01))
    by_layer = _measured(sides("eq-layer-error", "<=", 0), y=sp.Integer(1))  # inputs of norm 1
    steps.derives("main-theorem#4", "=", by_layer.rhs, sp.Symbol("eta_i"))
    all_of_them = put(by_layer.lhs, m=sp.Symbol("n_i") * sp.Symbol("n_i-1"))
    steps.identity(all_of_them, by_layer.rhs, of="eq-layer-error")
    _conclusion(steps)
    drawn_in_weights(steps, "main-theorem#10")
    limit = float(right_side("main-theorem#7", "<=", "w_i", epsilon_w=0.25))

    def has_digits(w: float) -> bool:
        return pruning.plan(Network([[[w]]]), weight_epsilon=0.25, inputs=Ball(1.0)).neurons > 0

    steps.cases(lambda w: has_digits(w) == (w > limit), w=(0.125, 0.25, 0.2525, 1.0))


def _digits_of_the_theorem(steps: Steps, scheme: Callable[[float, float], Any]) -> None:
    """k digits leave at most ε_w of a weight, and are those of the package, with their chance."""
    w, rate = sp.symbols("w_i b", positive=True)  # b = ln γ
    rounding = sp.Symbol("y", nonnegative=True)  # what it adds to k
    i, k = sp.symbols("i k")
    kept = sp.Sum(sp.Symbol("b_i") * sp.Symbol("x_i"), (i, 1, k))
    left = right_side("eq-digits-suffice", "<=", sp.Symbol("w") - kept, 1)
    digits = right_side("eq-main-theorem", "=", "k_i", 0)
    exact = put(rounded_up(digits), w_i=w, epsilon_w=T, gamma=sp.exp(rate))
    remains = w * put(left, gamma=sp.exp(rate), k=exact + rounding)
    steps.identity(remains, T * sp.exp(-rate * rounding), of="eq-main-theorem")
    steps.holds(le(sp.exp(-rate * rounding), 1), derivative=(rounding, 1))
    ours = put(digits, gamma=sp.GoldenRatio)
    chance = right_side("eq-main-theorem", "=", "c_i", 1, k_i=ours)

    def requirements(w: float, weight_epsilon: float) -> int:
        return int(scheme(w, weight_epsilon).requirements)

    def probability(w: float, weight_epsilon: float) -> float:
        return float(scheme(w, weight_epsilon).probability(False))

    at = {"w_i": (1.0, 0.75, 8.0), "epsilon_w": (0.5, 0.995 * PHI**-5, 2.0**-30)}
    steps.computes(ours, requirements, at)
    steps.computes(chance, probability, at)


def _conclusion(steps: Steps) -> None:
    """Met requirements leave at most e_ℓ of F, and so at most ε."""
    name, norm, x = "main-theorem", sp.Function("norm"), sp.Symbol("x")
    off, reached, epsilon = sp.symbols("d e epsilon", nonnegative=True)
    layer = (sp.Symbol("F_i") - sp.Symbol("hat_F_i")) * x  # the last one is F
    last = right_side("error-budget#11", "<=", norm(sp.expand(layer)), e_i=reached)
    within = right_side(f"{name}#3", "<=", "e_ell", epsilon=epsilon)
    network = sp.Function("Sup_x")(norm(sp.expand((sp.Symbol("F") - sp.Symbol("hat_G")) * x)))
    claimed = right_side(f"{name}#19", "<=", network, epsilon=epsilon)
    steps.implies({le(off, last): 1, le(reached, within): 1}, le(off, claimed))
    delta, m = sp.symbols("delta m", positive=True)
    rate = sp.Symbol("b", positive=True)
    ranges(steps, name, (5, 6, 15), delta=delta, gamma=sp.exp(rate), m=m)
    accepted(steps, f"{name}#2", lambda t: pruning.plan(_chain([1]), weight_epsilon=t))
    accepted(steps, f"{name}#5", lambda d: pruning.plan(_chain([1]), weight_epsilon=1, delta=d))
    up_to_golden(steps, f"{name}#6")


def _layouts_of_the_theorem(steps: Steps) -> tuple[Any, Any]:
    """What the lemmas of the layouts ask for, with δ/ℓ for δ; return c and the count of blocks."""
    k, m, layers, delta, n, rows = sp.symbols("k_i m_i ell delta n_i M_i", positive=True)
    names = {"k_i": k, "m_i": m, "ell": layers, "delta": delta, "n_i": n, "M_i": rows}
    c = right_side("eq-main-theorem", "=", "c_i", 1, **names)
    steps.derives("constant-inner-best#8", "=", c, sp.Symbol("c"), k=k)
    ends = {"w_max": sp.Symbol("w_i"), "k": sp.Symbol("k_i")}
    for end, i in zip(shown("main-theorem#11"), (3, 4), strict=True):
        steps.identity(end, shown(f"constant-inner-best#{i}", **ends), of="main-theorem#11")
    block = sides("eq-main-theorem-blocks", "<=", 0, **names)
    lemma = {"k": k, "m": m, "c": sp.Symbol("c_i"), "M": rows, "delta": delta / layers}
    met = sides("eq-reserved-layout", "<=", 0, **lemma)
    steps.derives("eq-main-theorem-blocks", "<=", met.rhs, met.lhs, 0, **names)
    lemma |= {"n": n, "M_i": sp.Symbol("M")}
    pool = sides("eq-pooled-by-output-least", "<=", **lemma)
    steps.derives("eq-main-theorem-pool", "<=", pool.rhs, pool.lhs, **names)
    closed = rounded_up(right_side("eq-main-theorem-blocks", "<=", rows, 1, **names))
    least = sides("coupon-collector#5", "<=", c=c, M=rows)  # (1 - c)^M <= e^(-cM)
    missed = put(block.lhs, c_i=c).subs(least.lhs, least.rhs)
    steps.identity(missed.subs(rows, closed), block.rhs, of="eq-main-theorem-blocks")
    for address, share in (("blocks", block.rhs), ("pool", pool.rhs)):  # all layers together
        promise = shown("main-theorem#18", delta=delta)
        steps.identity(1 - layers * share, promise, of=f"eq-main-theorem-{address}")
    return c, sides("eq-main-theorem-blocks", "<=", 0)


def _planned_blocks(plan: Callable[..., Any]) -> Iterator[tuple[Fraction, int, int]]:
    """For each plan, layer and kind of input: c, requirements of the layer, rows of a block."""
    network, _ = digits_classifier()
    radius = binary(right_side("plan-is-the-theorem#1", "<=", sp.Function("norm")(sp.Symbol("x"))))
    epsilons = map(binary, members("plan-is-the-theorem#3", "epsilon"))
    delta = binary(right_side("plan-is-the-theorem#4", "=", "delta"))
    for epsilon, sided, layout in itertools.product(
        epsilons, (True, False), ("reserved", "shared")
    ):
        cost = plan(network, epsilon, inputs=Ball(radius, sided), delta=delta, layout=layout)
        for layer, matrix in zip(cost.layers, network.matrices, strict=True):
            used = matrix.any(axis=0)
            halves = np.where(layer.nonnegative, 1, 2)
            needs = layer.requirements * int((halves * np.count_nonzero(matrix, axis=0)).sum())
            for side in np.unique(layer.nonnegative[used]):
                c = Fraction(1, (2 if side else 4) * layer.requirements)
                pairs = zip(layer.widths, layer.nonnegative, strict=True)
                (rows,) = {width for width, s in pairs if width and s == side}
                yield c, needs, rows


def _for_digits_classifier() -> Any:
    """The inequality of the statement, at its δ and for two layers."""
    delta = right_side("plan-is-the-theorem#4", "=", "delta")
    return sides("eq-plan-is-the-theorem", "<=", delta=delta, ell=2)


def _one_row_fewer() -> Counterexample | None:
    formula = _for_digits_classifier()
    for c, needs, rows in _planned_blocks(pruning.plan):
        fewer = {"R": needs, "c": c, "M": rows - 1}
        if not true_at(formula, **fewer):
            missed = needs * float((1 - c) ** (rows - 1))
            return Counterexample(
                "the rows of the plan (one fewer)", fewer, f"R(1 − c)ᴹ is {missed:.6g} > δ/ℓ"
            )
    return None


@finite(
    code=(pruning.plan,),
    uses=("main-theorem", "exact-count-monotone"),
    wrong={"plan": lambda *what, delta, **how: pruning.plan(*what, delta=2 * delta, **how)},
    refute=_one_row_fewer,
)
def plan_is_the_theorem(steps: Steps, plan: Callable[..., Any] = pruning.plan) -> None:
    formula = _for_digits_classifier()
    steps.each(lambda c, R, rows: is_least(formula, rows, R=R, c=c), _planned_blocks, plan)
    low = right_side("plan-is-the-theorem#2", ">=", "x")
    steps.computes(low, lambda: float(Ball(5.0, nonnegative=True).limits(1)[0][0]), {})
    of_layer = sides("eq-plan-is-the-theorem", "<=").rhs
    steps.identity(shown("plan-is-the-theorem#9"), of_layer, of="eq-plan-is-the-theorem")


# -- the price ---------------------------------------------------------------------------------


def _narrow_layer() -> Counterexample | None:
    # one output and one weight: the pooled count is far from 2(3 + √5)k a weight
    k, m = 10, 1
    size = output_batch_size(m, k, 1, 0.01)
    bound = 2 * (3 + math.sqrt(5)) * k + 1
    return unless(
        size / m <= bound,
        "m ≥ log₂(4kn_iℓ/δ) weights for each output",
        {"k": k, "m": m, "n_i": 1, "ℓ": 1, "δ": 0.01},
        f"pooled by output takes {size / m:.4g} neurons per target weight, more than {bound:.4g},",
    )


@proof(
    source="Orseau et al. 2020, the order; constants and layouts: ★",
    prose=("monotonicity",),
    code=(output_batch_size,),
    uses=("main-theorem", "budget-closed-form", "pooled-by-output", "orseau2020"),
    wrong={"pool": lambda m, k, n, delta: 2 * output_batch_size(m, k, n, delta)},
    refute=_narrow_layer,
)
def logarithmic_price(steps: Steps, pool: Callable[..., int] = output_batch_size) -> None:
    w, ratio, n, p, top, eps = sp.symbols("w_max gamma n P F_max epsilon", positive=True)
    slope, layers, y = sp.symbols("lambda ell y", positive=True)
    names = {"n": n, "P": p, "F_max": top, "epsilon": eps, "lambda": slope, "ell": layers}
    kappa = right_side("logarithmic-price#2", "=", "kappa")
    t, side = _closed_terms(**names, kappa=kappa)
    limit = right_side("logarithmic-price#3", "<=", eps, **names)
    steps.identity(t.subs(eps, limit), side, of="logarithmic-price#3")
    big = right_side("eq-logarithmic-price", "=", "K", **names, w_max=w, gamma=ratio)
    digits = right_side("eq-main-theorem", "=", "k_i", 0)
    exact = put(rounded_up(digits), w_i=w, epsilon_w=t, gamma=ratio)
    needless = right_side("main-theorem#7", "<=", "w_i")
    steps.identity(right_side("logarithmic-price#7", ">", "w_i"), needless)
    steps.identity(1 + exact, big, of="eq-logarithmic-price")
    log_i, log, rate = sp.symbols("L_i L b", positive=True)
    given = {le(log_i, log): 1 / rate, lt(y, 1): 1}  # y: what rounding adds
    steps.implies(given, lt(log_i / rate + y, 1 + log / rate))  # k < K
    _blocks_per_weight(steps)
    _pool_per_weight(steps, pool)


def _blocks_per_weight(steps: Steps) -> None:
    """Reserved and shared: the count of the theorem grows with k up to K."""
    k, big, tau, x = sp.symbols("k_i K tau x", positive=True)
    m, layers, delta, n = sp.symbols("m_i ell delta n_i", positive=True)
    names = {"k_i": k, "m_i": m, "ell": layers, "delta": delta, "K": big, "tau": tau, "n_i": n}
    count = put(rounded_up(right_side("eq-main-theorem-blocks", "<=", "M_i", 1)), **names)
    steps.holds(gt(sp.diff(count, k).subs(delta, 2 * k * m * layers / (1 + x)), 0))
    log = right_side("logarithmic-price#10", "=", tau, **names)
    reserved, shared, wide = (shown(f"logarithmic-price#{i}", **names) for i in (11, 12, 13))
    steps.identity(1 + count.subs(k, big), reserved.subs(tau, log), of="logarithmic-price#11")
    steps.identity(shared, reserved / n, of="logarithmic-price#12")
    enough = sides("logarithmic-price#14", ">=", **names)
    steps.implies({enough: 4 * big / n, ge(n, 1): 1 / n}, le(shared, wide))
    steps.identity(shared.subs({n: 1, tau: 1}), wide, of="logarithmic-price#13")  # attained


def _pool_per_weight(steps: Steps, pool: Callable[..., int]) -> None:
    """Pooled: the closed form of the lemma grows with s and t up to m."""
    k, m, s, t, big = sp.symbols("k m_i s t K", positive=True)
    n, layers, delta = sp.symbols("n ell delta", positive=True)
    count = rounded_up(right_side("eq-pooled-by-output-b", "=", "M_i", k=k, m_i=m, s=s, t=t))
    for grows in (s, t):
        steps.holds(gt(sp.simplify(sp.diff(count, grows)), 0))
    price = shown("logarithmic-price#15")
    most = 1 + count.subs({s: m, t: m, k: big}) / m
    steps.identity(most, put(price, K=big), of="logarithmic-price#15")
    steps.holds(le(t, t / sp.log(2)))  # t <= s
    bits = right_side("pooled-by-output#13", "=", s, s=s, k=big, n=n, delta=delta / layers)
    names = {"K": big, "n_i": n, "ell": layers, "delta": delta}
    steps.derives("logarithmic-price#16", ">=", bits, sp.Symbol("n_i-1"), **names)

    def is_priced(k: int, n: int, delta: float) -> bool:
        m = put(sides("logarithmic-price#16", ">=").rhs, K=k, n_i=n, ell=2, delta=exactly(delta))
        return bool(pool(int(m), k, n, delta / 2) <= m * put(price, K=k))

    steps.cases(is_priced, k=(1, 20), n=(1, 100), delta=(0.5, 0.01))


def _larger_inputs() -> Counterexample | None:
    eps, x = sp.Rational(1, 2), sp.Integer(10)
    t = eps / sp.E  # n = ℓ = 1
    error = (t - t**2 / 4) * x  # what an accepted neuron may err by
    return unless(
        error <= eps,
        "‖x‖₂ ≤ 1",
        {"n": 1, "ℓ": 1, "W": 1, "ε": eps, "x": x},
        f"a neuron that the rule accepts errs by {sp.N(error, 4)} > ε",
    )


@proof(
    source="Malach et al. 2020, the order; constants and $n^2$: ★",
    prose=("induction", "norms", "union bound"),
    code=(closed_form_budget, logarithmic_budget),
    uses=("malach2020", "malach-count", "malach-network", "budget-closed-form",
          "budget-logarithm", "union-bound"),
    wrong={"closed": lambda ell, w, eps, kappa: 1.01 * _closed(ell, w, eps, kappa)},
    refute=_larger_inputs,
)  # fmt: skip
def malach_recovered(steps: Steps, closed: Callable[..., float] = _closed) -> None:
    n, eps, layers, m, delta, t = sp.symbols("n epsilon ell m delta epsilon_w", positive=True)
    g, y, f, x = sp.symbols("g y f x", nonnegative=True)
    norm, before = (sides(f"malach-recovered#{i}", "<=") for i in (1, 2))
    top = {name: right_side(f"malach-recovered#{i}", "=", name) for i, name in
           ((6, "lambda_i"), (8, "P"), (9, "F_max"), (13, "A"))}  # fmt: skip
    at_0 = right_side("malach-recovered#5", "=", sp.Function("sigma_i")(0))
    steps.implies(
        {
            le(f, at_0 + top["lambda_i"] * g * y): 1,
            _measured(norm, W_i=g): y,
            _measured(before, x=y): 1,  # and by induction what any layer reads
        },
        le(f, top["A"]),
    )
    names = {"n": n, "epsilon": eps, "ell": layers, "m": m, "delta": delta}
    ones = {"P": top["P"], "lambda": top["lambda_i"]}
    budget, side = _closed_terms(**names, kappa=sp.E, F_max=top["F_max"], **ones)
    steps.derives("malach-recovered#10", "=", budget, t, **names, epsilon_w=t)

    def closed_form(layers: int, epsilon: float) -> float:
        return closed(layers, 1.0, epsilon, math.e)

    at = {"ell": (1, 3), "epsilon": (2.0**-9, 1.0)}
    steps.computes(put(shown("malach-recovered#10"), n=1), closed_form, at, rel=1e-9)
    small = {eps: 1 / (1 + x), n: (1 + y) ** 2}
    wide = ge((1 + x) * (1 + y), 1)
    steps.implies({wide: sp.E}, ge(sp.simplify((side / budget).subs(small)), 1))
    count = right_side("malach-count#4", "=", "N", epsilon=t, delta=delta / (n**2 * layers))
    steps.derives("malach-recovered#11", "=", count, sp.Symbol("N"), **names, epsilon_w=t)
    bound = shown("eq-malach-recovered", **names)
    (log,), (shorter,) = (side.atoms(sp.log) for side in (put(count, **names), bound))
    most = 1 + rounded_up(count).subs(t, budget) / log * 2 * shorter
    steps.identity(most, bound, of="eq-malach-recovered")
    gap = sp.expand_log(2 * shorter - log)
    steps.identity(gap, sp.log(2) + sp.log(layers) - sp.log(delta))  # above 0, as ℓ ≥ 1 > δ
    _without_a_factor_n(steps, names, ones | {"A": top["A"]}, budget)
    ranges(steps, "malach-recovered", (3, 4), epsilon=small[eps], delta=delta)
    accepted(steps, "malach-recovered#4", lambda delta: samples_for_both(0.25, delta))


def _without_a_factor_n(steps: Steps, names: Any, ones: Any, budget: Any) -> None:
    """The logarithmic form, and by how much it is better than the closed one."""
    n, m, eps, t = names["n"], names["m"], names["epsilon"], sp.Symbol("epsilon_w", positive=True)
    ones = ones | {"s": right_side("malach-recovered#14", "=", "s", m=m)}
    at = {"ell": (1, 3), "epsilon": (2.0**-9, 1.0)}
    rule = right_side("eq-budget-logarithm-b", "=", t, epsilon_w=t, **names, **ones)
    steps.derives("malach-recovered#15", "=", rule, t, **names, epsilon_w=t)
    steps.derives("eq-malach-network", "=", rule, t, which=1, **names, epsilon_w=t)
    steps.computes(put(shown("malach-recovered#15"), m=1), _logarithmic, at)
    chord = le(eps * sp.log(2), sp.log(1 + eps))
    steps.holds(chord, concave=(eps, 0, 1))
    ours = sides("eq-malach-recovered-b", "<=", **names, epsilon_w=rule.subs(m, n**2))
    steps.identity(ours.lhs / ours.rhs, (chord.lhs / chord.rhs) ** 2, of="eq-malach-recovered-b")
    theirs = sides("eq-malach-recovered-b", "<=", epsilon_w=budget).lhs
    steps.identity(theirs / ours.rhs, shown("malach-recovered#17", n=n), of="malach-recovered#17")


# -- measured ----------------------------------------------------------------------------------

EPSILON = 0.5
LOOSE = 0.2
RUNS = 1000


@cache
def failures(prune: Callable[..., Any], layout: str) -> int:
    """How many of the seeds give no ticket; those that do are verified."""
    how: dict[str, Any] = {"inputs": Ball(1.0), "delta": LOOSE, "layout": layout}
    failed = 0
    cost = pruning.plan(SMALL, EPSILON, **how)  # once: it is the same for all seeds
    target = SMALL.scaled(cost.scales)
    for seed in range(RUNS):
        try:
            ticket = prune(target, weight_epsilon=cost.weight_epsilon, **how, seed=seed)
        except ValueError:
            failed += 1
        else:
            certificate = ticket.verify(target)
            if not certificate.ok or certificate.network_error > EPSILON:
                raise AssertionError(f"seed {seed}, {layout}: a ticket is not within ε")
    return failed


def most_failures(chance: float, false_alarm: float = FALSE_ALARM) -> int:
    """The largest number that is not so rare, for failures of this chance."""
    numbers = itertools.count(math.ceil(chance * RUNS))
    return next(n for n in numbers if unlikely_mean(n / RUNS, chance, RUNS, false_alarm)) - 1


def _prune_with_all_of_delta(*arguments: Any, delta: float, **settings: Any) -> Any:
    """δ for each of two layers."""
    return pruning.prune(*arguments, delta=2 * delta, **settings)


def _all_of_delta_measured() -> Counterexample | None:
    failed = failures(_prune_with_all_of_delta, "reserved")
    return unless(
        failed <= most_failures(LOOSE),
        "δ/ℓ for each layer (δ instead)",
        {"layout": "reserved", "seeds": RUNS},
        f"{failed} of them fail, more than δ allows,",
    )


@evidence(
    code=(pruning.prune,),
    uses=("main-theorem", "hoeffding"),
    wrong={"prune": _prune_with_all_of_delta},
    refute=_all_of_delta_measured,
)
def main_theorem_measured(steps: Steps, prune: Callable[..., Any] = pruning.prune) -> None:
    failed, allowed = sp.symbols("failed allowed")
    for i, letter, value in ((1, "epsilon", EPSILON), (2, "delta", LOOSE)):
        said = sp.nsimplify(value)
        steps.derives(f"main-theorem-measured#{i}", "=", said, sp.Symbol(letter))
    steps.identity(shown("main-theorem-measured#3"), RUNS, of="main-theorem-measured#3")
    most = most_failures(LOOSE, float(shown("main-theorem-measured#7")))
    steps.identity(shown("main-theorem-measured#4"), most, of="main-theorem-measured#4")
    for layout in ("shared", "reserved"):
        found = failures(prune, layout)
        steps.trial(le(failed, allowed), RUNS, failed=found, allowed=most)
