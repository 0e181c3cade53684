"""Formulas set when a page is made: what MathJax draws, and nothing that a page cannot show."""

from __future__ import annotations

import base64
import io
import re
from pathlib import Path

import numpy as np
import pytest
from docutils import nodes
from fontTools.ttLib import TTFont
from matplotlib.image import imread
from playwright.sync_api import Browser
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from tools.extensions.formulas import (
    PRIVATE,
    drawing,
    font,
    read_cache,
    shown,
    source,
    typeset,
)

# What the book has, and each way in which MathJax draws: brackets of all sizes, pieces of a brace
# and of an arrow, roots, fractions, accents, letters of several alphabets, lines below each other.
SHOWN = [
    (r"\varphi=\frac{1+\sqrt5}2", False),
    (r"M=\Bigl\lceil\frac2c\Bigl(m+\ln\frac k\delta\Bigr)\Bigr\rceil", True),
    (r"\sum_{i=1}^k b_i\hat x_i\in\mathbb R,\quad\overline{xy}\ne\mathcal L(\mathbf w)", True),
    (r"\left\{\begin{aligned}a&=1\\b&=\tfrac12\\c&=3\\d&=4\\e&=5\end{aligned}\right.", True),
    (
        r"\underbrace{x+\cdots+x}_{n\text{ times}}\xrightarrow{\text{law}}\sqrt{\frac{\frac ab}c}",
        True,
    ),
]


@pytest.fixture(scope="module")
def made() -> dict:
    return typeset(SHOWN)


def test_every_outline_is_a_glyph_of_the_font(made: dict) -> None:
    names = sorted(name for name, outline in made["glyphs"].items() if outline)
    characters = {name: chr(PRIVATE + i) for i, name in enumerate(names)}
    data = font(made["glyphs"], characters)
    assert data == font(dict(reversed(made["glyphs"].items())), characters), "the same font"
    table = TTFont(io.BytesIO(data)).getBestCmap()
    assert table == {ord(character): name for name, character in characters.items()}


def picture(browser: Browser, svg: str, style: str) -> np.ndarray:
    """A drawing as it is painted, large, black on white."""
    page = browser.new_page(viewport={"width": 1600, "height": 900})
    page.set_content(f"<style>{style}</style>{svg}")
    page.evaluate("document.fonts.ready.then(() => true)")
    painted = imread(io.BytesIO(page.screenshot()))[..., 0]
    page.close()
    return painted


@pytest.mark.parametrize("i", range(len(SHOWN)))
def test_formula_looks_as_mathjax_draws_it(browser: Browser, made: dict, i: int) -> None:
    """Its own drawing, of outlines, and ours, of text, are the same picture."""
    glyphs, svg = made["glyphs"], made["formulas"][i]["svg"]
    outlines = "".join(f'<path id="{name}" d="{path}"/>' for name, path in glyphs.items())
    _, _, width, height = drawing(svg, glyphs).box
    size = f"width: {width / 10}px; height: {height / 10}px"  # 100 pixels an em
    size = f"body > svg {{ display: block; margin: 40px; overflow: visible; {size} }}"
    theirs = picture(browser, svg.replace("<g", f"<defs>{outlines}</defs><g", 1), size)

    names = sorted(name for name, outline in glyphs.items() if outline)
    characters = {name: chr(PRIVATE + i) for i, name in enumerate(names)}
    words = base64.b64encode(font(glyphs, characters)).decode()
    face = f"@font-face {{ font-family: F; src: url(data:font/woff;base64,{words}) }}"
    ours = re.sub(r' style="[^"]*"', "", shown(drawing(svg, glyphs), characters), count=1)
    found = picture(browser, ours, f"text {{ font-family: F }} {face} {size}")

    # by squares of 4 pixels: their edges differ in how they are smoothed
    theirs, found = (p.reshape(len(p) // 4, 4, -1, 4).mean(axis=(1, 3)) for p in (theirs, found))
    assert np.count_nonzero(theirs < 0.5) > 50
    assert np.abs(found - theirs).max() < 0.3


@pytest.mark.parametrize(
    ("tex", "complaint"),
    [
        (r"\nosuch", r"Undefined control sequence \\nosuch"),
        (r"\frac{1", "Missing close brace"),
        (r"\begin{aligned}x", "Missing"),
        (r"\text{é}", "no glyph for 'é'"),
        (r"\color{red}{x}", "colour"),
        (r"\boxed{x}", "frame"),
        (r"\cancel{x}", "draws a line"),
    ],
)
def test_what_a_page_cannot_show_is_refused(tex: str, complaint: str) -> None:
    result = typeset([(tex, False)])
    (one,) = result["formulas"]
    if "error" in one:
        assert re.search(complaint, one["error"])
    else:
        with pytest.raises(ValueError, match=complaint):
            drawing(one["svg"], result["glyphs"])


def test_an_unreadable_cache_is_no_cache(tmp_path: Path) -> None:
    path = tmp_path / "formulas.json"
    assert read_cache(path) == {}
    for text in ("", "{", "[1]", '{"stamp": "1"'):
        path.write_text(text)
        assert read_cache(path) == {}
    path.write_text('{"stamp": "1"}')
    assert read_cache(path) == {"stamp": "1"}


@pytest.mark.parametrize(
    ("text", "tex"),
    [
        ("a=b", "a=b"),
        (r"a\\b", r"\begin{split}a\\b\end{split}"),
        ("a\n\nb", r"\begin{aligned}a\\b\end{aligned}"),
    ],
)
def test_lines_are_set_below_each_other(text: str, tex: str) -> None:
    assert source(nodes.math_block("", text, nowrap=False)) == (tex, True)
    assert source(nodes.math_block("", text, nowrap=True)) == (text, True)
    assert source(nodes.math("", "a=b")) == ("a=b", False)


def test_a_wide_formula_whose_pieces_cannot_be_set_stays_whole(tmp_path: Path) -> None:
    wide = "+".join(f"x_{{{i}}}" for i in range(40))
    (tmp_path / "index.md").write_text("# One\n\n" rf"$$y\overset!={wide}$$" "\n")
    config = {
        "extensions": ["myst_parser", "tools.extensions.formulas"],
        "html_math_renderer": "formulas",
        "myst_enable_extensions": ["dollarmath"],
    }
    with docutils_namespace():
        folders = (tmp_path, None, tmp_path / "out", tmp_path / "trees")
        Sphinx(*folders, "html", config, status=None, warningiserror=True).build()
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    (formula,) = re.findall(r'<div class="formula.*?</div>', page)
    assert formula.count("<svg") == 1
