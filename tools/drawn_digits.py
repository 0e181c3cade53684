"""What the figure *draw* computes with: the digits network, its ticket, a few images.

`python -m tools.drawn_digits` writes `book/_static/explorables/draw-data.js`. The ticket is that of
chapter *real_ticket*: each target weight is the sum of its kept products, which the figure deletes
one by one.
"""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.datasets import load_digits

import lpbook as lp
from tools.book import ROOT

FILE = Path("book") / "_static" / "explorables" / "draw-data.js"
EPSILON = 0.02
IMAGES = 20


def content() -> dict[str, Any]:
    """The numbers by name.

    `weights` holds for each layer the matrix (outputs, inputs and the constant 1); `places` and
    `products` hold, for each layer, which entry a kept product belongs to, and the product.
    """
    network, held_out = lp.digits_classifier()
    pixels = load_digits().data[held_out]
    domain = lp.Ball.around(pixels / 16)
    ticket = lp.prune(network, epsilon=EPSILON, inputs=domain, seed=0)
    places, products = [], []
    for layer, matrix in enumerate(network.matrices):
        kept = list(ticket.kept(layer))
        columns = np.repeat(np.arange(len(kept)), [block.rows.size for block in kept])
        outputs = np.concatenate([block.outputs for block in kept])
        places.append(outputs * matrix.shape[1] + columns)
        products.append(np.concatenate([block.inner * block.outer for block in kept]))
    return {
        "radius": domain.radius,
        "weights": list(network.matrices),
        "places": places,
        "products": products,
        "images": pixels[:IMAGES],
    }


def script(numbers: dict[str, Any]) -> str:
    """The file, a script, as a page on disk needs: arrays are little-endian bytes in base 64."""

    def packed(array: NDArray[Any], kind: str) -> str:
        return f'"{base64.b64encode(np.ascontiguousarray(array, dtype=kind).tobytes()).decode()}"'

    rows = [
        f"  radius: {numbers['radius']!r},",
        f"  shapes: {[list(w.shape) for w in numbers['weights']]},",
    ]
    for name, kind in (("weights", "<f4"), ("places", "<u2"), ("products", "<f4")):
        rows += [f"  {name}: [", *(f"    {packed(a, kind)}," for a in numbers[name]), "  ],"]
    rows.append(f"  images: {packed(numbers['images'], 'u1')},")
    head = "/* Written by `python -m tools.drawn_digits`: a network, its ticket, and images. */"
    return "\n".join([head, '"use strict";', "", "const drawData = {", *rows, "};", ""])


def main() -> int:
    """Write the file."""
    (ROOT / FILE).write_text(script(content()), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
