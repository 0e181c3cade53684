"""Convolutions, and kernels found in random ones."""

import numpy as np
import pytest
from scipy.signal import correlate2d
from sklearn.datasets import load_digits

import lpbook as lp
from lpbook.experiments.convolutions import (
    ConvolutionClassifier,
    convolve,
    digits_convolution,
    find_kernels,
)


@pytest.fixture(scope="module")
def images():
    digits = load_digits()
    held_out = digits_convolution()[1]
    return digits.images[held_out] / 16, digits.target[held_out]


def test_convolve_agrees_with_scipy():
    rng = np.random.default_rng(0)
    x, k = rng.normal(size=(3, 2, 6, 5)), rng.normal(size=(4, 2, 3, 2))
    found = convolve(x, k)
    for i in range(3):
        for j in range(4):
            wanted = sum(correlate2d(x[i, c], k[j, c], mode="valid") for c in range(2))
            np.testing.assert_allclose(found[i, j], wanted, atol=1e-12)


def test_the_classifier_is_trained_and_held_out_images_are_those_of_the_dense_one(images):
    network, held_out = digits_convolution()
    x, labels = images
    assert (network(x).argmax(axis=1) == labels).mean() > 0.95
    assert (held_out == lp.digits_classifier()[1]).all()
    assert np.abs(network.kernels).max(axis=(1, 2)) == pytest.approx(np.full(6, 0.5), rel=1e-6)


def test_the_logit_bound_holds_and_grows_with_epsilon(images):
    network, _ = digits_convolution()
    x, _ = images
    rng = np.random.default_rng(1)
    for epsilon in (1e-3, 0.1):
        bound = network.logit_bound(x, epsilon)
        for _ in range(5):
            moved = network.kernels + rng.choice([-epsilon, epsilon], network.kernels.shape)
            assert np.abs(network(x, moved) - network(x)).max() <= bound * (1 + 1e-9)
    assert network.logit_bound(x, 0.2) == pytest.approx(2 * network.logit_bound(x, 0.1))


def test_the_logit_bound_is_attained_by_one_positive_channel():
    network = ConvolutionClassifier(
        np.ones((1, 2, 2)), np.zeros(1), np.ones((10, 1, 2, 2)), np.zeros(10)
    )
    x = np.random.default_rng(2).random((4, 3, 3))
    moved = np.abs(network(x, network.kernels + 0.1) - network(x)).max()
    assert moved == pytest.approx(network.logit_bound(x, 0.1))


def test_the_pruned_random_network_computes_the_effective_kernels(images):
    x, _ = images
    network, _ = digits_convolution()
    rng = np.random.default_rng(3)
    first, second = rng.uniform(-1, 1, 60), rng.uniform(-1, 1, (6, 60, 3, 3))
    ticket = find_kernels(network.kernels, first, second, 1e-3)
    assert not ticket.mask[:, first <= 0].any()
    assert (ticket.mask.any(axis=(0, 2, 3)).sum()) <= 28
    hidden = np.maximum(x[:20, None] * first[:, None, None], 0)
    through = convolve(hidden, ticket.mask * second)
    np.testing.assert_allclose(
        through, convolve(x[:20, None], ticket.kernels[:, None]), rtol=1e-12, atol=1e-12
    )
    close = np.abs(ticket.kernels - network.kernels) <= 1e-3 * (1 + 1e-9)
    assert (close == ticket.found).all()


def test_no_channel_is_alive():
    ticket = find_kernels(np.ones((1, 1, 1)), [-1.0, -2.0], np.ones((1, 2, 1, 1)), 0.1)
    assert not ticket.mask.any()
    assert not ticket.found.any()
    assert (ticket.kernels == 0).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: convolve(np.ones((1, 2, 3, 3)), np.ones((1, 1, 2, 2))), "kernels="),
        (lambda: convolve(np.ones((1, 1, 3, 3)), np.ones((1, 1, 4, 2))), "kernels="),
        (lambda: find_kernels(np.ones((1, 2, 2)), [1.0], np.ones((1, 2, 2, 2)), 0.1), "second="),
        (lambda: find_kernels(np.ones((1, 1, 1)), [1.0], np.ones((1, 1, 1, 1)), -1), "epsilon=-1"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
