"""Bridges: the chapter's formulas against subset_sum_size, the construction, the laws and plan."""

import json
import math
from importlib.resources import files

import mpmath
import numpy as np
import pytest

import lpbook as lp
from lpbook.constructions.subset_sum import growth
from lpbook.distributions import UniformProduct
from lpbook.experiments.covered_intervals import cover, covered_shares, missed_shares, stratified
from lpbook.ledger import subset_sum as chapter

ARGUMENTS = [
    (1.0, 0.01, 0.25, 0.01),
    (1.0, 0.999, 0.25, 0.999),
    (0.5, 1e-12, 0.5, 1e-300),
    (3e-5, 1e-7, 2000.0, 0.1),
    (1e6, 1.0, 1e-9, 0.5),
]


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_the_count_at_fifty_digits(arguments):
    with mpmath.workdps(50):
        reach, epsilon, density, delta = map(mpmath.mpf, arguments)
        kappa = 2 * reach * density
        odds = (2 * reach / epsilon - 1) * (4 * reach / epsilon - 1) / delta
        wanted = mpmath.log(odds) / mpmath.log(1 / (1 - kappa / 2))
        size = lp.subset_sum_size(*arguments)
        assert abs(size - mpmath.ceil(wanted)) <= wanted * mpmath.mpf(2) ** -45
        assert size >= wanted * (1 - mpmath.mpf(2) ** -45)


def test_where_keeping_nothing_is_enough():
    assert lp.subset_sum_size(1.0, 1.0, 0.25, 0.01) == 0


@pytest.mark.parametrize("scale", [2.0, 2.0001, math.e, 2 * math.e, 50.0])
def test_growth_is_the_kappa_of_products(scale):
    with mpmath.workdps(50):
        s = mpmath.mpf(scale)  # R = 1, A = s
        wanted = mpmath.log(s / 2) / s
        assert growth("product", scale) == pytest.approx(float(wanted), rel=1e-11, abs=1e-16)
        law = UniformProduct(math.sqrt(scale))
        z = np.linspace(-2, 2, 101)[:-1]
        least = float(wanted) / 2
        assert (law.pdf(z) >= least * (1 - 1e-9) - 1e-15).all()
        assert law.pdf(2.0) == pytest.approx(least, abs=1e-15, rel=1e-9)


def test_best_products():
    assert growth("product", 2 * math.e) == pytest.approx(1 / (2 * math.e), rel=1e-14)
    for scale in (2 * math.e * 0.99, 2 * math.e * 1.01):
        assert growth("product", scale) < growth("product", 2 * math.e)
    assert growth("constant", 2.0) == 0.5


@pytest.mark.parametrize("law", ["product", "constant"])
def test_plan_pays_what_the_corollary_says(law):
    rng = np.random.default_rng(4)
    weights = rng.uniform(0.2, 1, (4, 7)) * rng.choice([-1, 1], (4, 7))
    F, how = lp.Network([weights]), lp.SubsetSum(law=law)
    plan = lp.plan(F, 0.1, how, inputs=lp.Ball(1.0, nonnegative=True), delta=0.05)
    (layer,) = plan.layers
    R = layer.scheme.max_weight
    kappa = growth(law, 2.0 if law == "constant" else 2 * math.e)
    size = lp.subset_sum_size(R, layer.scheme.tolerance, kappa / (2 * R), 0.05 / weights.size)
    assert set(layer.widths) == {size}
    assert plan.neurons_per_weight == pytest.approx(size / 4)


def test_cover_by_hand_and_its_bounds():
    assert [c.tolist() for c in cover([], 0.5)] == [[[-0.5, 0.5]]]
    assert cover([0.9], 0.25)[1].tolist() == [[-0.25, 0.25], [0.65, 1.0]]
    assert cover([5.0], 0.25)[1].tolist() == [[-0.25, 0.25]]
    assert cover([0.5], 0.25)[1].tolist() == [[-0.25, 0.75]]  # touching
    x = np.random.default_rng(0).uniform(-2, 2, 25)
    v = covered_shares(x, 0.01)
    assert v[0] == pytest.approx(0.01)
    assert (v[1:] >= v[:-1] - 1e-12).all()
    assert (v[1:] <= 2 * v[:-1] + 1e-12).all()
    assert v[-1] <= 1 + 1e-12


def test_every_covered_point_is_near_a_sum():
    x = np.random.default_rng(1).uniform(-2, 2, 12)
    last = cover(x, 0.05)[-1]
    points = np.concatenate([last.ravel(), last.mean(axis=1)])
    assert np.abs(lp.closest_subset(points, x).errors).max() <= 0.05 + 1e-12


@pytest.mark.parametrize("arguments", [([0.5], 0.0), ([0.5], 1.5), ([[0.5]], 0.1)])
def test_cover_refuses(arguments):
    with pytest.raises(ValueError, match=r"^(eta|samples)="):
        cover(*arguments)


@pytest.mark.parametrize("n", [2, 4, 10, 20])
def test_stratified_numbers_stay_within_a_slice(n):
    x = stratified((500, n), 1.0, np.random.default_rng(2))
    assert (np.floor((x + 1) * n / 2) == np.arange(n)).all()
    targets = np.linspace(-1, 1, 41)
    errors = lp.closest_subset(targets, x).errors
    assert np.abs(errors).max() <= 2 / n + 1e-12
    even = np.array([j - j % 2 for j in range(1, n // 2 + 1)]) * 2 / n
    worst = lp.closest_subset([2 / n], np.concatenate([even, -even])).errors
    assert abs(worst[0]) == pytest.approx(2 / n)


def test_draws_of_the_claims():
    rng = np.random.default_rng(3)
    for draw, most in (
        (chapter.uniform_numbers, 2),
        (chapter.product_numbers, 2 * math.e),
        (chapter.stratified_numbers, 1),
    ):
        x = np.abs(draw((3000, 4), rng))
        assert 0.95 * most < x.max() <= most
    none = missed_shares(chapter.uniform_numbers, 3, [0.0], 0.01, 50, rng)
    assert none.tolist() == [0.0]


def test_the_results_of_the_benchmark_are_those_the_chapter_speaks_of():
    about = json.loads((files("lpbook.data") / "subset_sums_mnist.json").read_text())
    assert about["network"] == "mnist_fc2"
    assert about["weights"] == 397_000
    assert about["weights_within_epsilon"] > about["weights"] / 2
    tasks = {task["task"]: task for task in about["tasks"]}
    for sets in ("one set per row", "own sets"):
        closest, sparsest = tasks[f"closest, {sets}"], tasks[f"sparsest within 0.01, {sets}"]
        assert sparsest["kept_per_weight"] < 1 < closest["kept_per_weight"]
        assert sparsest["spectral_error"] > closest["spectral_error"]
        assert sparsest["largest_error"] <= 0.01 or sparsest["beyond_epsilon"] > 0
