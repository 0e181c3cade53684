"""What a claim is, and the few ways in which a machine decides what its proof needs.

A check writes down what was decided: identities, inequalities over a whole range, implications,
exhausted cases, trials. Each line is printed from the very object that was decided; nobody types
it. What the argument beside it says stands in the chapter, and `Claim.prose` names what it carries.
A line that does not hold raises `AssertionError`, so that a check that returns has shown every one.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import math
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import mpmath
import sympy as sp
from sympy.core.relational import Relational

from lpbook.ledger.formal import theorem_of
from lpbook.ledger.shown import sides, statements
from lpbook.ledger.words import typeset, without

KINDS = {
    "formal": "proved whole by a proof assistant",
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
    "limit": "limits",
    "measure": "measure",
    "monotonicity": "monotonicity",
    "norms": "norms",
    "union bound": "the union bound",
}
"""What the words of a proof may carry beside what a machine decided, and how the book says it."""

LINES = ("identity", "inequality", "implication", "formula", "case", "trial", "line")


@dataclass(frozen=True)
class Step:
    """One thing that was decided.

    Attributes
    ----------
    kind : str
        One of `LINES`.
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
        _require(_is_zero(left - right), f"not an identity: {left} = {right}")
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
            same = wanted is None or _is_zero(found - wanted)
            _require(same, f"{address} shows {found}, derived is {wanted}")
        self._line("formula", formula if left is not None else formula.rhs, f"`{address}`")

    def holds(
        self,
        relation: Any,
        over: Mapping[Any, tuple[Any, Any]] | None = None,
        derivative: tuple[Any, int] | None = None,
        start: Any = 0,
        concave: tuple[Any, Any, Any] | None = None,
    ) -> None:
        """An inequality, for all values that its symbols may have.

        Parameters
        ----------
        relation : sympy Relational
            Made by `le`, `lt`, `ge`, `gt`, or read from the book by `shown`. Without `over` and
            `derivative` the signs of its terms must decide, by what the symbols are assumed to be.
        over : dict from Symbol to (low, high), optional
            A box, ends included: decided by interval arithmetic.
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
            x, low, high = concave
            at_ends = all(_sign(excess.subs(x, end), strict) for end in (low, high))
            _require(at_ends, f"not at both ends of {low} ≤ {x} ≤ {high}: {relation}")
            _require(_sign(-sp.diff(excess, x, 2), False), f"not concave in {x}: {excess}")
            self._line("inequality", relation, f"{low} ≤ {x} ≤ {high}: concave, and at both ends")
        elif over is None:
            _require(_sign(excess, strict), f"not decided by signs: {relation}")
            self._line("inequality", relation, "signs")
        else:
            function = interval_function(excess, list(over))
            boxes = prove_positive(function, list(over.values()))
            ranges = ", ".join(f"{low} ≤ {x} ≤ {high}" for x, (low, high) in over.items())
            self._line("inequality", relation, f"{ranges}; intervals, {boxes:,} boxes")

    def implies(self, given: Mapping[Any, Any], conclusion: Any) -> None:
        """A conclusion from hypotheses, each taken as often as its multiplier says.

        `conclusion` less the sum of hypotheses times multipliers must be at least 0 by the signs
        of its terms, and so must the multipliers.
        """
        excess, strict = _excess(conclusion)
        for hypothesis, multiplier in given.items():
            more, stricter = _excess(hypothesis)
            multiplier = sp.sympify(multiplier)
            _require(_sign(multiplier, False), f"a multiplier below 0: {multiplier}")
            excess -= multiplier * more
            strict = strict and not (stricter and _sign(multiplier, True))
        _require(_sign(excess, strict), f"{list(given)} do not give {conclusion}: {excess} is left")
        shown = r",\quad ".join(tex(hypothesis) for hypothesis in given)
        self.lines.append(Step("implication", rf"${shown}\ \Longrightarrow\ {tex(conclusion)}$"))

    def cases(self, true: Callable[..., Any], **ranges: Iterable[Any]) -> None:
        """A condition at all combinations of some values."""
        values = {name: list(found) for name, found in ranges.items()}
        for case in itertools.product(*values.values()):
            named = dict(zip(values, case, strict=True))
            if not true(**named):  # its words take longer than most cases
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
            if not true(*case):
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
        formula : sympy expression, or relation whose right side counts
            Usually `shown`.
        function : callable
            Takes the values in the order of `at`.
        at : dict from name of a symbol to values
            All combinations are compared: whole numbers exactly, others up to `rel`.
        rel : float
            Relative tolerance, for what is rounded in floats.
        """
        side = formula.rhs if isinstance(formula, Relational) else formula
        values = {name: list(found) for name, found in at.items()}
        symbols = {name: sp.Symbol(name) for name in values}
        by_name = {s: symbols[s.name] for s in side.free_symbols if s.name in symbols}
        side, count = side.subs(by_name), math.prod(map(len, values.values()))
        _require(count, f"{_named(function)}: compared nowhere")
        for case in itertools.product(*values.values()):
            exact = {symbols[n]: exactly(v) for n, v in zip(values, case, strict=True)}
            wanted = side.subs(exact).doit()
            found = function(*case)
            same = (
                wanted == found
                if isinstance(found, int)
                else math.isclose(sp.N(wanted, 30), found, rel_tol=rel, abs_tol=1e-300)
            )
            _require(same, f"{_named(function)}{case} is {found}, the formula says {wanted}")
        where = f"`{_named(function)}` at {count} points"
        self.lines.append(Step("formula", f"${tex(formula)}$", where))

    def trial(self, relation: Any, draws: int, **values: Any) -> None:
        """A relation between what was measured and what was promised, at their values."""
        symbols = {s: sp.Float(float(values[s.name]), 15) for s in relation.free_symbols}
        decided = relation.func(*(side.subs(symbols) for side in relation.args))
        _require(decided == sp.true, f"measured: {decided}")
        where = ", ".join(f"{name} = {float(value):.4g}" for name, value in values.items())
        self._line("trial", relation, f"{draws:,} draws: {where}")

    def _line(self, kind: str, formula: Any, how: str = "", count: int = 1) -> None:
        self.lines.append(Step(kind, f"${tex(formula)}$", how, count))

    def summary(self) -> str:
        """How many of which.

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
        What the check is, one of `KINDS`.
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
    name: str,
    chapter: str,
    source: str,
    kind: str,
    refute: Callable[[], Counterexample | None],
    prose: tuple[str, ...] = (),
    code: tuple[Callable[..., Any], ...] = (),
    uses: tuple[str, ...] = (),
    wrong: Mapping[str, Any] | None = None,
) -> Callable[[Callable[..., None]], Claim]:
    """Make a `Claim` of the check that it decorates."""
    if kind not in KINDS:
        raise ValueError(f"kind={kind!r}: must be one of {', '.join(KINDS)}")
    if unknown := set(prose) - set(PROSE):
        raise ValueError(f"prose={sorted(unknown)[0]!r}: must be from {', '.join(PROSE)}")

    def decorate(check: Callable[..., None]) -> Claim:
        formal = theorem_of(name)
        return Claim(
            name, chapter, source, kind, prose, code, uses, formal, dict(wrong or {}), check, refute
        )

    return decorate


# -- relations that SymPy leaves as they are written -----------------------------------------------


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


def tex(formula: Any) -> str:
    """TeX with the settings of the book."""
    found = str(sp.latex(formula, ln_notation=True))
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
    lines, first = inspect.getsourcelines(function)
    text = textwrap.dedent("".join(lines)).strip()
    code = function.__code__
    names = list(code.co_varnames[: code.co_argcount])
    for cut in (text, text.rstrip(","), f"f({text}", f"({text}"):
        try:
            tree = ast.parse(cut)
        except SyntaxError:
            continue
        found = [n for n in ast.walk(tree) if isinstance(n, ast.Lambda)]
        found = [n for n in found if [a.arg for a in n.args.args] == names]
        if found:
            nearest = min(found, key=lambda n: abs(n.lineno + first - 1 - code.co_firstlineno))
            return ast.unparse(nearest.body)
    return "a condition"


def _named(function: Callable[..., Any]) -> str:
    return (
        getattr(function, "__name__", type(function).__name__).lstrip("_").replace("<lambda>", "?")
    )


def _plain(value: Any) -> str:
    return value.__name__ if callable(value) else str(value)


def _listed(values: Sequence[Any]) -> str:
    if len(values) > 8:
        return f"{_plain(values[0])}, …, {_plain(values[-1])}"
    return ", ".join(map(_plain, values))


def _require(truth: Any, words: str) -> None:
    """Raise unless true; `assert` would vanish under ``python -O``."""
    if not bool(truth):
        raise AssertionError(words)


def _is_zero(difference: Any) -> bool:
    forms: tuple[Callable[[Any], Any], ...] = (
        sp.simplify,
        lambda x: sp.simplify(sp.expand_log(sp.expand(x))),
        lambda x: sp.simplify(sp.expand(x.rewrite(sp.exp))),
        lambda x: sp.combsimp(sp.gammasimp(x.rewrite(sp.gamma))),
    )
    return any(form(difference) == 0 for form in forms)


def _excess(relation: Any) -> tuple[Any, bool]:
    """By how much a relation holds, and whether it may be 0."""
    if isinstance(relation, sp.Ge | sp.Gt):
        return relation.lhs - relation.rhs, isinstance(relation, sp.Gt)
    if isinstance(relation, sp.Le | sp.Lt):
        return relation.rhs - relation.lhs, isinstance(relation, sp.Lt)
    raise TypeError(f"relation={relation!r}: must be an inequality made by le, lt, ge or gt")


def _by_derivative(excess: Any, x: Any, order: int, start: Any, strict: bool) -> str:
    one_sided = (x - start).is_nonnegative is True
    _require(one_sided or order % 2 == 0, f"{x} may be below {start}: the order must be even")
    for j in range(order):
        low = sp.simplify(sp.diff(excess, x, j).subs(x, start))
        fine = low == 0 or (one_sided and _sign(low, False))
        _require(fine, f"derivative {j} of {excess} is {low} at {x} = {start}")
    _require(not strict, "a strict inequality is not decided by derivatives")
    _require(_sign(sp.diff(excess, x, order), False), f"derivative {order} of {excess}: no sign")
    return f"derivative {order} is at least 0, the lower ones at {x} = {start}"


def _sign(excess: Any, strict: bool) -> bool:
    """Whether the signs of its terms show that it is at least 0, or positive."""
    forms = (sp.sympify, sp.simplify, sp.factor, sp.expand, lambda x: sp.factor(sp.simplify(x)))
    for form in forms:
        found = form(excess)
        if (found.is_positive if strict else found.is_nonnegative) is True:
            return True
    return False


_INTERVAL = {
    name: getattr(mpmath.iv, name) for name in ("exp", "log", "sqrt", "mpf", "sin", "cos", "tan")
} | {"E": mpmath.iv.e, "pi": mpmath.iv.pi, "tanh": lambda x: 1 - 2 / (mpmath.iv.exp(2 * x) + 1)}


def interval_function(expression: Any, symbols: list[Any]) -> Callable[..., Any]:
    """An expression as a function of `mpmath.iv` intervals, one for each symbol."""
    expression = expression.subs(sp.GoldenRatio, (1 + sp.sqrt(5)) / 2)
    _require(expression.free_symbols <= set(symbols), f"a range is missing: {expression}")
    compiled: Callable[..., Any] = sp.lambdify(symbols, expression, modules=[_INTERVAL, "mpmath"])
    return lambda *box: mpmath.iv.mpf(compiled(*box))


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
