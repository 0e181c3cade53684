"""What checks of several chapters do alike: their counterexamples, trials and common steps."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from lpbook.constructions import GoldenRatio
from lpbook.distributions import Law, Uniform
from lpbook.experiments.confidence import unlikely_mean
from lpbook.ledger.core import Counterexample, Steps, exactly
from lpbook.ledger.exact import whole
from lpbook.ledger.reading import listed, right_side
from lpbook.ledger.relations import lt
from lpbook.ledger.shown import put, shown, sides

DELTA = sp.Symbol("delta")
IsDigit = Callable[[Any, int], bool]
"""Whether γ^-x is digit i: `half_open` or `closed` of `lpbook.experiments.small_layers`."""
UNIT = Uniform(1.0)
"""The law of numbers, weights and targets that checks draw."""


def one_half(steps: Steps, address: str, sign: str, letter: str) -> None:
    """A weight or input beyond 0 on the other side meets only neurons that are silent there."""
    x, y = sp.symbols("x y", positive=True)
    at, other = (-x, y) if sign == ">" else (x, -y)
    steps.holds(lt((right_side(address, sign, letter) + at) * other, 0))


def unless(
    holds: Any, dropped: str, values: Mapping[str, Any], shows: str
) -> Counterexample | None:
    """A counterexample, unless the statement holds there without its hypothesis."""
    return None if holds else Counterexample(dropped, values, shows)


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


def promised(steps: Steps, address: str, missed: Any = DELTA, **letters: Any) -> None:
    """What a statement promises is what its failures leave: by default δ, for which it counts."""
    steps.identity(shown(address, **letters), 1 - missed, of=address)


def spans(steps: Steps, address: str, law: Law | Iterable[Any], **letters: Any) -> None:
    """An interval of the page, or the side of a cube, ends where a law or a range does."""
    ends = law.ppf([0, 1]).tolist() if isinstance(law, Law) else law
    for shows, end in zip(shown(address, **letters).args, ends, strict=True):
        if isinstance(end, float) and exactly(end) != shows:  # perhaps rounded
            steps.computes(shows, lambda end=end: end, {})
        else:
            steps.identity(shows, exactly(end), of=address)


def either_sign(steps: Steps, address: str, numbers: Collection[float]) -> None:
    """Numbers have the one size that the page gives them, and either sign."""
    signs, sizes = {number > 0 for number in numbers}, {abs(number) for number in numbers}
    if len(signs) != 2 or len(sizes) != 1:
        raise AssertionError(f"{address}: {sorted(numbers)} are not of one size and either sign")
    steps.identity(shown(address), sp.Function("pm")(exactly(sizes.pop())), of=address)


def drawn_in_weights(steps: Steps, address: str) -> None:
    """In-weights are those that the package draws for digits."""
    law, _ = GoldenRatio().scheme(1.0, 0.25).laws(nonnegative=False)
    either_sign(steps, address, law.ppf(np.array([0.25, 0.75])).tolist())


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
