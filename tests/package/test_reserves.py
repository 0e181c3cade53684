"""What is kept back for rounding is enough and not much more: in exact arithmetic, at the edge.

Errors that the bounds allow are brought about on purpose: products that round by half a unit,
sums that lose every summand, samples at the ends of their segments.
"""

import itertools
import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from test_networks import random_network

import lpbook as lp
from lpbook import tickets
from lpbook.budgets import error_budget, network_error, solve_budget, uniform_errors
from lpbook.constructions import Kept, SubsetSum
from lpbook.networks import ACTIVATIONS, UNIT_ROUNDOFF, WEIGHT_ROUNDINGS, Activation
from lpbook.tickets import _column_errors, _error_norm, _LayerCheck, _magnitude, _NormBound

U = Fraction(UNIT_ROUNDOFF)
HALF_A_UNIT = 2.0**-53 * (1 - 2.0**-30)  # added to a number from 1 to 2, it is lost
MORE_THAN_HALF = 2.0**-53 * (1 + 2.0**-30)  # and this one counts twice


def exact_sum(products):
    return sum((Fraction(a) * Fraction(b) for a, b in products), Fraction(0))


def one_by_one(products):
    """The sum of products as a loop computes it."""
    total = 0.0
    for a, b in products:
        total += a * b
    return total


def badly_rounded(up):
    """Two numbers whose product, a little above 1, is rounded by nearly half a unit."""
    rng = np.random.default_rng(0)
    while True:
        a, b = (float(x) for x in 1 + 2.0**-20 * rng.random(2))
        error = (Fraction(a * b) - Fraction(a) * Fraction(b)) / U
        if error > 0.995 if up else error < -0.995:
            return a, b


def neighbour_rounded_up(a, b):
    """A number close to a whose product with b is rounded up by nearly half a unit."""
    while True:
        a = math.nextafter(a, math.inf)
        if (Fraction(a * b) - Fraction(a) * Fraction(b)) / U > 0.99:
            return a


@pytest.mark.parametrize("slope", [0.5, 1.0, 2.0])
@pytest.mark.parametrize(("inputs", "terms"), [(1, 1), (1, 2), (2, 2), (3, 3), (3, 5)])
def test_two_computed_networks_differ_as_much_as_the_bound_says(monkeypatch, slope, inputs, terms):
    """Every product of F is rounded down and every one of Ĝ up, and so are all partial sums."""
    scaled = Activation(lambda z: slope * z, lipschitz=slope)
    monkeypatch.setitem(ACTIVATIONS, "scaled", scaled)
    first, x = badly_rounded(up=False)
    xs = [8 * x] + [8 * 2.0**-26] * (inputs - 1)
    target = [first] + [HALF_A_UNIT * 2.0**26] * (inputs - 1)
    # edges of Ĝ: one for each input, and some more for the first
    edges = [(neighbour_rounded_up(first, x), 0)]
    edges += [(MORE_THAN_HALF * 2.0**26, j) for j in range(1, inputs)]
    edges += [(MORE_THAN_HALF, 0)] * (terms - inputs)

    network = lp.Network([[target]], activations=["scaled"])
    f = slope * one_by_one(zip(target, xs, strict=True))
    g = slope * one_by_one((w, xs[j]) for w, j in edges)
    moved = [
        sum((Fraction(w) for w, i in edges if i == j), -Fraction(w)) for j, w in enumerate(target)
    ]
    layer_error = math.hypot(*map(float, moved)) * (1 + 1e-15)
    radius = math.hypot(*xs) * (1 + 1e-15)
    bound = network_error(network, lp.Ball(radius), [layer_error], [terms])
    found = abs(Fraction(f) - Fraction(g))
    assert 0.985 * bound < found <= bound


def test_rounding_grows_with_weights_that_miss_their_targets():
    """A target weight 0, and a hundred edges whose sum is rounded up each time."""
    first, x = badly_rounded(up=True)
    edges = [first] + [MORE_THAN_HALF] * 99
    weight = sum(map(Fraction, edges))
    bound = network_error(lp.Network([[[0.0]]]), lp.Ball(x), [float(weight)], [100])
    exact, found = weight * Fraction(x), Fraction(one_by_one((w, x) for w in edges))
    assert exact + 99 * U < found <= Fraction(bound)


def test_activations_of_both_networks_are_rounded_in_every_output(monkeypatch):
    """Computed values that err by their `ulps`, those of F up and those of Ĝ down."""
    rough = Activation(lambda z: 4 * UNIT_ROUNDOFF * np.sign(z), ulps=4, largest=1.0)
    monkeypatch.setitem(ACTIVATIONS, "rough", rough)
    f, g = (lp.Network([np.full((3, 1), w)], activations=["rough"]) for w in (1e-200, -1e-200))
    bound = network_error(f, lp.Ball(1.0), [4e-200], [1])
    found = np.linalg.norm(f([1.0]) - g([1.0]))
    assert found <= bound * (1 + 1e-15)
    assert found > 0.99 * bound


@pytest.mark.parametrize("bias", [True, False])
def test_the_recursion_is_not_below_its_exact_value(bias):
    rng = np.random.default_rng(0)
    for _ in range(40):
        names = [str(rng.choice(["relu", "logistic"])) for _ in range(3)]
        network = random_network(rng, bias=bias, activations=names)
        domain, sizes = lp.Ball(float(rng.random())), rng.random(3)
        with mpmath.workdps(40):
            error = mpmath.mpf(0)
            for i, size in enumerate(sizes):
                norm = mpmath.hypot(network.bounds(domain).norms[i], int(bias)) + error
                grown = network.spectral_norms[i] * error + mpmath.mpf(size) * norm
                error = ACTIVATIONS[names[i]].lipschitz * grown
            found = network_error(network, domain, sizes)
            assert error <= found <= error * (1 + mpmath.mpf("1e-14"))


def test_a_budget_leaves_room_for_the_rounding_of_the_networks():
    """Aligned errors of one layer meet every inequality; only the reserve is left."""
    network, x = lp.Network([np.full((3, 4), 0.5)]), np.ones(4)
    for epsilon in np.linspace(0.1, 0.2, 50):
        budget = lp.weight_budget(network, float(epsilon), lp.Ball(2.0))
        error = np.linalg.norm((network.weights[0] + budget) @ x - network(x))
        assert epsilon * (1 - 1e-8) < error <= epsilon


@pytest.mark.parametrize("rule", ["recursive", "logarithmic", "closed-form"])
@pytest.mark.parametrize("shape", [(1, 100), (100, 1), (1, 1)])
def test_every_width_counts(rule, shape):
    """Target weights 0: then the error is that of the weights alone, all of them aligned."""
    budget = lp.weight_budget(lp.Network([np.zeros(shape)]), 0.5, lp.Ball(1.0), rule)
    x = np.ones(shape[1]) / math.sqrt(shape[1])
    assert np.linalg.norm(np.full(shape, budget) @ x) <= 0.5


@pytest.mark.parametrize("inputs", [1, 10])
def test_pruning_leaves_room_for_as_many_roundings_as_edges_can_be_kept(inputs):
    """With a base close to 1 digits are many, and what rounding takes of ε is to be seen."""
    network = lp.Network([np.linspace(0.5, 1.0, inputs)[None, :]])
    domain, epsilon = lp.Ball(1.0), 1e-6
    plan = lp.plan(network, epsilon, lp.GoldenRatio(base=1.01), inputs=domain)
    # all k digits of an input, and two factors for the last product
    most = [inputs * plan.layers[0].requirements + 1]
    errors = [uniform_errors(network, plan.weight_epsilon * c) for c in (1.0, 1 + 2.0**-31)]
    assert network_error(network, domain, errors[0], most) <= epsilon
    assert network_error(network, domain, errors[1], most) > epsilon
    assert plan.weight_epsilon < lp.weight_budget(network, epsilon, domain)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("nonnegative", [True, False])
@pytest.mark.parametrize("construction", [lp.GoldenRatio(), lp.Malach()], ids=repr)
def test_a_certificate_counts_the_roundings_of_its_ticket(
    monkeypatch, bias, nonnegative, construction
):
    rng = np.random.default_rng(1)
    network = random_network(rng, (3, 4, 2), bias=bias, activations=["tanh", "identity"], scale=0.5)
    ticket = lp.prune(network, 2.0, construction, inputs=lp.Ball(0.5, nonnegative))
    counted = []

    def listen(network, domain, errors):
        counted.extend(error.terms for error in errors)
        return 0.0

    monkeypatch.setattr(tickets, "error_bound", listen)
    ticket.verify(network)
    for i, terms in enumerate(counted):
        b, a = (matrix.toarray() for matrix in ticket.layers()[2 * i : 2 * i + 2])
        inputs = np.abs(b).argmax(axis=1)
        positive = b[np.arange(len(b)), inputs] > 0
        longest = 0
        for row in a:  # the edges of an output that are not 0 together: one half of every input
            halves = [
                max(np.count_nonzero(row[(inputs == j) & (positive == p)]) for p in (True, False))
                for j in range(b.shape[1])
            ]
            longest = max(longest, sum(halves))
        # b times x, then a times that; or b·a times x, and both halves added up; and the scales
        assert terms == max(longest, b.shape[1]) + 1 + WEIGHT_ROUNDINGS
    assert len(counted) == 2


def kept(products, outputs=None):
    """Neurons that all serve output 0, unless told otherwise."""
    b, a = (np.array(numbers) for numbers in zip(*products, strict=True))
    rows = np.arange(len(products))
    return Kept(rows, np.zeros(len(rows), int) if outputs is None else np.array(outputs), b, a)


def certified(chosen, target, nonnegative):
    """Errors of the effective weights of a block, as a certificate counts them."""
    n = target.size
    parts = _column_errors(chosen, target, chosen.magnitude(n), chosen.edges(n))
    return _magnitude(*(part[:1] if nonnegative else part for part in parts))


@pytest.mark.parametrize("edges", [1, 2, 3, 30])
@pytest.mark.parametrize("half", [1, -1])
def test_the_rounding_of_a_weight_is_counted_and_attained(edges, half):
    """A product rounded down, then summands that are lost: the sum errs by as much as it can."""
    b, a = badly_rounded(up=False)
    products = [(b, a)] + [(1.0, HALF_A_UNIT)] * (edges - 1)
    target = one_by_one(products)  # to a computer, no error at all
    chosen = kept([(half * x, half * y) for x, y in products] + [(1.0, target)] * (half < 0))
    exact = abs(exact_sum(products) - Fraction(target))
    errors = certified(chosen, np.array([target]), half > 0)
    assert exact <= Fraction(float(errors[0])) <= exact * Fraction(102, 100)


def test_edges_are_compared_with_weights_half_by_half():
    """Sums that floats hold: of each output the half with more edges, and with larger ones."""
    products = [(1.0, 0.5), (1.0, -0.25), (-1.0, -1.0), (-0.5, 0.5), (1.0, 0.125)]
    found = tickets.compared(kept(products, [0, 0, 0, 1, 2]), np.array([0.25, -0.25, 0.0]), 2)
    assert found.edges.tolist() == [2, 1, 1]
    assert found.magnitudes.tolist() == [1.0, 0.25, 0.125]
    # for x > 0 the weights are 1/4, 0 and 1/8, for x < 0 they are 1, -1/4 and 0
    assert found.errors == pytest.approx([0.75, 0.25, 0.125], rel=1e-14)
    one_half = tickets.compared(kept(products, [0, 0, 0, 1, 2]), np.array([0.25, 0.0, 0.25]), 1)
    assert one_half.errors == pytest.approx([0.0, 0.0, 0.125], abs=1e-15)


def test_errors_of_weights_are_not_below_their_exact_value():
    rng = np.random.default_rng(0)
    for _ in range(500):
        n = int(rng.integers(1, 5))
        b, a = rng.random(n), rng.normal(size=n) * 10 ** rng.uniform(-4, 1)
        target = float(rng.normal())
        found = certified(kept([*zip(b, a, strict=True)]), np.array([target]), True)[0]
        exact = abs(exact_sum(zip(b, a, strict=True)) - Fraction(target))
        assert exact <= Fraction(float(found))
        assert found <= float(exact) + 1e-13


def test_what_underflows_is_counted_and_nothing_else_where_nothing_is_kept():
    errors = certified(kept([(1e-200, 1e-200)]), np.array([0.0, 0.1]), True)
    assert Fraction(1e-200) ** 2 <= Fraction(errors[0]) <= Fraction(2.0**-1073)
    assert errors[1] == 0.1  # the target itself, exactly


def test_a_weight_as_large_as_the_error_allowed_may_keep_nothing():
    network = lp.Network([[[0.5, 0.1]]])
    for construction in (lp.GoldenRatio(), lp.Malach(), lp.ProductWeights(), SubsetSum()):
        certificate = lp.prune(network, None, construction, weight_epsilon=0.1).verify(network)
        assert certificate.ok
        assert certificate.weight_error == 0.1


def _norm_bound(errors):
    bound = _NormBound(len(errors))
    for column in errors.T:
        bound.add(column)
    assert bound.largest == errors.max()
    return bound.bound()


def test_norm_bound_holds_where_norms_are_known_exactly():
    rng = np.random.default_rng(0)
    for n in (1, 2, 7):
        for _ in range(60):
            row = rng.random(n)
            exact = sum(map(Fraction, row))  # all rows and columns of a circulant add up to this
            circulant = np.array([np.roll(row, i) for i in range(n)])
            assert exact <= Fraction(_norm_bound(circulant)) <= exact * (1 + 1000 * U)
            square = sum(Fraction(x) ** 2 for x in row)  # a matrix of one row or one column
            for matrix in (row[None, :], row[:, None]):
                bound = Fraction(_norm_bound(matrix)) ** 2
                assert square <= bound <= square * (1 + 1000 * U)


def test_norm_bound_holds_for_all_signs():
    rng = np.random.default_rng(1)
    for shape in itertools.product((1, 2, 5, 40), repeat=2):
        errors = rng.random(shape) ** 8
        signs = np.outer(rng.choice([-1, 1], shape[0]), rng.choice([-1, 1], shape[1]))
        assert np.linalg.norm(errors * signs, 2) <= _norm_bound(errors) * (1 + 1e-13)
        assert _norm_bound(errors) <= np.linalg.norm(errors) * (1 + 1e-12)


def test_a_layer_counts_the_half_that_keeps_more():
    target = np.array([[0.25, 0.5], [2.0, 0.0]])  # hit by one half, missed by the other
    check = _LayerCheck(target, np.array([False, False]), with_weights=False)
    check.add(0, kept([(1.0, 0.5), (1.0, -0.25), (-1.0, -2.0)], [0, 0, 1]))
    check.add(1, kept([(1.0, 0.5)]))
    found = check.layer_error(followed=True)
    assert found.magnitude == pytest.approx(math.hypot(0.75, 0.5, 2.0), rel=1e-14)
    assert (found.outer, found.largest) == (2.0, pytest.approx(2.0))
    assert found.terms == 3 + 1 + WEIGHT_ROUNDINGS
    # as many roundings as there are edges
    wanted = math.sqrt(2) * math.hypot(2 * 0.75, 0.5, 2.0) * UNIT_ROUNDOFF
    assert found.rounded == pytest.approx(wanted, rel=1e-12, abs=0)


def test_magnitudes_of_a_layer_are_not_below_their_exact_sums():
    products = [badly_rounded(up=False)] + [(1.0, HALF_A_UNIT)] * 29
    check = _LayerCheck(np.array([[1.0]]), np.array([True]), with_weights=False)
    check.add(0, kept(products))
    exact = exact_sum(products)
    assert exact <= Fraction(check.layer_error(followed=True).magnitude) <= exact * (1 + 10 * U)


def test_what_keeps_nothing_lacks_its_weights_on_the_halves_that_it_has():
    target = np.array([[0.5, 0.25, -0.125], [0.75, -1.0, 0.375]])
    check = _LayerCheck(target, np.array([False, True, False]), with_weights=True)
    check.add(0, kept([(1.0, 0.5), (-1.0, -0.5), (1.0, 0.75), (-1.0, -0.75)], [0, 0, 1, 1]))
    check.empty += [1, 2]
    check.finish()
    lost = target * [0.0, -1.0, -1.0]
    found = check.layer_error(followed=True)
    assert (found.signed == np.stack([lost, lost * [1.0, 0.0, 1.0]])).all()
    assert (check.weights == np.stack([target + lost] * 2)).all()
    assert (check.inputs, found.largest) == (3, 1.0)


def test_columns_may_be_added_together():
    for errors in (np.diag([1.0, 2.0, 3.0]), np.diag([3.0, 2.0, 1.0]), np.eye(3)[:, :2]):
        together = _NormBound(3)
        together.add(errors)
        assert errors.max() <= together.bound() == _norm_bound(errors) <= errors.max() * (1 + 1e-14)


def error_norm(signed, radius):
    errors, radii = _NormBound(signed.shape[1]), _NormBound(signed.shape[1])
    errors.add(np.abs(signed).max(axis=0) + radius)
    radii.add(np.full(signed.shape[1:], radius))
    return _error_norm(signed, errors, radii)


def test_errors_stretch_inputs_by_their_norm_side_by_side_or_by_that_of_magnitudes():
    signs = np.array([[1.0, 1.0], [1.0, -1.0]])  # of norm √2, the magnitudes 2; of radii r 2r
    nothing = np.zeros((2, 2))
    for halves, norm in (((signs, nothing), 2), ((nothing, signs), 2), ((signs, signs), 4)):
        for radius in (0.0, 0.0625):
            wanted = norm**0.5 + 2**0.5 * 2 * radius
            found = error_norm(np.stack(halves), radius)
            assert found == pytest.approx(min(wanted, 2 + 2 * radius), rel=1e-8)
    assert error_norm(np.array([[[1.0]], [[0.0]]]), 0.125) == pytest.approx(1.125, rel=1e-14)
    assert error_norm(np.zeros((2, 3, 3)), 0.0) == 0


def near(number):
    """Numbers around one, from a last place to a hundredth of it away."""
    steps = 2.0 ** -np.arange(5.0, 53.0)
    return np.concatenate([number * (1 - steps), [number], number * (1 + steps[::-1])])


@pytest.mark.parametrize("construction", [lp.Malach(), lp.ProductWeights()], ids=repr)
@pytest.mark.parametrize("epsilon", [1e-3, 2.0**-30, 2.0**-39])
@pytest.mark.parametrize("top", [1.0, 3.7, 1e-5])
def test_a_neuron_that_barely_fits_is_certified(construction, epsilon, top):
    """Neurons at the corners of what is accepted: products as far off as they can be."""
    scheme = construction.scheme(top, epsilon * top)
    allowed = Fraction(epsilon * top)
    accepted, refused = [], []
    for w, sign, side in itertools.product((top, -top, 0.9 * top), (1, -1), (1, -1)):
        if isinstance(construction, lp.Malach):
            # along one side of the rectangle, along the other, and into the corner
            short = (epsilon - 2.0**-45) / 2
            ways = [(short, h) for h in near(epsilon / 2)] + [
                pair for h in near(epsilon / 2) for pair in ((h, short), (h, h))
            ]
            pairs = [(sign * (1 - h), sign * (w + side * h2 * top)) for h, h2 in ways]
        else:
            pairs = [(sign * 0.7, sign * (w + side * h * top) / 0.7) for h in near(epsilon)]
        inner, outer = np.array(pairs).T
        fits = scheme.fits(inner[:, None], outer[:, None], np.array([w]))[:, 0]
        for (b, a), fit in zip(pairs, fits, strict=True):
            error = abs(Fraction(b) * Fraction(a) - Fraction(w))
            (accepted if fit else refused).append(error)
            if fit:
                chosen = kept([(abs(b), math.copysign(a, a * b))])
                bound = certified(chosen, np.array([w]), True)[0]
                assert error <= Fraction(float(bound)) <= allowed
    assert accepted
    assert refused
    if isinstance(construction, lp.ProductWeights):  # and what is refused is really too far off
        assert min(refused) >= allowed - Fraction(top) / 2**40


def test_malach_accepts_all_but_a_trillionth_of_its_rectangle():
    for epsilon in (1e-3, 2.0**-30):
        scheme = lp.Malach().scheme(1.0, epsilon)
        half = (epsilon - 2.0**-40) / 2
        inner, outer = np.array([[1 - half], [1 - half]]), np.array([[0.5 + half], [0.5 - half]])
        assert scheme.fits(inner, outer, np.array([0.5])).all()


@pytest.mark.parametrize("reach", [1.0, 5.0])
@pytest.mark.parametrize("top", [1.0, 3e-7])
def test_a_subset_that_barely_fits_is_certified(reach, top):
    """As many products as a group has, all as large as the law allows, adding up to a weight."""
    scheme = SubsetSum(candidates=28, law="constant", reach=reach).scheme(top, 1e-4 * top)
    largest = reach * top
    numbers = [largest, -largest] * ((scheme.requirements - 2) // 2) + [0.75 * top, 0.25 * top]
    target = one_by_one((1.0, x) for x in numbers) - scheme.tolerance
    errors = certified(kept([(1.0, x) for x in numbers]), np.array([target]), True)
    assert errors[0] <= scheme.weight_epsilon
    assert errors[0] >= scheme.weight_epsilon - 2.0**-42 * largest


def worst_residual(k, base, outside):
    """What k digits leave of 1 if each sample is out of its segment by the share `outside`."""
    residual = Fraction(1)
    for i in range(1, k + 1):
        high, low = base**-i * (1 + outside), base ** -(i + 1) * (1 - outside)
        residual = max(high, residual - low)
    return residual


@pytest.mark.parametrize("two_sided", [False, True])
@pytest.mark.parametrize("base", [lp.PHI, 1.3])
def test_digits_make_room_for_samples_that_leave_their_segments(two_sided, base):
    """At errors just above a power of the base, where one digit more or less is decided."""
    k, outside = 20, Fraction(1, 2**45)
    exact_base = Fraction(base)
    for tenths in range(0, 60):
        room = Fraction(tenths, 10) * outside
        # one-sided γ^-k + room = ε; two-sided (1 + ε)(γ^-k + room) = 2ε
        share = exact_base**-k + room
        epsilon = float(share / (2 - share) if two_sided else share)
        scheme = lp.GoldenRatio(base=base, two_sided=two_sided).scheme(1.0, epsilon)
        top = Fraction(scheme.top)
        # k subtractions, and the sum of what is kept
        rounded = 2 * (scheme.digits + 2) * U * top
        left = worst_residual(scheme.digits, exact_base, outside) * top
        assert left + rounded <= Fraction(epsilon) + Fraction(scheme.shift)
        assert Fraction(scheme.shift) + (rounded if two_sided else 0) <= Fraction(epsilon)
        if room >= (5 if two_sided else Fraction(5, 2)) * outside:
            assert scheme.digits == k  # no digit is wasted


@pytest.mark.parametrize("law", ["constant", "common"])
@pytest.mark.parametrize("top", [1e-9, 1.0, 1e9])
def test_samples_stay_in_their_segments_but_for_the_share_kept_back(law, top):
    """The numbers drawn that are closest to where one digit ends and the next begins."""
    scheme = lp.GoldenRatio(law=law).scheme(top, 1e-11 * top)
    inner_law, outer_law = scheme.laws(nonnegative=True)
    _, symmetric = scheme._symmetric_laws
    k, per_digit = scheme.digits, math.log(scheme.base)
    b = 0.75
    lowest = math.log(inner_law.ppf(b) * symmetric.magnitude_ppf(np.array(0.0)) / top)
    levels = ((np.arange(-k, 0) - 1) * per_digit - lowest) / symmetric.log_range
    edges = (1 + levels[(levels > 0) & (levels < 1)]) / 2
    outer = (edges[:, None] + np.arange(-20, 21) * 2.0**-52).reshape(-1, 1)
    supplied = scheme.supplied(np.full_like(outer, b), outer, np.array([False]), True)[:, 0]
    samples = inner_law.ppf(b) * outer_law.ppf(outer[:, 0])
    assert edges.size > k // 2
    with mpmath.workdps(40):
        base, reserve = mpmath.mpf(scheme.base), mpmath.mpf(2) ** -45
        powers = [mpmath.mpf(top) * base**-i for i in range(k + 2)]
        for digit, x in zip(supplied, samples, strict=True):
            if digit < k:
                assert powers[digit + 2] * (1 - reserve) <= x <= powers[digit + 1] * (1 + reserve)


def test_budgets_of_extreme_networks():
    steep = lp.Network([[[1e-150]], [[1e150]], [[1e100]]])
    # the error of the first weight grows 1e250-fold
    assert lp.weight_budget(steep, 1e-10, lp.Ball(1.0)) == pytest.approx(1e-260, rel=1e-8, abs=0)
    steeper = lp.Network([[[1e-150]], [[1e150]], [[1e150]]])
    with pytest.raises(ValueError, match="epsilon=1e-10: leaves no error to the weights"):
        lp.weight_budget(steeper, 1e-10, lp.Ball(1.0))


def test_solved_budgets_are_the_largest():
    rng = np.random.default_rng(3)
    for terms in (None, [40, 50, 60]):
        network = random_network(rng)
        domain = lp.Ball(1.0)
        found = solve_budget(network, 0.3, domain, terms)
        bounds = network.bounds(domain)
        spreads = bounds.spreads(True)
        for factor in (1.0, 1 + 1e-14):
            errors = uniform_errors(network, factor * found)
            error = error_budget(network, bounds.norms, errors, terms, spreads=spreads)
            assert (error <= 0.3) == (factor == 1)
