"""What the chapters show: each statement once, as its chapter has it, and its formulas as objects.

`lpbook/data/statements.json` is taken from the chapters by `make ledger`; a test holds both equal.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from typing import Any

import sympy as sp

from lpbook.ledger.tex import read

_replaced: ContextVar[Mapping[str, list[Any]] | None] = ContextVar("replaced", default=None)
_asked: ContextVar[set[tuple[str, int]] | None] = ContextVar("asked", default=None)


@cache
def statements() -> dict[str, dict[str, Any]]:
    """By name: chapter, kind (lemma, theorem, …), title, Markdown, and its formulas as TeX."""
    text = (files("lpbook.data") / "statements.json").read_text(encoding="utf-8")
    found: dict[str, dict[str, Any]] = json.loads(text)
    return found


@cache
def formulas() -> dict[str, str]:
    """TeX by address: the label of a numbered formula, or ``name#3``, the third of a statement."""
    found: dict[str, str] = {}
    for name, statement in statements().items():
        for i, (label, tex) in enumerate(statement["formulas"], start=1):
            found[f"{name}#{i}"] = tex
            if label:
                found[label] = tex
    return found


@cache
def _objects(address: str) -> list[Any]:
    return read(formulas()[address])


def relations(address: str) -> list[Any]:
    """All relations and expressions of a formula, without being asked for one of them."""
    replaced = _replaced.get() or {}
    return replaced[address] if address in replaced else _objects(address)


def shown(address: str, which: int | None = None, **symbols: Any) -> Any:
    r"""A formula of the book, as the object that its TeX says.

    Parameters
    ----------
    address : str
        The label of a numbered formula, or ``name#3``: the third formula of a statement.
    which : int, optional
        Which relation of a chain or list, from 0; needed where there are several.
    **symbols
        What stands for the letters, by their names as SymPy prints them (``epsilon_w``, ``k``).

    Raises
    ------
    KeyError
        If there is no such formula.
    lpbook.ledger.tex.Unreadable
        If it holds what the grammar does not know.

    Examples
    --------
    >>> shown("eq-batch-lemma")
    Eq(M, ceiling(2*(m + log(k/delta))/c))
    >>> shown("eq-batch-lemma", M=500, m=2).rhs
    ceiling(2*(log(k/delta) + 2)/c)
    """
    if (asked := _asked.get()) is not None:
        asked.add((address, which or 0))
    found = relations(address)
    if which is None:
        if len(found) != 1:
            raise ValueError(f"which={which}: {address} holds {len(found)} formulas: {found}")
        which = 0
    return put(found[which], **symbols)


SIGNS = {"=": sp.Eq, "!=": sp.Ne, "<=": sp.Le, "<": sp.Lt, ">=": sp.Ge, ">": sp.Gt} | {
    word: sp.Function(word) for word in ("in", "to", "approx", "sim")
}


def sides(address: str, sign: str, which: int | None = None, **symbols: Any) -> Any:
    """A relation of the book, which has this sign, or word of `SIGNS`: its sides are ``.args``.

    Those of a sign are also ``.lhs`` and ``.rhs``.

    Raises
    ------
    AssertionError
        If the chapter shows another sign.

    Examples
    --------
    >>> sides("eq-chernoff-lower-tail-b", "<=", m=0).rhs
    exp(-mu/2)
    """
    formula = shown(address, which, **symbols)
    if getattr(formula, "func", None) != SIGNS[sign]:
        raise AssertionError(f"{address} shows {formula}, not {sign}")
    return formula


def put(formula: Any, **symbols: Any) -> Any:
    """Symbols by name, all at once, without evaluating a relation.

    Examples
    --------
    >>> put(sp.Symbol("x") + sp.Symbol("y"), x=sp.Symbol("y"), y=2)
    y + 2
    """
    formula = sp.sympify(formula)  # the ends of an interval may be a tuple
    values = {s: sp.sympify(symbols[s.name]) for s in formula.free_symbols if s.name in symbols}
    if isinstance(formula, sp.core.relational.Relational):
        sides = (side.subs(values, simultaneous=True) for side in formula.args)
        return formula.func(*sides, evaluate=False)
    return formula.subs(values, simultaneous=True)


@contextmanager
def replaced(address: str, objects: list[Any]) -> Iterator[None]:
    """For tests: as if the chapter showed something else."""
    token = _replaced.set({**(_replaced.get() or {}), address: objects})
    try:
        yield
    finally:
        _replaced.reset(token)


@contextmanager
def noted() -> Iterator[set[tuple[str, int]]]:
    """For tests: the addresses that are asked for meanwhile, each with which of its formulas."""
    asked: set[tuple[str, int]] = set()
    token = _asked.set(asked)
    try:
        yield asked
    finally:
        _asked.reset(token)
