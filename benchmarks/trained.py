"""Networks that PyTorch trains on digits: LeNet-5, a small residual one, one with attention.

The images are scikit-learn's bundled digits, for LeNet-5 with each pixel three times as wide and
high and a margin of two. All are trained anew at every call, from fixed seeds, in a minute.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import lpbook as lp

EPOCHS, BATCH, RATE, DECAY = 30, 64, 2e-3, 1e-4


def digits() -> tuple[Any, Any, Any, Any]:
    """Images (N, 1, 8, 8) in [0, 1] and labels, to train and to test."""
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    data = load_digits()
    images = (data.images / 16)[:, None]
    x, held_x, y, held_y = train_test_split(
        images, data.target, test_size=0.25, random_state=0, stratify=data.target
    )
    return x, y, held_x, held_y


def enlarged(images: Any) -> Any:
    """Images of 8 x 8 pixels as ones of 28 x 28."""
    large = np.kron(images, np.ones((3, 3)))
    return np.pad(large, ((0, 0), (0, 0), (2, 2), (2, 2)))


def lenet(nn: Any) -> Any:
    """LeNet-5 with ReLUs and means: 61,706 weights, biases among them."""
    return nn.Sequential(
        *(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.AvgPool2d(2)),
        *(nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten()),
        *(nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10)),
    )


def residual(nn: Any) -> Any:
    """Two residual blocks of 8 channels with batch norm, and a mean over all places."""

    class Block(nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.one, self.two = (
                nn.Sequential(nn.Conv2d(8, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8))
                for _ in range(2)
            )
            self.relu = nn.ReLU()

        def forward(self, x: Any) -> Any:
            return self.relu(x + self.two(self.relu(self.one(x))))

    return nn.Sequential(
        *(nn.Conv2d(1, 8, 3, padding=1, bias=False), nn.BatchNorm2d(8), nn.ReLU()),
        *(Block(), Block(), nn.AvgPool2d(8), nn.Flatten(), nn.Linear(8, 10)),
    )


def attention(nn: Any) -> Any:
    """A layer of a transformer, without norms: its tokens are the rows of an image."""
    import torch  # type: ignore[import-not-found, unused-ignore]

    class Rows(nn.Module):  # type: ignore[misc, name-defined, unused-ignore]
        def __init__(self) -> None:
            super().__init__()
            self.places = nn.Parameter(torch.zeros(8, 8))
            self.heads = nn.MultiheadAttention(8, 2, batch_first=True)
            self.feed = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 8))
            self.answer = nn.Linear(64, 10)

        def forward(self, x: Any) -> Any:
            x = x + self.places
            h = x + self.heads(x, x, x, need_weights=False)[0]
            return self.answer((h + self.feed(h)).flatten(1))

    return Rows()


def trained(build: Any, shape: tuple[int, ...]) -> tuple[lp.Network, Any, Any]:
    """A network trained on images of this shape, and other images with their labels."""
    import torch  # type: ignore[import-not-found, unused-ignore]

    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = build(torch.nn)
    x, y, held_x, held_y = digits()
    if shape[-1] == 28:
        x, held_x = enlarged(x), enlarged(held_x)
    images, labels = torch.tensor(x).float().reshape(-1, *shape), torch.tensor(y)
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    for _ in range(EPOCHS):
        for part in torch.randperm(len(images)).split(BATCH):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(model(images[part]), labels[part]).backward()
            optimizer.step()
    network = lp.Network.from_torch(model.eval(), input_shape=shape)
    return network, held_x.reshape(len(held_x), -1), held_y
