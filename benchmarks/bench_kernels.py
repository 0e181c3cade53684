"""What kernels save: LeNet-5 and a small residual network, with and without `Network.kernels`.

    python benchmarks/bench_kernels.py [--scale 0.5]

The weights are random, of the size that training starts from: what is measured depends on shapes.
Seconds are processor time; the peak of memory is that of `tracemalloc`, in a run of its own.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

import lpbook as lp
from lpbook.experiments.convolutions import convolve
from lpbook.frameworks.unrolled import Unrolled

EPSILON = 2.0**-7  # of each weight


def pooled(x: Any) -> Any:
    """Means over 2 x 2 pixels."""
    n, channels, height, width = x.shape
    return x.reshape(n, channels, height // 2, 2, width // 2, 2).mean(axis=(3, 5))


def network_of(graph: Unrolled, key: str) -> lp.Network:
    """The network up to a value."""
    weights, biases, activations, names = graph.layers(key)
    kernels = graph.kernels(key)
    return lp.Network(weights, biases, activations=activations, names=names, kernels=kernels)


class Layers:
    """Layers with random weights, added to a graph."""

    def __init__(self, *shape: int) -> None:
        self.graph = Unrolled("x", shape)
        self._rng = np.random.default_rng(0)

    def convolution(self, key: str, source: str, inputs: int, outputs: int, side: int) -> None:
        """Kernels; those of side 3 with a padding of 1, as in residual networks."""
        kernels = self._rng.normal(size=(outputs, inputs, side, side)) / side / inputs**0.5
        biases, pad = 0.1 * self._rng.normal(size=(outputs, 1, 1)), int(side == 3)
        edges = ((0, 0), (0, 0), (pad, pad), (pad, pad))
        self.graph.affine(key, source, lambda x: convolve(np.pad(x, edges), kernels) + biases)

    def dense(self, key: str, source: str, outputs: int) -> None:
        """A dense layer, of all numbers."""
        inputs = self.graph.values[source].constant.size
        weights = self._rng.normal(size=(inputs, outputs)) / inputs**0.5
        self.graph.affine(key, source, lambda x: x.reshape(len(x), -1) @ weights)


def lenet(scale: float) -> lp.Network:
    """LeNet-5 with ReLUs and means: 61,000 weights at scale 1, which counts channels."""
    sizes = [max(1, round(scale * n)) for n in (6, 16, 120, 84)]
    layers = Layers(1, 28, 28)
    layers.convolution("c1", "x", 1, sizes[0], 5)
    layers.graph.relu("r1", "c1")
    layers.graph.affine("p1", "r1", pooled)
    layers.convolution("c2", "p1", sizes[0], sizes[1], 5)
    layers.graph.relu("r2", "c2")
    layers.graph.affine("p2", "r2", pooled)
    for i, (source, outputs) in enumerate((("p2", sizes[2]), ("r3", sizes[3]), ("r4", 10)), 3):
        layers.dense(f"d{i}", source, outputs)
        if outputs != 10:
            layers.graph.relu(f"r{i}", f"d{i}")
    return network_of(layers.graph, "d5")


def residual(scale: float) -> lp.Network:
    """Two residual blocks of 8 channels at scale 1 on images of 8 x 8, a mean over all places."""
    channels = max(1, round(8 * scale))
    layers = Layers(1, 8, 8)
    layers.convolution("a", "x", 1, channels, 3)
    layers.graph.relu("r0", "a")
    for i in (1, 2):
        layers.convolution(f"a{i}", f"r{i - 1}", channels, channels, 3)
        layers.graph.relu(f"h{i}", f"a{i}", [f"r{i - 1}"])
        layers.convolution(f"b{i}", f"h{i}", channels, channels, 3)
        layers.graph.total(f"t{i}", {f"b{i}": 1.0, f"r{i - 1}": 1.0})
        layers.graph.relu(f"r{i}", f"t{i}")
    layers.graph.affine("m", "r2", lambda x: x.mean(axis=(2, 3)))
    layers.dense("y", "m", 10)
    return network_of(layers.graph, "y")


def measured(network: lp.Network, folder: Path) -> Iterator[str]:
    """Weights, neurons, random numbers, seconds of `prune` and `verify`, bytes, the certificate."""
    box = lp.Box(0, 1)
    start = time.process_time()
    ticket = lp.prune(network, weight_epsilon=EPSILON, inputs=box)
    pruned = time.process_time()
    certificate = ticket.verify(network)
    verified = time.process_time()
    ticket.save(folder / "ticket")
    cost = lp.plan(network, weight_epsilon=EPSILON, inputs=box)
    size = (folder / "ticket").stat().st_size
    tracemalloc.start()
    lp.prune(network, weight_epsilon=EPSILON, inputs=box)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    yield f"{cost.weights:,}"
    yield f"{cost.neurons:,}"
    yield f"{cost.drawn_weights:,}"
    yield f"{pruned - start:.2f}"
    yield f"{verified - pruned:.2f}"
    yield f"{peak / 2**20:.1f}"
    yield f"{size:,}"
    yield f"{size / cost.weights:.1f}"
    yield f"{certificate.weight_error:.2g}"
    yield str(certificate.ok)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--scale", type=float, default=1.0, help="channels, as a part of all")
    scale = parser.parse_args().scale
    print(
        "| network | kernels | weights | neurons of G | drawn | prune s | verify s | MB | bytes "
        "| bytes/weight | weight error | certified |"
    )
    print("|---" * 12 + "|")
    with tempfile.TemporaryDirectory() as temporary:
        for build in (lenet, residual):
            network = build(scale)
            dense = lp.Network(network.weights, network.biases, activations=network.activations)
            for each, shared in ((network, "once"), (dense, "at each place")):
                row = " | ".join(measured(each, Path(temporary)))
                print(f"| {build.__name__} | {shared} | {row} |", flush=True)


if __name__ == "__main__":
    main()
