"""The drawings show the numbers they are given."""

import numpy as np
import pytest

from lpbook import figures
from lpbook.experiments import vector_subsets
from lpbook.experiments.attention import shift_bound


def test_hits_by_dimension_draws_both_bounds():
    plain = {1: [0.1, 0.2, 0.5], 2: [0.0, 0.1, 0.2]}
    wrapped = {1: [0.1, 0.3, 0.6], 2: [0.0, 0.1, 0.3]}
    axes = figures.hits_by_dimension(plain, wrapped, 0.5).axes
    for ax, d in zip(axes, plain, strict=True):
        lines = {line.get_label(): np.asarray(line.get_ydata()) for line in ax.get_lines()}
        assert lines["not wrapped"].tolist() == plain[d]
        assert lines["wrapped"].tolist() == wrapped[d]
        n, p = np.arange(3), 0.5**d
        assert lines["counting: at most"] == pytest.approx(np.minimum(1, 2**n * p))
        proved = [1 - vector_subsets.miss_bound(2**m - 1, p) for m in n]
        assert lines["wrapped: at least"] == pytest.approx(proved)
        assert (lines["wrapped: at least"] <= lines["counting: at most"]).all()


def test_kernels_side_by_side_are_on_one_scale():
    rows = {"a": np.arange(18.0).reshape(2, 3, 3), "b": -np.ones((2, 3, 3))}
    figure = figures.kernels_side_by_side(rows)
    pictures = [ax.get_images()[0] for ax in figure.axes if ax.get_images()]
    shown = [picture.get_array().tolist() for picture in pictures]
    assert shown == [kernel.tolist() for kernels in rows.values() for kernel in kernels]
    assert {picture.get_clim() for picture in pictures} == {(-17.0, 17.0)}


def test_needed_for_few():
    (ax,) = figures.needed_for_few([2, 3], [20, 10], [12, 8]).axes
    measured, counting = ax.get_lines()
    assert list(measured.get_ydata()) == [20, 10]
    assert list(counting.get_ydata()) == [12, 8]
    assert [text.get_text() for text in ax.texts] == ["10%", "30%"]


def test_grid_transition_shifts_by_the_bits():
    left, right = figures.grid_transition({4: [0.1, 0.2], 8: [0.0, 0.1]}, 3).axes
    assert [list(line.get_xdata()) for line in left.get_lines()] == [[3, 4], [3, 4]]
    shifted = [list(line.get_xdata()) for line in right.get_lines()[:2]]
    assert shifted == [[-1, 0], [-5, -4]]
    assert [list(line.get_ydata()) for line in left.get_lines()] == [[0.1, 0.2], [0.0, 0.1]]


def test_attention_errors():
    moved, errors = [[0.1, 0.2], [0.01, 0.03]], [[0.2, 0.3], [0.02, 0.05]]
    left, right = figures.attention_errors([8, 16], moved, errors, 2.0).axes
    assert list(left.get_lines()[-1].get_ydata()) == pytest.approx([0.15, 0.02])
    dots, bound = right.get_lines()
    assert list(dots.get_xdata()) == [0.2, 0.3, 0.02, 0.05]
    assert list(dots.get_ydata()) == [0.1, 0.2, 0.01, 0.03]
    for e, y in zip(bound.get_xdata()[::50], bound.get_ydata()[::50], strict=True):
        assert y == pytest.approx(shift_bound(4 * e))
