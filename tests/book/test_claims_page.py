"""What the pages of the ledger and of the reference list, so that one finds it in seconds."""

from __future__ import annotations

import re
from pathlib import Path
from pkgutil import resolve_name

import pytest
from sphinx.util.inventory import InventoryFile

import lpbook as lp
from lpbook.ledger import CHAPTERS, recorded
from tools.book import ROOT
from tools.contents import contents
from tools.extensions.check_lines import line
from tools.extensions.claims_page import (
    PLAIN,
    check_source,
    counts,
    headed,
    overview,
    rendered,
)

LABEL = re.compile(r"^`{3,}\{prf:(\w+)\}.*\n(?::\w+:.*\n)*?:label:\s*(\S+)", re.MULTILINE)
RECORD = recorded()


def test_overview_leads_to_each_entry() -> None:
    table = overview(RECORD)
    assert re.findall(r"\]\(#claim-(.*?)\) \|$", table, re.MULTILINE) == list(RECORD)


def test_each_row_has_three_cells() -> None:
    for row in overview(RECORD).strip().split("\n"):
        assert len(re.split(r"(?<!\\)\|", row)) == 5, row


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


def test_the_line_of_a_statement_is_plain_english() -> None:
    said = line("batch-lemma", RECORD["batch-lemma"], "book/batch_sampling").astext()
    assert said.replace("\N{NO-BREAK SPACE}", " ").startswith(
        "Formal proof: 1 identity, 1 implication, 2 formulas; in words: the union bound"
        ". With 3/2 in place of the leading constant 2: the category holds fewer than m "
    )


# A quoted hypothesis, a root, a power of ten, a minus sign or a long number as a computer has it.
UNSET = re.compile(r"Without “|sqrt\(|\de[-+]?\d|(?<![\w)])-\d|(?<![\d.,])\d{4,}")


@pytest.mark.parametrize("name", RECORD)
def test_the_line_of_a_statement_is_set_as_in_a_book(name: str) -> None:
    assert not UNSET.search(line(name, RECORD[name], "").astext())


def test_every_entry_of_the_reference_is_in_its_summary() -> None:
    summary, rest = (ROOT / "book" / "api.md").read_text(encoding="utf-8").split("currentmodule")
    listed = re.findall(r"^   ~lpbook\.(\S+)$", summary, re.MULTILINE)
    described = re.findall(r"^\.\. auto(?:function|class):: (\S+)$", rest, re.MULTILINE)
    loaders = [name for name in listed if name.startswith("Network.from_")]
    assert [name for name in listed if name not in loaders] == [
        name.removeprefix("lpbook.") for name in described
    ]
    (members,) = re.findall(r"^\.\. autoclass:: Network\n   :members: (.*)$", rest, re.MULTILINE)
    assert loaders == [f"Network.{name}" for name in members.split(", ") if "from_" in name]


@pytest.mark.parametrize(
    ("claim", "shown"),
    [
        ("subset-sum-step", ["subset_sum_step", "_unions_as_said", "_unions_of_cells", "_average"]),
        ("between-layers", ["between_layers", "_behind"]),  # what an argument is unless given
    ],
)
def test_a_check_stands_with_what_it_calls(claim: str, shown: list[str]) -> None:
    """Helpers of helpers too, each once, after the check; those of other modules are not shown."""
    assert re.findall(r"^def (\w+)", "\n".join(check_source(claim)), re.MULTILINE) == shown


@pytest.mark.parametrize("name", RECORD)
def test_an_entry_leads_to_its_test(name: str) -> None:
    page = (ROOT / "book" / "claims.md").read_text(encoding="utf-8")
    tests = (ROOT / "tests" / "package" / "test_ledger.py").read_text(encoding="utf-8")
    (test, target) = re.findall(r"^Test: \[`(\w+)\[.*\]`\]\(#(.*)\)\.$", rendered(
        name, RECORD[name], RECORD), re.MULTILINE)[0]  # fmt: skip
    shown = re.findall(r"^:pyobject: (\w+)$", page.partition(f"({target})=")[2], re.MULTILINE)
    assert test in shown
    assert all(f"\ndef {name}(" in tests for name in shown)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_numbered_statements_of_a_chapter_are_its_claims(chapter: str) -> None:
    """A claim's name is its anchor; definitions and examples assert nothing and need no claim."""
    pages = [page.name for page in contents(ROOT) if page.chapter == chapter]
    text = "\n".join((ROOT / "book" / f"{page}.md").read_text(encoding="utf-8") for page in pages)
    kinds = ("theorem", "lemma", "proposition", "corollary")
    anchors = {label for kind, label in LABEL.findall(text) if kind in kinds}
    assert anchors == {c.name for c in lp.claims.values() if c.chapter == chapter}


@pytest.mark.parametrize("name", lp.claims)
def test_a_claim_uses_claims_and_cited_sources(name: str) -> None:
    bibliography = (ROOT / "book" / "references.bib").read_text(encoding="utf-8")
    keys = re.findall(r"^@\w+\{([^,]+),", bibliography, re.MULTILINE)
    assert set(lp.claims[name].uses) <= set(lp.claims) | set(keys)


def test_code_of_a_claim_is_a_link_where_the_reference_has_it(built_site: Path) -> None:
    """And what it has not is at least the name of something."""
    html = (built_site / "book" / "claims.html").read_text(encoding="utf-8")
    entries = re.findall(r"\bCode: (.*?)</p>", html, re.DOTALL)
    assert len(entries) == sum(bool(entry["code"]) for entry in RECORD.values())
    linked = re.compile(r'<a [^>]*href="[^"]*#([^"]*)"[^>]*><code.*?</code></a>', re.DOTALL)
    names = [name for entry in entries for name in linked.findall(entry)]
    assert len(names) > 50
    with (built_site / "objects.inv").open("rb") as file:
        inventory = InventoryFile.load(file, "", lambda base, path: path)
    documented = {name for kind in inventory if kind.startswith("py:") for name in inventory[kind]}
    assert set(names) <= documented
    for entry in entries:
        for plain in re.sub(r"<.*?>", "", linked.sub("", entry)).strip(" .,").split(", "):
            if plain:
                assert plain not in documented
                assert resolve_name(plain)


def test_names_in_checks_are_not_marked_and_look_alike(built_site: Path) -> None:
    """A hundred thousand elements would keep a browser busy for ten seconds."""
    page = (built_site / "book" / "claims.html").read_text(encoding="utf-8")
    _, _, checks = page.partition('<div class="claim ')
    assert checks
    assert not PLAIN.search(checks)
    sheet = (built_site / "_static" / "pygments.css").read_text(encoding="utf-8")
    for mode in ("light", "dark"):
        rules = rf'\[data-theme="{mode}"\] \.highlight( \.[npw])? \{{[^}}]*\bcolor: (#\w+)'
        colours = dict(re.findall(rules, sheet))
        assert colours == dict.fromkeys(("", " .n", " .p", " .w"), colours[""])
