"""What all tests of the package share."""

from __future__ import annotations

from typing import Any

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
