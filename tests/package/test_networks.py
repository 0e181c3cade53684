import hashlib

import numpy as np
import pytest
from scipy.special import expit

import lpbook as lp
from lpbook.networks import ACTIVATIONS, row_norms, spectral_bound

REFERENCE = {
    "identity": lambda z: z,
    "relu": lambda z: np.where(z > 0, z, 0),
    "tanh": np.tanh,
    "logistic": expit,
}


def random_network(rng, widths=(4, 6, 5, 3), bias=True, activations="relu", scale=1.0):
    shapes = list(zip(widths[1:], widths, strict=False))
    weights = [scale * rng.normal(size=shape) for shape in shapes]
    biases = [scale * rng.normal(size=shape[0]) for shape in shapes] if bias else None
    return lp.Network(weights, biases, activations=activations)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_have_the_properties_that_the_bounds_use(name):
    sigma = ACTIVATIONS[name]
    z = np.concatenate([np.linspace(-40, 40, 20_001), [-1e300, 1e300]])
    values = sigma.function(z)
    assert values == pytest.approx(REFERENCE[name](z), abs=sigma.ulps * 2.0**-53, rel=1e-15)
    assert np.abs(values).max() <= sigma.largest
    assert sigma.nonnegative == (values >= 0).all()
    assert sigma.function(np.array(0.0)) == sigma.at_zero
    z = z[:-2]
    slopes = np.diff(sigma.function(z)) / np.diff(z)
    assert slopes.max() == pytest.approx(sigma.lipschitz, rel=1e-4)


@pytest.mark.parametrize("bias", [True, False])
def test_network_computes_its_layers(bias):
    rng = np.random.default_rng(0)
    network = random_network(rng, bias=bias, activations=["tanh", "logistic", "identity"])
    x = rng.normal(size=(2, 7, 4))
    y = x
    for i in range(3):
        y = y @ network.weights[i].T + (network.biases[i] if bias else 0)
        y = REFERENCE[network.activations[i]](y)
    assert network(x) == pytest.approx(y)
    assert network(x[0, 0]).shape == (3,)
    assert [m.shape for m in network.matrices] == [(6, 4 + bias), (5, 6 + bias), (3, 5 + bias)]


def test_a_network_does_not_change_with_the_arrays_it_was_made_of():
    w, b = np.ones((2, 2)), np.ones(2)
    network = lp.Network([w], [b])
    w[:] = b[:] = 7
    assert network([1, 1]).tolist() == [3, 3]
    with pytest.raises(ValueError, match="read-only"):
        network.weights[0][0, 0] = 5

    with pytest.raises(AttributeError, match="weights: a Network does not change"):
        network.weights = []


def test_digest_tells_networks_apart():
    one = lp.Network([[[1.0, 0.0]]], [[2.0]])
    assert one.digest == lp.Network([[[1, -0.0]]], [[2]]).digest
    others = [
        lp.Network([[[1.0, 1e-300]]], [[2.0]]),
        lp.Network([[[1.0, 0.0, 2.0]]]),
        lp.Network([[[1.0, 0.0]]], [[2.0]], activations=["relu"]),
    ]
    assert len({n.digest for n in (one, *others)}) == 4


def test_the_digest_is_that_of_all_bytes_however_many_rows_are_hashed_at_a_time():
    w = np.random.default_rng(0).normal(size=(3, 2**17 + 5))
    w[0, 0] = -0.0
    network = lp.Network([w, w.T])
    text = b"".join(
        f"{m.shape} {name} False\n".encode() + (m + 0.0).tobytes()
        for m, name in zip((w, w.T), ("relu", "identity"), strict=True)
    )
    assert network.digest == hashlib.sha256(text).hexdigest()


def test_one_name_is_for_the_hidden_layers():
    network = lp.Network([[[1.0]], [[1.0]], [[1.0]]], activations="tanh")
    assert network.activations == ("tanh", "tanh", "identity")


@pytest.mark.parametrize(
    "matrix",
    [
        np.eye(3),
        np.ones((5, 1)),
        np.zeros((2, 3)),
        np.full((2, 3), 1e200),
        np.full((2, 3), 1e-200),
        np.diag([1.0, 1e-9]),
        np.random.default_rng(1).normal(size=(60, 40)),
        np.random.default_rng(2).exponential(size=(30, 200)),
    ],
    ids=lambda m: str(m.shape),
)
def test_spectral_bound_is_an_upper_bound_and_tight(matrix):
    norm = np.linalg.norm(matrix, 2)
    assert norm * (1 - 1e-15) <= spectral_bound(matrix) <= norm * (1 + 1e-9)


@pytest.mark.parametrize("shape", [(3, 10), (10, 3), (7, 7), (1, 4), (4, 1)])
@pytest.mark.parametrize("at_once", [1, 3, 100])
def test_spectral_bound_of_parts_side_by_side(shape, at_once, monkeypatch):
    monkeypatch.setattr("lpbook.networks._AT_ONCE", at_once)
    matrix = np.random.default_rng(0).normal(size=shape)
    whole = spectral_bound(matrix)
    for cut in range(1, shape[1]):
        parts = spectral_bound(matrix[:, :cut], matrix[:, cut:])
        assert parts == pytest.approx(whole, rel=1e-13)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activations", ["relu", "tanh", "logistic", ["identity", "relu", "tanh"]])
@pytest.mark.parametrize("nonnegative", [True, False])
def test_activations_stay_within_their_bounds(bias, activations, nonnegative):
    rng = np.random.default_rng(3)
    for _ in range(5):
        network = random_network(rng, bias=bias, activations=activations)
        domain = lp.Ball(2.0, nonnegative)
        bounds = network.bounds(domain)
        x = rng.normal(size=(4000, 4))
        x *= 2.0 / np.linalg.norm(x, axis=1, keepdims=True)
        y = np.abs(x) if nonnegative else x
        for i in range(3):
            assert np.linalg.norm(y, axis=1).max() <= bounds.norms[i] * (1 + 1e-12)
            assert np.abs(y).max() <= bounds.largest
            if network.nonnegative_inputs(domain)[i]:
                assert (y >= 0).all()
            layer = lp.Network(
                network.weights[i : i + 1],
                network.biases and network.biases[i : i + 1],
                activations=[network.activations[i]],
            )
            y = layer(y)
        assert np.linalg.norm(y, axis=1).max() <= bounds.norms[3]


def test_norms_neither_overflow_nor_underflow():
    rows = np.array([[3e200, 4e200], [3e-200, 4e-200], [3.0, -4.0], [0.0, 0.0]])
    assert row_norms(rows) == pytest.approx([5e200, 5e-200, 5, 0], rel=1e-14, abs=0)
    assert (row_norms(rows) >= [5e200, 5e-200, 5, 0]).all()
    assert lp.Ball.around([[1e-200]]).contains(np.array([[1e-200], [2e-200]])).tolist() == [
        True,
        False,
    ]


def test_ball_around_rows():
    ball = lp.Ball.around([[3.0, 4.0], [1.0, 0.0]])
    assert ball.radius == pytest.approx(5, rel=1e-14)
    assert ball.radius >= 5
    assert ball.nonnegative
    assert not lp.Ball.around([[3.0, -4.0]]).nonnegative
    rows = np.array([[3.0, 4.0], [3.1, 4.0], [-3.0, 4.0]])
    assert ball.contains(rows).tolist() == [True, False, False]
    assert lp.Ball(5.0).contains(rows).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lp.Network([]), "weights"),
        (lambda: lp.Network([[[1.0, np.nan]]]), r"weights\[0\]=nan"),
        (lambda: lp.Network([[[np.inf]]]), r"weights\[0\]=inf"),
        (lambda: lp.Network([np.zeros((0, 3))]), r"weights\[0\].*empty"),
        (lambda: lp.Network([[1.0, 2.0]]), r"weights\[0\].*2 dimension"),
        (lambda: lp.Network([np.ones((3, 2)), np.ones((1, 2))]), r"weights\[1\].*3 columns"),
        (lambda: lp.Network([[[1.0]]], [[1.0, 2.0]]), r"biases\[0\].*shape"),
        (lambda: lp.Network([[[1.0]]], []), "biases"),
        (lambda: lp.Network([[[1.0]]], [[np.nan]]), r"biases\[0\]=nan"),
        (lambda: lp.Network([[[1.0]]], activations="swish"), "activations='swish'.*relu"),
        (lambda: lp.Network([[[1.0]]], activations=["relu", "relu"]), "activations.*1 layers"),
        (lambda: lp.Network([[[1.0]]])([1.0, 2.0]), "x=.*shape"),
        (lambda: lp.Network([[[1.0]]])(1.0), "x=.*shape"),
        (lambda: lp.Ball(-1), "radius=-1"),
        (lambda: lp.Ball(np.inf), "radius=inf"),
    ],
)
def test_bad_values(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lp.Network("abc"), "weights"),
        (lambda: lp.Network([[["a"]]]), r"weights\[0\]"),
        (lambda: lp.Network([[[1.0]]], activations=3), "activations"),
        (lambda: lp.Ball(1, nonnegative="yes"), "nonnegative"),
    ],
)
def test_bad_types(call, message):
    with pytest.raises(TypeError, match=message):
        call()


def test_a_view_that_is_read_only_is_copied_too():
    ours = np.array([[0.5, -1.0]])
    view = ours.view()
    view.flags.writeable = False
    network = lp.Network([view], [view[0, :1]])
    ours[0, 0] = 7
    assert network.weights[0][0, 0] == network.biases[0][0] == 0.5


def test_weights_of_a_file_that_is_mapped_are_not_copied(tmp_path):
    weights = np.random.default_rng(0).normal(size=(5, 3))
    np.save(tmp_path / "w.npy", weights)
    mapped = np.load(tmp_path / "w.npy", mmap_mode="r")
    network = lp.Network([mapped])
    assert np.shares_memory(network.weights[0], mapped)
    assert network.matrices[0] is network.weights[0]
    assert network == lp.Network([weights])
    assert lp.prune(network, weight_epsilon=0.1).verify(network).ok
    with pytest.raises(ValueError, match="read-only"):
        network.weights[0][0, 0] = 1.0
    # what may be written to, or read backwards or in other units, is copied
    written = np.load(tmp_path / "w.npy", mmap_mode="r+")
    np.save(tmp_path / "short.npy", weights.astype(np.float32))
    short = np.load(tmp_path / "short.npy", mmap_mode="r")
    for other in (written, mapped.T, mapped[:, ::2], short, weights):
        assert not np.shares_memory(lp.Network([other]).weights[0], other)
