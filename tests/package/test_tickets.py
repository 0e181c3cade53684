import copy
import io
import os
import pickle
import subprocess
import sys
import tracemalloc
import zipfile
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_bombs import convolved, forged, mixed
from test_networks import random_network

import lpbook as lp
from lpbook import _files, tickets
from lpbook.mixing import Attention
from lpbook.networks import ACTIVATIONS
from lpbook.random_network import Block
from lpbook.tickets import _distinct, _error_norm, _LayerCheck, _magnitude, _NormBound

GOLDEN = Path(__file__).parent / "data" / "golden_ticket.npz"
MIXING = Attention(3, 2, 4, 4, 2)


@pytest.fixture(scope="module")
def network():
    return random_network(np.random.default_rng(0), (3, 4, 2))


def deflated(content):
    deflate = zlib.compressobj(wbits=-15)
    return np.frombuffer(deflate.compress(content) + deflate.flush(), np.uint8)


@pytest.fixture(scope="module")
def ticket(network):
    return lp.prune(network, 0.5, inputs=lp.Ball(1.0))


@pytest.mark.parametrize("layout", ["shared", "reserved"])
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("law", ["constant", "common"])
def test_the_sparse_layers_compute_the_same_network(layout, bias, law):
    rng = np.random.default_rng(1)
    network = random_network(rng, bias=bias, activations=["tanh", "relu", "identity"])
    ticket = lp.prune(network, None, lp.GoldenRatio(law=law), weight_epsilon=0.05, layout=layout)
    matrices = ticket.layers()
    assert len(matrices) == 2 * 3
    certificate = ticket.verify(network)
    assert sum(m.shape[0] for m in matrices[::2]) == certificate.drawn == ticket.drawn
    assert sum(m.nnz for m in matrices) == certificate.kept_weights
    assert sum(np.unique(b.indices).size for b in matrices[::2]) == certificate.kept
    for b in matrices[::2]:  # a neuron keeps one in-edge
        assert np.unique(b.indices).size == b.nnz
    x = rng.normal(size=(9, 4))
    y = x.T
    for i, name in enumerate(network.activations):
        if bias:
            y = np.vstack([y, np.ones(9)])
        b, a = matrices[2 * i : 2 * i + 2]
        y = ACTIVATIONS[name].function(a @ np.maximum(b @ y, 0))
    assert ticket.network()(x) == pytest.approx(y.T, abs=1e-12)


def test_verify_finds_other_weights(network, ticket):
    assert ticket.verify(network).ok
    for i in range(2):
        for change in (0.1, -1.0, 1e-12):  # the last one is within the error allowed
            weights = [w.copy() for w in network.weights]
            weights[i][0, 0] += change
            assert not ticket.verify(lp.Network(weights, network.biases)).ok
    biases = [b + 0.2 for b in network.biases]
    assert not ticket.verify(lp.Network(network.weights, biases)).ok
    other = lp.Network(network.weights, network.biases, activations="tanh")
    assert not ticket.verify(other).ok
    assert ticket.verify(other).network_error == np.inf


def test_verify_refuses_other_shapes(network, ticket):
    with pytest.raises(ValueError, match=r"network=.*3-4-2"):
        ticket.verify(random_network(np.random.default_rng(0), (3, 5, 2)))
    with pytest.raises(ValueError, match="network="):
        ticket.verify(lp.Network(network.weights))
    with pytest.raises(TypeError, match="network="):
        ticket.verify(network.weights)
    with pytest.raises(ValueError, match="inputs="):
        ticket.verify(network, [[1.0]])


def test_inputs_outside_the_domain_are_counted(network, ticket):
    with pytest.warns(RuntimeWarning, match="1 rows lie outside"):
        certificate = ticket.verify(network, [[0.1, 0.2, 0.3], [3.0, 0.0, 0.0]])
    assert certificate.outside_domain == 1
    assert "outside" in str(certificate)
    assert "; 1 measured ones OUTSIDE)" in repr(certificate)


def test_a_certificate_is_true_where_it_is_valid(network, ticket):
    assert ticket.verify(network)
    other = lp.Network([-w for w in network.weights], network.biases)
    assert not ticket.verify(other)


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_nothing_that_is_handed_out_can_change_a_ticket(network, ticket, again):
    before = ticket.verify(network, np.zeros(3))
    for owner in (ticket, again(ticket)):
        pruned = owner.network()
        arrays = [*pruned.effective, *again(pruned).effective]
        arrays += [part for m in owner.choices for part in (m.codes, m.widths, m.nonnegative)]
        arrays += [*again(network).weights, *again(network).matrices]
        for array in arrays:
            with pytest.raises(ValueError, match="read-only"):
                array[...] = 5
        assert owner.verify(again(network), np.zeros(3)) == before


def test_without_a_domain_no_error_is_promised(network):
    certificate = lp.prune(network, weight_epsilon=0.1).verify(network, np.ones(3))
    assert certificate.ok
    assert certificate.network_error == np.inf
    assert certificate.outside_domain is None


def test_bound_uses_the_actual_errors_and_covers_the_worst_input(network, ticket):
    certificate = ticket.verify(network)
    assert 0 < certificate.network_error < 0.5
    rng = np.random.default_rng(2)
    x = rng.normal(size=(5000, 3))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    assert ticket.verify(network, x).measured_error <= certificate.network_error


def test_extreme_magnitudes_neither_overflow_nor_underflow():
    network = lp.Network([[[1e-170]], [[1e170]]])
    ticket = lp.prune(network, weight_epsilon=1e168, inputs=lp.Ball(1.0))
    certificate = ticket.verify(network, [[0.99]])
    assert 0.98 <= certificate.measured_error <= certificate.network_error < 1.1


def test_a_file_holds_the_ticket(tmp_path, network, ticket):
    path = tmp_path / "a ticket"  # no ending is added
    ticket.save(path)
    assert [p.name for p in tmp_path.iterdir()] == ["a ticket"]
    for read in (lp.load_ticket(path), lp.Ticket.load(str(path))):
        assert repr(read) == repr(ticket)
        assert (read.domain, read.epsilon, read.delta) == (ticket.domain, 0.5, 0.01)
        x = np.random.default_rng(0).normal(size=(20, 3))
        assert (read.network()(x) == ticket.network()(x)).all()
        assert read.verify(network) == ticket.verify(network)
    with np.load(path, allow_pickle=False) as plain:
        assert "header" in plain.files
    first = path.read_bytes()
    ticket.save(path)
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    "construction",
    [
        lp.GoldenRatio(1.5, "common", True),
        lp.GoldenRatio(two_sided=True),
        lp.Malach(),
        lp.ProductWeights(reach=2.0),
    ],
    ids=repr,
)
def test_files_of_every_variant(tmp_path, construction):
    network = lp.Network([[[0.3, -2.0, 1e-5]]])
    for arguments in ({"weight_epsilon": 0.1}, {"epsilon": 0.5, "inputs": lp.Ball(2, True)}):
        ticket = lp.prune(
            network, construction=construction, seed=2**200, layout="reserved", **arguments
        )
        ticket.save(tmp_path / "t")
        read = lp.load_ticket(tmp_path / "t")
        assert read.construction == construction
        assert read.seed == 2**200
        assert read.verify(network) == ticket.verify(network)


@pytest.mark.slow
def test_every_changed_byte_is_noticed(tmp_path, ticket):
    path = tmp_path / "ticket.npz"
    ticket.save(path)
    intact = path.read_bytes()
    for i in range(len(intact)):
        for flip in (0x01, 0x80):
            path.write_bytes(intact[:i] + bytes([intact[i] ^ flip]) + intact[i + 1 :])
            with pytest.raises(ValueError, match="path="):
                lp.load_ticket(path)


def test_truncated_extended_and_foreign_files(tmp_path, ticket):
    path = tmp_path / "ticket.npz"
    ticket.save(path)
    intact = path.read_bytes()
    contents = [intact[:n] for n in range(0, len(intact), 7)]
    contents += [intact + b"\0", intact + intact, b"PK" + bytes(100), pickle.dumps({"a": 1})]
    buffer = io.BytesIO()
    np.savez(buffer, header=np.arange(3))
    contents.append(buffer.getvalue())
    for content in contents:
        path.write_bytes(content)
        with pytest.raises(ValueError, match="path="):
            lp.load_ticket(path)
    with pytest.raises(OSError, match="nowhere"):
        lp.load_ticket(tmp_path / "nowhere")
    with pytest.raises(IsADirectoryError):
        lp.load_ticket(tmp_path)


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"version": 0},
        {"version": 1},
        {"version": 4},
        {"seed": -1},
        {"seed": 0.5},
        {"layout": "pooled"},
        {"construction": {"name": "golden-ratio", "base": 3.0}},
        {"construction": {"name": "golden-ratio", "colour": "red"}},
        {"construction": {"name": "os.system"}},
        {"weight_epsilon": 1e-9},
        {"weight_epsilon": "0.1"},
        {"epsilon": -0.5},
        {"delta": 2},
        {"delta": 1.0},
        {"domain": [-1, False]},
        {"domain": "ball"},
        {"layers": []},
        {"layers": [[4, 4, "relu", 1.0], [2, 4, "identity", 1.0]]},
        {"bias": False},
    ],
    ids=str,
)
def test_a_sealed_file_with_impossible_content(tmp_path, ticket, change):
    """Someone who can compute a checksum still gets no further than a ValueError."""
    path = tmp_path / "ticket.npz"
    ticket.save(path)
    header, arrays = _files.unsealed(path)
    _files.write_sealed(path, header | change, arrays)
    with pytest.raises(ValueError, match="path="):
        lp.load_ticket(path)


@pytest.mark.parametrize(
    "change",
    [
        {"codes_0": np.zeros((1, 1, 1), np.uint8)},
        {"codes_0": np.zeros(3)},
        {"codes_0": np.zeros(0, np.uint8)},
        {"codes_0": np.full(9, 255, np.uint8)},
        {"codes_0": deflated(bytes(11))},
        {"codes_0": deflated(bytes(13))},
        {"codes_0": np.concatenate([deflated(bytes(12)), np.zeros(1, np.uint8)])},
        {"widths_0": np.full(4, -1)},
        {"widths_0": np.full(4, 2**62)},
        {"nonnegative_1": np.zeros(9, bool)},
        {"more": np.zeros(3)},
    ],
    ids=str,
)
def test_sealed_arrays_with_impossible_content(tmp_path, ticket, change):
    path = tmp_path / "ticket.npz"
    ticket.save(path)
    header, arrays = _files.unsealed(path)
    _files.write_sealed(path, header, arrays | change)
    with pytest.raises(ValueError, match="path="):
        lp.load_ticket(path)


def test_forged_masks_get_no_further_than_verify(tmp_path, network, ticket):
    path = tmp_path / "ticket.npz"
    ticket.save(path)
    header, arrays = _files.unsealed(path)
    _files.write_sealed(path, header, arrays | {"widths_0": np.ones(4, "<i8")})
    with pytest.raises(ValueError, match="keeps neurons G lacks"):
        lp.load_ticket(path).verify(network)
    # calling an input non-negative that is not so does not hide the half that is missing
    _files.write_sealed(path, header, arrays | {"nonnegative_0": np.ones(4, bool)})
    forged = lp.load_ticket(path)
    certificate = forged.verify(network, [[-0.5, -0.5, -0.5]])
    assert not certificate.ok
    assert certificate.measured_error <= certificate.network_error


def test_a_failed_save_leaves_what_was_there(tmp_path, ticket, monkeypatch):
    path = tmp_path / "ticket.npz"
    ticket.save(path)
    intact = path.read_bytes()

    def full_disk(_):
        raise OSError("no space left")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OSError, match="no space"):
        lp.prune(lp.Network([[[1.0]]]), weight_epsilon=0.1).save(path)
    assert path.read_bytes() == intact
    assert [p.name for p in tmp_path.iterdir()] == ["ticket.npz"]


def test_another_process_gives_the_same_bits(tmp_path, network, ticket):
    ticket.save(tmp_path / "t")
    script = (
        "import sys, numpy as np, lpbook as lp\n"
        "x = np.random.default_rng(0).normal(size=(50, 3))\n"
        "print(lp.load_ticket(sys.argv[1]).network()(x).tobytes().hex())"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "t")]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    x = np.random.default_rng(0).normal(size=(50, 3))
    assert printed.stdout.strip() == ticket.network()(x).tobytes().hex()


def test_verify_holds_the_signed_errors_of_a_layer_and_little_else(monkeypatch):
    monkeypatch.setattr("lpbook.networks._AT_ONCE", 1000)
    network = lp.Network([np.random.default_rng(0).uniform(-1, 1, (20_000, 40))])
    ticket = lp.prune(network, weight_epsilon=0.3)
    network.digest  # noqa: B018
    tracemalloc.start()
    assert ticket.verify(network).ok
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    both_halves = 2 * 8 * 20_000 * 40
    assert both_halves < peak < 2 * both_halves


@pytest.mark.parametrize("numbers", [[], [0], [3, 3, 0], [2**40, 5, 2**40], [2**20, 2**20 - 1]])
def test_distinct_numbers_are_counted_however_large(numbers):
    assert _distinct(np.array(numbers, np.int64)) == len(set(numbers))


def test_verify_draws_the_random_network_once(monkeypatch):
    network, x = golden_network(), [[0.6, -0.8]]
    ticket = lp.prune(network, 0.1, inputs=lp.Ball(1.0))
    blocks = []
    init = Block.__init__
    monkeypatch.setattr(Block, "__init__", lambda self, *a: (blocks.append(a), init(self, *a))[1])
    assert ticket.verify(network, x).ok
    assert len(blocks) == len(set(blocks)) == 3 + 4
    outputs = ticket.network()(x)
    assert len(blocks) == 3 + 4
    fresh = lp.prune(network, 0.1, inputs=lp.Ball(1.0)).network()(x)
    assert (outputs == fresh).all()


def golden_network():
    weights = [np.array([[0.5, -1.25], [2.0, 0.125], [-0.01, 0.0]]), np.array([[1.0, -0.5, 0.75]])]
    return lp.Network(weights, [np.array([0.25, -0.5, 0.0]), np.array([1.5])])


@pytest.mark.parametrize("stored", [0, 2**20])
def test_the_choice_of_an_earlier_version_is_read_at_once(monkeypatch, stored):
    monkeypatch.setattr(tickets, "_STORED", stored)
    read = lp.load_ticket(GOLDEN)
    assert {type(mask) for mask in read.choices} == {tickets.LayerMask}
    assert read.verify(golden_network()).ok


def test_a_ticket_saved_by_an_earlier_version_still_reads():
    read = lp.load_ticket(GOLDEN)
    assert read.verify(golden_network(), [[0.6, -0.8]]).ok
    with zipfile.ZipFile(GOLDEN) as archive:
        assert archive.testzip() is None
    assert (read.scales, read.rule) == ((1.0,) * (len(read.choices) - 1), "proved")  # it has none
    now = lp.prune(
        golden_network(),
        weight_epsilon=read.weight_epsilon,
        inputs=lp.Ball(1.0),
        seed=20201206,
    )
    for old, new in zip(read.choices, now.choices, strict=True):
        assert (old.codes == new.codes).all()
        assert (old.widths == new.widths).all()
    assert read.network()([0.6, -0.8]) == pytest.approx([2.7393762611764423], rel=1e-13)


@pytest.mark.parametrize("layout", ["shared", "reserved"])
@pytest.mark.parametrize("construction", [lp.GoldenRatio(), lp.Malach(), lp.SubsetSum()], ids=repr)
def test_the_layers_are_weights_of_the_random_network(layout, construction):
    """Every weight that is kept stands in G, drawn whole, at the same place."""
    network = lp.Network([[[0.5, 0.0, -0.3], [0.25, 0.0, 0.4]]])
    ticket = lp.prune(network, None, construction, weight_epsilon=0.05, layout=layout)
    plan = lp.plan(network, None, construction, weight_epsilon=0.05, layout=layout)
    assert ticket.drawn == plan.neurons
    inner_law, outer_law = plan.layers[0].scheme.laws(nonnegative=False)
    b, a = ticket.layers()
    first = 0
    for j, width in enumerate(plan.layers[0].widths):
        inner, outer = Block(0, 0, j, 2, layout).rows(width)
        own = np.kron(np.ones((width, 1)), np.eye(2))  # reserved: a neuron has one output
        if layout == "shared":
            all_b, all_a = inner_law.ppf(inner)[:, 0], outer_law.ppf(outer)
        else:
            all_b, all_a = inner_law.ppf(inner).ravel(), own * outer_law.ppf(outer).reshape(-1, 1)
        block = slice(first, first + len(all_b))
        kept_b, kept_a = b.toarray()[block], a.toarray()[:, block].T
        assert (kept_b[:, j] == np.where(kept_b[:, j] != 0, all_b, 0)).all()
        assert not np.delete(kept_b, j, axis=1).any()
        assert (kept_a == np.where(kept_a != 0, all_a, 0)).all()
        first = block.stop
    assert first == ticket.drawn


@pytest.mark.parametrize("order", [1, -1])
def test_the_certificate_names_the_largest_errors(order):
    network = lp.Network([[[-0.5]], [[0.3]], [[0.7]]][::order])
    ticket = lp.prune(network, weight_epsilon=0.1, inputs=lp.Ball(1.0))
    certificate = ticket.verify(network, [[0.2], [-1.0], [0.4]])
    errors = [
        max(abs(effective[: 1 if i else 2] - w).max() for w in [network.weights[i]])
        for i, effective in enumerate(ticket.network().effective)
    ]
    assert certificate.weight_error == pytest.approx(max(errors), rel=1e-12)
    differences = np.abs(ticket.network()([[0.2], [-1.0], [0.4]]) - network([[0.2], [-1.0], [0.4]]))
    assert differences.max() > differences.min()
    assert certificate.measured_error == pytest.approx(differences.max(), rel=1e-12)
    assert certificate.outside_domain == 0


def test_a_certificate_is_valid_up_to_equality(network, ticket):
    bound = ticket.verify(network).network_error
    assert replace(ticket, epsilon=bound).verify(network).ok
    assert not replace(ticket, epsilon=np.nextafter(bound, 0)).verify(network).ok


@pytest.mark.parametrize(
    "weights",
    [
        [[[0.02]]],
        [np.full((9, 1), 0.5)],
        [np.full((8, 2), 0.5), np.zeros((17, 8)), np.full((1, 17), 0.01)],
        [[[0.5, 0.0]]],
        [[[0.02], [0.01]], [[0.5, -0.7]], [[3.0], [1.0], [0.02]]],
    ],
    ids=lambda weights: "-".join(str(np.shape(w)) for w in weights),
)
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("construction", [lp.GoldenRatio(), lp.SubsetSum()], ids=repr)
def test_files_of_every_shape(tmp_path, weights, bias, construction):
    """Outputs that fill no byte, layers and inputs that keep nothing, weights below 1."""
    biases = [np.full(len(w), 0.02) for w in weights] if bias else None
    network = lp.Network(weights, biases)
    ticket = lp.prune(network, None, construction, weight_epsilon=0.02 if bias else 0.01)
    ticket.save(tmp_path / "t")
    read = lp.load_ticket(tmp_path / "t")
    assert read.verify(network) == ticket.verify(network)
    assert read.verify(network).ok


@pytest.mark.parametrize("rule", ["proved", "measured"])
def test_a_ticket_with_other_activations_is_not_valid(network, rule):
    rows = np.ones((1, 3))
    wanted = {"weight_epsilon": 0.3} if rule == "proved" else {"epsilon": 0.5, "inputs": rows}
    ticket = lp.prune(network, rule=rule, **wanted)
    assert ticket.verify(network).ok
    first, last = ticket.choices
    forged = replace(ticket, choices=(replace(first, activation="tanh"), last))
    assert not forged.verify(network).ok


def test_errors_beyond_all_floats_are_infinite():
    errors, radii = _NormBound(1), _NormBound(1)
    beyond = np.array([[np.nan], [0.0]]), np.array([[np.inf], [0.0]])
    errors.add(_magnitude(*beyond))
    radii.add(beyond[1].max(axis=0))
    assert errors.largest == np.inf
    assert _error_norm(beyond[0].reshape(2, 1, 1), errors, radii) == np.inf


@pytest.mark.parametrize(
    ("construction", "most"),
    [("golden-ratio", 1536), ("subset-sum", 384), ("product", 128), ("malach", 128)],
)
def test_a_byte_of_a_file_may_ask_for_so_much(tmp_path, monkeypatch, network, construction, most):
    path = tmp_path / "t"
    ticket = lp.prune(network, None, construction, weight_epsilon=0.3)
    ticket.save(path)
    scheme = type(ticket.construction.scheme(1.0, 0.3))
    assert scheme.most_recalled == most
    with monkeypatch.context() as patched:
        patched.setattr(scheme, "most_recalled", 0.0)
        with pytest.raises(ValueError, match="max_draws=1 allows"):
            lp.load_ticket(path, max_draws=1)
    monkeypatch.setattr(scheme, "most_recalled", 1e9)
    assert lp.load_ticket(path, max_draws=1).verify(network).ok


def test_widths_of_a_file_are_checked_one_by_one(tmp_path, ticket):
    path = tmp_path / "ticket.npz"
    ticket.save(path)
    header, arrays = _files.unsealed(path)
    for width, fine in ((2**40 - 1, True), (2**40, False), (-1, False)):
        widths = arrays["widths_0"].copy()
        widths[1] = width
        _files.write_sealed(path, header, arrays | {"widths_0": widths})
        if fine:
            assert (
                lp.load_ticket(path, max_draws=2**53, max_bytes=2**53).choices[0].widths[1] == width
            )
            with pytest.raises(
                ValueError, match=r"max_draws=67,108,864 allows; if you trust it, allow 9.35e"
            ):
                lp.load_ticket(path)
        else:
            with pytest.raises(ValueError, match="widths_0 must be at least 0"):
                lp.load_ticket(path)
    _files.write_sealed(path, header | {"version": 4}, arrays)
    with pytest.raises(ValueError, match="version 4: this lpbook reads versions up to 3"):
        lp.load_ticket(path)


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links")
def test_links_that_lead_to_each_other_are_refused(tmp_path):
    ticket = lp.prune(lp.Network([np.eye(2) / 2]), weight_epsilon=0.2, inputs=lp.Ball(1))
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(OSError, match="loop"):
        ticket.save(tmp_path / "loop")
    assert (tmp_path / "loop").is_symlink()


@pytest.mark.parametrize("domain", [lp.Box(0, 1e308), lp.Ball(1e308, nonnegative=True)], ids=repr)
@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_a_domain_near_the_largest_number_has_an_infinite_bound_and_no_warning(domain, activation):
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(6, 5)), rng.normal(size=(2, 6))]
    network = lp.Network(weights, activations=[activation, "identity"])
    ticket = lp.prune(network, weight_epsilon=1.0, inputs=domain)
    assert ticket.verify(network).network_error == np.inf


def least_allowed(path, name):
    """The least limit with which a file loads."""
    low, high = 0, 2**40
    while high - low > 1:
        middle = (low + high) // 2
        try:
            lp.load_ticket(path, **{name: middle})
            high = middle
        except ValueError:
            low = middle
    return high


def frame_is_free(monkeypatch):
    """What a file takes but for the choices of its layers is left out."""
    for module, name in ((_files, "_HEADER_BYTES"), (_files, "_DIRECTORY_BYTES"),
                         (tickets, "_LAYER_BYTES")):  # fmt: skip
        monkeypatch.setattr(module, name, 0)


def asked_for(ticket, free):
    """Random numbers and bytes that the file of a ticket asks for, added up layer by layer."""
    draws = beside = peak = taken = 0.0
    for mask in ticket.choices:
        codes, outputs = mask.codes, mask.outputs
        bits = codes.shape[1]
        if mask.kernels is not None:
            taken += 64 * max(outputs * mask.inputs, mask.shape[0] * mask.shape[1])
            beside += 5000 * mask.shape[1]
        if not isinstance(mask.activation, str):
            taken += 8 * mask.activation.cells
        taken += 16 * mask.shape[0] * mask.shape[1] + codes.nbytes
        peak = max(peak, taken + 64 * bits * outputs)
        draws += 2**13 * -(-bits // 8) + 15 * int(np.unpackbits(codes).sum())
        scheme = ticket.construction.scheme(mask.max_weight, ticket.weight_epsilon)
        used = [j for j in range(mask.inputs) if codes[j].any()]
        # of reserved neurons every output has in-weights of its own, too
        numbers = 2 * outputs if ticket.layout == "reserved" else outputs + 1
        for sign in (False, True):
            rows = {int(mask.widths[j]) for j in used if mask.nonnegative[j] == sign}
            blocks = sum(bool(mask.nonnegative[j]) == sign for j in used)
            for width in rows:  # one, if any
                draws += blocks * scheme.recall_work(width, numbers - 1)
                beside += scheme.recall_besides(width, blocks, outputs)
                peak = max(peak, taken + scheme.recall_bytes(width, blocks, outputs))
    return draws + max(beside - free, 0), peak


@pytest.mark.parametrize("layout", ["shared", "reserved"])
@pytest.mark.parametrize("construction", ["malach", "golden-ratio"])
@pytest.mark.parametrize("kind", ["dense", "kernels", "mixed"])
@pytest.mark.parametrize("free", [0, 10_000])
def test_a_file_is_charged_what_it_asks_for(
    tmp_path, monkeypatch, layout, construction, kind, free
):
    if kind == "dense":  # two signs of inputs, one that keeps nothing, outputs beyond a byte
        weights = [np.full((8, 4), 0.5), np.full((9, 8), 0.3)]
        weights[0][:, 2] = 0.0
        target, inputs = lp.Network(weights), lp.Box([-1.0, -1.0, 0.0, 0.0], 1.0)
    else:
        target, inputs = convolved() if kind == "kernels" else mixed(MIXING), None
    top = max(float(np.abs(w).max()) for w in target.weights)
    ticket = lp.prune(
        target, None, construction, weight_epsilon=0.4 * top, inputs=inputs, layout=layout
    )
    path = tmp_path / "t"
    ticket.save(path)
    assert lp.load_ticket(path).verify(target).ok
    scheme = type(ticket.construction.scheme(1.0, 0.3))
    monkeypatch.setattr(scheme, "most_recalled", 0.0)
    monkeypatch.setattr(tickets, "LEAST_GROWTH", 0)
    frame_is_free(monkeypatch)
    monkeypatch.setattr(tickets, "_FREE_DRAWS", free)
    draws, size = asked_for(ticket, free * path.stat().st_size)
    assert least_allowed(path, "max_draws") == np.ceil(draws)
    assert least_allowed(path, "max_bytes") == size


def test_blocks_beyond_the_bytes_of_a_file_are_charged(tmp_path, monkeypatch):
    path, blocks, used = tmp_path / "t", 5000, 4000
    forged(path, lp.Malach(), blocks, used=used)
    scheme = type(lp.Malach().scheme(1.0, 0.1))
    monkeypatch.setattr(scheme, "most_recalled", 0.0)
    # each of one row, of two numbers, and of two bits, of which one is set; all in one plane
    charged = 2**13 + used * (2 + 15) + 10_000 * (used - path.stat().st_size)
    assert charged > 10**7
    assert least_allowed(path, "max_draws") == charged
    monkeypatch.setattr(scheme, "most_recalled", (charged + 0.5) / path.stat().st_size)
    assert lp.load_ticket(path, max_draws=1).widths == (blocks, 1)
    monkeypatch.setattr(scheme, "most_recalled", (charged - 0.5) / path.stat().st_size)
    with pytest.raises(ValueError, match=f"max_draws={charged - 1:,} allows"):
        lp.load_ticket(path, max_draws=1)


def test_a_small_file_may_take_sixteen_times_its_size(tmp_path, monkeypatch):
    path = tmp_path / "t"
    ticket = lp.prune(lp.Network([[[0.5]]]), None, "malach", weight_epsilon=0.2)
    ticket.save(path)
    size = asked_for(ticket, 0)[1]
    frame_is_free(monkeypatch)
    assert path.stat().st_size < size <= 16 * path.stat().st_size
    assert lp.load_ticket(path, max_bytes=1).widths == (1, 1)
    monkeypatch.setattr(tickets, "LEAST_GROWTH", 1)
    with pytest.raises(ValueError, match="max_bytes="):
        lp.load_ticket(path, max_bytes=1)


def test_layers_of_a_file_take_their_part_of_its_memory(tmp_path):
    path = tmp_path / "t"
    lp.prune(lp.Network([[[0.01]]]), weight_epsilon=0.1).save(path)
    header, arrays = _files.unsealed(path)
    for count in (1024, 1025):
        many = {f"{name[:-1]}{i}": a for i in range(count) for name, a in arrays.items()}
        forged_header = header | {"layers": header["layers"] * count, "scales": [1.0] * (count - 1)}
        _files.write_sealed(path, forged_header, many)
        if count == 1025:
            with pytest.raises(ValueError, match=r"max_bytes=134,217,728 allows.*allow 1\.34e\+08"):
                lp.load_ticket(path)
        assert len(lp.load_ticket(path, max_bytes=count * 2**17).choices) == count


def test_a_reason_is_no_longer_than_three_hundred_characters(tmp_path, ticket):
    path = tmp_path / "t"
    ticket.save(path)
    header, arrays = _files.unsealed(path)
    _files.write_sealed(path, header, arrays | {"x" * 999: np.zeros(1)})
    with pytest.raises(ValueError, match="unexpected content") as caught:
        lp.load_ticket(path)
    (message,) = caught.value.args
    before, reason = message.split(": ", 1)
    assert before == f"path={str(path)!r}"
    assert len(reason) == 300
    assert reason.endswith("xxx")


def test_certificates_over_a_box_can_be_hashed_and_name_its_ends():
    network = lp.Network([[[0.5, -0.3]]])
    for low, text in (([-1.0, -0.25], "-1…-0.25"), (-1.0, "-1")):
        ticket = lp.prune(network, weight_epsilon=0.1, inputs=lp.Box(low, 2.0))
        one, other = ticket.verify(network), ticket.verify(network)
        assert hash(one) == hash(other)
        lines = dict(line.rsplit(maxsplit=1) for line in str(one).splitlines())
        assert lines["inputs, entries from"] == text
        assert lines["inputs, entries up to"] == "2"


def test_an_input_that_keeps_nothing_has_nothing_of_any_kind():
    ticket = lp.prune(lp.Network([[[0.5, 0.0, 0.01]]]), weight_epsilon=0.1)
    sizes = [[p.size for p in (k.rows, k.outputs, k.inner, k.outer)] for k in ticket.kept(0)]
    assert all(sizes[0])
    assert sizes[1:] == [[0] * 4] * 2


@pytest.mark.parametrize("layout", ["shared", "reserved"])
def test_kernels_draw_a_channel_once_and_stand_at_all_places(layout):
    network = convolved()
    ticket = lp.prune(network, weight_epsilon=0.2, layout=layout, inputs=lp.Ball(1.0))
    (mask,) = ticket.choices
    neurons = int(mask.widths.sum()) * (mask.outputs if layout == "reserved" else 1)
    assert ticket.drawn == neurons
    b, a = ticket.layers()
    places = network.widths[0] // mask.inputs
    assert b.shape == (neurons * places, network.widths[0])
    assert a.shape == (network.widths[1], neurons * places)
    x = np.random.default_rng(0).normal(size=(7, network.widths[0]))
    assert np.abs((a @ np.maximum(b @ x.T, 0)).T - ticket.network()(x)).max() < 1e-12


def test_a_scaled_ticket_stands_for_the_target_as_it_is():
    network = lp.Network([[[1.0]], [[0.25]]], [[0.5], [0.125]])
    ticket = lp.prune(network, 0.1, inputs=lp.Ball(1.0))
    (scale,) = ticket.scales
    assert scale < 0.75
    # W_1 s and b_1 s, W_2/s and b_2 are within ε_w
    allowed = [ticket.weight_epsilon / s for s in (scale, 1.0)]
    assert ticket.weight_epsilons[0] == pytest.approx([allowed[0]] * 2)
    assert ticket.weight_epsilons[1] == pytest.approx([scale * allowed[1], allowed[1]])
    for effective, w, most in zip(
        ticket.network().effective, network.matrices, ticket.weight_epsilons, strict=True
    ):
        assert (np.abs(effective[0] - w) <= most * (1 + 1e-12)).all()
    assert ticket.verify(network, [[0.5]]).measured_error <= 0.1
    other = lp.Network([[[1.0]], [[0.25]]], [[0.5], [0.125]], activations="tanh")
    certificate = ticket.verify(other)  # which cannot be scaled
    assert not certificate.ok
    assert certificate.network_error == np.inf


def test_layers_are_counted_from_0(ticket):
    assert len([*ticket.kept(0)]) == 4
    assert len([*ticket.kept(1)]) == 5
    for layer in (-1, 2, 3):
        with pytest.raises(ValueError, match=f"layer={layer}: "):
            next(ticket.kept(layer))


def test_a_file_says_no_more_than_earlier_versions_read(tmp_path, ticket):
    ticket.save(tmp_path / "t")
    header, arrays = _files.unsealed(tmp_path / "t")
    assert header["version"] == 2
    assert "depth" not in header
    _files.write_sealed(tmp_path / "t", header | {"version": 3}, arrays)
    assert lp.load_ticket(tmp_path / "t").widths == ticket.widths


def test_a_box_of_a_file_has_an_end_for_each_input(tmp_path, network):
    box = lp.Box([-1.0, 0.0, -0.5], 1.0)
    ticket = lp.prune(network, weight_epsilon=0.5, inputs=box)  # with biases, 3-4-2
    ticket.save(tmp_path / "t")
    read = lp.load_ticket(tmp_path / "t")
    assert read.domain == box
    assert read.verify(network) == ticket.verify(network)


@pytest.mark.parametrize("first", [True, False])
def test_layers_of_a_file_follow_those_that_mix_neurons(tmp_path, first):
    widths, names = (2, MIXING.inputs, 5, 3), [MIXING, "relu", "identity"]
    if not first:
        widths, names = (2, 4, MIXING.inputs, 3), ["relu", MIXING, "identity"]
    rng, before = np.random.default_rng(0), 2
    weights = []
    for width, name in zip(widths[1:], names, strict=True):
        weights.append(rng.normal(size=(width, before)) / 4)
        before = MIXING.outputs if name is MIXING else width
    network = lp.Network(weights, activations=names)
    ticket = lp.prune(network, weight_epsilon=0.3)
    ticket.save(tmp_path / "t")
    assert lp.load_ticket(tmp_path / "t").verify(network) == ticket.verify(network)


@pytest.mark.parametrize("together", [1, 4, 9])
def test_few_weights_at_a_time_are_drawn_as_many_are(monkeypatch, network, ticket, together):
    found = ticket.verify(network, np.ones(3) / 2)
    monkeypatch.setattr(tickets, "_TOGETHER", together)
    assert ticket.verify(network, np.ones(3) / 2) == found


def test_a_warning_is_about_the_line_that_verifies(network, ticket):
    with pytest.warns(RuntimeWarning, match="1 rows lie outside") as caught:
        ticket.verify(network, [[3.0, 0.0, 0.0]])
    assert [w.filename for w in caught] == [__file__]


def test_magnitudes_alone_are_enough_where_errors_are_many(monkeypatch, network, ticket):
    sharper = ticket.verify(network)
    monkeypatch.setattr(tickets, "_LARGEST_GRAM", 1)
    found = ticket.verify(network)
    assert found.weight_error == sharper.weight_error
    assert sharper.network_error < found.network_error < 3 * sharper.network_error


@pytest.mark.parametrize(("shape", "small"), [((4, 9), True), ((5, 2), True), ((5, 3), False)])
def test_signs_of_errors_are_kept_where_one_gram_matrix_is_small(monkeypatch, shape, small):
    monkeypatch.setattr(tickets, "_LARGEST_GRAM", 4)  # of the outputs, or of both halves of inputs
    check = _LayerCheck(np.zeros(shape), np.zeros(shape[1], bool), with_weights=False)
    assert (check._signed is not None) == small
