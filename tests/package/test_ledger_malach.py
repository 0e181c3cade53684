"""The symbolic forms of chapter *malach* are those of the functions that the book runs."""

import math

import mpmath
import numpy as np
import pytest
import sympy as sp

import lpbook as lp
from lpbook.ledger import malach as ledger
from lpbook.networks import ACTIVATIONS

GRID = np.array([-1e300, -2.5, -1.0, -1e-300, 0.0, 1e-300, 1.0, 2.5, 1e300])


def test_relu_is_the_one_of_networks():
    z = sp.Symbol("z", real=True)
    symbolic = [float(ledger.RELU.subs(ledger._z, sp.Rational(v))) for v in GRID]
    assert symbolic == ACTIVATIONS["relu"].function(GRID).tolist()
    assert ledger.LEAKY.subs(ledger._s, 0).subs(ledger._z, z) == ledger.RELU.subs(ledger._z, z)


def test_two_neurons_are_a_network():
    """What `_two_neurons` adds up is what a `Network` computes."""
    a, b, c, d = 0.35, 2.0, -0.7, -1.0
    network = lp.Network([[[b], [d]], [[a, c]]])
    for x in (-3.0, 0.0, 0.5):
        symbolic = ledger._two_neurons(*(sp.nsimplify(v) for v in (a, b, c, d, x)))
        assert network([x])[0] == pytest.approx(float(symbolic), rel=1e-15)
        assert network([x])[0] == pytest.approx(0.7 * x, rel=1e-15)


@pytest.mark.parametrize("w", [0.0, 0.3, 0.7, -0.7, 1 - 1e-12, 1.0, -1.0])
@pytest.mark.parametrize("epsilon", [2.0, 1.0, 0.1, 1e-3, 1e-9])
def test_success_probability(w, epsilon):
    with mpmath.workdps(50):
        u, e = abs(mpmath.mpf(w)), mpmath.mpf(epsilon)
        formula = e**2 / 16 * (1 + min(1, 2 * (1 - u) / e))
    assert lp.malach_success(w, epsilon) == pytest.approx(float(formula), rel=1e-6)


def test_success_probability_is_that_of_the_rule_that_prunes():
    """The hardest weight of a scheme, and G drawn with b > 0 where one half suffices."""
    for epsilon in (0.5, 0.1, 1e-4):
        scheme = lp.Malach().scheme(1.0, epsilon)
        assert scheme.probability(False) == pytest.approx(epsilon**2 / 16, rel=1e-9)
        assert scheme.probability(True) == 2 * scheme.probability(False)


def test_largest_error_of_an_accepted_neuron():
    epsilon = 0.3
    scheme = lp.Malach().scheme(1.0, epsilon)
    w, a, b = np.meshgrid(*(np.linspace(-1, 1, 81),) * 3)
    error = np.abs(a * b - w)[scheme.fits(b, a, w)]
    assert error.max() <= epsilon - epsilon**2 / 4
    corner = 1 - epsilon / 2 + 1e-12  # the rule is strict by a little rounding
    assert scheme.fits(np.array(corner), np.array(corner), np.array(1.0))
    assert 1 - corner**2 == pytest.approx(epsilon - epsilon**2 / 4, rel=1e-9)


def test_count_of_the_theorem_is_the_simple_one():
    for epsilon in (2.0, 1.0, 0.01):
        for delta in (0.5, 0.01):
            count = math.ceil(16 / epsilon**2 * math.log(2 / delta))
            assert abs(lp.samples_for_both(epsilon**2 / 16, delta) - count) <= 1


@pytest.mark.parametrize("p", [0.5, 0.3, 1e-2, 1e-6])
@pytest.mark.parametrize("delta", [0.5, 1e-2, 1e-9])
def test_counts_at_high_precision(p, delta):
    with mpmath.workdps(80):
        chance, allowed = mpmath.mpf(p), mpmath.mpf(delta)
        exact = lp.samples_for_both(p, delta, "exact")
        failures = [2 * (1 - chance) ** n - (1 - 2 * chance) ** n for n in (exact, exact - 1)]
        assert failures[0] <= allowed < failures[1]
        simple = lp.samples_for_both(p, delta)
        assert simple - 1 < mpmath.log(2 / allowed) / chance <= simple


def test_network_bound_on_random_networks_of_norm_one():
    """Weights moved by ε_w at random, both ways: the error stays below ε."""
    rng = np.random.default_rng(0)
    n, layers, epsilon = 6, 4, 0.5
    moved = math.log1p(epsilon) / (layers * n)
    for _ in range(50):
        weights = [rng.normal(size=(n, n)) for _ in range(layers)]
        weights = [w / np.linalg.norm(w, 2) for w in weights]
        signs = [np.sign(rng.normal(size=w.shape)) for w in weights]
        F = lp.Network(weights)
        G = lp.Network([w + moved * s for w, s in zip(weights, signs, strict=True)])
        x = rng.normal(size=(100, n))
        x /= np.linalg.norm(x, axis=1, keepdims=True)
        assert np.linalg.norm(F(x) - G(x), axis=1).max() <= epsilon


def test_a_learners_function_takes_the_place_of_the_package():
    def mine(w, epsilon):
        width = np.minimum(epsilon, 1 - np.abs(w) + epsilon / 2)
        return width * epsilon / 8

    lp.claims["malach-success"].check(success=mine)
    with pytest.raises(AssertionError):
        lp.claims["malach-success"].check(success=lambda w, epsilon: epsilon**2 / 8 + 0 * w)
