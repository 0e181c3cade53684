"""Modules under their names of version 0.1: they work, with a warning, until the next release."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

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
        module.__getattr__ = lambda name: getattr(found, name)  # type: ignore[method-assign]
        module.__all__ = list(found.__all__)  # type: ignore[attr-defined]
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing is run."""


def install() -> None:
    """Let Python find the old names, after all others."""
    if not any(isinstance(finder, OldNames) for finder in sys.meta_path):
        sys.meta_path.append(OldNames())
