"""Claims of the chapter *golden_ratio*: a weight as a sum of random digits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from lpbook import batches, digits
from lpbook.constructions import GoldenRatio
from lpbook.digits import PHI, equal_ends, fibonacci_ends, reach, worst_error, worst_error_between
from lpbook.experiments.confidence import FALSE_ALARM, unlikely_mean
from lpbook.experiments.coverage import coverage_draws
from lpbook.ledger.core import Counterexample, Steps, claim, exactly, ge, gt, le, lt
from lpbook.ledger.shown import put, shown, sides

ORSEAU = "Orseau et al. 2020, poster, for base φ and base 3/2"

GOLDEN = (1 + sp.sqrt(5)) / 2

# i, j, k count digits; r is a remainder, x a sample; d, h, q, u, v are what is over
g = sp.Symbol("gamma", positive=True)
i, j, k = sp.symbols("i j k", integer=True, positive=True)
n = sp.Symbol("n", integer=True, nonnegative=True)
r, x, u, w = sp.symbols("r x u w", nonnegative=True)
d, h, q, s, v = sp.symbols("d h q s v", positive=True)
eps, top = sp.symbols("epsilon w_max", positive=True)
error = sp.Symbol("E", real=True)

# for exact arithmetic: bases below φ, bases above φ, and one a little above 2, φ and 3/2 each
BELOW = (Fraction(5, 4), Fraction(3, 2), Fraction(8, 5))
ABOVE = (Fraction(5, 3), Fraction(2), Fraction(3))
TWO, LARGE, WIDE = Fraction(202, 100), Fraction(162, 100), Fraction(152, 100)


# adjacent ends of unequal ratios, of equal ratios scaled, and exact powers, which are not adjacent
UNEQUAL = [Fraction(m, 5) for m in (3, 2, 1, 1)]
SCALED = [Fraction(27, 32) / Fraction(3, 2) ** m for m in (1, 2, 3)]
HALVES = [Fraction(1, 2**m) for m in (1, 2, 3)]


def _sums(samples: Iterable[Any]) -> list[Any]:
    """The sums of all subsets."""
    sums: list[Any] = [0]
    for sample in samples:
        sums += [total + sample for total in sums]
    return sums


def _gap(samples: Iterable[Any], one: Any = 1) -> Any:
    """By how much a weight in [0, one] can exceed its best subset sum: a supremum."""
    sums = sorted(total for total in _sums(samples) if total <= one)
    return max(b - a for a, b in zip(sums, [*sums[1:], one], strict=True))


def _worst_corner(low: Iterable[Any], high: Iterable[Any], one: Any = 1) -> Any:
    """The largest gap over all choices of one end of each segment."""
    return max(_gap(samples, one) for samples in product(*zip(low, high, strict=True)))


def _adjacent(ends: Sequence[Any], one: Any = 1) -> Any:
    return _worst_corner(ends[1:], ends[:-1], one)


def _powers(base: Fraction, count: int, first: int = 1) -> list[Fraction]:
    return [base**-m for m in range(first, first + count)]


def _missed(weight: Any, samples: Iterable[Any]) -> Any:
    """Weight minus its best subset sum from below: all subsets are tried."""
    return min(weight - total for total in _sums(samples) if total <= weight)


def _one_is_missed(
    dropped: str, base: Fraction, lowest: Callable[[int], list[Fraction]], **values: Any
) -> Counterexample | None:
    """Some k for which all subsets of the lowest samples miss w = 1 by more than base^-k."""
    for count in range(1, 13):
        missed = _missed(1, lowest(count))
        if missed > base**-count:
            return Counterexample(
                dropped,
                {**values, "γ": float(base), "k": count, "w": 1},
                f"every subset misses by {float(missed):.5f} > γ^-k = {float(base**-count):.5f}",
            )
    return None


def _no_corner_leaves(
    dropped: str, found: Fraction, least: Any, name: str, **given: Sequence[Fraction]
) -> Counterexample | None:
    """Other digits than those of the statement do better."""
    if found >= least:
        return None
    shows = f"no corner leaves more than {found}, less than {name} = {float(least):.4f},"
    return Counterexample(dropped, {k: ", ".join(map(str, v)) for k, v in given.items()}, shows)


# -- what the proofs share -------------------------------------------------------------------------


def _segment(address: str, **symbols: Any) -> tuple[Any, Any]:
    """The ends of the segment of digit i, as the chapter has them."""
    _, (low, high) = shown(address, gamma=g, i=i, **symbols).args
    return low, high


def _unfit(steps: Steps, bound: Any, high: Any, given: Mapping[Any, Any] | None = None) -> None:
    """Bit 0: the sample did not fit, so the remainder keeps its bound after digit i."""
    steps.implies({lt(r, x): 1, le(x, high): 1, **(given or {})}, le(r, bound.subs(k, i)))


def _fit(steps: Steps, bound: Any, low: Any, given: Mapping[Any, Any] | None = None) -> None:
    """Bit 1: the bound after digit i - 1, less the least sample, is the bound after digit i."""
    before = le(r, bound.subs(k, i - 1))
    steps.implies({before: 1, ge(x, low): 1, **(given or {})}, le(r - x, bound.subs(k, i)))


def _golden(steps: Steps, largest: Any) -> Any:
    """1 + γ - γ² >= 0 for all positive γ up to the largest base, which is (1 + u)γ."""
    quadratic = ge(1 + g - g**2, 0)
    steps.holds(quadratic.subs(g, largest / (1 + u)))
    return quadratic


def _reach(steps: Steps, address: str, low: Any, which: int | None = None) -> Any:
    """R as the chapter has it: the package's, and the lowest samples telescope with it."""
    formula = sides(address, "=", which)
    steps.computes(formula, reach, {"gamma": (1.25, 1.5, PHI, 2.0, 3.0)})
    total = put(formula.rhs, gamma=g)
    steps.identity(low, total * g ** -(i - 1) - total * g**-i)
    return total


# -- exact digits ----------------------------------------------------------------------------------


@claim(
    name="exact-binary-digits",
    chapter="golden_ratio",
    source="Folklore; Orseau et al. 2020, poster, binary decomposition",
    kind="proof",
    prose=("induction",),
    code=(digits.greedy,),
    wrong={"base": sp.Rational(202, 100)},
    refute=lambda: _one_is_missed("the base is at most 2", TWO, lambda k: _powers(TWO, k)),
)
def exact_binary_digits(steps: Steps, base: Any = sp.Integer(2)) -> None:
    formula = sides("exact-binary-digits#5", "<=", 1, k=k)
    _unfit(steps, formula.rhs, base**-i)
    _fit(steps, formula.rhs, base**-i)
    steps.derives("exact-binary-digits#4", "=", base**-i, i=i)
    all_kept = put(formula.lhs, w=1, b_i=1).doit()
    steps.identity(all_kept, formula.rhs)


# -- digits with freedom ---------------------------------------------------------------------------


@claim(
    name="digits-suffice",
    chapter="golden_ratio",
    source=f"{ORSEAU}; every base up to φ: the same proof",
    kind="proof",
    prose=("induction",),
    code=(digits.decompose, digits.count_digits),
    uses=("orseau2020",),
    wrong={"largest": sp.Rational(162, 100), "count": lambda *case: digits.count_digits(*case) + 1},
    refute=lambda: _one_is_missed("γ ≤ φ", LARGE, lambda k: _powers(LARGE, k, first=2)),
)
def digits_suffice(
    steps: Steps, largest: Any = GOLDEN, count: Callable[..., int] = digits.count_digits
) -> None:
    low, high = _segment("digits-suffice#4")
    left, bound = sides("eq-digits-suffice", "<=", 1, gamma=g, k=k).args
    steps.identity(left.subs(k, 0), sp.Symbol("w"))
    _unfit(steps, bound, high)
    _fit(steps, bound, low, {_golden(steps, largest): g ** -(i + 1)})
    steps.derives("digits-suffice#1", "=", largest, which=2)

    def is_least(base: float, error: float) -> bool:
        left = [bound.subs({g: exactly(base), k: count(error, base) - less}) for less in (0, 1)]
        return bool(left[0] <= error < left[1])

    a_little_below = PHI**-5 * (1 - 5e-7)  # five digits of base φ are not enough
    steps.cases(is_least, base=(1.25, 1.5, PHI), error=(0.9, 0.01, a_little_below, 1e-6))


@dataclass(frozen=True)
class Surd:
    """An exact number a + b√5, so that base φ can be computed with like a fraction."""

    a: Fraction
    b: Fraction = Fraction(0)

    def __sub__(self, other: Surd) -> Surd:
        return Surd(self.a - other.a, self.b - other.b)

    def __lt__(self, other: Surd) -> bool:
        # sign of a + b√5: if a and b pull in different directions, compare their squares
        a, b = other.a - self.a, other.b - self.b
        if a * b >= 0:
            return a + b > 0
        return a * a > 5 * b * b if a > 0 else 5 * b * b > a * a


def surd(value: Any) -> Surd:
    """A SymPy number of the form a + b√5."""
    value = sp.expand(sp.radsimp(sp.expand(sp.sympify(value).subs(sp.GoldenRatio, GOLDEN))))
    b = value.coeff(sp.sqrt(5))
    return Surd(*(Fraction(str(part)) for part in (sp.expand(value - b * sp.sqrt(5)), b)))


def largest_remainders(base: Any, count: int) -> list[Surd]:
    """For k = 1..count: the supremum of the greedy remainders that any corner choice leaves.

    For given samples the remainders of all w in [0, 1] fill an interval from 0 with the supremum h,
    to begin with h = 1. A sample x <= h cuts it in two: what is below x stays, the rest moves down
    to [0, h - x], so that max(x, h - x) is the new h; one above h changes nothing. All 2^k choices
    of either end of each segment are followed; those that share their h go on together.
    """
    powers = [surd(base**-m) for m in range(count + 2)]
    heights, found = {powers[0]}, []
    for m in range(1, count + 1):
        cut = product(heights, powers[m : m + 2])
        heights = {height if height < y else max(y, height - y) for height, y in cut}
        found.append(max(heights))
    return found


def hardest(
    numerator: int, denominator: int, count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
    """All corner choices for base denominator/numerator: the hardest weights, samples, and 1.

    All are whole numbers, in units of one over the last of them; a row of samples per weight.
    """
    powers = [numerator**m * denominator ** (count + 1 - m) for m in range(count + 2)]
    choice = np.arange(2**count)[:, None] >> np.arange(count) & 1
    samples = np.where(choice == 1, powers[1 : count + 1], powers[2 : count + 2]).astype(np.int64)
    heights = [np.full(2**count, powers[0], dtype=np.int64)]  # largest remainder, on the grid
    for y in samples.T:
        last = heights[-1]
        heights.append(np.where(last < y, last, np.maximum(y - 1, last - y)))
    weights = heights[-1]  # follow the largest remainder back to the weight that leaves it
    for m in reversed(range(count)):
        y, last = samples[:, m], heights[m]
        weights = weights + np.where(weights + y <= last, y, 0)
    return weights, samples, powers[0]


def _hardest_remainders(
    decompose: Callable[..., Any], most: int
) -> Iterator[tuple[int, int, float]]:
    """What is left of the hardest weights, of 1 and of 0: bound, true and said, in whole units."""
    for (numerator, denominator), count in product(((3, 4), (5, 8)), range(1, most + 1)):
        hard, samples, one = hardest(numerator, denominator, count)
        bound = numerator**count * denominator
        for weights in (hard, np.full_like(hard, one), np.zeros_like(hard)):
            found = decompose(weights / one, samples / one, denominator / numerator)
            rest = weights - (np.asarray(found.masks) * samples).sum(axis=1)
            said = np.asarray(found.residuals) * one
            yield from zip([bound] * len(rest), rest.tolist(), said.tolist(), strict=True)


def _fixed_digits(weights: Any, samples: Any, base: float) -> digits.Digits:
    """Digits of w for the exact powers, which pay no heed to the samples: wrong."""
    masks = digits.decompose(weights, digits.segments(samples.shape[1], base)[1], base).masks
    return digits.Digits(masks, weights - (masks * samples).sum(axis=1))


@claim(
    name="digits-suffice-finite",
    chapter="golden_ratio",
    source=ORSEAU,
    kind="finite verification",
    code=(digits.decompose,),
    uses=("orseau2020",),
    wrong={"bases": (sp.Rational(162, 100),), "decompose": _fixed_digits},
    refute=lambda: _one_is_missed("γ ≤ φ", LARGE, lambda k: _powers(LARGE, k, first=2)),
)
def digits_suffice_finite(
    steps: Steps,
    bases: tuple[Any, ...] = (sp.Rational(4, 3), sp.Rational(3, 2), sp.Rational(8, 5), GOLDEN),
    decompose: Callable[..., digits.Digits] = digits.decompose,
) -> None:
    most = 12
    bound = sides("digits-suffice-finite#5", "<=", 1, gamma=g, k=k).rhs
    largest = {base: largest_remainders(base, most) for base in bases}
    steps.cases(
        lambda base, count: largest[base][count - 1] == surd(bound.subs({g: base, k: count})),
        base=bases,
        count=range(1, most + 1),
    )
    steps.each(
        lambda bound, rest, said: 0 <= rest <= bound and said == rest,
        _hardest_remainders, decompose, most,
    )  # fmt: skip


def _gap_sums(bases: Sequence[Fraction]) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    """All subset sums of the samples of (b), k up to 4, with the ends Rγ^-j, γ^-j of the gap."""
    for base, count in product(bases, range(1, 5)):
        for place in range(1, count + 1):
            before = product(*((base**-m, base ** -(m + 1)) for m in range(1, place)))
            after = _powers(base, count - place, first=place + 2)
            for first in before:
                for total in _sums([*first, base**-place, *after]):
                    yield total, base**-place / (base * (base - 1)), base**-place


def _sums_reach_one_below_phi() -> Counterexample | None:
    base, count = Fraction(8, 5), 12
    missed = _missed(Fraction(1), _powers(base, count, first=2))
    if missed > base**-count:
        return None
    return Counterexample(
        "γ > φ",
        {"γ": float(base), "k": count, "w": 1},
        f"the lowest samples come within {float(missed):.5f} ≤ γ^-k = {float(base**-count):.5f}",
    )


@claim(
    name="digits-fail-above-phi",
    chapter="golden_ratio",
    source="Orseau et al. 2020, poster, for base 2; ★ for every γ > φ; idea of (b): Kakeya 1914",
    kind="proof",
    prose=("case distinction",),
    code=(reach, worst_error),
    wrong={"bases": BELOW},
    refute=_sums_reach_one_below_phi,
)
def digits_fail_above_phi(steps: Steps, bases: Sequence[Fraction] = ABOVE) -> None:
    low = put(sides("digits-fail-above-phi#5", "=").rhs, gamma=g, i=i)
    total = _reach(steps, "digits-fail-above-phi#3", low)
    steps.holds(lt(total.subs(g, GOLDEN + d), 1))
    steps.holds(lt((-k * sp.log(g)).subs(g, 1 + v), 0))  # so the power γ^-k is below 1
    # R = 1/(1 + q) < 1 and γ^-k = 1/(1 + h) < 1, whatever γ and k are
    part, power, kept = 1 / (1 + q), 1 / (1 + h), sp.Symbol("S", nonnegative=True)
    values = {"R": part, "gamma": 1 + h, "k": 1, "S": kept}
    least = 1 - part * (1 - power)
    steps.implies({le(kept, part * (1 - power)): 1}, ge(1 - kept, least))
    steps.derives("eq-digits-fail", ">=", least, 1 - kept, which=0, **values)
    steps.holds(gt(least, 1 - part))
    steps.implies({lt(power, 1): 1 - part}, gt(least, power))
    steps.derives("eq-digits-fail", ">", sp.Max(1 - part, power), least, which=1, **values)
    steps.cases(
        lambda base, k: _missed(1, _powers(base, k, first=2)) > base**-k,
        base=bases, k=range(1, 7),
    )  # fmt: skip
    steps.each(lambda total, low, high: not low < total < high, _gap_sums, bases)
    ends = [shown(f"digits-fail-above-phi#{m}") for m in (16, 17)]
    steps.identity(shown("digits-fail-above-phi#18"), (ends[1] - ends[0]) / 2)


# -- what more the digits can do -------------------------------------------------------------------


def _range_is_no_larger() -> Counterexample | None:
    base, count = Fraction(3, 2), 4
    limit = 1 / (base * (base - 1))
    weight = limit * Fraction(101, 100)
    missed = _missed(weight, _powers(base, count, first=2))
    if missed <= limit * base**-count:
        return None
    return Counterexample(
        "w ≤ R",
        {"γ": base, "R": limit, "w": weight, "k": count},
        f"every subset misses by {float(missed):.4f} > Rγ^-k = {float(limit * base**-count):.4f}",
    )


@claim(
    name="extended-range",
    chapter="golden_ratio",
    source="★",
    kind="proof",
    prose=("induction",),
    code=(reach,),
    wrong={"largest": sp.Rational(162, 100)},
    refute=_range_is_no_larger,
)
def extended_range(steps: Steps, largest: Any = GOLDEN) -> None:
    low, high = _segment("extended-range#4")
    total = _reach(steps, "extended-range#2", low, which=0)
    at_least = sides("extended-range#2", ">=", 1, gamma=1 + v)
    quadratic = _golden(steps, largest).subs(g, 1 + v)
    steps.implies({quadratic: 1 / (v * (1 + v))}, at_least)
    bound = sides("extended-range#7", "<=", 1, gamma=g, k=k).rhs
    _unfit(steps, put(bound, R=1 + q), high)
    _fit(steps, put(bound, R=total), low)
    missed = w - total * (1 - g**-k)
    steps.implies({gt(w, total): 1}, gt(missed, put(bound, R=total)))


@claim(
    name="best-base",
    chapter="golden_ratio",
    source="★",
    kind="proof",
    prose=("induction", "limit", "monotonicity"),
    code=(worst_error, reach),
    uses=("digits-suffice", "digits-fail-above-phi"),
    wrong={"guaranteed": lambda k, base: base**-k},
    refute=lambda: _no_corner_leaves(
        "all segments have the same ratio", _adjacent(UNEQUAL), PHI**-3, "φ^-3", ends=UNEQUAL
    ),
)
def best_base(steps: Steps, guaranteed: Callable[..., float] = worst_error) -> None:
    low, high = _segment("best-base#6")
    total = _reach(steps, "best-base#8", low)
    below, above = (sides("eq-best-base", "=", m, gamma=g, k=k).rhs for m in (0, 2))
    whole = put(above, R=total)
    ranges: dict[str, Any] = {"k": (1, 2, 5, 10)}
    steps.computes(below, guaranteed, ranges | {"gamma": (1.05, 1.25, 1.5, 1.6)})
    steps.computes(whole, guaranteed, ranges | {"gamma": (1.625, 1.75, 2.0, 3.0)})
    _unfit(steps, put(above, R=1 / (1 + q)), high, {le(high, 1): q / (1 + q)})
    _fit(steps, whole, low)
    for bases, formula in ((BELOW, below), (ABOVE, whole)):
        exact = sp.lambdify((g, k), formula, modules=[{}])
        steps.cases(
            lambda base, k, exact=exact: _adjacent(_powers(base, k + 1)) == exact(base, k),
            base=bases, k=range(1, 5),
        )  # fmt: skip
    steps.holds(lt(sp.diff(below, g), 0))
    steps.holds(lt(sp.diff(low, g), 0))  # above φ the error is 1 less the sum of these
    steps.identity(total.subs(g, GOLDEN), 1)
    quotient, rounded = shown("best-base#13").args
    steps.holds(lt(abs(quotient - rounded), sp.Rational(5, 10**4)))


def _best_scale(steps: Steps, low: Any, high: Any, least: Any) -> None:
    """(a): no scale does better than said, and one does as well."""
    total = 1 / (g * (g - 1))
    steps.identity(low, s * (total * g ** -(i - 1) - total * g**-i))
    some = sp.Symbol("R", positive=True)
    lowest = s * some * (1 - 1 / (1 + h))  # with h for γ^k - 1
    many = some * h
    adversaries = {
        ge(error, 1 - lowest): 1 / (1 + many),
        ge(error, s / (1 + h)): many / (1 + many),
    }
    steps.implies(adversaries, ge(error, put(least, R=some, gamma=1 + h, k=1)))
    best = sides("eq-best-base-scaled", "=", 1, gamma=g, k=k, R=total).rhs
    m = sp.Symbol("k'", integer=True, positive=True)  # all k digits, while k counts those done
    bound = s * (total * g**-k - (total - 1) * g**-m)
    first = sp.Mul(best.subs(k, m), (bound / s).subs(k, 0), evaluate=False)
    steps.identity(first, 1)
    some_bound = s * ((1 + q) * g**-k - q * g**-m)  # R = 1 + q >= 1
    _unfit(steps, some_bound, high, {le(g**-m, g**-i): s * q})
    _fit(steps, bound, low)
    steps.identity(best * g**-k, put(least, R=total, gamma=g, k=k))


def scaled_error(k: int, base: float, scale: float) -> float:
    """What the package says that k scaled segments guarantee."""
    return worst_error_between(equal_ends(k, base, scale))


def error_at_best_scale(k: int, base: float) -> float:
    """The same, with the scale of the statement."""
    values = {"gamma": exactly(base), "k": k, "R": exactly(reach(base))}
    return scaled_error(k, base, float(sides("eq-best-base-scaled", "=", 1, **values).rhs))


def _no_base_below(steps: Steps, least: int) -> None:
    """(b) for γ <= φ: Q rises with γ from so many digits on, and s = 1 is best at φ."""

    def terms(count: Any) -> Any:
        return (g**count - 1) / (g * (g - 1))

    steps.identity(terms(n + 1) - terms(n), g ** (n - 1))
    first = sp.expand(sp.simplify(terms(least)))
    steps.holds(gt(sp.diff(first, g).subs(g, 1 + v), 0))
    steps.holds(ge(sp.diff(g**n, g), 0))
    golden = sides("best-base-scaled#11", ">=", k=k).rhs.subs(sp.GoldenRatio, GOLDEN)
    steps.identity(1 / (1 + terms(k).subs(g, GOLDEN)), golden)
    power = 1 / (1 + h)  # φ^-k, for any k
    steps.implies({ge(error, (1 + d) * power): 1}, gt(error, power))
    steps.implies({ge(error, 1 - (1 - power) / (1 + d)): 1}, gt(error, power))


def _no_base_above(steps: Steps) -> None:
    """(b) for γ > φ: the first digit highest, all others lowest."""
    total = 1 / (g * (g - 1))
    lows, gap = sp.symbols("L D", positive=True)
    adversaries = {
        ge(error, 1 - s * lows): gap / (gap + lows),
        ge(error, s * gap): lows / (gap + lows),
    }
    steps.implies(adversaries, ge(error, gap / (gap + lows)))
    exact = total * (1 - g**-k)
    steps.identity(g**-1 + g**-2 - exact, (1 - total) / g + total * g**-k)  # D > 0
    steps.holds(lt(total.subs(g, GOLDEN + d), 1))

    def part(count: Any) -> Any:
        return total * (1 - g**-count) / (g**-1 + g**-2)

    steps.identity(part(n + 1) - part(n), g**-n / (1 + g))
    steps.holds(lt(sp.diff(g**-n / (1 + g), g), 0))
    golden = sides("best-base-scaled#11", ">=", k=k).rhs.subs(sp.GoldenRatio, GOLDEN)
    steps.identity(1 - part(k).subs(g, GOLDEN), golden)


def _one_or_two_digits(steps: Steps) -> None:
    """(c): the smaller γ, the better."""
    for count in (1, 2):
        few = sp.expand(sp.simplify((g**count - 1) / (g * (g - 1))))
        steps.holds(lt(sp.diff(few, g), 0))
        limit = sides("best-base-scaled#18", "<", k=count)
        steps.holds(lt(1 / (1 + few.subs(g, 1)), limit.rhs))
        steps.derives("best-base-scaled#18", "<", limit.rhs, 1 / (1 + few.subs(g, 1)), k=count)


@claim(
    name="best-base-scaled",
    chapter="golden_ratio",
    source="★",
    kind="proof",
    prose=("case distinction", "induction", "limit", "monotonicity"),
    code=(worst_error_between,),
    uses=("best-base",),
    wrong={"least": 2},
    refute=lambda: _no_corner_leaves("k ≥ 3", _adjacent(SCALED), PHI**-2, "φ^-2", ends=SCALED),
)
def best_base_scaled(steps: Steps, least: int = 3) -> None:
    low, high = _segment("best-base-scaled#6", s=s)
    formula = sides("eq-best-base-scaled", "=", 0).rhs
    _best_scale(steps, low, high, formula)
    whole = put(formula, R=sides("best-base-scaled#8", "=").rhs)
    ranges = {"k": (1, 2, 5, 10), "gamma": (1.05, 1.25, 1.5, 1.6)}
    steps.computes(whole, error_at_best_scale, ranges)
    _no_base_below(steps, least)
    _no_base_above(steps)
    bases, scales = ([m / 20 for m in range(*ends)] for ends in ((21, 60), (6, 80)))
    steps.cases(
        lambda k, base, scale: scaled_error(k, base, scale) > PHI**-k,
        k=range(least, 8), base=bases, scale=scales,
    )  # fmt: skip
    _one_or_two_digits(steps)


def fibonacci(formula: Any) -> Any:
    """A formula in which F_{k+2} and its like are SymPy's Fibonacci numbers."""
    named = [symbol for symbol in formula.free_symbols if symbol.name.startswith("F_")]
    known = {"i": i, "k": k}
    numbers = {y: sp.fibonacci(sp.sympify(y.name[2:], locals=known)) for y in named}
    if not isinstance(formula, sp.core.relational.Relational):
        return formula.xreplace(numbers)
    return formula.func(*(side.xreplace(numbers) for side in formula.args), evaluate=False)


def _adversaries(count: int) -> dict[Any, Any]:
    """What k digits must obey, each with its multiplier: together they are the bound."""
    ends = sp.symbols(f"d_1:{count + 2}", nonnegative=True)
    given = {
        ge(error, 1 - sum(ends[1:])): sp.Integer(1),
        le(ends[-1], ends[-2]): sp.fibonacci(count),
    }
    for m in range(2, count):
        given[le(ends[m - 1], error + sum(ends[m + 1 :]))] = sp.fibonacci(m - 1)
    given[le(ends[count - 1], error)] = sp.fibonacci(count + 1)
    return {line: many / sp.fibonacci(count + 2) for line, many in given.items()}


def _all_ends(most: int) -> Iterator[tuple[int, float, int, bool]]:
    """All ends on a grid, up to `most` digits: error, the package's, the least, and if best."""
    for count in range(1, most + 1):
        *numbers, one = [2 * int(sp.fibonacci(m)) for m in range(count + 3)]  # in units of 1/(2F)
        for rising in combinations_with_replacement(range(one + 2), count + 1):
            ends = rising[::-1]
            best = list(ends[1:]) == numbers[count:0:-1] and ends[0] <= numbers[count + 1]
            said = one * worst_error_between([end / one for end in ends])
            yield _adjacent(ends, one), round(said, 9), 2, best


def _no_ends_do_better(steps: Steps, least: Any) -> None:
    """From below: each bound follows from the two after it, as Fibonacci numbers do."""
    a, b, first, second, end = sp.symbols("a b S' S'' d", nonnegative=True)
    later = {le(error + first, a * error): 1, le(error + second, b * error): 1}
    steps.implies({le(end, error + second): 1, **later}, le(error + first + end, (a + b) * error))
    for count in (1, 2, 3, 4, 5):
        steps.implies(_adversaries(count), ge(error, least.subs(k, count)))
    steps.each(
        lambda found, said, least, best: found == said >= least and (found == least) == best,
        _all_ends, 3,
    )  # fmt: skip
    steps.cases(
        lambda k: sum(map(sp.fibonacci, range(1, k + 1))) == sp.fibonacci(k + 2) - 1,
        k=range(1, 31),
    )


def _against_golden(steps: Steps) -> None:
    smaller, (quotient, limit), (value, rounded) = (
        fibonacci(shown("eq-best-adjacent-gain", m, k=k)).args for m in range(3)
    )
    sides("eq-best-adjacent-gain", "<", 0)
    for count in (1, 2):
        steps.holds(lt(*(side.subs(k, count) for side in smaller)))
    a, b, power = sp.symbols("a b p", positive=True)
    grows = {gt(a, power): 1, gt(b, power * GOLDEN): 1}
    steps.implies(grows, gt(a + b, power * GOLDEN**2))
    other = 1 - GOLDEN
    steps.holds(lt(abs(other / GOLDEN), 1))
    binet = (GOLDEN ** (k + 2) - other ** (k + 2)) / sp.sqrt(5)
    quotient = quotient.xreplace({sp.fibonacci(k + 2): binet, sp.GoldenRatio: GOLDEN})
    limit = limit.subs(sp.GoldenRatio, GOLDEN)
    steps.identity(quotient, limit / (1 - (other / GOLDEN) ** (k + 2)))
    steps.holds(lt(abs(value - rounded), sp.Rational(5, 10**4)))


@claim(
    name="best-adjacent-segments",
    chapter="golden_ratio",
    source="★",
    kind="proof",
    prose=("case distinction", "induction", "limit"),
    code=(fibonacci_ends, worst_error_between),
    wrong={"ends": equal_ends},
    refute=lambda: _no_corner_leaves(
        "the segments are adjacent", _gap(HALVES), Fraction(1, 5), "1/F_5", digits=HALVES
    ),
)
def best_adjacent_segments(steps: Steps, ends: Callable[[int], Any] = fibonacci_ends) -> None:
    least = fibonacci(sides("eq-best-adjacent", "=", 0))
    end = fibonacci(sides("eq-best-adjacent", "=", 1))

    def guaranteed_error(k: int) -> float:
        return worst_error_between(ends(k))

    def end_of_digit(k: int, i: int) -> float:
        return float(ends(k)[i - 1])

    steps.computes(least.rhs, guaranteed_error, {"k": (1, 2, 3, 4, 5, 8, 12)})
    steps.computes(end, end_of_digit, {"k": (5, 8, 20), "i": range(1, 7)})
    # from above: a, b, a + b, f are the Fibonacci numbers k + 1 - i, k + 2 - i, k + 3 - i, k + 2
    a, b, f = sp.symbols("a b f", positive=True)
    steps.implies({lt(r, x): 1, le(x, b / f): 1}, le(r, b / f))
    steps.implies({le(r, (a + b) / f): 1, ge(x, a / f): 1}, le(r - x, b / f))

    def exact(k: int) -> list[Fraction]:
        return [Fraction(str(put(end.rhs, k=k, i=m))) for m in range(1, k + 2)]

    steps.cases(lambda k: _adjacent(exact(k)) == put(least.rhs, k=k), k=range(1, 6))
    _no_ends_do_better(steps, least.rhs)
    _against_golden(steps)


def _aim_leaves_the_range() -> Counterexample | None:
    base, weight, epsilon = Fraction(8, 5), Fraction(1), Fraction(1, 10)
    count = 1
    while base**-count > 2 * epsilon:
        count += 1
    sums = _sums(_powers(base, count, first=2))
    missed = min(abs(weight - total) for total in sums)
    if missed <= epsilon:
        return None
    return Counterexample(
        "the segments are scaled by w_max + ε, not by w_max",
        {"γ": float(base), "w": weight, "ε": float(epsilon), "k": count},
        f"every subset of the lowest samples misses by {float(missed):.4f}",
    )


def digits_of(max_weight: float, epsilon: float, base: float) -> int:
    """Two-sided digits, as the construction counts them."""
    return GoldenRatio(base=base, two_sided=True).scheme(max_weight, epsilon).digits


@claim(
    name="two-sided-rounding",
    chapter="golden_ratio",
    source="★",
    kind="proof",
    code=(GoldenRatio,),
    uses=("digits-suffice",),
    wrong={"count": lambda *case: GoldenRatio(base=case[2]).scheme(*case[:2]).digits},
    refute=_aim_leaves_the_range,
)
def two_sided_rounding(steps: Steps, count: Callable[..., int] = digits_of) -> None:
    formula = sides("two-sided-rounding#3", "=")
    at = {"w_max": (1.0, 2.5), "epsilon": (0.3, 0.01, 1e-5), "gamma": (1.25, 1.5, PHI)}
    steps.computes(formula, count, at)
    needed = put(formula.rhs, w_max=top, epsilon=eps, gamma=1 + v).args[0]
    window = le(sp.log(top + eps) - k * sp.log(1 + v), sp.log(2 * eps))
    steps.implies({ge(k, needed): sp.log(1 + v)}, window)
    error = sides("two-sided-rounding#7", "<=", epsilon=eps).rhs
    steps.implies({le(w, top): 1}, le(w + eps, top + eps))
    rest = w - (w + eps - r)  # r is what the digits leave of w + ε
    steps.holds(ge(rest, -error))
    steps.implies({le(r, 2 * eps): 1}, le(rest, error))
    one_sided, saved, most = (
        put(shown(f"two-sided-rounding#{m}"), w_max=top, epsilon=eps, gamma=1 + v)
        for m in (9, 10, 11)
    )
    steps.identity(one_sided - needed, saved)
    steps.holds(lt(saved * sp.log(1 + v), most * sp.log(1 + v)))
    steps.holds(gt(sp.exp(sp.simplify(saved * sp.log(1 + v))).subs(eps, top / (1 + d)), 1))


# -- what the lemma hides --------------------------------------------------------------------------


@claim(
    name="digit-windows",
    chapter="golden_ratio",
    source="★",
    kind="proof",
    prose=("induction",),
    code=(digits.greedy,),
    refute=lambda: _one_is_missed(
        "γ ≤ 1 + ρ", WIDE, lambda k: [y / 2 for y in _powers(WIDE, k)], ρ=Fraction(1, 2)
    ),
)
def digit_windows(steps: Steps) -> None:
    rho = sp.Symbol("rho", positive=True)
    low, high = _segment("digit-windows#5", rho=rho)
    bound = sides("digit-windows#7", "<=", 1, gamma=g, k=k).rhs
    narrow = sides("digit-windows#8", "<=", gamma=g, rho=rho)
    _unfit(steps, bound, high)
    _fit(steps, bound, low, {narrow: g**-i})
    steps.identity(low, rho / (g - 1) * (g ** -(i - 1) - g**-i))
    power = 1 / (1 + h)  # γ^-k, for any k
    lows = rho / (g - 1) * (1 - power)
    wide = gt(narrow.lhs, narrow.rhs)
    steps.implies({put(wide, gamma=1 + v): (1 - power) / v}, gt((1 - lows).subs(g, 1 + v), power))
    ranges = {"ratio": (Fraction(1, 4), Fraction(2, 3), Fraction(1)), "k": range(1, 5)}
    steps.cases(lambda ratio, k: _windows_work(ratio, 1 + ratio, k), **ranges)
    steps.cases(lambda ratio, k: not _windows_work(ratio, 1 + ratio + ratio / 100, k), **ranges)


def _windows_work(ratio: Fraction, base: Fraction, k: int) -> bool:
    """Whether no choice of ends leaves a weight more than γ^-k."""
    high = _powers(base, k)
    return bool(_worst_corner([ratio * y for y in high], high) <= base**-k)


def _numbers_above_one_do_not_count() -> Counterexample | None:
    for count in range(1, 4):
        for numbers in combinations_with_replacement(range(1, 13), count):
            total = np.cumsum((0, *numbers))
            criterion = all(y <= 4 + b for y, b in zip(numbers, total[:-1], strict=True))
            criterion &= bool(total[-1] >= 8 - 4)
            if criterion != (_gap(numbers, 8) <= 4):
                listed = ", ".join(str(Fraction(y, 8)) for y in numbers)
                return Counterexample(
                    "every number is at most 1",
                    {"numbers": f"{{{listed}}}", "ε": Fraction(1, 2)},
                    "the numbers cover [0, 1], and yet the criterion fails",
                )
    return None


@claim(
    name="coverage-criterion",
    chapter="golden_ratio",
    source="Kakeya 1914 for a series and ε = 0, Brown 1961 for integers; ★ for any ε",
    kind="proof",
    prose=("induction",),
    code=(digits.covers,),
    uses=("kakeya1914", "brown1961"),
    refute=_numbers_above_one_do_not_count,
)
def coverage_criterion(steps: Steps) -> None:
    y, before, whole = sp.symbols("y_j S_{j-1} S_n", nonnegative=True)
    known = {"y_j": y, "S_j-1": before, "S_n": whole, "epsilon": eps}
    each = sides("coverage-criterion#8", "<=", **known)
    enough = sides("coverage-criterion#10", ">=", **known)
    error = sides("coverage-criterion#7", "<=", 1, **known).rhs
    # if: the remainder is at most error + S_j before y_j is looked at, and error after y_1
    steps.implies({le(w, 1): 1, enough: 1}, le(w, error + whole))
    steps.implies({lt(r, y): 1, each: 1}, le(r, error + before))
    steps.implies({le(r, error + (before + y)): 1}, le(r - y, error + before))
    # only if: all numbers together for w = 1; those before y_j for a w just below it
    steps.implies({lt(enough.lhs, enough.rhs): 1}, gt(1 - whole, error))
    too_large = each.rhs + 2 * d
    steps.implies({le(y, 1): 1, ge(y, too_large): 1}, lt(too_large - d, 1))
    steps.holds(gt(too_large - d - before, error))


def _greedy_rest(numbers: Sequence[int], weight: int) -> int:
    """What is left of a weight, largest number first."""
    for y in reversed(numbers):
        weight -= y if weight >= y else 0
    return weight


def _small_sets(covers: Callable[..., Any]) -> Iterator[tuple[bool, int, int, int]]:
    """For sets of eighths and every ε: what `covers` says, ε, and what subsets and greedy leave."""
    one = 8
    for count in range(1, 6):
        sets = list(combinations_with_replacement(range(1, 11), count))
        gaps = [_gap(numbers, one) for numbers in sets]
        # of all weights from w on, below w + 1/8, greedy keeps the same numbers
        rests = [
            max(_greedy_rest(y, one), *(_greedy_rest(y, w) + 1 for w in range(one))) for y in sets
        ]
        for allowed in range(1, one + 1):
            said = np.asarray(covers(np.array(sets) / one, allowed / one)).tolist()
            yield from zip(said, [allowed] * len(sets), gaps, rests, strict=True)


@claim(
    name="coverage-criterion-finite",
    chapter="golden_ratio",
    source="★",
    kind="finite verification",
    code=(digits.covers,),
    uses=("coverage-criterion",),
    wrong={"covers": lambda samples, epsilon: digits.covers(samples, epsilon + 1 / 8)},
    refute=_numbers_above_one_do_not_count,
)
def coverage_criterion_finite(steps: Steps, covers: Callable[..., Any] = digits.covers) -> None:
    steps.each(
        lambda said, allowed, gap, rest: said == (gap <= allowed) and (not said or rest <= allowed),
        _small_sets, covers,
    )  # fmt: skip


def _fewer_samples_fail() -> Counterexample | None:
    trials = 2000
    for count, samples in ((8, 24), (20, 60), (40, 120)):
        drawn = coverage_draws(count, samples, trials, seed=1)
        failures = int((~digits.covers(drawn, PHI**-count)).sum())
        share = failures / trials
        if share > 0.01 and unlikely_mean(share, 0.01, trials):
            return Counterexample(
                "enough samples",
                {"k": count, "samples": samples},
                f"{failures} of {trials} draws leave a gap, far more than one in a hundred",
            )
    return None


def _listed(address: str, count: int = 3) -> list[int]:
    """The numbers of a list such as k = 8, 20, 40."""
    found = [sides(address, "=", 0).rhs, *(shown(address, m) for m in range(1, count))]
    if not all(number.is_Integer for number in found):
        raise AssertionError(f"{address}: {found} must be whole")
    return list(map(int, found))


@claim(
    name="coverage-measured",
    chapter="golden_ratio",
    source="★",
    kind="evidence",
    code=(digits.covers, batches.all_hit, coverage_draws),
    uses=("coverage-criterion",),
    wrong={"covers": lambda samples, epsilon: digits.covers(samples, epsilon / 4)},
    refute=_fewer_samples_fail,
)
def coverage_measured(steps: Steps, covers: Callable[..., Any] = digits.covers) -> None:
    trials = 20_000
    epsilon = sides("coverage-measured#1", "=").rhs
    counts, enough, to_hit = (_listed(f"coverage-measured#{m}") for m in (2, 4, 9))
    wanted, wanted_hit = (Fraction(str(shown(f"coverage-measured#{m}"))) for m in (3, 8))
    size, f, p = sp.symbols("N f p", positive=True)
    entropy = f * sp.log(f / p) + (1 - f) * sp.log((1 - f) / (1 - p))
    for count, samples in zip(counts, enough, strict=True):
        drawn = coverage_draws(count, samples, trials)
        failures = ~np.asarray(covers(drawn, float(epsilon.subs("k", count))))
        measured = {"f": failures.mean(), "p": 1 - wanted}
        steps.trial(lt(f, p), trials, **measured)
        # were the probability p or more, so few would turn up no more often than a false alarm
        unlikely = ge(size * entropy, sp.log(round(1 / FALSE_ALARM)))
        steps.trial(unlikely, trials, N=trials, **measured)
    least = dict(zip(counts, to_hit, strict=True))

    def least_to_hit_all(k: int) -> bool:
        hit, before = (batches.all_hit(k, Fraction(1, k), least[k] - less) for less in (0, 1))
        return hit >= wanted_hit > before

    steps.cases(least_to_hit_all, k=counts)


CLAIMS = (
    exact_binary_digits,
    digits_suffice,
    digits_suffice_finite,
    digits_fail_above_phi,
    best_base,
    best_base_scaled,
    best_adjacent_segments,
    extended_range,
    two_sided_rounding,
    digit_windows,
    coverage_criterion,
    coverage_criterion_finite,
    coverage_measured,
)
