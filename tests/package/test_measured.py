"""The measured rule: the largest ε_w on a grid that keeps given rows within ε."""

from __future__ import annotations

import math
import pickle

import numpy as np
import pytest
from test_networks import random_network

import lpbook as lp
from lpbook import _files
from lpbook.pruning import grid


@pytest.fixture(scope="module")
def network():
    return random_network(np.random.default_rng(0), (3, 4, 2))


@pytest.fixture(scope="module")
def rows():
    return np.random.default_rng(1).normal(size=(30, 3))


@pytest.fixture(scope="module")
def ticket(network, rows):
    return lp.prune(network, 0.2, inputs=rows, rule="measured")


def errors(network, ticket, rows):
    return np.linalg.norm(ticket.network()(rows) - network(rows), axis=1)


def test_it_is_the_largest_of_the_grid(network, rows, ticket):
    assert errors(network, ticket, rows).max() <= 0.2
    step = round(4 * math.log2(ticket.weight_epsilon))
    assert ticket.weight_epsilon == grid(step)
    largest = max(np.abs(w).max() for w in network.matrices)
    cost = lp.plan(network, 0.2, inputs=rows, rule="measured")
    assert cost.weight_epsilon == ticket.weight_epsilon
    assert cost.neurons == ticket.drawn
    order = lp.pruning._order(
        network, 0.2, "golden-ratio", None, rows, 0.01, "shared", "measured", "2l"
    )
    larger = range(step + 1, math.ceil(4 * math.log2(largest)) + 2)
    assert larger
    for above in larger:
        other = lp.pruning._choose_ticket(
            network, order.plan(grid(above), cost.scales), 0, lp.pruning._Work()
        )
        assert errors(network, other, rows).max() > 0.2


def test_all_trials_count(network, rows, ticket):
    """The plan adds them up, and so does the limit: of `plan` as of `prune`."""
    asked = {"epsilon": 0.2, "inputs": rows, "rule": "measured"}
    cost = lp.plan(network, **asked)
    largest = max(np.abs(w).max() for w in network.scaled(cost.scales).matrices)
    tried = grid(math.ceil(4 * math.log2(largest)) + 1) / ticket.weight_epsilon
    assert cost.trials == round(4 * math.log2(tried)) + 1
    order = lp.pruning._order(
        network, 0.2, "golden-ratio", None, rows, 0.01, "shared", "measured", "2l"
    )
    step = round(4 * math.log2(ticket.weight_epsilon))
    one = [order.plan(grid(step + i), cost.scales).seconds for i in range(cost.trials)]
    assert cost.seconds == pytest.approx(2 * sum(one))
    assert f"s of a core for {cost.trials} trials, a mask" in str(cost)
    enough, less = cost.seconds, cost.seconds - one[0]  # the last trial is too much
    assert less > 2 * one[0]  # though it alone would not be
    assert lp.prune(network, **asked, max_seconds=enough).target == ticket.target
    for call in (lp.plan, lp.prune):
        told = (
            rf"epsilon=0\.2.* for {cost.trials} trials, .*max_seconds=.*Allow more.*weight_epsilon"
        )
        with pytest.raises(ValueError, match=told):
            call(network, **asked, max_seconds=less)
        with pytest.raises(ValueError, match=r"for [23] trials, .*max_seconds=0"):
            call(network, **asked, max_seconds=0)
    assert lp.plan(network, 0.2, inputs=rows, max_seconds=0).trials == 0  # which draws nothing


def test_it_costs_less_than_the_proved_rule(network, rows, ticket):
    proved = lp.prune(network, 0.2, inputs=rows)
    assert proved.rule == "proved"
    assert proved.weight_epsilon < ticket.weight_epsilon / 4
    assert proved.drawn > ticket.drawn


def test_measured_and_proved_are_told_apart(tmp_path, network, rows, ticket):
    cost = lp.plan(network, 0.2, inputs=rows, rule="measured")
    assert cost.rule == ticket.rule == "measured"
    assert "measured on rows" in str(cost)
    assert "measured" in repr(cost)
    assert "proved over the domain" in str(lp.plan(network, 0.2, inputs=rows))
    ticket.save(tmp_path / "t")
    for read in (ticket, lp.load_ticket(tmp_path / "t"), pickle.loads(pickle.dumps(ticket))):
        certificate = read.verify(network, rows)
        assert certificate.ok
        assert certificate.rule == "measured"
        assert certificate.measured_error <= 0.2 < certificate.network_error
        assert "valid (measured)" in repr(certificate)
        assert dict(certificate.stated) == {"drawn": ticket.drawn, "delta": 0.01}
    header, arrays = _files.unsealed(tmp_path / "t")
    _files.write_sealed(tmp_path / "t", header | {"rule": "proved"}, arrays)
    assert not lp.load_ticket(tmp_path / "t").verify(network, rows).ok  # the bound is above ε
    _files.write_sealed(tmp_path / "t", header | {"rule": "guessed"}, arrays)
    with pytest.raises(ValueError, match="rule='guessed'"):
        lp.load_ticket(tmp_path / "t")


def test_what_no_rows_were_given_for_is_only_stated(network, rows, ticket):
    certificate = ticket.verify(network)
    assert certificate.ok  # weights and target are checked
    assert certificate.stated["epsilon"] == 0.2
    assert "epsilon 0.2" in repr(certificate)
    assert "epsilon, not checked" in str(certificate)
    with pytest.warns(RuntimeWarning, match="outside"):
        assert not ticket.verify(network, 100 * rows).ok
    proved = lp.prune(network, 0.2, inputs=rows).verify(network)
    assert set(proved.stated) == {"drawn", "delta"}


@pytest.mark.parametrize("construction", ["subset-sum", "product"])
def test_other_constructions(network, rows, construction):
    ticket = lp.prune(network, 0.5, construction, inputs=rows, rule="measured", seed=3)
    assert ticket.verify(network, rows).ok
    assert ticket.seed == 3


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rule": "guess"}, "rule='guess'"),
        ({"inputs": lp.Ball(1.0)}, "rule='measured'.*rows"),
        ({"epsilon": None, "weight_epsilon": 0.1}, "rule='measured'.*epsilon"),
        ({"epsilon": 1e-14}, "epsilon=1e-14.*larger epsilon"),
    ],
)
def test_bad_values(network, rows, change, message):
    for call in (lp.plan, lp.prune):
        with pytest.raises(ValueError, match=message):
            call(network, **{"epsilon": 0.2, "inputs": rows, "rule": "measured"} | change)
    with pytest.raises(ValueError, match="layout='pooled'"):
        lp.plan(network, 0.2, inputs=rows, rule="measured", layout="pooled")
