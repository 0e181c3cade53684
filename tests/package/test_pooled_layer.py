import numpy as np
import pytest

import lpbook as lp
from lpbook.experiments.confidence import hoeffding_tolerance
from lpbook.experiments.pooled_layer import Pool, draw_pool, scheme_of_digits

SCHEME = lp.GoldenRatio().scheme(1.0, 0.1)


def pool_of(supplies, digits=1, outputs=1):
    supplies = np.array(supplies)
    return Pool(np.ones(supplies.shape[1], dtype=np.int64), supplies, digits, outputs)


@pytest.mark.parametrize("law", ["constant", "common"])
@pytest.mark.parametrize("two_sided", [False, True])
def test_each_requirement_is_satisfied_as_often_as_the_scheme_says(law, two_sided):
    scheme = lp.GoldenRatio(law=law, two_sided=two_sided).scheme(1.0, 0.1)
    rng = np.random.default_rng(1)
    neurons = 20_000
    pool = draw_pool([[1, -1], [-1, -1]], scheme, neurons, rng)
    assert pool.supplies.shape == (neurons, 4)
    tolerance = hoeffding_tolerance(neurons)  # false alarm 1e-6 each
    for weight in range(4):
        for category in range(2 * scheme.digits):
            found = (pool.supplies[:, weight] == category).mean()
            assert found >= scheme.probability(False) - tolerance
            if law == "constant":
                assert found <= scheme.probability(False) + tolerance


def test_supplies_agree_with_what_prune_supplies():
    """The same neurons, sorted by logarithms of segments in prune, by ends of segments here."""
    scheme = lp.GoldenRatio(law="common").scheme(1.0, 0.05)
    k, signs = scheme.digits, np.array([[1.0, -1.0, 1.0]]).T
    units = np.random.default_rng(2).random((500, 1)), np.random.default_rng(3).random((500, 3))

    class Fixed:
        def __init__(self, numbers):
            self.numbers = numbers

        def rvs(self, size, *, rng):
            return self.numbers.reshape(size)

    inner_law, outer_law = scheme.laws(False)

    class Given:
        digits, base, top = scheme.digits, scheme.base, scheme.top

        def laws(self, nonnegative):
            return Fixed(inner_law.ppf(units[0])), Fixed(outer_law.ppf(units[1]))

    pool = draw_pool(signs, Given(), 500, np.random.default_rng(0))
    theirs = scheme.supplied(units[0], units[1], signs[:, 0] < 0, False)
    half, digit = np.divmod(theirs, k)
    positive = (half == 0) == (signs[:, 0] > 0)  # sign of a
    wanted = np.where(theirs < 2 * k, digit + np.where(positive, 0, k), -1)
    np.testing.assert_array_equal(pool.supplies, wanted)


def test_matching_uses_each_neuron_once():
    pool = pool_of([[0, 1], [0, 1], [1, 0], [-1, -1], [1, 0]])
    assert pool.requirements == 4
    assert pool.served_by_matching(4) == 3  # two weights, two categories, three useful neurons
    assert pool.served_by_matching(5) == 4
    assert pool.least_matching() == 5
    assert pool_of([[0, 0], [0, 0]]).least_matching() is None


def test_matching_finds_what_greed_misses():
    # the first neuron can serve both weights, the second only the first one
    pool = pool_of([[0, 0], [0, -1], [1, 1], [1, 1]])
    assert pool.least_matching() == 4
    assert pool.served_greedily() is None


def test_rules_use_no_fewer_than_the_matching():
    rng = np.random.default_rng(5)
    for _ in range(5):
        pool = draw_pool(rng.choice([-1, 1], (3, 4)), SCHEME, 2000, rng)
        least = pool.least_matching()
        rules = pool.served_greedily(), pool.served_by_output(), pool.served_one_open(rng)
        assert all(least <= used <= 2000 for used in rules)
        assert pool.requirements <= least


def test_one_open_serves_in_order_and_only_what_is_open():
    rng = np.random.default_rng(0)
    # k = 1: both categories start at weight 0; supplies for weight 1 come too early
    pool = pool_of([[-1, 0], [0, 1], [-1, 0], [1, -1], [-1, 1]])
    assert pool.served_one_open(rng) == 5
    assert pool_of([[-1, 0], [0, 1]]).served_one_open(rng) is None


def test_the_theorem_by_output_holds_in_drawn_layers():
    rng = np.random.default_rng(8)
    delta, layers = 0.3, 300
    scheme = scheme_of_digits(4)
    neurons = 3 * lp.output_batch_size(4, 4, 3, delta)
    fails = 0
    for _ in range(layers):
        pool = draw_pool(rng.choice([-1, 1], (3, 4)), scheme, neurons, rng)
        fails += pool.served_by_output() is None
    assert fails / layers <= delta + hoeffding_tolerance(layers, sides=1)


@pytest.mark.parametrize("law", ["constant", "common"])
def test_the_theorem_for_any_laws_holds_in_drawn_layers(law):
    rng = np.random.default_rng(9)
    delta, layers, k = 0.3, 60, 4
    scheme = scheme_of_digits(k, law)
    crowding = 1.5 if law == "common" else 1 - 1 / (2 * k)
    neurons = lp.pooled_batch_size(12, 2 * k, scheme.probability(False), delta, crowding)
    fails = 0
    for _ in range(layers):
        pool = draw_pool(rng.choice([-1, 1], (3, 4)), scheme, neurons, rng)
        fails += pool.served_one_open(rng) is None
    assert fails / layers <= delta + hoeffding_tolerance(layers, sides=1)


def test_bad_arguments():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="every entry must have a sign"):
        draw_pool([[1, 0]], SCHEME, 3, rng)
    with pytest.raises(ValueError, match="neurons=0"):
        draw_pool([[1, 1]], SCHEME, 0, rng)
    with pytest.raises(TypeError, match="rng"):
        draw_pool([[1, 1]], SCHEME, 3, 0)
