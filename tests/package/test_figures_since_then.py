"""The drawings show the numbers they are given."""

import itertools
from fractions import Fraction

import numpy as np
import pytest

from lpbook import figures
from lpbook.experiments import vector_subsets
from lpbook.experiments.attention import shift_bound
from lpbook.experiments.later_results import HERE, later_results


def test_hits_by_dimension_draws_both_bounds():
    plain = {1: [0.1, 0.2, 0.5], 2: [0.0, 0.1, 0.2]}
    wrapped = {1: [0.1, 0.3, 0.6], 2: [0.0, 0.1, 0.3]}
    axes = figures.hits_by_dimension(plain, wrapped, 0.5).axes
    for ax, d in zip(axes, plain, strict=True):
        lines = {line.get_label(): np.asarray(line.get_ydata()) for line in ax.get_lines()}
        assert lines["not wrapped"].tolist() == plain[d]
        assert lines["wrapped"].tolist() == wrapped[d]
        n, p = np.arange(3), 0.5**d
        assert lines["counting: at most"] == pytest.approx(np.minimum(1, 2**n * p))
        proved = [1 - vector_subsets.miss_bound(2**m - 1, p) for m in n]
        assert lines["wrapped: at least"] == pytest.approx(proved)
        assert (lines["wrapped: at least"] <= lines["counting: at most"]).all()


def test_hits_against_vectors_draws_what_counting_allows():
    shares = {1: [0.1, 0.2, 0.5], 2: [0.0, 0.1, 0.2]}
    (ax,) = figures.hits_against_vectors(shares, 0.25).axes
    lines = ax.get_lines()
    for counting, measured, (d, met) in zip(lines[::2], lines[1::2], shares.items(), strict=True):
        assert list(counting.get_ydata()) == [min(1, 2**n * 0.25**d) for n in range(3)]
        assert list(measured.get_ydata()) == met
        assert measured.get_label() == f"$d$ = {d}"


def test_kernels_side_by_side_are_on_one_scale():
    rows = {"a": np.arange(18.0).reshape(2, 3, 3), "b": -np.ones((2, 3, 3))}
    figure = figures.kernels_side_by_side(rows)
    pictures = [ax.get_images()[0] for ax in figure.axes if ax.get_images()]
    shown = [picture.get_array().tolist() for picture in pictures]
    assert shown == [kernel.tolist() for kernels in rows.values() for kernel in kernels]
    assert {picture.get_clim() for picture in pictures} == {(-17.0, 17.0)}


def test_needed_for_few():
    (ax,) = figures.needed_for_few([2, 3], [20, 10], [12, 8]).axes
    measured, counting = ax.get_lines()
    assert list(measured.get_ydata()) == [20, 10]
    assert list(counting.get_ydata()) == [12, 8]
    assert [text.get_text() for text in ax.texts] == ["10\u00a0%", "30\u00a0%"]


def test_price_of_a_fraction_draws_the_bound_of_counting():
    (ax,) = figures.price_of_a_fraction({0.25: 2.0, 0.1: 3.0}).axes
    least, measured = ax.get_lines()
    assert measured.get_xydata().tolist() == [[0.1, 3.0], [0.25, 2.0]]
    prices = [1 / vector_subsets.entropy(fraction) for fraction in least.get_xdata()]
    assert list(least.get_ydata()) == prices
    assert least.get_xdata()[-1] == pytest.approx(0.5)
    assert prices[-1] == pytest.approx(1)


def test_hits_on_a_small_grid_has_a_line_for_each_count():
    chances = {n: vector_subsets.grid_hits(2, n) for n in (1, 2)}
    (ax,) = figures.hits_on_a_small_grid(chances, 0.75).axes
    *lines, level = ax.get_lines()
    for line, (n, hits) in zip(lines, chances.items(), strict=True):
        assert line.get_label() == f"$n$ = {n}"
        assert dict(line.get_xydata()) == pytest.approx(hits)
    assert set(level.get_ydata()) == {0.75}


def test_grid_transition_shifts_by_the_bits():
    left, right = figures.grid_transition({4: [0.1, 0.2], 8: [0.0, 0.1]}, 3).axes
    assert [list(line.get_xdata()) for line in left.get_lines()] == [[3, 4], [3, 4]]
    shifted = [list(line.get_xdata()) for line in right.get_lines()[:2]]
    assert shifted == [[-1, 0], [-5, -4]]
    assert [list(line.get_ydata()) for line in left.get_lines()] == [[0.1, 0.2], [0.0, 0.1]]


def test_attention_errors():
    moved, errors = [[0.1, 0.2], [0.01, 0.03]], [[0.2, 0.3], [0.02, 0.05]]
    (ax,) = figures.attention_errors([8, 16], moved, errors, 2.0).axes
    *dots, bound, middle = ax.get_lines()
    assert [list(line.get_ydata()) for line in dots] == moved
    assert {line.get_label(): line for line in (bound, middle)} == {
        "proved": bound,
        "measured": middle,
    }
    assert list(middle.get_ydata()) == pytest.approx([0.15, 0.02])
    assert list(bound.get_ydata()) == pytest.approx([shift_bound(4 * e) for e in (0.25, 0.035)])


def test_sums_in_the_plane_shows_all_sums_and_the_nearest():
    vectors = np.array([[0.5, 0.0], [0.0, 0.5], [0.25, -0.25], [-0.5, 0.125]])
    target = [0.4375, 0.375]
    axes = figures.sums_in_the_plane(vectors, target, (1, 4), 0.25).axes
    nearest = [[0.5, 0.0], [0.5, 0.5]]
    for ax, n, wanted, distance in zip(axes, (1, 4), nearest, ("0.38", "0.12"), strict=True):
        sums, best = ax.get_lines()
        kept = itertools.product((0, 1), repeat=n)
        assert {tuple(xy) for xy in sums.get_xydata()} == {
            tuple(np.array(bits) @ vectors[:n]) for bits in kept
        }
        assert best.get_xydata().tolist() == [wanted]
        (box,) = ax.patches
        assert box.get_bbox().get_points().tolist() == [[0.1875, 0.125], [0.6875, 0.625]]
        assert ax.get_title() == f"{n} vectors: within {distance}"
        assert ax.get_xlim() == ax.get_ylim() == (-1, 1)


def test_through_kernels_shows_what_convolve_computes():
    image = np.arange(12.0).reshape(3, 4)
    kernels = {"a": [[1.0, 0.0], [0.0, 0.0]], "b": [[0.0, 0.0], [0.0, -2.0]]}
    whole, *rest = figures.through_kernels(image, kernels).axes
    assert whole.get_images()[0].get_array().tolist() == image.tolist()
    seen = {"a": image[:2, :3], "b": -2 * image[1:, 1:]}
    for left, right, (name, kernel) in zip(rest[::2], rest[1::2], kernels.items(), strict=True):
        assert left.get_ylabel() == name
        assert left.get_images()[0].get_array().tolist() == kernel
        assert right.get_images()[0].get_array().tolist() == seen[name].tolist()
        assert left.get_images()[0].get_clim() == (-2, 2)  # one scale in each column
        assert right.get_images()[0].get_clim() == (-22, 22)


def test_attention_matrices_share_a_scale_and_show_their_difference():
    tokens = np.arange(6.0).reshape(2, 3)
    before, after = np.array([[0.75, 0.25], [0.5, 0.5]]), np.array([[0.875, 0.125], [0.5, 0.5]])
    target, ticket, image, difference = figures.attention_matrices(tokens, before, after).axes[:4]
    shown = [ax.get_images()[0] for ax in (target, ticket, image, difference)]
    wanted = (before, after, tokens, after - before)
    for picture, matrix in zip(shown, wanted, strict=True):
        assert picture.get_array().tolist() == matrix.tolist()
    assert shown[0].get_clim() == shown[1].get_clim() == (0, 0.875)
    assert shown[3].get_clim() == (-0.125, 0.125)


def test_results_in_time_shows_each_result_in_its_year():
    results = later_results()
    (ax,) = figures.results_in_time(results).axes
    points = {line.get_label(): line for line in ax.get_lines() if line.get_marker() in "os"}
    assert sorted(points) == sorted(result.key for result in results)
    looks = dict(
        zip(HERE, (("o", "full"), ("o", "left"), ("s", "none"), ("o", "none")), strict=True)
    )
    heights = {}
    for result in results:
        point = points[result.key]
        assert list(point.get_xdata()) == [result.year]
        assert (point.get_marker(), point.get_fillstyle()) == looks[result.here]
        heights.setdefault(result.topic, []).append(point.get_ydata()[0])
    for above, below in itertools.pairwise(heights.values()):
        assert min(above) > max(below)
    words = [text.get_text() for text in ax.texts]
    assert sorted(words) == sorted([*(r.who for r in results), *heights])


def test_vectors_by_dimension_draws_both_bounds_below_what_was_measured():
    record = {
        "epsilon": 0.1,
        "drawn": {"1": 9, "2": 12},
        "waits": {"1": [5] * 30 + [4], "2": [10] * 30 + [None]},
    }
    (ax,) = figures.vectors_by_dimension(record).axes
    lines = {line.get_label(): list(line.get_ydata()) for line in ax.get_lines()}
    assert [5, 10] in lines.values()
    assert lines["counting: at least"] == [3, 6]
    summed = lines["all subsets: at least"]
    for d, n in enumerate(summed, start=1):
        chances = [
            vector_subsets.union_bound(m, d, Fraction(1, 10)) + Fraction(1, 10) ** d
            for m in (n - 1, n)
        ]
        assert chances[0] < Fraction(1, 2) <= chances[1]
