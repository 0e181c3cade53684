import numpy as np

import lpbook as lp
from lpbook.digits import digit_of, greedy
from lpbook.experiments.mulberry import mulberry32

k = 6
seed = 3
step = 13
delta = 0.2

values = [0.85, -0.6, -0.45, 0.9, 0.9, 0.7]  # x → h₁, x → h₂, 1 → h₁, 1 → h₂, h₁ → y, h₂ → y
order = [3, 5, 0, 4, 1, 2]  # in which they get a digit, all digits 1 first
size = lp.batch_size(1, len(values) * k, 1 / (2 * k), delta, "exact")
law = lp.Hyperbolic(lp.PHI ** -(k + 1), 1 / lp.PHI)
neurons = law.ppf(mulberry32(seed, len(values) * size)).reshape(len(values), size)

found, kept = [], 0
for j, (value, weights) in enumerate(zip(values, neurons, strict=True)):
    places = np.where(np.sign(weights) == np.sign(value), digit_of(abs(weights), k), -1)
    decided = step // len(values) + (order.index(j) < step % len(values))
    samples = [abs(weights[places == i][0]) for i in range(decided) if (places == i).any()]
    rest, mask = np.array([abs(value)]), np.empty((len(samples), 1), dtype=bool)
    greedy(rest, samples, mask)
    found.append(np.sign(value) * (abs(value) - rest[0]))
    kept += mask.sum()


def network(ux, vx, u1, v1, a, b):
    return lp.Network([[[ux], [vx]], [[a, b]]], [[u1, v1], [0.0]])


x = np.linspace(0, 2, 201)[:, None]
error = abs(network(*values)(x) - network(*found)(x)).max()
print(f"Kept: {kept} of {neurons.size} neurons. Largest error of the output: {error:.4f}")
