import numpy as np
import pytest

from lpbook.random_network import Block, unit


def test_the_stream_is_part_of_the_file_format():
    """Golden values: if they change, every ticket ever saved is worthless."""
    raw = np.random.PCG64(np.random.SeedSequence(2020, spawn_key=(1, 7))).random_raw(3)
    assert raw.tolist() == [4453541540456894791, 8004868848199869948, 11065980855619850369]
    inner, outer = Block(2020, 1, 7, outputs=2, layout="shared").rows(1)
    assert inner.tolist() == [[(raw[0] // 4096 + 0.5) / 2**52]]
    assert outer.tolist() == [[(raw[1] // 4096 + 0.5) / 2**52, (raw[2] // 4096 + 0.5) / 2**52]]


def test_units_are_exact_and_inside_the_open_interval():
    raw = np.array([0, 4095, 4096, 2**63, 2**64 - 1], dtype=np.uint64)
    assert (unit(raw) * 2**53).tolist() == [1, 1, 3, 2**52 + 1, 2**53 - 1]


@pytest.mark.parametrize("layout", ["shared", "reserved"])
def test_chunks_are_the_rows_in_order(layout):
    whole = Block(5, 0, 3, 700, layout).rows(101)
    parts = list(Block(5, 0, 3, 700, layout).chunks(101))
    assert len(parts) > 1
    for i in range(2):
        assert (np.concatenate([part[i] for part in parts]) == whole[i]).all()


def test_blocks_differ():
    seen = {
        tuple(Block(seed, layer, column, 1, "shared").rows(1)[1][0])
        for seed in (0, 1, 2**100)
        for layer in (0, 1)
        for column in (0, 1)
    }
    assert len(seen) == 12
