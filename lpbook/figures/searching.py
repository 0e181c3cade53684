"""Drawings of the page *searching*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter
from numpy.typing import ArrayLike

from lpbook.figures.style import INK, NARROW, styled


@styled
def numbers_of_a_block(looks: ArrayLike, last: ArrayLike, words: Mapping[int, str]) -> Figure:
    """What happens to each random number of a block, outputs in the order in which they are served.

    Parameters
    ----------
    looks : array_like of int, shape (rows, outputs)
        A kind for each number, from 0, the lighter the less is done with it.
    last : array_like of int, shape (outputs,)
        Row of the last neuron that each output waits for.
    words : mapping
        What to call each kind.
    """
    looks, last = np.asarray(looks), np.asarray(last)
    order = np.argsort(last, kind="stable")
    figure, ax = plt.subplots(figsize=(NARROW, 4.0))
    shades = ListedColormap(["#ffffff", "#dddddd", "#8fb3d4", "#1f5f99"][: len(words)])
    ax.imshow(
        looks[:, order],
        cmap=shades,
        vmin=-0.5,
        vmax=len(words) - 0.5,
        aspect="auto",
        interpolation="nearest",
    )
    ax.plot(np.arange(last.size), last[order], color=INK, linewidth=1.5, linestyle="-")
    handles = [
        plt.Rectangle((0, 0), 1, 1, facecolor=shades(kind), edgecolor=INK, linewidth=0.6)
        for kind in words
    ]
    handles.append(plt.Line2D([], [], color=INK, linewidth=1.5, linestyle="-"))
    ax.legend(handles, [*words.values(), "last neuron needed"], loc="upper left", fontsize=11.5,
              frameon=True, framealpha=0.92, edgecolor="none")  # fmt: skip
    ax.set(xlabel="outputs, in the order in which they are served", ylabel="neurons, in order")
    ax.xaxis.set_major_formatter("{x:,.0f}")
    ax.invert_yaxis()
    return figure


@styled
def time_against_outputs(outputs: Sequence[int], times: Mapping[str, Sequence[float]]) -> Figure:
    """Microseconds a weight against the outputs of a layer.

    Parameters
    ----------
    outputs : sequence of int
        Widths of the layers measured.
    times : mapping
        By name, the time at each width.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.0))
    for (name, values), marker in zip(times.items(), "osD^", strict=False):
        ax.plot(outputs, values, marker=marker, label=name)
    ax.set(xscale="log", yscale="log", xlabel="outputs of the layer", ylabel="µs a weight")
    ax.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    ax.yaxis.set_major_formatter("{x:g}")
    ax.yaxis.set_minor_formatter(NullFormatter())
    ax.legend()
    return figure


@styled
def time_against_weights(
    weights: Sequence[int], seconds: Sequence[float], power: float, factor: float
) -> Figure:
    """Seconds to prune a square layer against its weights, and the power law that fits.

    Parameters
    ----------
    weights, seconds : sequence
        What was measured.
    power, factor : float
        The law, ``factor * weights**power``.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.0))
    ends = np.array([min(weights), max(weights)], float)
    ax.plot(ends, factor * ends**power, color=INK, linewidth=1.0, linestyle="--", marker="",
            label=f"weights to the power {power:.2f}")  # fmt: skip
    ax.plot(weights, seconds, marker="o", linestyle="", label="measured")
    ax.set(xscale="log", yscale="log", xlabel="weights", ylabel="seconds of a core")
    ax.legend()
    return figure
