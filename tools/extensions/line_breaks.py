"""Lines break where a reader expects it: a name keeps its number, a formula what touches it.

A browser may break a line before and after every drawing, so also between a bracket and the formula
in it; a letter that forbids it elsewhere (the word joiner) does not forbid it there. So a formula
and what touches it are wrapped together (`.together` in `book/_static/book.css`).
"""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

STAYS = "\N{NO-BREAK SPACE}"
NUMBERED = re.compile(r"\w+\.? \d+(\.\d+)*")
PERCENT = re.compile(r"(?:(?<=\d) ?|^ )(?=%)")
KEPT = nodes.FixedTextElement, nodes.literal, nodes.math, nodes.raw  # code and formulas
SPACE = re.compile(r"([ \t\n]+)")


def together(children: list[nodes.Node]) -> list[nodes.Node]:
    """What stands in a paragraph, formulas wrapped with the signs that touch them.

    Examples
    --------
    >>> row = [nodes.Text("As long ("), nodes.math("", "x>1"), nodes.Text("), so")]
    >>> [node.astext() for node in together(row)]
    ['As long ', '(x>1),', ' so']
    >>> [type(node).__name__ for node in together([nodes.Text("of "), nodes.math("", "x")])]
    ['Text', 'math']
    """
    pieces: list[nodes.Node] = []
    for child in children:
        if isinstance(child, nodes.Text):
            pieces += [nodes.Text(words) for words in SPACE.split(child) if words]
        else:
            pieces.append(child)
    apart = (nodes.math, nodes.Text)
    found: list[nodes.Node] = []
    for joined, group in groupby(
        pieces, lambda piece: isinstance(piece, apart) and not piece.astext().isspace()
    ):
        row = list(group)
        if joined and len(row) > 1 and any(isinstance(piece, nodes.math) for piece in row):
            found.append(nodes.inline("", "", *row, classes=["together"]))
        else:
            found += row
    merged: list[nodes.Node] = []
    for is_text, group in groupby(found, lambda node: isinstance(node, nodes.Text)):
        row = list(group)
        merged += [nodes.Text("".join(map(str, row)))] if is_text else row
    return merged


class LineBreaks(SphinxPostTransform):
    """Forbid lines to break where they would look broken."""

    default_priority = 850  # references are resolved, numbers are in the text
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Go through names with numbers, percentages and formulas."""
        for reference in self.document.findall(nodes.reference):
            if NUMBERED.fullmatch(reference.astext()):
                reference["classes"].append("numbered-name")
        for text in list(self.document.findall(nodes.Text)):
            kept = isinstance(text.parent, KEPT)
            if not kept and (new := PERCENT.sub(STAYS, str(text))) != str(text):
                text.parent.replace(text, nodes.Text(new))
        formulas = list(self.document.findall(nodes.math))
        for parent in {id(formula.parent): formula.parent for formula in formulas}.values():
            children = list(parent.children)
            parent.clear()
            parent.extend(together(children))


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_post_transform(LineBreaks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
