"""The gallery: every numbered figure once, each file what it says it is, each cell linked."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from docutils import nodes
from docutils.utils import new_document
from matplotlib.image import imread

from tools.book import ROOT
from tools.contents import contents
from tools.extensions.explorables import SCRIPTS
from tools.extensions.figure_cells import FigureCells
from tools.gallery import CLEAR, PAGE, PLACE, darkened, fill, pictures
from tools.machine import RENDERER, remedy

FIGURE = re.compile(r"^ +name: (fig-\S+)$", re.MULTILINE)
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="30pt" height="15pt" viewBox="0 0 30 15">
<g><path d="M 0 0 H 30 V 15 H 0 z" style="fill: #ffffff"/></g></svg>"""
CHAPTER = """<title>1. One &#8212; Book</title>
<figure class="explorable" data-explorable="digits" data-title="Try it" id="explorable-digits">
<div class="x-stage"><div class="x-still"><svg></svg></div></div><figcaption><p>
<span class="caption-number">Fig. 1.1 </span></p></figcaption></figure>
<div class="cell_input" id="code-fig-a">figures.a()</div><figure class="align-default" id="fig-a">
<span id="fig-old"></span><img alt="A &quot;line&quot;" src="../_images/a.svg"/><figcaption><p>
<span class="caption-number">Fig. 1.2 </span></p></figcaption></figure>"""


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
    assert fill(tmp_path, tmp_path, ["one"]) == 2
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
    assert '<a href="one.html#fig-a">Fig. 1.2</a>, One<br>' in page
    assert 'data-chapter="one" data-label="One"' in page
    assert '<a href="one.html#code-fig-a">the cell that draws it</a>' in page
    # a key of its own: more figures of the chapter may be cited beside it
    assert "@incollection{golden_tickets_one_fig-a," in page
    assert "{Fig. 1.2 of One}" in page


def test_interactive_figures_have_their_still(small: Path) -> None:
    """In the order of the page, on the three papers."""
    page = (small / PAGE).read_text(encoding="utf-8")
    assert page.index("one.html#explorable-digits") < page.index("one.html#fig-a")
    assert 'alt="Number line with the kept samples' in page
    folder = small / "_images" / "gallery"
    drawing = ElementTree.parse(folder / "explorable-digits.svg").getroot()
    size = [2 * int(drawing.attrib[side]) for side in ("height", "width")]
    for kind, (grey, alpha) in {"light": (1, 1), "dark": (0.07, 1), "transparent": (0, 0)}.items():
        pixels = imread(folder / f"explorable-digits-{kind}.png")
        assert list(pixels.shape[:2]) == size
        assert (pixels[0, 0, 3] if pixels.shape[2] == 4 else 1) == alpha
        np.testing.assert_allclose(pixels[0, 0, :3] * alpha, grey, atol=0.005)
    assert (folder / "explorable-digits.pdf").read_bytes().startswith(b"%PDF")


def test_a_figure_without_its_cell_has_no_link_to_it(small: Path) -> None:
    page = small / "book" / "one.html"
    page.write_text(page.read_text("utf-8").replace('id="code-fig-a"', ""), encoding="utf-8")
    assert [picture.code for picture in pictures(small, ["one"])] == ["", ""]


def test_cells_of_figures_have_addresses() -> None:
    """The input, by the name of the figure; other cells have none."""
    document = new_document("page")
    cells = []
    for name in ("fig-a", ""):
        cell = nodes.container(classes=["cell"])
        cell += nodes.container(classes=["cell_input"])
        cell += nodes.container(classes=["cell_output"])
        cell[1] += nodes.figure(ids=["fig-a", "fig-old"]) if name else nodes.paragraph()
        cells.append(cell)
    document += cells
    FigureCells(document).run()
    assert [cell[0]["ids"] for cell in cells] == [["code-fig-a"], []]
    assert cells[0][1]["ids"] == []


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
    sources = re.findall(r'loading="lazy" src="\.\./(_images/(?!gallery/)[^"]+)"', page)
    assert sources
    assert [s for s in sources if style[1] not in (built_site / s).read_text("utf-8")] == []


# The front page is without the code that draws them.
WITHOUT_CODE = {"fig-whole-idea", "fig-price", "fig-lowest-digits", "fig-equal-areas"}


def test_every_figure_once(built_site: Path) -> None:
    """Those that the chapters of the site name, each with letters as text."""
    pages = [ROOT / "book" / f"{page.name}.md" for page in contents(ROOT)]
    sources = [page.read_text(encoding="utf-8") for page in pages]
    names = [name for text in sources for name in FIGURE.findall(text)]
    page = (built_site / PAGE).read_text(encoding="utf-8")
    assert re.findall(r'<a href="[^"#]+#(fig-[^"]+)">', page) == names
    coded = [name for name in names if name not in WITHOUT_CODE]
    assert re.findall(r'<a href="[^"#]+#code-(fig-[^"]+)">', page) == coded
    stills = re.findall(r'<a href="[^"#]+#explorable-([^"]+)">', page)
    assert sorted(stills) == sorted(path.stem for path in SCRIPTS.glob("*.svg"))
    for name in names:
        root = ElementTree.parse(built_site / "_images" / "gallery" / f"{name}.svg").getroot()
        assert next(root.iter("{http://www.w3.org/2000/svg}text"), None) is not None, name
