import math

import numpy as np

import lpbook as lp
from lpbook.digits import digit_of, greedy
from lpbook.experiments.mulberry import mulberry32
from lpbook.figures.golden_ratio import gaps

weight = 0.9
digits = 8
base = lp.PHI
uniform = False
seed = 223
delta = 0.01

epsilon = lp.PHI**-digits
k = max(1, math.ceil(math.log(1 / epsilon, base) - 1e-9))
law = lp.Uniform(1.0) if uniform else lp.Hyperbolic(base ** -(k + 1), 1 / base)
batch = lp.batch_size(1, k, 1 / k, delta, "exact")
magnitudes = law.magnitude_ppf(mulberry32(seed, batch))
places = digit_of(magnitudes, k, base)
samples = [magnitudes[places == i][0] for i in range(k) if (places == i).any()]
remainder, kept = np.array([weight], dtype=float), np.empty((len(samples), 1), dtype=bool)
greedy(remainder, samples, kept)
filled = "all" if len(samples) == k else f"{len(samples)} of {k}"
print(f"{k} digits; filled by {batch} samples: {filled}")
print(f"Kept: {kept.sum()}; {weight:.3f} is missed by {remainder[0]:.4f}; ε = {epsilon:.4f}")
missed = np.diff(gaps(samples, epsilon)).sum() if samples else 1 - epsilon
if missed:
    print(f"Of all weights, {100 * missed:.0f} % are missed by more than ε")
