"""The formal proofs: complete, on known axioms, named after claims, and none of them idle."""

import re
import subprocess
import sys
from collections.abc import Callable
from html import unescape
from pathlib import Path

import pytest
from pygments.lexers import get_lexer_by_name
from pygments.token import Token
from sphinx import addnodes

import lpbook as lp
from lpbook.ledger.formal import formal as recorded
from tests import bridges
from tools import proofs
from tools.extensions.claims_page import badge, folded
from tools.extensions.formal import address, line, said, table
from tools.machine import PROVER, remedy

ALLOWED = {  # what Coq's reals, classical logic and choice assume
    "Classical_Prop.classic",
    "ClassicalDedekindReals.sig_forall_dec",
    "ClassicalDedekindReals.sig_not_dec",
    "ClassicalEpsilon.constructive_indefinite_description",
    "FunctionalExtensionality.functional_extensionality_dep",
}
MUTANTS = proofs.mutants()
NAMED = proofs.statements()
THEOREMS = [(formal.file, formal.theorem) for found in NAMED.values() for formal in found]
EXAMPLES = [
    ("Example.v", name)
    for name in re.findall(
        r"^Theorem (\w+)", (proofs.PROOFS / "Example.v").read_text("utf-8"), flags=re.MULTILINE
    )
]


@pytest.fixture(scope="module")
def built() -> Path:
    """The proofs, compiled."""
    if PROVER.path() is None:
        pytest.skip(remedy([PROVER]))
    assert proofs.build() == []
    return proofs.BUILT


@pytest.mark.slow
def test_an_interrupted_build_leaves_nothing_old(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What rests on a changed file is compiled again, even if Coq stopped in between."""
    if PROVER.path() is None:
        pytest.skip(remedy([PROVER]))
    sources, built = tmp_path / "sources", tmp_path / "built"
    sources.mkdir()
    (sources / "_CoqProject").write_text("-R . GoldenTickets\nA.v\nB.v\n", encoding="utf-8")
    (sources / "A.v").write_text("Definition a := 1.", encoding="utf-8")
    use = "From GoldenTickets Require Import A. Goal a = 1. Proof. reflexivity. Qed."
    (sources / "B.v").write_text(use, encoding="utf-8")
    monkeypatch.setattr(proofs, "PROOFS", sources)
    assert proofs.build(built) == []
    (sources / "A.v").write_text("Definition a := 2.", encoding="utf-8")
    with monkeypatch.context() as stopped:
        stopped.setattr(proofs, "complaint", lambda folder, name: "stopped")
        assert proofs.build(built) == ["stopped"]
    assert proofs.complaint(built, "A.v") == ""
    assert "Unable to unify" in proofs.build(built)[0]
    (sources / "A.v").write_text("Definition a := 1.", encoding="utf-8")
    assert proofs.build(built) == []


@pytest.mark.slow
def test_the_checker_agrees(built: Path) -> None:
    assert proofs.checked(built) == ""


@pytest.mark.slow
def test_pages_have_every_theorem_and_no_dead_link(built: Path, tmp_path: Path) -> None:
    proofs.write_pages(tmp_path / "proofs", built)
    pages = {
        path.name: set(map(unescape, re.findall(r'\bid="([^"]+)"', path.read_text("utf-8"))))
        for path in (tmp_path / "proofs").glob("*.html")
    }
    assert len(pages) == len(proofs.files())
    for found in recorded().values():
        for theorem in found:
            page, _, anchor = address(theorem).removeprefix("proofs/").partition("#")
            assert anchor in pages[page]
    for path in (tmp_path / "proofs").glob("*.html"):
        for page, anchor in re.findall(
            r'href="(GoldenTickets[^"#]*)#([^"]*)"', path.read_text("utf-8")
        ):
            assert not anchor or unescape(anchor) in pages[page], path.name


@pytest.mark.slow
def test_theorems_assume_what_is_known(built: Path) -> None:
    assert proofs.assumptions(THEOREMS, built) == ALLOWED


@pytest.mark.slow
def test_examples_assume_no_more(built: Path) -> None:
    assert [name for _, name in EXAMPLES] == [
        "two_neurons_have_a_ticket",
        "two_neurons_have_a_pooled_ticket",
    ]
    assert proofs.assumptions(EXAMPLES, built) <= ALLOWED


@pytest.mark.slow
@pytest.mark.parametrize("mutant", MUTANTS[::8], ids=str)
def test_a_change_breaks_a_proof(built: Path, mutant: proofs.Mutant) -> None:
    """Some of them; `make mutants-proofs` tries all."""
    assert proofs.refused(mutant, built)


@pytest.mark.slow
def test_what_changes_nothing_is_accepted(built: Path) -> None:
    harmless = proofs.Mutant(
        "Example.v", "two_neurons_identity i x :", "two_neurons_identity i x  :"
    )
    assert proofs.refused(harmless, built) == ""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("new", "complaint"),
    [
        ("two_neurons_identity i x : :", "Syntax error"),
        ("two_neurons_identity i (x : reel) :", "reel was not found"),
    ],
)
def test_what_coq_cannot_read_breaks_no_proof(built: Path, new: str, complaint: str) -> None:
    mutant = proofs.Mutant("Example.v", "two_neurons_identity i x :", new)
    with pytest.raises(ValueError, match=complaint):
        proofs.refused(mutant, built)


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        ("Error: No applicable tactic.", True),
        ("Error: Tactic failure:  Cannot find witness.", True),
        ("Error: Syntax error: '.' expected after [gallina].", False),
        ("Error: The reference reel was not found in the current environment.", False),
        ("Error: Cannot find a physical path bound to logical path Sum.", False),
        ("Error: Can't find file ./Sum.v", False),
        ("Error: Compiled library A makes inconsistent assumptions over library B", False),
        ("exit -9", False),
    ],
)
def test_a_refusal_is_told_from_an_error(complaint: str, expected: bool) -> None:
    assert proofs.is_refusal(complaint) == expected


@pytest.mark.parametrize("mutant", MUTANTS, ids=str)
def test_a_listed_change_applies(mutant: proofs.Mutant) -> None:
    assert mutant.applied() != (proofs.PROOFS / mutant.file).read_text("utf-8")


def test_a_book_is_built_without_what_tests_need() -> None:
    """`tools.book` asks this module whether there are pages of the proofs."""
    without = "import sys; sys.modules['pytest'] = None; import tools.proofs"
    subprocess.run([sys.executable, "-c", without], cwd=proofs.ROOT, check=True)


def test_a_change_that_applies_twice_is_refused() -> None:
    with pytest.raises(ValueError, match=r"Golden_ratio\.v: 'phi' stands there \d+ times"):
        proofs.Mutant("Golden_ratio.v", "phi", "psi").applied()


def test_changes_are_many() -> None:
    assert len(MUTANTS) >= 30
    assert {mutant.file for mutant in MUTANTS} >= set(proofs.files()) - {
        "Spaces.v",
        "Sums.v",
    }


@pytest.mark.parametrize("name", proofs.files())
def test_nothing_is_taken_for_granted(name: str) -> None:
    assert proofs.forbidden((proofs.PROOFS / name).read_text("utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "Admitted.",
        "Axiom a : False.",
        "Parameter a : nat.",
        "Proof. admit. Admitted.",
        "Admit Obligations.",
        "Unset Guard Checking.",
        "Unset Positivity Checking.",
        "Local Unset  Universe\n Checking.",
    ],
)
def test_what_is_taken_for_granted_is_seen(text: str) -> None:
    assert proofs.forbidden(text)
    assert not proofs.forbidden(f"(* {text} *)")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "assumed"),
    [
        pytest.param("Definition a := 1.", set(), id="nothing"),
        pytest.param("Axiom g : False. Definition a := g.", {"g"}, id="axiom"),
        pytest.param(
            "Unset Guard Checking. Fixpoint g (n : nat) : False := g n. Set Guard Checking."
            " Definition a := g 0.",
            {"g"},
            id="guard",
        ),
        pytest.param(
            "Unset Positivity Checking. Inductive g := G : (g -> False) -> g. Definition a := G.",
            {"g"},
            id="positivity",
        ),
        pytest.param("Unset Universe Checking. Definition a : Set := Type.", {"a"}, id="universes"),
    ],
)
def test_what_is_assumed_is_seen(text: str, assumed: set[str], tmp_path: Path) -> None:
    """Also what `coqchk` accepts: definitions that Coq was told not to check."""
    if PROVER.path() is None:
        pytest.skip(remedy([PROVER]))
    (tmp_path / "Assumed.v").write_text(text, encoding="utf-8")
    assert proofs.complaint(tmp_path, "Assumed.v") == ""
    assert proofs.assumptions([("Assumed.v", "a")], tmp_path) == assumed


def test_a_compiler_that_is_killed_is_not_content() -> None:
    """It complains of nothing then."""
    assert proofs.complaint_of(subprocess.CompletedProcess([], -9, "", ""))
    assert proofs.complaint_of(subprocess.CompletedProcess([], 0, "", "a warning")) == ""


def test_coq_checks_with_its_usual_strictness() -> None:
    """No `-type-in-type`, and no other flag but the name of the folder and a quiet warning."""
    assert proofs.options() == ["-R", ".", "GoldenTickets", "-w", "-ambiguous-paths"]


def test_every_file_is_compiled() -> None:
    assert sorted(proofs.files()) == sorted(path.name for path in proofs.PROOFS.glob("*.v"))


def test_the_package_holds_the_statements_as_they_are() -> None:
    """`make ledger` takes them from the files."""
    assert proofs.DATA.read_text("utf-8") == proofs.as_json()


def test_theorems_are_named_after_claims() -> None:
    for claim, (first, *_) in NAMED.items():
        assert lp.claims[claim].formal == first.theorem
        assert claim.replace("-", "_") == first.theorem
    assert {name for name, claim in lp.claims.items() if claim.formal} == set(NAMED)


def test_theorems_are_listed_in_the_order_of_the_book() -> None:
    listed = list(dict.fromkeys(re.findall(r"\{prf:ref\}`([^`]+)`", table())))
    assert listed == [claim for claim in lp.claims if claim in recorded()]
    assert len(listed) == len(recorded())


def test_comments_say_where_book_and_proof_differ() -> None:
    for found in NAMED.values():
        for formal in found:
            assert formal.covers == "whole" or formal.words


def test_the_claims_page_shows_the_formal_statement() -> None:
    shown = "\n".join(folded("digits-suffice"))
    assert shown.startswith("````{admonition} Proved in Rocq\n:class: dropdown\n")
    assert NAMED["digits-suffice"][0].statement in shown
    assert folded("pooled-measured") == []


def test_a_claim_is_counted_as_formal_only_if_all_of_it_is() -> None:
    assert lp.claims["digits-suffice"].kind == "formal"
    assert lp.claims["counting-layer"].kind == "proof"
    assert badge("digits-suffice") == ""
    assert badge("counting-layer") == ", proved in Rocq in part"
    assert badge("pooled-measured") == ""


def test_the_box_of_a_statement_has_badge_and_fold() -> None:
    paragraph, fold = line("digits-suffice", "book/golden_ratio")
    assert paragraph.astext() == "Proved in Rocq as digits_suffice."
    assert paragraph.next_node(addnodes.pending_xref)["reftarget"] == "claim-digits-suffice"
    assert "0 &lt;= w - greedy x w k &lt;= / gamma ^ k." in fold.astext()


def test_the_fold_says_where_a_formal_statement_differs() -> None:
    for claim, theorems in recorded().items():
        fold = line(claim, "book/golden_ratio")[1].astext()
        assert all(said(theorem["words"]) in fold for theorem in theorems)
    assert "<p>Events are counted from 0.</p>" in line("union-bound", "book/toolbox")[1].astext()


def test_statements_lead_to_their_proofs_where_the_site_has_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    leads = f'<a href="../{address(recorded()["digits-suffice"][0])}">'

    def shown() -> list[str]:
        fold = line("digits-suffice", "book/golden_ratio")[1].astext()
        return [fold, table(), "\n".join(folded("digits-suffice"))]

    assert not any(leads in text for text in shown())
    monkeypatch.setenv("PROOF_PAGES", "1")
    assert all(leads in text for text in shown())


def test_formal_statements_can_be_highlighted() -> None:
    for found in NAMED.values():
        for formal in found:
            kinds = {kind for kind, _ in get_lexer_by_name("coq").get_tokens(formal.statement)}
            assert Token.Error not in kinds


@pytest.mark.slow
@pytest.mark.usefixtures("built")
def test_the_package_computes_the_formal_definitions() -> None:
    assert len(bridges.POINTS) >= 12
    assert bridges.complaint(bridges.POINTS) == ""


@pytest.mark.slow
@pytest.mark.usefixtures("built")
@pytest.mark.parametrize(
    "kind",
    [
        bridges.digits,
        bridges.batches,
        bridges.budgets,
        bridges.neurons,
        bridges.plans,
        bridges.subset_sums,
        bridges.pools,
    ],
)
def test_another_number_is_refused(kind: Callable[[], bridges.Points]) -> None:
    goal, proof = next(kind())
    wrong = re.sub(r"(\d+)%nat$", lambda found: f"{int(found[1]) + 1}%nat", goal)
    if wrong == goal:
        wrong = goal.replace("<=", "<= -", 1)
    assert proofs.is_refusal(bridges.complaint([(wrong, proof)]))
