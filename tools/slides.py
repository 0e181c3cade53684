"""Make the slides: `python -m tools.slides [--figures FOLDER] [deck ...]`.

A deck is a file of Markdown in `slides/`. It says its slot in minutes, and every slide its own;
they must add up. Statements and figures are taken from the book by name, numbers are computed, so
that a deck says nothing a second time:

- a fence `{statement}` with the name of a statement, `{formula}` with the label of a formula,
  `{figure}` with the name of a captioned figure, `{explorable}` with that of an interactive one;
- last in a slide, a fence `{notes}` with what the speaker says: it is in the script,
  and behind the key N;
- the role `{value}` for a number that the package computes (`tools/values.py`), `{prf:ref}` for
  the number of a statement; what a listing in Python prints is in the script;
- `+++` between the two columns of a slide.

What is made runs from disk: formulas are set already, typefaces and scripts lie beside it. Chromium
prints as PDF the slides of each deck and its script: what is shown beside what is said.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from html import escape
from itertools import accumulate
from pathlib import Path
from typing import Any

import yaml
from markdown_it import MarkdownIt
from mdit_py_plugins.dollarmath import dollarmath_plugin

from tools import figures as drawn
from tools.book import ROOT
from tools.extensions import formulas
from tools.extensions.explorables import scripts_of
from tools.machine import BROWSER, remedy
from tools.markdown import LABELLED_MATH, boxes
from tools.notebooks import chapters, survey
from tools.statements import DATA
from tools.values import filled

SOURCES = ROOT / "slides"
STATIC = ROOT / "book" / "_static"
HEAD = re.compile(r"^## (?P<title>.+?) \((?P<minutes>\d+) min\)[ \t]*$", re.MULTILINE)
NAMED = re.compile(r"^```\{(statement|formula|figure|explorable)\} *(\S+)[ \t]*$", re.MULTILINE)
TAG = re.compile(r"\\tag\{([^}]*)\}")
REFERENCE = re.compile(r"\{(?:numref|prf:ref|ref)\}`([^`<>]+)`")
LISTING = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
LONG = 420  # letters: a longer statement is set smaller


@dataclass(frozen=True)
class Slide:
    """One slide: its head, its minutes, its Markdown."""

    title: str
    minutes: int
    body: str


@dataclass(frozen=True)
class Deck:
    """The slides of one session."""

    name: str
    title: str
    subtitle: str
    minutes: int
    slides: tuple[Slide, ...]

    def timed(self) -> Iterator[tuple[Slide, int, int]]:
        """Each slide with the minutes in which it begins and ends."""
        ends = accumulate(slide.minutes for slide in self.slides)
        return (
            (slide, end - slide.minutes, end) for slide, end in zip(self.slides, ends, strict=True)
        )

    def places(self, label: str) -> list[int]:
        """The slides that show something of the book, by its label."""
        name = label.removeprefix("explorable-")
        return [
            place
            for place, slide in enumerate(self.slides, start=1)
            if name in (shown for _, shown in NAMED.findall(slide.body))
        ]

    def names(self, kind: str) -> list[str]:
        """The statements, figures or explorables that it shows."""
        return [
            name
            for slide in self.slides
            for each, name in NAMED.findall(slide.body)
            if each == kind
        ]


def read(path: Path) -> Deck:
    """Read a deck.

    Raises
    ------
    ValueError
        A slide has no minutes, or all together are not those of the slot.
    """
    _, head, text = path.read_text(encoding="utf-8").split("---\n", 2)
    said = yaml.safe_load(head)
    first, *parts = HEAD.split(text)
    if first.strip() or len(re.findall(r"^## ", text, re.MULTILINE)) != len(parts) // 3:
        raise ValueError(f"{path.name}: every slide begins with `## Title (3 min)`")
    slides = tuple(
        Slide(title, int(minutes), body.strip())
        for title, minutes, body in zip(parts[0::3], parts[1::3], parts[2::3], strict=True)
    )
    for slide in slides:
        if not re.search(r"^```\{notes\}\n(?:(?!```)[^\0])+\n```$", slide.body, re.MULTILINE):
            raise ValueError(f"{path.name}, {slide.title}: a slide ends with its notes")
    total = sum(slide.minutes for slide in slides)
    if total != said["minutes"]:
        raise ValueError(
            f"{path.name}: its slides take {total} minutes, its slot {said['minutes']}"
        )
    return Deck(path.stem, said["title"], said["subtitle"], total, slides)


def decks(folder: Path = SOURCES) -> dict[str, Deck]:
    """All decks, by name."""
    return {path.stem: read(path) for path in sorted(folder.glob("*.md"))}


# -- what a deck takes from the book -----------------------------------------------------------


@dataclass(frozen=True)
class Taken:
    """Of the book: its statements, the numbers of all that is labelled, its figures."""

    statements: Mapping[str, Mapping[str, Any]]
    numbers: Mapping[str, str]  # label -> "Lemma 4.2"
    figures: Mapping[str, tuple[str, str]]  # name -> its page, words for who does not see it
    titles: Mapping[str, str]  # of statements, exercises; of figures the first sentence
    formulas: Mapping[str, str]  # label -> TeX


@cache
def taken(root: Path = ROOT) -> Taken:
    """Read the book."""
    pages = chapters(root)
    statements = json.loads((root / DATA).read_text(encoding="utf-8"))
    found, titles = {}, {name: said["title"] for name, said in statements.items()}
    labelled: dict[str, str] = {}
    for page, notebook in pages.items():
        for cell in notebook.cells:
            said = cell.metadata.get("mystnb", {})
            if name := said.get("figure", {}).get("name"):
                found[name] = (page, said.get("image", {}).get("alt", ""))
                titles[name] = first_sentence(said["figure"]["caption"])
            if cell.cell_type == "code":
                continue
            for match in LABELLED_MATH.finditer(cell.source):
                labelled[match["label"]] = match["body"].strip()
            for kind, argument, options, body in boxes(cell.source.split("\n")):
                if kind in ("exercise", "exercise-start"):
                    titles[options["label"]] = argument
                elif kind == "explorable":
                    titles[options["name"]] = first_sentence(" ".join(body))
    numbers = survey(root, pages).labels
    for name, words in titles.items():
        titles[name] = REFERENCE.sub(lambda match: numbers[match[1]], words)
    return Taken(statements, numbers, found, titles, labelled)


@cache
def printed_by(code: str) -> str:
    """What a listing prints, run here.

    Examples
    --------
    >>> printed_by("print(1 + 1)")
    '2\\n'
    """
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(code, {})
    return printed.getvalue()


def first_sentence(text: str) -> str:
    """What a caption says first.

    Examples
    --------
    >>> first_sentence("Digits of Orseau et al. to\\nplay with. Drag the target.")
    'Digits of Orseau et al. to play with.'
    """
    return re.split(r"(?<=[.?!])\s(?=[A-Z])", " ".join(text.split()), maxsplit=1)[0]


def unknown(deck: Deck, book: Taken) -> list[str]:
    """Names in a deck that the book does not have."""
    there: dict[str, Collection[str]] = {
        "statement": book.statements,
        "formula": book.formulas,
        "figure": book.figures,
        "explorable": {path.stem for path in (STATIC / "explorables").glob("*.svg")},
    }
    return [name for kind, names in there.items() for name in deck.names(kind) if name not in names]


# -- HTML --------------------------------------------------------------------------------------


@dataclass
class Writer:
    """Writes slides as HTML; formulas leave a mark, and are set together in the end."""

    book: Taken
    sources: dict[formulas.Source, str] = field(default_factory=dict)  # to its mark

    def __post_init__(self) -> None:
        self.markdown = MarkdownIt("commonmark").enable("table")
        self.markdown.use(dollarmath_plugin, allow_labels=False)
        rules: dict[str, Any] = self.markdown.renderer.rules  # type: ignore[attr-defined]
        rules |= {
            "math_inline": self._inline,
            "math_inline_double": self._displayed,
            "math_block": self._displayed,
            "fence": self._fence,
        }

    def html(self, text: str) -> str:
        """Markdown as HTML, with marks for formulas."""
        named = REFERENCE.sub(lambda match: self.book.numbers[match[1]], filled(text))
        return str(self.markdown.render(named))

    def slides(self, deck: Deck) -> str:
        """The slides of a deck, and with each its notes."""
        made = []
        for place, (slide, begin, end) in enumerate(deck.timed(), start=1):
            when = f'<p class="when">Minute {begin} to {end} of {deck.minutes}</p>'
            columns, notes = self._parts(slide, when)
            kind = "columns" if len(columns) > 1 else "whole"
            words = "".join(f"<div>{column}</div>" for column in columns)
            made.append(
                f'<section id="{place}" tabindex="-1">\n<h2>{escape(slide.title)}</h2>\n'
                f'<div class="{kind}">{words}</div>\n{notes}<footer>'
                f"<span>{escape(deck.title)}</span>"
                f"<span>{place} / {len(deck.slides)}</span></footer>\n</section>\n"
            )
        return "".join(made)

    def script(self, deck: Deck) -> str:
        """What the speaker has at hand: on paper, what is shown beside what is said."""
        made = []
        for slide, begin, end in deck.timed():
            columns, notes = self._parts(slide)
            columns += [
                f'<p>It prints:</p>\n<pre class="printed">{escape(printed_by(code))}</pre>\n'
                for code in LISTING.findall(slide.body)
            ]
            made.append(
                f"<article>\n<h2>{escape(slide.title)} <span>minute {begin} to {end}</span></h2>\n"
                f"<div>{''.join(columns)}</div>\n{notes}</article>\n"
            )
        return "".join(made)

    def _parts(self, slide: Slide, when: str = "") -> tuple[list[str], str]:
        """The columns of a slide and its notes."""
        shown, _, said = slide.body.partition("```{notes}\n")
        columns = [self.html(column) for column in shown.split("\n+++\n")]
        notes = self.html(said.removesuffix("```"))
        return columns, f"<aside>{when}{notes}</aside>\n"

    def _inline(self, tokens: Any, at: int, *_: Any) -> str:
        return self._mark(" ".join(tokens[at].content.split()), False)

    def _displayed(self, tokens: Any, at: int, *_: Any) -> str:
        tex = tokens[at].content.strip()
        number = TAG.search(tex)
        words = f'<span class="eqno">({number[1]})</span>' if number else ""
        return f'<div class="math">{self._mark(TAG.sub("", tex).strip(), True)}{words}</div>\n'

    def _mark(self, tex: str, display: bool) -> str:
        return self.sources.setdefault((tex, display), f"\0{len(self.sources)}\0")

    def _fence(self, tokens: Any, at: int, *_: Any) -> str:
        token = tokens[at]
        kind, _, name = token.info.strip().partition(" ")
        if kind == "{statement}":
            return self._statement(name)
        if kind == "{formula}":
            number = self.book.numbers[name].strip("()")
            return self.html(f"$$\n{self.book.formulas[name]} \\tag{{{number}}}\n$$")
        if kind == "{figure}":
            words = escape(self.book.figures[name][1])
            return f'<img class="figure" src="figures/{name}.svg" alt="{words}">\n'
        if kind == "{explorable}":
            still = (STATIC / "explorables" / f"{name}.svg").read_text(encoding="utf-8")
            return (
                f'<figure class="explorable x-wide" id="explorable-{name}" '
                f'data-explorable="{name}" data-title="Try it"><div class="x-stage">'
                f'<div class="x-still">{still}</div></div><figcaption></figcaption></figure>\n'
            )
        if kind.startswith("{"):
            raise ValueError(f"slides have no {kind}")
        return f"<pre><code>{escape(token.content)}</code></pre>\n"

    def _statement(self, name: str) -> str:
        said = self.book.statements[name]
        size = " long" if len(said["statement"]) > LONG else ""
        star = " ★" if said["own"] else ""
        return (
            f'<div class="statement {said["kind"]}{size}"><p class="head"><b>'
            f"{escape(self.book.numbers[name])}</b> {escape(said['title'])}{star}</p>\n"
            f"{self.html(said['statement'])}</div>\n"
        )

    def set_formulas(self) -> tuple[dict[str, str], str]:
        """What stands in the place of each mark, and the sheet with the font of all formulas."""
        made = formulas.typeset(self.sources)
        outlines = made["glyphs"]
        drawings = {}
        for (tex, display), result in zip(self.sources, made["formulas"], strict=True):
            if "error" in result:
                raise ValueError(f"{result['error']}, in the formula {tex}")
            drawings[tex, display] = formulas.drawing(result["svg"], outlines), result["mathml"]
        names = sorted({name for each, _ in drawings.values() for name, *_ in each.glyphs})
        characters = {name: chr(formulas.PRIVATE + at) for at, name in enumerate(names)}
        written = {}
        for key, mark in self.sources.items():
            drawing, mathml = drawings[key]
            tag = "div" if key[1] else "span"
            written[mark] = (
                f'<{tag} class="formula" data-tex="{escape(key[0])}">'
                f"{formulas.shown(drawing, characters)}"
                f'<span class="spoken">{formulas.spoken(mathml)}</span></{tag}>'
            )
        return written, formulas.sheet(outlines, characters)


PAGE = """\
<!DOCTYPE html>
<html lang="en" data-theme="light"{kind}>
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<link rel="icon" href="static/favicon.svg">
{sheets}
</head>
<body>
{body}</body>
</html>
"""
SHOWN = """\
<main>
<section class="title" tabindex="-1"><h1>{title}</h1><p>{subtitle}</p>
<p class="keys">Arrows lead on, N shows the notes, F fills the screen.
Page keys and clickers lead on from within an interactive figure, too.</p></section>
{slides}</main>
{scripts}
"""
SAID = """\
<article><h1>{title}</h1><p>{subtitle}</p></article>
{slides}"""
SHEETS = (
    "static/typefaces.css",
    "static/explorables/explorables.css",
    "static/deck.css",
    "static/formulas.css",
)
PAPER = "\n<style>@page { size: A4; margin: 15mm; }</style>"


def pages(deck: Deck, writer: Writer) -> dict[str, str]:
    """The pages of a deck, the slides and the speaker's script, by the names of their files."""
    names = dict.fromkeys(s for name in deck.names("explorable") for s in scripts_of(name))
    files = [*(f"static/explorables/{name}" for name in names), "static/deck.js"]
    words = {"title": escape(deck.title), "subtitle": escape(deck.subtitle)}
    scripts = "\n".join(f'<script src="{name}"></script>' for name in files)
    sheets = "\n".join(f'<link rel="stylesheet" href="{name}">' for name in SHEETS)
    shown = SHOWN.format(**words, slides=writer.slides(deck), scripts=scripts)
    said = SAID.format(**words, slides=writer.script(deck))
    return {
        deck.name: PAGE.format(**words, sheets=sheets, kind="", body=shown),
        f"{deck.name}-script": PAGE.format(
            **words, sheets=sheets + PAPER, kind=' class="script"', body=said
        ),
    }


def write(folder: Path, chosen: Collection[Deck], book: Taken) -> list[Path]:
    """Write decks below a folder, without their figures; the pages."""
    for deck in chosen:
        if missing := unknown(deck, book):
            raise ValueError(f"{deck.name}: the book has no {', '.join(missing)}")
    static = folder / "static"
    shutil.rmtree(static, ignore_errors=True)
    static.mkdir(parents=True)
    for name in ("fonts", "explorables"):
        shutil.copytree(STATIC / name, static / name)
    for path in (STATIC / "typefaces.css", STATIC / "favicon.svg", *SOURCES.glob("deck.*")):
        shutil.copy(path, static)
    writer = Writer(book)
    made = {name: text for deck in chosen for name, text in pages(deck, writer).items()}
    written, sheet = writer.set_formulas()
    (static / "formulas.css").write_text(sheet, encoding="utf-8")
    files = []
    for name, text in made.items():
        files.append(folder / f"{name}.html")
        files[-1].write_text(
            re.sub("\0\\d+\0", lambda match: written[match[0]], text), encoding="utf-8"
        )
    return files


def bring_figures(folder: Path, wanted: Collection[str], book: Taken, saved: Path | None) -> None:
    """The figures as SVG in a folder: drawn anew, or from one that `make figures` filled."""
    by_page: dict[str, set[str]] = {}
    for name in wanted:
        by_page.setdefault(book.figures[name][0], set()).add(name)
    folder.mkdir(parents=True, exist_ok=True)
    for chapter, names in by_page.items():
        if saved is None:
            drawn.draw(chapter, names, folder)
        else:
            for name in names:
                shutil.copy(saved / chapter / f"{name}.svg", folder)


# -- PDF ---------------------------------------------------------------------------------------


def printed(html: Path) -> Path:
    """Let Chromium print a page; the PDF beside it."""
    program = BROWSER.path()
    if program is None:
        raise FileNotFoundError(remedy([BROWSER]))
    target = html.with_suffix(".pdf")
    subprocess.run(
        [
            program,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            "--window-size=1280,720",
            "--no-pdf-header-footer",
            "--virtual-time-budget=10000",
            f"--print-to-pdf={target}",
            html.resolve().as_uri(),
        ],
        check=True,
        capture_output=True,
    )
    return target


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("decks", nargs="*", help="names of decks; all if none")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / "slides", help="folder")
    parser.add_argument("--figures", type=Path, help="what `make figures` saved, if it is there")
    options = parser.parse_args()
    there = decks()
    if strange := set(options.decks) - set(there):
        parser.error(f"no deck: {', '.join(sorted(strange))}; there are {', '.join(there)}")
    chosen = [there[name] for name in options.decks or there]
    book = taken()
    files = write(options.to, chosen, book)
    wanted = {name for deck in chosen for name in deck.names("figure")}
    bring_figures(options.to / "figures", wanted, book, options.figures)
    print(f"The slides are in {options.to}")
    if BROWSER.path() is None:
        print(f"No PDF: {remedy([BROWSER])}", file=sys.stderr)
        return 2
    for html in files:
        print(printed(html).name, flush=True)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
