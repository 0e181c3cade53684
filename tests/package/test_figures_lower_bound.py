"""The drawn data of the chapter's figures are those given."""

import numpy as np
import pytest

from lpbook import figures, lower_bounds


def test_covered_line():
    rows = {"two": [-0.5, 0.5], "far": [0.0, 3.0]}
    (ax,) = figures.covered_line(rows, 0.25).axes
    bars = {bar.get_label(): bar for bar in ax.collections if bar.get_label() in rows}
    for name, sums in rows.items():
        widths = [np.ptp(path.vertices[:, 0]) for path in bars[name].get_paths()]
        assert sum(widths) == pytest.approx(lower_bounds.covered_length(sums, 0.25))
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["two: 50% served", "far: 25% served"]


def test_coverage_against_n():
    shares = {"a": ([1, 2], [0.1, 0.15]), "b": ([1, 2], [0.2, 0.2])}
    (ax,) = figures.coverage_against_n(shares, 0.1).axes
    curves = {line.get_label(): line.get_data() for line in ax.lines}
    n, bound = curves["counting bound"]
    np.testing.assert_allclose(bound, np.minimum(1, 0.1 * 2.0**n))
    for name, (x, y) in shares.items():
        np.testing.assert_array_equal(curves[name], [x, y])


def test_distance_against_epsilon():
    epsilons, bound = [0.1, 0.01], [3.0, 6.0]
    figure = figures.distance_against_epsilon(epsilons, bound, {"x": [30.0, 90.0]})
    left, right = figure.axes
    lines = {line.get_label(): line.get_ydata() for line in left.lines}
    np.testing.assert_array_equal(lines["counting bound"], bound)
    np.testing.assert_array_equal(lines["x"], [30, 90])
    np.testing.assert_array_equal(right.lines[0].get_ydata(), [10, 15])
    assert set(right.lines[1].get_ydata()) == {1}


def test_bits_of_a_ticket():
    (ax,) = figures.bits_of_a_ticket({"mask": 2000.0, "file": 29.0}, 16.0).axes
    dots, bound = ax.lines
    assert list(dots.get_xdata()) == [2000, 29]
    assert set(bound.get_xdata()) == {16}
    (ways,) = ax.collections  # from the bound to the dot: its length is the ratio
    assert [line[:, 0].tolist() for line in ways.get_segments()] == [[16, 2000], [16, 29]]
    assert [text.get_text() for text in ax.texts] == ["2,000", "29.0"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["mask", "file"]
