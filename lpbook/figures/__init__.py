"""The book's drawings: every figure shows the numbers it is given, to scale."""

from lpbook.figures.hyperbolic import (
    digit_by_digit,
    digit_shares,
    product_triangles,
    range_landscape,
    samples_until_filled,
)
from lpbook.figures.tickets import (
    cost_against_epsilon,
    logits_side_by_side,
    mask_picture,
    weight_errors,
    whole_idea,
)

__all__ = [
    "cost_against_epsilon",
    "digit_by_digit",
    "digit_shares",
    "logits_side_by_side",
    "mask_picture",
    "product_triangles",
    "range_landscape",
    "samples_until_filled",
    "weight_errors",
    "whole_idea",
]
