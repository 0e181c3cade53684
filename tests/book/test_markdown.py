"""The plain form of every piece of MyST that chapters use."""

from __future__ import annotations

import pytest

from tools.markdown import Book, Converter, leftovers
from tools.notebooks import replayed

CITATIONS = {
    "orseau2020": ("Orseau et al.", "2020"),
    "lueker1998": ("Lueker", "1998"),
}


def plain(text: str, **glue: str) -> str:
    """Convert a page of chapter 3, after the first pass over it."""
    book = Book(numbers={"page": 3}, notebooks={"other"}, citations=CITATIONS)
    book.titles["other"] = "The other page"
    Converter(book, "page").convert(text)
    book.complete = True
    return Converter(book, "page", glue).convert(text)


@pytest.mark.parametrize(
    ("myst", "expected"),
    [
        pytest.param(
            "```{prf:lemma} Small\n:label: lem\n\nOne.\n```\n\nBy {prf:ref}`lem`.",
            "> **Lemma 3.1** (Small)\n>\n> One.\n\nBy Lemma 3.1.",
            id="statement",
        ),
        pytest.param(
            "```{prf:remark}\n:nonumber:\n\nOne.\n```\n```{prf:axiom}\nTwo.\n```",
            "> **Remark**\n>\n> One.\n\n> **Axiom 3.1**\n>\n> Two.",
            id="counter",
        ),
        pytest.param("```{prf:proof}\nClear.\n```", "> **Proof.**\n>\n> Clear. ∎", id="proof"),
        pytest.param(
            "```{prf:proof}\nClear:\n\n$$\na\n$$\n```",
            "> **Proof.**\n>\n> Clear:\n>\n> $$ a $$\n>\n> ∎",
            id="proof-ends-in-formula",
        ),
        pytest.param(
            "::::{note}\n:::{tip}\nInner.\n:::\n::::",
            "> **Note**\n>\n> > **Tip**\n> >\n> > Inner.",
            id="nested",
        ),
        pytest.param("```{seealso}\nThis.\n```", "> **See also**\n>\n> This.", id="seealso"),
        pytest.param(
            "```{admonition} A *title*\n:class: tip\nText.\n```",
            "> **A *title***\n>\n> Text.",
            id="admonition",
        ),
        pytest.param(
            "```{math}\n:label: eq\na = b\n```\n\nBy {eq}`eq`.",
            "$$\na = b \\tag{3.1}\n$$\n\nBy (3.1).",
            id="equation",
        ),
        pytest.param(
            "```{explorable} rain\n:name: rain\n\nSee $x$.\n```",
            "> **Fig. 3.1, interactive: see the web page of this chapter.**\n>\n> See $x$.",
            id="explorable",
        ),
        pytest.param("$$ a = b $$ (eq)", "$$\na = b \\tag{3.1}\n$$", id="dollar-label"),
        pytest.param(
            "```{note}\nLet\n\n$$\na\n= b\n$$\n\nand $c\nd$.\n```",
            "> **Note**\n>\n> Let\n>\n> $$ a = b $$\n>\n> and $c d$.",
            id="formula-in-quote",
        ),
        pytest.param(
            "```{figure} _static/a.svg\n---\nname: fig\nalt: A line\n---\nThe caption.\n```\n"
            "\n{numref}`fig`, {numref}`figure %s <fig>`.",
            "**Fig. 3.1** The caption. *(Picture: A line)*\n\nFig. 3.1, figure 3.1.",
            id="figure",
        ),
        pytest.param(
            "```{exercise} Try\n:label: ex\nDo.\n```\n```{solution-start} ex\n:class: dropdown\n```"
            "\nDone.\n```{solution-end}\n```\n## Next",
            "+++\n\n### Exercise 3.1 (Try)\n\nDo.\n\n+++\n\n#### Solution to Exercise 3.1\n\n"
            "+++\n\nDone.\n\n+++\n\n## Next",
            id="exercise",
        ),
        pytest.param(
            "(here)=\n## A part\n\nSee {ref}`here`, {ref}`there <here>`, [](#here).",
            "## A part\n\nSee “A part”, there, “A part”.",
            id="section",
        ),
        pytest.param(
            "{doc}`other`, {doc}`it <other>`, [that](other.md), [](other.md), [x](missing.md).",
            "[“The other page”](other.ipynb), [it](other.ipynb), [that](other.ipynb), "
            "[The other page](other.ipynb), x.",
            id="page",
        ),
        pytest.param(
            "{cite:p}`orseau2020,lueker1998`; {cite:t}`lueker1998`",
            "(Orseau et al., 2020; Lueker, 1998); Lueker (1998)",
            id="citation",
        ),
        pytest.param("{py:func}`~lp.plan` {math}`x^2`", "`lp.plan` $x^2$", id="roles"),
        pytest.param("% a comment\nText.", "Text.", id="comment"),
        pytest.param(
            "```{code-block} python\n{ref}`x`\n```", "```python\n{ref}`x`\n```", id="code-block"
        ),
        pytest.param("``{ref}`x` `` stays", "``{ref}`x` `` stays", id="code-span"),
        pytest.param("$f[x](y)$ stays", "$f[x](y)$ stays", id="formula"),
        pytest.param(
            "- item\n\n  ```{note}\n  In it.\n  ```",
            "- item\n\n  > **Note**\n  >\n  > In it.",
            id="in-a-list",
        ),
        pytest.param("A {download}`file <a.ipynb>`.", "A file.", id="download"),
        pytest.param("Text.\n{download}`This <a.ipynb>`.", "Text.", id="own-download"),
        pytest.param("The {part}`first samples <idea samples>`.", "The first samples.", id="part"),
    ],
)
def test_plain_form(myst: str, expected: str) -> None:
    converted = plain(myst)
    assert converted == expected
    assert leftovers(converted) == []


def test_glued_values() -> None:
    text = "{glue:text}`x:.2f`, {glue}`name`"
    assert plain(text, x="3.14159", name="'seed'") == "3.14, seed"


@pytest.mark.parametrize(
    "myst",
    [
        "```{list-table}\n* - a\n```",
        "{unknown}`x`",
        "{ref}`nowhere`",
        "{doc}`nowhere`",
        "{cite:p}`nobody1900`",
        "```{note}\nnever closed",
        "```{exercise} A\n:label: a\n```\n```{solution} a\n```\n\nText that would fold with it.",
    ],
)
def test_what_has_no_plain_form_is_an_error(myst: str) -> None:
    with pytest.raises(ValueError, match=r"page|fence"):
        plain(myst)


@pytest.mark.parametrize(
    "markdown",
    ["```{note}\nText.\n```", "See {ref}`x`.", "(target)=", "% comment", "{{ word }}"],
)
def test_leftovers_are_found(markdown: str) -> None:
    assert leftovers(f"Before.\n\n{markdown}\n\nAfter.")


LEMMA = "```{prf:lemma} Small\n:label: small\n\nOne is one.\n```\n"
PROOF = "```{prf:proof}\nClear.\n```\n"
CELL = "```{code-cell} ipython3\n1\n```\n"


@pytest.mark.parametrize(
    ("text", "order"),
    [
        (f"{LEMMA}\n{PROOF}\nThe end.\n", ["lemma", "proof", "replay", "The end."]),
        (f"{LEMMA}\nThe end.\n\n{PROOF}", ["lemma", "replay", "The end.", "proof"]),
        (f"{LEMMA}\n{CELL}", ["lemma", "replay", "ipython3\n1"]),
        (LEMMA, ["lemma", "replay"]),
        (LEMMA.replace("small", "other") + PROOF, ["lemma", "proof"]),
    ],
)
def test_a_claim_is_replayed_after_its_proof_or_at_once(text: str, order: list[str]) -> None:
    found = replayed(text, {"small"})
    assert found.count('lp.claims["small"].replay()') == ("replay" in order)
    places = [found.index(words) for words in order]
    assert places == sorted(places)


def test_further_pages_go_on_with_the_numbers_of_their_chapter():
    book = Book(numbers={"page": 3, "more": 3}, complete=True)
    first = Converter(book, "page")
    box = "```{prf:lemma} Small\n\nOne.\n```"
    assert "**Lemma 3.1**" in first.convert(box)
    book.starts["more"] = first.counts
    for _ in range(2):  # of each pass over the page
        assert "**Lemma 3.2**" in Converter(book, "more").convert(box)
