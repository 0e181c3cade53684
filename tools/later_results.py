"""The table of the results since 2020, from the list of `lpbook.experiments.later_results`."""

from __future__ import annotations

from lpbook.experiments.later_results import later_results

SAYS = {"proved": "proved", "measured": "tried out", "quoted": "quoted"}
"""What the book does with a result, as the table says it."""


def table_of_results() -> list[str]:
    """The table in MyST, line by line: who, what is new at what price, and where."""
    rows = [
        f"| {{cite:t}}`{result.key}` | {result.new}: {result.price} "
        f"| {{doc}}`{result.topic} <{result.page}>`: {SAYS[result.here]} |"
        for result in later_results()
    ]
    return [
        "```{table} What came after 2020",
        ":name: tab-later",
        "",
        "| who | what, and at what price | page |",
        "|---|---|---|",
        *rows,
        "```",
    ]
