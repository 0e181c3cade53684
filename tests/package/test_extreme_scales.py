"""Certificates where numbers underflow or overflow on their way: checked in exact arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import lpbook as lp
from lpbook.budgets import error_budget, network_error, solve_budget, uniform_errors
from lpbook.networks import row_norms, spectral_bound


def chain(scales: list[float]) -> lp.Network:
    return lp.Network([[[scale]] for scale in scales], activations=["identity"] * len(scales))


def exactly(matrices, x, activations):
    """The outputs of a network in fractions: of ReLUs and identities."""
    y = [Fraction(value) for value in x]
    for w, name in zip(matrices, activations, strict=True):
        z = [sum(Fraction(a) * b for a, b in zip(row, y, strict=True)) for row in w.tolist()]
        y = [max(value, Fraction(0)) for value in z] if name == "relu" else z
    return y


def exact_ticket(ticket, x):
    """The outputs of Ĝ in fractions, product by product."""
    y = [Fraction(value) for value in x]
    for i, mask in enumerate(ticket.choices):
        z = [Fraction(0)] * mask.outputs
        for j, kept in enumerate(ticket.kept(i)):
            for output, b, a in zip(kept.outputs, kept.inner, kept.outer, strict=True):
                z[output] += Fraction(a) * max(Fraction(b) * y[j], Fraction(0))
        y = [max(value, Fraction(0)) for value in z] if mask.activation == "relu" else z
    return y


def squared_distance(first, second):
    return sum((a - b) ** 2 for a, b in zip(first, second, strict=True))


def random_scales(rng, layers):
    """Scales whose running products go anywhere, and come back to something near 1."""
    exponents = rng.uniform(-290, 290, layers)
    if layers > 1:
        exponents[-1] = np.clip(-exponents[:-1].sum(), -290, 290)
    return 10.0**exponents


def test_no_certificate_is_violated_at_any_scale():
    rng = np.random.default_rng(0)
    tried = 0
    for _ in range(400):
        layers = int(rng.integers(1, 7))
        widths = rng.integers(1, 4, layers + 1)
        names = [*rng.choice(["relu", "identity"], layers - 1), "identity"]
        weights = [
            scale * rng.uniform(-1, 1, (m, n))
            for scale, n, m in zip(random_scales(rng, layers), widths[:-1], widths[1:], strict=True)
        ]
        radius = float(10.0 ** rng.uniform(-300, 300))
        try:
            network = lp.Network(weights, activations=names)
            domain = lp.Ball(radius, bool(rng.integers(2)))
            largest = max(float(np.abs(w).max()) for w in weights)
            ticket = lp.prune(network, weight_epsilon=largest / 50, inputs=domain, seed=1)
        except ValueError:  # an error before anything is promised
            continue
        bound = ticket.verify(network).network_error
        if math.isinf(bound):
            continue
        tried += 1
        squared = Fraction(bound) ** 2
        for _ in range(4):
            x = rng.uniform(0 if domain.nonnegative else -1, 1, widths[0])
            x *= radius / max(np.linalg.norm(x), 1.0)
            true = exactly(network.weights, x, names), exact_ticket(ticket, x)
            assert squared_distance(*true) <= squared
            with np.errstate(over="ignore", invalid="ignore"):
                computed = network(x), ticket.network()(x)
            if all(np.isfinite(y).all() for y in computed):
                floats = [[Fraction(value) for value in y.tolist()] for y in computed]
                assert squared_distance(*floats) <= squared
    assert tried > 150


def test_a_network_that_underflows_and_comes_back_is_not_certified():
    network = chain([1.37e-3] * 112 + [730.0] * 112)
    domain = lp.Ball(3.0, nonnegative=True)
    ticket = lp.prune(network, weight_epsilon=1e-9, inputs=domain)
    certificate = ticket.verify(network, np.linspace(0.1, 3, 30)[:, None])
    assert certificate.measured_error <= certificate.network_error
    with pytest.raises(ValueError, match=r"epsilon=0\.0003"):
        lp.prune(network, 3e-4, inputs=domain)


@pytest.mark.parametrize("outputs", [1, 2, 50])
def test_weights_that_keep_nothing_are_errors_of_their_size(outputs):
    network = lp.Network([[[5e-324]] * outputs])
    ticket = lp.prune(network, weight_epsilon=1e-323, inputs=lp.Ball(1e300))
    certificate = ticket.verify(network, [[1e300]])
    assert certificate.measured_error <= certificate.network_error


def test_the_smallest_numbers_there_are():
    # twice 2.1 units in the last place of what underflows: rounded to the nearest, it would be less
    assert (
        Fraction(spectral_bound(np.array([[1.5e-323, 1.5e-323]]))) ** 2
        >= 2 * Fraction(1.5e-323) ** 2
    )
    assert row_norms(np.array([1.5e-323, 1.5e-323])) >= 2.5e-323
    small = lp.Network([[[3.8e-316]]])
    ticket = lp.prune(small, weight_epsilon=1e-317, inputs=lp.Ball(7.85e-9))
    x = [7.85e-9]
    error = squared_distance(exactly(small.weights, x, ["identity"]), exact_ticket(ticket, x))
    assert 0 < error <= Fraction(ticket.verify(small).network_error) ** 2
    assert ticket.verify(small).network_error < 1e-320
    assert network_error(chain([1e-3] * 3 + [1e3] * 3), lp.Ball(1e-306), [2e-9] * 6) >= 1.647e-312


PRECISE = mpmath.mp.clone()
PRECISE.prec = 2600  # bits: sums of products of all floats there are, nearly exactly


def tanh(z):
    """Of any number, however small or large."""
    if abs(z) < PRECISE.mpf(2) ** -900:
        return z
    return PRECISE.tanh(z) if abs(z) < 2000 else PRECISE.sign(z)


PRECISELY = {
    "relu": lambda z: max(z, PRECISE.mpf(0)),
    "identity": lambda z: z,
    "tanh": tanh,
    "logistic": lambda z: (1 + tanh(z / 2)) / 2,
}


def edges_of(network):
    """Of each layer (output, input, weight), weights of x > 0 and of x < 0 alike."""
    for w in network.matrices:
        yield [(o, j, 0, float(w[o, j])) for o, j in np.ndindex(*w.shape)]


def kept_edges(ticket):
    """Of each layer (output, input, in-weight, out-weight), of the network of a ticket itself."""
    for i in range(len(ticket.choices)):
        found = []
        for j, kept in enumerate(ticket.kept(i)):
            found += zip(kept.outputs, [j] * len(kept.outputs), kept.inner, kept.outer, strict=True)
        yield found


def precisely(layers, network, x):
    """Outputs of layers of edges with the activations of a network."""
    y = [PRECISE.mpf(float(value)) for value in x]
    for edges, w, name in zip(layers, network.matrices, network.activations, strict=True):
        y += [PRECISE.mpf(1)] * (network.biases is not None)
        z = [PRECISE.mpf(0)] * len(w)
        for output, j, inner, outer in edges:
            through = max(PRECISE.mpf(inner) * y[j], PRECISE.mpf(0)) if inner else y[j]
            z[output] += PRECISE.mpf(outer) * through
        y = [PRECISELY[name](value) for value in z]
    return y


def distance(first, second):
    return PRECISE.sqrt(sum((a - b) ** 2 for a, b in zip(first, second, strict=True)))


def any_network(rng):
    """Of all activations, deep and shallow, with biases of other sizes."""
    layers = int(rng.integers(12, 25)) if rng.random() < 0.15 else int(rng.integers(1, 6))
    widths = rng.integers(1, 4, layers + 1)
    span = rng.choice([3, 30, 290])
    exponents = rng.uniform(-span, span, layers)
    half = layers // 2
    exponents[half : 2 * half] = -exponents[:half]  # products come back to something near 1
    names = [str(name) for name in rng.choice([*PRECISELY], layers)]
    weights = [
        10.0**exponent * rng.uniform(-1, 1, (m, n)) * 10.0 ** rng.uniform(-9, 0, (m, n))
        for exponent, n, m in zip(exponents, widths[:-1], widths[1:], strict=True)
    ]
    biases = [rng.uniform(-1, 1, m) * 10.0 ** rng.uniform(-span, span) for m in widths[1:]]
    given = biases if rng.random() < 0.4 else None
    return lp.Network(weights, given, activations=names), 10.0 ** rng.uniform(-span, span)


def any_domain(rng, size, width):
    if rng.random() < 0.5:
        return lp.Ball(size, bool(rng.integers(2)))
    low = rng.uniform(-1, 1, width) * size
    return lp.Box(low, low + 10.0 ** rng.uniform(-12, 0) * size)


def some_point(rng, domain, width):
    low, high = domain.limits(width)
    x = np.clip(low + (high - low) * rng.integers(0, 2, width), low, high)
    if isinstance(domain, lp.Ball):
        x *= (1 - 1e-15) / max(np.linalg.norm(x / domain.radius), 1.0)
    return x


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
@pytest.mark.filterwarnings("ignore:invalid value encountered:RuntimeWarning")
def test_no_certificate_of_any_activation_is_violated_at_any_scale():
    """And what is asked for by `epsilon` is certified."""
    rng = np.random.default_rng(0)
    tried = promised = 0
    constructions = ["golden-ratio", lp.GoldenRatio(two_sided=True), "product", "subset-sum"]
    while tried < 150 or promised < 40:
        network, size = any_network(rng)
        domain = any_domain(rng, size, network.widths[0])
        largest = max(float(np.abs(w).max()) for w in network.matrices)
        asked = {"weight_epsilon": largest * 10.0 ** rng.uniform(-3, 0.1)}
        if rng.integers(2):
            reach = network.bounds(domain).norms[-1] or 1.0
            asked = {"epsilon": min(reach, 1e300) * 10.0 ** rng.uniform(-3, 0)}
        construction = constructions[rng.integers(len(constructions))]
        try:
            ticket = lp.prune(
                network, construction=construction, inputs=domain, max_seconds=1, **asked
            )
        except ValueError:  # an error before anything is promised
            continue
        certificate = ticket.verify(network)
        assert certificate.ok
        if math.isinf(certificate.network_error):
            continue
        tried += 1
        promised += ticket.epsilon is not None
        layers, kept = [*edges_of(network)], [*kept_edges(ticket)]
        for _ in range(3):
            x = some_point(rng, domain, network.widths[0])
            assert domain.contains(x)
            outputs = [precisely(edges, network, x) for edges in (layers, kept)]
            outputs += [map(PRECISE.mpf, map(float, f(x))) for f in (network, ticket.network())]
            f, g, computed, pruned = map(list, outputs)
            for first, second in ((f, g), (computed, pruned), (f, pruned), (computed, g)):
                assert distance(first, second) <= certificate.network_error


@pytest.mark.parametrize(
    ("size", "radius"), [(1e145, 1e-180), (1e145, 1.0), (1.0, 1.0), (1e-145, 1.0), (1e-145, 1e180)]
)
def test_budgets_of_any_size_are_found(size, radius):
    """What a search for a root multiplies may over- or underflow."""
    network, domain = lp.Network([[[size, -size]], [[1 / size]]]), lp.Ball(radius)
    bounds = network.bounds(domain)
    epsilon = 0.01 * bounds.norms[-1]
    found = solve_budget(network, epsilon, domain)
    error, more = (
        error_budget(network, bounds.norms, uniform_errors(network, weight_epsilon))
        for weight_epsilon in (found, found * (1 + 1e-9))
    )
    assert error <= epsilon < more


def test_rounding_counts_where_no_weight_keeps_anything():
    network = lp.Network([[[1e-24, 1e-25]]], activations=["tanh"])
    with pytest.raises(ValueError, match=r"epsilon=1e-20: must be at least .*rounding"):
        lp.prune(network, 1e-20, inputs=lp.Box(0, 1e-10))
    with pytest.raises(ValueError, match=r"epsilon=1.0: cannot be promised.* may overflow"):
        lp.prune(chain([1e200, 1e200]), 1.0, inputs=lp.Ball(1e200))


@pytest.mark.parametrize(
    "construction",
    [
        lp.GoldenRatio(),
        lp.GoldenRatio(two_sided=True),
        lp.GoldenRatio(law="common"),
        lp.ProductWeights(),
        lp.Malach(),
        lp.SubsetSum(),
        lp.SubsetSum(candidates=16, stratified=True),
    ],
    ids=repr,
)
def test_weights_of_a_few_units_are_kept_within_their_error_or_refused(construction):
    rng = np.random.default_rng(0)
    kept = refused = 0
    for exponent in np.arange(-323.5, -315, 0.1):
        network = lp.Network([rng.uniform(0.3, 1, (1, 2)) * 10.0**exponent])
        allowed = max(float(network.weights[0].max()) / 4, 5e-324)
        try:
            ticket = lp.prune(network, None, construction, weight_epsilon=allowed)
        except ValueError as error:
            refused += "weight_epsilon=" in str(error) or "do not supply" in str(error)
            continue
        kept += 1
        assert ticket.verify(network).ok
    assert kept > 20
    assert refused > 5
