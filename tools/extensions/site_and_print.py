"""The same book on the site and in print: numbers, scripts, no downloads on paper."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform

SCRIPTS = {"<sub>": nodes.subscript, "<sup>": nodes.superscript}


class NoDownloads(SphinxTransform):
    """Offer downloads on the site only."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Take out the lines that hold a download and nothing else."""
        if self.app.builder.format != "latex":
            return
        for link in list(self.document.findall(addnodes.download_reference)):
            if isinstance(link.parent, nodes.paragraph) and len(link.parent) == 1:
                link.parent.parent.remove(link.parent)


class Scripts(SphinxPostTransform):
    """Make nodes of `<sub>` and `<sup>` in Markdown: as raw HTML the PDF would drop them."""

    default_priority = 500

    def run(self, **kwargs: Any) -> None:
        """Take the text between the two tags, which are neighbours of it."""
        for tag in list(self.document.findall(nodes.raw)):
            kind = SCRIPTS.get(tag.astext())
            if kind is None or tag.parent is None:
                continue
            at = tag.parent.index(tag)
            inner, end = tag.parent.children[at + 1 : at + 3]
            if end.astext() == tag.astext().replace("<", "</"):
                tag.parent[at : at + 3] = [kind("", "", inner)]


def _number_by_chapter(app: Sphinx) -> None:
    # Jupyter Book counts by section in the PDF: then no number would be that of the site
    app.config.numfig_secnum_depth = 1


def _note_numbers(app: Sphinx, error: Exception | None) -> None:
    # beside the LaTeX: TeX counts by itself, and `tools.pdf` compares
    if error is None and app.builder.format == "latex":
        numbers = {
            f"{page}:{name}": ".".join(map(str, number))
            for page, kinds in app.env.toc_fignumbers.items()
            for kind in ("figure", "table")
            for name, number in kinds.get(kind, {}).items()
        }
        Path(app.outdir, "numbers.json").write_text(json.dumps(numbers))


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_transform(NoDownloads)
    app.add_post_transform(Scripts)
    app.connect("builder-inited", _number_by_chapter, priority=900)
    app.connect("build-finished", _note_numbers)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
