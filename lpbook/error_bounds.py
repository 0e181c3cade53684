r"""How far a ticket's network can be from its target: the bound of a certificate.

`lpbook.budgets.network_error` multiplies norms layer by layer. Here what each layer does wrong is
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
from functools import cached_property

import numpy as np

from lpbook._checks import Floats
from lpbook.budgets import network_error, rounding_error
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

__all__ = ["LayerError", "error_bound", "norm_bound", "slopes"]

_LARGEST_GRAM = 3000  # rows: an eigenvalue of so large a matrix takes seconds
_LARGEST_FOLLOWED = 1500  # neurons of a layer: beyond it errors are bounded by norms alone
_FOLLOWED = (2.0**-120, 2.0**120)  # sizes between which products of a few matrices are normal


@dataclass(frozen=True)
class LayerError:
    """The weight errors of one layer.

    Attributes
    ----------
    signed, radius : ndarray, shape (2, outputs, inputs)
        Errors for inputs above 0 and below, as computed, and how far the true ones may be off.
    terms : int
        How many roundings a product meets in the sum of a neuron of Ĝ, as in `network_error`.
    outer : float
        Largest out-weight of Ĝ.
    magnitude : float
        Bound on the norm of the sums of the magnitudes of the products of Ĝ.
    """

    signed: Floats
    radius: Floats
    terms: int
    outer: float
    magnitude: float

    @cached_property
    def largest(self) -> Floats:
        """Largest magnitudes, shape (outputs, inputs)."""
        found: Floats = (np.abs(self.signed) + self.radius).max(axis=0)
        return found

    @cached_property
    def norm(self) -> float:
        """Bound on how much the errors stretch an input.

        The error of a layer at y is E⁺ max(y, 0) - E⁻ max(-y, 0), and the two halves of y together
        are as long as y: the norm is that of E⁺ and E⁻ side by side, and not above that of
        magnitudes.
        """
        bound = norm_bound(self.largest)
        both = beside(self.signed)
        if min(both.shape) > _LARGEST_GRAM:
            return bound
        return min(bound, spectral_bound(both) + self.rounded)

    @cached_property
    def rounded(self) -> float:
        """Bound on what `radius` adds to that norm."""
        return product(math.sqrt(2), norm_bound(self.radius.max(axis=0)))


def beside(signed: Floats) -> Floats:
    """Both halves (2, outputs, inputs) side by side, or the one that is not 0."""
    return np.concatenate([half for half in signed if half.any()] or [signed[0]], axis=1)


def norm_bound(errors: Floats) -> float:
    """Bound on the spectral norm of every matrix with entries of at most these magnitudes."""
    frobenius = float(row_norms(errors.ravel()))
    largest_column, largest_row = (float(errors.sum(axis=axis).max()) for axis in (0, 1))
    bound = min(frobenius, product(math.sqrt(largest_column), math.sqrt(largest_row)))
    # the sums round, their roots half as much, the roots and what follows four times
    return product(bound, 1 + rounding(errors.size + 4))


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
    bound = network_error(
        network,
        domain,
        [error.norm for error in errors],
        [error.terms for error in errors],
        [error.outer for error in errors],
        [error.magnitude for error in errors],
    )
    sizes = [domain.reach(network.widths[0]), bound, *network.frobenius_norms]
    usual = all(_FOLLOWED[0] < size < _FOLLOWED[1] for size in sizes)
    if not usual or max(network.widths) > _LARGEST_FOLLOWED:
        return bound
    return min(bound, _followed(network, domain, errors))


@dataclass(frozen=True)
class _Path:
    """A vector M u + S K u + r: ‖u‖ ≤ size, S diagonal with entries of at most 1, ‖r‖ ≤ rest.

    `norm` bounds it all.
    """

    known: Floats
    size: float
    rest: float
    norm: float
    slack: Floats | None = None  # K
    steep: Floats | None = None  # the largest slopes times what `known` was before them

    @classmethod
    def of(cls, known: Floats, size: float, rest: float = 0.0) -> _Path:
        return cls(known, size, rest, product(spectral_bound(known), size) + rest)

    def passed(self, low: Floats, high: Floats) -> _Path:
        """Behind activations with slopes between these (n,)."""
        middle, half = 0.5 * (low + high), 0.5 * (high - low) * (1 + 4 * UNIT_ROUNDOFF)
        steepest = float(high.max())
        known, slack = middle[:, None] * self.known, half[:, None] * self.known
        rest = steepest * self.rest + _rounded(known, self.size)
        apart = product(spectral_bound(known) + spectral_bound(slack), self.size) + rest
        norm = min(steepest * self.norm, apart)
        return replace(
            self, known=known, slack=slack, steep=high[:, None] * self.known, rest=rest, norm=norm
        )

    def weighted(self, w: Floats, stretch: float) -> _Path:
        """Behind weights (outputs, n) of norm `stretch`."""
        known = w @ self.known
        rest = stretch * self.rest
        rest += rounding(w.shape[1] + 4) * _frobenius(w) * _frobenius(self.known) * self.size
        norm = stretch * self.norm
        if self.steep is not None:
            norm = min(norm, _between(w, self.steep, stretch) * self.size + rest)
        if self.slack is not None:
            rest += _between(w, self.slack, stretch) * self.size
        return _Path(known, self.size, rest, min(norm, spectral_bound(known) * self.size + rest))


def _between(w: Floats, known: Floats, stretch: float) -> float:
    """Bound on ‖W S M‖ for every diagonal S with entries of at most 1; `stretch` bounds ‖W‖."""
    columns, rows = row_norms(w.T), row_norms(known)
    bound = stretch * spectral_bound(known)
    used = (columns > 0) & (rows > 0)
    if not used.any():
        return 0.0
    scale = np.sqrt(rows[used] / columns[used])
    left, right = w[:, used] * scale, known[used] / scale[:, None]
    slip = rounding(4) * _frobenius(left) * _frobenius(right)
    return min(bound, spectral_bound(left) * spectral_bound(right) + slip)


def _frobenius(matrix: Floats) -> float:
    return float(row_norms(matrix.ravel()))


def _rounded(matrix: Floats, size: float) -> float:
    return 4 * UNIT_ROUNDOFF * _frobenius(matrix) * size


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
    norms = _norms(network, bounds)
    paths: list[_Path] = []
    arrived = rounded = 0.0
    for i, (error, stretch) in enumerate(zip(errors, network.spectral_norms, strict=True)):
        sigma = ACTIVATIONS[network.activations[i]]
        paths = [path.weighted(network.weights[i], stretch) for path in paths]
        paths += _born(error, norms[i], bounds.intervals[i], arrived, bias)
        size = with_constant(norms[i], bias) + arrived
        rounded = stretch * rounded + rounding_error(
            network, i, size, error.terms, error.outer, error.magnitude
        )
        wrong = _sum(paths) + rounded
        low, high = bounds.sums[i]
        steep = slopes(network.activations[i], low - wrong, high + wrong)
        paths = [path.passed(*steep) for path in paths]
        rounded *= sigma.lipschitz
        rounded += 2 * sigma.ulps * UNIT_ROUNDOFF * math.sqrt(len(low))
        arrived = (_sum(paths) + rounded) * (1 + rounding(64 * (i + 2)))
    return math.inf if math.isnan(arrived) else arrived


def _sum(paths: Sequence[_Path]) -> float:
    return sum(path.norm for path in paths)


def _born(
    error: LayerError, norm: float, ends: tuple[Floats, Floats], arrived: float, bias: bool
) -> list[_Path]:
    """What a layer does wrong on inputs of this norm between these ends, and on what is wrong.

    In several ways, of which the best is taken: the constant 1 among the inputs or apart; where all
    inputs are of one sign, around the middle of their ends; neuron by neuron.
    """
    n = len(ends[0])
    parts = error.signed[:, :, :n]
    rest = error.rounded
    joined = with_constant(norm, bias) + arrived
    ways = [[_Path.of(beside(error.signed), joined, rest * joined)]]
    both, size = beside(parts), norm + arrived
    constant = error.signed[0, :, n:].sum(axis=1, keepdims=True)
    if bias:
        ways.append([_Path.of(both, size, rest * size), _Path.of(constant, 1.0, rest)])
    if not error.signed[1].any() and (ends[0] >= 0).all():
        middle, half = 0.5 * (ends[0] + ends[1]), 0.5 * (ends[1] - ends[0])
        around = float(row_norms(half)) * (1 + 8 * UNIT_ROUNDOFF) + arrived
        centre = parts[0] @ middle[:, None] + constant
        far = float(row_norms(middle))
        slip = rounding(n + 8) * (_frobenius(parts[0]) * far + _frobenius(constant))
        slip += rest * (far + 1)
        ways.append([_Path.of(parts[0], around, rest * around), _Path.of(centre, 1.0, slip)])
    low, high = stretched(parts[0], parts[1], ends)
    each = np.maximum(np.abs(low + constant[:, 0]), np.abs(high + constant[:, 0]))
    wide = np.append(np.maximum(*np.abs(ends)), np.ones(int(bias)))
    each = each + error.radius.max(axis=0) @ wide
    each = each + rounding(n + 8) * (error.largest @ wide)
    alone = float(row_norms(each)) + error.norm * arrived
    ways.append([_Path(np.zeros((len(each), 1)), 0.0, alone, alone)])
    return min(ways, key=_sum)


def _norms(network: Network, bounds: Bounds) -> list[float]:
    """Bounds on the norms of the inputs of each layer, followed in the same way."""
    found = [bounds.norms[0]]
    low, high = bounds.intervals[0]
    middle, half = 0.5 * (low + high), 0.5 * (high - low)
    around = float(row_norms(half)) * (1 + 8 * UNIT_ROUNDOFF)
    if around + float(row_norms(middle)) > 1.5 * found[0]:  # a ball: around 0
        middle, around = np.zeros_like(middle), found[0]
    paths = [_Path.of(np.eye(len(low)), around), _Path.of(middle[:, None], 1.0)]
    rounded = 0.0
    for i, stretch in enumerate(network.spectral_norms[:-1]):
        name = network.activations[i]
        paths = [path.weighted(network.weights[i], stretch) for path in paths]
        if network.biases is not None:
            paths[1] = _plus(paths[1], network.biases[i])
        low, high = bounds.sums[i]
        steep = slopes(name, np.minimum(low, 0.0), np.maximum(high, 0.0))
        paths = [path.passed(*steep) for path in paths]
        if ACTIVATIONS[name].at_zero:
            paths[1] = _plus(paths[1], np.full(len(low), ACTIVATIONS[name].at_zero))
        size = with_constant(found[-1], network.biases is not None)
        count = rounding(network.matrices[i].shape[1] + 8) * network.frobenius_norms[i] * size
        sigma = ACTIVATIONS[name]
        rounded = sigma.lipschitz * (stretch * rounded + count)
        rounded += sigma.ulps * UNIT_ROUNDOFF * math.sqrt(len(low))
        total = (_sum(paths) + rounded) * (1 + rounding(64 * (i + 2)))
        found.append(min(bounds.norms[i + 1], total))
    return found


def _plus(path: _Path, shift: Floats) -> _Path:
    """The path of a fixed vector, size 1, with another one added."""
    known = path.known + shift[:, None]
    rest = path.rest + _rounded(known, 1.0)
    extra = 0.0 if path.slack is None else spectral_bound(path.slack)
    norm = min(path.norm + float(row_norms(shift)), spectral_bound(known) + extra + rest)
    return replace(path, known=known, steep=None, rest=rest, norm=norm)
