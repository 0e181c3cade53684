"""Is hyperbolic sampling worth trying in practice? The experiment of the chapter *in_practice*.

Three ways to find a ticket, several laws of the random weights. All laws see the same random
numbers: a seed gives numbers in (0, 1), and each law turns them into weights by its own `ppf`.
``scripts/in_practice.py`` runs the whole experiment; the chapter runs parts of it again.
"""

from __future__ import annotations

import hashlib
import json
import math
import os
import platform
import secrets
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, as_completed
from dataclasses import asdict, dataclass
from importlib.metadata import version
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import iti0k0

from lpbook import _checks
from lpbook._checks import Floats
from lpbook.constructions import GoldenRatio
from lpbook.constructions.base import first_rows
from lpbook.digits import PHI, count_digits, greedy, segments
from lpbook.distributions import (
    Hyperbolic,
    Law,
    LogLinear,
    Normal,
    SignedConstant,
    SymmetricLaw,
    Uniform,
)
from lpbook.experiments.edge_popup import accuracy, popup
from lpbook.experiments.running_example import digits_classifier
from lpbook.subsets import closest_subset, sparsest_subset

__all__ = [
    "EPSILON",
    "POOLS",
    "POPUP_LAWS",
    "Cell",
    "Settings",
    "best_scale",
    "cells",
    "digit_errors",
    "digit_images",
    "effective_share",
    "family",
    "find",
    "mask_accuracy",
    "mean_interval",
    "moment",
    "neurons_for_digits",
    "own_gain",
    "pool_laws",
    "pool_units",
    "products",
    "random_network",
    "recorded",
    "run",
    "run_cell",
    "weight_law",
]

EPSILON = 0.01
"""Error allowed on a weight, as in the running example."""

POOLS = (
    "hyperbolic, b = 1",
    "hyperbolic",
    "hyperbolic, wide",
    "uniform, b = 1",
    "uniform",
    "normal",
    "constant ±1",
    "constant ±4/n",
)
"""Laws of the products ab that n random neurons supply for an input that is never negative."""

POPUP_LAWS = ("constant", "uniform", "normal", "hyperbolic", "hyperbolic, wide")
"""Laws of the weights of a network whose mask is trained."""

WORD = "log-range "  # laws of the family between a constant and a wide hyperbolic law


def weight_law(name: str, epsilon: float = EPSILON) -> SymmetricLaw:
    r"""The law of one weight at its own scale.

    Parameters
    ----------
    name : str
        ``"uniform"`` on [-1, 1], ``"normal"`` with deviation 1, ``"constant"`` ±1,
        ``"hyperbolic"`` on the best common range for ε, ``"hyperbolic, wide"`` on the naive
        [ε, 1/ε]; ``"log-range 2.5"``, say, is hyperbolic with :math:`\ln(high/low)=2.5`.
    epsilon : float
        Error ε that sets the ranges of the hyperbolic laws.

    Examples
    --------
    >>> weight_law("hyperbolic, wide")
    Hyperbolic(low=0.01, high=100.0)
    """
    if name.startswith(WORD):
        width = float(name.removeprefix(WORD))
        return Hyperbolic(1.0, float(np.exp(width))) if width else SignedConstant(1.0)
    return {
        "uniform": Uniform(1.0),
        "normal": Normal(1.0),
        "constant": SignedConstant(1.0),
        "hyperbolic": Hyperbolic.for_digits(count_digits(epsilon)),
        "hyperbolic, wide": Hyperbolic(epsilon, 1 / epsilon),
    }[name]


def pool_laws(name: str, n: int, epsilon: float = EPSILON) -> tuple[Law, Law]:
    """The laws of in-weight b > 0 and out-weight a of a pool of n neurons."""
    one = SignedConstant(1.0).positive()
    if name == "hyperbolic, b = 1":
        return GoldenRatio().scheme(1.0, epsilon).laws(nonnegative=True)
    if name == "uniform, b = 1":
        return one, Uniform(1.0)
    if name.startswith("constant"):
        return one, SignedConstant(1.0 if name.endswith("±1") else 4 / n)
    law = weight_law(name, epsilon)
    return law.positive(), law


def products(name: str, units: Floats, epsilon: float = EPSILON) -> Floats:
    """What random neurons supply under a law: ab for the given random numbers.

    Parameters
    ----------
    name : str
        One of `POOLS`.
    units : ndarray, shape (..., n, 2)
        Numbers in (0, 1): for the in-weight and for the out-weight of each of n neurons.
    epsilon : float
        As in `weight_law`.

    Returns
    -------
    ndarray, shape (..., n)

    Examples
    --------
    >>> products("uniform", np.array([[0.5, 0.75], [0.5, 0.0]])).tolist()
    [0.25, -0.5]
    """
    inner, outer = pool_laws(name, units.shape[-2], epsilon)
    supplied: Floats = inner.ppf(units[..., 0]) * outer.ppf(units[..., 1])
    return supplied


def pool_units(seed: int, targets: int, most: int) -> tuple[Floats, Floats]:
    """Targets in [0, 1], and the random numbers of `most` neurons for each: the same for all laws.

    A pool of fewer neurons takes the first ones.
    """
    rng = np.random.default_rng([seed, 11])
    return rng.random(targets), rng.random((targets, most, 2))


# -- (a) golden-ratio digits -------------------------------------------------------------------


def digit_errors(
    targets: Floats, supplied: Floats, epsilon: float = EPSILON
) -> tuple[Floats, NDArray[np.bool_]]:
    """Greedy digits from the first neuron in each segment, whatever law the neurons have.

    Parameters
    ----------
    targets : ndarray, shape (t,)
        Weights in [0, 1].
    supplied : ndarray, shape (t, n)
        The products of the neurons of each weight.
    epsilon : float
        It sets the number of digits.

    Returns
    -------
    errors : ndarray, shape (t,)
        What is left of each weight; a digit without a neuron is skipped.
    complete : ndarray of bool, shape (t,)
        Whether every segment has a neuron: then the error is at most epsilon, by theorem.

    Examples
    --------
    >>> errors, complete = digit_errors(np.array([0.9]), np.array([[0.5, -0.3, 0.3]]), 0.4)
    >>> errors.round(3).tolist(), complete.tolist()
    ([0.1], [True])
    """
    k = count_digits(epsilon)
    x = supplied.T
    inside = (x > PHI ** -(k + 1.0)) & (x <= 1 / PHI)
    position = -np.log(np.where(inside, x, 0.5)) / np.log(PHI)
    digit = np.where(inside, np.clip(position.astype(np.int64) - 1, 0, k - 1), k)
    first = first_rows(digit, k)
    columns = np.where(first >= 0, np.take_along_axis(x, np.maximum(first, 0), axis=0), np.inf)
    errors = targets.copy()
    greedy(errors, columns, np.empty(columns.shape, dtype=bool))
    complete: NDArray[np.bool_] = np.all(first >= 0, axis=0)
    return errors, complete


def neurons_for_digits(
    name: str, epsilon: float = EPSILON, share: float = 0.99, scale: float | None = 1.0
) -> tuple[float, float]:
    r"""How many random neurons supply all digits with probability `share`, without drawing any.

    A neuron serves digit j with probability :math:`p_j`, and n independent ones serve all with
    probability :math:`\sum_S(-1)^{|S|}(1-\sum_{j\in S}p_j)^n` (inclusion and exclusion).

    Parameters
    ----------
    name : str
        One of `POOLS`, but no constant; hyperbolic laws have the range for `epsilon`.
    epsilon, share : float
        Allowed error, which sets the number of digits, and the wanted probability.
    scale : float, optional
        By which the products are multiplied; None: the best of
        :math:`2^{j/32}`, j = -160, …, 0.

    Returns
    -------
    n : int
        The least number; infinity if some digit is never supplied.
    scale : float

    Examples
    --------
    >>> neurons_for_digits("hyperbolic, b = 1", 0.1)
    (59, 1.0)
    """
    if scale is None:
        factors = [2.0 ** (j / 32) for j in range(-160, 1)]
        found = [neurons_for_digits(name, epsilon, share, factor) for factor in factors]
        return min(found, key=lambda pair: (pair[0], -pair[1]))  # of equals the nearest to 1
    cdf, k = _product_cdf(name, epsilon), count_digits(epsilon)
    low, high = segments(k)
    probabilities = (cdf(high / scale) - cdf(low / scale)) / 2  # half of the products are positive
    if probabilities.min() <= 0:
        return math.inf, scale
    sums, signs = np.zeros(1), np.ones(1)
    for p in probabilities:
        sums, signs = np.concatenate([sums, sums + p]), np.concatenate([signs, -signs])
    logs = np.log1p(-sums)

    def enough(n: int) -> bool:
        return bool(signs @ np.exp(n * logs) >= share)

    most = k
    while not enough(most):
        most *= 2
    return bisect_left(range(most), True, lo=k, key=enough), scale


def _product_cdf(name: str, epsilon: float) -> Callable[[Floats], Floats]:
    """Distribution function of the magnitude of a product ab."""
    law = pool_laws(name, 1, epsilon)[1]
    if isinstance(law, Normal):  # the density of |ab| is 2/π times the Bessel function K₀
        return lambda x: 2 / np.pi * iti0k0(x)[1]
    if not isinstance(law, Uniform | Hyperbolic):
        raise _checks.fail("name", name, "must be a law with a density")
    return (law if name.endswith("b = 1") else law.product()).magnitude_cdf


# -- (c) edge-popup ----------------------------------------------------------------------------


def digit_images() -> tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Training images and labels, held-out images and labels: the split of `digits_classifier`."""
    from sklearn.datasets import load_digits

    data = load_digits()
    pixels, labels = data.data / 16, data.target.astype(np.int64)
    held_out = digits_classifier()[1]
    train = np.setdiff1d(np.arange(labels.size), held_out)
    return pixels[train], labels[train], pixels[held_out], labels[held_out]


def random_network(
    name: str, width: int, seed: int, keep: float, kind: Any = np.float32
) -> list[NDArray[np.floating]]:
    """Random matrices 64 → width → 10, scaled so that masked layers keep the size of signals.

    The mean square of the weights of each matrix is made 2/(keep × its inputs); `kind` is the
    precision.
    """
    rng = np.random.default_rng([seed, 12])
    matrices = []
    for shape in ((width, 64), (10, width)):
        w = weight_law(name).ppf(rng.random(shape))
        w *= np.sqrt(2 / (keep * shape[1])) / np.sqrt((w * w).mean())
        matrices.append(w.astype(kind))
    return matrices


def own_gain(name: str, width: int, keep: float) -> float:
    """By how much logits grow if weights stay at the law's own scale instead.

    Examples
    --------
    >>> own_gain("constant", 64, keep=0.5)
    16.0
    """
    mean_square = moment(weight_law(name), 2)
    return float(mean_square * keep * np.sqrt(64 * width) / 2)


def moment(law: SymmetricLaw, order: int) -> float:
    r"""The moment :math:`\mathrm E|w|^{order}`, order 2 or 4.

    Examples
    --------
    >>> moment(Uniform(1.0), 4), moment(Normal(2.0), 2)
    (0.2, 4.0)
    """
    match law:
        case SignedConstant(value):
            return value**order
        case Uniform(high):
            return high**order / (order + 1)
        case Normal(scale):
            return scale**order * {2: 1, 4: 3}[order]
        case Hyperbolic(low, high):
            return (high**order - low**order) / (order * law.log_range)
    raise TypeError(f"law={law!r}: its moments are not known here")


def effective_share(law: SymmetricLaw) -> float:
    r"""Share of the weights that carry their mean square, :math:`(\mathrm Ew^2)^2/\mathrm Ew^4`.

    It is 1 for a constant magnitude, and the same at every scale.

    Examples
    --------
    >>> round(effective_share(Hyperbolic(0.01, 1.0)), 4), round(effective_share(Normal(2.0)), 4)
    (0.2171, 0.3333)
    """
    return moment(law, 2) ** 2 / moment(law, 4)


def mask_accuracy(
    name: str,
    width: int,
    seed: int,
    train: tuple[Any, Any],
    test: tuple[Any, Any],
    *,
    keep: float,
    rate: float,
    gain: float,
    steps: int,
    kind: Any = np.float32,
) -> float:
    """Train a mask of a random network on `train`; its accuracy on `test`."""
    weights = random_network(name, width, seed, keep, kind)
    rng = np.random.default_rng([seed, 13])
    masks = popup(weights, *train, keep=keep, rate=rate, gain=gain, steps=steps, rng=rng)
    masked = [w * mask for w, mask in zip(weights, masks, strict=True)]
    return accuracy(masked, *test)


# -- the experiment ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """Sizes of the experiment; the defaults are those of the recorded one.

    Attributes
    ----------
    seeds : int
        Repetitions, with seeds 0, 1, …
    targets : int
        Target weights in each repetition.
    digit_counts, subset_counts : tuple of int
        Random neurons for each target weight.
    digit_scales, scales : tuple of float
        By which the products are multiplied before digits are looked for, or subsets summed; 1 is
        the law's own scale.
    widths : tuple of int
        Hidden neurons of the random network.
    log_ranges : tuple of float
        Further hyperbolic laws: logarithms of largest over smallest weight.
    family_width : int
        Hidden neurons for them; one of `widths`.
    rates, keeps, gains : tuple of float
        What is tried on validation images, in all combinations.
    tuning_seeds : int
        With how many other networks.
    steps : int
        Of the training of a mask.
    """

    seeds: int = 12
    targets: int = 300
    digit_counts: tuple[int, ...] = (20, 40, 80, 160, 320, 640, 1280, 2560)
    digit_scales: tuple[float, ...] = (0.125, 0.25, 0.5, 1.0)
    subset_counts: tuple[int, ...] = (4, 6, 8, 10, 12, 14, 16, 18, 20)
    scales: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0, 8.0)
    widths: tuple[int, ...] = (8, 32, 128, 512)
    log_ranges: tuple[float, ...] = (1.0, 2.0, 3.0, 6.5, 12.0)
    family_width: int = 32
    rates: tuple[float, ...] = (0.1, 0.3, 1.0, 3.0)
    keeps: tuple[float, ...] = (0.3, 0.5, 0.7)
    gains: tuple[float, ...] = (1.0, 4.0, 16.0)
    tuning_seeds: int = 3
    steps: int = 800


@dataclass(frozen=True)
class Cell:
    """One piece of the experiment, finished or not.

    Attributes
    ----------
    method : str
        ``"digits"``, ``"subsets"`` or ``"popup"``.
    law : str
    setting : str
        Scale of the products; for edge-popup ``"own"`` or ``"tuned"`` scale of the weights.
    size : int
        Hidden neurons; 0 where a cell runs through all sizes.
    """

    method: str
    law: str
    setting: str = ""
    size: int = 0

    def path(self, folder: Path, settings: Settings) -> Path:
        """Where its result is kept: the name changes with the settings that it depends on."""
        used = {name: getattr(settings, name) for name in USES[self.method]}
        key = json.dumps([FORMAT, asdict(self), used], sort_keys=True)
        return folder / f"{self.method}-{hashlib.sha256(key.encode()).hexdigest()[:16]}.json"


FORMAT = 2
"""Number of the form in which results of cells are kept: another form has other names."""

USES = {
    "digits": ("seeds", "targets", "digit_counts"),
    "subsets": ("seeds", "targets", "subset_counts"),
    "popup": ("seeds", "rates", "keeps", "gains", "tuning_seeds", "steps"),
}
"""The settings on which a cell of each method depends."""


def cells(settings: Settings) -> list[Cell]:
    """All pieces of the experiment, the longest first."""
    found = [
        Cell("popup", law, setting, width)
        for width, law, setting in product(
            sorted(settings.widths, reverse=True), POPUP_LAWS, ("tuned", "own")
        )
    ]
    found += [
        Cell("popup", f"{WORD}{width:g}", "tuned", settings.family_width)
        for width in settings.log_ranges
    ]
    found += [Cell("subsets", law, f"{s:g}") for law, s in product(POOLS, settings.scales)]
    found += [Cell("digits", law, f"{s:g}") for law, s in product(POOLS, settings.digit_scales)]
    return found


def run_cell(cell: Cell, settings: Settings) -> dict[str, Any]:
    """The results of one cell; lists run over sizes (outside) and seeds (inside)."""
    work = {"digits": _digits, "subsets": _subsets, "popup": _popup}
    start = time.perf_counter()
    result = work[cell.method](cell, settings)
    seconds = round(time.perf_counter() - start, 1)
    return asdict(cell) | result | {"seconds": seconds, "versions": _versions()}


def _digits(cell: Cell, settings: Settings) -> dict[str, Any]:
    scale = float(cell.setting)
    rows: dict[str, list[list[float]]] = {"complete": [], "within": [], "high": []}
    drawn = [
        pool_units(seed, settings.targets, max(settings.digit_counts))
        for seed in range(settings.seeds)
    ]
    for n in settings.digit_counts:
        found = [digit_errors(w, scale * products(cell.law, units[:, :n])) for w, units in drawn]
        rows["complete"].append([_short(full.mean()) for _, full in found])
        rows["within"].append([_short((error <= EPSILON).mean()) for error, _ in found])
        rows["high"].append([_short(np.quantile(error, 0.95)) for error, _ in found])
    return {"n": list(settings.digit_counts)} | rows


def _subsets(cell: Cell, settings: Settings) -> dict[str, Any]:
    scale = float(cell.setting)
    names = ("middle", "high", "within", *(["kept"] if scale == 1 else []))
    rows: dict[str, list[list[float | None]]] = {name: [] for name in names}
    drawn = [
        pool_units(seed, settings.targets, max(settings.subset_counts))
        for seed in range(settings.seeds)
    ]
    for n in settings.subset_counts:
        line: dict[str, list[float | None]] = {name: [] for name in names}
        for w, units in drawn:
            supplied = scale * products(cell.law, units[:, :n])
            if cell.law.startswith("constant"):
                error, sizes = _multiples(w, supplied)
                sizes = sizes[error <= EPSILON]
            else:
                error = np.abs(closest_subset(w[:, None], supplied).errors[:, 0])
                sizes = np.zeros(0, dtype=np.int64)
                if scale == 1:
                    sparse = sparsest_subset(w[:, None], supplied, EPSILON)
                    sizes = sparse.sizes[sparse.found]
            line["middle"].append(_short(np.median(error)))
            line["high"].append(_short(np.quantile(error, 0.95)))
            line["within"].append(_short((error <= EPSILON).mean()))
            if scale == 1:
                line["kept"].append(_short(sizes.mean()) if sizes.size else None)
        for name in names:
            rows[name].append(line[name])
    return {"n": list(settings.subset_counts)} | rows


def _multiples(targets: Floats, supplied: Floats) -> tuple[Floats, NDArray[np.int64]]:
    """Closest sums of numbers ±c: a multiple of c. Errors, and how many numbers are kept."""
    c = abs(supplied[0, 0])
    positive = np.count_nonzero(supplied > 0, axis=1)
    times = np.clip(np.rint(targets / c), positive - supplied.shape[1], positive)
    return np.abs(targets - c * times), np.abs(times).astype(np.int64)


def _popup(cell: Cell, settings: Settings) -> dict[str, Any]:
    x, labels, x_test, labels_test = digit_images()
    order = np.random.default_rng(14).permutation(labels.size)
    fit, check = np.split(order, [round(0.8 * labels.size)])
    own = cell.setting == "own"
    tried = []
    gains = (1.0,) if own else settings.gains
    for rate, keep, gain in product(settings.rates, settings.keeps, gains):
        choice = {"rate": rate, "keep": keep}
        choice["gain"] = own_gain(cell.law, cell.size, keep) if own else gain
        reached = [
            mask_accuracy(
                cell.law, cell.size, 1000 + seed, (x[fit], labels[fit]), (x[check], labels[check]),
                **choice, steps=settings.steps,
            )
            for seed in range(settings.tuning_seeds)
        ]  # fmt: skip
        tried.append((float(np.mean(reached)), choice))
    best, choice = max(tried, key=lambda entry: entry[0])
    reached = [
        mask_accuracy(
            cell.law, cell.size, seed, (x, labels), (x_test, labels_test),
            **choice, steps=settings.steps,
        )
        for seed in range(settings.seeds)
    ]  # fmt: skip
    return {
        "accuracy": [_short(a) for a in reached],
        "validation": _short(best),
        "choice": {name: _short(value) for name, value in choice.items()},
    }


def _short(value: Any) -> float:
    """Four significant digits: more would only be noise."""
    return float(f"{value:.4g}")


def run(
    settings: Settings,
    folder: str | os.PathLike[str],
    executor: Executor | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Run the whole experiment, or what is left of it.

    Every finished cell is written to `folder` at once or not at all, so that a run that was
    interrupted goes on where it stopped.

    Parameters
    ----------
    settings : Settings
        Sizes; results of other settings in the same folder are left alone.
    folder : path
        Where cells are kept; it is made if there is none.
    executor : concurrent.futures.Executor, optional
        Does the cells; none: one after the other, here.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    dict
        ``"settings"``, ``"versions"`` (a list: what cells were run with, each kind once) and
        ``"cells"``, in the order of `cells`.
    """
    from tqdm import tqdm

    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    everything = cells(settings)
    missing = [cell for cell in everything if not cell.path(folder, settings).exists()]
    bar = tqdm(total=len(everything), initial=len(everything) - len(missing), unit="cell",
               disable=not progress)  # fmt: skip
    with bar:
        for cell, result in _results(missing, settings, executor):
            write_whole(cell.path(folder, settings), json.dumps(result))
            bar.update()
    found = [json.loads(cell.path(folder, settings).read_text("utf-8")) for cell in everything]
    return {"settings": asdict(settings)} | pack(found)


def pack(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Versions once, and for each cell the place of its own in that list.

    Examples
    --------
    >>> pack([{"law": "normal", "versions": {"numpy": "2.0"}}])
    {'versions': [{'numpy': '2.0'}], 'cells': [{'law': 'normal', 'versions': 0}]}
    """
    versions: list[dict[str, str]] = []
    for cell in found:
        if cell["versions"] not in versions:
            versions.append(cell["versions"])
    packed = [cell | {"versions": versions.index(cell["versions"])} for cell in found]
    return {"versions": versions, "cells": packed}


def _results(
    missing: list[Cell], settings: Settings, executor: Executor | None
) -> Iterator[tuple[Cell, dict[str, Any]]]:
    if executor is None:
        for cell in missing:
            yield cell, run_cell(cell, settings)
        return
    waiting: dict[Future[dict[str, Any]], Cell] = {
        executor.submit(run_cell, cell, settings): cell for cell in missing
    }
    try:
        for done in as_completed(list(waiting)):
            yield waiting.pop(done), done.result()
    except KeyboardInterrupt:  # keep what is done
        for future, cell in waiting.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                yield cell, future.result()
        raise
    finally:
        for future in waiting:
            future.cancel()


def write_whole(path: Path, text: str) -> None:
    """Write a file at once or not at all."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        draft.write_text(text, "utf-8")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _versions() -> dict[str, str]:
    import scipy
    import sklearn

    return {
        "lpbook": version("lpbook"),
        "platform": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__,
        "scikit-learn": sklearn.__version__,
    }


def recorded() -> dict[str, Any]:
    """The results of the recorded experiment, as `run` gave them."""
    text = (files("lpbook.data") / "in_practice.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def find(
    results: dict[str, Any], method: str, law: str, setting: str = "", size: int = 0
) -> dict[str, Any]:
    """The results of one cell.

    Examples
    --------
    >>> find(recorded(), "digits", "uniform", "1")["n"][:3]
    [20, 40, 80]
    """
    wanted = asdict(Cell(method, law, setting, size))
    for cell in results["cells"]:
        if {name: cell[name] for name in wanted} == wanted:
            return dict(cell)
    raise KeyError(f"no cell {wanted}")


def family(settings: Settings) -> dict[str, float]:
    """The laws from the signed constant to wide hyperbolic ones, and the range L of each."""
    ranges = {f"{WORD}{width:g}": width for width in settings.log_ranges}
    for name in ("constant", "hyperbolic", "hyperbolic, wide"):
        law = weight_law(name)
        assert isinstance(law, LogLinear)
        ranges[name] = law.log_range
    return dict(sorted(ranges.items(), key=lambda item: item[1]))


def best_scale(
    results: dict[str, Any], law: str, what: str = "within", method: str = "subsets"
) -> tuple[Floats, Floats]:
    """For each number of neurons the best of the scales that were tried.

    Parameters
    ----------
    results : dict
        As `run` gives them.
    law : str
        One of `POOLS`.
    what : {"within", "complete", "high"}
        The largest mean share within epsilon or with all digits, or the smallest mean error of
        95 % of the targets.
    method : {"subsets", "digits"}

    Returns
    -------
    scales : ndarray, shape (numbers,)
    reached : ndarray, shape (numbers, seeds)

    Examples
    --------
    >>> scales, reached = best_scale(recorded(), "uniform, b = 1")
    >>> len(scales) == len(reached)
    True
    """
    scales = np.array(results["settings"]["scales" if method == "subsets" else "digit_scales"])
    reached = np.array([find(results, method, law, f"{scale:g}")[what] for scale in scales])
    mean = reached.mean(axis=2)
    best = mean.argmin(axis=0) if what == "high" else mean.argmax(axis=0)
    return scales[best], reached[best, np.arange(best.size)]


def mean_interval(values: ArrayLike, confidence: float = 0.95) -> tuple[Any, Any]:
    """Mean over the last axis, and half the width of Student's t-interval for it.

    Examples
    --------
    >>> mean, half = mean_interval([1.0, 2.0, 3.0])
    >>> float(mean), round(float(half), 3)
    (2.0, 2.484)
    """
    from scipy.stats import t

    x = np.asarray(values, dtype=float)
    n = x.shape[-1]
    half = t.ppf((1 + confidence) / 2, n - 1) * x.std(axis=-1, ddof=1) / np.sqrt(n)
    return x.mean(axis=-1), half
