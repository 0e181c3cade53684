"""Claims of the page *toolbox*: Chernoff, the union bound, Lipschitz constants."""

from lpbook.ledger.core import Claim

CLAIMS: tuple[Claim, ...] = ()
