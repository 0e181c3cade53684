import math

import numpy as np
import pytest
from test_budgets import inputs_of
from test_networks import random_network

import lpbook as lp
from lpbook.batches import output_batch_size
from lpbook.experiments.confidence import hoeffding_tolerance

SINGLE = lp.Network([[[0.5]]])


def test_an_error_that_rounding_alone_can_cause_is_refused():
    network = lp.Network([np.ones((1, 2000))])
    for epsilon in (5e-10, 3e-11):
        with pytest.raises(ValueError, match="rounding in float64"):
            lp.plan(network, epsilon, inputs=lp.Ball(1.0, True))


def test_counts_are_the_theorem_s():
    rng = np.random.default_rng(0)
    network = lp.Network([rng.uniform(-1, 1, (7, 5)), rng.uniform(-1, 1, (3, 7))])
    for layout in ("shared", "reserved"):
        for law in ("constant", "common"):
            plan = lp.plan(
                network, None, lp.GoldenRatio(law=law), weight_epsilon=0.01, layout=layout
            )
            for i, (layer, w) in enumerate(zip(plan.layers, network.weights, strict=True)):
                k = lp.count_digits(0.01, max_weight=np.abs(w).max())
                halves = 2 if i == 0 else 1  # a ReLU layer's outputs are at least 0
                c = 1 / (4 * k) if law == "constant" else 1 / (8 * (k - 1))
                c *= 3 - halves
                rows = math.ceil(math.log(0.005 / (halves * k * w.size)) / math.log1p(-c))
                assert layer.requirements == k
                assert rows <= math.ceil(math.log(halves * k * w.size / 0.005) / c)
                per_input = rows if layout == "shared" else rows * w.shape[0]
                assert layer.neurons == per_input * w.shape[1]
                assert layer.neurons_per_weight == layer.neurons / w.size
                assert layer.random_weights == layer.neurons * sum(w.shape)
                ones = layer.neurons * w.shape[1] if law == "constant" and i == 1 else 0
                assert layer.constant_weights == ones
                assert layer.drawn_weights == layer.random_weights - ones
            assert plan.drawn_weights == sum(layer.drawn_weights for layer in plan.layers)


@pytest.mark.parametrize("law", ["constant", "common"])
@pytest.mark.parametrize("nonnegative", [True, False])
def test_pooled_counts_are_those_proved(law, nonnegative):
    rng = np.random.default_rng(0)
    network = lp.Network([rng.uniform(-1, 1, (7, 5))])
    plan = lp.plan(
        network,
        None,
        lp.GoldenRatio(law=law),
        weight_epsilon=0.01,
        inputs=lp.Ball(1.0, nonnegative),
        layout="pooled",
    )
    k = plan.layers[0].requirements
    c = 1 / (4 * k) if law == "constant" else 1 / (8 * (k - 1))
    constant = (k - 1) / (2 * k) if nonnegative else 1 - 1 / (2 * k)
    crowding = 1.5 if law == "common" else constant
    categories = k if nonnegative else 2 * k
    pool = lp.pooled_batch_size(35, categories, c * (1 + nonnegative), 0.01, crowding)
    by_output = math.inf
    if law == "constant" and nonnegative:
        most = [max((row > 0).sum(), (row < 0).sum()) for row in network.weights[0]]
        by_output = sum(lp.batch_size(m, 14 * k, 0.5 / k, 0.01, "exact") for m in most)
    elif law == "constant":
        by_output = 7 * output_batch_size(5, k, 7, 0.01)
    assert plan.neurons == min(pool, by_output)
    assert plan.neurons >= categories * 35  # one for each requirement, at the very least


def test_pooled_counts_of_one_neuron_a_half():
    network = lp.Network([[[0.5, -1.0], [0.25, 0.0]]])
    for nonnegative, halves, crowding in ((True, 1, 0.0), (False, 2, 0.5)):
        for name in ("malach", "product"):
            plan = lp.plan(
                network,
                None,
                name,
                weight_epsilon=0.01,
                inputs=lp.Ball(1.0, nonnegative),
                layout="pooled",
            )
            c = plan.layers[0].scheme.probability(nonnegative)
            assert plan.neurons == lp.pooled_batch_size(3, halves, c, 0.01, crowding)


def test_columns_of_either_kind_share_delta():
    """With biases the constant 1 needs one half: both kinds of columns fail with δ together."""
    network = lp.Network([[[0.5, -1.0], [0.25, 0.7]]], [[1.0, 0.5]])
    k = lp.count_digits(0.01)
    layer = lp.plan(network, weight_epsilon=0.01).layers[0]
    needs = k * (2 * 4 + 2)
    assert layer.widths[0] == lp.batch_size(1, needs, 1 / (4 * k), 0.01, "exact")
    assert layer.widths[2] == lp.batch_size(1, needs, 1 / (2 * k), 0.01, "exact")
    pooled = lp.plan(network, weight_epsilon=0.01, layout="pooled").neurons
    scheme = layer.scheme
    two_sided = scheme.pooled_neurons(np.array([1, 2]), np.array([1, 0]), False, 0.01 * 0.8)
    one_sided = scheme.pooled_neurons(np.array([1, 1]), np.array([0, 0]), True, 0.01 * 0.2)
    assert pooled == two_sided + one_sided


def test_plan_adds_up_and_prints():
    plan = lp.plan(random_network(np.random.default_rng(0)), 0.1, inputs=lp.Ball(1))
    assert plan.neurons == sum(layer.neurons for layer in plan.layers)
    assert plan.neurons_per_weight == plan.neurons / plan.weights
    lines = str(plan).splitlines()
    assert len(lines) == 9
    assert f"{plan.neurons:,}" in lines[-1]
    assert f" s of a core, a mask of {plan.bytes:,} bytes" in lines[2]


def test_zero_weights_need_nothing():
    sparse = lp.Network([[[0.5, 0.0], [0.0, 0.0]]])
    layer = lp.plan(sparse, weight_epsilon=0.01).layers[0]
    assert layer.weights == 1
    assert layer.widths[1] == 0
    small = lp.plan(sparse, weight_epsilon=0.5)
    assert small.neurons == 0
    ticket = lp.prune(sparse, weight_epsilon=0.5)
    assert ticket.verify(sparse).kept == 0
    assert ticket.network()([1.0, 1.0]).tolist() == [0, 0]
    assert [m.shape for m in ticket.layers()] == [(0, 2), (2, 0)]


@pytest.mark.parametrize("law", ["constant", "common"])
@pytest.mark.parametrize("layout", ["shared", "reserved"])
def test_failures_are_as_rare_as_promised(law, layout):
    """Evidence: 300 seeds at δ = 0.2 fail no more often than δ allows."""
    network = lp.Network([[[0.5, -1.0, 0.3], [0.25, -0.7, 1.0]]])
    runs, failures = 300, 0
    for seed in range(runs):
        try:
            lp.prune(network, None, lp.GoldenRatio(law=law), weight_epsilon=0.05, delta=0.2,
                     layout=layout, seed=seed)  # fmt: skip
        except ValueError:
            failures += 1
    # Hoeffding: a false alarm has probability at most 1e-6
    assert failures / runs <= 0.2 + hoeffding_tolerance(runs, sides=1)
    assert failures > 0  # and failures do happen: the count is not wasteful


def test_a_failure_names_the_weight_and_the_remedy():
    network = lp.Network([np.full((2, 3), 0.5)], [[0.5, 0.5]])
    message = ""
    for seed in range(100):
        try:
            lp.prune(network, weight_epsilon=0.1, delta=0.9, seed=seed)
        except ValueError as error:
            message = str(error)
            assert message.startswith(f"seed={seed}: in layer 1, ")
            assert "delta=0.9" in message
            assert "another seed" in message
            assert "weights[0][" in message or "biases[0][" in message
    assert message


def test_same_arguments_same_ticket_and_other_seed_other_ticket():
    network = random_network(np.random.default_rng(0))
    one, two, other = (lp.prune(network, weight_epsilon=0.1, delta=1e-6, seed=s) for s in (5, 5, 6))
    for a, b, c in zip(one.choices, two.choices, other.choices, strict=True):
        assert (a.codes == b.codes).all()
        assert (a.codes != c.codes).any()
    assert (one.network().effective[0] == two.network().effective[0]).all()


def test_memory_follows_the_ticket():
    import tracemalloc

    network = lp.Network([np.random.default_rng(0).uniform(-1, 1, (300, 160))])
    tracemalloc.start()
    ticket = lp.prune(network, weight_epsilon=0.01)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    random_weights = ticket.drawn * 300
    assert peak < 8 * random_weights / 5
    assert peak < 24e6


def test_progress_bar_shows_and_leaves_the_ticket_alone(capsys):
    ticket = lp.prune(SINGLE, weight_epsilon=0.01, progress=True)
    assert "pruning" in capsys.readouterr().err
    lp.prune(SINGLE, weight_epsilon=0.01)
    assert capsys.readouterr().err == ""
    assert ticket.verify(SINGLE).ok


BAD_VALUES = [
    ({"weight_epsilon": 0}, "weight_epsilon=0"),
    ({"weight_epsilon": np.nan}, "weight_epsilon=nan"),
    ({"weight_epsilon": None}, "epsilon=None, weight_epsilon=None: give exactly one"),
    ({"epsilon": 0.1}, "epsilon=0.1, weight_epsilon=0.1: give exactly one"),
    ({"weight_epsilon": None, "epsilon": 0.1}, "inputs=None: needed with epsilon"),
    ({"weight_epsilon": None, "epsilon": -1, "inputs": lp.Ball(1)}, "epsilon=-1"),
    ({"weight_epsilon": 1e-18}, "weight_epsilon=1e-18.*float64"),
    ({"delta": 0}, "delta=0"),
    ({"delta": 1.0}, "delta=1.0"),
    ({"construction": "silver"}, "construction='silver'"),
    ({"layout": "heap"}, "layout='heap'"),
    ({"inputs": [[1.0, 2.0]]}, "inputs="),
]


@pytest.mark.parametrize("function", [lp.plan, lp.prune])
@pytest.mark.parametrize(("change", "message"), BAD_VALUES)
def test_bad_values(function, change, message):
    with pytest.raises(ValueError, match=message):
        function(**{"network": SINGLE, "weight_epsilon": 0.1} | change)


def test_more_bad_values_of_prune():
    with pytest.raises(ValueError, match="layout='pooled'"):
        lp.prune(SINGLE, weight_epsilon=0.1, layout="pooled")
    with pytest.raises(ValueError, match="seed=-1"):
        lp.prune(SINGLE, weight_epsilon=0.1, seed=-1)
    for change in ({"seed": 0.5}, {"progress": 2}, {"network": [[0.5]]}, {"construction": 1}):
        with pytest.raises(TypeError, match=next(iter(change))):
            lp.prune(**{"network": SINGLE, "weight_epsilon": 0.1} | change)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("activations", ["relu", "tanh", "logistic", ["identity", "relu", "tanh"]])
@pytest.mark.parametrize("layout", ["shared", "reserved"])
@pytest.mark.parametrize("nonnegative", [True, False])
def test_the_promise_is_kept(bias, activations, layout, nonnegative):
    rng = np.random.default_rng(4)
    network = random_network(rng, (4, 5, 6, 3), bias=bias, activations=activations, scale=0.7)
    domain = lp.Ball(1.5, nonnegative)
    x = inputs_of(domain, rng, 500)
    for law in ("constant", "common"):
        ticket = lp.prune(
            network, 0.2, lp.GoldenRatio(law=law), inputs=domain, delta=1e-3, layout=layout
        )
        certificate = ticket.verify(network, x)
        assert certificate.ok
        assert certificate.measured_error <= certificate.network_error <= 0.2
        assert certificate.weight_error <= ticket.weight_epsilon
        assert certificate.outside_domain == 0
        assert (
            certificate.drawn
            == lp.plan(
                network, 0.2, lp.GoldenRatio(law=law), inputs=domain, delta=1e-3, layout=layout
            ).neurons
        )


@pytest.mark.parametrize("scale", [1e-9, 1e6])
def test_weights_of_any_size(scale):
    rng = np.random.default_rng(5)
    network = lp.Network([scale * rng.normal(size=(3, 2))])
    ticket = lp.prune(network, 1e-3 * scale, inputs=lp.Ball(1.0))
    assert ticket.verify(network).ok


@pytest.mark.parametrize("construction", ["malach", "product"])
@pytest.mark.parametrize("layout", ["shared", "reserved"])
@pytest.mark.parametrize("bias", [True, False])
def test_one_neuron_a_weight_keeps_the_promise_too(construction, layout, bias):
    rng = np.random.default_rng(6)
    network = random_network(rng, (2, 3, 2), bias=bias, activations="tanh", scale=0.5)
    x = inputs_of(lp.Ball(0.5), rng, 200, 2)
    ticket = lp.prune(network, 0.5, construction, inputs=x, delta=1e-3, layout=layout)
    certificate = ticket.verify(network, x)
    assert certificate.ok
    assert certificate.measured_error <= certificate.network_error <= 0.5
    halves = 2 * network.matrices[0].size + 2 * network.matrices[1].size
    assert certificate.kept <= halves


def test_what_cannot_be_drawn_is_priced_instead():
    rng = np.random.default_rng(7)
    network = random_network(rng, (20, 30, 5))
    price = lp.plan(network, None, "malach", weight_epsilon=1e-11)
    assert price.neurons > 1e22
    message = r"weight_epsilon=1e-08: the construction 'malach' needs .*neurons.*golden-ratio"
    with pytest.raises(ValueError, match=message):
        lp.prune(network, None, "malach", weight_epsilon=1e-8)
    with pytest.raises(ValueError, match=r"^epsilon=1e-06: the construction 'product' needs"):
        lp.prune(network, 1e-6, "product", inputs=lp.Ball(1.0))


@pytest.mark.parametrize("construction", ["golden-ratio", "malach", "product", "subset-sum"])
@pytest.mark.parametrize("layout", ["shared", "reserved"])
def test_a_plan_tells_time_and_bytes_and_time_can_be_allowed(construction, layout):
    network = lp.Network([[[0.5, -0.8], [0.3, 0.0], [0.0, 0.9]]])
    settings = {"construction": construction, "weight_epsilon": 0.2, "layout": layout}
    cost = lp.plan(network, **settings)
    ticket = lp.prune(network, **settings)
    assert cost.bytes == ticket.choices[0].codes.nbytes
    assert cost.layers[0].halves == 2 * cost.weights == 8
    one_sided = lp.plan(network, inputs=lp.Ball(1.0, True), **settings)
    assert cost.seconds / 2 <= one_sided.seconds < cost.seconds
    assert lp.plan(network, None, construction, weight_epsilon=0.002).seconds > cost.seconds
    with pytest.raises(ValueError, match=r"max_seconds=1e-06\. Allow more"):
        lp.prune(network, **settings, max_seconds=1e-6)
    for enough in (cost.seconds, math.inf, np.float64("inf")):
        same = lp.prune(network, **settings, max_seconds=enough)
        assert (same.choices[0].codes == ticket.choices[0].codes).all()
    with pytest.raises(ValueError, match="max_seconds=-1"):
        lp.prune(network, **settings, max_seconds=-1)


@pytest.mark.parametrize(
    ("construction", "shape", "nonzero", "measured"),
    [
        ("golden-ratio", (1000, 1000), "diagonal", 0.048),
        ("golden-ratio", (1500, 1500), "one in 1000", 0.043),
        ("golden-ratio", (1500, 500), "one in 10", 0.22),
        ("subset-sum", (1, 1000), "all", 43),
        ("subset-sum", (2, 1000), "all", 24),
        ("subset-sum", (300, 300), "diagonal", 0.16),
        ("product", (1, 200), "all", 8.6),
        ("product", (100, 100), "diagonal", 0.10),
    ],
)
def test_blocks_take_time_however_few_weights_they_have(construction, shape, nonzero, measured):
    """Per entry of the matrix, against that of a full layer, as was measured."""

    def seconds(matrix):
        cost = lp.plan(lp.Network([matrix]), None, construction, weight_epsilon=0.01)
        return cost.seconds / matrix.size

    matrix = np.zeros(shape)
    place = np.arange(matrix.size).reshape(shape)
    step = {"all": 1, "diagonal": shape[1] + 1, "one in 1000": 997, "one in 10": 11}[nonzero]
    matrix[place % step == 0] = 1.0
    full = np.ones((50, 50)) if construction == "product" else np.ones((100, 50))
    assert 1 / 3 < seconds(matrix) / seconds(full) / measured < 3


def test_nothing_to_do_takes_no_time():
    cost = lp.plan(lp.Network([[[0.1]]]), weight_epsilon=0.5)
    assert (cost.seconds, cost.bytes) == (0.0, 0)


@pytest.mark.parametrize(("outputs", "weight_epsilon"), [(200, 1e-12), (2000, 1e-11)])
def test_rounding_is_counted_for_each_weight_and_not_for_the_block(outputs, weight_epsilon):
    network = lp.Network([np.random.default_rng(0).uniform(-1, 1, size=(outputs, 1))])
    assert lp.prune(network, weight_epsilon=weight_epsilon).verify(network).ok


def test_an_epsilon_that_float64_cannot_keep_is_refused_by_its_name():
    network = lp.Network([[[1.0, 1.0]]])
    assert lp.weight_budget(network, 1e-30, lp.Ball(1.0)) > 0  # the formula itself has no floor
    with pytest.raises(ValueError, match=r"^epsilon=1e-30: .*float64"):
        lp.prune(network, 1e-30, inputs=lp.Ball(1.0))
    lopsided = lp.Network([[[1e-10]], [[1e10]]], activations="tanh")  # ReLUs could be scaled
    with pytest.raises(ValueError, match=r"^epsilon=0\.1: leaves each weight too little"):
        lp.prune(lopsided, 0.1, inputs=lp.Ball(1.0))


def test_a_plan_and_a_certificate_are_one_line_where_a_line_is_asked_for():
    network = lp.Network([[[0.5, -1.0], [0.25, 0.0]], [[1.0, 0.3]]])
    cost = lp.plan(network, weight_epsilon=0.01)
    assert repr(cost) == (
        f"<Plan golden-ratio, shared, 2 layers, weights within 0.01, {cost.neurons:,} neurons>"
    )
    assert str(cost).count("\n") == 6
    ticket = lp.prune(network, weight_epsilon=0.01, inputs=lp.Ball(1.0))
    certificate = ticket.verify(network)
    assert repr(certificate) == (
        f"<Certificate valid (proved), weight error {certificate.weight_error:.4g}, network error "
        f"{certificate.network_error:.4g} proved (inputs: norm up to 1), {certificate.kept} "
        f"neurons kept; stated, not checked: drawn {certificate.drawn:,}, delta 0.01>"
    )
    other = lp.Network([[[0.5, 1.0], [0.25, 0.0]], [[1.0, 0.3]]])
    assert "NOT VALID" in repr(ticket.verify(other))
    assert str(certificate).count("\n") == 8


@pytest.mark.parametrize(
    ("domain", "limits"),
    [
        (lp.Ball(1e-300), {"norm up to": "1e-300"}),
        (lp.Ball(7.25, True), {"norm up to": "7.25", "entries from": "0"}),
        (lp.Box(-1, 2), {"entries from": "-1", "entries up to": "2"}),
        (lp.Box([0, 0], [1e-9, 1]), {"entries from": "0", "entries up to": "1e-09…1"}),
        (None, {"domain": "not stated"}),
    ],
)
def test_a_certificate_says_over_which_inputs(domain, limits):
    network = lp.Network([[[0.5, -1.0], [0.25, 0.0]]])
    certificate = lp.prune(network, weight_epsilon=0.01, inputs=domain).verify(network)
    assert certificate.domain == domain
    printed = [line for line in str(certificate).splitlines() if line.startswith("inputs")]
    assert printed == [f"inputs, {name:<18}{value:>14}" for name, value in limits.items()]
    told = ", ".join(f"{name} {value}" for name, value in limits.items())
    assert f"proved (inputs: {told}), " in repr(certificate)
