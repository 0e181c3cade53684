import math

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
    codes, kept = scheme.choose(targets, block.chunks(rows), nonnegative, rows)

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

    block = Block(3, 0, 0, targets.size, layout)
    again = scheme.recall(codes, block.chunks(rows), nonnegative, rows)
    for name in ("rows", "outputs", "inner", "outer"):
        assert (getattr(again, name) == getattr(kept, name)).all()


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
    codes, kept = scheme.choose(targets, block.chunks(rows), nonnegative, rows)
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
    chunks = Block(3, 0, 0, targets.size, layout).chunks(rows)
    again = scheme.recall(codes, chunks, nonnegative, rows)
    assert (again.effective(targets.size) == effective).all()


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
