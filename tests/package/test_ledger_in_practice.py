"""What the chapter *in_practice* proves in symbols is what the package computes."""

import mpmath as mp
import numpy as np
import pytest

import lpbook as lp
from lpbook.experiments import in_practice as ip
from lpbook.experiments import sampling_laws as laws
from lpbook.experiments.edge_popup import logits, popup, top_mask
from lpbook.ledger import in_practice as ledger

LAWS = [
    lp.Uniform(2.5),
    lp.Normal(0.3),
    lp.SignedConstant(7.0),
    lp.Hyperbolic(0.01, 100.0),
    lp.Hyperbolic(1.0, 1.001),
    lp.Hyperbolic.for_digits(10),
]


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("order", [2, 4])
def test_moments_are_integrals(law, order):
    with mp.workdps(50):
        match law:
            case lp.SignedConstant(value):
                exact = mp.mpf(value) ** order
            case lp.Uniform(high):
                exact = mp.quad(lambda w: w**order / mp.mpf(high), [0, high])
            case lp.Normal(scale):
                s = mp.mpf(scale)
                exact = mp.quad(
                    lambda w: 2 * w**order * mp.npdf(w, 0, s), [0, scale, 10 * scale, mp.inf]
                )
            case lp.Hyperbolic(low, high):
                a, b = mp.mpf(low), mp.mpf(high)
                exact = mp.quad(lambda t: mp.exp(order * t), [mp.log(a), 0, mp.log(b)])
                exact /= mp.log(b / a)
    assert laws.moment(law, order) == pytest.approx(float(exact), rel=1e-11)


@pytest.mark.parametrize("range_", ["1e-3", "0.5", "4.33", "9.2", "40"])
def test_effective_share_of_hyperbolic_laws(range_):
    with mp.workdps(50):
        L = mp.mpf(range_)
        law = lp.Hyperbolic(1.0, float(mp.exp(L)))
        L = mp.log(mp.mpf(law.high))
        exact = float(mp.tanh(L) / L)
    assert laws.effective_share(law) == pytest.approx(exact, rel=1e-11)


def test_effective_share_is_the_share_of_drawn_weights():
    rng = np.random.default_rng(0)
    for name in ("uniform", "normal", "hyperbolic"):
        w2 = laws.weight_law(name).rvs(400_000, rng=rng) ** 2
        drawn = w2.sum() ** 2 / (w2**2).sum() / w2.size
        assert drawn == pytest.approx(laws.effective_share(laws.weight_law(name)), rel=0.02)


@pytest.mark.parametrize("factors", [(2.0, 2.0), (0.5, 16.0), (4.0, 0.25)])
def test_scale_and_gain_are_the_same_run(factors):
    """Powers of 2 scale without rounding: every mask agrees in every entry."""
    rng = np.random.default_rng(1)
    weights = [rng.normal(size=(12, 6)), rng.normal(size=(3, 12))]
    x, labels = rng.normal(size=(80, 6)), rng.integers(0, 3, 80)
    c = float(np.prod(factors))
    scaled = [d * w for d, w in zip(factors, weights, strict=True)]
    assert (logits(scaled, x) == c * logits(weights, x)).all()
    common = {"keep": 0.5, "steps": 200, "batch": 20}
    first = popup(scaled, x, labels, rate=0.5 / c, gain=1.0, rng=np.random.default_rng(2), **common)
    second = popup(weights, x, labels, rate=0.5, gain=c, rng=np.random.default_rng(2), **common)
    assert all((m == n).all() for m, n in zip(first, second, strict=True))
    third = popup(weights, x, labels, rate=0.5, gain=2 * c, rng=np.random.default_rng(2), **common)
    assert any((m != n).any() for m, n in zip(first, third, strict=True))


def test_patterns_of_the_claim_can_be_learnt_and_are_not_trivial():
    (x, labels), (x_test, labels_test) = ledger._clusters(0)
    assert (x.shape, x_test.shape) == ((600, 64), (300, 64))
    centres = np.stack([x[labels == digit].mean(axis=0) for digit in range(10)])
    nearest = ((x_test[:, None] - centres) ** 2).sum(axis=2).argmin(axis=1)
    assert (nearest == labels_test).mean() > 0.9
    rng = np.random.default_rng(0)
    weights = ip.random_matrices("constant", 48, 0, keep=0.5)
    untrained = [w * top_mask(rng.random(w.shape), 0.5) for w in weights]
    assert (logits(untrained, x_test).argmax(axis=1) == labels_test).mean() < 0.5
