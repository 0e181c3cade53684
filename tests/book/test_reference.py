"""The page of functions and classes, and what the tests of the package ask of each."""

from __future__ import annotations

import inspect
import re

from bad_input import CALLS, LIBRARIES, RESULTS

import lpbook as lp
import lpbook.experiments.searched
import lpbook.figures
from lpbook.experiments.two_rules import table
from tools.book import ROOT

PAGE = (ROOT / "book" / "api.md").read_text(encoding="utf-8")
DIRECTIVE = re.compile(
    r"^\.\. auto(function|class|module):: ([\w.]+)\n((?:   :.*\n)*)", re.MULTILINE
)


def found(name: str) -> object:
    """What page *api* calls by this name."""
    value: object = lp
    for part in name.split("."):
        value = getattr(value, part)
    return value


def public() -> list[str]:
    """The functions, classes and methods that page *api* describes."""
    names = []
    for kind, given, options in DIRECTIVE.findall(PAGE):
        name = given.removeprefix("lpbook.")
        if name.startswith("ledger."):  # whose own tests say what its checks take
            continue
        if name not in RESULTS and kind != "module":
            names.append(name)
        members = re.search(r":members: (.*)", options)
        for member in members[1].split(", ") if kind != "function" and members else []:
            static = inspect.getattr_static(found(name), member)
            if callable(static) or isinstance(static, classmethod):
                names.append(f"{name}.{member}")
    return names


def test_every_public_function_and_class_has_its_rows() -> None:
    described = {
        given.removeprefix("lpbook.").split(".")[0] for _, given, _ in DIRECTIVE.findall(PAGE)
    }
    assert set(lp.__all__) <= described | {"PHI", "claims"}
    assert sorted(set(public()) - set(CALLS) - RESULTS - LIBRARIES) == []
    assert sorted(set(CALLS) - set(public())) == []


def test_the_table_of_both_rules_is_that_of_the_record() -> None:
    assert table() in (ROOT / "book" / "how_to.md").read_text(encoding="utf-8")
