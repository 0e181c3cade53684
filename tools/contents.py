"""The pages of the book in the order of reading, as `_toc.yml` lists them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import yaml


class Page(NamedTuple):
    """A page: its name, the chapter that it opens or goes on, and that chapter's number, if any."""

    name: str
    chapter: str
    number: int | None


class Part(NamedTuple):
    """A part of the book; what stands before all parts is one without a caption."""

    caption: str
    pages: list[Page]


def parts(root: Path) -> list[Part]:
    """All parts; chapters of numbered ones count through the book, further pages with theirs."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    first = Path(toc["root"]).name
    made = [Part("", [Page(first, first, None)])]
    count = 0
    for part in toc.get("parts", [toc]):
        numbered = part.get("numbered") or part.get("options", {}).get("numbered")
        made.append(Part(part.get("caption", ""), []))
        for entry in part.get("chapters", []):
            count += bool(numbered)
            chapter = Path(entry["file"]).name
            files = [entry["file"], *(further["file"] for further in entry.get("sections", []))]
            number = count if numbered else None
            made[-1].pages.extend(Page(Path(file).name, chapter, number) for file in files)
    return made


def contents(root: Path) -> list[Page]:
    """The pages of all parts."""
    return [page for part in parts(root) for page in part.pages]
