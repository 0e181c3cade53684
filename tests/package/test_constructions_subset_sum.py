import itertools
import math
from fractions import Fraction

import numpy as np
import pytest

import lpbook as lp
from lpbook.batches import subset_sum_size
from lpbook.constructions import SubsetSum, Unfilled, growth
from lpbook.random_network import Block
from lpbook.subsets.ranks import rank, unrank

TARGETS = np.array([1.5, -1.5, 0.7, -0.021, 0.02, 0.0, -0.4])
VARIANTS = [
    SubsetSum(),
    SubsetSum("closest"),
    SubsetSum(law="constant"),
    SubsetSum("closest", candidates=21, reach=1.5),
    SubsetSum("sparsest", candidates=40),
    SubsetSum(candidates=14, stratified=True),
]


def numbers_of(construction, scheme, rows, nonnegative, layout):
    """For either half and each output: row and product of every number, the slow way."""
    inner, outer = Block(5, 0, 0, TARGETS.size, layout).rows(rows)
    inner = np.broadcast_to(inner, outer.shape)
    if construction.stratified:
        n = construction.candidates
        if not nonnegative:
            inner = np.concatenate([0.5 + inner[:n] / 2, inner[n:] / 2])
        outer = (np.arange(rows)[:, None] % n + outer) / n
    b_law, a_law = scheme.laws(nonnegative)
    b, a = b_law.ppf(inner), a_law.ppf(outer)
    for sign in (1,) if nonnegative else (1, -1):
        for output in range(TARGETS.size):
            row = np.flatnonzero(np.sign(b[:, output]) == sign)[: construction.candidates]
            yield sign, output, row, b[row, output] * a[row, output]


@pytest.mark.parametrize("construction", VARIANTS, ids=repr)
@pytest.mark.parametrize("layout", ["shared", "reserved"])
@pytest.mark.parametrize("nonnegative", [True, False])
def test_choice_against_its_definition(construction, layout, nonnegative):
    epsilon = 0.02
    scheme = construction.scheme(1.5, epsilon)
    rows = scheme.block_rows(14, 7, nonnegative, 1e-3)
    block = Block(5, 0, 0, TARGETS.size, layout)
    codes = scheme.choose(TARGETS, block.chunks(rows), nonnegative, rows)
    block = Block(5, 0, 0, TARGETS.size, layout)
    kept = scheme.recall(codes, block.chunks(rows), nonnegative, rows)
    assert codes.shape == (scheme.code_bits(rows), TARGETS.size)
    smallest = epsilon if construction.objective == "sparsest" else 0.0
    for sign, output, row, numbers in numbers_of(construction, scheme, rows, nonnegative, layout):
        mine = (kept.outputs == output) & (np.sign(kept.inner) == sign)
        w = TARGETS[output]
        if abs(w) <= smallest:
            assert not mine.any()
            continue
        # the first group of numbers that holds a subset within the tolerance, and its best one
        for start in range(0, row.size, scheme.group):
            part = slice(start, start + scheme.group)
            if construction.objective == "closest":
                best = lp.closest_subset([w], numbers[part])
            else:
                best = lp.sparsest_subset([w], numbers[part], scheme.tolerance)
            if abs(best.errors[0]) <= scheme.tolerance:
                break
        assert set(kept.rows[mine]) == set(row[part][best.masks[0]])
        index = np.searchsorted(row, kept.rows[mine])
        assert (kept.inner[mine] * kept.outer[mine] == numbers[index]).all()
    effective = kept.effective(TARGETS.size)
    for half in range(1 if nonnegative else 2):
        assert np.abs(effective[half] - TARGETS).max() <= epsilon


def test_a_group_that_fails_is_followed_by_the_next():
    """The first 28 numbers do not always fit; more groups do, and the code tells which."""
    scheme = SubsetSum(candidates=40 * 28).scheme(1.0, 1e-6)
    rows = scheme.block_rows(2, 1, True, 1e-3)
    codes = scheme.choose(np.array([0.9]), Block(0, 0, 0, 1, "shared").chunks(rows), True, rows)
    kept = scheme.recall(codes, Block(0, 0, 0, 1, "shared").chunks(rows), True, rows)
    number = codes[: len(codes) // 2, 0] @ (1 << np.arange(len(codes) // 2))
    assert kept.rows.min() // scheme.group == number >> scheme.group


def test_numbers_that_do_not_suffice_are_reported():
    scheme = SubsetSum(candidates=2).scheme(1.0, 1e-3)
    with pytest.raises(Unfilled, match=r"within 0\.001 .*the best misses by 0\.\d+"):
        scheme.choose(np.array([0.9]), Block(0, 0, 0, 1, "shared").chunks(2), True, 2)
    network = lp.Network([[[0.9, -0.3]]])
    with pytest.raises(ValueError, match="Their number was given"):
        lp.prune(network, None, SubsetSum(candidates=2), weight_epsilon=1e-3)


@pytest.mark.parametrize("construction", VARIANTS, ids=repr)
@pytest.mark.parametrize("layout", ["shared", "reserved"])
def test_tickets_are_certified_and_come_back_from_their_file(construction, layout, tmp_path):
    rng = np.random.default_rng(0)
    network = lp.Network(
        [rng.uniform(-1, 1, (7, 5)), rng.uniform(-1, 1, (3, 7))], [np.ones(7), np.zeros(3)]
    )
    ticket = lp.prune(network, None, construction, weight_epsilon=0.02, layout=layout)
    certificate = ticket.verify(network)
    assert certificate.ok
    plan = lp.plan(network, None, construction, weight_epsilon=0.02, layout=layout)
    assert certificate.drawn == plan.neurons
    assert plan.proved == (construction.candidates is None)
    assert ("not proved" in str(plan)) != plan.proved
    ticket.save(tmp_path / "ticket.npz")
    again = lp.load_ticket(tmp_path / "ticket.npz")
    assert again.construction == construction
    x = rng.normal(size=(20, 5))
    assert (again.network()(x) == ticket.network()(x)).all()
    b1, a1, b2, a2 = (m.toarray() for m in ticket.layers())
    one = np.ones((20, 1))
    hidden = np.maximum(a1 @ np.maximum(b1 @ np.hstack([x, one]).T, 0), 0)
    output = a2 @ np.maximum(b2 @ np.vstack([hidden, one.T]), 0)
    np.testing.assert_allclose(output.T, ticket.network()(x), rtol=1e-12, atol=1e-12)


def test_sparsest_keeps_fewer_and_closest_comes_closer():
    rng = np.random.default_rng(1)
    network = lp.Network([rng.uniform(-1, 1, (40, 30))])
    sparse, close = (
        lp.prune(network, None, SubsetSum(o, candidates=24), weight_epsilon=0.02).verify(network)
        for o in ("sparsest", "closest")
    )
    assert sparse.kept_weights < close.kept_weights
    assert close.weight_error < sparse.weight_error


def test_count_is_the_least_that_the_theorem_allows():
    for reach, epsilon, kappa, delta in itertools.product(
        (0.5, 3.0), (1e-1, 1e-3), (0.5, 1 / (2 * math.e)), (0.1, 1e-9)
    ):
        n = subset_sum_size(reach, epsilon, kappa / (2 * reach), delta)

        def failure(n, reach=reach, epsilon=epsilon, kappa=kappa):
            return (1 - kappa / 2) ** n * (2 * reach / epsilon - 1) * (4 * reach / epsilon - 1)

        assert failure(n) <= delta * (1 + 1e-9)
        assert failure(n - 1) > delta * (1 - 1e-9)
    assert subset_sum_size(1.0, 1.0, 0.25, 0.1) == 0
    with pytest.raises(ValueError, match=r"density=0\.26: must be at most"):
        subset_sum_size(1.0, 0.1, 0.26, 0.1)


@pytest.mark.parametrize("candidates", [None, 5])
def test_neurons_for_both_halves_fail_no_more_often_than_allowed(candidates):
    """Too few of one sign, or numbers that do not cover, together with probability at most δ."""
    scheme = SubsetSum(law="constant", candidates=candidates).scheme(1.0, 0.05)
    top, epsilon = Fraction(scheme.max_weight), Fraction(scheme.tolerance)
    halves, blocks = 6, 3

    def uncovered(n):  # the theorem, at rate 1/2
        rate = Fraction(3, 4) ** n
        return halves * rate * (2 * top / epsilon - 1) * (4 * top / epsilon - 1)

    def too_few(rows, n):
        return 2 * blocks * Fraction(sum(math.comb(rows, j) for j in range(n)), 2**rows)

    for delta in (Fraction(i, 40) for i in range(1, 40)):
        rows = scheme.block_rows(halves, blocks, False, float(delta))
        one_sided = scheme.block_rows(halves, blocks, True, float(delta))
        if candidates:
            assert one_sided == candidates
            assert too_few(rows, 5) <= delta < too_few(rows - 1, 5)
            continue
        assert uncovered(one_sided) <= delta < uncovered(one_sided - 1)
        n = next(n for n in itertools.count(1) if uncovered(n) <= delta / 2)
        assert too_few(rows, n) <= delta / 2 < too_few(rows - 1, n)


def test_growth_is_largest_at_the_default_reach():
    best = growth("product", 2 * math.e)
    assert best == pytest.approx(1 / (2 * math.e))
    assert all(growth("product", s) < best for s in (2.0, 5.2, 5.7, 20.0))
    assert growth("product", 2.0) == growth("constant", 1.9) == 0
    assert growth("constant", 2.0) == 0.5 > growth("constant", 2.1)


def test_counted_blocks_cover_in_fact():
    """Evidence: at the proved count no weight of 200 layers is left over (δ = 1/2 a layer)."""
    scheme = SubsetSum(law="constant").scheme(1.0, 0.05)
    rows = scheme.block_rows(14, 1, False, 0.5)
    for seed in range(200):
        block = Block(seed, 0, 0, 7, "shared")
        scheme.choose(np.linspace(-1, 1, 7), block.chunks(rows), False, rows)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"objective": "smallest"}, ValueError, "objective='smallest'"),
        ({"candidates": 0}, ValueError, "candidates=0"),
        ({"candidates": 2.5}, TypeError, r"candidates=2\.5"),
        ({"law": "normal"}, ValueError, "law='normal'"),
        ({"reach": 0.5}, ValueError, r"reach=0\.5"),
        ({"reach": 2}, ValueError, r"reach=2.*more than 2"),
        ({"law": "constant", "reach": 1.5}, ValueError, r"reach=1\.5.*at least 2"),
        ({"stratified": 1}, TypeError, "stratified=1"),
        ({"stratified": True}, ValueError, "candidates=None"),
        ({"stratified": True, "candidates": 9, "law": "product"}, ValueError, "law='product'"),
    ],
)
def test_bad_parameters(arguments, error, message):
    with pytest.raises(error, match=message):
        SubsetSum(**arguments)


def test_too_fine_and_pooled_are_refused():
    with pytest.raises(ValueError, match=r"weight_epsilon=1e-08: must be at least"):
        SubsetSum().scheme(1.0, 1e-8)
    with pytest.raises(ValueError, match="layout='pooled': no count is proved"):
        lp.plan(lp.Network([[[1.0]]]), None, "subset-sum", weight_epsilon=0.1, layout="pooled")


@pytest.mark.parametrize("n", [0, 1, 2, 7])
def test_ranks_order_subsets_by_size(n):
    masks = np.array(list(itertools.product([False, True], repeat=n)), dtype=bool).reshape(2**n, n)
    ranks = rank(masks)
    assert sorted(ranks) == list(range(2**n))
    assert (np.diff(masks[np.argsort(ranks)].sum(axis=1)) >= 0).all()
    assert (unrank(ranks, n) == masks).all()


def test_ranks_of_the_largest_sets():
    masks = np.random.default_rng(0).random((1000, 28)) < 0.5
    assert (unrank(rank(masks), 28) == masks).all()
    assert rank(np.ones(28, dtype=bool)) == 2**28 - 1


def test_the_work_of_finding_subsets_again():
    """As it was measured: numbers are sorted again, and a search takes as many groups as needed."""
    scheme = SubsetSum().scheme(1.0, 0.01)
    assert scheme.group == 7 + 13
    for rows, outputs in ((1, 1), (2**13, 3), (10**6, 9)):
        numbers = rows * (outputs + 1)
        assert scheme.recall_work(rows, outputs) == numbers * (1 + Fraction(numbers, 2**15))
    assert scheme.most_recalled == 384
    # two halves, and of either a mask and the number of its group
    assert [scheme.code_bits(rows) for rows in (20, 21, 40, 41, 80, 81, 160, 161)] == [
        2 * (20 + bits) for bits in (0, 1, 1, 2, 2, 3, 3, 4)
    ]
    few = SubsetSum(candidates=45).scheme(1.0, 0.01)  # in three groups
    assert [few.code_bits(rows) for rows in (20, 40, 41, 1000)] == [40, 42, 44, 44]


def test_seconds_of_subsets_are_those_that_were_measured():
    for epsilon, group in ((0.25, 15), (2.0**-7, 20), (2.0**-12, 25)):
        closest = SubsetSum("closest").scheme(1.0, epsilon)
        assert closest.group == group
        wanted = 2.1e-5 * 1.25 ** (group - 20)
        assert closest.seconds(9) == pytest.approx(wanted, rel=1e-12, abs=0)
    for epsilon, factor in ((0.5, 1), (0.01, 1), (0.0001, 100**0.7), (0.005, 2**0.7)):
        sparsest = SubsetSum().scheme(3.0, 3.0 * epsilon)
        assert sparsest.seconds(9) == pytest.approx(4.5e-6 * factor, rel=1e-12, abs=0)


def test_at_most_28_numbers_are_searched_and_fine_weights_are_refused():
    finest = 2.0**-20
    assert SubsetSum().scheme(1.0, finest * (1 + 1e-12)).group == 28
    with pytest.raises(ValueError, match="weight_epsilon="):
        SubsetSum().scheme(1.0, finest * (1 - 1e-12))
    for candidates, group in ((1, 1), (28, 28), (29, 20), (2**14, 20)):
        assert SubsetSum(candidates=candidates).scheme(1.0, 0.01).group == group
    with pytest.raises(ValueError, match="candidates=16385"):
        SubsetSum(candidates=2**14 + 1)
