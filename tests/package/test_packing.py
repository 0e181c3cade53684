"""Packed choices: every bit comes back, and what is written is pinned."""

from __future__ import annotations

import hashlib
import zlib

import numpy as np
import pytest

import lpbook as lp
from lpbook import _packing
from lpbook._packing import pack, plane_sizes, unpack


def choices(inputs, bits, outputs, share=0.3):
    found = np.random.default_rng(bits).random((inputs, bits, outputs)) < share
    return np.packbits(found, axis=-1)


def planes(packed, *shape):
    content, parts = zlib.decompress(packed, -15), []
    for size in plane_sizes(*shape):
        parts.append(content[:size])
        content = content[size:]
    assert not content
    return parts


@pytest.mark.parametrize("together", [1, 10, 2**20])
@pytest.mark.parametrize("shape", [(1, 1, 1), (7, 8, 3), (4, 21, 9), (3, 0, 5), (2, 64, 17)])
def test_choices_come_back(shape, together, monkeypatch):
    monkeypatch.setattr(_packing, "_TOGETHER", together)
    _, bits, outputs = shape
    codes = choices(*shape)
    order = [*np.random.default_rng(0).permutation(bits).tolist()]
    found = unpack(planes(pack(codes, outputs, order), *shape), codes.shape, outputs, order)
    assert (found == codes).all()
    with pytest.raises(ValueError, match="more planes"):
        unpack([*planes(pack(codes, outputs, order), *shape), b""], codes.shape, outputs, order)


def test_the_planes_are_pinned():
    """What is deflated is part of the format of a ticket's file."""
    content = zlib.decompress(pack(choices(5, 21, 7), 7, range(21)), -15)
    assert (
        hashlib.sha256(content).hexdigest()
        == "ac513f88c10e6a04f67e666556ef2fb3b7808875f59853ac9ca6687e3fb8f935"
    )


@pytest.mark.parametrize("layout", ["shared", "reserved"])
def test_digits_take_less_than_they_do_unsorted(layout, tmp_path):
    weights = np.random.default_rng(0).normal(size=(100, 100))
    network = lp.Network([weights])
    ticket = lp.prune(network, weight_epsilon=0.01 * np.abs(weights).max(), layout=layout)
    (mask,) = ticket.choices
    packed = pack(mask.codes, mask.outputs, ticket._code_order(mask))
    assert packed.size < 0.95 * len(zlib.compress(mask.codes.tobytes(), 9))
    ticket.save(tmp_path / "t")
    (read,) = lp.load_ticket(tmp_path / "t").choices
    assert (read.codes == mask.codes).all()


def test_choices_that_keep_nothing_take_next_to_nothing(tmp_path):
    weights = np.zeros((400, 400))
    weights[0, 0] = 1.0
    lp.prune(lp.Network([weights]), weight_epsilon=0.01).save(tmp_path / "t")
    assert (tmp_path / "t").stat().st_size < 4000
