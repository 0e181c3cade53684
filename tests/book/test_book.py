"""The book as it lies in the repository, its notebooks, and the site built from it."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import nbformat
import numpy as np
import pytest
import yaml
from matplotlib.text import Text
from sklearn.datasets import load_digits

import lpbook as lp
from lpbook import figures
from tools.book import ROOT, fingerprint
from tools.contents import contents
from tools.markdown import boxes
from tools.notebooks import chapters, check, exported

PAGES = chapters(ROOT)
NOTEBOOKS = sorted(exported(PAGES))

# Tags and comments by which a notebook could ask that an output be not compared.
LOOSENED = re.compile(r"nbval[-_](ignore|skip|raises|check)|raises[-_]exception", re.IGNORECASE)


# -- sources -----------------------------------------------------------------------------------


def test_every_page_is_in_the_table_of_contents() -> None:
    assert sorted(page.name for page in contents(ROOT)) == sorted(PAGES)


def test_notebooks_are_those_of_the_chapters() -> None:
    assert check(ROOT) == []


def test_checks_of_the_ledger_are_replayed_in_notebooks_alone() -> None:
    """Whatever else reads chapters, such as `tools.figures`, need not run them."""
    assert not any(".replay()" in cell.source for page in PAGES.values() for cell in page.cells)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_no_output_escapes_comparison(name: str) -> None:
    for cell in PAGES[name].cells:
        assert not LOOSENED.search(cell.source), cell.source
        assert not LOOSENED.search(str(cell.metadata.get("tags", ""))), cell.source


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_page_offers_its_notebook(name: str) -> None:
    text = "\n".join(cell.source for cell in PAGES[name].cells)
    assert re.search(rf"(?m)^\{{download\}}`[^`]+ <\.\./notebooks/{name}\.ipynb>`", text)


@pytest.mark.parametrize("name", sorted(PAGES))
def test_pictures_have_alternative_text(name: str) -> None:
    for cell in PAGES[name].cells:
        if cell.cell_type == "code":
            show = cell.metadata.get("mystnb", {})
            if "figure" in show:
                assert show.get("image", {}).get("alt"), cell.source
                assert show["figure"].get("caption"), cell.source
        else:
            for directive, _, options, _ in boxes(cell.source.split("\n")):
                if directive in ("figure", "image"):
                    assert options.get("alt"), f"{directive} without alt text in {name}"


@pytest.mark.parametrize("name", ["fig-price", "fig-from-error-to-price"])
def test_a_picture_of_prices_is_described_with_the_prices_of_today(name: str) -> None:
    network, held_out = lp.digits_classifier()
    domain = lp.Ball.around(load_digits().data[held_out] / 16)
    if name == "fig-price":
        epsilons = 10.0 ** -np.arange(-1, 5)
        drawn = figures.price_of_accuracy(network, epsilons, inputs=domain, marked=0.02)
    else:
        drawn = figures.from_error_to_price(lp.plan(network, 0.02, inputs=domain), 0.02)
    told = {
        cell.metadata["mystnb"]["figure"]["name"]: cell.metadata["mystnb"]["image"]["alt"]
        for page in PAGES.values()
        for cell in page.cells
        if "figure" in cell.metadata.get("mystnb", {})
    }
    number = r"\d+(?:\.\d+)?"
    seen = re.findall(number, " ".join(text.get_text() for text in drawn.findobj(Text)))
    assert set(re.findall(number, told[name])) <= set(seen)


def test_citation_is_of_this_version() -> None:
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert citation["cff-version"] == "1.2.0"
    assert citation["version"] == project["version"]


@pytest.mark.parametrize(
    ("file", "part"),
    [
        ("book/malach.md", "pages"),
        ("notebooks/malach.ipynb", "pages"),
        ("book/api.md", "rest"),  # names in the code of unchanged pages lead to it
        ("book/references.bib", "rest"),
        ("lpbook/digits.py", "rest"),
        ("proofs/Sums.v", "rest"),  # shown and offered on the page about them
        ("CITATION.cff", "rest"),  # on every page, in its footer and for who cites it
    ],
)
def test_a_change_is_noted_where_it_is_seen(tmp_path: Path, file: str, part: str) -> None:
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("one")
    before = fingerprint(tmp_path)
    path.write_text("another")
    after = fingerprint(tmp_path)
    assert [name for name in before if before[name] != after[name]] == [part]


# -- site --------------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page asks for, links to, and can be linked to by."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.requests: list[str] = []
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.pictures: list[tuple[str, str]] = []  # address and words
        self.text = path.read_text(encoding="utf-8")
        self.feed(self.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {key: value or "" for key, value in attrs}
        self.anchors.update(values[key] for key in ("id", "name") if key in values)
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "link" and values.get("rel") != "canonical" and "href" in values:
            self.requests.append(values["href"])
        elif tag != "area":
            if tag in ("image", "use", "feimage"):  # within a drawing
                self.requests += [values[k] for k in ("href", "xlink:href") if k in values]
            self.requests += [values[key] for key in ("src", "data", "poster") if key in values]
            self.requests += [
                part.split()[0] for part in values.get("srcset", "").split(",") if part
            ]
            if tag == "img":
                self.pictures.append((values.get("src", ""), values.get("alt", "")))

    @property
    def without_alt(self) -> list[str]:
        """Pictures without words; of the parts of a picture only the first has them."""
        told = {address for address, words in self.pictures if words}
        return [address for address, words in self.pictures if not words and address not in told]


@cache
def page(path: Path) -> Page:
    return Page(path)


def pages_of(html: Path) -> list[Path]:
    """The pages; below _static lie templates of the theme."""
    return [path for path in html.rglob("*.html") if "_static" not in path.parts]


@pytest.fixture
def html(built_site: Path) -> Path:
    return built_site


# In styles and scripts, an address that is loaded; an address that is only named is fine.
LOADED = re.compile(
    r"""(?:url\(|@import)\s*["']?\s*(?:https?:)?//"""
    r"""|\b(?:fetch|import|importScripts|open|Worker|EventSource|WebSocket|sendBeacon)"""
    r"""\s*\(\s*["'`](?:(?:http|ws)s?:)?//"""
    r"""|\b(?:from|import)\s*["'](?:https?:)?//"""
    r"""|\bsrc["']?\s*[:=]\s*["'`](?:https?:)?//"""
)


def asked_of_others(html: Path) -> list[str]:
    """What pages, styles, scripts and pictures would load from another host."""
    found = []
    for path in sorted(html.rglob("*")):
        kind = path.suffix
        if kind not in (".html", ".css", ".js", ".svg"):
            continue
        if kind in (".html", ".svg"):
            found += [f"{path.name}: {u}" for u in page(path).requests if urlsplit(u).netloc]
        found += [f"{path.name}: {m[0]}" for m in LOADED.finditer(page_text(path))]
    return found


def page_text(path: Path) -> str:
    """What a file says; of a page only what acts: its own scripts and styles."""
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".html":
        return text
    inside = re.findall(r"<(?:script|style)[^>]*>(.*?)</(?:script|style)>", text, re.DOTALL)
    return "\n".join(inside + re.findall(r"""\sstyle=(?:"[^"]*"|'[^']*')""", text))


def test_nothing_is_asked_of_another_host(html: Path) -> None:
    assert asked_of_others(html) == []


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("a.html", '<script src="https://h.example/a.js"></script>', id="script"),
        pytest.param("a.html", '<link rel="preconnect" href="//h.example">', id="link"),
        pytest.param("a.html", '<img src="a.png" srcset="//h.example/b.png 2x">', id="srcset"),
        pytest.param("a.html", "<object data='http://h.example/a'></object>", id="object"),
        pytest.param("a.html", '<p style="background: url(//h.example/a)">', id="style-attribute"),
        pytest.param("a.html", "<style>@import 'https://h.example/a.css'</style>", id="style"),
        pytest.param("a.html", "<script>import('https://h.example/a.js')</script>", id="inline"),
        pytest.param("a.css", "a { src: url( 'https://h.example/f.woff2' ) }", id="font"),
        pytest.param("a.js", 'fetch("https://h.example/a.json")', id="fetch"),
        pytest.param("a.js", 'import {a} from "https://h.example/a.js"', id="module"),
        pytest.param("a.js", "script.src = `//h.example/a.js`", id="script-made"),
        pytest.param("a.svg", '<svg><image xlink:href="http://h.example/a"/></svg>', id="drawing"),
    ],
)
def test_what_is_asked_of_another_host_is_seen(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    assert len(asked_of_others(tmp_path)) == 1
    (tmp_path / name).write_text('<a href="https://h.example/">A link</a> // https://h.example')
    page.cache_clear()
    assert asked_of_others(tmp_path) == []


def test_local_links_lead_somewhere(html: Path) -> None:
    dead = []
    for path in pages_of(html):
        for url in page(path).links + page(path).requests:
            parts = urlsplit(url)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            anchor = unquote(parts.fragment)
            alive = target.is_file()
            if alive and anchor and target.suffix == ".html":
                alive = anchor in page(target).anchors
            if not alive:
                dead.append(f"{path.name}: {url}")
    assert dead == []


def test_site_pictures_have_alternative_text(html: Path) -> None:
    for path in pages_of(html):
        assert page(path).without_alt == [], path


CUT = re.compile(
    r'class="output stream[^>]*>(?:(?!</div>).)*</div>\s*</div>\s*<div class="output stream', re.S
)


def test_printed_output_is_in_one_piece(html: Path) -> None:
    """Where a cell's output is cut into messages depends on timing; a reader sees one box."""
    for path in pages_of(html):
        assert not CUT.search(path.read_text(encoding="utf-8")), path


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_notebooks_count_as_the_site_does(html: Path, name: str) -> None:
    notebook = nbformat.read(str(ROOT / "notebooks" / f"{name}.ipynb"), as_version=4)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    plain = re.sub(r"<[^>]+>", "", page(html / "book" / f"{name}.html").text)
    title = r"([A-Z][a-z]+\.? \d+(?:\.\d+)?)"
    titles = re.findall(rf"\*\*{title}\*\*|^### {title}", text, re.MULTILINE)
    for number in (bold or heading for bold, heading in titles):
        assert re.search(rf"{re.escape(number)}\b", plain), number
    for number in re.findall(r"\\tag\{([\d.]+)\}", text):
        assert f"({number})" in plain, number


def test_a_link_to_a_page_shows_what_it_is_about(built_site: Path) -> None:
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    address = config["sphinx"]["config"]["ogp_site_url"]
    for page in contents(ROOT):
        text = (built_site / "book" / f"{page.name}.html").read_text(encoding="utf-8")
        shown = dict(re.findall(r'<meta property="og:([\w:]+)" content="([^"]*)"', text))
        assert shown["title"], page.name
        assert len(shown["description"]) > 40, page.name
        assert not re.search(r"\\|Download this", shown["description"]), page.name
        assert (built_site / shown["image"].removeprefix(address)).is_file()
