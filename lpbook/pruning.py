"""What a ticket costs by the theorems, and the ticket itself: `plan` and `prune`."""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import count
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook._files import Records
from lpbook._tasks import check_executor, results
from lpbook.budgets import fewer_bits, solve_budget, weight_budget
from lpbook.constructions import (
    CONSTRUCTIONS,
    Construction,
    Scheme,
    Unfilled,
    as_construction,
)
from lpbook.constructions.first_hits import STRIP
from lpbook.copies import (
    CopiesTicket,
    check_proved,
    columns_of,
    read_copies,
    within_reserve,
)
from lpbook.kernels import Kernels
from lpbook.networks import LARGEST_WEIGHT, Domain, Network, as_domain, check_inputs, row_norms
from lpbook.random_network import LAYOUTS, MOST_SEED, Block
from lpbook.scaling import balanced, cheapest
from lpbook.tickets import RULES, LayerMask, Ticket

Bools = NDArray[np.bool_]

__all__ = ["CopiesLayerPlan", "CopiesPlan", "LayerPlan", "Plan", "plan", "prune"]

_TASK_NUMBERS = 2**27  # planned random numbers of a task: a few tenths of a second, for digits
_LEAST_TASKS = 16  # of a layer, where it has as many inputs: enough to share out
_STREAM = 1  # of what a checkpoint depends on besides: G's stream, and the rules of choice
_HOUR = 3600.0
_FLOATS = (float, np.float64, np.float32, np.float16, np.longdouble)
_MOST_COPIED = 2**27  # weights of copies: a few minutes, and their choice 1 GB
_DRAWN = 2  # times that a trial draws G: to choose, and for its network's outputs

DEPTHS = ("2l", "l+1")
"""Layers of G for a target of ℓ layers."""

STEPS = 4
"""Values of ε_w that the measured rule tries between two powers of 2."""


class _PerWeight:
    """The currencies: what counts weights and neurons has their ratios."""

    weights: Any
    neurons: Any
    random_weights: Any
    constant_weights: Any

    @property
    def drawn_weights(self) -> int:
        """Weights of G that are drawn: all but those that the law makes the constant 1."""
        return int(self.random_weights - self.constant_weights)

    @property
    def neurons_per_weight(self) -> float:
        """Neurons of G for each target weight that is not 0."""
        return float(self.neurons / max(self.weights, 1))

    @property
    def random_weights_per_weight(self) -> float:
        """Weights of G for each target weight that is not 0, constants included."""
        return float(self.random_weights / max(self.weights, 1))

    @property
    def drawn_weights_per_weight(self) -> float:
        """Weights of G that are drawn, for each target weight that is not 0."""
        return float(self.drawn_weights / max(self.weights, 1))


@dataclass(frozen=True)
class LayerPlan(_PerWeight):
    """What one layer of the target costs.

    Attributes
    ----------
    outputs, inputs : int
        Shape of the layer; where there are biases the constant 1 counts as an input. Where it has
        kernels, shape of its core: each weight counts once, however many places it stands at.
    weights : int
        Target weights that are not 0, m.
    max_weight : float
        Largest magnitude of a target weight.
    weight_epsilon : float
        Error allowed on each weight, ε_w.
    scheme : Scheme or None
        How weights are made; None where all are within ε_w of 0 and nothing is to do.
    nonnegative : ndarray of bool, shape (inputs,)
        Which inputs are known to be at least 0.
    widths : tuple of int, length inputs
        Rows of the block of each input; all 0 for the pooled layout, which has no blocks.
    neurons : int
        Intermediate neurons of G.
    halves : int
        What the weights need served: each for x > 0, and for x < 0 where that may be.
    kernels : Kernels or None
        Where the weights of the core stand; a neuron is then a hidden channel.
    """

    outputs: int
    inputs: int
    weights: int
    max_weight: float
    weight_epsilon: float
    scheme: Scheme | None
    nonnegative: Bools
    widths: tuple[int, ...]
    neurons: int
    halves: int
    kernels: Kernels | None = None

    def __repr__(self) -> str:
        return (
            f"<LayerPlan {self.inputs} → {self.outputs}, {self.weights:,} weights within "
            f"{self.weight_epsilon:.4g}, {self.neurons:,} neurons>"
        )

    @property
    def requirements(self) -> int:
        """What one half of one weight needs filled: digits k, say."""
        return 0 if self.scheme is None else self.scheme.requirements

    @property
    def _columns(self) -> int:
        """Weights of a block: of a neuron and its copies, where there are some."""
        return self.outputs

    @property
    def seconds(self) -> float:
        """Processor time of `prune`, about: from rates measured on one core."""
        scheme, blocks = self.scheme, np.array([width > 0 for width in self.widths])
        if scheme is None:
            return 0.0
        if not blocks.any():  # a pool has none
            return self.halves * scheme.seconds(self.outputs)
        one_sided = int((self.nonnegative & blocks).sum())
        numbers = {True: one_sided, False: int(blocks.sum()) - one_sided}
        weights = self.halves / (numbers[True] + 2 * numbers[False])  # of a block, on average
        inner = self.neurons // sum(self.widths)  # of a row of a block
        return sum(
            number * scheme.block_seconds(self._columns, weights, sign, max(self.widths), inner)
            for sign, number in numbers.items()
            if number
        )

    @property
    def bytes(self) -> int:
        """Bytes of a ticket's mask in memory, of the shared or reserved layout.

        At most, where neurons have copies: those that nobody reads take none.
        """
        if self.scheme is None:
            return 0
        return self.inputs * self.scheme.code_bits(max(self.widths)) * -(-self._columns // 8)

    @property
    def random_weights(self) -> int:
        """Weights of G: each intermediate neuron carries one for each input and each output.

        Those of `constant_weights` are among them: the mask may drop them like all others.
        """
        return self.neurons * (self.inputs + self.outputs)

    @property
    def constant_weights(self) -> int:
        """Weights of G that are the constant 1: where b = ±1, those from inputs at least 0."""
        if self.scheme is None:
            return 0
        inner, _ = self.scheme.laws(nonnegative=True)
        least, most = inner.ppf([0.0, 1.0])
        return self.neurons * int(self.nonnegative.sum()) if least == most else 0


@dataclass(frozen=True)
class Plan(_PerWeight):
    """What a ticket costs by the theorems, before anything is drawn.

    Attributes
    ----------
    construction : Construction
        How each weight is made.
    layout : str
        ``"shared"``, ``"reserved"`` or ``"pooled"``.
    weight_epsilon : float
        Error allowed on each effective weight, ε_w.
    epsilon : float or None
        2-norm of the output error allowed, where that was asked for.
    delta : float
        Probability of failure.
    domain : Ball, Box or None
        The inputs.
    layers : tuple of LayerPlan
        The cost of each layer.
    scales : tuple of ℓ - 1 float
        Factors of the outputs of the hidden layers: what is planned, and what `weight_epsilon` is
        about, are the weights of ``network.scaled(scales)``, the same function.
    rule : {"proved", "measured"}
        Whether the network errs by `epsilon` at most on the whole domain, by the error budget, or
        on given rows, as was found by trial.
    trials : int
        Tickets that are made by the measured rule until one is good; 0 by the proved one.
    trial_seconds : float
        Processor time of all of them, about.
    """

    construction: Construction
    layout: str
    weight_epsilon: float
    epsilon: float | None
    delta: float
    domain: Domain | None
    layers: tuple[LayerPlan, ...]
    scales: tuple[float, ...]
    rule: str
    trials: int = 0
    trial_seconds: float = 0.0

    depth: ClassVar[str] = "2l"

    @property
    def proved(self) -> bool:
        """Whether theorems say that the neurons are enough; not where a number was given."""
        return all(layer.scheme is None or layer.scheme.proved for layer in self.layers)

    @property
    def weights(self) -> int:
        """Target weights that are not 0."""
        return sum(layer.weights for layer in self.layers)

    @property
    def neurons(self) -> int:
        """Intermediate neurons of G."""
        return sum(layer.neurons for layer in self.layers)

    @property
    def random_weights(self) -> int:
        """Weights of G, constants included."""
        return sum(layer.random_weights for layer in self.layers)

    @property
    def seconds(self) -> float:
        """Processor time of `prune`, all trials included, about: from rates measured on one core.

        That of `plan` too, by the measured rule.
        """
        return self.trial_seconds if self.trials else sum(layer.seconds for layer in self.layers)

    @property
    def bytes(self) -> int:
        """Bytes of a ticket's mask in memory; its file is smaller."""
        return sum(layer.bytes for layer in self.layers)

    @property
    def constant_weights(self) -> int:
        """Weights of G that are the constant 1."""
        return sum(layer.constant_weights for layer in self.layers)

    def __repr__(self) -> str:
        size = f"{len(self.layers)} layer{'s' if len(self.layers) > 1 else ''}"
        measured = "measured, " if self.rule == "measured" else ""
        return (
            f"<Plan {self.construction.name}, {self.layout}, {size}, {measured}"
            f"weights within {self.weight_epsilon:.4g}, {self.neurons:,} neurons>"
        )

    def __str__(self) -> str:
        title = f"{self.construction.name}, {self.layout}\n"
        sure = f"failure at most {self.delta:g}" if self.proved else "number given, not proved"
        title += f"every weight within {self.weight_epsilon:.4g}, {sure}\n"
        if self.layout != "pooled":
            core = f"a core for {_trials(self.trials)}" if self.trials else "a core"
            title += f"pruning: about {self.seconds:.1g} s of {core}, "
            title += f"a mask of {self.bytes:,} bytes\n"
        if self.epsilon is not None:
            where = "proved over the domain" if self.rule == "proved" else "measured on rows"
            title += f"network within {self.epsilon:.4g}, {where}\n"
        heads = ("layer", "shape", "weights", "k", "neurons", "neurons/w", "G's w/w", "drawn w/w")
        rows = [
            (
                str(i + 1),
                f"{layer.inputs} → {layer.outputs}{' shared' if layer.kernels else ''}",
                f"{layer.weights:,}",
                str(layer.requirements),
                f"{layer.neurons:,}",
                f"{layer.neurons_per_weight:,.4g}",
                f"{layer.random_weights_per_weight:,.4g}",
                f"{layer.drawn_weights_per_weight:,.4g}",
            )
            for i, layer in enumerate(self.layers)
        ]
        total = (
            f"{self.weights:,}",
            "",
            f"{self.neurons:,}",
            f"{self.neurons_per_weight:,.4g}",
            f"{self.random_weights_per_weight:,.4g}",
            f"{self.drawn_weights_per_weight:,.4g}",
        )
        rows.append(("all", "", *total))
        table = [heads, *rows]
        sizes = [max(len(row[i]) for row in table) for i in range(len(heads))]
        lines = (
            "  ".join(cell.rjust(size) for cell, size in zip(row, sizes, strict=True))
            for row in table
        )
        return title + "\n".join(lines)


@dataclass(frozen=True, repr=False)
class CopiesLayerPlan(LayerPlan):
    """What one layer of the target costs at depth ℓ + 1.

    Neurons are those that its weights are made from: in the first layer random ones, each of which
    reads an input; in all others the copies of the neurons of the layer before, and of the
    constant 1.

    Attributes
    ----------
    copies : int
        How many copies of one of its neurons the next layer reads at most, u.
    drawn : int
        Copies of all its neurons that G has.
    first : bool
        Whether it is the first layer.
    """

    copies: int = 1
    drawn: int = 1
    first: bool = True

    @property
    def _columns(self) -> int:
        return self.outputs * self.copies

    @property
    def random_weights(self) -> int:
        """Weights of G from these neurons to all copies, and from all inputs to random neurons."""
        return self.neurons * (self.drawn + (self.inputs if self.first else 0))

    @property
    def constant_weights(self) -> int:
        """Weights of G that are the constant 1: of random neurons, from inputs at least 0."""
        return super().constant_weights if self.first else 0


@dataclass(frozen=True, repr=False)
class CopiesPlan(Plan):
    """What a ticket with one layer more than F costs: `plan` with ``depth="l+1"``.

    As `Plan`; its layers are `CopiesLayerPlan`.
    """

    depth: ClassVar[str] = "l+1"

    @property
    def copies(self) -> tuple[int, ...]:
        """How many copies of a neuron of each layer the next one reads at most."""
        return tuple(layer.copies for layer in self.layers)  # type: ignore[attr-defined]

    def __repr__(self) -> str:
        return super().__repr__().replace(", shared,", ", shared, depth l+1,", 1)

    def __str__(self) -> str:
        return super().__str__().replace(", shared\n", ", shared, depth l+1\n", 1)


def plan(
    network: Network,
    epsilon: float | None = None,
    construction: str | Construction = "golden-ratio",
    *,
    weight_epsilon: float | None = None,
    inputs: Any = None,
    delta: float = 0.01,
    layout: str = "shared",
    depth: str = "2l",
    rule: str = "proved",
    seed: int = 0,
    max_seconds: float = _HOUR,
) -> Plan:
    r"""What pruning a random network to `network` costs by the theorems.

    With m target weights in a layer, k requirements (digits) for each half of each, and
    probability c that a random neuron meets a given one, at failure probability δ/ℓ a layer:

    ==========  ==============================================================================
    layout      neurons of the layer
    ==========  ==============================================================================
    reserved    every weight its own block of M neurons
    shared      every input a block of M neurons, which serve all outputs
    pooled      about 2km in all: every neuron serves one requirement of one weight
    ==========  ==============================================================================

    M is the least number of samples for which the union bound over all requirements of all
    weights of the layer is at most δ/ℓ: about :math:`\frac1c\ln\frac{2km\ell}\delta`, or the
    count of the subset-sum theorem. The pooled count is the least of those that chapter
    *batch_sampling* proves for an assignment of neurons to requirements; that of the batch lemma,
    :math:`\lceil\frac2c(m+\ln\frac{2k\ell}\delta)\rceil`, counts samples (`batch_size`). `prune`
    does not offer it: neurons that keep one edge make large tickets.

    With `epsilon`, hidden layers whose activations are positively homogeneous (ReLU, identity) are
    scaled against each other so that neurons are few. So the price does not depend on how they were
    scaled before. With `weight_epsilon` weights stay as they are.

    Parameters
    ----------
    network : Network
        The target F.
    epsilon : float, optional
        2-norm of the output error allowed over the whole domain; needs `inputs`. Give exactly one
        of `epsilon` and `weight_epsilon`.
    construction : str or Construction
        ``"golden-ratio"``, ``"malach"``, ``"product"``, ``"subset-sum"``, or an object such as
        `GoldenRatio(law="common")`.
    weight_epsilon : float, optional
        Error allowed on every single weight.
    inputs : Ball, Box or array_like, shape (..., n_0), optional
        The domain. Rows stand for the ball of their largest norm, non-negative iff they are.
    delta : float
        Probability of failure allowed, in (0, 1).
    layout : {"shared", "reserved", "pooled"}
        What a neuron serves.
    depth : {"2l", "l+1"}
        Layers of G: twice as many as F has, a layer of random neurons before each; or one more than
        F, whose neurons then stand there in many copies (chapter *since_depth*). The latter is
        proved for the construction ``"golden-ratio"``, the layout ``"shared"``, the rule
        ``"proved"``, and networks without kernels.
    rule : {"proved", "measured"}
        How `epsilon` becomes ε_w. ``"proved"``: by the error budget, over the whole domain.
        ``"measured"``: the largest of the values :math:`2^{j/4}`, j whole, rounded down to 32
        bits, for which the ticket of this `seed` errs by at most `epsilon` on the rows of `inputs`.
        Tickets are made for the larger ones, one after the other: it takes longer, and nothing is
        promised for other inputs.
    seed : int
        The seed of the tickets that the measured rule tries; the proved one draws nothing.
    max_seconds : float
        Processor time, about, that the trials of the measured rule may take together, those still
        to come included: it stops before a trial that would take more. Infinity allows everything.

    Returns
    -------
    Plan
        `print` shows it as a table.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules, or the measured rule would take more than `max_seconds`.

    References
    ----------
    Orseau, Hutter and Rivasplata, *Logarithmic Pruning is All You Need*, NeurIPS 2020, main
    theorem; this book, chapters *batch_sampling* and *main_theorem*.

    Examples
    --------
    >>> import lpbook as lp
    >>> network = lp.Network([[[0.5, -1.0], [0.25, 0.0]]])
    >>> lp.plan(network, weight_epsilon=0.01)
    <Plan golden-ratio, shared, 1 layer, weights within 0.01, 688 neurons>
    """
    seed = _check_seed(seed)
    max_seconds = _check_max_seconds(max_seconds)
    order = _order(
        network, epsilon, construction, weight_epsilon, inputs, delta, layout, rule, depth
    )
    if order.rows is None:
        return order.proved()
    return order.measured(seed, _Work(), max_seconds)[0]


def _order(
    network: Network,
    epsilon: float | None,
    construction: str | Construction,
    weight_epsilon: float | None,
    inputs: Any,
    delta: float,
    layout: str,
    rule: str,
    depth: str,
) -> _Order:
    """The arguments of `plan` and `prune`, checked."""
    network = _checks.instance("network", network, Network, "must be an lpbook.Network")
    if (epsilon is None) == (weight_epsilon is None):
        both = f"epsilon={_checks.shown(epsilon)}, weight_epsilon={_checks.shown(weight_epsilon)}"
        raise ValueError(f"{both}: give exactly one of them")
    delta = _checks.real("delta", delta, above=0, below=1)
    layout = _checks.one_of("layout", layout, (*LAYOUTS, "pooled"))
    construction = as_construction(construction)
    if layout not in construction.layouts:
        rule = f"no count is proved for it with the construction {construction.name!r}"
        raise _checks.fail("layout", layout, rule)
    largest = max(_largest(matrix) for matrix in network.matrices)
    if largest > LARGEST_WEIGHT:
        rule = f"must be at most {LARGEST_WEIGHT:.3g}: products of random weights overflow"
        raise ValueError(f"network: its weight of magnitude {largest:.4g} {rule}")
    rule = _checks.one_of("rule", rule, RULES)
    depth = _checks.one_of("depth", depth, DEPTHS)
    if depth == "l+1":
        check_proved(network, construction, layout, rule)
    domain = None if inputs is None else as_domain(inputs, network)
    if weight_epsilon is not None:
        weight_epsilon = _checks.real("weight_epsilon", weight_epsilon, above=0)
    else:
        epsilon = _checks.real("epsilon", epsilon, above=0)
        if domain is None:
            remedy = "needed with epsilon: it bounds the output error over a domain of inputs"
            raise ValueError(f"inputs=None: {remedy}")
    rows = None
    if rule == "measured":
        if epsilon is None or inputs is domain:
            remedy = "needs epsilon, and as inputs the rows on which the error is measured"
            raise _checks.fail("rule", rule, remedy)
        if layout == "pooled":
            raise _checks.fail("layout", layout, "no tickets are made of it, so none is measured")
        rows = check_inputs("inputs", inputs, network.widths[0])
    kind = _CopiesOrder if depth == "l+1" else _Order
    return kind(network, epsilon, construction, weight_epsilon, domain, delta, layout, rows)


def _largest(matrix: Floats) -> float:
    """Largest magnitude of a weight; no copy of a large layer."""
    return max(float(matrix.max()), -float(matrix.min()))


@dataclass(frozen=True)
class _Order:
    """What is asked for: the arguments of `plan`, checked, and the rows to measure on, if any."""

    network: Network
    epsilon: Any
    construction: Construction
    weight_epsilon: float | None
    domain: Any
    delta: float
    layout: str
    rows: Any

    def plan(self, weight_epsilon: float, scales: tuple[float, ...]) -> Plan:
        """The cost of weights of the scaled network within `weight_epsilon`."""
        target = self.network.scaled(scales)
        layer_delta = self.delta / len(target.matrices)
        layers = tuple(
            _plan_layer(
                matrix,
                one_sided,
                weight_epsilon,
                self.construction,
                layer_delta,
                self.layout,
                kernels,
            )
            for matrix, one_sided, kernels in zip(
                target.matrices,
                target.one_sided_inputs(self.domain),
                target.kernels,
                strict=True,
            )
        )
        return self._of_layers(Plan, layers, weight_epsilon, scales)

    def _of_layers(
        self,
        kind: type[Plan],
        layers: tuple[LayerPlan, ...],
        weight_epsilon: float,
        scales: tuple[float, ...],
    ) -> Plan:
        """The plan of layers that are planned."""
        return kind(
            construction=self.construction,
            layout=self.layout,
            weight_epsilon=weight_epsilon,
            epsilon=self.epsilon,
            delta=self.delta,
            domain=self.domain,
            layers=layers,
            scales=scales,
            rule="proved" if self.rows is None else "measured",
        )

    def proved(self) -> Plan:
        """The cost by the theorems."""
        unscaled = (1.0,) * (len(self.network.matrices) - 1)
        if self.weight_epsilon is not None:
            return self.plan(self.weight_epsilon, unscaled)

        within_budget = cache(self._within_budget)  # some scales are asked for again

        def price(scales: Sequence[float]) -> float:
            try:
                return within_budget(tuple(scales)).neurons
            except ValueError:
                return math.inf

        start = balanced(self.network, self.domain)
        if not math.isfinite(price(start)):
            start = unscaled
        return within_budget(cheapest(self.network, start, price))

    def _within_budget(self, scales: tuple[float, ...]) -> Plan:
        target = self.network.scaled(scales)
        found = _weight_epsilon(target, self.epsilon, self.domain, self.construction)
        return self._planned(found, scales)

    def measured(self, seed: int, work: _Work, max_seconds: float) -> tuple[Plan, Ticket]:
        """The ticket of the largest ε_w that keeps the rows within `epsilon`, and its plan."""
        wanted = self.network(self.rows)
        scales = balanced(self.network, self.domain)
        target = self.network.scaled(scales)
        largest = max(float(np.abs(matrix).max()) for matrix in target.matrices)
        step = math.ceil(STEPS * math.log2(largest)) + 1 if largest else 0
        seconds = 0.0  # of all trials, the next one included
        for trials in count(1):
            cost = self._planned(grid(step), scales)
            seconds += _DRAWN * cost.seconds
            cost = replace(cost, trials=trials, trial_seconds=seconds)
            _require_time(cost, max_seconds)
            with contextlib.suppress(_UnfilledBlock):  # then the next one draws more neurons
                ticket = _choose_ticket(self.network, cost, seed, work)
                errors = row_norms(ticket.network()(self.rows) - wanted)
                if errors.max() <= self.epsilon:
                    break
            step -= 1
        return cost, ticket

    def _planned(self, weight_epsilon: float, scales: tuple[float, ...]) -> Plan:
        """`plan`, or an error that names `epsilon`."""
        try:
            cost = self.plan(weight_epsilon, scales)
        except ValueError as error:
            remedy = f"leaves each weight too little: {error}; take a larger epsilon"
            raise _checks.fail("epsilon", self.epsilon, remedy) from error
        return cost


class _CopiesOrder(_Order):
    """What is asked for at depth ℓ + 1."""

    def plan(self, weight_epsilon: float, scales: tuple[float, ...]) -> Plan:
        target = self.network.scaled(scales)
        layer_delta = self.delta / len(target.matrices)
        copies, drawn = 1, target.widths[-1]
        layers: list[LayerPlan] = []
        for i in reversed(range(len(target.matrices))):
            matrix = target.matrices[i]
            weights = float(copies) * matrix.size
            _checks.work("network", self.network, weights, _MOST_COPIED, "weights of copies")
            one_sided = np.ones(matrix.shape[1], dtype=bool)  # copies are read as they are
            if i == 0:
                one_sided = target.one_sided_inputs(self.domain)[0]
            cost = _plan_layer(
                matrix, one_sided, weight_epsilon, self.construction, layer_delta, self.layout,
                copies=copies,
            )  # fmt: skip
            layer = CopiesLayerPlan(**vars(cost), copies=copies, drawn=drawn, first=i == 0)
            layers.insert(0, layer)
            of_neurons = layer.widths[: target.widths[i]]
            kept = layer.requirements * matrix.shape[0] * copies
            copies = max(1, min(max(of_neurons), kept))
            drawn = max(1, sum(of_neurons))
        return self._of_layers(CopiesPlan, tuple(layers), weight_epsilon, scales)

    def _within_budget(self, scales: tuple[float, ...]) -> Plan:
        target = self.network.scaled(scales)
        found = within_reserve(target, self.epsilon, self.domain, self.construction)
        return self._planned(found, scales)


@dataclass(frozen=True)
class _Work:
    """Who chooses, and what is shown and kept meanwhile: arguments of `prune`."""

    executor: Executor | None = None
    progress: bool = False
    timeout: float | None = None
    checkpoint: Any = None


def grid(step: int) -> float:
    """A value of ε_w that the measured rule tries: 2^(step/4), rounded down to 32 bits.

    Examples
    --------
    >>> grid(-4), grid(8)
    (0.5, 4.0)
    """
    octave, part = divmod(step, STEPS)
    return math.ldexp(fewer_bits(2 ** (part / STEPS)), octave)


def _weight_epsilon(
    network: Network, epsilon: float, domain: Domain, construction: Construction
) -> float:
    """The error budget for each weight, less where its reserve does not cover the rounding."""
    ideal = found = weight_budget(network, epsilon, domain)

    counted = -1
    while True:
        try:
            most = construction.most_requirements(network.matrices, found)
        except ValueError:  # float64 cannot serve: `plan` says so
            return found
        if most <= counted:
            return found
        counted = most  # and less error may need a digit more
        terms = [w.shape[1] * max(most, 1) + 1 for w in network.matrices]  # as `verify` will count
        found = min(ideal, solve_budget(network, epsilon, domain, terms))
        found = fewer_bits(min(found, sys.float_info.max))


def _plan_layer(
    matrix: Floats,
    one_sided: Bools,
    weight_epsilon: float,
    construction: Construction,
    delta: float,
    layout: str,
    kernels: Kernels | None = None,
    copies: int = 1,
) -> LayerPlan:
    """The cost of a layer with these weights (outputs, inputs).

    `one_sided` (inputs,) says which inputs are known to be at least 0; `delta` is the layer's own.
    Where there are `kernels`, what costs is the core. Each neuron is made in so many `copies`.
    """
    if kernels is not None:
        matrix, one_sided = kernels.core(matrix), kernels.all_of(one_sided)
    outputs, inputs = matrix.shape
    max_weight = _largest(matrix)
    scheme = None
    widths = (0,) * inputs
    neurons = halves = 0
    if max_weight > weight_epsilon:
        scheme = construction.scheme(max_weight, weight_epsilon)
        sides = [
            replace(side, halves=side.halves * copies) for side in _sides(matrix, one_sided, delta)
        ]
        halves = sum(side.halves for side in sides)
        if layout == "pooled":
            neurons = sum(
                scheme.pooled_neurons(
                    (matrix[:, side.used] > 0).sum(axis=1),
                    (matrix[:, side.used] < 0).sum(axis=1),
                    side.nonnegative,
                    side.delta,
                )
                for side in sides
            )
        else:
            widths = _block_widths(matrix, sides, scheme, layout)
            neurons = sum(widths) * (outputs if layout == "reserved" else 1)
    return LayerPlan(
        outputs=outputs,
        inputs=inputs,
        weights=int(np.count_nonzero(matrix)),
        max_weight=max_weight,
        weight_epsilon=weight_epsilon,
        scheme=scheme,
        nonnegative=one_sided,
        widths=widths,
        neurons=neurons,
        halves=halves,
        kernels=kernels,
    )


@dataclass(frozen=True)
class _Side:
    """The inputs of a layer that take either sign, or those that never are negative."""

    nonnegative: bool
    used: Bools  # (inputs,): inputs of this kind with a weight that is not 0
    halves: int  # what their weights need served: each for x > 0, and for x < 0 where x may be
    delta: float  # share of the layer's probability of failure, by halves


def _sides(matrix: Floats, one_sided: Bools, delta: float) -> list[_Side]:
    """Both kinds of inputs of a layer, those with any weight; `matrix` is (outputs, inputs)."""
    per_input = np.count_nonzero(matrix, axis=0)  # (inputs,)
    halves = np.where(one_sided, per_input, 2 * per_input)
    sides = []
    for nonnegative in (False, True):
        used = (one_sided == nonnegative) & (per_input > 0)
        if used.any():
            own = int(halves[used].sum())
            sides.append(_Side(nonnegative, used, own, delta * (own / int(halves.sum()))))
    return sides


def _block_widths(
    matrix: Floats, sides: list[_Side], scheme: Scheme, layout: str
) -> tuple[int, ...]:
    """Rows of the block of each input; 0 for an input without weights."""
    widths = np.zeros(matrix.shape[1], dtype=object)  # whole numbers of any size
    for side in sides:
        shared = layout == "shared"
        blocks = side.used.sum() if shared else np.count_nonzero(matrix[:, side.used])
        widths[side.used] = scheme.block_rows(
            side.halves, int(blocks), side.nonnegative, side.delta
        )
    return tuple(widths)


def prune(
    network: Network,
    epsilon: float | None = None,
    construction: str | Construction = "golden-ratio",
    *,
    weight_epsilon: float | None = None,
    inputs: Any = None,
    delta: float = 0.01,
    layout: str = "shared",
    depth: str = "2l",
    rule: str = "proved",
    seed: int = 0,
    progress: bool = False,
    executor: Executor | None = None,
    timeout: float | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    max_seconds: float = _HOUR,
) -> Ticket:
    r"""Find `network` inside a random network: choose what to keep of G, train nothing.

    G has the numbers of neurons that `plan` gives, so this succeeds with probability at least
    1 - δ over the seed. G is drawn block by block and never stored; memory follows the ticket.
    Where `epsilon` is given, scaled copies of the target and proofs of its norms take up to some
    100 bytes a weight more.

    Parameters
    ----------
    network, epsilon, construction, weight_epsilon, inputs, delta, depth, rule
        As in `plan`.
    layout : {"shared", "reserved"}
        What a neuron serves.
    seed : int
        The seed of G, from 0 to 2^256 - 1. The same seed and arguments give the same ticket.
    progress : bool
        Whether to show a progress bar, with the time that is left.
    executor : concurrent.futures.Executor, optional
        Who draws and chooses, some blocks at a time: threads, processes, or the executor of a
        distributed engine, such as ``Client.get_executor()`` of Dask (whose workers are slow unless
        told to keep memory: see the page *how_to*). The ticket is the same, bit for bit. What a
        worker loses or garbles is done again by this process. Without it, all is.
    timeout : float, optional
        Seconds without any result after which what is left of the executor's work is done by this
        process; without it, a worker that never ends is waited for.
    checkpoint : path, optional
        A file to which finished blocks go as they come. Whoever interrupts or kills this process
        loses no more than it was working on: the same call goes on where it stopped, and gives the
        same ticket. Other calls may share the file, one after the other. What is damaged in it is
        done again; what cannot be read at all goes to a file beside it, with a warning. Delete it
        when the ticket is saved.
    max_seconds : float
        Begin only if the processor time that the plan tells is no more: what takes hours should
        be meant. Infinity allows everything. By the measured rule, which cannot know how many
        trials it needs, no trial begins with which all would take more.

    Returns
    -------
    Ticket
        A seed and a mask.

    Raises
    ------
    TypeError
        If an argument has the wrong type.
    ValueError
        If an argument breaks the rules of `plan`; if it would take more than `max_seconds` (before
        anything is drawn, or the trial that is too much); or if the neurons drawn do not supply
        some weight (probability at most δ): then another seed or a smaller `delta` helps.

    References
    ----------
    Orseau, Hutter and Rivasplata, *Logarithmic Pruning is All You Need*, NeurIPS 2020.

    Examples
    --------
    >>> import lpbook as lp
    >>> network = lp.Network([[[0.5, -1.0], [0.25, 0.0]]])
    >>> ticket = lp.prune(network, weight_epsilon=0.01)
    >>> ticket.verify(network).ok
    True
    """
    seed = _check_seed(seed)
    progress = _checks.flag("progress", progress)
    _checks.one_of("layout", layout, LAYOUTS)
    executor = check_executor(executor)
    timeout = None if timeout is None else _checks.real("timeout", timeout, above=0)
    checkpoint = None if checkpoint is None else _checks.path("checkpoint", checkpoint)
    max_seconds = _check_max_seconds(max_seconds)
    order = _order(
        network, epsilon, construction, weight_epsilon, inputs, delta, layout, rule, depth
    )
    work = _Work(executor, progress, timeout, checkpoint)
    if order.rows is not None:
        return order.measured(seed, work, max_seconds)[1]
    cost = order.proved()
    _require_time(cost, max_seconds)
    try:
        if isinstance(cost, CopiesPlan):
            return _choose_copies(network, cost, seed, work)
        return _choose_ticket(network, cost, seed, work)
    except _UnfilledBlock as unfilled:
        raise _unfilled_error(unfilled, network, cost, seed) from None


def _check_seed(seed: Any) -> int:
    return _checks.count("seed", seed, at_least=0, at_most=MOST_SEED)


def _check_max_seconds(max_seconds: Any) -> float:
    if type(max_seconds) in _FLOATS and max_seconds == math.inf:
        return math.inf
    return _checks.real("max_seconds", max_seconds, at_least=0)


def _choose_ticket(network: Network, cost: Plan, seed: int, work: _Work) -> Ticket:
    """The ticket of a plan; `_UnfilledBlock` where the neurons drawn do not supply some weight."""
    matrices = _cores(network, cost)
    tasks = [
        task
        for i, (layer, matrix) in enumerate(zip(cost.layers, matrices, strict=True))
        for task in _tasks_of(layer, matrix, seed, i, cost.layout)
    ]
    codes = _codes(tasks, cost.construction, work)
    masks = (
        _mask(layer, activation, blocks, layer.outputs)
        for layer, activation, blocks in zip(cost.layers, network.activations, codes, strict=True)
    )
    return _ticket(Ticket, network, cost, seed, tuple(masks))


def _choose_copies(network: Network, cost: CopiesPlan, seed: int, work: _Work) -> Ticket:
    """The same at depth ℓ + 1, from the last layer to the first.

    Which copies of a layer are read depends on the edges behind them alone. Edges to the others are
    not looked at.
    """
    masks: list[LayerMask] = []
    columns, neurons = None, np.arange(network.widths[-1])
    matrices = network.scaled(cost.scales).matrices
    for i in reversed(range(len(matrices))):
        layer: Any = cost.layers[i]
        tasks = _tasks_of(
            layer, matrices[i][neurons], seed, i, cost.layout, Picked(columns, layer.drawn)
        )
        (codes,) = _codes(tasks, cost.construction, work)
        mask = _mask(layer, network.activations[i], codes, neurons.size)
        masks.insert(0, mask)
        if i:
            whole = [mask] * len(matrices)  # only this layer's is looked at
            found: Any = _ticket(CopiesTicket, network, cost, seed, tuple(whole))
            read = read_copies(found.recalled(i, columns, layer.drawn), network.widths[i])
            columns, neurons = columns_of(read, mask.widths)
    return _ticket(CopiesTicket, network, cost, seed, tuple(masks))


def _codes(tasks: list[_Task], construction: Construction, work: _Work) -> list[NDArray[np.uint8]]:
    """The choice of each layer that the tasks are of, (inputs, code_bits, bytes)."""
    blocks = {task.layer: 0 for task in tasks}
    for task in tasks:
        blocks[task.layer] += len(task.targets)
    shapes = {task.layer: task.shape[1:] for task in tasks}
    codes = {i: np.empty((blocks[i], *shapes[i]), np.uint8) for i in blocks}
    with (
        _Finished(work.checkpoint, construction) as finished,
        _progress_bar(tasks, finished, work.progress) as bar,
    ):
        for task, chosen in _chosen(tasks, finished, work.executor, work.timeout):
            codes[task.layer][task.first : task.first + len(chosen)] = chosen
            bar.update(0 if task in finished else len(chosen))
    return list(codes.values())


def _mask(layer: LayerPlan, activation: str, codes: NDArray[np.uint8], outputs: int) -> LayerMask:
    return LayerMask(
        outputs=outputs,
        inputs=layer.inputs,
        activation=activation,
        max_weight=layer.max_weight,
        nonnegative=layer.nonnegative,
        widths=np.array(layer.widths, dtype=np.int64),
        codes=_whole(codes),
        kernels=layer.kernels,
    )


def _ticket(
    kind: type[Ticket], network: Network, cost: Plan, seed: int, masks: tuple[LayerMask, ...]
) -> Ticket:
    return kind(
        seed=seed,
        construction=cost.construction,
        layout=cost.layout,
        weight_epsilon=cost.weight_epsilon,
        epsilon=cost.epsilon,
        delta=cost.delta,
        domain=cost.domain,
        bias=network.biases is not None,
        target=network.digest,
        choices=masks,
        scales=cost.scales,
        rule=cost.rule,
    )


def _cores(network: Network, cost: Plan) -> list[Floats]:
    """What is looked for in each layer: its matrix, or the core of it."""
    return [
        matrix if layer.kernels is None else layer.kernels.core(matrix)
        for matrix, layer in zip(network.scaled(cost.scales).matrices, cost.layers, strict=True)
    ]


def _whole(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The choice of a layer, from now on read-only: a mask takes it as it is."""
    codes.flags.writeable = False
    return codes


def _about(x: float) -> str:
    """One digit of a number, without an exponent where there is room."""
    return f"{float(f'{x:.1g}'):,g}"


def _trials(number: int) -> str:
    return f"{number:,} trial{'s' if number > 1 else ''}"


def _require_time(cost: Plan, max_seconds: float) -> None:
    """Raise an error where pruning takes longer: nobody waits for what a table can tell."""
    if cost.seconds > max_seconds:
        name, value = (
            ("weight_epsilon", cost.weight_epsilon)
            if cost.epsilon is None
            else ("epsilon", cost.epsilon)
        )
        work, remedies = "to choose among them", ["Allow more", f"take a larger {name}"]
        if cost.construction.name != "golden-ratio":
            remedies.append("the construction 'golden-ratio'")
        if cost.trials:
            work = f"for {_trials(cost.trials)}, of smaller and smaller weight errors"
            remedies.append(f"a weight_epsilon, such as {cost.weight_epsilon:.3g}, without trials")
        raise ValueError(
            f"{name}={value}: the construction {cost.construction.name!r} needs {cost.neurons:.4g} "
            f"neurons for it, {cost.neurons_per_weight:.4g} for each target weight, and about "
            f"{_about(cost.seconds)} s {work}, more than max_seconds={max_seconds:g}. "
            f"{', '.join(remedies[:-1])} or {remedies[-1]}"
        )


@dataclass(frozen=True)
class Picked:
    """The outputs of the blocks of a layer that are looked at; None for all of them."""

    columns: NDArray[np.int64] | None
    of: int  # outputs that there are

    @property
    def told(self) -> str:
        """What the choice depends on."""
        columns = b"" if self.columns is None else self.columns.astype("<i8").tobytes()
        return f"{self.of} {hashlib.sha256(columns).hexdigest()}"


@dataclass(frozen=True)
class _Task:
    """Some consecutive blocks of a layer: all that a worker needs to choose in them."""

    layer: int
    first: int
    targets: Floats  # (blocks, outputs)
    scheme: Scheme | None
    seed: int
    layout: str
    nonnegative: Bools  # (blocks,)
    rows: tuple[int, ...]  # of each block
    widest: int  # rows of the widest block of the layer
    picked: Picked | None = None  # where targets are of some outputs of the blocks alone

    @property
    def shape(self) -> tuple[int, int, int]:
        """Shape of the choice: blocks, bits of a code, bytes that hold one of each output."""
        bits = 0 if self.scheme is None else self.scheme.code_bits(self.widest)
        return len(self.targets), bits, -(-self.targets.shape[1] // 8)

    @cached_property
    def key(self) -> bytes:
        """A checksum of all that the choice depends on."""
        told = (_STREAM, self.layer, self.first, self.targets.shape, self.scheme, self.seed)
        content = repr((*told, self.layout, self.nonnegative.tolist(), self.rows, self.widest))
        if self.picked is not None:
            content += self.picked.told
        return hashlib.sha256(content.encode() + self.targets.astype("<f8").tobytes()).digest()


def _tasks_of(
    layer: LayerPlan,
    matrix: Floats,
    seed: int,
    i: int,
    layout: str,
    picked: Picked | None = None,
) -> list[_Task]:
    widest, outputs = max(layer.widths), len(matrix)
    numbers = max(1, widest * outputs)
    size = max(-(-layer.inputs // _LEAST_TASKS), STRIP // outputs)
    size = max(1, min(_TASK_NUMBERS // numbers, size))
    return [
        _Task(
            layer=i,
            first=j,
            targets=matrix.T[j : j + size],  # no copy of a large layer
            scheme=layer.scheme,
            seed=seed,
            layout=layout,
            nonnegative=layer.nonnegative[j : j + size],
            rows=layer.widths[j : j + size],
            widest=widest,
            picked=picked,
        )
        for j in range(0, layer.inputs, size)
    ]


class _UnfilledBlock(Exception):
    """`Unfilled`, and where: layer, input, output, need."""


@dataclass(frozen=True)
class _Choice:
    """The choice in each block of a task, and a checksum of it together with the task."""

    codes: NDArray[np.uint8]  # (blocks, code_bits, bytes), eight outputs to a byte
    checksum: bytes


def _is_choice(task: _Task, found: Any) -> bool:
    """Whether this came, unharmed, from `_choose_all` for this task."""
    return (
        isinstance(found, _Choice)
        and isinstance(found.codes, np.ndarray)
        and found.codes.dtype == np.uint8
        and found.codes.shape == task.shape
        and isinstance(found.checksum, bytes)
        and found.checksum == _checksum(task, found.codes)
    )


def _checksum(task: _Task, codes: NDArray[np.uint8]) -> bytes:
    return hashlib.sha256(task.key + codes.tobytes()).digest()


class _Finished:
    """The tasks that an earlier call has finished, and a place for those of this one."""

    def __init__(self, path: str | None, construction: Construction) -> None:
        self._records = None
        if path is not None:
            if CONSTRUCTIONS.get(construction.name) is not type(construction):
                rule = f"must be None for a construction of your own, {construction!r}"
                raise _checks.fail("checkpoint", path, rule)
            self._records = Records(path)
        self._before: set[bytes] = set()

    def look_up(self, tasks: list[_Task]) -> None:
        """Find out which of the tasks are finished."""
        if self._records is not None:
            self._before.update(task.key for task in tasks if task.key in self._records)

    def __contains__(self, task: _Task) -> bool:
        return bool(self._before) and task.key in self._before

    def __getitem__(self, task: _Task) -> NDArray[np.uint8]:
        content = None if self._records is None else self._records.get(task.key)
        if content is None or len(content) != math.prod(task.shape):
            return _choose_all(task).codes  # whoever wrote it did not know what it is about
        return np.frombuffer(content, np.uint8).reshape(task.shape)

    def keep(self, task: _Task, choice: _Choice) -> None:
        """Write down what was found for a task."""
        if self._records is not None:
            self._records.put(task.key, choice.codes.tobytes())

    def __enter__(self) -> _Finished:
        return self

    def __exit__(self, *error: object) -> None:
        if self._records is not None:
            self._records.__exit__(*error)


def _chosen(
    tasks: list[_Task], finished: _Finished, executor: Executor | None, timeout: float | None
) -> Iterator[tuple[_Task, NDArray[np.uint8]]]:
    """Every task with its choice, in order; those that are finished are not done again."""
    new = results(
        _choose_all,
        [task for task in tasks if task not in finished],
        executor,
        (_UnfilledBlock,),
        right=_is_choice,
        done=finished.keep,
        timeout=timeout,
    )
    for task in tasks:
        yield task, finished[task] if task in finished else next(new).codes


def _choose_all(task: _Task) -> _Choice:
    """The choice in each block of a task."""
    outputs = task.targets.shape[1]
    if task.scheme is None:
        codes = np.empty(task.shape, dtype=np.uint8)
        return _Choice(codes, _checksum(task, codes))
    picked = task.picked or Picked(None, outputs)
    drawn = [
        Block(task.seed, task.layer, j, picked.of, task.layout, picked.columns).chunks(rows)
        for j, rows in enumerate(task.rows, start=task.first)
    ]
    try:
        targets = np.ascontiguousarray(task.targets)
        chosen = task.scheme.choose_all(targets, drawn, task.nonnegative, task.widest)
    except Unfilled as unfilled:
        j = task.first + unfilled.block
        raise _UnfilledBlock(task.layer, j, unfilled.output, unfilled.need) from None
    codes = np.packbits(chosen, axis=-1)
    return _Choice(codes, _checksum(task, codes))


def _unfilled_error(
    unfilled: _UnfilledBlock, network: Network, cost: Plan, seed: int
) -> ValueError:
    i, j, output, need = unfilled.args
    is_bias = j == network.widths[i]
    where = f"biases[{i}][{output}]" if is_bias else f"weights[{i}][{output}, {j}]"
    if cost.layers[i].kernels is not None:
        where = f"entry [{output}, {j}] of the kernels of weights[{i}]"
    value = _cores(network, cost)[i][output, j]
    scheme = cost.layers[i].scheme
    if scheme is None or scheme.proved:
        remedy = (
            f"The theorem allows this with probability at most delta={cost.delta:g}: take another "
            "seed, or a smaller delta, which draws more neurons."
        )
    else:
        remedy = "Their number was given, no theorem says that it is enough: take more of them."
    return ValueError(
        f"seed={seed}: in layer {i + 1}, the {cost.layers[i].widths[j]:,} random neurons of input "
        f"{j} do not supply {need} of {where} = {value:.6g}. {remedy}"
    )


def _progress_bar(tasks: list[_Task], finished: _Finished, progress: bool) -> Any:
    from tqdm import tqdm

    finished.look_up(tasks)
    return tqdm(
        total=sum(len(task.targets) for task in tasks),
        initial=sum(len(task.targets) for task in tasks if task in finished),
        unit="block",
        desc="pruning",
        disable=not progress,
        leave=False,
    )
