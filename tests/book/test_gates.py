"""The gates can fail: a small book is broken in every way that they must notice.

Two pages and a package of one function, built and exported with the same code as the real book.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tools.book import ROOT
from tools.notebooks import INSTALL

pytestmark = pytest.mark.slow


PACKAGE = '''\
"""A package of one function."""

NUMBER = 1618


def golden(factor=1):
    """The number, scaled."""
    return NUMBER * factor
'''

INDEX = """\
# A small book

See {ref}`the other page <other>`.
"""

CHAPTER = """\
---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

(other)=
# The other page

```{prf:theorem} Small
:label: thm-small

One plus one is two.
```

```{code-cell} ipython3
import lpbook as lp

print("the number is", lp.golden())
```

```{code-cell} ipython3
import matplotlib.pyplot as plt

lines = plt.plot([1, 2])
```

By {prf:ref}`thm-small`, the rest is clear.
"""

TOC = """\
format: jb-book
root: book/index
parts:
  - caption: All
    numbered: true
    chapters:
      - file: book/other
"""


class SmallBook:
    """A folder laid out like this repository."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.chapter = root / "book" / "other.md"
        self.notebook = root / "notebooks" / "other.ipynb"
        self.package = root / "lpbook" / "__init__.py"

    @classmethod
    def make(cls, root: Path) -> SmallBook:
        """Write the sources, with this book's own configuration."""
        small = cls(root)
        for folder in ("book/_static", "lpbook"):
            (root / folder).mkdir(parents=True)
        config = (ROOT / "_config.yml").read_text()
        (root / "_config.yml").write_text(re.sub(r"(?m)^  url: .*$", '  url: ""', config))
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / "tools", root / "tools", ignore=ignored)
        (root / "tools" / "old_anchors.toml").write_text("")  # nothing had another name
        for picture in ("favicon.svg", "logo.svg", "preview.png"):
            shutil.copy(ROOT / "book" / "_static" / picture, root / "book" / "_static")
        shutil.copy(ROOT / "CITATION.cff", root)
        shutil.copy(ROOT / "book" / "references.bib", root / "book")
        (root / "_toc.yml").write_text(TOC)
        (root / "book" / "index.md").write_text(INDEX)
        small.chapter.write_text(CHAPTER)
        small.package.write_text(PACKAGE)
        return small

    def edit(self, path: Path, old: str, new: str) -> None:
        """Replace `old`, which must be there."""
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run Python with this book's package in place of the real one."""
        environment = os.environ | {"PYTHONPATH": str(self.root), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, text=True, capture_output=True
        )

    def build(self) -> subprocess.CompletedProcess[str]:
        """As `make book`."""
        return self.run("-m", "tools.book", "build", "--root", str(self.root))

    def export(self, *options: str) -> subprocess.CompletedProcess[str]:
        """As `make notebooks`."""
        return self.run("-m", "tools.notebooks", "--root", str(self.root), *options)

    def compare(self) -> subprocess.CompletedProcess[str]:
        """Compare outputs as `make test` does: with the project's own pytest options."""
        options = ["-c", str(ROOT / "pyproject.toml"), f"--rootdir={self.root}"]
        options += ["-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
        return self.run("-m", "pytest", *options, str(self.notebook))

    def page(self) -> str:
        """The text of the built chapter."""
        return (self.root / "_build" / "html" / "book" / "other.html").read_text()


def said(result: subprocess.CompletedProcess[str]) -> str:
    return result.stdout + result.stderr


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> SmallBook:
    """The book in order: exported and built once, then copied for each test."""
    small = SmallBook.make(tmp_path_factory.mktemp("small"))
    exported = small.export()
    assert exported.returncode == 0, said(exported)
    built = small.build()
    assert built.returncode == 0, said(built)
    return small


@pytest.fixture
def small(base: SmallBook, tmp_path: Path) -> SmallBook:
    return SmallBook(shutil.copytree(base.root, tmp_path / "small"))


def test_in_order_all_gates_are_green(base: SmallBook) -> None:
    assert "the number is 1618" in base.page()
    assert base.export("--check").returncode == 0
    compared = base.compare()
    assert compared.returncode == 0, said(compared)
    assert "2 passed" in compared.stdout


def test_up_to_date_book_is_left_alone(base: SmallBook) -> None:
    before = {path: path.stat().st_mtime_ns for path in base.root.rglob("*.html")}
    again = base.build()
    assert again.returncode == 0
    assert "up to date" in again.stdout
    assert before == {path: path.stat().st_mtime_ns for path in base.root.rglob("*.html")}


def test_failing_cell_stops_the_book_and_the_notebook(small: SmallBook) -> None:
    small.edit(small.chapter, 'print("the number', 'assert False\nprint("the number')
    assert small.build().returncode != 0
    assert "NOT built" in said(small.build()), "the second try must not pass either"
    exported = small.export()
    assert exported.returncode != 0
    assert "AssertionError" in said(exported)


def test_what_cannot_be_set_or_found_stops_the_book(small: SmallBook) -> None:
    """Each is a warning by itself, and a warning stops a build."""
    complaints = {
        r"${\frac{1$": "Missing close brace",
        r"$\nosuch$": r"Undefined control sequence \nosuch",
        r"$\text{é}$": "no glyph for 'é'",
    }
    small.edit(small.chapter, "One plus one is two.", "\n\n".join(complaints))
    small.edit(small.chapter, "`thm-small`", "`thm-other`")
    built = small.build()
    assert built.returncode != 0
    warnings = [line for line in said(built).splitlines() if "WARNING: " in line]
    for complaint in (*complaints.values(), "thm-other"):
        assert any("other.md" in line and complaint in line for line in warnings), complaint
    assert f"build finished with problems, {len(warnings)} warnings" in said(built)


def test_changed_package_and_changed_titles_change_the_pages(small: SmallBook) -> None:
    # The first build reads all pages anyway, because the folder is a copy.
    index = small.root / "book" / "index.md"
    small.edit(small.package, "1618", "2718")
    small.edit(small.chapter, "# The other page", r"# The other page on $\varphi<2$")
    small.edit(index, "# A small book", "# A tiny book")
    built = small.build()
    assert built.returncode == 0, said(built)
    assert "the number is 2718" in small.page()
    assert "A tiny book" in small.page()

    # A formula in a title is set on the page and read in the window.
    title = re.search(r"<title>(.*?)</title>", small.page(), re.DOTALL)
    assert title is not None
    assert r"The other page on \varphi&lt;2" in " ".join(title[1].split())
    for page in (small.page(), (small.root / "_build/html/book/index.html").read_text()):
        assert "<math><mi>φ</mi><mo>&lt;</mo><mn>2</mn></math>" in page
        assert "formulas.css" in page
        assert "MathJax" not in page

    small.edit(index, "# A tiny book", "# A wee book")
    built = small.build()
    assert built.returncode == 0, said(built)
    assert "Executing notebook" not in said(built), "no page with code has changed"
    assert "A wee book" in small.page()
    assert "A tiny book" not in small.page()

    small.edit(small.package, "2718", "3141")
    built = small.build()
    assert built.returncode == 0, said(built)
    assert "the number is 3141" in small.page()
    assert "2718" not in small.page()


def test_tampered_output_is_seen(small: SmallBook) -> None:
    small.edit(small.notebook, "the number is 1618", "the number is 1619")
    compared = small.compare()
    assert compared.returncode != 0
    assert "1619" in said(compared)


def test_removed_output_is_seen(small: SmallBook) -> None:
    notebook = json.loads(small.notebook.read_text())
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = []
    small.notebook.write_text(json.dumps(notebook))
    assert small.compare().returncode != 0


def test_broken_package_is_seen_by_the_notebook(small: SmallBook) -> None:
    small.edit(small.package, "NUMBER * factor", "NUMBER + factor")
    assert small.compare().returncode != 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("lp.golden()", "lp.golden(1)", id="code"),
        pytest.param("One plus one is two.", "One plus one is three.", id="text"),
        pytest.param("Theorem 1.1", "Theorem 1.2", id="number"),
        pytest.param('"metadata": {}', '"metadata": {"machine": "mine"}', id="metadata"),
    ],
)
def test_edited_notebook_is_seen(small: SmallBook, old: str, new: str) -> None:
    small.edit(small.notebook, old, new)
    checked = small.export("--check")
    assert checked.returncode != 0
    assert "other.ipynb" in said(checked)


def test_missing_notebook_is_seen(small: SmallBook) -> None:
    small.notebook.unlink()
    assert "other.ipynb is missing" in said(small.export("--check"))


def test_orphaned_notebook_is_seen(small: SmallBook) -> None:
    shutil.copy(small.notebook, small.notebook.with_name("orphan.ipynb"))
    assert "orphan.ipynb has no chapter" in said(small.export("--check"))


@pytest.mark.parametrize(
    ("cell", "complaint"),
    [
        pytest.param("import sys; print('careful', file=sys.stderr)", "stderr", id="warning"),
        pytest.param("print(object())", "memory address", id="address"),
        pytest.param("plt.plot([1, 2]);", "semicolon", id="semicolon"),
    ],
)
def test_output_that_cannot_be_kept_is_refused(small: SmallBook, cell: str, complaint: str) -> None:
    small.edit(small.chapter, "lines = plt.plot([1, 2])", cell)
    exported = small.export()
    assert exported.returncode != 0
    assert complaint in said(exported)


def test_unknown_directive_is_refused(small: SmallBook) -> None:
    small.edit(small.chapter, "```{prf:theorem} Small", "```{list-table} Small")
    checked = small.export("--check")
    assert checked.returncode != 0
    assert "list-table" in said(checked)


def test_kept_pictures_are_dropped_and_words_stay(base: SmallBook) -> None:
    text = base.notebook.read_text()
    assert "image/png" not in text
    assert "<Figure size" in text


def test_export_is_deterministic(small: SmallBook) -> None:
    before = small.notebook.read_bytes()
    assert small.export().returncode == 0
    assert small.notebook.read_bytes() == before


def cells(notebook: Path) -> list[dict[str, Any]]:
    """Its cells, with their sources and printed lines in one piece each."""
    found = json.loads(notebook.read_text())["cells"]
    return [cell | {"source": "".join(cell["source"])} for cell in found]


def test_notebook_says_what_it_needs(base: SmallBook) -> None:
    """Without an address: in words. No cell installs anything, none speaks of another host."""
    first, *others = cells(base.notebook)
    assert 'pip install ".[notebooks]"' in first["source"]
    assert "the one with `pyproject.toml`" in first["source"]
    assert "http" not in first["source"]
    assert not any("%pip" in cell["source"] for cell in others)


def test_notebook_installs_what_it_needs(small: SmallBook) -> None:
    """With an address: its first cell, and all else stays as it was."""
    before = cells(small.notebook)
    small.edit(small.root / "_config.yml", 'url: ""', 'url: "https://github.com/some/book"')
    small.edit(small.root / "_config.yml", "branch: main", "branch: second")
    assert "other.ipynb differs" in said(small.export("--check")), "the notebooks are to be made"
    texts = small.export("--text")
    assert texts.returncode == 0, said(texts)
    first, install, *others = cells(small.notebook)
    assert "<https://github.com/some/book>" in first["source"]
    assert '"lpbook @ git+https://github.com/some/book@second" scikit-learn' in install["source"]
    assert others == before[1:]
    compared = small.compare()
    assert compared.returncode == 0, said(compared)

    # made by running, the same; and with the address gone, all is as before
    made = small.notebook.read_bytes()
    assert small.export().returncode == 0
    assert small.notebook.read_bytes() == made
    small.edit(small.root / "_config.yml", "https://github.com/some/book", "")
    assert small.export("--text").returncode == 0
    assert cells(small.notebook) == before


@pytest.mark.parametrize("there", [True, False])
def test_package_is_installed_only_where_it_is_missing(tmp_path: Path, there: bool) -> None:
    """As a kernel reads the cell: `%pip` is a command of IPython."""
    cell = INSTALL.format(url="https://github.com/some/book", branch="main")
    script = f"""\
import sys
from IPython.core.interactiveshell import InteractiveShell
if not {there}:
    sys.modules["lpbook"] = None
shell = InteractiveShell()
shell.register_magic_function(print, "line", "pip")
sys.exit(not shell.run_cell({cell!r}).success)
"""
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"HOME": str(tmp_path), "IPYTHONDIR": str(tmp_path)},
        text=True,
        capture_output=True,
    )
    assert done.returncode == 0, said(done)
    asked = 'install -q "lpbook @ git+https://github.com/some/book@main" scikit-learn'
    assert done.stdout.strip() == ("" if there else asked)


@pytest.mark.parametrize(("in_ci", "code"), [("", 0), ("true", 1)])
def test_skipped_test_fails_in_ci(tmp_path: Path, in_ci: str, code: int) -> None:
    shutil.copy(ROOT / "conftest.py", tmp_path)
    (tmp_path / "test_skip.py").write_text(
        textwrap.dedent("""\
        import pytest

        def test_needs_something():
            pytest.skip("not installed")
        """)
    )
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        cwd=tmp_path,
        env=os.environ | {"CI": in_ci, "PYTHONPATH": str(ROOT)},
        text=True,
        capture_output=True,
    )
    assert result.returncode == code, said(result)
    assert "not installed" in said(result) or code == 0
