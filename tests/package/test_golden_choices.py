"""Choices made once, by the plainest code, and kept: the same ones are made today.

`python tests/package/test_golden_choices.py` writes the file anew; what changes in it breaks every
ticket ever saved.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import sys
from pathlib import Path

import numpy as np
import pytest

import lpbook as lp

GOLDEN = Path(__file__).parent / "data" / "golden_choices.json"
CONSTRUCTIONS = {
    "digits": lp.GoldenRatio(),
    "digits, common": lp.GoldenRatio(law="common"),
    "digits, two-sided": lp.GoldenRatio(two_sided=True),
    "digits, base 1.3": lp.GoldenRatio(base=1.3),
    "digits, base 1.1, common": lp.GoldenRatio(base=1.1, law="common", two_sided=True),
    "Malach": lp.Malach(),
    "product": lp.ProductWeights(),
    "subset sum": lp.SubsetSum(),
    "subset sum, closest": lp.SubsetSum("closest"),
    "subset sum, stratified": lp.SubsetSum(candidates=14, stratified=True),
}
LAYOUTS = ("shared", "reserved")
DIGITS = [name for name in CONSTRUCTIONS if name.startswith("digits")]
SUMS = [name for name in CONSTRUCTIONS if name.startswith("subset")]


def cases():
    """Construction, outputs, inputs, ε over the largest weight, layout, sign of inputs, seed."""
    both = (False, True)
    yield from itertools.product(
        DIGITS, ((1, 3), (3, 50), (37, 3)), (0.9, 0.3, 0.01, 1e-4), LAYOUTS, both, (0, 7)
    )
    yield from itertools.product(DIGITS[:3], ((300, 3),), (0.05, 1e-3), LAYOUTS, both, (0,))
    yield from itertools.product(DIGITS[:2], ((700, 2),), (1e-6, 1e-9), ("shared",), both, (0,))
    yield from itertools.product(DIGITS[:1], ((1500, 2), (5000, 2)), (0.01,), LAYOUTS, both, (0, 7))
    yield from itertools.product(
        ["Malach", "product"], ((1, 3), (37, 3)), (0.3,), LAYOUTS, both, (0,)
    )
    yield from itertools.product(SUMS, ((1, 3), (37, 2)), (0.05,), LAYOUTS, both, (0,))
    yield from itertools.product(SUMS[:1], ((100, 2),), (0.01, 1e-3), ("shared",), both, (0,))


def name_of(case):
    return " ".join(str(part) for part in case)


def network_of(shape, epsilon, seed):
    """Weights of every kind: zero, as large as can be, next to ε, and in between."""
    rng = np.random.default_rng([*shape, seed])
    w = rng.normal(size=shape)
    w /= 1.01 * np.abs(w).max()
    w[rng.random(shape) < 0.1] = 0.0
    special = np.array([1.0, -1.0, epsilon, -epsilon * (1 + 2**-40), 0.0])[: w.size]
    w.flat[rng.choice(w.size, special.size, replace=False)] = special
    w.flat[0] = 1.0
    return lp.Network([w])


def digest(*arrays):
    said = hashlib.sha256()
    for array in arrays:
        said.update(np.ascontiguousarray(array).tobytes())
    return said.hexdigest()[:16]


def made(case):
    """Digests of the codes, and of the places of all kept weights, or why there are none."""
    name, shape, epsilon, layout, nonnegative, seed = case
    network = network_of(shape, epsilon, seed)
    try:
        ticket = lp.prune(
            network,
            construction=CONSTRUCTIONS[name],
            weight_epsilon=epsilon,
            inputs=lp.Ball(1.0, nonnegative),
            delta=0.2,
            layout=layout,
            seed=seed,
        )
    except ValueError as error:
        return [str(error)]
    b, a = ticket.layers()
    places = (part.astype(np.int64) for m in (b, a) for part in (m.indices, m.indptr))
    return [digest(ticket.choices[0].codes, ticket.choices[0].widths), digest(*places)]


@pytest.mark.slow
@pytest.mark.parametrize("name", CONSTRUCTIONS)
def test_choices_are_those_of_the_first_version(name):
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    mine = [case for case in cases() if case[0] == name]
    assert len(golden) == len(list(cases()))
    assert {name_of(case): made(case) for case in mine} == {
        name_of(case): golden[name_of(case)] for case in mine
    }


if __name__ == "__main__":
    found = {name_of(case): made(case) for case in cases()}
    GOLDEN.write_text(json.dumps(found, indent=0) + "\n", encoding="utf-8")
    refused = [name for name, said in found.items() if len(said) == 1]
    sys.stdout.write(f"{len(found)} cases, {len(refused)} refused: {refused}\n")
