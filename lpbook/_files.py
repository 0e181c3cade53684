"""Files of NumPy's from strangers, and sealed ones: ``.npz`` with a checksum of every byte.

The checksum, SHA-256 in hexadecimal, is the comment at the end of the zip archive and covers all
bytes before it. So any byte that was changed, lost or added by accident is noticed, and
``numpy.load`` still reads the file. It is no signature: whoever rewrites a file can seal it again.
Files of strangers are therefore read with suspicion: nothing is unpacked before it is known how
large it must be, and nothing larger than that.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import io
import json
import math
import os
import secrets
import stat
import threading
import weakref
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from lpbook import _checks

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows, where drafts of killed savers stay
    fcntl = None  # type: ignore[assignment]

_DIGEST = 64  # hexadecimal digits of SHA-256
_END = 22  # bytes of the zip archive's last record, without the comment
_LOCATOR = 20  # bytes before it of an archive above 4 GiB
_HEADER_BYTES = 64  # of memory for each byte of JSON
_DIRECTORY_BYTES = 256  # and for each of the archive's list of members, and time
_ENTRY = 46  # bytes of that list for a member, besides its name
_AT_ONCE = 2**18  # bytes that are read together
_NPY = 1024  # bytes, at most, before the entries of a member
_PLAIN = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # of others a byte may unpack to megabytes
MAX_BYTES = 2**27
"""Memory that a file of a stranger may ask for, unless more is allowed."""
_MEMBER = 2**16  # bytes that a member counts besides: reading its header takes a fraction of a ms
LEAST_GROWTH = 16  # times the size of a file that it may always ask for


class Limits:
    """What a file may take, by the names of the arguments that allow more."""

    def __init__(self, **most: int) -> None:
        self._most = most
        self._taken = dict.fromkeys(most, 0.0)

    def allow(self, name: str, amount: float) -> None:
        """Allow as much as this, if the limit is lower."""
        self._most[name] = max(self._most[name], int(amount))

    def need(self, name: str, amount: float) -> None:
        """Refuse what would be too much together with what is taken."""
        together = self._taken[name] + amount
        if together > self._most[name]:
            raise ValueError(
                f"the file asks for more than its limit {name}={self._most[name]:,} allows; if you "
                f"trust it, allow {together:.3g} or more"
            )

    def take(self, name: str, amount: float) -> None:
        """Refuse what would be too much, and take the rest."""
        self.need(name, amount)
        self._taken[name] += amount

    def frame(self, header: int, directory: int) -> None:
        """Refuse a header, or a list of members, of too many bytes."""
        self.need("max_bytes", float(_HEADER_BYTES) * header)
        self.need("max_bytes", float(_DIRECTORY_BYTES) * directory)


class Beyond(Limits):
    """What would have to be allowed, instead of a refusal.

    Attributes
    ----------
    asked : dict
        By the names of the limits that are too low.
    """

    def __init__(self, **most: int) -> None:
        super().__init__(**most)
        self.asked: dict[str, float] = {}

    def need(self, name: str, amount: float) -> None:
        together = self._taken[name] + amount
        if together > self._most[name]:
            self.asked[name] = max(together, self.asked.get(name, 0.0))


def frame_of(header: Mapping[str, Any], names: Iterable[str]) -> tuple[int, int]:
    """Bytes of a header, and of the list of members, that `write_sealed` writes."""
    listed = sum(_ENTRY + len(f"{name}.npy") for name in ("header", *names))
    return len(_json(header)), listed


def _json(header: Mapping[str, Any]) -> bytes:
    return json.dumps(header, sort_keys=True).encode()


def _digest(content: bytes | memoryview) -> bytes:
    return hashlib.sha256(content).hexdigest().encode("ascii")


def _digest_of(file: IO[bytes], size: int) -> bytes:
    """The checksum of the first bytes of a file, read a few at a time."""
    found = hashlib.sha256()
    file.seek(0)
    while size > 0 and (part := file.read(min(size, _AT_ONCE))):
        found.update(part)
        size -= len(part)
    return found.hexdigest().encode("ascii")


def write_sealed(
    path: str | os.PathLike[str], header: Mapping[str, Any], arrays: Mapping[str, Any]
) -> None:
    """Write `header` (as JSON) and `arrays` to exactly `path`, at once or not at all."""
    text = np.frombuffer(_json(header), dtype=np.uint8)
    with _replacing(path) as file:
        with zipfile.ZipFile(file, "w") as archive:
            for name, array in {"header": text, **arrays}.items():
                _write_member(archive, f"{name}.npy", np.asanyarray(array))
            archive.comment = b"0" * _DIGEST
        digest = _digest_of(file, file.seek(0, os.SEEK_END) - _DIGEST)
        file.seek(-_DIGEST, os.SEEK_END)
        file.write(digest)


def _write_member(archive: zipfile.ZipFile, name: str, array: NDArray[Any]) -> None:
    """As `numpy.savez_compressed`, whose bytes depend on the version of Python and the system."""
    member = zipfile.ZipInfo(name)
    member.compress_type = zipfile.ZIP_DEFLATED
    member.create_system = 3  # Unix, wherever it is
    member.external_attr = 0o600 << 16
    member.file_size = array.nbytes + _NPY  # whether the sizes need eight bytes
    with archive.open(member, "w") as file:
        np.lib.format.write_array(file, array, allow_pickle=False)


def sealed(content: bytes) -> bytes:
    """A file with another ending: the checksum of what is before it."""
    before = memoryview(content)[:-_DIGEST]
    return b"".join((before, _digest(before)))


def unsealed(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Header and arrays of a file that one trusts; `Sealed` reads those of strangers."""
    with np.load(path) as members:
        arrays = dict(members)
    return json.loads(arrays.pop("header").tobytes()), arrays


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to exactly `path`, at once or not at all.

    Raises
    ------
    OSError
        If it cannot be written, or there is something at `path` that is no regular file.
    """
    with _replacing(path) as file:
        file.write(content)


@contextlib.contextmanager
def _replacing(path: str | os.PathLike[str]) -> Iterator[IO[bytes]]:
    """A new file that stands at exactly `path` once all is written, or not at all.

    A file that is replaced leaves its mode and owner to the new one. What savers left behind that
    were killed is removed.
    """
    target, before = _target(path)
    with _draft(target.parent) as (draft, file):
        yield file
        file.flush()
        if before is not None:
            if hasattr(os, "chown"):
                with contextlib.suppress(PermissionError):
                    os.chown(draft, before.st_uid, before.st_gid)
            os.chmod(draft, stat.S_IMODE(before.st_mode))
        os.fsync(file.fileno())
        if fcntl is None:  # pragma: no cover - Windows replaces no file that is open
            file.close()
        os.replace(draft, target)


def _target(path: str | os.PathLike[str]) -> tuple[Path, os.stat_result | None]:
    """What a path leads to, and what the system knows about the file there, if there is one."""
    target = Path(os.path.realpath(os.fspath(path)))
    if target.is_symlink():  # links that lead to each other
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), os.fspath(path))
    return target, regular(target) if target.exists() else None


def check_writable(path: str | os.PathLike[str]) -> None:
    """Fail as `write_whole` would, before there is anything to write; nothing is changed."""
    target, _ = _target(path)
    with _draft(target.parent):
        pass


def regular(path: str | os.PathLike[str]) -> os.stat_result:
    """What the system knows about a file, if it is a regular one."""
    found = os.stat(path)
    if stat.S_ISDIR(found.st_mode):
        raise IsADirectoryError(f"path={os.fspath(path)!r}: is a directory")
    if not stat.S_ISREG(found.st_mode):
        raise OSError(f"path={os.fspath(path)!r}: must be a regular file, not a device or a pipe")
    return found


@contextlib.contextmanager
def _draft(folder: Path) -> Iterator[tuple[Path, IO[bytes]]]:
    """A new file in `folder` that is gone afterwards, unless it got another name.

    Its writer holds a lock on it. So drafts without a lock belong to writers that were killed.
    """
    for left in folder.glob(".lpbook-*.tmp"):
        with contextlib.suppress(OSError), open(left, "rb") as other:
            if _lock(other):
                left.unlink()
    while True:
        draft = folder / f".lpbook-{secrets.token_hex(8)}.tmp"
        with contextlib.ExitStack() as stack:
            file: IO[bytes] = stack.enter_context(open(draft, "x+b"))
            stack.callback(draft.unlink, missing_ok=True)
            stack.callback(file.close)  # before: Windows removes no file that is open
            if _lock(file) and draft.exists():  # else it was cleaned away before it was locked
                yield draft, file
                return


def _lock(file: IO[bytes]) -> bool:
    """Lock a file for this writer; False where another one holds it."""
    if fcntl is None:  # pragma: no cover
        return "x" in file.mode
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


class Records:
    """Records under keys, in a file that grows: a writer that is killed leaves whole ones.

    A process that is forked closes the file, which otherwise stayed locked as long as it lives.

    Parameters
    ----------
    path : path
        The file, an argument `checkpoint`; it is made if there is none. What a killed writer left
        of a record is cut off, and a record that is damaged is passed over. Where one cannot tell
        what follows it, a warning says to which file those bytes went.

    Raises
    ------
    OSError
        If it cannot be written, is no regular file, or somebody else writes to it.
    ValueError
        If it is another kind of file.
    """

    _BEGINNING = b"lpbook checkpoint 1\n"
    _KEY = 32  # bytes of a key, and of the checksum that ends a record
    _LENGTH = 8  # bytes that say how long a record's content is
    _CUT = 2**16  # bytes of content of a record that was cut off, where none is known

    def __init__(self, path: str | os.PathLike[str]) -> None:
        if os.path.exists(path):
            regular(path)
        self._path = os.fspath(path)
        self._found: dict[bytes, tuple[int, int]] = {}  # where contents are, and how long
        self._using = threading.Lock()
        with contextlib.ExitStack() as stack:
            # without a buffer: a forked process has nothing that it could write when it closes it
            self._file = stack.enter_context(open(path, "a+b", buffering=0))
            _OPEN.add(self)
            if fcntl is not None and not _lock(self._file):
                raise OSError(
                    f"checkpoint={self._path!r}: another process writes to this file, or another "
                    "call of this process"
                )
            self._file.truncate(self._parse())
            if not self._file.seek(0, os.SEEK_END):
                self._write(self._BEGINNING)
            self._stack = stack.pop_all()

    def _parse(self) -> int:
        """Find the records that are whole; where the file ends once the rest is cut off."""
        size = self._file.seek(0, os.SEEK_END)
        beginning = self._read(0, len(self._BEGINNING))
        if not self._BEGINNING.startswith(beginning):
            raise ValueError(f"checkpoint={self._path!r}: is not a file of `prune`; take another")
        if beginning != self._BEGINNING:
            return 0
        end = certain = len(beginning)  # of all that may be records, and of those that are
        while end < size:
            head = self._read(end, self._KEY + self._LENGTH)
            length = int.from_bytes(head[self._KEY :], "little")
            content = end + len(head)
            if content + length + self._KEY > size:
                break
            check = hashlib.sha256(head)
            for start in range(content, content + length, _AT_ONCE):
                check.update(self._read(start, min(_AT_ONCE, content + length - start)))
            whole = self._read(content + length, self._KEY) == check.digest()
            end = content + length + self._KEY
            if whole:
                self._found[head[: self._KEY]] = (content, length)
                certain = end
        if end == size:
            return size
        longest = max((length for _, length in self._found.values()), default=self._CUT)
        if certain < end or size - end > self._KEY + self._LENGTH + longest + self._KEY:
            self._set_aside(certain, size)
        return certain

    def _set_aside(self, start: int, end: int) -> None:
        """Copy what will be cut off to a file of its own."""
        for number in count(1):
            aside = f"{os.fsdecode(self._path)}.damaged-{number}"
            with contextlib.suppress(FileExistsError), open(aside, "xb") as file:
                while start < end:
                    start += file.write(self._read(start, min(_AT_ONCE, end - start)))
                break
        _checks.warn(
            f"checkpoint={self._path!r}: ends in what is no whole record, since it was damaged or "
            f"cut off; those bytes are now in {aside!r}",
            UserWarning,
        )

    def _read(self, start: int, size: int) -> bytes:
        """These bytes, fewer where the file ends."""
        self._file.seek(start)
        parts = []
        while size and (part := self._file.read(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _write(self, content: bytes) -> None:
        rest = memoryview(content)
        while rest:
            rest = rest[self._file.write(rest) :]

    def __contains__(self, key: bytes) -> bool:
        return key in self._found

    def get(self, key: bytes) -> bytes | None:
        """What was put under a key, if anything was; it is read from the file."""
        with self._using:
            return self._read(*self._found[key]) if key in self._found else None

    def put(self, key: bytes, content: bytes) -> None:
        """Keep `content` under a key of 32 bytes, unless there is something."""
        with self._using:
            if key not in self._found:
                head = key + len(content).to_bytes(self._LENGTH, "little")
                start = self._file.seek(0, os.SEEK_END)
                try:
                    self._write(head + content + hashlib.sha256(head + content).digest())
                except BaseException:
                    self._file.truncate(start)  # behind half a record no other is found
                    raise
                self._found[key] = (start + len(head), len(content))

    def __enter__(self) -> Records:
        return self

    def __exit__(self, *_: object) -> None:
        with self._using:
            if fcntl is not None and not self._file.closed:
                fcntl.flock(self._file, fcntl.LOCK_UN)  # also for whoever else has the file
            self._stack.close()

    def leave(self) -> None:
        """Close the file and nothing else: to unlock it is for the process that locked it."""
        self._file.close()


_OPEN: weakref.WeakSet[Records] = weakref.WeakSet()


def _leave_all() -> None:
    for records in list(_OPEN):
        records.leave()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_leave_all)


class _Opened(io.RawIOBase):
    """A file to read, without a buffer; closed, without a warning, when nobody has it any more.

    Processes that were forked read it at places of their own. It is not mapped: a mapped file that
    another program cuts off ends this one.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        before = {os.SEEK_SET: 0, os.SEEK_CUR: self._place}
        start = before[whence] if whence in before else os.fstat(self._file).st_size
        self._place = start + offset
        return self._place

    def readinto(self, buffer: Any) -> int:
        if hasattr(os, "pread"):
            content = os.pread(self._file, len(buffer), self._place)
        else:  # pragma: no cover - Windows, where nothing is forked
            os.lseek(self._file, self._place, os.SEEK_SET)
            content = os.read(self._file, len(buffer))
        buffer[: len(content)] = content
        self._place += len(content)
        return len(content)

    def close(self) -> None:
        if not self.closed:
            os.close(self._file)
        super().close()


class Sealed:
    """A sealed file that is read member by member, each only as large as it has to be.

    Members can be read again, also while other threads read.

    Parameters
    ----------
    path : path
        The file; no more of it is unpacked than its header.
    max_bytes : int
        Memory that it may ask for; at least 16 times its size is always allowed.

    Raises
    ------
    OSError
        If the file cannot be read, or is no regular file.
    ValueError
        If it is not what `write_sealed` wrote, to the last byte, or beyond the limit.

    Attributes
    ----------
    size : int
        Bytes of the file.
    header : dict
        As given to `write_sealed`.
    """

    def __init__(self, path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES) -> None:
        regular(path)
        with contextlib.ExitStack() as stack:
            file: Any = stack.enter_context(_Opened(path))
            self.size = file.seek(0, os.SEEK_END)
            last = _LOCATOR + _END + _DIGEST
            file.seek(max(self.size - last, 0))
            ending = file.read(last)
            end = len(ending) - _DIGEST - _END
            file.seek(0)
            if end < 0 or file.read(2) != b"PK" or ending[end : end + 4] != b"PK\5\6":
                raise ValueError("not a ticket: no sealed .npz archive")
            if ending[-_DIGEST:] != _digest_of(file, self.size - _DIGEST):
                reason = "truncated, altered, or another kind of .npz"
                raise ValueError(f"not an intact ticket: {reason}")
            if ending[:end].startswith(b"PK\6\7"):
                raise ValueError("not a ticket: more members than a ticket has, or above 4 GiB")
            limits = Limits(max_bytes=max(max_bytes, LEAST_GROWTH * self.size))
            limits.frame(0, int.from_bytes(ending[end + 12 : end + 16], "little"))
            self._archive = stack.enter_context(zipfile.ZipFile(file))
            self._read_names_and_header(limits)
            self._stack = stack.pop_all()

    def close(self) -> None:
        self._stack.close()

    def _read_names_and_header(self, limits: Limits) -> None:
        self._names = {name.removesuffix(".npy") for name in self._archive.namelist()}
        self._unread = self._names.copy()
        if len(self._names) != len(self._archive.namelist()):
            raise ValueError("not a ticket: two members have one name")
        with self._open("header") as file:
            (length,), dtype = self._description(file)
            if dtype != np.uint8:
                raise ValueError("header must be a text")
            limits.frame(length, 0)
            self.header: dict[str, Any] = json.loads(file.read(length).decode())

    @property
    def unread(self) -> list[str]:
        """Members that nobody has asked for."""
        return sorted(self._unread)

    def array(self, name: str, dtype: DTypeLike, shape: tuple[int, ...]) -> NDArray[Any]:
        """A member, read-only, if it has this type and shape.

        Nothing is unpacked, and no memory taken, before that is clear.
        """
        kind = np.dtype(dtype)
        size = kind.itemsize * int(np.prod(shape, dtype=object))
        with self._open(name) as file:
            if self._description(file) != (shape, kind):
                raise ValueError(f"{name} must be {kind.name} of shape {shape}")
            content = file.read(size)
            if len(content) != size or file.read(1):
                raise ValueError(f"{name} must have {size:,} bytes")
        if kind.kind == "b" and content.strip(b"\0\1"):
            raise ValueError(f"{name} must hold bytes 0 and 1")
        return np.frombuffer(content, kind).reshape(shape)

    def inflated(self, name: str, sizes: Iterable[int]) -> Iterator[bytes]:
        """Parts of a member that holds a deflated stream: as many bytes of it as `sizes` say.

        Neither more nor less must come; no more of it than a part is unpacked at a time.
        """
        with self._open(name) as file:
            shape, dtype = self._description(file)
            if dtype != np.uint8 or len(shape) != 1:
                raise ValueError(f"{name} must be bytes")
            inflate = zlib.decompressobj(-15)

            def some(size: int) -> bytes:
                """From 1 to `size` bytes, none at the end of the stream."""
                while not inflate.eof:
                    packed = inflate.unconsumed_tail or file.read(_AT_ONCE)
                    part = inflate.decompress(packed, size)
                    if part or not packed:
                        return part
                return b""

            for size in sizes:
                parts = []
                while size:
                    parts.append(some(size))
                    size -= len(parts[-1])
                    if not parts[-1]:
                        raise ValueError(f"{name} ends too early")
                yield b"".join(parts)
            if some(1) or not inflate.eof or inflate.unused_data or file.read(1):
                raise ValueError(f"{name} holds more than it must")

    def _open(self, name: str) -> IO[bytes]:
        """A member; it is unpacked as it is read."""
        if name not in self._names:
            raise ValueError(f"{name} is missing")
        self._unread.discard(name)
        return _member(self._archive, f"{name}.npy")

    @staticmethod
    def _description(file: IO[bytes]) -> tuple[tuple[int, ...], np.dtype[Any]]:
        """Shape and type of a member, as it states them."""
        shape, by_columns, dtype = _description(file)
        if by_columns:
            raise ValueError("members must be in C order")
        return shape, dtype


def _member(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """A member of an archive; no more of it is unpacked than is read."""
    if archive.getinfo(name).compress_type not in _PLAIN:
        raise ValueError(f"{name} must be stored or deflated, as NumPy does it")
    return archive.open(name)


def _description(file: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    """Shape of an array, whether it is in Fortran order, and its type, as its header states."""
    if np.lib.format.read_magic(file) != (1, 0):  # others have headers of up to 4 GiB
        raise ValueError("arrays must be of version 1.0 of the .npy format")
    shape, by_columns, dtype = np.lib.format.read_array_header_1_0(file, max_header_size=_NPY)
    if min(shape, default=0) < 0:  # to read so many bytes would be to read all
        raise ValueError(f"an array must not state the shape {shape}")
    return shape, by_columns, dtype


def names(path: str | os.PathLike[str]) -> list[str]:
    """What the arrays of an ``.npz`` are called; nothing is unpacked."""
    regular(path)
    with open(path, "rb") as file, zipfile.ZipFile(file) as archive:
        return [name.removesuffix(".npy") for name in archive.namelist()]


def read_arrays(
    path: str | os.PathLike[str], *, max_bytes: int = MAX_BYTES
) -> dict[str, NDArray[Any]]:
    """The arrays of an ``.npz``, by name, or the one of an ``.npy``, which has none.

    Each is only unpacked once its header has told how large it is, and if all of them together
    stay within the limit.

    Parameters
    ----------
    path : path
        The file.
    max_bytes : int
        Memory, in bytes, that all arrays may take; at least 16 times the size of the file is always
        allowed.

    Returns
    -------
    dict
        Read-only arrays.

    Raises
    ------
    OSError
        If the file cannot be read, or is no regular file.
    ValueError
        If it is no intact file of arrays without Python objects, or beyond the limit.
    """
    size = regular(path).st_size
    limits = Limits(max_bytes=max(max_bytes, LEAST_GROWTH * size))
    with open(path, "rb") as file:
        archived = file.read(2) == b"PK"
        file.seek(0)
        if not archived:
            return {"": _array(file, limits)}
        found: dict[str, NDArray[Any]] = {}
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                limits.take("max_bytes", _MEMBER)  # so that their number is bounded, too
                key = name.removesuffix(".npy")
                if key in found:
                    raise ValueError(f"two members have one name, {key!r}")
                with _member(archive, name) as member:
                    found[key] = _array(member, limits)
        return found


def _array(file: IO[bytes], limits: Limits) -> NDArray[Any]:
    """An array, if its header tells a size within the limits, and as many bytes come."""
    shape, by_columns, dtype = _description(file)
    if dtype.hasobject:
        raise ValueError(f"an array of type {dtype} and shape {shape}: must hold numbers")
    size = dtype.itemsize * math.prod(shape)
    limits.take("max_bytes", size)
    content = file.read(size)
    if len(content) != size or file.read(1):
        raise ValueError(f"an array of type {dtype} and shape {shape} must have {size:,} bytes")
    if by_columns:
        return np.frombuffer(content, dtype).reshape(shape[::-1]).T
    return np.frombuffer(content, dtype).reshape(shape)
