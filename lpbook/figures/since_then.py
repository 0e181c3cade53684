"""Drawings of the part *Since 2020*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.experiments import attention, convolutions, vector_subsets
from lpbook.experiments.confidence import quantile_band
from lpbook.experiments.later_results import HERE, LaterResult
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, percent, scale_beside, styled


@styled
def results_in_time(results: Sequence[LaterResult]) -> Figure:
    """Results by year and by the question that they answer, each with its first author.

    Parameters
    ----------
    results : sequence of LaterResult
        In the order of the rows, in each row by year.
    """
    looks = (("o", GOLD, "full"), ("o", GOLD, "left"), ("s", BLUE, "none"), ("o", INK, "none"))
    lines: list[list[LaterResult]] = []  # a name takes the space of two years
    heads: dict[str, int] = {}  # question -> its first line
    for result in results:
        first = heads.setdefault(result.topic, len(lines))
        free = [line for line in lines[first:] if line[-1].year + 1 < result.year]
        if free:
            free[0].append(result)
        else:
            lines.append([result])
    years = range(min(r.year for r in results), max(r.year for r in results) + 1)
    figure, ax = plt.subplots(figsize=(NARROW, 0.3 * (len(lines) + 1.4 * len(heads)) + 0.6))
    height, ticks = 0.0, []
    for row, line in enumerate(lines):
        if row in heads.values():
            height -= 1.4
            (topic,) = (name for name, first in heads.items() if first == row)
            ax.text(years[0] - 0.4, height + 0.9, topic, fontweight="bold", va="center")
            ax.axhline(height + 1.45, color=GREY, linewidth=0.6, linestyle="-")
        for result in line:
            marker, color, fill = looks[HERE.index(result.here)]
            ax.plot(result.year, height, marker, color=color, fillstyle=fill, ms=9, mew=1.4,
                    markerfacecoloralt="white", linestyle="none", label=result.key)  # fmt: skip
            ax.text(result.year + 0.17, height, result.who, va="center", fontsize=11.5)
        ticks.append(height)
        height -= 1
    ax.set(xlim=(years[0] - 0.5, years[-1] + 1), ylim=(height, 0), yticks=[])
    ax.set_xticks(years)
    ax.xaxis.tick_top()
    ax.spines[["left", "bottom"]].set_visible(False)
    ax.spines["top"].set_visible(True)
    return figure


@styled
def sums_in_the_plane(
    vectors: ArrayLike, target: ArrayLike, counts: Sequence[int], epsilon: float
) -> Figure:
    """The sums of all subsets of the first vectors, and how near they come to a target.

    Parameters
    ----------
    vectors : array_like, shape (n, 2)
        Vectors in the plane, n up to 22.
    target : array_like, shape (2,)
        A point of the square from -1 to 1.
    counts : sequence of int
        How many vectors are used, a panel each; an even number of panels.
    epsilon : float
        Half the side of the box around the target.
    """
    vectors, target = np.asarray(vectors, dtype=float), np.asarray(target, dtype=float)
    figure, axes = plt.subplots(
        len(counts) // 2, 2, figsize=(NARROW, 2.75 * (len(counts) // 2)), sharex=True, sharey=True
    )
    for ax, n in zip(axes.flat, counts, strict=True):
        sums = vector_subsets.vector_sums(vectors[:n])
        distance = np.abs(sums - target).max(axis=1)
        nearest = sums[distance.argmin()]
        ax.plot(*sums.T, "o", color=GREY, ms=9 / np.sqrt(n), mew=0, rasterized=True)
        box = plt.Rectangle(tuple(target - epsilon), 2 * epsilon, 2 * epsilon, fill=False,
                            edgecolor=GOLD, linewidth=1.6)  # fmt: skip
        ax.add_patch(box)
        ax.plot(*nearest, "o", color=BLUE, ms=6, label="nearest")
        ax.set(xlim=(-1, 1), ylim=(-1, 1), xticks=(-1, 0, 1), yticks=(-1, 0, 1), aspect="equal")
        ax.set_title(f"{n} vectors: within {distance.min():.2g}", fontsize=12)
    return figure


@styled
def hits_against_vectors(shares: Mapping[int, ArrayLike], epsilon: float) -> Figure:
    """How many targets are met by n vectors, and how many counting allows, in d dimensions.

    Parameters
    ----------
    shares : mapping from d to array_like, shape (n + 1,)
        Share of targets that the first 0, 1, ..., n vectors meet.
    epsilon : float
        The error that was allowed.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.6))
    looks = ((BLUE, "-", "o"), (GOLD, "--", "s"), (INK, ":", "^"))
    for (d, met), (color, style, marker) in zip(shares.items(), looks, strict=False):
        n = np.arange(len(np.asarray(met)))
        counting = [min(1.0, vector_subsets.family_size(int(m)) * epsilon**d) for m in n]
        ax.plot(n, counting, color=color, linestyle=style, linewidth=1)
        ax.plot(n, met, color=color, linestyle=style, marker=marker, ms=4, label=f"$d$ = {d}")
    ax.set(xlabel="vectors, $n$", ylabel="share of targets met", ylim=(-0.03, 1.03))
    ax.locator_params(axis="x", integer=True)
    ax.legend(loc="lower right")
    return figure


@styled
def vectors_by_dimension(record: Mapping[str, Any]) -> Figure:
    """Vectors until half of the targets are met, against the dimension, and two lower bounds.

    Parameters
    ----------
    record : mapping
        As `recorded_waits` gives it.
    """
    epsilon = Fraction(str(record["epsilon"]))
    dimensions = [int(d) for d in record["waits"]]
    bands = []
    for d, waits in record["waits"].items():
        beyond = record["drawn"][d] + 1  # not met by all: later than that
        bands.append(quantile_band([beyond if n is None else n for n in waits], 0.5))
    counted, summed = [], []
    for d in dimensions:
        counted.append(vector_subsets.least_numbers(0.5 / float(epsilon) ** d))
        n = 1
        while vector_subsets.union_bound(n, d, epsilon) + epsilon**d < Fraction(1, 2):
            n += 1  # the empty subset meets a share of the targets, too
        summed.append(n)
    middle = np.array([band.estimate for band in bands])
    off = np.abs(np.array([(band.low, band.high) for band in bands]).T - middle)
    figure, ax = plt.subplots(figsize=(NARROW, 4.2))
    ax.errorbar(dimensions, middle, yerr=off, fmt="o-", color=BLUE, ms=5, capsize=3,
                label="measured")  # fmt: skip
    ax.plot(dimensions, summed, "D--", color=GOLD, ms=5, label="all subsets: at least")
    ax.plot(dimensions, counted, "s:", color=INK, ms=4, label="counting: at least")
    ax.set(xlabel="dimension, $d$", ylabel="vectors, $n$", ylim=(0, None))
    ax.set_xticks(dimensions)
    ax.legend()
    return figure


@styled
def through_kernels(image: ArrayLike, kernels: Mapping[str, ArrayLike]) -> Figure:
    """An image; kernels (a, a), a row of the picture each; the image through each of them."""
    image = np.asarray(image, dtype=float)
    stack = np.array([np.asarray(kernel, dtype=float) for kernel in kernels.values()])
    seen = convolutions.convolve(image[None, None], stack[:, None])[0]
    rows = len(stack)
    figure = plt.figure(figsize=(NARROW, 1.75 * rows))
    grid = figure.add_gridspec(rows, 3)
    whole = figure.add_subplot(grid[:, 0])
    limits = [np.abs(pictures).max() for pictures in (image, stack, seen)]
    shown = [(whole, image, limits[0])]
    whole.set_title("image")
    for i, name in enumerate(kernels):
        left, right = figure.add_subplot(grid[i, 1]), figure.add_subplot(grid[i, 2])
        left.set_ylabel(name)
        shown += [(left, stack[i], limits[1]), (right, seen[i], limits[2])]
        if i == 0:
            left.set_title("kernel")
            right.set_title("through it")
    for ax, picture, limit in shown:
        ax.imshow(picture, cmap="gray", vmin=-limit, vmax=limit)
        ax.set(xticks=[], yticks=[])
        ax.spines[["top", "right"]].set_visible(True)
    return figure


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
        ax.set(title=f"$d$ = {d}", xlabel="vectors, $n$", ylim=(-0.03, 1.03))
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
        len(rows),
        count,
        figsize=(NARROW, 0.95 * len(rows)),
        squeeze=False,
        sharex=True,
        sharey=True,
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
    figure, ax = plt.subplots(figsize=(NARROW, 3.9))
    ax.plot(kept, needed, "o", color=BLUE, markersize=6, linestyle="-", label="measured")
    ax.plot(
        kept, counted, "D", color=GOLD, markersize=5, linestyle="--", label="counting: at least"
    )
    for k, n in zip(kept, needed, strict=True):
        ax.annotate(percent(k / n), (k, n), xytext=(4, 5), textcoords="offset points")
    ax.set(xlabel="numbers kept, at most $k$", ylabel="numbers needed, $n$", ylim=(0, None))
    ax.locator_params(integer=True)
    ax.legend()
    return figure


@styled
def price_of_a_fraction(measured: Mapping[float, float]) -> Figure:
    """The least price of keeping at most a fraction of the numbers, and what was measured.

    Parameters
    ----------
    measured : mapping from float to float
        For fractions up to one half the price, in units of what counting asks for without one.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.9))
    fractions = np.geomspace(0.002, 0.5, 200)
    least = [1 / vector_subsets.entropy(fraction) for fraction in fractions]
    ax.plot(fractions, least, color=GOLD, linestyle="--", label="counting: at least $1/H(α)$")
    ax.plot(*zip(*sorted(measured.items()), strict=True), "o", color=BLUE, ms=6, linestyle="none",
            label="measured")  # fmt: skip
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xticks(kept := (0.002, 0.01, 0.05, 0.25, 0.5), [f"{tick:g}" for tick in kept])
    ax.set_yticks(prices := (1, 2, 5, 10, 20, 50), [f"{tick:g}" for tick in prices])
    ax.minorticks_off()
    ax.set(xlabel="fraction kept, at most $α$", ylabel="price, any subset = 1")
    ax.legend()
    return figure


@styled
def hits_on_a_small_grid(chances: Mapping[int, Mapping[int, Fraction]], level: float) -> Figure:
    """How likely each target of a grid is a subset sum of n numbers, a line for each n.

    Parameters
    ----------
    chances : mapping from n to mappings from a target to its probability
        As `grid_hits` gives it, for at most six n.
    level : float
        A probability that is marked.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 4.2))
    shades = plt.get_cmap("Blues")(np.linspace(0.45, 1, len(chances)))
    for (n, hits), color, mark in zip(chances.items(), shades, "os^Dv*", strict=False):
        targets = sorted(hits)
        ax.plot(targets, [float(hits[t]) for t in targets], color=color, marker=mark, ms=5,
                label=f"$n$ = {n}")  # fmt: skip
    ax.axhline(level, color=GREY, linestyle="--", linewidth=1)
    ax.set(xlabel="target, $t$", ylabel="probability of an exact hit", ylim=(0, 1.03))
    ax.locator_params(axis="x", integer=True)
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=3)
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
    figure, axes = plt.subplots(1, 2, figsize=(NARROW, 3.9), sharey=True)
    marks = ("o", "s", "^", "D")
    for (bits, shares), mark in zip(curves.items(), marks, strict=False):
        n = first + np.arange(len(np.asarray(shares)))
        for ax, place in zip(axes, (n, n - bits), strict=True):
            ax.plot(
                place, shares, marker=mark, markersize=3.5, linewidth=1.2, label=f"$b$ = {bits}"
            )
    axes[1].axvline(0, color=GREY, linewidth=0.8, linestyle="-", zorder=0)
    axes[1].set_xlim(-4, 9)
    axes[0].set(xlabel="numbers, $n$", ylabel="share of targets hit exactly")
    axes[1].set(xlabel="numbers beyond bits, $n-b$")
    axes[1].legend()
    return figure


@styled
def attention_matrices(tokens: ArrayLike, before: ArrayLike, after: ArrayLike) -> Figure:
    """The attention weights of two heads for the same tokens, and their difference.

    Parameters
    ----------
    tokens : array_like, shape (T, d)
        Shown as an image: a row is a token.
    before, after : array_like, shape (T, T)
        Attention weights of the target and of the ticket, on one scale.
    """
    before, after = np.asarray(before, dtype=float), np.asarray(after, dtype=float)
    figure, axes = plt.subplots(2, 2, figsize=(NARROW, 4.6))
    highest = max(before.max(), after.max())
    difference = after - before
    off = np.abs(difference).max()
    for ax, picture, title, low, high in (
        (axes[0, 0], before, "weights of the target", 0, highest),
        (axes[0, 1], after, "weights of the ticket", 0, highest),
        (axes[1, 0], tokens, "tokens: rows of the image", None, None),
        (axes[1, 1], difference, "difference", -off, off),
    ):
        shown = ax.imshow(picture, cmap="gray", vmin=low, vmax=high)
        ax.set(title=title, xticks=[], yticks=[])
        ax.title.set_fontsize(12)
        ax.spines[["top", "right"]].set_visible(True)
        if ax is not axes[1, 0]:
            scale_beside(ax, shown)
    return figure


@styled
def attention_errors(
    dimensions: Sequence[int],
    moved: Sequence[ArrayLike],
    errors: Sequence[ArrayLike],
    reach: float,
) -> Figure:
    """How far attention weights move, and how far at most, by hidden dimension.

    Parameters
    ----------
    dimensions : sequence of int
        Hidden dimensions of random heads.
    moved, errors : sequence of array_like
        For each of them, by draw: the largest total variation, and the largest error of an entry.
    reach : float
        Largest 1-norm of a token.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.6))
    for dimension, values in zip(dimensions, moved, strict=True):
        values = np.asarray(values)
        ax.plot(np.full(values.size, dimension), values, "o", color=BLUE, ms=3, alpha=0.4)
    middle = [float(np.median(np.asarray(values))) for values in moved]
    off = [float(np.median(np.asarray(values))) for values in errors]
    bound = [attention.shift_bound(e * reach**2) for e in off]
    ax.plot(dimensions, bound, color=GOLD, linestyle="--", label="proved")
    ax.plot(dimensions, middle, color=INK, linestyle="-", linewidth=1.2, label="measured")
    ax.set(yscale="log", xlabel="hidden dimension", ylabel="total variation")
    ax.set_xticks(dimensions)
    ax.legend()
    return figure
