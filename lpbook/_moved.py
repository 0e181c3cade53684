"""Modules and functions by earlier names: they work until the next release, with a warning."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

MOVED = {
    "lpbook.attention": "lpbook.experiments.attention",
    "lpbook.convolutions": "lpbook.experiments.convolutions",
    "lpbook.counting": "lpbook.lower_bounds",
    "lpbook.covering": "lpbook.experiments.covered_intervals",
    "lpbook.edge_popup": "lpbook.experiments.edge_popup",
    "lpbook.examples": "lpbook.experiments.running_example",
    "lpbook.hits": "lpbook.experiments.vector_subsets",
    "lpbook.in_practice": "lpbook.experiments.in_practice",
    "lpbook.pooling": "lpbook.experiments.pooled_layer",
    "lpbook.prices": "lpbook.experiments.price_list",
    "lpbook.waiting": "lpbook.experiments.waiting_times",
}
"""Old name to new name."""

_LAWS = "lpbook.experiments.sampling_laws"
_CONFIDENCE = "lpbook.experiments.confidence"
RENAMED = {
    "lpbook.digits": {"segment_probabilities": "lpbook.distributions.segment_probabilities"},
    "lpbook.hits": {"all_sums": "lpbook.experiments.vector_subsets.vector_sums"},
    "lpbook.in_practice": {
        "mean_interval": f"{_CONFIDENCE}.mean_interval",
        "random_network": "lpbook.experiments.in_practice.random_matrices",
        "recorded": "lpbook.experiments.in_practice.recorded_results",
    }
    | {
        name: f"{_LAWS}.{name}"
        for name in (
            "EPSILON",
            "POOLS",
            "POPUP_LAWS",
            "digit_errors",
            "effective_share",
            "family",
            "moment",
            "neurons_for_digits",
            "pool_laws",
            "pool_units",
            "products",
            "weight_law",
        )
    },
    "lpbook.waiting": {name: f"{_CONFIDENCE}.{name}" for name in ("Band", "quantile_band")},
}
"""What these modules hold and their new ones do not, and where it is now."""


def _at(path: str) -> Any:
    home, _, name = path.rpartition(".")
    return getattr(import_module(home), name)


def elsewhere(module: str, name: str) -> Any:
    """What a module that stayed where it was no longer holds: its ``__getattr__``."""
    path = RENAMED.get(module, {}).get(name)
    if path is None:
        raise AttributeError(f"module {module!r} has no attribute {name!r}")
    warnings.warn(f"{module}.{name} is now {path}", DeprecationWarning, stacklevel=3)
    return _at(path)


class OldNames(MetaPathFinder, Loader):
    """Find a module under its old name; what it holds is taken from the new one when asked for."""

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The spec of a module that has moved."""
        return ModuleSpec(name, self) if name in MOVED else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """A module that is empty but for its way to the new one."""
        new = MOVED[spec.name]
        warnings.warn(f"{spec.name} is now {new}", DeprecationWarning, stacklevel=2)
        module = ModuleType(spec.name)
        found = import_module(new)
        renamed = RENAMED.get(spec.name, {})

        def look_up(name: str) -> Any:
            return _at(renamed[name]) if name in renamed else getattr(found, name)

        module.__getattr__ = look_up  # type: ignore[method-assign]
        module.__all__ = [*found.__all__, *renamed]  # type: ignore[attr-defined]
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is run."""


def install() -> None:
    """Let Python find the old names, after all others."""
    if not any(isinstance(finder, OldNames) for finder in sys.meta_path):
        sys.meta_path.append(OldNames())
