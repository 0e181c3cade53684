"""What every page of the site has beside its text: a citation, its notebook online, a version.

- The directive `{cite-chapter}` shows BibTeX for the page it stands on; `{cite-book}` for the book.
- Launch buttons open `notebooks/<page>.ipynb` on Binder and Colab, where `repository: url` of
  `_config.yml` is set.
- In the code of a chapter, names such as `lp.prune` lead to the reference.
- The footer says which version of the book this is.
- Statements and figures have the same numbers on the site and in the PDF.
- With `SOLUTIONS=0` in the environment the solutions of exercises are left out.
- In the PDF a proof is text with an end mark, and nothing is offered for download.
- Search and index find a symbol by its name, `SYMBOLS`, on the page that introduces it.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util.docutils import SphinxDirective
from sphinx_proof.nodes import proof_node  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[1]

# What a reader may type, and the page that introduces it: formulas are searched as TeX, in which
# no page says "phi".
SYMBOLS = {
    "lottery_tickets": ["lottery ticket", "target network", "mask", "sigma", "σ", "ReLU"],
    "malach": ["epsilon", "ε", "delta", "δ", "sign rule"],
    "product_weights": ["product weight", "product of uniforms"],
    "golden_ratio": ["phi", "φ", "golden ratio", "gamma", "γ", "greedy digits"],
    "hyperbolic": ["hyperbolic", "alpha", "α", "beta", "β", "log-uniform"],
    "batch_sampling": ["batch", "coupon collector", "reserved", "shared", "pooled"],
    "main_theorem": ["error budget", "F_max", "weight_epsilon", "main theorem"],
    "real_ticket": ["certificate", "margin", "logits"],
    "subset_sum": ["subset sum", "kappa", "κ"],
    "lower_bound": ["lower bound", "counting", "packing"],
    "in_practice": ["edge-popup", "effective share"],
    "since_then": ["convolution", "attention", "quantization", "sparsity"],
    "toolbox": ["union bound", "Chernoff", "lambda", "λ", "Lipschitz", "spectral norm"],
}

FENCE = r"^(?P<fence>`{3,}|:{3,})"
SOLUTION = re.compile(
    rf"{FENCE}\{{solution-start\}}.*?^(?P=fence)\{{solution-end\}}\s*?\n(?P=fence)[ \t]*$\n?"
    rf"|^(?P<one>`{{3,}}|:{{3,}})\{{solution\}}.*?^(?P=one)[ \t]*$\n?",
    re.DOTALL | re.MULTILINE,
)


def read(root: Path = ROOT) -> dict[str, Any]:
    """What CITATION.cff says."""
    return yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))


def bibtex(chapter: str = "", title: str = "", root: Path = ROOT) -> str:
    """The entry for a chapter, given its file's name and its title, or for the whole book."""
    cff = read(root)
    authors = " and ".join(
        f"{{{a['name']}}}" if "name" in a else f"{a['family-names']}, {a['given-names']}"
        for a in cff["authors"]
    )
    # the year of the release, and its version: statements keep their names from one to the next
    fields = {
        "title": title or cff["title"],
        **({"booktitle": cff["title"]} if chapter else {}),
        "author": authors,
        "year": str(cff["date-released"])[:4],
        "note": f"Version {cff['version']}",
    }
    if url := cff.get("repository-code"):
        fields["url"] = url
    kind, key = (
        ("incollection", f"golden_tickets_{chapter}") if chapter else ("book", "golden_tickets")
    )
    width = max(map(len, fields))
    lines = [f"  {name:<{width}} = {{{value}}}" for name, value in fields.items()]
    return "\n".join([f"@{kind}{{{key},", ",\n".join(lines), "}"])


def without_solutions(text: str) -> str:
    """A chapter without the solutions of its exercises, and without their code."""
    return SOLUTION.sub("", text)


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


NAME_IN_CODE = re.compile(
    r'<span class="n">(?P<module>lp|figures)</span><span class="o">\.</span>'
    r'<span class="n">(?P<name>\w+)</span>'
)


class CiteChapter(SphinxDirective):
    """BibTeX for the page on which it stands."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(ROOT / "CITATION.cff"))
        heading = next(self.state.document.findall(nodes.title)).astext()
        return _block("To cite this chapter:", bibtex(Path(self.env.docname).name, heading))


class CiteBook(SphinxDirective):
    """BibTeX for the book."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(ROOT / "CITATION.cff"))
        return _block("", bibtex())


def _block(words: str, entry: str) -> list[nodes.Node]:
    code = nodes.literal_block(entry, entry, language="bibtex")
    return [nodes.paragraph(words, words), code] if words else [code]


def _say_version(app: Sphinx, _config: Any) -> None:
    options = app.config.html_theme_options
    cff = read()
    words = f"Version {cff['version']} of {cff['date-released']}."
    options["extra_footer"] = f"{words} {options.get('extra_footer', '')}".strip()


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
            "tooltip": "Run this page",
            "buttons": [
                {"type": "link", "text": f"Open on {name}", "url": address}
                for name, address in links.items()
            ],
        }
    )


class NameSymbols(SphinxTransform):
    """Put the names of symbols into the index, which the search reads first."""

    default_priority = 500  # before the index is collected

    def apply(self, **kwargs: Any) -> None:
        """Name what the page introduces; on the site only, where letters need no font."""
        names = SYMBOLS.get(Path(self.env.docname).name, [])
        section = next(iter(self.document.findall(nodes.section)), None)
        if names and section is not None and self.app.builder.format == "html":
            entries = [("single", name, section["ids"][0], "main", None) for name in names]
            section.insert(1, addnodes.index(entries=entries))


class NoDownloads(SphinxTransform):
    """Offer downloads on the site only."""

    default_priority = 500

    def apply(self, **kwargs: Any) -> None:
        """Take out the lines that hold a download and nothing else."""
        if self.app.builder.format != "latex":
            return
        for link in list(self.document.findall(addnodes.download_reference)):
            if isinstance(link.parent, nodes.paragraph) and len(link.parent) == 1:
                link.parent.parent.remove(link.parent)


# Names that `sphinx_proof` and `sphinx_exercise` give to many things of a page.
TWINS = {"proof", "proof-content", "exercise-content", "solution-content"}


class Statements(SphinxPostTransform):
    """Mend what `sphinx_proof` and `sphinx_exercise` make, for the site and the PDF alike.

    No two things of a page have one name; the word that opens a proof is set off from it; a link to
    an exercise does not begin with a space.
    """

    default_priority = 500  # when the titles of solutions are made

    def run(self, **kwargs: Any) -> None:
        """Change the tree of a page."""
        for box in self.document.findall(nodes.Element):
            if isinstance(box, nodes.section | nodes.admonition):
                box["ids"] = [name for name in box["ids"] if name not in TWINS]
        for proof in self.document.findall(proof_node):
            words = next(proof.findall(nodes.Text))
            opening = nodes.emphasis("", "Proof.", classes=["proof-word"])
            words.parent.replace(words, [opening, nodes.Text(words.removeprefix("Proof."))])
        for link in self.document.findall(nodes.reference):
            words = link.children[0] if link.children else None
            if isinstance(words, nodes.Text) and words.startswith(" Exercise"):
                link.replace(words, nodes.Text(words.lstrip()))
                link.parent.insert(link.parent.index(link), nodes.Text(" "))


def _begin_proof(self: Any, node: nodes.Element) -> None:
    for box in [child for child in node if isinstance(child, nodes.Admonition)]:
        node.replace(box, box.children)
    self.body.append("\n\\begin{bookproof}\n")


def _end_proof(self: Any, node: nodes.Element) -> None:
    self.body.append("\n\\end{bookproof}\n")


SCRIPTS = {"<sub>": nodes.subscript, "<sup>": nodes.superscript}


class Scripts(SphinxPostTransform):
    """Make nodes of `<sub>` and `<sup>` in Markdown: as raw HTML the PDF would drop them."""

    default_priority = 500

    def run(self, **kwargs: Any) -> None:
        """Take the text between the two tags, which are neighbours of it."""
        for tag in list(self.document.findall(nodes.raw)):
            kind = SCRIPTS.get(tag.astext())
            if kind is None or tag.parent is None:
                continue
            at = tag.parent.index(tag)
            inner, end = tag.parent.children[at + 1 : at + 3]
            if end.astext() == tag.astext().replace("<", "</"):
                tag.parent[at : at + 3] = [kind("", "", inner)]


def mended(html: str) -> str:
    """A page without what confuses screen readers.

    Docutils calls the references a list, and what it holds no items.

    Examples
    --------
    >>> mended('<div role="list" class="citation-list"><div role="doc-biblioentry">')
    '<div class="citation-list"><div>'
    """
    html = html.replace('<div role="list" class="citation-list">', '<div class="citation-list">')
    return html.replace(' role="doc-biblioentry"', "")


def _mend(_app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any) -> None:
    if "body" in context:
        context["body"] = mended(context["body"])


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


def _number_by_chapter(app: Sphinx) -> None:
    # Jupyter Book counts by section in the PDF: then no number would be that of the site
    app.config.numfig_secnum_depth = 1


def _note_numbers(app: Sphinx, error: Exception | None) -> None:
    # beside the LaTeX: TeX counts by itself, and `tools.pdf` compares
    if error is None and app.builder.format == "latex":
        numbers = {
            f"{page}:{name}": ".".join(map(str, number))
            for page, kinds in app.env.toc_fignumbers.items()
            for kind in ("figure", "table")
            for name, number in kinds.get(kind, {}).items()
        }
        Path(app.outdir, "numbers.json").write_text(json.dumps(numbers))


def _leave_out_solutions(_app: Sphinx, _page: str, source: list[str]) -> None:
    if os.environ.get("SOLUTIONS") == "0":
        source[0] = without_solutions(source[0])


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_directive("cite-chapter", CiteChapter)
    app.add_directive("cite-book", CiteBook)
    app.add_transform(NameSymbols)
    app.add_transform(NoDownloads)
    app.add_node(proof_node, override=True, latex=(_begin_proof, _end_proof))
    app.add_post_transform(Scripts)
    app.add_post_transform(Statements)
    app.connect("config-inited", _say_version)
    app.connect("source-read", _leave_out_solutions)
    app.connect("builder-inited", _number_by_chapter, priority=900)
    app.connect("build-finished", _note_numbers)
    app.connect("html-page-context", _mend)
    app.connect("html-page-context", _add_launch_buttons, priority=502)
    app.connect("html-page-context", _link_code)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
