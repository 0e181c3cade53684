"""What the tests need, beside what pip installs: `python3 -m tools.machine` says what is missing.

`.ci/run` asks for the packages to install before there is an environment: nothing of it is used.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.book import ROOT, is_fresh

IN_CI = os.environ.get("CI", "").lower() in ("1", "true", "yes")
UNBUILT = "The site is not there, or not as these files make it: run `make book` first."


@dataclass(frozen=True)
class Program:
    """A program, the names it goes by, and the Debian packages that bring it.

    Of Coq also the libraries without which it is of no use here.
    """

    names: tuple[str, ...]
    packages: tuple[str, ...]
    libraries: tuple[str, ...] = ()

    def __str__(self) -> str:
        return " with ".join(filter(None, [self.names[0], " and ".join(self.libraries)]))

    def path(self) -> str | None:
        """Where it is, if it is installed."""
        found = next(filter(None, map(shutil.which, self.names)), None)
        if found and self.libraries:
            asked = subprocess.run([found, "-where"], capture_output=True, text=True, check=True)
            there = Path(asked.stdout.strip()) / "user-contrib"
            if not all((there / name).is_dir() for name in self.libraries):
                return None
        return found


# The first has no windows: a page opens in less than half of the time.
BROWSER = Program(
    (
        "chromium-headless-shell",
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ),
    ("chromium-headless-shell",),
)
RENDERER = Program(("rsvg-convert",), ("librsvg2-bin",))
PROVER = Program(
    ("coqc",), ("coq", "libcoq-coquelicot", "libcoq-interval"), ("Coquelicot", "Interval")
)
PROGRAMS = (BROWSER, RENDERER, PROVER)
# What only `make pdf` and `make epub` need: no test asks for it.
TYPESETTER = Program(
    ("xelatex",),
    (
        "latexmk",
        "texlive-xetex",
        "texlive-latex-extra",
        "texlive-fonts-recommended",
        "texlive-plain-generic",
        "lmodern",
    ),
)
EPUB_CHECKER = Program(("java",), ("default-jre-headless",))


def remedy(programs: Sequence[Program]) -> str:
    """What is not installed, and what to do about it."""
    names = ", ".join(map(str, programs))
    packages = " ".join(package for program in programs for package in program.packages)
    return f"Not installed: {names}. On Debian or Ubuntu: apt-get install {packages}"


def main() -> int:
    """Command line; the exit code is that of a test run that must be complete, in CI alone."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--packages", action="store_true", help="only the packages to install")
    parser.add_argument("--print", action="store_true", help="also what sets PDF and EPUB")
    options = parser.parse_args()
    wanted = (*PROGRAMS, TYPESETTER, EPUB_CHECKER) if options.print else PROGRAMS
    missing = [program for program in wanted if program.path() is None]
    if options.packages:
        # Debian leaves ensurepip, without which there is no `python3 -m venv`, out of Python.
        venv = () if importlib.util.find_spec("ensurepip") else ("python3-venv",)
        print(*venv, *(package for program in missing for package in program.packages))
        return 0
    complaints = [remedy(missing)] if missing else []
    complaints += [] if is_fresh(ROOT) else [UNBUILT]
    consequence = "In CI nothing may be skipped." if IN_CI else "Tests that need it are skipped."
    for complaint in complaints:
        print(f"{complaint} ({consequence})", file=sys.stderr)
    return int(IN_CI and bool(complaints))


if __name__ == "__main__":
    raise SystemExit(main())
