"""Stills of the interactive figures as PDF, for TeX: SVG and style sheet, drawn by librsvg."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from xml.etree import ElementTree

from tools.environment import font_environment
from tools.extensions.explorables import SCRIPTS
from tools.fonts import PACKAGE
from tools.machine import RENDERER

PROGRAM = RENDERER.names[0]
MARGIN = 4  # pixels, for what stands out of the picture, as it may on the page


def drawing(svg: str, css: str, margin: int = MARGIN) -> str:
    """A picture as it looks in a light page: its style sheet is in it.

    Examples
    --------
    >>> svg = '<svg xmlns="http://www.w3.org/2000/svg" width="3" height="2"></svg>'
    >>> print(drawing(svg, "p { --a: red; color: var(--a) }", margin=1))
    <svg xmlns="http://www.w3.org/2000/svg" class="explorable" style="margin: 0; padding: 0; border: 0" width="5" height="4" viewBox="0 0 5 4">
    <style>p { --a: red; color: red }</style>
    <svg overflow="visible" x="1" y="1" xmlns="http://www.w3.org/2000/svg" width="3" height="2"></svg>
    </svg>
    """  # noqa: E501
    # the first value of a variable; the dark one comes later
    light: dict[str, str] = {"--gt-sans": "Ticket Sans"}
    for name, value in re.findall(r"(--[\w-]+):\s*([^;]+);", css):
        light.setdefault(name, value)
    # librsvg knows no variables; the page's own, of its theme, colour nothing in a picture
    css = re.sub(r"var\((--[\w-]+)\)", lambda match: light.get(match[1], "none"), css)
    size = ElementTree.fromstring(svg).attrib
    width, height = (float(size[side]) + 2 * margin for side in ("width", "height"))
    return (
        # the frame of the page's box is no part of the picture
        f'<svg xmlns="http://www.w3.org/2000/svg" class="explorable" '
        f'style="margin: 0; padding: 0; border: 0" '
        f'width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}">\n'
        f"<style>{css}</style>\n"
        + svg.replace("<svg ", f'<svg overflow="visible" x="{margin}" y="{margin}" ', 1)
        + "\n</svg>"
    )


def converted(svg: str, form: str, *fonts: Path, zoom: float = 1) -> bytes:
    """The picture in another form, such as ``"pdf"``; `fonts` are folders beside the package's."""
    command = [PROGRAM, "--format", form, "--zoom", f"{zoom:g}"]
    with font_environment(PACKAGE, *fonts) as environment:
        return subprocess.run(
            command, input=svg.encode(), capture_output=True, check=True, env=environment
        ).stdout


def save_all(folder: Path) -> list[Path]:
    """Save each still under its name in a folder; the files."""
    css = (SCRIPTS / "explorables.css").read_text(encoding="utf-8")
    files = []
    for path in sorted(SCRIPTS.glob("*.svg")):
        files.append(folder / f"{path.stem}.pdf")
        files[-1].write_bytes(converted(drawing(path.read_text(encoding="utf-8"), css), "pdf"))
    return files
