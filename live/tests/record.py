"""Add to live/library.txt, after a change of the interpreter or of what pages import.

`python -m live.tests.record`, from the root of the project, on a built book: all pages run in the
browser with the whole library, and what they read of it is added. Run `make live` afterwards.

Not all that is read is seen (a traceback's colours, data that a module opens by itself): what was
listed stays, and what nobody needs any more is taken out by hand.
"""

from __future__ import annotations

import io
import json
import zipfile

from tests.reader import launched, opened, served
from tools.book import ROOT, site
from tools.live import LIBRARY, STANDARD, artifacts, build, pages
from tools.machine import BROWSER

# Modules are read by zipimport, other files through zipfile.
WATCH = """
import sys as _sys, zipfile as _zipfile, zipimport as _zipimport
_read = set()
def _watched(read, place):
    def reading(*arguments, **options):
        _read.add(place(*arguments))
        return read(*arguments, **options)
    return reading
_zipimport._get_data = _watched(_zipimport._get_data, lambda archive, entry: entry[0])
_zipfile.ZipFile.open = _watched(
    _zipfile.ZipFile.open, lambda archive, name, *_: getattr(name, "filename", name))
"""
TELL = """
import json as _json
_files = {getattr(m, "__file__", None) or "" for m in list(_sys.modules.values())}
print(_json.dumps(sorted(name.split("python315.zip/")[-1] for name in _read | _files)))
"""
RUN = """async ([watch, tell]) => {
    const { page } = goldenMachine;
    await page.kernel.run(watch, "watch", () => undefined);
    await page.run(page.cells);
    let told = "";
    await page.kernel.run(tell, "tell", (output) => { told += output.text ?? ""; });
    return told;
}"""


def main() -> None:
    """Run all pages."""
    build(ROOT, everything=True)
    found: set[str] = set()
    with served(site(ROOT)) as address, launched(str(BROWSER.path())) as browser:
        for name in pages(ROOT):
            with opened(browser) as page:
                page.goto(f"{address}book/{name}.html")
                page.click(".live-start")
                page.get_by_role("button", name="Run all cells").wait_for()
                found |= set(json.loads(page.evaluate(RUN, [WATCH, TELL])))
                print(f"{name}: {len(found)} files so far", flush=True)
    known = set(zipfile.ZipFile(io.BytesIO(artifacts(ROOT, STANDARD)[STANDARD])).namelist())
    found |= set(LIBRARY.read_text(encoding="utf-8").split("\n"))
    kept = sorted(found & known - {"matplotlib/mpl-data.zip"})
    LIBRARY.write_text("\n".join(kept) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
