"""Time closest and sparsest subsets for every weight of a network, beside an exact solver.

    python benchmarks/bench_subsets.py [NETWORK.npz] [-n 21] [--epsilon 0.01] [--repeats 5]
                                       [--write RESULTS.json]

NETWORK.npz holds weight matrices, (outputs, inputs) each. Without a file, a random 784-500-10
network of the usual scale is made. Each row of a matrix, or each weight, gets n numbers, uniform
on [-1, 1]; in the last tasks one in each of as many equal slices. With --write the results go into
a file, which the chapter *subset_sum* shows for the network of Pensia et al.

The other solver is HiGHS (`scipy.optimize.milp`), one integer program for each of a sample of the
weights, with the same numbers and in the same run: its time is extrapolated from that sample to
the network, and its answers are compared. The ratio is one of processor times, which other work on
the machine disturbs least. Where a program takes hardly longer than one whose answer is the empty
set, the ratio says more of the call than of the solver.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy
from machine import machine
from scipy.optimize import Bounds, LinearConstraint, milp

import lpbook as lp
from lpbook.experiments.covered_intervals import stratified


def matrices(path: str | None) -> list[np.ndarray]:
    """The weights in the file, or some made here."""
    if path is None:
        rng = np.random.default_rng(0)
        return [rng.normal(0, 1 / np.sqrt(n), (m, n)) for m, n in [(500, 784), (10, 500)]]
    with np.load(path, allow_pickle=False) as arrays:
        return [arrays[name] for name in arrays.files]


@dataclass
class Task:
    """What to find for which targets among which numbers, for each matrix."""

    name: str
    targets: list[np.ndarray]
    samples: list[np.ndarray]
    epsilon: float | None

    def solve(self) -> list[lp.Subsets]:
        if self.epsilon is None:
            return [
                lp.closest_subset(*pair) for pair in zip(self.targets, self.samples, strict=True)
            ]
        return [
            lp.sparsest_subset(*pair, self.epsilon)
            for pair in zip(self.targets, self.samples, strict=True)
        ]


def tasks(weights: list[np.ndarray], n: int, epsilon: float) -> Iterator[Task]:
    """One set of numbers for each row, and one for each weight."""
    rng = np.random.default_rng(1)
    sets = [rng.uniform(-1, 1, (w.shape[0], n)) for w in weights]
    tight = epsilon / 100
    yield Task("closest, one set per row", weights, sets, None)
    yield Task(f"sparsest within {epsilon:g}, one set per row", weights, sets, epsilon)
    yield Task(f"sparsest within {tight:g}, one set per row", weights, sets, tight)
    sets = [rng.uniform(-1, 1, (w.size, n)) for w in weights]
    alone = [w.reshape(-1, 1) for w in weights]
    yield Task("closest, own sets", alone, sets, None)
    for allowed in (epsilon, epsilon / 5, epsilon / 10):
        yield Task(f"sparsest within {allowed:g}, own sets", alone, sets, allowed)
    for few in (n // 2 + 1, n // 2 + 2):
        sets = [stratified((w.size, few), 1.0, rng) for w in weights]
        yield Task(f"sparsest within {epsilon:g}, {few} stratified", alone, sets, epsilon)


class Memory:
    """Peak memory of the process while something runs, its arguments and results included."""

    def __enter__(self) -> Memory:
        self._done = threading.Event()
        self.peak = self._now()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.002):
            self.peak = max(self.peak, self._now())

    @staticmethod
    def _now() -> float:
        """MiB in use; where there is no /proc, the most so far."""
        try:
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * resource.getpagesize() / 2**20
        except OSError:
            unit = 2**20 if sys.platform == "darwin" else 2**10
            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def program(target: float, samples: np.ndarray, epsilon: float | None) -> np.ndarray | None:
    """Solve the integer program for one weight; the answer as a mask."""
    n = samples.size
    if epsilon is not None:
        rule = LinearConstraint(samples[None], target - epsilon, target + epsilon)
        found = milp(np.ones(n), integrality=np.ones(n), bounds=Bounds(0, 1), constraints=rule)
        return None if found.x is None else found.x > 0.5
    # least z with z >= sum - target and z >= target - sum
    sides = np.vstack((np.append(samples, -1), np.append(samples, 1)))
    found = milp(
        np.append(np.zeros(n), 1),
        integrality=np.append(np.ones(n), 0),
        bounds=Bounds(0, np.append(np.ones(n), np.inf)),
        constraints=LinearConstraint(sides, [-np.inf, target], [target, np.inf]),
        options={"mip_rel_gap": 0},
    )
    return None if found.x is None else found.x[:n] > 0.5


def loss(error: float, size: int, epsilon: float | None) -> float:
    """What a task minimises; a set outside the tolerance does not count."""
    if epsilon is None:
        return error
    return size if error <= epsilon + 1e-12 else np.inf


def compare(task: Task, ours: list[lp.Subsets], size: int) -> tuple[float, str, bool]:
    """Processor time of the other solver for a weight, how its answers compare, any better."""
    ends = np.cumsum([w.size for w in task.targets])
    seconds, results = 0.0, []
    for place in np.random.default_rng(2).choice(ends[-1], size, replace=False):
        layer = int(np.searchsorted(ends, place, side="right"))
        row, column = divmod(place - ends[layer], task.targets[layer].shape[1])  # from the end
        target, samples = float(task.targets[layer][row, column]), task.samples[layer][row]
        start = time.process_time()
        mask = program(target, samples, task.epsilon)
        seconds += time.process_time() - start
        found = ours[layer]
        own = loss(
            abs(found.errors[row, column]), int(found.codes[row, column]).bit_count(), task.epsilon
        )
        other = np.inf
        if mask is not None:
            other = loss(abs(samples[mask].sum() - target), int(mask.sum()), task.epsilon)
        results.append(0 if own == other else np.sign(other - own) * (abs(other - own) > 1e-12))
    same, better, worse = (results.count(sign) for sign in (0, 1, -1))
    remark = f"as good {same}, ours better {better}, ours worse {worse} of {size}"
    return seconds / size, remark, worse > 0


def overhead(n: int, epsilon: float, calls: int = 50) -> float:
    """Processor time of a call of the other solver where the empty set is the answer."""
    samples = np.random.default_rng(3).uniform(-1, 1, (calls, n))
    start = time.process_time()
    for numbers in samples:
        program(0.0, numbers, epsilon)
    return (time.process_time() - start) / calls


def spectral_error(weights: np.ndarray, found: lp.Subsets) -> float:
    """Norm of the errors over the norm of the weights, as matrices."""
    errors = found.errors.reshape(weights.shape)
    return float(np.linalg.norm(errors, 2) / np.linalg.norm(weights, 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("network", nargs="?", metavar="NETWORK.npz")
    parser.add_argument("-n", type=int, default=21, help="numbers to choose from")
    parser.add_argument("--epsilon", type=float, default=0.01)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--sample", type=int, default=20, help="weights for the other solver")
    parser.add_argument("--write", metavar="RESULTS.json", help="write what is printed to a file")
    options = parser.parse_args()

    print(f"{machine(SciPy=scipy.__version__)}, one used")
    weights = matrices(options.network)
    total = sum(w.size for w in weights)
    print(f"{total:,} weights, n = {options.n}, medians of {options.repeats}\n")
    print(f"{'':<39}{'CPU':>8}{'clock':>8}{'peak':>6}", end="")
    print(f"{'kept per':>10}{'not':>7}{'HiGHS':>11}{'times':>10}")
    print(f"{'':<39}{'s':>8}{'s':>8}{'MiB':>6}{'weight':>10}{'found':>7}{'s':>11}{'faster':>10}")
    remarks, failed, rows = [], False, []
    for task in tasks(weights, options.n, options.epsilon):
        cpu, clock = [], []
        with Memory() as memory:
            ours = task.solve()
        for _ in range(options.repeats):
            begin, start = time.process_time(), time.perf_counter()
            ours = task.solve()
            cpu.append(time.process_time() - begin)
            clock.append(time.perf_counter() - start)
        kept = sum(found.sizes.sum() for found in ours) / total
        missing = sum((~found.found).sum() for found in ours)
        each, remark, worse = compare(task, ours, options.sample)
        remarks.append(f"{task.name}: {remark}")
        failed |= worse
        seconds = float(np.median(cpu))
        print(
            f"{task.name:<39}{seconds:>8.3f}{np.median(clock):>8.3f}{memory.peak:>6.0f}{kept:>10.2f}"
            f"{missing:>7}{each * total:>11,.0f}{each * total / seconds:>10,.0f}",
            flush=True,
        )
        allowed = options.epsilon if task.epsilon is None else task.epsilon
        beyond = sum((np.abs(found.errors) > allowed).sum() for found in ours)
        rows.append(
            {
                "task": task.name,
                "numbers": task.samples[0].shape[-1],
                "epsilon": task.epsilon,
                "cpu_seconds": round(seconds, 3),
                "peak_MiB": round(memory.peak),
                "kept_per_weight": round(float(kept), 4),
                "most_kept": int(max(found.sizes.max() for found in ours)),
                "beyond_epsilon": int(beyond),
                "largest_error": float(max(np.abs(found.errors).max() for found in ours)),
                "spectral_error": round(spectral_error(weights[0], ours[0]), 6),
                "solver_cpu_seconds": round(each * total),
                "solver_sample": options.sample,
            }
        )
    if options.write:
        about = {
            "network": Path(options.network).stem if options.network else "random 784-500-10",
            "weights": total,
            "weights_within_epsilon": sum(int((abs(w) <= options.epsilon).sum()) for w in weights),
            "epsilon": options.epsilon,
            "repeats": options.repeats,
            "seed": 1,
            "machine": f"{platform.system()} {platform.machine()}, one core",
            "versions": {
                "python": platform.python_version(),
                "numpy": np.__version__,
                "scipy": scipy.__version__,
            },
            "solver_call_cpu_seconds": round(overhead(options.n, options.epsilon), 4),
            "tasks": rows,
        }
        Path(options.write).write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    print("\nOur answers beside those of HiGHS (errors to 1e-12, sizes exactly):")
    print("\n".join(remarks))
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
