"""The package as a whole: what it imports, in which order, and its public names."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import lpbook as lp

PACKAGE = Path(lp.__file__).parent
# From the ground up: a module imports only from those before it.
ORDER = (
    "_moved",
    "_checks",
    "_files",
    "_packing",
    "_tasks",
    "digits",
    "distributions",
    "batches",
    "subsets",
    "kernels",
    "mixing",
    "frameworks",
    "networks",
    "lower_bounds",
    "budgets",
    "error_bounds",
    "scaling",
    "_pcg64",
    "random_network",
    "constructions",
    "exports",
    "tickets",
    "copies",
    "pruning",
    "experiments",
    "ledger",
    "figures",
    "completion",
    "cli",
    "__main__",
)


def floor(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def imported(path):
    """The modules of the package that a file imports."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            assert not (isinstance(node, ast.ImportFrom) and node.level), "no relative imports"
            continue
        for name in names:
            parts = name.split(".")
            if parts[0] == "lpbook" and len(parts) > 1 and parts[1] in ORDER:
                yield parts[1]


def sources():
    return [p for p in PACKAGE.rglob("*.py") if floor(p) not in ("__init__", "data")]


def test_every_module_has_its_floor():
    assert {floor(path) for path in sources()} == set(ORDER)


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_modules_import_only_from_below(path):
    here = ORDER.index(floor(path))
    assert all(ORDER.index(name) <= here for name in imported(path))


def test_import_loads_nothing_heavy(tmp_path):
    script = (
        "import sys, lpbook\n"
        "print([m for m in ('scipy', 'sympy', 'mpmath', 'matplotlib', 'tqdm') if m in sys.modules])"
    )
    command = [sys.executable, "-W", "error", "-c", script]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_public_names_are_there_and_documented():
    for name in lp.__all__:
        value = getattr(lp, name)
        assert name in ("PHI", "claims") or value.__doc__
    with pytest.raises(AttributeError, match="nonsense"):
        getattr(lp, "nonsense")  # noqa: B009


def test_small_numbers_are_compared():
    """A relative tolerance is not helped by an absolute one."""
    assert pytest.approx(1.0000001e-20, rel=1e-6) == 1e-20
    assert pytest.approx(2e-20, rel=1e-6) != 1e-20
    assert pytest.approx(2e-20) == 1e-20  # pytest's own, where no tolerance is said
