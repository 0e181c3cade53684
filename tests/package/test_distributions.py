import math

import numpy as np
import pytest
from scipy.integrate import quad

import lpbook as lp
from lpbook.distributions import HyperbolicProduct, UniformProduct
from lpbook.experiments.confidence import hoeffding_tolerance

LAWS = [
    lp.Uniform(1.0),
    lp.Uniform(3.5),
    lp.Hyperbolic(0.01, 1.0),
    lp.Hyperbolic(1e-200, 1e100),
    lp.Hyperbolic(1.0, 1.0 + 1e-9),
    lp.Uniform(2.0).product(),
    lp.Hyperbolic(0.1, 2.0).product(),
    lp.Normal(1.5),
]
Q = np.concatenate([np.linspace(0, 1, 201), [1e-12, 1e-6, 1 - 1e-12]])


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_cdf_inverts_ppf(law):
    assert law.cdf(law.ppf(Q)) == pytest.approx(Q, abs=2e-7 if law == LAWS[4] else 1e-12)


@pytest.mark.parametrize("law", LAWS, ids=str)
def test_symmetry_and_tails(law):
    x = law.ppf(Q[(Q > 0) & (Q < 1)])
    assert law.cdf(x) + law.cdf(-x) == pytest.approx(1)
    assert law.pdf(x) == pytest.approx(law.pdf(-x))
    assert [law.cdf(-np.inf), law.cdf(0.0), law.cdf(np.inf)] == [0, 0.5, 1]
    assert law.pdf(np.inf) == 0
    assert np.isnan([law.cdf(np.nan), law.ppf(np.nan), law.ppf(-0.1), law.ppf(1.1)]).all()


@pytest.mark.parametrize("law", [LAWS[1], LAWS[2], LAWS[5], LAWS[6], LAWS[7]], ids=str)
@pytest.mark.parametrize("q", [(0.55, 0.75), (0.6, 0.999), (0.1, 0.4)])
def test_pdf_integrates_to_cdf(law, q):
    a, b = law.ppf(q)
    corners = [x for x in (-0.2, 0.2) if a < x < b]  # of the triangular law, at ± low * high
    area, _ = quad(law.pdf, a, b, epsabs=1e-11, limit=200, points=corners or None)
    assert area == pytest.approx(q[1] - q[0], abs=1e-9)


def test_scalars_stay_scalars_and_arrays_keep_their_shape():
    for law in [*LAWS, lp.SignedConstant(2.0), lp.Uniform(1.0).positive()]:
        for method in (law.pdf, law.cdf, law.ppf):
            assert np.ndim(method(0.3)) == 0
            assert method(np.full((2, 3), 0.3)).shape == (2, 3)


def test_sizes_of_random_weights_and_their_generator():
    rng = np.random.default_rng(0)
    assert np.ndim(lp.Uniform(1.0).rvs(rng=rng)) == 0
    assert lp.Hyperbolic(0.1, 1).rvs((2, 3), rng=rng).shape == (2, 3)
    with pytest.raises(ValueError, match="size=-3"):
        lp.Uniform(1.0).rvs(-3, rng=rng)
    with pytest.raises(TypeError, match="rng=0"):
        lp.Uniform(1.0).rvs(3, rng=0)


@pytest.mark.parametrize(
    "factor", [lp.Uniform(1.5), lp.Hyperbolic(0.05, 1.2)], ids=["uniform", "hyperbolic"]
)
def test_products_of_drawn_weights_follow_the_law_of_the_product(factor):
    n = 400_000
    rng = np.random.default_rng(7)
    drawn = np.sort(factor.rvs(n, rng=rng) * factor.rvs(n, rng=rng))
    # Dvoretzky, Kiefer, Wolfowitz and Massart: a false alarm has probability at most 1e-6
    tolerance = hoeffding_tolerance(n)
    distance = np.abs(factor.product().cdf(drawn) - (np.arange(n) + 0.5) / n).max()
    assert distance < tolerance
    # and the distance notices another law: factors one percent larger
    other = UniformProduct(1.515) if factor == lp.Uniform(1.5) else HyperbolicProduct(0.0505, 1.212)
    assert np.abs(other.cdf(drawn) - (np.arange(n) + 0.5) / n).max() > tolerance


@pytest.mark.parametrize("base", [1.1, 1.5, lp.PHI])
@pytest.mark.parametrize("max_weight", [1.0, 0.3, 40.0])
@pytest.mark.parametrize("k", [1, 2, 3, 8, 30])
def test_best_common_range_gives_every_digit_its_probability(k, base, max_weight):
    from lpbook.digits import segments

    low, high = segments(k, base, max_weight)
    product = lp.Hyperbolic.for_digits(k, base, max_weight).product()
    share = 2 * (product.cdf(high) - product.cdf(low))
    assert share.min() == pytest.approx(1 if k == 1 else 1 / (2 * (k - 1)))


def test_no_common_range_beats_the_best():
    from lpbook.digits import segments

    k = 6
    low, high = segments(k)
    best = lp.Hyperbolic.for_digits(k)

    def worst_digit(law):
        return (2 * (law.product().cdf(high) - law.product().cdf(low))).min()

    for stretch in (0.9, 0.99, 1.01, 1.1):
        for shift in (0.95, 1.0, 1.05):
            other = lp.Hyperbolic(best.low * shift * stretch, best.high * shift / stretch)
            assert worst_digit(other) < worst_digit(best)


def test_signed_constant_and_positive_laws():
    two = lp.SignedConstant(2.0)
    assert two.cdf([-2.1, -2.0, 0.0, 1.9, 2.0]).tolist() == [0, 0.5, 0.5, 0.5, 1]
    positive = lp.Hyperbolic(0.1, 1.0).positive()
    assert positive.cdf(positive.ppf(Q)) == pytest.approx(Q)
    assert positive.pdf(-0.5) == 0
    assert positive.pdf(0.5) == 2 * lp.Hyperbolic(0.1, 1.0).pdf(0.5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: lp.Uniform(0), "high=0"),
        (lambda: lp.Uniform(math.inf), "high=inf: must be finite"),
        (lambda: lp.Hyperbolic(0, 1), "low=0"),
        (lambda: lp.Hyperbolic(2, 1), "high=1.0: must be above low=2.0"),
        (lambda: lp.Hyperbolic(1, 1), "high=1"),
        (lambda: lp.Hyperbolic(1e-300, 1e300), "low=1e-300"),
        (lambda: lp.Hyperbolic.for_digits(0), "k=0"),
        (lambda: lp.Hyperbolic.for_digits(3, base=2), "base=2"),
        (lambda: lp.Hyperbolic.for_digits(3, max_weight=-1), "max_weight=-1"),
    ],
)
def test_bad_parameters(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_wrong_types():
    with pytest.raises(TypeError, match="high='1'"):
        lp.Uniform("1")
    with pytest.raises(TypeError, match=r"k=2\.0"):
        lp.Hyperbolic.for_digits(2.0)
