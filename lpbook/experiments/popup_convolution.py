r"""Edge-popup on a convolutional network: does the law of the weights matter there, too?

Two layers of 3 × 3 kernels with ReLU, a mean over squares of 2 × 2 places, and a linear read-out of
ten logits; no biases, no padding. Each layer is a matrix: its rows meet the pixels below a kernel,
or all that is left of an image. ``benchmarks/bench_popup_convolution.py`` runs the experiment; the
page *in_practice_further* shows it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib.resources import files
from itertools import product
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.experiments.edge_popup import Matrices, cross_entropy, trained_masks
from lpbook.experiments.in_practice import digit_images, scaled_matrices

__all__ = [
    "LAWS",
    "Cell",
    "Run",
    "Settings",
    "accuracies",
    "accuracy_of",
    "cells",
    "choice_of",
    "gradients",
    "logits",
    "random_kernels",
    "recorded",
    "sizes",
]

LAWS = ("constant", "uniform", "hyperbolic")
"""Laws of the weights, as `sampling_laws.weight_law` knows them."""

_KERNEL = 3  # pixels on a side
_POOL = 2  # places on a side whose mean is taken
_CLASSES = 10
_SIDE = 8  # pixels of an image
_LEFT = (_SIDE - 2 * (_KERNEL - 1)) // _POOL  # places on a side that the read-out meets


def sizes(channels: int) -> tuple[tuple[int, int], ...]:
    """Shapes of the three matrices of a network with so many channels in either layer.

    Examples
    --------
    >>> sizes(8)
    ((8, 9), (8, 72), (10, 32))
    """
    square = _KERNEL**2
    return (channels, square), (channels, square * channels), (_CLASSES, _LEFT**2 * channels)


def random_kernels(law: str, channels: int, seed: int, keep: float) -> list[NDArray[np.floating]]:
    """Random matrices of a network, scaled as those of `in_practice.random_matrices` are.

    Examples
    --------
    >>> [w.shape for w in random_kernels("uniform", 4, seed=0, keep=0.5)]
    [(4, 9), (4, 36), (10, 16)]
    """
    return scaled_matrices(law, sizes(channels), np.random.default_rng([seed, 15]), keep)


def _below(images: NDArray[np.floating]) -> NDArray[np.floating]:
    """What stands below a kernel at each place: (N, h, w, channels) to (N, h', w', ·)."""
    windows = sliding_window_view(images, (_KERNEL, _KERNEL), axis=(1, 2))
    whole = np.moveaxis(windows, 3, -1)  # (N, h', w', 3, 3, channels): copied fastest
    return whole.reshape(*whole.shape[:3], -1)


def _spread(below: NDArray[np.floating], channels: int) -> NDArray[np.floating]:
    """The transpose of `_below`: what falls on each pixel is added up."""
    n, h, w, _ = below.shape
    parts = below.reshape(n, h, w, _KERNEL, _KERNEL, channels)
    found = np.zeros((n, h + _KERNEL - 1, w + _KERNEL - 1, channels), dtype=below.dtype)
    for i, j in product(range(_KERNEL), repeat=2):
        found[:, i : i + h, j : j + w] += parts[..., i, j, :]
    return found


def _forward(weights: Matrices, x: NDArray[np.floating]) -> list[NDArray[np.floating]]:
    """What each matrix reads, the last hidden layer, and the logits; images x (N, 8, 8)."""
    first, second, last = weights
    below = _below(x[..., None])
    again = _below(np.maximum(below @ first.T, 0))
    y = np.maximum(again @ second.T, 0)
    pooled = y.reshape(len(y), _LEFT, _POOL, _LEFT, _POOL, -1).mean(axis=(2, 4))
    flat = pooled.reshape(len(y), -1)
    return [below, again, flat, y, flat @ last.T]


def logits(weights: Matrices, x: NDArray[np.floating]) -> NDArray[np.floating]:
    """Outputs of the network, shape (N, 10), for images of shape (N, 8, 8).

    Examples
    --------
    >>> weights = [np.ones(shape) for shape in sizes(2)]
    >>> float(logits(weights, np.ones((1, 8, 8)))[0, 0])
    1296.0
    """
    return _forward(weights, x)[-1]


def gradients(
    weights: Matrices, x: NDArray[np.floating], labels: NDArray[np.integer], gain: float = 1.0
) -> tuple[float, list[NDArray[np.floating]]]:
    """Mean cross-entropy of `gain` times the logits, and its gradients divided by the gain.

    As `edge_popup.loss_gradients`, for masked matrices of shapes `sizes` and images (N, 8, 8).

    Examples
    --------
    >>> weights = [np.zeros(shape) for shape in sizes(2)]
    >>> loss, found = gradients(weights, np.ones((1, 8, 8)), np.array([3]))
    >>> round(loss, 4), [g.shape for g in found]
    (2.3026, [(2, 9), (2, 18), (10, 8)])
    """
    first, second, last = weights
    below, again, flat, y, out = _forward(weights, x)
    loss, delta = cross_entropy(gain * out, labels)
    of_last = delta.T @ flat
    pooled = (delta @ last).reshape(len(x), _LEFT, 1, _LEFT, 1, -1) / _POOL**2
    side = _LEFT * _POOL
    wide = np.broadcast_to(pooled, (len(x), _LEFT, _POOL, _LEFT, _POOL, len(second)))
    delta = wide.reshape(len(x), side, side, -1) * (y > 0)
    of_second = _by_matrix(delta, again)
    delta = _spread(delta @ second, len(first)) * (below @ first.T > 0)
    of_first = _by_matrix(delta, below)
    return loss, [of_first, of_second, of_last]


def _by_matrix(delta: NDArray[np.floating], read: NDArray[np.floating]) -> NDArray[np.floating]:
    """The gradient by a matrix that stands at all places of all images."""
    found: NDArray[np.floating] = delta.reshape(-1, delta.shape[-1]).T @ read.reshape(
        -1, read.shape[-1]
    )
    return found


@dataclass(frozen=True)
class Settings:
    """Sizes of the experiment; the defaults are those of the recorded one.

    Attributes
    ----------
    channels : tuple of int
        Channels of either layer of kernels.
    keeps : tuple of float
        Densities: fractions of each matrix that the mask keeps.
    rates, gains : tuple of float
        What is tried on validation images, in all combinations.
    tuning_seeds : int
        With how many other networks.
    seeds : int
        Networks whose masks are trained on all training images, with seeds 0, 1, …
    steps : int
        Of the training of a mask.
    """

    channels: tuple[int, ...] = (8, 16)
    keeps: tuple[float, ...] = (0.2, 0.5, 0.8)
    rates: tuple[float, ...] = (0.1, 0.3)
    gains: tuple[float, ...] = (1.0, 4.0)
    tuning_seeds: int = 1
    seeds: int = 6
    steps: int = 300


@dataclass(frozen=True)
class Run:
    """One network whose mask is trained.

    Attributes
    ----------
    law : str
        One of `LAWS`.
    channels, keep, seed, rate, gain, steps
        As in `Settings`.
    tuning : bool
        Whether it is tried out on a fifth of the training images, and trained on the others.
    """

    law: str
    channels: int
    keep: float
    seed: int
    rate: float
    gain: float
    steps: int
    tuning: bool


@dataclass(frozen=True)
class Cell:
    """What is compared: a law, in a network of a size, at a density.

    Attributes
    ----------
    law : str
        One of `LAWS`.
    channels, keep
        As in `Settings`.
    """

    law: str
    channels: int
    keep: float

    def tuning(self, settings: Settings) -> list[Run]:
        """The runs by which step size and gain are chosen."""
        return [
            Run(**asdict(self), seed=seed, rate=rate, gain=gain, steps=settings.steps, tuning=True)
            for rate, gain in product(settings.rates, settings.gains)
            for seed in range(1000, 1000 + settings.tuning_seeds)
        ]

    def chosen(self, settings: Settings, rate: float, gain: float) -> list[Run]:
        """The runs that are shown, of a step size and a gain."""
        return [
            Run(**asdict(self), seed=seed, rate=rate, gain=gain, steps=settings.steps, tuning=False)
            for seed in range(settings.seeds)
        ]


def cells(settings: Settings) -> list[Cell]:
    """All that is compared, small networks first."""
    every = product(settings.channels, settings.keeps, LAWS)
    return [Cell(law, channels, keep) for channels, keep, law in every]


def choice_of(tried: Sequence[Run], reached: Sequence[float]) -> tuple[float, float, float]:
    """Step size and gain of the best mean accuracy, and that accuracy; of equals the first.

    Examples
    --------
    >>> cell = Cell("uniform", 8, 0.4)
    >>> tried = cell.tuning(Settings(rates=(0.1, 0.3), gains=(4.0,)))
    >>> choice_of(tried, [0.8, 0.9])
    (0.3, 4.0, 0.9)
    """
    found: dict[tuple[float, float], list[float]] = {}
    for run, accuracy in zip(tried, reached, strict=True):
        found.setdefault((run.rate, run.gain), []).append(accuracy)
    means = {pair: float(np.mean(values)) for pair, values in found.items()}
    rate, gain = max(means, key=lambda pair: means[pair])
    return rate, gain, means[rate, gain]


def accuracy_of(run: Run) -> float:
    """Train the mask of a run: its accuracy on validation or on held-out images."""
    x, labels, x_test, labels_test = digit_images()
    if run.tuning:
        order = np.random.default_rng(16).permutation(labels.size)
        fit, check = np.split(order, [round(0.8 * labels.size)])
        x_test, labels_test, x, labels = x[check], labels[check], x[fit], labels[fit]
    kernels = random_kernels(run.law, run.channels, run.seed, run.keep)
    x, x_test = (rows.reshape(-1, _SIDE, _SIDE).astype(kernels[0].dtype) for rows in (x, x_test))

    def moved(masked: Matrices, chosen: NDArray[np.integer]) -> list[NDArray[np.floating]]:
        return gradients(masked, x[chosen], labels[chosen], run.gain)[1]

    masks = trained_masks(
        kernels, moved, len(x), keep=run.keep, rate=run.rate, steps=run.steps,
        rng=np.random.default_rng([run.seed, 17]),
    )  # fmt: skip
    masked = [w * mask for w, mask in zip(kernels, masks, strict=True)]
    return float((logits(masked, x_test).argmax(axis=1) == labels_test).mean())


def recorded() -> dict[str, Any]:
    """The results of the recorded experiment, as its script wrote them."""
    text = (files("lpbook.data") / "popup_convolution.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def accuracies(results: dict[str, Any], law: str, channels: int) -> Floats:
    """Accuracies of the recorded networks of a law and a size, shape (densities, seeds)."""
    _checks.one_of("law", law, LAWS)
    kept = {
        cell["keep"]: cell["accuracy"]
        for cell in results["cells"]
        if (cell["law"], cell["channels"]) == (law, channels)
    }
    return np.array([kept[keep] for keep in results["settings"]["keeps"]])
