"""Archives of npm that must be what they were."""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path


def intact(content: bytes, name: str, digest: str) -> bytes:
    """What must be what it was.

    Raises
    ------
    ValueError
        If its SHA-256 is another.
    """
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{name} is not what it was: its SHA-256 is not {digest}")
    return content


def archive(package: str, digest: str, program: str = "npm") -> bytes:
    """The archive of a package, such as ``"name@1.0.2"``."""
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "pack", "--silent", "--pack-destination", folder, package]
        name = subprocess.run(command, capture_output=True, check=True, text=True).stdout.strip()
        return intact(Path(folder, name).read_bytes(), package, digest)
