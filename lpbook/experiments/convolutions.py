r"""A small convolutional network, and what a pruned random convolution computes in its place.

A kernel meets an image without flipping and without padding: output pixel (i, j) is
:math:`\sum_{a,b}K_{ab}\,x_{i+a,\,j+b}`.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.subsets import sparsest_subset

__all__ = [
    "ConvolutionClassifier",
    "KernelTicket",
    "convolve",
    "digits_convolution",
    "find_kernels",
]

_MOST = 28  # numbers that the solver of subset sums takes


def convolve(images: ArrayLike, kernels: ArrayLike) -> Floats:
    """Convolve images with kernels and add up over the channels.

    Parameters
    ----------
    images : array_like, shape (N, channels, h, w)
        What is convolved.
    kernels : array_like, shape (outputs, channels, a, b)
        A kernel for each pair of channels, a ≤ h and b ≤ w.

    Returns
    -------
    ndarray of float, shape (N, outputs, h - a + 1, w - b + 1)

    Examples
    --------
    >>> convolve([[[[1, 2, 3], [4, 5, 6]]]], [[[[1, -1]]]]).tolist()
    [[[[-1.0, -1.0], [-1.0, -1.0]]]]
    """
    x = _checks.array("images", images, ndim=4)
    k = _checks.array("kernels", kernels, ndim=4)
    if x.shape[1] != k.shape[1] or x.shape[2] < k.shape[2] or x.shape[3] < k.shape[3]:
        rule = f"shape {k.shape} does not fit images of shape {x.shape}"
        raise _checks.fail("kernels", k, rule)
    windows = sliding_window_view(x, k.shape[2:], axis=(2, 3))  # (N, channels, i, j, a, b)
    found: Floats = np.moveaxis(np.tensordot(windows, k, axes=([1, 4, 5], [1, 2, 3])), -1, 1)
    return found


@dataclass(frozen=True)
class ConvolutionClassifier:
    """One layer of kernels with a ReLU, and a linear read-out.

    Attributes
    ----------
    kernels : ndarray of float, shape (c, a, a)
        One kernel for each of c channels; the image has a single one.
    biases : ndarray of float, shape (c,)
        Added to each channel.
    readout : ndarray of float, shape (10, c, s, s)
        Weights of the logits.
    offsets : ndarray of float, shape (10,)
        Biases of the logits.
    """

    kernels: Floats
    biases: Floats
    readout: Floats
    offsets: Floats

    def __post_init__(self) -> None:
        for name, ndim in (("kernels", 3), ("biases", 1), ("readout", 4), ("offsets", 1)):
            object.__setattr__(self, name, _checks.array(name, getattr(self, name), ndim=ndim))
        channels, logits = len(self.kernels), len(self.readout)
        for name, shape in (
            ("biases", (channels,)),
            ("readout", (logits, channels, *self.readout.shape[2:])),
            ("offsets", (logits,)),
        ):
            found = getattr(self, name)
            if found.shape != shape:
                rule = f"must have shape {shape}, has {found.shape}"
                raise _checks.fail(name, found, rule)

    def __call__(self, images: ArrayLike, kernels: ArrayLike | None = None) -> Floats:
        """Logits (N, 10) of images (N, h, w), with other kernels (c, a, a) if they are given."""
        x = _checks.array("images", images, ndim=3)
        k = self.kernels if kernels is None else _checks.array("kernels", kernels, ndim=3)
        channels = convolve(x[:, None], k[:, None]) + self.biases[:, None, None]
        logits: Floats = np.tensordot(np.maximum(channels, 0), self.readout, ([1, 2, 3], [1, 2, 3]))
        return logits + self.offsets

    def logit_bound(self, images: ArrayLike, epsilon: float) -> float:
        """How far a logit of these images can move if each kernel entry moves by `epsilon`.

        Parameters
        ----------
        images : array_like, shape (N, h, w)
            Inputs.
        epsilon : float
            Error of a kernel entry.

        Returns
        -------
        float
            A bound for all images and logits, up to rounding: epsilon times the sum of the
            absolute pixels below the kernel, times the absolute read-out, added up.
        """
        x = np.abs(_checks.array("images", images, ndim=3))
        epsilon = _checks.real("epsilon", epsilon, at_least=0)
        ones = np.ones((1, 1, *self.kernels.shape[1:]))
        below = convolve(x[:, None], ones)  # (N, 1, s, s)
        reach = np.tensordot(below[:, 0], np.abs(self.readout).sum(axis=1), ([1, 2], [1, 2]))
        return epsilon * float(reach.max())


@dataclass(frozen=True)
class KernelTicket:
    """A mask on random kernels, and what it computes for images that are never negative.

    Attributes
    ----------
    mask : ndarray of bool, shape (c, n, a, a)
        Which entries of the random kernels are kept.
    kernels : ndarray of float, shape (c, a, a)
        The effective kernels.
    found : ndarray of bool, shape (c, a, a)
        Whether the entry is as close as it was asked to be.
    """

    mask: NDArray[np.bool_]
    kernels: Floats
    found: NDArray[np.bool_]


def find_kernels(
    kernels: ArrayLike, first: ArrayLike, second: ArrayLike, epsilon: float
) -> KernelTicket:
    """Find kernels in a random 1 x 1 convolution that is followed by random kernels.

    Each kernel entry has its own numbers: the weight of each channel of the first layer, where it
    is positive, times the same entry of the second layer's kernel. The sparsest subset is kept.

    Parameters
    ----------
    kernels : array_like, shape (c, a, a)
        What is wanted.
    first : array_like, shape (n,)
        Weights of the first layer; at most the first 28 positive ones are used.
    second : array_like, shape (c, n, a, a)
        Kernels of the second layer.
    epsilon : float
        Error allowed on each kernel entry.

    Returns
    -------
    KernelTicket

    Examples
    --------
    >>> second = [[[[0.5]], [[0.25]], [[-1.0]]]]
    >>> find_kernels([[[0.7]]], [1.0, -1.0, -0.5], second, 0.25).mask.ravel().tolist()
    [True, False, False]
    """
    wanted = _checks.array("kernels", kernels, ndim=3)
    u = _checks.array("first", first, ndim=1)
    v = _checks.array("second", second, ndim=4)
    if v.shape != (len(wanted), u.size, *wanted.shape[1:]):
        rule = f"shape {v.shape} does not fit kernels {wanted.shape} and first {u.shape}"
        raise _checks.fail("second", v, rule)
    alive = np.flatnonzero(u > 0)[:_MOST]
    products = np.moveaxis(v[:, alive] * u[alive, None, None], 1, -1)  # (c, a, a, alive)
    subsets = sparsest_subset(wanted[..., None], products, epsilon)
    mask = np.zeros(v.shape, dtype=bool)
    mask[:, alive] = np.moveaxis(subsets.masks[..., 0, :], -1, 1)
    effective = (mask * v * u[:, None, None]).sum(axis=1)
    return KernelTicket(mask, effective, subsets.found[..., 0])


def digits_convolution() -> tuple[ConvolutionClassifier, NDArray[np.int64]]:
    """A convolutional classifier of digits, trained once by ``scripts/train_convolution.py``.

    Returns
    -------
    network : ConvolutionClassifier
        For images (N, 8, 8) of ``sklearn.datasets.load_digits()``, divided by 16.
    held_out : ndarray of int, shape (450,)
        Indices of the images that it was not trained on.

    Examples
    --------
    >>> network, held_out = digits_convolution()
    >>> network.kernels.shape, held_out.size
    ((6, 3, 3), 450)
    """
    source: Any = files("lpbook.data") / "digits_convolution.npz"
    names = ("kernels", "biases", "readout", "offsets")
    with source.open("rb") as file, np.load(file, allow_pickle=False) as data:
        network = ConvolutionClassifier(*(data[name].astype(float) for name in names))
        return network, data["test_images"].astype(np.int64)
