"""Claims of the chapter *product_weights*."""

from lpbook.ledger.core import Claim

CLAIMS: tuple[Claim, ...] = ()
