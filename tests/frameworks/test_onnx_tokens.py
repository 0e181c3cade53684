"""Attention and layer norms in ONNX: as libraries write them, and as they go out from here."""

import numpy as np
import pytest
from onnx import helper, numpy_helper
from test_from_onnx import graph, session

import lpbook as lp
from lpbook.frameworks.unrolled import Unrolled
from lpbook.mixing import Attention, LayerNorm

node = helper.make_node
T, D = 3, 4
RNG = np.random.default_rng(0)
Q, K, V, W = RNG.normal(size=(4, D, D)) / 2
A, B = RNG.normal(size=(2, D))
EPS = 1e-3


def attention(*between, weights="w", root=0.5, **arrays):
    """A head of three tokens, with a skip; `between` are nodes from its products z to `weights`."""
    nodes = [
        node("MatMul", ["x", "Q"], ["q"], name="queries"),
        node("MatMul", ["x", "K"], ["k"]),
        node("MatMul", ["x", "V"], ["v"]),
        node("Transpose", ["k"], ["kt"], perm=[0, 2, 1]),
        node("MatMul", ["q", "kt"], ["z"]),
        *(between or SCALED),
        node("MatMul", [weights, "v"], ["h"]),
        node("MatMul", ["h", "W"], ["o"], name="out"),
        node("Add", ["o", "x"], ["y"]),
    ]
    given = {"Q": Q, "K": K, "V": V, "W": W, "root": root} | arrays
    return graph(*nodes, shape=("n", T, D), **given)


SCALED = [node("Mul", ["z", "root"], ["s"]), node("Softmax", ["s"], ["w"], name="softmax")]


def norm(*nodes, **arrays):
    """What these nodes make of h, which is the input times a matrix."""
    first = node("MatMul", ["x", "Q"], ["h"])
    return graph(first, *nodes, shape=("n", T, D), Q=Q, **{"eps": EPS, "two": 2.0} | arrays)


def opset(model, version):
    model.opset_import[0].version = version
    return model


CENTRED = [
    node("ReduceMean", ["h"], ["m"], axes=[-1]),
    node("Sub", ["h", "m"], ["c"]),
]
VARIED = [
    *CENTRED,
    node("Pow", ["c", "two"], ["p"]),
    node("ReduceMean", ["p"], ["v"], axes=[2], keepdims=1),
    node("Add", ["v", "eps"], ["e"]),
    node("Sqrt", ["e"], ["r"]),
]
GOOD = {
    "scaled": (lambda: attention(), ["Attention"]),
    "divided": (
        lambda: attention(
            node("Div", ["z", "root"], ["s"]), node("Softmax", ["s"], ["w"], axis=2), root=-0.7
        ),
        ["Attention"],
    ),
    "unscaled": (lambda: attention(node("Softmax", ["z"], ["w"])), ["Attention"]),
    "old softmax": (
        lambda: opset(attention(SCALED[0], node("Softmax", ["s"], ["w"], axis=2)), 12),
        ["Attention"],
    ),
    "one node": (
        lambda: norm(node("LayerNormalization", ["h", "A", "B"], ["y"], epsilon=EPS), A=A, B=B),
        ["LayerNorm"],
    ),
    "without constants": (
        lambda: norm(node("LayerNormalization", ["h", "A"], ["y"]), A=A), ["LayerNorm"],
    ),
    "a root": (lambda: norm(*VARIED, node("Div", ["c", "r"], ["y"])), ["LayerNorm"]),
    "an inverse": (
        lambda: norm(*VARIED, node("Reciprocal", ["r"], ["i"]), node("Mul", ["c", "i"], ["n"]),
                     node("Mul", ["n", "A"], ["a"]), node("Add", ["a", "B"], ["y"]), A=A, B=B),
        ["LayerNorm"],
    ),
    "a skip around a norm": (
        lambda: norm(node("LayerNormalization", ["h", "A"], ["n"]), node("Relu", ["n"], ["r"]),
                     node("Add", ["r", "h"], ["s"]), node("ReduceMean", ["s"], ["y"], axes=[1]),
                     A=A),
        ["LayerNorm"],
    ),
    "a token of its own": (
        lambda: norm(node("Concat", ["A", "h", "h"], ["t"], axis=1),
                     node("LayerNormalization", ["t", "B"], ["y"]), A=A[None, None], B=B),
        ["LayerNorm"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GOOD)
def test_outputs_are_those_of_onnxruntime(name):
    make, mixed = GOOD[name]
    model = make()
    network = lp.Network.from_onnx(model)
    kinds = [type(of).__name__ for of in network.activations]
    assert [kind for kind in kinds if kind != "str"] == mixed
    x = np.random.default_rng(1).normal(size=(7, T, D)).astype(np.float32)
    run = session(model)
    wanted = np.concatenate([run(one[None]).reshape(1, -1) for one in x])
    assert network(x.reshape(7, -1)) == pytest.approx(wanted, rel=1e-4, abs=1e-5)


MASK = np.triu(np.full((T, T), -1e9), 1)
BAD = {
    "a mask": (
        lambda: attention(node("Add", ["z", "M"], ["s"], name="masked"), SCALED[1], M=MASK),
        r"layer 6, `Add` \('masked'\): attention with a mask",
    ),
    "a mask of booleans": (
        lambda: attention(node("Greater", ["M", "root"], ["b"]),
                          node("Where", ["b", "z", "M"], ["s"]), SCALED[1], M=MASK),
        "`Where` .*: attention with a mask",
    ),
    "a softmax over queries": (
        lambda: attention(SCALED[0], node("Softmax", ["s"], ["w"], axis=1, name="softmax")),
        r"`Softmax` \('softmax'\): in attention a softmax is supported over the last axis",
    ),
    "an old softmax": (
        lambda: opset(attention(SCALED[0], node("Softmax", ["s"], ["w"])), 12),
        "`Softmax` .*over the last axis",
    ),
    "an inverted softmax": (
        lambda: attention(node("Div", ["root", "z"], ["s"]), SCALED[1]), "layer 6, `Div`",
    ),
    "weights alone": (
        lambda: attention(*SCALED, node("Relu", ["w"], ["r"]), weights="r"),
        "`Relu` .*: reads weights of attention",
    ),
    "an axis in between": (
        lambda: norm(node("LayerNormalization", ["h", "A"], ["y"], axis=1), A=np.ones((T, D))),
        "`LayerNormalization` .*over the last axis",
    ),
    "a variance over tokens": (
        lambda: norm(*CENTRED, node("Mul", ["c", "c"], ["p"]),
                     node("ReduceMean", ["p"], ["v"], axes=[1]), node("Sqrt", ["v"], ["r"]),
                     node("Div", ["c", "r"], ["y"])),
        "`ReduceMean` .*variance is supported over the last axis",
    ),
    "something else divided": (
        lambda: norm(*VARIED, node("Div", ["h", "r"], ["y"])), "`Div` .*same mean",
    ),
    "a product of values": (
        lambda: norm(node("Mul", ["h", "x"], ["p"]), node("Sqrt", ["p"], ["y"])),
        "layer 2, `Mul` .*: supported are",
    ),
    "a root of what varies": (lambda: norm(node("Sqrt", ["h"], ["y"])), "layer 2, `Sqrt`"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_not_supported_is_refused_by_name_and_place(name):
    make, message = BAD[name]
    with pytest.raises(ValueError, match=message):
        lp.Network.from_onnx(make())


def test_keys_of_other_tokens_are_refused():
    model = attention(*SCALED)
    cut = node("Slice", ["x", "first", "second", "axes"], ["part"])
    model.graph.node.insert(0, cut)
    for name, value in {"first": [0], "second": [2], "axes": [1]}.items():
        model.graph.initializer.append(numpy_helper.from_array(np.array(value), name))
    for of in model.graph.node[2:4]:
        of.input[0] = "part"
    with pytest.raises(ValueError, match=r"`MatMul` .*self-attention, every token reads all"):
        lp.Network.from_onnx(model)


def test_weights_of_attention_are_no_output():
    with pytest.raises(ValueError, match=r"its output 'w' .*is computed on the way to attention"):
        lp.Network.from_onnx(attention(), output="w")
    assert lp.Network.from_onnx(attention(), output="h").widths == (T * D, T * D)


def test_inputs_come_one_by_one():
    model = attention()
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 2
    with pytest.raises(ValueError, match="'x' has 2 inputs at once: export it with one"):
        lp.Network.from_onnx(model)
    model.graph.input[0].type.tensor_type.shape.dim[1].Clear()
    with pytest.raises(ValueError, match="every size but that of the batch must be set"):
        lp.Network.from_onnx(model)


def test_what_goes_out_comes_back(tmp_path):
    unrolled = Unrolled("x", (T, D), channels=-1)
    for name, matrix in (("q", Q), ("k", K), ("v", V)):
        unrolled.affine(name, "x", lambda x, matrix=matrix: x @ matrix + A, name)
    unrolled.attention("heads", "q", "k", "v", heads=2, carried=["x"])
    unrolled.total("h", {"heads": 1.0, "x": 1.0})
    unrolled.layer_norm("n", "h", EPS, ["h"])
    unrolled.affine("u", "n", lambda x: x @ W + B)
    unrolled.relu("r", "u", ["h"])
    unrolled.total("y", {"r": 1.0, "h": 1.0})
    weights, biases, activations, names = unrolled.layers("y")
    network = lp.Network(weights, biases, activations=activations, names=names)
    assert network.activations[:2] == (Attention(T, 2, 2, 2, 12), LayerNorm(T, D, EPS, 12))
    network.to_onnx(tmp_path / "model.onnx")
    again = lp.Network.from_onnx(tmp_path / "model.onnx")
    assert again.activations == network.activations
    for ours, theirs in zip(again.weights, network.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-15)
    rows = np.random.default_rng(2).normal(size=(9, T * D))
    run = session(network.to_onnx())
    np.testing.assert_allclose(run(rows), network(rows), rtol=0, atol=1e-12)
