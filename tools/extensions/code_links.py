"""Names in the code of a chapter, such as `lp.prune`, lead to the reference."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from sphinx.application import Sphinx

NAME_IN_CODE = re.compile(
    r'<span class="n">(?P<module>lp|figures)</span><span class="o">\.</span>'
    r'<span class="n">(?P<name>\w+)</span>'
)


def linked(html: str, address: Callable[[str], str | None]) -> str:
    """A page whose code leads to the reference: `lp.name` and `figures.name`.

    `address` gives the place of a name, such as ``lpbook.prune``, or None.
    """

    def link(match: re.Match[str]) -> str:
        module = {"lp": "lpbook", "figures": "lpbook.figures"}[match["module"]]
        target = address(f"{module}.{match['name']}")
        if target is None:
            return match[0]
        return f'<a class="code-link" href="{target}">{match[0]}</a>'

    return NAME_IN_CODE.sub(link, html)


def _link_code(
    app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    if "body" not in context or pagename == "book/api":
        return
    objects = app.env.get_domain("py").objects  # type: ignore[attr-defined]

    def address(name: str) -> str | None:
        entry = objects.get(name)
        if entry is None:
            return None
        page = app.builder.get_relative_uri(pagename, entry.docname)
        return f"{page}#{entry.node_id}"

    context["body"] = linked(context["body"], address)


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("html-page-context", _link_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
