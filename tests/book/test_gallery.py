"""The gallery: every numbered figure once, each file what it says it is."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.image import imread

from tools.book import ROOT
from tools.contents import contents
from tools.gallery import CLEAR, PAGE, PLACE, darkened, fill
from tools.machine import RENDERER, remedy

FIGURE = re.compile(r"^ +name: (fig-\S+)$", re.MULTILINE)
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="30pt" height="15pt" viewBox="0 0 30 15">
<g><path d="M 0 0 H 30 V 15 H 0 z" style="fill: #ffffff"/></g></svg>"""
CHAPTER = """<title>1. One &#8212; Book</title><figure class="align-default" id="fig-a">
<span id="fig-old"></span><img alt="A &quot;line&quot;" src="../_images/a.svg"/><figcaption><p>
<span class="caption-number">Fig. 1.1 </span></p></figcaption></figure>"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A site of a chapter with a white drawing, its gallery filled."""
    if RENDERER.path() is None:
        pytest.skip(remedy([RENDERER]))
    (tmp_path / "_images").mkdir()
    (tmp_path / "book").mkdir()
    (tmp_path / "_images" / "a.svg").write_text(DRAWING, encoding="utf-8")
    (tmp_path / "book" / "one.html").write_text(CHAPTER, encoding="utf-8")
    (tmp_path / PAGE).write_text(f"<article>{PLACE}</article>", encoding="utf-8")
    assert fill(tmp_path, tmp_path, ["one"]) == 1
    return tmp_path


def test_papers(small: Path) -> None:
    """White, dark, none; two pixels for one of the page."""
    paper = {"light": (1, 1), "dark": (0.07, 1), "transparent": (0, 0)}
    for kind, (grey, alpha) in paper.items():
        pixels = imread(small / "_images" / "gallery" / f"fig-a-{kind}.png")
        assert pixels.shape[:2] == (40, 80)
        assert (pixels[20, 40, 3] if pixels.shape[2] == 4 else 1) == alpha
        np.testing.assert_allclose(pixels[20, 40, :3] * alpha, grey, atol=0.005)
    assert (small / "_images" / "gallery" / "fig-a.pdf").read_bytes().startswith(b"%PDF")


def test_entry(small: Path) -> None:
    """Its words, the way to the figure, how to cite it."""
    page = (small / PAGE).read_text(encoding="utf-8")
    assert 'alt="A &quot;line&quot;"' in page
    assert '<a href="one.html#fig-a">Fig. 1.1</a>, 1. One' in page
    assert "@incollection{golden_tickets_one" in page


def test_no_place(small: Path) -> None:
    (small / PAGE).write_text("<article></article>", encoding="utf-8")
    with pytest.raises(ValueError, match="no place for the figures"):
        fill(small, small, ["one"])


def test_dark_is_that_of_the_pages() -> None:
    """White, and blue that stays blue, by the filter in book.css."""
    sheet = (ROOT / "book" / "_static" / "book.css").read_text(encoding="utf-8")
    assert "filter: invert(0.9386) hue-rotate(180deg) brightness(1.15);" in sheet
    np.testing.assert_allclose(darkened(np.ones(3)), 0.0614 * 1.15, atol=1e-6)
    red, _, blue = darkened(np.array([0.1, 0.3, 0.6]))
    assert blue > red


def test_drawings_name_their_paper(built_site: Path) -> None:
    """What the transparent files leave out is in every drawing."""
    style = re.search(r'"([^"]+)"', CLEAR)
    assert style is not None
    page = (built_site / PAGE).read_text(encoding="utf-8")
    sources = re.findall(r'loading="lazy" src="\.\./(_images/[^"]+)"', page)
    assert sources
    assert [s for s in sources if style[1] not in (built_site / s).read_text("utf-8")] == []


def test_every_figure_once(built_site: Path) -> None:
    """Those that the chapters of the site name, each with letters as text."""
    pages = [ROOT / "book" / f"{page.name}.md" for page in contents(ROOT)]
    sources = [page.read_text(encoding="utf-8") for page in pages]
    names = [name for text in sources for name in FIGURE.findall(text)]
    page = (built_site / PAGE).read_text(encoding="utf-8")
    assert re.findall(r'<a href="[^"#]+#(fig-[^"]+)">', page) == names
    for name in names:
        root = ElementTree.parse(built_site / "_images" / "gallery" / f"{name}.svg").getroot()
        assert next(root.iter("{http://www.w3.org/2000/svg}text"), None) is not None, name
