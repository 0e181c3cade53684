r"""Random networks all of whose weights are ± 1, and targets whose weights are whole numbers.

In two layers a weight w needs \|w\| paths side by side. With more layers a *ladder* of doublings
makes the powers of two, and a weight needs its binary digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.batches import batch_size
from lpbook.networks import Network

__all__ = [
    "SignTicket",
    "ladder_failure",
    "ladder_neurons",
    "ladder_rows",
    "ladder_ticket",
    "parallel_rows",
    "parallel_ticket",
    "through_ladder",
    "whole_numbers",
]

Ints = NDArray[np.int64]


def whole_numbers(network: Network, largest: int) -> tuple[Network, list[Ints]]:
    """Round the weights of a network to multiples of a unit, at most so many of it.

    Each matrix has a unit of its own, and so has each list of biases: the constant input of a layer
    may have any value.

    Parameters
    ----------
    network : Network
        What is rounded.
    largest : int
        The largest weight of each matrix becomes so many units.

    Returns
    -------
    rounded : Network
        Its weights are the multiples.
    integers : list of ndarray of int, shape (outputs, inputs or inputs + 1)
        How many units; biases, where there are any, are the last column.

    Examples
    --------
    >>> rounded, integers = whole_numbers(Network([[[0.5, -1.0, 0.2]]]), 4)
    >>> rounded.weights[0].tolist(), integers[0].tolist()
    ([[0.5, -1.0, 0.25]], [[2, -4, 1]])
    """
    largest = _checks.count("largest", largest)

    def rounded(values: Floats) -> tuple[Floats, Ints]:
        unit = float(np.abs(values).max()) / largest or 1.0
        whole = np.rint(values / unit).astype(np.int64)
        multiples: Floats = whole.astype(np.float64) * unit
        return multiples, whole

    weights = [rounded(matrix) for matrix in network.weights]
    if network.biases is None:
        found = Network([w for w, _ in weights], activations=network.activations)
        return found, [whole for _, whole in weights]
    biases = [rounded(bias) for bias in network.biases]
    found = Network(
        [w for w, _ in weights], [b for b, _ in biases], activations=network.activations
    )
    pairs = zip(weights, biases, strict=True)
    return found, [np.column_stack([w, b]) for (_, w), (_, b) in pairs]


# -- two layers: paths side by side ----------------------------------------------------------------


def parallel_rows(largest: int, weights: int, delta: float) -> int:
    """Neurons of a block, so that each weight finds enough paths of its sign.

    Parameters
    ----------
    largest : int
        Largest magnitude J of a weight.
    weights : int
        How many weights there are, m.
    delta : float
        Probability of failure.

    Returns
    -------
    int
        The least M with m Pr[Bin(M, 1/4) < J] ≤ δ.

    Examples
    --------
    >>> parallel_rows(1, 1, 0.01), parallel_rows(7, 2000, 0.01)
    (17, 91)
    """
    return batch_size(largest, weights, 0.25, delta, "exact")


@dataclass(frozen=True)
class SignTicket:
    """A mask on two layers of random signs, for inputs that are at least 0.

    Attributes
    ----------
    inner : ndarray of int, shape (inputs, M)
        In-weights ± 1 of the neurons of each input.
    outer : ndarray of int, shape (inputs, M, outputs)
        Out-weights ± 1.
    mask : ndarray of bool, shape (inputs, M, outputs)
        Which out-edges are kept; an in-edge is, if one of its neuron's out-edges is.
    """

    inner: NDArray[np.int8]
    outer: NDArray[np.int8]
    mask: NDArray[np.bool_]

    def __call__(self, x: ArrayLike) -> Floats:
        """What the pruned random layer makes of inputs (N, inputs): shape (N, outputs)."""
        hidden = np.maximum(np.asarray(x, dtype=float)[:, :, None] * self.inner, 0)
        kept = np.where(self.mask, self.outer, 0).astype(float)
        found: Floats = np.tensordot(hidden, kept, axes=2)
        return found

    @property
    def weights(self) -> Ints:
        """Effective weights, shape (outputs, inputs)."""
        alive = (self.inner > 0)[..., None] & self.mask
        found: Ints = np.where(alive, self.outer, 0).sum(axis=1, dtype=np.int64).T
        return found

    @property
    def kept_weights(self) -> int:
        """In- and out-weights that are kept."""
        return int(self.mask.sum() + self.mask.any(axis=2).sum())


def parallel_ticket(integers: ArrayLike, neurons: int, rng: np.random.Generator) -> SignTicket:
    """Draw neurons for each input, and keep for each weight as many paths as it says.

    Parameters
    ----------
    integers : array_like of int, shape (outputs, inputs)
        The target weights.
    neurons : int
        Neurons of the block of each input.
    rng : numpy.random.Generator
        Draws the signs.

    Returns
    -------
    SignTicket

    Raises
    ------
    ValueError
        If some weight does not find enough paths.

    Examples
    --------
    >>> ticket = parallel_ticket([[3, -1], [0, 2]], 60, np.random.default_rng(0))
    >>> ticket.weights.tolist(), ticket([[1.0, 0.5]]).tolist()
    ([[3, -1], [0, 2]], [[2.5, 1.0]])
    """
    wanted = np.asarray(integers, dtype=np.int64).T  # (inputs, outputs)
    neurons = _checks.count("neurons", neurons)
    shape = (wanted.shape[0], neurons, wanted.shape[1])
    inner = rng.choice(np.array([-1, 1], dtype=np.int8), shape[:2])
    outer = rng.choice(np.array([-1, 1], dtype=np.int8), shape)
    fits = (inner > 0)[..., None] & (outer == np.sign(wanted)[:, None])
    mask = fits & (fits.cumsum(axis=1) <= np.abs(wanted)[:, None])
    if (mask.sum(axis=1) < np.abs(wanted)).any():
        raise _checks.fail("neurons", neurons, "some weight finds too few paths: take more")
    return SignTicket(inner, outer, mask)


# -- more layers: a ladder of doublings ------------------------------------------------------------


def ladder_failure(m: int, digits: int, outputs: int, inputs: int) -> float:
    """Bound on the probability that a ladder with m neurons in each group lacks a ticket.

    Examples
    --------
    >>> round(ladder_failure(100, digits=3, outputs=32, inputs=65), 4)
    0.0198
    """
    groups = digits * (digits - 1) / 2 * (1 + m / 3) * 0.75**m
    return inputs * (groups + 2 * digits * outputs * 0.875**m)


def ladder_rows(digits: int, outputs: int, inputs: int, delta: float) -> int:
    """The least m for which `ladder_failure` is at most δ.

    Examples
    --------
    >>> ladder_rows(3, outputs=32, inputs=65, delta=0.01)
    106
    """
    delta = _checks.real("delta", delta, above=0, below=1)
    m = max(2, math.floor(math.log(2 * digits * outputs * inputs / delta) / math.log(8 / 7)))
    while ladder_failure(m, digits, outputs, inputs) > delta:
        m += 1
    return m


def ladder_neurons(m: Any, digits: Any) -> Any:
    """Neurons for each input: i groups of m in layer i; arguments may be symbols.

    Examples
    --------
    >>> ladder_neurons(100, 3)
    600
    """
    return m * digits * (digits + 1) // 2


def ladder_ticket(
    column: ArrayLike, digits: int, m: int, rng: np.random.Generator
) -> list[NDArray[np.int8]]:
    """Draw a ladder for one input, and prune it to one column of whole numbers.

    Group k of layer i, from 0, holds neurons that compute 2^k times the input.

    Parameters
    ----------
    column : array_like of int, shape (outputs,)
        Target weights, below 2^digits in size.
    digits : int
        Binary digits B, and hidden layers of the ladder.
    m : int
        Neurons of a group.
    rng : numpy.random.Generator
        Draws the signs.

    Returns
    -------
    list of ndarray, B + 1 of them
        The pruned matrices: entries -1, 0 and 1.

    Raises
    ------
    ValueError
        If the signs drawn do not suffice.

    Examples
    --------
    >>> layers = ladder_ticket([5, -6, 0], 3, 60, np.random.default_rng(0))
    >>> through_ladder(layers, 0.5).tolist()
    [2.5, -3.0, 0.0]
    """
    w = np.asarray(column, dtype=np.int64)
    digits, m = _checks.count("digits", digits), _checks.count("m", m, at_least=2)
    if (np.abs(w) >= 2**digits).any():
        raise _checks.fail("column", w, f"must be below 2^{digits} in size")
    sources = [[0]]  # by group of the layer before: neurons that compute what they should
    layers, before = [], 1
    for layer in range(digits):
        signs = rng.choice(np.array([-1, 1], dtype=np.int8), ((layer + 1) * m, before))
        kept, good = np.zeros_like(signs), []
        for group in range(layer + 1):
            doubles = group == layer > 0
            read = sources[-1] if doubles else sources[group]
            rows = np.arange(group * m, (group + 1) * m)
            edges = signs[rows][:, read] > 0  # (m, 1 or 2)
            fits = edges.all(axis=1) if doubles else edges.any(axis=1)
            if fits.sum() < 2:
                raise _checks.fail("m", m, f"group {group} of layer {layer} fails: take more")
            for row, there in zip(rows[fits], edges[fits], strict=True):
                kept[row, read if doubles else [read[int(there.argmax())]]] = 1
            good.append(rows[fits].tolist())
        layers.append(kept)
        sources, before = [found[:2] for found in good], (layer + 1) * m
    signs = rng.choice(np.array([-1, 1], dtype=np.int8), (w.size, before))
    kept = np.zeros_like(signs)
    for output, weight in enumerate(w):
        for group in range(digits):
            if abs(int(weight)) >> group & 1:
                right = [r for r in good[group] if signs[output, r] == np.sign(weight)]
                if not right:
                    raise _checks.fail("m", m, f"an edge to output {output} is missing: take more")
                kept[output, right[0]] = np.sign(weight)
    return [*layers, kept]


def through_ladder(layers: Sequence[NDArray[np.int8]], x: float) -> Floats:
    """What a pruned ladder makes of one input."""
    h: Floats = np.array([float(x)])
    for matrix in layers[:-1]:
        h = np.maximum(matrix @ h, 0)
    out: Floats = layers[-1] @ h
    return out
