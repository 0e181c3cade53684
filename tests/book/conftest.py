"""A browser that sees the built site and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reader import PATIENCE, launched, opened, served
from tools.book import ROOT, is_fresh, site
from tools.machine import BROWSER, UNBUILT, remedy


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the browser or the site says so by its fixtures; `make check` leaves it out."""
    for item in items:
        if {"browser", "built_site"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def built_site() -> Path:
    """The folder of the site."""
    if not is_fresh(ROOT):
        pytest.skip(UNBUILT)
    return site(ROOT)


@pytest.fixture(scope="session")
def address(built_site: Path) -> Iterator[str]:
    with served(built_site) as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = BROWSER.path()
    if program is None:
        pytest.skip(remedy([BROWSER]))
    expect.set_options(timeout=PATIENCE)
    with launched(program) as browser:
        yield browser


@pytest.fixture
def complaints() -> list[str]:
    """What went wrong while a page was open."""
    return []


@pytest.fixture
def tab(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """A tab that reaches this site alone, and notes errors."""
    with opened(browser, base_url=address, viewport={"width": 1280, "height": 900}) as page:
        page.on(
            "request",
            lambda request: (
                None
                if request.url.startswith((address, "data:", "blob:"))
                else complaints.append(f"asks for {request.url}")
            ),
        )
        page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "response",
            lambda r: (
                complaints.append(f"{r.status} {r.url}") if not r.ok and r.status != 304 else None
            ),
        )
        yield page
