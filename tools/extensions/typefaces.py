"""The book's typefaces are in the site's style sheet, not beside it.

A browser lays out a page when it has the style sheets, and again when a typeface comes that it had
to fetch: lines break anew while someone reads. With the faces in a style sheet there is nothing to
wait for, and no moment in which the page shows a typeface of the machine.
"""

from __future__ import annotations

import base64
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config

SOURCE = Path(__file__).resolve().parents[2] / "book" / "_static" / "typefaces.css"


def embedded(source: Path = SOURCE) -> str:
    """The style sheet with the files that it names in it."""

    def data(match: re.Match[str]) -> str:
        content = base64.b64encode((source.parent / match[1]).read_bytes()).decode("ascii")
        return f"url(data:font/woff2;base64,{content})"

    return re.sub(r'url\("([^"]+\.woff2)"\)', data, source.read_text(encoding="utf-8"))


def write(app: Sphinx, config: Config) -> None:
    """Put the style sheet where Sphinx takes files from; the later folder overrules."""
    folder = Path(app.doctreedir) / "typefaces"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / SOURCE.name).write_text(embedded(), encoding="utf-8")
    config.html_static_path.append(str(folder))


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("config-inited", write)
    app.add_css_file(SOURCE.name, priority=100)  # before what uses them
    return {"parallel_read_safe": True, "parallel_write_safe": True}
