"""Drawings of the chapter *hyperbolic*."""

from __future__ import annotations

import math
from collections.abc import Mapping
from fractions import Fraction

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from lpbook._checks import Floats
from lpbook.batches import expected_samples
from lpbook.digits import PHI, digit_of, segments
from lpbook.distributions import Hyperbolic, SymmetricLaw, Uniform, segment_probabilities
from lpbook.experiments.confidence import FALSE_ALARM, hoeffding_tolerance
from lpbook.figures.style import BLUE, GOLD, GREY, INK, NARROW, SLICES, in_italics, percent, styled


@styled
def digit_by_digit(
    laws: Mapping[str, SymmetricLaw],
    k: int,
    samples: Mapping[str, ArrayLike],
    *,
    false_alarm: float = FALSE_ALARM,
) -> Figure:
    """Probability of each digit under each law: bars by theory, points as drawn.

    Parameters
    ----------
    laws : mapping of name to SymmetricLaw
        One panel each.
    k : int
        Number of digits, in base φ.
    samples : mapping of name to array_like, shape (n,)
        Drawn weights of each law.
    false_alarm : float
        Probability, at most, that any point of the figure leaves its band although the laws are
        right: the bands are Hoeffding's, with a union bound over all of them.
    """
    low, high = segments(k)
    figure, axes = plt.subplots(1, len(laws), figsize=(7, 2.9), sharey=True, squeeze=False)
    for ax, (name, law) in zip(axes[0], laws.items(), strict=True):
        size = np.abs(np.asarray(samples[name]))[:, None]
        drawn = ((low <= size) & (size < high)).mean(axis=0)
        band = hoeffding_tolerance(len(size), tests=k * len(laws), false_alarm=false_alarm)
        digit = np.arange(1, k + 1)
        bars = segment_probabilities(law, k)
        ax.bar(digit, bars, color="#d9e4ee", edgecolor=BLUE, linestyle="-", label="by the law")
        ax.errorbar(
            digit, drawn, band, fmt="o", color=INK, markersize=3, capsize=2.5, linewidth=1,
            label=f"{len(size):,} drawn",
        )  # fmt: skip
        ax.set(title=name, xlabel="digit $i$")
        ax.set_xticks(digit)
        ax.set_ylim(bottom=0)
    axes[0, 0].set_ylabel("probability of segment $i$")
    axes[0, 0].legend()
    return figure


@styled
def equal_boxes(samples: Mapping[str, ArrayLike], k: int) -> Figure:
    """Samples of some laws piled up on a logarithmic axis, where every digit is a box as wide.

    Parameters
    ----------
    samples : mapping of name to array_like
        Drawn weights of each law, in [-1, 1]; one panel each.
    k : int
        Number of digits, in base φ. What is above digit 1 or below digit k serves none.
    """
    low, high = segments(k)
    sizes = {name: np.abs(np.asarray(drawn, dtype=float)) for name, drawn in samples.items()}
    piles = {name: _piles(size, k) for name, size in sizes.items()}
    top = max(height.max() for _, height in piles.values())
    figure, axes = plt.subplots(len(piles), 1, figsize=(NARROW, 2.5 * len(piles)))
    for ax, (name, (digit, height)) in zip(np.atleast_1d(axes), piles.items(), strict=True):
        size = sizes[name]
        empty = np.setdiff1d(np.arange(k), digit)
        for i in range(k):
            ax.axvspan(low[i], high[i], facecolor="#e4e4e4" if i % 2 else "#f1f1f1", linewidth=0)
            ax.text(math.sqrt(low[i] * high[i]), -0.045 * top, f"{i + 1}", ha="center", va="top")
        for i in empty:
            ax.bar(low[i], 0.09 * top, high[i] - low[i], align="edge", facecolor="white",
                   edgecolor=GOLD, hatch="////")  # fmt: skip
        for served, color in ((digit >= 0, BLUE), (digit < 0, GREY)):
            ax.plot(size[served], height[served], "o", color=color, markersize=3.6)
        ax.text(math.sqrt(high[0]), -0.045 * top, "none", ha="center", va="top")
        words = "all digits are filled" if empty.size == 0 else f"{empty.size} of {k} digits empty"
        ax.set_title(f"{name}: {words}", loc="left")
        ax.set(xscale="log", xlim=(low[-1] / PHI, 1), ylim=(0, 1.06 * top), yticks=[], xticks=[])
        ax.minorticks_off()
        ax.spines["left"].set_visible(False)
    np.atleast_1d(axes)[-1].set_xlabel("size $|w|$, logarithmic; in each segment its digit $i$",
                                       labelpad=23)  # fmt: skip
    return figure


def _piles(sizes: Floats, k: int) -> tuple[NDArray[np.int64], Floats]:
    """The digits of sizes (-1 for none), and how high each lies in the pile of its box."""
    digit = digit_of(sizes, k)
    box = np.where(sizes >= 1 / PHI, k, digit)
    height = np.zeros(sizes.size)
    for each in np.unique(box):
        height[box == each] = np.arange(1.0, 1 + (box == each).sum())
    return digit, height


def periodic_cdf(depth: ArrayLike, period: float, periods: int) -> Floats:
    r"""Distribution function of a depth :math:`t=-\ln|w|` with density :math:`1+\sin(2\pi t/h)`.

    Up to a factor, on [0, mh]: all segments of base :math:`e^h` are equally likely, although the
    law is not hyperbolic.

    Examples
    --------
    >>> periodic_cdf([0, 0.5, 1, 2], 1, 2).round(3).tolist()
    [0.0, 0.409, 0.5, 1.0]
    """
    t = np.asarray(depth, dtype=float) / period
    wave: Floats = (1 - np.cos(2 * np.pi * t)) / (2 * np.pi)
    return (t + wave) / periods


@styled
def one_base_alone(base: float, digits: int) -> Figure:
    """A density that one base cannot tell from the hyperbolic one, and another base can.

    Parameters
    ----------
    base : float
        The base whose segments are equally likely.
    digits : int
        How many of its segments there are.
    """
    period = math.log(base)
    depth = np.linspace(0, digits * period, 60 * digits + 1)
    density = (1 + np.sin(2 * np.pi * depth / period)) / (digits * period)
    figure, axes = plt.subplots(2, 1, figsize=(NARROW, 4.0), sharex=True)
    whole = Fraction(base).limit_denominator(100)
    names = {f"base {whole}": digits, f"base √({whole})": 2 * digits}
    for ax, (name, count) in zip(axes, names.items(), strict=True):
        ends = np.linspace(0, digits * period, count + 1)
        shares = np.diff(periodic_cdf(ends, period, digits))
        for i, share in enumerate(shares):
            inside = (depth >= ends[i] - 1e-9) & (depth <= ends[i + 1] + 1e-9)
            ax.fill_between(-depth[inside], density[inside], edgecolor=BLUE, linewidth=0.6,
                            **SLICES[i % 2])  # fmt: skip
            ax.text(-(ends[i] + ends[i + 1]) / 2, -0.06 * density.max(), percent(share),
                    ha="center", va="top", fontsize=11.5)  # fmt: skip
        ax.axhline(1 / (digits * period), color=GOLD, linestyle="--", linewidth=1.2)
        least, most = f"{shares.min():.1%}", f"{shares.max():.1%}"
        words = "all segments alike" if least == most else "segments unlike each other"
        ax.set_title(f"{name}: {words}", loc="left")
        ax.set(xlim=(-digits * period, 0), ylim=(0, 1.05 * density.max()), yticks=[], xticks=[])
        ax.spines["left"].set_visible(False)
    axes[-1].set_xlabel(r"$\ln|w|$, from $\ln\alpha$ to 0, in segments", labelpad=23)
    return figure


@styled
def product_triangles(laws: Mapping[str, Hyperbolic], k: int) -> Figure:
    """The law of ln|ab| over the k segments, the least likely segment of each law shaded.

    Parameters
    ----------
    laws : mapping of name to Hyperbolic
        Law of each factor.
    k : int
        Number of digits, in base φ. Logarithms on the axis are to the base φ.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.5))
    unit = math.log(PHI)
    for i in range(1, k + 1):
        ax.axvspan(-i - 1, -i, color="#e2e2e2" if i % 2 else "#f1f1f1", linewidth=0)
    for i in (1, k):
        ax.annotate(f"digit {i}", (-i - 0.5, 1), xycoords=("data", "axes fraction"), ha="center",
                    xytext=(0, 2), textcoords="offset points")  # fmt: skip
    for (name, law), color, style, hatch in zip(
        laws.items(), (BLUE, GOLD, INK), ("-", "--", ":"), ("///", "...", "xxx"), strict=False
    ):
        product = law.product()
        middle, width = 2 * law.log_low / unit, law.log_range / unit
        middle += width

        def density(x: Floats, product: SymmetricLaw = product) -> Floats:
            m = PHI**x
            return product.magnitude_pdf(m) * m * unit

        share = segment_probabilities(product, k)
        worst = k - int(share[::-1].round(12).argmin())  # of equal ones the last
        inside = np.linspace(-worst - 1, -worst, 51)
        x = np.linspace(middle - width, middle + width, 401)
        ax.plot(x, density(x), color=color, linestyle=style, label=f"{name}: {share.min():.3g}")
        ax.fill_between(
            inside, density(inside), facecolor="none", edgecolor=color, hatch=hatch, linewidth=0
        )
    ax.set(xlabel=r"$\log_\varphi|ab|$; grey: the segments of the digits", ylabel="density")
    ax.set_ylim(bottom=0)
    lines, names = ax.get_legend_handles_labels()
    figure.legend(lines, map(in_italics, names), title="least likely segment",
                  loc="outside lower center", ncols=2)  # fmt: skip
    return figure


@styled
def range_landscape(k: int, shifts: ArrayLike = (0.0, 1.0, 2.0)) -> Figure:
    """Smallest segment probability against the width of a common range, for some centres.

    Parameters
    ----------
    k : int
        Number of digits, at least 3, in base φ.
    shifts : array_like
        How far, in digits, the middle of the products is from that of the segments.
    """
    figure, ax = plt.subplots(figsize=(NARROW, 3.4))
    widths = np.linspace(0.2, 3 * k, 281)
    for shift in np.asarray(shifts, dtype=float):
        middle = (-(k + 2) / 2 + shift) / 2  # of each factor
        laws = (Hyperbolic(PHI ** (middle - w / 2), PHI ** (middle + w / 2)) for w in widths)
        share = [segment_probabilities(law.product(), k).min() for law in laws]
        words = (
            "centred" if shift == 0 else f"{shift:g} digit{'' if shift == 1 else 's'} off centre"
        )
        ax.plot(widths, share, label=words)
    best, naive = Hyperbolic.for_digits(k), Hyperbolic(PHI**-k, PHI**k)
    _mark(ax, k - 1, best, k, r"the best, $L=(k-1)\ln\varphi$")
    ax.set(
        xlabel=r"width of the range, $L/\ln\varphi$",
        ylabel="probability of the\nleast likely segment",
    )
    top = segment_probabilities(best.product(), k).min()
    ax.set_ylim(0, 1.45 * top)
    naive_share = segment_probabilities(naive.product(), k).min()
    ax.axhline(naive_share, color=INK, linewidth=0.8, linestyle=(0, (1, 3)))
    ax.annotate(
        r"what $[\varepsilon,1/\varepsilon]$ gives", (3 * k, naive_share), xytext=(0, -12),
        textcoords="offset points", ha="right",
    )  # fmt: skip
    ax.legend(loc="upper right", fontsize=11.5, borderaxespad=0)
    return figure


def _mark(ax: Axes, x: float, law: Hyperbolic, k: int, words: str) -> None:
    """The least likely segment of a law, with a few words."""
    y = segment_probabilities(law.product(), k).min()
    ax.plot([x], [y], "o", color=INK, markersize=5)
    ax.annotate(words, (x, y), xytext=(0, 8), textcoords="offset points", ha="center")


def digit_shares(k: int) -> dict[str, Floats]:
    """Segment probabilities in base φ under the laws that the chapter compares.

    Parameters
    ----------
    k : int
        Number of digits, at least 1.

    Returns
    -------
    dict
        Names of the laws of a and b, and an array of shape (k,), magnitudes only.

    Examples
    --------
    >>> for name, share in digit_shares(8).items():
    ...     print(f"{name:24}{share.min():.3f}")
    a uniform, b = ±1       0.008
    a, b uniform            0.033
    a, b on [ε, 1/ε]        0.029
    a, b on the best range  0.071
    a hyperbolic, b = ±1    0.125
    """
    laws = {
        "a uniform, b = ±1": Uniform(1.0),
        "a, b uniform": Uniform(1.0).product(),
        "a, b on [ε, 1/ε]": Hyperbolic(PHI**-k, PHI**k).product(),
        "a, b on the best range": Hyperbolic.for_digits(k).product(),
        "a hyperbolic, b = ±1": Hyperbolic(PHI ** -(k + 1), 1 / PHI),
    }
    return {name: segment_probabilities(law, k) for name, law in laws.items()}


@styled
def samples_until_filled(most_digits: int = 24) -> Figure:
    """Expected samples until both halves of a weight have all their digits, against k."""
    figure, ax = plt.subplots(figsize=(NARROW, 3.9))
    ks = np.arange(1, most_digits + 1)
    curves: dict[str, list[float]] = {}
    for k in ks:
        for name, share in digit_shares(int(k)).items():
            both_halves = np.concatenate([share, share]) / 4  # two fair signs
            curves.setdefault(name, []).append(expected_samples(both_halves))
    for (name, expected), marker in zip(curves.items(), "^vsoD", strict=True):
        ax.semilogy(ks, expected, linewidth=1.2, marker=marker, markersize=4, markevery=2,
                    label=name)  # fmt: skip
    ax.set(xlabel="digits $k$", ylabel="expected samples")
    lines, names = ax.get_legend_handles_labels()
    figure.legend(lines, map(in_italics, names), loc="outside lower center", ncols=2)
    return figure
