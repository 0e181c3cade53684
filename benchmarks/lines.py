"""Results in a file that grows line by line: a run that was stopped goes on where it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


class Lines:
    """JSON objects, one a line, found again by their name ``i``; the first line is settings.

    Parameters
    ----------
    path : str or None
        The file; without it nothing is kept.
    settings : dict
        What all results depend on.

    Raises
    ------
    ValueError
        If the file is of other settings.
    """

    def __init__(self, path: str | None, settings: dict[str, Any]) -> None:
        self._path = None if path is None else Path(path)
        self.rows: dict[Any, dict[str, Any]] = {}
        if self._path is None:
            return
        if not self._path.exists():
            self._write(settings, "w")
            return
        whole, _, rest = self._path.read_text(encoding="utf-8").rpartition("\n")
        if rest:  # of a run that was killed as it wrote
            self._path.write_text(f"{whole}\n", encoding="utf-8")
        first, *rows = map(json.loads, whole.split("\n"))
        if first != settings:
            raise ValueError(f"{path}: is of {first}, not of {settings}; take another file")
        self.rows = {row["i"]: row for row in rows}

    def add(self, row: dict[str, Any]) -> None:
        self.rows[row["i"]] = row
        if self._path is not None:
            self._write(row, "a")

    def _write(self, content: dict[str, Any], mode: str) -> None:
        assert self._path is not None
        with self._path.open(mode, encoding="utf-8") as file:
            file.write(json.dumps(content) + "\n")
