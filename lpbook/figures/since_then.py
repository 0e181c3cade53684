"""Drawings of the chapter *since_then*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.experiments import attention, vector_subsets
from lpbook.figures.style import BLUE, GOLD, GREY, INK, styled


@styled
def hits_by_dimension(
    plain: Mapping[int, ArrayLike], wrapped: Mapping[int, ArrayLike], epsilon: float
) -> Figure:
    """How many targets are met by n vectors, with and without wrap-around, and the two bounds.

    Parameters
    ----------
    plain, wrapped : mapping from d to array_like, shape (n + 1,)
        Share of targets that the first 0, 1, ..., n vectors meet.
    epsilon : float
        The error that was allowed.
    """
    figure, axes = plt.subplots(1, len(plain), figsize=(7, 2.9), sharey=True)
    for ax, d in zip(np.atleast_1d(axes), plain, strict=True):
        n = np.arange(len(np.asarray(plain[d])))
        share = epsilon**d
        counting = [min(1.0, vector_subsets.family_size(int(m)) * share) for m in n]
        proved = [
            1 - vector_subsets.miss_bound(vector_subsets.family_size(int(m)) - 1, share) for m in n
        ]
        ax.plot(n, counting, color=GREY, linestyle="-", linewidth=1, label="counting: at most")
        ax.plot(n, proved, color=INK, linestyle=":", linewidth=1.4, label="wrapped: at least")
        ax.plot(n, wrapped[d], "s", color=GOLD, markersize=3.5, label="wrapped")
        ax.plot(n, plain[d], "o-", color=BLUE, markersize=3.5, linewidth=1, label="not wrapped")
        ax.set(title=f"d = {d}", xlabel="vectors, n", ylim=(-0.03, 1.03))
        ax.locator_params(axis="x", integer=True, nbins=6)
    first = np.atleast_1d(axes)[0]
    first.set_ylabel("share of targets met")
    figure.legend(*first.get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure


@styled
def kernels_side_by_side(rows: Mapping[str, ArrayLike]) -> Figure:
    """Kernels (c, a, a) as small pictures, a row of them for each name, on one scale."""
    count = max(len(np.asarray(kernels)) for kernels in rows.values())
    largest = max(float(np.abs(kernels).max()) for kernels in map(np.asarray, rows.values()))
    figure, axes = plt.subplots(
        len(rows), count, figsize=(7, 1.25 * len(rows)), squeeze=False, sharex=True, sharey=True
    )
    for line, (name, kernels) in zip(axes, rows.items(), strict=True):
        for ax, kernel in zip(line, np.asarray(kernels), strict=True):
            shown = ax.imshow(kernel, cmap="gray", vmin=-largest, vmax=largest)
            ax.set(xticks=[], yticks=[])
            ax.spines[["top", "right"]].set_visible(True)
        line[0].set_ylabel(name)
    figure.colorbar(shown, ax=axes, shrink=0.9, aspect=25)
    return figure


@styled
def needed_for_few(kept: Sequence[int], needed: Sequence[int], counted: Sequence[int]) -> Figure:
    """Numbers needed against numbers kept: measured, and the least that counting allows."""
    figure, ax = plt.subplots(figsize=(7, 3.0))
    ax.plot(kept, needed, "o", color=BLUE, markersize=6, linestyle="-", label="measured")
    ax.plot(
        kept, counted, "D", color=GOLD, markersize=5, linestyle="--", label="counting: at least"
    )
    for k, n in zip(kept, needed, strict=True):
        ax.annotate(f"{k / n:.0%}", (k, n), xytext=(4, 5), textcoords="offset points")
    ax.set(xlabel="numbers kept, at most k", ylabel="numbers needed, n", ylim=(0, None))
    ax.locator_params(axis="x", integer=True)
    ax.legend()
    return figure


@styled
def grid_transition(curves: Mapping[int, ArrayLike], first: int) -> Figure:
    """Share of targets of b bits that are hit exactly, against n, and against n minus b.

    Parameters
    ----------
    curves : mapping from b to array_like
        Shares for n = first, first + 1, ...
    first : int
        Where n begins.
    """
    figure, axes = plt.subplots(1, 2, figsize=(7, 2.9), sharey=True)
    marks = ("o", "s", "^", "D")
    for (bits, shares), mark in zip(curves.items(), marks, strict=False):
        n = first + np.arange(len(np.asarray(shares)))
        for ax, place in zip(axes, (n, n - bits), strict=True):
            ax.plot(place, shares, marker=mark, markersize=3.5, linewidth=1.2, label=f"b = {bits}")
    axes[1].axvline(0, color=GREY, linewidth=0.8, linestyle="-", zorder=0)
    axes[1].set_xlim(-4, 9)
    axes[0].set(xlabel="numbers, n", ylabel="share of targets hit exactly")
    axes[1].set(xlabel="numbers minus bits, n − b")
    axes[1].legend()
    return figure


@styled
def attention_errors(
    dimensions: Sequence[int],
    moved: Sequence[ArrayLike],
    errors: Sequence[ArrayLike],
    reach: float,
) -> Figure:
    """How far attention weights move, by hidden dimension and by error of the product.

    Parameters
    ----------
    dimensions : sequence of int
        Hidden dimensions of random heads.
    moved, errors : sequence of array_like
        For each of them, by draw: the largest total variation, and the largest error of an entry.
    reach : float
        Largest 1-norm of a token.
    """
    figure, (left, right) = plt.subplots(1, 2, figsize=(7, 3.0), sharey=True)
    for dimension, values in zip(dimensions, moved, strict=True):
        values = np.asarray(values)
        left.plot(np.full(values.size, dimension), values, "o", color=BLUE, ms=3, alpha=0.4)
    middle = [float(np.median(np.asarray(values))) for values in moved]
    left.plot(dimensions, middle, color=INK, linestyle="-", linewidth=1.2)
    left.set(yscale="log", xlabel="hidden dimension", ylabel="total variation")
    left.set_xticks(dimensions)
    off, tv = (np.concatenate([np.asarray(v) for v in values]) for values in (errors, moved))
    right.loglog(off, tv, "o", color=BLUE, ms=3, alpha=0.4, label="drawn")
    line = np.geomspace(off.min(), off.max(), 200)
    bound = [attention.shift_bound(float(e) * reach**2) for e in line]
    right.loglog(line, bound, color=GOLD, linestyle="--", label="proved")
    right.set(xlabel="largest error of an entry, ε")
    right.legend()
    return figure
