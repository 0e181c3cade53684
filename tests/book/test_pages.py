"""Every page of the book in a browser: complete, without a complaint, readable by everyone.

A file of its own, because `pytest --dist loadfile` gives each file to one process, and these tests
take as long as all others that need the browser.
"""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.reader import (
    PAGES,
    at_width,
    barriers,
    cut_off,
    formulas_are_set,
    in_mode,
    pictures_are_shown,
    searched,
    settled,
    too_small,
    too_wide,
    unfold,
)
from tools.book import ROOT
from tools.notebooks import chapters, exported

RUNS = exported(chapters(ROOT))  # pages with a notebook


@pytest.mark.parametrize("name", PAGES)
def test_page_in_a_browser(tab: Page, complaints: list[str], name: str) -> None:
    tab.emulate_media(reduced_motion="reduce")  # no colour is caught half-way
    settled(tab, f"{name}.html")
    assert tab.title().endswith("Golden Tickets")
    formulas_are_set(tab)
    pictures_are_shown(tab)

    place = PAGES.index(name)
    neighbours = {"a.left-prev": PAGES[:place][-1:], "a.right-next": PAGES[place + 1 :][:1]}
    for link, pages in neighbours.items():
        found = [unquote(urlsplit(a.evaluate("a => a.href")).path) for a in tab.locator(link).all()]
        assert found == [f"/{page}.html" for page in pages]

    twins = """() => { const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
        return ids.filter((id, i) => ids.indexOf(id) !== i); }"""
    assert tab.evaluate(twins) == []

    if Path(name).name in RUNS:
        link = tab.locator("article a.download").first.evaluate("a => a.href")
        assert link.endswith(f"/{Path(name).name}.ipynb")
        answer = tab.request.get(link)
        assert answer.ok
        notebook = nbformat.reads(answer.text(), as_version=4)
        nbformat.validate(notebook)
        assert any(cell.cell_type == "code" and cell.outputs for cell in notebook.cells)

    cites = (ROOT / f"{name}.md").read_text(encoding="utf-8").count("```{cite-")
    expect(tab.locator("div.highlight-bibtex button.copybtn")).to_have_count(cites)

    unfold(tab)
    for width in (390, 1280):
        assert at_width(tab, width) <= width, f"scrolls sideways at {width} pixels"
        if width < 500:
            assert too_wide(tab) == [], "scrolls in a box on a phone"
            assert too_small(tab) == []

    assert cut_off(tab) == [], "on paper"

    in_mode(tab, "light")
    assert barriers(tab) == []
    in_mode(tab, "dark")
    assert barriers(tab, colours_alone=True) == []

    assert complaints == []


@pytest.mark.parametrize("name", ["search", "genindex"])
def test_page_made_by_sphinx(tab: Page, complaints: list[str], name: str) -> None:
    tab.emulate_media(reduced_motion="reduce")
    if name == "search":
        searched(tab, "digits")
    else:
        tab.goto(f"{name}.html", wait_until="load")
    for mode in ("light", "dark"):
        in_mode(tab, mode)
        assert barriers(tab) == []
    assert at_width(tab, 390) <= 390
    assert complaints == []


def test_a_pale_word_is_noticed(tab: Page) -> None:
    """Also where axe looks at one element of each look."""
    tab.emulate_media(reduced_motion="reduce")
    settled(tab, "book/toolbox.html")
    in_mode(tab, "dark")
    assert barriers(tab, colours_alone=True) == []
    tab.evaluate("""document.querySelector("article p").insertAdjacentHTML("afterbegin",
        "<em style='color: #555'>pale</em>")""")
    (found,) = barriers(tab, colours_alone=True)
    assert "pale" in found["places"][0]
