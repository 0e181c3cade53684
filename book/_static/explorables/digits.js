/* Interactive figure: greedy digits of a weight, and what the samples reach, in any base. */
"use strict";

ui.explorable("digits", ({ figure, picture, controls, status }) => {
  const { svg, line, rect, circle, text, number } = ui;
  const TICKS = [0, 0.25, 0.5, 0.75, 1];
  const state = { weight: 0.7, base: lp.PHI, k: 8, levels: [], seed: 1, held: 0 };

  const redraw = ui.stage(picture, draw);
  const name = (base) => (base === lp.PHI ? "φ = 1.6180…" : number(base, 3));

  // -- controls --------------------------------------------------------------------------------

  function set(change) {
    Object.assign(state, change);
    if (change.seed) state.levels = lp.numbers(lp.generator(state.seed), 12);
    if (change.weight !== undefined) weight.set(state.weight);
    if (change.base !== undefined) base.set(number(state.base, 3));
    tell();
    redraw();
  }

  const weight = ui.slider({
    label: "Target weight w", min: 0, max: 1, step: 0.001, value: state.weight,
    show: (value) => number(value, 3), change: (value) => set({ weight: value }),
  });
  // 1.618 on the slider stands for φ itself
  const toBase = (value) => (Math.abs(value - lp.PHI) < 0.0005 ? lp.PHI : value);
  const base = ui.slider({
    label: "Base γ", min: 1.1, max: 2, step: 0.001, value: 1.618,
    show: (value) => name(toBase(value)), change: (value) => set({ base: toBase(value) }),
  });
  const digits = ui.slider({
    label: "Digits k", min: 1, max: 12, step: 1, value: state.k, show: String,
    change: (value) => set({ k: value }),
  });
  controls.append(
    weight.element,
    base.element,
    digits.element,
    ui.html(
      "div",
      { class: "x-buttons" },
      ui.button("γ = 3/2", () => set({ base: 1.5 })),
      ui.button("γ = φ", () => set({ base: lp.PHI })),
      ui.button("γ = 2", () => set({ base: 2 })),
      ui.button("New samples", () => set({ seed: state.seed + 1 })),
      ui.button("Worst weight", () => set({ weight: lp.worstWeight(facts().samples) })),
      ui.button("Worst case", worst, true),
    ),
  );
  figure.addEventListener("keydown", ({ key, ctrlKey, metaKey, altKey }) => {
    if (key.toLowerCase() === "p" && !ctrlKey && !metaKey && !altKey) set({ base: lp.PHI });
  });

  /** The lowest samples, and the weight that they serve worst. */
  function worst() {
    const levels = Array(12).fill(0);
    set({ levels, weight: lp.worstWeight(lp.samplesAt(levels.slice(0, state.k), state.base)) });
  }

  /** Sample i is put to a level of its segment, from 0 to 1. */
  function put(i, level) {
    const levels = [...state.levels];
    levels[i] = Math.min(Math.max(level, 0), 1);
    set({ levels, held: i });
  }

  /** All that follows from the state. */
  function facts() {
    const samples = lp.samplesAt(state.levels.slice(0, state.k), state.base);
    const digits = lp.greedy(state.weight, samples);
    const sums = lp.allSums(samples);
    const promise = state.base ** -state.k;
    return {
      samples, ...digits, sums, promise,
      rest: digits.remainders.at(-1),
      least: state.weight - lp.bestSum(state.weight, sums),
      gaps: lp.gaps(sums, promise),
    };
  }

  function tell() {
    const { kept, rest, promise, least, gaps } = facts();
    const symbol = state.base === lp.PHI ? "φ" : "γ";
    const missed = gaps.reduce((sum, [start, end]) => sum + end - start, 0);
    const good = rest <= promise + 1e-12;
    const verdict = good
      ? gaps.length > 0
        ? "Kept for this weight, not for others."
        : state.base > lp.PHI + 1e-9
          ? "The promise is kept by luck: the lowest samples break it."
          : "The promise is kept."
      : least <= promise + 1e-12
        ? `Greedy digits miss it; another subset leaves only ${number(least)}.`
        : `Missed: no subset leaves less than ${number(least)}.`;
    status.replaceChildren(
      `Digits ${kept.map(Number).join(" ")}, sum ${number(state.weight - rest)}: remainder `,
      ui.html("strong", {}, `${number(rest)} ${good ? "≤" : ">"} `),
      symbol,
      ui.html("sup", {}, `−${state.k}`),
      ` = ${number(promise)}. ${verdict} `,
      gaps.length
        ? `Gaps: ${gaps.length}, together ${number(100 * missed, 1)}\u00a0% of all weights.`
        : "There are no gaps.",
    );
  }

  // -- picture ---------------------------------------------------------------------------------

  const TOP = 44; // of the kept samples
  const REACH = 108; // of what is reached
  const ROWS = 212; // of the digits

  function draw(width) {
    const all = facts();
    const left = 26;
    const right = width - 26;
    const x = (value) => left + value * (right - left);
    const end = ROWS + 20 * state.k;
    const key = ui.legend(
      [
        [circle(0, 0, 5, "x-kept"), "sample, kept"],
        [circle(0, 0, 5, "x-left"), "sample, left out"],
        [line(0, -8, 0, 8, "x-rest"), "remainder before it"],
        [rect(-8, -6, 16, 12, "x-segment"), "segment of the digit"],
      ],
      end + 40,
      width,
    );
    return svg(
      "svg",
      {
        width, height: key.end, viewBox: `0 0 ${width} ${key.end}`, role: "group",
        "aria-label": `Number line with the kept samples and the target, what all subsets reach, and ${state.k} digits with their samples.`,
      },
      svg("defs", {}, ui.hatch("x-gap", "x-hatch-gap"), ui.hatch("x-block", "x-hatch-block", 5, -45)),
      ...sumLine(all, x),
      ...reach(all, x),
      ...rows(all, left, right),
      key.group,
    );
  }

  /** The kept samples end to end, and the target. */
  function sumLine({ samples, kept, rest }, x) {
    const parts = [text(x(0), TOP - 8, "kept samples, end to end")];
    let [sum, count] = [0, 0];
    samples.forEach((sample, i) => {
      if (!kept[i]) return;
      const wide = x(sum + sample) - x(sum);
      parts.push(rect(x(sum), TOP, wide, 28, count++ % 2 ? "x-block-hatched" : "x-block"));
      if (wide > 18) {
        parts.push(text(x(sum) + wide / 2, TOP + 19, String(i + 1), "x-middle x-on-block"));
      }
      sum += sample;
    });
    const wide = x(state.weight) - x(sum);
    parts.push(rect(x(sum), TOP, wide, 28, "x-remainder"));
    if (wide > 80) parts.push(text(x(sum) + wide / 2, TOP + 19, "remainder", "x-middle"));
    const edge = state.weight > 0.8 ? "x-end" : state.weight < 0.2 ? "" : "x-middle";
    parts.push(
      text(x(state.weight), 12, `w = ${number(state.weight, 3)}`, `${edge} x-strong`),
      line(x(state.weight), 24, x(state.weight), REACH + 34, "x-target"),
      svg("path", { d: `M${x(state.weight)} 28l-7 -10h14z`, class: "x-handle" }),
    );
    return parts;
  }

  /** Every weight that some subset serves, and the gaps between. */
  function reach({ sums, gaps }, x) {
    const bars = Array.from(sums.filter((sum) => sum <= 1), (sum) => `M${x(sum).toFixed(1)} ${REACH + 6}v18`);
    return [
      text(x(0), REACH - 8, "weights served (lines: subset sums)", "x-halo"),
      rect(x(0), REACH, x(1) - x(0), 30, "x-served"),
      ...gaps.map(([from, to]) => rect(x(from), REACH, x(to) - x(from), 30, "x-gap")),
      svg("path", { d: bars.join(""), class: "x-sums" }),
      rect(x(0), REACH, x(1) - x(0), 30, "x-frame"),
      ...TICKS.flatMap((tick) => [
        line(x(tick), REACH + 30, x(tick), REACH + 35, "x-axis"),
        text(x(tick), REACH + 48, String(tick), "x-middle x-small"),
      ]),
      rect(0, 0, x(1) + 26, REACH + 36, "x-drag"),
    ];
  }

  /** One row for each digit, on a logarithmic scale. */
  function rows({ samples, kept, remainders }, left, right) {
    const { low, high } = lp.segments(state.k, state.base);
    const unit = (right - left) / (state.k + 1);
    const x = (m) => right + unit * Math.max(Math.log(m) / Math.log(state.base), -state.k - 1);
    const remainder = (at, y, beyond) =>
      beyond
        ? svg("path", { d: `M${at + 6} ${y + 3}l-8 7l8 7`, class: "x-beyond" })
        : line(at, y, at, y + 20, "x-rest");
    const parts = [
      text(left, ROWS - 12, "digits, on a logarithmic scale"),
      text(right + 24, ROWS - 12, "bit", "x-end"),
    ];
    samples.forEach((sample, i) => {
      const y = ROWS + 20 * i;
      const rest = remainders[i];
      parts.push(
        text(left - 8, y + 14, String(i + 1), "x-end"),
        line(left, y + 10, right, y + 10, "x-grid"),
        rect(x(low[i]), y + 2, unit, 16, "x-segment"),
        remainder(x(rest), y, rest < low.at(-1)),
        circle(x(sample), y + 10, 5, kept[i] ? "x-kept" : "x-left"),
        grip(i, sample, x(low[i]), y, unit),
        text(right + 24, y + 14, kept[i] ? "1" : "0", kept[i] ? "x-end x-strong" : "x-end"),
      );
    });
    const y = ROWS + 20 * state.k;
    const symbol = state.base === lp.PHI ? "φ" : "γ";
    parts.push(
      line(left, y, right, y, "x-axis"),
      text(right, y + 16, "1", "x-middle x-small"),
      svg("text", { x: left, y: y + 16, class: "x-small" }, symbol,
        svg("tspan", { dy: -5, class: "x-tiny" }, `−${state.k + 1}`)),
    );
    return parts;
  }

  /** What one takes hold of to move a sample: its segment. One of them is on the way of Tab. */
  function grip(i, sample, x, y, unit) {
    const here = i === Math.min(state.held, state.k - 1);
    return svg("rect", {
      x: x - 6, y, width: unit + 12, height: 20, class: "x-grip", role: "slider",
      tabindex: here ? 0 : -1, "data-hold": here && "sample", "data-digit": i,
      "aria-label": `Sample of digit ${i + 1}`, "aria-valuemin": 0, "aria-valuemax": 100,
      "aria-valuenow": Math.round(100 * state.levels[i]), "aria-valuetext": number(sample),
    });
  }

  // -- dragging --------------------------------------------------------------------------------

  ui.drag(picture, (event) => {
    const box = picture.getBoundingClientRect();
    const value = (event.clientX - box.left - 26) / (box.width - 52);
    set({ weight: ui.thousandths(value) });
  });

  ui.drag(picture, (event, { dataset, width, x }) => {
    const start = picture.getBoundingClientRect().left + x.baseVal.value + 6;
    put(Number(dataset.digit), (event.clientX - start) / (width.baseVal.value - 12));
  }, ".x-grip");

  picture.addEventListener("keydown", (event) => {
    if (!event.target.matches(".x-grip")) return;
    const i = Math.min(state.held, state.k - 1);
    const moves = { ArrowLeft: -0.05, ArrowRight: 0.05, Home: -1, End: 1 };
    const rows = { ArrowUp: -1, ArrowDown: 1 };
    if (event.key in moves) put(i, state.levels[i] + moves[event.key]);
    else if (event.key in rows) {
      set({ held: Math.min(Math.max(i + rows[event.key], 0), state.k - 1) });
    } else return;
    event.preventDefault();
  });

  set({ seed: 1 });
  return () => ({ weight: state.weight, base: state.base, samples: facts().samples });
});
