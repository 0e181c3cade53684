"""What a line of a check decides, and what it refuses to decide."""

import mpmath
import numpy as np
import pytest
import sympy as sp

import lpbook as lp
from lpbook.ledger.core import Counterexample, Steps, claim, exactly, interval_function, source
from lpbook.ledger.ranges import ranges
from lpbook.ledger.relations import ge, gt, le
from lpbook.ledger.shown import shown

x, y = sp.symbols("x y", nonnegative=True)
z = sp.Symbol("z", real=True)


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (lambda s: s.identity((x + 1) ** 2, x**2 + 2 * x + 1), lambda s: s.identity(x, x + y)),
        (lambda s: s.holds(ge(x + y, y)), lambda s: s.holds(ge(x - y, y))),
        (lambda s: s.holds(gt(x + 1, x)), lambda s: s.holds(gt(x + y, x))),
        (
            lambda s: s.holds(ge(sp.exp(z), 1 + z), derivative=(z, 2)),
            lambda s: s.holds(ge(sp.exp(z), 1 + 2 * z), derivative=(z, 2)),
        ),
        (
            lambda s: s.holds(ge(sp.exp(x), 1 + x + x**2 / 2), derivative=(x, 3)),
            lambda s: s.holds(ge(sp.exp(z), 1 + z + z**2 / 2), derivative=(z, 3)),
        ),
        (
            lambda s: s.implies({le(x, y): 2}, le(2 * x, 2 * y + 1)),
            lambda s: s.implies({le(x, y): 1}, le(2 * x, 2 * y + 1)),
        ),
        (
            lambda s: s.implies({le(x, y): 2}, le(2 * x, 2 * y + 1)),
            lambda s: s.implies({ge(x, y): 2}, le(2 * x, 2 * y + 1)),
        ),
        (
            lambda s: s.cases(lambda n: n > 0, n=[1, 2]),
            lambda s: s.cases(lambda n: n > 1, n=[1, 2]),
        ),
        (lambda s: s.cases(lambda n: n > 0, n=[1, 2]), lambda s: s.cases(lambda n: n > 0, n=[])),
        (lambda s: s.each(lambda n: n >= 0, range, 3), lambda s: s.each(lambda n: n > 0, range, 3)),
        (
            lambda s: s.derives(
                "eq-chernoff-lower-tail-b", "<=", sp.exp(-sp.Symbol("mu") / 2), m=0
            ),
            lambda s: s.derives("eq-chernoff-lower-tail-b", "<", sp.exp(-sp.Symbol("mu") / 2), m=0),
        ),
        (
            lambda s: s.computes(shown("eq-batch-lemma"), lp.batch_size, CASE),
            lambda s: s.computes(
                shown("eq-batch-lemma"), lambda *case: lp.batch_size(*case) + 1, CASE
            ),
        ),
        (
            lambda s: s.computes(shown("eq-batch-lemma"), lp.batch_size, CASE),
            lambda s: s.computes(turned(shown("eq-batch-lemma"), sp.Le), lp.batch_size, CASE),
        ),
        (
            lambda s: s.computes(x / 3, lambda a: a / 3, {"x": [1, 2]}),
            lambda s: s.computes(x / 3, lambda a: 1.01 * a / 3, {"x": [1, 2]}),
        ),
        (
            lambda s: s.computes(2 * x, lambda a: np.int64(2 * a), {"x": [10**15]}),
            lambda s: s.computes(2 * x, lambda a: np.int64(2 * a + 1), {"x": [10**15]}),
        ),
        (
            lambda s: s.trial(le(x, y), 10, x=0.1, y=0.2),
            lambda s: s.trial(le(x, y), 10, x=0.3, y=0.2),
        ),
        (
            lambda s: s.trial(le(x, y), 10, x=0.1, y=0.2),
            lambda s: s.trial(le(0, 1), 10),
        ),
        (
            lambda s: s.trial(le(x, 1), 10, x=0.1),
            lambda s: s.trial(le(x, 1), 10, x=0.1, y=0.2),
        ),
    ],
)
def test_a_line_is_decided_and_printed_from_what_was_decided(true, false):
    steps = Steps()
    true(steps)
    assert len(steps) == 1
    with pytest.raises(AssertionError):
        false(Steps())


def turned(relation, kind):
    """The same sides with another sign between them."""
    return kind(*relation.args, evaluate=False)


@pytest.mark.parametrize("value", [1, 0.5, "yes", [True], np.array([True, True]), None, x, x > 0])
def test_a_condition_is_true_or_false(value):
    for line in (
        lambda s: s.cases(lambda n: value, n=[1]),
        lambda s: s.each(lambda n: value, range, 1),
    ):
        with pytest.raises(TypeError, match="must be True or False"):
            line(Steps())


def test_truth_values_of_numpy_and_sympy_are_some():
    for true in (lambda n: np.bool_(n > 0), lambda n: sp.Integer(n) > 0):
        Steps().cases(true, n=[1])
        with pytest.raises(AssertionError, match="is false at"):
            Steps().cases(true, n=[0])


def test_what_is_computed_is_a_number():
    with pytest.raises(TypeError, match="must be a number"):
        Steps().computes(x, lambda n: n > 0, {"x": [1]})
    with pytest.raises(AssertionError, match="no equation"):
        Steps().computes(sp.Ne(x, y), lambda n: 1, {"x": [1]})


def test_a_lambda_is_printed_as_it_stands():
    """Not the other one of its line, and never as a sign for what is not known."""
    first, second = (lambda n: n > 1), (lambda n: n + 1 > 1)
    inner = (lambda n: lambda n: n > 2)(0)
    assert [source(f) for f in (first, second, inner)] == ["n > 1", "n + 1 > 1", "n > 2"]
    steps = Steps()
    steps.computes(2 * x, lambda a: a + a, {"x": [1, 2]})
    assert steps.lines[0].how == "`a + a` at 2 points"


CASE = {"m": [1, 10], "k": [1, 20], "c": [0.5, 1 / 128], "delta": [0.5, 0.01]}


def test_another_object_is_another_picture():
    """Replaced, renamed, negated: what was decided and what is seen change together."""
    pictures = set()
    for left, right in ((x, x + y), (y, x + y), (x, x + 2 * y), (-y, x)):
        steps = Steps()
        steps.holds(le(left, right))
        pictures.add(steps._repr_markdown_())
    assert len(pictures) == 4
    steps = Steps()
    steps.cases(lambda n, k: n * k >= 1, n=(1, 2), k=range(1, 20))
    assert steps._repr_markdown_() == "1. 38 cases: `n * k >= 1` (n in 1, 2, k in 1, …, 19)"


n, k = sp.symbols("n k", integer=True)


@pytest.mark.parametrize(
    "false",
    [
        # at x = -1 it is -4, beyond the pole; at x = 0 the kink; below 0 it is no number
        lambda s: s.holds(ge(1 / z**2, 3 - 2 * z), derivative=(z, 2), start=1),
        lambda s: s.holds(ge(sp.Abs(z), z**2), derivative=(z, 2)),
        lambda s: s.holds(ge(-sp.log(z), 1 - z), derivative=(z, 2), start=1),
        lambda s: s.holds(ge(sp.floor(x), 0), derivative=(x, 1)),
        lambda s: s.holds(ge(sp.Piecewise((x, x < 1), (-x, True)), 0), derivative=(x, 1)),
        lambda s: s.holds(ge(1 - x**2 / 1.0, 0), concave=(x, 0, 1)),
        lambda s: s.holds(ge(1 - x**2, 0), concave=(x, -1, 1)),
        lambda s: s.holds(ge(x + 1e-30, x)),
        lambda s: s.identity(sp.Float(1) * x, x),
        lambda s: s.identity(sp.Piecewise((x, x < 1), (y, True)), y),
        lambda s: s.identity(sp.floor(x) + sp.floor(y), sp.floor(x + y)),
        lambda s: s.identity(sp.sign(x), 1),
        # true for n, k >= 0 alone: binomial(-1, -1) = 1, binomial(-1, 0) = 1
        lambda s: s.identity(sp.binomial(n, k), sp.binomial(n, n - k)),
    ],
)
def test_rules_that_do_not_hold_everywhere_are_not_used(false):
    with pytest.raises(AssertionError):
        false(Steps())


def test_rules_are_used_where_they_hold():
    steps = Steps()
    m, j = sp.symbols("m j", integer=True, nonnegative=True)
    steps.identity((j + 1) * sp.binomial(m + j + 1, j + 1), (m + j + 1) * sp.binomial(m + j, j))
    steps.identity(sp.floor(x) + y, y + sp.floor(x))
    steps.holds(ge(1 - x**2, 0), concave=(x, 0, 1))
    assert len(steps) == 3


@pytest.mark.parametrize(
    "unrounded",
    [
        sp.Max(z, 0),
        sp.Min(z, 0),
        sp.Piecewise((z, z > 0), (0, True)),
        sp.Heaviside(z),
        sp.sign(z),
        sp.floor(z),
        sp.gamma(z),
        sp.Float("0.1") + z,
    ],
)
def test_intervals_refuse_what_is_not_known_to_be_rounded_outwards(unrounded):
    with pytest.raises(AssertionError, match="rounded outwards"):
        interval_function(unrounded + 9, [z])


def test_intervals_enclose_what_no_float_is():
    """Neither e, nor a third, nor an end of a range is taken for the float next to it."""
    third = sp.Rational(1, 3)
    for number in (sp.E, sp.pi, third, sp.sqrt(2), sp.log(3), sp.exp(third), sp.GoldenRatio):
        for box in (interval_function(number + z, [z])(0), interval_function(z, [z])(number)):
            low, high = (exactly(float(mpmath.mpf(end))) for end in (box.a, box.b))
            assert low < number < high


@pytest.mark.parametrize(
    ("name", "number", "letters", "error"),
    [
        ("coupon-collector", 1, {"c": x / (1 + x)}, "ends at 1, the check at 1"),  # 1 itself
        ("coupon-collector", 2, {"delta": 1 / (2 + x)}, "ends at 1, the check at 1/2"),
        ("coupon-collector", 2, {"delta": x - 1}, None),
        ("coupon-collector", 2, {"c": x}, "range of delta, not of"),
        ("coupon-collector", 7, {"k": 1 / (1 + x)}, "has no end, the check ends at 1"),
        ("coupon-collector", 1, {"c": x**2 - x}, "not monotone"),
        ("def-requirements", 7, {"w_ij": x}, "no end of a range"),  # w ≠ 0
        ("sign-rule", 5, {"b": x + 1, "d": -x}, "ends at 0, the check at 1"),
    ],
)
def test_ranges_that_the_check_does_not_take_are_seen(name, number, letters, error):
    if error is None:
        ranges(Steps(), name, number, **letters)
    else:
        with pytest.raises(AssertionError, match=error):
            ranges(Steps(), name, number, **letters)


def made(check=lambda steps: None, refute=lambda: None, **changed):
    """A claim out of nothing."""
    what = {"name": "x", "kind": "proof", "refute": refute}
    return claim(**what | changed)(check)


def test_a_claim_that_shows_nothing_or_cannot_be_broken_is_refused():
    with pytest.raises(AssertionError, match="shows nothing"):
        made().check()
    with pytest.raises(AssertionError, match="no counterexample"):
        made().break_it()
    found = made(refute=lambda: Counterexample("h", {"x": 1}, "it fails")).break_it()
    assert repr(found) == "Without h: it fails at x = 1"
    with pytest.raises(ValueError, match="kind='guess'"):
        made(kind="guess")
    with pytest.raises(ValueError, match="prose='luck'"):
        made(prose=("luck",))
