"""The directive `{filter}`: a box and chips that choose what of a long list is shown.

Its argument names the list: `claims`, `api` or `gallery`. The script
`book/_static/filter/filter.js` fills the place; without it there is nothing but the list in
full. Only pages with a filter load it.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

LISTS = ("claims", "api", "gallery")


class filter_place(nodes.General, nodes.Element):  # type: ignore[misc]
    """Where the script puts the filter."""


class Filter(SphinxDirective):
    """A place for the filter of the list of this page."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if name not in LISTS:
            raise self.error(f"{name}: there is a filter of {', of '.join(LISTS)} only")
        return [filter_place("", list=name)]


def visit_html(self: Any, node: filter_place) -> None:
    """An empty box that says which list is its own."""
    self.body.append(
        self.starttag(node, "div", "", CLASS="filter", **{"data-filter": node["list"]})
    )


def depart_html(self: Any, node: filter_place) -> None:
    """Close what was opened."""
    self.body.append("</div>\n")


def skip(self: Any, node: filter_place) -> None:
    """On paper there is nothing to choose."""
    raise nodes.SkipNode


def load_script(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Ask for script and styles on the pages that need them."""
    if doctree is not None and next(iter(doctree.findall(filter_place)), None) is not None:
        app.add_css_file("filter/filter.css")
        app.add_js_file("filter/filter.js", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_directive("filter", Filter)
    app.add_node(
        filter_place,
        html=(visit_html, depart_html),
        latex=(skip, None),
        text=(skip, None),
    )
    app.connect("html-page-context", load_script)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
