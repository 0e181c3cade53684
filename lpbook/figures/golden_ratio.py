"""Drawings of the chapter *golden_ratio*: digits, the sums they reach, and the gaps they leave."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from lpbook._checks import Floats
from lpbook.digits import (
    PHI,
    all_sums,
    equal_ends,
    fibonacci_ends,
    segments,
    worst_error,
    worst_error_between,
)
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, percent, styled

CHOICES = ("lowest", "alternating")


def choice(name: str, k: int, base: float) -> Floats:
    """An adversary's samples: all at the lower end, or the ends in turn, upper one first."""
    low, high = segments(k, base)
    return low if name == "lowest" else np.where(np.arange(k) % 2 == 0, high, low)


def gaps(samples: ArrayLike, epsilon: float) -> Floats:
    """Where in [0, 1] no subset sum is at most `epsilon` below: rows (start, end), from the left.

    Examples
    --------
    >>> gaps([0.25, 0.125], 0.25).tolist()
    [[0.625, 1.0]]
    """
    sums = all_sums(samples)
    sums = sums[sums <= 1]
    starts, ends = sums + epsilon, np.append(sums[1:], 1.0)
    open_ = ends - starts > 1e-12  # not a gap, but the rounding of two sums that meet
    return np.column_stack([starts[open_], ends[open_]])


@styled
def one_step(bases: Mapping[str, float]) -> Figure:
    r"""The worst step of the greedy choice in several bases, one above the other.

    Drawn for digit 1; those of all others are the same, smaller. The most that is left before it
    is 1. If the digit lies at the low end of its segment, keeping it takes only
    :math:`\gamma^{-2}` off, and at most :math:`\gamma^{-1}` may be left: the two together must be
    at least 1.

    Parameters
    ----------
    bases : mapping of str to float
        Names of bases, and the bases.
    """
    figure, axes = plt.subplots(len(bases), 1, figsize=(NARROW, 1.75 * len(bases)))
    for ax, (name, base) in zip(np.atleast_1d(axes), bases.items(), strict=True):
        low, high = (float(end[0]) for end in segments(1, base))
        left = 1 - low
        excess = round(left - high, 12)  # for φ it is 0, but for rounding
        words = "an exact fit" if excess == 0 else "room to spare"
        ax.set_title(f"base {name}: {words if excess <= 0 else 'too much is left'}", loc="left")
        ax.barh(2, high - low, left=low, height=0.62, color="#e4e4e4", edgecolor=GREY)
        ax.barh(2, low, height=0.62, color=BLUE, edgecolor=INK)
        ax.text(low / 2, 2, "least $x_i$", ha="center", va="center", color="white")
        ax.text(high + 0.015, 2, "segment of digit $i$", va="center")
        ax.barh(1, left, height=0.62, facecolor="white", edgecolor=INK)
        ax.barh(1, low, left=left, height=0.62, color=BLUE, edgecolor=INK)
        ax.text(1 - low / 2, 1, "taken off", ha="center", va="center", color="white")
        ax.text(min(left, high) / 2, 1, "left", ha="center", va="center")
        if excess > 0:
            ax.barh(1, excess, left=high, height=0.62, facecolor="white", edgecolor=INK,
                    hatch="////")  # fmt: skip
        ax.barh(0, high, height=0.62, color="#f1e3bd", edgecolor=GOLD)
        ax.text(high / 2, 0, "may be left", ha="center", va="center")
        ax.vlines(high, -0.5, 2.31, color=GOLD, linewidth=1.2, linestyle="--")
        ax.set(xlim=(0, 1), ylim=(-0.55, 2.55), yticks=[])
        ax.spines["left"].set_visible(False)
        ax.set_xticks([0, low, high, 1], ["0", "$γ^{-(i+1)}$", "$γ^{-i}$", "$γ^{-(i-1)}$"])
    return figure


def digits_needed(epsilon: float, base: float) -> int:
    """As `lpbook.count_digits`, for any base: the least k of at least 1 with base^-k at most ε.

    Examples
    --------
    >>> digits_needed(0.25, 2.0), digits_needed(0.25, PHI)
    (2, 3)
    """
    return max(1, math.ceil(math.log(1 / epsilon, base) - 1e-12))


@styled
def reachable(bases: Mapping[str, float], epsilon: float) -> Figure:
    """What the digits reach with adversarial samples, for several bases: gaps are hatched."""
    figure, axes = plt.subplots(
        len(bases) * len(CHOICES), 1, figsize=(NARROW, 4.6), sharex=True, sharey=True
    )
    row = iter(axes)
    for name, base in bases.items():
        k = digits_needed(epsilon, base)
        for which in CHOICES:
            ax = next(row)
            samples = choice(which, k, base)
            sums = all_sums(samples)
            holes = gaps(samples, base**-k)
            ax.axhspan(0, 1, color="#f1e3bd")
            for start, end in holes:
                ax.axvspan(start, end, facecolor="white", edgecolor=INK, hatch="////", linewidth=0)
            ax.vlines(sums[sums <= 1], 0.15, 0.85, color=BLUE, linewidth=0.5, linestyle="-")
            missed = (holes[:, 1] - holes[:, 0]).sum() if len(holes) else 0.0
            ax.set_ylabel(
                f"base {name}\n{which}", rotation=0, ha="right", va="center", fontsize=11.5
            )
            ax.text(1.02, 0.5, f"$k={k}$\n{percent(missed)} missed", va="center", fontsize=11.5,
                    transform=ax.transAxes)  # fmt: skip
            ax.set(xlim=(0, 1), ylim=(0, 1), yticks=[])
            ax.spines[["left", "bottom"]].set_visible(False)
            ax.tick_params(bottom=ax is axes[-1])
    axes[-1].set_xlabel("weight $w$")
    return figure


@styled
def error_of_bases(digits: Sequence[int], bases: ArrayLike) -> Figure:
    """The error that k digits guarantee, against the base: it is smallest at φ for every k."""
    bases = np.asarray(bases, dtype=float)
    figure, ax = plt.subplots(figsize=(NARROW, 3.3))
    for k in digits:
        errors = [worst_error(k, base) for base in bases]
        (line,) = ax.semilogy(bases, errors)
        below = k > min(digits)  # the first two curves begin close together
        ax.annotate(f"$k={k}$", (bases[0], errors[0]), xytext=(-5, -8 if below else 0), ha="right",
                    textcoords="offset points", color=line.get_color())  # fmt: skip
    ax.axvline(PHI, color=GREY, linewidth=0.8, linestyle="-")
    ax.annotate("$φ$", (PHI, 1), xycoords=("data", "axes fraction"), xytext=(4, -10),
                textcoords="offset points")  # fmt: skip
    ax.set(xlabel="base $γ$", ylabel="guaranteed error $E_k(γ)$")
    ax.margins(x=0.22)
    return figure


@styled
def adjacent_segments(k: int, counts: Sequence[int]) -> Figure:
    """Segments of equal ratio φ and the best ones, and the errors that both guarantee."""
    figure, (above, below) = plt.subplots(2, 1, figsize=(NARROW, 4.4), height_ratios=[1, 1.6])
    ends = {"equal ratio": equal_ends(k), "best": fibonacci_ends(k)}
    for row, d in enumerate(ends.values()):
        above.barh([row] * k, d[:-1] - d[1:], left=d[1:], height=0.6, color="#e4e4e4",
                   edgecolor=INK, linewidth=1.2)  # fmt: skip
    above.plot(fibonacci_ends(k)[-1], 1, marker="d", markersize=7, color=BLUE)
    above.set(xscale="log", ylim=(1.6, -0.6), yticks=[0, 1], yticklabels=list(ends))
    above.set_xlabel(f"the segments of {k} digits, logarithmic")
    shown = [d for d in (0.05, 0.1, 0.2, 0.4, 0.6) if d > ends["equal ratio"][-1] * 0.8]
    above.set_xticks(shown, [f"{d:g}" for d in shown])
    above.minorticks_off()

    n = np.asarray(counts)
    errors = {
        "equal ratio": ([worst_error(i) for i in counts], "s", GOLD),
        "best": ([worst_error_between(fibonacci_ends(i)) for i in counts], "o", BLUE),
    }
    for label, (error, marker, color) in errors.items():
        below.plot(n, np.array(error) * PHI**n, marker=marker, markersize=5, color=color,
                   linestyle="none", label=label)  # fmt: skip
    below.axhline(5**0.5 / PHI**2, color=GREY, linewidth=0.8, linestyle=":")
    below.set(ylim=(0.78, 1.03), xlabel="digits $k$", ylabel="guaranteed error, in $φ^{-k}$")
    below.legend(loc="center right", bbox_to_anchor=(1, 0.65))
    below.set_xticks(n)
    return figure


@styled
def coverage_curves(
    samples: Mapping[int, ArrayLike],
    covered: Mapping[int, ArrayLike],
    hit: Mapping[int, ArrayLike],
) -> Figure:
    """How often n samples cover [0, 1], and how often they hit every segment, for several k.

    Parameters
    ----------
    samples : mapping of int to array_like
        For each number of digits k the numbers of samples n.
    covered, hit : mapping of int to array_like
        For each k the fraction of draws at each n.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.4))
    for k, n in samples.items():
        n = np.asarray(n)
        for fractions, style, color in ((covered[k], "-", BLUE), (hit[k], "--", GOLD)):
            fractions = np.asarray(fractions)
            ax.plot(n, fractions, linestyle=style, color=color)
            middle = int(np.argmin(np.abs(fractions - 0.5)))
            ax.annotate(f"{k}", (n[middle], fractions[middle]), ha="center", va="center",
                        fontsize=11.5, color=color,
                        bbox={"facecolor": "white", "edgecolor": "none", "pad": 1.0})  # fmt: skip
    ax.axhline(0.99, color=GREY, linewidth=0.8, linestyle=":")
    ax.plot([], [], color=BLUE, linestyle="-", label="[0, 1] is covered")
    ax.plot([], [], color=GOLD, linestyle="--", label="every segment is hit")
    figure.legend(loc="outside upper center", ncols=2)
    ax.set(xscale="log", xlabel="samples drawn $n$", ylabel="fraction of draws", ylim=(0, 1.03))
    ax.set_xticks([5, 10, 20, 50, 100, 200, 400], ["5", "10", "20", "50", "100", "200", "400"])
    ax.minorticks_off()
    return figure
