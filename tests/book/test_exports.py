"""Figures for slides, and the PDF: what can be checked without TeX."""

from __future__ import annotations

from pathlib import Path

import pytest
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from tools import figures, pdf
from tools.book import ROOT
from tools.extensions import citing


@pytest.mark.slow
def test_figures_are_saved_as_svg_and_pdf(tmp_path: Path) -> None:
    files = figures.export(tmp_path, ["index"])
    names = ("whole-idea", "lowest-digits", "equal-areas", "price")
    assert [f.relative_to(tmp_path).as_posix() for f in files] == [
        f"index/fig-{name}.{kind}" for name in names for kind in ("svg", "pdf")
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


def test_lines_far_beyond_the_margin_fail_the_build() -> None:
    line = "Overfull \\hbox ({}pt too wide) in paragraph at lines 1--2"
    assert pdf.complaints(line.format("10.01")) == [line.format("10.01")]
    assert pdf.complaints(line.format("9.99")) == []


def test_numbers_that_are_not_the_site_s_fail_the_build() -> None:
    aux = "\\newlabel{book/a:fig}{{1.2}{7}{}{figure.1}{}}\n"
    assert pdf.renumbered(aux, {"book/a:fig": "1.2"}) == []
    assert pdf.renumbered(aux, {"book/a:fig": "1.1"}) == ["book/a:fig is 1.2, on the site 1.1"]
    assert pdf.renumbered(aux, {"book/b:tab": "3"}) == ["book/b:tab is absent, on the site 3"]


def test_latex_gets_title_numbers_and_links() -> None:
    text = (
        "\\usepackage[,numfigreset=0]{sphinx}\n\\begin{document}\nxₙ\n"
        "\\label{exercise:ex}\\hyperref[\\detokenize{book/a:ex}]\\hyperref[\\detokenize{book/a:eq}]"
    )
    written = pdf.prepared(text, citing.read())
    assert "\\newcommand{\\booktitle}{Golden Tickets}" in written
    assert "\\newcommand{\\bookversion}{" + citing.read()["version"] in written
    assert "numfigreset=1" in written
    assert "\\newcommand{\\bookabsent}{\\booksymbol{ₙ}}" in written
    assert "xₙ" in written
    assert "\\hyperref[\\detokenize{exercise:ex}]\\hyperref[\\detokenize{book/a:eq}]" in written
    with pytest.raises(ValueError, match="numfigreset=0 is there 0 times"):
        pdf.prepared("\\begin{document}", citing.read())


CHAPTER = """\
# A chapter

{download}`A notebook <a.md>`

```{explorable} digits
:name: live

Digits.
```

See {part}`the samples <digits samples>`.

```{prf:proof}
Clear.
```
"""


@pytest.mark.slow
def test_latex_has_stills_and_proofs_and_no_downloads(tmp_path: Path) -> None:
    (tmp_path / "index.md").write_text(CHAPTER)
    (tmp_path / "a.md").write_text("---\norphan: true\n---\n# A\n")
    with docutils_namespace():
        app = Sphinx(
            tmp_path,
            None,
            tmp_path / "out",
            tmp_path / "trees",
            "latex",
            {
                "extensions": [
                    "myst_parser",
                    "sphinx_proof",
                    "tools.extensions.explorables",
                    "tools.extensions.site_and_print",
                    "tools.extensions.statements",
                ],
                "numfig": True,
            },
            status=None,
            warningiserror=True,
        )
        app.config.html_theme_options = {}
        app.build()
    (file,) = (tmp_path / "out").glob("*.tex")
    text = file.read_text(encoding="utf-8").partition("\\begin{document}")[2]
    assert "\\sphinxincludegraphics{{digits}.pdf}" in text
    assert "runs on the site of the book, at" in text
    assert "index.html\\#live" in text
    assert "See the samples." in text
    proof = text.partition("\\begin{bookproof}")[2].partition("\\end{bookproof}")[0]
    assert "\\sphinxstyleemphasis{Proof.} Clear." in proof
    assert "sphinxadmonition" not in proof
    assert "A notebook" not in text
    assert (tmp_path / "out" / "numbers.json").read_text() == '{"index:live": "1"}'
