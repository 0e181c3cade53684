/* Interactive figure: draw a digit; the target and its ticket answer, and the ticket can be cut down. */
"use strict";

/** The digits network and its ticket, from draw-data.js; tests compare them with `lpbook`. */
const drawn = (() => {
  const bytes = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const floats = (text) => new Float32Array(bytes(text).buffer);
  const weights = drawData.weights.map(floats);
  const places = drawData.places.map((text) => new Uint16Array(bytes(text).buffer));
  const products = drawData.products.map(floats);
  const pixels = bytes(drawData.images);
  const images = Array.from({ length: pixels.length / 64 }, (_, i) =>
    Array.from(pixels.slice(64 * i, 64 * (i + 1)), (value) => value / 16),
  );
  const kept = products.reduce((sum, layer) => sum + layer.length, 0);

  // In which order kept products are deleted: each has a random number of its own.
  const random = lp.generator(1);
  const order = products.map((layer) => Float32Array.from(layer, () => random()));

  /** What stands for each weight when a share of the kept products is deleted. */
  function effective(share) {
    return products.map((layer, l) => {
      const sums = new Float64Array(weights[l].length);
      layer.forEach((product, i) => {
        if (order[l][i] >= share) sums[places[l][i]] += product;
      });
      return sums;
    });
  }

  /** The logits of 64 pixels from 0 to 1; the constant 1 is the last input of each layer. */
  function logits(matrices, x) {
    return matrices.reduce((values, matrix, l) => {
      const [rows, columns] = drawData.shapes[l];
      const inputs = [...values, 1];
      return Array.from({ length: rows }, (_, i) => {
        let sum = 0;
        for (let j = 0; j < columns; j += 1) sum += matrix[i * columns + j] * inputs[j];
        return l === 0 ? Math.max(sum, 0) : sum;
      });
    }, x);
  }

  return { weights, images, kept, effective, logits, radius: drawData.radius };
})();

ui.explorable("draw", ({ picture, controls, status }) => {
  const { svg, line, rect, text } = ui;
  let image = 0;
  let x = [...drawn.images[image]];
  let share = 0;
  let ticket = drawn.effective(0);
  let cursor = null; // [column, row] while the keyboard draws
  const redraw = ui.stage(picture, draw);

  const largest = (values) => values.indexOf(Math.max(...values));
  const percent = (value) => `${Math.round(100 * value)}\u00a0%`;

  function changed() {
    tell();
    redraw();
  }

  // -- controls --------------------------------------------------------------------------------

  const deleted = ui.slider({
    label: "Deleted at random", min: 0, max: 1, step: 0.01, value: 0, show: percent,
    change: (value) => {
      share = value;
      ticket = drawn.effective(share);
      changed();
    },
  });

  function show(pixels) {
    x = [...pixels];
    changed();
  }

  controls.append(
    deleted.element,
    ui.html(
      "div",
      { class: "x-buttons" },
      ui.button("Next image", () => {
        image = (image + 1) % drawn.images.length;
        show(drawn.images[image]);
      }, true),
      ui.button("Clear, to draw", () => show(Array(64).fill(0))),
      ui.button("Whole ticket", () => {
        share = 0;
        deleted.set(0);
        ticket = drawn.effective(0);
        changed();
      }),
    ),
  );

  // -- drawing with a pointer or with keys -----------------------------------------------------

  /** Ink on a pixel, and half as much beside it: as a pen leaves it on a coarse grid. */
  function ink(column, row) {
    for (let i = 0; i < 8; i += 1) {
      for (let j = 0; j < 8; j += 1) {
        const away = Math.hypot(column - (j + 0.5), row - (i + 0.5));
        x[8 * i + j] = Math.max(x[8 * i + j], Math.min(1, Math.max(0, 1.35 - away)));
      }
    }
    changed();
  }

  function stroke(event) {
    const box = picture.querySelector(".x-paper").getBoundingClientRect();
    ink((8 * (event.clientX - box.left)) / box.width, (8 * (event.clientY - box.top)) / box.height);
  }

  let pen = false;
  picture.addEventListener("pointerdown", (event) => {
    if (!event.target.closest(".x-paper")) return;
    event.preventDefault();
    pen = true;
    stroke(event);
  });
  window.addEventListener("pointermove", (event) => {
    if (pen) stroke(event);
  });
  for (const end of ["pointerup", "pointercancel"]) {
    window.addEventListener(end, () => (pen = false));
  }

  const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

  function key(event) {
    cursor ??= [3, 3];
    if (event.key in STEPS) {
      cursor = cursor.map((place, i) => Math.min(7, Math.max(0, place + STEPS[event.key][i])));
      redraw();
    } else if (event.key === " ") {
      ink(cursor[0] + 0.5, cursor[1] + 0.5);
    } else {
      return;
    }
    event.preventDefault();
  }

  // -- picture ---------------------------------------------------------------------------------

  function draw(width) {
    const beside = width >= 560;
    const side = Math.min(beside ? 232 : width, 264);
    const left = beside ? side + 30 : 0;
    const top = beside ? 0 : side + 46;
    const focused = picture.querySelector(".x-paper") === document.activeElement;
    const paper = grid(side);
    if (focused) queueMicrotask(() => paper.focus({ preventScroll: true })); // once it is there
    return svg(
      "svg",
      {
        width, height: top + 300, viewBox: `0 0 ${width} ${top + 300}`,
        role: "group", "aria-label": "A digit of 8 × 8 pixels, and the ten logits of F and of Ĝ for it.",
      },
      svg("defs", {}, ui.hatch("x-answers", "x-hatch-block", 5, -45)),
      text(0, 12, "Draw here", "x-strong"),
      svg("g", { transform: "translate(0 22)" }, paper),
      svg("g", { transform: `translate(${left} ${top})` }, bars(width - left)),
    );
  }

  function grid(side) {
    const cell = side / 8;
    const paper = svg("g", {
      class: "x-paper", tabindex: 0, role: "application", on: { keydown: key },
      "aria-label": "Paper of 8 × 8 pixels: arrow keys move, the space bar draws.",
    });
    paper.append(rect(0, 0, side, side, "x-frame x-blank"));
    x.forEach((value, i) => {
      const pixel = rect(cell * (i % 8), cell * Math.floor(i / 8), cell, cell, "x-pixel");
      pixel.setAttribute("fill-opacity", value.toFixed(3));
      paper.append(pixel);
    });
    if (cursor) {
      paper.append(rect(cell * cursor[0] + 1, cell * cursor[1] + 1, cell - 2, cell - 2, "x-now"));
    }
    return paper;
  }

  /** The logits side by side, a pair of bars for each digit. */
  function bars(width) {
    const [target, found] = [drawn.weights, ticket].map((matrices) => drawn.logits(matrices, x));
    const all = [...target, ...found, 0];
    const [least, most] = [Math.min(...all), Math.max(...all)];
    const [floor, roof, start] = [266, 52, 6];
    const y = (value) => floor - ((floor - roof) * (value - least)) / (most - least || 1);
    const step = (width - start) / 10;
    const bar = (values, offset, kind) =>
      values.map((value, i) =>
        rect(start + step * (i + offset), Math.min(y(0), y(value)), step * 0.34,
             Math.abs(y(value) - y(0)), kind));
    return [
      svg("g", {}, ui.legend(
        [[rect(-8, -6, 16, 12, "x-target-bar"), "F, the target"],
         [rect(-8, -6, 16, 12, "x-ticket-bar"), "Ĝ, the ticket"]], 12, width,
      ).group),
      ...bar(target, 0.14, "x-target-bar"),
      ...bar(found, 0.52, "x-ticket-bar"),
      line(0, y(0), width, y(0), "x-axis"),
      ...target.map((_, i) =>
        text(start + step * (i + 0.5), 292, String(i),
             i === largest(target) || i === largest(found) ? "x-middle x-strong" : "x-middle x-small")),
    ];
  }

  // -- words -----------------------------------------------------------------------------------

  function tell() {
    const [target, found] = [drawn.weights, ticket].map((matrices) => drawn.logits(matrices, x));
    const apart = Math.hypot(...target.map((value, i) => value - found[i]));
    const same = largest(target) === largest(found);
    const norm = Math.hypot(...x);
    const where = norm <= drawn.radius ? "" : " This image is brighter than the domain of the proof allows.";
    const left = share === 0
      ? `all ${ui.whole(drawn.kept)} kept products are there`
      : `${percent(share)} of the ${ui.whole(drawn.kept)} kept products are deleted`;
    status.textContent =
      `F says ${largest(target)}, Ĝ says ${largest(found)}${same ? "" : ": they differ"}. ` +
      `Their logits are ${ui.number(apart, apart < 0.1 ? 5 : 2)} apart; ${left}.${where}`;
  }

  changed();
  return () => ({ pixels: x, deleted: share });
});
