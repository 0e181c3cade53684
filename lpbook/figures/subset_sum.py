"""Drawings of the chapter *subset_sum*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import ArrayLike

from lpbook.digits import all_sums
from lpbook.experiments.covered_intervals import cover
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, styled


@styled
def sums_on_a_line(samples: ArrayLike, eta: float, reach: float = 1.0) -> Figure:
    """What the sums of the first t numbers cover, one line for each t, and the share of it.

    Parameters
    ----------
    samples : array_like, shape (n,)
        The numbers, in order.
    eta, reach
        As in `cover`.
    """
    sets = cover(samples, eta, reach)
    figure, axes = plt.subplots(1, 2, figsize=(NARROW, 3.6), width_ratios=[4, 1], sharey=True)
    for t, intervals in enumerate(sets):
        axes[0].plot([-reach, reach], [t, t], color=GREY, linewidth=0.5, linestyle="-")
        lines = [[(low, t), (high, t)] for low, high in intervals]
        axes[0].add_collection(
            LineCollection(lines, colors=BLUE, linewidths=5, capstyle="butt", linestyles="-")
        )
    shares = [np.diff(c, axis=1).sum() / (2 * reach) for c in sets]
    axes[1].barh(range(len(sets)), shares, height=0.6, color=GOLD)
    axes[1].set(xlim=(0, 1), xticks=[0, 1], xlabel="share covered")
    axes[0].set(xlim=(-reach, reach), xticks=[-reach, 0, reach], xlabel="targets $w$")
    axes[0].set(ylim=(len(sets) - 0.5, -0.5), ylabel="numbers drawn, $t$")
    axes[0].yaxis.set_major_locator(MaxNLocator(integer=True))
    return figure


@styled
def cover_growth(shares: ArrayLike, factor: float) -> Figure:
    r"""Share covered, and the potential 1/v - 1, of several draws; their mean and its bound.

    Parameters
    ----------
    shares : array_like, shape (draws, n + 1)
        Shares v_0, ..., v_n of each draw.
    factor : float
        The proved factor of the mean potential: at most ``factor**t`` times its first value.
    """
    v = np.asarray(shares, dtype=float)
    t = np.arange(v.shape[1])
    potential = 1 / v - 1
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.1))
    shown = np.where(potential > 0, potential, np.nan)
    for ax, rows in zip(axes, (v, shown), strict=True):
        ax.plot(t, rows[:40].T, color=GREY, linewidth=0.5, linestyle="-", alpha=0.6)
        ax.set_xlabel("numbers drawn, $t$")
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes[0].plot(t, v.mean(axis=0), color=BLUE, linestyle="-", label="mean")
    axes[0].set(ylim=(0, 1), ylabel="share covered, $v_t$")
    axes[1].semilogy(
        t, potential.mean(axis=0), color=BLUE, linestyle="-", label="mean of the draws"
    )
    axes[1].semilogy(
        t, potential[0, 0] * factor**t, color=GOLD, linestyle="--", label="proved for the mean"
    )
    axes[1].set(ylabel=r"potential $Ψ_t=1/v_t-1$", ylim=(1e-3, None))
    axes[1].legend(handlelength=1.5)
    return figure


@styled
def missed_against_n(
    numbers: Sequence[int], missed: Mapping[str, ArrayLike], allowed: float
) -> Figure:
    """How often a weight is missed, against n, with the floor that signs set.

    Parameters
    ----------
    numbers : sequence of int
        The n that were tried.
    missed : mapping of name -> array_like, shape (len(numbers),)
        Share of weights that no subset meets.
    allowed : float
        A horizontal line.
    """
    n = np.asarray(numbers)
    figure, ax = plt.subplots(figsize=(NARROW, 3.6))
    for marker, (name, shares) in zip("osD^", missed.items(), strict=False):
        y = np.asarray(shares, dtype=float)
        ax.semilogy(n, np.where(y > 0, y, np.nan), marker=marker, markersize=4, label=name)
    ax.semilogy(n, 2.0**-n, color=GREY, linewidth=1.2, linestyle="-", label=r"floor: $2^{-n}$")
    ax.axhline(allowed, color=INK, linewidth=0.8, linestyle=":")
    ax.annotate("allowed", (n[-1], allowed), xytext=(0, 3), ha="right", textcoords="offset points")
    ax.set(xlabel="numbers of each weight, $n$", ylabel="share of weights missed")
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


@styled
def subset_sizes(sizes: Mapping[str, ArrayLike]) -> Figure:
    """How many weights keep how many numbers, side by side."""
    figure, ax = plt.subplots(figsize=(NARROW, 2.9))
    most = max(int(np.max(values)) for values in sizes.values())
    place = np.arange(most + 1)
    width = 0.8 / len(sizes)
    looks = ((BLUE, ""), (GOLD, "///"), (GREY, "..."))
    for i, ((name, values), (color, hatch)) in enumerate(zip(sizes.items(), looks, strict=False)):
        values = np.asarray(values).ravel()
        share = np.bincount(values, minlength=most + 1) / values.size
        at = place + (i - (len(sizes) - 1) / 2) * width
        ax.bar(at, share, width, color=color, hatch=hatch, edgecolor="white", label=name)
    ax.set(xlabel="numbers kept", ylabel="share of the weights", xticks=place)
    ax.legend()
    return figure


@styled
def halves_meet(numbers: ArrayLike, target: float) -> Figure:
    """The sums of one half of the numbers and what they leave to the other half, in one line.

    Parameters
    ----------
    numbers : array_like, shape (n,)
        The numbers; the first n // 2 are the left half.
    target : float
        The weight w that a subset of them is to meet.
    """
    numbers = np.asarray(numbers, dtype=float)
    left, right = (all_sums(half) for half in np.split(numbers, [numbers.size // 2]))
    rest = target - right
    i, j = np.unravel_index(np.abs(left[:, None] - rest).argmin(), (left.size, rest.size))
    figure, ax = plt.subplots(figsize=(NARROW, 1.9))
    for values, height, color, marker in ((left, 1, BLUE, "o"), (rest, 0, GOLD, "D")):
        ax.plot(values, np.full(values.size, height), marker, color=color, mfc="white", ms=5)
    ax.plot([left[i], rest[j]], [1, 0], "-", color=INK, linewidth=1.2)
    ax.plot(left[i], 1, "o", color=BLUE, ms=8)
    ax.plot(rest[j], 0, "D", color=GOLD, ms=8)
    ax.set_yticks([1, 0], ["sums of the left half", "$w$ − sums of the right"])
    ax.set(ylim=(-0.4, 1.4), xlabel=f"nearest pair: {abs(left[i] - rest[j]):.2g} apart")
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)
    return figure
