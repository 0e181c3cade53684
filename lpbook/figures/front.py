"""Drawings of the front page, each for one question: why φ, why 1/w, at what price."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import ConnectionPatch
from numpy.typing import ArrayLike

from lpbook.digits import segments
from lpbook.distributions import Hyperbolic, Uniform, segment_probabilities
from lpbook.figures.golden_ratio import digits_needed
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, SLICES, percent, styled
from lpbook.networks import Network
from lpbook.pruning import plan


@styled
def lowest_digits(bases: Mapping[str, float], epsilon: float) -> Figure:
    """The smallest digits of each base, end to end: do they reach from 0 to 1?

    Parameters
    ----------
    bases : mapping of name to float
        One bar each, from the top down.
    epsilon : float
        Error allowed: a base has the least number of digits whose last power is at most this.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 0.75 * len(bases) + 0.85))
    for row, (name, base) in enumerate(bases.items()):
        k = digits_needed(epsilon, base)
        low = segments(k, base)[0]
        starts = np.concatenate([[0.0], np.cumsum(low)])
        for i in range(k):
            ax.barh(row, low[i], left=starts[i], height=0.5, edgecolor=BLUE, linewidth=0.6,
                    **SLICES[i % 2])  # fmt: skip
        if starts[-1] < 1 - 1.001 * epsilon:
            ax.barh(row, 1 - starts[-1], left=starts[-1], height=0.5, facecolor="white",
                    edgecolor=GOLD, hatch="xx", linewidth=1)  # fmt: skip
            verdict = "a hole"
        else:
            verdict = "all but $ε$" if starts[-1] <= 1 else "more than needed"
        words = f"base {name}: {k} digits reach {starts[-1]:.2f}, {verdict}"
        ax.text(0, row - 0.33, words, va="bottom")
    ax.axvline(1, color=INK, linewidth=1.2)
    ax.set(ylim=(len(bases) - 0.6, -0.85), xlim=(0, None), yticks=[])
    ax.set_xlabel("the smallest digits, end to end")
    ax.set_xticks([0, 0.5, 1])
    ax.spines["left"].set_visible(False)
    return figure


@styled
def equal_areas(k: int) -> Figure:
    """The density c/w cut at powers of φ: equal areas above, equal boxes on a log axis below.

    Below each box its probability under that law and under the uniform one. Large sizes are on the
    left, as is the first digit.
    """
    low, high = segments(k)
    law = Hyperbolic(low[-1], high[0])
    shares = segment_probabilities(law, k), segment_probabilities(Uniform(1.0), k)
    figure, (above, below) = plt.subplots(2, 1, figsize=(NARROW, 4.3), height_ratios=[1.7, 1])
    for i in range(k):
        w = np.linspace(low[i], high[i], 50)
        density = law.magnitude_pdf(w)
        above.fill_between(w, density, edgecolor=BLUE, linewidth=0.6, **SLICES[i % 2])
        below.barh(0, high[i] - low[i], left=low[i], height=0.8, edgecolor=BLUE, linewidth=0.6,
                   **SLICES[i % 2])  # fmt: skip
        middle = math.sqrt(low[i] * high[i])
        box = {"facecolor": "white", "edgecolor": "none", "pad": 1.5, "alpha": 0.85}
        below.text(middle, 0, percent(shares[0][i]), ha="center", va="center", bbox=box)
        below.text(middle, -0.75, percent(shares[1][i]), ha="center", va="center", color="#7a5900")
    for end in (*high, low[-1]):
        line = ConnectionPatch((end, 0), (end, 0.4), "data", "data", axesA=above, axesB=below,
                               color=GREY, linewidth=0.7, linestyle=":")  # fmt: skip
        figure.add_artist(line)
    above.plot([0, 1], [1, 1], color=GOLD, linestyle="--")
    above.annotate("uniform density", (1, 1), xytext=(0, 4), textcoords="offset points",
                   color="#7a5900")  # fmt: skip
    top = float(law.magnitude_pdf(low[-1:])[0])
    above.annotate("density $c/w$", (low[-2], law.magnitude_pdf(low[-2:-1])[0]), xytext=(-14, 6),
                   textcoords="offset points", color=BLUE, ha="right")  # fmt: skip
    above.set(xlim=(1, 0), ylim=(0, 1.06 * top), yticks=[], xticks=[1, 0.5, 0])
    above.spines["left"].set_visible(False)
    wasted = 1 - float(Uniform(1.0).magnitude_cdf(high[:1])[0])
    below.text(high[0] ** 0.5, -0.75, percent(wasted), ha="center", va="center", color="#7a5900")
    below.set(xscale="log", xlim=(1, low[-1] * 0.94), ylim=(-1.1, 0.45), yticks=[0, -0.75])
    below.set_yticklabels(["$c/w$", "uniform"])
    ends = [1.0, *high, low[-1]]
    below.set_xticks(ends, [f"{end:.2g}" for end in ends])
    below.minorticks_off()
    below.tick_params(axis="y", length=0)
    below.set_xlabel("size $w$, logarithmic: each segment holds one digit")
    below.spines["left"].set_visible(False)
    return figure


@styled
def price_of_accuracy(
    network: Network, epsilons: ArrayLike, *, inputs: Any, marked: float
) -> Figure:
    """Random neurons for each weight: along 1/ε a straight line, beside the price of other ways.

    Parameters
    ----------
    network : Network
        The target.
    epsilons : array_like
        Errors allowed on the output.
    inputs : Ball or array_like
        The domain.
    marked : float
        The ε at which the ways are compared.
    """
    epsilons = np.sort(np.asarray(epsilons, dtype=float))[::-1]
    figure, (left, right) = plt.subplots(1, 2, figsize=(NARROW, 2.9), width_ratios=[1, 1.05])
    each = [plan(network, e, inputs=inputs).neurons_per_weight for e in epsilons]
    here = plan(network, marked, inputs=inputs).neurons_per_weight
    left.plot(1 / epsilons, each, color=BLUE, marker="o", markersize=4)
    left.plot([1 / marked], [here], "D", color=GOLD, markeredgecolor=INK, markersize=8)
    left.annotate(f"{here:.0f}", (1 / marked, here), xytext=(-5, 8), ha="right", fontweight="bold",
                  textcoords="offset points")  # fmt: skip
    left.set(xscale="log", ylim=(0, 1.1 * max(each)), xlabel="accuracy $1/ε$")
    left.set_title("neurons for each weight", fontsize=12)

    prices = {
        "a neuron for all outputs": here,
        "each weight its own": plan(
            network, marked, inputs=inputs, layout="reserved"
        ).neurons_per_weight,
        "wait for the weight itself": plan(
            network, marked, "malach", inputs=inputs
        ).neurons_per_weight,
    }
    for row, (name, price) in enumerate(prices.items()):
        right.barh(row, price, height=0.42, left=0, color=[BLUE, "#8fb3d4", "#c9c9c9"][row],
                   edgecolor=INK, linewidth=0.6)  # fmt: skip
        words = f"{price:,.0f}" if price < 1e9 else f"{price / 1e9:.0f} billion"
        right.text(1.3, row - 0.25, f"{name}: {words}", va="bottom", fontsize=11.5)
    right.set(xscale="log", xlim=(1, None), yticks=[], ylim=(2.5, -0.75))
    right.set_title(f"the same at $ε$ = {marked:g}", fontsize=12)
    right.spines["left"].set_visible(False)
    return figure
