r"""One ReLU neuron from a random layer: whole neurons kept or deleted, or single weights.

The target is :math:`\sigma(v\cdot x)`, x in the plane, \|x\| ≤ 1. The random network computes
:math:`\sigma(\sum_ra_r\sigma(w_r\cdot x))`, where the w_r are isotropic unit vectors and
:math:`a_r=\pm1`. Everything is positively homogeneous: errors are largest on the unit circle.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.experiments.vector_subsets import vector_sums
from lpbook.subsets import closest_subset

__all__ = [
    "circle",
    "crowded_kinks",
    "kink_angles",
    "kink_error",
    "random_neurons",
    "reach_of_a_kink",
    "single_weights_error",
    "whole_neurons_chance",
    "whole_neurons_error",
    "whole_neurons_search",
]

_MOST = 16  # neurons of which all subsets are looked at
_MOST_NUMBERS = 24  # numbers of which the closest subset sum is looked for


def circle(points: int) -> Floats:
    """Points of the unit circle, shape (points, 2)."""
    return _directions(2 * np.pi * np.arange(points) / points)


def _directions(angles: Floats) -> Floats:
    return np.column_stack([np.cos(angles), np.sin(angles)])


def random_neurons(count: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """In-weights (count, 2), isotropic unit vectors, and out-weights (count,), fair signs.

    Examples
    --------
    >>> w, a = random_neurons(3, np.random.default_rng(0))
    >>> w.shape, np.abs(a).tolist()
    ((3, 2), [1.0, 1.0, 1.0])
    """
    angles = rng.uniform(0, 2 * np.pi, count)
    return _directions(angles), rng.choice([-1.0, 1.0], count)


def kink_error(strength: Any, angle: float) -> Any:
    """Least error of a linear function beside a kink, within such an angle on either side of it.

    Examples
    --------
    >>> round(kink_error(1.0, math.pi / 2), 12)
    0.5
    """
    return strength * math.tan(angle / 2) / 2


def reach_of_a_kink(epsilon: Any, strength: Any = 1) -> Any:
    """Angle θ within which another kink must be, if a kept one of such a strength is to cost ε."""
    return 4 * epsilon / strength


def kink_angles(inner: Floats, target: Floats) -> Floats:
    """Angles of the lines on which neurons have their kinks, from that of the target: in [0, π).

    Examples
    --------
    >>> kink_angles(np.array([[0, 1.0], [2.0, -0.1]]), np.array([1.0, 0])).round(3).tolist()
    [1.571, 3.092]
    """
    angles: Floats = np.arctan2(inner[:, 1], inner[:, 0]) - math.atan2(target[1], target[0])
    return angles % np.pi


def crowded_kinks(angles: Floats, epsilon: float, strength: float = 1) -> NDArray[np.bool_]:
    """Which kinks have another one, or the target's, so near that the error may be below ε.

    Parameters
    ----------
    angles : ndarray, shape (n,)
        As `kink_angles` has them.
    epsilon, strength : float
        The error, below 1, and the least strength of a kink.

    Examples
    --------
    >>> crowded_kinks(np.array([0.01, 1.0, 1.02, 2.0]), 0.01).tolist()
    [True, True, True, False]
    """
    reach = reach_of_a_kink(epsilon, strength)
    gaps = np.abs(angles[:, None] - angles)
    near = np.minimum(gaps, np.pi - gaps) < reach
    at_target = np.minimum(angles, np.pi - angles) < reach + math.asin(epsilon)
    crowded: NDArray[np.bool_] = (near.sum(axis=1) > 1) | at_target
    return crowded


def whole_neurons_chance(neurons: Any, epsilon: Any, strength: Any = 1, pi: Any = math.pi) -> Any:
    """Bound on the probability that some whole neurons come within ε; all may be symbols.

    Examples
    --------
    >>> round(whole_neurons_chance(10, 1e-4), 6)
    0.015006
    """
    reach = reach_of_a_kink(epsilon, strength)
    return reach / pi * neurons * (neurons + 1) + neurons * epsilon


def whole_neurons_error(inner: Floats, outer: Floats, target: Floats, points: int = 64) -> float:
    """Least error on the circle if whole neurons are kept or deleted, all choices tried.

    Parameters
    ----------
    inner : ndarray, shape (n, 2)
        In-weights of at most 16 neurons.
    outer : ndarray, shape (n,)
        Out-weights.
    target : ndarray, shape (2,)
        The weights v of the target.
    points : int
        Points of the circle at which errors are measured.

    Examples
    --------
    >>> whole_neurons_error(np.array([[0, 1.0], [1, 0]]), np.ones(2), np.array([0, 1.0]))
    0.0
    """
    _checks.count("neurons", len(inner), at_most=_MOST)
    x = circle(points)
    wanted = np.maximum(x @ target, 0)
    sums = vector_sums(np.maximum(inner @ x.T, 0) * outer[:, None])
    return float(np.abs(np.maximum(sums, 0) - wanted).max(axis=1).min())


def whole_neurons_search(
    inner: Floats,
    outer: Floats,
    target: Floats,
    rng: np.random.Generator,
    starts: int = 20,
    points: int = 64,
) -> float:
    """Least error that is found by keeping or deleting one or two whole neurons at a time.

    Parameters are those of `whole_neurons_error`, for any number of neurons; `rng` draws where the
    search starts, so many times. The least error of all choices may be smaller.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> w, a, v = *random_neurons(8, rng), np.array([0.6, 0.8])
    >>> abs(whole_neurons_search(w, a, v, rng) - whole_neurons_error(w, a, v)) < 1e-12
    True
    """
    x = circle(points)
    wanted = np.maximum(x @ target, 0)
    parts = np.maximum(inner @ x.T, 0) * outer[:, None]  # (n, points)
    first, second = np.triu_indices(len(parts))
    best = np.inf
    for _ in range(starts):
        kept = rng.random(len(parts)) < 0.5
        error = np.inf
        while True:
            change = np.where(kept, -1.0, 1.0)[:, None] * parts
            both = np.where(first == second, 0.0, 1.0)[:, None] * change[second]
            sums = kept @ parts + change[first] + both
            errors = np.abs(np.maximum(sums, 0) - wanted).max(axis=1)
            least = int(errors.argmin())
            if errors[least] >= error:
                break
            error = float(errors[least])
            for i in {int(first[least]), int(second[least])}:
                kept[i] = not kept[i]
        best = min(best, error)
    return best


def single_weights_error(inner: Floats, outer: Floats, target: Floats, points: int = 64) -> float:
    """Error on the circle if single weights are kept or deleted.

    Every second neuron keeps its weight from the first input alone, the others that from the
    second; each half of a target weight gets the closest subset sum of its neurons' products.

    Examples
    --------
    >>> w, a = random_neurons(40, np.random.default_rng(0))
    >>> single_weights_error(w, a, np.array([0.6, 0.8])) < 0.05
    True
    """
    x, found = circle(points), np.zeros(points)
    for j, weight in enumerate(target):
        b, a = inner[j::2, j], outer[j::2]
        for half in (1, -1):
            numbers = (a * b)[half * b > 0][:_MOST_NUMBERS]
            effective = float(weight)
            if numbers.size:
                effective += float(closest_subset([weight], numbers).errors[0])
            else:
                effective = 0.0
            found += effective * np.where(half * x[:, j] > 0, x[:, j], 0)
    return float(np.abs(np.maximum(found, 0) - np.maximum(x @ target, 0)).max())
