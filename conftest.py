"""What all tests share: the surroundings of notebooks, and what a skipped test means."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import ExitStack

import pytest

from tools.environment import kernel_environment
from tools.machine import IN_CI


def pytest_addoption(parser: pytest.Parser) -> None:
    """What is written down on request; every other run compares."""
    parser.addoption("--all-mutants", action="store_true", help="change every number of a formula")
    parser.addoption("--write-ledger", action="store_true", help="write lpbook/data/ledger.json")
    parser.addoption(
        "--write-stills", action="store_true", help="write the stills of interactive figures"
    )


def pytest_configure(config: pytest.Config) -> None:
    """Let kernels run as they did when the notebooks were kept."""
    stack = ExitStack()
    config.add_cleanup(stack.close)
    environment = stack.enter_context(kernel_environment(figures="png"))
    os.environ.clear()
    os.environ.update(environment)


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if IN_CI and report.outcome == "skipped" and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"In CI nothing may be skipped. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI a test that cannot run is a failure: green must mean that everything ran."""
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for whole files."""
    report = yield
    _fail_if_skipped(report)
    return report
