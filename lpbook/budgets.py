r"""From the error allowed on a network's output to the error allowed on one weight.

The error budget: with :math:`e_0=0` and :math:`E_i` the errors of the effective weights of layer i,

.. math:: e_i\le\lambda_i\left(\lVert W_i\rVert_2e_{i-1}
          +\lVert E_i\rVert\,(\sup_x\lVert F_{i-1}(x)\rVert_2+e_{i-1})\right).

`weight_budget` solves this recursion as it stands, or takes one of two closed forms.
`network_error` can also count the rounding of both networks when they are computed in float64;
certificates use it so.
"""

from __future__ import annotations

import math
import operator
import sys
from bisect import bisect
from collections.abc import Sequence
from typing import Any

import numpy as np

from lpbook import _checks
from lpbook.mixing import Reach
from lpbook.networks import (
    LARGEST_SCALED,
    UNIT_ROUNDOFF,
    WEIGHT_ROUNDINGS,
    Domain,
    Network,
    activation_of,
    as_domain,
    product,
    rounding,
    with_constant,
)

__all__ = [
    "closed_form_budget",
    "logarithmic_budget",
    "network_error",
    "next_error",
    "weight_budget",
]

MAY_OVERFLOW = "cannot be promised: over these inputs numbers of this network may overflow"
NOTHING_LEFT = "leaves no error to the weights: take a larger epsilon"
"""Why an epsilon has no budget."""

ROUNDING_RESERVE = 2.0**-30
"""Share of ε_w that the recursive budget keeps back: it covers the rounding of both networks."""


def network_error(
    network: Network,
    domain: Domain,
    layer_errors: Sequence[float],
    terms: Sequence[int] | None = None,
    outer: Sequence[float] | None = None,
    magnitudes: Sequence[float] | None = None,
) -> float:
    r"""Bound on :math:`\sup_x\lVert F(x)-\hat G(x)\rVert_2` by the error budget.

    Parameters
    ----------
    network : Network
        The target F.
    domain : Ball or Box
        The inputs x.
    layer_errors : sequence of ℓ float
        For each layer a bound on the norm of its weight errors: :math:`\varepsilon_w
        \sqrt{n_in_{i-1}}` where each weight errs by at most :math:`\varepsilon_w`.
    terms : sequence of ℓ int, optional
        For each layer, how many roundings a product meets at most in the sum of a neuron of Ĝ: n
        where it adds up n products, in any order. Then the bound also holds for the outputs of
        both networks as they are computed in float64.
    outer : sequence of ℓ float, optional
        With `terms`: the largest out-weight of Ĝ in each layer, which counts where products
        underflow. Four times the largest weight, if not given.
    magnitudes : sequence of ℓ float, optional
        With `terms`: for each layer a bound on the norm of the sums of the magnitudes of the
        products of Ĝ. If not given, that of magnitudes of weights and `layer_errors`: right where
        the products of a weight have one sign and its layer error bounds magnitudes.

    Returns
    -------
    float
        The bound.

    References
    ----------
    This book, chapter *main_theorem*, error budget; after Orseau, Hutter and Rivasplata, NeurIPS
    2020.

    Examples
    --------
    >>> from lpbook.networks import Ball
    >>> network = Network([[[2.0]], [[3.0]]])
    >>> round(network_error(network, Ball(1.0), [0.1, 0.1]), 6)
    0.51
    """
    bounds = network.bounds(domain)
    return error_budget(
        network, bounds.norms, layer_errors, terms, outer, magnitudes, mixed=bounds.mixed
    )


def error_budget(
    network: Network,
    norms: Sequence[float],
    layer_errors: Sequence[float],
    terms: Sequence[int] | None = None,
    outer: Sequence[float] | None = None,
    magnitudes: Sequence[float] | None = None,
    spreads: Sequence[float] | None = None,
    uniform: Sequence[float] | None = None,
    mixed: Sequence[Reach | None] | None = None,
) -> float:
    """The lemma itself: the recursion, given bounds on the norms of the inputs of each layer.

    As `network_error`, which takes for `norms` those of a domain, one a layer and one of the
    outputs. Where `spreads` are given, too, the errors are also bounded as if all weights of a
    layer erred alike: by `uniform`, such as `uniform_errors`, or else by `layer_errors`. Where
    activations mix neurons, `mixed` has what is known of them, as `Bounds.mixed`.
    """
    bias = network.biases is not None
    if outer is None:
        outer = outer_weights(network)
    error = 0.0
    for i, (w, name, spectral, frobenius, norm, weight_error) in enumerate(
        zip(
            network.matrices,
            network.activations,
            network.spectral_norms,
            network.frobenius_norms,
            norms[:-1],
            layer_errors,
            strict=True,
        )
    ):
        sigma = activation_of(name)
        size = with_constant(norm, bias) + error
        if network.is_scaled and not size < LARGEST_SCALED:
            return math.inf
        rounded = 0.0
        if terms is not None:
            added = frobenius + weight_error if magnitudes is None else magnitudes[i]
            rounded = rounding_error(network, i, size, terms[i], outer[i], added)
        caused = [(weight_error, size)]
        if spreads is not None:
            alike = weight_error if uniform is None else uniform[i]
            caused.append((alike, spreads[i] + error))
        least = min(caused, key=lambda pair: product(*pair))
        slope, slip = sigma.lipschitz, sigma.ulps * UNIT_ROUNDOFF * math.sqrt(w.shape[0])
        reach = None if mixed is None else mixed[i]
        if reach is not None:
            of_sums = next_error(error, spectral, 1.0, *least, product) + rounded
            wrong = of_sums * (1 + 16 * UNIT_ROUNDOFF)  # by which the sums of Ĝ may be
            slope, slip = reach.slope(wrong), reach.slip(wrong)
        error = next_error(error, spectral, slope, *least, product)
        if terms is not None:
            error += product(slope, rounded) + 2 * slip
        error *= 1 + 16 * UNIT_ROUNDOFF
    return math.inf if math.isnan(error) else error  # 0 times infinity: nothing is known


def next_error(
    error: Any, norm: Any, lipschitz: Any, weight_error: Any, size: Any, times: Any = operator.mul
) -> Any:
    r"""Error behind a layer: :math:`\lambda(\nu e+\varepsilon A)`.

    Parameters
    ----------
    error : number or SymPy expression
        2-norm of the error of what the layer reads, e.
    norm : number or SymPy expression
        What the layer multiplies it by at most, ν: the spectral norm of its weights, or of their
        magnitudes.
    lipschitz : number or SymPy expression
        Of its activation, λ.
    weight_error : number or SymPy expression
        Norm of the errors of its effective weights, ε.
    size : number or SymPy expression
        Bound on the norm of what these are multiplied by, the constant 1 among it, A.
    times : callable
        How two numbers are multiplied.

    Examples
    --------
    >>> next_error(0.5, 2.0, 1.0, 0.25, 6.0)
    2.5
    """
    return times(lipschitz, times(norm, error) + times(weight_error, size))


def outer_weights(network: Network) -> list[float]:
    """What no out-weight of a layer exceeds, unless a construction says less."""
    return [4 * float(np.abs(w).max()) for w in network.matrices]


def rounding_error(
    network: Network, layer: int, size: float, terms: int, outer: float, added: float
) -> float:
    """What both networks may round wrongly in a layer, before its activation.

    For inputs of norm `size`; `terms`, `outer` and `added`, a magnitude, as in `network_error`.
    """
    outputs, inputs = network.matrices[layer].shape
    # F adds up one product an input, the bias among them
    frobenius = network.frobenius_norms[layer]
    rounded = product(rounding(inputs + WEIGHT_ROUNDINGS), product(frobenius, size))
    rounded += product(rounding(terms), product(added, size))
    # a product that underflows errs by 2^-1075 at most; one of Ĝ is a (b y)
    lost = inputs + terms * (1 + outer) if size else 0.0
    return rounded + product(lost * math.sqrt(outputs), network.underflow[layer])


def uniform_errors(network: Network, weight_epsilon: float) -> list[float]:
    r"""Layer errors :math:`\varepsilon_w\sqrt{n_in_{i-1}}`: each weight errs by ε_w at most."""
    return [weight_epsilon * math.sqrt(w.size) for w in network.matrices]


def weight_budget(network: Network, epsilon: float, inputs: Any, rule: str = "recursive") -> float:
    r"""The error ε_w that each weight may have, so that the network errs by ε at most.

    Parameters
    ----------
    network : Network
        The target F.
    epsilon : float
        2-norm of the output error allowed, over the whole domain, above 0.
    inputs : Ball, Box or array_like, shape (..., n_0)
        The domain. Rows stand for the ball of their largest norm, non-negative iff they are.
    rule : {"recursive", "logarithmic", "closed-form"}
        ``"recursive"`` solves the error budget :math:`e_\ell=\varepsilon`;
        ``"closed-form"`` is the theorem's formula, which is stricter; ``"logarithmic"`` is a
        formula between the two.

    Returns
    -------
    float
        ε_w, less a billionth kept back for rounding; infinite where no weight error reaches the
        output (all inputs 0, no biases).

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    This book, chapter *main_theorem*; after Orseau, Hutter and Rivasplata, NeurIPS 2020.

    Examples
    --------
    >>> from lpbook.networks import Ball
    >>> network = Network([[[2.0]], [[3.0]]])
    >>> round(weight_budget(network, 0.51, Ball(1.0)), 6)
    0.1
    >>> round(weight_budget(network, 0.51, Ball(1.0), rule="closed-form"), 6)
    0.007817
    >>> round(weight_budget(network, 0.51, Ball(1.0), rule="logarithmic"), 6)
    0.020811
    """
    network = _checks.instance("network", network, Network, "must be an lpbook.Network")
    epsilon = _checks.real("epsilon", epsilon, above=0)
    rule = _checks.one_of("rule", rule, ("recursive", "logarithmic", "closed-form"))
    domain = as_domain(inputs, network)

    if rule != "recursive" and network.is_mixing:
        remedy = "has no bound for activations that mix neurons; take 'recursive'"
        raise _checks.fail("rule", rule, remedy)
    if rule == "closed-form":
        return closed_form_budget(network, epsilon, domain)
    solve = logarithmic_budget if rule == "logarithmic" else solve_budget
    return solve(network, epsilon, domain) * (1 - ROUNDING_RESERVE)


def solve_budget(
    network: Network, epsilon: float, domain: Domain, terms: Sequence[int] | None = None
) -> float:
    """Solve the error budget for ε_w; `terms` as in `network_error`."""
    from scipy.optimize import brentq  # takes longer to import than all of this package

    bounds = network.bounds(domain)
    spreads = bounds.spreads(network.biases is not None)
    outer = outer_weights(network)

    def error(weight_epsilon: float) -> float:
        errors = uniform_errors(network, weight_epsilon)
        return error_budget(
            network, bounds.norms, errors, terms, outer, spreads=spreads, mixed=bounds.mixed
        )

    floor = error(0.0)
    if not floor <= epsilon:
        text = f"must be at least {floor:.3g}, what rounding in float64 can cause on this network"
        if floor == math.inf:
            text = MAY_OVERFLOW
        raise _checks.fail("epsilon", epsilon, text)
    if error(1e300) <= epsilon:
        return math.inf
    exponents = range(-996, 998)  # of powers of 2 from 1e-300 to beyond 1e300
    within = bisect(exponents, epsilon, key=lambda exponent: error(2.0**exponent))
    if not within:
        raise _checks.fail("epsilon", epsilon, NOTHING_LEFT)
    enough = 2.0 ** exponents[within - 1]
    # in units, powers of 2, in which what brentq multiplies neither over- nor underflows
    unit = 2.0 ** -min(max(math.frexp(epsilon)[1], -1000), 1000)
    found = enough * brentq(
        lambda x: min(error(enough * x) * unit, sys.float_info.max) - epsilon * unit,
        1.0,
        2.0,
        xtol=UNIT_ROUNDOFF,
        rtol=4 * float(np.finfo(float).eps),
    )
    while error(found) > epsilon:
        found *= 1 - 2 * UNIT_ROUNDOFF
    return float(found)


def closed_form_budget(
    network: Network, epsilon: float, domain: Domain, constant: float = math.e
) -> float:
    r"""The closed form of the budget.

    .. math:: \varepsilon_w=\min\left\{\frac{\varepsilon}{e\,\ell\,\lambda_{\max}\,n^{3/2}F_{\max}
              \prod_i\max\{1,\lambda_i\lVert W_i\rVert_2\}},\ \frac1{\ell\lambda_{\max}n}\right\}

    In place of the `constant` e, e - 1 will do.
    """
    layers = len(network.matrices)
    slope = max(network.lipschitz)
    n = max(network.widths[-1], *(w.shape[1] for w in network.matrices))
    largest = network.bounds(domain).largest
    side_condition = 1 / (layers * slope * n)
    denominator = constant * layers * slope * n**1.5 * largest * _gain(network)
    return min(epsilon / denominator, side_condition) if denominator else math.inf


def logarithmic_budget(network: Network, epsilon: float, domain: Domain) -> float:
    r"""A closed form without a side condition, never stricter than the other one.

    .. math:: \varepsilon_w=\frac1{\ell\,\lambda_{\max}\,s}\ln\Bigl(1+\frac{\varepsilon}
              {A\prod_i\max\{1,\lambda_i\lVert W_i\rVert_2\}}\Bigr)

    A bounds the norm of the input of every layer, and :math:`s=\max_i\sqrt{n_in_{i-1}}`.
    """
    bias = network.biases is not None
    norms = network.bounds(domain).norms[:-1]
    largest = max(with_constant(norm, bias) for norm in norms)
    size = max(math.sqrt(w.size) for w in network.matrices)
    slopes = len(network.matrices) * max(network.lipschitz) * size
    amplified = largest * _gain(network)
    return math.log1p(epsilon / amplified) / slopes if amplified else math.inf


def fewer_bits(x: float) -> float:
    """x rounded down to 32 bits: its last ones depend on who computes the norms."""
    mantissa, exponent = math.frexp(x)
    return math.ldexp(math.floor(math.ldexp(mantissa, 32)), exponent - 32)


def _gain(network: Network) -> float:
    """How much an early error can grow: the product of max{1, λ_i ‖W_i‖₂}."""
    pairs = zip(network.lipschitz, network.spectral_norms, strict=True)
    return math.prod(max(1.0, lipschitz * spectral) for lipschitz, spectral in pairs)
