"""The drawn data of the chapter's figures are those given."""

import numpy as np
import pytest

from lpbook import figures, lower_bounds
from lpbook.digits import all_sums
from lpbook.figures.style import percent


def test_covered_line():
    rows = {"two": ([-0.5, 0.5],), "far": ([0.0, 3.0], [1.0])}
    (ax,) = figures.covered_line(rows, 0.25, 2.0).axes
    bars = {bar.get_label(): bar for bar in ax.collections if not bar.get_label().startswith("_")}
    assert list(bars) == ["two 0", "far 0", "far 1"]
    for name, groups in rows.items():
        for place, sums in enumerate(groups):
            widths = [np.ptp(path.vertices[:, 0]) for path in bars[f"{name} {place}"].get_paths()]
            assert sum(widths) == pytest.approx(lower_bounds.covered_length(sums, 0.25, 2.0))
    assert not bars["far 0"].get_hatch()
    assert bars["far 1"].get_hatch()  # told apart without colour
    texts = [text.get_text() for text in ax.texts]
    assert texts == ["two", "25\u00a0% served", "far", "25\u00a0% served"]


def test_doubling():
    numbers = lower_bounds.chosen_numbers(1.0, 15.0)
    rows = figures.doubling(numbers)
    assert [sum(map(len, groups)) for groups in rows.values()] == [1, 2, 4, 8, 16]
    for count, groups in enumerate(rows.values()):
        every = np.sort(np.concatenate(groups))
        np.testing.assert_array_equal(every, all_sums(numbers[:count]) if count else [0])
    for groups, x in zip(list(rows.values())[1:], numbers, strict=True):
        np.testing.assert_array_equal(groups[1], groups[0] + x)


def test_served_draws():
    served = np.array([[True, False, True, True], [False, False, True, False]])
    (ax,) = figures.served_draws(served).axes
    boxes = {(bar.get_x(), round(bar.get_y() + bar.get_height() / 2)) for bar in ax.patches}
    assert boxes == {(-1.0, 0), (0.0, 0), (0.5, 0), (0.0, 1)}
    assert all(bar.get_width() == 0.5 for bar in ax.patches)
    shares = 0.75, 0.25, 0.5, 0, 1, 0.5
    assert [text.get_text() for text in ax.texts] == [percent(share) for share in shares]


def test_served_squares():
    sums = {"a": ([-0.5, 0.5], [0.0, 0.25, 0.5]), "b": ([0.0], [0.0])}
    left, right = figures.served_squares(sums, 0.25).axes
    squares = {square.get_xy() for square in left.patches}
    assert squares == {(x - 0.25, y - 0.25) for x in (-0.5, 0.5) for y in (0.0, 0.25, 0.5)}
    assert [len({p.get_xy() for p in ax.patches}) for ax in (left, right)] == [6, 1]
    assert [ax.get_title() for ax in (left, right)] == ["a: 25\u00a0%", "b: 6\u00a0%"]


def test_coverage_against_n():
    shares = {"a": ([1, 2], [0.1, 0.15]), "b": ([1, 2], [0.2, 0.2])}
    (ax,) = figures.coverage_against_n(shares, 0.1).axes
    curves = {line.get_label(): line.get_data() for line in ax.lines}
    n, bound = curves["counting bound"]
    np.testing.assert_allclose(bound, np.minimum(1, 0.1 * 2.0**n))
    for name, (x, y) in shares.items():
        np.testing.assert_array_equal(curves[name], [x, y])


def test_all_served():
    (ax,) = figures.all_served([2, 4], [0.0, 0.5], {"a": 1.5, "b": 3.25}, 0.9).axes
    curve, asked, *bounds = ax.lines
    np.testing.assert_array_equal(curve.get_data(), [[2, 4], [0, 0.5]])
    assert set(asked.get_ydata()) == {0.9}
    assert [set(line.get_xdata()) for line in bounds] == [{1.5}, {3.25}]
    assert [text.get_text() for text in ax.texts] == ["a: 1.5", "b: 3.2"]


def test_distance_against_epsilon():
    epsilons, bound = [0.1, 0.01], [3.0, 6.0]
    (ax,) = figures.distance_against_epsilon(epsilons, bound, {"x": [30.0, 90.0]}).axes
    curve, one = ax.lines
    np.testing.assert_array_equal(curve.get_data(), [epsilons, [10, 15]])
    assert curve.get_label() == "x"
    assert set(one.get_ydata()) == {1}


def test_bits_of_a_ticket():
    (ax,) = figures.bits_of_a_ticket({"mask": 2000.0, "file": 29.0}, 16.0).axes
    dots, bound = ax.lines
    assert list(dots.get_xdata()) == [2000, 29]
    assert set(bound.get_xdata()) == {16}
    (ways,) = ax.collections  # from the bound to the dot: its length is the ratio
    assert [line[:, 0].tolist() for line in ways.get_segments()] == [[16, 2000], [16, 29]]
    assert [text.get_text() for text in ax.texts] == ["2,000", "29.0"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["mask", "file"]
