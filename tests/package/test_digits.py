from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import lpbook as lp
from lpbook import digits
from lpbook.digits import (
    MOST_DIGITS,
    all_sums,
    covers,
    digit_of,
    equal_ends,
    fibonacci_ends,
    reach,
    segments,
    sums_by_index,
    worst_error,
    worst_error_between,
)

BASES = [1.01, 1.2, 1.5, lp.PHI]


def plain_greedy(w, samples):
    """The definition, one weight at a time."""
    bits = []
    for x in samples:
        bits.append(w >= x)
        w = w - x if w >= x else w
    return bits, w


def patterns(k, base, rng, n):
    """Adversarial and random samples, shape (n, k) each."""
    low, high = segments(k, base)
    alternating = np.where(np.arange(k) % 2 == 0, low, high)
    yield np.tile(low, (n, 1))
    yield np.tile(high, (n, 1))
    yield np.tile(alternating, (n, 1))
    yield np.tile(low + high - alternating, (n, 1))
    yield low + (high - low) * rng.random((n, k))
    yield np.where(rng.random((n, k)) < 0.5, low, high)


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("k", [1, 2, 7, 20])
def test_residuals_stay_below_the_last_power(base, k):
    rng = np.random.default_rng(0)
    n = 2001
    for samples in patterns(k, base, rng, n):
        for weights in (np.linspace(0, 1, n), np.clip(samples[0].sum(), 0, 1) * np.ones(n)):
            digits = lp.decompose(weights, samples, base)
            assert digits.masks.shape == (n, k)
            assert digits.masks.dtype == bool
            assert (digits.residuals >= 0).all()
            assert digits.residuals.max() <= base**-k + 8 * np.finfo(float).eps
            kept = (digits.masks * samples).sum(axis=1)
            assert kept + digits.residuals == pytest.approx(weights, abs=1e-14)


@given(st.data())
def test_the_choice_is_the_greedy_one(data):
    base = data.draw(st.sampled_from(BASES))
    k = data.draw(st.integers(1, 8))
    n = data.draw(st.integers(1, 5))
    low, high = segments(k, base)
    unit = st.floats(0, 1)
    levels = data.draw(st.lists(unit, min_size=n * k, max_size=n * k))
    samples = np.clip(low + (high - low) * np.reshape(levels, (n, k)), low, high)
    weights = np.array(data.draw(st.lists(unit, min_size=n, max_size=n)))
    digits = lp.decompose(weights, samples, base)
    for i in range(n):
        bits, residual = plain_greedy(weights[i], samples[i])
        assert digits.masks[i].tolist() == bits
        assert digits.residuals[i] == residual


def test_memory_order_and_shared_samples_do_not_matter():
    rng = np.random.default_rng(1)
    low, high = segments(9)
    n = 2**15 + 17  # more than one chunk
    weights = rng.random(n)
    samples = low * (high / low) ** rng.random((n, 9))
    reference = lp.decompose(weights, samples)
    strided = np.zeros((n, 18))
    strided[:, ::2] = samples
    for other in (np.asfortranarray(samples), strided[:, ::2], samples[::-1].copy()[::-1]):
        digits = lp.decompose(weights, other)
        assert (digits.masks == reference.masks).all()
        assert (digits.residuals == reference.residuals).all()
    one = lp.decompose(weights, samples[0])
    many = lp.decompose(weights, np.tile(samples[0], (n, 1)))
    assert (one.masks == many.masks).all()


def test_arguments_are_left_alone():
    weights, samples = np.array([0.7]), np.array([[0.5, 0.3]])
    lp.decompose(weights, samples)
    assert weights.tolist() == [0.7]
    assert samples.tolist() == [[0.5, 0.3]]


def test_base_above_phi_is_refused_because_it_fails():
    # base 2 with every sample at the low end: all of them together reach only 1/2
    low = 2.0 ** -np.arange(2, 30)
    _, residual = plain_greedy(1.0, low)
    assert residual == pytest.approx(0.5)
    with pytest.raises(ValueError, match="base=2"):
        lp.decompose([1.0], low, base=2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lp.decompose([1.1], [0.5]), r"weights=1\.1: must lie in \[0, 1\]"),
        (lambda: lp.decompose([-0.1], [0.5]), r"weights=-0\.1"),
        (lambda: lp.decompose([np.nan], [0.5]), "weights=nan"),
        (lambda: lp.decompose([0.5], [0.7]), r"samples=0\.7: must lie in .*column 0"),
        (lambda: lp.decompose([0.5], [[0.5, np.nan]]), "samples=nan.*column 1"),
        (lambda: lp.decompose([0.5], [[0.5, 0.2]]), r"samples=0\.2: must lie in .*column 1"),
        (lambda: lp.decompose([0.5, 0.5], [[0.5]]), "samples=.*shape"),
        (lambda: lp.decompose([[0.5]], [[0.5]]), "weights=.*dimension"),
        (lambda: lp.decompose([], [0.5]), "weights=.*empty"),
        (lambda: lp.decompose([0.5], []), "samples=.*empty"),
        (lambda: lp.decompose([0.5], [0.5], base=1.0), "base=1.0"),
        (lambda: lp.decompose([0.5], [0.5], base=1.62), r"base=1\.62: must lie in \(1, φ\]"),
        (lambda: lp.count_digits(0), "epsilon=0"),
        (lambda: lp.count_digits(0.1, base=np.nan), "base=nan"),
        (lambda: lp.count_digits(0.1, max_weight=np.inf), "max_weight=inf"),
    ],
)
def test_bad_values(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("bad", [["a"], [1j], [None]])
def test_bad_types(bad):
    with pytest.raises(TypeError, match="weights"):
        lp.decompose(bad, [0.5])


def test_ends_of_segments_count_within_rounding():
    low, high = segments(4)
    lp.decompose([0.5], high * (1 + 9e-13))
    lp.decompose([0.5], low * (1 - 9e-13))
    with pytest.raises(ValueError, match="samples"):
        lp.decompose([0.5], high * (1 + 2e-12))


@pytest.mark.parametrize("base", BASES)
def test_count_is_the_least_that_suffices(base):
    rng = np.random.default_rng(2)
    for epsilon, top in zip(
        10 ** rng.uniform(-12, 1, 300), 10 ** rng.uniform(-3, 3, 300), strict=False
    ):
        k = lp.count_digits(epsilon, base, top)
        assert top * base**-k <= epsilon * (1 + 1e-12)
        assert k == 0 or top * base ** -(k - 1) > epsilon * (1 - 1e-12)


@pytest.mark.parametrize("base", BASES)
def test_exact_powers_take_exactly_their_exponent(base):
    for k in range(0, 60):
        assert lp.count_digits(base**-k, base) == k


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("k", [1, 2, 5, 30])
def test_a_little_less_than_a_power_takes_one_digit_more(base, k):
    for less in (5e-7, 1e-10, 1e-13):
        assert lp.count_digits(base**-k * (1 - less), base) == k + 1
        assert lp.count_digits(base**-k * (1 + less), base) == k


def test_nothing_to_do():
    assert lp.count_digits(1.0) == 0
    assert lp.count_digits(0.5, max_weight=0.0) == 0
    assert lp.count_digits(1e-300, max_weight=1e300) > 2800
    assert lp.count_digits(1 - 2.0**-53) == 1  # not 0, which would be wrong by that much


@pytest.mark.parametrize("base", BASES)
@pytest.mark.parametrize("k", [1, 2, 7])
@pytest.mark.parametrize("top", [1.0, 3.7])
def test_each_magnitude_is_the_digit_whose_segment_it_is_in(base, k, top):
    """A segment has its lower end; the outermost ends count a little beyond themselves."""
    scale = () if top == 1 else (top,)  # which is 1 unless it is said
    ends = equal_ends(k, base, *scale)
    assert ends == pytest.approx([top * base**-i for i in range(1, k + 2)], rel=1e-14)
    low, high = segments(k, base, *scale)
    assert (low == ends[1:]).all()
    assert (high == ends[:-1]).all()

    def found(magnitudes):
        return digit_of(magnitudes, k, base, *scale).tolist()

    each = list(range(k))
    assert found((low + high) / 2) == found(low) == found(np.nextafter(high, 0)) == each
    assert found(high) == [max(i - 1, 0) for i in each]
    assert found([high[0] * (1 + 9e-13), low[-1] * (1 - 9e-13)]) == [0, k - 1]
    assert found([high[0] * (1 + 2e-12), low[-1] * (1 - 2e-12), 0, np.nan]) == [-1] * 4


@pytest.mark.parametrize("base", [1.2, 1.5, lp.PHI, 2.0, 3.0])
def test_reach_and_error_of_equal_segments(base):
    assert equal_ends(400, base)[1:].sum() == pytest.approx(reach(base), rel=1e-12)
    for k in (1, 2, 5, 12):
        assert worst_error(k, base) == pytest.approx(worst_error_between(equal_ends(k, base)))


def worst_corner(ends):
    """The largest gap that one end of each segment can leave below a weight up to 1."""
    worst = 0.0
    for samples in product(*pairwise(ends)):
        sums = all_sums(samples)
        worst = max(worst, *np.diff([*sums[sums <= 1], 1.0]))
    return worst


@pytest.mark.parametrize("k", [1, 2, 3])
def test_error_between_ends_is_that_of_the_worst_corner(k):
    eighths = [i / 8 for i in range(13)]
    for rising in product(eighths, repeat=k + 1):
        if list(rising) == sorted(rising):
            ends = rising[::-1]
            if all(low <= 1 for high, low in pairwise(ends) if high > 1):
                assert worst_error_between(ends) == worst_corner(ends), ends


def test_best_ends_are_fibonacci_numbers():
    assert fibonacci_ends(1).tolist() == [1 / 2, 1 / 2]
    assert fibonacci_ends(2).tolist() == [2 / 3, 1 / 3, 1 / 3]
    assert fibonacci_ends(4).tolist() == [5 / 8, 3 / 8, 2 / 8, 1 / 8, 1 / 8]


@pytest.mark.parametrize("ends", [[0.5], [0.2, 0.4], [0.5, -0.1], [[0.5, 0.2]], 0.5])
def test_ends_that_are_none_are_refused(ends):
    with pytest.raises((TypeError, ValueError), match="ends="):
        worst_error_between(ends)


@pytest.mark.parametrize("base", [0.5, 1.0])
def test_bases_up_to_one_are_refused(base):
    for call in (
        lambda: lp.count_digits(0.1, base),
        lambda: equal_ends(2, base),
        lambda: reach(base),
        lambda: worst_error(2, base),
    ):
        with pytest.raises(ValueError, match="base="):
            call()


def test_small_weights_and_no_magnitudes():
    assert equal_ends(2, 2.0, 0.5).tolist() == [0.25, 0.125, 0.0625]
    assert not equal_ends(2, 2.0, 0.0).any()
    assert digit_of([], 2).shape == (0,)


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_covers_is_the_look_at_all_subsets(n):
    """All sets of eighths up to 9/8, in one array of three axes."""
    sets = np.array(list(product(np.arange(1, 10) / 8, repeat=n)))
    gaps = []
    for samples in sets:
        sums = all_sums(samples)
        gaps.append(np.diff([*sums[sums <= 1], 1.0]).max())
    stacked = np.asfortranarray(sets.reshape(3, -1, n))
    for epsilon in (1 / 8, 1 / 4, 1 / 2, 1.0, 2.0):
        found = covers(stacked, epsilon)
        assert found.shape == stacked.shape[:2]
        assert (found.ravel() == (np.array(gaps) <= epsilon)).all()
    assert isinstance(covers(sets[0], 1 / 8), np.bool_)


@pytest.mark.parametrize(
    ("samples", "epsilon"), [([0.0, 0.5], 0.5), ([0.5, -1.0], 0.5), ([1.0], 0)]
)
def test_covers_refuses_what_is_not_positive(samples, epsilon):
    with pytest.raises(ValueError, match=r"samples=|epsilon="):
        covers(samples, epsilon)


def test_the_first_number_outside_is_named():
    for weights, first in (([0.0, 2.0], "2"), ([1.0, -0.5, 3.0], r"-0\.5")):
        with pytest.raises(ValueError, match=f"weights={first}"):
            lp.decompose(weights, [0.5])
    with pytest.raises(ValueError, match=r"samples=0\.2: .*column 1"):
        lp.decompose([0.5], [0.5, 0.2])
    for missing in (np.nan, np.inf):
        with pytest.raises(ValueError, match="weights="):
            lp.decompose([0.5, missing], [0.5])


@pytest.mark.parametrize("k", [1, 2, 3, 4])
def test_sums_by_index_are_dot_products_with_the_bits_of_the_index(k):
    samples = np.arange(1.0, 6 * k + 1).reshape(k, 2, 3) ** 2
    bits = np.arange(2**k)[:, None] >> np.arange(k) & 1
    for x in (samples, samples[:, 0, 0]):
        assert (sums_by_index(x) == np.tensordot(bits, x, axes=1)).all()


def test_as_many_digits_and_subsets_as_are_allowed(monkeypatch):
    assert MOST_DIGITS == 10_000
    assert equal_ends(MOST_DIGITS).size == fibonacci_ends(MOST_DIGITS).size == MOST_DIGITS + 1
    assert worst_error(2**53, 1.5) == 0
    monkeypatch.setattr(digits, "sums_by_index", lambda x: x)  # 2**24 of them take a second
    assert all_sums(np.ones(24)).size == 24
    for call, name in (
        (lambda: equal_ends(MOST_DIGITS + 1), "k=10001"),
        (lambda: fibonacci_ends(MOST_DIGITS + 1), "k=10001"),
        (lambda: worst_error(2**53 + 1), "k=9007199254740993"),
        (lambda: all_sums(np.ones(25)), "samples="),
    ):
        with pytest.raises(ValueError, match=name):
            call()


def test_ends_that_rise_once_or_fall_below_zero_are_refused():
    for ends in ([0.4, 0.2, 0.3], [0.4, 0.2, -0.1]):
        with pytest.raises(ValueError, match="ends="):
            worst_error_between(ends)
