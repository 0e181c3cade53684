"""Is hyperbolic sampling worth trying in practice? The experiment of the chapter *in_practice*.

Three ways to find a ticket (digits, subset sums, a trained mask), and several laws of the weights.
``scripts/in_practice.py`` runs the whole experiment; the chapter runs parts of it again.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import asdict, dataclass
from functools import partial
from importlib.metadata import version
from importlib.resources import files
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lpbook import _checks
from lpbook._checks import Floats
from lpbook._files import write_whole
from lpbook._tasks import check_executor
from lpbook._tasks import results as results_of
from lpbook.experiments.edge_popup import accuracy, popup
from lpbook.experiments.running_example import digits_classifier
from lpbook.experiments.sampling_laws import (
    EPSILON,
    POOLS,
    POPUP_LAWS,
    digit_errors,
    equal_magnitudes,
    log_range_name,
    moment,
    pool_units,
    products,
    weight_law,
)
from lpbook.subsets import closest_subset, sparsest_subset

__all__ = [
    "Cell",
    "Settings",
    "best_scale",
    "cells",
    "digit_images",
    "find",
    "mask_accuracy",
    "own_gain",
    "random_matrices",
    "recorded_results",
    "run",
    "run_cell",
    "scaled_matrices",
]


def digit_images() -> tuple[Floats, NDArray[np.int64], Floats, NDArray[np.int64]]:
    """Training images and labels, held-out images and labels: the split of `digits_classifier`."""
    from sklearn.datasets import load_digits

    data = load_digits()
    pixels, labels = data.data / 16, data.target.astype(np.int64)
    held_out = digits_classifier()[1]
    train = np.setdiff1d(np.arange(labels.size), held_out)
    return pixels[train], labels[train], pixels[held_out], labels[held_out]


def random_matrices(
    name: str, width: int, seed: int, keep: float, kind: Any = np.float32
) -> list[NDArray[np.floating]]:
    """Random matrices 64 → width → 10, scaled so that masked layers keep the size of signals.

    The mean square of the weights of each matrix is made 2/(keep × its inputs); `kind` is the
    precision.
    """
    shapes = ((width, 64), (10, width))
    return scaled_matrices(name, shapes, np.random.default_rng([seed, 12]), keep, kind)


def scaled_matrices(
    name: str,
    shapes: Sequence[tuple[int, int]],
    rng: np.random.Generator,
    keep: float,
    kind: Any = np.float32,
) -> list[NDArray[np.floating]]:
    """Matrices of a law whose mean square is 2/(keep × their columns).

    Examples
    --------
    >>> (w,) = scaled_matrices("uniform", [(3, 8)], np.random.default_rng(0), 0.5)
    >>> round(float((w * w).mean()), 6)
    0.5
    """
    matrices = []
    for shape in shapes:
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
    weights = random_matrices(name, width, seed, keep, kind)
    rng = np.random.default_rng([seed, 13])
    masks = popup(weights, *train, keep=keep, rate=rate, gain=gain, steps=steps, rng=rng)
    masked = [w * mask for w, mask in zip(weights, masks, strict=True)]
    return accuracy(masked, *test)


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
        Cell("popup", log_range_name(width), "tuned", settings.family_width)
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
            if equal_magnitudes(cell.law):
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
        Does the cells, and writes to `folder`; none: one after the other, here.
    progress : bool
        Whether to show a progress bar.

    Returns
    -------
    dict
        ``"settings"``, ``"versions"`` (a list: what cells were run with, each kind once) and
        ``"cells"``, in the order of `cells`.
    """
    from tqdm import tqdm

    settings = _checks.instance("settings", settings, Settings, "must be Settings(...)")
    executor = check_executor(executor)
    progress = _checks.flag("progress", progress)
    folder = Path(_checks.path("folder", folder))
    folder.mkdir(parents=True, exist_ok=True)
    everything = cells(settings)
    missing = [cell for cell in everything if not cell.path(folder, settings).exists()]
    bar = tqdm(total=len(everything), initial=len(everything) - len(missing), unit="cell",
               disable=not progress)  # fmt: skip
    with bar:
        for _ in results_of(partial(_keep_cell, settings, folder), missing, executor):
            bar.update()
    found = [json.loads(cell.path(folder, settings).read_text("utf-8")) for cell in everything]
    return {"settings": asdict(settings)} | pack(found)


def _keep_cell(settings: Settings, folder: Path, cell: Cell) -> None:
    """Run a cell and write its result: whoever does it, in whatever order, what is done is kept."""
    result = json.dumps(run_cell(cell, settings))
    write_whole(cell.path(folder, settings), result.encode())


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


def recorded_results() -> dict[str, Any]:
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
    >>> find(recorded_results(), "digits", "uniform", "1")["n"][:3]
    [20, 40, 80]
    """
    wanted = asdict(Cell(method, law, setting, size))
    for cell in results["cells"]:
        if {name: cell[name] for name in wanted} == wanted:
            return dict(cell)
    raise KeyError(f"no cell {wanted}")


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
    >>> scales, reached = best_scale(recorded_results(), "uniform, b = 1")
    >>> len(scales) == len(reached)
    True
    """
    scales = np.array(results["settings"]["scales" if method == "subsets" else "digit_scales"])
    reached = np.array([find(results, method, law, f"{scale:g}")[what] for scale in scales])
    mean = reached.mean(axis=2)
    best = mean.argmin(axis=0) if what == "high" else mean.argmax(axis=0)
    return scales[best], reached[best, np.arange(best.size)]
