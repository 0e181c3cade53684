"""Claims of the chapter *golden_ratio*."""

from lpbook.ledger.core import Claim

CLAIMS: tuple[Claim, ...] = ()
