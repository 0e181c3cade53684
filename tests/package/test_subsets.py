import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import lpbook as lp
from lpbook import subsets
from lpbook.subsets import exact, few, halves, keys, solver, windows

# ------------------------------------------------------------------ the definition, by brute force


def units(x):
    """A float as an integer: every float is a multiple of 2^-1074."""
    return int(Fraction(float(x)) * 2**1074)


def nearest(value):
    """The float nearest to so many units."""
    try:
        return value / 2**1074
    except OverflowError:
        return math.inf


class Brute:
    """All subsets of a row, one by one, in exact arithmetic."""

    def __init__(self, samples):
        sums = [0]
        for x in samples:
            sums += [total + units(x) for total in sums]
        self.sums = [(code.bit_count(), code, total) for code, total in enumerate(sums)]

    def closest(self, target):
        aim = units(target)
        return min((abs(total - aim), size, code) for size, code, total in self.sums)[2]

    def sparsest(self, target, epsilon):
        aim = units(target)
        within = [
            (size, abs(total - aim), code)
            for size, code, total in self.sums
            if nearest(abs(total - aim)) <= epsilon
        ]
        return min(within)[2] if within else None

    def error(self, code, target):
        return nearest(self.sums[code][2] - units(target))


def agree(targets, samples, epsilons=()):
    """Compare everything that the package says about one row with the definition."""
    brute = Brute(samples)
    found = lp.closest_subset(targets, samples)
    assert found.found.all()
    for i, t in enumerate(targets):
        assert found.codes[i] == brute.closest(t), (t, samples)
        assert found.errors[i] == brute.error(found.codes[i], t)
    for epsilon in epsilons:
        sparse = lp.sparsest_subset(targets, samples, epsilon)
        assert (sparse.found == (np.abs(sparse.errors) <= epsilon)).all()
        for i, t in enumerate(targets):
            best = brute.sparsest(t, epsilon)
            assert sparse.found[i] == (best is not None)
            assert sparse.codes[i] == (found.codes[i] if best is None else best), (t, epsilon)
            assert sparse.errors[i] == brute.error(sparse.codes[i], t)


KINDS = {
    "uniform": lambda rng, k: rng.uniform(-1, 1, k),
    "single precision": lambda rng, k: rng.uniform(-1, 1, k).astype(np.float32).astype(float),
    "one sign": lambda rng, k: rng.uniform(0, 1, k),
    "small integers": lambda rng, k: rng.integers(-3, 4, k).astype(float),
    "repeated": lambda rng, k: rng.choice([0.1, -0.3, 0.7], k),
    "all the same": lambda rng, k: np.full(k, 0.1),
    "with zeros": lambda rng, k: rng.choice([0.0, -0.0, 0.5, -0.3, 0.1], k),
    "pairs that cancel": lambda rng, k: rng.choice([-1, 1], k) * rng.choice([0.2, 0.55], k),
    "subnormal": lambda rng, k: rng.integers(-9, 10, k) * 5e-324,
    "tiny": lambda rng, k: rng.uniform(-1, 1, k) * 1e-300,
    "huge": lambda rng, k: rng.uniform(-1, 1, k) * 1e300,
    "mixed scales": lambda rng, k: rng.uniform(-1, 1, k) * 10.0 ** rng.integers(-300, 300, k),
    "twenty decades": lambda rng, k: rng.uniform(-1, 1, k) * 10.0 ** rng.integers(-20, 1, k),
    "sums overflow": lambda rng, k: rng.choice([1.7e308, -1.7e308, 1e308, -1.6e308], k),
}


def some_targets(kind, rng, samples, k):
    """Numbers of the same kind, exact sums, numbers between, and some out of reach."""
    top = max(np.abs(samples).max(initial=0.0), 5e-324)
    with np.errstate(over="ignore", invalid="ignore"):
        sums = (rng.random((k, samples.size)) < 0.5) @ samples
    between, beyond = (
        rng.uniform(-1, 1, k) * top,
        rng.choice([-1, 1], k) * min(40 * float(top), 1.7e308),
    )
    which = rng.integers(0, 4, k)
    targets = np.choose(which, [KINDS[kind](rng, k), sums, between, beyond])
    return np.where(np.isfinite(targets), targets, 0.0)


@pytest.mark.parametrize("kind", KINDS)
def test_small_sizes_equal_brute_force(kind):
    rng = np.random.default_rng(0)
    for n in range(11):
        samples = KINDS[kind](rng, n)
        top = np.abs(samples).max(initial=1.0)
        epsilons = [0, 1e-3 * top, 0.1 * top, 0.5 * top]
        agree(some_targets(kind, rng, samples, 3), samples, epsilons)
        agree(some_targets(kind, rng, samples, 30 if n < 8 else 26), samples, epsilons[1:3])


@pytest.mark.parametrize("kind", KINDS)
def test_long_lines_equal_brute_force(kind):
    """From 15 numbers on lines are thinned out, and from 16 on rows get a window."""
    rng = np.random.default_rng(1)
    for n, t in ((15, 2), (16, 26)):
        samples = KINDS[kind](rng, n)
        top = np.abs(samples).max(initial=1.0)
        targets = some_targets(kind, rng, samples, t)
        brute = Brute(samples)
        found = lp.closest_subset(targets, samples)
        sparse = lp.sparsest_subset(targets, samples, 1e-3 * top)
        for i in range(min(t, 4)):
            best = brute.sparsest(targets[i], 1e-3 * top)
            assert found.codes[i] == brute.closest(targets[i])
            assert found.errors[i] == brute.error(found.codes[i], targets[i])
            assert sparse.codes[i] == (found.codes[i] if best is None else best)
            assert sparse.found[i] == (best is not None)


@pytest.mark.parametrize(("n", "steps"), [(17, 2**18), (18, 2**30), (21, 2**40)])
def test_every_method_equals_full_enumeration(n, steps):
    """Numbers on a grid, so that sums in float64 are exact; coarse grids are full of ties."""
    rng = np.random.default_rng(n)
    samples = rng.integers(-steps, steps, n) / steps
    targets = np.concatenate((rng.integers(-steps, steps, 250) / steps / 4, [0.9, -3.0, 50.0]))
    sums, sizes = np.zeros(1), np.zeros(1, int)
    for x in samples:
        sums, sizes = np.append(sums, sums + x), np.append(sizes, sizes + 1)
    codes = np.arange(sums.size)
    rows = lp.closest_subset(targets, samples)
    own = lp.closest_subset(targets[:, None], np.tile(samples, (targets.size, 1)))
    assert (rows.codes == own.codes[:, 0]).all()
    assert (rows.errors == own.errors[:, 0]).all()
    checked = range(0, targets.size, 11)
    for i in checked:
        far = np.abs(sums - targets[i])
        ties = codes[far == far.min()]
        assert rows.codes[i] == ties[np.lexsort((ties, sizes[ties]))[0]]
        assert rows.errors[i] == sums[rows.codes[i]] - targets[i]
    for epsilon in (1e-2, 1e-3, 1e-4, 1e-6):
        rows = lp.sparsest_subset(targets, samples, epsilon)
        own = lp.sparsest_subset(targets[:, None], np.tile(samples, (targets.size, 1)), epsilon)
        assert (rows.codes == own.codes[:, 0]).all()
        assert (rows.found == own.found[:, 0]).all()
        for i in checked:
            far = np.abs(sums - targets[i])
            within = codes[far <= epsilon]
            assert rows.found[i] == (within.size > 0)
            if within.size:
                order = np.lexsort((within, far[within], sizes[within]))
                assert rows.codes[i] == within[order[0]]


def test_real_numbers_at_full_size():
    """n = 21, against a search in all sums, which float64 gives to within its rounding."""
    rng = np.random.default_rng(3)
    targets = rng.normal(0, 0.05, 500)
    samples = rng.uniform(-1, 1, 21)
    sums = np.zeros(1)
    for x in samples:
        sums = np.append(sums, sums + x)
    sums.sort()
    at = np.searchsorted(sums, targets)
    best = np.minimum(targets - sums[at - 1], sums[at] - targets)
    found = lp.closest_subset(targets, samples)
    assert np.abs(found.errors) == pytest.approx(best, abs=1e-14)
    exact_errors = [math.fsum([*samples[m], -t]) for m, t in zip(found.masks, targets, strict=True)]
    assert found.errors.tolist() == exact_errors


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_any_floats_equal_brute_force(data):
    numbers = st.floats(allow_nan=False, allow_infinity=False)
    samples = np.array(data.draw(st.lists(numbers, max_size=6)))
    targets = np.array(data.draw(st.lists(numbers, min_size=1, max_size=4)))
    epsilon = data.draw(st.floats(0, allow_infinity=False))
    agree(targets, samples, [epsilon])


# ------------------------------------------------------------------------ what is promised


def test_ties_go_to_the_fewest_and_then_to_the_smallest_code():
    found = lp.closest_subset([3.0, 0.0, 2.5], [1, 2, 3, 3])
    assert found.codes.tolist() == [0b100, 0, 0b10]
    # 2.5 is as far from {2} as from the others that make 2 or 3
    assert lp.sparsest_subset([3.0], [1, 2, 3, 3], 1).codes.tolist() == [0b100]
    assert lp.closest_subset([0.5], [0.0, -0.0, 0.5]).codes.tolist() == [0b100]


def test_the_order_of_additions_does_not_matter():
    """Left to right, 0.1 + 0.2 + 0.3 in float64 is not 0.3 + 0.2 + 0.1; here it is one number."""
    samples = np.array([0.1, 0.2, 0.3, 1e16, -1e16, 0.7])
    targets = [0.6, 0.4, 1.3, -0.1, 1e16]
    reference = lp.closest_subset(targets, samples)
    for order in itertools.islice(itertools.permutations(range(6)), 0, 720, 37):
        other = lp.closest_subset(targets, samples[list(order)])
        assert (other.errors == reference.errors).all()
        assert (other.sizes == reference.sizes).all()


def test_errors_are_rounded_once():
    found = lp.closest_subset([1e16], [1e16, 1.0, 1e-3])
    assert found.codes.tolist() == [1]
    found = lp.closest_subset([1e16 + 2], [1e16, 1.0, 1e-3])
    assert found.codes.tolist() == [0b111]
    assert found.errors.tolist() == [math.fsum([1e16, 1.0, 1e-3, -1e16 - 2])]


def test_intermediate_sums_may_overflow():
    found = lp.closest_subset([1.4e308], [1.5e308, 1.5e308, -1.6e308])
    assert found.masks.tolist() == [[True, True, True]]
    assert found.errors.tolist() == [math.fsum([1.5e308, -1.6e308, 1.5e308, -1.4e308])]


def test_tolerance_is_met_exactly_at_its_end():
    assert lp.sparsest_subset([1.0], [0.75, 0.25], 0.25).codes.tolist() == [1]
    below = np.nextafter(0.25, 0)
    assert lp.sparsest_subset([1.0], [0.75, 0.25], below).codes.tolist() == [3]
    assert lp.sparsest_subset([0.25], [0.75], 0.25).codes.tolist() == [0]
    # 1 - 2^-60 is 1 when rounded, as the error that is reported
    found = lp.sparsest_subset([1.0], [-(2.0**-60)], 1.0)
    assert found.found.all()
    found = lp.sparsest_subset([2.0], [1 - 2.0**-53, 2.0**-60], 1.0)
    assert found.codes.tolist() == [1]
    assert found.errors.tolist() == [-1.0]


def test_out_of_reach_is_reported_with_the_closest():
    targets, samples = [5.0, -5.0, 0.3], [0.25, 0.5, -0.125]
    found = lp.sparsest_subset(targets, samples, 0.1)
    assert found.found.tolist() == [False, False, True]
    assert found.errors[:2].tolist() == [-4.25, 4.875]
    assert found.codes[:2].tolist() == lp.closest_subset(targets, samples).codes[:2].tolist()
    assert not lp.sparsest_subset([0.3], [0.25], 0).found.any()


def test_no_numbers_and_one():
    none = lp.closest_subset([0.5, -2.0], [])
    assert none.masks.shape == (2, 0)
    assert none.errors.tolist() == [-0.5, 2.0]
    assert none.found.all()
    assert (
        lp.sparsest_subset([0.5, -2.0], np.zeros((3, 0)), 1).found.tolist() == [[True, False]] * 3
    )
    one = lp.closest_subset([0.6, 0.5, 0.4], [1.0])
    assert one.masks.tolist() == [[True], [False], [False]]


@pytest.mark.parametrize(
    ("targets", "samples", "result"),
    [
        ((4,), (5,), (4,)),
        ((3, 4), (5,), (3, 4)),
        ((4,), (3, 5), (3, 4)),
        ((3, 4), (3, 5), (3, 4)),
        ((2, 3, 4), (3, 5), (2, 3, 4)),
        ((3, 4), (2, 1, 5), (2, 3, 4)),
        ((2, 1, 3, 4), (5, 1, 6), (2, 5, 3, 4)),
        ((1,), (1, 1, 0), (1, 1, 1)),
    ],
)
def test_leading_shapes_broadcast(targets, samples, result):
    rng = np.random.default_rng(5)
    w, x = rng.normal(0, 0.3, targets), rng.uniform(-1, 1, samples)
    n = samples[-1]
    for found in (lp.closest_subset(w, x), lp.sparsest_subset(w, x, 0.05)):
        assert found.codes.shape == found.errors.shape == found.found.shape == result
        assert found.sizes.shape == result
        assert found.masks.shape == (*result, n)
        assert found.masks.dtype == bool
        assert (found.masks.sum(axis=-1) == found.sizes).all()
        full = np.broadcast_to(x[..., None, :], (*result, n))
        achieved = (found.masks * full).sum(axis=-1)
        assert achieved - np.broadcast_to(w, result) == pytest.approx(found.errors, abs=1e-14)
    whole = lp.closest_subset(w, x)
    rows = np.broadcast_to(w, result).reshape(-1, result[-1])
    numbers = np.broadcast_to(x, (*result[:-1], n)).reshape(len(rows), n)
    for i, (row, its) in enumerate(zip(rows, numbers, strict=True)):
        one = lp.closest_subset(row, its)
        assert (one.codes == whole.codes.reshape(rows.shape)[i]).all()


@pytest.mark.parametrize("epsilon", [None, 0.01, 1e-4])
def test_results_depend_on_nothing_but_the_numbers(epsilon, monkeypatch):
    """Not on chunks, on the method that found them, on the layout or on the kind of float."""
    rng = np.random.default_rng(6)
    targets = rng.normal(0, 0.1, (4, 60)).astype(np.float32)
    samples = rng.uniform(-1, 1, (4, 16)).astype(np.float32)  # a grid: with ties

    def solve(w, x):
        if epsilon is None:
            return lp.closest_subset(w, x)
        return lp.sparsest_subset(w, x, epsilon)

    reference = solve(targets, samples)

    def check(found):
        for name in ("codes", "errors", "found", "masks"):
            assert (getattr(found, name) == getattr(reference, name)).all()

    check(solve(np.asfortranarray(targets.astype(float)), samples[:, ::-1].copy()[:, ::-1]))
    for module, name, value in (
        (subsets, "_CHUNK", 7),
        (keys, "ELEMENTS", 2**9),
        (solver, "_SHARED", 10**9),
        (solver, "_SHARED", 1),
        (solver, "_WINDOW", 9),
        (windows, "_NEAR", 20),
        (windows, "_pays", lambda *_: True),
        (windows, "_pays", lambda *_: False),
        (halves, "_SURVIVORS", 4),
        (halves, "MANY", 0),
        (exact, "MANY", 0),
    ):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, value)
            for other in (halves, windows, solver):
                if hasattr(other, name):
                    patch.setattr(other, name, value)
            check(solve(targets, samples))
    # a wrong guess of the density costs time, nothing else
    for factor in (0.0, 1e-9, 1e-2, 1e2, 1e9):
        with monkeypatch.context() as patch:
            for module in (halves, windows):
                guess = keys.density_near
                patch.setattr(module, "density_near", lambda *a, g=guess: g(*a) * factor)  # noqa: B023
            check(solve(targets, samples))


def test_padding_with_zeros_changes_nothing():
    rng = np.random.default_rng(7)
    targets, samples = rng.normal(0, 0.2, (6, 2)), rng.uniform(-1, 1, (6, 9))
    places = np.sort(rng.permuted(np.tile(np.arange(20), (6, 1)), axis=1)[:, :9], axis=1)
    padded = np.zeros((6, 20))
    np.put_along_axis(padded, places, samples, axis=1)
    for solve in (lp.closest_subset, lambda w, x: lp.sparsest_subset(w, x, 0.03)):
        short, long = solve(targets, samples), solve(targets, padded)
        assert (short.errors == long.errors).all()
        assert (short.sizes == long.sizes).all()
        kept = np.take_along_axis(long.masks, places[:, None, :].repeat(2, axis=1), axis=2)
        assert (kept == short.masks).all()


def test_whole_numbers_may_be_given():
    found = lp.closest_subset(np.array([7, -2], dtype=np.int8), [[5, 3, -1]])
    assert found.masks.tolist() == [[[True, True, True], [False, False, True]]]
    assert found.errors.tolist() == [[0.0, 1.0]]
    assert lp.sparsest_subset([7], [5, 3, -1], 1).codes.tolist() == [0b11]


def test_arguments_are_left_alone():
    targets, samples = np.array([[0.3, 0.0]]), np.array([[0.5, 0.0, -0.2]])
    lp.closest_subset(targets, samples)
    lp.sparsest_subset(targets, samples, 0.1)
    assert targets.tolist() == [[0.3, 0.0]]
    assert samples.tolist() == [[0.5, 0.0, -0.2]]


@pytest.mark.parametrize(("n", "t"), [(24, 3), (24, 40), (28, 1)])
def test_the_largest_sizes(n, t):
    """A planted subset is found again: nothing comes closer than its own sum."""
    rng = np.random.default_rng(8)
    samples = rng.integers(-(2**45), 2**45, n) * 2.0**-45
    masks = rng.random((t, n)) < 0.5
    found = lp.closest_subset(masks @ samples, samples)
    assert (found.errors == 0).all()
    assert (found.sizes <= masks.sum(axis=1)).all()
    assert (found.masks @ samples == masks @ samples).all()


@pytest.mark.parametrize("solve", [lp.closest_subset, lambda w, x: lp.sparsest_subset(w, x, 0.1)])
class TestBadInput:
    @pytest.mark.parametrize(
        ("targets", "samples", "message"),
        [
            ([np.nan], [0.5], "targets=nan: every entry must be finite"),
            ([0.5, -np.inf], [0.5], "targets=-inf"),
            ([0.5], [[0.5, np.nan]], "samples=nan"),
            ([0.5], [np.inf], "samples=inf"),
            ([], [0.5], "targets=.*must not be empty"),
            (np.zeros((0, 3)), [0.5], "targets=.*must not be empty"),
            ([0.5], np.zeros((0, 3)), "samples=.*must not be empty"),
            (0.5, [0.5], "targets=.*at least one dimension"),
            ([0.5], 0.5, "samples=.*at least one dimension"),
            ([0.5], np.zeros(29), r"samples=.*at most 28 numbers \(n\), has shape \(29,\)"),
            (
                np.zeros((2, 1)),
                np.zeros((3, 4)),
                r"(?s)samples=.*shape \(3,\) must broadcast with \(2,",
            ),
            ([[0.5], [0.5, 0.2]], [0.5], "targets=.*rectangular"),
        ],
    )
    def test_values(self, solve, targets, samples, message):
        with pytest.raises(ValueError, match=message):
            solve(targets, samples)

    @pytest.mark.parametrize("bad", [["a"], [1j], [None], [True], np.array([True, False])])
    def test_types(self, solve, bad):
        with pytest.raises(TypeError, match="targets"):
            solve(bad, [0.5])
        with pytest.raises(TypeError, match="samples"):
            solve([0.5], bad)


@pytest.mark.parametrize("epsilon", [-1e-9, np.nan, np.inf])
def test_bad_tolerances(epsilon):
    with pytest.raises(ValueError, match="epsilon="):
        lp.sparsest_subset([0.5], [0.5], epsilon)


@pytest.mark.parametrize("epsilon", ["0.1", None, True, [0.1], np.array([0.1, 0.2])])
def test_bad_types_of_tolerances(epsilon):
    with pytest.raises(TypeError, match="epsilon="):
        lp.sparsest_subset([0.5], [0.5], epsilon)


@pytest.mark.parametrize("size", [None, 4])
@pytest.mark.parametrize("most", [10, 5])
@pytest.mark.parametrize("centre", [0.1, 3.0, -2.0])
def test_a_window_finds_what_a_look_at_every_subset_finds(size, most, centre):
    rng = np.random.default_rng(11)
    for spread, radius in ((0.3, 0.02), (0.001, 0.01), (2.0, 0.3), (0.0, 0.05)):
        x = rng.uniform(-1, 1, 10)
        t = centre + spread * rng.uniform(-1, 1, 7)
        window = windows.Window(t, x, radius, size, most)
        found = window.close_sums()
        assert found is not None
        assert (np.diff(found[0]) >= 0).all()
        plain = window.close_sums_one_by_one()
        assert sorted(zip(*(array.tolist() for array in found), strict=True)) == plain
    assert plain or centre != 0.1


@pytest.mark.parametrize("centre", [6.0, -6.0])
def test_many_targets_far_from_zero_are_served_as_each_of_them_alone(centre):
    """The lower end of their window, shifted by the bits of a code, is beyond 64 bits."""
    rng = np.random.default_rng(12)
    x = rng.uniform(-1, 1, 24) + np.sign(centre) * 0.2
    t = centre + rng.uniform(-0.05, 0.05, 2000)
    window = windows.Window(t, x, 1e-5, None, x.size)
    assert abs(window.low << window.n) >= 2**63
    together = lp.closest_subset(t, x)
    for i in range(0, 2000, 400):
        alone = lp.closest_subset(t[i : i + 1], x)
        assert (together.masks[i] == alone.masks[0]).all()


class Narrow:
    """NumPy as it is where an index has 32 bits: in a browser, say."""

    def __getattr__(self, name):
        return getattr(np, name)

    def arange(self, *arguments, dtype=np.int32):
        return np.arange(*arguments, dtype=dtype)


@pytest.mark.parametrize("n", [9, 21])
def test_sparsest_subsets_where_an_index_has_32_bits(monkeypatch, n):
    rng = np.random.default_rng(5)
    targets, samples = rng.uniform(-0.5, 0.5, (4, 33)), rng.uniform(-1, 1, (4, n))
    wide = lp.sparsest_subset(targets, samples, 0.01)
    for module in (exact, few, halves, keys, solver, windows):
        monkeypatch.setattr(module, "np", Narrow())
    narrow = lp.sparsest_subset(targets, samples, 0.01)
    assert (narrow.masks == wide.masks).all()
    assert (narrow.errors == wide.errors).all()
