"""How tight certificates are: the bound over the error on the worst input found.

    python benchmarks/bench_certificates.py [--networks 2000] [--starts 12] [--seed 0] \
        [--write RESULTS.jsonl]

Random networks of 1 to 4 layers with up to 12 neurons each, of all activations, with and without
biases, over balls and boxes, of both signs and not; a ticket of each with weights within a
twentieth of the largest. The search climbs along the gradient of the squared error, from random
inputs and corners, every fourth step along its signs. Last comes the book's classifier of digits,
ε = 0.02. RESULTS.jsonl has a line for each network; those that it has already are not tried again.
"""

from __future__ import annotations

import argparse
import time
from itertools import chain, pairwise
from typing import Any

import numpy as np
from lines import Lines

import lpbook as lp

SLOPES: dict[str, Any] = {
    "identity": np.ones_like,
    "relu": lambda z: (z > 0).astype(float),
    "tanh": lambda z: 1 - np.tanh(z) ** 2,
    "logistic": lambda z: (1 - np.tanh(0.5 * z) ** 2) / 4,
}


def random_network(rng: np.random.Generator) -> lp.Network:
    widths = rng.integers(1, 13, size=rng.integers(2, 6))
    weights = [rng.normal(size=(m, n)) / np.sqrt(n) for n, m in pairwise(widths)]
    biases = [rng.normal(size=len(w)) / 2 for w in weights] if rng.integers(2) else None
    hidden = [str(rng.choice([*SLOPES])) for _ in weights[1:]]
    return lp.Network(weights, biases, activations=[*hidden, "identity"])


def random_domain(rng: np.random.Generator, width: int) -> lp.Ball | lp.Box:
    low = 0.0 if rng.integers(2) else -1.0
    return lp.Ball(1.0, low == 0) if rng.integers(2) else lp.Box(low, 1.0)


def halves(network: lp.Network, ticket: lp.Ticket) -> tuple[list[Any], list[Any]]:
    """Weights for inputs above 0 and below, of F and of its ticket: (2, outputs, inputs)."""
    return [np.stack([w, w]) for w in network.matrices], list(ticket.network().effective)


def with_jacobian(layers: list[Any], names: tuple[str, ...], bias: bool, x: Any) -> tuple[Any, Any]:
    """Outputs at the rows of x, and the Jacobian there: (rows, outputs, inputs)."""
    y, product = x, np.tile(np.eye(x.shape[1]), (len(x), 1, 1))
    for both, name in zip(layers, names, strict=True):
        n = y.shape[1]
        w = np.where((y > 0)[:, None, :], both[0][None, :, :n], both[1][None, :, :n])
        z = np.einsum("roi,ri->ro", w, y) + (both[0][:, n] if bias else 0)
        product = SLOPES[name](z)[:, :, None] * (w @ product)
        y = lp.networks.ACTIVATIONS[name].function(z)
    return y, product


def into(domain: lp.Ball | lp.Box, x: Any) -> Any:
    """The nearest inputs of the domain, about."""
    if isinstance(domain, lp.Box):
        return np.clip(x, domain.low, domain.high)
    x = np.maximum(x, 0) if domain.nonnegative else x
    return x * np.minimum(1, domain.radius / np.maximum(np.linalg.norm(x, axis=1), 1e-300))[:, None]


def worst_error(
    network: lp.Network,
    ticket: lp.Ticket,
    domain: lp.Ball | lp.Box,
    rng: np.random.Generator,
    starts: int,
    steps: int = 40,
) -> float:
    """Largest error found over the domain."""
    target, pruned = halves(network, ticket)
    names, bias = network.activations, network.biases is not None
    x = rng.normal(size=(starts, network.widths[0]))
    x[::2] = np.sign(x[::2])
    size = 10.0 if isinstance(domain, lp.Box) else 10 * domain.radius
    x = into(domain, size * x)
    worst = 0.0
    for step in range(steps):
        (y, j), (y_hat, j_hat) = (with_jacobian(w, names, bias, x) for w in (target, pruned))
        error = y_hat - y
        worst = max(worst, float(np.linalg.norm(error, axis=1).max()))
        up = np.einsum("roi,ro->ri", j_hat - j, error)
        if step % 4 == 3:
            up = np.sign(up)
        far = size * up / np.maximum(np.linalg.norm(up, axis=1), 1e-300)[:, None]
        goal = into(domain, far)
        keep = np.linalg.norm(up, axis=1) == 0
        goal[keep] = x[keep]
        pace = 1.0 if step < steps // 2 else 2.0 / (step + 2 - steps // 2)
        x = into(domain, x + pace * (goal - x))
    return worst


def of_digits() -> tuple[lp.Network, lp.Ball]:
    from sklearn.datasets import load_digits

    network, held_out = lp.digits_classifier()
    return network, lp.Ball.around(load_digits().data[held_out] / 16)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=2000)
    parser.add_argument("--starts", type=int, default=12)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--write", metavar="RESULTS.jsonl", help="keep results, and go on with them"
    )
    options = parser.parse_args()
    begin = time.perf_counter()
    lines = Lines(options.write, {"seed": options.seed, "starts": options.starts})
    for i in range(options.networks):
        if i not in lines.rows:
            lines.add({"i": i, **attacked(options.seed, i, options.starts)})
        if i % 200 == 199:
            report(lines)
    report(lines)
    network, domain = of_digits()
    ticket = lp.prune(network, 0.02, inputs=domain)
    worst = worst_error(network, ticket, domain, np.random.default_rng(0), 40)
    print(f"digits: {ticket.verify(network).network_error / worst:.2f}")
    print(f"{time.perf_counter() - begin:.0f} s")


def attacked(seed: int, i: int, starts: int) -> dict[str, Any]:
    """Layers, bound and worst error found of a random network."""
    rng = np.random.default_rng([seed, i])
    network = random_network(rng)
    domain = random_domain(rng, network.widths[0])
    largest = max(float(np.abs(w).max()) for w in network.matrices)
    ticket = lp.prune(network, weight_epsilon=largest / 20, inputs=domain, delta=1e-6)
    worst = worst_error(network, ticket, domain, rng, starts)
    bound = ticket.verify(network).network_error
    if worst > bound:
        raise AssertionError(f"network {i} of seed {seed} errs by {worst} > {bound}")
    return {"layers": len(network.weights), "bound": bound, "worst": worst}


def report(lines: Lines) -> None:
    ratios: dict[int, list[float]] = {}
    for row in lines.rows.values():
        if row["worst"] > 0:
            ratios.setdefault(row["layers"], []).append(row["bound"] / row["worst"])
    for name, found in [*sorted(ratios.items()), ("all", [*chain(*ratios.values())])]:
        middle, nine, most = np.quantile(found, [0.5, 0.9, 1.0])
        print(
            f"layers {name}: {len(found):5,} networks, bound / worst: "
            f"median {middle:.2f}, 90 % below {nine:.2f}, largest {most:.1f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
