"""Drawings of products of two random weights: the chapter *product_weights*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.constructions import product_success
from lpbook.distributions import Uniform
from lpbook.figures.style import BLUE, GOLD, GREY, INK, styled


@styled
def product_law(products: ArrayLike) -> Figure:
    """Drawn products of two uniform weights against their density and distribution function."""
    drawn = np.sort(np.asarray(products, dtype=float))
    law = Uniform(1.0).product()
    z = np.linspace(-1, 1, 2000)  # without 0, where the density is infinite
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.5))
    axes[0].hist(
        drawn, bins=np.linspace(-1, 1, 61), density=True, color=BLUE, alpha=0.35,
        label=f"{drawn.size:,} products, counted",
    )  # fmt: skip
    axes[0].plot(z, law.pdf(z), color=INK, linestyle="-", label="the law")
    axes[0].axhline(0.5, color=GOLD, linestyle="--", label="one uniform weight")
    axes[0].set(xlabel="$z$", ylabel="density of $ab$", ylim=(0, 2.6), xticks=[-1, 0, 1])
    axes[0].set_title(r"density, $-\frac{1}{2}\,\ln|z|$")
    steps = np.linspace(0, 1, 21)
    axes[1].plot(z, law.cdf(z), color=INK, linestyle="-")
    axes[1].plot(z, (1 + z) / 2, color=GOLD, linestyle="--")
    axes[1].plot(
        np.quantile(drawn, steps), steps, color=BLUE, linestyle="none", marker="o", markersize=5,
        markerfacecolor="white",
    )  # fmt: skip
    axes[1].set(xlabel="$z$", ylabel=r"probability of $ab\leq z$", xticks=[-1, 0, 1])
    axes[1].set_title(r"$\frac{1}{2}+\frac{z}{2}\,(1-\ln|z|)$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


STYLES = ((BLUE, "-"), (GOLD, "--"), (INK, "-."), (GREY, ":"))


@styled
def near_the_edge(epsilons: Sequence[float]) -> Figure:
    """Success probability over ε: against the weight, and against its distance from 1."""
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.4))
    w = np.linspace(0.01, 1, 1000)
    gap = np.geomspace(1e-4, 0.5, 400)
    for epsilon, (color, style) in zip(epsilons, STYLES, strict=False):
        kind: Any = {"color": color, "linestyle": style, "label": f"ε = {epsilon:g}"}
        axes[0].plot(w, product_success(w, epsilon) / epsilon, **kind)
        axes[1].loglog(gap, product_success(1 - gap, epsilon) / epsilon, **kind)
        axes[1].plot(
            [epsilon], [product_success(1 - epsilon, epsilon) / epsilon], "o", color=color,
            markersize=5, markerfacecolor="white", label=f"_edge {epsilon:g}",
        )  # fmt: skip
    axes[1].loglog(
        gap, -np.log1p(-gap) / 2, color=GREY, linewidth=5, alpha=0.4, linestyle="-", zorder=0,
        label=r"limit, $\frac{1}{2}\ln\frac{1}{|w|}$",
    )  # fmt: skip
    axes[0].plot(w, -np.log(w) / 2, color=GREY, linewidth=5, alpha=0.4, linestyle="-", zorder=0)
    axes[0].set(xlabel="weight $|w|$", ylabel="$p$ / ε", ylim=(0, 1.5), xlim=(0, 1))
    axes[1].set(xlabel="distance from the edge, $1-|w|$", ylabel="$p$ / ε")
    figure.legend(*axes[1].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


@styled
def reach_of_a(epsilons: Sequence[float], marked: Sequence[float]) -> Figure:
    """What a wider range of the out-weights is worth.

    Left, the success probability against the weight for a on [-1, 1] and on [-e, e], the smallest
    of `epsilons`. Right, that of |w| = 1 against the reach s, the best one marked.

    Parameters
    ----------
    epsilons : sequence of float
        Errors allowed, in (0, 1).
    marked : sequence of float
        The best reach for each of them.
    """
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.4))
    w, small = np.linspace(0, 1, 500), min(epsilons)
    for s, name, color, style in ((1.0, "1", BLUE, "--"), (np.e, "e", INK, "-")):
        p = product_success(w / s, small / s) / small
        axes[0].plot(w, p, color=color, linestyle=style, label=f"$s={name}$")
    axes[0].axhline(1 / (2 * np.e), color=GREY, linewidth=0.9, linestyle=":", label="1/(2e)")
    axes[0].set(xlabel="weight $|w|$", ylabel="$p$ / ε", ylim=(0, 1), xlim=(0, 1))
    axes[0].legend(loc="upper right")
    reaches = np.linspace(1, 8, 700)
    for epsilon, best, (color, style) in zip(epsilons, marked, STYLES, strict=False):
        p = product_success(1 / reaches, epsilon / reaches) / epsilon
        axes[1].plot(reaches, p, color=color, linestyle=style, label=f"ε = {epsilon:g}")
        axes[1].plot(
            [best], [product_success(1 / best, epsilon / best) / epsilon], "o", color=color,
            markersize=5, markerfacecolor="white", label=f"_best {epsilon:g}",
        )  # fmt: skip
    axes[1].axvline(np.e, color=GREY, linewidth=0.9, linestyle=":")
    axes[1].set(xlabel="reach $s$ of the out-weights", ylabel="$p$ / ε for $|w|=1$", ylim=(0, None))
    axes[1].locator_params(axis="y", nbins=5)
    axes[1].legend(loc="lower right")
    return figure
