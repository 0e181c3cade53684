"""A browser that sees the built site and nothing else."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Request, Route, sync_playwright

from tools.book import is_fresh, site

ROOT = Path(__file__).resolve().parents[2]

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = [
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
]


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    if not is_fresh(ROOT):
        pytest.skip("the site is not built from the files as they are: make book")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(site(ROOT))))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        pytest.skip("no Chromium: install the Debian package `chromium` (apt-get install chromium)")
    flags = [*FLAGS, "--no-sandbox"] if os.geteuid() == 0 else FLAGS
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What went wrong while a page was open."""
    return []


@pytest.fixture
def tab(browser: Browser, address: str, complaints: list[str]) -> Iterator[Page]:
    """A tab that reaches this site alone, and notes errors."""
    page = browser.new_page(base_url=address, viewport={"width": 1280, "height": 900})

    def visit(route: Route, request: Request) -> None:
        if request.url.startswith(address):
            route.continue_()
        else:
            complaints.append(f"asks for {request.url}")
            route.abort()

    page.route("**/*", visit)
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("response", lambda r: complaints.append(f"{r.status} {r.url}") if not r.ok else None)
    yield page
    page.close()
