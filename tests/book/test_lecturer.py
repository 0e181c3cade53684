"""The lecturer's edition: all that is named is linked, all answers are there, it runs from disk."""

from __future__ import annotations

import re
import shutil
import zipfile
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Browser

from tests.reader import formulas_are_set, opened
from tools import course, lecturer, slides
from tools.book import ROOT
from tools.contents import contents
from tools.extensions import quizzes

ORDER = contents(ROOT)


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The edition of a site whose pages have all labels and nothing else."""
    folder = tmp_path_factory.mktemp("lecturer")
    labels = "".join(f'<p id="{name}">' for name in slides.taken().numbers)
    (folder / "book" / "book").mkdir(parents=True)
    for page in ORDER:
        words = f"<title>{page.name} &#8212; Golden Tickets</title>{labels}"
        (folder / "book" / "book" / f"{page.name}.html").write_text(words, encoding="utf-8")
    course.make(folder / "course")
    for file in slides.write(folder / "slides", list(slides.decks().values()), slides.taken()):
        file.with_suffix(".pdf").touch()
    package = folder / "lpbook-0-py3-none-any.whl"
    package.touch()
    lecturer.handout(folder / "handout", package)
    lecturer.write_pages(folder, folder / "book")
    return folder


def pages(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.html"))


def test_pages_lead_to_all_that_there_is(edition: Path) -> None:
    names = [path.stem for path in pages(edition)]
    kit = [f"assignment-{name}" for name in course.assignments()]
    assert names == sorted([*kit, "exercises", "index", "plans", "quizzes"])
    assert lecturer.dead(pages(edition)) == []
    index = (edition / "index.html").read_text(encoding="utf-8")
    links = set(re.findall(r'href="([^"]+)"', index))
    assert {f"{name}.html" for name in names if name != "index"} <= links
    for name in slides.decks():
        assert {f"slides/{name}.html", f"slides/{name}-script.html"} <= links
    assert {"book/book/index.html", "book/book/gallery.html"} <= links


def test_dead_links_are_found(edition: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(edition, tmp_path / "copy")
    (folder / "slides" / "talk.pdf").unlink()
    page = folder / "book" / "book" / ORDER[0].name
    text = page.with_suffix(".html").read_text(encoding="utf-8")
    page.with_suffix(".html").write_text(text.replace('id="def-ticket"', ""), encoding="utf-8")
    dead = lecturer.dead(pages(folder))
    assert "index.html: slides/talk.pdf" in dead
    assert any("#def-ticket" in link for link in dead)


def test_plans_name_what_slots_show(edition: Path) -> None:
    page = (edition / "plans.html").read_text(encoding="utf-8")
    for plan in course.plans():
        for slot in plan["slots"]:
            for name in (*slot["statements"], *slot["figures"], *slot["exercises"]):
                assert f"#{name}" in page, name
    assert '<a href="slides/one_lecture.html#3">one_lecture 3</a>' in page  # shows def-ticket


def test_assignments_have_tests_and_rubrics(edition: Path) -> None:
    for name, notebook in course.assignments().items():
        page = (edition / f"assignment-{name}.html").read_text(encoding="utf-8")
        said = [cell.metadata.get("nbgrader", {}) for cell in notebook.cells]
        assert page.count("BEGIN HIDDEN TESTS") >= 1
        assert page.count("Solution and rubric.") == sum(
            each.get("grade", False) and each["solution"] for each in said
        )
        assert f"{sum(each.get('points', 0) for each in said)} points in all" in page


def test_quizzes_mark_what_is_right(edition: Path) -> None:
    page = (edition / "quizzes.html").read_text(encoding="utf-8")
    count = sum(map(len, quizzes.read().values()))
    tick = '<li><span class="right">✓ </span>'
    assert page.count(tick) == page.count('<div class="why">\n<p><em>Why:</em>') == count
    assert f"{count} questions" in (edition / "index.html").read_text(encoding="utf-8")


def test_what_students_get_has_no_solution(edition: Path) -> None:
    given = edition / "handout"
    assert lecturer.dead([given / "README.html"]) == []
    for path in given.glob("*.ipynb"):
        text = path.read_text(encoding="utf-8")
        assert "###" not in text
        assert "Rubric" not in text
        assert course.WORDS_TO_WRITE in text
    said = (given / "README.html").read_text(encoding="utf-8")
    for name, needs in (
        ("one_weight", "NumPy"),
        ("logarithms", "NumPy"),
        ("whole_network", "NumPy, <code>lpbook</code>"),
    ):
        assert f"<td><code>{name}.ipynb</code></td>\n<td>{needs}</td>" in said
    assert "lpbook-0-py3-none-any.whl" in said


@pytest.mark.slow
def test_the_package_is_one_file(tmp_path: Path) -> None:
    made = lecturer.wheel(tmp_path)
    with zipfile.ZipFile(made) as package:
        assert "lpbook/__init__.py" in package.namelist()
        assert "lpbook/data/statements.json" in package.namelist()


def test_answers_can_be_hidden_to_project_the_questions(browser: Browser, edition: Path) -> None:
    with opened(browser, viewport={"width": 1280, "height": 720}) as page:
        page.goto((edition / "quizzes.html").as_uri() + "#malach-5")
        question, right = page.locator("#malach-5"), page.locator(".right").first
        why, height = page.locator(".why").first, question.bounding_box()
        assert right.is_visible()
        page.get_by_label("Hide the answers").check()
        assert not right.is_visible()
        assert not why.is_visible()
        # No gap in front of an option tells that it is the right one.
        begins = """lists => lists.map(list => new Set([...list.children].map(option => {
            const words = document.createRange();
            words.selectNodeContents(option);
            if (option.querySelector(".right")) words.setStartAfter(option.querySelector(".right"));
            return Math.round(words.getBoundingClientRect().left);
        })).size)"""
        assert set(page.locator("ul:has(.right)").evaluate_all(begins)) == {1}
        larger = question.bounding_box()
        assert height is not None
        assert larger is not None
        assert larger["height"] > 1.4 * height["height"]


def test_every_exercise_is_solved(edition: Path) -> None:
    """Of pages that run code; those of *Proofs by machine* are for Coq, and stand on its page."""
    page = (edition / "exercises.html").read_text(encoding="utf-8")
    kept = [ROOT / "book" / f"{path.stem}.md" for path in (ROOT / "notebooks").glob("*.ipynb")]
    text = "".join(path.read_text(encoding="utf-8") for path in kept)
    numbers = [
        words
        for label, words in slides.taken().numbers.items()
        if label.startswith("ex-") and f":label: {label}\n" in text
    ]
    assert len(numbers) > 30
    for number in numbers:
        assert f'id="{number.replace(" ", "-").lower()}"' in page
        assert f"Solution to {number}" in page


def test_what_is_not_an_exercise_is_left_out() -> None:
    cell, code = nbformat.v4.new_markdown_cell, nbformat.v4.new_code_cell
    printed = nbformat.v4.new_output("stream", text="2\n")
    cells = [
        cell("## Before"),
        code("1"),
        cell("### Exercise 1.1 (Add)\n\nSee [here](malach.ipynb)."),
        cell("#### Solution to Exercise 1.1"),
        code("print(2)", outputs=[printed]),
        cell("## After"),
        cell("more"),
    ]
    assert list(lecturer.exercises(nbformat.v4.new_notebook(cells=cells))) == [
        "### Exercise 1.1 (Add)\n\nSee [here](book/book/malach.html).",
        "#### Solution to Exercise 1.1",
        "```python\nprint(2)\n```",
        "```\n2\n```",
    ]


def test_nothing_of_the_sources_shows(edition: Path) -> None:
    for path in pages(edition):
        text = re.sub(
            r"<pre>.*?</pre>|data-tex=\"[^\"]*\"", "", path.read_text("utf-8"), flags=re.S
        )
        assert not re.search(r"\{[\w:]+\}<code>|\{[\w:]+\}`|\.ipynb\)|\$\$|\0", text), path.name


def test_pages_run_from_disk(browser: Browser, edition: Path) -> None:
    wrong: list[str] = []
    with opened(browser, viewport={"width": 1280, "height": 900}) as page:
        page.on("request", lambda r: None if r.url.startswith("file:") else wrong.append(r.url))
        page.on("requestfailed", lambda r: wrong.append(r.url))
        page.on("console", lambda m: wrong.append(m.text) if m.type == "error" else None)
        for file in pages(edition):
            page.goto(file.as_uri(), wait_until="load")
            if page.locator(".formula").count():
                formulas_are_set(page)
            width = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            assert page.evaluate(width) <= 0, file.name
            first = page.locator("main > :nth-child(3)").bounding_box()
            assert first is not None
            assert first["y"] < 300, file.name  # a page, not a slide for each paragraph
            assert wrong == [], file.name


def test_all_labels_of_plans_are_on_the_site(built_site: Path) -> None:
    places = lecturer.Places.read(built_site, ORDER)
    for plan in course.plans():
        for slot in plan["slots"]:
            for name in (*slot["statements"], *slot["figures"], *slot["exercises"]):
                assert name in places.pages, name
