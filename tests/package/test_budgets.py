import math
from itertools import pairwise

import numpy as np
import pytest
from test_networks import random_network

import lpbook as lp
from lpbook import networks
from lpbook.budgets import (
    closed_form_budget,
    error_budget,
    logarithmic_budget,
    network_error,
    rounding_error,
    solve_budget,
    uniform_errors,
)
from lpbook.mixing import LayerNorm, Reach
from lpbook.networks import LEAST_FLOAT, UNIT_ROUNDOFF

ACTIVATIONS = ["relu", "tanh", "logistic", ["identity", "relu", "tanh"]]


def inputs_of(domain, rng, n=300, width=4):
    x = rng.normal(size=(n, width))
    x *= domain.radius / np.linalg.norm(x, axis=1, keepdims=True)
    return np.abs(x) if domain.nonnegative else x


def moved(network, step, rng):
    """The network with every weight moved by `step`, up or down."""
    weights = [w + step * rng.choice([-1, 1], w.shape) for w in network.weights]
    biases = network.biases and [b + step * rng.choice([-1, 1], b.shape) for b in network.biases]
    return lp.Network(weights, biases, activations=network.activations)


@pytest.mark.parametrize("rule", ["recursive", "closed-form"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activations", ACTIVATIONS, ids=str)
@pytest.mark.parametrize("nonnegative", [True, False])
def test_weights_within_the_budget_keep_the_network_within_epsilon(
    rule, bias, activations, nonnegative
):
    rng = np.random.default_rng(0)
    domain = lp.Ball(1.5, nonnegative)
    for epsilon in (1e-3, 1.0):
        network = random_network(rng, bias=bias, activations=activations)
        budget = lp.weight_budget(network, epsilon, domain, rule)
        x = inputs_of(domain, rng)
        for _ in range(20):
            error = moved(network, budget, rng)(x) - network(x)
            assert np.linalg.norm(error, axis=1).max() <= epsilon


def test_all_errors_aligned_reach_the_budget():
    # non-negative weights and inputs along (1, ..., 1): every inequality of one layer is tight
    network = lp.Network([np.full((3, 4), 0.5)])
    budget = lp.weight_budget(network, 0.1, lp.Ball(2.0))
    x = np.ones(4)
    error = (network.weights[0] + budget) @ x - network(x)
    assert np.linalg.norm(error) == pytest.approx(0.1, rel=1e-9)
    # so a budget one percent larger would be wrong
    error = (network.weights[0] + 1.01 * budget) @ x - network(x)
    assert np.linalg.norm(error) > 0.1


def test_recursion_by_hand():
    network = lp.Network([[[2.0]], [[3.0]]])
    # e1 = 0.1 * 1; e2 = 3 * 0.1 + 0.1 * (2 + 0.1)
    assert network_error(network, lp.Ball(1.0), [0.1, 0.1]) == pytest.approx(0.51)
    assert lp.weight_budget(network, 0.51, lp.Ball(1.0)) == pytest.approx(0.1)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activations", ACTIVATIONS, ids=str)
def test_closed_form_is_stricter(bias, activations):
    rng = np.random.default_rng(1)
    for _ in range(10):
        network = random_network(rng, bias=bias, activations=activations)
        for epsilon in (1e-6, 1.0, 1e4):
            budgets = [lp.weight_budget(network, epsilon, lp.Ball(1.0), r) for r in RULES]
            assert budgets[1] <= budgets[0]


RULES = ("recursive", "closed-form")


def test_closed_form_as_printed():
    network = lp.Network([np.array([[0.6, 0.8]]), np.array([[2.0]])])
    n, layers, largest, gain = 2, 2, 3.0, 2.0
    expected = 0.01 / (math.e * layers * n**1.5 * largest * gain)
    assert closed_form_budget(network, 0.01, lp.Ball(3.0)) == pytest.approx(expected)


def test_the_side_condition_is_needed():
    network = lp.Network([[[1.0]], [[1.0]]])
    epsilon, domain = 0.5, lp.Ball(0.01)
    first_term_alone = epsilon / (math.e * 2 * 0.01)
    x = np.array([0.01])
    wrong = lp.Network([[[1 + first_term_alone]], [[1 + first_term_alone]]])
    assert abs(wrong(x) - network(x))[0] > epsilon
    assert lp.weight_budget(network, epsilon, domain, "closed-form") == pytest.approx(0.5)


def test_fewer_inputs_allow_no_less():
    rng = np.random.default_rng(2)
    for _ in range(20):
        network = random_network(rng, bias=False)
        signed = lp.weight_budget(network, 0.1, lp.Ball(1.0))
        assert lp.weight_budget(network, 0.1, lp.Ball(1.0, nonnegative=True)) >= signed
        assert lp.weight_budget(network, 0.1, lp.Ball(0.5)) > signed


def test_rows_stand_for_their_ball():
    network = lp.Network([[[1.0, 1.0]]])
    rows = [[0.6, 0.8], [0.1, 0.1]]
    ball = lp.weight_budget(network, 0.1, lp.Ball(1.0, nonnegative=True))
    assert lp.weight_budget(network, 0.1, rows) == pytest.approx(ball)


def test_no_error_can_reach_the_output():
    assert lp.weight_budget(lp.Network([[[1.0]]]), 0.1, lp.Ball(0.0)) == math.inf


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epsilon": 0}, "epsilon=0"),
        ({"epsilon": math.nan}, "epsilon=nan"),
        ({"rule": "guess"}, "rule='guess'"),
        ({"inputs": [[1.0, 2.0, 3.0]]}, r"inputs=.*shape \(..., 2\)"),
        ({"inputs": [[np.nan, 1.0]]}, "inputs=nan"),
        ({"inputs": []}, "inputs=.*empty"),
    ],
)
def test_bad_values(change, message):
    arguments = {"network": lp.Network([[[1.0, 1.0]]]), "epsilon": 0.1, "inputs": lp.Ball(1.0)}
    with pytest.raises(ValueError, match=message):
        lp.weight_budget(**arguments | change)


def test_bad_types():
    with pytest.raises(TypeError, match="network="):
        lp.weight_budget([[1.0]], 0.1, lp.Ball(1))
    with pytest.raises(TypeError, match="inputs"):
        lp.weight_budget(lp.Network([[[1.0]]]), 0.1, "ball")


def underflow(network, **more):
    """The error where inputs are so small that what is lost to underflow is all of it."""
    return network_error(network, lp.Ball(2.0**-1060), [0.0], terms=[10**6], **more)


def test_out_weights_are_up_to_four_times_the_largest_weight_if_not_said():
    network = lp.Network([[[0.5, -2.0]]])
    found = underflow(network)
    assert found == underflow(network, outer=[8.0])
    assert underflow(network, outer=[7.9]) < found < underflow(network, outer=[8.05])


def test_what_is_lost_to_underflow_grows_with_the_root_of_the_outputs():
    one, four = (lp.Network([[[2.0]] * outputs]) for outputs in (1, 4))
    assert underflow(four) == pytest.approx(2 * underflow(one), rel=1e-5, abs=0)


@pytest.mark.parametrize("outputs", [1, 4])
def test_activations_that_round_cost_two_times_their_units(outputs):
    """Both networks round; at the input 0 nothing else can err."""
    network = lp.Network([[[1.0]] * outputs], activations=["tanh"])
    found = network_error(network, lp.Ball(0.0), [0.0], terms=[1])
    units = networks.ACTIVATIONS["tanh"].ulps * 2.0**-53
    assert units > 0
    assert found == pytest.approx(2 * units * math.sqrt(outputs), rel=1e-9, abs=0)


def test_what_is_lost_to_underflow_is_a_least_float_a_rounding():
    """One for each input of F; for each product of G one, and one times its out-weight."""
    network, products, outer = lp.Network([[[1.0] * 1000]]), 10**6, 0.5
    lost = 1000 + products * (1 + outer)
    assert underflow(network, outer=[outer]) == pytest.approx(lost * LEAST_FLOAT, rel=1e-4, abs=0)


@pytest.mark.parametrize("activations", [["logistic"] * 3, ["logistic", "relu", "tanh"]], ids=str)
@pytest.mark.parametrize("widths", [(2, 7, 3, 1), (1, 2, 2, 9), (8, 2, 1, 1)], ids=str)
@pytest.mark.parametrize("size", [0.1, 3.0])
def test_both_closed_forms_as_printed(activations, widths, size):
    rng = np.random.default_rng(3)
    weights = [size * rng.normal(size=(m, n)) for n, m in pairwise(widths)]
    network, domain = lp.Network(weights, activations=activations), lp.Ball(0.5)
    slopes = [0.25 if name == "logistic" else 1.0 for name in activations]
    steep, layers, n = max(slopes), len(weights), max(widths)
    gain = math.prod(
        max(1.0, slope * np.linalg.norm(w, 2)) for slope, w in zip(slopes, weights, strict=True)
    )
    bounds, edges = network.bounds(domain), max(w.size for w in weights)
    norm = max(bounds.norms[:-1])
    for epsilon in (1e-4, 1.0, 1e4):
        first = epsilon / (math.e * layers * steep * n**1.5 * bounds.largest * gain)
        found = closed_form_budget(network, epsilon, domain)
        assert found == pytest.approx(min(first, 1 / (layers * steep * n)), rel=1e-9, abs=0)
        expected = math.log(1 + epsilon / (norm * gain)) / (layers * steep * math.sqrt(edges))
        found = logarithmic_budget(network, epsilon, domain)
        assert found == pytest.approx(expected, rel=1e-9, abs=0)


def test_errors_of_a_layer_count_in_the_way_that_costs_less():
    network = lp.Network([[[2.0]]])

    def error(**more):
        return error_budget(network, [8.0, 16.0], [0.25], **more)

    assert error() == error(spreads=[9.0]) == pytest.approx(0.25 * 8)
    assert error(spreads=[2.0]) == pytest.approx(0.25 * 2)
    assert error(spreads=[9.0], uniform=[0.125]) == pytest.approx(0.125 * 9)
    assert error(spreads=[2.0], uniform=[4.0]) == pytest.approx(0.25 * 8)


@pytest.mark.parametrize("terms", [None, [10**9] * 2])
def test_what_mixes_is_asked_about_all_that_its_sums_may_be_wrong_by(terms):
    """At a slope of 4, of which each output may slip by 1/8."""
    network, asked = lp.Network([[[2.0]], [[3.0]]], activations=["logistic"] * 2), []

    def slope(wrong):
        asked.append(wrong)
        return 4.0

    def slip(wrong):
        asked.append(wrong)
        return 0.125

    ends = (np.zeros(1), np.ones(1))
    mixed = [Reach(slope, slip, 1.0, ends), None]
    norms, errors = [3.0, 5.0, 1.0], [0.25, 0.5]
    found = error_budget(network, norms, errors, terms, mixed=mixed)
    rounded, slips = 0.0, [0.0, 0.0]
    if terms is not None:
        rounded = rounding_error(network, 0, 3.0, terms[0], 8.0, 2.0 + 0.25)
        assert rounded > 1e-8
        slips = [0.125, 8 * UNIT_ROUNDOFF]
    wrong = 0.25 * 3.0 + rounded
    assert asked == pytest.approx([wrong] * 2, rel=1e-12)
    assert all(wrong * (1 + 8 * UNIT_ROUNDOFF) < told for told in asked)
    first = 4 * wrong + 2 * slips[0]
    second = 3.0 * first + 0.5 * (5.0 + first)
    if terms is not None:
        second += rounding_error(network, 1, 5.0 + first, terms[1], 12.0, 3.0 + 0.5)
    assert found == pytest.approx(0.25 * second + 2 * slips[1], rel=1e-9)

    later = [None, Reach(slope, slip, 1.0, ends)]
    asked.clear()
    error_budget(network, norms, errors, mixed=later)
    first = 0.25 * 0.25 * 3.0
    assert asked == pytest.approx([3.0 * first + 0.5 * (5.0 + first)] * 2, rel=1e-12)


def test_scaled_networks_alone_are_bounded_below_2_400():
    plain = lp.Network([[[0.25]], [[4.0]]])
    scaled = plain.scaled([4.0])
    for size in (2.0**399, 2.0**400, 2.0**500):
        assert error_budget(plain, [size] * 3, [0.0, 0.5]) == pytest.approx(size / 2)
        expected = size / 2 if size < 2.0**400 else math.inf
        assert error_budget(scaled, [size] * 3, [0.0, 0.5]) == pytest.approx(expected)


@pytest.mark.parametrize("rule", ["closed-form", "logarithmic"])
def test_closed_forms_are_refused_where_activations_mix(rule):
    network = lp.Network([np.eye(3), np.eye(3)], activations=[LayerNorm(1, 3, 0.1), "identity"])
    assert lp.weight_budget(network, 0.1, lp.Ball(1.0)) > 0
    with pytest.raises(ValueError, match=f"rule='{rule}'.*mix neurons"):
        lp.weight_budget(network, 0.1, lp.Ball(1.0), rule)


def solves(network, epsilon, domain, terms):
    """Whether the budget found keeps within epsilon, and a billionth more does not."""
    found = solve_budget(network, epsilon, domain, terms)
    bounds, errors = network.bounds(domain), []
    for weight_epsilon in (found, found * (1 + 1e-9)):
        each = uniform_errors(network, weight_epsilon)
        errors.append(error_budget(network, bounds.norms, each, terms))
    return errors[0] <= epsilon < errors[1]


def test_a_budget_is_found_next_to_the_error_of_rounding():
    network, domain = lp.Network([[[1.0]]], activations=["tanh"]), lp.Ball(1e-100)
    floor = network_error(network, domain, [0.0], [1])
    assert solves(network, 2 * floor, domain, [1])


def test_a_budget_is_found_next_to_the_largest_float():
    assert solves(lp.Network([[[1.0]]]), 1.5e308, lp.Ball(1e10), None)
    assert solve_budget(lp.Network([[[1.0]]]), 1.5e308, lp.Ball(1.0)) == math.inf


@pytest.mark.parametrize("size", [1.0, 1e-200])
def test_where_rounding_takes_all_no_more_is_left_than_it_hides(size):
    network, domain = lp.Network([[[size]]]), lp.Ball(1.0)
    floor = network_error(network, domain, [0.0], [1])
    found = solve_budget(network, floor, domain, [1])
    assert 0 < found < 1e-15 * floor
    assert network_error(network, domain, [found], [1]) == floor


def test_where_rounding_takes_all_of_the_smallest_nothing_is_left():
    network, domain = lp.Network([[[1e-280]]]), lp.Ball(1.0)
    floor = network_error(network, domain, [0.0], [1])
    with pytest.raises(ValueError, match="leaves no error to the weights"):
        solve_budget(network, floor, domain, [1])
