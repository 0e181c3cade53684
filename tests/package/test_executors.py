"""The same ticket whoever computes it: threads, processes, and a cluster over TCP."""

import multiprocessing
import os
import signal
import threading
import time
import warnings
from concurrent.futures import BrokenExecutor, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest

import lpbook as lp
from lpbook._tasks import Processes, results

pytestmark = pytest.mark.slow

FILTER = "ignore:.*:DeprecationWarning"  # of the cluster's own libraries


def network():
    rng = np.random.default_rng(0)
    return lp.Network(
        [rng.uniform(-1, 1, (9, 40)), rng.uniform(-1, 1, (4, 9))], [np.ones(9), np.zeros(4)]
    )


@pytest.fixture(scope="module")
def processes():
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield pool


@pytest.fixture(scope="module")
def cluster():
    """A scheduler and two worker processes on this machine, talking over TCP."""
    distributed = pytest.importorskip("distributed")
    with (
        warnings.catch_warnings(),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            host="127.0.0.1",
            protocol="tcp://",
            dashboard_address="127.0.0.1:0",  # any free port: another cluster may run
        ) as workers,
        distributed.Client(workers) as client,
    ):
        warnings.simplefilter("ignore")
        assert workers.scheduler_address.startswith("tcp://127.0.0.1")
        yield client


def same(one, other, tmp_path):
    """Whether two tickets are the same, bit for bit, in their files."""
    one.save(tmp_path / "one.npz")
    other.save(tmp_path / "other.npz")
    return (tmp_path / "one.npz").read_bytes() == (tmp_path / "other.npz").read_bytes()


@pytest.mark.parametrize("construction", ["golden-ratio", "product", "subset-sum"])
@pytest.mark.parametrize("layout", ["shared", "reserved"])
def test_threads_and_processes_find_the_same_ticket(construction, layout, processes, tmp_path):
    wanted = {"construction": construction, "layout": layout, "weight_epsilon": 0.05, "seed": 3}
    alone = lp.prune(network(), **wanted)
    with ThreadPoolExecutor(2) as threads:
        assert same(alone, lp.prune(network(), executor=threads, **wanted), tmp_path)
    assert same(alone, lp.prune(network(), executor=processes, **wanted), tmp_path)


@pytest.mark.filterwarnings(FILTER)
@pytest.mark.parametrize("construction", ["golden-ratio", "subset-sum"])
def test_a_cluster_finds_the_same_ticket(construction, cluster, tmp_path):
    wanted = {"construction": construction, "weight_epsilon": 0.05}
    executor = cluster.get_executor()
    before = set(cluster.run(os.getpid).values())
    assert len(before) == 2
    assert os.getpid() not in before
    ticket = lp.prune(network(), executor=executor, **wanted)
    assert same(lp.prune(network(), **wanted), ticket, tmp_path)
    assert ticket.verify(network()).ok


@pytest.mark.filterwarnings(FILTER)
def test_the_error_is_the_same_everywhere(processes, cluster):
    messages = set()
    few = lp.SubsetSum(candidates=2)
    for executor in (None, processes, cluster.get_executor()):
        with pytest.raises(ValueError, match="the best misses by") as error:
            lp.prune(network(), None, few, weight_epsilon=0.01, executor=executor)
        messages.add(str(error.value))
    assert len(messages) == 1


def double_or_die(task):
    """Twice the number; the process dies on the way if a flag file can be removed first."""
    number, flag, parent = task
    if number == 2 and os.getpid() != parent:
        try:
            os.unlink(flag)
        except FileNotFoundError:
            return 2 * number
        os.kill(os.getpid(), signal.SIGKILL)
    return 2 * number


def tasks_with_a_death(tmp_path):
    flag = tmp_path / "die"
    flag.touch()
    return flag, [(i, str(flag), os.getpid()) for i in range(6)]


def pool_of_the_library(count):
    return ProcessPoolExecutor(count, mp_context=multiprocessing.get_context("spawn"))


@pytest.mark.parametrize("kind", [pool_of_the_library, Processes])
@pytest.mark.parametrize("count", [1, 2])
def test_a_lost_process_does_not_lose_the_run(kind, count, tmp_path):
    flag, tasks = tasks_with_a_death(tmp_path)
    with kind(count) as pool, pytest.warns(RuntimeWarning, match="lost it"):
        assert list(results(double_or_die, tasks, pool)) == [0, 2, 4, 6, 8, 10]
    assert not flag.exists(), "no worker died: the test shows nothing"


@pytest.mark.filterwarnings(FILTER)
def test_a_lost_worker_of_a_cluster_does_not_lose_the_run(cluster, tmp_path):
    flag, tasks = tasks_with_a_death(tmp_path)
    assert list(results(double_or_die, tasks, cluster.get_executor())) == [0, 2, 4, 6, 8, 10]
    assert not flag.exists(), "no worker died: the test shows nothing"


def test_an_executor_that_is_closed_leaves_the_work_here(tmp_path):
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    wanted = {"weight_epsilon": 0.05}
    with pytest.warns(RuntimeWarning, match="computed by this process"):
        ticket = lp.prune(network(), executor=pool, **wanted)
    assert same(lp.prune(network(), **wanted), ticket, tmp_path)


def test_what_a_task_itself_raises_is_raised():
    with ThreadPoolExecutor(1) as pool:
        with pytest.raises(ZeroDivisionError), pytest.warns(RuntimeWarning, match="lost it"):
            list(results(lambda x: 1 // x, [1, 0], pool))
        with pytest.raises(ZeroDivisionError):
            list(results(lambda x: 1 // x, [1, 0], pool, (ZeroDivisionError,)))


def test_the_executor_is_checked_first():
    with pytest.raises(TypeError, match=r"executor='dask': must be a concurrent\.futures"):
        lp.prune(network(), weight_epsilon=0.05, executor="dask")


def children():
    return {process.pid for process in multiprocessing.active_children()}


def test_processes_find_the_same_ticket_and_are_gone(tmp_path):
    wanted, before = {"weight_epsilon": 0.05}, children()
    with Processes(2) as pool:
        ticket = lp.prune(network(), executor=pool, **wanted)
        assert 1 <= len(children() - before) <= 2
    assert children() <= before
    assert same(lp.prune(network(), **wanted), ticket, tmp_path)
    with pytest.raises(RuntimeError, match="ended"):
        pool.submit(abs, -1)


def test_processes_leave_an_interrupt_to_others():
    with Processes(1) as pool:
        worker = pool.submit(os.getpid).result()
        os.kill(worker, signal.SIGINT)
        assert pool.submit(os.getpid).result() == worker != os.getpid()


def test_processes_go_on_after_an_error():
    with Processes(1) as pool:
        assert isinstance(pool.submit(int, "x").exception(), ValueError)
        assert "local object" in str(pool.submit(lambda: 1).exception())
        assert "pickle" in str(pool.submit(threading.Lock).exception())  # no result to be sent
        assert pool.submit(int, "7", base=8).result() == 7


def test_without_a_process_nothing_waits():
    with Processes(1) as pool:
        worker = pool.submit(os.getpid).result()
        lost = [pool.submit(signal.pause), *(pool.submit(abs, -1) for _ in range(3))]
        os.kill(worker, signal.SIGKILL)
        assert {type(future.exception()) for future in lost} == {BrokenExecutor}
        pool._threads[0].join()
        with pytest.raises(BrokenExecutor, match="no process is left"):
            pool.submit(abs, -1)


def test_processes_are_ended_whatever_they_are_at():
    before = children()
    with Processes(2) as pool:
        begun = [pool.submit(time.sleep, 10**6) for _ in range(3)]
        while len(children() - before) < 2:
            time.sleep(0.01)
        os.kill(max(children() - before), signal.SIGSTOP)
        assert begun[2].cancel()
    assert [type(future.exception()) for future in begun[:2]] == [BrokenExecutor] * 2
