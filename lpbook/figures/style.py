"""The one look of all figures.

Signs and curves are told apart by line style or marker as well as by colour, so the figures
survive print and every kind of colour vision. Words are in the book's sans serif, letters of
formulas in its italic, both from files of the package, so a figure is the same on every machine.
Vector figures hold outlines, not letters: a page's typefaces do not reach into its images.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec

import matplotlib as mpl
import matplotlib.pyplot as plt
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.rcsetup import cycler
from matplotlib.ticker import MaxNLocator

INK, GOLD, BLUE, GREY, PLUM = "#222222", "#b8860b", "#1f5f99", "#9a9a9a", "#8c4a7d"
SLICES = ({"facecolor": "#cfe0ef"}, {"facecolor": "#8fb3d4", "hatch": "////"})
"""Fillings of neighbours, told apart without colour."""

NARROW = 5.2
"""Inches: as wide as a figure may be to be shown whole on a phone, its words still readable."""

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


def scale_beside(ax: Axes, image: AxesImage) -> None:
    """The scale of a picture's greys, with few numbers."""
    bar: Any = ax.figure.colorbar(image, ax=ax, fraction=0.05)
    bar.formatter.set_powerlimits((-2, 3))
    bar.locator = MaxNLocator(3)
    bar.update_ticks()


def styled(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Draw in the book's style, and hand the figure over without showing it twice."""

    @wraps(draw)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> Figure:
        before = plt.get_fignums()
        with mpl.rc_context(STYLE):
            try:
                return draw(*args, **kwargs)
            finally:  # figures that were begun and not finished are closed, too
                for number in plt.get_fignums():
                    if number not in before:
                        plt.close(number)

    return in_style
