"""Record how many random vectors it takes until some subset comes near a random target.

    python scripts/vector_waits.py [TRIALS]

In one to six dimensions, about ten minutes on one core for 400 trials in each.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from lpbook.experiments.vector_subsets import LAW, vectors_until_hit

FILE = Path(__file__).parent.parent / "lpbook" / "data" / "vector_waits.json"
EPSILON = 0.1
MOST = {1: 24, 2: 28, 3: 32, 4: 34, 5: 36, 6: 38}
"""By dimension: vectors that are drawn."""


def main() -> None:
    trials = int(sys.argv[1]) if len(sys.argv) > 1 else 400
    waits = {}
    for d, n in MOST.items():
        waits[str(d)] = []
        for trial in range(trials):
            rng = np.random.default_rng((2020, d, trial))
            numbers, target = (LAW.rvs(shape, rng=rng) for shape in ((n, d), d))
            # more vectors cost exponentially: begin with fewer
            found = vectors_until_hit(numbers[: 5 * d + 4], target, EPSILON)
            if found is None:
                found = vectors_until_hit(numbers, target, EPSILON)
            waits[str(d)].append(found)
        print(d, sorted(w or n + 1 for w in waits[str(d)])[3 * trials // 4], flush=True)
    record = {"epsilon": EPSILON, "drawn": {str(d): n for d, n in MOST.items()}, "waits": waits}
    FILE.write_text(json.dumps(record) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
