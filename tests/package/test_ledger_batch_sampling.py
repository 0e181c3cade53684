"""Bridges: the chapter's formulas against batch_size, plan and the pooled counts."""

import inspect
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy.stats import norm

import lpbook as lp
from lpbook import batches
from lpbook.batches import best_leading_size, unserved
from lpbook.experiments.pooled_layer import scheme_of_digits
from lpbook.ledger import batch_sampling
from lpbook.ledger.batch_sampling import _normal_count
from lpbook.ledger.binomial import binomial_tail

ARGUMENTS = [
    (1, 1, 1.0, 0.5),
    (1, 20, 1 / 160, 0.01),
    (100, 20, 1 / 160, 0.01),
    (10_000, 20, 1 / 160, 1e-12),
    (3, 7, 1e-9, 0.999),
    (10**6, 1, 0.9, 1e-300),
]


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_the_two_formulas_at_fifty_digits(arguments):
    m, k, c, delta = arguments
    with mpmath.workdps(50):
        t = mpmath.log(k / mpmath.mpf(delta))
        poster = 2 / mpmath.mpf(c) * (m + t)
        sharper = (m - 1 + t + mpmath.sqrt(t**2 + 2 * (m - 1) * t)) / mpmath.mpf(c)
        for bound, value in (("poster", poster), ("chernoff", sharper)):
            size = lp.batch_size(*arguments, bound)
            assert abs(size - mpmath.ceil(value)) <= value * mpmath.mpf(2) ** -50 + (size == m)


@pytest.mark.parametrize("layout", ["reserved", "shared"])
@pytest.mark.parametrize("law", ["constant", "common"])
@pytest.mark.parametrize("nonnegative", [False, True])
def test_layouts_are_priced_as_their_claims_say(layout, law, nonnegative):
    rng = np.random.default_rng(3)
    F = lp.Network([rng.uniform(0.5, 1, (4, 7))])
    inputs = lp.Ball(1.0, nonnegative=nonnegative)
    plan = lp.plan(
        F, construction=lp.GoldenRatio(law=law), weight_epsilon=0.01, inputs=inputs, layout=layout
    )
    (layer,) = plan.layers
    needs = (1 if nonnegative else 2) * layer.requirements * layer.weights
    c = Fraction(layer.scheme.probability(nonnegative))
    size = layer.widths[0]
    assert needs * (1 - c) ** size <= Fraction(0.01) < needs * (1 - c) ** (size - 1)
    assert size <= math.ceil(math.log(needs / 0.01) / c)
    assert plan.neurons == size * 7 * (4 if layout == "reserved" else 1)


@pytest.mark.parametrize("m", [1, 2, 9])
@pytest.mark.parametrize("size", [0, 1, 8, 9, 10, 40])
@pytest.mark.parametrize("p", [1.0, 0.25, 0.0625])
def test_unserved_is_the_formula_of_the_claim(m, size, p):
    total = Fraction(0)
    for x in range(size + 1):
        weight = math.comb(size, x) * Fraction(p) ** x * (1 - Fraction(p)) ** (size - x)
        served = math.prod((1 - Fraction(1, 2) ** j for j in range(x - m + 1, x + 1)), start=1)
        total += weight * (1 - served if x >= m else 1)
    assert unserved(size, m, p) == pytest.approx(float(total), rel=1e-12)


def test_unserved_keeps_its_digits_far_out():
    # all neurons in the category: 1 - prod over j > s of (1 - 2^-j), about 2^-s
    with mpmath.workdps(60):
        for m, spare in ((1, 60), (5, 200), (1000, 500)):
            exact = 1 - mpmath.fprod(
                1 - mpmath.mpf(2) ** -j for j in range(spare + 1, spare + m + 1)
            )
            exact = exact if exact else mpmath.mpf(0)
            if spare < 190:
                assert unserved(m + spare, m, 1.0) == pytest.approx(float(exact), rel=1e-12)
            assert unserved(m + spare, m, 1.0) == pytest.approx(
                2.0**-spare * (1 - 0.5**m), rel=1e-6
            )
    assert unserved(10_000, 3, 1.0) == 0.0


@pytest.mark.parametrize("arguments", [(1, 1, 1, 0.5), (6, 8, 5, 0.01), (1000, 20, 1000, 1e-6)])
def test_output_batch_size_is_least_and_below_the_closed_form(arguments):
    m, k, n, delta = arguments
    size = lp.output_batch_size(*arguments)
    assert 2 * k * n * unserved(size, m, 1 / (2 * k)) <= delta
    assert 2 * k * n * unserved(size - 1, m, 1 / (2 * k)) > delta
    t = math.log(4 * k * n / delta)
    need = m + math.ceil(math.log2(4 * k * n / delta))
    assert size <= math.ceil(2 * k * (need + t + math.sqrt(t * t + 2 * need * t)))


@pytest.mark.parametrize(("crowding", "share"), [(2, 3), (1.5, 2.4), (0.75, 1.6), (0, 1)])
def test_pooled_batch_size_is_the_count_for_a_smaller_probability(crowding, share):
    for bound in ("poster", "chernoff", "exact"):
        found = lp.pooled_batch_size(30, 16, 1 / 32, 0.01, crowding, bound)
        assert abs(found - lp.batch_size(30, 16, 1 / 32 / share, 0.01, bound)) <= 1


def test_share_of_a_neuron_is_the_chord_of_its_reciprocal():
    # at whole numbers the chord meets 1/(1 + N)
    for others in range(6):
        found = lp.pooled_batch_size(1, 1, 0.5, 0.5, others, "poster")
        assert found == lp.batch_size(1, 1, 0.5 / (1 + others), 0.5)


@pytest.mark.parametrize("name", ["per_output", "digits", "outputs"])
def test_counts_of_output_batch_size_are_checked(name):
    arguments = {"per_output": 3, "digits": 2, "outputs": 1, "delta": 0.1}
    with pytest.raises(ValueError, match=f"{name}=0"):
        lp.output_batch_size(**{**arguments, name: 0})
    with pytest.raises(ValueError, match="delta=2"):
        lp.output_batch_size(**{**arguments, "delta": 2})
    with pytest.raises(ValueError, match=r"crowding=-1"):
        lp.pooled_batch_size(1, 1, 0.5, 0.5, -1)


def test_exact_tail_settles_the_table_of_the_chapter():
    c = Fraction(1, 160)
    size = lp.batch_size(10, 20, 1 / 160, 0.01, "exact")
    assert 20 * binomial_tail(10, size, c) <= Fraction(1, 100)
    assert 20 * binomial_tail(10, size - 1, c) > Fraction(1, 100)


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_the_best_leading_constant_at_fifty_digits(arguments):
    m, k, c, delta = arguments
    with mpmath.workdps(50):
        t = mpmath.log(k / mpmath.mpf(delta))
        value = mpmath.e / (mpmath.e - 1) * (m - 1 + t) / mpmath.mpf(c)
        size = best_leading_size(*arguments)
        assert abs(size - mpmath.ceil(value)) <= value * mpmath.mpf(2) ** -50 + (size == m)
    assert lp.batch_size(*arguments, "exact") <= size <= lp.batch_size(*arguments, "poster")


def test_best_leading_size_is_enough_exactly_and_its_arguments_are_checked():
    for m in (1, 2, 5, 21):
        for c in (Fraction(1), Fraction(3, 4), Fraction(1, 16)):
            for delta in (Fraction(99, 100), Fraction(1, 2), Fraction(1, 2**20)):
                size = best_leading_size(m, 3, float(c), float(delta))
                assert 3 * binomial_tail(m, size, c) <= delta
    with pytest.raises(ValueError, match="probability=0"):
        best_leading_size(1, 1, 0, 0.5)
    with pytest.raises(ValueError, match="more samples than a float"):
        best_leading_size(2**53, 1, 1e-300, 1e-300)


def test_normal_count_is_least():
    for m, k, c, delta in ((1, 1, 0.5, 0.5), (21, 20, 0.75, 1e-6), (8, 2, 1 / 16, 0.01)):
        size = _normal_count(m, k, c, delta)
        z = norm.isf(delta / k)
        assert size * c - z * math.sqrt(size * c * (1 - c)) >= m - 1e-9
        assert size == m or (size - 1) * c - z * math.sqrt((size - 1) * c * (1 - c)) < m


def test_one_neuron_a_half_is_priced_at_four_thirds_or_one():
    m, c, delta = 7, Fraction(1, 12), Fraction(1, 64)
    for halves, crowding, factor in ((2, 0.5, Fraction(4, 3)), (1, 0.0, Fraction(1))):
        size = lp.pooled_batch_size(m, halves, float(c), float(delta), crowding)
        assert halves * binomial_tail(m, size, c / factor) <= delta
        assert halves * binomial_tail(m, size - 1, c / factor) > delta


def test_one_half_is_priced_as_its_claim_says():
    k, c, delta = 3, Fraction(1, 6), Fraction(1, 64)
    size = lp.pooled_batch_size(5, k, float(c), float(delta), (k - 1) / (2 * k))
    share = Fraction(4 * k, 3 * k + 1)
    assert k * binomial_tail(5, size, c / share) <= delta
    assert k * binomial_tail(5, size - 1, c / share) > delta
    scheme = scheme_of_digits(k)
    positive, negative = np.array([40, 25]), np.array([0, 15])
    owned = [lp.batch_size(m, 4 * k, 1 / (2 * k), float(delta), "exact") for m in (40, 25)]
    pool = lp.pooled_batch_size(80, k, float(c), float(delta), (k - 1) / (2 * k))
    assert scheme.pooled_neurons(positive, negative, True, float(delta)) == min(pool, sum(owned))


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("batch-lemma", lambda m, k, c, delta, t: 1.99 / c * (m + t)),
        ("batch-lemma", lambda m, k, c, delta, t: 2.01 / c * (m + t)),
        ("best-leading", lambda m, k, c, delta, t: 1.581 / c * (m - 1 + t)),
        ("best-leading", lambda m, k, c, delta, t: math.e / (math.e - 1) / c * (m + t)),
        ("sharper-count", lambda m, k, c, delta, t: (m + t + (t * t + 2 * m * t) ** 0.5) / c),
        (
            "sharper-count",
            lambda m, k, c, delta, t: (m - 1 + t + (t * t + 1.98 * (m - 1) * t) ** 0.5) / c,
        ),
    ],
)
def test_a_count_that_is_not_the_formula_turns_the_claim_red(name, wrong):
    def size(m, k, c, delta):
        return max(m, math.ceil(wrong(m, k, c, delta, math.log(k / delta))))

    with pytest.raises(AssertionError, match="the formula says"):
        lp.claims[name].check(size=size)


@pytest.mark.parametrize(
    ("name", "right", "wrong"),
    [
        ("batch-lemma", "2 / c", "1.99 / c"),
        ("sharper-count", "t + 2 * (", "t + 1.98 * ("),
        ("sharper-count", "(m - 1 + t", "(m + t"),
        ("count-order", "2 / c", "1.99 / c"),
        ("count-order", "t + 2 * (", "t + 1.98 * ("),
        ("count-order", "(m - 1 + t", "(m + t"),
    ],
)
def test_a_changed_constant_of_batch_size_turns_its_claims_red(name, right, wrong, monkeypatch):
    text = inspect.getsource(batches.batch_size)
    assert text.count(right) == 1
    scope = vars(batches).copy()
    exec(text.replace(right, wrong), scope)
    monkeypatch.setattr(batch_sampling, "batch_size", scope["batch_size"])
    size = batch_sampling.sharper_size if name == "sharper-count" else scope["batch_size"]
    with pytest.raises(AssertionError, match="the formula says"):
        lp.claims[name].check(size=size)
