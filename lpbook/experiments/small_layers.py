"""Small pooled layers with all outcomes of a neuron: probabilities in whole numbers and fractions.

Magnitudes are powers of the base, given by what is subtracted in the exponent: the magnitude
γ^(-x) has the number x, and a product has the sum of both. All signs are fair.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "Layer",
    "closed",
    "half_open",
    "largest_mean",
    "least_service",
    "service_cases",
    "some_missed",
    "unserved_counts",
]

Exponents = Mapping[Any, int]  # exponent of a magnitude: its probability, as a whole number


def half_open(exponent: Any, digit: int) -> bool:
    """Whether γ^(-digit - 1) <= γ^(-exponent) < γ^(-digit).

    Examples
    --------
    >>> [[half_open(x, digit) for digit in (1, 2)] for x in (1, 1.5, 2)]
    [[False, False], [True, False], [True, False]]
    """
    return bool(digit < exponent <= digit + 1)


def closed(exponent: Any, digit: int) -> bool:
    """The same with both ends, so that an end common to two segments is two digits."""
    return bool(digit <= exponent <= digit + 1)


@dataclass(frozen=True)
class Layer:
    """A pooled layer whose neurons have finitely many outcomes.

    Attributes
    ----------
    outputs, inputs : int
        Its shape.
    digits : int
        Digits k.
    outer, inner : dict from exponent to int
        Laws of the magnitudes of out-weights and of in-weights; all outcomes of a neuron have
        products of these whole numbers as probabilities, up to a common factor.
    sorted_by : {"a", "b", "none"}
        Which weight's sign goes with the digit to make a category; with "none" no sign does, and
        in-weights are positive.
    is_digit : callable
        Whether a magnitude of this exponent is this digit.
    in_signs : sequence of tuples, optional
        Equally likely signs of the in-weights, if not all that there are.
    """

    outputs: int
    inputs: int
    digits: int
    outer: Exponents
    inner: Exponents
    sorted_by: str = "a"
    is_digit: Callable[[Any, int], bool] = half_open
    in_signs: Sequence[tuple[int, ...]] | None = None

    @property
    def edges(self) -> int:
        """Number of target weights."""
        return self.outputs * self.inputs

    @property
    def categories(self) -> int:
        """Number of categories."""
        return self.digits * (1 if self.sorted_by == "none" else 2)

    @property
    def requirements(self) -> int:
        """One for each target weight and category."""
        return self.edges * self.categories

    def patterns(self) -> Iterator[tuple[int, ...]]:
        """All signs that the target weights can have."""
        return itertools.product((1, -1), repeat=self.edges)

    def _neurons(self) -> Iterator[tuple[Any, Any]]:
        """All outcomes: pairs of sign and (exponent, probability), of out- and of in-weights."""
        signs = (1,) if self.sorted_by == "none" else (1, -1)
        fair = itertools.product(signs, repeat=self.inputs)
        in_signs = list(fair if self.in_signs is None else self.in_signs)
        levels = itertools.product(self.inner.items(), repeat=self.inputs)
        inner = [[*zip(s, x, strict=True)] for s, x in itertools.product(in_signs, [*levels])]
        a = itertools.product((1, -1), self.outer.items())
        return itertools.product(itertools.product([*a], repeat=self.outputs), inner)

    @cached_property
    def outcomes(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.bool_]]:
        """Probability (n,), sign and categories of each product.

        Shapes (n, edges) and (n, edges, categories).
        """
        probability, signs, supplied = [], [], []
        for a, b in self._neurons():
            pairs = list(itertools.product(a, b))
            probability.append(math.prod(p for _, (_, p) in (*a, *b)))
            signs.append([a_sign * b_sign for (a_sign, _), (b_sign, _) in pairs])
            supplied.append([self._supplied(*one, *two) for one, two in pairs])
        return np.array(probability), np.array(signs), np.array(supplied)

    def _supplied(self, a_sign: int, outer: Any, b_sign: int, inner: Any) -> list[bool]:
        found = [self.is_digit(outer[0] + inner[0], d) for d in range(1, self.digits + 1)]
        if self.sorted_by == "none":
            return found
        none = [False] * self.digits
        positive = (a_sign if self.sorted_by == "a" else b_sign) > 0
        return found + none if positive else none + found

    @property
    def least_chance(self) -> Fraction:
        """Probability of the requirement that a neuron satisfies least often."""
        probability = self.outcomes[0]
        satisfied = self.satisfied((1,) * self.edges).reshape(len(probability), -1)
        return Fraction(int((probability @ satisfied).min()), int(probability.sum()))

    def satisfied(self, signs: Sequence[int]) -> NDArray[np.bool_]:
        """Whether each outcome satisfies each requirement of target weights with these signs.

        Shape (outcomes, edges, categories).
        """
        _, found, supplied = self.outcomes
        right: NDArray[np.bool_] = supplied & (found == np.asarray(signs))[:, :, None]
        return right


def largest_mean(layer: Layer) -> Fraction:
    """Largest mean of the number of other open requirements that a neuron satisfies.

    Over all signs, all given requirements and all choices of one open requirement, or none, in
    each category. The number is a sum over the other categories, and each of them may be open at
    any edge: so the largest sum is the sum of the largest.

    Examples
    --------
    >>> largest_mean(Layer(3, 2, 2, {1: 1, 2: 1}, {1: 1}))
    Fraction(3, 4)
    """
    largest = Fraction(0)
    probability = layer.outcomes[0][:, None]
    for signs in layer.patterns():
        hits = layer.satisfied(signs).reshape(len(probability), -1).astype(np.int64)
        both = (hits * probability).T @ hits
        for given in np.flatnonzero(both.diagonal()):
            most = both[given].reshape(layer.edges, -1).max(axis=0)
            most[given % layer.categories] = 0
            largest = max(largest, Fraction(int(most.sum()), int(both[given, given])))
    return largest


def service_cases(layer: Layer) -> int:
    """Over how many cases `least_service` goes."""
    return int(2**layer.edges * (layer.edges + 1) ** layer.categories)


def least_service(layer: Layer) -> Fraction:
    """Least probability with which an open requirement is served.

    A neuron serves a random one among the open requirements that it satisfies. Cases: all signs,
    all choices of one open requirement, or none, in each category.
    """
    edges, categories = layer.edges, np.arange(layer.categories)
    opened = np.array([*itertools.product(range(edges + 1), repeat=categories.size)])
    scale = math.lcm(*range(1, categories.size + 1))
    shares = np.array([0, *(scale // n for n in range(1, categories.size + 1))])
    probability, smallest = layer.outcomes[0], Fraction(1)
    for signs in layer.patterns():
        satisfied = layer.satisfied(signs)
        none = np.zeros((len(satisfied), 1, categories.size), dtype=bool)  # the last edge: closed
        satisfied = np.concatenate([satisfied, none], axis=1)[:, opened, categories]
        share = shares[satisfied.sum(axis=2, keepdims=True)] * probability[:, None, None]
        served = (satisfied * share).sum(axis=0)[opened < edges]
        smallest = min(smallest, Fraction(int(served.min()), scale * int(probability.sum())))
    return smallest


def unserved_counts(layer: Layer, signs: Sequence[int], neurons: int) -> list[list[Fraction]]:
    """How likely each category is not served by 0, 1, … neurons, exactly.

    Each category keeps its first unserved requirement open, and a fresh neuron serves a random one
    among the open requirements that it satisfies.
    """
    probability, satisfied = layer.outcomes[0], layer.satisfied(signs)
    total, edges, categories = int(probability.sum()), layer.edges, range(layer.categories)
    chances = {(0,) * layer.categories: Fraction(1)}  # how many each category has served
    found = []
    for _ in range(neurons + 1):
        left = [sum(p for s, p in chances.items() if s[g] < edges) for g in categories]
        found.append([Fraction(p) for p in left])
        after: dict[tuple[int, ...], Fraction] = {}
        for state, chance in chances.items():
            waiting = [g for g in categories if state[g] < edges]
            fits = satisfied[:, [state[g] for g in waiting], waiting]
            kinds, which = np.unique(fits, axis=0, return_inverse=True)
            for i, kind in enumerate(kinds):
                p = chance * Fraction(int(probability[which.ravel() == i].sum()), total)
                useful = [g for g, fit in zip(waiting, kind, strict=True) if fit]
                for g in useful:
                    new = (*state[:g], state[g] + 1, *state[g + 1 :])
                    after[new] = after.get(new, Fraction(0)) + p / len(useful)
                if not useful:
                    after[state] = after.get(state, Fraction(0)) + p
        chances = after
    return found


def some_missed(satisfied: NDArray[np.bool_], neurons: int) -> Fraction:
    """How likely `neurons` equally likely outcomes (rows) leave a column without True, exactly.

    Columns are requirements; all subsets of them are enumerated (inclusion and exclusion).

    Examples
    --------
    >>> some_missed(np.eye(2, dtype=bool), 3)
    Fraction(1, 4)
    """
    total = Fraction(0)
    for n in range(1, satisfied.shape[1] + 1):
        for some in itertools.combinations(range(satisfied.shape[1]), n):
            none = int((~satisfied[:, some].any(axis=1)).sum())
            total -= (-1) ** n * Fraction(none, len(satisfied)) ** neurons
    return total
