"""Probabilities of a binomial count as SymPy functions: what a formula shows, exactly computed."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import sympy as sp


def binomial_chance(trials: int, chance: Fraction, counts: range) -> Fraction:
    """Probability that Bin(trials, chance) is one of these counts, exactly."""
    hit, scale = chance.numerator, chance.denominator
    miss = scale - hit
    counts = range(max(counts.start, 0), min(counts.stop, trials + 1))
    if not counts:
        return Fraction(0)
    # whole numbers until the one division at the end
    ways = sum(math.comb(trials, j) * hit**j * miss ** (counts[-1] - j) for j in counts)
    return Fraction(ways * miss ** (trials - counts[-1]), scale**trials)


def binomial_tail(m: int, size: int, p: Fraction) -> Fraction:
    """Pr[Bin(size, p) < m], exactly."""
    return binomial_chance(size, p, range(m))


class _Binomial(sp.Function):  # type: ignore[misc]
    """Probability of an event of Bin(trials, chance); numbers make it a number."""

    nargs = 3

    @classmethod
    def eval(cls, trials: Any, chance: Any, count: Any) -> Any:
        """Its value, where all arguments are numbers."""
        if not (trials.is_Integer and count.is_Integer and chance.is_Rational):
            return None
        p = Fraction(int(chance.p), int(chance.q))
        return sp.Rational(binomial_chance(int(trials), p, cls.counts(int(trials), int(count))))

    @staticmethod
    def counts(trials: int, count: int) -> range:
        """How many successes are the event."""
        raise NotImplementedError

    sign = ""

    def _latex(self, printer: Any) -> str:
        trials, chance, count = (printer._print(a) for a in self.args)
        return rf"\Pr[\mathrm{{Bin}}({trials},{chance}){self.sign} {count}]"


class BinBelow(_Binomial):
    """Pr[Bin(trials, chance) < count]."""

    sign = "<"

    @staticmethod
    def counts(trials: int, count: int) -> range:
        """Those below `count`."""
        return range(count)


class BinAtMost(_Binomial):
    """Pr[Bin(trials, chance) <= count]."""

    sign = r"\le"

    @staticmethod
    def counts(trials: int, count: int) -> range:
        """Those up to `count`."""
        return range(count + 1)


class BinExactly(_Binomial):
    """Pr[Bin(trials, chance) = count]."""

    sign = "="

    @staticmethod
    def counts(trials: int, count: int) -> range:
        """`count` itself."""
        return range(count, count + 1)


class BinAtLeast(_Binomial):
    """Pr[Bin(trials, chance) >= count]."""

    sign = r"\ge"

    @staticmethod
    def counts(trials: int, count: int) -> range:
        """Those from `count` on."""
        return range(count, trials + 1)
