"""How long pages take to read: an estimate by a rule, not measured on readers.

The rule: `WORDS` words a minute, where a formula within a sentence is a word; for a displayed
formula, a picture and an interactive figure the minutes of `MINUTES`; proofs twice, because they
are read twice. Exercises, their solutions, questions and code are left out. The sum is rounded up.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import yaml

from tools.contents import contents
from tools.extensions.solutions import without_solutions
from tools.markdown import blocks, head_of, options_of

WORDS = 150  # a minute: adults read about 240 of a text without formulas
MINUTES = {"formula": 0.5, "picture": 1.0, "interactive": 3.0}
STEP = 5  # minutes
UNREAD = frozenset("bibliography cite-book cite-chapter exercise filter only quiz raw".split())
EXERCISE = re.compile(
    r"^(?P<fence>`{3,}|:{3,})\{exercise-start\}.*?"
    r"^(?P=fence)\{exercise-end\}\s*?\n(?P=fence)[ \t]*$",
    re.DOTALL | re.MULTILINE,
)
HEAD = re.compile(r"\A---\n.*?^---$", re.DOTALL | re.MULTILINE)
DISPLAYED = re.compile(r"\$\$.+?\$\$|\\begin\{(\w+\*?)\}.+?\\end\{\1\}", re.DOTALL)
INLINE = re.compile(r"\$[^$]+\$")
# What is no word: comments, labels, names of roles, addresses.
MARKS = re.compile(r"^%.*$|^\([^()\s]+\)=$|\{[\w:+-]+\}|<[^<>\s]+>|\]\([^()\s]+\)", re.MULTILINE)
WORD = re.compile(r"\w+(?:[-'’]\w+)*")


def counted(text: str) -> Counter[str]:
    """Words, displayed formulas, pictures and interactive figures that a reader of a page meets.

    Examples
    --------
    >>> sorted(counted("So $a+b$ is\\n\\n$$c$$\\n\\nas {ref}`here <x>` said.").items())
    [('formula', 1), ('word', 6)]
    """
    text = EXERCISE.sub("", without_solutions(HEAD.sub("", text)))
    return +_sum(_block(kind, block) for kind, block in blocks(text.split("\n")))


def _sum(counts: Iterable[Counter[str]]) -> Counter[str]:
    return sum(counts, Counter())


def _block(kind: str, block: list[str]) -> Counter[str]:
    if kind == "text":
        return _words("\n".join(block))
    name = head_of(block[0])[0] if kind == "directive" else ""
    if not name or name in UNREAD:
        return Counter()
    if name == "code-cell":
        return _figure(block)
    if name == "math":
        return Counter(["formula"])
    inside = _sum(_block(*each) for each in blocks(options_of(block[1:-1])[1]))
    if name == "prf:proof":
        return inside + inside
    met = {"explorable": "interactive", "figure": "picture", "image": "picture"}.get(name)
    return inside + Counter([met] if met else [])


def _figure(cell: list[str]) -> Counter[str]:
    """The picture that a cell draws, with its caption; of code that draws none nothing is read."""
    if cell[1] != "---":
        return Counter()
    said = yaml.safe_load("\n".join(cell[2 : cell.index("---", 2)]))
    caption = said.get("mystnb", {}).get("figure", {}).get("caption")
    return _words(caption) + Counter(["picture"]) if caption else Counter()


def _words(text: str) -> Counter[str]:
    text, formulas = DISPLAYED.subn(" ", text)
    words = WORD.findall(MARKS.sub(" ", INLINE.sub(" formula ", text)))
    return Counter(formula=formulas, word=len(words))


def estimated_minutes(text: str) -> int:
    """The estimate for a page, by the rule above, rounded up to five minutes.

    Examples
    --------
    >>> estimated_minutes("word " * 600), estimated_minutes("word " * 900)
    (5, 10)
    """
    met = counted(text)
    minutes = met["word"] / WORDS + sum(MINUTES[kind] * met[kind] for kind in MINUTES)
    return STEP * math.ceil(minutes / STEP)


@cache
def of_pages(root: Path) -> dict[str, int]:
    """The estimates for all pages of the book, by name."""
    return {
        page.name: estimated_minutes((root / "book" / f"{page.name}.md").read_text("utf-8"))
        for page in contents(root)
    }


def of_chapter(root: Path, name: str) -> str:
    """The estimates for a chapter: its page, and after a plus its further pages."""
    minutes = of_pages(root)
    pages = [page.name for page in contents(root) if page.chapter == name]
    further = sum(minutes[page] for page in pages if page != name)
    return f"{minutes[name]} + {further}" if further else f"{minutes[name]}"
