"""Names in code lead to the reference, by sphinx-codeautolink, with two things mended.

It counts the titles of sections, and the contents of `sphinx_proof` and `sphinx_exercise` are
sections without one. And what it finds while it reads a page it keeps from one build to the next
for .rst pages alone: as all pages are written in every build, a small change in one chapter would
take the links from the others.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx_codeautolink.extension.block import CodeBlockAnalyser  # type: ignore[import-untyped]

_KEPT = "sphinx_codeautolink_transforms"  # in the environment, which Sphinx itself keeps


def _depart_section(self: Any, node: nodes.section) -> None:
    if any(isinstance(child, nodes.title) for child in node):
        self.title_stack.pop()


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    CodeBlockAnalyser.depart_section = _depart_section
    app.setup_extension("sphinx_codeautolink")
    kept: dict[str, Any] = {}

    def remember(app: Sphinx) -> None:
        kept.update(getattr(app.env, _KEPT, {}))

    def give_back(app: Sphinx) -> None:
        found = getattr(app.env, _KEPT, {})
        found.update({name: links for name, links in kept.items() if name not in found})

    # sphinx-codeautolink itself, at 500, begins with what it has kept
    app.connect("builder-inited", remember, priority=400)
    app.connect("builder-inited", give_back, priority=600)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
