"""Exact laws of a few samples against brute force and the package's own laws."""

import itertools
from fractions import Fraction

import pytest

import lpbook as lp
from lpbook.batches import all_hit
from lpbook.distributions import segment_probabilities
from lpbook.experiments.small_samples import (
    all_shares,
    filled,
    hit_sets,
    outcomes,
    rarest_segment,
)


def test_all_shares_are_different_and_complete():
    found = list(all_shares(3, 4))
    assert len(set(found)) == len(found) == 35  # 4 parts over 3 categories and the outside
    assert all(sum(shares) <= 1 for shares in found)


@pytest.mark.parametrize("samples", [0, 1, 3, 4])
def test_outcomes_are_those_of_all_sequences(samples):
    shares = (Fraction(1, 2), Fraction(1, 3), Fraction(1, 6))
    counted = {}
    for drawn in itertools.product(range(3), repeat=samples):
        counts, chance = tuple(drawn.count(i) for i in range(3)), Fraction(1)
        for i in drawn:
            chance *= shares[i]
        counted[counts] = counted.get(counts, 0) + chance
    assert dict(outcomes(shares, samples)) == counted


@pytest.mark.parametrize("samples", [1, 4, 6])
def test_filled_once_is_all_hit(samples):
    share = Fraction(1, 5)
    assert filled([share] * 3, [1, 1, 1], samples) == all_hit(3, share, samples)
    law = hit_sets([frozenset({i}) for i in range(3)], (share,) * 3, samples)
    assert law.get(frozenset(range(3)), 0) == all_hit(3, share, samples)
    assert sum(law.values()) == 1


def test_filled_asks_for_as_many_as_are_wanted():
    # two of the first and one of the second of three: three sequences
    assert filled((Fraction(2, 3), Fraction(1, 3)), (2, 1), 3) == 3 * Fraction(4, 27)
    with pytest.raises(ValueError, match="shares="):
        filled((Fraction(2, 3), Fraction(2, 3)), (1, 1), 3)


def test_kinds_that_hit_two_categories_at_once():
    both = hit_sets([frozenset({1, 2})], (Fraction(1, 4),), 2)
    assert both == {frozenset(): Fraction(9, 16), frozenset({1, 2}): Fraction(7, 16)}


@pytest.mark.parametrize(
    ("digits", "width", "shift"), [(4, 3, 0), (5, 7, -1), (3, 1, 0), (2, 4, 2)]
)
def test_the_rarest_segment_is_that_of_the_product_law(digits, width, shift):
    middle = -(digits + 2) / 2 - shift
    ends = [lp.PHI ** ((middle + side * width) / 2) for side in (-1, 1)]
    expected = segment_probabilities(lp.Hyperbolic(*ends).product(), digits).min()
    found = rarest_segment(digits, Fraction(width), Fraction(width), Fraction(shift))
    assert float(found) == pytest.approx(expected, abs=1e-12)
