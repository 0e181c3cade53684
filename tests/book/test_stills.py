"""The stills of the interactive figures, as they are typeset."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread
from playwright.sync_api import Browser

from tests.reader import opened, typefaces
from tools.machine import RENDERER, remedy
from tools.stills import SCRIPTS, converted, drawing, save_all

NAMES = sorted(path.stem for path in SCRIPTS.glob("*.svg"))
CSS = (SCRIPTS / "explorables.css").read_text(encoding="utf-8")
PAGE = """<!doctype html><meta charset="utf-8"><style>{css}
body {{ margin: 0; }}
.explorable {{ margin: 0; padding: 0; border: 0; }}
.explorable svg {{ display: block; }}</style><figure class="explorable">{svg}</figure>"""


@pytest.fixture(autouse=True)
def program() -> None:
    if RENDERER.path() is None:
        pytest.skip(remedy([RENDERER]))


def still(name: str) -> str:
    return (SCRIPTS / f"{name}.svg").read_text(encoding="utf-8")


def blurred(pixels: np.ndarray, size: int = 8) -> np.ndarray:
    """Means over squares: letters and edges may lie a pixel apart."""
    height, width = (n // size * size for n in pixels.shape[:2])
    grey = pixels[:height, :width, :3].mean(axis=2)
    return grey.reshape(height // size, size, width // size, size).mean(axis=(1, 3))


@pytest.mark.parametrize("name", NAMES)
def test_typeset_still_is_the_picture_in_the_browser(browser: Browser, name: str) -> None:
    drawn = imread(io.BytesIO(converted(drawing(still(name), CSS, margin=0), "png")))
    drawn = 1 - drawn[..., 3:] * (1 - drawn[..., :3])  # on white paper
    height, width = drawn.shape[:2]
    with opened(browser, viewport={"width": width, "height": height}) as page:
        page.set_content(PAGE.format(css=typefaces() + CSS, svg=still(name)))
        page.evaluate("document.fonts.ready.then(() => true)")
        seen = imread(io.BytesIO(page.screenshot()))
    difference = np.abs(blurred(drawn) - blurred(seen))
    assert difference.max() < 0.25, np.unravel_index(difference.argmax(), difference.shape)
    assert difference.mean() < 0.01


def test_stills_are_vectors(tmp_path: Path) -> None:
    files = save_all(tmp_path)
    assert [file.stem for file in files] == NAMES
    for file in files:
        content = file.read_bytes()
        assert content.startswith(b"%PDF")
        assert b"/Subtype /Image" not in content
