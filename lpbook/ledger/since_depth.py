"""Claims of the chapter *since_depth*: one layer more than F, in place of twice as many."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from lpbook.budgets import next_error
from lpbook.copies import error_of_copies, weight_budget_with_copies
from lpbook.ledger.common import promised, unless
from lpbook.ledger.core import Counterexample, Steps, proof
from lpbook.ledger.exact import is_least
from lpbook.ledger.ranges import ranges
from lpbook.ledger.reading import right_side
from lpbook.ledger.relations import le
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import Ball, Network
from lpbook.pruning import CopiesPlan, plan, prune


def _inside(magnitude: Any) -> Any:
    """What stands between the bars."""
    if not isinstance(magnitude, sp.Abs):
        raise AssertionError(f"{magnitude} is no magnitude")
    return magnitude.args[0]


def _upwards(bound: Any, letter: Any, sign: Any) -> Any:
    """A bound on a magnitude, without its bars, in which a letter has this sign."""
    inside = sp.expand(_inside(bound.lhs))
    return le(inside * sign * inside.coeff(letter), bound.rhs)


# -- errors of copies --------------------------------------------------------------------------


def _both_signs() -> Counterexample | None:
    edges, error = (5, -5), Fraction(1, 10)
    moved = edges[0] * error - edges[1] * error  # the copies err to either side
    return unless(
        abs(moved) <= abs(sum(edges)) * error,
        "kept edges have the sign of w (5 and −5 instead)",
        {"w": 0, "ε": 0, "d": error, "h_1 − h": error, "h_2 − h": -error},
        f"what stands for w errs by {moved} > 0",
    )


@proof(
    prose=("case distinction", "norms"),
    code=(next_error,),
    wrong={"largest": sp.Rational(101, 100)},
    refute=_both_signs,
)
def copies_error(steps: Steps, largest: Any = 1) -> None:
    a, b, h, d, mu, epsilon = sp.symbols("a b h d mu epsilon", nonnegative=True)
    first, second = sp.symbols("d_1 d_2", real=True)  # errors of two copies
    total = a + b
    low, high = (sides("copies-error#10", "<=", i, s=total, mu=mu, epsilon=epsilon) for i in (0, 1))
    for sign, side in itertools.product((1, -1), repeat=2):  # of the difference, and of h
        gap = sides("eq-copies-error", "<=", mu=mu, d=d, epsilon=epsilon, h=side * h, w=mu)
        both = gap.lhs.replace(
            sp.Function("Sum_r"),
            lambda term, h=side * h: sum(
                put(term, a_r=edge, h_r=h + error) for edge, error in ((a, first), (b, second))
            ),
        )
        off = sp.expand(sign * _inside(both))
        known = {}
        for edge, error in ((a, first), (b, second)):
            bent = sides("copies-error#4", "<=", d=largest * d, h=h, h_r=h + error)
            known[_upwards(bent, error, off.coeff(edge * error))] = edge
        aside = {high: d, low: h} if off.coeff(mu * h) > 0 else {high: d + h}
        steps.implies({**known, **aside}, le(off, gap.rhs))


def _magnitude_of_the_sum() -> Counterexample | None:
    edges, error = (5, -5), Fraction(1, 10)
    moved = edges[0] * error - edges[1] * error  # the copies err to either side
    return unless(
        abs(moved) <= abs(sum(edges)) * error,
        "magnitudes are added up (here the edges are: 5 − 5)",
        {"w": 0, "ε": 0, "d": error, "h_1 − h": error, "h_2 − h": -error},
        f"what stands for w errs by {moved} > 0",
    )


@proof(
    prose=("norms",),
    code=(error_of_copies,),
    wrong={"largest": sp.Rational(101, 100)},
    refute=_magnitude_of_the_sum,
)
def copies_certified(steps: Steps, largest: Any = 1) -> None:
    a, b, h, d, epsilon = sp.symbols("a b h d epsilon", nonnegative=True)
    w, first, second = sp.symbols("w d_1 d_2", real=True)  # the weight, and errors of two copies
    signs = (1, -1)
    for up, down, sign, side in itertools.product(signs, repeat=4):  # of edges, difference, and h
        edges = ((up * a, first), (down * b, second))

        def over(formula: Any, edges: Any = edges, h: Any = side * h) -> Any:
            return formula.replace(
                sp.Function("Sum_r"),
                lambda term: sum(put(term, a_r=edge, h_r=h + error) for edge, error in edges),
            )

        gap = sides("eq-copies-certified", "<=", s=a + b, d=d, epsilon=epsilon, h=side * h, w=w)
        off = sp.expand(sign * _inside(over(gap.lhs)))
        known = {}
        for magnitude, (_, error) in zip((a, b), edges, strict=True):
            bent = sides("copies-certified#4", "<=", d=largest * d, h=h, h_r=h + error)
            known[_upwards(bent, error, off.coeff(magnitude * error))] = magnitude
        near = sides("copies-certified#8", "<=", w=w, epsilon=epsilon)
        near = near.func(over(near.lhs), near.rhs)
        known[_upwards(near, w, off.coeff(w * h))] = h
        steps.implies(known, le(off, gap.rhs))


# -- the theorem -------------------------------------------------------------------------------


def _with_copies(network: Network, weight_epsilon: float, **more: Any) -> CopiesPlan:
    """The price at depth ℓ + 1 of weights within ε_w."""
    cost = plan(network, weight_epsilon=weight_epsilon, depth="l+1", **more)
    if not isinstance(cost, CopiesPlan):
        raise AssertionError(f"{cost!r} is no plan of depth l+1")
    return cost


def _negative_input() -> Counterexample | None:
    network = Network([[[0.5]]])
    domain = Ball(1.0, nonnegative=True)
    ticket = prune(network, weight_epsilon=0.01, inputs=domain, depth="l+1")
    found, wanted = float(ticket([-1.0])[0]), float(network([-1.0])[0])
    return unless(
        abs(found - wanted) <= 0.01,
        "inputs are at least 0",
        {"F(x)": "x/2", "x": -1, "ε_w": 0.01},
        f"the ticket puts out {found:g}, F puts out {wanted:g},",
    )


def _planned_layers(plan: Callable[..., Any]) -> Iterator[tuple[Any, ...]]:
    """Layers of small networks with biases, from the first: k, m, u, ℓ; n, u before; the count."""
    rng = np.random.default_rng(2022)
    delta = Fraction(1, 128)
    for widths in ((3, 2), (3, 4, 2), (2, 3, 3, 1)):
        weights = [rng.uniform(0.5, 1, shape) for shape in itertools.pairwise(widths[::-1])][::-1]
        network = Network(weights, [rng.uniform(0.5, 1, len(w)) for w in weights])
        cost = plan(network, 0.05, inputs=Ball(1.0, nonnegative=True), delta=float(delta))
        for i, (layer, u) in enumerate(zip(cost.layers, cost.copies, strict=True)):
            (width,) = set(layer.widths)
            before = cost.copies[i - 1] if i else None
            sizes = (layer.weights, u, len(weights), widths[i + 1])
            yield layer.requirements, *sizes, before, width


def _copies_of_outputs(plan: Callable[..., Any]) -> int:
    """In how many copies the last layer of a planned network is wanted."""
    return int(plan(Network([[[1.0]], [[1.0]]]), 0.05, delta=0.01).copies[-1])


def _layers_of_a_ticket(layers: int) -> int:
    """How many layers the ticket of a chain has."""
    F, domain = Network([[[1.0]]] * layers), Ball(1.0, nonnegative=True)
    return len(prune(F, weight_epsilon=0.25, inputs=domain, depth="l+1").layers())


def _chains() -> Iterator[tuple[Any, ...]]:
    """Chains of one neuron a layer: their weights, an input, an error allowed."""
    for layers in (1, 2, 3):
        for weights in itertools.product((Fraction(1, 2), Fraction(1), Fraction(3)), repeat=layers):
            yield weights, Fraction(2), Fraction(1, 8)


@proof(
    source="★, after Burkholz 2022",
    prose=("conditioning", "construction", "induction", "norms", "union bound"),
    code=(plan, weight_budget_with_copies, error_of_copies, next_error),
    uses=("copies-error", "digits-suffice", "union-bound", "burkholz2022depth", "orseau2020"),
    wrong={
        "plan": lambda *what, delta, **how: _with_copies(*what, delta=2 * delta, **how),
        "budget": lambda *what: 1.01 * weight_budget_with_copies(*what),
    },
    refute=_negative_input,
)
def one_more_layer(
    steps: Steps,
    plan: Callable[..., Any] = _with_copies,
    budget: Callable[..., float] = weight_budget_with_copies,
) -> None:
    price = sides("eq-one-more-layer", "<=", delta=Fraction(1, 128))
    copies = right_side("eq-one-more-layer-b", "=", "u_i-1")
    last = right_side("one-more-layer#15", "=", "u_ell")
    steps.cases(lambda plan: _copies_of_outputs(plan) == last, plan=[plan])

    def least(k: int, m: int, u: int, ell: int, n: int, before: int | None, width: int) -> bool:
        letters = {"k_i": k, "m_i": m, "u_i": u, "n_i": n, "M_i": width}
        small = {name: letters[name] for name in ("k_i", "m_i", "u_i")}
        read = before is None or put(copies, **letters) == before
        return bool(read) and is_least(price, width, letter="M_i", ell=ell, **small)

    steps.each(least, _planned_layers, plan)
    e, nu, slope, size = sp.symbols("e_i-1 nu_i lambda_i A_i-1", nonnegative=True)
    error, edges = sp.symbols("epsilon_w m_i", positive=True)
    letters = {s.name: s for s in (e, nu, slope, size, error, edges)}
    step = next_error(e, nu, slope, error * sp.sqrt(edges), size)
    steps.derives("eq-one-more-layer-c", "=", step, left=sp.Symbol("e_i"), **letters)
    formula = sides("eq-one-more-layer-c", "=").rhs
    start = right_side("one-more-layer#32", "=", "e_0")

    def spent(weights: tuple[Fraction, ...], x: Fraction, allowed: Fraction) -> bool:
        network = Network([[[float(w)]] for w in weights])
        found = budget(network, float(allowed), Ball(float(x), nonnegative=True))
        error, size = start, x
        for weight in weights:
            at = {"e_i-1": error, "nu_i": weight, "lambda_i": 1, "A_i-1": size, "m_i": 1}
            error, size = put(formula, epsilon_w=found, **at), size * weight
        return math.isclose(error, allowed, rel_tol=1e-8)

    steps.each(spent, _chains)
    steps.computes(shown("one-more-layer#20"), _layers_of_a_ticket, {"ell": (1, 2, 3)})
    digits = sp.Symbol("k_i", integer=True, positive=True)
    share = 1 / (1 + sp.Symbol("s", positive=True))
    ranges(steps, "one-more-layer", (9, 10), delta=share, k_i=digits)
    promised(steps, "one-more-layer#29")


# -- the first layer ---------------------------------------------------------------------------


def _kink_of_a_relu() -> Counterexample | None:
    p, w, x = Fraction(1), Fraction(1), Fraction(-1)
    computed = p * max(x, Fraction(0))
    dropped = "products with b < 0 beside those with b > 0 (none are kept)"
    return unless(computed == w * x, dropped, {"α": 0, "w": w, "x": x}, f"they compute {computed}")


@proof(
    source="★, after Burkholz 2022",
    prose=("case distinction", "construction"),
    uses=("burkholz2022depth",),
    wrong={"reach": sp.Rational(101, 100)},
    refute=_kink_of_a_relu,
)
def first_layer_activations(steps: Steps, reach: Any = 1) -> None:
    _leaky(steps)
    _smooth(steps, reach)


def _leaky(steps: Steps) -> None:
    t, b = sp.symbols("t b", positive=True)
    p, q, w = sp.symbols("p q w", real=True)
    spread = sp.Symbol("s", positive=True)
    name = "first-layer-activations"
    slope = 1 / (1 + spread)
    ranges(steps, name, 2, alpha=slope)
    shape = right_side(f"{name}#1", "=", sp.Function("sigma")(sp.Symbol("z")), alpha=slope)

    def computed(product: Any, sign: int, x: Any) -> Any:
        return product / (sign * b) * put(shape, z=sign * b * x)

    outputs = []
    for x, address in ((t, f"{name}#7"), (-t, f"{name}#9")):
        outputs.append(right_side(address, "=", "y", x=x, p=p, q=q, alpha=slope))
        both = computed(p, 1, x) + computed(q, -1, x)
        steps.identity(both, outputs[-1], of=address)
    epsilon = sp.Symbol("epsilon", nonnegative=True)
    whole_weight = (1 + slope) * w  # so that no fraction is left
    half = shown(f"{name}#13", w=whole_weight, alpha=slope)
    for (x, y), sign in itertools.product(zip((t, -t), outputs, strict=True), (1, -1)):
        gap = sides(
            "eq-first-layer-leaky", "<=", x=x, epsilon=epsilon, alpha=slope, y=y, w=whole_weight
        )
        off = sp.expand(sign * _inside(gap.lhs))
        steps.implies(_near(off, p, half, epsilon) | _near(off, q, half, epsilon), le(off, gap.rhs))
    worst = off.subs({p: half - epsilon, q: half - epsilon})  # attained: for the last x and sign
    steps.identity(abs(sp.factor(worst)), gap.rhs, of="eq-first-layer-leaky")


def _near(off: Any, kept: Any, half: Any, epsilon: Any) -> dict[Any, Any]:
    """A sum of products is within ε of its half of a weight, as often as it stands in `off`."""
    often = off.coeff(kept)
    up = 1 if often.is_positive else -1
    return {le(up * (kept - half), epsilon): up * often}


def _smooth(steps: Steps, reach: Any) -> None:
    name, sigma = "first-layer-activations", sp.Function("sigma")
    a, c, w, x, epsilon = sp.symbols("a c w x epsilon", nonnegative=True)  # a, c: two out-weights
    curve, largest = sp.symbols("C X", nonnegative=True)
    tau, beta = sp.symbols("tau beta", positive=True)
    left_over = sp.symbols("r_1 r_2", real=True)  # of σ(bx), beside σ(0) + τ b x
    edges, z = (a, c), beta * x
    letters = {"tau": tau, "w": w, "x": x, "C": curve, "X": largest, "epsilon": epsilon}

    def of_two(formula: Any) -> Any:
        def both(term: Any) -> Any:
            parts = (put(term, a_r=edge, b=beta, **letters) for edge in edges)
            curved = zip(parts, left_over, strict=True)
            return sum(part.subs(sigma(z), sigma(0) + tau * z + more) for part, more in curved)

        return formula.replace(sp.Function("Sum_r"), both)

    total = tau * beta * (a + c)
    short = sides(f"{name}#22", "<=", s=total, **letters)
    inner = sides(f"{name}#16", "<=", z=z, beta=reach * beta, **letters)
    gap = sides("eq-first-layer-smooth", "<=", s=total, beta=beta, **letters)
    near = short.func(of_two(short.lhs), short.rhs)
    for sign in (1, -1):
        off = sp.expand(sign * _inside(of_two(gap.lhs)))
        known: dict[Any, Any] = {inner: curve * beta * (x + largest) * (a + c)}
        for edge, more in zip(edges, left_over, strict=True):
            bent = sides(f"{name}#15", "<=", z=z, **letters)
            straight = bent.lhs.subs(sigma(z), sigma(0) + tau * z + more)
            bent = bent.func(straight, bent.rhs)
            known[_upwards(bent, more, off.coeff(edge * more))] = edge
        known |= {_upwards(near, w, off.coeff(w * x)): x, le(x, largest): epsilon}
        steps.implies(known, le(off, gap.rhs))
