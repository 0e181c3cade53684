/* Interactive figure: uniform and hyperbolic samples rain into the digits until all are filled. */
"use strict";

ui.explorable("rain", ({ picture, controls, status }) => {
  const { svg, line, rect, circle, text, whole } = ui;
  const DELTA = 0.01;
  const FALL = 450; // milliseconds that a drop takes

  let k = 8;
  let seed = 10;
  let running = false;
  let laws = [];
  const redraw = ui.stage(picture, draw);

  /** Everything back to the start, with new random numbers. */
  function reset() {
    running = false;
    run.textContent = "Run";
    const of = (name, law, kind, offset) => {
      const shares = lp.segmentProbabilities(law, k, lp.PHI);
      return {
        name, law, kind, shares,
        batch: lp.batchSize(k, Math.min(...shares), DELTA),
        random: lp.generator(2 * seed + offset),
        counts: Array(k + 1).fill(0), // entry 0: samples that are no digit
        drawn: 0,
        drops: [],
        runs: [],
      };
    };
    laws = [
      of("uniform", lp.uniform(1), "x-one", 0),
      of("hyperbolic", lp.hyperbolicFor(k, lp.PHI), "x-two", 1),
    ];
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

  function oneSample() {
    step(true);
    tell();
    animate();
  }

  function startOrStop() {
    if (laws.every(full)) reset();
    running = !running;
    run.textContent = running ? "Pause" : "Run";
    if (running && ui.stillness.matches) {
      while (!laws.every(full)) step(false); // a jump in place of the rain
    }
    if (running) animate();
    else tell();
  }

  function manyRuns() {
    for (const each of laws) {
      const random = lp.generator(1000 + 2 * seed + laws.indexOf(each));
      each.runs = Array.from({ length: 100 }, () => lp.drawsUntilFull(each.law, k, lp.PHI, random));
    }
    tell();
    redraw();
    seed += 1;
  }

  const digits = ui.slider({
    label: "Digits k", min: 2, max: 12, step: 1, value: k, show: String,
    change: (value) => {
      k = value;
      reset();
    },
  });
  const run = ui.button("Run", startOrStop, true);
  controls.append(
    digits.element,
    ui.html(
      "div",
      { class: "x-buttons" },
      ui.button("One sample", oneSample),
      run,
      ui.button("Reset", () => {
        seed += 1;
        reset();
      }),
      ui.button("100 runs at once", manyRuns),
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
          run.textContent = "Run";
          tell();
        }
      }
      before = now;
      for (const each of laws) each.drops = each.drops.filter((drop) => now - drop.born < FALL);
      redraw();
      frame = running || laws.some((each) => each.drops.length) ? requestAnimationFrame(next) : 0;
    };
    frame = requestAnimationFrame(next);
  }

  // -- words -----------------------------------------------------------------------------------

  function tell() {
    const words = laws.map((each) => {
      const progress = full(each)
        ? `all ${k} digits filled after ${whole(each.drawn)} samples`
        : `${filled(each)} of ${k} digits filled by ${whole(each.drawn)} samples`;
      const later = each.runs.filter((drawn) => drawn > each.batch).length;
      const runs = each.runs.length
        ? `; of ${each.runs.length} runs, ${later} took longer than M = ${whole(each.batch)}`
        : `; M = ${whole(each.batch)} samples are enough with probability at least 99\u00a0%`;
      return `${each.name[0].toUpperCase()}${each.name.slice(1)}: ${progress}${runs}.`;
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
    const time = clock(width, top);
    const height = time.end;
    return svg(
      "svg",
      {
        width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
        "aria-label": `Two bar charts of how many samples each of ${k} digits has, and a time line with the batch counts.`,
      },
      svg("defs", {}, ui.hatch("x-rain", "x-hatch-one")),
      ...panels,
      ...time.parts,
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

  /** Samples drawn by each law, on one logarithmic axis, with its batch count. */
  function clock(width, top) {
    const [left, right] = [12, width - 34];
    const decades = Math.ceil(Math.log10(1.2 * Math.max(...laws.map((each) => each.batch))));
    const x = (n) => left + ((right - left) * Math.log10(Math.max(n, 1))) / decades;
    const parts = [text(0, top + 12, "samples until all digits are filled", "x-strong")];
    laws.forEach((each, i) => {
      const y = top + 44 + 52 * i;
      const inside = x(each.batch) > width / 2;
      parts.push(
        text(left, y - 10, each.name),
        rect(left, y, right - left, 18, "x-track"),
        rect(left, y, x(each.drawn) - left, 18, `x-bar ${each.kind}`),
        ...each.runs.map((n, j) => circle(x(n), y + 3 + 2 * ((5 * j) % 7), 2, "x-run")),
        line(x(each.batch), y - 7, x(each.batch), y + 22, "x-batch"),
        text(x(each.batch) + (inside ? -5 : 5), y - 10, `M = ${whole(each.batch)}`,
          inside ? "x-end x-strong" : "x-strong"),
      );
      if (full(each)) {
        const at = x(each.drawn);
        parts.push(svg("path", { d: `M${at} ${y + 1}l8 8l-8 8l-8 -8z`, class: "x-full" }));
      }
    });
    const axis = top + 44 + 52 + 24;
    for (let decade = 0; decade <= decades; decade += 1) {
      const at = x(10 ** decade);
      parts.push(line(at, axis, at, axis + 5, "x-axis"),
        text(at, axis + 18, whole(10 ** decade), "x-middle x-small"));
    }
    parts.push(line(left, axis, right, axis, "x-axis"));
    const key = ui.legend(
      [
        [svg("path", { d: "M0 -7l7 7l-7 7l-7 -7z", class: "x-full" }), "all filled"],
        [circle(0, 0, 2.5, "x-run"), "the same, in other runs"],
        [line(0, -8, 0, 8, "x-batch"), "batch count M"],
        [line(-9, 0, 9, 0, "x-expected"), "expected number in a digit"],
        [rect(-9, -7, 18, 14, "x-empty"), "not yet filled"],
      ],
      axis + 40,
      width,
    );
    return { parts: [...parts, key.group], end: key.end };
  }

  reset();
});
