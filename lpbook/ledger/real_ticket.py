"""Claims of the chapter *real_ticket*."""

from __future__ import annotations

import sympy as sp

from lpbook.ledger.common import unless
from lpbook.ledger.core import Counterexample, Steps, proof
from lpbook.ledger.reading import right_side
from lpbook.ledger.relations import le
from lpbook.ledger.shown import shown


def _smaller_margin_is_not_enough() -> Counterexample | None:
    # an error of ε/√2 on each of two logits, in opposite directions, has norm ε
    epsilon, factor = sp.Integer(1), sp.Rational(99, 100)
    margin = factor * sp.sqrt(2) * epsilon
    moved = margin - 2 * epsilon / sp.sqrt(2)
    return unless(
        moved >= 0,
        "the margin exceeds √2 ε",
        {"ε": epsilon, "margin": margin, "error": (-1 / sp.sqrt(2), 1 / sp.sqrt(2))},
        f"the difference of the two logits becomes {sp.nsimplify(moved)} < 0, another answer",
    )


@proof(
    source="Tsuzuku, Sato and Sugiyama, *Lipschitz-Margin Training*, NeurIPS 2018",
    prose=("norms",),
    refute=_smaller_margin_is_not_enough,
)
def close_logits(steps: Steps) -> None:
    u, v, epsilon = sp.symbols("u_i u_j epsilon", real=True)  # two entries of the error vector
    margin = shown("close-logits#4", epsilon=epsilon)
    off = sp.Function("norm")(sp.expand((sp.Symbol("F") - sp.Symbol("hat_G")) * sp.Symbol("x")))
    length = right_side("close-logits#3", "<=", off, epsilon=epsilon)
    steps.implies({le(u**2 + v**2, length**2): 2}, le((u - v) ** 2, margin**2))
    steps.identity((u - v).subs({u: epsilon / sp.sqrt(2), v: -epsilon / sp.sqrt(2)}), margin)
