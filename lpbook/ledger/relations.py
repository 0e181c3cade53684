"""Relations that SymPy leaves as they are written."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.core.relational import Relational


def eq(left: Any, right: Any) -> Relational:
    """``left = right``, unevaluated."""
    return sp.Eq(sp.sympify(left), sp.sympify(right), evaluate=False)


def le(left: Any, right: Any) -> Relational:
    """``left <= right``, unevaluated."""
    return sp.Le(sp.sympify(left), sp.sympify(right), evaluate=False)


def lt(left: Any, right: Any) -> Relational:
    """``left < right``, unevaluated."""
    return sp.Lt(sp.sympify(left), sp.sympify(right), evaluate=False)


def ge(left: Any, right: Any) -> Relational:
    """``left >= right``, unevaluated."""
    return sp.Ge(sp.sympify(left), sp.sympify(right), evaluate=False)


def gt(left: Any, right: Any) -> Relational:
    """``left > right``, unevaluated."""
    return sp.Gt(sp.sympify(left), sp.sympify(right), evaluate=False)
