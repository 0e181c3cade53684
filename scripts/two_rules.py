"""Run the experiment of `lpbook.experiments.two_rules` and record its results.

    python scripts/two_rules.py [mnist_fc2.npz]

The file holds the weight matrices of the 784-500-10 network of Pensia et al. (2020), (outputs,
inputs) each, which is not part of the repository; without it the record of that network stays.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

import lpbook as lp
from lpbook.experiments.two_rules import examples, mnist_shape, two_rules

FILE = Path(__file__).parent.parent / "lpbook" / "data" / "two_rules.json"
LARGE = "MNIST 784-500-10"


def main() -> None:
    found = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    for name, example in examples().items():
        found[name] = two_rules(example())
    for path in sys.argv[1:]:
        with np.load(path, allow_pickle=False) as arrays:
            network = lp.Network([arrays[name] for name in arrays.files])
        found[LARGE] = two_rules(mnist_shape(network))
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
