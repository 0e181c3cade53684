"""A head of attention, and the ticket for it."""

import math

import numpy as np
import pytest
from scipy.special import softmax

import lpbook as lp
from lpbook.experiments.attention import (
    Heads,
    attention_weights,
    head_ticket,
    norm_error,
    shift_bound,
)


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


def heads_of(rng, heads=2, d=5):
    return Heads(*rng.normal(size=(2, heads, d, d)))


def test_heads_are_those_of_pytorchs_formula():
    rng = np.random.default_rng(4)
    heads, x = heads_of(rng), rng.normal(size=(3, 7, 5))
    expected = sum(
        attention_weights(x, a) @ (x @ u.T)
        for a, u in zip(heads.products, heads.values, strict=True)
    )
    np.testing.assert_allclose(heads(x), expected, rtol=1e-12, atol=1e-12)
    assert heads.layer.widths == (5, 20)


@pytest.mark.parametrize("radius", [0.5, 2.0])
def test_a_ticket_of_the_layer_is_one_of_the_heads(radius):
    rng = np.random.default_rng(5)
    heads, epsilon = heads_of(rng), 0.05
    asked = heads.layer_epsilon(epsilon, radius)
    ticket = lp.prune(heads.layer, asked, inputs=lp.Ball(radius))
    certificate = ticket.verify(heads.layer)
    x = rng.normal(size=(50, 6, 5))
    x *= radius / np.linalg.norm(x, axis=-1, keepdims=True)
    moved = np.linalg.norm(heads(x, ticket) - heads(x), axis=-1).max()
    assert certificate
    assert 0 < moved <= heads.error(certificate.network_error, radius) <= epsilon


def test_heads_never_move_beyond_the_bound_and_come_half_way():
    rng = np.random.default_rng(6)
    best = 0.0
    for _ in range(200):
        heads, radius, error = heads_of(rng, 1, 2), rng.uniform(0.1, 2), rng.uniform(0.01, 2)
        x, off = rng.normal(size=(2, rng.integers(1, 6), 2)), rng.normal(size=(2, 2))
        x *= radius / np.linalg.norm(x, axis=-1, keepdims=True).max()
        off *= error / np.linalg.norm(off, axis=-1, keepdims=True)
        signs = rng.choice([-1.0, 1.0], size=(len(x[0]), 1))
        errors = np.concatenate([signs * off[0], np.broadcast_to(off[1], (len(x[0]), 2))], axis=-1)
        moved = heads(x[0], lambda t, e=errors, of=heads: of.layer(t) + e) - heads(x[0])
        share = np.linalg.norm(moved, axis=-1).max() / heads.error(error, radius)
        best = max(best, share)
    assert 0.5 < best <= 1


def layer_norm(x, added, gains):
    centred = x - x.mean(axis=-1, keepdims=True)
    return gains * centred / np.sqrt(x.var(axis=-1, keepdims=True) + added)


def test_a_layer_norm_never_moves_beyond_the_bound_and_reaches_it():
    rng = np.random.default_rng(7)
    for _ in range(200):
        d, added = rng.integers(2, 9), 10 ** rng.uniform(-4, 0)
        gains, size = rng.normal(size=d), 10 ** rng.uniform(-4, 1)
        x, step = size * rng.normal(size=(2, d))
        moved = layer_norm(x + step, added, gains) - layer_norm(x, added, gains)
        most = norm_error(np.linalg.norm(step), added, np.abs(gains).max())
        assert np.linalg.norm(moved) <= most * (1 + 1e-12)
    x = 1e-9 * np.array([1.0, -1.0])
    moved = np.linalg.norm(layer_norm(x, 1e-5, 1.0) - layer_norm(-x, 1e-5, 1.0))
    assert moved == pytest.approx(norm_error(np.linalg.norm(2 * x), 1e-5))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Heads(np.ones((1, 2, 3)), np.ones((1, 2, 3))), "products="),
        (lambda: Heads(np.ones((1, 2, 2)), np.ones((2, 2, 2))), "values="),
        (lambda: heads_of(np.random.default_rng(0))(np.ones(5)), "tokens="),
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
