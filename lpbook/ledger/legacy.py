"""Checks in their first form, of chapters that are still to be rewritten."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import sympy as sp

from lpbook.ledger import core
from lpbook.ledger.core import Claim, Counterexample, Step, prove_positive, tex

__all__ = ["Claim", "Counterexample", "Steps", "claim", "convex_from_zero", "prove_positive"]


class Steps(core.Steps):
    """Lines with words and formulas of their own."""

    def say(self, words: str, formula: Any = "") -> None:
        formula = formula if isinstance(formula, str) else tex(formula)
        self.lines.append(Step("line", words + (f": ${formula}$" if formula else "")))

    def holds(self, truth: Any, words: Any = "", formula: Any = "") -> None:  # type: ignore[override]
        if not bool(truth):
            raise AssertionError(f"{words}: {formula}")
        self.say(words, formula)

    def equal(self, left: Any, right: Any, words: str, formula: Any = "") -> None:
        difference = sp.simplify(sp.sympify(left) - sp.sympify(right))
        if difference != 0:
            difference = sp.simplify(sp.expand_log(sp.expand(difference), force=False))
        alike = tex(left) == tex(right)
        shown = formula if formula != "" else left if alike else sp.Eq(left, right, evaluate=False)
        self.holds(difference == 0, words, shown)

    def positive(
        self, function: Callable[..., Any], ranges: list[tuple[Any, Any]], words: str,
        formula: Any = "", most_boxes: int = 100_000,
    ) -> None:  # fmt: skip
        boxes = prove_positive(function, ranges, most_boxes)
        self.say(f"{words} (interval arithmetic, {boxes:,} boxes)", formula)


def convex_from_zero(steps: Any, f: Any, x: Any, order: int, words: str) -> None:
    """f >= 0 because f and its first derivatives vanish at 0 and the next one is positive."""
    for j in range(order):
        steps.holds(sp.simplify(sp.diff(f, x, j).subs(x, 0)) == 0, f"{words}: derivative {j} at 0")
    last = sp.simplify(sp.diff(f, x, order))
    steps.holds(last.is_positive, f"and derivative {order} is positive", last)


def claim(
    *,
    name: str,
    chapter: str,
    title: str,
    statement: str,
    source: str,
    kind: str,
    uses: tuple[str, ...] = (),
    wrong: Mapping[str, Any] | None = None,
    refute: Callable[[], Counterexample],
) -> Callable[[Callable[..., None]], Claim]:
    """As in `core`; title and statement stand in the chapter alone."""
    make = core.claim(
        name=name, chapter=chapter, source=source, kind=kind, uses=uses, wrong=wrong, refute=refute
    )

    def decorate(check: Callable[..., None]) -> Claim:
        @wraps(check)
        def with_words(steps: core.Steps, **constants: Any) -> None:
            check(Steps(steps.lines), **constants)

        return make(with_words)

    return decorate
