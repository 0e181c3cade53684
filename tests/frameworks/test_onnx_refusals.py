"""ONNX graphs that would load as something else, or would take a machine with them."""

import numpy as np
import pytest
from onnx import helper, numpy_helper
from test_from_onnx import graph

import lpbook as lp

node = helper.make_node
EYE = np.eye(4)


def with_whole(model, **numbers):
    """A model with constants of whole numbers, too."""
    for name, value in numbers.items():
        model.graph.initializer.append(numpy_helper.from_array(np.array(value), name))
    return model


@pytest.mark.parametrize("shape", [("tokens", 4), ("tokens", 1, 4)])
def test_attention_over_the_first_axis_is_refused(shape):
    """As one token it would load as the identity."""
    first = [] if len(shape) == 2 else [node("Transpose", ["x"], ["t"], perm=[1, 0, 2])]
    x, back = ("x", [1, 0]) if len(shape) == 2 else ("t", [0, 2, 1])
    model = graph(
        *first,
        node("MatMul", [x, "Q"], ["q"]),
        node("Transpose", [x], ["k"], perm=back),
        node("MatMul", ["q", "k"], ["z"]),
        node("Softmax", ["z"], ["w"]),
        node("MatMul", ["w", x], ["y"]),
        shape=shape,
        Q=2 * EYE,
    )
    with pytest.raises(ValueError, match="first axis of its input"):
        lp.Network.from_onnx(model)


def test_a_cast_to_whole_numbers_is_refused():
    layers = [node("MatMul", ["x", "W"], ["h"]), node("Relu", ["h"], ["r"])]
    casts = [node("Cast", ["r"], ["i"], to=6, name="whole"), node("Cast", ["i"], ["f"], to=1)]
    model = graph(*layers, *casts, node("MatMul", ["f", "W"], ["y"]), shape=("n", 4), W=EYE)
    with pytest.raises(ValueError, match="'whole', `Cast`: to INT32 changes numbers"):
        lp.Network.from_onnx(model)


@pytest.mark.parametrize(
    ("bomb", "arrays"),
    [
        (node("ConstantOfShape", ["n"], ["b"], name="bomb"), {"n": np.array([2**31])}),
        (node("Range", ["zero", "n", "one"], ["b"], name="bomb"),
         {"zero": np.array(0), "n": np.array(2**31), "one": np.array(1)}),
        (node("Tile", ["one", "n"], ["b"], name="bomb"),
         {"one": np.ones(1), "n": np.array([2**31])}),
        (node("Expand", ["one", "n"], ["b"], name="bomb"),
         {"one": np.ones(1), "n": np.array([2**31])}),
    ],
)  # fmt: skip
def test_a_large_constant_is_refused_before_it_is_made(bomb, arrays):
    layer = node("MatMul", ["x", "W"], ["y"])
    model = with_whole(graph(layer, shape=("n", 4), W=EYE), **arrays)
    model.graph.node.insert(0, bomb)
    with pytest.raises(ValueError, match=r"'bomb': has 2.15e\+09 entries"):
        lp.Network.from_onnx(model)


def test_a_node_that_reads_itself_is_refused():
    layers = [node("MatMul", ["x", "W"], ["a"]), node("MatMul", ["a", "W"], ["y"])]
    model = graph(*layers, shape=("n", 4), W=EYE)
    model.graph.node.insert(1, node("Relu", ["a"], ["a"], name="circle"))
    with pytest.raises(ValueError, match="'circle', `Relu`: reads its own output"):
        lp.Network.from_onnx(model)


def test_outputs_that_are_not_finite_are_compared_with_nothing():
    model = graph(node("MatMul", ["x", "W"], ["y"]), shape=("n", 4), W=EYE * 3e38)
    with pytest.raises(ValueError, match="finite"):
        lp.Network.from_onnx(model)


@pytest.mark.parametrize("kind", ["Tile", "Expand"])
def test_a_large_copy_of_the_input_is_refused_before_it_is_made(kind):
    layers = [
        node("LayerNormalization", ["x", "one"], ["n"]),
        node(kind, ["n", "many"], ["y"], name="bomb"),
    ]
    many = np.array([1, 2**29] if kind == "Tile" else [2**29, 1, 4])
    model = with_whole(graph(*layers, shape=("n", 4), one=np.ones(4)), many=many)
    with pytest.raises(ValueError, match=r"'bomb': has 2.15e\+09 entries"):
        lp.Network.from_onnx(model)


def test_a_copy_to_the_same_shape_counts_once():
    """A class token, as exporters write it: of the batch's size."""
    wide = 8000
    layers = [
        node("Expand", ["token", "one"], ["t"]),
        node("MatMul", ["x", "W"], ["h"]),
        node("Add", ["h", "t"], ["y"]),
    ]
    model = graph(*layers, shape=("n", 4), token=np.ones((1, wide)), W=np.ones((4, wide)))
    assert lp.Network.from_onnx(with_whole(model, one=[1, wide])).widths == (4, wide)


def test_a_loop_is_refused():
    body = helper.make_graph(
        [node("Identity", ["on"], ["again"])],
        "body",
        [helper.make_tensor_value_info("i", 7, []), helper.make_tensor_value_info("on", 9, [])],
        [helper.make_tensor_value_info("again", 9, [])],
    )
    model = graph(node("MatMul", ["x", "W"], ["y"]), shape=("n", 4), W=EYE)
    with_whole(model, n=2**62)
    model.graph.node.insert(0, node("Loop", ["n", ""], ["end"], name="for ever", body=body))
    with pytest.raises(ValueError, match="'for ever', `Loop`: is not supported"):
        lp.Network.from_onnx(model)


def test_a_sparse_constant_is_refused_before_it_has_zeros():
    model = graph(node("MatMul", ["x", "W"], ["y"]), shape=("n", 4), W=EYE)
    one = numpy_helper.from_array(np.ones(1, np.float32), "sparse")
    place = numpy_helper.from_array(np.zeros(1, np.int64), "place")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(one, place, [2**45]))
    with pytest.raises(ValueError, match=r"sparse constant 'sparse': has 3.52e\+13 entries"):
        lp.Network.from_onnx(model)
