r"""Networks as dense layers, exactly: convolution, pooling, skip connections, attention.

What is linear between two activations becomes one matrix, which is what it makes of the unit
vectors: a convolution, a pooling by means, a batch norm, a sum of branches, in any order. With
:math:`\sigma(z)=\max(z,0)` and :math:`0\le\alpha\le1`,

.. math:: \max(z,\alpha z)=\sigma(z)-\alpha\sigma(-z),\qquad \max(a,b)=b+\sigma(a-b),\qquad
          u=\sigma(u)-\sigma(-u),

so a leaky ReLU takes each neuron twice, a maximum one more layer, and what skips a layer passes
through it: as it is where it is at least 0, else twice. Through an activation that mixes neurons,
of `lpbook.mixing`, it passes as it is. In these matrices an entry of a kernel
stands at many places: `lpbook.kernels` finds them by the shapes of the values.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, TypeVar

import numpy as np

from lpbook._checks import Floats
from lpbook._files import Limits
from lpbook.frameworks.chain import compare, random_rows, warn_of_end
from lpbook.kernels import Kernels, Places, kernels_of
from lpbook.mixing import Attention, LayerNorm, Mixing

__all__ = ["Unrolled", "Value"]

_Network = TypeVar("_Network")

MOST_ENTRIES = 5 * 10**7  # of one matrix: 400 MB
_MOST_INPUTS = 15_000  # whose unit vectors are 1.8 GB
_TIMES = 64  # what constants of a file may take, all matrices together may


@dataclass(frozen=True)
class Value:
    """A value of the graph, as an affine function of the outputs of the layer before.

    Attributes
    ----------
    matrix : ndarray, shape (m, n)
    constant : ndarray, shape (m,)
    shape : tuple of int
        Its own shape, that of m numbers.
    nonnegative : bool
        Whether all its numbers are known to be at least 0.
    name : str
        The first layer with weights on the way to it from the layer before.
    channels : int
        The axis of its channels, first (0) or last (-1); the others are places.
    """

    matrix: Floats
    constant: Floats
    shape: tuple[int, ...]
    nonnegative: bool = False
    name: str = ""
    channels: int = 0

    @property
    def places(self) -> Places:
        """Where its numbers stand."""
        return Places.of(self.shape, self.channels)


class Unrolled:
    """The layers of a graph whose nodes come in an order in which they can be computed.

    Examples
    --------
    A skip connection around a ReLU, of an input of two numbers:

    >>> graph = Unrolled("x", (2,))
    >>> graph.affine("h", "x", lambda x: x @ np.array([[1.0, 2.0], [0.0, 1.0]]), "first")
    >>> graph.relu("r", "h", carried=["x"])
    >>> graph.total("y", {"r": 1.0, "x": 1.0})
    >>> weights, biases, activations, names = graph.layers("y")
    >>> [w.shape for w in weights], activations
    ([(6, 2), (2, 6)], ['relu', 'identity'])
    """

    def __init__(self, key: Hashable, shape: Sequence[int], channels: int = 0) -> None:
        size = math.prod(shape)
        if size > _MOST_INPUTS:
            rule = f"at most {_MOST_INPUTS:,} are unrolled"
            raise ValueError(f"inputs of shape {tuple(shape)} are {size:,} numbers; {rule}")
        self._done: list[tuple[Floats, Floats, Any, str]] = []
        start = Value(np.eye(size), np.zeros(size), tuple(shape), channels=channels)
        self.values = {key: start}
        # of what each layer reads, and of its sums; what comes out of a mixing one is elsewhere
        self._columns, self._rows = [[start.places]], list[list[Places]]()
        self._end: tuple[Hashable, str, Callable[[Floats], Floats]] | None = None
        self.limits: Limits | None = None  # of files, which may be those of strangers

    def _count(self, entries: int) -> None:
        """Refuse a matrix of so many entries that is too large alone, or with all others."""
        if entries > _MOST_INPUTS**2:
            rule = f"at most {_MOST_INPUTS**2:.0e} are made"
            raise ValueError(f"unrolled, its matrix has {entries:,} entries; {rule}")
        if self.limits is not None:
            self.limits.take("max_bytes", 8.0 * entries / _TIMES)

    def _read(self, source: Hashable) -> Value:
        if self._end is not None and source == self._end[0]:
            raise ValueError(f"follows {self._end[1]}, which is supported at the end")
        return self.values[source]

    def end(
        self, key: Hashable, source: Hashable, what: str, after: Callable[[Floats], Floats]
    ) -> None:
        """A softmax at the end: left off with a warning, and applied only to compare."""
        self.values[key] = self._read(source)
        self._end = key, what, after

    def affine(
        self,
        key: Hashable,
        source: Hashable,
        apply: Callable[[Floats], Any],
        name: str = "",
        channels: int | None = None,
    ) -> None:
        """A node that is affine in one value; `apply` takes rows of it, and gives rows.

        `channels` is the axis of their channels, where it is not that of the value.
        """
        value = self._read(source)
        size = value.matrix.shape[0]
        zero = np.asarray(apply(np.zeros((1, *value.shape))), dtype=np.float64)
        outputs = zero.size
        entries = max(size, value.matrix.shape[1]) * outputs
        if entries > MOST_ENTRIES:
            rule = f"at most {MOST_ENTRIES:.0e} are made"
            raise ValueError(f"unrolled, its matrix has {entries:,} entries; {rule}")
        self._count(max(size * size, entries))
        units = np.asarray(apply(np.eye(size).reshape(size, *value.shape)), dtype=np.float64)
        linear = (units - zero).reshape(size, outputs).T
        self.values[key] = Value(
            linear @ value.matrix,
            linear @ value.constant + zero.ravel(),
            zero.shape[1:],
            name=value.name or name,
            channels=value.channels if channels is None else channels,
            nonnegative=value.nonnegative and bool((linear >= 0).all() and (zero >= 0).all()),
        )

    def total(self, key: Hashable, signs: dict[Any, float]) -> None:
        """A sum of values of one shape, each with its sign."""
        values = [self._read(source) for source in signs]
        self._count(values[0].matrix.size)
        shapes = {value.shape for value in values}
        if len(shapes) > 1:
            raise ValueError(f"{key!r}: adds up values of different shapes, {sorted(shapes)}")
        pairs = [*zip(values, signs.values(), strict=True)]
        self.values[key] = Value(
            sum((sign * value.matrix for value, sign in pairs), np.zeros(1)),
            sum((sign * value.constant for value, sign in pairs), np.zeros(1)),
            values[0].shape,
            all(value.nonnegative and sign > 0 for value, sign in pairs),
            next((value.name for value in values if value.name), ""),
            values[0].channels,
        )

    def relu(
        self, key: Hashable, source: Hashable, carried: Iterable[Hashable] = (), slope: float = 0.0
    ) -> None:
        """A ReLU, leaky if it has a slope; `carried` are the values that are needed later."""
        value = self._read(source)
        rows = {key: [value] if slope == 0 else [value, _negative(value)]}
        for other in carried:
            kept = self.values[other]
            rows[other] = [kept] if kept.nonnegative else [kept, _negative(kept)]
        self._close([part for parts in rows.values() for part in parts], "relu", value.name)
        size, start = self._done[-1][0].shape[0], 0
        self.values = {}  # the others are functions of a layer that is past
        for name, parts in rows.items():
            factors = (1.0, -slope) if name == key else (1.0, -1.0)
            m = len(parts[0].constant)
            self._count(m * size)
            matrix = np.zeros((m, size))
            for factor, _ in zip(factors, parts, strict=False):
                matrix[np.arange(m), start + np.arange(m)] = factor
                start += m
            self.values[name] = Value(
                matrix,
                np.zeros(m),
                parts[0].shape,
                nonnegative=len(parts) == 1,
                channels=parts[0].channels,
            )

    def maximum(self, key: Hashable, sources: list[Any], carried: Sequence[Hashable]) -> None:
        """The elementwise maximum of values: pairs of them first, then of what they give."""
        while len(sources) > 1:
            left, right, *rest = sources
            difference, positive = (key, "difference", len(rest)), (key, "positive", len(rest))
            self.total(difference, {left: 1.0, right: -1.0})
            alive = [*dict.fromkeys([*carried, right, *rest])]
            larger = all(self.values[side].nonnegative for side in (left, right))
            self.relu(positive, difference, alive)
            found = (key, "maximum", len(rest))
            self.total(found, {right: 1.0, positive: 1.0})
            sources = [*rest, found]
            value = self.values[found]
            self.values[found] = replace(value, nonnegative=larger)
        self.values[key] = self.values[sources[0]]

    def max_pool(
        self,
        key: Hashable,
        source: Hashable,
        window: Sequence[int],
        stride: Sequence[int],
        carried: Sequence[Hashable] = (),
    ) -> None:
        """The maximum over windows of the last axes, without padding."""
        shape = self.values[source].shape[-len(window) :]
        sizes = [(n - w) // s + 1 for n, w, s in zip(shape, window, stride, strict=True)]
        places = []
        for corner in product(*map(range, window)):
            part = (key, *corner)
            cut = tuple(
                slice(c, c + s * n, s) for c, s, n in zip(corner, stride, sizes, strict=True)
            )
            self.affine(part, source, lambda x, cut=cut: x[(..., *cut)])  # type: ignore[misc]
            places.append(part)
        self.maximum(key, places, carried)

    def smooth(self, key: Hashable, source: Hashable, activation: str) -> None:
        """Another activation of `lpbook.networks.ACTIVATIONS`, which nothing may skip."""
        value = self._read(source)
        self._close([value], activation, value.name)
        m, nonnegative = len(value.constant), activation == "logistic"
        self._count(m * m)
        self.values = {
            key: Value(np.eye(m), np.zeros(m), value.shape, nonnegative, channels=value.channels)
        }

    def attention(
        self,
        key: Hashable,
        queries: Hashable,
        keys: Hashable,
        values: Hashable,
        *,
        heads: int,
        carried: Iterable[Hashable] = (),
    ) -> None:
        """Heads that read values, shape (tokens, numbers) with the heads side by side, each."""
        parts = [self._read(source) for source in (queries, keys, values)]
        (tokens, width), (_, wide) = parts[0].shape, parts[2].shape
        kept = self._carried(carried)
        mixing = Attention(tokens, heads, width // heads, wide // heads, _numbers(kept.values()))
        self._mix(key, parts, mixing, (tokens, wide), kept)

    def layer_norm(
        self,
        key: Hashable,
        source: Hashable,
        added: float,
        carried: Iterable[Hashable] = (),
        name: str = "",
    ) -> None:
        """Layer norm of the last axis of a value, without factors and constants."""
        value, kept = self._read(source), self._carried(carried)
        *tokens, size = value.shape
        mixing = LayerNorm(math.prod(tokens), size, added, _numbers(kept.values()))
        self._mix(key, [value], mixing, value.shape, kept, name)

    def _carried(self, carried: Iterable[Hashable]) -> dict[Hashable, Value]:
        return {other: self.values[other] for other in carried}

    def _mix(
        self,
        key: Hashable,
        parts: list[Value],
        mixing: Mixing,
        shape: tuple[int, ...],
        kept: dict[Hashable, Value],
        name: str = "",
    ) -> None:
        """A layer whose neurons are mixed; what is needed later skips it as it is."""
        name = next((part.name for part in parts if part.name), name)
        self._close([*parts, *kept.values()], mixing, name)
        found = Value(np.zeros(0), np.zeros(math.prod(shape)), shape, channels=-1)
        start, self.values = 0, {}
        for other, value in [(key, found), *kept.items()]:
            m = len(value.constant)
            self._count(m * mixing.outputs)
            matrix = np.zeros((m, mixing.outputs))
            matrix[np.arange(m), start + np.arange(m)] = 1.0
            self.values[other] = Value(
                matrix, np.zeros(m), value.shape, value.nonnegative, channels=value.channels
            )
            start += m
        self._columns[-1] = [value.places for value in self.values.values()]

    def _close(self, parts: list[Value], activation: str | Mixing, name: str) -> None:
        matrix = np.concatenate([part.matrix for part in parts])
        constant = np.concatenate([part.constant for part in parts])
        self._done.append((matrix, constant, activation, name))
        places = [part.places for part in parts]
        self._rows.append(places)
        self._columns.append(places)

    def network(
        self,
        make: Callable[..., _Network],
        key: Hashable,
        theirs: Callable[[Floats], Any],
        precision: str = "float64",
    ) -> _Network:
        """The network up to a value, compared with the library's own on rows, as by `Chain`."""
        weights, biases, activations, names, kernels = self._layers(key)
        network: Any = make(weights, biases, activations=activations, names=names, kernels=kernels)
        rows = random_rows(weights[0].shape[1])
        outputs = np.asarray(theirs(rows))
        mine = network(rows)
        if self._end is not None:
            mine = self._end[2](mine)
            warn_of_end(self._end[1])
        compare(mine, outputs.reshape(len(rows), -1), precision)
        return network  # type: ignore[no-any-return]

    def layers(
        self, key: Hashable
    ) -> tuple[list[Floats], list[Floats] | None, list[Any], list[str]]:
        """Weights, biases (None if there are none), activations and names up to a value."""
        return self._layers(key)[:4]

    def kernels(self, key: Hashable) -> list[Kernels | None]:
        """Which weights of these layers stand at many places; for `Network`."""
        return self._layers(key)[4]

    def _layers(
        self, key: Hashable
    ) -> tuple[list[Floats], list[Floats] | None, list[Any], list[str], list[Kernels | None]]:
        """The same, and the kernels, whose weights are made equal at all places."""
        value = self.values[key]
        m = len(value.constant)
        done, rows = [*self._done], [*self._rows]
        last = bool(done) and value.matrix.shape == (m, m) and not value.constant.any()
        if not (last and (value.matrix == np.eye(m)).all()):
            done.append((value.matrix, value.constant, "identity", value.name))
            rows.append([value.places])
        weights, biases, activations, names = (list(part) for part in zip(*done, strict=True))
        bias = any(b.any() for b in biases)
        kernels: list[Kernels | None] = []
        for i, (w, b) in enumerate(zip(weights, biases, strict=True)):
            matrix = np.column_stack([w, b]) if bias else w
            found = kernels_of(matrix, rows[i], [*self._columns[i], *[Places(1)] * bias])
            if found is not None:
                matrix = found.spread(found.core(matrix))
                weights[i], biases[i] = matrix[:, : w.shape[1]], matrix[:, -1] if bias else b
            kernels.append(found)
        return weights, biases if bias else None, activations, names, kernels


def _numbers(values: Iterable[Value]) -> int:
    return sum(len(value.constant) for value in values)


def _negative(value: Value) -> Value:
    return replace(value, matrix=-value.matrix, constant=-value.constant, nonnegative=False)
