"""The theorems in ``proofs/`` that are named after claims.

`lpbook/data/formal.json` is taken from the files by `make ledger`; a test holds both equal.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

SAYS = {"whole": "proved in Rocq", "part": "proved in Rocq in part"}
"""How the book says how much of a claim is proved there."""


@cache
def formal() -> Mapping[str, Sequence[Mapping[str, str]]]:
    """By name of a claim: theorem, file, whether it covers the whole, its words and statement."""
    text = (files("lpbook.data") / "formal.json").read_text(encoding="utf-8")
    found: dict[str, list[dict[str, str]]] = json.loads(text)
    return found


def theorem_of(claim: str) -> str | None:
    """The theorem of a claim, or None.

    Examples
    --------
    >>> theorem_of("digits-suffice"), theorem_of("pooled-measured")
    ('digits_suffice', None)
    """
    theorems = formal().get(claim)
    return theorems[0]["theorem"] if theorems else None


def covers(claim: str) -> str | None:
    """Whether the claim is proved there as a whole or in part; None if not at all."""
    theorems = formal().get(claim)
    return theorems[0]["covers"] if theorems else None
