"""Kernels: a weight that stands at many places is drawn, searched and stored once."""

import pickle
import tracemalloc

import numpy as np
import pytest

import lpbook as lp
from lpbook.experiments.convolutions import convolve
from lpbook.frameworks.unrolled import Unrolled
from lpbook.kernels import Kernels, Places, Window, kernels_of

RNG = np.random.default_rng(0)
KERNEL, OTHER = RNG.normal(size=(3, 2, 3, 3)), RNG.normal(size=(2, 3, 2, 2))
SECOND = np.random.default_rng(1).normal(size=(1, 3, 3, 3))
BIAS = RNG.normal(size=(3, 1, 1))
READOUT = RNG.normal(size=(8, 4))
BOX = lp.Box(-0.5, 1.0)


def pooled(x):
    return x.reshape(*x.shape[:2], x.shape[2] // 2, 2, x.shape[3] // 2, 2).mean(axis=(3, 5))


def network(side=8, *, last=False, biases=True):
    """Two convolutions, a mean over windows between them, and logits of means over all places."""
    added = BIAS if biases else 0.0

    def front(x):
        return np.moveaxis(x, -1, 1) if last else x

    def back(x):
        return np.moveaxis(x, 1, -1) if last else x

    shape = (side, side, 2) if last else (2, side, side)
    graph = Unrolled("x", shape, channels=-1 if last else 0)
    graph.affine("a", "x", lambda x: back(convolve(front(x), KERNEL) + added))
    graph.relu("r", "a")
    graph.affine("b", "r", lambda x: back(convolve(pooled(front(x)), OTHER)))
    graph.relu("s", "b")
    graph.affine("y", "s", lambda x: front(x).mean(axis=(2, 3)) @ READOUT[:2])

    def itself(rows):
        h = np.maximum(convolve(front(rows.reshape(-1, *shape)), KERNEL) + added, 0)
        return np.maximum(convolve(pooled(h), OTHER), 0).mean(axis=(2, 3)) @ READOUT[:2]

    return graph.network(lp.Network, "y", itself)


def without_kernels(of):
    return lp.Network(of.weights, of.biases, activations=of.activations)


@pytest.fixture(scope="module")
def F():
    return network()


@pytest.fixture(scope="module")
def ticket(F):
    return lp.prune(F, epsilon=1.0, inputs=BOX)


@pytest.mark.parametrize("last", [False, True])
def test_kernels_are_found_by_their_places(last):
    first, second, logits = network(last=last).kernels
    assert first.windows[0] == (Window(3, 1, 0), Window(3, 1, 0))
    assert second.windows[0] == (Window(2, 1, 0, 2), Window(2, 1, 0, 2))
    assert logits.windows[0] == (Window(1, 0, 0, 2), Window(1, 0, 0, 2))
    assert first.core_shape == (27, 3)  # the two channels and the constant 1


def padded(x, stride):
    x = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    return convolve(x, KERNEL)[:, :, ::stride, ::stride]


@pytest.mark.parametrize("stride", [1, 2, 3])
def test_stride_and_padding(stride):
    units = np.eye(98).reshape(98, 2, 7, 7)
    images = padded(units, stride)
    matrix = images.reshape(98, -1).T
    found = kernels_of(matrix, [Places.of(images.shape[1:])], [Places(2, (7, 7))])
    assert found.windows == ((Window(3, stride, -1), Window(3, stride, -1)),)
    core = found.core(matrix)
    assert set(core.ravel()) == set(KERNEL.ravel())
    assert (found.spread(core) == matrix).all()


def test_equal_weights_by_accident_count_as_different_ones():
    kernel = np.round(KERNEL)  # few values, as of quantized networks
    assert len(np.unique(kernel)) < 10
    matrix = convolve(np.eye(98).reshape(98, 2, 7, 7), kernel).reshape(98, -1).T
    found = kernels_of(matrix, [Places(3, (5, 5))], [Places(2, (7, 7))])
    assert found.core_shape == (27, 2)
    assert np.count_nonzero(found.core(matrix)) == np.count_nonzero(kernel)


def test_where_no_form_fits_every_place_has_its_own_weights():
    matrix = convolve(np.eye(98).reshape(98, 2, 7, 7), KERNEL).reshape(98, -1).T.copy()
    matrix[0, 0] += 0.01
    assert kernels_of(matrix, [Places(3, (5, 5))], [Places(2, (7, 7))]) is None
    assert kernels_of(RNG.normal(size=(4, 9)), [Places(4)], [Places(1, (3, 3))]) is None


def test_the_price_is_that_of_the_kernels_at_every_size_of_the_image():
    small, large = (lp.plan(network(side), weight_epsilon=0.01, inputs=BOX) for side in (8, 12))
    for one, other in list(zip(small.layers, large.layers, strict=True))[:2]:  # means differ
        assert one.neurons == other.neurons
    dense = KERNEL.transpose(0, 2, 3, 1).reshape(27, 2)
    alone = lp.plan(lp.Network([dense]), weight_epsilon=0.01, inputs=lp.Ball(1.0), delta=0.01 / 3)
    without = lp.plan(network(biases=False), weight_epsilon=0.01, inputs=BOX)
    assert without.layers[0].neurons == alone.neurons
    assert "shared" in str(small)


@pytest.mark.parametrize(
    ("construction", "layout"),
    [("golden-ratio", "shared"), ("golden-ratio", "reserved"), ("subset-sum", "shared")],
)
def test_the_ticket_is_certified_at_every_place(F, construction, layout):
    found = lp.prune(F, construction=construction, weight_epsilon=0.05, inputs=BOX, layout=layout)
    rows = RNG.uniform(-0.5, 1, (5, 128))
    certificate = found.verify(F, rows)
    assert certificate.ok
    assert certificate.measured_error <= certificate.network_error
    for (positive, negative), matrix in zip(found.network().effective, F.matrices, strict=True):
        assert (np.abs(positive - matrix) <= 0.05).all()
        assert (positive[matrix == 0] == 0).all()
        assert (negative[matrix == 0] == 0).all()
    for of, positive in zip(F.kernels, (w[0] for w in found.network().effective), strict=True):
        assert (of.spread(of.core(positive)) == positive).all()


def test_its_own_weights_compute_the_same(F, ticket):
    rows = RNG.uniform(-0.5, 1, (5, 128))
    expected = ticket(rows)
    assert ticket.as_network()(rows) == pytest.approx(expected, abs=1e-12)
    assert ticket.as_network(effective=True)(rows) == pytest.approx(expected, abs=1e-12)
    inner, outer = ticket.layers()[:2]
    assert (inner.shape[1], outer.shape[0]) == (129, 108)
    at_places = ticket.choices[0].widths[F.kernels[0].blocks].sum()
    assert inner.shape[0] == outer.shape[1] == at_places > ticket.choices[0].widths.sum()


def masked(G, masks):
    pruned = [matrix * mask for matrix, mask in zip(G.matrices, masks, strict=True)]
    if G.biases is None:
        return lp.Network(pruned, activations=G.activations, kernels=G.kernels)
    weights, biases = [m[:, :-1] for m in pruned], [m[:, -1] for m in pruned]
    return lp.Network(weights, biases, activations=G.activations, kernels=G.kernels)


def skipping(last):
    """Channels of 4 x 4 and of 2 x 2 places beside each other before a layer with kernels."""
    shape = (4, 4, 1) if last else (1, 4, 4)
    graph = Unrolled("x", shape, channels=-1 if last else 0)

    def front(x):
        return np.moveaxis(x, -1, 1) if last else x

    def back(x):
        return np.moveaxis(x, 1, -1) if last else x

    graph.affine("a", "x", lambda x: back(convolve(front(x), KERNEL[:, :1]) + BIAS))
    graph.relu("r", "a", carried=["x"])
    around = ((0, 0), (0, 0), (1, 1), (1, 1))
    graph.affine("b", "r", lambda x: back(convolve(np.pad(front(x), around), SECOND)))
    graph.affine("c", "x", lambda x: back(pooled(front(x))))
    graph.total("y", {"b": 1.0, "c": 4.0})
    weights, biases, activations, _ = graph.layers("y")
    kernels = graph.kernels("y")
    return lp.Network(weights, biases, activations=activations, kernels=kernels)


@pytest.mark.parametrize("last", [False, True])
@pytest.mark.parametrize(
    ("of", "layout"),
    [(lambda last: network(6, last=last), "shared"), (skipping, "shared"), (skipping, "reserved")],
)
def test_g_with_the_others_set_to_zero_is_the_ticket(of, layout, last):
    F = of(last)
    found = lp.prune(F, weight_epsilon=0.4, inputs=BOX, layout=layout)
    G, masks = found.random_network(), found.masks()
    for of_target, into, out in zip(F.kernels, G.kernels[::2], G.kernels[1::2], strict=True):
        assert (of_target is None) == (into is None) == (out is None)
        if of_target is not None:
            assert {window.size for windows in into.windows for window in windows} <= {0, 1}
            assert {*out.windows} <= {*of_target.windows, (Window(0, 0, 0),) * 2}
    for kernels, mask in zip(G.kernels, masks, strict=True):
        assert mask.dtype == bool
        assert kernels is None or (kernels.spread(kernels.core(mask)) == mask).all()
    pruned = masked(G, masks)
    for i, (mine, theirs) in enumerate(zip(pruned.matrices, found.layers(), strict=True)):
        theirs = theirs.toarray()
        if i % 2:
            assert (mine[:, : theirs.shape[1]] == theirs).all()
        else:  # layers() leaves out what at its place leads to no output
            assert (mine[theirs != 0] == theirs[theirs != 0]).all()
    rows = RNG.uniform(-0.5, 1, (20, F.widths[0]))
    assert pruned(rows) == pytest.approx(found(rows), rel=1e-12, abs=1e-12)


def test_every_weight_of_its_kernels_is_drawn():
    F = network(6)
    found = lp.prune(F, weight_epsilon=0.4, inputs=BOX)
    G = found.random_network()
    channels = int(found.choices[0].widths[:2].sum())
    own, beside = G.kernels[1].core(G.matrices[1])[:, 0], G.kernels[0].core(G.matrices[0])
    assert (own != 0).all()  # 3 channels of 9 entries
    assert (beside[:channels] != 0).all()  # hidden channels read both channels and the constant 1
    assert (beside[channels:, :2] == 0).all()  # the constant's read no pixels
    assert found.random_network() == G


def test_g_is_refused_before_it_is_made_where_it_is_too_large(F, ticket):
    assert ticket.drawn < 10**5
    for call in (ticket.random_network, ticket.masks):
        tracemalloc.start()
        with pytest.raises(
            ValueError, match=r"G has [\d,]+ weights, those of kernels at all their"
        ):
            call()
        assert tracemalloc.get_traced_memory()[1] < 2**20
        tracemalloc.stop()


def test_it_is_smaller_than_without(F, ticket, tmp_path):
    dense = without_kernels(F)
    assert dense == F  # the same function
    assert ticket.verify(dense).ok
    other = lp.prune(dense, epsilon=1.0, inputs=BOX)
    sizes = []
    for i, each in enumerate((ticket, other)):
        each.save(tmp_path / str(i))
        sizes.append((tmp_path / str(i)).stat().st_size)
    assert 4 * sizes[0] < sizes[1]
    assert 10 * ticket.drawn < other.drawn


def test_a_file_gives_it_back(F, ticket, tmp_path):
    ticket.save(tmp_path / "t")
    read = lp.load_ticket(tmp_path / "t")
    assert [mask.kernels for mask in read.choices] == list(F.kernels)
    assert read.widths == F.widths
    assert read.verify(F) == ticket.verify(F)
    assert (read.network().effective[0] == ticket.network().effective[0]).all()
    assert pickle.loads(pickle.dumps(F)).kernels == F.kernels


def test_another_target_with_the_same_shapes_is_not_certified(F, ticket):
    weights = [w.copy() for w in F.weights]
    weights[0][0, 0] += 1.0  # one place of one entry
    other = lp.Network(weights, F.biases, activations=F.activations)
    found = ticket.verify(other)
    assert not found.ok
    assert found.weight_error > 0.5


def test_the_same_ticket_from_workers_and_from_a_checkpoint(F, ticket, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(2) as executor:
        path = tmp_path / "done"
        for _ in range(2):
            same = lp.prune(F, epsilon=1.0, inputs=BOX, executor=executor, checkpoint=path)
            for one, other in zip(same.choices, ticket.choices, strict=True):
                assert (one.codes == other.codes).all()


def test_what_does_not_fit_is_refused(F, ticket):
    weights = [w.copy() for w in F.weights]
    weights[0][0, 0] += 1.0
    with pytest.raises(ValueError, match=r"kernels\[0\].*entries for one weight differ"):
        lp.Network(weights, F.biases, activations=F.activations, kernels=F.kernels)
    with pytest.raises(ValueError, match=r"kernels\[0\].*must be of a matrix of shape"):
        lp.Network([np.eye(3)], kernels=F.kernels[:1])
    with pytest.raises(ValueError, match="must hold 1 entries"):
        lp.Network([np.eye(3)], kernels=[None, None])
    with pytest.raises(TypeError, match=r"kernels\[0\]"):
        lp.Network([np.eye(3)], kernels=["3x3"])
    with pytest.raises(ValueError, match="windows"):
        Kernels((Places(1),), (Places(1),), ())
    with pytest.raises(ValueError, match="window for each axis"):
        Kernels((Places(1, (2,)),), (Places(1),), ((),))


def test_a_crafted_file_takes_no_more_than_it_may(F, ticket, tmp_path):
    from lpbook._files import unsealed, write_sealed

    ticket.save(tmp_path / "t")
    header, arrays = unsealed(tmp_path / "t")
    for change, message in (
        ([[[2**30, [2**9, 1], False]], *header["layers"][0][4][1:]], "max_bytes|core"),
        ([header["layers"][0][4][0], [], []], "max|windows|empty"),
        ([*header["layers"][0][4][:2], [[[1, 1, 0, 1]] * 2] * 2], "core of shape"),
    ):
        crafted = {**header, "layers": [[*header["layers"][0][:4], change], *header["layers"][1:]]}
        write_sealed(tmp_path / "c", crafted, arrays)
        with pytest.raises(ValueError, match=message):
            lp.load_ticket(tmp_path / "c")


def test_an_input_that_is_not_checked_is_noticed(F, ticket, monkeypatch):
    from lpbook.tickets import LayerMask

    whole = LayerMask.at_places
    monkeypatch.setattr(LayerMask, "at_places", lambda *args: [*whole(*args)][:1])
    with pytest.raises(ValueError, match="layer 1 has inputs that no block serves"):
        ticket.verify(F)
