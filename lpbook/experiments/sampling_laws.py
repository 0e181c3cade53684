"""Laws of random weights, side by side: what neurons drawn from them supply.

All laws see the same random numbers: numbers in (0, 1) are drawn once, and each law turns them into
weights by its own `ppf`.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Iterable, Mapping
from typing import cast

import numpy as np
from numpy.typing import NDArray
from scipy.special import iti0k0

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.constructions import GoldenRatio
from lpbook.constructions.base import first_rows
from lpbook.digits import count_digits, digit_of, greedy, segments
from lpbook.distributions import (
    Hyperbolic,
    Law,
    LogLinear,
    Normal,
    SignedConstant,
    SymmetricLaw,
    Uniform,
)

__all__ = [
    "EPSILON",
    "POOLS",
    "POPUP_LAWS",
    "digit_errors",
    "effective_share",
    "equal_magnitudes",
    "family",
    "log_range_name",
    "moment",
    "neurons_for_digits",
    "pool_laws",
    "pool_units",
    "products",
    "weight_law",
]

_MOST_EXACT = 16  # digits: inclusion and exclusion runs over all sets of them

EPSILON = 0.01
"""Error allowed on a weight, as in the running example."""

POPUP_LAWS = ("constant", "uniform", "normal", "hyperbolic", "hyperbolic, wide")
"""Laws of the weights of a network whose mask is trained."""

_LOG_RANGE = "log-range "  # and a number: laws between a constant and a wide hyperbolic law

_WEIGHT_LAWS: Mapping[str, Callable[[float], SymmetricLaw]] = {
    "uniform": lambda epsilon: Uniform(1.0),
    "normal": lambda epsilon: Normal(1.0),
    "constant": lambda epsilon: SignedConstant(1.0),
    "hyperbolic": lambda epsilon: Hyperbolic.for_digits(count_digits(epsilon)),
    "hyperbolic, wide": lambda epsilon: Hyperbolic(epsilon, 1 / epsilon),
}
"""The law of one weight at its own scale, given ε."""


def weight_law(name: str, epsilon: float = EPSILON) -> SymmetricLaw:
    r"""The law of one weight at its own scale.

    Parameters
    ----------
    name : str
        ``"uniform"`` on [-1, 1], ``"normal"`` with deviation 1, ``"constant"`` ±1,
        ``"hyperbolic"`` on the best common range for ε, ``"hyperbolic, wide"`` on the naive
        [ε, 1/ε]; ``"log-range 2.5"``, say, is hyperbolic with :math:`\ln(high/low)=2.5`.
    epsilon : float
        Error ε that sets the ranges of the hyperbolic laws.

    Examples
    --------
    >>> weight_law("hyperbolic, wide")
    Hyperbolic(low=0.01, high=100.0)
    """
    if type(name) is str and name.startswith(_LOG_RANGE):
        width = float(name.removeprefix(_LOG_RANGE))
        return Hyperbolic(1.0, float(np.exp(width))) if width else SignedConstant(1.0)
    return _WEIGHT_LAWS[_checks.one_of("name", name, _WEIGHT_LAWS)](epsilon)


def log_range_name(width: float) -> str:
    r"""The name by which `weight_law` knows a hyperbolic law with :math:`\ln(high/low)=width`.

    Examples
    --------
    >>> log_range_name(2.0)
    'log-range 2'
    """
    return f"{_LOG_RANGE}{width:g}"


TARGETS = Uniform(1.0).positive()
"""The law of a target: it is never negative."""

_ONE = SignedConstant(1.0).positive()  # the law of b where b = 1

_POOL_LAWS: Mapping[str, Callable[[int, float], tuple[Law, Law]]] = {
    "hyperbolic, b = 1": lambda n, epsilon: GoldenRatio().scheme(1.0, epsilon).laws(True),
    "hyperbolic": lambda n, epsilon: _twice(weight_law("hyperbolic", epsilon)),
    "hyperbolic, wide": lambda n, epsilon: _twice(weight_law("hyperbolic, wide", epsilon)),
    "uniform, b = 1": lambda n, epsilon: (_ONE, Uniform(1.0)),
    "uniform": lambda n, epsilon: _twice(weight_law("uniform")),
    "normal": lambda n, epsilon: _twice(weight_law("normal")),
    "constant ±1": lambda n, epsilon: (_ONE, SignedConstant(1.0)),
    "constant ±4/n": lambda n, epsilon: (_ONE, SignedConstant(4 / n)),
}
"""The laws of in-weight b > 0 and out-weight a of n neurons, given n and ε."""

POOLS = tuple(_POOL_LAWS)
"""Laws of the products ab that n random neurons supply for an input that is never negative."""


def _twice(law: SymmetricLaw) -> tuple[Law, Law]:
    """Both weights from one law, b by its magnitude."""
    return law.positive(), law


def pool_laws(name: str, n: int, epsilon: float = EPSILON) -> tuple[Law, Law]:
    """The laws of in-weight b > 0 and out-weight a of a pool of n neurons, one of `POOLS`."""
    epsilon = _checks.real("epsilon", epsilon, above=0, below=1)
    return _POOL_LAWS[_checks.one_of("name", name, _POOL_LAWS)](n, epsilon)


def equal_magnitudes(name: str) -> bool:
    """Whether all products of a pool are ±c for one c, so that their sums are multiples of it.

    Examples
    --------
    >>> equal_magnitudes("constant ±4/n"), equal_magnitudes("uniform")
    (True, False)
    """
    return isinstance(pool_laws(name, 1)[1], SignedConstant)


def products(name: str, units: Floats, epsilon: float = EPSILON) -> Floats:
    """What random neurons supply under a law: ab for the given random numbers.

    Parameters
    ----------
    name : str
        One of `POOLS`.
    units : ndarray, shape (..., n, 2)
        Numbers in (0, 1): for the in-weight and for the out-weight of each of n neurons.
    epsilon : float
        As in `weight_law`.

    Returns
    -------
    ndarray, shape (..., n)

    Examples
    --------
    >>> products("uniform", np.array([[0.5, 0.75], [0.5, 0.0]])).tolist()
    [0.25, -0.5]
    """
    units = _checks.array("units", units)
    if units.ndim < 2 or units.shape[-1] != 2:
        raise _checks.fail("units", units, f"must have shape (..., n, 2), has {units.shape}")
    _checks.entries("units", units, (units >= 0) & (units <= 1), "must lie in (0, 1)")
    inner, outer = pool_laws(name, units.shape[-2], epsilon)
    supplied: Floats = inner.ppf(units[..., 0]) * outer.ppf(units[..., 1])
    return supplied


def pool_units(seed: int, targets: int, most: int) -> tuple[Floats, Floats]:
    """Targets in [0, 1], and the random numbers of `most` neurons for each: the same for all laws.

    A pool of fewer neurons takes the first ones.
    """
    rng = np.random.default_rng([seed, 11])
    return TARGETS.rvs(targets, rng=rng), rng.random((targets, most, 2))


def digit_errors(
    targets: Floats, supplied: Floats, epsilon: float = EPSILON
) -> tuple[Floats, NDArray[np.bool_]]:
    """Greedy digits from the first neuron in each segment, whatever law the neurons have.

    Parameters
    ----------
    targets : ndarray, shape (t,)
        Weights in [0, 1].
    supplied : ndarray, shape (t, n)
        The products of the neurons of each weight.
    epsilon : float
        It sets the number of digits.

    Returns
    -------
    errors : ndarray, shape (t,)
        What is left of each weight; a digit without a neuron is skipped.
    complete : ndarray of bool, shape (t,)
        Whether every segment has a neuron: then the error is at most epsilon, by theorem.

    Examples
    --------
    >>> errors, complete = digit_errors(np.array([0.9]), np.array([[0.5, -0.3, 0.3]]), 0.4)
    >>> errors.round(3).tolist(), complete.tolist()
    ([0.1], [True])
    """
    targets = _checks.array("targets", targets, ndim=1)
    supplied = _checks.array("supplied", supplied, ndim=2)
    if len(supplied) != targets.size:
        rule = f"must have as many rows as targets={_checks.shown(targets)}, has {supplied.shape}"
        raise _checks.fail("supplied", supplied, rule)
    _checks.entries("targets", targets, (targets >= 0) & (targets <= 1), "must lie in [0, 1]")
    k = count_digits(_checks.real("epsilon", epsilon, above=0, below=1))
    x = supplied.T
    digit = digit_of(x, k)  # below 0 there is none
    first = first_rows(np.where(digit < 0, k, digit), k)
    columns = np.where(first >= 0, np.take_along_axis(x, np.maximum(first, 0), axis=0), np.inf)
    errors = targets.copy()
    greedy(errors, columns, np.empty(columns.shape, dtype=bool))
    complete: NDArray[np.bool_] = np.all(first >= 0, axis=0)
    return errors, complete


def neurons_for_digits(
    name: str, epsilon: float = EPSILON, share: float = 0.99, scale: float | None = 1.0
) -> tuple[float, float]:
    r"""How many random neurons supply all digits with probability `share`, without drawing any.

    A neuron serves digit j with probability :math:`p_j`, and n independent ones serve all with
    probability :math:`\sum_S(-1)^{|S|}(1-\sum_{j\in S}p_j)^n` (inclusion and exclusion).

    Parameters
    ----------
    name : str
        One of `POOLS`, but no constant; hyperbolic laws have the range for `epsilon`.
    epsilon, share : float
        Allowed error, which sets the number of digits, and the wanted probability.
    scale : float, optional
        By which the products are multiplied; None: the best of
        :math:`2^{j/32}`, j = -160, …, 0.

    Returns
    -------
    n : int
        The least number; infinity if some digit is never supplied.
    scale : float

    Examples
    --------
    >>> neurons_for_digits("hyperbolic, b = 1", 0.1)
    (59, 1.0)
    """
    share = _checks.real("share", share, above=0, below=1)
    if scale is None:
        factors = [2.0 ** (j / 32) for j in range(-160, 1)]
        found = [neurons_for_digits(name, epsilon, share, factor) for factor in factors]
        return min(found, key=lambda pair: (pair[0], -pair[1]))  # of equals the nearest to 1
    scale = _checks.real("scale", scale, at_least=2.0**-40, at_most=2.0**40)
    cdf, k = _product_cdf(name, epsilon), count_digits(epsilon)
    if k > _MOST_EXACT:
        rule = f"makes {k} digits, at most {_MOST_EXACT} have few enough subsets"
        raise _checks.fail("epsilon", epsilon, rule)
    low, high = segments(k)
    probabilities = (cdf(high / scale) - cdf(low / scale)) / 2  # half of the products are positive
    if probabilities.min() <= 0:
        return math.inf, scale
    sums, signs = np.zeros(1), np.ones(1)
    for p in probabilities:
        sums, signs = np.concatenate([sums, sums + p]), np.concatenate([signs, -signs])
    logs = np.log1p(-sums)

    def enough(n: int) -> bool:
        return bool(signs @ np.exp(n * logs) >= share)

    most = k
    while not enough(most):
        most *= 2
    return bisect_left(range(most), True, lo=k, key=enough), scale


def _product_cdf(name: str, epsilon: float) -> Callable[[Floats], Floats]:
    """Distribution function of the magnitude of a product ab."""
    inner, outer = pool_laws(name, 1, epsilon)
    match outer:
        case Uniform() | Hyperbolic():
            return (outer if inner == _ONE else outer.product()).magnitude_cdf
        case Normal():  # the density of |ab| is 2/π times the Bessel function K₀
            return lambda x: 2 / np.pi * iti0k0(x)[1]
    raise _checks.fail("name", name, "must be a law with a density")


def moment(law: SymmetricLaw, order: int) -> float:
    r"""The moment :math:`\mathrm E|w|^{order}`, order 2 or 4.

    Examples
    --------
    >>> moment(Uniform(1.0), 4), moment(Normal(2.0), 2)
    (0.2, 4.0)
    """
    match law:
        case SignedConstant(value):
            return value**order
        case Uniform(high):
            return high**order / (order + 1)
        case Normal(scale):
            return scale**order * {2: 1, 4: 3}[order]
        case Hyperbolic(low, high):
            return (high**order - low**order) / (order * law.log_range)
    raise TypeError(f"law={law!r}: its moments are not known here")


def effective_share(law: SymmetricLaw) -> float:
    r"""Share of the weights that carry their mean square, :math:`(\mathrm Ew^2)^2/\mathrm Ew^4`.

    It is 1 for a constant magnitude, and the same at every scale.

    Examples
    --------
    >>> round(effective_share(Hyperbolic(0.01, 1.0)), 4), round(effective_share(Normal(2.0)), 4)
    (0.2171, 0.3333)
    """
    return moment(law, 2) ** 2 / moment(law, 4)


def family(log_ranges: Iterable[float]) -> dict[str, float]:
    """The laws from the signed constant to wide hyperbolic ones, and the range L of each.

    Examples
    --------
    >>> list(family([2.0]))
    ['constant', 'log-range 2', 'hyperbolic', 'hyperbolic, wide']
    """
    ranges = {log_range_name(width): width for width in log_ranges}
    for name in ("constant", "hyperbolic", "hyperbolic, wide"):
        ranges[name] = cast(LogLinear, weight_law(name)).log_range
    return dict(sorted(ranges.items(), key=lambda item: item[1]))
