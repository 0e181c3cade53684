"""Keep a list of all anchors that pages have or had; `python -m tools.statements` adds today's.

Links to them stand elsewhere, so a test asks that each still leads somewhere
(`tools/old_anchors.toml` is for what was retitled).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from docutils.nodes import fully_normalize_name, make_id

from tools.book import ROOT

# Not beside this: the site would be older than what its pages are made from.
RECORD = Path("tests") / "book" / "anchors.json"

UNREAD = re.compile(
    r"\A---\n.*?\n---\n|^(?P<fence>`{3,}|:{3,})(?:\{code-cell\}|\w+$).*?^(?P=fence)$", re.M | re.S
)
HEADING = re.compile(r"^#{1,6} (.+)$", re.M)
LABEL = re.compile(r"^:label: *(\S+)$", re.M)
ROLE_OR_LINK = re.compile(r"\{[a-z:]+\}`([^`]*)`|\[([^\]]*)\]\([^)]*\)")


def anchors(text: str) -> list[str]:
    """Anchors of the headings and of what has a label, in the source of a page.

    Examples
    --------
    >>> anchors("# The *price*: 1/ε²\\n\\n```{prf:lemma} One\\n:label: one-lemma\\n```")
    ['one-lemma', 'the-price-1-2']
    >>> anchors("```{code-cell} ipython3\\n# a comment\\n```")
    []
    """
    text = UNREAD.sub("", text)
    titles = (ROLE_OR_LINK.sub(r"\1\2", title) for title in HEADING.findall(text))
    slugs = {make_id(fully_normalize_name(re.sub("[*`$]", "", title))) for title in titles}
    return sorted(slugs | set(LABEL.findall(text)))


def recorded(root: Path = ROOT) -> dict[str, list[str]]:
    """For each page the names in the list."""
    return dict(json.loads((root / RECORD).read_text(encoding="utf-8")))


def with_todays(names: dict[str, list[str]], root: Path = ROOT) -> dict[str, list[str]]:
    """The list and what the pages have now."""
    found = {page.stem: anchors(page.read_text("utf-8")) for page in (root / "book").glob("*.md")}
    return {
        page: sorted({*names.get(page, []), *found.get(page, [])})
        for page in sorted(names.keys() | found.keys())
    }


def record() -> None:
    """Add today's."""
    content = json.dumps(with_todays(recorded()), indent=0, ensure_ascii=False) + "\n"
    (ROOT / RECORD).write_text(content, encoding="utf-8")
