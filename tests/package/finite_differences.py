"""Gradients against differences of the loss, for tests of whatever is trained."""

import pytest


def check_gradients(loss_and_gradients, weights, rng, gain, rel):
    """Each gradient along a random direction is the slope of the loss there.

    `loss_and_gradients` takes a list of weights; its gradients are `gain` times those of its loss.
    """
    for i, gradient in enumerate(loss_and_gradients(weights)[1]):
        direction, h = rng.normal(size=gradient.shape), 1e-6

        def loss(step, i=i, direction=direction):
            moved = [w + step * direction if j == i else w for j, w in enumerate(weights)]
            return loss_and_gradients(moved)[0] / gain

        slope = (loss(h) - loss(-h)) / (2 * h)
        assert (gradient * direction).sum() == pytest.approx(slope, rel=rel)
