r"""One head of attention, and the same head inside a random one.

A head reads tokens :math:`x_1,\dots,x_T` and weighs them by the softmax of
:math:`x_s^\top A\,x_t`, where :math:`A=W_QW_K^\top` is all that the two matrices contribute.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.subsets import MOST_SAMPLES, closest_subset

__all__ = ["attention_weights", "head_ticket", "shift_bound"]


def attention_weights(tokens: ArrayLike, product: ArrayLike) -> Floats:
    """The weights with which each token looks at all of them.

    Parameters
    ----------
    tokens : array_like, shape (..., T, d)
        The inputs.
    product : array_like, shape (d, d)
        W_Q times the transpose of W_K.

    Returns
    -------
    ndarray of float, shape (..., T, T)
        Rows are not negative and add up to 1.

    Examples
    --------
    >>> attention_weights([[1.0, 0.0], [0.0, 1.0]], [[0.0, 0.0], [0.0, 0.0]]).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    x = _checks.array("tokens", tokens)
    a = _checks.array("product", product, ndim=2)
    if x.ndim < 2 or a.shape != (x.shape[-1], x.shape[-1]):
        raise _checks.fail("product", a, f"shape {a.shape} does not fit tokens {x.shape}")
    logits = x @ a @ np.swapaxes(x, -1, -2)
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    weights: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return weights


def shift_bound(shift: Any, tanh: Any = math.tanh) -> Any:
    """Total variation by which softmax can move when no logit moves by more than `shift`.

    Parameters
    ----------
    shift : number or SymPy expression
        Largest change of a logit, at least 0.
    tanh : callable
        `math.tanh`, or SymPy's.

    Examples
    --------
    >>> round(shift_bound(0.1), 4)
    0.05
    """
    shift = _checks.formula("shift", shift, at_least=0)
    tanh = _checks.instance("tanh", tanh, Callable, "must be a function of one number")
    return tanh(shift / 2)


def head_ticket(product: ArrayLike, queries: ArrayLike, keys: ArrayLike) -> tuple[Floats, Floats]:
    """Prune two random matrices so that their product comes close to a given one.

    The hidden dimensions are cut into d blocks of n. Row i of the queries keeps only block i, so
    each entry (i, j) has n products of its own, of which the closest subset is kept.

    Parameters
    ----------
    product : array_like, shape (d, d)
        What is wanted.
    queries, keys : array_like, shape (d, d * n)
        Random matrices, n up to 28.

    Returns
    -------
    queries, keys : ndarray of float, shape (d, d * n)
        The same matrices with entries set to zero.

    Examples
    --------
    >>> queries, keys = head_ticket([[0.5]], [[1.0, 0.5, 2.0]], [[0.25, 0.5, 1.0]])
    >>> queries.tolist(), keys.tolist()
    ([[1.0, 0.5, 0.0]], [[0.25, 0.5, 0.0]])
    """
    a = _checks.array("product", product, ndim=2)
    q = _checks.array("queries", queries, ndim=2)
    k = _checks.array("keys", keys, ndim=2)
    d = len(a)
    if a.shape != (d, d):
        raise _checks.fail("product", a, f"must be square, has shape {a.shape}")
    if len(q) != d or q.shape[1] % d or not 0 < q.shape[1] <= MOST_SAMPLES * d:
        rule = f"must have shape ({d}, {d} n), n up to {MOST_SAMPLES}, has {q.shape}"
        raise _checks.fail("queries", q, rule)
    if k.shape != q.shape:
        raise _checks.fail("keys", k, f"must have shape {q.shape}, has {k.shape}")
    rows = np.arange(d)
    own = q.reshape(d, d, -1)[rows, rows]  # (d, n): row i of its own block
    blocks = k.reshape(d, d, -1)  # (d, d, n): row j of block i
    masks = closest_subset(a.T[..., None], own * blocks).masks[:, :, 0]  # (j, i, n)
    kept_queries = np.zeros((d, d, own.shape[1]))
    kept_queries[rows, rows] = own * masks.any(axis=0)
    return kept_queries.reshape(q.shape), (blocks * masks).reshape(k.shape)
