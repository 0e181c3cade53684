"""A ticket for the 124 million weights of GPT-2 small's layers: time, memory, bytes.

    python benchmarks/bench_gpt2.py [--share 0.1] [--workers 2] [--write RESULTS.json]

The weights are random, normal with standard deviation 0.02, in the shapes of the token and the
position embeddings and of the four matrices of 12 blocks. Each is a network of one layer, read from
a file that is mapped into memory, planned, pruned within 1 % of its largest weight, saved, loaded
and verified before the next is made. With --share less than 1 there is one matrix of each kind,
with so much of its inputs: what is printed is scaled up by the number of weights. Every kind has a
process of its own, for its peak of memory beside the library and the weights.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from pathlib import Path

import numpy as np
from machine import machine

import lpbook as lp

# outputs, inputs, and how many there are
LAYERS = {
    "tokens": (50_257, 768, 1),
    "positions": (768, 1_024, 1),
    "attention, in": (2_304, 768, 12),
    "attention, out": (768, 768, 12),
    "perceptron, in": (3_072, 768, 12),
    "perceptron, out": (768, 3_072, 12),
}
STEPS = ("plan", "prune", "save", "load", "verify")


def cpu() -> float:
    """Processor time of this process and of the workers that have ended."""
    return sum(sum(os.times()[i : i + 2]) for i in (0, 2))


@contextmanager
def timed(into: dict[str, list[float]], step: str) -> Iterator[None]:
    begin, start = cpu(), time.perf_counter()
    yield
    into.setdefault(step, [0.0, 0.0])
    into[step][0] += cpu() - begin
    into[step][1] += time.perf_counter() - start


def measure(name: str, share: float, copies: int, workers: int) -> dict[str, object]:
    """CPU and clock of every step, in seconds, for some matrices of one kind."""
    outputs, inputs, _ = LAYERS[name]
    inputs = max(1, round(share * inputs))
    times: dict[str, list[float]] = {}
    size, planned, ok = 0, 0, True
    resting = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ticket"
        for copy in range(copies):
            rng = np.random.default_rng([copy, outputs, inputs])
            np.save(Path(folder) / "weights", rng.normal(0, 0.02, (outputs, inputs)))
            network = lp.Network([np.load(Path(folder) / "weights.npy", mmap_mode="r")])
            epsilon = 0.01 * max(network.weights[0].max(), -network.weights[0].min())
            with timed(times, "plan"):
                lp.plan(network, weight_epsilon=epsilon)
            with timed(times, "prune"), pool(workers) as executor:
                ticket = lp.prune(network, weight_epsilon=epsilon, executor=executor)
            with timed(times, "save"):
                ticket.save(path)
            size += path.stat().st_size
            planned += int(ticket.choices[0].widths.sum()) * (1 + outputs)
            with timed(times, "load"):
                ticket = lp.load_ticket(path, max_bytes=2**32, max_draws=2**40)  # our own
            with timed(times, "verify"):
                ok &= ticket.verify(network).ok
            del ticket, network
    peak = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resting) / 1024
    peak -= 8 * outputs * inputs / 2**20
    weights = outputs * inputs * copies
    made = {"weights": weights, "planned": planned, "times": times}
    return {**made, "bytes": size, "MiB": peak, "ok": ok}


def pool(workers: int) -> ProcessPoolExecutor | nullcontext[None]:
    if workers == 1:
        return nullcontext()
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--share", type=float, default=1.0)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--write", metavar="RESULTS.json", help="write what is printed to a file")
    parser.add_argument("--only", choices=LAYERS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        copies = 1 if options.share < 1 else LAYERS[options.only][2]
        print(json.dumps(measure(options.only, options.share, copies, options.workers)))
        return

    ran_on = machine()
    print(f"{ran_on}, {options.workers} used; {options.share:g} of the inputs")
    print(f"{'':<16}{'weights':>12}" + "".join(f"{step:>16}" for step in STEPS), end="")
    print(f"{'MiB':>7}{'B/weight':>10}\n{'':<28}" + f"{'CPU s   clock s':>16}" * len(STEPS))
    total, weights, size, peak = np.zeros((len(STEPS), 2)), 0, 0.0, 0.0
    rows = []
    for name, (outputs, inputs, number) in LAYERS.items():
        command = [sys.executable, __file__, *sys.argv[1:], "--only", name]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        run = json.loads(done.stdout)
        assert run["ok"], name
        scale = outputs * inputs * number / run["weights"]
        seconds = scale * np.array([run["times"][step] for step in STEPS])
        show(name, outputs * inputs * number, seconds, run["MiB"], run["bytes"] / run["weights"])
        rows.append({"layer": name, "number": number, "shape": [outputs, inputs], **run})
        total += seconds
        weights += outputs * inputs * number
        size += scale * run["bytes"]
        peak = max(peak, run["MiB"])
    show("all", weights, total, peak, size / weights)
    if options.write:
        said = {"machine": ran_on, "workers": options.workers, "share": options.share}
        text = json.dumps({**said, "layers": rows}, indent=1)
        Path(options.write).write_text(text + "\n", encoding="utf-8")


def show(name: str, weights: int, seconds: np.ndarray, peak: float, size: float) -> None:
    cells = "".join(f"{cpu:>7.1f}{clock:>9.1f}" for cpu, clock in seconds)
    print(f"{name:<16}{weights:>12,}{cells}{peak:>7.0f}{size:>10.2f}", flush=True)


if __name__ == "__main__":
    main()
