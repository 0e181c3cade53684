"""Tickets with one layer more than F: their plan is the theorem's, and they compute what F does."""

import itertools
import math

import numpy as np
import pytest

import lpbook as lp
from lpbook.budgets import next_error
from lpbook.experiments.one_more_layer import (
    plan_with_copies,
    prune_with_copies,
    weight_budget_with_copies,
)


def network(widths=(2, 3, 2), biases=True, activations="relu", seed=0):
    rng = np.random.default_rng(seed)
    weights = [rng.uniform(-1, 1, shape[::-1]) for shape in itertools.pairwise(widths)]
    own = [rng.uniform(-1, 1, len(w)) for w in weights] if biases else None
    return lp.Network(weights, own, activations=activations)


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("activations", ["relu", "tanh"])
@pytest.mark.parametrize("nonnegative", [True, False])
def test_the_ticket_errs_by_what_was_asked_at_most(biases, activations, nonnegative):
    F = network(biases=biases, activations=activations)
    domain = lp.Ball(1.0, nonnegative)
    cost = plan_with_copies(F, weight_budget_with_copies(F, 0.5, domain), inputs=domain)
    ticket = prune_with_copies(F, cost, seed=1)
    assert len(ticket.layers) == len(F.weights) + 1
    assert 0 < ticket.weight_error <= cost.weight_epsilon
    x = np.random.default_rng(2).normal(size=(200, 2))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    x = np.abs(x) if nonnegative else x
    errors = np.linalg.norm(ticket(x) - F(x), axis=1)
    assert 0 < errors.max() <= 0.5
    assert ticket(x[0]) == pytest.approx(ticket(x)[0])


def test_each_copy_computes_its_neuron():
    """The copies of one neuron have the same inputs and nearly the same effective weights."""
    F = network((2, 3, 1), biases=False)
    cost = plan_with_copies(F, 0.02, inputs=lp.Ball(1.0, nonnegative=True))
    ticket = prune_with_copies(F, cost)
    effective = (ticket.layers[1] @ ticket.layers[0]).toarray()
    copied = F.weights[0][ticket.copies[0]]
    assert np.abs(effective - copied).max() <= 0.02
    assert (np.sign(effective) * np.sign(copied) >= 0).all()
    assert (np.abs(effective) <= np.abs(copied)).all()  # so that errors do not add up
    assert set(ticket.copies[0]) == {0, 1, 2}
    assert len({tuple(row) for row in effective}) == len(effective) > 3
    stored = sum(layer.nnz for layer in ticket.layers)
    assert ticket.kept_weights == stored


def test_kept_copies_are_within_the_plan():
    F = network()
    cost = plan_with_copies(F, 0.05)
    ticket = prune_with_copies(F, cost)
    for copies, most, layer in zip(ticket.copies, cost.copies, cost.layers, strict=True):
        assert np.bincount(copies).max() <= most
        assert layer.outputs % most == 0


def test_what_the_plan_counts():
    F = network((3, 4, 2), biases=True)
    cost = plan_with_copies(F, 0.05, inputs=lp.Ball(1.0, nonnegative=True))
    first, last = (layer.widths[0] for layer in cost.layers)
    assert cost.neurons == 4 * first + 5 * last  # with the constant 1 in front of either layer
    assert cost.random_weights == 4 * 4 * first + 4 * first * 4 * last + 5 * last * 2


def test_one_layer_costs_what_it_costs_elsewhere():
    F = network((3, 2))
    domain = lp.Ball(1.0)
    cost, twice = plan_with_copies(F, 0.05, inputs=domain), lp.plan(F, weight_epsilon=0.05)
    assert (cost.copies, cost.neurons) == ((1,), twice.neurons)
    assert cost.random_weights == twice.random_weights


def test_the_budget_is_spent():
    F, domain = network(activations="tanh"), lp.Ball(2.0)
    found = weight_budget_with_copies(F, 0.3, domain)
    error = 0.0
    for w, matrix, norm in zip(F.weights, F.matrices, F.bounds(domain).norms, strict=False):
        size = np.linalg.norm(np.abs(w), 2)
        of_weights = found * math.sqrt(matrix.size)
        error = next_error(error, size, 1.0, of_weights, math.hypot(norm, 1))
    assert error == pytest.approx(0.3)


def test_nothing_reaches_the_output():
    F = network(biases=False)
    assert weight_budget_with_copies(F, 0.1, lp.Ball(0.0)) == math.inf


def test_a_layer_of_zeros():
    F = lp.Network([np.ones((2, 2)), np.zeros((1, 2))], [np.ones(2), np.ones(1)])
    ticket = prune_with_copies(F, plan_with_copies(F, 0.05))
    assert ticket([0.5, 0.25]) == pytest.approx([1.0], abs=0.05)


def test_seeds_give_other_tickets():
    F = network((2, 2, 1))
    cost = plan_with_copies(F, 0.05)
    one, other = (prune_with_copies(F, cost, seed=seed) for seed in (0, 1))
    assert one.layers[-1].data.tolist() != other.layers[-1].data.tolist()


def test_bad_arguments():
    F = network()
    with pytest.raises(ValueError, match=r"cost=.*must be a plan for widths \(3, 1\)"):
        prune_with_copies(network((3, 1)), plan_with_copies(F, 0.05))
    with pytest.raises(ValueError, match="weights of copies"):
        plan_with_copies(network((300, 300, 300, 300)), 1e-3)
