"""The directive `{explorable}`: a figure that runs in the page, without kernel or network.

Its argument names a script in `book/_static/explorables/`; its content, one paragraph, is the
caption. The script builds the figure where JavaScript runs; elsewhere the page shows a still
picture of it. Only pages with such a figure load the scripts. It is numbered as all figures are.

The role `{part}` marks words that light up a part of such a figure, and are lit up by it:
``{part}`many random neurons <idea samples>` `` names the script and the part. Without scripts they
lead to the figure.

The stills are SVG made by the scripts themselves, by `tests/book/test_explorables.py
--write-stills`. For the typeset book `tools.stills` draws them as PDF.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective, SphinxRole

SCRIPTS = Path(__file__).resolve().parents[2] / "book" / "_static" / "explorables"
SHARED = ("lp.js", "ui.js")
DATA = {"draw": ("draw-data.js",)}
"""Scripts that a figure needs before its own."""
ELSEWHERE = "One moment of an interactive figure. It runs on the site of the book, at"
WITHOUT_SCRIPTS = "This figure is interactive where JavaScript runs; here is one moment of it."


def scripts_of(name: str) -> tuple[str, ...]:
    """The scripts that a figure needs, in the order in which they are loaded."""
    return (*SHARED, *DATA.get(name, ()), f"{name}.js")


class explorable(nodes.figure):  # type: ignore[misc]
    """The place of a figure; its child is the caption."""


class part(nodes.inline):  # type: ignore[misc]
    """Words that belong to a part of a figure."""


class Part(SphinxRole):
    """Words, and in angle brackets the script and the part."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        match = re.fullmatch(r"(.+?)\s*<(\w+) (\w+)>", self.text, re.DOTALL)
        if match is None:
            message = self.inliner.reporter.error(
                f"{self.text}: a part is written `words <script part>`", line=self.lineno
            )
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        words, script, name = match.groups()
        return [part(self.rawtext, words, script=script, part=name)], []


class Explorable(SphinxDirective):
    """A place for one figure, with its caption."""

    required_arguments = 1
    has_content = True
    option_spec = {  # noqa: RUF012
        "name": directives.unchanged,
        "title": directives.unchanged,
        "wide": directives.flag,
    }

    def run(self) -> list[nodes.Node]:
        name = self.arguments[0]
        if not (SCRIPTS / f"{name}.js").is_file():
            raise self.error(f"{name}: there is no such script in {SCRIPTS.name}/")
        self.env.note_dependency(str(SCRIPTS / f"{name}.svg"))
        words = nodes.Element()
        self.state.nested_parse(self.content, self.content_offset, words)
        if "name" not in self.options or [type(part) for part in words] != [nodes.paragraph]:
            raise self.error("an explorable has a name and one paragraph, its caption")
        caption = nodes.caption(words[0].rawsource, "", *words[0].children)
        caption.source, caption.line = words[0].source, words[0].line
        node = explorable("", caption, script=name, page=self.env.docname)
        node["title"] = self.options.get("title", "Try it")  # shown where scripts run
        node["wide"] = "wide" in self.options  # as wide as the page, not as the text
        self.set_source_info(node)
        self.add_name(node)
        return [node]


def visit_html(self: Any, node: explorable) -> None:
    """A figure that holds the still picture until the script replaces it."""
    name = node["script"]
    still = (SCRIPTS / f"{name}.svg").read_text(encoding="utf-8")
    self.body.append(
        self.starttag(
            node,
            "figure",
            CLASS="explorable x-wide" if node["wide"] else "explorable",
            **{"data-explorable": name, "data-title": node["title"]},
        )
        + f'<div class="x-stage">\n<div class="x-still">{still}</div>\n'
        + f"<noscript><p>{WITHOUT_SCRIPTS}</p></noscript>\n</div>\n"  # the caption opens itself
    )


def depart_html(self: Any, node: explorable) -> None:
    """Close what was opened."""
    self.body.append("</figure>\n")


def visit_latex(self: Any, node: explorable) -> None:
    """The still as a figure; the caption says where it runs."""
    place = f"{node['page']}.html#{node['names'][0]}"
    node[0].extend([nodes.Text(f" {ELSEWHERE} "), nodes.literal(place, place), nodes.Text(".")])
    self.visit_figure(node)
    self.body.append(f"\\noindent\\sphinxincludegraphics{{{{{node['script']}}}.pdf}}\n")


def depart_latex(self: Any, node: explorable) -> None:
    """Close what was opened."""
    self.depart_figure(node)


def visit_text(self: Any, node: explorable) -> None:
    """In plain text: where it runs."""
    self.new_state(0)
    self.add_text(f"{ELSEWHERE} {node['page']}.html#{node['names'][0]}.")


def depart_text(self: Any, node: explorable) -> None:
    """Close what was opened."""
    self.end_state()


def visit_part(self: Any, node: part) -> None:
    """A link to the figure, whose script looks for it."""
    place, name = f"#explorable-{node['script']}", node["part"]
    self.body.append(
        self.starttag(node, "a", "", CLASS="x-word", href=place, **{"data-part": name})
    )


def depart_part(self: Any, node: part) -> None:
    """Close what was opened."""
    self.body.append("</a>")


def leave_alone(self: Any, node: part) -> None:
    """Words are words."""


def load_scripts(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Ask for scripts and styles on the pages that need them."""
    names = dict.fromkeys(n["script"] for n in doctree.findall(explorable)) if doctree else {}
    if names:
        app.add_css_file("explorables/explorables.css")
        for script in dict.fromkeys(script for name in names for script in scripts_of(name)):
            app.add_js_file(f"explorables/{script}", loading_method="defer")


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_directive("explorable", Explorable)
    app.add_role("part", Part())
    plain = (leave_alone, leave_alone)
    app.add_node(part, html=(visit_part, depart_part), latex=plain, text=plain)
    app.add_enumerable_node(
        explorable,
        "figure",
        html=(visit_html, depart_html),
        latex=(visit_latex, depart_latex),
        text=(visit_text, depart_text),
    )
    # before the previews take the figures out of the tree
    app.connect("html-page-context", load_scripts, priority=300)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
