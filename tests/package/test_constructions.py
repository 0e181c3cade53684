import math
from fractions import Fraction

import numpy as np
import pytest

import lpbook as lp
from lpbook.constructions import Unfilled, as_construction
from lpbook.digits import segments
from lpbook.experiments.confidence import hoeffding_tolerance
from lpbook.random_network import Block

VARIANTS = [
    lp.GoldenRatio(),
    lp.GoldenRatio(law="common"),
    lp.GoldenRatio(two_sided=True),
    lp.GoldenRatio(base=1.3, law="common", two_sided=True),
]


def draw_all(block, rows, scheme, nonnegative):
    """Every random weight of a block, the slow way."""
    inner, outer = block.rows(rows)
    b_law, a_law = scheme.laws(nonnegative)
    return np.broadcast_to(b_law.ppf(inner), outer.shape), a_law.ppf(outer)


@pytest.mark.parametrize("construction", VARIANTS, ids=repr)
@pytest.mark.parametrize("layout", ["shared", "reserved"])
@pytest.mark.parametrize("nonnegative", [True, False])
def test_choice_against_its_definition(construction, layout, nonnegative):
    """Each digit is the first neuron of its half, sign and segment; the digits are greedy."""
    epsilon, top, rows = 0.02, 1.5, 3000
    scheme = construction.scheme(top, epsilon)
    targets = np.array([1.5, -1.5, 0.7, -0.021, 0.02, 0.0, -0.4])
    block = Block(3, 0, 0, targets.size, layout)
    b, a = draw_all(block, rows, scheme, nonnegative)
    block = Block(3, 0, 0, targets.size, layout)
    codes = scheme.choose(targets, block.chunks(rows), nonnegative, rows)
    block = Block(3, 0, 0, targets.size, layout)
    kept = scheme.recall(codes, block.chunks(rows), nonnegative, rows)

    k = scheme.digits
    low, high = segments(k, construction.base, scheme.top)
    for output, w in enumerate(targets):
        expected = set()
        for sign in (1,) if nonnegative else (1, -1):
            rest = abs(w) + scheme.shift
            for i in range(k):
                x = np.abs(a[:, output] * b[:, output])
                fits = (np.sign(b[:, output]) == sign) & (
                    np.sign(a[:, output]) == sign * np.sign(w)
                )
                fits &= (x >= low[i]) & (x < high[i])
                if abs(w) > epsilon and rest >= x[fits.argmax()]:
                    expected.add(int(fits.argmax()))
                    rest -= x[fits.argmax()]
        mine = kept.outputs == output
        assert set(kept.rows[mine].tolist()) == expected
        assert (kept.inner[mine] == b[kept.rows[mine], output]).all()
        assert (kept.outer[mine] == a[kept.rows[mine], output]).all()

    effective = kept.effective(targets.size)
    assert np.abs(effective[0] - targets).max() <= epsilon
    if nonnegative:
        assert (effective[1] == 0).all()
    else:
        assert np.abs(effective[1] - targets).max() <= epsilon
    assert (effective[:, np.abs(targets) <= epsilon] == 0).all()


@pytest.mark.parametrize("construction", VARIANTS, ids=repr)
@pytest.mark.parametrize("nonnegative", [True, False])
def test_every_digit_has_at_least_the_stated_probability(construction, nonnegative):
    scheme = construction.scheme(1.0, 0.05)
    rows = 400_000
    b, a = (x[:, 0] for x in draw_all(Block(1, 0, 0, 1, "shared"), rows, scheme, nonnegative))
    low, high = segments(scheme.digits, construction.base, scheme.top)
    p = scheme.probability(nonnegative)
    # Hoeffding, over at most 2^6 categories: a false alarm has probability at most 1e-6
    tolerance = hoeffding_tolerance(rows, tests=64)
    shares = []
    for half in (1,) if nonnegative else (1, -1):
        for i in range(scheme.digits):
            fits = (np.sign(b) == half) & (np.sign(a) == half)
            fits &= (np.abs(a * b) >= low[i]) & (np.abs(a * b) < high[i])
            shares.append(fits.mean())
    assert len(shares) <= 64
    assert min(shares) >= p - tolerance
    assert min(shares) <= p + tolerance  # the constant is not just safe, it is right


@pytest.mark.parametrize("construction", VARIANTS, ids=repr)
def test_digits_reach_weight_epsilon_for_all_sizes(construction):
    for top in (1e-9, 1.0, 1e6):
        for ratio in (0.999, 0.5, 1e-3, 1e-9):
            scheme = construction.scheme(top, ratio * top)
            window = ratio * top * (2 if construction.two_sided else 1)
            assert scheme.top * construction.base**-scheme.digits <= window
    with pytest.raises(ValueError, match=r"weight_epsilon=1e-16: must be at least about"):
        construction.scheme(1.0, 1e-16)


@pytest.mark.parametrize("base", [1.3, lp.PHI])
def test_one_digit_has_the_widest_common_range(base):
    """Products of two weights reach exactly from one end of the only segment to the other."""
    law = lp.Hyperbolic.for_digits(1, base)
    low, high = segments(1, base)
    assert law.low**2 == pytest.approx(low[0], rel=1e-15)
    assert law.high**2 == pytest.approx(high[0], rel=1e-15)
    assert lp.GoldenRatio(base, "common").scheme(1.0, 0.9).probability(False) == 0.25


def served(k, nonnegative):
    """Probability that a neuron serves one open digit, and what it can serve besides.

    The worst case: every category is open at an output of its own, all at one half of one input;
    then nothing but the out-weights, independent, decides which of the open digits fit.
    """
    categories = k if nonnegative else 2 * k
    one = Fraction(1, 2 * k)  # sign and digit of an out-weight
    half = 1 if nonnegative else Fraction(1, 2)  # sign of the in-weight, the same for all
    others = categories - 1
    share = sum(
        Fraction(math.comb(others, n), n + 1) * one**n * (1 - one) ** (others - n)
        for n in range(others + 1)
    )
    return categories, half * one * share


@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize("epsilon", [0.7, 0.4, 0.25, 0.1])
def test_pools_are_no_smaller_than_crowding_allows(nonnegative, epsilon):
    """At the probability of the worst case, in exact arithmetic; with one digit it is attained."""
    scheme = lp.GoldenRatio().scheme(1.0, epsilon)
    outputs = 12  # one weight each: so few that no output does better with neurons of its own
    ones, none = np.ones(outputs, int), np.zeros(outputs, int)
    categories, probability = served(scheme.digits, nonnegative)
    for delta in (0.3, 0.01):
        pool = scheme.pooled_neurons(ones, none, nonnegative, delta)
        least = lp.batch_size(outputs, categories, float(probability), delta, "exact")
        assert pool >= least
        if scheme.digits <= 1:
            assert pool == least
        assert pool == scheme.pooled_neurons(none, ones, nonnegative, delta)


def test_two_sided_rounding_saves_digits():
    for epsilon in (0.1, 1e-3, 1e-6):
        one = lp.GoldenRatio().scheme(1.0, epsilon).digits
        two = lp.GoldenRatio(two_sided=True).scheme(1.0, epsilon).digits
        assert one - two in (1, 2)


def test_a_missing_digit_is_named():
    scheme = lp.GoldenRatio().scheme(1.0, 0.01)
    with pytest.raises(Unfilled) as caught:
        scheme.choose(np.array([0.0, 0.5]), Block(0, 0, 0, 2, "shared").chunks(3), False, 3)
    assert caught.value.output == 1
    assert "digit 1 of 10 for inputs x > 0" in caught.value.need


@pytest.mark.parametrize("construction", [lp.Malach(), lp.ProductWeights(), lp.ProductWeights(1)])
@pytest.mark.parametrize("layout", ["shared", "reserved"])
@pytest.mark.parametrize("nonnegative", [True, False])
def test_first_fit_against_its_definition(construction, layout, nonnegative):
    epsilon, top, rows = 0.3, 1.5, 20_000
    scheme = construction.scheme(top, epsilon)
    targets = np.array([1.5, -1.5, 0.7, -0.301, 0.3, 0.0, -0.4])
    b, a = draw_all(Block(3, 0, 0, targets.size, layout), rows, scheme, nonnegative)
    block = Block(3, 0, 0, targets.size, layout)
    codes = scheme.choose(targets, block.chunks(rows), nonnegative, rows)
    again = Block(3, 0, 0, targets.size, layout).chunks(rows)
    kept = scheme.recall(codes, again, nonnegative, rows)
    for output, w in enumerate(targets):
        expected = set()
        for sign in (1,) if nonnegative else (1, -1):
            fits = np.sign(b[:, output]) == sign
            if isinstance(construction, lp.Malach):
                fits &= np.abs(a[:, output] - sign * w) <= epsilon / 2
                fits &= sign * b[:, output] >= 1 - epsilon / top / 2
            else:
                fits &= np.abs(a[:, output] * b[:, output] - w) <= epsilon
            if abs(w) > epsilon:
                expected.add(int(fits.argmax()))
        assert set(kept.rows[kept.outputs == output].tolist()) == expected
    effective = kept.effective(targets.size)
    for half in range(1 if nonnegative else 2):
        assert np.abs(effective[half] - targets).max() <= epsilon


@pytest.mark.parametrize("construction", [lp.Malach(), lp.ProductWeights(), lp.ProductWeights(1)])
@pytest.mark.parametrize("nonnegative", [True, False])
def test_first_fit_has_its_probability_at_the_hardest_weight(construction, nonnegative):
    scheme = construction.scheme(1.0, 0.2)
    rows = 400_000
    b, a = draw_all(Block(1, 0, 0, 1, "shared"), rows, scheme, nonnegative)
    tolerance = hoeffding_tolerance(rows, tests=12)  # false alarm at most 1e-6
    for w in (1.0, -1.0, 0.9, 0.5, -0.21):
        fits = scheme.fits(b, a, np.array([w]))[:, 0]
        for sign in (1,) if nonnegative else (1, -1):
            share = (fits & (np.sign(b[:, 0]) == sign)).mean()
            assert share >= scheme.probability(nonnegative) - tolerance
            if abs(w) == 1:
                assert share <= scheme.probability(nonnegative) + tolerance


def test_success_probabilities_by_numerical_integration():
    from scipy.integrate import quad

    for w in (0.0, 0.3, -0.7, 0.95, 1.0):
        for epsilon in (0.01, 0.1, 0.5, 1.5):
            half = epsilon / 2
            share_a = max(min(w + half, 1) - max(w - half, -1), 0) / 2
            assert lp.malach_success(w, epsilon) == pytest.approx(share_a * min(half, 2) / 2)
            assert lp.malach_success(w, epsilon) >= epsilon**2 / 16 * (1 - 1e-12)

            def share(b, w=w, epsilon=epsilon):
                low, high = sorted(((w - epsilon) / b, (w + epsilon) / b))
                return max(min(high, 1) - max(low, -1), 0) / 4

            corners = [x for x in (abs(w) - epsilon, abs(w) + epsilon) if 0 < x < 1]
            p, _ = quad(share, 1e-13, 1, points=corners or None, limit=500)
            assert lp.product_success(w, epsilon) == pytest.approx(p, rel=1e-6)


def test_malach_success_where_the_rectangle_leaves_the_square():
    assert lp.malach_success(0.0, 3.0) == 0.75  # any a is close enough, and b from -1/2 on
    assert lp.malach_success(0.3, 4.0) == lp.malach_success(0.3, 10.0) == 1
    assert lp.malach_success(0.5, 2.0) == pytest.approx(0.75 * 0.5)


def test_best_reach_is_e():
    def price(reach):
        return lp.ProductWeights(reach).scheme(1.0, 1e-6).probability(False)

    best = price(math.e)
    assert all(price(r) < best for r in (1, 2, 2.6, 2.85, 4))


def test_constructions_by_name():
    assert as_construction("golden-ratio") == lp.GoldenRatio()
    assert as_construction("malach") == lp.Malach()
    assert as_construction("product") == lp.ProductWeights()
    assert as_construction(lp.GoldenRatio(base=1.5)) == lp.GoldenRatio(base=1.5)
    with pytest.raises(ValueError, match="construction='silver'"):
        as_construction("silver")
    with pytest.raises(TypeError, match="construction=3"):
        as_construction(3)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"base": 2.0}, ValueError, "base=2"),
        ({"law": "normal"}, ValueError, "law='normal'"),
        ({"two_sided": 1}, TypeError, "two_sided=1"),
    ],
)
def test_bad_parameters(arguments, error, message):
    with pytest.raises(error, match=message):
        lp.GoldenRatio(**arguments)


def test_bad_reach():
    with pytest.raises(ValueError, match=r"reach=0\.5"):
        lp.ProductWeights(0.5)
    with pytest.raises(TypeError, match="reach='e'"):
        lp.ProductWeights("e")


ALL = [lp.GoldenRatio(), lp.GoldenRatio(law="common"), lp.Malach(), lp.ProductWeights()]


@pytest.mark.parametrize("construction", ALL, ids=repr)
@pytest.mark.parametrize("nonnegative", [True, False])
def test_rows_are_the_fewest_that_the_union_bound_allows(construction, nonnegative):
    for top, epsilon, halves, delta in ((1.0, 0.3, 1, 0.5), (3.7, 0.7, 9, 0.01)):
        scheme = construction.scheme(top, epsilon)
        c = Fraction(scheme.probability(nonnegative))
        each = scheme.digits if isinstance(construction, lp.GoldenRatio) else 1
        rows = scheme.block_rows(halves, 2, nonnegative, delta)
        assert each * halves * (1 - c) ** rows <= delta * (1 + Fraction(1, 10**9))
        assert each * halves * (1 - c) ** (rows - 1) > delta * (1 - Fraction(1, 10**9))


@pytest.mark.parametrize("construction", [lp.Malach(), lp.ProductWeights(), lp.ProductWeights(2)])
@pytest.mark.parametrize("top", [1.0, 3.7, 0.2])
def test_one_neuron_hits_the_largest_weight_with_the_stated_probability(construction, top):
    from scipy.integrate import quad

    epsilon = 0.1 * top
    scheme = construction.scheme(top, epsilon)
    reach = getattr(construction, "reach", 1.0) * top
    inner, outer = scheme.laws(False)
    assert inner.ppf([0, 1]).tolist() == [-1, 1]
    assert outer.ppf([0, 1]).tolist() == [-reach, reach]
    assert scheme.laws(True)[0].ppf([0, 1]).tolist() == [0, 1]

    def share(b):  # of the out-weights, where the in-weight is b
        if isinstance(construction, lp.Malach):
            low, high = top - epsilon / 2, top + epsilon / 2
        else:
            low, high = (top - epsilon) / b, (top + epsilon) / b
        return max(min(high, reach) - low, 0) / (2 * reach)

    start = 1 - epsilon / top / 2 if isinstance(construction, lp.Malach) else 1e-9
    corners = [x for x in ((top - epsilon) / reach, (top + epsilon) / reach) if start < x < 1]
    p, _ = quad(share, start, 1, points=corners or None)
    assert scheme.probability(True) == pytest.approx(p, rel=1e-7)
    assert scheme.probability(False) == pytest.approx(p / 2, rel=1e-7)


def in_chunks(rows, size):
    """The rows of a block, some at a time."""
    inner, outer = rows
    for start in range(0, len(outer), size):
        yield inner[start : start + size], outer[start : start + size]


READERS = [lp.Malach(), lp.ProductWeights(), lp.SubsetSum(candidates=9)]


@pytest.mark.parametrize("construction", READERS, ids=repr)
@pytest.mark.parametrize("layout", ["shared", "reserved"])
@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize("targets", [[1.0, -0.7], [0.0, 0.6, -0.5, 0.9]])
def test_rows_may_come_in_any_portions(construction, layout, nonnegative, targets):
    """A neuron is found, and found again, wherever a chunk of rows ends."""
    w = np.array(targets)
    scheme = construction.scheme(1.0, 0.4)
    count = max(scheme.block_rows(2 * w.size, w.size, nonnegative, 1e-3), 40)
    rows = Block(7, 0, 0, w.size, layout).rows(count)
    codes = scheme.choose(w, in_chunks(rows, count), nonnegative, count)
    kept = scheme.recall(codes, in_chunks(rows, count), nonnegative, count)
    for size in (1, 3, count - 1):
        assert (scheme.choose(w, in_chunks(rows, size), nonnegative, count) == codes).all()
        found = scheme.recall(codes, in_chunks(rows, size), nonnegative, count)
        for name in ("rows", "outputs", "inner", "outer"):
            assert (getattr(found, name) == getattr(kept, name)).all()


@pytest.mark.parametrize("construction", ALL, ids=repr)
def test_the_first_weight_that_lacks_something_is_named(construction):
    scheme = construction.scheme(1.0, 0.4)
    for w, output in (([0.0, 0.9, -0.9], 1), ([0.6, 0.9], 0)):
        none = Block(0, 0, 0, len(w), "shared").chunks(0)
        with pytest.raises(Unfilled, match="x > 0") as caught:
            scheme.choose(np.array(w), none, False, 9)
        assert caught.value.output == output


def test_first_fit_knows_the_limits_of_float64_and_the_bits_of_a_row():
    for construction in (lp.Malach(), lp.ProductWeights()):
        with pytest.raises(ValueError, match="weight_epsilon="):
            construction.scheme(3.0, 3.0 * 2.0**-41)
        scheme = construction.scheme(3.0, 3.0 * 2.0**-40)
        # for either half the number of a row, or that there is none
        bits = [scheme.code_bits(rows) for rows in (1, 2, 3, 4, 7, 8)]
        assert bits == [2 * math.ceil(math.log2(rows + 1)) for rows in (1, 2, 3, 4, 7, 8)]


@pytest.mark.parametrize("construction", VARIANTS, ids=repr)
def test_a_golden_ratio_scheme_spans_its_digits(construction):
    """What is drawn reaches from the lower end of the last digit to the upper end of the first."""
    top, epsilon = 1.5, 0.02
    scheme = construction.scheme(top, epsilon)
    assert scheme.top == (top + epsilon if construction.two_sided else top)
    assert scheme.code_bits(7) == 1 + 2 * scheme.digits  # a sign, and a bit for each digit kept
    if construction.law == "common":
        best = lp.Hyperbolic.for_digits(scheme.digits, construction.base, scheme.top)
        assert scheme.laws(False) == (best, best)
        return
    low, high = segments(scheme.digits, construction.base, scheme.top)
    ends = np.array([0.0, 0.5 - 2.0**-54, 0.5 + 2.0**-53, 1.0])  # largest, smallest magnitudes
    inner, outer = (law.ppf(ends) for law in scheme.laws(False))
    assert inner.tolist() == [-1, -1, 1, 1]
    assert (scheme.laws(True)[0].ppf(ends) == 1).all()
    assert outer == pytest.approx([-high[0], -low[-1], low[-1], high[0]], rel=1e-12)


@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize("delta", [0.3, 0.01])
def test_outputs_own_their_neurons_where_that_takes_fewer(nonnegative, delta):
    """One count for all outputs, or the sum of what each needs of its own: the smaller one."""
    scheme = lp.GoldenRatio().scheme(1.0, 0.1)
    k, smaller = scheme.digits, set()
    for positive, negative in (([40, 3, 0], [10, 4, 0]), ([1] * 9, [0] * 9), ([0, 25], [25, 1])):
        weights = np.add(positive, negative)
        outputs = int((weights > 0).sum())
        categories = k if nonnegative else 2 * k
        crowding = (categories - 1) / (2 * k)  # the others, each with probability 1/2k
        shared = lp.pooled_batch_size(
            int(weights.sum()), categories, 1 / (2 * categories), delta, crowding
        )
        if nonnegative:  # the sign of an out-weight says which of both groups it serves
            most = np.maximum(positive, negative)
            own = [
                lp.batch_size(int(m), 2 * k * outputs, 1 / (2 * k), delta, "exact")
                for m in most[most > 0]
            ]
        else:
            own = [lp.output_batch_size(int(m), k, outputs, delta) for m in weights[weights > 0]]
        pool = scheme.pooled_neurons(np.array(positive), np.array(negative), nonnegative, delta)
        assert pool == min(shared, sum(own))
        smaller.add(shared < sum(own))
    assert smaller == {True, False}
    common = lp.GoldenRatio(law="common").scheme(1.0, 0.1)
    c = common.probability(nonnegative)
    assert common.pooled_neurons(
        np.array([40]), np.array([10]), nonnegative, delta
    ) == lp.pooled_batch_size(50, k if nonnegative else 2 * k, c, delta, 1.5)


@pytest.mark.parametrize("two_sided", [False, True])
def test_where_nothing_is_to_spare_rounding_takes_one_digit_more(two_sided):
    """At ε = φ^-k k digits just suffice; what is kept back for rounding does not fit."""
    construction = lp.GoldenRatio(two_sided=two_sided)
    for k in (3, 8, 20):
        # two-sided: (1 + ε)φ^-k = 2ε
        epsilon = 1 / (2 * lp.PHI**k - 1) if two_sided else lp.PHI**-k
        assert construction.scheme(1.0, epsilon + 3e-13).digits == k
        assert construction.scheme(1.0, epsilon).digits == k + 1


@pytest.mark.parametrize(("epsilon", "k", "masks"), [(0.01, 10, 1), (1e-8, 39, 2)])
def test_the_work_of_finding_digits_again(epsilon, k, masks):
    """As it was measured: a strip, its rows, and for each of them a mask for 31 digits."""
    scheme = lp.GoldenRatio().scheme(1.0, epsilon)
    assert scheme.digits == k
    # a digit comes every 4k rows; in 7.5 times as many nearly all are found
    for rows in (1, 30 * k - 1, 30 * k, 30 * k + 1, 10**9):
        assert scheme.recall_work(rows, 3) == 4 * min(rows, 30 * k)
    strip = 20_000 + 10 * (60 + 25 * masks)
    for blocks, outputs, searches in ((1, 1, 1), (64, 1, 1), (65, 1, 2), (9, 12_800, 5)):
        assert scheme.recall_besides(10, blocks, outputs) == 10_000 * blocks + searches * strip
    # beyond 25,600 outputs a block alone takes several strips
    assert scheme.recall_besides(10, 3, 25_600) == 30_000 + 3 * strip
    assert scheme.recall_besides(10, 3, 25_601) == 30_000 + 6 * strip
    for blocks, outputs, together, columns in (
        *((1, 1, 1, 1), (7, 3, 7, 21), (99, 100, 64, 6400)),
        *((9, 10_000, 2, 20_000), (9, 30_000, 1, 25_600)),
    ):
        wanted = 128 * 10 * together + 80 * k * columns
        assert scheme.recall_bytes(10, blocks, outputs) == wanted
    assert scheme.most_recalled == 1536
    assert scheme.seconds(7) == pytest.approx(k * 8e-8 + 5e-6, rel=1e-12, abs=0)


def test_a_weight_has_at_most_ten_thousand_digits():
    fits, too_near = (lp.GoldenRatio(2 ** (1 / k)) for k in (9999.5, 10_000.5))  # halved by k
    assert fits.scheme(1.0, 0.5).digits == 10_000
    with pytest.raises(ValueError, match=r"base=1\.0000\d+: makes 10,001 digits"):
        too_near.scheme(1.0, 0.5)


def test_digits_of_both_halves_stand_side_by_side_and_the_sign_comes_last():
    scheme = lp.GoldenRatio().scheme(1.0, 0.25)
    assert scheme.digits == 3
    assert list(scheme.code_order(9)) == [1, 4, 2, 5, 3, 6, 0]
    assert scheme.code_bits(9) == 7


@pytest.mark.parametrize("octaves", [5, 10, 16])
def test_a_reserve_for_underflow_is_two_least_floats_a_digit_and_sixteen(octaves):
    top, least = 2.0**-1040, 2.0**-1074  # rounding of that size is less than the least float
    epsilon = top * 2.0**-octaves
    scheme = lp.GoldenRatio(two_sided=True).scheme(top, epsilon)
    enough = lp.count_digits(2 * epsilon, lp.PHI, top + epsilon)
    assert (epsilon - scheme.shift) / least == 2 * enough + 16
    assert scheme.digits in (enough, enough + 1)


@pytest.mark.parametrize("lacking", [0, 1, 2])
def test_the_block_that_lacks_a_digit_is_named(lacking):
    scheme = lp.GoldenRatio().scheme(1.0, 0.3)
    signs = np.array([False, True, True])
    rows = [Block(0, 0, j, 2, "shared").chunks(1) for j in range(3)]
    targets = np.zeros((3, 2))  # others need nothing
    targets[lacking, 1] = 0.5
    with pytest.raises(Unfilled) as caught:
        scheme.choose_all(targets, rows, signs, 1)
    assert (caught.value.block, caught.value.output) == (lacking, 1)
    assert scheme.unfilled(0, 1).block == 0


@pytest.mark.parametrize("construction", [lp.Malach(), lp.ProductWeights()], ids=repr)
def test_the_work_of_finding_one_neuron_again(construction):
    scheme = construction.scheme(1.0, 0.25)
    assert scheme.recall_work(7, 3) == 7 * 4  # an in-weight and three out-weights a row
    assert scheme.recall_besides(7, 5, 3) == 50_000
    assert scheme.recall_bytes(7, 5, 3) == 0
    assert scheme.most_recalled == 128
    # the last of 2n halves waits 1 + 1/2 + … + 1/2n times as long as one; a row serves both signs
    p = scheme.probability(False)
    for outputs in (1, 10, 1000):
        waits = scheme.seconds(outputs) * 2 * p / 1e-8
        assert waits == pytest.approx(math.log(2 * outputs) + 0.6, rel=1e-12)
        assert waits == pytest.approx(sum(1 / i for i in range(1, 2 * outputs + 1)), abs=0.21)
