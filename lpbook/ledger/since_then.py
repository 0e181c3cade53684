"""Claims of the chapter *since_then*: subset sums of vectors, few numbers, grids, attention."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import cache, partial
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from lpbook._checks import Floats
from lpbook.experiments import vector_subsets
from lpbook.experiments.attention import attention_weights, head_ticket, shift_bound
from lpbook.experiments.confidence import unlikely_mean
from lpbook.experiments.convolutions import convolve, digits_convolution, find_kernels
from lpbook.experiments.vector_subsets import enough_subsets, family_size, least_subsets, miss_bound
from lpbook.frameworks.unrolled import Unrolled
from lpbook.kernels import Kernels
from lpbook.ledger.common import is_least, listed, right_side, surely, unless, whole
from lpbook.ledger.core import Counterexample, Steps, evidence, exactly, finite, ge, le, lt, proof
from lpbook.ledger.ranges import ranges
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import Box, Network
from lpbook.pruning import plan
from lpbook.subsets import closest_subset, sparsest_subset

N, p, delta, epsilon = sp.symbols("N p delta epsilon", positive=True)
d, n, k = sp.symbols("d n k", integer=True, positive=True)


def _measured(
    steps: Steps, name: str, where: Mapping[str, tuple[int, Mapping[int, str]]],
    found: Callable[..., int], trials: int, most: int = 28,
) -> None:  # fmt: skip
    """A probability is beyond its limits; were it not, such shares of the trials would be unlikely.

    `where` has, for each sign, which formula of the statement is the limit and which are the lists
    (``n = 6, 11, 16``, each with its letter) that `found` takes.
    """
    for sign, (place, lists) in where.items():
        address = f"{name}#{place}"
        right_side(address, sign, "p")
        sizes = (_sizes(f"{name}#{i}", letter, most) for i, letter in lists.items())
        for case in zip(*sizes, strict=True):
            surely(steps, sides(address, sign), found(*case) / trials, trials)


def _sizes(address: str, letter: str, most: int) -> list[int]:
    """Whole numbers of the chapter; more numbers than `most` are not searched for subsets."""
    found = [whole(number) for number in listed(address, letter)]
    if max(found) > most:
        raise ValueError(f"{address} shows {found}: must be at most {most}")
    return found


def _too_few(
    dropped: str, values: dict[str, Any], found: int, trials: int, limit: float
) -> Counterexample | None:
    """So few successes are unlikely at this probability, or a larger one."""
    return unless(
        found >= limit * trials or not unlikely_mean(found / trials, limit, trials),
        dropped,
        values,
        f"only {found} of {trials} draws succeed",
    )


# -- counting ----------------------------------------------------------------------------------


def _targets_on_a_line() -> Counterexample | None:
    radius, dimension = Fraction(1, 4), 2
    centres = [Fraction(2 * i + 1, 4) - 1 for i in range(4)]
    wanted = least_subsets(radius**dimension, 0)
    ends = [-1 - radius, *centres, 1 + radius]
    return unless(
        any(b - a > 2 * radius for a, b in itertools.pairwise(ends)) or len(centres) >= wanted,
        "targets from the whole cube (from a line instead)",
        {"d": dimension, "ε": radius, "N": len(centres)},
        f"fewer than {wanted} sums meet all targets",
    )


@proof(
    source="folklore",
    prose=("expectation", "measure", "union bound"),
    code=(least_subsets, vector_subsets.least_numbers),
    uses=("union-bound",),
    wrong={"side": 1},
    refute=_targets_on_a_line,
)
def counting_vectors(steps: Steps, side: Any = 2) -> None:
    served, q = sp.symbols("S q", positive=True)  # the expected share of served targets
    steps.implies(
        {ge(served, 1 - delta): 1 / p, le(served, N * p): 1 / p}, ge(N, least_subsets(p, delta))
    )
    box = (2 * epsilon / side) ** d  # its share of the cube
    names = {"N": N, "delta": delta, "epsilon": epsilon, "d": d, "n": n, "q": q}
    for address, share in (("eq-counting-vectors", box), ("counting-vectors#12", q**-d)):
        steps.derives(address, ">=", least_subsets(share, delta), left=N, **names)
    bits = sp.expand_log(sp.log(least_subsets(box, delta)), force=True) / sp.log(2)
    steps.derives("counting-vectors#11", ">=", bits, left=n, **names)  # N = 2^n

    def numbers(d: int, delta: float, epsilon: float) -> int:
        return vector_subsets.least_numbers(least_subsets(epsilon**d, delta))

    least = sp.ceiling(sides("counting-vectors#11", ">=").rhs)
    at = {"d": (1, 2, 9), "delta": (0.0, 0.25, 0.5), "epsilon": (0.5, 0.375, 2.0**-20)}
    steps.computes(least, numbers, at)
    ranges(steps, "counting-vectors", (1, 3), epsilon=epsilon, d=d)


# -- wrap-around: pairs of subsets are independent ---------------------------------------------


def _with_the_empty_set() -> Counterexample | None:
    missed = Fraction(sum(1 not in {0, x} for x in range(2)), 2)
    bound = miss_bound(2, Fraction(1, 2))
    return unless(
        missed <= bound,
        "no subset of the family is empty ({∅, {1}} instead)",
        {"group": "Z₂", "n": 1, "A": "{1}"},
        f"the target is missed with probability {missed} > {bound}",
    )


@proof(
    source="★; that the sums are pairwise independent is folklore",
    prose=("conditioning", "expectation", "independence"),
    code=(miss_bound, enough_subsets),
    wrong={"empty": 1},
    refute=_with_the_empty_set,
)
def wraparound_hits(steps: Steps, empty: int = 0) -> None:
    names = {"N": N, "p": p, "delta": delta}
    first, second, hit, x = sp.symbols("E_1 E_2 P x", positive=True)  # E Z, E Z², Pr[Z > 0]
    factor = second / first  # E (Z − factor · 1[Z > 0])² >= 0
    steps.implies(
        {ge(second - 2 * factor * first + factor**2 * hit, 0): factor**-2},
        ge(hit, first**2 / second),
    )
    random = N - empty  # subsets whose sum is uniform
    moments = {first: random * p, second: random * p + random * (random - 1) * p**2}
    bound = 1 - (first**2 / second).subs(moments)
    for same in (bound, miss_bound(N, p)):
        steps.derives("eq-wraparound-hits", "<=", same, which=1, **names)
    steps.holds(lt(sp.diff(miss_bound(N, 1 / (1 + x)), N), 0))  # any p < 1: it falls with N
    count = sides("wraparound-hits#11", ">=", **names)
    steps.identity(miss_bound(count.rhs, p), delta, of="wraparound-hits#11")
    steps.derives("wraparound-hits#11", ">=", enough_subsets(p, delta), left=N, **names)


def _groups() -> list[tuple[int, int, int]]:
    """(q, d, n): the groups Z_q^d of the statement and how many elements are drawn."""
    name = "wraparound-hits-finite"
    line, plane, two, three = (
        whole(right_side(f"{name}#{i}", "=", letter))
        for i, letter in ((2, "d"), (5, "d"), (6, "q"), (8, "q"))
    )
    first = whole(sides(f"{name}#3", "<=", 0).lhs)
    last = whole(right_side(f"{name}#3", "<=", "q", 1))
    most = [whole(right_side(f"{name}#{i}", "<=", "n")) for i in (4, 7, 9)]
    groups = [(q, line, most[0]) for q in range(first, last + 1)]
    groups += [(two, plane, most[1]), (three, plane, most[2])]
    return [(q, d, n) for q, d, largest in groups for n in range(1, largest + 1)]


def group_sums(q: int, d: int, n: int) -> NDArray[np.int64]:
    """Sums of all subsets for all draws, as codes: shape (q^(d n), 2^n)."""
    elements = np.array(list(itertools.product(range(q), repeat=d)))
    draws = np.array(list(itertools.product(range(len(elements)), repeat=n)))
    kept = np.array(list(itertools.product((0, 1), repeat=n)))
    sums = np.einsum("sn,and->asd", kept, elements[draws]) % q
    codes: NDArray[np.int64] = sums @ q ** np.arange(d)
    return codes


def _pairs_of_sums(empty: bool) -> Iterator[tuple[Any, ...]]:
    """How often each pair of values is taken by the sums of two subsets, over all draws."""
    for q, d, n in _groups():
        order, sums = q**d, group_sums(q, d, n)
        for s, t in itertools.combinations(range(0 if empty else 1, 2**n), 2):
            counts = np.bincount(sums[:, s] * order + sums[:, t], minlength=order**2)
            yield q, d, n, s, t, set(counts.tolist())


def _missed(empty: bool) -> Iterator[tuple[Any, ...]]:
    """With which probability a family of subsets, all or those of one size, misses a target."""
    for q, d, n in _groups():
        sums = group_sums(q, d, n)
        sizes = np.array([sum(kept) for kept in itertools.product((0, 1), repeat=n)])
        members = [sizes >= (0 if empty else 1), *(sizes == size for size in range(1, n + 1))]
        for family, target in itertools.product(members, range(q**d)):
            missed = (sums[:, family] != target).all(axis=1)
            yield q, d, n, int(family.sum()), target, Fraction(int(missed.sum()), len(sums))


def _even_numbers() -> Counterexample | None:
    hit = (2 * group_sums(2, 1, 3) % 4 == 1).any(axis=1)  # twice an element of Z_2
    missed, bound = 1 - Fraction(int(hit.sum()), hit.size), miss_bound(7, Fraction(1, 4))
    return unless(
        missed <= bound,
        "uniform on the whole group (on {0, 2} only)",
        {"group": "Z₄", "n": 3, "t": 1},
        f"the target is missed with probability {missed} > {bound}",
    )


@finite(
    code=(miss_bound,),
    uses=("wraparound-hits",),
    wrong={"empty": True},
    refute=_even_numbers,
)
def wraparound_hits_finite(steps: Steps, empty: bool = False) -> None:
    steps.each(lambda q, d, n, s, t, counts: len(counts) == 1, _pairs_of_sums, empty)
    both = shown("wraparound-hits-finite#13")
    one = whole(right_side("wraparound-hits-finite#12", "=", "t"))

    def within(q: int, d: int, n: int, family: int, t: int, missed: Fraction) -> bool:
        bound = exactly(miss_bound(family, Fraction(1, q**d)))
        attained = (q, d, t, family) == (2, 1, one, 2**n - 1)
        found = exactly(missed)
        return bool(found == bound == put(both, n=n) if attained else found <= bound)

    steps.each(within, _missed, empty)


# -- several coordinates -----------------------------------------------------------------------


@cache
def _hits(d: int, n: int, error: float, trials: int, own: int | None = None) -> int:
    """How many random targets are met by n random vectors with so many own coordinates each."""
    rng = np.random.default_rng(2022 + d)
    vectors, targets = rng.uniform(-1, 1, (trials, n, own or d)), rng.uniform(-1, 1, (trials, d))
    vectors = np.broadcast_to(vectors, (trials, n, d))
    return int(vector_subsets.hits_by_count(vectors, targets, error)[:, -1].sum())


def _vectors_on_a_line() -> Counterexample | None:
    found = _hits(2, 14, 0.1, 200, own=1)
    dropped = "independent coordinates (equal ones instead)"
    return _too_few(dropped, {"d": 2, "n": 14, "ε": 0.1}, found, 200, 0.75)


@evidence(
    source="★, after Becchetti et al. 2022",
    code=(vector_subsets.hits_by_count,),
    uses=("becchetti2022",),
    wrong={"own": 1},
    refute=_vectors_on_a_line,
)
def dimensions_measured(steps: Steps, own: int | None = None) -> None:
    trials, error = 1000, float(right_side("dimensions-measured#4", "=", "epsilon"))
    where = {">": (3, {6: "d", 5: "n"}), "<": (8, {6: "d", 7: "n"})}
    of = partial(_hits, error=error, trials=trials, own=own)
    _measured(steps, "dimensions-measured", where, of, trials, most=22)


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
    kernels = np.array([[[[1.0, -2]], [[4, 8]]]])  # two channels

    def one_convolution(masks: tuple[int, ...]) -> bool:
        kept = np.reshape(masks, kernels.shape)
        hidden = np.maximum(np.reshape(first, (1, 2, 1, 1)) * image, 0)
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
def _kernels_found(channels: int, error: float, draws: int, high: float = 1.0) -> int:
    """In how many random convolutions, first layer uniform on [-1, high], all entries are found."""
    kernels = digits_convolution()[0].kernels
    found = 0
    for seed in range(draws):
        rng = np.random.default_rng((2022, seed))
        first = rng.uniform(-1, high, channels)
        second = rng.uniform(-1, 1, (len(kernels), channels, 3, 3))
        found += bool(find_kernels(kernels, first, second, error).found.all())
    return found


def _no_positive_channel() -> Counterexample | None:
    found = _kernels_found(48, 1.4e-4, 20, high=0.0)
    dropped = "first-layer weights of both signs (negative ones only)"
    return _too_few(dropped, {"channels": 48}, found, 20, 0.5)


@evidence(
    source="★, after da Cunha, Natale and Viennot 2022 and Burkholz 2022",
    code=(find_kernels,),
    uses=("one-by-one-first", "dacunha2022", "burkholz2022"),
    wrong={"high": 0.5},
    refute=_no_positive_channel,
)
def convolution_measured(steps: Steps, high: float = 1.0) -> None:
    draws, error = 200, float(right_side("convolution-measured#5", "=", "epsilon"))
    kernels = digits_convolution()[0].kernels
    entries = shown("convolution-measured#4")
    steps.cases(lambda size, entries: size == entries, size=[kernels.size], entries=[entries])
    where = {">": (6, {2: "R"}), "<": (8, {7: "R"})}
    of = partial(_kernels_found, error=error, draws=draws, high=high)
    _measured(steps, "convolution-measured", where, of, draws, most=48)


# -- few numbers -------------------------------------------------------------------------------


def _families(largest: Any) -> Iterator[tuple[Any, ...]]:
    """How many subsets keep at most k of n numbers, and 2^(n H(k/n)) without rounding."""
    for n in range(2, 41):
        for k in range(1, int(n * largest) + 1):
            yield n, k, family_size(n, k), Fraction(n**n, k**k * (n - k) ** (n - k))


def _more_than_half() -> Counterexample | None:
    for n, k, family, most in _families(Fraction(2, 3)):
        if family > most:
            shows = f"{family} subsets are more than {most}"
            return Counterexample("k ≤ n/2", {"n": n, "k": k}, shows)
    return None


@proof(
    source="folklore; the question is from Natale et al. 2024",
    prose=("counting", "monotonicity"),
    code=(vector_subsets.entropy, family_size, least_subsets),
    uses=("counting-vectors", "natale2024"),
    refute=_more_than_half,
)
def kept_fraction_entropy(steps: Steps) -> None:
    alpha, x = sp.Symbol("alpha", positive=True), sp.Symbol("x", nonnegative=True)
    rate = sides("eq-kept-fraction-entropy", "=", alpha=alpha)
    entropy = rate.lhs.func
    ratio = alpha / (1 - alpha)
    for address in ("kept-fraction-entropy#1", "kept-fraction-entropy#8"):  # k/n or α
        end = sides(address, "<=", which=1, n=1, k=alpha, alpha=alpha)
        steps.identity(end.lhs, alpha, of=address)
        steps.identity(ratio.subs(alpha, end.rhs / (1 + x)), 1 / (1 + 2 * x), of=address)
    power = sp.Symbol("i", integer=True, nonnegative=True)  # ρ^(k−i) / ρ^k, ρ = 1/(1 + 2x)
    steps.holds(ge((1 + 2 * x) ** power, 1), derivative=(x, 1))
    term = ratio**k * (1 - alpha) ** n  # of j = k, without its binomial coefficient
    logs = sp.expand_log(sp.log(term.subs(k, alpha * n)), force=True)
    most = shown("kept-fraction-entropy#2", k=alpha * n, n=n).replace(entropy, lambda a: rate.rhs)
    steps.identity(-logs, sp.expand_log(sp.log(most), force=True), of="kept-fraction-entropy#2")
    names = {"n": n, "delta": delta, "epsilon": epsilon, "alpha": alpha}
    bits = sp.log(least_subsets(epsilon, delta)) / sp.log(2)
    steps.derives("eq-kept-fraction-entropy-b", ">=", bits / rate.lhs, left=n, **names)
    steps.computes(rate.rhs, vector_subsets.entropy, {"alpha": (0.5, 0.25, 0.1, 2.0**-20)})
    steps.each(lambda n, k, family, most: family <= most, _families, end.rhs)
    ranges(steps, "kept-fraction-entropy", 8, alpha=alpha)


Solver = Callable[..., Any]


@cache
def _kept(k: int, n: int, error: float, trials: int, sparsest: Solver, scale: float = 1.0) -> int:
    """How many random targets are met by at most k of n random numbers."""
    rng = np.random.default_rng(2024)
    targets, numbers = rng.uniform(-1, 1, (trials, 1)), rng.uniform(-scale, scale, (trials, 28))
    found = sparsest(targets, numbers[:, :n], error)
    return int((found.found & (found.sizes <= k)).sum())


def _small_numbers() -> Counterexample | None:
    met = _kept(3, 15, 0.01, 300, sparsest_subset, scale=0.25)
    dropped = "numbers from the range of the targets (a quarter of it)"
    return _too_few(dropped, {"k": 3, "n": 15, "ε": 0.01}, met, 300, 0.9)


@evidence(
    source="★, after Natale et al. 2024",
    code=(sparsest_subset,),
    uses=("natale2024",),
    wrong={"sparsest": lambda targets, samples, epsilon: closest_subset(targets, samples)},
    refute=_small_numbers,
)
def sparsity_measured(steps: Steps, sparsest: Solver = sparsest_subset) -> None:
    trials, error = 2000, float(right_side("sparsity-measured#2", "=", "epsilon"))
    where = {">": (3, {4: "k", 5: "n"}), "<": (8, {4: "k", 7: "n"})}
    of = partial(_kept, error=error, trials=trials, sparsest=sparsest)
    _measured(steps, "sparsity-measured", where, of, trials)


# -- grids -------------------------------------------------------------------------------------


def _positive_grid() -> Counterexample | None:
    draws = itertools.product((1, 2, 3), repeat=4)
    kept = list(itertools.product((0, 1), repeat=4))
    return unless(
        any(sum(itertools.compress(x, bits)) == -1 for x in draws for bits in kept),
        "numbers of both signs ({1, 2, 3} instead)",
        {"n": 4, "t": -1},
        "no draw hits the target",
    )


@finite(
    source="★, after Kumar and Natale 2025",
    code=(vector_subsets.grid_hits,),
    uses=("kumar2025",),
    wrong={"hits": lambda largest, n: vector_subsets.grid_hits(largest + 1, n)},
    refute=_positive_grid,
)
def grid_hits_exact(
    steps: Steps, hits: Callable[[int, int], dict[int, Fraction]] = vector_subsets.grid_hits
) -> None:
    level = right_side("grid-hits-exact#6", ">=", "p_t")

    def least(L: int, n: int) -> bool:
        *fewer, rarest = (exactly(min(hits(L, m).values())) for m in range(1, n + 1))
        return bool(max(fewer) < level <= rarest)

    sizes = (_sizes(f"grid-hits-exact#{i}", letter, 28) for i, letter in ((3, "L"), (7, "n")))
    for largest, n in zip(*sizes, strict=True):
        steps.cases(least, L=[largest], n=[n])


@cache
def _bits_hit(bits: int, n: int, trials: int, step: int = 1) -> int:
    """How many random targets of so many bits are sums of n random numbers, exactly."""
    rng = np.random.default_rng((2025, bits))
    low, high = (int(shown(f"grid-transition-measured#{i}", b=bits)) for i in (2, 3))
    targets = rng.integers(low, high, (trials, 1), endpoint=True)
    numbers = rng.integers(low, high, (trials, n), endpoint=True) // step * step
    return int((closest_subset(targets, numbers).errors == 0).sum())


def _coarser_numbers() -> Counterexample | None:
    found = _bits_hit(8, 14, 300, step=2)
    dropped = "numbers on the targets' grid (on every second point of it)"
    return _too_few(dropped, {"bits": 8, "n": 14}, found, 300, 0.9)


@evidence(
    source="★, after Borgs, Chayes and Pittel 2001 and Kumar and Natale 2025",
    code=(closest_subset,),
    uses=("borgs2001", "kumar2025"),
    wrong={"step": 2},
    refute=_coarser_numbers,
)
def grid_transition_measured(steps: Steps, step: int = 1) -> None:
    trials = 400
    whole, low, high = (shown(f"grid-transition-measured#{i}") for i in (1, 2, 3))
    steps.identity(high - low + 1, whole, of="grid-transition-measured#1")
    where = {">": (6, {4: "b", 5: "n"}), "<": (8, {4: "b", 7: "n"})}
    of = partial(_bits_hit, trials=trials, step=step)
    _measured(steps, "grid-transition-measured", where, of, trials)


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


def _moved_weights() -> Iterator[tuple[Any, ...]]:
    """Total variation by which softmax moves: up to 3 logits that are whole multiples of ln 2."""
    for tokens in (1, 2, 3):
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


def _head(d: int) -> Floats:
    """A product of two matrices for tokens of d numbers, of rank 4 at most, largest entry 1."""
    rng = np.random.default_rng(4)
    product = rng.normal(size=(d, 4)) @ rng.normal(size=(4, d))
    scaled: Floats = product / np.abs(product).max()
    return scaled


@cache
def _heads_found(d: int, n: int, error: float, draws: int, ticket: Any) -> int:
    """In how many pairs of random matrices all entries of the product are found."""
    found = 0
    for seed in range(draws):
        rng = np.random.default_rng((2025, seed))
        queries, keys = ticket(_head(d), *rng.uniform(-1, 1, (2, d, d * n)))
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
    draws, error = 250, float(right_side("attention-measured#12", "=", "epsilon"))
    where = {">": (14, {3: "d", 15: "n"}), "<": (16, {3: "d", 17: "n"})}
    of = partial(_heads_found, error=error, draws=draws, ticket=ticket)
    _measured(steps, "attention-measured", where, of, draws)


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
    steepest = right_side("unrolled-layers#5", "<=", "alpha", 1)
    slopes = (0, steepest / (1 + p), steepest)  # p > 0: all between
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
            halves = 1 if c == 2 else 2
            needs = found.requirements * halves * np.count_nonzero(kernels)
            yield Fraction(1, c * found.requirements), int(needs), rows


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
