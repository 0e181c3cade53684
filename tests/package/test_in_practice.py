"""The experiment of the chapter *in_practice*: its pieces, and that it can be interrupted."""

import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from fractions import Fraction

import numpy as np
import pytest

import lpbook as lp
import lpbook.batches
from lpbook.digits import segments
from lpbook.experiments import in_practice as ip
from lpbook.experiments import sampling_laws as laws
from lpbook.experiments.confidence import hoeffding_tolerance
from lpbook.experiments.edge_popup import accuracy, popup

TINY = ip.Settings(
    seeds=2, targets=5, digit_counts=(10, 40), digit_scales=(0.5, 1.0), subset_counts=(4, 6),
    scales=(1.0,), widths=(4, 8),
    log_ranges=(0.0, 2.0), family_width=4, rates=(0.3,), keeps=(0.5,), gains=(4.0,),
    tuning_seeds=1, steps=5,
)  # fmt: skip


def without_time(results):
    cells = [
        {name: value for name, value in cell.items() if name != "seconds"}
        for cell in results["cells"]
    ]
    return results | {"cells": cells}


def test_all_laws_see_the_same_numbers_and_smaller_pools_the_first_of_them():
    w, units = laws.pool_units(3, 7, 50)
    again = laws.pool_units(3, 7, 50)
    assert (w == again[0]).all()
    assert (units == again[1]).all()
    for name in laws.POOLS[:-1]:
        ab = laws.products(name, units)
        assert (np.sign(ab) == np.where(units[..., 1] <= 0.5, -1, 1)).all()
        assert (laws.products(name, units[:, :9]) == ab[:, :9]).all()
    assert (abs(laws.products("constant ±4/n", units[:, :8])) == 0.5).all()


def test_laws_are_what_they_are_called():
    law = laws.weight_law("hyperbolic")
    assert law == lp.Hyperbolic.for_digits(10)
    assert laws.weight_law("log-range 0") == lp.SignedConstant(1.0)
    assert laws.weight_law("log-range 2").log_range == pytest.approx(2)
    best = laws.pool_laws("hyperbolic, b = 1", 5)[1]
    low, high = segments(10)
    assert (best.low, best.high) == pytest.approx((low[-1], high[0]))
    for name in laws.POOLS:
        b, a = laws.pool_laws(name, 16)
        one = lp.SignedConstant(1.0).positive()
        assert (b == one) == (name.endswith("b = 1") or name.startswith("constant"))
        assert laws.equal_magnitudes(name) == name.startswith("constant")
        assert b == one or b == a.positive()
    for lookup in (laws.weight_law, laws.products):
        with pytest.raises(ValueError, match="name='cauchy': must be one of"):
            lookup("cauchy", np.zeros((1, 2)))


def test_digits_of_complete_pools_are_those_of_decompose():
    w, units = laws.pool_units(0, 200, 300)
    ab = laws.products("hyperbolic, b = 1", units)
    errors, complete = laws.digit_errors(w, ab)
    assert complete.mean() > 0.99
    low, high = segments(10)
    first = np.array([
        [next((x for x in row if lo < x <= hi), np.nan) for lo, hi in zip(low, high, strict=True)]
        for row in ab
    ])  # fmt: skip
    assert (complete == ~np.isnan(first).any(axis=1)).all()
    wanted = lp.decompose(w[complete], first[complete]).residuals
    assert errors[complete] == pytest.approx(wanted, abs=1e-15)
    assert (errors >= 0).all()
    assert errors[complete].max() <= laws.EPSILON


def test_a_missing_digit_is_skipped():
    errors, complete = laws.digit_errors(np.array([0.9, 0.5]), np.array([[-0.5, 2.0], [0.4, 0.45]]))
    assert errors.tolist() == pytest.approx([0.9, 0.1])  # the first number of the segment
    assert not complete.any()


def test_networks_have_the_scale_that_is_said():
    for name in laws.POPUP_LAWS:
        for w, inputs in zip(ip.random_matrices(name, 32, 5, keep=0.5), (64, 32), strict=True):
            assert w.dtype == np.float32
            assert (w.astype(float) ** 2).mean() == pytest.approx(4 / inputs, rel=1e-5)


@pytest.mark.parametrize("name", ["uniform", "normal", "constant"])
def test_own_gain_undoes_the_scaling(name):
    width, keep = 256, 0.3
    scaled = ip.random_matrices(name, width, 1, keep, kind=float)
    rng = np.random.default_rng([1, 12])
    raw = [laws.weight_law(name).ppf(rng.random(w.shape)) for w in scaled]
    factor = np.prod([(r / w).flat[0] for r, w in zip(raw, scaled, strict=True)])
    assert factor == pytest.approx(ip.own_gain(name, width, keep), rel=0.05)


def test_held_out_images_are_those_of_the_classifier():
    x, labels, x_test, labels_test = ip.digit_images()
    assert (x.shape, x_test.shape) == ((1347, 64), (450, 64))
    assert labels.size + labels_test.size == 1797
    F, _ = lp.digits_classifier()
    assert (F(x_test).argmax(axis=1) == labels_test).mean() > 0.95


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path, monkeypatch):
    whole = ip.run(TINY, tmp_path / "whole")
    assert len(whole["cells"]) == len(ip.cells(TINY))
    real, calls = ip.run_cell, []

    def interrupted(cell, settings):
        if len(calls) == 3:
            raise KeyboardInterrupt
        calls.append(cell)
        return real(cell, settings)

    monkeypatch.setattr(ip, "run_cell", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ip.run(TINY, tmp_path / "part")
    assert len(list((tmp_path / "part").iterdir())) == 3  # whole cells and nothing else
    calls.clear()
    monkeypatch.setattr(ip, "run_cell", lambda cell, s: calls.append(cell) or real(cell, s))
    with ThreadPoolExecutor(2) as executor:
        rest = ip.run(TINY, tmp_path / "part", executor)
    assert len(calls) == len(whole["cells"]) - 3
    assert without_time(rest) == without_time(whole)
    calls.clear()
    ip.run(TINY, tmp_path / "part")
    assert not calls


def test_cells_that_are_done_are_kept_at_an_interrupt(tmp_path, monkeypatch):
    """The first cell is interrupted when all others are done, by whoever does them."""
    first, *others = ip.cells(TINY)
    real = ip.run_cell

    def interrupted(cell, settings):
        if cell == first:
            while len(list(tmp_path.glob("*.json"))) < len(others):
                time.sleep(0.01)
            raise KeyboardInterrupt
        return real(cell, settings)

    monkeypatch.setattr(ip, "run_cell", interrupted)
    with ThreadPoolExecutor(2) as executor, pytest.raises(KeyboardInterrupt):
        ip.run(TINY, tmp_path, executor)
    kept = {cell.path(tmp_path, TINY) for cell in others}
    assert set(tmp_path.iterdir()) == kept  # whole cells and nothing else


def test_other_settings_are_other_results(tmp_path):
    cell = ip.cells(TINY)[0]
    assert cell.method == "popup"
    assert cell.path(tmp_path, TINY) != cell.path(tmp_path, replace(TINY, steps=6))
    # what a cell does not depend on leaves its result valid
    assert cell.path(tmp_path, TINY) == cell.path(tmp_path, replace(TINY, targets=6))
    names = {each.path(tmp_path, TINY) for each in ip.cells(TINY)}
    assert len(names) == len(ip.cells(TINY))


def test_the_recorded_experiment_is_the_one_in_the_code():
    results = ip.recorded_results()
    assert results["settings"] == json.loads(json.dumps(asdict(ip.Settings())))
    kinds = {"lpbook", "platform", "python", "numpy", "scipy", "scikit-learn"}
    assert all({"python", "numpy", "scipy"} <= set(v) <= kinds for v in results["versions"])
    used = {cell["versions"] for cell in results["cells"]}
    assert used == set(range(len(results["versions"])))
    assert len(results["cells"]) == len(ip.cells(ip.Settings()))
    for cell in ip.cells(ip.Settings()):
        found = ip.find(results, cell.method, cell.law, cell.setting, cell.size)
        if cell.method == "popup":
            assert np.shape(found["accuracy"]) == (12,)
    with pytest.raises(KeyError):
        ip.find(results, "digits", "cauchy")


def test_recorded_digits_come_out_again():
    """Numbers are rounded to four digits when they are kept."""
    settings = ip.Settings()
    kept = ip.find(ip.recorded_results(), "digits", "uniform", "0.25")
    at = settings.digit_counts.index(80)
    for seed in (0, 11):
        w, units = laws.pool_units(seed, settings.targets, max(settings.digit_counts))
        errors, complete = laws.digit_errors(w, 0.25 * laws.products("uniform", units[:, :80]))
        assert kept["complete"][at][seed] == pytest.approx(complete.mean(), rel=1e-3)
        within = (errors <= laws.EPSILON).mean()
        assert kept["within"][at][seed] == pytest.approx(within, rel=1e-3)


def test_recorded_subset_sums_come_out_again():
    settings = ip.Settings()
    kept = ip.find(ip.recorded_results(), "subsets", "hyperbolic", "4")
    at = settings.subset_counts.index(10)
    w, units = laws.pool_units(7, settings.targets, max(settings.subset_counts))
    supplied = 4 * laws.products("hyperbolic", units[:, :10])
    error = abs(lp.closest_subset(w[:, None], supplied).errors)
    assert kept["middle"][at][7] == pytest.approx(np.median(error), rel=1e-3)
    assert kept["within"][at][7] == pytest.approx((error <= laws.EPSILON).mean(), rel=1e-3)


def test_sums_of_constants_are_multiples():
    w, units = laws.pool_units(1, 40, 9)
    for scale in (0.5, 3.0):
        supplied = scale * laws.products("constant ±4/n", units)
        error, sizes = ip._multiples(w, supplied)
        wanted = lp.closest_subset(w[:, None], supplied)
        assert error == pytest.approx(abs(wanted.errors[:, 0]), abs=1e-12)
        assert (sizes == wanted.sizes[:, 0]).all()


def test_moments_of_other_laws_are_not_guessed():
    with pytest.raises(TypeError, match="moments"):
        laws.moment(lp.Uniform(1.0).product(), 2)


@pytest.mark.parametrize("name", [law for law in laws.POOLS if "constant" not in law])
def test_digits_are_supplied_by_the_number_of_neurons_that_is_computed(name):
    """Hoeffding, false alarm 1e-6."""
    ε, share, trials = 0.2, 0.9, 20_000
    assert lp.count_digits(ε) == 4
    rng = np.random.default_rng(5)
    for scale in (0.5, 1.0):
        n, _ = laws.neurons_for_digits(name, ε, share, scale)
        if n == np.inf:
            assert (name, scale) in [("hyperbolic", 0.5), ("hyperbolic, b = 1", 0.5)]
            continue
        found = []
        for size in (n, n - 1):
            units = rng.random((trials, size, 2))
            ab = laws.products(name, units, ε)
            found.append(laws.digit_errors(rng.random(trials), scale * ab, ε)[1].mean())
        tolerance = hoeffding_tolerance(trials)
        assert found[0] > share - tolerance
        assert found[1] < share + tolerance


def test_exact_neurons_for_digits():
    """Equal probabilities: the numbers of `all_hit`, in fractions."""
    n, _ = laws.neurons_for_digits("hyperbolic, b = 1")
    exact = [lp.batches.all_hit(10, Fraction(1, 20), size) for size in (n - 1, n)]
    assert exact[0] < Fraction(99, 100) <= exact[1]
    best, scale = laws.neurons_for_digits("normal", scale=None)
    assert best < laws.neurons_for_digits("normal")[0]
    assert 2**-5 < scale < 1  # not on the edge of the grid


def test_scores_ranked_by_absolute_value_give_the_same_order_of_laws():
    """Evidence, with fixed seeds and the recorded choices: what the chapter says of 32 neurons."""
    x, labels, x_test, labels_test = ip.digit_images()
    reached = []
    for law in laws.POPUP_LAWS:
        choice = ip.find(ip.recorded_results(), "popup", law, "tuned", 32)["choice"]
        found = []
        for seed in range(100, 104):
            weights = ip.random_matrices(law, 32, seed, choice["keep"])
            rng = np.random.default_rng([seed, 13])
            masks = popup(weights, x, labels, **choice, by_size=True, rng=rng)
            masked = [w * m for w, m in zip(weights, masks, strict=True)]
            found.append(accuracy(masked, x_test, labels_test))
        reached.append(np.mean(found))
    recorded = [
        np.mean(ip.find(ip.recorded_results(), "popup", law, "tuned", 32)["accuracy"])
        for law in laws.POPUP_LAWS
    ]
    assert (np.diff(recorded) < 0).all()
    assert (np.diff(reached) < 0).all()
