"""The EPUB, made from a small site; `make epub` has the whole book checked by epubcheck."""

from __future__ import annotations

import re
import shutil
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tools.book import ROOT
from tools.epub import NAME, STYLE, write

INDEX = """\
<html><body><nav>site</nav><article>
<section id="front"><h1>Front<a class="headerlink" href="#front">#</a></h1>
<p><a class="reference download" href="../_downloads/x.ipynb"><code>Download</code></a></p>
<p>See <a href="one.html#fig">the figure</a>, <a href="../genindex.html">the index</a> and
<a href="https://example.org/">another host</a>.</p>
<figure class="explorable" data-explorable="digits" id="explorable-digits">
<div class="x-stage"><svg></svg></div><figcaption>Drag.</figcaption></figure>
</section></article></body></html>
"""
ONE = """\
<html><body><article><section id="a-page"><h1><span>1. </span>A page</h1>
<p>So <span class="formula" data-tex="a&lt;b"><svg></svg><span class="spoken"><math><mi>a</mi>
<mo>&lt;</mo><mi>b</mi></math></span></span> and</p>
<div class="math"><div class="formula" data-tex="c"><svg></svg><span class="spoken"><math><mi>c</mi>
</math></span></div></div>
<details class="hide above-input"><summary>Show the code</summary><pre>code</pre></details>
<figure id="fig"><img src="../_images/p.svg" alt="A picture"><span class="panels">
<img src="../_images/p.svg" alt=""></span><figcaption>It.</figcaption></figure>
<div class="solution dropdown admonition"><p class="admonition-title">Solution</p><p>Two.</p></div>
<table><tr><td><span class="cell-label">head</span>3</td></tr></table>
<p><a href="{target}">Back</a></p>
</section></article></body></html>
"""


def make(root: Path) -> Path:
    """What an EPUB is made from, with a site of two pages."""
    (root / "book").mkdir()
    shutil.copy(ROOT / "publication.toml", root)
    toc = "format: jb-book\nroot: book/index\nparts:\n  - caption: All\n    chapters:\n"
    (root / "_toc.yml").write_text(f"{toc}      - file: book/one\n")
    for folder in ("book", "_images"):
        (root / "html" / folder).mkdir(parents=True)
    (root / "html" / "book" / "index.html").write_text(INDEX)
    (root / "html" / "book" / "one.html").write_text(ONE.format(target="index.html#front"))
    (root / "html" / "_images" / "p.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
    return root


@pytest.fixture(scope="module")
def epub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[zipfile.ZipFile]:
    root = make(tmp_path_factory.mktemp("epub"))
    write(root / "html", root / NAME, root)
    with zipfile.ZipFile(root / NAME) as archive:
        yield archive


def test_first_file_says_what_the_archive_is(epub: zipfile.ZipFile) -> None:
    first = epub.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert epub.read("mimetype") == b"application/epub+zip"


def test_every_file_is_in_the_manifest_and_every_document_is_xml(epub: zipfile.ZipFile) -> None:
    package = ElementTree.fromstring(epub.read("book/package.opf"))
    space = "{http://www.idpf.org/2007/opf}"
    items = {item.attrib["href"]: item.attrib for item in package.iter(f"{space}item")}
    files = {n.removeprefix("book/") for n in epub.namelist() if n.startswith("book/")}
    assert set(items) == files - {"package.opf"}
    assert items["nav.xhtml"]["properties"] == "nav"
    assert items["one.xhtml"]["properties"] == "mathml"
    assert items["images/cover.png"]["properties"] == "cover-image"
    for name in files:
        if name.endswith(".xhtml"):
            ElementTree.fromstring(epub.read(f"book/{name}"))


def test_formulas_are_mathml_with_their_tex(epub: zipfile.ZipFile) -> None:
    page = ElementTree.fromstring(epub.read("book/one.xhtml"))
    space = "{http://www.w3.org/1998/Math/MathML}"
    first, second = page.iter(f"{space}math")
    assert first.attrib["alttext"] == "a<b"
    assert "display" not in first.attrib
    assert second.attrib["display"] == "block"


def test_what_only_a_site_can_do_is_left_out(epub: zipfile.ZipFile) -> None:
    page = epub.read("book/one.xhtml").decode()
    for gone in ("Show the code", "panels", "cell-label", "<svg"):
        assert gone not in page
    assert re.search(r"<details[^>]*>\s*<summary[^>]*>Solution</summary>", page)
    front = epub.read("book/index.xhtml").decode()
    assert "Download" not in front
    assert "headerlink" not in front
    assert "the index</a>" not in front
    assert 'href="one.xhtml#fig"' in front
    assert 'href="https://example.org/"' in front
    assert 'src="images/explorable-digits.png"' in front
    assert epub.read("book/images/explorable-digits.png").startswith(b"\x89PNG")


def test_contents_are_those_of_the_book(epub: zipfile.ZipFile) -> None:
    nav = epub.read("book/nav.xhtml").decode()
    assert re.findall(r'href="(\w+)\.xhtml">([^<]+)<', nav) == [
        ("index", "Front"),
        ("one", "1. A page"),
    ]
    assert "<span>All</span>" in nav


@pytest.mark.parametrize("target", ["#nowhere", "index.html#nowhere"])
def test_link_that_leads_nowhere_is_refused(tmp_path: Path, target: str) -> None:
    root = make(tmp_path)
    (root / "html" / "book" / "one.html").write_text(ONE.format(target=target))
    with pytest.raises(ValueError, match=r"one: \w+#nowhere"):
        write(root / "html", root / NAME, root)


def test_the_same_book_is_the_same_file(epub: zipfile.ZipFile, tmp_path: Path) -> None:
    root = make(tmp_path)
    write(root / "html", root / NAME, root)
    assert (root / NAME).read_bytes() == Path(str(epub.filename)).read_bytes()


def test_typefaces_of_the_sheet_of_styles_are_there(epub: zipfile.ZipFile) -> None:
    style = STYLE.read_text(encoding="utf-8")
    fonts = {name for name in epub.namelist() if name.startswith("book/fonts/")}
    assert len(fonts) == style.count("@font-face") > 0
    assert all(name.removeprefix("book/") in style for name in fonts)
