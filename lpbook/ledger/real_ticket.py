"""Claims of the chapter *real_ticket*."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lpbook.ledger.legacy import Counterexample, Steps, claim


def _smaller_margin_is_not_enough() -> Counterexample:
    # an error of ε/√2 on each of two logits, in opposite directions, has norm ε
    epsilon, factor = sp.Integer(1), sp.Rational(99, 100)
    margin = factor * sp.sqrt(2) * epsilon
    moved = margin - 2 * epsilon / sp.sqrt(2)
    assert moved < 0
    return Counterexample(
        "the margin exceeds √2 ε",
        {"ε": epsilon, "margin": margin, "error": (-1 / sp.sqrt(2), 1 / sp.sqrt(2))},
        f"the difference of the two logits becomes {sp.nsimplify(moved)} < 0, another answer",
    )


@claim(
    name="close-logits",
    chapter="real_ticket",
    title="close logits, same answer",
    statement=(
        r"If $\lVert F(x)-\hat G(x)\rVert_2\le\varepsilon$ and the largest logit of $F(x)$ exceeds "
        r"the second largest by more than $\sqrt2\,\varepsilon$, then $F$ and $\hat G$ give the "
        r"same answer at $x$."
    ),
    source="Tsuzuku, Sato and Sugiyama, *Lipschitz-Margin Training*, NeurIPS 2018",
    kind="proof",
    wrong={"factor": sp.Rational(141, 100)},
    refute=_smaller_margin_is_not_enough,
)
def close_logits(steps: Steps, factor: Any = sp.sqrt(2)) -> None:
    u, v = sp.symbols("u_i u_j", real=True)
    steps.equal(
        2 * (u**2 + v**2) - (u - v) ** 2,
        (u + v) ** 2,
        "two entries of the error vector: what 2(u² + v²) exceeds (u − v)² by is a square",
    )
    steps.say("so |u_i − u_j| ≤ √2 ‖u‖₂ ≤ √2 ε", r"|u_i-u_j|\le\sqrt2\,\varepsilon")
    steps.holds(
        sp.simplify(factor - sp.sqrt(2)) >= 0,
        "a margin above the factor times ε exceeds that, so the largest logit stays the largest",
    )


CLAIMS = (close_logits,)
