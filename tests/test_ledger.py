"""The ledger: every claim holds, can be broken, and notices each wrong constant."""

import json
import re
from pathlib import Path

import pytest

import lpbook as lp
from lpbook.ledger import CHAPTERS, record, recorded
from lpbook.ledger.core import KINDS, Counterexample, Steps, claim, prove_positive

ROOT = Path(__file__).parents[1]
LEDGER = ROOT / "lpbook" / "data" / "ledger.json"
NAMES = list(lp.claims)
FOUND = pytest.StashKey[dict]()
LABEL = re.compile(r"^`{3,}\{prf:(\w+)\}.*\n(?::\w+:.*\n)*?:label:\s*(\S+)", re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_claim_holds_breaks_and_is_recorded_so(name, request):
    """What the page *claims* shows is what this run found (`make ledger` writes it down)."""
    entry = record(lp.claims[name])
    assert entry["steps"]
    if request.config.getoption("--write-ledger"):
        request.config.stash.setdefault(FOUND, {})[name] = entry
    else:
        assert recorded().get(name) == json.loads(json.dumps(entry))


def test_the_record_holds_no_more_and_keeps_the_order_of_the_book(request):
    if request.config.getoption("--write-ledger"):
        entries = request.config.stash[FOUND]
        LEDGER.write_text(json.dumps(entries, indent=1, ensure_ascii=False) + "\n", "utf-8")
    assert list(recorded()) == NAMES


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_constant_matters(name):
    """Each constant and each function that a check takes has a wrong value that turns it red."""
    c = lp.claims[name]
    assert set(c.wrong) == set(c.constants)
    for constant, value in c.wrong.items():
        with pytest.raises(AssertionError):
            c.check(**{constant: value})


@pytest.mark.parametrize("name", NAMES)
def test_claims_say_what_they_are(name):
    c = lp.claims[name]
    assert c.kind in KINDS
    assert c.statement
    assert c.source
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", c.name)
    keys = re.findall(r"^@\w+\{([^,]+),", (ROOT / "book/references.bib").read_text(), re.MULTILINE)
    assert set(c.uses) <= set(NAMES) | set(keys)
    with pytest.raises(TypeError, match=r"nonsense: .* has the constants"):
        c.check(nonsense=1)


def test_no_claim_rests_on_itself():
    def rests_on(name, seen):
        assert name not in seen, " → ".join((*seen, name))
        for other in lp.claims[name].uses:
            if other in lp.claims:
                rests_on(other, (*seen, name))

    for name in NAMES:
        rests_on(name, ())


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_the_numbered_statements_of_a_chapter_are_its_claims(chapter):
    """A claim's name is its anchor; definitions and examples assert nothing and need no claim."""
    text = (ROOT / "book" / f"{chapter}.md").read_text(encoding="utf-8")
    kinds = ("theorem", "lemma", "proposition", "corollary")
    anchors = {label for kind, label in LABEL.findall(text) if kind in kinds}
    assert anchors == {c.name for c in lp.claims.values() if c.chapter == chapter}


def test_the_tools_can_fail():
    steps = Steps()
    with pytest.raises(AssertionError):
        steps.equal(1, 2, "no")
    with pytest.raises(AssertionError):
        steps.holds(False, "no")
    with pytest.raises(AssertionError, match="not positive"):
        prove_positive(lambda x: x - 1, [(0, 2)])
    with pytest.raises(AssertionError, match="undecided"):
        prove_positive(lambda x: x * x, [(-1, 2)], most_boxes=500)
    assert prove_positive(lambda x: x * x - x + 1, [(-1, 2)]) > 1
    with pytest.raises(ValueError, match="kind='guess'"):
        claim(name="x", chapter="x", title="x", statement="x", source="x", kind="guess",
              refute=lambda: None)  # fmt: skip


def test_a_claim_that_shows_nothing_or_cannot_be_broken_is_refused():
    def made(check, refute):
        return claim(name="x", chapter="x", title="x", statement="x", source="x", kind="proof",
                     refute=refute)(check)  # fmt: skip

    with pytest.raises(AssertionError, match="shows nothing"):
        made(lambda steps: None, None).check()
    with pytest.raises(AssertionError, match="no counterexample"):
        made(None, lambda: None).break_it()
    found = made(None, lambda: Counterexample("h", {"x": 1}, "it fails")).break_it()
    assert repr(found) == found._repr_markdown_() == "Without “h”: it fails at x = 1"


# A word that is not here may be a slip, such as a command glued to the letter after it. Look at the
# page, then add it.
TEX = set(
    "Big Bigl Bigr Gamma Lambda Pr Psi alpha approx beta big bigl bigr binom cap cdot cdots "
    "circ cosh cup delta dots ell epsilon eta exp frac gamma ge geq hat iff in infty int kappa "
    "lVert lambda lceil le left leq lim ln log lvert mapsto mathbb mathbf mathcal mathrm max "
    "min mp mu nabla ne partial pi pm prod propto psi qquad quad rVert rceil rho right rvert "
    "sigma sim sinh sqrt subset sum sup tanh tau tbinom text textstyle tfrac times to top "
    "varepsilon varphi".split()
)


def test_formulas_use_commands_that_exist():
    text = LEDGER.read_text(encoding="utf-8")
    assert set(re.findall(r"\\\\([A-Za-z]+)", text)) <= TEX
