"""Which values the letters of a statement may have: a check speaks of all, functions take them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import sympy as sp

from lpbook.ledger.core import Step, Steps, signed, source, tex
from lpbook.ledger.shown import put, relations, shown


def ranges(steps: Steps, name: str, formulas: int | tuple[int, ...], **letters: Any) -> None:
    """What a check takes for some letters has all values that the statement lets them have.

    Parameters
    ----------
    steps : Steps
        Gets a line for each formula.
    name : str
        The statement.
    formulas : int or tuple of int
        Its ranges, such as ``0 < delta < 1``, by their numbers.
    **letters : sympy expression
        By the name of the letter: itself, or what stands for it, monotone in one symbol that is
        positive, nonnegative or a positive integer. Letters of the ends may be among them.

    Raises
    ------
    AssertionError
        If the page allows a value that the check does not take.

    Examples
    --------
    >>> steps, s = Steps(), sp.Symbol("s", positive=True)
    >>> ranges(steps, "coupon-collector", 2, delta=1 / (1 + s))
    >>> steps
    1. range: $\\delta = \\frac{1}{s + 1}$ (`coupon-collector#2`)
    """
    for number in formulas if isinstance(formulas, tuple) else (formulas,):
        address = f"{name}#{number}"
        found: dict[str, dict[int, tuple[int, Any, bool]]] = {}
        for letter, side, *end in _ends(address):
            found.setdefault(letter, {})[side] = tuple(end)
        for letter, ends in found.items():
            if letter not in letters:
                raise AssertionError(f"{address} is a range of {letter}, not of {sorted(letters)}")
            taken = sp.sympify(letters[letter])
            for side in (-1, 1):
                _is_covered(address, ends.get(side), _last(taken, side), side, letters)
            steps.range(sp.Symbol(letter), taken, address)


def accepted(
    steps: Steps,
    address: str,
    function: Callable[[Any], Any],
    which: int | None = None,
    by: float = 2**-20,
    **letters: Any,
) -> None:
    """A function of the package takes what a range of the book allows, and refuses what is beyond.

    At each end of the range, or at one (`which`), and so far from it: 1 for whole numbers.

    Examples
    --------
    >>> from lpbook import batch_size
    >>> steps = Steps()
    >>> accepted(steps, "coupon-collector#1", lambda c: batch_size(1, 1, c, 0.5), 1)
    >>> steps
    1. range: $c \\leq 1$ (`coupon-collector#1`, of `batch_size(1, 1, c, 0.5)`)
    """
    asked = [each for each in _ends(address) if which in (None, each[2])]
    if not asked:
        raise AssertionError(
            f"{address} has no end of a range{'' if which is None else f' {which}'}"
        )
    for _, side, number, end, closed in asked:
        limit = put(sp.sympify(end), **letters)
        if limit.free_symbols:
            raise AssertionError(f"{address} ends at {limit}, no number")
        value = (int if by == 1 else float)(limit)
        within, beyond = (value, value + side * by) if closed else (value - side * by, value)
        if not _takes(function, within) or _takes(function, beyond):
            raise AssertionError(f"{address} ends at {limit}, {source(function)} does not")
        relation = f"${tex(shown(address, number))}$"
        steps.lines.append(Step("range", relation, f"`{address}`, of `{source(function)}`"))


def _takes(function: Callable[[Any], Any], value: Any) -> bool:
    try:
        function(value)
    except ValueError:
        return False
    return True


def _is_covered(address: str, end: Any, last: tuple[Any, bool], side: int, letters: Any) -> None:
    """No value of the page is beyond the last one of the check."""
    if last[0].is_infinite:
        return
    if end is None:
        raise AssertionError(f"{address} has no end, the check ends at {last[0]}")
    which, wanted, closed = end
    wanted = put(sp.sympify(wanted), **letters).subs(sp.GoldenRatio, (1 + sp.sqrt(5)) / 2)
    spare = sp.simplify(side * (last[0] - wanted))
    if spare == 0 and (last[1] or not closed):
        shown(address, which)  # both end together
    elif not signed(spare, strict=True):
        raise AssertionError(f"{address} ends at {wanted}, the check at {last[0]}")


def _ends(address: str) -> Iterator[tuple[str, int, int, Any, bool]]:
    """Of each relation: letter, lower (-1) or upper end, which relation, the end, if it counts."""
    found = relations(address)
    for which, relation in enumerate(found):
        if isinstance(relation, sp.Eq) or (relation.is_Symbol and which < len(found) - 1):
            continue  # x = y > 0; x, y > 0
        if relation.func not in (sp.Le, sp.Lt, sp.Ge, sp.Gt):
            raise AssertionError(f"{address} shows {relation}, no end of a range")
        sides = [_letter_of(side) for side in relation.args]
        middle = which == 0 < len(found) - 1 and sides[1].is_Symbol  # of a chain
        letter, end = sides if sides[0].is_Symbol and not middle else reversed(sides)
        below = (relation.func in (sp.Ge, sp.Gt)) == (letter is sides[0])
        yield str(letter), -1 if below else 1, which, end, relation.func in (sp.Le, sp.Ge)


def _letter_of(side: Any) -> Any:
    """What |x| and max x are the size of."""
    return side.args[0] if isinstance(side, sp.Abs) or side.func == sp.Function("Max") else side


def _last(taken: Any, side: int) -> tuple[Any, bool]:
    """The least (side -1) or greatest value of what is monotone in one symbol; if it is reached."""
    (s,) = taken.free_symbols
    if not taken.is_Symbol:
        slope = sp.diff(taken, s)
        rises = signed(slope)
        if not rises and not signed(-slope):
            raise AssertionError(f"{taken} is not monotone in {s}")
        end, within = _last(s, side if rises else -side)
        return sp.limit(taken, s, end), within
    if side > 0 or not s.is_nonnegative:
        return side * sp.oo, False
    whole = s.is_integer and s.is_positive
    return sp.Integer(1 if whole else 0), bool(whole or not s.is_positive)
