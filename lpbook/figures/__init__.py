"""The book's drawings: every figure shows the numbers it is given, to scale."""

from lpbook.figures.batch_sampling import (
    cost_by_layout,
    counts_against_m,
    filling_categories,
    neurons_used,
)
from lpbook.figures.front import (
    equal_areas,
    lowest_digits,
    price_of_accuracy,
)
from lpbook.figures.golden_ratio import (
    adjacent_segments,
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
from lpbook.figures.lower_bound import (
    bits_of_a_ticket,
    coverage_against_n,
    covered_line,
    distance_against_epsilon,
)
from lpbook.figures.main_theorem import (
    budget_forms,
    failures_against_rows,
    prices_against_epsilon,
    slack,
)
from lpbook.figures.malach import (
    accepted_neurons,
    failures_against_weight,
    samples_against_epsilon,
    two_neurons,
    two_relus,
    until_served,
)
from lpbook.figures.product_weights import (
    density_in_window,
    near_the_edge,
    product_bands,
    product_law,
    reach_of_a,
    wider_range,
)
from lpbook.figures.since_then import (
    attention_errors,
    grid_transition,
    hits_by_dimension,
    kernels_side_by_side,
    needed_for_few,
)
from lpbook.figures.subset_sum import (
    cover_growth,
    missed_against_n,
    subset_sizes,
    sums_on_a_line,
)
from lpbook.figures.tickets import (
    cost_against_epsilon,
    growth_of_prices,
    logit_errors,
    mask_picture,
    one_neuron,
    one_weight,
    weight_errors,
    whole_idea,
)

__all__ = [
    "accepted_neurons",
    "accuracy_against_share",
    "adjacent_segments",
    "attention_errors",
    "bits_of_a_ticket",
    "budget_forms",
    "cost_against_epsilon",
    "cost_by_layout",
    "counts_against_m",
    "cover_growth",
    "coverage_against_n",
    "coverage_curves",
    "covered_line",
    "density_in_window",
    "digit_by_digit",
    "digit_shares",
    "digit_walk",
    "distance_against_epsilon",
    "equal_areas",
    "error_of_bases",
    "failures_against_rows",
    "failures_against_weight",
    "filling_categories",
    "grid_transition",
    "growth_of_prices",
    "hits_by_dimension",
    "kernels_side_by_side",
    "law_digits",
    "law_popup",
    "law_subsets",
    "logit_errors",
    "lowest_digits",
    "mask_picture",
    "missed_against_n",
    "near_the_edge",
    "needed_for_few",
    "neurons_used",
    "one_neuron",
    "one_weight",
    "price_of_accuracy",
    "prices_against_epsilon",
    "product_bands",
    "product_law",
    "product_triangles",
    "range_landscape",
    "reach_of_a",
    "reachable",
    "samples_against_epsilon",
    "samples_until_filled",
    "slack",
    "subset_sizes",
    "sums_on_a_line",
    "two_neurons",
    "two_relus",
    "until_served",
    "verdict",
    "weight_errors",
    "whole_idea",
    "wider_range",
]
