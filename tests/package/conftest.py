"""What all tests of the package share."""

from __future__ import annotations

import time
from collections.abc import Callable
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


@pytest.fixture(scope="session")
def as_drawings() -> Callable[[float], float]:
    """Processor time since a moment, in times of drawing all numbers that a file may ask for.

    Ratios are the same on all machines, seconds are not.
    """
    stream, start = np.random.PCG64(0), time.process_time()
    for _ in range(2**11):
        stream.random_raw(2**15)
    drawing = time.process_time() - start
    return lambda since: (time.process_time() - since) / drawing
