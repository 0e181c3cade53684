"""Exact numbers: of the book, of sums over subsets, and where its relations hold."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

import sympy as sp

from lpbook.ledger.core import exactly


def relu(z: Any) -> Any:
    """σ, for every real z at once."""
    return (z + sp.Abs(z)) / 2


def whole(number: Any) -> int:
    """A number of the book, which must be whole."""
    if not sp.sympify(number).is_Integer:
        raise ValueError(f"number={number}: must be whole")
    return int(number)


def fraction(number: Any) -> Fraction:
    """A number of the book, which must be rational, for fast exact arithmetic."""
    number = sp.sympify(number)
    if not number.is_Rational:
        raise ValueError(f"number={number}: must be rational")
    return Fraction(int(number.p), int(number.q))


def subset_sums(numbers: Iterable[Any]) -> list[Any]:
    """The sums of all subsets, exactly, where `lpbook.digits.all_sums` has floats."""
    sums: list[Any] = [0]
    for number in numbers:
        sums += [total + number for total in sums]
    return sums


def binary(number: Any) -> float:
    """A number of the book, which must be a float without rounding."""
    exact = fraction(number)
    if Fraction(float(exact)) != exact:
        raise ValueError(f"number={number}: must be a float without rounding")
    return float(exact)


def true_at(relation: Any, **values: Any) -> bool:
    """Whether a relation of the book holds where its letters have these values."""
    exact = {s: exactly(values[s.name]) for s in relation.free_symbols if s.name in values}
    left, right = (side.xreplace(exact).doit() for side in relation.args)  # `subs` is slow
    decided = relation.func(left, right)
    if decided not in (sp.true, sp.false):
        raise AssertionError(f"{relation} is not decided at {values}: {decided}")
    return bool(decided)


def is_least(relation: Any, size: int, letter: str = "M", **values: Any) -> bool:
    """Whether a relation of the book holds at this value of a letter, but not at one less.

    Examples
    --------
    >>> from lpbook.ledger.shown import shown
    >>> block = shown("eq-plan-is-the-theorem", R=1, delta=0.25, ell=1)
    >>> is_least(block, 2, c=0.5), is_least(block, 3, c=0.5)
    (True, False)
    """
    within = (true_at(relation, **{letter: size - less}, **values) for less in (0, 1))
    return [*within] == [True, False]
