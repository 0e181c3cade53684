"""The directives of the ledger: what its test wrote down, read from `lpbook/data/ledger.json`.

`{claims} chapter` begins with a table of the chapter's claims, in which one finds a statement by
its number, title or name. Below it each claim appears with its statement, its kind, what it rests
on, the lines of its check, and what breaks it. `{claims-count}` counts claims by chapter and kind.
"""

from __future__ import annotations

import inspect
import operator
import re
from collections.abc import Callable, Mapping
from functools import reduce
from types import CodeType, FunctionType
from typing import Any

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

import lpbook
from lpbook.ledger import LEDGER, claims, recorded
from lpbook.ledger.core import KINDS, in_words
from lpbook.ledger.formal import SAYS, covers, formal
from lpbook.ledger.shown import statements
from lpbook.ledger.words import typeset
from tools.extensions.formal import linked, noted


def headed(title: str) -> str:
    """A title with a capital, where it begins with a word: letters of formulas stay as they are."""
    word = title[1:2].isalpha() or title.startswith("a ")
    return title[0].upper() + title[1:] if word else title


def cell(title: str) -> str:
    r"""A title in a table, where a bar alone would end the cell.

    Examples
    --------
    >>> print(cell("constant |b|"))
    Constant \|b\|
    """
    return headed(title).replace("|", r"\|")


def public(path: str) -> str:
    """The shortest name of a function: that under which the reference has it, if it is there.

    Examples
    --------
    >>> public("lpbook.distributions.Hyperbolic.product")
    'lpbook.Hyperbolic.product'
    >>> public("lpbook.digits.greedy")
    'lpbook.digits.greedy'
    """
    package, *names = path.split(".")
    if package == "lpbook":
        for i, name in enumerate(names):
            if name in lpbook.__all__:
                return ".".join(["lpbook", *names[i:]])
    return path


def overview(claims: Mapping[str, Mapping[str, Any]]) -> str:
    """A table of the claims of one chapter; their names lead to the entries below."""
    return "\n".join(
        [
            "| statement | kind | name |",
            "|---|---|---|",
            *(
                f"| {{prf:ref}}`{name}` {cell(statements()[name]['title'])} | {entry['kind']}"
                f"{badge(name)} | [`{name}`](#claim-{name}) |"
                for name, entry in claims.items()
            ),
            "",
        ]
    )


def counts(ledger: Mapping[str, Mapping[str, Any]]) -> str:
    """A table: the claims of each chapter by their kind, and of the whole book."""
    kinds: dict[str, list[str]] = {}
    for entry in ledger.values():
        kinds.setdefault(entry["chapter"], []).append(entry["kind"])
    every = [kind for found in kinds.values() for kind in found]

    def row(name: str, found: list[str]) -> str:
        return f"| {name} | " + " | ".join(str(found.count(kind)) for kind in KINDS) + " |"

    return "\n".join(
        [
            "| chapter | " + " | ".join(KINDS) + " |",
            "|---|" + "--:|" * len(KINDS),
            *(row(f"{{doc}}`/book/{chapter}`", found) for chapter, found in kinds.items()),
            row("**all**", every),
            "",
        ]
    )


def rendered(name: str, entry: Mapping[str, Any], ledger: Mapping[str, Any]) -> str:
    """One claim in MyST: its statement in sight, its check folded."""
    text = statements()[name]
    rests_on = ", ".join(
        f"{{prf:ref}}`{use}`" if use in ledger else f"{{cite:t}}`{use}`" for use in entry["uses"]
    )
    lines = [f"{i}. {typeset(words)}" for i, words in enumerate(entry["steps"], start=1)]
    prose = f"{headed(in_words(entry['prose']))}. " if entry["prose"] else ""
    kind = KINDS[entry["kind"]]
    # Sphinx leaves a name that the reference lacks as it is
    code = ", ".join(f"{{py:obj}}`{name}`" for name in dict.fromkeys(map(public, entry["code"])))
    return "\n".join(
        [
            f"(claim-{name})=",
            f"{{prf:ref}}`{name}`, **{headed(text['title'])}** (*{kind}*, `{name}`)",
            "",
            re.sub(r" \\tag\{[\d.]+\}", "", text["statement"]),
            "",
            f"Source: {entry['source']}. "
            + (f"Rests on: {rests_on}. " if rests_on else "")
            + prose
            + (f"Code: {code}." if code else ""),
            "",
            "````{admonition} What was decided, and what breaks it",
            ":class: dropdown",
            "",
            *lines,
            "",
            f"*Broken.* {typeset(entry['counterexample'])}.",
            "",
            *check_source(name),
            "",
            f"Test: [`test_claim_holds_breaks_and_is_recorded_so[{name}]`](#claims-tests).",
            "````",
            "",
            *folded(name),
        ]
    )


def badge(claim: str) -> str:
    """What a table says of a claim, beside its kind."""
    return f", {SAYS['part']}" if covers(claim) == "part" else ""


def folded(claim: str) -> list[str]:
    """The formal statements of a claim in MyST, folded."""
    found = covers(claim)
    if not found:
        return []
    lines = [f"````{{admonition}} {SAYS[found].capitalize().replace('rocq', 'Rocq')}"]
    lines += [":class: dropdown", ""]
    for theorem in formal()[claim]:
        words, name = theorem["words"], f"`{theorem['theorem']}`"
        lines += [f"{linked(name, theorem)} in `proofs/{theorem['file']}`" + (
            f": {noted(words)}" if words else "."), "",
            "```coq", *theorem["statement"].split("\n"), "```", ""]  # fmt: skip
    return [*lines, "````", ""]


def check_source(name: str) -> list[str]:
    """The check itself, as code, and the functions of its chapter that it calls."""
    check = claims[name]._check
    sources = [inspect.getsource(part).rstrip() for part in [check, *helpers(check)]]
    return ["```python", *"\n\n\n".join(sources).split("\n"), "```"]


def helpers(function: Callable[..., Any]) -> list[Callable[..., Any]]:
    """The functions of its own module that a function calls, and those that they call in turn.

    Those among the defaults of its arguments are called, too.

    Examples
    --------
    >>> [part.__name__ for part in helpers(claims["pooled-measured"]._check)]
    ['_matched']
    """
    found: list[Any] = [function]
    for part in found:  # which grows
        defaults = (getattr(f, "__name__", "") for f in part.__defaults__ or ())
        looked_up = map(part.__globals__.get, (*_names(part.__code__), *defaults))
        called = (inspect.unwrap(f) for f in looked_up if callable(f))
        own = (f for f in called if getattr(f, "__module__", "") == function.__module__)
        found += [f for f in own if isinstance(f, FunctionType) and f not in found]
    return found[1:]


def _names(code: CodeType) -> dict[str, None]:
    """The names that code looks up, in their order, those in its inner functions with them."""
    inner = (_names(part) for part in code.co_consts if isinstance(part, CodeType))
    return reduce(operator.or_, inner, dict.fromkeys(code.co_names))


class Claims(SphinxDirective):
    """The claims of one chapter, in the order of the ledger."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(LEDGER))
        ledger = recorded()
        mine = {name: e for name, e in ledger.items() if e["chapter"] == self.arguments[0]}
        if not mine:
            raise self.error(f"{self.arguments[0]}: the ledger knows no claims of this chapter")
        table = _parsed(self, overview(mine), "claims")
        for name, e in mine.items():
            kind = f"kind-{nodes.make_id(e['kind'])}"  # which the filter of the page reads
            table += _parsed(self, rendered(name, e, ledger), "claim", kind)
        return [table]


class ClaimsCount(SphinxDirective):
    """How many claims each chapter has, by kind."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(LEDGER))
        return [_parsed(self, counts(recorded()), "claims")]


def _parsed(directive: SphinxDirective, text: str, *classes: str) -> nodes.container:
    container = nodes.container(classes=list(classes))
    directive.state.nested_parse(StringList(text.split("\n"), str(LEDGER)), 0, container)
    return container


PLAIN = re.compile(r'<span class="(?:n|nb|p|w|o|mi|mf|si)">([^<]*)</span>')


def _lighten(
    app: Sphinx, pagename: str, template: str, context: dict[str, Any], doctree: Any
) -> None:
    """Leave keywords, strings and comments their elements and colours, and nothing else of code.

    Names, operators, numbers would be half the elements of the page that lists every check, and a
    browser would take half of its time for them.
    """
    before, first, claims = context.get("body", "").partition('<div class="claim ')
    if first:  # in the examples before, names become links
        context["body"] = before + first + PLAIN.sub(r"\1", claims)


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_directive("claims", Claims)
    app.add_directive("claims-count", ClaimsCount)
    app.connect("html-page-context", _lighten)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
