r"""How far a ticket's network can be from its target: the bound of a certificate.

`lpbook.budgets.error_budget` multiplies norms layer by layer. Here what each layer does wrong is
followed to the output by itself. Between two layers stands a diagonal matrix D of slopes, of which
only the ends are known: :math:`D=C+SR` with the middles C, the half-widths R, and S diagonal with
entries of at most 1. So of an error :math:`Mu` the next layer makes

.. math:: WDMu=WCMu+WSRMu,

the first with a matrix that is known, the second at most
:math:`\lVert WT\rVert\lVert T^{-1}RM\rVert\lVert u\rVert` for every positive diagonal T.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lpbook._checks import Floats
from lpbook.budgets import error_budget, rounding_error
from lpbook.networks import (
    ACTIVATIONS,
    UNIT_ROUNDOFF,
    Bounds,
    Domain,
    Network,
    product,
    rounding,
    row_norms,
    spectral_bound,
    stretched,
    with_constant,
)

__all__ = ["LARGEST_FOLLOWED", "LayerError", "error_bound", "of_parts", "slopes"]

LARGEST_FOLLOWED = 1500
"""Neurons of a layer, beyond which errors are bounded by norms alone."""

_FOLLOWED = (2.0**-120, 2.0**120)  # sizes between which products of a few matrices are normal

_LEAST_SCALE = 2.0**-100  # of rows and columns, beside the largest


@dataclass(frozen=True)
class LayerError:
    """The weight errors of one layer.

    Attributes
    ----------
    signed : ndarray, shape (2, outputs, inputs), or None
        Errors for inputs above 0 and below, as computed; None where they are too many to keep.
    norm : float
        Bound on how much the true ones stretch an input.
    rounded : float
        Bound on the norm of what `signed` may be off, both halves side by side.
    terms : int
        How many roundings a product meets in the sum of a neuron of Ĝ, as in `network_error`.
    outer : float
        Largest out-weight of Ĝ.
    magnitude : float
        Bound on the norm of the sums of the magnitudes of the products of Ĝ.
    largest : float
        Bound on the magnitude of the error of a single weight.
    """

    signed: Floats | None
    norm: float
    rounded: float
    terms: int
    outer: float
    magnitude: float
    largest: float


def beside(signed: Floats) -> Floats:
    """Both halves (2, outputs, inputs) side by side, or the one that is not 0."""
    return np.concatenate([half for half in signed if half.any()] or [signed[0]], axis=1)


def error_bound(network: Network, domain: Domain, errors: Sequence[LayerError]) -> float:
    """Bound on the output error over the domain, rounding of both networks included.

    Parameters
    ----------
    network : Network
        The target.
    domain : Ball or Box
        Its inputs.
    errors : sequence of ℓ LayerError
        What each layer of the ticket does wrong.
    """
    known, pairs = network.bounds(domain), zip(errors, network.matrices, strict=True)
    bound = error_budget(
        network,
        known.norms,
        [error.norm for error in errors],
        [error.terms for error in errors],
        [error.outer for error in errors],
        [error.magnitude for error in errors],
        known.spreads(network.biases is not None),
        [product(error.largest, math.sqrt(w.size)) for error, w in pairs],
        known.mixed,
    )
    sizes = [domain.reach(network.widths[0]), bound, *network.frobenius_norms]
    usual = all(_FOLLOWED[0] < size < _FOLLOWED[1] for size in sizes)
    usual = usual and sum(abs(math.log2(size)) for size in sizes) < 400  # their products, too
    usual = usual and not network.is_mixing  # no matrix of slopes stands between such layers
    if not usual or max(network.widths) > LARGEST_FOLLOWED:
        return bound
    return min(bound, _followed(network, domain, errors))


Part = tuple[Floats, float]
"""A matrix M and a size: what stands for M u for some vector u of at most that norm."""


@dataclass(frozen=True)
class _Sum:
    """A vector that is the sum of parts M u and of a rest, of which the norm is known.

    Behind activations there is S K u for each part besides, with the same diagonal S, whose entries
    are at most 1: these are the `slack`. `steep` is what bounds both together, with another S.
    """

    parts: tuple[Part, ...] = ()
    rest: float = 0.0
    norm: float = 0.0
    slack: tuple[Part, ...] = ()
    steep: tuple[Part, ...] = ()

    def plus(self, other: _Sum) -> _Sum:
        """The sum of both, neither behind an activation."""
        return _Sum(self.parts + other.parts, self.rest + other.rest, self.norm + other.norm)

    def shifted(self, shift: Floats) -> _Sum:
        """A fixed vector added to the first part, which must be fixed, of size 1."""
        known, _ = self.parts[0]
        parts = ((known + shift[:, None], 1.0), *self.parts[1:])
        rest = self.rest + 4 * UNIT_ROUNDOFF * _frobenius(parts[0][0])
        apart = _total(parts) + _total(self.slack) + rest
        norm = min(self.norm + float(row_norms(shift)), apart)
        return replace(self, parts=parts, rest=rest, norm=norm, steep=())

    def passed(self, low: Floats, high: Floats) -> _Sum:
        """Behind activations with slopes between these (n,)."""
        middle, half = 0.5 * (low + high), 0.5 * (high - low) * (1 + 4 * UNIT_ROUNDOFF)
        parts, slack, steep = (
            tuple((slope[:, None] * known, size) for known, size in self.parts)
            for slope in (middle, half, high)
        )
        steepest = float(high.max())
        rest = steepest * self.rest
        rest += sum(4 * UNIT_ROUNDOFF * _frobenius(known) * size for known, size in parts)
        norm = min(steepest * self.norm, _total(parts) + _total(slack) + rest)
        return _Sum(parts, rest, norm, slack, steep)

    def weighted(self, w: Floats, stretch: float) -> _Sum:
        """Behind weights (outputs, n) of norm `stretch`."""
        gamma = rounding(w.shape[1] + 4) * _frobenius(w)
        parts = tuple((w @ known, size) for known, size in self.parts)
        rest = stretch * self.rest
        rest += sum(gamma * _frobenius(known) * size for known, size in self.parts)
        norm = stretch * self.norm
        if self.steep:
            norm = min(norm, _total((_between(w, self.steep, stretch),)) + rest)
        if self.slack:
            parts += (_between(w, self.slack, stretch),)
        return _Sum(parts, rest, min(norm, _total(parts) + rest))


def _total(parts: Sequence[Part]) -> float:
    return sum(product(spectral_bound(known), size) for known, size in parts)


def _between(w: Floats, parts: Sequence[Part], stretch: float) -> Part:
    """W S K u, summed over parts with a common diagonal S, as one part W T with T > 0 diagonal."""
    columns = row_norms(w.T)
    rows = sum(row_norms(known) * size for known, size in parts)
    plain = w, _total(parts)
    used = (columns > 0) & (rows > 0)
    if not used.any():
        return np.zeros((len(w), 1)), 0.0
    # any T will do: within limits, so that nothing over- or underflows where weights nearly vanish
    columns, rows = (np.maximum(x[used] / x[used].max(), _LEAST_SCALE) for x in (columns, rows))
    scale = np.sqrt(rows / columns)
    scale /= scale.max()
    left = w[:, used] * scale
    size = _total([(known[used] / scale[:, None], size) for known, size in parts])
    return min(plain, (left, size), key=lambda part: _total((part,)))


def _frobenius(matrix: Floats) -> float:
    return float(row_norms(matrix.ravel()))


def slopes(name: str, low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Least and largest slope of an activation between two ends (n,).

    Examples
    --------
    >>> slopes("relu", np.array([-1.0, 1.0]), np.array([2.0, 2.0]))
    (array([0., 1.]), array([1., 1.]))
    """
    if name == "identity":
        return np.ones_like(low), np.ones_like(low)
    if name == "relu":
        return (low >= 0).astype(float), (high > 0).astype(float)
    # tanh and logistic are the steeper the nearer to 0, and the slopes are those of tanh
    unit, steepest = (1.0, 1.0) if name == "tanh" else (0.5, 0.25)
    far = np.maximum(np.abs(low), np.abs(high))
    near = np.where((low <= 0) & (high >= 0), 0.0, np.minimum(np.abs(low), np.abs(high)))
    least, most = (steepest * (1 - np.tanh(unit * z) ** 2) for z in (far, near))
    slip = 2.0**-46
    return np.maximum(least - slip, 0.0), np.minimum(most + slip, steepest)


def _followed(network: Network, domain: Domain, errors: Sequence[LayerError]) -> float:
    """The bound, each layer's error followed to the output by itself."""
    bias = network.biases is not None
    bounds = network.bounds(domain)
    norms, intervals, sums = _activations(network, bounds)
    wrong = _Sum()
    arrived = rounded = 0.0
    for i, (error, stretch) in enumerate(zip(errors, network.spectral_norms, strict=True)):
        sigma = ACTIVATIONS[network.activations[i]]
        wrong = wrong.weighted(network.weights[i], stretch)
        wrong = wrong.plus(_born(error, norms[i], intervals[i], arrived, bias))
        size = with_constant(norms[i], bias) + arrived
        rounded = stretch * rounded + rounding_error(
            network, i, size, error.terms, error.outer, error.magnitude
        )
        slack = 1 + rounding(256 * (i + 2))
        most = (wrong.norm + rounded) * slack
        low, high = sums[i]
        wrong = wrong.passed(*slopes(network.activations[i], low - most, high + most))
        rounded *= sigma.lipschitz
        rounded += 2 * sigma.ulps * UNIT_ROUNDOFF * math.sqrt(len(low))
        arrived = (wrong.norm + rounded) * slack
    return arrived


def _born(
    error: LayerError, norm: float, ends: tuple[Floats, Floats], arrived: float, bias: bool
) -> _Sum:
    """What a layer does wrong on inputs of this norm between these ends, and on what is wrong.

    In several ways, of which the best is taken: the constant 1 among the inputs or apart; where all
    inputs are of one sign, around the middle of their ends. Its norm also neuron by neuron.
    """
    n, signed = len(ends[0]), error.signed
    if signed is None:
        alone = error.norm * (with_constant(norm, bias) + arrived)
        return _Sum((), alone, alone)
    parts = signed[:, :, :n]
    rest = error.rounded
    joined = with_constant(norm, bias) + arrived
    ways = [of_parts((beside(signed), joined), rest=rest * joined)]
    both, size = beside(parts), norm + arrived
    constant = signed[0, :, n:].sum(axis=1, keepdims=True)
    if bias:
        ways.append(of_parts((both, size), (constant, 1.0), rest=rest * (size + 1)))
    if not signed[1].any() and (ends[0] >= 0).all():
        middle, half = 0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0])
        around = float(row_norms(half)) * (1 + 8 * UNIT_ROUNDOFF) + arrived
        centre = parts[0] @ middle[:, None] + constant
        far = float(row_norms(middle))
        slip = rounding(n + 8) * (_frobenius(parts[0]) * far + _frobenius(constant))
        slip += rest * (far + around + 1)
        ways.append(of_parts((parts[0], around), (centre, 1.0), rest=slip))
    low, high = stretched(parts[0], parts[1], ends)
    each = np.maximum(np.abs(low + constant[:, 0]), np.abs(high + constant[:, 0]))
    wide = np.append(np.maximum(*np.abs(ends)), np.ones(int(bias)))
    slip = rest + rounding(n + 8) * _frobenius(signed)
    alone = float(row_norms(each)) + slip * float(row_norms(wide)) + error.norm * arrived
    best = min(ways, key=lambda way: way.norm)
    return replace(best, norm=min(best.norm, alone))


def of_parts(*parts: Part, rest: float = 0.0) -> _Sum:
    """The sum of parts and a rest."""
    return _Sum(parts, rest, _total(parts) + rest)


Ends = tuple[Floats, Floats]


def _activations(network: Network, bounds: Bounds) -> tuple[list[float], list[Ends], list[Ends]]:
    """Norms and intervals of the inputs of each layer, and intervals of its sums.

    Followed in the same way: what is fixed is the first part, then come the inputs.
    """
    norms, intervals, sums = [bounds.norms[0]], [bounds.intervals[0]], []
    low, high = intervals[0]
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    around = float(row_norms(half)) * (1 + 8 * UNIT_ROUNDOFF)
    if around + float(row_norms(middle)) > 1.5 * norms[0]:  # a ball: around 0
        middle, around = np.zeros_like(middle), norms[0]
    state = of_parts((middle[:, None], 1.0), (np.eye(len(low)), around))
    rounded = 0.0
    for i, stretch in enumerate(network.spectral_norms):
        sigma = ACTIVATIONS[network.activations[i]]
        w = network.weights[i]
        state = state.weighted(w, stretch)
        if network.biases is not None:
            state = state.shifted(network.biases[i])
        size = with_constant(norms[-1], network.biases is not None)
        rounded = stretch * rounded
        rounded += rounding(w.shape[1] + 8) * network.frobenius_norms[i] * size
        slack = 1 + rounding(256 * (i + 2))
        fixed = state.parts[0][0][:, 0]
        reach = sum(row_norms(known) * size for known, size in state.parts[1:])
        reach = (reach + state.rest + rounded) * slack + 4 * UNIT_ROUNDOFF * np.abs(fixed)
        low = np.maximum(bounds.sums[i][0], fixed - reach)
        high = np.minimum(bounds.sums[i][1], fixed + reach)
        sums.append((low, high))
        steep = slopes(network.activations[i], np.minimum(low, 0.0), np.maximum(high, 0.0))
        state = state.passed(*steep)
        if sigma.at_zero:
            state = state.shifted(np.full(len(low), sigma.at_zero))
        slip = sigma.ulps * UNIT_ROUNDOFF
        rounded = sigma.lipschitz * rounded + slip * math.sqrt(len(low))
        intervals.append((sigma.function(low) - slip, sigma.function(high) + slip))
        single = float(row_norms(np.maximum(*np.abs(intervals[-1]))))
        norms.append(min(bounds.norms[i + 1], single, (state.norm + rounded) * slack))
    return norms, intervals, sums
