"""Tickets in networks of random signs."""

import numpy as np
import pytest
from scipy.stats import binom

import lpbook as lp
from lpbook import figures
from lpbook.experiments.random_signs import (
    ladder_failure,
    ladder_neurons,
    ladder_rows,
    ladder_ticket,
    parallel_rows,
    parallel_ticket,
    through_ladder,
    whole_numbers,
)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("largest", [1, 7])
def test_rounding_is_to_the_nearest_whole_number(largest, bias):
    rng = np.random.default_rng(0)
    weights = [rng.normal(size=(4, 3)), rng.normal(size=(2, 4))]
    biases = [rng.normal(size=4), np.zeros(2)] if bias else None
    network = lp.Network(weights, biases)
    rounded, integers = whole_numbers(network, largest)
    for old, new, whole in zip(network.weights, rounded.weights, integers, strict=True):
        unit = np.abs(old).max() / largest
        assert np.abs(whole[:, : old.shape[1]]).max() == largest
        np.testing.assert_allclose(new, whole[:, : old.shape[1]] * unit)
        assert np.abs(new - old).max() <= unit / 2 * (1 + 1e-12)
        assert whole.shape == (old.shape[0], old.shape[1] + bias)
    assert rounded.activations == network.activations


def test_rows_are_the_least_that_the_union_bound_allows():
    J, m, delta = 5, 300, 0.01
    rows = parallel_rows(J, m, delta)
    fails = [m * binom.cdf(J - 1, M, 0.25) for M in (rows - 1, rows)]
    assert fails[1] <= delta < fails[0]


def test_the_classifier_is_in_random_signs():
    F, _ = lp.digits_classifier()
    _, (first, _) = whole_numbers(F, 7)
    ticket = parallel_ticket(first, 100, np.random.default_rng(1))
    assert set(np.unique(ticket.inner)) == set(np.unique(ticket.outer)) == {-1, 1}
    assert (ticket.weights == first).all()
    x = np.random.default_rng(2).integers(0, 17, (3, first.shape[1]))
    assert (ticket(x) == x @ first.T).all()
    assert ticket.kept_weights == np.abs(first).sum() + ticket.mask.any(axis=2).sum()


def test_too_few_neurons_are_told():
    with pytest.raises(ValueError, match="neurons=3"):
        parallel_ticket([[3]], 3, np.random.default_rng(0))
    with pytest.raises(ValueError, match="m=2"):
        ladder_ticket([3], 2, 2, np.random.default_rng(0))
    with pytest.raises(ValueError, match="column"):
        ladder_ticket([4], 2, 40, np.random.default_rng(0))


@pytest.mark.parametrize("digits", [1, 4])
def test_a_ladder_holds_all_whole_numbers(digits):
    most = 2**digits - 1
    column = np.arange(-most, most + 1)
    layers = ladder_ticket(column, digits, 90, np.random.default_rng(digits))
    assert [len(layer) for layer in layers] == [90 * i for i in range(1, digits + 1)] + [
        len(column)
    ]
    assert {int(entry) for layer in layers for entry in np.unique(layer)} <= {-1, 0, 1}
    for x in (0.0, 0.75, 3.0):
        assert through_ladder(layers, x).tolist() == (x * column).tolist()
    assert sum(map(len, layers[:-1])) == ladder_neurons(90, digits)


def test_a_ladder_fails_no_more_often_than_promised():
    draws, failed = 60, 0
    for seed in range(draws):
        try:
            ladder_ticket([3, -3], 2, 30, np.random.default_rng(seed))
        except ValueError:
            failed += 1
    assert failed / draws <= ladder_failure(30, 2, 2, 1) < 0.5


def test_ladder_rows_are_the_least():
    m = ladder_rows(5, 32, 65, 0.01)
    fails = [ladder_failure(size, 5, 32, 65) for size in (m, m - 1)]
    assert fails[0] <= 0.01 < fails[1]


def test_figures_show_their_numbers():
    (ax,) = figures.prices_of_signs([1, 2], {"a": [3, 4], "b": [5, 6]}, [1, 3]).axes
    assert [list(line.get_ydata()) for line in ax.get_lines()] == [[3, 4], [5, 6], [1, 3]]
    (ax,) = figures.answers_of_signs([10, 20], [0.25, 0.75], [1, 7]).axes
    (line,) = ax.get_lines()
    assert [list(line.get_xdata()), list(line.get_ydata())] == [[10, 20], [0.25, 0.75]]
    assert [text.get_text() for text in ax.texts] == ["$J$ = 1", "$J$ = 7"]


def edges_of(ax):
    lines = [c for c in ax.collections if hasattr(c, "get_segments")]
    return [
        (line.get_linewidth()[0], tuple(map(tuple, segment)))
        for line in lines
        for segment in line.get_segments()
    ]


def test_the_block_is_drawn_whole_and_its_paths_thick():
    ticket = parallel_ticket([[3], [-2]], 14, np.random.default_rng(0))
    (ax,) = figures.paths_of_signs(ticket).axes
    edges = edges_of(ax)
    widest = max(width for width, _ in edges)
    thick = [edge for width, edge in edges if width == widest]
    assert len(edges) == ticket.inner.size + ticket.outer.size
    assert sum(edge[0][0] == 1 for edge in thick) == 3 + 2  # paths reach an output
    assert len(thick) == 2 * (3 + 2)  # and each has a neuron of its own
    assert [text.get_text() for text in ax.texts] == ["$x$", "$3x$", "$-2x$"]


def test_the_ladder_is_drawn_as_far_as_it_leads_to_an_output():
    layers = ladder_ticket([6, -5], 3, 8, np.random.default_rng(177))
    (ax,) = figures.ladder_of_signs(layers).axes
    computed = [text.get_text() for text in ax.texts]
    assert sorted(computed) == sorted(
        ["$x$", "$x$", "$x$", "$x$", "$x$", "$2x$", "$2x$", "$2x$", "$4x$", "$6x$", "$-5x$"]
    )
    into = [edge[1] for _, edge in edges_of(ax)]
    reads = {place: into.count(place) for place in into}
    assert sorted(reads.values()) == [1] * 5 + [2] * 5  # copies, doublings and two outputs
