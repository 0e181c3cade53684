"""Wide figures and tables on a phone: parts below each other, rows of label and value.

A figure says in its file which parts it has (`lpbook.figures.style.parts`). The page then holds it
twice: as it is, and in parts, which are the same file seen through windows; the sheet of styles
shows the one or the other. No script is needed.

In a table of three columns or more each cell but the first of its row repeats the head of its
column, which only a phone shows.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

IMAGE = re.compile(r'<img\b[^>]*\bsrc="(?P<src>[^"]*/(?P<file>[^"/]+\.svg))"[^>]*?/?>')
ALT = re.compile(r'\balt="([^"]*)"')
SIZE = re.compile(r'<svg[^>]*\bwidth="([\d.]+)pt"[^>]*\bviewBox="0 0 ([\d.]+) ([\d.]+)"')
FRAME = re.compile(r'<g id="part-\d+">\s*<path d="([^"]*)"')
WIDE = 3  # columns
LARGEST = 1.15  # times the size on a wide page
KEY = 90  # pixels: what is lower is a legend, which is not enlarged


def windows(drawing: str) -> list[tuple[float, float, float, float, float, float]]:
    """The parts of a drawing: left, top, width, height, as shares; width and height in pixels.

    Examples
    --------
    >>> frame = '<g id="part-1"><path d="M 120 90 L 300 90 L 300 9 L 120 9 z"/>'
    >>> windows('<svg width="300pt" viewBox="0 0 300 90">' + frame)
    [(0.4, 0.1, 0.6, 0.9, 240.0, 108.0)]
    >>> windows('<svg width="300pt" viewBox="0 0 300 90">')
    []
    """
    size = SIZE.search(drawing)
    if size is None:
        return []
    points, across, down = map(float, size.groups())
    pixel = 0.75 * across / points
    found = []
    for path in FRAME.findall(drawing):
        numbers = [float(number) for number in re.findall(r"-?[\d.]+", path)]
        # what is saved is a little smaller than what was drawn: white edges are cut off
        left, right = (min(max(f(numbers[0::2]), 0), across) / across for f in (min, max))
        top, bottom = (min(max(f(numbers[1::2]), 0), down) / down for f in (min, max))
        width, height = right - left, bottom - top
        pixels = width * across / pixel, height * down / pixel
        found.append((left, top, width, height, *pixels))
    return found


def in_parts(image: re.Match[str], drawing: str) -> str:
    """An image of a page, and after it the same in parts, if it has any."""
    words = ALT.search(image[0])
    spans: list[str] = []
    for left, top, width, height, across, down in windows(drawing):
        largest = LARGEST if down > KEY else 1
        frame = f"max-width:{largest * across:.0f}px;aspect-ratio:{across / down:.4f}"
        place = f"width:{100 / width:.2f}%;left:{-100 * left / width:.2f}%"
        place += f";top:{-100 * top / height:.2f}%"
        alt = "" if spans or words is None else words[1]
        picture = f'<img src="{image["src"]}" alt="{alt}" style="{place}">'
        spans.append(f'<span style="{frame}">{picture}</span>')
    return f'{image[0]}<span class="panels">{"".join(spans)}</span>' if spans else image[0]


def _cut(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    if "body" not in context or app.builder.format != "html":
        return
    files = {name: Path(app.srcdir, file) for file, name in app.builder.images.items()}

    def parted(image: re.Match[str]) -> str:
        file = files.get(image["file"])
        return in_parts(image, file.read_text(encoding="utf-8")) if file else image[0]

    context["body"] = IMAGE.sub(parted, context["body"])


class Labels(SphinxPostTransform):
    """Heads of columns in the cells, for tables that are too wide for a phone."""

    default_priority = 800  # references are resolved
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Put them first in the first paragraph of a cell."""
        for table in self.document.findall(nodes.table):
            heads = [
                entry for head in table.findall(nodes.thead) for entry in head.findall(nodes.entry)
            ]
            if len(heads) < WIDE:
                continue
            table["classes"].append("stacks")
            for row in (
                row for body in table.findall(nodes.tbody) for row in body.findall(nodes.row)
            ):
                for head, cell in list(zip(heads, row.findall(nodes.entry), strict=True))[1:]:
                    words = [word.deepcopy() for part in head.children for word in part.children]
                    for word in words:  # an address belongs to the head alone
                        for part in word.findall(nodes.Element):
                            part["ids"] = []
                    asks = ["asks"] if head.astext().endswith("?") else []
                    label = nodes.inline("", "", *words, classes=["cell-label", *asks])
                    if cell.children and isinstance(cell[0], nodes.paragraph):
                        cell[0].insert(0, label)


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_post_transform(Labels)
    app.connect("html-page-context", _cut)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
