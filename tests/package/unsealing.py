"""What is in a ticket's file, for tests that change it and seal it again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np


def unsealed(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and arrays of an honest file."""
    with np.load(path) as members:
        arrays = dict(members)
    return json.loads(arrays.pop("header").tobytes().decode()), arrays
