"""Prices side by side, and how many rows a layer really needs."""

import math

import numpy as np
import pytest

import lpbook as lp
from lpbook.batches import batch_size
from lpbook.experiments.price_list import METHODS, counting_bound, lemma_price, prices
from lpbook.experiments.waiting_times import rows_until_served

NETWORK = lp.Network([[[0.8, -0.45], [0.3, 0.6]], [[1.0, -0.5]]], [[0.1, 0.0], [0.3]])


def test_prices_are_those_of_the_plans():
    domain = lp.Ball(1.0)
    found = prices(NETWORK, 0.1, domain, 0.05)
    for name, (construction, layout) in METHODS.items():
        cost = lp.plan(NETWORK, 0.1, construction, inputs=domain, delta=0.05, layout=layout)
        assert found[name] == (
            cost.neurons_per_weight,
            cost.random_weights_per_weight,
            cost.drawn_weights_per_weight,
        )
    cost = lp.plan(NETWORK, 0.1, inputs=domain, delta=0.05)
    assert found["counting bound"] == counting_bound(cost)
    assert found["digits, batch lemma"] == lemma_price(cost)
    least = found.pop("counting bound")
    assert all(min(np.array(price[:2]) / least[:2]) > 1 for price in found.values())


def test_subset_sums_that_are_too_fine_have_no_price():
    found = prices(NETWORK, 1e-7, lp.Ball(1.0))
    assert all(math.isnan(x) for x in found["subset sum, shared"])
    assert found["digits, shared"].neurons > 0


def test_errors_of_arguments_are_not_swallowed():
    with pytest.raises(ValueError, match="delta=2"):
        prices(NETWORK, 0.1, lp.Ball(1.0), delta=2)


def test_counting_bound_by_hand():
    cost = lp.plan(NETWORK, weight_epsilon=0.05)
    first, second = 5 * math.log2(16), 3 * math.log2(20)  # 5 + 3 weights that are not 0
    assert counting_bound(cost).random_weights == pytest.approx((first + second) / 8)
    assert counting_bound(cost).neurons == pytest.approx((first / 5 + second / 4) / 8)
    nothing = lp.plan(NETWORK, weight_epsilon=2.0)
    assert counting_bound(nothing)[:2] == lemma_price(nothing)[:2] == (0, 0)


@pytest.mark.parametrize("nonnegative", [True, False])
def test_lemma_price_by_hand(nonnegative):
    F = lp.Network([np.full((3, 4), 0.7)])
    cost = lp.plan(F, weight_epsilon=0.01, inputs=lp.Ball(1.0, nonnegative), delta=0.02)
    k, sides = cost.layers[0].requirements, 1 if nonnegative else 2
    size = batch_size(12, sides * k, 1 / (2 * sides * k), 0.02, "poster")
    drawn = 3 if nonnegative else 7  # in-weights are the constant 1 where inputs are at least 0
    assert lemma_price(cost) == pytest.approx((size / 12, size * 7 / 12, size * drawn / 12))


@pytest.mark.parametrize("layout", ["shared", "reserved"])
@pytest.mark.parametrize("construction", ["golden-ratio", "product"])
def test_prune_succeeds_iff_the_rows_needed_are_there(layout, construction):
    network = lp.Network([[[0.5, -1.0, 0.3], [0.25, -0.7, 1.0]]])
    settings = {"weight_epsilon": 0.2, "delta": 0.5, "layout": layout}
    cost = lp.plan(network, None, construction, **settings)
    (width,) = set(cost.layers[0].widths)
    outcomes = set()
    for seed in range(40):
        try:
            lp.prune(network, None, construction, seed=seed, **settings)
            found = True
        except ValueError:
            found = False
        assert found == (rows_until_served(network, cost, 0, seed) <= width)
        outcomes.add(found)
    assert outcomes == {True, False}


def test_nothing_to_do_needs_no_rows():
    F = lp.Network([[[0.5, 0.0]]])
    assert rows_until_served(F, lp.plan(F, weight_epsilon=0.6), 0, 0) == 0
    with pytest.raises(ValueError, match="seed=-1"):
        rows_until_served(F, lp.plan(F, weight_epsilon=0.1), 0, -1)
