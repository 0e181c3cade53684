"""The book's typefaces are there when a page is laid out, and have every letter of it.

Each page asks for the faces that its first screen may need before it asks for anything else.
Without that a browser learns of a face when it sets the first text in it, and sets the text anew
when the face has come: lines break elsewhere while someone reads.
"""

from __future__ import annotations

from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.transforms.post_transforms import SphinxPostTransform

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


# Pictures in colour, which the table of run times is made with, are in no face of letters.
INSTEAD = str.maketrans("✅❌", "✓✗")


class Letters(SphinxPostTransform):
    """Put letters in place of pictures of letters."""

    default_priority = 9  # right after that table

    def run(self, **kwargs: Any) -> None:
        """Go through all text."""
        for text in list(self.document.findall(nodes.Text)):
            if text.translate(INSTEAD) != text:
                text.parent.replace(text, nodes.Text(text.translate(INSTEAD)))


def ask_early(
    app: Sphinx, page: str, template: str, context: dict[str, Any], doctree: nodes.document | None
) -> None:
    """Put links to the faces at the head of a page."""
    links = [LINK.format(context["pathto"](f"_static/fonts/{name}.woff2", 1)) for name in FACES]
    context["metatags"] = "\n".join([*links, context.get("metatags", "")])


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_css_file("typefaces.css", priority=100)  # before what uses them
    app.add_post_transform(Letters)
    app.connect("html-page-context", ask_early)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
