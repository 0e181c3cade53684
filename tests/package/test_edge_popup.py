"""Edge-popup: the mask, the gradient, and what the training does."""

import numpy as np
import pytest
from finite_differences import check_gradients

from lpbook.experiments.edge_popup import accuracy, logits, loss_gradients, popup, top_mask


def network(rng, shapes=((6, 5), (4, 6), (3, 4))):
    return [rng.normal(size=shape) for shape in shapes]


@pytest.mark.parametrize("keep", [0.01, 0.3, 0.5, 1.0])
def test_the_mask_keeps_exactly_the_best_scores(keep):
    rng = np.random.default_rng(0)
    scores = rng.integers(0, 5, (20, 30)).astype(float)  # many ties
    mask = top_mask(scores, keep)
    assert mask.sum() == round(keep * scores.size)
    assert scores[mask].min(initial=9) >= scores[~mask].max(initial=-9)
    assert not top_mask(scores, 0.0001).any()


@pytest.mark.parametrize("gain", [1.0, 3.0])
def test_gradients_are_those_of_finite_differences(gain):
    rng = np.random.default_rng(1)
    weights, x, labels = network(rng), rng.normal(size=(7, 5)), rng.integers(0, 3, 7)
    check_gradients(lambda moved: loss_gradients(moved, x, labels, gain), weights, rng, gain, 1e-6)


def test_a_step_of_the_scores_is_that_of_the_surrogate():
    """Straight through: the mask moves with the scores, one to one."""
    rng = np.random.default_rng(2)
    weights, x, labels = network(rng), rng.normal(size=(9, 5)), rng.integers(0, 3, 9)
    masks = [top_mask(rng.random(w.shape), 0.5).astype(float) for w in weights]
    masked = [w * m for w, m in zip(weights, masks, strict=True)]
    gradients = loss_gradients(masked, x, labels)[1]
    for i, w in enumerate(weights):
        entry = tuple(rng.integers(n) for n in w.shape)

        def surrogate(score, i=i, w=w, entry=entry):
            moved = [m.copy() for m in masked]
            moved[i][entry] = w[entry] * (masks[i][entry] + score)
            return loss_gradients(moved, x, labels)[0]

        slope = (surrogate(1e-6) - surrogate(-1e-6)) / 2e-6
        assert gradients[i][entry] * w[entry] == pytest.approx(slope, rel=1e-5, abs=1e-9)


def data(rng, images=300):
    x = rng.random((images, 8))
    return x, (x[:, :4].sum(axis=1) > x[:, 4:].sum(axis=1)).astype(int)


def test_training_finds_a_mask_and_leaves_the_weights_alone():
    rng = np.random.default_rng(3)
    x, labels = data(rng)
    weights = network(rng, ((40, 8), (2, 40)))
    before = [w.copy() for w in weights]
    settings = {"keep": 0.4, "rate": 1.0, "steps": 300, "batch": 50}
    masks = popup(weights, x, labels, **settings, rng=np.random.default_rng(4))
    assert [m.mean() for m in masks] == pytest.approx([0.4, 0.4])
    assert all((w == old).all() for w, old in zip(weights, before, strict=True))
    masked = [w * m for w, m in zip(weights, masks, strict=True)]
    assert accuracy(masked, x, labels) > 0.9 > accuracy(weights, x, labels)
    again = popup(weights, x, labels, **settings, rng=np.random.default_rng(4))
    assert all((m == n).all() for m, n in zip(masks, again, strict=True))
    other = popup(weights, x, labels, **settings, rng=np.random.default_rng(5))
    assert any((m != n).any() for m, n in zip(masks, other, strict=True))


def test_single_precision_is_kept_and_few_images_make_one_batch():
    rng = np.random.default_rng(6)
    x, labels = data(rng, images=10)
    weights = [w.astype(np.float32) for w in network(rng, ((5, 8), (2, 5)))]
    masks = popup(weights, x, labels, keep=1.0, rate=0.1, steps=3, rng=rng)
    assert all(m.all() for m in masks)
    assert logits(weights, x.astype(np.float32)).dtype == np.float32


@pytest.mark.parametrize("wrong", [{"keep": 0}, {"keep": 1.5}, {"rate": -1}, {"gain": 0},
                                   {"momentum": 1.0}, {"steps": 0}, {"batch": 0}])  # fmt: skip
def test_arguments_are_checked(wrong):
    rng = np.random.default_rng(7)
    x, labels = data(rng, images=10)
    settings = {"keep": 0.5, "rate": 0.1} | wrong
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name}="):
        popup(network(rng, ((2, 8),)), x, labels, **settings, rng=rng)
