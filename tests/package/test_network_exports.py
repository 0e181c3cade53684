"""A ticket's networks as others have them, and G itself, by which anyone can check Ĝ."""

import sys

import numpy as np
import pytest

import lpbook as lp

CONSTRUCTIONS = [lp.GoldenRatio(), lp.Malach(), lp.ProductWeights(), lp.SubsetSum()]


def target(bias, activations=("tanh", "relu", "identity")):
    rng = np.random.default_rng(0)
    weights = [rng.uniform(-1, 1, size=shape) for shape in ((3, 4), (3, 3), (2, 3))]
    weights[1][0] = 0.0
    biases = [rng.uniform(-1, 1, size=len(w)) for w in weights] if bias else None
    return lp.Network(weights, biases, activations=list(activations))


ROWS = np.random.default_rng(1).normal(size=(40, 4))


def ticket_of(construction=None, *, bias=True, layout="shared", **options):
    construction = construction or lp.GoldenRatio()
    return lp.prune(target(bias), None, construction, weight_epsilon=0.2, layout=layout, **options)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("layout", ["shared", "reserved"])
@pytest.mark.parametrize("construction", CONSTRUCTIONS, ids=lambda c: c.name)
def test_g_with_the_others_set_to_zero_is_the_ticket(construction, layout, bias):
    if layout not in construction.layouts:
        layout = "shared"
    ticket = ticket_of(construction, bias=bias, layout=layout)
    G, masks = ticket.random_network(), ticket.masks()
    assert [mask.shape for mask in masks] == [m.shape for m in G.matrices]
    assert all(mask.dtype == bool for mask in masks)
    pruned = [m * mask for m, mask in zip(G.matrices, masks, strict=True)]
    for i, (mine, theirs) in enumerate(zip(pruned, ticket.layers(), strict=True)):
        if bias and i % 2:
            assert not mine[:, -1].any()
            mine = mine[:, :-1]
        assert (mine == theirs.toarray()).all()
    split = [(m[:, :-1], m[:, -1]) if bias else (m, None) for m in pruned]
    weights, biases = zip(*split, strict=True)
    network = lp.Network(weights, biases if bias else None, activations=G.activations)
    assert network(ROWS) == pytest.approx(ticket(ROWS), rel=1e-12, abs=1e-12)


def test_every_weight_of_g_is_drawn_by_its_law():
    ticket = ticket_of(inputs=lp.Ball(1.0, nonnegative=True))
    G = ticket.random_network()
    assert all((w != 0).all() for w in G.weights)
    scheme = ticket.construction.scheme(ticket.choices[1].max_weight, ticket.weight_epsilon)
    inner, outer = scheme.laws(nonnegative=False)  # inputs are outputs of tanh
    ranks = outer.cdf(G.weights[3]).ravel()
    assert abs(ranks.mean() - 0.5) < 4 / np.sqrt(12 * ranks.size)
    assert np.unique(ranks).size == ranks.size
    assert np.isin(G.weights[2], inner.ppf([0.1, 0.9])).all()  # ±1, as often as not
    assert abs(G.weights[2].mean()) < 4 / np.sqrt(G.weights[2].size)
    assert ticket.random_network() == G
    assert ticket_of(seed=2).random_network() != G


def test_g_is_written_out_where_it_is_small():
    ticket = lp.prune(lp.Network([np.ones((100, 100))]), weight_epsilon=1e-4)
    for call in (ticket.random_network, ticket.masks):
        with pytest.raises(ValueError, match=r"G has [\d,]+ weights; at most 1e\+07"):
            call()
    nothing = lp.prune(lp.Network([[[0.1]], [[1.0]]]), weight_epsilon=0.5)
    with pytest.raises(ValueError, match="layer 1 has no random neurons"):
        nothing.random_network()


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize("effective", [True, False])
@pytest.mark.parametrize("construction", CONSTRUCTIONS, ids=lambda c: c.name)
def test_a_ticket_is_a_network(construction, effective, nonnegative, bias):
    ticket = ticket_of(construction, bias=bias, inputs=lp.Ball(9.0, nonnegative))
    network = ticket.as_network(effective)
    assert network(ROWS) == pytest.approx(ticket(ROWS), rel=1e-12, abs=1e-12)
    assert (ticket(ROWS) == ticket.network()(ROWS)).all()
    if effective:
        assert network.widths == (4, 4 if nonnegative else 8, 3, 6, 3, 2)  # tanh has both signs
    else:
        certificate = ticket.verify(target(bias))
        assert sum(network.widths[1::2]) == certificate.kept


def test_a_layer_that_keeps_nothing_is_exported():
    ticket = lp.prune(lp.Network([[[0.1]], [[1.0]]], [[1.0], [0.0]]), weight_epsilon=0.5)
    nothing = lp.prune(lp.Network([[[0.1]]]), weight_epsilon=0.5)
    for found in (ticket, nothing):
        for effective in (True, False):
            assert found.as_network(effective)([3.0]) == found([3.0])


def test_layers_are_taken_wherever_matrices_are():
    ticket = ticket_of(bias=False)
    activations = [name for mask in ticket.choices for name in ("relu", mask.activation)]
    network = lp.Network(ticket.layers(), activations=activations)
    assert network(ROWS) == pytest.approx(ticket(ROWS), rel=1e-12)
    again = lp.prune(network, weight_epsilon=0.1)  # a ticket's ticket
    assert again.verify(network)
    from scipy.sparse import coo_array

    with pytest.raises(ValueError, match=r"weights\[0\]: is sparse, of shape .* over 1e\+08"):
        lp.Network([coo_array((10**5, 10**5))])


def test_networks_are_equal_where_their_digests_are():
    network = target(True)
    same = lp.Network(
        network.weights, network.biases, activations=network.activations, names=["a", "b", "c"]
    )
    assert network == same
    assert len({network, same}) == 1
    assert network != target(False)
    assert network != target(True, ("relu", "relu", "identity"))
    assert network != "network"
    assert same.names == ("a", "b", "c")
    assert network.names == ("1", "2", "3")


@pytest.mark.parametrize(
    ("names", "error"), [(["a"], ValueError), ("abc", TypeError), ([1, 2, 3], TypeError)]
)
def test_names_are_one_for_each_layer(names, error):
    with pytest.raises(error, match="names"):
        lp.Network(target(False).weights, names=names)


def test_what_is_shown_fits_into_two_lines():
    ticket = ticket_of(inputs=lp.Ball(1.0))
    deep = lp.Network([np.eye(2)] * 50)
    everything = [
        *(target(True), deep, lp.prune(deep, weight_epsilon=0.1)),
        *(ticket, ticket.network(), ticket.choices[0], ticket.verify(target(True)), ticket.domain),
        *(lp.plan(deep, weight_epsilon=0.1), lp.plan(deep, weight_epsilon=0.1).layers[0]),
        *CONSTRUCTIONS,
    ]
    for value in everything:
        assert len(repr(value)) <= 200, value
        assert repr(value).count("\n") < 2, value


@pytest.mark.parametrize(("library", "method"), [("torch", "to_torch"), ("onnx", "to_onnx")])
@pytest.mark.parametrize("effective", [True, False])
def test_a_missing_library_is_asked_for_by_name(monkeypatch, library, method, effective):
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(ImportError, match=f"{method} needs.*pip install {library}"):
        getattr(ticket_of(), method)(effective=effective)
    with pytest.raises(ImportError, match=f"{method} needs.*pip install {library}"):
        getattr(target(True), method)()
