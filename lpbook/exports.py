r"""A ticket's networks for other libraries, and G itself, to be compared without this package.

:math:`\hat G` is exported without the neurons that keep nothing: they add nothing. Its effective
network has in place of each target weight two, for x > 0 and for x < 0, so a layer with inputs of
either sign reads :math:`\max(x,0)` and :math:`\max(-x,0)` side by side.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.constructions import Construction
from lpbook.frameworks.exports import Step, to_onnx, to_torch
from lpbook.kernels import Kernels
from lpbook.networks import Network, activation_of
from lpbook.random_network import Block, other_weights

__all__ = ["TicketExports"]

_MOST_WEIGHTS = 10**7  # of G, to be written out: 80 MB


class TicketExports:
    """What `Ticket` has to leave by."""

    seed: int
    construction: Construction
    layout: str
    weight_epsilon: float
    bias: bool
    choices: tuple[Any, ...]

    def __call__(self, x: ArrayLike) -> Floats:
        """The outputs of the pruned network, shape (..., n_ℓ): ``self.network()(x)``."""
        found: Floats = self.network()(x)
        return found

    def network(self) -> Any:
        """See `Ticket.network`."""
        raise NotImplementedError

    def layers(self) -> list[Any]:
        """See `Ticket.layers`."""
        raise NotImplementedError

    def kept(self, layer: int) -> Iterator[Any]:
        """See `Ticket.kept`."""
        raise NotImplementedError

    def _offsets(self, mask: Any, at_places: bool = False) -> NDArray[np.int64]:
        raise NotImplementedError

    def _neurons(self, kept: Any, mask: Any) -> NDArray[np.int64]:
        raise NotImplementedError

    def as_network(self, effective: bool = False) -> Network:
        r"""The pruned network as a `Network`: dense layers, which compute the same.

        Parameters
        ----------
        effective : bool
            Whether to take its effective weights, in place of Ĝ's own.

        Returns
        -------
        Network
            With 2ℓ layers, of the neurons that keep an edge; with effective weights one layer of
            the target's size, and before it one that parts the signs where inputs have both.

        Examples
        --------
        >>> import lpbook as lp
        >>> ticket = lp.prune(lp.Network([[[0.7, -0.2]]]), weight_epsilon=0.01)
        >>> ticket.as_network(effective=True)
        <Network 2-4-1, relu, identity, without biases>
        """
        steps = [*self._steps(effective)]
        biases = [np.zeros(s.weights.shape[0]) if s.bias is None else s.bias for s in steps]
        return Network(
            [step.weights for step in steps],
            biases if self.bias else None,
            activations=[step.activation for step in steps],
        )

    def to_torch(self, *, effective: bool = False, sparse: bool = False) -> Any:
        """The pruned network as a PyTorch module, in float64.

        Parameters
        ----------
        effective : bool
            Whether to take its effective weights, in place of Ĝ's own.
        sparse : bool
            Whether to keep zeros out of memory.

        Returns
        -------
        torch.nn.Sequential
            Its outputs are those of `network` up to rounding.

        Raises
        ------
        ImportError
            If PyTorch is not installed.
        """
        return to_torch(self._steps(effective), _checks.flag("sparse", sparse))

    def to_onnx(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        effective: bool = False,
        sparse: bool = False,
    ) -> Any:
        """The pruned network as an ONNX model, in float64, input ``x`` and output ``y``.

        Parameters
        ----------
        path : path, optional
            Where to write it, too.
        effective, sparse
            As in `to_torch`.

        Returns
        -------
        onnx.ModelProto

        Raises
        ------
        ImportError
            If onnx is not installed.
        OSError
            If it cannot be written.
        """
        return to_onnx(self._steps(effective), path, _checks.flag("sparse", sparse))

    def _steps(self, effective: bool) -> Iterator[Step]:
        effective = _checks.flag("effective", effective)
        return self._effective_steps() if effective else self._own_steps()

    def _own_steps(self) -> Iterator[Step]:
        """The layers of Ĝ, without the neurons that keep nothing."""
        from scipy.sparse import csr_array

        matrices = self.layers()
        for inner, outer, mask in zip(matrices[::2], matrices[1::2], self.choices, strict=True):
            kept = np.unique(outer.indices)
            b, a = inner.tocsr()[kept], outer[:, kept]
            if not kept.size:  # of a layer that keeps nothing one neuron is left, with weights 0
                b, a = csr_array((1, inner.shape[1])), csr_array((outer.shape[0], 1))
            bias = None
            if self.bias:
                bias, b = b[:, [-1]].toarray().ravel(), b[:, :-1]
            yield Step(b, bias, "relu")
            yield Step(a, None, mask.activation)

    def _effective_steps(self) -> Iterator[Step]:
        """The layers of the effective network; where inputs have both signs, these are parted."""
        from scipy.sparse import csr_array, eye_array, hstack, vstack

        nonnegative = False
        for (positive, negative), mask in zip(self.network().effective, self.choices, strict=True):
            n = mask.shape[1] - self.bias
            bias = positive[:, n] if self.bias else None
            weights = csr_array(positive[:, :n])
            if not nonnegative:
                both = bool(negative[:, :n].any())
                signs = [eye_array(n), -eye_array(n)][: 1 + both]
                yield Step(vstack(signs, format="csr"), None, "relu")
                if both:
                    weights = hstack([weights, csr_array(-negative[:, :n])], format="csr")
            yield Step(weights, bias, mask.activation)
            nonnegative = activation_of(mask.activation).nonnegative

    def random_network(self) -> Network:
        """The random network G, every weight of it; for networks small enough to be written out.

        `masks` says which weights the ticket keeps: with the others set to 0, G is Ĝ. Weights that
        no ticket keeps (from other inputs than that of a neuron's block and, in the reserved
        layout, to other outputs than its own) are drawn here alone, from streams of their own.

        Where a layer of the target has kernels, G has kernels there: of one place, from its input
        channels to the hidden ones, then as large as the target's. Written as matrices, the
        network has zeros where no weight stands, and `Network.kernels` says which are the same.

        Returns
        -------
        Network
            With 2ℓ layers, ReLU before each layer of outputs.

        Raises
        ------
        ValueError
            If G has too many weights to be written out, or a layer without neurons.

        Examples
        --------
        >>> import lpbook as lp
        >>> ticket = lp.prune(lp.Network([[[0.7, -0.2]]]), weight_epsilon=0.01)
        >>> G, masks = ticket.random_network(), ticket.masks()
        >>> pruned = lp.Network([w * mask for w, mask in zip(G.weights, masks)],
        ...                     activations=G.activations)
        >>> bool(abs(pruned([1.0, -2.0]) - ticket([1.0, -2.0])) < 1e-12)
        True
        """
        self._require_small()
        weights: list[Floats] = []
        biases: list[Floats] = []
        activations: list[str] = []
        kernels: list[Kernels | None] = []
        for i, mask in enumerate(self.choices):
            of = self._kernels(mask)
            inner, outer = _at_places(of, *self._drawn_layer(i, mask))
            n = inner.shape[1] - self.bias
            weights += [inner[:, :n], outer[:, : len(inner)]]
            biases += [inner[:, n] if self.bias else np.zeros(len(inner)), np.zeros(len(outer))]
            activations += ["relu", mask.activation]
            kernels += of
        return Network(
            weights, biases if self.bias else None, activations=activations, kernels=kernels
        )

    def masks(self) -> list[NDArray[np.bool_]]:
        """Which weights of G the ticket keeps: one array for each of its 2ℓ matrices.

        A weight of a kernel is kept at all its places or at none.

        Returns
        -------
        list of ndarray of bool
            Of the shapes of ``random_network().matrices``; where there are biases their column, the
            last, is among them.

        Raises
        ------
        ValueError
            If G has too many weights to be written out, or a layer without neurons.
        """
        self._require_small()
        found: list[NDArray[np.bool_]] = []
        for i, mask in enumerate(self.choices):
            found += _at_places(self._kernels(mask), *self._kept_layer(i, mask))
        return found

    def _hidden(self, mask: Any) -> NDArray[np.int64]:
        """Neurons of G in each block of a layer; where it has kernels, hidden channels."""
        return np.diff(self._offsets(mask))

    def _kernels(self, mask: Any) -> tuple[Kernels | None, Kernels | None]:
        """The kernels of both matrices of G between two layers of the target, if it has some."""
        if mask.kernels is None:
            return None, None
        found: tuple[Kernels, Kernels] = mask.kernels.split(self._hidden(mask), self.bias)
        return found

    def _require_small(self) -> None:
        """Refuse a G that is too large, or lacks a layer, before any of it is made."""
        size = 0
        for i, mask in enumerate(self.choices):
            neurons = [int(self._offsets(mask, at_places)[-1]) for at_places in (False, True)]
            if not neurons[0]:
                rule = f"all its weights are within weight_epsilon={self.weight_epsilon:.4g} of 0"
                raise ValueError(f"ticket={self!r}: layer {i + 1} has no random neurons, {rule}")
            shapes = (mask.outputs, mask.inputs), mask.shape
            size += max(n * sum(shape) for n, shape in zip(neurons, shapes, strict=True))
        if size > _MOST_WEIGHTS:
            kernels = any(mask.kernels is not None for mask in self.choices)
            places = ", those of kernels at all their places" if kernels else ""
            rule = f"G has {size:,} weights{places}; at most {_MOST_WEIGHTS:.0e} are written out"
            raise ValueError(f"ticket={self!r}: {rule}; layers() has those that are kept")

    def _drawn_layer(self, i: int, mask: Any) -> tuple[Floats, Floats]:
        """All weights of G between two layers of the target: into its neurons, and out of them.

        Where the layer has kernels, of hidden channels: each weight once.
        """
        scheme = self.construction.scheme(mask.max_weight, self.weight_epsilon)
        laws = [scheme.laws(bool(nonnegative)) for nonnegative in mask.nonnegative]
        inner, outer = [], []
        for j, width in enumerate(map(int, mask.widths)):
            b, a = Block(self.seed, i, j, mask.outputs, self.layout).rows(width)
            others, outputs = other_weights(
                self.seed, i, j, width * b.shape[1], mask.inputs, mask.outputs
            )
            if self.layout == "reserved":
                own = np.tile(np.arange(mask.outputs), width)
                outputs[np.arange(len(own)), own] = a.ravel()
            else:
                outputs = a
            others[:, j] = b.ravel()
            inner.append(
                np.column_stack([law.ppf(u) for (law, _), u in zip(laws, others.T, strict=True)])
            )
            outer.append(laws[j][1].ppf(outputs))
        return np.concatenate(inner), self._with_unused(np.concatenate(outer).T)

    def _kept_layer(self, i: int, mask: Any) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which of these weights are kept."""
        offsets = self._offsets(mask)
        inner = np.zeros((offsets[-1], mask.inputs), dtype=bool)
        outer = np.zeros((mask.outputs, offsets[-1]), dtype=bool)
        for j, kept in enumerate(self.kept(i)):
            neurons = offsets[j] + self._neurons(kept, mask)
            inner[neurons, j] = True
            outer[kept.outputs, neurons] = True
        return inner, self._with_unused(outer)

    def _with_unused(self, outer: NDArray[Any]) -> NDArray[Any]:
        """Weights out of neurons with those of the constant 1, which are 0, if there is one."""
        return np.pad(outer, ((0, 0), (0, int(self.bias))))


def _at_places(
    kernels: tuple[Kernels | None, Kernels | None], inner: NDArray[Any], outer: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any]]:
    """Two matrices of G, of hidden channels that stand at their places if there are kernels."""
    into, out = kernels
    if into is None or out is None:
        return inner, outer
    return into.spread(into.stacked(inner)), out.spread(outer)
