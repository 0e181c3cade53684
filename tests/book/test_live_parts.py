"""What `make live` makes of the interpreter, the library and a page, without a browser."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
from io import BytesIO

import pytest

from tools import book, live
from tools.book import ROOT
from tools.notebooks import claims

NAMES = sorted(page.stem for page in (ROOT / "notebooks").glob("*.ipynb"))


def section(kind: int, content: bytes) -> bytes:
    """A section of a WebAssembly module, of fewer than 128 bytes."""
    return bytes([kind, len(content)]) + content


def test_custom_sections_are_left_out():
    head, kept = b"\0asm\1\0\0\0", section(1, b"types") + section(10, b"\0custom?")
    program = head + section(0, b"name") + kept[:7] + section(0, b"") + kept[7:]
    assert live.stripped(program) == head + kept


def test_long_sections_are_measured():
    head, content = b"\0asm\1\0\0\0", b"x" * 300  # 300 = 0b10_0101100
    long = bytes([3, 0b10101100, 0b10]) + content
    assert live.stripped(head + section(0, b"gone") + long) == head + long


def unwrapped(script: bytes) -> bytes:
    """What a browser reads in the template literal."""
    inner = script[script.index(b"`") + 1 : script.rindex(b"`")]
    return re.sub(rb"\\(.)", lambda m: b"\r" if m[1] == b"r" else m[1], inner, flags=re.DOTALL)


def test_a_part_is_a_script_that_gives_its_bytes_back(tmp_path):
    content = bytes(range(256)) * 40 + b"`${x}\\r\r\n"
    script = live.script(tmp_path, "data", content)
    assert gzip.decompress(unwrapped(script)) == content
    inner = script[script.index(b"`") + 1 : script.rindex(b"`")]
    assert b"\r" not in inner
    assert not re.search(rb"(?<!\\)(\\\\)*[`$]", inner)


def test_a_zip_is_the_same_for_the_same_members():
    members = [("b/x.py", b"1"), ("a.py", b"2")]
    assert live.stored(members) == live.stored(reversed(members))
    with zipfile.ZipFile(BytesIO(live.stored(members))) as archive:
        assert archive.read("b/x.py") == b"1"
        assert all(info.compress_type == zipfile.ZIP_STORED for info in archive.infolist())


def test_what_a_page_loads_has_a_limit(tmp_path, monkeypatch):
    monkeypatch.setattr(live, "parts", lambda *_: {"site": bytes(range(256)) * 40})
    monkeypatch.setattr(live, "MOST", 1e-4)
    with pytest.raises(SystemExit, match=r"0\.0 MB to load, more than 0\.0001"):
        live.build(tmp_path)


def test_the_library_has_no_package_that_the_book_is_without():
    names = live.LIBRARY.read_text(encoding="utf-8").split()
    assert not any(name.startswith(live.ABSENT) for name in names)
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    assert f"\n{live.ABSENT.rstrip('/')}==" not in lock


def test_a_button_is_added_once():
    page = "<html><head><script></script></head><body><p>Text</p></body></html>"
    once = live.with_button(page, {"cells": ["</script>"]})
    assert once.count("live-page") == 1
    assert once.index("Content-Security-Policy") < once.index("<script>")
    assert "</script>" not in once[once.index("application/json") : once.index("</script><script")]
    assert live.with_button(once, {"cells": ["</script>"]}) == once
    assert live.ADDED.sub("", once) == page


def test_the_site_is_built_again_by_taking_the_parts_away(tmp_path, monkeypatch):
    """After `make live` the tests of the site ask for `make book`, which has little to do."""
    page = book.site(tmp_path) / "book" / "malach.html"
    page.parent.mkdir(parents=True)
    page.write_text("<html><head></head><body><p>Text</p></body></html>", encoding="utf-8")
    before = page.read_bytes()
    monkeypatch.setattr(book, "SOURCES", ())
    monkeypatch.setattr(live, "pages", lambda root: {"malach": page})
    (tmp_path / "_build" / "stamp.json").write_text(json.dumps(book.fingerprint(tmp_path)))
    assert book.is_fresh(tmp_path)
    book.live_parts(tmp_path).mkdir(parents=True)
    page.write_text(live.with_button(page.read_text("utf-8"), {}), encoding="utf-8")
    assert not book.is_fresh(tmp_path)
    assert book.build(tmp_path) == 0
    assert book.is_fresh(tmp_path)
    assert page.read_bytes() == before


@pytest.mark.parametrize("name", NAMES)
def test_cells_are_those_of_the_notebook(name):
    cells = live.cells(ROOT / "notebooks" / f"{name}.ipynb", claims(ROOT))
    assert cells
    assert all(cell["source"].strip() for cell in cells)
    # each check of a notebook is known as one, though the page has no cell for it
    assert [cell["isCheck"] for cell in cells] == [
        bool(re.fullmatch(r"lp\.claims\[[^]]+\]\.replay\(\)", cell["source"])) for cell in cells
    ]


def test_what_is_shipped_says_under_which_licence():
    """Licences of the bundled JavaScript; those of the interpreter come with it."""
    text = (live.SOURCES / "vendor" / "LICENCES.txt").read_text(encoding="utf-8")
    for package in ("browser_wasi_shim", "codemirror", "lezer", "marked"):
        assert package in text
