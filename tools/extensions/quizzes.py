"""The directive `{quiz}`: questions on the page where it stands, from `book/quizzes.yml`.

On the site they are folded. Without scripts each question is a list with its answer in a fold; with
`book/_static/quiz.js` the options are buttons that say whether they are right. In print the answers
come after all questions. With `SOLUTIONS=0` there are none. The role `{value}` computes numbers
(`tools/values.py`).
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from tools.values import filled

QUIZZES = Path(__file__).resolve().parents[2] / "book" / "quizzes.yml"
FEWEST = 3  # options


def read(path: Path = QUIZZES) -> dict[str, list[dict[str, Any]]]:
    """The questions of each page, with their numbers.

    Raises
    ------
    ValueError
        A question lacks something, or has two options that are the same.
    """
    quizzes = yaml.safe_load(path.read_text(encoding="utf-8"))
    for page, questions in quizzes.items():
        for question in questions:
            options = [filled(str(option)) for option in question.get("options", [])]
            complete = set(question) == {"ask", "options", "why"} and all(question.values())
            if not complete or len(options) < FEWEST or len(set(options)) < len(options):
                raise ValueError(
                    f"{page}: {question.get('ask')!r} wants {FEWEST} options and a why"
                )
            question["options"] = options
    return dict(quizzes)


def ordered(question: dict[str, Any]) -> list[tuple[str, bool]]:
    """The options as the page has them, each with whether it is right: in one order, every time.

    Examples
    --------
    >>> ordered({"ask": "1 + 1?", "options": ["2", "1", "3"]})
    [('1', False), ('3', False), ('2', True)]
    """
    options = [(option, place == 0) for place, option in enumerate(question["options"])]
    turn = int(hashlib.sha256(question["ask"].encode()).hexdigest(), 16) % len(options)
    return options[turn:] + options[:turn]


class fold(nodes.General, nodes.Element):  # type: ignore[misc]
    """A part of a page that opens; `words` stand on it."""


class Quiz(SphinxDirective):
    """The questions of the page."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(QUIZZES))
        questions = read().get(Path(self.env.docname).name)
        if not questions:
            raise self.error(f"{QUIZZES.name} has no questions for {self.env.docname}")
        tells = os.environ.get("SOLUTIONS") != "0"
        asked = nodes.enumerated_list(enumtype="arabic", prefix="", suffix=".")
        answers = nodes.enumerated_list(enumtype="arabic", prefix="", suffix=".")
        for question in questions:
            item = nodes.list_item("", *self._words(question["ask"]))
            options = nodes.bullet_list(classes=["quiz-options"])
            for words, right in ordered(question):
                classes = ["quiz-right"] if right and tells else []
                options += nodes.list_item("", *self._words(words), classes=classes)
            item += options
            if tells:
                answer = fold("", *self._answer(question), words="Answer", classes=["quiz-answer"])
                item += addnodes.only("", answer, expr="html")
                answers += nodes.list_item("", *self._answer(question))
            asked += item
        title = f"Test yourself: {len(questions)} questions"
        parts = [nodes.rubric(title, title), asked]
        if tells:
            parts += [nodes.rubric("Answers", "Answers"), answers]
        in_print = addnodes.only("", *(part.deepcopy() for part in parts), expr="latex")
        on_site = fold("", asked, words=title, classes=["quiz"])
        return [addnodes.only("", on_site, expr="html"), in_print]

    def _words(self, text: str) -> list[nodes.Node]:
        found = nodes.Element()
        self.state.nested_parse(StringList(text.split("\n"), str(QUIZZES)), 0, found)
        return found.children

    def _answer(self, question: dict[str, Any]) -> list[nodes.Node]:
        return [*self._words(question["options"][0]), *self._words(question["why"])]


def visit_html(self: Any, node: fold) -> None:
    """Open a fold."""
    self.body.append(self.starttag(node, "details") + f"<summary>{node['words']}</summary>\n")


def depart_html(self: Any, node: fold) -> None:
    """Close what was opened."""
    self.body.append("</details>\n")


def leave_alone(self: Any, node: fold) -> None:
    """Elsewhere nothing folds."""


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    plain = (leave_alone, leave_alone)
    app.add_node(fold, html=(visit_html, depart_html), latex=plain, text=plain)
    app.add_directive("quiz", Quiz)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
