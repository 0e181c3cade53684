"""One word for one thing, one letter for one object: the tables of the notation page hold."""

from __future__ import annotations

import re
from collections import Counter
from itertools import chain

import pytest

from tools.book import ROOT

BOOK = ROOT / "book"
PAGES = sorted(path.stem for path in BOOK.glob("*.md"))
NOTATION = (BOOK / "notation.md").read_text(encoding="utf-8")
SYMBOLS, _, WORDS = NOTATION.partition("\n## Words\n")
ALLOWED = {"status": {"poster"}}  # its errata
WRITTEN = re.compile(r"^ +(?:caption|alt): *(.*(?:\n {6,}.*)*)", re.MULTILINE)
UNSAID = [  # what stands on a page and is none of its words
    r"^```(?:\{code-cell\}|[a-z]+$).*?^```",
    r"\{(?:doc|ref|numref|prf:ref|eq|cite:[tp]|glue:text|py:\w+)\}`[^`]*`",
    r"\{download\}`[^`]*`",
    r"^\s*:\w+:.*?$|^\(.*\)=$",
    r"`[^`\n]*`",
    r"\$\$.*?\$\$|\$[^$]*\$",
    r"“[^”]*”|\]\([^)]*\)",
]


def rows(text: str) -> list[list[str]]:
    """The cells of all rows of tables, without their heads."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    return [row for row in cells if row[0] not in ("symbol", "word")]


def terms() -> dict[str, list[str]]:
    """Each word of the table, and what is not said in its place."""
    return {word: others.split(", ") for word, _, others in rows(WORDS)}


def words(source: str) -> str:
    """What a page says in words, captions and descriptions of pictures included."""
    said = WRITTEN.findall(source)
    for pattern in UNSAID:
        source = re.sub(pattern, " ", source, flags=re.DOTALL | re.MULTILINE)
    return "\n".join([source, *said])


def unwanted(text: str) -> list[str]:
    """The words of the table's last column that a text has."""
    others = [other for list_ in terms().values() for other in list_]
    return [o for o in others if re.search(rf"\b{o}s?\b", " ".join(text.split()), re.IGNORECASE)]


def test_the_table_is_read() -> None:
    found = terms()
    assert len(found) > 15
    assert all(word and all(others) for word, others in found.items())


@pytest.mark.parametrize("name", PAGES)
def test_one_word_for_one_thing(name: str) -> None:
    source = SYMBOLS if name == "notation" else (BOOK / f"{name}.md").read_text(encoding="utf-8")
    assert set(unwanted(words(source))) <= ALLOWED.get(name, set())


def test_what_is_no_prose_may_have_any_word() -> None:
    prose = "No bin."
    other = "`bin` $x_{bin}$ {doc}`bin`\n```{code-cell} ipython3\nbin = 1\n```\n“A bin.”"
    caption = "```{code-cell} ipython3\n---\n    caption: |\n      Two\n      bins.\n---\n```"
    assert unwanted(words(prose)) == unwanted(words(caption)) == ["bin"]
    assert unwanted(words(other)) == []


def test_one_letter_for_one_object() -> None:
    """No letter is in two rows of the tables of symbols."""
    letters = [re.findall(r"\$([^$]+)\$", symbols) for symbols, _, _ in rows(SYMBOLS)]
    times = Counter(chain.from_iterable(letters))
    assert len(letters) > 40
    assert [letter for letter, count in times.items() if count > 1] == []
