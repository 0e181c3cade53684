"""What a benchmark ran on."""

from __future__ import annotations

import os
import platform

import numpy as np


def machine(**libraries: str) -> str:
    """Versions and cores, in a line; further libraries by name and version."""
    versions = {"Python": platform.python_version(), "NumPy": np.__version__} | libraries
    return ", ".join([*(f"{n} {v}" for n, v in versions.items()), f"{os.cpu_count()} cores"])
