"""What a claim is, and the few ways in which one is proved by machine.

A check is a function that writes down its steps: `Steps.equal` for identities, `Steps.positive`
for inequalities over a whole range, `Steps.holds` for what was decided otherwise. A step that does
not hold raises `AssertionError`, so that a check that returns has shown every one of them.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import mpmath
import sympy as sp

KINDS = ("proof", "finite verification", "evidence")


@dataclass(frozen=True)
class Step:
    """One line of an argument.

    Attributes
    ----------
    words : str
        What is shown, and by which means.
    formula : str
        The same as TeX, or empty.
    """

    words: str
    formula: str = ""


@dataclass
class Steps:
    """The lines of an argument, in order; a notebook shows them as a numbered list."""

    lines: list[Step] = field(default_factory=list)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def say(self, words: str, formula: Any = "") -> None:
        """A line that asserts nothing: a definition, a case, an induction hypothesis."""
        self.lines.append(Step(words, _tex(formula)))

    def holds(self, truth: Any, words: str, formula: Any = "") -> None:
        """A line that was decided true or false."""
        if not bool(truth):
            raise AssertionError(f"{words}: {_tex(formula) or 'does not hold'}")
        self.say(words, formula)

    def equal(self, left: Any, right: Any, words: str, formula: Any = "") -> None:
        """An identity between SymPy expressions, by exact simplification."""
        difference = sp.simplify(sp.sympify(left) - sp.sympify(right))
        if difference != 0:
            difference = sp.simplify(sp.expand_log(sp.expand(difference), force=False))
        alike = _tex(left) == _tex(right)  # then one side says it all
        shown = formula if formula != "" else left if alike else sp.Eq(left, right, evaluate=False)
        self.holds(difference == 0, words, shown)

    def positive(
        self,
        function: Callable[..., Any],
        ranges: list[tuple[Any, Any]],
        words: str,
        formula: Any = "",
        most_boxes: int = 100_000,
    ) -> None:
        """An inequality f > 0 over a whole box, by interval arithmetic.

        Parameters
        ----------
        function : callable
            Takes one `mpmath.iv` interval for each range and returns an interval, built from
            `mpmath.iv` functions.
        ranges : list of (low, high)
            The box; ends are included. Give numbers, or strings for decimals to be enclosed.
        words, formula
            The line.
        most_boxes : int
            Give up, with an `AssertionError`, after this many subdivisions.
        """
        boxes = prove_positive(function, ranges, most_boxes)
        self.say(f"{words} (interval arithmetic, {boxes:,} boxes)", formula)

    def _repr_markdown_(self) -> str:
        return "\n".join(
            f"{i}. {typeset(line.words)}" + (f": ${line.formula}$" if line.formula else "")
            for i, line in enumerate(self.lines, start=1)
        )

    def __repr__(self) -> str:
        return "\n".join(f"{i}. {line.words}" for i, line in enumerate(self.lines, start=1))


@dataclass(frozen=True)
class Counterexample:
    """What makes a weakened statement false.

    Attributes
    ----------
    dropped : str
        The hypothesis that was dropped or weakened.
    values : dict
        Where the statement then fails, by name.
    shows : str
        What fails there.
    """

    dropped: str
    values: Mapping[str, Any]
    shows: str

    def __repr__(self) -> str:
        values = ", ".join(f"{name} = {value}" for name, value in self.values.items())
        return f"Without “{self.dropped}”: {self.shows} at {values}"

    def _repr_markdown_(self) -> str:
        return typeset(repr(self))  # as text, so that a long line wraps


@dataclass(frozen=True)
class Claim:
    """A numbered statement with its check and its counter-check.

    Attributes
    ----------
    name : str
        Its anchor in the book; it never changes.
    chapter : str
        The chapter that proves it.
    title : str
        A few words.
    statement : str
        The statement, Markdown with TeX.
    source : str
        Paper and theorem, or ★ for this book's own.
    kind : {"proof", "finite verification", "evidence"}
        What the check is.
    uses : tuple of str
        Names of claims and cited theorems on which it rests.
    wrong : dict
        For each constant of `check` a value with which its argument no longer goes through, so
        that the check raises. That a statement is false is shown by `break_it`.
    """

    name: str
    chapter: str
    title: str
    statement: str
    source: str
    kind: str
    uses: tuple[str, ...]
    wrong: Mapping[str, Any]
    _check: Callable[..., None] = field(repr=False)
    _refute: Callable[[], Counterexample] = field(repr=False)

    def check(self, **overrides: Any) -> Steps:
        """Show the statement again, and return the lines of the argument.

        Parameters
        ----------
        **overrides
            Other values for the constants of the statement, or other functions in place of the
            package's: see `constants`.

        Raises
        ------
        AssertionError
            If a step does not hold. With another constant that means that this argument does not
            prove it, not that it is false.
        TypeError
            If it has no such constant.
        """
        unknown = set(overrides) - set(self.constants)
        if unknown:
            known = ", ".join(self.constants) or "none"
            raise TypeError(f"{sorted(unknown)[0]}: {self.name} has the constants {known}")
        steps = Steps()
        self._check(steps, **overrides)
        if not steps.lines:
            raise AssertionError(f"{self.name}: the check shows nothing")
        return steps

    def break_it(self) -> Counterexample:
        """Drop a hypothesis and return the counterexample found.

        Raises
        ------
        AssertionError
            If there is none: then the hypothesis is not needed.
        """
        found = self._refute()
        if not isinstance(found, Counterexample):
            raise AssertionError(f"{self.name}: no counterexample was found")
        return found

    @property
    def constants(self) -> dict[str, Any]:
        """The constants and functions that `check` takes, with the values that are right."""
        parameters = list(inspect.signature(self._check).parameters.values())[1:]
        return {parameter.name: parameter.default for parameter in parameters}


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
    """Make a `Claim` of the check that it decorates."""
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r}: must be one of {', '.join(KINDS)}")

    def decorate(check: Callable[..., None]) -> Claim:
        return Claim(
            name, chapter, title, statement, source, kind, uses, dict(wrong or {}), check, refute
        )

    return decorate


def prove_positive(
    function: Callable[..., Any], ranges: list[tuple[Any, Any]], most_boxes: int = 100_000
) -> int:
    """Prove function > 0 on a box by bisection; return how many boxes it took.

    Raises
    ------
    AssertionError
        At a box on which the function is surely not positive, or when `most_boxes` do not suffice.
    """
    iv = mpmath.iv
    waiting = [[iv.mpf([low, high]) for low, high in ranges]]
    boxes = 0
    while waiting:
        box = waiting.pop()
        boxes += 1
        value = function(*box)
        if value.a > 0:
            continue
        middle = [iv.mpf(side.mid) for side in box]
        if value.b <= 0 or function(*middle).b <= 0:
            raise AssertionError(f"not positive at {[mpmath.mpf(m.a) for m in middle]}")
        if boxes >= most_boxes:
            raise AssertionError(f"undecided after {boxes} boxes, last {box}")
        i = max(range(len(box)), key=lambda i: box[i].delta.b)
        for low, high in ((box[i].a, middle[i]), (middle[i], box[i].b)):
            part = list(box)
            part[i] = iv.mpf([low, high])
            waiting.append(part)
    return boxes


_SCRIPT = re.compile(
    r"`[^`]*`"
    r"|(?:(?<![A-Za-z]{3})|(?<=log))(?<=[\w)\]|‖′])"  # not the words of a long name
    r"(?:_(\{[^{}]*\}|(?:max|min|[A-Za-z0-9]{1,2}′?|\w′?)(?![A-Za-z_]))"
    r"|\^(\{[^{}]*\}|[−-]?\((?:[^()]|\([^()]*\))*\)"
    r"|[−-]?(?:\d+(?:\.\d+)?|\w{1,2}(?![A-Za-z_]))))"
)


def typeset(words: str) -> str:
    """Lower the indices and raise the exponents of plain words, for Markdown.

    Examples
    --------
    >>> typeset("ε_w^d falls like e^(−cM), as `batch_size` says of S_{j−1}")
    'ε<sub>w</sub><sup>d</sup> falls like e<sup>−cM</sup>, as `batch_size` says of S<sub>j−1</sub>'
    """

    def script(found: re.Match[str]) -> str:
        low, high = found.groups()
        if low:
            return f"<sub>{low.strip('{}')}</sub>"
        if not high:
            return found[0]
        inner = high[1:-1] if high[0] in "{(" else high
        return f"<sup>{inner}</sup>"

    return _SCRIPT.sub(script, words)


def _tex(formula: Any) -> str:
    if isinstance(formula, str):
        return formula
    return str(sp.latex(formula, ln_notation=True)).replace(r"\epsilon", r"\varepsilon")
