"""Launch buttons: `notebooks/<page>.ipynb` on Binder and Colab.

They are there where `repository: url` of `_config.yml` is set.

"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from sphinx.application import Sphinx


def launch_links(url: str, branch: str, notebook: str) -> dict[str, str]:
    """Where a notebook of the repository opens: service to address.

    Examples
    --------
    >>> launch_links("https://github.com/a/b", "main", "notebooks/x.ipynb")["Colab"]
    'https://colab.research.google.com/github/a/b/blob/main/notebooks/x.ipynb'
    """
    host, path = urlsplit(url).netloc, urlsplit(url).path.strip("/").removesuffix(".git")
    if host == "github.com":
        place = f"gh/{path}"
    elif host == "gitlab.com":
        place = f"gl/{quote(path, safe='')}"
    else:
        place = f"git/{quote(url, safe='')}"
    binder = f"https://mybinder.org/v2/{place}/{quote(branch, safe='')}?urlpath=lab/tree/{notebook}"
    links = {"Binder": binder}
    if host == "github.com":
        colab = "https://colab.research.google.com/github"
        links["Colab"] = f"{colab}/{path}/blob/{branch}/{notebook}"
    return links


def _add_launch_buttons(
    app: Sphinx, pagename: str, _template: str, context: dict[str, Any], _doctree: Any
) -> None:
    options = app.config.html_theme_options
    notebook = f"notebooks/{Path(pagename).name}.ipynb"
    url = options.get("repository_url", "")
    if not url or not (Path(app.confdir) / notebook).is_file():
        return
    links = launch_links(url, options.get("repository_branch") or "main", notebook)
    context["header_buttons"].append(
        {
            "type": "group",
            "label": "launch-buttons",
            "icon": "fas fa-rocket",
            "tooltip": "Run on Binder or Colab",
            "buttons": [
                {"type": "link", "text": f"Open on {name}", "url": address}
                for name, address in links.items()
            ],
        }
    )


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.connect("html-page-context", _add_launch_buttons, priority=502)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
