"""What a formula of the book says: its sides, chains, lists, sets and ranges as objects."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import sympy as sp

from lpbook.ledger.exact import fraction
from lpbook.ledger.shown import put, relations, shown, sides
from lpbook.ledger.tex import read


def right_side(address: str, sign: str, left: Any, which: int | None = None, **symbols: Any) -> Any:
    """The right side of a formula of the book that has this sign, or word, and this left side.

    Examples
    --------
    >>> right_side("eq-malach-network", "=", "epsilon_w", 1, ell=1, m=1)
    log(epsilon + 1)
    """
    left = sp.Symbol(left) if isinstance(left, str) else left
    formula = sides(address, sign, which, **symbols)
    found, right = formula.args
    if found != left and sp.simplify(found - left) != 0:
        raise AssertionError(f"{address} shows {formula}, not {left} {sign} …")
    return right


def event(tex: str) -> Any:
    """Probability of an event of the book, which the grammar takes as a word."""
    return read(rf"\Pr[{tex}]")[0]


def within(address: str, which: int | None = None, **symbols: Any) -> tuple[Any, Any]:
    """A bound on a magnitude, as its two halves: |x| <= y as x <= y and -x <= y.

    Examples
    --------
    >>> within("malach-error#1")
    (w <= 1, -w <= 1)
    """
    formula = sides(address, "<=", which, **symbols)
    if not isinstance(formula.lhs, sp.Abs):
        raise AssertionError(f"{address} shows {formula}, no bound on a magnitude")
    (x,) = formula.lhs.args
    return formula.func(x, formula.rhs), formula.func(-x, formula.rhs)


def above_zero(formula: Any) -> Any:
    """The same, where all that stands between bars is above 0."""
    return formula.replace(sp.Abs, lambda x: x)


def listed(address: str, name: str | None = None) -> list[Fraction]:
    """The numbers of a list of the book; dots go on, by steps or factors, as its first two do.

    Examples
    --------
    >>> [str(x) for x in listed("both-halves-counts#2", "delta")[:3]]
    ['1/2', '1/4', '1/8']
    """
    shows: list[Any] = [
        shown(address, 0) if name is None else right_side(address, "=", sp.Symbol(name), 0)
    ]
    while True:
        try:
            shows.append(shown(address, len(shows)))
        except IndexError:
            break
    if sp.Symbol("dots") not in shows:
        return [fraction(item) for item in shows]
    *begins, dots, end = shows
    if dots != sp.Symbol("dots") or len(begins) < 2:
        raise AssertionError(f"{address} shows {shows}: the dots must stand before the last number")
    begin, last = [fraction(item) for item in begins], fraction(end)
    first, second = begin[:2]
    for sums in (True, False):
        found = [first]
        while found[-1] != last and len(found) < 1000:
            found.append(found[-1] + second - first if sums else found[-1] * second / first)
        if found[-1] == last and found[: len(begin)] == begin:
            return found
    raise AssertionError(f"{address} shows {shows}, no list that goes on to its end")


def members(address: str, letter: Any, which: int | None = None) -> list[Any]:
    """The elements of a finite set of the book that holds all values of a letter.

    Examples
    --------
    >>> members("exact-count-smallest#4", "k")
    [1, 2, 20]
    """
    return list(right_side(address, "in", letter, which))


def chain(address: str, names: str, *signs: str) -> list[Any]:
    """The sides of a chain of the book with these letters; its last sign goes on to the end.

    Examples
    --------
    >>> chain("best-adjacent-segments#2", "d_1 d_2 dots d_k+1", ">=")
    [d_1, d_2, dots, d_k+1, 0]
    """
    more = itertools.repeat(signs[-1], len(relations(address)) - len(signs))
    found = [sides(address, sign, i) for i, sign in enumerate((*signs, *more))]
    shows = [found[0].args[0], *(relation.args[1] for relation in found)]
    if [side for side in shows if side.is_Symbol] != [*sp.symbols(names)]:
        raise AssertionError(f"{address} shows {shows}, not all of {names}")
    return shows


def counted(address: str, letter: str, **symbols: Any) -> tuple[Any, Any]:
    """The first and the last number of a letter that counts: i = 1, …, k.

    Examples
    --------
    >>> counted("neuron-ends#3", "j")
    (1, n)
    """
    first, dots, last = right_side(address, "=", letter, 0), shown(address, 1), shown(address, 2)
    if dots != sp.Symbol("dots"):
        raise AssertionError(f"{address} shows {dots}, no dots")
    return first, put(last, **symbols)


def uniform(address: str, letter: str, which: int | None = None, **symbols: Any) -> Any:
    """The ends of the range on which a letter of the book is uniform.

    Examples
    --------
    >>> uniform("best-reach#3", "a")
    (-s, s)
    """
    ends = right_side(address, "sim", letter, which, U=1, **symbols)
    return tuple(ends)


def argument(head: str, formula: Any) -> Any:
    """What stands behind a word or letter of the book that takes arguments, such as the mean E."""
    if formula.func != sp.Function(head):
        raise AssertionError(f"{formula} is no {head}(…)")
    return formula.args[0]


def rounded_up(formula: Any) -> Any:
    """What stands under a ceiling; anything else is not the count that the page shows."""
    if formula.func is not sp.ceiling:
        raise AssertionError(f"{formula} is not rounded up")
    return formula.args[0]
