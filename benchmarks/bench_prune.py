"""Prune a network by the golden-ratio construction, certify it, and report time and memory.

    python benchmarks/bench_prune.py [NETWORK.npz] [--weight-epsilon 0.01]

NETWORK.npz holds the weight matrices of a ReLU network without biases, (outputs, inputs) each, in
the order of its layers. Without a file, a random 784-500-10 network of the usual scale is made.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from machine import machine

import lpbook as lp

T = TypeVar("T")


def target(path: str | None) -> lp.Network:
    """The network in the file, or one made here."""
    if path is None:
        rng = np.random.default_rng(0)
        shapes = [(500, 784), (10, 500)]
        return lp.Network([rng.normal(0, 1 / np.sqrt(n), (m, n)) for m, n in shapes])
    with np.load(path, allow_pickle=False) as arrays:
        return lp.Network([arrays[name] for name in arrays.files])


def timed(label: str, function: Callable[..., T], *arguments: Any, **keywords: Any) -> T:
    """Call the function and print how long it took."""
    start = time.perf_counter()
    result = function(*arguments, **keywords)
    print(f"{label:<28}{time.perf_counter() - start:>12.2f} s", flush=True)
    return result


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", nargs="?", metavar="NETWORK.npz")
    parser.add_argument("--weight-epsilon", type=float, default=0.01)
    parser.add_argument("--delta", type=float, default=0.01)
    parser.add_argument("--layout", choices=["shared", "reserved"], default="shared")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()

    print(machine())
    network = target(options.network)
    settings = {key: getattr(options, key) for key in ("weight_epsilon", "delta", "layout")}
    print(f"{network}\n\n{lp.plan(network, **settings)}\n")
    ticket = timed("prune", lp.prune, network, **settings, seed=options.seed)
    certificate = timed("verify", ticket.verify, network)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ticket.npz"
        timed("save", ticket.save, path)
        size = path.stat().st_size
        timed("load", lp.load_ticket, path)
    timed("effective weights", ticket.network)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    weights = sum(w.size for w in network.matrices)
    print(f"{'peak memory':<28}{peak:>12.0f} MiB")
    print(f"{'file':<28}{size:>12,} bytes, {size / weights:.2f} a target weight\n")
    print(certificate)
    raise SystemExit(not certificate.ok)


if __name__ == "__main__":
    main()
