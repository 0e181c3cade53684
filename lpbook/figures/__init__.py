"""The book's drawings: every figure shows the numbers it is given, to scale."""

from lpbook.figures.batch_sampling import (
    cost_by_layout,
    counts_against_m,
    filling_categories,
    neurons_used,
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
    "cost_by_layout",
    "counts_against_m",
    "filling_categories",
    "logits_side_by_side",
    "mask_picture",
    "neurons_used",
    "weight_errors",
    "whole_idea",
]
