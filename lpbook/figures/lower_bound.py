"""Drawings of the chapter *lower_bound*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike

from lpbook.digits import sums_by_index
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, PLUM, percent, styled
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
def covered_line(
    rows: Mapping[str, Sequence[ArrayLike]], epsilon: float, max_weight: float = 1.0
) -> Figure:
    """Which weights up to w_max are served by some numbers, a line for each set of them.

    Parameters
    ----------
    rows : mapping
        Label -> groups of numbers, each of shape (s,). The first group is drawn plain, the second
        one hatched.
    epsilon : float
        Each number serves what is within ε of it.
    max_weight : float
        The lines go from -w_max to w_max.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 0.54 * len(rows) + 0.65))
    looks = ({"facecolor": "#d9e5f0", "edgecolor": BLUE},
             {"facecolor": "#f4e3b8", "edgecolor": "#7a5a06", "hatch": "////"})  # fmt: skip
    ends = -max_weight, max_weight
    for i, (label, groups) in enumerate(rows.items()):
        y = len(rows) - 1 - i
        ax.hlines(y, *ends, color=GREY, linewidth=1, linestyle="-", zorder=1)
        for place, (centres, look) in enumerate(zip(groups, looks[: len(groups)], strict=True)):
            centres = np.asarray(centres, dtype=float)
            low, high = np.clip(centres - epsilon, *ends), np.clip(centres + epsilon, *ends)
            seen = high > low
            ax.broken_barh(
                list(zip(low[seen], (high - low)[seen], strict=True)), (y - 0.15, 0.3),
                linewidth=0.8, alpha=0.85, zorder=2, label=f"{label} {place}", **look,
            )  # fmt: skip
        share = covered_length(np.concatenate(groups), epsilon, max_weight) / (2 * max_weight)
        ax.text(-max_weight, y + 0.2, label, va="bottom")
        ax.text(max_weight, y + 0.2, f"{percent(share)} served", va="bottom", ha="right")
    ax.set(ylim=(-0.3, len(rows) - 0.4), xlim=(-1.03 * max_weight, 1.03 * max_weight))
    ax.set(yticks=[], xticks=[-max_weight, 0, max_weight], xlabel="weight $w$")
    ax.spines["left"].set_visible(False)
    return figure


def doubling(numbers: ArrayLike) -> dict[str, tuple[ArrayLike, ...]]:
    """The subset sums of the first 0, 1, 2, ... numbers, as rows of `covered_line`.

    The second group are the sums with the newest number: a copy of all the sums before it.

    Examples
    --------
    >>> for label, groups in doubling([2.0, -4.0]).items():
    ...     print(label, [sums.tolist() for sums in groups])
    no number: 1 sum [[0.0]]
    1 number: 2 sums [[0.0], [2.0]]
    2 numbers: 4 sums [[0.0, 2.0], [-4.0, -2.0]]
    """
    x = np.asarray(numbers, dtype=float)
    rows: dict[str, tuple[ArrayLike, ...]] = {"no number: 1 sum": (np.zeros(1),)}
    for count in range(1, x.size + 1):
        old = sums_by_index(x[: count - 1])
        label = f"{count} number{'s' * (count > 1)}: {2**count} sums"
        rows[label] = (old, old + x[count - 1])
    return rows


@styled
def served_draws(served: ArrayLike) -> Figure:
    """Which cells of [-1, 1] are served in which draw; the shares of every row and every column.

    Parameters
    ----------
    served : array_like of bool, shape (draws, cells)
        A draw in each row.
    """
    served = np.asarray(served, dtype=bool)
    draws, cells = served.shape
    figure, ax = plt.subplots(figsize=(NARROW, 0.36 * draws + 1.0))
    width = 2 / cells
    row, column = np.nonzero(served)
    ax.hlines(np.arange(draws), -1, 1, color=GREY, linewidth=1, linestyle="-", zorder=1)
    ax.barh(row, width, left=column * width - 1, height=0.62,
            facecolor="#d9e5f0", edgecolor=BLUE, linewidth=0.8, zorder=2)  # fmt: skip
    for y, share in enumerate(served.mean(axis=1)):
        ax.text(1.03, y, percent(share), va="center")
    for i, share in enumerate(served.mean(axis=0)):
        ax.text((i + 0.5) * width - 1, draws - 0.25, percent(share), ha="center", va="center")
    ax.set(ylim=(draws + 0.1, -0.5), yticks=np.arange(draws), xticks=[-1, 0, 1])
    ax.set_yticklabels([f"draw {i + 1}" for i in range(draws)])
    ax.set(xlim=(-1.03, 1.2), xlabel="weight $w$")
    ax.tick_params(left=False)
    ax.spines["left"].set_visible(False)
    return figure


@styled
def served_squares(sets: Mapping[str, tuple[ArrayLike, ArrayLike]], epsilon: float) -> Figure:
    """Which pairs of weights in [-1, 1] are served, if each weight has sums of its own.

    Parameters
    ----------
    sets : mapping
        Label -> the sums that may stand for the first weight, and those for the second.
    epsilon : float
        A pair of sums serves a square of side 2ε.
    """
    figure, axes = plt.subplots(1, len(sets), figsize=(NARROW, 3.1), sharey=True, squeeze=False)
    for ax, (label, pair) in zip(axes[0], sets.items(), strict=True):
        for x, y in product(*(np.asarray(sums, dtype=float) for sums in pair)):
            ax.add_patch(Rectangle((x - epsilon, y - epsilon), 2 * epsilon, 2 * epsilon,
                                   facecolor=BLUE, alpha=0.25, linewidth=0))  # fmt: skip
            ax.add_patch(Rectangle((x - epsilon, y - epsilon), 2 * epsilon, 2 * epsilon,
                                   fill=False, edgecolor=BLUE, linewidth=0.5))  # fmt: skip
        share = np.prod([covered_length(sums, epsilon) / 2 for sums in pair])
        ax.set(xlim=(-1, 1), ylim=(-1, 1), aspect="equal", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
        ax.set(title=f"{label}: {percent(float(share))}", xlabel="weight $w_1$")
    axes[0, 0].set_ylabel("weight $w_2$")
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
    figure, ax = plt.subplots(figsize=(NARROW, 3.2))
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
def all_served(
    n: ArrayLike, shares: ArrayLike, bounds: Mapping[str, float], asked: float
) -> Figure:
    """The share of draws that serve all of many weights, against how many numbers each weight has.

    Parameters
    ----------
    n, shares : array_like, shape (c,)
        Numbers of each weight, and the share of draws.
    bounds : mapping
        Label -> numbers that are necessary where the share is `asked`, a vertical line.
    asked : float
        A share of draws, a horizontal line.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 2.8))
    ax.plot(n, shares, color=BLUE, marker="o", linestyle="-", markersize=4)
    ax.axhline(asked, color=GREY, linestyle=":", linewidth=1.4)
    for (label, least), line in zip(bounds.items(), ("--", "-.")[: len(bounds)], strict=True):
        ax.axvline(least, color=INK, linestyle=line, linewidth=1.2)
        ax.annotate(f"{label}: {least:.1f}", (least, 0.55), rotation=90, ha="right", va="center",
                    xytext=(-3, 0), textcoords="offset points")  # fmt: skip
    ax.set(xlabel="numbers of each weight, $n$", ylabel="draws that serve all", ylim=(0, 1.03))
    ax.set_xlim(0.75 * min(*bounds.values(), float(np.min(n))), None)
    return figure


@styled
def distance_against_epsilon(
    epsilons: ArrayLike, bound: ArrayLike, costs: Mapping[str, ArrayLike]
) -> Figure:
    """How many times the counting bound a construction draws, against ε.

    Parameters
    ----------
    epsilons : array_like, shape (e,)
        Errors allowed on a weight.
    bound : array_like, shape (e,)
        Bits for each target weight.
    costs : mapping
        Label -> weights of G for each target weight, shape (e,).
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.8))
    epsilons, bound = np.asarray(epsilons), np.asarray(bound)
    for (label, cost), (mark, line, color) in zip(costs.items(), _LOOKS, strict=False):
        ax.plot(epsilons, np.asarray(cost) / bound, label=label, linestyle=line, marker=mark,
                color=color, markersize=4, markerfacecolor="white", linewidth=1.3)  # fmt: skip
    ax.axhspan(0.01, 1, color=GREY, alpha=0.3, linewidth=0)
    ax.axhline(1, color=INK, linewidth=2.4, linestyle="-")
    ax.text(epsilons.max(), 0.1, "no method gets here", va="center")
    ax.set(xscale="log", yscale="log", xlabel=r"error allowed on a weight, $\varepsilon_w$")
    ax.set(ylabel="times the counting bound", ylim=(0.01, None))
    ax.invert_xaxis()
    figure.legend(*ax.get_legend_handles_labels(), loc="outside lower center", ncols=2)
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
    figure, ax = plt.subplots(figsize=(NARROW, 0.36 * len(bits) + 0.9))
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
