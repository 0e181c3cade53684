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
    best = curves["best leading constant, $e/(e-1)$"].get_ydata()
    wanted = [best_leading_size(m, 20, 1 / 160, 0.01) / (160 * m) for m in ms]
    np.testing.assert_allclose(best, wanted)
    exact = curves["exact for the union bound"].get_ydata()
    assert (exact <= curves["sharper"].get_ydata()).all()


def test_filling_categories():
    draws = [(20, [3, 1], 1), (2000, [9, 8], 9)]
    figure = figures.filling_categories(draws, [0.25, 0.125])
    titles = ["1 weight: 20 samples", "9 weights: 2,000 samples"]
    for ax, title, (drawn, counts, wanted) in zip(figure.axes, titles, draws, strict=True):
        assert ax.get_title() == title
        used, waste = (list(bars) for bars in ax.containers)
        assert [bar.get_height() for bar in used] == [min(n, wanted) for n in counts]
        assert [bar.get_height() for bar in waste] == [max(n - wanted, 0) for n in counts]
        assert [bar.get_y() for bar in waste] == [min(n, wanted) for n in counts]
        expected, line = ax.lines
        np.testing.assert_allclose(expected.get_ydata(), [drawn / 4, drawn / 8])
        assert set(line.get_ydata()) == {wanted}


def test_counts_against_delta():
    deltas, case = [1e-3, 0.1], (10, 20, 1 / 160)
    (ax,) = figures.counts_against_delta(deltas, *case, {1600: 1.0, 9000: 0.0}).axes
    curves = {line.get_label(): line for line in ax.lines}
    for name, bound in (("batch lemma", "poster"), ("exact count", "exact")):
        x, y = curves[name].get_data()
        assert list(x) == deltas
        assert list(y) == [lp.batch_size(*case, d, bound) for d in deltas]
    assert curves["draws"].get_xydata().tolist() == [[1.0, 1600]]  # a rate of 0 has no logarithm
    assert ax.get_xlim()[0] > ax.get_xlim()[1]


def test_one_neuron_is_a_sample_for_each_weight():
    inner, outer, signs = [0.9, -0.7, 0.1], [0.6, -0.45], [[1, -1, 1], [1, 1, -1]]
    (ax,) = figures.one_neuron_as_samples(inner, outer, signs, 4).axes
    words = [text.get_text().split("\n")[2] for text in ax.texts]
    assert words == [
        *("digit 1 for $x_1$ > 0", "digit 1 for $x_2$ < 0", "no digit"),
        *("wrong sign", "digit 2 for $x_2$ < 0", "no digit"),
    ]
    assert ax.texts[1].get_text().startswith("$w_{12}$ < 0\n$a_1b_2$ = −0.42")


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


def test_too_few_samples_are_as_rare_as_the_exact_count_says():
    case = 10, 20, 1 / 160
    (ax,) = figures.falling_short(*case, 0.01).axes
    enough, few = ax.containers
    assert max(bar.get_x() for bar in few) + 0.4 == pytest.approx(case[0] - 1)
    assert min(bar.get_x() for bar in enough) + 0.4 == pytest.approx(case[0])
    failure = case[1] * sum(bar.get_height() for bar in few)
    assert 0.9 * 0.01 < failure <= 0.01
    drawn = lp.batch_size(*case, 0.01, "exact")
    assert ax.get_xlabel().endswith(f"$M$ = {drawn:,}")
