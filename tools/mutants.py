"""Change the code a little, many times, and see that a test turns red: `python -m tools.mutants`.

Each mutant differs from a module in one place: a number (by one or by one percent), a comparison, a
sign, a minimum for a maximum, a floor for a ceiling, an argument left out, a reserve for rounding
dropped. It runs in a process of its own and is kept in memory, so the checkout is never touched;
the tests are those that run the changed line, the quickest first. What no test notices is printed.
The file `mutants.toml` beside this one adds mutants written by hand, and names those that no test
can notice, with the reason.
"""

from __future__ import annotations

import argparse
import ast
import importlib
import json
import math
import multiprocessing
import os
import sys
import tempfile
import time
import tomllib
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import spec_from_loader
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

import pytest

from tools.book import ROOT
from tools.proofs import replaced_once

LISTED = Path(__file__).with_suffix(".toml")
WAITED = 20  # times a child's processor time on the clock, for one that waits and does not compute

TESTS = {
    "budgets": ("test_budgets", "test_reserves"),
    "tickets": ("test_tickets", "test_reserves", "test_large_tickets"),
    "digits": ("test_digits",),
    "batches": (
        "test_batches",
        "test_ledger_batch_sampling",
        "test_ledger_subset_sum",
        "test_ledger_hyperbolic",
        "test_small_samples",
    ),
    "lower_bounds": ("test_lower_bounds",),
    "error_bounds": ("test_error_bounds",),
    "scaling": ("test_scaling",),
    "distributions": ("test_constructions",),
    "constructions.base": ("test_constructions", "test_reserves"),
    "constructions.first_fit": ("test_constructions", "test_reserves", "test_pruning"),
    "constructions.golden_ratio": (
        "test_constructions",
        "test_reserves",
        "test_pruning",
        "test_first_hits",
    ),
    "constructions.subset_sum": ("test_constructions_subset_sum", "test_reserves"),
    "pruning": ("test_pruning", "test_reserves"),
}
"""Modules of `lpbook`, each with the files of tests that must notice."""

LISTED_ONLY = {"distributions", "pruning"}  # its mutants are those written by hand
LIMIT = 1.5  # seconds: slower tests are left out
HEAVY = ("hypothesis", "mpmath", "scipy.integrate", "scipy.sparse", "scipy.special", "scipy.stats",
         "sympy", "tqdm", "playwright.sync_api", "tools.environment")  # fmt: skip
OPTIONS = ("-q", "-x", "-o", "addopts=", "-p", "no:nbval", "-p", "no:xdist", "-p",
           "no:cacheprovider", "--assert=plain")  # fmt: skip

SWAPPED: dict[type[ast.AST], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.And: "or", ast.Or: "and",
}  # fmt: skip
OPERATORS = {"<", "<=", ">", ">=", "==", "!=", "+", "-", "*", "/", "and", "or"}
RENAMED = {
    "min": "max", "max": "min", "minimum": "maximum", "maximum": "minimum", "ceil": "floor",
    "floor": "ceil", "any": "all", "all": "any", "argmin": "argmax", "argmax": "argmin",
}  # fmt: skip
SMALL = 1e-5  # a factor below this is a reserve for rounding


@dataclass(frozen=True)
class Mutant:
    """A module with one change.

    Attributes
    ----------
    module : str
        Name inside `lpbook`.
    line : int
        Where, from 1.
    old, new : str
        The line before and after, without surrounding space.
    source : bytes
        The whole module.
    """

    module: str
    line: int
    old: str
    new: str
    source: bytes

    def __str__(self) -> str:
        return f"{self.module}:{self.line}\n    - {self.old}\n    + {self.new}"


def path_of(module: str) -> Path:
    """The file of a module of `lpbook`."""
    return ROOT.joinpath("lpbook", *module.split(".")).with_suffix(".py")


class _Places(ast.NodeVisitor):
    """Collects changes of a module's text: (start, end, replacement), in bytes."""

    def __init__(self, source: bytes) -> None:
        self.source = source
        self.starts = [0]
        for line in source.splitlines(keepends=True):
            self.starts.append(self.starts[-1] + len(line))
        self.found: list[tuple[int, int, str]] = []
        self.visit(ast.parse(source))

    def span(self, node: Any) -> tuple[int, int]:
        start = self.starts[node.lineno - 1] + node.col_offset
        return start, self.starts[node.end_lineno - 1] + node.end_col_offset

    def add(self, node: Any, *replacements: str) -> None:
        self.found += [(*self.span(node), text) for text in replacements]

    def operator_between(self, left: ast.AST, right: ast.AST, new: str) -> None:
        start, end = self.span(left)[1], self.span(right)[0]
        for token in sorted(OPERATORS, key=len, reverse=True):
            at = self.source.find(token.encode(), start, end)
            if at >= 0:
                self.found.append((at, at + len(token), new))
                return

    # what says nothing about mathematics
    def visit_Raise(self, node: ast.Raise) -> None: ...
    def visit_Assert(self, node: ast.Assert) -> None: ...
    def visit_JoinedStr(self, node: ast.JoinedStr) -> None: ...
    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for part in node.body:
            self.visit(part)

    def visit_keyword(self, node: ast.keyword) -> None:
        if node.arg != "strict":
            self.visit(node.value)

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        if node.name in ("__str__", "__repr__"):
            return
        for part in (*node.args.defaults, *filter(None, node.args.kw_defaults), *node.body):
            self.visit(part)

    def visit_Constant(self, node: ast.Constant) -> None:
        value = node.value
        if type(value) is int:
            self.add(node, str(value + 1), *([str(value - 1)] if value else []))
        elif type(value) is float:
            if 0 < value < SMALL:
                self.add(node, "0.0", repr(value**0.5))
            elif value and value < 1e100:
                self.add(node, repr(value * 1.01), repr(value * 0.99))
        elif type(value) is bool:
            self.add(node, str(not value))

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Pow) and ast.unparse(node.left) in ("2", "2.0"):
            exponent = node.right
            if isinstance(exponent, ast.UnaryOp) and isinstance(exponent.operand, ast.Constant):
                half = f"2.0**-{exponent.operand.value // 2}"  # type: ignore[operator]
                self.add(node, "0.0", half)
                return
        if ast.unparse(node.right) == "UNIT_ROUNDOFF" and isinstance(node.left, ast.Constant):
            self.add(node, "0.0")
            return
        if isinstance(node.op, ast.Mult | ast.Div):
            for factor in (node.left, node.right):
                if isinstance(factor, ast.Constant) and type(factor.value) is int:
                    self.add(factor, repr(factor.value * 1.01))
        if type(node.op) in SWAPPED:
            self.operator_between(node.left, node.right, SWAPPED[type(node.op)])
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if type(node.op) in SWAPPED:
            self.operator_between(node.target, node.value, SWAPPED[type(node.op)])
        self.generic_visit(node)

    def visit_Compare(self, node: ast.Compare) -> None:
        for left, op, right in zip(
            [node.left, *node.comparators], node.ops, node.comparators, strict=False
        ):
            if type(op) in SWAPPED:
                self.operator_between(left, right, SWAPPED[type(op)])
        self.generic_visit(node)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        self.operator_between(node.values[0], node.values[1], SWAPPED[type(node.op)])
        self.generic_visit(node)

    def visit_UnaryOp(self, node: ast.UnaryOp) -> None:
        if isinstance(node.op, ast.Not | ast.Invert | ast.USub):
            start, end = self.span(node)
            self.found.append((start, end, f"({ast.unparse(node.operand)})"))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func
        text = name.id if isinstance(name, ast.Name) else getattr(name, "attr", "")
        if text in RENAMED:
            end = self.span(name)[1]
            self.found.append((end - len(text), end, RENAMED[text]))
        if text in ("min", "max") and isinstance(name, ast.Name) and len(node.args) > 1:
            for left_out in node.args:
                rest = [ast.unparse(a) for a in node.args if a is not left_out]
                alone = len(rest) == 1 and not rest[0].startswith("*")
                self.add(node, f"({rest[0]})" if alone else f"{text}({', '.join(rest)})")
        if text == "reshape":  # any negative number stands for what is left
            node = ast.Call(node.func, [a for a in node.args if ast.unparse(a) != "-1"], [])
        self.generic_visit(node)


def generated(module: str) -> Iterator[Mutant]:
    """The mutants of a module, one after the other."""
    source = path_of(module).read_bytes()
    places = _Places(source)
    for start, end, text in sorted(set(places.found)):
        changed = source[:start] + text.encode() + source[end:]
        line = source.count(b"\n", 0, start)
        last = source.find(b"\n", end)
        first = source.rfind(b"\n", 0, start) + 1
        old, new = source[first:last], source[first:start] + text.encode() + source[end:last]
        yield Mutant(module, line + 1, _one_line(old), _one_line(new), changed)


def _one_line(text: bytes) -> str:
    return " ".join(text.decode().split())


def listed() -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    """Mutants written by hand, and the generated ones that no test can notice."""
    entries = tomllib.loads(LISTED.read_text(encoding="utf-8"))
    return entries["mutant"], entries["equivalent"]


def by_hand(entry: dict[str, str]) -> Mutant:
    """A listed mutant."""
    source = path_of(entry["module"]).read_text(encoding="utf-8")
    old, new = entry["old"], entry["new"]
    changed = replaced_once(source, old, new, entry["module"])
    line = source[: source.index(old)].count("\n") + 1
    return Mutant(entry["module"], line, old, new, changed.encode())


def is_equivalent(mutant: Mutant, equivalents: Sequence[dict[str, str]]) -> bool:
    """Whether the list says that no test can notice this mutant."""
    return any(
        (entry["module"], entry["old"]) == (mutant.module, mutant.old)
        and entry["new"] in (mutant.new, "*")
        for entry in equivalents
    )


def test_files(names: Sequence[str]) -> list[str]:
    """Paths of files of tests, by name."""
    return [str(next((ROOT / "tests").rglob(f"{name}.py"))) for name in names]


class _Trace:
    """A pytest plugin: which lines of the modules each test runs, and how long it takes."""

    def __init__(self, modules: Sequence[str]) -> None:
        self.modules = {str(path_of(name)): name for name in modules}
        self.seen: dict[str, set[tuple[str, int]]] = defaultdict(set)
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        seen = self.seen[item.nodeid]

        def trace(frame: Any, event: str, _: Any) -> Any:
            name = self.modules.get(frame.f_code.co_filename)
            if name is None:
                return None
            seen.add((name, frame.f_lineno))
            return trace

        began = time.process_time()  # which no other load makes longer
        sys.settrace(trace)
        try:
            return (yield)
        finally:
            sys.settrace(None)
            self.seconds[item.nodeid] = time.process_time() - began


class _Changed(SourceFileLoader):
    """Loads a mutant in place of its module."""

    mutant: Mutant

    def get_code(self, fullname: str) -> Any:
        return compile(self.mutant.source, self.path, "exec")

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != f"lpbook.{cls.mutant.module}":
            return None
        return spec_from_loader(name, cls(name, str(path_of(cls.mutant.module))))


def _silently() -> None:
    """Send what a child prints nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _trace_tests(modules: Sequence[str], tests: Sequence[str], to: str) -> None:
    _silently()
    trace = _Trace(modules)
    code = pytest.main([*OPTIONS, *test_files(tests)], plugins=[trace])
    lines = {test: sorted(seen) for test, seen in trace.seen.items()}
    Path(to).write_text(json.dumps([int(code), lines, trace.seconds]))


def _run(mutant: Mutant, tests: Sequence[str], seconds: int) -> None:
    """Exit with 0 if all tests pass with the mutant in place; killed after so many seconds."""
    import resource  # Unix alone has it, as it has `fork`

    _silently()
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    _Changed.mutant = mutant
    sys.meta_path.insert(0, _Changed)
    os._exit(int(pytest.main([*OPTIONS, *tests])))


class Coverage:
    """Which tests run which line."""

    def __init__(self, lines: dict[str, list[list[Any]]], seconds: dict[str, float]) -> None:
        self.seconds = seconds
        self.of: dict[tuple[str, int], list[str]] = defaultdict(list)
        self.all: dict[str, set[str]] = defaultdict(set)
        for test in sorted(lines, key=seconds.__getitem__):
            for module, line in lines[test]:
                self.of[module, line].append(test)
                self.all[module].add(test)

    def tests(self, mutant: Mutant) -> list[str]:
        """The tests to run, the quickest first; all of the module where its line runs at import."""
        files = tuple(TESTS[mutant.module])
        last = mutant.line + mutant.old.count("\n")
        found = {t for line in range(mutant.line, last + 1) for t in self.of[mutant.module, line]}
        found = found or self.all[mutant.module]
        quick = [t for t in found if Path(t.split("::")[0]).stem in files]
        return sorted((t for t in quick if self.seconds[t] <= LIMIT), key=self.seconds.__getitem__)


def outcomes(
    mutants: Sequence[Mutant], coverage: Coverage, jobs: int
) -> Iterator[tuple[Mutant, int | None]]:
    """Run the mutants, `jobs` at a time: each with the code of its tests, below 0 if killed."""
    fork = multiprocessing.get_context("fork")
    waiting = [*reversed(mutants)]
    running: dict[int, tuple[Any, Mutant, float]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            tests = coverage.tests(mutant)
            patience = math.ceil(20 + 5 * sum(coverage.seconds[t] for t in tests))
            process = fork.Process(target=_run, args=(mutant, tests, patience))
            process.start()
            # one that computes is ended by its own limit, whatever else the machine does
            running[process.sentinel] = process, mutant, time.monotonic() + WAITED * patience
        wait(list(running), timeout=1)
        for sentinel, (process, mutant, deadline) in list(running.items()):
            if process.is_alive() and time.monotonic() < deadline:
                continue
            process.kill()
            process.join()
            del running[sentinel]
            yield mutant, process.exitcode


def _trace(modules: Sequence[str], folder: str) -> Coverage:
    tests = sorted({test for module in modules for test in TESTS[module]})
    to = os.path.join(folder, "trace.json")
    process = multiprocessing.get_context("fork").Process(
        target=_trace_tests, args=(modules, tests, to)
    )
    process.start()
    process.join()
    code, lines, seconds = json.loads(Path(to).read_text())
    if code:
        raise SystemExit("the tests fail without any mutant: make test")
    return Coverage(lines, seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the mutants that survive; 1 if there are some."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("modules", nargs="*", help=f"of {', '.join(TESTS)}; all if none is named")
    parser.add_argument("--listed", action="store_true", help="only those written by hand")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    chosen = parser.parse_args(arguments)
    modules = chosen.modules or list(TESTS)
    if unknown := set(modules) - set(TESTS):
        parser.error(f"no tests are known for {', '.join(sorted(unknown))}")

    hand, equivalents = listed()
    unlisted = modules if chosen.listed else LISTED_ONLY
    mutants = [by_hand(entry) for entry in hand if entry["module"] in modules]
    generated_ones = [m for name in modules if name not in unlisted for m in generated(name)]
    tried = [m for m in generated_ones if not is_equivalent(m, equivalents)]
    mutants += tried
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = folder
        os.chdir(ROOT)
        for name in HEAVY:  # once for all children
            importlib.import_module(name)
        coverage = _trace(modules, folder)
        print(f"{len(mutants)} mutants, {len(coverage.seconds)} tests", flush=True)
        alive = hung = 0
        for mutant, code in outcomes(mutants, coverage, chosen.jobs):
            if code == 0:
                alive += 1
                print(f"survives: {mutant}", flush=True)
            elif code is None or code < 0:
                hung += 1
                print(f"does not end: {mutant}", flush=True)
    minutes = (time.monotonic() - began) / 60
    print(
        f"{len(mutants) - alive} of {len(mutants)} mutants noticed ({hung} as they do not end), "
        f"{alive} not; "
        f"{len(generated_ones) - len(tried)} are equivalent; {minutes:.1f} minutes"
    )
    return int(alive > 0)


if __name__ == "__main__":
    sys.exit(main())
