import lpbook as lp
from lpbook.digits import digit_of
from lpbook.distributions import segment_probabilities
from lpbook.experiments.mulberry import mulberry32

k = 8
seed = 10
drawn = [100, 20]
delta = 0.01

laws = {"Uniform": lp.Uniform(1.0), "Hyperbolic": lp.Hyperbolic(lp.PHI ** -(k + 1), 1 / lp.PHI)}
for which, (name, law) in enumerate(laws.items()):
    samples = law.magnitude_ppf(mulberry32(2 * seed + which, drawn[which]))
    filled = len(set(digit_of(samples, k)) - {-1})
    M = lp.batch_size(1, k, segment_probabilities(law, k).min(), delta, "exact")
    print(f"{name}: {filled} digits filled by {drawn[which]:,} samples; M = {M:,} are enough")
