"""The course kit: `python -m tools.course` makes it, `python -m tools.course grade FOLDER` grades.

An assignment is one file of Markdown in `course/`, with its solutions. Cells say in their metadata
what they are:

- `course: {solution: NAME}`, code that a student writes between the marks of nbgrader;
- `course: {tests: NAME, points: 4}`, tests, some of them between marks for hidden tests;
- `course: {manual: NAME, points: 5}`, an answer in words, with its rubric in the solution.

From it come two notebooks in nbgrader's format (metadata of schema 3): `source/` for who grades,
and `release/` without solutions and hidden tests. nbgrader itself is not needed: `grade` takes a
folder of submissions, puts the original tests into each, and runs it in a process of its own, with
a limit of time for each cell and one of memory; cells of a student's own run where they stand. A
submission is recognised by its cells, whatever its file is called. It writes `grades.csv`,
`totals.csv` and, for each submission, a page of feedback; points for answers in words go into
`words.csv`, which is read again.

A submission runs in one process with its tests, as it does under nbgrader: the limits stop
accidents, not somebody who wants to deceive.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import math
import os
import re
import signal
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from tools.book import ROOT
from tools.environment import FIXED

try:
    import resource
except ImportError:  # Windows
    resource = None  # type: ignore[assignment]

SOURCES = ROOT / "course"
PLANS = SOURCES / "plans.yml"
SECONDS = 20  # of the processor's time, for one cell
WAITING = 6  # times as long on the clock: others may use the machine, too
STOPPED = (-24, None)  # SIGXCPU, or the clock: what ends a process at its limit
MEGABYTES = 2048
ROLES = {
    "solution": {"grade": False, "solution": True, "locked": False},
    "tests": {"grade": True, "solution": False, "locked": True},
    "manual": {"grade": True, "solution": True, "locked": False},
}
CODE_TO_WRITE = "# YOUR CODE HERE\nraise NotImplementedError"
WORDS_TO_WRITE = "YOUR ANSWER HERE"
UNWRITTEN = "nothing is written here yet"
ENDLESS = "is there a loop that never ends?"
MARKED = r"^(?P<indent>[ \t]*)### BEGIN {0}\n.*?^[ \t]*### END {0}[ \t]*$\n?"


# -- assignments -------------------------------------------------------------------------------


def assignments(folder: Path = SOURCES) -> dict[str, NotebookNode]:
    """The assignments with solutions, by name, in nbgrader's format."""
    return {path.stem: source(path) for path in sorted(folder.glob("*.md"))}


def source(path: Path) -> NotebookNode:
    """Read an assignment.

    Raises
    ------
    ValueError
        A cell does not say what it is, or two are of one name.
    """
    import jupytext  # only here: a process that runs a submission shall start quickly

    notebook = jupytext.read(path, fmt="md:myst")
    notebook.metadata.pop("jupytext", None)
    seen = set()
    for place, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{place}"
        said = cell.metadata.pop("course", None)
        if said is None:
            continue
        kinds = [kind for kind in ROLES if kind in said]
        if len(kinds) != 1 or (kinds[0] != "solution") != ("points" in said):
            raise ValueError(
                f"{path.name}: {said} is not one of solution, tests, manual with points"
            )
        name = said[kinds[0]] if kinds[0] == "manual" else f"{said[kinds[0]]}-{kinds[0]}"
        if name in seen:
            raise ValueError(f"{path.name}: two cells are {name}")
        seen.add(name)
        cell["id"] = name
        cell.metadata["nbgrader"] = {
            "schema_version": 3,
            "grade_id": name,
            "task": False,
            **ROLES[kinds[0]],
            **({"points": said["points"]} if "points" in said else {}),
        }
    return notebook


def release(notebook: NotebookNode) -> NotebookNode:
    """What students get: no solutions, no hidden tests."""
    made = deepcopy(notebook)
    for cell in made.cells:
        stub = CODE_TO_WRITE if cell.cell_type == "code" else WORDS_TO_WRITE
        solution = re.compile(MARKED.format("SOLUTION"), re.DOTALL | re.MULTILINE)
        text = cell.source + "\n"
        while match := solution.search(text):
            lines = "".join(f"{match['indent']}{line}\n" for line in stub.split("\n"))
            text = text[: match.start()] + lines + text[match.end() :]
        hidden = MARKED.format("HIDDEN TESTS")
        cell["source"] = re.sub(hidden, "", text, flags=re.DOTALL | re.MULTILINE).rstrip("\n")
    return made


def ids(notebook: NotebookNode) -> set[str]:
    """The names of the cells that are answered or graded."""
    said = (cell.metadata.get("nbgrader", {}) for cell in notebook.cells)
    return {str(each["grade_id"]) for each in said if each.get("grade_id")}


def recognised(
    stem: str, submission: NotebookNode, there: Mapping[str, NotebookNode]
) -> str | None:
    """Which assignment a notebook is: by its cells, whatever the file is called; else by its name.

    Examples
    --------
    >>> there = assignments()
    >>> recognised("final(2)", release(there["logarithms"]), there)
    'logarithms'
    >>> recognised("logarithms (1)", nbformat.v4.new_notebook(), there)
    'logarithms'
    """
    own = ids(submission)
    shared = [id_ for name in there for id_ in ids(there[name])]
    telling = {id_ for id_ in own if shared.count(id_) == 1}
    most = max(there, key=lambda name: len(telling & ids(there[name])), default=None)
    if most and telling & ids(there[most]):
        return most
    plain = re.sub(r"[\W_]+\d*\W*$", "", stem)
    return next((name for name in (stem, plain) if name in there), None)


def restored(submission: NotebookNode, original: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The original assignment with the answers of a submission; the answers that it lacks.

    Code cells of a student's own, and changed ones that hold no answer, stay where they are: behind
    what of the original stands before them. Tests are always those of the original.
    """
    named, free, known = {}, {}, {}
    same = {cell.source.strip(): place for place, cell in enumerate(original.cells)}
    for place, cell in enumerate(original.cells):
        if said := cell.metadata.get("nbgrader"):
            named[said["grade_id"]] = place
            if not ids(submission):  # an editor has dropped the metadata
                known[cell.get("id"), cell.cell_type] = said["grade_id"]
        else:
            free[cell.get("id")] = place
    answers: dict[str, str] = {}
    own: dict[int, list[NotebookNode]] = {}
    before = -1
    for count, cell in enumerate(submission.cells, start=1):
        said = cell.metadata.get("nbgrader", {})
        name = said.get("grade_id", known.get((cell.get("id"), cell.cell_type)))
        text = cell.source.strip()
        if name in named:
            before = named[name]
            if original.cells[before].metadata["nbgrader"]["solution"]:
                answers[name] = cell.source
            continue
        before = same.get(text, free.get(cell.get("id"), before))
        if cell.cell_type == "code" and text and text not in same:
            mine = nbformat.v4.new_code_cell(cell.source)
            mine.metadata["course"] = {"own": count}
            own.setdefault(before, []).append(mine)
    made, missing, cells = deepcopy(original), [], list(own.get(-1, []))
    for place, cell in enumerate(made.cells):
        said = cell.metadata.get("nbgrader", {})
        if said.get("solution"):
            if said["grade_id"] not in answers:
                missing.append(said["grade_id"])
            cell["source"] = answers.get(said["grade_id"], "")
        cells += [cell, *own.get(place, [])]
    made.cells = cells
    return made, missing


# -- grading -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What became of a graded cell; `points` is None where a person must read."""

    name: str
    points: float | None
    most: float
    message: str


class Endless(BaseException):
    """A cell took too long; no `except Exception` of a student keeps it."""


def called(cell: NotebookNode, place: int) -> str:
    """A cell by a name that a student knows."""
    if own := cell.metadata.get("course", {}).get("own"):
        return f"cell {own} of the notebook, one of your own"
    return str(cell.metadata.get("nbgrader", {}).get("grade_id", f"cell {place + 1}"))


def too_long(name: str, seconds: int) -> str:
    """What is said of a cell that was stopped."""
    return f"{name} was stopped after {seconds} seconds: {ENDLESS}"


def plain(code: str) -> str:
    r"""Code without the lines that only Jupyter understands.

    Examples
    --------
    >>> plain("%matplotlib inline\nif True:\n    !ls")
    'pass\nif True:\n    pass'
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(code, "cell", "exec")
        except SyntaxError:
            return re.sub(r"^([ \t]*)[%!].*$", r"\1pass", code, flags=re.MULTILINE)
    return code


def _alarm(seconds: float) -> None:
    """Stop what runs here after some seconds of the processor, or many on the clock; 0 is never."""
    if hasattr(signal, "setitimer"):  # Windows has none
        signal.setitimer(signal.ITIMER_PROF, seconds, seconds and 1)
        signal.setitimer(signal.ITIMER_REAL, WAITING * seconds, seconds and 1)


def _stop(*_: object) -> None:
    raise Endless


def _allow(seconds: int) -> None:
    """Let the process die some seconds after a cell should have ended, if it cannot be stopped."""
    if resource is not None:
        used = resource.getrusage(resource.RUSAGE_SELF)
        most = int(used.ru_utime + used.ru_stime) + seconds + 3
        resource.setrlimit(resource.RLIMIT_CPU, (most, resource.RLIM_INFINITY))


def run(
    notebook: NotebookNode,
    seconds: int = SECONDS,
    known: Mapping[int, str] | None = None,
    begins: Callable[[int], object] = lambda place: None,
) -> list[Result]:
    """Run an assignment with its tests here, cell by cell, and see which tests hold.

    Parameters
    ----------
    notebook : NotebookNode
        An assignment with its answers.
    seconds : int
        Of the processor's time, for each cell.
    known : Mapping[int, str], optional
        Cells that are not run, as the process died with them, and what is said of them.
    begins : Callable[[int], object]
        Is told the place of each cell before it runs.
    """
    space: dict[str, Any] = {"__name__": "__main__"}
    results: list[Result] = []
    stopped: list[str] = []  # why cells before the tests stopped
    answered, known = False, known or {}
    if hasattr(signal, "setitimer"):
        signal.signal(signal.SIGPROF, _stop)
        signal.signal(signal.SIGALRM, _stop)
    for place, cell in enumerate(notebook.cells):
        said, name = cell.metadata.get("nbgrader", {}), called(cell, place)
        if cell.cell_type != "code":
            if said.get("grade"):
                empty = cell.source.strip() in ("", WORDS_TO_WRITE)
                got, message = (0, UNWRITTEN) if empty else (None, "to be read")
                results.append(Result(name, got, said["points"], message))
            continue
        begins(place)
        message = known.get(place) or _run(cell.source, name, space, seconds)
        if said.get("grade"):
            if message and stopped:
                message = f"{message} ({'; '.join(stopped)})"
            got = 0 if message else said["points"]
            results.append(Result(name, got, said["points"], message))
            answered = True
            continue
        if answered:  # a new question begins
            stopped, answered = [], False
        if message:
            stopped.append(f"{name} stopped with {message}")
    return results


def _run(code: str, name: str, space: dict[str, Any], seconds: int) -> str:
    """Run a cell; why it stopped, nothing if it did not."""
    try:
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                _alarm(seconds)
                exec(compile(plain(code), name, "exec"), space)
        finally:
            _alarm(0)
    except Endless:
        return too_long(name, seconds)
    except AssertionError as error:
        return str(error) or "a test does not hold"
    except NotImplementedError:
        return UNWRITTEN
    except BaseException as error:
        return f"{type(error).__name__}: {error}"
    return ""


def graded(
    submission: Path, original: NotebookNode, seconds: int = SECONDS, megabytes: int = MEGABYTES
) -> list[Result]:
    """Grade a submission in a process of its own.

    If the process dies, another one runs the notebook without the cell that it died with.
    """
    try:
        handed_in = nbformat.read(submission, as_version=4)
    except Exception as error:  # what is handed in may be anything
        cells = [cell.metadata.get("nbgrader", {}) for cell in original.cells]
        why = f"this is no notebook: {error}"
        return [Result(s["grade_id"], 0, s["points"], why) for s in cells if s.get("grade")]
    made, missing = restored(handed_in, original)
    dead: dict[int, str] = {}
    with tempfile.TemporaryDirectory() as folder:
        task, answer, at = (Path(folder, name) for name in ("task.ipynb", "answer.json", "at"))
        nbformat.write(made, task)
        while not answer.exists():
            at.unlink(missing_ok=True)
            code = _process(task, answer, at, dead, seconds, megabytes)
            if answer.exists():
                break
            place = int(at.read_text()) if at.exists() else -1
            if place < 0 or place in dead:
                raise RuntimeError(f"{submission}: no cell could be run")
            name = called(made.cells[place], place)
            if code in STOPPED:
                dead[place] = too_long(name, seconds)
            else:
                dead[place] = (
                    f"{name} ended the process: does it call exit, "
                    f"or take more than {megabytes} megabytes?"
                )
        results = [Result(*fields) for fields in json.loads(answer.read_text())]
    lacks = f" (the submission has no cell {', '.join(missing)})" if missing else ""
    return [
        Result(r.name, r.points, r.most, f"{r.message}{lacks}" if r.message else "")
        for r in results
    ]


def _process(
    task: Path, answer: Path, at: Path, dead: Mapping[int, str], seconds: int, megabytes: int
) -> int | None:
    """Run a notebook in a process; how it ended, None if it had to be stopped."""
    command = [sys.executable, "-m", "tools.course", "run", str(task), str(answer), str(at)]
    limits = ["--seconds", str(seconds), "--megabytes", str(megabytes)]
    cells = len(nbformat.read(task, as_version=4).cells)
    try:
        return subprocess.run(
            [*command, *limits, "--dead", json.dumps(dead)],
            cwd=ROOT,
            env=os.environ | FIXED | {"MPLBACKEND": "agg"},
            timeout=WAITING * seconds * (cells if hasattr(signal, "setitimer") else 1),
            capture_output=True,
            stdin=subprocess.DEVNULL,
        ).returncode
    except subprocess.TimeoutExpired:
        return None


def feedback(who: str, results: Iterable[Result], answers: Mapping[str, str] | None = None) -> str:
    """A page for a student."""
    results, answers = list(results), answers or {}
    got, most = sum(r.points or 0 for r in results), sum(r.most for r in results)
    to_read = sum(r.most for r in results if r.points is None)
    lines = [f"# {who}", "", f"{got:g} of {most:g} points; {to_read:g} are still to be given.", ""]
    for r in results:
        points = "?" if r.points is None else f"{r.points:g}"
        lines.append(
            f"- **{r.name}** {points} of {r.most:g}{f': {r.message}' if r.message else ''}"
        )
        if r.name in answers:
            quoted = "\n".join(f"  > {line}".rstrip() for line in answers[r.name].split("\n"))
            lines += ["", quoted, ""]
    return "\n".join(lines) + "\n"


def answers_in_words(submission: NotebookNode) -> dict[str, str]:
    """What a student wrote in words, by the name of the cell."""
    return {
        cell.metadata["nbgrader"]["grade_id"]: cell.source.strip()
        for cell in submission.cells
        if cell.cell_type == "markdown" and cell.metadata.get("nbgrader", {}).get("solution")
    }


def rubrics(original: NotebookNode) -> str:
    """The solution in words, with its rubric."""
    solved = "\n\n".join(answers_in_words(original).values())
    return re.sub(r"^### (BEGIN|END) SOLUTION\n?", "", solved, flags=re.MULTILINE).strip()


Given = dict[tuple[str, str, str], str]  # student, file, cell -> points that a person gave


def given(table: Path) -> Given:
    """The points that a person wrote into `words.csv`."""
    if not table.exists():
        return {}
    with table.open(newline="", encoding="utf-8") as file:
        return {
            (row["student"], row["file"], row["cell"]): row["points"].strip()
            for row in csv.DictReader(file)
        }


def with_given(result: Result, points: str) -> Result:
    """A result in words with the points that a person gave.

    Raises
    ------
    ValueError
        The points are no number between 0 and the most.
    """
    if result.points is not None or not points:
        return result
    try:
        number = float(points.replace(",", "."))
    except ValueError:
        number = math.nan
    if not 0 <= number <= result.most:
        raise ValueError(
            f"words.csv: {points!r} for {result.name} is not between 0 and {result.most:g}"
        )
    return Result(result.name, number, result.most, "")


def grade(folder: Path, seconds: int = SECONDS, megabytes: int = MEGABYTES) -> Path:
    """Grade all submissions `folder/STUDENT/.../ASSIGNMENT.ipynb`; the table of grades.

    Beside it are `totals.csv`, a row for each student, and, for answers in words, `words.md` to
    read and `words.csv` to write the points into: the next run adds them up.
    """
    there = assignments()
    files = [
        path for path in sorted(folder.rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts
    ]
    if not files:
        raise FileNotFoundError(f"{folder}: no submission STUDENT/ASSIGNMENT.ipynb")
    table, valid = folder / "grades.csv", f"the assignments are {', '.join(there)}"
    marks = given(folder / "words.csv")
    rows: list[list[str]] = []
    words: list[list[str]] = []
    read: dict[str, list[str]] = {}  # assignment -> what is to be read
    totals: dict[tuple[str, str], tuple[float, float]] = {}  # points, those to be given
    for path in files:
        place = path.relative_to(folder)
        who, file = place.parts[0], Path(*place.parts[1:]).as_posix() or place.name
        try:
            handed_in = nbformat.read(path, as_version=4)
        except Exception:  # what is handed in may be anything; `graded` says so
            handed_in = nbformat.v4.new_notebook()
        page = path.with_name(f"{path.stem}-feedback.md")
        name = recognised(path.stem, handed_in, there)
        if name is None:
            why = f"no such assignment: {valid}, and no cell is one of theirs"
            print(f"NOT GRADED {place}: {why}", file=sys.stderr, flush=True)
            rows.append([who, path.stem, file, "", "0", "", why])
            page.write_text(f"# {who}, {path.stem}\n\nNot graded: {why}.\n", encoding="utf-8")
            continue
        if name != path.stem:
            print(f"{place} is taken for {name}, by its cells or its name", flush=True)
        if (who, name) in totals:
            print(f"{place}: a second {name} of {who}; the better one counts", flush=True)
        answers, results = answers_in_words(handed_in), []
        for r in graded(path, there[name], seconds, megabytes):
            mark = marks.get((who, file, r.name), "")
            if r.points is None:
                words.append([who, file, r.name, mark, f"{r.most:g}"])
                text = f"## {who}, {file}, {r.name}: of {r.most:g}\n\n{answers.get(r.name, '')}\n"
                read.setdefault(name, []).append(text)
            results.append(with_given(r, mark))
        for r in results:
            points = "" if r.points is None else f"{r.points:g}"
            rows.append([who, name, file, r.name, points, f"{r.most:g}", r.message])
        total = sum(r.points or 0 for r in results)
        open_ = sum(r.most for r in results if r.points is None)
        totals[who, name] = max(totals.get((who, name), (-1, 0)), (total, open_))
        text = feedback(f"{who}, {name}", results, answers)
        page.write_text(text, encoding="utf-8")
        print(text.split("\n")[2], who, name, flush=True)
    heads = ["student", "assignment", "file", "cell", "points", "most", "message"]
    _write_table(table, [heads, *rows])
    names = sorted({name for _, name in totals})
    _write_table(
        folder / "totals.csv",
        [
            ["student", *names, "total", "to be given"],
            *(
                [
                    who,
                    *(f"{totals[who, n][0]:g}" if (who, n) in totals else "" for n in names),
                    f"{sum(totals[who, n][0] for n in names if (who, n) in totals):g}",
                    f"{sum(totals[who, n][1] for n in names if (who, n) in totals):g}",
                ]
                for who in sorted({row[0] for row in rows})
            ),
        ],
    )
    if words:
        _write_table(folder / "words.csv", [["student", "file", "cell", "points", "most"], *words])
        parts = [f"# {n}\n\n{rubrics(there[n])}\n\n" + "\n".join(read[n]) for n in sorted(read)]
        (folder / "words.md").write_text("\n".join(parts), encoding="utf-8")
    return table


def _write_table(path: Path, rows: Iterable[Iterable[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)


# -- plans -------------------------------------------------------------------------------------


def plans(path: Path = PLANS) -> list[dict[str, Any]]:
    """The plans of courses, slot by slot."""
    return list(yaml.safe_load(path.read_text(encoding="utf-8")))


def unknown(plan: Mapping[str, Any]) -> list[str]:
    """What a plan names and the book has not."""
    from tools.extensions import quizzes
    from tools.slides import decks, taken

    book, kit, asked = taken(), assignments(), quizzes.read()
    missing = []
    for slot in plan["slots"]:
        labels = [*slot["figures"], *slot["exercises"], *slot["statements"]]
        missing += [name for name in labels if name not in book.numbers]
        missing += [name for name in slot["statements"] if name not in book.statements]
        missing += [c for c in slot["chapters"] if not (ROOT / "book" / f"{c}.md").exists()]
        missing += [name for name in (slot.get("assignment"),) if name and name not in kit]
        missing += [name for name in slot.get("slides", {}) if name not in decks()]
        steps = slot.get("steps", [])
        shown = {name for step in steps for name in step["show"]}
        missing += sorted(shown - set(labels))
        missing += [
            name for step in steps for name in step.get("slides", {}) if name not in decks()
        ]
        missing += [
            f"{page} {number}"
            for step in steps
            for page, numbers in step.get("quiz", {}).items()
            for number in numbers
            if not 1 <= number <= len(asked.get(page, []))
        ]
    return missing


@dataclass(frozen=True)
class Words:
    """How plans name what they show; an edition with links has words of its own."""

    numbers: Mapping[str, str]
    titles: Mapping[str, str]

    def number(self, name: str) -> str:
        """A statement, a figure or an exercise by its number."""
        return self.named(name)

    def named(self, name: str) -> str:
        """The number; that of a figure of the front page, whose numbers are its own, says so."""
        from tools.slides import taken

        page, _ = taken().figures.get(name, ("", ""))
        return f"{self.numbers[name]} of the front page" if page == "index" else self.numbers[name]

    def item(self, name: str) -> str:
        """The same with its title."""
        return f"{self.named(name)} {self.titles[name]} (`{name}`)"

    def chapter(self, name: str) -> str:
        """A chapter, and how long its pages are read."""
        from tools.reading_time import of_chapter  # not for a process that runs a submission

        return f"`{name}` ({of_chapter(ROOT, name)} min)"

    def slides(self, deck: str, first: int, last: int) -> str:
        """Some slides of a deck."""
        return f"`{deck}` {first} to {last}" if first < last else f"`{deck}` {first}"

    def quiz(self, page: str, number: int) -> str:
        """A question of the quiz of a page."""
        return f"quiz `{page}` {number}"

    def home(self, assignment: str) -> str:
        """An assignment."""
        return f"`release/{assignment}`"


def decks_of(slot: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    """The slides that a slot names: deck, first and last slide."""
    from tools.slides import decks

    there = decks()
    for deck, span in (slot.get("slides") or {}).items():
        first, last = span or (1, len(there[deck].slides))
        yield deck, first, last


def listing(plan: Mapping[str, Any], words: Words | None = None) -> str:
    """A plan as Markdown: what each slot shows, with the numbers of the book."""
    from tools.slides import decks, taken

    words = words or Words(taken().numbers, taken().titles)
    lines = [f"# {plan['name'].capitalize()}", ""]
    for slot in plan["slots"]:
        what = slot["what"]
        lines += [f"## {what[:1].upper()}{what[1:]} ({slot['minutes']} min)", ""]
        lines.append(f"Read before: {', '.join(map(words.chapter, slot['chapters']))}.")
        if slides := [words.slides(*each) for each in decks_of(slot)]:
            lines.append(f"Slides: {', '.join(slides)}.")
        lines.append("")
        if steps := slot.get("steps"):
            lines += ["| minutes | what | shown |", "|---|---|---|"]
            for step in steps:
                shown = [words.slides(*each) for each in decks_of(step)]
                shown += map(words.number, step["show"])
                shown += [
                    words.quiz(page, number)
                    for page, numbers in step.get("quiz", {}).items()
                    for number in numbers
                ]
                lines.append(f"| {step['minutes']} | {step['what']} | {', '.join(shown)} |")
            lines.append("")
        elif slides:
            lines += ["| minutes | slide | |", "|---|---|---|"]
            for deck, first, last in decks_of(slot):
                for place in range(first, last + 1):
                    slide = decks()[deck].slides[place - 1]
                    lines.append(
                        f"| {slide.minutes} | {slide.title} | {words.slides(deck, place, place)} |"
                    )
            lines.append("")
        for kind in ("statements", "figures", "exercises"):
            if slot[kind]:
                lines += [f"{kind.capitalize()}:", ""]
                lines += [*(f"- {words.item(name)}" for name in slot[kind]), ""]
        if "assignment" in slot:
            lines += [f"Home: {words.home(slot['assignment'])}", ""]
    return "\n".join(lines)


def make(folder: Path) -> list[Path]:
    """Write the kit: plans, and assignments for students and for who grades."""
    written = []
    for name, notebook in assignments().items():
        for kind, made in (("source", notebook), ("release", release(notebook))):
            written.append(folder / kind / name / f"{name}.ipynb")
            written[-1].parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(made, written[-1])
    written.append(folder / "plans.md")
    written[-1].write_text("\n".join(map(listing, plans())), encoding="utf-8")
    return written


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command")
    grading = commands.add_parser("grade", help="grade a folder of submissions")
    grading.add_argument("folder", type=Path, help="with STUDENT/ASSIGNMENT.ipynb")
    running = commands.add_parser("run", help="run one notebook here, as `grade` does")
    running.add_argument("task", type=Path)
    running.add_argument("answer", type=Path)
    running.add_argument("at", type=Path, help="file that gets the place of the cell that runs")
    running.add_argument("--dead", default="{}", help="cells that are not run, and why")
    for each in (grading, running):
        each.add_argument("--seconds", type=int, default=SECONDS, help="for each cell")
        each.add_argument("--megabytes", type=int, default=MEGABYTES, help="for each submission")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / "course", help="folder")
    options = parser.parse_args()
    if options.command == "grade":
        try:
            print(f"Grades: {grade(options.folder, options.seconds, options.megabytes)}")
        except (FileNotFoundError, ValueError) as error:
            print(error, file=sys.stderr)
            return 2
    elif options.command == "run":
        if resource is not None:
            size = options.megabytes * 2**20
            resource.setrlimit(resource.RLIMIT_AS, (size, size))

        def begins(place: int) -> None:
            options.at.write_text(str(place))
            _allow(options.seconds)

        dead = {int(place): said for place, said in json.loads(options.dead).items()}
        notebook = nbformat.read(options.task, as_version=4)
        results = run(notebook, options.seconds, dead, begins)
        rows = [[r.name, r.points, r.most, r.message] for r in results]
        options.answer.write_text(json.dumps(rows))
    else:
        for path in make(options.to):
            print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
