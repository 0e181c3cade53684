"""Lower bounds by counting: the formulas, at high precision and at their edges."""

import math
from fractions import Fraction
from itertools import combinations, pairwise

import mpmath
import numpy as np
import pytest

import lpbook as lp
from lpbook import lower_bounds
from lpbook.digits import all_sums


@pytest.mark.parametrize("epsilon", [1e-300, 1e-9, 0.01, 0.99, 1.0, 7.0])
@pytest.mark.parametrize("failure", [0.0, 1e-12, 0.5, 0.999])
def test_weight_bits(epsilon, failure):
    with mpmath.workdps(50):
        ratio = (1 - mpmath.mpf(failure)) / mpmath.mpf(epsilon)
        wanted = max(0, mpmath.log(ratio, 2)) if epsilon < 1 else 0
    assert lower_bounds.weight_bits(epsilon, failure=failure) == pytest.approx(
        float(wanted), abs=1e-12
    )
    assert lower_bounds.weight_bits(3 * epsilon, 3.0, failure) == pytest.approx(
        float(wanted), abs=1e-9
    )


@pytest.mark.parametrize("n", [1, 2, 3, 10, 1000, 10**6])
def test_column_constant(n):
    with mpmath.workdps(50):
        log_volume = mpmath.mpf(n) / 2 * mpmath.log(mpmath.pi) - mpmath.loggamma(
            mpmath.mpf(n) / 2 + 1
        )
        wanted = 2 * mpmath.exp(-log_volume / n)
    assert lower_bounds.column_constant(n) == pytest.approx(float(wanted), rel=1e-12)
    assert lower_bounds.column_constant(n) >= max(1, math.sqrt(2 * n / math.pi / math.e))


def test_layer_bits():
    kappa = lower_bounds.column_constant(5)
    wanted = 15 * math.log2(kappa * 2 * 3 / 0.1) + math.log2(0.75)
    assert lower_bounds.layer_bits(5, 3, 0.1, 2, 3, 0.25) == pytest.approx(wanted)
    assert lower_bounds.layer_bits(5, 3, 100.0) == 0
    # one output: what one weight needs, once for each input
    assert lower_bounds.layer_bits(1, 7, 0.01) == pytest.approx(7 * lower_bounds.weight_bits(0.01))


def test_a_grid_is_no_finer_than_the_bound_says():
    for n, m, epsilon in ((1, 1, 0.3), (3, 5, 0.01), (10, 64, 1e-4)):
        grid = n * m * math.log2(math.ceil(math.sqrt(n * m) / epsilon))
        assert grid >= lower_bounds.layer_bits(n, m, epsilon)


def test_network_bits_leaves_small_layers_out():
    network = lp.Network([[[1.0, -2.0], [0.0, 0.5]], [[0.01, 0.02]]])
    assert lower_bounds.network_bits(network, 0.25) == pytest.approx(3 * 3)
    assert lower_bounds.network_bits(network, 2.0) == 0
    assert lower_bounds.network_bits(network, 0.01) == pytest.approx(3 * math.log2(200) + 2)


@pytest.mark.parametrize("n", range(2, 13))
def test_chosen_numbers_reach_exactly_so_far(n):
    epsilon = 2.0**-5
    top = (2**n - 1) * epsilon
    numbers = lower_bounds.chosen_numbers(epsilon, top)
    assert numbers.size == n
    assert lower_bounds.covered_length(all_sums(numbers), epsilon, top) == 2 * top
    assert lower_bounds.chosen_numbers(epsilon, top * (1 + 1e-12)).size == n + 1
    assert n >= lower_bounds.weight_bits(epsilon, top)


def test_chosen_numbers_at_the_edge():
    assert lower_bounds.chosen_numbers(1.0, 1.0).size == 0
    assert lower_bounds.chosen_numbers(1.0, 0.0).size == 0
    assert lower_bounds.chosen_numbers(1.0, 1.1).size == 2  # one number alone adds nothing


def test_weights_are_at_most_1_where_nothing_is_said():
    few, many = (lower_bounds.chosen_numbers((1 + d) / 31) for d in (1e-12, -1e-12))
    assert (few.size, many.size) == (5, 6)
    assert [lower_bounds.covered_length([0.0], e) for e in (1.0, 2.0)] == [2, 2]


def test_a_number_helps_half_of_the_time_and_serves_one_weight_where_nothing_is_said():
    assert lower_bounds.independent_numbers(0.1) == math.log(0.1) / math.log(0.5)


def test_chosen_numbers_up_to_the_largest_float():
    most = 2.0**1000
    assert lower_bounds.chosen_numbers(1.0, math.nextafter(most, 0)).size == 1000
    assert lower_bounds.chosen_numbers(math.nextafter(1 / most, 1)).size == 1000
    assert lower_bounds.chosen_numbers(2.0**-1074, 2.0**-75).size == 1000  # 2^999 is not 2^999 - 1


def test_independent_numbers_up_to_the_largest_float():
    assert lower_bounds.independent_numbers(2.0**-1022) == 1022
    assert lower_bounds.independent_numbers(0.5, 2.0**-1000) == pytest.approx(
        2.0**1000 * math.log(2), rel=1e-12
    )


@pytest.mark.parametrize("sets", [1, 7, 10**6])
@pytest.mark.parametrize("delta", [1e-12, 0.01, 0.9])
@pytest.mark.parametrize("useful", [0.25, 0.5])
def test_independent_numbers(delta, useful, sets):
    with mpmath.workdps(50):
        u = 1 - (1 - mpmath.mpf(delta)) ** (mpmath.mpf(1) / sets)
        wanted = mpmath.log(u) / mpmath.log(1 - mpmath.mpf(useful))
    found = lower_bounds.independent_numbers(delta, useful, sets)
    assert found == pytest.approx(float(wanted), rel=1e-12)


def exact_length(sums, epsilon, top):
    """Length of a union of intervals, cell by cell, in fractions."""
    ends = sorted({e for s in sums for e in (s - epsilon, s + epsilon)} | {-top, top})
    ends = [e for e in ends if abs(e) <= top]
    middles = [((a + b) / 2, b - a) for a, b in pairwise(ends)]
    return sum(size for x, size in middles if any(abs(x - s) <= epsilon for s in sums))


def test_covered_length():
    rng = np.random.default_rng(0)
    for _ in range(200):
        sums = [Fraction(int(x), 8) for x in rng.integers(-24, 25, rng.integers(1, 8))]
        epsilon, top = Fraction(int(rng.integers(1, 12)), 8), Fraction(int(rng.integers(1, 20)), 8)
        found = lower_bounds.covered_length([float(s) for s in sums], float(epsilon), float(top))
        assert found == exact_length(sums, epsilon, top)


def test_bits_per_neuron():
    assert [lower_bounds.bits_per_neuron(x, 1, 1) for x in lower_bounds.LAYOUT_BITS] == [1, 1, 1, 2]
    values = [lower_bounds.bits_per_neuron(x, 10, 64) for x in lower_bounds.LAYOUT_BITS]
    assert values == sorted(values)


def test_mask_bits():
    for total, kept in ((1, 0), (1, 1), (30, 7), (1000, 500)):
        wanted = math.log2(math.comb(total, kept))
        assert lower_bounds.mask_bits(total, kept) == pytest.approx(wanted, abs=1e-9)


def test_no_plan_beats_the_bound():
    F, _ = lp.digits_classifier()
    for construction in ("golden-ratio", "subset-sum", "product"):
        for epsilon in (0.1, 1e-3):
            plan = lp.plan(F, weight_epsilon=epsilon, construction=construction)
            assert plan.random_weights >= lower_bounds.network_bits(F, epsilon)


def test_no_set_of_numbers_serves_more_than_the_bound():
    rng = np.random.default_rng(1)
    for n in range(1, 9):
        length = lower_bounds.covered_length(all_sums(rng.normal(size=n)), 0.02)
        assert length <= 2**n * 0.04 + 1e-12


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lower_bounds.weight_bits(0.0), r"epsilon=0.0"),
        (lambda: lower_bounds.weight_bits(0.1, failure=1.0), r"failure=1.0"),
        (lambda: lower_bounds.column_constant(0), r"outputs=0"),
        (lambda: lower_bounds.layer_bits(2, 0, 0.1), r"inputs=0"),
        (lambda: lower_bounds.layer_bits(2, 2, 0.1, radius=0), r"radius=0"),
        (lambda: lower_bounds.bits_per_neuron("none", 2, 2), r"layout='none'"),
        (lambda: lower_bounds.independent_numbers(0.1, 1.0), r"useful=1.0"),
        (lambda: lower_bounds.mask_bits(3, 4), r"kept=4"),
        (lambda: lower_bounds.covered_length([], 0.1), r"sums="),
        (lambda: lower_bounds.layer_bits(2, 2, 0.1, failure=1.0), r"failure=1.0"),
        (lambda: lower_bounds.independent_numbers(1.0), r"delta=1.0"),
        (lambda: lower_bounds.independent_numbers(2.0**-1023), r"delta=1.1125"),
        (lambda: lower_bounds.independent_numbers(0.5, 2.0**-1001), r"useful=4.6663"),
        (lambda: lower_bounds.independent_numbers(2.0**-1023, 2.0**-1023), r"useful=1.1125"),
        (lambda: lower_bounds.chosen_numbers(-1), r"epsilon=-1"),
        (lambda: lower_bounds.chosen_numbers(2.0, 2.0**1000), r"^max_weight=1.0715"),
        (lambda: lower_bounds.chosen_numbers(2.0**-1000), r"epsilon=9.3326"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_all_small_sets_by_brute_force():
    """The reach of the ledger is that of `covered_length`."""
    from lpbook.ledger.exact import subset_sums
    from lpbook.ledger.lower_bound import furthest

    for chosen in combinations(range(-6, 7), 3):
        found = furthest(subset_sums(chosen), 1)
        sums = all_sums(np.array(chosen, dtype=float))
        assert lower_bounds.covered_length(sums, 1.0, float(found)) == 2 * found
        assert lower_bounds.covered_length(sums, 1.0, found + 0.5) < 2 * found + 1
