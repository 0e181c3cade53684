"""Drawings of products of two random weights: the chapter *product_weights*."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.constructions import malach_success, product_success
from lpbook.distributions import Uniform
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, styled


@styled
def product_bands(cases: Sequence[tuple[float, float]]) -> Figure:
    """Neurons whose product fits, and those in Malach et al.'s rectangle, for a and b above 1/2.

    Parameters
    ----------
    cases : sequence of (float, float)
        A panel for each pair of a weight and an error, with w - ε at least 1/2 and w at most 1.
    """
    figure, axes = plt.subplots(1, len(cases), figsize=(NARROW, 3.7), sharey=True)
    figure.get_layout_engine().set(wspace=0.08)  # the numbers of two axes do not touch
    for ax, (w, epsilon) in zip(axes, cases, strict=True):
        b = np.linspace(max(w - epsilon, 1e-9), 1, 2001)  # below, no a up to 1 is large enough
        low, high = (np.clip((w + e) / b, 0, 1) for e in (-epsilon, epsilon))
        ax.fill_between(b, low, high, facecolor="#c9dcec", edgecolor=BLUE, linewidth=1,
                        label="product within $ε$ of $w$")  # fmt: skip
        ax.plot(b[b >= w], w / b[b >= w], color=BLUE, linestyle=":", linewidth=1, label="$ab=w$")
        low, high = np.clip([w - epsilon / 2, w + epsilon / 2], 0, 1)
        ax.fill_between([1 - epsilon / 2, 1], low, high, facecolor=GOLD, edgecolor=INK,
                        linewidth=0.8, label="Malach et al.", zorder=3)  # fmt: skip
        ratio = product_success(w, epsilon) / malach_success(w, epsilon)
        panel = f"$w={w:g}$" if len({e for _, e in cases}) == 1 else f"$ε$ = {epsilon:g}"
        ax.set_title(f"{panel} ({ratio:.{0 if ratio > 20 else 1}f} : 1)")
        ax.set(xlabel="in-weight $b$", xlim=(0.5, 1.01), ylim=(0.5, 1.01))
        ax.set(xticks=[0.5, 0.75, 1], yticks=[0.5, 0.75, 1])
        ax.set_aspect("equal")
        for side in ("top", "right"):
            ax.spines[side].set_visible(True)
    axes[0].set_ylabel("out-weight $a$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


@styled
def density_in_window(weight: float, epsilon: float) -> Figure:
    """The density of a product over [w - ε, w + ε]: area, and the rectangle of the middle value."""
    law = Uniform(1.0).product()
    figure, ax = plt.subplots(figsize=(NARROW, 3))
    z = np.linspace(0.02, 1, 500)
    ax.plot(z, law.pdf(z), color=INK, linestyle="-", label="density of $ab$")
    window = np.linspace(weight - epsilon, weight + epsilon, 101)
    ax.fill_between(window, law.pdf(window), color="#c9dcec", linewidth=0, label="window")
    middle = float(law.pdf(weight))
    slope = -1 / (2 * weight)
    ax.plot(window, middle + slope * (window - weight), color=GOLD, linestyle="--",
            label="tangent")  # fmt: skip
    ends, names = [weight - epsilon, weight, weight + epsilon], ["$w-ε$", "$w$", "$w+ε$"]
    ax.vlines(ends, 0, law.pdf(np.array(ends)), color=BLUE, linewidth=1)
    ax.plot(weight, middle, "o", color=BLUE, markersize=5)
    ax.annotate(r"$\frac{1}{2}\,\ln\frac{1}{w}$", (weight, middle), xytext=(4, 8),
                textcoords="offset points")  # fmt: skip
    ax.set(xticks=[0, *ends, 1], xlim=(0, 1), ylim=(0, 1.6), xlabel="$z$", yticks=[0, 1])
    ax.set_xticklabels(["0", *names, "1"])
    ax.legend(loc="upper right")
    return figure


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
    axes[0].set_title(r"density, $-\frac{1}{2}\,\ln|z|$", pad=12)  # above the peak
    steps = np.linspace(0, 1, 21)
    axes[1].plot(z, law.cdf(z), color=INK, linestyle="-")
    axes[1].plot(z, (1 + z) / 2, color=GOLD, linestyle="--")
    axes[1].plot(
        np.quantile(drawn, steps), steps, color=BLUE, linestyle="none", marker="o", markersize=5,
        markerfacecolor="white",
    )  # fmt: skip
    axes[1].set(xlabel="$z$", ylabel=r"probability of $ab\leq z$", xticks=[-1, 0, 1])
    axes[1].set_title(r"$\frac{1}{2}+\frac{z}{2}\,(1-\ln|z|)$", pad=12)
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
        kind: Any = {"color": color, "linestyle": style, "label": f"$ε$ = {epsilon:g}"}
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
    axes[0].set(xlabel="weight $|w|$", ylabel="$p/ε$", ylim=(0, 1.5), xlim=(0, 1))
    axes[1].set(xlabel="distance from the edge, $1-|w|$", ylabel="$p/ε$")
    figure.legend(*axes[1].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


@styled
def wider_range(epsilon: float) -> Figure:
    """The success probability over ε against the weight, for a on [-1, 1] and on [-e, e]."""
    figure, ax = plt.subplots(figsize=(NARROW, 3.2))
    w = np.linspace(0, 1, 500)
    for s, name, color, style in ((1.0, "1", BLUE, "--"), (np.e, "e", INK, "-")):
        p = product_success(w / s, epsilon / s) / epsilon
        ax.plot(w, p, color=color, linestyle=style, label=f"$a$ up to ${name}$")
    ax.axhline(1 / (2 * np.e), color=GREY, linewidth=0.9, linestyle=":", label="$1/(2e)$")
    ax.set(xlabel="weight $|w|$", ylabel="$p/ε$", ylim=(0, 1), xlim=(0, 1))
    ax.legend(loc="upper right")
    return figure


@styled
def reach_of_a(epsilons: Sequence[float], marked: Sequence[float]) -> Figure:
    """The success probability of |w| = 1 over ε against the reach of the out-weights.

    Parameters
    ----------
    epsilons : sequence of float
        Errors allowed, in (0, 1).
    marked : sequence of float
        The best reach for each of them.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.2))
    reaches = np.linspace(1, 8, 700)
    for epsilon, best, (color, style) in zip(epsilons, marked, STYLES, strict=False):
        p = product_success(1 / reaches, epsilon / reaches) / epsilon
        ax.plot(reaches, p, color=color, linestyle=style, label=f"$ε$ = {epsilon:g}")
        ax.plot(
            [best], [product_success(1 / best, epsilon / best) / epsilon], "o", color=color,
            markersize=5, markerfacecolor="white", label=f"_best {epsilon:g}",
        )  # fmt: skip
    ax.axvline(np.e, color=GREY, linewidth=0.9, linestyle=":")
    ax.set(xlabel="reach $s$ of the out-weights", ylabel="$p/ε$ for $|w|=1$", ylim=(0, None))
    ax.locator_params(axis="y", nbins=5)
    ax.legend(loc="lower right")
    return figure
