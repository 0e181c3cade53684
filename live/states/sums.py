from lpbook.experiments.covered_intervals import covered_shares
from lpbook.experiments.mulberry import mulberry32

seed = 3
drawn = 9
eta = 0.01

numbers = 4 * mulberry32(seed, drawn) - 2
share = covered_shares(numbers, eta)[-1]
print(f"Subset sums of {drawn} numbers come within {eta} of {100 * share:.1f} % of all targets")
print(f"Potential: {1 / share - 1:.3f}")
