"""The drawn data of the chapter's figures are those of the package."""

import numpy as np
import pytest

import lpbook as lp
from lpbook import figures
from lpbook.batches import best_leading_size


def test_counts_against_m():
    ms = [1, 10, 1000]
    (ax,) = figures.counts_against_m(ms, 20, 1 / 160, 0.01).axes
    curves = {line.get_label(): line for line in ax.lines}
    for bound, name in (("poster", "batch lemma"), ("chernoff", "sharper")):
        x, y = curves[name].get_data()
        np.testing.assert_array_equal(x, ms)
        wanted = [lp.batch_size(m, 20, 1 / 160, 0.01, bound) / (160 * m) for m in ms]
        np.testing.assert_allclose(y, wanted)
    best = curves["best leading constant, e/(e − 1)"].get_ydata()
    wanted = [best_leading_size(m, 20, 1 / 160, 0.01) / (160 * m) for m in ms]
    np.testing.assert_allclose(best, wanted)
    exact = curves["exact for the union bound"].get_ydata()
    assert (exact <= curves["sharper"].get_ydata()).all()


def test_filling_categories():
    counts = [(20, [3, 1]), (2000, [9, 8])]
    figure = figures.filling_categories(counts, 5, [0.25, 0.125])
    for ax, (drawn, heights) in zip(figure.axes, counts, strict=True):
        assert ax.get_title() == f"{drawn:,} samples"
        assert [bar.get_height() for bar in ax.patches] == heights
        expected, line = ax.lines
        np.testing.assert_allclose(expected.get_ydata(), [drawn / 4, drawn / 8])
        assert set(line.get_ydata()) == {5}


def test_neurons_used():
    (ax,) = figures.neurons_used({"a rule": [480, 500]}, {"a count": 2000}, 480).axes
    dots, diamond, minimum = ax.lines
    assert dots.get_xdata().tolist() == [480, 500]
    assert list(diamond.get_xdata()) == [2000]
    assert set(minimum.get_xdata()) == {480}
    assert [label.get_text() for label in ax.get_yticklabels()] == ["a rule", "a count"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["480", "960", "1,920"]


def test_cost_by_layout():
    widths, k = [1, 5, 20], 8
    (ax,) = figures.cost_by_layout(widths, k, 0.01).axes
    curves = {line.get_label(): np.asarray(line.get_ydata()) for line in ax.lines}
    for n, reserved, shared in zip(widths, curves["reserved"], curves["shared"], strict=True):
        F = lp.Network([np.ones((n, n))])
        for layout, value in (("reserved", reserved), ("shared", shared)):
            plan = lp.plan(F, weight_epsilon=1.0001 * lp.PHI**-k, layout=layout)
            assert plan.layers[0].requirements == k
            assert plan.neurons_per_weight == pytest.approx(value)
    np.testing.assert_allclose(
        curves["pooled by output"], [lp.output_batch_size(n, k, n, 0.01) / n for n in widths]
    )
    assert (curves["pooled by output"] > 2 * k).all()
