"""ONNX: single nodes, as functions, as constants, as steps of a graph that is unrolled."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from lpbook._checks import Floats
from lpbook._files import Limits
from lpbook.frameworks.chain import first_line, log_softmax, softmax
from lpbook.frameworks.unrolled import MOST_ENTRIES, Unrolled

__all__ = [
    *("ACTIVATIONS", "AFFINE", "ENDS", "NOTHING", "SUPPORTED", "UNROLLED"),
    *("alone", "called", "constant", "require_floats", "require_small", "require_small_result"),
    "unroll",
]

ACTIVATIONS = {"Relu": "relu", "Tanh": "tanh", "Sigmoid": "logistic"}
NOTHING = ("Cast", "Dropout", "Flatten", "Identity", "Reshape")
"""What changes no number of a row; whether it changes its shape, the comparison tells."""

ENDS = {"Softmax": softmax, "LogSoftmax": log_softmax}

UNROLLED = (
    *("Conv", "ConvTranspose", "AveragePool", "GlobalAveragePool", "MaxPool", "LeakyRelu", "Pad"),
    *("ReduceMean", "DepthToSpace", "SpaceToDepth"),
)
"""With one of these in it, a graph is unrolled into dense layers (`lpbook.frameworks.unrolled`)."""

AFFINE = (
    *("Gemm", "MatMul", "Add", "Sub", "Mul", "Div", "BatchNormalization", "Transpose", "Squeeze"),
    *("Unsqueeze", "ReduceSum", "Slice", *NOTHING, *UNROLLED),
)
"""What is affine in one value, outside training, but for those that are listed before it."""

SUPPORTED = (
    "supported are Gemm, MatMul, Add, Sub, Mul, Div with constants, BatchNormalization, Scaler, "
    f"{', '.join((*ACTIVATIONS, *NOTHING))}, and a softmax at the end; "
    "in a graph with a convolution also pooling, LeakyRelu and sums of branches around Relu; "
    "in one with self-attention or a layer norm these without MaxPool, and Concat"
)


def called(node: Any) -> str:
    """A node, by name and kind, as errors speak of it."""
    return f"node {node.name or node.output[0]!r}, `{node.op_type}`"


def unroll(
    onnx: Any,
    model: Any,
    graph: Unrolled,
    node: Any,
    constants: dict[str, Any],
    later: list[Any],
) -> None:
    """One node of a graph that is unrolled."""
    kind, (key, *_) = node.op_type, node.output
    attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    sources = [name for name in node.input if name and name not in constants]
    source = sources[0]
    if kind in ("Relu", "LeakyRelu"):
        slope = attributes.get("alpha", 0.01) if kind == "LeakyRelu" else 0.0
        graph.relu(key, source, later, float(slope))
    elif kind in ENDS:
        graph.end(key, source, called(node), ENDS[kind])
    elif kind == "MaxPool":
        window = attributes["kernel_shape"]
        stride = attributes.get("strides", [1] * len(window))
        plain = not any(attributes.get("pads", ())) and not attributes.get("ceil_mode", 0)
        if not plain or max(attributes.get("dilations", [1])) > 1 or attributes.get("auto_pad"):
            raise ValueError("max pooling is supported without padding, dilation and ceil_mode")
        graph.max_pool(key, source, window, stride, later)
    elif kind in ACTIVATIONS:
        if later:
            raise ValueError("only a Relu can be skipped by another branch")
        graph.smooth(key, source, ACTIVATIONS[kind])
    elif kind in ("Add", "Sub") and len(sources) == 2:
        graph.total(key, {sources[0]: 1.0, sources[1]: 1.0 if kind == "Add" else -1.0})
    elif kind == "Reshape" and len(sources) == 1:
        sizes = [int(n) for n in constants[node.input[1]]][1:]
        graph.affine(key, source, lambda rows: rows.reshape(len(rows), *sizes))
    elif kind in AFFINE and len(sources) == 1:
        weights = "" if len(node.input) == 1 else node.name or key
        graph.affine(key, source, alone(onnx, model, node, source, constants), weights)
    else:
        raise ValueError(SUPPORTED)


def alone(
    onnx: Any, model: Any, node: Any, source: str, constants: dict[str, Any], output: str = ""
) -> Callable[[Floats], Any]:
    """A node as a function of one of its inputs, in float64; of its outputs, the first or this."""
    fixed = {}
    for name in filter(lambda name: name and name != source, node.input):
        value = np.asarray(constants[name])
        fixed[name] = value if value.dtype.kind in "iub" else value.astype(np.float64)
    copied = onnx.NodeProto()
    copied.CopyFrom(node)
    if node.op_type == "Cast":
        require_floats(onnx, node)
        copied.attribute[0].i = onnx.TensorProto.DOUBLE
    ends = source, output or node.output[0]
    values = [onnx.helper.make_empty_tensor_value_info(name) for name in ends]
    tensors = [onnx.numpy_helper.from_array(value, name) for name, value in fixed.items()]
    only = _model_of(onnx, model, copied, values[:1], values[1:], tensors)
    evaluate = onnx.reference.ReferenceEvaluator(only)
    return lambda rows: evaluate.run(None, {source: rows})[0]


def _model_of(
    onnx: Any, model: Any, node: Any, inputs: list[Any], outputs: list[Any], constants: list[Any]
) -> Any:
    """A model of one node, in the versions of the model that it is from."""
    graph = onnx.helper.make_graph([node], "alone", inputs, outputs, constants)
    return onnx.helper.make_model(graph, opset_imports=model.opset_import)


_SIZES = 1000  # entries of a constant that may be sizes of another one
_NO_LARGER: dict[str, Callable[[Any], int]] = {
    "Compress": np.size,
    "NonZero": lambda value: int(np.ndim(value) * np.size(value)),
    "Unique": lambda value: 4 * int(np.size(value)),
}
"""Nodes whose results are as large as what their values tell, and how large at most."""


def require_floats(onnx: Any, node: Any) -> None:
    """Refuse a cast that rounds what depends on the input to whole numbers."""
    types = onnx.TensorProto
    floats = (types.DOUBLE, types.FLOAT, types.FLOAT16, types.BFLOAT16)
    if node.op_type == "Cast" and node.attribute[0].i not in floats:
        to = types.DataType.Name(node.attribute[0].i)
        raise ValueError(f"{called(node)}: to {to} changes numbers")


def require_small(name: str, kind: str, entries: float) -> None:
    """Refuse to make an array that is larger than a matrix of an unrolled graph may be."""
    if not entries <= MOST_ENTRIES:
        raise ValueError(
            f"{kind} {name!r}: has {entries:.3g} entries, at most {MOST_ENTRIES:.0e} are made"
        )


def require_small_result(node: Any, values: list[Any]) -> None:
    """Refuse a node that makes a large array of these values, of which some are sizes."""
    entries = 0.0
    if node.op_type == "ConstantOfShape":
        entries = math.prod(map(float, np.ravel(values[0])))
    elif node.op_type == "Range":
        start, stop, step = (float(np.ravel(value)[0]) for value in values)
        entries = abs(stop - start) / abs(step) if step else math.inf
    elif node.op_type == "Tile":
        entries = float(np.size(values[0])) * math.prod(map(float, np.ravel(values[1])))
    elif node.op_type == "Expand":
        sizes = np.broadcast_shapes(np.shape(values[0]), tuple(map(int, np.ravel(values[1]))))
        entries = math.prod(map(float, sizes))
    require_small(node.name or node.output[0], f"node `{node.op_type}`", entries)


def _entries(onnx: Any, model: Any, node: Any, values: dict[str, Any]) -> float:
    """How many numbers a node gives of these values; infinite where onnx cannot tell."""
    helper = onnx.helper
    if node.op_type in _NO_LARGER:
        return float(_NO_LARGER[node.op_type](next(iter(values.values()))))
    told = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(of.dtype), of.shape)
        for name, of in values.items()
    ]
    sizes = [
        onnx.numpy_helper.from_array(of, name) for name, of in values.items() if of.size <= _SIZES
    ]
    results = [helper.make_empty_tensor_value_info(name) for name in node.output if name]
    only = _model_of(onnx, model, node, told, results, sizes)
    found = onnx.shape_inference.infer_shapes(only, data_prop=True).graph
    shapes = {item.name: item.type.tensor_type for item in (*found.output, *found.value_info)}
    entries = 0.0
    for name in filter(None, node.output):
        if name not in shapes or not shapes[name].HasField("shape"):
            return math.inf
        dims = shapes[name].shape.dim
        if not all(dim.HasField("dim_value") for dim in dims):
            return math.inf
        entries += math.prod(float(dim.dim_value) for dim in dims)
    return entries


def constant(
    onnx: Any, model: Any, node: Any, constants: dict[str, Any], limits: Limits
) -> dict[str, Any]:
    """What a node gives whose inputs are constants, by name, if it is not too large."""
    inputs = [name for name in node.input if name]
    require_small_result(node, [constants[name] for name in inputs])
    given = {name: np.asarray(constants[name]) for name in inputs}
    try:
        entries = _entries(onnx, model, node, given)
        if not math.isfinite(entries):
            raise ValueError("how large its result is cannot be told: put a constant in its place")
        limits.take("max_bytes", 8 * entries)
        return _evaluated(onnx, model, node, given)
    except Exception as error:  # whatever onnx says of values that do not fit
        raise ValueError(f"{called(node)}: {first_line(error)}") from error


def _evaluated(onnx: Any, model: Any, node: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What a node gives of constants, by name."""
    values = [
        onnx.helper.make_tensor_value_info(
            name, onnx.helper.np_dtype_to_tensor_dtype(value.dtype), None
        )
        for name, value in given.items()
    ]
    results = [onnx.helper.make_empty_tensor_value_info(name) for name in node.output]
    only = _model_of(onnx, model, node, values, results, [])
    evaluate = onnx.reference.ReferenceEvaluator(only)
    return dict(zip(node.output, evaluate.run(None, given), strict=True))
