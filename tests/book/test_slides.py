"""Slides: minutes that add up, names that the book has, pages that run from disk."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.reader import formulas_are_set, opened
from tools import slides

DECKS = slides.decks()
HEAD = "---\ntitle: A\nsubtitle: B\nminutes: 5\n---\n\n"
SLIDE = "## One ({} min)\n\nWords.\n\n```{{notes}}\nSaid.\n```\n"
OVERFLOW = """() => [...document.querySelectorAll(
    ".whole > div, .columns > div, .explorable, .math, .statement")]
  .filter(b => b.scrollHeight > b.clientHeight + 1 || b.scrollWidth > b.clientWidth + 1)
  .map(b => b.closest("section").id + " " + b.className)"""
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def deck(folder: Path, text: str) -> slides.Deck:
    path = folder / "deck.md"
    path.write_text(HEAD + text, encoding="utf-8")
    return slides.read(path)


def test_decks_fill_their_slots() -> None:
    assert {name: deck.minutes for name, deck in DECKS.items()} == {
        "blackboard": 12,
        "logarithms": 90,
        "one_lecture": 90,
        "talk": 20,
    }


def test_minutes_that_do_not_add_up_are_refused(tmp_path: Path) -> None:
    assert deck(tmp_path, SLIDE.format(2) + SLIDE.format(3)).minutes == 5
    with pytest.raises(ValueError, match=r"deck\.md: its slides take 4 minutes, its slot 5"):
        deck(tmp_path, SLIDE.format(4))


def test_slides_without_minutes_or_notes_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="every slide begins with"):
        deck(tmp_path, SLIDE.format(5) + "## Two\n")
    with pytest.raises(ValueError, match="One: a slide ends with its notes"):
        deck(tmp_path, "## One (5 min)\n\nWords.\n")


@pytest.mark.parametrize("name", DECKS)
def test_names_are_those_of_the_book(name: str) -> None:
    assert slides.unknown(DECKS[name], slides.taken()) == []
    assert DECKS[name].names("figure")


def test_unknown_names_are_refused(tmp_path: Path) -> None:
    figure = "```{figure} fig-silver\n```"
    silver = deck(tmp_path, SLIDE.format(5).replace("Words.", figure))
    with pytest.raises(ValueError, match="deck: the book has no fig-silver"):
        slides.write(tmp_path / "out", [silver], slides.taken())


@pytest.mark.parametrize("name", DECKS)
def test_no_statement_is_written_a_second_time(name: str) -> None:
    words = " ".join((slides.SOURCES / f"{name}.md").read_text(encoding="utf-8").split())
    for label, said in slides.taken().statements.items():
        parts = " ".join(said["statement"].split()).split(". ")
        assert not [part for part in parts if len(part) > 60 and part in words], label


@pytest.mark.slow
def test_code_on_slides_runs() -> None:
    texts = [path.read_text(encoding="utf-8") for path in slides.SOURCES.glob("*.md")]
    listings = [code for text in texts for code in CODE.findall(text)]
    assert listings
    for code in listings:
        exec(code, {})


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("slides")
    files = slides.write(folder, list(DECKS.values()), slides.taken())
    (folder / "figures").mkdir()
    for name in {name for deck in DECKS.values() for name in deck.names("figure")}:
        picture = '<svg xmlns="http://www.w3.org/2000/svg" width="800" height="600"/>'
        (folder / "figures" / f"{name}.svg").write_text(picture)
    return files


def test_slides_run_from_disk(browser: Browser, written: list[Path]) -> None:
    wrong: list[str] = []
    with opened(browser, viewport={"width": 1280, "height": 720}) as page:
        page.on("request", lambda r: None if r.url.startswith("file:") else wrong.append(r.url))
        page.on("requestfailed", lambda r: wrong.append(r.url))
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e: wrong.append(str(e)))
        for file in written:
            page.goto(file.as_uri(), wait_until="load")
            page.evaluate("document.fonts.ready.then(() => true)")
            assert page.locator(".formula").count() > 0
            if file.stem in DECKS:
                formulas_are_set(page)
                assert page.evaluate(OVERFLOW) == [], file.name
                assert page.locator(".x-ready").count() == len(DECKS[file.stem].names("explorable"))
            assert wrong == [], file.name


def test_keys_lead_through_the_slides(browser: Browser, written: list[Path]) -> None:
    with opened(browser, viewport={"width": 1280, "height": 720}) as page:
        page.goto(next(f for f in written if f.stem == "talk").as_uri())
        in_view = "() => document.activeElement.id"
        for key, place in (("ArrowRight", "1"), (" ", "2"), ("ArrowLeft", "1"), ("End", "8")):
            page.keyboard.press(key)
            assert page.evaluate(in_view) == place
        page.keyboard.press("n")
        assert page.locator("section:last-child aside").is_visible()


@pytest.mark.slow
def test_slides_are_printed_a_page_each(browser: Browser, written: list[Path]) -> None:
    pdf = slides.printed(next(file for file in written if file.stem == "blackboard"))
    assert len(re.findall(rb"/Type /Page\b", pdf.read_bytes())) == 1 + len(
        DECKS["blackboard"].slides
    )
