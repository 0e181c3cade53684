"""Claims of the chapter *malach*: one weight out of ReLU neurons."""

from __future__ import annotations

from typing import Any

import sympy as sp

from lpbook.ledger.core import Counterexample, Steps, claim

CHAPTER = "malach"


def _identity_fails_with_minus_sign() -> Counterexample:
    w, x = sp.Rational(1), sp.Rational(1)
    left = sp.Max(w * x, 0) - sp.Max(w * x, 0)
    assert left != w * x
    return Counterexample(
        "the second neuron reads −x", {"w": w, "x": x}, f"σ(wx) − σ(wx) = {left}, not wx = {w * x}"
    )


@claim(
    name="relu-identity",
    chapter=CHAPTER,
    title="ReLU identity",
    statement=r"For all real $w,x$: $wx=\sigma(wx)-\sigma(-wx)$ with $\sigma(z)=\max(z,0)$.",
    source="Folklore; used by Malach et al. 2020",
    kind="proof",
    wrong={"scale": sp.Rational(101, 100)},
    refute=_identity_fails_with_minus_sign,
)
def relu_identity(steps: Steps, scale: Any = 1) -> None:
    # max(z, 0) = (z + |z|)/2 covers every real z at once
    z = sp.Symbol("z", real=True)
    relu = (z + sp.Abs(z)) / 2
    for side, sign in (("z ≥ 0", 1), ("z < 0", -1)):
        size = sp.Symbol("t", positive=True)
        value = sp.Max(sign * size, 0)
        steps.equal(relu.subs(z, sign * size), value, f"σ(z) = (z + |z|)/2 for {side}")
    steps.equal(relu - scale * relu.subs(z, -z), z, "subtract the two halves, with z = wx")


CLAIMS = (relu_identity,)
