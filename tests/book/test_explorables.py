"""Interactive figures: their arithmetic is the package's, and they answer mouse and keyboard."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from scipy.optimize import brentq

import lpbook as lp
from lpbook.batches import output_batch_size, unserved
from lpbook.budgets import error_budget, uniform_errors
from lpbook.digits import all_sums, digit_of, greedy, segments
from lpbook.distributions import segment_probabilities
from lpbook.experiments.confidence import hoeffding_tolerance
from lpbook.experiments.covered_intervals import cover
from lpbook.experiments.mulberry import mulberry32 as mulberry32_of_package
from lpbook.figures.golden_ratio import gaps
from tests.reader import opened, typefaces
from tools import drawn_digits, live
from tools.book import ROOT
from tools.extensions.explorables import SCRIPTS, WITHOUT_SCRIPTS, scripts_of

WHERE = {
    "idea": "index",
    "digits": "golden_ratio",
    "rain": "hyperbolic",
    "pruned": "lottery_tickets",
    "draw": "real_ticket",
    "sums": "subset_sum",
    "budget": "main_theorem",
    "layouts": "batch_sampling",
}
MOMENTS = {  # which buttons lead to the still
    "idea": [],
    "digits": [],
    "rain": ["100 runs"],
    "pruned": ["Next digit", "Next digit", "Next"],
    "draw": [],
    "sums": [],
    "budget": [],
    "layouts": ["Shared"],
}
BASES = (1.05, 1.25, 1.5, 1.6, lp.PHI, 1.62, 1.8, 2.0)
EXACT = {"rtol": 1e-12, "atol": 1e-15}

# A page with one figure and nothing else.
PLACE = """<!doctype html><html data-theme="{theme}"><meta charset="utf-8"><style>{style}</style>
<body style="margin: 0; padding: 20px"><main style="max-width: 680px">
<figure class="explorable" style="padding: 0; border: 0" id="explorable-{name}"
data-explorable="{name}" data-title="Try it"><div class="x-stage"></div>
<figcaption>Caption.</figcaption></figure></main>{below}</body></html>"""


def mulberry32(seed: int) -> Iterator[float]:
    """The random numbers of the figures."""
    mask, state = 2**32 - 1, seed
    while True:
        state = (state + 0x6D2B79F5) & mask
        t = (state ^ (state >> 15)) * (state | 1) & mask
        t ^= (t + ((t ^ (t >> 7)) * (t | 61) & mask)) & mask
        yield ((t ^ (t >> 14)) & mask) / 2**32


def drawn(seed: int, count: int) -> np.ndarray:
    numbers = mulberry32(seed)
    return np.array([next(numbers) for _ in range(count)])


# -- arithmetic --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def js(browser: Browser) -> Iterator[Page]:
    """A page where `lp` is the arithmetic of the figures."""
    with opened(browser) as page:
        page.set_content("<!doctype html>")
        page.add_script_tag(content=(SCRIPTS / "lp.js").read_text(encoding="utf-8"))
        yield page


def test_random_numbers(js: Page) -> None:
    for seed in (0, 1, 12345, 2**32 - 1):
        found = js.evaluate("seed => lp.numbers(lp.generator(seed), 1000)", seed)
        assert found == drawn(seed, 1000).tolist() == mulberry32_of_package(seed, 1000).tolist()
    # not a proof of randomness, but of no blunder: Hoeffding, false alarm at most 1e-6
    assert abs(np.mean(found) - 0.5) < hoeffding_tolerance(1000)


@pytest.mark.parametrize("base", BASES)
def test_digits(js: Page, base: float) -> None:
    weights = [0.0, 0.25, 0.5, *drawn(7, 20).tolist(), 1.0]  # in base 2 some meet a sample exactly
    for k in (1, 2, 7, 12):
        low, high = segments(k, base)
        for levels in (drawn(k, k), np.zeros(k), np.ones(k), np.arange(k) % 2):
            found = js.evaluate(
                """([levels, base, weights]) => {
                    const { low, high } = lp.segments(levels.length, base);
                    const samples = lp.samplesAt(levels, base);
                    const sums = lp.allSums(samples);
                    return {
                        PHI: lp.PHI, low, high, samples, sums: Array.from(sums),
                        digits: weights.map((w) => lp.greedy(w, samples)),
                        best: weights.map((w) => lp.bestSum(w, sums)),
                        worst: lp.worstWeight(samples),
                        gaps: lp.gaps(sums, base ** -levels.length),
                    };
                }""",
                [levels.tolist(), base, weights],
            )
            assert found["PHI"] == lp.PHI
            np.testing.assert_allclose(found["low"], low, **EXACT)
            np.testing.assert_allclose(found["high"], high, **EXACT)
            np.testing.assert_allclose(found["samples"], low * (high / low) ** levels, **EXACT)

            samples = np.array(found["samples"])
            if base <= lp.PHI:
                digits = lp.decompose(weights, samples, base)
                masks, residuals = digits.masks, digits.residuals
                assert found["gaps"] == []
            else:  # refused by `decompose`: the kernel below it
                residuals, masks = np.array(weights), np.empty((k, len(weights)), dtype=bool)
                greedy(residuals, samples, masks)
                masks = masks.T
            assert [each["kept"] for each in found["digits"]] == masks.tolist()
            rests = [each["remainders"] for each in found["digits"]]
            np.testing.assert_allclose([rest[-1] for rest in rests], residuals, **EXACT)
            assert [rest[0] for rest in rests] == weights

            sums = all_sums(samples)
            np.testing.assert_allclose(found["sums"], sums, **EXACT)
            best = [sums[sums <= w].max() for w in weights]
            np.testing.assert_allclose(found["best"], best, **EXACT)
            every = np.arange(1001) / 1000
            rests_of_all, masks_of_all = every.copy(), np.empty((k, 1001), dtype=bool)
            greedy(rests_of_all, samples, masks_of_all)
            (worst,) = np.flatnonzero(every == found["worst"])
            assert rests_of_all[worst] == pytest.approx(rests_of_all.max(), rel=1e-12)
            expected = gaps(samples, base**-k)
            np.testing.assert_allclose(np.reshape(found["gaps"], (-1, 2)), expected, **EXACT)


def test_laws_and_segment_probabilities(js: Page) -> None:
    p, m = np.append(drawn(3, 50), [0.0, 1.0]), np.append(drawn(4, 50), [0.0, 1.0])
    for k in range(1, 13):
        for base in (1.25, 1.5, lp.PHI):
            pair = {
                "lp.uniform(1)": lp.Uniform(1.0),
                f"lp.hyperbolicFor({k}, {base!r})": lp.Hyperbolic(base ** -(k + 1), base**-1),
            }
            for expression, law in pair.items():
                found = js.evaluate(
                    f"""([p, m]) => {{
                        const law = {expression};
                        return [p.map(law.ppf), m.map(law.cdf),
                                lp.segmentProbabilities(law, {k}, {base!r})];
                    }}""",
                    [p.tolist(), m.tolist()],
                )
                np.testing.assert_allclose(found[0], law.magnitude_ppf(p), **EXACT)
                np.testing.assert_allclose(found[1], law.magnitude_cdf(m), rtol=1e-12, atol=1e-14)
                # differences of two probabilities: what cancels is lost on both sides
                expected = segment_probabilities(law, k, base)
                np.testing.assert_allclose(found[2], expected, rtol=1e-12, atol=1e-15)


def test_batch_count(js: Page) -> None:
    cases = [
        (k, float(c), delta)
        for k in (1, 2, 8, 12, 36, 48)
        for c in (0.9, 0.5, 1 / 8, 1 / 12, 0.00119, *drawn(k, 5))
        for delta in (0.5, 0.2, 0.01, 1e-6)
    ]
    found = js.evaluate("cases => cases.map(([k, c, delta]) => lp.batchSize(k, c, delta))", cases)
    assert found == [lp.batch_size(1, k, c, delta, "exact") for k, c, delta in cases]


def draws_until_full(law: Any, k: int, seed: int) -> int:
    low, high = segments(k)
    seen: set[int] = set()
    for count, u in enumerate(mulberry32(seed), start=1):
        m = law.magnitude_ppf(np.array(u))
        seen |= set(np.flatnonzero((low <= m) & (m <= high)).tolist())
        if len(seen) == k:
            return count
    raise AssertionError


def test_draws_until_all_digits_are_filled(js: Page) -> None:
    for k in (2, 5, 8):
        laws = {
            "lp.uniform(1)": lp.Uniform(1.0),
            f"lp.hyperbolicFor({k}, lp.PHI)": lp.Hyperbolic(lp.PHI ** -(k + 1), 1 / lp.PHI),
        }
        for expression, law in laws.items():
            for seed in range(10):
                found = js.evaluate(
                    f"seed => lp.drawsUntilFull({expression}, {k}, lp.PHI, lp.generator(seed))",
                    seed,
                )
                assert found == draws_until_full(law, k, seed)


def one_weight(
    weight: float, epsilon: float, base: float, is_uniform: bool, seed: int
) -> dict[str, Any]:
    """What `lp.oneWeight` should find, by the package."""
    delta = 0.01
    beyond = base > lp.PHI  # refused by the package
    k = math.ceil(math.log(1 / epsilon, base)) if beyond else lp.count_digits(epsilon, base)
    batches = [lp.batch_size(1, j, 1 / j, delta, "exact") for j in range(1, k + 1)]
    rarest = [base**-j - base ** -(j + 1) for j in range(1, k + 1)]  # of j digits the last
    needed = [lp.batch_size(1, j, c, delta, "exact") for j, c in enumerate(rarest, start=1)]
    law = lp.Uniform(1.0) if is_uniform else lp.Hyperbolic(base ** -(k + 1), 1 / base)
    magnitudes = law.magnitude_ppf(drawn(seed, batches[-1]))
    digits = digit_of(magnitudes, k, base)
    first = [int(np.argmax(digits == i)) if (digits == i).any() else -1 for i in range(k)]
    found = [i for i in range(k) if first[i] >= 0]
    samples = magnitudes[[first[i] for i in found]]
    rest, masks = np.array([weight]), np.empty((len(found), 1), dtype=bool)
    greedy(rest, samples, masks)
    kept = np.zeros(k, dtype=bool)
    kept[found] = masks[:, 0]
    holes = gaps(samples, epsilon) if found else np.array([[epsilon, 1.0]])
    return {
        "k": k, "batches": batches, "needed": needed, "magnitudes": magnitudes, "first": first,
        "kept": kept.tolist(), "rest": rest[0], "missed": (holes[:, 1] - holes[:, 0]).sum(),
    }  # fmt: skip


@pytest.mark.parametrize("is_uniform", [False, True])
@pytest.mark.parametrize("base", [1.5, lp.PHI, 2.0])
def test_one_weight(js: Page, base: float, is_uniform: bool) -> None:
    for digits in range(1, 13):
        for weight, seed in ((0.9, 223), (0.0, digits), (1.0, 7), (0.123, 2**32 - 1)):
            epsilon = lp.PHI**-digits
            found = js.evaluate(
                """([weight, epsilon, base, isUniform, seed]) => {
                    const { remainders, ...all } = lp.oneWeight({ weight, epsilon, base, isUniform,
                        delta: 0.01, random: lp.generator(seed) });
                    return { ...all, rest: remainders.at(-1) };
                }""",
                [weight, epsilon, base, is_uniform, seed],
            )
            expected = one_weight(weight, epsilon, base, is_uniform, seed)
            for name in ("k", "batches", "needed", "first", "kept"):
                assert found[name] == expected[name], (name, digits)
            for name in ("magnitudes", "rest", "missed"):
                np.testing.assert_allclose(found[name], expected[name], rtol=1e-12, atol=1e-14)
            if base <= lp.PHI and -1 not in found["first"]:
                assert found["rest"] <= epsilon * (1 + 1e-12)
                assert found["missed"] == 0


TARGET = lp.Network([[[0.85], [-0.6]], [[0.9, 0.7]]], [[-0.45, 0.9], [0.0]])
VALUES = (0.85, -0.6, -0.45, 0.9, 0.9, 0.7)  # in the order of the figure
ORDER = (3, 5, 0, 4, 1, 2)  # in which they get a digit


def small_ticket(k: int, seed: int) -> tuple[list[np.ndarray], list[np.ndarray], list[np.ndarray]]:
    """Of each weight: its random neurons, the first one of each digit (-1: none), the digits."""
    size = lp.batch_size(1, len(VALUES) * k, 1 / (2 * k), 0.2, "exact")
    blocks = drawn(seed, len(VALUES) * size).reshape(len(VALUES), size)
    low, high = segments(k)
    neurons, firsts, kept = [], [], []
    for value, units in zip(VALUES, blocks, strict=True):
        a = lp.Hyperbolic(lp.PHI ** -(k + 1), 1 / lp.PHI).ppf(units)
        fits = (np.sign(a) == np.sign(value))[:, None] & (low <= abs(a)[:, None])
        fits &= abs(a)[:, None] <= high
        first = np.where(fits.any(axis=0), fits.argmax(axis=0), -1)
        here = first >= 0
        mask = np.zeros(k, dtype=bool)
        rest = np.array([abs(value)])
        found = np.empty((here.sum(), 1), dtype=bool)
        greedy(rest, abs(a[first[here]]), found)
        mask[here] = found[:, 0]
        if here.all():
            assert (mask == lp.decompose([abs(value)], abs(a[first])).masks[0]).all()
        neurons.append(a)
        firsts.append(first)
        kept.append(mask)
    return neurons, firsts, kept


def network(values: Any) -> lp.Network:
    ux, vx, u1, v1, a, b = values
    return lp.Network([[[ux], [vx]], [[a, b]]], [[u1, v1], [0.0]])


@pytest.mark.parametrize("k", [2, 6, 8])
def test_small_ticket(js: Page, k: int) -> None:
    x = np.linspace(0, 2, 101)
    for seed in range(1, 6):
        found = js.evaluate(
            """([k, seed, values, xs]) => {
                const size = lp.batchSize(values.length * k, 1 / (2 * k), 0.2);
                const random = lp.generator(seed);
                const blocks = values.map((value) => {
                    const neurons = lp.drawNeurons(size, k, lp.PHI, random);
                    return { neurons, ...lp.prune(value, neurons, k, lp.PHI) };
                });
                const sums = blocks.map((block, j) => Math.sign(values[j])
                    * (Math.abs(values[j]) - block.remainders.at(-1)));
                const [ux, vx, u1, v1, a, b] = sums;
                return { blocks, sums, y: xs.map((x) =>
                    lp.output([[[ux, u1], [vx, v1]], [a, b]], x)) };
            }""",
            [k, seed, VALUES, x.tolist()],
        )
        neurons, first, kept = small_ticket(k, seed)
        for block, a, n, mask in zip(found["blocks"], neurons, first, kept, strict=True):
            np.testing.assert_allclose(block["neurons"], a, **EXACT)
            assert block["first"] == n.tolist()
            assert block["kept"] == mask.tolist()
        sums = [a[n[mask]].sum() for a, n, mask in zip(neurons, first, kept, strict=True)]
        np.testing.assert_allclose(found["sums"], sums, rtol=1e-12)
        np.testing.assert_allclose(
            found["y"], network(sums)(x[:, None])[:, 0], rtol=1e-12, atol=1e-13
        )
        if all((n >= 0).all() for n in first):
            assert np.abs(np.subtract(sums, VALUES)).max() <= lp.PHI**-k


BALL = lp.Ball(1.0, nonnegative=True)


def relu_network(matrices: Any) -> lp.Network:
    return lp.Network(matrices, activations=["relu"] * len(matrices))


def sizes_of(matrices: Any) -> list[float]:
    """Bounds on the inputs of each layer by norms alone: certificates use intervals, too."""
    sizes = [1.0]
    for w in matrices:
        positive = np.maximum(w, 0)
        rows = math.sqrt(len(w)) * np.linalg.norm(positive, axis=1).max()
        sizes.append(sizes[-1] * min(np.linalg.norm(w, 2), np.linalg.norm(positive, 2), rows))
    return sizes


def proved_errors(matrices: Any, step: float) -> list[float]:
    """The error budget of the first layer, of the first two, and so on."""
    parts = [relu_network(matrices[:i]) for i in range(1, len(matrices) + 1)]
    return [
        error_budget(part, sizes_of(part.weights), uniform_errors(part, step)) for part in parts
    ]


def erring(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Seven layers, the first input, and the directions of the errors, of one seed."""
    numbers = drawn(seed, 175 + 41 * 5 + 175)
    x = numbers[175:180]
    signs = np.where(numbers[-175:] < 0.5, -1.0, 1.0).reshape(7, 5, 5)
    matrices = np.sqrt(6 / 5) * (2 * numbers[:175].reshape(7, 5, 5) - 1)
    return matrices, x / np.linalg.norm(x), signs


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_error_budget(js: Page, seed: int) -> None:
    matrices, x, signs = erring(seed)
    layers = js.evaluate("seed => lp.drawNetwork(5, 7, lp.generator(seed))", seed)
    np.testing.assert_allclose(layers, matrices, rtol=1e-15)
    for depth, step, epsilon in ((1, 1e-5, 0.01), (3, 0.01, 1.0), (7, 0.3, 0.1)):
        found = js.evaluate(
            """([matrices, step, signs, x, epsilon]) => {
                const norms = lp.layerNorms(matrices);
                const worst = lp.adversary(matrices, step, signs, x);
                return { norms, budget: lp.errorBudget(norms, step),
                    weight: lp.weightBudget(norms, epsilon),
                    errors: lp.neuronErrors(matrices, step, signs, x),
                    worst, attained: lp.norm(lp.neuronErrors(matrices, step, worst, x).at(-1)) };
            }""",
            [matrices[:depth].tolist(), step, signs[:depth].tolist(), x.tolist(), epsilon],
        )
        target = relu_network(matrices[:depth])
        spectral = [norm["spectral"] for norm in found["norms"]]
        np.testing.assert_allclose(spectral, target.spectral_norms, rtol=1e-12)
        sizes = [norm["size"] for norm in found["norms"]]
        np.testing.assert_allclose(sizes, sizes_of(target.weights)[:-1], rtol=1e-12)
        assert (np.array(target.bounds(BALL).norms[:-1]) <= np.array(sizes) * (1 + 1e-12)).all()

        proved = proved_errors(matrices[:depth], step)
        np.testing.assert_allclose([e["error"] for e in found["budget"]], proved, rtol=1e-12)
        arrives = [0.0, *np.multiply(spectral[1:], proved[:-1])]
        np.testing.assert_allclose([e["arrives"] for e in found["budget"]], arrives, rtol=1e-12)
        (*_, reached) = proved_errors(matrices[:depth], found["weight"])
        assert reached == pytest.approx(epsilon, rel=1e-8)
        assert found["weight"] <= lp.weight_budget(target, epsilon, BALL) * (1 + 1e-8)

        for i in range(1, depth + 1):
            before = relu_network(matrices[:i])(x)
            after = relu_network(matrices[:i] + step * signs[:i])(x)
            np.testing.assert_allclose(found["errors"][i - 1], after - before, atol=1e-13)
        worst = relu_network(matrices[:depth] + step * np.array(found["worst"]))(x) - target(x)
        assert np.linalg.norm(worst) == pytest.approx(found["attained"], rel=1e-9)
        assert np.linalg.norm(found["errors"][-1]) <= found["attained"] <= proved[-1]
        assert set(np.unique(found["worst"])) == {-1, 1}


LAYOUTS = ("reserved", "shared", "pooled")
SHAPES = [(3, 2, 4), (1, 1, 1), (4, 4, 10), (1, 4, 2), (4, 1, 7)]  # inputs, outputs, digits


def block_size(layout: str, inputs: int, outputs: int, k: int) -> int:
    if layout == "pooled":
        return output_batch_size(inputs, k, outputs, 0.01)
    return lp.batch_size(1, 2 * k * inputs * outputs, 1 / (4 * k), 0.01, "exact")


def test_sizes_of_blocks(js: Page) -> None:
    for inputs, outputs, k in SHAPES:
        found = js.evaluate("shape => lp.blockSizes(...shape, 0.01)", [inputs, outputs, k])
        assert found == {name: block_size(name, inputs, outputs, k) for name in LAYOUTS}
        plan = {"weight_epsilon": lp.PHI**-k * (1 + 1e-9), "delta": 0.01}
        layer = lp.Network([np.ones((outputs, inputs))])
        for layout in ("reserved", "shared"):
            neurons = lp.plan(layer, layout=layout, **plan).neurons
            count = len(js.evaluate("a => lp.blocksOf(...a)", [layout, inputs, outputs]))
            assert count * found[layout] == neurons
    cases = [(size, m, p) for size in (1, 20, 400) for m in (1, 2, 4) for p in (0.05, 0.5)]
    found = js.evaluate("cases => cases.map(c => lp.unserved(...c))", cases)
    np.testing.assert_allclose(found, [unserved(*c) for c in cases], rtol=1e-9, atol=1e-12)


def served(
    layout: str, inputs: int, outputs: int, k: int, signs: np.ndarray, numbers: Iterator[float]
) -> list[dict[tuple[int, int, int, int], int]]:
    """Of each block which neuron serves output i, input j, half, digit."""
    size = block_size(layout, inputs, outputs, k)
    every = range(inputs), range(outputs)
    blocks = {
        "reserved": [([j], [i]) for j in every[0] for i in every[1]],
        "shared": [([j], every[1]) for j in every[0]],
        "pooled": [(every[0], [i]) for i in every[1]],
    }[layout]
    law = lp.Hyperbolic(lp.PHI ** -(k + 1), 1 / lp.PHI)
    found = []
    for ins, outs in blocks:
        by: dict[tuple[int, int, int, int], int] = {}
        for n in range(size):
            b = np.where(np.array([next(numbers) for _ in range(inputs)]) < 0.5, -1, 1)
            a = law.ppf(np.array([next(numbers) for _ in range(outputs)]))
            for j, i in ((j, i) for j in ins for i in outs):
                fits = np.sign(a[i] * b[j]) == signs[i, j]
                place = i, j, int(b[j]), int(digit_of(np.abs(a[i : i + 1]), k)[0])
                if fits and place not in by:
                    by[place] = n
                    if layout == "pooled":
                        break  # it serves one requirement
        found.append(by)
    return found


@pytest.mark.parametrize("layout", LAYOUTS)
def test_who_serves_whom(js: Page, layout: str) -> None:
    for seed, (inputs, outputs, k) in enumerate(SHAPES):
        signs = np.where(drawn(100 + seed, 16) < 0.5, -1, 1).reshape(4, 4)
        found = js.evaluate(
            """([layout, inputs, outputs, k, signs, seed]) => {
                const random = lp.generator(seed);
                const size = lp.blockSizes(inputs, outputs, k, 0.01)[layout];
                return lp.blocksOf(layout, inputs, outputs).map((block) => {
                    const neurons = lp.drawBlock(size, inputs, outputs, k, random);
                    return lp.serve(neurons, block, signs, k);
                });
            }""",
            [layout, inputs, outputs, k, signs.tolist(), seed],
        )
        expected = served(layout, inputs, outputs, k, signs, mulberry32(seed))
        for mine, theirs in zip(found, expected, strict=True):
            places = {
                (w["i"], w["j"], 1 - 2 * (r % 2), r // 2): n
                for w in mine
                for r, n in enumerate(w["by"])
                if n >= 0
            }
            assert places == theirs


# -- behaviour, on a page that holds nothing else --------------------------------------------------


class Figure:
    """One figure on a page, and what it says."""

    def __init__(self, page: Page, name: str, theme: str = "light", below: str = "") -> None:
        style = typefaces() + (SCRIPTS / "explorables.css").read_text(encoding="utf-8")
        page.set_content(PLACE.format(theme=theme, style=style, name=name, below=below))
        for script in scripts_of(name):
            page.add_script_tag(content=(SCRIPTS / script).read_text(encoding="utf-8"))
        page.wait_for_selector(".x-picture svg")
        page.evaluate("document.fonts.ready.then(() => true)")
        self.page = page

    @property
    def says(self) -> str:
        """With spaces alike, whether a line may break there or not."""
        return self.page.locator(".x-status").inner_text().replace("\u00a0", " ")

    def slider(self, name: str) -> Locator:
        return self.page.get_by_role("slider", name=name)

    def press(self, *buttons: str) -> None:
        for button in buttons:
            self.page.get_by_role("button", name=button, exact=True).click()

    def at_width(self, width: int) -> None:
        """Give the window a width, and wait until the picture has what is there for it."""
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.wait_for_function(
            """width => { const box = document.querySelector(".x-picture");
                 return innerWidth === width && Math.floor(box.clientWidth)
                   === Number(box.querySelector("svg").getAttribute("width")); }""",
            arg=width,
        )

    def frames(self) -> None:
        """Wait until what was asked for is drawn: that is done before the next frame but one."""
        self.page.evaluate(
            "() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))"
        )

    def draws(self, kind: str) -> int:
        self.frames()
        return self.page.locator(f".x-picture svg > :not(.x-legend) .{kind}, svg > .{kind}").count()


@pytest.fixture
def figure(browser: Browser) -> Iterator[Any]:
    """Opens figures; the page must not complain, nor ask anyone for anything."""
    complaints: list[str] = []
    with ExitStack() as pages:

        def show(name: str, theme: str = "light", below: str = "", **options: Any) -> Figure:
            options = {"viewport": {"width": 760, "height": 900}, **options}
            page = pages.enter_context(opened(browser, **options))
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda m: complaints.append(m.text))
            page.on("request", lambda r: complaints.append(r.url))
            return Figure(page, name, theme, below)

        yield show
    assert complaints == []


AS_CODE = {  # which buttons lead to the states that are opened as code
    "idea": ([], ["Uniform weights", "Base 2", "Draw again", "Another weight"]),
    "digits": ([], ["γ = 2", "New samples", "Worst weight"], ["Worst case"]),
    "rain": ([], ["Rain"]),
    "pruned": (["Next digit", "Next digit", "Next"], ["New G", "Next digit"]),
    "draw": ([], ["Next image"]),
    "sums": ([], ["Other numbers", "One more number"]),
    "budget": ([], ["Another network", "Worst signs", "Solve for ε"]),
    "layouts": ([], ["Pooled", "Other neurons", "w₂₃ > 0"], ["Shared"]),
}


def numbers_in(words: str) -> list[float]:
    return [float(n.replace(",", "")) for n in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", words)]


@pytest.mark.parametrize("name", WHERE)
def test_state_as_code_computes_what_is_shown(figure: Any, capsys: Any, name: str) -> None:
    """What the code prints are numbers that the figure says, in the same order."""
    f = figure(name, reduced_motion="reduce")
    f.page.add_script_tag(content=(live.SOURCES / "state.js").read_text(encoding="utf-8"))
    program = (live.STATES / f"{name}.py").read_text(encoding="utf-8")
    programs = set()
    for buttons in AS_CODE[name]:
        f.press(*buttons)
        code = f.page.evaluate(
            "code => goldenState.asCode(code, document.querySelector('figure').state())", program
        )
        exec(compile(code, f"{name}.py", "exec"), {"__name__": "__main__"})
        printed = capsys.readouterr().out
        said = iter(numbers_in(f.says))
        assert all(number in said for number in numbers_in(printed)), (printed, f.says)
        assert len(numbers_in(printed)) >= 3
        programs.add(code)
    assert len(programs) == len(AS_CODE[name])  # each state is another


def test_what_sums_cover_is_that_of_the_package(js: Page) -> None:
    for seed in range(5):
        samples = 4 * drawn(seed, 14) - 2
        found = js.evaluate("([x, eta]) => lp.cover(x, eta)", [samples.tolist(), 0.01])
        for mine, theirs in zip(found, cover(samples, 0.01), strict=True):
            np.testing.assert_allclose(mine, theirs, rtol=0, atol=1e-12)


def test_numbers_close_what_sums_reach(figure: Any) -> None:
    f = figure("sums", reduced_motion="reduce")
    said = re.compile(r"Subset sums of (\d+) numbers come within 0\.01 of ([\d.]+) % of all")

    def reached() -> tuple[int, float]:
        match = said.search(f.says)
        assert match, f.says
        return int(match[1]), float(match[2])

    assert reached()[0] == 9
    f.press("One more number")
    assert reached()[0] == 10
    f.slider("Numbers drawn").press("End")
    number, share = reached()
    assert (number, share) == (24, 100.0)
    f.slider("Numbers drawn").press("Home")
    assert reached() == (0, 1.0)
    f.press("Play")
    assert reached()[0] == 24
    f.press("Other numbers")
    assert reached()[0] == 24


SAYS_LAYOUT = re.compile(
    r"(\S+) may use the ([\d,]+) neurons of (its own|the block|the pool).* "
    r"([\d,]+) of them satisfy one of its (\d+) requirements; it uses (\d+)(: this draw fails)?\. "
    r"The layer takes ([\d,]+) neurons, ([\d.]+) per weight, and ([\d,]+) random weights; "
)


def layout_is(f: Any, weight: str, layout: str, inputs: int, outputs: int, k: int) -> None:
    """The words and the picture say what the package counts."""
    match = SAYS_LAYOUT.match(f.says)
    assert match, f.says
    name, block, whose, able, wanted, used, fails, neurons, per, weights = match.groups()
    size = block_size(layout, inputs, outputs, k)
    blocks = {"reserved": inputs * outputs, "shared": inputs, "pooled": outputs}[layout]
    assert (name, int(block), int(wanted)) == (weight, size, 2 * k)
    assert whose == {"reserved": "its own", "shared": "the block", "pooled": "the pool"}[layout]
    assert int(used) <= int(able) <= size
    assert (int(used) < 2 * k) == bool(fails)
    assert int(neurons.replace(",", "")) == blocks * size
    assert float(per) == pytest.approx(blocks * size / (inputs * outputs), abs=0.0501)
    assert int(weights.replace(",", "")) == blocks * size * (inputs + outputs)
    assert f.draws("x-kept") == int(used)
    assert f.draws("x-hit") == blocks
    assert f.draws("x-block-own") == 1


def test_a_weight_and_the_neurons_that_it_may_use(figure: Any) -> None:
    f = figure("layouts")
    layout_is(f, "w₁₁", "reserved", 3, 2, 4)
    f.page.get_by_role("button", name="w₂₃").press("Enter")
    layout_is(f, "w₂₃", "reserved", 3, 2, 4)
    f.press("Shared")
    layout_is(f, "w₂₃", "shared", 3, 2, 4)
    f.press("Pooled")
    layout_is(f, "w₂₃", "pooled", 3, 2, 4)
    f.page.locator(".x-hit").first.click()
    layout_is(f, "w₁₃", "pooled", 3, 2, 4)
    f.slider("Inputs").press("Home")
    layout_is(f, "w₁₁", "pooled", 1, 2, 4)
    assert f.page.locator(".x-matrix button").count() == 2
    f.slider("Outputs").press("End")
    f.slider("Digits k").press("End")
    f.press("Reserved", "Other neurons")
    layout_is(f, "w₁₁", "reserved", 1, 4, 10)
    button = f.page.get_by_role("button", name="w₄₁")
    button.focus()
    f.page.keyboard.press("Space")
    layout_is(f, "w₄₁", "reserved", 1, 4, 10)
    expect(button).to_be_focused()
    expect(button).to_have_attribute("aria-pressed", "true")


SAYS_BUDGET = re.compile(
    r"Every weight errs by ([\d.]+)\. After (\d) layers? the output errs by ([\d.]+) on .*; "
    r"proved for all inputs: ([\d.]+) ([≤>]) ε = ([\d.]+)\. Of that bound (\d+) % arrives"
)


def budget_is(f: Any, seed: int, depth: int, step: float, epsilon: float) -> float:
    """The words say what the package finds; the error that is seen, as the words have it."""
    matrices, x, signs = (part if len(part) == 5 else part[:depth] for part in erring(seed))
    match = SAYS_BUDGET.match(f.says)
    assert match, f.says
    said, layers, seen, proved, sign, allowed, share = match.groups()
    bounds = proved_errors(matrices, step)
    assert (int(layers), float(allowed)) == (depth, epsilon)
    assert float(said) == pytest.approx(step, rel=0.05)
    assert float(proved) == pytest.approx(bounds[-1], rel=0.005)
    assert (sign == "≤") == (bounds[-1] <= epsilon * (1 + 1e-9))
    arrives = np.linalg.norm(matrices[-1], 2) * ([0.0, *bounds][-2]) / bounds[-1]
    assert int(share) == pytest.approx(100 * arrives, abs=0.5001)
    found = relu_network(matrices + step * signs)(x) - relu_network(matrices)(x)
    if float(seen) != pytest.approx(np.linalg.norm(found), rel=0.05):
        assert float(seen) > np.linalg.norm(found)  # an adversary has been at work
    assert f.draws("x-full") == f.draws("x-kept") == depth
    return float(seen)


def test_error_on_its_way_through_a_network(figure: Any) -> None:
    f = figure("budget", reduced_motion="reduce")
    seen = budget_is(f, 3, 6, 0.01, 0.1)
    step = f.slider("Error of each weight")
    step.press("ArrowLeft")
    budget_is(f, 3, 6, 10**-2.1, 0.1)
    step.press("ArrowRight")
    f.press("Worst signs")
    assert 1.5 * seen < budget_is(f, 3, 6, 0.01, 0.1)
    f.slider("Error allowed").press("ArrowRight")
    f.press("Solve for ε")
    matrices, *_ = erring(3)
    solved = brentq(lambda step: proved_errors(matrices[:6], step)[-1] - 0.2, 1e-9, 1.0)
    budget_is(f, 3, 6, solved, 0.2)
    assert "≤ ε" in f.says
    assert step.get_attribute("aria-valuetext") == f"±{solved:.5f}"
    f.slider("Layers").press("Home")
    budget_is(f, 3, 1, solved, 0.2)
    f.press("Another network")
    budget_is(f, 4, 1, solved, 0.2)
    f.press("Play")  # a step, where motion is reduced
    budget_is(f, 4, 2, solved, 0.2)


def test_layers_are_added_one_by_one(figure: Any) -> None:
    f = figure("budget", reduced_motion="no-preference")
    f.page.clock.install(time=0)
    f.page.clock.pause_at(3_600_000)  # from now on the page's time passes as we say
    f.press("Play")
    layers = f.slider("Layers")
    for depth in range(1, 8):
        assert layers.input_value() == str(depth)
        f.page.clock.run_for(900)
    assert f.page.get_by_role("button", name="Play", exact=True).is_visible()


def test_drawn_digits_are_those_of_the_package(figure: Any) -> None:
    numbers = drawn_digits.content()
    kept = (ROOT / drawn_digits.FILE).read_text(encoding="utf-8")
    assert kept == drawn_digits.script(numbers)
    network, _ = lp.digits_classifier()
    images = numbers["images"] / 16
    ticket = lp.prune(network, epsilon=0.02, inputs=lp.Ball(numbers["radius"], True), seed=0)
    found = figure("draw").page.evaluate(
        """() => [drawn.images.map(x => drawn.logits(drawn.weights, x)),
            drawn.images.map(x => drawn.logits(drawn.effective(0), x)),
            drawn.images.map(x => drawn.logits(drawn.effective(1), x))]"""
    )
    np.testing.assert_allclose(found[0], network(images), rtol=1e-5, atol=1e-4)
    np.testing.assert_allclose(found[1], ticket.network()(images), rtol=1e-5, atol=1e-4)
    assert not np.any(found[2])


def test_what_is_drawn_is_answered(figure: Any) -> None:
    f = figure("draw")
    same = r"F says (\d), Ĝ says \1\. Their logits are 0\.\d+ apart; all 13,094 kept products"
    assert re.match(same, f.says)
    f.press("Clear, to draw")
    f.frames()
    assert f.page.locator(".x-pixel:not([fill-opacity='0.000'])").count() == 0
    paper = f.page.locator(".x-paper")
    box = paper.bounding_box()
    column = box["x"] + box["width"] * 3.5 / 8
    f.page.mouse.move(column, box["y"] + box["height"] / 16)
    f.page.mouse.down()
    f.page.mouse.move(column, box["y"] + box["height"] * 15 / 16, steps=40)
    f.page.mouse.up()
    f.frames()
    assert f.page.locator(".x-pixel[fill-opacity='1.000']").count() == 8
    assert re.match(same, f.says)
    f.press("Clear, to draw")
    paper.focus()
    f.page.keyboard.press("ArrowDown")
    f.page.keyboard.press("Space")
    f.frames()
    assert f.page.locator(".x-pixel[fill-opacity='1.000']").count() == 1
    assert paper.evaluate("e => e === document.activeElement")


def test_a_ticket_breaks_as_more_of_it_is_deleted(figure: Any) -> None:
    f = figure("draw")
    slider = f.slider("Deleted at random")
    slider.press("ArrowRight")
    assert "1 % of the 13,094 kept products are deleted" in f.says
    slider.press("End")
    assert "they differ" in f.says
    f.press("Whole ticket")
    assert "all 13,094 kept products are there" in f.says


def digits_said(says: str) -> tuple[list[int], float, float, float]:
    """Bits, sum, remainder and promise in the words of the figure."""
    pattern = r"Digits ([01 ]+), sum ([\d.]+): remainder ([\d.]+) [≤>] .*? = ([\d.]+)\. "
    match = re.match(pattern, says)
    assert match, says
    return [int(bit) for bit in match[1].split()], *(float(match[i]) for i in (2, 3, 4))


def test_digits_agree_with_the_package_at_every_key(figure: Any) -> None:
    f = figure("digits")
    levels = drawn(1, 12)
    weight = f.slider("Target weight w")
    weight.focus()
    w = 0.7
    for key, change in (("ArrowRight", 0.001), ("ArrowDown", -0.001), ("Home", -1), ("End", 1)):
        weight.press(key)
        w = min(max(w + change, 0.0), 1.0)
        low, high = segments(8)
        digits = lp.decompose([w], low * (high / low) ** levels[:8])
        bits, total, rest, promise = digits_said(f.says)
        assert bits == digits.masks[0].astype(int).tolist()
        assert total == pytest.approx(w - digits.residuals[0], abs=6e-5)
        assert rest == pytest.approx(digits.residuals[0], abs=6e-5)
        assert promise == pytest.approx(lp.PHI**-8, abs=6e-5)
        assert weight.get_attribute("aria-valuetext") == f"{w:.3f}"
        assert f.says.endswith("The promise is kept. There are no gaps.")
    assert f.draws("x-kept") == sum(bits)
    assert f.draws("x-kept") + f.draws("x-left") == 8

    f.slider("Digits k").press("ArrowRight")
    low, high = segments(9)
    bits, _, rest, promise = digits_said(f.says)
    digits = lp.decompose([1.0], low * (high / low) ** levels[:9])
    assert bits == digits.masks[0].astype(int).tolist()
    assert promise == pytest.approx(lp.PHI**-9, abs=6e-5)


def test_gaps_open_beyond_phi(figure: Any) -> None:
    f = figure("digits")
    base = f.slider("Base γ")
    f.press("Worst case")
    assert f.says.endswith("The promise is kept. There are no gaps.")

    base.focus()
    assert f.draws("x-gap") == 0
    base.press("ArrowRight")  # from 1.618, which stands for φ
    samples = segments(8, 1.619)[0]
    open_ = gaps(samples, 1.619**-8)
    assert f.draws("x-gap") == len(open_) > 0
    missed = 100 * (open_[:, 1] - open_[:, 0]).sum()
    assert f.says.endswith(f"Gaps: {len(open_)}, together {missed:.1f} % of all weights.")
    base.press("p")  # one key leads back to φ
    assert base.get_attribute("aria-valuetext") == "φ = 1.6180…"
    assert f.says.endswith("The promise is kept. There are no gaps.")

    f.press("γ = 2", "Worst case")
    low = segments(8, 2.0)[0]
    bits, total, rest, promise = digits_said(f.says)
    assert rest == pytest.approx(1 - low.sum(), abs=6e-5)
    assert total == pytest.approx(low.sum(), abs=6e-5)
    assert rest > promise
    assert "Missed: no subset" in f.says
    assert bits == [1] * 8
    f.press("γ = 3/2")
    assert f.says.endswith("The promise is kept. There are no gaps.")


def test_beyond_phi_a_promise_is_kept_by_luck_alone(figure: Any) -> None:
    f = figure("digits")
    f.press("γ = 2")
    assert "Kept for this weight, not for others. Gaps: " in f.says
    f.press("Worst weight")
    assert "Missed: no subset" in f.says
    f.slider("Digits k").press("Home")
    f.page.get_by_role("slider", name="Sample of digit 1").press("End")
    f.slider("Target weight w").press("End")
    assert "kept by luck: the lowest samples break it. There are no gaps" in f.says


def level_of(f: Any, digit: int) -> int:
    grip = f.page.get_by_role("slider", name=f"Sample of digit {digit}", exact=True)
    return int(grip.get_attribute("aria-valuenow"))


def test_samples_are_dragged(figure: Any) -> None:
    """The reader is the adversary: whatever the samples are, base φ serves the weight."""
    f = figure("digits")
    for digit, level in ((1, 0.25), (8, 0.9)):
        grip = f.page.get_by_role("slider", name=f"Sample of digit {digit}", exact=True)
        box = grip.bounding_box()
        left, right = box["x"] + 6, box["x"] + box["width"] - 6
        y = box["y"] + box["height"] / 2
        f.page.mouse.move((left + right) / 2, y)
        f.page.mouse.down()
        f.page.mouse.move(left + level * (right - left), y + 30, steps=4)
        f.page.mouse.up()
        f.frames()
        assert level_of(f, digit) == pytest.approx(100 * level, abs=2)
        assert "The promise is kept." in f.says
    f.page.mouse.move(left, y)
    f.frames()
    assert level_of(f, 8) == pytest.approx(90, abs=2)  # it is let go


def test_samples_answer_to_the_keyboard(figure: Any) -> None:
    f = figure("digits")
    f.page.locator(".x-controls button").last.focus()
    f.page.keyboard.press("Tab")
    levels = drawn(1, 12)
    here = "document.activeElement.getAttribute('{}')"
    assert f.page.evaluate(here.format("aria-label")) == "Sample of digit 1"
    ring = "getComputedStyle(document.activeElement).strokeWidth"
    assert f.page.evaluate(ring) == "3px"
    for key, digit, level in (
        ("ArrowRight", 1, levels[0] + 0.05),
        ("ArrowDown", 2, levels[1]),
        ("End", 2, 1),
        ("ArrowLeft", 2, 0.95),
        ("ArrowUp", 1, levels[0] + 0.05),
        ("Home", 1, 0),
    ):
        f.page.keyboard.press(key)
        f.frames()
        assert f.page.evaluate(here.format("aria-label")) == f"Sample of digit {digit}"
        assert level_of(f, digit) == pytest.approx(100 * level, abs=0.51)
    low, high = segments(8)
    levels[:2] = 0, 0.95
    digits = lp.decompose([0.7], low * (high / low) ** levels[:8])
    assert digits_said(f.says)[0] == digits.masks[0].astype(int).tolist()
    f.page.keyboard.press("Tab")
    assert not f.page.evaluate("!!document.activeElement.closest('.x-picture')")


def test_target_is_dragged(figure: Any) -> None:
    f = figure("digits")
    box = f.page.locator(".x-picture .x-drag").bounding_box()
    left, right = box["x"] + 26, box["x"] + box["width"] - 26
    y = box["y"] + 60
    f.page.mouse.move(left + 0.2 * (right - left), y)
    f.page.mouse.down()
    for share in (0.3, 0.4, 0.5, 2.0):
        f.page.mouse.move(left + share * (right - left), y, steps=3)
        shown = float(f.slider("Target weight w").input_value())
        assert shown == pytest.approx(min(share, 1), abs=0.003)
        assert sum(digits_said(f.says)[1:3]) == pytest.approx(shown, abs=2e-4)
    f.page.mouse.up()
    f.page.mouse.move(left, y)
    assert f.slider("Target weight w").input_value() == "1"


def rain_said(says: str) -> list[tuple[int, int]]:
    """For each law: samples drawn, and M."""
    found = re.findall(r"(?:after|by) ([\d,]+) samples.*?M = ([\d,]+)", says)
    assert len(found) == 2, says
    return [(int(n.replace(",", "")), int(m.replace(",", ""))) for n, m in found]


def expected_rain(k: int, seed: int) -> list[tuple[int, int]]:
    laws = (lp.Uniform(1.0), lp.Hyperbolic(lp.PHI ** -(k + 1), 1 / lp.PHI))
    return [
        (
            draws_until_full(law, k, 2 * seed + i),
            lp.batch_size(1, k, float(segment_probabilities(law, k).min()), 0.01, "exact"),
        )
        for i, law in enumerate(laws)
    ]


def growth_said(says: str) -> tuple[float, int]:
    match = re.search(r"multiplies M by ([\d.]+)\. .*one more digit adds (\d+)\.", says)
    assert match, says
    return float(match[1]), int(match[2])


def test_rain_is_full_at_first(figure: Any) -> None:
    f = figure("rain", reduced_motion="reduce")
    assert rain_said(f.says) == expected_rain(8, seed=10)
    assert f.says.count("all 8 digits filled") == 2
    assert f.draws("x-empty") == 0
    assert f.draws("x-full") == 2

    now, more = expected_rain(8, seed=10), expected_rain(9, seed=10)
    assert growth_said(f.says) == (
        pytest.approx(more[0][1] / now[0][1], abs=0.0051),
        more[1][1] - now[1][1],
    )
    buttons = f.page.locator(".x-buttons button")
    assert buttons.first.inner_text() == "100 runs"
    f.press("100 runs")
    assert f.says.count("of 100 runs") == 2
    assert f.draws("x-run") == 200

    f.slider("Digits k").press("ArrowLeft")
    assert rain_said(f.says) == expected_rain(7, seed=10)
    f.press("Rain")  # a jump, where motion is reduced
    assert rain_said(f.says) == expected_rain(7, seed=11)
    f.slider("Digits k").press("End")
    assert "one more digit" not in f.says
    f.press("One sample")
    assert [n for n, _ in rain_said(f.says)] == [1, 1]
    assert f.draws("x-drop") == 0
    assert f.draws("x-empty") >= 22


def test_rain_falls_and_stops(figure: Any) -> None:
    f = figure("rain", reduced_motion="no-preference")
    button, drops = f.page.locator(".x-buttons button").nth(1), f.page.locator(".x-drop")
    f.page.clock.install(time=0)
    f.page.clock.pause_at(3_600_000)  # from now on the page's time passes as we say
    button.focus()
    f.page.keyboard.press("Enter")
    counts = [0]
    for _ in range(4):  # what is said is true while it runs
        f.page.clock.run_for(250)
        both = f.page.locator(".x-picture .x-end").filter(has_text="drawn").all_text_contents()
        shown = [int(words.split()[0]) for words in both]
        assert shown == pytest.approx([n for n, _ in rain_said(f.says)], abs=1)  # a frame apart
        counts.append(rain_said(f.says)[0][0])
    assert counts == sorted(counts)
    assert counts[-1] > counts[1]
    assert drops.count() >= 1
    assert button.inner_text() == "Pause"
    expect(f.page.locator(".x-status")).to_have_attribute("aria-live", "off")
    f.page.keyboard.press("Space")
    assert button.inner_text() == "Rain"
    expect(f.page.locator(".x-status")).to_have_attribute("aria-live", "polite")
    f.page.clock.run_for(500)
    assert drops.count() == 0
    paused = rain_said(f.says)
    assert 1 <= paused[0][0] < expected_rain(8, seed=11)[0][0]
    f.page.clock.run_for(500)
    assert rain_said(f.says) == paused
    f.page.keyboard.press("Space")
    for _ in range(30):
        f.page.clock.run_for(1000)
        if button.inner_text() == "Rain":
            break
    assert rain_said(f.says) == expected_rain(8, seed=11)
    assert f.says.count("all 8 digits filled") == 2


def test_ticket_grows_step_by_step(figure: Any) -> None:
    f = figure("pruned")
    neurons, first, kept = small_ticket(6, seed=3)
    x = np.linspace(0, 2, 201)[:, None]

    def check(step: int) -> None:
        done = [step // 6 + (ORDER.index(j) < step % 6) for j in range(6)]
        sums = [
            a[n[:d][mask[:d]]].sum()
            for a, n, mask, d in zip(neurons, first, kept, done, strict=True)
        ]
        count = sum(int(mask[:d].sum()) for mask, d in zip(kept, done, strict=True))
        error = np.abs(TARGET(x) - network(sums)(x)).max()
        assert f"Kept: {count} of {6 * neurons[0].size} neurons." in f.says
        said = float(f.says.rpartition("output: ")[2].rstrip("."))
        assert said == pytest.approx(error, abs=6e-5)
        assert f.slider("Step").input_value() == str(step)
        assert f.draws("x-kept") == count

    check(0)
    f.slider("Step").focus()
    for step in range(1, 8):
        f.page.keyboard.press("ArrowRight")
        check(step)
    assert f"neuron {first[3][1] + 1} supplies {abs(neurons[3][first[3][1]]):.4f}" in f.says
    f.press("Next digit")
    check(12)
    f.press("Back")
    check(11)
    f.press("Next")
    check(12)
    f.slider("Step").press("End")
    check(36)

    check_box = f.page.get_by_role("checkbox", name="Show what is deleted")
    assert f.draws("x-faint") == f.draws("x-neurons") == 1
    check_box.press("Space")
    assert f.draws("x-faint") == f.draws("x-neurons") == 0
    f.press("New G")
    neurons, first, kept = small_ticket(6, seed=4)
    check(36)


def test_ticket_is_played(figure: Any) -> None:
    """From the first step on there is something to see."""
    f = figure("pruned", reduced_motion="no-preference")
    f.page.clock.install(time=0)
    f.page.clock.pause_at(3_600_000)  # from now on the page's time passes as we say
    seen = [curves_of(f)]
    f.press("Play")
    step = f.slider("Step")
    for done in range(1, 37):
        assert step.input_value() == str(done)
        if done <= 4:
            f.page.clock.run_for(50)
            seen.append(curves_of(f))
        f.page.clock.run_for(400 if done <= 4 else 450)
    assert all(before != after for before, after in pairwise(seen))
    assert f.page.get_by_role("button", name="Play", exact=True).is_visible()
    f.press("Play")
    assert step.input_value() == "1"
    f.press("Next")
    f.page.clock.run_for(2000)
    assert step.input_value() == "2"  # a step of one's own stops it


def curves_of(f: Any) -> list[str]:
    """What Ĝ and its hidden neurons are drawn as."""
    curves = f.page.locator(".x-picture svg > g > path:is(.x-ticket, .x-hidden)")
    return curves.evaluate_all("all => all.map(path => path.getAttribute('d'))")


IDEA = re.compile(
    r"(\d+) digits? in base (φ|2)\. Filled by (\d+) (hyperbolic|uniform) samples: "
    r"(all|\d+ of \d+)\. Kept: (\d+) neurons?; "
    r"([\d.]+) is missed by ([\d.]+) ([≤>]) ε = ([\d.]+)\. "
    r"(?:No other|Of all weights from 0 to 1, (less than 1|\d+))"
)


def idea_is(
    f: Any, digits: int, weight: float, seed: int, base: float = lp.PHI, is_uniform: bool = False
) -> None:
    """The words and the picture say what the package finds."""
    expected = one_weight(weight, lp.PHI**-digits, base, is_uniform, seed)
    match = IDEA.match(f.says)
    assert match, f.says
    k, of, samples, law, full, kept, w, rest, sign, epsilon, missed = match.groups()
    filled = sum(n >= 0 for n in expected["first"])
    assert (int(k), of) == (expected["k"], "2" if base == 2 else "φ")
    assert (int(samples), law == "uniform") == (expected["batches"][-1], is_uniform)
    assert full == ("all" if filled == expected["k"] else f"{filled} of {expected['k']}")
    assert int(kept) == sum(expected["kept"])
    assert [float(w), float(rest)] == pytest.approx([weight, expected["rest"]], abs=6e-5)
    assert float(epsilon) == pytest.approx(lp.PHI**-digits, abs=6e-5)
    assert (sign == "≤") == (expected["rest"] <= lp.PHI**-digits)
    assert (missed is None) == (expected["missed"] == 0)
    if expected["missed"] >= 0.01:
        assert float(missed) == pytest.approx(100 * expected["missed"], abs=0.5001)
    drawn = {
        ".x-ribbon": sum(expected["kept"]),
        ".x-box": expected["k"],
        ".x-empty": expected["k"] - filled,
        "[data-part=samples] circle:not(.x-node)": expected["batches"][-1],
    }
    for kind, count in drawn.items():
        expect(f.page.locator(f".x-picture {kind}")).to_have_count(count)


def test_idea_step_by_step(figure: Any) -> None:
    f = figure("idea", reduced_motion="reduce")
    epsilon = f.slider("Error allowed")
    idea_is(f, 8, 0.9, 223)
    epsilon.focus()
    for key, digits in (("ArrowRight", 9), ("Home", 1), ("End", 12), ("ArrowLeft", 11)):
        f.page.keyboard.press(key)
        idea_is(f, digits, 0.9, 223)
    f.press("Uniform weights")
    idea_is(f, 11, 0.9, 223, is_uniform=True)
    f.press("Base 2")
    idea_is(f, 11, 0.9, 223, base=2.0, is_uniform=True)
    f.press("Uniform weights", "Draw again")
    idea_is(f, 11, 0.9, 224, base=2.0)
    f.press("Base 2", "Another weight")
    idea_is(f, 11, 0.282, 224)

    box = f.page.locator(".x-picture .x-drag").bounding_box()
    f.page.mouse.move(box["x"] + 0.7 * box["width"], box["y"] + 20)
    f.page.mouse.down()
    f.page.mouse.move(box["x"] + 2 + 0.25 * (box["width"] - 4), box["y"] + 90, steps=3)
    f.page.mouse.up()
    f.page.mouse.move(box["x"], box["y"])
    idea_is(f, 11, 0.25, 224)


def test_both_ways_fail_where_the_right_one_succeeds(figure: Any) -> None:
    """The first thing a reader sees, and what the two switches are there for."""
    f = figure("idea", reduced_motion="reduce")
    assert "≤ ε" in f.says
    assert "No other weight would be missed" in f.says
    for switch in ("Uniform weights", "Base 2"):
        f.press(switch)
        assert "> ε" in f.says
        assert "% are missed by more than ε" in f.says
        f.press(switch)


def test_idea_moves_when_the_page_opens(figure: Any) -> None:
    f = figure("idea", reduced_motion="no-preference")
    f.page.clock.install(time=0)
    f.page.clock.pause_at(3_600_000)  # from now on the page's time passes as we say
    f.page.evaluate("document.querySelector('.x-stage').replaceChildren()")
    f.page.add_script_tag(content=(SCRIPTS / "idea.js").read_text(encoding="utf-8"))
    dots = f.page.locator("[data-part=samples] circle:not(.x-node)")
    counts = []
    for _ in range(60):
        f.page.clock.run_for(200)
        counts.append(dots.count())
        if counts[-1] < 51:
            assert "51 random neurons fall" in f.says
    assert counts == sorted(counts)
    assert len(set(counts)) > 5
    idea_is(f, 8, 0.9, 223)

    f.slider("Error allowed").press("ArrowRight")  # what was there stays, the rest falls
    f.page.clock.run_for(40)
    assert 51 <= dots.count() < 58
    for _ in range(30):
        f.page.clock.run_for(200)
    idea_is(f, 9, 0.9, 223)


def test_idea_is_in_the_address(figure: Any) -> None:
    f = figure("idea", reduced_motion="reduce")
    f.slider("Error allowed").press("ArrowLeft")
    f.press("Base 2", "Draw again", "Another weight")
    idea_is(f, 7, 0.282, 224, base=2.0)
    state = f.page.evaluate("location.hash")
    assert state == "#k=7&law=log-uniform&base=2&w=0.282&seed=224"
    f.page.evaluate("location.hash = '#k=3&law=uniform&base=phi&w=0.5&seed=1'")
    f.frames()
    idea_is(f, 3, 0.5, 1, is_uniform=True)
    # what is strange there changes nothing, nor does the name of a place
    for strange in ("#k=99&w=two&seed=-1", "#what-is-a-ticket"):
        f.page.evaluate("hash => { location.hash = hash }", strange)
        f.frames()
        idea_is(f, 3, 0.5, 1, is_uniform=True)


WORDS = """<p style="margin-top: {far}px"><a class="x-word" href="#explorable-idea"
data-part="kept">kept</a> and <a class="x-word" href="#explorable-idea"
data-part="samples">samples</a></p><p style="margin-top: 900px"></p>"""


def test_words_and_parts_light_each_other_up(figure: Any) -> None:
    f = figure("idea", reduced_motion="reduce", below=WORDS.format(far=0))
    word, other = (f.page.locator(f".x-word[data-part={part}]") for part in ("kept", "samples"))
    dim = f.page.locator(".x-picture .x-dim")
    parts = f.page.locator(".x-picture [data-part]").count()
    for lit in (word.focus, word.hover):
        lit()
        expect(dim).to_have_count(parts - 1)
        expect(f.page.locator(".x-picture [data-part=kept]")).not_to_have_class("x-dim")
        expect(word).to_have_class("x-word x-lit")
        assert f.page.locator(".x-peek").count() == 0
        word.blur()
        f.page.mouse.move(0, 0)
        expect(dim).to_have_count(0)
    f.page.locator('.x-picture [data-part="samples"] .x-spare').first.hover()
    expect(other).to_have_class("x-word x-lit")
    expect(word).to_have_class("x-word")


def test_a_part_out_of_sight_comes_up(figure: Any) -> None:
    f = figure("idea", reduced_motion="reduce", below=WORDS.format(far=900))
    word, peek = f.page.locator(".x-word[data-part=kept]"), f.page.locator(".x-peek")
    word.hover()
    expect(peek.locator("[data-part]:not(.x-dim)")).to_have_attribute("data-part", "kept")
    expect(peek).to_be_in_viewport()
    word.click()  # leads to the picture, with the part lit and the address as it was
    expect(f.page.locator(".x-picture svg")).to_be_in_viewport(ratio=0.5)
    expect(peek).to_have_count(0)
    assert f.page.evaluate("location.hash") == ""


@pytest.mark.parametrize("name", WHERE)
def test_controls_have_names_and_a_visible_focus(figure: Any, name: str) -> None:
    f = figure(name)
    controls = f.page.locator(".x-controls :is(button, input)").all()
    for control in controls:
        f.page.keyboard.press("Tab")
        assert control.evaluate("e => e === document.activeElement")
        assert control.evaluate("e => getComputedStyle(e).outlineStyle") == "solid"
        named = control.evaluate("e => (e.labels?.length ? e.labels[0] : e).textContent.trim()")
        assert named
    assert f.page.locator(".x-picture svg").get_attribute("aria-label")
    assert f.page.locator(".x-status").get_attribute("aria-live") == "polite"


def luminance(color: str) -> float:
    channels = [int(c) / 255 for c in re.findall(r"\d+", color)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("name", WHERE)
def test_words_stand_out(figure: Any, name: str, theme: str) -> None:
    f = figure(name, theme, reduced_motion="reduce")
    found = f.page.evaluate(
        """() => {
            const colors = [...document.querySelectorAll(
                ".explorable text:not(.x-on-ink), .x-status, figcaption")]
                .map((e) => getComputedStyle(e)).map((s) => [s.fill, s.color]);
            const ground = getComputedStyle(document.querySelector(".explorable"));
            const kept = document.querySelector(".x-picture .x-kept");
            return [ground.backgroundColor, [...new Set(colors.map(([fill]) => fill))],
                ground.color, getComputedStyle(document.querySelector("figcaption")).color,
                // words in the ground's colour stand on what is kept
                kept ? getComputedStyle(kept).fill : ground.color];
        }"""
    )
    ground = luminance(found[0])
    for color in [*(c for c in found[1] if c != "rgb(0, 0, 0)"), *found[2:]]:
        dark, light = sorted((ground, luminance(color)))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, color


# What is drawn over the words of a key.
OVER_KEY = """() => [...document.querySelectorAll(".x-picture .x-legend text")].flatMap(words => {
  const key = words.getBoundingClientRect();
  return [...words.closest("svg").querySelectorAll("rect, circle, line, path, text")]
    .filter(piece => !piece.closest(".x-legend, defs") && piece.checkVisibility())
    .filter(piece => {
      const box = piece.getBoundingClientRect();
      return Math.min(key.right, box.right) - Math.max(key.left, box.left) > 1
        && Math.min(key.bottom, box.bottom) - Math.max(key.top, box.top) > 3; })
    .map(piece => `${words.textContent} below ${piece.outerHTML.slice(0, 80)}`); })"""


@pytest.mark.parametrize("name", WHERE)
def test_narrow_and_printed(figure: Any, name: str) -> None:
    f = figure(name, viewport={"width": 390, "height": 800}, reduced_motion="reduce")
    for width in (390, 320):
        f.at_width(width)
        assert f.page.evaluate("document.documentElement.scrollWidth") <= width
        svg = f.page.locator(".x-picture svg").bounding_box()
        cut = f.page.evaluate(
            """() => [...document.querySelectorAll(".x-picture text")]
                .filter((t) => { const b = t.getBoundingClientRect();
                    return b.left < 0 || b.right > document.documentElement.clientWidth; })
                .map((t) => t.textContent)"""
        )
        assert cut == []
        assert f.page.evaluate(OVER_KEY) == []
        assert svg["width"] <= width
    f.page.emulate_media(media="print")
    expect(f.page.locator(".x-controls")).to_be_hidden()
    expect(f.page.locator(".x-picture svg")).to_be_visible()


@pytest.mark.parametrize("name", WHERE)
def test_still_is_a_moment_of_the_figure(
    figure: Any, name: str, pytestconfig: pytest.Config
) -> None:
    f = figure(name, reduced_motion="reduce")
    f.press(*MOMENTS[name])
    f.frames()
    drawn = f.page.locator(".x-picture svg").evaluate(
        """svg => { const still = svg.cloneNode(true);
            still.querySelectorAll(".x-grip").forEach(grip => grip.remove()); // it moves nothing
            for (const part of still.querySelectorAll("[tabindex]"))
                for (const name of ["tabindex", "role", "aria-label"]) part.removeAttribute(name);
            return new XMLSerializer().serializeToString(still); }"""
    )
    text = drawn.replace("><", ">\n<") + "\n"
    path = SCRIPTS / f"{name}.svg"
    if pytestconfig.getoption("--write-stills"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


# -- in the book -------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "chapter"), WHERE.items())
def test_figure_in_its_chapter(tab: Page, complaints: list[str], name: str, chapter: str) -> None:
    tab.set_viewport_size({"width": 390, "height": 800})
    tab.goto(f"book/{chapter}.html")
    figure = tab.locator(f'#explorable-{name}[data-explorable="{name}"]')
    expect(figure).to_have_class(re.compile("x-ready"))
    expect(figure.locator(".x-picture svg")).to_be_visible()
    expect(figure.locator(".x-still")).to_have_count(0)
    slider = figure.get_by_role("slider").first
    before = slider.input_value()
    slider.press("ArrowRight")
    assert slider.input_value() != before
    assert tab.evaluate("document.documentElement.scrollWidth") <= 390
    assert complaints == []


def test_scripts_are_where_they_are_needed(built_site: Path) -> None:
    for path in (built_site / "book").glob("*.html"):
        text = path.read_text(encoding="utf-8")
        names = [name for name, chapter in WHERE.items() if chapter == path.stem]
        loaded = re.findall(r"explorables/([\w.-]+)(?:\?|\")", text)
        wanted = dict.fromkeys(script for name in names for script in scripts_of(name))
        assert loaded == (["explorables.css", *wanted] if names else []), path.name


@pytest.mark.parametrize(("name", "chapter"), WHERE.items())
def test_without_scripts_there_is_a_still(
    browser: Browser, address: str, name: str, chapter: str
) -> None:
    with opened(browser, java_script_enabled=False) as page:
        page.goto(f"{address}book/{chapter}.html")
        figure = page.locator(f"#explorable-{name}")
        assert figure.locator(".x-still svg").bounding_box()["height"] > 200
        assert WITHOUT_SCRIPTS in figure.inner_text()


def shown_on_paper(page: Page, name: str) -> str:
    """Which picture a printer gets."""
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    stage = page.locator(f"#explorable-{name} .x-stage")
    assert stage.locator("svg").count() == 1
    still = stage.locator(".x-still svg").count() == 1
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(stage.locator(".x-picture svg")).to_be_visible()
    return "still" if still else "live"


@pytest.mark.parametrize(("name", "chapter"), WHERE.items())
def test_paper_has_the_still_until_the_figure_is_touched(
    tab: Page, name: str, chapter: str
) -> None:
    tab.goto(f"book/{chapter}.html")
    expect(tab.locator(f"#explorable-{name}.x-ready .x-picture svg")).to_be_visible()
    assert tab.locator(f"#explorable-{name} figcaption .caption-number").count() == 1
    assert shown_on_paper(tab, name) == "still"
    tab.locator(f"#explorable-{name}").get_by_role("slider").first.press("ArrowRight")
    assert shown_on_paper(tab, name) == "live"


EMBEDDED = [*((name, f"{page}.html?embed") for name, page in WHERE.items())]
EMBEDDED.append(("idea", "index.html?embed=idea"))


@pytest.mark.parametrize(("name", "page"), EMBEDDED)
def test_embedded_figure_is_the_page(
    tab: Page, complaints: list[str], name: str, page: str
) -> None:
    """What `?embed` shows can be put into any page: the figure, and the way to its source."""
    tab.goto(f"book/{page}")
    expect(tab.locator(f"#explorable-{name}.x-ready .x-picture svg")).to_be_visible()
    for gone in ("article h1", "article", "header", "footer", ".bd-sidebar-primary"):
        assert tab.locator(gone).count() > 0
        expect(tab.locator(gone).first).to_be_hidden()
    assert tab.locator(f"#explorable-{name}").bounding_box()["y"] < 20
    source = tab.locator(".x-source a").evaluate("a => a.href")
    assert source.endswith(f"/{page.partition('?')[0]}#explorable-{name}")
    assert complaints == []


def test_what_is_not_there_is_not_embedded(tab: Page, complaints: list[str]) -> None:
    tab.goto("book/index.html?embed=nothing")
    expect(tab.locator("#explorable-idea.x-ready")).to_be_visible()
    expect(tab.locator("article h1")).to_be_visible()
    assert complaints == []


@pytest.mark.parametrize(("name", "chapter"), WHERE.items())
def test_figure_fills_the_screen(tab: Page, name: str, chapter: str) -> None:
    tab.goto(f"book/{chapter}.html")
    figure = tab.locator(f"#explorable-{name}")
    figure.get_by_role("button", name="Full screen").click()
    expect(figure.get_by_role("button", name="Leave full screen")).to_be_visible()
    assert tab.evaluate("document.fullscreenElement.id") == f"explorable-{name}"
    figure.get_by_role("button", name="Leave full screen").click()
    tab.wait_for_function("!document.fullscreenElement")


def test_front_page_is_read_in_five_minutes(tab: Page) -> None:
    """One figure that moves, first and as wide as the page; four pictures, three formulas."""
    tab.emulate_media(reduced_motion="reduce")
    tab.goto("book/index.html")
    figure = tab.locator("#explorable-idea")
    expect(figure).to_have_class(re.compile("x-ready"))
    assert figure.evaluate("f => f.previousElementSibling.matches('h1')")
    column = tab.locator(".bd-article-container").bounding_box()["width"]
    assert figure.bounding_box()["width"] > 0.9 * column > 800
    article = tab.locator("article")
    assert article.locator("img").count() == 4
    assert article.locator("div.formula").count() == 3
    words = article.evaluate(
        """article => { const page = article.cloneNode(true);
            page.querySelectorAll(".formula, .x-stage").forEach(part => part.replaceWith("x"));
            return page.innerText.split(/\\s+/).filter(word => /\\w/.test(word)).length; }"""
    )
    assert 500 < words <= 900
    assert [tab.locator("a.right-next").get_attribute("href")] == ["lottery_tickets.html"]
    for name in ("digits", "rain", "pruned"):  # the way to play
        assert article.locator(f"a[href$='#explorable-{name}']").count() == 1
    named = "all => all.map(e => e.dataset.part)"
    words = set(article.locator("a.x-word").evaluate_all(named))
    assert words == set(figure.locator(".x-picture [data-part]").evaluate_all(named))


def test_opens_from_disk(browser: Browser, built_site: Path) -> None:
    with opened(browser) as page:
        page.goto((built_site / "book" / f"{WHERE['digits']}.html").as_uri())
        expect(page.locator("#explorable-digits.x-ready .x-picture svg")).to_be_visible()
