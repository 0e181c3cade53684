"""The symbolic forms of chapter *lower_bound* are those of the functions that the book runs."""

import math

import pytest
import sympy as sp

import lpbook as lp
from lpbook import lower_bounds
from lpbook.ledger import lower_bound as ledger


@pytest.mark.parametrize("layout", lower_bounds.LAYOUT_BITS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 4), (4, 1), (3, 4)])
def test_what_a_neuron_carries(layout, shape):
    found = ledger.contributions(layout, *shape)
    claimed = 2 ** lower_bounds.bits_per_neuron(layout, *shape)
    if layout == "any":
        assert found <= claimed
    else:
        assert found == pytest.approx(claimed)


@pytest.mark.parametrize("n", range(1, 8))
def test_constants_of_the_ball(n):
    dimension = sp.Integer(n)
    volume = sp.pi ** (dimension / 2) / sp.gamma(dimension / 2 + 1)
    kappa = (2 / volume ** (1 / dimension)).evalf(40)
    assert lower_bounds.column_constant(n) == pytest.approx(float(kappa), rel=1e-14)


def test_reach_at_the_edge():
    assert ledger.furthest([0], 1) == 1
    assert ledger.furthest([3], 1) == -1  # not even 0 is served
    assert ledger.furthest([-1, 1], 1) == 2
    assert ledger.furthest([0, 2, 5], 1) == 1


def test_the_count_of_a_plan_is_the_one_of_the_distance():
    network = lp.Network([[[0.5, -1.0], [0.25, 0.7], [1.0, 1.0]]])
    plan = lp.plan(network, weight_epsilon=0.01)
    k = plan.layers[0].requirements
    width = plan.layers[0].widths[0]
    assert width == lp.batch_size(1, 2 * k * 6, 1 / (4 * k), 0.01, "exact")
    assert plan.random_weights_per_weight == pytest.approx((1 + 2 / 3) * width)
    scaled = 4 * math.log(100) / math.log(lp.PHI)
    logarithm = math.log(12 * k / 0.01)
    assert (scaled - 1) * logarithm <= width < (scaled + 4) * logarithm + 1


def test_a_learners_numbers_take_the_place_of_the_package():
    claim = lp.claims["chosen-numbers-finite"]
    assert claim.check(numbers=lambda epsilon, top: -lower_bounds.chosen_numbers(epsilon, top))
    with pytest.raises(AssertionError):
        claim.check(numbers=lambda epsilon, top: lower_bounds.chosen_numbers(epsilon, top)[:-1])
