"""Pages that run, in a browser: outputs as in the kept notebooks, and all that can go wrong.

`make live` runs these on the site that it has built; `LIVE_CHAPTERS` names the chapters.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reader import opened, served
from tools.book import ROOT, live_parts, site
from tools.live import pages
from tools.live_times import TIMES

NAMES = os.environ.get("LIVE_CHAPTERS", "").split() or list(pages(ROOT))
SOME = "malach"  # a page with drawings and exercises
START = 300_000  # ms: Python starts on a machine that does much else
PICTURE = re.compile(r"<Figure size .* with .* Axes>")


@pytest.fixture(scope="session")
def address() -> Iterator[str]:
    with served(site(ROOT)) as found:
        yield found


def start(page: Page, where: str) -> None:
    """Open a page and let its Python start."""
    page.goto(where)
    page.click(".live-start")
    expect(page.get_by_role("button", name="Run all cells")).to_be_visible(timeout=START)


@pytest.fixture
def tab(browser: Browser, address: str) -> Iterator[Page]:
    with opened(browser, base_url=address, viewport={"width": 1280, "height": 900}) as page:
        page.set_default_timeout(START)
        yield page


def run(page: Page, code: str) -> list[dict[str, Any]]:
    """What a piece of code sends to a page."""
    found: list[dict[str, Any]] = page.evaluate(
        """async (code) => {
            const outputs = [];
            const done = await goldenMachine.page.kernel.run(code, "test", (o) => outputs.push(o));
            return [...outputs, ...(done.stopped || done.crashed ? [done] : [])];
        }""",
        code,
    )
    return found


def pieces(outputs: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Outputs with what was printed in one piece, and without pictures."""
    joined: list[tuple[str, str]] = []
    for kind, text in outputs:
        if joined and kind == "printed" == joined[-1][0]:
            joined[-1] = (kind, joined[-1][1] + text)
        elif not PICTURE.fullmatch(text):
            joined.append((kind, text))
    return joined


def of_data(data: dict[str, Any]) -> tuple[str, str]:
    """What of an output the page shows; a value for the text is `glued`."""
    if (glued := data.get("application/papermill.record/text/plain")) is not None:
        return "glued", "".join(glued)
    for kind in ("text/markdown", "text/html", "text/latex", "text/plain"):
        if kind in data:
            return kind, "".join(data[kind])
    return "picture", ""


def kept(name: str) -> list[list[tuple[str, str]]]:
    """The outputs of the cells of a kept notebook."""
    notebook = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text(encoding="utf-8"))
    return [
        pieces(
            [
                ("printed", "".join(output["text"]))
                if output["output_type"] == "stream"
                else of_data(output["data"])
                for output in cell["outputs"]
            ]
        )
        for cell in notebook["cells"]
        if cell["cell_type"] == "code"
    ]


def live(records: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """The outputs of a cell that has run in the page."""
    found = []
    for record in records:
        if "stream" in record:
            found.append(("printed", record["text"]))
        elif "glue" in record:
            found += [("glued", text) for text in record["glue"].values()]
        elif "error" in record:
            found.append(("error", record["error"]["trace"]))
        elif "image/svg+xml" not in record["display"]:
            found.append(of_data(record["display"]))
    return pieces(found)


def processor_time(browser: Browser) -> float:
    """Seconds that all pages have taken so far, their workers among them."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    return float(sum(one["cpuTime"] for one in processes if one["type"] == "renderer"))


@pytest.mark.parametrize("name", NAMES)
def test_chapter_says_what_its_notebook_says(tab: Page, browser: Browser, name: str) -> None:
    complaints: list[str] = []
    tab.on("pageerror", lambda error: complaints.append(str(error)))
    before = processor_time(browser)
    start(tab, f"book/{name}.html")
    times = {}
    for what, cells in (("first", "slice(0, 1)"), ("all", "slice(1)")):
        tab.evaluate(
            f"async () => {{ await goldenMachine.page.run(goldenMachine.page.cells.{cells}); }}"
        )
        times[what] = processor_time(browser) - before
    times["cells"] = tab.evaluate("goldenMachine.page.cells.map((cell) => cell.time ?? 0)")
    found = tab.evaluate("goldenMachine.page.cells.map((cell) => cell.records)")
    differ = {
        number: {"kept": before, "live": now}
        for number, (before, now) in enumerate(
            zip(kept(name), map(live, found), strict=True), start=1
        )
        if before != now
    }
    assert not differ
    assert not complaints
    assert tab.evaluate("goldenMachine.page.unmatched") == 0
    file = ROOT / TIMES
    others = json.loads(file.read_text()) if file.is_file() else {}
    file.write_text(json.dumps(others | {name: times}, indent=1))


def test_nothing_is_loaded_before_the_click(tab: Page) -> None:
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(f"book/{SOME}.html", wait_until="networkidle")
    ours = {url.rpartition("/")[2] for url in asked if "/live/" in url}
    assert ours == {"button.js", "live.css"}


def test_what_was_loaded_is_kept(tab: Page) -> None:
    start(tab, f"book/{SOME}.html")
    tab.route(re.compile(r"/live/(program|library|data|site)-"), lambda route: route.abort())
    start(tab, f"book/{SOME}.html")
    assert run(tab, "print(6 * 7)")[0]["text"] == "42\n"


def test_site_that_is_a_folder(browser: Browser) -> None:
    with opened(browser, offline=True) as page:
        start(page, (site(ROOT) / "book" / f"{SOME}.html").as_uri())
        assert (
            run(page, "import lpbook\nlpbook.__name__")[-1]["display"]["text/plain"] == "'lpbook'"
        )


def test_what_runs_never_ends_and_is_stopped(tab: Page) -> None:
    start(tab, f"book/{SOME}.html")
    tab.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    cell = tab.locator(".live-cell").first
    cell.locator(".cm-content").fill("kept = 1\nwhile True: pass")
    cell.get_by_role("button", name="Run", exact=True).click()
    stop = cell.get_by_role("button", name="Stop")
    expect(cell.locator(".live-state")).to_contain_text("runs")
    stop.click()
    expect(cell.locator(".live-state")).to_have_text("stopped")
    expect(tab.locator(".live-status")).to_contain_text("ready again", timeout=START)
    assert run(tab, "kept")[-1]["error"]["name"] == "NameError"


def test_edit_run_reset(tab: Page) -> None:
    start(tab, f"book/{SOME}.html")
    tab.evaluate("document.querySelectorAll('details').forEach((d) => (d.open = true))")
    cell = tab.locator("div.cell:has(.live-cell)").first
    editor = cell.locator(".cm-content")
    source = tab.evaluate("goldenMachine.page.cells.find((cell) => cell.view).source")
    editor.fill("x = 6\nprint(x * 7)\nx / 0")
    editor.press("Control+Enter")
    expect(cell.locator(".output.stream pre")).to_have_text("42\n")
    expect(cell.locator(".live-error pre")).to_contain_text("ZeroDivisionError")
    expect(cell.locator(".live-error pre")).to_contain_text("line 3")
    cell.get_by_role("button", name="Reset").click()
    assert tab.evaluate("goldenMachine.page.cells.find((cell) => cell.view).code") == source
    expect(cell.locator(".live-error")).to_have_count(0)


def test_drawing_takes_the_place_of_the_built_one(tab: Page) -> None:
    start(tab, f"book/{SOME}.html")
    figures = tab.evaluate(
        """async () => {
            const { page } = goldenMachine;
            const cell = page.cells.find((one) => one.outputs?.element.querySelector("figure img"));
            const image = cell.outputs.element.querySelector("figure img");
            const before = image.src;
            await page.run([cell]);
            const caption = cell.outputs.element.querySelector("figcaption").textContent;
            return [before, image.src, caption];
        }"""
    )
    assert figures[0] != figures[1]
    assert figures[1].startswith("data:image/svg+xml;base64,")
    assert "Fig." in figures[2]


def test_state_of_a_figure_is_opened_as_code(tab: Page) -> None:
    """The button starts Python where nobody has; other cells keep their names to themselves."""
    tab.goto("book/golden_ratio.html")
    tab.get_by_role("button", name="γ = 2").click()
    tab.get_by_role("button", name="Open this state as code").press("Enter")
    cell = tab.locator("[data-explorable=digits] + .live-shown")
    expect(cell.locator(".cm-content")).to_be_focused(timeout=START)
    expect(cell.locator(".cm-content")).to_contain_text("base = 2")
    tab.keyboard.press("Control+Enter")
    expect(cell.locator(".live-state")).to_contain_text("done", timeout=START)
    (remainder,) = re.findall(r"remainder ([\d.]+)", tab.locator(".x-status").inner_text())
    expect(cell.locator(".output.stream pre")).to_contain_text(f"Remainder {remainder}")
    assert tab.evaluate("goldenMachine.page.cells.every((cell) => cell.ran === null)")
    assert run(tab, "samples")[-1]["error"]["name"] == "NameError"
    tab.get_by_role("button", name="γ = 3/2").click()
    tab.get_by_role("button", name="Open this state as code").click()
    expect(cell).to_have_count(1)
    expect(cell.locator(".cm-content")).to_contain_text("base = 1.5")


# Where the variable is set, workers get no memory for the interpreter.
SCARCE = """
globalThis.scarce = true;
const Whole = Blob;
globalThis.Blob = class extends Whole {
  constructor(parts, options) {
    const none = "WebAssembly.instantiate = async () => { throw new RangeError('No memory'); };\\n";
    const isWorker = options?.type === "text/javascript";
    super(scarce && isWorker ? [none, ...parts] : parts, options);
  }
};
"""


def test_too_little_memory_is_said_and_the_page_stays(tab: Page) -> None:
    tab.add_init_script(SCARCE)
    tab.goto(f"book/{SOME}.html")
    expect(tab.locator(".live-status")).to_contain_text("needs about 600 MB of memory")
    article = tab.locator(".bd-article")
    before = article.locator("div.cell").evaluate_all("cells => cells.map((c) => c.outerHTML)")
    tab.click(".live-start")
    expect(tab.locator(".live-status")).to_contain_text("too little memory", timeout=START)
    assert before == article.locator("div.cell").evaluate_all(
        "cells => cells.map((c) => c.outerHTML)"
    )
    tab.evaluate("scarce = false")
    tab.click(".live-start")
    expect(tab.get_by_role("button", name="Run all cells")).to_be_visible(timeout=START)
    # and where it runs short later: the next run tries again
    tab.evaluate("() => { scarce = true; goldenMachine.page.kernel.stop(); }")
    assert tab.evaluate("goldenMachine.page.kernel.started()") is False
    tab.evaluate("scarce = false")
    assert run(tab, "print(6 * 7)")[0]["text"] == "42\n"


def test_no_other_host_is_reached(tab: Page, browser: Browser) -> None:
    start(tab, f"book/{SOME}.html")
    with served(live_parts(ROOT)) as elsewhere:
        asked = tab.evaluate(
            """async (url) => {
                const direct = await fetch(url, { mode: "no-cors" }).then(() => "reached", String);
                const source = `onmessage = (e) => fetch(e.data, { mode: "no-cors" })
                    .then(() => postMessage("reached"), (error) => postMessage(String(error)))`;
                const worker = new Worker(URL.createObjectURL(new Blob([source])));
                const inWorker = new Promise((done) => (worker.onmessage = (e) => done(e.data)));
                worker.postMessage(url);
                return [direct, await inWorker];
            }""",
            elsewhere,
        )
    assert all("reached" not in answer for answer in asked)
    # and Python itself has no sockets
    assert "error" in run(tab, "import socket\nsocket.create_connection(('127.0.0.1', 80))")[-1]


def test_exercise_says_whether_a_function_passes(tab: Page) -> None:
    """Malach et al.'s chance: the right function passes its claim, a wrong one does not."""
    start(tab, "book/malach.html")
    trial = tab.locator(".live-trial").filter(has_text="malach-success")
    trial.locator("summary").click()
    check = 'print(lp.claims["malach-success"].check(success=mine).summary())'
    editor = trial.locator(".cm-content")
    expect(editor).to_contain_text("def mine(*arguments):")
    editor.fill(f"import lpbook as lp\nmine = lp.malach_success\n{check}")
    editor.press("Control+Enter")
    expect(trial.locator(".live-state")).to_contain_text("done", timeout=START)
    expect(trial.locator(".output.stream pre")).to_contain_text("identit")
    editor.fill(f"mine = lambda *a: 0.9 * lp.malach_success(*a)\n{check}")
    editor.press("Control+Enter")
    expect(trial.locator(".live-state")).to_have_text("went wrong", timeout=START)
