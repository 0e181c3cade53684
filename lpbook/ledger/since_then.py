"""Claims of the chapter *since_then*."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cache
from typing import Any

import mpmath
import numpy as np
import sympy as sp
from numpy.typing import NDArray

from lpbook.experiments import attention, convolutions, vector_subsets
from lpbook.ledger.legacy import Claim, Counterexample, Steps, claim
from lpbook.subsets import closest_subset, sparsest_subset

CHAPTER = "since_then"
N, P, DELTA = sp.symbols("N p delta", positive=True)


def _more(found: int, trials: int, assumed: float) -> bool:
    """So many successes are more than `assumed` explains: probability 1e-6 at most, if that."""
    share = found / trials
    if share <= assumed:
        return False
    with mpmath.workdps(30):
        a, p = mpmath.mpf(share), mpmath.mpf(assumed)
        rest = (1 - a) * mpmath.log((1 - a) / (1 - p)) if a < 1 else mpmath.mpf(0)
        return bool(trials * (a * mpmath.log(a / p) + rest) >= mpmath.log(10**6))


def _fewer(found: int, trials: int, assumed: float) -> bool:
    """So few successes are less than `assumed` explains: probability 1e-6 at most, if that."""
    return _more(trials - found, trials, 1 - assumed)


_RARE = (
    "if the probability were not as stated, each count below would turn up with probability 1e-6 "
    "at most (Hoeffding's bound, with relative entropy)"
)


# -- counting ----------------------------------------------------------------------------------


def _targets_on_a_line() -> Counterexample:
    epsilon, d = Fraction(1, 4), 2
    centres = [Fraction(2 * i + 1, 4) - 1 for i in range(4)]
    wanted = vector_subsets.least_subsets(epsilon**d, 0)
    assert centres[0] - epsilon <= -1 < 1 <= centres[-1] + epsilon
    assert all(b - a <= 2 * epsilon for a, b in itertools.pairwise(centres))
    assert len(centres) < wanted
    return Counterexample(
        "targets from the whole cube (from the line t₂ = 0 instead)",
        {"d": d, "ε": epsilon, "N": len(centres)},
        f"every target is met, with fewer than the {wanted} sums that the bound asks for,",
    )


@claim(
    name="counting-vectors",
    chapter=CHAPTER,
    title="counting, in d dimensions",
    statement=(
        r"Let $0<\varepsilon\le1$, $0\le\delta<1$, $d\ge1$, and let $N$ random points of "
        r"$\mathbb R^d$ be such that each fixed $t\in[-1,1]^d$ has, with probability at least "
        r"$1-\delta$, one of them within $\varepsilon$ in every coordinate. Then "
        r"$N\ge(1-\delta)\,\varepsilon^{-d}$. If the points are the sums of all subsets of $n$ "
        r"vectors, $n\ge d\log_2\frac1\varepsilon+\log_2(1-\delta)$. Likewise "
        r"$N\ge(1-\delta)\,q^d$ to meet each of $q^d$ grid points exactly."
    ),
    source="folklore",
    kind="proof",
    uses=("union-bound",),
    wrong={
        "side": sp.Rational(198, 100),
        "least": lambda share, delta: sp.Rational(101, 100) * (1 - delta) / share,
    },
    refute=_targets_on_a_line,
)
def counting_vectors(
    steps: Steps,
    side: Any = sp.Integer(2),
    least: Callable[..., Any] = vector_subsets.least_subsets,
) -> None:
    d, n = sp.symbols("d n", integer=True, positive=True)
    epsilon = sp.symbols("epsilon", positive=True)
    steps.say(
        "one point serves the targets of a box of sides 2ε around it, out of a cube of sides 2",
        r"[-1,1]^d",
    )
    steps.equal(
        ((side * epsilon) / 2) ** d,
        epsilon**d,
        "so its share p of the cube is at most",
        r"p=\bigl(\tfrac{2\varepsilon}2\bigr)^d=\varepsilon^d",
    )
    steps.say("on a grid of q^d targets a point serves one at most", r"p=q^{-d}")
    steps.say(
        "the expected share of served targets: at most Np, adding up; at least 1 − δ, since it is "
        "the average over t of the probability that t is served",
        r"1-\delta\le\mathrm E[\text{share}]\le Np",
    )
    steps.equal(least(P, DELTA), (1 - DELTA) / P, "divide by p", r"N\ge\frac{1-\delta}{p}")
    steps.equal(
        sp.expand_log(sp.log(2**n) / sp.log(2)), n, "2ⁿ subsets: take logarithms", r"\log_2 2^n=n"
    )
    steps.equal(
        sp.expand_log(sp.log((1 - DELTA) / epsilon**d)),
        -d * sp.log(epsilon) + sp.log(1 - DELTA),
        "of the right side, too",
        r"\ln\frac{1-\delta}{\varepsilon^d}=d\ln\tfrac1\varepsilon+\ln(1-\delta)",
    )


# -- wrap-around: pairs of subsets are independent -------------------------------------------------


def _with_the_empty_set() -> Counterexample:
    draws = list(itertools.product(range(2), repeat=1))
    missed = Fraction(sum(1 not in {0, x} for (x,) in draws), len(draws))
    bound = vector_subsets.miss_bound(2, Fraction(1, 2))
    assert missed > bound
    return Counterexample(
        "no subset of the family is empty ({∅, {1}} instead)",
        {"group": "Z₂", "n": 1, "A": "{1}"},
        f"the target is missed with probability {missed} > {bound}",
    )


@claim(
    name="wraparound-hits",
    chapter=CHAPTER,
    title="with wrap-around, counting is nearly enough",
    statement=(
        r"Let $x_1,\dots,x_n$ be independent and uniform on a finite abelian group or on a torus "
        r"($\mathbb Z_q^d$; or $[-1,1)^d$ with addition modulo 2), $A$ a set to which a uniform "
        r"element belongs with probability $p\in(0,1)$, and $\mathcal F$ a family of $N\ge1$ "
        r"non-empty subsets of $\{1,\dots,n\}$. The probability that no $S\in\mathcal F$ has "
        r"$\sum_{i\in S}x_i\in A$ is at most $\frac{1-p}{1-p+Np}$; it is at most $\delta$ if "
        r"$N\ge\frac{(1-\delta)(1-p)}{\delta p}$."
    ),
    source="★; that the sums are pairwise independent is folklore",
    kind="proof",
    wrong={
        "pairs": sp.Rational(101, 100),
        "bound": lambda family, share: (
            sp.Rational(99, 100) * vector_subsets.miss_bound(family, share)
        ),
        "enough": lambda share, delta: (
            sp.Rational(99, 100) * vector_subsets.enough_subsets(share, delta)
        ),
    },
    refute=_with_the_empty_set,
)
def wraparound_hits(
    steps: Steps,
    pairs: Any = sp.Integer(1),
    bound: Callable[..., Any] = vector_subsets.miss_bound,
    enough: Callable[..., Any] = vector_subsets.enough_subsets,
) -> None:
    j, last = sp.symbols("j J", integer=True, positive=True)
    weight, served = sp.IndexedBase("w"), sp.IndexedBase("c")
    steps.say(
        "two members S ≠ T of the family: one of them, call it S, has an index i that the other "
        "has not; fix all numbers except xᵢ",
        r"\textstyle\sum_Sx=x_i+r",
    )
    steps.say(
        "xᵢ is uniform, and so is xᵢ + r for every r: the first sum falls in A with probability p, "
        "whatever the rest is; the second sum is fixed",
        r"\Pr[x_i+r\in A]=p",
    )
    steps.say(
        "a single member is not empty, so it has an index, too, and its sum is uniform for the "
        "same reason (the empty sum is fixed)",
        r"\Pr\bigl[\textstyle\sum_Tx\in A\bigr]=p",
    )
    left = sp.Sum(weight[j] * served[j] * P, (j, 1, last))
    right = P * sp.Sum(weight[j] * served[j], (j, 1, last))
    steps.equal(
        left,
        right,
        "average over the rest, w its probabilities and c = 1 where the second sum is in A: the "
        "two events are independent",
        r"\textstyle\sum_jw_jc_j\,p=p\sum_jw_jc_j=p^2",
    )
    first, second = N * P, N * P + pairs * N * (N - 1) * P**2
    steps.say(
        "so the number Z of hits has, over N single and N(N − 1) ordered pairs of members, the "
        "moments",
        r"\mathrm EZ=Np,\quad\mathrm EZ^2=Np+N(N-1)p^2",
    )
    e1, e2, positive, factor = sp.symbols("E_1 E_2 P_+ lambda", positive=True)
    square = e2 - 2 * factor * e1 + factor**2 * positive
    steps.equal(
        square.subs(factor, e2 / e1),
        (e2 / e1) ** 2 * (positive - e1**2 / e2),
        "the mean of (Z − λ·1[Z > 0])², which is not negative, at λ = E Z²/E Z: so "
        "Pr[Z > 0] ≥ (E Z)²/E Z²",
        r"0\le\bigl(\tfrac{\mathrm EZ^2}{\mathrm EZ}\bigr)^2\Bigl(\Pr[Z>0]"
        r"-\tfrac{(\mathrm EZ)^2}{\mathrm EZ^2}\Bigr)",
    )
    steps.equal(
        1 - first**2 / second,
        bound(N, P),
        "insert the moments",
        r"\Pr[Z=0]\le1-\frac{(Np)^2}{Np+N(N-1)p^2}=\frac{1-p}{1-p+Np}",
    )
    steps.equal(
        sp.diff(bound(N, P), N),
        -P * (1 - P) / (1 - P + N * P) ** 2,
        "the bound falls as N grows",
        r"\frac d{dN}=-\frac{p(1-p)}{(1-p+Np)^2}<0",
    )
    steps.equal(
        bound(enough(P, DELTA), P),
        DELTA,
        "and is δ at the N of the statement",
        r"N=\frac{(1-\delta)(1-p)}{\delta p}",
    )


def _groups() -> Iterator[tuple[int, int, int]]:
    """(q, d, n): groups Z_q^d and how many elements are drawn."""
    yield from ((q, 1, n) for q in (2, 3, 4, 5) for n in (1, 2, 3, 4))
    yield from ((2, 2, n) for n in (1, 2, 3, 4))
    yield from ((3, 2, n) for n in (1, 2))


def _group_sums(q: int, d: int, n: int) -> NDArray[np.int64]:
    """Sums of all subsets for all draws, as codes: shape (q^(d n), 2^n)."""
    elements = np.array(list(itertools.product(range(q), repeat=d)))
    draws = np.array(list(itertools.product(range(len(elements)), repeat=n)))
    kept = np.array(list(itertools.product((0, 1), repeat=n)))
    sums = np.einsum("sn,and->asd", kept, elements[draws]) % q
    codes: NDArray[np.int64] = sums @ q ** np.arange(d)
    return codes


def _even_numbers() -> Counterexample:
    draws = list(itertools.product((0, 2), repeat=3))
    missed = 0
    for x in draws:
        sums = {sum(s) % 4 for k in (1, 2, 3) for s in itertools.combinations(x, k)}
        missed += 1 not in sums
    bound = vector_subsets.miss_bound(7, Fraction(1, 4))
    assert Fraction(missed, len(draws)) > bound
    return Counterexample(
        "uniform on the whole group (on {0, 2} only)",
        {"group": "Z₄", "n": 3, "t": 1},
        f"the target is missed with probability {Fraction(missed, len(draws))} > {bound}",
    )


@claim(
    name="wraparound-hits-finite",
    chapter=CHAPTER,
    title="every draw from a small group",
    statement=(
        r"In $\mathbb Z_q$, $2\le q\le5$, and $\mathbb Z_2^2$ with $n\le4$, and in $\mathbb Z_3^2$ "
        r"with $n\le2$: the sums of any two different non-empty subsets are independent and "
        r"uniform, and for each target $t$ the bound of the theorem on wrap-around holds for the "
        r"family of all non-empty subsets and for those of each fixed size. In $\mathbb Z_2$, for "
        r"all non-empty subsets and $t=1$, it is attained: both sides are $2^{-n}$."
    ),
    source="★",
    kind="finite verification",
    uses=("wraparound-hits",),
    wrong={
        "bound": lambda family, share: Fraction(99, 100) * vector_subsets.miss_bound(family, share)
    },
    refute=_even_numbers,
)
def wraparound_hits_finite(
    steps: Steps, bound: Callable[..., Any] = vector_subsets.miss_bound
) -> None:
    pairs = cases = 0
    for q, d, n in _groups():
        order, sums = q**d, _group_sums(q, d, n)
        sizes = np.array([sum(kept) for kept in itertools.product((0, 1), repeat=n)])
        for s, t in itertools.combinations(np.flatnonzero(sizes), 2):
            table = np.bincount(sums[:, s] * order + sums[:, t], minlength=order**2)
            assert (table * order**2 == len(sums)).all(), f"Z_{q}^{d}, n = {n}: dependent"
            pairs += 1
        families = [np.flatnonzero(sizes), *(np.flatnonzero(sizes == k) for k in range(1, n + 1))]
        for family, target in itertools.product(families, range(order)):
            missed = Fraction(int((sums[:, family] != target).all(axis=1).sum()), len(sums))
            most = bound(len(family), Fraction(1, order))
            assert missed <= most, f"Z_{q}^{d}, n = {n}, t = {target}: {missed} > {most}"
            cases += 1
    steps.holds(
        pairs > 0, f"{pairs:,} pairs of subsets: over all draws each pair of values equally often"
    )
    steps.holds(
        cases > 0,
        f"{cases:,} families with a target: the share of draws that miss is within the bound",
    )
    for n in (1, 2, 3, 4):
        sums = _group_sums(2, 1, n)[:, 1:]
        missed = Fraction(int((sums != 1).all(axis=1).sum()), len(sums))
        steps.holds(
            missed == bound(2**n - 1, Fraction(1, 2)) == Fraction(1, 2**n),
            f"Z₂, n = {n}, t = 1: missed with probability {missed}, and that is the bound",
        )


# -- several coordinates ---------------------------------------------------------------------------

_WIDTH = 0.1  # the ε of the measurement in one to three dimensions


@cache
def _hits_in(d: int, trials: int, count: Callable[..., Any]) -> NDArray[np.int64]:
    """How many of so many random targets are hit by the first 0, 1, ..., 17 vectors."""
    rng = np.random.default_rng(2022 + d)
    numbers = rng.uniform(-1, 1, (trials, 17, d))
    targets = rng.uniform(-1, 1, (trials, d))
    counted: NDArray[np.int64] = np.asarray(count(numbers, targets, _WIDTH)).sum(axis=0)
    return counted


def _vectors_on_a_line() -> Counterexample:
    rng = np.random.default_rng(2022)
    numbers = np.repeat(rng.uniform(-1, 1, (200, 14, 1)), 2, axis=2)
    targets = rng.uniform(-1, 1, (200, 2))
    found = int(vector_subsets.hits_by_count(numbers, targets, _WIDTH)[:, -1].sum())
    assert _fewer(found, 200, 0.75)
    return Counterexample(
        "independent coordinates (equal ones instead)",
        {"d": 2, "n": 14, "ε": _WIDTH},
        f"only {found} of 200 targets are met",
    )


@claim(
    name="dimensions-measured",
    chapter=CHAPTER,
    title="vectors in one, two and three dimensions",
    statement=(
        r"$n$ independent vectors, uniform on $[-1,1]^d$, and an independent target, uniform on "
        r"the same cube: with probability more than $\frac34$ some subset of them comes within "
        r"$\varepsilon=0.1$ in every coordinate, at $n=6,11,16$ for $d=1,2,3$; at $n=4,8,13$ with "
        r"probability less than $\frac34$."
    ),
    source="★, after Becchetti et al. 2022",
    kind="evidence",
    uses=("becchetti2022",),
    wrong={
        "enough": (5, 11, 16),
        "few": (4, 8, 15),
        "probability": 0.9,
        "hits_by_count": lambda numbers, targets, epsilon: vector_subsets.hits_by_count(
            numbers, targets, epsilon / 2
        ),
    },
    refute=_vectors_on_a_line,
)
def dimensions_measured(
    steps: Steps,
    enough: tuple[int, ...] = (6, 11, 16),
    few: tuple[int, ...] = (4, 8, 13),
    probability: float = 0.75,
    hits_by_count: Callable[..., Any] = vector_subsets.hits_by_count,
) -> None:
    trials = 1000
    steps.say(f"{trials:,} draws of vectors and a target for each d; all subsets are tried")
    steps.say(_RARE)
    for d, most, least in zip((1, 2, 3), enough, few, strict=True):
        found = _hits_in(d, trials, hits_by_count)
        steps.holds(
            _more(int(found[most]), trials, probability),
            f"d = {d}, n = {most}: {found[most]:,} are met, so more than {probability}",
        )
        steps.holds(
            _fewer(int(found[least]), trials, probability),
            f"d = {d}, n = {least}: {found[least]:,} are met, so less than {probability}",
        )


# -- kernels ---------------------------------------------------------------------------------------


def _negative_channel() -> Counterexample:
    image = np.ones((1, 1, 2, 2))
    kernel = np.array([[[[1.0]]]])
    for u in (Fraction(-1), Fraction(-1, 2)):
        through = convolutions.convolve(np.maximum(float(u) * image, 0), kernel)
        wanted = convolutions.convolve(image, float(u) * kernel)
        assert (through == 0).all()
        assert (wanted != 0).all()
    return Counterexample(
        "positive weights in the first layer",
        {"u": Fraction(-1, 2), "V": 1, "x": 1},
        "the channel is silent: 0 instead of −1/2",
    )


@claim(
    name="one-by-one-first",
    chapter=CHAPTER,
    title="kernel entries are sums of their own numbers",
    statement=(
        r"Let $x\ge0$ be an image, $u_r>0$ the weights of a $1\times1$ convolution with ReLU, "
        r"$V_r$ the kernels that follow it, and $m_r$ masks of 0s and 1s. Then "
        r"$\sum_r(m_r\circ V_r)*\sigma(u_rx)=\hat K*x$ with $\hat K_{ab}=\sum_rm_{r,ab}\,u_r"
        r"V_{r,ab}$. If every entry of $\hat K$ is within $\varepsilon$ of $K$, each output pixel "
        r"changes by at most $\varepsilon$ times the sum of the pixels of $x$ below the kernel."
    ),
    source="after da Cunha, Natale and Viennot 2022",
    kind="proof",
    uses=("dacunha2022",),
    wrong={"share": sp.Rational(99, 100)},
    refute=_negative_channel,
)
def one_by_one_first(steps: Steps, share: Any = sp.Integer(1)) -> None:
    u = sp.symbols("u_r", positive=True)
    x, e = sp.symbols("x epsilon", nonnegative=True)
    m, v = sp.Symbol("m_{r,ab}", real=True), sp.Symbol("V_{r,ab}", real=True)
    steps.equal(
        sp.Max(0, u * x), u * x, "a channel with u > 0 is linear for x ≥ 0", r"\sigma(u_rx)=u_rx"
    )
    steps.equal(
        m * v * sp.Max(0, u * x),
        (m * u * v) * x,
        "one term of an output pixel: entry (a, b) of channel r meets one pixel of the image",
        r"m_{r,ab}V_{r,ab}\,\sigma(u_rx)=(m_{r,ab}u_rV_{r,ab})\,x",
    )
    r, last = sp.symbols("r R", integer=True, positive=True)
    product = sp.IndexedBase("P")
    steps.equal(
        sp.Sum(product[r] * x, (r, 1, last)),
        share * x * sp.Sum(product[r], (r, 1, last)),
        "add up over the channels, P_r = m_r u_r V_r: the pixel is multiplied by the entry of K̂; "
        "then over the entries",
        r"\textstyle\sum_rP_r\,x=x\sum_rP_r",
    )
    slack = sp.symbols("s", nonnegative=True)
    steps.equal(
        e * x - (e - slack) * x,
        slack * x,
        "an entry that is off by ε − s, s ≥ 0, errs by less than ε x at this pixel, by",
        r"s\,x\ge0",
    )
    steps.say("add up over the entries of the kernel", r"\varepsilon\textstyle\sum_{ab}x_{ab}")


_CHANNELS, _KERNEL_ERROR = 48, 1.4e-4


@cache
def _kernel_draws(draws: int, channels: int, find: Callable[..., Any], high: float = 1.0) -> int:
    """In how many random convolutions, first layer uniform on [-1, high], all entries are found."""
    kernels = convolutions.digits_convolution()[0].kernels
    found = 0
    for seed in range(draws):
        rng = np.random.default_rng((2022, seed))
        first = rng.uniform(-1, high, channels)
        second = rng.uniform(-1, 1, (len(kernels), channels, 3, 3))
        ticket = find(kernels, first, second, _KERNEL_ERROR)
        found += bool(ticket.found.all())
    return found


def _half_the_channels(kernels: Any, first: Any, second: Any, epsilon: float) -> Any:
    half = len(first) // 2
    return convolutions.find_kernels(kernels, first[:half], second[:, :half], epsilon)


def _no_positive_channel() -> Counterexample:
    found = _kernel_draws(20, _CHANNELS, convolutions.find_kernels, high=0.0)
    assert found == 0
    return Counterexample(
        "first-layer weights of both signs (negative ones only)",
        {"channels": _CHANNELS, "draws": 20},
        f"the kernels are found in {found} draws",
    )


@claim(
    name="convolution-measured",
    chapter=CHAPTER,
    title="trained kernels in a random convolution",
    statement=(
        r"The six $3\times3$ kernels of the digits classifier: 48 random channels, all weights "
        r"uniform on $[-1,1]$, contain all 54 entries within $1.4\cdot10^{-4}$ with probability "
        r"more than $\frac12$ over the draw."
    ),
    source="★, after da Cunha, Natale and Viennot 2022 and Burkholz 2022",
    kind="evidence",
    uses=("one-by-one-first", "dacunha2022", "burkholz2022"),
    wrong={"channels": 32, "probability": 0.9, "find": _half_the_channels},
    refute=_no_positive_channel,
)
def convolution_measured(
    steps: Steps,
    channels: int = _CHANNELS,
    probability: float = 0.5,
    find: Callable[..., Any] = convolutions.find_kernels,
) -> None:
    draws = 60
    found = _kernel_draws(draws, channels, find)
    steps.say(f"{draws} random convolutions; the sparsest subset sum for each of the 54 entries")
    steps.say(_RARE)
    steps.holds(
        _more(found, draws, probability),
        f"{found} of them contain all entries, so more than {probability}",
    )


# -- few numbers -----------------------------------------------------------------------------------


def _more_than_half() -> Counterexample:
    n, k = 3, 2
    bound = 2.0 ** (n * vector_subsets.entropy(k / n))
    exact = Fraction(n**n, k**k * (n - k) ** (n - k))  # 2^(n H(k/n)) without rounding
    assert abs(float(exact) - bound) < 1e-9
    assert vector_subsets.family_size(n, k) > exact
    return Counterexample(
        "k ≤ n/2",
        {"n": n, "k": k},
        f"{vector_subsets.family_size(n, k)} subsets are more than {exact}",
    )


@claim(
    name="kept-fraction-entropy",
    chapter=CHAPTER,
    title="few numbers make few subsets",
    statement=(
        r"Let $0<k\le\frac n2$. At most $2^{nH(k/n)}$ subsets of $n$ numbers keep at most $k$ of "
        r"them, where $H(\alpha)=\alpha\log_2\tfrac1\alpha+(1-\alpha)\log_2\tfrac1{1-\alpha}$. "
        r"With the counting bound, $d=1$: if subsets of at most $\alpha n$ numbers are to meet "
        r"each target within $\varepsilon$ with probability at least $1-\delta$, "
        r"$n\ge\frac1{H(\alpha)}\log_2\frac{1-\delta}\varepsilon$."
    ),
    source="folklore; the question is from Natale et al. 2024",
    kind="proof",
    uses=("counting-vectors", "natale2024"),
    wrong={
        "largest": sp.Rational(51, 100),
        "entropy": lambda share, log: sp.Rational(99, 100) * vector_subsets.entropy(share, log),
    },
    refute=_more_than_half,
)
def kept_fraction_entropy(
    steps: Steps,
    largest: Any = sp.Rational(1, 2),
    entropy: Callable[..., Any] = vector_subsets.entropy,
) -> None:
    n, k = sp.symbols("n k", integer=True, positive=True)
    gap = sp.symbols("i", integer=True, nonnegative=True)
    a, rest = sp.symbols("alpha rho", positive=True)
    j = sp.symbols("j", integer=True, nonnegative=True)
    steps.equal(
        (a + (1 - a)) ** n,
        1,
        "the binomial theorem: all terms together are 1, and none is negative",
        r"1=\sum_{j=0}^n\tbinom nj\alpha^j(1-\alpha)^{n-j}",
    )
    steps.equal(
        a**j * (1 - a) ** (n - j) / ((1 - a) ** n * (a / (1 - a)) ** j),
        1,
        "one term without its binomial coefficient, with ρ = α/(1 − α)",
        r"\alpha^j(1-\alpha)^{n-j}=(1-\alpha)^n\rho^j",
    )
    steps.equal(
        1 - a / (1 - a), (1 - 2 * a) / (1 - a), "ρ against 1", r"1-\rho=\frac{1-2\alpha}{1-\alpha}"
    )
    steps.holds(
        (1 - 2 * largest) / (1 - largest) >= 0,
        f"which is not negative for α ≤ {largest}",
        r"\rho\le1",
    )
    steps.equal(
        rest ** (k - gap) / rest**k,
        rest ** (-gap),
        "so for j = k − i ≤ k the power ρ^j is at least ρ^k: their ratio is ρ^(−i), i ≥ 0",
        r"\rho^j\ge\rho^k",
    )
    steps.equal(
        sp.expand_log(sp.log(a**k * (1 - a) ** (n - k)).subs(k, a * n), force=True),
        -n * entropy(a, sp.log) * sp.log(2),
        "all C(n, j) with j ≤ k together, times the power for j = k, are at most 1; at k = αn that "
        "power is",
        r"\alpha^k(1-\alpha)^{n-k}=2^{-nH(\alpha)}",
    )
    steps.say(
        "so there are at most 2^(nH(α)) such subsets; counting asks for (1 − δ)/ε of them",
        r"nH(\alpha)\ge\log_2\frac{1-\delta}{\varepsilon}",
    )


_TOLERANCE = 0.01  # the ε of the measurement of sparsest subsets


@cache
def _sizes(trials: int, sparsest: Callable[..., Any]) -> NDArray[np.int64]:
    """How many numbers the sparsest subset keeps, by n up to 28; 99 where there is none."""
    rng = np.random.default_rng(2024)
    targets, numbers = rng.uniform(-1, 1, (trials, 1)), rng.uniform(-1, 1, (trials, 28))
    sizes = np.full((29, trials), 99)
    for n in range(1, 29):
        kept = sparsest(targets, numbers[:, :n], _TOLERANCE)
        sizes[n] = np.where(kept.found[:, 0], kept.sizes[:, 0], 99)
    return sizes


def _small_numbers() -> Counterexample:
    rng = np.random.default_rng(2024)
    targets, numbers = rng.uniform(-1, 1, (300, 1)), rng.uniform(-1, 1, (300, 15)) / 4
    kept = sparsest_subset(targets, numbers, _TOLERANCE)
    met = int((kept.found & (kept.sizes <= 3)).sum())
    assert _fewer(met, 300, 0.9)
    return Counterexample(
        "numbers from the range of the targets (a quarter of it)",
        {"k": 3, "n": 15, "ε": _TOLERANCE},
        f"only {met} of 300 targets are met",
    )


@claim(
    name="sparsity-measured",
    chapter=CHAPTER,
    title="what it takes to keep few",
    statement=(
        r"Numbers and a target, independent and uniform on $[-1,1]$, $\varepsilon=0.01$: with "
        r"probability more than $\frac34$ at most $k=2,3,4,6$ of $n=22,12,10,9$ numbers come "
        r"within $\varepsilon$; of $n=17,10,8,7$ numbers with probability less than $\frac34$."
    ),
    source="★, after Natale et al. 2024",
    kind="evidence",
    uses=("natale2024",),
    wrong={
        "enough": (21, 12, 10, 9),
        "few": (17, 11, 8, 7),
        "probability": 0.95,
        "sparsest": lambda targets, numbers, epsilon: sparsest_subset(
            targets, numbers, epsilon / 2
        ),
    },
    refute=_small_numbers,
)
def sparsity_measured(
    steps: Steps,
    enough: tuple[int, ...] = (22, 12, 10, 9),
    few: tuple[int, ...] = (17, 10, 8, 7),
    probability: float = 0.75,
    sparsest: Callable[..., Any] = sparsest_subset,
) -> None:
    trials = 2000
    sizes = _sizes(trials, sparsest)
    steps.say(f"{trials:,} draws of numbers and a target; the sparsest subset of the first n")
    steps.say(_RARE)
    for k, most, least in zip((2, 3, 4, 6), enough, few, strict=True):
        met, missed = (int((sizes[n] <= k).sum()) for n in (most, least))
        steps.holds(
            _more(met, trials, probability) and _fewer(missed, trials, probability),
            f"at most {k}: {met:,} of them with n = {most}, so more than {probability}; "
            f"{missed:,} with n = {least}, so less",
        )


# -- grids -----------------------------------------------------------------------------------------


def _positive_grid() -> Counterexample:
    reached = {sum(s) for x in itertools.product((1, 2, 3), repeat=4) for s in _subsets(x)}
    assert -1 not in reached
    return Counterexample(
        "numbers of both signs ({1, 2, 3} instead)",
        {"n": 4, "t": -1},
        "no draw hits the target",
    )


def _subsets(x: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    for k in range(len(x) + 1):
        yield from itertools.combinations(x, k)


@claim(
    name="grid-hits-exact",
    chapter=CHAPTER,
    title="exact hits on small grids",
    statement=(
        r"Let $x_1,\dots,x_n$ be independent and uniform on $\{-L,\dots,L\}$. For "
        r"$L=1,2,3,4,5,6,7$ the least $n$ with which every single $t$ of that grid is the sum of a "
        r"subset, exactly, with probability at least $\frac34$, is $n=4,5,6,6,6,7,7$; and the "
        r"probabilities for all $t$ add up to at most $2^n$."
    ),
    source="★, after Kumar and Natale 2025",
    kind="finite verification",
    uses=("counting-vectors", "kumar2025"),
    wrong={
        "least": (4, 5, 6, 6, 6, 6, 7),
        "probability": Fraction(4, 5),
        "probabilities": lambda largest, n: vector_subsets.grid_hits(largest, max(n - 1, 1)),
    },
    refute=_positive_grid,
)
def grid_hits_exact(
    steps: Steps,
    least: tuple[int, ...] = (4, 5, 6, 6, 6, 7, 7),
    probability: Fraction = Fraction(3, 4),
    probabilities: Callable[[int, int], dict[int, Fraction]] = vector_subsets.grid_hits,
) -> None:
    for largest, n in enumerate(least, start=1):
        rarest = [min(probabilities(largest, m).values()) for m in range(1, n + 1)]
        here, before = rarest[-1], max(rarest[:-1])
        draws = (2 * largest + 1) ** n
        total = sum(probabilities(largest, n).values())
        steps.holds(
            before < probability <= here and total <= 2**n,
            f"L = {largest}, all {draws:,} draws of {n}: the rarest target is hit with probability "
            f"{float(here):.4f}, with fewer numbers {float(before):.4f} at most (with none only "
            f"t = 0 is hit); the sum over all targets is {float(total):.4g} ≤ {2**n}",
        )


@cache
def _bits_hit(bits: int, n: int, trials: int, closest: Callable[..., Any], step: int = 1) -> int:
    """How many random targets of so many bits are sums of n random numbers, exactly."""
    rng = np.random.default_rng((2025, bits))
    half = 2 ** (bits - 1)
    targets = rng.integers(-half, half, (trials, 1))
    numbers = rng.integers(-half, half, (trials, 22)) // step * step
    return int((closest(targets, numbers[:, :n]).errors == 0).sum())


def _coarser_numbers() -> Counterexample:
    found = _bits_hit(8, 14, 300, closest_subset, step=2)
    assert _fewer(found, 300, 0.9)
    return Counterexample(
        "numbers on the targets' grid (on every second point of it)",
        {"bits": 8, "n": 14},
        f"only {found} of 300 targets are hit",
    )


@claim(
    name="grid-transition-measured",
    chapter=CHAPTER,
    title="n follows the bits",
    statement=(
        r"Numbers and a target, independent and uniform on the $2^b$ integers from $-2^{b-1}$ to "
        r"$2^{b-1}-1$, $b=4,8,12,16$: $n=b+6$ numbers have a subset that sums to the target "
        r"exactly with probability more than 0.9, $n=b-1$ with probability less than $\frac12$."
    ),
    source="★, after Borgs, Chayes and Pittel 2001 and Kumar and Natale 2025",
    kind="evidence",
    uses=("borgs2001", "kumar2025"),
    wrong={
        "above": 3,
        "below": 1,
        "probability": 0.995,
        "closest": lambda targets, numbers: closest_subset(targets + 0.5, numbers),
    },
    refute=_coarser_numbers,
)
def grid_transition_measured(
    steps: Steps,
    above: int = 6,
    below: int = -1,
    probability: float = 0.9,
    closest: Callable[..., Any] = closest_subset,
) -> None:
    trials = 400
    steps.say(f"{trials} draws for each b; the closest subset, compared in exact arithmetic")
    steps.say(_RARE)
    for bits in (4, 8, 12, 16):
        many, few = (_bits_hit(bits, bits + extra, trials, closest) for extra in (above, below))
        steps.holds(
            _more(many, trials, probability) and _fewer(few, trials, 0.5),
            f"b = {bits}: {many} with n = b + {above}, so more than {probability}; {few} with "
            f"n = b − {-below}, so less than ½",
        )


# -- attention -------------------------------------------------------------------------------------


def _norm_of_the_other_kind() -> Counterexample:
    epsilon = 0.5
    tokens = np.array([[1.0, 1.0], [-1.0, -1.0]]) / math.sqrt(2)
    zero, off = np.zeros((2, 2)), np.full((2, 2), epsilon)
    before, after = (attention.attention_weights(tokens, a) for a in (zero, off))
    moved = float(np.abs(before - after).sum(axis=1).max() / 2)
    bound = attention.shift_bound(epsilon)
    assert moved > bound + 0.1
    return Counterexample(
        "the 1-norm of the tokens (the 2-norm instead)",
        {"d": 2, "T": 2, "ε": epsilon, "x": "±(1, 1)/√2", "A": 0, "Â": "all ε"},
        f"the weights move by {moved:.3f} > {bound:.3f}",
    )


@claim(
    name="attention-error",
    chapter=CHAPTER,
    title="an error of the product, an error of the attention",
    statement=(
        r"Let all entries of $\hat A$ be within $\varepsilon$ of $A$ and $\lVert x_t\rVert_1\le B$ "
        r"for all tokens. Then each logit $x_s^\top Ax_t$ moves by at most "
        r"$\eta=\varepsilon B^2$, and the attention weights of each token move by at most "
        r"$\tanh\frac\eta2\le\frac\eta2$ in total variation, whatever the number of tokens. For "
        r"softmax alone $\tanh\frac\eta2$ is attained."
    ),
    source="★; that the length does not matter is in Otsuka et al. 2025",
    kind="proof",
    uses=("otsuka2025",),
    wrong={
        "factor": sp.Rational(99, 100),
        "bound": lambda shift, tanh: sp.Rational(99, 100) * attention.shift_bound(shift, tanh),
    },
    refute=_norm_of_the_other_kind,
)
def attention_error(
    steps: Steps,
    factor: Any = sp.Integer(1),
    bound: Callable[..., Any] = attention.shift_bound,
) -> None:
    eta, p, odds = sp.symbols("eta p o", positive=True)
    a = sp.symbols("a", positive=True)
    i, j, d = sp.symbols("i j d", integer=True, positive=True)
    x, y = sp.IndexedBase("x"), sp.IndexedBase("y")
    epsilon = sp.symbols("epsilon", positive=True)
    inner = sp.Sum(y[j], (j, 1, d))
    steps.equal(
        sp.Sum(epsilon * x[i] * y[j], (j, 1, d)),
        epsilon * x[i] * inner,
        "row i of Â − A, entries at most ε, meets |xᵢ| and all |yⱼ|",
        r"\textstyle\sum_j\varepsilon|x_i||y_j|=\varepsilon|x_i|\lVert y\rVert_1",
    )
    steps.equal(
        sp.Sum(epsilon * x[i] * P, (i, 1, d)),
        epsilon * P * sp.Sum(x[i], (i, 1, d)),
        "add up over the rows, with p for the second norm",
        r"\Bigl|\sum_{ij}x_i(\hat A-A)_{ij}y_j\Bigr|\le\varepsilon\lVert x\rVert_1\lVert y\rVert_1"
        r"\le\varepsilon B^2=\eta",
    )
    steps.say(
        "total variation is the largest gain p′ − p of a set S of tokens, neither empty nor all "
        "(these gain 0); its odds are a quotient of two sums of powers e^z; a = e^η",
        r"\frac p{1-p}=\frac{\sum_Se^{z_t}}{\sum_{S^c}e^{z_t}}",
    )
    slack = sp.symbols("s", nonnegative=True)
    steps.equal(
        sp.exp(eta) - sp.exp(eta - slack),
        sp.exp(eta) * (1 - sp.exp(-slack)),
        "a logit that moves by η − s, s ≥ 0, multiplies its power by less than a, by",
        r"e^\eta-e^{\eta-s}=e^\eta(1-e^{-s})",
    )
    steps.holds(
        sp.diff(1 - sp.exp(-slack), slack).is_positive and (1 - sp.exp(-slack)).subs(slack, 0) == 0,
        "which is 0 at s = 0 and grows; in the same way no power shrinks by more than a",
        r"1-e^{-s}\ge0",
    )
    above, below = sp.symbols("U V", positive=True)
    steps.equal(
        (a * above) / (below / a),
        a**2 * above / below,
        "so the upper sum grows at most by a and the lower one shrinks at most by a: the odds",
        r"\frac{p'}{1-p'}\le a^2\frac p{1-p}",
    )
    steps.equal(
        sp.diff(odds / (1 + odds), odds),
        1 / (1 + odds) ** 2,
        "a probability grows with its odds",
        r"\frac d{do}\frac o{1+o}=\frac1{(1+o)^2}>0",
    )
    largest = sp.cancel((a**2 * p / (1 - p)) / (1 + a**2 * p / (1 - p)))
    square = (a - 1) * (1 - (a + 1) * p) ** 2 / ((a + 1) * (1 + (a**2 - 1) * p))
    steps.equal(
        factor * (a - 1) / (a + 1) - (largest - p),
        square,
        "so p′ − p is at most this; what is missing to (a − 1)/(a + 1) has a square and factors "
        "that are not negative, a ≥ 1",
        r"\frac{a-1}{a+1}-(p'-p)=\frac{(a-1)(1-(a+1)p)^2}{(a+1)(1+(a^2-1)p)}\ge0",
    )
    steps.equal(
        square.subs(p, 1 / (a + 1)),
        0,
        "two logits with p = 1/(a + 1), one raised by η and one lowered, attain it",
        r"p=\tfrac1{a+1}",
    )
    steps.equal(
        (sp.exp(eta) - 1) / (sp.exp(eta) + 1),
        sp.sympify(bound(eta, sp.tanh)).rewrite(sp.exp),
        "with a = e^η",
        r"\frac{e^\eta-1}{e^\eta+1}=\tanh\frac\eta2",
    )
    steps.equal(
        sp.diff(eta / 2 - sp.tanh(eta / 2), eta),
        sp.tanh(eta / 2) ** 2 / 2,
        "η/2 − tanh(η/2) is 0 at 0 and never falls",
        r"\frac d{d\eta}\bigl(\tfrac\eta2-\tanh\tfrac\eta2\bigr)=\tfrac12\tanh^2\tfrac\eta2\ge0",
    )


_HEAD_ERROR = 0.05


def _head() -> NDArray[np.float64]:
    """A product of two matrices for tokens of eight numbers, of rank 4, largest entry 1."""
    rng = np.random.default_rng(4)
    product = rng.normal(size=(8, 4)) @ rng.normal(size=(4, 8))
    scaled: NDArray[np.float64] = product / np.abs(product).max()
    return scaled


@cache
def _head_errors(width: int, draws: int, ticket: Callable[..., Any]) -> NDArray[np.float64]:
    """Largest error of an entry of the product, by draw; hidden dimension 8 times `width`."""
    errors = np.empty(draws)
    for seed in range(draws):
        rng = np.random.default_rng((2025, seed))
        queries, keys = rng.uniform(-1, 1, (2, 8, 8 * width))
        kept = ticket(_head(), queries, keys)
        errors[seed] = np.abs(kept[0] @ kept[1].T - _head()).max()
    return errors


def _whole_columns() -> Counterexample:
    # hidden dimensions kept or deleted as a whole: no 64 entries can be met one by one
    rng = np.random.default_rng(2025)
    width = 16
    queries, keys = rng.uniform(-1, 1, (2, 8, width))
    sums = vector_subsets.vector_sums((queries[:, None] * keys[None]).reshape(64, width).T)
    error = float(np.abs(sums - _head().ravel()).max(axis=1).min())
    assert error > _HEAD_ERROR
    return Counterexample(
        "single weights may be deleted (hidden dimensions as a whole)",
        {"hidden dimension": width},
        f"the best of all {2**width:,} choices has an entry that is off by {error:.2f}",
    )


@claim(
    name="attention-measured",
    chapter=CHAPTER,
    title="the product of two random matrices",
    statement=(
        r"A fixed $8\times8$ matrix $A$ of rank 4, largest entry 1, and random $W_Q,W_K$ with "
        r"entries uniform on $[-1,1]$ and hidden dimension $8n$, $n=20$: with probability more "
        r"than $\frac34$ all entries of the product are within 0.05 of $A$ after pruning: of row "
        r"$i$ of $W_Q$ only block $i$ of $n$ hidden dimensions is kept, and of each row of $W_K$ "
        r"the closest subset sum in each block."
    ),
    source="★, after Otsuka et al. 2025",
    kind="evidence",
    uses=("attention-error", "otsuka2025"),
    wrong={
        "width": 10,
        "probability": 0.995,
        "ticket": lambda product, queries, keys: (queries, keys),
    },
    refute=_whole_columns,
)
def attention_measured(
    steps: Steps,
    width: int = 20,
    probability: float = 0.75,
    ticket: Callable[..., Any] = attention.head_ticket,
) -> None:
    draws = 250
    errors = _head_errors(width, draws, ticket)
    found = int((errors <= _HEAD_ERROR).sum())
    steps.say(f"{draws} draws of two matrices 8 × {8 * width}; closest subsets, entry by entry")
    steps.say(_RARE)
    steps.holds(
        _more(found, draws, probability),
        f"{found} of them succeed, so more than {probability}; the median of the largest error is "
        f"{np.median(errors):.1e}",
    )


CLAIMS: tuple[Claim, ...] = (
    counting_vectors,
    wraparound_hits,
    wraparound_hits_finite,
    dimensions_measured,
    one_by_one_first,
    convolution_measured,
    kept_fraction_entropy,
    sparsity_measured,
    grid_hits_exact,
    grid_transition_measured,
    attention_error,
    attention_measured,
)
