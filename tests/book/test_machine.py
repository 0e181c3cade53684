"""What the machine lacks is said in a line; and the load under which the browser's tests hold."""

from __future__ import annotations

import subprocess
import sys
from multiprocessing import active_children
from pathlib import Path
from types import SimpleNamespace

import pytest

from scripts.under_load import under_load
from tools import machine
from tools.book import ROOT


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> pytest.MonkeyPatch:
    """A machine without programs, where the site is built."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(machine, "is_fresh", lambda root: True)
    monkeypatch.setattr(sys, "argv", ["machine"])
    return monkeypatch


@pytest.mark.parametrize("in_ci", [False, True])
def test_what_is_missing_is_said_in_one_line(
    bare: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], in_ci: bool
) -> None:
    bare.setattr(machine, "IN_CI", in_ci)
    assert machine.main() == in_ci
    (line,) = capsys.readouterr().err.splitlines()
    browser = "chromium-headless-shell"
    assert f"Not installed: {browser}, rsvg-convert, coqc with Coquelicot and Interval." in line
    assert f"apt-get install {browser} librsvg2-bin coq libcoq-coquelicot libcoq-interval" in line


def test_a_site_that_is_not_built_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(machine, "is_fresh", lambda root: False)
    monkeypatch.setattr(machine, "PROGRAMS", ())
    monkeypatch.setattr(sys, "argv", ["machine"])
    machine.main()
    (line,) = capsys.readouterr().err.splitlines()
    assert "run `make book` first" in line


def test_packages_are_named_before_there_is_an_environment(tmp_path: Path) -> None:
    """With nothing but Python's own library, as `.ci/run` asks."""
    script = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tools.machine import main; main()"
    )
    asked = subprocess.run(
        [sys.executable, "-S", "-c", script, "--packages"],
        cwd=ROOT,
        env={"PATH": str(tmp_path)},
        text=True,
        capture_output=True,
        check=True,
    )
    assert asked.stdout.split() == [
        "chromium-headless-shell",
        "librsvg2-bin",
        "coq",
        "libcoq-coquelicot",
        "libcoq-interval",
    ]


@pytest.mark.parametrize("libraries", [["Coquelicot"], ["Coquelicot", "Interval"]])
def test_coq_without_a_library_is_not_installed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, libraries: list[str]
) -> None:
    for name in libraries:
        (tmp_path / "user-contrib" / name).mkdir(parents=True)
    compiler = tmp_path / "coqc"
    compiler.write_text(f"#!/bin/sh\necho {tmp_path}\n", encoding="utf-8")
    compiler.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (machine.PROVER.path() is not None) == (len(libraries) == 2)


def test_a_command_under_load_keeps_its_exit_code() -> None:
    assert under_load(1, [sys.executable, "-c", "raise SystemExit(3)"]) == 3


def test_load_is_there_while_the_command_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    beside: list[int] = []

    def run(command: list[str]) -> SimpleNamespace:
        beside.append(len(active_children()))
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(subprocess, "run", run)
    under_load(2, [])
    assert beside == [2]
    assert active_children() == []
