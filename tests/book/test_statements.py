"""A statement stands once, in its chapter; what the package ships of it was taken from there."""

import json

from lpbook.ledger.shown import statements as shipped
from tools.book import ROOT
from tools.statements import DATA, statements


def test_what_ships_is_what_the_chapters_say():
    """`make ledger` writes it."""
    assert json.loads((ROOT / DATA).read_text(encoding="utf-8")) == json.loads(
        json.dumps(statements())
    )
    assert shipped().keys() == statements().keys()
