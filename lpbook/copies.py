r"""Tickets with one layer more than F, in place of twice as many: neurons in many copies.

After Burkholz, *Most Activation Functions Can Win the Lottery Without Excessive Depth*, NeurIPS
2022, with the digits of Orseau et al. in place of subset sums. The first layer of F is made as
elsewhere, out of random neurons that read one input each. Every later weight is made of the edges
between copies of one neuron and a copy of the next: no layer stands in between, and row r of a
block *is* copy r of the neuron that the block belongs to.

The error: let :math:`d_j` be the largest error of the copies of neuron j, and s the sum of the
magnitudes of the edges that are kept for a weight w, of which the sum is w up to ε. What they add
up errs by :math:`\varepsilon|h_j|+s\,d_j` at most. So with :math:`e_0=0`, with E the largest errors
of the effective weights of all copies, and S the largest sums of magnitudes,

.. math:: e_i\le\lambda_i\left(\lVert S_i\rVert e_{i-1}+\lVert E_i\rVert A_{i-1}\right).
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.budgets import (
    MAY_OVERFLOW,
    NOTHING_LEFT,
    ROUNDING_RESERVE,
    fewer_bits,
    next_error,
    outer_weights,
    rounding_error,
)
from lpbook.constructions import Construction, GoldenRatio, Kept
from lpbook.frameworks.exports import Step
from lpbook.mixing import Mixing
from lpbook.networks import (
    ACTIVATIONS,
    LARGEST_SCALED,
    UNIT_ROUNDOFF,
    WEIGHT_ROUNDINGS,
    Domain,
    Network,
    as_domain,
    check_inputs,
    product,
    rounding,
    shortened,
    spectral_bound,
    with_constant,
)
from lpbook.random_network import Block
from lpbook.tickets import Certificate, Ticket, compared

__all__ = [
    "CopiesNetwork",
    "CopiesTicket",
    "check_proved",
    "columns_of",
    "error_of_copies",
    "read_copies",
    "weight_budget_with_copies",
    "within_reserve",
]

Ints = NDArray[np.int64]

_STREAM_BYTES = 64  # of memory for each copy drawn, while numbers are reached at random
_MOST_CORRECTIONS = 20


def check_proved(network: Network, construction: Construction, layout: str, rule: str) -> None:
    """Refuse what is not proved of depth ℓ + 1, with what to take instead.

    Raises
    ------
    ValueError
        If it is not.
    """
    digits = isinstance(construction, GoldenRatio)
    if not digits or construction.law != "constant" or construction.two_sided:  # type: ignore[attr-defined]
        remedy = (
            "with depth='l+1' must be GoldenRatio(law='constant', two_sided=False), or take "
            "depth='2l': only digits of one sign keep the errors of copies from adding up"
        )
        raise _checks.fail("construction", construction, remedy)
    if layout != "shared":
        remedy = "with depth='l+1' must be 'shared', or take depth='2l': no other count is proved"
        raise _checks.fail("layout", layout, remedy)
    if rule != "proved":
        remedy = "with depth='l+1' must be 'proved', or take depth='2l': no trials are made of it"
        raise _checks.fail("rule", rule, remedy)
    if any(kernels is not None for kernels in network.kernels):
        remedy = (
            "has kernels, whose entries are made once for all places: take depth='2l', or "
            "Network(network.weights, network.biases, activations=network.activations), of which "
            "each weight is made by itself"
        )
        raise _checks.fail("network", network, remedy)
    _check_neurons(network)


def _check_neurons(network: Network) -> None:
    """Refuse activations that mix neurons: copies are made of one neuron each."""
    if network.is_mixing:
        remedy = (
            "has activations that mix neurons, with depth='l+1' each copy must be of one neuron: "
            "take depth='2l'"
        )
        raise _checks.fail("network", network, remedy)


# -- errors ------------------------------------------------------------------------------------


def error_of_copies(
    network: Network,
    norms: Sequence[float],
    gains: Sequence[float],
    weight_errors: Sequence[float],
    terms: Sequence[int] | None = None,
    outer: Sequence[float] | None = None,
    magnitudes: Sequence[float] | None = None,
) -> float:
    r"""Bound on the output error of a network of copies: the recursion of the theorem.

    Parameters
    ----------
    network : Network
        The target F.
    norms : sequence of ℓ + 1 float
        Bounds on the norms of what its layers read, and of its outputs.
    gains : sequence of ℓ float
        For each layer a bound on the norm of the sums of the magnitudes of the edges that are kept
        for its weights, biases left out: of the magnitudes of the weights themselves, where digits
        of one sign do not add up to more.
    weight_errors : sequence of ℓ float
        For each layer a bound on the norm of the largest errors of its effective weights.
    terms, outer, magnitudes
        As in `lpbook.budgets.network_error`; with `terms` the rounding of both networks counts.

    Returns
    -------
    float
        The bound.

    References
    ----------
    This book, chapter *since_depth*.

    Examples
    --------
    >>> network = Network([[[2.0]], [[3.0]]])
    >>> round(error_of_copies(network, [1.0, 2.0, 6.0], [2.0, 3.0], [0.1, 0.1]), 6)
    0.5
    """
    _check_neurons(network)
    bias = network.biases is not None
    error = 0.0
    for i, (name, gain, wrong) in enumerate(
        zip(network.activations, gains, weight_errors, strict=True)
    ):
        sigma = ACTIVATIONS[name]
        size = with_constant(norms[i], bias)
        reached = size + error  # by the copies
        if network.is_scaled and not reached < LARGEST_SCALED:
            return math.inf
        rounded = 0.0
        if terms is not None and outer is not None and magnitudes is not None:
            rounded = rounding_error(network, i, reached, terms[i], outer[i], magnitudes[i])
            rounded = product(sigma.lipschitz, rounded)
            rounded += 2 * sigma.ulps * UNIT_ROUNDOFF * math.sqrt(network.widths[i + 1])
        error = next_error(error, gain, sigma.lipschitz, wrong, size, product) + rounded
        error *= 1 + 16 * UNIT_ROUNDOFF
    return math.inf if math.isnan(error) else error


def _planned_errors(network: Network, weight_epsilon: float) -> list[float]:
    """Layer errors of weights within ε_w: those that are 0 keep nothing, and do not err."""
    return [weight_epsilon * math.sqrt(np.count_nonzero(w)) for w in network.matrices]


def _planned_gains(network: Network) -> list[float]:
    return [spectral_bound(np.abs(w)) for w in network.weights]


def weight_budget_with_copies(network: Network, epsilon: float, inputs: Any) -> float:
    """The error ε_w that each weight may have, so that the network of copies errs by ε at most.

    As `lpbook.weight_budget`, for one layer more in place of twice as many.

    Parameters
    ----------
    network : Network
        The target F.
    epsilon : float
        2-norm of the output error allowed, over the whole domain, above 0.
    inputs : Ball, Box or array_like, shape (..., n_0)
        The domain.

    Returns
    -------
    float
        ε_w, less a billionth kept back for rounding; infinite where no weight error reaches the
        output.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    This book, chapter *since_depth*.

    Examples
    --------
    >>> from lpbook.networks import Ball
    >>> network = Network([[[2.0]], [[3.0]]])
    >>> round(weight_budget_with_copies(network, 0.5, Ball(1.0)), 6)
    0.1
    """
    network = _checks.instance("network", network, Network, "must be an lpbook.Network")
    _check_neurons(network)
    epsilon = _checks.real("epsilon", epsilon, above=0)
    domain = as_domain(inputs, network)
    norms, gains = network.bounds(domain).norms, _planned_gains(network)
    error = error_of_copies(network, norms, gains, _planned_errors(network, 1.0))  # in proportion
    if not math.isfinite(error):
        raise _checks.fail("epsilon", epsilon, MAY_OVERFLOW)
    if not error:
        return math.inf
    budget = epsilon / error * (1 - ROUNDING_RESERVE)
    if budget < sys.float_info.min:  # no relative accuracy is left there
        raise _checks.fail("epsilon", epsilon, NOTHING_LEFT)
    return fewer_bits(budget)


def within_reserve(
    network: Network, epsilon: float, domain: Domain, construction: Construction
) -> float:
    """The budget, less where its reserve does not cover the rounding of both networks.

    Raises
    ------
    ValueError
        If rounding leaves nothing to the weights.
    """
    found = weight_budget_with_copies(network, epsilon, domain)
    largest = float(max(np.abs(w).max() for w in network.matrices))
    if found >= largest:  # nothing is kept; also where it is infinite
        return min(found, 2 * largest) if largest else 1.0
    slope = epsilon / found  # of the error by ε_w, about
    norms, gains = network.bounds(domain).norms, _planned_gains(network)
    magnitudes = [spectral_bound(np.abs(w)) for w in network.matrices]
    excess = math.inf
    for _ in range(_MOST_CORRECTIONS):
        try:
            digits = construction.most_requirements(network.matrices, found)
        except ValueError:  # float64 cannot serve: `plan` says so
            return found
        terms = [w.shape[1] * digits + 1 + WEIGHT_ROUNDINGS for w in network.matrices]
        planned = _planned_errors(network, found)
        outer = outer_weights(network)
        total = error_of_copies(network, norms, gains, planned, terms, outer, magnitudes)
        excess = total - epsilon
        if excess <= 0:
            return found
        if not excess < slope * found:
            break
        found = fewer_bits(found - 1.001 * excess / slope)
    rule = f"leaves no error to the weights: rounding alone may cause about {excess:.2g}"
    raise _checks.fail("epsilon", epsilon, f"{rule}; take a larger epsilon, or depth='2l'")


# -- the ticket --------------------------------------------------------------------------------


def read_copies(kept: Iterable[Kept], neurons: int) -> list[Ints]:
    """For each block of a layer the rows that are kept: which copies of a neuron it reads.

    Those of the constant 1, the block after `neurons`, are left out.
    """
    rows = [np.unique(of_block.rows) for of_block in kept]
    return rows[:neurons]


def columns_of(read: Sequence[Ints], widths: NDArray[np.int64]) -> tuple[Ints, Ints]:
    """Which outputs of a layer of copies are read, ascending, and the neuron of each of them.

    Copy r of neuron q comes after all copies of the neurons before it, of which `widths` tells how
    many there are. Where nothing is read one copy is left, which nobody reads.
    """
    offsets = np.concatenate(([0], np.cumsum(widths[: len(read)])))
    columns = np.concatenate([offsets[q] + rows for q, rows in enumerate(read)])
    neurons = np.repeat(np.arange(len(read)), [rows.size for rows in read])
    if not columns.size:
        return np.zeros(1, np.int64), np.zeros(1, np.int64)
    return columns.astype(np.int64), neurons


@dataclass(frozen=True, eq=False, repr=False)
class CopiesTicket(Ticket, depth="l+1"):
    """A ticket with one layer more than its target, made by ``prune(..., depth="l+1")``.

    As `Ticket`; of its `choices` each has the copies that are read for outputs, in place of the
    neurons of the target. Of G, each layer has as many copies of each neuron as the next one has
    rows in its block. There are no effective weights behind the first layer, and
    ``random_network()`` and ``masks()`` are not offered: G has copies of the constant 1.

    Examples
    --------
    >>> import lpbook as lp
    >>> F = lp.Network([[[0.5, -1.0], [0.25, 0.0]], [[1.0, 0.5]]])
    >>> ticket = lp.prune(F, 0.1, inputs=lp.Ball(1.0), depth="l+1")
    >>> len(ticket.layers()), ticket.verify(F).ok
    (3, True)
    """

    file_version: ClassVar[int] = 3

    def __post_init__(self) -> None:
        construction = self.construction
        if not isinstance(construction, GoldenRatio) or construction.law != "constant":
            raise _checks.fail("construction", construction, "must have in-weights ± 1")
        if self.layout != "shared":
            raise _checks.fail("layout", self.layout, "must be 'shared'")
        for i, mask in enumerate(self.choices):
            if mask.kernels is not None:
                raise ValueError(f"choices[{i}]: must not have kernels")
            if isinstance(mask.activation, Mixing):
                raise ValueError(f"choices[{i}]: must not mix neurons, as {mask.activation!r} does")
            if i and not mask.nonnegative.all():
                raise ValueError(f"choices[{i}]: copies are read as they are, not in halves")

    def __repr__(self) -> str:
        shape = "-".join(shortened(self.widths))
        return f"<CopiesTicket {shape}, depth l+1, seed {self.seed}, {self.drawn:,} neurons drawn>"

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of neurons n_0, ..., n_ℓ of the target."""
        return (*(mask.inputs - self.bias for mask in self.choices), self.choices[-1].outputs)

    def _drawn_copies(self, layer: int) -> int:
        """Copies of all neurons of a layer that G has."""
        if layer == len(self.choices) - 1:
            return self.choices[layer].outputs
        behind = self.choices[layer + 1]
        return max(1, int(behind.widths[: behind.inputs - self.bias].sum()))

    def memory_of_streams(self) -> float:
        """Bytes of tables, while numbers of a layer are reached at random."""
        return float(_STREAM_BYTES) * max(map(self._drawn_copies, range(len(self.choices))))

    @cached_property
    def _columns(self) -> tuple[tuple[Ints | None, Ints], ...]:
        """For each layer, which columns of its blocks are looked at, and their neurons."""
        found: list[tuple[Ints | None, Ints]] = [(None, np.arange(self.choices[-1].outputs))]
        for i in reversed(range(1, len(self.choices))):
            mask = self.choices[i]
            recalled = self.recalled(i, found[0][0], self._drawn_copies(i))
            read = read_copies(recalled, mask.inputs - self.bias)
            columns, neurons = columns_of(read, mask.widths)
            if columns.size != self.choices[i - 1].outputs:
                rule = f"layer {i + 1} reads {columns.size} copies, layer {i} has"
                raise ValueError(f"ticket={self!r}: {rule} {self.choices[i - 1].outputs}")
            found.insert(0, (columns, neurons))
        return tuple(found)

    @property
    def copies(self) -> tuple[Ints, ...]:
        """For each layer of the target, which of its neurons each copy that is read stands for."""
        return tuple(neurons for _, neurons in self._columns)

    def recalled(self, layer: int, columns: Ints | None, outputs: int) -> Iterable[Kept]:
        """What is kept of a layer, of whose `outputs` in G these are looked at."""
        return self._recalled(
            layer, lambda j: Block(self.seed, layer, j, outputs, self.layout, columns)
        )

    def kept(self, layer: int) -> Any:
        """The kept neurons of each block of a layer; outputs are numbers of copies that are read.

        See `Ticket.kept`.
        """
        layer = _checks.count("layer", layer, at_least=0, at_most=len(self.choices) - 1)
        yield from self.recalled(layer, self._columns[layer][0], self._drawn_copies(layer))

    def network(self) -> Any:
        """The pruned network Ĝ, a function of inputs x of shape (..., n_0): `CopiesNetwork`."""
        return self._network

    @cached_property
    def _network(self) -> CopiesNetwork:
        mask = self.choices[0]
        halves = 1 if mask.nonnegative.all() else 2
        first = np.zeros((halves, mask.outputs, mask.inputs))
        for j, kept in enumerate(self.kept(0)):
            first[:, :, j] = kept.effective(mask.outputs)[:halves]
        edges = [self._edges(i)[0] for i in range(1, len(self.choices))]
        return self._network_of(first, edges)

    def _network_of(self, first: Floats, edges: list[Any]) -> CopiesNetwork:
        names = tuple(mask.activation for mask in self.choices)
        return CopiesNetwork(first, tuple(edges), names, self.bias, self.widths)

    def _edges(self, layer: int) -> tuple[Any, list[Kept]]:
        """Kept edges of a layer of copies, (copies of its neurons, copies it reads), and as kept.

        With biases there is one more column: those of the copies of the constant 1, added up.
        """
        from scipy.sparse import coo_array

        mask, neurons = self.choices[layer], self.choices[layer].inputs - self.bias
        columns = self._columns[layer - 1][0]
        offsets = np.concatenate(([0], np.cumsum(mask.widths)))
        kept = list(self.kept(layer))
        places = [
            np.searchsorted(columns, offsets[q] + of_block.rows)  # type: ignore[arg-type]
            if q < neurons
            else np.full(of_block.rows.size, self.choices[layer - 1].outputs)
            for q, of_block in enumerate(kept)
        ]
        shape = (mask.outputs, self.choices[layer - 1].outputs + self.bias)
        values = np.concatenate([of_block.outer for of_block in kept])
        rows = np.concatenate([of_block.outputs for of_block in kept])
        return coo_array((values, (rows, np.concatenate(places))), shape=shape).tocsr(), kept

    def layers(self) -> list[Any]:
        r"""The weights of Ĝ itself: ℓ + 1 sparse matrices.

        First ReLU neurons that read an input each, those that keep no edge left out; then copies of
        the neurons of each layer of the target, with its activation, those that are read. Where
        there are biases, all matrices but the second have one more column, the last, for the
        constant 1; in the third and those after it the copies of that constant are added up.
        Outputs of hidden layers come out multiplied by `scales`.

        Returns
        -------
        list of scipy.sparse arrays
            In CSR format.
        """
        from scipy.sparse import coo_array

        mask = self.choices[0]
        values, places, reads, edges, rows, numbers = [], [], [], [], [], []
        used = 0
        for j, kept in enumerate(self.kept(0)):
            unique, where, back = np.unique(kept.rows, return_index=True, return_inverse=True)
            values.append(kept.inner[where])
            places.append(used + np.arange(unique.size))
            reads.append(np.full(unique.size, j))
            edges.append(kept.outer)
            rows.append(kept.outputs)
            numbers.append(used + back)
            used += unique.size
        parts = [np.concatenate(part) for part in (values, places, reads, edges, rows, numbers)]
        size = max(used, 1)  # of a layer that keeps nothing one neuron is left, with weights 0
        inner = coo_array((parts[0], (parts[1], parts[2])), shape=(size, mask.inputs))
        outer = coo_array((parts[3], (parts[4], parts[5])), shape=(mask.outputs, size))
        later = [self._edges(i)[0] for i in range(1, len(self.choices))]
        return [inner.tocsr(), outer.tocsr(), *later]

    def _own_steps(self) -> Any:
        inner, outer, *later = self.layers()
        bias = None
        if self.bias:
            bias, inner = inner[:, [-1]].toarray().ravel(), inner[:, :-1]
        yield Step(inner, bias, "relu")
        yield Step(outer, None, self.choices[0].activation)
        for edges, mask in zip(later, self.choices[1:], strict=True):
            bias = None
            if self.bias:
                bias, edges = edges[:, [-1]].toarray().ravel(), edges[:, :-1]
            yield Step(edges, bias, mask.activation)

    def _effective_steps(self) -> Any:
        rule = "must be False: with depth l+1 no weight of a later layer has effective weights"
        raise _checks.fail("effective", True, rule)

    def _require_small(self) -> None:
        rule = "G has copies of the constant 1 and of neurons, which no Network has"
        raise ValueError(f"ticket={self!r}: {rule}; layers() has the weights that are kept")

    def verify(self, network: Network, inputs: ArrayLike | None = None) -> Certificate:
        """Check the ticket against its target, from the seed up: see `Ticket.verify`.

        Every kept weight is drawn again; every sum of kept edges, of every copy, is compared with
        its weight; and the output error is bounded by the recursion of the module's head.
        """
        scaled, rows, like = self._checked(network, inputs)
        bias = self.bias
        gains, wrongs, terms, outer, magnitudes = [], [], [], [], []
        weight_error, neurons, weights = 0.0, 0, 0
        first: Floats | None = None
        one_sided_first = scaled.one_sided_inputs(self.domain)[0]
        for i, (mask, target) in enumerate(zip(self.choices, scaled.matrices, strict=True)):
            copies, ends = self._starts(i, target.shape[0])
            # copies are read as they are
            one_sided = one_sided_first if i == 0 else np.ones(mask.inputs, dtype=bool)
            if rows is not None and i == 0:
                kinds = 1 if mask.nonnegative.all() else 2
                first = np.zeros((kinds, mask.outputs, mask.inputs))
            errors, sums = np.zeros(target.shape), np.zeros(target.shape)
            most, largest = np.zeros(mask.outputs), 0.0
            for j, kept in enumerate(self.kept(i)):
                found = compared(kept, target[copies, j], 1 if one_sided[j] else 2)
                errors[:, j], sums[:, j] = ends(found.errors), ends(found.magnitudes)
                most += found.edges
                largest = max(largest, float(np.abs(kept.outer).max(initial=0.0)))
                distinct = np.unique(kept.rows).size
                neurons += distinct
                weights += kept.outer.size + (distinct if i == 0 else 0)
                if first is not None and i == 0:
                    first[:, :, j] = kept.effective(mask.outputs)[: len(first)]
            weight_error = max(weight_error, float(errors.max()))
            slack = 1 + rounding(int(most.max()) + 1)
            n = target.shape[1] - bias
            gains.append(product(spectral_bound(sums[:, :n]), slack))
            magnitudes.append(product(spectral_bound(sums), slack))
            wrongs.append(spectral_bound(errors))
            terms.append(max(int(most.max()), target.shape[1]) + 1 + WEIGHT_ROUNDINGS)
            outer.append(largest)
        bound = math.inf
        if self.domain is not None and like:
            norms = scaled.bounds(self.domain).norms
            bound = error_of_copies(scaled, norms, gains, wrongs, terms, outer, magnitudes)
        y = None
        if rows is not None and first is not None:
            if "_network" not in vars(self):  # G is drawn once
                edges = [self._edges(i)[0] for i in range(1, len(self.choices))]
                vars(self)["_network"] = self._network_of(first, edges)
            y = self._network(rows)
        return self._certificate(
            network, weight_error, bound, rows, y, like=like, kept=neurons, kept_weights=weights
        )

    def _starts(self, layer: int, neurons: int) -> tuple[Ints, Any]:
        """The neuron of each copy of a layer, and what takes the largest over the copies of each.

        A neuron that nobody reads has no copies: there nothing can err.
        """
        copies = self._columns[layer][1]
        present, starts = np.unique(copies, return_index=True)

        def largest(values: Floats) -> Floats:
            found = np.zeros(neurons)
            found[present] = np.maximum.reduceat(values, starts)
            return found

        return copies, largest


class CopiesNetwork:
    """The pruned network Ĝ of depth ℓ + 1: the first layer by effective weights, then its edges.

    Attributes
    ----------
    first : ndarray, shape (1 or 2, copies, n_0)
        What stands for each weight of the first layer in each copy, where its input is > 0 and, if
        some may be, where it is < 0; with biases the constant 1 is the last input.
    edges : tuple of ℓ - 1 sparse arrays
        The kept edges of each later layer.
    """

    def __init__(
        self,
        first: Floats,
        edges: tuple[Any, ...],
        activations: tuple[str, ...],
        bias: bool,
        widths: tuple[int, ...],
    ) -> None:
        self.first, self.edges = first, edges
        self._activations, self._bias, self._widths = activations, bias, widths

    def __repr__(self) -> str:
        return f"<CopiesNetwork {'-'.join(shortened(self._widths))}, depth l+1>"

    def __call__(self, x: ArrayLike) -> Floats:
        """The outputs, shape (..., n_ℓ), for inputs `x` of shape (..., n_0)."""
        return self.after(x, len(self.edges) + 1)

    def after(self, x: ArrayLike, layer: int) -> Floats:
        """What the copies of a layer of the target put out, from 1 to ℓ; shape (..., copies)."""
        x = check_inputs("x", x, self._widths[0])
        layer = _checks.count("layer", layer, at_least=1, at_most=len(self.edges) + 1)
        flat, n = x.reshape(-1, x.shape[-1]), self._widths[0]
        z = np.maximum(flat, 0.0) @ self.first[0, :, :n].T
        if len(self.first) > 1:
            z += np.minimum(flat, 0.0) @ self.first[1, :, :n].T
        if self._bias:
            z += self.first[0, :, n]
        y = ACTIVATIONS[self._activations[0]].function(z)
        for edges, name in zip(self.edges[: layer - 1], self._activations[1:], strict=False):
            read = np.column_stack([y, np.ones(len(y))]) if self._bias else y
            y = ACTIVATIONS[name].function((edges @ read.T).T)
        return np.ascontiguousarray(y).reshape(*x.shape[:-1], -1)
