"""Independent tasks, here or on an executor: the results come in order, whoever computes them."""

from __future__ import annotations

import contextlib
import queue
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import partial
from typing import Any, Generic, TypeVar, cast

from lpbook import _checks

AHEAD = 256
"""Tasks that an executor has at a time: what they carry is not sent, nor kept, all at once."""

T = TypeVar("T")
R = TypeVar("R")
U = TypeVar("U")


def check_executor(executor: Any) -> Executor | None:
    """The executor, or None where tasks are to run here.

    Raises
    ------
    TypeError
        If it is neither.
    """
    if executor is None or _checks.is_a(executor, Executor):
        return cast("Executor | None", executor)
    raise _checks.wrong_type(
        "executor",
        executor,
        "must be a concurrent.futures.Executor, such as a ProcessPoolExecutor or the "
        "get_executor() of a Dask client",
    )


def results(
    function: Callable[[T], R],
    tasks: Sequence[T],
    executor: Executor | None = None,
    expected: tuple[type[Exception], ...] = (),
    *,
    right: Callable[[T, R], bool] = lambda task, result: True,
    done: Callable[[T, R], None] = lambda task, result: None,
    timeout: float | None = None,
) -> Iterator[R]:
    """`function` of every task, in order.

    Parameters
    ----------
    function : callable
        Of one argument; for processes it and the tasks must be picklable.
    tasks : sequence
        Its arguments.
    executor : concurrent.futures.Executor, optional
        Who computes; without it, this process as the results are asked for.
    expected : tuple of exception types
        What `function` itself may raise, and what is then raised here.
    right : callable
        Whether what an executor gives for a task can be its result.
    done : callable
        Called with each task and its result as soon as it is there, in any order, perhaps by
        another thread, and perhaps twice.
    timeout : float, optional
        Seconds without any result after which tasks count as lost, and so does an executor that
        does not take them.

    Yields
    ------
    object
        The results. A task whose worker is lost, whose executor breaks, or whose result is not
        right is computed here, with a warning: what others have finished is not lost.

    Examples
    --------
    >>> list(results(abs, [-2, 3]))
    [2, 3]
    """
    if executor is None:
        for task in tasks:
            result = function(task)
            done(task, result)
            yield result
        return
    submitted = _Submitted(executor, function, timeout)

    def arrived(task: T, future: Future[R]) -> None:
        submitted.heard = time.monotonic()
        if not future.cancelled() and future.exception() is None:
            result = future.result()
            with contextlib.suppress(Exception):  # told again, and then heard, in the loop below
                if right(task, result):
                    done(task, result)

    try:
        submitted.start(tasks, arrived)
        for place, task in enumerate(tasks):
            submitted.go_on(place)
            try:
                result = submitted.result(place)
            except expected:
                raise
            except Exception as error:
                lost = f"{type(error).__name__}: {error}"
            else:
                if right(task, result):
                    done(task, result)
                    yield result
                    continue
                lost = f"its result was {_checks.shown(result)}"
            _checks.warn(
                f"a task is computed by this process: executor={executor!r} lost it ({lost})",
                RuntimeWarning,
            )
            result = function(task)
            done(task, result)
            yield result
    finally:
        submitted.cancel()


class _Submitted(Generic[T, R]):
    """Tasks given to an executor, and the time since anything was heard of it."""

    def __init__(
        self, executor: Executor, function: Callable[[T], R], timeout: float | None
    ) -> None:
        self._executor, self._function, self._timeout = executor, function, timeout
        self._futures: list[Future[Future[R]]] = []
        self._stopped = False
        self._room = threading.Semaphore(0)
        self.heard = time.monotonic()

    def start(self, tasks: Sequence[T], arrived: Callable[[T, Future[R]], None]) -> None:
        """Take the tasks; a thread submits them if there is a limit of time: that may block."""
        self._futures = [Future() for _ in tasks]
        pairs = zip(tasks, self._futures, strict=True)

        def submit() -> None:
            if (pair := next(pairs, None)) is None:
                return
            task, taken = pair
            try:
                future = self._executor.submit(self._function, task)
                future.add_done_callback(partial(arrived, task))
                taken.set_result(future)
            except Exception as error:  # a broken pool takes no more: the rest is done here
                taken.set_exception(error)

        def submit_all() -> None:
            for _ in tasks:
                self._room.acquire()
                if self._stopped:
                    return
                submit()

        self._submit = submit
        if self._timeout is not None:
            threading.Thread(target=submit_all, daemon=True).start()

    def go_on(self, place: int) -> None:
        """The results before this one are there: others may be asked for."""
        count = AHEAD if place == 0 else 1
        if self._timeout is not None:
            self._room.release(count)
        else:
            for _ in range(count):
                self._submit()

    def result(self, place: int) -> R:
        """The result of a task; TimeoutError if nothing was heard for too long."""
        result = self._wait(self._wait(self._futures[place]))
        self._futures[place] = Future()  # results are kept by whoever asks for them
        return result

    def _wait(self, future: Future[U]) -> U:
        while True:
            left = None
            if self._timeout is not None:
                left = max(self.heard + self._timeout - time.monotonic(), 0.0)
            try:
                return future.result(left)
            except TimeoutError:
                if self._timeout is None or future.done():  # the task itself may have ended so
                    return future.result()
                if time.monotonic() >= self.heard + self._timeout:  # else others have come
                    raise TimeoutError(f"nothing came for {self._timeout} s") from None

    def cancel(self) -> None:
        """Nobody waits for what is not yet begun."""
        self._stopped = True
        self._room.release()
        for taken in self._futures:
            if taken.done() and taken.exception() is None:
                taken.result().cancel()


class Processes(Executor):
    """Processes that are killed, whatever they are at, when nobody needs them any more.

    Ctrl-C at a terminal reaches them, too; they leave it to the process that started them. A
    `ProcessPoolExecutor` has one traceback of each of its workers then, and waits for its workers
    at the end, also for one that is stuck.

    Parameters
    ----------
    count : int
        How many, at most: each begins with its first task.
    """

    def __init__(self, count: int) -> None:
        from multiprocessing import get_context  # a Python in a browser has none

        # NumPy may have threads, which a fork would leave without their locks
        self._context = get_context("spawn")
        self._tasks: queue.SimpleQueue[tuple[Future[Any], Any] | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._processes: list[Any] = []
        self._left, self._closed = min(count, AHEAD), False  # more would have nothing to do
        self._threads = [
            threading.Thread(target=self._serve, daemon=True) for _ in range(self._left)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, function: Callable[..., R], /, *args: Any, **named: Any) -> Future[R]:
        future: Future[R] = Future()
        with self._lock:
            if self._closed:
                raise RuntimeError("these processes are ended")
            if not self._left:
                raise BrokenExecutor("no process is left")
            self._tasks.put((future, partial(function, *args, **named)))
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Kill the processes, and begin nothing more; the arguments change nothing."""
        with self._lock:
            self._closed = True
            for process in self._processes:
                process.kill()
        self._refuse_all()
        for _ in self._threads:
            self._tasks.put(None)
        for waited_for in (*self._threads, *self._processes):
            waited_for.join()

    def _serve(self) -> None:
        """Take tasks to one process until there are no more, or no process."""
        _leave_interrupts_to_others()
        connection = None
        try:
            while (pair := self._tasks.get()) is not None:
                future, call = pair
                if not future.set_running_or_notify_cancel():
                    continue
                try:
                    connection = connection or self._started()
                    connection.send(call)
                    is_result, found = connection.recv()
                except (EOFError, OSError) as error:
                    future.set_exception(BrokenExecutor(f"a process was lost: {error!r}"))
                    return
                except Exception as error:  # it cannot be sent
                    future.set_exception(error)
                else:
                    (future.set_result if is_result else future.set_exception)(found)
        finally:
            with self._lock:
                self._left -= 1
            if not self._left:
                self._refuse_all()
            if connection is not None:
                connection.close()

    def _started(self) -> Any:
        """The connection to a new process."""
        here, there = self._context.Pipe()
        with self._lock, there:
            if self._closed:
                raise EOFError
            process = self._context.Process(target=_work, args=(there,), daemon=True)
            process.start()
            self._processes.append(process)
        return here

    def _refuse_all(self) -> None:
        """Nothing is begun any more."""
        with contextlib.suppress(queue.Empty):
            while (pair := self._tasks.get_nowait()) is not None:
                if pair[0].set_running_or_notify_cancel():
                    pair[0].set_exception(BrokenExecutor("no process is left"))


def _leave_interrupts_to_others() -> None:
    """Block Ctrl-C for this thread and the processes that it starts, before they load anything."""
    if hasattr(signal, "pthread_sigmask"):  # not on Windows
        from multiprocessing import resource_tracker

        resource_tracker.ensure_running()  # it is started with the first process, and unblocks
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})


def _work(connection: Any) -> None:
    """What a process does until it is killed, or nobody is left to ask it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with contextlib.suppress(EOFError, OSError):
        while True:
            call = connection.recv()
            try:
                answer = True, call()
            except Exception as error:
                answer = False, error
            try:
                connection.send(answer)
            except OSError:
                raise
            except Exception as error:  # it cannot be sent
                connection.send((False, RuntimeError(repr(error))))
