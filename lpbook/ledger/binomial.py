"""Probabilities of a binomial count as SymPy functions: what a formula shows, exactly computed."""

from __future__ import annotations

from typing import Any

import sympy as sp


class _Binomial(sp.Function):  # type: ignore[misc]
    """Probability of an event of Bin(trials, chance); numbers make it a number."""

    nargs = 3

    @classmethod
    def eval(cls, trials: Any, chance: Any, count: Any) -> Any:
        """The sum of the terms, where all arguments are numbers."""
        if not (trials.is_Integer and count.is_Integer and chance.is_Rational):
            return None
        return sum(
            (
                sp.binomial(trials, j) * chance**j * (1 - chance) ** (trials - j)
                for j in range(int(trials) + 1)
                if cls.holds(j, int(count))
            ),
            sp.Integer(0),
        )

    @staticmethod
    def holds(j: int, count: int) -> bool:
        """Whether j successes are the event."""
        raise NotImplementedError

    sign = ""

    def _latex(self, printer: Any) -> str:
        trials, chance, count = (printer._print(a) for a in self.args)
        return rf"\Pr[\mathrm{{Bin}}({trials},{chance}){self.sign} {count}]"


class BinBelow(_Binomial):
    """Pr[Bin(trials, chance) < count]."""

    sign = "<"

    @staticmethod
    def holds(j: int, count: int) -> bool:
        """Whether j < count."""
        return j < count


class BinAtMost(_Binomial):
    """Pr[Bin(trials, chance) <= count]."""

    sign = r"\le"

    @staticmethod
    def holds(j: int, count: int) -> bool:
        """Whether j <= count."""
        return j <= count


class BinExactly(_Binomial):
    """Pr[Bin(trials, chance) = count]."""

    sign = "="

    @staticmethod
    def holds(j: int, count: int) -> bool:
        """Whether j = count."""
        return j == count


class BinAtLeast(_Binomial):
    """Pr[Bin(trials, chance) >= count]."""

    sign = r"\ge"

    @staticmethod
    def holds(j: int, count: int) -> bool:
        """Whether j >= count."""
        return j >= count
