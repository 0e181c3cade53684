"""Who made the book and where it is: said once, and the same wherever it is read."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import yaml
from pybtex.database import parse_file

import lpbook
from tools.announced import SOURCE, changelog
from tools.book import ROOT
from tools.notebooks import _repository
from tools.publication import FILES, Publication, lines, replaced, write

ADDRESSES = ("repository", "site", "doi")
UNSET = {
    'version = ""': 'version = "0.1.0"',
    'branch = ""': 'branch = "main"',
    **{f'{key} = ""': f'{key} = ""' for key in ADDRESSES},
    "pypi = false": "pypi = false",
}
FILLED = {
    'repository = ""': 'repository = "https://github.com/some/book"',
    'site = ""': 'site = "https://some.example.org/book/"',
    'doi = ""': 'doi = "10.5281/zenodo.1234567"',
    "pypi = false": "pypi = true",
    'name = "The Golden Tickets authors"': (
        'given = "Ada M."\nfamily = "Löwe-King"\norcid = "0000-0002-1825-0097"\n'
        'affiliation = "Somewhere"\n[[authors]]\nname = "The Others"'
    ),
}

# What Zenodo takes: https://developers.zenodo.org, representation of a deposit
ZENODO = set(
    "title upload_type description creators version publication_date access_right license notes "
    "language keywords related_identifiers doi".split()
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A copy of all that is read and written."""
    shutil.copytree(ROOT / "book", tmp_path / "book", ignore=shutil.ignore_patterns("_static"))
    for folder in ("lpbook", "paper"):
        (tmp_path / folder).mkdir()
    for name in ("_toc.yml", SOURCE, *FILES, *lines(Publication.read())):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.fixture
def unset(root: Path) -> Path:
    """The same before anything is set, whatever the project has by now."""
    text = (root / SOURCE).read_text(encoding="utf-8").partition("[[authors]]")[0]
    (root / SOURCE).write_text(f'{text}[[authors]]\nname = "A group"\n', encoding="utf-8")
    fill(root, UNSET)
    write(root)
    return root


def fill(root: Path, pairs: dict[str, str] = FILLED) -> None:
    text = (root / SOURCE).read_text(encoding="utf-8")
    for old, new in pairs.items():
        key = old.split(" = ")[0]
        text, count = re.subn(rf"(?m)^{key} = (\".*?\"|\S+)", lambda _, new=new: new, text)
        assert count == 1, old
    (root / SOURCE).write_text(text, encoding="utf-8")


def test_everything_says_what_the_one_file_says(root: Path) -> None:
    assert write(root) == [], "run `make publication`"


@pytest.mark.parametrize("name", [*FILES, *lines(Publication.read())])
def test_a_change_by_hand_is_undone(unset: Path, name: str) -> None:
    path = unset / name
    text = path.read_text(encoding="utf-8")
    old, new = ("0.1.0", "9.1.0") if "0.1.0" in text else ('url: ""', 'url: "https://h"')
    if name == "README.md":
        old, new = "<!-- badges -->\n", "<!-- badges -->\n[a badge](nowhere)\n"
    elif name == "paper/paper.md":
        old, new = "\n- name: ", "\n- name: Another, "
    path.write_text(text.replace(old, new), encoding="utf-8")
    assert write(unset) == [name]
    assert path.read_text(encoding="utf-8") == text


def test_what_is_not_set_is_shown_nowhere(unset: Path) -> None:
    root = unset
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert not {"doi", "url", "repository-code"} & set(citation)
    for name in (".zenodo.json", "codemeta.json"):
        text = (root / name).read_text(encoding="utf-8")
        assert '""' not in text
        assert "null" not in text
    assert "url" not in (root / "book" / "golden_tickets.bib").read_text(encoding="utf-8")
    assert "<!-- badges -->\n<!-- end of badges -->" in (root / "README.md").read_text()
    assert tomllib.loads((root / "pyproject.toml").read_text())["project"]["urls"] == {}


def test_what_is_set_is_shown_everywhere(unset: Path) -> None:
    root = unset
    fill(root)
    assert set(write(root)) == {*FILES, *lines(Publication.read())} - {"lpbook/__init__.py"}
    assert write(root) == []

    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    assert citation["doi"] == "10.5281/zenodo.1234567"
    assert citation["repository-code"] == "https://github.com/some/book"
    assert citation["authors"][0]["orcid"] == "https://orcid.org/0000-0002-1825-0097"
    assert citation["authors"][1] == {"name": "The Others"}

    deposit = json.loads((root / ".zenodo.json").read_text(encoding="utf-8"))
    assert set(deposit) <= ZENODO
    assert [creator["name"] for creator in deposit["creators"]] == [
        "Löwe-King, Ada M.",
        "The Others",
    ]
    assert "isDocumentedBy" in {item["relation"] for item in deposit["related_identifiers"]}

    code = json.loads((root / "codemeta.json").read_text(encoding="utf-8"))
    assert code["@id"] == "https://doi.org/10.5281/zenodo.1234567"
    assert code["author"][0]["familyName"] == "Löwe-King"
    assert code["codeRepository"] == citation["repository-code"]

    entries = parse_file(str(root / "book" / "golden_tickets.bib")).entries
    chapter = entries["golden_tickets_malach"]
    assert chapter.fields["url"] == "https://some.example.org/book/book/malach.html"
    assert chapter.fields["doi"] == citation["doi"]
    assert chapter.persons["author"][0].last_names == ["Löwe-King"]

    assert _repository(root) == ("https://github.com/some/book", "main")
    config = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))
    assert config["author"] == "Ada M. Löwe-King, The Others"
    assert (
        config["html"]["baseurl"] == config["sphinx"]["config"]["ogp_site_url"] == citation["url"]
    )

    head = (root / "paper" / "paper.md").read_text(encoding="utf-8").split("---\n")[1]
    paper = yaml.safe_load(head)
    assert paper["authors"][0]["affiliation"] == paper["affiliations"][0]["index"] == 1
    assert paper["affiliations"][0]["name"] == "Somewhere"

    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["authors"] == [{"name": "Ada M. Löwe-King"}, {"name": "The Others"}]
    assert project["urls"]["Repository"] == citation["repository-code"]
    readme = (root / "README.md").read_text(encoding="utf-8").partition("<!-- end of badges")[0]
    links = re.findall(r"\[!\[[^]]+\]\(([^)]+)\)\]\(([^)]+)\)", readme)
    assert len(links) == 4
    assert all(urlsplit(place).scheme == "https" for pair in links for place in pair)


def test_bibliography_has_the_book_and_every_page_that_is_cited() -> None:
    entries = set(parse_file(str(ROOT / "book" / "golden_tickets.bib")).entries)
    pages = {
        page.stem
        for page in ROOT.glob("book/*.md")
        if "{cite-chapter}" in page.read_text(encoding="utf-8")
    }
    assert entries == {"golden_tickets", *(f"golden_tickets_{page}" for page in pages)}


def test_deposit_of_the_archive_has_what_it_asks_for() -> None:
    deposit = json.loads((ROOT / ".zenodo.json").read_text(encoding="utf-8"))
    assert set(deposit) <= ZENODO
    assert {"title", "upload_type", "description", "creators", "license"} <= set(deposit)
    assert deposit["upload_type"] == "software"
    for related in deposit["related_identifiers"]:
        assert {"identifier", "relation"} <= set(related)


def test_version_is_the_package_s_and_the_newest_of_the_changes() -> None:
    book = Publication.read()
    assert book.version == lpbook.__version__
    assert book.version == changelog()[0].version


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('site = ""', 'site = "https://h.example/book"', "with a slash at the end"),
        ('repository = ""', 'repository = "https://github.com/a/b/"', "without a slash"),
        ('doi = ""', 'doi = "https://doi.org/10.5281/zenodo.1"', "without https"),
        ("released = 2026-11-22", 'released = "today"', "released = 'today' is to be a date"),
        ("pypi = false", 'pypi = "no"', "pypi = 'no' is to be a bool"),
        ('branch = "main"', 'branch = ""', "branch = '' is to be text"),
        ('version = "0.1.0"', 'version = "v1"', "three numbers"),
        ('version = "0.1.0"', "version = 1", "version = 1 is to be text"),
        ('paper = "orseau2020"', 'paper = "nobody1900"', "references.bib"),
        ('paper = "orseau2020"', 'peper = "orseau2020"', "paper, peper"),
        ('name = "X"', 'given = "Ada"', "`given` and `family`"),
        ('name = "X"', 'name = "X"\norcid = "0000-0002-1825-0098"', "check digit"),
        ('name = "X"', 'name = "X"\nmail = "a@b"', "authors have no mail"),
    ],
)
def test_slip_in_the_one_file_is_named(unset: Path, old: str, new: str, words: str) -> None:
    fill(unset, {old: new})
    with pytest.raises((ValueError, TypeError), match=re.escape(words)):
        write(unset)


def test_line_that_is_to_be_replaced_is_there_once() -> None:
    with pytest.raises(ValueError, match="is there 2 times"):
        replaced("a", "x: 1\nx: 2\n", [("^x: .*$", "x: 3")])
    with pytest.raises(ValueError, match="is there 0 times"):
        replaced("a", "y: 1\n", [("^x: .*$", "x: 3")])
