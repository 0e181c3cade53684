"""Drawings of the chapter *lower_bound*."""

from __future__ import annotations

from collections.abc import Mapping

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.figures.style import BLUE, GOLD, GREY, INK, PLUM, styled
from lpbook.lower_bounds import covered_length

_LOOKS = (
    ("o", "-", BLUE),
    ("s", "--", GOLD),
    ("^", ":", INK),
    ("D", "-.", PLUM),
    ("v", "-", GREY),
    ("P", "--", "#4c7a34"),
)


@styled
def covered_line(rows: Mapping[str, ArrayLike], epsilon: float) -> Figure:
    """Which weights in [-1, 1] are served by some numbers, a line for each set of them.

    Parameters
    ----------
    rows : mapping
        Label -> the numbers, shape (s,).
    epsilon : float
        Each serves what is within ε of it.
    """
    figure, ax = plt.subplots(figsize=(7, 0.75 * len(rows) + 0.9))
    for i, (label, numbers) in enumerate(rows.items()):
        y = len(rows) - 1 - i
        centres = np.sort(np.asarray(numbers, dtype=float))
        low, high = np.clip(centres - epsilon, -1, 1), np.clip(centres + epsilon, -1, 1)
        seen = high > low
        ax.hlines(y, -1, 1, color=GREY, linewidth=1, linestyle="-", zorder=1)
        ax.broken_barh(
            list(zip(low[seen], (high - low)[seen], strict=True)), (y - 0.18, 0.36),
            facecolor=GOLD, edgecolor=INK, linewidth=0.6, alpha=0.75, zorder=2, label=label,
        )  # fmt: skip
        inside = centres[np.abs(centres) <= 1]
        ax.plot(inside, np.full(inside.size, y), "|", color=INK, markersize=7, zorder=3)
        share = covered_length(centres, epsilon) / 2
        ax.text(-1, y + 0.27, f"{label}: {share:.0%} served", va="bottom")
    ax.set(ylim=(-0.45, len(rows) - 0.35), xlim=(-1.03, 1.03), yticks=[], xlabel="weight $w$")
    ax.spines["left"].set_visible(False)
    return figure


@styled
def coverage_against_n(
    shares: Mapping[str, tuple[ArrayLike, ArrayLike]], epsilon: float, max_weight: float = 1.0
) -> Figure:
    """The share of the range that is served, against how many weights may be kept or deleted.

    Parameters
    ----------
    shares : mapping
        Label -> (n, share of the range).
    epsilon, max_weight : float
        As in `lpbook.lower_bounds.covered_length`; the bound is 2^n ε / w_max, at most 1.
    """
    figure, ax = plt.subplots(figsize=(7, 3.4))
    most = max(int(np.max(n)) for n, _ in shares.values())
    n = np.arange(most + 1)  # between whole numbers nothing is meant
    bound = np.minimum(2.0**n * epsilon / max_weight, 1)
    ax.fill_between(n, bound, 1.08, color=GREY, alpha=0.3, linewidth=0)
    ax.plot(n, bound, color=INK, linewidth=2.4, linestyle="-", label="counting bound")
    for (label, (count, share)), (mark, line, color) in zip(shares.items(), _LOOKS, strict=False):
        ax.plot(count, share, linestyle=line, marker=mark, markersize=4, color=color,
                linewidth=1.3, markerfacecolor="white", label=label)  # fmt: skip
    ax.set(xlabel="numbers that may be kept, $n$", ylabel="share of weights served")
    ax.set(ylim=(0, 1.08), xlim=(0, most))
    ax.text(0.03 * most, 0.95, "no mask gets here")
    ax.legend(loc="upper left", bbox_to_anchor=(0, 0.87))
    return figure


@styled
def distance_against_epsilon(
    epsilons: ArrayLike, bound: ArrayLike, costs: Mapping[str, ArrayLike]
) -> Figure:
    """Random weights per target weight against ε, and how many times the bound that is.

    Parameters
    ----------
    epsilons : array_like, shape (e,)
        Errors allowed on a weight.
    bound : array_like, shape (e,)
        Bits for each target weight.
    costs : mapping
        Label -> weights of G for each target weight, shape (e,).
    """
    figure, axes = plt.subplots(1, 2, figsize=(7, 4.2))
    epsilons, bound = np.asarray(epsilons), np.asarray(bound)
    axes[0].plot(epsilons, bound, color=INK, linewidth=2.4, linestyle="-", label="counting bound")
    for (label, cost), (mark, line, color) in zip(costs.items(), _LOOKS, strict=False):
        look = {"linestyle": line, "marker": mark, "color": color, "markersize": 4,
                "markerfacecolor": "white", "linewidth": 1.3}  # fmt: skip
        axes[0].plot(epsilons, cost, label=label, **look)
        axes[1].plot(epsilons, np.asarray(cost) / bound, **look)
    axes[1].axhline(1, color=INK, linewidth=2.4, linestyle="-")
    titles = ("weights of G per target weight", "the same, divided by the bound")
    for ax, title in zip(axes, titles, strict=True):
        ax.set(xscale="log", yscale="log", xlabel=r"error allowed on a weight, $\varepsilon_w$")
        ax.set_title(title)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


@styled
def bits_of_a_ticket(bits: Mapping[str, float], least: float) -> Figure:
    """Bits for each target weight, a dot for each way to write them down.

    A line leads to it from the counting bound: on the logarithmic axis its length is the ratio.

    Parameters
    ----------
    bits : mapping
        Label -> bits.
    least : float
        The counting bound, a line.
    """
    figure, ax = plt.subplots(figsize=(7, 0.42 * len(bits) + 1.0))
    place = np.arange(len(bits))[::-1]
    ax.hlines(place, least, list(bits.values()), color=GREY, linewidth=1)
    ax.plot(list(bits.values()), place, "o", color=BLUE)
    for y, value in zip(place, bits.values(), strict=True):
        shown = f"{value:,.0f}" if value >= 100 else f"{value:.1f}"
        ax.annotate(shown, (value, y), xytext=(7, 0), textcoords="offset points", va="center")
    ax.axvline(least, color=INK, linewidth=2, linestyle="--", zorder=0)
    ax.set(xscale="log", xlabel="bits for each target weight", yticks=place)
    ax.set_yticklabels(list(bits))
    ax.set_xlim(least / 2, 2.5 * max(bits.values()))
    return figure
