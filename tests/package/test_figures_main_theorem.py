"""The drawn data of the chapter's figures are those of the package."""

import math

import numpy as np
import pytest

import lpbook as lp
from lpbook import figures
from lpbook.budgets import closed_form_budget
from lpbook.experiments.price_list import prices

NETWORK = lp.Network([[[0.8, -0.45], [0.3, 0.6]], [[1.0, -0.5]]])
DOMAIN = lp.Ball(1.0, nonnegative=True)


def curves(ax):
    return {line.get_label(): line for line in ax.lines}


def test_budget_forms():
    epsilons = [1e-3, 0.1, 2.0]
    left, right = figures.budget_forms(NETWORK, epsilons, inputs=DOMAIN).axes
    drawn = curves(left)
    np.testing.assert_array_equal(drawn["budget"].get_xdata(), epsilons)
    budget = [lp.weight_budget(NETWORK, e, DOMAIN) for e in epsilons]
    np.testing.assert_allclose(drawn["budget"].get_ydata(), budget)
    log = [lp.weight_budget(NETWORK, e, DOMAIN, "logarithmic") for e in epsilons]
    np.testing.assert_allclose(drawn["logarithmic form"].get_ydata(), log)
    closed = [lp.weight_budget(NETWORK, e, DOMAIN, "closed-form") for e in epsilons]
    np.testing.assert_allclose(drawn["closed form, e"].get_ydata(), closed)
    less = [closed_form_budget(NETWORK, e, DOMAIN, math.e - 1) for e in epsilons]
    np.testing.assert_allclose(drawn["closed form, e − 1"].get_ydata(), less)
    np.testing.assert_allclose(right.lines[3].get_ydata(), np.divide(budget, closed))


def test_prices_against_epsilon():
    epsilons = [0.02, 0.1, 0.5]
    figure = figures.prices_against_epsilon(NETWORK, epsilons, inputs=DOMAIN, delta=0.1)
    found = [prices(NETWORK, e, DOMAIN, 0.1) for e in epsilons]
    panels = np.array(figure.axes).reshape(2, 2)
    for column, currency in enumerate(("neurons", "random_weights")):
        every, few = curves(panels[0, column]), curves(panels[1, column])
        assert set(every) == set(found[0])
        assert set(every) - set(few) == {"Malach, reserved", "product, reserved"}
        for name, line in every.items():
            wanted = [getattr(price[name], currency) for price in found]
            np.testing.assert_allclose(line.get_ydata(), wanted)
    bands = dict(zip(few, panels[1, 1].collections, strict=True))
    drawn = [price["digits, shared"].drawn_weights for price in found]
    low = bands["digits, shared"].get_paths()[0].get_extents().y0
    assert low == pytest.approx(min(drawn))
    assert low < min(few["digits, shared"].get_ydata())


def test_failures_against_rows():
    bound = {1: 1.0, 2: 0.6, 3: 0.3}
    (ax,) = figures.failures_against_rows([1, 2, 2, 3], bound, {0.3: 3}).axes
    union, drawn, diamond = ax.lines
    assert union.get_ydata().tolist() == [1.0, 0.6, 0.3]
    assert drawn.get_xdata().tolist() == [1, 2]  # with 3 rows nothing is missed: no logarithm
    assert drawn.get_ydata().tolist() == [0.75, 0.25]
    assert (diamond.get_xdata()[0], diamond.get_ydata()[0]) == (3, 0.3)


def test_labels_of_the_plan_keep_off_the_steps():
    bound = {1: 1.0, 2: 0.6, 3: 0.3}
    (ax,) = figures.failures_against_rows([1, 2, 2, 3], bound, {0.1: 2, 0.9: 1}).axes
    below, above = ax.texts  # at two rows a quarter fails, more than 0.1; at one less than 0.9
    assert (below.get_ha(), below.get_va()) == ("right", "top")
    assert (above.get_ha(), above.get_va()) == ("left", "bottom")


def test_slack():
    (ax,) = figures.slack({"asked": 1.0, "seen": 0.01}).axes
    assert ax.lines[0].get_xdata().tolist() == [1.0, 0.01]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["asked", "seen"]
    assert [text.get_text() for text in ax.texts] == ["1", "0.01"]
    assert ax.get_xscale() == "log"
    assert ax.get_ylim()[0] > ax.get_ylim()[1] == pytest.approx(-0.5)
