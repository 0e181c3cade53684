"""How much faster `prune` is with threads, processes, and Dask's workers over TCP.

    python benchmarks/bench_executors.py [--outputs 2000] [--inputs 2000] [--repeat 3]
        [--workers 1 2 4] [--write RESULTS.json]

One layer, normal at random, is found within 1 % of its largest weight: alone, then by each kind of
executor, all ready before the clock starts; the kinds take turns. Seconds are those of the clock,
so the machine must have nothing else to do, and more workers than cores cannot be faster. "apart"
is what the machine has to give: as many programs as workers, each doing all of it at the same time;
seconds are divided by their number.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import statistics
import time
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from pathlib import Path

import dask
import distributed
import numpy as np
from machine import machine
from numpy.typing import NDArray

import lpbook as lp

Floats = NDArray[np.float64]


def processes(workers: int) -> ProcessPoolExecutor:
    """New ones: they inherit nothing, as on any system."""
    return ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"))


# else they give memory back to the system at once, and take it again for every step
KEEP_MEMORY = {
    "distributed.nanny.pre-spawn-environ.MALLOC_TRIM_THRESHOLD_": 2**27,
    "distributed.nanny.pre-spawn-environ.MALLOC_MMAP_THRESHOLD_": 2**25,
}


@contextmanager
def cluster(workers: int) -> Iterator[Executor]:
    """The executor of a cluster on this machine, with one thread a worker."""
    with (
        warnings.catch_warnings(action="ignore"),
        dask.config.set(KEEP_MEMORY),
        distributed.LocalCluster(
            n_workers=workers,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            protocol="tcp://",
            dashboard_address="127.0.0.1:0",
        ) as made,
        distributed.Client(made) as client,
    ):
        yield client.get_executor()


KINDS: dict[str, Callable[[int], AbstractContextManager[Executor]]] = {
    "threads": ThreadPoolExecutor,
    "processes": processes,
    "Dask": cluster,
}


def all_of_it(weights: Floats, epsilon: float, executor: Executor | None = None) -> None:
    lp.prune(lp.Network([weights]), weight_epsilon=epsilon, executor=executor)


def apart(weights: Floats, epsilon: float, workers: int) -> float:
    """Seconds for one of as many searches as workers, which know nothing of one another."""
    with processes(workers) as executor:
        for columns in (64, weights.shape[1]):  # first, workers import lpbook
            start = time.perf_counter()
            tasks = [
                executor.submit(all_of_it, weights[:, :columns], epsilon) for _ in range(workers)
            ]
            for task in tasks:
                task.result()
            took = time.perf_counter() - start
    return took / workers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--outputs", type=int, default=2000)
    parser.add_argument("--inputs", type=int, default=2000)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4])
    parser.add_argument("--write", metavar="RESULTS.json", help="write what is printed to a file")
    options = parser.parse_args()

    rng = np.random.default_rng(0)
    layer = rng.normal(0, 0.02, (options.outputs, options.inputs))
    epsilon = 0.01 * float(np.abs(layer).max())
    kinds = ("apart", *KINDS)
    ways = [("alone", 1), *((kind, workers) for kind in kinds for workers in options.workers)]
    seconds: dict[tuple[str, int], list[float]] = {way: [] for way in ways}
    for _ in range(options.repeat):
        for kind, workers in ways:
            if kind == "apart":
                seconds[kind, workers].append(apart(layer, epsilon, workers))
                continue
            with KINDS[kind](workers) if kind in KINDS else nullcontext() as executor:
                all_of_it(layer[:, :64], epsilon, executor)  # workers import lpbook
                start = time.perf_counter()
                all_of_it(layer, epsilon, executor)
                seconds[kind, workers].append(time.perf_counter() - start)

    said = machine(Dask=version("distributed"))
    weights = layer.size
    print(f"{said}; {weights:,} weights, median of {options.repeat}")
    print(f"{'':12}{'workers':>8}{'seconds':>9}{'spread':>8}{'times as fast':>15}")
    first = statistics.median(seconds["alone", 1])
    rows = []
    for (kind, workers), took in seconds.items():
        middle, spread = statistics.median(took), max(took) - min(took)
        print(f"{kind:12}{workers:8}{middle:9.2f}{spread:8.2f}{first / middle:15.2f}", flush=True)
        rows.append({"kind": kind, "workers": workers, "seconds": took})
    if options.write:
        text = json.dumps({"machine": said, "weights": weights, "rows": rows}, indent=1)
        Path(options.write).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
