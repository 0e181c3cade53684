"""What people give by mistake, under the names by which the table of bad input knows it."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
from scipy.sparse import csr_array


class Tensor:
    """A tensor that still records gradients, as PyTorch's: it refuses to be an array."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        raise RuntimeError("Can't call numpy() on Tensor that requires grad. Use detach() first.")

    def __float__(self) -> float:
        raise RuntimeError("a Tensor with 4 elements cannot be converted to a scalar")

    def __len__(self) -> int:
        return 2


class Brain:
    """A number of a kind that NumPy does not know, as bfloat16 was: its dtype is void."""

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.zeros((2, 2), dtype="V2")


def _broken(*names: str, of: type = object) -> Any:
    """A value of a kind whose methods `names` fail, in a way that nobody reckons with."""

    def fails(*_: Any, **__: Any) -> Any:
        raise ZeroDivisionError("broken")

    return type("Broken", (of,), dict.fromkeys((*names, "__repr__"), fails))()


_NUMERIC = ("__float__", "__index__", "__int__", "__bool__", "__eq__", "__lt__", "__abs__")
_LISTED = ("__len__", "__iter__", "__getitem__", "__contains__")

VALUES: dict[str, Any] = {
    "None": lambda: None,
    "bool": lambda: True,
    "str": lambda: "a string",
    "digits in a str": lambda: "0.5",
    "bytes": lambda: b"0.5",
    "bytearray": lambda: bytearray(b"1"),
    "NaN": lambda: float("nan"),
    "inf": lambda: float("inf"),
    "-inf": lambda: float("-inf"),
    "zero": lambda: 0,
    "0.0": lambda: 0.0,
    "negative": lambda: -1,
    "-0.25": lambda: -0.25,
    "1.5": lambda: 1.5,
    "huge": lambda: 1e308,
    "subnormal": lambda: 5e-324,
    "complex": lambda: 0.5 + 0j,
    "complex64": lambda: np.complex64(0.5),
    "object": object,
    "fraction": lambda: Fraction(1, 4),
    "date": lambda: np.datetime64("2020-01-01"),
    "set": lambda: {0.25, 0.5},
    "dict": lambda: {"weights": 0.5},
    "generator": lambda: (x for x in (0.25, 0.5)),
    "list": lambda: [0.25, 0.5],
    "empty list": list,
    "ragged": lambda: [[0.25], [0.25, 0.5]],
    "empty array": lambda: np.empty((0, 2)),
    "rank 5": lambda: np.full((1, 1, 1, 1, 2), 0.5),
    "masked": lambda: np.ma.masked_array([0.25, 0.5], [True, False]),
    "rows of masked": lambda: [np.ma.masked_array([0.25, 0.5], [True, False])] * 2,
    "sparse": lambda: csr_array(np.eye(2)),
    "tensor": Tensor,
    "bfloat16": Brain,
    "broken attributes": lambda: _broken("__getattr__"),
    "broken in all": lambda: _broken("__getattribute__"),
    "broken array": lambda: _broken("__array__", "__len__"),
    "broken interface": lambda: _broken("__array_interface__", "__array_struct__"),
    "broken number": lambda: _broken(*_NUMERIC),
    "broken sequence": lambda: _broken(*_LISTED),
    "broken list": lambda: _broken(*_LISTED, of=list),
    "broken dict": lambda: _broken(*_LISTED, "keys", "items", of=dict),
    "broken str": lambda: _broken("__eq__", "__hash__", "strip", "__len__", "__iter__", of=str),
    "broken float": lambda: _broken(*_NUMERIC, of=float),
    "broken path": lambda: _broken("__fspath__"),
    "float16": lambda: np.float16(0.5),
    "longdouble": lambda: np.longdouble(0.5),
    "array of longdouble": lambda: np.full((2, 2), 0.5, dtype=np.longdouble),
    "array of complex": lambda: np.full((2, 2), 0.5 + 0j),
    "array of bool": lambda: np.eye(2, dtype=bool),
    "array of objects": lambda: np.array([[Fraction(1, 2), None]]),
    "array with NaN": lambda: np.array([[0.5, 0.25], [0.5, np.nan]]),
    "beyond 2^63": lambda: 2**63 + 1,
    "list beyond 2^63": lambda: [2**63 + 1, 1],
    "beyond all floats": lambda: 10**400,
    "20,000 bits": lambda: 2**20_000,
    "3 MB of text": lambda: "x" * 3_000_000,
    "3 MB of numbers": lambda: [[0.5] * 400_000],
}
"""By name a function that makes the value: what is used up is made anew each time."""
