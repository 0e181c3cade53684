"""The drawings of the chapter *in_practice* show the recorded numbers."""

import numpy as np
import pytest

from lpbook import figures
from lpbook.experiments import in_practice as ip
from lpbook.experiments import sampling_laws as laws
from lpbook.experiments.confidence import mean_interval
from lpbook.experiments.popup_convolution import LAWS, accuracies
from lpbook.figures.in_practice import VERDICT, popup_curve

DATA = ip.recorded_results()


def curves(ax):
    return {line.get_label(): line.get_xydata().T for line in ax.lines}


def test_law_digits():
    axes = figures.law_digits(DATA).axes
    for ax, what in zip(axes, ("complete", "within"), strict=True):
        drawn = curves(ax)
        assert list(drawn) == list(laws.POOLS)
        for law in laws.POOLS:
            cell = ip.find(DATA, "digits", law, "1")
            assert drawn[law][0].tolist() == cell["n"]
            assert drawn[law][1] == pytest.approx(np.mean(cell[what], axis=1))
        band = ax.collections[0].get_paths()[0].vertices[:, 1]
        mean, half = mean_interval(ip.find(DATA, "digits", laws.POOLS[0], "1")[what])
        assert [band.min(), band.max()] == pytest.approx([(mean - half).min(), (mean + half).max()])


def test_law_subsets():
    own, best = figures.law_subsets(DATA).axes
    for law in laws.POOLS:
        high = np.log10(ip.find(DATA, "subsets", law, "1")["high"]).mean(axis=1)
        assert curves(own)[law][1] == pytest.approx(high)
        reached = np.log10(ip.best_scale(DATA, law, "high")[1]).mean(axis=1)
        assert curves(best)[law][1] == pytest.approx(reached)


def test_best_scale_is_best():
    for what, better in (("within", np.max), ("high", np.min)):
        scales, reached = ip.best_scale(DATA, "hyperbolic", what)
        tried = [
            np.mean(ip.find(DATA, "subsets", "hyperbolic", f"{s:g}")[what], axis=1)
            for s in DATA["settings"]["scales"]
        ]
        assert reached.mean(axis=1) == pytest.approx(better(tried, axis=0))
        assert set(scales) <= set(DATA["settings"]["scales"])


def test_law_popup():
    axes = figures.law_popup(DATA, 0.97).axes
    for ax, setting in zip(axes, ("tuned", "own"), strict=True):
        drawn = curves(ax)
        for law in laws.POPUP_LAWS:
            cell = ip.find(DATA, "popup", law, setting, 32)
            at = drawn[law][0].tolist().index(74 * 32)
            assert drawn[law][1][at] == pytest.approx(np.mean(cell["accuracy"]))
        assert ax.lines[-1].get_ydata()[0] == 0.97


def test_accuracy_against_share():
    ax = figures.accuracy_against_share(DATA).axes[0]
    x, y = ax.containers[0].lines[0].get_data()
    found = laws.family(ip.Settings().log_ranges)
    ranges = np.array(list(found.values()))
    assert (x[0], next(iter(found))) == (1, "constant")
    assert x[1:] == pytest.approx(np.tanh(ranges[1:]) / ranges[1:])
    for law, height in zip(found, y, strict=True):
        cell = ip.find(DATA, "popup", law, "tuned", ip.Settings().family_width)
        assert height == pytest.approx(np.mean(cell["accuracy"]))
    assert [c.get_label() for c in ax.containers[1:]] == ["uniform", "normal"]


def test_verdict():
    axes = figures.verdict(DATA).axes
    for pool, name in VERDICT:
        digits = ip.find(DATA, "digits", pool, "1")["complete"]
        assert curves(axes[0])[name][1] == pytest.approx(np.mean(digits, axis=1))
        sums = ip.find(DATA, "subsets", pool, "1")["within"]
        assert curves(axes[1])[name][1] == pytest.approx(np.mean(sums, axis=1))
        reached = popup_curve(DATA, name, "tuned")[1]
        assert curves(axes[2])[name][1] == pytest.approx(reached.mean(axis=1))


def test_neurons_by_law_are_those_that_are_counted():
    names, epsilons = ["hyperbolic, b = 1", "uniform"], [0.01, 0.1]
    (ax,) = figures.neurons_by_law(names, epsilons).axes
    assert ax.get_xlim()[0] > ax.get_xlim()[1]
    for line, law in zip(ax.lines, names, strict=True):
        assert line.get_label() == law
        assert list(line.get_ydata()) == [laws.neurons_for_digits(law, e)[0] for e in epsilons]


def test_law_kernels_shows_means_and_intervals():
    keeps, seeds = [0.2, 0.8], 3
    rng = np.random.default_rng(0)
    cells = [
        {"law": law, "channels": n, "keep": keep, "accuracy": rng.random(seeds).tolist()}
        for law in LAWS
        for n in (8, 16)
        for keep in keeps
    ]
    results = {"settings": {"channels": [8, 16], "keeps": keeps}, "cells": cells}
    for ax, n in zip(figures.law_kernels(results).axes, (8, 16), strict=True):
        drawn = curves(ax)
        assert list(drawn) == list(LAWS)
        for law, band in zip(LAWS, ax.collections, strict=True):
            mean, half = mean_interval(accuracies(results, law, n))
            assert drawn[law][0].tolist() == keeps
            assert drawn[law][1] == pytest.approx(mean)
            edge = band.get_paths()[0].vertices[:, 1]
            ends = [(mean - half).min(), (mean + half).max()]
            assert [edge.min(), edge.max()] == pytest.approx(ends)
