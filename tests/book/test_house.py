"""The picture of the package in CONTRIBUTING.md is drawn from the imports as they are."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools import house
from tools.book import ROOT

ROOMS = {"_checks": (), "digits": ("_checks",), "laws": ("_checks", "digits"), "plan": ("laws",)}


def rooms(text: dict[str, tuple[str, ...]]) -> house.Imports:
    return {name: frozenset(below) for name, below in text.items()}


def package(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        path = root / "pkg" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root / "pkg"


def test_the_picture_is_that_of_the_imports() -> None:
    found = house.imports(ROOT / "lpbook")
    kept = (ROOT / house.PICTURE).read_text(encoding="utf-8")
    assert kept == house.drawing(found), "run: python -m tools.house"
    assert set(re.findall(r">(\w+)</text>", kept)) == set(found)
    assert kept.count("marker-end=") == len(house.arrows(found))
    assert f"({house.PICTURE.as_posix()})" in (ROOT / "CONTRIBUTING.md").read_text("utf-8")


def test_no_room_is_drawn_over_another() -> None:
    boxes = []
    for box in ElementTree.parse(ROOT / house.PICTURE).iterfind(".//{*}rect[@stroke]"):
        x, y, width, height = (float(box.attrib[k]) for k in ("x", "y", "width", "height"))
        assert 0 <= x <= x + width <= house.WIDTH
        boxes.append((x, y, x + width, y + height))
    for i, (left, top, right, bottom) in enumerate(boxes):
        for other in boxes[:i]:
            apart = right < other[0] or other[2] < left or bottom < other[1] or other[3] < top
            assert apart


def test_imports_of_every_form_are_found(tmp_path: Path) -> None:
    found = house.imports(
        package(
            tmp_path,
            {
                "__init__.py": "from pkg.one import a\n",
                "data/__init__.py": "",
                "one.py": "import math\nimport pkg.two\n",
                "two.py": "def f():\n    from pkg import three\n",
                "three/__init__.py": "from pkg.three.inner import b\nfrom pkg.four import c\n",
                "three/inner.py": "from pkg import no_such_module\n",
                "four.py": "import pkgs.one\nfrom pkgs.one import a\n",
            },
        )
    )
    wanted = {"one": ("two",), "two": ("three",), "three": ("four",), "four": ()}
    assert found == rooms(wanted)


def test_floors_and_arrows() -> None:
    assert house.floors(rooms(ROOMS)) == [["_checks"], ["digits"], ["laws"], ["plan"]]
    # laws imports _checks too, but that follows from digits
    assert house.arrows(rooms(ROOMS)) == [
        ("digits", "_checks"),
        ("laws", "digits"),
        ("plan", "laws"),
    ]
    with pytest.raises(ValueError, match=r"circle.*digits.*laws"):
        house.floors(rooms(ROOMS | {"digits": ("plan",)}))
