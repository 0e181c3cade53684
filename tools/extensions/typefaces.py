"""The book's typefaces are there when a page is laid out.

Each page asks for the faces that its first screen may need before it asks for anything else.
Without that a browser learns of a face when it sets the first text in it, and sets the text anew
when the face has come: lines break elsewhere while someone reads.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx

# All but three: bold italic, the italic of captions, and signs are rare.
FACES = (
    "TicketSerif-Regular",
    "TicketSerif-Bold",
    "TicketSerif-Italic",
    "TicketSans-Regular",
    "TicketSans-Bold",
    "TicketCode-Regular",
    "TicketCode-Bold",
)
LINK = '<link rel="preload" as="font" type="font/woff2" crossorigin href="{}" />'


def ask_early(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Put links to the faces at the head of a page."""
    links = [LINK.format(context["pathto"](f"_static/fonts/{name}.woff2", 1)) for name in FACES]
    context["metatags"] = "\n".join([*links, context.get("metatags", "")])


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_css_file("typefaces.css", priority=100)  # before what uses them
    app.connect("html-page-context", ask_early)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
