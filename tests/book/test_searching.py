"""What the page *How to search a random network* says of the search is what the package does."""

from __future__ import annotations

import re

import numpy as np
import pytest

from lpbook.constructions import first_hits, golden_ratio
from tools.book import ROOT

TEXT = " ".join((ROOT / "book" / "searching.md").read_text(encoding="utf-8").split())
ROWS = first_hits._TILE // first_hits.STRIP
TOGETHER = first_hits.STRIP * ROWS * np.dtype(np.uint32).itemsize


@pytest.mark.parametrize(
    ("words", "found", "within"),
    [
        (r"digits of some ([\d,]+) outputs", first_hits.STRIP, 0.05),
        (r"outputs, (ten) rows of them", ROWS, 0),
        (r"works on about ([\d.]+) MB", TOGETHER / 1e6, 0.05),
        (r"some (four) times as long as one digit is waited for", golden_ratio.WHOLE, 0.1),
    ],
)
def test_numbers_in_words_are_those_of_the_search(words, found, within):
    (said,) = re.findall(words, TEXT)
    number = {"four": 4, "ten": 10}.get(said) or float(said.replace(",", ""))
    assert number == pytest.approx(found, rel=within)
