"""Which values the letters of a statement may have, and that a check speaks of all of them."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lpbook.ledger.core import Steps, _sign
from lpbook.ledger.shown import put, relations, shown

End = tuple[Any, bool]
"""A number, and whether it is one of the values."""

NONE: End = (sp.oo, False)


def ranges(steps: Steps, name: str, formulas: Any, **letters: Any) -> None:
    """What a check takes for some letters has all values that the statement lets them have.

    Where these values end, the statement's end, too: a range of the page cannot change alone, unless
    the check holds beyond it.

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
        If the page allows a value that the check does not take, or ends sooner.

    Examples
    --------
    >>> steps, s = Steps(), sp.Symbol("s", positive=True)
    >>> ranges(steps, "coupon-collector", 2, delta=1 / (1 + s))
    >>> steps
    1. range: $\\delta = \\frac{1}{s + 1}$ (`coupon-collector#2`)
    """
    for number in formulas if isinstance(formulas, tuple) else (formulas,):
        address = f"{name}#{number}"
        letter, ends = _ends(address)
        if letter not in letters:
            raise AssertionError(f"{address} shows a range of {letter}, not of {sorted(letters)}")
        taken = sp.sympify(letters[letter])
        for side, (which, end) in ends.items():
            last, within = _last(taken, side)
            if last.is_infinite:
                continue  # the check holds beyond the end of the page
            if which is None:
                raise AssertionError(f"{address}: {letter} has no end where {taken} ends")
            shown(address, which)
            wanted, closed = put(sp.sympify(end[0]), **letters), end[1]
            if sp.simplify(wanted - last) != 0 or closed != within:
                raise AssertionError(f"{address} ends at {wanted}, not as {taken} at {last}")
        steps.range(sp.Symbol(letter), taken, address)


def _ends(address: str) -> tuple[str, dict[int, tuple[int | None, End]]]:
    """The letter of a range, and for -1 and 1 which relation is its lower and its upper end."""
    ends: dict[int, tuple[int | None, End]] = {-1: (None, NONE), 1: (None, NONE)}
    letter, found = "", relations(address)
    for which, relation in enumerate(found):
        if relation.is_Symbol and which < len(found) - 1:
            continue  # x, y > 0
        if relation.func not in (sp.Le, sp.Lt, sp.Ge, sp.Gt):
            raise AssertionError(f"{address} shows {relation}, no end of a range")
        left, right = (side.args[0] if isinstance(side, sp.Abs) else side for side in relation.args)
        first = left.is_Symbol and not (which == 0 < len(found) - 1)
        named, end = (left, right) if first else (right, left)
        if letter not in ("", str(named)):
            raise AssertionError(f"{address} shows ranges of {letter} and {named}")
        letter, below = str(named), (relation.func in (sp.Ge, sp.Gt)) == first
        ends[-1 if below else 1] = (which, (end, relation.func in (sp.Le, sp.Ge)))
    return letter, ends


def _last(taken: Any, side: int) -> End:
    """The least (side -1) or greatest value of what is monotone in one symbol."""
    (s,) = taken.free_symbols
    if not taken.is_Symbol:
        rises = _sign(sp.diff(taken, s), False)
        if not rises and not _sign(-sp.diff(taken, s), False):
            raise AssertionError(f"{taken} is not monotone in {s}")
        end, within = _last(s, side if rises else -side)
        return sp.limit(taken, s, end), within
    if side > 0 or not s.is_nonnegative:
        return side * sp.oo, False
    whole = s.is_integer and s.is_positive
    return sp.Integer(1 if whole else 0), bool(whole or not s.is_positive)
