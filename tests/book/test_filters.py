"""The filters of the ledger and of the reference: what is shown, said, kept in the address."""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from docutils import nodes
from playwright.sync_api import Browser, Page, expect
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from lpbook.ledger import recorded
from tests.reader import barriers, opened
from tools.book import ROOT

SCRIPT = ROOT / "book" / "_static" / "filter" / "filter.js"

# Two sections of entries with a table, as on the page of the ledger.
SMALL = """<!doctype html><article><section><h1>Ledger</h1>
<div class="filter" data-filter="claims"></div>
<section id="s1"><h2>One</h2>
<div class="pst-scrollable-table-container"><table>
<tr><td>Batch lemma</td><td><a href="#claim-batch-lemma">name</a></td></tr>
<tr><td>Sharper</td><td><a href="#claim-sharper">name</a></td></tr></table></div>
<div class="claim kind-proof"><p id="claim-batch-lemma">Batch-lemma, proved by Müller</p>
<div class="dropdown">secret</div></div>
<div class="claim kind-evidence"><p id="claim-sharper">A sharper bound</p></div></section>
<section id="s2"><h2>Two</h2>
<div class="claim kind-finite-verification"><p id="claim-gaps">Gaps of the batch</p></div></section>
</section></article>"""


class Filter:
    """A page with a filter, and what one sees of it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.box = page.get_by_role("searchbox", name="Find")

    def shows(self, *names: str) -> None:
        """Of the small page these entries, and of everything else what belongs to them."""
        expect(self.page.locator("div.claim:visible")).to_have_count(len(names))
        for name in names:
            expect(self.page.locator(f"#claim-{name}")).to_be_visible()
        rows = {"batch-lemma", "sharper"} & set(names)
        expect(self.page.locator("tr:visible")).to_have_count(len(rows))
        expect(self.page.locator("#s1")).to_be_visible(visible=bool(rows))
        expect(self.page.locator("#s2")).to_be_visible(visible="gaps" in names)

    @property
    def says(self) -> str:
        return self.page.locator(".filter [role=status]").inner_text()

    @property
    def address(self) -> str:
        return str(self.page.evaluate("location.search + location.hash"))


@pytest.fixture
def small(browser: Browser, tmp_path: Path) -> Iterator[Any]:
    """Opens the small page at an address; it must not complain."""
    complaints: list[str] = []
    script = f"<script>{SCRIPT.read_text(encoding='utf-8')}</script>"
    (tmp_path / "small.html").write_text(SMALL + script, encoding="utf-8")
    with opened(browser) as page:
        page.on("pageerror", lambda error: complaints.append(str(error)))

        def at(address: str = "") -> Filter:
            page.goto("about:blank")
            page.goto((tmp_path / "small.html").as_uri() + address)
            return Filter(page)

        yield at
    assert complaints == []


def test_words_choose_what_is_shown(small: Any) -> None:
    f = small()
    f.shows("batch-lemma", "sharper", "gaps")
    assert f.says == "3 statements"
    for words, names in {
        "batch": ["batch-lemma", "gaps"],
        "BATCH lemma": ["batch-lemma"],
        "batch-lemma": ["batch-lemma"],
        "muller": ["batch-lemma"],
        "secret": [],  # what is folded is not read
        "sharper bound": ["sharper"],
        "gaps": ["gaps"],
    }.items():
        f.box.fill(words)
        f.shows(*names)
        assert f.says == f"{len(names)} of 3 statements"
    f.page.get_by_role("button", name="Show all").click()
    f.shows("batch-lemma", "sharper", "gaps")
    expect(f.box).to_be_focused()
    assert f.address == ""


def test_chips_choose_kinds(small: Any) -> None:
    f = small()
    chips = f.page.get_by_role("group", name="Kind").get_by_role("button")
    assert chips.all_inner_texts() == ["proof", "evidence", "finite verification"]
    chips.nth(0).press("Enter")
    f.shows("batch-lemma")
    chips.nth(2).press("Space")
    f.shows("batch-lemma", "gaps")
    f.box.fill("gaps")
    f.shows("gaps")
    assert f.address == "?find=gaps&kind=proof+finite-verification"
    chips.nth(2).press("Space")
    f.shows()
    expect(chips.nth(0)).to_have_attribute("aria-pressed", "true")
    expect(chips.nth(2)).to_have_attribute("aria-pressed", "false")


def test_the_keyboard_clears_and_goes_to_the_first(small: Any) -> None:
    f = small()
    f.box.fill("sharper")
    f.box.press("Enter")
    assert f.address == "?find=sharper#claim-sharper"
    f.shows("sharper")
    f.box.press("Escape")
    f.shows("batch-lemma", "sharper", "gaps")
    assert f.address == "#claim-sharper"


def test_the_address_holds_the_choice(small: Any) -> None:
    f = small("?find=batch&kind=proof&other=1")
    f.shows("batch-lemma")
    assert f.box.input_value() == "batch"
    f.box.fill("")
    f.page.get_by_role("button", name="proof").click()
    assert f.address == "?other=1"
    # where the address leads to an entry, that entry is shown
    small("?find=sharper#claim-gaps").shows("batch-lemma", "sharper", "gaps")
    f = small("?find=sharper")
    f.page.evaluate("location.hash = 'claim-gaps'")
    f.shows("batch-lemma", "sharper", "gaps")


def test_a_filter_is_a_place_that_only_its_page_fills(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text(
        "# One\n\n```{toctree}\ntwo\n```\n\n```{filter} claims\n```\n"
    )
    (tmp_path / "two.md").write_text("# Two\n")
    config = {"extensions": ["myst_parser", "tools.extensions.filters"]}
    for builder, folder in (("html", "out"), ("text", "plain"), ("latex", "tex")):
        with docutils_namespace():
            folders = (tmp_path, None, tmp_path / folder, tmp_path / "trees")
            Sphinx(*folders, builder, config, status=None, warningiserror=True).build()
    one, two = ((tmp_path / "out" / f"{name}.html").read_text() for name in ("index", "two"))
    assert '<div class="filter" data-filter="claims"></div>' in one
    assert re.search(r'<script defer="defer" src="_static/filter/filter\.js', one)
    assert "filter/filter" not in two
    assert "filter" not in (tmp_path / "plain" / "index.txt").read_text()


def test_a_filter_of_nothing_is_said(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text("# One\n\n```{filter} pages\n```\n")
    config = {"extensions": ["myst_parser", "tools.extensions.filters"]}
    said = io.StringIO()
    with docutils_namespace():
        folders = (tmp_path, None, tmp_path / "out", tmp_path / "trees")
        Sphinx(*folders, "html", config, status=None, warning=said).build()
    assert "pages: there is a filter of claims, of api, of gallery only" in said.getvalue()


# -- in the book -------------------------------------------------------------------------------


def entries_shown(tab: Page) -> tuple[int, int]:
    """How many entries are said to be there, and are seen."""
    said = tab.locator(".filter [role=status]").inner_text()
    seen = tab.locator("article :is(div.claim, section > dl.py):visible").count()
    return int(said.split()[0]), seen


def test_the_ledger_is_filtered(tab: Page, complaints: list[str]) -> None:
    record = recorded()
    kinds = Counter(nodes.make_id(entry["kind"]) for entry in record.values())
    tab.goto("book/claims.html")
    assert entries_shown(tab) == (len(record), len(record))
    for kind, number in kinds.items():
        chip = tab.locator(".filter-chips").get_by_text(kind.replace("-", " "), exact=True)
        chip.click()
        assert entries_shown(tab) == (number, number)
        assert tab.locator("article tr:has(a[href^='#claim-']):visible").count() == number
        chip.click()
    tab.goto("book/claims.html?find=batch+lemma")
    assert tab.locator("#claim-batch-lemma").is_visible()
    said, seen = entries_shown(tab)
    assert said == seen < len(record) / 2
    assert barriers(tab) == []
    assert complaints == []


def test_the_reference_is_filtered(tab: Page, complaints: list[str]) -> None:
    tab.goto("book/api.html")
    everything, seen = entries_shown(tab)
    assert everything == seen > 80
    chips = tab.locator(".filter-chips button").all_inner_texts()
    assert set(chips) == {"class", "function", "data"}
    tab.get_by_role("searchbox", name="Find").fill("weight_budget")
    said, seen = entries_shown(tab)
    assert said == seen < 10
    assert tab.locator('[id="lpbook.weight_budget"]').is_visible()
    tab.goto("book/api.html?find=weight_budget#lpbook.Ticket")  # a link leads to what it names
    assert entries_shown(tab) == (everything, everything)
    assert barriers(tab) == []
    assert complaints == []


@pytest.mark.parametrize("name", ["claims", "api"])
def test_a_filter_is_seen_on_a_phone_and_by_the_keyboard(tab: Page, name: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto(f"book/{name}.html")
    box = tab.get_by_role("searchbox", name="Find")
    box.focus()
    for _ in range(tab.locator(".filter-chips button").count() + 1):
        style = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert style == "solid"
        tab.keyboard.press("Tab")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("name", ["claims", "api"])
def test_without_scripts_a_list_is_there_in_full(browser: Browser, address: str, name: str) -> None:
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{address}book/{name}.html")
        entries = page.locator("article :is(div.claim, section > dl.py)")
        assert entries.count() > 80
        assert page.locator("article [hidden]").count() == 0
        expect(page.locator(".filter")).to_be_hidden()
