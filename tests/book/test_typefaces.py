"""The book looks the same on every machine: its typefaces are its own, and they are enough."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fontTools.ttLib import TTFont
from matplotlib import get_data_path
from playwright.sync_api import Browser, Page

from tests.reader import FLAGS, PAGES, PATIENCE, ROOT, opened, settled, unfold
from tools.environment import font_environment
from tools.extensions.typefaces import FACES as EARLY
from tools.fonts import FACES, KEPT, SITE
from tools.machine import BROWSER

SHEET = ROOT / "book" / "_static" / "typefaces.css"
SIZE = 250 * 1024  # bytes, more than all faces together may have


# -- files -------------------------------------------------------------------------------------


def test_every_face_is_there_for_the_site_and_for_print() -> None:
    for face in FACES:
        assert (SITE / f"{face.name}.woff2").is_file(), face.name
        assert (face.folder / f"{face.name}.ttf").is_file(), face.name
    assert sum(path.stat().st_size for path in SITE.glob("*.woff2")) < SIZE
    assert len(list(SITE.glob("*.woff2"))) == len(FACES)
    named = re.findall(r'url\("fonts/(\S+?)\.woff2"\)', SHEET.read_text(encoding="utf-8"))
    assert sorted(named) == sorted(face.name for face in FACES)


@pytest.mark.parametrize("folder", sorted({SITE, *(face.folder for face in FACES)}))
def test_licences_are_beside_the_faces(folder: Path) -> None:
    assert "SIL OPEN FONT LICENSE" in (folder / "OFL.txt").read_text(encoding="utf-8")
    if list(folder.glob("TicketSymbols*")):
        assert "DejaVu" in (folder / "LICENSE_DEJAVU").read_text(encoding="utf-8")


@pytest.mark.parametrize("face", FACES, ids=lambda face: face.name)
def test_a_face_goes_by_its_own_name(face: Any) -> None:
    """The licence reserves the name of the source; and no machine has another "Ticket Serif"."""
    font = TTFont(face.folder / f"{face.name}.ttf")
    assert font["name"].getDebugName(1) == face.family
    for number in (1, 3, 4, 6):
        assert not re.search("Source|DejaVu|Vera", font["name"].getDebugName(number))
    assert set(font.getBestCmap()) <= KEPT


# -- pages -------------------------------------------------------------------------------------

# Which letters each stack of families shows, formulas apart; and those that CSS puts in.
SHOWN = """() => {
  const shown = {};
  const add = (family, words) => {
    shown[family] ??= new Set();
    for (const letter of words) shown[family].add(letter);
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const parent = texts.currentNode.parentElement;
    if (parent.closest(".formula, script, style, noscript")) continue;
    if (parent.getClientRects().length === 0) continue;
    add(getComputedStyle(parent).fontFamily, texts.currentNode.data.replace(/\\s/g, ""));
  }
  const all = document.body.querySelectorAll(":not(svg, svg *, .formula *)");
  for (const element of all) {
    for (const part of ["::before", "::after"]) {
      const { content, fontFamily } = getComputedStyle(element, part);
      const words = content.match(/^"(.*)"$/)?.[1];
      if (words) add(fontFamily, words.replace(/\\s/g, ""));
    }
  }
  return Object.entries(shown).map(([family, letters]) => [family, [...letters].join("")]);
}"""
ICONS = "Font Awesome"  # the theme's, whole, from files of the theme


def letters_of(family: str) -> set[str]:
    """What all faces of one family have."""
    faces = [TTFont(f.folder / f"{f.name}.ttf") for f in FACES if f.family == family]
    return {chr(point) for point in set.intersection(*(set(f.getBestCmap()) for f in faces))}


@pytest.fixture(scope="module")
def letters() -> dict[str, set[str]]:
    return {family: letters_of(family) for family in {face.family for face in FACES}}


@pytest.mark.parametrize("page", [*PAGES, "genindex", "search"])
def test_every_letter_is_in_a_face_of_the_book(
    tab: Page, letters: dict[str, set[str]], page: str
) -> None:
    tab.goto(f"{page}.html", wait_until="domcontentloaded")
    unfold(tab)
    shown = tab.evaluate(SHOWN)
    assert any("Ticket Serif" in family for family, _ in shown)
    for stack, words in shown:
        families = [family.strip(' "') for family in stack.split(",")]
        if families[0].startswith(ICONS):
            continue
        assert families[0] in letters, (stack, words)
        have = set[str]().union(*(letters.get(family, set()) for family in families))
        assert set(words) <= have, (stack, set(words) - have)


def test_pages_ask_for_faces_before_anything_else(tab: Page) -> None:
    """And they ask for the very files that the style sheet names."""
    for page in (PAGES[0], "search"):
        tab.goto(f"{page}.html")
        links = tab.eval_on_selector_all(
            "head > :is(link[href], script[src])", "all => all.map(e => [e.rel, e.href])"
        )
        early = [url for rel, url in links[: len(EARLY)] if rel == "preload"]
        files = tab.evaluate(
            """() => [...document.styleSheets].filter(s => s.href?.includes("/typefaces.css"))
                 .flatMap(s => [...s.cssRules].filter(r => r.type === CSSRule.FONT_FACE_RULE)
                   .map(r => new URL(r.style.src.match(/url\\("(.*?)"\\)/)[1], s.href).href))"""
        )
        assert [Path(url).stem for url in early] == list(EARLY)
        assert set(early) <= set(files)


# Where each line of text stands, formulas apart.
LINES = """() => {
  const lines = [];
  const range = document.createRange();
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode;
    if (!text.data.trim() || text.parentElement.closest(".formula")) continue;
    range.selectNodeContents(text);
    const boxes = [...range.getClientRects()].map(box =>
      [box.x + scrollX, box.y + scrollY, box.width, box.height].map(v => Math.round(v * 10) / 10));
    if (boxes.length > 0) lines.push([text.data.trim(), boxes]);
  }
  return lines;
}"""


@pytest.fixture(scope="module")
def elsewhere(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser on a machine with one font, bold and wide. (Without any, Chromium does not run.)"""
    folder = tmp_path_factory.mktemp("fonts")
    shutil.copy(Path(get_data_path(), "fonts", "ttf", "DejaVuSansMono-Bold.ttf"), folder)
    with font_environment(folder) as environment:
        other = browser.browser_type.launch(
            executable_path=BROWSER.path(), args=FLAGS, env=environment, timeout=PATIENCE
        )
        yield other
        other.close()


def lines(browser: Browser, address: str, width: int) -> list[Any]:
    # the figure of the front page moves unless it is asked not to
    options = {"viewport": {"width": width, "height": 900}, "reduced_motion": "reduce"}
    with opened(browser, **options) as page:
        settled(page, address)
        unfold(page)
        page.evaluate("document.fonts.ready.then(() => true)")
        return list(page.evaluate(LINES))


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("page", ["index", "malach", "real_ticket", "api"])
def test_lines_break_alike_whatever_is_installed(
    browser: Browser, elsewhere: Browser, address: str, page: str, width: int
) -> None:
    here, there = (
        lines(each, f"{address}book/{page}.html", width) for each in (browser, elsewhere)
    )
    assert len(here) > 100
    assert here == there


def test_without_the_book_s_faces_lines_would_break_elsewhere(
    browser: Browser, elsewhere: Browser
) -> None:
    """What the test above compares does depend on fonts."""
    words = "<p style='width: 300px'>" + "The same text, line by line. " * 20
    found = []
    for each in (browser, elsewhere):
        with opened(each) as page:
            page.set_content(words)
            found.append(page.evaluate(LINES))
    assert found[0] != found[1]


def test_the_site_has_the_files(built_site: Path) -> None:
    there = {path.name for path in (built_site / "_static" / "fonts").iterdir()}
    assert there == {path.name for path in SITE.iterdir()}
