"""Drawings of the chapter *since_depth* show the tickets and numbers they are given."""

import json
from importlib.resources import files

import numpy as np
import pytest

import lpbook as lp
from lpbook import figures


def small(biases=None):
    network = lp.Network([[[0.6, 0.4], [-0.5, 0.9]], [[0.8, -0.5]]], biases)
    domain = lp.Ball(1, nonnegative=True)
    return network, lp.prune(network, weight_epsilon=0.25, inputs=domain, depth="l+1")


def test_copies_of_neurons_draws_each_kept_edge_and_each_copy():
    network, ticket = small()
    for ax, layers, copies in zip(
        figures.copies_of_neurons(network, ticket).axes,
        (network.weights, [layer.toarray() for layer in ticket.layers()]),
        (np.arange(2), ticket.copies[0]),
        strict=True,
    ):
        drawn = [c for c in ax.collections if hasattr(c, "get_segments")]
        edges = sum(len(lines.get_segments()) for lines in drawn)
        assert edges == sum(np.count_nonzero(layer) for layer in layers)
        points = [c.get_offsets() for c in ax.collections if not hasattr(c, "get_segments")]
        middle = np.concatenate([at for at in points if len(at) and at[0, 0] == len(layers) - 1])
        assert len(middle) == len(copies)


def test_copies_of_neurons_wants_two_layers_without_biases():
    network, ticket = small(biases=[[0.5, 0.5], [0.5]])
    with pytest.raises(ValueError, match="must have two layers, no biases"):
        figures.copies_of_neurons(network, ticket)


def test_depth_prices_draws_both_depths_in_both_currencies():
    drawn, kept = {2: [3, 4], 1: [30, 40]}, {2: [5, 6], 1: [7, 8]}
    axes = figures.depth_prices((2, 0.2), drawn, kept).axes
    for ax, counts in zip(axes, (drawn, kept), strict=True):
        lines = {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}
        assert lines == {"depth 2ℓ": counts[2], "depth ℓ + 1": counts[1]}
        low, high = ax.get_xlim()
        assert low > high  # finer to the right


def test_errors_of_copies_has_a_dot_for_each():
    (ax,) = figures.errors_of_copies([0, 0, 3], [0.1, 0.2, 0.05], 0.5).axes
    dots, line = ax.get_lines()
    assert dots.get_xydata().tolist() == [[0, 0.1], [0, 0.2], [3, 0.05]]
    assert set(line.get_ydata()) == {0.5}


def test_depth_networks_has_both_marks_and_their_ratio_for_each_currency():
    found = {"2l": (10**10, 3, 2), "l+1": (10**12, 30, 5)}
    keys = ("random_weights", "kept_weights", "bytes")
    row = {"network": "a"} | {depth: dict(zip(keys, found[depth], strict=True)) for depth in found}
    (ax,) = figures.depth_networks([row]).axes
    marks = {line.get_label(): list(line.get_xdata()) for line in ax.get_lines()[3:]}
    assert marks == {"depth 2ℓ": [2, 3, 10**10], "depth ℓ + 1": [5, 30, 10**12]}
    assert [words.get_text() for words in ax.texts] == ["× 2", "× 10", "× 100"]
    assert [label.get_text() for label in ax.get_yticklabels()][::-1][0] == "weights of $G$"


def test_tickets_of_both_depths_on_record_are_certified_and_within_what_was_asked():
    text = (files("lpbook.data") / "depth.json").read_text(encoding="utf-8")
    networks = json.loads(text)["networks"]
    assert [row["weights"] for row in networks] == [2273, 397000]
    for row in networks:
        for depth in ("2l", "l+1"):
            assert row[depth]["ok"]
            assert row[depth]["measured"] <= row[depth]["proved"] <= row["epsilon"]
    assert networks[0]["l+1"]["layers"] == networks[0]["2l"]["layers"] - 1
