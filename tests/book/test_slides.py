"""Slides: minutes that add up, names that the book has, pages that run from disk."""

from __future__ import annotations

import math
import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

import lpbook as lp
from tests.reader import formulas_are_set, opened
from tools import slides

DECKS = slides.decks()
HEAD = "---\ntitle: A\nsubtitle: B\nminutes: 5\n---\n\n"
SLIDE = "## One ({} min)\n\nWords.\n\n```{{notes}}\nSaid.\n```\n"
OVERFLOW = """() => [...document.querySelectorAll(
    ".whole > div, .columns > div, .explorable, .math, .statement")]
  .filter(b => b.scrollHeight > b.clientHeight + 1 || b.scrollWidth > b.clientWidth + 1)
  .map(b => b.closest("section").id + " " + b.className)"""


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
    listings = [code for text in texts for code in slides.LISTING.findall(text)]
    assert listings
    for code in listings:
        printed = slides.printed_by(code)
        if "verify" in code:  # a certificate that proves something, and measures something
            for line in ("network error, proved", "network error, measured"):
                (number,) = re.findall(rf"^{line} +(\S+)", printed, re.MULTILINE)
                assert math.isfinite(float(number)), printed


def test_a_price_says_for_which_weights_it_is() -> None:
    """Some hold for every weight up to 1, others for that of the running example alone."""
    every, one = 0, 0
    for path in slides.SOURCES.glob("*.md"):
        for part in re.split(r"\n\n|\|\n\|", path.read_text(encoding="utf-8")):
            if re.search(r'costs\(\)\["(?:malach|hyperbolic|golden_ratio)"\]', part):
                every += 1
                said = re.search(r"(\|w\||\\lvert w\\rvert)\\le1|\|w\| up to 1", part)
                assert said, (path.name, part)
            if "product_weights" in part or "malach_success(example.weight" in part:
                one += 1
                assert "w=0.7" in part, (path.name, part)
    for path in (slides.ROOT / "book").glob("*.md"):
        for part in path.read_text(encoding="utf-8").split("\n\n"):
            if "{glue:text}`price-malach`" in part:
                every += 1
                assert "$|w|\\le1$" in part, (path.name, part)
    assert every >= 8
    assert one >= 4


def test_the_price_of_the_rule_is_twice_as_high_for_every_weight() -> None:
    example = lp.RunningExample()
    own = lp.malach_success(example.weight, example.epsilon)
    worst = lp.malach_success(1.0, example.epsilon)
    assert example.costs()["malach"][1] == lp.samples_for_both(worst, example.delta)
    assert own == pytest.approx(2 * worst)


def test_formulas_have_the_numbers_of_their_page() -> None:
    book = slides.taken()
    for name, said in book.statements.items():
        for label, _ in said["formulas"]:
            if label:
                assert f"\\tag{{{book.numbers[label].strip('()')}}}" in said["statement"], name
    writer = slides.Writer(book)
    assert "(4.1)" in writer.html("```{formula} eq-greedy\n```")
    lemma = writer.html("```{statement} digits-suffice\n```")
    assert lemma.count("(4.1)") == 1  # the rule
    assert lemma.count("(4.3)") == 1  # the inequality
    for deck in DECKS.values():  # what speaks of the rule shows it, too
        for slide in deck.slides:
            if "digits-suffice" in slide.body:
                assert "{formula} eq-greedy" in slide.body, (deck.name, slide.title)


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
                page.wait_for_function(
                    "() => !document.querySelector('section .explorable:not(.fitted)')"
                )
                fit = "figures => figures.map(f => +f.style.getPropertyValue('--fit'))"
                fits = page.locator(".fitted").evaluate_all(fit)
                assert max(fits, default=1) > 0.66, file.name  # as large as the frame allows
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
        notes = page.locator("section:last-child aside")
        assert notes.is_visible()
        assert page.locator("aside:visible").count() == 1
        slide = page.locator("section:last-child").bounding_box()
        beside = notes.bounding_box()
        assert slide is not None
        assert beside is not None
        assert slide["y"] + slide["height"] <= beside["y"] + 1  # they hide nothing of it


@pytest.mark.parametrize("size", [(1280, 720), (1024, 768), (1280, 800), (800, 900)])
def test_a_screen_shows_one_slide(
    browser: Browser, written: list[Path], size: tuple[int, int]
) -> None:
    width, height = size
    seen = """() => [...document.querySelectorAll("section")].filter(s => {
        const box = s.getBoundingClientRect();
        return box.bottom > 1 && box.top < innerHeight - 1;
    }).map(s => s.id)"""
    with opened(browser, viewport={"width": width, "height": height}) as page:
        page.goto(next(f for f in written if f.stem == "talk").as_uri(), wait_until="load")
        for place in ("1", "2", "3"):
            page.keyboard.press("PageDown")
            assert page.evaluate(seen) == [place]
        page.keyboard.press("n")
        assert page.evaluate(seen) == ["3"]


def test_a_reload_comes_back_to_the_slide(browser: Browser, written: list[Path]) -> None:
    here = "() => document.querySelector('.here').id"
    with opened(browser, viewport={"width": 1280, "height": 720}) as page:
        page.goto(next(f for f in written if f.stem == "talk").as_uri(), wait_until="load")
        for _ in range(3):
            page.keyboard.press("PageDown")
        assert page.url.endswith("#3")
        page.reload(wait_until="load")
        assert page.evaluate(here) == "3"
        assert page.locator("section.here").bounding_box()["y"] == pytest.approx(0, abs=1)  # type: ignore[index]
        page.keyboard.press("Home")
        assert "#" not in page.url
        page.evaluate("location.hash = '#5'")
        page.wait_for_function("() => document.querySelector('.here').id === '5'")


@pytest.mark.slow
def test_slides_are_printed_a_page_each(browser: Browser, written: list[Path]) -> None:
    pdf = slides.printed(next(file for file in written if file.stem == "blackboard"))
    assert len(re.findall(rb"/Type /Page\b", pdf.read_bytes())) == 1 + len(
        DECKS["blackboard"].slides
    )
