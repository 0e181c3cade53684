"""What is handed out: the wheel and the source distribution, installed where nothing else is."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

import lpbook
from tools.book import ROOT
from tools.versions import build

pytestmark = pytest.mark.slow

PACKAGE = {
    path.relative_to(ROOT).as_posix()
    for path in (ROOT / "lpbook").rglob("*")
    if path.is_file() and "__pycache__" not in path.parts
}

# A stranger's script, in the strictest dialect of types.
SCRIPT = """\
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import lpbook as lp


def found(weights: list[NDArray[np.float64]], path: Path) -> lp.Ticket:
    network = lp.Network(weights)
    inputs = lp.Ball(radius=1.0)
    print(lp.plan(network, epsilon=0.1, inputs=inputs).neurons)
    ticket = lp.prune(network, epsilon=0.1, inputs=inputs)
    certificate = ticket.verify(network)
    error: float = certificate.network_error
    assert certificate.ok
    assert error <= 0.1
    ticket.save(path)
    return lp.load_ticket(path)


rng = np.random.default_rng(0)
ticket = found([rng.normal(size=(3, 4)) / 4, rng.normal(size=(2, 3)) / 4], Path("ticket.npz"))
outputs = ticket.network()(np.zeros((5, 4)))
samples: int = lp.batch_size(100, 20, 1 / 160, 0.01, "exact")
statements: list[str] = [claim.statement for claim in lp.claims.values()]
steps = lp.claims["batch-lemma"].check()
print(outputs.shape, samples, len(statements), len(steps))
"""


def run(*command: str | Path, folder: Path) -> str:
    """What a command prints, with nothing of this process's surroundings."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def python(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with the wheel, and with the dependencies as they are installed here.

    A folder named in a .pth file has no say over what is imported from where: the package of this
    repository, which is linked by such a file itself, is not found.
    """
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False, symlinks=True)
    program = folder / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", program, "install", "-q", "--no-deps"]
    run(*install, "--no-index", wheel, folder=folder)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    place = Path(run(program, "-c", where, folder=folder).strip())
    (place / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return program


def test_wheel_holds_the_package_and_nothing_else(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    extra = {name for name in names - PACKAGE if ".dist-info/" not in name}
    assert PACKAGE - names == set()
    assert extra == set()


def test_source_distribution_makes_the_same_wheel(tmp_path: Path, wheel: Path) -> None:
    with tarfile.open(build("sdist", tmp_path)) as archive:
        # Python 3.11.4 is the first to know filters, and 3.14 asks for one
        archive.extractall(
            tmp_path, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {})
        )
    source = tmp_path / f"lpbook-{lpbook.__version__}"
    assert not (source / "tools").exists()
    assert not (source / "tests").exists()
    again = zipfile.ZipFile(build("wheel", tmp_path, source))
    first = zipfile.ZipFile(wheel)
    assert again.namelist() == first.namelist()
    assert all(again.read(name) == first.read(name) for name in PACKAGE)


def test_installed_package_reads_its_data(python: Path, tmp_path: Path) -> None:
    script = (
        "import lpbook as lp\n"
        "network, held_out = lp.digits_classifier()\n"
        "ticket = lp.prune(network, weight_epsilon=0.3)\n"
        "from lpbook import figures\n"
        "from lpbook.ledger import recorded\n"
        "print(lp.__file__, ticket.verify(network).ok, set(recorded()) == set(lp.claims))"
    )
    where, *found = run(python, "-c", script, folder=tmp_path).split()
    assert Path(where).is_relative_to(python.parents[1])
    assert found == ["True", "True"]


def test_script_of_a_user_runs_and_is_typed(python: Path, tmp_path: Path) -> None:
    (tmp_path / "script.py").write_text(SCRIPT)
    assert "(5, 2) 21776 " in run(python, "script.py", folder=tmp_path)
    check = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python]
    assert "no issues found" in run(*check, "script.py", folder=tmp_path)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("claim: int = lp.claims['batch-lemma']", 'has type "Claim"'),
        ("lp.pruned", 'Module has no attribute "pruned"'),
        ("lp.batch_size('100', 20, 0.1, 0.01)", 'has incompatible type "str"'),
    ],
)
def test_slip_of_a_user_is_seen(python: Path, tmp_path: Path, line: str, error: str) -> None:
    (tmp_path / "script.py").write_text(f"import lpbook as lp\n\n{line}\n")
    command = [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, "script.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert error in done.stdout


def test_the_example_of_the_readme_runs(python: Path, tmp_path: Path) -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    assert "neurons/w" in run(python, "-c", example, folder=tmp_path)
    assert (tmp_path / "ticket.npz").exists()
