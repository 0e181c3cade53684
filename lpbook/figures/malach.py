"""Drawings of single weights made of two neurons: the chapters *malach* and *product_weights*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.constructions import malach_success, product_success
from lpbook.experiments.confidence import Band
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, styled
from lpbook.networks import ACTIVATIONS


@styled
def two_relus(weight: float) -> Figure:
    """Two mirrored ReLUs, a panel each, and the line that they add up to."""
    x = np.linspace(-1, 1, 201)
    relu = ACTIVATIONS["relu"].function
    first, second = relu(weight * x), -relu(-weight * x)
    panels = {
        r"$σ(wx)$": (first, BLUE, "--"),
        r"$-σ(-wx)$": (second, GOLD, "-."),
        r"$wx$": (first + second, INK, "-"),
    }
    figure, axes = plt.subplots(1, 3, figsize=(NARROW, 1.9), sharey=True)
    figure.get_layout_engine().set(wspace=0.16)
    for ax, (title, (y, color, style)) in zip(axes, panels.items(), strict=True):
        ax.axhline(0, color=GREY, linewidth=0.8, linestyle="-")
        ax.plot(x, y, color=color, linestyle=style, linewidth=2.4)
        ax.set(title=title, xlabel="$x$", xticks=[-1, 0, 1], yticks=[-weight, 0, weight])
    for ax, sign in zip(axes[1:], "+=", strict=True):
        ax.annotate(sign, (-0.12, 0.5), xycoords="axes fraction", fontsize=20, ha="center",
                    va="center")  # fmt: skip
        ax.spines["left"].set_visible(False)
        ax.tick_params(left=False)
    return figure


@styled
def two_neurons(weight: float, settings: Mapping[str, Sequence[float]]) -> Figure:
    """Two neurons and their sum, a panel for each setting.

    Parameters
    ----------
    weight : float
        The target weight w.
    settings : mapping
        Title of a panel -> (a, b, c, d): the neurons a σ(bx) and c σ(dx).
    """
    x = np.linspace(-1, 1, 201)
    figure, axes = plt.subplots(1, len(settings), figsize=(7, 2.9), sharey=True)
    for ax, (title, (a, b, c, d)) in zip(axes, settings.items(), strict=True):
        first, second = a * np.maximum(b * x, 0), c * np.maximum(d * x, 0)
        ax.plot(x, weight * x, color=GREY, linewidth=5, alpha=0.5, linestyle="-", label="$wx$")
        ax.plot(x, first, color=BLUE, linestyle="--", label=r"$a\,σ(bx)$")
        ax.plot(x, second, color=GOLD, linestyle="-.", label=r"$c\,σ(dx)$")
        ax.plot(x, first + second, color=INK, linestyle="-", linewidth=1.2, label="sum")
        ax.set(title=title, xlabel="$x$", xticks=[-1, 0, 1])
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


@styled
def accepted_neurons(weights: Sequence[float], epsilon: float, *, products: bool = False) -> Figure:
    """Which of all neurons (b, a) fit a weight, a panel for each weight.

    Parameters
    ----------
    weights : sequence of float
        Target weights in (0, 1].
    epsilon : float
        Error allowed.
    products : bool
        Whether the product alone decides; then Malach et al.'s rectangles are outlined.
    """
    figure, axes = plt.subplots(1, len(weights), figsize=(7, 4.1), sharey=True)
    figure.get_layout_engine().set(wspace=0.08)  # the numbers of two axes do not touch
    for ax, w in zip(axes, weights, strict=True):
        b = np.linspace(1e-9, 1, 2001)
        if products:
            b = b[b >= w - epsilon]  # for smaller b no a in [-1, 1] makes the product large enough
            low, high = np.clip((w - epsilon) / b, -1, 1), np.clip((w + epsilon) / b, -1, 1)
        else:
            b = b[b >= 1 - epsilon / 2]
            low, high = (
                np.full(b.size, np.clip(w + e, -1, 1)) for e in (-epsilon / 2, epsilon / 2)
            )
        for sign, color, hatch, name in ((1, BLUE, "///", ">"), (-1, GOLD, "\\\\\\", "<")):
            ax.fill_between(
                sign * b, sign * low, sign * high, facecolor="white", edgecolor=color,
                hatch=hatch, linewidth=0.8, label=f"serves $x{name}0$",
            )  # fmt: skip
            if products:
                _outline(ax, w, epsilon, sign)
        p = float((product_success if products else malach_success)(w, epsilon))
        ax.set(title=f"$w={w:g}$: $p={p:.4f}$", xlabel="in-weight $b$")
        ax.set(xlim=(-1.03, 1.03), ylim=(-1.03, 1.03), xticks=[-1, 0, 1], yticks=[-1, 0, 1])
        ax.set_aspect("equal")
        for side in ("top", "right"):
            ax.spines[side].set_visible(True)
    axes[0].set_ylabel("out-weight $a$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _outline(ax: Axes, w: float, epsilon: float, sign: int) -> None:
    """Malach et al.'s rectangle."""
    low, high = np.clip([w - epsilon / 2, w + epsilon / 2], -1, 1)
    inner = np.array([1 - epsilon / 2, 1, 1, 1 - epsilon / 2, 1 - epsilon / 2])
    ax.plot(
        sign * inner, sign * np.array([low, low, high, high, low]), color=INK, linewidth=1.4,
        linestyle="-", zorder=3, label="Malach et al." if sign == 1 else None,
    )  # fmt: skip


MARKS = ("o", "s", "^", "D")


@styled
def samples_against_epsilon(
    counts: Mapping[str, tuple[ArrayLike, ArrayLike]],
    measured: Mapping[str, tuple[ArrayLike, Sequence[Band]]],
    power: int,
) -> Figure:
    """Samples for one weight against ε, as they are and times a power of ε.

    Parameters
    ----------
    counts : mapping
        Label -> (epsilons, counts): lines.
    measured : mapping
        Label -> (epsilons, bands): marks with error bars.
    power : int
        The right panel shows the count times ε to this power.
    """
    figure, axes = plt.subplots(1, 2, figsize=(7, 3.7))
    for ax, exponent in ((axes[0], 0), (axes[1], power)):
        for label, (epsilons, values) in counts.items():
            e = np.asarray(epsilons, dtype=float)
            ax.plot(e, np.asarray(values, dtype=float) * e**exponent, label=label)
        for (label, (epsilons, bands)), mark in zip(measured.items(), MARKS, strict=False):
            e = np.asarray(epsilons, dtype=float)
            middle, low, high = np.array(bands).T * e**exponent
            ax.errorbar(
                e, middle, [middle - low, high - middle], linestyle="none", marker=mark,
                markersize=4, markerfacecolor="white", color=INK, elinewidth=0.9, capsize=2,
                label=label,
            )  # fmt: skip
        ax.set(xlabel="error allowed, ε", xscale="log")
    axes[0].set(ylabel="neurons $N$", yscale="log")
    axes[1].set_ylabel("$N$ ε" + (f"$^{power}$" if power > 1 else ""))
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
