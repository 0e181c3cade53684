"""Families of subsets, and what they hit."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpbook as lp
from lpbook.experiments import vector_subsets


@pytest.mark.parametrize("n", [0, 1, 5, 9])
def test_family_size_counts_subsets(n):
    subsets = [s for k in range(n + 1) for s in itertools.combinations(range(n), k)]
    assert vector_subsets.family_size(n) == len(subsets)
    for kept in range(n + 2):
        assert vector_subsets.family_size(n, kept) == sum(len(s) <= kept for s in subsets)


@pytest.mark.parametrize("kept", [None, 1, 2, 7])
@pytest.mark.parametrize("subsets", [0, 1, 1.5, 2, 90, 1000])
def test_least_numbers_is_least(kept, subsets):
    n = vector_subsets.least_numbers(subsets, kept)
    assert vector_subsets.family_size(n, kept) >= subsets
    assert n == 0 or vector_subsets.family_size(n - 1, kept) < subsets


def test_no_number_of_numbers_helps_who_keeps_none():
    assert vector_subsets.least_numbers(1, kept=0) == 0
    with pytest.raises(ValueError, match="kept=0"):
        vector_subsets.least_numbers(2, kept=0)


@given(st.fractions(0.001, 0.999), st.fractions(0.001, 0.999))
@settings(deadline=None)
def test_the_two_bounds_fit_each_other(share, delta):
    enough = vector_subsets.enough_subsets(share, delta)
    assert vector_subsets.miss_bound(enough, share) == delta
    least = vector_subsets.least_subsets(share, delta)
    assert enough == least * (1 - share) / delta


def test_entropy_is_symmetric_and_largest_at_one_half():
    assert vector_subsets.entropy(0.25) == pytest.approx(vector_subsets.entropy(0.75))
    assert vector_subsets.entropy(0.25) < vector_subsets.entropy(0.5) == pytest.approx(1)


def test_vector_sums_in_the_order_of_codes():
    x = np.random.default_rng(0).normal(size=(7, 3))
    sums = vector_subsets.vector_sums(x)
    for code in (0, 1, 5, 64, 127):
        kept = [i for i in range(7) if code >> i & 1]
        np.testing.assert_allclose(sums[code], x[kept].sum(axis=0), atol=1e-12)


@pytest.mark.parametrize("d", [1, 2, 3])
@pytest.mark.parametrize("period", [None, 2.0])
def test_hits_by_count_agrees_with_trying_all(d, period):
    rng = np.random.default_rng(d)
    x, t = rng.uniform(-1, 1, (40, 6, d)), rng.uniform(-1, 1, (40, d))
    found = vector_subsets.hits_by_count(x, t, 0.25, period)
    for i, n in itertools.product(range(40), range(7)):
        gaps = vector_subsets.vector_sums(x[i, :n]) - t[i] if n else -t[i][None]
        if period:
            gaps = gaps - period * np.round(gaps / period)
        assert found[i, n] == (np.abs(gaps) <= 0.25).all(axis=1).any()
    assert (np.diff(found.astype(int)) >= 0).all()


def test_hits_in_one_dimension_are_those_of_closest_subset():
    rng = np.random.default_rng(0)
    x, t = rng.uniform(-1, 1, (50, 8)), rng.uniform(-1, 1, (50, 1))
    closest = np.abs(lp.closest_subset(t, x).errors[:, 0]) <= 0.01
    assert (vector_subsets.hits_by_count(x[..., None], t, 0.01)[:, -1] == closest).all()


@pytest.mark.parametrize(("largest", "n"), [(1, 1), (1, 4), (2, 3), (3, 4)])
def test_grid_hits_counts_every_draw(largest, n):
    counted = dict.fromkeys(range(-largest, largest + 1), 0)
    for x in itertools.product(range(-largest, largest + 1), repeat=n):
        sums = {sum(s) for k in range(n + 1) for s in itertools.combinations(x, k)}
        for t in counted:
            counted[t] += t in sums
    total = (2 * largest + 1) ** n
    assert vector_subsets.grid_hits(largest, n) == {
        t: Fraction(c, total) for t, c in counted.items()
    }


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: vector_subsets.family_size(-1), "n=-1"),
        (lambda: vector_subsets.family_size(3, -1), "kept=-1"),
        (lambda: vector_subsets.least_numbers(math.inf), "subsets=inf"),
        (lambda: vector_subsets.vector_sums(np.zeros((23, 1))), "numbers="),
        (
            lambda: vector_subsets.hits_by_count(np.zeros((2, 23, 1)), np.zeros((2, 1)), 0.1),
            "numbers=",
        ),
        (
            lambda: vector_subsets.hits_by_count(np.zeros((2, 3, 1)), np.zeros((1, 1)), 0.1),
            "targets=",
        ),
        (
            lambda: vector_subsets.hits_by_count(np.zeros((2, 3, 1)), np.zeros((2, 1)), -1),
            "epsilon=-1",
        ),
        (
            lambda: vector_subsets.hits_by_count(np.zeros((2, 3, 1)), np.zeros((2, 1)), 0, 0),
            "period=0",
        ),
        (lambda: vector_subsets.grid_hits(0, 1), "largest=0"),
        (lambda: vector_subsets.grid_hits(1, 0), "n=0"),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("d", [1, 2, 3])
def test_waiting_for_a_hit_is_what_counting_all_sums_says(d):
    rng = np.random.default_rng(d)
    numbers, targets = rng.uniform(-1, 1, (20, 12, d)), rng.uniform(-1, 1, (20, d))
    hits = vector_subsets.hits_by_count(numbers, targets, 0.2)
    for x, z, hit in zip(numbers, targets, hits, strict=True):
        wait = int(hit.argmax()) if hit.any() else None
        assert vector_subsets.vectors_until_hit(x, z, 0.2) == wait


def test_a_distance_of_exactly_epsilon_is_a_hit():
    assert vector_subsets.vectors_until_hit([[1.0, 0.5]], [0.75, 0.5], 0.25) == 1
    assert vector_subsets.vectors_until_hit([[1.0, 0.5]], [0.25, 0.25], 0.25) == 0


def test_sums_of_uniform_numbers_near_a_centre():
    rng = np.random.default_rng(5)
    for count, centre in ((1, 0), (2, 1), (3, -1), (5, 0)):
        sums = rng.uniform(-1, 1, (20_000, count)).sum(axis=1)
        share = (np.abs(sums - centre) <= 0.5).mean()
        exact = vector_subsets.within_of_sum(count, Fraction(1, 2), Fraction(centre))
        assert share == pytest.approx(float(exact), abs=0.02)
    assert vector_subsets.within_of_sum(3, Fraction(3)) == 1
    assert vector_subsets.within_of_sum(3, Fraction(0)) == 0


def test_no_more_targets_are_met_than_the_sum_over_all_subsets():
    rng = np.random.default_rng(6)
    n, d = 5, 2
    numbers = rng.uniform(-1, 1, (1000, n, d))
    met = vector_subsets.hits_by_count(numbers, np.full((1000, d), 0.3), 0.1)[:, -1].mean()
    bound = float(vector_subsets.union_bound(n, d, Fraction(1, 10)))
    assert 0.5 * bound < met <= bound  # few subsets: hits hardly overlap


def test_recorded_waits_are_those_of_the_script():
    record = vector_subsets.recorded_waits()
    for d in (1, 3):
        rng = np.random.default_rng((2020, d, 0))
        most = record["drawn"][str(d)]
        numbers, target = (vector_subsets.LAW.rvs(shape, rng=rng) for shape in ((most, d), d))
        wait = vector_subsets.vectors_until_hit(numbers[:20], target, record["epsilon"])
        assert wait == record["waits"][str(d)][0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0.5]] * 41, [0.5], 0.1), "numbers=.*at most 40 vectors"),
        (([[0.5]], [0.5, 0.5], 0.1), r"target=.*must have shape \(1,\)"),
    ],
)
def test_bad_arguments_of_waiting(arguments, message):
    with pytest.raises(ValueError, match=message):
        vector_subsets.vectors_until_hit(*arguments)


def test_a_radius_below_zero():
    with pytest.raises(ValueError, match="must be at least 0"):
        vector_subsets.within_of_sum(2, Fraction(-1, 2))
