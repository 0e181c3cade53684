r"""How the layers of a network are scaled against each other, so that a ticket costs least.

Where hidden activations are positively homogeneous, :math:`W_i\to s_iW_i/s_{i-1}`,
:math:`b_i\to s_ib_i` leaves a network as it is, with one error :math:`\varepsilon_w` for all its
weights it chooses an error for each layer, :math:`\varepsilon_ws_{i-1}/s_i`, and so the price.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from lpbook.budgets import fewer_bits
from lpbook.networks import Domain, Network, activation_of, spectral_bound

__all__ = ["balanced", "cheapest"]

_MOST = 240.0  # octaves
_MOST_MOVED = 16  # hidden layers: with more, a round of `cheapest` takes longer than pruning
_MOST_ROUNDS = 10
STEPS = (-0.25, 0.25, -0.5, 0.5, -1.0, 1.0)
"""By how many octaves `cheapest` moves a scale."""


def balanced(network: Network, domain: Domain) -> tuple[float, ...]:
    r"""Scales of the hidden layers where prices and errors are in proportion.

    To first order the output errs by :math:`\sum_ic_i\varepsilon_i` with
    :math:`c_i=A_{i-1}\sqrt{n_in_{i-1}}\prod_{j>i}\lVert W_j\rVert_2`. A digit more costs layer i
    as many blocks as it has inputs, :math:`n_{i-1}`; the sum of prices is least where
    :math:`c_i\varepsilon_i` is in proportion to them. All norms are homogeneous, so if layers are
    scaled, these scales undo it.

    Parameters
    ----------
    network : Network
        The target.
    domain : Ball or Box
        Its inputs.

    Returns
    -------
    tuple of ℓ - 1 float
        1 for layers whose activation is not homogeneous.

    Examples
    --------
    >>> from lpbook.networks import Ball
    >>> balanced(Network([[[1.0]], [[1.0]]]), Ball(1.0))
    (1.0,)
    >>> balanced(Network([[[1.0]], [[0.25]]]), Ball(1.0))
    (0.5,)
    """
    layers = len(network.weights)
    alone = network.biases is not None  # the norms that are known have the biases in them
    norms = [*map(spectral_bound, network.weights)] if alone else network.spectral_norms
    slopes = _slopes(network, domain)
    gains = [_log(slope * norm) for slope, norm in zip(slopes, norms, strict=True)]
    size, shares = domain.reach(network.widths[0]), []  # shares: log₂ of c_i / n_{i-1}
    for i, w in enumerate(network.weights):
        ratio = 0.5 * math.log2(w.shape[0] / w.shape[1])
        shares.append(_log(size * slopes[i]) + ratio + sum(gains[i + 1 :]))
        sigma = activation_of(network.activations[i])
        bias = 0.0 if network.biases is None else float(np.linalg.norm(network.biases[i]))
        size = slopes[i] * (norms[i] * size + bias) + math.sqrt(w.shape[0]) * sigma.at_zero
        size = min(size, math.sqrt(w.shape[0]) * sigma.largest)
    if not np.isfinite(shares).all():
        return (1.0,) * (layers - 1)
    found = [0.0]
    fixed = [0, *(i for i in range(1, layers) if not is_free(network, i - 1)), layers]
    for first, last in pairwise(fixed):  # both have the scale 1
        mean = sum(shares[first:last]) / (last - first)
        for share in shares[first : last - 1]:
            found.append(found[-1] + share - mean)
        found.append(0.0)
    return tuple(fewer_bits(2 ** min(max(x, -_MOST), _MOST)) for x in found[1:layers])


def cheapest(
    network: Network, start: Sequence[float], price: Callable[[Sequence[float]], float]
) -> tuple[float, ...]:
    """Scales of the hidden layers of least price found, moved one at a time from `start`.

    `price` is infinite where nothing can be made. Networks of many layers stay at `start`, which
    is where the price is least to first order.

    Examples
    --------
    >>> network = Network([[[1.0]], [[1.0]]])
    >>> round(cheapest(network, (1.0,), lambda scales: abs(scales[0] - 4))[0], 6)
    4.0
    """
    best, scales = price(start), tuple(start)
    free = [i for i in range(len(scales)) if is_free(network, i)]
    if len(free) > _MOST_MOVED or not math.isfinite(best):
        return scales
    for _ in range(_MOST_ROUNDS):
        moved = False
        for i in free:
            for step in STEPS:
                tried = (*scales[:i], fewer_bits(scales[i] * 2**step), *scales[i + 1 :])
                if (found := price(tried)) < best:
                    best, scales, moved = found, tried, True
        if not moved:
            break
    return scales


def is_free(network: Network, hidden: int) -> bool:
    """Whether a hidden layer, counted from 0, may be scaled."""
    return activation_of(network.activations[hidden]).homogeneous


def _slopes(network: Network, domain: Domain) -> list[float]:
    """Lipschitz constants of activations; of those that mix neurons, over the domain."""
    if not network.is_mixing:
        return [*network.lipschitz]
    pairs = zip(network.lipschitz, network.bounds(domain).mixed, strict=True)
    return [slope if reach is None else reach.slope(0.0) for slope, reach in pairs]


def _log(x: float) -> float:
    return math.log2(x) if x > 0 else -math.inf
