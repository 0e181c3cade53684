"""Search and index find a symbol by its name, on the page that introduces it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx
from sphinx.transforms import SphinxTransform

# What a reader may type, and the page that introduces it: formulas are searched as TeX, in which
# no page says "phi".
SYMBOLS = {
    "lottery_tickets": ["lottery ticket", "target network", "mask", "sigma", "σ", "ReLU"],
    "malach": ["epsilon", "ε", "delta", "δ", "sign rule"],
    "product_weights": ["product weight", "product of uniforms"],
    "golden_ratio": ["phi", "φ", "golden ratio", "gamma", "γ", "greedy digits"],
    "hyperbolic": ["hyperbolic", "alpha", "α", "beta", "β", "log-uniform"],
    "batch_sampling": ["batch", "coupon collector", "reserved", "shared", "pooled"],
    "main_theorem": ["error budget", "F_max", "weight_epsilon", "main theorem"],
    "real_ticket": ["certificate", "margin", "logits"],
    "subset_sum": ["subset sum", "kappa", "κ"],
    "lower_bound": ["lower bound", "counting", "packing"],
    "in_practice": ["edge-popup", "effective share"],
    "since_then": ["convolution", "attention", "quantization", "sparsity"],
    "toolbox": ["union bound", "Chernoff", "lambda", "λ", "Lipschitz", "spectral norm"],
}


class NameSymbols(SphinxTransform):
    """Put the names of symbols into the index, which the search reads first."""

    default_priority = 500  # before the index is collected

    def apply(self, **kwargs: Any) -> None:
        """Name what the page introduces; on the site only, where letters need no font."""
        names = SYMBOLS.get(Path(self.env.docname).name, [])
        section = next(iter(self.document.findall(nodes.section)), None)
        if names and section is not None and self.app.builder.format == "html":
            entries = [("single", name, section["ids"][0], "main", None) for name in names]
            section.insert(1, addnodes.index(entries=entries))


def setup(app: Sphinx) -> dict[str, Any]:
    """Tell Sphinx."""
    app.add_transform(NameSymbols)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
