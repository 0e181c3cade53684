"""The code that draws a figure has an address, `code-fig-one-step`: the gallery leads there.

The script `book/_static/book.js` unfolds what the address leads to.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

PREFIX = "code-"


class FigureCells(SphinxPostTransform):
    """Name the input of each cell whose output is a figure."""

    default_priority = 800  # of the forms of an output one is left
    formats = ("html",)

    def run(self, **kwargs: Any) -> None:
        """Give it the figure's name."""
        for cell in self.document.findall(nodes.container):
            if "cell" not in cell["classes"]:
                continue
            names = [name for figure in cell.findall(nodes.figure) for name in figure["ids"][:1]]
            for part in cell.findall(nodes.container):
                if "cell_input" in part["classes"]:
                    part["ids"] += [PREFIX + name for name in names]


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_post_transform(FigureCells)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
