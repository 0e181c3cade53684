"""Drawings of the chapter *since_universal* show the functions and numbers they are given."""

import itertools

import numpy as np
import pytest

from lpbook import figures


def test_functions_by_signs_draws_both_functions_the_band_and_the_signs():
    x = np.array([0, 0.5, 1])
    f, computed, signs = [0, 0.25, 0.5], [0, 0.5, 0], [1, -1]
    axes = figures.functions_by_signs(x, {"one": (f, computed, signs), "two": (f, f, [1, 1])}, 0.1)
    for ax, title, drawn, marks in zip(
        axes.axes, ("one", "two"), (computed, f), ([0.25], [0.25, 0.75]), strict=True
    ):
        task, ticket, ups, downs = ax.get_lines()
        assert ax.get_title() == title
        assert (list(task.get_ydata()), list(ticket.get_ydata())) == (f, drawn)
        assert list(ups.get_xdata()) == marks
        assert list(downs.get_xdata()) == [at for at in (0.25, 0.75) if at not in marks]
        (band,) = ax.collections
        at = band.get_paths()[0].vertices
        assert at[:, 1].min() == pytest.approx(-0.1)
        assert at[:, 1].max() == pytest.approx(0.6)
        assert ups.get_ydata()[0] < min(at[:, 1].min(), min(drawn))  # below all


def test_errors_of_tasks_has_a_dot_for_each_and_the_bound():
    (ax,) = figures.errors_of_tasks([2.0, 1.0, 4.0], [0.1, 0.2, 0.3], 0.5).axes
    dots, line = ax.get_lines()
    assert dots.get_xydata().tolist() == [[2, 0.1], [1, 0.2], [4, 0.3]]
    assert line.get_xydata().tolist() == [[1, 0.5], [4, 2]]


def test_prices_by_tasks_draws_both_ways_in_both_currencies():
    neurons, weights = {"a": [1, 2], "b": [3, 4]}, {"a": [5, 6], "b": [7, 8]}
    axes = figures.prices_by_tasks([1, 10], neurons, weights).axes
    for ax, prices in zip(axes, (neurons, weights), strict=True):
        lines = {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}
        assert lines == prices


def test_all_read_outs_by_signs_draws_all_and_marks_one():
    (ax,) = figures.all_read_outs_by_signs(3, [1, -1, 1]).axes
    *every, chosen = ax.get_lines()
    paths = {tuple(np.round(3 * line.get_ydata()).astype(int)) for line in every}
    assert len(every) == len(paths) == 8
    assert {abs(b - a) for path in paths for a, b in itertools.pairwise(path)} == {1}
    assert np.round(3 * chosen.get_ydata()).tolist() == [0, 1, 0, 1]


def test_all_read_outs_by_signs_wants_a_sign_for_each_cell():
    with pytest.raises(ValueError, match="must have 3 signs"):
        figures.all_read_outs_by_signs(3, [1])
