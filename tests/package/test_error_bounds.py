"""Errors of layers followed to the output: never below the error, and tighter than norms alone."""

from __future__ import annotations

from dataclasses import replace

import mpmath
import numpy as np
import pytest
from test_boxes import points
from test_networks import random_network

import lpbook as lp
from lpbook import error_bounds
from lpbook.budgets import error_budget, network_error
from lpbook.error_bounds import LARGEST_FOLLOWED, LayerError, error_bound, of_parts, slopes
from lpbook.networks import ACTIVATIONS, UNIT_ROUNDOFF


def layer_errors(network, both):
    found = []
    for halves, w in zip(both, network.matrices, strict=True):
        signed = halves - w
        norm = float(np.linalg.norm(np.concatenate([*signed], axis=1))) * (1 + 1e-12)
        magnitude, largest = float(np.abs(halves).sum()), float(np.abs(signed).max())
        found.append(LayerError(signed, norm, 0.0, 50, 4.0, magnitude, largest))
    return found


def evaluated(network, both, x):
    """A network whose weights are others for inputs above 0 and below."""
    y = x
    for halves, name in zip(both, network.activations, strict=True):
        if network.biases is not None:
            y = np.column_stack([y, np.ones(len(y))])
        z = np.maximum(y, 0) @ halves[0].T + np.minimum(y, 0) @ halves[1].T
        y = ACTIVATIONS[name].function(z)
    return y


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("size", [1e-6, 0.05, 1.0])
def test_no_error_exceeds_the_bound(bias, size):
    """Errors as large as the weights, too: nothing here is of first order only."""
    rng = np.random.default_rng(0)
    domains = lp.Ball(1.5), lp.Ball(1.5, True), lp.Box(0, 1), lp.Box([-1, 0.5, -2], [0.5, 2, -1])
    for trial in range(60):
        names = [str(rng.choice([*ACTIVATIONS])) for _ in range(3)]
        network = random_network(rng, (3, 4, 5, 2), bias=bias, activations=names)
        domain = domains[trial % 4]
        both = [w + size * rng.uniform(-1, 1, (2, *w.shape)) for w in network.matrices]
        errors = layer_errors(network, both)
        bound = error_bound(network, domain, errors)
        x = points(domain, 3, rng)
        worst = np.linalg.norm(evaluated(network, both, x) - network(x), axis=1).max()
        assert worst <= bound
        norms = [error.norm for error in errors]
        assert bound <= network_error(network, domain, norms, [50] * 3, [4.0] * 3) * 1.0001


def test_identities_are_multiplied_before_a_norm_is_taken():
    quarter = np.array([[0.0, -1.0], [1.0, 0.0]])
    weights = [np.diag([1.0, 0.1]), np.diag([0.1, 1.0]), quarter]
    network = lp.Network(weights, activations="identity")
    both = [np.stack([w, w]) for w in network.matrices]
    both[0][0] += np.array([[0.01, 0], [0, 0]])  # meets 0.1 of the second layer
    errors, domain = layer_errors(network, both), lp.Ball(1.0, nonnegative=True)
    assert error_bound(network, domain, errors) == pytest.approx(1e-3)
    norms = [error.norm for error in errors]
    assert network_error(network, domain, norms) == pytest.approx(1e-2)


def test_neurons_that_never_change_their_sign():
    weights, biases = [np.eye(2), [[1.0, 1.0]]], [[5.0, -5.0], [0.0]]
    network = lp.Network(weights, biases)
    both = [np.stack([w, w]) for w in network.matrices]
    both[0] = both[0] + np.array([[0, 0, 0], [0, 0.1, 0]])  # of the neuron that is off
    assert error_bound(network, lp.Box(-1, 1), layer_errors(network, both)) < 1e-12


def test_weights_that_nearly_vanish_beside_others():
    rng = np.random.default_rng(0)
    network = random_network(rng, (4, 6, 3, 2))
    weights = [w.copy() for w in network.weights]
    weights[1][:, [2, 4]] = 1e-310, 3e-320  # of neurons that decayed
    weights[2][:] = 1e-310  # beside biases that are as large as ever
    network = lp.Network(weights, network.biases)
    both = [w + 0.05 * rng.uniform(-1, 1, (2, *w.shape)) for w in network.matrices]
    domain, errors = lp.Box(-1, 1), layer_errors(network, both)
    bound = error_bound(network, domain, errors)
    x = points(domain, 4, rng)
    assert np.linalg.norm(evaluated(network, both, x) - network(x), axis=1).max() <= bound
    norms, magnitudes = ([getattr(e, name) for e in errors] for name in ("norm", "magnitude"))
    assert bound < 0.9 * network_error(network, domain, norms, [50] * 3, [4.0] * 3, magnitudes)


@pytest.mark.parametrize("name", [*ACTIVATIONS])
def test_slopes_are_between_their_ends(name):
    rng = np.random.default_rng(0)
    low = rng.normal(size=500) * 3
    high = low + rng.exponential(size=500)
    least, most = slopes(name, low, high)
    z = np.sort(rng.uniform(low, high, size=(40, 500)), axis=0)
    function = ACTIVATIONS[name].function
    found = (function(z[1:]) - function(z[:-1])) / (z[1:] - z[:-1])
    assert (found >= least - 1e-9).all()
    assert (found <= most + 1e-9).all()


def test_the_digits_certificate_is_tight():
    from sklearn.datasets import load_digits

    network, held_out = lp.digits_classifier()
    images = load_digits().data[held_out] / 16
    certificate = lp.prune(network, 0.02, inputs=images).verify(network, images)
    # a search along gradients finds an input with an error of 1.1e-3: benchmarks/
    assert certificate.network_error < 2.7e-3


# -- the formulas once more: no reserves, norms by singular values ---------------------------------


def norm(matrix):
    return float(np.linalg.norm(matrix, 2))


def total(parts):
    return sum(norm(known) * size for known, size in parts)


def between(w, parts):
    """W S K u with an unknown diagonal S: the better one of T = 1 and of T that balances norms."""
    columns = np.linalg.norm(w, axis=0)
    rows = sum(np.linalg.norm(known, axis=1) * size for known, size in parts)
    used = np.flatnonzero(columns * rows)
    if not used.size:
        return np.zeros((len(w), 1)), 0.0
    t = np.sqrt(rows[used] / columns[used])
    scaled = w[:, used] * t, sum(norm(known[used] / t[:, None]) * size for known, size in parts)
    return min((w, total(parts)), scaled, key=lambda part: norm(part[0]) * part[1])


def behind_weights(w, parts, slack, steep, most):
    """Parts and norm of W times a vector, of which at most this is known before."""
    found = [(w @ known, size) for known, size in parts]
    if slack:
        found.append(between(w, slack))
    norms = [most, total(found)]
    if steep:
        norms.append(total([between(w, steep)]))
    return found, min(norms)


def behind_activations(parts, most, low, high):
    """Parts, slack, steep and norm behind slopes between two ends."""
    middle, half, steep = (
        [(slope[:, None] * known, size) for known, size in parts]
        for slope in ((low + high) / 2, (high - low) / 2, high)
    )
    return middle, half, steep, min(high.max() * most, total(middle) + total(half))


def with_one(size, bias):
    return np.hypot(size, 1) if bias else size


def values(network, domain):
    """Norms and ends of the inputs of each layer, and ends of its sums."""
    bounds, bias = network.bounds(domain), network.biases is not None
    norms, ends, sums = [bounds.norms[0]], [bounds.intervals[0]], []
    middle, around = sum(ends[0]) / 2, float(np.linalg.norm(ends[0][1] - ends[0][0])) / 2
    if around + np.linalg.norm(middle) > 1.5 * norms[0]:
        middle, around = 0 * middle, norms[0]
    parts, slack, steep = [(middle[:, None], 1.0), (np.eye(len(middle)), around)], [], []
    most = total(parts)
    for i, w in enumerate(network.weights):
        sigma, stretch = ACTIVATIONS[network.activations[i]], norm(network.matrices[i])
        parts, most = behind_weights(w, parts, slack, steep, stretch * most)
        if bias:
            shift = network.biases[i]
            parts[0] = parts[0][0] + shift[:, None], 1.0
            most = min(most + np.linalg.norm(shift), total(parts))
        fixed = parts[0][0][:, 0]
        reach = sum(np.linalg.norm(known, axis=1) * size for known, size in parts[1:])
        low = np.maximum(bounds.sums[i][0], fixed - reach)
        high = np.minimum(bounds.sums[i][1], fixed + reach)
        sums.append((low, high))
        to_zero = slopes(network.activations[i], np.minimum(low, 0), np.maximum(high, 0))
        parts, slack, steep, most = behind_activations(parts, most, *to_zero)
        if sigma.at_zero:
            shift = np.full(len(low), sigma.at_zero)
            parts[0] = parts[0][0] + shift[:, None], 1.0
            most = min(most + np.linalg.norm(shift), total(parts) + total(slack))
            steep = []
        ends.append((sigma.function(low), sigma.function(high)))
        single = np.linalg.norm(np.maximum(*np.abs(ends[-1])))
        norms.append(min(bounds.norms[i + 1], single, most))
    return norms, ends, sums


def ways_of_a_layer(signed, size, ends, arrived, bias):
    """What a layer does wrong: parts and norm of each way, and its norm neuron by neuron."""
    n = len(ends[0])
    parts, constant = signed[:, :, :n], signed[0, :, n:].sum(axis=1, keepdims=True)
    side_by_side = [np.concatenate([*both], axis=1) for both in (signed, parts)]
    ways = [[(side_by_side[0], with_one(size, bias) + arrived)]]
    if bias:
        ways.append([(side_by_side[1], size + arrived), (constant, 1.0)])
    if not signed[1].any() and (ends[0] >= 0).all():
        middle, around = sum(ends) / 2, np.linalg.norm(ends[1] - ends[0]) / 2
        centre = parts[0] @ middle[:, None] + constant
        ways.append([(parts[0], around + arrived), (centre, 1.0)])
    corners = []  # of each neuron: input by input, what is above 0 and what is below apart
    for rows, fixed in zip(zip(*parts, strict=True), constant[:, 0], strict=True):
        terms = [
            (error * cut(low, 0), error * cut(high, 0))
            for row, cut in zip(rows, (max, min), strict=True)
            for error, low, high in zip(row, *ends, strict=True)
        ]
        corners.append(max(abs(fixed + sum(map(end, terms))) for end in (min, max)))
    alone = np.linalg.norm(corners) + norm(side_by_side[0]) * arrived
    return [(way, total(way)) for way in ways], alone


def naive_bound(network, domain, both, seen=None):
    """The bound, and in `seen` which way was best in which layer."""
    bias = network.biases is not None
    norms, ends, sums = values(network, domain)
    parts, slack, steep, most = [], [], [], 0.0
    for i, w in enumerate(network.weights):
        ways, alone = ways_of_a_layer(both[i] - network.matrices[i], norms[i], ends[i], most, bias)
        best = min(range(len(ways)), key=lambda j: ways[j][1])
        if seen is not None:
            seen.add((i > 0, bias, best, alone < ways[best][1]))
        parts, most = behind_weights(w, parts, slack, steep, norm(network.matrices[i]) * most)
        parts, most = parts + ways[best][0], most + min(ways[best][1], alone)
        low, high = sums[i]
        ends_of_slopes = slopes(network.activations[i], low - most, high + most)
        parts, slack, steep, most = behind_activations(parts, most, *ends_of_slopes)
    return most


def is_a_little_above(found, naive):
    """Not below, but for what `naive` rounds, and above by no more than its norms' reserves."""
    return (
        naive * (1 - 1e-12) <= found <= naive * (1 + 1e-7) + 1e-12
    )  # what numbers of about 10 round


def exact_norms(both, network):
    """Errors without any reserve, and so few terms that nothing is added for rounding."""
    signed = [halves - w for halves, w in zip(both, network.matrices, strict=True)]
    return [
        LayerError(s, norm(np.concatenate([*s], axis=1)), 0.0, 0, 0.0, 0.0, np.abs(s).max())
        for s in signed
    ]


def layer_by_layer(network, domain, errors, *reserves):
    """The bound that multiplies norms of layers, or of layers whose weights all err alike."""
    known = network.bounds(domain)
    alike = [e.largest * np.sqrt(w.size) for e, w in zip(errors, network.matrices, strict=True)]
    spreads = known.spreads(network.biases is not None)
    norms = [e.norm for e in errors]
    return error_budget(network, known.norms, norms, *reserves, spreads=spreads, uniform=alike)


def test_the_bound_is_that_of_the_formulas():
    """Over random networks: all domains, activations, biases, errors of both halves and of one."""
    rng = np.random.default_rng(1)
    boxes = lp.Box([0.5, 1, 0], [1, 1.5, 0.25]), lp.Box([-1, 0.5, -2], [0.5, 2, -1])
    seen = set()
    for trial in range(160):
        names = [str(rng.choice([*ACTIVATIONS])) for _ in range(3)]
        bias = bool(trial % 2)
        network = random_network(rng, (3, 4, 5, 2), bias=bias, activations=names)
        domain = (lp.Ball(1.5), lp.Box(0, 1), *boxes)[trial // 2 % 4]
        size = 10.0 ** rng.integers(-3, 0)
        both = [w + size * rng.uniform(-1, 1, (2, *w.shape)) for w in network.matrices]
        if trial % 3:  # inputs are not below 0
            both = [np.stack([one, w]) for (one, _), w in zip(both, network.matrices, strict=True)]
        if not trial % 5:  # a layer of which only the bias errs
            both[0] = np.stack([network.matrices[0]] * 2)
            both[0][:, :, -1] += size
        errors = exact_norms(both, network)
        found = error_bound(network, domain, errors)
        followed = naive_bound(network, domain, both, seen)
        plain = layer_by_layer(network, domain, errors)
        assert is_a_little_above(found, min(followed, plain))
    # each way was the best one, in a first and in a later layer
    for later in (False, True):
        found = {best for after, bias, best, _ in seen if (after, bias) == (later, True)}
        assert found == set(range(3))
        assert {alone for after, _, _, alone in seen if after == later} == {False, True}


def test_slopes_at_their_ends():
    least, most = slopes("relu", np.array([0.0, -1, -1, 0.5]), np.array([2.0, 0, 1, 0.75]))
    assert (least.tolist(), most.tolist()) == ([1, 0, 0, 1], [1, 0, 1, 1])
    for name, unit, steepest in (("tanh", 1, 1), ("logistic", 0.5, 0.25)):
        low, high = np.array([0.5, -2.0, -1.0, 300.0]), np.array([2.0, -0.5, 3.0, 301.0])
        least, most = slopes(name, low, high)
        with mpmath.workdps(40):
            near, far = (steepest * mpmath.sech(unit * mpmath.mpf(z)) ** 2 for z in (0.5, 2))
            for found, exact in zip([*least[:2], *most[:2]], [far, far, near, near], strict=True):
                reserve = mpmath.mpf(float(found)) - exact
                assert 2**-47 < abs(reserve) < 2**-45
                assert (reserve < 0) == (exact == far)
        assert most[2] == steepest
        assert least[3] == 0
        assert 0 < most[3] < 2**-45


@pytest.mark.parametrize("powers", [(0, 0, 0, 0), (80, -80, 80, -80), (110, -110, 110, -110)])
@pytest.mark.parametrize("radius", [2.0**-130, 2.0**-100, 1.0, 2.0**130])
@pytest.mark.parametrize("widest", [3, 4])
def test_only_usual_sizes_are_followed(powers, radius, widest, monkeypatch):
    monkeypatch.setattr(error_bounds, "LARGEST_FOLLOWED", widest)
    rng = np.random.default_rng(0)
    random = random_network(rng, (3, 4, 2, 4, 3), bias=False, activations="identity")
    weights = [w * 2.0**power for w, power in zip(random.weights, powers, strict=True)]
    network, domain = lp.Network(weights, activations="identity"), lp.Ball(radius)
    both = [w * (1 + 0.1 * rng.uniform(-1, 1, (2, *w.shape))) for w in network.matrices]
    errors = exact_norms(both, network)
    bound = error_bound(network, domain, errors)
    nothing = [0] * 4, [0.0] * 4, [0.0] * 4
    plain = layer_by_layer(network, domain, errors, *nothing)
    logs = [abs(np.log2(size)) for size in (radius, plain, *network.frobenius_norms)]
    if widest == 4 and max(logs) < 120 and sum(logs) < 400:
        assert is_a_little_above(bound, naive_bound(network, domain, both))
        assert bound < 0.9 * plain
    else:
        assert bound == plain


@pytest.mark.parametrize("n", [1, 5, 40])
def test_each_step_keeps_a_reserve_for_what_it_rounds(n):
    """At least what a product or a sum of n terms may lose, and not many units more."""
    rng, u = np.random.default_rng(n), UNIT_ROUNDOFF
    w, known, slope = rng.normal(size=(3, n)), rng.normal(size=(n, 2)), rng.uniform(1, 2, n)
    size, rest = 3.0, 2.0**-60
    start = of_parts((known, size), rest=rest)
    size_of, behind = np.linalg.norm, slope[:, None]
    fixed = replace(start, parts=((known, 1.0),))
    steps = {
        "W": (start.weighted(w, 5.0), 5 * rest, n * size_of(w) * size_of(known) * size),
        "D": (start.passed(slope, slope), max(slope) * rest, size_of(behind * known) * size),
        "+": (fixed.shifted(slope), rest, size_of(known + behind)),
    }
    for step, (found, before, unit) in steps.items():
        assert u * unit < found.rest - before < (1 + 5 / n) * 4 * u * unit, step
        assert found.norm > 0
    # the half-width, which is 0 or positive, and its rounding
    low, high = np.array([0.0, 0.1]), np.array([0.0, 0.7])
    ((half, _),) = of_parts((np.eye(2), 1.0)).passed(low, high).slack
    assert half[0, 0] == 0
    assert 0.3 < half[1, 1] < 0.3 * (1 + 8 * u)


def test_the_constant_of_a_shift_is_added_to_the_fixed_part():
    """By hand: (3, 4) + (1, -4) beside an unknown vector of norm 2."""
    start = of_parts((np.array([[3.0], [4.0]]), 1.0), (np.eye(2), 2.0))
    assert start.norm == pytest.approx(5 + 2, rel=1e-9)
    found = start.shifted(np.array([1.0, -4.0]))
    assert found.parts[0][0].ravel().tolist() == [4, 0]
    assert [size for _, size in found.parts] == [1, 2]
    assert found.norm == pytest.approx(4 + 2, rel=1e-9)  # the parts anew
    small = replace(start, norm=0.5).shifted(np.array([0.0, 0.25]))
    assert small.norm == pytest.approx(0.75, rel=1e-9)  # what was known before
    behind = start.passed(np.zeros(2), np.ones(2)).shifted(np.zeros(2))
    assert behind.norm == pytest.approx((5 + 2) / 2 * 2, rel=1e-9)  # parts and slack
    assert behind.steep == ()
    both = of_parts((np.eye(2), 1.0), rest=0.25).plus(of_parts((np.eye(2), 2.0), rest=0.5))
    assert (both.rest, len(both.parts)) == (0.75, 2)
    assert both.norm == pytest.approx(3.75, rel=1e-9)


def test_layers_too_wide_to_be_followed_keep_the_promise():
    """Where inputs are small beside the constant 1, weights may err by more than norms tell."""
    rng = np.random.default_rng(0)
    network = lp.Network([rng.normal(size=(2, LARGEST_FOLLOWED + 1))], [rng.normal(size=2)])
    domain = lp.Box(0, 1e-3)
    ticket = lp.prune(network, 0.1, inputs=domain)
    certificate = ticket.verify(network)
    assert certificate.ok
    errors = ticket.network().effective[0] - network.matrices[0]
    norm = float(np.linalg.norm(errors))
    assert network_error(network, domain, [norm]) > 0.1 >= certificate.network_error
