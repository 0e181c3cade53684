"""Drawings of single weights made of two neurons: the chapters *malach* and *product_weights*."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.batches import half_missed, samples_for_both
from lpbook.constructions import Malach, malach_success
from lpbook.experiments.confidence import Band
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, styled
from lpbook.networks import ACTIVATIONS


@styled
def two_relus(weight: float, slope: float = 0.0) -> Figure:
    """Two mirrored ReLUs, a panel each, and the line that they add up to.

    Parameters
    ----------
    weight : float
        The slope of the line.
    slope : float
        That of a leaky ReLU below 0.
    """
    x = np.linspace(-1, 1, 201)
    relu = ACTIVATIONS["relu"].function
    product = weight / (1 + slope)
    first, second = (
        sign * (relu(sign * product * x) - slope * relu(-sign * product * x)) for sign in (1, -1)
    )
    names = (r"$a\,σ_s(x)$", r"$-a\,σ_s(-x)$") if slope else (r"$σ(wx)$", r"$-σ(-wx)$")
    panels = {
        names[0]: (first, BLUE, "--"),
        names[1]: (second, GOLD, "-."),
        r"$wx$": (first + second, INK, "-"),
    }
    figure, axes = plt.subplots(1, 3, figsize=(NARROW, 2.4), sharey=True)
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


_DRAWN = 100_000  # more neurons than any picture of single neurons needs
_LOOKS = ((1, BLUE, "--", "D"), (-1, GOLD, "-.", "s"))
"""Of the neurons for x > 0 and for x < 0: sign of b, color, line style, marker."""


@styled
def until_served(weight: float, epsilon: float, seed: int) -> Figure:
    """Neurons drawn until both halves of a weight are served, and what the two kept ones make.

    Parameters
    ----------
    weight : float
        The target weight, in (0, 1].
    epsilon : float
        Error allowed.
    seed : int
        Of the draw.
    """
    scheme = Malach().scheme(max_weight=1.0, weight_epsilon=epsilon)
    b_law, a_law = scheme.laws(nonnegative=False)
    rng = np.random.default_rng(seed)
    b, a = b_law.rvs(_DRAWN, rng=rng), a_law.rvs(_DRAWN, rng=rng)
    fit = np.ravel(scheme.fits(b, a, np.array([weight])))
    kept = [int(np.flatnonzero(fit & (sign * b > 0))[0]) for sign, *_ in _LOOKS]
    drawn = max(kept) + 1

    figure, (square, line) = plt.subplots(1, 2, figsize=(7, 3.7))
    figure.get_layout_engine().set(wspace=0.08)
    square.plot(b[:drawn], a[:drawn], ".", color=GREY, markersize=4, label="drawn")
    x = np.linspace(-1, 1, 201)
    allowed = epsilon * np.abs(x)
    line.fill_between(x, weight * x - allowed, weight * x + allowed, color="#dddddd", linewidth=0)
    total = np.zeros_like(x)
    for i, (sign, color, style, marker) in zip(kept, _LOOKS, strict=True):
        _rectangle(square, weight, epsilon, sign, color)
        square.plot(b[i], a[i], marker, color=color, markersize=7, label="kept")
        part = a[i] * np.maximum(b[i] * x, 0)
        line.plot(x, part, color=color, linestyle=style, linewidth=3.4, label=f"_half {sign}")
        line.plot(sign * 0.55, part[x.searchsorted(sign * 0.55)], marker, color=color, markersize=7)
        total += part
    line.plot(x, total, color=INK, linestyle="-", linewidth=1, label="sum")
    line.plot(x, weight * x, color=INK, linestyle=":", linewidth=1, label="$wx$")
    line.annotate("allowed", (-0.95, weight * -0.95 - epsilon * 0.95), xytext=(14, 0),
                  textcoords="offset points", va="center")  # fmt: skip
    _whole_square(square)
    square.set_title(f"{drawn} neurons drawn, 2 kept")
    square.set_ylabel("out-weight $a$")
    line.set(title="what the two make", xlabel="$x$", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    line.set(xlim=(-1.03, 1.03), ylim=(-1.03, 1.03))
    return figure


@styled
def two_neurons(weight: float, settings: Mapping[str, Sequence[float]]) -> Figure:
    """Two neurons and, below, their sum beside the target; a column for each setting.

    Parameters
    ----------
    weight : float
        The target weight w.
    settings : mapping
        Title of a column -> (a, b, c, d): the neurons a σ(bx) and c σ(dx).
    """
    x = np.linspace(-1, 1, 201)
    figure, axes = plt.subplots(2, len(settings), figsize=(7, 4.2), sharex=True, sharey=True)
    for (above, below), (title, (a, b, c, d)) in zip(axes.T, settings.items(), strict=True):
        first, second = a * np.maximum(b * x, 0), c * np.maximum(d * x, 0)
        above.plot(x, first, color=BLUE, linestyle="--", linewidth=2.6, label=r"$a\,σ(bx)$")
        above.plot(x, second, color=GOLD, linestyle="-.", linewidth=2.6, label=r"$c\,σ(dx)$")
        below.plot(x, weight * x, color=GREY, linewidth=7, alpha=0.5, linestyle="-", label="$wx$")
        below.plot(x, first + second, color=INK, linestyle="-", label="sum")
        above.set_title(title)
        below.set(xlabel="$x$", xticks=[-1, 0, 1])
    axes[0, 0].set_ylabel("two neurons")
    axes[1, 0].set_ylabel("their sum")
    handles = [line for ax in axes[:, 0] for line in ax.get_lines()]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    return figure


@styled
def accepted_neurons(weights: Sequence[float], epsilon: float) -> Figure:
    """Which of all neurons (b, a) Malach et al. keep for a weight, a panel for each weight.

    Parameters
    ----------
    weights : sequence of float
        Target weights in (0, 1].
    epsilon : float
        Error allowed.
    """
    figure, axes = plt.subplots(1, len(weights), figsize=(7, 4.1), sharey=True)
    figure.get_layout_engine().set(wspace=0.08)  # the numbers of two axes do not touch
    for ax, w in zip(axes, weights, strict=True):
        for sign, color, *_ in _LOOKS:
            _rectangle(ax, w, epsilon, sign, color)
        ax.set_title(f"$w={w:g}$: $p={float(malach_success(w, epsilon)):.4f}$")
        _whole_square(ax)
    axes[0].set_ylabel("out-weight $a$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure


def _rectangle(ax: Axes, w: float, epsilon: float, sign: int, color: str) -> None:
    """The neurons that Malach et al. accept for one half."""
    inner = sign * np.array([1 - epsilon / 2, 1])
    low, high = sign * np.clip([w - epsilon / 2, w + epsilon / 2], -1, 1)
    ax.fill_between(
        inner, low, high, facecolor="white", edgecolor=color, hatch="///" if sign > 0 else "\\\\\\",
        linewidth=1, label=f"serve $x{'>' if sign > 0 else '<'}0$", zorder=0,
    )  # fmt: skip


def _whole_square(ax: Axes) -> None:
    """The square of all neurons, to scale."""
    ax.set(xlabel="in-weight $b$", xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    ax.set(xlim=(-1.03, 1.03), ylim=(-1.03, 1.03))
    ax.set_aspect("equal")
    for side in ("top", "right"):
        ax.spines[side].set_visible(True)


@styled
def failures_against_weight(
    weights: ArrayLike, epsilon: float, delta: float, marked: Sequence[float]
) -> Figure:
    """How often the samples that are enough for |w| ≤ 1 miss a half of another weight.

    Parameters
    ----------
    weights : array_like
        Target weights above 0, in increasing order.
    epsilon, delta : float
        Error and probability of failure allowed.
    marked : sequence of float
        Weights whose failure is written beside the curve.
    """
    samples = samples_for_both(epsilon**2 / 16, delta)
    figure, ax = plt.subplots(figsize=(NARROW, 3.1))
    w = np.asarray(weights, dtype=float)
    ax.plot(w, half_missed(malach_success(w, epsilon), samples), color=BLUE, linestyle="-")
    for weight in marked:
        failure = float(half_missed(malach_success(weight, epsilon), samples))
        ax.plot(weight, failure, "o", color=BLUE, markerfacecolor="white", label=f"{weight:g}")
        ax.annotate(f"{failure:.2f}", (weight, failure), xytext=(-8, 2), ha="right",
                    textcoords="offset points")  # fmt: skip
    ax.axvline(1 + epsilon / 2, color=GOLD, linestyle="--", linewidth=1.2)
    ax.annotate("beyond this,\nno neuron fits", (1 + epsilon / 2, 0.5), xytext=(6, 0), color=GOLD,
                textcoords="offset points", va="center")  # fmt: skip
    ax.locator_params(axis="x", nbins=5)
    ax.set(xlabel="weight $w$", ylabel="probability of failure", ylim=(-0.04, 1.06))
    return figure


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
        ax.set(xlabel="error allowed, $ε$", xscale="log")
    axes[0].set(ylabel="neurons $N$", yscale="log")
    axes[1].set_ylabel("$Nε$" if power == 1 else f"$Nε^{power}$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside lower center", ncols=2)
    return figure
