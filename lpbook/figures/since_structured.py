"""Drawings of the chapter *since_structured*."""

from __future__ import annotations

import math
from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.experiments.whole_neurons import kink_error, reach_of_a_kink
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, styled


@styled
def gap_of_neurons(
    counts: Sequence[int], whole: ArrayLike, single: ArrayLike, proved: ArrayLike
) -> Figure:
    """Errors against the neurons of the random layer: whole neurons, single weights, a bound.

    Parameters
    ----------
    counts : sequence of int
        Numbers of neurons.
    whole, single : array_like, shape (sizes, draws)
        The least error found with whole neurons, and the error with single weights.
    proved : array_like, shape (sizes,)
        The bound for whole neurons.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 4.0))
    for errors, color, style, marker, name in (
        (np.asarray(whole), GOLD, "--", "s", "whole neurons, best found"),
        (np.asarray(single), BLUE, "-", "o", "single weights"),
    ):
        for draw in errors.T:
            ax.plot(counts, draw, marker, color=color, ms=3, alpha=0.5, mew=0)
        ax.plot(counts, np.median(errors, axis=1), color=color, linestyle=style, marker=marker,
                ms=6, label=name)  # fmt: skip
    ax.plot(counts, np.asarray(proved), color=GREY, linestyle="-", linewidth=1.4,
            label="whole neurons: not below")  # fmt: skip
    ax.set_yscale("log")
    ax.set(xlabel="neurons of the random layer, $N$", ylabel="error", ylim=(1e-7, 2))
    ax.legend(loc="lower left")
    return figure


@styled
def isolated_kink(strength: float, angle: float) -> Figure:
    """A kink without others within an angle: where it lies, and what a linear function misses.

    Parameters
    ----------
    strength, angle : float
        Those of the kink, κ and θ, with 0 < θ < π/2.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(NARROW, 3.6), width_ratios=[1, 1.5])
    turn = np.linspace(0, 2 * np.pi, 241)
    left.plot(np.cos(turn), np.sin(turn), color=GREY, linestyle="-", linewidth=1)
    arc = np.linspace(-angle, angle, 81)
    left.plot(np.cos(arc), np.sin(arc), color=INK, linestyle="-", linewidth=3.5)
    kinks = ((0, BLUE, 2.2), (1.15 * angle, GREY, 1.4), (-1.7 * angle, GREY, 1.4))
    for line, color, width in kinks:
        ends = np.array([-1, 1])
        left.plot(ends * math.cos(line), ends * math.sin(line), color=color, linestyle="-",
                  linewidth=width)  # fmt: skip
    left.annotate("$u$", (1, 0), (5, 0), textcoords="offset points", va="center")
    left.annotate("$θ$", (math.cos(angle / 2), math.sin(angle / 2)), (4, 3),
                  textcoords="offset points")  # fmt: skip
    left.set(aspect="equal", xlim=(-1.1, 1.3), ylim=(-1.15, 1.15))
    left.axis("off")
    kinked = strength * np.maximum(np.sin(arc), 0)
    missed = kink_error(strength, angle)
    best = missed * np.cos(arc) + strength / 2 * np.sin(arc)
    right.plot(arc, kinked, color=BLUE, linestyle="-", linewidth=2.2, label="the sum")
    right.plot(arc, best, color=GOLD, linestyle="--", label="best linear function")
    for at in (0, 40, 80):
        right.plot([arc[at]] * 2, [kinked[at], best[at]], color=INK, linestyle="-", linewidth=3)
    right.annotate("$η$", (0, missed / 2), (4, 0), textcoords="offset points", va="center")
    right.set_xticks([-angle, 0, angle], ["$-θ$", "$u$", "$θ$"])
    right.set(yticks=[], xlabel="angle from the kink", ylim=(-1.5 * missed, None))
    right.legend(loc="upper left", fontsize=11.5)
    return figure


@styled
def kinks_of_draws(
    angles: Sequence[ArrayLike], crowded: Sequence[ArrayLike], epsilon: float
) -> Figure:
    """Angles of the kinks of several draws, a row each, and what is too near to each of them.

    Parameters
    ----------
    angles, crowded : sequence of array_like, shape (n,)
        By `kink_angles` and `crowded_kinks`.
    epsilon : float
        The error at which they are crowded, for kinks of strength 1.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 4.4))
    reach = reach_of_a_kink(epsilon)
    edge = reach + math.asin(epsilon)
    for left in (0, math.pi - edge):
        ax.axvspan(left, left + edge, color=GREY, alpha=0.45, linewidth=0)
    for row, (places, near) in enumerate(zip(angles, crowded, strict=True)):
        places, near = np.asarray(places), np.asarray(near)
        ax.barh([row] * len(places), 2 * reach, left=places - reach, height=0.5,
                color=np.where(near, GOLD, BLUE), alpha=0.5)  # fmt: skip
        for which, color, marker in ((~near, BLUE, "|"), (near, GOLD, "x")):
            ax.plot(places[which], np.full(which.sum(), row), marker, color=color, ms=9, mew=1.8)
    ax.set(xlim=(0, math.pi), ylim=(len(angles) - 0.4, -0.6), yticks=[], ylabel="draws")
    ax.set_xticks([0, math.pi / 2, math.pi], ["0", "$π/2$", "$π$"])
    ax.set_xlabel("angle of a kink from that of the target")
    return figure
