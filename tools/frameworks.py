"""Test loaders and exports against the libraries themselves: `make test-frameworks`.

PyTorch, Keras, ONNX and the like are in an environment of their own below `_build/frameworks`, made
from `requirements-frameworks.lock` and kept until that changes: neither the package nor the book
asks for them. The tests are those of `tests/frameworks`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.book import ROOT
from tools.environment import FIXED
from tools.versions import OPTIONS

ENVIRONMENT = ROOT / "_build" / "frameworks"
LOCK = ROOT / "requirements-frameworks.lock"
CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
"""Where PyTorch has its builds without CUDA, for machines that find none elsewhere."""


def python() -> Path:
    """The Python of the environment, which is made unless it is that of the lock."""
    program = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "made-from"
    wanted = f"{sys.version}\n{hashlib.sha256(LOCK.read_bytes()).hexdigest()}\n"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return program
    print(f"making {ENVIRONMENT.relative_to(ROOT)} from {LOCK.name}", flush=True)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    install: list[str | Path] = [
        program,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "-q",
        "install",
        "--no-deps",
    ]
    install += ["--only-binary", ":all:", "--require-hashes", "-r", LOCK]
    for place in ([], ["--extra-index-url", CPU_WHEELS]):
        done = subprocess.run([*install, *place], capture_output=True, text=True)
        if done.returncode == 0:
            stamp.write_text(wanted, encoding="utf-8")
            return program
    raise SystemExit(f"pip cannot install what {LOCK.name} names:\n{done.stdout}{done.stderr}")


def main() -> int:
    """Run the tests; arguments go to pytest. A test that is skipped counts as failed in CI."""
    program = python()
    environment = os.environ | FIXED | {"PYTHONPATH": str(ROOT)}
    with tempfile.TemporaryDirectory() as temporary:
        settings = Path(temporary) / "pytest.ini"
        settings.write_text(OPTIONS, encoding="utf-8")
        command: list[str | Path] = [
            program,
            "-m",
            "pytest",
            "-q",
            "-c",
            settings,
            "--rootdir",
            ROOT,
        ]
        command += [ROOT / "tests" / "frameworks", *sys.argv[1:]]
        return subprocess.run(command, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    raise SystemExit(main())
