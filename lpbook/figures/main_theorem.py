"""Drawings of the chapter *main_theorem*."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import NullLocator
from numpy.typing import ArrayLike

from lpbook.budgets import closed_form_budget, weight_budget
from lpbook.constructions.golden_ratio import GoldenRatioScheme
from lpbook.digits import PHI
from lpbook.experiments.price_list import prices
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, styled
from lpbook.networks import Network, as_domain
from lpbook.pruning import Plan, plan

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
def from_error_to_price(cost: Plan, epsilon: float) -> Figure:
    """The theorem as a chain: an error on the output becomes one on a weight, digits, neurons.

    Parameters
    ----------
    cost : Plan
        Shared layout, digits, inputs that are never negative.
    epsilon : float
        The error that was asked for.
    """
    digits = [layer.requirements for layer in cost.layers]
    rarest = [
        1 / layer.scheme.probability(nonnegative=True)
        for layer in cost.layers
        if isinstance(layer.scheme, GoldenRatioScheme)
    ]
    if len(rarest) < len(digits):
        raise TypeError(f"cost={cost!r}: every layer must be made of golden-ratio digits")
    rows = [max(layer.widths) for layer in cost.layers]
    each = "layers " + ", ".join(str(i + 1) for i in range(len(digits)))
    steps = {
        "error on the output": f"$ε$ = {epsilon:g}",
        "error on a weight": f"$ε_w$ = {_power(cost.layers[0].weight_epsilon)}",
        f"digits of a weight\n({each})": "$k$ = " + ", ".join(map(str, digits)),
        "chance of a digit": "$c$ = " + ", ".join(f"1/{n:.0f}" for n in rarest),
        "neurons of a block": "$M$ = " + ", ".join(map(str, rows)),
        "neurons per weight": f"{cost.neurons_per_weight:.1f}",
    }
    why = "error budget", "largest weight", "law of $G$", "union bound", "sharing"
    figure, ax = plt.subplots(figsize=(NARROW, 3.4))
    for place, (name, value) in enumerate(steps.items()):
        row, column = divmod(place, 2)
        x, y = 3.1 * column, -1.5 * row
        ax.add_patch(Rectangle((x, y), 2.1, 0.95, facecolor="#d8e6f3", edgecolor=BLUE))
        ax.text(x + 1.05, y + 0.7, value, ha="center", va="center", fontsize=13)
        ax.text(x + 1.05, y + 0.29, name, ha="center", va="center", fontsize=11.5)
        if place == len(why):
            break
        look = {"arrowstyle": "-|>", "color": INK}
        if column == 0:
            ax.annotate("", (x + 3.1, y + 0.48), (x + 2.1, y + 0.48), arrowprops=look)
            ax.text(x + 2.57, y + 0.55, why[place].replace(" ", "\n", 1), ha="center", va="bottom",
                    fontsize=11.5)  # fmt: skip
        else:
            ax.plot([x + 1.05, x + 1.05, 1.05], [y, y - 0.28, y - 0.28], "-", color=INK,
                    linewidth=1)  # fmt: skip
            ax.annotate("", (1.05, y - 0.55), (1.05, y - 0.27), arrowprops=look)
            ax.text(2.6, y - 0.25, why[place], ha="center", va="bottom", fontsize=11.5)
    ax.set(xlim=(-0.05, 5.25), ylim=(-3.05, 1.0))
    ax.axis("off")
    return figure


def _power(number: float) -> str:
    exponent = math.floor(math.log10(number))
    return rf"{number / 10**exponent:.1f}$\cdot10^{{{exponent}}}$".replace("-", "−")


@styled
def logarithm_is_a_line(
    network: Network, epsilons: ArrayLike, *, inputs: Any, delta: float, highest: float
) -> Figure:
    """Digits of a weight against the error allowed; prices as multiples of the first one.

    Parameters
    ----------
    network : Network
        The target.
    epsilons : array_like
        Errors allowed on the output.
    inputs : Ball or array_like
        The domain.
    delta : float
        Probability of failure.
    highest : float
        Where the axis of the prices ends.
    """
    epsilons = np.sort(np.asarray(epsilons, dtype=float))[::-1]
    layers = [plan(network, float(e), inputs=inputs).layers[0] for e in epsilons]
    found = [prices(network, float(e), inputs, delta) for e in epsilons]
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.8), sharex=True)
    exact = [math.log(layer.max_weight / layer.weight_epsilon, PHI) for layer in layers]
    left.semilogx(epsilons, exact, "-", color=GREY, linewidth=1)
    left.semilogx(epsilons, [layer.requirements for layer in layers], "o", color=GOLD, markersize=4)
    left.set(xlabel="error allowed, $ε$", ylabel="digits of a weight, $k$", ylim=(0, None))
    left.invert_xaxis()
    for name, look in _LINES.items():
        values = np.array([price[name].neurons for price in found])
        if name in ("counting bound", "subset sum, shared", "digits, batch lemma"):
            continue
        style = {**look, "markersize": 4, "markevery": 4, "linewidth": 1.4, "label": name}
        right.semilogx(epsilons, values / values[0], **style)
    right.set(xlabel="error allowed, $ε$", ylim=(0, highest))
    right.set_ylabel(f"price, that at $ε$ = {epsilons[0]:g} is 1")
    for ax in (left, right):
        ax.xaxis.set_minor_locator(NullLocator())
    figure.legend(*right.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


@styled
def error_along_rays(
    network: Network, ticket: Network, rows: ArrayLike, radius: float, epsilon: float
) -> Figure:
    """The error of a ticket on the rays through some inputs, within the domain and beyond."""
    lengths = radius * np.geomspace(0.1, 1000, 49)
    figure, ax = plt.subplots(figsize=(NARROW, 3.0))
    for row in np.atleast_2d(np.asarray(rows, dtype=float)):
        points = np.outer(lengths, row / np.linalg.norm(row))
        errors = np.linalg.norm(ticket(points) - network(points), axis=-1)
        ax.loglog(lengths, errors, "-", color=BLUE, linewidth=0.9, alpha=0.6)
    ax.axvspan(lengths[0], radius, facecolor="#e4e4e4", zorder=0)
    ax.axhline(epsilon, color=GOLD, linestyle="--")
    ax.annotate("$ε$", (lengths[0], epsilon), xytext=(4, 4), textcoords="offset points", color=GOLD)
    ax.annotate("the domain", (radius, 0.96), xycoords=("data", "axes fraction"), ha="right",
                xytext=(-5, 0), textcoords="offset points", va="top")  # fmt: skip
    ax.set(xlabel=r"$\|x\|_2$", ylabel="error of the output", xlim=(lengths[0], lengths[-1]))
    return figure


@styled
def budget_forms(network: Network, epsilons: ArrayLike, *, inputs: Any) -> Figure:
    """The error allowed on one weight by each rule, and what the budget saves over the others."""
    epsilons = np.sort(np.asarray(epsilons, dtype=float))
    domain = as_domain(inputs, network)
    rules = {
        "budget": [weight_budget(network, e, domain) for e in epsilons],
        "logarithmic form": [weight_budget(network, e, domain, "logarithmic") for e in epsilons],
        "closed form, $e-1$": [
            closed_form_budget(network, e, domain, math.e - 1) for e in epsilons
        ],
        "closed form, $e$": [weight_budget(network, e, domain, "closed-form") for e in epsilons],
    }
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.1), sharex=True)
    for name, values in rules.items():
        left.loglog(epsilons, values, label=name)
        right.loglog(epsilons, np.array(rules["budget"]) / values)
    left.set(xlabel="error allowed on the output, $ε$", ylabel="error allowed on a weight")
    right.set(xlabel="error allowed on the output, $ε$", ylabel="budget / this form")
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
    figure, axes = plt.subplots(2, 2, figsize=(7, 5.7), sharex=True)
    currency_names = {"neurons": "neurons", "random_weights": "weights of $G$"}
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
        axes[1, column].set_xlabel("error allowed on the output, $ε$")
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
    figure, ax = plt.subplots(figsize=(NARROW, 3.3))
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
        ax.annotate(f"$δ$ = {delta:g}", (size, delta), textcoords="offset points", **place)
    ax.set(xlabel="rows of every block, $M$", ylabel="probability of failure")
    ax.set(ylim=(0.5 / needed.size, 1.5), xlim=(rows[0], rows[-1]))
    ax.legend(loc="lower left")
    return figure


@styled
def slack(ladder: Mapping[str, float]) -> Figure:
    """Numbers that bound the same error, from the loosest to the truth, on one logarithmic axis."""
    names, values = list(ladder), np.array(list(ladder.values()))
    figure, ax = plt.subplots(figsize=(NARROW, 0.45 * len(names) + 0.9))
    ax.hlines(range(len(names)), values.min() / 3, values, color=GREY, linewidth=0.8)
    ax.plot(values, range(len(names)), "o", color=BLUE)
    for row, value in enumerate(values):
        ax.annotate(f"{value:.2g}", (value, row), xytext=(7, 0), textcoords="offset points",
                    va="center")  # fmt: skip
    ax.set(xscale="log", xlim=(values.min() / 3, values.max() * 4), ylim=(len(names) - 0.5, -0.5))
    ax.set_yticks(range(len(names)), names)
    ax.set_xlabel("error of the output")
    return figure
