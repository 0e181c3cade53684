"""The directive `{claims}`: what the ledger's test wrote down about the claims of a chapter.

The argument is a chapter. Each claim appears with its statement, its kind, what it rests on, the
lines of its check, and what breaks it, all read from `lpbook/data/ledger.json`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

LEDGER = Path(__file__).resolve().parents[1] / "lpbook" / "data" / "ledger.json"


def rendered(name: str, entry: Mapping[str, Any], ledger: Mapping[str, Any]) -> str:
    """One claim in MyST: its statement in sight, its check folded."""
    rests_on = ", ".join(
        f"{{prf:ref}}`{use}`" if use in ledger else f"{{cite:t}}`{use}`" for use in entry["uses"]
    )
    lines = [
        f"{i}. {words}" + (f": ${formula}$" if formula else "")
        for i, (words, formula) in enumerate(entry["steps"], start=1)
    ]
    return "\n".join(
        [
            f"{{prf:ref}}`{name}`, **{entry['title']}** (*{entry['kind']}*, `{name}`)",
            "",
            entry["statement"],
            "",
            f"Source: {entry['source']}. " + (f"Rests on: {rests_on}." if rests_on else ""),
            "",
            "````{admonition} How it is checked, and what breaks it",
            ":class: dropdown",
            "",
            *lines,
            "",
            f"*Broken*: {entry['counterexample']}.",
            "````",
            "",
        ]
    )


class Claims(SphinxDirective):
    """The claims of one chapter, in the order of the ledger."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(LEDGER))
        ledger = json.loads(LEDGER.read_text(encoding="utf-8"))
        mine = {name: e for name, e in ledger.items() if e["chapter"] == self.arguments[0]}
        if not mine:
            raise self.error(f"{self.arguments[0]}: the ledger knows no claims of this chapter")
        text = "\n".join(rendered(name, entry, ledger) for name, entry in mine.items())
        container = nodes.container(classes=["claims"])
        self.state.nested_parse(StringList(text.split("\n"), str(LEDGER)), 0, container)
        return [container]


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_directive("claims", Claims)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
