"""Test loaders and exports against the libraries themselves: `make test-frameworks`.

PyTorch, Keras, ONNX and the like are in an environment of their own below `_build/frameworks`, made
from `requirements-frameworks.lock` and kept until that changes: neither the package nor the book
asks for them. The tests are those of `tests/frameworks`. The package index has PyTorch with 5 GB of
CUDA only. Where the build for processors alone is out of reach, tests that need PyTorch are left
out, and the run says so at its end.
"""

from __future__ import annotations

import hashlib
import os
import re
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


def without_torch(lock: str) -> str:
    """A lock with the entry of PyTorch left out."""
    return re.sub(r"^torch==.*\n(?: +--hash=.*\n)+", "", lock, flags=re.MULTILINE)


def python() -> Path:
    """The Python of the environment, which is made unless it is that of the lock."""
    program = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "made-from"
    lock = LOCK.read_text(encoding="utf-8")
    wanted = f"{sys.version}\n{hashlib.sha256(lock.encode()).hexdigest()}\n"
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return program
    print(f"making {ENVIRONMENT.relative_to(ROOT)} from {LOCK.name}", flush=True)
    shutil.rmtree(ENVIRONMENT, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
    pip: list[str | Path] = [
        program,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "-q",
        "install",
        "--no-deps",
    ]
    pip += ["--only-binary", ":all:", "--require-hashes", "-r"]
    less = ENVIRONMENT / "without-torch.lock"
    less.write_text(without_torch(lock), encoding="utf-8")
    tries: list[list[str | Path]]
    tries = [[LOCK], [LOCK, "--retries", "0", "--extra-index-url", CPU_WHEELS], [less]]
    for given in tries:
        done = subprocess.run([*pip, *given], capture_output=True, text=True)
        if done.returncode == 0:
            if given[0] == LOCK:  # PyTorch may come into reach
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
        code = subprocess.run(command, cwd=ROOT, env=environment).returncode
    if subprocess.run([program, "-c", "import torch"], capture_output=True).returncode:
        print(f"PyTorch was NOT tested: no build for processors alone, nor at {CPU_WHEELS}")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
