import numpy as np

import lpbook as lp
from lpbook.budgets import error_budget, uniform_errors
from lpbook.experiments.mulberry import mulberry32

seed = 3
depth = 6
step = 0.01
epsilon = 0.1
signs = ["+-+-+ -+-+- +-+-+ -+-+- +-+-+"] * 7  # of the errors, a row for each neuron

numbers = mulberry32(seed, 180)
matrices = list(np.sqrt(6 / 5) * (2 * numbers[:175].reshape(7, 5, 5) - 1)[:depth])
x = numbers[175:] / np.linalg.norm(numbers[175:])
errors = [
    step * np.array([[1 if sign == "+" else -1 for sign in row] for row in layer.split()])
    for layer in signs[:depth]
]


def network(weights):
    return lp.Network(weights, activations=["relu"] * depth)


F = network(matrices)
seen = np.linalg.norm(network([w + e for w, e in zip(matrices, errors, strict=True)])(x) - F(x))

sizes = [1.0]  # of what each layer gets, for all non-negative inputs of norm at most 1
for w in matrices:
    positive = np.maximum(w, 0)
    rows = np.sqrt(len(w)) * np.linalg.norm(positive, axis=1).max()
    sizes.append(sizes[-1] * min(np.linalg.norm(w, 2), np.linalg.norm(positive, 2), rows))
proved = error_budget(F, sizes, uniform_errors(F, step))
print(f"Layers: {depth}; the output errs by {seen:.2g}")
verdict = "at most" if proved <= epsilon * (1 + 1e-9) else "more than"
print(f"Proved for all inputs: {proved:.3g}, {verdict} ε = {epsilon}")
