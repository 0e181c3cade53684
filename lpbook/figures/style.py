"""The one look of all figures.

Signs and curves are told apart by line style or marker as well as by colour, so the figures
survive print and every kind of colour vision. Words are in the book's sans serif, letters of
formulas in its italic, both from files of the package, so a figure is the same on every machine.
Vector figures hold outlines, not letters: a page's typefaces do not reach into its images.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from itertools import pairwise
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Rectangle
from matplotlib.rcsetup import cycler
from matplotlib.ticker import MaxNLocator
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

INK, GOLD, BLUE, GREY, PLUM = "#222222", "#b8860b", "#1f5f99", "#9a9a9a", "#8c4a7d"
SLICES = ({"facecolor": "#cfe0ef"}, {"facecolor": "#8fb3d4", "hatch": "////"})
"""Fillings of neighbours, told apart without colour."""

NARROW = 5.2
"""Inches: as wide as a figure may be to be shown whole on a phone, its words still readable."""

PANEL = 4.4
"""Inches: as wide as a part of a wider figure may be; its letters keep nearly all of their size."""

SCALE = 1.0
"""Inches: what is narrower than this is a scale, which belongs to the picture on its left."""

FONTS = Path(__file__).with_name("fonts")
for _file in sorted(FONTS.glob("*.ttf")):
    font_manager.fontManager.addfont(_file)
# Matplotlib reads these when it draws, which is after the figure was made, and only for text that
# asked for "custom" when it was made: nobody else's figures change.
_LETTERS = {
    "Ticket Sans": ("rm", "sf", "tt"),
    "Ticket Sans:bold": ("bf",),
    "Ticket Serif:italic": ("it", "cal", "bfit"),
}
mpl.rcParams.update(
    {f"mathtext.{kind}": face for face, kinds in _LETTERS.items() for kind in kinds}
)

STYLE: Any = {
    "figure.dpi": 110,
    "figure.facecolor": "white",
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.06,  # inches: a legend keeps away from a label
    "font.family": "Ticket Sans",
    "font.size": 12,
    "mathtext.fontset": "custom",
    "axes.titlesize": 13,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.prop_cycle": cycler(color=[BLUE, GOLD, INK, PLUM], linestyle=["-", "--", ":", "-."]),
    "legend.frameon": False,
    "lines.linewidth": 1.8,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "image.cmap": "cividis",
    "svg.hashsalt": "golden tickets",  # the same drawing gives the same file
}
"""The one look of all figures."""

P = ParamSpec("P")


def percent(share: float) -> str:
    """A share in whole per cent, as the text writes it.

    Examples
    --------
    >>> percent(0.384)
    '38\xa0%'
    """
    return f"{100 * share:.0f}\N{NO-BREAK SPACE}%"


def in_italics(words: str) -> str:
    """A name of data as a legend writes it: its letters a, b, n and ε are those of formulas.

    Examples
    --------
    >>> in_italics("uniform, b = 1")
    'uniform, $b$ = 1'
    """
    return re.sub(r"\b[abnε]\b", r"$\g<0>$", words)


def scale_beside(ax: Axes, image: AxesImage) -> None:
    """The scale of a picture's greys, with few numbers."""
    bar: Any = ax.figure.colorbar(image, ax=ax, fraction=0.05)
    bar.formatter.set_powerlimits((-2, 3))
    bar.formatter.set_useMathText(True)
    bar.locator = MaxNLocator(3)
    bar.update_ticks()


def price_panels(
    at: Sequence[float],
    labels: Sequence[str],
    panels: Mapping[str, Mapping[str, tuple[Sequence[float], tuple[str, str, str]]]],
    height: float,
) -> tuple[Figure, NDArray[Any]]:
    """Prices of some ways in two currencies, a panel for each, both axes logarithmic.

    Parameters
    ----------
    at : sequence of n numbers
        Where the ways are priced.
    labels : sequence of n str
        What the axis says there.
    panels : mapping from a title to a mapping from a way to (prices, look)
        For each currency n prices of each way, and its colour, mark and style of line.
    height : float
        Of the figure, in inches.

    Returns
    -------
    figure : Figure
    axes : ndarray of Axes
    """
    figure, axes = plt.subplots(len(panels), 1, figsize=(NARROW, height), sharex=True)
    for ax, (title, ways) in zip(axes, panels.items(), strict=True):
        for way, (prices, (color, mark, style)) in ways.items():
            ax.loglog(at, prices, mark, color=color, linestyle=style, label=way)
        ax.set_title(title)
        ax.set_xticks(at, labels)
        ax.minorticks_off()
        ax.grid(axis="y", color=GREY, linewidth=0.4, linestyle="-")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure, axes


def parts(figure: Figure) -> list[Bbox]:
    """The parts of a wide figure that may stand below each other on a phone.

    Returns
    -------
    list of Bbox
        In shares of the figure: its legends, then its columns from the left. Nothing that is drawn
        crosses an edge, and the parts are as few as can be, none wider than it need be for a phone.
        None at all, if there is one column.

    Examples
    --------
    >>> figure, _ = plt.subplots(1, 2, figsize=(7, 3), layout="constrained")
    >>> [round(float(part.width), 1) for part in parts(figure)]
    [0.5, 0.5]
    >>> figure, _ = plt.subplots(figsize=(7, 3))
    >>> parts(figure)
    []
    """
    figure.draw_without_rendering()
    share, widest = figure.transFigure.inverted(), PANEL / figure.get_figwidth()
    drawn = [*figure.axes, *figure.texts]
    boxes = [share.transform_bbox(box) for each in drawn if (box := each.get_tightbbox())]
    boxes = _with_scales(sorted(boxes, key=lambda box: box.x0), SCALE / figure.get_figwidth())
    ends = _ends(boxes, 0, 1, widest)
    if len(ends) == 2:
        return []
    low, high = min(box.y0 for box in boxes), max(box.y1 for box in boxes)
    bottom, top, keys = 0.0, 1.0, []
    for legend in figure.legends:
        whole = share.transform_bbox(legend.get_window_extent())
        bottom = max(bottom, (whole.y1 + low) / 2 if whole.y1 <= low else 0)
        top = min(top, (whole.y0 + high) / 2 if whole.y0 >= high else 1)
        pairs = zip(legend.legend_handles, legend.get_texts(), strict=True)
        entries = [
            share.transform_bbox(Bbox.union([each.get_window_extent() for each in pair if each]))
            for pair in pairs
        ]
        across = _ends(entries, whole.x0, whole.x1, widest)
        keys += [Bbox([[x0, whole.y0], [x1, whole.y1]]) for x0, x1 in pairwise(across)]
    return [*keys, *(Bbox([[x0, bottom], [x1, top]]) for x0, x1 in pairwise(ends))]


def _with_scales(boxes: list[Bbox], narrow: float) -> list[Bbox]:
    """Boxes from the left, narrow ones joined with what they are beside: scales with pictures."""
    joined = boxes[:1]
    for box in boxes[1:]:
        if box.width < narrow:
            joined[-1] = Bbox.union([joined[-1], box])
        else:
            joined.append(box)
    return joined


def _ends(boxes: list[Bbox], left: float, right: float, widest: float) -> list[float]:
    """Where to cut between boxes, for pieces no wider than `widest` if that can be; both ends."""
    boxes = sorted(boxes, key=lambda box: box.x0)
    gaps, end = [], boxes[0].x1
    for box in boxes[1:]:
        if box.x0 > end:
            gaps.append(float(end + box.x0) / 2)
        end = max(end, box.x1)
    cuts = [left]
    for gap, following in pairwise([*gaps, right]):
        if following - cuts[-1] > widest:
            cuts.append(gap)
    return [*cuts, right]


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw in the book's style, and hand the figure over without showing it twice."""

    @wraps(draw)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> Figure:
        before = plt.get_fignums()
        with mpl.rc_context(STYLE):
            try:
                figure = draw(*args, **kwargs)
                if figure.get_figwidth() > NARROW:
                    for ax in figure.axes:  # each can be read alone
                        if not ax.yaxis.get_tick_params()["labelright"]:  # as a scale is
                            ax.tick_params(labelleft=True)
                    _mark_parts(figure)
                return figure
            finally:  # figures that were begun and not finished are closed, too
                for number in plt.get_fignums():
                    if number not in before:
                        plt.close(number)

    return in_style


def _mark_parts(figure: Figure) -> None:
    """Say in the figure's file which parts it has: frames that nobody sees."""
    for place, part in enumerate(parts(figure), start=1):
        frame = Rectangle(part.p0, part.width, part.height, transform=figure.transFigure, alpha=0)
        frame.set(gid=f"part-{place}", in_layout=False)
        figure.add_artist(frame)
