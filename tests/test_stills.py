"""The stills of the interactive figures, as they are typeset."""

from __future__ import annotations

import io
import re
from pathlib import Path

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.image import imread
from playwright.sync_api import Browser

from tools.stills import SCRIPTS, STYLE, draw, save_all

NAMES = sorted(path.stem for path in SCRIPTS.glob("*.svg"))
CSS = STYLE.read_text(encoding="utf-8")
SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">{}</svg>'
PAGE = """<!doctype html><meta charset="utf-8"><style>{css}
body {{ margin: 0; }}
.explorable {{ margin: 0; padding: 0; border: 0; font-family: "DejaVu Sans"; }}
.explorable svg {{ display: block; }}</style><figure class="explorable">{svg}</figure>"""


def still(name: str) -> str:
    return (SCRIPTS / f"{name}.svg").read_text(encoding="utf-8")


def blurred(pixels: np.ndarray, size: int = 8) -> np.ndarray:
    """Means over squares: letters and edges may lie a pixel apart."""
    height, width = (n // size * size for n in pixels.shape[:2])
    grey = pixels[:height, :width, :3].mean(axis=2)
    return grey.reshape(height // size, size, width // size, size).mean(axis=(1, 3))


@pytest.mark.parametrize("name", NAMES)
def test_typeset_still_is_the_picture_in_the_browser(browser: Browser, name: str) -> None:
    figure = draw(still(name), CSS)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    drawn = np.asarray(canvas.buffer_rgba()) / 255
    height, width = drawn.shape[:2]
    page = browser.new_page(viewport={"width": width, "height": height})
    page.set_content(PAGE.format(css=CSS, svg=still(name)))
    seen = imread(io.BytesIO(page.screenshot()))
    page.close()
    difference = np.abs(blurred(drawn) - blurred(seen))
    assert difference.max() < 0.25, np.unravel_index(difference.argmax(), difference.shape)
    assert difference.mean() < 0.01


@pytest.mark.parametrize("name", NAMES)
def test_every_word_of_the_still_is_typeset(name: str) -> None:
    said = re.findall(r"<(?:text|tspan)[^>]*>([^<\n]+)", still(name))
    typeset = [text.get_text() for text in draw(still(name), CSS).findobj(match=words)]
    assert said == [text for text in typeset if text]


def words(artist: object) -> bool:
    return type(artist).__name__ == "Text" and artist.axes is not None  # type: ignore[attr-defined]


def test_stills_are_vectors(tmp_path: Path) -> None:
    files = save_all(tmp_path)
    assert [file.stem for file in files] == NAMES
    for file in files:
        content = file.read_bytes()
        assert content.startswith(b"%PDF")
        assert b"/Subtype /Image" not in content


@pytest.mark.parametrize(
    ("element", "says"),
    [
        ("<ellipse/>", "what is ellipse"),
        ('<path d="M0 0C1 1 2 2 3 3"/>', "what is C1 1 2 2 3 3"),
        ('<g transform="scale(2)"/>', "what is scale"),
        ('<text x="0" y="0">a<a>b</a></text>', "what is a"),
        ('<rect class="x-odd" x="0" y="0" width="1" height="1"/>', "what is filter"),
    ],
)
def test_unknown_things_are_refused(element: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        draw(SVG.format(element), CSS + ".x-odd { filter: none; }")
