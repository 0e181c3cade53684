"""The course kit: plans by name, assignments in nbgrader's format, mistakes that are told."""

from __future__ import annotations

import csv
import re
import shutil
import textwrap
from copy import deepcopy
from pathlib import Path

import jsonschema
import nbformat
import pytest
from nbformat import NotebookNode

from tools import course, slides

ASSIGNMENTS = course.assignments()
PLANS = {plan["name"]: plan for plan in course.plans()}
# What each slide of each deck shows.
SHOWN = {
    name: [
        {
            f"explorable-{label}" if kind == "explorable" else label
            for kind, label in slides.NAMED.findall(slide.body)
        }
        for slide in deck.slides
    ]
    for name, deck in slides.decks().items()
}
# Cell metadata of nbgrader, version 3.
SCHEMA = {
    "type": "object",
    "required": ["schema_version", "grade", "locked", "solution"],
    "additionalProperties": False,
    "properties": {
        "schema_version": {"const": 3},
        "grade": {"type": "boolean"},
        "locked": {"type": "boolean"},
        "solution": {"type": "boolean"},
        "task": {"const": False},
        "grade_id": {"type": "string", "pattern": r"^[a-zA-Z0-9_\-]+$"},
        "points": {"type": "number", "minimum": 0},
    },
    "if": {"properties": {"grade": {"const": True}}},
    "then": {"required": ["points", "grade_id"]},
}
# Assignment, cell, a typical mistake, what is said of it.
MISTAKES = [
    (
        "one_weight",
        "serves",
        """
        def serves(b, a, w, epsilon):
            return (abs(a * b - w) <= epsilon) & (b > 0), (abs(a * b + w) <= epsilon) & (b < 0)
        """,
        r"both products ab are \+w",
    ),
    (
        "one_weight",
        "serves",
        """
        def serves(b, a, w, epsilon):
            near_one = 1 - epsilon / 2
            close = abs(a * b - w) <= epsilon
            return close & (b >= near_one), close & (b <= -near_one)
        """,
        r"for x = 2, w = 0\.7 the neuron b = .* makes 1\.\d+, wanted 1\.4.*: it serves, you say F",
    ),
    (
        "one_weight",
        "success",
        "def success(w, epsilon): return epsilon**2 / 8",
        "does the rectangle stick out of the square",
    ),
    (
        "one_weight",
        "count",
        """
        def count(epsilon, delta):
            return math.ceil(16 / epsilon**2 * math.log(1 / delta))
        """,
        "were both halves counted",
    ),
    (
        "logarithms",
        "decompose",
        """
        def decompose(weight, samples):
            kept = []
            for i, x in enumerate(samples):  # bits of the exact powers
                kept.append(weight >= PHI ** -(i + 1))
                weight -= kept[-1] * PHI ** -(i + 1)
            return kept
        """,
        r"keep only what fits|bits must wait for the samples",
    ),
    (
        "logarithms",
        "decompose",
        """
        def decompose(weight, samples):
            kept = []
            for x in samples:
                kept.append(weight >= x + 0.01)
                weight -= kept[-1] * x
            return kept
        """,
        r"is left, promised",
    ),
    (
        "logarithms",
        "digits",
        "def digits(epsilon, base=PHI): return round(math.log(1 / epsilon, base))",
        r"1\.5\*\*-11 is 0\.0116, too much",
    ),
    (
        "logarithms",
        "batch_size",
        """
        def batch_size(m, k, c, delta):
            return math.ceil(2 / c * (m + math.log(1 / delta)))
        """,
        r"(\d+) samples for one category and \1 for fifty: are all k categories counted",
    ),
    (
        "logarithms",
        "decompose",
        """
        def decompose(weight, samples):
            return [weight >= x for x in samples]
        """,
        r"a rest; you return \[True, True, True, True\]",
    ),
    (
        "logarithms",
        "digits",
        "def digits(epsilon, base=PHI): return math.ceil(math.log(1 / epsilon, base))",
        r"epsilon = 2\.0: you return -1; no digit is needed there: say 0",
    ),
    (
        "logarithms",
        "batch_size",
        """
        def batch_size(m, k, c, delta):
            return math.ceil(1 / c * (m + math.log(k / delta)))
        """,
        "less than the lemma says: which factor",
    ),
    (
        "whole_network",
        "network_error",
        """
        def network_error(weights, epsilon_w, radius=1.0):
            error, size = 0.0, radius
            for W in weights:
                norm = np.linalg.norm(W, 2)
                error = norm * error + epsilon_w * math.sqrt(W.size) * size
                size *= norm
            return error
        """,
        "forgets that the second one is given a perturbed input",
    ),
    (
        "whole_network",
        "block",
        """
        def block(k, m, layers, delta):
            return math.ceil(4 * k * math.log(2 * k * m / delta))
        """,
        "allowed for a layer|0.75",
    ),
    (
        "whole_network",
        "ticket",
        "ticket = lp.prune(F, weight_epsilon=0.1)",
        "over which inputs shall it hold",
    ),
]


def answered(name: str, cell: str, code: str) -> NotebookNode:
    """The assignment solved, but for one cell."""
    made = deepcopy(ASSIGNMENTS[name])
    (place,) = [
        c
        for c in made.cells
        if c.metadata.get("nbgrader", {}).get("grade_id") == f"{cell}-solution"
    ]
    place["source"] = textwrap.dedent(code).strip()
    return made


@pytest.mark.parametrize("name", PLANS)
def test_names_of_plans_are_those_of_the_book(name: str) -> None:
    assert course.unknown(PLANS[name]) == []
    assert len(course.listing(PLANS[name]).split("## ")) == 1 + len(PLANS[name]["slots"])


def test_unknown_names_are_found() -> None:
    plan = deepcopy(PLANS["three lectures"])
    plan["slots"][0]["figures"] += ["fig-silver"]
    plan["slots"][1] |= {"statements": ["silver"], "assignment": "silver-work"}
    plan["slots"][2]["slides"] = {"silver-deck": None}
    plan["slots"][2]["steps"][0]["show"] = ["def-ticket"]  # there is one, but not in this slot
    plan["slots"][2]["steps"][1] |= {"quiz": {"malach": [1, 99]}, "slides": {"gold-deck": None}}
    missing = {"malach 99", "gold-deck"} | {
        "fig-silver",
        "silver",
        "silver-work",
        "silver-deck",
        "def-ticket",
    }
    assert set(course.unknown(plan)) == missing


def test_the_deck_of_one_lecture_fills_its_slots() -> None:
    deck, before = slides.decks()["one_lecture"], 0
    for slot in PLANS["one lecture"]["slots"]:
        first, last = slot["slides"]["one_lecture"]
        assert first == before + 1
        minutes = [slide.minutes for slide in deck.slides[first - 1 : last]]
        assert sum(minutes) == slot["minutes"], slot["what"]
        before = last
    assert before == len(deck.slides)


@pytest.mark.parametrize("name", PLANS)
def test_steps_fill_their_slot(name: str) -> None:
    for slot in PLANS[name]["slots"]:
        if steps := slot.get("steps"):
            assert sum(step["minutes"] for step in steps) == slot["minutes"], slot["what"]


@pytest.mark.parametrize("name", PLANS)
def test_the_slides_of_steps_are_those_of_their_slot(name: str) -> None:
    for slot in PLANS[name]["slots"]:
        whole = {(d, n) for d, a, b in course.decks_of(slot) for n in range(a, b + 1)}
        for step in slot.get("steps", []):
            for deck, first, last in course.decks_of(step):
                assert {(deck, first), (deck, last)} <= whole, step["what"]
                shown = {label for n in range(first, last + 1) for label in SHOWN[deck][n - 1]}
                assert not step["show"] or shown & set(step["show"]), step["what"]


def test_two_lectures_have_minutes_for_questions_and_for_what_was_late() -> None:
    for slot in PLANS["two lectures"]["slots"]:
        quiz = [step for step in slot["steps"] if "quiz" in step]
        assert quiz
        assert slot["steps"][-1] == {
            "minutes": slot["steps"][-1]["minutes"],
            "what": "what was late",
            "show": [],
        }


def test_a_slot_without_steps_lists_its_slides() -> None:
    text = course.listing(PLANS["three lectures"])
    for slide in slides.decks()["logarithms"].slides:
        assert f"| {slide.minutes} | {slide.title} | `logarithms` " in text
    assert "quiz `malach` 5" in text
    assert "Fig. 2 of the front page" in course.listing(PLANS["one lecture"])


def test_each_of_the_three_lectures_is_timed() -> None:
    """By a deck that fills it, or by steps."""
    for slot in PLANS["three lectures"]["slots"]:
        whole = [name for name, span in slot["slides"].items() if span is None]
        minutes = [slides.decks()[name].minutes for name in whole]
        assert slot.get("steps") or minutes == [slot["minutes"]], slot["what"]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_metadata_is_nbgrader_s(name: str) -> None:
    notebook = ASSIGNMENTS[name]
    nbformat.validate(notebook)
    marked = [cell for cell in notebook.cells if "nbgrader" in cell.metadata]
    for cell in marked:
        said = cell.metadata["nbgrader"]
        jsonschema.validate(said, SCHEMA)
        if cell.cell_type == "markdown":  # nbgrader wants both of it
            assert said["grade"]
            assert said["solution"]
            assert "**Rubric.**" in cell.source
    assert {(c.metadata["nbgrader"]["grade"], c.cell_type) for c in marked} == {
        (True, "code"),
        (True, "markdown"),
        (False, "code"),
    }


def test_cells_that_do_not_say_what_they_are_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    cell = "```{{code-cell}} ipython3\n---\ncourse: {}\n---\n1\n```\n\n"
    path.write_text(cell.format("{solution: f, points: 3}"))
    with pytest.raises(ValueError, match="is not one of solution, tests, manual with points"):
        course.source(path)
    path.write_text(2 * cell.format("{solution: f}"))
    with pytest.raises(ValueError, match="two cells are f-solution"):
        course.source(path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_solutions_get_all_points_and_stubs_none(name: str) -> None:
    results = course.run(ASSIGNMENTS[name])
    assert [r.points for r in results if r.points != r.most] == [None], results
    handed_out = course.release(ASSIGNMENTS[name])
    text = "\n".join(cell.source for cell in handed_out.cells)
    assert "###" not in text
    assert "Rubric" not in text
    assert course.WORDS_TO_WRITE in text
    made, missing = course.restored(handed_out, ASSIGNMENTS[name])
    assert missing == []
    assert sum(r.points or 0 for r in course.run(made)) == 0


@pytest.mark.slow
@pytest.mark.parametrize(("name", "cell", "code", "words"), MISTAKES)
def test_typical_mistakes_are_told(name: str, cell: str, code: str, words: str) -> None:
    results = course.run(answered(name, cell, code))
    wrong = [r for r in results if r.points == 0]
    assert {r.name.partition("-")[0] for r in wrong} == {cell}
    said = [r.message for r in wrong]
    assert re.search(words, "\n".join(said)), said
    assert all(r.points in (r.most, None) for r in results if r not in wrong)


# Assignment, cell, another right solution.
RIGHT = [
    (
        "logarithms",
        "decompose",
        """
        def decompose(weight, samples):
            kept = np.zeros(len(samples), dtype=bool)
            for i, x in enumerate(samples):
                kept[i] = weight >= x
                weight -= kept[i] * x
            return kept
        """,
    ),
    (
        "logarithms",
        "batch_size",
        """
        def batch_size(m, k, c, delta):
            return np.ceil(2 / c * (m + np.log(k / delta)))
        """,
    ),
    (
        "one_weight",
        "serves",
        """
        def serves(b, a, w, epsilon):  # by the definition, at x = 1 and at x = -1
            made = [abs(a * np.maximum(b * x, 0) - w * x) <= epsilon for x in (1, -1)]
            return tuple(half.tolist() for half in made)
        """,
    ),
    (
        "logarithms",
        "digits",
        """
        %matplotlib inline
        def digits(epsilon, base=PHI):
            !ls
            return next(k for k in range(1000) if base**-k <= epsilon)
        """,
    ),
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "cell", "code"), RIGHT)
def test_other_right_solutions_get_all_points(name: str, cell: str, code: str) -> None:
    results = course.run(answered(name, cell, code))
    assert [r for r in results if r.points not in (r.most, None)] == []


@pytest.mark.slow
def test_a_corner_costs_its_own_points() -> None:
    code = "def digits(epsilon, base=PHI): return math.ceil(math.log(1 / epsilon, base))"
    results = course.run(answered("logarithms", "digits", code))
    got = {r.name: r.points for r in results if r.name.startswith("digits")}
    assert got == {"digits-tests": 1, "digits-hidden-tests": 1, "digits-none-tests": 0}


@pytest.mark.slow
def test_cells_of_one_s_own_are_run_where_they_stand() -> None:
    original = ASSIGNMENTS["logarithms"]
    made = answered(
        "logarithms",
        "batch_size",
        "def batch_size(m, k, c, delta): return helper(2 / c * (m + log(k / delta)))",
    )
    place = next(
        at
        for at, cell in enumerate(made.cells)
        if cell.metadata.get("nbgrader", {}).get("grade_id") == "batch_size-solution"
    )
    helper = "def helper(x): return math.ceil(x)"
    made.cells.insert(place, nbformat.v4.new_code_cell(helper))
    first = next(cell for cell in made.cells if cell.cell_type == "code")
    first["source"] += "\nfrom math import log"
    made.cells.append(nbformat.v4.new_code_cell("1 / 0"))
    restored, _ = course.restored(made, original)
    assert [r for r in course.run(restored) if r.points not in (r.most, None)] == []
    made.cells[place]["source"] = "def helper(x) return math.ceil(x)"
    restored, _ = course.restored(made, original)
    (wrong, _) = [r for r in course.run(restored) if r.points == 0]
    assert wrong.name == "batch_size-tests"
    assert f"cell {place + 1} of the notebook, one of your own stopped with Syntax" in wrong.message


def test_a_submission_is_known_by_its_cells() -> None:
    for name, notebook in ASSIGNMENTS.items():
        handed_in = course.release(notebook)
        assert course.recognised("logarithm", handed_in, ASSIGNMENTS) == name
        assert course.recognised("one_weight", handed_in, ASSIGNMENTS) == name
    empty = nbformat.v4.new_notebook()
    assert course.recognised("one_weight(2)", empty, ASSIGNMENTS) == "one_weight"
    assert course.recognised("essay", empty, ASSIGNMENTS) is None


def test_an_id_takes_no_answer_from_a_cell_that_is_named() -> None:
    """Nor does a cell of another kind: ids may come from anywhere."""
    original = ASSIGNMENTS["one_weight"]
    made = deepcopy(original)
    made.cells[-2]["id"] = "count-solution"  # a text
    restored, _ = course.restored(made, original)
    assert [c.source for c in restored.cells] == [c.source for c in original.cells]


def test_an_editor_that_drops_metadata_loses_no_answer() -> None:
    bare = deepcopy(ASSIGNMENTS["one_weight"])
    for cell in bare.cells:
        cell.metadata.clear()
    made, missing = course.restored(bare, ASSIGNMENTS["one_weight"])
    assert missing == []
    assert [c.source for c in made.cells] == [c.source for c in ASSIGNMENTS["one_weight"].cells]


@pytest.mark.slow
def test_a_folder_of_submissions_is_graded(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = "one_weight"
    half = answered(name, "count", "def count(epsilon, delta): return 1 / 0")
    cheat = course.release(ASSIGNMENTS[name])  # tests of one's own do not count
    for cell in cheat.cells:
        if cell.metadata.get("nbgrader", {}).get("locked"):
            cell["source"] = "assert True"
    for who, notebook in {"ada": ASSIGNMENTS[name], "ben": half, "eve": cheat}.items():
        (tmp_path / who).mkdir()
        nbformat.write(notebook, tmp_path / who / f"{name}.ipynb")
    lazy = deepcopy(ASSIGNMENTS[name])
    lazy.cells[-1]["source"] = course.WORDS_TO_WRITE
    (tmp_path / "lou").mkdir()
    nbformat.write(lazy, tmp_path / "lou" / "final(2).ipynb")
    nbformat.write(half, tmp_path / "lou" / f"{name} (1).ipynb")
    nbformat.write(nbformat.v4.new_notebook(), tmp_path / "lou" / "essay.ipynb")
    (tmp_path / "kim").mkdir()
    (tmp_path / "kim" / f"{name}.ipynb").write_text("my dog ate it")
    with course.grade(tmp_path).open() as file:
        rows = list(csv.DictReader(file))
    printed = capsys.readouterr()
    assert "NOT GRADED lou/essay.ipynb: no such assignment: the assignments are log" in printed.err
    assert "lou/final(2).ipynb is taken for one_weight" in printed.out
    assert "a second one_weight of lou; the better one counts" in printed.out
    assert "no such assignment" in (tmp_path / "lou" / "essay-feedback.md").read_text()
    lou = {row["cell"]: row["points"] for row in rows if row["file"] == "final(2).ipynb"}
    assert lou["words"] == "0"
    assert lou["count-hidden-tests"] == "3"
    rows = [row for row in rows if row["student"] != "lou"]
    got = {(row["student"], row["cell"]): (row["points"], row["message"]) for row in rows}
    assert got["ada", "count-tests"] == ("1", "")
    assert got["ada", "words"] == ("", "to be read")
    assert got["ben", "count-tests"] == ("0", "ZeroDivisionError: division by zero")
    assert got["ben", "serves-tests"] == ("2", "")
    assert got["eve", "count-tests"] == ("0", "nothing is written here yet")
    assert got["kim", "count-tests"][1].startswith("this is no notebook")
    page = (tmp_path / "ben" / f"{name}-feedback.md").read_text()
    assert "8 of 18 points; 6 are still to be given." in page
    assert "> (a) The rectangle has two sides" in page
    # Points for words: read, written into the table, added by the next run.
    assert "**Rubric.**" in (tmp_path / "words.md").read_text()
    table = tmp_path / "words.csv"
    assert "ada,one_weight.ipynb,words,,6" in table.read_text()
    table.write_text(
        table.read_text().replace(
            "ada,one_weight.ipynb,words,,6", "ada,one_weight.ipynb,words,4.5,6"
        )
    )
    for who in ("ben", "eve", "kim", "lou"):
        shutil.rmtree(tmp_path / who)
    course.grade(tmp_path)
    assert "16.5 of 18 points; 0 are" in (tmp_path / "ada" / f"{name}-feedback.md").read_text()
    assert (tmp_path / "totals.csv").read_text().split()[-1] == "ada,16.5,16.5,0"
    assert "ada,one_weight.ipynb,words,4.5,6" in table.read_text()
    table.write_text(table.read_text().replace("4.5", "45"))
    with pytest.raises(ValueError, match=r"words\.csv: '45' for words is not between 0 and 6"):
        course.grade(tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("code", "limits", "words"),
    [
        ("while True: pass", {"seconds": 2}, "serves-solution was stopped after 2 seconds: is"),
        (
            "def serves(*_):\n while True:\n  try: 1\n  except: pass",
            {"seconds": 2},
            "serves-tests was stopped after 2 seconds: is there a loop that never ends",
        ),
        (
            "def serves(*_): sum(range(10**13))",  # one call, which no alarm stops
            {"seconds": 1},
            "serves-tests was stopped after 1 seconds: is there a loop that never ends",
        ),
        ("import time; time.sleep(1000)", {"seconds": 1}, "serves-solution was stopped"),
        ("def serves(*_): os._exit(1)\nimport os", {}, "serves-tests ended the process"),
        ("x = np.ones(2**28)", {"megabytes": 1024}, "MemoryError"),
    ],
)
def test_limits_hold(tmp_path: Path, code: str, limits: dict[str, int], words: str) -> None:
    original = ASSIGNMENTS["one_weight"]
    path = tmp_path / "one_weight.ipynb"
    nbformat.write(answered("one_weight", "serves", code), path)
    results = course.graded(path, original, **limits)
    assert [r.name for r in results if r.points == 0] == ["serves-tests", "serves-hidden-tests"]
    assert words in results[0].message
    assert all(r.points in (r.most, None) for r in results[2:])


def test_the_kit_is_written(tmp_path: Path) -> None:
    files = {path.relative_to(tmp_path).as_posix() for path in course.make(tmp_path)}
    notebooks = {f"{k}/{n}/{n}.ipynb" for k in ("source", "release") for n in ASSIGNMENTS}
    assert files == notebooks | {"plans.md"}
    with pytest.raises(FileNotFoundError, match=r"no submission STUDENT/ASSIGNMENT\.ipynb"):
        course.grade(tmp_path / "empty")
