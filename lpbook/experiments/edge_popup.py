r"""Edge-popup: train the mask of a random network, and none of its weights.

Every weight has a *score*. The network uses the best-scored fraction of each layer's weights, and
the scores move against the gradient of the loss as if the step from scores to mask were the
identity (*straight through*). Networks here have no biases: layers :math:`y\mapsto\sigma(Wy)`, the
last one without the ReLU :math:`\sigma`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks

Matrices = Sequence[NDArray[np.floating]]
Masks = list[NDArray[np.bool_]]

__all__ = [
    "accuracy",
    "cross_entropy",
    "logits",
    "loss_gradients",
    "popup",
    "top_mask",
    "trained_masks",
]


_LARGEST = 1e30  # of a step or a gain: beyond, float32 overflows
_MOST_PRODUCTS = 1e14  # many hours


def _floating(name: str, value: ArrayLike, ndim: int | None = None) -> NDArray[np.floating]:
    """An array of finite floats in the precision that it has."""
    floats = _checks.array(name, value, ndim=ndim)
    given = getattr(value, "dtype", None)
    return floats if given is None or given.kind != "f" else floats.astype(given)


def _checked(
    weights: Any, x: Any, labels: Any
) -> tuple[list[NDArray[np.floating]], NDArray[np.floating], NDArray[np.integer]]:
    """Matrices that chain, images that fit the first, and labels that the last one has."""
    matrices = [
        _floating(f"weights[{i}]", w, ndim=2)
        for i, w in enumerate(_checks.ordered("weights", weights, "must be a list of matrices"))
    ]
    if not matrices:
        raise _checks.fail("weights", weights, "must hold at least one matrix")
    for i, (before, after) in enumerate(pairwise(matrices)):
        if after.shape[1] != before.shape[0]:
            rule = f"must have {before.shape[0]} columns, has shape {after.shape}"
            raise _checks.fail(f"weights[{i + 1}]", after, rule)
    images = _floating("x", x, ndim=2)
    if images.shape[1] != matrices[0].shape[1]:
        rule = f"must have {matrices[0].shape[1]} columns, has shape {images.shape}"
        raise _checks.fail("x", images, rule)
    classes = _checks.array("labels", labels, ndim=1)
    if classes.size != len(images):
        raise _checks.fail("labels", classes, f"must name a class for each of {len(images)} rows")
    outputs = len(matrices[-1])
    right = (classes >= 0) & (classes < outputs) & (classes == np.floor(classes))
    _checks.entries("labels", classes, right, f"must be an integer from 0 to {outputs - 1}")
    return matrices, images, classes.astype(np.int64)


def top_mask(scores: NDArray[np.floating], keep: float) -> NDArray[np.bool_]:
    """The mask of the best scores: exactly the fraction `keep` of them, rounded.

    Examples
    --------
    >>> top_mask(np.array([[0.1, 0.7], [0.5, -0.9]]), keep=0.5).astype(int).tolist()
    [[0, 1], [1, 0]]
    """
    keep = _checks.real("keep", keep, at_least=0, at_most=1)
    return _top(_floating("scores", scores), keep)


def _top(scores: NDArray[np.floating], keep: float) -> NDArray[np.bool_]:
    """`top_mask` of what is known to be right."""
    size = scores.size
    kept = round(keep * size)
    if kept == 0:
        return np.zeros(scores.shape, dtype=bool)
    mask: NDArray[np.bool_] = scores >= np.partition(scores, size - kept, axis=None)[size - kept]
    if np.count_nonzero(mask) > kept:  # scores are tied at the threshold: take as many as fit
        mask = np.zeros(scores.shape, dtype=bool)
        mask.reshape(-1)[np.argpartition(scores, size - kept, axis=None)[size - kept :]] = True
    return mask


def logits(weights: Matrices, x: NDArray[np.floating]) -> NDArray[np.floating]:
    """Outputs of the network with these matrices, shape (images, outputs).

    Examples
    --------
    >>> logits([np.array([[1.0], [-1.0]]), np.array([[2.0, 3.0]])], np.array([[1.0], [-1.0]]))
    array([[2.],
           [3.]])
    """
    for w in weights[:-1]:
        x = np.maximum(x @ w.T, 0)
    return x @ weights[-1].T


def accuracy(weights: Matrices, x: NDArray[np.floating], labels: NDArray[np.integer]) -> float:
    """Fraction of the images whose largest logit is that of their label."""
    return float((logits(weights, x).argmax(axis=1) == labels).mean())


def loss_gradients(
    weights: Matrices, x: NDArray[np.floating], labels: NDArray[np.integer], gain: float = 1.0
) -> tuple[float, list[NDArray[np.floating]]]:
    r"""Mean cross-entropy of `gain` times the logits, and its gradients.

    Parameters
    ----------
    weights : sequence of ndarray, shapes (n_i, n_{i-1})
        The matrices, masked.
    x : ndarray, shape (images, n_0)
    labels : ndarray of int, shape (images,)
    gain : float
        What the logits are multiplied by.

    Returns
    -------
    loss : float
    gradients : list of ndarray
        By each matrix. They are **divided by the gain**, so that a step size means the same for
        every gain.

    Examples
    --------
    >>> loss, (g,) = loss_gradients([np.zeros((2, 1))], np.ones((1, 1)), np.array([0]))
    >>> round(loss, 4), g.ravel().tolist()
    (0.6931, [-0.5, 0.5])
    """
    return _gradients(
        *_checked(weights, x, labels), _checks.real("gain", gain, above=0, at_most=_LARGEST)
    )


def _gradients(
    weights: Matrices, x: NDArray[np.floating], labels: NDArray[np.integer], gain: float
) -> tuple[float, list[NDArray[np.floating]]]:
    """`loss_gradients` of what is known to be right."""
    layers = [x]
    for w in weights[:-1]:
        layers.append(np.maximum(layers[-1] @ w.T, 0))
    loss, delta = cross_entropy(gain * (layers[-1] @ weights[-1].T), labels)
    gradients = [delta.T @ layers[-1]]
    for w, y, below in zip(weights[:0:-1], layers[:0:-1], layers[-2::-1], strict=True):
        delta = (delta @ w) * (y > 0)  # only where the ReLU of this layer is open
        gradients.append(delta.T @ below)
    return loss, gradients[::-1]


def cross_entropy(
    out: NDArray[np.floating], labels: NDArray[np.integer]
) -> tuple[float, NDArray[np.floating]]:
    """Mean cross-entropy of logits of shape (images, outputs), and its gradient by them.

    Examples
    --------
    >>> loss, delta = cross_entropy(np.zeros((1, 2)), np.array([0]))
    >>> round(loss, 4), delta.tolist()
    (0.6931, [[-0.5, 0.5]])
    """
    out = out - out.max(axis=1, keepdims=True)
    delta = np.exp(out)
    total = delta.sum(axis=1, keepdims=True)
    images = np.arange(len(out))
    loss = float((np.log(total[:, 0]) - out[images, labels]).mean())
    delta /= total
    delta[images, labels] -= 1
    delta /= len(out)
    return loss, delta


def popup(
    weights: Matrices,
    x: NDArray[np.floating],
    labels: NDArray[np.integer],
    *,
    keep: float,
    rate: float,
    gain: float = 1.0,
    steps: int = 800,
    batch: int = 128,
    momentum: float = 0.9,
    by_size: bool = False,
    rng: np.random.Generator,
) -> Masks:
    r"""Train a mask of the random `weights`, which stay as they are.

    Scores start uniform on :math:`\pm1/\sqrt{n_{i-1}}` and move by gradient descent with momentum
    on random batches; the step size falls from `rate` to 0 along half a cosine.

    Parameters
    ----------
    weights : sequence of ndarray, shapes (n_i, n_{i-1})
        The random network; the result has its precision.
    x : ndarray, shape (images, n_0)
        Training images.
    labels : ndarray of int, shape (images,)
        Their classes.
    keep : float
        Fraction of each layer's weights that the mask keeps, in (0, 1].
    rate : float
        Step size at the beginning.
    gain : float
        The loss is the cross-entropy of `gain` times the logits. Multiplying the weights of a
        layer by a constant has the same effect: see the chapter *in_practice*.
    steps, batch : int
        Number of steps, and of images in each.
    momentum : float
        Of the gradient descent, in [0, 1).
    by_size : bool
        Whether scores are ranked by absolute value, as in the authors' program, and not by
        themselves, as in their formula.
    rng : numpy.random.Generator
        Draws the first scores and the batches.

    Returns
    -------
    list of ndarray of bool
        A mask for each layer.

    References
    ----------
    Ramanujan, Wortsman, Kembhavi, Farhadi and Rastegari, *What's Hidden in a Randomly Weighted
    Neural Network?*, CVPR 2020.

    Examples
    --------
    A network of four weights that must learn which of two inputs is larger:

    >>> rng = np.random.default_rng(0)
    >>> x = rng.random((200, 2))
    >>> labels = (x[:, 1] > x[:, 0]).astype(int)
    >>> weights = [np.array([[1.0, 1.0], [1.0, 1.0]])]
    >>> (mask,) = popup(weights, x, labels, keep=0.5, rate=1.0, steps=50, rng=rng)
    >>> mask.astype(int).tolist(), accuracy([weights[0] * mask], x, labels)
    ([[1, 0], [0, 1]], 1.0)
    """
    keep = _checks.real("keep", keep, above=0, at_most=1)
    rate = _checks.real("rate", rate, above=0, at_most=_LARGEST)
    gain = _checks.real("gain", gain, above=0, at_most=_LARGEST)
    momentum = _checks.real("momentum", momentum, at_least=0, below=1)
    steps, batch = _checks.count("steps", steps), _checks.count("batch", batch)
    rng = _checks.generator("rng", rng)
    by_size = _checks.flag("by_size", by_size)
    weights, x, labels = _checked(weights, x, labels)
    numbers = float(steps) * min(batch, len(x)) * sum(w.size for w in weights)
    _checks.work("steps", steps, numbers, _MOST_PRODUCTS, "products of an image and a weight")
    x = x.astype(weights[0].dtype)

    def gradients(masked: Matrices, chosen: NDArray[np.integer]) -> list[NDArray[np.floating]]:
        return _gradients(list(masked), x[chosen], labels[chosen], gain)[1]

    return trained_masks(
        weights, gradients, len(x), keep=keep, rate=rate, steps=steps, batch=batch,
        momentum=momentum, by_size=by_size, rng=rng,
    )  # fmt: skip


def trained_masks(
    weights: Matrices,
    gradients: Callable[[Matrices, NDArray[np.integer]], Sequence[NDArray[np.floating]]],
    images: int,
    *,
    keep: float,
    rate: float,
    steps: int,
    batch: int = 128,
    momentum: float = 0.9,
    by_size: bool = False,
    rng: np.random.Generator,
) -> Masks:
    """Masks of a random network of any kind, trained as `popup` trains them.

    Parameters
    ----------
    weights : sequence of ndarray, shapes (n_i, m_i)
        Its weights; those of row r of a matrix meet the m_i numbers that neuron r reads.
    gradients : callable
        Given masked matrices and the numbers of some images, the gradients by these matrices of
        the mean loss on these images.
    images : int
        How many images there are.
    keep, rate, steps, batch, momentum, by_size, rng
        As in `popup`.

    Returns
    -------
    list of ndarray of bool
        A mask for each matrix.
    """
    kind = weights[0].dtype
    scores = [rng.uniform(-1, 1, w.shape).astype(kind) / np.sqrt(w.shape[1], dtype=kind)
              for w in weights]  # fmt: skip
    speeds = [np.zeros_like(s) for s in scores]
    batch = min(batch, images)
    order, at = rng.permutation(images), 0
    rank = np.abs if by_size else np.positive
    for step in range(steps):
        if at + batch > images:
            order, at = rng.permutation(images), 0
        chosen = order[at : at + batch]
        at += batch
        masked = [w * _top(rank(s), keep) for w, s in zip(weights, scores, strict=True)]
        size = rate * (1 + np.cos(np.pi * step / steps)) / 2
        for w, s, speed, gradient in zip(
            weights, scores, speeds, gradients(masked, chosen), strict=True
        ):
            speed *= momentum
            speed += gradient * w * np.sign(s) if by_size else gradient * w
            s -= kind.type(size) * speed
    return [_top(rank(s), keep) for s in scores]
