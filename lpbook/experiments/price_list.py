r"""What each construction costs, side by side, and what none of them can undercut."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from lpbook.batches import batch_size
from lpbook.constructions.base import Categories
from lpbook.lower_bounds import weight_bits
from lpbook.networks import Network
from lpbook.pruning import Plan, plan

__all__ = ["METHODS", "Price", "counting_bound", "lemma_price", "prices"]

METHODS: Mapping[str, tuple[str, str]] = {
    "Malach, reserved": ("malach", "reserved"),
    "product, reserved": ("product", "reserved"),
    "digits, reserved": ("golden-ratio", "reserved"),
    "digits, pooled": ("golden-ratio", "pooled"),
    "digits, shared": ("golden-ratio", "shared"),
    "subset sum, shared": ("subset-sum", "shared"),
}
"""Construction and layout of each row of the comparison."""


class Price(NamedTuple):
    """Neurons and weights of G for each target weight that is not 0.

    `random_weights` counts all weights of G, `drawn_weights` those that are not the constant 1.
    """

    neurons: float
    random_weights: float
    drawn_weights: float


def counting_bound(cost: Plan) -> Price:
    r"""What any G needs that serves all networks with the same zeros and weights up to these.

    N random weights have :math:`2^N` masks. All targets of a layer with m weights in
    :math:`[-w,w]` fill a cube of side :math:`2w`, and one mask serves those in a cube of side
    :math:`2\varepsilon_w`. So :math:`2^N(2\varepsilon_w)^m\ge(2w)^m`.

    Parameters
    ----------
    cost : Plan
        Any plan of the network: the bound takes from it ε_w and the largest weights alone.

    Returns
    -------
    Price
        :math:`\log_2\frac w{\varepsilon_w}` weights of G per target weight, averaged over the
        layers; divided by the weights of a neuron, that many neurons. How many of them must be
        drawn it does not say: a mask chooses among constants, too.

    Examples
    --------
    >>> network = Network([[[0.5, -1.0], [0.25, 0.5]]])
    >>> counting_bound(plan(network, weight_epsilon=0.25))
    Price(neurons=0.5, random_weights=2.0, drawn_weights=nan)
    """
    neurons = bits = 0.0
    for layer in cost.layers:
        need = layer.weights * weight_bits(layer.weight_epsilon, layer.max_weight)
        bits += need
        neurons += need / (layer.inputs + layer.outputs)
    total = max(cost.weights, 1)
    return Price(neurons / total, bits / total, math.nan)


def prices(network: Network, epsilon: float, inputs: Any, delta: float = 0.01) -> dict[str, Price]:
    """The price of a ticket by each of `METHODS`, and the counting bound.

    Parameters
    ----------
    network, epsilon, inputs, delta
        As in `lpbook.plan`.

    Returns
    -------
    dict of str to Price
        Not a number where ε_w is too fine for the package's search of subset sums.

    Examples
    --------
    >>> found = prices(Network([[[0.5, -1.0], [0.25, 0.5]]]), 0.1, [[1.0, 0.0]])
    >>> found["digits, shared"]
    Price(neurons=54.0, random_weights=216.0, drawn_weights=108.0)
    """
    found = {}
    for name, (construction, layout) in METHODS.items():
        try:
            cost = plan(network, epsilon, construction, inputs=inputs, delta=delta, layout=layout)
        except ValueError:
            if construction != "subset-sum":
                raise
            found[name] = Price(math.nan, math.nan, math.nan)
        else:
            found[name] = Price(
                cost.neurons_per_weight,
                cost.random_weights_per_weight,
                cost.drawn_weights_per_weight,
            )
    digits = plan(network, epsilon, inputs=inputs, delta=delta)
    found["digits, batch lemma"] = lemma_price(digits)
    found["counting bound"] = counting_bound(digits)
    return found


def lemma_price(cost: Plan) -> Price:
    r"""The count of the batch lemma for a pool, with δ/ℓ for each layer.

    That is :math:`\lceil\frac2c(m+\ln\frac{2k\ell}\delta)\rceil` neurons a layer. It counts
    samples; that neurons can be assigned to requirements is not proved for it. Where all inputs of
    a layer are at least 0, k categories take the place of 2k.

    Examples
    --------
    >>> network = Network([[[0.5, -1.0], [0.25, 0.5]]])
    >>> lemma_price(plan(network, weight_epsilon=0.25))
    Price(neurons=62.5, random_weights=250.0, drawn_weights=250.0)
    """
    neurons, weights, drawn = 0, 0, 0.0
    for layer in cost.layers:
        if isinstance(layer.scheme, Categories):
            one_sided = bool(layer.nonnegative.all())
            categories = (1 if one_sided else 2) * layer.scheme.requirements
            c = layer.scheme.probability(one_sided)
            size = batch_size(layer.weights, categories, c, cost.delta / len(cost.layers))
            neurons += size
            weights += size * (layer.inputs + layer.outputs)
            drawn += size * layer.drawn_weights / layer.neurons  # of each neuron
    total = max(cost.weights, 1)
    return Price(neurons / total, weights / total, drawn / total)
