"""ONNX: a graph without branches as a chain of layers, others unrolled.

Of a graph, what its output needs is looked at, and nothing else. Nodes of constants alone (a
transposed weight, a cast one) are evaluated by onnx, once it is known how large their results are;
then the graph is followed back from its output to its input. Models in memory are checked as files
are.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from lpbook import _checks
from lpbook._checks import Floats
from lpbook._files import LEAST_GROWTH, Limits, regular
from lpbook.frameworks.chain import Chain, batch_norm, compare, first_line, refusal
from lpbook.frameworks.libraries import library
from lpbook.frameworks.onnx_nodes import (
    ACTIVATIONS,
    ENDS,
    NOTHING,
    SUPPORTED,
    UNROLLED,
    called,
    constant,
    require_floats,
    require_small,
    unroll,
)
from lpbook.frameworks.onnx_tokens import Tokens, mixes
from lpbook.frameworks.unrolled import Unrolled


def read(model: Any, output: str | None, max_bytes: int) -> Callable[..., Any]:
    """The layers of a model, as a function that makes the network and compares it."""
    onnx = library("onnx", "Network.from_onnx")
    library("onnx.reference", "Network.from_onnx")
    if _checks.is_a(model, (str, os.PathLike)):
        model = _loaded(onnx, model)
    elif _checks.is_a(model, onnx.ModelProto):
        model = _in_memory(onnx, model)
    else:
        raise _checks.wrong_type("model", model, "must be a path or an onnx.ModelProto")
    max_bytes = _checks.count("max_bytes", max_bytes)
    limits = Limits(max_bytes=max(max_bytes, LEAST_GROWTH * model.ByteSize()))
    graph = model.graph
    given = {item.name for item in graph.initializer}
    given |= {item.values.name for item in graph.sparse_initializer}
    (entry,) = _one(graph.input, "input", skip=given)
    names = [item.name for item in graph.output]
    if output is None:
        (end,) = _one(graph.output, "output")
        output = end.name
    else:
        if not _checks.is_a(output, str):
            rule = f"must be the name of a value, as of {names}"
            raise _checks.wrong_type("output", output, rule)
        output = str.__str__(output)  # a plain one, whatever its class does otherwise
        if not any(output in node.output for node in graph.node):
            rule = f"is no value of the graph; its outputs are {names}"
            raise _checks.fail("output", output, rule)

    model = _needed(onnx, model, output)
    graph = model.graph
    constants = {item.name: onnx.numpy_helper.to_array(item) for item in graph.initializer}
    constants |= {item.values.name: _dense(onnx, item) for item in graph.sparse_initializer}
    variable = _fold_constants(onnx, model, constants, limits)
    precision = _precision(onnx, entry)
    mixed = any(mixes(node, constants) for node in variable.values())
    theirs = _evaluator(onnx, model, entry, output, precision, alone=mixed)
    if mixed or any(node.op_type in UNROLLED for node in variable.values()):
        graph = _unrolled(onnx, model, entry, output, constants, mixed, limits)
        return lambda make: graph.network(make, output, theirs, precision)
    chain = Chain()
    for node in _path(variable, entry.name, output, constants):
        _add(onnx, chain, node, constants)
    return lambda make: chain.network(make, theirs, precision)


def _loaded(onnx: Any, path: str | os.PathLike[str]) -> Any:
    """The model in a file, and in the files that it refers to."""
    path = _checks.path("model", path)
    regular(path)
    with open(path, "rb"):
        pass  # what cannot be read at all is an OSError
    try:
        model = onnx.load(path)
        _check(onnx, model)
    except Exception as error:  # each of protobuf, the checker and the reader has its own
        raise ValueError(f"path={path!r}: is not an ONNX model: {first_line(error)}") from error
    return model


def _in_memory(onnx: Any, model: Any) -> Any:
    """A copy of a model in memory, checked; what stands in other files has to be read before."""
    tensors = [*model.graph.initializer]
    for sparse in model.graph.sparse_initializer:
        tensors += [sparse.values, sparse.indices]
    for tensor in tensors:
        if tensor.data_location == onnx.TensorProto.EXTERNAL:
            remedy = "is in another file: give the path of the model, or load it with onnx.load"
            raise ValueError(f"model: its constant {tensor.name!r} {remedy}")
    copied = onnx.ModelProto()
    copied.CopyFrom(model)
    try:
        _check(onnx, copied)
    except Exception as error:  # each of protobuf and the checker has its own
        raise ValueError(f"model: is not an ONNX model: {first_line(error)}") from error
    return copied


def _check(onnx: Any, model: Any) -> None:
    """What onnx checks; outputs may be of any shape, which need not be stated."""
    for item in model.graph.output:
        if item.type.HasField("tensor_type"):
            item.type.tensor_type.shape.SetInParent()
    onnx.checker.check_model(model)


def _needed(onnx: Any, model: Any, output: str) -> Any:
    """The model with what is needed for one of its values, and nothing else."""
    giving = {name: i for i, node in enumerate(model.graph.node) for name in node.output if name}
    nodes, names, left = set[int](), {output}, [output]
    while left:
        i = giving.get(left.pop())
        if i is None or i in nodes:
            continue
        nodes.add(i)
        node = model.graph.node[i]
        if any(part.HasField("g") or part.graphs for part in node.attribute):
            rule = "is not supported, nor is any node with a graph of its own"
            raise ValueError(f"{called(node)}: {rule}")
        left += [name for name in node.input if name and name not in names]
        names.update(left)
    defined = {(function.domain, function.name) for function in model.functions}
    for i in sorted(nodes):
        node = model.graph.node[i]
        if (node.domain, node.op_type) in defined:
            rule = "is a function of the model's own: put in its place what it computes, by "
            rule += "onnx.inliner.inline_local_functions"
            raise ValueError(f"{called(node)}: {rule}")
    kept = onnx.ModelProto()
    kept.CopyFrom(model)
    del kept.functions[:], kept.graph.node[:]
    del kept.graph.initializer[:], kept.graph.sparse_initializer[:]
    kept.graph.node.extend(model.graph.node[i] for i in sorted(nodes))
    kept.graph.initializer.extend(item for item in model.graph.initializer if item.name in names)
    kept.graph.sparse_initializer.extend(
        item for item in model.graph.sparse_initializer if item.values.name in names
    )
    return kept


def _dense(onnx: Any, sparse: Any) -> Any:
    """A sparse constant with its zeros: its places count all entries, or are rows and columns."""
    require_small(sparse.values.name, "sparse constant", math.prod(sparse.dims))
    values, places = map(onnx.numpy_helper.to_array, (sparse.values, sparse.indices))
    found = np.zeros(sparse.dims, dtype=values.dtype)
    if places.ndim == 1:
        found.reshape(-1)[places] = values
    else:
        found[tuple(places.T)] = values
    return found


def _one(items: Any, what: str, skip: Any = ()) -> list[Any]:
    found = [item for item in items if item.name not in skip]
    if len(found) != 1:
        names = ", ".join(item.name for item in found)
        remedy = "; name the one to take, output=" if what == "output" else ""
        raise ValueError(f"model: has {len(found)} {what}s ({names}), one is supported{remedy}")
    return found


def _fold_constants(
    onnx: Any, model: Any, constants: dict[str, Any], limits: Limits
) -> dict[str, Any]:
    """Add what is computed of constants to them; each other value, and the node that gives it."""
    variable: dict[str, Any] = {}
    for node in model.graph.node:
        if all(name in constants for name in node.input if name):
            constants |= constant(onnx, model, node, constants, limits)
        else:
            variable |= dict.fromkeys(filter(None, node.output), node)
    return variable


def _path(
    variable: dict[str, Any], entry: str, output: str, constants: dict[str, Any]
) -> list[Any]:
    """The nodes from the input to the output, each of which reads the one before it."""
    nodes: list[Any] = []
    name = output
    while name != entry:
        if name not in variable:
            raise ValueError(f"model: its output {output!r} does not depend on its input")
        node = variable[name]
        if any(node is seen for seen in nodes):
            raise ValueError(f"node {node.name or name!r}, `{node.op_type}`: reads its own output")
        inputs = [item for item in node.input if item and item not in constants]
        if len(inputs) != 1:
            raise ValueError(
                f"{called(node)}: reads {len(inputs)} "
                f"values that depend on the input ({', '.join(inputs)}); a chain is supported"
            )
        nodes.insert(0, node)
        name = inputs[0]
    return nodes


def _unrolled(
    onnx: Any,
    model: Any,
    entry: Any,
    output: str,
    constants: dict[str, Any],
    mixed: bool,
    limits: Limits,
) -> Unrolled:
    """The layers up to the output, unrolled; `mixed` if there are attention or a layer norm."""
    batch, *shape = [size.dim_value for size in entry.type.tensor_type.shape.dim] or [0]
    if not shape or 0 in shape:
        rule = "every size but that of the batch must be set"
        raise ValueError(f"model: its input {entry.name!r} has shape {tuple(shape)}: {rule}")
    if mixed and batch > 1:
        rule = f"has {batch} inputs at once: export it with one, or with any number"
        raise ValueError(f"model: its input {entry.name!r} {rule}")
    tokens = Tokens(onnx, model, constants, entry.name, (1, *shape), limits) if mixed else None
    graph = Unrolled(entry.name, shape) if tokens is None else tokens.graph
    graph.limits = limits
    nodes = [node for node in model.graph.node if node.output[0] not in constants]
    ends = [i for i, node in enumerate(nodes, start=1) if output in node.output]
    nodes = nodes[: ends[0]] if ends else nodes  # what comes later needs nothing to be kept
    for i, node in enumerate(nodes):
        used = {name for after in nodes[i + 1 :] for name in after.input} | {output}
        used = used if tokens is None else tokens.needed(used)
        later = [name for name in graph.values if name in used]
        try:
            if tokens is None:
                unroll(onnx, model, graph, node, constants, later)
            else:
                tokens.read(node, later)
        except Exception as error:  # whatever onnx says of shapes that do not fit
            name = node.name or node.output[0]
            raise refusal(i + 1, node.op_type, name, first_line(error)) from error
    if output not in graph.values:
        rule = (
            "does not depend on its input, or is computed on the way to attention or a layer norm"
        )
        raise ValueError(f"model: its output {output!r} {rule}")
    return graph


def _add(onnx: Any, chain: Chain, node: Any, constants: dict[str, Any]) -> None:
    """One node, as a step of the chain."""
    kind, name = node.op_type, node.name or node.output[0]
    attributes = {item.name: onnx.helper.get_attribute_value(item) for item in node.attribute}
    given = [
        np.asarray(constants[item]).astype(np.float64)
        for item in node.input
        if constants.get(item) is not None and np.asarray(constants[item]).dtype.kind in "fiuV"
    ]
    first = node.input[0] not in constants  # whether the variable is the first operand
    if kind == "Gemm" and first and not attributes.get("transA", 0):
        weights = given[0] if attributes.get("transB", 0) else given[0].T
        bias = None
        if len(given) > 1:
            bias = attributes.get("beta", 1.0) * np.broadcast_to(given[1].reshape(-1), len(weights))
        chain.dense(kind, name, attributes.get("alpha", 1.0) * weights, bias)
    elif kind == "MatMul" and first and given[0].ndim == 2:
        chain.dense(kind, name, given[0].T, None)
    elif kind in ("Add", "Sub", "Mul") or (kind == "Div" and first):
        chain.affine(kind, name, *_arithmetic(kind, np.squeeze(given[0]), first))
    elif kind == "BatchNormalization" and first and not attributes.get("training_mode", 0):
        gain, shift, mean, variance = given
        epsilon = attributes.get("epsilon", 1e-5)
        chain.affine(kind, name, *batch_norm(mean, variance, gain, shift, epsilon))
    elif kind == "Scaler" and node.domain == "ai.onnx.ml":
        scale, offset = (np.array(attributes[key]) for key in ("scale", "offset"))
        chain.affine(kind, name, scale, -offset * scale)
    elif kind in ACTIVATIONS:
        chain.activation(kind, name, ACTIVATIONS[kind])
    elif kind in ENDS:
        chain.end(kind, name, ENDS[kind])
    elif kind in NOTHING:
        require_floats(onnx, node)
        chain.nothing(kind, name)
    else:
        chain.position += 1
        raise chain.refusal(kind, name, SUPPORTED)


def _arithmetic(kind: str, constant: Floats, first: bool) -> tuple[Any, Any]:
    """Scale and shift of a sum, difference, product or quotient with a constant."""
    one, zero = np.ones_like(constant), np.zeros_like(constant)
    if kind in ("Mul", "Div"):
        return constant if kind == "Mul" else 1 / constant, zero
    if kind == "Add":
        return one, constant
    return (one, -constant) if first else (-one, constant)


def _precision(onnx: Any, entry: Any) -> str:
    """The type of the input, of those whose rounding is known."""
    types = onnx.TensorProto
    known = {
        types.DOUBLE: "float64",
        types.FLOAT: "float32",
        types.FLOAT16: "float16",
        types.BFLOAT16: "bfloat16",
    }
    found = entry.type.tensor_type.elem_type
    if found not in known:
        name = types.DataType.Name(found)
        raise ValueError(f"model: its input {entry.name!r} has type {name}, not one of floats")
    return known[found]


def _require_apart(
    run: Callable[[Floats], Any], rows: Floats, one_by_one: Any, precision: str
) -> None:
    """Refuse a model whose first axis, of any size, is not that of inputs: it mixes them."""
    try:
        together = run(rows)
    except Exception:  # some size was kept from the one input that it was exported with
        return
    apart = one_by_one[: len(rows)]
    if together.shape == apart.shape:
        with contextlib.suppress(ValueError):
            compare(together, apart, precision)
            return
    raise ValueError(
        "model: the first axis of its input, of any size, is one of tokens or the like: inputs "
        "together give other outputs than one by one; export it with an axis for the batch"
    )


def _evaluator(
    onnx: Any, model: Any, entry: Any, output: str, precision: str, alone: bool
) -> Callable[[Floats], Any]:
    """The model as a function of rows, by onnx's own evaluator; `alone` if it takes one by one."""
    asked = onnx.ModelProto()
    asked.CopyFrom(model)
    for sparse in asked.graph.sparse_initializer:  # the evaluator has dense ones alone
        dense = onnx.numpy_helper.from_array(_dense(onnx, sparse), sparse.values.name)
        asked.graph.initializer.append(dense)
    del asked.graph.output[:], asked.graph.sparse_initializer[:]
    asked.graph.output.append(onnx.helper.make_empty_tensor_value_info(output))
    sizes = [size.dim_value for size in entry.type.tensor_type.shape.dim]
    dtype = onnx.helper.tensor_dtype_to_np_dtype(entry.type.tensor_type.elem_type)

    def theirs(rows: Floats) -> Any:
        evaluate = onnx.reference.ReferenceEvaluator(asked)

        def run(batch: Floats) -> Any:
            values = batch.reshape(*batch.shape[:-1], *shape).astype(dtype)
            with np.errstate(over="ignore", invalid="ignore"):  # what is not finite is refused
                return np.asarray(evaluate.run(None, {entry.name: values})[0])

        shape = [size or -1 for size in sizes[1:]] if len(sizes) > 1 else rows.shape[1:]
        together = len(sizes) != 1 and (not sizes or not sizes[0]) and not alone
        batches = [rows] if together else rows[:, None] if len(sizes) != 1 else rows
        found = [run(batch) for batch in batches]
        whole = np.concatenate(found) if len(sizes) != 1 else np.stack(found)
        if alone and len(sizes) > 1 and not sizes[0]:
            _require_apart(run, rows[:2], whole, precision)
        return whole.astype(np.float64)

    return theirs
