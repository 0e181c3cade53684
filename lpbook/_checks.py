"""Checks of arguments: each failure is one error naming the argument, its value and the rule."""

from __future__ import annotations

import math
import operator
from collections.abc import Collection
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def fail(name: str, value: object, rule: str) -> ValueError:
    """The error for `name`, whose value breaks `rule`."""
    text = np.array2string(value, threshold=6) if isinstance(value, np.ndarray) else repr(value)
    if len(text) > 80:
        text = text[:77] + "..."
    return ValueError(f"{name}={text}: {rule}")


def real(
    name: str,
    value: Any,
    *,
    above: float | None = None,
    at_least: float | None = None,
    below: float | None = None,
    at_most: float | None = None,
) -> float:
    """`value` as a finite float inside the named bounds."""
    is_array = isinstance(value, np.ndarray)
    if isinstance(value, (bool, np.bool_, str, bytes, complex)) or (is_array and value.ndim):
        raise TypeError(f"{name}={value!r}: must be a real number, not {type(value).__name__}")
    try:
        number = float(value)
    except TypeError as error:
        message = f"{name}={value!r}: must be a real number, not {type(value).__name__}"
        raise TypeError(message) from error
    except OverflowError as error:
        raise fail(name, value, "must be finite") from error
    rules = {
        "must be finite": math.isfinite(number),
        f"must be above {above}": above is None or number > above,
        f"must be at least {at_least}": at_least is None or number >= at_least,
        f"must be below {below}": below is None or number < below,
        f"must be at most {at_most}": at_most is None or number <= at_most,
    }
    for rule, holds in rules.items():
        if not holds:
            raise fail(name, value, rule)
    return number


def count(name: str, value: Any, *, at_least: int = 1, at_most: int | None = None) -> int:
    """`value` as an integer inside the named bounds."""
    if isinstance(value, (bool, np.bool_)):
        raise TypeError(f"{name}={value!r}: must be an integer, not bool")
    try:
        number = operator.index(value)
    except TypeError as error:
        message = f"{name}={value!r}: must be an integer, not {type(value).__name__}"
        raise TypeError(message) from error
    if number < at_least:
        raise fail(name, value, f"must be at least {at_least}")
    if at_most is not None and number > at_most:
        raise fail(name, value, f"must be at most {at_most}")
    return number


def array(
    name: str, value: Any, *, ndim: int | None = None, finite: bool = True, empty: bool = False
) -> Floats:
    """`value` as a float64 array (a view where it already is one), non-empty unless so allowed."""
    try:
        found = np.asarray(value)
    except ValueError as error:
        raise fail(name, value, "must be a rectangular array of numbers") from error
    if found.dtype.kind not in "fiu":
        raise TypeError(f"{name}: must hold real numbers, found dtype {found.dtype}")
    if ndim is not None and found.ndim != ndim:
        raise fail(name, found, f"must have {ndim} dimension(s), has shape {found.shape}")
    if found.size == 0 and not empty:
        raise fail(name, found, f"must not be empty, has shape {found.shape}")
    floats = np.asarray(found, dtype=np.float64)
    if finite and not np.isfinite(floats).all():
        bad = floats[~np.isfinite(floats)].flat[0]
        raise fail(name, float(bad), "every entry must be finite")
    return floats


def one_of(name: str, value: Any, allowed: Collection[str]) -> str:
    """`value`, if it is one of the allowed names."""
    if not isinstance(value, str):
        raise TypeError(f"{name}={value!r}: must be one of {', '.join(allowed)}")
    if value not in allowed:
        raise fail(name, value, f"must be one of {', '.join(allowed)}")
    return value


def generator(name: str, value: Any) -> np.random.Generator:
    """`value`, if it is a NumPy random generator."""
    if not isinstance(value, np.random.Generator):
        raise TypeError(f"{name}={value!r}: must be a numpy.random.Generator")
    return value
