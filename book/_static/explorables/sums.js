/* Interactive figure: numbers appear one by one, and what their subset sums reach closes. */
"use strict";

ui.explorable("sums", ({ picture, controls, status }) => {
  const { svg, line, rect, text } = ui;
  const ETA = 0.01; // radius around a sum
  const MOST = 24; // numbers
  const ROW = 17;
  let seed = 3;
  let drawn = 0;
  let numbers = [];
  let sets = []; // what the first t numbers cover, t = 0, 1, ...
  const redraw = ui.stage(picture, draw);

  function start() {
    numbers = lp.numbers(lp.generator(seed), MOST).map((u) => 4 * u - 2);
    sets = lp.cover(numbers, ETA);
    tell();
    redraw();
  }

  const share = (intervals) => intervals.reduce((sum, [a, b]) => sum + b - a, 0) / 2;

  // -- controls --------------------------------------------------------------------------------

  function go(t) {
    drawn = Math.min(MOST, t);
    slider.set(drawn);
    tell();
    redraw();
  }

  const slider = ui.slider({
    label: "Numbers drawn", min: 0, max: MOST, step: 1, value: 0, show: String,
    change: (value) => {
      play.stop();
      go(value);
    },
  });
  const play = ui.player({
    every: 600,
    begin: () => drawn === MOST && go(0),
    next: () => go(drawn + 1),
    done: () => drawn === MOST || share(sets[drawn]) > 1 - 1e-9,
    jump: () => go(MOST),
  });
  controls.append(
    slider.element,
    ui.html(
      "div",
      { class: "x-buttons" },
      play.element,
      ui.button("One more number", () => {
        play.stop();
        go(drawn + 1);
      }),
      ui.button("Other numbers", () => {
        seed += 1;
        start();
      }),
    ),
  );

  // -- picture ---------------------------------------------------------------------------------

  function draw(width) {
    const first = Math.max(0, drawn - 15); // the last rows alone, where there are many
    const rows = Array.from({ length: drawn - first + 1 }, (_, i) => first + i);
    const [left, right] = [26, width - 66];
    const x = (value) => left + ((value + 1) / 2) * (right - left);
    const key = ui.legend(
      [[rect(-8, -5, 16, 10, "x-covered"), "reached"],
       [rect(-8, -5, 16, 10, "x-copied"), "the copy that the last number moves"]], 10, width,
    );
    const top = key.end + 10;
    const height = top + 16 * ROW + 40;
    const bars = ([a, b], y, kind) => rect(x(a), y, Math.max(x(b) - x(a), 0.7), ROW - 7, kind);
    const copy = drawn > 0
      ? sets[drawn - 1].map(([a, b]) => [a + numbers[drawn - 1], b + numbers[drawn - 1]])
          .map(([a, b]) => [Math.max(a, -1), Math.min(b, 1)]).filter(([a, b]) => b > a)
      : [];
    return svg(
      "svg",
      {
        width, height, viewBox: `0 0 ${width} ${height}`, role: "img",
        "aria-label": "One line for each number drawn: what the subset sums of the numbers so far reach.",
      },
      svg("defs", {}, ui.hatch("x-sums", "x-hatch-copy", 4, 45)),
      key.group,
      ...rows.flatMap((t, i) => [
        text(left - 6, top + i * ROW + 10, String(t), "x-end x-small"),
        line(left, top + i * ROW + 5, right, top + i * ROW + 5, "x-grid"),
        ...sets[t].map((each) => bars(each, top + i * ROW, "x-covered")),
        text(right + 8, top + i * ROW + 10, `${Math.floor(100 * share(sets[t]) + 1e-9)}\u00a0%`, "x-small"),
      ]),
      ...copy.map((each) => bars(each, top + (rows.length - 1) * ROW, "x-copied")),
      line(left, height - 26, right, height - 26, "x-axis"),
      ...[-1, -0.5, 0, 0.5, 1].flatMap((value) => [
        line(x(value), height - 26, x(value), height - 21, "x-axis"),
        text(x(value), height - 7, ui.number(value, value % 1 ? 1 : 0), "x-middle x-small"),
      ]),
    );
  }

  // -- words -----------------------------------------------------------------------------------

  function tell() {
    const v = share(sets[drawn]);
    const potential = 1 / v - 1;
    const promised = (1 / share(sets[0]) - 1) * 0.75 ** drawn;
    const last = drawn > 0 ? `Number ${drawn} is ${ui.number(numbers[drawn - 1], 3)}. ` : "";
    status.textContent =
      `${last}Subset sums of ${drawn} numbers come within ${ETA} of ${ui.number(100 * v, 1)}\u00a0% of all ` +
      `targets from −1 to 1. Potential 1/v − 1: ${ui.number(Math.max(potential, 0), 3)}; ` +
      `its mean is at most ${ui.number(promised, 3)}.`;
  }

  start();
  go(9);
  return () => ({ seed, drawn, eta: ETA });
});
