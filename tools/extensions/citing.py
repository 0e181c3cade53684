"""How to cite: the directives `{cite-chapter}` and `{cite-book}`, and the version in the footer.

All of it comes from `CITATION.cff`, which `make publication` writes.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

ROOT = Path(__file__).resolve().parents[2]


def read(root: Path = ROOT) -> dict[str, Any]:
    """What CITATION.cff says."""
    return yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))


def bibtex(chapter: str = "", title: str = "", root: Path = ROOT, part: str = "") -> str:
    """The entry for a chapter, given its file's name and its title, or for the book."""
    cff = read(root)
    authors = " and ".join(
        f"{{{a['name']}}}" if "name" in a else f"{a['family-names']}, {a['given-names']}"
        for a in cff["authors"]
    )
    # the year of the release, and its version: statements keep their names from one to the next
    fields = {
        "title": title or cff["title"],
        **({"booktitle": cff["title"]} if chapter else {}),
        "author": authors,
        "year": str(cff["date-released"])[:4],
        "note": f"Version {cff['version']}",
    }
    if doi := cff.get("doi"):
        fields["doi"] = doi
    if site := cff.get("url"):
        fields["url"] = f"{site}book/{chapter}.html{part and f'#{part}'}" if chapter else site
    elif repository := cff.get("repository-code"):
        fields["url"] = repository
    kind, key = (
        ("incollection", f"golden_tickets_{chapter}{part and f'_{part}'}")
        if chapter
        else ("book", "golden_tickets")
    )
    width = max(map(len, fields))
    lines = [f"  {name:<{width}} = {{{value}}}" for name, value in fields.items()]
    return "\n".join([f"@{kind}{{{key},", ",\n".join(lines), "}"])


class CiteChapter(SphinxDirective):
    """BibTeX for the page on which it stands."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(ROOT / "CITATION.cff"))
        heading = next(self.state.document.findall(nodes.title)).astext()
        return _block("To cite this chapter:", bibtex(Path(self.env.docname).name, heading))


class CiteBook(SphinxDirective):
    """BibTeX for the book."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(ROOT / "CITATION.cff"))
        return _block("", bibtex())


def _block(words: str, entry: str) -> list[nodes.Node]:
    code = nodes.literal_block(entry, entry, language="bibtex")
    return [nodes.paragraph(words, words), code] if words else [code]


def _say_version(app: Sphinx, _config: Any) -> None:
    options = app.config.html_theme_options
    cff = read()
    words = f"Version {cff['version']} of {cff['date-released']}."
    options["extra_footer"] = f"{words} {options.get('extra_footer', '')}".strip()


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_directive("cite-chapter", CiteChapter)
    app.add_directive("cite-book", CiteBook)
    app.connect("config-inited", _say_version)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
