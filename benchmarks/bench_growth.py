"""How the time to prune grows with the number of weights: square layers, measured and fitted.

    python benchmarks/bench_growth.py [--most 1e8] [--repeat 1] [--write RESULTS.json]

Each layer of normal weights is a network of its own, in a file that is mapped into memory, and is
pruned within 1 % of its largest weight: golden ratio, shared layout, inputs of either sign. Times
are those of the processor, on one core; the largest layer, of 1e8 weights, takes some minutes.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import lpbook as lp
from lpbook.experiments.searched import growth

LEAST, STEP = 1e5, 10**0.5


def layer(size: int, path: Path) -> Any:
    """A square matrix of normal weights, in a file."""
    weights = np.lib.format.open_memmap(path, "w+", np.float64, (size, size))
    rng = np.random.default_rng(size)
    for row in weights:
        row[:] = rng.normal(0, 0.02, size)
    weights.flush()
    return np.load(path, mmap_mode="r")


def measure(size: int, repeat: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        network = lp.Network([layer(size, Path(folder) / "weights.npy")])
        weights = network.weights[0]
        epsilon = 0.01 * max(float(weights.max()), -float(weights.min()))
        seconds = []
        for _ in range(repeat):
            start = time.process_time()
            ticket = lp.prune(network, weight_epsilon=epsilon, max_seconds=math.inf)
            seconds.append(time.process_time() - start)
        planned = int(ticket.choices[0].widths.sum()) * (1 + size)
        return {"outputs": size, "weights": size * size, "planned": planned, "seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=float, default=1e8, help="weights of the largest layer")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--write", metavar="RESULTS.json", help="write what is printed to a file")
    options = parser.parse_args()
    machine = f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores"
    print(f"{machine}, one used\n{'weights':>12}{'CPU s':>10}{'µs a weight':>13}{'load':>7}")
    measure(50, 1)  # what is loaded when it is first used is not counted
    rows = []
    steps = round(math.log(options.most / LEAST) / math.log(STEP))
    for step in range(steps + 1):
        row = measure(round(math.sqrt(LEAST * STEP**step)), options.repeat)
        rows.append(row)
        seconds, load = statistics.median(row["seconds"]), os.getloadavg()[0]
        each = seconds / row["weights"] * 1e6
        print(f"{row['weights']:>12,}{seconds:>10.2f}{each:>13.2f}{load:>7.1f}", flush=True)
        said = {"machine": machine, "lpbook": lp.__version__, "rows": rows}
        if options.write:  # as it grows
            Path(options.write).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    if len(rows) > 1:
        power, _ = growth(
            [row["weights"] for row in rows], [statistics.median(row["seconds"]) for row in rows]
        )
        print(f"time grows as the number of weights to the power {power:.3f}")


if __name__ == "__main__":
    main()
