"""What the project says of its releases, in `publication.toml` and `CHANGELOG.md`.

The standard library alone reads it: what puts a book on the site has nothing else.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

from tools.book import ROOT

SOURCE = "publication.toml"


def publication(root: Path = ROOT) -> dict[str, Any]:
    """What the file says; `tools.publication` checks it."""
    return tomllib.loads((root / SOURCE).read_text(encoding="utf-8"))


class Change(NamedTuple):
    """What changed in a version; `when` is its date, or says that it is not yet released."""

    version: str
    when: str
    text: str


def changes(text: str) -> list[Change]:
    r"""What CHANGELOG.md says, version by version.

    Examples
    --------
    >>> changes("# Changes\n\n## 0.2.0 (soon)\n\n- More.\n\n## 0.1.0 (2026-11-22)\n\n- A.")[0]
    Change(version='0.2.0', when='soon', text='- More.')
    """
    found = []
    for part in re.split(r"(?m)^## ", text)[1:]:
        head, _, said = part.partition("\n")
        version, _, when = head.partition(" ")
        found.append(Change(version, when.strip("()"), said.strip()))
    return found


def changelog(root: Path = ROOT) -> list[Change]:
    """The same of the project's own."""
    return changes((root / "CHANGELOG.md").read_text(encoding="utf-8"))
