"""The book's drawings: every figure shows the numbers it is given, to scale."""

from lpbook.figures.batch_sampling import (
    cost_by_layout,
    counts_against_m,
    filling_categories,
    neurons_used,
)
from lpbook.figures.golden_ratio import (
    coverage_curves,
    digit_walk,
    error_of_bases,
    reachable,
)
from lpbook.figures.hyperbolic import (
    digit_by_digit,
    digit_shares,
    product_triangles,
    range_landscape,
    samples_until_filled,
)
from lpbook.figures.in_practice import (
    accuracy_against_share,
    law_digits,
    law_popup,
    law_subsets,
    verdict,
)
from lpbook.figures.malach import accepted_neurons, samples_against_epsilon, two_neurons
from lpbook.figures.product_weights import near_the_edge, product_law, reach_of_a
from lpbook.figures.tickets import (
    cost_against_epsilon,
    logits_side_by_side,
    mask_picture,
    weight_errors,
    whole_idea,
)

__all__ = [
    "accepted_neurons",
    "accuracy_against_share",
    "cost_against_epsilon",
    "cost_by_layout",
    "counts_against_m",
    "coverage_curves",
    "digit_by_digit",
    "digit_shares",
    "digit_walk",
    "error_of_bases",
    "filling_categories",
    "law_digits",
    "law_popup",
    "law_subsets",
    "logits_side_by_side",
    "mask_picture",
    "near_the_edge",
    "neurons_used",
    "product_law",
    "product_triangles",
    "range_landscape",
    "reach_of_a",
    "reachable",
    "samples_against_epsilon",
    "samples_until_filled",
    "two_neurons",
    "verdict",
    "weight_errors",
    "whole_idea",
]
