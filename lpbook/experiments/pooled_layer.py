"""Who serves whom: the pooled layout, in which a neuron serves at most one requirement.

A target weight that is not 0 has 2k requirements, k digits for each half. A neuron that keeps the
edge from one input and the edge to one output has one product, so it serves at most one of them.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from lpbook import _checks
from lpbook.constructions.base import Ints
from lpbook.constructions.golden_ratio import GoldenRatio, GoldenRatioScheme
from lpbook.digits import PHI, digit_of

__all__ = ["Pool", "draw_pool", "unserved_in_draws"]


@dataclass(frozen=True)
class Pool:
    """Drawn neurons of a pooled layer, and the requirements that they can serve.

    Attributes
    ----------
    signs : ndarray of int, shape (outputs * inputs,)
        Signs of the target weights, row by row.
    supplies : ndarray of int, shape (neurons, outputs * inputs)
        The category that each neuron supplies to each weight, -1 where it supplies none: digit
        0..k-1 with an out-weight above 0, k..2k-1 below.
    digits : int
        Digits k.
    outputs : int
        Outputs of the layer.
    """

    signs: Ints
    supplies: Ints
    digits: int
    outputs: int

    @property
    def requirements(self) -> int:
        """One for each weight and category."""
        return 2 * self.digits * self.signs.size

    def served_by_matching(self, neurons: int) -> int:
        """Most requirements that the first `neurons` can serve, each of them at most one."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import maximum_bipartite_matching

        row, weight = np.nonzero(self.supplies[:neurons] >= 0)
        column = weight * 2 * self.digits + self.supplies[row, weight]
        shape = (neurons, self.requirements)
        # the matching takes 32 bits only, and SciPy before 1.15 keeps the width it is given
        place = (row.astype(np.int32), column.astype(np.int32))
        graph = coo_array((np.ones(row.size, dtype=np.int8), place), shape).tocsr()
        return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())

    def least_matching(self) -> int | None:
        """Least number of neurons, in the order drawn, that can serve all requirements."""
        wanted, drawn = self.requirements, len(self.supplies)
        if self.served_by_matching(drawn) < wanted:
            return None
        return bisect_left(range(drawn), wanted, lo=wanted, key=self.served_by_matching)

    def served_one_open(self, rng: np.random.Generator) -> int | None:
        """Neurons used by the rule of the theorem, None where all of them are too few.

        Each category keeps its first unserved requirement open, and a fresh neuron serves a random
        one among the open ones that it satisfies.
        """
        rng = _checks.generator("rng", rng)
        categories = np.arange(2 * self.digits)
        opened = np.zeros(categories.size, dtype=np.int64)  # the weight that is open
        waiting = np.ones(categories.size, dtype=bool)
        for used, supply in enumerate(self.supplies, start=1):
            fits = np.flatnonzero(waiting & (supply[opened] == categories))
            if fits.size:
                chosen = fits[0] if fits.size == 1 else rng.choice(fits)
                waiting[chosen] = opened[chosen] < self.signs.size - 1
                opened[chosen] += waiting[chosen]
                if not waiting.any():
                    return used
        return None

    def served_by_output(self) -> int | None:
        """The same where outputs own neurons in turn, and each serves any weight of its output."""
        inputs = self.signs.size // self.outputs
        owner = np.arange(len(self.supplies)) % self.outputs
        own = owner[:, None] * inputs + np.arange(inputs)
        supplies = np.full_like(self.supplies, -1)
        np.put_along_axis(supplies, own, np.take_along_axis(self.supplies, own, axis=1), axis=1)
        return Pool(self.signs, supplies, self.digits, self.outputs).served_greedily()

    def served_greedily(self) -> int | None:
        """The same where each neuron serves any requirement that is left and that it satisfies.

        Of those it takes the one whose category has most left to serve.
        """
        left = np.ones((self.signs.size, 2 * self.digits), dtype=bool)
        counts = left.sum(axis=0)
        for used, supply in enumerate(self.supplies, start=1):
            weights = np.flatnonzero(supply >= 0)
            weights = weights[left[weights, supply[weights]]]
            if weights.size:
                chosen = weights[counts[supply[weights]].argmax()]
                left[chosen, supply[chosen]] = False
                counts[supply[chosen]] -= 1
                if not counts.any():
                    return used
        return None


def draw_pool(
    weights: ArrayLike, scheme: GoldenRatioScheme, neurons: int, rng: np.random.Generator
) -> Pool:
    """Draw neurons, each connected to all inputs and outputs, for inputs of either sign.

    Parameters
    ----------
    weights : array_like, shape (outputs, inputs)
        The target weights; only their signs matter, and none is 0.
    scheme : GoldenRatioScheme
        Laws and digits.
    neurons : int
        How many neurons to draw.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    Pool

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    Examples
    --------
    >>> from lpbook.constructions import GoldenRatio
    >>> scheme = GoldenRatio().scheme(1.0, 0.1)
    >>> pool = draw_pool([[1, -1], [1, 1]], scheme, 100, np.random.default_rng(0))
    >>> pool.requirements, pool.served_by_matching(100)
    (40, 40)
    """
    signs = _checks.array("weights", weights, ndim=2)
    if (signs == 0).any():
        raise _checks.fail("weights", 0.0, "every entry must have a sign")
    neurons = _checks.count("neurons", neurons)
    rng = _checks.generator("rng", rng)
    outputs, inputs = signs.shape
    inner_law, outer_law = scheme.laws(False)
    b = inner_law.rvs((neurons, 1, inputs), rng=rng)
    a = outer_law.rvs((neurons, outputs, 1), rng=rng)
    flat = np.sign(signs).astype(np.int64).reshape(-1)
    digit = digit_of(np.abs(a * b), scheme.digits, scheme.base, scheme.top)
    supplies = np.where(a > 0, 0, scheme.digits) + digit
    fits = (np.sign(a) * np.sign(b) == np.sign(signs)) & (digit >= 0)
    return Pool(flat, np.where(fits, supplies, -1).reshape(neurons, -1), scheme.digits, outputs)


def scheme_of_digits(k: int, law: str = "constant") -> GoldenRatioScheme:
    """The scheme with exactly k digits for weights up to 1: an error a little above φ^-k.

    At φ^-k itself rounding could ask for one digit more.

    Examples
    --------
    >>> [scheme_of_digits(k).digits for k in (1, 8, 20)]
    [1, 8, 20]
    """
    return GoldenRatio(law=law).scheme(1.0, 1.0001 * PHI**-k)


def unserved_in_draws(m: int, k: int, size: int, trials: int, biased: bool = False) -> float:
    """How often the neurons of one output with m inputs, once drawn, leave a category unserved.

    In-weights are ± 1 and the k digits equally likely; each neuron serves the first input that
    still wants the category (an out-weight above 0, digit 1) and finds the right sign.

    Parameters
    ----------
    m, k : int
        Inputs of the output, all with target weights, and digits.
    size, trials : int
        Neurons, and how often they are drawn.
    biased : bool
        Whether a neuron keeps the right signs of its in-weights with probability 1/2 only.
    """
    rng = np.random.default_rng(2006)
    scheme = scheme_of_digits(k)
    pool = draw_pool(rng.choice([-1.0, 1.0], (1, m)), scheme, size * trials, rng)
    fits = (pool.supplies == 0).reshape(trials, size, m)
    if biased:
        fits &= rng.random(fits.shape) < 0.5
    left = np.ones((trials, m), dtype=bool)
    for neuron in range(size):
        useful = left & fits[:, neuron]
        drawn = np.flatnonzero(useful.any(axis=1))
        left[drawn, useful[drawn].argmax(axis=1)] = False
    return float(left.any(axis=1).mean())
