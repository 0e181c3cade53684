"""Drawings of the chapter *since_universal*."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook import _checks
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, price_panels, styled

_MOST_BITS = 8


@styled
def functions_by_signs(
    x: ArrayLike,
    tasks: Mapping[str, tuple[ArrayLike, ArrayLike, Sequence[int]]],
    bound: float,
) -> Figure:
    """Functions and what one ticket computes of them, each by its signs, one under the other.

    Parameters
    ----------
    x : array_like, shape (points,)
        From 0 to 1.
    tasks : mapping from a name to (f, computed, signs)
        Both functions at these points, and the read-out: a sign for each cell.
    bound : float
        What is proved of all of them: the band around f.
    """
    x = np.asarray(x, dtype=float)
    size = (NARROW, 0.6 + 1.6 * len(tasks))
    figure, axes = plt.subplots(len(tasks), 1, figsize=size, sharex=True, squeeze=False)
    for ax, (name, (f, computed, signs)) in zip(axes.flat, tasks.items(), strict=True):
        f = np.asarray(f, dtype=float)
        ax.fill_between(x, f - bound, f + bound, color=GREY, alpha=0.3, label="proved")
        ax.plot(x, f, color=INK, linestyle=":", label="task")
        ax.plot(x, computed, color=BLUE, linestyle="-", label="ticket")
        middles = (np.arange(len(signs)) + 0.5) / len(signs)
        low = min((f - bound).min(), np.min(computed))
        span = (f + bound).max() - low
        for sign, mark in ((1, "^"), (-1, "v")):
            chosen = middles[np.asarray(signs) == sign]
            ax.plot(chosen, np.full(chosen.size, low - 0.14 * span), mark, color=GOLD, ms=5)
        ax.set_ylim(low - 0.26 * span, low + 1.06 * span)
        ax.set_title(name, fontsize=12)
    axes[-1, 0].set(xlabel="$x$", xlim=(0, 1))
    handles, labels = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3)
    return figure


@styled
def errors_of_tasks(norms: ArrayLike, errors: ArrayLike, proved: float) -> Figure:
    """The largest error of each task against the norm of its read-out, and the proved bound.

    Parameters
    ----------
    norms, errors : array_like, shape (tasks,)
        Of the read-outs, and measured; above 0.
    proved : float
        Proved error of the features, the bound's slope.
    """
    norms = np.asarray(norms, dtype=float)
    figure, ax = plt.subplots(figsize=(NARROW, 3.6))
    ax.loglog(norms, errors, "o", color=BLUE, ms=3, alpha=0.6, label="a task, measured")
    ends = np.array([norms.min(), norms.max()])
    ax.plot(ends, proved * ends, color=GOLD, linestyle="--", label="proved")
    ticks = np.arange(np.ceil(ends[0]), np.floor(ends[1]) + 1)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.set(xlabel="norm of the read-out", ylabel="largest error of the task")
    figure.legend(loc="outside upper center", ncols=2)
    return figure


@styled
def prices_by_tasks(
    tasks: Sequence[int],
    neurons: Mapping[str, Sequence[int]],
    weights: Mapping[str, Sequence[int]],
) -> Figure:
    """Neurons and weights of G against the number of tasks, one by one and together.

    Parameters
    ----------
    tasks : sequence of int
        How many.
    neurons, weights : mapping from a name to sequence of int
        Two ways, the same in both, one price for each of `tasks`.
    """
    looks = ((GOLD, "s", "--"), (BLUE, "o", "-"))
    panels = {
        title: dict(zip(prices, zip(prices.values(), looks, strict=True), strict=True))
        for title, prices in (("neurons of $G$", neurons), ("weights of $G$", weights))
    }
    figure, axes = price_panels(tasks, [str(count) for count in tasks], panels, 5.4)
    axes[1].set_xlabel("tasks")
    return figure


@styled
def all_read_outs_by_signs(cells: int, chosen: Sequence[int]) -> Figure:
    """What all read-outs by signs compute, and one of them, in units of L.

    Parameters
    ----------
    cells : int
        n, at most 8.
    chosen : sequence of n int
        The signs of the one that is drawn thick.
    """
    n = _checks.count("cells", cells, at_least=1, at_most=_MOST_BITS)
    if len(chosen) != n:
        raise _checks.fail("chosen", chosen, f"must have {n} signs")
    figure, ax = plt.subplots(figsize=(NARROW, 3.3))
    x = np.arange(n + 1) / n
    for signs in itertools.product((1, -1), repeat=n):
        ax.plot(x, np.cumsum([0, *signs]) / n, color=GREY, linestyle="-", linewidth=0.8)
    ax.plot(x, np.cumsum([0, *chosen]) / n, color=BLUE, linestyle="-", marker="o", ms=5)
    ax.set(xlabel="$x$", ylabel="in units of $L$", xlim=(0, 1.02), yticks=[-1, -0.5, 0, 0.5, 1])
    ax.set_xticks(x, ["0", *(f"{j}/{n}" for j in range(1, n)), "1"])
    return figure
