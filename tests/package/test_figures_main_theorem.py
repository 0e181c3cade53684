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
    np.testing.assert_allclose(drawn["closed form, $e$"].get_ydata(), closed)
    less = [closed_form_budget(NETWORK, e, DOMAIN, math.e - 1) for e in epsilons]
    np.testing.assert_allclose(drawn["closed form, $e-1$"].get_ydata(), less)
    np.testing.assert_allclose(right.lines[3].get_ydata(), np.divide(budget, closed))


def test_from_error_to_price():
    cost = lp.plan(NETWORK, 0.02, inputs=DOMAIN)
    (ax,) = figures.from_error_to_price(cost, 0.02).axes
    words = [text.get_text() for text in ax.texts]
    one, two = cost.layers
    assert "$ε$ = 0.02" in words
    assert f"$k$ = {one.requirements}, {two.requirements}" in words
    assert f"$c$ = 1/{2 * one.requirements}, 1/{2 * two.requirements}" in words
    assert f"$M$ = {max(one.widths)}, {max(two.widths)}" in words
    assert f"{cost.neurons_per_weight:.1f}" in words
    ε_w = one.weight_epsilon
    shown = next(word for word in words if word.startswith("$ε_w$"))
    digits, exponent = shown.removeprefix("$ε_w$ = ").replace("−", "-").split("$\\cdot10^{")
    assert float(digits) * 10 ** int(exponent.rstrip("}$")) == pytest.approx(ε_w, rel=0.06)


def test_from_error_to_price_is_of_digits():
    with pytest.raises(TypeError, match="golden-ratio digits"):
        figures.from_error_to_price(lp.plan(NETWORK, 0.02, "malach", inputs=DOMAIN), 0.02)


def test_logarithm_is_a_line():
    epsilons = [0.02, 0.2, 2.0]
    figure = figures.logarithm_is_a_line(NETWORK, epsilons, inputs=DOMAIN, delta=0.1, highest=6)
    left, right = figure.axes
    exact, digits = left.lines
    plans = [lp.plan(NETWORK, e, inputs=DOMAIN).layers[0] for e in reversed(epsilons)]
    assert list(digits.get_ydata()) == [layer.requirements for layer in plans]
    assert all(0 <= k - x < 1 for k, x in zip(digits.get_ydata(), exact.get_ydata(), strict=True))
    found = [prices(NETWORK, e, DOMAIN, 0.1) for e in reversed(epsilons)]
    for name, line in curves(right).items():
        wanted = [price[name].neurons / found[0][name].neurons for price in found]
        np.testing.assert_allclose(line.get_ydata(), wanted)
    assert left.get_xlim()[0] > left.get_xlim()[1]  # shared by both
    assert right.get_ylim() == (0, 6)


def test_error_along_rays():
    network, ticket = lp.Network([[[1.0, 2.0]]]), lp.Network([[[1.0, 2.5]]])
    (ax,) = figures.error_along_rays(network, ticket, [[0.0, 3.0], [4.0, 3.0]], 2.0, 0.1).axes
    straight, slanted, epsilon = ax.lines
    np.testing.assert_allclose(straight.get_ydata(), 0.5 * straight.get_xdata())
    np.testing.assert_allclose(slanted.get_ydata(), 0.5 * 0.6 * slanted.get_xdata())
    assert set(epsilon.get_ydata()) == {0.1}
    (domain,) = ax.patches
    shape = domain.get_path().transformed(domain.get_patch_transform())  # not always a rectangle
    assert shape.get_extents().x1 == pytest.approx(2.0)


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
