"""Claims of the chapter *hyperbolic*: which laws make every digit equally likely.

Logarithms throughout: h = ln γ is the length of a digit's segment, L the width of a range.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import sympy as sp

from lpbook.batches import all_hit
from lpbook.constructions import GoldenRatio
from lpbook.digits import PHI, segments
from lpbook.distributions import Hyperbolic, Uniform, common_range_exponents, segment_probabilities
from lpbook.experiments.small_layers import closed, half_open
from lpbook.experiments.small_samples import (
    Shares,
    all_shares,
    filled,
    hit_sets,
    outcomes,
    rarest_segment,
)
from lpbook.ledger.binomial import binomial_chance
from lpbook.ledger.common import (
    IsDigit,
    at_most_one_digit,
    one_half,
    promised,
    spans,
    unless,
    up_to_golden,
)
from lpbook.ledger.core import Counterexample, Steps, exactly, finite, proof
from lpbook.ledger.exact import fraction, relu, subset_sums, whole
from lpbook.ledger.ranges import accepted, ranges
from lpbook.ledger.reading import above_zero, chain, counted, members, right_side, rounded_up
from lpbook.ledger.relations import ge, gt, le, lt
from lpbook.ledger.shown import put, shown, sides
from lpbook.ledger.tex import read

h, L, epsilon, delta, k, w_max = sp.symbols("h L epsilon delta k w_max", positive=True)
g = sp.exp(h)  # γ > 1
j = sp.Symbol("j", nonnegative=True)  # k = 2 + j or 3 + j
q = sp.Symbol("q", positive=True)
_N, _c, _p = sp.symbols("N c p")


def _segment_of(law: Any) -> Callable[[float, int], float]:
    """Probability of segment i in base γ."""

    def segment(gamma: float, i: int) -> float:
        return float(segment_probabilities(law, i, gamma)[-1])

    return segment


def _hyperbolic_is_cheap() -> Counterexample | None:
    digits = 10
    wait = 1 / _segment_of(Hyperbolic(PHI ** -(digits + 1), 1 / PHI))(PHI, digits)
    bound = PHI ** (digits + 1) / (PHI - 1)
    return unless(
        wait >= bound,
        "the weight is uniform: take it hyperbolic",
        {"γ": "φ", "ε": f"φ^-{digits}", "wait": round(wait, 4)},
        f"the last digit waits less than γ/((γ−1)ε) = {bound:.4g} samples",
    )


@proof(
    prose=("expectation",),
    code=(segment_probabilities,),
    wrong={"law": Uniform(1.01)},
    refute=_hyperbolic_is_cheap,
)
def uniform_segments_cost(steps: Steps, law: Any = Uniform(1.0)) -> None:
    z = sp.Symbol("z", positive=True)
    share = put(shown("uniform-segments-cost#7"), gamma=g, i=k)
    length = sp.integrate(1, (z, g ** -(k + 1), g**-k))
    steps.identity(length, share, of="uniform-segments-cost#7")
    # k = x + r digits: rounding up adds r = q/(1 + q), from 0 on and below 1
    x = rounded_up(right_side("uniform-segments-cost#3", "=", k, gamma=g, epsilon=epsilon, k=k))
    added = q / (1 + q)
    wait = 1 / share.subs(k, x + added)
    low, high = (shown("eq-uniform-segments-cost", i, gamma=g, epsilon=epsilon) for i in (0, 1))
    for ratio, log_ratio in ((wait / low, added * h), (high / wait, (1 - added) * h)):
        steps.identity(ratio, sp.exp(log_ratio), of="eq-uniform-segments-cost")
        steps.holds(gt(log_ratio, 0))
    steps.computes(
        shown("uniform-segments-cost#7"), _segment_of(law), {"gamma": (1.5, 1.25), "i": (1, 2, 10)}
    )
    spans(steps, "uniform-segments-cost#5", law.positive())
    ranges(steps, "uniform-segments-cost", (1, 2), gamma=g, epsilon=epsilon)
    largest = right_side("uniform-segments-cost#2", "<", epsilon, 1, epsilon=epsilon)
    steps.identity(x.subs(epsilon, largest), 0, of="uniform-segments-cost#2")  # no digit


def _one_uniform_weight_waits_longer() -> Counterexample | None:
    digits = 20
    wait = 1 / _segment_of(Uniform(1.0))(PHI, digits)
    bound = PHI ** (digits + 2) / ((PHI - 1) * float(digits * sp.log(PHI)))
    return unless(
        wait <= bound,
        "the weight is a product of two",
        {"γ": "φ", "ε": f"φ^-{digits}", "wait": f"{wait:.4g}"},
        f"one uniform weight waits longer than γ²/((γ−1) ε ln(1/ε)) = {bound:.4g} samples",
    )


@proof(
    prose=("independence", "measure", "monotonicity"),
    code=(Uniform.product, segment_probabilities),
    wrong={"law": Uniform(1.0)},
    refute=_one_uniform_weight_waits_longer,
)
def product_of_uniforms_cost(steps: Steps, law: Any = Uniform(1.0).product()) -> None:
    x, z, ell, rest, shrunk = sp.symbols("x z ell A E", positive=True)
    # given the first factor x, the second is at most z/x
    least, most = shown("product-of-uniforms-cost#3")
    cdf = sp.integrate(1, (x, least, z)) + sp.integrate(z / x, (x, z, most))
    share = cdf.subs(z, g**-k) - cdf.subs(z, g ** -(k + 1))
    names = {"gamma": g, "k": k}
    steps.derives("eq-product-of-uniforms-cost", "=", share, left=_p, **names)
    bracket = 1 - h / (g - 1)
    steps.identity(share, g**-k * (1 - 1 / g) * (k * h + bracket))
    steps.holds(ge(g, 1 + h), derivative=(h, 2))  # bracket >= 0
    half = (h - 2) * g + h + 2
    steps.identity(h / 2 - bracket, half / (2 * (g - 1)))
    steps.holds(ge(half, 0), derivative=(h, 2))  # bracket <= h/2
    # γ^-k = εE with E = e^-v, kh = ℓ + v, ℓ = ln(1/ε), 0 <= v < h; all in units of (1 - 1/γ)ε
    v = h * j / (1 + j)
    p = shrunk * (ell + v + rest)
    unit = (1 - 1 / g) * sp.exp(-ell)
    address, names = "eq-product-of-uniforms-cost-b", {"gamma": g, "epsilon": sp.exp(-ell)}
    low = sides(address, "<", 0, **names).lhs
    high = right_side(address, "<=", _p, 1, **names)
    steps.identity(low / unit, ell / g, of=address)
    steps.holds(lt(v, h))
    steps.implies({gt(shrunk, 1 / g): ell, ge(rest, 0): shrunk}, gt(p, ell / g))
    upper = ell + 3 * h / 2
    steps.identity(high / unit, upper, of=address)
    steps.implies({le(shrunk, 1): ell + v + rest, le(rest, h / 2): 1, lt(v, h): 1}, le(p, upper))
    steps.computes(
        shown("eq-product-of-uniforms-cost"),
        _segment_of(law),
        {"gamma": (1.5, 1.25), "k": (1, 2, 10)},
    )


def _one_base_is_not_enough() -> Counterexample | None:
    t, size = sp.Symbol("t", nonnegative=True), sp.log(sp.Rational(3, 2))
    density = (1 + sp.sin(2 * sp.pi * t / size)) / (2 * size)  # on [0, 2 ln(3/2)]

    def shares(step: Any, count: int) -> list[Any]:
        ends = [(i * step, (i + 1) * step) for i in range(count)]
        return [sp.simplify(sp.integrate(density, (t, *end))) for end in ends]

    return unless(
        len(set(shares(size, 2))) > 1 or len(set(shares(size / 2, 4))) == 1,
        "every base (base 3/2 alone)",
        {"density of t = −ln|w|": "(1 + sin 2πt/h)/(2h)", "h": "ln 3/2"},
        "equal segments, not uniform",
    )


@proof(
    source="Orseau et al. 2020 for (ii) ⇒ (i); ★ for the converse",
    prose=("induction", "limit", "monotonicity"),
    code=(Hyperbolic, segment_probabilities),
    uses=("orseau2020",),
    wrong={"law": lambda low, high: Uniform(high), "shared": 2},
    refute=_one_base_is_not_enough,
)
def equal_segments_iff_hyperbolic(
    steps: Steps, law: Callable[[float, float], Any] = Hyperbolic, shared: int = 1
) -> None:
    name, alpha = "equal-segments-iff-hyperbolic", sp.exp(-L)
    i, w = sp.Symbol("i", nonnegative=True), sp.Symbol("w", positive=True)
    density = shown(f"{name}#11", w=w, alpha=alpha)
    segment = shown(f"{name}#5", gamma=g, i=i)
    share = sp.expand_log(sp.integrate(density, (w, *segment)))
    weights = f"{name}#3"
    low = sides(weights, "<=", 0, alpha=alpha).lhs
    high = right_side(weights, "<=", sp.Abs(sp.Symbol("w")), 1)
    steps.identity(sp.expand_log(sp.integrate(density, (w, low, high))), 1, of=weights)
    spans(steps, f"{name}#7", (low, high), alpha=alpha)
    logarithm, ends = shown(f"{name}#8", w=w), shown(f"{name}#9", alpha=alpha)
    spans(steps, f"{name}#9", [logarithm.subs(w, end) for end in (low, high)], alpha=alpha)
    steps.identity(density / sp.diff(logarithm, w), 1 / (ends[1] - ends[0]), of=f"{name}#8")
    probability = f"{name}#12"
    steps.identity(share, shown(probability, gamma=g, alpha=alpha), of=probability)

    def second_segment(gamma: float, alpha: float) -> float:
        return _segment_of(law(alpha, 1.0))(gamma, 2)

    at = {"gamma": (1.5, 1.25), "alpha": (0.125, 0.25)}
    steps.computes(shown(probability), second_segment, at)
    _atoms_are_small(steps, shared)
    m, p = sp.symbols("m p", positive=True)
    base = right_side(f"{name}#14", "=", sp.Symbol("gamma"), alpha=alpha, m=m)
    steps.identity(m * sp.log(base), L, of=f"{name}#14")
    # no atoms: the m segments add up to 1, and the first n of them to np
    n, distribution, depth = sp.symbols("n H u", nonnegative=True)  # u = t/L
    (each,) = sp.solve(sp.Eq(m * p, 1), p)
    lower, upper = n * each, (n + 1) * each
    for one, other in ((distribution, depth), (depth, distribution)):
        steps.implies({le(one, upper): 1, ge(other, lower): 1}, le(one - other, 1 / m))
    widest = right_side(f"{name}#13", "<=", "gamma", alpha=alpha)
    certain = shown(probability, gamma=widest, alpha=alpha)  # one segment is all of [α, 1]
    steps.identity(certain, 1, of=f"{name}#13")
    ranges(steps, name, (1, 4, 6), alpha=alpha, gamma=g, i=i)


def _atoms_are_small(steps: Steps, shared: int) -> None:
    """Of m closed segments in a row, each of probability p, none has an atom above 2/m."""
    m, p, atom = sp.symbols("m p q", positive=True)
    # their sum S counts what lies inside once and shared ends e twice; T is that of their union
    first, inside, end, last, total, union = sp.symbols("f i e l S T", nonnegative=True)
    single = first + inside + shared * last
    steps.holds(le(single, 2 * (first + inside + last) - last))
    steps.implies(
        {le(total, 2 * union - end): 1},
        le(total + end + inside + shared * last, 2 * (union + inside + last) - last),
    )
    most = {le(m * p, 2 * union - end): 1, le(union, 1): 2, le(atom, p): m}
    steps.implies(most, le(m * atom, 2))


def _same_weight_twice() -> Counterexample | None:
    # a = b: ln|ab| = 2 ln|a| is uniform, so the middle half of the range has half the mass
    uniform, triangular = Fraction(1, 2), 1 - Fraction(1, 2) ** 2
    return unless(
        triangular == uniform,
        "the two weights are independent: take a = b",
        {"Pr[|ln|ab| − ln αβ| ≤ L/2]": uniform, "by the triangular law": triangular},
        "ln|ab| = 2 ln|a| is uniform, not triangular",
    )


def _triangle(z: Any, width: Any) -> Any:
    """Density of ln|ab| at distance z from its middle, for two factors on a range of that width."""
    middle = sp.log(sp.Symbol("alpha") * sp.Symbol("beta"))
    density = put(shown("eq-hyperbolic-product-law", 0), y=middle + z, L=width)
    return above_zero(density)


@proof(
    source="Folklore (a sum of two uniforms); used by Orseau et al. 2020",
    prose=("independence", "measure"),
    code=(Hyperbolic.product,),
    uses=("orseau2020",),
    wrong={"law": lambda low, high: Hyperbolic(low, 1.01 * high)},
    refute=_same_weight_twice,
)
def hyperbolic_product_law(steps: Steps, law: Callable[[float, float], Any] = Hyperbolic) -> None:
    r, s = sp.symbols("r s", nonnegative=True)
    alpha, beta = sp.symbols("alpha beta", positive=True)
    address = "eq-hyperbolic-product-law"
    # ln(|a|/α), ln(|b|/α) are uniform on [0, L]; their sum is L - r or L + r
    for low, high in ((0, L - r), (r, L)):
        steps.identity(sp.integrate(1 / L**2, (s, low, high)), _triangle(r, L), of=address)
    width = right_side(address, "=", sp.Symbol("L"), 2, alpha=alpha, beta=beta)
    product = shown("hyperbolic-product-law#3", a=alpha, b=beta)
    steps.identity(2 * sp.log(alpha) + width, product, of=address)
    middle = sp.log(sp.Symbol("alpha") * sp.Symbol("beta"))
    edge = right_side(address, "<=", sp.Abs(sp.Symbol("y") - middle), 1, L=L)
    steps.identity(2 * sp.integrate(_triangle(r, L), (r, 0, edge)), 1, of=address)

    def density(L: float, y: float) -> float:
        """Of ln|ab|, by the package; the middle of the range is at 1."""
        drawn = law(float(sp.exp(-L / 2)), float(sp.exp(L / 2))).product()
        z = float(sp.exp(y))
        return float(drawn.magnitude_pdf(z)) * z

    formula = put(shown(address, 0), alpha=1, beta=1)
    steps.computes(formula, density, {"L": (1.0, 4.0), "y": (-0.75, 0.0, 0.5)}, rel=1e-9)


def _different_ranges_do_better() -> Counterexample | None:
    digits, best = 4, Fraction(1, 6)
    found = rarest_segment(digits, Fraction(5), Fraction(1), Fraction(0))
    return unless(
        found <= best,
        "both factors have the same range: let ln|a| vary over 5 digits, ln|b| over one",
        {"k": digits, "smallest segment": found, "1/(2(k−1))": best},
        "every segment is likelier",
    )


BEST = "best-common-range#9"
"""The address of 1/(2(k - 1))."""


def _nearer_is_likelier(steps: Steps, digits: Any) -> None:
    """Q falls with the distance y of a segment's middle from the peak, strictly below g < L."""
    y, r, z = sp.symbols("y r z", positive=True)
    steps.holds(gt((y + h / 2) ** 2, (y - h / 2) ** 2))
    inside = _triangle(z, L)  # z <= L; beyond, f is 0
    steps.holds(lt(sp.diff(inside, z), 0))
    steps.identity(inside.subs(z, L), 0)
    steps.holds(gt(inside.subs(L, z + r), 0))  # so what is inside exceeds what is beyond
    steps.identity(sp.integrate(_triangle(z, L), (z, y - h / 2, y + h / 2)), h * _triangle(y, L))
    begins = (digits - 1) * h / 2 - h / 2  # the outermost segment, d = 0
    steps.holds(ge(begins, 0))
    steps.holds(lt(begins, (digits - 1) * h))


def _widths(steps: Steps, digits: Any) -> None:
    """The outermost segment has at most 1/(2(k - 1)), with equality at L = (k - 1)h."""
    best = shown(BEST, k=k)
    short = best - h * _triangle((k - 1) * h / 2, L)
    steps.identity(short, (L - (k - 1) * h) ** 2 / (2 * (k - 1) * L**2), of=BEST)
    steps.holds(ge((digits - 1) * h, digits * h / 2))  # wide enough for that
    x, z = sp.symbols("x z", nonnegative=True)  # narrower: L = g + x, 0 <= x <= h
    gap, narrow = j * h / 2, j * h / 2 + x
    piece = sp.integrate(_triangle(z, L), (z, L - x, L))
    steps.identity(piece, x**2 / (2 * L**2))
    inverse = 1 / (2 * best.subs(k, digits))  # k - 1
    steps.identity(inverse * h, 2 * gap + h)
    steps.implies({le(x, h): j * x}, ge(narrow**2, inverse * x**2))
    i = sp.Symbol("i", positive=True)  # k = 3 + j: strictly
    strict = gt(narrow**2, inverse * x**2)
    steps.implies({le(x, h): i * x}, strict.subs(j, i))


def _middle_of_segments(steps: Steps, both: Any) -> None:
    """The exponents of both ends have the sum that centres all segments of the statement."""
    segments, i = "eq-best-common-range-b", sp.Symbol("i")
    (drawn,) = shown(segments, 0).args
    (inside,) = read(drawn.name)
    first, last = right_side(segments, "=", "i", 1), shown(segments, 3)
    product = sp.Abs(sp.Symbol("a") * sp.Symbol("b"))
    if inside.func != sp.Function("in") or inside.args[0] != product:
        raise AssertionError(f"{segments} shows {inside}, no segment of |ab|")
    least, most = (sp.log(put(end, gamma=g, w_max=1)) / h for end in inside.args[1])
    steps.identity(most - least, 1, of=segments)
    for one, other in ((least, most), (most, least)):  # the middle of all segments
        outer = sp.expand(one.subs(i, last) + other.subs(i, first)) / 2
        steps.identity(both, sp.expand(outer.subs("k", k)), of=segments)


def _ends(steps: Steps, exponents: Callable[[Any], tuple[Any, Any]]) -> None:
    """Width and middle give the range of the statement, and the package's."""
    name, letters = "best-common-range", sp.symbols("alpha beta")
    low, high = exponents(k)
    steps.identity((high - low) * h, (k - 1) * h)
    names = {"alpha": g**low, "beta": g**high, "gamma": g, "k": k}
    left = sp.Symbol("L")
    for which, side in enumerate(((high - low) * h, (k - 1) * h)):
        left = right_side(f"{name}#6", "=", left, which, **names)
        steps.identity(left, side, of=f"{name}#6")
    _middle_of_segments(steps, low + high)
    least, most = exponents(right_side(f"{name}#12", "=", k, k=k))  # all products in one segment
    steps.holds(ge(2 * least, -2))
    steps.holds(le(2 * most, -1))
    names = {"gamma": g, "k": k, "w_max": w_max}
    ends = ("eq-best-common-range", 0, low), ("eq-best-common-range", 1, high)
    singly = (f"{name}#13", 0, least), (f"{name}#14", 0, most)
    for letter, (address, which, end) in zip(letters * 2, (*ends, *singly), strict=True):
        steps.derives(address, "=", sp.sqrt(w_max) * g**end, left=letter, which=which, **names)


def _settings() -> Iterator[tuple[int, Fraction, Fraction]]:
    """Digits, widths and shifts, in digits."""
    for digits in range(2, 7):
        for width, shift in itertools.product(range(1, 6 * digits), range(-3, 4)):
            yield digits, Fraction(width, 2), Fraction(shift, 3)


@proof(
    prose=("case distinction", "monotonicity"),
    code=(common_range_exponents, Hyperbolic.for_digits, GoldenRatio),
    uses=("hyperbolic-product-law",),
    wrong={"exponents": lambda k: (-k, 0), "second": lambda width: Fraction(1)},
    refute=_different_ranges_do_better,
)
def best_common_range(
    steps: Steps,
    exponents: Callable[[Any], tuple[Any, Any]] = common_range_exponents,
    second: Callable[[Fraction], Fraction] = lambda width: width,
) -> None:
    name = "best-common-range"
    least, alone = (whole(right_side(f"{name}#{i}", ">=", k, k=k)) for i in (2, 11))
    _nearer_is_likelier(steps, least + j)
    _widths(steps, least + j)
    _ends(steps, exponents)
    for address, value in (("#10", shown(BEST, k=k) / 4), ("#15", sp.Rational(1, 4))):
        steps.derives(name + address, "=", value, left=_c, k=k)
    best = {n: fraction(shown(BEST, k=n)) for n in range(least, 7)}

    def no_better(k: int, L: Fraction, d: Fraction) -> bool:
        """Any width, any centre; from k = 3 on the maximum is at one place."""
        found = rarest_segment(k, L, second(L), d)
        here = k - 1 == L and d == 0
        return found <= best[k] and ((found == best[k]) == here or k < alone)

    steps.each(no_better, _settings)
    steps.computes(shown(BEST), _rarest_of(Hyperbolic.for_digits), {"k": (2, 3, 10)}, rel=1e-9)
    steps.computes(shown("best-common-range#10"), _category("common"), {"k": (2, 3, 10)})
    ranges(steps, name, 1, gamma=g)


def _rarest_of(law: Callable[[int], Any]) -> Callable[[int], float]:
    """The smallest probability of a segment, for two factors of the law for k digits."""

    def rarest(k: int) -> float:
        return float(segment_probabilities(law(k).product(), k).min())

    return rarest


def _category(law: str, nonnegative: bool = False) -> Callable[[int], float]:
    """Probability of one category in the package, for k digits."""

    def probability(k: int) -> float:
        scheme = GoldenRatio(law=law).scheme(1.0, PHI ** (0.5 - k))
        return scheme.probability(nonnegative) if scheme.digits == k else -1.0

    return probability


def _other_epsilon() -> Counterexample | None:
    # ε = γ^-(k − 1/2) needs k digits as well
    digits, half = Fraction(6), Fraction(1, 2)
    width = 2 * (digits - half)
    ratio = (width - (digits + half)) / width**2 * 2 * (digits - 1)
    formula = (digits - half) * (digits - 1) / (2 * digits**2)
    return unless(
        ratio == formula,
        "ε is a power of γ: take ε = γ^-5.5, which needs 6 digits too",
        {"ratio": ratio, "formula": formula},
        "the ratio is another one",
    )


@proof(
    prose=("limit",),
    code=(Hyperbolic.product, segment_probabilities),
    uses=("hyperbolic-product-law", "best-common-range"),
    wrong={"exponent": lambda k: k - sp.Rational(1, 2)},
    refute=_other_epsilon,
)
def naive_range(steps: Steps, exponent: Callable[[Any], Any] = lambda k: k) -> None:
    name, end = "naive-range", g ** -exponent(k)
    steps.derives(f"{name}#1", "=", end, left=sp.Symbol("epsilon"), gamma=g, k=k)
    least = whole(right_side(f"{name}#2", ">=", k, k=k))
    steps.identity(right_side("best-common-range#2", ">=", k, k=k), least, of=f"{name}#2")
    low, high = (sp.log(x) for x in shown(f"{name}#3", epsilon=end))
    steps.identity(low + high, 0, of=f"{name}#3")  # the peak
    width = sp.simplify(high - low)
    inside = ge(width, (k + 1) * h)  # segment k is the farthest from the peak at 0
    steps.holds(put(inside, k=least + j))
    z = sp.Symbol("z", positive=True)
    share = sp.integrate(_triangle(z, width), (z, k * h, (k + 1) * h))
    steps.identity(share, shown("naive-range#4", k=k), of="naive-range#4")
    ratio = shown("naive-range#5", k=k)
    steps.identity(share / shown(BEST, k=k), ratio, of="naive-range#5")
    steps.identity(shown("naive-range#6") - ratio, (3 * k - 1) / (4 * k**2), of="naive-range#6")
    steps.holds(gt(((3 * k - 1) / (4 * k**2)).subs(k, least + j), 0))
    steps.identity(sp.limit(ratio, k, sp.oo), shown("naive-range#7"), of="naive-range#7")

    def obvious(k: int) -> Any:
        return Hyperbolic(PHI ** -float(exponent(k)), PHI ** float(exponent(k)))

    steps.computes(shown("naive-range#4"), _rarest_of(obvious), {"k": (2, 3, 10)}, rel=1e-9)


def _exponents(digits: int) -> list[Fraction]:
    """Of the ends of all segments, and of a number inside each of them."""
    return [Fraction(n, 2) for n in range(2, 2 * digits + 3)]


def _a_neuron_counted_twice() -> Counterexample | None:
    digits, atoms = 4, {2: Fraction(1, 2), 4: Fraction(1, 2)}
    shares = [
        sum((p for x, p in atoms.items() if closed(x, i)), Fraction(0))
        for i in range(1, digits + 1)
    ]
    return unless(
        min(shares) <= Fraction(1, digits),
        "segments are half-open: with closed ones a neuron on a shared end counts for two digits",
        {
            "k": digits,
            "|ab|": "γ⁻² or γ⁻⁴, 1/2 each",
            "closed segments": ", ".join(str(s) for s in shares),
        },
        f"every segment has more than 1/k = 1/{digits}",
    )


@proof(
    prose=("independence", "measure"),
    code=(GoldenRatio,),
    uses=("equal-segments-iff-hyperbolic", "best-common-range"),
    wrong={"is_digit": closed},
    refute=_a_neuron_counted_twice,
)
def constant_inner_best(steps: Steps, is_digit: IsDigit = half_open) -> None:
    name = "constant-inner-best"
    low, high = (shown(f"{name}#{i}", gamma=g, k=k, w_max=w_max) for i in (3, 4))
    size = right_side(f"{name}#1", "=", sp.Abs(sp.Symbol("b")))
    steps.identity(size * low, w_max * g ** -(k + 1), of=f"{name}#1")  # all segments
    width = sp.expand_log(sp.log(high) - sp.log(low))
    mass = shown("equal-segments-iff-hyperbolic#12", gamma=g, alpha=sp.exp(-width))
    steps.identity(mass, shown(f"{name}#7", k=k), of=f"{name}#7")
    both = right_side(f"{name}#8", "=", _c, k=k)
    steps.identity(mass / 4, both, of=f"{name}#8")
    common = right_side("best-common-range#10", "=", _c, k=k)
    steps.identity(both / common, shown(f"{name}#10", k=k), of=f"{name}#10")
    alone = shown(f"{name}#12")
    for c in (
        both.subs(k, right_side(f"{name}#11", "=", k, k=k)),
        right_side("best-common-range#15", "=", _c),
    ):
        steps.identity(c, alone, of=f"{name}#12")

    def at_most_one_digit(k: int, x: Fraction) -> bool:
        return sum(is_digit(x, i) for i in range(1, k + 1)) <= 1

    steps.cases(at_most_one_digit, k=range(1, 7), x=_exponents(7))
    # disjoint: their probabilities have a sum s of at most 1
    c, s = sp.symbols("c s", positive=True)
    half = right_side(f"{name}#19", "=", _c, k=k)
    for number, best, bound in ((14, shown(f"{name}#15", k=k), "#15"), (16, half, "#19")):
        count = shown(f"{name}#{number}", k=k)
        steps.implies({le(count * c, s): 1 / count, le(s, 1): 1 / count}, le(c, best))
        steps.identity(count * best, 1, of=name + bound)
    steps.identity(mass / 2, half, of=f"{name}#19")
    fixed = right_side(f"{name}#18", "=", "b")
    steps.identity(relu(fixed * c), c, of=f"{name}#18")  # at an input c above 0
    one_half(steps, f"{name}#17", ">", "b")
    steps.computes(shown(f"{name}#8"), _category("constant"), {"k": (1, 2, 10)})
    steps.computes(shown(f"{name}#19"), _category("constant", True), {"k": (1, 2, 10)})
    least = right_side("best-common-range#2", ">=", k, k=k)
    steps.identity(right_side(f"{name}#9", ">=", k, k=k), least, of=f"{name}#9")


def _two_of_one_digit() -> Counterexample | None:
    equal, other = (filled((p, 1 - p), (2, 1), 3) for p in (Fraction(1, 2), Fraction(2, 3)))
    return unless(
        other <= equal,
        "the same number is wanted of every category: want two of the first, one of the second",
        {"k": 2, "N": 3, "shares": "2/3, 1/3", "probability": other, "with equal shares": equal},
        "unequal shares fill the categories more often",
    )


def _races(spare: int) -> Iterator[tuple[Any, ...]]:
    """Laws, how many are wanted, halves, and how many samples beyond the least number."""
    for categories, parts, *wanted in ((2, 6, 2, 1), (3, 6, 1, 1), (2, 4, 1, 2)):
        for shares in all_shares(categories, parts):
            yield from ((shares, *wanted, more) for more in range(spare, spare + 3))


def _no_law_is_faster(shares: Shares, m: int, halves: int, more: int) -> bool:
    """Equal shares fill all categories most often, and no other shares do."""
    k, name = len(shares), "equal-shares-fill-fastest"
    least = whole(right_side(f"{name}#{6 if halves == 1 else 9}", ">=", _N, k=k, m=m))
    best = (fraction(put(chain(f"{name}#8", "p_1 dots p_k", "=")[-1], k=k)),) * k
    part = Fraction(1) if halves == 1 else fraction(shown(f"{name}#11", p_i=1))
    equal, found = (
        filled([part * p for p in law] * halves, [m] * k * halves, least + more)
        for law in (best, shares)
    )
    return equal > 0 and (found == equal if shares == best else found < equal)


def _conditions(first: int, share: Callable[..., Any]) -> Iterator[tuple[Any, ...]]:
    """Laws of three categories, and numbers of samples."""
    for shares, samples in itertools.product(all_shares(3, 5), range(3, 6)):
        yield shares, samples, first, share


def _given_the_rest(law: Shares, samples: int, first: int, share: Callable[..., Any]) -> bool:
    """Given what falls elsewhere, a binomial number decides whether the first ones get theirs.

    One category: n samples fall into it or outside. Two: n samples fall into the two, and the
    outside is elsewhere.
    """
    rest = law[1:] if first == 1 else (*law[2:], 1 - sum(law, Fraction(0)))
    joint, total = 1 - sum(rest, Fraction(0)), Fraction(0)
    for (*elsewhere, n), chance in outcomes((*rest, joint), samples):
        if joint and min(elsewhere[: 3 - first]) >= 1:
            most = n if first == 1 else n - 1
            total += chance * binomial_chance(n, share(law[0], joint), range(1, most + 1))
    return total == filled(law, (1, 1, 1), samples)


def _term(trials: Any, hits: Any, x: Any) -> Any:
    """Probability of so many hits, each with probability x."""
    return sp.binomial(trials, hits) * x**hits * (1 - x) ** (trials - hits)


def _telescopes(n: int, u: int, v: int) -> bool:
    """The derivative of Pr[u <= X <= v] is n(B_{n-1}(u - 1) - B_{n-1}(v))."""
    x = sp.Symbol("x")
    chance = sum(_term(n, i, x) for i in range(u, v + 1))
    before = _term(n - 1, u - 1, x) if u else 0
    return v < u or sp.expand(sp.diff(chance, x) - n * (before - _term(n - 1, v, x))) == 0


@proof(
    source="Folklore (coupon collector); applied here ★",
    prose=("compactness", "conditioning", "monotonicity"),
    wrong={"spare": -1, "share": lambda p, joint: p},
    refute=_two_of_one_digit,
)
def equal_shares_fill_fastest(
    steps: Steps, spare: int = 0, share: Callable[..., Fraction] = operator.truediv
) -> None:
    x, v = sp.symbols("x v", positive=True)
    m, i, e = sp.symbols("m i e", integer=True, positive=True)
    f = sp.Symbol("f", integer=True, nonnegative=True)
    n = i + f  # 1 <= i <= n
    slope = n * (_term(n - 1, i - 1, x) - _term(n - 1, i, x))
    steps.identity(sp.diff(_term(n, i, x), x), slope)
    steps.cases(_telescopes, n=range(1, 6), u=range(6), v=range(6))
    for first in (1, 2):
        steps.each(_given_the_rest, _conditions, first, share)
    n = 2 * m + e - 1  # the derivative of Pr[m <= X <= n - m], over its binomial coefficient
    lower, upper = x ** (m - 1) * (1 - x) ** (n - m), x ** (n - m) * (1 - x) ** (m - 1)
    steps.identity(sp.binomial(n - 1, n - m) / sp.binomial(n - 1, m - 1), 1)
    power = (1 - x) ** e - x**e
    steps.identity(sp.expand(lower - upper), sp.expand((x * (1 - x)) ** (m - 1) * power))
    steps.identity(((1 - x) / x).subs(x, 1 / (2 * (1 + v))), 1 + 2 * v)  # every x < 1/2
    steps.holds(gt(e * sp.log(1 + 2 * v), 0))
    name = "equal-shares-fill-fastest"
    steps.identity(x * sp.Rational(1, 2) ** 2, shown(f"{name}#11", p_i=x), of=f"{name}#11")
    steps.each(_no_law_is_faster, _races, spare)
    ranges(steps, name, 5, m=m)
    least = right_side(f"{name}#9", ">=", _N, m=m)
    steps.identity(shown(f"{name}#10") * m, least, of=f"{name}#9")
    first, last = counted(f"{name}#2", "i", k=k)
    each = put(chain(f"{name}#8", "p_1 dots p_k", "=")[-1], k=k)
    most = right_side(f"{name}#4", "<=", sp.Function("Sum_i")(sp.Symbol("p_i")))
    steps.identity((last - first + 1) * each, most, of=f"{name}#4")


def _disc_is_worse_for_two_digits() -> Counterexample | None:
    disc, common = sp.pi / 8, sp.Rational(1, 2)
    return unless(
        not disc < common, "k ≥ 3", {"k": 2, "π/(4k)": "π/8", "1/(2(k−1))": common}, "it does worse"
    )


@proof(
    prose=("limit", "measure"), uses=("best-common-range",), refute=_disc_is_worse_for_two_digits
)
def quarter_disc_law(steps: Steps) -> None:
    x, u, v, i, radius = sp.symbols("x u v i rho", positive=True)
    name = "quarter-disc-law"
    product = sp.prod(put(shown(f"{name}#3"), U=s, gamma=g, k=k, w_max=w_max) for s in (u, v))
    steps.identity(product, w_max * g ** (-1 - k * (u**2 + v**2)), of=f"{name}#3")
    low, high = shown(f"{name}#5")
    disc = sp.simplify(sp.integrate(sp.sqrt(radius**2 - x**2), (x, low, radius)))
    steps.identity(sp.sqrt(i / k).subs(i, k), high, of=f"{name}#5")  # the largest radius
    inner, outer = (disc.subs(radius, sp.sqrt(at / k)) for at in (i - 1, i))
    ring = shown(f"{name}#8", k=k)
    steps.identity(outer - inner, ring, of=f"{name}#8")
    common = shown(f"{name}#10", k=k)
    steps.identity(common, shown(BEST, k=k), of=f"{name}#10")
    excess = (sp.pi - 2) * k - sp.pi
    steps.identity(ring - common, excess / (4 * k * (k - 1)), of=f"{name}#8")
    least = whole(right_side(f"{name}#9", ">=", k, k=k))
    steps.holds(gt(sp.expand(excess.subs(k, least + j)), 0))
    steps.identity(sp.limit(ring / common, k, sp.oo), shown(f"{name}#12"), of=f"{name}#12")


def _one_neuron_for_two_digits() -> Counterexample | None:
    # closed segments: |ab| = φ^-2 always is in both, and has each pair of signs with 1/4
    digits, risk, c = 2, Fraction(1, 100), Fraction(1, 4)
    if not all(closed(digits, i) for i in (1, 2)):
        return None
    samples = int(sp.ceiling(sp.log(2 * digits / exactly(risk)) / exactly(c)))
    # w = 1 needs two neurons of either sign of b: one alone is off by 1 − φ^-2 > φ^-2
    fails = 1 - filled((c, c), (2, 2), samples)
    return unless(
        fails <= risk,
        "half-open segments (closed ones instead)",
        {"k": digits, "|ab|": "φ⁻² always", "w": 1, "δ": risk, "N": samples},
        f"N samples hold no ticket with probability {float(fails):.4f} > δ",
    )


ROOT = Fraction(5, 4)
"""The square root of a base, so that the products of `_exponents` are fractions."""


def _draws_that_hit(is_digit: IsDigit) -> Iterator[tuple[int, Any]]:
    """Exponents of products that hit all k digits, up to one more than k of them."""
    for k in (1, 2, 3):
        for count in range(1, k + 2):
            for drawn in itertools.combinations_with_replacement(_exponents(k), count):
                if all(any(is_digit(x, i) for x in drawn) for i in range(1, k + 1)):
                    yield k, drawn


def _some_add_up(k: int, drawn: Sequence[Fraction]) -> bool:
    """Every weight up to 1 is a sum of some of them, within the error of the statement."""
    address = "one-weight-logarithmic#16"
    error = fraction(shown(address, w_max=1, gamma=exactly(ROOT**2), k=k))
    sizes = [ROOT ** -int(2 * x) for x in drawn]
    address, size = "one-weight-logarithmic#4", sp.Abs(sp.Symbol("w"))
    low, high = sides(address, "<", 0).lhs, right_side(address, "<=", size, 1, w_max=1)
    sums, weights = set(subset_sums(sizes)), range(24 * whole(low) + 1, 24 * whole(high) + 1)
    return all(any(abs(total - Fraction(w, 24)) <= error for total in sums) for w in weights)


@proof(
    source="Orseau et al. 2020; the constants ★",
    prose=("independence", "union bound"),
    code=(segments, all_hit),
    uses=(
        "coupon-collector", "sign-rule", "digits-suffice", "constant-inner-best", "orseau2020"
    ),
    wrong={"is_digit": closed},
    refute=_one_neuron_for_two_digits,
)  # fmt: skip
def one_weight_logarithmic(steps: Steps, is_digit: IsDigit = half_open) -> None:
    name, formula = "one-weight-logarithmic", "eq-one-weight-logarithmic"
    low, high = (sides(f"{name}#10", s, n, w_max=1) for n, s in enumerate(("<=", "<")))
    at_most_one_digit(steps, f"{name}#10", "i", w_max=1)
    at = {"gamma": (1.5, 1.25), "i": (1, 2, 10)}
    for n, end in enumerate((low.lhs, high.rhs)):

        def segment_end(gamma: float, i: int, n: int = n) -> float:
            return float(segments(i, gamma)[n][-1])

        steps.computes(end, segment_end, at)
    steps.each(_some_add_up, _draws_that_hit, is_digit)
    c, x, y, v, r, s = sp.symbols("c x y v r s", positive=True)
    categories = shown(f"{name}#11", k=k)
    first, last = counted(f"{name}#6", "i", k=k)
    steps.identity(2 * (last - first + 1), categories, of=f"{name}#11")  # for both signs
    coupons = right_side("coupon-collector#6", "=", sp.Symbol("M"), k=categories, c=c, delta=delta)
    steps.derives(f"{name}#13", "=", coupons, left=_N, c=c, k=k, delta=delta)
    # k = x + v digits, v >= 0
    names = {"w_max": w_max, "gamma": g}
    digits = right_side(f"{name}#22", "=", sp.Symbol("x"), 0, epsilon=epsilon, **names) + v
    error = shown(f"{name}#20", k=digits, **names)
    steps.identity(error, epsilon * sp.exp(-v * h), of=f"{name}#20")
    steps.holds(le(sp.exp(-v), 1), derivative=(v, 1))
    share = right_side("constant-inner-best#8", "=", _c, k=k)
    count = coupons.subs(c, share)
    steps.derives(formula, "=", count, left=_N, which=0, k=k, delta=delta)
    cost = 4 * y * sp.log(2 * y / delta)  # it grows with y >= 1, and k < x + 1
    steps.identity(cost.subs(y, k), rounded_up(count))
    least = right_side(f"{name}#2", ">=", k, k=k)
    steps.holds(gt(sp.diff(cost, y).subs({y: least + s, delta: 1 / (1 + r)}), 0))
    steps.derives(formula, "<", cost.subs(y, x + 1) + 1, left=count, which=1, x=x, k=k, delta=delta)
    steps.cases(_enough, k=(1, 2, 3, 10), delta=(Fraction(1, 2), Fraction(1, 100)))
    ranges(steps, name, (1, 3, 12), gamma=g, delta=1 / (1 + r), c=c)
    up_to_golden(steps, f"{name}#1")
    steps.holds(sides(f"{name}#22", ">", 1, epsilon=epsilon, gamma=g, w_max=epsilon * (1 + s)))
    steps.identity(rounded_up(right_side(f"{name}#21", "=", "k", x=x)), x, of=f"{name}#21")


def _enough(k: int, delta: Fraction) -> bool:
    """All categories are hit by the N of the statement with probability at least 1 - δ."""
    samples = right_side("eq-one-weight-logarithmic", "=", _N, 0, k=k, delta=exactly(delta))
    promise = shown("one-weight-logarithmic#14", delta=exactly(delta))
    return bool(all_hit(2 * k, Fraction(1, 4 * k), whole(samples)) >= promise)


Kinds = Sequence[tuple[int, ...]]
"""The categories that a sample of each kind hits."""
DISJOINT = (1,), (2,), (3,)
OVERLAPPING = (1, 2), (2,), (3,)


def _experiments(kinds: Kinds) -> Iterator[tuple[Any, Any, int]]:
    """Up to five samples of all laws in sixths; some categories, and another one."""
    sets = [frozenset(kind) for kind in kinds]
    for shares, samples in itertools.product(all_shares(3, 6), range(1, 6)):
        law = hit_sets(sets, shares, samples)
        yield from ((law, *events) for events in (({1}, 2), ({2}, 3), ({1, 3}, 2), ({2, 3}, 1)))


def _less_likely_together(law: dict[Any, Fraction], given: set[int], other: int) -> bool:
    """Pr[A, j hit] <= Pr[A] Pr[j hit]."""
    first, second, both = (
        sum((p for hit, p in law.items() if wanted <= hit), Fraction(0))
        for wanted in (given, {other}, given | {other})
    )
    return both <= first * second


def _atoms_need_fewer() -> Counterexample | None:
    digits, risk = 20, Fraction(1, 100)
    # each value has probability 1/k, and 1/4 for the signs; it lies in two closed segments, so
    # that 2k categories of probability 1/(4k) each are hit iff k values with signs are
    bound = sides("eq-one-weight-no-fewer", ">=", k=digits, delta=exactly(risk)).rhs
    for samples in range(digits, int(bound)):
        if all_hit(digits, Fraction(1, 4 * digits), samples) >= 1 - risk:
            return Counterexample(
                "a sample falls into at most one category: let it fall into two",
                {
                    "k": digits,
                    "|ab|": f"γ⁻², γ⁻⁴, …, γ^−{digits}, 1/{digits} each, else useless",
                    "δ": risk,
                    "N": samples,
                    "bound": round(float(bound), 1),
                },
                "each closed segment has 1/(4k) with its signs, and N samples hit all of them",
            )
    return None


@proof(
    prose=("conditioning", "induction"),
    code=(all_hit,),
    wrong={"kinds": OVERLAPPING},
    refute=_atoms_need_fewer,
)
def one_weight_no_fewer(steps: Steps, kinds: Kinds = DISJOINT) -> None:
    name = "one-weight-no-fewer"
    steps.each(_less_likely_together, _experiments, kinds)
    # one category more: P of the first j of them, Q of one more; g = 1 - y, that of one
    before, after, hit, power = sp.symbols("P Q g P_j", nonnegative=True)
    steps.implies({le(after, before * hit): 1, le(before, power): hit}, le(after, power * hit))
    u = sp.Symbol("u", real=True)
    t, tau, y, n = sp.symbols("t tau y N", positive=True)
    steps.holds(ge(sp.exp(u), 1 + u), derivative=(u, 2))
    categories, share = (shown(f"{name}#{i}", k=k) for i in (3, 4))
    steps.identity(sp.exp(u).subs(u, -y) ** categories, sp.exp(-categories * y))
    # 1 - δ = e^-τ is at most that only if 2ky <= τ; 4k/(4k - 1) = 1 + t, and y = (1 + t)^-N
    many = (1 + t) / (4 * t)
    steps.identity(1 - share.subs(k, many), 1 / (1 + t), of=f"{name}#4")
    formula = right_side("eq-one-weight-no-fewer", ">=", _N, k=many, delta=1 - sp.exp(-tau))
    missed = sp.log(categories.subs(k, many)) - n * sp.log(1 + t)  # ln(2ky)
    steps.identity(missed.subs(n, sp.simplify(formula)), sp.log(tau), of="eq-one-weight-no-fewer")
    steps.holds(lt(sp.diff(missed, n), 0))
    steps.cases(_no_fewer, k=(1, 2, 3, 10), delta=(Fraction(1, 2), Fraction(1, 100)))
    ranges(steps, name, 2, delta=1 - sp.exp(-tau))
    accepted(steps, f"{name}#1", lambda k: all_hit(k, Fraction(1, 4), 1), by=1)
    promised(steps, "one-weight-no-fewer#6")


def _no_fewer(k: int, delta: Fraction) -> bool:
    """The greatest whole number below the bound is not enough."""
    bound = right_side("eq-one-weight-no-fewer", ">=", _N, k=k, delta=exactly(delta))
    samples = max(int(sp.ceiling(bound)) - 1, 0)
    return all_hit(2 * k, Fraction(1, 4 * k), samples) < 1 - delta


def _overlapping_categories_beat_the_product() -> Counterexample | None:
    # two categories that are one and the same: both are hit as soon as one is
    share, samples = Fraction(1, 4), 4
    both = 1 - (1 - share) ** samples
    return unless(
        both <= both**2,
        "the categories are disjoint: let the two be the same",
        {"k": 1, "N": samples, "both hit": both, "product": both**2},
        "they are hit together more often than the product says",
    )


@finite(
    code=(all_hit,),
    uses=("constant-inner-best",),
    wrong={"chance": lambda categories, p, samples: all_hit(categories, p, samples + 1)},
    refute=_overlapping_categories_beat_the_product,
)
def one_weight_no_fewer_finite(
    steps: Steps, chance: Callable[[int, Fraction, int], Fraction] = all_hit
) -> None:
    name = "one-weight-no-fewer-finite"
    digits = [whole(k) for k in members(f"{name}#1", "k")]
    most = whole(right_side(f"{name}#2", "<", _N))
    count, share, bound = (shown(f"{name}#{i}") for i in (3, 4, 6))
    steps.identity(share, right_side("constant-inner-best#8", "=", _c), of=f"{name}#4")
    n = sp.Symbol("n")
    product = (1 - (1 - _p) ** _N) ** n
    steps.identity(product.subs({_p: share, n: count}), bound, of=f"{name}#6")
    exact = sp.lambdify((_p, n, _N), product, modules=[{}])  # with fractions

    def at_most_the_product(k: int, N: int) -> bool:
        p, n = fraction(put(share, k=k)), whole(put(count, k=k))
        return bool(chance(n, p, N) <= exact(p, n, N))

    steps.cases(at_most_the_product, k=digits, N=range(most))
