"""Draw who imports whom inside `lpbook`: `python -m tools.house` writes book/_static/house.svg.

A room is a module or a folder of the package. Its floor is one above the highest that it imports
from, so everything a room imports is on a floor below it. An arrow leads to what a room imports;
one that follows from others is left out: who imports `pruning` may import all that `pruning` does.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

from tools.book import ROOT

PICTURE = Path("book") / "_static" / "house.svg"

WIDTH, FLOOR, ROOM = 600, 62, 26  # of the drawing, and heights of a floor and of a room
LETTER = 7.3  # width, at 12 pixels, in any typeface of equal letters

Imports = Mapping[str, frozenset[str]]


def imports(package: Path) -> Imports:
    """For each room of the package those that it imports from."""
    found: dict[str, set[str]] = {}
    for path in sorted(package.rglob("*.py")):
        room = path.relative_to(package).parts[0].removesuffix(".py")
        if room not in ("__init__", "data"):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            found.setdefault(room, set()).update(_modules(tree, package.name))
    return {room: frozenset(names & found.keys() - {room}) for room, names in found.items()}


def _modules(tree: ast.Module, package: str) -> set[str]:
    """What is imported from the package, by the name that follows its own."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            names |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
        elif isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith(f"{package}.")}


def floors(rooms: Imports) -> list[list[str]]:
    """The rooms of each floor, from the ground up.

    Raises
    ------
    ValueError
        If rooms import from each other in a circle.
    """
    built: list[list[str]] = []
    below: set[str] = set()
    while len(below) < len(rooms):
        floor = sorted(room for room in rooms.keys() - below if rooms[room] <= below)
        if not floor:
            raise ValueError(f"rooms import in a circle: {sorted(rooms.keys() - below)}")
        built.append(floor)
        below |= set(floor)
    return built


def arrows(rooms: Imports) -> list[tuple[str, str]]:
    """What each room imports, but for what one of these imports, directly or not."""
    reached: dict[str, set[str]] = {}
    for floor in floors(rooms):
        for room in floor:
            reached[room] = set(rooms[room]).union(*(reached[below] for below in rooms[room]))
    return [
        (room, below)
        for room in sorted(rooms)
        for below in sorted(rooms[room])
        if not any(below in reached[other] for other in rooms[room])
    ]


def _lines(rooms: Imports) -> list[list[tuple[int, str]]]:
    """The way of each arrow: the level and the name of all that it passes, its ends among them.

    On a floor that it only passes it has a place of its own, so that it leads behind no room.
    """
    level = {room: i for i, floor in enumerate(floors(rooms)) for room in floor}
    return [
        [
            (level[room], room),
            *((i, f"{room} {below}") for i in range(level[room] - 1, level[below], -1)),
            (level[below], below),
        ]
        for room, below in arrows(rooms)
    ]


def _places(rooms: Imports) -> dict[tuple[int, str], float]:
    """How far right each place of each floor is: near the places that it is joined with."""
    lines = _lines(rooms)
    built: list[list[tuple[int, str]]] = [
        sorted({(i, room) for room in floor} | {p for line in lines for p in line if p[0] == i})
        for i, floor in enumerate(floors(rooms))
    ]
    joined: dict[tuple[int, str], list[tuple[int, str]]] = {p: [] for f in built for p in f}
    for line in lines:
        for upper, lower in pairwise(line):
            joined[upper].append(lower)
            joined[lower].append(upper)
    middle = dict.fromkeys(joined, 0.5)

    def wanted(place: tuple[int, str]) -> tuple[float, str]:
        near = [middle[other] for other in joined[place]]
        return (sum(near) / len(near) if near else 1.0), place[1]

    for _ in range(12):
        for floor in (*built, *built[::-1]):
            floor.sort(key=wanted)
            # a room is as wide as its name, the way of an arrow is narrow
            widths = [3 if " " in name else len(name) + 5 for _, name in floor]
            for k, place in enumerate(floor):
                middle[place] = (sum(widths[:k]) + widths[k] / 2) / sum(widths)
    return {place: x * WIDTH for place, x in middle.items()}


def drawing(rooms: Imports) -> str:
    """The house as SVG, with a ground of its own: legible on a light page and on a dark one."""
    places = _places(rooms)
    height = len(floors(rooms)) * FLOOR
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
        f' height="{height}" font-family="monospace" font-size="12" text-anchor="middle">',
        '<defs><marker id="end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7"'
        ' markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8Z" fill="#5b6472"/></marker></defs>',
        f'<rect width="{WIDTH}" height="{height}" rx="6" fill="#fbf9f4"/>',
    ]

    def middle(level: int) -> float:
        return height - (level + 0.5) * FLOOR

    for line in _lines(rooms):
        (start, _), *_ = line
        way = f"M{places[line[0]]:.0f} {middle(start) + ROOM / 2:.0f}"
        for upper, lower in pairwise(line):
            x, to_x = places[upper], places[lower]
            y, to_y = middle(upper[0]) + ROOM / 2, middle(lower[0]) - ROOM / 2
            half = (y + to_y) / 2
            way += f"C{x:.0f} {half:.0f} {to_x:.0f} {half:.0f} {to_x:.0f} {to_y:.0f}"
            if lower != line[-1]:
                way += f"v{ROOM}"
        parts.append(f'<path d="{way}" fill="none" stroke="#5b6472" marker-end="url(#end)"/>')
    for (level, name), x in places.items():
        if name in rooms:
            width, y = len(name) * LETTER + 14, middle(level)
            parts += [
                f'<rect x="{x - width / 2:.1f}" y="{y - ROOM / 2:.0f}" width="{width:.1f}"'
                f' height="{ROOM}" rx="3" fill="#ffffff" stroke="#1f4e79"/>',
                f'<text x="{x:.0f}" y="{y + 4:.0f}" fill="#1b1f24">{name}</text>',
            ]
    return "\n".join([*parts, "</svg>", ""])


def main() -> None:
    """Command line."""
    (ROOT / PICTURE).write_text(drawing(imports(ROOT / "lpbook")), encoding="utf-8")
    print(PICTURE)


if __name__ == "__main__":
    main()
