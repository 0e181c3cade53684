"""Claims of the chapter *lower_bound*: why no one beats the logarithm."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from fractions import Fraction
from functools import partial
from itertools import combinations, combinations_with_replacement, product
from typing import Any

import numpy as np
import sympy as sp
from sympy.core.function import AppliedUndef

from lpbook import lower_bounds
from lpbook.constructions import GoldenRatio
from lpbook.digits import PHI, count_digits
from lpbook.ledger.common import drawn_in_weights, one_half, promised, unless
from lpbook.ledger.core import Counterexample, Steps, finite, proof
from lpbook.ledger.exact import relu, subset_sums, whole
from lpbook.ledger.ranges import accepted, ranges
from lpbook.ledger.reading import right_side
from lpbook.ledger.relations import ge, gt, le, lt
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import Network
from lpbook.pruning import Plan, plan

eps, w, R, kappa, x, y, v = sp.symbols("epsilon w_max R kappa_n x y v", positive=True)
p = sp.Symbol("p", positive=True)  # 1 - δ
r, s = sp.symbols("r s", real=True)
n, m, k, N = sp.symbols("n m k N", integer=True, positive=True)


def _bits(networks: Any) -> Any:
    """log₂ of a number of networks."""
    return sp.log(networks) / sp.log(2)


def _networks(bits: Any, **at: Any) -> Any:
    """2 to the power of a number of bits, exactly, at some values."""
    return sp.exp(sp.expand(put(bits, **at) * sp.log(2)))


def furthest(sums: Iterable[Any], epsilon: Any) -> Any:
    """The largest w such that [-w, w] is within ε of the sums, exactly; -1 if not even 0 is."""
    ordered = sorted(set(sums))
    return min(_end(ordered, epsilon), _end([-s for s in reversed(ordered)], epsilon))


def _end(ordered: Sequence[Any], epsilon: Any) -> Any:
    """Where the covered part that holds 0 ends on the right; -1 if 0 is not covered."""
    end: Any = -1
    for number in ordered:
        if abs(number) <= epsilon or (end >= 0 and number - epsilon <= end):
            end = number + epsilon
    return end


# -- one weight ------------------------------------------------------------------------------------


def _three_states() -> Counterexample | None:
    numbers = (2, 6, 18)
    found = furthest(map(sum, product(*((-a, 0, a) for a in numbers))), 1)
    return unless(
        found <= 2 ** len(numbers),
        "a number is kept or deleted",
        {"numbers": numbers, "ε": 1, "w_max": found},
        f"if it may be negated too, 3 do, fewer than log₂ {found} = {math.log2(found):.2f}",
    )


def _small_sets(states: int) -> Iterator[tuple[int, Any]]:
    """Sets of statesⁿ numbers on a grid of halves: n, and how far they reach for ε = 1."""
    grid = [Fraction(i, 2) for i in range(-9, 10)]
    for size in (0, 1, 2):
        for chosen in combinations(grid, states**size):
            yield size, furthest(chosen, 1)


@proof(
    source="Folklore; for matrices, Pensia et al. 2020",
    prose=("induction",),
    code=(lower_bounds.weight_bits,),
    wrong={"states": 3},
    refute=_three_states,
)
def counting_one_weight(steps: Steps, states: int = 2) -> None:
    n = sp.Symbol("n", integer=True, nonnegative=True)
    name, known = "counting-one-weight", {"n": n, "epsilon": eps, "w_max": w}
    steps.implies({le(s - eps, r): 1}, le(s + eps, r + 2 * eps))  # without a gap behind r
    members = shown(f"{name}#3", n=n)
    low, high = right_side(f"{name}#4", "in", "w", w_max=w)
    most = sp.solve(low + members * 2 * eps - high, w)[0]  # from -w_max on, up to w_max
    steps.derives(f"eq-{name}", ">=", _bits(w / most * members), n, **known)
    reaches = sp.lambdify(n, most.subs(eps, 1))
    steps.each(lambda n, reach: reach <= reaches(n), _small_sets, states)
    centre, j = shown(f"{name}#9", **known), sp.Symbol("j")
    first, end = sides(f"{name}#10", "<=", 0).lhs, right_side(f"{name}#10", "<", "j", 1, n=n)
    steps.identity(centre.subs(j, first) - eps, -most, of=f"{name}#9")
    steps.identity(centre.subs(j, j + 1) - eps, centre + eps, of=f"{name}#9")
    steps.derives(f"{name}#11", "=", centre.subs(j, end - 1) + eps, w, **known)
    at = {"epsilon": (0.5, 0.01), "w_max": (1.0, 3.0)}
    steps.computes(right_side(f"eq-{name}", ">=", "n"), lower_bounds.weight_bits, at)
    ranges(steps, name, (1, 8), w_max=w, n=n)


def _fixed_weight() -> Counterexample | None:
    numbers, fixed = (2, 4), -3
    found = furthest([fixed + total for total in subset_sums(numbers)], 1)
    return unless(
        found <= 2 ** len(numbers) - 1,
        "every number may be deleted",
        {"numbers": numbers, "always kept": fixed, "ε": 1, "w_max": found},
        f"they reach more than (2² - 1) ε = {2 ** len(numbers) - 1}",
    )


@proof(
    prose=("case distinction", "induction"),
    uses=("counting-one-weight",),
    wrong={"empty": 0},
    refute=_fixed_weight,
)
def chosen_numbers(steps: Steps, empty: int = 1) -> None:
    i, known = sp.Symbol("i", integer=True), {"n": n, "epsilon": eps, "w_max": w}
    negative = -(2**n) * eps
    highest = sp.summation(2**i * eps, (i, 1, n - 1))  # all multiples of 2ε up to it are sums
    steps.identity(highest + negative, -2 * eps)  # so the copy below ends next to 0
    low, high = right_side("chosen-numbers#5", "in", "w", w_max=highest + eps)
    steps.derives("eq-chosen-numbers", "<=", high, w, **known)
    steps.holds(ge(low, negative - eps))
    half, fewer = 2 ** (n - 1), sp.Symbol("P", nonnegative=True)
    steps.holds(lt(2**n - empty - half, half))  # not both of P + Q = 2^n - 1 are half or more
    enough = {le(w - eps, 2 * eps * fewer): 1, le(fewer, half - 1): 2 * eps}
    steps.implies(enough, sides("eq-chosen-numbers", "<=", **known))
    ranges(steps, "chosen-numbers", (1, 2), n=n, epsilon=eps)


def _no_negative_number() -> Counterexample | None:
    numbers = (2, 4, 8)
    found = furthest(subset_sums(numbers), 1)
    return unless(
        found >= 2 ** len(numbers) - 1,
        "one of the numbers is negative",
        {"numbers": numbers, "ε": 1},
        f"binary digits reach only w_max = {found} on the negative side",
    )


FINITE = "chosen-numbers-finite"


def _sets_of_whole_numbers() -> Iterator[tuple[int, int]]:
    """How many numbers there are in each set of the statement, and how far they reach."""
    epsilon = whole(right_side(f"{FINITE}#1", "=", "epsilon"))
    low, high = (whole(shown(f"{FINITE}#{i}")) for i in (3, 4))
    numbers = [i for i in range(low, high + 1) if i]
    for size in range(1, whole(right_side(f"{FINITE}#2", "<=", "n")) + 1):
        for chosen in combinations(numbers, size):
            yield size, furthest(subset_sums(chosen), epsilon)


@finite(
    code=(lower_bounds.chosen_numbers,),
    uses=("chosen-numbers",),
    wrong={"numbers": lambda epsilon, top: abs(lower_bounds.chosen_numbers(epsilon, top))},
    refute=_no_negative_number,
)
def chosen_numbers_finite(
    steps: Steps, numbers: Callable[[float, float], Any] = lower_bounds.chosen_numbers
) -> None:
    top = sp.lambdify(sp.Symbol("n"), right_side(f"{FINITE}#5", "=", "w_max"))
    steps.each(lambda n, reach: reach <= top(n), _sets_of_whole_numbers)

    def found(n: int) -> Any:
        return numbers(1.0, float(top(n)))

    ends = sides(f"{FINITE}#6", "<=", 0).lhs, right_side(f"{FINITE}#6", "<=", "n", 1) + 1
    steps.cases(
        lambda n: len(found(n)) == n and furthest(subset_sums(found(n)), 1) == top(n),
        n=range(*map(whole, ends)),
    )


# -- with luck -------------------------------------------------------------------------------------


def _best_of_two_sets(
    shapes: Iterable[tuple[int, ...]], states: int
) -> Iterator[tuple[int, Any, list[Any]]]:
    """A fair coin chooses one of two sets of statesⁿ boxes of side 2 (ε = 1), corners on a grid.

    Yields n, the highest probability that each target is served with, and w_max in each direction.
    """
    for shape, size in product(shapes, (0, 1)):
        cells = set(product(*map(range, shape)))
        corners = product(*(range(-1, side) for side in shape))
        boxes = [cells & set(product(*((a, a + 1) for a in corner))) for corner in corners]
        sets = {
            frozenset[Any]().union(*some)
            for some in combinations_with_replacement(boxes, states**size)
        }
        pairs = combinations_with_replacement(sets, 2)
        served = max((one | other == cells) + (one & other == cells) for one, other in pairs)
        if served:
            yield size, sp.Rational(served, 2), [sp.Rational(side, 2) for side in shape]


def _coin() -> Counterexample | None:
    size, chance, (top,) = next(_best_of_two_sets([(4,)], 2))
    return unless(
        2**size >= top,
        "the factor 1 - δ",
        {"w_max": top, "ε": 1, "δ": 1 - chance, "S": "± 1 by a coin"},
        f"{size} < log₂ {top}",
    )


@proof(
    source="★; the expected covered length in place of a covering",
    prose=("expectation", "measure"),
    code=(lower_bounds.weight_bits,),
    uses=("counting-one-weight",),
    wrong={"states": 3},
    refute=_coin,
)
def counting_random(steps: Steps, states: int = 2) -> None:
    name, cells = "counting-random", sp.Symbol("K", integer=True, positive=True)
    known = {"n": n, "epsilon": eps, "w_max": w, "delta": 1 - p, "K": cells}
    members = shown(f"{name}#2", n=n)  # of them each serves 2ε; the mean is at least 2pw_max
    low, high = right_side(f"{name}#3", "in", "w", w_max=w)
    steps.derives(f"eq-{name}", ">=", _bits(p * (high - low) / (2 * eps)), n, **known)
    bound = sides(f"eq-{name}", ">=", **known).rhs
    asked = partial(_networks, bound, epsilon=1)
    lines = [(side,) for side in range(1, 7)]
    steps.each(lambda n, p, w: asked(p=p, w_max=w[0]) <= 2**n, _best_of_two_sets, lines, states)
    steps.derives(f"{name}#11", "=", cells * shown(f"{name}#10", **known) / 2, w, **known)
    among = sp.gammasimp((sp.binomial(cells - 1, N - 1) / sp.binomial(cells, N)).rewrite(sp.gamma))
    steps.derives(f"{name}#13", "=", among.subs(N, members), p, **known)
    steps.identity(bound.subs({w: cells * eps, p: members / cells}), n, of=f"eq-{name}")
    some = sides(f"{name}#12", "<=", n=n, K=cells)
    steps.implies({some: 1 / cells}, le(members / cells, 1))
    surely = {p: 1 - right_side(f"{name}#16", "=", "delta")}
    steps.derives("eq-counting-one-weight", ">=", bound.subs(surely), n, **known)
    at = {"epsilon": (0.5, 0.01), "w_max": (1.0, 3.0), "delta": (0.0, 0.25)}
    steps.computes(right_side(f"eq-{name}", ">=", "n"), lower_bounds.weight_bits, at)
    ranges(steps, name, 7, delta=1 - p)
    accepted(steps, f"{name}#7", lambda delta: lower_bounds.weight_bits(0.5, 1.0, delta))
    promised(steps, "counting-random#6")


# -- independence ----------------------------------------------------------------------------------

Signs = Callable[[Fraction, int], Iterable[tuple[tuple[bool, ...], Fraction]]]


def independent(q: Fraction, count: int) -> Iterator[tuple[tuple[bool, ...], Fraction]]:
    """Which of `count` numbers have the right sign, and with which probability."""
    for right in product((True, False), repeat=count):
        yield right, q ** sum(right) * (1 - q) ** (count - sum(right))


def alternating(q: Fraction, count: int) -> Iterator[tuple[tuple[bool, ...], Fraction]]:
    """Each number has the sign that the last one has not; the first has the right one or not."""
    for first, chance in ((True, q), (False, 1 - q)):
        yield tuple(first ^ bool(i % 2) for i in range(count)), chance


def all_served(n: int, N: int, q: Fraction, signs: Signs) -> Fraction:
    """Probability that each of N weights has a number of its sign among its n."""
    blocks = [slice(i * n, (i + 1) * n) for i in range(N)]
    outcomes = signs(q, n * N)
    return sum((c for right, c in outcomes if all(any(right[b]) for b in blocks)), Fraction(0))


def _antithetic() -> Counterexample | None:
    # a number and its negative, both drawn: one of them always has the right sign
    draws, failure = 2, Fraction(1, 8)
    least = lower_bounds.independent_numbers(float(failure))
    return unless(
        all_served(draws, 1, Fraction(1, 2), alternating) < 1 or draws >= least,
        "the draws are independent",
        {"draws": "x and -x, x = ± 1 by a fair coin", "w": "± 1", "δ": failure},
        f"both weights are reached in every draw, with {draws} numbers instead of {least:.0f}",
    )


@proof(
    prose=("independence",),
    code=(lower_bounds.independent_numbers,),
    wrong={"signs": alternating},
    refute=_antithetic,
)
def independent_draws(steps: Steps, signs: Signs = independent) -> None:
    address, u, g = "eq-independent-draws", sp.Symbol("u", positive=True), 1 + v
    large = sides("independent-draws#2", ">", w_i=w, epsilon=eps)
    steps.implies({large: 1, le(s, 0): 1}, gt(w - s, eps))  # all sums s have the wrong sign
    steps.cases(
        lambda n, N, q: all_served(n, N, q, signs) == (1 - (1 - q) ** n) ** N,
        n=(1, 2, 3), N=(1, 2, 3), q=(Fraction(1, 2), Fraction(1, 4)),
    )  # fmt: skip
    # p^N = 1 - δ <= (1 - g^-n)^N for g = 1/(1 - q): g^-n <= 1 - p
    steps.derives(address, "=", 1 - p, u, which=1, N=N, delta=1 - p**N, u=u)
    known = {"q": 1 - 1 / g, "u": u, "n": n}
    bound = sides(address, ">=", which=0, **known)
    steps.holds(lt(sp.diff(bound.rhs, u), 0))
    steps.identity(bound.rhs.subs(u, g**-n), bound.lhs, of=address)
    rare = sides(address, "<=", which=2, N=N, delta=1 - sp.exp(-N * x))
    steps.identity(rare.rhs, x, of=address)
    steps.holds(rare, derivative=(x, 2))
    f, h = 1 / (1 + x), 1 / (1 + y)  # a sign is 0, or with probability f fair
    for number, chance in ((12, f / 2), (14, f * h / 4)):
        most = right_side(f"independent-draws#{number}", "=", "q")
        steps.holds(le(chance, most))
        steps.identity(chance.subs({x: 0, y: 0}), most)
    count = right_side(address, ">=", "n", 0, u=right_side(address, "=", "u", 1))
    at = {"delta": (0.5, 0.01), "q": (0.5, 0.25), "N": (1, 100)}
    needed = lower_bounds.independent_numbers
    steps.computes(count, needed, at)
    accepted(steps, "independent-draws#6", lambda q: needed(0.5, q))
    accepted(steps, "independent-draws#8", needed)
    promised(steps, "independent-draws#7")


# -- volumes ---------------------------------------------------------------------------------------


def _larger_constant() -> Counterexample | None:
    # κ² < 2.02 n/(πe) at n = 2000 iff 1000! < (1010/e)^1000, and e < 2.7183
    if math.factorial(1000) * 27183**1000 >= (1010 * 10**4) ** 1000:
        return None
    found = lower_bounds.column_constant(2000)
    return Counterexample(
        "the constant is at most 2",
        {"constant": 2.02, "n": 2000},
        f"κ = {found:.3f} < √(2.02 n/(πe)) = {math.sqrt(2.02 * 2000 / math.pi / math.e):.3f}",
    )


def _column(volume: Any) -> Any:
    """κ_n, as the chapter has it, for a volume of the ball."""
    return right_side("ball-constant#5", "=", "kappa_n", n=n, V_n=volume)


@proof(
    source="Classical",
    prose=("induction", "measure", "monotonicity"),
    code=(lower_bounds.column_constant,),
    refute=_larger_constant,
)
def ball_constant(steps: Steps) -> None:
    d, u = sp.symbols("d u", positive=True)  # n as a real number
    gamma = shown("ball-constant#4", x=x).replace(sp.Function("Gamma"), sp.gamma)
    steps.identity(shown("ball-constant#3", x=x), gamma, of="ball-constant#4")
    volume = right_side("ball-constant#1", "=", "V_n", n=d)
    ratio = sp.powsimp(sp.gammasimp((volume / volume.subs(d, d - 2)).rewrite(sp.gamma)))
    above = -2 * sp.pi / d * (1 - x**2) ** (d / 2)  # balls over the ring from x to 1, but for V
    steps.identity(sp.diff(above, x), 2 * sp.pi * x * (1 - x**2) ** ((d - 2) / 2))
    steps.identity(ratio, above.subs(x, 1) - above.subs(x, 0), of="ball-constant#1")
    steps.identity(volume.subs(d, 1), 2, of="ball-constant#1")
    steps.identity(volume.subs(d, 2), sp.pi, of="ball-constant#1")
    steps.derives("ball-constant#6", "=", _column(volume).subs({n: 1, d: 1}), sp.Symbol("kappa_1"))
    growth, cube = ratio.subs(d, 2 + v), sp.Symbol("C", positive=True)  # its volume, 2^(n - 2)
    steps.holds(lt(sp.diff(growth, v), 0))
    steps.holds(le(growth.subs(v, 0), 4))
    steps.implies({le(y, cube): growth, le(growth, 4): cube}, le(growth * y, 4 * cube))
    steps.identity(sp.integrate(x**x * sp.exp(-u), (u, x, sp.oo)), (x / sp.E) ** x)
    steps.holds(ge(x * sp.log(1 + v), 0))  # u^x >= x^x for u = x(1 + v)
    steps.holds(lt(sp.diff(_column(y), y), 0))
    largest = volume.subs(d, n).replace(sp.factorial, lambda z: (z / sp.E) ** z)
    least = sp.Max(*(sp.simplify(_column(V)) for V in (2**n, largest)))
    steps.derives("eq-ball-constant", ">=", least, kappa, n=n, kappa_n=kappa)
    at = {"n": (1, 2, 3, 10, 100)}
    steps.computes(_column(volume.subs(d, n)), lower_bounds.column_constant, at)
    ranges(steps, "ball-constant", 7, n=n)


def _one_direction() -> Counterexample | None:
    # one output, two inputs, R = w_max = 1, ε = 1/2, and only the input e_1 is of interest
    epsilon = Fraction(1, 2)
    found, bits = furthest([-epsilon, epsilon], epsilon), lower_bounds.layer_bits(1, 2, 0.5)
    return unless(
        found < 1 or bits <= 1,
        "inputs in every coordinate direction",
        {"outputs": 1, "inputs": 2, "R": 1, "w_max": 1, "ε": epsilon, "x": "(1, 0) alone"},
        f"the second column does not matter: 2 functions, 1 bit, do where {bits:.0f} are claimed",
    )


def _too_few(
    steps: Steps,
    address: str,
    side: Any,
    many: Any = n * m,
    half: Any = sp.Integer(1),
    error: Any = eps,
) -> None:
    """Products of m balls of radius ε/R are too small for a cube; `half` of its side is w_max."""
    known = {"n": n, "m": m, "epsilon": eps, "w_max": w, "R": R, "kappa_n": kappa, "delta": 1 - p}
    (volume,) = sp.solve(_column(y) - kappa, y)
    served = (volume * (error / R) ** n) ** m
    steps.derives(address, ">=", _bits(p * side**many / served), N, N=N, **known)
    asked = partial(_networks, sides(address, ">=", **known).rhs, n=1, kappa_n=1, R=1, epsilon=1)
    cubes = [(cells,) * d for d in (1, 2) for cells in (1, 2, 3, 4)]
    steps.each(
        lambda N, p, w: asked(m=len(w), p=p, w_max=w[0] / half) <= 2**N,
        _best_of_two_sets, cubes, 2,
    )  # fmt: skip

    def layer_bits(n: int, m: int, e: float, w: float, radius: float, delta: float) -> float:
        return lower_bounds.layer_bits(n, m, e, float(half) * w, radius, delta)

    volume = right_side("ball-constant#1", "=", "V_n")
    ball = right_side("ball-constant#5", "=", "kappa_n", V_n=volume)
    shapes = {"n": (1, 3), "m": (1, 2), "epsilon": (0.125, 0.01), "w_max": (1.0, 2.0)}
    at = shapes | {"R": (1.5,), "delta": (0.0, 0.25)}
    steps.computes(right_side(address, ">=", "N", kappa_n=ball), layer_bits, at)


@proof(
    source="After Pensia et al. 2020, lower bound; the constants ★",
    prose=("expectation", "measure", "norms"),
    code=(lower_bounds.layer_bits,),
    uses=("counting-random", "ball-constant", "pensia2020"),
    wrong={"low": 0},
    refute=_one_direction,
)
def counting_layer(steps: Steps, low: int = -1) -> None:
    name, (g, W, at) = "counting-layer", sp.symbols("g W x")
    off = sp.Function("norm")(g * at - W * at)
    error = right_side(f"{name}#10", "<=", off, epsilon=eps)
    bottom, top, many = right_side(f"{name}#6", "in", W, w_max=w, n=n, m=m).args
    steps.identity(_bits(shown(f"{name}#4", N=N)), N, of=f"{name}#4")
    _too_few(steps, f"eq-{name}", top + low * bottom, many, error=error)
    steps.holds(ge(R, right_side(f"{name}#2", ">=", at)))  # R in one coordinate is an input
    ranges(steps, name, 8, delta=1 - p)
    accepted(steps, f"{name}#8", lambda delta: lower_bounds.layer_bits(1, 1, 0.5, failure=delta))
    promised(steps, "counting-layer#7")


def _relu_hides_a_half() -> Counterexample | None:
    # one weight, x >= 0: σ(wx) - x/2 is monotone in w, so its extremes are at the ends
    error = max(abs(max(a, 0.0) - 0.5) for a in (-1.0, 1.0))
    bits = lower_bounds.layer_bits(1, 1, error)
    return unless(
        bits <= 0,
        "half of w_max (w_max itself)",
        {"outputs": 1, "inputs": 1, "R": 1, "w_max": 1, "ε": error},
        f"x/2 is within 1/2 of σ(wx) for x ≥ 0 and all w: 0 bits do where {bits:.0f} is claimed",
    )


@proof(
    prose=("expectation", "measure", "norms"),
    code=(lower_bounds.layer_bits,),
    uses=("counting-layer",),
    wrong={"low": -1},
    refute=_relu_hides_a_half,
)
def counting_relu_layer(steps: Steps, low: int = 0) -> None:
    weight = w * (low + (1 - low) * x / (1 + x))  # any of the range [low w_max, w_max)
    steps.identity(relu(R * weight), R * weight)
    _too_few(steps, "eq-counting-relu-layer", w - low * w, half=sp.Rational(1, 2))


# -- networks --------------------------------------------------------------------------------------


def _over_layers(side: Any, layers: Iterable[tuple[Any, Any]], error: Any) -> Any:
    """B of the book for layers of m_i weights up to w_i: its sum, where its condition says."""
    (total,) = side.atoms(AppliedUndef)
    head, _, text = str(total.func).partition(":")
    if head != "Sum_i":
        raise AssertionError(f"{total} is no sum over layers i")
    condition = sp.sympify(text.replace("varepsilon", "epsilon"))
    known = [{"m_i": count, "w_i": top, "epsilon_w": error} for count, top in layers]
    counted = [put(total.args[0], **at) for at in known if put(condition, **at).doit() == sp.true]
    return side.subs(total, sum(counted))


def _tied_weights() -> Counterexample | None:
    epsilon = Fraction(1, 2)
    found = furthest([-epsilon, epsilon], epsilon)  # for both weights at once
    bits = 2 * lower_bounds.weight_bits(0.5)
    return unless(
        found < 1 or bits <= 1,
        "the targets w₁ ≠ w₂",
        {"w_max": 1, "ε_w": epsilon},
        f"± (½, ½) do, 1 bit, not {bits:.0f}",
    )


# two layers with more than the error, one with less: m_i and w_i
LAYERS = ((n, eps + x), (m, eps + y), (k, eps / 2))


def _of_volumes(steps: Steps, formula: Any) -> None:
    """B is log₂ of the volume of all targets over that of a box; `network_bits` is B."""
    B, side = sp.Symbol("B"), formula.rhs
    targets = sp.prod((2 * top) ** count for count, top in LAYERS[:2])
    boxes = sp.prod((2 * eps) ** count for count, _ in LAYERS[:2])
    excess = _over_layers(side, LAYERS, eps) - formula.lhs
    steps.identity(excess, _bits(targets / boxes) - B)
    F = Network([[[1.0, 0.25, 0.0]], [[2.0], [-4.0]], [[0.0, 0.01]]])
    sizes = ((2, 1.0), (2, 4.0), (1, 0.01))  # of its weights that are not 0
    steps.cases(
        lambda epsilon: math.isclose(
            lower_bounds.network_bits(F, epsilon), _over_layers(side, sizes, epsilon)
        ),
        epsilon=(2.0, 0.5, 0.1, 0.001),
    )


@proof(
    prose=("expectation", "measure"),
    code=(lower_bounds.network_bits,),
    uses=("counting-random",),
    wrong={"states": 3},
    refute=_tied_weights,
)
def counting_effective_weights(steps: Steps, states: int = 2) -> None:
    address, B = "eq-counting-effective-weights", sp.Symbol("B", positive=True)
    known, formula = {"N": N, "B": B, "delta": 1 - p}, sides(address, "=", which=1)
    _of_volumes(steps, formula)
    steps.derives(address, ">=", _bits(p / 2**-B), N, which=0, **known)  # a share 2^-B in each box
    asked = sides(address, ">=", which=0, **known).rhs

    def least(chance: Any, tops: list[Any]) -> Any:
        return _networks(
            asked, B=_over_layers(formula.rhs, [(1, top) for top in tops], 1), p=chance
        )

    shapes = [(2, 2), (3, 2), (4, 2), (3, 3), (6, 2)]
    steps.each(lambda n, p, w: least(p, w) <= 2**n, _best_of_two_sets, shapes, states)
    ranges(steps, "counting-effective-weights", 7, delta=1 - p)
    sure = sides("counting-effective-weights#7", "<=", 0).lhs
    steps.identity(asked.subs(p, 1 - sure), B, of="counting-effective-weights#7")
    promised(steps, "counting-effective-weights#6")


def _mostly_zero() -> Counterexample | None:
    # w = 0 with probability 9/10, else uniform on [-1, 1]; ε = 1/8
    bits = lower_bounds.weight_bits(1 / 8)
    mean = 9 / 10 * 1 + 1 / 10 * (1 + bits)
    return unless(
        mean >= bits,
        "the weights are uniform",
        {"w": "0 with probability 9/10, else uniform on [-1, 1]", "ε_w": "1/8"},
        f"the code 0, or 1 and {bits:.0f} bits, has {mean:.1f} bits on average, not {bits:.0f}",
    )


def _codes(prefix_free: bool) -> Iterator[tuple[int, int]]:
    """Up to four files of up to three bits, each written in so many of eight equally likely cases.

    Yields the bits of all cases together, and in how many the most frequent file is written.
    """
    words = ["".join(bits) for size in range(4) for bits in product("01", repeat=size)]
    for size in range(1, 5):
        for files in combinations(words, size):  # shorter ones first
            if prefix_free and any(b.startswith(a) for a, b in combinations(files, 2)):
                continue
            for cases in product(range(1, 9), repeat=size):
                if sum(cases) == 8:
                    yield sum(c * len(f) for c, f in zip(cases, files, strict=True)), max(cases)


@proof(
    source="★; after Shannon, noiseless coding",
    prose=("expectation", "measure"),
    code=(lower_bounds.network_bits,),
    uses=("counting-effective-weights", "cover2006"),
    wrong={"prefix_free": False},
    refute=_mostly_zero,
)
def counting_file(steps: Steps, prefix_free: bool = True) -> None:
    _of_volumes(steps, sides("eq-counting-file", "="))
    z, B = sp.Symbol("z", real=True), sp.Symbol("B", positive=True)
    steps.holds(ge(z, 1 - sp.exp(-z)), derivative=(z, 2))  # z = ln(q 2^l) of a file
    # two files of probability q and length l: Gibbs, Kraft and q <= 2^-B give the mean length
    lengths, shares = sp.symbols("l_1 l_2", nonnegative=True), (x / (x + y), y / (x + y))
    given, mean = {le(sum(2**-length for length in lengths), 1): 1}, sp.Integer(0)
    for q, length in zip(shares, lengths, strict=True):
        given[ge(sp.log(q) + length * sp.log(2), 1 - 2**-length / q)] = q
        given[le(sp.log(q), -B * sp.log(2))] = q
        mean += q * length
    steps.implies(given, ge(mean * sp.log(2), B * sp.log(2)))
    steps.each(lambda bits, most: 2**bits * most**8 >= 8**8, _codes, prefix_free)


def contributions(layout: str, outputs: int, inputs: int) -> int:
    """How many different things one intermediate neuron can be pruned to, by trying all masks."""
    found = set()
    for ins, outs in product(product((0, 1), repeat=inputs), product((0, 1), repeat=outputs)):
        allowed = {
            "reserved": not any(ins[1:]) and not any(outs[1:]),
            "pooled": sum(ins) <= 1 and sum(outs) <= 1,
            "shared": not any(ins[1:]),
            "any": True,
        }
        if allowed[layout]:  # without an in-edge or without an out-edge it computes nothing
            found.add((ins, outs) if any(ins) and any(outs) else ())
    return len(found)


def _pooled_is_not_shared() -> Counterexample | None:
    pooled, shared = contributions("pooled", 2, 1), contributions("shared", 2, 1)
    return unless(
        shared <= pooled,
        "a pooled neuron keeps one edge to an output",
        {"outputs": 2, "inputs": 1},
        f"with both edges one neuron can do {shared} things, more than the {pooled} that "
        f"log₂(nm + 1) bits name",
    )


@proof(
    prose=("counting", "expectation", "measure"),
    code=(lower_bounds.bits_per_neuron,),
    uses=("counting-effective-weights",),
    wrong={"ways": lambda layout, n, m: contributions("any", n, m)},
    refute=_pooled_is_not_shared,
)
def counting_layouts(steps: Steps, ways: Callable[[str, int, int], int] = contributions) -> None:
    sizes: dict[str, Any] = {"n": (1, 2, 3), "m": (1, 2, 3)}
    for number, layout in enumerate(lower_bounds.LAYOUT_BITS, start=3):

        def bits_per_neuron(n: int, m: int, layout: str = layout) -> float:
            return lower_bounds.bits_per_neuron(layout, n, m)

        carried = right_side(f"counting-layouts#{number}", "=", "beta")
        steps.computes(carried, bits_per_neuron, sizes)
        most = sp.lambdify(sp.symbols("n m"), 2**carried)
        at = sizes | {"layout": (layout,)}
        steps.cases(lambda n, m, layout, f=most: ways(layout, n, m) <= f(n, m), **at)
    M, beta, B, plus, minus = sp.symbols("M beta B M_+ M_-", positive=True)
    volumes = {"n": n, "m": m, "w_max": w, "epsilon_w": eps, "B": B}
    share = ((2 * w) / (2 * eps)) ** (n * m)
    steps.derives("counting-layouts#7", "=", _bits(share), B, **volumes)
    known, asked = {"M": M, "beta": beta, "B": B, "delta": 1 - p}, _bits(p / 2**-B)
    steps.derives("eq-counting-layouts", ">=", asked, M * beta, **known)
    smaller = sides("eq-counting-layouts-both", ">=", **known).lhs / beta
    half = sp.Rational(1, 2)
    steps.implies({le(plus + minus, M): half, le(plus, minus): half}, le(plus, smaller))
    steps.derives("eq-counting-layouts-both", ">=", asked, M / 2 * beta, **known)
    ranges(steps, "counting-layouts", 11, delta=1 - p)
    sure = sides("counting-layouts#11", "<=", 0).lhs
    steps.identity(asked.subs(p, 1 - sure), B, of="counting-layouts#11")
    least = right_side("counting-layouts#8", ">", w, w_max=w, epsilon_w=eps)
    steps.identity(_bits(share).subs(w, least), 0, of="counting-layouts#8")
    for number, sign in ((15, ">"), (16, "<")):
        one_half(steps, f"counting-layouts#{number}", sign, "x")
    promised(steps, "counting-layouts#10")


def _rounding_matters() -> Counterexample | None:
    # without the 4 that rounding k up costs
    layer = plan(Network([np.ones((10, 10))]), weight_epsilon=0.5).layers[0]
    claimed = 4 * math.log(2, PHI) * math.log(2 * layer.requirements * 100 / 0.01) + 1
    return unless(
        layer.widths[0] <= claimed,
        "the 4 that stands for rounding k up",
        {"n": 10, "m": 10, "δ": 0.01, "L": 1, "k": layer.requirements},
        f"a block needs {layer.widths[0]} neurons, more than {claimed:.1f}",
    )


def _blocks(planned: Callable[..., Plan]) -> Iterator[tuple[float, ...]]:
    """M between its bounds, failures of M and M - 1 over δ, weights planned over those said."""
    name = "distance-shared"
    for outputs, inputs, error in product((1, 10), (1, 64), (0.4, 1e-2, 1e-6)):
        F = Network([np.ones((outputs, inputs))])
        layer = planned(F, weight_epsilon=error, delta=0.01).layers[0]
        M, bits = layer.widths[0], sp.log(1 / error, 2)
        at = {"n": outputs, "m": inputs, "k": layer.requirements, "delta": 0.01, "L": bits}
        for number, symbol in ((7, "c"), (8, "lambda")):
            at[symbol] = right_side(f"{name}#{number}", "=", symbol, **at)
        low, high = sides(f"eq-{name}", "<=", 0, **at).lhs, sides(f"eq-{name}", "<", 1, **at).rhs
        missed = [sides(f"{name}#11", "<=", M=count, **at) for count in (M, M - 1)]
        said = layer.random_weights_per_weight / shown(f"{name}#12", M=M, **at)
        yield tuple(map(float, (low, M, high, *(side.lhs / side.rhs for side in missed), said)))


@proof(
    code=(plan, count_digits),
    uses=("shared-layout",),
    wrong={"planned": partial(plan, construction=GoldenRatio(base=1.5))},
    refute=_rounding_matters,
)
def distance_shared(steps: Steps, planned: Callable[..., Plan] = plan) -> None:
    name, c = "distance-shared", right_side("distance-shared#7", "=", "c", k=1 + v)
    g, lam, M, u, delta = sp.symbols("g lambda M u delta", positive=True)  # g = ln 1/(1 - c)
    steps.identity(shown(f"{name}#12", n=n, m=m, M=M), m * M * (n + m) / (n * m))
    missed = sides(f"{name}#11", "<=", n=n, m=m, k=k, M=M, c=1 - sp.exp(-g), delta=delta)
    logarithm = sp.expand_log(sp.log(missed.lhs / missed.rhs)) + M * g
    steps.derives(f"{name}#8", "=", logarithm, lam, n=n, m=m, k=k, delta=delta, **{"lambda": lam})
    steps.holds(ge(sp.log(1 + x), x / (1 + x)), derivative=(x, 1))  # c = x/(1 + x)
    steps.holds(le(sp.log(1 + x), x), derivative=(x, 1))
    known, digit = {"M": 1 + M, "lambda": lam}, sp.log(2) / sp.log(sp.GoldenRatio)
    lower = sides(f"eq-{name}", "<=", 0, L=(1 + v - u) / digit, **known)  # k = 1 + v
    upper = sides(f"eq-{name}", "<", 1, L=(v + u) / digit, **known)
    most = c / (1 - c)
    steps.identity(lower.lhs.subs(u, 0), lam / most, of=f"eq-{name}")
    steps.identity(upper.rhs.subs(u, 0), lam / c + 1, of=f"eq-{name}")
    steps.implies({ge((1 + M) * g, lam): 1 / most, le(g, most): (1 + M) / most}, lower)
    steps.implies({lt(M * g, lam): 1 / c, ge(g, c): M / c}, upper)
    bits, at = right_side(f"{name}#3", "=", "L", 0), {"epsilon_w": (0.4, 0.01, 1e-6)}
    steps.computes(bits, lower_bounds.weight_bits, at | {"w_max": (1.0, 2.0)})
    steps.computes(right_side(f"{name}#4", "=", "k", L=put(bits, w_max=1)), count_digits, at)
    steps.each(
        lambda low, M, high, failed, before, planned: (
            low <= M < high and failed <= 1 < before and math.isclose(planned, 1)
        ),
        _blocks, planned,
    )  # fmt: skip
    ranges(steps, name, 9, delta=delta)
    drawn_in_weights(steps, f"{name}#6")
    steps.holds(sides(f"{name}#3", ">", 1, w_max=eps * (1 + x), epsilon_w=eps))
    F = Network([[[1.0]]])
    accepted(steps, f"{name}#9", lambda delta: plan(F, weight_epsilon=0.5, delta=delta))
