"""Tickets of depth 2ℓ and of depth ℓ + 1, of the same networks for the same error.

    python benchmarks/bench_depth.py [NETWORK.npz] [--epsilon 0.2] [--lines DONE.jsonl] [--quick]
                                     [--write RESULTS.json]

The networks: the book's classifier of digits, and NETWORK.npz (matrices ``fc1.weight``,
``fc2.weight``, no biases), such as the trained 784-500-10 network of Pensia et al.; without it one
of that shape with random weights. The latter takes some minutes at depth ℓ + 1. What is finished
goes to DONE.jsonl, and found blocks of the ticket to DONE.jsonl.blocks: stopped, the next call goes
on where this one was. ``--quick`` tries the script out on small networks.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from lines import Lines
from machine import machine

import lpbook as lp
from lpbook.copies import CopiesTicket
from lpbook.experiments.two_rules import Example, digits, mnist_shape
from lpbook.pruning import DEPTHS, CopiesLayerPlan, CopiesPlan

TRAINED, RANDOM = "MNIST 784-500-10", "random 784-500-10"


def large(path: str | None) -> tuple[str, Example]:
    """The network of the shape 784-500-10: from a file, or of random weights."""
    if path is None:
        rng = np.random.default_rng(0)
        shapes = ((500, 784), (10, 500))
        weights = [rng.normal(0, 1 / np.sqrt(shape[1]), shape) for shape in shapes]
        return RANDOM, mnist_shape(lp.Network(weights))
    with np.load(path) as content:
        return TRAINED, mnist_shape(lp.Network([content["fc1.weight"], content["fc2.weight"]]))


def tiny() -> tuple[str, Example]:
    rng = np.random.default_rng(0)
    network = lp.Network([rng.normal(size=(4, 3)), rng.normal(size=(2, 4))])
    return "random 3-4-2", Example.of(network, rng.random((20, 3)))


def measured(example: Example, epsilon: float, depth: str, blocks: str | None) -> dict[str, Any]:
    """Price by the theorem, and what the ticket is."""
    network, rows = example.network, example.rows
    how: dict[str, Any] = {"inputs": rows, "depth": depth, "max_seconds": np.inf}
    cost = lp.plan(network, epsilon, **how)
    start = time.process_time()
    ticket = lp.prune(network, epsilon, checkpoint=blocks, **how)
    pruned = time.process_time()
    certificate = ticket.verify(network, rows)
    verified = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "ticket"
        ticket.save(path)
        size = path.stat().st_size
    found = {
        "layers": len(network.weights) + 1 if depth == "l+1" else 2 * len(network.weights),
        "neurons": cost.neurons,
        "random_weights": cost.random_weights,
        "kept_weights": certificate.kept_weights,
        "kept_neurons": certificate.kept,
        "bytes": size,
        "ok": certificate.ok,
        "weight_epsilon": ticket.weight_epsilon,
        "proved": certificate.network_error,
        "measured": certificate.measured_error,
        "seconds": [round(pruned - start, 1), round(verified - pruned, 1)],
    }
    if isinstance(ticket, CopiesTicket) and isinstance(cost, CopiesPlan):
        found["copies_read"] = [len(copies) for copies in ticket.copies[:-1]]
        found["copies_drawn"] = [
            layer.drawn for layer in cost.layers[:-1] if isinstance(layer, CopiesLayerPlan)
        ]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", nargs="?", help="the file of a trained network")
    parser.add_argument("--epsilon", type=float, default=0.2, help="error allowed (default: 0.2)")
    parser.add_argument("--lines", metavar="DONE.jsonl", help="what is finished, to go on from")
    parser.add_argument("--quick", action="store_true", help="small networks alone")
    parser.add_argument("--write", metavar="RESULTS.json", help="write the results to a file")
    options = parser.parse_args()
    examples = (
        [tiny()] if options.quick else [("digits 64-32-10", digits()), large(options.network)]
    )
    lines = Lines(options.lines, {"epsilon": options.epsilon})
    blocks = None if options.lines is None else f"{options.lines}.blocks"
    rows = []
    for name, example in examples:
        weights = sum(int(np.count_nonzero(w)) for w in example.network.matrices)
        row: dict[str, Any] = {"network": name, "weights": weights, "epsilon": options.epsilon}
        for depth in DEPTHS:
            key = f"{name}, depth {depth}"
            if key not in lines.rows:
                found = measured(example, options.epsilon, depth, blocks)
                lines.add({"i": key} | found)
            row[depth] = {k: v for k, v in lines.rows[key].items() if k != "i"}
            print(f"{key}: {row[depth]}", flush=True)
        rows.append(row)
    if options.write:
        text = json.dumps({"machine": machine(), "networks": rows}, indent=1)
        Path(options.write).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
