r"""The ticket: a seed and a mask. Its network, its certificate, its file.

The seed gives G; the mask says which of its edges stay. What the file keeps of the mask are, for
each target weight, the bits from which the construction's rule rebuilds it: for golden-ratio
digits one sign and k digits for either half, since each kept neuron is the first of its block that
supplies its digit.
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook._files import (
    LEAST_GROWTH,
    MAX_BYTES,
    Beyond,
    Limits,
    Sealed,
    frame_of,
    write_sealed,
)
from lpbook._packing import pack, plane_sizes, planes_of, unpack
from lpbook.constructions import CONSTRUCTIONS, Construction, Kept, Unfilled
from lpbook.constructions.base import Bools, Scheme
from lpbook.error_bounds import LARGEST_FOLLOWED, LayerError, error_bound
from lpbook.exports import TicketExports
from lpbook.kernels import Kernels
from lpbook.mixing import Mixing
from lpbook.networks import (
    ACTIVATIONS,
    LEAST_FLOAT,
    UNIT_ROUNDOFF,
    WEIGHT_ROUNDINGS,
    Ball,
    Box,
    Domain,
    Network,
    activation_of,
    check_box,
    check_inputs,
    check_scales,
    frozen,
    outputs_of,
    product,
    rounding,
    row_norms,
    shortened,
    spectral_bound,
)
from lpbook.random_network import LAYOUTS, MOST_SEED, Block

__all__ = [
    "Certificate",
    "Compared",
    "LayerMask",
    "Ticket",
    "TicketNetwork",
    "compared",
    "load_ticket",
]

_FORMAT = "lpbook ticket"
_VERSION = 3
_OLDEST = 1  # version that is read: codes as they are in memory
MAX_DRAWS = 2**26
"""Random numbers that a ticket from a file may have to draw again, unless more are allowed."""
_LAYER_BYTES = 2**17  # of memory that a layer of a file counts at least: its time is bounded, too
_LONGEST_REASON = 300  # characters: a file may hold longer names
_KEPT_DRAWS = 15  # random numbers in the time that a bit of the codes takes that is set
_PLACE_DRAWS = 5000  # what an input costs besides that a block of kernels serves, as random numbers
_FREE_DRAWS = 10_000  # of such costs for each byte of the file: of honest ones a block takes a byte
_PLANE_DRAWS = 2**13  # and eight bits of the codes of a layer, or of a part of a large one
_ENTRY_BYTES = 64  # of memory for each entry of a matrix with kernels, while they are laid out
_CELL_BYTES = 64  # of memory for each bit that is recalled at a time
_BITS_SET = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1).sum(1, np.uint8)
RULES = ("proved", "measured")
"""How the output error is kept within ε: over a domain, by a proof; on given rows, by trial."""

_STORED = 2**20  # bytes of a choice in memory: of larger ones, what is in the file is enough
_HELD = 2**28  # bytes of effective weights: more are made, and dropped, layer by layer
_TOGETHER = 2**15  # target weights whose neurons are drawn again together
_LARGEST_GRAM = 3000  # rows: an eigenvalue of so large a matrix takes seconds


@dataclass(frozen=True)
class Certificate:
    """What `Ticket.verify` found.

    Attributes
    ----------
    ok : bool
        Whether the network is the one that the ticket was made for, with the activations of the
        ticket, every effective weight is within the ticket's ``weight_epsilon`` and, where it has
        an ``epsilon``, the network within that: by the proved rule over the whole stored domain; by
        the measured rule on the `inputs` given to `verify`, and if none are given, that is not
        checked.
    weight_error : float
        Largest error of an effective weight, rounding included.
    network_error : float
        Proved bound on the 2-norm of the output error over `domain`, rounding included; infinite
        where no domain is stored or the activations differ.
    domain : Ball, Box or None
        The inputs that `network_error` is about, as the ticket states them: over a small domain a
        small error says little.
    measured_error : float or None
        Largest output error on the `inputs` given to `verify`.
    outside_domain : int or None
        How many of those inputs lie outside the stored domain: the bound does not speak of them.
    drawn : int
        Intermediate neurons of G, as the ticket states them: `verify` draws those that are kept,
        and what comes before them in their blocks, no more.
    kept : int
        Neurons that keep an edge; a hidden channel of a layer with kernels counts once.
    kept_weights : int
        Weights of G that are kept, entries of kernels once.
    rule : {"proved", "measured"}
        What the ticket's ``epsilon`` is about: all inputs of its domain, or rows.
    stated : dict
        What was read from the ticket and not checked, by name: ``drawn``; ``delta``, the
        probability of failure; and by the measured rule ``epsilon``, if no `inputs` were given.

    A certificate is true, as a condition, where it is valid.
    """

    ok: bool
    weight_error: float
    network_error: float
    domain: Domain | None
    measured_error: float | None
    outside_domain: int | None
    drawn: int
    kept: int
    kept_weights: int
    rule: str
    stated: Mapping[str, float] = field(hash=False)

    def __bool__(self) -> bool:
        return self.ok

    def __repr__(self) -> str:
        measured = self.measured_error
        on_rows = "" if measured is None else f"{measured:.4g} measured, "
        where = ", ".join(f"{name} {value}" for name, value in _limits_of(self.domain))
        if self.outside_domain:
            where += f"; {self.outside_domain:,} measured ones OUTSIDE"
        stated = ", ".join(f"{name} {value:,}" for name, value in self.stated.items())
        return (
            f"<Certificate {'valid' if self.ok else 'NOT VALID'} ({self.rule}), weight error "
            f"{self.weight_error:.4g}, network error {on_rows}{self.network_error:.4g} proved "
            f"(inputs: {where}), {self.kept:,} neurons kept; stated, not checked: {stated}>"
        )

    def __str__(self) -> str:
        rows = [
            ("certificate", "valid" if self.ok else "NOT VALID"),
            ("rule", self.rule),
            ("largest weight error", f"{self.weight_error:.4g}"),
            ("network error, proved", f"{self.network_error:.4g}"),
            *((f"inputs, {name}", value) for name, value in _limits_of(self.domain)),
        ]
        if self.measured_error is not None:
            rows.append(("network error, measured", f"{self.measured_error:.4g}"))
        if self.outside_domain:
            rows.append(("inputs outside the domain", f"{self.outside_domain:,}"))
        rows += [("neurons kept", f"{self.kept:,}"), ("weights kept", f"{self.kept_weights:,}")]
        rows += [(f"{name}, not checked", f"{value:,}") for name, value in self.stated.items()]
        return "\n".join(f"{name:<26}{value:>14}" for name, value in rows)


def _limits_of(domain: Domain | None) -> list[tuple[str, str]]:
    """What a domain says of its inputs, in two lines at most."""
    if domain is None:
        return [("domain", "not stated")]
    if isinstance(domain, Ball):
        limits = [("norm up to", f"{domain.radius:.4g}")]
        return [*limits, ("entries from", "0")] if domain.nonnegative else limits
    return [("entries from", _range(domain.low)), ("entries up to", _range(domain.high))]


def _range(ends: float | tuple[float, ...]) -> str:
    """An end of an interval, or the least and the largest of several."""
    least, most = (f"{end:.4g}" for end in (np.min(ends), np.max(ends)))
    return least if least == most else f"{least}…{most}"


@dataclass(frozen=True)
class Compared:
    """How the kept edges of a block compare with what they stand for; all of shape (outputs,).

    Attributes
    ----------
    errors, magnitudes : ndarray of float
        Bounds on the errors of effective weights, and their sums of magnitudes, the largest of the
        halves.
    edges : ndarray of float
        Kept edges of the half that has more.
    """

    errors: Floats
    magnitudes: Floats
    edges: Floats


def compared(kept: Kept, target: Floats, halves: int) -> Compared:
    """Compare kept edges with target weights (outputs,): of x > 0 alone, or of both halves."""
    magnitude, edges = kept.magnitude(target.size), kept.edges(target.size)
    signed, radius = (part[:halves] for part in _column_errors(kept, target, magnitude, edges))
    return Compared(_magnitude(signed, radius), magnitude.max(axis=0), edges.max(axis=0))


@dataclass(frozen=True)
class LayerMask:
    """Which neurons between two layers of the target are kept.

    Attributes
    ----------
    outputs, inputs : int
        Shape of the target's layer, or of its core where it has kernels; where there are biases the
        constant 1 is the last input.
    activation : str, Attention or LayerNorm
        Activation of the outputs.
    max_weight : float
        Largest magnitude of a target weight.
    nonnegative : ndarray of bool, shape (inputs,)
        Which inputs are known to be at least 0.
    widths : ndarray of int, shape (inputs,)
        Rows of the block of each input.
    codes : ndarray of uint8, shape (inputs, code_bits, ceil(outputs / 8))
        The choice, eight outputs to a byte. That of a large layer of a file is unpacked, and
        checked, each time that it is asked for.
    kernels : Kernels or None
        Where the weights of the core stand.
    """

    outputs: int
    inputs: int
    activation: Any
    max_weight: float
    nonnegative: NDArray[np.bool_]
    widths: NDArray[np.int64]
    codes: NDArray[np.uint8]
    kernels: Kernels | None = None

    def __post_init__(self) -> None:
        for name in ("nonnegative", "widths", "codes"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __reduce__(self) -> tuple[Any, ...]:  # copies and pickles do not change either
        return type(self), tuple(getattr(self, part.name) for part in fields(self))

    @property
    def shape(self) -> tuple[int, int]:
        """Shape of the target's layer: outputs, inputs."""
        return (self.outputs, self.inputs) if self.kernels is None else self.kernels.shape

    def places(self, block: int) -> list[int]:
        """The inputs that a block serves."""
        return [block] if self.kernels is None else self.kernels.inputs_of(block).tolist()

    def at_places(self, block: int, kept: Kept) -> Iterator[tuple[int, Any, Kept]]:
        """For each input that a block serves: which of its edges are kept there, and as what."""
        if self.kernels is None:
            yield block, slice(None), kept
            return
        for j in self.places(block):
            edges, outputs = self.kernels.edges(j, kept.outputs)
            yield j, edges, Kept(kept.rows[edges], outputs, kept.inner[edges], kept.outer[edges])

    def spread(self, weights: Floats) -> Floats:
        """Weights (..., outputs, inputs) of the core where they stand in the layer."""
        return weights if self.kernels is None else self.kernels.spread(weights)

    def __repr__(self) -> str:
        return (
            f"<LayerMask {self.inputs} → {self.outputs}, {self.activation}, "
            f"{int(self.widths.sum()):,} rows, {math.prod(self.code_shape):,} bytes>"
        )

    @property
    def code_shape(self) -> tuple[int, ...]:
        """Shape of `codes`."""
        return self.codes.shape


@dataclass(frozen=True)
class _Stored:
    """The choice of a layer in a file that has been read and checked once."""

    file: Sealed
    path: str
    layer: int
    shape: tuple[int, int, int]
    outputs: int
    order: tuple[int, ...]
    digest: bytes

    def read(self) -> NDArray[np.uint8]:
        """The choice, as it was when the ticket was loaded."""
        inputs, bits, _ = self.shape
        try:
            sizes = plane_sizes(inputs, bits, self.outputs)
            planes = self.file.inflated(f"codes_{self.layer}", sizes)
            codes = unpack(planes, self.shape, self.outputs, self.order)
        except OSError:
            raise
        except Exception as error:
            raise self._changed() from error
        if _digest(codes) != self.digest:
            raise self._changed()
        codes.flags.writeable = False
        return codes

    def _changed(self) -> ValueError:
        return ValueError(f"path={self.path!r}: was written to after it was loaded; load it again")


class _StoredMask(LayerMask):
    """A mask whose choice stays in its file; what is kept of it is where."""

    def __post_init__(self) -> None:
        for name in ("nonnegative", "widths"):
            object.__setattr__(self, name, frozen(getattr(self, name)))

    def __reduce__(self) -> tuple[Any, ...]:  # copies have the choice itself
        return LayerMask, tuple(getattr(self, part.name) for part in fields(self))

    @property
    def codes(self) -> NDArray[np.uint8]:
        stored: _Stored = vars(self)["stored"]
        return stored.read()

    @codes.setter  # what the dataclass is made with
    def codes(self, stored: Any) -> None:
        vars(self)["stored"] = stored

    @property
    def code_shape(self) -> tuple[int, ...]:
        stored: _Stored = vars(self)["stored"]
        return stored.shape


def _digest(codes: NDArray[np.uint8]) -> bytes:
    return hashlib.sha256(codes.data).digest()


_NOTHING_KEPT = Kept(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0), np.empty(0))


@dataclass(frozen=True, eq=False)
class Ticket(TicketExports):
    """A subnetwork of a random network: made by `prune`, read by `load_ticket`.

    Attributes
    ----------
    seed : int
        The seed of G.
    construction : Construction
        How the neurons were chosen.
    layout : str
        ``"shared"`` or ``"reserved"``.
    weight_epsilon : float
        Error allowed on every effective weight.
    epsilon : float or None
        2-norm of the output error allowed, where that was asked for.
    delta : float
        Probability of failure that the number of neurons was chosen for.
    domain : Ball, Box or None
        Inputs over which the output error is bounded.
    bias : bool
        Whether every layer has the constant 1 as its last input.
    target : str
        `Network.digest` of the target.
    choices : tuple of LayerMask
        The choice, one entry for each layer of the target.
    scales : tuple of ℓ - 1 float
        Factors of the outputs of the hidden layers: weights stand for those of the target's
        ``scaled(scales)``, the same function, and `weight_epsilon` is about these.
    rule : {"proved", "measured"}
        What `epsilon` is about: the whole domain, or the rows on which `prune` measured.
    """

    seed: int
    construction: Construction
    layout: str
    weight_epsilon: float
    epsilon: float | None
    delta: float
    domain: Domain | None
    bias: bool
    target: str
    choices: tuple[LayerMask, ...]
    scales: tuple[float, ...]
    rule: str

    depth: ClassVar[str] = "2l"
    file_version: ClassVar[int] = 2
    kinds: ClassVar[dict[str, type[Ticket]]] = {}

    def __init_subclass__(cls, depth: str, **more: Any) -> None:
        super().__init_subclass__(**more)
        cls.depth = depth
        Ticket.kinds[depth] = cls

    def __repr__(self) -> str:
        shape = "-".join(shortened(self.widths))
        return (
            f"<Ticket {shape}, {self.construction.name}, {self.layout}, seed {self.seed}, "
            f"{self.drawn:,} neurons drawn>"
        )

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of neurons n_0, ..., n_ℓ of the target."""
        outputs = (outputs_of(mask.activation, mask.shape[0]) for mask in self.choices)
        return (self.choices[0].shape[1] - self.bias, *outputs)

    @property
    def drawn(self) -> int:
        """Intermediate neurons of G; where a layer has kernels, hidden channels."""
        return sum(int(self._offsets(mask)[-1]) for mask in self.choices)

    @property
    def weight_epsilons(self) -> tuple[Floats, ...]:
        """Error allowed on the target's own weights, by layer and input, shape (inputs,).

        `weight_epsilon`, scaled back; with biases the constant 1 is the last input.
        """
        factors = (1.0, *self.scales, 1.0)
        found = []
        for mask, before, after in zip(self.choices, factors[:-1], factors[1:], strict=True):
            allowed = np.full(mask.shape[1], self.weight_epsilon * before / after)
            if self.bias:
                allowed[-1] = self.weight_epsilon / after
            found.append(allowed)
        return tuple(found)

    def memory_of_streams(self) -> float:
        """Bytes of tables, while numbers are reached at random, beyond those of its blocks."""
        return 0.0

    def _offsets(self, mask: LayerMask, at_places: bool = False) -> NDArray[np.int64]:
        """Number of the first neuron of each block, and of all neurons; shape (inputs + 1,).

        Where a layer has kernels, a block counts once, or once for each input that it serves.
        """
        per_row = mask.outputs if self.layout == "reserved" else 1
        widths = mask.widths
        if at_places and mask.kernels is not None:
            widths = widths[mask.kernels.blocks]
        return np.concatenate(([0], np.cumsum(widths * per_row)))

    def kept(self, layer: int) -> Iterator[Kept]:
        """The kept neurons of each block of a layer, drawn again from the seed.

        Parameters
        ----------
        layer : int
            Layer of the target, from 0.

        Yields
        ------
        Kept
            One for each input of the layer, or of its core where it has kernels, in order; with
            biases, the constant 1 is the last.
        """
        layer = _checks.count("layer", layer, at_least=0, at_most=len(self.choices) - 1)
        outputs = self.choices[layer].outputs
        yield from self._recalled(layer, lambda j: Block(self.seed, layer, j, outputs, self.layout))

    def _recalled(self, layer: int, block: Callable[[int], Block]) -> Iterator[Kept]:
        """What the choice of a layer keeps of these blocks."""
        mask = self.choices[layer]
        if not math.prod(mask.code_shape):
            yield from [_NOTHING_KEPT] * mask.inputs
            return
        scheme = self.construction.scheme(mask.max_weight, self.weight_epsilon)
        packed = mask.codes
        widest = int(mask.widths.max())
        for part, alike in _parts(packed, mask.outputs, mask.widths, mask.nonnegative):
            order = [j for blocks in alike for j in blocks]
            waiting = dict.fromkeys(set(part).difference(order), _NOTHING_KEPT)
            codes = np.unpackbits(packed[order], axis=-1, count=mask.outputs).view(bool)
            rows = [block(j).chunks(int(mask.widths[j])) for j in order]
            found = scheme.recall_all(codes, rows, mask.nonnegative[order], widest)
            recalled = zip(order, found, strict=True)
            for j in part:
                while j not in waiting:
                    try:
                        i, kept = next(recalled)
                        waiting[i] = kept
                    except Unfilled as error:
                        where = f"layer {layer + 1}, input {order[error.block]}"
                        rule = f"{where} keeps neurons G lacks"
                        raise ValueError(f"ticket={self!r}: {rule}") from error
                yield waiting.pop(j)

    @cached_property
    def _effective(self) -> Sequence[Floats]:
        """Effective weights of each layer for x > 0 and for x < 0, shape (2, outputs, inputs).

        In the units of the target, not scaled. Those of a large ticket are not kept.
        """
        layers = _EffectiveLayers(self)
        return layers if self._is_large else tuple(layers)

    @property
    def _is_large(self) -> bool:
        """Whether the effective weights of all layers together take too much memory."""
        return 16 * sum(math.prod(mask.shape) for mask in self.choices) > _HELD

    def _effective_of(self, layer: int) -> Floats:
        mask = self.choices[layer]
        weights = np.empty((2, mask.outputs, mask.inputs))
        for j, kept in enumerate(self.kept(layer)):
            weights[:, :, j] = kept.effective(mask.outputs)
        found: Floats = frozen(self._unscaled(layer, mask.spread(weights)))
        return found

    def _unscaled(self, layer: int, weights: Floats) -> Floats:
        """Weights (..., inputs) of the scaled target, in the units of the target; in place."""
        weights *= self.weight_epsilons[layer] / self.weight_epsilon
        return weights

    def network(self) -> TicketNetwork:
        """The pruned network Ĝ, a function of inputs x of shape (..., n_0).

        It is evaluated through its effective weights, one for x > 0 and one for x < 0 in place of
        each target weight; `layers` gives its own weights.
        """
        activations = tuple(mask.activation for mask in self.choices)
        return TicketNetwork(self._effective, activations, self.bias, self.widths)

    def layers(self) -> list[Any]:
        r"""The weights of Ĝ itself: 2ℓ sparse matrices B_1, A_1, ..., B_ℓ, A_ℓ.

        Layer i of the target is :math:`y\mapsto\sigma_i(A_i\max(B_iy,0))`. Where there are biases,
        B_i has one more column, the last, for the constant 1. Outputs of hidden layers come out
        multiplied by `scales`.

        Returns
        -------
        list of scipy.sparse arrays
            B_i of shape (M_i, n_{i-1}) in CSC format, A_i of shape (n_i, M_i) in CSR format, M_i
            neurons of G in between: those of a hidden channel at all places, where there are
            kernels.

        Examples
        --------
        >>> import lpbook as lp
        >>> ticket = lp.prune(lp.Network([[[0.7, -0.2]]]), weight_epsilon=0.01)
        >>> b, a = ticket.layers()
        >>> b.shape == (ticket.drawn, 2), a.shape == (1, ticket.drawn)
        (True, True)
        """
        from scipy.sparse import coo_array

        matrices = []
        for i, mask in enumerate(self.choices):
            outputs, inputs = mask.shape
            offsets = self._offsets(mask, at_places=True)
            b_parts, a_parts = [], []
            for block, of_block in enumerate(self.kept(i)):
                numbers = self._neurons(of_block, mask)
                for j, edges, kept in mask.at_places(block, of_block):
                    neurons = numbers[edges]
                    unique, where = np.unique(neurons, return_index=True)
                    inner = kept.inner[where]
                    b_parts.append((inner, offsets[j] + unique, np.full(unique.size, j)))
                    a_parts.append((kept.outer, kept.outputs, offsets[j] + neurons))
            size = int(offsets[-1])
            for parts, shape, kind in (
                (b_parts, (size, inputs), "csc"),
                (a_parts, (outputs, size), "csr"),
            ):
                values, rows, columns = (np.concatenate(part) for part in zip(*parts, strict=True))
                matrices.append(coo_array((values, (rows, columns)), shape=shape).asformat(kind))
        return matrices

    def _neurons(self, kept: Kept, mask: LayerMask) -> NDArray[np.int64]:
        """Number within its block of the neuron that holds each kept edge to an output."""
        return kept.rows * mask.outputs + kept.outputs if self.layout == "reserved" else kept.rows

    def verify(self, network: Network, inputs: ArrayLike | None = None) -> Certificate:
        r"""Check the ticket against its target, from the seed up.

        Every kept weight is drawn again, every effective weight computed again and compared, and
        the output error bounded by the error budget with the actual weight errors.

        Parameters
        ----------
        network : Network
            The target.
        inputs : array_like, shape (..., n_0), optional
            Inputs on which to measure the output error, too.

        Returns
        -------
        Certificate
            With other weights of the same shapes, ``ok`` is False.

        Raises
        ------
        TypeError, ValueError
            If `network` has other shapes than the ticket's target, or `inputs` do not fit.

        Warns
        -----
        RuntimeWarning
            If some of `inputs` lie outside the stored domain: the proved error is not about them.
        """
        scaled, rows, like = self._checked(network, inputs)
        weight_error = 0.0
        found_errors: list[LayerError] = []
        followed = max(self.widths) <= LARGEST_FOLLOWED
        effective: list[Floats] = []  # of each layer, as `_effective` has them, if they are kept
        y = rows  # what comes out of the layers before, of Ĝ
        kept_neurons = kept_weights = 0
        one_sided = scaled.one_sided_inputs(self.domain)
        for i, (mask, target) in enumerate(zip(self.choices, scaled.matrices, strict=True)):
            check = _LayerCheck(target, one_sided[i], with_weights=rows is not None)
            for block, of_block in enumerate(self.kept(i)):
                if not of_block.rows.size:
                    check.empty += mask.places(block)
                    continue
                neurons = _distinct(self._neurons(of_block, mask))
                kept_neurons += neurons
                kept_weights += neurons + of_block.outer.size
                for j, _, kept in mask.at_places(block, of_block):
                    check.add(j, kept)
            check.finish()
            if check.inputs != target.shape[1]:
                raise ValueError(f"ticket={self!r}: layer {i + 1} has inputs that no block serves")
            if y is not None:
                weights = self._unscaled(i, check.weights)
                y = _outputs(weights, y, mask.activation, self.bias)
                if not self._is_large:
                    effective.append(frozen(weights))
            weight_error = max(weight_error, check.errors.largest)
            found_errors.append(check.layer_error(followed))

        bound = math.inf
        if self.domain is not None and like:
            bound = error_bound(scaled, self.domain, found_errors)
            bound = math.inf if math.isnan(bound) else bound
        if effective:
            vars(self).setdefault("_effective", tuple(effective))  # G is drawn once
        return self._certificate(
            network,
            weight_error,
            bound,
            rows,
            y,
            like=like,
            kept=kept_neurons,
            kept_weights=kept_weights,
        )

    def _checked(
        self, network: Network, inputs: ArrayLike | None
    ) -> tuple[Network, Floats | None, bool]:
        """The network that is scaled as the target was, rows to measure on, and whether it is like
        the target: may be scaled so, and has its activations."""
        network = _checks.instance("network", network, Network, "must be an lpbook.Network")
        if network.widths != self.widths or (network.biases is not None) != self.bias:
            raise ValueError(f"network={network!r}: must have the shape of the target of {self!r}")
        rows = None if inputs is None else check_inputs("inputs", inputs, self.widths[0])
        like = network.activations == tuple(mask.activation for mask in self.choices)
        try:
            return network.scaled(self.scales), rows, like
        except ValueError:  # another network than the ticket's: there is nothing to bound
            return network, rows, False

    def _certificate(
        self,
        network: Network,
        weight_error: float,
        bound: float,
        rows: Floats | None,
        y: Floats | None,
        *,
        like: bool,
        kept: int,
        kept_weights: int,
    ) -> Certificate:
        """The certificate of what was found; of `rows` the ticket's network makes `y`."""
        measured = outside = None
        if rows is not None and y is not None:
            measured = float(row_norms(y - network(rows)).max())
            if self.domain is not None:
                outside = int(np.count_nonzero(~np.asarray(self.domain.contains(rows))))
            if outside:
                _checks.warn(
                    f"inputs: {outside:,} rows lie outside the ticket's domain, {self.domain}; the "
                    "proved error is not about them",
                    RuntimeWarning,
                )
        fits = network.digest == self.target and like
        ok = fits and weight_error <= self.weight_epsilon
        stated: dict[str, float] = {"drawn": self.drawn, "delta": self.delta}
        if self.epsilon is not None:
            reached = bound if self.rule == "proved" else measured
            if reached is None:
                stated["epsilon"] = self.epsilon
            ok = ok and (reached is None or reached <= self.epsilon)
        return Certificate(
            ok=ok,
            weight_error=weight_error,
            network_error=bound,
            domain=self.domain,
            measured_error=measured,
            outside_domain=outside,
            drawn=self.drawn,
            kept=kept,
            kept_weights=kept_weights,
            rule=self.rule,
            stated=stated,
        )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the ticket to exactly `path`, at once or not at all.

        The file is a plain ``.npz`` that ends in a checksum of all its bytes. A ticket already
        there is replaced, and leaves its mode to the new one. A warning tells where `load_ticket`
        will want more than its limits allow by default.

        Raises
        ------
        OSError
            If it cannot be written, or there is something at `path` that is no regular file.
        TypeError
            If the construction is not one of `lpbook.constructions.CONSTRUCTIONS`.
        """
        name = self.construction.name
        if CONSTRUCTIONS.get(name) is not type(self.construction):
            raise TypeError(f"construction={self.construction!r}: a file can name only its own")
        header = {
            "format": _FORMAT,
            "version": self.file_version,
            "seed": self.seed,
            "construction": {"name": name, **self.construction.parameters()},
            "layout": self.layout,
            "weight_epsilon": self.weight_epsilon,
            "epsilon": self.epsilon,
            "rule": self.rule,
            "delta": self.delta,
            "domain": _domain_parts(self.domain),
            "bias": self.bias,
            "target": self.target,
            "scales": list(self.scales),
            "layers": [_layer_parts(mask) for mask in self.choices],
        }
        if self.depth != Ticket.depth:
            header["depth"] = self.depth
        arrays: dict[str, Any] = {}
        for i, mask in enumerate(self.choices):
            arrays[f"nonnegative_{i}"] = mask.nonnegative
            arrays[f"widths_{i}"] = mask.widths.astype("<i8")
            arrays[f"codes_{i}"] = pack(mask.codes, mask.outputs, self._code_order(mask))
        path = _checks.path("path", path)
        write_sealed(path, header, arrays)
        if asked := self._beyond(os.path.getsize(path), *frame_of(header, arrays)):
            allowed = ", ".join(f"{name}={math.ceil(most)}" for name, most in asked.items())
            _checks.warn(
                f"path={path!r}: to read this ticket takes more than load_ticket, or the command "
                f"line, allows by default; it needs {allowed}",
                UserWarning,
            )

    def _beyond(self, size: int, *frame: int) -> dict[str, float]:
        """What has to be allowed to load a file of this ticket, beyond what is by default."""
        limits = Beyond(max_bytes=max(MAX_BYTES, LEAST_GROWTH * size), max_draws=MAX_DRAWS)
        limits.frame(*frame)
        _charge_layers(len(self.choices), limits)
        charges = _Charges(size, self.construction, self.weight_epsilon, self.layout, limits)
        for mask in self.choices:
            charges.layer(mask)
        limits.need("max_bytes", self.memory_of_streams())
        return limits.asked

    def _code_order(self, mask: LayerMask) -> Sequence[int]:
        """The bits of a layer's codes as the file has them."""
        if not mask.code_shape[1]:
            return ()
        scheme = self.construction.scheme(mask.max_weight, self.weight_epsilon)
        return scheme.code_order(int(mask.widths.max()))

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        *,
        max_bytes: int = MAX_BYTES,
        max_draws: int = MAX_DRAWS,
    ) -> Ticket:
        """Read a ticket; nothing in the file is executed.

        The checksum tells accidents: it is no signature, and whoever writes a file can seal it.
        What a ticket is worth `verify` says, which draws every kept weight again. Files of
        strangers may be loaded and verified: whatever they declare, neither takes more memory or
        time than the limits allow.

        Parameters
        ----------
        path : path
            The file.
        max_bytes : int
            Memory, in bytes, that the ticket or its effective weights may take; at least 16 times
            the size of the file is always allowed. A byte of the header counts as 64, a layer as
            131,072 at least.
        max_draws : int
            Random numbers that have to be drawn again, at most; for each byte of the file 128 are
            always allowed, 384 of subset sums and 1,536 of golden-ratio digits, as honest files
            need. What takes as long counts as random numbers, too: eight bits of a layer's codes
            as eight thousand; a block as ten thousand or more, beyond a block for each byte.

        Raises
        ------
        OSError
            If the file cannot be read, or is no regular file.
        ValueError
            If it is not an intact ticket, whatever byte was changed, or beyond the limits.
        """
        path = _checks.path("path", path)
        max_bytes = _checks.count("max_bytes", max_bytes)
        max_draws = _checks.count("max_draws", max_draws)
        try:
            file = Sealed(path, max_bytes=max_bytes)
            try:
                ticket = _from_file(file, path, max_bytes, max_draws)
            except BaseException:
                file.close()
                raise
            if not any(isinstance(mask, _StoredMask) for mask in ticket.choices):
                file.close()
            return ticket
        except OSError:
            raise
        except Exception as error:  # whatever a crafted file provokes is one kind of failure
            reason = " ".join(str(error).split())[:_LONGEST_REASON] or type(error).__name__
            raise ValueError(f"path={path!r}: {reason}") from error


def load_ticket(
    path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES, max_draws: int = MAX_DRAWS
) -> Ticket:
    """Read a ticket from a file: `Ticket.load`, with its limits."""
    return Ticket.load(path, max_bytes=max_bytes, max_draws=max_draws)


def _ones(codes: NDArray[np.uint8]) -> int:
    """How many bits are set; those of a byte are few."""
    return int(_BITS_SET[codes].sum(dtype=np.int64))


def _parts(
    codes: NDArray[np.uint8],
    outputs: int,
    widths: NDArray[np.int64],
    nonnegative: NDArray[np.bool_],
) -> Iterator[tuple[range, list[list[int]]]]:
    """Inputs whose blocks are recalled together, and those that keep anything, by kinds.

    Blocks of a kind, with as many rows and in-weights of the same signs, are searched together.
    """
    together = max(1, _TOGETHER // outputs)
    for first in range(0, len(codes), together):
        part = range(first, min(first + together, len(codes)))
        kinds: dict[tuple[int, bool], list[int]] = {}
        for j in (first + np.flatnonzero(codes[first : part.stop].any(axis=(1, 2)))).tolist():
            kinds.setdefault((int(widths[j]), bool(nonnegative[j])), []).append(j)
        yield part, list(kinds.values())


class _EffectiveLayers(Sequence[Floats]):
    """Effective weights of each layer, drawn again whenever they are asked for."""

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket

    def __len__(self) -> int:
        return len(self._ticket.choices)

    def __getitem__(self, layer: Any) -> Any:
        if isinstance(layer, slice):
            return tuple(self[i] for i in range(*layer.indices(len(self))))
        return self._ticket._effective_of(range(len(self))[layer])


class TicketNetwork:
    """The pruned network Ĝ, evaluated through its effective weights.

    Attributes
    ----------
    effective : sequence of ndarray, shape (2, n_i, n_{i-1})
        What stands for each target weight where its input is > 0, and where it is < 0; where there
        are biases, the constant 1 is the last input. Those of a large ticket, of more than 256 MiB,
        are drawn again, a layer at a time, whenever they are asked for.
    """

    def __init__(
        self,
        effective: Sequence[Floats],
        activations: tuple[Any, ...],
        bias: bool,
        widths: tuple[int, ...],
    ) -> None:
        streamed = isinstance(effective, _EffectiveLayers)
        self.effective = effective if streamed else tuple(map(frozen, effective))
        self._activations = activations
        self._bias = bias
        self._widths = widths

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.effective, self._activations, self._bias, self._widths)

    def __repr__(self) -> str:
        widths = self._widths
        shape, names = (shortened(items) for items in (widths, self._activations))
        return f"<TicketNetwork {'-'.join(shape)}, {', '.join(names)}>"

    def __call__(self, x: ArrayLike) -> Floats:
        """The outputs, shape (..., n_ℓ), for inputs `x` of shape (..., n_0)."""
        y = check_inputs("x", x, self._widths[0])
        for weights, name in zip(self.effective, self._activations, strict=True):
            y = _outputs(weights, y, name, self._bias)
        return y


def _outputs(weights: Floats, y: Floats, activation: str | Mixing, bias: bool) -> Floats:
    """Outputs of a layer with effective weights (2, outputs, inputs)."""
    n = y.shape[-1]
    positive, negative = weights
    z = np.maximum(y, 0.0) @ positive[:, :n].T
    if negative.any():
        z = z + np.minimum(y, 0.0) @ negative[:, :n].T
    if bias:
        z = z + positive[:, n]
    return activation_of(activation).function(z)


def _distinct(numbers: NDArray[np.int64]) -> int:
    """How many different whole numbers there are, at least 0."""
    if numbers.max(initial=0) < 2**20:  # a table costs less than sorting
        return int(np.count_nonzero(np.bincount(numbers)))
    return int(np.unique(numbers).size)


def _column_errors(
    kept: Kept, target: Floats, magnitude: Floats, edges: Floats
) -> tuple[Floats, Floats]:
    """Errors of the effective weights of one block for x > 0 and for x < 0, shape (2, outputs).

    First as computed, with their signs; then how far the true ones may be from them. `magnitude`
    and `edges` are those of `kept`.
    """
    signed = kept.effective(target.size) - target
    # k products, rounded and added, err by γ_k times the sum of their magnitudes, computed in the
    # same order, and by 2^-1075 each where they underflow; the difference, and what is computed
    # here, round four times at most. Where nothing is kept the error is the target, exactly.
    radius = rounding(edges) * magnitude * (1 + 4 * UNIT_ROUNDOFF)
    radius += np.where(edges > 0, 4 * UNIT_ROUNDOFF * np.abs(signed) + edges * LEAST_FLOAT, 0.0)
    return signed, radius


def _magnitude(signed: Floats, radius: Floats) -> Floats:
    """Largest magnitudes of errors that are within `radius` of `signed`, over the first axis."""
    largest = (np.abs(signed) + radius).max(axis=0)
    found: Floats = np.where(np.isnan(largest), np.inf, largest)  # sums that overflow both ways
    return found


class _NormBound:
    """Bound on the spectral norm of every matrix with entries of at most these magnitudes.

    The magnitudes come column by column, so that no more than one is held.
    """

    def __init__(self, rows: int) -> None:
        self.largest = 0.0
        self._rows = np.zeros(rows)
        self._norms: list[float] = []
        self._column = 0.0

    def add(self, columns: Floats) -> None:
        """Add one column (rows,), or several, (rows, columns)."""
        columns = columns.reshape(self._rows.size, -1)
        self.largest = max(self.largest, float(columns.max()))
        self._rows += columns.sum(axis=1)
        self._norms += row_norms(columns.T).tolist()
        self._column = max(self._column, float(columns.sum(axis=0).max()))

    def bound(self) -> float:
        if not self._norms:
            return 0.0
        frobenius = float(row_norms(np.array(self._norms)))
        row = float(self._rows.max())
        bound = min(frobenius, product(math.sqrt(self._column), math.sqrt(row)))
        # the sums round, their roots half as much, the roots and what follows four times
        return product(bound, 1 + rounding(self._rows.size * len(self._norms) + 4))


def _error_norm(signed: Floats | None, errors: _NormBound, radii: _NormBound) -> float:
    """Bound on how much a layer's weight errors (2, outputs, inputs) stretch an input.

    The error of a layer at y is E⁺ max(y, 0) - E⁻ max(-y, 0), and the two halves of y together are
    as long as y: the norm is that of E⁺ and E⁻ side by side, and not above that of magnitudes.
    """
    bound = errors.bound()
    if signed is None or not math.isfinite(bound):
        return bound
    beside = [half for half in signed if half.any()] or [signed[0]]
    return min(bound, spectral_bound(*beside) + product(math.sqrt(2), radii.bound()))


class _LayerCheck:
    """What is found of a layer, input by input, beside its target (outputs, columns).

    Attributes
    ----------
    weights : ndarray, shape (2, outputs, columns)
        Effective weights for x > 0 and for x < 0, if they are wanted.
    empty : list of int
        Inputs that keep nothing: what is lost is the target.
    inputs : int
        How many have been checked.
    """

    def __init__(self, target: Floats, one_sided: Bools, with_weights: bool) -> None:
        outputs, columns = target.shape
        self.target, self._one_sided, self._with_weights = target, one_sided, with_weights
        self.weights = np.empty((2, *target.shape) if with_weights else (2, 0, columns))
        self.empty: list[int] = []
        self.inputs = 0
        self.errors, self._radii, self._added = (_NormBound(outputs) for _ in range(3))
        self._edges, self._largest = np.zeros(outputs), 0.0
        # where a Gram matrix is not too large
        gram = min(outputs, 2 * columns) <= _LARGEST_GRAM
        self._signed = np.zeros((2, *target.shape)) if gram else None

    def add(self, j: int, kept: Kept) -> None:
        """Input j and what is kept of its neurons."""
        outputs = len(self.target)
        if self._with_weights:
            self.weights[:, :, j] = kept.effective(outputs)
        halves = slice(1 if self._one_sided[j] else 2)
        magnitude, edges = kept.magnitude(outputs), kept.edges(outputs)
        found = _column_errors(kept, self.target[:, j], magnitude, edges)
        error, radius = (part[halves] for part in found)
        if self._signed is not None:
            self._signed[halves, :, j] = error
        self.errors.add(_magnitude(error, radius))
        self._radii.add(radius.max(axis=0))
        self._added.add(magnitude.max(axis=0))
        self._edges += edges.max(axis=0)
        self._largest = max(self._largest, float(np.abs(kept.outer).max(initial=0.0)))
        self.inputs += 1

    def finish(self) -> None:
        """Count the inputs that keep nothing."""
        if not self.empty:
            return
        lost = self.target[:, self.empty]
        self.weights[:, :, self.empty] = 0.0
        if self._signed is not None:
            self._signed[0, :, self.empty] = -lost.T
            both = [j for j in self.empty if not self._one_sided[j]]
            self._signed[1, :, both] = -self.target[:, both].T
        self.errors.add(np.abs(lost))
        self.inputs += len(self.empty)

    def layer_error(self, followed: bool) -> LayerError:
        """What the bound of the network needs; signed errors where it follows them.

        Of either half of an input only one is not 0. Through effective weights, one product an
        input, then both halves together; edge by edge, two factors for each product. Effective
        weights are scaled back.
        """
        most = int(self._edges.max())
        return LayerError(
            signed=self._signed if followed else None,
            norm=_error_norm(self._signed, self.errors, self._radii),
            rounded=product(math.sqrt(2), self._radii.bound()),
            terms=max(most, self.target.shape[1]) + 1 + WEIGHT_ROUNDINGS,
            outer=self._largest,
            magnitude=product(self._added.bound(), 1 + rounding(most + 1)),
            largest=self.errors.largest,
        )


def _from_file(file: Sealed, path: str, max_bytes: int, max_draws: int) -> Ticket:
    """The ticket that a file describes, every part of it checked before it is read."""
    header = file.header
    if header["format"] != _FORMAT:
        raise ValueError(f"not a ticket: format {header['format']!r}")
    version = _checks.count("version", header["version"], at_least=_OLDEST)
    if version > _VERSION:
        raise ValueError(f"version {version}: this lpbook reads versions up to {_VERSION}")
    parameters = dict(header["construction"])
    kind = CONSTRUCTIONS[_checks.one_of("construction", parameters.pop("name"), CONSTRUCTIONS)]
    construction = kind(**parameters)
    epsilon, domain = header["epsilon"], header["domain"]
    bias = bool(header["bias"])
    weight_epsilon = _checks.real("weight_epsilon", header["weight_epsilon"], above=0)
    layout = _checks.one_of("layout", header["layout"], LAYOUTS)
    kinds: dict[str, type[Ticket]] = {Ticket.depth: Ticket, **Ticket.kinds}
    kind_of_ticket = kinds[_checks.one_of("depth", header.get("depth", Ticket.depth), kinds)]
    limits = Limits(
        max_bytes=max(max_bytes, LEAST_GROWTH * file.size),
        max_draws=max_draws,
    )
    _charge_layers(len(header["layers"]), limits)
    reader = _LayerReader(
        file, path, version, construction, weight_epsilon, layout, bias, limits,
        chained=kind_of_ticket is Ticket,
    )  # fmt: skip
    masks: list[LayerMask] = []
    for said in header["layers"]:
        masks.append(reader.read(said, masks))
    if file.unread or not masks:
        raise ValueError(f"unexpected content: {file.unread[:3]}")
    found = kind_of_ticket(
        seed=_checks.count("seed", header["seed"], at_least=0, at_most=MOST_SEED),
        construction=construction,
        layout=layout,
        weight_epsilon=weight_epsilon,
        epsilon=None if epsilon is None else _checks.real("epsilon", epsilon, above=0),
        delta=_checks.real("delta", header["delta"], above=0, below=1),
        domain=_domain_of(domain, masks[0].shape[1] - bias),
        bias=bias,
        target=str(header["target"]),
        choices=tuple(masks),
        scales=_scales_of(header, masks),
        rule=_checks.one_of("rule", header.get("rule", "proved"), RULES),
    )
    limits.need("max_bytes", found.memory_of_streams())
    return found


class _Charges:
    """What the layers of a ticket cost whoever reads its file and verifies it."""

    def __init__(
        self,
        size: int,
        construction: Construction,
        weight_epsilon: float,
        layout: str,
        limits: Limits,
    ) -> None:
        self._size, self._construction, self._weight_epsilon = size, construction, weight_epsilon
        self._layout, self._limits = layout, limits
        self._free = float(_FREE_DRAWS) * size

    def layer(self, mask: LayerMask) -> None:
        """All that `_LayerReader.read` charges for a layer."""
        kernels, limits = mask.kernels, self._limits
        whole = mask.shape if kernels is None else kernels.shape
        if kernels is not None:
            _charge_kernels(kernels, limits)
        scheme = self._scheme(mask.max_weight)
        if isinstance(mask.activation, Mixing):
            _charge_mixing(mask.activation, limits)
        self._charge_matrix(whole)
        inputs, bits, packed = mask.code_shape
        self._charge_codes((inputs, bits, packed), mask.outputs)
        if scheme is not None:
            self._charge_recall(
                scheme, mask.codes, mask.outputs, mask.widths, mask.nonnegative, kernels, whole[1]
            )

    def _scheme(self, max_weight: float) -> Scheme | None:
        if max_weight <= self._weight_epsilon:
            return None
        scheme = self._construction.scheme(max_weight, self._weight_epsilon)
        self._limits.allow("max_draws", scheme.most_recalled * self._size)
        return scheme

    def _charge_matrix(self, whole: tuple[int, int]) -> None:
        """What it takes to have the effective weights of a layer."""
        self._limits.take("max_bytes", 16.0 * math.prod(whole))

    def _charge_codes(self, shape: tuple[int, int, int], outputs: int) -> None:
        """What it takes to have the choices of a layer in memory."""
        inputs, bits, _ = shape
        self._limits.take("max_bytes", float(math.prod(shape)))
        self._limits.need("max_bytes", float(_CELL_BYTES) * bits * outputs)
        self._limits.take("max_draws", float(_PLANE_DRAWS) * planes_of(inputs, bits, outputs))

    def _charge_recall(
        self,
        scheme: Scheme,
        codes: NDArray[np.uint8],
        outputs: int,
        widths: NDArray[np.int64],
        nonnegative: Bools,
        kernels: Kernels | None,
        places: int,
    ) -> None:
        """What it takes to find the neurons of a layer again."""
        self._free -= 0.0 if kernels is None else float(_PLACE_DRAWS) * places
        columns = 2 * outputs - 1 if self._layout == "reserved" else outputs
        draws = most = 0.0
        for part, alike in _parts(codes, outputs, widths, nonnegative):
            draws += float(_KEPT_DRAWS) * _ones(codes[part.start : part.stop])
            for blocks in alike:
                rows = int(widths[blocks[0]])
                draws += len(blocks) * scheme.recall_work(rows, columns)
                self._free -= scheme.recall_besides(rows, len(blocks), outputs)
                most = max(most, scheme.recall_bytes(rows, len(blocks), outputs))
        self._limits.take("max_draws", draws + max(-self._free, 0.0))
        self._free = max(self._free, 0.0)
        self._limits.need("max_bytes", most)


class _LayerReader(_Charges):
    """Layers of a ticket from a file: each is charged to the limits before it takes their time."""

    def __init__(
        self,
        file: Sealed,
        path: str,
        version: int,
        construction: Construction,
        weight_epsilon: float,
        layout: str,
        bias: bool,
        limits: Limits,
        chained: bool,
    ) -> None:
        super().__init__(file.size, construction, weight_epsilon, layout, limits)
        self._file, self._path, self._version, self._bias = file, path, version, bias
        self._chained = chained  # copies fit by those that are read

    def read(self, said: Sequence[Any], earlier: Sequence[LayerMask]) -> LayerMask:
        """The layer after those that are read, of which the header says this."""
        file, limits, i = self._file, self._limits, len(earlier)
        outputs, inputs, activation, max_weight, *more = said
        outputs = _checks.count("outputs", outputs)
        inputs = _checks.count("inputs", inputs, at_least=1 + self._bias)
        kernels = _kernels_of(more, (outputs, inputs), limits)
        whole = (outputs, inputs) if kernels is None else kernels.shape
        scheme = self._scheme(max_weight := _checks.real("max_weight", max_weight, at_least=0))
        activation = _activation_of_file(activation, whole[0], limits)
        before = whole[1] - self._bias
        if self._chained and earlier:
            before = outputs_of(earlier[-1].activation, earlier[-1].shape[0])
        if whole[1] < 1 + self._bias or whole[1] != before + self._bias:
            raise ValueError(f"layer {i} does not fit the one before")
        self._charge_matrix(whole)
        nonnegative = file.array(f"nonnegative_{i}", np.bool_, (inputs,))
        widths = file.array(f"widths_{i}", "<i8", (inputs,)).astype(np.int64)
        if not ((widths >= 0) & (widths < 2**40)).all():
            raise ValueError(f"widths_{i} must be at least 0, and no more than can be drawn")
        bits = 0 if scheme is None else scheme.code_bits(int(widths.max()))
        shape = (inputs, bits, -(-outputs // 8))
        self._charge_codes(shape, outputs)
        order = () if scheme is None else tuple(scheme.code_order(int(widths.max())))
        codes = self._codes(i, shape, outputs, order)
        if scheme is not None:
            self._charge_recall(scheme, codes, outputs, widths, nonnegative, kernels, whole[1])
        kind_of_mask: type[LayerMask] = LayerMask
        choice: Any = codes
        if self._version > 1 and codes.nbytes > _STORED:
            kind_of_mask = _StoredMask
            choice = _Stored(file, self._path, i, shape, outputs, order, _digest(codes))
        return kind_of_mask(
            outputs, inputs, activation, max_weight, nonnegative, widths, choice, kernels
        )

    def _codes(
        self, i: int, shape: tuple[int, int, int], outputs: int, order: Sequence[int]
    ) -> NDArray[np.uint8]:
        """Choices of layer i (inputs, bits, ceil(outputs / 8))."""
        if self._version == 1:
            return self._file.array(f"codes_{i}", np.uint8, shape)
        inputs, bits, _ = shape
        planes = self._file.inflated(f"codes_{i}", plane_sizes(inputs, bits, outputs))
        return unpack(planes, shape, outputs, order)


def _layer_parts(mask: LayerMask) -> list[Any]:
    """What the header says of a layer; its kernels only if it has some."""
    activation = mask.activation
    if isinstance(activation, Mixing):
        activation = activation.parts()
    parts: list[Any] = [mask.outputs, mask.inputs, activation, mask.max_weight]
    return parts if mask.kernels is None else [*parts, mask.kernels.parts()]


def _activation_of_file(given: Any, sums: int, limits: Limits) -> str | Mixing:
    """An activation of a file, of a layer with so many sums."""
    if isinstance(given, str):
        return _checks.one_of("activation", given, ACTIVATIONS)
    found = Mixing.from_parts(given)
    if found.inputs != sums:
        raise ValueError(f"{found!r} takes {found.inputs} sums, not {sums}")
    _charge_mixing(found, limits)
    return found


def _charge_layers(count: int, limits: Limits) -> None:
    limits.need("max_bytes", float(_LAYER_BYTES) * count)


def _charge_mixing(mixing: Mixing, limits: Limits) -> None:
    limits.take("max_bytes", 8.0 * mixing.cells)


def _kernels_of(parts: list[Any], core: tuple[int, int], limits: Limits) -> Kernels | None:
    """The kernels of a layer of a file, if it has some."""
    if not parts:
        return None
    (kernels,) = parts
    found = Kernels.from_parts(kernels)
    if found.core_shape != core:
        raise ValueError(f"kernels of a core of shape {found.core_shape}, not {core}")
    _charge_kernels(found, limits)
    return found


def _charge_kernels(kernels: Kernels, limits: Limits) -> None:
    largest = max(map(math.prod, (kernels.shape, kernels.core_shape)))
    limits.take("max_bytes", float(_ENTRY_BYTES) * largest)


def _domain_parts(domain: Domain | None) -> Any:
    """A domain as a file has it: radius and sign of a ball, ends of a box."""
    if isinstance(domain, Ball):
        return [domain.radius, domain.nonnegative]
    return domain and {"low": domain.low, "high": domain.high}


def _domain_of(parts: Any, width: int) -> Domain | None:
    """The domain of a file."""
    if isinstance(parts, dict):
        box = Box(**parts)
        check_box("domain", box, width)
        return box
    return None if parts is None else Ball(*parts)


def _scales_of(header: dict[str, Any], masks: list[LayerMask]) -> tuple[float, ...]:
    """The scales of a file; files without them are of networks as they are."""
    found = header.get("scales", [1.0] * (len(masks) - 1))
    activations = [mask.activation for mask in masks[:-1]]
    return check_scales(found, activations)
