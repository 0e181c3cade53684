"""The symbolic forms of chapter *product_weights* are those of the functions that the book runs."""

import math

import mpmath
import numpy as np
import pytest

import lpbook as lp
from lpbook.constructions import ProductWeights
from lpbook.ledger import product_weights as ledger
from lpbook.ledger.shown import put, shown

EDGES = [0.0, 1e-12, 0.3, 0.7, -0.7, 0.99, 1 - 1e-9, 1.0, 1.2]


@pytest.mark.parametrize("w", EDGES)
@pytest.mark.parametrize("epsilon", [1.5, 1.0, 0.3, 0.01, 1e-5])
def test_success_probability_against_the_integral(w, epsilon):
    """The formula, the function, and ½∫ length([(w−ε)/b, (w+ε)/b] ∩ [−1, 1])/2 db over b > 0."""
    with mpmath.workdps(50):
        ends = [mpmath.mpf(w) + mpmath.mpf(e) for e in (epsilon, -epsilon)]

        def share(b):
            high, low = (max(-1, min(1, end / b)) for end in ends)
            return (high - low) / 4

        breaks = sorted({0, 1} | {min(1, abs(end)) for end in ends})
        exact = ledger.exact_success(w, epsilon)
        assert mpmath.almosteq(exact, mpmath.quad(share, breaks), rel_eps=1e-20, abs_eps=1e-25)
    assert lp.product_success(w, epsilon) == pytest.approx(float(exact), rel=1e-6, abs=1e-16)


def test_law_at_the_edges():
    law = lp.Uniform(1.0).product()
    assert law.cdf([-1.0, 0.0, 1.0, 2.0]).tolist() == [0.0, 0.5, 1.0, 1.0]
    assert law.pdf(1.0) == 0.0
    assert law.pdf(0.0) == math.inf
    for z in (1e-300, 1e-6, 0.5, 1 - 1e-12):
        with mpmath.workdps(50):
            x = mpmath.mpf(z)
            assert law.cdf(z) == pytest.approx(float((1 + x * (1 - mpmath.log(x))) / 2), rel=1e-14)
            assert law.pdf(z) == pytest.approx(float(-mpmath.log(x) / 2), rel=1e-4)


@pytest.mark.parametrize("w", EDGES)
@pytest.mark.parametrize("epsilon", [1.5, 0.5, 0.1, 1e-3, 1e-8])
def test_lower_bounds(w, epsilon):
    with mpmath.workdps(50):
        p, u, e = ledger.exact_success(w, epsilon), abs(mpmath.mpf(w)), mpmath.mpf(epsilon)
        assert p >= e / 2 * mpmath.log(1 / (u + e))
        assert p >= e / 2 * mpmath.log(1 / max(u, e))
        s = u + e
        if s <= 1:
            y = (u - e) / s
            h = y * (1 - mpmath.log(abs(y))) if y else y
            rest = s / 4 * (1 - h)
            assert mpmath.almosteq(p - e / 2 * mpmath.log(1 / s), rest, rel_eps=1e-30)


@pytest.mark.parametrize("epsilon", [0.5, 0.25, 0.01, 1e-6])
def test_edge(epsilon):
    e = mpmath.mpf(epsilon)
    near, at = ledger.exact_success(1 - e, e), ledger.exact_success(1, e)
    assert e**2 / 2 <= near <= e**2 / 2 + e**3
    assert e**2 / 8 <= at <= e**2 / 8 + e**3 / 8


def test_the_construction_keeps_the_promise_of_the_wider_range():
    for epsilon in (0.9, 0.1, 1e-3, 1e-6):
        scheme = ProductWeights().scheme(1.0, epsilon)
        with mpmath.workdps(50):
            exact = ledger.exact_success(1 / mpmath.mpf(math.e), scheme.tolerance / math.e)
        assert scheme.probability(False) == pytest.approx(float(exact), rel=1e-6)
        assert scheme.probability(False) >= epsilon / (2 * math.e) * (1 - 1e-6)
        assert scheme.probability(True) == 2 * scheme.probability(False)


@pytest.mark.parametrize("epsilon", [0.9, 0.5, 0.1, 0.01])
def test_best_reach_against_a_search(epsilon):
    best = math.exp(float(put(shown("eq-best-reach").rhs, epsilon=epsilon)))
    assert 1 + epsilon < best < math.e
    reaches = np.linspace(max(1.0, best - 0.5), best + 0.5, 2001)
    values = [float(ledger.exact_success(1 / s, epsilon / s)) for s in reaches[::20]]
    top = float(ledger.exact_success(1 / best, epsilon / best))
    assert top >= max(values)
    found = reaches[np.argmax(lp.product_success(1 / reaches, epsilon / reaches))]
    assert found == pytest.approx(best, abs=0.02)


def test_hyperbolic_formula_at_its_edges():
    low = 1e-3
    law = lp.Hyperbolic(low, 1.0).product()
    for w, epsilon in ((0.5, 0.5 - low), (0.9, 0.1), (2 * low, low), (0.3, 1e-6)):
        with mpmath.workdps(50):
            x, e = mpmath.mpf(w), mpmath.mpf(epsilon)
            exact = (mpmath.log(x - e) ** 2 - mpmath.log(x + e) ** 2) / (
                8 * mpmath.log(mpmath.mpf(low)) ** 2
            )
            bound = e / (2 * mpmath.log(mpmath.mpf(low)) ** 2 * x) * mpmath.log(1 / x)
        p = (law.cdf(w + epsilon) - law.cdf(w - epsilon)) / 2
        assert p == pytest.approx(float(exact), rel=1e-8)
        assert exact >= bound


def test_a_learners_function_takes_the_place_of_the_package():
    def h(z):
        size = np.minimum(np.abs(z), 1)
        return np.sign(z) * size * (1 - np.log(np.where(size > 0, size, 1)))

    def mine(w, epsilon):
        return (h(np.abs(w) + epsilon) - h(np.abs(w) - epsilon)) / 4

    lp.claims["product-success"].check(success=mine)
    with pytest.raises(AssertionError):  # the cut at 1 forgotten
        lp.claims["product-success"].check(
            success=lambda w, e: (lambda z: z * (1 - np.log(np.abs(z) + 1e-300)))(abs(w) + e) / 4
        )
