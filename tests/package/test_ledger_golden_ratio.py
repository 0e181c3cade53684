"""Bridges: what the claims of golden_ratio prove is what the package computes."""

from fractions import Fraction
from itertools import combinations, product

import mpmath
import numpy as np
import pytest

import lpbook as lp
from lpbook.digits import (
    all_sums,
    covers,
    fibonacci_ends,
    greedy,
    reach,
    segments,
    worst_error,
    worst_error_between,
)
from lpbook.experiments.coverage import coverage_draws
from lpbook.figures.golden_ratio import gaps


@pytest.mark.parametrize("base", [1.05, 1.5, lp.PHI, 1.7, 2.0, 3.0])
@pytest.mark.parametrize("k", [1, 3, 10])
def test_worst_error_at_high_precision(base, k):
    with mpmath.workdps(50):
        g = mpmath.mpf(base)
        r = 1 / (g * (g - 1))
        expected = max(g**-k, 1 - r * (1 - g**-k))
        assert worst_error(k, base) == pytest.approx(float(expected), rel=1e-13)
        assert reach(base) == pytest.approx(float(r), rel=1e-13)


@pytest.mark.parametrize("base", [1.3, 1.5, lp.PHI, 1.8, 2.0])
def test_no_samples_and_no_weight_are_worse_than_the_worst_error(base):
    rng = np.random.default_rng(0)
    k = 8
    low, high = (base ** -np.arange(n, n + k) for n in (2.0, 1.0))
    weights = np.linspace(0, 1, 4001)
    most = 0.0
    for samples in (low, high, *(low + (high - low) * rng.integers(0, 2, (60, k)))):
        sums = all_sums(samples)
        below = sums[np.searchsorted(sums, weights, side="right") - 1]
        most = max(most, (weights - below).max())
    assert most <= worst_error(k, base) + 1e-12
    assert most >= 0.9 * worst_error(k, base)


@pytest.mark.parametrize("base", [1.05, 1.5, lp.PHI, 1.8, 2.5])
@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_no_scale_of_the_segments_does_better(base, k):
    """The error that k scaled digits guarantee, by the criterion of coverage, over many scales."""
    r = reach(base)
    best = 1 / (1 + r * (base**k - 1))
    if base > lp.PHI:
        best = 1 - base * (1 - base**-k) / (base**2 - 1)
    found = []
    for scale in np.append(np.geomspace(0.3, 4, 400), 1 / (r - (r - 1) * base**-k)):
        low, high = scale * np.array(segments(k, base))
        hardest = [1 - low[low <= 1].sum()]  # all lowest; or one highest, all later ones lowest
        for i in range(k):
            drawn = np.where(np.arange(k) == i, high, np.where(np.arange(k) < i, high, low))
            later = low[i + 1 :].sum()
            hardest.append(min(drawn[i], 1) - later)
        found.append(max(hardest))
    assert min(found) >= best - 1e-12
    if base <= lp.PHI:
        assert min(found) == pytest.approx(best, rel=1e-9)
    if k >= 3 or base > lp.PHI:
        assert best >= lp.PHI**-k - 1e-12


@pytest.mark.parametrize("base", [1.05, 1.5, lp.PHI, 1.8, 2.5])
@pytest.mark.parametrize("k", [1, 2, 3, 6])
def test_segments_of_any_length_contain_those_of_a_base(base, k):
    assert worst_error_between(base ** -np.arange(1.0, k + 2)) == pytest.approx(
        worst_error(k, base), rel=1e-12
    )


def test_segments_of_any_length_against_all_corners():
    """Also where segments reach above 1, or are a single number."""
    rng = np.random.default_rng(6)
    weights = np.linspace(0, 1, 2001)
    for _ in range(60):
        ends = np.sort(rng.choice([1.3, 1.1, 0.8, 0.6, 0.5, 0.3, 0.2, 0.1, 0.0], 5))[::-1]
        most = 0.0
        for corner in product(*zip(ends[1:], ends[:-1], strict=True)):
            sums = all_sums(np.where(np.array(corner) > 0, corner, 0.0))
            below = sums[np.searchsorted(sums, weights + 1e-12, side="right") - 1]
            most = max(most, (weights - below).max())
        assert most == pytest.approx(worst_error_between(ends), abs=1e-3)
    with pytest.raises(ValueError, match=r"ends=.*numbers that fall"):
        worst_error_between([0.2, 0.4])


def test_fibonacci_ends_cannot_be_moved():
    """Each of the best ends, moved, makes the error larger; the first one only upward."""
    for k in (2, 3, 5, 8):
        ends = fibonacci_ends(k)
        least = worst_error_between(ends)
        assert 1 / least == pytest.approx(1 / ends[-1], rel=1e-12)
        for i, step in product(range(k + 1), (-1e-3, 1e-3)):
            moved = np.array(ends)
            moved[i] += step * ends[-1]
            if (np.diff(moved) > 0).any():
                continue
            worse = worst_error_between(moved) > least * (1 + 1e-6)
            assert worse == (i > 0 or step > 0)


def test_all_sums_are_the_sums_of_all_subsets():
    samples = [0.5, 0.3, 0.3, 0.125]
    subsets = [c for r in range(5) for c in combinations(samples, r)]
    assert all_sums(samples) == pytest.approx(sorted(sum(c) for c in subsets))
    with pytest.raises(ValueError, match=r"samples=.*at most 24"):
        all_sums(np.ones(25))


def test_covers_against_all_subset_sums():
    rng = np.random.default_rng(1)
    drawn = coverage_draws(4, 7, 300, seed=2)
    for epsilon in (0.1, 0.2):
        said = covers(drawn, epsilon)
        seen = [len(gaps(samples, epsilon)) == 0 for samples in drawn]
        assert said.tolist() == seen
        assert 0 < sum(seen) < 300
    assert covers([2.0, 0.5], 0.5)  # the 2 is of no use, and does no harm
    assert not covers(rng.random(3) / 10, 0.5)
    with pytest.raises(ValueError, match=r"samples=0\.0: must be above 0"):
        covers([0.0, 0.5], 0.1)


def test_a_learner_s_decompose_is_put_to_the_test():
    def lazy(weights, samples, base):
        """Keeps only the first digit that fits."""
        digits = lp.decompose(weights, samples, base)
        first = np.cumsum(digits.masks, axis=1) == 1
        masks = digits.masks & first
        kept = (masks * np.broadcast_to(samples, masks.shape)).sum(axis=1)
        return type(digits)(masks, np.asarray(weights) - kept)

    claim = lp.claims["digits-suffice-finite"]
    assert len(claim.check(decompose=lp.decompose)) == len(claim.check())
    with pytest.raises(AssertionError):
        claim.check(decompose=lazy)


@pytest.mark.parametrize("base", [1.25, 1.5, lp.PHI])
def test_the_count_of_digits_is_the_formula_s(base):
    for epsilon in (0.9, 0.3, 0.01, 1e-6, 1e-12):
        with mpmath.workdps(50):
            k = int(mpmath.ceil(mpmath.log(1 / mpmath.mpf(epsilon)) / mpmath.log(base)))
        assert lp.count_digits(epsilon, base) == k


def greedy_remainders(weights, samples):
    """What the package's greedy kernel leaves."""
    rest = np.array(weights, dtype=float)
    greedy(rest, samples, np.empty((len(samples), rest.size), dtype=bool))
    return rest


@pytest.mark.parametrize("base", [1.2, 1.5, lp.PHI])
def test_digits_reach_up_to_r_and_no_further(base):
    rng = np.random.default_rng(4)
    k, top = 12, reach(base)
    low, high = segments(k, base)
    weights = np.linspace(0, top, 4001)
    for samples in (low, high, *(low + (high - low) * rng.random((40, k)))):
        rest = greedy_remainders(weights, samples)
        assert rest.min() >= 0
        assert rest.max() <= top * base**-k * (1 + 1e-12)
    assert low.sum() == pytest.approx(top * (1 - base**-k), rel=1e-13)
    assert 1.01 * top - low.sum() > top * base**-k


@pytest.mark.parametrize("ratio", [0.1, 0.5, 1 / lp.PHI, 0.9, 1.0])
def test_windows_of_any_width_work_up_to_their_base(ratio):
    rng = np.random.default_rng(5)
    k, base = 10, 1 + ratio
    high = base ** -np.arange(1.0, k + 1)
    weights = np.linspace(0, 1, 4001)
    for levels in (np.zeros(k), np.ones(k), *rng.random((40, k))):
        rest = greedy_remainders(weights, high * (ratio + (1 - ratio) * levels))
        assert rest.min() >= 0
        assert rest.max() <= base**-k * (1 + 1e-12)
    wider = base * 1.01
    assert 1 - (ratio * wider ** -np.arange(1.0, k + 1)).sum() > wider**-k


def test_two_sided_count_is_the_formula_s():
    for epsilon in (Fraction(1, 10), Fraction(1, 1000), Fraction(1, 10**6)):
        with mpmath.workdps(50):
            window = (1 + 1 / (mpmath.mpf(epsilon.numerator) / epsilon.denominator)) / 2
            k = int(mpmath.ceil(mpmath.log(window) / mpmath.log(mpmath.phi)))
        assert lp.GoldenRatio(two_sided=True).scheme(1.0, float(epsilon)).digits == k
