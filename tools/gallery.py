"""Fill the page *Gallery* of the built site: every numbered figure, to take away in five files.

The figures are those on the built pages; nothing is drawn again. As the chapters run, each kernel
leaves beside a drawing the same with its letters as text (`tools.environment`); librsvg makes PDF
and PNG of it. Without librsvg the page offers the SVG alone. Of an interactive figure there is the
still picture (`tools.stills`).
"""

from __future__ import annotations

import hashlib
import html
import os
import re
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from matplotlib.image import imread, imsave

from tools.extensions.explorables import SCRIPTS
from tools.extensions.figure_cells import PREFIX
from tools.stills import converted, drawing

PAGE = Path("book") / "gallery.html"
PLACE = '<div class="gallery"></div>'
# Before the image may stand anchors: labels, and names of old.
FIGURE = re.compile(
    r'<figure\b[^>]*\bid="(?P<name>[^"]+)">(?:\s|<(?:a|span)\b[^>]*>|</span>)*<img\b(?P<image>[^>]*)>'
    r'(?:(?!</figure>).)*?<span class="caption-number">(?P<number>[^<]*?)\s*</span>',
    re.DOTALL,
)
INTERACTIVE = re.compile(
    r'<figure\b[^>]*\bdata-explorable="(?P<script>[^"]+)"[^>]*\bid="(?P<name>[^"]+)">'
    r'(?:(?!</figure>).)*?<span class="caption-number">(?P<number>[^<]*?)\s*</span>',
    re.DOTALL,
)
LABEL = re.compile(r'aria-label="([^"]*)"')
TITLE = re.compile(r"<title>(?:[\d.]+ )?(.*?)(?: &#8212; .*|</title>)", re.DOTALL)
# The filter of a dark page, as in book.css: librsvg would take other values for it.
INVERT, BRIGHTNESS = 0.9386, 1.15
HALF_TURN = np.array([[-0.574, 1.43, 0.144], [0.426, 0.43, 0.144], [0.426, 1.43, -0.856]])
# What is white paper in a drawing of Matplotlib.
CLEAR = 'path[style="fill: #ffffff"] { fill: none !important; }'
PNGS = {"light": "", "transparent": CLEAR}


@dataclass(frozen=True)
class Picture:
    """A numbered figure of a page."""

    page: str
    title: str
    name: str
    number: str
    alt: str
    source: str  # below `_images`
    code: str = ""  # address on the page of the cell that draws it
    script: str = ""  # of an interactive one


def pictures(site: Path, pages: Sequence[str]) -> Iterator[Picture]:
    """The numbered drawings of the pages, in their order."""
    for page in pages:
        path = site / "book" / f"{page}.html"
        if not path.is_file():
            continue
        text = path.read_text(encoding="utf-8")
        heading = TITLE.search(text)
        title = html.unescape(heading[1].strip()) if heading else page
        figures = [*FIGURE.finditer(text), *INTERACTIVE.finditer(text)]
        for found in sorted(figures, key=lambda each: each.start()):
            name, number = found["name"], found["number"]
            if found.re is INTERACTIVE:
                alt = LABEL.search(still(found["script"]))
                words, source = html.unescape(alt[1]) if alt else "", f"gallery/{name}.svg"
                yield Picture(page, title, name, number, words, source, script=found["script"])
                continue
            said = dict(re.findall(r'\b(alt|src)="([^"]*)"', found["image"]))
            if said.get("src", "").endswith(".svg"):
                words, source = html.unescape(said.get("alt", "")), Path(said["src"]).name
                code = PREFIX + name if f'id="{PREFIX}{name}"' in text else ""
                yield Picture(page, title, name, number, words, source, code)


def still(script: str) -> str:
    """The still picture of an interactive figure, as it lies beside its script."""
    return (SCRIPTS / f"{script}.svg").read_text(encoding="utf-8")


def darkened(pixels: np.ndarray) -> np.ndarray:
    """Colours (..., 3) between 0 and 1 as a dark page shows them."""
    inverted = INVERT + (1 - 2 * INVERT) * pixels
    return np.clip(BRIGHTNESS * np.clip(inverted @ HALF_TURN.T, 0, 1), 0, 1)


def _convert(program: str, path: Path, target: Path, style: str, *options: str) -> None:
    sheet = target.with_suffix(".css")
    sheet.write_text(style, encoding="utf-8")
    command = [program, "--stylesheet", str(sheet), *options, str(path), "-o", str(target)]
    subprocess.run(command, check=True)
    sheet.unlink()


def _write_still(folder: Path, picture: Picture, program: str | None) -> dict[str, str]:
    """The files of an interactive figure."""
    svg = drawing(still(picture.script), (SCRIPTS / "explorables.css").read_text(encoding="utf-8"))
    files = {"SVG": f"{picture.name}.svg"}
    (folder / files["SVG"]).write_text(svg, encoding="utf-8")
    if program:
        names = {kind: f"{picture.name}-{kind}.png" for kind in ("light", "dark", "transparent")}
        (folder / f"{picture.name}.pdf").write_bytes(converted(svg, "pdf"))
        (folder / names["transparent"]).write_bytes(converted(svg, "png", zoom=2))
        pixels = imread(folder / names["transparent"])
        light = pixels[..., :3] * pixels[..., 3:] + 1 - pixels[..., 3:]  # on white paper
        imsave(folder / names["light"], light)
        imsave(folder / names["dark"], darkened(light))
        files |= {"PDF": f"{picture.name}.pdf"} | {f"PNG {k}": name for k, name in names.items()}
    return files


def write_files(site: Path, texts: Path, picture: Picture, program: str | None) -> dict[str, str]:
    """Files of a figure below `_images/gallery`: what each is, and its name."""
    folder = site / "_images" / "gallery"
    folder.mkdir(parents=True, exist_ok=True)
    if picture.script:
        return _write_still(folder, picture, program)
    path = site / "_images" / picture.source
    files: dict[str, str] = {}
    # by what is drawn: Sphinx may give the file another name
    key = hashlib.sha256(path.read_text(encoding="utf-8").strip().encode()).hexdigest()
    text = texts / f"{key}.svg"
    if text.is_file():
        files["SVG"] = f"{picture.name}.svg"
        (folder / files["SVG"]).write_bytes(text.read_bytes())
    if program:
        files["PDF"] = f"{picture.name}.pdf"
        _convert(program, path, folder / files["PDF"], "", "--format", "pdf")
        for kind, style in PNGS.items():
            files[f"PNG {kind}"] = f"{picture.name}-{kind}.png"
            _convert(program, path, folder / files[f"PNG {kind}"], style, "--zoom", "2")
        files["PNG dark"] = f"{picture.name}-dark.png"
        light = imread(folder / files["PNG light"])[..., :3]
        imsave(folder / files["PNG dark"], darkened(light))
    return files


def entry(picture: Picture, files: dict[str, str], citation: str) -> str:
    """An entry of the page."""
    links = " · ".join(
        f'<a href="../_images/gallery/{file}" download>{kind}</a>' for kind, file in files.items()
    )
    if picture.code:
        code = f'<a href="{picture.page}.html#{picture.code}">the cell that draws it</a>'
        links = f"{code}<br>{links}"
    elif picture.script:
        links = f"one moment of an interactive figure<br>{links}"
    alt = html.escape(picture.alt)
    chapter = picture.page.removesuffix("_further").replace("_", "-")
    label = picture.title.removeprefix("Further results: ").split(": ")[0]
    return (
        f'<figure class="picture" id="picture-{picture.name}" data-chapter="{chapter}" '
        f'data-label="{html.escape(label)}">'
        f'<img loading="lazy" src="../_images/{picture.source}" '
        f'alt="{alt}"><figcaption>'
        f'<a href="{picture.page}.html#{picture.name}">{picture.number}</a>, '
        f'{html.escape(picture.title)}<br><span class="picture-files">{links}</span>'
        "<details><summary>Cite</summary>"
        f"<pre>{html.escape(citation)}</pre></details></figcaption></figure>"
    )


def fill(site: Path, texts: Path, pages: Sequence[str]) -> int:
    """Write the files and the entries into the built page; how many figures there are."""
    from tools.extensions.citing import bibtex
    from tools.machine import RENDERER

    page = site / PAGE
    if not page.is_file():
        return 0
    program = RENDERER.path()
    found = list(pictures(site, pages))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        files = list(pool.map(lambda each: write_files(site, texts, each, program), found))
    entries = []
    for picture, its in zip(found, files, strict=True):
        title = f"{picture.number} of {picture.title}"
        entries.append(entry(picture, its, bibtex(picture.page, title, part=picture.name)))
    whole = page.read_text(encoding="utf-8")
    if PLACE not in whole:
        raise ValueError(f"{page}: no place for the figures, {PLACE}")
    shelf = PLACE.replace("></", ">\n" + "\n".join(entries) + "\n</")
    page.write_text(whole.replace(PLACE, shelf), encoding="utf-8")
    return len(found)
