"""Train the small convolutional classifier of the chapter *since_networks*, once.

Writes lpbook/data/digits_convolution.npz: six 3 x 3 kernels with biases, a ReLU, and a linear
read-out to ten logits, for scikit-learn's bundled digits (1,797 images of 8 x 8 pixels, scaled to
[0, 1]), float32, and which images were held out. Plain gradient descent with momentum on the
cross-entropy, in NumPy. At the end each channel is scaled so that its largest kernel entry is 1/2,
and the read-out undoes it: σ(sz) = s σ(z) for s > 0, so the function is the same.

Run it from the repository's root: ``.venv/bin/python scripts/train_convolution.py``.
"""

from pathlib import Path

import numpy as np
import sklearn
from numpy.lib.stride_tricks import sliding_window_view
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

TARGET = Path(__file__).parents[1] / "lpbook" / "data" / "digits_convolution.npz"
CHANNELS, STEPS, RATE, MOMENTUM, DECAY = 6, 500, 0.3, 0.9, 1e-3


def forward(parameters, patches):
    """Hidden activations (N, 36, c) and logits (N, 10) of patches (N, 36, 9)."""
    kernels, biases, readout, offsets = parameters
    hidden = np.maximum(patches @ kernels.T + biases, 0)
    return hidden, np.tensordot(hidden, readout, ([1, 2], [1, 2])) + offsets


def gradients(parameters, patches, labels):
    """Gradients of the mean cross-entropy plus weight decay."""
    kernels, _, readout, _ = parameters
    hidden, logits = forward(parameters, patches)
    shifted = np.exp(logits - logits.max(axis=1, keepdims=True))
    error = (shifted / shifted.sum(axis=1, keepdims=True) - np.eye(10)[labels]) / len(labels)
    back = np.tensordot(error, readout, 1) * (hidden > 0)  # (N, 36, c)
    return [
        np.tensordot(back, patches, ([0, 1], [0, 1])) + DECAY * kernels,
        back.sum(axis=(0, 1)),
        np.tensordot(error, hidden, (0, 0)) + DECAY * readout,
        error.sum(axis=0),
    ]


def main() -> None:
    digits = load_digits()
    windows = sliding_window_view(digits.images / 16, (3, 3), axis=(1, 2))
    patches = windows.reshape(len(windows), 36, 9)
    train, test = train_test_split(
        np.arange(len(patches)), test_size=0.25, random_state=0, stratify=digits.target
    )
    rng = np.random.default_rng(0)
    parameters = [
        rng.normal(0, 0.3, (CHANNELS, 9)),
        np.zeros(CHANNELS),
        rng.normal(0, 0.1, (10, 36, CHANNELS)),
        np.zeros(10),
    ]
    speeds = [np.zeros_like(p) for p in parameters]
    for _ in range(STEPS):
        slopes = gradients(parameters, patches[train], digits.target[train])
        for p, speed, slope in zip(parameters, speeds, slopes, strict=True):
            speed *= MOMENTUM
            speed -= RATE * slope
            p += speed
    kernels, biases, readout, offsets = parameters
    sizes = 2 * np.abs(kernels).max(axis=1)
    kernels /= sizes[:, None]
    biases /= sizes
    readout *= sizes
    np.savez_compressed(
        TARGET,
        kernels=kernels.reshape(CHANNELS, 3, 3).astype(np.float32),
        biases=biases.astype(np.float32),
        readout=readout.transpose(0, 2, 1).reshape(10, CHANNELS, 6, 6).astype(np.float32),
        offsets=offsets.astype(np.float32),
        test_images=np.sort(test).astype(np.int16),
    )
    print(f"scikit-learn {sklearn.__version__}, NumPy {np.__version__}")
    for name, part in (("train", train), ("test", test)):
        answers = forward(parameters, patches[part])[1].argmax(axis=1)
        print(f"accuracy: {name} {(answers == digits.target[part]).mean():.4f}")
    print(f"wrote {TARGET.name}, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
