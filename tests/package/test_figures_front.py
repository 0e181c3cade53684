"""The drawings of the front page show the numbers they should."""

import math

import numpy as np
import pytest

import lpbook as lp
from lpbook import figures
from lpbook.digits import reach, segments
from lpbook.distributions import segment_probabilities
from lpbook.figures.style import percent


def test_lowest_digits_end_to_end():
    bases = {"3/2": 1.5, "φ": lp.PHI, "2": 2.0}
    epsilon = lp.PHI**-8
    (ax,) = figures.lowest_digits(bases, epsilon).axes
    words = [text.get_text() for text in ax.texts]
    for row, (name, base) in enumerate(bases.items()):
        k = math.ceil(math.log(1 / epsilon, base) - 1e-12)
        bars = [bar for bar in ax.patches if abs(bar.get_y() + 0.25 - row) < 1e-9]
        total = reach(base) * (1 - base**-k)
        assert [bar.get_width() for bar in bars[:k]] == pytest.approx(segments(k, base)[0])
        ends = [bar.get_x() + bar.get_width() for bar in bars[:k]]
        assert [bar.get_x() for bar in bars[:k]] == pytest.approx([0, *ends[:-1]])
        assert ends[-1] == pytest.approx(total)
        assert words[row].startswith(f"base {name}: {k} digits reach {total:.2f}, ")
        hole = bars[k:]
        assert len(hole) == (base > lp.PHI) == ("a hole" in words[row])
        if hole:
            assert hole[0].get_x() == pytest.approx(total)
            assert hole[0].get_x() + hole[0].get_width() == pytest.approx(1)
            assert hole[0].get_hatch()
    assert "all but $ε$" in words[1]
    assert "more than needed" in words[0]


def test_areas_are_equal_and_boxes_too():
    k = 5
    above, below = figures.equal_areas(k).axes
    law = lp.Hyperbolic(lp.PHI ** -(k + 1), 1 / lp.PHI)
    areas = []
    for slice_ in above.collections:
        corners = slice_.get_paths()[0].vertices
        x, y = corners.T
        areas.append(abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2)
    assert areas == pytest.approx([1 / k] * k, rel=1e-3)
    ratios = [(bar.get_x() + bar.get_width()) / bar.get_x() for bar in below.patches]
    assert ratios == pytest.approx([lp.PHI] * k)
    words = [text.get_text() for text in below.texts]
    uniform = segment_probabilities(lp.Uniform(1.0), k)
    for i, share in enumerate(segment_probabilities(law, k)):
        assert words[2 * i : 2 * i + 2] == [percent(share), percent(uniform[i])]
    assert words[2 * k] == percent(1 - 1 / lp.PHI)
    for ax in (above, below):
        left, right = ax.get_xlim()
        assert left > right  # large sizes first, as in the figure that moves


def test_price_is_a_straight_line_and_the_plan_s():
    network = lp.Network([np.full((3, 4), 0.5)])
    domain = lp.Ball(1.0, nonnegative=True)
    epsilons = [0.1, 0.01, 0.001, 0.0001]
    left, right = figures.price_of_accuracy(network, epsilons, inputs=domain, marked=0.01).axes
    line, mark = left.lines
    each = [lp.plan(network, e, inputs=domain).neurons_per_weight for e in epsilons]
    assert line.get_xdata() == pytest.approx([10, 100, 1000, 10000])
    assert line.get_ydata().tolist() == each
    assert mark.get_ydata() == [each[1]]
    assert left.texts[0].get_text() == f"{each[1]:.0f}"
    slopes = np.diff(each)
    assert slopes.max() < 1.5 * slopes.min()
    ways = ({}, {"layout": "reserved"}, {"construction": "malach"})
    prices = [lp.plan(network, 0.01, inputs=domain, **way).neurons_per_weight for way in ways]
    assert [bar.get_width() for bar in right.patches] == prices
    for text, price in zip(right.texts, prices, strict=True):
        assert text.get_text().endswith(f": {price:,.0f}")
