"""Boxes as domains, and intervals of neurons over any domain."""

from __future__ import annotations

import math

import numpy as np
import pytest
from test_networks import random_network

import lpbook as lp
from lpbook import _files
from lpbook.networks import ACTIVATIONS


def points(domain, width, rng, rows=200):
    if isinstance(domain, lp.Box):
        inside = rng.uniform(*domain.limits(width), size=(rows, width))
        corners = np.where(rng.integers(2, size=(rows, width)), *domain.limits(width))
        return np.concatenate([inside, corners])
    x = rng.normal(size=(2 * rows, width))
    x *= domain.radius / np.linalg.norm(x, axis=1, keepdims=True)
    return np.abs(x) if domain.nonnegative else x


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    "domain",
    [lp.Ball(1.5), lp.Ball(1.5, True), lp.Box(0, 1), lp.Box([-1, 0.5, -2], [0.5, 2, -1])],
    ids=repr,
)
def test_activations_stay_between_their_ends(domain, bias):
    rng = np.random.default_rng(0)
    for _ in range(30):
        names = [str(rng.choice([*ACTIVATIONS])) for _ in range(3)]
        network = random_network(rng, (3, 4, 5, 2), bias=bias, activations=names)
        y = points(domain, 3, rng)
        bounds = network.bounds(domain)
        spreads = bounds.spreads(bias)
        for i, w in enumerate(network.weights):
            assert spreads[i] <= math.hypot(bounds.norms[i], bias) * (1 + 1e-12)
            z = y @ w.T + (network.biases[i] if bias else 0)
            low, high = bounds.sums[i]
            assert (low <= z).all()
            assert (z <= high).all()
            y = ACTIVATIONS[names[i]].function(z)
            low, high = bounds.intervals[i + 1]
            assert (low <= y).all()
            assert (y <= high).all()
            assert np.linalg.norm(y, axis=1).max() <= bounds.norms[i + 1]


def test_one_neuron_reaches_its_ends():
    network = lp.Network([[[1.0, -2.0]]], [[0.5]])
    low, high = network.bounds(lp.Box([-1, 0], [2, 3])).sums[0]
    assert (low[0], high[0]) == (pytest.approx(-6.5), pytest.approx(2.5))


def test_a_box_costs_less_than_the_ball_around_it():
    rng = np.random.default_rng(1)
    network = random_network(rng, (9, 4, 2))
    box = lp.Box(np.zeros(9), np.geomspace(1e-3, 1, 9))
    ball = lp.Ball(box.reach(9), nonnegative=True)
    assert lp.weight_budget(network, 0.1, box) > 1.2 * lp.weight_budget(network, 0.1, ball)
    assert lp.plan(network, 0.1, inputs=box).neurons < lp.plan(network, 0.1, inputs=ball).neurons


def test_coordinates_of_one_sign_are_used_one_by_one():
    network = lp.Network([[[0.5, 0.5]]])
    cost = lp.plan(network, weight_epsilon=0.01, inputs=lp.Box([0, -1], 1))
    assert cost.layers[0].nonnegative.tolist() == [True, False]
    assert cost.layers[0].widths[0] < cost.layers[0].widths[1]


@pytest.mark.parametrize("rule", ["recursive", "closed-form", "logarithmic"])
def test_budgets_hold_over_boxes(rule):
    rng = np.random.default_rng(2)
    for box in (lp.Box(0, 1), lp.Box([-1, 0.5, -2], [0.5, 2, -1])):
        network = random_network(rng, (3, 4, 2))
        step = lp.weight_budget(network, 0.3, box, rule)
        x = points(box, 3, rng)
        for _ in range(20):
            parts = [
                [w + step * rng.choice([-1, 1], w.shape) for w in part]
                for part in (network.weights, network.biases)
            ]
            error = lp.Network(*parts)(x) - network(x)
            assert np.linalg.norm(error, axis=1).max() <= 0.3


@pytest.mark.parametrize("box", [lp.Box(0, 1), lp.Box([-1, 0.5, -2], [0.5, 2, -1])], ids=repr)
def test_tickets_over_boxes(tmp_path, box):
    network = random_network(np.random.default_rng(3), (3, 4, 2))
    ticket = lp.prune(network, 0.1, inputs=box)
    ticket.save(tmp_path / "t")
    read = lp.load_ticket(tmp_path / "t")
    assert read.domain == box == ticket.domain
    x = points(box, 3, np.random.default_rng(4))
    certificate = read.verify(network, x)
    assert certificate.ok
    assert certificate.outside_domain == 0
    assert 0 < certificate.measured_error <= certificate.network_error <= 0.1
    assert certificate == ticket.verify(network, x)
    with pytest.warns(RuntimeWarning, match="3 rows lie outside"):
        read.verify(network, np.full((3, 3), 5.0))
    header, arrays = _files.unsealed(tmp_path / "t")
    for parts in ({"low": 1, "high": 0}, {"low": [0, 0], "high": 1}, {"low": 0}, {"a": 1}):
        _files.write_sealed(tmp_path / "t", header | {"domain": parts}, arrays)
        with pytest.raises(ValueError, match="path="):
            lp.load_ticket(tmp_path / "t")


@pytest.mark.parametrize(
    ("ends", "message"),
    [
        ((1, 0), "low=1"),
        (([0, 2], [1, 1]), "low="),
        ((math.nan, 1), "low="),
        ((0, math.inf), "high="),
        (([0, 0], [1, 1, 1]), "high=.*as many"),
        (([[0.0]], 1), "low=.*shape"),
        (("0", 1), "low"),
        ((None, 1), "low"),
        ((0, True), "high"),
        (([], 1), "low"),
    ],
)
def test_boxes_that_cannot_be(ends, message):
    with pytest.raises((ValueError, TypeError), match=message):
        lp.Box(*ends)


def test_a_box_of_another_size_is_refused():
    network = lp.Network([[[0.5, 0.5]]])
    with pytest.raises(ValueError, match=r"inputs=Box.*one interval for each of 2 inputs, has 3"):
        lp.plan(network, 0.1, inputs=lp.Box([0, 0, 0], 1))
