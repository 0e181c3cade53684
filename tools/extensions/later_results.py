"""The directive `{later-results}`: the table of the results since 2020."""

from __future__ import annotations

from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from lpbook.experiments.later_results import RESULTS, later_results


def table_of_results() -> list[str]:
    """The table in MyST, line by line: who, what is new at what price, and where."""
    rows = [
        f"| {{cite:t}}`{result.key}` | {result.new}: {result.price} "
        f"| {{doc}}`{result.topic} <{result.page}>`: {result.here} |"
        for result in later_results()
    ]
    return [
        "```{table} What came since 2020",
        ":name: tab-later",
        "",
        "| who | what, and at what price | page |",
        "|---|---|---|",
        *rows,
        "```",
    ]


class LaterResults(SphinxDirective):
    """The table stands where the directive does."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(RESULTS))
        container = nodes.container()
        self.state.nested_parse(StringList(table_of_results(), str(RESULTS)), 0, container)
        return container.children


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_directive("later-results", LaterResults)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
