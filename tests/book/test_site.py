"""Versions of the site side by side, and the branch that they are published on."""

from __future__ import annotations

import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.reader import opened
from tools import site
from tools.book import ROOT

PAGE = """\
<!DOCTYPE html>
<html lang="en" data-content_root="../">
<head><title>{title}</title><script src="../_static/versions.js"></script></head>
<body><div><a class="navbar-brand"></a></div><p id="x">{title}</p></body>
</html>
"""


@pytest.fixture
def html(tmp_path: Path) -> Path:
    """A built book of two pages."""
    return make(tmp_path / "html", "index", "one")


def make(folder: Path, *pages: str) -> Path:
    (folder / "_static").mkdir(parents=True)
    (folder / "book").mkdir()
    (folder / "index.html").write_text("the entrance")
    shutil.copy(ROOT / "book" / "_static" / "versions.js", folder / "_static")
    for name in pages:
        (folder / "book" / f"{name}.html").write_text(PAGE.format(title=name))
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    return tmp_path / "site"


def listed(folder: Path) -> list[str]:
    script = (folder / site.LIST).read_text(encoding="utf-8")
    return re.findall(r'\{"name": "([^"]+)", "place"', script)


def test_before_a_release_main_stands_in_front(folder: Path, html: Path) -> None:
    site.add(folder, html, "main")
    assert (folder / "book" / "one.html").is_file()
    assert (folder / "v" / "main" / "book" / "one.html").is_file()
    assert listed(folder) == ["main"]


def test_the_newest_release_stands_in_front_and_the_others_stay(
    folder: Path, tmp_path: Path
) -> None:
    for version, page in (("v0.9.0", "old"), ("v0.10.0", "new"), ("v0.10.0rc1", "early")):
        site.add(folder, make(tmp_path / version, "index", page), version)
    site.add(folder, make(tmp_path / "main", "index", "coming"), "main")
    assert (folder / "book" / "new.html").is_file()
    assert not (folder / "book" / "coming.html").exists()
    assert (folder / "v" / "0.9.0" / "book" / "old.html").is_file()
    for place in ("", "v/0.9.0", "v/main"):
        assert listed(folder / place) == ["0.10.0", "0.10.0rc1", "0.9.0", "main"]
    # an older one that is built again does not come to the front
    site.add(folder, make(tmp_path / "again", "index", "old"), "v0.9.0")
    assert (folder / "book" / "new.html").is_file()


def test_preview_is_on_no_list_and_can_go(folder: Path, html: Path) -> None:
    site.add(folder, html, "main")
    site.add(folder, html, "change-7")
    assert listed(folder) == listed(folder / "v" / "change-7") == ["main"]
    site.remove(folder, "change-7")
    assert not (folder / "v" / "change-7").exists()
    assert (folder / "v" / "main").exists()
    for kept in ("main", "v0.1.0"):
        with pytest.raises(ValueError, match="stays on the site"):
            site.remove(folder, kept)


@pytest.mark.parametrize("version", ["", "../up", ".git", "a/b", "a b"])
def test_version_that_is_no_name_is_refused(folder: Path, html: Path, version: str) -> None:
    with pytest.raises(ValueError, match="VERSION = "):
        site.add(folder, html, version)


def test_search_engines_are_told_where_there_is_an_address(folder: Path, html: Path) -> None:
    site.add(folder, html, "main")
    site.refresh(folder, "")
    for name in ("robots.txt", "sitemap.xml", "404.html"):
        assert not (folder / name).exists()
    site.refresh(folder, "https://some.example.org/book/")
    robots = (folder / "robots.txt").read_text()
    assert "Disallow: /book/v/" in robots
    assert "Sitemap: https://some.example.org/book/sitemap.xml" in robots
    found = ElementTree.parse(folder / "sitemap.xml").getroot()
    places = [entry[0].text for entry in found]
    assert places == [f"https://some.example.org/book/book/{n}.html" for n in ("index", "one")]
    assert 'href="/book/"' in (folder / "404.html").read_text()


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *site.AUTHOR, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def test_the_branch_of_the_site_has_one_commit(tmp_path: Path, html: Path) -> None:
    """Begun where there is none, and gone on with from another clone."""
    git(tmp_path, "init", "-q", "--bare", "remote")
    for turn, version in enumerate(("main", "v0.1.0")):
        clone = tmp_path / f"clone{turn}"
        git(tmp_path, "clone", "-q", str(tmp_path / "remote"), clone.name)
        git(clone, "commit", "-q", "--allow-empty", "-m", "A source")
        folder = clone / "_build" / "site"
        site.checkout(clone, folder)
        site.checkout(clone, folder)  # it is there already
        site.add(folder, html, version)
        site.push(folder)
    files = git(tmp_path / "remote", "ls-tree", "-r", "--name-only", site.BRANCH).split()
    assert {"index.html", ".nojekyll", "v/main/book/one.html", "v/0.1.0/book/one.html"} <= set(
        files
    )
    assert git(tmp_path / "remote", "rev-list", "--count", site.BRANCH) == "1"


def test_reader_goes_from_version_to_version(
    browser: Browser, folder: Path, tmp_path: Path
) -> None:
    """From disk, too; to the same place where the other version has the page."""
    site.add(folder, make(tmp_path / "old", "index", "one"), "v0.1.0")
    site.add(folder, make(tmp_path / "new", "index", "one", "two"), "v0.2.0")
    with opened(browser, viewport={"width": 1280, "height": 800}) as tab:
        tab.goto((folder / "book" / "one.html").as_uri() + "#x")
        choice = tab.get_by_label("Version")
        expect(choice).to_have_value("0.2.0")
        choice.select_option("0.1.0")
        tab.wait_for_url("**/v/0.1.0/book/one.html#x")
        expect(choice).to_have_value("0.1.0")
        choice.select_option("0.2.0")
        tab.wait_for_url("**/site/book/one.html#x")
        tab.goto((folder / "book" / "two.html").as_uri())
        tab.get_by_label("Version").select_option("0.1.0")
        tab.wait_for_url("**/v/0.1.0/index.html")


def test_without_a_list_there_is_no_choice(browser: Browser, html: Path) -> None:
    with opened(browser, viewport={"width": 1280, "height": 800}) as tab:
        tab.goto((html / "book" / "one.html").as_uri())
        expect(tab.locator("select")).to_have_count(0)
