"""Many tasks read off one ticket: read-outs, their errors, their prices."""

from fractions import Fraction

import numpy as np
import pytest

import lpbook as lp
from lpbook.budgets import network_error
from lpbook.experiments.universal_tickets import (
    bits_for_tasks,
    divisions_of_digits,
    least_squares_read_outs,
    lipschitz_error,
    prices_of_tasks,
    ramps,
    read_out_error,
    signs_of,
    slopes_of,
    with_read_outs,
)


def body(inputs=3, features=4, seed=0):
    rng = np.random.default_rng(seed)
    weights, biases = rng.uniform(-1, 1, (features, inputs)), rng.uniform(-1, 1, features)
    return lp.Network([weights], [biases], activations=["relu"])


def test_a_read_out_is_one_more_layer_of_the_error_budget():
    row, η, e = np.array([[1.5, -2.0]]), 0.25, 0.125
    features = lp.Network([np.eye(2)])
    whole = lp.Network([np.eye(2), row], activations=["identity", "identity"])
    domain = lp.Ball(3.0)
    first = network_error(features, domain, [e])
    size = whole.bounds(domain).norms[1]
    found = read_out_error(np.linalg.norm(row), first, η, size)
    assert found == pytest.approx(network_error(whole, domain, [e, η]), rel=1e-12)


@pytest.mark.parametrize("cells", [1, 3, 16])
def test_ramps_are_what_lies_below_in_each_cell(cells):
    x = np.linspace(0, 1, 97)
    wanted = np.clip(x[:, None] - np.arange(cells) / cells, 0, 1 / cells)
    assert ramps(cells)(x[:, None]) == pytest.approx(wanted, abs=1e-15)


def lipschitz_functions(number=200):
    rng = np.random.default_rng(5)
    for _ in range(number):
        slopes = rng.choice([-1, -0.3, 0, 0.7, 1], size=96)
        yield np.concatenate([[0], np.cumsum(slopes)]) / 96


@pytest.mark.parametrize("cells", [1, 4, 16])
def test_every_lipschitz_function_is_served_by_one_ticket(cells):
    x = np.linspace(0, 1, 97)
    ticket = lp.prune(ramps(cells), 0.05, inputs=lp.Box(0, 1))
    off = ticket.verify(ramps(cells)).network_error
    features = ticket.network()(x[:, None])
    grid = np.arange(cells + 1) * (96 // cells)
    by_signs, by_slopes = [], []
    for f in lipschitz_functions():
        by_signs.append(np.abs(features @ signs_of(f[grid], 1 / cells) - f).max())
        by_slopes.append(np.abs(features @ slopes_of(f[grid]) - f).max())
    assert max(by_signs) <= lipschitz_error(1, cells, off) + 1e-12
    assert max(by_slopes) <= lipschitz_error(1, cells, off, share=0.5) + 1e-12
    assert max(by_signs) > lipschitz_error(1, cells, share=0.5)  # signs are worse than slopes


def test_signs_are_chosen_exactly_and_at_a_tie_up():
    third = Fraction(1, 3)
    assert signs_of([0, 0, third, 0], third) == [1, 1, -1]
    assert signs_of([0, -third, 0, -third], third) == [-1, 1, -1]


def test_divisions_are_all_and_no_two_alike():
    sides = divisions_of_digits()
    both = {tuple(side) for side in sides} | {tuple(~side) for side in sides}
    assert len(both) == 2 * len(sides) == 2**10 - 2  # all but the two that divide nothing


def test_least_squares_leave_what_is_normal_to_the_features():
    rng = np.random.default_rng(1)
    features, targets = rng.normal(size=(50, 4)), rng.normal(size=(50, 3))
    weights, constants = least_squares_read_outs(features, targets)
    rest = targets - features @ weights.T - constants
    assert features.T @ rest == pytest.approx(np.zeros((4, 3)), abs=1e-12)
    assert rest.sum(axis=0) == pytest.approx(np.zeros(3), abs=1e-12)


def test_tasks_of_the_digits_err_by_their_norms():
    F, held_out = lp.digits_classifier()
    features = lp.Network(F.weights[:1], F.biases[:1], activations=["relu"])
    from sklearn.datasets import load_digits

    images = load_digits().data[held_out] / 16
    ticket = lp.prune(features, 0.5, inputs=lp.Ball.around(images))
    certificate = ticket.verify(features)
    C = np.random.default_rng(3).normal(size=(40, 32))
    errors = np.abs((ticket.network()(images) - features(images)) @ C.T).max(axis=0)
    assert (errors <= read_out_error(np.linalg.norm(C, axis=1), certificate.network_error)).all()
    assert certificate.network_error <= 0.5


def test_read_outs_are_put_on_the_features():
    features, C, d = body(), np.arange(8.0).reshape(2, 4), np.array([1.0, -1.0])
    x = np.random.default_rng(0).normal(size=(5, 3))
    assert with_read_outs(features, C, d)(x) == pytest.approx(features(x) @ C.T + d)
    without = lp.Network(features.weights, activations=["relu"])
    with pytest.raises(ValueError, match=r"features=.*must have biases"):
        with_read_outs(without, C, d)


def test_prices_are_those_of_plans():
    rng = np.random.default_rng(2)
    features, C, d = body(), rng.uniform(-1, 1, (3, 4)), rng.uniform(-1, 1, 3)
    how = {"weight_epsilon": 0.05, "inputs": lp.Ball(1.0)}
    together, apart = prices_of_tasks(features, C, d, 0.05, inputs=lp.Ball(1.0), delta=0.03)
    whole = lp.plan(with_read_outs(features, C, d), delta=0.03, **how)
    each = [lp.plan(with_read_outs(features, C[[i]], d[[i]]), delta=0.01, **how) for i in range(3)]
    assert (together.neurons, together.random_weights) == (whole.neurons, whole.random_weights)
    assert apart.neurons == sum(cost.neurons for cost in each) > 2 * together.neurons
    assert apart.random_weights == sum(cost.random_weights for cost in each)


def test_bits_and_bad_arguments():
    assert bits_for_tasks(2**20) == pytest.approx(20)
    for cells in (0, 1025):
        with pytest.raises(ValueError, match=rf"cells={cells}: must be at"):
            ramps(cells)
