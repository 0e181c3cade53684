"""Time pages in Chromium: processor seconds until a page is loaded, laid out and at rest.

python -m benchmarks.bench_pages [batch_sampling hyperbolic ...] [--site _build/html] [--repeat 3]

All processes of the browser count, on top of an empty tab; the least of the repetitions is said,
as it suffers least from what else the machine does.
"""

from __future__ import annotations

import argparse
import gzip
from pathlib import Path

from playwright.sync_api import Browser

from tests.reader import launched, opened, served
from tools.book import ROOT, site
from tools.machine import BROWSER, remedy

PAGES = ["batch_sampling", "golden_ratio", "hyperbolic", "main_theorem", "claims", "how_to"]
REST = """async () => {
  await document.fonts.ready;
  for (let i = 0; i < 2; i++) await new Promise(done => requestIdleCallback(done));
}"""
MOVED = """window.moved = 0; new PerformanceObserver(list => list.getEntries().forEach(
  entry => { window.moved += entry.value; })).observe({type: "layout-shift", buffered: true});"""


def measure(browser: Browser, address: str) -> tuple[float, int, int, float]:
    """Processor seconds, formulas, elements, and the layout shift of a page."""
    session = browser.new_browser_cdp_session()

    def spent() -> float:
        processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
        return sum(float(process["cpuTime"]) for process in processes)

    with opened(browser, viewport={"width": 1280, "height": 900}) as page:
        page.add_init_script(MOVED)
        page.wait_for_timeout(500)  # the empty tab is at rest
        before = spent()
        page.goto(address, wait_until="load")
        page.evaluate(REST)
        page.wait_for_load_state("networkidle")
        seconds = spent() - before
        formulas = page.locator(".formula").count()
        elements = page.locator("*").count()
        moved = page.evaluate("window.moved")
    return seconds, formulas, elements, moved


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="*", default=PAGES)
    parser.add_argument("--site", type=Path, default=site(ROOT))
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    program = BROWSER.path()
    if program is None:
        parser.exit(1, f"{remedy([BROWSER])}\n")
    if not options.site.is_dir():
        parser.exit(1, f"There is no site in {options.site}: make book\n")
    print(f"{'page':<18}{'formulas':>9}{'s':>7}{'elements':>10}{'kB':>7}{'gzip':>6}{'shift':>8}")
    with served(options.site) as address, launched(program) as browser:
        for name in options.pages:
            page = f"{address}book/{name}.html"
            runs = [measure(browser, page) for _ in range(options.repeat)]
            seconds, formulas, elements, moved = min(runs)
            html = (options.site / "book" / f"{name}.html").read_bytes()
            sizes = f"{len(html) / 1e3:>7.0f}{len(gzip.compress(html, mtime=0)) / 1e3:>6.0f}"
            print(f"{name:<18}{formulas:>9}{seconds:>7.2f}{elements:>10}{sizes}{moved:>8.3f}")


if __name__ == "__main__":
    main()
