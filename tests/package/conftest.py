"""What all tests of the package share."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import pytest

_approx = pytest.approx


def approx(expected: Any, rel: Any = None, abs: Any = None, nan_ok: bool = False) -> Any:
    """A relative tolerance alone where one is given.

    By itself pytest allows 1e-12 besides, with which any two numbers below that are equal.
    """
    if rel is not None and abs is None:
        abs = 0.0
    return _approx(expected, rel=rel, abs=abs, nan_ok=nan_ok)


pytest.approx = approx


DRAWINGS = 17
"""Of all numbers that a file may ask for by default, in the time that a small file may take: 2 s
where drawing them takes 0.118 s. `tools.fuzz` asks for the same 2 s of all its files."""


@contextmanager
def _little() -> Iterator[None]:
    start = time.process_time()
    yield
    took, stream = time.process_time() - start, np.random.PCG64(0)
    start = time.process_time()
    for _ in range(2**11):  # now, in the same minute: a busy machine is slow for both
        stream.random_raw(2**15)
    assert took / (time.process_time() - start) < DRAWINGS


@pytest.fixture
def takes_little() -> Callable[[], AbstractContextManager[None]]:
    """A block that takes no more processor time than a small file of a stranger may."""
    return _little
