/* Interactive figure: errors of all weights, on their way through a network, and what bounds them. */
"use strict";

ui.explorable("budget", ({ picture, controls, status }) => {
  const { svg, line, rect, circle, text, whole, significant } = ui;
  const [WIDTH, MOST] = [5, 7]; // neurons of a layer; layers
  const OTHERS = 40; // inputs beside the one that is followed
  const EPSILONS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
  const state = { depth: 6, step: 0.01, epsilon: 0.1, seed: 3, signs: [], inputs: [], all: [] };
  let facts;
  const redraw = ui.stage(picture, draw);

  // -- state -----------------------------------------------------------------------------------

  /** Another network, with errors up or down at random. */
  function drawAnew() {
    const random = lp.generator(state.seed);
    state.all = lp.drawNetwork(WIDTH, MOST, random);
    state.inputs = Array.from({ length: OTHERS + 1 }, () => lp.drawInput(WIDTH, random));
    const signOf = () => (random() < 0.5 ? -1 : 1);
    state.signs = state.all.map((matrix) => matrix.map((row) => row.map(signOf)));
  }

  function compute() {
    const { depth, step, signs, inputs, all } = state;
    const matrices = all.slice(0, depth);
    const norms = lp.layerNorms(matrices);
    const errors = inputs.map((x) => lp.neuronErrors(matrices, step, signs, x));
    const budget = lp.errorBudget(norms, step);
    const seen = errors.map((layers) => layers.map(lp.norm)); // of each input, layer by layer
    facts = { matrices, norms, errors: errors[0], budget, seen, proved: budget.at(-1).error };
  }

  function set(change) {
    Object.assign(state, change);
    if (change.seed) drawAnew();
    compute();
    depth.set(state.depth);
    step.set(Math.log10(state.step));
    tell();
    redraw();
  }

  // -- controls --------------------------------------------------------------------------------

  const step = ui.slider({
    label: "Error of each weight", min: -5, max: -0.5, step: 0.1, value: Math.log10(state.step),
    show: () => `±${significant(state.step)}`,
    change: (value) => set({ step: 10 ** value }),
  });
  const allowed = ui.slider({
    label: "Error allowed, ε", min: 0, max: EPSILONS.length - 1, step: 1, value: 3,
    show: (value) => String(EPSILONS[value]),
    change: (value) => set({ epsilon: EPSILONS[value] }),
  });
  const depth = ui.slider({
    label: "Layers ℓ", min: 1, max: MOST, step: 1, value: state.depth, show: String,
    change: (value) => {
      play.stop();
      set({ depth: value });
    },
  });

  const play = ui.player({
    every: 900,
    begin: () => set({ depth: 1 }),
    next: () => set({ depth: state.depth + 1 }),
    done: () => state.depth === MOST,
    jump: () => set({ depth: state.depth === MOST ? 1 : state.depth + 1 }),
  });

  controls.append(
    step.element,
    allowed.element,
    depth.element,
    ui.html(
      "div",
      { class: "x-buttons" },
      play.element,
      ui.button("Solve for ε", () => set({ step: lp.weightBudget(facts.norms, state.epsilon) })),
      ui.button("Worst signs", worst),
      ui.button("Another network", () => set({ seed: state.seed + 1 })),
    ),
  );

  /** Each weight errs so that it does most harm to the input that is followed. */
  function worst() {
    const signs = lp.adversary(facts.matrices, state.step, state.signs, state.inputs[0]);
    set({ signs: [...signs, ...state.signs.slice(state.depth)] });
  }

  function tell() {
    const { budget, proved, seen } = facts;
    const { arrives } = budget.at(-1);
    const here = seen[0].at(-1);
    const layers = `${state.depth} layer${state.depth > 1 ? "s" : ""}`;
    const fits = proved <= state.epsilon * (1 + 1e-9);
    status.textContent = [
      `Every weight errs by ${significant(state.step)}.`,
      `After ${layers} the output errs by ${significant(here)} on the input that is followed;`,
      `proved for all inputs: ${significant(proved, 3)} ${fits ? "≤" : ">"} ε = ${state.epsilon}.`,
      `Of that bound ${whole(Math.round((100 * arrives) / proved))}\u00a0% arrives wrong from the layer before;`,
      here > 0 ? `it is ${significant(proved / here)} times the error that is seen.` : "",
    ].join(" ");
  }

  // -- picture ---------------------------------------------------------------------------------

  const [NET, CHART, SHARES] = [22, 172, 358]; // where the three parts begin
  const [NET_END, CHART_END, SHARES_END] = [148, 322, 396];

  function draw(width) {
    const left = 46;
    const x = (layer) => left + 14 + ((width - left - 34) * layer) / MOST;
    const key = ui.legend(
      [
        [svg("path", { d: "M0 -6l6 6l-6 6l-6 -6z", class: "x-full" }), "proved for all"],
        [rect(-5, -5, 10, 10, "x-kept"), "seen, one input"],
        [line(-6, 0, 6, 0, "x-other"), "other inputs"],
        [rect(-8, -6, 16, 12, "x-arrives"), "arrives wrong"],
        [rect(-8, -6, 16, 12, "x-made"), "made here"],
      ],
      SHARES_END + 42,
      width,
    );
    return svg(
      "svg",
      {
        width, height: key.end, viewBox: `0 0 ${width} ${key.end}`, role: "img",
        "aria-label": `A network of ${state.depth} layers with the error of each neuron; below each layer the error that is proved and the errors that are seen, on a logarithmic axis, and what the proved one is made of.`,
      },
      svg("defs", {}, ui.hatch("x-making", "x-hatch-made")),
      ...network(x),
      ...chart(x, left, width),
      ...shares(x, left, width),
      key.group,
    );
  }

  /** The network; the discs in its neurons are their errors, the largest of them full. */
  function network(x) {
    const { errors } = facts;
    const y = (j) => NET + 14 + ((NET_END - NET - 28) * j) / (WIDTH - 1);
    const radius = Math.min(12, 0.36 * (x(1) - x(0)));
    const most = Math.max(...errors.flat().map(Math.abs));
    const nodes = Array.from({ length: WIDTH }, (_, j) => circle(x(0), y(j), radius, "x-node"));
    const edges = { 1: [], "-1": [] };
    errors.forEach((layer, i) => {
      layer.forEach((error, j) => {
        state.signs[i][j].forEach((sign, l) => edges[sign].push(
          `M${x(i).toFixed(1)} ${y(l).toFixed(1)}L${x(i + 1).toFixed(1)} ${y(j).toFixed(1)}`));
        const share = most > 0 ? Math.sqrt(Math.abs(error) / most) : 0;
        nodes.push(circle(x(i + 1), y(j), radius, "x-node"),
          circle(x(i + 1), y(j), radius * share, "x-wrong"));
      });
    });
    return [
      text(0, 13, "error of each neuron, by area", "x-strong"),
      x(MOST) > 500 && text(x(MOST) + 14, 13, "weights too large: solid; too small: dashed", "x-end"),
      svg("path", { d: edges[1].join(""), class: "x-weight" }),
      svg("path", { d: edges["-1"].join(""), class: "x-weight x-negative" }),
      ...nodes,
      text(x(0), NET_END + 12, "x", "x-middle x-strong"),
    ];
  }

  /** A power of ten, in full where that is short. */
  const power = (x, y, exponent) =>
    exponent > -3
      ? text(x, y, String(10 ** exponent), "x-end x-small")
      : svg("text", { x, y, class: "x-end x-small" }, "10",
          svg("tspan", { dy: -5, class: "x-tiny" }, `−${-exponent}`));

  /** Errors of the layers, proved and seen. */
  function chart(x, left, width) {
    const { budget, seen } = facts;
    const found = seen.flat().filter((error) => error > 0);
    const low = Math.floor(Math.log10(Math.min(...found, state.epsilon) / 1.2));
    const high = Math.ceil(Math.log10(1.2 * Math.max(facts.proved, state.epsilon)));
    const [top, floor] = [CHART + 16, CHART_END];
    const y = (error) => floor - ((floor - top) * (Math.log10(error) - low)) / (high - low);
    const decades = Array.from({ length: high - low + 1 }, (_, i) => low + i);
    const every = Math.ceil(decades.length / 7);
    const path = (errors) => errors.map((error, i) => `${i ? "L" : "M"}${x(i + 1)} ${y(error)}`).join("");
    const followed = seen[0].map((error) => Math.max(error, 10 ** low));
    const dashes = seen.slice(1).flatMap((errors) => errors.map((error, i) => error > 0
      ? `M${x(i + 1) - 7} ${y(error).toFixed(1)}h14` : ""));
    const mark = y(state.epsilon);
    return [
      text(0, CHART + 4, "error of a layer's outputs", "x-strong"),
      ...decades.filter((_, i) => i % every === 0).flatMap((decade) => [
        line(left, y(10 ** decade), width, y(10 ** decade), "x-grid"),
        power(left - 6, y(10 ** decade) + 4, decade),
      ]),
      line(left, mark, width, mark, "x-cut"),
      text(left + 4, mark - 5, `ε = ${state.epsilon}`, "x-halo"),
      svg("path", { d: dashes.join(""), class: "x-other" }),
      svg("path", { d: path(budget.map(({ error }) => error)), class: "x-bound" }),
      svg("path", { d: path(followed), class: "x-curve x-ticket" }),
      ...budget.map(({ error }, i) =>
        svg("path", { d: `M${x(i + 1)} ${y(error) - 7}l7 7l-7 7l-7 -7z`, class: "x-full" })),
      ...followed.map((error, i) => rect(x(i + 1) - 5, y(error) - 5, 10, 10, "x-kept")),
    ];
  }

  /** What the bound of each layer is made of. */
  function shares(x, left, width) {
    const tall = SHARES_END - SHARES;
    const wide = Math.min(44, 0.7 * (x(1) - x(0)));
    return [
      text(0, SHARES - 12, "what the bound is made of", "x-strong"),
      line(left, SHARES_END, width, SHARES_END, "x-axis"),
      ...facts.budget.flatMap(({ arrives, error }, i) => {
        const solid = (tall * arrives) / error;
        const at = x(i + 1) - wide / 2;
        return [
          rect(at, SHARES, wide, tall - solid, "x-made"),
          rect(at, SHARES_END - solid, wide, solid, "x-arrives"),
          text(x(i + 1), SHARES_END + 17, String(i + 1), "x-middle x-small"),
        ];
      }),
      text(left - 6, SHARES_END + 17, "layer", "x-end x-small"),
    ];
  }

  set({ seed: 3 });
  return () => {
    const { seed, depth, step, epsilon } = state;
    const rowOf = (row) => row.map((sign) => (sign > 0 ? "+" : "-")).join("");
    return { seed, depth, step, epsilon, signs: state.signs.map((rows) => rows.map(rowOf).join(" ")) };
  };
});
