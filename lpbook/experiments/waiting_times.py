"""How many neurons are drawn until a weight, or a layer, is served: drawn waits, and their law."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial

import numpy as np
from numpy.typing import NDArray

from lpbook import _checks
from lpbook.constructions import Unfilled
from lpbook.constructions.first_fit import FirstFit
from lpbook.networks import Network
from lpbook.pruning import Plan
from lpbook.random_network import Block

__all__ = ["drawn_waits", "geometric_waits", "rows_until_served"]

_CHUNK = 1 << 17
_MOST_DRAWS = 10**10
_MOST_NEURONS = 10**11  # they are drawn a few at a time


def drawn_waits(
    scheme: FirstFit, weight: float, trials: int, *, rng: np.random.Generator
) -> NDArray[np.int64]:
    """Neurons drawn until both halves of a weight are served, by drawing every one of them.

    Parameters
    ----------
    scheme : FirstFit
        ``Malach().scheme(...)`` or ``ProductWeights().scheme(...)``: its laws, its rule.
    weight : float
        The target weight, at most ``scheme.max_weight`` in magnitude.
    trials : int
        How many waits, at least 1. Each starts where the one before has ended.
    rng : numpy.random.Generator
        Source of the neurons.

    Returns
    -------
    ndarray of int, shape (trials,)

    Examples
    --------
    >>> from lpbook.constructions import Malach
    >>> scheme = Malach().scheme(max_weight=1.0, weight_epsilon=0.5)
    >>> drawn_waits(scheme, 0.7, 3, rng=np.random.default_rng(0)).tolist()
    [10, 50, 12]
    """
    scheme = _checks.instance("scheme", scheme, FirstFit, "must be Malach().scheme(...), say")
    top = scheme.max_weight
    targets = np.array([_checks.real("weight", weight, at_least=-top, at_most=top)])
    trials = _checks.count("trials", trials)
    neurons = trials * 1.5 / scheme.probability(nonnegative=False)
    _checks.work("trials", trials, neurons, _MOST_NEURONS, "neurons, on average")
    rng = _checks.generator("rng", rng)
    b_law, a_law = scheme.laws(nonnegative=False)
    waits: list[int] = []
    drawn, start, served = 0, 0, set()
    while len(waits) < trials:
        b, a = b_law.rvs(_CHUNK, rng=rng), a_law.rvs(_CHUNK, rng=rng)
        hits = np.flatnonzero(scheme.fits(b, a, targets))
        for i, positive in zip((hits + drawn + 1).tolist(), (b[hits] > 0).tolist(), strict=True):
            served.add(positive)
            if len(served) == 2:
                waits.append(i - start)
                start, served = i, set()
        drawn += _CHUNK
    return np.array(waits[:trials], dtype=np.int64)


def geometric_waits(
    probability: float, trials: int, *, rng: np.random.Generator
) -> NDArray[np.int64]:
    """The same waits from their law, without drawing a neuron.

    Each neuron serves either half with `probability` p, never both: the wait is a geometric
    number of parameter 2p (until one half is served) plus one of parameter p (until the other is).

    Parameters
    ----------
    probability : float
        Probability p of one given half for one neuron, in (0, 1/2].
    trials : int
        How many waits, at least 1.
    rng : numpy.random.Generator
        Source of the waits.

    Returns
    -------
    ndarray of int, shape (trials,)

    References
    ----------
    This book, chapter *malach*.

    Examples
    --------
    >>> waits = geometric_waits(0.001, 10_000, rng=np.random.default_rng(0))
    >>> bool(abs(waits.mean() - 1500) < 60)
    True
    """
    p = _checks.real("probability", probability, above=0, at_most=0.5)
    trials = _checks.count("trials", trials)
    _checks.work("trials", trials, trials, _MOST_DRAWS, "random numbers")
    rng = _checks.generator("rng", rng)
    return rng.geometric(2 * p, trials) + rng.geometric(p, trials)


def rows_until_served(network: Network, plan: Plan, layer: int, seed: int) -> int:
    """Least rows in every block of a layer with which all requirements of the layer are met.

    Parameters
    ----------
    network : Network
        The target.
    plan : Plan
        Its plan, layout shared or reserved.
    layer : int
        Which layer, from 0.
    seed : int
        The seed of G, as in `prune`.

    Returns
    -------
    int
        Where all blocks of the layer are equally wide in the plan, the layer is served by G iff
        this does not exceed that width.

    Examples
    --------
    >>> from lpbook.pruning import plan
    >>> network = Network([[[0.5, -1.0], [0.25, 0.0]]])
    >>> cost = plan(network, weight_epsilon=0.1)
    >>> cost.layers[0].widths, rows_until_served(network, cost, 0, seed=0)
    ((157, 157), 61)
    """
    seed = _checks.count("seed", seed, at_least=0)
    cost = plan.layers[layer]

    def enough(j: int, rows: int) -> bool:
        if cost.scheme is None or cost.widths[j] == 0:
            return True
        block = Block(seed, layer, j, cost.outputs, plan.layout).chunks(rows)
        targets, nonnegative = network.matrices[layer][:, j], bool(cost.nonnegative[j])
        try:
            cost.scheme.choose(targets, block, nonnegative, max(rows, 1))
        except Unfilled:
            return False
        return True

    most = 0
    for j in range(cost.inputs):
        if enough(j, most):
            continue
        too_few, most = most, max(2 * most, 1)
        while not enough(j, most):
            too_few, most = most, 2 * most
        most = bisect_left(range(most), True, lo=too_few + 1, key=partial(enough, j))
    return most
