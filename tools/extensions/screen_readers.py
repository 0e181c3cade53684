"""Pages without what confuses screen readers."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def mended(html: str) -> str:
    """A page without what confuses screen readers.

    Docutils calls the references a list, and what it holds no items.

    Examples
    --------
    >>> mended('<div role="list" class="citation-list"><div role="doc-biblioentry">')
    '<div class="citation-list"><div>'
    """
    html = html.replace('<div role="list" class="citation-list">', '<div class="citation-list">')
    return html.replace(' role="doc-biblioentry"', "")


def _mend(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    if "body" in context:
        context["body"] = mended(context["body"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("html-page-context", _mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
