"""How much of a chapter's height is story, picture, check and code."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.reader import opened, settled
from tools.book import ROOT
from tools.contents import contents

SCREEN = 900  # pixels, at a width of 1280
MOST_SCREENS = 12
MOST_WITHOUT_PICTURE = 3  # screens
SHARES = {"pictures": (0.25, 1), "checks": (0, 0.02), "code": (0, 0.15)}
STORY = {"screens": (0, MOST_SCREENS), "without picture": (0, MOST_WITHOUT_PICTURE), **SHARES}
TOOLS = {"toolbox", "proved_by_machine"}  # to look things up, not to read on
CHAPTERS = [
    page.name for page in contents(ROOT) if page.number and page.name == page.chapter
]  # not their further results

MEASURE = """() => {
  const NO_CITATION = ":not(.highlight-bibtex)";
  const KINDS = {
    pictures: "figure, img, .explorable",
    checks: ".check-line",
    code: "div.cell_input, div.cell_output, div[class*=highlight-]" + NO_CITATION,
  };
  const every = Object.values(KINDS).join(", ");
  const article = document.querySelector("article.bd-article");
  const box = article.getBoundingClientRect();
  const found = {height: box.height, pictures: 0, checks: 0, code: 0, starts: [0]};
  function visit(element, kind) {
    if (!element.checkVisibility()) return;  // folded
    for (const name in KINDS) if (element.matches(KINDS[name])) { kind = name; break; }
    const inner = kind === "pictures" ? [] : [...element.querySelectorAll(every)];
    if (inner.length) {
      [...element.children].forEach(child => visit(child, kind));
      return;
    }
    const {top, bottom, height} = element.getBoundingClientRect();
    if (kind) found[kind] += height;
    if (kind === "pictures") found.starts.push(top - box.top, bottom - box.top);
  }
  visit(article, null);
  found.starts.push(box.height);
  return found;
}"""


def measured(browser: Browser, address: str) -> dict[str, Any]:
    """Screens, shares of the height, and the longest way without a picture, in screens."""
    with opened(browser, viewport={"width": 1280, "height": SCREEN}) as page:
        settled(page, address)
        found = page.evaluate(MEASURE)
    height, marks = found.pop("height"), sorted(found.pop("starts"))
    gaps = [below - above for above, below in pairwise(marks)]
    shares = {kind: pixels / height for kind, pixels in found.items()}
    return {"screens": height / SCREEN, "without picture": max(gaps) / SCREEN, **shares}


def beyond_budget(found: dict[str, Any]) -> list[str]:
    """What is too much or too little, in words."""
    return [
        f"{name} {found[name]:.3f}, not from {least} to {most}"
        for name, (least, most) in STORY.items()
        if not least <= found[name] <= most
    ]


@pytest.mark.parametrize("name", [name for name in CHAPTERS if name not in TOOLS])
def test_a_chapter_is_its_story(browser: Browser, address: str, name: str) -> None:
    found = measured(browser, f"{address}book/{name}.html")
    assert beyond_budget(found) == []
