"""The drawings of the chapter *golden_ratio* show the numbers they should."""

import numpy as np
import pytest

import lpbook as lp
from lpbook import figures
from lpbook.digits import fibonacci_ends, segments, worst_error


def bar(patch):
    return patch.get_x(), patch.get_x() + patch.get_width()


def test_the_worst_step_leaves_too_much_in_base_two_alone():
    bases = {"3/2": 1.5, "φ": lp.PHI, "2": 2.0}
    for ax, base in zip(figures.one_step(bases).axes, bases.values(), strict=True):
        segment, least, left, taken, *excess, allowed = map(bar, ax.patches)
        assert segment == pytest.approx((base**-2, base**-1))
        assert least == pytest.approx((0, segment[0]))
        assert left + taken == pytest.approx((0, 1 - base**-2, 1 - base**-2, 1))
        assert allowed == pytest.approx((0, base**-1))
        assert ax.get_xticks() == pytest.approx([0, *segment, 1])
        hatched = [bar(patch) for patch in ax.patches if patch.get_hatch()]
        assert hatched == excess
        assert hatched == ([] if base < 2 else [pytest.approx((allowed[1], left[1]))])
    titles = [ax.get_title(loc="left") for ax in figures.one_step(bases).axes]
    assert titles == ["base 3/2: room to spare", "base φ: an exact fit", "base 2: too much is left"]


def test_gaps_are_drawn_for_base_two_alone():
    axes = figures.reachable({"3/2": 1.5, "φ": lp.PHI, "2": 2.0}, 1 / 32).axes
    hatched = [sum(patch.get_hatch() == "////" for patch in ax.patches) for ax in axes]
    assert hatched[:4] == [0, 0, 0, 0]
    assert min(hatched[4:]) > 0


def test_both_kinds_of_segments_are_drawn_with_their_errors():
    above, below = figures.adjacent_segments(4, range(1, 7)).axes
    bars = [(bar.get_x(), bar.get_x() + bar.get_width()) for bar in above.patches]
    assert np.transpose(bars[:4]) == pytest.approx(np.array(segments(4)))
    ends = fibonacci_ends(4)
    assert np.transpose(bars[4:]) == pytest.approx(np.array([ends[1:], ends[:-1]]))
    equal, best = below.get_lines()[:2]
    assert equal.get_ydata() == pytest.approx(np.ones(6))
    fibonacci = np.array([2, 3, 5, 8, 13, 21])
    assert best.get_ydata() == pytest.approx(lp.PHI ** np.arange(1.0, 7) / fibonacci)


def test_curves_show_the_errors_and_fractions_they_are_given():
    bases = np.linspace(1.2, 2, 9)
    (ax,) = figures.error_of_bases((2, 5), bases).axes
    for k, line in zip((2, 5), ax.get_lines(), strict=False):
        assert line.get_ydata() == pytest.approx([worst_error(k, base) for base in bases])
    ns = {8: np.array([10, 20, 30])}
    (ax,) = figures.coverage_curves(ns, {8: [0.1, 0.5, 0.9]}, {8: [0.0, 0.4, 0.8]}).axes
    solid, dashed = ax.get_lines()[:2]
    assert solid.get_ydata().tolist() == [0.1, 0.5, 0.9]
    assert dashed.get_ydata().tolist() == [0.0, 0.4, 0.8]
