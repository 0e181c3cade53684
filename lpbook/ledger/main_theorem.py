"""Claims of the chapter *main_theorem*."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from lpbook import pruning
from lpbook.batches import output_batch_size
from lpbook.budgets import network_error, weight_budget
from lpbook.experiments.confidence import hoeffding_tolerance
from lpbook.experiments.running_example import digits_classifier
from lpbook.ledger.legacy import Counterexample, Steps, claim
from lpbook.networks import Ball, Network

CHAPTER = "main_theorem"

# Error e before a layer, ε_w, norms of W and of the layer's input: none of them below 0.
E, T, NORM, A, S, SLOPE = sp.symbols("e epsilon_w W A s lambda", nonnegative=True)


def recursion(e: Any, eta: Any, norm: Any = NORM, size: Any = A, slope: Any = SLOPE) -> Any:
    """One step of the error budget."""
    return slope * (norm * e + eta * (size + e))


def _no_negative_term(expression: Any, *symbols: Any) -> bool:
    """Whether an expression is a polynomial without negative coefficients."""
    return all(c.is_nonnegative for c in sp.Poly(sp.expand(expression), *symbols).coeffs())


# -- one layer ---------------------------------------------------------------------------------


def _one_half_is_off() -> Counterexample:
    w, plus, minus, epsilon = Fraction(1), Fraction(1), Fraction(0), Fraction(1, 10)
    y = Fraction(-1)
    out = plus * max(y, Fraction(0)) - minus * max(-y, Fraction(0))
    error = abs(out - w * y)
    assert error > epsilon * abs(y)
    return Counterexample(
        "both halves of every weight (the one for x > 0 only)",
        {"w": w, "weight for x > 0": plus, "for x < 0": minus, "ε_w": epsilon, "y": y},
        f"the layer errs by {error}",
    )


@claim(
    name="layer-error",
    chapter=CHAPTER,
    title="the error of one layer",
    statement=(
        r"Let a layer of the ticket have effective weights for positive and for negative inputs "
        r"that both differ from $W\in\mathbb R^{n_i\times n_{i-1}}$ by at most $\varepsilon_w$, in "
        r"at most $m$ entries. For every input $y$ its outputs, before the activation, are within "
        r"$\varepsilon_w\sqrt m\,\lVert y\rVert_2\le\varepsilon_w\sqrt{n_in_{i-1}}\,"
        r"\lVert y\rVert_2\le\varepsilon_wn^{3/2}\max_j|y_j|$ of $Wy$, where "
        r"$n=\max\{n_i,n_{i-1}\}$. For "
        r"$m=n^2$ all of this can be an equality."
    ),
    source="Malach et al. 2020 and Orseau et al. 2020; two halves and $m$: ★",
    kind="proof",
    wrong={"power": sp.Rational(495, 1000), "entries": sp.Rational(1485, 1000)},
    refute=_one_half_is_off,
)
def layer_error(
    steps: Steps, power: Any = sp.Rational(1, 2), entries: Any = sp.Rational(3, 2)
) -> None:
    p, q, w = sp.symbols("w^+ w^- w", real=True)
    size = sp.Symbol("t", nonnegative=True)

    def relu(z: Any) -> Any:
        return (z + sp.Abs(z)) / 2

    for y, effective, sign in ((size, p, r"\ge"), (-size, q, r"\le")):
        steps.equal(
            p * relu(y) - q * relu(-y) - w * y,
            (effective - w) * y,
            "one weight: only the effective weight of the input's own half errs",
            rf"w^+\sigma(y)-w^-\sigma(-y)-wy=({sp.latex(effective)}-w)\,y,\quad y{sign}0",
        )
    steps.say(
        "so the layer errs by Ey, where the matrix E depends on the signs of y, but at most m of "
        "its entries are not 0, and none exceeds ε_w",
        r"|E_{rj}|\le\varepsilon_w",
    )
    a, b, r, z = sp.symbols("a b r z", nonnegative=True)
    steps.equal(
        (r * z) ** 2, r**2 * z**2, "Cauchy and Schwarz, by induction on the terms. Base: one term"
    )
    steps.equal(
        (a**2 + r**2) * (b**2 + z**2) - (a * b + r * z) ** 2,
        (a * z - b * r) ** 2,
        "step: a sum of at most ab, one more term rz; what the product exceeds its square by",
    )
    i, m = sp.symbols("i m", integer=True, positive=True)
    row, length, n = sp.IndexedBase("R"), sp.Symbol("Y", nonnegative=True), sp.Symbol("n_i")
    steps.equal(
        sp.Sum(row[i] * length, (i, 1, n)).doit(),
        length * sp.Sum(row[i], (i, 1, n)),
        "each row of E with y, added up: all squared norms of rows together",
        r"\lVert Ey\rVert_2^2\le\sum_i\lVert E_i\rVert_2^2\,\lVert y\rVert_2^2"
        r"=\lVert E\rVert_F^2\lVert y\rVert_2^2",
    )
    t = sp.Symbol("epsilon_w", positive=True)
    steps.equal(
        sp.sqrt(sp.summation(t**2, (i, 1, m))),
        t * m**power,
        "the Frobenius norm of m entries of ε_w",
        r"\sqrt{m\,\varepsilon_w^2}=\varepsilon_w\sqrt m",
    )
    n, top = sp.symbols("n y_max", positive=True)
    steps.equal(
        (n**2) ** power * sp.sqrt(n * top**2),
        n**entries * top,
        "m ≤ n² entries, and a norm of n entries of y_max",
        r"\sqrt{n^2}\cdot\sqrt n\,y_{\max}=n^{3/2}y_{\max}",
    )
    steps.equal(
        n * (n * t) ** 2,
        (t * n**entries) ** 2,
        "equality: all n² errors are ε_w, and y = (1, …, 1); then each of n outputs errs by nε_w",
    )


# -- all layers --------------------------------------------------------------------------------


def chain_error(weights: Sequence[Fraction], t: Fraction, x: Fraction) -> Fraction:
    """Error of a chain of linear neurons, n = 1, all of whose weights err by t upwards."""
    return math.prod((w + t for w in weights), start=x) - math.prod(weights, start=x)


def _true_inputs_only() -> Counterexample:
    # e_i = λ_i (‖W_i‖ e_{i-1} + η A): forgets that later layers read perturbed inputs
    t, x = Fraction(1, 10), Fraction(1)
    forgetful = t * x
    forgetful = forgetful + t * x
    error = chain_error([Fraction(1)] * 2, t, x)
    assert error > forgetful
    return Counterexample(
        "the errors of the weights meet the perturbed input (the true one instead)",
        {"ℓ": 2, "n": 1, "W_1 = W_2": 1, "ε_w": t, "x": x},
        f"the network errs by {error}, more than {forgetful},",
    )


@claim(
    name="error-budget",
    chapter=CHAPTER,
    title="error budget",
    statement=(
        r"Let $\sigma_i$ have Lipschitz constant $\lambda_i$, let layer $i$ of the ticket, before "
        r"its activation, err by at most $\eta_i\lVert y\rVert_2$ on every input $y$, and let "
        r"$A_{i-1}\ge\sup_x\lVert F_{i-1}(x)\rVert_2$, the constant 1 included. With "
        r"$e_0=0$ and $e_i=\lambda_i(\lVert W_i\rVert_2e_{i-1}+\eta_i(A_{i-1}+e_{i-1}))$: for "
        r"every $x$ of the domain and every $i$, "
        r"$\lVert F_i(x)-\hat F_i(x)\rVert_2\le e_i$."
    ),
    source="after Orseau et al. 2020, and Malach et al. 2020",
    kind="proof",
    uses=("layer-error", "lipschitz-constants", "orseau2020"),
    wrong={"perturbed": sp.Rational(99, 100), "slope": sp.Rational(99, 100)},
    refute=_true_inputs_only,
)
def error_budget(steps: Steps, perturbed: Any = 1, slope: Any = 1) -> None:
    w, err, y, yhat = sp.symbols("W E y yhat", commutative=False)
    steps.holds(
        sp.expand((w + err) * yhat - w * y - (w * (yhat - y) + err * yhat)) == 0,
        "before the activation: what arrives wrong, and what the weights do wrong",
        r"(W+E)\hat y-Wy=W(\hat y-y)+E\hat y",
    )
    d = sp.Symbol("d", nonnegative=True)
    steps.equal(
        sp.sqrt(d**2 + (1 - 1) ** 2),
        d,
        "biases: the constant 1 is the same in both networks, so it adds nothing to ‖ŷ − y‖",
        r"\lVert(\hat y,1)-(y,1)\rVert_2=\lVert\hat y-y\rVert_2",
    )
    steps.say("induction hypothesis and triangle inequality", r"\lVert\hat y-y\rVert_2\le e,\quad"
              r"\lVert\hat y\rVert_2\le\lVert y\rVert_2+\lVert\hat y-y\rVert_2")  # fmt: skip
    eta, size, length = sp.symbols("eta Y ell", nonnegative=True)
    error = SLOPE * (NORM * d + eta * length)
    steps.holds(
        all(sp.diff(error, v).is_nonnegative for v in (d, length))
        and sp.diff(size + d, size) == sp.diff(size + d, d) == 1,
        "after the activation the norm of the error is at most this, which grows with d = ‖ŷ − y‖ "
        "and with the norm of ŷ, and that with d and ‖y‖",
        r"\lambda\bigl(\lVert W\rVert_2\,d+\eta\lVert\hat y\rVert_2\bigr)",
    )
    stated = slope * SLOPE * (NORM * E + eta * (A + perturbed * E))
    worst = error.subs({length: A + d}).subs(d, E)
    steps.holds(
        _no_negative_term(stated - worst, E, eta, NORM, A, SLOPE),
        "at d = e and ‖y‖ = A this is not above e of the next layer: induction, step",
        r"e_i=\lambda_i(\lVert W_i\rVert_2e_{i-1}+\eta_i(A_{i-1}+e_{i-1}))",
    )
    steps.equal(
        sp.sqrt(sum((v - v) ** 2 for v in sp.symbols("x_1:3", real=True))),
        0,
        "induction, base: both networks read the same x",
        r"e_0=0",
    )
    steps.equal(
        SLOPE * (NORM + eta) * (A + E) - SLOPE * NORM * A,
        stated,
        "attained: a linear neuron whose weight errs upwards on an input that errs upwards",
    )


# -- solving it --------------------------------------------------------------------------------


def _nothing_arrives() -> Counterexample:
    network, domain = Network([[[1.0]], [[1.0]]]), Ball(0.0)
    errors = [network_error(network, domain, [t, t]) for t in (1.0, 1e100)]
    assert errors == [0, 0]
    return Counterexample(
        "some input is not 0, or there are biases",
        {"ℓ": 2, "n": 1, "W_1 = W_2": 1, "x": 0},
        "e_ℓ is 0 for every ε_w, and e_ℓ = ε has no solution,",
    )


@claim(
    name="budget-solution",
    chapter=CHAPTER,
    title="the budget has one solution",
    statement=(
        r"Let $\eta_i=\varepsilon_ws_i$ with $s_i,\lambda_i,A_0>0$. As a function of "
        r"$\varepsilon_w$, $e_\ell$ is a polynomial of degree $\ell$ without negative coefficients "
        r"and without a constant term, and its leading coefficient is "
        r"$A_0\prod_i\lambda_is_i$. So for every $\varepsilon>0$ exactly one $\varepsilon_w>0$ has "
        r"$e_\ell=\varepsilon$; below it $e_\ell<\varepsilon$, above it $e_\ell>\varepsilon$."
    ),
    source="★",
    kind="proof",
    uses=("error-budget",),
    wrong={"leading": sp.Rational(99, 100)},
    refute=_nothing_arrives,
)
def budget_solution(steps: Steps, leading: Any = 1) -> None:
    t, s, slope, start, p = sp.symbols("epsilon_w s_i lambda_i A_0 p", positive=True)
    steps.equal(
        recursion(0, t * s, NORM, start, slope),
        leading * slope * s * start * t,
        "induction, base: one layer",
        r"e_1=\lambda_1s_1A_0\,\varepsilon_w",
    )
    d = sp.Symbol("d", integer=True, positive=True)
    after = sp.expand(recursion(p * t**d, t * s, NORM, A, slope))
    terms = {slope * NORM * p * t**d, slope * s * A * t, slope * s * p * t ** (d + 1)}
    steps.equal(
        after,
        sum(terms),
        "step: a term p ε_w^d becomes these; none is negative, none is constant",
        r"\lambda\lVert W\rVert p\,\varepsilon_w^d+\lambda sA\,\varepsilon_w"
        r"+\lambda sp\,\varepsilon_w^{d+1}",
    )
    steps.holds(all(term.is_nonnegative for term in terms), "no coefficient is negative")
    steps.equal(
        sp.simplify(slope * s * p * t ** (d + 1) / (p * t**d)),
        slope * s * t,
        "so the degree grows by 1, and the leading coefficient by the factor λs > 0",
        r"p\mapsto\lambda_is_i\,p",
    )
    steps.holds(
        sp.diff(p * t**d, t).is_positive,
        "a term p ε_w^d with p > 0 and d ≥ 1 rises strictly",
        r"\frac{d}{d\varepsilon_w}\,p\,\varepsilon_w^d=pd\,\varepsilon_w^{d-1}>0",
    )
    steps.holds(
        (p * t**d).subs(t, 0) == 0 and sp.limit(sp.log(p) + d * sp.log(t), t, sp.oo) == sp.oo,
        "from 0 to infinity: e_ℓ takes the value ε exactly once",
    )


CHAINS = [
    (weights, epsilon)
    for layers in (1, 2, 3)
    for weights in itertools.product((Fraction(1, 2), Fraction(1), Fraction(3)), repeat=layers)
    for epsilon in (Fraction(1, 64), Fraction(1), Fraction(64))
]


def _solve_chain(budget: Callable[..., float], weights: Sequence[Fraction], eps: Fraction) -> Any:
    network = Network(
        [[[float(w)]] for w in weights], activations=["identity"] * len(weights)
    )  # fmt: skip
    return Fraction(budget(network, float(eps), Ball(1.0)))


def _list(weights: Sequence[Fraction]) -> str:
    return "(" + ", ".join(map(str, weights)) + ")"


def _a_billionth_more() -> Counterexample:
    for weights, eps in CHAINS:
        t = _solve_chain(weight_budget, weights, eps) * (1 + Fraction(1, 2**28))
        if chain_error(weights, t, Fraction(1)) > eps:
            return Counterexample(
                "the ε_w of weight_budget (a part in 2²⁸ more)",
                {"weights": _list(weights), "ε": eps, "x": 1},
                "the chain errs by more than ε",
            )
    raise AssertionError("more is allowed")


@claim(
    name="budget-solution-finite",
    chapter=CHAPTER,
    title="the budget is solved",
    statement=(
        r"For the 117 chains of $\ell\le3$ linear neurons with weights from $\{\frac12,1,3\}$, "
        r"$|x|\le1$ and $\varepsilon\in\{\frac1{64},1,64\}$: `weight_budget` is at most the "
        r"solution of $e_\ell=\varepsilon$, and less by at most one part in $2^{28}$."
    ),
    source="★",
    kind="finite verification",
    uses=("budget-solution",),
    wrong={"budget": lambda *arguments: 1.01 * weight_budget(*arguments)},
    refute=_a_billionth_more,
)
def budget_solution_finite(steps: Steps, budget: Callable[..., float] = weight_budget) -> None:
    steps.holds(len(CHAINS) == 117, "chains, and what each may err by", r"(3+9+27)\cdot3=117")
    x, more = Fraction(1), 1 + Fraction(1, 2**28)
    for weights, eps in CHAINS:
        t = _solve_chain(budget, weights, eps)
        if chain_error(weights, t, x) > eps:
            raise AssertionError(f"{_list(weights)}, ε = {eps}: ε_w = {float(t):.6g} is too much")
        if chain_error(weights, t * more, x) <= eps:
            raise AssertionError(f"{_list(weights)}, ε = {eps}: ε_w = {float(t):.6g} is too little")
    steps.say(
        "in fractions: with weights that err upwards by this ε_w a chain errs by at most ε, with a "
        "part in 2²⁸ more by more than ε; for such a chain that error is e_ℓ",
        r"\prod_i(w_i+\varepsilon_w)-\prod_iw_i=e_\ell",
    )


# -- closed forms ------------------------------------------------------------------------------


def _linear_instead() -> Counterexample:
    eps, x = Fraction(1), Fraction(1)
    t = eps / 2  # ε/(ℓλs) in place of ln(1 + ε)/(ℓλs)
    error = chain_error([Fraction(1)] * 2, t, x)
    assert error > eps
    return Counterexample(
        "the logarithm (ε/(AP) instead of ln(1 + ε/(AP)))",
        {"ℓ": 2, "n": 1, "W_1 = W_2": 1, "ε": eps, "ε_w": t, "x": x},
        f"the network errs by {error}",
    )


@claim(
    name="budget-logarithm",
    chapter=CHAPTER,
    title="a closed form without a side condition",
    statement=(
        r"Let $\lambda\ge\lambda_i$, $s\ge s_i$ and $A\ge A_{i-1}$ for all $i\le\ell$, with "
        r"$\lambda,s,A>0$, $\eta_i=\varepsilon_ws_i$ "
        r"and $P=\prod_i\max\{1,\lambda_i\lVert W_i\rVert_2\}$. Then "
        r"$e_\ell\le AP\,[(1+\lambda s\,\varepsilon_w)^\ell-1]$, and "
        r"$\varepsilon_w=\frac1{\ell\lambda s}\ln(1+\frac\varepsilon{AP})$ gives "
        r"$e_\ell\le\varepsilon$."
    ),
    source="★",
    kind="proof",
    uses=("error-budget",),
    wrong={"scale": sp.Rational(101, 100), "amplified": sp.Rational(99, 100)},
    refute=_linear_instead,
)
def budget_logarithm(steps: Steps, scale: Any = 1, amplified: Any = 1) -> None:
    u, h, d, q, r = sp.symbols("u h d q r", nonnegative=True)
    steps.say(
        "u = λ s ε_w, and g = max{1, λ_i ‖W_i‖₂} = 1 + h, so λ_i ‖W_i‖₂ = g − d for some d ≥ 0",
        r"g_i\ge1,\ g_i\ge\lambda_i\lVert W_i\rVert_2",
    )
    g = 1 + h
    gap = g * (1 + u) * E + u * A - ((g - d) * E + u * (A + E))
    steps.holds(
        _no_negative_term(gap, u, h, d, E, A),
        "one layer: this exceeds the recursion (with λ_i s_i ε_w ≤ u and A_{i−1} ≤ A) by something "
        "not below 0",
        r"e_i\le g_i(1+u)\,e_{i-1}+uA",
    )
    product = 1 + r  # g_1 ... g_{i-1}
    power = 1 + q  # (1 + u)^(i-1)
    steps.equal(A * product * ((1 + u) ** 0 - 1), 0, "induction, base", r"e_0=0=AP_0\,[(1+u)^0-1]")
    gap = amplified * A * g * product * (power * (1 + u) - 1) - (
        g * (1 + u) * amplified * A * product * (power - 1) + u * A
    )
    steps.holds(
        _no_negative_term(gap, u, h, q, r, A),
        "step: the right side at i exceeds what follows from the hypothesis by uA(g_i P_{i−1} − 1)",
        r"e_i\le AP_i\,[(1+u)^i-1],\qquad P_i=g_1\cdots g_i",
    )
    z, layers = sp.symbols("z l", positive=True)
    slack = sp.exp(u) - 1 - u
    steps.holds(
        slack.subs(u, 0) == 0
        and sp.diff(slack, u).subs(u, 0) == 0
        and sp.diff(slack, u, 2).is_positive,
        "both sides and their slopes agree at 0, and the difference is convex",
        r"1+u\le e^u",
    )
    exponent = sp.simplify(layers * (scale * sp.log(1 + z) / layers) / sp.log(1 + z))
    steps.holds(
        exponent <= 1,
        "so with z = ε/(AP) and u = ln(1 + z)/ℓ, (1 + u)^ℓ ≤ e^(ℓu) = 1 + z and e_ℓ ≤ AP z = ε",
        r"(1+u)^\ell\le1+\tfrac{\varepsilon}{AP}",
    )


def _without_side_condition() -> Counterexample:
    epsilon, largest = sp.Rational(1, 2), sp.Rational(1, 100)
    t = epsilon / (sp.E * 2 * largest)
    error = ((1 + t) ** 2 - 1) * largest
    assert error > epsilon
    return Counterexample(
        "the second term of the minimum",
        {"n": 1, "ℓ": 2, "W_1 = W_2": 1, "F_max": largest, "ε": epsilon, "ε_w": f"{t.n(4)}"},
        f"the network errs by {sp.N(error, 4)}",
    )


@claim(
    name="budget-closed-form",
    chapter=CHAPTER,
    title="closed form of the budget",
    statement=(
        r"Let nothing that a layer reads exceed $F_{\max}>0$ in magnitude, for all inputs of the "
        r"domain, $\lambda=\max\lambda_i>0$, $\eta_i=\varepsilon_w\sqrt{n_in_{i-1}}$ and "
        r"$A_{i-1}\le\sqrt n\,F_{\max}$ (the suprema are). For every $\varepsilon>0$, "
        r"$\varepsilon_w=\min\{\frac{\varepsilon}{\kappa\,\ell\,\lambda\,n^{3/2}F_{\max}"
        r"\prod_i\max\{1,\lambda_i\lVert W_i\rVert_2\}},"
        r"\frac1{\ell\lambda n}\}$ with $\kappa=e$ gives $e_\ell\le\varepsilon$. "
        r"★ So does $\kappa=e-1$, and no smaller $\kappa$ does for all networks."
    ),
    source="after Orseau et al. 2020; constants and side condition: ★",
    kind="proof",
    uses=("budget-logarithm", "layer-error", "orseau2020"),
    wrong={"kappa": sp.Rational(99, 100) * (sp.E - 1), "printed": sp.Rational(17, 10)},
    refute=_without_side_condition,
)
def budget_closed_form(steps: Steps, kappa: Any = sp.E - 1, printed: Any = sp.E) -> None:
    n, top, z = sp.symbols("n F_max z", positive=True)
    steps.equal(
        sp.sqrt(n * top**2),
        sp.sqrt(n) * top,
        "an input of a layer has at most n entries, none above F_max",
        r"A\le\sqrt n\,F_{\max},\qquad s=\sqrt{n^2}=n",
    )
    steps.say(
        "so with z = ε/(√n F_max P) the logarithmic form allows this",
        r"\varepsilon_w=\tfrac1{\ell\lambda n}\ln(1+z)",
    )
    steps.say(
        "and the statement is in the same units", r"\varepsilon_w=\tfrac1{\ell\lambda n}"
        r"\min\bigl\{\tfrac z\kappa,1\bigr\}"
    )  # fmt: skip
    chord = sp.log(1 + z) - z / kappa
    steps.holds(
        chord.subs(z, 0) == 0
        and sp.simplify(chord.subs(z, kappa)).evalf(40) >= 0
        and sp.diff(chord, z, 2).is_negative,
        "z ≤ κ: ln(1+z) − z/κ is concave, 0 at z = 0 and not below 0 at z = κ",
        r"\ln(1+z)\ge\tfrac z\kappa",
    )
    steps.holds(
        sp.simplify(sp.log(1 + kappa) - 1).evalf(40) >= 0 and sp.diff(sp.log(1 + z), z).is_positive,
        "z ≥ κ: the logarithm grows, and is not below 1 at z = κ",
        r"\ln(1+z)\ge\ln(1+\kappa)\ge1",
    )
    steps.holds(printed >= kappa, "the printed constant is larger, so it allows less", r"e>e-1")
    layers = sp.Symbol("l", positive=True)
    steps.holds(
        sp.limit((1 + 1 / layers) ** layers - 1, layers, sp.oo) >= kappa,
        "no smaller κ: ℓ neurons in a row, W = 1, |x| ≤ F_max = 1, ε = κ. Then ε_w = 1/ℓ, and the "
        "chain errs by (1 + 1/ℓ)^ℓ − 1, which tends to e − 1: above any ε = κ < e − 1",
        r"(1+\tfrac1\ell)^\ell-1\to e-1",
    )


def _without_the_maxima() -> Counterexample:
    w, epsilon = Fraction(1, 10), Fraction(1, 100)
    t = epsilon / (sp.E * 2 * w**2)  # P = ‖W_1‖‖W_2‖
    assert t < sp.Rational(1, 2)
    e = sp.Rational(1, 5) * t + t**2  # e_2 of W = (1/10, 1/10), A_0 = 1, A_1 = 1/10
    assert e > epsilon
    return Counterexample(
        "max{1, ·} in the product",
        {"n": 1, "ℓ": 2, "W_1 = W_2": w, "F_max": 1, "ε": epsilon, "ε_w": f"{t.n(4)}"},
        f"the closed form exceeds the budget: e_ℓ = {sp.N(e, 4)} > ε",
    )


@claim(
    name="budget-order",
    chapter=CHAPTER,
    title="how much the budget saves",
    statement=(
        r"In the setting of `budget-closed-form`, with $s_i=\sqrt{n_in_{i-1}}$, take the "
        r"logarithmic form with $\lambda=\max\lambda_i$, $s=\max s_i$ and $A=\max A_{i-1}$, and "
        r"let all $\lambda_i,A_0>0$. Then closed form with $e$ ≤ closed form with $e-1$ ≤ "
        r"logarithmic form ≤ solution of the budget. As $\varepsilon\to0$ the ratio "
        r"of the last to the first tends to "
        r"$e\cdot\ell\lambda n^{3/2}F_{\max}P\,/\,C$, where "
        r"$C=\sum_iA_{i-1}\lambda_is_i\prod_{j>i}\lambda_j\lVert W_j\rVert_2$, if $C>0$; that is "
        r"at least $e$, and $e$ for $n=1$, $W_i=\lambda_i=F_{\max}=A_{i-1}=1$."
    ),
    source="★",
    kind="proof",
    uses=("budget-solution", "budget-logarithm", "budget-closed-form"),
    wrong={"ratio": sp.Rational(101, 100) * sp.E},
    refute=_without_the_maxima,
)
def budget_order(steps: Steps, ratio: Any = sp.E) -> None:
    steps.say(
        "the logarithmic form has e_ℓ ≤ ε, and the solution is the largest ε_w that has: the last "
        "inequality; the other two were decided for the closed form, with n for s and √n F_max "
        "for A"
    )
    size, bound, above = sp.symbols("s A a", positive=True)
    steps.holds(
        sp.diff(sp.log(1 + above) / size, size).is_negative
        and sp.diff(sp.log(1 + 1 / bound), bound).is_negative,
        "the logarithmic form falls with s ≤ n and with A ≤ √n F_max, so with smaller ones it "
        "allows no less",
        r"\tfrac1{\ell\lambda s}\ln\bigl(1+\tfrac\varepsilon{AP}\bigr)",
    )
    t, c, q = sp.symbols("epsilon_w c q", positive=True)
    linear = sp.expand(recursion(c * t, t * S)).coeff(t, 1)
    steps.equal(
        linear,
        SLOPE * (NORM * c + S * A),
        "the coefficient of ε_w in e_i: by induction the sum C of the statement",
        r"c_i=\lambda_i(\lVert W_i\rVert_2c_{i-1}+s_iA_{i-1})",
    )
    i, h, d, r, x, y = sp.symbols("i h d r x y", nonnegative=True)
    g, product = 1 + h, 1 + r
    unit = S * A  # λ s A, with λ_i s_i A_{i-1} = unit - x below it
    hypothesis = i * unit * product
    gap = (i + 1) * unit * g * product - ((g - d) * (hypothesis - y) + unit - x)
    gap = sp.expand(gap - (d * hypothesis + (g - d) * y + x))
    steps.holds(
        _no_negative_term(gap, i, h, r, S, A),
        "c_i ≤ i λsA P_i; step: with g_i = max{1, λ_i‖W_i‖₂} ≥ 1 the right side exceeds what "
        "follows by at least λsA(g_i P_{i−1} − 1); base: c_0 = 0",
        r"C=c_\ell\le\ell\,\lambda sA\,P\le\ell\,\lambda\,n\,\sqrt n\,F_{\max}P",
    )
    steps.equal(
        sp.limit(t / (c * t + q * t**2), t, 0),
        1 / c,
        "near 0, e_ℓ = Cε_w + O(ε_w²), so the solution is ε/C in the limit",
        r"\lim_{\varepsilon\to0}\varepsilon_w/\varepsilon=1/C",
    )
    layers, less = sp.Symbol("l", positive=True), sp.Symbol("y", nonnegative=True)
    steps.holds(
        sp.simplify(sp.E * (c + less) / c - sp.E).is_nonnegative,
        "divided by the closed form, ε/(eB) with B = ℓλn^{3/2}F_max P = C + y ≥ C: at least e",
        r"e\,\tfrac BC\ge e",
    )
    steps.equal(
        sp.E * layers / layers,
        ratio,
        "and e for a chain: n = 1, W_i = λ_i = F_max = A_{i−1} = 1 has P = 1 and C = ℓ",
        r"e\,\ell/\ell=e",
    )


# -- the theorem -------------------------------------------------------------------------------


def _missed(size: int, c: Fraction) -> Fraction:
    """Probability that one of two disjoint categories of probability c gets none of the samples."""
    return 2 * (1 - c) ** size - (1 - 2 * c) ** size


def _all_of_delta_for_each_layer() -> Counterexample:
    c, delta, layers = Fraction(1, 4), Fraction(1, 100), 2  # k = 1, m = 1: two requirements
    size = next(n for n in itertools.count(1) if 2 * (1 - c) ** n <= delta)
    fails = 1 - (1 - _missed(size, c)) ** layers
    assert fails > delta
    return Counterexample(
        "δ/ℓ for each layer (δ instead)",
        {"ℓ": layers, "n": 1, "k": 1, "c": c, "δ": delta, "M": size},
        f"a requirement is not met with probability {float(fails):.4g} > δ",
    )


@claim(
    name="main-theorem",
    chapter=CHAPTER,
    title="the main theorem",
    statement=(
        r"Let $e_\ell\le\varepsilon$ for $\varepsilon_w>0$, $0<\delta<1$ and $1<\gamma\le\varphi$. "
        r"Layer $i$ with $w_i=\max|W_i|>\varepsilon_w$ and $m_i$ non-zero weights has "
        r"$k_i=\lceil\log_\gamma\frac{w_i}{\varepsilon_w}\rceil$ digits; in-weights are $\pm1$, "
        r"out-weights hyperbolic on $w_i[\gamma^{-k_i-1},\gamma^{-1}]$, all independent, and "
        r"$c_i=\frac1{4k_i}$. Give *reserved:* every non-zero weight, *shared:* every input that "
        r"has one, $M_i$ neurons with $2k_im_i(1-c_i)^{M_i}\le\frac\delta\ell$, at most "
        r"$M_i=\lceil4k_i\ln\frac{2k_im_i\ell}\delta\rceil$; or *pooled:* every output with "
        r"$m>0$ non-zero weights $M$ neurons with $2k_in_iu(M)\le\frac\delta\ell$ "
        r"($u$ of `pooled-by-output`). Then with probability at least $1-\delta$ all requirements "
        r"are met, and the greedy digits are a ticket with "
        r"$\sup_x\lVert F(x)-\hat G(x)\rVert_2\le\varepsilon$."
    ),
    source="Orseau et al. 2020, main theorem; constants, shared and pooled: ★",
    kind="proof",
    uses=(
        "orseau2020", "digits-suffice", "constant-inner-best", "reserved-layout", "shared-layout",
        "pooled-by-output", "union-bound", "layer-error", "error-budget",
    ),
    wrong={
        "halves": sp.Rational(198, 100),
        "signs": sp.Rational(396, 100),
        "share": sp.Rational(101, 100),
        "digits": sp.Rational(99, 100),
    },
    refute=_all_of_delta_for_each_layer,
)  # fmt: skip
def main_theorem(
    steps: Steps, halves: Any = 2, signs: Any = 4, share: Any = 1, digits: Any = 1
) -> None:
    base = sp.Symbol("ln_gamma", positive=True)
    ratio, extra = sp.symbols("L y", positive=True)  # L = ln(w/ε_w), y: what rounding k up adds
    k = digits * ratio / base + extra
    exponent = sp.expand(ratio - k * base)
    steps.holds(
        _no_negative_term(-exponent, ratio, base, extra),
        "digits: k ≥ log_γ(w/ε_w) leave at most ε_w of a weight of at most w: the logarithm of "
        "wγ^(−k)/ε_w, with k = log_γ(w/ε_w) + y, is −y ln γ ≤ 0",
        r"w_i\gamma^{-k_i}\le\varepsilon_w",
    )
    k, m, layers, delta = sp.symbols("k m l delta", positive=True)
    half = sp.Rational(1, 2)
    steps.holds(
        sp.simplify(half * half / k - 1 / (signs * k)) >= 0,
        "one requirement: the sign of b, the sign of a, one of k equally likely segments",
        r"\tfrac12\cdot\tfrac12\cdot\tfrac1k=\tfrac1{4k}=c",
    )
    left = 2 * k * m * sp.exp(-sp.log(halves * k * m * layers / (share * delta)))
    steps.holds(
        sp.simplify(left * layers / delta) <= share,
        "reserved, shared: 2km requirements, each missed with probability at most "
        "(1 − c)ᴹ ≤ e^(−cM); with M of the closed form, cM ≥ ln(2kmℓ/δ)",
        r"2km\,e^{-\ln(2km\ell/\delta)}=\tfrac\delta\ell",
    )
    steps.say(
        "pooled: a category of an output is not served with probability u(M), 2k n_i of these are "
        "at most δ/ℓ by the choice of M",
        r"2k_in_i\,u(M)\le\tfrac\delta\ell",
    )
    steps.holds(
        sp.simplify(layers * (share * delta / layers) / delta) <= 1,
        "union bound over the layers: some requirement is not met with probability at most δ",
        r"\ell\cdot\tfrac\delta\ell=\delta",
    )
    steps.say(
        "otherwise both halves of every weight are within ε_w: greedy digits leave at most "
        "w_i γ^(−k), and where |w| ≤ ε_w nothing is kept",
        r"|w^\pm-w|\le\varepsilon_w",
    )
    rows, columns = sp.symbols("n_i n_{i-1}", positive=True)
    steps.equal(
        T * sp.sqrt(rows * columns),
        sp.sqrt(rows * columns * T**2),
        "so layer i errs by at most η_i per unit of its input, and e_ℓ bounds the network",
        r"\eta_i=\varepsilon_w\sqrt{n_in_{i-1}},\qquad"
        r"\lVert F(x)-\hat G(x)\rVert_2\le e_\ell\le\varepsilon",
    )


PLANNED = [
    (epsilon, nonnegative, layout)
    for epsilon in (1.0, 0.02)
    for nonnegative in (True, False)
    for layout in ("reserved", "shared")
]
DELTA = 0.01


def _planned(plan: Callable[..., Any], case: tuple[float, bool, str]) -> list[tuple[Any, ...]]:
    """For each layer and kind of input: c, requirements of the layer, rows of a block."""
    epsilon, nonnegative, layout = case
    network, _ = digits_classifier()
    cost = plan(network, epsilon, inputs=Ball(5.0, nonnegative), delta=DELTA, layout=layout)
    found = []
    for layer, matrix in zip(cost.layers, network.matrices, strict=True):
        used = matrix.any(axis=0)
        halves = np.where(layer.nonnegative, 1, 2)
        needs = layer.requirements * int((halves * np.count_nonzero(matrix, axis=0)).sum())
        for side in np.unique(layer.nonnegative[used]):
            c = Fraction(1, (2 if side else 4) * layer.requirements)
            pairs = zip(layer.widths, layer.nonnegative, strict=True)
            (rows,) = {width for width, s in pairs if width and s == side}
            found.append((c, needs, rows))
    return found


def _one_row_fewer() -> Counterexample:
    share = Fraction(DELTA) / 2
    for case in PLANNED:
        for c, needs, rows in _planned(pruning.plan, case):
            missed = needs * (1 - c) ** (rows - 1)
            if missed > share:
                return Counterexample(
                    "the rows of the plan (one fewer)",
                    {"ε": case[0], "layout": case[2], "c": c, "requirements": needs, "M": rows - 1},
                    f"R(1 − c)ᴹ is {float(missed):.6g} > δ/ℓ",
                )
    raise AssertionError("one row fewer does as well")


def _plan_with_twice_delta(*arguments: Any, delta: float, **settings: Any) -> Any:
    return pruning.plan(*arguments, delta=2 * delta, **settings)


@claim(
    name="plan-is-the-theorem",
    chapter=CHAPTER,
    title="plan computes the theorem",
    statement=(
        r"For the digits classifier, $\lVert x\rVert_2\le5$, with and without $x\ge0$, "
        r"$\varepsilon\in\{1,0.02\}$, $\delta=0.01$, layouts reserved and shared: the rows "
        r"of every block of `plan` are the least $M$ with $R\,(1-c)^M\le\frac\delta\ell$, where "
        r"$R$ counts all requirements of the layer and $c$ is the probability of those of this "
        r"block."
    ),
    source="★",
    kind="finite verification",
    uses=("main-theorem", "exact-count-monotone"),
    wrong={"plan": _plan_with_twice_delta},
    refute=_one_row_fewer,
)
def plan_is_the_theorem(steps: Steps, plan: Callable[..., Any] = pruning.plan) -> None:
    share, blocks = Fraction(DELTA) / 2, 0
    for case in PLANNED:
        for c, needs, rows in _planned(plan, case):
            if needs * (1 - c) ** rows > share:
                raise AssertionError(f"{case}: {rows} rows are too few")
            if needs * (1 - c) ** (rows - 1) <= share:
                raise AssertionError(f"{case}: {rows} rows are not the least")
            blocks += 1
    steps.holds(
        blocks > 0,
        f"{len(PLANNED)} plans, {blocks} kinds of blocks, in fractions: M rows satisfy this, and "
        "M − 1 do not",
        r"R\,(1-c)^M\le\tfrac\delta\ell",
    )


def _narrow_layer() -> Counterexample:
    # one output and one weight: the pooled count is far from 2(3 + √5)k a weight
    k, m = 10, 1
    size = output_batch_size(m, k, 1, 0.01)
    bound = 2 * (3 + math.sqrt(5)) * k + 1
    assert size / m > bound
    return Counterexample(
        "m ≥ log₂(4kn_iℓ/δ) weights for each output",
        {"k": k, "m": m, "n_i": 1, "ℓ": 1, "δ": 0.01},
        f"pooled by output takes {size / m:.4g} neurons per target weight, more than {bound:.4g},",
    )


@claim(
    name="logarithmic-price",
    chapter=CHAPTER,
    title="the poster's bound, with its constants",
    statement=(
        r"Let $\varepsilon_w$ be the closed form, $\varepsilon\le e\sqrt nF_{\max}P$, and "
        r"$K=1+\frac1{\ln\gamma}\bigl[\ln\frac{e\,\ell\lambda n^{3/2}w_{\max}F_{\max}}\varepsilon+"
        r"\sum_i\ln\max\{1,\lambda_i\lVert W_i\rVert_2\}\bigr]$. In a layer with "
        r"$w_i>\varepsilon_w$ and without zero weights the neurons of the main theorem, with the "
        r"least $M_i$ or $M$, are per target weight, with "
        r"$\tau=\ln\frac{2Km_i\ell}\delta$: "
        r"*reserved* at most $4K\tau+1$; *shared* at most $\frac{4K\tau+1}{n_i}$, so at most "
        r"$4K+1$ once $n_i\ge\tau$; *pooled* at most $2(3+\sqrt5)K+1$ once "
        r"$n_{i-1}\ge\lceil\log_2\frac{4Kn_i\ell}\delta\rceil$."
    ),
    source="Orseau et al. 2020, the order; constants and layouts: ★",
    kind="proof",
    uses=("main-theorem", "budget-closed-form", "pooled-by-output", "orseau2020"),
    wrong={
        "factor": sp.Rational(99, 100) * sp.E,
        "rows": sp.Rational(396, 100),
        "pool": sp.Rational(99, 100) * (3 + sp.sqrt(5)),
    },
    refute=_narrow_layer,
)
def logarithmic_price(
    steps: Steps, factor: Any = sp.E, rows: Any = 4, pool: Any = 3 + sp.sqrt(5)
) -> None:
    n, top, p, w, eps, slope, layers = sp.symbols("n F_max P w epsilon lambda l", positive=True)
    t = eps / (sp.E * layers * slope * n ** sp.Rational(3, 2) * top * p)
    limit = sp.E * sp.sqrt(n) * top * p
    steps.equal(
        t.subs(eps, limit),
        1 / (layers * slope * n),
        "the first term of the minimum grows with ε and reaches the second at this ε",
        r"\varepsilon=e\sqrt n\,F_{\max}P",
    )
    steps.equal(
        sp.expand_log(sp.log(w / t)),
        sp.expand_log(
            sp.log(factor * layers * slope * n ** sp.Rational(3, 2) * w * top / eps) + sp.log(p)
        ),
        "below it the number of digits is the poster's expression: k < 1 + ln(w_max/ε_w)/ln γ = K",
        r"\ln\tfrac{w_{\max}}{\varepsilon_w}=\ln\tfrac{e\,\ell\lambda n^{3/2}w_{\max}F_{\max}}"
        r"{\varepsilon}+\textstyle\sum_i\ln\max\{1,\lambda_i\lVert W_i\rVert_2\}",
    )
    k, a, y = sp.symbols("k a y", positive=True)
    steps.equal(1 / (1 / (4 * k)), rows * k, "reserved: M ≤ 1 + ln(2kmℓ/δ)/c, and 1/c is", "4k")
    steps.holds(
        sp.simplify(sp.diff(k * sp.log(a * k), k) - (sp.log(a * k) + 1)) == 0
        and (sp.log(1 + y) + 1).is_positive,
        "k ln(ak), a = 2mℓ/δ, has slope ln(ak) + 1 > 0 where ak ≥ 1: k ≤ K may be replaced by K",
        r"M_i\le4K\tau+1",
    )
    wide, extra, big, more = sp.symbols("tau r K x", positive=True)
    steps.holds(
        _no_negative_term(4 * big * (wide + extra) - rows * big * wide, wide, extra, big)
        and ((1 + more) - 1).is_positive,
        "shared: M_i neurons serve the n_i weights of an input; with n_i = τ + r ≥ τ and n_i ≥ 1 "
        "both terms of the fraction are bounded",
        r"\tfrac{4K\tau}{n_i}+\tfrac1{n_i}\le4K+1",
    )
    x = sp.symbols("x", nonnegative=True)
    steps.holds(
        (1 / sp.log(2) - 1).is_positive and sp.log(1 + x).subs(x, 0) == 0,
        "pooled: t = ln X ≤ log₂ X ≤ s ≤ m = n_{i−1}, where 1 ≤ X = 4kn_iℓ/δ ≤ 4Kn_iℓ/δ by k < K",
        r"t\le s\le m",
    )
    m, s, tt = sp.symbols("m s t", positive=True)
    count = m + s + tt + sp.sqrt(tt**2 + 2 * (m + s) * tt)
    steps.holds(
        sp.diff(count, s).is_positive and sp.diff(count, tt).is_positive,
        "the count of an output, in units of 2k, grows with s and with t",
        r"m+s+t+\sqrt{t^2+2(m+s)t}",
    )
    largest = sp.simplify(count.subs({s: m, tt: m}) / m)
    steps.holds(
        sp.simplify(pool - largest).evalf(40) >= 0,
        "so it is at most its value at s = t = m; rounding up adds at most 1 to m weights",
        rf"\bigl({sp.latex(largest)}\bigr)\,m",
    )


def _larger_inputs() -> Counterexample:
    eps, x = sp.Rational(1, 2), sp.Integer(10)
    t = eps / sp.E  # n = ℓ = 1
    error = (t - t**2 / 4) * x  # what an accepted neuron may err by
    assert error > eps
    return Counterexample(
        "‖x‖₂ ≤ 1",
        {"n": 1, "ℓ": 1, "W": 1, "ε": eps, "x": x},
        f"a neuron that the rule accepts errs by {sp.N(error, 4)} > ε",
    )


@claim(
    name="malach-recovered",
    chapter=CHAPTER,
    title="Malach et al.'s bound from the same bookkeeping",
    statement=(
        r"Let $\lVert W_i\rVert_2\le1$, $\lVert x\rVert_2\le1$, $0<\varepsilon\le1$, "
        r"$0<\delta<1$, no biases, $\sigma_i(0)=0$, $\lambda_i=1$, and let $m$ be the largest "
        r"number of non-zero weights of a layer. Then $P=1$ and $F_{\max}=1$ will do, the closed "
        r"form is $\varepsilon_w=\frac\varepsilon{e\,\ell\,n^{3/2}}$, and "
        r"$N=\lceil\frac{16}{\varepsilon_w^2}\ln\frac{2n^2\ell}\delta\rceil$ neurons for each "
        r"weight, which are enough, are at most "
        r"$1+32e^2\,\frac{n^3\ell^2}{\varepsilon^2}\ln\frac{2n\ell}\delta$. ★ The logarithmic "
        r"form with $A=1$ and $s=\sqrt m$ is "
        r"$\varepsilon_w=\frac{\ln(1+\varepsilon)}{\ell\sqrt m}$, "
        r"and $\frac{16}{\varepsilon_w^2}\le\frac{16}{(\ln2)^2}\frac{n^2\ell^2}{\varepsilon^2}$: "
        r"less by at least the factor $(e\ln2)^2n$."
    ),
    source="Malach et al. 2020, the order; constants and $n^2$: ★",
    kind="proof",
    uses=("malach2020", "malach-count", "malach-network", "budget-closed-form",
          "budget-logarithm", "union-bound"),
    wrong={
        "leading": sp.Rational(99, 100) * 16 * sp.E**2,
        "power": sp.Rational(198, 100),
        "saved": sp.Rational(101, 100) * (sp.E * sp.log(2)) ** 2,
    },
    refute=_larger_inputs,
)  # fmt: skip
def malach_recovered(
    steps: Steps,
    leading: Any = 16 * sp.E**2,
    power: Any = 2,
    saved: Any = (sp.E * sp.log(2)) ** 2,
) -> None:
    n, eps, layers = sp.symbols("n epsilon l", positive=True)
    g, y = sp.symbols("g y", nonnegative=True)
    steps.holds(
        sp.diff(g * y, g).is_nonnegative and (g * y).subs({g: 1, y: 1}) == 1,
        "induction, base ‖x‖₂ ≤ 1; step: |σ(z)| ≤ |z| and ‖W‖₂ ≤ 1 keep the norm at most 1. So "
        "A = 1, F_max = 1 will do, P = 1",
        r"\lVert F_i(x)\rVert_2\le\lVert W_i\rVert_2\lVert F_{i-1}(x)\rVert_2\le1",
    )
    t = eps / (sp.E * layers * n ** sp.Rational(3, 2))
    steps.holds(
        sp.simplify(t.subs(eps, sp.E * sp.sqrt(n)) * layers * n) == 1 and (sp.E > 1) is sp.true,
        "the side condition is met for ε ≤ e√n, so for ε ≤ 1",
        r"\tfrac{\varepsilon}{e\ell n^{3/2}}\le\tfrac1{\ell n}",
    )
    steps.equal(
        16 / t**2,
        leading * n**3 * layers**2 / eps**2,
        "the factor before the logarithm",
        r"\tfrac{16}{\varepsilon_w^2}=16e^2\,\tfrac{n^3\ell^2}{\varepsilon^2}",
    )
    a = sp.Symbol("a", positive=True)  # ℓ/δ ≥ 1
    ratio = sp.powsimp(sp.expand_power_base((2 * n * a) ** power / (2 * n**2 * a)))
    exponents = [sp.simplify(sp.diff(sp.expand_log(sp.log(ratio)), v) * v) for v in (n, a)]
    steps.holds(
        all(exponent >= 0 for exponent in exponents) and power >= 1,
        "the logarithm: with a = ℓ/δ ≥ 1, (2na)²/(2n²a) = 2a ≥ 1",
        r"\ln\tfrac{2n^2\ell}\delta\le2\ln\tfrac{2n\ell}\delta",
    )
    z = sp.Symbol("z", nonnegative=True)
    chord = sp.log(1 + z) - sp.log(2) * z
    steps.holds(
        chord.subs(z, 0) == 0
        and sp.simplify(chord.subs(z, 1)) == 0
        and sp.diff(chord, z, 2).is_negative,
        "★ ln(1+ε) is concave and meets ε ln 2 at 0 and 1",
        r"\ln(1+\varepsilon)\ge\varepsilon\ln2",
    )
    ours = 16 * n**2 * layers**2 / (sp.log(2) ** 2 * eps**2)
    steps.equal(
        16 / (eps * sp.log(2) / (layers * sp.sqrt(n**2))) ** 2,
        ours,
        "so with A = 1, s = √m ≤ n the factor is at most this",
    )
    steps.equal(
        sp.simplify(16 / t**2 / ours),
        saved * n,
        "the first factor over the second",
        r"(e\ln2)^2\,n",
    )


# -- measured ----------------------------------------------------------------------------------

RUNS, LOOSE = 400, 0.2
SMALL = Network([[[0.5, -1.0], [0.25, -0.75]], [[1.0, -0.5]]])


def failures(prune: Callable[..., Any], layout: str) -> int:
    """How many of the seeds give no ticket; those that do are verified."""
    failed = 0
    for seed in range(RUNS):
        try:
            ticket = prune(
                SMALL, 0.5, inputs=Ball(1.0), delta=LOOSE, layout=layout, seed=seed
            )  # fmt: skip
        except ValueError:
            failed += 1
        else:
            assert ticket.verify(SMALL).ok, f"seed {seed}, {layout}: a ticket is not within ε"
    return failed


def _prune_with_too_few(*arguments: Any, delta: float, **settings: Any) -> Any:
    return pruning.prune(*arguments, delta=0.9, **settings)


def _without_the_logarithm() -> Counterexample:
    # δ = 0.9: about the rows that a requirement needs on average, times ln(number of them)
    failed = failures(_prune_with_too_few, "shared")
    assert failed / RUNS > LOOSE + hoeffding_tolerance(RUNS, sides=1)
    return Counterexample(
        "the rows for δ = 0.2 (those for δ = 0.9)",
        {"layout": "shared", "runs": RUNS},
        f"{failed} of them fail, far more than δ allows,",
    )


@claim(
    name="main-theorem-measured",
    chapter=CHAPTER,
    title="the theorem, run",
    statement=(
        r"A network of two layers, $\varepsilon=0.5$, $\delta=0.2$, reserved and shared layout: of "
        r"400 seeds no more fail than $\delta$ and Hoeffding's tolerance, less than 0.132, allow, "
        r"and every ticket found is within $\varepsilon$."
    ),
    source="★",
    kind="evidence",
    uses=("main-theorem", "hoeffding"),
    wrong={"prune": _prune_with_too_few},
    refute=_without_the_logarithm,
)
def main_theorem_measured(steps: Steps, prune: Callable[..., Any] = pruning.prune) -> None:
    tolerance = hoeffding_tolerance(RUNS, sides=1)
    steps.say(
        f"the frequency in {RUNS} seeds of something of probability at most δ exceeds δ + t with "
        "probability at most e^(−2·400·t²) = 10⁻⁶ (Hoeffding, one side)",
        rf"t={tolerance:.4f}",
    )
    for layout in ("shared", "reserved"):
        rate = failures(prune, layout) / RUNS
        steps.holds(
            rate <= LOOSE + tolerance,
            f"{layout}: failures, at most δ + t; all tickets found are verified",
            f"{rate:.4g}\\le{LOOSE + tolerance:.4g}",
        )


CLAIMS = (
    layer_error,
    error_budget,
    budget_solution,
    budget_solution_finite,
    budget_logarithm,
    budget_closed_form,
    budget_order,
    main_theorem,
    plan_is_the_theorem,
    logarithmic_price,
    malach_recovered,
    main_theorem_measured,
)
