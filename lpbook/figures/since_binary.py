"""Drawings of the chapter *since_binary*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lpbook.experiments.random_signs import SignTicket
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, styled
from lpbook.figures.tickets import draw_edges, heights


@styled
def prices_of_signs(
    digits: Sequence[int], prices: Mapping[str, ArrayLike], least: ArrayLike
) -> Figure:
    """Neurons for each input against the binary digits of a weight, and the least possible.

    Parameters
    ----------
    digits : sequence of int
        Binary digits of a weight.
    prices : mapping from a construction to array_like
        Its neurons, two of them.
    least : array_like
        What the first construction needs at least.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.7))
    for (name, price), (color, style, marker) in zip(
        prices.items(), ((GOLD, "--", "s"), (BLUE, "-", "o")), strict=True
    ):
        ax.plot(digits, np.asarray(price), color=color, linestyle=style, marker=marker, ms=5,
                label=name)  # fmt: skip
    ax.plot(digits, np.asarray(least), color=GREY, linewidth=1, linestyle="-", label="at least")
    ax.set_yscale("log")
    ax.set(xlabel="binary digits of a weight, $B$", ylabel="neurons for each input")
    ax.locator_params(axis="x", integer=True)
    ax.legend(loc="upper left")
    return figure


@styled
def answers_of_signs(
    neurons: Sequence[int], shares: Sequence[float], largest: Sequence[int]
) -> Figure:
    """Share of answers that stay, against the random neurons; each with its largest weight."""
    figure, ax = plt.subplots(figsize=(NARROW, 3.2))
    ax.plot(neurons, shares, color=BLUE, linestyle="-", marker="o", ms=5)
    for i, (x, y, most) in enumerate(zip(neurons, shares, largest, strict=True)):
        # the line rises, so it leaves these two places free
        place, side = ((-4, 6), "right") if i % 2 else ((5, -13), "left")
        ax.annotate(f"$J$ = {most}", (x, y), place, textcoords="offset points", ha=side,
                    fontsize=11.5)  # fmt: skip
    ax.set(xlabel="random neurons in all", ylabel="answers that stay", ylim=(0, 1.15))
    ax.set_xlim(0, 1.15 * max(neurons))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    return figure


@styled
def paths_of_signs(ticket: SignTicket) -> Figure:
    """One block of random signs, and the paths through it that a ticket keeps.

    Parameters
    ----------
    ticket : SignTicket
        Of one input and a few outputs.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 4.0))
    alive = (ticket.inner[0] > 0)[:, None] & ticket.mask[0]
    used = alive.any(axis=1)
    inner, outer = ticket.inner[0][:, None], ticket.outer[0].T  # (neurons, 1), (outputs, neurons)
    for kept, widest, alpha in ((False, 8, 0.35), (True, 1, 1.0)):
        draw_edges(ax, np.where(used[:, None] == kept, inner, 0), 0, 1, widest, alpha)
        draw_edges(ax, np.where(kept == alive.T, outer, 0), 1, 2, widest, alpha)
    ax.scatter(np.full(used.size, 1), heights(used.size), s=np.where(used, 70, 14),
               color=np.where(used, "white", INK), edgecolor=INK, zorder=4)  # fmt: skip
    _ends(ax, 2, ticket.weights[:, 0])
    return figure


@styled
def ladder_of_signs(layers: Sequence[NDArray[np.int8]]) -> Figure:
    """A pruned ladder: its groups, the neurons that lead to an output, and what they compute.

    Parameters
    ----------
    layers : sequence of ndarray
        The pruned matrices, by `ladder_ticket`.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 4.6))
    used, sums = [np.ones(len(layers[-1]), dtype=bool)], [np.ones(1, dtype=np.int64)]
    for matrix in reversed(layers):
        used.insert(0, np.asarray(matrix[used[0]].any(axis=0)))
    for x, (matrix, readers) in enumerate(zip(layers, used[1:], strict=True)):
        draw_edges(ax, np.where(readers[:, None], matrix, 0), x, x + 1, 2)
        sums.append(matrix @ sums[-1])
    for x, (kept, values) in enumerate(zip(used[1:-1], sums[1:-1], strict=True), start=1):
        place = heights(kept.size)
        ax.scatter(np.full(kept.size, x), place, s=4, color=GREY, zorder=3)
        ax.scatter(np.full(kept.sum(), x), place[kept], s=400, color="white", edgecolor=INK,
                   zorder=5)  # fmt: skip
        for h, value in zip(place[kept], values[kept], strict=True):
            ax.text(x, h, _times_x(value), ha="center", va="center", zorder=6, fontsize=11.5)
    _ends(ax, len(layers), sums[-1])
    return figure


def _ends(ax: Axes, last: int, weights: ArrayLike) -> None:
    """The input and the outputs of a drawing, with what they compute."""
    for x, values in ((0, [1]), (last, np.asarray(weights).tolist())):
        for value, h in zip(values, heights(len(values)), strict=True):
            ax.scatter(x, h, s=620, color="white", edgecolor=INK, zorder=5)
            ax.text(x, h, _times_x(value), ha="center", va="center", zorder=6)
    ax.set(xlim=(-0.1 * last, 1.1 * last), ylim=(-0.08, 1.08))
    ax.axis("off")


def _times_x(factor: int) -> str:
    return "$x$" if factor == 1 else f"${factor}x$"
