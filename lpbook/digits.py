r"""Golden-ratio decomposition: a number in [0, 1] as a sum of greedy digits.

Digit :math:`i=1,\dots,k` of base :math:`\gamma\le\varphi` may be any number in the segment
:math:`[\gamma^{-(i+1)},\gamma^{-i}]`; whatever they are, the greedy choice comes within
:math:`\gamma^{-k}` of every target. Array columns count from 0: column `i` holds digit `i + 1`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lpbook import _checks, _moved
from lpbook._checks import Floats

__all__ = [
    "MOST_DIGITS",
    "PHI",
    "Digits",
    "all_sums",
    "checked_base",
    "count_digits",
    "covers",
    "decompose",
    "digit_of",
    "equal_ends",
    "fibonacci_ends",
    "greedy",
    "reach",
    "segments",
    "sums_by_index",
    "worst_error",
    "worst_error_between",
]

PHI = (1 + math.sqrt(5)) / 2
"""The golden ratio (1 + √5)/2, the largest base of a decomposition."""

MOST_DIGITS = 10_000
"""Digits of a weight, at most: more would tell apart what float64 does not."""
_SEGMENT_TOLERANCE = 1e-12  # relative: ends that were computed by another formula still count
_CHUNK = 2**15  # weights per pass: their residuals and one column stay in the second-level cache


def checked_base(value: Any) -> float:
    """`value` as the base of a decomposition, in (1, φ]."""
    number = _checks.real("base", value)
    if not 1 < number <= PHI:
        raise _checks.fail("base", value, f"must lie in (1, φ], φ = (1 + √5)/2 = {PHI}")
    return number


@dataclass(frozen=True)
class Digits:
    """Greedy digits of N weights.

    Attributes
    ----------
    masks : ndarray of bool, shape (N, k)
        Which samples are kept.
    residuals : ndarray of float, shape (N,)
        Weight minus the sum of its kept samples: between 0 and base^-k, up to rounding.
    """

    masks: NDArray[np.bool_]
    residuals: Floats


def count_digits(epsilon: float, base: float = PHI, max_weight: float = 1.0) -> int:
    r"""Digits that bring every weight up to `max_weight` within `epsilon`.

    The least :math:`k\ge0` with :math:`w_{\max}\gamma^{-k}\le\varepsilon`, that is
    :math:`\lceil\log_\gamma(w_{\max}/\varepsilon)\rceil`, or 0 where nothing is to do.

    Parameters
    ----------
    epsilon : float
        Error allowed on a weight, above 0.
    base : float
        Base of the decomposition, in (1, φ].
    max_weight : float
        Largest magnitude of a target weight, at least 0.

    Returns
    -------
    int
        The number of digits k.

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    Orseau, Hutter and Rivasplata, *Logarithmic Pruning is All You Need*, NeurIPS 2020.

    Examples
    --------
    >>> count_digits(0.01), count_digits(0.01, base=1.5), count_digits(2.0)
    (10, 12, 0)
    """
    epsilon = _checks.real("epsilon", epsilon, above=0)
    base = checked_base(base)
    max_weight = _checks.real("max_weight", max_weight, at_least=0)
    if max_weight <= epsilon:
        return 0
    log_ratio = math.log(max_weight) - math.log(epsilon)
    k = math.ceil(log_ratio / math.log(base))
    # an exact power of the base is met one digit earlier than the rounded logarithms may say
    if (k - 1) * math.log(base) >= log_ratio - 2**-50 * (1 + log_ratio):
        k -= 1
    return max(k, 1)


def equal_ends(k: int, base: float = PHI, max_weight: float = 1.0) -> Floats:
    r"""Ends of k adjacent segments of equal ratio: :math:`\gamma^{-1},\dots,\gamma^{-(k+1)}`.

    Returns
    -------
    ndarray of float, shape (k + 1,)
        Falling, each times `max_weight`.

    Examples
    --------
    >>> equal_ends(2, base=2.0).tolist()
    [0.5, 0.25, 0.125]
    """
    k = _checks.count("k", k, at_most=MOST_DIGITS)
    base = _checks.real("base", base, above=1)
    max_weight = _checks.real("max_weight", max_weight, at_least=0)
    return max_weight * base ** -np.arange(1.0, k + 2)


def segments(k: int, base: float = PHI, max_weight: float = 1.0) -> tuple[Floats, Floats]:
    """Lower and upper ends of the k segments, both of shape (k,).

    Examples
    --------
    >>> low, high = segments(2)
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.382, 0.2361], [0.618, 0.382])
    """
    ends = equal_ends(k, base, max_weight)
    return ends[1:], ends[:-1]


def digit_of(
    magnitudes: ArrayLike, k: int, base: float = PHI, max_weight: float = 1.0
) -> NDArray[np.int64]:
    """Which digit each magnitude is: 0 for the largest, k - 1 for the smallest, -1 for none.

    A number between two segments belongs to the upper one: categories hold their lower ends. The
    outermost ends count up to a relative 1e-12, since laws may leave them by a unit of rounding.

    Examples
    --------
    >>> digit_of([0.7, 0.5, 0.382, 0.3, 0.1], 2).tolist()
    [-1, 0, 0, 1, -1]
    """
    x = _checks.array("magnitudes", magnitudes, finite=False, empty=True)
    ends = equal_ends(k, base, max_weight)[::-1]
    inside = (x >= ends[0] * (1 - _SEGMENT_TOLERANCE)) & (x <= ends[-1] * (1 + _SEGMENT_TOLERANCE))
    place = np.clip(np.searchsorted(ends, x, side="right") - 1, 0, k - 1)
    return np.where(inside, k - 1 - place, -1)


def reach(base: float = PHI) -> float:
    r"""What the lowest choice of all samples adds up to, :math:`R=\frac1{\gamma(\gamma-1)}`.

    The digits serve every weight in [0, R] if R is at least 1, that is, if the base is at most φ.

    Examples
    --------
    >>> round(reach(), 12), round(reach(1.5), 4), reach(2.0)
    (1.0, 1.3333, 0.5)
    """
    base = _checks.real("base", base, above=1)
    return 1 / (base * (base - 1))


def worst_error(k: int, base: float = PHI) -> float:
    r"""The error that k digits guarantee, for all weights in [0, 1] and all samples.

    Samples are anywhere inside their segments, errors one-sided:
    :math:`\max\{\gamma^{-k},\,1-R(1-\gamma^{-k})\}` with R as in `reach`, for every base above 1.

    Examples
    --------
    >>> [round(worst_error(10, base), 4) for base in (1.5, PHI, 2)]
    [0.0173, 0.0081, 0.5005]
    """
    k = _checks.count("k", k, at_most=2**53)
    power = _checks.real("base", base, above=1) ** -k
    return max(power, 1 - reach(base) * (1 - power))


def worst_error_between(ends: ArrayLike) -> float:
    r"""The error that digits in adjacent segments of any length guarantee.

    As `worst_error`, but digit i may be any number in :math:`[d_{i+1},d_i]`: what the lowest
    samples lack of 1, or what one highest sample exceeds the lowest ones after it by, whichever is
    larger. A digit that may exceed 1 is of no use.

    Parameters
    ----------
    ends : array_like, shape (k + 1,)
        :math:`d_1\ge\dots\ge d_{k+1}\ge0`; where two are equal the digit is that number.

    Raises
    ------
    TypeError, ValueError
        If `ends` breaks these rules.

    Examples
    --------
    >>> round(worst_error_between([0.6, 0.4, 0.2, 0.2]), 4), round(worst_error(3), 4)
    (0.2, 0.2361)
    """
    d = _checks.array("ends", ends, ndim=1)
    if d.size < 2 or d[-1] < 0 or (np.diff(d) > 0).any():
        raise _checks.fail("ends", d, "must be two or more numbers that fall, at least 0")
    used = d[:-1] <= 1
    high, low = d[:-1][used], d[1:][used]
    later = np.append(np.cumsum(low[::-1])[::-1], 0.0)  # sum of the lowest samples from i on
    return float(np.append(high - later[1:], 1 - later[0]).max())


def fibonacci_ends(k: int) -> Floats:
    r"""Ends of the k best adjacent segments: :math:`F_{k+1},F_k,\dots,F_1` over :math:`F_{k+2}`.

    They guarantee :math:`1/F_{k+2}`, about :math:`0.854\,\varphi^{-k}`, and no others less; F are
    the Fibonacci numbers. The last segment is a single number.

    Returns
    -------
    ndarray of float, shape (k + 1,)

    Examples
    --------
    >>> fibonacci_ends(3).tolist()
    [0.6, 0.4, 0.2, 0.2]
    """
    numbers = [1, 1]
    for _ in range(_checks.count("k", k, at_most=MOST_DIGITS)):
        numbers.append(numbers[-1] + numbers[-2])
    return np.array([number / numbers[-1] for number in numbers[-2::-1]])  # of any size


def all_sums(samples: ArrayLike) -> Floats:
    """The sums of all subsets of a few samples, sorted, shape (2**k,).

    Examples
    --------
    >>> all_sums([0.5, 0.25]).tolist()
    [0.0, 0.25, 0.5, 0.75]
    """
    x = _checks.array("samples", samples, ndim=1)
    if x.size > 24:
        raise _checks.fail("samples", x, f"at most 24 have few enough subsets, there are {x.size}")
    return np.sort(sums_by_index(x))


def sums_by_index(x: Floats) -> Floats:
    """The sums of all subsets of the rows, (n, ...) to (2^n, ...): bit i says whether row i is in.

    Examples
    --------
    >>> sums_by_index(np.array([0.5, 0.25])).tolist()
    [0.0, 0.5, 0.25, 0.75]
    """
    sums = np.zeros((1, *x.shape[1:]))
    for row in x:
        sums = np.concatenate([sums, sums + row])
    return sums


def covers(samples: ArrayLike, epsilon: float) -> Any:
    r"""Whether every weight in [0, 1] exceeds some subset sum by at most `epsilon`.

    Decided without a look at any subset: of the samples up to 1, each must be at most ε plus the
    sum of those before it in increasing order, and all of them together must reach 1 - ε.

    Parameters
    ----------
    samples : array_like, shape (..., n)
        Positive numbers; each row is a set of its own.
    epsilon : float
        Error allowed, above 0.

    Returns
    -------
    ndarray of bool, shape (...), or bool

    Raises
    ------
    TypeError, ValueError
        If an argument breaks these rules.

    References
    ----------
    This book, chapter *golden_ratio*, coverage criterion.

    Examples
    --------
    >>> covers([[0.5, 0.25, 0.2], [0.5, 0.4, 0.1]], epsilon=0.2).tolist()
    [True, False]
    """
    x = np.atleast_1d(_checks.array("samples", samples))
    epsilon = _checks.real("epsilon", epsilon, above=0)
    _checks.entries("samples", x, x > 0, "must be above 0")
    ordered = np.sort(np.where(x <= 1, x, 0.0), axis=-1)  # what exceeds 1 is of no use
    total = np.cumsum(ordered, axis=-1)
    before = np.zeros_like(total)
    before[..., 1:] = total[..., :-1]
    enough = total[..., -1] >= 1 - epsilon
    return ((ordered <= epsilon + before).all(axis=-1) & enough)[()]


def greedy(residuals: Floats, columns: Iterable[Any], masks: Iterable[NDArray[np.bool_]]) -> None:
    """Subtract from each residual every sample that fits, in turn; `masks` says which.

    All arrays are changed in place. Residuals and samples are at least 0. `decompose` and `prune`
    both choose with this kernel.

    Parameters
    ----------
    residuals : ndarray of float64, contiguous
        What is left of each weight.
    columns : iterable of k arrays or floats
        The samples of one digit, one for each weight or one for all.
    masks : iterable of k arrays of bool
        Set to True where the sample fits.
    """
    difference = np.empty_like(residuals)
    # A negative float, read as an unsigned integer, exceeds every float that is at least 0: the
    # minimum of the two bit patterns is the greedy step, without a branch.
    bits, difference_bits = residuals.view(np.uint64), difference.view(np.uint64)
    for sample, mask in zip(columns, masks, strict=True):
        np.greater_equal(residuals, sample, out=mask)
        np.subtract(residuals, sample, out=difference)
        np.minimum(bits, difference_bits, out=bits)


def decompose(weights: ArrayLike, samples: ArrayLike, base: float = PHI) -> Digits:
    r"""Write each weight in [0, 1] as a sum of some of its k samples.

    Greedy: with :math:`r_0=w`, keep sample :math:`x_i` iff :math:`r_{i-1}\ge x_i`, and subtract it.
    Then :math:`0\le r_k\le\gamma^{-k}` for every weight and any samples inside their segments.

    Parameters
    ----------
    weights : array_like, shape (N,)
        Targets in [0, 1].
    samples : array_like, shape (N, k) or (k,)
        Column i lies inside [base^-(i+2), base^-(i+1)], ends included within a relative 1e-12;
        shape (k,): the same samples for every weight. Contiguous columns (Fortran order) are
        fastest.
    base : float
        Base of the decomposition, in (1, φ].

    Returns
    -------
    Digits
        `masks` (N, k) and `residuals` (N,).

    Raises
    ------
    TypeError
        If an argument does not hold real numbers.
    ValueError
        If a weight is outside [0, 1], a sample outside its segment, the base outside (1, φ], an
        array empty, or the shapes do not fit.

    References
    ----------
    Orseau, Hutter and Rivasplata, *Logarithmic Pruning is All You Need*, NeurIPS 2020; this book,
    chapter *golden_ratio*, sufficiency of the digits.

    Examples
    --------
    >>> samples = [0.5, 0.3, 0.2, 0.1]
    >>> digits = decompose([0.75, 0.25], samples)
    >>> digits.masks.astype(int).tolist()
    [[1, 0, 1, 0], [0, 0, 1, 0]]
    >>> digits.residuals.round(3).tolist()
    [0.05, 0.05]
    """
    base = checked_base(base)
    # NaN and infinity fall outside every range below, so finiteness needs no pass of its own
    w = _checks.array("weights", weights, ndim=1, finite=False)
    x = _checks.array("samples", samples, finite=False)
    if x.ndim not in (1, 2) or (x.ndim == 2 and x.shape[0] != w.size):
        rule = f"must have shape (k,) or ({w.size}, k), has shape {x.shape}"
        raise _checks.fail("samples", x, rule)
    k = x.shape[-1]
    low, high = segments(k, base)
    low, high = low * (1 - _SEGMENT_TOLERANCE), high * (1 + _SEGMENT_TOLERANCE)
    if x.ndim == 1:
        _require_inside("samples", x, low, high)

    masks = np.empty((k, w.size), dtype=bool)
    residuals = np.empty(w.size)
    for start in range(0, w.size, _CHUNK):
        part = slice(start, start + _CHUNK)
        _require_inside("weights", w[part], 0.0, 1.0)
        residuals[part] = w[part]
        columns: Any = x
        if x.ndim == 2:
            columns = x[part].T
            if columns.strides[1] != columns.itemsize:
                columns = np.ascontiguousarray(columns)
            for i, column in enumerate(columns):
                _require_inside("samples", column, low[i], high[i], i)
        greedy(residuals[part], columns, masks[:, part])
    return Digits(masks.T, residuals)


def _require_inside(
    name: str, values: Floats, low: Any, high: Any, column: int | None = None
) -> None:
    """Raise an error that names the first of `values` outside [low, high]."""
    if np.ndim(low) == 0 and np.minimum.reduce(values) >= low and np.maximum.reduce(values) <= high:
        return
    outside = ~((values >= low) & (values <= high))
    if outside.any():
        i = int(outside.argmax())
        low, high = (float(np.broadcast_to(end, values.shape)[i]) for end in (low, high))
        digit = column if column is not None else i
        where = f" (column {digit})" if name == "samples" else ""
        raise _checks.fail(name, float(values[i]), f"must lie in [{low:.17g}, {high:.17g}]{where}")


def __getattr__(name: str) -> Any:
    return _moved.elsewhere(__name__, name)
