"""Wide figures in parts that stand below each other on a phone.

A figure says in its file where it may be cut (`lpbook.figures.style.panels`). The page then holds it
twice: as it is, and in parts, which are the same file seen through windows; the sheet of styles
shows the one or the other. No script takes part.
"""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

IMAGE = re.compile(r'<img\b[^>]*\bsrc="(?P<src>[^"]*/(?P<file>[^"/]+\.svg))"[^>]*?/?>')
ALT = re.compile(r'\balt="([^"]*)"')
WIDTH = re.compile(r'<svg[^>]*\bwidth="([\d.]+)pt"[^>]*\bviewBox="0 0 ([\d.]+) [\d.]+"')
CUT = re.compile(r'<g id="cut-\d+">\s*<path d="M ([\d.]+) ')
LARGEST = 1.25  # times the size on a wide page


def windows(drawing: str) -> list[tuple[float, float, float]]:
    """The parts of a drawing: where each begins, how wide it is, as shares, and its width in pixels.

    Examples
    --------
    >>> windows('<svg width="300pt" viewBox="0 0 300 90"><g id="cut-1"><path d="M 120 4 L 120 9"/>')
    [(0.0, 0.4, 160.0), (0.4, 0.6, 240.0)]
    >>> windows('<svg width="300pt" viewBox="0 0 300 90">')
    []
    """
    found, cuts = WIDTH.search(drawing), [float(at) for at in CUT.findall(drawing)]
    if found is None or not cuts:
        return []
    width, across = float(found[1]) / 0.75, float(found[2])  # a pixel is 3/4 of a point
    ends = [0.0, *(cut / across for cut in cuts), 1.0]
    return [(left, right - left, (right - left) * width) for left, right in pairwise(ends)]


def in_parts(image: re.Match[str], drawing: str) -> str:
    """An image of a page, and after it the same in parts, if it has any."""
    parts = ""
    for left, share, width in windows(drawing):
        words = ALT.search(image[0])
        alt = words[1] if words and not left else ""
        style = f"--left:{left:.4f};--share:{share:.4f};max-width:{LARGEST * width:.0f}px"
        parts += f'<span style="{style}"><img src="{image["src"]}" alt="{alt}"></span>'
    return f'{image[0]}<span class="panels">{parts}</span>' if parts else image[0]


def _cut(app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    if "body" not in context or app.builder.format != "html":
        return
    files = {name: Path(app.srcdir, file) for file, name in app.builder.images.items()}

    def parted(image: re.Match[str]) -> str:
        file = files.get(image["file"])
        return in_parts(image, file.read_text(encoding="utf-8")) if file else image[0]

    context["body"] = IMAGE.sub(parted, context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("html-page-context", _cut)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
