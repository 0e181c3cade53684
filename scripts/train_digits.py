"""Train the small classifier of handwritten digits that the book prunes, once.

Writes lpbook/data/digits_classifier.npz: a 64-32-10 ReLU network with biases for scikit-learn's
bundled digits (1,797 images of 8 x 8 pixels, scaled to [0, 1]), float32, and which images were
held out. Run it from the repository's root: ``.venv/bin/python scripts/train_digits.py``.
"""

from pathlib import Path

import numpy as np
import sklearn
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier

TARGET = Path(__file__).parents[1] / "lpbook" / "data" / "digits_classifier.npz"


def main() -> None:
    digits = load_digits()
    pixels = digits.data / 16
    train, test = train_test_split(
        np.arange(len(pixels)), test_size=0.25, random_state=0, stratify=digits.target
    )
    # strong weight decay: small weights need fewer digits
    classifier = MLPClassifier((32,), alpha=0.1, max_iter=2000, tol=1e-6, random_state=0)
    classifier.fit(pixels[train], digits.target[train])
    arrays = {}
    for i, (weights, biases) in enumerate(
        zip(classifier.coefs_, classifier.intercepts_, strict=False)
    ):
        arrays[f"weights_{i}"] = weights.T.astype(np.float32)
        arrays[f"biases_{i}"] = biases.astype(np.float32)
    np.savez_compressed(TARGET, test_images=np.sort(test).astype(np.int16), **arrays)
    print(f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}")
    print(f"accuracy: train {classifier.score(pixels[train], digits.target[train]):.4f}")
    print(f"accuracy: test {classifier.score(pixels[test], digits.target[test]):.4f}")
    print(f"wrote {TARGET.name}, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
