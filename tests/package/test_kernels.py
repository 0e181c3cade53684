"""Kernels: a weight that stands at many places is drawn, searched and stored once."""

import pickle

import numpy as np
import pytest

import lpbook as lp
from lpbook.experiments.convolutions import convolve
from lpbook.frameworks.unrolled import Unrolled
from lpbook.kernels import Kernels, Places, Window, kernels_of

RNG = np.random.default_rng(0)
KERNEL, OTHER = RNG.normal(size=(3, 2, 3, 3)), RNG.normal(size=(2, 3, 2, 2))
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
    with pytest.raises(ValueError, match="layer 1 has kernels"):
        ticket.random_network()
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
