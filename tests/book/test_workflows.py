"""What the forge runs: every step is a command of this project, every action is pinned."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tools import machine, pdf
from tools.announced import Change
from tools.book import ROOT
from tools.release import changed, objections
from tools.versions import project_file, promised

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"(?m)^([a-z-]+):(?!=)", MAKEFILE))
COMMAND = re.compile(r"make ([a-z-]+)((?: [A-Z]+=\S+)*)")


def read(path: Path) -> dict[str, Any]:
    # YAML 1.1 takes `on` for a truth value
    return yaml.safe_load(re.sub("(?m)^on:", '"on":', path.read_text(encoding="utf-8")))


def jobs(path: Path) -> list[dict[str, Any]]:
    return list(read(path)["jobs"].values())


def steps(path: Path) -> list[dict[str, Any]]:
    return [step for job in jobs(path) for step in job["steps"]]


def foreign(commands: list[str]) -> list[str]:
    """Those that are no command of the Makefile."""
    found = []
    for command in commands:
        match = COMMAND.fullmatch(command)
        if match is None or match[1] not in TARGETS:
            found.append(command)
        else:
            names = re.findall(r" ([A-Z]+)=", match[2])
            found += [command for name in names if f"$({name})" not in MAKEFILE]
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_step_is_a_command_of_this_project(path: Path) -> None:
    commands = [step["run"] for step in steps(path) if "run" in step]
    assert commands
    assert foreign(commands) == []


def test_another_step_is_seen() -> None:
    wrong = ["pip install x", "make nothing", "make book && rm -rf /", "make book OTHER=1"]
    assert foreign(["make book", "make live CHAPTERS=malach", *wrong]) == wrong


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_and_say_which_version_that_is(path: Path) -> None:
    uses = re.findall(r"uses: (.*)", path.read_text(encoding="utf-8"))
    assert uses
    for use in uses:
        assert re.match(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", use), use


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_permissions_are_asked_for_where_they_are_needed(path: Path) -> None:
    assert read(path)["permissions"] == {"contents": "read"}
    writes = [job for job in jobs(path) if "write" in job.get("permissions", {}).values()]
    for job in writes:
        runs = " ".join(step.get("run", "") for step in job["steps"])
        uses = " ".join(step.get("uses", "") for step in job["steps"])
        publishes = "make site-push" in runs or "make release-record" in runs
        assert publishes or "gh-action-pypi-publish" in uses


def test_the_package_is_tested_on_every_python_and_system_that_is_promised() -> None:
    matrix = read(WORKFLOWS[-2])["jobs"]["package"]["strategy"]["matrix"]
    assert matrix["python"] == promised(project_file())
    assert matrix["system"] == ["ubuntu-latest", "macos-latest", "windows-latest"]


def test_only_a_tag_releases() -> None:
    for path in WORKFLOWS:
        releases = any("gh-action-pypi-publish" in step.get("uses", "") for step in steps(path))
        assert releases == (path.name == "release.yml")
    assert read(ROOT / ".github" / "workflows" / "release.yml")["on"] == {
        "push": {"tags": ["v[0-9]*"]}
    }


def test_release_is_refused_unless_tag_version_and_changes_agree() -> None:
    changes = [Change("1.0.0", "2027-01-02", "- It is."), Change("0.1.0", "2026-11-22", "")]
    assert objections("v1.0.0", "1.0.0", "2027-01-02", changes) == []
    assert "the tag is 'v1.0.1'" in objections("v1.0.1", "1.0.0", "2027-01-02", changes)[0]
    assert "(2027-01-02)" in objections("v1.0.0", "1.0.0", "2027-01-03", changes)[0]
    with pytest.raises(SystemExit, match=r"what changed in 2\.0\.0"):
        changed("2.0.0", changes)


def test_what_sets_the_print_is_listed_once() -> None:
    for package in machine.TYPESETTER.packages:
        assert package in pdf.NEEDED
