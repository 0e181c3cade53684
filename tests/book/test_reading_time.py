"""How long pages take to read: what is counted, and that the page says the rule."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import reading_time
from tools.book import ROOT
from tools.contents import contents

PAGE = """\
---
jupytext: {format: myst}
---

# Two words

(a-label)=
One $x
+y$ three. % this stays, a comment begins its line
% not read

```{prf:lemma} Its title
:label: name
four five
```

```{prf:proof}
six

$$z$$
```

```{explorable} digits
:name: explorable-digits

seven
```

```{code-cell} ipython3
---
tags: [hide-input]
mystnb:
  figure:
    name: fig-a
    caption: eight nine
---
figures.not_read()
```

```{code-cell} ipython3
not_read = 1
```

```{exercise-start} Not read
:label: ex
```
not read
```{exercise-end}
```

```{solution} ex
not read
```

```{quiz}
```
"""


def test_what_is_read_is_counted() -> None:
    words = (
        "Two words, One formula three this stays a comment begins its line, four five, eight nine"
    )
    expected = {
        "word": len(words.split()) + len(["seven"]) + 2 * len(["six"]),
        "formula": 2,  # in a proof
        "picture": 1,
        "interactive": 1,
    }
    assert reading_time.counted(PAGE) == expected


@pytest.mark.parametrize(
    ("more", "minutes"),
    [
        ("word " * (5 * reading_time.WORDS), 5),
        ("word " * (5 * reading_time.WORDS + 1), 10),
        ("$$a$$\n\n" * 11, 10),
        ("```{explorable} digits\n:name: x\n\nword\n```\n\n" * 2, 10),
    ],
)
def test_the_rule(more: str, minutes: int) -> None:
    assert reading_time.estimated_minutes(more) == minutes


def test_further_pages_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    toc = "format: jb-book\nroot: book/i\nparts:\n  - caption: One\n    numbered: true\n"
    toc += "    chapters:\n"
    toc += "      - file: book/a\n        sections:\n          - file: book/a_further\n"
    (tmp_path / "_toc.yml").write_text(f"{toc}      - file: book/b\n", encoding="utf-8")
    for name, words in (("i", 1), ("a", 900), ("a_further", 300), ("b", 1)):
        (tmp_path / "book" / f"{name}.md").write_text("word " * words, encoding="utf-8")
    assert reading_time.of_chapter(tmp_path, "a") == "10 + 5"
    assert reading_time.of_chapter(tmp_path, "b") == "5"
    with pytest.raises(KeyError):
        reading_time.of_chapter(tmp_path, "silver")


def test_the_page_says_the_rule_and_calls_it_an_estimate() -> None:
    words = " ".join((ROOT / "book" / "teaching.md").read_text(encoding="utf-8").split())
    said = {0.5: "half a minute for a displayed formula", 1: "one for a picture"}
    said[3] = "three for an interactive figure"
    assert [said[minutes] in words for minutes in reading_time.MINUTES.values()] == [True] * 3
    assert f"{reading_time.WORDS} words a minute" in words
    assert "rounded up to five" in words
    assert reading_time.STEP == 5
    assert "an *estimate*" in words


def test_each_chapter_has_its_minutes() -> None:
    text = (ROOT / "book" / "teaching.md").read_text(encoding="utf-8")
    rows = [line for line in text.split("\n") if "{minutes}`" in line]
    numbered = [page.name for page in contents(ROOT) if page.number and page.name == page.chapter]
    without = {"toolbox", "proved_by_machine"}  # looked up, not read through
    assert [row.split("`")[1] for row in rows] == [n for n in numbered if n not in without]
    assert all(row.count(f"`{row.split('`')[1]}`") == 2 for row in rows)
