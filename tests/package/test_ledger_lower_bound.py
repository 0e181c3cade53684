"""The symbolic forms of chapter *lower_bound* are those of the functions that the book runs."""

from fractions import Fraction

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


def test_two_sets_of_boxes():
    """One interval of length 2 serves half of a range of 4 at best, two serve all of it."""
    found = list(ledger._best_of_two_sets([(4,), (3, 3)], 2))
    half = sp.Rational(1, 2)
    assert found == [(0, half, [2]), (1, 1, [2]), (1, half, [3 * half] * 2)]


@pytest.mark.parametrize("signs", [ledger.independent, ledger.alternating])
def test_signs_are_right_with_their_probability(signs):
    q = Fraction(1, 4)
    outcomes = list(signs(q, 3))
    assert sum(chance for _, chance in outcomes) == 1
    assert sum(chance for right, chance in outcomes if right[0]) == q


def test_a_learners_numbers_take_the_place_of_the_package():
    claim = lp.claims["chosen-numbers-finite"]
    assert claim.check(numbers=lambda epsilon, top: -lower_bounds.chosen_numbers(epsilon, top))
    with pytest.raises(AssertionError):
        claim.check(numbers=lambda epsilon, top: lower_bounds.chosen_numbers(epsilon, top)[:-1])
