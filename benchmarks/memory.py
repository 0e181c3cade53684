"""How much memory a benchmark takes, beside the files that it maps."""

from __future__ import annotations

import threading
from pathlib import Path
from types import TracebackType

_STATUS = Path("/proc/self/status")
_PAUSE = 0.02  # seconds between two looks


def anonymous() -> float:
    """MiB of this process that are no pages of files; Linux tells."""
    for line in _STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) / 1024
    raise OSError(f"{_STATUS}: does not tell RssAnon")


class Peak:
    """The most MiB that a block took, beside what was taken before and pages of mapped files.

    A thread looks every 20 ms: what comes and goes in between is not seen.
    """

    def __init__(self) -> None:
        self.before = self._most = anonymous()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    @property
    def mib(self) -> float:
        return self._most - self.before

    def _watch(self) -> None:
        while not self._done.wait(_PAUSE):
            self._most = max(self._most, anonymous())

    def __enter__(self) -> Peak:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()
        self._most = max(self._most, anonymous())
