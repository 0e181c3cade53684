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


def contents(root: Path) -> list[Page]:
    """All pages; chapters of numbered parts count through the book, further pages with theirs."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    first = Path(toc["root"]).name
    found = [Page(first, first, None)]
    count = 0
    for part in toc.get("parts", [toc]):
        numbered = part.get("numbered") or part.get("options", {}).get("numbered")
        for entry in part.get("chapters", []):
            count += bool(numbered)
            chapter = Path(entry["file"]).name
            files = [entry["file"], *(further["file"] for further in entry.get("sections", []))]
            number = count if numbered else None
            found += [Page(Path(file).name, chapter, number) for file in files]
    return found
