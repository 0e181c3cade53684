"""Bytes of tickets by the proved and by the measured rule, on networks of real data."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np

from lpbook._checks import Floats
from lpbook.experiments.running_example import digits_classifier
from lpbook.networks import Network
from lpbook.pruning import prune

__all__ = ["Example", "examples", "mnist_shape", "recorded", "table", "trained", "two_rules"]

SHARE = 0.01
"""The error ε asked for, as a share of the median norm of the outputs."""
DELTA = 1e-4  # so that no seed fails


@dataclass(frozen=True)
class Example:
    """A network, the rows that it is asked about, and the error allowed."""

    network: Network
    rows: Floats
    epsilon: float

    @classmethod
    def of(cls, network: Network, rows: Floats) -> Example:
        """ε is a hundredth of the median norm of the outputs, rounded down to one digit."""
        size = SHARE * float(np.median(np.linalg.norm(network(rows), axis=1)))
        step = 10.0 ** math.floor(math.log10(size))
        return cls(network, rows, math.floor(size / step) * step)


def digits() -> Example:
    """The book's classifier on its held-out images of 8 x 8 pixels."""
    from sklearn.datasets import load_digits

    network, held_out = digits_classifier()
    return Example.of(network, load_digits().data[held_out] / 16)


def trained(name: str) -> Example:
    """A network trained by scikit-learn on data that it brings along; all of its rows.

    ``"wine"``: 13-16-3, tanh, three sorts; ``"cancer"``: 30-32-1, logistic, two sorts;
    ``"diabetes"``: 10-32-16-1, ReLU, a regression.
    """
    from sklearn import datasets
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.preprocessing import StandardScaler

    model: Any
    if name == "diabetes":
        data = datasets.load_diabetes()
        model = MLPRegressor(
            hidden_layer_sizes=(32, 16), solver="lbfgs", alpha=10.0, max_iter=5000, random_state=0
        )
        target = (data.target - data.target.mean()) / data.target.std()
    else:
        wine = name == "wine"
        data = datasets.load_wine() if wine else datasets.load_breast_cancer()
        model = MLPClassifier(
            hidden_layer_sizes=(16 if wine else 32,),
            activation="tanh" if wine else "logistic",
            solver="lbfgs",
            alpha=1e-4 if wine else 1.0,
            random_state=0,
        )
        target = data.target
    rows = StandardScaler().fit_transform(data.data)
    model.fit(rows, target)
    weights = [w.T for w in model.coefs_]
    network = Network(weights, model.intercepts_, activations=model.activation)
    return Example.of(network, rows)


def mnist_shape(network: Network) -> Example:
    """A network of 784 inputs, on the images of `digits` made four times as large, up to a rim."""
    images = digits().rows[:100].reshape(-1, 8, 8)
    large = np.kron(images, np.ones((3, 3)))  # 24 x 24, in the middle of 28 x 28
    return Example.of(network, np.pad(large, ((0, 0), (2, 2), (2, 2))).reshape(-1, 784))


def examples() -> Mapping[str, Callable[[], Example]]:
    """Those that the package can make itself."""
    return {
        "digits 64-32-10": digits,
        "wine 13-16-3": lambda: trained("wine"),
        "cancer 30-32-1": lambda: trained("cancer"),
        "diabetes 10-32-16-1": lambda: trained("diabetes"),
    }


def two_rules(example: Example) -> dict[str, Any]:
    """ε_w, bytes for each target weight that is not 0, errors proved and measured, by rule."""
    network, rows, epsilon = example.network, example.rows, example.epsilon
    weights = sum(int(np.count_nonzero(w)) for w in network.matrices)
    found: dict[str, Any] = {"weights": weights, "epsilon": epsilon}
    with tempfile.TemporaryDirectory() as folder:
        for rule in ("proved", "measured"):
            ticket = prune(network, epsilon, inputs=rows, rule=rule, delta=DELTA)
            path = Path(folder) / rule
            ticket.save(path)
            certificate = ticket.verify(network, rows)
            found[rule] = {
                "weight_epsilon": ticket.weight_epsilon,
                "bytes": path.stat().st_size / weights,
                "proved": certificate.network_error,
                "measured": certificate.measured_error,
                "ok": certificate.ok,
            }
    return found


def recorded() -> dict[str, dict[str, Any]]:
    """What `scripts/two_rules.py` found, by name of the network."""
    text = (files("lpbook.data") / "two_rules.json").read_text(encoding="utf-8")
    result: dict[str, dict[str, Any]] = json.loads(text)
    return result


def table() -> str:
    """The record, as Markdown."""
    heads = (
        "network",
        "weights",
        "$\\varepsilon$",
        "bytes, proved",
        "bytes, measured",
        "error",
        "proved",
    )
    lines = [heads, ("---", *["--:"] * 6)]
    for name, one in recorded().items():
        proved, measured = one["proved"], one["measured"]
        cells = name, f"{one['weights']:,}", f"{one['epsilon']:.3g}"
        sizes = f"{proved['bytes']:.2f}", f"{measured['bytes']:.2f}"
        lines.append(
            (*cells, *sizes, *(f"{measured[kind]:.2g}" for kind in ("measured", "proved")))
        )
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
