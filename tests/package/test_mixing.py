"""Attention and layer norms inside a `Network`: what they compute, and what is proved of them."""

import copy
import itertools
import math
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import lpbook as lp
from lpbook.budgets import network_error
from lpbook.frameworks.unrolled import Unrolled
from lpbook.mixing import Attention, LayerNorm, Mixing, attention_slope, most_read, norm_error
from lpbook.networks import Network, activation_of

LONG = np.longdouble


def block(rng, tokens=4, d=4, heads=2, hidden=6, norm=None, bias=True):
    """A layer of a transformer with random weights: the network, and the same as a function."""
    graph = Unrolled("x", (tokens, d), channels=-1)
    w = {n: rng.normal(size=(d, d)) / math.sqrt(d) for n in "qkvo"}
    b = {n: 0.3 * rng.normal(size=d) * bias for n in "qkvo"}
    first, second = rng.normal(size=(hidden, d)) / 2, rng.normal(size=(d, hidden)) / 2
    for n in "qkv":
        graph.affine(n, "x", lambda x, n=n: x @ w[n].T + b[n], n)
    graph.attention("heads", "q", "k", "v", heads=heads, carried=["x"])
    graph.affine("o", "heads", lambda x: x @ w["o"].T + b["o"], "o")
    graph.total("h", {"o": 1.0, "x": 1.0})
    if norm is not None:
        graph.layer_norm("normed", "h", norm)
    h = "h" if norm is None else "normed"
    graph.affine("first", h, lambda x: x @ first.T, "first")
    graph.relu("hidden", "first", [h])
    graph.affine("second", "hidden", lambda x: x @ second.T, "second")
    graph.total("y", {"second": 1.0, h: 1.0})
    weights, biases, activations, names = graph.layers("y")
    network = Network(
        weights, biases, activations=activations, names=names, kernels=graph.kernels("y")
    )

    def function(x):
        q, k, v = (x @ w[n].T + b[n] for n in "qkv")
        read = []
        for h in range(heads):
            part = slice(h * d // heads, (h + 1) * d // heads)
            logits = q[:, part] @ k[:, part].T / math.sqrt(d // heads)
            powers = np.exp(logits)
            read.append(powers / powers.sum(axis=1, keepdims=True) @ v[:, part])
        h = x + np.concatenate(read, axis=1) @ w["o"].T + b["o"]
        if norm is not None:
            h = (h - h.mean(axis=1, keepdims=True)) / np.sqrt(h.var(axis=1, keepdims=True) + norm)
        return h + np.maximum(h @ first.T, 0) @ second.T

    return network, function


@pytest.mark.parametrize("norm", [None, 1e-5])
def test_a_layer_of_a_transformer_is_a_network(norm):
    rng = np.random.default_rng(0)
    network, function = block(rng, norm=norm)
    x = rng.normal(size=(7, 4, 4))
    expected = [function(tokens).ravel() for tokens in x]
    np.testing.assert_allclose(network(x.reshape(7, -1)), expected, rtol=0, atol=1e-12)


def test_random_numbers_are_needed_once_for_all_tokens():
    cores = []
    for tokens in (3, 6):
        network, _ = block(np.random.default_rng(0), tokens=tokens)
        cores.append([kernels.core_shape for kernels in network.kernels])
    assert cores[0] == cores[1] == [(16, 5), (14, 9), (4, 15)]


def test_a_slope_is_never_exceeded():
    rng = np.random.default_rng(1)
    closest = 0.0
    for _ in range(60):
        of = Attention(*map(int, rng.integers(1, 5, 4)), skipped=int(rng.integers(3)))
        point = rng.normal(size=of.inputs) * 10 ** rng.uniform(-1, 1)
        radius = 10.0 ** rng.uniform(-4, 0)

        def within(rows, point=point, radius=radius):
            return point[rows], radius

        slope = of.reach(within, (point - radius, point + radius)).slope
        step = rng.normal(size=of.inputs)
        step *= rng.random(of.inputs) < rng.uniform(0.1, 1)
        step *= radius / max(np.linalg.norm(step), 1e-9)
        error = 10.0 ** rng.uniform(-6, 1)
        for start, moved, allowed in ((point, step, 0.0), (point + step, step / radius, error)):
            end = start + moved * (error if allowed else 1)
            change = np.linalg.norm(of.function(end) - of.function(start))
            bound = slope(allowed) * np.linalg.norm(end - start)
            assert change <= bound * (1 + 1e-9) + 1e-14
            closest = max(closest, change / bound if bound else 0)
    assert closest > 0.9


def moved_by(of, point, step):
    return np.linalg.norm(of.function(point + step) - of.function(point)) / np.linalg.norm(step)


def test_no_part_of_a_slope_can_be_left_out():
    # 50 tokens read one value: it moves all of them
    of = Attention(tokens=50, heads=1, size=1, values=1)
    point, step = np.zeros(150), np.zeros(150)
    point[:50], point[50], step[100] = 100.0, 1.0, 1e-6
    assert moved_by(of, point, step) == pytest.approx(math.sqrt(50), rel=1e-3)
    assert (most_read(50, 0.0), most_read(50, 1e9)) == (1, 50)
    # two tokens with values ±V: a query times V K, the keys ±K; a key times V Q
    of = Attention(tokens=2, heads=1, size=1, values=1)
    for which, expected in ((0, 3.0 * 5.0), (2, 3.0 * 7.0 / 2)):
        point = np.array([0.0, 0.0, 5.0, -5.0, 3.0, -3.0])
        if which:
            point = np.array([7.0, 7.0, 0.0, 0.0, 3.0, -3.0])
        step = np.zeros(6)
        step[which] = 1e-6
        found = moved_by(of, point, step)
        assert found == pytest.approx(expected * (math.sqrt(2) if which else 1), rel=1e-3)
    assert attention_slope(0.0, 5.0, 3.0, 0.0, 1.0) == 15
    assert attention_slope(7.0, 0.0, 3.0, 1.0, 1.0) == pytest.approx(math.hypot(1, 21))


def test_what_errors_reach_counts_too():
    of = Attention(tokens=2, heads=1, size=1, values=1)
    slope = of.reach(lambda rows: (np.zeros(len(rows)), 0.0), (np.zeros(6), np.zeros(6))).slope
    assert slope(0.0) == pytest.approx(1.0)
    point, step = np.array([0.0, 0.0, 5.0, -5.0, 3.0, -3.0]), np.zeros(6)
    step[0] = 1e-6
    assert 14.9 < moved_by(of, point, step) <= slope(float(np.linalg.norm(point)))


def test_a_layer_norm_is_as_steep_as_the_variance_allows():
    of = LayerNorm(tokens=1, size=2, added=0.01)
    for variance in (0.0, 0.25):
        point = math.sqrt(variance) * np.array([1.0, -1.0])
        slope = of.reach(lambda rows, p=point: (p[rows], 0.0), (point, point)).slope
        assert slope(0.0) == pytest.approx(norm_error(1.0, 0.01 + variance))
        assert slope(10.0) == pytest.approx(norm_error(1.0, 0.01))
        apart = max(math.sqrt(2 * variance) - 0.25, 0.0)
        assert slope(0.25) == pytest.approx(norm_error(1.0, 0.01 + apart**2 / 2))
        assert moved_by(of, point, np.array([1e-6, -1e-6])) <= slope(1e-5)
    assert moved_by(of, np.zeros(2), np.array([1e-6, -1e-6])) == pytest.approx(slope(10.0))


@pytest.mark.parametrize("of", [
    Attention(5, 2, 3, 4, 2), Attention(1, 1, 1, 1), LayerNorm(3, 4, 1e-5, 2),
])  # fmt: skip
def test_computed_outputs_are_within_the_slip(of):
    rng = np.random.default_rng(2)
    for size in (1e-3, 1.0, 30.0, 1e3):
        z = size * rng.normal(size=(20, of.inputs))
        found, ends = of.function(z), (z.min(axis=0), z.max(axis=0))

        def within(rows, z=z):
            return np.zeros(len(rows)), float(np.linalg.norm(z[:, rows], axis=1).max())

        reach = of.reach(within, ends)
        exact = of.function(z.astype(LONG))
        off = np.linalg.norm((found - exact).astype(float), axis=1).max()
        assert 0 <= off <= reach.slip(0.0)
        assert reach.slip(0.0) <= 1e-9 * (1 + size) ** 3
        assert (np.linalg.norm(found, axis=1) <= reach.norm).all()
        assert ((found >= reach.ends[0]) & (found <= reach.ends[1])).all()


@pytest.mark.parametrize("of", [Attention(3, 2, 3, 4, 2), LayerNorm(3, 4, 1e-5, 2)])
def test_sums_that_are_wrong_slip_more(of):
    """The sums of the network are 0, those of its ticket are not."""
    reach = of.reach(lambda rows: (np.zeros(len(rows)), 0.0), (np.zeros(of.inputs),) * 2)
    rng, more = np.random.default_rng(3), 0
    for size, spread in itertools.product((1.0, 30.0, 1e3), (1.0, 1e-3)):
        for z in size * (1 - spread + spread * rng.normal(size=(20, of.inputs))):
            exact = of.function(z.astype(LONG))
            off = float(np.linalg.norm((of.function(z) - exact).astype(float)))
            assert off <= reach.slip(float(np.linalg.norm(z)))
            more += off > reach.slip(0.0)
    assert more  # what is known of the network alone does not bound it
    assert reach.slip(math.inf) == math.inf


def test_the_bound_counts_rounding_where_the_ticket_is(monkeypatch):
    """With heads of 0, whose ticket has others: it is their sums that are rounded."""
    rng, of = np.random.default_rng(4), Attention(2, 1, 2, 2)
    matrices = [np.zeros((of.inputs, 3)), np.eye(of.outputs)]
    network = Network(matrices, activations=[of, "identity"])
    wrong = rng.normal(size=matrices[0].shape)
    x = np.array([0.6, 0.0, -0.8])
    given = []
    slip = Attention._slip
    monkeypatch.setattr(Attention, "_slip", lambda *told: given.append(told[-1]) or slip(*told))
    norms = [float(np.linalg.norm(wrong, 2)), 0.0]
    assert network_error(network, lp.Ball(1.0), norms, [12, 12]) < math.inf
    assert max(given) >= np.linalg.norm(wrong @ x) > 0.5


def targets(number, draw=0):
    """Networks with attention, layer norms or both, scaled at random, and domains for them."""
    for trial in range(number):
        rng = np.random.default_rng((draw, trial))
        heads = int(rng.integers(1, 3))
        tokens, d = int(rng.integers(1, 5)), heads * int(rng.integers(1, 4))
        norm = [None, 1e-5, 0.1][trial % 3]
        network, _ = block(rng, tokens, d, heads, int(rng.integers(1, 6)), norm, bool(trial % 2))
        weights = [w * 10 ** rng.uniform(-1, 1) for w in network.weights]
        network = Network(weights, network.biases, activations=network.activations)
        n = tokens * d
        centre = rng.normal(size=n)
        domain = [
            lp.Ball(10 ** rng.uniform(-1, 1)),
            lp.Box(-1, 1),
            lp.Box(centre - 1e-3, centre + 1e-3),
            lp.Box(centre - 0.1, centre + 0.2),
        ][trial % 4]
        if isinstance(domain, lp.Ball):
            x = rng.normal(size=(40, n))
            x *= domain.radius / np.linalg.norm(x, axis=1, keepdims=True)
        else:
            x = np.where(rng.integers(2, size=(40, n)), *domain.limits(n))
        yield rng, network, domain, x


def test_bounds_hold_everything_that_is_computed():
    for _, network, domain, x in targets(24):
        bounds, y = network.bounds(domain), x
        for i, w in enumerate(network.weights):
            z = y @ w.T + (0.0 if network.biases is None else network.biases[i])
            y = activation_of(network.activations[i]).function(z)
            for found, (low, high) in ((z, bounds.sums[i]), (y, bounds.intervals[i + 1])):
                assert ((found >= low) & (found <= high)).all()
            assert (np.linalg.norm(y, axis=1) <= bounds.norms[i + 1]).all()


def test_no_errors_of_weights_cause_more_than_is_proved():
    closest = 0.0
    for rng, network, domain, x in targets(24, draw=1):
        norms = [10 ** rng.uniform(-5, -1) * np.linalg.norm(w, 2) for w in network.matrices]
        bound = network_error(network, domain, norms, [w.shape[1] + 9 for w in network.matrices])
        for _ in range(10):
            wrong = []
            for w, norm in zip(network.matrices, norms, strict=True):
                off = rng.normal(size=w.shape)
                if rng.integers(2):  # of rank 1: it meets one direction with all its norm
                    off = np.outer(off[:, 0], off[0])
                wrong.append(w + off * (norm / np.linalg.norm(off, 2)))
            weights = [w[:, : v.shape[1]] for w, v in zip(wrong, network.weights, strict=True)]
            biases = None if network.biases is None else [w[:, -1] for w in wrong]
            other = Network(weights, biases, activations=network.activations)
            found = np.linalg.norm(other(x) - network(x), axis=1).max()
            assert found <= bound
            closest = max(closest, found / bound)
    assert closest > 0.2


@pytest.mark.parametrize("norm", [None, 1e-3])
def test_a_layer_is_found_certified_and_kept(norm, tmp_path):
    rng = np.random.default_rng(3)
    network, _ = block(rng, 2, 2, 1, 2, norm=norm)
    box, rows = lp.Box(-1, 1), rng.uniform(-1, 1, size=(50, 4))
    ticket = lp.prune(network, 0.1, inputs=box)
    certificate = ticket.verify(network, rows)
    assert certificate.ok
    assert 0 < certificate.measured_error <= certificate.network_error <= 0.1
    ticket.save(tmp_path / "ticket.npz")
    loaded = lp.load_ticket(tmp_path / "ticket.npz")
    with ThreadPoolExecutor(2) as executor:
        shared = lp.prune(network, 0.1, inputs=box, executor=executor)
    for other in (loaded, shared, pickle.loads(pickle.dumps(ticket)), copy.deepcopy(ticket)):
        assert (other(rows) == ticket(rows)).all()
        assert other.choices[0].activation == network.activations[0]
        assert other.verify(network, rows) == certificate
    changed = [w + 1e-3 * (i == 1) for i, w in enumerate(network.weights)]
    assert not loaded.verify(Network(changed, network.biases, activations=network.activations))


def test_the_random_network_and_its_mask_are_the_ticket():
    network, _ = block(np.random.default_rng(4), tokens=2, d=2, heads=1, hidden=2)
    ticket = lp.prune(network, weight_epsilon=0.3)
    whole, masks = ticket.random_network(), ticket.masks()
    matrices = [w * mask for w, mask in zip(whole.matrices, masks, strict=True)]
    pruned = Network(
        [w[:, :-1] for w in matrices], [w[:, -1] for w in matrices], activations=whole.activations
    )
    x = np.random.default_rng(5).normal(size=(9, 4))
    for other in (pruned, ticket.as_network(), ticket.as_network(effective=True)):
        np.testing.assert_allclose(other(x), ticket(x), atol=1e-9)


def test_a_ticket_of_other_heads_is_not_certified():
    rng = np.random.default_rng(6)
    weights = [rng.normal(size=(24, 8)), rng.normal(size=(3, 8))]
    one, two = (
        Network(weights, activations=[Attention(2, heads, 4 // heads, 4 // heads), "identity"])
        for heads in (1, 2)
    )
    assert one != two
    assert one.widths == two.widths == (8, 8, 3)
    ticket = lp.prune(one, 0.5, inputs=lp.Ball(1.0))
    assert ticket.verify(one).ok
    assert not ticket.verify(two).ok
    assert ticket.verify(two).network_error == math.inf


@pytest.mark.parametrize("size", [1e-200, 1e-20, 1e20, 1e80, 1e160, 1e300])
def test_extreme_weights_are_bounded_or_refused(size):
    network, _ = block(np.random.default_rng(7), norm=1e-5)
    weights = [network.weights[0] * size, *network.weights[1:]]
    network = Network(weights, network.biases, activations=network.activations)
    bounds = network.bounds(lp.Box(-1, 1))
    error = network_error(network, lp.Box(-1, 1), [1e-9] * 4, [99] * 4)
    assert not np.isnan([*bounds.norms, error]).any()
    rows = np.random.default_rng(8).uniform(-1, 1, size=(20, 16))
    with np.errstate(all="ignore"):
        found = np.linalg.norm(network(rows), axis=1)
    assert (np.isnan(found) | (found <= bounds.norms[-1])).all()
    if size > 1e100:
        assert error == math.inf


def test_bad_arguments_are_named():
    with pytest.raises(ValueError, match="tokens=0"):
        Attention(0, 1, 1, 1)
    with pytest.raises(ValueError, match="added=0"):
        LayerNorm(1, 2, 0.0)
    attention = Attention(2, 1, 1, 1)
    with pytest.raises(ValueError, match=r"activations\[0\]=.*takes 6 sums, weights\[0\]"):
        Network([np.ones((5, 2)), np.ones((1, 2))], activations=[attention, "identity"])
    with pytest.raises(ValueError, match=r"weights\[1\] .*must have 2 columns, one for each out"):
        Network([np.ones((6, 2)), np.ones((1, 6))], activations=[attention, "identity"])
    network = Network([np.ones((6, 2)), np.ones((1, 2))], activations=[attention, "identity"])
    with pytest.raises(ValueError, match=r"rule='closed-form'.*'recursive'"):
        lp.weight_budget(network, 0.1, lp.Ball(1.0), rule="closed-form")
    with pytest.raises(ValueError, match="scales"):
        network.scaled([2.0])


@pytest.mark.parametrize("parts", [
    {"kind": "attention", "tokens": 2**40, "heads": 1, "size": 1, "values": 1},
    {"kind": "attention", "tokens": 1, "heads": 1, "size": 1},
    {"kind": "convolution"}, {"kind": ["attention"]}, ["attention"], None, 3,
    {"kind": "layer norm", "tokens": 1, "size": 2, "added": -1.0},
    {"kind": "layer norm", "tokens": 1, "size": 2, "added": float("nan")},
])  # fmt: skip
def test_parts_of_a_file_are_checked(parts):
    with pytest.raises((TypeError, ValueError, KeyError)):
        Mixing.from_parts(parts)


def test_parts_come_back():
    for of in (Attention(2, 3, 4, 5, 6), LayerNorm(2, 3, 0.5, 1)):
        assert Mixing.from_parts(of.parts()) == of
