"""The book's running examples: a trained network, and one weight that goes through all chapters."""

from __future__ import annotations

import math
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook import _checks
from lpbook.batches import batch_size, samples_for_both
from lpbook.constructions import GoldenRatio, product_success
from lpbook.digits import count_digits
from lpbook.distributions import Uniform, segment_probabilities
from lpbook.networks import Network

__all__ = ["RunningExample", "digits_classifier"]


def digits_classifier() -> tuple[Network, NDArray[np.int64]]:
    """A small classifier of handwritten digits, trained once by ``scripts/train_digits.py``.

    Inputs are the 64 pixels of an image of ``sklearn.datasets.load_digits()``, divided by 16;
    outputs are 10 logits, the largest of which names the digit.

    Returns
    -------
    network : Network
        64-32-10, ReLU, with biases.
    held_out : ndarray of int, shape (450,)
        Indices of the images that it was not trained on.

    Examples
    --------
    >>> network, held_out = digits_classifier()
    >>> network, held_out.size
    (<Network 64-32-10, relu, identity, with biases>, 450)
    """
    source: Any = files("lpbook.data") / "digits_classifier.npz"
    with source.open("rb") as file, np.load(file, allow_pickle=False) as data:
        weights = [data["weights_0"], data["weights_1"]]
        biases = [data["biases_0"], data["biases_1"]]
        return Network(weights, biases), data["test_images"].astype(np.int64)


@dataclass(frozen=True)
class RunningExample:
    """One target weight, followed through the chapters, and what it costs in each.

    Attributes
    ----------
    weight : float
        The target weight; weights go up to 1.
    epsilon : float
        Error allowed on it.
    delta : float
        Probability of failure.
    together : int
        How many weights are made at the same time, where samples are shared.

    Examples
    --------
    >>> print(RunningExample().table("product_weights"))
    Malach et al.                            847,731 random neurons for the weight
    product weights                            2,971 random neurons for the weight
    >>> print(RunningExample().table("golden_ratio").splitlines()[-1])
    digits, uniform weights                    1,945 random neurons for the weight
    """

    weight: float = 0.7
    epsilon: float = 0.01
    delta: float = 0.01
    together: int = 1000

    def __post_init__(self) -> None:
        weight = _checks.real("weight", self.weight, at_least=-1, at_most=1)
        epsilon = _checks.real("epsilon", self.epsilon, above=0, below=1)
        delta = _checks.real("delta", self.delta, above=0, below=1)
        together = _checks.count("together", self.together)
        self.__dict__.update(weight=weight, epsilon=epsilon, delta=delta, together=together)

    @property
    def digits(self) -> int:
        """Digits k of the weight in base φ."""
        return count_digits(self.epsilon)

    def costs(self) -> dict[str, tuple[str, float]]:
        """By chapter: a construction, and the neurons it draws for the one weight."""
        k, delta = self.digits, self.delta
        # a and b uniform, as for product weights: the last digit is the rarest; and both signs
        last_digit = float(segment_probabilities(Uniform(1.0).product(), k)[-1]) / 4
        hyperbolic = GoldenRatio().scheme(1.0, self.epsilon).probability(nonnegative=False)
        m = self.together

        def rows(c: float) -> int:
            """All 2k digits, each of probability at least c: the union bound, with e^-c."""
            return math.ceil(math.log(2 * k / delta) / c)

        return {
            "malach": ("Malach et al.", samples_for_both(self.epsilon**2 / 16, delta)),
            "product_weights": (
                "product weights",
                samples_for_both(product_success(self.weight, self.epsilon), delta),
            ),
            "golden_ratio": ("digits, uniform weights", rows(last_digit)),
            "hyperbolic": ("digits, hyperbolic weights", rows(hyperbolic)),
            "batch_sampling": (
                f"the same, {m:,} weights at once",
                batch_size(m, 2 * k, hyperbolic, delta) / m,
            ),
            "main_theorem": (
                f"the same, for {m:,} outputs",
                batch_size(1, 2 * k * m, hyperbolic, delta, "exact") / m,
            ),
        }

    def table(self, chapter: str) -> str:
        """The costs up to a chapter, one line each."""
        costs = self.costs()
        chapter = _checks.one_of("chapter", chapter, costs)
        names = list(costs)
        rows = (costs[name] for name in names[: names.index(chapter) + 1])
        return "\n".join(
            f"{what:<36}{price:>12{',.0f' if price >= 1 else '.2f'}} random neurons for the weight"
            for what, price in rows
        )
