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
    "index": ["why a logarithm", "why logarithm", "logarithmic pruning", "Orseau"],
    "how_to": ["installation", "install"],
    "your_own_network": ["PyTorch", "Keras", "ONNX", "safetensors", "my own network", "export"],
    "lottery_tickets": [
        "lottery ticket",
        "strong lottery ticket hypothesis",
        "target network",
        "mask",
        "sigma",
        "σ",
        "ReLU",
        "Frankle",
        "Ramanujan",
    ],
    "malach": ["epsilon", "ε", "delta", "δ", "sign rule", "Malach", "one weight"],
    "product_weights": ["product weight", "product of uniforms"],
    "golden_ratio": [
        "phi",
        "φ",
        "golden ratio",
        "gamma",
        "γ",
        "greedy digits",
        "Fibonacci",
        "base 2",
    ],
    "hyperbolic": [
        "hyperbolic",
        "alpha",
        "α",
        "beta",
        "β",
        "log-uniform",
        "hyperbolic distribution",
    ],
    "batch_sampling": [
        "batch",
        "coupon collector",
        "reserved",
        "shared",
        "pooled",
        "batch sampling",
        "layout",
    ],
    "main_theorem": [
        "error budget",
        "F_max",
        "weight_epsilon",
        "main theorem",
        "closed form",
        "price of a network",
    ],
    "real_ticket": ["certificate", "margin", "logits", "digits classifier", "draw a digit"],
    "subset_sum": ["subset sum", "kappa", "κ", "Pensia", "Lueker", "random subset sum"],
    "lower_bound": ["lower bound", "counting", "packing", "optimal"],
    "in_practice": ["edge-popup", "effective share", "initialization", "experiments"],
    "since_then": ["later results", "since 2020", "literature"],
    "since_depth": ["depth", "copies", "leaky ReLU"],
    "since_vectors": ["subset sums of vectors", "discrepancy"],
    "since_universal": ["universal tickets", "many tasks", "read-out", "features"],
    "since_networks": ["convolution", "attention", "transformer", "Burkholz"],
    "since_missing": ["sparse random network", "frozen weights", "missing edges", "Gadhikar"],
    "since_sparse": ["sparsity"],
    "since_quantized": ["quantization"],
    "since_structured": ["structured pruning", "whole neurons", "random features"],
    "since_binary": ["binary weights", "random signs", "Sreenivasan"],
    "toolbox": [
        "union bound",
        "Chernoff",
        "lambda",
        "λ",
        "Lipschitz",
        "spectral norm",
        "Hoeffding",
    ],
    "claims": ["ledger of claims", "SymPy", "checks by machine"],
    "teaching": ["exercises", "lecture", "course"],
    "notation": ["symbols", "notation"],
    "status": ["errata", "what is proved", "open questions"],
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
