"""The published site, its versions side by side: `make site`, `make site-push`, `make site-remove`.

The folder of a version, `v/0.1.0/` or `v/main/`, keeps its addresses for good. The newest release
also stands above them, so that an address without a version leads to what is newest; before the
first release `main` stands there. A preview of a change has a folder of its own and is on no list.
All of it is one commit of the branch that the forge serves.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit
from xml.sax.saxutils import escape

from tools.announced import publication
from tools.book import ROOT
from tools.book import site as built

FOLDER = ROOT / "_build" / "site"
BRANCH = "gh-pages"
VERSIONS = Path("v")
LIST = Path("_static") / "versions.js"
LISTED = re.compile(r"(?m)^const VERSIONS = .*;$")
RELEASE = re.compile(r"v?(\d+\.\d+\.\d+\w*)")
NAME = re.compile(r"[\w.-]+")

LOST = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Not found: Golden Tickets</title>
</head>
<body><p>There is no such page. <a href="{address}">Golden Tickets</a> begins here.</p></body>
</html>
"""


def place_of(version: str) -> str:
    """The name of a version's folder: a tag loses its v.

    Raises
    ------
    ValueError
        If it is no name for a folder.

    Examples
    --------
    >>> place_of("v0.1.0"), place_of("main"), place_of("change-12")
    ('0.1.0', 'main', 'change-12')
    """
    if release := RELEASE.fullmatch(version):
        return release[1]
    if not NAME.fullmatch(version) or version.startswith("."):
        raise ValueError(f"VERSION = {version!r}: give a tag, such as v0.1.0, main, or change-12")
    return version


def _age(name: str) -> tuple[list[int], bool, str]:
    """What releases are ordered by: 0.10.0 comes after 0.9.0, and after 0.10.0rc1."""
    numbers, suffix = re.match(r"([\d.]+)(.*)", name).groups()  # type: ignore[union-attr]
    return [int(number) for number in numbers.split(".")], not suffix, suffix


def releases(folder: Path) -> list[str]:
    """The releases that are there, the newest first."""
    names = [path.name for path in (folder / VERSIONS).glob("*") if RELEASE.fullmatch(path.name)]
    return sorted(names, key=_age, reverse=True)


def add(folder: Path, html: Path, version: str) -> None:
    """Put a built book into the folder of its version, and bring the rest up to date."""
    target = folder / VERSIONS / place_of(version)
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(html, target)
    refresh(folder)


def remove(folder: Path, version: str) -> None:
    """Take a preview off the site.

    Raises
    ------
    ValueError
        If it is no preview: what is cited stays.
    """
    name = place_of(version)
    if RELEASE.fullmatch(name) or name == "main":
        raise ValueError(f"VERSION = {version!r} stays on the site: only previews are removed")
    shutil.rmtree(folder / VERSIONS / name, ignore_errors=True)
    refresh(folder)


def refresh(folder: Path, address: str | None = None) -> None:
    """Let the newest version stand above the others, tell each of all, and search engines of it."""
    address = str(publication()["site"]) if address is None else address
    versions = [*releases(folder), *(["main"] if (folder / VERSIONS / "main").is_dir() else [])]
    for path in folder.iterdir():
        if path.name not in (str(VERSIONS), ".git"):
            (shutil.rmtree if path.is_dir() else Path.unlink)(path)
    if versions:
        shutil.copytree(folder / VERSIONS / versions[0], folder, dirs_exist_ok=True)
    (folder / ".nojekyll").touch()  # or the forge leaves out folders such as _static

    listed = [
        {
            "name": name,
            "place": "" if name == versions[0] else f"{VERSIONS}/{name}/",
            "pages": _pages(folder / VERSIONS / name),
        }
        for name in versions
    ]
    places = {path.name: f"{VERSIONS}/{path.name}/" for path in (folder / VERSIONS).glob("*")}
    for name, place in [*places.items(), *((name, "") for name in versions[:1])]:
        script = folder / place / LIST
        if script.is_file():
            said = json.dumps({"name": name, "here": place, "versions": listed})
            text = script.read_text(encoding="utf-8")
            before, after = LISTED.split(text)
            text = f"{before}const VERSIONS = {said};{after}"
            script.write_text(text, encoding="utf-8")

    if address:
        below = urlsplit(address).path
        robots = f"User-agent: *\nDisallow: {below}{VERSIONS}/\nSitemap: {address}sitemap.xml\n"
        (folder / "robots.txt").write_text(robots, encoding="utf-8")
        (folder / "sitemap.xml").write_text(sitemap(_pages(folder), address), encoding="utf-8")
        (folder / "404.html").write_text(LOST.format(address=below), encoding="utf-8")


def sitemap(pages: list[str], address: str) -> str:
    """The pages for search engines, by the protocol of sitemaps.org."""
    entries = "".join(f"<url><loc>{escape(address + page)}</loc></url>\n" for page in pages)
    head = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return (
        f'{head}<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{entries}</urlset>\n'
    )


def _pages(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in sorted(folder.glob("book/*.html"))]


# -- the branch --------------------------------------------------------------------------------


def _git(root: Path, *arguments: str | Path) -> str:
    command = ["git", "-C", str(root), *map(str, arguments)]
    done = subprocess.run(command, input="", capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(command)} fails:\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


AUTHOR = ("-c", "user.name=Golden Tickets", "-c", "user.email=site@localhost")


def checkout(root: Path, folder: Path) -> None:
    """The branch of the site in a folder; an empty one, if there is no such branch."""
    if folder.is_dir():
        return
    _git(root, "worktree", "prune")
    if _git(root, "ls-remote", "--heads", "origin", BRANCH):
        _git(root, "fetch", "--depth", "1", "origin", BRANCH)
        commit = "FETCH_HEAD"
    else:
        tree = _git(root, "mktree")  # of nothing
        commit = _git(root, *AUTHOR, "commit-tree", tree, "-m", "The site")
    _git(root, "worktree", "add", "-q", "--detach", folder, commit)


def push(folder: Path) -> None:
    """Make what is there the one commit of the branch: a site has no history, its sources have."""
    _git(folder, "add", "--all", "--force")
    day = date.today().isoformat()
    _git(folder, *AUTHOR, "commit", "-q", "--amend", "--allow-empty", "-m", f"The site of {day}")
    _git(folder, "push", "-q", "--force", "origin", f"HEAD:refs/heads/{BRANCH}")


def main() -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("command", choices=["add", "remove", "push"])
    parser.add_argument("version", nargs="?", default="main", help="main, a tag, or change-12")
    options = parser.parse_args()
    if options.command == "push":
        push(FOLDER)
        return 0
    checkout(ROOT, FOLDER)
    if options.command == "add":
        add(FOLDER, built(ROOT), options.version)
    else:
        remove(FOLDER, options.version)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
