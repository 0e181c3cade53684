"""Bridges: the symbolic forms of chapter *main_theorem* against what the book runs."""

import math
from itertools import pairwise

import mpmath
import numpy as np
import pytest
import sympy as sp
from test_networks import random_network

import lpbook as lp
from lpbook.budgets import closed_form_budget, logarithmic_budget, network_error
from lpbook.ledger import main_theorem as ledger
from lpbook.networks import with_constant

ACTIVATIONS = ["relu", "tanh", "logistic", ["identity", "relu", "tanh"]]
EPSILONS = (1e-12, 1e-3, 1.0, 1e6)


def quantities(network, domain):
    """ℓ, largest λ, n, F_max, P, A, s: as the chapter names them."""
    bias = network.biases is not None
    bounds = network.bounds(domain)
    gains = [
        max(1, mpmath.mpf(slope) * mpmath.mpf(norm))
        for slope, norm in zip(network.lipschitz, network.spectral_norms, strict=True)
    ]
    return {
        "l": len(network.matrices),
        "slope": mpmath.mpf(max(network.lipschitz)),
        "n": max([W.shape[1] for W in network.matrices] + [W.shape[0] for W in network.matrices]),
        "top": mpmath.mpf(bounds.largest),
        "P": mpmath.fprod(gains),
        "A": max(mpmath.mpf(with_constant(norm, bias)) for norm in bounds.norms[:-1]),
        "s": mpmath.sqrt(max(W.size for W in network.matrices)),
    }


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activations", ACTIVATIONS, ids=str)
def test_the_recursion_is_the_one_of_the_claim(bias, activations):
    network = random_network(np.random.default_rng(3), bias=bias, activations=activations)
    domain = lp.Ball(1.5)
    norms = [with_constant(norm, bias) for norm in network.bounds(domain).norms]
    for t in (1e-300, 1e-9, 0.1, 1e9):
        errors = [t * math.sqrt(W.size) for W in network.matrices]
        with mpmath.workdps(50):
            e = mpmath.mpf(0)
            for eta, norm, size, slope in zip(
                errors, network.spectral_norms, norms[:-1], network.lipschitz, strict=True
            ):
                step = sp.lambdify(
                    (ledger.E, ledger.NORM, ledger.A, ledger.SLOPE, ledger.T),
                    ledger.recursion(ledger.E, ledger.T),
                    "mpmath",
                )
                e = step(e, mpmath.mpf(norm), mpmath.mpf(size), mpmath.mpf(slope), mpmath.mpf(eta))
            found = network_error(network, domain, errors)
            assert e <= found <= e * (1 + mpmath.mpf(10) ** -13)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activations", ACTIVATIONS, ids=str)
@pytest.mark.parametrize("epsilon", EPSILONS)
def test_closed_forms_are_the_formulas_of_their_claims(bias, activations, epsilon):
    network = random_network(np.random.default_rng(4), bias=bias, activations=activations)
    domain = lp.Ball(2.0)
    with mpmath.workdps(50):
        v = quantities(network, domain)
        log = mpmath.log(1 + epsilon / (v["A"] * v["P"])) / (v["l"] * v["slope"] * v["s"])
        for constant in (math.e, math.e - 1):
            first = epsilon / (
                constant * v["l"] * v["slope"] * mpmath.mpf(v["n"]) ** 1.5 * v["top"] * v["P"]
            )
            formula = min(first, 1 / (v["l"] * v["slope"] * v["n"]))
            found = closed_form_budget(network, epsilon, domain, constant)
            assert found == pytest.approx(float(formula), rel=1e-13)
    assert logarithmic_budget(network, epsilon, domain) == pytest.approx(float(log), rel=1e-13)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activations", ACTIVATIONS, ids=str)
@pytest.mark.parametrize("epsilon", EPSILONS)
def test_rules_are_ordered_and_keep_the_network_within_epsilon(bias, activations, epsilon):
    rng = np.random.default_rng(5)
    for _ in range(5):
        network = random_network(rng, bias=bias, activations=activations)
        domain = lp.Ball(0.7)
        rules = [
            lp.weight_budget(network, epsilon, domain, "closed-form"),
            closed_form_budget(network, epsilon, domain, math.e - 1),
            lp.weight_budget(network, epsilon, domain, "logarithmic") * (1 + 1e-8),
            lp.weight_budget(network, epsilon, domain) * (1 + 2e-8),
        ]
        assert rules == sorted(rules)
        errors = [rules[2] / (1 + 1e-8) * math.sqrt(W.size) for W in network.matrices]
        assert network_error(network, domain, errors) <= epsilon


def test_the_limit_of_the_ratio():
    network, _ = lp.digits_classifier()
    domain = lp.Ball(4.0, nonnegative=True)
    v = quantities(network, domain)
    bounds, norms, slopes = network.bounds(domain), network.spectral_norms, network.lipschitz
    C = 0.0
    for i, W in enumerate(network.matrices):
        later = math.prod(slopes[j] * norms[j] for j in range(i + 1, len(norms)))
        C += with_constant(bounds.norms[i], True) * slopes[i] * math.sqrt(W.size) * later
    limit = math.e * v["l"] * v["slope"] * v["n"] ** 1.5 * v["top"] * v["P"] / C
    found = [lp.weight_budget(network, 1e-6, domain, r) for r in ("recursive", "closed-form")]
    assert found[0] / found[1] == pytest.approx(float(limit), rel=1e-6)
    assert limit > math.e


def test_a_chain_attains_the_least_ratio():
    chain = lp.Network([[[1.0]]] * 4, activations=["identity"] * 4)
    found = [lp.weight_budget(chain, 1e-7, lp.Ball(1), r) for r in ("recursive", "closed-form")]
    assert found[0] / found[1] == pytest.approx(math.e, rel=1e-6)


def test_rules_where_nothing_reaches_the_output_or_almost_nothing():
    assert lp.weight_budget(lp.Network([[[1.0]]]), 0.1, lp.Ball(0), "logarithmic") == math.inf
    tiny = lp.Network([[[1e-200]], [[1e200]]])
    assert 0 < lp.weight_budget(tiny, 1e-5, lp.Ball(1e-3), "logarithmic") < 1e-200


@pytest.mark.parametrize("layout", ["reserved", "shared", "pooled"])
@pytest.mark.parametrize("widths", [(40, 60, 50), (64, 64, 64, 64)])
@pytest.mark.parametrize("epsilon", [1e-4, 0.5])
def test_plan_is_below_the_corollary(layout, widths, epsilon):
    rng = np.random.default_rng(6)
    weights = [rng.uniform(-0.4, 0.5, (m, n)) for n, m in pairwise(widths)]
    F = lp.Network(weights, activations=["identity"] * len(weights))
    domain, delta = lp.Ball(2.0), 0.01
    t = lp.weight_budget(F, epsilon, domain, "closed-form")
    v = quantities(F, domain)
    largest = max(np.abs(W).max() for W in weights)
    bracket = math.log(
        math.e * v["l"] * v["slope"] * v["n"] ** 1.5 * largest * v["top"] / epsilon
    ) + float(mpmath.log(v["P"]))
    assert bracket == pytest.approx(math.log(largest / t))
    K = 1 + bracket / math.log(lp.PHI)
    cost = lp.plan(F, weight_epsilon=t, inputs=domain, delta=delta, layout=layout)
    for layer in cost.layers:
        tau = math.log(2 * K * layer.weights * v["l"] / delta)
        bounds = {"reserved": 4 * K * tau + 1, "shared": (4 * K * tau + 1) / layer.outputs}
        if layout == "shared" and layer.outputs >= tau:
            assert bounds["shared"] <= 4 * K + 1
        if layout == "pooled":
            assert layer.inputs >= math.ceil(math.log2(4 * K * layer.outputs * v["l"] / delta))
            bounds["pooled"] = 2 * (3 + math.sqrt(5)) * K + 1
        assert layer.neurons_per_weight <= bounds[layout]
        assert layer.requirements <= K + 1e-9


def test_pooled_plans_stay_within_the_theorem_of_the_pool():
    F = lp.Network([np.random.default_rng(7).uniform(0.2, 1, (8, 30))])
    cost = lp.plan(F, weight_epsilon=0.01, delta=0.02, layout="pooled").layers[0]
    k = cost.requirements
    assert cost.neurons <= 8 * lp.output_batch_size(30, k, 8, 0.02)
    assert cost.neurons >= 2 * k * 240


def test_malach_s_budget_from_the_two_closed_forms():
    rng = np.random.default_rng(8)
    n, layers, epsilon = 6, 3, 0.7
    weights = []
    for _ in range(layers):
        W = rng.normal(size=(n, n))
        weights.append(W / np.linalg.norm(W, 2) * (1 - 1e-9))
    F = lp.Network(weights)
    closed = closed_form_budget(F, epsilon, lp.Ball(1.0))
    assert closed >= epsilon / (math.e * layers * n**1.5) * (1 - 1e-9)
    log = logarithmic_budget(F, epsilon, lp.Ball(1.0))
    assert log == pytest.approx(math.log1p(epsilon) / (layers * n), rel=1e-6)


def test_chain_error_is_what_a_network_computes():
    weights = [0.5, 1.0, 3.0]
    F, G = (
        lp.Network([[[w + t]] for w in weights], activations=["identity"] * 3) for t in (0, 0.25)
    )
    symbolic = ledger.chain_error(
        [sp.Rational(w) for w in weights], sp.Rational(1, 4), sp.Integer(2)
    )
    assert (G([2.0]) - F([2.0]))[0] == pytest.approx(float(symbolic), rel=1e-14)


def test_running_example_ends_with_the_shared_layout():
    example = lp.RunningExample()
    k, m = example.digits, example.together
    F = lp.Network([np.full((m, 1), example.weight)])
    scheme = lp.GoldenRatio().scheme(1.0, example.epsilon)
    rows = lp.batch_size(1, 2 * k * m, scheme.probability(False), example.delta, "exact")
    assert example.costs()["main_theorem"][1] == rows / m
    cost = lp.plan(F, weight_epsilon=example.epsilon * example.weight, delta=example.delta)
    assert cost.layers[0].requirements == k
    assert cost.neurons == rows
    assert example.table("main_theorem").splitlines()[-1].split()[5] == f"{rows / m:.2f}"
