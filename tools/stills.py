"""Stills of the interactive figures as PDF, for TeX: drawn by Matplotlib from SVG and style sheet.

It knows what `book/_static/explorables/` uses of SVG and CSS, and stops at anything else.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure
from matplotlib.patches import Circle, Patch, PathPatch, Rectangle
from matplotlib.path import Path as Outline
from matplotlib.patheffects import withStroke

from tools.explorables import SCRIPTS

MOVE, LINE, CLOSE = int(Outline.MOVETO), int(Outline.LINETO), int(Outline.CLOSEPOLY)
STYLE = SCRIPTS / "explorables.css"
POINTS = 0.75  # points in a pixel
ANCHORS = {"start": "left", "middle": "center", "end": "right"}
KNOWN = {
    "fill": "black", "stroke": "none", "stroke-width": "1", "stroke-dasharray": "none",
    "stroke-opacity": "1", "stroke-linecap": "butt", "font-size": "16px", "font-weight": "400",
    "text-anchor": "start", "paint-order": "normal",
}  # fmt: skip
UNSEEN = {"cursor", "touch-action"}
NUMBER = r"-?\d+\.?\d*(?:e-?\d+)?"


class Sheet:
    """The rules of a style sheet for what stands in the picture of a figure, on white paper."""

    def __init__(self, css: str) -> None:
        css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
        css = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*\s*\}", "", css)
        self.rules: list[tuple[int, str, dict[str, str]]] = []
        self.colors: dict[str, str] = {}
        for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", css):
            pairs = (line.partition(":") for line in body.split(";") if line.strip())
            says = {name.strip(): value.strip() for name, _, value in pairs}
            for selector in map(str.strip, selectors.split(",")):
                if selector == ".explorable":
                    self.colors = {k: v for k, v in says.items() if k.startswith("--")}
                if match := re.fullmatch(r"(?:\.explorable svg )?(text|\.x-[\w-]+)", selector):
                    self.rules.append((selector.count("."), match[1].removeprefix("."), says))
        self.rules.sort(key=lambda rule: rule[0])  # later ones win among equals

    def look(self, element: ElementTree.Element) -> dict[str, str]:
        """How an element looks: its attributes, overruled by the rules for its kind and classes."""
        names = {element.tag, *element.get("class", "").split()}
        found = KNOWN | {k: v for k, v in element.attrib.items() if k in KNOWN}
        for _, name, says in self.rules:
            if name in names:
                found |= says
        if unknown := set(found) - set(KNOWN) - UNSEEN:
            raise ValueError(f"{element.tag}: what is {', '.join(sorted(unknown))}?")
        return {
            name: re.sub(r"var\((--[\w-]+)\)", lambda m: self.colors[m[1]], value)
            for name, value in found.items()
        }


def outline(commands: str) -> Outline:
    """The path that an SVG path's `d` describes.

    Examples
    --------
    >>> outline("M1 2h3v-1l1 1z").vertices.tolist()
    [[1.0, 2.0], [4.0, 2.0], [4.0, 1.0], [5.0, 2.0], [1.0, 2.0]]
    """
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    x = y = 0.0
    start = 0
    for letter, text in re.findall(r"([a-zA-Z])([^a-zA-Z]*)", commands):
        numbers = [float(n) for n in re.findall(NUMBER, text)]
        match letter, numbers:
            case "M", [x, y]:
                start = len(points)
            case "L", [x, y]:
                pass
            case "l", [dx, dy]:
                x, y = x + dx, y + dy
            case "h", [dx]:
                x += dx
            case "v", [dy]:
                y += dy
            case "z", []:
                x, y = points[start]
            case _:
                raise ValueError(f"path: what is {letter}{text}?")
        points.append((x, y))
        codes.append({"M": MOVE, "z": CLOSE}.get(letter, LINE))
    return Outline(points, codes)


class Drawing:
    """A figure of Matplotlib that is filled element by element."""

    def __init__(self, svg: str, css: str) -> None:
        root = ElementTree.fromstring(re.sub(r' xmlns="[^"]*"', "", svg))
        self.sheet = Sheet(css)
        self.patterns = {p.attrib["id"]: p for p in root.iter("pattern")}
        width, height = float(root.attrib["width"]), float(root.attrib["height"])
        self.figure = Figure(figsize=(width * POINTS / 72, height * POINTS / 72), dpi=72 / POINTS)
        self.canvas = FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        self.axes.axis("off")
        self.count = 0
        self.add(root, 0.0, 0.0)

    def add(self, parent: ElementTree.Element, dx: float, dy: float) -> None:
        """All that an element holds, moved to its place."""
        for child in parent:
            if child.tag == "defs":
                continue
            if child.tag == "g":
                moved = child.get("transform", "translate(0 0)")
                match = re.fullmatch(rf"translate\(({NUMBER}) ({NUMBER})\)", moved)
                if match is None:
                    raise ValueError(f"g: what is {moved}?")
                self.add(child, dx + float(match[1]), dy + float(match[2]))
            elif child.tag == "text":
                self.text(child, dx, dy)
            else:
                self.shape(child, dx, dy)

    def shape(self, element: ElementTree.Element, dx: float, dy: float) -> None:
        """A rectangle, circle, line or path."""

        def at(name: str) -> float:
            return float(element.attrib[name])

        patch: Patch
        if element.tag == "rect":
            patch = Rectangle((at("x") + dx, at("y") + dy), at("width"), at("height"))
        elif element.tag == "circle":
            patch = Circle((at("cx") + dx, at("cy") + dy), at("r"))
        elif element.tag == "line":
            ends = [(at("x1") + dx, at("y1") + dy), (at("x2") + dx, at("y2") + dy)]
            patch = PathPatch(Outline(ends))
        elif element.tag == "path":
            path = outline(element.attrib["d"])
            patch = PathPatch(Outline(np.add(path.vertices, (dx, dy)), path.codes))
        else:
            raise ValueError(f"what is {element.tag}?")
        look = self.sheet.look(element)
        width = float(look["stroke-width"])
        hatched = re.fullmatch(r"url\(#([\w-]+)\)", look["fill"])
        fill = "none" if look["fill"] == "transparent" or element.tag == "line" else look["fill"]
        patch.set(
            facecolor="none" if hatched else fill,
            edgecolor="none",
            linewidth=width * POINTS,
            capstyle="round" if look["stroke-linecap"] == "round" else "butt",
            joinstyle="miter",
        )
        if look["stroke"] != "none":
            patch.set_edgecolor((look["stroke"], float(look["stroke-opacity"])))
        if look["stroke-dasharray"] != "none":
            dashes = [float(n) / width for n in look["stroke-dasharray"].split()]
            patch.set_linestyle((0, dashes))
        if hatched:
            self.hatch(patch, self.patterns[hatched[1]])
        self.place(patch)

    def hatch(self, patch: Patch, pattern: ElementTree.Element) -> None:
        """A ground and parallel lines on it, inside a patch."""
        ground, line = pattern
        turned = re.fullmatch(rf"rotate\(({NUMBER})\)", pattern.attrib["patternTransform"])
        if (ground.tag, line.tag) != ("rect", "line") or turned is None:
            raise ValueError("pattern: not a ground with turned lines")
        inside = patch.get_patch_transform().transform_path(patch.get_path())
        self.place(PathPatch(inside, facecolor=self.sheet.look(ground)["fill"], edgecolor="none"))
        angle = np.radians(float(turned[1]))
        along, across = np.array([[-np.sin(angle), np.cos(angle)], [np.cos(angle), np.sin(angle)]])
        step = float(pattern.attrib["width"])
        corners = inside.get_extents().corners()
        reach = (corners @ along).min(), (corners @ along).max()
        first, last = (corners @ across).min() // step, (corners @ across).max() // step + 1
        offsets = np.arange(first, last + 1) * step
        lines = [[o * across + r * along for r in reach] for o in offsets]
        look = self.sheet.look(line)
        # the tile of the pattern cuts off the half of the line that is outside
        half = float(look["stroke-width"]) / 2
        lines = [[point + half / 2 * across for point in pair] for pair in lines]
        collection = LineCollection(lines, colors=look["stroke"], linewidths=half * POINTS)
        self.place(collection)
        collection.set_clip_path(inside, self.axes.transData)

    def text(self, element: ElementTree.Element, dx: float, dy: float) -> None:
        """Words, with a part of them raised."""
        x, y = float(element.attrib["x"]) + dx, float(element.attrib["y"]) + dy
        end = self.words(element, element.text or "", x, y)
        for part in element:
            if part.tag != "tspan" or (part.tail or "").strip():
                raise ValueError(f"text: what is {part.tag}?")
            # it looks as the words around it, but for its own classes
            classes = f"{element.get('class', '')} {part.get('class', '')}"
            look = ElementTree.Element("text", {"class": classes})
            self.words(look, part.text or "", end, y + float(part.attrib["dy"]))

    def words(self, element: ElementTree.Element, text: str, x: float, y: float) -> float:
        """Words in one look; where they end."""
        look = self.sheet.look(element)
        artist = self.axes.text(
            x,
            y,
            text.strip("\n"),
            color=look["fill"],
            fontsize=float(look["font-size"].removesuffix("px")) * POINTS,
            fontweight="bold" if int(look["font-weight"]) > 500 else "normal",
            ha=ANCHORS[look["text-anchor"]],
            va="baseline",
            parse_math=False,
        )
        if look["stroke"] != "none":
            if look["paint-order"] != "stroke":
                raise ValueError("text: strokes are behind letters only")
            width = float(look["stroke-width"].removesuffix("px")) * POINTS
            artist.set_path_effects([withStroke(linewidth=width, foreground=look["stroke"])])
        self.place(artist)
        box = artist.get_window_extent(self.canvas.get_renderer())
        return float(self.axes.transData.inverted().transform(box.p1)[0])

    def place(self, artist: Any) -> None:
        """Put on top of all that is there."""
        self.count += 1
        artist.set_zorder(self.count)
        if artist.axes is None:
            self.axes.add_artist(artist)


def draw(svg: str, css: str) -> Figure:
    """The picture that SVG and style sheet describe."""
    return Drawing(svg, css).figure


def save_all(folder: Path) -> list[Path]:
    """Save each still under its name in a folder; the files."""
    files = []
    css = STYLE.read_text(encoding="utf-8")
    for path in sorted(SCRIPTS.glob("*.svg")):
        figure = draw(path.read_text(encoding="utf-8"), css)
        files.append(folder / f"{path.stem}.pdf")
        figure.savefig(files[-1], bbox_inches="tight", pad_inches=0.02)
    return files
