"""The trained network that the book prunes."""

from __future__ import annotations

from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook.networks import Network

__all__ = ["digits_classifier"]


def digits_classifier() -> tuple[Network, NDArray[np.int64]]:
    """A small classifier of handwritten digits, trained once by ``scripts/train_digits.py``.

    Inputs are the 64 pixels of an image of ``sklearn.datasets.load_digits()``, divided by 16;
    outputs are 10 logits, the largest of which names the digit.

    Returns
    -------
    network : Network
        64-32-10, ReLU, with biases.
    held_out : ndarray of int, shape (450,)
        Indices of the images that it was not trained on.

    Examples
    --------
    >>> network, held_out = digits_classifier()
    >>> network, held_out.size
    (<Network 64-32-10, relu, identity, with biases>, 450)
    """
    source: Any = files("lpbook.data") / "digits_classifier.npz"
    with source.open("rb") as file, np.load(file, allow_pickle=False) as data:
        weights = [data["weights_0"], data["weights_1"]]
        biases = [data["biases_0"], data["biases_1"]]
        return Network(weights, biases), data["test_images"].astype(np.int64)
