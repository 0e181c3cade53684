"""Claims of the chapter *since_sparse*: tickets that keep few of the numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache, partial
from typing import Any

import numpy as np
import sympy as sp

from lpbook.distributions import Law, Uniform
from lpbook.experiments import vector_subsets
from lpbook.experiments.vector_subsets import family_size, least_subsets
from lpbook.ledger.common import UNIT, measured, promised, spans, too_few
from lpbook.ledger.core import Counterexample, Steps, evidence, proof
from lpbook.ledger.ranges import ranges
from lpbook.ledger.reading import right_side
from lpbook.ledger.relations import ge
from lpbook.ledger.shown import shown, sides
from lpbook.subsets import closest_subset, sparsest_subset

delta, epsilon = sp.symbols("delta epsilon", positive=True)
n, k = sp.symbols("n k", integer=True, positive=True)


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
    dimension = right_side("kept-fraction-entropy#6", "=", "d")
    bits = sp.log(least_subsets(epsilon**dimension, delta)) / sp.log(2)
    steps.derives("eq-kept-fraction-entropy-b", ">=", bits / rate.lhs, left=n, **names)
    steps.computes(rate.rhs, vector_subsets.entropy, {"alpha": (0.5, 0.25, 0.1, 2.0**-20)})
    steps.each(lambda n, k, family, most: family <= most, _families, end.rhs)
    ranges(steps, "kept-fraction-entropy", (1, 8), k=alpha, alpha=alpha)
    cube = right_side("counting-vectors#6", "in", "t")
    spans(steps, "kept-fraction-entropy#9", cube.args[:2])
    promised(steps, "kept-fraction-entropy#11")


Solver = Callable[..., Any]


@cache
def _kept(k: int, n: int, error: float, trials: int, sparsest: Solver, law: Law = UNIT) -> int:
    """How many random targets are met by at most k of n random numbers."""
    rng = np.random.default_rng(2024)
    targets, numbers = UNIT.rvs((trials, 1), rng=rng), law.rvs((trials, 28), rng=rng)
    found = sparsest(targets, numbers[:, :n], error)
    return int((found.found & (found.sizes <= k)).sum())


def _small_numbers() -> Counterexample | None:
    met = _kept(3, 15, 0.01, 300, sparsest_subset, Uniform(0.25))
    dropped = "numbers from the range of the targets (a quarter of it)"
    return too_few(dropped, {"k": 3, "n": 15, "ε": 0.01}, met, 300, 0.9)


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
    measured(steps, "sparsity-measured", where, of, trials)
    spans(steps, "sparsity-measured#1", UNIT)
