r"""One head of attention, and the same head inside a random one.

A head reads tokens :math:`x_1,\dots,x_T` and weighs them by the softmax of
:math:`x_s^\top A\,x_t`, where :math:`A=W_QW_K^\top` is all that the two matrices contribute.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.mixing import norm_error, softmax
from lpbook.networks import Network, check_inputs, spectral_bound
from lpbook.subsets import MOST_SAMPLES, closest_subset

__all__ = [
    "Heads",
    "attention_weights",
    "head_error",
    "head_ticket",
    "norm_error",
    "shift_bound",
]


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
    return softmax(x @ a @ np.swapaxes(x, -1, -2))


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


def head_error(error: Any, radius: Any, norm: Any, tanh: Any = math.tanh) -> Any:
    """How far the outputs of a head can move, whatever the number of tokens.

    Parameters
    ----------
    error : number or SymPy expression
        How far, in the 2-norm, keys and values of each token may move, at least 0.
    radius : number or SymPy expression
        Largest 2-norm of a token.
    norm : number or SymPy expression
        Spectral norm of the matrix of values.
    tanh : callable
        `math.tanh`, or SymPy's.

    Examples
    --------
    >>> round(head_error(0.01, 1.0, 2.0), 6)
    0.03
    """
    error = _checks.formula("error", error, at_least=0)
    radius = _checks.formula("radius", radius, at_least=0)
    norm = _checks.formula("norm", norm, at_least=0)
    return error + 2 * radius * norm * shift_bound(radius * error, tanh)


@dataclass(frozen=True)
class Heads:
    """Heads of attention, whose matrices are one dense layer that each token goes through.

    It gives each token its keys :math:`A_hx_t` and its values :math:`U_hx_t`. What is left has no
    weights: token s weighs the values of head h by the softmax of its products with the keys. So
    a ticket of `layer` is one of the heads, with random numbers once for each entry.

    Attributes
    ----------
    products : ndarray of float, shape (H, d, d)
        A_h, the W_Q of each head times the transpose of its W_K, by whatever logits are divided.
    values : ndarray of float, shape (H, d, d)
        U_h, for each head the matrices of values and of outputs together.

    Examples
    --------
    >>> heads = Heads(np.zeros((1, 2, 2)), np.eye(2)[None])
    >>> heads([[1.0, 0.0], [0.0, 1.0]]).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """

    products: Floats
    values: Floats

    def __post_init__(self) -> None:
        for name in ("products", "values"):
            array = _checks.array(name, getattr(self, name), ndim=3)
            if array.shape[1] != array.shape[2]:
                rule = f"must hold square matrices, has shape {array.shape}"
                raise _checks.fail(name, array, rule)
            object.__setattr__(self, name, array)
        if self.values.shape != self.products.shape:
            rule = f"must have the shape of products, {self.products.shape}"
            raise _checks.fail("values", self.values, rule)

    @cached_property
    def layer(self) -> Network:
        """The layer: d inputs, d keys for each head, then d values for each head."""
        _, d, _ = self.products.shape
        return Network([np.concatenate([self.products, self.values]).reshape(-1, d)])

    @cached_property
    def norms(self) -> tuple[float, ...]:
        """Spectral norms of `values`, rounded up."""
        return tuple(map(spectral_bound, self.values))

    def __call__(
        self, tokens: ArrayLike, layer: Callable[[Floats], Floats] | None = None
    ) -> Floats:
        """Outputs for tokens of shape (..., T, d), with another function in place of the layer."""
        heads, d, _ = self.products.shape
        x = check_inputs("tokens", tokens, d)
        if x.ndim < 2:
            raise _checks.fail("tokens", x, f"must have shape (..., T, {d}), has shape {x.shape}")
        layer = self.layer if layer is None else layer
        layer = _checks.instance("layer", layer, Callable, "must be a function")
        mixed = layer(x).reshape(*x.shape[:-1], 2, heads, d)
        keys, values = mixed[..., 0, :, :], mixed[..., 1, :, :]
        weights = softmax(np.einsum("...sd,...thd->...hst", x, keys))
        found: Floats = np.einsum("...hst,...thd->...sd", weights, values)
        return found

    def error(self, layer_error: float, radius: float) -> float:
        """How far the output of a token moves at most, where the layer's moves by `layer_error`.

        For tokens of norm `radius` at most, up to the rounding of what follows the layer.
        """
        layer_error = _checks.real("layer_error", layer_error, at_least=0)
        return float(sum(head_error(layer_error, radius, norm) for norm in self.norms))

    def layer_epsilon(self, epsilon: float, radius: float) -> float:
        """Error of the layer with which no output of such a token is off by more than `epsilon`."""
        epsilon = _checks.real("epsilon", epsilon, above=0)
        radius = _checks.real("radius", radius, at_least=0)
        found = epsilon / sum(1 + radius * radius * norm for norm in self.norms)
        if not found:
            raise _checks.fail("radius", radius, f"is too large for epsilon={epsilon}")
        return found


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
