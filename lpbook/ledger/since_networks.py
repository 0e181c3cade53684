"""Claims of the chapter *since_networks*: kernels, attention, layers of other kinds."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache, partial
from typing import Any

import numpy as np
import sympy as sp

from lpbook._checks import Floats
from lpbook.experiments import vector_subsets
from lpbook.experiments.attention import (
    Heads,
    attention_weights,
    head_error,
    head_ticket,
    shift_bound,
)
from lpbook.experiments.convolutions import convolve, digits_convolution, find_kernels
from lpbook.frameworks.unrolled import Unrolled
from lpbook.kernels import Kernels
from lpbook.ledger.common import UNIT, measured, promised, spans, too_few, unless
from lpbook.ledger.core import Counterexample, Steps, evidence, exactly, proof
from lpbook.ledger.exact import is_least, whole
from lpbook.ledger.ranges import ranges
from lpbook.ledger.reading import argument, right_side
from lpbook.ledger.relations import ge, le
from lpbook.ledger.shown import put, shown, sides
from lpbook.mixing import Attention, attention_slope, most_read, norm_error
from lpbook.networks import Box, Network
from lpbook.pruning import plan

p, epsilon = sp.symbols("p epsilon", positive=True)


# -- kernels -----------------------------------------------------------------------------------


def _negative_channel() -> Counterexample | None:
    image, kernel, u = np.ones((1, 1, 2, 2)), np.ones((1, 1, 1, 1)), -0.5
    through = convolve(np.maximum(u * image, 0), kernel)
    return unless(
        (through != 0).any() or (convolve(image, u * kernel) == 0).any(),
        "positive weights in the first layer",
        {"u": Fraction(-1, 2), "V": 1, "x": 1},
        "the channel is silent: 0 instead of −1/2",
    )


def _one_pixel(steps: Steps, entry: Any, x: Any, **letters: Any) -> None:
    """Both sides of the equation of images, at one pixel: products of numbers."""
    address, products = "eq-one-by-one-first", ("convolved", "masked")
    names = {"m_r": letters["m_r,ab"], "V_r": letters["V_r,ab"], "x": x, **letters}

    def at_a_pixel(side: Any) -> Any:
        for product in products:
            side = side.replace(sp.Function(product), lambda one, other: one * other)
        return put(side, **names).replace(sp.Function("sigma"), lambda z: sp.Max(0, z))

    channels, kernel = sides(address, "=").args
    if not isinstance(channels, sp.Sum):
        raise AssertionError(f"{address}: {channels} is no sum")
    limits = sp.Tuple(*channels.limits[0]).subs("R", letters["R"])
    if limits != entry.limits[0]:
        raise AssertionError(f"{address} adds up over {limits}, the kernel over {entry.limits[0]}")
    right = at_a_pixel(kernel).subs(sp.Symbol("K'"), entry.function)
    steps.identity(at_a_pixel(channels.function), right, of=address)


@proof(
    source="after da Cunha, Natale and Viennot 2022",
    prose=("construction",),
    code=(convolve,),
    uses=("dacunha2022",),
    wrong={"first": (0.75, -0.5)},
    refute=_negative_channel,
)
def one_by_one_first(steps: Steps, first: tuple[float, ...] = (0.75, 0.5)) -> None:
    x, u = sp.Symbol("x", nonnegative=True), sp.Symbol("u_r", positive=True)
    m, v = sp.symbols("m V", real=True)  # mask and weight of one entry, x is the pixel below it
    letters = {"m_r,ab": m, "u_r": u, "V_r,ab": v, "R": 2}
    entry = right_side("eq-one-by-one-first-b", "=", "K'_ab", **letters)
    if not isinstance(entry, sp.Sum):
        raise AssertionError(f"{entry} is no sum")
    _one_pixel(steps, entry, x, **letters)
    start, end = map(whole, entry.limits[0][1:])
    term = sp.lambdify((m, u, v), entry.function)
    image = np.array([[[[1.0, 2, 0], [3, 0, 5]]]])
    single = np.reshape(first, (2, 1, 1, 1))  # of two channels
    steps.identity(shown("one-by-one-first#3"), single[0].size, of="one-by-one-first#3")
    kernels = np.array([[[[1.0, -2]], [[4, 8]]]])

    def one_convolution(masks: tuple[int, ...]) -> bool:
        kept = np.reshape(masks, kernels.shape)
        hidden = np.maximum(convolve(image, single), 0)
        parts = [term(*part) for part in zip(kept[0], first, kernels[0], strict=True)]
        effective = sum(parts[start - 1 : end])[None, None]
        return bool((convolve(hidden, kept * kernels) == convolve(image, effective)).all())

    steps.cases(one_convolution, masks=itertools.product((0, 1), repeat=4))
    pixels = sp.symbols("x_1:5", nonnegative=True)
    errors = sp.symbols("e_1:5", real=True)  # of the entries
    off, total = sum(e * x for e, x in zip(errors, pixels, strict=True)), sum(pixels)
    for sign in (1, -1):
        known = {le(sign * e, epsilon): x for e, x in zip(errors, pixels, strict=True)}
        steps.implies(known, le(sign * off, epsilon * total))
    moved = abs(sp.Symbol("y'") - sp.Symbol("y"))
    names = {"epsilon": epsilon, "X": total}
    steps.derives("one-by-one-first#16", "<=", epsilon * total, left=moved, **names)
    ranges(steps, "one-by-one-first", (1, 2), x=x, u_r=u)


@cache
def _kernels_found(channels: int, error: float, draws: int, high: float = UNIT.high) -> int:
    """In how many random convolutions, first layer uniform on [-1, high], all entries are found."""
    kernels = digits_convolution()[0].kernels
    found = 0
    for seed in range(draws):
        rng = np.random.default_rng((2022, seed))
        first = rng.uniform(-UNIT.high, high, channels)
        second = UNIT.rvs((len(kernels), channels, *kernels[0].shape), rng=rng)
        found += bool(find_kernels(kernels, first, second, error).found.all())
    return found


def _no_positive_channel() -> Counterexample | None:
    found = _kernels_found(48, 1.4e-4, 20, high=0.0)
    dropped = "first-layer weights of both signs (negative ones only)"
    return too_few(dropped, {"channels": 48}, found, 20, 0.5)


@evidence(
    source="★, after da Cunha, Natale and Viennot 2022 and Burkholz 2022",
    code=(find_kernels,),
    uses=("one-by-one-first", "dacunha2022", "burkholz2022"),
    wrong={"high": 0.5},
    refute=_no_positive_channel,
)
def convolution_measured(steps: Steps, high: float = UNIT.high) -> None:
    draws, error = 200, float(right_side("convolution-measured#5", "=", "epsilon"))
    kernels = digits_convolution()[0].kernels
    for number, entries in ((1, kernels[0].size), (4, kernels.size)):
        address = f"convolution-measured#{number}"
        steps.identity(shown(address), entries, of=address)
    where = {">": (6, {2: "R"}), "<": (8, {7: "R"})}
    of = partial(_kernels_found, error=error, draws=draws, high=high)
    measured(steps, "convolution-measured", where, of, draws, most=48)
    spans(steps, "convolution-measured#3", UNIT)


# -- attention ---------------------------------------------------------------------------------


def _norm_of_the_other_kind() -> Counterexample | None:
    error = 0.5
    tokens = np.array([[1.0, 1.0], [-1.0, -1.0]]) / math.sqrt(2)
    before, after = (attention_weights(tokens, np.full((2, 2), a)) for a in (0.0, error))
    moved, bound = float(np.abs(before - after).sum(axis=1).max() / 2), shift_bound(error)
    return unless(
        moved <= bound,
        "the 1-norm of the tokens (the 2-norm instead)",
        {"d": 2, "T": 2, "ε": error, "x": "±(1, 1)/√2", "A": 0, "Â": "all ε"},
        f"the weights move by {moved:.3f} > {bound:.3f}",
    )


def _moved_weights(most: int = 3) -> Iterator[tuple[Any, ...]]:
    """Total variation by which softmax moves: a few logits that are whole multiples of ln 2."""
    for tokens in range(1, most + 1):
        for logits in itertools.product(range(4), repeat=tokens):
            before = [Fraction(2**z, sum(2**z for z in logits)) for z in logits]
            for shifts in itertools.product((-1, 0, 1), repeat=tokens):
                powers = [Fraction(2) ** (z + s) for z, s in zip(logits, shifts, strict=True)]
                gains = (power / sum(powers) - b for power, b in zip(powers, before, strict=True))
                yield logits, shifts, sum(abs(gain) for gain in gains) / 2


@proof(
    source="★; that the length does not matter is in Otsuka et al. 2025",
    prose=("case distinction", "monotonicity", "norms"),
    code=(shift_bound,),
    uses=("otsuka2025",),
    wrong={"reach": sp.sqrt(2)},
    refute=_norm_of_the_other_kind,
)
def attention_error(steps: Steps, reach: Any = 1) -> None:
    x, y, largest, eta, s = sp.symbols("x y B eta s", positive=True)  # x, y: 1-norms of tokens
    shift = epsilon * largest**2
    most = reach * sides("attention-error#4", "<=", B=largest).rhs  # √2: of two 2-norms
    steps.implies(
        {le(x, most): epsilon * y, le(y, most): epsilon * largest}, le(epsilon * x * y, shift)
    )
    steps.derives("attention-error#6", "=", shift, left=eta, eta=eta, epsilon=epsilon, B=largest)
    # a set of tokens has the weight p = U/(U + L), then U'/(U' + L'); a = e^η = 1 + s
    upper, lower, up, down = sp.symbols("U L U' L'", positive=True)
    a, odds = 1 + s, upper / lower
    steps.implies(
        {le(up, a * upper): lower, ge(a * down, lower): a * upper},
        le(up * lower, a**2 * upper * down),
    )
    gain = a**2 * odds / (1 + a**2 * odds) - odds / (1 + odds)
    steps.holds(le(gain, (a - 1) / (a + 1)))
    steps.identity(gain.subs(upper, lower / a), (a - 1) / (a + 1))  # attained, by two tokens
    bound, power = sides("attention-error#7", "<=", eta=eta), sp.exp(eta)
    for same in (shift_bound(eta, sp.tanh), shown("attention-error#8", eta=eta)):
        steps.identity(bound.lhs, same, of="attention-error#7")
    steps.identity((power - 1) / (power + 1), bound.lhs.rewrite(sp.exp), of="attention-error#7")
    steps.holds(bound, derivative=(eta, 1))
    steps.identity(sp.limit(bound.lhs / bound.rhs, eta, 0), 1)  # so no smaller multiple will do
    third = sp.simplify(put(bound.lhs, eta=sp.log(2)).rewrite(sp.exp))
    steps.each(lambda logits, shifts, moved: exactly(moved) <= third, _moved_weights)


def _longer_token() -> Counterexample | None:
    error, tokens = 0.5, np.array([[2.0], [-2.0]])
    heads = Heads(np.zeros((1, 1, 1)), np.ones((1, 1, 1)))
    moved = heads(tokens, lambda x: x * [error / 2, 1.0]) - heads(tokens)  # keys by ±error
    most, bound = float(np.abs(moved).max()), head_error(error, 1.0, 1.0)
    return unless(
        most <= bound,
        "no token is longer than R (twice as long)",
        {"d": 1, "T": 2, "R": 1, "u": 1, "ε": error, "x": "±2", "A": 0, "U": 1},
        f"outputs move by {most:.3f} > {bound:.3f}",
    )


def _moved_means() -> Iterator[tuple[Any, ...]]:
    """How far a mean of numbers ±1 moves, when they move by 1/2 and their weights, too.

    Beside each, the total variation by which its weights move, of two tokens at most.
    """
    for logits, shifts, moved in _moved_weights(most=2):
        old, new = (
            [Fraction(2) ** z for z in zs]
            for zs in (logits, [z + s for z, s in zip(logits, shifts, strict=True)])
        )
        for values in itertools.product((-1, 1), repeat=len(logits)):
            for errors in itertools.product((-1, 1), repeat=len(logits)):
                found = [v + Fraction(e, 2) for v, e in zip(values, errors, strict=True)]
                before, after = (
                    sum(p * v for p, v in zip(powers, numbers, strict=True)) / sum(powers)
                    for powers, numbers in ((old, values), (new, found))
                )
                yield abs(after - before), moved


@proof(
    name="head-error",
    prose=("norms", "monotonicity"),
    code=(head_error,),
    uses=("attention-error",),
    wrong={"both": 1},
    refute=_longer_token,
)
def head_error_bound(steps: Steps, both: int = 2) -> None:
    # norms of a token, and of an error of a key
    x, key, R, u, e, m = sp.symbols("x k R u epsilon m", positive=True)
    steps.implies({le(x, R): key, le(key, e): R}, le(x * key, e * R))  # how far logits move
    # the mean of errors, then what the change of the weights does to the largest value
    steps.each(lambda change, moved: change <= Fraction(1, 2) + both * moved, _moved_means)
    most = e + both * shift_bound(e * R, sp.tanh) * u * R
    letters = {"epsilon": e, "R": R, "u": u}
    steps.derives("eq-head-error", "=", most, left=m, which=0, m=m, **letters)
    steps.identity(head_error(e, R, u, sp.tanh), most)
    bound = sides("eq-head-error", "<=", which=1, **letters)
    steps.identity(bound.lhs, most, of="eq-head-error")
    steps.holds(bound, derivative=(e, 1))
    steps.identity(sp.limit(bound.lhs / bound.rhs, e, 0), 1)


def _nothing_added() -> Counterexample | None:
    low, g, small = 0.01, 1.0, 2.0**-20
    x = small * np.array([1.0, -1.0])
    moved = float(np.linalg.norm(2 * g * x / np.sqrt(x @ x / x.size)))  # from x to -x, a = 0
    bound = norm_error(float(np.linalg.norm(2 * x)), low, g)
    return unless(
        moved <= bound,
        "a is added to the variance (0 in its place)",
        {"d": 2, "x": "±2^-20 (1, -1)", "g": g, "a": low},
        f"outputs move by {moved:.3f} > {bound:.6f}",
    )


@proof(
    prose=("integration", "norms"),
    code=(norm_error,),
    wrong={"least": 2, "factors": (1, 0)},
    refute=_nothing_added,
)
def layer_norm_error(steps: Steps, least: int = 1, factors: tuple[int, int] = (1, -1)) -> None:
    r, d, a, g, e, m = sp.symbols(
        "r d a g epsilon m", positive=True
    )  # r: norm of the input, centred
    q = r**2 / d + least * a
    across, along = 1 / sp.sqrt(q), sp.diff(r / sp.sqrt(q), r)
    steps.identity(along, least * a / q ** sp.Rational(3, 2))
    for derivative in (across, least * a / q ** sp.Rational(3, 2)):
        steps.holds(le(sp.expand(derivative**2), 1 / (least * a)))
    factor = across.subs(r, 0)
    letters = {"a": a, "g": g, "epsilon": e, "m": m}
    steps.derives("eq-layer-norm-error", "=", g * e * factor, left=m, **letters)
    steps.identity(norm_error(e, a, g, sp.sqrt), g * e * factor)
    more = sp.Symbol("n", integer=True, positive=True)
    ranges(steps, "layer-norm-error", (2, 7), a=a, d=more + 1)
    # attained by r (1, -1, 0, …), r near 0: two numbers, of any d of them, and their factors
    two = r * sp.Matrix([1, -1])
    found = sp.Matrix([g * which * x for which, x in zip(factors, two, strict=True)])
    variance = (two.T * two)[0] / (more + 1)
    stretch = found.norm() / two.norm() / sp.sqrt(variance + a)
    steps.identity(sp.limit(stretch, r, 0), g * factor)


def _far_values() -> Counterexample | None:
    # two tokens with keys ±5 and values ±6 in place of ±3; the query of one moves from 0
    of, point, step = Attention(2, 1, 1, 1), np.array([0.0, 0, 5, -5, 6, -6]), np.zeros(6)
    step[0] = error = 0.01
    moved = float(np.linalg.norm(of.function(point + step) - of.function(point)))
    read = most_read(2, 2 * error * 5)
    bound = error * attention_slope(error, 5.0, 3.0, read, 1.0)
    return unless(
        moved <= bound,
        "no value is farther than V from a point (twice as far)",
        {"T": 2, "a": 1, "Q": error, "K": 5, "V": 3, "k": "±5", "v": "±6", "ε": error},
        f"outputs move by {moved:.3f} > {bound:.3f}",
    )


def _largest_weights() -> Iterator[tuple[Any, ...]]:
    """Of logits in units of ln 2: their number, their spread, the largest weight."""
    for tokens in range(1, 5):
        for logits in itertools.product(range(4), repeat=tokens):
            powers = [Fraction(2) ** z for z in logits]
            yield tokens, max(logits) - min(logits), max(powers) / sum(powers)


@proof(
    name="attention-slope",
    prose=("integration", "norms"),
    code=(attention_slope, most_read),
    wrong={"ends": 1},
    refute=_far_values,
)
def attention_slope_bound(steps: Steps, ends: int = 2) -> None:
    T, Q, K, V, a, e, m, r = sp.symbols("T Q K V a epsilon m r", positive=True)
    spread = ends * a * Q * K  # of the logits: their ends are ±aQK, for keys around 0
    ranges(steps, "attention-slope", 9, a=a)
    letters = {"T": T, "a": a, "Q": Q, "K": K}
    steps.derives("eq-most-read", "=", most_read(T, spread, sp.exp), left=r, r=r, **letters)
    two = partial(pow, Fraction(2))
    steps.each(lambda n, spread, p: n * p <= most_read(n, spread, two), _largest_weights)
    # the derivative of a mean: the mean of derivatives, and a covariance, of three tokens
    t = sp.Symbol("t", real=True)
    p, z, dz, v, dv = (sp.symbols(f"{x}1:4", real=True) for x in ("p", "z", "dz", "v", "dv"))
    middle = sum(share * move for share, move in zip(p, dz, strict=True))
    slopes = [share * (move - middle) for share, move in zip(p, dz, strict=True)]
    powers = [sp.exp(x + t * move) for x, move in zip(z, dz, strict=True)]
    shares = {
        name: power.subs(t, 0) / sum(map(sp.exp, z)) for name, power in zip(p, powers, strict=True)
    }
    steps.identity(sp.diff(powers[0] / sum(powers), t).subs(t, 0), slopes[0].subs(shares))
    term = argument("Sum_t", right_side("attention-slope#6", "=", "y_s"))
    now = zip(p, slopes, v, dv, strict=True)
    moving = ({"p_s,t": w + t * slope, "v_t": x + t * dx} for w, slope, x, dx in now)
    mean = sum(put(term, **names) for names in moving)
    parts = zip(p, dz, v, dv, strict=True)
    moved = sum(w * (dx + (move - middle) * x) for w, move, x, dx in parts)
    steps.identity(sp.diff(mean, t).subs(t, 0), moved)
    # three moves and their lengths, the largest by Cauchy and Schwarz
    dq, dk, dw = sp.symbols("q k v", positive=True)
    of_v, of_q, of_k = sp.sqrt(r), a * V * K, a * V * Q * sp.sqrt(r)
    squares = of_v**2 + of_q**2 + of_k**2
    rest = (of_v * dq - of_q * dw) ** 2 + (of_v * dk - of_k * dw) ** 2
    rest += (of_q * dk - of_k * dq) ** 2
    moves = (of_v * dw + of_q * dq + of_k * dk) ** 2
    steps.identity(squares * (dq**2 + dk**2 + dw**2) - moves, rest)
    most = e * sp.sqrt(squares)
    letters = {"r": r, "a": a, "Q": Q, "K": K, "V": V, "epsilon": e, "m": m}
    steps.derives("eq-attention-slope", "=", most, left=m, **letters)
    steps.identity(e * attention_slope(Q, K, V, r, a, sp.sqrt), most)


def _factors(d: int) -> tuple[Floats, Floats]:
    """Two matrices for tokens of d numbers, whose product has rank 4 at most."""
    rng = np.random.default_rng(4)
    return rng.normal(size=(d, 4)), rng.normal(size=(4, d))


def _head(d: int) -> Floats:
    """Their product, scaled so that its largest entry is 1."""
    product = np.matmul(*_factors(d))
    scaled: Floats = product / np.abs(product).max()
    return scaled


@cache
def _heads_found(d: int, n: int, error: float, draws: int, ticket: Any) -> int:
    """In how many pairs of random matrices all entries of the product are found."""
    found = 0
    for seed in range(draws):
        rng = np.random.default_rng((2025, seed))
        queries, keys = ticket(_head(d), *UNIT.rvs((2, d, d * n), rng=rng))
        found += bool(np.abs(queries @ keys.T - _head(d)).max() <= error)
    return found


def _whole_columns() -> Counterexample | None:
    # hidden dimensions kept or deleted as a whole: no 64 entries can be met one by one
    rng, width = np.random.default_rng(2025), 16
    queries, keys = rng.uniform(-1, 1, (2, 8, width))
    sums = vector_subsets.vector_sums((queries[:, None] * keys[None]).reshape(64, width).T)
    error = float(np.abs(sums - _head(8).ravel()).max(axis=1).min())
    return unless(
        error <= 0.05,
        "single weights may be deleted (hidden dimensions as a whole)",
        {"hidden dimension": width},
        f"the best of all {2**width:,} choices has an entry that is off by {error:.2f}",
    )


@evidence(
    source="★, after Otsuka et al. 2025",
    code=(head_ticket,),
    uses=("attention-error", "otsuka2025"),
    wrong={"ticket": lambda product, queries, keys: (queries, keys)},
    refute=_whole_columns,
)
def attention_measured(steps: Steps, ticket: Any = head_ticket) -> None:
    draws, error = 250, float(right_side("attention-measured#14", "=", "epsilon"))
    where = {">": (16, {3: "d", 17: "n"}), "<": (18, {3: "d", 19: "n"})}
    of = partial(_heads_found, error=error, draws=draws, ticket=ticket)
    measured(steps, "attention-measured", where, of, draws)
    d = whole(right_side("attention-measured#3", "=", "d"))
    for number, matrix in zip((2, 4, 5), (_head(d), *_factors(d)), strict=True):
        address = f"attention-measured#{number}"
        steps.identity(shown(address, d=d), matrix.size, of=address)
    spans(steps, "attention-measured#7", UNIT)


# -- networks of other layers ------------------------------------------------------------------


def _steep_leak() -> Counterexample | None:
    slope, z = Fraction(2), Fraction(1)
    leaky, unrolled = max(z, slope * z), max(z, Fraction(0)) - slope * max(-z, Fraction(0))
    dropped = "a slope of at most 1 (2 instead)"
    shows = f"the maximum is {leaky}, unrolled {unrolled}"
    return unless(leaky == unrolled, dropped, {"z": z}, shows)


@proof(
    prose=("case distinction", "construction", "induction"),
    code=(Unrolled.relu, Unrolled.maximum),
    uses=("relu-identity",),
    refute=_steep_leak,
)
def unrolled_layers(steps: Steps) -> None:
    t, b = sp.Symbol("t", nonnegative=True), sp.Symbol("b", real=True)
    flattest = sides("unrolled-layers#5", "<=", 0).lhs
    steepest = right_side("unrolled-layers#5", "<=", "alpha", 1)
    slopes = (flattest, steepest / (1 + p), steepest)  # p > 0: all between
    for z, slope in itertools.product((t, -t), slopes):
        leaky = sides("eq-unrolled-leaky", "=", z=z, alpha=slope)
        steps.identity(leaky.lhs, leaky.rhs, of="eq-unrolled-leaky")
    for a in (b + t, b - t):
        larger = sides("eq-unrolled-max", "=", a=a, b=b)
        steps.identity(larger.lhs, larger.rhs, of="eq-unrolled-max")
    for u in (t, -t):
        skip = sides("eq-unrolled-skip", "=", u=u)
        steps.identity(skip.lhs, skip.rhs, of="eq-unrolled-skip")


def _one_weight_for_both_signs() -> Counterexample | None:
    u, v, x = Fraction(1), Fraction(1), Fraction(-1)
    computed, wanted = v * max(u * x, Fraction(0)), v * u * x
    dropped = "a weight for x > 0 and one for x < 0 (one for both)"
    shows = f"the kept neuron computes {computed}, the weight {wanted}"
    return unless(computed == wanted, dropped, {"u": u, "v": v, "x": x}, shows)


def _planned_convolutions(plan: Callable[..., Any]) -> Iterator[tuple[Fraction, int, int]]:
    """Trained kernels on images of several sizes: c, digits of all entries, hidden channels."""
    trained, _ = digits_convolution()
    kernels, delta = trained.kernels[:, None], Fraction(1, 128)

    def layer(images: Floats) -> Floats:
        return convolve(images, kernels)

    for side in (4, 6, 8):
        graph = Unrolled("x", (1, side, side))
        graph.affine("y", "x", layer)
        weights, biases, activations, _ = graph.layers("y")
        network = Network(weights, biases, activations=activations, kernels=graph.kernels("y"))
        for domain, c in ((Box(0, 1), 2), (Box(-1, 1), 4)):
            cost = plan(network, weight_epsilon=0.01, inputs=domain, delta=float(delta))
            (found,) = cost.layers
            (rows,) = found.widths
            of_entry = shown(f"shared-kernels#{21 if c == 2 else 20}", k_i=found.requirements)
            needs = whole(of_entry * np.count_nonzero(kernels))
            yield Fraction(1, c * found.requirements), needs, rows


@proof(
    source="★, after da Cunha et al. 2022",
    prose=("case distinction", "construction", "union bound"),
    code=(plan, Kernels.core, Kernels.spread),
    uses=("main-theorem", "unrolled-layers", "dacunha2022"),
    wrong={"plan": lambda *what, delta, **how: plan(*what, delta=2 * delta, **how)},
    refute=_one_weight_for_both_signs,
)
def shared_kernels(steps: Steps, plan: Callable[..., Any] = plan) -> None:
    s, t = sp.Symbol("s", nonnegative=True), sp.Symbol("t", nonnegative=True)
    for u, x in itertools.product((s, -s), (t, -t)):
        kept = sides("eq-shared-product", "=", u=u, x=x)
        steps.identity(kept.lhs, kept.rhs, of="eq-shared-product")
    formula = sides("eq-shared-kernels", "<=", delta=Fraction(1, 128), ell=1)
    least = partial(is_least, formula)
    steps.each(lambda c, R, rows: least(rows, R=R, c_i=c), _planned_convolutions, plan)
    promised(steps, "shared-kernels#24", sides("eq-shared-kernels", "<=").rhs)
