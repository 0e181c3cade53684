"""Every anchor that a page ever had leads somewhere."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from docutils.utils import new_document

from tools.anchors import ANY, NAMED, article, recorded
from tools.book import ROOT
from tools.contents import contents
from tools.extensions.old_anchors import name_again, old_anchors


def places(page: str) -> list[str]:
    """A page and those of its chapter after it, where old addresses lead on (book.js)."""
    mine = next(found for found in contents(ROOT) if found.name == page)
    names = [found.name for found in contents(ROOT) if found.chapter == mine.chapter]
    return names[names.index(page) :]


def test_no_anchor_is_lost(built_site: Path) -> None:
    pages = {page.stem: article(page) for page in (built_site / "book").glob("*.html")}
    there = {name: set(ANY.findall(text)) for name, text in pages.items()}
    record = recorded()
    lost = [
        f"{page}#{name}"
        for page, names in record.items()
        for name in names
        if not any(name in there[place] for place in places(page))
    ]
    assert lost == [], "retitled? tools/old_anchors.toml gives what stands there now its old names"
    missing = [
        f"{page}#{name}"
        for page, text in pages.items()
        for name in NAMED.findall(text)
        if name not in record.get(page, [])
    ]
    assert missing == [], "python -m tools.anchors adds them to the list"


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
        chapter = next(found.chapter for found in contents(ROOT) if found.name == page)
        assert name in record[page] + record[chapter], f"{page}#{name} never was an anchor"


def test_old_names_stand_beside_the_new_one() -> None:
    document = new_document("page.md")
    document += nodes.section(ids=["the-proof"])
    document += nodes.section(ids=["exercises"])
    old = {"the-proof": ["prove-it", "exercises"], "the-end": ["finis"]}
    assert name_again(document, old) == ["the-end"]
    assert [node["ids"] for node in document] == [["the-proof", "prove-it"], ["exercises"]]
