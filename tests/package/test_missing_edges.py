"""Random networks with missing edges, and sums with frozen numbers."""

import itertools

import numpy as np
import pytest
from scipy.stats import binom

import lpbook as lp
from lpbook import figures
from lpbook.distributions import Hyperbolic, SignedConstant, Uniform
from lpbook.experiments.missing_edges import (
    SparseGoldenRatio,
    Thinned,
    errors_with_frozen,
    least_with_frozen,
    present_weights,
    rows_with_missing_numbers,
)

F = lp.Network([[[0.5, -1.0, 0.001], [0.25, 0.75, 0.0]], [[1.0, -0.3]]])


@pytest.mark.parametrize(
    "law", [Uniform(1.0), SignedConstant(1.0), Hyperbolic(0.01, 1.0), Uniform(2.0).positive()]
)
@pytest.mark.parametrize("present", [1.0, 0.5, 0.125])
def test_a_thinned_law_is_the_law_or_zero(law, present):
    thinned, u = Thinned(law, present), np.arange(0.5, 4096) / 4096
    weights = thinned.ppf(u)
    assert (np.diff(weights) >= 0).all()
    assert (weights == 0).mean() == 1 - present
    np.testing.assert_allclose(
        weights[weights != 0], law.ppf((np.arange(4096 * present) + 0.5) / (4096 * present))
    )
    np.testing.assert_allclose(
        thinned.cdf(weights), np.searchsorted(weights, weights, "right") / 4096, atol=2**-11
    )


@pytest.mark.parametrize(("q_1", "q_2"), [(1.0, 1.0), (0.5, 1.0), (1.0, 0.25), (0.5, 0.5)])
@pytest.mark.parametrize("layout", ["shared", "reserved"])
def test_the_ticket_is_in_the_sparse_network(q_1, q_2, layout):
    construction = SparseGoldenRatio(q_1, q_2)
    ball = lp.Ball(1.0)
    ticket = lp.prune(F, 0.05, construction, inputs=ball, layout=layout)
    assert ticket.verify(F).ok
    plan = lp.plan(F, 0.05, construction, inputs=ball, layout=layout)
    full = lp.plan(F, 0.05, inputs=ball, layout=layout)
    assert plan.neurons / full.neurons == pytest.approx(1 / (q_1 * q_2), rel=0.05)


def test_without_missing_edges_it_is_the_golden_ratio_construction():
    sparse, golden = (
        lp.prune(F, 0.01, construction, inputs=lp.Ball(1.0))
        for construction in (SparseGoldenRatio(), "golden-ratio")
    )
    x = np.array([[0.5, -0.25, 0.125], [-0.5, 0.75, 0.0]])
    np.testing.assert_allclose(sparse.network()(x), golden.network()(x), rtol=1e-12)
    assert (sparse.verify(F).kept, sparse.verify(F).kept_weights) == (
        golden.verify(F).kept,
        golden.verify(F).kept_weights,
    )


def test_too_few_neurons_are_said_to_be_so():
    sparse = SparseGoldenRatio(0.25, 0.25)
    with pytest.raises(ValueError, match=r"do not supply digit \d+ of \d+"):
        lp.prune(F, 0.05, sparse, inputs=lp.Ball(1.0), delta=0.99, seed=0)


def test_no_pool():
    with pytest.raises(ValueError, match="layout='pooled'"):
        lp.plan(F, 0.05, SparseGoldenRatio(), inputs=lp.Ball(1.0), layout="pooled")


@pytest.mark.parametrize("name", ["present_in", "present_out"])
@pytest.mark.parametrize("value", [0, -0.5, 1.5, float("nan")])
def test_shares_are_checked(name, value):
    with pytest.raises(ValueError, match=name):
        SparseGoldenRatio(**{name: value})


def test_rows_leave_enough_numbers_and_are_the_least():
    n, halves, p, delta = 12, 300, 0.25, 0.01
    rows = rows_with_missing_numbers(n, halves, p, delta)
    fails = [halves * binom.cdf(n - 1, m, p) for m in (rows - 1, rows)]
    assert fails[1] <= delta / 2 < fails[0]


def test_weights_that_are_there():
    rng = np.random.default_rng(1)
    inner, outer = rng.random((4000, 1)) < 0.5, rng.random((4000, 8)) < 0.25
    assert present_weights(4000, 8, 0.5, 0.25) == pytest.approx(inner.sum() + outer.sum(), rel=0.05)


def test_frozen_numbers_are_in_all_sums_or_in_none():
    rng = np.random.default_rng(2)
    t, x = rng.uniform(-1, 1, 20), rng.uniform(-1, 1, (20, 7))
    for deleted, locked in ((0, 0), (3, 0), (0, 2), (2, 3)):
        kept = np.array(list(itertools.product((0, 1), repeat=7 - deleted - locked)))
        sums = (
            x[:, deleted : deleted + locked].sum(axis=1)[:, None]
            + x[:, deleted + locked :] @ kept.T
        )
        wanted = np.abs(sums - t[:, None]).min(axis=1)
        np.testing.assert_allclose(errors_with_frozen(t, x, deleted, locked), wanted, atol=1e-12)
    assert least_with_frozen(9, 0.25) == 12


@pytest.mark.parametrize(
    "how", [{"deleted": 7}, {"locked": 7}, {"deleted": 4, "locked": 3}, {"locked": -1}]
)
def test_a_number_must_be_free(how):
    with pytest.raises(ValueError, match=r"deleted|locked"):
        errors_with_frozen(np.zeros(2), np.zeros((2, 7)), **how)
    with pytest.raises(ValueError, match="targets"):
        errors_with_frozen(np.zeros(3), np.zeros((2, 7)))


def test_figures_show_their_numbers():
    factors = {"both": {"neurons": [1, 4], "weights": [1, 2]}, "out": {"neurons": [1, 2]}}
    (ax,) = figures.prices_of_missing_edges([1.0, 0.5], factors).axes
    drawn = {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}
    assert drawn == {"neurons, both": [1, 4], "weights, both": [1, 2], "neurons, out": [1, 2]}
    (ax,) = figures.hits_with_frozen([4, 5], {"a": [0.1, 0.2], "b": [0.3, 0.4]}).axes
    assert [list(line.get_ydata()) for line in ax.get_lines()] == [[0.1, 0.2], [0.3, 0.4]]


def test_blocks_show_which_neurons_have_both_edges():
    blocks = {"half": np.arange(30) % 2 == 0, "all": [True] * 3}
    for ax, there in zip(
        figures.neurons_with_both_edges(blocks).axes, blocks.values(), strict=True
    ):
        missing, both = (len(line.get_xdata()) for line in ax.get_lines())
        assert (missing, both) == (len(there) - sum(there), sum(there))
        assert f"{len(there)} neurons, {sum(there)} with both edges" in ax.get_title()


def test_an_edge_in_no_product_is_dashed():
    inner, outer = [True, False, True], [[True, True], [True, False], [False, False]]
    (ax,) = figures.edges_that_are_there({"three neurons": (inner, outer)}).axes
    styles = [line.get_linestyle() for line in ax.get_lines()]
    assert (styles.count("-"), styles.count("--")) == (3, 2)
    assert ax.get_title() == "three neurons\n5 weights, 2 products"
