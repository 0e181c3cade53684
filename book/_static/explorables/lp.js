/* The arithmetic of the interactive figures, as in the Python package `lpbook`.
 *
 * tests/book/test_explorables.py computes the same numbers with both and compares them. Nothing here
 * draws. Arrays count from 0: entry i belongs to digit i + 1.
 */
"use strict";

const lp = (() => {
  const PHI = (1 + Math.sqrt(5)) / 2;

  /** Seeded random numbers in [0, 1): mulberry32. A seed is a whole number below 2^32. */
  function generator(seed) {
    let state = seed >>> 0;
    return () => {
      state = (state + 0x6d2b79f5) >>> 0;
      let t = Math.imul(state ^ (state >>> 15), state | 1);
      t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
      return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
    };
  }

  /** `count` random numbers in an array. */
  const numbers = (random, count) => Array.from({ length: count }, () => random());

  // -- digits ----------------------------------------------------------------------------------

  /** Ends of the k segments [base^-(i+1), base^-i], the largest first. */
  function segments(k, base) {
    const power = (i) => base ** -i;
    const digits = Array.from({ length: k }, (_, i) => i + 1);
    return { low: digits.map((i) => power(i + 1)), high: digits.map(power) };
  }

  /** One sample in each segment: level 0 is the low end, 1 the high end, logarithmically. */
  function samplesAt(levels, base) {
    const { low, high } = segments(levels.length, base);
    return levels.map((u, i) => low[i] * (high[i] / low[i]) ** u);
  }

  /** Greedy digits: keep each sample that still fits. remainders[i] is left after i digits. */
  function greedy(weight, samples) {
    const kept = [];
    const remainders = [weight];
    for (const x of samples) {
      const rest = remainders.at(-1);
      kept.push(rest >= x);
      remainders.push(rest >= x ? rest - x : rest);
    }
    return { kept, remainders };
  }

  /** The weight, of those in thousandths, that greedy digits serve worst; the largest of them. */
  function worstWeight(samples) {
    const weights = Array.from({ length: 1001 }, (_, i) => i / 1000);
    const rests = weights.map((weight) => greedy(weight, samples).remainders.at(-1));
    return weights[rests.lastIndexOf(Math.max(...rests))];
  }

  /** The sums of all subsets, sorted. */
  function allSums(samples) {
    const sums = new Float64Array(2 ** samples.length);
    let filled = 1;
    for (const x of samples) {
      for (let j = 0; j < filled; j++) sums[filled + j] = sums[j] + x;
      filled *= 2;
    }
    return sums.sort();
  }

  /** The largest of some sorted sums (the first is 0) that does not exceed the weight. */
  function bestSum(weight, sums) {
    let low = 0;
    let high = sums.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (sums[middle] <= weight) low = middle;
      else high = middle;
    }
    return sums[low];
  }

  /** Where in [0, 1] no subset sum is at most epsilon below: [start, end], from the left. */
  function gaps(sums, epsilon) {
    const inside = sums.filter((sum) => sum <= 1);
    const found = [];
    inside.forEach((sum, j) => {
      const start = sum + epsilon;
      const end = j + 1 < inside.length ? inside[j + 1] : 1;
      if (end - start > 1e-12) found.push([start, end]); // else the rounding of sums that meet
    });
    return found;
  }

  /** Digits that bring every weight in [0, 1] within epsilon; a power of the base is met exactly. */
  const countDigits = (epsilon, base) =>
    Math.max(1, Math.ceil(Math.log(1 / epsilon) / Math.log(base) - 1e-9));

  // -- laws of magnitudes ----------------------------------------------------------------------

  /** The uniform law on [0, high]. */
  const uniform = (high) => ({
    cdf: (m) => Math.min(m / high, 1),
    ppf: (p) => high * p,
  });

  /** The hyperbolic law, with a density proportional to 1/m on [low, high]. */
  function hyperbolic(low, high) {
    const range = Math.log1p((high - low) / low);
    const clip = (m) => Math.min(Math.max(m, low), high);
    return {
      cdf: (m) => Math.min(Math.log1p((clip(m) - low) / low) / range, 1),
      ppf: (p) => (p === 1 ? high : clip(low * Math.exp(p * range))),
    };
  }

  /** The law with k equally likely segments. */
  const hyperbolicFor = (k, base) => hyperbolic(base ** -(k + 1), base ** -1);

  /** Probability of each of the k segments. */
  function segmentProbabilities(law, k, base) {
    const { low, high } = segments(k, base);
    return low.map((_, i) => law.cdf(high[i]) - law.cdf(low[i]));
  }

  /** Which digit a magnitude supplies, from 1 to k; 0 if none. `ends` are those of `segments`. */
  const digitOf = (magnitude, { low, high }) =>
    1 + low.findIndex((end, i) => end <= magnitude && magnitude <= high[i]);

  /** Least M with categories (1 - c)^M <= delta: samples that fill every category. */
  function batchSize(categories, c, delta) {
    if (c >= 1) return 1;
    const enough = (size) => categories * Math.exp(size * Math.log1p(-c)) <= delta;
    let size = Math.max(1, Math.floor(Math.log(categories / delta) / -Math.log1p(-c)) - 1);
    while (!enough(size)) size += 1;
    return size;
  }

  /** Which sample supplies each of the k digits: the first that does, by its place (-1: none). */
  function firstOfEach(magnitudes, k, base) {
    const ends = segments(k, base);
    const digits = magnitudes.map((m) => digitOf(m, ends));
    return Array.from({ length: k }, (_, i) => digits.indexOf(i + 1));
  }

  /** Samples drawn until every digit has appeared. */
  function drawsUntilFull(law, k, base, random) {
    const ends = segments(k, base);
    const seen = new Set([0]);
    let drawn = 0;
    while (seen.size <= k) {
      seen.add(digitOf(law.ppf(random()), ends));
      drawn += 1;
    }
    return drawn;
  }

  // -- a small ticket --------------------------------------------------------------------------

  const relu = (z) => Math.max(z, 0);

  /** The output of a network with one input x >= 0: weights [[u, c] per hidden neuron, [v ...]]. */
  function output(weights, x) {
    const [hidden, outer] = weights;
    return hidden.reduce((sum, [u, c], j) => sum + outer[j] * relu(u * x + c), 0);
  }

  /** Random neurons for one target weight: out-weights with a fair sign and hyperbolic size. */
  function drawNeurons(count, k, base, random) {
    const law = hyperbolicFor(k, base);
    return numbers(random, count).map((q) => {
      const t = 2 * q - 1;
      return t <= 0 ? -law.ppf(-t) : law.ppf(t);
    });
  }

  /** For one weight: the first neuron of its sign for each digit (-1: none), and which are kept. */
  function prune(weight, neurons, k, base) {
    const ofItsSign = neurons.map((a) => (a < 0 === weight < 0 ? Math.abs(a) : 0));
    const first = firstOfEach(ofItsSign, k, base);
    const samples = first.map((n) => (n < 0 ? Infinity : Math.abs(neurons[n])));
    return { first, ...greedy(Math.abs(weight), samples) };
  }

  /** One weight in [0, 1] out of random magnitudes: what the front page shows.
   *
   * As many are drawn as are enough under the law with k equally likely digits, whatever the law.
   * `batches` and `needed` are the numbers of samples that are enough for 1, ..., k digits: under that
   * law, and under the uniform one.
   */
  function oneWeight({ weight, epsilon, base, isUniform, delta, random }) {
    const k = countDigits(epsilon, base);
    const law = isUniform ? uniform(1) : hyperbolicFor(k, base);
    const counts = Array.from({ length: k }, (_, i) => i + 1);
    const batches = counts.map((j) => batchSize(j, 1 / j, delta));
    const needed = counts.map((j) =>
      batchSize(j, segmentProbabilities(uniform(1), j, base).at(-1), delta));
    const magnitudes = numbers(random, batches.at(-1)).map(law.ppf);
    const first = firstOfEach(magnitudes, k, base);
    const found = first.map((n) => (n < 0 ? Infinity : magnitudes[n]));
    const holes = gaps(allSums(found.filter(Number.isFinite)), epsilon);
    const missed = holes.reduce((sum, [start, end]) => sum + end - start, 0);
    return { k, batches, needed, magnitudes, first, holes, missed, ...greedy(weight, found) };
  }

  // -- error budget ----------------------------------------------------------------------------
  // A ReLU network without biases is its list of matrices, a matrix the list of its rows.

  const total = (numbers) => numbers.reduce((sum, value) => sum + value, 0);
  const norm = (vector) => Math.hypot(...vector);

  /** Square layers of one width, uniform, so that a ReLU keeps the size of what passes it. */
  function drawNetwork(width, depth, random) {
    const high = Math.sqrt(6 / width);
    const row = () => numbers(random, width).map((u) => high * (2 * u - 1));
    return Array.from({ length: depth }, () => Array.from({ length: width }, row));
  }

  /** A direction of norm 1 with no negative entry. */
  function drawInput(width, random) {
    const x = numbers(random, width);
    return x.map((value) => value / norm(x));
  }

  /** Spectral norm: the root of the largest eigenvalue of a Gram matrix, by squaring it again and again. */
  function spectralNorm(matrix) {
    const columns = matrix[0].map((_, j) => matrix.map((row) => row[j]));
    const dot = (u, v) => total(u.map((value, i) => value * v[i]));
    let gram = columns.map((u) => columns.map((v) => dot(u, v)));
    let log = 0;
    for (let share = 1; share > 1e-17; share /= 2) {
      const trace = total(gram.map((row, i) => row[i]));
      if (trace === 0) return 0;
      log += share * Math.log(trace);
      gram = gram.map((row) => row.map((value) => value / trace));
      gram = gram.map((u) => gram.map((v) => dot(u, v))); // it is symmetric
    }
    return Math.exp(log / 2);
  }

  /** Of each layer its spectral norm, and a bound on the norm of its inputs: those of the network are
   * never negative, of norm at most 1. Negative weights of a ReLU then only help. */
  function layerNorms(matrices) {
    let size = 1;
    return matrices.map((matrix) => {
      const positive = matrix.map((row) => row.map(relu));
      const spectral = spectralNorm(matrix);
      const layer = { spectral, size, weights: matrix.length * matrix[0].length };
      const one = Math.max(...positive.map(norm));
      size *= Math.min(spectral, spectralNorm(positive), Math.sqrt(matrix.length) * one);
      return layer;
    });
  }

  /** The error budget: for each layer what arrives wrong, what it does wrong, and the sum of both. */
  function errorBudget(norms, step) {
    let error = 0;
    return norms.map(({ spectral, size, weights }) => {
      const arrives = spectral * error;
      const made = step * Math.sqrt(weights) * (size + error);
      error = arrives + made;
      return { arrives, made, error };
    });
  }

  /** The error that every weight may have, so that the last layer errs by epsilon at most. */
  function weightBudget(norms, epsilon) {
    const fits = (step) => errorBudget(norms, step).at(-1).error <= epsilon;
    let [enough, tooMuch] = [0, 1];
    while (fits(tooMuch)) tooMuch *= 2;
    for (let middle; (middle = (enough + tooMuch) / 2) > enough && middle < tooMuch; ) {
      if (fits(middle)) enough = middle;
      else tooMuch = middle;
    }
    return enough;
  }

  /** The outputs of every layer. */
  function layerOutputs(matrices, x) {
    let y = x;
    return matrices.map((matrix) => {
      y = matrix.map((row) => relu(total(row.map((w, j) => w * y[j]))));
      return y;
    });
  }

  /** The matrices with every weight moved by `step` in its direction, +1 or -1. */
  const moved = (matrices, step, signs) =>
    matrices.map((matrix, i) =>
      matrix.map((row, j) => row.map((w, l) => w + step * signs[i][j][l])));

  /** Every neuron's error, layer by layer. */
  function neuronErrors(matrices, step, signs, x) {
    const after = layerOutputs(moved(matrices, step, signs), x);
    return layerOutputs(matrices, x).map((layer, i) => layer.map((y, j) => after[i][j] - y));
  }

  /** Turn the directions of the errors, one by one, for as long as the last layer errs more. */
  function adversary(matrices, step, signs, x) {
    const turned = signs.map((layer) => layer.map((row) => [...row]));
    const error = () => norm(neuronErrors(matrices, step, turned, x).at(-1));
    let worst = error();
    for (let better = true; better; ) {
      better = false;
      for (const row of turned.flat()) {
        row.forEach((sign, l) => {
          row[l] = -sign;
          const now = error();
          if (now > worst * (1 + 1e-12)) [worst, better] = [now, true];
          else row[l] = sign;
        });
      }
    }
    return turned;
  }

  // -- layouts ---------------------------------------------------------------------------------
  // Weight ij leads from input j to output i. In-weights are +1 or -1, out-weights hyperbolic.

  /** Probability that a category with m requirements is not served by `size` neurons of an output. */
  function unserved(size, m, probability) {
    let log = size * Math.log1p(-probability); // of the probability that x of them fall into it
    let missed = 0;
    for (let x = 0; x <= size; x += 1) {
      if (x > 0) log += Math.log(((size - x + 1) / x) * (probability / (1 - probability)));
      let served = x >= m ? 0 : -Infinity;
      for (let left = x - m + 1; x >= m && left <= x; left += 1) served += Math.log1p(-(0.5 ** left));
      missed += Math.exp(log) * -Math.expm1(served);
    }
    return missed;
  }

  /** Least number of neurons that one output owns, so that a pool of them is enough. */
  function outputBatchSize(inputs, digits, outputs, delta) {
    const enough = (size) =>
      2 * digits * outputs * unserved(size, inputs, 1 / (2 * digits)) <= delta;
    let [low, high] = [inputs - 1, inputs];
    while (!enough(high)) [low, high] = [high, 2 * high];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (enough(middle)) high = middle;
      else low = middle;
    }
    return high;
  }

  /** Neurons of one block, in each layout. */
  function blockSizes(inputs, outputs, digits, delta) {
    const own = batchSize(2 * digits * inputs * outputs, 1 / (4 * digits), delta);
    return { reserved: own, shared: own, pooled: outputBatchSize(inputs, digits, outputs, delta) };
  }

  /** The blocks of a layout: from which inputs and to which outputs their neurons may keep an edge. */
  function blocksOf(layout, inputs, outputs) {
    const all = (count) => Array.from({ length: count }, (_, i) => i);
    if (layout === "shared") return all(inputs).map((j) => ({ from: [j], to: all(outputs) }));
    if (layout === "pooled") return all(outputs).map((i) => ({ from: all(inputs), to: [i] }));
    return all(inputs).flatMap((j) => all(outputs).map((i) => ({ from: [j], to: [i] })));
  }

  /** Random neurons of a layer with k digits: their in-weights and their out-weights. */
  const drawBlock = (size, inputs, outputs, k, random) =>
    Array.from({ length: size }, () => ({
      inner: numbers(random, inputs).map((u) => (u < 0.5 ? -1 : 1)),
      outer: drawNeurons(outputs, k, PHI, random),
    }));

  /** Which requirement of weight ij, of this sign, a neuron satisfies: from 0 to 2k - 1; -1: none.
   * Even ones are those of the positive half. */
  function requirementOf({ inner, outer }, i, j, sign, ends) {
    if (outer[i] * inner[j] * sign < 0) return -1;
    const digit = digitOf(Math.abs(outer[i]), ends);
    return digit === 0 ? -1 : 2 * (digit - 1) + (inner[j] > 0 ? 0 : 1);
  }

  /** Who serves whom in a block: for each of its weights the neuron of each requirement (-1: none).
   * The first that can does; in a pool it then serves no other weight. */
  function serve(neurons, { from, to }, signs, k) {
    const ends = segments(k, PHI);
    const weights = from.flatMap((j) => to.map((i) => ({ i, j, by: Array(2 * k).fill(-1) })));
    neurons.forEach((neuron, n) => {
      for (const { i, j, by } of weights) {
        const wanted = requirementOf(neuron, i, j, signs[i][j], ends);
        if (wanted < 0 || by[wanted] >= 0) continue;
        by[wanted] = n;
        if (from.length > 1) break;
      }
    });
    return weights;
  }

  // -- subset sums -----------------------------------------------------------------------------

  /** What the sums of the first t numbers cover in [-1, 1], t = 0, 1, ...: intervals in order. */
  function cover(samples, eta) {
    const sets = [[[-eta, eta]]];
    for (const sample of samples) {
      const last = sets.at(-1);
      const moved = last.map(([a, b]) => [Math.max(a + sample, -1), Math.min(b + sample, 1)]);
      const all = [...last, ...moved.filter(([a, b]) => a < b)].sort((p, q) => p[0] - q[0]);
      const joined = [];
      for (const [a, b] of all) {
        const before = joined.at(-1);
        if (before && a <= before[1]) before[1] = Math.max(before[1], b);
        else joined.push([a, b]);
      }
      sets.push(joined);
    }
    return sets;
  }

  return {
    PHI, cover, generator, numbers, segments, samplesAt, greedy, worstWeight, allSums, bestSum, gaps, countDigits,
    uniform, hyperbolic, hyperbolicFor, segmentProbabilities, digitOf, batchSize, firstOfEach,
    drawsUntilFull, output, drawNeurons, prune, oneWeight, norm, drawNetwork, drawInput, spectralNorm,
    layerNorms, errorBudget, weightBudget, layerOutputs, neuronErrors, adversary, unserved, outputBatchSize,
    blockSizes, blocksOf, drawBlock, requirementOf, serve,
  };
})();
