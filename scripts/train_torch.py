"""Train the classifier of the page *Your own network* with PyTorch, once.

Writes lpbook/data/digits_torch.safetensors, as a user of PyTorch would: a 64-32-16-10 network for
scikit-learn's bundled digits (pixels scaled to [0, 1]), in bfloat16, and beside its layers ten
images and what PyTorch computes for them in float64. Run it from the repository's root with the
environment of ``make test-frameworks``: ``_build/frameworks/bin/python scripts/train_torch.py``.
"""

from pathlib import Path

import sklearn
import torch
from safetensors.torch import save_file
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

TARGET = Path(__file__).parents[1] / "lpbook" / "data" / "digits_torch.safetensors"
STEPS, RATE, DECAY, IMAGES = 600, 0.01, 0.003, 10


def main() -> None:
    torch.manual_seed(0)
    digits = load_digits()
    pixels, labels = torch.tensor(digits.data / 16).float(), torch.tensor(digits.target)
    train, test = train_test_split(
        range(len(pixels)), test_size=0.25, random_state=0, stratify=digits.target
    )
    model = nn.Sequential(
        *(nn.Linear(64, 32), nn.ReLU(), nn.Dropout(0.1)),
        *(nn.Linear(32, 16), nn.ReLU()),
        nn.Linear(16, 10, bias=False),
    )
    optimizer = torch.optim.AdamW(model.parameters(), lr=RATE, weight_decay=DECAY)
    for _ in range(STEPS):
        optimizer.zero_grad()
        # large weights need more digits
        weights = sum(p.square().sum() for p in model.parameters())
        loss = nn.functional.cross_entropy(model(pixels[train]), labels[train])
        (loss + DECAY * weights).backward()
        optimizer.step()

    model = model.to(torch.bfloat16).eval()
    tensors = dict(model.state_dict())
    images = pixels[sorted(test)[:IMAGES]].double()
    with torch.no_grad():
        answers = model.double()(images)
        accuracy = (model(pixels[test].double()).argmax(dim=1) == labels[test]).double().mean()
    # whole sixteenths: the images are exact in half the bits
    tensors |= {"example.inputs": images.half(), "example.outputs": answers}
    save_file(tensors, TARGET, {"format": "pt", "torch": torch.__version__})
    print(f"scikit-learn {sklearn.__version__}, PyTorch {torch.__version__}")
    print(f"accuracy: test {accuracy:.4f}")
    print(f"wrote {TARGET.name}, {TARGET.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
