"""What several chapters of the ledger need: to read the book's formulas, and exact sums."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import Any

import sympy as sp

from lpbook.experiments.confidence import unlikely_mean
from lpbook.ledger.core import Counterexample, Steps, exactly, lt
from lpbook.ledger.shown import put, shown, sides
from lpbook.ledger.tex import read

IsDigit = Callable[[Any, int], bool]
"""Whether γ^-x is digit i: `half_open` or `closed` of `lpbook.experiments.small_layers`."""


def relu(z: Any) -> Any:
    """σ, for every real z at once."""
    return (z + sp.Abs(z)) / 2


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


def members(address: str, letter: Any, which: int | None = None) -> list[Any]:
    """The elements of a finite set of the book that holds all values of a letter.

    Examples
    --------
    >>> members("exact-count-smallest#4", "k")
    [1, 2, 20]
    """
    return list(right_side(address, "in", letter, which))


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
    >>> block = shown("eq-plan-is-the-theorem", R=1, delta=0.25, ell=1)
    >>> is_least(block, 2, c=0.5), is_least(block, 3, c=0.5)
    (True, False)
    """
    within = (true_at(relation, **{letter: size - less}, **values) for less in (0, 1))
    return [*within] == [True, False]


def unless(
    holds: Any, dropped: str, values: Mapping[str, Any], shows: str
) -> Counterexample | None:
    """A counterexample, unless the statement holds there without its hypothesis."""
    return None if holds else Counterexample(dropped, values, shows)


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


def at_most_one_digit(steps: Steps, address: str, letter: str, **symbols: Any) -> None:
    """No product is digit i and digit i + 1; the segments between others are farther apart."""
    i = sp.Symbol(letter, integer=True, positive=True)
    product = sp.Abs(sp.Symbol("a") * sp.Symbol("b"))
    lower = sides(address, "<=", 0, **symbols, **{letter: i})
    end = right_side(address, "<", product, 1, **symbols, **{letter: i + 1})
    if lower.rhs != product:
        raise AssertionError(f"{address} shows {lower}, no bound on {product}")
    steps.implies({lower: 1, lt(product, end): 1}, lt(product, product))


def up_to_golden(steps: Steps, address: str) -> None:
    """The bases γ of a statement end where those of the digits end."""
    largest = right_side("digits-suffice#1", "<=", "gamma", 1)
    steps.identity(right_side(address, "<=", "gamma", 1), largest, of=address)


def rounded(steps: Steps, address: str, shows: Any, value: Any, places: int = 3) -> None:
    """The page shows this value, rounded to so many places."""
    unit = 10**places
    steps.identity(shows, sp.Rational(round(unit * float(value)), unit), of=address)


def surely(steps: Steps, relation: Any, share: float, draws: int, **known: Any) -> None:
    """A mean is beyond a limit; were it not, one so far from the limit would be unlikely.

    `relation` has the mean on its left and the limit on its right; `known` are its other letters.
    """
    steps.trial(relation, draws, **{relation.lhs.name: share}, **known)
    limit = float(put(relation.rhs, **known))
    if not 0 < limit < 1:
        raise AssertionError(f"{relation} is no limit of a probability")
    steps.cases(unlikely_mean, observed=[share], assumed=[limit], trials=[draws])


def measured(
    steps: Steps,
    name: str,
    where: Mapping[str, tuple[int, Mapping[int, str]]],
    found: Callable[..., int],
    trials: int,
    most: int = 28,
) -> None:
    """A probability is beyond its limits; were it not, such shares of the trials would be unlikely.

    `where` has, for each sign, which formula of the statement is the limit and which are the lists
    (``n = 6, 11, 16``, each with its letter) that `found` takes.
    """
    for sign, (place, lists) in where.items():
        address = f"{name}#{place}"
        right_side(address, sign, "p")
        cases = (sizes(f"{name}#{i}", letter, most) for i, letter in lists.items())
        for case in zip(*cases, strict=True):
            surely(steps, sides(address, sign), found(*case) / trials, trials)


def sizes(address: str, letter: str, most: int) -> list[int]:
    """Whole numbers of the chapter; more numbers than `most` are not searched for subsets."""
    found = [whole(number) for number in listed(address, letter)]
    if max(found) > most:
        raise ValueError(f"{address} shows {found}: must be at most {most}")
    return found


def too_few(
    dropped: str, values: dict[str, Any], found: int, trials: int, limit: float
) -> Counterexample | None:
    """So few successes are unlikely at this probability, or a larger one."""
    return unless(
        found >= limit * trials or not unlikely_mean(found / trials, limit, trials),
        dropped,
        values,
        f"only {found} of {trials} draws succeed",
    )
