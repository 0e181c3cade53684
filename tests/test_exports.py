"""Figures for slides, and the PDF: what can be checked without TeX."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import figures, pdf
from tools.book import ROOT


def test_figures_are_saved_as_svg_and_pdf(tmp_path: Path) -> None:
    files = figures.export(tmp_path, ["index"])
    assert [f.relative_to(tmp_path).as_posix() for f in files] == [
        "index/fig-whole-idea.svg",
        "index/fig-whole-idea.pdf",
    ]
    assert files[0].read_text().lstrip().startswith("<?xml")
    assert files[1].read_bytes().startswith(b"%PDF")


def test_unknown_chapter_is_named(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="no chapter of the book: silver"):
        figures.export(tmp_path, ["silver"])


def test_missing_tex_is_said_with_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert pdf.build(ROOT) == 2
    said = capsys.readouterr().err
    assert "Not installed: xelatex, latexmk, makeindex" in said
    assert "apt-get install" in said


def test_complaints_of_tex_fail_the_build() -> None:
    log = (
        "! Undefined control sequence.\nOverfull hbox\n"
        "LaTeX Warning: Reference `a' on page 1 undefined on input line 2.\n"
        "LaTeX Warning: Hyper reference `b' on page 1 undefined on input line 2.\n"
        "Missing character: There is no x in font y\n"
    )
    assert len(pdf.complaints(log)) == 4
    assert pdf.complaints("Overfull hbox\nLaTeX Warning: Float too large") == []
