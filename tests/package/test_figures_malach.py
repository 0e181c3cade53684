"""What the figures of *malach* and *product_weights* draw is right."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest

import lpbook as lp
from lpbook import figures
from lpbook.experiments.confidence import Band, hoeffding_tolerance
from lpbook.figures.style import NARROW


def lines(ax):
    return {line.get_label(): np.array(line.get_data()) for line in ax.get_lines()}


def test_two_relus_add_up_to_the_line():
    figure = figures.two_relus(0.7)
    first, second, line = (ax.lines[1] for ax in figure.axes)
    assert np.allclose(first.get_ydata() + second.get_ydata(), line.get_ydata())
    assert np.allclose(line.get_ydata(), 0.7 * line.get_xdata())
    assert first.get_ydata().min() == 0 == second.get_ydata().max()
    assert first.get_linestyle() != second.get_linestyle()
    assert figure.get_figwidth() <= NARROW


def test_two_neurons():
    settings = {"rule": (0.7, 1, -0.7, -1), "slip": (0.7, 1, -0.7, 1)}
    figure = figures.two_neurons(0.7, settings)
    rule, slip = (lines(ax) for ax in figure.axes)
    x, total = rule["sum"]
    assert np.allclose(total, 0.7 * x)
    assert np.allclose(slip["sum"][1], 0)
    assert np.allclose(rule[r"$a\,σ(bx)$"][1] + rule[r"$c\,σ(dx)$"][1], total)
    assert [ax.get_title() for ax in figure.axes] == list(settings)


def area(path):
    x, y = path.vertices.T
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


@pytest.mark.parametrize("products", [False, True])
def test_accepted_neurons_cover_their_probability(products):
    weights, epsilon = (0.2, 0.7, 1.0), 0.3
    figure = figures.accepted_neurons(weights, epsilon, products=products)
    success = lp.product_success if products else lp.malach_success
    for ax, w in zip(figure.axes, weights, strict=True):
        for half in ax.collections:
            (path,) = half.get_paths()
            assert area(path) / 4 == pytest.approx(success(w, epsilon), rel=2e-3)
        assert f"{success(w, epsilon):.4f}" in ax.get_title()
        if products:  # the outline of the rectangle
            x, y = lines(ax)["Malach et al."]
            width, height = np.ptp(x), np.ptp(y)
            assert width * height / 4 == pytest.approx(lp.malach_success(w, epsilon))


def test_samples_against_epsilon():
    e = np.array([1.0, 0.1, 0.01])
    bands = [Band(47 / x**2, 40 / x**2, 60 / x**2) for x in e]
    figure = figures.samples_against_epsilon({"theory": (e, 48 / e**2)}, {"drawn": (e, bands)}, 2)
    left, right = figure.axes
    assert np.allclose(lines(left)["theory"], [e, 48 / e**2])
    assert np.allclose(lines(right)["theory"][1], 48)
    bars = right.containers[0]
    assert np.allclose(bars.lines[0].get_ydata(), 47)
    segments = np.array(bars.lines[2][0].get_segments())
    assert np.allclose(segments[:, :, 1], [[40, 60]] * 3)
    assert left.get_yscale() == "log"


def test_product_law():
    rng = np.random.default_rng(0)
    products = rng.uniform(-1, 1, (2, 20_000)).prod(axis=0)
    density, cdf = figures.product_law(products).axes
    law = lp.Uniform(1.0).product()
    z, values = lines(density)["the law"]
    assert np.allclose(values, law.pdf(z))
    assert sum(bar.get_height() * bar.get_width() for bar in density.patches) == pytest.approx(1)
    curve, uniform, counted = cdf.lines
    assert np.allclose(curve.get_ydata(), law.cdf(curve.get_xdata()))
    assert np.allclose(uniform.get_ydata(), lp.Uniform(1.0).cdf(uniform.get_xdata()))
    z, values = counted.get_data()
    tolerance = hoeffding_tolerance(20_000)  # DKW: false alarm 1e-6
    assert np.abs(law.cdf(z) - values).max() < tolerance


def test_near_the_edge():
    left, right = figures.near_the_edge([0.1, 0.01]).axes
    for epsilon in (0.1, 0.01):
        w, value = lines(left)[f"ε = {epsilon:g}"]
        assert np.allclose(value, lp.product_success(w, epsilon) / epsilon)
        (x,), (y,) = lines(right)[f"_edge {epsilon:g}"]
        assert x == epsilon
        assert epsilon / 2 <= y <= epsilon / 2 + epsilon**2


def test_reach_of_a():
    left, right = figures.reach_of_a([0.5, 0.01], [2.598, 2.718]).axes
    w, value = lines(left)["$s=e$"]
    assert value[-1] == pytest.approx(lp.product_success(1 / math.e, 0.01 / math.e) / 0.01)
    assert (value >= 1 / (2 * math.e)).all()
    s, value = lines(right)["ε = 0.5"]
    (best,), (top,) = lines(right)["_best 0.5"]
    assert top >= value.max() - 1e-9
    assert s[value.argmax()] == pytest.approx(best, abs=0.02)
    assert w[0] == 0


def test_figures_are_handed_over_closed():
    figures.near_the_edge([0.1])
    assert plt.get_fignums() == []
