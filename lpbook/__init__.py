"""Golden Tickets: logarithmic pruning of random networks, proved, checked and run.

``import lpbook as lp``. The journey of a weight: `Network` and `Ball` say what is wanted,
`weight_budget` what error a weight may have, `plan` what that costs, `prune` finds the `Ticket`.
"""

from lpbook.batches import batch_size
from lpbook.budgets import weight_budget
from lpbook.constructions import GoldenRatio
from lpbook.digits import PHI, Digits, count_digits, decompose
from lpbook.distributions import Hyperbolic, SignedConstant, Uniform
from lpbook.examples import digits_classifier
from lpbook.networks import Ball, Network
from lpbook.pruning import Plan, plan, prune
from lpbook.tickets import Certificate, Ticket, load_ticket

__version__ = "0.1.0"

__all__ = [
    "PHI",
    "Ball",
    "Certificate",
    "Digits",
    "GoldenRatio",
    "Hyperbolic",
    "Network",
    "Plan",
    "SignedConstant",
    "Ticket",
    "Uniform",
    "batch_size",
    "count_digits",
    "decompose",
    "digits_classifier",
    "load_ticket",
    "plan",
    "prune",
    "weight_budget",
]
