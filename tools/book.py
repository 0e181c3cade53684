"""Build the book: `python -m tools.book build`.

Sphinx re-reads only the pages whose files changed, which is wrong for pages that run code: a
number may change because the package did. So a stamp beside the site records hashes of all that
goes into it, and decides how much is built again.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from tools.environment import kernel_environment

ROOT = Path(__file__).resolve().parent.parent

# What a page is made from. Missing ones are passed over: a small book needs few of them.
SOURCES = (
    "lpbook",
    "book",
    "notebooks",
    "proofs",
    "tools",
    "_config.yml",
    "_toc.yml",
    "CHANGELOG.md",
    "CITATION.cff",
    "CONTRIBUTING.md",
    "pyproject.toml",
    "requirements.lock",
)

# Names in the code of every page lead to this one: which do is known when it is read.
REFERENCE = "book/api.md"

# Jupyter Book's own page says nothing but where to go; without an icon a browser asks for one.
ENTRANCE = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Golden Tickets</title>
<link rel="icon" href="_static/favicon.svg">
<meta http-equiv="refresh" content="0; url=book/index.html">
</head>
<body><a href="book/index.html">Golden Tickets</a></body>
</html>
"""


def site(root: Path) -> Path:
    """Where the pages are."""
    return root / "_build" / "html"


def live_parts(root: Path) -> Path:
    """What `make live` adds to the pages, beside a button on each."""
    return site(root) / "_static" / "live"


def _stamp(root: Path) -> Path:
    return root / "_build" / "stamp.json"


def _figure_texts(root: Path) -> Path:
    """Where kernels leave drawings with letters as text."""
    return root / "_build" / "figure_texts"


def fingerprint(root: Path) -> dict[str, str]:
    """Hashes of what the site is made from, in two parts.

    A change in `pages` (the text of a chapter, a notebook that it offers) touches the pages that
    Sphinx sees to have changed; a change in `rest` can touch the numbers on any page.
    """
    parts = {"pages": hashlib.sha256(), "rest": hashlib.sha256()}
    for source in SOURCES:
        top = root / source
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if not path.is_file() or "__pycache__" in path.parts:
                continue
            name = path.relative_to(root).as_posix()
            is_page = name.startswith("notebooks/") or (
                name.startswith("book/") and path.suffix == ".md" and name != REFERENCE
            )
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            parts["pages" if is_page else "rest"].update(f"{name}\0{content}\n".encode())
    return {part: digest.hexdigest() for part, digest in parts.items()}


def built_from(root: Path) -> dict[str, str]:
    """The fingerprint of the site that is there; empty if there is none."""
    try:
        return dict(json.loads(_stamp(root).read_text()))
    except (OSError, ValueError):
        return {}


def is_fresh(root: Path) -> bool:
    """Whether the site is there, made from what the files say now, and nothing was added to it."""
    return is_up_to_date(root) and not live_parts(root).exists()


def is_up_to_date(root: Path) -> bool:
    """Whether the site is there and made from what the files say now."""
    return site(root).is_dir() and built_from(root) == fingerprint(root)


def run_sphinx(
    root: Path, *options: str, figures: str, solutions: bool = True, proof_pages: bool = False
) -> int:
    """Execute the chapters and let Sphinx write the book; the exit code. A warning is an error."""
    program = Path(sys.executable).with_name("jupyter-book")
    command = [str(program), "build", str(root), "-W", "--keep-going", *options]
    texts = _figure_texts(root)
    if "--all" in options:  # every chapter runs, and leaves its drawings anew
        shutil.rmtree(texts, ignore_errors=True)
    texts.mkdir(parents=True, exist_ok=True)
    with kernel_environment(figures=figures, texts=texts) as environment:
        environment["SOLUTIONS"] = str(int(solutions))
        environment["PROOF_PAGES"] = str(int(proof_pages))
        return subprocess.run(command, cwd=root, env=environment).returncode


def _write_site(root: Path, output: Path, *options: str, solutions: bool = True) -> int:
    """Write the pages below `output`, the entrance among them; the exit code.

    Where Coq is installed the formal proofs have pages, too, to which the others lead.
    """
    from tools import contents, gallery, machine, proofs  # they need this module

    has_proofs = root == ROOT and machine.PROVER.path() is not None
    # Pages are written anew even where they are not run again, because each repeats the titles
    # and numbers of the others.
    shutil.rmtree(site(output), ignore_errors=True)
    options = ("-n", "--path-output", str(output), *options)
    code = run_sphinx(root, *options, figures="svg", solutions=solutions, proof_pages=has_proofs)
    if code == 0:
        if has_proofs:
            proofs.write_pages(site(output) / "proofs")
        pages = [page.name for page in contents.contents(root)]
        gallery.fill(site(output), _figure_texts(root), pages)
        (site(output) / "index.html").write_text(ENTRANCE, encoding="utf-8")
    return code


def build(root: Path = ROOT) -> int:
    """Execute the chapters and build the site, as far as needed; the exit code of the build."""
    from tools import live  # it needs this module

    root = root.resolve()
    if is_up_to_date(root):
        if live_parts(root).exists():
            live.remove(root)
        print(f"The book is up to date: {site(root) / 'index.html'}")
        return 0
    before, now = built_from(root), fingerprint(root)
    # Without a stamp a build that stops half-way, or fails, is followed by a full one: Sphinx
    # would not repeat the warnings of pages that it has already read.
    _stamp(root).unlink(missing_ok=True)
    code = _write_site(root, root, *(["--all"] if before.get("rest") != now["rest"] else []))
    if code == 0:
        _stamp(root).write_text(json.dumps(now))
        print(f"\nThe book is in {site(root) / 'index.html'}\nTo read it: make serve")
    else:
        print("\nThe book was NOT built: see the warnings and errors above.", file=sys.stderr)
    return code


def build_exercises(root: Path = ROOT) -> int:
    """Build the book anew without the solutions of its exercises, in a folder of its own."""
    root = root.resolve()
    output = root / "_build" / "exercises"
    shutil.rmtree(output, ignore_errors=True)
    code = _write_site(root, output, solutions=False)
    if code == 0:
        print(f"\nThe book without solutions is in {site(output) / 'index.html'}")
    return code


def follow_links(root: Path = ROOT) -> int:
    """Ask every other host that the book links to whether the page is there."""
    return run_sphinx(root.resolve(), "--builder", "linkcheck", figures="svg")


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["build", "links"])
    parser.add_argument("--root", type=Path, default=ROOT, help="folder with _config.yml")
    parser.add_argument("--no-solutions", action="store_true", help="leave the solutions out")
    options = parser.parse_args()
    if options.command == "links":
        return follow_links(options.root)
    return (build_exercises if options.no_solutions else build)(options.root)


if __name__ == "__main__":
    raise SystemExit(main())
