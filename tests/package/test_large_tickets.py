"""Tickets whose choices stay in the file, and whose effective weights are not kept."""

import copy
import gc
import os
import pickle
import threading
import weakref

import numpy as np
import pytest
from test_networks import random_network

import lpbook as lp
from lpbook import _files, tickets


@pytest.fixture(scope="module")
def network():
    return random_network(np.random.default_rng(0), (5, 9, 7, 3))


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(1).normal(size=(20, 5))


@pytest.fixture(scope="module")
def whole(network, rows):
    return lp.prune(network, 0.3, inputs=rows)


@pytest.fixture
def path(tmp_path, whole):
    whole.save(tmp_path / "t.npz")
    return tmp_path / "t.npz"


@pytest.fixture
def stored(path, monkeypatch):
    monkeypatch.setattr(tickets, "_STORED", 0)
    return lp.load_ticket(path)


def open_files():
    gc.collect()
    return len(os.listdir("/proc/self/fd"))


def test_it_is_the_same_ticket(network, rows, whole, stored, tmp_path):
    assert {type(mask) for mask in stored.choices} == {tickets._StoredMask}
    assert repr(stored.choices) == repr(whole.choices)
    assert stored.verify(network, rows) == whole.verify(network, rows)
    assert (stored.network()(rows) == whole.network()(rows)).all()
    for one, other in zip(stored.layers(), whole.layers(), strict=True):
        assert (one != other).nnz == 0
    stored.save(tmp_path / "again.npz")
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "t.npz").read_bytes()


def test_a_layer_is_unpacked_at_a_time(network, stored, monkeypatch):
    read, alive = tickets._Stored.read, []

    def watched(self):
        gc.collect()
        assert not any(ref() is not None for ref in alive)  # that of the layer before is gone
        codes = read(self)
        alive.append(weakref.ref(codes))
        return codes

    monkeypatch.setattr(tickets._Stored, "read", watched)
    assert stored.verify(network).ok
    assert len(alive) == 3


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_nothing_handed_out_is_a_handle(network, rows, stored, again):
    before = stored.verify(network, rows)
    for mask in (*stored.choices, *again(stored).choices):
        for array in (mask.codes, mask.widths, mask.nonnegative):
            assert not array.flags.writeable
            with pytest.raises(ValueError, match=r"read-only|cannot set WRITEABLE"):
                array[...] = 0
        with pytest.raises(AttributeError, match="cannot assign to field 'codes'"):
            mask.codes = None
    assert again(stored).verify(network, rows) == before


def test_pickles_are_whole(path, stored, network):
    copied = pickle.loads(pickle.dumps(stored))
    path.unlink()
    assert {type(mask) for mask in copied.choices} == {tickets.LayerMask}
    assert copied.verify(network).ok
    assert stored.verify(network).ok  # the file has lost its name, not its content


def test_a_file_that_is_replaced_does_not_matter(path, stored, network):
    lp.prune(network, weight_epsilon=0.5).save(path)
    assert stored.verify(network).ok


@pytest.mark.parametrize("change", ["cut", "zeros", "another"])
def test_a_file_that_is_written_to_is_noticed(path, stored, network, change):
    """In place, after it was loaded: as an error, whatever comes."""
    content = path.read_bytes()
    if change == "cut":
        os.truncate(path, 100)
    elif change == "zeros":
        path.write_bytes(bytes(len(content)))
    else:
        with open(path, "r+b") as file:
            file.write(_files.sealed(content[:900] + bytes(20) + content[920:]))
    for use in (lambda: stored.verify(network), stored.network, lambda: pickle.dumps(stored)):
        with pytest.raises(ValueError, match=r"t\.npz.*was written to after it was loaded"):
            use()


def test_another_choice_of_the_same_checksum_is_noticed(stored, monkeypatch, network):
    def other(*arguments):
        return np.invert(unpack(*arguments))

    unpack = tickets.unpack
    monkeypatch.setattr(tickets, "unpack", other)
    with pytest.raises(ValueError, match="was written to after it was loaded"):
        stored.verify(network)


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="Linux tells what is open")
def test_files_are_closed_with_their_tickets(path, network, monkeypatch):
    before = open_files()
    small = lp.load_ticket(path)
    assert open_files() == before
    monkeypatch.setattr(tickets, "_STORED", 0)
    large = lp.load_ticket(path)
    assert open_files() == before + 1
    pruned = large.network()
    del large
    assert pruned(np.zeros(5)).shape == (3,)
    del pruned, small
    assert open_files() == before
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ValueError, match="not"):
        lp.load_ticket(path)
    assert open_files() == before


def test_threads_read_at_once(network, stored):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(stored.verify(network))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [stored.verify(network)] * 4


def test_effective_weights_are_not_kept_where_they_are_large(network, rows, path, monkeypatch):
    small = lp.load_ticket(path)
    expected, certificate = small.network()(rows), small.verify(network, rows)
    assert isinstance(small.network().effective, tuple)
    monkeypatch.setattr(tickets, "_HELD", 16)
    large = lp.load_ticket(path)
    pruned = large.network()
    assert (pruned(rows) == expected).all()
    assert large.verify(network, rows) == certificate
    assert repr(pruned) == repr(small.network())
    assert len(pruned.effective) == 3
    assert pruned.effective[0] is not pruned.effective[0]
    assert [w.shape for w in pruned.effective[1:]] == [(2, 7, 10), (2, 3, 8)]
    for layer, weights in enumerate(pruned.effective):
        assert (weights == small.network().effective[layer]).all()
        assert not weights.flags.writeable
    assert (pickle.loads(pickle.dumps(pruned))(rows) == expected).all()


def test_effective_weights_are_kept_up_to_a_size(path, monkeypatch):
    for more, kept in ((0, True), (-1, False)):
        ticket = lp.load_ticket(path)
        size = sum(16 * mask.outputs * mask.inputs for mask in ticket.choices)  # both halves
        monkeypatch.setattr(tickets, "_HELD", size + more)
        assert isinstance(ticket.network().effective, tuple) == kept


def test_some_choices_may_stay_in_the_file(network, rows, whole, path, monkeypatch):
    sizes = [mask.codes.nbytes for mask in whole.choices]
    monkeypatch.setattr(tickets, "_STORED", min(sizes))
    some = lp.load_ticket(path)
    assert [isinstance(m, tickets._StoredMask) for m in some.choices] == [
        size > min(sizes) for size in sizes
    ]
    assert some.verify(network, rows) == whole.verify(network, rows)
