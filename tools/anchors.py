"""Keep a list of all anchors that pages have or had: `python -m tools.anchors` adds today's.

Links to them stand elsewhere, so a test asks that each still leads somewhere
(`tools/old_anchors.toml` is for what was retitled).
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from tools.book import ROOT, site

RECORD = Path("tools") / "anchors.json"
# Headings and what has a number. What Sphinx numbers by itself (id1) is no name to rely on.
NAMED = re.compile(
    r"<(?:section\b|figure\b|table\b|div class=\"(?:proof|exercise|math)\b)[^>]*?"
    r"\bid=\"(?!id\d)([^\"]+)\""
)
ANY = re.compile(r"<(?!a\b)[a-z][^>]*?\bid=\"([^\"]+)\"")


def article(page: Path) -> str:
    """The text of a built page, without what stands around it."""
    html = page.read_text(encoding="utf-8")
    return html[html.index("<article") : html.index("</article>")]


def recorded(root: Path = ROOT) -> dict[str, list[str]]:
    """For each page the names in the list."""
    return dict(json.loads((root / RECORD).read_text(encoding="utf-8")))


def main() -> int:
    """Add what the built pages have."""
    names = recorded()
    for page in site(ROOT).glob("book/*.html"):
        known = set(names.get(page.stem, []))
        names[page.stem] = sorted(known | set(NAMED.findall(article(page))))
    content = json.dumps(dict(sorted(names.items())), indent=0, ensure_ascii=False) + "\n"
    (ROOT / RECORD).write_text(content, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
