r"""Laws of random weights, and the laws of products of two of them.

Every law here is symmetric, so it is given by the law of the magnitude :math:`|w|`; the sign is a
fair coin. `Positive` drops the sign: the law of :math:`|w|` itself.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.digits import MOST_DIGITS, PHI, checked_base, segments

_MOST_DRAWS = 2**31


def _points(name: str, value: ArrayLike) -> Floats:
    """Points where a law is asked for; NaN and infinity have an answer."""
    return _checks.array(name, value, finite=False, empty=True)


class Law(ABC):
    """A law of one real weight: `pdf`, `cdf` and `rvs`, as in `scipy.stats`."""

    @abstractmethod
    def pdf(self, x: ArrayLike) -> Any:
        """Density at `x`, 0 outside the support; same shape as `x`."""

    @abstractmethod
    def cdf(self, x: ArrayLike) -> Any:
        """Probability of a weight at most `x`; same shape as `x`."""

    @abstractmethod
    def ppf(self, q: ArrayLike) -> Any:
        """Least weight whose `cdf` is at least `q`; NaN for `q` outside [0, 1]."""

    def rvs(self, size: int | tuple[int, ...] | None = None, *, rng: np.random.Generator) -> Any:
        """Draw `size` independent weights from `rng`; one number where `size` is None."""
        rng = _checks.generator("rng", rng)
        if size is not None:
            rule = "must be a number or a list of numbers"
            several = _checks.is_a(size, (tuple, list))
            lengths = _checks.ordered("size", size, rule) if several else [size]
            size = tuple(_checks.count("size", n, at_least=0) for n in lengths)
            _checks.work("size", size, math.prod(size), _MOST_DRAWS, "random numbers")
        return self.ppf(rng.random(size))


class SymmetricLaw(Law):
    """A law with a fair sign, given by the law of its magnitude."""

    @abstractmethod
    def magnitude_pdf(self, m: Floats) -> Floats:
        """Density of the magnitude at `m >= 0`."""

    @abstractmethod
    def magnitude_cdf(self, m: Floats) -> Floats:
        """Probability of a magnitude at most `m >= 0`."""

    @abstractmethod
    def magnitude_ppf(self, p: Floats) -> Floats:
        """Magnitude that is reached with probability `p` in [0, 1]."""

    def pdf(self, x: ArrayLike) -> Any:
        with np.errstate(divide="ignore", invalid="ignore"):
            return (0.5 * self.magnitude_pdf(np.abs(_points("x", x))))[()]

    def cdf(self, x: ArrayLike) -> Any:
        x = _points("x", x)
        return (0.5 + 0.5 * np.sign(x) * self.magnitude_cdf(np.abs(x)))[()]

    def ppf(self, q: ArrayLike) -> Any:
        q = _points("q", q)
        t = 2.0 * np.where((q >= 0) & (q <= 1), q, np.nan) - 1.0
        m = self.magnitude_ppf(np.abs(t))
        return (np.where(t <= 0, -m, m) + 0.0)[()]

    def positive(self) -> Positive:
        """The law of the magnitude, as a law of its own."""
        return Positive(self)


class LogLinear(SymmetricLaw):
    """A law whose log-magnitude at level `p` is `log_low + p * log_range`: its digits are linear.

    `prune` finds the digit that a random product supplies without computing the product.
    """

    @property
    @abstractmethod
    def log_low(self) -> float:
        """Logarithm of the smallest magnitude."""

    @property
    @abstractmethod
    def log_range(self) -> float:
        """Logarithm of largest over smallest magnitude."""


@dataclass(frozen=True)
class Uniform(SymmetricLaw):
    """The uniform law on [-high, high].

    Parameters
    ----------
    high : float
        Largest magnitude, above 0.

    Raises
    ------
    ValueError
        If `high` is not finite and above 0.

    Examples
    --------
    >>> law = Uniform(1.0)
    >>> float(law.cdf(0.5)), float(law.ppf(0.75))
    (0.75, 0.5)
    """

    high: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "high", _checks.real("high", self.high, above=0))

    def magnitude_pdf(self, m: Floats) -> Floats:
        return np.where(np.isnan(m), np.nan, (m <= self.high) / self.high)

    def magnitude_cdf(self, m: Floats) -> Floats:
        return np.minimum(m / self.high, 1.0)

    def magnitude_ppf(self, p: Floats) -> Floats:
        return self.high * p

    def product(self) -> UniformProduct:
        """The law of the product of two independent weights of this law."""
        return UniformProduct(self.high)


@dataclass(frozen=True)
class Normal(SymmetricLaw):
    """The normal law with mean 0.

    Parameters
    ----------
    scale : float
        Standard deviation, above 0.

    Raises
    ------
    ValueError
        If `scale` is not finite and above 0.

    Examples
    --------
    >>> law = Normal(2.0)
    >>> float(round(law.cdf(2.0), 6)), float(round(law.ppf(0.975), 4))
    (0.841345, 3.9199)
    """

    scale: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", _checks.real("scale", self.scale, above=0))

    def magnitude_pdf(self, m: Floats) -> Floats:
        z = m / self.scale
        density: Floats = math.sqrt(2 / math.pi) * np.exp(-z * z / 2) / self.scale
        return density

    def magnitude_cdf(self, m: Floats) -> Floats:
        from scipy.special import erf

        level: Floats = erf(m / self.scale / math.sqrt(2))
        return level

    def magnitude_ppf(self, p: Floats) -> Floats:
        from scipy.special import erfinv

        size: Floats = self.scale * math.sqrt(2) * erfinv(p)
        return size


@dataclass(frozen=True)
class Hyperbolic(LogLinear):
    r"""The hyperbolic law: density :math:`\frac{1}{2|w|\ln(high/low)}` on low ≤ abs(w) ≤ high.

    The logarithm of the magnitude is uniform, so every segment
    :math:`[\gamma^{-i-1}, \gamma^{-i}]` inside the range is equally likely.

    Parameters
    ----------
    low, high : float
        Smallest and largest magnitude, 0 < low < high.

    Raises
    ------
    ValueError
        Unless 0 < low < high, all finite, with a finite ratio.

    References
    ----------
    Orseau, Hutter and Rivasplata, *Logarithmic Pruning is All You Need*, NeurIPS 2020.

    Examples
    --------
    >>> law = Hyperbolic(0.01, 1.0)
    >>> float(round(law.cdf(0.1), 6))
    0.75
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "low", _checks.real("low", self.low, above=0))
        object.__setattr__(self, "high", _checks.real("high", self.high, above=0))
        if self.high <= self.low:
            raise _checks.fail("high", self.high, f"must be above low={self.low}")
        if not math.isfinite(self.high / self.low):
            raise _checks.fail("low", self.low, f"high/low must be finite, high={self.high}")

    @classmethod
    def for_digits(cls, k: int, base: float = PHI, max_weight: float = 1.0) -> Hyperbolic:
        r"""The best common range of two factors whose product supplies `k` digits.

        Two independent weights of this law have a product in any given one of the segments
        :math:`w_{\max}[\gamma^{-i-1}, \gamma^{-i}]`, :math:`i=1,\dots,k`, with probability at least
        :math:`\frac1{2(k-1)}`, magnitudes only; no common range does better. For `k` = 1 the
        product always falls into the one segment.

        Parameters
        ----------
        k : int
            Number of digits, at least 1.
        base : float
            Base of the decomposition, in (1, φ].
        max_weight : float
            Largest target weight, above 0.

        Returns
        -------
        Hyperbolic
            The law of each factor.

        Raises
        ------
        TypeError, ValueError
            If an argument breaks these rules.

        References
        ----------
        This book, chapter *hyperbolic*, the best common range.

        Examples
        --------
        >>> law = Hyperbolic.for_digits(5)
        >>> bool(abs(law.low * law.high - PHI ** -3.5) < 1e-15)
        True
        """
        k = _checks.count("k", k, at_most=MOST_DIGITS)
        base = checked_base(base)
        scale = math.sqrt(_checks.real("max_weight", max_weight, above=0))
        low, high = (base**exponent for exponent in common_range_exponents(k))
        return cls(scale * low, scale * high)

    @property
    def log_low(self) -> float:
        return math.log(self.low)

    @property
    def log_range(self) -> float:
        # log1p keeps the digits that log(high) - log(low) cancels when the range is narrow
        return math.log1p((self.high - self.low) / self.low)

    def magnitude_pdf(self, m: Floats) -> Floats:
        inside = (m >= self.low) & (m <= self.high) | np.isnan(m)
        return np.where(inside, 1.0 / (m * self.log_range), 0.0)

    def magnitude_cdf(self, m: Floats) -> Floats:
        m = np.clip(m, self.low, self.high)
        level = np.minimum(np.log1p((m - self.low) / self.low) / self.log_range, 1.0)
        return np.where(m == self.high, 1.0, level)  # whoever rounds the two logarithms

    def magnitude_ppf(self, p: Floats) -> Floats:
        inside = np.clip(self.low * np.exp(p * self.log_range), self.low, self.high)
        return np.where(p == 1, self.high, inside)

    def product(self) -> HyperbolicProduct:
        """The law of the product of two independent weights of this law."""
        return HyperbolicProduct(self.low, self.high)


def common_range_exponents(k: Any) -> tuple[Any, Any]:
    r"""Exponents of the base at the ends of the best common range for `k` digits.

    :math:`\alpha=\gamma^{-3k/4}`, :math:`\beta=\gamma^{k/4-1}`; for `k` = 1 the widest range with
    which the product is certain to fall into the one segment.

    Parameters
    ----------
    k : int or SymPy expression
        Number of digits, at least 1; a symbol stands for k ≥ 2.

    Returns
    -------
    tuple
        The exponents of low and high.

    References
    ----------
    This book, chapter *hyperbolic*, the best common range.

    Examples
    --------
    >>> common_range_exponents(4)
    (-3.0, 0.0)
    """
    if k == 1:
        return -k, -k / 2
    return -3 * k / 4, k / 4 - 1


@dataclass(frozen=True)
class SignedConstant(LogLinear):
    """One magnitude, with a fair sign. It has no density: `pdf` is infinite at ± value.

    Parameters
    ----------
    value : float
        The magnitude, above 0.

    Raises
    ------
    ValueError
        If `value` is not finite and above 0.

    Examples
    --------
    >>> SignedConstant(2.0).ppf([0.2, 0.9]).tolist()
    [-2.0, 2.0]
    """

    value: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "value", _checks.real("value", self.value, above=0))

    @property
    def log_low(self) -> float:
        return math.log(self.value)

    @property
    def log_range(self) -> float:
        return 0.0

    def magnitude_pdf(self, m: Floats) -> Floats:
        return np.where(m == self.value, np.inf, 0.0 * m)

    def magnitude_cdf(self, m: Floats) -> Floats:
        return np.where(np.isnan(m), np.nan, (m >= self.value).astype(float))

    def cdf(self, x: ArrayLike) -> Any:
        # an atom sits at -value, so the symmetric rule for densities does not hold there
        x = _points("x", x)
        steps = 0.5 * (x >= -self.value) + 0.5 * (x >= self.value)
        return np.where(np.isnan(x), np.nan, steps)[()]

    def magnitude_ppf(self, p: Floats) -> Floats:
        return np.where(np.isnan(p), np.nan, self.value)


@dataclass(frozen=True)
class Positive(Law):
    """The law of the magnitude of a symmetric law: the weight of a neuron drawn with b > 0.

    Examples
    --------
    >>> float(Uniform(1.0).positive().cdf(0.25))
    0.25
    """

    law: SymmetricLaw

    def pdf(self, x: ArrayLike) -> Any:
        x = _points("x", x)
        return np.where(x < 0, 0.0, 2.0 * np.asarray(self.law.pdf(x)))[()]

    def cdf(self, x: ArrayLike) -> Any:
        x = _points("x", x)
        return np.where(x < 0, 0.0, self.law.magnitude_cdf(np.abs(x)))[()]

    def ppf(self, q: ArrayLike) -> Any:
        q = _points("q", q)
        return (self.law.magnitude_ppf(np.where((q >= 0) & (q <= 1), q, np.nan)) + 0.0)[()]


@dataclass(frozen=True)
class UniformProduct(SymmetricLaw):
    r"""The law of the product of two independent weights, both uniform on [-high, high].

    With :math:`z` in units of high²: density :math:`-\frac12\ln|z|`, distribution function
    :math:`\frac12+\frac z2(1-\ln|z|)` on [-1, 1].

    Parameters
    ----------
    high : float
        Largest magnitude of a factor, above 0.

    Examples
    --------
    >>> law = Uniform(1.0).product()
    >>> float(round(law.cdf(0.5), 6))
    0.923287
    """

    high: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "high", _checks.real("high", self.high, above=0))

    def magnitude_pdf(self, m: Floats) -> Floats:
        z = (m / self.high) / self.high
        density = -np.log(np.minimum(z, 1.0)) + 0.0
        return (density / self.high) / self.high

    def magnitude_cdf(self, m: Floats) -> Floats:
        z = np.minimum((m / self.high) / self.high, 1.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(z == 0, 0.0, z * (1.0 - np.log(z)))

    def magnitude_ppf(self, p: Floats) -> Floats:
        # p = z(1 - ln z) with y = ln z - 1 reads y e^y = -p/e: the branch of Lambert's W below -1
        from scipy.special import lambertw

        p = np.asarray(p, dtype=float)
        with np.errstate(divide="ignore", invalid="ignore"):
            y = lambertw(-p / math.e, k=-1).real
        z = np.where(p <= 0, 0.0, np.where(p >= 1, 1.0, np.exp(y + 1.0)))
        return np.where(np.isnan(p), np.nan, z) * self.high * self.high


@dataclass(frozen=True)
class HyperbolicProduct(SymmetricLaw):
    r"""The law of the product of two independent weights, both hyperbolic on [low, high].

    The logarithm of its magnitude is triangular around :math:`\ln(low\cdot high)` with half-width
    :math:`L=\ln(high/low)`.

    Parameters
    ----------
    low, high : float
        Smallest and largest magnitude of a factor, 0 < low < high.

    Examples
    --------
    >>> law = Hyperbolic(0.1, 1.0).product()
    >>> float(round(law.cdf(0.1), 12))
    0.75
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        factor = Hyperbolic(self.low, self.high)
        object.__setattr__(self, "low", factor.low)
        object.__setattr__(self, "high", factor.high)

    def _offset(self, m: Floats) -> Floats:
        """Distance of ln(m) from the middle, in units of the half-width."""
        with np.errstate(divide="ignore", over="ignore"):
            t = np.log(m / self.low) - math.log(self.high)
        return t / Hyperbolic(self.low, self.high).log_range

    def magnitude_pdf(self, m: Floats) -> Floats:
        height = np.maximum(1.0 - np.abs(self._offset(m)), 0.0)
        inside = height > 0
        scale = m * Hyperbolic(self.low, self.high).log_range
        return np.where(inside, height / np.where(inside, scale, 1.0), 0.0 * height)

    def magnitude_cdf(self, m: Floats) -> Floats:
        t = np.clip(self._offset(m), -1.0, 1.0)
        return np.where(t < 0, 0.5 * (1.0 + t) ** 2, 1.0 - 0.5 * (1.0 - t) ** 2)

    def magnitude_ppf(self, p: Floats) -> Floats:
        p = np.asarray(p, dtype=float)
        with np.errstate(invalid="ignore"):
            t = np.where(p < 0.5, np.sqrt(2.0 * p) - 1.0, 1.0 - np.sqrt(2.0 * (1.0 - p)))
        return self.low * self.high * np.exp(t * Hyperbolic(self.low, self.high).log_range)


def segment_probabilities(
    law: SymmetricLaw, k: int, base: float = PHI, max_weight: float = 1.0
) -> Floats:
    """Probability that the magnitude of a weight falls in each of the k segments, shape (k,).

    Parameters
    ----------
    law : SymmetricLaw
        Law of the weight, or of the product of two.
    k, base, max_weight
        As in `segments`.

    Returns
    -------
    ndarray of float, shape (k,)
        Magnitudes only: a prescribed sign halves them.

    Examples
    --------
    >>> segment_probabilities(Uniform(1.0), 3, base=1.5).round(4).tolist()
    [0.2222, 0.1481, 0.0988]
    >>> segment_probabilities(Hyperbolic(1.5**-4, 1.5**-1), 3, base=1.5).round(4).tolist()
    [0.3333, 0.3333, 0.3333]
    """
    low, high = segments(k, base, max_weight)
    probabilities: Floats = law.magnitude_cdf(high) - law.magnitude_cdf(low)
    return probabilities
