"""One list of dependencies: the project file, its lock and the conda environment agree."""

from __future__ import annotations

import re
import shutil
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from tools.book import ROOT
from tools.frameworks import without_torch
from tools.versions import promised

LOCKS = ("requirements.lock", "requirements-frameworks.lock", "requirements-release.lock")
FILES = ("pyproject.toml", *LOCKS, "environment.yml", "postBuild")


def locked(root: Path, lock: str = LOCKS[0]) -> dict[str, tuple[Version, int]]:
    """A lock's versions, and how many hashes each has."""
    found = {}
    text = (root / lock).read_text()
    for entry in re.split(r"\n(?=\S)", text):
        if match := re.match(r"(?P<name>[\w.-]+)(?:\[[\w,-]+\])?==(?P<version>[^\s;]+)", entry):
            name = re.sub(r"[-_.]+", "-", match["name"]).lower()
            found[name] = (Version(match["version"]), len(re.findall(r"--hash=sha256:", entry)))
    return found


def disagreements(root: Path) -> list[str]:
    """What does not fit, in words."""
    project = tomllib.loads((root / "pyproject.toml").read_text())
    lock = locked(root)
    problems = []

    metadata = project["project"]
    lists = [metadata["dependencies"], *metadata["optional-dependencies"].values()]
    lists.append(project["build-system"]["requires"])
    for requirement in (Requirement(line) for lines in lists for line in lines):
        name = re.sub(r"[-_.]+", "-", requirement.name).lower()
        if name == metadata["name"]:
            continue  # one of its lists takes in another
        if name not in lock:
            problems.append(f"{name} is not locked")
        elif lock[name][0] not in requirement.specifier:
            problems.append(f"{name} is locked at {lock[name][0]}, not {requirement.specifier}")
    groups = project["dependency-groups"]
    others = locked(root, LOCKS[1])
    for requirement in map(Requirement, [*metadata["dependencies"], *groups["frameworks"]]):
        version, _ = others.get(requirement.name, (Version("0"), 0))
        if version not in requirement.specifier:
            problems.append(f"{requirement.name} is locked for frameworks at {version}")
    releasing = locked(root, LOCKS[2])
    for requirement in map(Requirement, groups["release"]):
        version, _ = releasing.get(requirement.name, (Version("0"), 0))
        if version not in requirement.specifier:
            problems.append(f"{requirement.name} is locked for releases at {version}")
    problems += [f"{name} is in the lock of the book" for name in ("torch", "onnx") if name in lock]
    for name in LOCKS:
        hashes = locked(root, name).items()
        problems += [f"{package} has no hash" for package, (_, count) in hashes if not count]
        if re.search(r"https?://|--(extra-)?index-url|--find-links", (root / name).read_text()):
            problems.append(f"{name} names a place to download from")

    conda = yaml.safe_load((root / "environment.yml").read_text())["dependencies"]
    pip = next((item["pip"] for item in conda if isinstance(item, dict)), [])
    if pip != ["-r requirements.lock"]:
        problems.append("environment.yml installs something else than the lock")
    plain = [item for item in conda if isinstance(item, str)]
    python = next((item.partition("=")[2] for item in plain if item.startswith("python=")), "0")
    if Version(python) not in SpecifierSet(metadata["requires-python"]):
        problems.append(f"environment.yml has Python {python}, not {metadata['requires-python']}")
    if python not in promised(project):
        problems.append(f"environment.yml has Python {python}, which is not tested")
    if sorted(item.partition("=")[0] for item in plain) != ["pip", "python"]:
        problems.append("environment.yml lists packages of its own")
    if "--no-deps --no-build-isolation ." not in (root / "postBuild").read_text():
        problems.append("postBuild does not install the package over the locked versions")
    return problems


def test_files_agree() -> None:
    assert disagreements(ROOT) == []


def test_engine_of_the_book_is_pinned() -> None:
    assert locked(ROOT)["jupyter-book"][0] == Version("1.0.4.post1")


@pytest.mark.parametrize(
    ("file", "pattern", "replacement"),
    [
        pytest.param("pyproject.toml", r"nbval==0\.11\.0", "nbval==0.10.0", id="other-pin"),
        pytest.param("pyproject.toml", r'"tqdm>=', '"not-locked>=', id="not-locked"),
        pytest.param("requirements.lock", r"(?m)^numpy==\S+", "numpy==1.0", id="too-old"),
        pytest.param("requirements.lock", r"--hash=sha256:\w+", "", id="no-hashes"),
        pytest.param("requirements.lock", r"\A", "--index-url https://h/\n", id="index"),
        pytest.param(LOCKS[1], r"(?m)^keras==\S+", "keras==2.0", id="frameworks-too-old"),
        pytest.param(LOCKS[1], r"--hash=sha256:\w+", "", id="frameworks-no-hashes"),
        pytest.param(LOCKS[1], r"\A", "--find-links f\n", id="frameworks-place"),
        pytest.param(LOCKS[2], r"(?m)^twine==\S+", "twine==2.0", id="release-too-old"),
        pytest.param(LOCKS[2], r"(?m)^zizmor==\S+", "other==2.0", id="release-not-locked"),
        pytest.param("environment.yml", r"-r requirements.lock", "numpy", id="conda-own-list"),
        pytest.param("environment.yml", r"python=3\.11", "python=3.9", id="conda-python"),
        pytest.param("environment.yml", r"python=3\.11", "python=3.20", id="conda-untested"),
        pytest.param("environment.yml", r"- pip\n", "- pip\n  - scipy\n", id="conda-package"),
        pytest.param("postBuild", r"--no-deps", "", id="post-build"),
    ],
)
def test_disagreement_is_seen(tmp_path: Path, file: str, pattern: str, replacement: str) -> None:
    for name in FILES:
        shutil.copy(ROOT / name, tmp_path)
    before = (tmp_path / file).read_text()
    after = re.sub(pattern, replacement, before)
    assert after != before
    (tmp_path / file).write_text(after)
    assert disagreements(tmp_path)


def test_the_gate_tests_the_frameworks_in_their_own_environment() -> None:
    steps = [line for line in (ROOT / ".ci" / "run").read_text().splitlines() if "make " in line]
    assert steps.index("make test") < steps.index("make test-frameworks")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    # `make test` has no such libraries: there a skipped test would be a failed one
    assert "--ignore=tests/frameworks" in project["tool"]["pytest"]["ini_options"]["addopts"]


def test_where_pytorch_is_out_of_reach_all_else_is_tested() -> None:
    lock = (ROOT / LOCKS[1]).read_text()
    named, left = (set(re.findall(r"(?m)^[\w.-]+==", text)) for text in (lock, without_torch(lock)))
    assert named - left == {"torch=="}
    for path in (ROOT / "tests" / "frameworks").glob("test_*.py"):
        text = path.read_text()  # tests/frameworks/conftest.py leaves out what imports it so
        assert ("torch." in text.replace("from_torch.", "")) <= ("\nimport torch\n" in text), path
