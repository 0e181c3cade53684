"""The pages in the order of reading."""

from pathlib import Path

from tools.contents import Page, contents, parts

TOC = """\
format: jb-book
root: book/index
parts:
  - caption: One
    chapters:
      - file: book/plain
  - caption: Two
    numbered: true
    chapters:
      - file: book/a
        sections:
          - file: book/a_further
      - file: book/b
  - caption: Three
    numbered: true
    chapters:
      - file: book/c
"""


def test_further_pages_belong_to_their_chapter(tmp_path: Path) -> None:
    (tmp_path / "_toc.yml").write_text(TOC)
    assert contents(tmp_path) == [
        Page("index", "index", None),
        Page("plain", "plain", None),
        Page("a", "a", 1),
        Page("a_further", "a", 1),
        Page("b", "b", 2),
        Page("c", "c", 3),
    ]
    assert [part.caption for part in parts(tmp_path)] == ["", "One", "Two", "Three"]
