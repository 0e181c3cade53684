"""The role `{minutes}`: how long a chapter takes to read, by the rule of `tools/reading_time.py`.

``{minutes}`malach` `` becomes “25 + 20”: its page, and after the plus its further pages.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from tools.book import ROOT
from tools.reading_time import of_chapter


class Minutes(SphinxRole):
    """The minutes of a chapter."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        try:
            words = of_chapter(ROOT, self.text)
        except KeyError:
            message = self.inliner.reporter.error(f"{self.text}: no such chapter", line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        for path in (ROOT / "book").glob(f"{self.text}*.md"):
            self.env.note_dependency(str(path))
        return [nodes.Text(words)], []


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_role("minutes", Minutes())
    return {"parallel_read_safe": True, "parallel_write_safe": True}
