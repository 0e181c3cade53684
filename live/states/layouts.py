import numpy as np

import lpbook as lp
from lpbook.batches import output_batch_size
from lpbook.digits import digit_of
from lpbook.experiments.mulberry import mulberry32

layout = "reserved"
inputs = 3
outputs = 2
digits = 4
chosen = [0, 0]  # output and input, from 0
seed = 1
signs = [[1, 1, 1], [1, 1, 1]]
delta = 0.01

i, j = chosen
if layout == "pooled":
    size, blocks = output_batch_size(inputs, digits, outputs, delta), outputs
else:
    size = lp.batch_size(1, 2 * digits * inputs * outputs, 1 / (4 * digits), delta, "exact")
    blocks = inputs if layout == "shared" else inputs * outputs
block = {"reserved": j * outputs + i, "shared": j, "pooled": i}[layout]

# The neurons of the block that the weight may use: signs of in-weights, and out-weights.
numbers = mulberry32(seed, blocks * size * (inputs + outputs)).reshape(blocks, size, -1)[block]
inner = np.where(numbers[:, :inputs] < 0.5, -1, 1)
outer = lp.Hyperbolic(lp.PHI ** -(digits + 1), 1 / lp.PHI).ppf(numbers[:, inputs:])


def requirements(column):
    """Which of the 2k of the weight from an input each neuron satisfies; negative: none."""
    digit = digit_of(abs(outer[:, i]), digits)
    fits = (np.sign(outer[:, i]) == inner[:, column] * signs[i][column]) & (digit >= 0)
    return np.where(fits, 2 * digit + (inner[:, column] < 0), -1)


able = requirements(j) >= 0
served = set()  # requirements by input; in a pool a neuron serves one weight
columns = range(inputs) if layout == "pooled" else [j]
for neuron in np.column_stack([requirements(column) for column in columns]).tolist():
    wanted = [each for each in zip(columns, neuron, strict=True) if each[1] >= 0]
    served.update([each for each in wanted if each not in served][:1])
used = sum(column == j for column, _ in served)

total = blocks * size
print(f"The weight may use {size} neurons; {able.sum()} satisfy one of its", end=" ")
print(f"{2 * digits} requirements; it uses {used}")
print(f"The layer: {total:,} neurons, {total / (inputs * outputs):.1f} per weight,", end=" ")
print(f"{total * (inputs + outputs):,} random weights")
