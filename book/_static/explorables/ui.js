/* What the interactive figures share: elements, controls, and drawing anew when the width changes.
 *
 * A figure is a function of its width and its state. It is drawn as inline SVG in units of CSS
 * pixels, so that words keep their size on a phone. Colours come from explorables.css.
 */
"use strict";

const ui = (() => {
  const SVG = "http://www.w3.org/2000/svg";

  function fill(element, attributes, children) {
    for (const [name, value] of Object.entries(attributes)) {
      if (name === "on") {
        for (const [event, listener] of Object.entries(value)) {
          element.addEventListener(event, listener);
        }
      } else if (value !== undefined && value !== false) {
        element.setAttribute(name, value === true ? "" : value);
      }
    }
    element.append(...children.flat().filter((child) => child !== undefined && child !== false));
    return element;
  }

  /** An HTML element; `on` holds its event listeners. */
  const html = (tag, attributes = {}, ...children) =>
    fill(document.createElement(tag), attributes, children);

  /** An SVG element; numbers are rounded to hundredths of a pixel. */
  function svg(tag, attributes = {}, ...children) {
    const rounded = Object.entries(attributes).map(([name, value]) => [
      name, typeof value === "number" ? Math.round(value * 100) / 100 : value,
    ]);
    return fill(document.createElementNS(SVG, tag), Object.fromEntries(rounded), children);
  }

  const line = (x1, y1, x2, y2, kind) => svg("line", { x1, y1, x2, y2, class: kind });
  const rect = (x, y, width, height, kind) =>
    svg("rect", { x, y, width: Math.max(width, 0), height: Math.max(height, 0), class: kind });
  const circle = (cx, cy, r, kind) => svg("circle", { cx, cy, r, class: kind });

  /** Words at a place; `kind` sets the alignment (x-end, x-middle) and the look. */
  const text = (x, y, words, kind = "") => svg("text", { x, y, class: kind }, words);

  /** Hatching to fill shapes with: `url(#id)`. */
  const hatch = (id, kind, gap = 6, angle = 45) =>
    svg(
      "pattern",
      {
        id, width: gap, height: gap, patternUnits: "userSpaceOnUse",
        patternTransform: `rotate(${angle})`,
      },
      rect(0, 0, gap, gap, `${kind}-ground`),
      line(0, 0, 0, gap, kind),
    );

  /** A key to the picture: pairs of a mark (drawn around 0, 0) and words, in lines that fit. */
  function legend(items, y, width) {
    const group = svg("g", { class: "x-legend" });
    let [x, row] = [0, y];
    for (const [mark, words] of items) {
      const length = 30 + 6.4 * words.length;
      if (x > 0 && x + length > width) [x, row] = [0, row + 20];
      group.append(
        svg("g", { transform: `translate(${x + 9} ${row})` }, mark),
        text(x + 22, row + 4, words),
      );
      x += length + 10;
    }
    return { group, end: row + 14 };
  }

  /** A number as the book prints it, with a true minus sign. */
  const number = (value, digits = 4) =>
    value.toFixed(digits).replace(/^-(?=.*[1-9])/, "−").replace(/^-/, "");

  /** A positive number to so many significant digits, never as a power of ten. */
  const significant = (value, digits = 2) =>
    Number(value.toPrecision(digits)).toFixed(
      value > 0 ? Math.max(0, digits - 1 - Math.floor(Math.log10(value))) : 0);

  /** A whole number with its thousands set apart. */
  const whole = (n) => n.toLocaleString("en-US");

  /** Where a pointer that began on such a part moves over the picture, `move` is told each event. */
  function drag(picture, move, kind = ".x-drag") {
    let held;
    picture.addEventListener("pointerdown", (event) => {
      held = event.target.closest(kind);
      if (!held) return;
      picture.setPointerCapture(event.pointerId);
      move(event, held);
    });
    picture.addEventListener("pointermove", (event) => {
      if (held && picture.hasPointerCapture(event.pointerId)) move(event, held);
    });
  }

  /** A share of 1 to three decimals, none below 0 or above 1. */
  const thousandths = (share) => Math.round(1000 * Math.min(Math.max(share, 0), 1)) / 1000;

  /** A slider with its label and value. `show` says the value in words. */
  function slider({ label, min, max, step, value, show, change }) {
    const shown = html("span", { class: "x-value", "aria-hidden": "true" });
    const input = html("input", { type: "range", min, max, step, value });
    const tell = () => {
      shown.textContent = show(Number(input.value));
      input.setAttribute("aria-valuetext", show(Number(input.value)));
    };
    input.addEventListener("input", () => {
      tell();
      change(Number(input.value));
    });
    tell();
    return {
      element: html("label", { class: "x-slider" }, label, " ", shown, input),
      set(next) {
        input.value = next;
        tell();
      },
    };
  }

  /** A button; the `first` one to press stands out. */
  const button = (label, click, first = false) =>
    html("button", { type: "button", class: first && "x-first", on: { click } }, label);

  const stillness = window.matchMedia("(prefers-reduced-motion: reduce)");

  /**
   * A button that lets a figure play: after `begin` comes `next`, again and again, that many
   * milliseconds apart, until it is `done` or stopped. Where nothing shall move there is but `jump`.
   */
  function player({ every, begin, next, done, jump }) {
    let playing = 0;
    const element = button("Play", () => {
      if (playing) return stop();
      if (stillness.matches) return jump();
      begin();
      element.textContent = "Pause";
      playing = setInterval(() => {
        next();
        if (done()) stop();
      }, every);
    }, true);
    function stop() {
      clearInterval(playing);
      playing = 0;
      element.textContent = "Play";
    }
    return { element, stop };
  }

  /**
   * Let `draw(width)` return the picture. The returned function draws it: at first at once, so that
   * nothing below it moves, then anew once a frame. A part that has the focus and is named by
   * `data-hold` hands it on to the new part of that name.
   */
  function stage(element, draw) {
    let waiting = false;
    let width = Math.floor(element.clientWidth);
    const now = () => {
      waiting = false;
      if (width === 0) return;
      const held = element.contains(document.activeElement) && document.activeElement.dataset.hold;
      element.replaceChildren(draw(width));
      if (held) element.querySelector(`[data-hold="${held}"]`)?.focus({ preventScroll: true });
    };
    const soon = () => {
      if (!element.firstChild) now();
      else if (!waiting) {
        waiting = true;
        requestAnimationFrame(now);
      }
    };
    new ResizeObserver((entries) => {
      const next = Math.floor(entries[0].contentRect.width);
      if (next === width) return;
      width = next;
      soon();
    }).observe(element);
    return soon;
  }

  /** On paper a figure that nobody has touched is its still, which says more than the beginning. */
  function printUntouched(place, still) {
    let touched = false;
    let live = [];
    for (const event of ["input", "click", "pointerdown"]) {
      place.addEventListener(event, () => (touched = true), { once: true });
    }
    window.addEventListener("beforeprint", () => {
      if (touched) return;
      live = [...place.childNodes];
      place.replaceChildren(still);
    });
    window.addEventListener("afterprint", () => {
      if (live.length > 0) place.replaceChildren(...live);
      live = [];
    });
  }

  /** Words of the page and parts of the picture, marked by `data-part`, light each other up.
   *
   * `show(part)` is told which part a word points at; undefined: none. Where the picture is out of
   * sight, a small copy comes up. A word is a link: followed, it brings the picture into sight.
   */
  function parts(figure, picture, show) {
    const words = [...document.querySelectorAll(`a.x-word[href="#${figure.id}"]`)];
    const peek = html("div", { class: "explorable x-peek", "aria-hidden": "true" });
    const inSight = () => {
      const { top, bottom } = picture.getBoundingClientRect();
      return Math.min(bottom, innerHeight) - Math.max(top, 0) > (bottom - top) / 2;
    };

    function mark(part) {
      for (const word of words) word.classList.toggle("x-lit", word.dataset.part === part);
    }

    function pointAt(part) {
      mark(part);
      show(part);
      peek.remove();
      if (part === undefined || inSight()) return;
      const copy = picture.firstChild.cloneNode(true);
      for (const each of copy.querySelectorAll("[data-part]")) {
        each.classList.toggle("x-dim", each.dataset.part !== part);
      }
      copy.querySelector("defs")?.remove(); // names are there once
      peek.replaceChildren(copy);
      document.body.append(peek);
    }

    for (const word of words) {
      for (const event of ["pointerenter", "focus"]) {
        word.addEventListener(event, () => pointAt(word.dataset.part));
      }
      for (const event of ["pointerleave", "blur"]) word.addEventListener(event, () => pointAt());
      word.addEventListener("click", (event) => {
        event.preventDefault(); // the address keeps the state of the figure
        figure.scrollIntoView({ behavior: "instant" });
        pointAt(word.dataset.part);
      });
    }
    picture.addEventListener("pointermove", ({ target }) =>
      mark(target.closest("[data-part]")?.dataset.part));
    picture.addEventListener("pointerleave", () => mark());
  }

  /** The part of the address after `#`, as names and values; empty if it is the name of a place. */
  const address = {
    read: () => Object.fromEntries(new URLSearchParams(location.hash.slice(1))),
    write: (values) =>
      history.replaceState(history.state, "", `#${new URLSearchParams(values)}`),
  };

  /** With `?embed` in the address the page is its first figure, with `?embed=name` that figure. */
  function embed() {
    const wanted = new URLSearchParams(location.search).get("embed");
    if (wanted === null) return;
    const figure = document.querySelector(
      wanted ? `[data-explorable="${CSS.escape(wanted)}"]` : "[data-explorable]");
    if (!figure) return;
    const home = location.pathname.split("/").pop() || "./";
    const source = html("a", { href: `${home}#${figure.id}`, target: "_blank" }, document.title);
    figure.querySelector("figcaption").append(html("p", { class: "x-source" }, source));
    for (const other of document.body.children) other.hidden = true;
    document.body.append(html("main", { class: "x-embedded" }, figure));
    document.documentElement.classList.add("x-embed");
  }
  embed();

  /** A button that gives the figure the whole screen, where a browser can. */
  function fullScreen(figure) {
    if (!document.fullscreenEnabled) return [];
    const control = button("Full screen", () =>
      document.fullscreenElement ? document.exitFullscreen() : figure.requestFullscreen());
    control.classList.add("x-full-screen");
    figure.addEventListener("fullscreenchange", () => {
      control.textContent = document.fullscreenElement ? "Leave full screen" : "Full screen";
    });
    return [control];
  }

  /** Build every figure of this name on the page; `build` gets the places to fill, and returns a function
   * that gives the state. */
  function explorable(name, build) {
    for (const figure of document.querySelectorAll(`[data-explorable="${name}"]`)) {
      const picture = html("div", { class: "x-picture" });
      const controls = html("div", { class: "x-controls", role: "group", "aria-label": "Controls" });
      const status = html("p", { class: "x-status", role: "status", "aria-live": "polite" });
      const place = figure.querySelector(".x-stage");
      const still = place.querySelector(".x-still");
      place.replaceChildren(controls, picture, status);
      if (still) printUntouched(place, still);
      figure.state = build({ figure, picture, controls, status }); // what it shows, as names and values
      (controls.querySelector(".x-buttons") ?? controls).append(...fullScreen(figure));
      figure.classList.add("x-ready");
    }
  }

  return {
    html, svg, line, rect, circle, text, hatch, legend, number, significant, whole, thousandths, slider,
    button, drag, stillness, player, stage, parts, address, explorable,
  };
})();
