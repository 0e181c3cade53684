"""The ledger: every claim holds, can be broken, and notices each wrong constant."""

import ast
import functools
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass, field

import pytest
import sympy as sp
from sympy.core.cache import clear_cache
from sympy.core.function import AppliedUndef

import lpbook as lp
from lpbook.ledger import CHAPTERS, LEDGER, record, recorded
from lpbook.ledger.core import KINDS, Steps
from lpbook.ledger.shown import formulas, noted, replaced, statements
from lpbook.ledger.tex import RELATIONS, Unreadable, read

NAMES = list(lp.claims)
FOUND = pytest.StashKey[dict]()


def to_be_written(request):
    """Whether `make ledger` runs; the option is the repository's, which may not be there."""
    return request.config.getoption("--write-ledger", default=False)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_claim_holds_breaks_and_is_recorded_so(name, request):
    """What the page *claims* shows is what this run found (`make ledger` writes it down)."""
    entry = record(lp.claims[name], as_it_is(name).steps)
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


# Bounds whose left side no line of the check reads, by why: claim, formula, which of its relations.
# It only gets shorter.
WHY_UNREAD = {
    "A hypothesis or a range, of which the check uses the other side.": """
        attention-error attention-error#4 0
        wraparound-hits-finite wraparound-hits-finite#3 0
    """,
    "A probability or a mean, which the proof in prose bounds by the other side.": """
        subset-sum-count eq-subset-sum-step 3
        wraparound-hits eq-wraparound-hits 1
    """,
}
# Formulas that no check asks for, by claim: they name a set, a map or a matrix, which the grammar
# does not know. It only gets shorter. What the grammar knows is asked for, if it is a relation or
# has a number or an operation in it.
UNREAD_PLACES = {
    "counting-layer": {"1", "5", "9", "11"},
    "layer-error": {"1"},
    "subset-sum-step": {"7"},
}
UNREAD = {place.strip() for places in WHY_UNREAD.values() for place in places.strip().split("\n")}


def numbers(side, change):
    """The same with one number changed, one after the other."""
    if isinstance(side, sp.Number) and side.is_finite and side not in (-1, 0):
        yield change(side)
    for i, part in enumerate(side.args):
        for other in numbers(part, change):
            yield side.func(*side.args[:i], other, *side.args[i + 1 :])


def scaled(number, factor):
    """A multiple; where a whole number becomes twice or half as large, a whole one."""
    small = abs(factor - 1) < sp.Rational(1, 4)
    return number * factor if small or not number.is_Integer else sp.ceiling(number * factor)


HEADS = {sp.ceiling: sp.floor, sp.floor: sp.ceiling, sp.Max: sp.Min, sp.Min: sp.Max,
         sp.Sum: sp.Product, sp.Product: sp.Sum}  # fmt: skip
NAMED = {"Sum": "Product", "Product": "Sum", "Max": "Min", "Min": "Max", "E": "Max",
         "Bin": "Poisson", "norm": "norm_1"}  # fmt: skip
"""Names in front of an index or an argument."""


def heads(side):
    """The same rounded the other way, with min for max, another norm, a sum over something else."""
    head, index, over = side.func.__name__.partition("_")
    if side.func in HEADS:
        yield HEADS[side.func](*side.args)
    elif isinstance(side, AppliedUndef) and head in NAMED:
        yield sp.Function(f"{NAMED[head]}{index}{over}")(*side.args)
        if over:
            yield sp.Function(f"{head}_{over}_oo")(*side.args)
    for i, part in enumerate(side.args):
        for other in heads(part):
            yield side.func(*side.args[:i], other, *side.args[i + 1 :])


WORDS = {sp.Function(one): sp.Function(other) for one, other in
         (("in", "subset"), ("to", "in"), ("approx", "to"), ("sim", "approx"))}  # fmt: skip
TURNED = {sp.Le: sp.Ge, sp.Lt: sp.Gt, sp.Ge: sp.Le, sp.Gt: sp.Lt, sp.Eq: sp.Ne, **WORDS}


@dataclass(frozen=True)
class Change:
    """One place of a formula, and what may stand there instead.

    A check must notice one of `instead`; where it cannot compute with those, since it needs a whole
    number or a power of 2, one of `usable`. What is true for one set of values may be so for
    another: there it is enough that the check tries those.
    """

    what: str
    formulas: frozenset[int]
    instead: list
    usable: list = field(default_factory=list)

    def places(self, address):
        """What a check asks for, to see it."""
        return {(address, i) for i in self.formulas}


def changes(objects, factors):
    """All changes of a formula, which may be a chain or a list of relations.

    Every number by a factor, every sign turned round, the left side of every relation twice and
    half of it; every ceiling as a floor, max as min, and what a norm, a sum or a product is taken
    of. What stands in the middle of a chain changes in both its relations.
    """
    for i, formula in enumerate(objects):
        if formula.func not in TURNED:
            listed = i > 0 and formula.is_Number  # 7 and 11 in "n = 3, 7, 11"
            yield from _of_numbers(
                objects, {i: None}, formula, factors, "set" if listed else "number"
            )
            continue
        sign, (left, right) = TURNED[formula.func], formula.args
        turned = _put(objects, {i: None}, sign(left, right, evaluate=False))
        yield Change("sign", frozenset({i}), [turned])
        before, after = (objects[j] if 0 <= j < len(objects) else None for j in (i - 1, i + 1))
        places = {i: 0, i - 1: 1} if _is_linked(before, formula) else {i: 0}
        if isinstance(left, sp.Expr):
            others = (2 * left, left / 2) if left != 0 else (sp.Integer(1), sp.Integer(-1))
            yield Change("left side", frozenset({i}), [_put(objects, places, x) for x in others])
            yield from _of_numbers(objects, places, left, factors)
        is_set = formula.func == sp.Function("in")
        by = (*factors, 2, sp.Rational(1, 2)) if is_set else factors
        if not _is_linked(formula, after):
            yield from _of_numbers(objects, {i: 1}, right, by, "set" if is_set else "number")


def _is_linked(before, after):
    """Whether two relations are a chain."""
    return all(part is not None and part.func in TURNED for part in (before, after)) and (
        before.args[1] == after.args[0]
    )


def _of_numbers(objects, places, side, factors, what="number"):
    for other in heads(side):
        yield Change("head", frozenset(places), [_put(objects, places, other)])
    by_factor = zip(*(numbers(side, lambda n, f=f: scaled(n, f)) for f in factors), strict=True)
    other_numbers = (lambda n: n + 1, lambda n: n - 1, lambda n: 2 * n, lambda n: n / 2)
    by_little = zip(*(numbers(side, other) for other in other_numbers), strict=True)
    for instead, usable in zip(by_factor, by_little, strict=True):
        yield Change(
            what,
            frozenset(places),
            [_put(objects, places, other) for other in instead],
            [_put(objects, places, other) for other in usable],
        )


def _put(objects, places, other):
    """The formulas with something else at some sides of them (None: that is no relation)."""
    found = list(objects)
    for i, side in places.items():
        if side is None:
            found[i] = other
        else:
            sides = [*found[i].args]
            sides[side] = other
            found[i] = found[i].func(*sides, evaluate=False)
    return found


DECIDES = ("identity", "derives", "holds", "implies", "cases", "each", "computes", "trial")
"""What `Steps` decides, each call a line; they return nothing."""


@dataclass(frozen=True)
class Run:
    """What a check decided, at which values, and what it had asked for when a line was decided."""

    steps: Steps
    asked: set
    at: dict
    asked_by: dict

    @property
    def lines(self):
        return self.steps.lines


def run(c, before=None, changed=""):
    """Check a claim and note which formulas it asks for, and at which values it decides.

    Lines that the run `before` decided without the address `changed` are taken from it.
    """
    at, asked_by = {}, {}

    def deciding(name, decide):
        def decided(steps, *args, **named):
            line = len(steps.lines)
            if before and line in before.at and changed not in before.asked_by[line]:
                steps.lines.append(before.lines[line])
                at[line] = before.at[line]
                return
            args, named, values = with_values_noted(name, args, named)
            decide(steps, *args, **named)
            at[line] = values.hexdigest()
            asked_by[line] = {address for address, _ in asked}

        return decided

    with pytest.MonkeyPatch.context() as patch, noted() as asked:
        for name in DECIDES:
            patch.setattr(Steps, name, deciding(name, getattr(Steps, name)))
        steps = c.check()
    return Run(steps, asked, at, asked_by)


def with_values_noted(name, args, named):
    """The arguments of a method that decides, and a digest of the values at which it does so."""
    digest = hashlib.sha256()

    def note(values):
        words = re.sub(r" at 0x\w+", "", repr(values))  # of functions
        digest.update(words.encode())
        return values

    if name == "cases":
        named = note({letter: list(found) for letter, found in named.items()})
    elif name == "each":
        true, made_by, *of = args
        made = functools.wraps(made_by)(lambda *of: map(note, made_by(*of)))
        args = (true, made, *of)
    elif name == "computes":
        formula, function, at, *rest = args
        args = (
            formula,
            function,
            note({letter: list(found) for letter, found in at.items()}),
            *rest,
        )
    return args, named, digest


@functools.cache
def as_it_is(name):
    """The run of a claim's check with the formulas and constants that it has."""
    return run(lp.claims[name])


def is_noticed(c, decided, address, change):
    """Whether the check is red by mathematics, which is an AssertionError and no other error.

    Of a set, and of what a check can only use in some forms, a change is noticed if the check
    decides at other values than those where it has `decided` unchanged.
    """
    errors = []
    for instead in (change.instead, change.usable):
        for objects in instead:
            with replaced(address, objects):
                try:
                    found = run(c, decided, address)
                except AssertionError:
                    return True
                except Exception as error:  # it cannot work with that: perhaps with another
                    errors.append(error)
                    continue
            if change.what == "set" and (found.lines, found.at) != (decided.lines, decided.at):
                return True
            if instead is change.usable and found.at != decided.at:
                return True
        if not errors:
            return False
    if len(errors) == len(change.instead) + len(change.usable):
        raise errors[0]
    return False


def factors(c, decided, address):
    """By how much numbers change; of several changes one must be noticed.

    What was drawn is known up to its tolerance: there both changes are large. A range that a check
    takes all of may become wider in either way.
    """
    if c.kind == "evidence":
        return 2, sp.Rational(1, 2)
    more = sp.Rational(101, 100)
    is_range = any(line.how == f"`{address}`" and line.kind == "range" for line in decided.lines)
    return (more, 1 / more) if is_range else (more,)


def unread_places(name, asked):
    """The relations of a statement that its check does not ask for: ``3 0``, the third formula.

    Of a formula that the grammar does not know all of them: ``3``.
    """
    found = set()
    for number, (label, tex) in enumerate(statements()[name]["formulas"], start=1):
        addresses = {f"{name}#{number}", label}
        if not readable(tex) and set(re.findall(r"\\[A-Za-z]+|[=<>]", tex)) & set(RELATIONS):
            found.add(str(number))
        for i, formula in enumerate(readable(tex)):
            is_relation = formula.func in TURNED
            if not is_relation and not says_a_value(formula):
                continue
            if not any((address, i) in asked for address in addresses):
                found.add(f"{number} {i}" if is_relation else str(number))
    return found


def says_a_value(formula):
    """Whether something that is no relation is more than a letter, or a size or product of some."""
    return bool(formula.atoms(sp.Add, sp.Pow, sp.log, sp.Number) - {sp.Integer(-1)})


def readable(tex):
    """What a formula says, which is nothing where the grammar does not know it."""
    try:
        return [sp.sympify(formula) for formula in read(tex)]
    except Unreadable:
        return []


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_a_changed_formula_turns_its_check_red(name, request):
    """A formula that a check asks for cannot change alone.

    With `--all-mutants` in every one of its places, otherwise in one for each formula.
    """
    c, decided = lp.claims[name], as_it_is(name)
    asked = decided.asked
    assert asked, "it reads no formula of the chapter: those can change alone"
    everywhere = request.config.getoption("--all-mutants", default=False)
    assert unread_places(name, asked) == UNREAD_PLACES.get(name, set())
    for address in sorted({address for address, _ in asked}):
        all_changes = changes(readable(formulas()[address]), factors(c, decided, address))
        found = [change for change in all_changes if asked & change.places(address)]
        unread = [
            change
            for change in found
            if change.what in ("left side", "head")
            and any(f"{name} {address} {i}" in UNREAD for i in change.formulas)
        ]
        found = [change for change in found if change not in unread]
        if not everywhere:
            first = sum(address.encode()) % max(1, len(found))
            found, unread = (found[first:] + found[:first])[:1], []
        passed = [change for change in found if not is_noticed(c, decided, address, change)]
        assert not passed, f"{address} passes with {passed}"
        unread = [change for change in unread if change.what == "left side"]
        read_now = [change for change in unread if is_noticed(c, decided, address, change)]
        assert not read_now, f"{address}: take it out of UNREAD: {read_now}"


def test_changes_of_a_formula():
    """In the middle of a chain both relations change."""
    x, y, factor = sp.Symbol("x"), sp.Symbol("y"), sp.Rational(3, 2)

    def chain(left, middle, right):
        return [sp.Le(left, middle, evaluate=False), sp.Lt(middle, right, evaluate=False)]

    formulas = chain(x, 2 * y, 3)
    found = {
        change.what + str(set(change.formulas)): change for change in changes(formulas, [factor])
    }
    assert len(found) == len(list(changes(formulas, [factor]))) == 6
    assert found["sign{0}"].instead == [[sp.Ge(x, 2 * y, evaluate=False), formulas[1]]]
    assert found["sign{1}"].instead == [[formulas[0], sp.Gt(2 * y, 3, evaluate=False)]]
    assert found["left side{0}"].instead == [chain(2 * x, 2 * y, 3), chain(x / 2, 2 * y, 3)]
    assert found["left side{1}"].instead == [chain(x, 4 * y, 3), chain(x, y, 3)]
    assert found["number{0, 1}"].instead == [chain(x, 3 * y, 3)]
    others = [chain(x, n * y, 3) for n in (3, 1, 4, 1)]
    assert found["number{0, 1}"].usable == others
    assert found["number{1}"].instead == [chain(x, 2 * y, 5)]  # a whole one stays whole


def test_sets_are_known_when_sympy_has_forgotten_them():
    """Its functions of one name are equal, and the same only while its cache holds them."""
    formulas = read(r"k\in\{1,2\}")
    clear_cache()
    assert [change.what for change in changes(formulas, [2])].count("set") == 2


def test_a_relation_that_no_check_asks_for_is_seen():
    """The mechanism: nothing asked for, and what the grammar does not know."""
    statement = {"formulas": [("", "x"), ("eq-x", r"x\le1"), ("", r"g\in\mathcal G")]}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys.modules[__name__], "statements", lambda: {"some": statement})
        assert unread_places("some", set()) == {"2 0", "3"}
        assert unread_places("some", {("eq-x", 0)}) == {"3"}


def test_what_is_not_read_is_there():
    assert not set(UNREAD_PLACES) - set(NAMES)
    for place in UNREAD:
        name, address, i = place.split()
        assert name in NAMES
        assert read(formulas()[address])[int(i)].func in TURNED


def test_a_check_is_read_at_one_glance():
    """No function of the ledger has more than 40 lines beside its docstring."""
    for path in LEDGER.parents[1].joinpath("ledger").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef):
                first, *_ = node.body
                words = first.end_lineno - first.lineno + 1 if ast.get_docstring(node) else 0
                assert node.end_lineno - node.lineno + 1 - words <= 40, f"{path.name}: {node.name}"


def test_nothing_of_the_package_hangs_on_assert():
    """Under ``python -O`` an assert is gone; a check must not be."""
    for path in LEDGER.parents[1].rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert not [n.lineno for n in ast.walk(tree) if isinstance(n, ast.Assert)], path


OPTIMISED = """
import json, sys
import lpbook as lp
from lpbook.ledger import record

found = {}
for name, claim in lp.claims.items():
    if claim.chapter != sys.argv[1]:
        continue
    found[name] = record(claim)
    for constant, value in claim.wrong.items():
        try:
            claim.check(**{constant: value})
        except AssertionError:
            continue
        raise SystemExit(f"{name}: {constant}={value} passes")
print(json.dumps([__debug__, found]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("chapter", CHAPTERS)
def test_without_asserts_the_same_is_decided(chapter, request):
    """Checks, counterexamples, wrong values under ``python -O``: of two cheap chapters, or all."""
    everywhere = request.config.getoption("--all-mutants", default=False)
    if chapter in ("malach", "toolbox") or everywhere:
        command = [sys.executable, "-O", "-c", OPTIMISED, chapter]
        run = subprocess.run(command, capture_output=True, encoding="utf-8")
        assert run.returncode == 0, run.stdout + run.stderr
        debug, found = json.loads(run.stdout)
        assert not debug
        assert found == {name: e for name, e in recorded().items() if e["chapter"] == chapter}


# A word that is not here may be a slip, such as a command glued to the letter after it. Look at the
# page, then add it.
TEX = set(
    "Big Bigl Bigr Gamma Lambda Pr Psi alpha approx beta big bigl bigr binom cap cdot cdots "
    "Longrightarrow circ cosh cup delta dots ell epsilon eta exp frac gamma ge geq hat iff in "
    "infty int kappa "
    "lVert lambda lceil le left leq lim ln log lvert mapsto mathbb mathbf mathcal mathrm max "
    "min mp mu nabla ne nu operatorname partial pi pm prod propto psi qquad quad rVert rceil rho "
    "right rvert sigma sim sinh sqrt subset sum sup tan tanh tau tbinom text textstyle tfrac theta "
    "times to top varepsilon varphi".split()
)


def test_formulas_use_commands_that_exist():
    text = LEDGER.read_text(encoding="utf-8")
    assert set(re.findall(r"\\\\([A-Za-z]+)", text)) <= TEX
