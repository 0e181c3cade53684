"""Files of strangers, and files that are written while others do as they like."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

import lpbook as lp
from lpbook import _files
from lpbook._packing import pack
from tools.fuzz import in_version_1

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def ticket():
    return lp.prune(lp.Network([[[0.5, -1.0], [0.25, 0.0]]]), weight_epsilon=0.01)


@pytest.mark.slow
def test_some_changed_files_and_all_bombs():
    """In a process of its own, whose peak of memory is that of the readers."""
    command = [sys.executable, "-m", "tools.fuzz", "80"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "resealed: {'loaded and verified'" in done.stdout


def test_who_trusts_a_file_may_allow_more(tmp_path):
    network = lp.Network([np.full((1, 300), 0.5)])
    ticket = lp.prune(network, weight_epsilon=0.1)
    ticket.save(tmp_path / "t")
    header, arrays = _files.unsealed(tmp_path / "t")
    wide = arrays | {"widths_0": np.full(300, 2**30)}
    _files.write_sealed(tmp_path / "t", header, wide)
    with pytest.raises(
        ValueError, match="its limit max_draws=67,108,864 allows; if you trust it, allow"
    ):
        lp.load_ticket(tmp_path / "t")
    loaded = lp.load_ticket(tmp_path / "t", max_draws=2**50, max_bytes=2**50)
    assert loaded.verify(network).weight_error <= 0.1  # the same neurons: rows are read as needed
    empty = header | {"version": 1, "layers": [[10**9, 1, "relu", 0.0]]}
    none = {"codes_0": np.zeros((1, 0, 125_000_000), "u1"), "widths_0": np.zeros(1, int)}
    _files.write_sealed(tmp_path / "t", empty, none | {"nonnegative_0": np.zeros(1, bool)})
    with pytest.raises(
        ValueError, match=r"max_bytes=134,217,728 allows; if you trust it, allow 1.6e\+10"
    ):
        lp.load_ticket(tmp_path / "t")
    assert lp.load_ticket(tmp_path / "t", max_bytes=2**40).widths == (1, 10**9)
    for name in ("max_bytes", "max_draws"):
        with pytest.raises(ValueError, match=f"{name}=0: must be at least 1"):
            lp.load_ticket(tmp_path / "t", **{name: 0})


def test_a_seed_that_can_be_pruned_with_can_be_saved_and_no_other(tmp_path, ticket):
    ticket.save(tmp_path / "t")
    header, arrays = _files.unsealed(tmp_path / "t")
    for seed, fine in ((2**256 - 1, True), (2**256, False)):
        _files.write_sealed(tmp_path / "t", header | {"seed": seed}, arrays)
        if fine:
            assert lp.load_ticket(tmp_path / "t").seed == seed
            continue
        with pytest.raises(ValueError, match="must be at most"):
            lp.load_ticket(tmp_path / "t")
        with pytest.raises(ValueError, match="must be at most"):
            lp.prune(lp.Network([[[1.0]]]), weight_epsilon=0.1, seed=seed)


def test_scales_that_do_not_fit_the_target_are_not_certified(tmp_path):
    """The ticket's network is another one, though what it keeps is near to the target's weights."""
    network = lp.Network([[[1e-200]], [[1.0]]])
    lp.prune(network, weight_epsilon=0.01, inputs=lp.Ball(1.0)).save(tmp_path / "t")
    header, arrays = _files.unsealed(tmp_path / "t")
    _files.write_sealed(tmp_path / "t", header | {"scales": [2.0**200]}, arrays)
    forged = lp.load_ticket(tmp_path / "t")
    assert abs(forged.network().effective[1][0, 0, 0]) > 1e60
    assert not forged.verify(network).ok


def test_many_bits_are_counted_before_they_are_unpacked(tmp_path, ticket):
    """Of a file of 300 KB each layer has thousands of digits, for one weight."""
    layers, base = 500, 1.0014
    digits = lp.GoldenRatio(base).scheme(1.0, 1e-5).digits
    codes = np.zeros((1, 1 + 2 * digits, 1), np.uint8)
    packed = pack(codes, 1, range(codes.shape[1]))
    ticket.save(tmp_path / "t")
    header, _ = _files.unsealed(tmp_path / "t")
    header |= {
        "construction": {"name": "golden-ratio", "base": base},
        "weight_epsilon": 1e-5,
        "scales": [1.0] * (layers - 1),
    }
    arrays = {}
    for i in range(layers):
        arrays[f"nonnegative_{i}"] = np.zeros(1, bool)
        arrays |= {f"widths_{i}": np.ones(1, "<i8"), f"codes_{i}": packed}
    for number, fine in ((3, True), (layers, False)):
        layered = header | {"layers": [[1, 1, "relu", 1.0]] * number}
        layered["scales"] = [1.0] * (number - 1)
        used = {name: a for name, a in arrays.items() if int(name.split("_")[1]) < number}
        _files.write_sealed(tmp_path / "t", layered, used)
        if fine:
            assert len(lp.load_ticket(tmp_path / "t").choices) == number
            continue
        with pytest.raises(ValueError, match="its limit max_draws="):
            lp.load_ticket(tmp_path / "t")


def test_messages_about_files_stay_short_and_in_a_line(tmp_path, ticket):
    ticket.save(tmp_path / "t")
    header, arrays = _files.unsealed(tmp_path / "t")
    odd = header | {"construction": {"name": "malach", "x\n" * 50_000: 1}}
    for told in ((odd, arrays), (header, arrays | {"z" * 50_000: np.zeros(1)})):
        _files.write_sealed(tmp_path / "t", *told)
        with pytest.raises(ValueError, match="path=") as error:
            lp.load_ticket(tmp_path / "t")
        assert len(str(error.value)) < 1000
        assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "construction", [lp.GoldenRatio(), lp.Malach(), lp.ProductWeights(), lp.SubsetSum()], ids=repr
)
def test_codes_of_an_input_without_neurons_are_noticed(tmp_path, construction):
    network = lp.Network([[[0.5, 0.0]]])
    lp.prune(network, None, construction, weight_epsilon=0.1).save(tmp_path / "t")
    header, arrays = in_version_1(tmp_path / "t")
    arrays["codes_0"][1] = 255
    _files.write_sealed(tmp_path / "t", header, arrays)
    with pytest.raises(ValueError, match=r"keeps neurons G lacks|the block ends before"):
        lp.load_ticket(tmp_path / "t").verify(network)


@pytest.mark.parametrize(
    ("old", "new"),
    [(b"PK\5\6", b"PK\5\7"), (b"'fortran_order': False", b"'fortran_order': True ")],
)
def test_an_archive_of_another_make_is_no_ticket(tmp_path, ticket, old, new):
    ticket.save(tmp_path / "t")
    with zipfile.ZipFile(tmp_path / "t") as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(tmp_path / "t", "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content.replace(old, new))
        archive.comment = b"0" * 64
    content = (tmp_path / "t").read_bytes()
    if old.startswith(b"PK"):
        content = content.replace(old, new)
    (tmp_path / "t").write_bytes(_files.sealed(content))
    with pytest.raises(ValueError, match="path="):
        lp.load_ticket(tmp_path / "t")


def test_bits_that_are_neither_are_refused(tmp_path, ticket):
    ticket.save(tmp_path / "t")
    header, arrays = _files.unsealed(tmp_path / "t")
    odd = np.full(2, 2, np.uint8).view(bool)
    _files.write_sealed(tmp_path / "t", header, arrays | {"nonnegative_0": odd})
    with pytest.raises(ValueError, match="nonnegative_0 must hold bytes 0 and 1"):
        lp.load_ticket(tmp_path / "t")


def test_nothing_but_regular_files_is_read_or_replaced(tmp_path, ticket):
    os.mkfifo(tmp_path / "pipe")
    for path in (tmp_path / "pipe", Path("/dev/null"), Path("/dev/zero")):
        kind = path.stat().st_mode
        with pytest.raises(OSError, match=r"path=.*must be a regular file"):
            ticket.save(path)
        with pytest.raises(OSError, match=r"path=.*must be a regular file"):
            lp.load_ticket(path)
        assert path.stat().st_mode == kind
    with pytest.raises(IsADirectoryError, match="path="):
        ticket.save(tmp_path)


def test_a_file_that_is_replaced_keeps_its_mode_and_its_link(tmp_path, ticket):
    path, link = tmp_path / "t", tmp_path / "link"
    link.symlink_to(path)
    for mode in (0o600, 0o640, 0o444):
        ticket.save(path)
        path.chmod(mode)
        ticket.save(link)
        assert stat.S_IMODE(path.stat().st_mode) == mode
        assert link.is_symlink()
        path.unlink()


def test_the_longest_names_can_be_saved(tmp_path, ticket):
    for name in ("n" * 255, "ä" * 127, ".npz"):
        ticket.save(tmp_path / name)
        assert lp.load_ticket(tmp_path / name).seed == ticket.seed
    assert len([*tmp_path.iterdir()]) == 3


SAVER = """
import os, sys, time
from lpbook import _files
os.fsync = lambda _: (print("writing", flush=True), time.sleep(600))
_files.write_whole(sys.argv[1], b"half")
"""


def test_what_killed_savers_leave_goes_and_what_others_write_stays(tmp_path, ticket):
    command = [sys.executable, "-c", SAVER, str(tmp_path / "t")]
    savers = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(2)]
    try:
        for saver in savers:
            assert saver.stdout.readline() == b"writing\n"
        assert len([*tmp_path.iterdir()]) == 2
        savers[0].send_signal(signal.SIGKILL)
        savers[0].wait()
        ticket.save(tmp_path / "t")
        assert len([*tmp_path.glob(".lpbook-*.tmp")]) == 1  # of the one that is alive
    finally:
        for saver in savers:
            saver.kill()
            saver.communicate()
    ticket.save(tmp_path / "t")
    assert [path.name for path in tmp_path.iterdir()] == ["t"]
