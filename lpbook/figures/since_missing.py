"""Drawings of the chapter *since_missing*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.figures.style import BLUE, GOLD, INK, NARROW, styled


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
    figure, ax = plt.subplots(figsize=(NARROW, 3.3))
    looks = ((INK, ":", "^"), (BLUE, "-", "o"), (GOLD, "--", "s"))
    for (name, met), (color, style, marker) in zip(shares.items(), looks, strict=False):
        ax.plot(free, np.asarray(met), color=color, linestyle=style, marker=marker, ms=4.5,
                label=name)  # fmt: skip
    ax.set(xlabel="free numbers", ylabel="share of targets met", ylim=(-0.03, 1.03))
    ax.locator_params(axis="x", integer=True)
    ax.legend(loc="lower right")
    return figure
