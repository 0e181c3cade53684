"""Out: layers, as a PyTorch module or an ONNX model, dense or sparse, in float64."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook._files import write_whole
from lpbook.frameworks.libraries import library
from lpbook.frameworks.onnx_mixing import MixedNodes
from lpbook.mixing import Attention, LayerNorm

__all__ = ["Exports", "Step", "to_onnx", "to_torch"]

_TORCH = {"relu": "ReLU", "tanh": "Tanh", "logistic": "Sigmoid"}
_ONNX = {"relu": "Relu", "tanh": "Tanh", "logistic": "Sigmoid"}


@dataclass(frozen=True)
class Step:
    """One layer on its way out.

    Attributes
    ----------
    weights : ndarray or scipy.sparse array, shape (outputs, inputs)
    bias : ndarray, shape (outputs,), or None
    activation : str, Attention or LayerNorm
        Its name in `lpbook.networks.ACTIVATIONS`, or one of `lpbook.mixing`.
    """

    weights: Any
    bias: Floats | None
    activation: Any


class Exports:
    """What `Network` has to leave by."""

    weights: tuple[Floats, ...]
    biases: tuple[Floats, ...] | None
    activations: tuple[Any, ...]

    def _steps(self) -> Iterable[Step]:
        biases: Sequence[Floats | None] = self.biases or [None] * len(self.weights)
        return map(Step, self.weights, biases, self.activations)

    def to_torch(self) -> Any:
        """The same network as a ``torch.nn.Sequential``, in float64.

        Raises
        ------
        ImportError
            If PyTorch is not installed.
        """
        return to_torch(self._steps(), sparse=False)

    def to_onnx(self, path: str | os.PathLike[str] | None = None) -> Any:
        """The same network as an ``onnx.ModelProto``, in float64.

        Parameters
        ----------
        path : path, optional
            Where to write it, too.

        Raises
        ------
        ImportError
            If onnx is not installed.
        OSError
            If it cannot be written.
        """
        return to_onnx(self._steps(), path, sparse=False)


def to_torch(steps: Iterable[Step], sparse: bool) -> Any:
    """Layers as a ``torch.nn.Sequential``; `sparse` layers keep their zeros out of memory."""
    torch = library("torch", "to_torch")

    class SparseLinear(torch.nn.Module):  # type: ignore[misc, name-defined]
        """``y -> W y + b`` with a sparse W: no layer of PyTorch's own is that."""

        def __init__(self, step: Step) -> None:
            super().__init__()
            entries = step.weights.tocoo()
            places = torch.from_numpy(np.stack([entries.row, entries.col]).astype(np.int64))
            weight = torch.sparse_coo_tensor(
                places, torch.from_numpy(entries.data), entries.shape, check_invariants=True
            ).coalesce()
            bias = None if step.bias is None else torch.from_numpy(step.bias.copy())
            self.register_buffer("weight", weight)
            self.register_buffer("bias", bias)

        def forward(self, x: Any) -> Any:
            flat = x.reshape(-1, x.shape[-1])
            y = (self.weight @ flat.T).T.reshape(*x.shape[:-1], self.weight.shape[0])
            return y if self.bias is None else y + self.bias

    class Mixed(torch.nn.Module):  # type: ignore[misc, name-defined]
        """Attention or a layer norm, of the sums that a layer here has side by side."""

        def __init__(self, mixing: Attention | LayerNorm) -> None:
            super().__init__()
            self.mixing = mixing

        def forward(self, z: Any) -> Any:
            read, of = self.mixing.mixed[0], self.mixing
            rows, skipped = z[..., :read], z[..., read:]
            if isinstance(of, LayerNorm):
                x = rows.reshape(*z.shape[:-1], of.tokens, of.size)
                found = torch.nn.functional.layer_norm(x, (of.size,), eps=of.added)
            else:
                parts = torch.tensor_split(rows, of.starts, dim=-1)
                shape = (*z.shape[:-1], of.tokens, of.heads, -1)
                q, k, v = (part.reshape(shape).swapaxes(-3, -2) for part in parts)
                weights = torch.softmax(q @ k.swapaxes(-2, -1) / math.sqrt(of.size), dim=-1)
                found = (weights @ v).swapaxes(-3, -2)
            return torch.cat([found.reshape(*z.shape[:-1], of.mixed[1]), skipped], dim=-1)

    modules = []
    for step in steps:
        if sparse:
            modules.append(SparseLinear(step))
        else:
            weights = _dense(step.weights)
            linear = torch.nn.utils.skip_init(
                torch.nn.Linear,
                *weights.shape[::-1],
                bias=step.bias is not None,
                dtype=torch.float64,
            )
            with torch.no_grad():
                linear.weight.copy_(torch.from_numpy(weights))
                if step.bias is not None:
                    linear.bias.copy_(torch.from_numpy(step.bias.copy()))
            modules.append(linear)
        if isinstance(step.activation, Attention | LayerNorm):
            modules.append(Mixed(step.activation))
        elif step.activation in _TORCH:
            modules.append(getattr(torch.nn, _TORCH[step.activation])())
    return torch.nn.Sequential(*modules)


def to_onnx(steps: Iterable[Step], path: str | os.PathLike[str] | None, sparse: bool) -> Any:
    """Layers as an ONNX model, input ``x`` and output ``y``, written to `path` if there is one."""
    target = None if path is None else _checks.path("path", path)
    onnx = library("onnx", "to_onnx")
    helper, kind = onnx.helper, onnx.TensorProto.DOUBLE
    layers = [*steps]
    nodes, constants, sparse_constants = [], [], []
    before = "x"
    for i, step in enumerate(layers):
        mixed = isinstance(step.activation, Attention | LayerNorm)
        after = f"sum_{i}" if mixed or step.activation in _ONNX else f"layer_{i}"
        name = f"weights_{i}"
        inputs = [before, name]
        if sparse:
            sparse_constants.append(_sparse_tensor(onnx, step.weights, name))
        else:
            constants.append(onnx.numpy_helper.from_array(_dense(step.weights), name))
        if step.bias is not None:
            inputs.append(f"biases_{i}")
            constants.append(onnx.numpy_helper.from_array(np.array(step.bias), inputs[-1]))
        nodes.append(helper.make_node("Gemm", inputs, [after], name=f"gemm_{i}", transB=1))
        if mixed:
            before, after = after, f"layer_{i}"
            made = MixedNodes(onnx, step.activation, f"mixed_{i}")
            made.write(before, after)
            nodes += made.nodes
            constants += made.constants
        elif step.activation in _ONNX:
            before, after = after, f"layer_{i}"
            op = _ONNX[step.activation]
            nodes.append(helper.make_node(op, [before], [after], name=f"{op.lower()}_{i}"))
        before = after
    nodes[-1].output[0] = "y"
    ends = (("x", layers[0].weights.shape[1]), ("y", layers[-1].weights.shape[0]))
    entry, end = (helper.make_tensor_value_info(name, kind, ["rows", n]) for name, n in ends)
    graph = helper.make_graph(
        nodes, "lpbook", [entry], [end], constants, sparse_initializer=sparse_constants
    )
    opsets = [helper.make_opsetid("", 17)]
    model = helper.make_model(graph, opset_imports=opsets, ir_version=8, producer_name="lpbook")
    if target is not None:
        write_whole(target, model.SerializeToString())
    return model


def _dense(matrix: Any) -> Floats:
    found: Floats = np.array(matrix.toarray() if hasattr(matrix, "toarray") else matrix, order="C")
    return found


def _sparse_tensor(onnx: Any, matrix: Any, name: str) -> Any:
    """A sparse matrix as ONNX has it: the entries by row, and where they are."""
    rows = matrix.tocsr()
    rows.sort_indices()
    entries = rows.tocoo()
    places = entries.row.astype(np.int64) * rows.shape[1] + entries.col
    values = onnx.numpy_helper.from_array(np.asarray(entries.data, dtype=np.float64), name)
    indices = onnx.numpy_helper.from_array(places, f"{name}_places")
    return onnx.helper.make_sparse_tensor(values, indices, list(rows.shape))
