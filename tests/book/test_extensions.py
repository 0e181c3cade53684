"""Citations, launch buttons, the version, exercises without solutions."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest
import yaml
from docutils import nodes
from docutils.utils import new_document
from playwright.sync_api import Browser, Page, expect
from pybtex.database import parse_string
from sphinx.application import Sphinx
from sphinx.util.docutils import docutils_namespace
from sphinx_proof.nodes import proof_node

from tests.reader import barriers, opened
from tools import announced
from tools.book import ROOT, site
from tools.extensions import changes
from tools.extensions.citing import bibtex
from tools.extensions.launching import launch_links
from tools.extensions.screen_readers import mended
from tools.extensions.site_and_print import Scripts
from tools.extensions.solutions import without_solutions
from tools.extensions.statements import Statements

CHAPTER = """\
# A chapter

```{exercise-start} Add
:label: ex-add
```
How much is $1+1$?
```{exercise-end}
```

```{solution-start} ex-add
:class: dropdown
```
It is two.

```{code-cell} ipython3
1 + 1
```
```{solution-end}
```

## Afterwards

```{solution} ex-add
Two again.
```

```{cite-chapter}
```
"""


def test_entries_are_bibtex_with_what_the_citation_file_says() -> None:
    cff = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    entries = parse_string(bibtex() + "\n" + bibtex("malach", "One weight"), "bibtex").entries
    book, chapter = entries["golden_tickets"], entries["golden_tickets_malach"]
    assert book.fields["title"] == chapter.fields["booktitle"] == cff["title"]
    assert chapter.fields["title"] == "One weight"
    assert book.fields["year"] == str(cff["date-released"])[:4]
    assert cff["version"] in chapter.fields["note"]
    first = cff["authors"][0]
    assert first.get("name", first.get("family-names")) in str(book.persons["author"][0])


def test_launch_links_open_the_notebook() -> None:
    links = launch_links("https://github.com/some/book.git", "main", "notebooks/x.ipynb")
    assert links == {
        "Binder": "https://mybinder.org/v2/gh/some/book/main?urlpath=lab/tree/notebooks/x.ipynb",
        "Colab": "https://colab.research.google.com/github/some/book/blob/main/notebooks/x.ipynb",
    }
    elsewhere = launch_links("https://git.example.org/b", "v1", "notebooks/x.ipynb")
    assert list(elsewhere) == ["Binder"]
    assert "git/https%3A%2F%2Fgit.example.org%2Fb/v1?" in elsewhere["Binder"]


def test_solutions_go_with_their_code() -> None:
    left = without_solutions(CHAPTER)
    assert "two" not in left
    assert "Two" not in left
    assert "1 + 1\n" not in left
    assert "How much is" in left
    assert "## Afterwards" in left
    assert without_solutions(left) == left


def test_no_solution_of_the_book_is_left() -> None:
    for page in ROOT.glob("book/*.md"):
        assert "{solution" not in without_solutions(page.read_text()), page


def test_mended_page_says_the_rest_as_before() -> None:
    html = (
        '<div role="list" class="citation-list"><a></a><div id="b" role="doc-biblioentry">B</div>'
    )
    assert mended(html) == '<div class="citation-list"><a></a><div id="b">B</div>'
    kept = '<section id="proof"><div class="proof lemma admonition" id="lemma">'
    assert mended(kept) == kept


def test_the_word_that_opens_a_proof_is_set_off() -> None:
    document = new_document("page")
    proof, box = proof_node(), nodes.admonition(classes=["proof"], ids=["proof"])
    box += nodes.paragraph("", "Proof. Put x.")
    proof += box
    document += [proof, nodes.paragraph("", "Proof. Elsewhere.")]
    Statements(document).run()
    word, rest = box[0]
    assert (type(word), word.astext(), rest) == (nodes.emphasis, "Proof.", " Put x.")
    assert word["classes"] == ["proof-word"]
    assert [type(node) for node in document[1]] == [nodes.Text]


def test_no_two_things_of_a_page_have_one_name() -> None:
    document = new_document("page")
    document += [nodes.section(ids=[f"{kind}-content"]) for kind in ("proof", "exercise") * 2]
    document += [nodes.section(ids=["the-end"]), nodes.admonition(ids=["proof"])]
    Statements(document).run()
    assert [box["ids"] for box in document] == [[], [], [], [], ["the-end"], []]


def test_a_link_to_an_exercise_begins_with_its_first_letter() -> None:
    document = new_document("page")
    title = nodes.paragraph("", "Solution to")
    title += nodes.reference("", " Exercise 1.1", refuri="#ex")
    document += title
    Statements(document).run()
    assert [node.astext() for node in title] == ["Solution to", " ", "Exercise 1.1"]


CHANGES = """\
# Changelog

## 0.3.0 (not yet released)

- Later.

## 0.2.0 (2027-01-02)

- More & better.

## 0.1.0 (2026-11-22)

- All of it.
"""


def test_feed_has_an_entry_for_each_release() -> None:
    text = changes.feed(
        announced.changes(CHANGES), "Golden Tickets", ["Ada"], "https://some.example.org/book/"
    )
    root = ElementTree.fromstring(text)
    space = f"{{{changes.SPACE}}}"
    entries = root.findall(f"{space}entry")
    titles = [entry.findtext(f"{space}title") for entry in entries]
    assert titles == ["Golden Tickets 0.2.0", "Golden Tickets 0.1.0"]
    assert entries[0].findtext(f"{space}content") == "- More & better."
    assert root.findtext(f"{space}updated") == "2027-01-02T00:00:00Z"
    required = [f"{space}{name}" for name in ("id", "title", "updated")]
    assert all(item.findtext(name) for item in (root, *entries) for name in required)
    assert len({entry.findtext(f"{space}id") for entry in entries}) == 2


@pytest.fixture(scope="module")
def small_book(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two pages and a notebook, with a repository's address."""
    root = tmp_path_factory.mktemp("book")
    shutil.copytree(ROOT / "tools", root / "tools")
    shutil.copytree(ROOT / "book" / "_static", root / "book" / "_static")
    shutil.copy(ROOT / "CITATION.cff", root)
    (root / "CHANGELOG.md").write_text(CHANGES)
    config = yaml.safe_load((ROOT / "_config.yml").read_text())
    config["repository"]["url"] = "https://github.com/some/book"
    config["html"]["baseurl"] = "https://some.example.org/book/"
    for extension in ("claims_page", "old_anchors"):  # there is nothing of which they speak
        config["sphinx"]["config"]["extensions"].remove(f"tools.extensions.{extension}")
    (root / "_config.yml").write_text(yaml.safe_dump(config))
    (root / "_toc.yml").write_text(
        "format: jb-book\nroot: book/index\nchapters:\n  - file: book/one\n"
    )
    front = "---\njupytext:\n  text_representation: {extension: .md, format_name: myst}\n"
    front += "kernelspec: {display_name: Python 3, language: python, name: python3}\n---\n"
    (root / "book" / "index.md").write_text("# Front\n\n```{cite-book}\n```\n")
    (root / "book" / "one.md").write_text(front + CHAPTER)
    (root / "book" / "references.bib").write_text("")
    (root / "notebooks").mkdir()
    (root / "notebooks" / "one.ipynb").write_text("{}")
    return root


def built(root: Path, *options: str) -> str:
    program = [sys.executable, "-m", "tools.book", "build", "--root", str(root), *options]
    done = subprocess.run(program, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    output = root / "_build" / "exercises" if options else root
    return (site(output) / "book" / "one.html").read_text()


@pytest.mark.slow
def test_a_page_has_its_citation_version_and_launch_buttons(small_book: Path) -> None:
    page = built(small_book)
    assert "golden_tickets_one" in page
    assert "Version " in page
    assert "mybinder.org/v2/gh/some/book/main?urlpath=lab/tree/notebooks/one.ipynb" in page
    assert "colab.research.google.com/github/some/book/blob/main/notebooks/one.ipynb" in page
    assert "It is two." in page
    front = (site(small_book) / "book" / "index.html").read_text()
    assert "@book" in front.replace("</span>", "").replace('<span class="nc">', "")
    assert 'title="What changed" href="../changes.xml" />' in front
    assert '<link rel="canonical" href="https://some.example.org/book/book/index.html"' in front
    assert "Golden Tickets 0.2.0" in (site(small_book) / "changes.xml").read_text()
    assert "mybinder" not in front, "a page without a notebook has nothing to launch"


@pytest.mark.parametrize(("width", "mode"), [(1280, "light"), (1280, "dark"), (390, "light")])
def test_launch_buttons_in_a_browser(
    small_book: Path, browser: Browser, width: int, mode: Any
) -> None:
    """The keyboard opens the menu, sees where it is, and closes it; nothing is in the way."""
    built(small_book)
    options = {"color_scheme": mode, "reduced_motion": "reduce"}
    with opened(browser, viewport={"width": width, "height": 800}, **options) as tab:
        launch_by_keyboard(tab, small_book, width)


def launch_by_keyboard(tab: Page, small_book: Path, width: int) -> None:
    tab.goto((site(small_book) / "book" / "one.html").as_uri(), wait_until="load")
    button = tab.get_by_role("button", name="Run on Binder or Colab")
    expect(button).to_have_count(1)
    button.focus()
    tab.keyboard.press("Enter")
    expect(button).to_have_attribute("aria-expanded", "true")
    for name, host in (("Open on Binder", "mybinder.org"), ("Open on Colab", "colab.research")):
        tab.keyboard.press("ArrowDown")
        link = tab.locator("a:focus")
        expect(link).to_have_text(name)
        assert host in (link.get_attribute("href") or "")
        assert link.evaluate("a => getComputedStyle(a).outlineStyle") == "solid"
        for tip in ("title", "data-bs-original-title"):  # it would lie over the menu
            assert not link.get_attribute(tip)
        box = link.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert barriers(tab) == []
    tab.keyboard.press("Escape")
    expect(button).to_have_attribute("aria-expanded", "false")
    expect(button).to_be_focused()


@pytest.mark.slow
def test_exercises_without_solutions(small_book: Path) -> None:
    page = built(small_book, "--no-solutions")
    assert "How much is" in page
    assert "It is two." not in page
    assert "Two again." not in page


CODE = """\
# A page

```python
import lpbook as lp
from lpbook.digits import segments
```

```{prf:theorem}
Digits.
```

```{exercise-start}
```
Which ones?
```{exercise-end}
```

```python
lp.prune(segments(3), segments=lp.nothing).segments
```
"""

REFERENCE = """\
# Reference

```{eval-rst}
.. py:function:: lpbook.prune
.. py:function:: lpbook.digits.segments
```
"""


def links_in_code(root: Path, page: str) -> list[tuple[str, str]]:
    """Address and text of the links in the code of a page, after a build."""
    extensions = ["myst_parser", "sphinx_proof", "sphinx_exercise", "tools.extensions.code_links"]
    config = {"extensions": extensions, "codeautolink_concat_default": True}
    folders = (root, None, root / "out", root / "trees")
    with docutils_namespace():
        app = Sphinx(*folders, "html", config, status=None, warningiserror=True)
        shutil.rmtree(root / "out")
        app.build()
    text = (root / "out" / f"{page}.html").read_text(encoding="utf-8")
    found = re.findall(r'<a class="sphinx-codeautolink-a" href="(.*?)"[^>]*>(.*?)</a>', text)
    return [(address, re.sub("<.*?>", "", words)) for address, words in found]


def test_names_in_code_lead_to_the_reference(tmp_path: Path) -> None:
    """Also after statements and exercises, and on a page that is not read again."""
    (tmp_path / "index.md").write_text("# Front\n\n```{toctree}\none\ntwo\napi\n```\n")
    (tmp_path / "one.md").write_text(CODE)
    (tmp_path / "two.md").write_text("# Another\n")
    (tmp_path / "api.md").write_text(REFERENCE)
    wanted = [
        ("api.html#lpbook.digits.segments", "segments"),  # where it is imported
        ("api.html#lpbook.prune", "lp.prune"),
        ("api.html#lpbook.digits.segments", "segments"),
    ]
    assert links_in_code(tmp_path, "one") == wanted
    (tmp_path / "two.md").write_text("# Another\n\nwith a change\n")
    assert links_in_code(tmp_path, "one") == wanted


def test_names_in_code_of_the_book_lead_to_the_reference(built_site: Path) -> None:
    page = (built_site / "book" / "real_ticket.html").read_text(encoding="utf-8")
    assert 'href="../book/api.html#lpbook.prune"' in page


def test_launch_buttons_are_there_if_the_repository_has_an_address(built_site: Path) -> None:
    """And while it has none there is no trace of them."""
    address = yaml.safe_load((ROOT / "_config.yml").read_text())["repository"]["url"]
    pages = list(built_site.glob("book/*.html"))
    assert pages
    for path in pages:
        text = path.read_text()
        runs = (ROOT / "notebooks" / f"{path.stem}.ipynb").is_file()
        for trace in ("dropdown-launch-buttons", "Run on Binder or Colab", "mybinder.org/v2/"):
            assert (trace in text) == bool(address and runs), path


def test_feed_is_there_if_the_site_has_an_address(built_site: Path) -> None:
    address = yaml.safe_load((ROOT / "_config.yml").read_text())["html"]["baseurl"]
    front = (built_site / "book" / "index.html").read_text(encoding="utf-8")
    assert (built_site / changes.FEED).exists() == bool(address)
    assert (changes.FEED in front) == bool(address)


def test_scripts_of_markdown_are_nodes_that_the_pdf_keeps() -> None:
    document = new_document("page")
    line = nodes.paragraph()
    line += [nodes.Text("ε"), nodes.raw("", "<sub>", format="html"), nodes.Text("w")]
    line += [nodes.raw("", "</sub>", format="html"), nodes.raw("", "<br>", format="html")]
    document += line
    Scripts(document).run()
    assert [type(node) for node in line] == [nodes.Text, nodes.subscript, nodes.raw]
    assert line[1].astext() == "w"


def test_words_point_at_a_part_of_a_figure(tmp_path: Path) -> None:
    """Without scripts they lead to the figure; one that names no part is an error."""
    (tmp_path / "index.md").write_text(
        "# Front\n\nThe {part}`first samples <idea samples>`, and {part}`samples`.\n"
    )
    said = io.StringIO()
    config = {"extensions": ["myst_parser", "tools.extensions.explorables"]}
    folders = (tmp_path, None, tmp_path / "out", tmp_path / "trees")
    with docutils_namespace():
        Sphinx(*folders, "html", config, status=None, warning=said).build()
    text = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    link = '<a class="x-word" data-part="samples" href="#explorable-idea">first samples</a>'
    assert link in text
    assert "samples: a part is written `words <script part>`" in said.getvalue()
