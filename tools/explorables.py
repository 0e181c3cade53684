"""The directive `{explorable}`: a figure that runs in the page, without kernel or network.

Its argument names a script in `book/_static/explorables/`; its content is the caption. The script
builds the figure where JavaScript runs; elsewhere the page shows a still picture of it. Only pages
with such a figure load the scripts. Other formats have the caption and say where the figure is.

The stills are SVG made by the scripts themselves: `tests/test_explorables.py --write-stills`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

SCRIPTS = Path(__file__).resolve().parents[1] / "book" / "_static" / "explorables"
SHARED = ("lp.js", "ui.js")
ELSEWHERE = "Interactive figure, on the web page of this chapter: "
WITHOUT_SCRIPTS = "This figure is interactive where JavaScript runs; here is one moment of it."


class explorable(nodes.General, nodes.Element):  # type: ignore[misc]
    """The place of a figure; its children are the caption."""


class Explorable(SphinxDirective):
    """A place for one figure, with its caption."""

    required_arguments = 1
    has_content = True
    option_spec = {"name": directives.unchanged}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if not (SCRIPTS / f"{name}.js").is_file():
            raise self.error(f"{name}: there is no such script in {SCRIPTS.name}/")
        self.env.note_dependency(str(SCRIPTS / f"{name}.svg"))
        node = explorable(script=name)
        self.set_source_info(node)
        self.add_name(node)
        self.state.nested_parse(self.content, self.content_offset, node)
        return [node]


def visit_html(self: Any, node: explorable) -> None:
    """A figure that holds the still picture until the script replaces it."""
    name = node["script"]
    still = (SCRIPTS / f"{name}.svg").read_text(encoding="utf-8")
    self.body.append(
        self.starttag(node, "figure", CLASS="explorable", **{"data-explorable": name})
        + f'<div class="x-stage">\n<div class="x-still">{still}</div>\n'
        + f"<noscript><p>{WITHOUT_SCRIPTS}</p></noscript>\n</div>\n<figcaption>\n"
    )


def depart_html(self: Any, node: explorable) -> None:
    """Close what was opened."""
    self.body.append("</figcaption>\n</figure>\n")


def visit_latex(self: Any, node: explorable) -> None:
    """Say what is elsewhere; the caption follows."""
    self.body.append(f"\n\n\\textit{{{ELSEWHERE}}}")


def visit_text(self: Any, node: explorable) -> None:
    """The same in plain text."""
    self.new_state(0)
    self.add_text(ELSEWHERE)


def depart_latex(self: Any, node: explorable) -> None:
    """Nothing is open."""


def depart_text(self: Any, node: explorable) -> None:
    """Close what was opened."""
    self.end_state()


def load_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Ask for scripts and styles on the pages that need them."""
    names = dict.fromkeys(n["script"] for n in doctree.findall(explorable)) if doctree else {}
    if names:
        app.add_css_file("explorables/explorables.css")
        for script in (*SHARED, *(f"{name}.js" for name in names)):
            app.add_js_file(f"explorables/{script}", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_directive("explorable", Explorable)
    app.add_node(
        explorable,
        html=(visit_html, depart_html),
        latex=(visit_latex, depart_latex),
        text=(visit_text, depart_text),
    )
    app.connect("html-page-context", load_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
