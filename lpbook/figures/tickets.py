"""Drawings of tickets: the chapters *index*, *lottery_tickets* and *real_ticket*."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import ArrayLike

from lpbook._checks import Floats
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, styled
from lpbook.networks import Network
from lpbook.pruning import plan
from lpbook.random_network import Block
from lpbook.tickets import Ticket


@styled
def whole_idea(network: Network, ticket: Ticket) -> Figure:
    """The target F, the random network G, and the ticket Ĝ inside it, side by side.

    Parameters
    ----------
    network : Network
        A target with one layer, small enough to be drawn.
    ticket : Ticket
        Its ticket, shared layout.
    """
    mask = ticket.masks[0]
    scheme = ticket.construction.scheme(mask.max_weight, ticket.weight_epsilon)
    inner, outer = [], []
    for j, width in enumerate(mask.widths):
        b_unit, a_unit = Block(ticket.seed, 0, j, mask.outputs, ticket.layout).rows(int(width))
        b_law, a_law = scheme.laws(bool(mask.nonnegative[j]))
        inner.append(b_law.ppf(b_unit[:, 0]))
        outer.append(a_law.ppf(a_unit))
    b_kept, a_kept = (matrix.toarray() for matrix in ticket.layers())
    b_all, a_all = np.zeros_like(b_kept), np.concatenate(outer).T
    start = 0
    for j, weights in enumerate(inner):
        b_all[start : start + weights.size, j] = weights
        start += weights.size

    figure, axes = plt.subplots(1, 3, figsize=(NARROW, 3.6), width_ratios=[1, 1.4, 1.4])
    _edges(axes[0], network.weights[0], 0, 2, mask.max_weight)
    for ax, b, a, alpha in ((axes[1], b_all, a_all, 0.35), (axes[2], b_kept, a_kept, 1.0)):
        _edges(ax, b, 0, 1, np.abs(b_all).max(), alpha)
        _edges(ax, a, 1, 2, np.abs(a_all).max(), alpha)
        used = np.flatnonzero(a.any(axis=0))
        height = _heights(a.shape[1])
        ax.scatter(np.ones(height.size), height, s=4, color=GREY, zorder=3)
        ax.scatter(np.ones(used.size), height[used], s=9, color=INK, zorder=4)
    hidden, kept = a_all.shape[1], int(a_kept.any(axis=0).sum())
    titles = (
        f"F, the target:\n{np.count_nonzero(network.weights[0])} weights",
        f"G, random:\n{hidden} neurons",
        f"Ĝ, the ticket:\n{kept} of {hidden} kept",
    )
    for ax, title in zip(axes, titles, strict=True):
        for x, count, name in ((0, mask.inputs, "x"), (2, mask.outputs, "y")):
            height = _heights(count)
            ax.scatter(np.full(count, x), height, s=260, color="white", edgecolor=INK, zorder=5)
            for i, h in enumerate(height):
                ax.text(x, h, f"${name}_{i + 1}$", ha="center", va="center", zorder=6, fontsize=12)
        ax.set_title(title)
        ax.set(xlim=(-0.32, 2.32), ylim=(-0.06, 1.06))
        ax.axis("off")
    return figure


def _heights(count: int) -> Floats:
    """Heights of `count` neurons in a column, from the top down."""
    return np.linspace(1, 0, count) if count > 2 else np.array([0.75, 0.25])[:count]


def _edges(
    ax: Axes, weights: Floats, left: float, right: float, widest: float, alpha: float = 1.0
) -> None:
    """Edges as wide as their weights: solid for positive ones, dashed for negative ones.

    `widest` is the weight that is drawn with the widest line.
    """
    rows, columns = np.nonzero(weights)
    starts, ends = _heights(weights.shape[1]), _heights(weights.shape[0])
    widths = 0.25 + 2.75 * np.abs(weights[rows, columns]) / widest
    negative = weights[rows, columns] < 0
    for side, color, style in ((~negative, BLUE, "-"), (negative, GOLD, (0, (3, 1.5)))):
        segments = [
            [(left, starts[j]), (right, ends[i])]
            for i, j in zip(rows[side], columns[side], strict=True)
        ]
        lines = LineCollection(
            segments, colors=color, linestyles=[style], linewidths=widths[side], alpha=alpha
        )
        ax.add_collection(lines)


@styled
def cost_against_epsilon(
    network: Network, epsilons: ArrayLike, *, inputs: Any, marked: float
) -> Figure:
    """Neurons and weights of G per target weight against ε, for the three layouts."""
    epsilons = np.sort(np.asarray(epsilons, dtype=float))
    figure, axes = plt.subplots(1, 2, figsize=(7, 2.9), sharex=True)
    for layout in ("reserved", "pooled", "shared"):
        plans = [plan(network, e, inputs=inputs, layout=layout) for e in epsilons]
        neurons, weights = axes
        neurons.loglog(epsilons, [p.neurons_per_weight for p in plans], label=layout)
        weights.loglog(epsilons, [p.random_weights_per_weight for p in plans], label=layout)
    for ax, currency in zip(axes, ("neurons", "weights of G"), strict=True):
        ax.set_ylabel(f"{currency}\nper target weight")
    for ax in axes:
        ax.axvline(marked, color=GREY, linewidth=0.8, linestyle="-")
        ax.set_xlabel("error allowed on the logits, ε")
        ax.yaxis.set_minor_formatter(NullFormatter())
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


@styled
def mask_picture(ticket: Ticket, layer: int = 0) -> Figure:
    """Which neurons of G a layer of the ticket keeps: one row a block, one dot a kept neuron."""
    mask = ticket.masks[layer]
    rows, blocks = [], []
    for j, kept in enumerate(ticket.kept(layer)):
        rows.append(np.unique(kept.rows))
        blocks.append(np.full(rows[-1].size, j))
    figure, ax = plt.subplots(figsize=(7, 3.6))
    drawn = np.arange(mask.inputs)
    ax.hlines(drawn, 0, mask.widths, color=GREY, linewidth=0.4, linestyle="-")
    ax.scatter(np.concatenate(rows), np.concatenate(blocks), s=2.2, color=BLUE, linewidth=0)
    ax.set(xlabel="random neuron of the block", ylabel="input of the layer (one block each)")
    ax.set(xlim=(-5, mask.widths.max() + 5), ylim=(mask.inputs, -1))
    return figure


@styled
def weight_errors(network: Network, ticket: Ticket, layer: int = 0) -> Figure:
    """Each effective weight against its target, and how its error spreads within ε_w."""
    target = network.matrices[layer]
    effective = ticket.network().effective[layer][0]
    errors = (target - effective) / ticket.weight_epsilon
    figure, axes = plt.subplots(1, 2, figsize=(7, 2.9))
    axes[0].plot(target.ravel(), effective.ravel(), ".", color=BLUE, markersize=2)
    axes[0].set(xlabel="target weight in F", ylabel="effective weight in Ĝ")
    axes[0].locator_params(nbins=5)
    axes[1].hist(errors.ravel(), bins=np.linspace(-1.05, 1.05, 43), color=BLUE)
    for side in (-1, 1):
        axes[1].axvline(side, color=GOLD, linestyle="--", linewidth=1.2)
    axes[1].set(xlabel="(target − effective) / $ε_w$", ylabel="weights")
    return figure


@styled
def logits_side_by_side(
    before: ArrayLike, after: ArrayLike, epsilon: float, proved: float
) -> Figure:
    """Logits of F and Ĝ for the same inputs, and the norms of their differences.

    Beside them, as vertical lines: the bound `proved` by the certificate, and ε.
    """
    before, after = np.asarray(before), np.asarray(after)
    figure, axes = plt.subplots(1, 2, figsize=(7, 2.9))
    axes[0].plot(before.ravel(), after.ravel(), ".", color=BLUE, markersize=2)
    axes[0].set(xlabel="logit of F", ylabel="logit of Ĝ")
    errors = np.linalg.norm(before - after, axis=-1)
    axes[1].hist(errors, bins=np.geomspace(errors.min() / 1.2, epsilon * 1.3, 60), color=BLUE)
    for x, style, text in ((proved, ":", "proved"), (epsilon, "--", "ε")):
        axes[1].axvline(x, color=GOLD, linestyle=style, linewidth=1.4)
        axes[1].annotate(text, (x, 0.97), xycoords=("data", "axes fraction"), ha="right", va="top",
                         xytext=(-3, 0), textcoords="offset points")  # fmt: skip
    axes[1].set(xscale="log", xlabel=r"$\|F(x)-\hat G(x)\|_2$", ylabel="images")
    return figure
