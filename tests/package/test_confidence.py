"""Tolerances and intervals hold as often as they say."""

import math

import numpy as np
import pytest
from scipy.stats import binom

from lpbook.experiments.confidence import (
    FALSE_ALARM,
    hoeffding_tolerance,
    mean_interval,
    quantile_band,
    unlikely_mean,
)


@pytest.mark.parametrize("p", [0.5, 0.1, 0.003])
@pytest.mark.parametrize(("sides", "tests"), [(1, 1), (2, 1), (2, 7)])
def test_a_frequency_is_within_the_tolerance(p, sides, tests):
    """By exact binomial tails; and half of the tolerance would not do for a fair coin."""

    def leaves(tolerance):
        above = binom.sf(math.ceil(trials * (p + tolerance)) - 1, trials, p)
        below = binom.cdf(math.floor(trials * (p - tolerance)), trials, p)
        return tests * (above + (below if sides == 2 else 0.0))

    for trials in (50, 1000, 20_000):
        tolerance = hoeffding_tolerance(trials, sides=sides, tests=tests)
        assert leaves(tolerance) <= FALSE_ALARM
        assert p != 0.5 or leaves(tolerance / 2) > FALSE_ALARM


def test_the_tolerance_is_that_of_the_theorem():
    t = hoeffding_tolerance(400, sides=1, tests=3, false_alarm=0.01)
    assert 3 * math.exp(-2 * 400 * t * t) == pytest.approx(0.01, rel=1e-12)
    assert hoeffding_tolerance(400, tests=3) == hoeffding_tolerance(400, sides=1, tests=6)
    assert hoeffding_tolerance(400, width=2) == 2 * hoeffding_tolerance(400)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"trials": 0}, "trials=0"),
        ({"trials": 9, "sides": 3}, "sides=3"),
        ({"trials": 9, "tests": 0}, "tests=0"),
        ({"trials": 9, "width": 0.0}, r"width=0\.0"),
        ({"trials": 9, "false_alarm": 1.0}, r"false_alarm=1\.0"),
    ],
)
def test_bad_tolerances(arguments, error):
    with pytest.raises(ValueError, match=error):
        hoeffding_tolerance(**arguments)


@pytest.mark.parametrize("assumed", [0.01, 0.4])
def test_means_are_unlikely_only_where_exact_tails_are(assumed):
    trials, found = 2000, []
    for count in range(trials + 1):
        observed = count / trials
        found.append(unlikely_mean(observed, assumed, trials))
        tail = binom.cdf if observed < assumed else lambda n, *args: binom.sf(n - 1, *args)
        assert not found[-1] or tail(count, trials, assumed) <= FALSE_ALARM
    mean = round(assumed * trials)
    assert not found[mean]
    assert found[-1]
    assert (np.diff(found[mean:]) >= 0).all()  # once unlikely, always unlikely


def test_t_interval():
    values = np.random.default_rng(0).normal(size=(2000, 5))
    mean, half = mean_interval(values)
    covered = (abs(mean) <= half).mean()
    assert abs(covered - 0.95) < hoeffding_tolerance(2000)


def test_band_holds_the_quantile_as_often_as_it_says():
    rng, runs = np.random.default_rng(3), 2000
    missed = 0
    for _ in range(runs):
        band = quantile_band(rng.exponential(size=80), 0.9, confidence=0.95)
        missed += not band.low <= math.log(10) <= band.high
    assert missed / runs < 0.05 + hoeffding_tolerance(runs, sides=1)


def test_band_is_infinite_where_samples_cannot_tell():
    assert quantile_band(range(1, 11), 0.99).high == math.inf
    assert quantile_band(range(1, 11), 0.01).low == -math.inf


@pytest.mark.parametrize(
    ("level", "confidence", "message"),
    [(1.0, 0.9, r"level=1\.0"), (0.5, 1.0, r"confidence=1\.0")],
)
def test_bad_bands(level, confidence, message):
    with pytest.raises(ValueError, match=message):
        quantile_band([1.0], level, confidence)
