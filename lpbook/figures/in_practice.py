"""Drawings of the chapter *in_practice*: the recorded experiment.

Bands and bars are 95 % t-intervals of the mean over the seeds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, NullFormatter, NullLocator
from numpy.typing import ArrayLike

from lpbook._checks import Floats
from lpbook.experiments.confidence import mean_interval
from lpbook.experiments.in_practice import best_scale, find
from lpbook.experiments.popup_convolution import LAWS, accuracies
from lpbook.experiments.sampling_laws import (
    POOLS,
    POPUP_LAWS,
    effective_share,
    family,
    neurons_for_digits,
    weight_law,
)
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, PLUM, in_italics, styled

LOOK: dict[str, tuple[str, str, str]] = {
    "hyperbolic, b = 1": (GOLD, "-", "o"),
    "hyperbolic": (GOLD, "--", "s"),
    "hyperbolic, wide": (GOLD, ":", "^"),
    "uniform, b = 1": (BLUE, "-", "D"),
    "uniform": (BLUE, "--", "v"),
    "normal": (INK, "-.", "x"),
    "constant": (PLUM, "-", "P"),
    "constant ±1": (PLUM, ":", "+"),
    "constant ±4/n": (PLUM, "-", "P"),
}
"""Colour, line and marker of each law."""


def _curve(ax: Axes, x: ArrayLike, values: ArrayLike, law: str, label: str = "") -> None:
    """Mean over the last axis against x, with a band."""
    mean, half = mean_interval(values)
    color, line, marker = LOOK[law]
    ax.plot(x, mean, color=color, linestyle=line, marker=marker, markersize=4, linewidth=1.4,
            label=label or law)  # fmt: skip
    ax.fill_between(x, mean - half, mean + half, color=color, alpha=0.18, linewidth=0)


def _numbers(ax: Axes, ticks: ArrayLike) -> None:
    """Plain numbers on a logarithmic axis of counts."""
    ax.set_xscale("log")
    ax.xaxis.set_major_locator(FixedLocator(np.asarray(ticks, dtype=float).tolist()))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_formatter(NullFormatter())


def _thousands(ax: Axes, counts: Floats) -> None:
    """The counts themselves as ticks, in thousands."""
    _numbers(ax, counts)
    ax.set_xticks(counts, [f"{count / 1000:.2g}" for count in counts])


def _legend(figure: Figure, ax: Axes, columns: int) -> None:
    lines, names = ax.get_legend_handles_labels()
    figure.legend(lines, map(in_italics, names), loc="outside upper center", ncols=columns,
                  columnspacing=1.2, handlelength=1.8)  # fmt: skip


@styled
def neurons_by_law(laws: Sequence[str], epsilons: ArrayLike) -> Figure:
    """How many neurons supply all digits of 99 % of the weights, against the error allowed."""
    epsilons = np.sort(np.asarray(epsilons, dtype=float))
    figure, ax = plt.subplots(figsize=(NARROW, 3.8))
    for law in laws:
        color, line, marker = LOOK[law]
        counts = [neurons_for_digits(law, float(epsilon))[0] for epsilon in epsilons]
        ax.loglog(epsilons, counts, color=color, linestyle=line, marker=marker, markersize=4,
                  label=law)  # fmt: skip
    ax.invert_xaxis()
    ax.set(xlabel="error allowed, $ε$", ylabel="neurons for all digits")
    _legend(figure, ax, 2)
    return figure


@styled
def law_digits(results: dict[str, Any]) -> Figure:
    """Golden-ratio digits against neurons: all digits supplied, and weights served by luck too."""
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.7), sharey=True)
    for law in POOLS:
        cell = find(results, "digits", law, "1")
        for ax, what in zip(axes, ("complete", "within"), strict=True):
            _curve(ax, cell["n"], cell[what], law)
    for ax, title in zip(axes, ("all digits supplied", "error at most $ε$"), strict=True):
        _numbers(ax, [20, 80, 320, 1280])
        ax.set(title=title, xlabel="random neurons for a weight", ylim=(-0.03, 1.03))
    axes[0].set_ylabel("share of the weights")
    _legend(figure, axes[0], 3)
    return figure


@styled
def law_subsets(results: dict[str, Any]) -> Figure:
    """Closest subsets: the error that 95 % of the targets keep, at own and at the best scale."""
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.9), sharey=True)
    for law in POOLS:
        cell = find(results, "subsets", law, "1")
        _curve(axes[0], cell["n"], np.log10(cell["high"]), law)
        _curve(axes[1], cell["n"], np.log10(best_scale(results, law, "high")[1]), law)
    for ax, title in zip(axes, ("own scale", "best of the scales tried"), strict=True):
        ax.axhline(-2, color=GREY, linewidth=0.8, linestyle="-")
        ax.set(title=title, xlabel="random neurons for a weight, $n$")
        ax.set_xticks(cell["n"][::2])
        ax.set_yticks([0, -1, -2, -3, -4], ["1", "0.1", "0.01", "$10^{-3}$", "$10^{-4}$"])
    axes[0].set_ylabel("error of 95 % of the weights")
    _legend(figure, axes[0], 3)
    return figure


def popup_curve(results: dict[str, Any], law: str, setting: str) -> tuple[Floats, Floats]:
    """Random weights of the network, and accuracies by width and seed."""
    widths = np.array(results["settings"]["widths"])
    reached = [find(results, "popup", law, setting, int(w))["accuracy"] for w in widths]
    return widths * 74.0, np.array(reached)


@styled
def law_popup(results: dict[str, Any], trained: float) -> Figure:
    """Edge-popup: test accuracy against random weights, at a tuned and at the law's own scale.

    A line marks `trained`, the accuracy of a network that was trained as usual.
    """
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.5), sharey=True)
    for ax, setting in zip(axes, ("tuned", "own"), strict=True):
        for law in POPUP_LAWS:
            _curve(ax, *popup_curve(results, law, setting), law)
        ax.axhline(trained, color=GREY, linewidth=0.8, linestyle="-")
        _thousands(ax, popup_curve(results, law, setting)[0])
        ax.set(title=f"{setting} scale", xlabel="thousands of random weights", ylim=(0, 1.02))
    axes[0].set_ylabel("accuracy on held-out images")
    _legend(figure, axes[0], 5)
    return figure


@styled
def accuracy_against_share(results: dict[str, Any]) -> Figure:
    """Edge-popup at one width: accuracy against the effective share of the law's weights."""
    width = results["settings"]["family_width"]
    figure, ax = plt.subplots(figsize=(NARROW, 3.4))
    laws = family(results["settings"]["log_ranges"])
    share = [effective_share(weight_law(name)) for name in laws]
    cells = [find(results, "popup", name, "tuned", width) for name in laws]
    mean, half = mean_interval([cell["accuracy"] for cell in cells])
    ax.errorbar(share, mean, half, color=GOLD, linestyle="--", marker="s", markersize=4, capsize=2,
                label="hyperbolic, range $L$ beside the points")  # fmt: skip
    for L, x, y in zip(laws.values(), share, mean, strict=True):
        ax.annotate(f"{L:.3g}", (x, y), textcoords="offset points", xytext=(4, -13))
    for law in ("uniform", "normal"):
        mean, half = mean_interval(find(results, "popup", law, "tuned", width)["accuracy"])
        color, _, marker = LOOK[law]
        ax.errorbar(effective_share(weight_law(law)), mean, half, color=color, marker=marker,
                    markersize=7, capsize=3, linestyle="none", label=law)  # fmt: skip
    ax.set(xlabel="effective share $s$ of the weights", ylabel="accuracy on held-out images")
    ax.legend(loc="lower right")
    return figure


VERDICT = (
    ("hyperbolic", "hyperbolic"),
    ("uniform", "uniform"),
    ("normal", "normal"),
    ("constant ±4/n", "constant"),
)
"""Pools and weights of the same law: all weights of G are drawn from it."""


@styled
def verdict(results: dict[str, Any]) -> Figure:
    """The answer in one picture: three ways to find a ticket, four laws."""
    figure, axes = plt.subplots(1, 3, figsize=(7, 3.1), sharey=True)
    for pool, label in VERDICT:
        for ax, method, setting, what in (
            (axes[0], "digits", "1", "complete"),
            (axes[1], "subsets", "1", "within"),
        ):
            cell = find(results, method, pool, setting)
            _curve(ax, cell["n"], cell[what], pool, label)
        _curve(axes[2], *popup_curve(results, label, "tuned"), label)
    _numbers(axes[0], [20, 160, 1280])
    axes[1].set_xticks([4, 8, 12, 16, 20])
    _thousands(axes[2], popup_curve(results, "uniform", "tuned")[0])
    for ax, title, x in zip(
        axes,
        ("digits:\nweights served", "subset sums:\nweights served", "edge-popup:\naccuracy"),
        ("neurons for a weight", "neurons for a weight", "thousands of weights"),
        strict=True,
    ):
        ax.set(title=title, xlabel=x, ylim=(-0.03, 1.03))
    _legend(figure, axes[0], 4)
    return figure


@styled
def law_kernels(results: dict[str, Any]) -> Figure:
    """Edge-popup on convolutional networks: test accuracy against the share of weights kept."""
    settings = results["settings"]
    channels, keeps = settings["channels"], settings["keeps"]
    figure, axes = plt.subplots(1, len(channels), figsize=(7, 3.4), sharey=True)
    for ax, count in zip(axes, channels, strict=True):
        for law in LAWS:
            _curve(ax, keeps, accuracies(results, law, count), law)
        ax.set(title=f"{count} channels", xlabel="share of the weights kept", ylim=(0, 1.02))
        ax.set_xticks(keeps, [f"{keep:g}" for keep in keeps])
    axes[0].set_ylabel("accuracy on held-out images")
    _legend(figure, axes[0], 3)
    return figure
