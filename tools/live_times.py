"""How long chapters take here and in the page: `python -m tools.live_times [CHAPTER ...]`.

`make live` leaves the times of the pages in `_build/live/times.json`. Here the same cells run in a
Python of this machine, by the same functions, on one thread; then both are printed in one table.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from tools.book import ROOT
from tools.environment import FIXED
from tools.live import SOURCES, cells
from tools.notebooks import claims

TIMES = Path("_build") / "live" / "times.json"
"""For each page: processor time (s) until the first cell was done and until all were, and the time
on the clock (ms) of each cell."""
NATIVE = """
import io, json, sys, time, types
page = types.ModuleType("_page")
page.__file__ = "<page>"
sys.argv, (prelude, sources) = ["page"], json.load(sys.stdin)
exec(compile(prelude, "<page>", "exec"), page.__dict__)
answer, sys.stdout = sys.stdout, io.StringIO()
processor = []
for number, source in enumerate(sources, start=1):
    if not page.run(source, f"cell {number}"):
        sys.exit(sys.stdout.getvalue())
    processor.append(time.process_time())
json.dump([processor[0], processor[-1], time.perf_counter() - START], answer)
"""
HEAD = ("chapter", "cells", "native", "first", "all", "ratio", "native", "all")


def native(root: Path, name: str) -> tuple[float, float, float]:
    """Seconds that a Python of this machine takes, with its start.

    Of the processor for the first cell and for all, of the clock for all.
    """
    prelude = (SOURCES / "prelude.py").read_text(encoding="utf-8")
    notebook = root / "notebooks" / f"{name}.ipynb"
    sources = [cell["source"] for cell in cells(notebook, claims(root))]
    done = subprocess.run(
        [sys.executable, "-c", f"import time\nSTART = time.perf_counter()\n{NATIVE}"],
        input=json.dumps([prelude, sources]),
        capture_output=True,
        text=True,
        env=os.environ | FIXED | {"MPLBACKEND": "agg"},
        cwd=root / "book",
    )
    if done.returncode:
        raise SystemExit(f"{name}: {done.stderr}")
    first, processor, clock = json.loads(done.stdout)
    return first, processor, clock


def main() -> int:
    """Print the table; the ratio is that of the processor time of all cells but the first."""
    if not (ROOT / TIMES).is_file():
        print("No page has been timed yet: make live", file=sys.stderr)
        return 1
    times = json.loads((ROOT / TIMES).read_text(encoding="utf-8"))
    print("Seconds of the processor; on the right, of the clock.")
    print("{:26}{:>6}{:>8}{:>8}{:>8}{:>7}{:>10}{:>8}".format(*HEAD))
    for name in sys.argv[1:] or sorted(times):
        page = times[name]
        first, processor, clock = native(ROOT, name)
        ratio = (page["all"] - page["first"]) / (processor - first)
        print(
            f"{name:26}{len(page['cells']):6}{processor:8.1f}{page['first']:8.1f}{page['all']:8.1f}"
            f"{ratio:7.1f}{clock:10.1f}{sum(page['cells']) / 1000:8.1f}",
            flush=True,
        )
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
