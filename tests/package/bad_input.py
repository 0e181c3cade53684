"""The table of bad input: every public function, a right call, and what each argument takes.

A *kind* says which of the values in `bad_values` are right where an argument of that kind stands;
all others must be refused. So every row is about each of these values: where it is not refused,
the kind says why. What a message must say besides is in `REMEDIES`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from sklearn.linear_model import LinearRegression
from test_in_practice import TINY

import lpbook as lp
from lpbook import digits, figures, lower_bounds, mixing
from lpbook.copies import weight_budget_with_copies
from lpbook.experiments import (
    attention,
    confidence,
    convolutions,
    coverage,
    edge_popup,
    in_practice,
    sampling_laws,
    searched,
    vector_subsets,
    waiting_times,
)

NUMBERS: Mapping[str, Any] = {
    "zero": 0, "0.0": 0.0, "negative": -1, "-0.25": -0.25, "1.5": 1.5, "huge": 1e308,
    "subnormal": 5e-324, "fraction": 0.25, "float16": 0.5, "longdouble": 0.5,
    "beyond 2^63": float(2**63 + 1),
}  # fmt: skip
"""The values that are real numbers."""
INTEGERS: Mapping[str, int] = {
    "zero": 0, "negative": -1, "beyond 2^63": 2**63 + 1, "beyond all floats": 10**400,
    "20,000 bits": 2**20_000,
}  # fmt: skip
ARRAYS: Mapping[str, Any] = {
    name: np.asarray(value, dtype=float)
    for name, value in {
        **{n: x for n, x in NUMBERS.items() if n not in ("fraction", "longdouble", "beyond 2^63")},
        "list": [0.25, 0.5], "rank 5": np.full((1, 1, 1, 1, 2), 0.5),
        "3 MB of numbers": [[0.5] * 400_000],
        "empty list": [], "empty array": np.empty((0, 2)),
    }.items()
}  # fmt: skip
"""The values that are arrays of real numbers, exactly as float64."""

Accepts = Callable[[str], bool]


def real(
    above: float = -math.inf,
    at_least: float = -math.inf,
    below: float = math.inf,
    at_most: float = math.inf,
) -> Accepts:
    """A real number in this range."""
    return lambda name: (
        name in NUMBERS and above < NUMBERS[name] < below and at_least <= NUMBERS[name] <= at_most
    )


def count(at_least: int = 1, at_most: int = 2**53) -> Accepts:
    """An integer in this range."""
    return lambda name: name in INTEGERS and at_least <= INTEGERS[name] <= at_most


def array(right: Callable[[Any], bool]) -> Accepts:
    """An array of which `right` is true."""
    return lambda name: name in ARRAYS and bool(right(ARRAYS[name]))


def only(*names: str) -> Accepts:
    """These values alone."""
    return lambda name: name in names


def optional(kind: Accepts) -> Accepts:
    """None, too."""
    return lambda name: name == "None" or kind(name)


def but(kind: Accepts, *names: str) -> Accepts:
    """All that is of the kind but these: what they mean together with the other arguments is
    refused."""
    return lambda name: kind(name) and name not in names


POSITIVE, NOT_NEGATIVE, ANY = real(above=0), real(at_least=0), real()
PART, OPEN = real(above=0, at_most=1), real(above=0, below=1)
HALF, BASE = real(above=0, at_most=0.5), real(above=1, at_most=lp.PHI)
DRAWN = real(at_least=1e-100, at_most=1e100)
FLAG, NAME, NOTHING = only("bool"), only(), only()
NUMBERS_OF_ANY_SHAPE = array(lambda x: x.size > 0)
VECTOR = array(lambda x: x.ndim == 1 and x.size > 0)


def POINTS(name: str) -> bool:
    """Where a law is asked for: NaN and infinity have an answer, and no points have none."""
    return name in (*ARRAYS, "NaN", "inf", "-inf", "array with NaN")


@dataclass(frozen=True)
class Call:
    """A call that is right, and the kind of each of its arguments."""

    function: Callable[..., Any]
    arguments: Mapping[str, tuple[Any, Accepts]]

    def good(self, folder: Path) -> dict[str, Any]:
        """The right arguments, made anew."""
        return {
            name: folder / value.removeprefix("folder/") if isinstance(value, str)
            and value.startswith("folder/") else np.random.default_rng(0) if value is RNG else value
            for name, (value, _) in self.arguments.items()
        }  # fmt: skip


RNG: Any = object()
"""Stands for a fresh random generator."""


def call(function: Callable[..., Any], **arguments: tuple[Any, Accepts]) -> Call:
    return Call(function, arguments)


NETWORK = lp.Network([[[0.5, -1.0], [0.25, 0.0]]])
TICKET = lp.prune(NETWORK, 0.5, inputs=lp.Ball(1.0))
IMAGES = np.linspace(0, 1, 32).reshape(2, 4, 4)
CLASSIFIER = convolutions.ConvolutionClassifier(
    np.ones((1, 3, 3)), np.zeros(1), np.ones((10, 1, 2, 2)), np.zeros(10)
)
HEADS = attention.Heads(np.ones((1, 2, 2)), np.ones((1, 2, 2)))
LINEAR = LinearRegression().fit(np.eye(2), [0.5, -1.0])
ROWS = array(lambda x: x.ndim > 0 and x.shape[-1] == 2 and x.size > 0)
WEIGHTS, LABELS = [np.array([[1.0, 0.5], [0.5, 1.0]])], np.array([0, 1])

PLANNED = {
    "network": (NETWORK, NOTHING),
    "epsilon": (0.5, only("1.5", "float16", "fraction", "longdouble", "beyond 2^63", "huge")),
    "construction": ("golden-ratio", NAME),
    "weight_epsilon": (None, only("None")),
    "inputs": (lp.Ball(1.0), ROWS),
    "delta": (0.01, OPEN),
    "layout": ("shared", NAME),
    "depth": ("2l", NAME),
    "rule": ("proved", NAME),
}
BOX = lp.Box([-1.0, 0.0], [1.0, 0.5])
PAIR = {"network": (NETWORK, NOTHING), "ticket": (TICKET, NOTHING)}
READ = {
    "path": ("folder/file.ticket", NOTHING),
    "max_bytes": (2**27, count()),
    "max_draws": (2**26, count()),
}
SUCCESS = {
    "weight": ([0.5, -0.5], NUMBERS_OF_ANY_SHAPE),
    "epsilon": ([0.1], but(array(lambda x: x.size > 0 and x.min() > 0), "3 MB of numbers")),
}
SUBSETS = {
    "targets": ([0.5, 0.25], array(lambda x: x.ndim > 0 and x.size > 0)),
    "samples": (
        [0.5, 0.3],
        array(lambda x: x.ndim > 0 and x.shape[-1] < 29 and x.shape != (0, 2)),
    ),
}
SMALL = {"probability": (0.1, but(PART, "subnormal")), "delta": (0.01, OPEN)}

CALLS: Mapping[str, Call] = {
    "Network": call(
        lp.Network,
        weights=([[[0.5, -1.0], [0.25, 0.0]]], NOTHING),
        biases=([[0.5, 0.25]], only("None")),
        activations=("relu", NAME),
        names=(["one"], only("None")),
        kernels=(None, only("None")),
    ),
    "Network.from_sklearn": call(lp.Network.from_sklearn, estimator=(LINEAR, NOTHING)),
    "Network.from_state_dict": call(
        lp.Network.from_state_dict,
        tensors=({"0.weight": [[0.5, -1.0]]}, NOTHING),
        activations=("relu", NAME),
        layers=(None, only("None")),
    ),
    "Network.from_safetensors": call(
        lp.Network.from_safetensors,
        path=(Path(lp.__file__).parent / "data/digits_torch.safetensors", NOTHING),
        activations=("relu", NAME),
        layers=(["0", "3", "5"], NOTHING),
    ),
    "Network.__call__": call(NETWORK, x=([0.5, 0.25], ROWS)),
    "Network.bounds": call(NETWORK.bounds, domain=(lp.Ball(1.0), ROWS)),
    "Ball": call(lp.Ball, radius=(1.0, NOT_NEGATIVE), nonnegative=(True, FLAG)),
    "Ball.around": call(lp.Ball.around, inputs=([0.5, 0.25], NUMBERS_OF_ANY_SHAPE)),
    "Ball.contains": call(lp.Ball(1.0).contains, inputs=([0.5, 0.25], NUMBERS_OF_ANY_SHAPE)),
    "Box": call(
        lp.Box,
        low=([-1.0, 0.0], array(lambda x: x.shape in ((), (2,)) and (x <= [1.0, 0.5]).all())),
        high=([1.0, 0.5], array(lambda x: x.shape in ((), (2,)) and (x >= [-1.0, 0.0]).all())),
    ),
    "Box.limits": call(BOX.limits, width=(2, NOTHING)),
    "Box.reach": call(BOX.reach, width=(2, NOTHING)),
    "Box.contains": call(BOX.contains, inputs=([0.5, 0.25], ROWS)),
    "digits_classifier": call(lp.digits_classifier),
    "weight_budget": call(
        lp.weight_budget,
        network=(NETWORK, NOTHING),
        epsilon=(0.5, but(POSITIVE, "subnormal")),
        inputs=([0.5, 0.25], ROWS),
        rule=("recursive", NAME),
    ),
    "copies.weight_budget_with_copies": call(
        weight_budget_with_copies,
        network=(NETWORK, NOTHING),
        epsilon=(0.5, but(POSITIVE, "subnormal")),
        inputs=([0.5, 0.25], ROWS),
    ),
    "count_digits": call(
        lp.count_digits, epsilon=(0.01, POSITIVE), base=(1.5, BASE), max_weight=(1.0, NOT_NEGATIVE)
    ),
    "decompose": call(
        lp.decompose,
        weights=([0.5, 0.25], array(lambda x: x.shape == (2,))),
        samples=([[0.5, 0.3], [0.5, 0.3]], NOTHING),
        base=(1.5, only("1.5")),
    ),
    "digits.worst_error": call(digits.worst_error, k=(3, count()), base=(1.5, real(above=1))),
    "digits.worst_error_between": call(digits.worst_error_between, ends=([0.6, 0.4, 0.2], NOTHING)),
    "digits.digit_of": call(
        digits.digit_of,
        magnitudes=([0.7, 0.5], POINTS),
        k=(2, count(at_most=10_000)),
        base=(1.5, real(above=1)),
        max_weight=(1.0, NOT_NEGATIVE),
    ),
    "digits.equal_ends": call(
        digits.equal_ends,
        k=(2, count(at_most=10_000)),
        base=(1.5, real(above=1)),
        max_weight=(1.0, NOT_NEGATIVE),
    ),
    "digits.fibonacci_ends": call(digits.fibonacci_ends, k=(3, count(at_most=10_000))),
    "digits.covers": call(
        digits.covers,
        samples=([0.5, 0.25], array(lambda x: x.size > 0 and x.min() > 0)),
        epsilon=(0.25, POSITIVE),
    ),
    "experiments.coverage.coverage_draws": call(
        coverage.coverage_draws,
        k=(2, count(at_most=10_000)),
        samples=(3, count()),
        trials=(2, count()),
        seed=(0, only("zero", "beyond 2^63")),
    ),
    "closest_subset": call(lp.closest_subset, **SUBSETS),
    "sparsest_subset": call(
        lp.sparsest_subset,
        **SUBSETS,
        epsilon=(0.1, NOT_NEGATIVE),
    ),
    "experiments.vector_subsets.family_size": call(
        vector_subsets.family_size, n=(10, count(0, 10_000)), kept=(2, optional(count(0)))
    ),
    "experiments.vector_subsets.least_subsets": call(
        vector_subsets.least_subsets,
        share=(0.01, but(PART, "subnormal")),
        delta=(0.1, real(at_least=0, below=1)),
    ),
    "experiments.vector_subsets.enough_subsets": call(
        vector_subsets.enough_subsets,
        share=(0.01, but(PART, "subnormal")),
        delta=(0.1, but(OPEN, "subnormal")),
    ),
    "experiments.vector_subsets.miss_bound": call(
        vector_subsets.miss_bound, family=(10, NOT_NEGATIVE), share=(0.1, but(PART, "subnormal"))
    ),
    "experiments.vector_subsets.least_numbers": call(
        vector_subsets.least_numbers,
        subsets=(90, but(ANY, "huge", "beyond 2^63")),
        kept=(2, optional(count())),
    ),
    "experiments.vector_subsets.entropy": call(
        vector_subsets.entropy, share=(0.1, real(at_least=0, at_most=1)), log=(math.log, NOTHING)
    ),
    "experiments.vector_subsets.vector_sums": call(
        vector_subsets.vector_sums, numbers=([[1.0, 0.5]], only("3 MB of numbers"))
    ),
    "experiments.vector_subsets.hits_by_count": call(
        vector_subsets.hits_by_count,
        numbers=([[[0.5], [0.25]]], NOTHING),
        targets=([[0.8]], NOTHING),
        epsilon=(0.1, NOT_NEGATIVE),
        period=(2.0, optional(but(POSITIVE, "subnormal"))),
    ),
    "experiments.vector_subsets.grid_hits": call(
        vector_subsets.grid_hits, largest=(1, count()), n=(2, count())
    ),
    "experiments.convolutions.convolve": call(
        convolutions.convolve,
        images=(IMAGES[:, None], NOTHING),
        kernels=(np.ones((1, 1, 2, 2)), NOTHING),
    ),
    "experiments.convolutions.digits_convolution": call(convolutions.digits_convolution),
    "experiments.convolutions.ConvolutionClassifier": call(
        convolutions.ConvolutionClassifier,
        kernels=(np.ones((1, 3, 3)), NOTHING),
        biases=(np.zeros(1), NOTHING),
        readout=(np.ones((10, 1, 2, 2)), NOTHING),
        offsets=(np.zeros(10), NOTHING),
    ),
    "experiments.convolutions.ConvolutionClassifier.__call__": call(
        CLASSIFIER, images=(IMAGES, NOTHING), kernels=(np.ones((1, 3, 3)), only("None"))
    ),
    "experiments.convolutions.ConvolutionClassifier.logit_bound": call(
        CLASSIFIER.logit_bound, images=(IMAGES, NOTHING), epsilon=(0.1, NOT_NEGATIVE)
    ),
    "experiments.convolutions.find_kernels": call(
        convolutions.find_kernels,
        kernels=([[[0.7]]], NOTHING),
        first=([1.0, -1.0], array(lambda x: x.shape == (2,))),
        second=([[[[0.5]], [[0.25]]]], NOTHING),
        epsilon=(0.25, NOT_NEGATIVE),
    ),
    "experiments.attention.attention_weights": call(
        attention.attention_weights,
        tokens=(
            [[1.0, 0.0], [0.0, 1.0]],
            array(lambda x: x.ndim > 1 and x.shape[-1] == 2 and x.size > 0),
        ),
        product=(np.eye(2), NOTHING),
    ),
    "experiments.attention.Heads": call(
        attention.Heads,
        products=(np.ones((1, 2, 2)), NOTHING),
        values=(np.ones((1, 2, 2)), NOTHING),
    ),
    "experiments.attention.Heads.__call__": call(
        HEADS,
        tokens=(
            [[1.0, 0.0], [0.0, 1.0]],
            array(lambda x: x.ndim > 1 and x.shape[-1] == 2 and x.size > 0),
        ),
        layer=(None, only("None")),
    ),
    "experiments.attention.Heads.error": call(
        HEADS.error, layer_error=(0.1, NOT_NEGATIVE), radius=(1.0, NOT_NEGATIVE)
    ),
    "experiments.attention.Heads.layer_epsilon": call(
        HEADS.layer_epsilon,
        epsilon=(0.1, but(POSITIVE, "subnormal")),
        radius=(1.0, but(NOT_NEGATIVE, "huge")),
    ),
    "experiments.attention.head_error": call(
        attention.head_error,
        error=(0.1, NOT_NEGATIVE),
        radius=(1.0, NOT_NEGATIVE),
        norm=(1.0, NOT_NEGATIVE),
        tanh=(math.tanh, NOTHING),
    ),
    "mixing.Attention": call(
        mixing.Attention,
        tokens=(2, count(at_most=2**20)),
        heads=(1, count(at_most=2**20)),
        size=(1, count(at_most=2**20)),
        values=(1, count(at_most=2**20)),
        skipped=(0, count(0, 2**20)),
    ),
    "mixing.LayerNorm": call(
        mixing.LayerNorm,
        tokens=(2, count(at_most=2**20)),
        size=(1, count(at_most=2**20)),
        added=(1e-5, real(at_least=2.0**-100, at_most=2.0**100)),
        skipped=(0, count(0, 2**20)),
    ),
    "mixing.attention_slope": call(
        mixing.attention_slope,
        queries=(1.0, NOT_NEGATIVE),
        keys=(1.0, NOT_NEGATIVE),
        values=(1.0, NOT_NEGATIVE),
        read=(1.0, NOT_NEGATIVE),
        scale=(1.0, NOT_NEGATIVE),
        sqrt=(math.sqrt, NOTHING),
    ),
    "mixing.most_read": call(
        mixing.most_read,
        tokens=(5, real(at_least=1)),
        spread=(1.0, NOT_NEGATIVE),
        exp=(math.exp, NOTHING),
    ),
    "mixing.norm_error": call(
        mixing.norm_error,
        error=(0.1, NOT_NEGATIVE),
        added=(1e-5, POSITIVE),
        gain=(1.0, NOT_NEGATIVE),
        sqrt=(math.sqrt, NOTHING),
    ),
    "experiments.attention.head_ticket": call(
        attention.head_ticket,
        product=([[0.5]], NOTHING),
        queries=([[1.0, 0.5]], NOTHING),
        keys=([[0.25, 0.5]], NOTHING),
    ),
    "experiments.attention.shift_bound": call(
        attention.shift_bound, shift=(0.1, NOT_NEGATIVE), tanh=(math.tanh, NOTHING)
    ),
    "Uniform": call(lp.Uniform, high=(1.0, POSITIVE)),
    "Uniform.pdf": call(lp.Uniform(1.0).pdf, x=([0.5], POINTS)),
    "Uniform.cdf": call(lp.Uniform(1.0).cdf, x=([0.5], POINTS)),
    "Uniform.ppf": call(lp.Uniform(1.0).ppf, q=([0.5], POINTS)),
    "Uniform.rvs": call(
        lp.Uniform(1.0).rvs, size=(3, only("None", "zero", "empty list")), rng=(RNG, NOTHING)
    ),
    "Uniform.product": call(lp.Uniform(1.0).product),
    "Hyperbolic": call(
        lp.Hyperbolic,
        low=(0.5, but(real(above=0, below=1), "subnormal")),
        high=(1.0, but(real(above=0.5), "huge")),
    ),
    "Hyperbolic.for_digits": call(
        lp.Hyperbolic.for_digits,
        k=(3, count(at_most=10_000)),
        base=(1.5, BASE),
        max_weight=(1.0, POSITIVE),
    ),
    "Hyperbolic.product": call(lp.Hyperbolic(0.5, 1.0).product),
    "Normal": call(lp.Normal, scale=(1.0, POSITIVE)),
    "SignedConstant": call(lp.SignedConstant, value=(1.0, POSITIVE)),
    "batch_size": call(
        lp.batch_size,
        per_category=(3, count()),
        categories=(4, count()),
        **SMALL,
        bound=("exact", NAME),
    ),
    "samples_for_both": call(
        lp.samples_for_both,
        probability=(0.1, but(HALF, "subnormal")),
        delta=(0.01, OPEN),
        bound=("exact", NAME),
    ),
    "experiments.waiting_times.drawn_waits": call(
        waiting_times.drawn_waits,
        scheme=(lp.Malach().scheme(1.0, 0.5), NOTHING),
        weight=(0.7, real(at_least=-1, at_most=1)),
        trials=(3, count()),
        rng=(RNG, NOTHING),
    ),
    "experiments.waiting_times.geometric_waits": call(
        waiting_times.geometric_waits,
        probability=(0.1, HALF),
        trials=(3, count()),
        rng=(RNG, NOTHING),
    ),
    "experiments.confidence.hoeffding_tolerance": call(
        confidence.hoeffding_tolerance,
        trials=(100, count()),
        sides=(2, count(1, 2)),
        tests=(1, count()),
        width=(1.0, POSITIVE),
        false_alarm=(0.1, OPEN),
    ),
    "experiments.confidence.quantile_band": call(
        confidence.quantile_band,
        samples=([0.5, 0.25], VECTOR),
        level=(0.9, OPEN),
        confidence=(0.99, OPEN),
    ),
    "pooled_batch_size": call(
        lp.pooled_batch_size,
        per_category=(3, count()),
        categories=(4, count()),
        **SMALL,
        crowding=(1.5, real(at_least=0, at_most=2**53)),
        bound=("exact", NAME),
    ),
    "output_batch_size": call(
        lp.output_batch_size,
        per_output=(3, count()),
        digits=(4, count()),
        outputs=(2, count()),
        delta=(0.01, but(OPEN, "subnormal")),
    ),
    "subset_sum_size": call(
        lp.subset_sum_size,
        reach=(0.5, HALF),
        epsilon=(0.01, but(POSITIVE, "subnormal")),
        density=(0.5, but(HALF, "subnormal")),
        delta=(0.01, OPEN),
    ),
    "lower_bounds.weight_bits": call(
        lower_bounds.weight_bits,
        epsilon=(0.01, POSITIVE),
        max_weight=(1.0, NOT_NEGATIVE),
        failure=(0.1, real(at_least=0, below=1)),
    ),
    "lower_bounds.layer_bits": call(
        lower_bounds.layer_bits,
        outputs=(3, count()),
        inputs=(4, count()),
        epsilon=(0.01, POSITIVE),
        max_weight=(1.0, POSITIVE),
        radius=(1.0, POSITIVE),
        failure=(0.1, real(at_least=0, below=1)),
    ),
    "lower_bounds.column_constant": call(lower_bounds.column_constant, outputs=(3, count())),
    "lower_bounds.network_bits": call(
        lower_bounds.network_bits, network=(NETWORK, NOTHING), weight_epsilon=(0.01, POSITIVE)
    ),
    "lower_bounds.bits_per_neuron": call(
        lower_bounds.bits_per_neuron,
        layout=("shared", NAME),
        outputs=(3, count()),
        inputs=(4, count()),
    ),
    "lower_bounds.chosen_numbers": call(
        lower_bounds.chosen_numbers,
        epsilon=(0.01, but(POSITIVE, "subnormal")),
        max_weight=(1.0, but(NOT_NEGATIVE, "huge")),
    ),
    "lower_bounds.independent_numbers": call(
        lower_bounds.independent_numbers,
        delta=(0.1, but(OPEN, "subnormal")),
        useful=(0.5, but(OPEN, "subnormal")),
        sets=(3, count()),
    ),
    "lower_bounds.covered_length": call(
        lower_bounds.covered_length,
        sums=([0.5, 0.25], VECTOR),
        epsilon=(0.1, POSITIVE),
        max_weight=(1.0, POSITIVE),
    ),
    "lower_bounds.mask_bits": call(
        lower_bounds.mask_bits, weights=(10, count()), kept=(3, count(0, 10))
    ),
    "GoldenRatio": call(
        lp.GoldenRatio, base=(1.5, BASE), law=("common", NAME), two_sided=(False, FLAG)
    ),
    "Malach": call(lp.Malach),
    "ProductWeights": call(lp.ProductWeights, reach=(2.0, real(at_least=1))),
    "SubsetSum": call(
        lp.SubsetSum,
        objective=("sparsest", NAME),
        candidates=(20, optional(count())),
        law=("product", optional(NAME)),
        reach=(3.0, optional(real(at_least=1))),
        stratified=(False, NOTHING),
    ),
    "malach_success": call(lp.malach_success, **SUCCESS),
    "product_success": call(lp.product_success, **SUCCESS),
    "RunningExample": call(
        lp.RunningExample,
        weight=(0.7, real(at_least=-1, at_most=1)),
        epsilon=(0.01, OPEN),
        delta=(0.01, OPEN),
        together=(10, count()),
    ),
    "RunningExample.costs": call(lp.RunningExample().costs),
    "RunningExample.table": call(lp.RunningExample().table, chapter=("malach", NAME)),
    "experiments.edge_popup.popup": call(
        edge_popup.popup,
        weights=(WEIGHTS, NOTHING),
        x=(np.eye(2), NOTHING),
        labels=(LABELS, NOTHING),
        keep=(0.5, PART),
        rate=(1.0, real(above=0, at_most=1e30)),
        gain=(1.0, real(above=0, at_most=1e30)),
        steps=(3, count()),
        batch=(2, count()),
        momentum=(0.5, real(at_least=0, below=1)),
        by_size=(False, FLAG),
        rng=(RNG, NOTHING),
    ),
    "experiments.edge_popup.top_mask": call(
        edge_popup.top_mask,
        scores=(np.eye(2), NUMBERS_OF_ANY_SHAPE),
        keep=(0.5, real(at_least=0, at_most=1)),
    ),
    "experiments.edge_popup.loss_gradients": call(
        edge_popup.loss_gradients,
        weights=(WEIGHTS, NOTHING),
        x=(np.eye(2), NOTHING),
        labels=(LABELS, NOTHING),
        gain=(1.0, real(above=0, at_most=1e30)),
    ),
    "experiments.sampling_laws.products": call(
        sampling_laws.products,
        name=("uniform", NAME),
        units=(
            np.full((3, 2), 0.5),
            array(lambda x: x.ndim > 1 and x.shape[-1] == 2 and x.size > 0),
        ),
        epsilon=(0.01, OPEN),
    ),
    "experiments.sampling_laws.digit_errors": call(
        sampling_laws.digit_errors,
        targets=(np.array([0.9]), NOTHING),
        supplied=(np.array([[0.5, 0.3]]), only("3 MB of numbers")),
        epsilon=(0.4, OPEN),
    ),
    "experiments.sampling_laws.neurons_for_digits": call(
        sampling_laws.neurons_for_digits,
        name=("uniform", NAME),
        epsilon=(0.1, but(OPEN, "subnormal")),
        share=(0.99, OPEN),
        scale=(1.0, optional(real(at_least=2**-40, at_most=2**40))),
    ),
    "experiments.in_practice.run": call(
        in_practice.run,
        settings=(TINY, NOTHING),
        folder=("folder/cells", only("str", "digits in a str", "bytes")),
        executor=(None, only("None")),
        progress=(False, FLAG),
    ),
    "experiments.in_practice.recorded_results": call(in_practice.recorded_results),
    "experiments.searched.numbers_looked_at": call(
        searched.numbers_looked_at,
        scheme=(lp.GoldenRatio().scheme(1.0, 0.1), NOTHING),
        targets=([0.5, -0.5], only("list")),
        count=(1000, NOTHING),
        seed=(0, only("zero", "beyond 2^63")),
    ),
    "figures.whole_idea": call(figures.whole_idea, **PAIR),
    "figures.one_weight": call(figures.one_weight, **PAIR),
    "figures.growth_of_prices": call(
        figures.growth_of_prices,
        network=(NETWORK, NOTHING),
        epsilons=([0.5, 0.1], only("list")),
        inputs=(lp.Ball(1.0), optional(ROWS)),
    ),
    "figures.cost_against_epsilon": call(
        figures.cost_against_epsilon,
        network=(NETWORK, NOTHING),
        epsilons=([0.5, 0.1], only("list")),
        inputs=(lp.Ball(1.0), ROWS),
        marked=(0.3, DRAWN),
    ),
    "figures.mask_picture": call(
        figures.mask_picture, ticket=(TICKET, NOTHING), layer=(0, only("zero"))
    ),
    "figures.one_neuron": call(
        figures.one_neuron, **PAIR, neuron=(0, only("zero")), shape=((1, 2), NOTHING)
    ),
    "figures.weight_errors": call(figures.weight_errors, **PAIR, layer=(0, only("zero"))),
    "figures.logit_errors": call(
        figures.logit_errors,
        before=([[0.5, 0.25]], NOTHING),
        after=([[0.5, 0.5]], NOTHING),
        epsilon=(0.5, DRAWN),
        proved=(0.4, DRAWN),
    ),
    "plan": call(
        lp.plan,
        **PLANNED,
        seed=(0, only("zero", "beyond 2^63")),
        max_seconds=(60.0, lambda name: name == "inf" or real(at_least=0)(name)),
    ),
    "prune": call(
        lp.prune,
        **PLANNED | {"delta": (0.01, only("fraction", "subnormal"))},  # seed 0 lacks neurons
        seed=(0, only("zero", "beyond 2^63")),
        progress=(False, FLAG),
        executor=(None, only("None")),
        timeout=(None, optional(POSITIVE)),
        checkpoint=(None, only("None", "str", "digits in a str", "bytes")),
        max_seconds=(60.0, lambda name: name == "inf" or real(at_least=0.01)(name)),
    ),
    "Ticket.__call__": call(TICKET, x=([0.5, 0.25], ROWS)),
    "Ticket.as_network": call(TICKET.as_network, effective=(False, FLAG)),
    "Ticket.masks": call(TICKET.masks),
    "Ticket.random_network": call(TICKET.random_network),
    "Ticket.network": call(TICKET.network),
    "Ticket.layers": call(TICKET.layers),
    "Ticket.kept": call(TICKET.kept, layer=(0, only("zero"))),
    "Ticket.verify": call(
        TICKET.verify, network=(NETWORK, NOTHING), inputs=([0.5, 0.25], optional(ROWS))
    ),
    "Ticket.save": call(
        TICKET.save, path=("folder/file.ticket", only("str", "digits in a str", "bytes"))
    ),
    "Ticket.load": call(lp.Ticket.load, **READ),
    "load_ticket": call(lp.load_ticket, **READ),
}
"""By the name after ``lpbook.``: the functions, classes and methods that page *api* describes."""

LIBRARIES = {
    "Network.from_keras", "Network.from_onnx", "Network.from_torch", "Network.to_onnx",
    "Network.to_torch", "Ticket.to_onnx", "Ticket.to_torch",
}  # fmt: skip
"""What needs libraries that may not be there: ``make test-frameworks`` tests it."""
RESULTS = {
    "Certificate", "Digits", "Plan", "Subsets", "Ticket", "experiments.convolutions.KernelTicket",
    "copies.CopiesTicket", "mixing.Reach", "pruning.CopiesPlan",
}  # fmt: skip
"""What functions give and nobody calls."""

WIDE = np.ones((2, 3))
REMEDIES = [
    ("Network", {"activations": "sigmoid"}, "'logistic'?"),
    ("Network", {"activations": "LeakyReLU"}, "from_torch"),
    ("Network", {"activations": "linear"}, "'identity'?"),
    ("Network", {"activations": "ReLU"}, "'relu'?"),
    ("Network", {"activations": {"relu", "tanh"}}, "a list of names, not set"),
    ("Network", {"weights": [WIDE, np.ones((2, 1))], "biases": None}, "weights[1].T would fit"),
    ("Network", {"weights": WIDE}, "for a single matrix, [weights]"),
    ("Network", {"weights": [np.ma.masked_array(WIDE, WIDE > 0)]}, "fill them, as in np.ma.filled"),
    ("Network.__call__", {"x": csr_array(WIDE)}, "x: is a sparse matrix; must be dense"),
    ("Network", {"weights": [[[0.5, 0.5], [0.5, math.nan]]]}, "weights[0]=nan"),
    ("Network", {"weights": [[[0.5, 0.5], [0.5, math.nan]]]}, "the one at [1, 1] too"),
    ("Network", {"weights": [WIDE > 0]}, "by astype(float)"),
    ("Network", {"weights": [WIDE + 0j]}, "take its real part"),
    ("Network", {"weights": [WIDE.astype(np.longdouble)]}, "take its astype(float)"),
    ("Network.__call__", {"x": WIDE}, "has shape (2, 3); is it transposed"),
    ("plan", {"inputs": 1.0}, "Ball(1.0)"),
    ("prune", {"network": lp.Network([[[1e308, 1.0]]])}, "network: its weight of magnitude 1e+308"),
    ("batch_size", {"per_category": 2**50}, "takes long to count exactly: at most"),
    ("plan", {"weight_epsilon": 0.1}, "epsilon=0.5, weight_epsilon=0.1: give exactly one of them"),
    ("plan", {"inputs": None}, "needed with epsilon"),
    ("plan", {"construction": "golden_ratio"}, "'golden-ratio'?"),
    ("plan", {"construction": lp.GoldenRatio(base=1 + 1e-12)}, "too near to 1"),
    ("prune", {"seed": 2**20_000}, "seed=2**20000 or so: must be at most 1157920892373161954"),
    ("prune", {"seed": 1.0}, "(1, say)"),
    ("prune", {"epsilon": 1e-7, "construction": "malach"}, "more than max_seconds=60. Allow more"),
    ("weight_budget", {"inputs": 2.5}, "Ball(2.5)"),
    ("SubsetSum", {"law": {}}, "must be one of product, constant, not dict"),
    ("SubsetSum", {"candidates": 10**5, "stratified": True, "law": None}, "must be at most"),
    ("output_batch_size", {"per_output": 10**7}, "must be at most"),
    ("product_success", {"epsilon": [0.1, -1.0]}, "the one at [1] too"),
    ("experiments.edge_popup.top_mask", {"keep": 1.5}, "must be at most 1"),
    ("experiments.edge_popup.popup", {"labels": [0.0, 2.0]}, "an integer from 0 to 1"),
    ("experiments.edge_popup.popup", {"steps": 2**50}, "at most 1e+14 are done in one go"),
    ("RunningExample", {"epsilon": 1.5}, "must be below 1"),
    ("Ticket.kept", {"layer": 3}, "must be at most 0"),
    ("Ball.contains", {"inputs": ["a", "b"]}, "must hold real numbers"),
    ("subset_sum_size", {"density": 5e-324}, "needs more numbers than a float can count"),
    ("pooled_batch_size", {"crowding": 1e308}, "must be at most"),
    ("Hyperbolic.for_digits", {"k": 10**30}, "must be at most 10000"),
]
"""A call, what is wrong with it, and what the message must say."""
