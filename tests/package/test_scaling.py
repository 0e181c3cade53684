"""Layers scaled against each other: the same function, at the same price."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import load_digits
from test_networks import random_network

import lpbook as lp
from lpbook import _files
from lpbook.scaling import balanced, cheapest


@pytest.fixture(scope="module")
def digits():
    network, held_out = lp.digits_classifier()
    return network, load_digits().data[held_out] / 16


def rescaled(network, factors):
    """By a user: the hidden layers times these factors."""
    ratios = [a / b for b, a in zip((1, *factors), (*factors, 1), strict=True)]
    weights = [r * w for r, w in zip(ratios, network.weights, strict=True)]
    pairs = network.biases and zip((*factors, 1), network.biases, strict=True)
    biases = pairs and [s * b for s, b in pairs]
    return lp.Network(weights, biases, activations=network.activations)


@pytest.mark.parametrize("factor", [1e-6, 0.3, 10, 1e6, 1e40])
def test_the_price_of_the_digits_classifier_is_that_of_its_function(digits, factor):
    network, images = digits
    wanted = lp.plan(network, 0.02, inputs=images)
    found = lp.plan(rescaled(network, [factor]), 0.02, inputs=images)
    assert found.neurons == wanted.neurons
    assert found.scales[0] * factor == pytest.approx(wanted.scales[0], rel=1e-6)
    assert found.weight_epsilon == pytest.approx(wanted.weight_epsilon, rel=1e-6)


def test_a_certificate_is_about_the_network_as_it_was_given(tmp_path, digits):
    network, images = digits
    for factor in (1e-6, 1e6):
        target = rescaled(network, [factor])
        ticket = lp.prune(target, 0.02, inputs=images)
        ticket.save(tmp_path / "t")
        read = lp.load_ticket(tmp_path / "t")
        assert read.scales == ticket.scales
        certificate = read.verify(target, images)
        assert certificate.ok
        assert not read.verify(network).ok
        error = np.linalg.norm(read.network()(images) - target(images), axis=1).max()
        assert 0 < error <= certificate.network_error <= 0.02
        for effective, w, allowed in zip(
            read.network().effective, target.matrices, read.weight_epsilons, strict=True
        ):
            assert (np.abs(effective[0] - w) <= allowed * (1 + 1e-12)).all()
        y = images.T
        for b, a in zip(*[iter(ticket.layers())] * 2, strict=True):
            z = a @ np.maximum(b @ np.vstack([y, np.ones(len(images))]), 0)
            y = np.maximum(z, 0)
        assert np.abs(z.T - read.network()(images)).max() < 1e-10


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("names", ["relu", ["relu", "tanh", "relu", "identity"]], ids=str)
def test_prices_of_deeper_networks(bias, names):
    network = random_network(
        np.random.default_rng(0), (3, 4, 5, 4, 2), bias=bias, activations=names
    )
    domain = lp.Ball(1.0)
    free = [name == "relu" for name in network.activations[:-1]]
    factors = [10.0**k if is_free else 1.0 for k, is_free in zip((-5, 4, 7), free, strict=True)]
    wanted = lp.plan(network, 0.1, inputs=domain)
    other = rescaled(network, factors)
    assert lp.plan(other, 0.1, inputs=domain).neurons == wanted.neurons
    as_it_is = lp.weight_budget(network, 0.1, domain)
    assert wanted.neurons <= lp.plan(network, weight_epsilon=as_it_is, inputs=domain).neurons
    assert all(s == 1 for s, is_free in zip(wanted.scales, free, strict=True) if not is_free)


def test_errors_are_where_they_cost_least():
    network = lp.Network([[[1.0]], [[0.25]]])
    (scale,) = balanced(network, lp.Ball(1.0))
    assert scale == 0.5
    # the first layer's errors ε_w/s arrive times 1/4, those of the second are ε_w s: both as much
    assert 0.25 / scale == pytest.approx(scale)
    assert balanced(network, lp.Ball(0.0)) == (1.0,)
    # both arrive through the slope of the last activation, 1/4 at most
    flat = lp.Network([[[1.0]], [[0.25]]], activations=["relu", "logistic"])
    assert balanced(flat, lp.Ball(1.0)) == (scale,)
    extreme = lp.Network([[[1e-60]], [[1e60]]])
    assert math.isfinite(lp.plan(extreme, 0.1, inputs=lp.Ball(1.0)).neurons)


def chain(hidden):
    return lp.Network([[[1.0]]] * (hidden + 1))


def test_the_search_for_scales_ends():
    def falls(scales):
        return 1 / sum(scales)

    # ten rounds, each of which goes up by a quarter, a half and a whole octave
    (scale,) = cheapest(chain(1), (1.0,), falls)
    assert math.log2(scale) == pytest.approx(10 * 1.75, rel=1e-6)
    (scale,) = cheapest(chain(1), (1.0,), sum)  # and as far down
    assert math.log2(scale) == pytest.approx(-10 * 1.75, rel=1e-6)
    moved = cheapest(chain(16), (1.0,) * 16, falls)
    assert np.log2(moved) == pytest.approx(np.full(16, 17.5), rel=1e-6)
    assert cheapest(chain(17), (1.0,) * 17, falls) == (1.0,) * 17


@pytest.mark.parametrize("price", [5.0, math.inf])
def test_scales_stay_where_nothing_is_cheaper(price):
    tried = []
    assert cheapest(chain(2), (1.0, 0.5), lambda s: tried.append(s) or price) == (1.0, 0.5)
    assert len(tried) == (13 if math.isfinite(price) else 1)


def test_balanced_scales_have_a_limit():
    for first, scale in ((1e-280, 240), (1e280, -240)):
        network = lp.Network([[[first]], [[1 / first]]])
        assert balanced(network, lp.Ball(1.0)) == (2.0**scale,)
    assert balanced(lp.Network([[[1.0]], [[2.0**200]]]), lp.Ball(1.0)) == (2.0**100,)


@pytest.mark.parametrize(
    ("name", "weight", "size"),
    # norms of the first layer's outputs: at most √3 times the largest; where z is small, from 1/2
    [("tanh", 10.0, 3**0.5), ("logistic", 0.01, 0.25 * 0.01 * 6**0.5 + 0.5 * 3**0.5)],
)
@pytest.mark.parametrize("shift", [0.0, 1.0])
def test_layers_that_cannot_be_scaled_pass_their_norms_on(name, weight, size, shift):
    widths, c = (2, 3, 4, 1), (weight, 5.0, 0.25)
    weights = [x * np.ones(shape[::-1]) for x, shape in zip(c, pairwise(widths), strict=True)]
    biases = [np.zeros(3), np.full(4, shift / 2), np.zeros(1)] if shift else None
    network = lp.Network(weights, biases, activations=[name, "relu", "identity"])
    second, third = 5.0 * 12**0.5, 0.25 * 4**0.5  # spectral norms
    # errors of a weight arrive times c_i; a digit more costs n_{i-1}
    costs = size * 12**0.5 * third / 3, (second * size + shift) * 4**0.5 / 4
    scales = balanced(network, lp.Ball(1.0))
    assert scales == (1.0, pytest.approx((costs[0] / costs[1]) ** 0.5, rel=1e-6))


def test_a_box_reaches_as_far_as_the_ball_around_it():
    network = random_network(np.random.default_rng(0), (2, 5, 1))  # with biases, beside the inputs
    box, ball, larger = lp.Box(-1.0, 1.0), lp.Ball(2**0.5), lp.Ball(5**0.5)
    assert balanced(network, box) == pytest.approx(balanced(network, ball), rel=1e-6)
    assert balanced(network, box) != pytest.approx(balanced(network, larger), rel=1e-3)


def test_a_layer_of_zeros_is_not_scaled():
    assert balanced(lp.Network([[[1.0]], [[0.0]]]), lp.Ball(1.0)) == (1.0,)


def test_scaling_computes_the_same_function():
    rng = np.random.default_rng(1)
    network = random_network(rng, (3, 4, 5, 2))
    x = rng.normal(size=(20, 3))
    scaled = network.scaled([3.0, 1e-3])
    assert scaled(x) == pytest.approx(network(x), rel=1e-12)
    assert scaled.underflow == pytest.approx([3 * 5e-324, 5e-324, 5e-324], rel=1e-9, abs=0)
    assert network.scaled([1, 1]) is network
    without = random_network(rng, (3, 4, 5, 2), bias=False)
    scaled = without.scaled([3.0, 1e-3])
    for bound, w in zip(scaled.spectral_norms, scaled.matrices, strict=True):
        norm = np.linalg.norm(w, 2)
        assert norm * (1 - 1e-15) <= bound <= norm * (1 + 1e-8)


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        ([1.0], r"scales=.*2 numbers"),
        ([1.0, 0.0], r"scales\[1\]=0"),
        ([1.0, 1e200], r"scales\[1\]=1e\+200"),
        ([1.0, 2.0], r"scales\[1\]=2.0: must be 1: tanh"),
        ([1.0, "2"], r"scales\[1\]"),
        (3.0, "scales=3.0"),
    ],
)
def test_scales_that_cannot_be(tmp_path, scales, message):
    names = ["relu", "tanh", "identity"]
    network = random_network(np.random.default_rng(0), (3, 4, 5, 2), activations=names)
    with pytest.raises((ValueError, TypeError), match=message):
        network.scaled(scales)
    ticket = lp.prune(network, weight_epsilon=0.5)
    ticket.save(tmp_path / "t")
    header, arrays = _files.unsealed(tmp_path / "t")
    _files.write_sealed(tmp_path / "t", header | {"scales": scales}, arrays)
    with pytest.raises(ValueError, match="path="):
        lp.load_ticket(tmp_path / "t")


def test_weights_that_cannot_be_scaled():
    with pytest.raises(ValueError, match=r"weights\[0\] is too large or too small"):
        lp.Network([[[1e-200]], [[1e200]]]).scaled([2.0])
