"""With `SOLUTIONS=0` in the environment the solutions of exercises are left out."""

from __future__ import annotations

import os
import re
from typing import Any

from sphinx.application import Sphinx

FENCE = r"^(?P<fence>`{3,}|:{3,})"
SOLUTION = re.compile(
    rf"{FENCE}\{{solution-start\}}.*?^(?P=fence)\{{solution-end\}}\s*?\n(?P=fence)[ \t]*$\n?"
    rf"|^(?P<one>`{{3,}}|:{{3,}})\{{solution\}}.*?^(?P=one)[ \t]*$\n?",
    re.DOTALL | re.MULTILINE,
)


def without_solutions(text: str) -> str:
    """A chapter without the solutions of its exercises, and without their code."""
    return SOLUTION.sub("", text)


def _leave_out_solutions(_app: Sphinx, _page: str, source: list[str]) -> None:
    if os.environ.get("SOLUTIONS") == "0":
        source[0] = without_solutions(source[0])


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("source-read", _leave_out_solutions)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
