"""Test the package on the oldest and the newest versions that it promises: `make test-versions`.

For every Python that `pyproject.toml` names and this machine has, there are two environments below
`_build/versions`: the dependencies at exactly their lower bounds, and at what was newest when the
environment was made. Both are kept, so that the next run asks nobody for anything. The package
comes from its wheel; its tests are copied to a folder of their own, where nothing of the
repository is in reach.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.version import Version

from tools.book import ROOT
from tools.environment import FIXED

ENVIRONMENTS = ROOT / "_build" / "versions"
AGES = ("oldest", "newest")
PROGRAMS = "Scripts" if os.name == "nt" else "bin"  # where an environment has its programs

# What the wheel and the source distribution are made from.
SOURCES = ("lpbook", "pyproject.toml", "README.md", "LICENSE")

# As in pyproject.toml, but for the libraries' own deprecations of each other: old ones use what new
# ones give up. Those of the package itself remain errors.
OPTIONS = """\
[pytest]
addopts = --strict-markers --strict-config --doctest-modules -p no:cacheprovider
filterwarnings =
    error
    ignore::DeprecationWarning
    error::DeprecationWarning:lpbook
markers =
    slow: as in pyproject.toml
"""


def project_file(root: Path = ROOT) -> dict[str, Any]:
    """What `pyproject.toml` says."""
    return tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))


def promised(document: dict[str, Any]) -> list[str]:
    """The Pythons that the project says it runs on, such as 3.11."""
    of = re.compile(r"Programming Language :: Python :: (3\.\d+)")
    return [
        match[1] for line in document["project"]["classifiers"] if (match := of.fullmatch(line))
    ]


def lower_bounds(document: dict[str, Any], python: str) -> dict[str, str]:
    """The oldest version of each dependency that a Python can have, by name.

    Raises
    ------
    ValueError
        If a dependency has no lower bound.
    """
    first_wheels = document["tool"]["lpbook"]["first-wheels"].get(python, {})
    found = {}
    for requirement in map(Requirement, document["project"]["dependencies"]):
        bounds = [item.version for item in requirement.specifier if item.operator == ">="]
        if not bounds:
            raise ValueError(f"{requirement}: name the oldest version that is tested, >=")
        bounds.append(first_wheels.get(requirement.name, "0"))
        found[requirement.name] = max(bounds, key=Version)
    return found


def interpreters(pythons: list[str]) -> dict[str, Path]:
    """Where each Python is on this machine: on the PATH, or where pyenv or uv keep theirs."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    uv = Path.home() / ".local" / "share" / "uv" / "python"
    found = {}
    for python in pythons:
        named = shutil.which(f"python{python}")
        candidates = [Path(sys.executable), *([Path(named)] if named else [])]
        candidates += sorted(pyenv.glob(f"{python}.*/bin/python"))
        candidates += sorted(uv.glob(f"cpython-{python}.*/bin/python"))
        for candidate in candidates:
            # a name on the PATH may lead nowhere, and Debian leaves ensurepip out of Python
            script = "import ensurepip, sys, venv; print('%d.%d' % sys.version_info[:2])"
            done = subprocess.run([candidate, "-c", script], capture_output=True, text=True)
            if done.returncode == 0 and done.stdout.strip() == python:
                found[python] = candidate
                break
    return found


@contextmanager
def sources(root: Path = ROOT) -> Iterator[Path]:
    """A copy of what the package is built from: setuptools also packs what a build left behind."""
    with tempfile.TemporaryDirectory() as temporary:
        copy = Path(temporary)
        for name in SOURCES:
            source = root / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, copy / name)
        yield copy


def build(kind: str, folder: Path, root: Path = ROOT) -> Path:
    """Build the `wheel` or the `sdist` into a folder, without network."""
    with sources(root) as copy:
        script = (
            f"from setuptools import build_meta; print(build_meta.build_{kind}({str(folder)!r}))"
        )
        command = [sys.executable, "-c", script]
        done = subprocess.run(command, cwd=copy, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"the {kind} cannot be built:\n{done.stdout}{done.stderr}")
    return folder / done.stdout.splitlines()[-1]


@dataclass(frozen=True)
class Environment:
    """One Python with the oldest or the newest versions.

    Attributes
    ----------
    python : str
        Such as 3.11.
    interpreter : Path
        The Python that it is made with.
    age : {"oldest", "newest"}
        Which versions.
    """

    python: str
    interpreter: Path
    age: str

    @property
    def folder(self) -> Path:
        """Where it is kept."""
        return ENVIRONMENTS / f"{self.python}-{self.age}"

    @property
    def program(self) -> Path:
        """Its own Python."""
        return self.folder / PROGRAMS / "python"

    def requirements(self) -> list[str]:
        """What pip is asked for."""
        document = project_file()
        tools = document["project"]["optional-dependencies"]["test-package"]
        if self.age == "newest":
            return [*document["project"]["dependencies"], *tools]
        bounds = lower_bounds(document, self.python)
        return [*(f"{name}=={version}" for name, version in bounds.items()), *tools]

    def prepare(self) -> None:
        """Make it, unless it is there and was made from the same requirements."""
        stamp = self.folder / "made-from.json"
        wanted = json.dumps([str(self.interpreter), *self.requirements()], indent=1)
        if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
            return
        print(f"Python {self.python}, {self.age} versions: making {self.folder.relative_to(ROOT)}")
        shutil.rmtree(self.folder, ignore_errors=True)
        subprocess.run([self.interpreter, "-m", "venv", self.folder], check=True)
        self.pip("install", "--only-binary", ":all:", *self.requirements())
        stamp.write_text(wanted, encoding="utf-8")

    def pip(self, *arguments: str) -> str:
        """Run its pip; what it says is shown only where it fails."""
        command = [str(self.program), "-m", "pip", "--disable-pip-version-check", *arguments]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"pip {arguments[0]} fails:\n{done.stdout}{done.stderr}")
        return done.stdout

    def versions(self) -> dict[str, str]:
        """Versions of the package's dependencies, by name."""
        listed = json.loads(self.pip("list", "--format", "json"))
        every = {package["name"]: package["version"] for package in listed}
        return {name: every[name] for name in lower_bounds(project_file(), self.python)}

    def is_locked(self, versions: dict[str, str]) -> bool:
        """Whether they, and its Python, are those of the environment that runs this."""
        here = "{}.{}".format(*sys.version_info)
        return self.python == here and versions == {name: installed(name) for name in versions}

    def test(self, wheel: Path, workers: str, selected: list[str]) -> Result:
        """Install the wheel and run the package's tests and its doctests."""
        self.pip("install", "--no-deps", "--no-index", "--force-reinstall", str(wheel))
        with tempfile.TemporaryDirectory() as temporary:
            folder = Path(temporary)
            shutil.copytree(ROOT / "tests" / "package", folder / "tests")
            (folder / "pytest.ini").write_text(OPTIONS, encoding="utf-8")
            report = folder / "report.xml"
            command = [str(self.program), "-P", "-m", "pytest", "-q", "-c", "pytest.ini"]
            command += ["-n", workers, "--dist", "worksteal", f"--junitxml={report}"]
            environment = os.environ | FIXED
            environment.pop("PYTHONPATH", None)
            start = time.monotonic()
            command += selected or ["tests", "--pyargs", "lpbook"]
            done = subprocess.run(command, cwd=folder, env=environment)
            seconds = time.monotonic() - start
            suites = list(ElementTree.parse(report).getroot()) if report.is_file() else []
            counts = {
                name: sum(int(suite.get(name, 0)) for suite in suites)
                for name in ("tests", "failures", "errors", "skipped")
            }
        failed = counts["failures"] + counts["errors"]
        passed = counts["tests"] - failed - counts["skipped"]
        return Result(done.returncode == 0, passed, failed, counts["skipped"], seconds)


@dataclass(frozen=True)
class Result:
    """What a run of the tests found; a skipped test is as good as none."""

    green: bool
    passed: int
    failed: int
    skipped: int
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether something ran, and all of it passed."""
        return self.green and self.passed > 0 and self.failed == self.skipped == 0


def table(rows: list[list[str]]) -> str:
    """Rows in columns, the first of them the heading."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )


def main() -> int:
    """Test, and print what was tested."""
    document = project_file()
    names = list(lower_bounds(document, promised(document)[0]))
    parser = argparse.ArgumentParser(prog="make test-versions", description=__doc__)
    parser.add_argument(
        "--python", action="append", metavar="3.x", help="only this one; may be repeated"
    )
    parser.add_argument("--here", action="store_true", help="only the Python of .venv")
    parser.add_argument(
        "--unlocked", action="store_true", help="not the versions of .venv, which `make test` is on"
    )
    parser.add_argument("-n", dest="workers", default="2", help="processes that run the tests")
    parser.add_argument("tests", nargs="*", help="files of tests/package; else all of them")
    arguments = parser.parse_args()
    asked = ["{}.{}".format(*sys.version_info)] if arguments.here else arguments.python
    found = interpreters(asked or promised(document))

    ENVIRONMENTS.mkdir(parents=True, exist_ok=True)
    rows = [["Python", "versions", *names, "passed", "failed", "skipped", "seconds"]]
    green = bool(found)
    with tempfile.TemporaryDirectory() as temporary:
        wheel = build("wheel", Path(temporary))
        for python in asked or promised(document):
            if python not in found:
                rows.append([python, "not on this machine", *[""] * (len(names) + 4)])
                continue
            for age in AGES:
                environment = Environment(python, found[python], age)
                try:
                    environment.prepare()
                    versions = environment.versions()
                    if arguments.unlocked and environment.is_locked(versions):
                        cells = [versions[name] for name in names]
                        rows.append([python, age, *cells, "as locked: see make test", "", "", ""])
                        continue
                    result = environment.test(wheel, arguments.workers, arguments.tests)
                except RuntimeError as error:
                    print(error, file=sys.stderr)
                    rows.append([python, age, *["?"] * len(names), "0", "not run", "", ""])
                    green = False
                    continue
                green = green and result.ok
                counts = [result.passed, result.failed, result.skipped, round(result.seconds)]
                rows.append([python, age, *(versions[name] for name in names), *map(str, counts)])
    print(f"\n{table(rows)}")
    return 0 if green else 1


if __name__ == "__main__":
    raise SystemExit(main())
