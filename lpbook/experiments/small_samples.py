"""A few samples that fall into a few categories: all outcomes, with probabilities in fractions."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from fractions import Fraction
from math import comb

__all__ = ["Shares", "all_shares", "filled", "hit_sets", "outcomes", "rarest_segment"]

Shares = tuple[Fraction, ...]
"""Probabilities of categories; what they lack of 1 is outside."""


def all_shares(categories: int, parts: int) -> Iterator[Shares]:
    """All probabilities of categories that are multiples of 1/parts, with a sum of at most 1.

    Examples
    --------
    >>> [[str(p) for p in shares] for shares in all_shares(2, 1)]
    [['0', '0'], ['0', '1'], ['1', '0']]
    """
    for counts in itertools.product(range(parts + 1), repeat=categories):
        if sum(counts) <= parts:
            yield tuple(Fraction(count, parts) for count in counts)


def outcomes(
    shares: Sequence[Fraction], samples: int
) -> Iterator[tuple[tuple[int, ...], Fraction]]:
    """How many samples each category gets, and with which probability; the shares add up to 1.

    Examples
    --------
    >>> half = Fraction(1, 2)
    >>> [(counts, str(p)) for counts, p in outcomes((half, half), 2)]
    [((0, 2), '1/4'), ((1, 1), '1/2'), ((2, 0), '1/4')]
    """
    *first, last = shares
    for counts in itertools.product(range(samples + 1), repeat=len(first)):
        left = samples - sum(counts)
        if left >= 0:
            chance, n = last**left, samples
            for share, count in zip(first, counts, strict=True):
                chance, n = chance * comb(n, count) * share**count, n - count
            yield (*counts, left), chance


def filled(shares: Sequence[Fraction], wanted: Sequence[int], samples: int) -> Fraction:
    """Probability that each category gets as many samples as are wanted of it.

    Parameters
    ----------
    shares : sequence of Fraction
        Probability of each category; no sample is in two.
    wanted : sequence of int
        How many samples each category is to get.
    samples : int
        Number of independent samples.

    Returns
    -------
    Fraction
        Exact.

    Raises
    ------
    ValueError
        If the probabilities have a sum above 1.

    Examples
    --------
    >>> filled([Fraction(1, 2), Fraction(1, 2)], [1, 1], 3)
    Fraction(3, 4)
    """
    outside = 1 - sum(shares, Fraction(0))
    if outside < 0:
        raise ValueError(f"shares={shares!r}: must have a sum of at most 1")
    found = (
        chance
        for (*counts, _), chance in outcomes((*shares, outside), samples)
        if all(count >= want for count, want in zip(counts, wanted, strict=True))
    )
    return sum(found, Fraction(0))


def hit_sets(
    kinds: Sequence[frozenset[int]], shares: Shares, samples: int
) -> dict[frozenset[int], Fraction]:
    """The law of the set of categories that some samples hit.

    Parameters
    ----------
    kinds : sequence of frozenset of int
        The categories that a sample may hit at once.
    shares : tuple of Fraction
        Probability of each kind; the rest hits nothing.
    samples : int
        Number of independent samples.

    Examples
    --------
    >>> law = hit_sets([frozenset({1}), frozenset({2})], (Fraction(1, 2), Fraction(1, 4)), 2)
    >>> law[frozenset({1, 2})]
    Fraction(1, 4)
    """
    law = {frozenset[int](): Fraction(1)}
    steps = [*zip(kinds, shares, strict=True), (frozenset[int](), 1 - sum(shares, Fraction(0)))]
    for _ in range(samples):
        more: dict[frozenset[int], Fraction] = {}
        for (hit, chance), (kind, p) in itertools.product(law.items(), steps):
            more[hit | kind] = more.get(hit | kind, Fraction(0)) + chance * p
        law = more
    return law


def rarest_segment(digits: int, first: Fraction, second: Fraction, shift: Fraction) -> Fraction:
    """The smallest probability of a digit, for the product of two hyperbolic weights.

    Parameters
    ----------
    digits : int
        Number of neighbouring segments, k.
    first, second : Fraction
        Widths of the ranges of both weights, above 0, in digits.
    shift : Fraction
        By how many digits the middle of the product's law is off that of the segments.

    Examples
    --------
    >>> rarest_segment(4, Fraction(3), Fraction(3), Fraction(0))
    Fraction(1, 6)
    """
    corners = ((Fraction(0), 1), (first, -1), (second, -1), (first + second, 1))

    def below(x: Fraction) -> Fraction:  # of the sum of two uniform numbers: a trapezoid
        area = sum((sign * max(x - at, Fraction(0)) ** 2 for at, sign in corners), Fraction(0))
        return area / (2 * first * second)

    start = (first + second - digits) / 2 + shift
    ends = [below(start + i) for i in range(digits + 1)]
    return min(high - low for low, high in itertools.pairwise(ends))
