"""Networks of other libraries: in by `Loaders`, out by `Exports`, both of which `Network` has.

A loader reads a chain of layers (`chain`), folds what is fixed into the matrices, and compares the
network with the library's own on random rows before anything is returned. What is not supported is
refused by name and place. No library is imported before one of its networks, or its file, is met.
"""

from lpbook.frameworks.exports import Exports
from lpbook.frameworks.loaders import Loaders

__all__ = ["Exports", "Loaders"]
