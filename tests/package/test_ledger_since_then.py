"""What the part *Since 2020* proves in symbols is what the package computes."""

import itertools
import math

import mpmath as mp
import pytest
import sympy as sp

from lpbook.experiments import attention, vector_subsets
from lpbook.ledger.since_vectors import group_sums


@pytest.mark.parametrize("d", [1, 2, 9])
@pytest.mark.parametrize("epsilon", [1.0, 0.5, 0.01, 1e-6])
@pytest.mark.parametrize("delta", [0.0, 0.1, 0.999])
def test_counting_at_fifty_digits(d, epsilon, delta):
    with mp.workdps(50):
        e, f = mp.mpf(epsilon), mp.mpf(delta)
        wanted = d * mp.log(1 / e, 2) + mp.log(1 - f, 2)
        least = vector_subsets.least_subsets(epsilon**d, delta)
        assert least == pytest.approx(float((1 - f) / e**d), rel=1e-12)
        n = vector_subsets.least_numbers(least * (1 - 1e-12))
        assert n == max(0, math.ceil(wanted - mp.mpf(10) ** -9))


@pytest.mark.parametrize("family", [1, 2, 1000, 2**60])
@pytest.mark.parametrize("share", ["0.5", "0.999", "1e-9"])
def test_second_moment_at_fifty_digits(family, share):
    with mp.workdps(50):
        n, p = mp.mpf(family), mp.mpf(share)
        wanted = 1 - (n * p) ** 2 / (n * p + n * (n - 1) * p**2)
        assert vector_subsets.miss_bound(family, float(share)) == pytest.approx(
            float(wanted), rel=1e-12
        )


@pytest.mark.parametrize(("n", "k"), [(2, 1), (10, 5), (10, 1), (1000, 333), (28, 2)])
def test_entropy_bounds_the_families(n, k):
    with mp.workdps(50):
        a = mp.mpf(k) / n
        h = -(a * mp.log(a, 2) + (1 - a) * mp.log(1 - a, 2))
        assert vector_subsets.entropy(k / n) == pytest.approx(float(h), rel=1e-13)
        assert vector_subsets.family_size(n, k) <= mp.mpf(2) ** (n * h)


@pytest.mark.parametrize("eta", ["1e-30", "0.1", "1", "30"])
def test_softmax_bound_at_fifty_digits(eta):
    with mp.workdps(50):
        e = mp.mpf(eta)
        wanted = (mp.exp(e) - 1) / (mp.exp(e) + 1)
        assert attention.shift_bound(float(eta)) == pytest.approx(float(wanted), rel=1e-14)
    assert attention.shift_bound(sp.Symbol("x"), sp.tanh) == sp.tanh(sp.Symbol("x") / 2)


def test_group_sums_are_sums():
    sums = group_sums(3, 2, 2)
    elements = list(itertools.product(range(3), repeat=2))
    for row, (x, y) in zip(sums, itertools.product(elements, repeat=2), strict=True):
        both = [(a + b) % 3 for a, b in zip(x, y, strict=True)]
        assert row.tolist() == [0, y[0] + 3 * y[1], x[0] + 3 * x[1], both[0] + 3 * both[1]]
