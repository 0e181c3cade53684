"""Make a release and rehearse it: `make dist`, `make release-rehearsal`.

Runs in an environment of its own, `_build/release`, made from `requirements-release.lock`. Nothing
leaves this machine: the rehearsal uploads to an index of packages that it starts, and installs
from there.
"""

from __future__ import annotations

import argparse
import email
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tools.announced import Change, changelog, publication
from tools.book import ROOT
from tools.versions import PROGRAMS, project_file, sources

DIST = ROOT / "dist"
PACKAGES = ROOT / "_build" / "packages"  # of others, for the index


def version() -> str:
    """What `publication.toml` says."""
    return str(publication()["version"])


def run(*command: str | Path, folder: Path = ROOT, offline: bool = False) -> str:
    """What a command prints; nobody's settings of Python and pip take part in it if offline."""
    clean = dict(os.environ)
    if offline:
        clean = {k: v for k, v in clean.items() if not k.startswith(("PIP_", "PYTHON"))}
        clean["PIP_CONFIG_FILE"] = os.devnull
    done = subprocess.run(command, cwd=folder, env=clean, capture_output=True, text=True)
    if done.returncode:
        words = " ".join(map(str, command))
        raise SystemExit(f"{words} fails:\n{done.stdout}{done.stderr}")
    return done.stdout


def build(folder: Path = DIST, root: Path = ROOT) -> list[Path]:
    """Wheel and source distribution, the only files of the folder; nothing is downloaded."""
    shutil.rmtree(folder, ignore_errors=True)
    with sources(root) as copy:
        tool = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder)]
        run(*tool, copy, offline=True)
    return sorted(folder.iterdir())


def complaints(files: list[Path], expected: str) -> list[str]:
    """What is wrong with the files: their number, their version, what an index refuses."""
    found = []
    if [file.name.rpartition("-")[2] for file in files] != ["any.whl", f"{expected}.tar.gz"]:
        found.append(f"not one wheel and one source distribution: {[f.name for f in files]}")
    for wheel in (file for file in files if file.suffix == ".whl"):
        with zipfile.ZipFile(wheel) as archive:
            (name,) = (n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
            says = email.message_from_bytes(archive.read(name))["Version"]
        if says != expected:
            found.append(f"{wheel.name} is of version {says}, publication.toml of {expected}")
    tool = [sys.executable, "-m", "twine", "check", "--strict", *map(str, files)]
    done = subprocess.run(tool, capture_output=True, text=True)
    if done.returncode:
        found.append(done.stdout + done.stderr)
    return found


def dist() -> None:
    """Build and check."""
    files = build()
    if wrong := complaints(files, version()):
        raise SystemExit("\n".join(wrong))
    for file in files:
        print(f"{file.stat().st_size / 1e6:6.2f} MB  dist/{file.name}")


@contextmanager
def index(folder: Path) -> Iterator[str]:
    """An index that serves a folder and takes uploads, asking for no password; its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "pypiserver", "run", "-i", "127.0.0.1", "-p", str(port)]
    command += ["-a", ".", "-P", ".", "--disable-fallback", str(folder)]
    with tempfile.TemporaryFile() as log:
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(f"{address}/simple/", timeout=5).close()
                    break
                except (urllib.error.URLError, OSError):
                    if server.poll() is not None:
                        log.seek(0)
                        raise SystemExit(f"the index stops:\n{log.read().decode()}") from None
                    time.sleep(0.1)
            yield address
        finally:
            server.terminate()
            server.wait()


def example() -> str:
    """The program that the README shows."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (found,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    return str(found)


def rehearse() -> None:
    """Upload to an index, install from it where nothing is installed, and use the package."""
    expected = version()
    files = sorted(DIST.iterdir())
    document = project_file()
    needed = [*document["project"]["dependencies"], *document["build-system"]["requires"]]
    PACKAGES.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check"]
    run(*pip, "download", "-q", "--only-binary", ":all:", "-d", PACKAGES, *needed)
    with tempfile.TemporaryDirectory() as temporary:
        served = Path(temporary) / "packages"
        shutil.copytree(PACKAGES, served)
        with index(served) as address:
            twine = [sys.executable, "-m", "twine", "upload", "--non-interactive"]
            run(*twine, "--repository-url", address, "-u", "x", "-p", "x", *files)
            print("uploaded:", ", ".join(file.name for file in files))
            for kind, option in (("wheel", "--only-binary"), ("source", "--no-binary")):
                place = Path(temporary) / kind
                venv.create(place, with_pip=True)
                python = str(place / PROGRAMS / "python")
                install = [python, "-m", "pip", "--no-cache-dir", "install", "-q", option, "lpbook"]
                install += ["--index-url", f"{address}/simple/", f"lpbook=={expected}"]
                run(*install, folder=place, offline=True)
                run(python, "-m", "pip", "check", folder=place, offline=True)
                says = run(place / PROGRAMS / "lpbook", "--version", folder=place, offline=True)
                if says.split() != ["lpbook", expected]:
                    raise SystemExit(f"lpbook --version says {says!r}, not {expected}")
                run(python, "-c", example(), folder=place, offline=True)
                print(
                    f"installed from its {kind} where nothing is: {says.strip()}; README's example"
                )


def changed(wanted: str, changes: list[Change]) -> Change:
    """What changed in a version."""
    for change in changes:
        if change.version == wanted:
            return change
    raise SystemExit(f"CHANGELOG.md does not say what changed in {wanted}")


def objections(tag: str, expected: str, released: str, changes: list[Change]) -> list[str]:
    """What speaks against releasing under this tag."""
    found = []
    if tag != f"v{expected}":
        found.append(f"the tag is {tag!r}, the version in publication.toml {expected}")
    when = changed(expected, changes).when
    if when != released:
        found.append(
            f"CHANGELOG.md has ({when}) after {expected}, publication.toml released = {released}"
        )
    return found


def check(tag: str) -> None:
    """Whether the tag, the changes and `publication.toml` speak of the same release."""
    released = str(publication()["released"])
    if found := objections(tag, version(), released, changelog()):
        raise SystemExit("\n".join(found))


def record(tag: str) -> None:
    """Make the release on the forge, with all files; an archive that watches it takes a copy."""
    notes = changed(version(), changelog()).text
    files = [*sorted(DIST.iterdir()), *sorted((ROOT / "_build").glob("golden-tickets.*"))]
    run("gh", "release", "create", tag, "--verify-tag", "--title", tag, "--notes", notes, *files)


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["dist", "rehearse", "check", "record"])
    parser.add_argument("tag", nargs="?", default="", help="for check and record, such as v0.1.0")
    options = parser.parse_args()
    if options.command in ("check", "record"):
        {"check": check, "record": record}[options.command](options.tag)
    else:
        {"dist": dist, "rehearse": rehearse}[options.command]()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
