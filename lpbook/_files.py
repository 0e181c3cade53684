"""Sealed files: a plain ``.npz`` whose every byte is covered by a checksum.

The checksum, SHA-256 in hexadecimal, is the comment at the end of the zip archive and covers all
bytes before it. So any changed, missing or added byte is noticed, and ``numpy.load`` still reads
the file.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import secrets
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

_DIGEST = 64  # hexadecimal digits of SHA-256


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).hexdigest().encode("ascii")


def write_sealed(
    path: str | os.PathLike[str], header: Mapping[str, Any], arrays: Mapping[str, Any]
) -> None:
    """Write `header` (as JSON) and `arrays` to exactly `path`, at once or not at all."""
    text = np.frombuffer(json.dumps(header, sort_keys=True).encode(), dtype=np.uint8)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, header=text, **arrays)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.comment = b"0" * _DIGEST
    content = buffer.getvalue()[:-_DIGEST]
    write_whole(path, content + _digest(content))


def write_whole(path: str | os.PathLike[str], content: bytes) -> None:
    """Write `content` to exactly `path`, at once or not at all."""
    target = Path(os.path.realpath(os.fspath(path)))
    draft = target.with_name(f".{target.name}.{secrets.token_hex(8)}.tmp")
    try:
        with open(draft, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, target)
    finally:
        draft.unlink(missing_ok=True)


def read_sealed(path: str | os.PathLike[str]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and arrays of a sealed file.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        If it is not what `write_sealed` wrote, to the last byte.
    """
    content = Path(os.fspath(path)).read_bytes()
    if len(content) <= _DIGEST or not content.startswith(b"PK"):
        raise ValueError("not a ticket: no sealed .npz archive")
    if content[-_DIGEST:] != _digest(content[:-_DIGEST]):
        raise ValueError("not an intact ticket: truncated, altered, or another kind of .npz")
    with np.load(io.BytesIO(content), allow_pickle=False) as archive:
        arrays = {name: archive[name] for name in archive.files}
    header = json.loads(arrays.pop("header").tobytes().decode())
    return header, arrays
