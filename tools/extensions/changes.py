"""A feed of the changes: `changes.xml`, in the Atom format, an entry for each release.

It is made from `CHANGELOG.md`, as the page *What changed* is, where the site has an address
(`html_baseurl`): without one there is neither a feed nor a link to it.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from sphinx.application import Sphinx

from tools.announced import Change, changelog
from tools.extensions.citing import read

FEED = "changes.xml"
PAGE = "book/changes.html"
SPACE = "http://www.w3.org/2005/Atom"
DATE = re.compile(r"\d{4}-\d\d-\d\d")


def feed(changes: list[Change], title: str, authors: list[str], address: str) -> str:
    """The feed as XML, the newest release first as in the changelog."""
    entries = [change for change in changes if DATE.fullmatch(change.when)]
    root = ElementTree.Element("feed", xmlns=SPACE)

    def add(parent: ElementTree.Element, name: str, text: str = "", **attributes: str) -> None:
        ElementTree.SubElement(parent, name, attributes).text = text or None

    add(root, "id", f"{address}{FEED}")
    add(root, "title", f"{title}: what changed")
    add(root, "updated", f"{max((date for _, date, _ in entries), default='1970-01-01')}T00:00:00Z")
    add(root, "link", rel="self", href=f"{address}{FEED}")
    add(root, "link", rel="alternate", href=f"{address}{PAGE}")
    for name in authors:
        author = ElementTree.SubElement(root, "author")
        add(author, "name", name)
    for version, date, text in entries:
        entry = ElementTree.SubElement(root, "entry")
        add(entry, "id", f"{address}v/{version}/")
        add(entry, "title", f"{title} {version}")
        add(entry, "updated", f"{date}T00:00:00Z")
        add(entry, "link", rel="alternate", href=f"{address}{PAGE}")
        add(entry, "content", text, type="text")
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, "unicode") + "\n"


def _write(app: Sphinx, error: Exception | None) -> None:
    address = app.config.html_baseurl
    if error is None and app.builder.format == "html" and address:
        names = [
            a.get("name") or f"{a['given-names']} {a['family-names']}" for a in read()["authors"]
        ]
        text = feed(changelog(Path(app.confdir)), app.config.ogp_site_name, names, address)
        Path(app.outdir, FEED).write_text(text, encoding="utf-8")


def _announce(
    app: Sphinx, page: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    if app.config.html_baseurl:
        place = "../" * page.count("/") + FEED
        context["metatags"] += (
            '\n<link rel="alternate" type="application/atom+xml" title="What changed" '
            f'href="{place}" />'
        )


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("build-finished", _write)
    app.connect("html-page-context", _announce, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
