"""Typeset the book as one PDF: `python -m tools.pdf`.

Sphinx writes LaTeX, with figures as vectors, and XeLaTeX sets it until all references stand. An
undefined reference or an error of TeX fails the build.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from pathlib import Path

from tools.book import ROOT
from tools.environment import kernel_environment

NAME = "golden-tickets"
NEEDED = """\
To typeset the book, TeX is needed: the programs xelatex, latexmk and makeindex, with the packages
of TeX Live that Sphinx uses. On Debian and Ubuntu:

    apt-get install latexmk texlive-xetex texlive-latex-extra texlive-fonts-recommended \\
        texlive-plain-generic lmodern tex-gyre fonts-freefont-otf

On macOS install MacTeX, on Windows TeX Live or MiKTeX in full.
"""
# Sphinx's class asks for a package of blackboard letters, a gigabyte of fonts on some systems;
# the book uses none of its letters.
NO_BBM = "\\ProvidesPackage{bbm}\n\\providecommand{\\mathbbm}[1]{\\mathbb{#1}}\n"
# Letters that the fonts of TeX do not have.
ABSENT = {"ₙ": r"\textsubscript{n}", "ₜ": r"\textsubscript{t}"}
COMPLAINT = re.compile(
    r"^(?:! .*|LaTeX Warning: (?:Hyper r|R)eference .*?undefined.*?|Missing character: .*)$",
    re.MULTILINE,
)


def missing() -> list[str]:
    """Programs that are needed and not there."""
    return [name for name in ("xelatex", "latexmk", "makeindex") if shutil.which(name) is None]


def complaints(log: str) -> list[str]:
    """What is wrong according to the log of the last run of TeX.

    Examples
    --------
    >>> complaints("! Undefined control sequence.\\nOverfull box")
    ['! Undefined control sequence.']
    """
    return sorted(set(COMPLAINT.findall(log)))


def build(root: Path = ROOT) -> int:
    """Write the LaTeX, set it, and leave the PDF in `_build`; the exit code."""
    if absent := missing():
        print(f"Not installed: {', '.join(absent)}\n\n{NEEDED}", file=sys.stderr)
        return 2
    output = root / "_build" / "pdf"
    shutil.rmtree(output, ignore_errors=True)
    program = Path(sys.executable).with_name("jupyter-book")
    command = [str(program), "build", str(root), "--builder", "latex", "--path-output", str(output)]
    with kernel_environment(figures="pdf") as environment:
        environment["SOLUTIONS"] = "1"
        written = subprocess.run([*command, "-W", "--keep-going"], cwd=root, env=environment)
    if written.returncode:
        return written.returncode
    folder = output / "_build" / "latex"
    if subprocess.run(["kpsewhich", "bbm.sty"], capture_output=True).returncode:
        (folder / "bbm.sty").write_text(NO_BBM)
    source = folder / f"{NAME}.tex"
    text = source.read_text(encoding="utf-8")
    for letter, instead in ABSENT.items():
        text = text.replace(letter, instead)
    source.write_text(text, encoding="utf-8")
    subprocess.run(
        ["latexmk", "-xelatex", "-interaction=nonstopmode", "-silent", source.name],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    log = (folder / f"{NAME}.log").read_text(encoding="utf-8", errors="replace")
    wrong = complaints(log)
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
