import numpy as np
from sklearn.datasets import load_digits

import lpbook as lp
from lpbook.experiments.mulberry import mulberry32

pixels = [0.0] * 64
deleted = 0.5

network, held_out = lp.digits_classifier()
domain = lp.Ball.around(load_digits().data[held_out] / 16)
ticket = lp.prune(network, epsilon=0.02, inputs=domain, seed=0)

# Each target weight is the sum of its kept products; some of these are deleted at random.
counts = [sum(block.rows.size for block in ticket.kept(layer)) for layer in range(2)]
chances = np.split(mulberry32(1, sum(counts)).astype(np.float32), [counts[0]])
matrices = []
for layer, matrix in enumerate(network.matrices):
    blocks = list(ticket.kept(layer))
    columns = np.repeat(np.arange(len(blocks)), [block.rows.size for block in blocks])
    rows = np.concatenate([block.outputs for block in blocks])
    products = np.concatenate([block.inner * block.outer for block in blocks])
    left = chances[layer] >= deleted
    matrices.append(np.zeros(matrix.shape))
    np.add.at(matrices[-1], (rows[left], columns[left]), products[left])

cut = lp.Network([w[:, :-1] for w in matrices], [w[:, -1] for w in matrices])
target, found = network(pixels), cut(pixels)
print(f"F says {target.argmax()}, the ticket says {found.argmax()}")
apart = np.linalg.norm(target - found)
print(f"Their logits are {apart:.{5 if apart < 0.1 else 2}f} apart")
