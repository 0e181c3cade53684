"""Whole neurons and single weights of a random layer."""

import math

import numpy as np
import pytest
from matplotlib.patches import Rectangle

from lpbook import figures
from lpbook.experiments.vector_subsets import vector_sums
from lpbook.experiments.whole_neurons import (
    circle,
    crowded_kinks,
    kink_angles,
    kink_error,
    random_neurons,
    reach_of_a_kink,
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
    lines = np.sort(np.append(kink_angles(w, TARGET), 0))
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


def test_out_weights_as_small_as_the_error_exclude_nothing():
    for epsilon in (1e-1, 1e-3, 1e-6):
        assert whole_neurons_chance(1, epsilon, epsilon) > 1


def test_a_row_without_crowded_kinks_has_no_ticket_of_whole_neurons():
    chance, epsilon, rows = 0.5, 0.5 / whole_neurons_chance(6, 1.0), 200
    alone = 0
    for seed in range(rows):
        w, a = random_neurons(6, np.random.default_rng((6, seed)))
        if not crowded_kinks(kink_angles(w, TARGET), epsilon).any():
            alone += 1
            assert whole_neurons_error(w, a, TARGET, points=256) > epsilon
    assert alone > chance * rows


def test_the_figure_shows_its_numbers():
    (ax,) = figures.gap_of_neurons([8, 16], [[0.5, 0.3]] * 2, [[0.4], [0.2]], [0.1, 0.05]).axes
    drawn = {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}
    assert drawn["whole neurons, best found"] == [0.4, 0.4]
    assert drawn["single weights"] == [0.4, 0.2]
    assert drawn["whole neurons: not below"] == [0.1, 0.05]


def test_the_best_linear_function_misses_a_kink_three_times_alike():
    strength, angle = 2.0, 0.7
    _, ax = figures.isolated_kink(strength, angle).axes
    kinked, best, *bars = (line.get_xydata() for line in ax.get_lines())
    off = kinked[:, 1] - best[:, 1]
    error = kink_error(strength, angle)
    assert np.abs(off).max() == pytest.approx(error)
    assert [np.diff(bar[:, 1])[0] for bar in bars] == pytest.approx([-error, error, -error])
    turned, risen = kinked[41] - kinked[40]
    assert risen / turned == pytest.approx(strength, rel=1e-3)


def test_each_kink_of_a_draw_is_drawn():
    angles, crowded = [[0.5, 1.0], [2.0]], [[True, False], [False]]
    (ax,) = figures.kinks_of_draws(angles, crowded, 0.01).axes
    marks = {(x, y): line.get_marker() for line in ax.get_lines() for x, y in line.get_xydata()}
    assert marks == {(0.5, 0): "x", (1.0, 0): "|", (2.0, 1): "|"}
    bars = [bar for bar in ax.patches if isinstance(bar, Rectangle) and bar.get_height() == 0.5]
    assert [bar.get_width() for bar in bars] == pytest.approx([2 * reach_of_a_kink(0.01)] * 3)
