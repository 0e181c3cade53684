"""Drawings of the chapter *since_depth*."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import NullFormatter
from numpy.typing import ArrayLike

from lpbook import _checks
from lpbook.copies import CopiesTicket
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, price_panels, styled
from lpbook.figures.tickets import draw_edges, heights
from lpbook.networks import Network

_MARKS = "sD^v"
_DEPTHS = {2: ("depth 2ℓ", (BLUE, "o", "-")), 1: ("depth ℓ + 1", (GOLD, "s", "--"))}


@styled
def copies_of_neurons(network: Network, ticket: CopiesTicket) -> Figure:
    """A target of two layers and its ticket of three, in which its hidden neurons have copies.

    Parameters
    ----------
    network : Network
        Without biases, at most four hidden neurons.
    ticket : CopiesTicket
        Its ticket.
    """
    network = _checks.instance("network", network, Network, "must be an lpbook.Network")
    ticket = _checks.instance("ticket", ticket, CopiesTicket, "must be of depth l+1")
    if len(network.weights) != 2 or ticket.bias or network.widths[1] > len(_MARKS):
        rule = f"must have two layers, no biases and at most {len(_MARKS)} hidden neurons"
        raise _checks.fail("network", network, rule)
    figure, axes = plt.subplots(1, 2, figsize=(NARROW, 4.4), width_ratios=[1, 1.6])
    kept = [weights.toarray() for weights in ticket.layers()]
    stands_for = [np.arange(network.widths[1]), ticket.copies[0]]
    for ax, layers, hidden in zip(axes, (network.weights, kept), stands_for, strict=True):
        for i, weights in enumerate(layers):
            draw_edges(ax, weights, i, i + 1, np.abs(weights).max())
        last, middle = len(layers), len(layers) - 1
        for x in range(1, middle):
            height = heights(layers[x].shape[1])
            ax.scatter(np.full(height.size, x), height, s=9, color=INK, zorder=4)
        height = heights(hidden.size)
        for neuron, mark in zip(range(network.widths[1]), _MARKS, strict=False):
            own = height[hidden == neuron]
            size = 260 if ax is axes[0] else 60
            ax.scatter(np.full(own.size, middle), own, s=size, marker=mark, color="white",
                       edgecolor=INK, zorder=5)  # fmt: skip
        for x, count, name in ((0, network.widths[0], "x"), (last, network.widths[2], "y")):
            for i, h in enumerate(heights(count)):
                ax.scatter(x, h, s=260, color="white", edgecolor=INK, zorder=5)
                ax.text(x, h, f"${name}_{i + 1}$", ha="center", va="center", zorder=6)
        ax.set(xlim=(-0.32, last + 0.32), ylim=(-0.08, 1.08))
        ax.axis("off")
    axes[0].set_title("$F$: two layers")
    axes[1].set_title(r"$\hat G$: three layers")
    return figure


@styled
def depth_prices(
    epsilons: Sequence[float],
    drawn: Mapping[int, Sequence[int]],
    kept: Mapping[int, Sequence[int]],
) -> Figure:
    """Weights of G and kept edges against ε, for twice as many layers and for one more.

    Parameters
    ----------
    epsilons : sequence of float
        Errors allowed.
    drawn, kept : mapping from 2 or 1 to sequence of int
        For twice as many layers (2) and for one layer more (1), at each of `epsilons`.
    """
    panels = {
        title: {name: (counts[times], look) for times, (name, look) in _DEPTHS.items()}
        for title, counts in (("weights of $G$", drawn), ("kept edges", kept))
    }
    figure, axes = price_panels(epsilons, [f"{e:g}" for e in epsilons], panels, 5.6)
    axes[1].set_xlabel("error allowed, $ε$")
    axes[1].invert_xaxis()
    return figure


@styled
def errors_of_copies(copies: ArrayLike, errors: ArrayLike, bound: float) -> Figure:
    """How far each copy is from its neuron at most, a column of dots a neuron, and the bound.

    Parameters
    ----------
    copies : array_like of int, shape (copies,)
        Which neuron each copy stands for, from 0.
    errors : array_like, shape (copies,)
        Above 0.
    bound : float
        What is proved of all of them.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.6))
    ax.semilogy(copies, errors, "o", color=BLUE, ms=2.5, alpha=0.5, label="copies")
    ax.axhline(bound, color=GOLD, linestyle="--", label="proved")
    ax.set(xlabel="hidden neuron of $F$", ylabel="largest error of a copy")
    ax.yaxis.set_minor_formatter(NullFormatter())  # not a label at each mark
    ax.set_ylim(10 ** np.floor(np.log10(np.min(errors))), None)
    ax.legend(loc="center right", bbox_to_anchor=(1, 0.7))  # where no dots are
    return figure


@styled
def depth_networks(networks: Sequence[Mapping[str, Any]]) -> Figure:
    """What whole tickets of both depths take, a row for each network and currency.

    Parameters
    ----------
    networks : sequence of mapping
        As ``depth.json`` of the package's data has them: names, and for ``"2l"`` and ``"l+1"`` the
        weights of G, the edges kept and the bytes of the ticket's file.
    """
    currencies = {
        "random_weights": "weights of $G$",
        "kept_weights": "kept edges",
        "bytes": "bytes",
    }
    figure, axes = plt.subplots(
        len(networks), 1, figsize=(NARROW, 0.7 + 1.7 * len(networks)), sharex=True
    )
    for ax, row in zip(np.atleast_1d(axes), networks, strict=True):
        for height, key in enumerate(reversed(currencies)):
            less, more = row["2l"][key], row["l+1"][key]
            ax.plot([less, more], [height, height], color=GREY, linestyle="-", zorder=1)
            ax.annotate(
                f"× {more / less:.0f}", (math.sqrt(less) * math.sqrt(more), height), (0, 3),
                textcoords="offset points", ha="center", va="bottom",
            )  # fmt: skip
        for depth, (name, (color, mark, _)) in zip(("2l", "l+1"), _DEPTHS.values(), strict=True):
            counts = [row[depth][key] for key in reversed(currencies)]
            ax.plot(counts, range(len(counts)), mark, color=color, linestyle="none", label=name)
        ax.set(xscale="log", title=row["network"], ylim=(-0.5, len(currencies) - 0.3))
        ax.set_yticks(range(len(currencies)), list(reversed(currencies.values())))
        ax.tick_params(axis="y", length=0)
        ax.minorticks_off()
    figure.legend(*figure.axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure
