"""Make the book's typefaces from their sources: `python -m tools.fonts`.

Fetches the sources with npm, keeps of each face the characters that a book like this one may
show, and writes it where it is needed: as WOFF2 for the site, as TrueType for Matplotlib (in the
package) and for TeX and librsvg. Needs npm, and the Python package `brotli`.

The licence of the sources reserves the name "Source" (OFL 1.1, clause 3), so what is made of them
is called "Ticket". Nothing installed goes by that name: no program can take another version.
"""

from __future__ import annotations

import argparse
import io
import tarfile
from dataclasses import dataclass
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from matplotlib import get_data_path

from tools import npm
from tools.book import ROOT

SITE = ROOT / "book" / "_static" / "fonts"
PACKAGE = ROOT / "lpbook" / "figures" / "fonts"
PRINT = ROOT / "tools" / "fonts"

SOURCES = {  # package of npm with its version, SHA-256 of its archive
    "serif": (
        "@expo-google-fonts/source-serif-4@0.4.1",
        "84f0b412fbc9b0b666d6fe04620b2cd2e54bfd49ca61fe0663a9e5beb30afcc4",
    ),
    "sans": (
        "@expo-google-fonts/source-sans-3@0.4.1",
        "eb41834f563921e19b18b40bc924b97110983aef800d9cb67b9186f546311828",
    ),
    "code": (
        "@expo-google-fonts/source-code-pro@0.4.1",
        "e00a889c711535f7662ed2e8158560c5dba0c36cffd4f1f2cd30d1b07e89ade1",
    ),
}
# Matplotlib's own copy.
DEJAVU = ("DejaVuSansMono.ttf", "602ec86b8948cfcd956482fe64f94c36c867770149ef2f791d4613f443bcecb3")


@dataclass(frozen=True)
class Face:
    """One file of a family: where it comes from, and what else than the site needs it."""

    family: str
    style: str
    source: str
    member: str
    folder: Path = PRINT

    @property
    def name(self) -> str:
        """Of its files."""
        return f"{self.family.replace(' ', '')}-{self.style}"


FACES = (
    Face("Ticket Serif", "Regular", "serif", "400Regular"),
    Face("Ticket Serif", "Italic", "serif", "400Regular_Italic", PACKAGE),  # letters of formulas
    Face("Ticket Serif", "Bold", "serif", "600SemiBold"),
    Face("Ticket Serif", "BoldItalic", "serif", "600SemiBold_Italic"),
    Face("Ticket Sans", "Regular", "sans", "400Regular", PACKAGE),
    Face("Ticket Sans", "Italic", "sans", "400Regular_Italic"),
    Face("Ticket Sans", "Bold", "sans", "600SemiBold", PACKAGE),
    Face("Ticket Code", "Regular", "code", "400Regular"),
    Face("Ticket Code", "Bold", "code", "600SemiBold"),
    # What any of the others lacks, from Matplotlib's own copy of DejaVu.
    Face("Ticket Symbols", "Regular", "dejavu", "DejaVuSansMono"),
)

# Letters of Western European names, Greek, and the signs of a mathematical text.
RANGES = (
    (0x20, 0x7E), (0xA0, 0xFF), (0x106, 0x107), (0x10C, 0x10D), (0x11C, 0x11D), (0x141, 0x144),
    (0x14C, 0x14D), (0x150, 0x153), (0x15A, 0x15B), (0x160, 0x161), (0x174, 0x178), (0x17D, 0x17E),
    (0x2B0, 0x2B0), (0x302, 0x302), (0x391, 0x3A9), (0x3B1, 0x3C9), (0x3D5, 0x3D5),
    (0x1D2C, 0x1D6A), (0x1D9C, 0x1D9C), (0x2010, 0x2015), (0x2016, 0x2027), (0x202F, 0x203A),
    (0x2070, 0x209C), (0x2102, 0x2102), (0x210E, 0x2113), (0x2115, 0x2115), (0x211D, 0x211D),
    (0x2122, 0x2122), (0x2190, 0x2195), (0x21A6, 0x21A6), (0x21D0, 0x21D4), (0x2200, 0x2213),
    (0x2217, 0x221E), (0x2225, 0x222B), (0x2248, 0x2248), (0x2260, 0x2265), (0x2282, 0x2287),
    (0x2308, 0x230B), (0x2423, 0x2423), (0x25A0, 0x25A1), (0x25C6, 0x25C6), (0x25CB, 0x25CF),
    (0x2605, 0x2606), (0x2713, 0x2713), (0x2717, 0x2717), (0x2C7C, 0x2C7C),
)  # fmt: skip
KEPT = {point for first, last in RANGES for point in range(first, last + 1)}
FEATURES = ["kern", "liga", "lnum", "tnum"]


def fetched(source: str) -> dict[str, bytes]:
    """The TrueType files of a source, by the folder that holds them in the archive."""
    with tarfile.open(fileobj=io.BytesIO(npm.archive(*SOURCES[source]))) as files:
        return {
            Path(member.name).parent.name: files.extractfile(member).read()  # type: ignore[union-attr]
            for member in files
            if member.name.endswith(".ttf")
        }


def subset(content: bytes, face: Face, without: set[int]) -> TTFont:
    """A face with the characters kept, those of `without` left out, under its own name."""
    font = TTFont(io.BytesIO(content), recalcTimestamp=False)
    options = Options(
        layout_features=FEATURES,
        name_IDs=[0, 1, 2, 3, 4, 5, 6, 13, 14],
        name_languages=[0x409],
        hinting=False,
        notdef_outline=True,
        drop_tables=[*Options().drop_tables, "STAT", "FFTM"],
    )
    worker = Subsetter(options)
    worker.populate(unicodes=KEPT - without)
    worker.subset(font)
    style = {"BoldItalic": "Bold Italic"}.get(face.style, face.style)
    names = {1: face.family, 2: style, 3: face.name, 4: f"{face.family} {style}", 6: face.name}
    for number, words in names.items():
        font["name"].setName(words, number, 3, 1, 0x409)
    bold, italic = "Bold" in face.style, "Italic" in face.style
    font["OS/2"].usWeightClass = 700 if bold else 400
    font["OS/2"].fsSelection = bold << 5 | italic | (not (bold or italic)) << 6
    # Matplotlib stacks lines by these numbers, browsers do not: no room above and below letters.
    em = font["head"].unitsPerEm
    font["OS/2"].sTypoAscender, font["OS/2"].sTypoDescender = em * 80 // 100, -em * 27 // 100
    font["OS/2"].sTypoLineGap = 0
    font["head"].macStyle = bold | italic << 1
    return font


def make(root: Path = ROOT) -> list[Path]:
    """Write all faces; the files."""
    written = []
    sources = {name: fetched(name) for name in SOURCES}
    ours = set.intersection(
        *(set(TTFont(io.BytesIO(files["400Regular"])).getBestCmap()) for files in sources.values())
    )
    name, digest = DEJAVU
    dejavu = Path(get_data_path(), "fonts", "ttf", name)
    sources["dejavu"] = {dejavu.stem: npm.intact(dejavu.read_bytes(), dejavu.name, digest)}
    for face in FACES:
        without = ours - {0x20} if face.source == "dejavu" else set()
        font = subset(sources[face.source][face.member], face, without)
        for path, flavor in (
            (face.folder / f"{face.name}.ttf", None),
            (SITE / f"{face.name}.woff2", "woff2"),
        ):
            path.parent.mkdir(parents=True, exist_ok=True)
            font.flavor = flavor
            font.save(path)
            written.append(path)
    return written


def main() -> int:
    """Command line."""
    argparse.ArgumentParser(description=__doc__.splitlines()[0]).parse_args()
    for path in make():
        print(f"{path.stat().st_size / 1024:6.1f} KiB  {path.relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
