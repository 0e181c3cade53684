"""Bridges: the toolbox's symbolic statements against the functions that the package uses."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy.stats import binom

import lpbook as lp
from lpbook.ledger.binomial import binomial_tail
from lpbook.ledger.toolbox import below_exp
from lpbook.networks import ACTIVATIONS


@pytest.mark.parametrize("size", [1, 7, 400])
@pytest.mark.parametrize("c", ["1/3", "1/100", "99/100", "1"])
def test_chernoff_bounds_the_exact_tail(size, c):
    c = Fraction(c)
    for m in {0, math.floor(size * c / 2), math.floor(size * c)}:
        tail = binomial_tail(m + 1, size, c)
        exponent = -((size * c - m) ** 2) / (2 * size * c)
        assert exponent == 0 or below_exp(tail, exponent) or tail == 0
        assert abs(float(tail) - binom.cdf(m, size, float(c))) < 1e-12


def test_binomial_tail_at_its_edges():
    half = Fraction(1, 2)
    assert binomial_tail(0, 5, half) == 0
    assert binomial_tail(6, 5, half) == binomial_tail(9, 5, half) == 1
    assert binomial_tail(5, 5, half) == 1 - half**5
    assert binomial_tail(1, 0, half) == 1


@pytest.mark.parametrize("delta", [0.5, 1e-3, 1e-12])
@pytest.mark.parametrize("c", [0.5, 1e-3, 1e-9])
def test_coupon_collector_is_what_batch_size_gives_for_one(c, delta):
    """At m = 1 the exact count is the least M with k(1 - c)^M <= δ, at most ln(k/δ)/c."""
    k = 12
    size = lp.batch_size(1, k, c, delta, "exact")
    with mpmath.workdps(50):
        miss = 1 - mpmath.mpf(c)
        assert k * miss**size <= delta
        assert k * miss ** (size - 1) > delta
        assert size <= mpmath.ceil(mpmath.log(k / mpmath.mpf(delta)) / c)


def test_lipschitz_constants_are_those_of_the_networks():
    z = np.linspace(-30, 30, 100_001)
    for activation in ACTIVATIONS.values():
        slopes = np.diff(activation.function(z)) / np.diff(z)
        assert slopes.max() <= activation.lipschitz * (1 + 1e-9)
        assert slopes.max() >= activation.lipschitz * (1 - 1e-6)


def test_hoeffding_bounds_both_exact_tails():
    for p in (0.01, 0.5, 0.9):
        for t in (0.01, 0.1, 0.4):
            size = 200
            far = binom.cdf(math.floor(size * (p - t)), size, p)
            far += binom.sf(math.ceil(size * (p + t)) - 1, size, p)
            assert far <= 2 * math.exp(-2 * size * t * t)


def test_below_exp_decides_and_does_not_guess():
    assert below_exp(Fraction(1, 3), Fraction(-1))
    assert not below_exp(Fraction(1, 2), Fraction(-1))
    with pytest.raises(AssertionError, match="undecided"):
        below_exp(Fraction(1), Fraction(0))
