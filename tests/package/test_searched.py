"""What the search is said to look at is what it needs; the drawing shows it."""

import numpy as np
import pytest

import lpbook as lp
from lpbook import figures
from lpbook.experiments.searched import (
    LOOKED,
    PASSED,
    REACHED,
    UNDRAWN,
    growth,
    numbers_looked_at,
)
from lpbook.random_network import Block


def test_every_first_hit_is_looked_at_and_little_else_is_reached_singly():
    scheme = lp.GoldenRatio().scheme(1.0, 0.05)
    n, rng = 6000, np.random.default_rng(0)
    w = rng.choice([-1, 1], n) * rng.uniform(0.06, 1, n)
    looks, last = numbers_looked_at(scheme, w, 700)
    inner, outer = Block(0, 0, 0, n, "shared").rows(700)
    supplied = scheme.supplied(inner, outer, w < 0, False)
    firsts = np.array([(supplied == i).argmax(axis=0) for i in range(2 * scheme.digits)])
    assert (last == firsts.max(axis=0)).all()
    assert (looks[firsts, np.arange(n)] >= LOOKED).all()
    whole = np.flatnonzero((looks == PASSED).any(axis=1)).max() + 1
    assert ((looks[:whole] == LOOKED) | (looks[:whole] == PASSED)).all()
    assert ((looks[whole:] == REACHED) | (looks[whole:] == UNDRAWN)).all()
    assert not (looks[whole:, last < whole] == REACHED).any()
    assert (looks == UNDRAWN).mean() > 0.5


def test_numbers_looked_at_says_what_does_not_do():
    scheme = lp.GoldenRatio().scheme(1.0, 0.1)
    with pytest.raises(ValueError, match=r"targets=.*must exceed 0\.1 in magnitude"):
        numbers_looked_at(scheme, [0.5, 0.1], 100)
    with pytest.raises(ValueError, match="count=3: the block has too few rows"):
        numbers_looked_at(scheme, [0.5, 0.2], 3)


def test_the_drawing_has_the_outputs_in_the_order_in_which_they_are_served():
    looks, last = np.array([[2, 2, 2], [3, 1, 0]]), np.array([1, 0, 0])
    (ax,) = figures.numbers_of_a_block(looks, last, {0: "a", 1: "b", 2: "c", 3: "d"}).axes
    assert ax.images[0].get_array().tolist() == [[2, 2, 2], [1, 0, 3]]
    assert ax.lines[0].get_ydata().tolist() == [0, 0, 1]
    assert [text.get_text() for text in ax.get_legend().texts][:4] == ["a", "b", "c", "d"]


def test_times_are_drawn_as_they_are():
    (ax,) = figures.time_against_outputs([10, 100], {"now": [2.0, 3.0], "before": [9.0, 8.0]}).axes
    assert [line.get_ydata().tolist() for line in ax.lines] == [[2.0, 3.0], [9.0, 8.0]]
    assert [line.get_xdata().tolist() for line in ax.lines] == [[10, 100]] * 2


def test_growth_is_drawn_with_its_law():
    sizes = [10**5, 10**6, 10**7]
    power, factor = growth(sizes, [2e-6 * size**1.1 for size in sizes])
    assert power == pytest.approx(1.1)
    assert factor == pytest.approx(2e-6)
    (ax,) = figures.time_against_weights(sizes, [1.0, 10.0, 100.0], 1.0, 1e-5).axes
    law, measured = ax.lines
    assert law.get_ydata() == pytest.approx([1.0, 100.0])
    assert measured.get_ydata() == pytest.approx([1.0, 10.0, 100.0])
    assert [text.get_text() for text in ax.get_legend().get_texts()] == [
        "weights to the power 1.00",
        "measured",
    ]
    with pytest.raises(ValueError, match="times"):
        growth([1, 2], [1, float("nan")])
