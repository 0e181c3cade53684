"""Make notebooks from the chapters: `python -m tools.notebooks [--check] [chapter ...]`.

A chapter that runs code is also kept as an executed notebook, with its text outputs and without
its pictures. Readers download and run it; the tests compare every output with a new run.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import jupytext
import nbformat
import yaml
from IPython.core.displayhook import DisplayHook
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError
from nbformat import NotebookNode
from pybtex.database import Entry, parse_file
from pybtex.richtext import Text

from tools.book import ROOT
from tools.contents import contents
from tools.environment import kernel_environment
from tools.markdown import BREAK, Book, Converter, blocks, head_of, leftovers, options_of
from tools.reading_time import of_chapter

TIMEOUT = 600  # seconds for one cell
ADDRESS = re.compile(r"0x[0-9a-f]{6,}")
PICTURES = re.compile(r"image/|application/pdf")

INTRODUCTION = """\
> **Golden Tickets**, the notebook of the page “{title}”.
>
> **What it needs.** Python 3.11 or later and the book's package `lpbook`. {how}
>
> Pictures appear when their cells have run. This file is made from `book/{page}.md`: edit that one,
> then `make notebooks`."""

FROM_FOLDER = """\
It is not on PyPI: it comes
> with the book. In the book's folder, the one with `pyproject.toml`, run
> `pip install ".[notebooks]"`; that brings JupyterLab and the data too."""

FROM_REPOSITORY = """\
If it is missing, as on
> Colab, the next cell installs it from <{url}>."""

# For those who have the notebook alone; where the package is there, nothing happens.
INSTALL = """\
try:
    import lpbook
except ModuleNotFoundError:
    %pip install -q "lpbook @ git+{url}@{branch}" scikit-learn"""


REPLAY = """
```{{code-cell}} ipython3
lp.claims["{}"].replay()
```
"""


class NotebookError(Exception):
    """A chapter that cannot become a notebook."""


def chapters(root: Path) -> dict[str, NotebookNode]:
    """All pages of the book, as jupytext reads them, by name."""
    return {name: _page(text) for name, text in _texts_of(root).items()}


def with_replays(root: Path) -> dict[str, NotebookNode]:
    """All pages of the book as notebooks have them: each claim is checked where it stands."""
    names = claims(root)
    return {name: _page(replayed(text, names)) for name, text in _texts_of(root).items()}


def _texts_of(root: Path) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(root.glob("book/*.md"))}


def _page(text: str) -> NotebookNode:
    return jupytext.reads(text, fmt="md:myst")


def claims(root: Path) -> set[str]:
    """The names of the statements that the ledger checks."""
    ledger = root / "lpbook" / "data" / "ledger.json"
    return set(json.loads(ledger.read_text(encoding="utf-8"))) if ledger.exists() else set()


def replayed(text: str, names: Collection[str]) -> str:
    """A chapter in which each of these statements, with its proof, is followed by a cell.

    The site shows what the check said in a line of the statement's box; in a notebook one runs it.
    """
    result: list[str] = []
    waiting: list[str] = []  # the statement whose cell is still to come

    def place() -> None:
        result.extend(line for name in waiting for line in REPLAY.format(name).split("\n"))
        waiting.clear()

    for kind, block in blocks(text.split("\n")):
        name = head_of(block[0])[0] if kind == "directive" else ""
        if name != "prf:proof" and any(line.strip() for line in block):
            place()  # the proof stands elsewhere
        result += block
        if name == "prf:proof":
            place()
        elif name.startswith("prf:"):
            label = options_of(block[1:-1])[0].get("label", "")
            waiting += {label} & set(names)
    place()
    return "\n".join(result)


def exported(pages: Mapping[str, NotebookNode]) -> set[str]:
    """The pages that become notebooks: those that run code."""
    return {name for name, page in pages.items() if _code(page.cells)}


def survey(root: Path, pages: Mapping[str, NotebookNode]) -> Book:
    """Read all pages once for their titles, labels and numbers."""
    entries = _bibliography(root)
    order = contents(root)
    book = Book(
        numbers={page.name: page.number for page in order if page.number},
        notebooks=exported(pages),
        citations={key: (_authors(entry), entry.fields["year"]) for key, entry in entries.items()},
        minutes={page.name: of_chapter(root, page.name) for page in order},
    )
    counted: dict[str, Counter[str]] = {}  # of each chapter, over its pages
    for name, chapter, _ in order:
        book.starts[name] = Counter(counted.get(chapter))
        converter = Converter(book, name)
        _cells(converter, pages[name])
        counted[chapter] = converter.counts
    book.complete = True
    return book


def execute(root: Path, names: list[str] | None = None) -> list[str]:
    """Run the chapters and write their notebooks; the names of those written."""
    pages = with_replays(root)
    book = survey(root, pages)
    if unknown := set(names or []) - book.notebooks:
        raise NotebookError(f"no chapter that runs code: {', '.join(sorted(unknown))}")
    written = []
    with kernel_environment(figures="png") as environment:
        for name in sorted(names or book.notebooks):
            notebook = _convert(book, root, name, pages[name], {})
            _run(name, notebook, environment)
            outputs = [_clean(name, cell) for cell in _code(notebook.cells)]
            path = root / "notebooks" / f"{name}.ipynb"
            path.parent.mkdir(exist_ok=True)
            path.write_text(_with_outputs(book, root, name, pages[name], outputs), encoding="utf-8")
            written.append(name)
            print(f"notebooks/{name}.ipynb", flush=True)
    return written


def rewrite(root: Path) -> None:
    """Write the texts of the kept notebooks anew and leave outputs as they are: runs nothing."""
    pages = with_replays(root)
    book = survey(root, pages)
    for name in sorted(book.notebooks):
        path = root / "notebooks" / f"{name}.ipynb"
        if not path.exists():
            continue
        kept = nbformat.reads(path.read_text(encoding="utf-8"), as_version=4).cells
        code = _code(kept)
        if [c.source for c in code] == [c.source for c in _code(pages[name].cells)]:
            outputs = [_clean(name, cell) for cell in code]
            path.write_text(_with_outputs(book, root, name, pages[name], outputs), encoding="utf-8")


def check(root: Path) -> list[str]:
    """What is wrong with the kept notebooks, apart from their outputs, which nbval compares."""
    pages = with_replays(root)
    book = survey(root, pages)
    folder = root / "notebooks"
    wanted = {f"{name}.ipynb" for name in book.notebooks}
    found = {path.name for path in folder.glob("*") if not path.name.startswith(".")}
    problems = [f"notebooks/{name} is missing" for name in sorted(wanted - found)]
    problems += [
        f"notebooks/{name} has no chapter that runs code" for name in sorted(found - wanted)
    ]
    for file in sorted(wanted & found):
        name = file.removesuffix(".ipynb")
        text = (folder / file).read_text(encoding="utf-8")
        kept = _code(nbformat.reads(text, as_version=4).cells)
        code = [cell.source for cell in _code(pages[name].cells)]
        if [cell.source for cell in kept] != code:
            problems.append(f"notebooks/{file} has other code than its chapter")
            continue
        outputs = [_clean(name, cell) for cell in kept]
        expected = _with_outputs(book, root, name, pages[name], outputs)
        if text != expected:
            problems.append(f"notebooks/{file} differs from what its chapter makes")
        for cell in nbformat.reads(expected, as_version=4).cells:
            if cell.cell_type == "markdown":
                problems += [f"notebooks/{file} shows {raw!r}" for raw in leftovers(cell.source)]
    return problems


# -- from chapter to notebook ----------------------------------------------------------------


def _is_code(cell: NotebookNode) -> bool:
    return cell.cell_type == "code"


def _code(cells: list[NotebookNode]) -> list[NotebookNode]:
    """The cells with the code of the chapter: not the one that installs the package."""
    return [cell for cell in cells if _is_code(cell) and cell.get("id") != "install"]


def _cells(converter: Converter, page: NotebookNode) -> list[NotebookNode]:
    cells = []
    for cell in page.cells:
        if not _is_code(cell):
            cells += _texts(converter.convert(cell.source))
            continue
        converter.code()
        tags = cell.metadata.get("tags", [])
        metadata: dict[str, Any] = {"tags": tags} if tags else {}
        if {"hide-input", "remove-input", "hide-cell", "remove-cell"} & set(tags):
            metadata["jupyter"] = {"source_hidden": True}
        cells.append(nbformat.v4.new_code_cell(cell.source, metadata=metadata))
        figure = cell.metadata.get("mystnb", {}).get("figure")
        if figure:
            caption = converter.figure(figure.get("caption", ""), figure.get("name", ""))
            cells.append(nbformat.v4.new_markdown_cell(caption))
    return [cell for cell in cells if cell.source]


def _texts(text: str) -> list[NotebookNode]:
    """The cells of a text: what a solution says is folded below its heading, as on the site."""
    cells = []
    for part in re.split(rf"(?m)^{re.escape(BREAK)}$", text):
        folded = part.strip().startswith("#### Solution to ")
        metadata = {"jp-MarkdownHeadingCollapsed": True} if folded else {}
        cells.append(nbformat.v4.new_markdown_cell(part.strip("\n"), metadata=metadata))
    return cells


def _convert(
    book: Book, root: Path, name: str, page: NotebookNode, glue: Mapping[str, str]
) -> NotebookNode:
    converter = Converter(book, name, glue)
    cells = _cells(converter, page)
    url, branch = _repository(root)
    how = FROM_REPOSITORY.format(url=url) if url else FROM_FOLDER
    introduction = INTRODUCTION.format(title=book.titles.get(name, name), page=name, how=how)
    cells.insert(0, nbformat.v4.new_markdown_cell(introduction))
    if converter.cited:
        entries = _bibliography(root)
        sources = [_reference(entries[key]) for key in sorted(converter.cited)]
        text = "\n".join(["**Sources**", "", *(f"- {source}" for source in sorted(sources))])
        cells.append(nbformat.v4.new_markdown_cell(text))
    for position, cell in enumerate(cells):
        cell.id = f"cell-{position:03}"
    if url:
        install = nbformat.v4.new_code_cell(INSTALL.format(url=url, branch=branch), id="install")
        cells.insert(1, install)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _with_outputs(
    book: Book, root: Path, name: str, page: NotebookNode, outputs: list[list[NotebookNode]]
) -> str:
    """The text of the notebook whose code cells have these outputs."""
    notebook = _convert(book, root, name, page, _glued(outputs))
    for count, (cell, outs) in enumerate(zip(_code(notebook.cells), outputs, strict=True), start=1):
        cell.execution_count = count
        cell.outputs = outs
        for out in outs:
            if out.output_type == "execute_result":
                out.execution_count = count
    nbformat.validate(notebook)
    return nbformat.writes(notebook) + "\n"


def _glued(outputs: list[list[NotebookNode]]) -> dict[str, str]:
    found = {}
    for out in (out for outs in outputs for out in outs):
        name = out.get("metadata", {}).get("scrapbook", {}).get("name")
        if name:
            found[name] = next(iter(out.data.values()))
    return found


# -- running ---------------------------------------------------------------------------------


def _run(name: str, notebook: NotebookNode, environment: Mapping[str, str]) -> None:
    # In a folder of its own: no chapter may rely on the place where it runs, nor leave a file.
    with tempfile.TemporaryDirectory() as folder:
        client = NotebookClient(
            notebook,
            timeout=TIMEOUT,
            kernel_name="python3",
            record_timing=False,
            resources={"metadata": {"path": folder}},
        )
        try:
            client.execute(env=environment)
        except CellExecutionError as error:
            raise NotebookError(f"book/{name}.md: a cell failed\n{error}") from error


def _clean(name: str, cell: NotebookNode) -> list[NotebookNode]:
    """The outputs of a cell that are kept: text, and nothing of this machine or moment."""
    if DisplayHook.semicolon_at_end_of_expression(cell.source):
        raise NotebookError(
            f"book/{name}.md: a cell ends in a semicolon, which hides its value here but not where "
            f"the outputs are compared; assign the value to a name:\n{cell.source}"
        )
    kept: list[NotebookNode] = []
    for out in cell.outputs:
        if out.output_type == "stream":
            if out.name == "stderr":
                raise NotebookError(
                    f"book/{name}.md: a cell writes to stderr; warnings are to be avoided and "
                    f"progress bars switched off:\n{cell.source}\n---\n{out.text}"
                )
            if kept and kept[-1].output_type == "stream":  # where it is cut depends on timing
                kept[-1].text += out.text
                continue
        elif "data" in out:
            out.data = {mime: data for mime, data in out.data.items() if not PICTURES.match(mime)}
            scrap = out.metadata.get("scrapbook")
            out.metadata = {"scrapbook": scrap} if scrap else {}
        kept.append(nbformat.from_dict(out))
    if address := ADDRESS.search(str(kept)):
        raise NotebookError(
            f"book/{name}.md: a cell prints a memory address, {address[0]}:\n{cell.source}"
        )
    return kept


# -- address, numbers and sources -------------------------------------------------------------


def _repository(root: Path) -> tuple[str, str]:
    """Where the book's source is, as `_config.yml` says: address, empty if unset, and branch."""
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    repository = config.get("repository") or {}
    return (repository.get("url") or "").rstrip("/"), repository.get("branch") or "main"


def _bibliography(root: Path) -> Mapping[str, Entry]:
    path = root / "book" / "references.bib"
    return parse_file(str(path), bib_format="bibtex").entries if path.exists() else {}


def _authors(entry: Entry) -> str:
    names = [_plain(" ".join(p.prelast_names + p.last_names)) for p in entry.persons["author"]]
    if len(names) > 2:
        return f"{names[0]} et al."
    return " and ".join(names)


def _reference(entry: Entry) -> str:
    authors = ", ".join(
        _plain(str(" ".join(p.first_names + p.middle_names + p.prelast_names + p.last_names)))
        for p in entry.persons["author"]
    )
    fields = entry.fields
    venue = fields.get("booktitle") or fields.get("journal") or ""
    if "doi" in fields:
        link = f" https://doi.org/{fields['doi']}"
    elif "eprint" in fields:
        link = f" https://arxiv.org/abs/{fields['eprint']}"
    else:
        link = ""
    title = _plain(fields["title"])
    parts = [authors, f"*{title}*", _plain(venue), fields["year"]]
    return ", ".join(part for part in parts if part) + "." + link


def _plain(latex: str) -> str:
    return str(Text.from_latex(latex))


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", help="names of chapters; all that run code if none")
    parser.add_argument("--check", action="store_true", help="run nothing, say what is out of date")
    parser.add_argument("--text", action="store_true", help="run nothing, write the texts anew")
    parser.add_argument("--root", type=Path, default=ROOT, help="folder with book/ and notebooks/")
    arguments = parser.parse_args()
    try:
        if arguments.text:
            rewrite(arguments.root)
        elif not arguments.check:
            execute(arguments.root, arguments.chapters)
        problems = check(arguments.root)
    except (NotebookError, ValueError) as error:
        problems = [str(error)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if problems and arguments.check:
        print("To make the notebooks anew: make notebooks", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
