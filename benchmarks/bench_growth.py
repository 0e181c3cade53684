"""How the time to prune grows with the number of weights: square layers, measured and fitted.

    python benchmarks/bench_growth.py [--most 1e8] [--repeat 1] [--write RESULTS.json]

Each layer of normal weights is a network of its own, in a file that is mapped into memory, and is
pruned within 1 % of its largest weight: golden ratio, shared layout, inputs of either sign. Times
are those of the processor, on one core; the largest layer, of 1e8 weights, takes some minutes.
Memory is what is taken beside the mapped file; Linux tells it. Rows that RESULTS.json has already,
of the same machine and version, are not measured again.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine
from memory import Peak

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
        with Peak() as peak:
            for _ in range(repeat):
                start = time.process_time()
                ticket = lp.prune(network, weight_epsilon=epsilon, max_seconds=math.inf)
                seconds.append(time.process_time() - start)
                planned = int(ticket.choices[0].widths.sum()) * (1 + size)
                del ticket  # makes room for that of the next run
        return {
            "outputs": size,
            "weights": size * size,
            "planned": planned,
            "seconds": seconds,
            "MiB": round(peak.mib),
        }


def earlier(path: str | None, said: dict[str, Any]) -> dict[int, dict[str, Any]]:
    """Rows of an earlier run on this machine, by outputs."""
    if path is None or not Path(path).exists():
        return {}
    found = json.loads(Path(path).read_text(encoding="utf-8"))
    if any(found[key] != value for key, value in said.items()):
        return {}
    return {row["outputs"]: row for row in found["rows"] if "MiB" in row}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=float, default=1e8, help="weights of the largest layer")
    parser.add_argument("--repeat", type=int, default=1)
    parser.add_argument("--write", metavar="RESULTS.json", help="write what is printed to a file")
    options = parser.parse_args()
    ran_on = machine()
    said: dict[str, Any] = {"machine": ran_on, "lpbook": lp.__version__}
    done = earlier(options.write, said)
    heads = f"{'weights':>12}{'CPU s':>10}{'µs a weight':>13}{'MiB':>7}{'load':>7}"
    print(f"{ran_on}, one used\n{heads}")
    measure(50, 1)  # what is loaded when it is first used is not counted
    rows = []
    steps = round(math.log(options.most / LEAST) / math.log(STEP))
    for step in range(steps + 1):
        size = round(math.sqrt(LEAST * STEP**step))
        row = done.get(size) or measure(size, options.repeat)
        rows.append(row)
        seconds, load = statistics.median(row["seconds"]), os.getloadavg()[0]
        each = seconds / row["weights"] * 1e6
        print(
            f"{row['weights']:>12,}{seconds:>10.2f}{each:>13.2f}{row['MiB']:>7,}{load:>7.1f}",
            flush=True,
        )
        if options.write:  # as it grows
            text = json.dumps(said | {"rows": rows}, indent=1)
            Path(options.write).write_text(text + "\n", encoding="utf-8")
    if len(rows) > 1:
        power, _ = growth(
            [row["weights"] for row in rows], [statistics.median(row["seconds"]) for row in rows]
        )
        print(f"time grows as the number of weights to the power {power:.3f}")


if __name__ == "__main__":
    main()
