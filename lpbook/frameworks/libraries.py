"""Libraries that are optional: imported when they are needed, and asked for by name."""

from __future__ import annotations

from importlib import import_module
from typing import Any

INSTALL = {
    "keras": "pip install keras",
    "onnx": "pip install onnx",
    "sklearn": "pip install scikit-learn",
    "torch": "pip install torch",
}
"""How each of them is installed."""


def library(name: str, purpose: str) -> Any:
    """The library, imported.

    Parameters
    ----------
    name : str
        Its module.
    purpose : str
        What needs it.

    Raises
    ------
    ImportError
        If it is not installed, with the command that installs it.

    Examples
    --------
    >>> library("math", "an example").sqrt(4.0)
    2.0
    """
    try:
        return import_module(name)
    except ImportError as error:
        remedy = INSTALL.get(name.partition(".")[0], f"pip install {name}")
        raise ImportError(f"{purpose} needs the library {name!r}: {remedy} ({error})") from error
