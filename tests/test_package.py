"""The package as a whole: what it imports, in which order, and what an installation carries."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "lpbook"
# From the ground up: a module imports only from those before it.
ORDER = (
    "_moved",
    "_checks",
    "_files",
    "_tasks",
    "digits",
    "distributions",
    "batches",
    "subsets",
    "networks",
    "lower_bounds",
    "budgets",
    "random_network",
    "constructions",
    "tickets",
    "pruning",
    "experiments",
    "ledger",
    "figures",
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
    # the ledger speaks of the whole package: it may ask for it by its public names
    assert all(ORDER.index(name) <= here for name in imported(path))


def run(script, folder, **environment):
    command = [sys.executable, "-c", script]
    done = subprocess.run(
        command, cwd=folder, env=os.environ | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_loads_nothing_heavy(tmp_path):
    script = (
        "import sys, lpbook\n"
        "print([m for m in ('scipy', 'sympy', 'mpmath', 'matplotlib', 'tqdm') if m in sys.modules])"
    )
    assert run(script, tmp_path).strip() == "[]"


def test_public_names_are_there_and_documented(tmp_path):
    import lpbook as lp

    for name in lp.__all__:
        value = getattr(lp, name)
        assert name in ("PHI", "claims") or value.__doc__
    with pytest.raises(AttributeError, match="nonsense"):
        getattr(lp, "nonsense")  # noqa: B009


@pytest.mark.slow
def test_an_installation_carries_all_it_reads(tmp_path):
    """Installed elsewhere, without the repository: the whole journey of a network."""
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps",
               "--no-build-isolation", "--target", str(tmp_path / "site"), str(ROOT)]  # fmt: skip
    subprocess.run(install, check=True, capture_output=True, cwd=tmp_path)
    script = (
        "import lpbook as lp\n"
        "network, held_out = lp.digits_classifier()\n"
        "ticket = lp.prune(network, weight_epsilon=0.3)\n"
        "from lpbook import figures\n"
        "from lpbook.ledger import recorded\n"
        "print(lp.__file__, ticket.verify(network).ok, set(recorded()) == set(lp.claims))"
    )
    printed = run(script, tmp_path, PYTHONPATH=str(tmp_path / "site"))
    assert printed.startswith(str(tmp_path / "site"))
    assert printed.split()[1:] == ["True", "True"]


@pytest.mark.slow
def test_the_example_of_the_readme_runs(tmp_path):
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    printed = run(example, tmp_path)
    assert "neurons/w" in printed
    assert (tmp_path / "ticket.npz").exists()
