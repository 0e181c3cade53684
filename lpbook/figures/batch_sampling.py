"""Drawings of the chapter *batch_sampling*."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import ArrayLike
from scipy.stats import binom

from lpbook.batches import batch_size, best_leading_size, output_batch_size
from lpbook.digits import PHI, digit_of
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
        "best leading constant, $e/(e-1)$": [best_leading_size(int(n), *case) for n in m],
        "sharper": [batch_size(int(n), *case, "chernoff") for n in m],
        "exact for the union bound": [batch_size(int(n), *case, "exact") for n in m],
    }
    for name, sizes in curves.items():
        ax.semilogx(m, np.array(sizes) * probability / m, label=name)
    best = math.e / (math.e - 1)
    for limit in (1, best, 2):
        ax.axhline(limit, color=GREY, linewidth=0.8, linestyle="-", zorder=0)
    ax.set(xlabel="samples wanted in each category, $m$", ylabel="samples drawn, in units of $m/c$")
    ax.set(yscale="log", xlim=(m[0], m[-1]))
    ticks = {1: "1", best: "$e/(e-1)$", 2: "2", 4: "4", 8: "8", 16: "16"}
    ax.set_yticks(list(ticks), list(ticks.values()))
    ax.minorticks_off()
    ax.legend()
    return figure


@styled
def filling_categories(
    samples: Sequence[tuple[int, ArrayLike, int]], forecast: ArrayLike
) -> Figure:
    """How many samples each category holds, used and thrown away, one panel a draw.

    Parameters
    ----------
    samples : sequence of (drawn, counts, wanted), counts of shape (k,)
        How many samples were drawn, how many of them each category holds, and how many of these
        are wanted.
    forecast : array_like, shape (k,)
        Probability of each category.
    """
    figure, axes = plt.subplots(1, len(samples), figsize=(7, 3.5))
    for ax, (drawn, counts, wanted) in zip(np.atleast_1d(axes), samples, strict=True):
        counts = np.asarray(counts)
        used = np.minimum(counts, wanted)
        place = np.arange(1, counts.size + 1)
        ax.bar(place, used, color=BLUE, width=0.7, label="used")
        ax.bar(place, counts - used, bottom=used, width=0.7, facecolor="#e4e4e4", edgecolor=GREY,
               hatch="///", linewidth=0.5, label="thrown away")  # fmt: skip
        ax.plot(place, np.asarray(forecast) * drawn, "D", color="white", mec=INK, markersize=4,
                label="expected")  # fmt: skip
        ax.axhline(wanted, color=GOLD, linewidth=1.6, linestyle="--", label="wanted")
        weights = "1 weight" if wanted == 1 else f"{wanted} weights"
        ax.set(title=f"{weights}: {drawn:,} samples", xlabel="digit", xlim=(0.3, counts.size + 0.7))
        ax.locator_params(axis="x", integer=True, nbins=8)
    first = np.atleast_1d(axes)[0]
    first.set_ylabel("samples in its segment")
    figure.legend(*first.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


@styled
def counts_against_delta(
    deltas: ArrayLike,
    per_category: int,
    categories: int,
    probability: float,
    drawn: Mapping[int, float],
) -> Figure:
    """Samples against the probability of failure that is allowed, proved and drawn.

    Parameters
    ----------
    deltas : array_like
        Probabilities of failure.
    per_category, categories, probability : int, int, float
        The m, k and c of the batch lemma.
    drawn : mapping of int to float
        How often each number of samples failed in draws.
    """
    deltas = np.sort(np.asarray(deltas, dtype=float))
    case = per_category, categories, probability
    figure, ax = plt.subplots(figsize=(NARROW, 3.5))
    for name, bound in (("batch lemma", "poster"), ("exact count", "exact")):
        ax.semilogx(deltas, [batch_size(*case, float(d), bound) for d in deltas], label=name)
    average = per_category / probability
    ax.axhline(average, color=GREY, linewidth=0.8, linestyle="-", zorder=0)
    ax.annotate("needed on average, $m/c$", (deltas[0], average), xytext=(-4, -4), ha="right",
                va="top", textcoords="offset points")  # fmt: skip
    failed = {M: rate for M, rate in drawn.items() if rate > 0}
    ax.plot(list(failed.values()), list(failed), "o", color=INK, markersize=4, label="draws")
    ax.invert_xaxis()
    ax.set(xlabel="probability of failure, $δ$", ylabel="samples", ylim=(0.8 * average, None))
    ax.yaxis.set_major_formatter("{x:,.0f}")
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


@styled
def falling_short(per_category: int, categories: int, probability: float, delta: float) -> Figure:
    """How many of the exact count's samples one category holds, and when these are too few.

    Parameters
    ----------
    per_category, categories, probability, delta : int, int, float, float
        The m, k, c and δ of `batch_size`.
    """
    drawn = batch_size(per_category, categories, probability, delta, "exact")
    law = binom(drawn, probability)
    held = np.arange(int(law.ppf(1e-6)), int(law.ppf(1 - 1e-6)) + 1)
    few = held < per_category
    figure, ax = plt.subplots(figsize=(NARROW, 3.0))
    ax.bar(held[~few], law.pmf(held[~few]), width=0.8, color=BLUE, label="enough")
    ax.bar(held[few], law.pmf(held[few]), width=0.8, facecolor="white", edgecolor=GOLD,
           hatch="////", label=f"fewer than {per_category}")  # fmt: skip
    ax.axvline(per_category - 0.5, color=GOLD, linestyle="--", linewidth=1.2)
    ax.axvline(drawn * probability, color=GREY, linestyle="-", linewidth=0.8, zorder=0)
    ax.annotate("mean", (drawn * probability, 0.98), xycoords=("data", "axes fraction"), va="top",
                xytext=(4, 0), textcoords="offset points")  # fmt: skip
    ax.set(xlabel=f"samples in the category, of $M$ = {drawn:,}", ylabel="probability")
    ax.set_ylim(0, 1.15 * law.pmf(held).max())  # room for a word
    ax.legend(loc="upper right")
    return figure


@styled
def one_neuron_as_samples(
    inner: ArrayLike, outer: ArrayLike, signs: ArrayLike, digits: int, base: float = PHI
) -> Figure:
    """What one neuron can be for each target weight of its layer: a digit of a half, or nothing.

    Parameters
    ----------
    inner : array_like, shape (inputs,)
        In-weights.
    outer : array_like, shape (outputs,)
        Out-weights.
    signs : array_like of int, shape (outputs, inputs)
        Signs of the target weights, the largest of which is 1 in magnitude.
    digits : int
        Digits k.
    base : float
        Base of the digits.
    """
    inner, outer, signs = np.asarray(inner), np.asarray(outer), np.asarray(signs)
    products = np.outer(outer, inner)
    digit = digit_of(np.abs(products), digits, base)
    figure, ax = plt.subplots(figsize=(NARROW, 3.3))
    for (i, j), product in np.ndenumerate(products):
        wanted = f"$w_{{{i + 1}{j + 1}}}$ {'>' if signs[i, j] > 0 else '<'} 0"
        lines = [wanted, f"$a_{i + 1}b_{j + 1}$ = {product:.2f}".replace("-", "−")]
        fits = digit[i, j] >= 0 and np.sign(product) == signs[i, j]
        if fits:
            lines.append(
                f"digit {digit[i, j] + 1} for $x_{j + 1}$ {'>' if inner[j] > 0 else '<'} 0"
            )
        else:
            lines.append("wrong sign" if digit[i, j] >= 0 else "no digit")
        look: dict[str, Any] = {"facecolor": "white", "edgecolor": GREY, "hatch": "..."}
        if fits:
            look = {"facecolor": "#d8e6f3", "edgecolor": BLUE}
        ax.add_patch(Rectangle((j + 0.04, i + 0.06), 0.92, 0.88, linewidth=1, **look))
        ax.text(j + 0.5, i + 0.5, "\n".join(lines), ha="center", va="center", linespacing=1.5,
                bbox={"facecolor": look["facecolor"], "edgecolor": "none", "pad": 2})  # fmt: skip
    columns = [f"$b_{j + 1}$ = {b:.2f}".replace("-", "−") for j, b in enumerate(inner)]
    rows = [f"$a_{i + 1}$ = {a:.2f}".replace("-", "−") for i, a in enumerate(outer)]
    ax.set_xticks(np.arange(inner.size) + 0.5, columns)
    ax.set_yticks(np.arange(outer.size) + 0.5, rows)
    ax.tick_params(length=0, top=True, labeltop=True, bottom=False, labelbottom=False)
    ax.set(xlim=(0, inner.size), ylim=(outer.size, 0))
    ax.spines[:].set_visible(False)
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
    ax.annotate("$2k$", (n[0], 2 * digits), xytext=(2, 3), textcoords="offset points", color=INK)
    ax.set(xlabel="inputs and outputs of the layer, $n$", ylabel="neurons per target weight")
    ax.set(xlim=(n[0], n[-1]))
    figure.legend(*ax.get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
