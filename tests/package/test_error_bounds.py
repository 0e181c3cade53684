"""Errors of layers followed to the output: never below the error, and tighter than norms alone."""

from __future__ import annotations

import numpy as np
import pytest
from test_boxes import points
from test_networks import random_network

import lpbook as lp
from lpbook.budgets import network_error
from lpbook.error_bounds import LARGEST_FOLLOWED, LayerError, error_bound, slopes
from lpbook.networks import ACTIVATIONS


def layer_errors(network, both):
    found = []
    for halves, w in zip(both, network.matrices, strict=True):
        signed = halves - w
        norm = float(np.linalg.norm(np.concatenate([*signed], axis=1))) * (1 + 1e-12)
        magnitude, largest = float(np.abs(halves).sum()), float(np.abs(signed).max())
        found.append(LayerError(signed, norm, 0.0, 50, 4.0, magnitude, largest))
    return found


def evaluated(network, both, x):
    """A network whose weights are others for inputs above 0 and below."""
    y = x
    for halves, name in zip(both, network.activations, strict=True):
        if network.biases is not None:
            y = np.column_stack([y, np.ones(len(y))])
        z = np.maximum(y, 0) @ halves[0].T + np.minimum(y, 0) @ halves[1].T
        y = ACTIVATIONS[name].function(z)
    return y


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("size", [1e-6, 0.05, 1.0])
def test_no_error_exceeds_the_bound(bias, size):
    """Errors as large as the weights, too: nothing here is of first order only."""
    rng = np.random.default_rng(0)
    domains = lp.Ball(1.5), lp.Ball(1.5, True), lp.Box(0, 1), lp.Box([-1, 0.5, -2], [0.5, 2, -1])
    for trial in range(60):
        names = [str(rng.choice([*ACTIVATIONS])) for _ in range(3)]
        network = random_network(rng, (3, 4, 5, 2), bias=bias, activations=names)
        domain = domains[trial % 4]
        both = [w + size * rng.uniform(-1, 1, (2, *w.shape)) for w in network.matrices]
        errors = layer_errors(network, both)
        bound = error_bound(network, domain, errors)
        x = points(domain, 3, rng)
        worst = np.linalg.norm(evaluated(network, both, x) - network(x), axis=1).max()
        assert worst <= bound
        norms = [error.norm for error in errors]
        assert bound <= network_error(network, domain, norms, [50] * 3, [4.0] * 3) * 1.0001


def test_identities_are_multiplied_before_a_norm_is_taken():
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    weights = [np.diag([1.0, 0.1]), np.diag([0.1, 1.0]), quarter]
    network = lp.Network(weights, activations="identity")
    both = [np.stack([w, w]) for w in network.matrices]
    both[0][0] += np.array([[0.01, 0], [0, 0]])  # meets 0.1 of the second layer
    errors, domain = layer_errors(network, both), lp.Ball(1.0, nonnegative=True)
    assert error_bound(network, domain, errors) == pytest.approx(1e-3)
    norms = [error.norm for error in errors]
    assert network_error(network, domain, norms) == pytest.approx(1e-2)


def test_neurons_that_never_change_their_sign():
    weights, biases = [np.eye(2), [[1.0, 1.0]]], [[5.0, -5.0], [0.0]]
    network = lp.Network(weights, biases)
    both = [np.stack([w, w]) for w in network.matrices]
    both[0] = both[0] + np.array([[0, 0, 0], [0, 0.1, 0]])  # of the neuron that is off
    assert error_bound(network, lp.Box(-1, 1), layer_errors(network, both)) < 1e-12


def test_weights_that_nearly_vanish_beside_others():
    rng = np.random.default_rng(0)
    network = random_network(rng, (4, 6, 3, 2))
    weights = [w.copy() for w in network.weights]
    weights[1][:, [2, 4]] = 1e-310, 3e-320  # of neurons that decayed
    weights[2][:] = 1e-310  # beside biases that are as large as ever
    network = lp.Network(weights, network.biases)
    both = [w + 0.05 * rng.uniform(-1, 1, (2, *w.shape)) for w in network.matrices]
    domain, errors = lp.Box(-1, 1), layer_errors(network, both)
    bound = error_bound(network, domain, errors)
    x = points(domain, 4, rng)
    assert np.linalg.norm(evaluated(network, both, x) - network(x), axis=1).max() <= bound
    norms, magnitudes = ([getattr(e, name) for e in errors] for name in ("norm", "magnitude"))
    assert bound < 0.9 * network_error(network, domain, norms, [50] * 3, [4.0] * 3, magnitudes)


@pytest.mark.parametrize("name", [*ACTIVATIONS])
def test_slopes_are_between_their_ends(name):
    rng = np.random.default_rng(0)
    low = rng.normal(size=500) * 3
    high = low + rng.exponential(size=500)
    least, most = slopes(name, low, high)
    z = np.sort(rng.uniform(low, high, size=(40, 500)), axis=0)
    function = ACTIVATIONS[name].function
    found = (function(z[1:]) - function(z[:-1])) / (z[1:] - z[:-1])
    assert (found >= least - 1e-9).all()
    assert (found <= most + 1e-9).all()


def test_the_digits_certificate_is_tight():
    from sklearn.datasets import load_digits

    network, held_out = lp.digits_classifier()
    images = load_digits().data[held_out] / 16
    certificate = lp.prune(network, 0.02, inputs=images).verify(network, images)
    # a search along gradients finds an input with an error of 1.1e-3: benchmarks/
    assert certificate.network_error < 2.7e-3


def test_layers_too_wide_to_be_followed_keep_the_promise():
    """Where inputs are small beside the constant 1, weights may err by more than norms tell."""
    rng = np.random.default_rng(0)
    network = lp.Network([rng.normal(size=(2, LARGEST_FOLLOWED + 1))], [rng.normal(size=2)])
    domain = lp.Box(0, 1e-3)
    ticket = lp.prune(network, 0.1, inputs=domain)
    certificate = ticket.verify(network)
    assert certificate.ok
    errors = ticket.network().effective[0] - network.matrices[0]
    norm = float(np.linalg.norm(errors))
    assert network_error(network, domain, [norm]) > 0.1 >= certificate.network_error
