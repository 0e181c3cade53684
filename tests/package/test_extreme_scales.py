"""Certificates where numbers underflow or overflow on their way: checked in exact arithmetic."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest

import lpbook as lp
from lpbook.budgets import network_error
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
