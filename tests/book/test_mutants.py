"""The list of mutants fits the code; `make mutants` runs them."""

import pytest

from tools import mutants

HAND, EQUIVALENT = mutants.listed()


@pytest.mark.parametrize("entry", HAND, ids=lambda entry: f"{entry['module']}: {entry['new']}")
def test_a_listed_mutant_applies_to_the_code(entry):
    mutant = mutants.by_hand(entry)
    assert mutant.source != mutants.path_of(mutant.module).read_bytes()
    compile(mutant.source, mutant.module, "exec")


@pytest.mark.parametrize(
    "entry", EQUIVALENT, ids=lambda entry: f"{entry['module']}: {entry['old']} | {entry['new']}"
)
def test_a_mutant_called_equivalent_is_generated(entry):
    assert entry["reason"]
    assert any(mutants.is_equivalent(m, [entry]) for m in mutants.generated(entry["module"]))


def test_mutants_differ_in_one_place():
    for module in mutants.TESTS:
        source = mutants.path_of(module).read_bytes()
        for mutant in mutants.generated(module):
            assert mutant.source != source
            assert len(mutant.source.splitlines()) <= len(source.splitlines())
        assert mutants.test_files(mutants.TESTS[module])


def test_a_text_that_stands_twice_is_refused():
    with pytest.raises(ValueError, match=r"budgets: 'epsilon' stands there \d+ times"):
        mutants.by_hand({"module": "budgets", "old": "epsilon", "new": "delta"})


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("a = 3", {"a = 4", "a = 2"}),
        ("a = 2.0**-50", {"a = 0.0", "a = 2.0**-25"}),
        ("a = 16 * UNIT_ROUNDOFF", {"a = 0.0"}),
        ("a = 2 / b", {"a = 3 / b", "a = 1 / b", "a = 2.02 / b", "a = 2 * b"}),
        ("a = b <= c", {"a = b < c"}),
        ("a = max(b, c)", {"a = min(b, c)", "a = (b)", "a = (c)"}),
        ("a = np.minimum(b, c) - d", {"a = np.maximum(b, c) - d", "a = np.minimum(b, c) + d"}),
        ("a = math.ceil(b)", {"a = math.floor(b)"}),
        ("raise E(1 + 2)", set()),
        ("a = not b and c", {"a = (b) and c", "a = not b or c"}),
    ],
)
def test_kinds_of_mutants(line, expected, monkeypatch, tmp_path):
    path = tmp_path / "module.py"
    path.write_text(f"'A docstring: 1 + 2.'\n{line}  # a comment: é 3\n")
    monkeypatch.setattr(mutants, "path_of", lambda _: path)
    found = {mutant.new.partition("  #")[0].partition(" #")[0] for mutant in mutants.generated("x")}
    assert found == expected
