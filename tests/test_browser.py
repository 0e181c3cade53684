"""Every page in a real browser: no errors, no other host, formulas set, pictures shown."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from playwright.sync_api import Page

ROOT = Path(__file__).resolve().parent.parent
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text())
PAGES = [TOC["root"]] + [page["file"] for part in TOC["parts"] for page in part["chapters"]]


@pytest.mark.parametrize("name", PAGES)
def test_page_in_a_browser(tab: Page, complaints: list[str], name: str) -> None:
    tab.goto(f"{name}.html", wait_until="networkidle")

    formulas = tab.locator(".math").count()
    if formulas:
        tab.wait_for_function("MathJax.startup.promise")
        assert tab.locator(".math:not(:has(mjx-container))").count() == 0
        assert tab.locator("mjx-merror, [data-mjx-error]").count() == 0

    for image in tab.locator("article img").all():
        assert image.get_attribute("alt")
        assert image.evaluate("img => img.decode().then(() => img.naturalWidth)") > 0

    for width in (1280, 390):
        tab.set_viewport_size({"width": width, "height": 900})
        wide = tab.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"scrolls sideways at {width} pixels"

    assert complaints == []


def test_front_page_leads_to_the_book(tab: Page, complaints: list[str]) -> None:
    tab.goto("index.html")
    tab.wait_for_url(f"**/{TOC['root']}.html")
    assert tab.title().startswith("Golden Tickets")
    assert complaints == []


def test_search_finds_a_chapter(tab: Page, complaints: list[str]) -> None:
    tab.goto("search.html?q=ticket", wait_until="networkidle")
    tab.wait_for_selector("#search-results li a")
    assert complaints == []
