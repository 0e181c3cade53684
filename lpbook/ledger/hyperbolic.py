"""Claims of the chapter *hyperbolic*."""

from lpbook.ledger.core import Claim

CLAIMS: tuple[Claim, ...] = ()
