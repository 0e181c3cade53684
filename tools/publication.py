"""Write what says who made the book, and where it is: `make publication`.

`publication.toml` says it. From there it goes into files of their own, which citation managers and
archives read, and into single lines of others. A test compares all of them with what would be
written now.
"""

from __future__ import annotations

import datetime
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import yaml
from pybtex.database import Entry, parse_file

from tools.announced import SOURCE, publication
from tools.book import ROOT
from tools.contents import contents
from tools.extensions.citing import bibtex

MADE = f"Made from {SOURCE} by `make publication`."
LICENCES = ("BSD-3-Clause", "CC-BY-4.0")
LICENCE_PAGES = "https://spdx.org/licenses"
SHIELDS = "https://img.shields.io"
BADGES = ("<!-- badges -->", "<!-- end of badges -->")

FORMS = {
    "version": (r"\d+\.\d+\.\d+((a|b|rc)\d+)?", "three numbers with dots, such as 1.0.2"),
    "repository": (r"https://\S+[^/\s]", "https://HOST/OWNER/NAME, without a slash at the end"),
    "site": (r"https://\S+/", "https://HOST/PATH/, with a slash at the end"),
    "doi": (r"10\.\d{4,}/\S+", "10.NUMBER/NAME, without https://doi.org/"),
    "branch": (r"[\w./-]+", "the name of a branch"),
}
REQUIRED = ("title", "abstract", "version", "branch", "paper")
OPTIONAL = ("repository", "site", "doi")


@dataclass(frozen=True)
class Author:
    """A person with given and family names, or a group with a name."""

    given: str = ""
    family: str = ""
    name: str = ""
    orcid: str = ""
    affiliation: str = ""

    def __post_init__(self) -> None:
        if bool(self.name) == bool(self.given and self.family):
            raise ValueError(
                f"authors: {self} is to have either `given` and `family`, or `name` alone"
            )
        if self.orcid and not _is_orcid(self.orcid):
            raise ValueError(
                f"authors: orcid = {self.orcid!r} is none: give 0000-0000-0000-0000, its last "
                "sign the right check digit"
            )

    def __str__(self) -> str:
        return self.name or f"{self.given} {self.family}".strip()


def _is_orcid(text: str) -> bool:
    """Whether its last sign is the check digit of the others (ISO 7064, 11-2)."""
    if not re.fullmatch(r"(\d{4}-){3}\d{3}[\dX]", text):
        return False
    total = 0
    for digit in text.replace("-", "")[:-1]:
        total = 2 * (total + int(digit))
    check = (12 - total) % 11
    return text[-1] == ("X" if check == 10 else str(check))


@dataclass(frozen=True)
class Publication:
    """What `publication.toml` says, checked."""

    title: str
    abstract: str
    keywords: list[str]
    paper: str
    version: str
    released: datetime.date
    repository: str
    branch: str
    site: str
    doi: str
    pypi: bool
    authors: list[Author]

    def __post_init__(self) -> None:
        for key, kind in (("released", datetime.date), ("pypi", bool), ("keywords", list)):
            if not isinstance(getattr(self, key), kind):
                raise TypeError(
                    f"{SOURCE}: {key} = {getattr(self, key)!r} is to be a {kind.__name__}"
                )
        if not self.authors:
            raise ValueError(f"{SOURCE}: authors = [] names nobody: give at least one")
        for key in (*REQUIRED, *OPTIONAL):
            value = getattr(self, key)
            if not isinstance(value, str) or (key in REQUIRED and not value):
                raise ValueError(f"{SOURCE}: {key} = {value!r} is to be text that is not empty")
            form, words = FORMS.get(key, (".*", ""))
            if value and not re.fullmatch(form, value, re.DOTALL):
                raise ValueError(f"{SOURCE}: {key} = {value!r} has not its form: give {words}")

    @classmethod
    def read(cls, root: Path = ROOT) -> Publication:
        """Read it.

        Raises
        ------
        ValueError, TypeError
            If an entry is missing, unknown, or not of its form.
        """
        found = publication(root)
        wanted = set(cls.__dataclass_fields__)
        if wrong := sorted(wanted ^ set(found)):
            raise ValueError(f"{SOURCE}: {', '.join(wrong)}: the entries are {sorted(wanted)}")
        authors = found.pop("authors")
        for author in authors:
            if unknown := sorted(set(author) - set(Author.__dataclass_fields__)):
                raise ValueError(f"{SOURCE}: authors have no {', '.join(unknown)}")
        return cls(authors=[Author(**author) for author in authors], **found)

    @property
    def on_github(self) -> str:
        """OWNER/NAME, if the repository is there."""
        parts = urlsplit(self.repository)
        return parts.path.strip("/") if parts.netloc == "github.com" else ""


def _filled(entries: dict[str, Any]) -> dict[str, Any]:
    """Those that say something."""
    return {key: value for key, value in entries.items() if value not in ("", [], None)}


def _paper(root: Path, key: str) -> Entry:
    entries = parse_file(str(root / "book" / "references.bib"), bib_format="bibtex").entries
    if key not in entries:
        raise ValueError(f"{SOURCE}: paper = {key!r} is not in book/references.bib: add it there")
    return entries[key]


# -- files of their own -----------------------------------------------------------------------


def citation(book: Publication, root: Path) -> str:
    """CITATION.cff, of version 1.2.0 of its format."""
    paper = _paper(root, book.paper)
    people = [
        _filled(
            {
                "name": author.name,
                "family-names": author.family,
                "given-names": author.given,
                "affiliation": "" if author.name else author.affiliation,
                "orcid": author.orcid and f"https://orcid.org/{author.orcid}",
            }
        )
        for author in book.authors
    ]
    reference = {
        "type": "conference-paper",
        "title": paper.fields["title"],
        "authors": [
            {
                "family-names": " ".join(person.prelast_names + person.last_names),
                "given-names": " ".join(person.first_names + person.middle_names),
            }
            for person in paper.persons["author"]
        ],
        "collection-title": paper.fields["booktitle"],
        "year": int(paper.fields["year"]),
        "identifiers": [{"type": "other", "value": f"arXiv:{paper.fields['eprint']}"}],
    }
    entries = {
        "cff-version": "1.2.0",
        "message": "If you use this book or its package, please cite it as below.",
        "title": book.title,
        "type": "software",
        "authors": people,
        "version": book.version,
        "date-released": book.released,
        "doi": book.doi,
        "url": book.site,
        "repository-code": book.repository,
        "license": list(LICENCES),
        "abstract": book.abstract,
        "keywords": book.keywords,
        "references": [reference],
    }
    text = yaml.safe_dump(_filled(entries), sort_keys=False, allow_unicode=True, width=100)
    return f"# {MADE}\n{text}"


def zenodo(book: Publication, root: Path) -> str:
    """`.zenodo.json`: the metadata of a deposit, as Zenodo reads them from a repository."""
    paper = _paper(root, book.paper)
    related = [
        {
            "identifier": f"arXiv:{paper.fields['eprint']}",
            "relation": "references",
            "resource_type": "publication-conferencepaper",
        }
    ]
    if book.site:
        related.append({"identifier": book.site, "relation": "isDocumentedBy"})
    entries = {
        "title": book.title,
        "upload_type": "software",
        "description": f"<p>{book.abstract}</p>",
        "creators": [
            _filled(
                {
                    "name": author.name or f"{author.family}, {author.given}",
                    "affiliation": author.affiliation,
                    "orcid": author.orcid,
                }
            )
            for author in book.authors
        ],
        "version": book.version,
        "publication_date": book.released.isoformat(),
        "access_right": "open",
        "license": LICENCES[0].lower(),  # a deposit has one; the text's is in the notes
        "notes": f"Text and figures: {LICENCES[1]}.",
        "language": "eng",
        "keywords": book.keywords,
        "related_identifiers": related,
    }
    return json.dumps(_filled(entries), indent=2, ensure_ascii=False) + "\n"


def codemeta(book: Publication, root: Path) -> str:
    """codemeta.json, of version 3.0 of its vocabulary."""
    paper = _paper(root, book.paper)
    entries = {
        "@context": "https://w3id.org/codemeta/3.0",
        "@type": "SoftwareSourceCode",
        "@id": book.doi and f"https://doi.org/{book.doi}",
        "name": book.title,
        "description": book.abstract,
        "version": book.version,
        "dateModified": book.released.isoformat(),
        "license": [f"{LICENCE_PAGES}/{licence}" for licence in LICENCES],
        "programmingLanguage": "Python",
        "keywords": book.keywords,
        "author": [
            _filled(
                {
                    "@type": "Organization" if author.name else "Person",
                    "@id": author.orcid and f"https://orcid.org/{author.orcid}",
                    "name": author.name,
                    "givenName": author.given,
                    "familyName": author.family,
                    "affiliation": author.affiliation
                    and {"@type": "Organization", "name": author.affiliation},
                }
            )
            for author in book.authors
        ],
        "codeRepository": book.repository,
        "issueTracker": book.repository and f"{book.repository}/issues",
        "url": book.site,
        "referencePublication": {
            "@type": "ScholarlyArticle",
            "@id": f"https://arxiv.org/abs/{paper.fields['eprint']}",
            "name": paper.fields["title"],
        },
    }
    return json.dumps(_filled(entries), indent=2, ensure_ascii=False) + "\n"


def bibliography(book: Publication, root: Path) -> str:
    """An entry for the book, and one for each page that offers its own."""
    entries = [bibtex(root=root)]
    for page in contents(root):
        text = (root / "book" / f"{page.name}.md").read_text(encoding="utf-8")
        if "```{cite-chapter}" in text:
            heading = re.search(r"(?m)^# (.+)$", text)
            assert heading is not None, f"{page.name} has no title"
            entries.append(bibtex(page.name, heading[1], root=root))
    return f"% {MADE}\n\n" + "\n\n".join(entries) + "\n"


FILES: dict[str, Callable[[Publication, Path], str]] = {
    "CITATION.cff": citation,  # first: the entries of BibTeX come from it
    ".zenodo.json": zenodo,
    "codemeta.json": codemeta,
    "book/golden_tickets.bib": bibliography,
}


def paper_head(book: Publication) -> str:
    """The head of paper/paper.md, as the Journal of Open Source Education reads it."""
    places = sorted({author.affiliation for author in book.authors if author.affiliation})
    entries = {
        "title": book.title,
        "tags": ["Python", *book.keywords],
        "authors": [
            _filled(
                {
                    "name": str(author),
                    "orcid": author.orcid,
                    "affiliation": places.index(author.affiliation) + 1
                    if author.affiliation
                    else "",
                }
            )
            for author in book.authors
        ],
        "affiliations": [
            {"name": place, "index": number} for number, place in enumerate(places, start=1)
        ],
        "date": f"{book.released.day} {book.released:%B %Y}",
        "bibliography": "../book/references.bib",
    }
    text = yaml.safe_dump(_filled(entries), sort_keys=False, allow_unicode=True, width=100)
    return f"---\n# {MADE}\n{text}---"


# -- lines of other files ---------------------------------------------------------------------


def badges(book: Publication) -> str:
    """The badges of the README, a line each, between two comments."""
    found = []
    if book.on_github:
        tests = f"{book.repository}/actions/workflows/tests.yml"
        found.append(f"[![Tests]({tests}/badge.svg?branch={quote(book.branch)})]({tests})")
    if book.site:
        found.append(f"[![Read the book]({SHIELDS}/badge/read-the_book-d9a514)]({book.site})")
    if book.pypi:
        place = "https://pypi.org/project/lpbook/"
        found.append(f"[![PyPI]({SHIELDS}/pypi/v/lpbook)]({place})")
    if book.doi:
        place = f"https://doi.org/{book.doi}"
        found.append(f"[![DOI]({SHIELDS}/badge/DOI-{_of_shield(book.doi)}-blue)]({place})")
    return "\n".join([BADGES[0], *found, BADGES[1]])


def _of_shield(text: str) -> str:
    """Words on a shield: there a dash stands between its parts, and is written twice."""
    return quote(text.replace("-", "--").replace("_", "__"), safe="")


def _quoted(value: Any) -> str:
    """As TOML and YAML read it, too."""
    return json.dumps(value, ensure_ascii=False)


def lines(book: Publication) -> dict[str, list[tuple[str, str]]]:
    """For each file the lines that are replaced: a pattern, and what stands there now."""
    places = _filled(
        {
            "Homepage": book.site,
            "Repository": book.repository,
            "Changelog": book.site and f"{book.site}book/changes.html",
            "DOI": book.doi and f"https://doi.org/{book.doi}",
        }
    )
    urls = ", ".join(f"{name} = {_quoted(place)}" for name, place in places.items())
    authors = ", ".join(f"{{ name = {_quoted(str(author))} }}" for author in book.authors)
    names = ", ".join(map(str, book.authors))
    start, end = map(re.escape, BADGES)
    return {
        "pyproject.toml": [
            (r"^version = .*$", f'version = "{book.version}"'),
            (r"^description = .*$", f"description = {_quoted(book.title)}"),
            (r"^keywords = .*$", f"keywords = {_quoted(book.keywords)}"),
            (r"^authors = .*$", f"authors = [{authors}]"),
            (r"^urls = .*$", f"urls = {{ {urls} }}" if urls else "urls = {}"),
        ],
        "lpbook/__init__.py": [(r"^__version__ = .*$", f'__version__ = "{book.version}"')],
        "_config.yml": [
            (r"^author: .*$", f"author: {_quoted(names)}"),
            (r"^copyright: .*$", f'copyright: "{book.released.year}"'),
            (r"^  baseurl: .*$", f"  baseurl: {_quoted(book.site)}"),
            (r"^  url: .*$", f"  url: {_quoted(book.repository)}"),
            (r"^  branch: .*$", f"  branch: {book.branch}"),
            (r"^    ogp_site_url: .*$", f"    ogp_site_url: {_quoted(book.site)}"),
        ],
        "paper/paper.md": [(r"\A---\n(?s:.*?)\n---$", paper_head(book))],
        "README.md": [(rf"^{start}$(?s:.*?)^{end}$", badges(book))],
    }


def replaced(name: str, text: str, pairs: list[tuple[str, str]]) -> str:
    """A text in which each pattern, which must be there once, is replaced.

    Raises
    ------
    ValueError
        If a pattern is not there, or more than once.
    """
    for pattern, line in pairs:
        before, *rest = re.split(pattern, text, flags=re.MULTILINE)
        if len(rest) != 1:
            raise ValueError(f"{name}: {pattern} is there {len(rest)} times, not once")
        text = before + line + rest[0]
    return text


def write(root: Path = ROOT) -> list[str]:
    """Write all of it; the names of the files that have changed."""
    book = Publication.read(root)
    changed = []

    def put(name: str, text: str) -> None:
        path = root / name
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            changed.append(name)

    for name, make in FILES.items():
        put(name, make(book, root))
    for name, pairs in lines(book).items():
        put(name, replaced(name, (root / name).read_text(encoding="utf-8"), pairs))
    return changed


if __name__ == "__main__":
    for name in write():
        print(name)
