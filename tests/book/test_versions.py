"""The versions that are promised, and how `make test-versions` tests them."""

from __future__ import annotations

import ast
import re
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tools.book import ROOT
from tools.versions import (
    Environment,
    interpreters,
    lower_bounds,
    project_file,
    promised,
)

DOCUMENT = project_file()
PROJECT = DOCUMENT["project"]
HERE = "{}.{}".format(*sys.version_info)


def test_pythons_are_those_that_pip_accepts() -> None:
    accepted = SpecifierSet(PROJECT["requires-python"])
    assert promised(DOCUMENT) == [f"3.{minor}" for minor in range(11, 15)]
    assert all(Version(python) in accepted for python in promised(DOCUMENT))
    assert Version("3.10") not in accepted


@pytest.mark.parametrize("file", ["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "book/how_to.md"])
def test_pythons_are_those_that_readers_are_told(file: str) -> None:
    first, *_, last = promised(DOCUMENT)
    text = " ".join((ROOT / file).read_text(encoding="utf-8").split())
    assert re.search(rf"Python (from )?{first} to {last}", text)


@pytest.mark.parametrize("python", promised(DOCUMENT))
def test_oldest_versions_are_the_lower_bounds(python: str) -> None:
    bounds = lower_bounds(DOCUMENT, python)
    assert list(bounds) == ["numpy", "scipy", "sympy", "mpmath", "matplotlib", "tqdm"]
    wanted = Environment(python, Path(sys.executable), "oldest").requirements()
    assert wanted[: len(bounds)] == [f"{name}=={version}" for name, version in bounds.items()]


def test_a_later_python_needs_later_versions() -> None:
    def document(*dependencies: str) -> dict[str, Any]:
        wheels = {"3.13": {"numpy": "2.1.0", "tqdm": "4.9"}}
        return {
            "project": {"dependencies": list(dependencies)},
            "tool": {"lpbook": {"first-wheels": wheels}},
        }

    assert lower_bounds(document("numpy>=1.26,<3"), "3.12") == {"numpy": "1.26"}
    later = lower_bounds(document("numpy>=1.26", "tqdm>=4.60"), "3.13")
    assert later == {"numpy": "2.1.0", "tqdm": "4.60"}
    with pytest.raises(ValueError, match="numpy<3: name the oldest version"):
        lower_bounds(document("numpy<3"), "3.12")


def test_this_python_is_found_and_one_that_is_not_there_is_not() -> None:
    assert interpreters([HERE, "3.1"]) == {HERE: Path(sys.executable)}


def test_what_is_locked_is_told_from_what_is_not() -> None:
    """Only the very versions and the very Python that `make test` runs on need no second run."""
    versions = {name: version(name) for name in lower_bounds(DOCUMENT, HERE)}
    here = Environment(HERE, Path(sys.executable), "newest")
    assert here.is_locked(versions)
    assert not Environment("3.1", Path(sys.executable), "newest").is_locked(versions)
    for name in versions:
        assert not here.is_locked(versions | {name: "0.1"}), name


def test_the_package_and_its_tests_import_what_is_declared() -> None:
    """No module of the repository, of a browser or of Jupyter: an installation has none of them."""
    distributions = packages_distributions()
    core = {Requirement(line).name for line in PROJECT["dependencies"]}
    tools = PROJECT["optional-dependencies"]["test-package"]
    allowed = {
        "lpbook": core | {"scikit-learn"},  # where the digits are drawn
        "tests/package": core | {"lpbook"} | {Requirement(line).name for line in tools},
    }
    for folder, names in allowed.items():
        paths = list((ROOT / folder).rglob("*.py"))
        own = {path.stem for path in paths} | {"lpbook"}
        for path in paths:
            found = set()
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Import):
                    found |= {alias.name.partition(".")[0] for alias in node.names}
                elif isinstance(node, ast.ImportFrom) and node.module:
                    found.add(node.module.partition(".")[0])
            for module in found - sys.stdlib_module_names - own:
                assert names & set(distributions.get(module, [])), f"{path.name} imports {module}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("pass", (True, 1, 0, 0)),
        ("assert not True", (False, 0, 1, 0)),
        ("import pytest; pytest.skip('not here')", (False, 0, 0, 1)),
        ("import warnings; warnings.warn('old', DeprecationWarning)", (True, 1, 0, 0)),
        ("import warnings; warnings.warn('odd', RuntimeWarning)", (False, 0, 1, 0)),
        ("import tools", (False, 0, 1, 0)),
    ],
)
def test_a_run_counts_what_passes(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    test: str,
    expected: tuple[bool, int, int, int],
) -> None:
    """With this environment in place of an old one, and a test of one line in place of all."""
    (tmp_path / "tests" / "package").mkdir(parents=True)
    (tmp_path / "tests" / "package" / "test_one.py").write_text(f"def test_one():\n    {test}\n")
    monkeypatch.setattr("tools.versions.ROOT", tmp_path)
    monkeypatch.setattr(Environment, "program", Path(sys.executable))
    monkeypatch.setattr(Environment, "pip", lambda self, *arguments: "")
    environment = Environment(HERE, Path(sys.executable), "oldest")
    result = environment.test(Path("lpbook.whl"), "0", ["tests"])
    assert (result.ok, result.passed, result.failed, result.skipped) == expected
