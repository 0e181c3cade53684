"""Drawings of the chapter *since_structured*."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook.figures.style import BLUE, GOLD, GREY, NARROW, styled


@styled
def gap_of_neurons(
    searched: Sequence[int], whole: ArrayLike, counts: Sequence[int], single: ArrayLike,
    proved: ArrayLike,
) -> Figure:  # fmt: skip
    """Errors against the neurons of the random layer: whole neurons, single weights, a bound.

    Parameters
    ----------
    searched, whole : sequence of int, array_like (sizes, draws)
        Numbers of neurons, and the least error found with whole neurons in each draw.
    counts, single, proved : sequence of int, array_like (sizes, draws), array_like (sizes,)
        Numbers of neurons, the errors with single weights, and the bound for whole neurons.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 4.0))
    for sizes, errors, color, style, marker, name in (
        (searched, np.asarray(whole), GOLD, "--", "s", "whole neurons, best found"),
        (counts, np.asarray(single), BLUE, "-", "o", "single weights"),
    ):
        for draw in errors.T:
            ax.plot(sizes, draw, marker, color=color, ms=3, alpha=0.5, mew=0)
        ax.plot(sizes, np.median(errors, axis=1), color=color, linestyle=style, marker=marker,
                ms=6, label=name)  # fmt: skip
    ax.plot(counts, np.asarray(proved), color=GREY, linestyle="-", linewidth=1.4,
            label="whole neurons: not below")  # fmt: skip
    ax.set_yscale("log")
    ax.set(xlabel="neurons of the random layer, $N$", ylabel="error", ylim=(1e-7, 2))
    ax.legend(loc="lower left")
    return figure
