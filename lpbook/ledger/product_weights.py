"""Claims of the chapter *product_weights*: only the product of two weights matters."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import sympy as sp

from lpbook.batches import samples_for_both
from lpbook.constructions import ProductWeights, product_success
from lpbook.distributions import Hyperbolic, Uniform
from lpbook.ledger.common import promised, unless
from lpbook.ledger.core import Counterexample, Steps, evidence, proof
from lpbook.ledger.malach import bernstein, failure, hits, measure
from lpbook.ledger.ranges import accepted, ranges
from lpbook.ledger.reading import above_zero, event, right_side, rounded_up, uniform
from lpbook.ledger.relations import gt, lt
from lpbook.ledger.shown import put, shown, sides

SOURCE = "Orseau et al. 2020, product weights"

s, t, u, w, x, y, z, epsilon = sp.symbols("s t u w x y z epsilon", positive=True)
_h, _p = sp.Function("h"), sp.Function("p")


def _k(z: Any) -> Any:
    """z (1 − ln z) for z > 0: the function h where it is not cut off, as the chapter has it."""
    unknown = sp.Symbol("z")
    return right_side("product-success#7", "=", _h(unknown)).subs(unknown, z)


def exact_success(weight: Any, epsilon: Any) -> Any:
    """The probability of `product_success` at 50 digits."""
    with mpmath.workdps(50):
        return exactly_computed()(mpmath.mpf(weight), mpmath.mpf(epsilon))


def exactly_computed() -> Callable[[Any, Any], Any]:
    """The probability of the chapter, as a function of `mpmath` numbers."""
    zero, one = (
        right_side(f"product-success#{i}", "=", _h(at)) for i, at in ((9, 0), (10, sp.Symbol("z")))
    )
    letters = sp.symbols("w epsilon", real=True)

    at, name = sp.Symbol("z"), "product-success"
    low, until = sides(f"{name}#8", "<", 0).lhs, right_side(f"{name}#8", "<=", at, 1)
    beyond = right_side(f"{name}#11", ">=", at)

    def h(z: Any) -> Any:  # odd
        size = sp.Abs(z)
        inside, outside = (_k(size), size < until), (one, size >= beyond)
        cases = (zero, size <= low), inside, outside, (sp.nan, True)
        return sp.sign(z) * sp.Piecewise(*cases)

    names = dict(zip(("w", "epsilon"), letters, strict=True))
    formula = right_side("eq-product-success", "=", _p(*letters), 1, **names)
    found: Callable[[Any, Any], Any] = sp.lambdify(letters, formula.replace(_h, h), "mpmath")
    return found


def _one_weight_twice() -> Counterexample | None:
    # a = b: the product is a², and Pr[a² ≤ 1/4] = Pr[|a| ≤ 1/2]
    z, true = sp.Rational(1, 4), sp.Rational(1, 2)
    claimed = sp.Rational(1, 2) + _k(z) / 2
    return unless(
        not sp.simplify(claimed - true).is_positive,
        "a and b are independent",
        {"z": z, "b": "a"},
        f"Pr[a² ≤ z] = {true}, not {float(claimed):.4f},",
    )


@proof(
    source=f"folklore; {SOURCE}",
    prose=("independence", "measure"),
    code=(Uniform.product,),
    uses=("orseau2020",),
    wrong={"law": Uniform(1.01).product()},
    refute=_one_weight_twice,
)
def product_density(steps: Steps, law: Any = Uniform(1.0).product()) -> None:
    v = sp.Symbol("v", positive=True)
    # given |b| = v, |ab| <= z has probability min(1, z/v); half of that lies above 0
    low, high = uniform("product-density#1", "b", 1)  # as a is
    size = sp.integrate(1, (v, 0, z)) + sp.integrate(z / v, (v, z, high))
    steps.identity(2 * size / (high - low), _k(z))
    at = right_side("product-density#5", "=", z, z=z)
    cdf, density = (shown(f"product-density#{i}", z=z) for i in (3, 7))
    steps.identity(cdf, sp.Rational(1, 2) + size / 2, of="product-density#3")
    steps.identity(sp.limit(cdf, z, at), shown("product-density#4"), of="product-density#4")
    steps.identity(sp.diff(cdf, z), density, of="product-density#7")
    bottom, top = shown("product-density#8")
    both = sum(sp.integrate(density, (z, 0, end)) for end in (-bottom, top))
    steps.identity(both, 1, of="product-density#7")
    pole = right_side("product-density#6", "!=", z, z=z)
    steps.identity(sp.limit(1 / density, z, pole), 0, of="product-density#6")
    points = {"z": [s * 2.0**-j for j in range(0, 41, 4) for s in (1, -1)]}
    steps.computes(shown("product-density#3"), law.cdf, points)
    steps.computes(shown("product-density#7"), law.pdf, points)


def _h_without_its_cut() -> Counterexample | None:
    w, epsilon = sp.Integer(3), sp.Integer(1)
    value = (_k(w + epsilon) - _k(w - epsilon)) / 4
    return unless(
        not value.is_negative,
        "the cut of h at ±1",
        {"w": w, "ε": epsilon},
        f"the formula gives {float(value):.4f}",
    )


@proof(
    name="product-success",
    source=f"{SOURCE}; the exact value ★",
    prose=("case distinction", "measure"),
    code=(product_success,),
    uses=("orseau2020",),
    wrong={"success": lambda w, epsilon: epsilon / 2 * np.log(1 / (abs(w) + epsilon))},
    refute=_h_without_its_cut,
)
def product_success_claim(steps: Steps, success: Callable[..., Any] = product_success) -> None:
    c, b = sp.symbols("c b", positive=True)

    def below(z: Any) -> Any:  # Pr[ab <= z, b > 0], for every real z
        return (1 + _h(z)) / 4

    # for b of either sign; a <= c/b surely for b < c, with (1 + c/b)/2 beyond
    low, high = uniform("product-success#1", "b", 1)  # as a is
    edge = right_side("product-success#5", "<", "b")
    for least, most in ((edge, high), (-edge, -low)):
        sure = sp.integrate(1, (b, least, c))
        inside = (sure + sp.integrate((1 + c / b) / 2, (b, c, most))) / (high - low)
        steps.identity(inside, below(c).subs(_h(c), _k(c)))
    negative = sp.integrate((1 - c / b) / 2, (b, c, high)) / (high - low)
    steps.identity(negative, below(-c).subs(_h(-c), -_k(c)))
    one = right_side("product-success#10", "=", _h(sp.Symbol("z")))
    steps.identity(below(c).subs(_h(c), one), sp.Rational(1, 2))  # all of them, none of them
    steps.identity(below(-c).subs(_h(-c), -one), 0)
    zero = right_side("product-success#9", "=", _h(0))
    for side in (inside, negative):
        steps.identity(sp.limit(side, c, 0), below(0).subs(_h(0), zero))
    unknown = sp.Symbol("w")
    formula = right_side("eq-product-success", "=", _p(unknown, epsilon), 1, epsilon=epsilon)
    asked = right_side("eq-product-success", "=", event(r"|ab-w|\le\varepsilon,b>0"), 0)
    steps.identity(asked, _p(unknown, sp.Symbol("epsilon")), of="eq-product-success")
    difference = below(u + epsilon) - below(u - epsilon)
    steps.identity(above_zero(formula).subs(unknown, u), difference, of="eq-product-success")
    mirrored = below(-u + epsilon) - below(-u - epsilon)  # h is odd
    odd = {_h(-u + epsilon): -_h(u - epsilon), _h(-u - epsilon): -_h(u + epsilon)}
    steps.identity(mirrored.subs(odd), difference)
    _success_of_the_package(steps, success)
    ranges(steps, "product-success", 3, epsilon=epsilon)


def _success_of_the_package(steps: Steps, success: Callable[..., Any]) -> None:
    exact = exactly_computed()

    def computed(w: float, epsilon: float) -> bool:
        with mpmath.workdps(50):
            wanted = exact(mpmath.mpf(w), mpmath.mpf(epsilon))
        return math.isclose(success(w, epsilon), wanted, rel_tol=1e-8, abs_tol=1e-15)

    steps.cases(
        computed, w=[i / 40 for i in range(-60, 61)], epsilon=[2.0**-j for j in range(-1, 21)]
    )


def _half_a_percent_more() -> Counterexample | None:
    w, epsilon = mpmath.mpf(1) / 2, mpmath.mpf(1) / 1000
    p = exact_success(w, epsilon)
    bound = mpmath.mpf("0.505") * epsilon * mpmath.log(1 / (w + epsilon))
    return unless(
        p >= bound,
        "the factor ½ (0.505 is taken)",
        {"w": "1/2", "ε": "1/1000"},
        f"p = {float(p):.5g} < {float(bound):.5g}",
    )


@proof(
    source=f"{SOURCE}; the difference ★",
    prose=("case distinction", "monotonicity"),
    code=(product_success,),
    uses=("product-success",),
    wrong={"success": lambda w, epsilon: epsilon / 2 * np.log(1 / (abs(w) + epsilon))},
    refute=_half_a_percent_more,
)
def product_lower_bound(steps: Steps, success: Callable[..., Any] = product_success) -> None:
    name = "product-lower-bound"
    share, hy = sp.symbols("y H", real=True)
    for sign in (1, -1):  # y above and below 0; h is odd
        scaled = s * sign * _k(y) - s * sign * y * sp.log(s)
        steps.identity(sign * _k(s * y), scaled)
    # |w| + ε = s and |w| − ε = sy, with y and h(y) of either sign
    p = (_k(s) - (s * hy - s * share * sp.log(s))) / 4
    names = {"w": s * (1 + share) / 2, "epsilon": s * (1 - share) / 2}
    both = _p(*sp.symbols("w epsilon"))
    bound, left = right_side(f"{name}#3", ">=", both), shown(f"{name}#5")
    difference = put(above_zero(left).replace(_h, lambda z: hy), s=s)
    steps.identity(p - put(above_zero(bound), **names), difference, of=f"{name}#5")
    steps.identity(sp.diff(_k(y), y), -sp.log(y))
    steps.holds(gt(-sp.log(1 / (1 + y)), 0))  # so h grows for 0 < |y| < 1
    steps.identity(_k(sp.Integer(1)), 1)  # up to 1: the difference is above 0
    total = right_side(f"{name}#4", "=", sp.Symbol("s"), 0)
    most = right_side(f"{name}#4", "<=", total, 1)
    exact = bound + left.subs("s", total).replace(_h, _k)

    def at_most(epsilon: float) -> float:
        """For the largest |w| that is allowed."""
        return float(success(float(most) - epsilon, epsilon))

    steps.computes(
        above_zero(exact).subs("w", most - sp.Symbol("epsilon")),
        at_most,
        {"epsilon": (0.25, 0.125)},
    )
    accepted(steps, f"{name}#2", lambda epsilon: success(1.0, epsilon))


def _tiny_weights() -> Counterexample | None:
    w, epsilon = mpmath.mpf(1) / 10**6, mpmath.mpf(1) / 10
    p = exact_success(w, epsilon)
    bound = epsilon / 2 * mpmath.log(1 / w)
    return unless(
        p >= bound,
        "the maximum with ε",
        {"w": "1e-6", "ε": "1/10"},
        f"p = {float(p):.4g} < (ε/2) ln(1/|w|) = {float(bound):.4g}",
    )


def _bound(largest: Any, epsilon: Any) -> Any:
    """The sharper bound where max(|w|, ε) is known."""
    both = _p(sp.Symbol("w"), epsilon)
    formula = right_side("product-sharper-bound#3", ">=", both, epsilon=epsilon)
    return formula.replace(sp.Max, lambda *sides: largest)


@proof(
    prose=("case distinction", "monotonicity"),
    code=(product_success,),
    uses=("product-success",),
    wrong={"success": lambda w, epsilon: product_success(w, epsilon) - 0.01 * epsilon},
    refute=_tiny_weights,
)
def product_sharper_bound(steps: Steps, success: Callable[..., Any] = product_success) -> None:
    steps.identity(_k(sp.Integer(1)), 1)
    steps.holds(lt(sp.diff(_k(z), z).subs(z, 1 + x), 0))  # so h >= k, beyond 1 too
    bracket = _k(1 + t) - _k(1 - t)
    exact = sp.expand_log(sp.expand((_k(u * (1 + t)) - _k(u * (1 - t))) / 4), force=True)
    spared = sp.expand_log(sp.expand(_bound(u, u * t) + u / 4 * bracket), force=True)
    steps.identity(exact, spared, of="product-sharper-bound#3")  # u = |w| >= ε = ut
    steps.identity(bracket.subs(t, 0), 0)
    steps.identity(sp.diff(bracket, t), -sp.log(1 + t) - sp.log(1 - t))
    steps.holds(lt((1 + t) * (1 - t), 1))  # so the bracket grows from 0
    steps.holds(lt(sp.diff(-sp.log(z), z), 0))  # u < ε: 4p falls with u, to h(2ε) >= k(2ε)
    steps.identity(_k(2 * epsilon) / 4 - _bound(epsilon, epsilon), epsilon * (1 - sp.log(2)) / 2)
    steps.holds(gt(epsilon * (1 - sp.log(2)), 0))
    points = {"w": [i / 16 for i in range(33)], "epsilon": [2.0**-j for j in range(12)]}
    at = sp.lambdify(sp.symbols("w epsilon"), sides("product-sharper-bound#3", ">=").rhs, "math")
    steps.cases(lambda w, epsilon: success(w, epsilon) >= at(w, epsilon) * (1 - 1e-9), **points)
    ranges(steps, "product-sharper-bound", 2, epsilon=epsilon)


def _at_the_edge() -> Counterexample | None:
    eta, epsilon, delta = (mpmath.mpf(1) / 10, mpmath.mpf(1) / 100, mpmath.mpf(1) / 100)
    size = int(mpmath.ceil(2 / (epsilon * -mpmath.log(1 - eta)) * mpmath.log(2 / delta)))
    missed = float(failure(exact_success(1, epsilon), size))
    return unless(
        missed <= delta,
        "|w| ≤ 1 − η",
        {"w": 1, "η": "1/10", "ε = δ": "1/100", "N": size},
        f"a half is missed with probability {missed:.2f} > δ",
    )


@proof(
    source=f"{SOURCE}; the constants ★",
    prose=("limit",),
    uses=("both-halves", "product-sharper-bound", "malach-count"),
    refute=_at_the_edge,
)
def product_count(steps: Steps) -> None:
    name = "product-count"
    eta, delta = sp.symbols("eta delta", positive=True)
    names = {"epsilon": epsilon, "delta": delta, "eta": eta, "w": w}
    rate = right_side(f"{name}#7", "=", sp.Symbol("lambda"), 0, **names)
    largest = sp.Max(*(right_side(f"{name}#{i}", "<=", at, which, **names)
                       for i, at, which in ((4, w, None), (5, epsilon, 1))))  # fmt: skip
    off = sp.Abs(sp.Symbol("a") * sp.Symbol("b") - w)
    p = _bound(largest, right_side(f"{name}#2", "<=", off, **names))
    count = right_side(f"{name}#8", "=", sp.Symbol("N"), **names, **{"lambda": rate})
    steps.identity(2 * sp.exp(-p * rounded_up(count)), delta, of=f"{name}#8")
    steps.holds(sides(f"{name}#7", ">=", 1, eta=t / (1 + t)), derivative=(t, 1))
    # at |w| = 1 − η the bound on p is tight
    low, high = uniform(f"{name}#1", "b", 1)  # as a is
    within = (_k(w + epsilon) - _k(w - epsilon)) / (high - low) ** 2
    tight = sp.limit(within / epsilon, epsilon, 0)
    steps.identity(tight, (p / epsilon).subs(eta, 1 - w))
    ranges(steps, name, (3, 6), eta=t / (1 + t), delta=delta)
    ranges(steps, name, 5, epsilon=epsilon)
    accepted(steps, f"{name}#6", lambda delta: samples_for_both(0.25, delta))
    promised(steps, "product-count#9")


def _away_from_the_edge() -> Counterexample | None:
    w, epsilon = mpmath.mpf(1) / 2, mpmath.mpf(1) / 100
    p = exact_success(w, epsilon)
    bound = epsilon**2 / 2 + epsilon**3
    return unless(
        p <= bound,
        "|w| = 1 − ε",
        {"w": "1/2", "ε": "1/100"},
        f"p = {float(p):.4g} is far above ε²/2 + ε³ = {float(bound):.4g}",
    )


@proof(
    prose=("monotonicity", "limit"),
    code=(product_success,),
    uses=("product-success",),
    wrong={"success": lambda w, epsilon: epsilon**2 / 2},
    refute=_away_from_the_edge,
)
def product_edge(steps: Steps, success: Callable[..., Any] = product_success) -> None:
    d = sp.Symbol("d", positive=True)
    g = 1 - _k(1 - d)  # p(1 − ε, ε) = g(2ε)/4 and p(1, ε) = g(ε)/4
    low, high = g - d**2 / 2, d**2 / 2 + d**3 / 2 - g
    for excess in (low, high):  # both vanish at 0 with their slopes
        steps.identity(excess.subs(d, 0), 0)
        steps.identity(sp.diff(excess, d).subs(d, 0), 0)
    steps.identity(sp.diff(low, d, 2), d / (1 - d))
    steps.holds(gt((d / (1 - d)).subs(d, x / (1 + x)), 0))
    bend = d * (2 - 3 * d) / (1 - d)
    steps.identity(sp.diff(high, d, 2), bend)
    steps.holds(gt(bend.subs(d, sp.Rational(2, 3) / (1 + x)), 0))  # convex up to 2/3
    steps.holds(lt(bend.subs(d, (sp.Rational(2, 3) + x) / (1 + x)), 0))  # then concave
    steps.identity(sp.limit(high, d, 1), 0)  # and 0 again at 1
    for address, scale, weight in (("product-edge#1", 2, 1 - epsilon), ("product-edge#3", 1, 1)):
        p = g.subs(d, scale * epsilon) / 4  # w + ε >= 1
        lower = sides(address, "<=", 0, epsilon=epsilon)
        upper = right_side(address, "<=", _p(weight, epsilon), 1, epsilon=epsilon)
        square, cube = ((scale * epsilon) ** power / 8 for power in (2, 3))
        steps.identity(lower.lhs, square, of=address)
        steps.identity(upper, square + cube, of=address)
        edge = right_side("product-edge#5", "to", epsilon, epsilon=epsilon)
        steps.identity(sp.limit(p / epsilon**2, epsilon, edge), lower.lhs / epsilon**2)
        end = right_side(f"product-edge#{4 // scale}", "<=", epsilon, 1, epsilon=epsilon)
        steps.identity(sp.limit(p, epsilon, end, "-"), upper.subs(epsilon, end))
        at = sp.lambdify(epsilon, weight)

        def computed(epsilon: float, at: Callable[[float], float] = at) -> float:
            return float(success(at(epsilon), epsilon))

        steps.computes(p, computed, {"epsilon": (0.25, 0.125)})
    ranges(steps, "product-edge", (2, 4), epsilon=epsilon)


def _without_a_wider_range() -> Counterexample | None:
    epsilon = mpmath.mpf(1) / 100
    p = exact_success(1, epsilon)
    return unless(
        p >= epsilon / (2 * mpmath.e),
        "[−e, e] ([−1, 1] is taken)",
        {"w": 1, "ε": "1/100"},
        f"p = {float(p):.3g} < ε/(2e) = {float(epsilon / (2 * mpmath.e)):.3g}",
    )


@proof(
    prose=("monotonicity",),
    code=(ProductWeights,),
    uses=("both-halves", "product-sharper-bound"),
    wrong={"construction": ProductWeights(reach=1)},
    refute=_without_a_wider_range,
)
def wider_range(steps: Steps, construction: Any = ProductWeights()) -> None:
    name = "wider-range"
    size, delta = sp.symbols("m delta", positive=True)
    names = {"epsilon": epsilon, "w": w, "a": x, "delta": delta}
    reach = right_side(f"{name}#1", "<=", x, **names)
    steps.computes(reach, _reach_of(construction), {})
    reach *= right_side(f"{name}#2", "<=", sp.Abs(sp.Symbol("b")))
    largest = sp.Max(
        right_side(f"{name}#3", "<=", w, **names),
        right_side(f"{name}#4", "<=", epsilon, 1, **names),
    )
    p = _bound(size / reach, epsilon / reach)  # in units of the reach; size = max(|w|, ε)
    steps.holds(lt(sp.diff(p, size), 0))
    least = p.subs(size, largest)
    steps.identity(least, shown(f"{name}#5", **names), of=f"{name}#5")
    count = right_side(f"{name}#6", "=", sp.Symbol("N"), **names)
    steps.identity(2 * sp.exp(-least * rounded_up(count)), delta, of=f"{name}#6")
    ranges(steps, name, 4, epsilon=epsilon)
    promised(steps, "wider-range#7")


def _reach_of(construction: Any) -> Callable[[], float]:
    def reach() -> float:
        return float(construction.reach)

    return reach


def _finite_epsilon() -> Counterexample | None:
    epsilon = mpmath.mpf(1) / 2
    both = (1 + epsilon) * mpmath.log(1 + epsilon) - (1 - epsilon) * mpmath.log(1 - epsilon)
    best = mpmath.exp(both / (2 * epsilon))
    values = [exact_success(1 / s, epsilon / s) for s in (best, mpmath.e)]
    return unless(
        values[0] <= values[1],
        "ε → 0",
        {"ε": "1/2", "s": f"{float(best):.4f}"},
        f"p = {float(values[0]):.5f} is more than {float(values[1]):.5f}, that of s = e,",
    )


@proof(
    prose=("case distinction", "monotonicity"),
    code=(ProductWeights,),
    uses=("product-success",),
    wrong={"construction": ProductWeights(reach=2.75)},
    refute=_finite_epsilon,
)
def best_reach(steps: Steps, construction: Any = ProductWeights()) -> None:
    name, m = "best-reach", sp.Symbol("m", positive=True)
    steps.holds(lt(sp.diff(-sp.log(z), z), 0))  # h' falls with |z|: the largest |w| is the hardest
    top = right_side(f"{name}#5", "<=", w, w=w)
    steps.identity(top, right_side(f"{name}#6", "=", w, w=w), of=f"{name}#6")
    # in units of s, 4p = h((1 + ε)/s) − h((1 − ε)/s); between 1 − ε = m and 1 + ε the first is 1
    ends = uniform(f"{name}#3", "a", s=s), uniform(f"{name}#4", "b")
    reach = math.prod((high - low) / 2 for low, high in ends)
    rising = sp.diff(1 - _k(m / reach), s).subs(s, m * (1 + x))
    steps.identity(rising, sp.log(1 + x) / (m * (1 + x) ** 2))
    steps.holds(gt(sp.log(1 + x), 0))
    beyond = sp.diff(_k((top + epsilon) / reach) - _k((top - epsilon) / reach), s) * s**2
    best = right_side(f"{name}#7", "=", s, s=s)
    log_best = right_side("eq-best-reach", "=", sp.log(best), epsilon=epsilon)
    slope = sp.expand(sp.expand_log(sp.simplify(sp.expand_log(beyond, force=True)), force=True))
    steps.identity(slope, sp.expand(2 * epsilon * (log_best - sp.log(s))), of="eq-best-reach")
    low = sides(f"{name}#10", "<", 0, epsilon=epsilon).lhs
    high = right_side(f"{name}#10", "<", best, 1)
    steps.identity(
        2 * epsilon * (log_best - sp.log(low)),
        (1 - epsilon) * (sp.log(1 + epsilon) - sp.log(1 - epsilon)),
    )
    steps.holds(gt(((1 + epsilon) / (1 - epsilon)).subs(epsilon, x / (1 + x)), 1))  # so s₀ > 1 + ε
    gap = 2 * epsilon * (sp.log(high) - log_best)
    steps.identity(sp.limit(gap, epsilon, 0), 0)
    steps.identity(sp.diff(gap, epsilon), -sp.log(1 + epsilon) - sp.log(1 - epsilon))
    steps.holds(lt((1 + epsilon) * (1 - epsilon), 1))  # so s₀ < e
    limit = right_side(f"{name}#11", "to", "s_0")
    small = right_side(f"{name}#12", "to", epsilon, epsilon=epsilon)
    steps.identity(sp.limit(log_best, epsilon, small), sp.log(limit), of=f"{name}#11")
    steps.computes(limit, _reach_of(construction), {})
    ranges(steps, name, (1, 2), epsilon=x / (1 + x), s=s)


def _below_the_range() -> Counterexample | None:
    low, w, epsilon = 0.5, 0.3, 0.01
    law = Hyperbolic(low, 1.0).product()
    true = float(law.cdf(w + epsilon) - law.cdf(w - epsilon)) / 2
    logs = [math.log(w - epsilon) ** 2, math.log(w + epsilon) ** 2]
    claimed = (logs[0] - logs[1]) / (8 * math.log(low) ** 2)
    return unless(
        abs(true - claimed) <= 1e-3,
        "|w| − ε ≥ α",
        {"α": low, "w": w, "ε": epsilon},
        f"the probability is {true:.4f}, not {claimed:.4f},",
    )


@proof(
    source="Orseau et al. 2020 name the change of variable; the formula ★",
    prose=("independence", "measure"),
    code=(Hyperbolic.product,),
    uses=("orseau2020",),
    wrong={"law": lambda low, high: Uniform(high)},
    refute=_below_the_range,
)
def product_hyperbolic(steps: Steps, law: Callable[[float, float], Any] = Hyperbolic) -> None:
    r, v, big = sp.symbols("r v Lambda", positive=True)
    # −ln|ab| = Λ(U + V) with U, V uniform on [0, 1]; Pr[U + V <= r] for r <= 1
    triangle = sp.integrate(r - v, (v, 0, r))
    steps.identity(triangle, r**2 / 2)
    formula = above_zero(sides("eq-product-hyperbolic", ">=", epsilon=w * t, w=w, Lambda=big))
    tail = [triangle.subs(r, sp.log(1 / z) / big) for z in (w * (1 - t), w * (1 + t))]
    left = sp.expand(sp.expand_log(formula.lhs, force=True))
    right = sp.expand(sp.expand_log((tail[0] - tail[1]) / 4, force=True))  # both signs are right
    steps.identity(left, right, of="eq-product-hyperbolic")
    first = sp.log(1 + t) - sp.log(1 - t)
    second = 2 * sp.log(1 / w) - sp.log(1 - t) - sp.log(1 + t)
    steps.identity(left, sp.expand(sp.expand_log(first * second, force=True)) / (8 * big**2))
    steps.identity(sp.diff(first - 2 * t, t), 2 * t**2 / (1 - t**2))
    steps.holds(gt((2 * t**2 / (1 - t**2)).subs(t, x / (1 + x)), 0))  # so the first is >= 2t
    steps.holds(lt((1 + t) * (1 - t), 1))  # and the second at least 2 ln(1/w)
    least = 2 * t * 2 * sp.log(1 / w) / (8 * big**2)
    steps.identity(least, formula.rhs, of="eq-product-hyperbolic")
    low = 2.0**-7
    drawn = law(low, 1.0).product()
    least, most = shown("product-hyperbolic#2", alpha=sp.Rational(low))
    width = right_side("product-hyperbolic#3", "=", sp.Symbol("Lambda"), alpha=sp.Rational(low))
    steps.identity(sp.log(most / least), width, of="product-hyperbolic#3")

    def of_the_law(w: float, t: float) -> float:
        return float((drawn.cdf(w + w * t) - drawn.cdf(w - w * t)) / 2)

    points = {"w": (0.125, 0.5), "t": (0.25, 0.5)}
    steps.computes(put(formula.lhs, Lambda=width), of_the_law, points, rel=1e-10)
    name, below, above = "product-hyperbolic", sp.Abs(w) - epsilon, sp.Abs(w) + epsilon
    names = {"w": w, "epsilon": epsilon, "alpha": sp.exp(-big)}
    for number, sign, end, r in ((4, ">=", below, 1), (5, "<=", above, 0)):  # r is in [0, 1]
        last = right_side(f"{name}#{number}", sign, end, **names)
        steps.identity(-sp.log(last) / big, r, of=f"{name}#{number}")


UNIT = ProductWeights(reach=1)


def _not_at_the_edge() -> Counterexample | None:
    errors, drawn = [10.0**-j for j in range(1, 5)], 10**6
    for epsilon, found in zip(errors, hits(UNIT, 1.0, errors, drawn), strict=True):
        expected = drawn * product_success(0.7, epsilon)
        if abs(found - expected) > bernstein(expected, len(errors)):
            return Counterexample(
                "w = 0.7 (1 is taken)",
                {"ε": epsilon, "neurons": f"{drawn:,}"},
                f"{found:,} neurons fit, not about {expected:,.0f},",
            )
    return None


@evidence(
    code=(product_success,),
    uses=("product-success",),
    wrong={"success": lambda w, epsilon: epsilon**2 / 2},
    refute=_not_at_the_edge,
)
def product_measured(steps: Steps, success: Callable[..., Any] = product_success) -> None:
    measure(steps, "product-measured", UNIT, success)
