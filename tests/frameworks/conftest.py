"""The backend of Keras has to be named before Keras is imported; what PyTorch is needed for."""

import importlib.util
import os
from pathlib import Path

os.environ["KERAS_BACKEND"] = "jax"

if importlib.util.find_spec("torch") is None:
    collect_ignore = [
        path.name
        for path in sorted(Path(__file__).parent.glob("test_*.py"))
        if "\nimport torch\n" in path.read_text(encoding="utf-8")
    ]
