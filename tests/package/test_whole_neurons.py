"""Whole neurons and single weights of a random layer."""

import math

import numpy as np
import pytest

from lpbook import figures
from lpbook.experiments.vector_subsets import vector_sums
from lpbook.experiments.whole_neurons import (
    circle,
    kink_error,
    random_neurons,
    single_weights_error,
    whole_neurons_chance,
    whole_neurons_error,
    whole_neurons_search,
)

TARGET = np.array([0.6, 0.8])


@pytest.mark.parametrize("theta", [0.01, 0.5, 1.5])
def test_the_best_linear_function_beside_a_kink_errs_by_the_bound(theta):
    t = np.linspace(-theta, theta, 2001)
    slope = math.tan(theta / 2) / 2
    best = slope * np.cos(t) + np.sin(t) / 2  # of max(sin t, 0)
    assert np.abs(best - np.maximum(np.sin(t), 0)).max() == pytest.approx(kink_error(1, theta))


@pytest.mark.parametrize("seed", range(5))
def test_no_choice_is_better_than_the_isolated_kinks_allow(seed):
    w, a = random_neurons(6, np.random.default_rng(seed))
    lines = np.sort(np.append(np.arctan2(w[:, 0], -w[:, 1]), math.atan2(0.6, -0.8)) % np.pi)
    nearest = min(*np.diff(lines), lines[0] + np.pi - lines[-1])
    epsilon = nearest / (4 + math.pi / 2)  # then every kink is isolated
    x = circle(4000)
    sums = np.maximum(vector_sums(np.maximum(w @ x.T, 0) * a[:, None]), 0)
    error = np.abs(sums - np.maximum(x @ TARGET, 0)).max(axis=1).min()
    assert error >= epsilon - 7 * math.pi / 4000  # between the points
    assert whole_neurons_error(w, a, TARGET) <= error + 7 * math.pi / 64


def test_the_bound_on_the_probability():
    assert whole_neurons_chance(10, 0.001, 2.0) == pytest.approx(0.002 / math.pi * 110 + 0.01)


def test_the_search_finds_no_more_than_there_is():
    rng = np.random.default_rng(1)
    w, a = random_neurons(9, rng)
    found = whole_neurons_search(w, a, TARGET, rng, starts=3)
    assert found >= whole_neurons_error(w, a, TARGET) - 1e-12
    with pytest.raises(ValueError, match="neurons=17"):
        whole_neurons_error(*random_neurons(17, rng), TARGET)


def test_single_weights_get_near():
    errors = [
        np.median(
            [
                single_weights_error(*random_neurons(n, np.random.default_rng(i)), TARGET)
                for i in range(5)
            ]
        )
        for n in (16, 48)
    ]
    assert errors[1] < 0.1 * errors[0]


def test_the_figure_shows_its_numbers():
    (ax,) = figures.gap_of_neurons([8], [[0.5, 0.3]], [8, 16], [[0.4], [0.2]], [0.1, 0.05]).axes
    drawn = {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}
    assert drawn["whole neurons, best found"] == [0.4]
    assert drawn["single weights"] == [0.4, 0.2]
    assert drawn["whole neurons: not below"] == [0.1, 0.05]
