"""One line in the box of a statement: what a machine decided, what breaks it, where to read more.

It comes from `lpbook/data/ledger.json`, which the ledger's test writes.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

from lpbook.ledger import LEDGER, recorded
from lpbook.ledger.core import KINDS, in_words
from lpbook.ledger.words import parts

NODES = {
    "text": nodes.Text,
    "code": lambda text: nodes.literal("", text),
    "formula": lambda text: nodes.math("", text),
    "sub": lambda text: nodes.subscript("", text),
    "sup": lambda text: nodes.superscript("", text),
}


def words(text: str) -> list[nodes.Node]:
    """Plain words with their indices and exponents, as nodes.

    Examples
    --------
    >>> [node.astext() for node in words("2^-58 δ")]
    ['2', '−58', '\xa0δ']
    """
    return [NODES[kind](piece) for kind, piece in parts(text)]


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
    kind = KINDS[entry["kind"]]
    reference += nodes.inline("", kind[0].upper() + kind[1:])
    paragraph += reference
    said = "; ".join([entry["summary"], *([in_words(entry["prose"])] if entry["prose"] else [])])
    paragraph += words(f": {said}. {entry['counterexample']}.")
    return paragraph


class CheckLines(SphinxTransform):
    """Add the line to every statement that is a claim."""

    default_priority = 10  # before references and their like are looked for

    def apply(self, **kwargs: Any) -> None:
        """Go through the boxes of a page."""
        boxes = [box for box in self.document.findall(nodes.Admonition) if "realtype" in box]
        if not boxes:
            return
        self.env.note_dependency(str(LEDGER))
        ledger = recorded()
        for box in boxes:
            if entry := ledger.get(box.get("label")):
                box.children[-1].append(line(box["label"], entry, self.env.docname))


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_transform(CheckLines)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
