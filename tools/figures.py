"""Export the book's figures for slides: `python -m tools.figures [--to FOLDER] [chapter ...]`.

Runs the code of the chapters and saves every captioned figure as SVG and PDF, under its name in
the book: `figures/golden_ratio/fig-reachable.svg`.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import io
import os
import tempfile
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from tools.book import ROOT
from tools.notebooks import chapters

FORMATS = ("svg", "pdf")


def figures(page: NotebookNode) -> Iterator[tuple[str, Any]]:
    """Run a chapter here; the names of its captioned figures, each with the figure."""
    from matplotlib.figure import Figure

    space: dict[str, Any] = {"__name__": "__main__", "display": lambda *things: None}
    for cell in page.cells:
        if cell.cell_type != "code":
            continue
        tree = ast.parse(cell.source)
        last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(tree, "<chapter>", "exec"), space)
            value = None
            if last is not None:
                value = eval(compile(ast.Expression(last.value), "<chapter>", "eval"), space)
        name = cell.metadata.get("mystnb", {}).get("figure", {}).get("name")
        if name:
            if not isinstance(value, Figure):
                raise ValueError(f"{name}: the cell does not end in a figure")
            yield name, value


def draw(chapter: str, wanted: Collection[str], folder: Path, root: Path = ROOT) -> None:
    """Save some figures of a chapter as SVG in a folder; it runs no further than they need."""
    left = set(wanted)
    with _quiet_drawing():
        for name, figure in figures(chapters(root)[chapter]):
            if name in left:
                figure.savefig(folder.resolve() / f"{name}.svg", bbox_inches="tight")
                left.remove(name)
            if not left:
                return
    raise ValueError(f"{chapter}: no figure {', '.join(sorted(left))}")


@contextlib.contextmanager
def _quiet_drawing() -> Iterator[None]:
    """Draw without a window, the same file each time; chapters run in a folder of their own."""
    import matplotlib

    matplotlib.use("agg")
    matplotlib.rcParams["svg.hashsalt"] = "golden tickets"
    os.environ["SOURCE_DATE_EPOCH"] = "0"
    with tempfile.TemporaryDirectory() as elsewhere, contextlib.chdir(elsewhere):
        yield


def export(folder: Path, names: list[str], root: Path = ROOT) -> list[Path]:
    """Save the figures of some chapters, of all if none is named; the files written."""
    pages = chapters(root)
    if unknown := set(names) - set(pages):
        raise SystemExit(f"no chapter of the book: {', '.join(sorted(unknown))}")
    folder = folder.resolve()
    written = []
    with _quiet_drawing():
        for chapter in names or sorted(pages):
            for name, figure in figures(pages[chapter]):
                for kind in FORMATS:
                    path = folder / chapter / f"{name}.{kind}"
                    path.parent.mkdir(parents=True, exist_ok=True)
                    figure.savefig(path, bbox_inches="tight")
                    written.append(path)
                print(f"{chapter}/{name}", flush=True)
    return written


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", help="names of chapters; all if none")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / "figures", help="folder")
    options = parser.parse_args()
    files = export(options.to, options.chapters)
    print(f"{len(files)} files in {options.to}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
