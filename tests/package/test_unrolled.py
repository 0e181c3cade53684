"""Piecewise linear networks as dense ReLU layers: without a library, against their definitions."""

import numpy as np
import pytest

import lpbook as lp
from lpbook.experiments.convolutions import convolve, digits_convolution
from lpbook.frameworks.chain import softmax
from lpbook.frameworks.unrolled import Unrolled

RNG = np.random.default_rng(0)
A, B = RNG.normal(size=(2, 6, 6))
ROWS = RNG.normal(size=(30, 6))


def relu(z):
    return np.maximum(z, 0)


def built(*nodes, shape=(6,)):
    """The network of nodes: each a method of `Unrolled` and its arguments, the last the output."""
    graph = Unrolled("x", shape)
    for method, *arguments in nodes:
        getattr(graph, method)(*arguments)
    weights, biases, activations, names = graph.layers(nodes[-1][1])
    return lp.Network(weights, biases, activations=activations, names=names)


FIRST = ("affine", "a", "x", lambda x: x @ A + 1, "first")


@pytest.mark.parametrize(
    ("nodes", "expected", "widths"),
    [
        ([FIRST], lambda x: x @ A + 1, (6, 6)),
        ([FIRST, ("relu", "r", "a")], lambda x: relu(x @ A + 1), (6, 6)),
        (
            [FIRST, ("affine", "b", "a", lambda a: a @ B - 2)],  # one matrix
            lambda x: (x @ A + 1) @ B - 2,
            (6, 6),
        ),
        (
            [FIRST, ("relu", "r", "a", (), 0.1)],
            lambda x: np.where(x @ A + 1 > 0, x @ A + 1, 0.1 * (x @ A + 1)),
            (6, 12, 6),
        ),
        (  # of either sign, so twice
            [FIRST, ("relu", "r", "a", ["x"]), ("total", "t", {"x": 1.0, "r": -1.0})],
            lambda x: x - relu(x @ A + 1),
            (6, 18, 6),
        ),
        (  # at least 0, so as it is
            [
                ("relu", "p", "x"),
                ("affine", "a", "p", lambda x: x @ A),
                ("relu", "r", "a", ["p"]),
                ("total", "t", {"r": 1.0, "p": 1.0}),
            ],
            lambda x: relu(relu(x) @ A) + relu(x),
            (6, 6, 12, 6),
        ),
        (
            [FIRST, ("maximum", "m", ["x", "a"], [])],
            lambda x: np.maximum(x, x @ A + 1),
            (6, 18, 6),
        ),
        (
            [FIRST, ("smooth", "s", "a", "tanh"), ("affine", "b", "s", lambda s: s @ B)],
            lambda x: np.tanh(x @ A + 1) @ B,
            (6, 6, 6),
        ),
        (
            [("max_pool", "m", "x", (3,), (1,))],
            lambda x: np.stack([x[:, i : i + 3].max(axis=1) for i in range(4)], axis=1),
            None,
        ),
    ],
)
def test_nodes_compute_what_they_say(nodes, expected, widths):
    network = built(*nodes)
    assert network(ROWS) == pytest.approx(expected(ROWS), rel=1e-12, abs=1e-12)
    assert widths is None or network.widths == widths


def test_what_was_not_carried_is_gone():
    graph = Unrolled("x", (6,))
    graph.relu("r", "x")
    with pytest.raises(KeyError):
        graph.total("t", {"r": 1.0, "x": 1.0})


def test_layers_are_named_after_the_first_weights_in_them():
    again = ("affine", "b", "r", lambda r: r @ B, "second")
    assert built(FIRST, ("relu", "r", "a"), again).names == ("first", "second")


def test_sums_are_of_one_shape():
    graph = Unrolled("x", (6,))
    graph.affine("y", "x", lambda x: x[:, :3])
    with pytest.raises(ValueError, match=r"different shapes, \[\(3,\), \(6,\)\]"):
        graph.total("t", {"x": 1.0, "y": 1.0})


def test_the_convolution_of_the_book_is_found_whole():
    classifier, _ = digits_convolution()
    graph = Unrolled("image", (8, 8))
    kernels, biases = classifier.kernels, classifier.biases
    graph.affine(
        "c", "image", lambda x: convolve(x[:, None], kernels[:, None]) + biases[:, None, None]
    )
    graph.relu("r", "c")
    graph.affine(
        "y",
        "r",
        lambda r: np.tensordot(r, classifier.readout, ([1, 2, 3], [1, 2, 3])) + classifier.offsets,
    )
    rows = np.abs(RNG.normal(size=(5, 64)))
    network = graph.network(lp.Network, "y", lambda rows: classifier(rows.reshape(-1, 8, 8)))
    assert network.widths == (64, 216, 10)
    ticket = lp.prune(network, 1.0, inputs=rows)
    assert ticket.verify(network, rows)


def test_a_softmax_at_the_end_is_left_off_with_a_warning():
    graph = Unrolled("x", (6,))
    graph.affine("a", "x", lambda x: x @ A)
    graph.end("y", "a", "`Softmax`", softmax)
    with pytest.warns(UserWarning, match="`Softmax`: left off"):
        network = graph.network(lp.Network, "y", lambda rows: softmax(rows @ A))
    assert network(ROWS) == pytest.approx(ROWS @ A)
    with pytest.raises(ValueError, match=r"follows `Softmax`"):
        graph.relu("r", "y")
    with pytest.raises(ValueError, match=r"differ by up to"), pytest.warns(match="left off"):
        graph.network(lp.Network, "y", lambda rows: rows @ A)
