"""Typeset the book as one PDF: `python -m tools.pdf`.

Sphinx writes LaTeX, with figures as vectors, and XeLaTeX sets it until all references stand. An
undefined reference or an error of TeX fails the build.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

from tools.book import ROOT, run_sphinx
from tools.extensions.citing import read
from tools.fonts import PACKAGE, PRINT
from tools.machine import RENDERER, TYPESETTER
from tools.stills import PROGRAM, save_all

NAME = "golden-tickets"
LOOK = Path(__file__).with_name("book.tex")
NEEDED = f"""\
To typeset the book, TeX is needed: the programs xelatex, latexmk and makeindex, with the packages
of TeX Live that Sphinx uses; and rsvg-convert of librsvg, for the interactive figures. On Debian
and Ubuntu:

    apt-get install {" ".join((*TYPESETTER.packages, *RENDERER.packages))}

On macOS install MacTeX, on Windows TeX Live or MiKTeX in full, and librsvg.
"""
# Sphinx's class asks for a package of blackboard letters, a gigabyte of fonts on some systems. The
# book uses none of its letters: this stands in for it everywhere.
NO_BBM = "\\ProvidesPackage{bbm}\n\\providecommand{\\mathbbm}[1]{\\mathbb{#1}}\n"
COMPLAINT = re.compile(
    r"^(?:! .*|LaTeX Warning: (?:Hyper r|R)eference .*?undefined.*?|Missing character: .*)$",
    re.MULTILINE,
)


WIDE = re.compile(r"^Overfull \\hbox \((\d+\.\d+)pt too wide\).*$", re.MULTILINE)
TOLERATED = 10.0  # points beyond the margin, which are no more than a letter or two
LABEL = re.compile(r"^\\newlabel\{([^{}]+)\}\{\{([\d.]*)\}", re.MULTILINE)


def missing() -> list[str]:
    """Programs that are needed and not there."""
    needed = ("xelatex", "latexmk", "makeindex", PROGRAM)
    return [name for name in needed if shutil.which(name) is None]


def complaints(log: str) -> list[str]:
    """What is wrong according to the log of the last run of TeX.

    Examples
    --------
    >>> complaints("! Undefined control sequence.\\nOverfull box")
    ['! Undefined control sequence.']
    """
    wide = [m[0] for m in WIDE.finditer(log) if float(m[1]) > TOLERATED]
    return sorted({*COMPLAINT.findall(log), *wide})


def renumbered(aux: str, numbers: dict[str, str]) -> list[str]:
    """Figures and tables that TeX numbers otherwise than the site.

    Examples
    --------
    >>> renumbered("\\\\newlabel{book/a:fig}{{2}{7}}", {"book/a:fig": "1.2"})
    ['book/a:fig is 2, on the site 1.2']
    """
    found = dict(LABEL.findall(aux))
    return [
        f"{label} is {found.get(label, 'absent')}, on the site {number}"
        for label, number in sorted(numbers.items())
        if found.get(label) != number
    ]


def symbols() -> set[str]:
    """Characters that the face of signs has because another one lacks them."""
    cmap = TTFont(PRINT / "TicketSymbols-Regular.ttf").getBestCmap()
    return {chr(point) for point in cmap if point > 0x7F}


def prepared(text: str, citation: dict[str, Any]) -> str:
    """The LaTeX of Sphinx with the look of the book, its letters and its numbers."""
    absent = "".join(f"\\booksymbol{{{sign}}}" for sign in sorted(set(text) & symbols()))
    # sphinx_exercise labels exercises by their names alone
    for name in re.findall(r"\\label\{exercise:([^{}]+)\}", text):
        text = re.sub(
            rf"(\\hyperref\[\\detokenize\{{)[^{{}}:]+:({re.escape(name)}\}})",
            r"\1exercise:\2",
            text,
        )
    title, _, subtitle = citation["title"].partition(": ")
    names = [
        a.get("name") or f"{a['given-names']} {a['family-names']}" for a in citation["authors"]
    ]
    words = {
        "booktitle": title,
        "booksubtitle": subtitle[:1].upper() + subtitle[1:],
        "bookauthors": ", ".join(names),
        "bookversion": citation["version"],
        "bookyear": str(citation["date-released"])[:4],
    }
    words["bookabsent"] = absent
    macros = "".join(f"\\newcommand{{\\{name}}}{{{value}}}\n" for name, value in words.items())
    for old, new in {
        # by chapter, as on the site; with parts, Sphinx counts one level too high
        "numfigreset=0": "numfigreset=1",
        "\\begin{document}": f"{macros}\\input{{{LOOK.name}}}\n\\begin{{document}}",
    }.items():
        if text.count(old) != 1:
            raise ValueError(f"Sphinx writes another LaTeX: {old} is there {text.count(old)} times")
        text = text.replace(old, new)
    return text


def build(root: Path = ROOT) -> int:
    """Write the LaTeX, set it, and leave the PDF in `_build`; the exit code."""
    if absent := missing():
        print(f"Not installed: {', '.join(absent)}\n\n{NEEDED}", file=sys.stderr)
        return 2
    output = root / "_build" / "pdf"
    shutil.rmtree(output, ignore_errors=True)
    code = run_sphinx(root, "--builder", "latex", "--path-output", str(output), figures="pdf")
    if code:
        return code
    folder = output / "_build" / "latex"
    (folder / "bbm.sty").write_text(NO_BBM)
    save_all(folder)
    shutil.copy(LOOK, folder)
    for font in (*PACKAGE.glob("*.ttf"), *PRINT.glob("*.ttf")):
        shutil.copy(font, folder)
    source = folder / f"{NAME}.tex"
    source.write_text(prepared(source.read_text(encoding="utf-8"), read(root)), encoding="utf-8")
    subprocess.run(
        ["latexmk", "-xelatex", "-interaction=nonstopmode", "-silent", source.name],
        cwd=folder,
        env=os.environ | {"max_print_line": "1000"},  # or the log breaks its lines
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    log = (folder / f"{NAME}.log").read_text(encoding="utf-8", errors="replace")
    aux = (folder / f"{NAME}.aux").read_text(encoding="utf-8", errors="replace")
    numbers = json.loads((folder / "numbers.json").read_text())
    wrong = complaints(log) + renumbered(aux, numbers)
    for line in wrong:
        print(line, file=sys.stderr)
    if wrong or not (folder / f"{NAME}.pdf").exists():
        print(f"\nThe PDF was NOT built: see {folder / NAME}.log", file=sys.stderr)
        return 1
    target = root / "_build" / f"{NAME}.pdf"
    shutil.copy(folder / f"{NAME}.pdf", target)
    print(f"\nThe book is in {target}")
    return 0


def main() -> int:
    """Command line."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    return build()


if __name__ == "__main__":
    raise SystemExit(main())
