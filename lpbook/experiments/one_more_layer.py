r"""Tickets with one layer more than F, in place of twice as many: neurons in many copies.

After Burkholz, *Most Activation Functions Can Win the Lottery Without Excessive Depth*, NeurIPS
2022, with the digits of Orseau et al. in place of subset sums. The first layer of F is made as
elsewhere in the book, out of random neurons that read one input each. Every later weight is made of
the edges between copies of one neuron and a copy of the next: no layer stands in between. In the
terms of `prune`, row r of a block *is* copy r of the neuron that the block belongs to.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.budgets import fewer_bits, next_error, uniform_errors
from lpbook.networks import (
    ACTIVATIONS,
    Ball,
    Domain,
    Network,
    as_domain,
    check_inputs,
    spectral_bound,
    with_constant,
)
from lpbook.pruning import LayerPlan, plan, prune
from lpbook.tickets import Ticket

__all__ = [
    "CopiesPlan",
    "CopiesTicket",
    "plan_with_copies",
    "prune_with_copies",
    "weight_budget_with_copies",
]

_ONE_SIDED = Ball(1.0, nonnegative=True)  # copies are read as they are: no halves
_MOST_EDGES = 2**24  # of the target with its copies


def weight_budget_with_copies(network: Network, epsilon: float, inputs: Any) -> float:
    """The error ε_w that each weight may have, so that the network of copies errs by ε at most.

    As `lpbook.weight_budget`, for a domain in place of a rule: e_ℓ = ε, where e_i is `next_error`.

    Returns
    -------
    float
        ε_w, in exact arithmetic; infinite where no weight error reaches the output.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    This book, chapter *since_depth*.

    Examples
    --------
    >>> network = Network([[[2.0]], [[3.0]]])
    >>> round(weight_budget_with_copies(network, 0.5, Ball(1.0)), 6)
    0.1
    """
    network = _checks.instance("network", network, Network, "must be an lpbook.Network")
    epsilon = _checks.real("epsilon", epsilon, above=0)
    domain = as_domain(inputs, network)
    error = 0.0  # for ε_w = 1: it grows in proportion
    for weights, lipschitz, norm, of_weights in zip(
        network.weights,
        network.lipschitz,
        network.bounds(domain).norms[:-1],
        uniform_errors(network, 1.0),
        strict=True,
    ):
        size = with_constant(norm, network.biases is not None)
        error = next_error(error, spectral_bound(np.abs(weights)), lipschitz, of_weights, size)
    return fewer_bits(epsilon / error) if error else math.inf


@dataclass(frozen=True)
class CopiesPlan:
    """What a ticket with one layer more than F costs, before anything is drawn.

    Attributes
    ----------
    weight_epsilon : float
        Error allowed on each effective weight, ε_w.
    domain : Ball, Box or None
        The inputs.
    delta : float
        Probability of failure.
    widths : tuple of ℓ + 1 int
        Those of F.
    layers : tuple of ℓ LayerPlan
        The blocks of random neurons that the weights of a layer of F are made of: in the first
        layer one for each input, in each other one for each neuron; and one for the constant 1.
    copies : tuple of ℓ int
        How many copies of a neuron of a layer of F the next layer keeps at most, u.
    """

    weight_epsilon: float
    domain: Domain | None
    delta: float
    widths: tuple[int, ...]
    layers: tuple[LayerPlan, ...]
    copies: tuple[int, ...]

    @property
    def neurons(self) -> int:
        """Hidden neurons of G, copies of the constant 1 among them."""
        return sum(layer.neurons for layer in self.layers)

    @property
    def random_weights(self) -> int:
        """Weights of G: from all neurons of a layer, and its constants, to those of the next.

        Those from inputs at least 0 are the constant 1, from others ± 1: they count.
        """
        sources = [self.layers[0].inputs, *(layer.neurons for layer in self.layers)]
        copied = [
            sum(layer.widths[:n])
            for layer, n in zip(self.layers[1:], self.widths[1:-1], strict=True)
        ]
        readers = [self.layers[0].neurons, *copied, self.widths[-1]]
        return sum(n * m for n, m in zip(sources, readers, strict=True))


def plan_with_copies(
    network: Network, weight_epsilon: float, *, inputs: Any = None, delta: float = 0.01
) -> CopiesPlan:
    r"""What a ticket with one layer more than F costs, golden-ratio digits throughout.

    From the last layer to the first: a layer with m weights other than 0, each wanted by u copies
    of its output, has :math:`R=kmu` digits to find; of the copies of a neuron, or of the neurons
    that read an input, the least M with :math:`R(1-c)^M\le\frac\delta\ell` are enough. Each output
    keeps k of them at most, so the layer before is wanted by :math:`\min\{M,knu\}` copies.

    Parameters
    ----------
    network : Network
        The target F.
    weight_epsilon : float
        Error allowed on every single weight, above 0.
    inputs : Ball, Box or array_like, shape (..., n_0), optional
        The domain: where it is known to be at least 0, the first layer costs less.
    delta : float
        Probability of failure allowed, in (0, 1).

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    This book, chapter *since_depth*; after Burkholz, NeurIPS 2022.

    Examples
    --------
    >>> network = Network([[[0.5, -1.0], [0.25, 0.0]], [[1.0, 0.5]]])
    >>> cost = plan_with_copies(network, 0.1)
    >>> cost.copies, cost.neurons
    ((5, 1), 548)
    """
    network = _checks.instance("network", network, Network, "must be an lpbook.Network")
    weight_epsilon = _checks.real("weight_epsilon", weight_epsilon, above=0)
    delta = _checks.real("delta", delta, above=0, below=1)
    domain = None if inputs is None else as_domain(inputs, network)
    layers: list[LayerPlan] = []
    copies = [1]
    for i in reversed(range(len(network.matrices))):
        edges = copies[0] * network.matrices[i].size
        _checks.work("network", network, edges, _MOST_EDGES, "weights of copies")
        target = _copied(network, i, np.repeat(np.arange(network.widths[i + 1]), copies[0]))
        of_layer = plan(
            target,
            weight_epsilon=weight_epsilon,
            inputs=_ONE_SIDED if i else domain,
            delta=delta / len(network.matrices),
        ).layers[0]
        layers.insert(0, of_layer)
        if i:
            kept = of_layer.requirements * of_layer.outputs
            copies.insert(0, max(1, min(max(of_layer.widths), kept)))
    return CopiesPlan(weight_epsilon, domain, delta, network.widths, tuple(layers), tuple(copies))


def _copied(network: Network, layer: int, copies: NDArray[np.int64]) -> Network:
    """A layer of F alone, its neurons in so many copies: a neuron for each entry of `copies`."""
    biases = None if network.biases is None else [network.biases[layer][copies]]
    return Network([network.weights[layer][copies]], biases)


@dataclass(frozen=True)
class CopiesTicket:
    """A ticket with one layer more than F: a function of inputs x of shape (..., n_0).

    Attributes
    ----------
    layers : tuple of ℓ + 1 sparse arrays
        The kept weights of G. Where there are biases, all but the second have one more column, the
        last, for the constant 1; in it the copies of that constant are summed up.
    activations : tuple of ℓ + 1 str
        Those of G: ReLU, then those of F.
    bias : bool
        Whether there are biases.
    copies : tuple of ℓ ndarray of int
        For each layer of F, which of its neurons each kept copy stands for.
    kept_weights : int
        Edges that are kept, those of constants among them.
    weight_error : float
        Largest error of an effective weight of any copy.
    """

    layers: tuple[Any, ...]
    activations: tuple[str, ...]
    bias: bool
    copies: tuple[NDArray[np.int64], ...]
    kept_weights: int
    weight_error: float

    def __call__(self, x: ArrayLike) -> Floats:
        """The outputs, shape (..., n_ℓ)."""
        return self.after(x, len(self.layers) - 1)

    def after(self, x: ArrayLike, layer: int) -> Floats:
        """What a layer puts out, from 0: after layer i, what the copies of layer i of F do.

        Parameters
        ----------
        x : array_like, shape (..., n_0)
            Inputs.
        layer : int
            From 0 to ℓ.
        """
        x = check_inputs("x", x, self.layers[0].shape[1] - self.bias)
        layer = _checks.count("layer", layer, at_least=0, at_most=len(self.layers) - 1)
        y = x.reshape(-1, x.shape[-1]).T  # (inputs, rows)
        for weights, name in zip(self.layers[: layer + 1], self.activations, strict=False):
            if weights.shape[1] > len(y):
                y = np.concatenate([y, np.ones((1, y.shape[1]))])
            y = ACTIVATIONS[name].function(weights @ y)
        return y.T.reshape(*x.shape[:-1], -1)


def prune_with_copies(network: Network, cost: CopiesPlan, seed: int = 0) -> CopiesTicket:
    """Find such a ticket: from the last layer to the first, copies that no one reads left out.

    Edges to copies that are left out are never looked at, so they are not drawn.

    Parameters
    ----------
    network : Network
        The target F.
    cost : CopiesPlan
        Its plan, by `plan_with_copies`.
    seed : int
        Seed of the random network.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules, or G lacks a digit.

    Examples
    --------
    >>> F = Network([[[0.5, -1.0], [0.25, 0.0]], [[1.0, 0.5]]])
    >>> ticket = prune_with_copies(F, plan_with_copies(F, 0.1))
    >>> len(ticket.layers), ticket.weight_error <= 0.1
    (3, True)
    """
    network = _checks.instance("network", network, Network, "must be an lpbook.Network")
    cost = _checks.instance("cost", cost, CopiesPlan, "must be a plan by plan_with_copies")
    seed = _checks.count("seed", seed, at_least=0)
    if cost.widths != network.widths:
        raise _checks.fail("cost", cost, f"must be a plan for widths {network.widths}")
    depth = len(network.matrices)
    copies = [np.arange(network.widths[-1])]
    layers: list[Any] = []
    kept_weights, errors = 0, []
    for i in reversed(range(depth)):
        target = _copied(network, i, copies[0])
        ticket = prune(
            target,
            weight_epsilon=cost.weight_epsilon,
            inputs=_ONE_SIDED if i else cost.domain,
            delta=cost.delta / depth,
            seed=seed * depth + i,
        )
        certificate = ticket.verify(target)
        errors.append(certificate.weight_error)
        if i:
            edges, read, kept = _edges(ticket, network.widths[i])
            layers.insert(0, edges)
            copies.insert(0, read)
            kept_weights += kept
        else:
            layers[:0] = _without_idle(*ticket.layers())
            kept_weights += certificate.kept_weights
    return CopiesTicket(
        tuple(layers),
        ("relu", *network.activations),
        network.biases is not None,
        tuple(copies),
        kept_weights,
        max(errors),
    )


def _edges(ticket: Ticket, neurons: int) -> tuple[Any, NDArray[np.int64], int]:
    """Kept edges (outputs, copies read) of a layer made of copies; whose copies; how many edges."""
    from scipy.sparse import coo_array

    values, rows, columns, read = [], [], [], []
    kept_weights = used = 0
    for block, kept in enumerate(ticket.kept(0)):
        copies, place = np.unique(kept.rows, return_inverse=True)
        if block == neurons:  # of the constant 1
            copies, place = copies[:1], np.zeros_like(place)
        values.append(kept.outer)
        rows.append(kept.outputs)
        columns.append(used + place)
        read.append(np.full(len(copies), block))
        used += len(copies)
        kept_weights += len(kept.outer)
    if len(read) > neurons and not len(read.pop()):  # no bias was kept: an empty column
        used += 1
    if not any(map(len, read)):  # no neuron is read at all: one copy that is not
        read, used = [np.zeros(1, dtype=np.int64)], used + 1
        columns = [column + 1 for column in columns]
    shape = (ticket.choices[0].outputs, used)
    parts = [np.concatenate(part) for part in (values, rows, columns)]
    edges = coo_array((parts[0], (parts[1], parts[2])), shape=shape).tocsr()
    return edges, np.concatenate(read), kept_weights


def _without_idle(inner: Any, outer: Any) -> list[Any]:
    """The two layers of a ticket without the neurons that keep no edge."""
    busy = np.flatnonzero(np.diff(outer.tocsc().indptr))
    return [inner.tocsr()[busy], outer.tocsc()[:, busy].tocsr()]
