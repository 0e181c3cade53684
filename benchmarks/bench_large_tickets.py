"""Memory and time of a ticket that is read a layer at a time, beside one that is held.

    python benchmarks/bench_large_tickets.py [--size 1000] [--layers 6] [--write RESULTS.json]

A network of square ReLU layers is pruned within 1 % of its largest weight, and saved. A process of
its own loads the ticket, verifies it on rows and evaluates its network: once as it is, once with
every limit for what is held raised. Memory is the most that each step took, beside the library, the
target and pages of files; Linux tells it. Both ways find the same certificate.
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from machine import machine
from memory import Peak

import lpbook as lp
from lpbook import tickets


def target(size: int, layers: int) -> lp.Network:
    rng = np.random.default_rng(0)
    return lp.Network([rng.normal(size=(size, size)) / size**0.5 for _ in range(layers)])


def measure(path: str, size: int, layers: int, held: bool) -> dict[str, Any]:
    """MiB and CPU seconds of each step, and what was found."""
    if held:
        tickets._STORED = tickets._HELD = sys.maxsize
    else:
        tickets._STORED = tickets._HELD = 0
    network, rows = target(size, layers), np.random.default_rng(1).normal(size=(10, size))
    steps: dict[str, list[float]] = {}

    def step(name: str, function: Callable[[], Any]) -> Any:
        start = time.process_time()
        with Peak() as peak:
            found = function()
        steps[name] = [round(peak.mib, 1), time.process_time() - start]
        return found

    step("load and verify", lambda: lp.load_ticket(path, **ALL).verify(network))
    ticket = step("load", lambda: lp.load_ticket(path, **ALL))
    certificate = step("verify on rows", lambda: ticket.verify(network, rows))
    outputs = step("network on rows", lambda: ticket.network()(rows))
    return {"steps": steps, "found": repr(certificate), "sum": float(outputs.sum())}


ALL = {"max_bytes": 2**40, "max_draws": 2**50}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--layers", type=int, default=6)
    parser.add_argument("--write", metavar="RESULTS.json", help="write what is printed to a file")
    parser.add_argument("--only", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        path, held = options.only
        print(json.dumps(measure(path, options.size, options.layers, held == "held")))
        return
    ran_on = machine()
    print(f"{ran_on}, one used; {options.layers} layers of {options.size:,} x {options.size:,}")
    said: dict[str, Any] = {"machine": ran_on, "size": options.size, "layers": options.layers}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ticket.npz"
        network = target(options.size, options.layers)
        largest = max(float(np.abs(w).max()) for w in network.weights)
        lp.prune(network, weight_epsilon=largest / 100, max_seconds=math.inf).save(path)
        said["bytes"] = path.stat().st_size
        for way in ("layer by layer", "held"):
            command = [sys.executable, __file__, *sys.argv[1:], "--only", str(path), way]
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            said[way] = json.loads(done.stdout)
    for key in ("found", "sum"):
        assert said["held"][key] == said["layer by layer"][key], key
    print(f"a file of {said['bytes']:,} bytes; MiB and CPU seconds")
    print(f"{'':<16}{'layer by layer':>18}{'held':>18}")
    for name, (mib, seconds) in said["layer by layer"]["steps"].items():
        more = "{:9.0f}{:9.2f}".format(*said["held"]["steps"][name])
        print(f"{name:<16}{mib:9.0f}{seconds:9.2f}{more}")
    if options.write:
        Path(options.write).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
