r"""Universal tickets: one draw, one ticket, and a read-out of its outputs for each task.

After Burkholz, Laha, Mukherjee and Gotovos, *On the Existence of Universal Lottery Tickets*, ICLR
2022. A network puts out features; a *task* is a linear function of them, its *read-out*. A ticket
that computes the features serves every task, with an error in proportion to the read-out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.networks import Network
from lpbook.pruning import plan

__all__ = [
    "TaskPrice",
    "bits_for_tasks",
    "divisions_of_digits",
    "least_squares_read_outs",
    "lipschitz_error",
    "prices_of_tasks",
    "ramps",
    "read_out_error",
    "signs_of",
    "slopes_of",
    "with_read_outs",
]

_MOST_CELLS = 1024


def read_out_error(norm: Any, error: Any, weight_error: Any = 0, size: Any = 0) -> Any:
    r"""Error of a task: :math:`\lVert c\rVert\varepsilon+\eta(A+\varepsilon)`.

    Parameters
    ----------
    norm : number or SymPy expression
        2-norm of the read-out, c.
    error : number or SymPy expression
        2-norm of the errors of all features, ε.
    weight_error : number or SymPy expression
        2-norm of the errors of the read-out's own weights, η: 0 where the read-out is put on.
    size : number or SymPy expression
        Bound on the 2-norm of the features, A.

    Examples
    --------
    >>> read_out_error(2.0, 0.5), read_out_error(2.0, 0.5, 0.25, 1.5)
    (1.0, 1.5)
    """
    return norm * error + weight_error * (size + error)


def ramps(cells: int) -> Network:
    r"""The network whose output j is the ramp ψ_j: how much of cell j of [0, 1] lies below x.

    Its hidden neurons are :math:`\mathrm{ReLU}(x-\frac{j-1}n)`, its outputs their differences.

    Parameters
    ----------
    cells : int
        n, from 1 to 1024.

    Raises
    ------
    TypeError, ValueError
        If `cells` breaks this rule.

    Examples
    --------
    >>> ramps(4)([[0.5], [0.625]]).tolist()
    [[0.25, 0.25, 0.0, 0.0], [0.25, 0.25, 0.125, 0.0]]
    """
    n = _checks.count("cells", cells, at_least=1, at_most=_MOST_CELLS)
    inner, outer = np.ones((n, 1)), np.eye(n) - np.eye(n, k=1)
    return Network([inner, outer], [-np.arange(n) / n, np.zeros(n)])


def lipschitz_error(
    lipschitz: Any,
    cells: Any,
    error: Any = 0,
    share: Any = 1,
    root: Callable[[Any], Any] = math.sqrt,
) -> Any:
    r"""Error of a read-out of ramps: :math:`\theta\frac Ln+L\sqrt n\,\varepsilon`.

    Parameters
    ----------
    lipschitz, cells, error : number or SymPy expression
        Lipschitz constant L of the function, cells n, and 2-norm ε of the errors of the ramps.
    share : number or SymPy expression
        θ: 1 for signs (`signs_of`), a half for slopes (`slopes_of`).
    root : callable
        Square root.

    Examples
    --------
    >>> lipschitz_error(1.0, 4, 0.25), lipschitz_error(1.0, 4, 0.25, share=0.5)
    (0.75, 0.625)
    """
    return share * lipschitz / cells + read_out_error(lipschitz * root(cells), error)


def signs_of(values: Sequence[Any], step: Any) -> list[int]:
    """The signs of the read-out of a Lipschitz function: up where it will be above what was read.

    Parameters
    ----------
    values : sequence of n + 1 numbers
        The function at 0, 1/n, ..., 1, of which the first is 0. Any numbers, fractions too.
    step : number
        L/n: by how much the read-out rises or falls in a cell.

    Returns
    -------
    list of n int
        1 or -1.

    Examples
    --------
    >>> signs_of([0, 0.5, 0.25, 0.0, -0.25], 0.5)
    [1, -1, 1, -1]
    """
    found: list[int] = []
    for value in values[1:]:
        found.append(1 if value >= step * sum(found) else -1)
    return found


def slopes_of(values: ArrayLike) -> Floats:
    """The slopes of a function in the cells of a grid: the read-out that interpolates it.

    Parameters
    ----------
    values : array_like, shape (n + 1,)
        The function at 0, 1/n, ..., 1.

    Examples
    --------
    >>> slopes_of([0.0, 0.5, 0.25]).tolist()
    [1.0, -0.5]
    """
    values = np.asarray(values, dtype=float)
    return np.diff(values) * (values.size - 1)


def bits_for_tasks(tasks: Any, log: Callable[[Any], Any] = math.log) -> Any:
    r"""Bits that the read-outs of so many tasks need, no two alike: :math:`\log_2N`.

    Examples
    --------
    >>> bits_for_tasks(8)
    3.0
    """
    return log(tasks) / log(2)


# -- tasks of the digits -----------------------------------------------------------------------


def divisions_of_digits() -> NDArray[np.bool_]:
    """All 511 ways to divide the ten digits in two: who is on the side that 0 is not on.

    Returns
    -------
    ndarray of bool, shape (511, 10)

    Examples
    --------
    >>> divisions_of_digits()[:2].astype(int).tolist()
    [[0, 1, 0, 0, 0, 0, 0, 0, 0, 0], [0, 0, 1, 0, 0, 0, 0, 0, 0, 0]]
    """
    sides = np.arange(1, 512)[:, None] >> np.arange(9) & 1
    return np.concatenate([np.zeros((511, 1)), sides], axis=1).astype(bool)


def least_squares_read_outs(features: ArrayLike, targets: ArrayLike) -> tuple[Floats, Floats]:
    """Weights and constants of the read-outs nearest to some targets, in least squares.

    Parameters
    ----------
    features : array_like, shape (rows, m)
        What the network puts out.
    targets : array_like, shape (rows, K)
        What each of K tasks should give.

    Returns
    -------
    weights : ndarray, shape (K, m)
    constants : ndarray, shape (K,)

    Examples
    --------
    >>> weights, constants = least_squares_read_outs([[0.0], [1.0]], [[3.0], [5.0]])
    >>> weights.round(9).tolist(), constants.round(9).tolist()
    ([[2.0]], [3.0])
    """
    features = np.asarray(features, dtype=float)
    columns = np.concatenate([features, np.ones((len(features), 1))], axis=1)
    found = np.linalg.lstsq(columns, np.asarray(targets, dtype=float), rcond=None)[0].T
    return found[:, :-1], found[:, -1]


def with_read_outs(features: Network, weights: ArrayLike, constants: ArrayLike) -> Network:
    """The network that puts read-outs on the outputs of another, which must have biases.

    Parameters
    ----------
    features : Network
        What puts out the features.
    weights : array_like, shape (K, m)
        A read-out in each row.
    constants : array_like, shape (K,)
        What each adds.

    Examples
    --------
    >>> body = Network([[[1.0]]], [[0.5]], activations=["relu"])
    >>> with_read_outs(body, [[2.0], [-1.0]], [0.0, 1.0])([1.5]).tolist()
    [4.0, -1.0]
    """
    features = _checks.instance("features", features, Network, "must be an lpbook.Network")
    if features.biases is None:
        raise _checks.fail("features", features, "must have biases")
    return Network(
        [*features.weights, np.asarray(weights, dtype=float)],
        [*features.biases, np.asarray(constants, dtype=float)],
        activations=[*features.activations, "identity"],
    )


@dataclass(frozen=True)
class TaskPrice:
    """What some tasks cost in random networks, in both currencies.

    Attributes
    ----------
    neurons, random_weights : int
        Of G.
    """

    neurons: int
    random_weights: int


def prices_of_tasks(
    features: Network,
    weights: ArrayLike,
    constants: ArrayLike,
    weight_epsilon: float,
    *,
    inputs: Any = None,
    delta: float = 0.01,
) -> tuple[TaskPrice, TaskPrice]:
    """What tasks cost together, in one random network, and one by one, each in its own.

    Parameters
    ----------
    features : Network
        What puts out the features, with biases.
    weights : array_like, shape (K, m)
        The read-outs.
    constants : array_like, shape (K,)
        What each adds.
    weight_epsilon : float
        Error allowed on every single weight, above 0.
    inputs : Ball, Box or array_like, optional
        The domain.
    delta : float
        Probability that any task fails; one by one each has its share of it.

    Returns
    -------
    together, apart : TaskPrice
        By `lpbook.plan`.

    Examples
    --------
    >>> body = Network([[[1.0, 0.5]]], [[0.5]], activations=["relu"])
    >>> together, apart = prices_of_tasks(body, [[1.0], [-1.0]], [0.5, 0.5], 0.1)
    >>> 2 * together.neurons < apart.neurons
    True
    """
    weights, constants = np.asarray(weights, dtype=float), np.asarray(constants, dtype=float)
    how: dict[str, Any] = {"weight_epsilon": weight_epsilon, "inputs": inputs}
    whole = plan(with_read_outs(features, weights, constants), delta=delta, **how)
    each = [
        plan(with_read_outs(features, row[None], [constant]), delta=delta / len(weights), **how)
        for row, constant in zip(weights, constants, strict=True)
    ]
    return TaskPrice(whole.neurons, whole.random_weights), TaskPrice(
        sum(cost.neurons for cost in each), sum(cost.random_weights for cost in each)
    )
