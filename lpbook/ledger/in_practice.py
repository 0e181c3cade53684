"""Claims of the chapter *in_practice*: what a law of random weights is worth, and to whom."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import sympy as sp

from lpbook._checks import Floats
from lpbook.experiments.confidence import hoeffding_tolerance
from lpbook.experiments.in_practice import mask_accuracy
from lpbook.experiments.sampling_laws import EPSILON, digit_errors, pool_units, products
from lpbook.ledger.core import Counterexample, Steps, claim
from lpbook.subsets import closest_subset

CHAPTER = "in_practice"
R = sp.Rational
p, c, d, g = sp.symbols("p c d g", positive=True)


# -- what scale can do -------------------------------------------------------------------------


def _a_bias_knows_the_scale() -> Counterexample:
    w, bias, x, factor = 1, 1, 1, 2
    before, after = max(w * x + bias, 0), max(factor * w * x + bias, 0)
    assert after != factor * before
    return Counterexample(
        "there are no biases",
        {"w": w, "bias": bias, "x": x, "c": factor},
        f"σ(c w x + bias) = {after}, but c σ(w x + bias) = {factor * before}",
    )


@claim(
    name="scale-is-temperature",
    chapter=CHAPTER,
    title="the scale of the weights is one number",
    statement=(
        r"Let $f$ be a ReLU network without biases, and $f_c$ the one with matrices "
        r"$c_iW_i$, $c_i>0$; let $c=\prod_ic_i$. For every mask, even with real entries, "
        r"$f_c=c\,f$. So edge-popup finds, from the same first scores and batches, the same masks "
        r"for $f_c$ with step size "
        r"$\eta/c$ as for $f$ with step size $\eta$, if the logits of $f$ are multiplied by $c$ in "
        r"the loss and the gradient is divided by $c$."
    ),
    source="★",
    kind="proof",
    wrong={"power": R(101, 100)},
    refute=_a_bias_knows_the_scale,
)
def scale_is_temperature(steps: Steps, power: Any = 1) -> None:
    for size, sign in ((p, "> 0"), (sp.Integer(0), "= 0"), (-p, "< 0")):
        steps.equal(
            sp.Max(d * g * size, 0),
            (d * g) ** power * sp.Max(size, 0),
            f"one layer, sum z {sign}: weights d times as large, inputs g times as large",
            rf"z{sign}:\quad\sigma(d\,g\,z)=d\,g\,\sigma(z)",
        )
    steps.say(
        "induction over the layers: g is the product of the factors so far (1 at the inputs), and "
        "each layer multiplies it by its own; the last layer is linear; masks, of any real "
        "entries, change no factor",
        r"f_c(x)=c\,f(x)",
    )
    m1, m2, x, w, v, eta = sp.symbols("m_1 m_2 x w v eta", positive=True)
    c1, c2 = sp.symbols("c_1 c_2", positive=True)

    def loss(logit: Any) -> Any:
        return sp.log(1 + sp.exp(-logit))

    scaled = loss(c2 * v * m2 * sp.Max(c1 * w * m1 * x, 0))
    gained = loss(c * v * m2 * sp.Max(w * m1 * x, 0))
    for m, name in ((m1, "m₁"), (m2, "m₂")):
        steps.equal(
            eta / (c1 * c2) * sp.diff(scaled, m),
            (eta / c * sp.diff(gained, m)).subs(c, c1 * c2),
            f"a path of two weights v σ(w x), masked: the step of the score of its entry {name}",
            rf"\tfrac{{\eta}}{{c_1c_2}}\,\partial_{{{m}}}\mathcal L(f_c)"
            rf"=\tfrac{{\eta}}{{c}}\,\partial_{{{m}}}\mathcal L(c\,f)",
        )
    steps.say(
        "in general: both losses are the same function of the mask, so they have the same "
        "gradient, and η/c times it is the step of either run; equal scores give equal masks",
        r"\tfrac\eta c\,\nabla_m\,\mathcal L(f_c)=\eta\cdot\tfrac1c\nabla_m\,\mathcal L(c\,f)",
    )


# -- what spread costs -------------------------------------------------------------------------


def _uniform_on_a_wider_range() -> Counterexample:
    low, high, w = R(1, 100), sp.Integer(1), sp.Symbol("w", positive=True)
    second, fourth = (sp.integrate(w**n, (w, low, high)) / (high - low) for n in (2, 4))
    share = second**2 / fourth
    range_ = sp.log(high / low)
    hyperbolic = sp.tanh(range_) / range_
    assert share > hyperbolic
    return Counterexample(
        "|w| is hyperbolic: take it uniform on the same [1/100, 1]",
        {"L": f"{float(range_):.4g}"},
        f"the share is {float(share):.4g} instead of {float(hyperbolic):.4g}",
    )


@claim(
    name="effective-share",
    chapter=CHAPTER,
    title="the wider a hyperbolic law, the fewer weights count",
    statement=(
        r"Let $w$ be random with $0<\mathrm Ew^4<\infty$ and "
        r"$s=(\mathrm Ew^2)^2/\mathrm Ew^4$. It does not depend on the scale of $w$; it is at "
        r"most 1, and 1 iff $|w|$ is constant with probability 1. It is $\frac59$ for the uniform "
        r"law on $[-h,h]$, "
        r"$\frac13$ for the normal law with mean 0, and $s=\frac{\tanh L}L<\frac1L$ for the "
        r"hyperbolic law with $L=\ln\frac\beta\alpha$, which falls strictly from 1 to 0 as $L$ "
        r"grows from 0."
    ),
    source="★",
    kind="proof",
    wrong={"uniform": R(56, 100), "normal": R(34, 100), "width": R(101, 100)},
    refute=_uniform_on_a_wider_range,
)
def effective_share_claim(
    steps: Steps, uniform: Any = R(5, 9), normal: Any = R(1, 3), width: Any = 1
) -> None:
    a, b, mean = sp.symbols("a b mu", real=True)
    steps.equal(
        a - 2 * mean * b + mean**2 - ((a - b**2) + (b - mean) ** 2),
        0,
        "with a = E w⁴ and b = E w²: the mean of (w² − μ)² is a − 2μb + μ²",
        r"\mathrm E(w^2-\mu)^2=(\mathrm Ew^4-(\mathrm Ew^2)^2)+(\mathrm Ew^2-\mu)^2",
    )
    steps.equal(
        (a - 2 * mean * b + mean**2).subs(mean, b),
        a - b**2,
        "at μ = E w² it is E w⁴ − (E w²)²: a mean of squares, so at least 0, and 0 iff w² is "
        "constant",
        r"\mathrm E(w^2-\mathrm Ew^2)^2=\mathrm Ew^4-(\mathrm Ew^2)^2\ge0",
    )
    steps.equal(
        (c**2 * b) ** 2 / (c**4 * a),
        b**2 / a,
        "a factor c of w cancels",
        r"\frac{(c^2\,\mathrm Ew^2)^2}{c^4\,\mathrm Ew^4}=\frac{(\mathrm Ew^2)^2}{\mathrm Ew^4}",
    )

    w, h, dev = sp.symbols("w h s", positive=True)
    second, fourth = (sp.integrate(w**n / h, (w, 0, h)) for n in (2, 4))
    steps.equal(second**2 / fourth, uniform, "uniform on [−h, h]", rf"s={sp.latex(uniform)}")
    density = sp.sqrt(2 / sp.pi) / dev * sp.exp(-(w**2) / (2 * dev**2))
    second, fourth = (sp.integrate(w**n * density, (w, 0, sp.oo)) for n in (2, 4))
    steps.equal(
        second**2 / fourth, normal, "normal, standard deviation σ", rf"s={sp.latex(normal)}"
    )

    L, t, q = sp.symbols("L t q", positive=True)
    moments = ((2, (q - 1) / (2 * L)), (4, (q**2 - 1) / (4 * L)))
    for n, found in moments:
        steps.equal(
            sp.integrate(sp.exp(n * t) / L, (t, 0, L)),
            found.subs(q, sp.exp(2 * L)),
            f"hyperbolic on [1, eᴸ], t = ln|w| uniform on [0, L]: E |w|^{n}, with q = e²ᴸ",
            rf"\mathrm Ew^{n}=\tfrac1L\int_0^Le^{{{n}t}}\,dt={sp.latex(found)}",
        )
    steps.equal(
        moments[0][1] ** 2 / moments[1][1],
        (q - 1) / (q + 1) / (width * L),
        "so this is the share",
        r"s=\frac{q-1}{L\,(q+1)}=\frac{\tanh L}{L}",
    )
    e = sp.exp(2 * L)
    steps.equal(
        sp.tanh(L).rewrite(sp.exp),
        1 - 2 / (e + 1),
        "tanh L is less than 1",
        r"\tanh L=1-\tfrac{2}{e^{2L}+1}<1",
    )
    steps.equal(
        sp.limit(1 / L, L, sp.oo), 0, "so 0 < s < 1/L, and s tends to 0", r"\lim_{L\to\infty}s=0"
    )
    steps.equal(
        sp.limit(sp.tanh(L) / L, L, 0), 1, "as L falls to 0, s tends to 1", r"\lim_{L\to0}s=1"
    )
    falls = sp.diff((e - 1) / ((e + 1) * L), L)
    rest = sp.sinh(2 * L) - 2 * L
    steps.equal(
        sp.simplify((falls + rest / (2 * L**2 * sp.cosh(L) ** 2)).rewrite(sp.exp)),
        0,
        "the slope of s",
        r"s'=-\frac{\sinh2L-2L}{2L^2\cosh^2L}",
    )
    steps.equal(
        sp.diff(rest, L).rewrite(sp.exp),
        sp.expand((sp.exp(L) - sp.exp(-L)) ** 2),
        "sinh 2L − 2L is 0 at L = 0, and its derivative is a square that is positive for L > 0",
        r"(\sinh2L-2L)'=(e^L-e^{-L})^2>0",
    )
    steps.holds(rest.subs(L, 0) == 0, "so sinh 2L − 2L > 0 and s falls strictly")


# -- drawn -------------------------------------------------------------------------------------


def _complete(name: str, weights: int, n: int, products: Callable[..., Floats]) -> float:
    targets, units = pool_units(2020, weights, n)
    return float(digit_errors(targets, products(name, units))[1].mean())


def _enough_neurons_for_uniform() -> Counterexample:
    weights, n = 1000, 3000
    share = _complete("uniform, b = 1", weights, n, products)
    assert share - hoeffding_tolerance(weights, sides=1, tests=2) > 0.1
    return Counterexample(
        "there are 160 neurons (3,000 instead)",
        {"n": n},
        f"the uniform law supplies all digits of {share:.3f} of the weights, more than a tenth",
    )


@claim(
    name="digits-by-law",
    chapter=CHAPTER,
    title="digits need the hyperbolic law",
    statement=(
        r"160 random neurons with $b=1$ for each weight, inputs never negative, "
        r"$\varepsilon=0.01$, hence $k=10$ digits in base $\varphi$. With hyperbolic $a$ on "
        r"$[\varphi^{-11},\varphi^{-1}]$ all digits of a weight are supplied with probability more "
        r"than 0.95, with $a$ uniform on $[-1,1]$ with probability less than 0.1."
    ),
    source="★",
    kind="evidence",
    uses=("hoeffding",),
    wrong={
        "hyperbolic": 0.999,
        "uniform": 0.01,
        "products": lambda name, units: products("hyperbolic, b = 1", units),
    },
    refute=_enough_neurons_for_uniform,
)
def digits_by_law(
    steps: Steps,
    hyperbolic: float = 0.95,
    uniform: float = 0.1,
    products: Callable[..., Floats] = products,
) -> None:
    weights, n = 4000, 160
    tolerance = hoeffding_tolerance(weights, sides=1, tests=2)
    steps.say(
        f"{weights:,} weights with {n} neurons each, the same random numbers for both laws; "
        f"Hoeffding's tolerance for a false alarm of 1e-6 in either line is {tolerance:.3f}"
    )
    found = _complete("hyperbolic, b = 1", weights, n, products)
    steps.holds(
        found - tolerance > hyperbolic,
        "hyperbolic: all digits are supplied with this frequency, less the tolerance",
        rf"{found:.4f}-{tolerance:.3f}>{hyperbolic}",
    )
    found = _complete("uniform, b = 1", weights, n, products)
    steps.holds(
        found + tolerance < uniform,
        "uniform: with this one, and the tolerance",
        rf"{found:.4f}+{tolerance:.3f}<{uniform}",
    )


def _within(name: str, scale: float, weights: int, n: int, seed: int = 2021) -> Floats:
    targets, units = pool_units(seed, weights, n)
    error = closest_subset(targets[:, None], scale * products(name, units)).errors[:, 0]
    within: Floats = (np.abs(error) <= EPSILON).astype(float)
    return within


def _more_numbers() -> Counterexample:
    weights, n = 6000, 20
    pair = [_within(f"{law}, b = 1", 1.0, weights, n) for law in ("uniform", "hyperbolic")]
    gap = (pair[0] - pair[1]).mean()
    tolerance = hoeffding_tolerance(weights, sides=1, width=2)
    assert gap + tolerance < 0.25
    return Counterexample(
        "there are 10 numbers (20 instead)",
        {"n": n},
        f"uniform numbers serve {gap:.3f} of the weights more, and with Hoeffding's tolerance "
        f"{tolerance:.3f} that is less than a quarter",
    )


@claim(
    name="subsets-by-law",
    chapter=CHAPTER,
    title="subset sums do not need it",
    statement=(
        r"A target uniform on $[0,1]$ and ten random numbers of which any subset may be summed. "
        r"The probability that some sum is within $0.01$ of the target is larger by more than a "
        r"quarter if the numbers are uniform on $[-1,1]$ than if they are hyperbolic on "
        r"$\varphi^{-11}\le|x|\le\varphi^{-1}$; and still larger if the hyperbolic ones are "
        r"multiplied by 2 or by 4."
    ),
    source="★",
    kind="evidence",
    uses=("hoeffding",),
    wrong={"own": 0.34, "enlarged": 0.04, "n": 16},
    refute=_more_numbers,
)
def subsets_by_law(steps: Steps, own: float = 0.25, enlarged: float = 0.0, n: int = 10) -> None:
    weights = 20_000
    # differences lie in [-1, 1]; three lines
    tolerance = hoeffding_tolerance(weights, sides=1, tests=3, width=2)
    uniform = _within("uniform, b = 1", 1.0, weights, n)
    steps.say(
        f"{weights:,} targets with {n} numbers each, the same random numbers for both laws; "
        f"uniform: within 0.01 for {uniform.mean():.3f} of them"
    )
    steps.say(
        "Hoeffding's tolerance for the mean of paired differences, for a false alarm of 1e-6 in "
        f"any of the three lines, is {tolerance:.3f}"
    )
    for scale, least, words in (
        (1.0, own, "at its own scale"),
        (2.0, enlarged, "times 2"),
        (4.0, enlarged, "times 4"),
    ):
        found = (uniform - _within("hyperbolic, b = 1", scale, weights, n)).mean()
        steps.holds(
            found - tolerance > least,
            f"hyperbolic {words}: the uniform law serves more weights, by this part of all",
            rf"{found:.3f}-{tolerance:.3f}>{least}",
        )


def _clusters(seed: int) -> tuple[tuple[Floats, Any], tuple[Floats, Any]]:
    """Ten noisy patterns of 64 pixels: 600 images to train on, 300 to test."""
    rng = np.random.default_rng([seed, 21])
    patterns, labels = rng.random((10, 64)), rng.integers(0, 10, 900)
    x = np.clip(patterns[labels] + 0.5 * rng.normal(size=(900, 64)), 0, 1)
    return (x[:600], labels[:600]), (x[600:], labels[600:])


def _wins(better: str, worse: str, width: int, pairs: int) -> int:
    wins = 0
    for seed in range(pairs):
        train, test = _clusters(seed)
        reached = [
            mask_accuracy(
                law, width, seed, train, test, keep=0.5, rate=0.3, gain=4.0, steps=200,
                kind=np.float64,
            )
            for law in (better, worse)
        ]  # fmt: skip
        wins += reached[0] > reached[1]
    return wins


def _another_better_law() -> Counterexample:
    pairs = 20
    wins = _wins("hyperbolic, wide", "hyperbolic", 48, pairs)
    assert wins == 0
    return Counterexample(
        "the better law is the constant (hyperbolic on [ε, 1/ε] instead)",
        {"L": f"{2 * math.log(1 / EPSILON):.3g}"},
        f"it wins none of {pairs} pairs (had the chance been more than 1/2, with probability "
        f"below 2^-{pairs})",
    )


@claim(
    name="popup-by-law",
    chapter=CHAPTER,
    title="edge-popup is better off without it",
    statement=(
        r"Ten patterns of 64 pixels, uniform on $[0,1]$, are to be told apart under normal noise "
        r"of standard deviation 0.5, clipped to $[0,1]$, by a random ReLU network with 48 hidden "
        r"neurons whose mask is trained: 600 images to train on and 300 to test, half of the "
        r"weights kept, 200 steps on batches of 128, with step size 0.3 and gain 4 for both laws, "
        r"weights of equal mean square. Signed constant weights reach a higher test accuracy than "
        r"hyperbolic ones on the best range for 10 digits ($L=9\ln\varphi=4.33$) with probability "
        r"more than a half over networks, patterns, images and batches."
    ),
    source="★",
    kind="evidence",
    uses=("ramanujan2020",),
    wrong={"pairs": 19, "better": "hyperbolic", "worse": "constant"},
    refute=_another_better_law,
)
def popup_by_law(
    steps: Steps, pairs: int = 20, better: str = "constant", worse: str = "hyperbolic"
) -> None:
    wins = _wins(better, worse, 48, pairs)
    steps.holds(
        wins == pairs,
        f"{wins} of {pairs} independent pairs are won; both laws of a pair see the same random "
        "numbers, first scores, images and batches",
    )
    steps.holds(
        R(1, 2) ** pairs <= R(1, 10**6),
        "were the chance of a win at most a half, all would be won with at most this probability",
        rf"2^{{-{pairs}}}\le10^{{-6}}",
    )


CLAIMS = (
    digits_by_law,
    subsets_by_law,
    scale_is_temperature,
    effective_share_claim,
    popup_by_law,
)
