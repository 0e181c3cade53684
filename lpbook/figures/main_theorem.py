"""Drawings of the chapter *main_theorem*."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.budgets import closed_form_budget, weight_budget
from lpbook.experiments.price_list import prices
from lpbook.figures.style import BLUE, GOLD, GREY, INK, styled
from lpbook.networks import Network, as_domain

_LINES: dict[str, dict[str, Any]] = {
    "Malach, reserved": {"color": INK, "linestyle": "-", "marker": "s"},
    "product, reserved": {"color": INK, "linestyle": "--", "marker": "D"},
    "digits, reserved": {"color": GOLD, "linestyle": "-", "marker": "o"},
    "digits, batch lemma": {"color": GREY, "linestyle": ":", "marker": "x"},
    "digits, pooled": {"color": GOLD, "linestyle": "--", "marker": "v"},
    "digits, shared": {"color": BLUE, "linestyle": "-", "marker": "^"},
    "subset sum, shared": {"color": BLUE, "linestyle": "--", "marker": "*"},
    "counting bound": {"color": GREY, "linestyle": "-", "marker": ""},
}


@styled
def budget_forms(network: Network, epsilons: ArrayLike, *, inputs: Any) -> Figure:
    """The error allowed on one weight by each rule, and what the budget saves over the others."""
    epsilons = np.sort(np.asarray(epsilons, dtype=float))
    domain = as_domain(inputs, network)
    rules = {
        "budget": [weight_budget(network, e, domain) for e in epsilons],
        "logarithmic form": [weight_budget(network, e, domain, "logarithmic") for e in epsilons],
        "closed form, e − 1": [
            closed_form_budget(network, e, domain, math.e - 1) for e in epsilons
        ],
        "closed form, e": [weight_budget(network, e, domain, "closed-form") for e in epsilons],
    }
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.1), sharex=True)
    for name, values in rules.items():
        left.loglog(epsilons, values, label=name)
        right.loglog(epsilons, np.array(rules["budget"]) / values)
    left.set(xlabel="error allowed on the output, ε", ylabel="error allowed on a weight")
    right.set(xlabel="error allowed on the output, ε", ylabel="budget / this form")
    figure.legend(*left.get_legend_handles_labels(), loc="outside upper center", ncols=4,
                  columnspacing=1.2, handlelength=1.8)  # fmt: skip
    return figure


@styled
def prices_against_epsilon(
    network: Network, epsilons: ArrayLike, *, inputs: Any, delta: float
) -> Figure:
    """All prices against ε in both currencies; below, those that grow like a logarithm.

    Under a line of the last plot hangs a band where constants are among its weights: its lower edge
    counts those that are drawn.
    """
    epsilons = np.sort(np.asarray(epsilons, dtype=float))
    found = [prices(network, float(e), inputs, delta) for e in epsilons]
    figure, axes = plt.subplots(2, 2, figsize=(7, 6.2), sharex=True)
    currency_names = {"neurons": "neurons", "random_weights": "weights of G"}
    for column, currency in enumerate(currency_names):
        for name, look in _LINES.items():
            values = np.array([getattr(price[name], currency) for price in found])
            style = {**look, "markersize": 4, "markevery": 4, "linewidth": 1.4, "label": name}
            axes[0, column].loglog(epsilons, values, **style)
            if not name.startswith(("Malach", "product")):
                axes[1, column].loglog(epsilons, values, **style)
                if column:
                    drawn = [price[name].drawn_weights for price in found]
                    axes[1, 1].fill_between(epsilons, drawn, values, color=look["color"], alpha=0.2)
        axes[0, column].set_title(f"{currency_names[currency]} per target weight")
        axes[1, column].set_xlabel("error allowed on the output, ε")
    axes[0, 0].set_ylabel("all")
    axes[1, 0].set_ylabel("the logarithmic ones")
    figure.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


@styled
def failures_against_rows(
    needed: ArrayLike, bound: Mapping[int, float], planned: Mapping[float, int]
) -> Figure:
    """How often a layer is not served by M rows a block: drawn, and by the union bound.

    Parameters
    ----------
    needed : array_like of int, shape (draws,)
        Least rows that served the layer in each draw.
    bound : mapping of int to float
        The union bound for each M.
    planned : mapping of float to int
        The rows of the plan for some δ.
    """
    needed = np.sort(np.asarray(needed))
    figure, ax = plt.subplots(figsize=(7, 3.1))
    rows = np.array(list(bound))
    ax.semilogy(rows, list(bound.values()), color=GOLD, linestyle="--", label="union bound")
    drawn = np.array([(needed > m).mean() for m in rows])
    look = {"color": BLUE, "linestyle": "-", "drawstyle": "steps-post"}
    ax.semilogy(rows[drawn > 0], drawn[drawn > 0], label=f"{needed.size} draws", **look)
    for delta, size in planned.items():
        ax.plot([size], [delta], "D", color=INK, markersize=5)
        if (needed > size).mean() > delta:  # the steps run above: the label goes below
            place: dict[str, Any] = {"xytext": (-9, -4), "ha": "right", "va": "top"}
        else:
            place = {"xytext": (9, 4), "ha": "left", "va": "bottom"}
        ax.annotate(f"δ = {delta:g}", (size, delta), textcoords="offset points", **place)
    ax.set(xlabel="rows of every block, M", ylabel="probability of failure")
    ax.set(ylim=(0.5 / needed.size, 1.5), xlim=(rows[0], rows[-1]))
    ax.legend(loc="lower left")
    return figure


@styled
def slack(ladder: Mapping[str, float]) -> Figure:
    """Numbers that bound the same error, from the loosest to the truth, on one logarithmic axis."""
    names, values = list(ladder), np.array(list(ladder.values()))
    figure, ax = plt.subplots(figsize=(7, 0.45 * len(names) + 0.9))
    ax.hlines(range(len(names)), values.min() / 3, values, color=GREY, linewidth=0.8)
    ax.plot(values, range(len(names)), "o", color=BLUE)
    for row, value in enumerate(values):
        ax.annotate(f"{value:.2g}", (value, row), xytext=(7, 0), textcoords="offset points",
                    va="center")  # fmt: skip
    ax.set(xscale="log", xlim=(values.min() / 3, values.max() * 4), ylim=(len(names) - 0.5, -0.5))
    ax.set_yticks(range(len(names)), names)
    ax.set_xlabel("error of the output")
    return figure
