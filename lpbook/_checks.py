"""Checks of arguments: each failure is one error naming the argument, its value and the rule."""

from __future__ import annotations

import math
import operator
from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def shown(value: object) -> str:
    """A value as messages show it: in a line, however large it is."""
    if isinstance(value, np.ndarray):
        text = np.array2string(value, threshold=6, edgeitems=2)
    elif isinstance(value, int) and value.bit_length() > 10_000:
        text = f"{'-' * (value < 0)}2**{value.bit_length() - 1} or so"
    elif isinstance(value, (str, bytes)):
        text = repr(value[:60])
    elif isinstance(value, (list, tuple, set, frozenset, dict)) and len(value) > 6:
        text = f"{type(value).__name__} of {len(value):,}"
    else:
        text = repr(value)
    text = " ".join(text.split())
    return text if len(text) <= 80 else text[:77] + "..."


def fail(name: str, value: object, rule: str) -> ValueError:
    """The error for `name`, whose value breaks `rule`."""
    return ValueError(f"{name}={shown(value)}: {rule}")


def wrong_type(name: str, value: object, rule: str) -> TypeError:
    """The error for `name`, whose value has a type that `rule` does not allow."""
    return TypeError(f"{name}={shown(value)}: {rule}, not {type(value).__name__}")


def ordered(name: str, value: Any, rule: str) -> None:
    """Refuse what has no order, or is used up when it is read."""
    if isinstance(value, (str, bytes, set, frozenset, dict)) or not hasattr(value, "__len__"):
        raise wrong_type(name, value, rule)


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
        raise wrong_type(name, value, "must be a real number")
    try:
        number = float(value)
    except TypeError as error:
        raise wrong_type(name, value, "must be a real number") from error
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
        raise wrong_type(name, value, "must be an integer")
    try:
        number = operator.index(value)
    except TypeError as error:
        raise wrong_type(name, value, "must be an integer") from error
    if number < at_least:
        raise fail(name, value, f"must be at least {at_least}")
    if at_most is not None and number > at_most:
        raise fail(name, value, f"must be at most {at_most}")
    return number


def array(
    name: str, value: Any, *, ndim: int | None = None, finite: bool = True, empty: bool = False
) -> Floats:
    """`value` as a float64 array (a view where it already is one), non-empty unless so allowed."""
    if isinstance(value, np.ma.MaskedArray):
        remedy = "its masked entries have no value: fill them, as in np.ma.filled(x, 0)"
        raise TypeError(f"{name}: is a masked array; {remedy}")
    if hasattr(value, "tocsr"):
        raise TypeError(f"{name}: is a sparse matrix; must be dense: take its toarray()")
    try:
        found = np.asarray(value)
    except (ValueError, TypeError, RuntimeError) as error:  # the last two: tensors that refuse
        raise fail(name, value, "must be a rectangular array of numbers") from error
    if found.dtype.kind not in "fiu" or found.dtype.itemsize > 8:
        raise TypeError(
            f"{name}: must hold real numbers of at most 64 bits, found dtype {found.dtype}"
        )
    if ndim is not None and found.ndim != ndim:
        raise fail(name, found, f"must have {ndim} dimension(s), has shape {found.shape}")
    if found.size == 0 and not empty:
        raise fail(name, found, f"must not be empty, has shape {found.shape}")
    floats = np.asarray(found, dtype=np.float64)
    if finite and not np.isfinite(floats).all():
        place = tuple(map(int, np.argwhere(~np.isfinite(floats))[0]))
        where = f", the one at {list(place)} too" if place else ""
        raise fail(name, float(floats[place]), f"every entry must be finite{where}")
    return floats


def one_of(
    name: str, value: Any, allowed: Collection[str], hints: Mapping[str, str] | None = None
) -> str:
    """`value`, if it is one of the allowed names; `hints` are what others call them."""
    rule = f"must be one of {', '.join(allowed)}"
    if not isinstance(value, str):
        raise wrong_type(name, value, rule)
    if value not in allowed:
        meant = (hints or {}).get(value.lower(), value.lower())
        raise fail(name, value, f"{rule}; {meant!r}?" if meant in allowed else rule)
    return value


def generator(name: str, value: Any) -> np.random.Generator:
    """`value`, if it is a NumPy random generator."""
    if not isinstance(value, np.random.Generator):
        raise wrong_type(name, value, "must be a numpy.random.Generator")
    return value
