"""Results on strong lottery tickets since 2020: who, what, at what price, and on which page."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib.resources import files

__all__ = ["HERE", "RESULTS", "LaterResult", "later_results"]

RESULTS = files("lpbook.data") / "later_results.json"
"""The one list of them: the picture and the table of the chapter *since_then* are made of it."""

HERE = ("proved", "in part", "tried out", "quoted")
"""What the book does with a result, the most first.

It proves it, or one after it; proves a special case or a weaker one; runs a related experiment;
quotes it.
"""


@dataclass(frozen=True)
class LaterResult:
    """A result of a paper.

    Attributes
    ----------
    key : str
        The paper in the bibliography: its first author and year.
    who : str
        Its first author, as a picture names it.
    topic : str
        The question that it answers.
    page : str
        The page of the book that tells of it.
    new : str
        What is new, in MyST.
    price : str
        What it costs, in the words of the paper's abstract, in MyST.
    here : str
        One of `HERE`.
    """

    key: str
    who: str
    topic: str
    page: str
    new: str
    price: str
    here: str

    @property
    def year(self) -> int:
        """When it was published.

        Examples
        --------
        >>> [result.year for result in later_results() if result.key == "becchetti2022"]
        [2022]
        """
        (year,) = re.findall(r"\d{4}", self.key)
        return int(year)


def later_results() -> tuple[LaterResult, ...]:
    """All of them: topics in the order of the book, in each topic by year.

    Examples
    --------
    >>> sorted({result.here for result in later_results()} - set(HERE))
    []
    """
    found = [LaterResult(**entry) for entry in json.loads(RESULTS.read_text(encoding="utf-8"))]
    topics = list(dict.fromkeys(result.topic for result in found))
    return tuple(sorted(found, key=lambda result: (topics.index(result.topic), result.year)))
