"""The course kit: `python -m tools.course` makes it, `python -m tools.course grade FOLDER` grades.

An assignment is one file of Markdown in `course/`, with its solutions. Cells say in their metadata
what they are:

- `course: {solution: NAME}`, code that a student writes between the marks of nbgrader;
- `course: {tests: NAME, points: 4}`, tests, some of them between marks for hidden tests;
- `course: {manual: NAME, points: 5}`, an answer in words, with its rubric in the solution.

From it come two notebooks in nbgrader's format (metadata of schema 3): `source/` for who grades,
and `release/` without solutions and hidden tests. nbgrader itself is not needed: `grade` takes a
folder of submissions, puts the original tests into each, and runs it in a process of its own, with
limits of time and memory. It writes `grades.csv` and, for each submission, a page of feedback.

A submission runs in one process with its tests, as it does under nbgrader: the limits stop
accidents, not somebody who wants to deceive.
"""

from __future__ import annotations

import argparse
import contextlib
import csv
import io
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import yaml
from nbformat import NotebookNode

from tools.book import ROOT
from tools.environment import FIXED

SOURCES = ROOT / "course"
PLANS = SOURCES / "plans.yml"
SECONDS = 60  # of the processor's time, for one submission
WAITING = 20  # times as long on the clock: others may use the machine, too
STOPPED = (-9, -24)  # SIGKILL, SIGXCPU: what ends a process at its limit
MEGABYTES = 2048
ROLES = {
    "solution": {"grade": False, "solution": True, "locked": False},
    "tests": {"grade": True, "solution": False, "locked": True},
    "manual": {"grade": True, "solution": True, "locked": False},
}
CODE_TO_WRITE = "# YOUR CODE HERE\nraise NotImplementedError"
WORDS_TO_WRITE = "YOUR ANSWER HERE"
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


def restored(submission: NotebookNode, original: NotebookNode) -> tuple[NotebookNode, list[str]]:
    """The original assignment with the answers of a submission; the answers that it lacks."""
    answers = {}
    for cell in submission.cells:
        said = cell.metadata.get("nbgrader", {})
        if said.get("solution"):
            answers[said.get("grade_id")] = cell.source
    made, missing = deepcopy(original), []
    for cell in made.cells:
        said = cell.metadata.get("nbgrader", {})
        if said.get("solution"):
            if said["grade_id"] not in answers:
                missing.append(said["grade_id"])
            cell["source"] = answers.get(said["grade_id"], "")
    return made, missing


# -- grading -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """What became of a graded cell; `points` is None where a person must read."""

    name: str
    points: float | None
    most: float
    message: str


def run(notebook: NotebookNode) -> list[Result]:
    """Run an assignment with its tests here, cell by cell, and see which tests hold."""
    space: dict[str, Any] = {"__name__": "__main__"}
    results, before = [], ""
    for cell in notebook.cells:
        said = cell.metadata.get("nbgrader", {})
        if cell.cell_type != "code":
            if said.get("grade"):
                results.append(Result(said["grade_id"], None, said["points"], "to be read"))
            continue
        message = ""
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                exec(compile(cell.source, said.get("grade_id", "cell"), "exec"), space)
        except AssertionError as error:
            message = str(error) or "a test does not hold"
        except NotImplementedError:
            message = "nothing is written here yet"
        except BaseException as error:
            message = f"{type(error).__name__}: {error}"
        if said.get("grade"):
            if message and before:
                message = f"{message} (the cell before stopped with {before})"
            got = 0 if message else said["points"]
            results.append(Result(said["grade_id"], got, said["points"], message))
        before = message if said.get("solution") else ""
    return results


def _limit(seconds: int, megabytes: int) -> None:
    """Limit this process; Windows cannot, there the time on the clock is all."""
    try:
        import resource
    except ImportError:
        return
    size = megabytes * 2**20
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def graded(
    submission: Path, original: NotebookNode, seconds: int = SECONDS, megabytes: int = MEGABYTES
) -> list[Result]:
    """Grade a submission in a process of its own."""

    def none(why: str) -> list[Result]:
        cells = [cell.metadata.get("nbgrader", {}) for cell in original.cells]
        return [
            Result(said["grade_id"], None if said["solution"] else 0, said["points"], why)
            for said in cells
            if said.get("grade")
        ]

    try:
        handed_in = nbformat.read(submission, as_version=4)
    except Exception as error:  # what is handed in may be anything
        return none(f"this is no notebook: {error}")
    made, missing = restored(handed_in, original)
    with tempfile.TemporaryDirectory() as folder:
        task, answer = Path(folder, "task.ipynb"), Path(folder, "answer.json")
        nbformat.write(made, task)
        command = [sys.executable, "-m", "tools.course", "run", str(task), str(answer)]
        endless = f"stopped after {seconds} seconds: is there a loop that never ends?"
        try:
            done = subprocess.run(
                [*command, "--seconds", str(seconds), "--megabytes", str(megabytes)],
                cwd=ROOT,
                env=os.environ | FIXED | {"MPLBACKEND": "agg"},
                timeout=WAITING * seconds,
                capture_output=True,
            )
        except subprocess.TimeoutExpired:
            return none(endless)
        if done.returncode in STOPPED:
            return none(endless)
        if not answer.exists():
            return none(f"the process died: did it take more than {megabytes} megabytes?")
        results = [Result(*fields) for fields in json.loads(answer.read_text())]
    lacks = f" (the submission has no cell {', '.join(missing)})" if missing else ""
    return [
        Result(r.name, r.points, r.most, f"{r.message}{lacks}" if r.message else "")
        for r in results
    ]


def feedback(who: str, results: Iterable[Result]) -> str:
    """A page for a student."""
    results = list(results)
    got, most = sum(r.points or 0 for r in results), sum(r.most for r in results)
    to_read = sum(r.most for r in results if r.points is None)
    lines = [f"# {who}", "", f"{got:g} of {most:g} points; {to_read:g} are still to be given.", ""]
    for r in results:
        points = "?" if r.points is None else f"{r.points:g}"
        lines.append(
            f"- **{r.name}** {points} of {r.most:g}{f': {r.message}' if r.message else ''}"
        )
    return "\n".join(lines) + "\n"


def grade(folder: Path, seconds: int = SECONDS, megabytes: int = MEGABYTES) -> Path:
    """Grade all submissions `folder/STUDENT/.../ASSIGNMENT.ipynb`; the table of grades."""
    there = assignments()
    files = [
        path for path in sorted(folder.rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts
    ]
    if not files:
        raise FileNotFoundError(f"{folder}: no submission STUDENT/ASSIGNMENT.ipynb")
    table = folder / "grades.csv"
    with table.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["student", "assignment", "cell", "points", "most", "message"])
        for path in files:
            who = path.relative_to(folder).parts[0]
            if path.stem not in there:
                rows.writerow([who, path.stem, "", "", "", "no such assignment"])
                continue
            results = graded(path, there[path.stem], seconds, megabytes)
            for r in results:
                points = "" if r.points is None else f"{r.points:g}"
                rows.writerow([who, path.stem, r.name, points, f"{r.most:g}", r.message])
            words = feedback(f"{who}, {path.stem}", results)
            path.with_name(f"{path.stem}-feedback.md").write_text(words, encoding="utf-8")
            print(words.split("\n")[2], who, path.stem, flush=True)
    return table


# -- plans -------------------------------------------------------------------------------------


def plans(path: Path = PLANS) -> list[dict[str, Any]]:
    """The plans of courses, slot by slot."""
    return list(yaml.safe_load(path.read_text(encoding="utf-8")))


def unknown(plan: Mapping[str, Any]) -> list[str]:
    """What a plan names and the book has not."""
    from tools.slides import decks, taken

    book, kit = taken(), assignments()
    missing = []
    for slot in plan["slots"]:
        labels = [*slot["figures"], *slot["exercises"], *slot["statements"]]
        missing += [name for name in labels if name not in book.numbers]
        missing += [name for name in slot["statements"] if name not in book.statements]
        missing += [c for c in slot["chapters"] if not (ROOT / "book" / f"{c}.md").exists()]
        missing += [name for name in (slot.get("assignment"),) if name and name not in kit]
        missing += [name for name in slot.get("slides", {}) if name not in decks()]
        shown = {name for step in slot.get("steps", []) for name in step["show"]}
        missing += sorted(shown - set(labels))
    return missing


@dataclass(frozen=True)
class Words:
    """How plans name what they show; an edition with links has words of its own."""

    numbers: Mapping[str, str]
    titles: Mapping[str, str]

    def number(self, name: str) -> str:
        """A statement, a figure or an exercise by its number."""
        return self.numbers[name]

    def item(self, name: str) -> str:
        """The same with its title."""
        return f"{self.numbers[name]} {self.titles[name]} (`{name}`)"

    def chapter(self, name: str) -> str:
        """A chapter, and how long its pages are read."""
        from tools.reading_time import of_chapter  # not for a process that runs a submission

        return f"`{name}` ({of_chapter(ROOT, name)} min)"

    def slides(self, deck: str, first: int, last: int) -> str:
        """Some slides of a deck."""
        return f"`{deck}` {first} to {last}" if first < last else f"`{deck}` {first}"

    def home(self, assignment: str) -> str:
        """An assignment."""
        return f"`release/{assignment}`"


def decks_of(slot: Mapping[str, Any]) -> Iterator[tuple[str, int, int]]:
    """The slides that a slot names: deck, first and last slide."""
    from tools.slides import decks

    there = decks()
    for deck, span in slot.get("slides", {}).items():
        first, last = span or (1, len(there[deck].slides))
        yield deck, first, last


def listing(plan: Mapping[str, Any], words: Words | None = None) -> str:
    """A plan as Markdown: what each slot shows, with the numbers of the book."""
    from tools.slides import taken

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
                shown = ", ".join(map(words.number, step["show"]))
                lines.append(f"| {step['minutes']} | {step['what']} | {shown} |")
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
    for each in (grading, running):
        each.add_argument("--seconds", type=int, default=SECONDS, help="for each submission")
        each.add_argument("--megabytes", type=int, default=MEGABYTES, help="for each submission")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / "course", help="folder")
    options = parser.parse_args()
    if options.command == "grade":
        print(f"Grades: {grade(options.folder, options.seconds, options.megabytes)}")
    elif options.command == "run":
        _limit(options.seconds, options.megabytes)
        results = run(nbformat.read(options.task, as_version=4))
        rows = [[r.name, r.points, r.most, r.message] for r in results]
        options.answer.write_text(json.dumps(rows))
    else:
        for path in make(options.to):
            print(path)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
