import numpy as np

import lpbook as lp
from lpbook.digits import all_sums, greedy
from lpbook.figures.golden_ratio import gaps

weight = 0.7
base = lp.PHI
samples = [0.5, 0.3]

# Up to base φ this is lp.decompose, which refuses the bases that break the promise.
k = len(samples)
remainder, kept = np.array([weight], dtype=float), np.empty((k, 1), dtype=bool)
greedy(remainder, samples, kept)
print("Digits", *kept[:, 0].astype(int), f"with sum {weight - remainder[0]:.4f}")
print(f"Remainder {remainder[0]:.4f}; promised: at most base^-{k} = {base**-k:.4f}")

sums = all_sums(samples)
least = weight - sums[sums <= weight].max()  # that any subset leaves
if remainder[0] > base**-k and least < remainder[0]:
    print(f"Another subset leaves only {least:.4f}")
holes = gaps(samples, base**-k)
if len(holes):
    print(f"Gaps: {len(holes)}, together {100 * np.diff(holes).sum():.1f} % of all weights")
