"""The search for first hits against a twin that looks at every number in the plainest way."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import lpbook as lp
from lpbook._pcg64 import Streams
from lpbook.constructions import Unfilled, first_hits
from lpbook.constructions.first_hits import Meter
from lpbook.random_network import Block

VARIANTS = [
    lp.GoldenRatio(),
    lp.GoldenRatio(law="common"),
    lp.GoldenRatio(two_sided=True),
    lp.GoldenRatio(base=1.3, law="common", two_sided=True),
    lp.GoldenRatio(base=1.1),
]
LAYOUTS = ("shared", "reserved")


def twin(scheme, targets, block, rows, nonnegative):
    """Codes, and the kept neurons: category, row, output, in-weight and out-weight of each."""
    k, (inner, outer) = scheme.digits, block.rows(rows)
    laws = scheme.laws(nonnegative)
    supplied = scheme.supplied(inner, outer, targets < 0, nonnegative)  # (rows, outputs)
    inner = np.broadcast_to(inner, outer.shape)
    codes, kept = np.zeros((1 + 2 * k, targets.size), bool), []
    for j in np.flatnonzero(np.abs(targets) > scheme.weight_epsilon):
        codes[0, j] = targets[j] < 0
        for half in range(1 if nonnegative else 2):
            rest = abs(targets[j]) + scheme.shift
            for i in range(half * k, half * k + k):
                (found,) = np.nonzero(supplied[:, j] == i)
                if not found.size:
                    raise Unfilled(int(j), f"{i}")
                r = found[0]
                b, a = (law.ppf(x[r, j]) for law, x in zip(laws, (inner, outer), strict=True))
                if rest >= abs(b * a):
                    rest -= abs(b * a)
                    codes[1 + i, j] = True
                    kept.append((i, r, j, b, a))
    return codes, sorted(kept, key=lambda edge: (edge[0], edge[2]))


def targets_of(shape, epsilon, seed=0):
    """Weights up to 1: zeros, both ends, next to ε, and some between."""
    rng = np.random.default_rng([*shape, seed])
    w = rng.uniform(-1, 1, shape)
    w[rng.random(shape) < 0.15] = 0.0
    ends = np.array([1.0, -1.0, epsilon, -epsilon * (1 + 2**-40)])[: w.size]
    w.flat[rng.choice(w.size, ends.size, replace=False)] = ends
    return w


def compare(scheme, targets, layout, signs, rows, seed=1):
    """Codes and kept neurons of blocks done together, against each by the twin."""

    def drawn():
        return [
            Block(seed, 2, j, targets.shape[1], layout).chunks(count)
            for j, count in enumerate(rows)
        ]

    codes = scheme.choose_all(targets, drawn(), signs, max(rows))
    found = list(scheme.recall_all(codes, drawn(), signs, max(rows)))
    assert len(found) == len(targets)
    for w, mine, kept, sign, block in zip(targets, codes, found, signs, drawn(), strict=True):
        theirs, edges = twin(scheme, w, block.block, block.count, bool(sign))
        assert (mine == theirs).all()
        columns = [np.array(column) for column in zip(*edges, strict=True)] or [np.empty(0)] * 5
        for array, wanted in zip(
            (kept.rows, kept.outputs, kept.inner, kept.outer), columns[1:], strict=True
        ):
            assert array.shape == wanted.shape
            assert (array == wanted).all()


@pytest.fixture(params=["as it is", "small"])
def sizes(request, monkeypatch):
    """Tables as they are; and so small that blocks are cut up, and most is found at random."""
    if request.param == "small":
        for name, size in (
            ("STRIP", 5),
            ("_TILE", 11),
            ("_WAVE", 7),
            ("_BAND", 4),
            ("_SECTION", 1),
        ):
            monkeypatch.setattr(first_hits, name, size)
        monkeypatch.setattr("lpbook.constructions.golden_ratio.WHOLE", 0.3)


@pytest.mark.parametrize("construction", VARIANTS, ids=repr)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("shape", [(5, 1), (7, 3), (2, 13)], ids=repr)
def test_the_twin_finds_the_same(construction, layout, shape, sizes):
    epsilon = 0.05
    scheme = construction.scheme(1.0, epsilon)
    signs = np.arange(shape[0]) % 3 == 1
    rows = [scheme.block_rows(100, 9, bool(sign), 1e-6) for sign in signs]
    compare(scheme, targets_of(shape, epsilon), layout, signs, rows)


@pytest.mark.parametrize("construction", VARIANTS[:3], ids=repr)
@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("epsilon", [0.9, 1e-4, 1e-8])
def test_from_one_digit_to_many(construction, layout, epsilon):
    """Of one digit the common range is another; from 32 on, masks have two bands."""
    scheme = construction.scheme(1.0, epsilon)
    signs = np.array([False, True, True])
    rows = [scheme.block_rows(300, 9, bool(sign), 1e-6) for sign in signs]
    compare(scheme, targets_of((3, 11), epsilon), layout, signs, rows)


@pytest.mark.parametrize("law", ["constant", "common"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_where_digits_are_of_unequal_length(law, layout):
    """Among the smallest floats the ends of the range are rounded: floats decide on everything."""
    scheme = lp.GoldenRatio(law=law).scheme(1e-321, 3e-322)
    rows = [scheme.block_rows(20, 9, False, 1e-9)] * 2
    compare(scheme, targets_of((2, 9), 0.3) * 1e-321, layout, np.zeros(2, bool), rows)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_beyond_those_needed_cost_nothing(layout, sizes):
    scheme = lp.GoldenRatio().scheme(1.0, 0.1)
    w = targets_of((1, 7), 0.1)[0]
    few, many = (
        scheme.choose(w, Block(0, 0, 0, 7, layout).chunks(rows), False, 800)
        for rows in (800, 2**40)
    )
    assert (few == many).all()


def test_a_wide_block():
    scheme = lp.GoldenRatio().scheme(1.0, 0.1)
    rows = [scheme.block_rows(6000, 1, False, 1e-3)]
    compare(scheme, targets_of((1, 3000), 0.1), "shared", np.array([False]), rows)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_rows_are_not_drawn_whole_for_few_weights(layout, monkeypatch):
    targets = np.zeros((3, 200))
    targets[[0, 1, 1], [199, 0, 70]] = 0.5, -0.7, 1.0
    scheme = lp.GoldenRatio().scheme(1.0, 0.01)
    monkeypatch.setattr(first_hits.Strip, "draw", None)
    compare(scheme, targets, layout, np.array([False, False, True]), [3000, 3000, 2000])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_blocks_without_rows_and_without_weights(layout, sizes):
    scheme = lp.GoldenRatio().scheme(1.0, 0.1)
    targets = targets_of((4, 6), 0.1)
    targets[1:3] = 0.0
    count = scheme.block_rows(100, 9, False, 1e-6)
    compare(scheme, targets, layout, np.zeros(4, bool), [count, 0, count, count])


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_is_missing_is_the_first_of_the_first_block(layout, sizes):
    scheme = lp.GoldenRatio().scheme(1.0, 0.05)
    told = set()
    for seed, rows in itertools.product(range(4), (0, 1, 40, 90, 130)):
        targets, signs = targets_of((3, 8), 0.05, seed), np.zeros(3, bool)
        blocks = [Block(seed, 0, j, 8, layout).chunks(rows) for j in range(3)]
        try:
            scheme.choose_all(targets, blocks, signs, rows)
        except Unfilled as unfilled:
            mine = unfilled.block, unfilled.output, unfilled.need
        else:
            mine = None
        theirs = None
        k = scheme.digits
        for j, w in enumerate(targets):
            inner, outer = Block(seed, 0, j, 8, layout).rows(rows)
            supplied = scheme.supplied(inner, outer, w < 0, False)
            lacking = [
                (i, o)
                for i in range(2 * k)
                for o in np.flatnonzero(np.abs(w) > 0.05)
                if not (supplied[:, o] == i).any()
            ]
            if lacking and theirs is None:
                i, output = lacking[0]
                half, digit = divmod(i, k)
                need = f"digit {digit + 1} of {k} for inputs x {'><'[half]} 0"
                theirs = j, output, need
        assert mine == theirs
        told.add(mine and mine[0])
    assert len(told - {None}) > 1


@pytest.mark.parametrize("construction", VARIANTS, ids=repr)
@pytest.mark.parametrize("nonnegative", [False, True])
def test_floats_decide_where_rounding_might_tell(construction, nonnegative):
    """Integers give the digit of every number that they do not pass on, right up to the ends."""
    scheme = construction.scheme(1.0, 0.01)
    line = scheme.line
    meter = Meter(line, nonnegative)
    rng = np.random.default_rng(0)
    inner = rng.integers(0, 2**64, 200, dtype=np.uint64)
    level = first_hits.unit(inner) if nonnegative else np.abs(2 * first_hits.unit(inner) - 1)
    ends = np.arange(-1, line.digits + 2)[:, None] - line.start - line.inner * level
    ends = np.clip(ends / line.outer, 0, 1 - 2**-50)  # levels of a where a digit begins
    near = (ends[..., None] * 2**63).astype(np.uint64) + np.uint64(2**63)
    near = near + (rng.normal(size=(*ends.shape, 40)) * 2**36).astype(np.int64).astype(np.uint64)
    near = np.concatenate([near, ~near], axis=-1)  # a > 0, then a < 0
    inner = np.broadcast_to(inner[:, None], near.shape)
    for negative in (False, True):
        wanted = meter.settle(inner.ravel(), near.ravel(), np.full(near.size, negative))
        x = (near >> np.uint64(32)).astype(np.uint32) ^ first_hits._FLIP[int(negative)]
        x ^= np.where(meter.halves(inner), np.uint32(2**32 - 1), np.uint32(0))
        doubt = meter.read(x, meter.starts(inner))
        sure = np.ones(near.size, bool)
        sure[doubt] = False
        assert (x.ravel()[sure] == wanted[sure]).all()
        assert 0.01 < sure.mean() < 0.99  # both kinds were among them
    anywhere = rng.integers(0, 2**64, (100, 1000), dtype=np.uint64)
    x = (anywhere >> np.uint64(32)).astype(np.uint32)
    assert meter.read(x, meter.starts(rng.integers(0, 2**64, (100, 1), np.uint64))).size < 30


def test_any_number_of_a_stream_is_the_one_that_numpy_draws():
    rng = np.random.default_rng(0)
    for row, first, last in ((1, 0, 40), (7, 3, 50), (1001, 11, 12), (2**16 + 1, 2, 4)):
        blocks = [Block(seed, 1, 2, row - 1, "shared") for seed in (0, 5, 2**255)]
        streams = Streams([b.state for b in blocks], row, first, last)
        for j, block in enumerate(blocks):
            drawn = block.raw(0, last * row).reshape(last, row)
            rows = rng.integers(first, last, 60)
            places = np.concatenate([[0, row - 1], rng.integers(0, row, 58)])
            assert (streams.numbers(rows, j, places) == drawn[rows, places]).all()
