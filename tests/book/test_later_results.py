"""What came since 2020: one list, and the pages and the bibliography agree with it."""

from __future__ import annotations

import re

import pytest
from pybtex.database import parse_file

from lpbook.experiments.later_results import HERE, LaterResult, later_results
from tools.book import ROOT
from tools.contents import contents
from tools.extensions.later_results import table_of_results

RESULTS = later_results()
SOURCES = parse_file(str(ROOT / "book" / "references.bib")).entries
PART = [page for page in contents(ROOT) if page.name.startswith("since_")]
CITED = re.compile(r"\{cite(?::\w+)?\}`([^`]+)`")


def cited(name: str) -> set[str]:
    """What a page cites, or all pages of a chapter."""
    pages = [page.name for page in PART if name in (page.name, page.chapter)]
    text = "".join((ROOT / "book" / f"{page}.md").read_text(encoding="utf-8") for page in pages)
    return {key.strip() for keys in CITED.findall(text) for key in keys.split(",")}


@pytest.mark.parametrize("result", RESULTS, ids=lambda result: result.key)
def test_a_result_has_a_source_and_a_page_that_cites_it(result: LaterResult) -> None:
    assert SOURCES[result.key].fields["year"] == str(result.year)
    first = SOURCES[result.key].persons["author"][0]
    assert result.who == " ".join(first.prelast_names + first.last_names)
    assert result.here in HERE
    assert result.key in cited(result.page)


def test_each_result_is_listed_once() -> None:
    assert len({result.key for result in RESULTS}) == len(RESULTS)


def test_a_later_paper_that_the_part_cites_is_in_the_list() -> None:
    later = {key for key, entry in SOURCES.items() if int(entry.fields["year"]) > 2020}
    part = set().union(*(cited(page.chapter) for page in PART))
    assert later & part <= {result.key for result in RESULTS}


@pytest.mark.parametrize("chapter", sorted({page.chapter for page in PART} - {"since_then"}))
def test_each_page_has_a_result(chapter: str) -> None:
    assert chapter in {result.page for result in RESULTS}


def test_the_table_has_a_row_for_each_result() -> None:
    rows = [line for line in table_of_results() if "{doc}" in line]
    assert [CITED.findall(row)[0] for row in rows] == [result.key for result in RESULTS]
