"""The ledger: every claim holds, can be broken, and notices each wrong constant."""

import ast
import json
import re
from importlib.resources import files
from pathlib import Path

import pytest
import sympy as sp

import lpbook as lp
from lpbook.ledger import CHAPTERS, record, recorded
from lpbook.ledger.core import KINDS, Counterexample, Steps, claim, ge, gt, le, prove_positive
from lpbook.ledger.shown import formulas, noted, replaced, shown
from lpbook.ledger.tex import read

LEDGER = Path(str(files("lpbook.data") / "ledger.json"))
NAMES = list(lp.claims)
REBUILT = (
    "batch_sampling",
    "golden_ratio",
    "hyperbolic",
    "in_practice",
    "lower_bound",
    "main_theorem",
    "malach",
    "product_weights",
    "real_ticket",
    "since_then",
    "subset_sum",
    "toolbox",
)
UNCHECKED = {f"{chapter}.py" for chapter in CHAPTERS if chapter not in REBUILT}
FOUND = pytest.StashKey[dict]()


def to_be_written(request):
    """Whether `make ledger` runs; the option is the repository's, which may not be there."""
    return request.config.getoption("--write-ledger", default=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_claim_holds_breaks_and_is_recorded_so(name, request):
    """What the page *claims* shows is what this run found (`make ledger` writes it down)."""
    entry = record(lp.claims[name])
    assert entry["steps"]
    if to_be_written(request):
        request.config.stash.setdefault(FOUND, {})[name] = entry
    else:
        assert recorded().get(name) == json.loads(json.dumps(entry))


def test_the_record_holds_no_more_and_keeps_the_order_of_the_book(request):
    if to_be_written(request):
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


x, y = sp.symbols("x y", nonnegative=True)
z = sp.Symbol("z", real=True)


@pytest.mark.parametrize(
    ("true", "false"),
    [
        (lambda s: s.identity((x + 1) ** 2, x**2 + 2 * x + 1), lambda s: s.identity(x, x + y)),
        (lambda s: s.holds(ge(x + y, y)), lambda s: s.holds(ge(x - y, y))),
        (lambda s: s.holds(gt(x + 1, x)), lambda s: s.holds(gt(x + y, x))),
        (
            lambda s: s.holds(gt(z**2 - z + 1, 0), over={z: (-1, 2)}),
            lambda s: s.holds(gt(z**2 - z, 0), over={z: (-1, 2)}),
        ),
        (
            lambda s: s.holds(ge(sp.exp(z), 1 + z), derivative=(z, 2)),
            lambda s: s.holds(ge(sp.exp(z), 1 + 2 * z), derivative=(z, 2)),
        ),
        (
            lambda s: s.holds(ge(sp.exp(x), 1 + x + x**2 / 2), derivative=(x, 3)),
            lambda s: s.holds(ge(sp.exp(z), 1 + z + z**2 / 2), derivative=(z, 3)),
        ),
        (
            lambda s: s.implies({le(x, y): 2}, le(2 * x, 2 * y + 1)),
            lambda s: s.implies({le(x, y): 1}, le(2 * x, 2 * y + 1)),
        ),
        (
            lambda s: s.implies({le(x, y): 2}, le(2 * x, 2 * y + 1)),
            lambda s: s.implies({ge(x, y): 2}, le(2 * x, 2 * y + 1)),
        ),
        (
            lambda s: s.cases(lambda n: n > 0, n=[1, 2]),
            lambda s: s.cases(lambda n: n > 1, n=[1, 2]),
        ),
        (lambda s: s.cases(lambda n: n > 0, n=[1, 2]), lambda s: s.cases(lambda n: n > 0, n=[])),
        (lambda s: s.each(lambda n: n >= 0, range, 3), lambda s: s.each(lambda n: n > 0, range, 3)),
        (
            lambda s: s.derives(
                "eq-chernoff-lower-tail-b", "<=", sp.exp(-sp.Symbol("mu") / 2), m=0
            ),
            lambda s: s.derives("eq-chernoff-lower-tail-b", "<", sp.exp(-sp.Symbol("mu") / 2), m=0),
        ),
        (
            lambda s: s.computes(shown("eq-batch-lemma"), lp.batch_size, CASE),
            lambda s: s.computes(shown("eq-sharper-count", 0), lp.batch_size, CASE | {"t": [1]}),
        ),
        (
            lambda s: s.trial(le(x, y), 10, x=0.1, y=0.2),
            lambda s: s.trial(le(x, y), 10, x=0.3, y=0.2),
        ),
    ],
)
def test_a_line_is_decided_and_printed_from_what_was_decided(true, false):
    steps = Steps()
    true(steps)
    assert len(steps) == 1
    with pytest.raises((AssertionError, TypeError)):
        false(Steps())


CASE = {"m": [1, 10], "k": [1, 20], "c": [0.5, 1 / 128], "delta": [0.5, 0.01]}


def test_another_object_is_another_picture():
    """Replaced, renamed, negated: what was decided and what is seen change together."""
    pictures = set()
    for left, right in ((x, x + y), (y, x + y), (x, x + 2 * y), (-y, x)):
        steps = Steps()
        steps.holds(le(left, right))
        pictures.add(steps._repr_markdown_())
    assert len(pictures) == 4
    steps = Steps()
    steps.cases(lambda n, k: n * k >= 1, n=(1, 2), k=range(1, 20))
    assert steps._repr_markdown_() == "1. 38 cases: `n * k >= 1` (n in 1, 2, k in 1, …, 19)"


def test_boxes_are_divided_until_they_decide():
    with pytest.raises(AssertionError, match="not positive"):
        prove_positive(lambda x: x - 1, [(0, 2)])
    with pytest.raises(AssertionError, match="undecided"):
        prove_positive(lambda x: x * x, [(-1, 2)], most_boxes=500)
    assert prove_positive(lambda x: x * x - x + 1, [(-1, 2)]) > 1


def made(check=lambda steps: None, refute=lambda: None, **changed):
    """A claim out of nothing."""
    what = {"name": "x", "chapter": "x", "source": "x", "kind": "proof", "refute": refute}
    return claim(**what | changed)(check)


def test_a_claim_that_shows_nothing_or_cannot_be_broken_is_refused():
    with pytest.raises(AssertionError, match="shows nothing"):
        made().check()
    with pytest.raises(AssertionError, match="no counterexample"):
        made().break_it()
    found = made(refute=lambda: Counterexample("h", {"x": 1}, "it fails")).break_it()
    assert repr(found) == "Without h: it fails at x = 1"
    with pytest.raises(ValueError, match="kind='guess'"):
        made(kind="guess")
    with pytest.raises(ValueError, match="prose='luck'"):
        made(prose=("luck",))


def changed(side, factor):
    """The same with one number that much larger, one after the other."""
    if isinstance(side, sp.Number) and side not in (-1, 0):
        yield side * factor
    for i, part in enumerate(side.args):
        for other in changed(part, factor):
            yield side.func(*side.args[:i], other, *side.args[i + 1 :])


def mutants(objects, factor):
    """A formula of the book with one number changed or one sign turned round: (which, objects).

    What stands in the middle of a chain is changed in both its relations.
    """
    turned = {sp.Le: sp.Ge, sp.Lt: sp.Gt, sp.Ge: sp.Le, sp.Gt: sp.Lt, sp.Eq: sp.Ne}
    sides = [list(f.args) if type(f) in turned else [f] for f in objects]
    kinds = [type(f) if type(f) in turned else None for f in objects]

    def written(i, kind, parts):
        return parts[0] if kind is None else kind(*parts, evaluate=False)

    for i, kind in enumerate(kinds):
        if kind is not None:
            yield i, [*objects[:i], written(i, turned[kind], sides[i]), *objects[i + 1 :]]
        for j, side in enumerate(sides[i]):
            if j == 0 and i > 0 and len(sides[i - 1]) == 2 and sides[i - 1][1] == side:
                continue  # the middle of a chain, which was changed with the relation before
            for other in changed(side, factor):
                parts = [list(pair) for pair in sides]
                parts[i][j] = other
                if j == 1 and i + 1 < len(parts) and sides[i + 1][0] == side:
                    parts[i + 1][0] = other
                yield (
                    i,
                    [
                        written(*entry)
                        for entry in zip(range(len(kinds)), kinds, parts, strict=True)
                    ],
                )


RED = (AssertionError, AttributeError, LookupError, TypeError, ValueError)
ASKED = {}


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_changed_formula_turns_its_check_red(name, request):
    """A formula that a check reads from the chapter cannot change alone.

    Every number is made one percent larger, every sign turned round: with `--all-mutants` all of
    them, otherwise one for each formula.
    """
    c = lp.claims[name]
    with noted() as addresses:
        c.check()
    # what was drawn is known up to its tolerance: there one of two large changes must be seen
    factors = (2, sp.Rational(1, 2)) if c.kind == "evidence" else (sp.Rational(101, 100),)
    for address in sorted(addresses):
        objects = read(formulas()[address])
        found = [
            (group[0][0], [mutant for _, mutant in group])
            for group in zip(*(mutants(objects, factor) for factor in factors), strict=True)
        ]
        if not request.config.getoption("--all-mutants", default=False):
            first = sum(address.encode()) % max(1, len(found))
            found = (found[first:] + found[:first])[:1]
        for i, group in found:
            noticed = any(is_red(c, address, mutant) for mutant in group)
            # a check need not look at all formulas of a list
            if not noticed and asked_for(c, address, objects, i):
                pytest.fail(f"{address} as {group} passes")


def is_red(c, address, objects):
    """Whether the check notices that the chapter shows something else."""
    with replaced(address, objects):
        try:
            c.check()
        except RED:
            return True
    return False


def asked_for(c, address, objects, i):
    """Whether the check asks for this formula of a list: without it, it fails."""
    if (c.name, address, i) not in ASKED:
        missing = [*objects[:i], sp.Symbol("missing"), *objects[i + 1 :]]
        ASKED[c.name, address, i] = is_red(c, address, missing)
    return ASKED[c.name, address, i]


def test_nothing_of_the_package_hangs_on_assert():
    """Under ``python -O`` an assert is gone; a check must not be."""
    for path in LEDGER.parents[1].glob("ledger/*.py"):
        if path.name not in UNCHECKED:
            tree = ast.parse(path.read_text(encoding="utf-8"))
            assert not [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Assert)], path


# A word that is not here may be a slip, such as a command glued to the letter after it. Look at the
# page, then add it.
TEX = set(
    "Big Bigl Bigr Gamma Lambda Pr Psi alpha approx beta big bigl bigr binom cap cdot cdots "
    "Longrightarrow circ cosh cup delta dots ell epsilon eta exp frac gamma ge geq hat iff in "
    "infty int kappa "
    "lVert lambda lceil le left leq lim ln log lvert mapsto mathbb mathbf mathcal mathrm max "
    "min mp mu nabla ne partial pi pm prod propto psi qquad quad rVert rceil rho right rvert "
    "sigma sim sinh sqrt subset sum sup tanh tau tbinom text textstyle tfrac times to top "
    "varepsilon varphi".split()
)


def test_formulas_use_commands_that_exist():
    text = LEDGER.read_text(encoding="utf-8")
    assert set(re.findall(r"\\\\([A-Za-z]+)", text)) <= TEX
