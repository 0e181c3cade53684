"""Drawings of the chapter *batch_sampling*."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.batches import batch_size, best_leading_size, output_batch_size
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, styled


@styled
def counts_against_m(
    per_category: Sequence[int], categories: int, probability: float, delta: float
) -> Figure:
    """The four counts of samples, in units of m/c, against m."""
    figure, ax = plt.subplots(figsize=(NARROW, 3.5))
    m = np.asarray(per_category)
    case = categories, probability, delta
    curves = {
        "batch lemma": [batch_size(int(n), *case) for n in m],
        "best leading constant, e/(e − 1)": [best_leading_size(int(n), *case) for n in m],
        "sharper": [batch_size(int(n), *case, "chernoff") for n in m],
        "exact for the union bound": [batch_size(int(n), *case, "exact") for n in m],
    }
    for name, sizes in curves.items():
        ax.semilogx(m, np.array(sizes) * probability / m, label=name)
    best = math.e / (math.e - 1)
    for limit in (1, best, 2):
        ax.axhline(limit, color=GREY, linewidth=0.8, linestyle="-", zorder=0)
    ax.set(xlabel="samples wanted in each category, m", ylabel="samples drawn, in units of m/c")
    ax.set(yscale="log", xlim=(m[0], m[-1]))
    ticks = {1: "1", best: "e/(e − 1)", 2: "2", 4: "4", 8: "8", 16: "16"}
    ax.set_yticks(list(ticks), list(ticks.values()))
    ax.minorticks_off()
    ax.legend()
    return figure


@styled
def filling_categories(
    samples: Sequence[tuple[int, ArrayLike]], wanted: int, forecast: ArrayLike
) -> Figure:
    """How many samples each category holds, one panel a draw.

    Parameters
    ----------
    samples : sequence of (drawn, counts), counts of shape (k,)
        How many samples were drawn, and how many of them each category holds.
    wanted : int
        The m of the lemma.
    forecast : array_like, shape (k,)
        Probability of each category.
    """
    figure, axes = plt.subplots(1, len(samples), figsize=(7, 3.0), sharey=True)
    for ax, (drawn, counts) in zip(np.atleast_1d(axes), samples, strict=True):
        counts = np.asarray(counts)
        place = np.arange(1, counts.size + 1)
        ax.bar(place, counts, color=BLUE, width=0.7)
        ax.plot(place, np.asarray(forecast) * drawn, "D", color="white", mec=INK, markersize=4)
        ax.axhline(wanted, color=GOLD, linewidth=1.6, linestyle="--")
        ax.set(title=f"{drawn:,} samples", xlabel="digit", xlim=(0.3, counts.size + 0.7))
        ax.locator_params(axis="x", integer=True, nbins=8)
    np.atleast_1d(axes)[0].set_ylabel("samples in its segment")
    return figure


@styled
def neurons_used(
    measured: Mapping[str, ArrayLike], proved: Mapping[str, int], minimum: int
) -> Figure:
    """Neurons that rules of assignment used in drawn layers, and counts that are proved."""
    figure, ax = plt.subplots(figsize=(NARROW, 3.1))
    names = [*measured, *proved]
    for row, values in enumerate(measured.values()):
        values = np.asarray(values)
        ax.plot(values, np.full(values.size, row), "o", color=BLUE, markersize=4, alpha=0.6)
    for row, value in enumerate(proved.values(), start=len(measured)):
        ax.plot([value], [row], "D", color=GOLD, markersize=7)
    ax.axvline(minimum, color=GREY, linewidth=0.8, linestyle="-", zorder=0)
    ax.set(xscale="log", xlabel="neurons", ylim=(len(names) - 0.5, -0.5))
    ax.set_yticks(range(len(names)), names)
    largest = max([*proved.values(), *(np.max(values) for values in measured.values())])
    ticks = minimum * 2 ** np.arange(int(np.log2(largest / minimum)) + 1)
    ax.set_xticks(ticks, [f"{tick:,}" for tick in ticks])
    ax.minorticks_off()
    return figure


@styled
def cost_by_layout(widths: Sequence[int], digits: int, delta: float) -> Figure:
    """Neurons per target weight in a layer of n inputs and n outputs, in-weights ± 1."""
    n = np.asarray(widths)
    c = 1 / (4 * digits)
    block = [batch_size(1, 2 * digits * int(w) ** 2, c, delta, "exact") for w in n]
    curves = {
        "reserved": np.array(block, dtype=float),
        "pooled, batch lemma": [batch_size(int(w) ** 2, 2 * digits, c, delta) / w**2 for w in n],
        "pooled by output": [output_batch_size(int(w), digits, int(w), delta) / w for w in n],
        "shared": np.array(block) / n,
    }
    figure, ax = plt.subplots(figsize=(NARROW, 3.7))
    for name, values in curves.items():
        ax.loglog(n, values, label=name)
    ax.axhline(2 * digits, color=GREY, linewidth=0.8, linestyle="-", zorder=0)
    ax.annotate("2k", (n[0], 2 * digits), xytext=(2, 3), textcoords="offset points", color=INK)
    ax.set(xlabel="inputs and outputs of the layer, n", ylabel="neurons per target weight")
    ax.set(xlim=(n[0], n[-1]))
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
