"""Tickets of a network under every construction: seconds, memory, neurons, bytes, certificate.

    python benchmarks/bench_tickets.py [NETWORK.npz] [--weight-epsilon 0.01] [--repeat 5]

NETWORK.npz holds the weight matrices of a ReLU network without biases, (outputs, inputs) each, in
the order of its layers; its inputs may have any sign. Without a file, the book's classifier of
digits is taken, over its own images. Every ticket is made in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from machine import machine

import lpbook as lp

CONSTRUCTIONS = {
    "Malach et al.": lp.Malach(),
    "product weights": lp.ProductWeights(),
    "golden ratio": lp.GoldenRatio(),
    "golden ratio, common range": lp.GoldenRatio(law="common"),
    "golden ratio, two-sided": lp.GoldenRatio(two_sided=True),
    "subset sum, sparsest": lp.SubsetSum(),
    "subset sum, closest": lp.SubsetSum("closest"),
    "subset sum, |b| = 1": lp.SubsetSum(law="constant"),
    "subset sum, 24 given": lp.SubsetSum(candidates=24),
    "subset sum, 16 stratified": lp.SubsetSum(candidates=16, stratified=True),
}


def target(path: str | None) -> tuple[lp.Network, np.ndarray | None]:
    """The network, and the inputs that span its domain."""
    if path is None:
        from sklearn.datasets import load_digits

        network, held_out = lp.digits_classifier()
        return network, load_digits().data[held_out] / 16
    with np.load(path, allow_pickle=False) as arrays:
        return lp.Network([arrays[name] for name in arrays.files]), None


def measure(options: argparse.Namespace) -> dict[str, object]:
    """One ticket, made and checked in this process."""
    network, inputs = target(options.network)
    construction = CONSTRUCTIONS[options.only]
    settings = {
        "weight_epsilon": options.weight_epsilon,
        "inputs": inputs,
        "layout": options.layout,
    }
    start = time.perf_counter()
    try:
        ticket = lp.prune(network, None, construction, **settings)
    except ValueError as error:
        try:
            neurons = lp.plan(network, None, construction, **settings).neurons
        except ValueError:
            neurons = None
        return {"refused": str(error), "planned": neurons}
    seconds = time.perf_counter() - start
    certificate = ticket.verify(network)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ticket.npz"
        ticket.save(path)
        size = path.stat().st_size
        start = time.perf_counter()
        lp.load_ticket(path).network()
        loading = time.perf_counter() - start
    weights = sum(np.count_nonzero(w) for w in network.matrices)
    return {
        "seconds": seconds,
        "loading": loading,
        "MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "drawn": certificate.drawn,
        "kept": certificate.kept,
        "kept_weights": certificate.kept_weights,
        "bytes": size / weights,
        "error": certificate.weight_error,
        "ok": certificate.ok,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", nargs="?", metavar="NETWORK.npz")
    parser.add_argument("--weight-epsilon", type=float, default=0.01)
    parser.add_argument("--layout", choices=["shared", "reserved"], default="shared")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--only", choices=CONSTRUCTIONS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.only:
        print(json.dumps(measure(options)))
        return

    network, _ = target(options.network)
    print(machine())
    print(f"{network}, every weight within {options.weight_epsilon:g}, {options.layout} layout")
    print(f"medians of {options.repeat}; float32 weights take 4 bytes each\n")
    heads = ("s", "load s", "MiB", "drawn", "kept", "edges kept", "B/weight", "error", "ok")
    print(f"{'construction':<28}" + "".join(f"{head:>12}" for head in heads))
    for name in CONSTRUCTIONS:
        command = [sys.executable, __file__, *sys.argv[1:], "--only", name]
        runs = []
        for _ in range(options.repeat):
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            runs.append(json.loads(done.stdout))
            if "refused" in runs[0]:
                break
        if "refused" in runs[0]:
            planned = runs[0]["planned"]
            why = f"needs {planned:,} neurons" if planned else runs[0]["refused"]
            print(f"{name:<28}  not drawn: {why}", flush=True)
            continue
        seconds = statistics.median(run["seconds"] for run in runs)
        loading = statistics.median(run["loading"] for run in runs)
        one = runs[0]
        cells = (
            f"{seconds:.2f}",
            f"{loading:.2f}",
            f"{max(run['MiB'] for run in runs):.0f}",
            f"{one['drawn']:,}",
            f"{one['kept']:,}",
            f"{one['kept_weights']:,}",
            f"{one['bytes']:.2f}",
            f"{one['error']:.2g}",
            "yes" if one["ok"] else "NO",
        )
        print(f"{name:<28}" + "".join(f"{cell:>12}" for cell in cells), flush=True)


if __name__ == "__main__":
    main()
