r"""A chain of layers as a loader reads it, and the dense network that it is.

An affine step :math:`y\mapsto s\odot y+t` (batch norm, a scaler) is folded into the layer before
it, :math:`(\operatorname{diag}(s)W,\ s\odot b+t)`, or, where an activation or nothing precedes,
into the one after it, :math:`(W\operatorname{diag}(s),\ b+Wt)`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.mixing import softmax

__all__ = ["TOLERANCES", "Chain", "batch_norm", "first_line", "log_softmax", "refusal", "softmax"]

TOLERANCES = {"float64": 1e-9, "float32": 1e-4, "float16": 2e-2, "bfloat16": 1e-1}
"""By how much outputs of a library may differ, as a share of the largest, by its precision."""

_ROWS = 64  # random inputs on which both are compared
_IDEMPOTENT = ("identity", "relu")  # applied twice, they do what they do once

_Network = TypeVar("_Network")


def refusal(position: int, kind: str, name: str, why: str) -> ValueError:
    """The error for a layer that no network here can have, by its name and place."""
    called = f" ({name!r})" if name and name != str(position) else ""
    return ValueError(f"layer {position}, `{kind}`{called}: {why}")


def first_line(error: Exception) -> str:
    """What an error of a library says, in a line."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]


@dataclass
class _Layer:
    """One layer of the network to be."""

    name: str
    weights: Floats
    bias: Floats | None
    activation: str = "identity"
    closed: bool = False  # whether it has its activation, so that nothing folds into it


class Chain:
    """Layers in the order in which an input meets them.

    Every step has a kind, as its library calls it, and a name, under which it stands there.

    Examples
    --------
    >>> chain = Chain()
    >>> chain.dense("Linear", "0", np.array([[1.0, 2.0]]), None)
    >>> chain.affine("BatchNorm1d", "1", np.array([3.0]), np.array([0.5]))
    >>> chain.activation("ReLU", "2", "relu")
    >>> chain.layers[0].weights.tolist(), chain.layers[0].bias.tolist()
    ([[3.0, 6.0]], [0.5])
    """

    def __init__(self) -> None:
        self.layers: list[_Layer] = []
        self.position = 0
        self._pending: tuple[Floats, Floats, str, str] | None = None
        self._end = ""
        self._after: Callable[[Floats], Floats] = _as_it_is

    def refusal(self, kind: str, name: str, why: str) -> ValueError:
        """The error for the step that was read last."""
        return refusal(self.position, kind, name, why)

    def _step(self, kind: str, name: str) -> None:
        self.position += 1
        if self._end:
            raise self.refusal(kind, name, f"follows {self._end}, which is supported at the end")

    def dense(self, kind: str, name: str, weights: Floats, bias: Floats | None) -> None:
        """A layer with weights (outputs, inputs), and a bias (outputs,) if it has one."""
        self._step(kind, name)
        if weights.ndim != 2:
            raise self.refusal(kind, name, f"its weights have shape {weights.shape}, not 2 axes")
        width = self.layers[-1].weights.shape[0] if self.layers else weights.shape[1]
        if weights.shape[1] != width:
            rule = f"takes {weights.shape[1]} inputs, the layer before it has {width} outputs"
            raise self.refusal(kind, name, rule)
        if self._pending is not None:
            scale, shift, *_ = self._pending
            if scale.shape not in ((), (width,)):
                rule = f"takes {width} inputs, what is before it has {scale.size}"
                raise self.refusal(kind, name, rule)
            if np.any(shift):
                moved = weights @ np.broadcast_to(shift, (width,))
                bias = moved if bias is None else bias + moved
            weights = weights * scale
            self._pending = None
        self.layers.append(_Layer(name, weights, bias))

    def affine(self, kind: str, name: str, scale: Floats, shift: Floats) -> None:
        """``y -> scale y + shift``, elementwise: a number each, or one for each neuron."""
        self._step(kind, name)
        last = self.layers[-1] if self.layers else None
        scale, shift = np.broadcast_arrays(scale, shift)
        if last is not None and scale.shape not in ((), last.weights.shape[:1]):
            rule = f"has {scale.size} channels, the layer before it {len(last.weights)} outputs"
            raise self.refusal(kind, name, rule)
        if last is None or last.closed:
            if self._pending is not None:
                before, start, *_ = self._pending
                scale, shift = before * scale, start * scale + shift
            self._pending = scale, shift, kind, name
            return
        last.weights = last.weights * np.broadcast_to(scale, last.weights.shape[:1])[:, None]
        bias = None if last.bias is None else last.bias * scale
        if np.any(shift):
            bias = np.broadcast_to(shift, last.weights.shape[:1]) + (0.0 if bias is None else bias)
        last.bias = bias

    def activation(self, kind: str, name: str, activation: str) -> None:
        """One of `lpbook.networks.ACTIVATIONS`."""
        self._step(kind, name)
        if activation == "identity":
            return
        if not self.layers or self._pending is not None:
            raise self.refusal(kind, name, "an activation is supported after a layer with weights")
        last = self.layers[-1]
        if last.closed and not (last.activation == activation and activation in _IDEMPOTENT):
            rule = f"follows {last.activation!r}: two activations have no weights between them"
            raise self.refusal(kind, name, rule)
        last.activation, last.closed = activation, True

    def nothing(self, kind: str, name: str) -> None:
        """A step that changes no output: dropout, identity, a flattening of what is flat."""
        self.position += 1

    def end(self, kind: str, name: str, after: Callable[[Floats], Floats]) -> None:
        """A softmax at the end: left off with a warning, and applied only to compare."""
        self._step(kind, name)
        self._end, self._after = f"layer {self.position}, `{kind}`", after

    def compared_after(self, after: Callable[[Floats], Floats]) -> None:
        """What the library's own outputs are of those of the last layer, by its documentation."""
        self._after = after

    def network(
        self,
        make: Callable[..., _Network],
        theirs: Callable[[Floats], Any] | None = None,
        precision: str = "float64",
    ) -> _Network:
        """The network, compared with the library's own.

        Parameters
        ----------
        make : callable
            `Network`.
        theirs : callable, optional
            The outputs of the library's own network for rows (rows, n_0); nothing is compared
            without.
        precision : str
            What the library computes in, of `TOLERANCES`.

        Raises
        ------
        ValueError
            If there is no layer with weights, or the outputs differ.
        """
        if not self.layers:
            raise ValueError("no layer with weights was found: there is nothing to prune")
        if self._pending is not None:
            rule = "no layer with weights follows, or precedes without an activation in between"
            raise self.refusal(self._pending[2], self._pending[3], f"cannot be folded: {rule}")
        biases = None
        if any(layer.bias is not None for layer in self.layers):
            biases = [
                np.zeros(len(layer.weights)) if layer.bias is None else layer.bias
                for layer in self.layers
            ]
        network: Any = make(
            [layer.weights for layer in self.layers],
            biases,
            activations=[layer.activation for layer in self.layers],
            names=[layer.name for layer in self.layers],
        )
        if theirs is not None:
            rows = random_rows(network.widths[0])
            compare(self._after(network(rows)), np.asarray(theirs(rows)), precision)
        if self._end:
            warn_of_end(self._end)
        return network  # type: ignore[no-any-return]


def batch_norm(
    mean: Floats, variance: Floats, gain: Floats | None, shift: Floats | None, epsilon: float
) -> tuple[Floats, Floats]:
    """Scale and shift of a batch norm that is not being trained.

    Examples
    --------
    >>> batch_norm(np.array([1.0]), np.array([3.0]), np.array([4.0]), None, 1.0)
    (array([2.]), array([-2.]))
    """
    scale = (1.0 if gain is None else gain) / np.sqrt(variance + epsilon)
    return scale, (0.0 if shift is None else shift) - mean * scale


def _as_it_is(outputs: Floats) -> Floats:
    return outputs


def log_softmax(logits: Floats) -> Floats:
    """Its logarithm."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    found: Floats = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return found


def warn_of_end(what: str) -> None:
    """Say that a softmax is left off, to the caller of a class method of `Loaders`."""
    _checks.warn(
        f"{what}: left off; the network gives what enters it (logits), of which the same is the "
        "largest",
        UserWarning,
    )


def random_rows(width: int) -> Floats:
    """The rows on which networks are compared, the same every time; shape (rows, width)."""
    return np.random.default_rng(0).normal(size=(_ROWS, width))


def compare(ours: Floats, theirs: Any, precision: str) -> None:
    """Refuse a network whose outputs are not those of the library that it comes from."""
    if theirs.size != ours.size:
        raise ValueError(
            f"the library's network gives {theirs.shape[1:]} numbers for a row, the layers that "
            f"were read give {ours.shape[1:]}: something between the layers was not seen"
        )
    theirs = theirs.reshape(ours.shape).astype(np.float64)
    if not np.isfinite(theirs).all():
        raise ValueError("the library's network gives numbers that are not finite on random rows")
    difference = float(np.abs(ours - theirs).max())
    allowed = TOLERANCES[precision] * max(float(np.abs(theirs).max()), 1e-30)
    if not difference <= allowed:
        raise ValueError(
            f"on {len(ours)} random rows the outputs differ by up to {difference:.3g}, more than "
            f"{allowed:.3g}, what rounding in {precision} explains: the network computes something "
            "that its layers do not say"
        )
