"""Files of arrays by strangers: small ones that ask for much, and what the limits say."""

import io
import sys
import tracemalloc
import zipfile

import numpy as np
import pytest

import lpbook as lp
from lpbook import _files, cli

HUGE = (10**6, 10**6)


def npy(shape, content=b"", version=(1, 0), dtype="<f8", by_columns=False):
    """A file of NumPy's that says what it says, whatever stands in it."""
    file = io.BytesIO()
    header = {"descr": dtype, "fortran_order": by_columns, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)
    start = np.lib.format.magic(*version)
    return start + file.getvalue()[len(start) :] + content


def archive(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as target:
        for name, content in members:
            target.writestr(name, content)
    return file.getvalue()


def two_of_a_name():
    with pytest.warns(UserWarning, match="Duplicate name"):
        return archive([("weights_0.npy", npy((1, 1), bytes(8)))] * 2)


ZEROS = bytes(2**23)
FILES = {
    "an array": (lambda: npy(HUGE), "max_bytes=134,217,728 allows.*allow 8e+12"),
    "a member": (lambda: archive([("weights_0.npy", npy(HUGE))]), "max_bytes=.*allow 8e+12"),
    "more than it says": (
        lambda: archive([("weights_0.npy", npy((1, 1), ZEROS))]),
        "must have 8 bytes",
    ),
    "less than it says": (
        lambda: archive([("weights_0.npy", npy((1000, 1000), bytes(8)))]),
        "must have 8,000,000 bytes",
    ),
    "an array that is cut": (lambda: npy((10, 10), bytes(8)), "must have 800 bytes"),
    "bzip2": (lambda: archive([("a.npy", npy((1, 1), ZEROS))], zipfile.ZIP_BZIP2), "deflated"),
    "lzma": (lambda: archive([("a.npy", npy((1, 1), ZEROS))], zipfile.ZIP_LZMA), "deflated"),
    "a long header": (lambda: npy((2, 2), ZEROS, version=(2, 0)), "version 1.0"),
    "a negative length": (lambda: npy((-1, 3), bytes(24)), "must not state the shape (-1, 3)"),
    "objects": (lambda: npy((1,), bytes(8), dtype="|O"), "must hold numbers"),
    "items of nothing": (lambda: npy((10**15,), dtype="|S0"), "not an intact file"),
    "two members of a name": (two_of_a_name, "two members have one name"),
}


@pytest.mark.parametrize("kind", FILES)
def test_small_files_take_little(tmp_path, capsys, kind):
    """Of arrays as a network, as rows, and to look at; nothing but a line comes of it."""
    make, message = FILES[kind]
    content = make()
    name = "f.npz" if content.startswith(b"PK") else "f.npy"
    (tmp_path / name).write_bytes(content)
    np.save(tmp_path / "model.npy", np.eye(2))
    path = str(tmp_path / name)
    for command in (
        ["plan", path, "--weight-epsilon", "1"],
        ["plan", str(tmp_path / "model.npy"), "--epsilon", "1", "--inputs", path],
        ["info", path],
    ):
        tracemalloc.start()
        try:
            assert cli.main(command) == 2
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < len(ZEROS) / 2
        found = capsys.readouterr()
        assert found.out == ""
        assert found.err.count("\n") == 1
        for part in message.split(".*"):
            assert part in found.err


def test_members_are_added_up(tmp_path):
    """Each is below the limit, or holds nothing."""
    path = tmp_path / "f.npz"
    path.write_bytes(archive([(f"{i}.npy", npy((128, 64), bytes(2**16))) for i in range(40)]))
    assert len(_files.read_arrays(path)) == 40
    with pytest.raises(ValueError, match="max_bytes=2,097,152"):
        _files.read_arrays(path, max_bytes=2**21)
    path.write_bytes(archive([(f"{i}.npy", npy((0, 3))) for i in range(40)]))
    assert len(_files.read_arrays(path)) == 40
    with pytest.raises(ValueError, match="max_bytes=2,097,152"):
        _files.read_arrays(path, max_bytes=2**21)


def test_limits_can_be_raised(tmp_path, capsys):
    """A large network of zeros in a small file: refused, read on request."""
    path = str(tmp_path / "model.npz")
    np.savez_compressed(path, weights_0=np.zeros((300, 1000)))
    limits = {"max_bytes": 10**6}
    with pytest.raises(ValueError, match=r"max_bytes=1,000,000 allows.*allow 2.47e\+06"):
        _files.read_arrays(path, **limits)
    assert cli.main(["info", path, "--max-bytes", "1000000"]) == 2
    assert "max_bytes=1,000,000" in capsys.readouterr().err
    assert cli.main(["info", path, "--max-bytes", "3000000"]) == 0
    assert cli.main(["info", path]) == 0
    assert cli.main(["info", path, "--max-bytes", "0"]) == 2
    assert "--max-bytes=0: must be at least 1" in capsys.readouterr().err
    np.savez(path, weights_0=np.random.default_rng(0).normal(size=(300, 1000)))
    assert cli.main(["info", path, "--max-bytes", "1"]) == 0  # what the file has, it may take


def test_limits_of_tickets_can_be_raised(tmp_path, capsys):
    path = str(tmp_path / "ticket.npz")
    lp.prune(lp.Network([[[0.5, 0.3]]]), weight_epsilon=0.01).save(path)
    header, arrays = _files.unsealed(path)
    widths = np.array([10**9, 10**9])
    _files.write_sealed(path, header, arrays | {"widths_0": widths})
    assert cli.main(["info", path]) == 2
    assert "max_draws=67,108,864 allows" in capsys.readouterr().err
    assert cli.main(["info", path, "--max-draws", str(10**12), "--max-bytes", str(10**14)]) == 0


@pytest.mark.parametrize("by_columns", [True, False])
def test_arrays_are_those_of_numpy(tmp_path, by_columns):
    arrays = {
        "a": np.arange(12.0).reshape(3, 4),
        "b": np.float32([[1, 2]]),
        "c": np.array(3),
        "d": np.zeros((0, 2), np.uint8),
    }
    if by_columns:
        arrays = {name: np.asfortranarray(array) for name, array in arrays.items()}
    for save in (np.savez, np.savez_compressed):
        save(tmp_path / "f.npz", **arrays)
        found = _files.read_arrays(tmp_path / "f.npz")
        assert _files.names(tmp_path / "f.npz") == [*found] == [*arrays]
        for name, array in arrays.items():
            np.testing.assert_array_equal(found[name], array, strict=True)
            assert not found[name].flags.writeable
    np.save(tmp_path / "f.npy", arrays["a"])
    assert (_files.read_arrays(tmp_path / "f.npy")[""] == arrays["a"]).all()


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_tickets_are_deflated(tmp_path, method):
    """A sealed file of 2 KB whose member unpacked to gigabytes, a block of bzip2 at a time."""
    path = tmp_path / "ticket.npz"
    lp.prune(lp.Network([[[0.5, 0.3]]]), weight_epsilon=0.01).save(path)
    with zipfile.ZipFile(path) as source:
        members = {name: source.read(name) for name in source.namelist()}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as target:
        for name, content in members.items():
            packed = name.startswith("widths")
            how = method if packed else zipfile.ZIP_DEFLATED
            target.writestr(name, content + ZEROS if packed else content, how)
        target.comment = b"0" * _files._DIGEST
    path.write_bytes(_files.sealed(file.getvalue()))
    tracemalloc.start()
    with pytest.raises(ValueError, match=r"widths_0.*must be stored or deflated"):
        lp.load_ticket(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < sys.getsizeof(ZEROS) / 4
