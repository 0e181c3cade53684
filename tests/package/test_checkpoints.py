"""Work that is interrupted, lost or garbled: the same ticket comes out, bit for bit."""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import subprocess
import sys
import threading
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

import lpbook as lp
from lpbook import _tasks, pruning
from lpbook._files import Records
from lpbook._tasks import results

WANTED = {"weight_epsilon": 0.05, "seed": 3}


def network():
    rng = np.random.default_rng(0)
    return lp.Network(
        [rng.uniform(-1, 1, (5, 40)), rng.uniform(-1, 1, (4, 5))], [np.ones(5), np.zeros(4)]
    )


def content(ticket, folder):
    """The bytes of a ticket's file."""
    ticket.save(folder / "ticket")
    return (folder / "ticket").read_bytes()


@pytest.fixture(autouse=True)
def few_blocks_a_task(monkeypatch):
    """Many tasks, though the network is small."""
    monkeypatch.setattr(pruning, "STRIP", 1)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    return content(lp.prune(network(), **WANTED), tmp_path_factory.mktemp("alone"))


@pytest.fixture(autouse=True)
def small_tasks(monkeypatch):
    """Many tasks of few blocks."""
    monkeypatch.setattr(pruning, "STRIP", 1)


@pytest.fixture
def count(monkeypatch):
    """How many tasks this process has done; and where it stops, with which error."""
    done = []
    original = pruning._choose_all
    stop = {}

    def counted(task):
        if len(done) == stop.get("after"):
            raise stop["error"]
        done.append(task)
        return original(task)

    monkeypatch.setattr(pruning, "_choose_all", counted)
    return done, stop


@pytest.mark.parametrize("error", [KeyboardInterrupt(), MemoryError()], ids=repr)
def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, alone, count, error):
    done, stop = count
    lp.prune(network(), **WANTED)
    everything = len(done)
    for after in (0, 1, 7):
        done.clear()
        stop.update(after=after, error=error)
        with pytest.raises(type(error)):
            lp.prune(network(), **WANTED, checkpoint=tmp_path / "c")
        assert len(done) == after
    done.clear()
    stop.clear()
    ticket = lp.prune(network(), **WANTED, checkpoint=tmp_path / "c")
    assert len(done) == everything - 8
    assert content(ticket, tmp_path) == alone
    done.clear()
    again = lp.prune(network(), **WANTED, checkpoint=tmp_path / "c")
    assert content(again, tmp_path) == alone
    assert not done


KILLED = """
import os, signal, sys
import lpbook as lp
from lpbook import _tasks, pruning
sys.path.insert(0, sys.argv[2])
from test_checkpoints import WANTED, network
pruning.STRIP = 1
original, done = pruning._choose_all, []
def choose(task):
    if len(done) == 5:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(task)
    return original(task)
pruning._choose_all, pruning.STRIP = choose, 1
lp.prune(network(), **WANTED, checkpoint=sys.argv[1])
"""


def test_a_killed_run_is_resumed(tmp_path, alone, count):
    done, _ = count
    path = str(tmp_path / "c")
    command = [sys.executable, "-c", KILLED, path, str(Path(__file__).parent)]
    assert subprocess.run(command, cwd=tmp_path).returncode == -signal.SIGKILL
    assert content(lp.prune(network(), **WANTED, checkpoint=path), tmp_path) == alone
    first = len(done)
    done.clear()
    lp.prune(network(), **WANTED)
    assert first == len(done) - 5


def test_a_record_that_was_cut_off_or_damaged_is_made_again(tmp_path, alone, count):
    done, _ = count
    path = tmp_path / "c"
    lp.prune(network(), **WANTED, checkpoint=path)
    whole = path.read_bytes()
    for cut in (5, 20, 21, 30, 70, len(whole) // 2, len(whole) - 1):
        path.write_bytes(whole[:cut])
        assert content(lp.prune(network(), **WANTED, checkpoint=path), tmp_path) == alone
        assert path.read_bytes() == whole
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    path.write_bytes(flipped)
    done.clear()
    assert content(lp.prune(network(), **WANTED, checkpoint=path), tmp_path) == alone
    assert done


def starts(whole):
    """Where the records of a checkpoint begin, and its end."""
    found = [len(Records._BEGINNING)]
    while found[-1] < len(whole):
        length = int.from_bytes(whole[found[-1] + 32 : found[-1] + 40], "little")
        found.append(found[-1] + 72 + length)
    return found


@pytest.mark.parametrize("byte", [0, 41, -1], ids=["key", "content", "checksum"])
def test_one_damaged_record_costs_no_other(byte, tmp_path, alone, count):
    done, _ = count
    path = tmp_path / "c"
    lp.prune(network(), **WANTED, checkpoint=path)
    whole = bytearray(path.read_bytes())
    places = starts(whole)
    for first in (0, 3, len(places) - 2):
        damaged = whole.copy()
        damaged[places[first] + byte if byte >= 0 else places[first + 1] + byte] ^= 1
        path.write_bytes(damaged)
        done.clear()
        assert content(lp.prune(network(), **WANTED, checkpoint=path), tmp_path) == alone
        assert len(done) == 1
        assert path.read_bytes().startswith(damaged)
        done.clear()
        assert content(lp.prune(network(), **WANTED, checkpoint=path), tmp_path) == alone
        assert not done


@pytest.mark.parametrize("place", [32, 34, 39])
def test_what_cannot_be_read_is_kept_in_another_file(place, tmp_path, alone, count):
    """A damaged length: nobody knows where the next record begins."""
    done, _ = count
    path = tmp_path / "c"
    lp.prune(network(), **WANTED, checkpoint=path)
    whole, everything = path.read_bytes(), len(starts(path.read_bytes())) - 1
    for number in (1, 2):
        damaged = bytearray(whole)
        at = starts(whole)[number]
        damaged[at + place] ^= 2
        path.write_bytes(damaged)
        done.clear()
        with pytest.warns(UserWarning, match=rf"checkpoint=.*'.*c\.damaged-{number}'") as said:
            ticket = lp.prune(network(), **WANTED, checkpoint=path)
        assert said[0].filename == __file__
        assert content(ticket, tmp_path) == alone
        assert (tmp_path / f"c.damaged-{number}").read_bytes() == damaged[at:]
        assert len(done) == everything - number
        assert path.read_bytes() == whole


def test_long_lengths_of_strangers_are_not_believed(tmp_path):
    path = tmp_path / "c"
    path.write_bytes(Records._BEGINNING + bytes(32) + b"\xff" * 8 + bytes(100))
    with Records(path) as records:
        assert not records._found
    assert path.read_bytes() == Records._BEGINNING


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing is forked")
def test_a_forked_process_does_not_keep_the_file(tmp_path):
    """A worker that outlives its parent would keep it locked."""
    reading, writing = os.pipe()
    with Records(tmp_path / "c") as records:
        records.put(b"k" * 32, b"content")
        descriptor = records._file.fileno()
        child = os.fork()
        if not child:
            with contextlib.suppress(OSError):
                os.fstat(descriptor)
                os.write(writing, b"open")
            records.__exit__()
            os._exit(0)
        os.waitpid(child, 0)
        os.write(writing, b".")
        assert os.read(reading, 9) == b"."
        with pytest.raises(OSError, match="another call of this process"):
            Records(tmp_path / "c")
        assert records.get(b"k" * 32) == b"content"
    os.close(reading)
    os.close(writing)


def test_whoever_has_the_file_besides_does_not_keep_it_locked(tmp_path):
    with Records(tmp_path / "c") as records:
        other = os.dup(records._file.fileno())
    with Records(tmp_path / "c"):
        os.close(other)


def test_an_executor_of_forked_processes_serves_two_calls(tmp_path, alone):
    with ProcessPoolExecutor(1, mp_context=get_context("fork")) as pool:
        for _ in range(2):
            ticket = lp.prune(network(), **WANTED, executor=pool, checkpoint=tmp_path / "c")
            assert content(ticket, tmp_path) == alone
            (tmp_path / "c").write_bytes(b"")


def test_other_arguments_share_the_file_and_nothing_else(tmp_path, alone):
    other = {"weight_epsilon": 0.05, "seed": 4}
    changed = lp.Network([np.full((5, 40), 0.25), *network().weights[1:]], network().biases)
    path = tmp_path / "c"
    for target, wanted in ((network(), WANTED), (network(), other), (changed, WANTED)):
        found = lp.prune(target, **wanted, checkpoint=path)
        assert content(found, tmp_path) == content(lp.prune(target, **wanted), tmp_path)
    assert content(lp.prune(network(), **WANTED, checkpoint=path), tmp_path) == alone


def test_checkpoints_that_cannot_be(tmp_path):
    (tmp_path / "other").write_bytes(b"something else, and it stays as it is")
    with pytest.raises(ValueError, match=r"checkpoint=.*is not a file of `prune`"):
        lp.prune(network(), **WANTED, checkpoint=tmp_path / "other")
    assert (tmp_path / "other").read_bytes().endswith(b"as it is")
    with pytest.raises(IsADirectoryError):
        lp.prune(network(), **WANTED, checkpoint=tmp_path)
    with (
        Records(tmp_path / "used"),
        pytest.raises(OSError, match=r"checkpoint=.*another process writes to this file"),
    ):
        lp.prune(network(), **WANTED, checkpoint=tmp_path / "used")

    class Mine(lp.GoldenRatio):
        """A construction that no file can name."""

    with pytest.raises(ValueError, match=r"checkpoint=.*construction of your own"):
        lp.prune(network(), None, Mine(), **WANTED, checkpoint=tmp_path / "mine")


def test_threads_write_down_what_they_finish(tmp_path, alone, count):
    done, stop = count
    stop.update(after=6, error=KeyboardInterrupt())
    with ThreadPoolExecutor(2) as threads, pytest.raises(KeyboardInterrupt):
        lp.prune(network(), **WANTED, executor=threads, checkpoint=tmp_path / "c")
    first = len(done)
    assert first >= 6
    done.clear()
    stop.clear()
    with ThreadPoolExecutor(2) as threads:
        ticket = lp.prune(network(), **WANTED, executor=threads, checkpoint=tmp_path / "c")
    assert content(ticket, tmp_path) == alone
    with Records(tmp_path / "c") as records:
        assert len(records._found) == first + len(done)


def test_the_bar_starts_where_the_work_does(tmp_path, capsys, count):
    _, stop = count
    stop.update(after=9, error=KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        lp.prune(network(), **WANTED, checkpoint=tmp_path / "c")
    stop.clear()
    capsys.readouterr()
    lp.prune(network(), **WANTED, progress=True, checkpoint=tmp_path / "c")
    shown = capsys.readouterr().err
    assert "| 0/47" not in shown
    assert "/47 [" in shown


class Odd(Executor):
    """An executor that does something odd with every third task."""

    def __init__(self, odd):
        self.odd, self.number = odd, 0

    def submit(self, function, task):  # type: ignore[override]
        self.number += 1
        future = Future()
        if self.number % 3 == 0:
            self.odd(future, function, task)
        else:
            future.set_result(function(task))
        return future


def altered(future, function, task):
    found = function(task)
    codes = found.codes.copy()
    codes.reshape(-1)[:1] ^= 1
    future.set_result(replace(found, codes=codes))


ODD = {
    "None": lambda future, function, task: future.set_result(None),
    "codes that were altered": altered,
    "codes of another task": lambda future, function, task: future.set_result(
        function(replace(task, first=task.first + 1, seed=99))
    ),
    "a checksum of another type": lambda future, function, task: future.set_result(
        replace(function(task), checksum=np.zeros(3))
    ),
    "codes alone": lambda future, function, task: future.set_result(function(task).codes),
    "an error": lambda future, function, task: future.set_exception(OSError("gone")),
    "its own timeout": lambda future, function, task: future.set_exception(TimeoutError("own")),
    "nothing, ever": lambda future, function, task: None,
    "a submit that blocks": lambda future, function, task: threading.Event().wait(600),
}


@pytest.mark.parametrize("odd", ODD)
def test_what_an_executor_garbles_is_done_again(odd, tmp_path, alone):
    with pytest.warns(RuntimeWarning, match=r"lost it \("):
        ticket = lp.prune(
            network(),
            **WANTED,
            executor=Odd(ODD[odd]),
            timeout=0.3,
            checkpoint=tmp_path / "c",
        )
    assert content(ticket, tmp_path) == alone
    resumed = lp.prune(network(), **WANTED, checkpoint=tmp_path / "c")
    assert content(resumed, tmp_path) == alone


def test_results_without_a_limit_of_time_are_checked_too():
    odd = Odd(lambda future, function, task: future.set_exception(TimeoutError("its own")))
    with pytest.warns(RuntimeWarning, match="TimeoutError: its own"):
        assert list(results(abs, [-1, -2, -3], odd)) == [1, 2, 3]
    odd = Odd(lambda future, function, task: future.set_result("three"))
    found = results(abs, [-1, -2, -3], odd, right=lambda task, result: result == -task)
    with pytest.warns(RuntimeWarning, match="its result was 'three'"):
        assert list(found) == [1, 2, 3]


def test_a_slow_executor_is_not_a_lost_one():
    """The limit counts from the last result, not from the beginning."""
    ready = [threading.Event() for _ in range(4)]

    def wait(i):
        ready[i].wait(600)
        if i:
            ready[i - 1].set()
        return i

    ready[3].set()
    with ThreadPoolExecutor(4) as threads:
        assert list(results(wait, range(4), threads, timeout=300.0)) == [0, 1, 2, 3]


@pytest.mark.parametrize("timeout", [None, 60.0])
def test_an_executor_has_some_tasks_at_a_time(timeout, monkeypatch):
    """What tasks carry is not sent all at once, and their results come in order."""
    monkeypatch.setattr(_tasks, "AHEAD", 5)
    taken, ahead, consumed = [], [], 0

    class Counting(Executor):
        def submit(self, function, task):
            taken.append(task)
            ahead.append(len(taken) - consumed)
            future = Future()
            future.set_result(function(task))
            return future

    for expected, result in enumerate(results(str, range(30), Counting(), timeout=timeout)):
        assert result == str(expected)
        consumed = expected + 1
    assert taken == list(range(30))
    assert max(ahead) <= 5 + 1
    assert max(ahead) >= 5


def test_a_record_that_could_not_be_written_costs_no_other(tmp_path, monkeypatch):
    """The disk was full for a moment."""
    write = Records._write

    def half(records, content):
        write(records, content[: len(content) // 2])
        raise OSError(errno.ENOSPC, "No space left on device")

    keys = [bytes([i]) * 32 for i in range(3)]
    with Records(tmp_path / "c") as records:
        records.put(keys[0], b"first")
        with monkeypatch.context() as full:
            full.setattr(Records, "_write", half)
            with pytest.raises(OSError, match="No space"):
                records.put(keys[1], b"second")
        records.put(keys[2], b"third")
    with Records(tmp_path / "c") as records:
        assert [records.get(key) for key in keys] == [b"first", None, b"third"]
