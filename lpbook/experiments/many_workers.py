"""What a cluster would take for a large network: a simulation by the rates of its steps.

A task is some blocks of a layer. It goes from the client, over one line, to the scheduler, which
spends some time on it, then to the worker that is free first, and its choice comes back over the
same line. Whichever step is busy all the time sets the pace.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

from lpbook import _checks

__all__ = ["Cluster", "Run", "simulate"]

_MOST_TASKS = 10**7


@dataclass(frozen=True)
class Cluster:
    """The rates of a cluster.

    Attributes
    ----------
    workers : int
        Worker processes, a core each.
    seconds_a_weight : float
        Of a worker, to choose.
    seconds_a_task : float
        Of the scheduler, for all messages about a task.
    bytes_a_second : float
        Of the client's line.
    bytes_out, bytes_in : float
        What goes out and comes back for a weight.
    """

    workers: int
    seconds_a_weight: float
    seconds_a_task: float = 1e-3
    bytes_a_second: float = 1.25e9
    bytes_out: float = 8.0
    bytes_in: float = 21 / 8


@dataclass(frozen=True)
class Run:
    """What a simulation found.

    Attributes
    ----------
    seconds : float
        Until the last choice has come back.
    busy : dict
        Share of that time that each step was busy: ``"workers"``, ``"scheduler"``, ``"line"``.
    """

    seconds: float
    busy: dict[str, float]


def simulate(cluster: Cluster, weights: int, task: int) -> Run:
    """Prune a network of so many weights in tasks of `task` weights.

    Examples
    --------
    >>> run = simulate(Cluster(workers=2, seconds_a_weight=1e-6), 10**8, task=10**5)
    >>> round(run.seconds, 1), {step: round(share, 2) for step, share in run.busy.items()}
    (50.0, {'workers': 1.0, 'scheduler': 0.02, 'line': 0.02})
    """
    weights, task = _checks.count("weights", weights), _checks.count("task", task)
    tasks = math.ceil(weights / task)
    _checks.work("weights", weights, tasks, _MOST_TASKS, "tasks")
    out, back = (
        task * each / cluster.bytes_a_second for each in (cluster.bytes_out, cluster.bytes_in)
    )
    work = task * cluster.seconds_a_weight
    free = [0.0] * cluster.workers
    coming: list[float] = []  # when choices are ready to come back
    line = scheduler = 0.0
    for _ in range(tasks):
        while coming and coming[0] <= line:  # the line takes what waits, choices first
            line = max(line, heapq.heappop(coming)) + back
        # no more is sent than a task ahead for each worker
        line = max(line, free[0] - work - cluster.seconds_a_task) + out
        scheduler = max(scheduler, line) + cluster.seconds_a_task
        done = max(heapq.heappop(free), scheduler) + work
        heapq.heappush(free, done)
        heapq.heappush(coming, done)
    while coming:
        line = max(line, heapq.heappop(coming)) + back
    return Run(
        line,
        {
            "workers": tasks * work / cluster.workers / line,
            "scheduler": tasks * cluster.seconds_a_task / line,
            "line": tasks * (out + back) / line,
        },
    )
