"""Drawings of the chapter *since_binary*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.figures.style import BLUE, GOLD, GREY, NARROW, styled


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
        place = (5, -13 if i % 2 else 7)  # neighbours do not meet
        ax.annotate(f"$J$ = {most}", (x, y), place, textcoords="offset points", fontsize=11.5)
    ax.set(xlabel="random neurons in all", ylabel="answers that stay", ylim=(0, 1.15))
    ax.set_xlim(0, 1.15 * max(neurons))
    ax.xaxis.set_major_formatter("{x:,.0f}")
    return figure
