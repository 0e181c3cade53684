"""Tickets with one layer more than F: their plan is the theorem's, and they compute what F does."""

import itertools
import json
import math
import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

import lpbook as lp
from lpbook._files import Sealed, write_sealed
from lpbook.copies import CopiesTicket, error_of_copies, weight_budget_with_copies
from lpbook.kernels import Places, kernels_of
from lpbook.mixing import LayerNorm
from lpbook.networks import ACTIVATIONS
from lpbook.random_network import Block
from lpbook.tickets import Ticket

DEEP = {"depth": "l+1"}


def network(widths=(2, 3, 2), biases=True, activations="relu", seed=0):
    rng = np.random.default_rng(seed)
    weights = [rng.uniform(-1, 1, shape[::-1]) for shape in itertools.pairwise(widths)]
    own = [rng.uniform(-1, 1, len(w)) for w in weights] if biases else None
    return lp.Network(weights, own, activations=activations)


def rows(width=2, nonnegative=False, count=100):
    x = np.random.default_rng(2).normal(size=(count, width))
    x /= np.linalg.norm(x, axis=1, keepdims=True)
    return np.abs(x) if nonnegative else x


def by_layers(ticket, activations, x):
    """What the sparse layers of a ticket compute."""
    y = x.T
    for weights, name in zip(ticket.layers(), ("relu", *activations), strict=True):
        if weights.shape[1] > len(y):
            y = np.concatenate([y, np.ones((1, y.shape[1]))])
        y = ACTIVATIONS[name].function(weights @ y)
    return y.T


@pytest.mark.parametrize("widths", [(2, 2), (2, 3, 2), (2, 3, 2, 1)])
@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.parametrize("activations", ["relu", "tanh", "logistic"])
@pytest.mark.parametrize("nonnegative", [True, False])
def test_the_ticket_errs_by_what_was_asked_at_most(widths, biases, activations, nonnegative):
    F, x = network(widths, biases, activations), rows(nonnegative=nonnegative)
    domain = lp.Ball(1.0, nonnegative)
    cost = lp.plan(F, 0.5, inputs=domain, **DEEP)
    ticket = lp.prune(F, 0.5, inputs=domain, seed=1, **DEEP)
    certificate = ticket.verify(F, x)
    assert certificate.ok
    assert 0 < certificate.measured_error <= certificate.network_error <= 0.5
    assert 0 < certificate.weight_error <= cost.weight_epsilon == ticket.weight_epsilon
    assert certificate.drawn == ticket.drawn == cost.neurons
    assert len(ticket.layers()) == len(F.weights) + 1
    assert ticket(x) == pytest.approx(by_layers(ticket, F.activations, x), abs=1e-12)
    assert ticket(x) == pytest.approx(ticket.as_network()(x), abs=1e-12)
    assert ticket(x[0]) == pytest.approx(ticket(x)[0])


def test_each_copy_computes_its_neuron():
    """The copies of one neuron have the same inputs and nearly the same effective weights."""
    F = network((2, 3, 1), biases=False)
    domain = lp.Ball(1.0, nonnegative=True)
    ticket = lp.prune(F, weight_epsilon=0.02, inputs=domain, **DEEP)
    layers = ticket.layers()
    effective = (layers[1] @ layers[0]).toarray()
    assert effective == pytest.approx(ticket.network().first[0], rel=1e-12)
    copied = F.weights[0][ticket.copies[0]]
    assert np.abs(effective - copied).max() <= 0.02
    assert (np.sign(effective) * np.sign(copied) >= 0).all()
    assert (np.abs(effective) <= np.abs(copied)).all()  # so that errors do not add up
    assert set(ticket.copies[0]) == {0, 1, 2}
    assert len({tuple(row) for row in effective}) == len(effective) > 3
    certificate = ticket.verify(F)
    assert certificate.kept_weights == sum(layer.nnz for layer in layers)
    assert certificate.kept == layers[0].shape[0] + len(effective)


def test_the_certificate_follows_the_copies():
    """The bound is the recursion with what the copies are found to do wrong."""
    F = network((2, 3, 1), biases=False)
    domain = lp.Ball(1.0, nonnegative=True)
    ticket = lp.prune(F, weight_epsilon=0.02, inputs=domain, **DEEP)
    inner, outer, edges = (layer.toarray() for layer in ticket.layers())
    copy_of, first = ticket.copies[0], outer @ inner
    wrong = np.array([np.abs(first - F.weights[0][copy_of])[copy_of == q].max(0) for q in range(3)])
    sums = np.array([[np.abs(edges[0, copy_of == q]).sum() for q in range(3)]])
    second = np.array([[edges[0, copy_of == q].sum() for q in range(3)]]) - F.weights[1]
    norms = F.bounds(domain).norms
    gains = [np.linalg.norm(np.abs(F.weights[0]), 2), np.linalg.norm(sums, 2)]
    errors = [np.linalg.norm(wrong, 2), np.linalg.norm(second, 2)]
    found = ticket.verify(F).network_error
    assert found == pytest.approx(error_of_copies(F, norms, gains, errors), rel=1e-6)


def test_the_bound_is_reached_where_nothing_is_lost():
    """Chains of one neuron a layer: both sides of the recursion are equal."""
    F = lp.Network([[[2.0]], [[3.0]]])
    norms = F.bounds(lp.Ball(1.0)).norms
    moved = lp.Network([[[2.1]], [[3.0]]])
    found = error_of_copies(F, norms, [2.0, 3.0], [0.1, 0.0])
    assert found == pytest.approx(float(moved([1.0])[0] - F([1.0])[0]))


def test_copies_that_are_read_are_within_the_plan():
    F = network()
    cost = lp.plan(F, weight_epsilon=0.05, **DEEP)
    ticket = lp.prune(F, weight_epsilon=0.05, **DEEP)
    for read, most in zip(ticket.copies, cost.copies, strict=True):
        assert np.bincount(read).max() <= most


def test_what_the_plan_counts():
    F = network((3, 4, 2), biases=True)
    cost = lp.plan(F, weight_epsilon=0.05, inputs=lp.Ball(1.0, nonnegative=True), **DEEP)
    first, last = (layer.widths[0] for layer in cost.layers)
    assert cost.neurons == 4 * first + 5 * last  # with the constant 1 in front of either layer
    assert cost.random_weights == 4 * 4 * first + 4 * first * 4 * last + 5 * last * 2
    assert cost.constant_weights == 4 * 4 * first
    assert cost.weights == sum(w.size for w in F.matrices)
    assert "depth l+1" in repr(cost)
    assert "depth l+1" in str(cost)


def test_one_layer_costs_what_it_costs_elsewhere():
    F = network((3, 2))
    cost, twice = (lp.plan(F, weight_epsilon=0.05, depth=depth) for depth in ("l+1", "2l"))
    assert (cost.copies, cost.neurons) == ((1,), twice.neurons)
    assert cost.random_weights == twice.random_weights
    assert cost.constant_weights == twice.constant_weights


def test_g_is_a_function_of_the_seed():
    """Kept edges are those of whole blocks of G, drawn without a look at the target."""
    F = network((2, 3, 2), biases=True)
    cost = lp.plan(F, weight_epsilon=0.05, **DEEP)
    ticket = lp.prune(F, weight_epsilon=0.05, seed=3, **DEEP)
    last = cost.layers[1]
    offsets = np.cumsum([0, *last.widths])
    read = [np.unique(kept.rows) + offsets[q] for q, kept in enumerate(ticket.kept(1))][:-1]
    columns = np.concatenate(read)
    drawn = sum(last.widths[:-1])
    scheme = ticket.construction.scheme(ticket.choices[0].max_weight, ticket.weight_epsilon)
    for j, kept in enumerate(ticket.kept(0)):
        one_sided = bool(ticket.choices[0].nonnegative[j])
        inner, outer = Block(3, 0, j, drawn, "shared").rows(cost.layers[0].widths[j])
        laws = scheme.laws(one_sided)
        assert kept.outer == pytest.approx(
            laws[1].ppf(outer[kept.rows, columns[kept.outputs]]), rel=1e-15
        )
        assert (kept.inner == laws[0].ppf(inner[kept.rows, 0])).all()
    # and each is the first of its block that supplies its digit: no other choice was to be made
    kept = next(iter(ticket.kept(1)))
    assert kept.rows.max() < last.widths[0]


def test_picked_columns_of_a_block_are_those_of_the_whole():
    whole = Block(1, 2, 3, 10, "shared").rows(4)[1]
    picked = Block(1, 2, 3, 10, "shared", np.array([2, 7])).rows(4)[1]
    assert (picked == whole[:, [2, 7]]).all()


def test_the_file_is_the_ticket(tmp_path):
    F = network((2, 3, 2, 1), activations="tanh")
    ticket = lp.prune(F, 0.3, inputs=lp.Ball(1.0), **DEEP)
    ticket.save(tmp_path / "ticket")
    found = lp.load_ticket(tmp_path / "ticket")
    assert isinstance(found, CopiesTicket)
    assert isinstance(found, Ticket)
    assert found.verify(F) == ticket.verify(F)
    assert (found(rows()) == ticket(rows())).all()
    assert (pickle.loads(pickle.dumps(ticket))(rows()) == ticket(rows())).all()
    other = network((2, 3, 2, 1), activations="tanh", seed=1)
    assert not found.verify(other).ok


def test_files_of_depth_2l_are_as_they_were(tmp_path):
    ticket = lp.prune(network(), weight_epsilon=0.1)
    ticket.save(tmp_path / "ticket")
    file = Sealed(str(tmp_path / "ticket"))
    assert file.header["version"] == 2
    assert "depth" not in file.header
    file.close()


def changed(path, **more):
    """A file with another header or other arrays, sealed again."""
    file = Sealed(str(path))
    header = dict(file.header)
    names = [*file.unread]
    file.close()
    with np.load(path) as content:
        arrays = {name: content[name] for name in names}
    for name, value in more.items():
        (arrays if name in arrays else header)[name] = value
    write_sealed(str(path), header, arrays)


def test_forged_files_are_refused(tmp_path):
    F, path = network((2, 3, 2), biases=False), tmp_path / "ticket"
    ticket = lp.prune(F, weight_epsilon=0.1, inputs=lp.Ball(1.0, nonnegative=True), **DEEP)

    ticket.save(path)
    changed(path, depth="l+2")
    with pytest.raises(ValueError, match="depth"):
        lp.load_ticket(path)

    ticket.save(path)
    changed(path, nonnegative_1=np.zeros(3, dtype=bool))
    with pytest.raises(ValueError, match="copies are read as they are"):
        lp.load_ticket(path)

    ticket.save(path)
    changed(path, widths_1=np.full(3, 2**39))  # columns in front that no table can hold
    with pytest.raises(ValueError, match="max_"):
        lp.load_ticket(path)

    ticket.save(path)
    widths = ticket.choices[1].widths.astype("<i8").copy()
    widths[0] = 0  # whose copies are read
    changed(path, widths_1=widths)
    with pytest.raises(ValueError, match="keeps neurons G lacks"):
        lp.load_ticket(path).verify(F)


def test_a_choice_that_reads_other_copies_is_refused():
    F = network((2, 3, 2), biases=False)
    ticket = lp.prune(F, weight_epsilon=0.1, **DEEP)
    first, last = ticket.choices
    fewer = last.codes.copy()
    fewer[0] = 0  # nothing of the first neuron is kept
    ticket = replace(ticket, choices=(first, replace(last, codes=fewer)))
    with pytest.raises(ValueError, match=r"layer 2 reads .* copies, layer 1 has"):
        ticket.verify(F)


def test_the_same_ticket_by_threads_and_from_a_checkpoint(tmp_path):
    F = network((3, 4, 2))
    ticket = lp.prune(F, weight_epsilon=0.02, **DEEP)
    with ThreadPoolExecutor(2) as executor:
        other = lp.prune(
            F, weight_epsilon=0.02, executor=executor, checkpoint=tmp_path / "done", **DEEP
        )
    again = lp.prune(F, weight_epsilon=0.02, checkpoint=tmp_path / "done", **DEEP)
    for one in (other, again):
        for mask, wanted in zip(one.choices, ticket.choices, strict=True):
            assert (mask.codes == wanted.codes).all()


def test_the_price_does_not_depend_on_how_hidden_layers_are_scaled():
    F = network((2, 3, 2), biases=False)
    other = lp.Network([1024 * F.weights[0], F.weights[1] / 1024])
    domain = lp.Ball(1.0)
    one, two = (lp.plan(each, 0.1, inputs=domain, **DEEP).neurons for each in (F, other))
    assert one == pytest.approx(two, rel=0.01)


def test_the_budget_is_spent():
    F, domain = network(activations="tanh"), lp.Ball(2.0)
    found = weight_budget_with_copies(F, 0.3, domain)
    gains = [np.linalg.norm(np.abs(w), 2) for w in F.weights]
    errors = [found * math.sqrt(w.size) for w in F.matrices]
    assert error_of_copies(F, F.bounds(domain).norms, gains, errors) == pytest.approx(0.3)


def test_zeros_do_not_err():
    w = np.array([[1.0, 0.0], [0.0, 1.0]])
    full, sparse = lp.Network([w + 0.5 * (w == 0)]), lp.Network([w])
    budgets = [weight_budget_with_copies(F, 0.3, lp.Ball(1.0)) for F in (full, sparse)]
    assert budgets[1] == pytest.approx(math.sqrt(2) * budgets[0])


def test_rounding_is_left_room():
    F, domain, refused = lp.Network([np.ones((2, 2)), np.ones((1, 2))]), lp.Ball(1.0), 0
    for epsilon in (1e-11, 1e-12, 1e-13, 1e-14):
        try:
            ticket = lp.prune(F, epsilon, inputs=domain, **DEEP)
        except ValueError as error:
            assert str(error).startswith(f"epsilon={epsilon}: leaves")  # noqa: PT017
            refused += 1
        else:
            assert ticket.verify(F).ok
    assert 0 < refused < 4


def test_nothing_reaches_the_output():
    F = network(biases=False)
    assert weight_budget_with_copies(F, 0.1, lp.Ball(0.0)) == math.inf
    ticket = lp.prune(F, 0.1, inputs=lp.Ball(0.0), **DEEP)
    assert ticket.verify(F, np.zeros((1, 2))).ok
    assert ticket([0.0, 0.0]).tolist() == [0.0, 0.0]


@pytest.mark.parametrize("biases", [True, False])
def test_a_layer_of_zeros(biases):
    own = [np.ones(2), np.ones(1)] if biases else None
    F = lp.Network([np.ones((2, 2)), np.zeros((1, 2))], own)
    ticket = lp.prune(F, weight_epsilon=0.05, **DEEP)
    assert ticket([0.5, 0.25]) == pytest.approx([float(biases)], abs=0.05)
    assert ticket.verify(F, [[0.5, 0.25]]).ok
    assert by_layers(ticket, F.activations, np.array([[0.5, 0.25]])) == pytest.approx(
        ticket([[0.5, 0.25]])
    )


def test_seeds_give_other_tickets():
    F = network((2, 2, 1))
    one, other = (lp.prune(F, weight_epsilon=0.05, seed=seed, **DEEP) for seed in (0, 1))
    assert one.layers()[-1].data.tolist() != other.layers()[-1].data.tolist()


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"construction": "subset-sum"}, r"construction=.*must be GoldenRatio.*depth='2l'"),
        ({"construction": "malach"}, r"construction=.*must be GoldenRatio"),
        ({"construction": lp.GoldenRatio(law="common")}, r"construction=.*law='constant'"),
        ({"construction": lp.GoldenRatio(two_sided=True)}, r"construction=.*two_sided=False"),
        ({"layout": "reserved"}, r"layout='reserved': with depth='l\+1' must be 'shared'"),
        ({"depth": "L"}, r"depth='L'"),
    ],
)
@pytest.mark.parametrize("call", [lp.plan, lp.prune])
def test_what_is_not_proved_is_refused(call, asked, said):
    with pytest.raises(ValueError, match=said):
        call(network(), weight_epsilon=0.1, **{**DEEP, **asked})


def test_trials_and_kernels_are_refused():
    with pytest.raises(ValueError, match=r"rule='measured': with depth='l\+1' must be 'proved'"):
        lp.prune(network(), 0.1, inputs=rows(), rule="measured", **DEEP)
    matrix = np.array([[5.0, 7.0, 0.0], [0.0, 5.0, 7.0]])
    found = kernels_of(matrix, [Places(1, (2,))], [Places(1, (3,))])
    kernel = lp.Network([matrix], kernels=[found])
    with pytest.raises(ValueError, match=r"has kernels.*depth='2l'"):
        lp.plan(kernel, weight_epsilon=0.1, **DEEP)


def test_activations_that_mix_neurons_are_refused():
    norm = LayerNorm(tokens=1, size=3, added=0.1)
    mixed = network(biases=False, activations=[norm, "identity"])
    domain = lp.Ball(1.0)
    for ask in (
        lambda: lp.plan(mixed, weight_epsilon=0.1, **DEEP),
        lambda: lp.prune(mixed, 0.1, inputs=domain, **DEEP),
        lambda: weight_budget_with_copies(mixed, 0.1, domain),
        lambda: error_of_copies(mixed, [1.0] * 3, [1.0] * 2, [0.1] * 2),
    ):
        with pytest.raises(ValueError, match=r"mix neurons.*depth='2l'"):
            ask()
    ticket = lp.prune(network(), weight_epsilon=0.1, **DEEP)
    first, *more = ticket.choices
    with pytest.raises(ValueError, match=r"choices\[0\]: must not mix neurons"):
        replace(ticket, choices=(replace(first, activation=norm), *more))


def test_too_many_copies():
    with pytest.raises(ValueError, match="weights of copies"):
        lp.plan(network((900, 900, 900, 900)), weight_epsilon=1e-3, **DEEP)


def test_what_a_ticket_of_this_depth_has_not():
    ticket = lp.prune(network(), weight_epsilon=0.1, **DEEP)
    for ask in (ticket.masks, ticket.random_network):
        with pytest.raises(ValueError, match=r"layers\(\) has the weights that are kept"):
            ask()
    with pytest.raises(ValueError, match="effective=True"):
        ticket.as_network(effective=True)


def test_the_command_line(tmp_path, monkeypatch, capsys):
    from lpbook import cli

    monkeypatch.chdir(tmp_path)
    np.savez("model.npz", weights_0=np.eye(2) + 0.25, weights_1=np.ones((1, 2)))
    asked = ["model.npz", "--epsilon", "0.2", "--radius", "1", "--depth", "l+1", "--json"]
    assert cli.main(["plan", *asked]) == 0
    assert json.loads(capsys.readouterr().out)["depth"] == "l+1"
    assert cli.main(["prune", *asked, "-o", "ticket"]) == 0
    assert json.loads(capsys.readouterr().out)["depth"] == "l+1"
    assert cli.main(["verify", "ticket", "model.npz"]) == 0
