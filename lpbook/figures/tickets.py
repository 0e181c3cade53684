"""Drawings of tickets: the chapters *index*, *lottery_tickets* and *real_ticket*."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.constructions.base import first_rows
from lpbook.constructions.golden_ratio import GoldenRatioScheme
from lpbook.digits import digit_of, equal_ends
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, scale_beside, styled
from lpbook.networks import Network, as_domain
from lpbook.pruning import plan
from lpbook.random_network import Block
from lpbook.tickets import Ticket

_DRAWN = {"at_least": 1e-100, "at_most": 1e100}  # on a logarithmic axis


@styled
def whole_idea(network: Network, ticket: Ticket) -> Figure:
    """The target F, the random network G, the ticket Ĝ in it; below, what stands for each weight.

    Parameters
    ----------
    network : Network
        A target with one layer, small enough to be drawn.
    ticket : Ticket
        Its ticket, shared layout.
    """
    network, ticket = _pair(network, ticket)
    if len(ticket.choices) > 1 or ticket.layout != "shared" or network.biases is not None:
        rule = "must have one layer without biases, and be pruned in the shared layout"
        raise _checks.fail("ticket", ticket, rule)
    mask = ticket.choices[0]
    inner, outer = zip(*(_block(ticket, j) for j in range(mask.inputs)), strict=True)
    b_kept, a_kept = (matrix.toarray() for matrix in ticket.layers())
    b_all, a_all = np.zeros_like(b_kept), np.concatenate(outer).T
    start = 0
    for j, weights in enumerate(inner):
        b_all[start : start + weights.size, j] = weights
        start += weights.size

    figure = plt.figure(figsize=(NARROW, 4.3))
    above, below = figure.subfigures(2, 1, height_ratios=[5, 1])
    axes = above.subplots(1, 3, width_ratios=[1, 1.4, 1.4])
    draw_edges(axes[0], network.weights[0], 0, 2, mask.max_weight)
    for ax, b, a, alpha in ((axes[1], b_all, a_all, 0.35), (axes[2], b_kept, a_kept, 1.0)):
        draw_edges(ax, b, 0, 1, np.abs(b_all).max(), alpha)
        draw_edges(ax, a, 1, 2, np.abs(a_all).max(), alpha)
        used = np.flatnonzero(a.any(axis=0))
        height = heights(a.shape[1])
        ax.scatter(np.ones(height.size), height, s=4, color=GREY, zorder=3)
        ax.scatter(np.ones(used.size), height[used], s=9, color=INK, zorder=4)
    hidden, kept = a_all.shape[1], int(a_kept.any(axis=0).sum())
    titles = (
        f"$F$, the target:\n{np.count_nonzero(network.weights[0])} weights",
        f"$G$, random:\n{hidden} neurons",
        f"$\\hat G$, the ticket:\n{kept} of {hidden} kept",
    )
    for ax, title in zip(axes, titles, strict=True):
        for x, count, name in ((0, mask.inputs, "x"), (2, mask.outputs, "y")):
            height = heights(count)
            ax.scatter(np.full(count, x), height, s=260, color="white", edgecolor=INK, zorder=5)
            for i, h in enumerate(height):
                ax.text(x, h, f"${name}_{i + 1}$", ha="center", va="center", zorder=6, fontsize=12)
        ax.set_title(title)
        ax.set(xlim=(-0.32, 2.32), ylim=(-0.06, 1.06))
        ax.axis("off")
    for place, (i, j) in enumerate(np.argwhere(network.weights[0])):
        products = a_kept[i] * b_kept[:, j]
        terms = sorted(products[products != 0], key=abs, reverse=True)
        total = " ".join([f"{terms[0]:.3f}", *(f"{term:+.3f}" for term in terms[1:])])
        total = total.replace(" +", " + ").replace(" -", " − ")
        words = f"{network.weights[0][i, j]:g} ≈ {total}".replace("-", "−")
        column, row = divmod(place, -(-np.count_nonzero(network.weights[0]) // 2))
        below.text(0.03 + 0.5 * column, 0.75 - 0.45 * row, f"$x_{j + 1} → y_{i + 1}$:  {words}")
    return figure


@styled
def one_weight(network: Network, ticket: Ticket) -> Figure:
    """How the first weight, above 0, was found: segments, the random numbers in them, the digits.

    Of the neurons those that can serve x > 0: with both of their weights above 0.
    """
    network, ticket = _pair(network, ticket)
    target = float(network.scaled(ticket.scales).weights[0][0, 0])
    scheme = ticket.construction.scheme(ticket.choices[0].max_weight, ticket.weight_epsilon)
    if not isinstance(scheme, GoldenRatioScheme):
        raise TypeError(f"ticket={ticket!r}: its weights must be made of golden-ratio digits")
    inner, outer = _block(ticket, 0)
    products = np.where(inner > 0, inner * outer[:, 0], -1.0)
    ends = equal_ends(scheme.digits, scheme.base, scheme.top)
    digit = digit_of(np.maximum(products, 0), scheme.digits, scheme.base, scheme.top)
    rows = first_rows(np.where(digit < 0, scheme.digits, digit)[:, None], scheme.digits)[:, 0]
    firsts = products[rows]
    block = next(ticket.kept(0))
    kept = np.isin(rows, block.rows[(block.outputs == 0) & (block.inner > 0)])

    figure, (above, below) = plt.subplots(2, 1, figsize=(NARROW, 2.9), height_ratios=[1, 1])
    for place, (high, low) in enumerate(pairwise(ends)):
        above.axvspan(low, high, ymin=0.1, ymax=0.9, facecolor="#e4e4e4", edgecolor=GREY)
        above.text(math.sqrt(low * high), 0.74, f"digit {place + 1}", ha="center", va="center")
    above.plot(products[digit >= 0], np.full((digit >= 0).sum(), 0.38), "|", color=GREY, ms=9)
    for which, face in ((kept, BLUE), (~kept, "white")):
        above.plot(firsts[which], np.full(which.sum(), 0.38), "o", color=BLUE, mfc=face, ms=7)
    above.set(xscale="log", ylim=(0, 1), yticks=[], xticks=[], xlim=(ends[-1] / 1.1, ends[0] * 1.1))
    above.minorticks_off()
    above.set_xlabel("random numbers $ab$ on a logarithmic axis")
    start = 0.0
    for i in np.flatnonzero(kept):
        below.barh(0, firsts[i], left=start, height=0.5, color=BLUE, edgecolor="white", linewidth=2)
        below.text(start + firsts[i] / 2, 0, f"{firsts[i]:.3f}", ha="center", va="center",
                   color="white")  # fmt: skip
        start += float(firsts[i])
    below.barh(0, target - start, left=start, height=0.5, facecolor="white", edgecolor=GOLD,
               hatch="////")  # fmt: skip
    below.axvline(target, color=GOLD, linestyle="-")
    below.annotate(f"target {target:g}", (target, 0.32), xytext=(-4, 0), ha="right",
                   textcoords="offset points", color=GOLD)  # fmt: skip
    below.set(ylim=(-0.35, 0.62), yticks=[], xlim=(0, target * 1.03))
    below.set_xlabel("kept digits add up; hatched: what is left")
    for ax in (above, below):
        ax.spines[["left", "top", "right"]].set_visible(False)
    return figure


@styled
def growth_of_prices(network: Network, epsilons: ArrayLike, *, inputs: Any) -> Figure:
    """Neurons of G for each weight of the target against the error allowed on it, three ways."""
    network = _checks.instance("network", network, Network, "must be an lpbook.Network")
    epsilons = _in_order(epsilons)
    figure, ax = plt.subplots(figsize=(NARROW, 3.65))
    names = {"malach": "Malach et al.", "product": "product weights", "golden-ratio": "digits"}
    looks = (INK, "-", "s"), (GOLD, "--", "D"), (BLUE, "-", "o")
    for (construction, name), (color, style, marker) in zip(names.items(), looks, strict=True):
        prices = [
            plan(network, None, construction, weight_epsilon=e, inputs=inputs).neurons_per_weight
            for e in epsilons
        ]
        ax.loglog(epsilons, prices, color=color, linestyle=style, marker=marker, markersize=4,
                  label=name)  # fmt: skip
        ax.annotate(f"{prices[0]:,.0f}", (epsilons[0], prices[0]), xytext=(6, 6),
                    textcoords="offset points", ha="right", color=color)  # fmt: skip
    ax.invert_xaxis()
    ax.set(xlabel="error allowed on each weight", ylabel="neurons of $G$ per weight of $F$")
    ax.margins(x=0.08, y=0.12)
    ax.legend(loc="upper left")
    return figure


def _pair(network: Network, ticket: Ticket) -> tuple[Network, Ticket]:
    """A network and its ticket."""
    network = _checks.instance("network", network, Network, "must be an lpbook.Network")
    ticket = _checks.instance("ticket", ticket, Ticket, "must be a ticket of the network")
    if ticket.target != network.digest:
        raise _checks.fail("ticket", ticket, f"must be a ticket of {network!r}")
    return network, ticket


def _in_order(epsilons: ArrayLike) -> Floats:
    """Errors above 0, in order."""
    found = _checks.array("epsilons", epsilons, ndim=1)
    _checks.entries("epsilons", found, found > 0, "must be above 0")
    return np.sort(found)


def _block(ticket: Ticket, column: int) -> tuple[Floats, Floats]:
    """In-weights (rows,) and out-weights (rows, outputs) of an input's block in a shared layer."""
    mask = ticket.choices[0]
    scheme = ticket.construction.scheme(mask.max_weight, ticket.weight_epsilon)
    b_law, a_law = scheme.laws(bool(mask.nonnegative[column]))
    block = Block(ticket.seed, 0, column, mask.outputs, ticket.layout)
    b_unit, a_unit = block.rows(int(mask.widths[column]))
    return b_law.ppf(b_unit[:, 0]), a_law.ppf(a_unit)


def heights(count: int) -> Floats:
    """Heights of `count` neurons in a column, from the top down."""
    return np.linspace(1, 0, count) if count > 2 else np.array([0.75, 0.25])[:count]


def draw_edges(
    ax: Axes, weights: Floats, left: float, right: float, widest: float, alpha: float = 1.0
) -> None:
    """Edges as wide as their weights: solid for positive ones, dashed for negative ones.

    `widest` is the weight that is drawn with the widest line.
    """
    rows, columns = np.nonzero(weights)
    starts, ends = heights(weights.shape[1]), heights(weights.shape[0])
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
    """Neurons of G per target weight against ε, each layout on a linear axis of its own."""
    network = _checks.instance("network", network, Network, "must be an lpbook.Network")
    epsilons = _in_order(epsilons)
    domain = as_domain(inputs, network)
    marked = _checks.real("marked", marked, **_DRAWN)
    figure, axes = plt.subplots(1, 3, figsize=(7, 2.6), sharex=True)
    for ax, layout in zip(axes, ("reserved", "pooled", "shared"), strict=True):
        plans = [plan(network, e, inputs=domain, layout=layout) for e in epsilons]
        prices = [p.neurons_per_weight for p in plans]
        ax.semilogx(epsilons, prices, ".-", color=BLUE, linewidth=1)
        ax.axvline(marked, color=GOLD, linewidth=1, linestyle="--")
        ax.set(title=layout, xlabel="error allowed, $ε$", ylim=(0, None))
        ax.yaxis.set_major_formatter("{x:,.0f}")
    axes[0].set_ylabel("neurons per target weight")
    axes[0].invert_xaxis()
    return figure


@styled
def mask_picture(ticket: Ticket, layer: int = 0) -> Figure:
    """Which neurons of G a layer of the ticket keeps: one row a block, one dot a kept neuron."""
    ticket = _checks.instance("ticket", ticket, Ticket, "must be a ticket")
    layer = _checks.count("layer", layer, at_least=0, at_most=len(ticket.choices) - 1)
    mask = ticket.choices[layer]
    rows, blocks = [], []
    for j, kept in enumerate(ticket.kept(layer)):
        rows.append(np.unique(kept.rows))
        blocks.append(np.full(rows[-1].size, j))
    figure, ax = plt.subplots(figsize=(NARROW, 3.6))
    drawn = np.arange(mask.inputs)
    ax.hlines(drawn, 0, mask.widths, color=GREY, linewidth=0.4, linestyle="-")
    ax.scatter(np.concatenate(rows), np.concatenate(blocks), s=2.2, color=BLUE, linewidth=0)
    ax.set(xlabel="random neuron of the block", ylabel="input of the layer (one block each)")
    ax.set(xlim=(-5, mask.widths.max() + 5), ylim=(mask.inputs, -1))
    return figure


@styled
def ticket_matrices(ticket: Ticket, layer: int = 0) -> Figure:
    """The two matrices of Ĝ that stand for one of F: a mark for each weight that is kept.

    A column is a neuron, in both: above its in-weights, a row an input, below its out-weights,
    a row an output.
    """
    inner, outer = (matrix.toarray() for matrix in ticket.layers()[2 * layer : 2 * layer + 2])
    figure, axes = plt.subplots(2, 1, figsize=(NARROW, 2.9), sharex=True)
    for ax, matrix, letter, name in zip(axes, (inner.T, outer), "xy", ("b", "a"), strict=True):
        rows, columns = np.nonzero(matrix)
        values = matrix[rows, columns]
        sizes = 12 + 70 * np.abs(values) / np.abs(values).max()
        for side, color, marker in ((values > 0, BLUE, "s"), (values < 0, GOLD, "D")):
            ax.scatter(columns[side], rows[side], s=sizes[side], color=color, marker=marker)
        ax.hlines(range(len(matrix)), -0.5, matrix.shape[1] - 0.5, color=GREY, linewidth=0.5,
                  linestyle="-", zorder=0)  # fmt: skip
        ax.set_yticks(range(len(matrix)), [f"${letter}_{i + 1}$" for i in range(len(matrix))])
        ax.set(ylim=(len(matrix) - 0.4, -0.6))
        ax.set_ylabel(f"${name}$", rotation=0, va="center")
        ax.spines[["left", "bottom"]].set_visible(False)
        ax.tick_params(length=0)
    axes[1].set_xlabel("neuron of $G$")
    return figure


@styled
def one_neuron(network: Network, ticket: Ticket, neuron: int, shape: tuple[int, int]) -> Figure:
    """The in-weights of a neuron of F as an image, what stands for them in Ĝ, the difference."""
    network, ticket = _pair(network, ticket)
    neuron = _checks.count("neuron", neuron, at_least=0, at_most=network.widths[1] - 1)
    sides = _checks.ordered("shape", shape, "must be two numbers of pixels")
    pixels = math.prod(_checks.count("shape", side) for side in sides)
    if len(sides) != 2 or pixels > network.widths[0]:
        rule = f"must be two sides of an image of at most {network.widths[0]} pixels"
        raise _checks.fail("shape", shape, rule)
    target = network.weights[0][neuron, :pixels].reshape(shape)
    effective = ticket.network().effective[0][0][neuron, :pixels].reshape(shape)
    titles = ("weights of $F$", r"sums of digits in $\hat G$", "difference")
    figure, axes = plt.subplots(1, 3, figsize=(7, 2.3))
    for ax, image, title in zip(axes, (target, effective, target - effective), titles, strict=True):
        limit = np.abs(target if title != "difference" else image).max()
        shown = ax.imshow(image, cmap="gray", vmin=-limit, vmax=limit)
        ax.set(title=title, xticks=[], yticks=[])
        scale_beside(ax, shown)
    return figure


@styled
def weight_errors(network: Network, ticket: Ticket, layer: int = 0) -> Figure:
    """How the error of an effective weight spreads within ε_w."""
    network, ticket = _pair(network, ticket)
    layer = _checks.count("layer", layer, at_least=0, at_most=len(ticket.choices) - 1)
    target = network.matrices[layer]
    errors = (target - ticket.network().effective[layer][0]) / ticket.weight_epsilons[layer]
    figure, ax = plt.subplots(figsize=(NARROW, 2.6))
    ax.hist(errors.ravel(), bins=np.linspace(-1.05, 1.05, 43), color=BLUE)
    for side in (-1, 1):
        ax.axvline(side, color=GOLD, linestyle="--", linewidth=1.2)
    ax.set(xlabel="(target − effective) / $ε_w$", ylabel="weights")
    return figure


@styled
def logit_errors(before: ArrayLike, after: ArrayLike, epsilon: float, proved: float) -> Figure:
    """How far the logits of Ĝ are from those of F, image by image; the bound proved, and ε."""
    before, after = _checks.array("before", before, ndim=2), _checks.array("after", after, ndim=2)
    if after.shape != before.shape:
        rule = f"must have the shape of before, {before.shape}, has {after.shape}"
        raise _checks.fail("after", after, rule)
    epsilon, proved = (
        _checks.real(name, value, **_DRAWN)
        for name, value in (("epsilon", epsilon), ("proved", proved))
    )
    errors = np.linalg.norm(before - after, axis=-1)
    if not 0 < errors.min() < epsilon * 1.3 < np.inf:
        rule = "must be above the least distance of an image, which is above 0"
        raise _checks.fail("epsilon", epsilon, f"{rule}, found {errors.min():.3g}")
    figure, ax = plt.subplots(figsize=(NARROW, 2.6))
    ax.hist(errors, bins=np.geomspace(errors.min() / 1.2, epsilon * 1.3, 60), color=BLUE)
    for x, style, text in ((proved, ":", "proved"), (epsilon, "--", "$ε$")):
        ax.axvline(x, color=GOLD, linestyle=style, linewidth=1.4)
        ax.annotate(text, (x, 0.97), xycoords=("data", "axes fraction"), ha="right", va="top",
                    xytext=(-3, 0), textcoords="offset points")  # fmt: skip
    ax.set(xscale="log", xlabel=r"$\|F(x)-\hat G(x)\|_2$", ylabel="images")
    return figure
