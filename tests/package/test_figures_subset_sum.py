"""The drawn data of the chapter's figures are those of the package."""

import numpy as np
import pytest

from lpbook import figures
from lpbook.digits import all_sums
from lpbook.experiments.covered_intervals import cover, covered_shares


def test_sums_on_a_line():
    samples = [0.5, -0.3, 0.8]
    strips, bars = figures.sums_on_a_line(samples, 0.1).axes
    drawn = [
        np.array([segment[:, 0] for segment in lines.get_segments()])
        for lines in strips.collections
    ]
    for seen, wanted in zip(drawn, cover(samples, 0.1), strict=True):
        np.testing.assert_allclose(seen, wanted)
    widths = [bar.get_width() for bar in bars.patches]
    np.testing.assert_allclose(widths, covered_shares(samples, 0.1))


def test_cover_growth():
    shares = np.array([[0.1, 0.2, 0.4], [0.1, 0.1, 0.2]])
    left, right = figures.cover_growth(shares, 0.75).axes
    np.testing.assert_allclose(left.lines[-1].get_ydata(), shares.mean(axis=0))
    np.testing.assert_allclose(left.lines[0].get_ydata(), shares[0])
    mean, bound = right.lines[-2:]
    np.testing.assert_allclose(mean.get_ydata(), (1 / shares - 1).mean(axis=0))
    np.testing.assert_allclose(bound.get_ydata(), [9, 6.75, 5.0625])


def test_missed_against_n():
    (ax,) = figures.missed_against_n([3, 4], {"a": [0.5, 0.0], "b": [0.25, 0.125]}, 0.2).axes
    a, b, floor, line = ax.lines
    assert a.get_ydata()[0] == 0.5
    assert np.isnan(a.get_ydata()[1])
    np.testing.assert_allclose(b.get_ydata(), [0.25, 0.125])
    np.testing.assert_allclose(floor.get_ydata(), [1 / 8, 1 / 16])
    assert set(line.get_ydata()) == {0.2}


def test_subset_sizes():
    (ax,) = figures.subset_sizes({"few": [0, 0, 1, 1], "many": [2, 2, 2, 1]}).axes
    heights = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(heights, [0.5, 0.5, 0, 0, 0.25, 0.75])


def test_halves_meet_in_the_closest_sum():
    numbers, target = np.array([0.9, -0.35, 0.2, 0.55, -0.8, 0.13]), 0.31
    (ax,) = figures.halves_meet(numbers, target).axes
    left, rest, pair, *_ = ax.lines
    assert len(left.get_xdata()) == len(rest.get_xdata()) == 8
    low, high = pair.get_xdata()
    best = np.abs(all_sums(numbers) - target).min()
    assert abs(low - high) == pytest.approx(best)
    line = np.sort(np.concatenate([left.get_xdata(), rest.get_xdata()]))
    assert abs(np.subtract(*np.searchsorted(line, [low, high]))) == 1  # neighbours
