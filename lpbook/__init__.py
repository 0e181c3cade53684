"""Golden Tickets: logarithmic pruning of random networks, proved, checked and run.

``import lpbook as lp``. The journey of a weight: `Network` and `Ball` say what is wanted,
`weight_budget` what error a weight may have, `plan` what that costs, `prune` finds the `Ticket`.
`claims` holds every statement of the book, with its check and its counter-check.
"""

from typing import TYPE_CHECKING, Any

from lpbook import _moved
from lpbook.batches import (
    batch_size,
    output_batch_size,
    pooled_batch_size,
    samples_for_both,
    subset_sum_size,
)
from lpbook.budgets import weight_budget
from lpbook.constructions import (
    GoldenRatio,
    Malach,
    ProductWeights,
    SubsetSum,
    malach_success,
    product_success,
)
from lpbook.digits import PHI, Digits, count_digits, decompose
from lpbook.distributions import Hyperbolic, Normal, SignedConstant, Uniform
from lpbook.experiments.running_example import RunningExample, digits_classifier
from lpbook.networks import Ball, Box, Network
from lpbook.pruning import Plan, plan, prune
from lpbook.subsets import Subsets, closest_subset, sparsest_subset
from lpbook.tickets import Certificate, Ticket, load_ticket

__version__ = "0.1.0"
_moved.install()


if TYPE_CHECKING:
    from lpbook.ledger import claims
else:

    def __getattr__(name: str) -> Any:
        # SymPy takes longer to load than all the rest: the ledger waits until somebody asks for it
        if name == "claims":
            from lpbook.ledger import claims

            return claims
        raise AttributeError(f"module 'lpbook' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), "claims"})


__all__ = [
    "PHI",
    "Ball",
    "Box",
    "Certificate",
    "Digits",
    "GoldenRatio",
    "Hyperbolic",
    "Malach",
    "Network",
    "Normal",
    "Plan",
    "ProductWeights",
    "RunningExample",
    "SignedConstant",
    "SubsetSum",
    "Subsets",
    "Ticket",
    "Uniform",
    "batch_size",
    "claims",
    "closest_subset",
    "count_digits",
    "decompose",
    "digits_classifier",
    "load_ticket",
    "malach_success",
    "output_batch_size",
    "plan",
    "pooled_batch_size",
    "product_success",
    "prune",
    "samples_for_both",
    "sparsest_subset",
    "subset_sum_size",
    "weight_budget",
]
