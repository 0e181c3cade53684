"""A head of attention, and the ticket for it."""

import math

import numpy as np
import pytest
from scipy.special import softmax

from lpbook.experiments.attention import attention_weights, head_ticket, shift_bound


def test_attention_weights_are_a_softmax():
    rng = np.random.default_rng(0)
    x, a = rng.normal(size=(3, 5, 4)), rng.normal(size=(4, 4))
    weights = attention_weights(x, a)
    for tokens, found in zip(x, weights, strict=True):
        np.testing.assert_allclose(found, softmax(tokens @ a @ tokens.T, axis=1), rtol=1e-12)
    huge = attention_weights([[1.0], [-1.0]], [[1e6]])
    assert np.isfinite(huge).all()


def test_softmax_never_moves_beyond_the_bound_and_reaches_it():
    rng = np.random.default_rng(1)
    for _ in range(300):
        eta = rng.uniform(0, 3)
        z = rng.normal(size=rng.integers(1, 7)) * rng.uniform(0, 4)
        moved = z + rng.choice([-eta, eta, 0.3 * eta], z.size)
        gap = np.abs(softmax(z) - softmax(moved)).sum() / 2
        assert gap <= shift_bound(eta) * (1 + 1e-12)
    z, eta = np.array([0.0, 1.3]), 1.3
    gap = np.abs(softmax(z) - softmax(z + np.array([eta, -eta]))).sum() / 2
    assert gap == pytest.approx(shift_bound(eta))
    assert shift_bound(0.0) == 0


def test_head_ticket_prunes_and_comes_close():
    rng = np.random.default_rng(2)
    d, n = 3, 18
    target = rng.uniform(-0.5, 0.5, (d, d))
    queries, keys = rng.uniform(-1, 1, (2, d, d * n))
    kept = head_ticket(target, queries, keys)
    for random, pruned in zip((queries, keys), kept, strict=True):
        assert ((pruned == 0) | (pruned == random)).all()
    for i in range(d):  # row i keeps its own block only
        outside = np.ones(d * n, bool)
        outside[i * n : (i + 1) * n] = False
        assert (kept[0][i, outside] == 0).all()
    assert np.abs(kept[0] @ kept[1].T - target).max() < 1e-3


def test_each_entry_gets_its_closest_subset():
    rng = np.random.default_rng(3)
    target, queries, keys = rng.uniform(-1, 1, (2, 2)), *rng.uniform(-1, 1, (2, 2, 8))
    kept = head_ticket(target, queries, keys)
    product = kept[0] @ kept[1].T
    for i in range(2):
        for j in range(2):
            terms = queries[i, 4 * i : 4 * i + 4] * keys[j, 4 * i : 4 * i + 4]
            sums = [sum(terms[h] for h in range(4) if code >> h & 1) for code in range(16)]
            best = min(abs(s - target[i, j]) for s in sums)
            assert abs(product[i, j] - target[i, j]) == pytest.approx(best, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: attention_weights(np.ones((3, 2)), np.ones((3, 3))), "product="),
        (lambda: head_ticket(np.ones((2, 3)), np.ones((2, 4)), np.ones((2, 4))), "product="),
        (lambda: head_ticket(np.ones((2, 2)), np.ones((2, 5)), np.ones((2, 5))), "queries="),
        (lambda: head_ticket(np.ones((2, 2)), np.ones((2, 4)), np.ones((2, 6))), "keys="),
    ],
)
def test_bad_arguments_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_bound_is_half_the_shift_at_most():
    for shift in np.geomspace(1e-9, 50, 40):
        assert math.tanh(shift / 2) == shift_bound(shift) <= shift / 2 * (1 + 1e-15)
