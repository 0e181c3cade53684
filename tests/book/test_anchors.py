"""Every anchor that a page ever had leads somewhere."""

from __future__ import annotations

from pathlib import Path

from docutils import nodes
from docutils.utils import new_document

from tools.anchors import ANY, LEFT, NAMED, article, moved, recorded
from tools.book import ROOT
from tools.contents import contents
from tools.extensions.old_anchors import name_again, old_anchors


def places(page: str, name: str) -> list[str]:
    """The pages to which an old address leads (book.js)."""
    chapter = moved().get(name) if page in LEFT else None
    if chapter is None:  # the page itself and those of its chapter after it
        chapter = next(found.chapter for found in contents(ROOT) if found.name == page)
        names = [found.name for found in contents(ROOT) if found.chapter == chapter]
        return names[names.index(page) :]
    return [found.name for found in contents(ROOT) if found.chapter == chapter]


def test_no_anchor_is_lost(built_site: Path) -> None:
    pages = {page.stem: article(page) for page in (built_site / "book").glob("*.html")}
    there = {name: set(ANY.findall(text)) for name, text in pages.items()}
    record = recorded()
    lost = [
        f"{page}#{name}"
        for page, names in record.items()
        for name in names
        if not any(name in there[place] for place in places(page, name))
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
        known = {page, chapter} | (LEFT if moved().get(name) == chapter else set())
        assert any(name in record.get(k, []) for k in known), f"{page}#{name} never was an anchor"


def test_old_names_stand_beside_the_new_one() -> None:
    document = new_document("page.md")
    document += nodes.section(ids=["the-proof"])
    document += nodes.section(ids=["exercises"])
    old = {"the-proof": ["prove-it", "exercises"], "the-end": ["finis"]}
    assert name_again(document, old) == ["the-end"]
    assert [node["ids"] for node in document] == [["the-proof", "prove-it"], ["exercises"]]
