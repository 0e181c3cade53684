r"""The target network F, and the domain of its inputs.

Layer i computes :math:`f_i(y)=\sigma_i(W_iy)`. A bias is a weight from one more input that is
always 1; its column is the last one of `Network.matrices`.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import pairwise
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.frameworks import Exports, Loaders
from lpbook.kernels import Kernels
from lpbook.mixing import Mixing, Reach

__all__ = [
    "ACTIVATIONS",
    "Activation",
    "Ball",
    "Bounds",
    "Box",
    "Domain",
    "Network",
    "activation_of",
    "rounding",
    "spectral_bound",
]

UNIT_ROUNDOFF = 2.0**-53
LARGEST_WEIGHT = 2.0**1000
"""The largest weight that random weights can make: their products and errors do not overflow."""
LEAST_FLOAT = 2.0**-1074
"""The smallest float above 0: a computed product errs by half of it where it underflows."""

WEIGHT_ROUNDINGS = 4
"""Roundings that a scaled weight may have met: its two factors, the quotient and the product."""

_LARGEST_SCALE = 2.0**250  # so that what is scaled, and scaled back, neither over- nor underflows
LARGEST_SCALED = 2.0**400
"""Bound on the norms of layers of a scaled network: unscaled, nothing overflows below it."""

_SCALABLE = (2.0**-300, 2.0**300)  # where the largest weight of each layer must lie
_MOST_ENTRIES = 10**8  # of a sparse matrix that is written out: 800 MB

_NORMAL = 2.0**-1000  # below it, and so near the floats that round absolutely, bounds are raised

_AT_ONCE = 2**12  # columns of a large matrix
_Number = TypeVar("_Number", float, Floats)


@dataclass(frozen=True)
class Activation:
    """One activation function and the facts about it that the bounds use.

    Attributes
    ----------
    function : callable
        Applied elementwise.
    lipschitz : float
        Lipschitz constant.
    at_zero : float
        Value at 0.
    largest : float
        Largest magnitude of a value.
    nonnegative : bool
        Whether all values are at least 0.
    ulps : int
        Error of the computed value, in units of `UNIT_ROUNDOFF`, absolutely, where `largest` is 1.
    homogeneous : bool
        Whether s times the argument has s times the value, for every s > 0.
    """

    function: Callable[[Floats], Floats]
    lipschitz: float = 1.0
    at_zero: float = 0.0
    largest: float = math.inf
    nonnegative: bool = False
    ulps: int = 0
    homogeneous: bool = False


def identity(z: Floats) -> Floats:
    """``z`` itself."""
    return z


def relu(z: Floats) -> Floats:
    """``max(z, 0)``."""
    return np.maximum(z, 0.0)


def logistic(z: Floats) -> Floats:
    """``1 / (1 + exp(-z))``, written so that no z overflows."""
    return 0.5 + 0.5 * np.tanh(0.5 * z)


ACTIVATIONS = {
    "identity": Activation(identity, homogeneous=True),
    "relu": Activation(relu, nonnegative=True, homogeneous=True),
    "tanh": Activation(np.tanh, largest=1.0, ulps=8),
    "logistic": Activation(
        logistic, lipschitz=0.25, at_zero=0.5, largest=1.0, nonnegative=True, ulps=8
    ),
}
"""The activations a `Network` may have, by name; beside them those of `lpbook.mixing`."""

_LEAKY = "from_torch and the other loaders make two neurons of ReLU of each leaky one"
OTHER_NAMES = {
    "sigmoid": "logistic", "expit": "logistic", "linear": "identity", "none": "identity",
    "leaky_relu": _LEAKY, "leakyrelu": _LEAKY, "leaky-relu": _LEAKY,
}  # fmt: skip
"""What others call them, or how to do without."""


def activation_of(given: str | Mixing) -> Activation | Mixing:
    """An activation by its name; one of `lpbook.mixing` has none and is itself."""
    return given if isinstance(given, Mixing) else ACTIVATIONS[given]


def outputs_of(given: str | Mixing, sums: int) -> int:
    """How many outputs a layer with so many sums has."""
    return given.outputs if isinstance(given, Mixing) else sums


@dataclass(frozen=True)
class Ball:
    """A domain of inputs: all x with norm at most `radius`, and x ≥ 0 if so said.

    Parameters
    ----------
    radius : float
        Largest 2-norm of an input, at least 0.
    nonnegative : bool
        Whether all coordinates of all inputs are at least 0.

    Raises
    ------
    TypeError, ValueError
        If `radius` is not a finite number of at least 0, or `nonnegative` not a bool.

    Examples
    --------
    >>> Ball(2.0, nonnegative=True)
    Ball(radius=2.0, nonnegative=True)
    >>> Ball.around([[3.0, 4.0], [0.0, 1.0]]).nonnegative
    True
    """

    radius: float
    nonnegative: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "radius", _checks.real("radius", self.radius, at_least=0))
        object.__setattr__(self, "nonnegative", _checks.flag("nonnegative", self.nonnegative))

    @classmethod
    def around(cls, inputs: ArrayLike) -> Ball:
        """The smallest ball around 0 that holds all rows; non-negative iff they are.

        Parameters
        ----------
        inputs : array_like, shape (..., n)
            Rows of inputs.
        """
        rows = np.atleast_1d(_checks.array("inputs", inputs))
        return cls(float(row_norms(rows).max()), bool((rows >= 0).all()))

    def limits(self, width: int) -> tuple[Floats, Floats]:
        """Least and largest value of each of `width` coordinates."""
        high = np.full(width, self.radius)
        return (np.zeros(width) if self.nonnegative else -high), high

    def reach(self, width: int) -> float:
        """Bound on the 2-norm of all inputs: `radius`, however many coordinates they have."""
        return self.radius

    def contains(self, inputs: ArrayLike) -> Any:
        """Which rows of `inputs`, shape (..., n), lie in the domain; shape (...)."""
        rows = np.atleast_1d(_checks.array("inputs", inputs))
        inside = row_norms(rows) <= self.radius * (1 + 2 * rounding(rows.shape[-1] + 4))
        return inside & (rows >= 0).all(axis=-1) if self.nonnegative else inside


@dataclass(frozen=True, repr=False)
class Box:
    """A domain of inputs: all x with low ≤ x ≤ high in every coordinate, as of pixels.

    Parameters
    ----------
    low, high : float or array_like, shape (n,)
        Ends of the intervals, the same for all coordinates or one for each.

    Raises
    ------
    TypeError, ValueError
        If they are not finite, have shapes that do not fit, or some `low` is above its `high`.

    Examples
    --------
    >>> Box(0, 1)
    Box(low=0.0, high=1.0)
    >>> round(Box(0, 1).reach(64), 9), Box([-1.0, 0.0], 2.0).nonnegative
    (8.0, False)
    """

    low: Any
    high: Any

    def __post_init__(self) -> None:
        for name in ("low", "high"):
            ends = _checks.array(name, getattr(self, name))
            if ends.ndim > 1:
                rule = f"must be a number or hold one for each input, has shape {ends.shape}"
                raise _checks.fail(name, ends, rule)
            object.__setattr__(self, name, tuple(ends.tolist()) if ends.ndim else float(ends))
        sizes = {len(ends) for ends in (self.low, self.high) if isinstance(ends, tuple)}
        if len(sizes) > 1:
            rule = f"must have as many numbers as low, {len(self.low)}, has {len(self.high)}"
            raise _checks.fail("high", self.high, rule)
        if not (np.asarray(self.low) <= np.asarray(self.high)).all():
            raise _checks.fail(
                "low", self.low, f"must not be above high={_checks.shown(self.high)}"
            )

    def __repr__(self) -> str:
        return f"Box(low={_checks.shown(self.low)}, high={_checks.shown(self.high)})"

    @property
    def nonnegative(self) -> bool:
        """Whether all coordinates of all inputs are at least 0."""
        return bool((np.asarray(self.low) >= 0).all())

    def limits(self, width: int) -> tuple[Floats, Floats]:
        """Least and largest value of each of `width` coordinates."""
        width = _checks.count("width", width, at_most=2**40)
        if any(np.ndim(ends) and len(ends) != width for ends in (self.low, self.high)):
            raise _checks.fail("width", width, f"must be the number of limits of {self!r}")
        low, high = (np.array(np.broadcast_to(ends, width)) for ends in (self.low, self.high))
        return low, high

    def reach(self, width: int) -> float:
        """Bound on the 2-norm of all inputs with `width` coordinates."""
        return float(row_norms(np.maximum(*np.abs(self.limits(width)))))

    def contains(self, inputs: ArrayLike) -> Any:
        """Which rows of `inputs`, shape (..., n), lie in the domain; shape (...)."""
        rows = np.atleast_1d(_checks.array("inputs", inputs))
        width = max(np.size(self.low), np.size(self.high))
        if width > 1:
            rows = check_inputs("inputs", rows, width)
        low, high = self.limits(rows.shape[-1])
        return ((rows >= low) & (rows <= high)).all(axis=-1)


Domain = Ball | Box
"""Where inputs come from: `Ball` or `Box`."""


@dataclass(frozen=True)
class Bounds:
    """Bounds on the activations of a network over a domain, valid for the computed network too.

    Attributes
    ----------
    norms : tuple of float, length ℓ + 1
        Bound on the 2-norm of the inputs and of the outputs of each layer, without the constant 1.
    largest : float
        Bound on every single activation, inputs (and the constant 1, if there are biases)
        included, outputs excluded.
    intervals : tuple of (low, high), length ℓ + 1
        Bounds (n_i,) on every input, and on every output of each layer.
    sums : tuple of (low, high), length ℓ
        Bounds on what each layer computes before its activation.
    mixed : tuple of Reach or None, length ℓ
        What is known of each activation of `lpbook.mixing`.
    """

    norms: tuple[float, ...]
    largest: float
    intervals: tuple[tuple[Floats, Floats], ...]
    sums: tuple[tuple[Floats, Floats], ...]
    mixed: tuple[Reach | None, ...]

    def spreads(self, bias: bool) -> list[float]:
        """For each layer a bound on the 1-norm of its inputs over the root of their number.

        Not above the 2-norm; so much of it meets an error that all weights share.
        """
        found = []
        for norm, ends in zip(self.norms[:-1], self.intervals[:-1], strict=True):
            each = _largest(ends)
            with np.errstate(over="ignore"):  # a bound that is infinite holds
                total = float(each.sum()) + bias
            count = each.size + bias
            spread = total / math.sqrt(count) * (1 + rounding(count + 4))
            found.append(min(with_constant(norm, bias), spread))
        return found


class Network(Loaders, Exports):
    """A dense feed-forward network.

    Two networks are equal where shapes, weights, biases and activations are: `digest` is the same.
    `Loaders` makes them of what PyTorch, Keras, scikit-learn, ONNX and safetensors hold.

    Parameters
    ----------
    weights : sequence of ℓ array_like
        Layer i has shape (n_i, n_{i-1}); before an activation that mixes neurons, as many rows as
        that takes. Float64 in a file that is mapped to be read, as by
        ``numpy.load(path, mmap_mode="r")``, stays there: it is read as it is needed, and must not
        change. Everything else is copied.
    biases : sequence of ℓ array_like, optional
        Layer i has shape (n_i,).
    activations : str or sequence of ℓ str, Attention or LayerNorm
        One name for the hidden layers (the last is then the identity), or a name for each layer:
        ``"relu"``, ``"tanh"``, ``"logistic"``, ``"identity"``; or one of `lpbook.mixing`.
    names : sequence of ℓ str, optional
        What the layers are called where they come from; the numbers from 1 if not given.
    kernels : sequence of ℓ Kernels or None, optional
        For a layer in which a weight stands at many places, where these are: its random numbers
        are then drawn once. The loaders find them.

    Raises
    ------
    TypeError, ValueError
        If an array is empty, not finite or of the wrong shape, the shapes do not chain, or an
        activation is unknown.

    Attributes
    ----------
    weights : tuple of ndarray, float64, read-only
        As given.
    biases : tuple of ndarray or None
        As given.
    activations : tuple of str, Attention or LayerNorm
        One a layer.
    names : tuple of str
        What each layer is called.
    kernels : tuple of Kernels or None
        As given: of each of `matrices`; None for a layer whose weights stand at one place each.
    matrices : tuple of ndarray, float64, read-only
        Layer i has shape (n_i, n_{i-1}) or, with biases, (n_i, n_{i-1} + 1): the bias comes last.
    underflow : tuple of float
        Smallest number above 0 in the units of the outputs of each layer; see `scaled`.

    Examples
    --------
    >>> network = Network([[[1.0, -1.0]], [[2.0]]], biases=[[0.0], [1.0]])
    >>> network([3.0, 1.0]).tolist()
    [5.0]
    """

    def __init__(
        self,
        weights: Sequence[ArrayLike],
        biases: Sequence[ArrayLike] | None = None,
        *,
        activations: str | Sequence[str | Mixing] = "relu",
        names: Sequence[str] | None = None,
        kernels: Sequence[Kernels | None] | None = None,
    ) -> None:
        rule = "must be a list with one matrix for each layer"
        given = _checks.ordered("weights", weights, rule)
        if len(given) == 0:
            raise _checks.fail("weights", weights, "must hold at least one layer")
        if isinstance(weights, np.ndarray) and weights.ndim == 2:
            raise _checks.fail("weights", weights, f"{rule}; for a single matrix, [weights]")
        matrices = [
            _checks.array(f"weights[{i}]", _dense(f"weights[{i}]", w), ndim=2)
            for i, w in enumerate(given)
        ]
        sigmas = _activation_names(activations, len(matrices))
        _check_chain(matrices, sigmas)
        own_weights = tuple(w if is_mapped(w) else own(w) for w in matrices)
        vectors = None if biases is None else _check_biases(biases, own_weights)
        augmented = own_weights
        if vectors is not None:
            pairs = zip(own_weights, vectors, strict=True)
            augmented = tuple(own(np.column_stack(pair)) for pair in pairs)
        self.__dict__.update(
            weights=own_weights,
            biases=vectors,
            activations=sigmas,
            matrices=augmented,
            names=_layer_names(names, len(matrices)),
            kernels=_check_kernels(kernels, augmented),
        )
        self.__dict__.update(underflow=(LEAST_FLOAT,) * len(matrices), _unscaled=None)

    underflow: tuple[float, ...]
    _unscaled: tuple[Network, tuple[float, ...]] | None
    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...] | None
    activations: tuple[Any, ...]
    matrices: tuple[Floats, ...]
    names: tuple[str, ...]
    kernels: tuple[Kernels | None, ...]

    def __reduce__(self) -> tuple[Any, ...]:  # copies and pickles do not change either
        arguments = (self.weights, self.biases, self.activations, self.names, self.kernels)
        return _network, arguments

    def __eq__(self, other: object) -> bool:
        return self.digest == other.digest if isinstance(other, Network) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.digest)

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError(f"{name}: a Network does not change; make a new one")

    def __call__(self, x: ArrayLike) -> Floats:
        """The outputs, shape (..., n_ℓ), for inputs `x` of shape (..., n_0)."""
        y = check_inputs("x", x, self.widths[0])
        for i, (w, name) in enumerate(zip(self.weights, self.activations, strict=True)):
            z = y @ w.T
            if self.biases is not None:
                z = z + self.biases[i]
            y = activation_of(name).function(z)
        return y

    def __repr__(self) -> str:
        shape = "-".join(shortened(self.widths))
        bias = "without biases" if self.biases is None else "with biases"
        return f"<Network {shape}, {', '.join(shortened(self.activations))}, {bias}>"

    @property
    def widths(self) -> tuple[int, ...]:
        """Numbers of neurons n_0, ..., n_ℓ."""
        pairs = zip(self.activations, self.weights, strict=True)
        return (self.weights[0].shape[1], *(outputs_of(name, len(w)) for name, w in pairs))

    @property
    def is_mixing(self) -> bool:
        """Whether some activation is of `lpbook.mixing`: bounds then depend on the domain."""
        return any(isinstance(name, Mixing) for name in self.activations)

    @property
    def lipschitz(self) -> tuple[float, ...]:
        """Lipschitz constant of the activation of each layer; infinite where neurons are mixed."""
        return tuple(activation_of(name).lipschitz for name in self.activations)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of shapes, activations and weights, in hexadecimal: which network this is."""
        found = hashlib.sha256()
        for matrix, name in zip(self.matrices, self.activations, strict=True):
            found.update(f"{matrix.shape} {name} {self.biases is not None}\n".encode())
            step = max(1, 2**17 // matrix.shape[1])  # rows at a time: copies stay small
            for start in range(0, len(matrix), step):
                # -0.0 and 0.0 are one weight
                found.update((matrix[start : start + step] + 0.0).astype("<f8").tobytes())
        return found.hexdigest()

    def scaled(self, scales: Sequence[float]) -> Network:
        r"""The network with the outputs of each hidden layer in other units: the same function.

        With :math:`s_0=s_\ell=1`, layer i has the weights :math:`s_iW_i/s_{i-1}` and the biases
        :math:`s_ib_i`. Where activations are positively homogeneous its outputs are
        :math:`s_iF_i(x)`. Weights are rounded, which bounds count as a rounding of their products.

        Parameters
        ----------
        scales : sequence of ℓ - 1 float
            Factors s_i of the hidden layers; 1 where the activation is not homogeneous.

        Raises
        ------
        ValueError
            If their number is another, one of them cannot be, or weights would over- or underflow.

        Examples
        --------
        >>> network = Network([[[4.0]], [[0.5]]])
        >>> scaled = network.scaled([0.5])
        >>> [w.tolist() for w in scaled.weights], scaled([3.0]) == network([3.0])
        ([[[2.0]], [[1.0]]], array([ True]))
        """
        factors = (1.0, *check_scales(scales, self.activations[:-1]), 1.0)
        if all(factor == 1 for factor in factors):
            return self
        ratios = tuple(after / before for before, after in pairwise(factors))
        for i, w in enumerate(self.weights):
            largest = float(np.abs(w).max())
            for weight in (largest, largest * ratios[i]):
                if weight and not _SCALABLE[0] <= weight <= _SCALABLE[1]:
                    rule = f"weights[{i}] is too large or too small to be scaled"
                    raise _checks.fail("scales", scales, rule)
        weights = [ratio * w for ratio, w in zip(ratios, self.weights, strict=True)]
        biases = self.biases and [s * b for s, b in zip(factors[1:], self.biases, strict=True)]
        found = Network(weights, biases, activations=self.activations)
        underflow = tuple(LEAST_FLOAT * max(1.0, factor) for factor in factors[1:])
        found.__dict__.update(underflow=underflow, _unscaled=(self, ratios), kernels=self.kernels)
        return found

    @property
    def is_scaled(self) -> bool:
        """Whether it was made by `scaled`, and bounds speak of the unscaled network too."""
        return self._unscaled is not None

    def _norms_scaled(self, of: Callable[[Network], tuple[float, ...]]) -> tuple[float, ...] | None:
        """Norms by those of the network that was scaled; None where biases had other factors."""
        if self._unscaled is None or self.biases is not None:
            return None
        unscaled, ratios = self._unscaled
        slack = 1 + 2 * WEIGHT_ROUNDINGS * UNIT_ROUNDOFF
        pairs = zip(of(unscaled), ratios, self.frobenius_norms, strict=True)
        return tuple(
            product(norm, ratio) * slack + WEIGHT_ROUNDINGS * UNIT_ROUNDOFF * frobenius
            for norm, ratio, frobenius in pairs
        )

    @cached_property
    def spectral_norms(self) -> tuple[float, ...]:
        """Spectral norm of each of `matrices`: a proved upper bound, tight to about 1e-10."""
        known = self._norms_scaled(lambda network: network.spectral_norms)
        return known or tuple(spectral_bound(matrix) for matrix in self.matrices)

    @cached_property
    def frobenius_norms(self) -> tuple[float, ...]:
        """Frobenius norm of each of `matrices`, rounded up."""
        return tuple(float(row_norms(matrix.ravel())) for matrix in self.matrices)

    @cached_property
    def _positive_norms(self) -> tuple[float, ...]:
        """Spectral norm of the positive part of each of `matrices`, bounded from above."""
        known = self._norms_scaled(lambda network: network._positive_norms)
        return known or tuple(spectral_bound(np.maximum(matrix, 0.0)) for matrix in self.matrices)

    def one_sided_inputs(self, domain: Domain | None) -> list[NDArray[np.bool_]]:
        """For each layer, which of its inputs (inputs,), the constant 1 too, are at least 0."""
        found = []
        for i, (matrix, all_of_them) in enumerate(
            zip(self.matrices, self.nonnegative_inputs(domain), strict=True)
        ):
            one_sided = np.full(matrix.shape[1], all_of_them)
            n = self.widths[i]
            if i == 0 and domain is not None:
                one_sided[:n] = domain.limits(n)[0] >= 0
            one_sided[n:] = True
            found.append(one_sided)
        return found

    def nonnegative_inputs(self, domain: Domain | None) -> tuple[bool, ...]:
        """Which layers have inputs that are at least 0, for all inputs of `domain`."""
        hidden = (activation_of(name).nonnegative for name in self.activations[:-1])
        return (domain is not None and domain.nonnegative, *hidden)

    def bounds(self, domain: Domain) -> Bounds:
        r"""Bounds on the activations over `domain`.

        A layer's outputs have norm at most :math:`\lambda\lVert W\rVert\,A+\sqrt n|\sigma(0)|`, a
        neuron's the same with its row; bounded activations cap both. Where the inputs are at least
        0, the negative weights of a ReLU layer only help. Beside norms go intervals of every
        neuron, by those of its inputs or by their norm, whichever is tighter.
        """
        domain = as_domain(domain, self, "domain")
        bias = self.biases is not None
        norms = [domain.reach(self.widths[0])]
        single = float(np.abs(domain.limits(self.widths[0])).max())
        largest = [max(single, 1.0) if bias else single]
        intervals, sums = [domain.limits(self.widths[0])], []
        mixed: list[Reach | None] = []
        near = _start(intervals[0], norms[0]) if self.is_mixing else None
        for i, (w, name, spectral, frobenius, nonnegative) in enumerate(
            zip(
                self.matrices,
                self.activations,
                self.spectral_norms,
                self.frobenius_norms,
                self.nonnegative_inputs(domain),
                strict=True,
            )
        ):
            sums.append(self._sums(i, intervals[-1], norms[-1], nonnegative))
            sigma = activation_of(name)
            if near is not None:
                near = self._moved(i, near, norms[-1])
                sums[-1] = near.within(*sums[-1])
            if isinstance(sigma, Mixing):
                within = partial(self._block, i, intervals[-1], norms[-1], sums[-1])
                reach = sigma.reach(within, sums[-1])
                mixed.append(reach)
                near = near and near.behind(sigma.function, reach.slope(0.0), reach.slip(0.0))
                intervals.append(near.within(*reach.ends) if near else reach.ends)
                norms.append(min(reach.norm, float(row_norms(_largest(intervals[-1])))))
                largest.append(float(_largest(intervals[-1]).max()))
                continue
            mixed.append(None)
            size = with_constant(norms[-1], bias)
            slack = rounding(w.shape[1] + 2 + WEIGHT_ROUNDINGS)
            gain = spectral
            rows = float(row_norms(w).max()) * (1 + slack)
            if name == "relu" and nonnegative:
                positive = np.maximum(w, 0.0)
                gain = min(gain, self._positive_norms[i])
                rows = float(row_norms(positive).max()) + product(slack, rows)
            gain += product(slack, frobenius)
            slope, root = sigma.lipschitz, math.sqrt(w.shape[0])
            # what a neuron's products and their sum lose where they underflow
            lost = 2 * w.shape[1] * self.underflow[i] if size else 0.0
            one = min(product(slope, product(rows, size)) + sigma.at_zero + lost, sigma.largest)
            norm = min(
                product(slope, product(gain, size)) + root * (sigma.at_zero + lost), root * one
            )
            slip = sigma.ulps * UNIT_ROUNDOFF
            low, high = (sigma.function(ends) for ends in sums[-1])  # activations never fall
            intervals.append((low - slip, high + slip))
            if near is not None:
                near = near.behind(sigma.function, slope, slip * root)
            norm = min(norm, float(row_norms(_largest(intervals[-1]))))
            one = min(one, float(_largest(intervals[-1]).max()))
            norms.append(norm * (1 + 16 * UNIT_ROUNDOFF))
            largest.append(one * (1 + 16 * UNIT_ROUNDOFF))
        most = max(largest[:-1])
        return Bounds(tuple(norms), most, tuple(intervals), tuple(sums), tuple(mixed))

    def _moved(self, i: int, near: _Near, norm: float) -> _Near:
        """The sums of layer i at one input, and how far those of others are from them."""
        bias = 0.0 if self.biases is None else self.biases[i]
        w = self.weights[i]
        size = with_constant(norm, self.biases is not None)
        lost = rounding(w.shape[1] + 12 + WEIGHT_ROUNDINGS) * self.frobenius_norms[i] * size
        lost += 8 * w.shape[1] * math.sqrt(len(w)) * self.underflow[i]
        away = product(self.spectral_norms[i], near.away) + 2 * lost
        with np.errstate(over="ignore", invalid="ignore"):
            return _Near(w @ near.point + bias, away * (1 + 16 * UNIT_ROUNDOFF))

    @cached_property
    def _stretches(self) -> dict[bytes, float]:
        """Spectral norms of blocks that have been asked for; the tokens' are often the same."""
        return {}

    def _block(
        self,
        i: int,
        inputs: tuple[Floats, Floats],
        norm: float,
        sums: tuple[Floats, Floats],
        rows: NDArray[np.int64],
    ) -> tuple[Floats, float]:
        """Of the sums of some neurons of layer i: a centre, and how far from it they can be.

        By their intervals, or by the spectral norm of their rows and how far the inputs that they
        read are from the middle of their intervals, or from 0; whichever is less.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            centre, far = _middle(*(end[rows] for end in sums))
            radius = float(row_norms(far)) if np.isfinite(far).all() else math.inf
        w = self.weights[i][rows]
        used = w.any(axis=0)
        if not used.any():
            return centre, radius
        w = np.ascontiguousarray(w[:, used])
        ends = inputs[0][used], inputs[1][used]
        with np.errstate(over="ignore", invalid="ignore"):
            middle, far = _middle(*ends)
            around = float(row_norms(far)) if np.isfinite(far).all() else math.inf
        if not around <= norm:
            middle, around = np.zeros_like(middle), min(norm, float(row_norms(_largest(ends))))
        stretch = self._stretches.setdefault(w.tobytes(), 0.0) or spectral_bound(w)
        self._stretches[w.tobytes()] = stretch
        bias = np.zeros(len(w)) if self.biases is None else self.biases[i][rows]
        with np.errstate(over="ignore", invalid="ignore"):
            near = w @ middle + bias
        # what the sums, and this centre, lose in rounding, and where products underflow
        wide = float(row_norms(w.ravel())) * (around + float(row_norms(middle)))
        lost = rounding(w.shape[1] + 12 + WEIGHT_ROUNDINGS) * (wide + float(row_norms(bias)))
        lost += 8 * w.shape[1] * math.sqrt(len(w)) * self.underflow[i]
        away = (product(stretch, around) + lost) * (1 + 16 * UNIT_ROUNDOFF)
        return (near, away) if away < radius else (centre, radius)

    def _sums(
        self, i: int, inputs: tuple[Floats, Floats], norm: float, nonnegative: bool
    ) -> tuple[Floats, Floats]:
        """Bounds on the sums of layer i, by intervals of its inputs and by their norm."""
        w = self.weights[i]
        bias = np.zeros(len(w)) if self.biases is None else self.biases[i]
        with np.errstate(over="ignore", invalid="ignore"):
            low, high = stretched(w, w, inputs)
            slack = rounding(w.shape[1] + 8 + WEIGHT_ROUNDINGS)
            wide = np.abs(w) @ _largest(inputs) + np.abs(bias)
            slip = slack * wide + 4 * w.shape[1] * self.underflow[i]
            up, down = (np.maximum(w, 0), np.minimum(w, 0)) if nonnegative else (w, w)
            least, most = (row_norms(part) * norm * (1 + slack) for part in (down, up))
            low, high = np.maximum(low, -least), np.minimum(high, most)
            low, high = low + bias - slip, high + bias + slip
        return np.where(np.isnan(low), -np.inf, low), np.where(np.isnan(high), np.inf, high)


def _network(
    weights: tuple[Floats, ...],
    biases: tuple[Floats, ...] | None,
    activations: tuple[str, ...],
    names: tuple[str, ...] | None = None,
    kernels: tuple[Kernels | None, ...] | None = None,
) -> Network:
    return Network(weights, biases, activations=activations, names=names, kernels=kernels)


def shortened(items: Sequence[object]) -> list[str]:
    """The items as text, those in the middle left out where there are many.

    Examples
    --------
    >>> shortened(range(20))
    ['0', '1', '2', '…', '17', '18', '19']
    """
    texts = [*map(str, items)]
    return texts if len(texts) <= 7 else [*texts[:3], "…", *texts[-3:]]


def check_inputs(name: str, value: ArrayLike, width: int) -> Floats:
    """Inputs of shape (..., width) as floats."""
    x = _checks.array(name, value)
    if x.ndim == 0 or x.shape[-1] != width:
        hint = "; is it transposed?" if x.ndim == 2 and x.shape[0] == width else ""
        raise _checks.fail(name, x, f"must have shape (..., {width}), has shape {x.shape}{hint}")
    return x


def check_scales(scales: Any, activations: Sequence[str | Mixing]) -> tuple[float, ...]:
    """Scales of hidden layers with these activations."""
    _checks.ordered("scales", scales, "must be a list with a number for each hidden layer")
    if len(scales) != len(activations):
        rule = f"must hold {len(activations)} numbers, one for each hidden layer"
        raise _checks.fail("scales", scales, rule)
    low, high = 1 / _LARGEST_SCALE, _LARGEST_SCALE
    checked = []
    for i, (scale, name) in enumerate(zip(scales, activations, strict=True)):
        checked.append(_checks.real(f"scales[{i}]", scale, at_least=low, at_most=high))
        if checked[i] != 1 and not activation_of(name).homogeneous:
            raise _checks.fail(f"scales[{i}]", scale, f"must be 1: {name} is not homogeneous")
    return tuple(checked)


def as_domain(inputs: Any, network: Network, name: str = "inputs") -> Domain:
    """`inputs` as a domain; rows stand for the ball of their largest norm."""
    if type(inputs) is Ball:
        return inputs
    if type(inputs) is Box:
        check_box(name, inputs, network.widths[0])
        return inputs
    if inputs is None or np.ndim(np.empty(0) if _checks.has(inputs, "__len__") else 0) == 0:
        a_number = _checks.is_a(inputs, (int, float, np.integer, np.floating))
        radius = _checks.shown(inputs if a_number and not _checks.is_a(inputs, bool) else 1.0)
        rule = f"must be a domain or rows of inputs; for all x up to a norm, Ball({radius})"
        raise _checks.wrong_type(name, inputs, rule)
    return Ball.around(check_inputs(name, inputs, network.widths[0]))


def check_box(name: str, box: Box, width: int) -> None:
    """Raise an error where a box has another number of coordinates."""
    for ends in (box.low, box.high):
        if isinstance(ends, tuple) and len(ends) != width:
            rule = f"must have one interval for each of {width} inputs, has {len(ends)}"
            raise _checks.fail(name, box, rule)


def stretched(
    positive: Floats, negative: Floats, inputs: tuple[Floats, Floats]
) -> tuple[Floats, Floats]:
    """Least and largest of P max(y, 0) + N min(y, 0), row by row, for y between two ends.

    Examples
    --------
    >>> w = np.array([[1.0, -2.0]])
    >>> low, high = stretched(w, w, (np.array([-1.0, 0.0]), np.array([2.0, 3.0])))
    >>> low.tolist(), high.tolist()
    ([-7.0], [2.0])
    """
    low, high = np.zeros(len(positive)), np.zeros(len(positive))
    below, above = inputs
    # y runs over its part above 0 and over that below; between both it is 0
    for weights, near, far in (
        (positive, np.maximum(below, 0), np.maximum(above, 0)),
        (negative, np.minimum(above, 0), np.minimum(below, 0)),
    ):
        up, down = np.maximum(weights, 0), np.minimum(weights, 0)
        ends = up @ near + down @ far, up @ far + down @ near
        low, high = low + np.minimum(*ends), high + np.maximum(*ends)
    return low, high


@dataclass(frozen=True)
class _Near:
    """What a layer computes for one input of the domain, and how far from it all others are."""

    point: Floats
    away: float

    def within(self, low: Floats, high: Floats) -> tuple[Floats, Floats]:
        """Intervals, narrowed to what is so near."""
        slip = 4 * UNIT_ROUNDOFF * np.abs(self.point) + self.away
        with np.errstate(invalid="ignore"):
            return np.fmax(low, self.point - slip), np.fmin(high, self.point + slip)

    def behind(self, function: Callable[[Floats], Floats], slope: float, slip: float) -> _Near:
        """The same behind an activation, whose computed values err by `slip` at most."""
        away = (product(slope, self.away) + 2 * slip) * (1 + 16 * UNIT_ROUNDOFF)
        with np.errstate(over="ignore", invalid="ignore"):
            return _Near(function(self.point), away)


def _start(ends: tuple[Floats, Floats], norm: float) -> _Near:
    """The middle of the inputs between these ends, or 0 where they are a ball of this norm."""
    middle, far = _middle(*ends)
    away = float(row_norms(far))
    return _Near(middle, away) if away <= norm else _Near(np.zeros_like(middle), norm)


def _middle(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """The middle of intervals, as computed, and how far from it their numbers are at most."""
    middle = 0.5 * low + 0.5 * high
    far = np.maximum(high - middle, middle - low) * (1 + 4 * UNIT_ROUNDOFF)
    return middle, far + LEAST_FLOAT


def _largest(ends: tuple[Floats, Floats]) -> Floats:
    """Largest magnitudes between two ends."""
    found: Floats = np.maximum(*np.abs(ends))
    return found


def with_constant(norm: float, bias: bool) -> float:
    """Norm of the inputs of a layer, with the constant 1 that carries the biases."""
    return math.hypot(norm, 1.0) * (1 + 2 * UNIT_ROUNDOFF) if bias else norm


def row_norms(rows: Floats) -> Any:
    """2-norms along the last axis, rounded up; they neither overflow nor underflow on the way."""
    exponents = np.frexp(np.abs(rows).max(axis=-1, keepdims=True))[1]
    slack = 1 + rounding(rows.shape[-1] + 4)
    with np.errstate(over="ignore"):  # beside infinity, too
        scaled = np.linalg.norm(np.ldexp(rows, -exponents), axis=-1)
        norms = np.ldexp(scaled * slack, exponents[..., 0])
    return np.where((norms < _NORMAL) & (scaled > 0), np.nextafter(norms, np.inf), norms)[()]


def product(x: float, y: float) -> float:
    """x·y for bounds at least 0: rounded up where it underflows, and 0 only where a factor is.

    Elsewhere it rounds as floats do, which a factor 1 + 2^-53 covers.

    Examples
    --------
    >>> product(1e-200, 1e-200), product(3.0, 0.5)
    (5e-324, 1.5)
    """
    found = x * y
    if found < _NORMAL and x > 0 and y > 0:
        found = math.nextafter(found, math.inf)
    return found


def rounding(n: _Number) -> _Number:
    """Relative error of a sum of n products, in any order: γ_n = nu/(1 - nu)."""
    return n * UNIT_ROUNDOFF / (1 - n * UNIT_ROUNDOFF)


def spectral_bound(*matrices: Floats) -> float:
    r"""Proved upper bound on the spectral norm, tight to about 1e-10, of matrices side by side.

    The largest eigenvalue of the Gram matrix S is estimated, raised to τ by the rounding errors,
    and proved by a Cholesky factorisation of τI - S: if it runs to completion in floating point,
    no eigenvalue of S exceeds τ by more than :math:`\gamma_{n+2}\,n\tau` (Rump, *Verification of
    positive definiteness*, BIT 2006).
    """
    largest = max(max(float(m.max()), -float(m.min())) for m in matrices)
    if largest == 0.0:
        return 0.0
    exponent = math.frexp(largest)[1]
    n, terms = sorted((len(matrices[0]), sum(m.shape[1] for m in matrices)))
    gram = np.zeros((n, n))
    for part in _short_rows(matrices):
        scaled = np.ldexp(part, -exponent)  # exact, unless it underflows to less than matters
        gram += scaled @ scaled.T
    trace = float(np.trace(gram)) * (1 + rounding(n + terms))
    gram_error = 2 * rounding(terms + 2) * trace
    estimate = float(np.linalg.eigvalsh(gram)[-1])
    slack = gram_error
    while True:
        tau = estimate + slack
        try:
            np.linalg.cholesky(tau * np.eye(n) - gram)
        except np.linalg.LinAlgError:
            slack *= 4
            continue
        proved = tau * (1 + 2 * n * rounding(n + 4)) + gram_error
        with np.errstate(over="ignore"):
            norm = float(np.ldexp(math.sqrt(proved) * (1 + 4 * UNIT_ROUNDOFF), exponent))
        return math.nextafter(norm, math.inf) if norm < _NORMAL else norm


def _short_rows(matrices: tuple[Floats, ...]) -> Iterator[Floats]:
    """Matrices side by side, or their transpose, with fewer rows than columns, some at a time."""
    if len(matrices[0]) > sum(m.shape[1] for m in matrices):
        for start in range(0, len(matrices[0]), _AT_ONCE):
            yield np.concatenate([m[start : start + _AT_ONCE] for m in matrices], axis=1).T
    else:
        for m in matrices:
            for start in range(0, m.shape[1], _AT_ONCE):
                yield m[:, start : start + _AT_ONCE]


def own(array: NDArray[Any]) -> Any:
    """A read-only copy: nobody's later change of an array counts."""
    copy = np.array(array, order="C")
    copy.flags.writeable = False
    return copy


def is_mapped(array: NDArray[Any]) -> bool:
    """Whether an array stands, row by row, in a file that is mapped to be read only."""
    owner: Any = array
    while owner is not None and not isinstance(owner, np.memmap):
        owner = getattr(owner, "base", None)
    return (
        owner is not None
        and owner.mode == "r"
        and array.dtype == np.float64
        and array.flags.c_contiguous
        and not array.flags.writeable
    )


def frozen(array: NDArray[Any]) -> Any:
    """The array, read-only: a copy, unless it is that already. For arrays of the package alone."""
    return array if array.flags.c_contiguous and not array.flags.writeable else own(array)


def _dense(name: str, matrix: Any) -> Any:
    """A sparse matrix, such as those of `Ticket.layers`, with its zeros written out."""
    if not _checks.has(matrix, "toarray") or getattr(matrix, "ndim", 2) != 2:
        return matrix
    rows, columns = matrix.shape
    if rows * columns > _MOST_ENTRIES:
        rule = f"is sparse, of shape {matrix.shape}; dense it would have over {_MOST_ENTRIES:.0e}"
        raise ValueError(f"{name}: {rule} entries")
    return matrix.toarray()


def _layer_names(names: Sequence[str] | None, layers: int) -> tuple[str, ...]:
    if names is None:
        return tuple(str(i + 1) for i in range(layers))
    given = _checks.ordered("names", names, "must be a list of names")
    if len(given) != layers:
        raise _checks.fail("names", names, f"must name {layers} layers")
    return tuple(_checks.text(f"names[{i}]", name) for i, name in enumerate(given))


def _check_kernels(
    kernels: Sequence[Kernels | None] | None, matrices: tuple[Floats, ...]
) -> tuple[Kernels | None, ...]:
    if kernels is None:
        return (None,) * len(matrices)
    given = _checks.ordered("kernels", kernels, "must be a list with one entry for each layer")
    if len(given) != len(matrices):
        raise _checks.fail("kernels", kernels, f"must hold {len(matrices)} entries, one a layer")
    for i, (of, matrix) in enumerate(zip(given, matrices, strict=True)):
        if of is None:
            continue
        of = _checks.instance(
            f"kernels[{i}]", of, Kernels, "must be lpbook.kernels.Kernels, or None"
        )
        if of.shape != matrix.shape:
            rule = f"must be of a matrix of shape {matrix.shape}, biases included, is {of.shape}"
            raise _checks.fail(f"kernels[{i}]", of, rule)
        if not (of.spread(of.core(matrix)) == matrix).all():
            rule = f"must be those of layer {i + 1}, whose entries for one weight differ"
            raise _checks.fail(f"kernels[{i}]", of, rule)
    return tuple(given)


def _activation_names(
    activations: str | Sequence[str | Mixing], layers: int
) -> tuple[str | Mixing, ...]:
    names: Sequence[str | Mixing]
    if _checks.is_a(activations, str):
        name = _checks.one_of("activations", activations, ACTIVATIONS, OTHER_NAMES)
        names = [name] * (layers - 1) + ["identity"]
    else:
        names = _checks.ordered("activations", activations, "must be a name or a list of names")
    if len(names) != layers:
        raise _checks.fail("activations", activations, f"must name {layers} layers")
    for i, name in enumerate(names):
        if not _checks.is_a(name, Mixing):
            _checks.one_of(f"activations[{i}]", name, ACTIVATIONS, OTHER_NAMES)
    return tuple(names)


def _check_chain(matrices: Sequence[Floats], activations: Sequence[str | Mixing]) -> None:
    """Raise an error where a layer does not fit the one before, or its activation."""
    for i, (w, name) in enumerate(zip(matrices, activations, strict=True)):
        if isinstance(name, Mixing) and name.inputs != len(w):
            rule = f"takes {name.inputs} sums, weights[{i}] of shape {w.shape} gives {len(w)}"
            raise _checks.fail(f"activations[{i}]", name, rule)
    for i, (before, after) in enumerate(pairwise(matrices)):
        width = outputs_of(activations[i], len(before))
        if after.shape[1] == width:
            continue
        hint = ""
        if before.shape[1] == after.shape[0]:
            hint = "; are they transposed, (inputs, outputs)?"
        elif width == after.shape[0]:
            hint = f"; weights[{i + 1}].T would fit: is it transposed, (inputs, outputs)?"
        rule = f"one for each row of weights[{i}] of shape {before.shape}"
        if isinstance(activations[i], Mixing):
            rule = f"one for each output of activations[{i}]"
        raise ValueError(
            f"weights[{i + 1}] has shape {after.shape}: must have {width} columns, {rule}{hint}"
        )


def _check_biases(biases: Sequence[ArrayLike], weights: tuple[Floats, ...]) -> tuple[Floats, ...]:
    given = _checks.ordered("biases", biases, "must be a list with one vector for each layer")
    if len(given) != len(weights):
        raise _checks.fail("biases", biases, f"must hold {len(weights)} vectors, one a layer")
    checked = []
    for i, (bias, w) in enumerate(zip(given, weights, strict=True)):
        vector = _checks.array(f"biases[{i}]", bias, ndim=1)
        if vector.shape != w.shape[:1]:
            rule = f"must have shape {w.shape[:1]}, has shape {vector.shape}"
            raise _checks.fail(f"biases[{i}]", vector, rule)
        checked.append(own(vector))
    return tuple(checked)
