"""Certificates under attack: networks with leaky ReLU and skip connections, by both rules.

    python benchmarks/bench_attacks.py [--networks 2000] [--seed 0] [--write RESULTS.jsonl]

Random networks of 1 to 3 blocks. A block is a matrix with biases and a ReLU, leaky or not, a
maximum, or a tanh; around most of the others goes a skip connection. They become dense layers as
the loaders make them. Of three tickets one is proved for a ball or a box, one is measured on 25
rows, one has its weights within a twentieth of the largest. A gradient search (that of
`bench_certificates`) looks for inputs of the domain on which a ticket errs by more than its
certificate says. The rows go through Ĝ neuron by neuron, too. Every
violation is printed and kept; RESULTS.jsonl has a line for each network, and those that it has
already are not tried again. The exit code is 1 if there is any violation.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from functools import partial
from typing import Any

import numpy as np
from bench_certificates import random_domain, worst_error
from lines import Lines

import lpbook as lp
from lpbook.frameworks.unrolled import Unrolled

KINDS = ("proved", "measured", "weights")
NODES = ("relu", "leaky", "maximum", "tanh")
STARTS = 12


def times(x: Any, matrix: Any, constant: Any) -> Any:
    return x @ matrix + constant


def random_network(rng: np.random.Generator) -> tuple[lp.Network, list[str]]:
    """A network, and what it is made of."""
    width = int(rng.integers(1, 7))
    graph, before, nodes = Unrolled("x", (width,)), "x", []
    for block in range(rng.integers(1, 4)):
        node = str(rng.choice(NODES))
        skip = node in ("relu", "leaky") and bool(rng.integers(4))
        outputs = width if skip or node == "maximum" else int(rng.integers(1, 7))
        matrix = rng.normal(size=(width, outputs)) / np.sqrt(width)
        affine, after = f"affine {block}", f"{node} {block}"
        constant = rng.normal(size=outputs) / 2 * rng.integers(2)
        graph.affine(affine, before, partial(times, matrix=matrix, constant=constant))
        if node == "tanh":
            graph.smooth(after, affine, "tanh")
        elif node == "maximum":
            graph.maximum(after, [before, affine], [])
        else:
            slope = float(rng.uniform(0.01, 0.5)) if node == "leaky" else 0.0
            graph.relu(after, affine, [before] if skip else [], slope)
        if skip:
            graph.total(f"skip {block}", {before: 1.0, after: 1.0})
            nodes.append("skip")
        nodes.append(node)
        before, width = f"skip {block}" if skip else after, outputs
    outputs = int(rng.integers(1, 5))
    matrix = rng.normal(size=(width, outputs)) / np.sqrt(width)
    graph.affine("end", before, partial(times, matrix=matrix, constant=0.0))
    weights, biases, activations, _ = graph.layers("end")
    return lp.Network(weights, biases, activations=activations), nodes


def attacked(seed: int, i: int) -> dict[str, Any]:
    """What was tried with a random network, and what was found."""
    rng = np.random.default_rng([seed, i])
    network, nodes = random_network(rng)
    domain = random_domain(rng, network.widths[0])
    kind = KINDS[i % len(KINDS)]
    x = rng.uniform(-1, 1, size=(25, network.widths[0]))
    if domain.nonnegative:
        x = np.abs(x)
    if isinstance(domain, lp.Ball):
        x /= np.maximum(np.linalg.norm(x, axis=1), 1)[:, None]
    size = float(np.median(np.linalg.norm(network(x), axis=1))) or 1.0
    asked: dict[str, Any] = {"inputs": domain, "epsilon": 0.1 * size}
    if kind == "measured":
        asked |= {"inputs": x, "rule": "measured"}
    if kind == "weights":
        largest = max(float(np.abs(w).max()) for w in network.matrices)
        asked |= {"epsilon": None, "weight_epsilon": largest / 20}
    ticket = lp.prune(network, **asked, delta=1e-6, seed=i)
    found = ticket.verify(network, x)
    assert ticket.domain is not None
    assert found.measured_error is not None
    worst = worst_error(network, ticket, ticket.domain, rng, STARTS)
    neurons = np.linalg.norm(ticket.as_network()(x) - network(x), axis=1)
    errors = np.linalg.norm(ticket.network()(x) - network(x), axis=1)
    claims = {
        "the certificate is valid": found.ok,
        "no input errs by more": worst <= found.network_error,
        "no row errs by more": max(errors.max(), neurons.max()) <= found.network_error,
        "rows are as measured": np.isclose(errors.max(), found.measured_error, rtol=1e-9),
        "all rows are inside": found.outside_domain == 0,
    }
    if kind == "proved":
        claims["the bound is kept"] = found.network_error <= asked["epsilon"]
    if kind == "measured":
        claims["the rows keep it"] = found.measured_error <= asked["epsilon"]
    return {
        "i": i,
        "kind": kind,
        "domain": type(ticket.domain).__name__,
        "nodes": nodes,
        "layers": len(network.weights),
        "bound": found.network_error,
        "worst": worst,
        "violated": [claim for claim, holds in claims.items() if not holds],
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--write", metavar="RESULTS.jsonl", help="keep results, and go on with them"
    )
    options = parser.parse_args()
    begin = time.process_time()
    lines = Lines(options.write, {"seed": options.seed, "starts": STARTS})
    for i in range(options.networks):
        if i not in lines.rows:
            lines.add(attacked(options.seed, i))
        if lines.rows[i]["violated"]:
            print(f"VIOLATION: {lines.rows[i]}", flush=True)
        if i % 200 == 199:
            report(lines, begin)
    report(lines, begin)
    return int(any(row["violated"] for row in lines.rows.values()))


def report(lines: Lines, begin: float) -> None:
    rows = [*lines.rows.values()]
    for kind in KINDS:
        ratios = [r["bound"] / r["worst"] for r in rows if r["kind"] == kind and r["worst"] > 0]
        if ratios:
            middle, nine = np.quantile(ratios, [0.5, 0.9])
            told = f"bound / worst: median {middle:.2f}, 90 % below {nine:.2f}"
            print(f"{kind:<10}{len(ratios):6,} networks, {told}")
    made = Counter(node for row in rows for node in dict.fromkeys(row["nodes"]))
    domains = Counter(row["domain"] for row in rows)
    violated = sum(bool(row["violated"]) for row in rows)
    print(
        f"{len(rows):,} networks, {violated} with a violation; {dict(domains)}; with {dict(made)}; "
        f"{time.process_time() - begin:.0f} s",
        flush=True,
    )


if __name__ == "__main__":
    sys.exit(main())
