"""Drawings of the chapter *since_missing*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, styled
from lpbook.figures.tickets import heights

_IN_A_ROW = 24


@styled
def neurons_with_both_edges(blocks: Mapping[str, ArrayLike]) -> Figure:
    """Blocks of neurons, a dot each: filled where both edges of a product are there.

    Parameters
    ----------
    blocks : mapping from a name to array_like of bool, shape (neurons,)
        Whether both edges are present, a block under the other.
    """
    there = {name: np.asarray(block, dtype=bool) for name, block in blocks.items()}
    rows = [-(-block.size // _IN_A_ROW) for block in there.values()]
    size = (NARROW, 0.205 * sum(rows) + 0.42 * len(rows))
    figure, axes = plt.subplots(len(rows), 1, figsize=size, height_ratios=rows, squeeze=False)
    for ax, (name, block), most in zip(axes.flat, there.items(), rows, strict=True):
        row, column = np.divmod(np.arange(block.size), _IN_A_ROW)
        ax.plot(column[~block], row[~block], "o", ms=6, color=GREY, fillstyle="none",
                linestyle="none", label="an edge is missing")  # fmt: skip
        ax.plot(column[block], row[block], "o", ms=8, color=BLUE, linestyle="none", label="both")
        ax.set(xlim=(-0.6, _IN_A_ROW - 0.4), ylim=(most - 0.4, -0.6))
        ax.set_title(f"{name}: {block.size} neurons, {block.sum()} with both edges", fontsize=12)
        ax.axis("off")
    return figure


@styled
def edges_that_are_there(blocks: Mapping[str, tuple[ArrayLike, ArrayLike]]) -> Figure:
    """Blocks with missing edges, side by side; an edge that is in no product is dashed.

    Parameters
    ----------
    blocks : mapping from a name to a pair of array_like of bool, shapes (neurons,), (neurons, m)
        Which in-edges, and which out-edges, are present.
    """
    figure, axes = plt.subplots(1, len(blocks), figsize=(NARROW, 4.2), squeeze=False)
    for ax, (name, block) in zip(axes.flat, blocks.items(), strict=True):
        inner, outer = (np.asarray(edges, dtype=bool) for edges in block)
        of_use = outer & inner[:, None]
        neurons, outputs = heights(inner.size), 0.1 + 0.8 * heights(outer.shape[1])
        edges = [((0, 0.5), (1, neurons[i]), outer[i].any()) for i in np.flatnonzero(inner)]
        edges += [((1, neurons[i]), (2, outputs[j]), of_use[i, j]) for i, j in np.argwhere(outer)]
        for start, end, useful in edges:
            color, style = (BLUE, "-") if useful else (GOLD, "--")
            ax.plot(*zip(start, end, strict=True), color=color, linestyle=style, linewidth=1)
        for x, height, size in ((0, [0.5], 190), (1, neurons, 60), (2, outputs, 190)):
            ax.scatter(np.full(len(height), x), height, s=size, color="white", edgecolor=INK,
                       zorder=5)  # fmt: skip
        weights, products = inner.sum() + outer.sum(), of_use.sum()
        ax.set_title(f"{name}\n{weights} weights, {products} products", fontsize=12)
        ax.set(xlim=(-0.15, 2.15), ylim=(-0.05, 1.05))
        ax.axis("off")
    return figure


@styled
def prices_of_missing_edges(
    present: Sequence[float], factors: Mapping[str, Mapping[str, ArrayLike]]
) -> Figure:
    """How prices grow when edges are missing: neurons dashed, weights that are there solid.

    Parameters
    ----------
    present : sequence of float
        Shares of edges that are present.
    factors : mapping from which edges may be missing to mappings from price to array_like
        The price in units of that of the full network, for each share; the prices are the same in
        each mapping, at most two of them.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.9))
    for (edges, prices), color in zip(factors.items(), (BLUE, GOLD, INK), strict=False):
        looks = (("--", "o", 10, "none"), ("-", "s", 5, "full"))
        for (price, factor), (style, marker, size, fill) in zip(
            prices.items(), looks, strict=False
        ):
            line = ax.plot(present, np.asarray(factor), color=color, linestyle=style)[0]
            line.set(marker=marker, ms=size, fillstyle=fill, label=f"{price}, {edges}")
    ax.set_yscale("log", base=2)
    ax.set_xscale("log", base=2)
    ax.set(xlabel="share of edges that are present", ylabel="price, full network = 1")
    ax.invert_xaxis()
    ax.set_xticks(present, [f"{share:g}" for share in present])
    ticks = 2.0 ** np.arange(0, np.ceil(np.log2(max(ax.get_ylim()[1], 2))) + 0.5)
    ax.set_yticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.legend(loc="upper left", fontsize=11.5)
    return figure


@styled
def hits_with_frozen(free: Sequence[int], shares: Mapping[str, ArrayLike]) -> Figure:
    """Share of targets that are met, against the numbers that are free."""
    figure, ax = plt.subplots(figsize=(NARROW, 3.9))
    looks = ((INK, ":", "^"), (BLUE, "-", "o"), (GOLD, "--", "s"))
    for (name, met), (color, style, marker) in zip(shares.items(), looks, strict=False):
        ax.plot(free, np.asarray(met), color=color, linestyle=style, marker=marker, ms=4.5,
                label=name)  # fmt: skip
    ax.set(xlabel="free numbers", ylabel="share of targets met", ylim=(-0.03, 1.03))
    ax.locator_params(axis="x", integer=True)
    ax.legend(loc="lower right")
    return figure
