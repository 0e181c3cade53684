"""Take the statements out of the chapters: `python -m tools.statements`.

Each numbered statement is written once, in its chapter. What the ledger, the page of claims and the
package need of it is written to `lpbook/data/statements.json`; a test holds both equal.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools import anchors
from tools.book import ROOT
from tools.markdown import FORMULA, LABELLED_MATH, STATEMENTS, Converter, boxes
from tools.notebooks import chapters, survey

DATA = Path("lpbook") / "data" / "statements.json"


def statements(root: Path = ROOT) -> dict[str, dict[str, Any]]:
    """By name, in the order of the book: chapter, kind, title, text, formulas with their labels."""
    pages = chapters(root)
    book = survey(root, pages)
    found: dict[str, dict[str, Any]] = {}
    for chapter, page in pages.items():
        converter = Converter(book, chapter)
        for cell in page.cells:
            if cell.cell_type != "markdown":
                continue
            for name, argument, options, body in boxes(cell.source.split("\n")):
                kind = name.removeprefix("prf:")
                if kind not in STATEMENTS or "label" not in options:
                    continue
                text = "\n".join(body).strip()
                found[options["label"]] = {
                    "chapter": chapter,
                    "kind": kind,
                    "title": argument.removeprefix("★").strip(),
                    "own": argument.startswith("★"),
                    "statement": converter.convert(text),
                    "formulas": _formulas(text),
                }
    return found


def _formulas(text: str) -> list[tuple[str, str]]:
    labels = {" ".join(m["body"].split()): m["label"] for m in LABELLED_MATH.finditer(text)}
    found = []
    for match in FORMULA.finditer(text):
        if match["formula"]:
            tex = " ".join(match["formula"].strip("$").split())
            found.append((labels.get(tex, ""), tex))
    return found


def main() -> int:
    """Write the file."""
    content = json.dumps(statements(), indent=1, ensure_ascii=False) + "\n"
    (ROOT / DATA).write_text(content, encoding="utf-8")
    anchors.record()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
