"""The exact models of small pooled layers."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from lpbook.constructions import GoldenRatio
from lpbook.digits import digit_of, segments
from lpbook.experiments.pooled_layer import unserved_in_draws
from lpbook.experiments.small_layers import (
    Layer,
    closed,
    half_open,
    largest_mean,
    least_service,
    service_cases,
    some_missed,
    unserved_counts,
)

EVEN = {2: 1, 3: 1}  # two digits, equally likely


def test_every_outcome_is_there_once_and_requirements_are_equally_likely():
    layer = Layer(2, 1, 2, EVEN, {0: 1})
    probability, products, supplied = layer.outcomes
    assert probability.tolist() == [1] * (4 * 4 * 2)
    assert products.shape == (32, 2)
    assert supplied.shape == (32, 2, 4)
    satisfied = layer.satisfied((1, -1))
    assert (satisfied.sum(axis=0) * 8 == 32).all()
    assert layer.least_chance == Fraction(1, 8)
    assert (satisfied.sum(axis=2) <= 1).all()


def test_positive_in_weights_and_halves_sort_otherwise():
    one_sided = Layer(1, 2, 2, EVEN, {0: 1}, "none")
    assert one_sided.categories == 2
    assert len(one_sided.outcomes[0]) == 4
    halves = Layer(1, 2, 1, {2: 1}, {0: 1}, "b")
    _, _, supplied = halves.outcomes
    assert (supplied.sum(axis=2) == 1).all()
    # in-weights above 0 supply the first half, whatever the out-weight
    assert {tuple(row) for row in supplied[:, :, 0].astype(int)} == {(0, 0), (0, 1), (1, 0), (1, 1)}
    ordered = Layer(1, 2, 1, {2: 1}, {0: 1}, "b", in_signs=[(1, -1)])
    assert {tuple(s) for s in ordered.outcomes[1].tolist()} == {(1, -1), (-1, 1)}


@pytest.mark.parametrize("x", [1, Fraction(3, 2), 2, 3, Fraction(7, 2)])
def test_half_open_digits_never_meet_and_closed_ones_do_at_ends(x):
    digits = [d for d in range(1, 4) if half_open(x, d)]
    assert len(digits) == (1 < x <= 4)
    both = [d for d in range(1, 4) if closed(x, d)]
    assert set(digits) <= set(both)
    assert len(both) == (2 if x in (2, 3) else 1)


def test_the_package_counts_the_lower_end_of_a_segment():
    scheme = GoldenRatio().scheme(1.0, 0.01)
    k = scheme.digits
    low, high = segments(k, scheme.base, scheme.top)
    assert digit_of(low, k, scheme.base, scheme.top).tolist() == list(range(k))
    assert digit_of(high[1:], k, scheme.base, scheme.top).tolist() == list(range(k - 1))
    exponents = [half_open(2 + i, 1 + i) and not half_open(1 + i, 1 + i) for i in range(k)]
    assert all(exponents)


def test_largest_mean_agrees_with_the_formulas_and_with_all_configurations():
    for k in (1, 2, 4):
        even = dict.fromkeys(range(2, k + 2), 1)
        assert largest_mean(Layer(3, 2, k, even, {0: 1})) == 1 - Fraction(1, 2 * k)
        assert largest_mean(Layer(3, 2, k, even, {0: 1}, "none")) == Fraction(k - 1, 2 * k)
    layer = Layer(2, 1, 2, EVEN, {0: 1})
    probability, largest = layer.outcomes[0], Fraction(0)
    for signs in layer.patterns():
        satisfied = layer.satisfied(signs)
        for opened in itertools.product(range(2), repeat=4):
            hits = satisfied[:, list(opened), range(4)]
            for g in range(4):
                others = probability @ (hits[:, g] * (hits.sum(axis=1) - 1))
                largest = max(largest, Fraction(int(others), int(probability @ hits[:, g])))
    assert largest_mean(layer) == largest


def test_least_service_is_that_of_the_rule_played_once():
    layer = Layer(2, 1, 1, {2: 1}, {0: 1})
    served = least_service(layer)
    assert service_cases(layer) == 4 * 3**2
    first = [1 - p for signs in layer.patterns() for p in unserved_counts(layer, signs, 1)[1]]
    assert served == Fraction(3, 16)
    assert first == [0] * 8  # two weights: one neuron does not serve a category
    alone = Layer(1, 1, 1, {2: 1}, {0: 1})
    assert unserved_counts(alone, (1,), 2) == [[1, 1], [Fraction(3, 4)] * 2, [Fraction(9, 16)] * 2]


def test_some_missed_is_inclusion_and_exclusion():
    both, none = [True, True], [False, False]
    assert some_missed(np.array([both, none]), 3) == Fraction(1, 8)
    one, other = [True, False], [False, True]
    assert some_missed(np.array([one, other]), 3) == Fraction(1, 4)
    assert some_missed(np.array([one, other, none, none]), 0) == 1


def test_closed_segments_crowd_where_products_lie_on_ends():
    laws = {1: 999, 3: 1}, {1: 999, 5: 1}
    assert largest_mean(Layer(2, 2, 8, *laws)) <= 2
    assert largest_mean(Layer(2, 2, 8, *laws, is_digit=closed)) > 2


def test_draws_leave_more_open_where_signs_are_biased():
    fair, biased = (unserved_in_draws(2, 2, 12, 500, biased) for biased in (False, True))
    assert 0 < fair < biased < 1
