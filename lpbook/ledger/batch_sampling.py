"""Claims of the chapter *batch_sampling*."""

from lpbook.ledger.core import Claim

CLAIMS: tuple[Claim, ...] = ()
