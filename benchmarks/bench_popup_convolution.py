"""Edge-popup on convolutional networks, with weights of several laws, at several densities.

    python benchmarks/bench_popup_convolution.py [--lines RUNS.jsonl] [--quick]
                                                 [--write RESULTS.json]

Every run that is finished is added to RUNS.jsonl, a line each: stopped, the next call goes on where
this one was, also with more seeds or densities. ``--quick`` tries the script out on few and short
runs. A run takes 1 to 2 s.
"""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before NumPy
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lines import Lines
from machine import machine

from lpbook.experiments.popup_convolution import Run, Settings, accuracy_of, cells, choice_of

QUICK = Settings(
    channels=(4,), keeps=(0.5,), rates=(0.3,), gains=(1.0, 4.0), tuning_seeds=1, seeds=2, steps=20
)


class Runs:
    """Runs that are done once, and found again in a file."""

    def __init__(self, path: str | None) -> None:
        self._lines = Lines(path, {"runs": "edge-popup, convolutional"})
        self.seconds = 0.0

    def do(self, runs: list[Run]) -> list[float]:
        reached = []
        for run in runs:
            key = json.dumps(asdict(run))
            row = self._lines.rows.get(key)
            if row is None:
                start = time.process_time()
                accuracy = round(accuracy_of(run), 4)
                seconds = round(time.process_time() - start, 2)
                row = {"i": key, "accuracy": accuracy, "seconds": seconds}
                self._lines.add(row)
            reached.append(row["accuracy"])
            self.seconds += row["seconds"]
        return reached


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", metavar="RUNS.jsonl", help="finished runs, to go on from")
    parser.add_argument("--quick", action="store_true", help="few and short runs")
    parser.add_argument("--write", metavar="RESULTS.json", help="write the results to a file")
    options = parser.parse_args()
    settings = QUICK if options.quick else Settings()
    plain = json.loads(json.dumps(asdict(settings)))
    runs = Runs(options.lines)
    rows: list[dict[str, Any]] = []
    for cell in cells(settings):
        tried = cell.tuning(settings)
        rate, gain, validation = choice_of(tried, runs.do(tried))
        reached = runs.do(cell.chosen(settings, rate, gain))
        row = {"rate": rate, "gain": gain, "validation": validation, "accuracy": reached}
        rows.append(asdict(cell) | row)
        mean = sum(reached) / len(reached)
        print(f"{cell.channels:3} channels, {cell.keep:.0%} kept, {cell.law:10} {mean:.3f}",
              flush=True)  # fmt: skip
    if options.write:
        head = {"machine": machine(), "seconds": round(runs.seconds), "settings": plain}
        lines = ",\n".join(json.dumps(row) for row in rows)
        text = json.dumps(head)[:-1] + ', "cells": [\n' + lines + "\n]}\n"
        Path(options.write).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
