"""Claims of the chapter *since_structured*: whole neurons are kept or deleted."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import sympy as sp

from lpbook.experiments.whole_neurons import (
    kink_error,
    reach_of_a_kink,
    whole_neurons_chance,
    whole_neurons_error,
)
from lpbook.ledger import core
from lpbook.ledger.common import promised, unless
from lpbook.ledger.core import Counterexample, Steps
from lpbook.ledger.ranges import ranges
from lpbook.ledger.reading import right_side
from lpbook.ledger.relations import le
from lpbook.ledger.shown import shown, sides

own = partial(core.proof, source="★, after Ferré et al. 2026")
eta, kappa, epsilon = sp.symbols("eta kappa epsilon", positive=True)


def _two_kinks() -> Counterexample | None:
    angles = np.array([-0.5, 0.0, 0.5])
    both = np.maximum(np.sin(angles), 0) - np.maximum(np.sin(angles), 0)  # the kinks meet
    error, bound = float(np.abs(both).max()), float(kink_error(1.0, 0.5))
    return unless(
        error >= bound,
        "no other kink on the arc (one of the opposite sign at the same place)",
        {"θ": 0.5, "κ": 1},
        f"the sum is linear, its error {error:g} is below {bound:.3f}",
    )


@own(prose=("case distinction",), code=(kink_error,), wrong={"middle": 2}, refute=_two_kinks)
def isolated_kink(steps: Steps, middle: int = 1) -> None:
    a, b = sp.symbols("A B", real=True)
    tau, cosine = sp.Symbol("tau", positive=True), sp.Symbol("c", nonnegative=True)
    sine = tau * (1 + cosine)  # of an acute angle; the tangent of its half is sin/(1 + cos)
    scale = 1 / (2 * (1 + cosine))
    given = {  # the difference at u, and at θ on either side of it
        le(-a, middle * eta): 2 * cosine * scale,
        le(kappa * sine + a * cosine + b * sine, eta): scale,
        le(a * cosine - b * sine, eta): scale,
    }
    bound = sides("eq-isolated-kink", ">=", eta=eta, kappa=kappa, tau=tau)
    steps.implies(given, bound)
    tangent, at = sp.tan(shown("isolated-kink#11")), {"theta": (0.5, 1.0, 1.5)}
    steps.computes(tangent, lambda theta: math.sin(theta) / (1 + math.cos(theta)), at)
    least = sp.simplify(kappa * sine * scale)
    steps.derives("eq-isolated-kink", ">=", least, left=eta, eta=eta, kappa=kappa, tau=tau)
    acute = 2 * sp.atan(1 / (1 + sp.Symbol("s", positive=True)))  # below 2 arctan 1
    ranges(steps, "isolated-kink", (1, 7), theta=acute, kappa=kappa)


def _the_target_itself() -> Counterexample | None:
    target = np.array([0.0, 1.0])
    error = whole_neurons_error(np.array([[0.0, 1.0], [1.0, 0.0]]), np.ones(2), target)
    chance = whole_neurons_chance(2, 0.01)
    return unless(
        error > 0.01,
        "isotropic in-weights (one of them is v)",
        {"N": 2, "ε": 0.01},
        f"a neuron has the error {error:g}, though it should with probability {chance:.2f} at most",
    )


@own(
    prose=("case distinction", "monotonicity", "union bound"),
    code=(whole_neurons_chance, reach_of_a_kink),
    uses=("isolated-kink", "union-bound"),
    wrong={"chance": lambda N, e, k, pi: 2 * e / (pi * k) * N * (N + 1) + N * e},
    refute=_the_target_itself,
)
def whole_neurons(steps: Steps, chance: Callable[..., Any] = whole_neurons_chance) -> None:
    label, n = "eq-whole-neurons", sp.Symbol("N", positive=True)
    theta = reach_of_a_kink(epsilon, kappa)
    left = right_side("eq-isolated-kink", ">=", "eta", kappa=kappa, tau=theta / 2)  # tan x > x
    steps.identity(left, epsilon, of="eq-isolated-kink")
    near = 2 * theta / sp.pi  # a line within θ of another
    edge = 2 * (theta + sp.pi * epsilon / 2) / sp.pi  # arcsin ε <= π ε/2
    derived = n * (n - 1) / 2 * near + n * edge
    names = {"N": n, "epsilon": epsilon, "kappa": kappa}
    steps.derives(label, "=", derived, left=sp.Symbol("P"), **names)
    steps.derives(label, "=", chance(n, epsilon, kappa, sp.pi), **names)
    ranges(steps, "whole-neurons", 3, kappa=kappa)
    promised(steps, "whole-neurons#5", derived, P=right_side(label, "=", "P", **names))
