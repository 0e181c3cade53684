"""What a claim is, and the few ways in which a machine decides what its proof needs.

A check writes down what was decided, line by line. Each line is printed from the very object that
was decided; nobody types it. What the argument beside it says stands in the chapter, and
`Claim.prose` names what it carries. A line that does not hold raises `AssertionError`, so that a
check that returns has shown every one. The same check always decides the same.

==============  ================================================================================
line            what it decides
==============  ================================================================================
*identity*      (`identity`) The difference of two expressions becomes 0 by one of four fixed
                rewritings, for all values that their symbols are assumed to have.
*formula*       (`derives`) So does the difference of what was derived and what the chapter shows.
                (`computes`) The chapter's formula has the values of a function of the package at
                the points named: whole numbers exactly, others up to a relative error.
*inequality*    (`holds`) For all values of the symbols, by the signs of terms; by a derivative that
                has one sign; or by concavity between two ends.
*implication*   (`implies`) The conclusion less multiples of the hypotheses has terms of one sign.
*case*          (`cases`, `each`) A condition, in the code it is printed as, at every value named.
*range*         (`ranges`) What a check takes for a letter has all values that the statement allows.
*trial*         (`trial`) A relation between measured numbers, drawn from a fixed seed; no proof.
==============  ================================================================================

Trusted are, beside Python: SymPy's evaluation, rewriting, derivatives and assumptions, where they
are exact and hold everywhere (no floats, nothing in pieces, no binomial of what may be negative);
the outward rounding of `mpmath.iv` in sums, products, powers, exp and log; the reader of formulas
`lpbook.ledger.tex`; and that a check asks for what its statement says. Against the last a test
changes every formula that a check asks for, and every constant of the check.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache, partial
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from lpbook.ledger.formal import covers, theorem_of
from lpbook.ledger.relations import eq
from lpbook.ledger.shown import sides, statements
from lpbook.ledger.words import typeset, without

KINDS = {
    "formal": "formal proof",
    "proof": "proof, algebra checked",
    "finite verification": "finite verification",
    "evidence": "evidence",
}
"""What a check can be, and how the book says it."""

PROSE = {
    "case distinction": "case distinctions",
    "compactness": "compactness",
    "conditioning": "conditioning",
    "construction": "a construction",
    "counting": "counting",
    "expectation": "expectations",
    "independence": "independence",
    "induction": "induction",
    "integration": "integration along a path",
    "limit": "limits",
    "measure": "measure",
    "monotonicity": "monotonicity",
    "norms": "norms",
    "union bound": "the union bound",
}
"""What the words of a proof may carry beside what a machine decided, and how the book says it."""

LINES = ("identity", "inequality", "implication", "formula", "case", "trial")


@dataclass(frozen=True)
class Step:
    """One thing that was decided.

    Attributes
    ----------
    kind : str
        One of `LINES`, or ``range``.
    shown : str
        What was decided, Markdown printed from the object itself.
    how : str
        By which means, over which range.
    count : int
        How many cases.
    """

    kind: str
    shown: str
    how: str = ""
    count: int = 1


@dataclass
class Steps:
    """What a check decided, in order; a notebook shows it as a numbered list."""

    lines: list[Step] = field(default_factory=list)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.lines)

    def __len__(self) -> int:
        return len(self.lines)

    def identity(self, left: Any, right: Any, of: str = "") -> None:
        """Two expressions are equal, by exact simplification; `of`: the formula they come from."""
        left, right = sp.sympify(left), sp.sympify(right)
        _require(_are_equal(left, right), f"not an identity: {left} = {right}")
        alike = tex(left) == tex(right)  # then one side says it all
        self._line("identity", left if alike else eq(left, right), of and f"`{of}`")

    def derives(
        self,
        address: str,
        sign: str,
        derived: Any,
        left: Any = None,
        which: int | None = None,
        **symbols: Any,
    ) -> None:
        """What was derived is the right side of a formula of the book, which has this sign.

        Address, index and symbols are those of `shown`; `left`, if given, is its left side.
        """
        formula = sides(address, sign, which, **symbols)
        for found, wanted in ((formula.rhs, derived), (formula.lhs, left)):
            same = wanted is None or _are_equal(found, sp.sympify(wanted))
            _require(same, f"{address} shows {found}, derived is {wanted}")
        self._line("formula", formula if left is not None else formula.rhs, f"`{address}`")

    def holds(
        self,
        relation: Any,
        derivative: tuple[Any, int] | None = None,
        start: Any = 0,
        concave: tuple[Any, Any, Any] | None = None,
    ) -> None:
        """An inequality, for all values that its symbols may have.

        Parameters
        ----------
        relation : sympy Relational
            Made by `le`, `lt`, `ge`, `gt`, or read from the book by `shown`. Without any more the
            signs of its terms must decide, by what the symbols are assumed to be.
        derivative : (Symbol, order), optional
            Decided by Taylor: the derivatives below `order` are at least 0 at `start` (are 0 there,
            for an even order and symbols that reach to both sides), and that of `order` is
            everywhere.
        concave : (Symbol, low, high), optional
            Decided by concavity between two ends, at both of which it holds.
        """
        excess, strict = _excess(relation)
        if derivative is not None:
            self._line("inequality", relation, _by_derivative(excess, *derivative, start, strict))
        elif concave is not None:
            x, low, high = map(sp.sympify, concave)
            inside = low.is_nonnegative or not x.is_nonnegative  # where x stands for any value
            _require(inside and _is_smooth(excess), f"not smooth from {low} on: {excess}")
            at_ends = all(signed(excess.subs(x, end), strict) for end in (low, high))
            _require(at_ends, f"not at both ends of {low} ≤ {x} ≤ {high}: {relation}")
            _require(signed(-sp.diff(excess, x, 2)), f"not concave in {x}: {excess}")
            self._line("inequality", relation, f"{low} ≤ {x} ≤ {high}: concave, and at both ends")
        else:
            _require(signed(excess, strict), f"not decided by signs: {relation}")
            self._line("inequality", relation, "signs")

    def implies(self, given: Mapping[Any, Any], conclusion: Any) -> None:
        """A conclusion from hypotheses, each taken as often as its multiplier says.

        `conclusion` less the sum of hypotheses times multipliers must be at least 0 by the signs
        of its terms, and so must the multipliers.
        """
        excess, strict = _excess(conclusion)
        for hypothesis, multiplier in given.items():
            more, stricter = _excess(hypothesis)
            multiplier = sp.sympify(multiplier)
            _require(signed(multiplier), f"a multiplier below 0: {multiplier}")
            excess -= multiplier * more
            strict = strict and not (stricter and signed(multiplier, True))
        _require(
            signed(excess, strict), f"{list(given)} do not give {conclusion}: {excess} is left"
        )
        shown = r",\quad ".join(tex(hypothesis) for hypothesis in given)
        self.lines.append(Step("implication", rf"${shown}\ \Longrightarrow\ {tex(conclusion)}$"))

    def cases(self, true: Callable[..., Any], **ranges: Iterable[Any]) -> None:
        """A condition at all combinations of some values."""
        values = {name: list(found) for name, found in ranges.items()}
        for case in itertools.product(*values.values()):
            named = dict(zip(values, case, strict=True))
            if not _truth(true(**named)):  # its words take longer than most cases
                raise AssertionError(f"{source(true)} is false at {named}")
        count = math.prod(map(len, values.values()))
        _require(count, f"{source(true)}: there are no cases")
        where = ", ".join(f"{name} in {_listed(found)}" for name, found in values.items())
        self.lines.append(Step("case", f"`{source(true)}`", where, count))

    def each(
        self, true: Callable[..., Any], made_by: Callable[..., Iterable[Any]], *of: Any
    ) -> None:
        """A condition for everything that a generator makes; a tuple is taken as arguments."""
        count = 0
        for case in made_by(*of):
            case = case if isinstance(case, tuple) else (case,)
            if not _truth(true(*case)):
                raise AssertionError(f"{source(true)} is false at {case}")
            count += 1
        _require(count, f"{source(true)}: there are no cases")
        name = made_by.__name__.lstrip("_")
        where = f"each of {name}({', '.join(map(_plain, of))})"
        self.lines.append(Step("case", f"`{source(true)}`", where, count))

    def computes(
        self,
        formula: Any,
        function: Callable[..., Any],
        at: Mapping[str, Iterable[Any]],
        rel: float = 1e-12,
    ) -> None:
        """A formula of the book is what the package computes.

        Parameters
        ----------
        formula : sympy expression, or equation, whose right side counts
            Usually `shown`.
        function : callable
            Takes the values in the order of `at`.
        at : dict from name of a symbol to values
            All combinations are compared: whole numbers exactly, others up to `rel`.
        rel : float
            Relative tolerance, for what is rounded in floats.
        """
        side = formula.rhs if isinstance(formula, sp.Eq) else formula
        _require(isinstance(side, sp.Expr), f"no equation and no number: {formula}")
        values = {name: list(found) for name, found in at.items()}
        symbols = {name: sp.Symbol(name) for name in values}
        by_name = {s: symbols[s.name] for s in side.free_symbols if s.name in symbols}
        side, count = side.subs(by_name), math.prod(map(len, values.values()))
        _require(count, f"{_named(function)}: compared nowhere")
        for case in itertools.product(*values.values()):
            exact = {symbols[n]: exactly(v) for n, v in zip(values, case, strict=True)}
            wanted = side.subs(exact).doit()
            found = function(*case)
            if isinstance(found, bool | np.bool_):
                raise TypeError(f"{_named(function)}{case} is {found}: must be a number")
            same = (
                wanted == int(found)
                if isinstance(found, int | np.integer)
                else math.isclose(sp.N(wanted, 30), found, rel_tol=rel, abs_tol=1e-300)
            )
            _require(same, f"{_named(function)}{case} is {found}, the formula says {wanted}")
        self._line("formula", formula, f"`{_named(function)}` at {count} points")

    def trial(self, relation: Any, draws: int, **values: Any) -> None:
        """A relation between what was measured and what was promised, at their values."""
        names = {s.name for s in relation.free_symbols}
        _require(names and names == set(values), f"values of {sorted(values)} in {relation}")
        symbols = {s: sp.Float(float(values[s.name]), 15) for s in relation.free_symbols}
        decided = relation.func(*(side.subs(symbols) for side in relation.args))
        _require(decided == sp.true, f"measured: {decided}")
        where = ", ".join(f"{name} = {float(value):.4g}" for name, value in values.items())
        self._line("trial", relation, f"{draws:,} draws: {where}")

    def _line(self, kind: str, formula: Any, how: str = "", count: int = 1) -> None:
        self.lines.append(Step(kind, f"${tex(formula)}$", how, count))

    def range(self, letter: Any, taken: Any, address: str) -> None:
        """What stands for a letter has all values of a range of the book; see `ranges`."""
        self._line("range", letter if letter == taken else eq(letter, taken), f"`{address}`")

    def summary(self) -> str:
        """How many of which; ranges are hypotheses and are not counted.

        Examples
        --------
        >>> steps = Steps()
        >>> steps.identity(1, 1)
        >>> steps.cases(lambda n: n > 0, n=range(1, 2001))
        >>> steps.summary()
        '1 identity, 2,000 cases'
        """
        counts: Counter[str] = Counter()
        for line in self.lines:
            counts[line.kind] += line.count
        return ", ".join(
            f"{n:,} {kind if n == 1 else PLURALS.get(kind, kind + 's')}"
            for kind in LINES
            if (n := counts[kind])
        )

    def _repr_markdown_(self) -> str:
        return "\n".join(f"{i}. {written(line)}" for i, line in enumerate(self.lines, start=1))

    def __repr__(self) -> str:
        return "\n".join(
            f"{i}. {line.kind}: {line.shown}" + (f" ({line.how})" if line.how else "")
            for i, line in enumerate(self.lines, start=1)
        )


PLURALS = {"identity": "identities", "inequality": "inequalities"}


def written(line: Step) -> str:
    """A line in Markdown."""
    count = f"{line.count:,} {line.kind}s" if line.count > 1 else line.kind
    return f"{count}: {line.shown}" + (f" ({line.how})" if line.how else "")


def in_words(prose: Iterable[str]) -> str:
    """What the words of a proof carry.

    Examples
    --------
    >>> in_words(["induction", "union bound"])
    'in words: induction, the union bound'
    """
    return f"in words: {', '.join(PROSE[each] for each in prose)}"


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
        return f"{without(self.dropped)}: {self.shows} at {values}"

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
    source : str
        Paper and theorem, or ★ for this book's own.
    kind : str
        One of `KINDS`: "formal" where its theorem covers the whole, else what the check is.
    prose : tuple of str
        What the words of the proof carry, from `PROSE`.
    code : tuple of callable
        The functions of the package whose formula the statement is about.
    uses : tuple of str
        Names of claims and cited theorems on which it rests.
    formal : str or None
        Its theorem in ``proofs/``, which names it: see `lpbook.ledger.formal`.
    wrong : dict
        For each constant of `check` a value with which its argument no longer goes through, so
        that the check raises. That a statement is false is shown by `break_it`.
    """

    name: str
    chapter: str
    source: str
    kind: str
    prose: tuple[str, ...]
    code: tuple[Callable[..., Any], ...]
    uses: tuple[str, ...]
    formal: str | None
    wrong: Mapping[str, Any]
    _check: Callable[..., None] = field(repr=False)
    _refute: Callable[[], Counterexample | None] = field(repr=False)

    @property
    def title(self) -> str:
        """Its title in the chapter."""
        return str(statements()[self.name]["title"])

    @property
    def statement(self) -> str:
        """The statement as the chapter has it, Markdown with TeX."""
        return str(statements()[self.name]["statement"])

    def check(self, **overrides: Any) -> Steps:
        """Decide it again, and return what was decided.

        Parameters
        ----------
        **overrides
            Other values for the constants of the statement, or other functions in place of the
            package's: see `constants`.

        Raises
        ------
        AssertionError
            If a line does not hold. With another constant that means that this argument does not
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
        _require(steps.lines, f"{self.name}: the check shows nothing")
        return steps

    def break_it(self) -> Counterexample:
        """Drop a hypothesis and return the counterexample found.

        Raises
        ------
        AssertionError
            If there is none: then the hypothesis is not needed.
        """
        found = self._refute()
        if found is None:
            raise AssertionError(f"{self.name}: no counterexample was found")
        return found

    def replay(self) -> Replay:
        """Check and counter-check, to be looked at together."""
        return Replay(self, self.check(), self.break_it())

    @property
    def constants(self) -> dict[str, Any]:
        """The constants and functions that `check` takes, with the values that are right."""
        parameters = list(inspect.signature(self._check).parameters.values())[1:]
        return {parameter.name: parameter.default for parameter in parameters}


@dataclass(frozen=True)
class Replay:
    """What a check decided and what its counter-check found; a notebook shows both."""

    claim: Claim
    steps: Steps
    broken: Counterexample

    def _repr_markdown_(self) -> str:
        label = f"**{self.claim.title}** ({KINDS[self.claim.kind]}): {self.steps.summary()}"
        parts = [label, self.steps._repr_markdown_(), self.broken._repr_markdown_()]
        return "\n\n".join(parts)

    def __repr__(self) -> str:
        return f"{self.claim.name}: {self.steps.summary()}. {self.broken!r}"


def claim(
    *,
    kind: str,
    refute: Callable[[], Counterexample | None],
    name: str = "",
    source: str = "★",
    prose: tuple[str, ...] = (),
    code: tuple[Callable[..., Any], ...] = (),
    uses: tuple[str, ...] = (),
    wrong: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., None]], Claim]:
    """Make a `Claim` of the check that it decorates; both have one name, unless another is given.

    Its chapter is the one that the check's module is named after.
    """
    kinds = [each for each in KINDS if each != "formal"]
    if kind not in kinds:
        raise ValueError(f"kind={kind!r}: must be one of {', '.join(kinds)}")
    if unknown := set(prose) - set(PROSE):
        raise ValueError(f"prose={sorted(unknown)[0]!r}: must be from {', '.join(PROSE)}")

    def decorate(check: Callable[..., None]) -> Claim:
        own = name or check.__name__.replace("_", "-")
        strongest = "formal" if covers(own) == "whole" else kind
        formal, chapter = theorem_of(own), check.__module__.rpartition(".")[2]
        return Claim(
            name=own,
            chapter=chapter,
            source=source,
            kind=strongest,
            prose=prose,
            code=code,
            uses=uses,
            formal=formal,
            wrong=dict(wrong or {}),
            _check=check,
            _refute=refute,
        )

    return decorate


proof, finite, evidence = (
    partial(claim, kind=kind) for kind in ("proof", "finite verification", "evidence")
)


class _FractionPower(sp.Function):  # type: ignore[misc]
    """A power of a fraction, to be printed: left alone by what SymPy makes of it in a product."""

    nargs = 2

    def _latex(self, printer: Any) -> str:
        base, exponent = (printer._print(a) for a in self.args)
        return rf"\left({base}\right)^{{{exponent}}}"


def _fraction_powers(formula: Any) -> Any:
    """The same with powers of fractions as they are printed."""
    if isinstance(formula, Relational):
        return formula.func(*map(_fraction_powers, formula.args), evaluate=False)
    if not isinstance(formula, sp.Expr):
        return formula
    powers = {
        p: _FractionPower(1 / p.base, -p.exp)
        if p.exp.could_extract_minus_sign()
        else _FractionPower(*p.args)
        for p in formula.atoms(sp.Pow)
        if p.base.is_Rational and not p.base.is_Integer and p.exp.free_symbols
    }
    return formula.xreplace(powers)


def tex(formula: Any) -> str:
    r"""TeX with the settings of the book.

    Examples
    --------
    >>> print(tex(sp.Symbol("x") * sp.Rational(3, 4) ** sp.Symbol("m")))
    x \left(\frac{3}{4}\right)^{m}
    """
    # before version 1.14, SymPy makes x (4/3)^(-m) of x (3/4)^m
    found = str(sp.latex(_fraction_powers(formula), ln_notation=True))
    # versions of SymPy differ in whether a dot stands before a bracket
    for one, other in (
        (r"\epsilon", r"\varepsilon"),
        (r"\phi", r"\varphi"),
        (r"\cdot \left(", r"\left("),
    ):
        found = found.replace(one, other)
    return found


def exactly(value: Any) -> Any:
    """A number as SymPy's exact one; a float is the binary fraction that it is."""
    return (
        sp.Rational(Fraction(value)) if isinstance(value, float | Fraction) else sp.sympify(value)
    )


def source(function: Callable[..., Any]) -> str:
    """What a condition says: the expression of a lambda, or the name of a function.

    Examples
    --------
    >>> source(lambda m, k: m * k >= 1)
    'm * k >= 1'
    """
    if function.__name__ != "<lambda>":
        return (
            f"{function.__name__.lstrip('_')}({', '.join(inspect.signature(function).parameters)})"
        )
    code = function.__code__
    names = code.co_varnames[: code.co_argcount]
    places = [p for p in code.co_positions() if None not in p and p[2] != p[3]]
    bodies = [
        body
        for arguments, body in _lambdas("".join(inspect.findsource(function)[0]))
        if arguments == names and all(_within(body, place) for place in places)
    ]
    if not places or not bodies:  # Python was told to forget the places
        return "a condition"
    return min(map(ast.unparse, bodies), key=len)


@cache
def _lambdas(text: str) -> list[tuple[tuple[str, ...], ast.expr]]:
    """Arguments and expression of every lambda of a file."""
    nodes = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Lambda)]
    return [(tuple(a.arg for a in n.args.args), n.body) for n in nodes]


def _within(body: Any, place: Any) -> bool:
    """Whether an instruction comes from an expression."""
    line, end_line, column, end_column = place
    return bool(
        (body.lineno, body.col_offset) <= (line, column)
        and (end_line, end_column) <= (body.end_lineno, body.end_col_offset)
    )


def _named(function: Callable[..., Any]) -> str:
    name = getattr(function, "__name__", type(function).__name__)
    return source(function) if name == "<lambda>" else name.lstrip("_")


def _plain(value: Any) -> str:
    return _named(value) if callable(value) else str(value)


def _listed(values: Sequence[Any]) -> str:
    if len(values) > 8:
        return f"{_plain(values[0])}, …, {_plain(values[-1])}"
    return ", ".join(map(_plain, values))


def _require(truth: Any, words: str) -> None:
    """Raise unless true; `assert` would vanish under ``python -O``."""
    if not bool(truth):
        raise AssertionError(words)


def _truth(value: Any) -> bool:
    """A truth value; what Python only takes for one, such as a number or an array, is none."""
    if not isinstance(value, bool | np.bool_ | BooleanAtom):
        raise TypeError(f"a condition is {value!r}: must be True or False")
    return bool(value)


_PIECEWISE = (sp.Piecewise, sp.Heaviside, sp.sign, sp.floor, sp.ceiling, sp.frac)
_COUNTS = (sp.binomial, sp.factorial, sp.gamma)


def _are_equal(left: Any, right: Any) -> bool:
    """Whether the difference has a form that is 0.

    Raises
    ------
    AssertionError
        If SymPy's rules for it are not exact or do not hold everywhere: floats, what is defined in
        pieces, binomials and factorials of what may be negative.
    """
    if isinstance(left, sp.floor | sp.ceiling) and left.func is right.func:
        return _are_equal(*left.args, *right.args)
    _require(not (left.has(sp.Float) or right.has(sp.Float)), f"not exact: {left} = {right}")
    difference = left - right
    if difference == 0:
        return True
    _require(not difference.has(*_PIECEWISE), f"defined in pieces: {difference}")
    above_0 = {
        s: 1 + sp.Dummy(integer=True, nonnegative=True)
        for s in difference.free_symbols
        if s.is_integer and s.is_positive
    }
    for count in difference.atoms(*_COUNTS):
        natural = all(argument.xreplace(above_0).is_nonnegative for argument in count.args)
        _require(natural, f"may be a count of less than nothing: {count}")
    forms: tuple[Callable[[Any], Any], ...] = (
        sp.simplify,
        lambda x: sp.simplify(sp.expand_log(sp.expand(x))),
        lambda x: sp.simplify(sp.expand(x.rewrite(sp.exp))),
        lambda x: sp.combsimp(sp.gammasimp(x.rewrite(sp.gamma))),
    )
    return any(form(difference) == 0 for form in forms)


def _is_smooth(part: Any) -> bool:
    """Whether it is made of exp, log, tanh and powers, smooth for all values of its symbols."""
    if isinstance(part, sp.log):
        fine = part.args[0].is_positive
    elif isinstance(part, sp.tanh):
        fine = part.args[0].is_real
    elif isinstance(part, sp.Pow):
        whole = part.exp.is_integer and (part.exp.is_nonnegative or part.base.is_nonzero)
        fine = part.base.is_positive or whole
    else:
        fine = isinstance(
            part, sp.Symbol | sp.Rational | sp.NumberSymbol | sp.Add | sp.Mul | sp.exp
        )
    return bool(fine) and all(map(_is_smooth, part.args))


def _excess(relation: Any) -> tuple[Any, bool]:
    """By how much a relation holds, and whether it may be 0."""
    if isinstance(relation, sp.Ge | sp.Gt):
        return relation.lhs - relation.rhs, isinstance(relation, sp.Gt)
    if isinstance(relation, sp.Le | sp.Lt):
        return relation.rhs - relation.lhs, isinstance(relation, sp.Lt)
    raise TypeError(f"relation={relation!r}: must be an inequality made by le, lt, ge or gt")


def _by_derivative(excess: Any, x: Any, order: int, start: Any, strict: bool) -> str:
    _require(_is_smooth(excess), f"not smooth for all values: {excess}")
    one_sided = (x - start).is_nonnegative is True
    _require(one_sided or order % 2 == 0, f"{x} may be below {start}: the order must be even")
    for j in range(order):
        low = sp.simplify(sp.diff(excess, x, j).subs(x, start))
        fine = low == 0 or (one_sided and signed(low))
        _require(fine, f"derivative {j} of {excess} is {low} at {x} = {start}")
    _require(not strict, "a strict inequality is not decided by derivatives")
    _require(signed(sp.diff(excess, x, order)), f"derivative {order} of {excess}: no sign")
    return f"derivative {order} is at least 0, the lower ones at {x} = {start}"


def signed(excess: Any, strict: bool = False) -> bool:
    """Whether the signs of its terms show that it is at least 0, or positive."""
    _require(not excess.has(sp.Float), f"not exact: {excess}")
    forms = (sp.sympify, sp.simplify, sp.factor, sp.expand, lambda x: sp.factor(sp.simplify(x)))
    for form in forms:
        found = form(excess)
        decided = found.is_positive if strict else found.is_nonnegative
        if decided is not None:  # False if it never is, whatever its form
            return bool(decided)
    return False


def interval_function(expression: Any, symbols: list[Any]) -> Callable[..., Any]:
    """An expression as a function of `mpmath.iv` intervals, one for each symbol.

    Raises
    ------
    AssertionError
        If it holds anything but sums, products, powers, exp, log and absolute values of fractions,
        of e, π, φ and of the symbols: only of these is it known that they are rounded outwards.
    """
    expression = sp.sympify(expression)
    _require(expression.free_symbols <= set(symbols), f"a range is missing: {expression}")
    for part in sp.preorder_traversal(expression):
        known = isinstance(part, sp.Rational) or part.is_Symbol or part.func in _ENCLOSED
        _require(known, f"{part} is not known to be rounded outwards")
    return lambda *box: _enclosed(expression, dict(zip(symbols, map(_interval, box), strict=True)))


def _enclosed(part: Any, box: Mapping[Any, Any]) -> Any:
    """An interval that holds all values of an expression on a box."""
    if part in box:
        return box[part]
    if isinstance(part, sp.Rational):
        return mpmath.iv.mpf(int(part.p)) / int(part.q)
    if isinstance(part, sp.Pow) and part.exp.is_Integer:
        return _enclosed(part.base, box) ** int(part.exp)
    return _ENCLOSED[part.func](*(_enclosed(argument, box) for argument in part.args))


_ENCLOSED: dict[Any, Callable[..., Any]] = {
    sp.Add: lambda *terms: sum(terms, mpmath.iv.mpf(0)),
    sp.Mul: lambda *factors: math.prod(factors, start=mpmath.iv.mpf(1)),
    sp.Pow: lambda base, exponent: mpmath.iv.exp(exponent * mpmath.iv.log(base)),
    sp.exp: mpmath.iv.exp,
    sp.log: mpmath.iv.log,
    sp.Abs: abs,
    type(sp.E): lambda: mpmath.iv.exp(1),
    type(sp.pi): lambda: mpmath.iv.mpf(mpmath.iv.pi),
    type(sp.GoldenRatio): lambda: (1 + mpmath.iv.sqrt(5)) / 2,
}


def _interval(value: Any) -> Any:
    """The smallest interval of floats around a number; an interval stays what it is."""
    return value if isinstance(value, mpmath.iv.mpf) else _enclosed(exactly(value), {})
