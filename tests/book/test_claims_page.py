"""What the pages of the ledger and of the reference list, so that one finds it in seconds."""

from __future__ import annotations

import json
import re

import pytest

import lpbook as lp
from lpbook.ledger import CHAPTERS
from tools.book import ROOT
from tools.extensions.claims_page import LEDGER, counts, headed, overview

LABEL = re.compile(r"^`{3,}\{prf:(\w+)\}.*\n(?::\w+:.*\n)*?:label:\s*(\S+)", re.MULTILINE)
RECORD = json.loads(LEDGER.read_text(encoding="utf-8"))


def test_overview_leads_to_each_entry() -> None:
    table = overview(RECORD)
    assert re.findall(r"\]\(#claim-(.*?)\) \|$", table, re.MULTILINE) == list(RECORD)


def test_counts_add_up() -> None:
    *chapters, total = (
        [int(n) for n in re.findall(r"\d+", line.split("|", 2)[2])]
        for line in counts(RECORD).strip().split("\n")[2:]
    )
    assert [sum(column) for column in zip(*chapters, strict=True)] == total
    assert sum(total) == len(RECORD)


def test_titles_begin_with_a_capital_but_letters_of_formulas_do_not() -> None:
    assert headed("the exponent, measured") == "The exponent, measured"
    assert headed("a sharper bound") == "A sharper bound"
    assert headed("n follows the bits") == "n follows the bits"


def test_every_entry_of_the_reference_is_in_its_summary() -> None:
    summary, rest = (ROOT / "book" / "api.md").read_text(encoding="utf-8").split("currentmodule")
    listed = re.findall(r"^   ~lpbook\.(\S+)$", summary, re.MULTILINE)
    described = re.findall(r"^\.\. auto(?:function|class):: (\S+)$", rest, re.MULTILINE)
    assert listed == [name.removeprefix("lpbook.") for name in described]


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_numbered_statements_of_a_chapter_are_its_claims(chapter: str) -> None:
    """A claim's name is its anchor; definitions and examples assert nothing and need no claim."""
    text = (ROOT / "book" / f"{chapter}.md").read_text(encoding="utf-8")
    kinds = ("theorem", "lemma", "proposition", "corollary")
    anchors = {label for kind, label in LABEL.findall(text) if kind in kinds}
    assert anchors == {c.name for c in lp.claims.values() if c.chapter == chapter}


@pytest.mark.parametrize("name", lp.claims)
def test_a_claim_uses_claims_and_cited_sources(name: str) -> None:
    bibliography = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    keys = re.findall(r"^@\w+\{([^,]+),", bibliography, re.MULTILINE)
    assert set(lp.claims[name].uses) <= set(lp.claims) | set(keys)
