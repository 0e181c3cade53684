import numpy as np
import pytest

import lpbook as lp
from lpbook.experiments.confidence import hoeffding_tolerance
from lpbook.experiments.waiting_times import drawn_waits, geometric_waits


def slow_waits(scheme, weight, trials, rng, chunk):
    """Neuron by neuron."""
    b_law, a_law = scheme.laws(False)
    waits, count, served = [], 0, set()
    while True:
        for b, a in zip(b_law.rvs(chunk, rng=rng), a_law.rvs(chunk, rng=rng), strict=True):
            count += 1
            if scheme.fits(np.array(b), np.array(a), np.array(weight)):
                served.add(b > 0)
            if len(served) == 2:
                waits.append(count)
                count, served = 0, set()
                if len(waits) == trials:
                    return waits


@pytest.mark.parametrize("construction", [lp.Malach(), lp.ProductWeights(reach=1)])
def test_drawn_waits_against_their_definition(construction, monkeypatch):
    monkeypatch.setattr("lpbook.experiments.waiting_times._CHUNK", 64)
    scheme = construction.scheme(1.0, 0.4)
    found = drawn_waits(scheme, -0.5, 40, rng=np.random.default_rng(1))
    assert found.tolist() == slow_waits(scheme, -0.5, 40, np.random.default_rng(1), 64)


@pytest.mark.parametrize("weight", [0.5, 1.0])
def test_geometric_waits_have_the_law_of_drawn_ones(weight):
    """DKW: the empirical distribution is within t of the true one, false alarm 2 exp(-2nt²)."""
    p, trials = float(lp.malach_success(weight, 0.8)), 4000
    rng = np.random.default_rng(2)
    drawn = drawn_waits(lp.Malach().scheme(1.0, 0.8), weight, trials, rng=rng)
    n = np.arange(1, 600)
    missed = 2 * (1 - p) ** n - (1 - 2 * p) ** n
    tolerance = hoeffding_tolerance(trials)
    for waits in (drawn, geometric_waits(p, trials, rng=rng)):
        assert np.abs((waits[:, None] > n).mean(axis=0) - missed).max() < tolerance


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: drawn_waits(lp.Malach().scheme(1.0, 0.5), 1.1, 1, rng=rng), r"weight=1\.1"),
        (lambda rng: drawn_waits(lp.Malach().scheme(1.0, 0.5), 1.0, 0, rng=rng), "trials=0"),
        (lambda rng: geometric_waits(0.6, 1, rng=rng), r"probability=0\.6"),
    ],
)
def test_bad_values(call, message):
    with pytest.raises(ValueError, match=message):
        call(np.random.default_rng(0))
