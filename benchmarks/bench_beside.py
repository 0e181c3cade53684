"""Ways to find the digits network in a random one, side by side in one run.

    python benchmarks/bench_beside.py [--write RESULTS.json]

The target is the 64-32-10 network that ships with the package, each weight within 1 % of the
largest. Golden-ratio digits and subset sums are tickets of `prune`, drawing included. The exact
solver (HiGHS, `scipy.optimize.milp`) and the plain loop (`itertools`, sets of one number, of two,
...) look for subsets of 21 uniform numbers for a sample of the weights; their time is scaled up to
the network. Edge-popup trains masks of random networks of one hidden layer, twice as wide each
time, until as many held-out digits are right as by the target, or 2,048 neurons are hidden. Times
are those of the processor.
"""

from __future__ import annotations

import argparse
import itertools
import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from bench_subsets import program
from machine import machine
from sklearn.datasets import load_digits

import lpbook as lp
from lpbook.experiments.edge_popup import accuracy, popup

SHARE, NUMBERS, SAMPLE = 0.01, 21, {"solver": 4, "loop": 12}
TICKETS = {
    "golden-ratio digits": lp.GoldenRatio(),
    "subset sums, sparsest": lp.SubsetSum(),
    "subset sums, closest": lp.SubsetSum(objective="closest"),
}


def timed(function: Callable[[], Any]) -> float:
    start = time.process_time()
    function()
    return time.process_time() - start


def by_loop(target: float, samples: np.ndarray, epsilon: float) -> tuple[int, ...] | None:
    """The first subset within ε, in plain Python."""
    for size in range(len(samples) + 1):
        for chosen in itertools.combinations(range(len(samples)), size):
            if abs(sum(samples[i] for i in chosen) - target) <= epsilon:
                return chosen
    return None


def trained(network: lp.Network, held_out: np.ndarray) -> dict[str, Any]:
    """Edge-popup until it is right as often as the target."""
    images, labels = load_digits(return_X_y=True)
    images = (images / 16).astype(np.float32)
    others = np.setdiff1d(np.arange(len(labels)), held_out)
    right = network(images[held_out]).argmax(axis=1) == labels[held_out]
    start, width = time.process_time(), 64
    while True:
        rng = np.random.default_rng(width)
        shapes = [(width, 64), (10, width)]
        weights = [rng.choice([-1, 1], s) * np.float32((2 / s[1]) ** 0.5) for s in shapes]
        weights = [w.astype(np.float32) for w in weights]
        masks = popup(weights, images[others], labels[others], keep=0.5, rate=1.0, rng=rng)
        masked = [w * mask for w, mask in zip(weights, masks, strict=True)]
        found = accuracy(masked, images[held_out], labels[held_out])
        if found >= right.mean() or width >= 2048:
            break
        width *= 2
    seconds = time.process_time() - start
    return {
        "way": "edge-popup, trained",
        "seconds": seconds,
        "accuracy": found,
        "target accuracy": float(right.mean()),
        "hidden": width,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--write", metavar="RESULTS.json", help="write what is printed to a file")
    options = parser.parse_args()
    network, held_out = lp.digits_classifier()
    weights = np.concatenate([matrix.ravel() for matrix in network.matrices])
    epsilon = SHARE * float(np.abs(weights).max())
    lp.prune(lp.Network([[[1.0]]]), weight_epsilon=0.1)  # what is loaded at first is not counted
    rows: list[dict[str, Any]] = []
    for way, construction in TICKETS.items():
        prune = partial(lp.prune, network, None, construction, weight_epsilon=epsilon)
        seconds, ticket = min(timed(prune) for _ in range(3)), prune()
        assert ticket.verify(network).ok
        rows.append({"way": way, "seconds": seconds, "kept": ticket.verify(network).kept_weights})
    rng = np.random.default_rng(0)
    samples = rng.uniform(-1, 1, NUMBERS) * np.abs(weights).max()
    for way, size, find in (
        ("HiGHS, closest", "solver", partial(program, samples=samples, epsilon=None)),
        ("HiGHS, sparsest", "solver", partial(program, samples=samples, epsilon=epsilon)),
        ("plain loop, sparsest", "loop", partial(by_loop, samples=samples, epsilon=epsilon)),
    ):
        some = rng.choice(weights[np.abs(weights) > epsilon], SAMPLE[size], replace=False)
        seconds = timed(partial(list, map(find, some))) / some.size * weights.size
        rows.append({"way": way, "seconds": seconds, "sample": int(some.size)})
    rows.append(trained(network, held_out))
    numbers = 10**8
    stream: Any = np.random.PCG64(0)
    floor = timed(lambda: [stream.random_raw(2**15) for _ in range(numbers >> 15)])
    said = {
        "machine": machine(SciPy=scipy.__version__),
        "weights": int(weights.size),
        "share": SHARE,
        "bytes a second": round(8 * numbers / floor),
        "rows": rows,
    }
    print(json.dumps(said, indent=1))
    if options.write:
        Path(options.write).write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
