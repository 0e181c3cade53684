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


def named(contents: str) -> str:
    """The list of contents, with a name for each arrow that opens the further pages of a chapter.

    Examples
    --------
    >>> named('<details><summary><span class="toctree-toggle">')
    '<details><summary aria-label="Further pages"><span class="toctree-toggle">'
    """
    arrow = '<summary><span class="toctree-toggle"'
    return contents.replace(
        arrow, arrow.replace("<summary>", '<summary aria-label="Further pages">')
    )


def _mend(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    if "body" in context:
        context["body"] = mended(context["body"])
    if make := context.get("generate_toctree_html"):
        context["generate_toctree_html"] = lambda *args, **kwargs: named(str(make(*args, **kwargs)))


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("html-page-context", _mend, priority=900)  # after the theme
    return {"parallel_read_safe": True, "parallel_write_safe": True}
