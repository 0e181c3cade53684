"""The lecturer's edition: `make lecturer` puts all that one needs to teach into one folder.

In it are the book with its solutions and its gallery, the slides with scripts, the course kit, and
pages that lead through them: `index.html`; the plans, slot by slot, with links to all they name;
each assignment with solutions, tests and rubrics; quizzes and exercises with their answers. Nothing
is written a second time: the pages are made of what `make book`, `make slides`, `make course` and
the kept notebooks say. A link that leads nowhere fails the build.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
from nbformat import NotebookNode

from tools import course, gallery, slides
from tools.book import ROOT, build, site
from tools.contents import Page, contents
from tools.extensions import quizzes
from tools.machine import BROWSER, remedy
from tools.markdown import Converter
from tools.notebooks import chapters, survey
from tools.reading_time import of_chapter
from tools.values import filled

BOOK = "book/book"  # the pages, in the edition
ID = re.compile(r'\bid="([^"]+)"')
LINK = re.compile(r'\bhref="([^"]+)"')
NUMBERED = re.compile(r"<h3>(Exercise) ([\d.]+)")
HEADS = ("### Exercise ", "#### Solution to ")
SHEETS = ("static/typefaces.css", "static/deck.css", "static/formulas.css", "static/lecturer.css")
SHEET = Path(__file__).with_name("lecturer.css")
FROM_BOOK = ("typefaces.css", "favicon.svg")

INDEX = """\
# {title}: the lecturer's edition

Version {version}. All of it works without a network. It has every solution: **not for students**.

## To teach

- [Plans](plans.html): {plans}. What each slot shows, with links, and how long its chapters take
  to read.
{decks}

A browser is enough for slides and interactive figures. To prune live, as the last slides of
`one_lecture` do, install the package as [students do](handout/README.html), with scikit-learn, and
try it once on the machine of the lecture room; the script of the deck has what is printed. To copy
from there are the [plans as text](course/plans.md).

## To hand out

The folder `handout` may be given to students as a whole: nothing in it has a solution.

- Its first page, [what to install](handout/README.html), says which assignment needs what.
- The assignments, as notebooks without solutions: {releases}.
- The package as one file, {wheel}: it needs no network but for NumPy and SciPy.
- {without}

## To grade

- Each assignment with its solutions, hidden tests and rubrics: {sources}.
- `make grade FOLDER=submissions`, in the book's sources, grades a folder
  `submissions/STUDENT/ASSIGNMENT.ipynb`; a renamed file is known by its cells. `totals.csv` has a
  row for each student. Answers in words are in `words.md`, with their rubric: write their points
  into `words.csv`, and run it again.
- An answer may call `lpbook`, which has most of what is asked, and the book with its solutions is
  public: say whether that is allowed. Answers in words show who has understood.
- [Quizzes](quizzes.html): {questions} questions with their answers.
- [Exercises](exercises.html): {exercises} exercises with their solutions. Those on formal
  proofs are with theirs on [their page]({book}/proved_by_machine.html).

## The book

- [The book]({book}/index.html), with solutions; [the page for lecturers]({book}/teaching.html).
- [Gallery]({book}/gallery.html): every figure, as SVG, PDF and PNG.
"""


HIDE = """\
<p><label><input type="checkbox" id="hide"> Hide the answers and write large, to project</label></p>

"""


# -- what the built site has -------------------------------------------------------------------


@dataclass(frozen=True)
class Places:
    """Where in the built site something is."""

    pages: Mapping[str, str]  # label -> page
    titles: Mapping[str, str]  # page -> title

    @classmethod
    def read(cls, html: Path, order: list[Page]) -> Places:
        """Look for all labels."""
        pages: dict[str, str] = {}
        titles = {}
        for page in order:
            text = (html / "book" / f"{page.name}.html").read_text(encoding="utf-8")
            for label in ID.findall(text):
                pages.setdefault(label, page.name)
            if title := gallery.TITLE.search(text):
                titles[page.name] = unescape(title[1].strip())
        return cls(pages, titles)


@dataclass(frozen=True)
class Links(course.Words):
    """What plans name, as links."""

    places: Places

    def number(self, name: str) -> str:
        """A statement, a figure or an exercise by its number."""
        return f"[{self.named(name)}]({BOOK}/{self.places.pages[name]}.html#{name})"

    def item(self, name: str) -> str:
        """The same with its title, and the slides that show it."""
        shown = [
            f"[{deck.name} {place}](slides/{deck.name}.html#{place})"
            for deck in slides.decks().values()
            for place in deck.places(name)
        ]
        number = self.numbers[name].replace(" ", "-").lower()
        solved = [f"[solution](exercises.html#{number})"] if number.startswith("exercise") else []
        also = ", ".join([*shown, *solved])
        return f"{self.number(name)} {self.titles[name]}" + (f" ({also})" if also else "")

    def chapter(self, name: str) -> str:
        """A chapter, and how long its pages are read."""
        words = f"[{self.places.titles[name]}]({BOOK}/{name}.html)"
        return f"{words} (about {of_chapter(ROOT, name)} min)"

    def slides(self, deck: str, first: int, last: int) -> str:
        """Some slides of a deck."""
        return f"[{super().slides(deck, first, last)}](slides/{deck}.html#{first})"

    def quiz(self, page: str, number: int) -> str:
        """A question of the quiz of a page."""
        return f"[question {number} on {self.places.titles[page]}](quizzes.html#{page}-{number})"

    def home(self, assignment: str) -> str:
        """An assignment."""
        return f"[{assignment}](assignment-{assignment}.html)"


# -- pages, as Markdown ------------------------------------------------------------------------


def assignment(name: str, notebook: NotebookNode) -> str:
    """An assignment with everything: what each cell is, and its points."""
    there = [f"[{kind}](course/{kind}/{name}/{name}.ipynb)" for kind in ("release", "source")]
    said = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
    most = sum(each.get("points", 0) for each in said)
    parts = [f"*{most} points in all. As notebooks: {' and '.join(there)}.*"]
    for cell, each in zip(notebook.cells, said, strict=True):
        if each:
            kind = "in words" if each["solution"] else "tests"
            points = f"{kind}, {each['points']} points" if each["grade"] else "solution"
            parts.append(f"**`{each['grade_id']}`: {points}**")
        if cell.cell_type == "code":
            parts.append(f"```python\n{cell.source}\n```")
        else:
            text = re.sub(r"^# ", "## ", cell.source, flags=re.MULTILINE)
            text = text.replace("### BEGIN SOLUTION", "**Solution and rubric.**")
            parts.append(text.replace("### END SOLUTION", ""))
    return "\n\n".join(parts)


def quiz(page: str, questions: list[dict[str, object]], converter: Converter) -> str:
    """The questions of a page, each with its answer."""
    lines = []
    for place, question in enumerate(questions, start=1):
        ask = converter.convert(filled(str(question["ask"])))
        lines += [f'<b id="{page}-{place}">{place}.</b> {ask}', ""]
        for words, right in quizzes.ordered(question):
            tick = '<span class="right">✓ </span>' if right else ""
            lines.append(f"- {tick}{converter.convert(str(words))}")
        why = converter.convert(filled(str(question["why"])))
        lines += ["", '<div class="why">', "", f"*Why:* {why}", "", "</div>", ""]
    return "\n".join(lines)


def exercises(notebook: NotebookNode) -> Iterator[str]:
    """The cells of the exercises of a chapter, with their solutions and what these print."""
    within = False
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            if cell.source.startswith("#"):
                within = cell.source.startswith(HEADS)
            if within:
                yield re.sub(r"\]\((\w+)\.ipynb\)", rf"]({BOOK}/\1.html)", cell.source)
        elif within:
            yield f"```python\n{cell.source}\n```"
            printed = "".join(output.get("text", "") for output in cell.outputs)
            if printed.strip():
                yield f"```\n{printed.rstrip()}\n```"


def texts(html: Path, root: Path = ROOT) -> dict[str, tuple[str, str]]:
    """All pages but the first: title and Markdown, by the names of their files."""
    order = contents(root)
    places, book = Places.read(html, order), slides.taken()
    known = survey(root, chapters(root))
    links = Links(book.numbers, book.titles, places)
    plans = "\n".join(course.listing(plan, links) for plan in course.plans())
    made = {"plans": ("Plans", plans)}
    for name, notebook in course.assignments().items():
        made[f"assignment-{name}"] = (f"Assignment {name}", assignment(name, notebook))
    asked = quizzes.read()
    made["quizzes"] = (
        "Quizzes",
        HIDE
        + "\n\n".join(
            f"## [{places.titles[page]}]({BOOK}/{page}.html)\n\n"
            + quiz(page, asked[page], Converter(known, page))
            for page in (page.name for page in order)
            if page in asked
        ),
    )
    solved = []
    for page in order:
        path = root / "notebooks" / f"{page.name}.ipynb"
        cells = list(exercises(nbformat.read(path, as_version=4))) if path.exists() else []
        if cells:
            title = f"## [{places.titles[page.name]}]({BOOK}/{page.name}.html)"
            solved.append("\n\n".join([title, *cells]))
    made["exercises"] = ("Exercises", "\n\n".join(solved))
    return made


PLAIN = """\
body { max-width: 40rem; margin: 2rem auto; padding: 0 1rem; font: 1.1rem/1.5 sans-serif }
td, th { padding: 0 1rem 0 0; text-align: left }
"""
WITHOUT = {
    True: "[The book without solutions](handout/book/index.html).",
    False: "The book without solutions: `make book SOLUTIONS=0`, then `make lecturer` again, puts"
    " it there.",
}
README = """\
# What to install

{first} Python 3.11 or newer, with NumPy: `pip install notebook numpy`. Then `jupyter notebook`, and
open the assignment in this folder.

| assignment | needs |
|---|---|
{needs}

The package `lpbook` lies in this folder: `pip install {wheel}`, here. With
`pip install notebook matplotlib scikit-learn` besides, the notebooks of the book run, too.

Hand in the notebook as it is, saved: answers, and cells of your own. Before that restart the kernel
and run all cells: what ran in another order may not run again.
"""


def needs(notebook: NotebookNode) -> str:
    """What an assignment has to import."""
    names = re.findall(
        r"^import (\w+)", "\n".join(cell.source for cell in notebook.cells), re.MULTILINE
    )
    known = {"numpy": "NumPy", "lpbook": "`lpbook`"}
    return ", ".join(dict.fromkeys(known[name] for name in names if name in known))


def wheel(folder: Path, root: Path = ROOT) -> Path:
    """The package as one file in a folder; nothing is asked of the network."""
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    quiet = ["--no-index", "--disable-pip-version-check", "-q"]
    subprocess.run([*command, *quiet, "-w", str(folder), str(root)], check=True)
    (made,) = folder.glob("lpbook-*.whl")
    return made


def book_without(root: Path = ROOT) -> Path:
    """The book without solutions, where `make book SOLUTIONS=0` has put it."""
    return site(root / "_build" / "exercises")


def handout(folder: Path, package: Path, root: Path = ROOT) -> Path:
    """What students get, in a folder to give away; its first page."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, notebook in course.assignments().items():
        given = course.release(notebook)
        nbformat.write(given, folder / f"{name}.ipynb")
        rows.append(f"| `{name}.ipynb` | {needs(given)} |")
    if package.parent != folder:
        shutil.copy(package, folder)
    without = book_without(root)
    if without.is_dir():
        shutil.copytree(without, folder / "book", dirs_exist_ok=True)
    first = "[The book](book/index.html) needs a browser only. The rest needs" * without.is_dir()
    text = README.format(first=first or "You need", needs="\n".join(rows), wheel=package.name)
    page = slides.PAGE.format(
        title="What to install",
        sheets=f"<style>{PLAIN}</style>",
        kind="",
        body=slides.Writer(slides.taken()).html(text),
    ).replace('<link rel="icon" href="static/favicon.svg">\n', "")
    written = folder / "README.html"
    written.write_text(page, encoding="utf-8")
    return written


def index(made: Mapping[str, tuple[str, str]], package: str, root: Path = ROOT) -> str:
    """The first page."""
    from tools.publication import Publication

    publication, there = Publication.read(root), slides.decks()
    decks = [
        f"- Slides [{deck.title}](slides/{name}.html), {deck.minutes} minutes "
        f"([script for the speaker](slides/{name}-script.html); PDF: [slides](slides/{name}.pdf), "
        f"[script](slides/{name}-script.pdf))"
        for name, deck in there.items()
    ]
    names = list(course.assignments())
    return INDEX.format(
        title=publication.title.partition(":")[0],
        version=publication.version,
        plans=", ".join(plan["name"] for plan in course.plans()),
        decks="\n".join(decks),
        releases=", ".join(f"[{n}](handout/{n}.ipynb)" for n in names),
        wheel=f"[{package}](handout/{package})",
        without=WITHOUT[book_without(root).is_dir()],
        sources=", ".join(f"[{n}](assignment-{n}.html)" for n in names),
        questions=sum(map(len, quizzes.read().values())),
        exercises=made["exercises"][1].count("\n### Exercise "),
        book=BOOK,
    )


# -- the edition -------------------------------------------------------------------------------


def write_pages(folder: Path, html: Path, root: Path = ROOT) -> list[Path]:
    """Write the pages that lead through the edition, with what they look like."""
    made = texts(html, root)
    (package,) = (folder / "handout").glob("*.whl")
    made = {"index": ("The lecturer's edition", index(made, package.name, root)), **made}
    writer = slides.Writer(slides.taken())
    bodies = {name: NUMBERED.sub(_named, writer.html(text)) for name, (_, text) in made.items()}
    written, sheet = writer.set_formulas()
    static = folder / "static"
    static.mkdir(parents=True, exist_ok=True)
    shutil.copytree(slides.STATIC / "fonts", static / "fonts", dirs_exist_ok=True)
    for path in (SHEET, slides.SOURCES / "deck.css", *map(slides.STATIC.joinpath, FROM_BOOK)):
        shutil.copy(path, static)
    (static / "formulas.css").write_text(sheet, encoding="utf-8")
    sheets = "\n".join(f'<link rel="stylesheet" href="{name}">' for name in SHEETS)
    files = []
    for name, body in bodies.items():
        title = made[name][0]
        back = f'<p><a href="index.html">The lecturer\'s edition</a></p>\n<h1>{title}</h1>\n'
        body = re.sub("\0\\d+\0", lambda match: written[match[0]], body)
        page = slides.PAGE.format(
            title=escape(title),
            sheets=sheets + slides.PAPER,
            kind=' class="script"',
            body=f'<main class="pages">\n{"" if name == "index" else back}{body}</main>\n',
        )
        files.append(folder / f"{name}.html")
        files[-1].write_text(page, encoding="utf-8")
    return files


def _named(heading: re.Match[str]) -> str:
    """The heading of an exercise, with an address."""
    kind, number = heading.groups()
    return f'<h3 id="{kind.lower()}-{number}">{kind} {number}'


def dead(files: list[Path]) -> list[str]:
    """Links of pages to a file of the edition, or a place in it, that is not there."""
    wrong = []
    for file in files:
        for link in sorted(set(LINK.findall(file.read_text(encoding="utf-8")))):
            parts = urlsplit(unescape(link))
            if parts.scheme:
                continue
            target = file.parent / unquote(parts.path) if parts.path else file
            there = target.is_file()
            if there and parts.fragment and target.suffix == ".html":
                text = target.read_text(encoding="utf-8")
                there = unquote(parts.fragment) in ID.findall(text)
            if not there:
                wrong.append(f"{file.name}: {link}")
    return wrong


def write_slides(folder: Path, html: Path, root: Path = ROOT) -> list[Path]:
    """All decks, with the figures of the built site: none is drawn again."""
    there, book = list(slides.decks().values()), slides.taken()
    files = slides.write(folder, there, book)
    wanted = {name for deck in there for name in deck.names("figure")}
    (folder / "figures").mkdir(exist_ok=True)
    for picture in gallery.pictures(html, [page.name for page in contents(root)]):
        if picture.name in wanted:
            drawing = html / "_images" / picture.source
            shutil.copy(drawing, folder / "figures" / f"{picture.name}.svg")
    return files


def write(folder: Path, html: Path) -> list[Path]:
    """Write the edition of a built site; the pages that lead through it.

    Raises
    ------
    ValueError
        If a link of these pages leads nowhere.
    """
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(html, folder / "book")
    course.make(folder / "course")
    decks = write_slides(folder / "slides", html)
    for deck in decks:
        slides.printed(deck)
    (folder / "handout").mkdir()
    given = handout(folder / "handout", wheel(folder / "handout"))
    files = [*write_pages(folder, html), given]
    if wrong := dead(files):
        raise ValueError("links that lead nowhere:\n" + "\n".join(wrong))
    return files


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--html", type=Path, help="a built site; else it is built")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / "lecturer", help="folder")
    options = parser.parse_args()
    if BROWSER.path() is None:
        print(remedy([BROWSER]), file=sys.stderr)
        return 2
    if options.html is None and (code := build(ROOT)):
        return code
    write(options.to, options.html or site(ROOT))
    print(f"The lecturer's edition is in {options.to / 'index.html'}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
