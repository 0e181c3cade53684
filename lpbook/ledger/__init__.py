"""The ledger: every numbered statement of the book, with its check and its counter-check.

``lp.claims`` maps the name of a statement, which is its anchor in the book, to its `Claim`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from importlib.resources import files
from typing import Any

import numpy as np

from lpbook.ledger.core import Claim, Counterexample, Step, Steps, written
from lpbook.ledger.shown import statements

__all__ = [
    "CHAPTERS",
    "LEDGER",
    "Claim",
    "Counterexample",
    "Step",
    "Steps",
    "claims",
    "record",
    "recorded",
]

CHAPTERS = (
    "malach",
    "product_weights",
    "golden_ratio",
    "hyperbolic",
    "batch_sampling",
    "main_theorem",
    "real_ticket",
    "subset_sum",
    "lower_bound",
    "in_practice",
    "since_depth",
    "since_vectors",
    "since_universal",
    "since_networks",
    "since_missing",
    "since_sparse",
    "since_quantized",
    "since_binary",
    "since_structured",
    "toolbox",
)
"""The chapters whose statements are in the ledger, in the order of the book."""


LEDGER = files("lpbook.data") / "ledger.json"
"""What the ledger's test wrote down."""


def _collect() -> dict[str, Claim]:
    found: dict[str, Claim] = {}
    place = {name: i for i, name in enumerate(statements())}
    for chapter in CHAPTERS:
        parts = vars(import_module(f"lpbook.ledger.{chapter}")).values()
        own = [part for part in parts if isinstance(part, Claim) and part.chapter == chapter]
        for claim in sorted(own, key=lambda claim: place[claim.name]):
            if claim.name in found:
                raise ValueError(f"name={claim.name!r}: two claims have this name")
            found[claim.name] = claim
    return found


claims: Mapping[str, Claim] = _collect()
"""All claims by name, in the order of the book."""


def record(claim: Claim, steps: Steps | None = None) -> dict[str, Any]:
    """Run a claim's check, if its steps are not given, and counter-check: what they say."""
    steps = claim.check() if steps is None else steps
    broken = claim.break_it()
    return {
        "chapter": claim.chapter,
        "source": claim.source,
        "kind": claim.kind,
        "prose": list(claim.prose),
        "code": [dotted_name(function) for function in claim.code],
        "uses": list(claim.uses),
        "summary": steps.summary(),
        "steps": [written(line) for line in steps],
        "dropped": broken.dropped,
        "counterexample": repr(broken),
    }


def dotted_name(function: Any) -> str:
    """Where it is found; a ufunc is NumPy's, since older ones do not say."""
    if isinstance(function, np.ufunc):
        return f"numpy.{function.__name__}"
    return f"{function.__module__}.{function.__qualname__}"


def recorded() -> dict[str, dict[str, Any]]:
    """What the ledger's test wrote down, by name: the page *claims* shows it."""
    found: dict[str, dict[str, Any]] = json.loads(LEDGER.read_text(encoding="utf-8"))
    return found
