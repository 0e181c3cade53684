"""The formal statement of a claim: a badge and a fold in the box of the statement.

`{formal-theorems}` lists the theorems by claim.

It comes from `lpbook/data/formal.json`, which is taken from the files in `proofs/`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from html import escape
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.util.docutils import SphinxDirective

from lpbook.ledger import claims
from lpbook.ledger.formal import SAYS, formal


def has_proof_pages() -> bool:
    """Whether the site has pages of the proofs: Coq was there when it was built."""
    return os.environ.get("PROOF_PAGES") == "1"


def address(theorem: Mapping[str, str]) -> str:
    """Where the site has a theorem with its proof, if it has such pages.

    Examples
    --------
    >>> address(formal()["digits-suffice"][0])
    'proofs/GoldenTickets.Golden_ratio.html#digits_suffice'
    """
    return f"proofs/GoldenTickets.{theorem['file'].removesuffix('.v')}.html#{theorem['theorem']}"


def linked(text: str, theorem: Mapping[str, str]) -> str:
    """A text in HTML or Markdown as a link to a theorem, if the site has its page.

    Examples
    --------
    >>> linked("proof", formal()["digits-suffice"][0])
    'proof'
    """
    return f'<a href="../{address(theorem)}">{text}</a>' if has_proof_pages() else text


def noted(words: str) -> str:
    """A comment of Coq in Markdown: its brackets are code.

    Examples
    --------
    >>> noted("for any number [M] of samples")
    'for any number `M` of samples'
    """
    return words.replace("[[", "\0").replace("[", "`").replace("]", "`").replace("\0", "`[")


def said(words: str) -> str:
    """Where a formal statement differs from the book's: a paragraph in HTML, "" without words.

    Examples
    --------
    >>> said("events are counted from 0; with [n sqrt n].")
    '<p>Events are counted from 0; with <code>n sqrt n</code>.</p>'
    """
    marked = re.sub("`(.+?)`", r"<code>\1</code>", escape(noted(words[:1].upper() + words[1:])))
    return f"<p>{marked}</p>" if words else ""


def line(claim: str, docname: str) -> list[nodes.Node]:
    """The badge for the box of a statement, and its formal statements in a fold."""
    theorems = formal()[claim]
    paragraph = nodes.paragraph(classes=["formal-line"])
    reference = addnodes.pending_xref(
        "",
        refdomain="std",
        reftype="ref",
        reftarget=f"claim-{claim}",
        refexplicit=True,
        refdoc=docname,
    )
    says = SAYS[theorems[0]["covers"]]
    reference += nodes.inline("", says[0].upper() + says[1:])
    paragraph += reference
    paragraph += nodes.Text(" as ")
    paragraph += nodes.literal("", theorems[0]["theorem"])
    paragraph += nodes.Text(".")
    statements = "".join(
        said(theorem["words"])
        + f"<pre>{escape(theorem['statement'])}</pre>"
        + (f"<p>{linked('With its proof', theorem)}</p>" if has_proof_pages() else "")
        for theorem in theorems
    )
    html = f'<details class="formal"><summary>Formal statement</summary>{statements}</details>'
    return [paragraph, nodes.raw("", html, format="html")]


class FormalLines(SphinxTransform):
    """Add badge and fold to every statement that has a theorem."""

    default_priority = 11  # after the line of the check

    def apply(self, **kwargs: Any) -> None:
        """Go through the boxes of a page."""
        for box in list(self.document.findall(nodes.Admonition)):
            if "realtype" in box and box.get("label") in formal():
                box.children[-1].extend(line(box["label"], self.env.docname))


def table() -> str:
    """The theorems in the order of the book: how much of a claim they are, and where they stand."""
    rows = [
        f"| {{prf:ref}}`{claim}` | {found['covers']} | "
        + linked(f"`{found['theorem']}`", found)
        + f" | {{download}}`{found['file']} <../proofs/{found['file']}>` |"
        for claim in claims
        for found in formal().get(claim, [])
    ]
    return "\n".join(["| statement | covered | theorem | file |", "|---|---|---|---|", *rows, ""])


class FormalTheorems(SphinxDirective):
    """A table of the formal theorems."""

    def run(self) -> list[nodes.Node]:
        container = nodes.container(classes=["claims"])
        self.state.nested_parse(StringList(table().split("\n"), "formal.json"), 0, container)
        return [container]


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx; all pages are read again where proofs have pages now, or no longer."""
    app.add_config_value("proof_pages", has_proof_pages(), "env")
    app.add_directive("formal-theorems", FormalTheorems)
    app.add_transform(FormalLines)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
