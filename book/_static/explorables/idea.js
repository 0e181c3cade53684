/* Interactive figure of the front page: the whole idea, on one weight.
 *
 * From top to bottom: an input x feeds random neurons, which fall into the segments of their sizes on
 * a logarithmic axis; the first in each segment is a digit; kept ones add up to the weight; what is
 * missing is enlarged. All of it comes from `lp.oneWeight`; the rest is time and ink.
 */
"use strict";

ui.explorable("idea", ({ figure, picture, controls, status }) => {
  const { svg, line, rect, circle, text, number, whole, thousandths } = ui;
  const MOST = 12; // digits in base φ
  const AXIS = 14.5; // how far the logarithmic axis reaches, in such digits: as in explorables.css
  const DELTA = 0.01;
  const SPEED = { samples: 13, digits: 3.5 }; // in a second
  const counted = (n, noun) => `${whole(n)} ${noun}${n === 1 ? "" : "s"}`;

  // -- state -----------------------------------------------------------------------------------

  // The first draw that, at every ε, fills all digits, and leaves this weight missed by uniform
  // weights and by base 2; other draws and weights are one click away.
  const state = { digits: 8, uniform: false, two: false, w: 0.9, seed: 223 };
  const still = () => ui.stillness.matches;
  let found; // what lp.oneWeight says of the state
  let shown = 0; // samples that are drawn so far
  let decided = 0; // digits that are chosen so far
  let lit; // the part that a word of the text points at

  const epsilon = () => lp.PHI ** -state.digits;
  const base = () => (state.two ? 2 : lp.PHI);

  function compute() {
    found = lp.oneWeight({
      weight: state.w, epsilon: epsilon(), base: base(), isUniform: state.uniform, delta: DELTA,
      random: lp.generator(state.seed),
    });
    found.batch = found.magnitudes.length;
    found.fits = found.remainders.at(-1) <= epsilon() + 1e-12;
  }

  /** Numbers as the address has them; what is strange there is passed over. */
  function fromAddress() {
    const { k, law, base: of, w, seed } = ui.address.read();
    const within = (value, low, high, otherwise) => {
      const n = value === undefined ? NaN : Number(value);
      return n >= low && n <= high ? n : otherwise;
    };
    state.digits = Math.round(within(k, 1, MOST, state.digits));
    state.w = within(w, 0, 1, state.w);
    state.seed = Math.round(within(seed, 0, 2 ** 32 - 1, state.seed));
    if (law !== undefined) state.uniform = law === "uniform";
    if (of !== undefined) state.two = of === "2";
  }

  /** The state has changed: what is new is still to fall and to be chosen. */
  function update() {
    compute();
    [shown, decided] = [Math.min(shown, found.batch), Math.min(decided, found.k)];
    if (still()) [shown, decided] = [found.batch, found.k];
    uniform.setAttribute("aria-pressed", state.uniform);
    two.setAttribute("aria-pressed", state.two);
    slider.set(state.digits);
    tell();
    redraw();
  }

  /** A change by the reader; `anew` lets all samples fall once more. */
  function set(change, anew = false) {
    Object.assign(state, change);
    if (anew) {
      [shown, decided] = [0, 0];
      places.clear();
    }
    update();
    ui.address.write({
      k: state.digits, law: state.uniform ? "uniform" : "log-uniform",
      base: state.two ? "2" : "phi", w: number(state.w, 3), seed: state.seed,
    });
  }

  /** Whether digit i is chosen by now, and whether it is a part of the sum. */
  const known = (i) => i < Math.floor(decided) && found.first[i] < shown;
  const kept = (i) => known(i) && found.kept[i];
  const sizeOf = (i) => found.magnitudes[found.first[i]];

  /** What the kept digits add up to. */
  const reached = () =>
    found.first.reduce((total, _, i) => total + (kept(i) ? sizeOf(i) : 0), 0);

  // -- controls --------------------------------------------------------------------------------

  const slider = ui.slider({
    label: "Error allowed, ε:", min: 1, max: MOST, step: 1, value: state.digits,
    show: (value) => number(lp.PHI ** -value),
    change: (value) => set({ digits: value }),
  });
  const uniform = ui.button("Uniform weights", () => set({ uniform: !state.uniform }));
  const two = ui.button("Base 2", () => set({ two: !state.two }));
  controls.classList.add("x-one-slider");
  controls.append(
    ui.html(
      "div",
      { class: "x-buttons" },
      ui.button("Draw again", () => set({ seed: (state.seed + 1) % 2 ** 32 }, true), true),
      ui.button("Another weight", () => set({ w: thousandths((state.w + 0.382) % 1) })),
      uniform,
      two,
    ),
    slider.element,
  );

  const percent = () => (found.missed < 0.01 ? "less than 1" : number(100 * found.missed, 0));

  /** Say how things stand: twice on the way, and at the end what came of it. */
  function tell() {
    const words = shown < found.batch
      ? `${counted(found.batch, "random neuron")} fall into their segments. The first in each segment is a digit.`
      : decided < found.k ? "From the largest digit down, each that still fits is kept." : outcome();
    if (status.textContent !== words) status.textContent = words; // else it would be heard again
  }

  function outcome() {
    const { k, batch, needed, remainders } = found;
    const full = found.first.filter((n) => n >= 0).length;
    const words = [
      `${counted(k, "digit")} in base ${state.two ? "2" : "φ"}.`,
      `Filled by ${batch} ${state.uniform ? "uniform" : "hyperbolic"} samples:`,
      `${full === k ? "all" : `${full} of ${k}`}.`,
      `Kept: ${counted(found.kept.filter(Boolean).length, "neuron")};`,
      `${number(state.w, 3)} is missed by`,
      `${number(remainders.at(-1))} ${found.fits ? "≤" : ">"} ε = ${number(epsilon())}.`,
      found.missed > 0
        ? `Of all weights from 0 to 1, ${percent()}\u00a0% are missed by more than ε.`
        : "No other weight would be missed by more than ε, either.",
    ];
    if (state.uniform) {
      words.push(`With uniform weights it takes ${whole(needed.at(-1))} samples to fill ${k} digits.`);
    } else if (state.two) {
      words.push("More digits do not help: in base 2 they may add up to no more than ½.");
    }
    return words.join(" ");
  }

  // -- time ------------------------------------------------------------------------------------

  const places = new Map(); // where things are on their way to where they belong
  let last = 0;
  let pace = 1;
  let busy = false;

  /** Let time pass: samples fall, then digits are chosen. */
  function pass() {
    const now = performance.now();
    const seconds = Math.min((now - last) / 1000, 0.05);
    last = now;
    pace = still() ? 1 : 1 - Math.exp(-seconds / 0.11);
    if (still()) [shown, decided] = [found.batch, found.k];
    busy = shown < found.batch || decided < found.k;
    tell();
    if (shown < found.batch) shown = Math.min(found.batch, shown + SPEED.samples * seconds);
    else decided = Math.min(found.k, decided + SPEED.digits * seconds);
  }

  /** Where a thing is now that belongs to `target`; a new one comes from `start`. */
  function ease(key, target, start = target) {
    const now = places.get(key) ?? start;
    const next = Math.abs(target - now) < 0.2 || pace === 1 ? target : now + (target - now) * pace;
    places.set(key, next);
    if (next !== target) busy = true;
    return next;
  }

  // -- picture ---------------------------------------------------------------------------------

  const [X, CEILING, FLOOR, SLOT, BAR, LENS, PRICE] = [16, 62, 196, 230, 306, 396, 478];
  let before = 0; // width of the last picture

  /** How a digit looks that is there: still to be chosen, kept, or left out. */
  const look = (i) => (!known(i) ? "x-full" : kept(i) ? "x-kept" : "x-left");

  /** A part of the picture, which words of the text can light up. */
  const part = (name, ...children) =>
    svg("g", { "data-part": name, class: lit && lit !== name && "x-dim" }, ...children);

  function draw(width) {
    if (width !== before) places.clear();
    before = width;
    pass();
    const view = {
      width,
      narrow: width < 560,
      slot: Math.min(12, (0.42 * (width - 8)) / AXIS), // radius of a digit's circle
      /** On the logarithmic axis: 1 is at the left end. */
      log: (size) =>
        2 + ((width - 8) / AXIS) * Math.min(-Math.log(size) / Math.log(lp.PHI), AXIS),
      /** On the linear axis, from 0 to 1. */
      size: (value) => 2 + (width - 4) * value,
    };
    const ends = lp.segments(found.k, base());
    const boxes = ends.low.map((low, i) => {
      const left = ease(`left ${i}`, view.log(ends.high[i]), view.log(ends.low[i]));
      return { left, right: ease(`right ${i}`, view.log(low)) };
    });
    const parts = [
      segments(view, boxes),
      samples(view, ends),
      digits(view, boxes),
      sum(view, boxes),
      error(view),
      target(view),
      price(view),
    ];
    if (busy) queueMicrotask(redraw); // once this picture stands
    const height = PRICE + 92;
    return svg(
      "svg",
      {
        width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
        "aria-label": `${found.batch} random neurons sorted by size into ${found.k} equal segments of a logarithmic axis; the kept ones, end to end, reach from 0 almost to the target weight ${number(state.w, 3)}; below, what is missing, enlarged.`,
      },
      svg("defs", {}, ui.hatch("x-gap", "x-hatch-gap"), ui.hatch("x-sum", "x-hatch-block", 5, -45)),
      ...parts,
    );
  }

  /** The log axis: one box for each digit, all of one width. */
  function segments({ log, width, narrow }, boxes) {
    const every = narrow ? 3 : 1;
    const ticks = Array.from({ length: Math.ceil(AXIS / every) }, (_, i) => i * every);
    const cut = log(epsilon());
    return part(
      "segments",
      ...boxes.map(({ left, right }, i) =>
        rect(left, CEILING, right - left, FLOOR - CEILING, i % 2 ? "x-box x-odd" : "x-box")),
      line(2, FLOOR, width - 2, FLOOR, "x-axis"),
      line(cut, X + 22, cut, FLOOR, "x-cut"),
      text(cut + 5, CEILING - 8, "ε", "x-strong x-gold x-halo"),
      ...ticks.flatMap((i) => {
        const x = log(lp.PHI ** -i);
        const label = i === 0 ? "1" : number(lp.PHI ** -i, i < 5 ? 2 : 3).slice(1);
        return [line(x, FLOOR, x, FLOOR + 4, "x-axis"),
          text(x, FLOOR + 15, label, i === 0 ? "x-tiny" : "x-tiny x-middle")];
      }),
    );
  }

  /** The random neurons, sorted by size, with their edges from the input x. */
  function samples({ log, width, narrow }, ends) {
    const centre = width / 2;
    const dot = narrow ? 12 : 15; // pixels from one to the next
    const borders = [1, ...ends.high, ends.low.at(-1), lp.PHI ** -AXIS];
    const stacks = new Map();
    const dots = found.magnitudes.slice(0, Math.ceil(shown)).map((size, n) => {
      // a column of dots lies within one segment
      const box = borders.findIndex((end, i) => i > 0 && size >= end) - 1;
      const [high, low] = box < 0 ? borders.slice(-2) : [borders[box], borders[box + 1]];
      const [left, right] = [log(high), Math.max(log(low), log(high) + dot)];
      const columns = Math.max(1, Math.floor((right - left) / dot));
      const share = (log(size) - left) / (right - left);
      const column = Math.max(Math.min(Math.floor(columns * share), columns - 1), 0);
      const level = stacks.get(`${box} ${column}`) ?? 0;
      stacks.set(`${box} ${column}`, level + 1);
      return { n, level, x: left + ((column + 0.5) * (right - left)) / columns };
    });
    const tallest = Math.max(...stacks.values(), 1);
    const rise = Math.min(dot - 1, (FLOOR - CEILING - 8) / tallest);
    const role = new Map(found.first.map((n, i) => [n, i]));
    const [faint, edges, marks] = [[], [], []];
    for (const { n, level, x } of dots) {
      const at = [ease(`x ${n}`, x, centre), ease(`y ${n}`, FLOOR - dot / 2 - 1 - rise * level, X)];
      const i = role.get(n);
      if (kept(i)) edges.push(line(centre, X, ...at, "x-edge x-in"));
      else faint.push(`M${centre} ${X}L${at[0].toFixed(1)} ${at[1].toFixed(1)}`);
      const kind = i === undefined ? "x-spare" : look(i);
      marks.push(circle(...at, dot * (i === undefined ? 0.38 : 0.44), kind));
    }
    const count = Math.ceil(shown);
    return part(
      "samples",
      svg("path", { d: faint.join(""), class: "x-faint" }),
      ...edges,
      ...marks,
      circle(centre, X, 13, "x-node"),
      text(centre, X + 5, "x", "x-middle x-strong"),
      text(0, X - 2, counted(count, "random neuron"), "x-strong x-halo"),
      text(0, X + 15, "by size, logarithmic", "x-halo"),
      text(width, X - 2, state.uniform ? "uniform weights" : "hyperbolic weights", "x-end x-halo"),
      text(width, X + 15, state.uniform ? "on [0, 1]" : "density c/w", "x-end x-halo"),
    );
  }

  /** Below each box its digit: 1 where the first sample is kept, 0 where it is not, ? if none. */
  function digits(view, boxes) {
    const marks = boxes.flatMap(({ left, right }, i) => {
      const x = (left + right) / 2;
      const filled = found.first[i] >= 0 && found.first[i] < shown;
      const bit = !known(i) ? "" : !filled ? "?" : kept(i) ? "1" : "0";
      return [circle(x, SLOT, view.slot, filled ? look(i) : "x-empty"),
        text(x, SLOT + 5, bit, `x-middle x-strong${kept(i) ? " x-on-ink" : ""}`)];
    });
    const end = boxes.at(-1).right;
    const words = `${counted(found.k, "digit")}, base ${state.two ? 2 : "φ"}`;
    return part("digits", ...marks, view.width - end > 130 && text(end + 12, SLOT + 5, words));
  }

  /** The kept neurons: each becomes a block as long as its weight. */
  function sum(view, boxes) {
    let start = 0;
    let count = 0;
    const blocks = boxes.flatMap(({ left, right }, i) => {
      if (!kept(i)) return [];
      const size = sizeOf(i);
      const a = ease(`from ${i}`, view.size(start), view.size(start));
      const b = ease(`to ${i}`, view.size(start + size), view.size(start));
      start += size;
      const x = (left + right) / 2;
      const r = Math.min(0.7 * view.slot, (b - a) / 2);
      const top = SLOT + view.slot;
      const middle = (top + BAR) / 2;
      const kind = count++ % 2 ? "x-sum-hatched" : "x-block";
      return [
        svg("path", {
          d: `M${x - r} ${top}C${x - r} ${middle} ${a} ${middle} ${a} ${BAR}H${b}`
            + `C${b} ${middle} ${x + r} ${middle} ${x + r} ${top}Z`,
          class: "x-ribbon",
        }),
        rect(a, BAR, b - a, 26, kind),
        b - a > 44 && text((a + b) / 2, BAR + 18, number(size, 3).slice(1), "x-middle x-on-block"),
      ];
    });
    return part("kept", rect(view.size(0), BAR, view.width - 4, 26, "x-track"), ...blocks);
  }

  /** Where the target weight is, and which weights are out of reach. */
  function target({ size, width }) {
    const x = ease("target", size(state.w));
    const words = `target: ${number(state.w, 3)} x`;
    const y = BAR + 26;
    const all = decided >= found.k;
    return part(
      "target",
      all && rect(size(0), y + 4, width - 4, 8, "x-served"),
      ...(all ? found.holes : []).map(([start, end]) =>
        rect(size(start), y + 4, size(end) - size(start), 8, "x-gap")),
      text(2, y + 28, `ticket: ${number(reached(), 3)} x`, "x-strong"),
      text(2, y + 45, all && found.missed > 0
        ? `hatched: no choice comes within ε, ${percent()}\u00a0% of all weights`
        : all ? "every weight from 0 to 1 is in reach" : "", "x-small x-halo"),
      line(x, BAR - 10, x, y + 14, "x-target"),
      svg("path", { d: `M${x} ${BAR - 2}l-7 -11h14z`, class: "x-handle" }),
      text(Math.min(Math.max(x, 170), width - 2), y + 28, words,
        x > width - 70 ? "x-end x-strong" : "x-middle x-strong"),
      rect(0, BAR - 14, width, 60, "x-drag"),
    );
  }

  ui.drag(picture, (event) => {
    const box = picture.getBoundingClientRect();
    set({ w: thousandths((event.clientX - box.left - 2) / (box.width - 4)) });
  });

  /** What is missing, enlarged so that ε always has the same width. */
  function error({ size, width }) {
    const share = width * 0.26;
    const right = width * 0.8;
    const at = (value) => right - ((state.w - value) / epsilon()) * share;
    const end = Math.max(ease("lens", Math.max(at(reached()), -40)), 0);
    const rest = state.w - reached();
    const zoom = share / epsilon() / (width - 4);
    const [low, high] = [0, width].map((edge) => state.w + ((edge - right) / share) * epsilon());
    const y = LENS + 18;
    const verdict = rest <= epsilon() + 1e-12 ? "≤ ε" : "> ε";
    return part(
      "error",
      svg("path", {
        d: `M${size(Math.max(low, 0))} ${BAR + 26}L0 ${y}`
          + `M${size(Math.min(high, 1))} ${BAR + 26}L${width} ${y}`,
        class: "x-lens",
      }),
      rect(0, y, width, 26, "x-track"),
      rect(right - share, y, share, 26, "x-served"),
      rect(0, y, end, 26, "x-block"),
      line(right, y - 6, right, y + 32, "x-target"),
      line(end, y + 13, right, y + 13, "x-rest"),
      text(right - share / 2, y - 5, `ε = ${number(epsilon())}`, "x-middle x-small"),
      text(right + 6, y + 18, "w"),
      text(2, y + 42, zoom >= 1.5 ? `enlarged ${number(zoom, 0)} times` : "", "x-small"),
      text(right, y + 42, `missing: ${number(rest)} ${verdict}`, "x-end x-strong"),
    );
  }

  /** How many samples are enough, digit by digit: a step adds, or it multiplies. */
  function price({ width, narrow }) {
    const y = PRICE + 22;
    const most = lp.batchSize(MOST, 1 / MOST, DELTA) * 1.04;
    const row = (counts, top, kind, name) => {
      const parts = [];
      let from = 0;
      counts.forEach((count, i) => {
        const [a, b] = [from, Math.min(count, most)].map((n) => (n / most) * width);
        if (a < b) parts.push(rect(a, top, b - a, 16, i % 2 ? `${kind} x-odd` : kind));
        from = Math.min(count, most);
      });
      const over = counts.at(-1) > most;
      const words = `${name}: ${whole(counts.at(-1))}${over ? " →" : ""}`;
      parts.push(text(over ? width : 2, top + 30, words, over ? "x-end x-small" : "x-small"));
      return parts;
    };
    return part(
      "price",
      text(2, y - 7, narrow ? "enough samples, digit by digit"
        : `Samples that are enough, with probability 99\u00a0%, for 1, 2, …, ${found.k} digits`, "x-strong"),
      ...row(found.batches, y, "x-price", "hyperbolic"),
      ...row(found.needed, y + 38, "x-price x-bad", "uniform"),
    );
  }

  // -- start -----------------------------------------------------------------------------------

  const redraw = ui.stage(picture, draw);
  fromAddress();
  update();
  ui.parts(figure, picture, (name) => {
    lit = name;
    redraw();
  });
  window.addEventListener("hashchange", () => {
    fromAddress();
    update();
  });
  return () => {
    const { w, digits, seed } = state;
    return { weight: w, digits, base: base(), uniform: state.uniform, seed, delta: DELTA };
  };
});
