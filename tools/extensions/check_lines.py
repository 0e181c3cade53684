"""One line in the box of a statement: what a machine decided, what breaks it, where to read more.

It comes from `lpbook/data/ledger.json`, which the ledger's test writes.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from lpbook.ledger.core import KINDS, typeset

LEDGER = Path(__file__).resolve().parents[2] / "lpbook" / "data" / "ledger.json"
SCRIPT = re.compile(r"<(sub|sup)>(.*?)</\1>|`([^`]*)`")


def words(text: str) -> list[nodes.Node]:
    """Plain words with their indices and exponents, as nodes.

    Examples
    --------
    >>> [node.astext() for node in words("2^-58 δ")]
    ['2', '-58', ' δ']
    """
    found: list[nodes.Node] = []
    at, text = 0, typeset(text)
    for match in SCRIPT.finditer(text):
        found.append(nodes.Text(text[at : match.start()]))
        kind = {"sub": nodes.subscript, "sup": nodes.superscript, None: nodes.literal}[match[1]]
        inner = match[2] or match[3]
        found.append(kind("", inner))
        at = match.end()
    return [*found, nodes.Text(text[at:])]


def line(name: str, entry: dict[str, Any], docname: str) -> nodes.paragraph:
    """The line for one claim."""
    paragraph = nodes.paragraph(classes=["check-line"])
    reference = addnodes.pending_xref(
        "",
        refdomain="std",
        reftype="ref",
        reftarget=f"claim-{name}",
        refexplicit=True,
        refdoc=docname,
    )
    reference += nodes.inline("", KINDS[entry["kind"]].capitalize())
    paragraph += reference
    said = f": {entry['summary']}"
    if entry["prose"]:
        said += f"; in words {', '.join(entry['prose'])}"
    paragraph += nodes.Text(said + ". ")
    paragraph += words(f"{entry['counterexample']}.")
    return paragraph


class CheckLines(SphinxTransform):
    """Add the line to every statement that is a claim."""

    default_priority = 10  # before references and their like are looked for

    def apply(self, **kwargs: Any) -> None:
        """Go through the boxes of a page."""
        boxes = [box for box in self.document.findall(nodes.Admonition) if "realtype" in box]
        if not boxes or not LEDGER.exists():
            return
        self.env.note_dependency(str(LEDGER))
        ledger = json.loads(LEDGER.read_text(encoding="utf-8"))
        for box in boxes:
            if entry := ledger.get(box.get("label")):
                box.children[-1].append(line(box["label"], entry, self.env.docname))


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_transform(CheckLines)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
