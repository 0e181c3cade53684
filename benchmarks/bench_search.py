"""Time the search of a random network, beside older code, and beside drawing its numbers.

    python benchmarks/bench_search.py [--beside FOLDER] [--repeat 5] [--quick]
                                      [--write RESULTS.json]

Networks of one layer, of normal weights, are pruned within a share of the largest weight, shared
layout, inputs of either sign. The failure probability is chosen so that blocks are as wide as in a
square layer. FOLDER holds an older checkout of the project, such as `git worktree add` makes: its
code does the same tasks in turn, and must make the same tickets. Times are those of the processor:
the least of all repeats, which other work on the machine disturbs least, and how far the median is
above it. "drawing" is what the generator takes for all random numbers that the plan counts.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine

import lpbook as lp

DIGITS, SUMS = "golden ratio", "subset sum, sparsest"
CONSTRUCTIONS = {DIGITS: lp.GoldenRatio(), SUMS: lp.SubsetSum()}
# construction, shapes of the layers, ε over the largest weight
TASKS: list[tuple[str, list[tuple[int, int]], float]] = [
    (DIGITS, [(100, 600)], 1e-2),
    (DIGITS, [(707, 120)], 1e-2),
    (DIGITS, [(3162, 30)], 1e-2),
    (DIGITS, [(12_800, 8)], 1e-2),
    (DIGITS, [(50_257, 3)], 1e-2),
    (DIGITS, [(707, 60)], 1e-4),
    (DIGITS, [(12_800, 4)], 1e-4),
    (DIGITS, [(500, 784), (10, 500)], 1e-2),
    (SUMS, [(707, 10)], 1e-2),
    (SUMS, [(707, 3)], 1e-3),
]
GROWTH = [(DIGITS, [(n, n)], 1e-2) for n in (100, 316, 1000, 3162)]


def network_of(shapes: list[list[int]]) -> lp.Network:
    rng = np.random.default_rng(0)
    return lp.Network([rng.normal(0, 1 / np.sqrt(shape[1]), shape) for shape in shapes])


def work() -> None:
    """Do the tasks that come in, one to a line: processor time, numbers planned, what was made."""
    for line in sys.stdin:
        name, shapes, share = json.loads(line)
        network = network_of(shapes)
        settings: dict[str, Any] = {
            "construction": CONSTRUCTIONS[name],
            "weight_epsilon": share * max(float(np.abs(w).max()) for w in network.weights),
            "delta": 0.01 * min(1.0, min(columns / rows for rows, columns in shapes)),
        }
        start = time.process_time()
        ticket = lp.prune(network, **settings)
        seconds = time.process_time() - start
        choices: Any = (
            ticket.choices if hasattr(ticket, "choices") else ticket.masks
        )  # once so named
        numbers = sum(int(choice.widths.sum()) * (1 + choice.outputs) for choice in choices)
        made = hashlib.sha256(b"".join(choice.codes.tobytes() for choice in choices))
        print(json.dumps([seconds, numbers, made.hexdigest()]), flush=True)


class Worker:
    """A process that runs the code of a folder, or that which is installed."""

    def __init__(self, folder: str | None) -> None:
        environment = dict(os.environ) | ({"PYTHONPATH": folder} if folder else {})
        self._process = subprocess.Popen(
            [sys.executable, __file__, "--work"],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def do(self, task: object) -> tuple[float, int, str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(task) + "\n")
        self._process.stdin.flush()
        seconds, numbers, made = json.loads(self._process.stdout.readline())
        return seconds, numbers, made

    def end(self) -> None:
        self._process.communicate()


def drawing(numbers: int) -> float:
    """Processor time of drawing so many raw numbers, a few at a time: the machine's floor."""
    stream = np.random.PCG64(0)
    start = time.process_time()
    for begin in range(0, numbers, 2**15):
        stream.random_raw(min(2**15, numbers - begin))
    return time.process_time() - start


def spread(times: list[float]) -> float:
    """How far the median of times is above the least, as a share."""
    return float(np.median(times) / min(times) - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--beside", metavar="FOLDER", help="an older checkout, timed in turn")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="without the growth to 10^7 weights")
    parser.add_argument("--write", metavar="RESULTS.json", help="write what is printed to a file")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.work:
        work()
        return

    ran_on = machine()
    print(f"{ran_on}, one used; microseconds a weight, in brackets: times drawing\n")
    print(f"{'':<22}{'outputs':>8}{'ε/w_max':>9}{'drawing':>9}{'now':>16}{'before':>17}{'':>8}")
    now, before = Worker(None), Worker(options.beside) if options.beside else None
    rows = []
    for task in TASKS + ([] if options.quick else GROWTH):
        name, shapes, share = task
        weights = sum(rows * columns for rows, columns in shapes)
        times: dict[str, list[float]] = {"drawing": [], "now": [], "before": []}
        for _ in range(options.repeat if task in TASKS else 1):
            seconds, numbers, made = now.do(task)
            times["now"].append(seconds)
            times["drawing"].append(drawing(numbers))
            if before and task in TASKS:
                seconds, _, same = before.do(task)
                assert same == made, "the tickets differ"
                times["before"].append(seconds)
        row = {
            "construction": name,
            "shapes": shapes,
            "share": share,
            "weights": weights,
            "numbers": numbers,
            "microseconds": {k: round(min(v) / weights * 1e6, 3) for k, v in times.items() if v},
            "spread": {k: round(spread(v), 3) for k, v in times.items() if v},
        }
        rows.append(row)
        show(row)
    for worker in (now, before):
        if worker:
            worker.end()
    if options.write:
        text = json.dumps({"machine": ran_on, "repeats": options.repeat, "rows": rows}, indent=1)
        Path(options.write).write_text(text + "\n", encoding="utf-8")


def show(row: dict[str, Any]) -> None:
    took = row["microseconds"]
    cells = f"{row['construction']:<22}{row['shapes'][0][0]:>8,}{row['share']:>9g}"
    cells += f"{took['drawing']:>9.2f}"
    for which in ("now", "before"):
        if which in took:
            ratio = f"({took[which] / took['drawing']:.2f})"
            cells += f"{took[which]:>9.2f} {ratio:<7}"
    if "before" in took:
        cells += f"{took['before'] / took['now']:>6.1f} times"
    print(cells, flush=True)


if __name__ == "__main__":
    main()
