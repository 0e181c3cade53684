r"""The counting argument: what no mask, no law and no luck can do with fewer bits.

n weights that are kept or deleted give at most :math:`2^n` networks. Each serves the targets
within its error, and these small sets must cover all targets.
"""

from __future__ import annotations

import math
import sys
from fractions import Fraction

import numpy as np
from numpy.typing import ArrayLike

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.networks import Network

__all__ = [
    "LAYOUT_BITS",
    "bits_per_neuron",
    "chosen_numbers",
    "column_constant",
    "covered_length",
    "independent_numbers",
    "layer_bits",
    "mask_bits",
    "network_bits",
    "weight_bits",
]

LAYOUT_BITS = ("reserved", "pooled", "shared", "any")
"""Which edges a neuron may keep, from the fewest to all of them."""


def weight_bits(epsilon: float, max_weight: float = 1.0, failure: float = 0.0) -> float:
    r"""Bits for one weight: :math:`\log_2\frac{(1-\delta)\,w_{\max}}\varepsilon`, or 0.

    Fewer weights than that, kept or deleted, cannot come within ε of every weight up to
    :math:`w_{\max}`, each with probability 1 - δ.

    Parameters
    ----------
    epsilon : float
        Error allowed, above 0.
    max_weight : float
        Largest magnitude of a target weight, at least 0.
    failure : float
        Probability δ in [0, 1) with which a weight may be missed.

    Returns
    -------
    float
        The bits.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    This book, chapter *lower_bound*; for layers, Pensia et al., NeurIPS 2020.

    Examples
    --------
    >>> weight_bits(1 / 64), weight_bits(2.0), round(weight_bits(0.01, failure=0.5), 3)
    (6.0, 0.0, 5.644)
    """
    epsilon = _checks.real("epsilon", epsilon, above=0)
    max_weight = _checks.real("max_weight", max_weight, at_least=0)
    failure = _checks.real("failure", failure, at_least=0, below=1)
    if max_weight <= epsilon:
        return 0.0
    bits = math.log2(max_weight) - math.log2(epsilon) + math.log1p(-failure) / math.log(2)
    return max(bits, 0.0)


def column_constant(outputs: int) -> float:
    r"""The constant :math:`\kappa_n=2V_n^{-1/n}`, with the volume of a ball of radius 1.

    :math:`V_n=\pi^{n/2}/\Gamma(\frac n2+1)` in n dimensions. The cube of side 2 around the ball is
    :math:`\kappa_n` times as wide as a cube of the ball's volume: at least 1, and at least
    :math:`\sqrt{2n/(\pi e)}`.

    Parameters
    ----------
    outputs : int
        Dimension n, at least 1.

    Examples
    --------
    >>> [round(column_constant(n), 3) for n in (1, 2, 10, 100)]
    [1.0, 1.128, 1.821, 4.981]
    """
    n = _checks.count("outputs", outputs)
    log_volume = n / 2 * math.log(math.pi) - math.lgamma(n / 2 + 1)
    return max(2 * math.exp(-log_volume / n), 1.0)  # 1 but for rounding where n = 1


def layer_bits(
    outputs: int,
    inputs: int,
    epsilon: float,
    max_weight: float = 1.0,
    radius: float = 1.0,
    failure: float = 0.0,
) -> float:
    r"""Bits for a linear layer, by its function alone.

    .. math:: nm\log_2\frac{\kappa_n w_{\max}R}\varepsilon-\log_2\frac1{1-\delta}

    for n outputs and m inputs, where the 2-norm of the output error is at most ε for all inputs of
    norm up to R. At least 0. For a layer that ends in a ReLU put half of `max_weight`.

    Parameters
    ----------
    outputs, inputs : int
        Shape of the layer.
    epsilon, max_weight, failure : float
        As in `weight_bits`, with the error of the outputs in place of that of a weight.
    radius : float
        Largest norm R of an input, above 0.

    Returns
    -------
    float
        The bits.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    This book, chapter *lower_bound*; after Pensia et al., NeurIPS 2020.

    Examples
    --------
    >>> layer_bits(1, 3, 1 / 64), round(layer_bits(10, 10, 1 / 64), 1)
    (18.0, 686.5)
    """
    m = _checks.count("inputs", inputs)
    kappa = column_constant(outputs)
    epsilon = _checks.real("epsilon", epsilon, above=0)
    max_weight = _checks.real("max_weight", max_weight, above=0)
    radius = _checks.real("radius", radius, above=0)
    failure = _checks.real("failure", failure, at_least=0, below=1)
    each = math.log2(kappa) + math.log2(max_weight) + math.log2(radius) - math.log2(epsilon)
    return max(outputs * m * each + math.log1p(-failure) / math.log(2), 0.0)


def network_bits(network: Network, weight_epsilon: float) -> float:
    r"""Bits for the effective weights of a network, each within :math:`\varepsilon_w`.

    .. math:: \sum_i m_i\log_2\frac{w_i}{\varepsilon_w}

    over the layers with :math:`w_i>\varepsilon_w`: layer i has :math:`m_i` weights that are not 0,
    and :math:`w_i` is the largest magnitude among them. So many bits are needed to serve all
    networks with the same zeros and, layer by layer, weights up to these.

    Parameters
    ----------
    network : Network
        A target; only its zeros and its largest weights matter.
    weight_epsilon : float
        Error allowed on every weight, above 0.

    Examples
    --------
    >>> network_bits(Network([[[1.0, 0.3], [0.0, 0.2]], [[4.0, 0.5]]]), 1 / 8)
    19.0
    """
    network = _checks.instance("network", network, Network, "must be an lpbook.Network")
    weight_epsilon = _checks.real("weight_epsilon", weight_epsilon, above=0)
    return float(
        sum(
            np.count_nonzero(w) * weight_bits(weight_epsilon, float(np.abs(w).max()))
            for w in network.matrices
        )
    )


def bits_per_neuron(layout: str, outputs: int, inputs: int) -> float:
    r"""Bits that one intermediate neuron can carry, by the edges that it may keep.

    ============  ==========================================  =========================
    layout        edges                                       bits
    ============  ==========================================  =========================
    ``reserved``  all are given: kept or not                  1
    ``pooled``    one from an input and one to an output      :math:`\log_2(nm+1)`
    ``shared``    one from a given input, any to the outputs  n
    ``any``       any                                         n + m
    ============  ==========================================  =========================

    Parameters
    ----------
    layout : {"reserved", "pooled", "shared", "any"}
        What a neuron serves.
    outputs, inputs : int
        Outputs n and inputs m of the layer.

    Examples
    --------
    >>> [round(bits_per_neuron(layout, 10, 64), 2) for layout in LAYOUT_BITS]
    [1.0, 9.32, 10.0, 74.0]
    """
    layout = _checks.one_of("layout", layout, LAYOUT_BITS)
    n, m = _checks.count("outputs", outputs), _checks.count("inputs", inputs)
    return {
        "reserved": 1.0,
        "pooled": math.log2(n * m + 1),
        "shared": float(n),
        "any": float(n + m),
    }[layout]


def chosen_numbers(epsilon: float, max_weight: float = 1.0) -> Floats:
    r"""The fewest numbers whose subset sums come within ε of every weight in ± w_max.

    :math:`2\varepsilon,4\varepsilon,8\varepsilon,\dots` and one negative number, as large as the
    sum of all of them and :math:`2\varepsilon`: the two's complement. There are n of them, the
    least n with :math:`w_{\max}\le(2^n-1)\varepsilon`, none where :math:`w_{\max}\le\varepsilon`.

    Parameters
    ----------
    epsilon : float
        Error allowed, above 0.
    max_weight : float
        Largest magnitude of a target weight, at least 0.

    Returns
    -------
    ndarray of float, shape (n,)

    References
    ----------
    This book, chapter *lower_bound*.

    Examples
    --------
    >>> chosen_numbers(1.0, 7.0).tolist(), chosen_numbers(1.0, 7.1).size
    ([2.0, 4.0, -8.0], 4)
    """
    epsilon = _checks.real("epsilon", epsilon, above=0)
    max_weight = _checks.real("max_weight", max_weight, at_least=0)
    if max_weight <= epsilon:
        return np.empty(0)
    if not max_weight < 2.0**1000:
        raise _checks.fail("max_weight", max_weight, "must be below 2^1000: numbers are larger")
    if not max_weight / epsilon < 2.0**1000:
        raise _checks.fail("epsilon", epsilon, f"must be above 2^-1000 of {max_weight=:g}")
    n = math.ceil(Fraction(max_weight) / Fraction(epsilon)).bit_length()
    numbers: Floats = np.ldexp(epsilon, np.arange(1, n + 1))
    numbers[-1] *= -1
    return numbers


def independent_numbers(delta: float, useful: float = 0.5, sets: int = 1) -> float:
    r"""Independent draws that a weight needs whatever its ε: :math:`\ln u/\ln(1-q)`.

    A draw helps a given weight with probability at most q, since its sign must be right. With
    n draws none helps with probability at least :math:`(1-q)^n`. For N independent sets of n draws
    to be all served with probability 1 - δ, this must be at most
    :math:`u=1-(1-\delta)^{1/N}\le\frac1N\ln\frac1{1-\delta}`.

    Parameters
    ----------
    delta : float
        Probability of failure allowed, in (0, 1).
    useful : float
        Probability q, in (0, 1): 1/2 for a number whose sign is a fair coin; 1/4 for a neuron,
        whose in-weight and out-weight both must have the right sign.
    sets : int
        Weights N, each with draws of its own.

    Returns
    -------
    float
        The draws for each weight.

    References
    ----------
    This book, chapter *lower_bound*.

    Examples
    --------
    >>> round(independent_numbers(1 / 8), 9), round(independent_numbers(0.01, 0.25, 1000), 1)
    (3.0, 40.0)
    """
    delta = _checks.real("delta", delta, above=0, below=1)
    useful = _checks.real("useful", useful, above=0, below=1)
    sets = _checks.count("sets", sets)
    missed = -math.expm1(math.log1p(-delta) / sets)
    if missed < sys.float_info.min or useful < 2.0**-1000:
        name, value = ("delta", delta) if useful > delta else ("useful", useful)
        raise _checks.fail(name, value, "asks for more draws than a float can count")
    return math.log(missed) / math.log1p(-useful)


def covered_length(sums: ArrayLike, epsilon: float, max_weight: float = 1.0) -> float:
    r"""Length of the part of :math:`[-w_{\max},w_{\max}]` that is within ε of one of some numbers.

    Parameters
    ----------
    sums : array_like, shape (s,)
        The numbers.
    epsilon : float
        Error allowed, above 0.
    max_weight : float
        Half of the range's length, above 0.

    Examples
    --------
    >>> covered_length([0.0, 0.1, 5.0], 0.25), covered_length([-0.5, 0.5], 0.5)
    (0.6, 2.0)
    """
    epsilon = _checks.real("epsilon", epsilon, above=0)
    top = _checks.real("max_weight", max_weight, above=0)
    centres = np.sort(_checks.array("sums", sums, ndim=1))
    low, high = np.clip(centres - epsilon, -top, top), np.clip(centres + epsilon, -top, top)
    # ends are in order: what is new at each centre lies above the end of the one before
    start = np.maximum(low, np.concatenate(([-top], high[:-1])))
    return float(np.maximum(high - start, 0.0).sum())


def mask_bits(weights: int, kept: int) -> float:
    r"""Bits that name a mask edge by edge: :math:`\log_2\binom Nr` for r kept of N weights.

    Parameters
    ----------
    weights : int
        Weights of G, N.
    kept : int
        Weights that the mask keeps, r, at most N.

    Examples
    --------
    >>> round(mask_bits(10, 3), 4) == round(math.log2(120), 4)
    True
    """
    total = _checks.count("weights", weights)
    kept = _checks.count("kept", kept, at_least=0, at_most=total)
    logs = math.lgamma(total + 1) - math.lgamma(kept + 1) - math.lgamma(total - kept + 1)
    return logs / math.log(2)
