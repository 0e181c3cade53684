"""The drawings show the numbers they are given, in the book's letters."""

import ast
import io
import re
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

import lpbook as lp
from lpbook import figures
from lpbook.figures import style
from lpbook.figures.style import NARROW, STYLE, parts
from lpbook.networks import Ball

DOMAIN = Ball(1.0, nonnegative=True)
STYLE_FILE = Path(style.__file__)


@pytest.fixture(scope="module")
def tiny():
    network = lp.Network([[[0.8, -0.45], [0.3, 0.6]]])
    ticket = lp.prune(network, weight_epsilon=0.2, inputs=DOMAIN, delta=0.2, seed=1)
    return network, ticket


def segments(ax):
    return sum(
        len(lines.get_segments()) for lines in ax.collections if hasattr(lines, "get_segments")
    )


def test_whole_idea_draws_every_edge_once(tiny):
    network, ticket = tiny
    figure = figures.whole_idea(network, ticket)
    assert figure.get_figwidth() <= NARROW  # shown whole on a phone
    target, random, kept = figure.axes
    assert segments(target) == 4
    assert segments(random) == ticket.drawn * 3  # from one input, to two outputs
    assert segments(kept) == ticket.verify(network).kept_weights


def test_whole_idea_writes_each_weight_as_the_sum_that_stands_for_it(tiny):
    network, ticket = tiny
    texts = [text.get_text() for part in figures.whole_idea(*tiny).subfigs for text in part.texts]
    effective = ticket.network().effective[0][0]
    assert len(texts) == np.count_nonzero(network.weights[0])
    for text in texts:
        j, i = (int(number) - 1 for number in re.findall(r"_(\d+)", text)[:2])
        target, _, terms = text.partition(":  ")[2].replace("−", "-").partition(" ≈ ")
        assert float(target) == network.weights[0][i, j]
        total = sum(map(float, terms.replace("- ", "-").replace("+ ", "+").split()))
        assert total == pytest.approx(effective[i, j], abs=2e-3)  # each rounded to 0.001


def test_one_weight_is_the_sum_that_the_ticket_has(tiny):
    _, ticket = tiny
    above, below = figures.one_weight(*tiny).axes
    *bars, rest = below.patches
    assert rest.get_x() == pytest.approx(ticket.network().effective[0][0][0, 0])
    assert rest.get_x() + rest.get_width() == pytest.approx(0.8)
    kept = next(line for line in above.lines if line.get_marker() == "o").get_xdata()
    assert kept == pytest.approx(np.array([bar.get_width() for bar in bars]))


@pytest.mark.parametrize("two_sided", [True, False])
@pytest.mark.parametrize("nonnegative", [True, False])
def test_one_weight_of_any_ticket_of_digits(two_sided, nonnegative):
    network = lp.Network([[[0.8, -0.45], [0.3, 0.6]]])
    construction, domain = lp.GoldenRatio(two_sided=two_sided), Ball(1.0, nonnegative)
    ticket = lp.prune(network, None, construction, weight_epsilon=0.02, inputs=domain)
    *_, rest = figures.one_weight(network, ticket).axes[1].patches
    assert rest.get_x() == pytest.approx(ticket.network().effective[0][0][0, 0])


def test_growth_of_prices_is_that_of_the_plans(tiny):
    network, _ = tiny
    epsilons = [0.01, 0.1]
    (ax,) = figures.growth_of_prices(network, epsilons, inputs=DOMAIN).axes
    for line, construction in zip(ax.lines, ("malach", "product", "golden-ratio"), strict=True):
        plans = [
            lp.plan(network, None, construction, weight_epsilon=e, inputs=DOMAIN) for e in epsilons
        ]
        assert line.get_ydata() == pytest.approx([p.neurons_per_weight for p in plans])
        assert f"{plans[0].neurons_per_weight:,.0f}" in [t.get_text() for t in ax.texts]


def test_a_kept_edge_is_drawn_as_wide_as_it_was_in_the_random_network(tiny):
    _, random, kept = figures.whole_idea(*tiny).axes

    def widths(ax):
        return {
            (tuple(map(tuple, segment)), round(width, 9))
            for lines in ax.collections
            if hasattr(lines, "get_segments")
            for segment, width in zip(lines.get_segments(), lines.get_linewidths(), strict=True)
        }

    assert widths(kept) <= widths(random)


def test_mask_picture_has_a_dot_for_each_kept_neuron(tiny):
    network, ticket = tiny
    (ax,) = figures.mask_picture(ticket).axes
    dots = next(c for c in ax.collections if not hasattr(c, "get_segments"))
    assert len(dots.get_offsets()) == ticket.verify(network).kept


def test_costs_are_those_of_the_plans(tiny):
    network, _ = tiny
    epsilons = [0.1, 0.2, 0.4]
    for ax in figures.cost_against_epsilon(network, epsilons, inputs=DOMAIN, marked=0.2).axes:
        line = ax.get_lines()[0]
        plans = [lp.plan(network, e, inputs=DOMAIN, layout=ax.get_title()) for e in epsilons]
        assert line.get_xdata().tolist() == epsilons
        assert line.get_ydata() == pytest.approx([p.neurons_per_weight for p in plans])


def test_images_of_a_neuron_are_its_weights(tiny):
    network, ticket = tiny
    images = [ax.images[0].get_array() for ax in figures.one_neuron(*tiny, 1, (1, 2)).axes[:3]]
    assert images[0].tolist() == [network.weights[0][1].tolist()]
    assert images[1].tolist() == [ticket.network().effective[0][0][1].tolist()]
    assert images[2].tolist() == (images[0] - images[1]).tolist()


def test_errors_of_weights_and_of_logits_are_all_there(tiny):
    network, ticket = tiny
    (histogram,) = figures.weight_errors(network, ticket).axes
    assert sum(bar.get_height() for bar in histogram.patches) == 4

    x = np.random.default_rng(0).random((30, 2)) / 2
    (histogram,) = figures.logit_errors(network(x), ticket.network()(x), 0.5, 0.3).axes
    assert sum(bar.get_height() for bar in histogram.patches) == 30
    assert sorted(line.get_xdata()[0] for line in histogram.get_lines()) == [0.3, 0.5]


def test_letters_come_from_the_package(tiny):
    """Matplotlib names each outline after its font."""
    network, ticket = tiny
    x = np.random.default_rng(0).random((30, 2)) / 2
    used = set()
    for figure in (
        figures.whole_idea(network, ticket),
        figures.logit_errors(network(x), ticket.network()(x), 0.5, 0.3),
        figures.near_the_edge([0.1, 0.01]),
    ):
        svg = io.StringIO()
        figure.savefig(svg, format="svg")
        used |= set(re.findall(r'<path id="([A-Za-z]+[\w-]*)-[0-9a-f]+"', svg.getvalue()))
    assert used == {"TicketSans-Regular", "TicketSerif-Italic"}


def test_matrices_have_a_mark_for_each_kept_weight(tiny):
    _, ticket = tiny
    for ax, matrix in zip(figures.ticket_matrices(ticket).axes, ticket.layers(), strict=True):
        positive, negative = (len(marks.get_offsets()) for marks in ax.collections[:2])
        assert positive == (matrix.data > 0).sum()
        assert negative == (matrix.data < 0).sum()
        assert positive + negative > 0


def test_a_wide_figure_has_its_legend_and_its_columns_as_parts():
    with mpl.rc_context(STYLE):
        figure, axes = plt.subplots(1, 2, figsize=(7, 3))
        for ax in axes:
            ax.plot([0, 1], label="a line")
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center")
        legend, left, right = parts(figure)
    assert left.x0 == 0
    assert left.x1 == right.x0
    assert right.x1 == 1
    assert left.y1 == right.y1 <= legend.y0
    inside = figure.transFigure.inverted().transform_bbox(axes[0].get_tightbbox())
    assert left.x0 <= inside.x0 < inside.x1 <= left.x1


def test_a_scale_stays_beside_its_picture(tiny):
    figure = figures.one_neuron(*tiny, 1, (1, 2))
    pictures, scales = figure.axes[:3], figure.axes[3:]
    share = figure.transFigure.inverted()
    for picture, scale in zip(pictures, scales, strict=True):
        low, high = (share.transform_bbox(ax.get_tightbbox()) for ax in (picture, scale))
        (part,) = (p for p in parts(figure) if p.x0 <= low.x0 < p.x1)
        assert low.x0 < high.x1 <= part.x1


def test_a_scale_has_its_numbers_on_one_side(tiny):
    figure = figures.one_neuron(*tiny, 0, (1, 2))
    assert figure.get_figwidth() > NARROW
    pictures, scales = figure.axes[:3], figure.axes[3:]
    assert all(ax.yaxis.get_tick_params()["labelleft"] for ax in pictures)
    for scale in scales:
        sides = scale.yaxis.get_tick_params()
        assert sides["labelright"]
        assert not sides["labelleft"]


ITALICS_OF_LEGENDS = ["a, b on [ε, 1/ε]"]  # `in_italics` turns these


@pytest.mark.parametrize(
    "file", sorted({*STYLE_FILE.parent.glob("*.py")} - {STYLE_FILE}), ids=lambda file: file.stem
)
def test_letters_of_formulas_are_in_italics(file):
    """Words that a figure shows have no Greek letter outside of a formula, but the base φ."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    notes = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            words = "".join(str(part.value) if isinstance(part, ast.Constant) else "0"
                            for part in node.values)  # fmt: skip
            notes.update(id(part) for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            words = node.value if id(node) not in notes else ""
        else:
            continue
        if words not in ITALICS_OF_LEGENDS:
            assert not re.search("[α-εη-υχ-ω]", re.sub(r"\$[^$]*\$", "", words)), words
