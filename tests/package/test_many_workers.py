"""The simulated cluster: each step in turn sets the pace."""

import pytest

from lpbook.experiments.many_workers import Cluster, simulate

WEIGHTS, TASK = 10**8, 10**5


@pytest.mark.parametrize("workers", [1, 2, 8])
def test_workers_share_the_work(workers):
    run = simulate(Cluster(workers, 1e-6), WEIGHTS, TASK)
    assert run.seconds == pytest.approx(100 / workers, rel=0.02)
    assert run.busy["workers"] > 0.98
    assert max(run.busy.values()) <= 1


@pytest.mark.parametrize(
    ("cluster", "step", "seconds"),
    [
        (Cluster(1000, 1e-6, seconds_a_task=5e-3), "scheduler", 5.0),
        (Cluster(1000, 1e-6, seconds_a_task=0.0, bytes_a_second=1.25e8), "line", 8.5),
    ],
    ids=["scheduler", "line"],
)
def test_what_saturates_sets_the_pace(cluster, step, seconds):
    run = simulate(cluster, WEIGHTS, TASK)
    assert run.seconds == pytest.approx(seconds, rel=0.05)
    assert max(run.busy, key=run.busy.get) == step
    assert 0.9 < run.busy[step] <= 1


def test_impossible_clusters_are_refused():
    with pytest.raises(ValueError, match=r"task=0: must be at least 1"):
        simulate(Cluster(2, 1e-6), WEIGHTS, 0)
    with pytest.raises(ValueError, match=r"weights=.* tasks"):
        simulate(Cluster(2, 1e-6), 10**9, 1)
