/* Interactive figure: uniform and hyperbolic samples rain into the digits until all are filled. */
"use strict";

ui.explorable("rain", ({ picture, controls, status }) => {
  const { svg, line, rect, circle, text, number, whole } = ui;
  const DELTA = 0.01;
  const MOST = 12; // digits
  const FALL = 450; // milliseconds that a drop takes

  let k = 8;
  let seed = 10;
  let batches = 0; // of 100 runs
  let running = false;
  let laws = [];
  let prices = []; // batch counts of both laws, for 1, 2, ... digits
  const redraw = ui.stage(picture, draw);

  const byName = {
    uniform: () => lp.uniform(1),
    hyperbolic: (digits) => lp.hyperbolicFor(digits, lp.PHI),
  };
  const batchOf = (shares) => lp.batchSize(shares.length, Math.min(...shares), DELTA);

  /** No sample is drawn yet. */
  function empty() {
    running = false;
    run.textContent = "Rain";
    const of = (name, law, kind, offset) => {
      const shares = lp.segmentProbabilities(law, k, lp.PHI);
      return {
        name, law, kind, shares,
        batch: batchOf(shares),
        random: lp.generator(2 * seed + offset),
        counts: Array(k + 1).fill(0), // entry 0: samples that are no digit
        drawn: 0,
        drops: [],
        runs: [],
      };
    };
    laws = [
      of("uniform", byName.uniform(), "x-one", 0),
      of("hyperbolic", byName.hyperbolic(k), "x-two", 1),
    ];
  }

  /** All samples at once. */
  function fill() {
    empty();
    while (!laws.every(full)) step(false);
    tell();
    redraw();
  }

  const filled = (each) => each.counts.slice(1).filter((count) => count > 0).length;
  const full = (each) => filled(each) === k;

  /** Draw one sample of each law that is not full yet. */
  function step(falls) {
    for (const each of laws.filter((other) => !full(other))) {
      const digit = lp.digitOf(each.law.ppf(each.random()), lp.segments(k, lp.PHI));
      each.counts[digit] += 1;
      each.drawn += 1;
      if (falls && !ui.stillness.matches) each.drops.push({ digit, born: performance.now() });
    }
  }

  // -- controls --------------------------------------------------------------------------------

  function startOrStop() {
    if (ui.stillness.matches) { // a jump in place of the rain
      seed += 1;
      return fill();
    }
    if (laws.every(full)) {
      seed += 1;
      empty();
    }
    running = !running;
    run.textContent = running ? "Pause" : "Rain";
    if (running) animate();
    tell();
  }

  function oneSample() {
    if (laws.every(full)) {
      seed += 1;
      empty();
    }
    step(true);
    tell();
    animate();
  }

  function manyRuns() {
    batches += 1;
    for (const each of laws) {
      const random = lp.generator(1000 + 2 * batches + laws.indexOf(each));
      each.runs = Array.from({ length: 100 }, () => lp.drawsUntilFull(each.law, k, lp.PHI, random));
    }
    tell();
    redraw();
  }

  const digits = ui.slider({
    label: "Digits k", min: 2, max: MOST, step: 1, value: k, show: String,
    change: (value) => {
      k = value;
      fill();
    },
  });
  const run = ui.button("Rain", startOrStop);
  controls.append(
    digits.element,
    ui.html(
      "div",
      { class: "x-buttons" },
      ui.button("100 runs", manyRuns, true),
      run,
      ui.button("One sample", oneSample),
    ),
  );

  // -- time ------------------------------------------------------------------------------------

  let frame = 0;
  let before = 0;
  let due = 0;

  /** Keep drawing frames while drops fall or the rain runs; it rains faster and faster. */
  function animate() {
    if (frame) return;
    before = performance.now();
    due = 0;
    const began = before;
    const next = (now) => {
      if (running) {
        due += ((now - before) / 1000) * 8 * Math.exp(0.00045 * (now - began));
        for (let i = 0; due >= 1; due -= 1, i += 1) step(i < 3);
        if (laws.every(full)) {
          running = false;
          run.textContent = "Rain";
        }
        tell();
      }
      before = now;
      for (const each of laws) each.drops = each.drops.filter((drop) => now - drop.born < FALL);
      redraw();
      frame = running || laws.some((each) => each.drops.length) ? requestAnimationFrame(next) : 0;
    };
    frame = requestAnimationFrame(next);
  }

  // -- words -----------------------------------------------------------------------------------

  const capital = (words) => words[0].toUpperCase() + words.slice(1);

  function tell() {
    status.setAttribute("aria-live", running ? "off" : "polite"); // else it would never be silent
    const words = laws.map((each, i) => {
      const { name, batch, runs, drawn } = each;
      const progress = full(each)
        ? `all ${k} digits filled after ${whole(drawn)} samples`
        : `${filled(each)} of ${k} digits filled by ${whole(drawn)} samples`;
      const later = runs.filter((n) => n > batch).length;
      const so = runs.length
        ? `of ${runs.length} runs, ${later} took longer than M = ${whole(batch)}`
        : `M = ${whole(batch)} samples are enough with probability at least 99\u00a0%`;
      const next = k < MOST && (i === 0
        ? `; one more digit multiplies M by ${number(prices[0][k] / batch, 2)}`
        : `; one more digit adds ${whole(prices[1][k] - batch)}`);
      return `${capital(name)}: ${progress}; ${so}${next || ""}.`;
    });
    status.textContent = words.join(" ");
  }

  // -- picture ---------------------------------------------------------------------------------

  function draw(width) {
    const now = performance.now();
    const beside = width >= 560;
    const wide = beside ? (width - 28) / 2 : width;
    const panels = laws.map((each, i) =>
      svg(
        "g",
        { transform: beside ? `translate(${i * (wide + 28)} 0)` : `translate(0 ${i * 222})` },
        ...panel(each, wide, now),
      ),
    );
    const top = beside ? 232 : 454;
    const below = plot(width, top);
    const height = below.end;
    return svg(
      "svg",
      {
        width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
        "aria-label": `Two bar charts of how many samples each of ${k} digits has, and the samples that it takes against the number of digits, for both laws.`,
      },
      svg("defs", {}, ui.hatch("x-rain", "x-hatch-one")),
      ...panels,
      ...below.parts,
    );
  }

  /** How many samples each digit has; what falls is not yet counted. */
  function panel(each, width, now) {
    const [top, floor] = [48, 184];
    const unit = width / (k + 2);
    const landed = each.counts.map(
      (count, i) => count - each.drops.filter((drop) => drop.digit === i).length,
    );
    const most = each.shares.map((share) => share * each.drawn);
    const scale = (floor - top - 6) / Math.max(10, ...each.counts, ...most);
    const x = (digit) => (digit === 0 ? 0 : unit * (digit + 0.6));
    const parts = [
      text(0, 14, each.name, "x-strong"),
      text(width, 14, `${whole(each.drawn)} drawn, ${filled(each)} of ${k} filled`, "x-end"),
    ];
    landed.forEach((count, digit) => {
      const height = count * scale;
      const kind = digit === 0 ? "x-waste" : each.kind;
      const middle = x(digit) + unit * 0.42;
      parts.push(rect(x(digit), floor - height, unit * 0.84, height, `x-bar ${kind}`));
      if (count === 0) {
        const empty = digit === 0 ? "x-none" : "x-empty";
        parts.push(rect(x(digit), floor - 14, unit * 0.84, 14, empty));
      }
      const expected = digit > 0 ? each.shares[digit - 1] * each.drawn * scale : 0;
      if (expected > 0) {
        const y = floor - expected;
        parts.push(line(x(digit) - 1, y, x(digit) + unit * 0.84 + 1, y, "x-expected"));
      }
      if (count > 0) {
        const y = floor - Math.max(height, expected) - 5;
        parts.push(text(middle, y, String(count), "x-middle x-small"));
      }
      if (digit > 0) parts.push(text(middle, floor + 15, String(digit), "x-middle x-small"));
    });
    parts.push(
      line(0, floor, unit * 0.84, floor, "x-axis"),
      line(x(1), floor, width, floor, "x-axis"),
      text(0, floor + 15, "none", "x-small"),
      text((x(1) + width) / 2, floor + 30, "digit", "x-middle x-small"),
    );
    for (const { digit, born } of each.drops) {
      const fallen = Math.min((now - born) / FALL, 1) ** 2;
      const end = floor - landed[digit] * scale;
      parts.push(circle(x(digit) + unit * 0.42, 22 + fallen * (end - 22), 4, "x-drop"));
    }
    return parts;
  }

  /** Samples against digits: batch counts of both laws, and the runs at the k of the slider. */
  function plot(width, top) {
    const [left, right, floor] = [52, width - 14, top + 200];
    const decades = 4;
    const x = (digits) => left + ((right - left) * (digits - 1.5)) / (MOST - 1);
    const y = (n) => floor - ((floor - top - 28) * Math.log10(n)) / decades;
    const parts = [
      text(0, top + 12, "samples until all digits are filled", "x-strong"),
      rect(x(k) - 16, top + 26, 32, floor - top - 26, "x-box"),
    ];
    for (let decade = 0; decade <= decades; decade += 1) {
      parts.push(line(left, y(10 ** decade), right, y(10 ** decade), "x-grid"),
        text(left - 6, y(10 ** decade) + 4, whole(10 ** decade), "x-end x-small"));
    }
    prices.forEach((counts, i) => {
      const path = counts.slice(1).map((n, j) => `${j ? "L" : "M"}${x(j + 2)} ${y(n)}`).join("");
      parts.push(
        svg("path", { d: path, class: i === 0 ? "x-curve x-ticket" : "x-curve" }),
        i === 0
          ? text(x(5), y(counts[4]) - 10, "M, uniform", "x-end x-halo")
          : text(right, y(counts.at(-1)) + 20, "M, hyperbolic", "x-end x-halo"),
      );
    });
    laws.forEach(({ runs, batch, drawn, ...each }, i) => {
      const middle = x(k) + (i === 0 ? -7 : 7);
      parts.push(
        ...runs.map((n, j) => circle(middle + ((5 * j) % 7) - 3, y(n), 2, "x-run")),
        line(x(k) - 14, y(batch), x(k) + 14, y(batch), "x-batch"),
      );
      if (drawn > 0) {
        const kind = full({ drawn, ...each }) ? "x-full" : "x-left";
        parts.push(svg("path", { d: `M${middle} ${y(drawn) - 7}l7 7l-7 7l-7 -7z`, class: kind }));
      }
    });
    for (let n = 2; n <= MOST; n += 1) {
      parts.push(text(x(n), floor + 17, String(n), n === k ? "x-middle x-strong" : "x-middle x-small"));
    }
    parts.push(line(left, floor, right, floor, "x-axis"),
      text(left - 6, floor + 17, "digits", "x-end x-small"));
    const key = ui.legend(
      [
        [svg("path", { d: "M0 -7l7 7l-7 7l-7 -7z", class: "x-full" }), "all filled"],
        [circle(0, 0, 2.5, "x-run"), "the same, in other runs"],
        [line(-8, 0, 8, 0, "x-batch"), "batch count M"],
        [line(-9, 0, 9, 0, "x-expected"), "expected number in a digit"],
      ],
      floor + 42,
      width,
    );
    return { parts: [...parts, key.group], end: key.end };
  }

  prices = Object.values(byName).map((law) =>
    Array.from({ length: MOST }, (_, i) =>
      batchOf(lp.segmentProbabilities(law(i + 1), i + 1, lp.PHI))));
  fill();
  return () => ({ k, seed, drawn: laws.map((each) => each.drawn), delta: DELTA });
});
