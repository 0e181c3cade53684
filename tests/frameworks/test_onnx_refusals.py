"""ONNX graphs that would load as something else, or would take a machine with them."""

import itertools
import tracemalloc

import numpy as np
import onnx
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
    layers = [node("MatMul", ["x", "W"], ["h"]), node("Add", ["h", "b"], ["y"])]
    model = with_whole(graph(*layers, shape=("n", 4), W=EYE), **arrays)
    model.graph.node.insert(0, bomb)
    with pytest.raises(ValueError, match=r"'bomb': has 2.15e\+09 entries"):
        lp.Network.from_onnx(model)


def test_a_node_that_reads_itself_is_refused():
    layers = [node("MatMul", ["x", "W"], ["a"]), node("MatMul", ["a", "W"], ["y"])]
    model = graph(*layers, shape=("n", 4), W=EYE)
    model.graph.node.insert(1, node("Relu", ["a"], ["a"], name="circle"))
    with pytest.raises(ValueError, match="single static assignment"):
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
    model.graph.node.insert(0, node("Loop", ["n", ""], ["W"], name="for ever", body=body))
    del model.graph.initializer[0]
    with pytest.raises(ValueError, match="'for ever', `Loop`: is not supported"):
        lp.Network.from_onnx(model)


def doubled(times, first="one"):
    """Nodes that put a constant beside itself, again and again; and the name of what comes."""
    names = [first, *(f"c{i}" for i in range(times))]
    nodes = [
        node("Concat", [name] * 2, [after], name=f"twice_{after}", axis=0)
        for name, after in itertools.pairwise(names)
    ]
    return nodes, names[-1]


@pytest.mark.parametrize("stored", [False, True])
def test_constants_are_counted_together_before_they_are_made(stored, tmp_path):
    """A file of 2 KB took 3 s and 513 MB."""
    nodes, last = doubled(28)
    sums = [node("ReduceSum", [last], ["s"]), node("Mul", ["W", "s"], ["v"])]
    sums.append(node("MatMul", ["x", "v"], ["y"]))
    model = graph(*nodes, *sums, shape=("n", 4), one=np.ones(1), W=EYE)
    if stored:
        onnx.save(model, tmp_path / "m.onnx")
        model = tmp_path / "m.onnx"
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"'twice_c23', `Concat`: .*max_bytes=134,217,728 allows"):
        lp.Network.from_onnx(model)
    assert tracemalloc.get_traced_memory()[1] < 2**27
    tracemalloc.stop()
    nodes, last = doubled(5)
    sums[0] = node("ReduceSum", [last], ["s"])
    model = graph(*nodes, *sums, shape=("n", 4), one=np.ones(1), W=EYE)
    assert lp.Network.from_onnx(model)(np.ones(4)).tolist() == [32.0] * 4
    with pytest.raises(ValueError, match="max_bytes=0: must be at least 1"):
        lp.Network.from_onnx(model, max_bytes=0)


def test_who_trusts_a_model_may_allow_more():
    nodes, last = doubled(18)
    sums = [node("ReduceSum", [last], ["s"]), node("Mul", ["W", "s"], ["v"])]
    sums.append(node("MatMul", ["x", "v"], ["y"]))
    model = graph(*nodes, *sums, shape=("n", 4), one=np.ones(1), W=EYE)
    with pytest.raises(ValueError, match="if you trust it, allow"):
        lp.Network.from_onnx(model, max_bytes=2**20)
    assert lp.Network.from_onnx(model, max_bytes=2**23)(np.ones(4)).tolist() == [2.0**18] * 4


def test_what_the_output_does_not_need_is_not_evaluated():
    nodes, last = doubled(28)
    layer = node("MatMul", ["x", "W"], ["y"])
    after = node("Add", ["y", last], ["z"])
    model = graph(layer, *nodes, after, shape=("n", 4), W=2 * EYE, one=np.ones(1))
    assert lp.Network.from_onnx(model)(np.ones(4)).tolist() == [2.0] * 4


def test_a_product_of_a_column_and_a_row_is_counted():
    layers = [
        node("Mul", ["column", "row"], ["W"], name="outer"),
        node("ReduceSum", ["W"], ["s"]),
        node("Mul", ["x", "s"], ["y"]),
    ]
    long = np.ones(20_000)
    model = graph(*layers, shape=("n", 4), column=long[:, None], row=long[None])
    with pytest.raises(ValueError, match=r"'outer', `Mul`: .* max_bytes=134,217,728 allows"):
        lp.Network.from_onnx(model)


def test_a_result_of_unknown_size_is_refused():
    layers = [
        node("Reshape", ["one", "sizes"], ["r"], name="unknown"),
        node("Mul", ["x", "r"], ["y"]),
    ]
    model = graph(*layers, shape=("n", 4), one=np.ones(4))
    model = with_whole(model, sizes=np.ones(2000, np.int64))
    with pytest.raises(ValueError, match="'unknown', `Reshape`: how large its result is"):
        lp.Network.from_onnx(model)


def test_matrices_of_a_graph_are_counted_together(monkeypatch):
    """Each of them is small enough: many are made of few bytes."""
    layers, name = [], "x"
    for i in range(40):
        layers.append(node("LeakyRelu", [name], [f"h{i}"], name=f"layer {i}"))
        name = f"h{i}"
    layers.append(node("Identity", [name], ["y"]))
    model = graph(*layers, shape=("n", 1200))
    assert lp.Network.from_onnx(graph(*layers[:3], node("Identity", ["h2"], ["y"]), shape=("n", 4)))
    with pytest.raises(
        ValueError, match=r"`LeakyRelu` \('layer \d+'\): .*max_bytes=1,000,000 allows"
    ):
        lp.Network.from_onnx(model, max_bytes=10**6)


def test_a_value_whose_unit_vectors_are_too_many_is_refused():
    """Added up again, it would be a small matrix."""
    wide = 40_000
    layers = [
        node("LeakyRelu", ["x"], ["r"]),
        node("MatMul", ["r", "W"], ["h"]),
        node("ReduceSum", ["h", "last"], ["y"], name="sum"),
    ]
    model = with_whole(graph(*layers, shape=("n", 4), W=np.ones((4, wide))), last=[1])
    with pytest.raises(
        ValueError, match=r"'sum'\): unrolled, its matrix has 1,600,000,000 entries"
    ):
        lp.Network.from_onnx(model)


def test_a_function_of_the_model_is_refused():
    body = [node("Relu", ["a"], ["b"])]
    opsets = [helper.make_opsetid("", 17)]
    model = graph(
        node("MatMul", ["x", "W"], ["h"]),
        node("Relu", ["h"], ["y"], name="own", domain="strange"),
        shape=("n", 4),
        W=EYE,
    )
    model.functions.append(helper.make_function("strange", "Relu", ["a"], ["b"], body, opsets))
    model.opset_import.append(helper.make_opsetid("strange", 1))
    with pytest.raises(ValueError, match="'own', `Relu`: is a function of the model's own"):
        lp.Network.from_onnx(model)


def test_models_in_memory_are_checked_as_files_are(tmp_path):
    model = graph(node("MatMul", ["x", "W"], ["y"]), shape=("n", 4), W=EYE)
    for bad in (node("Relu", ["nowhere"], ["z"]), node("NoSuchNode", ["x"], ["z"])):
        wrong = onnx.ModelProto()
        wrong.CopyFrom(model)
        wrong.graph.node.append(bad)
        with pytest.raises(ValueError, match="model: is not an ONNX model: "):
            lp.Network.from_onnx(wrong)
        (tmp_path / "m.onnx").write_bytes(wrong.SerializeToString())
        with pytest.raises(ValueError, match=r"path=.* is not an ONNX model: "):
            lp.Network.from_onnx(tmp_path / "m.onnx")
    onnx.save(model, tmp_path / "e.onnx", save_as_external_data=True, size_threshold=0)
    assert lp.Network.from_onnx(tmp_path / "e.onnx").widths == (4, 4)
    apart = onnx.load(tmp_path / "e.onnx", load_external_data=False)
    with pytest.raises(ValueError, match="constant 'W' is in another file: give the path"):
        lp.Network.from_onnx(apart)


def test_a_sparse_constant_is_refused_before_it_has_zeros():
    layers = [node("MatMul", ["x", "W"], ["h"]), node("Add", ["h", "sparse"], ["y"])]
    model = graph(*layers, shape=("n", 4), W=EYE)
    one = numpy_helper.from_array(np.ones(1, np.float32), "sparse")
    place = numpy_helper.from_array(np.zeros(1, np.int64), "place")
    model.graph.sparse_initializer.append(helper.make_sparse_tensor(one, place, [2**45]))
    with pytest.raises(ValueError, match=r"sparse constant 'sparse': has 3.52e\+13 entries"):
        lp.Network.from_onnx(model)
