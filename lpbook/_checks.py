"""Checks of arguments: each failure is one error naming the argument, its value and the rule."""

from __future__ import annotations

import math
import numbers
import operator
import os
import reprlib
import sys
import warnings
from collections.abc import Collection, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_LONGEST_PATH = 4096  # no system takes longer ones
_UNORDERED = (str, bytes, set, frozenset, dict)
_NO_NUMBERS = (
    bool, np.bool_, str, bytes, bytearray, memoryview, complex, np.complexfloating,
    np.ma.MaskedArray,
)  # fmt: skip
_ARRAY = "must be an array of numbers, or a list that makes one"
_REMEDIES = {"c": "take its real part", "b": "say where 1 and where 0 stands, by astype(float)"}


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the line that called the package, however deep inside it this is."""
    package, level, frame = os.path.dirname(__file__), 2, sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith(package + os.sep):
        level, frame = level + 1, frame.f_back
    warnings.warn(message, category, stacklevel=level)


def is_a(value: object, kind: Any) -> bool:
    """`isinstance` by the type alone: what a strange value says of its class is not asked."""
    return issubclass(type(value), kind)


def has(value: Any, name: str) -> bool:
    """`hasattr`, and False for whatever a strange value raises."""
    try:
        getattr(value, name)
    except Exception:
        return False
    return True


class _Short(reprlib.Repr):
    """Like `reprlib`, and what has no `repr` at all is shown by its type."""

    def repr_int(self, x: int, level: int) -> str:
        if x.bit_length() > 10_000:
            return f"{'-' * (x < 0)}2**{x.bit_length() - 1} or so"
        return repr(x)

    def repr_instance(self, x: Any, level: int) -> str:
        try:
            return repr(x)
        except Exception:
            return f"<{type(x).__name__}>"


_short = _Short()
_short.maxstring = _short.maxother = 60
_short.maxlist = _short.maxtuple = _short.maxdict = _short.maxset = _short.maxfrozenset = 6


def shown(value: object) -> str:
    """A value as messages show it: in a line, however large it is."""
    try:
        text = " ".join(_text(value).split())
    except Exception:  # of a strange value, whose length, say, cannot be had
        text = f"<{type(value).__name__}>"
    return text if len(text) <= 80 else text[:77] + "..."


def _text(value: object) -> str:
    if isinstance(value, np.ndarray) and value.dtype.kind != "O":
        return np.array2string(value, threshold=6, edgeitems=2)
    if isinstance(value, (str, bytes)):
        return repr(value[:60])
    if isinstance(value, (list, tuple, set, frozenset, dict)) and len(value) > 6:
        return f"{type(value).__name__} of {len(value):,}"
    return _short.repr(value)


def fail(name: str, value: object, rule: str) -> ValueError:
    """The error for `name`, whose value breaks `rule`."""
    return ValueError(f"{name}={shown(value)}: {rule}")


def wrong_type(name: str, value: object, rule: str) -> TypeError:
    """The error for `name`, whose value has a type that `rule` does not allow."""
    return TypeError(f"{name}={shown(value)}: {rule}, not {type(value).__name__}")


def instance(name: str, value: Any, kind: Any, rule: str) -> Any:
    """`value`, if it is one of `kind`; `rule` says so in words."""
    if not is_a(value, kind):
        raise wrong_type(name, value, rule)
    return value


def ordered(name: str, value: Any, rule: str) -> list[Any]:
    """What `value` holds; refuse what has no order, or is used up when it is read."""
    sized = has(value, "__len__") and not has(value, "tocsr")
    if is_a(value, (*_UNORDERED, bytearray)) or not sized:
        raise wrong_type(name, value, rule)
    try:
        return [*value]
    except Exception as error:  # a TypeError of tensors without a dimension, say
        raise wrong_type(name, value, rule) from error


def flag(name: str, value: Any) -> bool:
    """`value` as a bool, if it is one."""
    if not is_a(value, (bool, np.bool_)):
        raise wrong_type(name, value, "must be True or False")
    return bool(value)


def text(name: str, value: Any) -> str:
    """`value` as a plain string, if it is one."""
    return str.__str__(instance(name, value, str, "must be a string"))


def path(name: str, value: Any) -> str:
    """`value` as the path of a file."""
    try:
        found = str.__str__(os.fsdecode(value))  # a plain one
        os.fsencode(found)
    except UnicodeEncodeError as error:
        raise fail(name, value, "must have no characters that no file's name has") from error
    except Exception as error:  # a TypeError, or whatever `__fspath__` raises
        raise wrong_type(name, value, "must be a path: a str or an os.PathLike") from error
    if "\0" in found or not 0 < len(found) <= _LONGEST_PATH:
        rule = f"must have 1 to {_LONGEST_PATH} characters, none of them a null character"
        raise fail(name, value, rule)
    return found


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
    if is_a(value, _NO_NUMBERS) or (is_a(value, np.ndarray) and value.ndim):
        raise wrong_type(name, value, "must be a real number")
    try:
        number = float(value)
    except OverflowError as error:
        raise fail(name, value, "must be finite") from error
    except Exception as error:  # a TypeError; tensors that hold more than a number have their own
        raise wrong_type(name, value, "must be a real number") from error
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


def formula(name: str, value: Any, **bounds: float) -> Any:
    """`value`, if it is a real number inside the bounds of `real`, or a SymPy expression."""
    if has(value, "free_symbols"):
        return value
    number = real(name, value, **bounds)
    exact = is_a(value, numbers.Real) and not is_a(value, np.generic)
    return value if exact else number


def count(name: str, value: Any, *, at_least: int = 1, at_most: int = 2**53) -> int:
    """`value` as an integer inside the bounds; as a rule, one that a float holds exactly."""
    if is_a(value, (bool, np.bool_)):
        raise wrong_type(name, value, "must be an integer")
    try:
        number = operator.index(value)
    except Exception as error:  # a TypeError, or whatever `__index__` raises
        whole = type(value) is float or is_a(value, np.floating)
        whole = whole and float(value).is_integer() and abs(value) < 2**53
        hint = f" ({int(value)}, say)" if whole else ""
        raise wrong_type(name, value, f"must be an integer{hint}") from error
    if number < at_least:
        raise fail(name, value, f"must be at least {at_least}")
    if number > at_most:
        raise fail(name, value, f"must be at most {shown(at_most)}")
    return number


def work(name: str, value: Any, amount: float, most: float, what: str) -> None:
    """Refuse what would take long, before it starts: an `amount` above `most`."""
    if amount > most:
        raise fail(name, value, f"makes {amount:.3g} {what}, at most {most:.3g} are done in one go")


def array(
    name: str, value: Any, *, ndim: int | None = None, finite: bool = True, empty: bool = False
) -> Floats:
    """`value` as a float64 array (a view where it already is one), non-empty unless so allowed."""
    try:
        parts = [*_parts(value)]
    except RecursionError as error:
        raise ValueError(f"{name}: lists in lists without end; must be an array") from error
    except Exception as error:  # of a list that cannot be read
        raise wrong_type(name, value, _ARRAY) from error
    for part in parts:
        if is_a(part, np.ma.MaskedArray):
            remedy = "its masked entries have no value: fill them, as in np.ma.filled(x, 0)"
            raise TypeError(f"{name}: is a masked array, or holds one; {remedy}")
        if is_a(part, int) and abs(number := operator.index(part)) > 2**53:
            _exactly(name, number)
    if has(value, "tocsr"):
        raise TypeError(f"{name}: is a sparse matrix; must be dense: take its toarray()")
    if is_a(value, (*_UNORDERED, bytearray)) or has(value, "__next__"):
        raise wrong_type(name, value, _ARRAY)
    try:
        found = np.asarray(value)
    except Exception as error:  # no ValueError: tensors that refuse
        rule = "must be a rectangular array of numbers"
        if not isinstance(error, ValueError):
            rule += f"; {type(value).__name__} says: {' '.join(str(error).split())[:120]}"
        raise fail(name, value, rule) from error
    if found.dtype.kind not in "fiu" or found.dtype.itemsize > 8:
        remedy = _REMEDIES.get(found.dtype.kind, "take its astype(float)")
        raise TypeError(
            f"{name}={shown(found)}: must hold real numbers of at most 64 bits, found dtype "
            f"{found.dtype}: {remedy}"
        )
    if ndim is not None and found.ndim != ndim:
        raise fail(name, found, f"must have {ndim} dimension(s), has shape {found.shape}")
    if found.size == 0 and not empty:
        raise fail(name, found, f"must not be empty, has shape {found.shape}")
    floats = np.asarray(found, dtype=np.float64)
    if finite:
        entries(name, floats, np.isfinite(floats), "every entry must be finite")
    if found.dtype.kind in "iu" and found.dtype.itemsize == 8:
        for number in found[np.abs(floats) >= 2.0**53].tolist():
            _exactly(name, number)
    return floats


def _exactly(name: str, number: int) -> None:
    """Refuse an integer that float64 would change."""
    if not abs(number) < 2**1023 or int(float(number)) != number:
        raise fail(name, number, "no float64 is this integer: give the float that you mean")


def entries(name: str, values: NDArray[Any], right: Any, rule: str) -> None:
    """Refuse the first entry of an array that is not `right`, and say where it stands."""
    if not np.all(right):
        place = tuple(map(int, np.argwhere(~np.asarray(right))[0]))
        where = f", the one at {list(place)} too" if place else ""
        raise fail(name, values[place].item(), rule + where)


def _parts(value: Any) -> Iterator[Any]:
    """What nested lists hold, floats left out; what is no list is its only part."""
    if is_a(value, (list, tuple)):
        for part in value:
            if not is_a(part, float):
                yield from _parts(part)
    else:
        yield value


def one_of(
    name: str, value: Any, allowed: Collection[str], hints: Mapping[str, str] | None = None
) -> str:
    """`value`, if it is one of the allowed names; `hints` tell what others call them, or mean."""
    rule = f"must be one of {', '.join(allowed)}"
    if not is_a(value, str):
        raise wrong_type(name, value, rule)
    said: str = str.__str__(value)  # a plain one, whatever its class does otherwise
    if said not in allowed:
        plain = said.strip().lower()
        meant = (hints or {}).get(plain, plain if plain in allowed else plain.replace("_", "-"))
        if meant in allowed:
            rule += f"; {meant!r}?"
        elif plain in (hints or {}):
            rule += f"; {meant}"
        raise fail(name, said, rule)
    return said


def generator(name: str, value: Any) -> np.random.Generator:
    """`value`, if it is a NumPy random generator."""
    found: np.random.Generator = instance(
        name, value, np.random.Generator, "must be a numpy.random.Generator"
    )
    return found
