"""Old anchors of what was retitled or moved: links that others have still find it.

`tools/old_anchors.toml` says, for each page, what has which old names, and what left a page for
another chapter. `book/_static/book.js` leads there, by the list that such a page has.
"""

from __future__ import annotations

import json
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

OLD = Path(__file__).resolve().parent.parent / "old_anchors.toml"
MOVED = "moved"  # the one table that is not of a page


@cache
def _read() -> dict[str, Any]:
    return tomllib.loads(OLD.read_text(encoding="utf-8"))


def old_anchors() -> dict[str, dict[str, list[str]]]:
    """For each page: what stands there now, and its old names."""
    return {page: names for page, names in _read().items() if page != MOVED}


def moved_anchors(page: str) -> dict[str, str]:
    """What left a page for another chapter: its name, and the chapter."""
    moved = _read().get(MOVED, {"from": [], "to": {}})
    if page not in moved["from"]:
        return {}
    return {name: chapter for chapter, names in moved["to"].items() for name in names}


def name_again(document: nodes.document, old: dict[str, list[str]]) -> list[str]:
    """Give old names besides to what has new ones; what was not found."""
    there = {name: node for node in document.findall(nodes.Element) for name in node["ids"]}
    for now, names in old.items():
        if now in there:
            there[now]["ids"] += [name for name in names if name not in there]
    return [name for name in old if name not in there]


def _name_again(app: Sphinx, document: nodes.document, page: str) -> None:
    if app.builder.format != "html":
        return
    for name in name_again(document, old_anchors().get(Path(page).name, {})):
        logging.getLogger(__name__).warning(
            "%s: nothing is called %s, which %s gives old names", page, name, OLD.name
        )


def _say_what_moved(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    if moved := moved_anchors(Path(page).name):
        context["metatags"] += (
            f'\n<script type="application/json" id="moved-anchors">{json.dumps(moved)}</script>'
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("doctree-resolved", _name_again)
    app.connect("html-page-context", _say_what_moved)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
