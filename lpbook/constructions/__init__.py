r"""One weight out of random samples: which law, how many neurons, which of them to keep.

A *construction* is a recipe without numbers, such as `GoldenRatio()`. For one layer, with its
largest weight and the error allowed on each, it becomes a *scheme*: the laws of the random
weights, the number of neurons that a theorem asks for, and the choice among drawn neurons. `plan`
prices schemes and `prune` runs them; neither knows which it has.

An intermediate neuron with in-weight b and out-weight a computes :math:`a\,\sigma(bx)`. It acts
only on the half of the inputs that has the sign of b, and there with effective weight ab. A target
weight w needs, for either half of its input, neurons whose products add up to w; where the input
is known to be at least 0, the half x > 0 alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lpbook import _checks
from lpbook.constructions.base import Construction, Kept, Scheme, Unfilled
from lpbook.constructions.first_fit import (
    Malach,
    ProductWeights,
    malach_success,
    product_success,
)
from lpbook.constructions.golden_ratio import GoldenRatio
from lpbook.constructions.subset_sum import SubsetSum, growth

__all__ = [
    "CONSTRUCTIONS",
    "Construction",
    "GoldenRatio",
    "Kept",
    "Malach",
    "ProductWeights",
    "Scheme",
    "SubsetSum",
    "Unfilled",
    "as_construction",
    "growth",
    "malach_success",
    "product_success",
]

CONSTRUCTIONS: Mapping[str, type[Construction]] = {
    "golden-ratio": GoldenRatio,
    "malach": Malach,
    "product": ProductWeights,
    "subset-sum": SubsetSum,
}
"""The constructions that `plan` and `prune` know by name."""


def as_construction(construction: Any) -> Construction:
    """A construction by name, or as it is."""
    if _checks.is_a(construction, Construction):
        found: Construction = construction
        return found
    return CONSTRUCTIONS[_checks.one_of("construction", construction, CONSTRUCTIONS)]()
