import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from scipy import special
from scipy.stats import binom

import lpbook as lp
from lpbook.batches import (
    _enough_digits,
    _tail_by_quadrature,
    _tail_by_sum,
    all_hit,
    best_leading_size,
    expected_samples,
    half_missed,
    unserved,
)


@pytest.mark.parametrize(
    ("m", "poster", "chernoff", "exact"),
    [(100, 34_433, 23_382, 21_776), (10_000, 3_202_433, 1_663_449, 1_653_007)],
)
def test_counts_at_twenty_digits(m, poster, chernoff, exact):
    counts = [lp.batch_size(m, 20, 1 / 160, 0.01, b) for b in ("poster", "chernoff", "exact")]
    assert counts == [poster, chernoff, exact]
    assert lp.batch_size(m, 20, 1 / 160, 0.01) == poster


def test_order_of_the_bounds_and_minimality_of_the_exact_one():
    rng = np.random.default_rng(0)
    for _ in range(400):
        m, k = int(10 ** rng.uniform(0, 4)), int(10 ** rng.uniform(0, 4))
        c, delta = 10 ** rng.uniform(-4, 0), 10 ** rng.uniform(-12, -0.001)
        exact, chernoff, poster = (
            lp.batch_size(m, k, c, delta, b) for b in ("exact", "chernoff", "poster")
        )
        assert m <= exact <= chernoff <= poster
        assert k * binom.cdf(m - 1, exact, c) <= delta * (1 + 1e-9)
        assert exact == m or k * binom.cdf(m - 1, exact - 1, c) > delta * (1 - 1e-9)


def exact_tail(m, size, c):
    c = Fraction(c)
    return sum(math.comb(size, j) * c**j * (1 - c) ** (size - j) for j in range(m))


@pytest.mark.parametrize("m", [1, 2, 5])
@pytest.mark.parametrize("k", [1, 4])
@pytest.mark.parametrize("c", [0.5, 0.25, 0.75])
def test_ties_count_as_holding(m, k, c):
    for size in range(m, m + 12):
        delta = float(k * exact_tail(m, size, c))
        if 0 < delta < 1:  # dyadic, hence exact as a float
            assert lp.batch_size(m, k, c, delta, "exact") == size


@pytest.mark.parametrize("m", [10**4, 10**7, 10**8, 10**12])
def test_ties_of_large_counts_are_settled_too(m):
    # by symmetry Pr[Bin(2m - 1, 1/2) < m] = 1/2 exactly
    assert lp.batch_size(m, 1, 0.5, 0.5, "exact") == 2 * m - 1


def test_exact_counts_of_up_to_2_40_a_category():
    assert lp.batch_size(2**40, 1, 1.0, 0.5, "exact") == 2**40
    assert lp.batch_size(2**40 + 1, 1, 0.5, 0.5, "chernoff") > 2**41
    with pytest.raises(ValueError, match=r"per_category=1099511627777.*at most 1099511627776"):
        lp.batch_size(2**40 + 1, 1, 0.5, 0.5, "exact")


@pytest.mark.parametrize("m", [1, 4])
@pytest.mark.parametrize("c", [1e-12, 1e-30, 1e-60, 1e-100])
def test_exact_counts_of_rare_categories_are_the_least(m, c):
    size, k, delta = lp.batch_size(m, 3, c, 0.25, "exact"), 3, 0.25
    with mpmath.workdps(300):
        c = mpmath.mpf(c)

        def union(size):
            terms = (mpmath.binomial(size, j) * c**j * (1 - c) ** (size - j) for j in range(m))
            return k * mpmath.fsum(terms)

        assert union(size) <= delta < union(size - 1)


@pytest.mark.parametrize("m", [1, 3])
@pytest.mark.parametrize("k", [1, 7])
@pytest.mark.parametrize(("c", "more"), [(0.75, 6), (0.3, 20), (0.01, 900)])
def test_the_last_bit_of_delta_decides(m, k, c, more):
    size = m + more
    union = k * exact_tail(m, size, c)
    nearest = float(union)
    for delta in (np.nextafter(nearest, 0), nearest, np.nextafter(nearest, 1)):
        enough = union <= Fraction(delta)
        assert lp.batch_size(m, k, c, delta, "exact") == (size if enough else size + 1)


@pytest.mark.parametrize("p", [0.5, 0.3, 0.01])
@pytest.mark.parametrize("size", [2, 3, 10, 40])
def test_the_last_bit_of_delta_decides_for_both_halves(p, size):
    nearest = float(both_fail(size, p))
    for delta in (np.nextafter(nearest, 0), nearest, np.nextafter(nearest, 1)):
        enough = both_fail(size, p) <= Fraction(delta)
        assert lp.samples_for_both(p, delta, "exact") == (size if enough else size + 1)


@pytest.mark.parametrize("p", [1e-9, 1e-16, 1e-45, 1e-60, 1e-80, 1e-120])
@pytest.mark.parametrize("delta", [1 - 2.0**-53, 0.5, 1e-3, 1e-20])
def test_rare_halves_are_both_served_by_the_least_number(p, delta):
    exact, union = (lp.samples_for_both(p, delta, bound) for bound in ("exact", "union"))
    with mpmath.workdps(600):
        q, neither = 1 - mpmath.mpf(p), 1 - 2 * mpmath.mpf(p)
        last, one_less = (2 * q**n - neither**n for n in (exact, exact - 1))
        assert last <= delta < one_less
        assert 2 * q**union <= delta < 2 * q ** (union - 1)


def test_halves_are_missed_as_the_formula_says():
    p, n = np.array([0.0, 0.25, 0.5])[:, None], np.arange(1, 6)
    exact = [[float(both_fail(size, chance)) for size in n.tolist()] for chance in p.ravel()]
    assert half_missed(p, n) == pytest.approx(np.array(exact), rel=1e-14, abs=0)
    for chance in (0.501, -1e-9, [0.1, 0.6]):
        with pytest.raises(ValueError, match="probability="):
            half_missed(chance, 1)
    for samples in (0, [0, 3]):
        with pytest.raises(ValueError, match="samples="):
            half_missed(0.25, samples)


def test_out_of_range_is_refused_just_beyond():
    for count in (lp.batch_size, best_leading_size):
        with pytest.raises(ValueError, match=r"probability=1\.5"):
            count(1, 1, 1.5, 0.5)
        with pytest.raises(ValueError, match=r"delta=1\.5"):
            count(1, 1, 0.5, 1.5)
    with pytest.raises(ValueError, match=r"probability=0\.503"):
        lp.samples_for_both(0.503, 0.5)


def test_a_neuron_of_the_pool_may_satisfy_many_others():
    one_of_three = lp.batch_size(1000, 2, 0.5 / 3, 0.1, "exact")
    assert lp.pooled_batch_size(1000, 2, 0.5, 0.1) == one_of_three
    with pytest.raises(ValueError, match=r"probability=1\.5"):
        lp.pooled_batch_size(1, 1, 1.5, 0.5)
    most = 2**53
    found = lp.pooled_batch_size(1, 1, 1.0, 0.5, most, "poster")
    assert found == pytest.approx(2 * most * (1 + math.log(2)), rel=1e-12)
    with pytest.raises(ValueError, match="crowding="):
        lp.pooled_batch_size(1, 1, 1.0, 0.5, most + 2, "poster")
    least = 2 * np.finfo(float).tiny  # next to one other, half of it is left
    assert lp.pooled_batch_size(1, 1, least, 0.99, 1, "poster") > 1e307
    with pytest.raises(ValueError, match=r"probability=.*more samples"):
        lp.pooled_batch_size(1, 1, least * (1 - 1e-15), 0.99, 1, "poster")


def test_counts_of_output_batch_size_have_limits():
    assert lp.output_batch_size(2**17, 1, 1, 0.5) > 2**18
    assert lp.output_batch_size(1, 1, 2**32, 0.5) > 32
    assert lp.output_batch_size(1, 10_000, 1, 0.5) > 2 * 10_000 * math.log(40_000)
    assert lp.output_batch_size(1, 1, 1, np.finfo(float).tiny) > 1022
    for changed in ({"per_output": 2**17 + 1}, {"outputs": 2**32 + 1}, {"delta": 1.0}):
        case = {"per_output": 1, "digits": 1, "outputs": 1, "delta": 0.5} | changed
        with pytest.raises(ValueError, match=f"{next(iter(changed))}="):
            lp.output_batch_size(**case)


@pytest.mark.parametrize(("m", "k", "n", "size"), [(1, 1, 1, 3), (1, 1, 1, 9), (4, 3, 2, 80)])
def test_a_tie_serves_an_output(m, k, n, size):
    missed = 2 * k * n * unserved(size, m, 1 / (2 * k))
    assert lp.output_batch_size(m, k, n, missed) == size
    assert lp.output_batch_size(m, k, n, np.nextafter(missed, 0)) == size + 1


def test_what_is_missed_is_counted_down_to_the_least_float():
    assert [unserved(size, 1, 1.0) for size in (1000, 1060, 1074)] == [
        2.0**-1000,
        2.0**-1060,
        2.0**-1074,
    ]


def test_spare_neurons_that_are_nearly_never_wanted_take_no_memory():
    size = 2**50
    assert unserved(size, 1, 1 / size) == pytest.approx(math.exp(-0.5), rel=1e-12)


def test_a_density_is_at_most_what_a_whole_range_allows():
    beyond = 0
    for j in range(1, 1000):  # as floats round R = j/10 and 1/(4 R)
        reach, density = j / 10, 2.5 / j
        beyond += 4 * reach * density > 1
        assert lp.subset_sum_size(reach, reach / 50, density, 0.01) == 51
        with pytest.raises(ValueError, match=r"density=.*at most 1/\(4 reach\)"):
            lp.subset_sum_size(reach, reach / 50, density * (1 + 1e-9), 0.01)
    assert beyond
    for delta in (1.0, 1.5):
        with pytest.raises(ValueError, match=f"delta={delta}"):
            lp.subset_sum_size(0.5, 0.01, 0.5, delta)


@pytest.mark.parametrize(("error", "delta", "more"), [(3e-16, 0.5, 0), (-3e-16, 0.5 - 2**-54, 1)])
def test_errors_as_large_as_those_of_an_older_scipy_do_not_decide(error, delta, more, monkeypatch):
    m, tail = 10**7, special.betaincc
    monkeypatch.setattr(special, "betaincc", lambda a, b, c: tail(a, b, c) * (1 + error * m))
    assert lp.batch_size(m, 1, 0.5, delta, "exact") == 2 * m - 1 + more


@pytest.mark.parametrize(("a", "b", "x"), [(3, 5, 0.2), (500, 3000, 0.1), (9999, 40, 0.995)])
def test_the_quadrature_of_large_counts_is_the_sum_of_small_ones(a, b, x):
    with mpmath.workdps(80):
        found, wanted = (tail(a, b, mpmath.mpf(x)) for tail in (_tail_by_quadrature, _tail_by_sum))
        assert abs(found / wanted - 1) < mpmath.mpf(10) ** -55
        assert float(wanted) == pytest.approx(binom.cdf(a - 1, a + b - 1, x), rel=1e-11)


def test_the_quadrature_does_not_miss_what_is_far_from_its_end():
    m, size = 10**10, 3 * 10**10 // 2 - 1
    assert math.exp(-2 * (m - size / 2) ** 2 / size) < 1e-55  # Hoeffding: so rarely as many as m
    with mpmath.workdps(80):
        assert abs(_tail_by_quadrature(m, size - m + 1, mpmath.mpf(0.5)) - 1) < 1e-55


def test_the_quadrature_goes_as_far_as_digits_ask_for():
    """Where the density falls most slowly, by 1/10 within two widths, and the tail is a power."""
    with mpmath.workdps(127):  # twice as many are 254: hardly fewer than a power of 2
        b, c = int(2.303 * 2**120) | 1, mpmath.mpf(2) ** -120
        assert abs(_tail_by_quadrature(1, b, c) / (1 - c) ** b - 1) < mpmath.mpf(10) ** -68.5


@pytest.mark.slow
def test_digits_are_enough_for_the_quadrature_of_rare_categories():
    a, c = 20, 1e-40
    b = 10**41
    with mpmath.workdps(_enough_digits(c)):
        found = _tail_by_quadrature(a, b, mpmath.mpf(c))
    with mpmath.workdps(300):
        assert abs(found / _tail_by_sum(a, b, mpmath.mpf(c)) - 1) < c * mpmath.mpf(10) ** -45


def test_certain_category_needs_no_more_than_asked_for():
    assert lp.batch_size(7, 3, 1.0, 1e-9, "exact") == 7


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1, 0.5, 0.1), "per_category=0"),
        ((10**400, 1, 0.5, 0.1), "per_category=1000"),
        ((1, 10**400, 0.5, 0.1), "categories=1000"),
        ((1, 0, 0.5, 0.1), "categories=0"),
        ((1, 1, 0.0, 0.1), "probability=0"),
        ((1, 1, 1.1, 0.1), r"probability=1\.1"),
        ((1, 1, math.nan, 0.1), "probability=nan"),
        ((10**10, 1, 1e-300, 0.1), "probability=1e-300.*more samples"),
        ((1, 1, 0.5, 0.0), "delta=0"),
        ((1, 1, 0.5, 1.0), "delta=1"),
        ((1, 1, 0.5, 0.1, "best"), "bound='best'"),
    ],
)
def test_bad_values(arguments, message):
    with pytest.raises(ValueError, match=message):
        lp.batch_size(*arguments)


@pytest.mark.parametrize("bad", [1.0, True, "1", None])
def test_counts_must_be_integers(bad):
    with pytest.raises(TypeError, match="per_category"):
        lp.batch_size(bad, 1, 0.5, 0.1)
    assert lp.batch_size(np.int64(1), np.int32(1), np.float64(0.5), 0.1) == 14


def both_fail(size, p):
    p = Fraction(p)
    return 2 * (1 - p) ** size - (1 - 2 * p) ** size


@pytest.mark.parametrize("p", [0.5, 0.375, 0.25, 0.0625, 0.01])
@pytest.mark.parametrize("delta", [0.9, 0.5, 0.1, 0.01, 1e-6])
def test_samples_for_both_halves_are_the_least(p, delta):
    exact, union, simple = (lp.samples_for_both(p, delta, b) for b in ("exact", "union", "simple"))
    assert 1 <= exact <= union <= simple
    assert both_fail(exact, p) <= Fraction(delta) < both_fail(exact - 1, p)
    q = 1 - Fraction(p)
    assert 2 * q**union <= Fraction(delta) < 2 * q ** (union - 1)
    assert union == lp.batch_size(1, 2, p, delta, "exact")


@pytest.mark.parametrize("p", [0.5, 0.25, 0.375])
def test_a_tie_serves_both(p):
    for size in range(2, 14):
        delta = float(both_fail(size, p))  # dyadic, hence exact as a float
        assert Fraction(delta) == both_fail(size, p)
        assert lp.samples_for_both(p, delta, "exact") == size


def test_huge_counts_for_both_halves_keep_their_order():
    rng = np.random.default_rng(1)
    for _ in range(200):
        p, delta = 10 ** rng.uniform(-15, -0.31), 10 ** rng.uniform(-12, -0.001)
        exact, union, simple = (
            lp.samples_for_both(p, delta, b) for b in ("exact", "union", "simple")
        )
        assert exact <= union <= simple <= math.log(2 / delta) / p + 1
        q = math.exp(exact * math.log1p(-p))
        assert 2 * q - q * q <= delta * (1 + 1e-9)  # necessary for the exact count


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, 0.1), "probability=0"),
        ((0.51, 0.1), r"probability=0\.51: must be at most 0\.5"),
        ((1e-320, 0.1), "probability=.*more samples"),
        ((0.1, 1.0), "delta=1"),
        ((0.1, 0.1, "best"), "bound='best'"),
    ],
)
def test_bad_values_for_both_halves(arguments, message):
    with pytest.raises(ValueError, match=message):
        lp.samples_for_both(*arguments)


@pytest.mark.parametrize("count", [
    lambda *case: lp.batch_size(*case, "poster"),
    lambda *case: lp.batch_size(*case, "chernoff"),
    best_leading_size,
])  # fmt: skip
def test_counts_up_to_what_a_float_counts(count):
    most = 2**53
    assert count(most, 1, 1.0, 0.5) >= most
    assert count(1, most, 1.0, 0.5) >= 37  # ln 2**53 is 36.7
    for name, counts in (("per_category", (most + 1, 1)), ("categories", (1, most + 1))):
        with pytest.raises(ValueError, match=f"{name}={most + 1}"):
            count(*counts, 1.0, 0.5)


def test_coupons_of_one_kind_each():
    more_than_one = 0
    for n in range(1, 61):
        shares = [1 / n] * n
        more_than_one += sum(map(Fraction, shares)) > 1 and np.sum(shares) > 1
        wanted = n * sum(Fraction(1, i) for i in range(1, n + 1))
        assert expected_samples(shares) == pytest.approx(float(wanted), rel=1e-10)
    assert more_than_one  # as floats add them up
    with pytest.raises(ValueError, match="probabilities="):
        expected_samples([0.5, 0.5 + 1e-6])
    with pytest.raises(ValueError, match="probability="):
        all_hit(1, Fraction(0), 3)
