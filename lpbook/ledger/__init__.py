"""The ledger: every numbered statement of the book, with its check and its counter-check.

``lp.claims`` maps the name of a statement, which is its anchor in the book, to its `Claim`.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module

from lpbook.ledger.core import Claim, Counterexample, Step, Steps

__all__ = ["CHAPTERS", "Claim", "Counterexample", "Step", "Steps", "claims"]

CHAPTERS = ("toolbox", "malach")
"""The chapters whose statements are in the ledger, in the order of the book."""


def _collect() -> dict[str, Claim]:
    found: dict[str, Claim] = {}
    for chapter in CHAPTERS:
        for claim in import_module(f"lpbook.ledger.{chapter}").CLAIMS:
            if claim.name in found:
                raise ValueError(f"name={claim.name!r}: two claims have this name")
            found[claim.name] = claim
    return found


claims: Mapping[str, Claim] = _collect()
"""All claims by name, in the order of the book."""
