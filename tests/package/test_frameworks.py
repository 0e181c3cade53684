"""Loaders without the libraries: what is asked for, and what needs none.

With the libraries: tests/frameworks.
"""

import itertools
import json
import os
import sys
from itertools import pairwise, permutations

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, PolynomialFeatures, StandardScaler

import lpbook as lp
from lpbook.frameworks.chain import Chain, compare


@pytest.mark.parametrize(
    ("library", "load", "message"),
    [
        ("torch", lambda: lp.Network.from_torch(0), "from_torch needs.*pip install torch"),
        ("keras", lambda: lp.Network.from_keras(0), "from_keras needs.*pip install keras"),
        ("onnx", lambda: lp.Network.from_onnx("m.onnx"), "from_onnx needs.*pip install onnx"),
        ("sklearn", lambda: lp.Network.from_sklearn(0), "needs.*pip install scikit-learn"),
    ],
)
def test_a_missing_library_is_asked_for_by_name(monkeypatch, library, load, message):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=message):
        load()


X = np.random.default_rng(0).normal(size=(120, 4))
CLASSES = np.random.default_rng(1).integers(3, size=120)
FAST = {"max_iter": 2000, "tol": 1e-2, "random_state": 0, "alpha": 10.0}


@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_a_regressor_of_scikit_learn(activation):
    mlp = MLPRegressor(hidden_layer_sizes=(4, 4), activation=activation, **FAST).fit(X, X[:, :2])
    network = lp.Network.from_sklearn(mlp)
    assert network.activations == (activation, activation, "identity")
    assert network(X) == pytest.approx(mlp.predict(X), rel=1e-9)
    assert network.names == ("coefs_[0]", "coefs_[1]", "coefs_[2]")


def test_classifiers_of_scikit_learn():
    several = MLPClassifier((5,), **FAST).fit(X, CLASSES)
    network = lp.Network.from_sklearn(several)
    powers = np.exp(network(X))
    assert several.predict_proba(X) == pytest.approx(powers / powers.sum(axis=1, keepdims=True))
    two = MLPClassifier((5,), **FAST).fit(X, CLASSES > 0)
    assert lp.Network.from_sklearn(two)(X)[:, 0] == pytest.approx(two.predict_proba(X)[:, 1])
    linear = LogisticRegression().fit(X, CLASSES)
    assert lp.Network.from_sklearn(linear)(X) == pytest.approx(linear.decision_function(X))


def test_scalers_are_folded():
    steps = [StandardScaler(), "passthrough", MaxAbsScaler(), MinMaxScaler(), LinearRegression()]
    pipeline = make_pipeline(*steps).fit(X * [1, 10, 0.1, 3] + 5, X[:, 0])
    network = lp.Network.from_sklearn(pipeline)
    assert network(X).ravel() == pytest.approx(pipeline.predict(X), rel=1e-9)
    assert len(network.weights) == 1
    without = make_pipeline(StandardScaler(with_std=False, with_mean=False), LinearRegression())
    lp.Network.from_sklearn(without.fit(X, CLASSES))


@pytest.mark.parametrize(
    ("estimator", "message"),
    [
        (KMeans(), "layer 1, `KMeans`: supported are MLP"),
        (
            make_pipeline(PolynomialFeatures(), LinearRegression()).fit(X, CLASSES),
            r"layer 1, `PolynomialFeatures` \('polynomialfeatures'\)",
        ),
        (MLPRegressor(), "layer 1, `MLPRegressor`: is not fitted"),
        (Pipeline([("scale", MinMaxScaler(clip=True)), ("m", LinearRegression())]), "'scale'"),
    ],
)
def test_what_scikit_learn_has_more_is_refused(estimator, message):
    with pytest.raises(ValueError, match=message):
        lp.Network.from_sklearn(estimator)
    with pytest.raises(TypeError, match="must be a scikit-learn estimator"):
        lp.Network.from_sklearn("MLPClassifier")


def layer(outputs, inputs):
    return np.random.default_rng(outputs + 10 * inputs).normal(size=(outputs, inputs))


def test_a_state_dict_in_the_order_of_its_numbers():
    weights = [layer(4, 4) for _ in range(12)]
    tensors = {f"net.{i}.weight": w for i, w in sorted(enumerate(weights), key=lambda p: str(p[0]))}
    network = lp.Network.from_state_dict(tensors, activations="tanh")
    assert all((a == b).all() for a, b in zip(network.weights, weights, strict=True))
    assert network.names == tuple(f"net.{i}" for i in range(12))
    assert network.biases is None


def test_names_of_tensorflow():
    tensors = {
        "p/fc_1/kernel:0": layer(3, 5),
        "p/fc_1/bias:0": np.ones(5),
        "out/kernel": layer(5, 2),
    }
    network = lp.Network.from_state_dict(tensors, layers=["p/fc_1", "out"])
    assert network.names == ("p/fc_1", "out")
    assert network.widths == (3, 5, 2)
    assert (network.biases[0] == 1).all()


def test_a_state_dict_in_the_only_order_that_fits():
    tensors = {"a.weight": layer(2, 5), "a.bias": np.ones(2), "out.kernel": layer(3, 5)}
    network = lp.Network.from_state_dict(tensors)
    assert network.names == ("out", "a")
    assert network.widths == (3, 5, 2)
    assert (network.weights[0] == layer(3, 5).T).all()  # a kernel is (inputs, outputs)
    assert not network.biases[0].any()
    tensors["b.weight"] = layer(2, 2)
    assert lp.Network.from_state_dict(tensors).names == ("out", "a", "b")
    tensors["c.weight"] = layer(2, 2)
    with pytest.raises(ValueError, match=r"more than one order .*; give layers"):
        lp.Network.from_state_dict(tensors)
    network = lp.Network.from_state_dict(tensors, layers=["out", "a", "c", "b"])
    assert network.names == ("out", "a", "c", "b")
    tensors["example.inputs"] = np.ones(7)  # no layer, and not asked for
    assert lp.Network.from_state_dict(tensors, layers=["out", "a"]).names == ("out", "a")
    with pytest.raises(ValueError, match=r"'example\.inputs'.*to leave it out, give layers"):
        lp.Network.from_state_dict(tensors)


def test_numbered_arrays_of_a_file():
    for weights, biases in (("weights_{}", "biases_{}"), ("W{}", "b{}")):
        tensors = {weights.format(i): layer(3, 3) for i in (0, 1, 10)}
        tensors[biases.format(1)] = np.ones(3)
        network = lp.Network.from_state_dict(tensors)
        assert network.names == ("0", "1", "10")
        assert [b.any() for b in network.biases] == [False, True, False]


@pytest.mark.parametrize(
    ("tensors", "options", "error", "message"),
    [
        ([], {}, TypeError, "tensors=.*must map names"),
        ({}, {}, ValueError, "must hold the weights"),
        ({1: layer(2, 2)}, {}, TypeError, "names that are strings"),
        ({"a.gamma": layer(2, 2)}, {}, ValueError, r"tensors\['a.gamma'\]: is not part of a dense"),
        ({"0.running_mean": np.ones(2)}, {}, ValueError, "batch norm.*from_torch"),
        ({"a.weight": layer(2, 3), "a.kernel": layer(2, 3)}, {}, ValueError, "layer 'a': has ke"),
        ({"a.bias": np.ones(3)}, {}, ValueError, "layer 'a': has bias; it needs a weight"),
        ({"a.weight": np.ones(3)}, {}, ValueError, r"its weight has shape \(3,\)"),
        ({"a.weight": layer(2, 3), "a.bias": np.ones(3)}, {}, ValueError, "2 outputs .* bias of"),
        ({"0.weight": layer(2, 3), "1.weight": layer(2, 3)}, {}, ValueError, "must have 2 columns"),
        ({"a.weight": layer(2, 3), "b.weight": layer(2, 3)}, {}, ValueError, "no order of"),
        (
            {"a.weight": layer(2, 3)},
            {"layers": ["b"]},
            ValueError,
            r"layers=\['b'\]: must name layers",
        ),
        ({"a.weight": layer(2, 2)}, {"layers": ["a", "a"]}, ValueError, "each once"),
        ({"a.weight": layer(2, 2)}, {"layers": []}, ValueError, "must name layers"),
        ({"a.weight": layer(2, 3)}, {"layers": "a"}, TypeError, "layers='a'"),
        ({"a.weight": np.ma.masked_array(layer(2, 3))}, {}, TypeError, "masked"),
    ],
)
def test_a_state_dict_that_is_no_dense_network(tensors, options, error, message):
    with pytest.raises(error, match=message):
        lp.Network.from_state_dict(tensors, **options)


def write(path, header, data):
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


def test_a_safetensors_file_in_bfloat16(tmp_path):
    # the upper halves of the floats 1, -2, 0.5, 3
    data = np.array([1, -2, 0.5, 3], "<f4").view("<u4") >> 16
    entry = {"dtype": "BF16", "shape": [2, 2], "data_offsets": [0, 8]}
    header = {"__metadata__": {"format": "pt"}, "a.weight": entry}
    path = write(tmp_path / "m.safetensors", header, data.astype("<u2").tobytes())
    assert lp.Network.from_safetensors(path).weights[0].tolist() == [[1, -2], [0.5, 3]]


@pytest.mark.parametrize(
    ("entry", "data", "message"),
    [
        ({"dtype": "F8_E4M3", "shape": [2, 2], "data_offsets": [0, 4]}, b"0123", "type F8_E4M3"),
        ({"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 8]}, b"01234567", "not where"),
        ({"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}, b"0123", "not where"),
        ({"dtype": "F32", "shape": [1, 2]}, b"01234567", "data_offsets"),
        ([], b"", "not an intact"),
    ],
)
def test_a_safetensors_file_that_is_damaged(tmp_path, entry, data, message):
    path = write(tmp_path / "m.safetensors", {"a.weight": entry}, data)
    with pytest.raises(ValueError, match=message):
        lp.Network.from_safetensors(path)


def small_layers(number):
    """A header of so many layers of one weight, and of two that fit none."""
    places = np.cumsum([0, *[4] * number, 24, 80]).tolist()
    shapes = [*[[1, 1]] * number, [3, 2], [5, 4]]
    return {
        f"{'x' * i}.weight": {"dtype": "F32", "shape": shape, "data_offsets": [*place]}
        for i, (shape, place) in enumerate(
            zip(shapes, itertools.pairwise(places), strict=True), start=1
        )
    }


F32 = {"dtype": "F32", "data_offsets": [0, 4]}
SMALL = {
    "tensors in one place": (
        {f"{i}.weight": F32 | {"shape": [1, 1]} for i in range(20_000)}, "its tensors overlap"
    ),
    "long numbers": ({"a.weight": F32 | {"shape": [10**4000] * 400}}, "more than 32 axes"),
    "a longer one": ({"a.weight": F32 | {"shape": [0, 2**63]}}, "or one of impossible length"),
    "a list for a type": ({"a.weight": F32 | {"shape": [1, 1], "dtype": [1]}}, "is not read"),
    "many layers without numbers": (small_layers(1202), "of more than 1,000 layers no order"),
    "layers of one shape": (small_layers(990), "no order of"),
}  # fmt: skip


@pytest.mark.parametrize("what", SMALL)
def test_small_safetensors_files_that_ask_for_much(tmp_path, takes_little, what):
    header, message = SMALL[what]
    size = max(entry["data_offsets"][1] for entry in header.values())
    path = write(tmp_path / "m.safetensors", header, bytes(size))
    with takes_little(), pytest.raises(ValueError, match=message) as error:
        lp.Network.from_safetensors(path)
    assert len(str(error.value)) < 2000


@pytest.mark.parametrize("content", [b"", b"1234567", b"\xff" * 40, b"\x02" + b"\0" * 7 + b"[]"])
def test_a_file_that_is_no_safetensors(tmp_path, content):
    (tmp_path / "m.safetensors").write_bytes(content)
    with pytest.raises(ValueError, match="is not an intact safetensors file"):
        lp.Network.from_safetensors(tmp_path / "m.safetensors")
    with pytest.raises(FileNotFoundError):
        lp.Network.from_safetensors(tmp_path / "nowhere.safetensors")


def test_a_chain_folds_what_is_affine():
    rng = np.random.default_rng(0)
    one, two, scale, shift = (rng.normal(size=s) for s in ((4, 3), (2, 4), 4, 4))
    chain = Chain()
    chain.affine("Scaler", "s", np.array(2.0), np.array(1.0))
    chain.affine("Scaler", "t", np.array([1.0, 2.0, 3.0]), np.zeros(3))
    chain.dense("Dense", "one", one, None)
    chain.affine("Norm", "n", scale, shift)
    chain.activation("Relu", "r", "relu")
    chain.activation("Relu", "again", "relu")
    chain.affine("Norm", "m", scale, shift)
    chain.dense("Dense", "two", two, rng.normal(size=2))

    def theirs(x):
        h = np.maximum((one @ ((2 * x + 1) * [1, 2, 3]).T).T * scale + shift, 0)
        return (h * scale + shift) @ two.T + chain.layers[1].bias - two @ shift

    network = chain.network(lp.Network, theirs)
    assert network.widths == (3, 4, 2)
    with pytest.raises(ValueError, match=r"has 3 channels, the layer before it 2 outputs"):
        chain.affine("Norm", "wrong", np.ones(3), np.zeros(3))


def test_a_difference_is_an_error_with_its_size():
    rows = np.random.default_rng(0).normal(size=(64, 3))
    compare(rows, rows * (1 + 1e-10), "float64")
    with pytest.raises(ValueError, match=r"64 random rows the outputs differ by up to 0\.25"):
        compare(rows, rows + 0.25, "float32")
    with pytest.raises(ValueError, match=r"gives.*numbers for a row"):
        compare(rows, rows[:, :2], "float64")
    with pytest.raises(ValueError, match="not finite on random rows"):
        compare(rows, rows * np.nan, "float64")


def test_an_order_is_found_without_trying_all_of_them():
    rng = np.random.default_rng(0)
    letters = "abcdefghijklmnopqrst"
    tensors = {f"{name}.weight": np.eye(3) for name in letters} | {"z.weight": np.ones((5, 6))}
    with pytest.raises(ValueError, match="no order of 'a', 'b'"):  # of 20! that fit but for one
        lp.Network.from_state_dict(tensors)
    tensors["y.weight"] = np.ones((6, 3))
    with pytest.raises(ValueError, match="more than one order of 'a', 'b'"):
        lp.Network.from_state_dict(tensors)
    for _ in range(200):  # widths that come back, and so loops that have to be run in time
        widths = rng.integers(1, 5, int(rng.integers(2, 6)))
        shapes = [*zip(widths[1:], widths[:-1], strict=True)]
        names = rng.permutation([*"abcdef"][: len(shapes)])
        tensors = {f"{n}.weight": np.ones(s) for n, s in sorted(zip(names, shapes, strict=True))}
        fit = [
            order
            for order in permutations(tensors)
            if all(tensors[a].shape[0] == tensors[b].shape[1] for a, b in pairwise(order))
        ]
        if len(fit) == 1:
            found = lp.Network.from_state_dict(tensors).names
            assert [f"{name}.weight" for name in found] == [*fit[0]]
        else:
            with pytest.raises(ValueError, match="more than one order"):
                lp.Network.from_state_dict(tensors)


def test_files_of_tensors_that_would_hang_or_run_deep(tmp_path):
    pipe, deep = tmp_path / "pipe.safetensors", tmp_path / "deep.safetensors"
    os.mkfifo(pipe)
    with pytest.raises(OSError, match="must be a regular file"):
        lp.Network.from_safetensors(pipe)
    header = b'{"a": ' + b"[" * 200_000
    deep.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(ValueError, match="is not an intact safetensors file"):
        lp.Network.from_safetensors(deep)
