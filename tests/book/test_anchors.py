"""Every anchor that a page ever had leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

from docutils import nodes
from docutils.utils import new_document

from tools.anchors import recorded, with_todays
from tools.book import ROOT
from tools.contents import contents
from tools.extensions.old_anchors import moved_anchors, name_again, old_anchors

CONTENTS = contents(ROOT)
ANY = re.compile(r"<(?!a\b)[a-z][^>]*?\bid=\"([^\"]+)\"")


def places(page: str, name: str) -> list[str]:
    """The page and those of its chapter after it, or another chapter: where `book.js` leads on."""
    mine = next(found for found in CONTENTS if found.name == page)
    pages = [found.name for found in CONTENTS if found.chapter == mine.chapter]
    pages = pages[pages.index(page) :]
    moved = {moved_anchors(each).get(name) for each in pages}
    return pages + [found.name for found in CONTENTS if found.chapter in moved]


def test_no_anchor_is_lost(built_site: Path) -> None:
    pages = {
        page.stem: page.read_text(encoding="utf-8").partition("<article")[2]
        for page in (built_site / "book").glob("*.html")
    }
    there = {name: set(ANY.findall(text)) for name, text in pages.items()}
    lost = [
        f"{page}#{name}"
        for page, names in recorded().items()
        for name in names
        if not any(name in there[place] for place in places(page, name))
    ]
    assert lost == [], "retitled? tools/old_anchors.toml gives what stands there now its old names"


def test_the_list_is_up_to_date() -> None:
    assert recorded() == with_todays(recorded()), "python -m tools.statements adds what is new"


def test_the_list_holds_what_was_retitled() -> None:
    record = recorded()
    old = {
        (page, name)
        for page, again in old_anchors().items()
        for names in again.values()
        for name in names
    }
    assert len(old) > 80
    for page, name in old:
        before = [found for found in record if page in places(found, name)]
        assert any(name in record[found] for found in before), f"{page}#{name} never was an anchor"


def test_old_names_stand_beside_the_new_one() -> None:
    document = new_document("page.md")
    document += nodes.section(ids=["the-proof"])
    document += nodes.section(ids=["exercises"])
    old = {"the-proof": ["prove-it", "exercises"], "the-end": ["finis"]}
    assert name_again(document, old) == ["the-end"]
    assert [node["ids"] for node in document] == [["the-proof", "prove-it"], ["exercises"]]
