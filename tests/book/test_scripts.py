"""The scripts that made the data of the package."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from lpbook.experiments import in_practice as ip
from tests.package.test_in_practice import TINY
from tools.book import ROOT

pytestmark = pytest.mark.slow


@pytest.fixture
def script() -> Any:
    """`scripts/in_practice.py` as a module."""
    path = ROOT / "scripts" / "in_practice.py"
    spec = importlib.util.spec_from_file_location("script_in_practice", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_script_writes_what_the_package_reads(tmp_path: Path, script: Any) -> None:
    target = tmp_path / "results.json"
    script.experiment(target, tmp_path / "cells", TINY)
    results = json.loads(target.read_text("utf-8"))
    assert results["settings"] == json.loads(json.dumps(asdict(TINY)))
    for cell in ip.cells(TINY):
        found = ip.find(results, cell.method, cell.law, cell.setting, cell.size)
        assert len(found.get("n", [])) in (0, 2)


def test_a_reduced_run_leaves_the_recorded_data_alone(
    tmp_path: Path, script: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[Path] = []
    monkeypatch.setattr(script, "experiment", lambda target, *_, **__: written.append(target))
    monkeypatch.setattr(script, "ProcessPoolExecutor", lambda jobs: ThreadPoolExecutor(jobs))
    monkeypatch.setattr(script, "ROOT", tmp_path)
    monkeypatch.setattr(Path, "stat", lambda self, **_: os.stat(__file__))
    for words in (["--reduced"], [], ["--reduced", "--target", "x.json"]):
        monkeypatch.setattr("sys.argv", ["in_practice.py", *words])
        script.main()
    reduced = tmp_path / "_build" / "in_practice_reduced.json"
    assert written == [reduced, script.DATA, Path("x.json")]


def test_settings_of_the_cluster_are_those_that_were_measured() -> None:
    """What *How to* tells users of Dask is what the benchmark of executors sets."""
    setting = re.compile(r'"(distributed\.nanny\.[^"]+)": (\S+),')
    pages = ("book/how_to.md", "benchmarks/bench_executors.py")
    told, measured = (setting.findall((ROOT / page).read_text(encoding="utf-8")) for page in pages)
    assert told == measured != []


def popup_convolution(*options: str) -> str:
    """What `benchmarks/bench_popup_convolution.py` prints of its small runs."""
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "bench_popup_convolution.py", "--quick", *options],
        env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout


def test_runs_of_edge_popup_that_were_stopped_go_on(tmp_path: Path) -> None:
    lines, target = tmp_path / "runs.jsonl", tmp_path / "results.json"
    printed = popup_convolution("--lines", str(lines), "--write", str(target))
    whole, results = lines.read_text(), target.read_text()
    kept = whole.splitlines()[:5]
    lines.write_text("\n".join([*kept, '{"i": "half a li']))
    assert popup_convolution("--lines", str(lines), "--write", str(target)) == printed

    def cells_of(text: str) -> Any:
        return json.loads(text)["cells"]

    assert cells_of(target.read_text()) == cells_of(results)
    assert lines.read_text().splitlines()[:5] == kept
    assert len(lines.read_text().splitlines()) == len(whole.splitlines())
