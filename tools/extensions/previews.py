"""What a link to a page shows elsewhere: `sphinxext-opengraph` takes its first sentences.

They are those of the text: captions and the line with the download are not, and formulas are
letters.
"""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

LETTERS = {
    r"\hat G": "Ĝ",
    r"\varepsilon": "ε",
    r"\varphi": "φ",
    r"\delta": "δ",
    r"\ell": "ℓ",
    r"\times": "×",
    r"\log": "log ",
}


def plain(tex: str) -> str:
    r"""A short formula as letters.

    >>> plain(r"\hat G"), plain(r"\log\frac1\varepsilon")
    ('Ĝ', 'log 1/ε')
    """
    for command, letter in LETTERS.items():
        tex = tex.replace(command, letter)
    tex = re.sub(r"\\t?frac\{?([^{}\\])\}?\{?([^{}\\])\}?", r"\1/\2", tex)
    return re.sub(r"[\\{}$]", "", tex)


def prepare(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """The page is written already: what its tree still serves for is the preview."""
    if doctree is None:
        return
    for link in list(doctree.findall(addnodes.download_reference)):
        if isinstance(link.parent, nodes.paragraph) and len(link.parent) == 1:
            link.parent.parent.remove(link.parent)
    for figure in list(doctree.findall(nodes.figure)):  # a caption says little without it
        figure.parent.remove(figure)
    for formula in list(doctree.findall(nodes.math)):
        formula.replace_self(nodes.Text(plain(formula.astext())))


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("html-page-context", prepare, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
