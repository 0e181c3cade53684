"""Lines break where a reader expects it: a name keeps its number, a formula what touches it.

A browser may break a line before and after every drawing, so also between a bracket and the formula
in it, if nothing forbids it. What forbids it is a letter without width, the word joiner, which
`book/_static/book.js` takes out of what is copied.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

JOINER = "\N{WORD JOINER}"
STAYS = "\N{NO-BREAK SPACE}"
NUMBERED = re.compile(r"\w+\.? \d+(\.\d+)*")
PERCENT = re.compile(r"(?:(?<=\d) ?|^ )(?=%)")

KEPT = nodes.FixedTextElement, nodes.literal, nodes.math, nodes.raw  # code and formulas


def touched(before: str, after: str) -> tuple[str, str]:
    """The texts before and after a formula, a joiner where one of them touches it.

    Examples
    --------
    >>> touched("as long (", ", so") == ("as long (" + JOINER, JOINER + ", so")
    True
    >>> touched("for all ", " of them")
    ('for all ', ' of them')
    """
    return (
        before if before[-1:].isspace() or not before else before + JOINER,
        after if after[:1].isspace() or not after else JOINER + after,
    )


class LineBreaks(SphinxPostTransform):
    """Forbid lines to break where they would look broken."""

    default_priority = 850  # references are resolved, numbers are in the text
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Go through formulas, names with numbers, and percentages."""
        for formula in list(self.document.findall(nodes.math)):
            place = formula.parent.index(formula)
            around = [formula.parent[i] if 0 <= i < len(formula.parent) else None
                      for i in (place - 1, place + 1)]  # fmt: skip
            texts = [str(node) if isinstance(node, nodes.Text) else "" for node in around]
            for node, old, new in zip(around, texts, touched(*texts), strict=True):
                if node is not None and old != new:
                    formula.parent.replace(node, nodes.Text(new))
        for reference in self.document.findall(nodes.reference):
            if NUMBERED.fullmatch(reference.astext()):
                reference["classes"].append("numbered-name")
        for text in list(self.document.findall(nodes.Text)):
            kept = isinstance(text.parent, KEPT)
            if not kept and (new := PERCENT.sub(STAYS, str(text))) != str(text):
                text.parent.replace(text, nodes.Text(new))


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_post_transform(LineBreaks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
