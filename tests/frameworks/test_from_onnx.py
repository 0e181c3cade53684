from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import skl2onnx
from onnx import TensorProto, helper, numpy_helper
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

import lpbook as lp

PUBLISHED = Path(onnx.__file__).parent / "backend" / "test" / "data"
"""Models that come with onnx: exported by PyTorch, with inputs and outputs."""


def session(model):
    """A model as a function, by another library than the loader's."""
    run = onnxruntime.InferenceSession(
        model if isinstance(model, str) else model.SerializeToString(),
        providers=["CPUExecutionProvider"],
    )
    (entry,) = run.get_inputs()
    return lambda rows: run.run(None, {entry.name: rows})[0]


@pytest.mark.parametrize("name", ["test_Linear", "test_Linear_no_bias"])
def test_files_that_come_with_onnx(name):
    folder = PUBLISHED / "pytorch-converted" / name
    network = lp.Network.from_onnx(folder / "model.onnx")
    given, wanted = (
        numpy_helper.to_array(onnx.load_tensor(folder / "test_data_set_0" / f"{kind}_0.pb"))
        for kind in ("input", "output")
    )
    assert network(given) == pytest.approx(wanted, rel=1e-4, abs=1e-6)


def test_files_of_scikit_learn():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(200, 4)), rng.integers(3, size=200)
    classifier = make_pipeline(StandardScaler(), MLPClassifier((8,), max_iter=3000, alpha=10)).fit(
        x, y
    )
    mlp = MLPRegressor(hidden_layer_sizes=(8,), max_iter=5000, alpha=10)
    regressor = make_pipeline(MinMaxScaler(), mlp).fit(x, y)
    network = lp.Network.from_onnx(skl2onnx.to_onnx(regressor, x[:1].astype(np.float32)))
    assert network(x).ravel() == pytest.approx(regressor.predict(x), rel=1e-3, abs=1e-4)

    options = {MLPClassifier: {"zipmap": False}}
    model = skl2onnx.to_onnx(classifier, x[:1].astype(np.float32), options=options)
    with pytest.raises(ValueError, match=r"2 outputs \(label, probabilities\).*output="):
        lp.Network.from_onnx(model)
    with pytest.warns(UserWarning, match="`Softmax`: left off"):
        network = lp.Network.from_onnx(model, output="probabilities")
    assert (network(x).argmax(axis=1) == classifier.predict(x)).all()


def graph(*nodes, shape=("n", 4), kind=TensorProto.FLOAT, **arrays):
    """A model of these nodes, from x to y."""
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    constants = [
        numpy_helper.from_array(np.asarray(value, dtype=dtype), name)
        for name, value in arrays.items()
    ]
    ends = [
        helper.make_tensor_value_info("x", kind, shape),
        helper.make_tensor_value_info("y", kind, None),
    ]
    made = helper.make_graph(list(nodes), "g", ends[:1], ends[1:], constants)
    opsets = [helper.make_opsetid("", 17)]
    return helper.make_model(made, opset_imports=opsets, ir_version=9)


W = np.random.default_rng(3).normal(size=(4, 4))  # square: its shape cannot tell
B = np.arange(4.0)


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (helper.make_node("Gemm", ["x", "W"], ["y"]), lambda x: x @ W),
        (helper.make_node("Gemm", ["x", "W"], ["y"], transB=1), lambda x: x @ W.T),
        (
            helper.make_node("Gemm", ["x", "W", "B"], ["y"], transB=1, alpha=2.0, beta=3.0),
            lambda x: 2 * x @ W.T + 3 * B,
        ),
        (helper.make_node("MatMul", ["x", "W"], ["y"]), lambda x: x @ W),
    ],
)
def test_weights_are_transposed_where_onnx_says_so(node, expected):
    rows = np.random.default_rng(4).normal(size=(5, 4))
    network = lp.Network.from_onnx(graph(node, kind=TensorProto.DOUBLE, W=W, B=B))
    assert network(rows) == pytest.approx(expected(rows))


@pytest.mark.parametrize(
    ("op", "inputs", "expected"),
    [
        ("Add", ["h", "B"], lambda h: h + B),
        ("Sub", ["h", "B"], lambda h: h - B),
        ("Sub", ["B", "h"], lambda h: B - h),
        ("Mul", ["C", "h"], lambda h: h * 2.5),
        ("Div", ["h", "C"], lambda h: h / 2.5),
    ],
)
def test_arithmetic_with_constants(op, inputs, expected):
    nodes = [
        helper.make_node("Transpose", ["W"], ["T"]),  # a constant, too
        helper.make_node("MatMul", ["x", "T"], ["h"]),
        helper.make_node(op, inputs, ["y"]),
    ]
    rows = np.random.default_rng(4).normal(size=(5, 4))
    network = lp.Network.from_onnx(graph(*nodes, kind=TensorProto.DOUBLE, W=W, B=B, C=2.5))
    assert network(rows) == pytest.approx(expected(rows @ W.T))


@pytest.mark.parametrize("shape", [("n", 4), (1, 4), (3, 4), ("n", 2, 2), (4,)])
def test_inputs_of_any_shape_stand_for_rows(shape):
    nodes = [helper.make_node("MatMul", ["f", "W"], ["y"])]
    if len(shape) == 1:
        nodes[0].input[0] = "x"
    else:
        nodes.insert(0, helper.make_node("Flatten", ["x"], ["f"]))
    network = lp.Network.from_onnx(graph(*nodes, shape=shape, W=W))
    assert network.weights[0] == pytest.approx(W.T, rel=1e-6)


@pytest.mark.parametrize("kind", [TensorProto.FLOAT16, TensorProto.DOUBLE])
def test_types_are_taken_exactly(kind):
    model = graph(helper.make_node("MatMul", ["x", "W"], ["y"]), kind=kind, W=W)
    dtype = helper.tensor_dtype_to_np_dtype(kind)
    assert (lp.Network.from_onnx(model).weights[0] == W.astype(dtype).T).all()


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (
            lambda: graph(
                helper.make_node("MatMul", ["x", "W"], ["h"], name="first"),
                helper.make_node("Softplus", ["h"], ["y"], name="second"),
                W=W,
            ),
            r"layer 2, `Softplus` \('second'\): supported are Gemm",
        ),
        (lambda: graph(helper.make_node("MatMul", ["W", "x"], ["y"]), W=W), "layer 1, `MatMul`"),
        (
            lambda: graph(
                helper.make_node("MatMul", ["x", "W"], ["h"]),
                helper.make_node("Add", ["h", "x"], ["y"], name="sum"),
                W=W,
            ),
            r"node 'sum', `Add`: reads 2 values .*\(h, x\)",
        ),
        (
            lambda: graph(
                helper.make_node("MatMul", ["x", "W"], ["h"]),
                helper.make_node("Div", ["B", "h"], ["y"]),
                W=W,
                B=B,
            ),
            "layer 2, `Div`",
        ),
        (lambda: graph(helper.make_node("Identity", ["W"], ["y"]), W=W), "does not depend"),
        (lambda: graph(helper.make_node("Identity", ["x"], ["y"])), "no layer with weights"),
    ],
)
def test_what_is_not_supported_is_refused_by_name_and_place(model, message):
    with pytest.raises(ValueError, match=message):
        lp.Network.from_onnx(model())


def test_what_changes_the_order_of_numbers_is_noticed_with_its_size():
    model = graph(
        helper.make_node("Reshape", ["x", "S"], ["r"]),
        helper.make_node("MatMul", ["r", "W"], ["y"]),
        shape=(2, 4),
        W=np.arange(8.0).reshape(2, 4),
    )
    model.graph.initializer.append(numpy_helper.from_array(np.array([4, 2]), "S"))
    with pytest.raises(ValueError, match=r"takes 2 inputs|differ|cannot reshape"):
        lp.Network.from_onnx(model)


def test_files_that_are_none(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"not a model")
    with pytest.raises(ValueError, match="is not an ONNX model"):
        lp.Network.from_onnx(tmp_path / "model.onnx")
    with pytest.raises(FileNotFoundError):
        lp.Network.from_onnx(tmp_path / "nowhere.onnx")
    with pytest.raises(TypeError, match=r"must be a path or an onnx.ModelProto"):
        lp.Network.from_onnx(3)
    with pytest.raises(ValueError, match="output='z': is no value"):
        lp.Network.from_onnx(graph(helper.make_node("MatMul", ["x", "W"], ["y"]), W=W), output="z")
