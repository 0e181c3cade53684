"""What a release is refused for; the rehearsal itself is `make release-rehearsal`."""

from __future__ import annotations

import urllib.error
import urllib.request
import zipfile
from pathlib import Path

import pytest

import lpbook
from tools import release


def distributions(folder: Path, version: str, *further: str) -> list[Path]:
    """A wheel that says it is of this version, and a source distribution of the package's."""
    wheel = folder / f"lpbook-{lpbook.__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("lpbook.dist-info/METADATA", f"Name: lpbook\nVersion: {version}\n")
    source = folder / f"lpbook-{lpbook.__version__}.tar.gz"
    source.touch()
    others = [folder / name for name in further]
    return [wheel, source, *others]


def test_files_of_another_version_are_refused(tmp_path: Path) -> None:
    files = distributions(tmp_path, "0.0.1")
    wanted = f"is of version 0.0.1, publication.toml of {lpbook.__version__}"
    assert wanted in release.complaints(files, lpbook.__version__)[0]
    files = distributions(tmp_path, lpbook.__version__)
    said = "\n".join(release.complaints(files, lpbook.__version__))
    assert "publication.toml" not in said
    assert "not one wheel" not in said


def test_files_beside_the_two_are_refused(tmp_path: Path) -> None:
    files = distributions(tmp_path, lpbook.__version__, "notes.txt")
    assert "not one wheel" in release.complaints(files, lpbook.__version__)[0]


def test_failing_command_stops_the_rehearsal_with_what_it_says(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="No such file"):
        release.run("python3", tmp_path / "absent.py", folder=tmp_path)


def test_version_and_example_are_those_that_readers_see() -> None:
    assert release.version() == lpbook.__version__
    assert "lp.prune(" in release.example()


def test_index_that_cannot_start_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise urllib.error.URLError("no answer")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    # the environment of the tests has no such server
    with pytest.raises(SystemExit, match="pypiserver"), release.index(tmp_path):
        pass
