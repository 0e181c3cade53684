"""What the chapter *hyperbolic* proves in symbols is what the package computes."""

import itertools
import math
from fractions import Fraction

import mpmath as mp
import numpy as np
import pytest
import sympy as sp

import lpbook as lp
from lpbook.batches import all_hit, batch_size, expected_samples
from lpbook.digits import segments
from lpbook.distributions import common_range_exponents, segment_probabilities
from lpbook.experiments.confidence import hoeffding_tolerance

BASES = [1.01, 1.5, lp.PHI]


@pytest.fixture(autouse=True)
def _fifty_digits():
    with mp.workdps(50):
        yield


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("k", [1, 2, 10, 40])
def test_uniform_segments(base, k):
    g = mp.mpf(base)
    exact = [float(g**-i * (1 - 1 / g)) for i in range(1, k + 1)]
    assert segment_probabilities(lp.Uniform(1.0), k, base) == pytest.approx(exact, rel=1e-12)
    h = mp.log(g)
    exact = [float(g**-i * ((1 - 1 / g) * (1 + i * h) - h / g)) for i in range(1, k + 1)]
    product = lp.Uniform(1.0).product()
    assert segment_probabilities(product, k, base) == pytest.approx(exact, rel=1e-11)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("epsilon", [0.9, 0.1, 0.01, 1e-6, 1e-12])
def test_waits_of_uniform_weights_are_between_the_bounds(base, epsilon):
    k = lp.count_digits(epsilon, base)
    g, e = base, epsilon
    one = segment_probabilities(lp.Uniform(1.0), k, base)[-1]
    assert g / (g - 1) / e <= 1 / one * (1 + 1e-9)
    assert 1 / one <= g**2 / (g - 1) / e * (1 + 1e-9)
    two = segment_probabilities(lp.Uniform(1.0).product(), k, base)[-1]
    log = math.log(1 / e)
    assert (g - 1) / g**2 * e * log < two * (1 + 1e-9)
    assert two <= (g - 1) / g * e * (log + 1.5 * math.log(g)) * (1 + 1e-9)


@pytest.mark.parametrize("base", [*BASES, 3.0, 100.0])
def test_equal_segments_in_every_base(base):
    law = lp.Hyperbolic(1e-6, 1.0)
    k = int(math.log(1e6) / math.log(base)) - 1  # the segments 1..k that are inside
    share = float(mp.log(base) / mp.log(10**6))
    assert segment_probabilities(law, k, base) == pytest.approx(np.full(k, share), rel=1e-8)


@pytest.mark.parametrize(("low", "high"), [(0.1, 2.0), (1e-5, 1e3), (0.9, 0.91)])
def test_triangular_law_of_a_product(low, high):
    law = lp.Hyperbolic(low, high).product()
    width, middle = mp.log(mp.mpf(high) / mp.mpf(low)), mp.log(mp.mpf(low) * mp.mpf(high))
    for place in (-1, -0.99, -0.5, 0, 0.25, 0.999, 1):
        z = float(mp.exp(middle + mp.mpf(place) * width))
        distance = min(abs(mp.log(mp.mpf(z)) - middle) / width, 1)
        density = (1 - distance) / (width * z)
        cdf = (1 - distance) ** 2 / 2
        cdf = cdf if place < 0 else 1 - cdf
        assert law.magnitude_pdf(z) == pytest.approx(float(density), rel=1e-9, abs=1e-9 / z)
        assert law.magnitude_cdf(z) == pytest.approx(float(cdf), abs=1e-12)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("k", [1, 2, 3, 4, 17, 200])
def test_best_common_range(base, k):
    low, high = common_range_exponents(sp.Integer(k))
    law = lp.Hyperbolic.for_digits(k, base, max_weight=4.0)
    assert law.low == pytest.approx(float(2 * mp.mpf(base) ** mp.mpf(sp.Rational(low))), rel=1e-12)
    assert law.high == pytest.approx(
        float(2 * mp.mpf(base) ** mp.mpf(sp.Rational(high))), rel=1e-12
    )
    least = segment_probabilities(law.product(), k, base, max_weight=4.0).min()
    assert least == pytest.approx(1 if k == 1 else 1 / (2 * (k - 1)), rel=1e-9)


@pytest.mark.parametrize("k", [2, 3, 5, 20])
def test_no_other_common_range_does_better(k):
    """A grid of centres and widths around the best range, and far from it."""
    for width in np.linspace(0.1, 4 * k, 60):
        for middle in np.linspace(-1.5 * k - 2, 1, 25):
            ends = [lp.PHI ** ((middle + side * width) / 2) for side in (-1, 1)]
            share = segment_probabilities(lp.Hyperbolic(*ends).product(), k)
            assert share.min() <= 1 / (2 * (k - 1)) + 1e-12


@pytest.mark.parametrize("k", [2, 3, 10, 50])
def test_naive_range(k):
    law = lp.Hyperbolic(lp.PHI**-k, lp.PHI**k).product()
    least = segment_probabilities(law, k).min()
    assert least == pytest.approx((k - 0.5) / (4 * k**2), rel=1e-10)


@pytest.mark.parametrize("epsilon", [0.7, 0.5, 0.01, 1e-5])
def test_probabilities_of_the_construction(epsilon):
    constant = lp.GoldenRatio(law="constant").scheme(1.0, epsilon)
    common = lp.GoldenRatio(law="common").scheme(1.0, epsilon)
    k = constant.digits
    assert constant.probability(False) == pytest.approx(1 / (4 * k))
    assert constant.probability(True) == pytest.approx(1 / (2 * k))
    assert common.probability(False) == pytest.approx(1 / 4 if k == 1 else 1 / (8 * (k - 1)))
    inner, outer = constant.laws(nonnegative=False)
    assert inner == lp.SignedConstant(1.0)
    assert [outer.low, outer.high] == pytest.approx([lp.PHI ** -(k + 1), 1 / lp.PHI])
    assert segment_probabilities(outer, k) == pytest.approx(np.full(k, 1 / k))


@pytest.mark.parametrize("k", [3, 10, 40])
def test_quarter_disc(k):
    # the same by quadrature over U: V² between two radii
    for i in (1, 2, k):

        def inner(x, i=i):
            return mp.sqrt(max(mp.mpf(i) / k - x * x, 0)) - mp.sqrt(
                max(mp.mpf(i - 1) / k - x * x, 0)
            )

        corners = [0, mp.sqrt(mp.mpf(i - 1) / k), mp.sqrt(mp.mpf(i) / k)]
        assert abs(mp.quad(inner, corners) - mp.pi / (4 * k)) < 1e-12


def chance(shares, samples):
    """All categories hit, by inclusion and exclusion, exactly."""
    total = Fraction(0)
    for size in range(len(shares) + 1):
        for missed in itertools.combinations(shares, size):
            total += (-1) ** size * (1 - sum(missed, Fraction(0))) ** samples
    return total


def test_equal_shares_fill_fastest():
    rng = np.random.default_rng(0)
    for k, samples in itertools.product((2, 3, 5), (2, 3, 5, 6, 9, 20)):
        best = all_hit(k, Fraction(1, k), samples)
        assert best == chance([Fraction(1, k)] * k, samples)
        for _ in range(20):
            cuts = rng.integers(1, 30, k + 1)  # the last one: outside all categories
            shares = [Fraction(int(c), int(cuts.sum())) for c in cuts[:k]]
            if samples >= k:
                assert chance(shares, samples) < best
            else:
                assert chance(shares, samples) == best == 0
            halves = [share / 4 for share in shares] * 2
            if k == 3:
                equal = all_hit(2 * k, Fraction(1, 4 * k), samples)
                assert chance(halves, samples) <= equal


@pytest.mark.parametrize("wanted", [1, 2, 3])
def test_equal_shares_are_best_for_any_number_wanted_of_each(wanted):
    """All sequences of samples, added up exactly: three categories, or the four of two digits."""

    def filled(shares, samples):
        states = {(0,) * len(shares): Fraction(1)}
        for _ in range(samples):
            new = {}
            for state, chance in states.items():
                places = [(state, 1 - sum(shares))]
                for i, share in enumerate(shares):
                    count = min(state[i] + 1, wanted)
                    places.append(((*state[:i], count, *state[i + 1 :]), share))
                for place, share in places:
                    new[place] = new.get(place, 0) + chance * share
            states = new
        return states.get((wanted,) * len(shares), Fraction(0))

    for samples in (3 * wanted, 3 * wanted + 2):
        best = filled([Fraction(1, 3)] * 3, samples)
        for shares in ((4, 3, 3), (5, 4, 1), (3, 3, 3), (8, 1, 1), (5, 3, 2)):
            assert filled([Fraction(share, 10) for share in shares], samples) < best
    samples = 4 * wanted + 1
    best = filled([Fraction(1, 8)] * 4, samples)
    for first, second in ((6, 4), (9, 1), (5, 4)):
        halves = [Fraction(first, 40), Fraction(second, 40)] * 2
        assert filled(halves, samples) < best


@pytest.mark.parametrize("delta", [0.5, 0.1, 0.01, 1e-6])
@pytest.mark.parametrize("k", [1, 2, 10, 30])
def test_one_weight(k, delta):
    enough = math.ceil(4 * k * math.log(2 * k / delta))
    success = all_hit(2 * k, Fraction(1, 4 * k), enough)
    assert success >= 1 - Fraction(delta)
    bound = math.log(2 * k / -math.log1p(-delta)) / math.log(4 * k / (4 * k - 1))
    fewer = max(math.ceil(bound) - 1, 0)
    if fewer < bound - 1e-9:
        assert all_hit(2 * k, Fraction(1, 4 * k), fewer) < 1 - Fraction(delta)
    assert batch_size(1, 2 * k, 1 / (4 * k), delta, "exact") <= enough
    for x in (k - 1 + 1e-9, k - 0.5, k):
        if x > 0:
            assert enough < 4 * (x + 1) * math.log(2 * (x + 1) / delta) + 1


def test_running_example_uses_the_count():
    example = lp.RunningExample()
    k = example.digits
    count = math.ceil(4 * k * math.log(2 * k / example.delta))
    assert example.costs()["hyperbolic"][1] == count


def test_expected_samples():
    harmonic = sum(Fraction(1, i) for i in range(1, 13))
    assert expected_samples([1 / 24] * 12) == pytest.approx(float(24 * harmonic), rel=1e-10)
    for shares in (
        [Fraction(1)],
        [Fraction(1, 10**6), Fraction(1, 2)],
        [Fraction(1, 2**i) for i in range(1, 9)],
    ):
        exact = sum(
            (-1) ** (size + 1) / sum(hit)
            for size in range(1, len(shares) + 1)
            for hit in itertools.combinations(shares, size)
        )
        assert expected_samples([float(s) for s in shares]) == pytest.approx(
            float(exact), rel=1e-10
        )
    assert expected_samples([0.5, 0.0]) == math.inf
    for bad in ([0.7, 0.7], [-0.1, 0.5]):
        with pytest.raises(ValueError, match="probabilities="):
            expected_samples(bad)


def test_all_hit_by_brute_force():
    for n, samples in ((1, 0), (1, 2), (2, 4), (3, 5)):
        slots = 4  # categories 0..n-1 of probability 1/4, the rest outside
        hits = sum(
            set(range(n)) <= set(draw) for draw in itertools.product(range(slots), repeat=samples)
        )
        assert all_hit(n, Fraction(1, slots), samples) == Fraction(hits, slots**samples)
    with pytest.raises(ValueError, match="probability="):
        all_hit(3, Fraction(1, 2), 5)


def test_learners_own_range_is_checked():
    with pytest.raises(AssertionError, match="width"):
        lp.claims["best-common-range"].check(exponents=lambda k: (-k, 0))
    with pytest.raises(AssertionError, match="middle"):
        lp.claims["best-common-range"].check(exponents=lambda k: (-k, -1))


def test_counts_in_segments_agree_with_the_law():
    """Evidence: 200,000 drawn products of the best common range, Hoeffding, false alarm 1e-6."""
    k, n = 9, 200_000
    rng = np.random.default_rng(11)
    law = lp.Hyperbolic.for_digits(k)
    size = np.abs(law.rvs(n, rng=rng) * law.rvs(n, rng=rng))
    low, high = segments(k)
    drawn = ((low < size[:, None]) & (size[:, None] <= high)).mean(axis=0)
    tolerance = hoeffding_tolerance(n, tests=k)
    assert np.abs(drawn - segment_probabilities(law.product(), k)).max() < tolerance
