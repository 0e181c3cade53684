"""Edge-popup on convolutional networks: gradients, runs, and what was recorded."""

import numpy as np
import pytest
from finite_differences import check_gradients

from lpbook.experiments.convolutions import convolve
from lpbook.experiments.popup_convolution import (
    LAWS,
    Cell,
    Run,
    Settings,
    accuracies,
    accuracy_of,
    cells,
    choice_of,
    gradients,
    logits,
    random_kernels,
    recorded,
    sizes,
)


def weights(channels=3):
    rng = np.random.default_rng(0)
    return [rng.normal(size=shape) for shape in sizes(channels)]


def test_the_network_is_two_convolutions_a_mean_and_a_read_out():
    first, second, last = weights()
    x = np.random.default_rng(1).random((4, 8, 8))
    hidden = np.maximum(convolve(x[:, None], first.reshape(3, 3, 3, 1).transpose(0, 3, 1, 2)), 0)
    hidden = np.maximum(convolve(hidden, second.reshape(3, 3, 3, 3).transpose(0, 3, 1, 2)), 0)
    pooled = hidden.reshape(4, 3, 2, 2, 2, 2).mean(axis=(3, 5))
    wanted = pooled.transpose(0, 2, 3, 1).reshape(4, -1) @ last.T
    assert logits([first, second, last], x) == pytest.approx(wanted)


@pytest.mark.parametrize("gain", [1.0, 3.0])
def test_gradients_are_those_of_finite_differences(gain):
    rng = np.random.default_rng(2)
    net, x, labels = weights(), rng.random((6, 8, 8)), rng.integers(0, 10, 6)
    check_gradients(lambda moved: gradients(moved, x, labels, gain), net, rng, gain, 1e-5)


def test_all_laws_see_the_same_numbers_at_the_same_scale():
    constant, uniform, hyperbolic = (random_kernels(law, 4, seed=1, keep=0.5) for law in LAWS)
    for a, b, c in zip(constant, uniform, hyperbolic, strict=True):
        assert (np.sign(a) == np.sign(b)).all()
        assert (np.sign(a) == np.sign(c)).all()
        assert np.ptp(np.abs(a)) < 1e-6
        for w in (a, b, c):
            assert (w * w).mean() == pytest.approx(2 / (0.5 * w.shape[1]), rel=1e-5)


def test_a_trained_mask_is_better_than_chance_and_repeats():
    run = Run("constant", 4, 0.5, seed=0, rate=0.3, gain=1.0, steps=40, tuning=False)
    found = accuracy_of(run)
    assert found == accuracy_of(run)
    assert found > 0.15


def test_the_choice_is_that_of_the_best_mean():
    tried = Cell("uniform", 4, 0.5).tuning(Settings(rates=(0.1, 0.3), gains=(1.0,), tuning_seeds=2))
    assert choice_of(tried, [0.5, 0.7, 0.9, 0.2]) == (0.1, 1.0, pytest.approx(0.6))
    assert all(run.tuning and run.seed >= 1000 for run in tried)


def test_what_was_recorded_is_the_settings():
    results = recorded()
    settings = Settings(**{k: tuple(v) if isinstance(v, list) else v
                           for k, v in results["settings"].items()})  # fmt: skip
    assert settings == Settings()
    found = [(cell["law"], cell["channels"], cell["keep"]) for cell in results["cells"]]
    assert found == [(cell.law, cell.channels, cell.keep) for cell in cells(settings)]
    for law in LAWS:
        for channels in settings.channels:
            reached = accuracies(results, law, channels)
            assert reached.shape == (len(settings.keeps), settings.seeds)
            assert ((reached > 0) & (reached < 1)).all()


def test_a_recorded_run_repeats():
    results = recorded()
    cell = next(c for c in results["cells"] if c["law"] == "uniform" and c["channels"] == 8)
    run = Run(
        cell["law"], cell["channels"], cell["keep"], seed=0, rate=cell["rate"], gain=cell["gain"],
        steps=results["settings"]["steps"], tuning=False,
    )  # fmt: skip
    assert accuracy_of(run) == pytest.approx(cell["accuracy"][0], abs=0.1)  # rounding of float32
