"""What a reader of the site does and sees, for the tests that drive a browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import yaml
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).resolve().parent.parent
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
PAGES = [TOC["root"]] + [page["file"] for part in TOC["parts"] for page in part["chapters"]]
STORY = [page["file"] for part in TOC["parts"] if part.get("numbered") for page in part["chapters"]]
# A bound against hanging, far beyond what a busy machine takes: tests wait for states alone.
PATIENCE = 180_000  # milliseconds
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The theme breaks this rule of good practice on every page: its sidebar's head is no landmark.
FORGIVEN = {"region"}
COLOURS = ["color-contrast", "link-in-text-block"]  # all that depends on the mode
AXE = """([kind, values]) => axe.run({
  preload: false, runOnly: {type: kind, values: values}, resultTypes: ["violations"],
}).then(found => found.violations.map(v => ({
  rule: v.id, impact: v.impact, places: v.nodes.map(n => n.html.slice(0, 120)),
  why: v.nodes[0].failureSummary})))"""


@contextmanager
def opened(browser: Browser, **options: Any) -> Iterator[Page]:
    """A page of its own, closed at the end."""
    page = browser.new_page(**options)
    page.set_default_timeout(PATIENCE)
    try:
        yield page
    finally:
        page.close()


def settled(tab: Page, address: str) -> None:
    """Open a page and wait until its formulas are set."""
    tab.goto(address, wait_until="load")
    if tab.locator(".math").count():
        tab.wait_for_function("window.MathJax && MathJax.startup && MathJax.startup.promise")
        tab.evaluate("MathJax.startup.promise.then(() => true)")


def formulas_are_set(tab: Page) -> None:
    """No formula is left as TeX, none holds an error or a command that MathJax does not know."""
    assert tab.locator(".math:not(:has(mjx-container))").count() == 0
    assert tab.locator("mjx-merror, [data-mjx-error]").count() == 0
    # a command without a meaning is set in red
    red = "mjx-container [style*='red'], mjx-container [mathcolor='red']"
    assert tab.locator(red).all_text_contents() == []


def pictures_are_shown(tab: Page) -> None:
    """Every picture has words and has arrived."""
    pictures = tab.evaluate(
        """() => Promise.all([...document.querySelectorAll("article img")].map(image =>
             image.decode().then(() => [image.src, image.alt, image.naturalWidth],
                                 () => [image.src, image.alt, 0])))"""
    )
    for source, words, width in pictures:
        assert words.strip(), source
        assert width > 0, source


def unfold(tab: Page) -> None:
    """Open all solutions and all hidden code."""
    tab.evaluate(
        """() => {
          document.querySelectorAll("button.toggle-button-hidden").forEach(b => b.click());
          document.querySelectorAll("details").forEach(d => { d.open = true; });
        }"""
    )


def barriers(tab: Page, rules: list[str], kind: str = "tag") -> list[dict[str, Any]]:
    """What axe finds in the page as it is shown now.

    Each formula gives way to one letter: its many boxes are MathJax's, and would take axe minutes.
    """
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE_SCRIPT)
        tab.evaluate(
            "document.querySelectorAll('mjx-container').forEach(m => m.replaceChildren('x'))"
        )
    return [found for found in tab.evaluate(AXE, [kind, rules]) if found["rule"] not in FORGIVEN]


def at_width(tab: Page, width: int) -> int:
    """Give the window a width, wait until the page has it, and say how wide the page is then."""
    tab.set_viewport_size({"width": width, "height": 900})
    tab.wait_for_function("width => innerWidth === width", arg=width)
    tab.evaluate("() => new Promise(d => requestAnimationFrame(() => requestAnimationFrame(d)))")
    return int(tab.evaluate("document.documentElement.scrollWidth"))


def searched(tab: Page, query: str) -> None:
    """Search for some words, and wait until all results are there."""
    tab.goto(f"search.html?q={query}", wait_until="load")
    tab.wait_for_selector("#search-results li a")
    tab.wait_for_function(
        "!/Searching/.test(document.querySelector('#search-results h2').innerText)"
    )


def in_mode(tab: Page, mode: str) -> None:
    """Choose light or dark with the page's own button."""
    for _ in range(3):
        if tab.evaluate("document.documentElement.dataset.mode") == mode:
            break
        tab.locator("button.theme-switch-button:visible").first.click()
    expect(tab.locator("html")).to_have_attribute("data-theme", mode)
