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
from lpbook.experiments.confidence import unlikely_mean
from lpbook.experiments.coverage import coverage_draws, range_of
from lpbook.ledger.common import rounded, spans, surely, unless, up_to_golden
from lpbook.ledger.core import Counterexample, Steps, evidence, exactly, finite, proof
from lpbook.ledger.exact import fraction, subset_sums, true_at, whole
from lpbook.ledger.ranges import accepted, ranges
from lpbook.ledger.reading import chain, counted, listed, members, right_side, rounded_up, within
from lpbook.ledger.relations import ge, gt, le, lt
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
ABOVE = (Fraction(13, 8), Fraction(5, 3), Fraction(2), Fraction(3))
TWO, LARGE, WIDE = Fraction(202, 100), Fraction(162, 100), Fraction(152, 100)


# adjacent ends of unequal ratios, of equal ratios scaled, and exact powers, which are not adjacent
UNEQUAL = [Fraction(m, 5) for m in (3, 2, 1, 1)]
SCALED = [Fraction(27, 32) / Fraction(3, 2) ** m for m in (1, 2, 3)]
HALVES = [Fraction(1, 2**m) for m in (1, 2, 3)]


def _gap(samples: Iterable[Any], one: Any = 1) -> Any:
    """By how much a weight in [0, one] can exceed its best subset sum: a supremum."""
    sums = sorted(total for total in subset_sums(samples) if total <= one)
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
    return min(weight - total for total in subset_sums(samples) if total <= weight)


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
    shows = f"no corner leaves more than {found}, less than {name} = {float(least):.4f},"
    return unless(
        found >= least, dropped, {k: ", ".join(map(str, v)) for k, v in given.items()}, shows
    )


def _segment(address: str, **symbols: Any) -> tuple[Any, Any]:
    """The ends of the segment of digit i, as the chapter has them."""
    low, high = right_side(address, "in", "x_i", gamma=g, i=i, **symbols)
    return low, high


def _unfit(
    steps: Steps, bound: Any, high: Any, given: Mapping[Any, Any] | None = None, bit: Any = 0
) -> None:
    """Bit 0: the sample did not fit, so the remainder keeps its bound after digit i."""
    left = le(r - bit * x, bound.subs(k, i))
    steps.implies({lt(r, x): 1, le(x, high): 1, **(given or {})}, left)


def _fit(
    steps: Steps, bound: Any, low: Any, given: Mapping[Any, Any] | None = None, bit: Any = 1
) -> None:
    """Bit 1: the bound after digit i - 1, less the least sample, is the bound after digit i."""
    before, left = le(r, bound.subs(k, i - 1)), le(r - bit * x, bound.subs(k, i))
    steps.implies({before: 1, ge(x, low): 1, **(given or {})}, left)


def _all_digits(steps: Steps, address: str) -> None:
    """What telescopes over all digits of the statement begins at 1 and ends at γ^-k."""
    first, last = counted(address, "i", k=k)
    steps.identity(g ** -(first - 1) - g**-last, 1 - g**-k, of=address)


def _never_below_0(steps: Steps, address: str, kept: Any = None) -> None:
    """A sample is kept where it fits, so what is left does not fall below the page's lower end.

    It is w less what is kept, unless another line reads that.
    """
    low = sides(address, "<=", 0)
    if kept is not None and low.rhs != sp.Symbol("w") - kept:
        raise AssertionError(f"{address} shows {low}, not what is left of w without {kept}")
    steps.implies({ge(r, x): 1}, ge(r - x, low.lhs))


def _begins(steps: Steps, address: str, bound: Any) -> None:
    """Before the first digit what is left is w, whose range ends where the bound begins."""
    low, high = right_side(address, "in", "w")
    if low != 0:
        raise AssertionError(f"{address} begins at {low}, what is left at 0")
    steps.identity(bound.subs(k, 0), high, of=address)


KEPT = sp.Function("Sum_i")(sp.Symbol("b_i") * sp.Symbol("x_i"))


def _golden(steps: Steps, address: str) -> Any:
    """1 + γ - γ² >= 0 for all positive γ up to the largest base of the statement."""
    largest = right_side(address, "<=", g, 1, gamma=g).subs(sp.GoldenRatio, GOLDEN)
    quadratic = ge(1 + g - g**2, 0)
    steps.holds(quadratic.subs(g, largest / (1 + u)))
    return quadratic


def _reaches_one(steps: Steps, address: str, at_least: Any) -> None:
    """R >= 1, for the bases of the statement."""
    steps.implies({_golden(steps, address).subs(g, 1 + v): 1 / (v * (1 + v))}, at_least)


def _reach(steps: Steps, address: str, low: Any, which: int | None = None) -> Any:
    """R as the chapter has it: the package's, and the lowest samples telescope with it."""
    total = right_side(address, "=", sp.Symbol("R"), which)
    steps.computes(total, reach, {"gamma": (1.25, 1.5, PHI, 2.0, 3.0)})
    total = put(total, gamma=g)
    steps.identity(low, total * g ** -(i - 1) - total * g**-i)
    return total


@proof(
    source="Folklore; Orseau et al. 2020, poster, binary decomposition",
    prose=("induction",),
    code=(digits.greedy,),
    wrong={"greedy": lambda rest, columns, masks: digits.greedy(rest, columns[1:], masks[1:])},
    refute=lambda: _one_is_missed("the base is at most 2", TWO, lambda k: _powers(TWO, k)),
)
def exact_binary_digits(steps: Steps, greedy: Callable[..., None] = digits.greedy) -> None:
    formula = sides("exact-binary-digits#5", "<=", 1, k=k)
    digit = right_side("exact-binary-digits#4", "=", sp.Symbol("x_i"), i=i)
    no, yes = members("exact-binary-digits#3", "b_i")
    _unfit(steps, formula.rhs, digit, bit=no)
    _fit(steps, formula.rhs, digit, bit=yes)
    one = right_side("exact-binary-digits#6", "=", sp.Symbol("w"))
    steps.identity(put(formula.lhs, w=one, b_i=1).doit(), formula.rhs)  # all are kept

    def left_of_one(k: int) -> float:
        rest = np.ones(1)
        greedy(rest, [2.0**-m for m in range(1, k + 1)], np.empty((k, 1), dtype=bool))
        return float(rest[0])

    steps.computes(formula.rhs, left_of_one, {"k": (1, 2, 10)})
    _never_below_0(steps, "exact-binary-digits#5")
    ranges(steps, "exact-binary-digits", 2, k=k)
    _begins(steps, "exact-binary-digits#1", formula.rhs)


@proof(
    source=f"{ORSEAU}; every base up to φ: the same proof",
    prose=("induction",),
    code=(digits.count_digits,),
    uses=("orseau2020",),
    wrong={"count": lambda *case: digits.count_digits(*case) + 1},
    refute=lambda: _one_is_missed("γ ≤ φ", LARGE, lambda k: _powers(LARGE, k, first=2)),
)
def digits_suffice(steps: Steps, count: Callable[..., int] = digits.count_digits) -> None:
    low, high = _segment("digits-suffice#4")
    left, bound = sides("eq-digits-suffice", "<=", 1, gamma=g, k=k).args
    steps.identity(left.subs(k, 0), sp.Symbol("w"))
    _unfit(steps, bound, high)
    _fit(steps, bound, low, {_golden(steps, "digits-suffice#1"): g ** -(i + 1)})
    steps.derives("digits-suffice#1", "=", GOLDEN, left=sp.GoldenRatio, which=2)

    def is_least(base: float, error: float) -> bool:
        left = [bound.subs({g: exactly(base), k: count(error, base) - less}) for less in (0, 1)]
        return bool(left[0] <= error < left[1])

    a_little_below = PHI**-5 * (1 - 5e-7)  # five digits of base φ are not enough
    steps.cases(is_least, base=(1.25, 1.5, PHI), error=(0.9, 0.01, a_little_below, 1e-6))
    _never_below_0(steps, "eq-digits-suffice")
    accepted(steps, "digits-suffice#1", lambda gamma: count(0.5, gamma))
    ranges(steps, "digits-suffice", 2, k=k)
    _begins(steps, "digits-suffice#5", bound)


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
    return Surd(*(fraction(part) for part in (sp.expand(value - b * sp.sqrt(5)), b)))


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
    decompose: Callable[..., Any], bases: Sequence[Fraction], most: int
) -> Iterator[tuple[int, int, float]]:
    """What is left of the hardest weights, of 1 and of 0: bound, true and said, in whole units."""
    for base, count in product(bases, range(1, most + 1)):
        numerator, denominator = base.denominator, base.numerator  # of the inverse
        hard, samples, one = hardest(numerator, denominator, count)
        bound = numerator**count * denominator
        for weights in (hard, np.full_like(hard, one), np.zeros_like(hard)):
            found = decompose(weights / one, samples / one, float(base))
            rest = weights - (np.asarray(found.masks) * samples).sum(axis=1)
            said = np.asarray(found.residuals) * one
            yield from zip([bound] * len(rest), rest.tolist(), said.tolist(), strict=True)


def _fixed_digits(weights: Any, samples: Any, base: float) -> digits.Digits:
    """Digits of w for the exact powers, which pay no heed to the samples: wrong."""
    masks = digits.decompose(weights, digits.segments(samples.shape[1], base)[1], base).masks
    return digits.Digits(masks, weights - (masks * samples).sum(axis=1))


@finite(
    source=ORSEAU,
    code=(digits.decompose,),
    uses=("orseau2020",),
    wrong={"decompose": _fixed_digits},
    refute=lambda: _one_is_missed("γ ≤ φ", LARGE, lambda k: _powers(LARGE, k, first=2)),
)
def digits_suffice_finite(
    steps: Steps, decompose: Callable[..., digits.Digits] = digits.decompose
) -> None:
    name = "digits-suffice-finite"
    bases, most = members(f"{name}#1", "gamma"), whole(right_side(f"{name}#2", "<=", "k"))
    bound = right_side(f"{name}#4", "<=", sp.Symbol("r_k"), 1, gamma=g, k=k)
    least = whole(sides(f"{name}#4", "<=", 0).lhs)
    largest = {base: largest_remainders(base, most) for base in bases}
    steps.cases(
        lambda base, count: largest[base][count - 1] == surd(bound.subs({g: base, k: count})),
        base=bases,
        count=range(1, most + 1),
    )
    exact = [right_side(f"{name}#7", "=", sp.Symbol("gamma")), shown(f"{name}#8")]
    binary = [base for base in bases if base.is_Rational and base.p & (base.p - 1) == 0]
    if exact != binary or shown("best-base#12") not in bases:  # the other base of the poster
        raise AssertionError(f"{name} shows {bases}; floats are exact in {binary}, not {exact}")
    steps.each(
        lambda bound, rest, said: least <= rest <= bound and said == rest,
        _hardest_remainders, decompose, list(map(fraction, exact)), most
    )  # fmt: skip
    _begins(steps, f"{name}#3", bound)


def _gap_sums(bases: Sequence[Fraction]) -> Iterator[tuple[Fraction, Fraction, Fraction]]:
    """All subset sums of the samples of (b), k up to 4, with the ends of the gap."""
    name, symbols = "digits-fail-above-phi", {"gamma": g, "i": i, "j": j}
    total = right_side(f"{name}#3", "=", sp.Symbol("R"), **symbols)
    formulas = (
        right_side(f"{name}#11", "=", sp.Symbol("x_j"), **symbols),
        right_side(f"{name}#12", "=", sp.Symbol("x_i"), **symbols),
        *(shown(f"{name}#{m}", **symbols, R=total) for m in (16, 17)),
    )
    at, lowest, low, high = (sp.lambdify((g, j, i), f, modules=[{}]) for f in formulas)
    most = right_side(f"{name}#10", "<=", j, 1, j=j, k=k)
    later, earlier = sides(f"{name}#13", ">", i=i, j=j), sides(f"{name}#15", "<", i=i, j=j)
    for base, count in product(bases, range(1, 5)):
        places = range(1, count + 1)
        for place in range(1, whole(most.subs(k, count)) + 1):
            before, after = (
                [m for m in places if true_at(where, i=m, j=place)] for where in (earlier, later)
            )
            after = [lowest(base, place, m) for m in after]
            for first in product(*((base**-m, base ** -(m + 1)) for m in before)):
                for total in subset_sums([*first, at(base, place, 0), *after]):
                    yield total, low(base, place, 0), high(base, place, 0)


def _sums_reach_one_below_phi() -> Counterexample | None:
    base, count = Fraction(8, 5), 12
    missed = _missed(Fraction(1), _powers(base, count, first=2))
    return unless(
        missed > base**-count,
        "γ > φ",
        {"γ": float(base), "k": count, "w": 1},
        f"the lowest samples come within {float(missed):.5f} ≤ γ^-k = {float(base**-count):.5f}",
    )


@proof(
    source="Orseau et al. 2020, poster, for base 2; ★ for every γ > φ; idea of (b): Kakeya 1914",
    prose=("case distinction",),
    code=(reach,),
    wrong={"bases": BELOW},
    refute=_sums_reach_one_below_phi,
)
def digits_fail_above_phi(steps: Steps, bases: Sequence[Fraction] = ABOVE) -> None:
    name = "digits-fail-above-phi"
    low = right_side(f"{name}#5", "=", sp.Symbol("x_i"), gamma=g, i=i)
    total = _reach(steps, f"{name}#3", low)
    limit = right_side(f"{name}#4", "<", sp.Symbol("R"))
    steps.holds(lt(total.subs(g, GOLDEN + d), limit))
    steps.identity(total.subs(g, GOLDEN), limit)
    _all_digits(steps, f"{name}#6")
    # R = 1/(1 + q) < 1 and γ^-k = 1/(1 + h) < 1, whatever γ and k are
    part, power, kept = 1 / (1 + q), 1 / (1 + h), sp.Symbol("S", nonnegative=True)
    values = {"R": part, "gamma": 1 + h, "k": 1, "S": kept}
    least = 1 - part * (1 - power)
    steps.implies({le(kept, part * (1 - power)): 1}, ge(1 - kept, least))
    one = right_side(f"{name}#8", "=", sp.Symbol("w"))
    steps.derives("eq-digits-fail", ">=", least, one - kept, which=0, **values)
    steps.holds(gt(least, 1 - part))
    steps.implies({lt(power, 1): 1 - part}, gt(least, power))
    steps.derives("eq-digits-fail", ">", sp.Max(1 - part, power), least, which=1, **values)
    steps.cases(
        lambda base, k: _missed(1, _powers(base, k, first=2)) > base**-k,
        base=bases, k=range(1, 7)
    )  # fmt: skip
    steps.each(lambda total, low, high: not low < total < high, _gap_sums, bases)
    ends = [shown(f"{name}#{m}") for m in (16, 17)]
    steps.identity(shown(f"{name}#18"), (ends[1] - ends[0]) / 2)
    ranges(steps, name, (1, 2, 10), gamma=GOLDEN + d, j=j, k=k)


def _range_is_no_larger() -> Counterexample | None:
    base, count = Fraction(3, 2), 4
    limit = 1 / (base * (base - 1))
    weight = limit * Fraction(101, 100)
    missed = _missed(weight, _powers(base, count, first=2))
    return unless(
        missed <= limit * base**-count,
        "w ≤ R",
        {"γ": base, "R": limit, "w": weight, "k": count},
        f"every subset misses by {float(missed):.4f} > Rγ^-k = {float(limit * base**-count):.4f}",
    )


@proof(prose=("induction",), code=(reach,), refute=_range_is_no_larger)
def extended_range(steps: Steps) -> None:
    name = "extended-range"
    low, high = _segment(f"{name}#4")
    total = _reach(steps, f"{name}#2", low, which=0)
    _reaches_one(steps, f"{name}#1", sides(f"{name}#2", ">=", 1, gamma=1 + v))
    bound = sides(f"{name}#7", "<=", 1, gamma=g, k=k).rhs
    _unfit(steps, put(bound, R=1 + q), high)
    _fit(steps, put(bound, R=total), low)
    missed = gt(w - total * (1 - g**-k), put(bound, R=total))
    steps.implies({sides(f"{name}#8", ">", w=w, R=total): 1}, missed)
    _never_below_0(steps, f"{name}#7", KEPT)
    _all_digits(steps, f"{name}#5")
    ranges(steps, name, (1, 3), gamma=1 + v, k=k)
    _begins(steps, f"{name}#6", bound)


@proof(
    prose=("induction", "limit", "monotonicity"),
    code=(worst_error, reach),
    uses=("digits-suffice", "digits-fail-above-phi"),
    wrong={"guaranteed": lambda k, base: base**-k},
    refute=lambda: _no_corner_leaves(
        "all segments have the same ratio", _adjacent(UNEQUAL), PHI**-3, "φ^-3", ends=UNEQUAL
    ),
)
def best_base(steps: Steps, guaranteed: Callable[..., float] = worst_error) -> None:
    name, formula, of = "best-base", "eq-best-base", sp.Function("E_k")
    low, high = _segment(f"{name}#6")
    total = _reach(steps, f"{name}#8", low)
    names = {"gamma": g, "k": k, "R": total}
    below, above = (right_side(formula, "=", of(g), m, **names) for m in (0, 2))
    until = le(g, right_side(formula, "<=", g, 1, **names))
    beyond = gt(g, right_side(formula, ">", g, 3, **names))
    exact = sp.Piecewise((below, until), (above, beyond))
    for part, where in ((below, until), (above, beyond)):
        bases = (1.05, 1.25, 1.5, 1.6, 1.625, 1.75, 2.0, 3.0)
        here = [base for base in bases if where.subs(g, exactly(base)) == sp.true]
        steps.computes(part, guaranteed, {"k": (1, 2, 5, 10), "gamma": here})
    steps.cases(
        lambda base, k: _adjacent(_powers(base, k + 1)) == put(exact, gamma=exactly(base), k=k),
        base=BELOW + ABOVE, k=range(1, 5)
    )  # fmt: skip
    some = right_side(formula, "=", of(g), 2, gamma=g, k=k, R=1 / (1 + q))
    _unfit(steps, some, high, {le(high, 1): q / (1 + q)})
    _fit(steps, above, low)
    steps.holds(lt(sp.diff(below, g), 0))
    steps.holds(lt(sp.diff(low, g), 0))  # above φ the error is 1 less the sum of these
    steps.identity(total.subs(g, GOLDEN), 1)
    right_side(f"{name}#10", ">", of(g), 0, gamma=g)
    steps.derives(f"{name}#10", "=", below.subs(g, sp.GoldenRatio), of(sp.GoldenRatio), 1, k=k)
    quotient, shows = sides(f"{name}#13", "approx").args
    steps.identity(quotient, sp.log(sp.GoldenRatio) / sp.log(shown(f"{name}#12")), of=f"{name}#13")
    rounded(steps, f"{name}#13", shows, quotient)
    accepted(steps, f"{name}#1", lambda gamma: guaranteed(1, gamma))
    ranges(steps, name, 2, k=k)
    _begins(steps, f"{name}#5", below)


def _best_scale(steps: Steps, low: Any, high: Any, least: Any, total: Any) -> None:
    """(a): no scale does better than said, and one does as well."""
    steps.identity(low, s * (total * g ** -(i - 1) - total * g**-i))
    some = sp.Symbol("R", positive=True)
    lowest = s * some * (1 - 1 / (1 + h))  # with h for γ^k - 1
    many = some * h
    adversaries = {ge(error, 1 - lowest): 1 / (1 + many), ge(error, s / (1 + h)): many / (1 + many)}
    steps.implies(adversaries, ge(error, put(least, R=some, gamma=1 + h, k=1)))
    best = right_side("eq-best-base-scaled", "=", s, 1, gamma=g, k=k, R=total, s=s)
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


def _no_base_below(steps: Steps, least: int, golden: Any) -> None:
    """(b) for γ <= φ: Q rises with γ from so many digits on, and s = 1 is best at φ."""

    def terms(count: Any) -> Any:
        return (g**count - 1) / (g * (g - 1))

    steps.identity(terms(n + 1) - terms(n), g ** (n - 1))
    first = sp.expand(sp.simplify(terms(least)))
    steps.holds(gt(sp.diff(first, g).subs(g, 1 + v), 0))
    steps.holds(ge(sp.diff(g**n, g), 0))
    steps.identity(1 / (1 + terms(k).subs(g, GOLDEN)), golden)
    power = 1 / (1 + h)  # φ^-k, for any k
    steps.implies({ge(error, (1 + d) * power): 1}, gt(error, power))
    steps.implies({ge(error, 1 - (1 - power) / (1 + d)): 1}, gt(error, power))


def _no_base_above(steps: Steps, golden: Any, total: Any) -> None:
    """(b) for γ > φ: the first digit highest, all others lowest."""
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
    steps.identity(1 - part(k).subs(g, GOLDEN), golden)


def _one_or_two_digits(steps: Steps) -> None:
    """(c): the smaller γ, the better."""
    name = "best-base-scaled"
    least = right_side(f"{name}#17", "to", "gamma")
    for address in (f"{name}#14", f"{name}#15"):
        count = right_side(address, "=", sp.Symbol("k"))
        few = sp.expand(sp.simplify((g**count - 1) / (g * (g - 1))))
        steps.holds(lt(sp.diff(few, g), 0))
        limit = sides(f"{name}#18", "<", k=count)
        steps.identity(1 / (1 + few.subs(g, least)), limit.lhs, of=f"{name}#18")
        steps.holds(lt(limit.lhs, limit.rhs.subs(sp.GoldenRatio, GOLDEN)))


@proof(
    prose=("case distinction", "induction", "limit", "monotonicity"),
    code=(worst_error_between,),
    uses=("best-base",),
    refute=lambda: _no_corner_leaves("k ≥ 3", _adjacent(SCALED), PHI**-2, "φ^-2", ends=SCALED),
)
def best_base_scaled(steps: Steps) -> None:
    name, minimum = "best-base-scaled", sp.Function("E_k")(g, s)
    low, high = _segment(f"{name}#6", s=s)
    left = sp.Function("Min_s>0")(minimum)
    formula = right_side("eq-best-base-scaled", "=", left, 0, gamma=g, s=s, k=k)
    total = right_side(f"{name}#8", "=", sp.Symbol("R"), gamma=g)
    _best_scale(steps, low, high, formula, total)
    _reaches_one(steps, f"{name}#7", ge(total.subs(g, 1 + v), 1))
    at = {"k": (1, 2, 5, 10), "gamma": (1.05, 1.25, 1.5, 1.6)}
    steps.computes(put(formula, R=total), error_at_best_scale, at)
    least = whole(right_side(f"{name}#10", ">=", sp.Symbol("k")))
    golden = right_side(f"{name}#11", ">=", minimum, gamma=g, s=s, k=k)
    golden = golden.subs(sp.GoldenRatio, GOLDEN)
    _no_base_below(steps, least, golden)
    _no_base_above(steps, golden, total)
    only = right_side(f"{name}#12", "=", g, gamma=g), right_side(f"{name}#13", "=", s, s=s)

    def at_the_only(k: int) -> float:
        return scaled_error(k, *map(float, only))

    steps.computes(golden, at_the_only, {"k": range(least, 8)})
    bases, scales = ([m / 20 for m in range(*ends)] for ends in ((21, 60), (6, 80)))
    steps.cases(
        lambda k, base, scale: scaled_error(k, base, scale) > PHI**-k,
        k=range(least, 8), base=bases, scale=scales
    )  # fmt: skip
    _one_or_two_digits(steps)
    ranges(steps, name, (1, 2, 3, 7), gamma=1 + v, s=s, k=k)


def fibonacci(formula: Any) -> Any:
    """A formula in which F_{k+2} and its like are SymPy's Fibonacci numbers."""
    named = [symbol for symbol in formula.free_symbols if symbol.name.startswith("F_")]
    known = {"i": i, "k": k}
    numbers = {y: sp.fibonacci(sp.sympify(y.name[2:], locals=known)) for y in named}
    if not isinstance(formula, sp.core.relational.Relational):
        return formula.xreplace(numbers)
    return formula.func(*(side.xreplace(numbers) for side in formula.args), evaluate=False)


ADJACENT = "best-adjacent-segments"


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


def _falling() -> list[Any]:
    """All ends of the statement, and what is least for them."""
    return chain(f"{ADJACENT}#2", "d_1 d_2 dots d_k+1", ">=")


def _all_ends(most: int) -> Iterator[tuple[int, float, int, bool]]:
    """All ends on a grid, up to `most` digits: error, the package's, the least, and if best."""
    least = _falling()[-1]
    for count in range(1, most + 1):
        *numbers, one = [2 * int(sp.fibonacci(m)) for m in range(count + 3)]  # in units of 1/(2F)
        for rising in combinations_with_replacement(range(whole(least), one + 2), count + 1):
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
        _all_ends, 3
    )  # fmt: skip
    steps.cases(
        lambda k: sum(map(sp.fibonacci, range(1, k + 1))) == sp.fibonacci(k + 2) - 1, k=range(1, 31)
    )


def _against_golden(steps: Steps) -> None:
    smaller, (quotient, limit), (value, shows) = (
        fibonacci(sides("eq-best-adjacent-gain", sign, m, k=k)).args
        for m, sign in enumerate(("<", "to", "approx"))
    )
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
    rounded(steps, "eq-best-adjacent-gain", shows, value)


@proof(
    prose=("case distinction", "induction", "limit"),
    code=(fibonacci_ends, worst_error_between),
    wrong={"ends": equal_ends},
    refute=lambda: _no_corner_leaves(
        "the segments are adjacent", _gap(HALVES), Fraction(1, 5), "1/F_5", digits=HALVES
    ),
)
def best_adjacent_segments(steps: Steps, ends: Callable[[int], Any] = fibonacci_ends) -> None:
    least, end = (
        fibonacci(right_side("eq-best-adjacent", "=", left, which, k=k, i=i))
        for which, left in enumerate((sp.Function("Min_d")(sp.Symbol("E_d")), sp.Symbol("d_i")))
    )
    first = fibonacci(right_side(f"{ADJACENT}#10", "<=", sp.Symbol("d_1"), 1))

    def guaranteed_error(k: int) -> float:
        return worst_error_between(ends(k))

    def end_of_digit(k: int, i: int) -> float:
        return float(ends(k)[i - 1])

    steps.computes(least, guaranteed_error, {"k": (1, 2, 3, 4, 5, 8, 12)})
    steps.computes(end, end_of_digit, {"k": (5, 8, 20), "i": range(1, 7)})
    # from above: a, b, a + b, f are the Fibonacci numbers k + 1 - i, k + 2 - i, k + 3 - i, k + 2
    a, b, f = sp.symbols("a b f", positive=True)
    numbers = {end.subs(i, i + 1): a / f, end: b / f}
    named = {"d_i+1": end.subs(i, i + 1), "d_i": end}
    low, high = (
        put(x_end, **named).subs(numbers) for x_end in right_side(f"{ADJACENT}#5", "in", "x_i")
    )
    steps.implies({lt(r, x): 1, le(x, high): 1}, le(r, b / f))
    steps.implies({le(r, (a + b) / f): 1, ge(x, low): 1}, le(r - x, b / f))
    _begins(steps, f"{ADJACENT}#4", least)
    few, many = counted(f"{ADJACENT}#6", "i", k=k)

    def exact(k: int) -> list[Fraction]:
        return [fraction(put(end, k=k, i=m)) for m in range(whole(few), whole(put(many, k=k)) + 2)]

    steps.cases(lambda k: _adjacent(exact(k)) == put(least, k=k), k=range(1, 6))
    steps.identity(first, end.subs(i, 1), of=f"{ADJACENT}#10")
    falls = right_side(f"{ADJACENT}#10", "<=", "d_2", 0)  # d_1 may fall to d_2
    steps.identity(falls, _falling()[0], of=f"{ADJACENT}#10")
    last = {"d_k+1": end.subs(i, k + 1), "d_k": end.subs(i, k)}
    equal = sides(f"{ADJACENT}#11", "=", **last)
    steps.identity(equal.lhs, equal.rhs, of=f"{ADJACENT}#11")
    _no_ends_do_better(steps, least)
    _against_golden(steps)
    ranges(steps, ADJACENT, 1, k=k)


def _aim_leaves_the_range() -> Counterexample | None:
    base, weight, epsilon = Fraction(8, 5), Fraction(1), Fraction(1, 10)
    count = 1
    while base**-count > 2 * epsilon:
        count += 1
    sums = subset_sums(_powers(base, count, first=2))
    missed = min(abs(weight - total) for total in sums)
    return unless(
        missed <= epsilon,
        "the segments are scaled by w_max + ε, not by w_max",
        {"γ": float(base), "w": weight, "ε": float(epsilon), "k": count},
        f"every subset of the lowest samples misses by {float(missed):.4f}",
    )


def digits_of(max_weight: float, epsilon: float, base: float) -> int:
    """Two-sided digits, as the construction counts them."""
    return GoldenRatio(base=base, two_sided=True).scheme(max_weight, epsilon).digits


@proof(
    code=(GoldenRatio,),
    uses=("digits-suffice",),
    wrong={"count": lambda *case: GoldenRatio(base=case[2]).scheme(*case[:2]).digits},
    refute=_aim_leaves_the_range,
)
def two_sided_rounding(steps: Steps, count: Callable[..., int] = digits_of) -> None:
    name, names = "two-sided-rounding", {"w_max": top, "epsilon": eps, "gamma": 1 + v, "w": w}
    formula = right_side(f"{name}#3", "=", sp.Symbol("k"))
    at = {"w_max": (1.0, 2.5), "epsilon": (0.3, 0.01, 1e-5), "gamma": (1.25, 1.5, PHI)}
    steps.computes(formula, count, at)
    needed = rounded_up(put(formula, **names))
    low, high = _segment(f"{name}#4", w_max=top, epsilon=eps)
    scale = sp.simplify(high * g**i)
    steps.identity(low, scale * g ** -(i + 1), of=f"{name}#4")
    window = le(sp.log(scale) - k * sp.log(1 + v), sp.log(2 * eps))
    steps.implies({ge(k, needed): sp.log(1 + v)}, window)
    aim = shown(f"{name}#6", **names)
    _, largest = right_side(f"{name}#5", "in", "w", w_max=top)
    steps.implies({le(w, largest): 1}, le(aim, scale))
    under, over = (
        le(half.lhs.replace(sp.Function("Sum_i"), lambda _: aim - r), half.rhs)
        for half in within(f"{name}#7", **names)
    )  # r is what the digits leave of the aim
    steps.implies({le(r, 2 * eps): 1}, under)
    steps.holds(over)
    one_sided, saved, most = (shown(f"{name}#{m}", **names) for m in (9, 10, 11))
    steps.identity(one_sided - needed, saved)
    steps.holds(lt(saved * sp.log(1 + v), most * sp.log(1 + v)))
    steps.identity(saved * sp.log(1 + v), sp.log(2 * top) - sp.log(top + eps))
    steps.implies({sides(f"{name}#2", "<", 1, **names): 1}, gt(2 * top, top + eps))
    up_to_golden(steps, f"{name}#1")
    ranges(steps, name, (1, 2), gamma=1 + v, epsilon=eps)


@proof(
    prose=("induction",),
    refute=lambda: _one_is_missed(
        "γ ≤ 1 + ρ", WIDE, lambda k: [y / 2 for y in _powers(WIDE, k)], ρ=Fraction(1, 2)
    ),
)
def digit_windows(steps: Steps) -> None:
    rho = sp.Symbol("rho", positive=True)
    low, high = _segment("digit-windows#5", rho=rho)
    bound = sides("digit-windows#7", "<=", 1, gamma=g, k=k).rhs
    narrow = le(g, right_side("digit-windows#8", "<=", g, gamma=g, rho=rho))
    _unfit(steps, bound, high)
    _fit(steps, bound, low, {narrow: g**-i})
    steps.identity(low, rho / (g - 1) * (g ** -(i - 1) - g**-i))
    power = 1 / (1 + h)  # γ^-k, for any k
    lows = rho / (g - 1) * (1 - power)
    wide = gt(narrow.lhs, narrow.rhs)
    steps.implies({put(wide, gamma=1 + v): (1 - power) / v}, gt((1 - lows).subs(g, 1 + v), power))
    at = {"ratio": (Fraction(1, 4), Fraction(2, 3), Fraction(1)), "k": range(1, 5)}

    def largest(ratio: Fraction) -> Fraction:
        return fraction(narrow.rhs.subs(rho, exactly(ratio)))

    steps.cases(lambda ratio, k: _windows_work(ratio, largest(ratio), k), **at)
    wider = Fraction(1, 100)
    steps.cases(lambda ratio, k: not _windows_work(ratio, largest(ratio) + wider, k), **at)
    _never_below_0(steps, "digit-windows#7", KEPT)
    _all_digits(steps, "digit-windows#6")
    widest = right_side("digit-windows#1", "<=", "rho", 1)  # then each window is one number
    steps.identity(low.subs(rho, widest), high, of="digit-windows#1")
    ranges(steps, "digit-windows", (1, 2, 3), rho=rho, gamma=1 + v, k=k)
    _begins(steps, "digit-windows#4", bound)


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


@proof(
    source="Kakeya 1914 for a series and ε = 0, Brown 1961 for integers; ★ for any ε",
    prose=("induction",),
    uses=("kakeya1914", "brown1961"),
    refute=_numbers_above_one_do_not_count,
)
def coverage_criterion(steps: Steps) -> None:
    y, before, whole = sp.symbols("y_j S_{j-1} S_n", nonnegative=True)
    known = {"y_j": y, "S_j-1": before, "S_n": whole, "epsilon": eps}
    each = le(y, right_side("coverage-criterion#7", "<=", y, **known))
    enough = sides("coverage-criterion#9", ">=", **known)
    error = sides("coverage-criterion#6", "<=", 1, **known).rhs
    # if: the remainder is at most error + S_j before y_j is looked at, and error after y_1
    _, heaviest = right_side("coverage-criterion#5", "in", "w")
    steps.implies({le(w, heaviest): 1, enough: 1}, le(w, error + whole))
    steps.implies({lt(r, y): 1, each: 1}, le(r, error + before))
    now = right_side("coverage-criterion#2", "=", "S_j", dots=before - sp.Symbol("y_1"), y_j=y)
    steps.implies({le(r, error + now): 1}, le(r - y, error + before))
    empty = right_side("coverage-criterion#3", "=", "S_0")
    steps.identity(error + empty, error, of="coverage-criterion#3")
    # only if: all numbers together for w = 1; those before y_j for a w just below it
    steps.implies({lt(enough.lhs, enough.rhs): 1}, gt(1 - whole, error))
    too_large = each.rhs + 2 * d
    zero, *_, largest = chain("coverage-criterion#1", "y_1 dots y_n", "<", "<=")
    steps.implies({gt(y, zero): 1}, gt(now, before))
    steps.implies({le(y, largest): 1, ge(y, too_large): 1}, lt(too_large - d, 1))
    steps.holds(gt(too_large - d - before, error))
    _never_below_0(steps, "coverage-criterion#6", sp.Function("Sum_iinI")(sp.Symbol("y_i")))
    ranges(steps, "coverage-criterion", 4, epsilon=eps)


def _greedy_rest(numbers: Sequence[int], weight: int) -> int:
    """What is left of a weight, largest number first."""
    for y in reversed(numbers):
        weight -= y if weight >= y else 0
    return weight


def _small_sets(
    covers: Callable[..., Any], values: Sequence[int], most: int, errors: Sequence[int]
) -> Iterator[tuple[bool, int, int, int]]:
    """For sets of eighths and every ε: what `covers` says, ε, and what subsets and greedy leave."""
    one = 8
    for count in range(1, most + 1):
        sets = list(combinations_with_replacement(values, count))
        gaps = [_gap(numbers, one) for numbers in sets]
        # of all weights from w on, below w + 1/8, greedy keeps the same numbers
        rests = [
            max(_greedy_rest(y, one), *(_greedy_rest(y, w) + 1 for w in range(one))) for y in sets
        ]
        for allowed in errors:
            said = np.asarray(covers(np.array(sets) / one, allowed / one)).tolist()
            yield from zip(said, [allowed] * len(sets), gaps, rests, strict=True)


@finite(
    code=(digits.covers,),
    uses=("coverage-criterion",),
    wrong={"covers": lambda samples, epsilon: digits.covers(samples, epsilon + 1 / 8)},
    refute=_numbers_above_one_do_not_count,
)
def coverage_criterion_finite(steps: Steps, covers: Callable[..., Any] = digits.covers) -> None:
    name = "coverage-criterion-finite"
    most = whole(right_side(f"{name}#1", "<=", sp.Symbol("n")))
    values, errors = (
        [whole(exactly(8 * number)) for number in listed(f"{name}#{m}", letter)]
        for m, letter in ((2, None), (3, "epsilon"))
    )
    steps.each(
        lambda said, allowed, gap, rest: said == (gap <= allowed) and (not said or rest <= allowed),
        _small_sets, covers, values, most, errors
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


@evidence(
    code=(digits.covers, batches.all_hit, coverage_draws),
    uses=("coverage-criterion",),
    wrong={"covers": lambda samples, epsilon: digits.covers(samples, epsilon / 4)},
    refute=_fewer_samples_fail,
)
def coverage_measured(steps: Steps, covers: Callable[..., Any] = digits.covers) -> None:
    name, trials = "coverage-measured", 20_000
    epsilon = right_side(f"{name}#1", "=", sp.Symbol("epsilon"))
    counts, enough, to_hit = (
        list(map(whole, map(exactly, listed(f"{name}#{m}", letter))))
        for m, letter in ((2, "k"), (4, "n"), (9, "n"))
    )
    wanted, wanted_hit = (fraction(shown(f"{name}#{m}")) for m in (3, 8))
    failing = lt(sp.Symbol("p"), 1 - exactly(wanted))
    for count, samples in zip(counts, enough, strict=True):
        drawn = coverage_draws(count, samples, trials)
        failures = ~np.asarray(covers(drawn, float(epsilon.subs("k", count))))
        surely(steps, failing, float(failures.mean()), trials)
        spans(steps, f"{name}#5", range_of(count), k=count)
    spans(steps, f"{name}#6", right_side("coverage-criterion#5", "in", "w"))
    least = dict(zip(counts, to_hit, strict=True))

    def least_to_hit_all(k: int) -> bool:
        hit, before = (batches.all_hit(k, Fraction(1, k), least[k] - less) for less in (0, 1))
        return hit >= wanted_hit > before

    steps.cases(least_to_hit_all, k=counts)
