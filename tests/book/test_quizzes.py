"""Questions at the end of chapters: complete, folded on the site, answered at the end in print."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace

from tests.reader import opened
from tools.book import ROOT
from tools.contents import parts
from tools.extensions import quizzes

QUIZZES = quizzes.read()
STORY = [page.name for page in parts(ROOT)[1].pages if page.name == page.chapter]
SCRIPT = ROOT / "book" / "_static" / "quiz.js"


def test_each_chapter_of_the_story_has_ten_questions() -> None:
    assert len(STORY) == 11
    wanted = dict.fromkeys(STORY, 10) | {"since_then": 8}
    assert {name: len(questions) for name, questions in QUIZZES.items()} == wanted
    for name in QUIZZES:
        assert "```{quiz}" in (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8"), name


def test_the_right_option_does_not_stand_in_one_place() -> None:
    places = [
        [right for _, right in quizzes.ordered(question)].index(True)
        for questions in QUIZZES.values()
        for question in questions
    ]
    assert all(places.count(place) > len(places) / 5 for place in range(3))


@pytest.mark.parametrize(
    "wrong",
    [
        "[{ask: 'A?', options: [a, b, c]}]",
        "[{ask: 'A?', options: [a, b], why: w}]",
        "[{ask: 'A?', options: [a, b, a], why: w}]",
        "[{ask: 'A?', options: ['{value}`lp.count_digits(0.01)`', b, 10], why: w}]",
    ],
)
def test_incomplete_questions_are_refused(tmp_path: Path, wrong: str) -> None:
    path = tmp_path / "quizzes.yml"
    path.write_text(f"page: {wrong}")
    with pytest.raises(ValueError, match=r"page: 'A\?' wants 3 options and a why"):
        quizzes.read(path)


def built(folder: Path, builder: str, page: str = "golden_ratio") -> str:
    source = folder / "source"
    source.mkdir(exist_ok=True)
    (source / f"{page}.md").write_text("# Page\n\n```{quiz}\n```\n")
    settings = {
        "extensions": ["myst_parser", "tools.extensions.quizzes"],
        "myst_enable_extensions": ["dollarmath"],
        "root_doc": page,
        "html_theme": "basic",
    }
    out = folder / builder
    with docutils_namespace():
        app = Sphinx(
            source, None, out, folder / "trees", builder, settings, status=None, warningiserror=True
        )
        app.build()
    return "\n".join(
        path.read_text(encoding="utf-8") for path in (*out.glob(f"{page}.html"), *out.glob("*.tex"))
    )


def test_in_print_answers_come_after_the_questions(tmp_path: Path) -> None:
    text = built(tmp_path, "latex")
    questions, answers = text.split("Answers", 1)
    why = "There it takes off the least."
    assert "Which end of a segment is the dangerous one" in questions
    assert why not in questions
    assert answers.count(why) == 1


def test_without_solutions_nothing_tells_the_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOLUTIONS", "0")
    page = built(tmp_path, "html")
    assert page.count("quiz-options") == 10
    assert "quiz-right" not in page
    assert "There it takes off the least." not in page


def test_options_answer_to_the_keyboard(browser: Browser, tmp_path: Path) -> None:
    html = built(tmp_path, "html")
    article = re.search(r'<details class="quiz".*</details>', html, re.DOTALL)
    assert article is not None
    with opened(browser) as page:
        page.set_content(article[0])  # without scripts: a list, its answers folded
        page.locator(".quiz > summary").press("Enter")
        assert page.locator(".quiz-options > li").count() == 30
        assert page.locator(".quiz-answer").first.get_attribute("open") is None
        page.set_content(f"<script>{SCRIPT.read_text()}</script>{article[0]}")
        page.locator(".quiz > summary").press("Enter")
        first = page.locator(".quiz-options").first
        first.locator("li:not(.quiz-right) button").first.press("Enter")
        assert first.locator("[data-verdict=wrong] .quiz-verdict").inner_text() == "✗ no"
        assert page.locator(".quiz-answer").first.get_attribute("open") is None
        first.locator(".quiz-right button").press("Enter")
        assert page.locator(".quiz-answer").first.get_attribute("open") == ""
