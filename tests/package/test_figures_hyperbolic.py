"""The drawings of the chapter *hyperbolic* show the numbers they should."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from scipy.integrate import trapezoid

import lpbook as lp
from lpbook import figures
from lpbook.batches import expected_samples
from lpbook.digits import digit_of, segments
from lpbook.distributions import segment_probabilities
from lpbook.experiments.confidence import hoeffding_tolerance
from lpbook.figures.hyperbolic import periodic_cdf
from lpbook.figures.style import INK


def test_digit_by_digit():
    k, n = 6, 3000
    laws = {"u": lp.Uniform(1.0), "h": lp.Hyperbolic(lp.PHI ** -(k + 1), 1 / lp.PHI)}
    rng = np.random.default_rng(0)
    drawn = {name: law.rvs(n, rng=rng) for name, law in laws.items()}
    figure = figures.digit_by_digit(laws, k, drawn)
    tolerance = hoeffding_tolerance(n, tests=2 * k)
    for ax, (name, law) in zip(figure.axes, laws.items(), strict=True):
        heights = [bar.get_height() for bar in ax.patches]
        assert heights == pytest.approx(segment_probabilities(law, k))
        points = ax.containers[1].lines[0]
        assert np.abs(points.get_ydata() - heights).max() < tolerance
        assert ax.get_title() == name
        size = np.abs(drawn[name])
        inside = (size > lp.PHI**-2) & (size <= lp.PHI**-1)
        assert points.get_ydata()[0] == inside.mean()
        whisker = ax.containers[1].lines[2][0].get_segments()[0]
        assert whisker[1][1] - whisker[0][1] == pytest.approx(2 * tolerance)


def test_every_sample_lies_in_the_box_of_its_digit():
    k = 5
    rng = np.random.default_rng(0)
    drawn = {"full": lp.Hyperbolic(lp.PHI**-6, 1 / lp.PHI).rvs(80, rng=rng), "half": [-0.5, 0.05]}
    low, high = segments(k)
    axes = figures.equal_boxes(drawn, k).axes
    for ax, weights in zip(axes, drawn.values(), strict=True):
        sizes = np.abs(weights)
        shown = np.concatenate([line.get_xydata() for line in ax.lines])
        assert np.sort(shown[:, 0]) == pytest.approx(np.sort(sizes))
        for i in range(k):  # a pile has no holes, and is as high as its box is full
            here = (low[i] <= shown[:, 0]) & (shown[:, 0] < high[i])
            assert sorted(shown[here, 1]) == list(range(1, 1 + (digit_of(sizes, k) == i).sum()))
    assert [ax.get_title(loc="left") for ax in axes] == [
        "full: all digits are filled",
        "half: 4 of 5 digits empty",
    ]
    hatched = [bar.get_x() for bar in axes[1].patches if bar.get_hatch()]
    assert hatched == pytest.approx([low[i] for i in range(k) if i != 0])
    assert not [bar for bar in axes[0].patches if bar.get_hatch()]


def test_one_base_sees_equal_segments_and_its_root_does_not():
    base, digits = 1.5, 6
    above, below = figures.one_base_alone(base, digits).axes
    assert [text.get_text() for text in above.texts] == ["17\u00a0%"] * digits
    assert [text.get_text() for text in below.texts] == ["14\u00a0%", "3\u00a0%"] * digits
    depth = np.concatenate([area.get_paths()[0].vertices for area in above.collections])
    assert [depth[:, 0].min(), depth[:, 0].max()] == pytest.approx([-digits * np.log(base), 0])
    t, step = np.linspace(0, 2, 2001, retstep=True)
    density = np.diff(periodic_cdf(t, 1.0, 2)) / step
    assert density == pytest.approx((1 + np.sin(2 * np.pi * (t[1:] - step / 2))) / 2, abs=1e-5)


def test_triangles_have_area_one_and_name_their_least_segment():
    k = 7
    laws = {
        "best": lp.Hyperbolic.for_digits(k),
        "wide": lp.Hyperbolic(lp.PHI**-k, lp.PHI**k),
    }
    ax = figures.product_triangles(laws, k).axes[0]
    for line, law, middle in zip(ax.lines, laws.values(), (-(k + 2) / 2, 0), strict=True):
        x, y = line.get_data()
        assert trapezoid(y, x) == pytest.approx(1, abs=1e-3)
        assert x[y.argmax()] == pytest.approx(middle, abs=1e-9)
        least = segment_probabilities(law.product(), k).min()
        assert line.get_label().endswith(f": {least:.3g}")
    segments = {text.get_text(): text.xy[0] for text in ax.texts}
    assert segments == {"digit 1": -1.5, f"digit {k}": -k - 0.5}
    for shaded in ax.collections:
        corners = shaded.get_paths()[0].vertices[:, 0]
        assert [corners.min(), corners.max()] == pytest.approx([-k - 1, -k])


def test_landscape_peaks_where_the_theorem_says():
    k = 8
    ax = figures.range_landscape(k).axes[0]
    centred, off, _ = ax.lines[:3]
    x, y = centred.get_data()
    assert x[y.argmax()] == pytest.approx(k - 1, abs=0.1)
    assert y.max() == pytest.approx(1 / (2 * (k - 1)), rel=1e-3)
    assert (off.get_ydata() <= y + 1e-12).all()
    point = next(line for line in ax.lines if line.get_marker() == "o")
    assert to_hex(point.get_color()) == INK
    assert point.get_xydata()[0] == pytest.approx([k - 1, 1 / (2 * (k - 1))])
    labels = [line.get_label() for line in ax.lines[:3]]
    assert labels == ["centred", "1 digit off centre", "2 digits off centre"]
    naive = ax.lines[-1].get_ydata()[0]
    assert naive == pytest.approx((k - 0.5) / (4 * k**2))


def test_expected_samples_are_drawn():
    ax = figures.samples_until_filled(6).axes[0]
    curves = {line.get_label(): line.get_data() for line in ax.lines}
    assert list(curves) == list(figures.digit_shares(6))
    looks = {(line.get_linestyle(), line.get_marker()) for line in ax.lines}
    assert len(looks) == len(curves)  # told apart without colour
    k, expected = curves["a hyperbolic, b = ±1"]
    harmonic = [sum(1 / i for i in range(1, 2 * n + 1)) for n in k]
    assert expected == pytest.approx(4 * k * harmonic, rel=1e-9)
    uniform = figures.digit_shares(4)["a uniform, b = ±1"]
    wanted = expected_samples(np.concatenate([uniform, uniform]) / 4)
    assert curves["a uniform, b = ±1"][1][3] == pytest.approx(wanted)
