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


@pytest.mark.parametrize("slope", [0.1, 0.5])
def test_two_leaky_relus_add_up_to_the_line(slope):
    first, second, line = (ax.lines[1] for ax in figures.two_relus(0.7, slope).axes)
    x, y = first.get_data()
    assert y[x > 0] == pytest.approx(0.7 / (1 + slope) * x[x > 0])  # the products of the rule
    assert y[x < 0] == pytest.approx(slope * 0.7 / (1 + slope) * x[x < 0])
    assert y + second.get_ydata() == pytest.approx(0.7 * x) == line.get_ydata()


def test_until_served_stops_at_the_second_half():
    square, line = figures.until_served(0.7, 0.3, seed=3).axes
    drawn, *kept = square.lines
    b, a = drawn.get_data()
    assert square.get_title() == f"{b.size} neurons drawn, 2 kept"
    fit = {
        sign: (sign * b >= 0.85) & (np.abs(sign * a - 0.7) <= 0.15) for sign in (1, -1)
    }  # the rule, by hand
    firsts = [int(np.flatnonzero(fit[sign])[0]) for sign in (1, -1)]
    assert max(firsts) == b.size - 1
    for i, point in zip(firsts, kept, strict=True):
        assert (b[i], a[i]) == (point.get_xdata()[0], point.get_ydata()[0])
    x, total = lines(line)["sum"]
    assert (np.abs(total - 0.7 * x) <= 0.3 * np.abs(x) + 1e-12).all()
    assert np.allclose(total, sum(a[i] * np.maximum(b[i] * x, 0) for i in firsts))


def test_two_neurons():
    settings = {"rule": (0.7, 1, -0.7, -1), "slip": (0.7, 1, -0.7, 1)}
    figure = figures.two_neurons(0.7, settings)
    above, below = figure.axes[:2], figure.axes[2:]
    parts, sums = [lines(ax) for ax in above], [lines(ax) for ax in below]
    x, total = sums[0]["sum"]
    assert np.allclose(total, 0.7 * x)
    assert np.allclose(sums[1]["sum"][1], 0)
    for neurons, found in zip(parts, sums, strict=True):
        assert np.allclose(neurons[r"$a\,σ(bx)$"][1] + neurons[r"$c\,σ(dx)$"][1], found["sum"][1])
    assert [ax.get_title() for ax in above] == list(settings)


def area(path):
    x, y = path.vertices.T
    return abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2


def test_accepted_neurons_cover_their_probability():
    weights, epsilon = (0.2, 0.7, 1.0), 0.3
    figure = figures.accepted_neurons(weights, epsilon)
    for ax, w in zip(figure.axes, weights, strict=True):
        assert len(ax.collections) == 2
        for half in ax.collections:
            (path,) = half.get_paths()
            assert area(path) / 4 == pytest.approx(lp.malach_success(w, epsilon))
        assert f"{lp.malach_success(w, epsilon):.4f}" in ax.get_title()


def test_failures_against_weight():
    (ax,) = figures.failures_against_weight([0.5, 1.0, 1.04, 1.06], 0.1, 0.01, [1.04]).axes
    samples = lp.samples_for_both(0.1**2 / 16, 0.01)
    assert ax.lines[0].get_ydata()[3] == 1  # no neuron fits
    for i, area_in_square in ((0, 0.1), (1, 0.05), (2, 0.01)):  # height of the rectangle
        p = 0.05 * area_in_square / 4
        failure = 2 * (1 - p) ** samples - (1 - 2 * p) ** samples
        assert ax.lines[0].get_ydata()[i] == pytest.approx(failure)
    assert ax.texts[0].get_text() == f"{ax.lines[0].get_ydata()[2]:.2f}"


def test_product_bands_have_the_areas_of_the_probabilities():
    cases = [(0.7, 0.1), (1.0, 0.02)]
    for (w, epsilon), ax in zip(cases, figures.product_bands(cases).axes, strict=True):
        band, rectangle = (area(kind.get_paths()[0]) / 4 for kind in ax.collections)
        assert band == pytest.approx(lp.product_success(w, epsilon), rel=2e-3)
        assert rectangle == pytest.approx(lp.malach_success(w, epsilon))
        ratio = float(ax.get_title().removesuffix(" : 1)").rpartition("(")[2])
        assert ratio == pytest.approx(band / rectangle, rel=0.02)


def test_density_in_window():
    (ax,) = figures.density_in_window(0.5, 0.3).axes
    law = lp.Uniform(1.0).product()
    z, tangent = lines(ax)["tangent"]
    assert (tangent <= law.pdf(z)).all()  # convex
    assert tangent.mean() == pytest.approx(law.pdf(0.5))
    (window,) = (kind for kind in ax.collections if kind.get_label() == "window")
    assert area(window.get_paths()[0]) / 2 == pytest.approx(lp.product_success(0.5, 0.3), rel=1e-3)


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
        w, value = lines(left)[f"$ε$ = {epsilon:g}"]
        assert np.allclose(value, lp.product_success(w, epsilon) / epsilon)
        (x,), (y,) = lines(right)[f"_edge {epsilon:g}"]
        assert x == epsilon
        assert epsilon / 2 <= y <= epsilon / 2 + epsilon**2


def test_wider_range():
    (ax,) = figures.wider_range(0.01).axes
    w, value = lines(ax)["$a$ up to $e$"]
    assert value[-1] == pytest.approx(lp.product_success(1 / math.e, 0.01 / math.e) / 0.01)
    assert (value >= 1 / (2 * math.e)).all()
    assert w[0] == 0
    assert lines(ax)["$a$ up to $1$"][1][-1] == pytest.approx(lp.product_success(1.0, 0.01) / 0.01)


def test_reach_of_a():
    (ax,) = figures.reach_of_a([0.5, 0.01], [2.598, 2.718]).axes
    s, value = lines(ax)["$ε$ = 0.5"]
    (best,), (top,) = lines(ax)["_best 0.5"]
    assert top >= value.max() - 1e-9
    assert s[value.argmax()] == pytest.approx(best, abs=0.02)


def test_figures_are_handed_over_closed():
    before = plt.get_fignums()
    figures.near_the_edge([0.1])
    assert plt.get_fignums() == before
