"""What the package computes is what the formal definitions say, at a dozen points, decided by Coq.

Each point is a small theorem about the exact value of the package's number; `interval`, a tactic
for bounds on real expressions, decides it inside Coq.
"""

import math
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import product

import numpy as np
from numpy.typing import NDArray

import lpbook as lp
from lpbook.batches import best_leading_size, unserved
from lpbook.constructions.subset_sum import SubsetSumScheme
from tools import proofs

HEAD = """From Coq Require Import Reals Lra List.
From Interval Require Import Tactic.
From GoldenTickets Require Import Subset_sum_network Golden_ratio Hyperbolic Network Budget Counts
  Pooled_category Ticket.
From Coq Require Import ClassicalEpsilon Lia.
Open Scope R_scope.
Definition listed (values : list R) (i : nat) : R := nth i values 0.
Ltac numbers := rewrite ?INR_IZR_INZ; vm_compute Z.of_nat; interval with (i_prec 150).
(** Linear layers with these rows of weights. *)
Definition linear_layers (inputs : nat) (rows : list (list (list R))) : network :=
  {| layers := length rows; bias := false; activation := fun _ z => z;
     width := fun i => match i with O => inputs | S i => length (nth i rows nil) end;
     weight := fun i o j => nth j (nth o (nth i rows nil) nil) 0 |}.
(** Which weights are 0, and which inputs have no others. *)
Ltac is_0 := simpl; lra.
Ltac not_0 := simpl; let Z := fresh in intros Z; lra.
Ltac all_0 := let o := fresh in let H := fresh in intros (o & H & Z); apply Z; clear Z;
  simpl in H; do 4 (destruct o as [|o]; [is_0|]); exfalso; lia.
Ltac decided := repeat match goal with
  |- context [excluded_middle_informative ?A] => let Y := fresh in
    destruct (excluded_middle_informative A) as [Y|Y];
    [try (exfalso; revert Y; first [all_0 | intros Y; apply Y; is_0])
    |try (exfalso; apply Y; first [not_0 | exists 0%nat; split; [simpl; lia|not_0]
      | exists 1%nat; split; [simpl; lia|not_0] | exists 2%nat; split; [simpl; lia|not_0]
      | exists 3%nat; split; [simpl; lia|not_0]])]; clear Y end.
Ltac counted := rewrite ?INR_IZR_INZ; vm_compute Z.of_nat; unfold used, nonzero, entries, count;
  simpl; decided; lra.
"""
DIGITS = "apply count_digits_is; [{base}|lra|repeat constructor|]. simpl Nat.sub. split; {decide}."
CEILING = "apply nceil_is. split; numbers."
Points = Iterator[tuple[str, str]]
COUNTED = "rewrite layer_neurons_count. counted."
CHAINS = ([0.5, 1.0], [2.0, 3.0], [0.25, 1.0, 3.0])
"""Weights of linear neurons in a row."""


def exact(number: float) -> str:
    """A float as the fraction that it is."""
    fraction = Fraction(number)
    return f"({fraction.numerator} / {fraction.denominator})"


def digits() -> Points:
    for base, epsilon, largest in [(1.5, 0.01, 1.0), (1.5, 2.0**-20, 3.0), (1.25, 0.1, 0.7)]:
        k = lp.count_digits(epsilon, base, largest)
        goal = f"count_digits {exact(base)} {exact(largest)} {exact(epsilon)} = {k}%nat"
        yield goal, DIGITS.format(base="lra", decide="lra")
    for epsilon, largest in [(0.01, 1.0), (2.0**-30, 5.0)]:
        k = lp.count_digits(epsilon, lp.PHI, largest)
        goal = f"count_digits phi {exact(largest)} {exact(epsilon)} = {k}%nat"
        yield goal, DIGITS.format(base="apply phi_gt_1", decide="unfold phi; interval")


def batches() -> Points:
    for m, k, c, delta in [(100, 20, 1 / 160, 0.01), (1, 1, 0.5, 0.5), (37, 5, 0.125, 1e-6)]:
        t = f"ln (INR {k} / {exact(delta)})"
        size = lp.batch_size(m, k, c, delta)
        yield f"nceil (2 / {exact(c)} * (INR {m} + {t})) = {size}%nat", CEILING
        size = best_leading_size(m, k, c, delta)
        leading = f"exp 1 / (exp 1 - 1) * (/ {exact(c)} * (INR {m} - 1 + {t}))"
        yield f"nceil ({leading}) = {size}%nat", CEILING


def chain(weights: list[float]) -> lp.Network:
    """Linear neurons in a row."""
    return lp.Network([[[w]] for w in weights], activations=["identity"] * len(weights))


def listed(values: list[float]) -> str:
    """A function of the number of a layer."""
    return f"(listed ({''.join(f'{exact(value)} :: ' for value in values)}nil))"


def budgets() -> Points:
    """The package keeps a billionth back for rounding: a little more is too much."""
    for weights in CHAINS:
        network, domain, layers = chain(weights), lp.Ball(1.0), len(weights)
        before = [math.prod(weights[:i]) for i in range(layers)]
        growth = math.prod(max(1.0, w) for w in weights)
        norms = listed(weights)

        given = lp.weight_budget(network, 0.125, domain)
        error = f"budget (fun _ => 1) {norms} {listed(before)} (fun _ => {{}}) {layers}"
        enough, too_much = (error.format(exact(x)) for x in (given, given * (1 + 1e-7)))
        yield f"{enough} <= 1 / 8 < {too_much}", "unfold listed; simpl; lra."

        given = lp.weight_budget(network, 0.125, domain, rule="logarithmic")
        form = (
            f"/ (INR {layers} * 1 * 1) * ln (1 + 1 / 8 / ({exact(max(before))} * {exact(growth)}))"
        )
        yield f"{exact(given)} <= {form} <= {exact(given * (1 + 1e-7))}", "split; numbers."
        proof = "unfold listed; simpl; unfold Rmax; repeat destruct (Rle_dec _ _); lra."
        yield f"growth (fun _ => 1) {norms} {layers} = {exact(growth)}", proof


def with_zeros() -> Iterator[list[NDArray[np.float64]]]:
    """Matrices: no zeros; some; a whole input and a whole output; a layer of nothing else."""
    rng = np.random.default_rng(0)
    first, last = (rng.integers(1, 9, shape) * 2.0**-3 for shape in ((4, 2), (1, 4)))
    first, last = first * [1, -1], last * 3
    yield [first, last]
    yield [first * [[1, 1], [0, 1], [1, 0], [0, 1]], last * [0, 1, 1, 1]]
    yield [first * [[0, 1], [0, 1], [0, 0], [0, 1]], last * [1, 0, 0, 1]]
    yield [first * [1, 0], 0 * last]


def in_coq(matrices: list[NDArray[np.float64]]) -> str:
    """Linear layers with these weights."""

    def of(values: Iterable[str]) -> str:
        return f"({''.join(f'{value} :: ' for value in values)}nil)"

    layers = of(of(of(map(exact, row)) for row in matrix) for matrix in matrices)
    return f"(linear_layers {matrices[0].shape[1]} {layers})"


def neurons() -> Points:
    """Neurons of a layer, none of them for zeros: `plan` has as many, or more where it is generous.

    A reserved block of the package has neurons for all outputs if its input is used.
    """
    for matrices, layout in product(with_zeros(), ("reserved", "shared")):
        network = lp.Network(matrices, activations=["identity"] * 2)
        plan = lp.plan(network, 0.05, inputs=lp.Ball(1.0), layout=layout)
        for i, (layer, matrix) in enumerate(zip(plan.layers, matrices, strict=True)):
            rows, used = max(layer.widths), int(matrix.any(axis=0).sum())
            formal = rows * (used if layout == "shared" else int(np.count_nonzero(matrix)))
            generous = rows * used * (1 if layout == "shared" else len(matrix))
            assert formal <= layer.neurons == generous
            count = f"layer_neurons {layout} {in_coq(matrices)} (fun _ => {rows}%nat) {i}"
            yield f"{count} = INR {formal}%nat", COUNTED


def plans() -> Points:
    """The rows of `plan` are the least that the theorem allows, and at most its closed form."""
    for matrices, layout in product(list(with_zeros())[:2], ("shared", "reserved")):
        network = lp.Network(matrices, activations=["tanh", "identity"])
        plan = lp.plan(network, 0.05, inputs=lp.Ball(1.0), layout=layout)
        for i, (layer, matrix) in enumerate(zip(plan.layers, matrices, strict=True)):
            rows, k, m = max(layer.widths), layer.requirements, int(np.count_nonzero(matrix))
            yield f"nonzero {in_coq(matrices)} {i} = INR {m}%nat", "counted."
            found = f"count_digits phi {exact(layer.max_weight)} {exact(layer.weight_epsilon)}"
            proof = DIGITS.format(base="apply phi_gt_1", decide="unfold phi; interval")
            yield f"{found} = {k}%nat", proof
            share = f"{exact(0.01)} / INR 2"

            def missed(rows: int, k: int = k, m: int = m) -> str:
                return f"2 * INR {k} * INR {m} * (1 - / (4 * INR {k})) ^ {rows}"

            yield f"{missed(rows)} <= {share} < {missed(rows - 1)}", "split; numbers."
            closed = f"samples_count {k} 2 (INR {m}) {exact(0.01)}"
            count = math.ceil(4 * k * math.log(2 * k * m * 2 / 0.01))
            assert rows <= count
            yield f"{closed} = {count}%nat", f"unfold samples_count. {CEILING}"


def subset_sums() -> Points:
    """How many numbers cover an interval, and the neurons that `plan` draws for an input."""
    cases = [(0.5, 0.01, 0.5, 0.01), (1.0, 0.125, 0.25, 0.5), (3.0, 2.0**-20, 0.0625, 1e-6)]
    network = lp.Network([[[0.5, -1.0], [2.0, 0.25]]], activations=["identity"])
    domain = lp.Box([0.0, 0.0], [1.0, 1.0])
    plan = lp.plan(network, 0.05, lp.SubsetSum(law="constant"), inputs=domain)
    layer = plan.layers[0]
    scheme = layer.scheme
    assert isinstance(scheme, SubsetSumScheme)
    largest = scheme.max_weight
    planned = largest, scheme.tolerance, 0.25 / largest, 0.01 / layer.weights
    sizes = [lp.subset_sum_size(*case) for case in cases]
    for case, size in zip([*cases, planned], [*sizes, max(layer.widths)], strict=True):
        reach, epsilon, density, delta = map(exact, case)
        goal = f"nceil (numbers_for {reach} {density} {epsilon} {delta}) = {size}%nat"
        yield goal, f"unfold numbers_for. {CEILING}"


def pools() -> Points:
    """One neuron fewer than the package gives to an output would not do; the formula itself."""
    for k, n, delta in [(1, 1, 0.5), (8, 5, 0.01), (13, 100, 1e-6)]:
        size = lp.output_batch_size(1, k, n, delta)
        u = f"2 * INR {k} * INR {n} * unserved (/ (2 * INR {k}))"
        goal = f"{u} {size} 1 <= {exact(delta)} < {u} {size - 1} 1"
        yield goal, "rewrite !unserved_one. split; numbers."
    for size, m, p in [(1, 1, 0.5), (2, 2, 0.25), (5, 2, 0.75), (6, 3, 0.5)]:
        u = unserved(size, m, p)
        goal = f"Rabs (unserved {exact(p)} {size} {m} - {exact(u)}) <= / 10 ^ 12"
        yield goal, "unfold unserved, all_served; simpl. interval with (i_prec 90)."


POINTS = [
    *digits(),
    *batches(),
    *budgets(),
    *neurons(),
    *plans(),
    *subset_sums(),
    *pools(),
]


def complaint(points: list[tuple[str, str]]) -> str:
    """What Coq complains of, given goals and proofs; "" if it accepts them all."""
    goals = (f"Goal {goal}.\nProof. {proof} Qed.\n" for goal, proof in points)
    return proofs.complaint_of(proofs.run_script(HEAD + "".join(goals)))
