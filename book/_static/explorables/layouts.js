/* Interactive figure: which random neurons a weight may use, in three layouts, and what that costs. */
"use strict";

ui.explorable("layouts", ({ picture, controls, status }) => {
  const { svg, line, rect, circle, text, whole } = ui;
  const DELTA = 0.01;
  const MOST = 4; // inputs and outputs
  const LAYOUTS = ["reserved", "shared", "pooled"];
  const state = {
    layout: "reserved", inputs: 3, outputs: 2, digits: 4, chosen: [0, 0], seed: 1, signs: [],
  };
  let facts;
  const redraw = ui.stage(picture, draw);

  const sub = (n) => String.fromCharCode(0x2081 + n); // from 0
  const nameOf = (i, j) => `w${sub(i)}${sub(j)}`;

  // -- state -----------------------------------------------------------------------------------

  function compute() {
    const { layout, inputs, outputs, digits, signs, chosen } = state;
    const random = lp.generator(state.seed);
    const sizes = lp.blockSizes(inputs, outputs, digits, DELTA);
    const blocks = lp.blocksOf(layout, inputs, outputs).map((block) => {
      const neurons = lp.drawBlock(sizes[layout], inputs, outputs, digits, random);
      return { ...block, neurons, served: lp.serve(neurons, block, signs, digits) };
    });
    const [i, j] = chosen;
    const own = blocks.findIndex(({ from, to }) => from.includes(j) && to.includes(i));
    const ends = lp.segments(digits, lp.PHI);
    const { neurons, served } = blocks[own];
    const totals = Object.fromEntries(LAYOUTS.map((name) =>
      [name, sizes[name] * lp.blocksOf(name, inputs, outputs).length]));
    facts = {
      sizes, blocks, own, totals,
      able: neurons.map((neuron) => lp.requirementOf(neuron, i, j, signs[i][j], ends) >= 0),
      by: served.find((weight) => weight.i === i && weight.j === j).by,
    };
  }

  function set(change) {
    Object.assign(state, change);
    const { inputs, outputs, chosen } = state;
    state.chosen = [Math.min(chosen[0], outputs - 1), Math.min(chosen[1], inputs - 1)];
    if (change.seed) {
      const random = lp.generator(2 ** 31 + state.seed);
      const row = () => lp.numbers(random, MOST).map((u) => (u < 0.5 ? -1 : 1));
      state.signs = Array.from({ length: MOST }, row);
    }
    compute();
    for (const name of LAYOUTS) choices[name].setAttribute("aria-pressed", state.layout === name);
    showWeights();
    tell();
    redraw();
  }

  // -- controls --------------------------------------------------------------------------------

  const slider = (label, name, min, max) => ui.slider({
    label, min, max, step: 1, value: state[name], show: String,
    change: (value) => set({ [name]: value }),
  }).element;

  const choices = Object.fromEntries(LAYOUTS.map((name) =>
    [name, ui.button(name[0].toUpperCase() + name.slice(1), () => set({ layout: name }))]));

  // one button for each weight: a row for each output, as in the matrix
  const weights = Array.from({ length: MOST }, (_, i) => Array.from({ length: MOST }, (_, j) =>
    ui.button("", () => set({ chosen: [i, j] }))));
  const matrix = ui.html("div", { class: "x-matrix", role: "group", "aria-label": "Target weights" });

  function showWeights() {
    const { inputs, outputs, chosen, signs } = state;
    weights.flat().forEach((button, at) => {
      const [i, j] = [Math.floor(at / MOST), at % MOST];
      button.textContent = `${nameOf(i, j)} ${signs[i][j] < 0 ? "<" : ">"} 0`;
      button.setAttribute("aria-pressed", i === chosen[0] && j === chosen[1]);
    });
    matrix.style.setProperty("--columns", inputs);
    const wanted = weights.slice(0, outputs).flatMap((row) => row.slice(0, inputs));
    // what has the focus stays in its place
    if (wanted.length !== matrix.children.length || wanted.some((b, n) => b !== matrix.children[n])) {
      matrix.replaceChildren(...wanted);
    }
  }

  controls.append(
    slider("Inputs", "inputs", 1, MOST),
    slider("Outputs", "outputs", 1, MOST),
    slider("Digits k", "digits", 1, 10),
    ui.html(
      "div",
      { class: "x-buttons" },
      ...Object.values(choices),
      ui.button("Other neurons", () => set({ seed: state.seed + 1 })),
    ),
    matrix,
  );

  const WHOSE = {
    reserved: ({ i, j }) => `of its own block, which no other weight may use`,
    shared: ({ j, outputs }) => `of the block of x${sub(j)}, with ${outputs > 1
      ? "the weights to all other outputs" : "no other weight"}: a neuron keeps one edge in and many out`,
    pooled: ({ i, inputs }) => `of the pool of y${sub(i)}${inputs > 1
      ? ", with all weights to it: a neuron serves one of them" : ", alone"}`,
  };

  function tell() {
    const { layout, inputs, outputs, digits, chosen } = state;
    const [i, j] = chosen;
    const { sizes, totals, able, by } = facts;
    const served = by.filter((n) => n >= 0).length;
    const total = totals[layout];
    const per = ui.number(total / (inputs * outputs), 1);
    status.textContent = [
      `${nameOf(i, j)} may use the ${whole(sizes[layout])} neurons ${WHOSE[layout]({ i, j, inputs, outputs })}.`,
      `${whole(able.filter(Boolean).length)} of them satisfy one of its ${2 * digits} requirements;`,
      served === 2 * digits ? `it uses ${served}.` : `it uses ${served}: this draw fails.`,
      `The layer takes ${whole(total)} neurons, ${per} per weight,`,
      `and ${whole(total * (inputs + outputs))} random weights; it fails with probability at most ${DELTA}.`,
    ].join(" ");
  }

  // -- picture ---------------------------------------------------------------------------------

  const [TOP, TALL] = [26, 192]; // of the neurons, reserved

  function draw(width) {
    const side = width < 500 ? 40 : 70; // room for the edges on both sides
    const layer = neurons(width, side);
    const costs = bars(width, layer.end + 28);
    const key = ui.legend(
      [
        [circle(0, 0, 5, "x-kept"), "used by the weight"],
        [circle(0, 0, 5, "x-left"), "could serve it as well"],
        [circle(0, 0, 5, "x-full"), "used by other weights"],
        [svg("path", { d: "M0 0h0", class: "x-neurons" }), "any other neuron"],
      ],
      costs.end + 22,
      width,
    );
    return svg(
      "svg",
      {
        width, height: key.end, viewBox: `0 0 ${width} ${key.end}`, role: "img",
        "aria-label": `${state.inputs} inputs, ${facts.blocks.length} blocks of ${facts.sizes[state.layout]} random neurons, ${state.outputs} outputs; the block that weight ${nameOf(...state.chosen)} may use is marked. Below, the neurons per weight in all three layouts.`,
      },
      ...layer.parts,
      ...costs.parts,
      key.group,
    );
  }

  /** The blocks, one dot for a neuron: rows are inputs, columns outputs, all to one scale. */
  function neurons(width, side) {
    const { inputs, outputs, layout, chosen } = state;
    const { sizes, blocks, own, able, by } = facts;
    const cell = [(width - 2 * side) / outputs, TALL / inputs];
    const pitch = Math.min(13, Math.sqrt(((cell[0] - 8) * (cell[1] - 8)) / (1.06 * sizes.reserved)));
    const columns = Math.max(1, Math.floor((cell[0] - 8) / pitch));
    const ports = (count) => Array.from({ length: count }, (_, n) => TOP + (TALL * (n + 0.5)) / count);
    const [ins, outs] = [ports(inputs), ports(outputs)];
    const [edges, boxes, marks, plain, hits] = [[], [], [], [], []];
    let end = TOP + TALL;
    blocks.forEach(({ from, to, neurons: all, served }, b) => {
      const x = side + cell[0] * (to.length > 1 ? 0 : to[0]) + 4;
      const y = TOP + cell[1] * (from.length > 1 ? 0 : from[0]) + 4;
      const wide = columns * pitch;
      const tall = Math.ceil(all.length / columns) * pitch;
      const at = (n) => [x + pitch * ((n % columns) + 0.5), y + pitch * (Math.floor(n / columns) + 0.5)];
      boxes.push(rect(x - 2, y - 2, wide + 4, tall + 4, b === own ? "x-block-own" : "x-track"));
      const [i, j] = chosen;
      const next = [to.includes(i) ? i : to[0], from.includes(j) ? j : from[0]];
      const hit = rect(x - 2, y - 2, wide + 4, tall + 4, "x-hit");
      hit.addEventListener("click", () => set({ chosen: next }));
      hits.push(hit);
      end = Math.max(end, y + tall + 4);
      const others = new Set(served.flatMap((weight) => weight.by));
      const mine = new Set(b === own ? by : []);
      all.forEach((_, n) => {
        const [cx, cy] = at(n);
        if (mine.has(n)) {
          marks.push(circle(cx, cy, 0.46 * pitch, "x-kept"));
          edges.push(`M14 ${ins[chosen[1]]}L${cx.toFixed(1)} ${cy.toFixed(1)}L${width - 14} ${outs[chosen[0]]}`);
        } else if (others.has(n)) marks.push(circle(cx, cy, 0.32 * pitch, "x-full x-thin"));
        else if (b === own && able[n]) marks.push(circle(cx, cy, 0.36 * pitch, "x-left x-thin"));
        else plain.push(`M${cx.toFixed(1)} ${cy.toFixed(1)}h0`);
      });
    });
    const nodes = [[ins, 14, "x", 1], [outs, width - 14, "y", 0]].flatMap(([ys, x, letter, which]) =>
      ys.flatMap((y, n) => [
        circle(x, y, 13, n === chosen[which] ? "x-node x-chosen" : "x-node"),
        text(x, y + 5, `${letter}${sub(n)}`, "x-middle x-strong"),
      ]));
    const count = `${layout}: ${blocks.length} × ${whole(sizes[layout])} neurons`;
    return {
      end,
      parts: [
        text(0, 12, count, "x-strong"),
        ...boxes,
        svg("path", { d: plain.join(""), class: "x-neurons" }),
        svg("path", { d: edges.join(""), class: "x-use" }),
        ...marks,
        ...hits,
        ...nodes,
      ],
    };
  }

  /** Neurons per weight, in all three layouts. */
  function bars(width, top) {
    const { inputs, outputs, digits, layout } = state;
    const per = LAYOUTS.map((name) => facts.totals[name] / (inputs * outputs));
    const [left, right] = [72, width - 56];
    const x = (value) => left + ((right - left) * value) / Math.max(...per);
    const least = x(2 * digits);
    const parts = [text(0, top, "neurons per weight", "x-strong")];
    LAYOUTS.forEach((name, n) => {
      const y = top + 10 + 24 * n;
      const chosen = name === layout;
      parts.push(
        text(0, y + 13, name, chosen ? "x-strong" : ""),
        rect(left, y, x(per[n]) - left, 17, chosen ? "x-bar x-two" : "x-track"),
        text(x(per[n]) + 6, y + 13, ui.number(per[n], 1), chosen ? "x-strong" : ""),
      );
    });
    const end = top + 10 + 24 * LAYOUTS.length;
    parts.push(
      line(least, top + 8, least, end, "x-cut"),
      text(least + 4, end + 8, `2k = ${2 * digits}: no pool takes fewer`, "x-small"),
    );
    return { parts, end: end + 8 };
  }

  set({ seed: 1 });
  return () => {
    const { layout, inputs, outputs, digits, chosen, seed, signs } = state;
    const used = signs.slice(0, outputs).map((row) => row.slice(0, inputs));
    return { layout, inputs, outputs, digits, chosen, seed, signs: used, delta: DELTA };
  };
});
