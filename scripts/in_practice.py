"""Run the experiment of the chapter *in_practice*: every law, three ways to find a ticket.

Writes lpbook/data/in_practice.json. Run it from the repository's root:

    .venv/bin/python scripts/in_practice.py --jobs 2

It shows its progress and may be interrupted: the next run goes on where this one stopped.
The cells that are under way at that moment are lost. ``--reduced`` runs a small version, to try it
out, and writes to _build/in_practice_reduced.json.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy: one thread for each process
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path

from lpbook._files import write_whole
from lpbook.experiments.in_practice import Settings, run

ROOT = Path(__file__).parents[1]
DATA = ROOT / "lpbook" / "data" / "in_practice.json"
REDUCED = Settings(
    seeds=3,
    targets=30,
    digit_counts=(20, 80, 320),
    digit_scales=(0.25, 1.0),
    subset_counts=(6, 10, 14),
    scales=(1.0,),
    widths=(16, 32),
    log_ranges=(0.0, 4.5),
    family_width=32,
    rates=(0.3,),
    keeps=(0.5,),
    gains=(4.0,),
    tuning_seeds=1,
    steps=200,
)


def experiment(
    target: Path,
    folder: Path,
    settings: Settings = REDUCED,
    executor: Executor | None = None,
    progress: bool = False,
) -> None:
    """Run what is left of the experiment and write its results to `target`."""
    results = run(settings, folder, executor, progress)
    cells = [json.dumps(cell, ensure_ascii=False) for cell in results.pop("cells")]
    head = json.dumps(results, ensure_ascii=False)[:-1]
    text = head + ', "cells": [\n' + ",\n".join(cells) + "\n]}\n"
    target.parent.mkdir(parents=True, exist_ok=True)
    write_whole(target, text.encode())


def main() -> None:
    first, _, rest = __doc__.partition("\n")
    parser = argparse.ArgumentParser(
        description=first, epilog=rest, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--jobs", type=int, default=2, help="processes (default: 2)")
    parser.add_argument("--reduced", action="store_true", help="a small version")
    folder = ROOT / "_build" / "in_practice"
    parser.add_argument("--folder", type=Path, default=folder, help="where finished cells are kept")
    parser.add_argument("--target", type=Path, help="file of the results")
    options = parser.parse_args()
    if options.target is None:
        reduced = ROOT / "_build" / "in_practice_reduced.json"
        options.target = reduced if options.reduced else DATA
    settings = REDUCED if options.reduced else Settings()
    with ProcessPoolExecutor(options.jobs) as executor:
        experiment(options.target, options.folder, settings, executor, progress=True)
    print(f"wrote {options.target}, {options.target.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
