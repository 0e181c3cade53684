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
from lpbook.ledger.common import promised, spans, unless
from lpbook.ledger.core import Counterexample, Steps, exactly, proof
from lpbook.ledger.exact import fraction, is_least, true_at
from lpbook.ledger.ranges import ranges
from lpbook.ledger.reading import right_side
from lpbook.ledger.relations import ge, le
from lpbook.ledger.shown import put, shown, sides
from lpbook.networks import Ball, Network
from lpbook.pruning import plan as plan_tickets
from lpbook.pruning import prune

BURKHOLZ = "★, after Burkholz et al. 2022"
L, n, epsilon = sp.symbols("L n epsilon", positive=True)
HALF, NOTHING = Fraction(1, 2), Fraction(0)
NORM, SUM = sp.Function("norm")(sp.Symbol("c")), sp.Function("Sum_j")

# -- read-outs ---------------------------------------------------------------------------------


def _each_within() -> Counterexample | None:
    c, error = (1, 1), Fraction(1, 10)
    off = sum(c) * error  # both features err upwards
    return unless(
        off**2 <= 2 * error**2,
        "a bound ε on the norm of all errors (a bound ε on each error instead)",
        {"c": c, "ε": error, "g_1 − f_1": error, "g_2 − f_2": error},
        f"the task errs by {off}, more than ε√2",
    )


def _cauchy(
    steps: Steps, norm: Any, c: Sequence[Any], d: Sequence[Any], known: Any, bound: Any
) -> None:
    """c·d is at most |c| times a bound on |d|, by the square of |c| d - bound c; d has any sign."""
    pairs = list(zip(c, d, strict=True))
    most = norm * bound
    square = sum((norm * b - bound * a) ** 2 for a, b in pairs)
    of_c = le(sum(a**2 for a in c), norm**2)
    given = {known: norm**2, of_c: bound**2, ge(square, 0): 1}
    steps.implies(given, le(2 * most * sum(a * b for a, b in pairs), 2 * most * most))


def _of_two(formula: Any, **letters: Sequence[Any]) -> Any:
    """Sums over j, written out for two features."""

    def both(term: Any) -> Any:
        return sum(
            put(term, **{f"{name}_j": at[j] for name, at in letters.items()}) for j in (0, 1)
        )

    return formula.replace(SUM, both)


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
    c, d, f = (sp.symbols(f"{x}_1 {x}_2", real=True) for x in "cdf")
    norm = sp.Symbol("N", nonnegative=True)
    g = [a + b for a, b in zip(f, d, strict=True)]
    within = sides(f"{name}#3", "<=", epsilon=reach * epsilon)
    known = within.func(_of_two(within.lhs, f=f, g=g), within.rhs)
    gap = sides("eq-read-out-error", "<=", epsilon=epsilon)
    off = _of_two(gap.lhs, c=c, f=f, g=g)
    product = sum(a * b for a, b in zip(c, d, strict=True))
    steps.identity(off.args[0] ** 2, product**2, of="eq-read-out-error")
    _cauchy(steps, norm, c, d, known, epsilon)
    steps.identity(
        gap.rhs.subs({NORM: norm}), read_out_error(norm, epsilon), of="eq-read-out-error"
    )


# -- all Lipschitz functions -------------------------------------------------------------------


def _paths(
    steps: Sequence[Fraction], cells: int, start: Fraction = NOTHING
) -> Iterator[list[Fraction]]:
    """Values on the grid of all functions with such steps."""
    for chosen in itertools.product(steps, repeat=cells):
        yield list(itertools.accumulate(chosen, initial=start))


def _farthest(values: list[Fraction], signs: Sequence[int], step: Fraction) -> Fraction:
    """How far the read-out by these signs is from the values, on the grid."""
    read = [Fraction(0), *itertools.accumulate(sign * step for sign in signs)]
    return max(abs(a - b) for a, b in zip(values, read, strict=True))


def _too_steep() -> Counterexample | None:
    values, step = [NOTHING, Fraction(3)], Fraction(1)
    off = _farthest(values, signs_of(values, step), step)
    return unless(
        off <= step,
        "f has the Lipschitz constant L (3L instead)",
        {"L": 1, "n": 1, "f(1)": values[1], "ε": 0},
        f"it errs by {off}",
    )


@proof(
    source=BURKHOLZ,
    prose=("induction", "monotonicity"),
    code=(signs_of, lipschitz_error),
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
    level = {sp.Function("f")(sp.Symbol("x")): 0}  # of 0 one sign reads Lψ, which is L at 1
    left = put(by_signs.lhs.replace(SUM, lambda term: put(term, s_j=1, hat_psi_j=1)).subs(level))
    steps.identity(left, by_signs.rhs.subs({epsilon: 0, n: 1}), of="eq-universal-signs")
    name = "universal-lipschitz"
    start = fraction(right_side(f"{name}#6", "=", sp.Function("f")(0)))
    ranges(steps, name, 5, L=L)
    up, down = (right_side(f"{name}#{i}", "=", "s_j") for i in (7, 9))
    slopes = [Fraction(i, 2) for i in range(-2, 3)]  # slopes in units of L

    def worst(cells: int, constant: Fraction) -> bool:
        step = constant / cells
        steep = [step * slope for slope in slopes]
        found = max(_farthest(f, choose(f, step), step) for f in _paths(steep, cells, start))
        return found == fraction(put(sure, L=constant, n=cells, epsilon=0))

    steps.cases(worst, cells=(1, 2, 3, 4), constant=(Fraction(1), Fraction(3, 2)))
    rule = sides(f"{name}#8", ">=")
    grid = sp.Symbol("j") / sp.Symbol("n")  # j = 0, …, n
    spans(steps, f"{name}#3", [grid.subs("j", j) for j in (0, sp.Symbol("n"))])
    value = sp.Function("f")(grid)

    def is_the_rule(heights: tuple[int, ...]) -> bool:
        step, cells = HALF, len(heights)  # L/n
        signs = choose([Fraction(0), *(step * height for height in heights)], step)
        for j, height in enumerate(heights):
            read = {"s_1": sum(signs[:j]), "dots": 0, "s_j-1": 0}
            at = put(rule.subs(value, height * step), **read, L=step * cells, n=cells)
            if signs[j] != (up if true_at(at) else down):
                return False
        return True

    steps.cases(is_the_rule, heights=list(itertools.product((-1, 0, 1), repeat=2)))
    _one_cell_more(steps)


def _one_cell_more(steps: Steps) -> None:
    """A sign keeps the read-out within L/n of f."""
    h = sp.Symbol("h", positive=True)  # L/n
    before, rise = sp.symbols("d r", real=True)  # f less the read-out; how much f rises in the cell
    above = ge(before + rise, 0)  # f is then above what was read: the sign is 1
    steps.implies({above: 1}, ge(before + rise - h, -h))
    steps.implies({le(rise, h): 1, le(before, h): 1}, le(before + rise - h, h))


def _near_tasks() -> Counterexample | None:
    eta, tasks = Fraction(1), (Fraction(0), Fraction(1))
    read = sum(tasks, NOTHING) / 2
    off = max(abs(task - read) for task in tasks)
    return unless(
        off >= eta,
        "the distance 2η (η instead)",
        {"tasks": "0, 1", "B": 0, "η": eta},
        f"errors are {off} < η",
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
    eta = sp.Symbol("eta")
    steps.identity(shown("universal-bits#2"), exactly(apart) * eta, of="universal-bits#2")

    error = fraction(put(shown("universal-bits#3"), eta=1))

    def too_few(N: int) -> bool:
        wanted = [apart * i for i in range(N)]  # in units of η
        grid = [Fraction(i, 2) for i in range(2 * int(wanted[-1]) + 1)]
        return not any(
            _are_served(wanted, read, error) for read in itertools.combinations(grid, N - 1)
        )

    steps.cases(too_few, N=(2, 3, 4))
    difference = shown("universal-bits#7")
    steps.identity(shown("universal-bits#9"), difference / exactly(apart), of="universal-bits#9")
    distance = put(difference, L=1)

    def are_apart(n: int) -> bool:
        paths = list(_paths([Fraction(slope, n) for slope in slopes], n))
        between = (
            max(abs(a - b) for a, b in zip(f, g, strict=True))
            for f, g in itertools.combinations(paths, 2)
        )
        return len(paths) == 2**n and min(between) == fraction(put(distance, n=n))

    steps.cases(are_apart, n=(1, 2, 3, 4, 5))
    of_all = bits.subs(tasks, shown("universal-bits#6", n=cells))
    steps.derives("universal-bits#8", ">=", sp.simplify(of_all), left=sp.Symbol("B"), n=cells)


# -- read-outs that are found ------------------------------------------------------------------


def _large_features() -> Counterexample | None:
    size, weight, feature = Fraction(1), Fraction(1, 10), Fraction(2)
    off = weight * feature  # ε = 0, and the read-out 1 is found as 1 + ε_w
    return unless(
        off <= read_out_error(1, 0, weight, size),
        "the features have norm A at most (2A instead)",
        {"c": 1, "ε": 0, "ε_w": weight, "A": size, "f": feature},
        f"the task errs by {off} > ε_w A",
    )


@proof(
    source=BURKHOLZ,
    prose=("norms",),
    code=(read_out_error,),
    uses=("read-out-error",),
    wrong={"together": lambda size, error: size},
    refute=_large_features,
)
def read_out_found(
    steps: Steps, together: Callable[[Any, Any], Any] = lambda size, error: size + error
) -> None:
    label, name = "eq-read-out-found", "read-out-found"
    c, d, e, f = (sp.symbols(f"{x}_1 {x}_2", real=True) for x in "cdef")
    norm, eta, size = sp.symbols("N eta A", nonnegative=True)
    g = [a + b for a, b in zip(f, d, strict=True)]
    found = sides(label, "<=", epsilon=epsilon, A=size)
    total = _of_two(found.lhs, c=c, f=f, g=g, hat_c=[a + b for a, b in zip(c, e, strict=True)])
    product = sum(a * b for a, b in zip(c, d, strict=True))
    moved = sum(a * b for a, b in zip(e, g, strict=True))
    steps.identity(total.args[0] ** 2, (product + moved) ** 2, of=label)
    features = sides(f"{name}#2", "<=", A=size)  # then those of the ticket, by the triangle
    of_f = features.func(_of_two(features.lhs, f=f), features.rhs)
    within = le(d[0] ** 2 + d[1] ** 2, epsilon**2)
    square = sum((size * b - epsilon * a) ** 2 for a, b in zip(f, d, strict=True))
    bound = together(size, epsilon)
    of_g = le(size * epsilon * (g[0] ** 2 + g[1] ** 2), size * epsilon * bound**2)
    triangle = {of_f: epsilon * bound, within: size * bound, ge(square, 0): 1}
    steps.implies(triangle, of_g)
    _cauchy(steps, eta, e, g, le(g[0] ** 2 + g[1] ** 2, bound**2), bound)
    m, weight = sp.symbols("m epsilon_w", positive=True)
    of_weight = sides(f"{name}#1", "<=", epsilon_w=weight)
    squares = [put(of_weight.lhs, hat_c_j=error, c_j=0) ** 2 for error in e]
    both = {le(square, of_weight.rhs**2): 1 for square in squares}
    steps.implies(both, le(e[0] ** 2 + e[1] ** 2, (weight * sp.sqrt(2)) ** 2))  # m = 2
    right = put(found.rhs.subs({NORM: norm}), m=m, epsilon_w=weight)
    steps.identity(right, read_out_error(norm, epsilon, weight * sp.sqrt(m), size), of=label)
    _each_by_itself(steps, f"{name}#4", d)


def _each_by_itself(steps: Steps, address: str, d: Sequence[Any]) -> None:
    single = sides(address, "<=", epsilon=epsilon)
    sums = sides("eq-read-out-single", "<=", epsilon=epsilon)
    c = sp.symbols("c_1 c_2", nonnegative=True)  # the signs are those of the errors
    off = _of_two(sums.lhs, c=c, f=(0, 0), g=d)
    steps.identity(off.args[0] ** 2, (c[0] * d[0] + c[1] * d[1]) ** 2, of="eq-read-out-single")
    most = sums.rhs.subs({sp.Function("norm_1")(sp.Symbol("c")): sum(c)})
    for sign in (1, -1):
        inside = (sign * put(single.lhs, g_j=error, f_j=0).args[0] for error in d)
        each = {le(error, single.rhs): a for error, a in zip(inside, c, strict=True)}
        steps.implies(each, le(sign * (c[0] * d[0] + c[1] * d[1]), most))


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
    s, t, a = sp.symbols("s t a", positive=True)
    k = 1 + sp.Symbol("y", nonnegative=True)
    ranges(steps, "further-tasks", 3, k=k)
    steps.holds(le(s / (1 + s), sp.log(1 + s)), derivative=(s, 1))  # where 1/2k is s/(1 + s)
    # a is ln 1/(1 - 1/2k), t is ln K
    steps.implies({ge(a, 1 / (2 * k)): 2 * k * t}, ge(2 * k * t * a, t))
    more = sp.Symbol("M_1") + sp.ceiling(2 * sp.Symbol("k") * sp.log(sp.Symbol("K")))
    steps.derives("eq-further-tasks-b", "<=", more, left=sp.Symbol("M_K"))
    promised(steps, "further-tasks#7")


# -- slopes ------------------------------------------------------------------------------------


def _steps_in_a_cell() -> Counterexample | None:
    t, jump = HALF, Fraction(3)  # f rises by L/2 and falls again, three times too steeply
    off = jump * 2 * t * (1 - t)
    allowed: Fraction = lipschitz_error(Fraction(1), 1, 0, HALF, lambda n: n)
    return unless(
        off <= allowed,
        "f has the Lipschitz constant L (3L instead)",
        {"L": 1, "n": 1, "f(0)": 0, "f(½)": jump / 2, "f(1)": 0, "ε": 0},
        f"interpolation errs by {off}",
    )


@proof(
    source=BURKHOLZ,
    prose=("case distinction",),
    code=(slopes_of, lipschitz_error),
    uses=("read-out-error", "universal-lipschitz"),
    wrong={"middle": sp.Rational(11, 20)},
    refute=_steps_in_a_cell,
)
def universal_slopes(steps: Steps, middle: Any = sp.Rational(1, 2)) -> None:
    label, f = "eq-universal-slopes", sp.Function("f")
    slope = right_side("universal-slopes#1", "=", "c_j", n=4)

    def is_the_slope(values: tuple[int, ...], j: int) -> bool:
        found = slope.subs(sp.Symbol("j"), j).replace(f, lambda at: values[int(4 * at)])
        return bool(float(found) == slopes_of(values)[j - 1])

    steps.cases(is_the_slope, values=[(0, 1, -1, 2, 2), (0, 0, 3, 1, 4)], j=(1, 2, 3, 4))
    a, b = sp.symbols("a b", positive=True)  # parts of a cell on either side, a + b = 1/n
    by_slopes = sides(label, "<=", L=L, n=n, epsilon=epsilon)
    derived = lipschitz_error(L, n, epsilon, sp.Rational(1, 2), sp.sqrt)
    steps.identity(by_slopes.rhs, derived, of=label)
    before, after = sp.symbols("r s", real=True)  # f here less f at the beginning; at the end
    mean = (b * before + a * after) / (a + b)
    bent = le(mean, 2 * L * a * b / (a + b))
    rises = {le(before, L * a): b / (a + b), le(after, L * b): a / (a + b)}
    steps.implies(rises, bent)
    falls = {ge(before, -L * a): b / (a + b), ge(after, -L * b): a / (a + b)}
    steps.implies(falls, ge(mean, -bent.rhs))
    allowed = put(by_slopes.rhs.subs(epsilon, 0).subs(n, 1 / (a + b)))
    steps.holds(le(bent.rhs, allowed))
    peak = 2 * L * middle * (1 - middle) / n  # attained by a tent over a cell, whose slope is 0
    tent = {f(sp.Symbol("x")): peak}
    left = by_slopes.lhs.replace(SUM, lambda term: put(term, c_j=0)).subs(tent)
    steps.identity(left, by_slopes.rhs.subs(epsilon, 0), of=label)
