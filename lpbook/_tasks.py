"""Independent tasks, here or on an executor: the results come in order, whoever computes them."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, Future
from typing import Any, TypeVar

from lpbook import _checks

T = TypeVar("T")
R = TypeVar("R")


def check_executor(executor: Any) -> Executor | None:
    """The executor, or None where tasks are to run here.

    Raises
    ------
    TypeError
        If it is neither.
    """
    if executor is None or isinstance(executor, Executor):
        return executor
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

    Yields
    ------
    object
        The results. A task whose worker is lost, or whose executor breaks, is computed here, with
        a warning: what others have finished is not lost.

    Examples
    --------
    >>> list(results(abs, [-2, 3]))
    [2, 3]
    """
    if executor is None:
        yield from map(function, tasks)
        return
    futures: list[Future[R] | None] = []
    lost: Exception | None = None
    try:
        for task in tasks:
            try:
                futures.append(executor.submit(function, task))
            except Exception as error:  # a broken pool takes no more: the rest is done here
                lost = error
                futures.append(None)
        for task, future in zip(tasks, futures, strict=True):
            try:
                if future is not None:
                    yield future.result()
                    continue
            except expected:
                raise
            except Exception as error:
                lost = error
            warnings.warn(
                f"a task is computed by this process: executor={executor!r} lost it "
                f"({type(lost).__name__}: {lost})",
                RuntimeWarning,
                stacklevel=3,
            )
            yield function(task)
    finally:
        for future in futures:
            if future is not None:
                future.cancel()
