"""Small files of tickets that ask for much work, and honest ones that ask for what they need."""

from __future__ import annotations

import io
import itertools
import re
import tracemalloc
import zipfile

import numpy as np
import pytest

import lpbook as lp
from lpbook import _files
from lpbook._files import unsealed, write_sealed
from lpbook._packing import pack
from lpbook.constructions import golden_ratio
from lpbook.kernels import Kernels, Places, Window
from lpbook.mixing import Attention, LayerNorm
from lpbook.random_network import LAYOUTS, Block

CONSTRUCTIONS = (lp.GoldenRatio(), lp.GoldenRatio(1.1, "common"), lp.Malach(), lp.ProductWeights())
KINDS = ("alike", "signs", "widths")


def forged(path, construction, blocks, kind="alike", layout="shared", used=None):
    """A file of few bytes whose layer has one output, and as many inputs that keep a neuron."""
    golden = construction.name == "golden-ratio"
    scheme, each = construction.scheme(1.0, 0.1), np.arange(blocks)
    widths = np.full(blocks, 100 * scheme.requirements if golden else 1, "<i8")
    widths += each % 2 * (kind == "widths")
    order = scheme.code_order(int(widths.max()))
    codes = np.zeros((blocks, len(order), 1), np.uint8)
    codes[:used, int(golden)] = 128  # the first digit, or the first row
    lp.prune(lp.Network([[[1.0]]]), weight_epsilon=0.1).save(path)
    header, _ = unsealed(path)
    header["layers"][0][1] = blocks
    header |= {"layout": layout, "construction": {"name": construction.name}}
    header["construction"] |= construction.parameters()
    arrays = {"widths_0": widths, "nonnegative_0": (each % 2 == 0) & (kind == "signs")}
    write_sealed(path, header, arrays | {"codes_0": pack(codes, 1, order)})
    return lp.Network([np.full((1, blocks), 0.5)])


@pytest.mark.parametrize("construction", CONSTRUCTIONS, ids=repr)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("kind", KINDS)
def test_many_narrow_blocks_are_counted(tmp_path, construction, layout, kind):
    """A file of 1 KB took six seconds of a golden-ratio ticket, three of another one."""
    path = tmp_path / "t"
    forged(path, construction, 20_000, kind, layout)
    assert path.stat().st_size < 2000
    with pytest.raises(ValueError, match="max_draws=67,108,864 allows; if you trust it"):
        lp.load_ticket(path)
    assert lp.load_ticket(path, max_draws=2**30).choices[0].inputs == 20_000


@pytest.mark.parametrize("construction", CONSTRUCTIONS, ids=repr)
@pytest.mark.parametrize("kind", KINDS)
def test_what_is_let_through_takes_little(tmp_path, takes_little, construction, kind):
    path = tmp_path / "t"
    network = forged(path, construction, 4000, kind)
    with takes_little():
        assert lp.load_ticket(path).verify(network).kept == 4000


def test_inputs_that_keep_nothing_cost_nothing(tmp_path, takes_little):
    """Ten thousand of them took a second or two."""
    path = tmp_path / "t"
    network = forged(path, lp.GoldenRatio(), 200_000, used=1)
    with takes_little():
        found = lp.load_ticket(path).verify(network)
    assert (found.kept, found.weight_error) == (1, 0.5)


def random(shape, seed=0):
    rng = np.random.default_rng(seed)
    return lp.Network([rng.normal(size=(b, a)) / np.sqrt(a) for a, b in itertools.pairwise(shape)])


def convolved():
    kernels = Kernels((Places(2, (12,)),), (Places(6, (12,)),), ((Window(3, 1, 1),),))
    weights = np.random.default_rng(0).normal(size=kernels.core_shape)
    return lp.Network([kernels.spread(weights)], kernels=[kernels])


def mixed(of):
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(of.inputs, 12)), rng.normal(size=(5, of.outputs))]
    return lp.Network([w / 4 for w in weights], activations=[of, "identity"])


HONEST = {
    **{
        "-".join(map(str, shape)): lambda shape=shape: random(shape)
        for shape in (
            *((1, 1), (2, 1), (1, 1000), (1000, 1), (3, 3, 3), (10, 10), (12_288, 1), (1, 20_000)),
            *((784, 10), (784, 30, 10), (64, 300, 100, 10), (784, 500, 10), (100, 1000, 1)),
        )
    },
    "deep": lambda: random((10,) * 31),
    "200 small layers": lambda: random((1,) * 201),
    "50 layers of one input": lambda: random((2, *(1,) * 50)),
    "a convolution": convolved,
    "attention": lambda: mixed(Attention(3, 2, 4, 4, 2)),
    "a layer norm": lambda: mixed(LayerNorm(3, 4, 1e-5)),
    "a sparse layer": lambda: lp.Network([np.eye(200)]),
}


LARGE = ("784-500-10", "100-1000-1", "12288-1", "1-20000")
PLANS = (("shared", "2l", 0.3), ("reserved", "2l", 0.3))
MORE = (("shared", "2l", 0.03), ("reserved", "2l", 0.03))
COPIES = (("shared", "l+1", 0.3), ("shared", "l+1", 0.03))
UNLIKE = ("a convolution", "attention", "a layer norm")  # of the depth l + 1 they are not made


@pytest.mark.parametrize(
    ("name", "layout", "depth", "share"),
    [
        (name, *plan)
        for name in HONEST
        for plan in (*PLANS, *MORE * (name not in LARGE), *COPIES * (name not in LARGE + UNLIKE))
    ],
)
def test_honest_tickets_are_let_through(tmp_path, name, layout, depth, share):
    network = HONEST[name]()
    epsilon = share * max(float(np.abs(w).max()) for w in network.weights)
    ticket = lp.prune(network, weight_epsilon=epsilon, layout=layout, depth=depth, seed=2)
    ticket.save(tmp_path / "t")
    loaded = lp.load_ticket(tmp_path / "t")
    assert loaded.widths == network.widths
    if name not in LARGE:
        assert loaded.verify(network).ok


@pytest.mark.parametrize("layout", LAYOUTS)
def test_blocks_of_a_kind_are_found_together_wherever_they_stand(layout, monkeypatch):
    rng = np.random.default_rng(1)
    weights = rng.uniform(-1, 1, (3, 90)) * (rng.random((3, 90)) < 0.4)
    low = np.where(rng.integers(2, size=90), -1.0, 0.0)
    network = lp.Network([weights])
    ticket = lp.prune(network, weight_epsilon=0.05, inputs=lp.Box(low, 1.0), layout=layout)
    (mask,) = ticket.choices
    searches = []
    search = golden_ratio.Search
    monkeypatch.setattr(
        golden_ratio, "Search", lambda *given: searches.append(given) or search(*given)
    )
    found = [*ticket.kept(0)]
    assert len(searches) == 2  # one for each sign, where they change forty times
    scheme = ticket.construction.scheme(mask.max_weight, ticket.weight_epsilon)
    codes = np.unpackbits(mask.codes, axis=-1, count=3).view(bool)
    for j, kept in enumerate(found):
        rows = Block(ticket.seed, 0, j, 3, layout).chunks(int(mask.widths[j]))
        alone = scheme.recall(codes[j], rows, bool(mask.nonnegative[j]), int(mask.widths.max()))
        assert (kept.outer == alone.outer).all()
        assert (kept.rows == alone.rows).all()
    assert not all(kept.rows.size for kept in found)
    assert ticket.verify(network).ok


@pytest.mark.parametrize(
    ("base", "blocks", "outputs"), [(1.618, 64, 200), (1.05, 64, 1), (1.01, 64, 1), (1.05, 20, 500)]
)
def test_memory_is_counted(base, blocks, outputs):
    scheme = lp.GoldenRatio(base).scheme(1.0, 0.1)
    rows = 90 * scheme.digits
    codes = np.zeros((blocks, scheme.code_bits(rows), outputs), bool)
    codes[:, ::2] = True
    drawn = [Block(0, 0, j, outputs, "shared").chunks(rows) for j in range(blocks)]
    tracemalloc.start()
    found = sum(k.rows.size for k in scheme.recall_all(codes, drawn, np.zeros(blocks, bool), rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found
    assert peak < scheme.recall_bytes(rows, blocks, outputs) + 2**24


def diagonal(width):
    return lp.Network([np.diag(np.full(width, 0.5))])


BEYOND = {
    "100,000 outputs of one input": (
        lambda: lp.Network([np.full((100_000, 1), 0.5)]),
        {"weight_epsilon": 0.005},
    ),
    "one weight in a thousand": (lambda: diagonal(1000), {}),
    "1100 layers": (lambda: lp.Network([[[0.5]]] * 1100), {}),
    "ends of 60,000 intervals": (
        lambda: lp.Network([np.eye(1, 60_000)]),
        {"inputs": lp.Box(np.linspace(-1, -1 / 3, 60_000), np.linspace(1 / 3, 1, 60_000))},
    ),
}


@pytest.mark.parametrize("what", BEYOND)
def test_save_tells_what_has_to_be_allowed_to_load(what, tmp_path):
    make, settings = BEYOND[what]
    ticket = lp.prune(make(), **{"weight_epsilon": 0.1, **settings})
    with pytest.warns(UserWarning, match="needs max_") as told:
        ticket.save(tmp_path / "t")
    (warning,) = told
    asked = {name: int(most) for name, most in re.findall(r"(max_\w+)=(\d+)", str(warning.message))}
    assert warning.filename == __file__
    assert (
        lp.load_ticket(tmp_path / "t", **asked).choices[-1].codes == ticket.choices[-1].codes
    ).all()
    for name, most in asked.items():
        with pytest.raises(ValueError, match=f"more than its limit {name}="):
            lp.load_ticket(tmp_path / "t", **asked | {name: most - 1})


def test_headers_as_long_as_what_is_allowed(tmp_path):
    ends = np.linspace(0.5, 1, 20_000)
    ticket = lp.prune(
        lp.Network([np.eye(1, 20_000)]), weight_epsilon=0.1, inputs=lp.Box(-ends, ends)
    )
    ticket.save(tmp_path / "t")
    assert lp.load_ticket(tmp_path / "t").domain == ticket.domain


def test_a_header_of_less_than_nothing_is_refused(tmp_path):
    """To read -1 bytes is to unpack all of them."""
    path = tmp_path / "t"
    honest = np.lib.format.header_data_from_array_1_0(np.zeros(1, np.uint8))
    header, file = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(header, honest | {"shape": (-1,)})
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("header.npy", header.getvalue() + bytes(10**6))
        archive.comment = b"0" * _files._DIGEST
    path.write_bytes(_files.sealed(file.getvalue()))
    with pytest.raises(ValueError, match=r"must not state the shape \(-1,\)"):
        lp.load_ticket(path)
