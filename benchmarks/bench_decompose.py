"""Time the greedy digits: nanoseconds a weight, for a million weights and ten digits.

python benchmarks/bench_decompose.py [--weights 1000000] [--digits 10]
"""

from __future__ import annotations

import argparse
import time

import numpy as np

import lpbook as lp
from lpbook.digits import segments


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=int, default=1_000_000)
    parser.add_argument("--digits", type=int, default=10)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    low, high = segments(options.digits)
    samples = low * (high / low) ** rng.random((options.weights, options.digits))
    weights = rng.random(options.weights)
    for label, array in (
        ("contiguous columns", np.asfortranarray(samples)),
        ("contiguous rows", samples),
        ("one set for all", samples[0]),
    ):
        times = []
        for _ in range(9):
            start = time.perf_counter()
            lp.decompose(weights, array)
            times.append((time.perf_counter() - start) / options.weights * 1e9)
        print(f"{label:<20}{np.median(times):>8.1f} ns a weight (best {min(times):.1f})")


if __name__ == "__main__":
    main()
