/* Interactive figure: a tiny network, found step by step inside a random one. */
"use strict";

ui.explorable("pruned", ({ picture, controls, status }) => {
  const { svg, line, rect, circle, text, number } = ui;
  // F has one input x in [0, 2], two hidden ReLU neurons with biases, and one output.
  const WEIGHTS = [
    { name: "x → h₁", from: "x", to: "h₁", value: 0.85 },
    { name: "x → h₂", from: "x", to: "h₂", value: -0.6 },
    { name: "1 → h₁", from: "1", to: "h₁", value: -0.45 },
    { name: "1 → h₂", from: "1", to: "h₂", value: 0.9 },
    { name: "h₁ → y", from: "h₁", to: "y", value: 0.9 },
    { name: "h₂ → y", from: "h₂", to: "y", value: 0.7 },
  ];
  // in which order they get a digit: from the second one on, each decision shows in the output
  const ORDER = [3, 5, 0, 4, 1, 2];
  const DELTA = 0.2; // one draw of G in five may lack a digit
  const GRID = Array.from({ length: 201 }, (_, i) => i / 100);

  const state = { k: 6, seed: 3, step: 0, whole: true, blocks: [], neurons: 0 };
  const steps = () => WEIGHTS.length * state.k;
  const redraw = ui.stage(picture, draw);

  /** F or Ĝ from six numbers in the order of WEIGHTS. */
  const network = ([ux, vx, u1, v1, a, b]) => (x) => lp.output([[[ux, u1], [vx, v1]], [a, b]], x);
  const target = network(WEIGHTS.map(({ value }) => value));

  function set(change) {
    Object.assign(state, change);
    if (change.k || change.seed) {
      const { k } = state;
      state.neurons = lp.batchSize(WEIGHTS.length * k, 1 / (2 * k), DELTA);
      const random = lp.generator(state.seed);
      state.blocks = WEIGHTS.map(({ value }) => {
        const neurons = lp.drawNeurons(state.neurons, k, lp.PHI, random);
        return { neurons, ...lp.prune(value, neurons, k, lp.PHI) };
      });
    }
    state.step = Math.min(Math.max(state.step, 0), steps());
    slider.element.lastChild.max = steps();
    slider.set(state.step);
    tell();
    redraw();
  }

  /** After `step` decisions, how many digits of weight j are decided: all digits 1 come first. */
  const decided = (j, step = state.step) =>
    Math.floor(step / WEIGHTS.length) + (ORDER.indexOf(j) < step % WEIGHTS.length ? 1 : 0);

  /** What stands for weight j in Ĝ so far. */
  function effective(j, step = state.step) {
    const size = Math.abs(WEIGHTS[j].value) - state.blocks[j].remainders[decided(j, step)];
    return Math.sign(WEIGHTS[j].value) * size;
  }

  /** The last decision: which weight, which digit, which neuron, and whether it is kept. */
  function last() {
    if (state.step === 0) return undefined;
    const j = ORDER[(state.step - 1) % WEIGHTS.length];
    const digit = decided(j) - 1;
    const { first, kept, neurons, remainders } = state.blocks[j];
    const n = first[digit];
    return { j, digit, n, kept: kept[digit], size: Math.abs(neurons[n]), rest: remainders[digit] };
  }

  /** Largest error of Ĝ on a grid of inputs, and where. */
  function worst(ticket) {
    const errors = GRID.map((x) => Math.abs(target(x) - ticket(x)));
    const error = Math.max(...errors);
    return { error, x: GRID[errors.indexOf(error)] };
  }

  const keptNeurons = () =>
    state.blocks.reduce((sum, { kept }, j) => sum + kept.slice(0, decided(j)).filter(Boolean).length, 0);

  // -- controls --------------------------------------------------------------------------------

  const slider = ui.slider({
    label: "Step", min: 0, max: steps(), step: 1, value: 0,
    show: (value) => `${value} of ${steps()}`,
    change: (value) => {
      play.stop();
      set({ step: value });
    },
  });
  const digits = ui.slider({
    label: "Digits k", min: 2, max: 8, step: 1, value: state.k, show: String,
    change: (value) => set({ k: value, step: 0 }),
  });
  const play = ui.player({
    every: 450,
    begin: () => set({ step: state.step === steps() ? 1 : state.step + 1 }),
    next: () => set({ step: state.step + 1 }),
    done: () => state.step === steps(),
    jump: () => set({ step: steps() }),
  });
  const by = (step) => () => {
    play.stop();
    set({ step: step() });
  };
  const whole = ui.html("input", {
    type: "checkbox", checked: true,
    on: { change: (event) => set({ whole: event.target.checked }) },
  });
  controls.append(
    slider.element,
    digits.element,
    ui.html(
      "div",
      { class: "x-buttons" },
      play.element,
      ui.button("Back", by(() => state.step - 1)),
      ui.button("Next", by(() => state.step + 1)),
      ui.button("Next digit", by(() =>
        WEIGHTS.length * (Math.floor(state.step / WEIGHTS.length) + 1))),
      ui.button("New G", () => set({ seed: state.seed + 1 })),
      ui.html("label", { class: "x-check" }, whole, " Show what is deleted"),
    ),
  );

  function tell() {
    const { error } = worst(network(WEIGHTS.map((_, j) => effective(j))));
    const now = last();
    const what = [];
    if (!now) {
      what.push(`G has ${state.neurons} random neurons for each weight of F; none is kept yet.`);
    } else {
      what.push(`Weight ${WEIGHTS[now.j].name}, digit ${now.digit + 1}:`);
      if (now.n < 0) {
        what.push("no neuron supplies it, so this G is one of those that fail (at most one in five).");
      } else {
        what.push(`neuron ${now.n + 1} supplies ${number(now.size)},`);
        what.push(now.kept ? "fits into" : "more than");
        what.push(`what is left, ${number(now.rest)}: ${now.kept ? "kept" : "deleted"}.`);
      }
    }
    what.push(`Kept: ${keptNeurons()} of ${WEIGHTS.length * state.neurons} neurons.`);
    what.push(`Largest error of the output: ${number(error)}.`);
    status.textContent = what.join(" ");
  }

  // -- picture ---------------------------------------------------------------------------------

  function draw(width) {
    const beside = width >= 640;
    const wide = beside ? Math.round(0.56 * width) : width;
    const plotWide = beside ? width - wide - 30 : width;
    const at = (x, y, parts) => svg("g", { transform: `translate(${x} ${y})` }, ...parts);
    const height = beside ? 372 : 740;
    return svg(
      "svg",
      {
        width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
        "aria-label": "The random network with the kept neurons, the outputs of target and ticket, and the six weights as sums of kept samples.",
      },
      svg("defs", {}, ui.hatch("x-sum", "x-hatch-block", 5, -45)),
      at(0, 0, graph(wide, 366)),
      at(beside ? wide + 30 : 0, beside ? 0 : 376, plot(plotWide, 206)),
      at(beside ? wide + 30 : 0, beside ? 218 : 590, sums(plotWide)),
    );
  }

  /** G, with every neuron between two columns of F, and what is kept of it. */
  function graph(width, height) {
    const place = {
      x: [14, 0.28 * height], 1: [14, 0.76 * height],
      "h₁": [0.54 * width, 0.3 * height], "h₂": [0.54 * width, 0.74 * height],
      y: [width - 14, 0.52 * height],
    };
    const route = (x1, y1, x, y, x2, y2) =>
      `M${x1.toFixed(1)} ${y1.toFixed(1)}L${x.toFixed(1)} ${y.toFixed(1)}L${x2.toFixed(1)} ${y2.toFixed(1)}`;
    const columns = [0.27 * width, 0.79 * width];
    const now = last();
    const bold = [];
    const faint = [];
    const dots = [];
    WEIGHTS.forEach(({ from, to, name }, j) => {
      const { neurons, first, kept } = state.blocks[j];
      const layer = j < 4 ? 0 : 1;
      const [x1, y1] = place[from];
      const [x2, y2] = place[to];
      const x = columns[layer];
      const tall = (height - 34) / (layer === 0 ? 4 : 2);
      const top = 32 + tall * (layer === 0 ? j : j - 4);
      const y = (n) => top + 6 + ((tall - 22) * (n + 0.5)) / neurons.length;
      neurons.forEach((_, n) => faint.push(route(x1, y1, x, y(n), x2, y2)));
      const done = new Set();
      first.slice(0, decided(j)).forEach((n, i) => {
        if (n < 0 || !kept[i]) return;
        done.add(n);
        const dash = neurons[n] < 0 ? "x-edge x-negative" : "x-edge";
        const out = line(x, y(n), x2, y2, dash);
        out.setAttribute("stroke-width", (1 + 6 * Math.abs(neurons[n])).toFixed(2));
        bold.push(line(x1, y1, x, y(n), "x-edge x-in"), out, circle(x, y(n), 3.5, "x-kept"));
      });
      neurons.forEach((_, n) => {
        if (!done.has(n)) dots.push(`M${x.toFixed(1)} ${y(n).toFixed(1)}h0`);
      });
      if (now && now.j === j && now.n >= 0) {
        bold.push(circle(x, y(now.n), 8, now.kept ? "x-now" : "x-now x-refused"));
      }
      bold.push(text(x, top + 1, name, "x-middle x-small x-halo"));
    });
    const nodes = Object.entries(place).flatMap(([name, [x, y]]) => [
      circle(x, y, 13, "x-node"),
      text(x, y + 5, name, "x-middle x-strong"),
    ]);
    const deleted = [
      svg("path", { d: faint.join(""), class: "x-faint" }),
      svg("path", { d: dots.join(""), class: "x-neurons" }),
    ];
    return [
      text(0, 12, state.whole ? "G, and Ĝ in it" : "Ĝ", "x-strong"),
      ...(state.whole ? deleted : []),
      ...bold,
      ...nodes,
    ];
  }

  /** The outputs of F and of what is kept so far. */
  function plot(width, height) {
    const [left, right, top, floor] = [28, width - 8, 30, height - 28];
    const weights = WEIGHTS.map((_, j) => effective(j));
    const ticket = network(weights);
    const [ux, vx, u1, v1] = weights;
    const hidden = [[ux, u1], [vx, v1]].map((neuron) => (v) => lp.output([[neuron], [1]], v));
    const x = (value) => left + ((right - left) * value) / 2;
    const y = (value) => floor - ((floor - top) * value) / 1.2;
    const path = (f) => GRID.map((v, i) => `${i ? "L" : "M"}${x(v).toFixed(1)} ${y(f(v)).toFixed(1)}`).join("");
    const bad = worst(ticket);
    const xs = [0, 0.5, 1, 1.5, 2];
    const mark = (kind) => line(-12, 0, 10, 0, kind);
    return [
      svg("g", {}, ui.legend(
        [[mark("x-curve"), "F"], [mark("x-curve x-ticket"), "Ĝ"],
          [mark("x-hidden"), "h₁, h₂"], [line(0, -7, 0, 7, "x-gap-mark"), "error"]],
        9, width + 40).group),
      ...xs.flatMap((v) => [line(x(v), floor, x(v), floor + 4, "x-axis"),
        text(x(v), floor + 17, String(v), "x-middle x-small")]),
      ...[0, 0.5, 1].flatMap((v) => [line(left - 4, y(v), left, y(v), "x-axis"),
        text(left - 7, y(v) + 4, String(v), "x-end x-small")]),
      line(left, floor, right, floor, "x-axis"),
      line(left, top, left, floor, "x-axis"),
      line(x(bad.x), y(target(bad.x)), x(bad.x), y(ticket(bad.x)), "x-gap-mark"),
      ...hidden.map((f) => svg("path", { d: path(f), class: "x-hidden" })),
      svg("path", { d: path(target), class: "x-curve" }),
      svg("path", { d: path(ticket), class: "x-curve x-ticket" }),
    ];
  }

  /** Every weight of F (a tick) and the kept samples that stand for it, end to end. */
  function sums(width) {
    const [left, right] = [92, width - 8];
    const x = (value) => left + (right - left) * value;
    const now = last();
    const parts = [];
    WEIGHTS.forEach(({ name, value }, j) => {
      const y = 6 + 22 * j;
      const { neurons, first, kept } = state.blocks[j];
      let [sum, count] = [0, 0];
      parts.push(
        text(0, y + 12, name, now && now.j === j ? "x-strong" : ""),
        text(left - 6, y + 12, number(value, 2), "x-end"),
        rect(x(0), y, x(1) - x(0), 15, "x-track"),
      );
      first.slice(0, decided(j)).forEach((n, i) => {
        if (!kept[i]) return;
        const size = Math.abs(neurons[n]);
        parts.push(rect(x(sum), y, x(sum + size) - x(sum), 15, count++ % 2 ? "x-sum-hatched" : "x-block"));
        sum += size;
      });
      parts.push(line(x(Math.abs(value)), y - 3, x(Math.abs(value)), y + 18, "x-target"));
    });
    parts.push(text(0, 154, "kept samples, end to end; mark: target", "x-small"));
    return parts;
  }

  set({ seed: 3 });
  return () => ({ k: state.k, seed: state.seed, step: state.step, delta: DELTA });
});
