"""Claims of the chapter *since_universal*: one ticket for many tasks."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
import sympy as sp

from lpbook.experiments.universal_tickets import (
    bits_for_tasks,
    lipschitz_error,
    read_out_error,
    signs_of,
    slopes_of,
)
from lpbook.ledger.common import fraction, is_least, true_at, unless
from lpbook.ledger.core import Counterexample, Steps, ge, le, proof
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import Ball, Network
from lpbook.pruning import plan as plan_tickets
from lpbook.pruning import prune

BURKHOLZ = "★, after Burkholz et al. 2022"
L, n, epsilon = sp.symbols("L n epsilon", positive=True)

# -- read-outs ---------------------------------------------------------------------------------


def _each_within() -> Counterexample | None:
    c, error = (1, 1), Fraction(1, 10)
    off = sum(c) * error  # both features err upwards
    return unless(
        off**2 <= 2 * error**2,
        "ε bounds the errors of all features together (of each instead)",
        {"c": c, "ε": error, "g_1 − f_1": error, "g_2 − f_2": error},
        f"the task errs by {off}, more than ε√2",
    )


def _cauchy(
    steps: Steps, norm: Any, c: Sequence[Any], d: Sequence[Any], known: Any, bound: Any
) -> None:
    """|c·d| is at most |c| times a bound on |d|, by the square of |c| d - bound c."""
    product = sum(a * b for a, b in zip(c, d, strict=True))
    gap = sum((norm * b - bound * a) ** 2 for a, b in zip(c, d, strict=True))
    other = sum((norm * b + bound * a) ** 2 for a, b in zip(c, d, strict=True))
    of_c = le(sum(a**2 for a in c), norm**2)
    for sign, square in ((1, gap), (-1, other)):
        off, most = sign * product, norm * bound
        steps.implies(
            {known: norm**2, of_c: bound**2, ge(square, 0): 1},
            le(2 * most * off, 2 * most * most),
        )


def _of_two(formula: Any, **letters: Sequence[Any]) -> Any:
    """Sums over j, written out for two features."""

    def both(term: Any) -> Any:
        return sum(
            put(term, **{f"{name}_j": at[j] for name, at in letters.items()}) for j in (0, 1)
        )

    return formula.replace(sp.Function("Sum_j"), both)


@proof(
    name="read-out-error",
    source=BURKHOLZ,
    prose=("norms",),
    code=(read_out_error,),
    uses=("error-budget", "burkholz2022universal"),
    wrong={"reach": sp.Rational(101, 100)},
    refute=_each_within,
)
def read_out_error_once(steps: Steps, reach: Any = 1) -> None:
    name = "read-out-error"
    c, d, e, f = (sp.symbols(f"{x}_1 {x}_2", real=True) for x in "cdef")
    norm, eta, size = sp.symbols("N eta A", nonnegative=True)
    g = [a + b for a, b in zip(f, d, strict=True)]
    within = sides(f"{name}#3", "<=", epsilon=reach * epsilon)
    known = within.func(_of_two(within.lhs, f=f, g=g), within.rhs)
    gap = sides("eq-read-out-error", "<=", epsilon=epsilon)
    off = _of_two(gap.lhs, c=c, f=f, g=g)
    product = sum(a * b for a, b in zip(c, d, strict=True))
    steps.identity(off.args[0] ** 2, product**2, of="eq-read-out-error")
    _cauchy(steps, norm, c, d, known, epsilon)
    as_norm = {sp.Function("norm")(sp.Symbol("c")): norm}
    steps.identity(gap.rhs.subs(as_norm), read_out_error(norm, epsilon), of="eq-read-out-error")

    single = sides(f"{name}#6", "<=", epsilon=epsilon)  # each feature within ε, by itself
    sums = sides("eq-read-out-single", "<=", epsilon=epsilon)
    weights = sp.symbols("a_1 a_2", nonnegative=True)  # magnitudes of the read-out
    of_each = {
        le(put(single.lhs, g_j=off, f_j=0).args[0], single.rhs): weight
        for off, weight in zip(d, weights, strict=True)
    }
    norm_1 = sp.Function("norm_1")(sp.Symbol("c"))
    most = sums.rhs.subs({norm_1: sum(weights)})
    steps.implies(of_each, le(sum(a * b for a, b in zip(weights, d, strict=True)), most))

    found = sides("eq-read-out-found", "<=", 1, epsilon=epsilon, A=size)
    total = _of_two(found.lhs, c=c, f=f, g=g, hat_c=[a + b for a, b in zip(c, e, strict=True)])
    moved = sum(a * b for a, b in zip(e, g, strict=True))
    steps.identity(total.args[0] ** 2, (product + moved) ** 2, of="eq-read-out-found")
    together = size + epsilon
    known = le(g[0] ** 2 + g[1] ** 2, together**2)
    _cauchy(steps, eta, e, g, known, together)
    m, weight = sp.symbols("m epsilon_w", positive=True)
    right = put(found.rhs.subs(as_norm), m=m, epsilon_w=weight)
    derived = read_out_error(norm, epsilon, weight * sp.sqrt(m), size)
    steps.identity(right, derived, of="eq-read-out-found")


# -- prices ------------------------------------------------------------------------------------


def _negative_feature() -> Counterexample | None:
    task = Network([[[0.5]]])
    ticket = prune(task, weight_epsilon=0.01, inputs=Ball(1.0, nonnegative=True)).network()
    found, wanted = float(ticket([-1.0])[0]), float(task([-1.0])[0])
    return unless(
        abs(found - wanted) <= 0.01,
        "features are never below 0",
        {"c": 0.5, "f": -1, "ε_w": 0.01},
        f"the ticket puts out {found:g}, the task is {wanted:g},",
    )


def _planned_tasks(plan: Callable[..., Any]) -> Iterator[tuple[int, int, int, int, int]]:
    """Read-outs of K tasks: k, m, K; the planned block, and that of one task."""
    rng = np.random.default_rng(2022)
    for tasks, features, error in itertools.product((1, 2, 7, 100), (1, 5), (0.2, 0.01)):
        read_outs = rng.uniform(0.5, 1, (tasks, features))
        read_outs[0, 0] = 1.0
        how = {"weight_epsilon": error, "inputs": Ball(1.0, nonnegative=True), "delta": 2.0**-7}
        whole, one = (plan(Network([rows]), **how).layers[0] for rows in (read_outs, read_outs[:1]))
        yield whole.requirements, features, tasks, max(whole.widths), max(one.widths)


@proof(
    source=BURKHOLZ,
    prose=("union bound",),
    code=(plan_tickets,),
    uses=("union-bound", "main-theorem", "digits-suffice"),
    wrong={"plan": lambda *what, delta, **how: plan_tickets(*what, delta=2 * delta, **how)},
    refute=_negative_feature,
)
def further_tasks(steps: Steps, plan: Callable[..., Any] = plan_tickets) -> None:
    price = sides("eq-further-tasks", "<=", delta=Fraction(1, 128))
    growth = sides("eq-further-tasks-b", "<=")

    def is_planned(k: int, m: int, K: int, width: int, one: int) -> bool:
        within = true_at(growth, k=k, K=K, M_K=width, M_1=one)
        return within and is_least(price, width, letter="M_K", k=k, m=m, K=K)

    steps.each(is_planned, _planned_tasks, plan)
    s, t, a, k = (sp.Symbol(x, positive=True) for x in ("s", "t", "a", "k"))
    share = s / (1 + s)  # 1/2k; then a is ln 1/(1 - 1/2k), and t is ln K
    steps.holds(le(share, sp.log(1 + s)), derivative=(s, 1))
    steps.implies({ge(a, 1 / (2 * k)): 2 * k * t}, ge(2 * k * t * a, t))
    more = sp.Symbol("M_1") + sp.ceiling(2 * sp.Symbol("k") * sp.log(sp.Symbol("K")))
    steps.derives("eq-further-tasks-b", "<=", more, left=sp.Symbol("M_K"))


# -- all Lipschitz functions -------------------------------------------------------------------


def _paths(steps: Sequence[Fraction], cells: int) -> Iterator[list[Fraction]]:
    """Values on the grid of all functions with such steps, from 0."""
    for chosen in itertools.product(steps, repeat=cells):
        yield [Fraction(0), *itertools.accumulate(chosen)]


def _farthest(values: list[Fraction], signs: Sequence[int], step: Fraction) -> Fraction:
    """How far the read-out by these signs is from the values, on the grid."""
    read = [Fraction(0), *itertools.accumulate(sign * step for sign in signs)]
    return max(abs(a - b) for a, b in zip(values, read, strict=True))


def _too_steep() -> Counterexample | None:
    values, step = [Fraction(0), Fraction(3, 2), Fraction(3)], Fraction(1, 2)
    off = _farthest(values, signs_of(values, step), step)
    return unless(
        off <= step,
        "f has the Lipschitz constant L (3L instead)",
        {"L": 1, "n": 2, "f(½)": values[1], "f(1)": values[2], "ε": 0},
        f"the read-out by signs errs by {off} > L/n",
    )


@proof(
    source=BURKHOLZ,
    prose=("induction", "monotonicity"),
    code=(signs_of, slopes_of, lipschitz_error),
    uses=("read-out-error",),
    wrong={"choose": lambda values, step: [1 if b >= a else -1 for a, b in
                                           itertools.pairwise(values)]},
    refute=_too_steep,
)  # fmt: skip
def universal_lipschitz(
    steps: Steps, choose: Callable[[list[Fraction], Fraction], Sequence[int]] = signs_of
) -> None:
    by_signs = sides("eq-universal-signs", "<=", L=L, n=n, epsilon=epsilon)
    derived = lipschitz_error(L, n, epsilon, root=sp.sqrt)
    steps.identity(by_signs.rhs, derived, of="eq-universal-signs")
    sure = sides("eq-universal-signs", "<=").rhs
    fifth = [Fraction(i, 2) for i in range(-2, 3)]  # slopes in units of L

    def worst(cells: int, constant: Fraction) -> bool:
        step = constant / cells
        steep = [step * slope for slope in fifth]
        found = max(_farthest(f, choose(f, step), step) for f in _paths(steep, cells))
        return found == fraction(put(sure, L=constant, n=cells, epsilon=0))

    steps.cases(worst, cells=(1, 2, 3, 4), constant=(Fraction(1), Fraction(3, 2)))
    h = sp.Symbol("h", positive=True)  # L/n
    before, rise = sp.symbols("d r", real=True)  # f less the read-out; how much f rises in the cell
    up = ge(before + rise, 0)  # f is then above what was read: the sign is 1
    steps.implies({up: 1}, ge(before + rise - h, -h))
    steps.implies({le(rise, h): 1, le(before, h): 1}, le(before + rise - h, h))
    a, b = sp.symbols("a b", positive=True)  # a cell's shares on both sides, a + b = 1
    bent = 2 * a * b / (a + b) ** 2 * L / n
    by_slopes = sides("eq-universal-slopes", "<=", L=L, n=n, epsilon=epsilon)
    steps.holds(le(bent, by_slopes.rhs.subs(epsilon, 0)))
    slopes = lipschitz_error(L, n, epsilon, sp.Rational(1, 2), sp.sqrt)
    steps.identity(by_slopes.rhs, slopes, of="eq-universal-slopes")


def _near_tasks() -> Counterexample | None:
    eta, tasks = Fraction(1), (Fraction(0), Fraction(1))
    read = sum(tasks, Fraction(0)) / 2
    off = max(abs(task - read) for task in tasks)
    return unless(
        off >= eta,
        "any two tasks differ by 2η at some input (by η instead)",
        {"tasks": "0 and 1", "η": eta, "B": 0},
        f"one read-out errs by {off} < η at most",
    )


def _are_served(tasks: Sequence[Fraction], read: Sequence[Fraction], eta: Fraction) -> bool:
    """Whether each number has one of these within less than η."""
    return all(any(abs(task - at) < eta for at in read) for task in tasks)


@proof(
    source=BURKHOLZ,
    prose=("counting",),
    code=(bits_for_tasks,),
    uses=("universal-lipschitz",),
    wrong={"apart": Fraction(1), "slopes": (0, 1)},
    refute=_near_tasks,
)
def universal_bits(
    steps: Steps, apart: Fraction = Fraction(2), slopes: tuple[int, int] = (-1, 1)
) -> None:
    tasks, cells = sp.Symbol("N", positive=True), sp.Symbol("n", positive=True, integer=True)
    bits = bits_for_tasks(tasks, sp.log)
    steps.derives("eq-universal-bits", ">=", bits, left=sp.Symbol("B"), N=tasks)

    def too_few(N: int) -> bool:
        wanted = [apart * i for i in range(N)]  # in units of η
        grid = [Fraction(i, 2) for i in range(2 * int(wanted[-1]) + 1)]
        return not any(
            _are_served(wanted, read, Fraction(1)) for read in itertools.combinations(grid, N - 1)
        )

    steps.cases(too_few, N=(2, 3, 4))
    distance = shown("universal-bits#7", L=1)

    def are_apart(n: int) -> bool:
        paths = list(_paths([Fraction(slope, n) for slope in slopes], n))
        between = (
            max(abs(a - b) for a, b in zip(f, g, strict=True))
            for f, g in itertools.combinations(paths, 2)
        )
        return len(paths) == 2**n and min(between) == fraction(put(distance, n=n))

    steps.cases(are_apart, n=(1, 2, 3, 4, 5))
    of_all = bits.subs(tasks, shown("universal-bits#6", n=cells))
    steps.derives(
        "eq-universal-bits-lipschitz", ">=", sp.simplify(of_all), left=sp.Symbol("B"), n=cells
    )
