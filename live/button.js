// The button "Run this page". It loads nothing until it is clicked: then `machine.js`, which loads
// the rest. What this page has is in its element `live-page`.
"use strict";

(() => {
  const description = JSON.parse(document.getElementById("live-page").textContent);
  const base = new URL(".", document.currentScript.src).href;
  const article = document.querySelector(".bd-article");
  const heading = article?.querySelector("h1");
  if (!heading) return;

  const bar = document.createElement("div");
  bar.className = "live-bar noprint";
  bar.setAttribute("role", "region");
  bar.setAttribute("aria-label", "Run this page");
  const AS_CODE = "Open this state as code";
  const megabytes = Math.ceil(description.bytes / 1e6);
  bar.innerHTML = `<button type="button" class="live-start">Run this page</button>
    <span class="live-status" role="status">Change the code below and run it, here in the page:
    loads ${megabytes} MB once, needs about 600 MB of memory.</span>`;
  heading.after(bar);
  const status = bar.querySelector(".live-status");
  const button = bar.querySelector("button");

  // Without these nothing would run: say so at once, and what else there is.
  const missing = [
    typeof WebAssembly === "object" && "Tag" in WebAssembly ? "" : "exceptions of WebAssembly",
    typeof DecompressionStream === "function" ? "" : "DecompressionStream",
    typeof Worker === "function" ? "" : "workers",
  ].filter(Boolean);

  let machine = null; // loaded once, also where what it loads has to be tried again
  const loaded = () =>
    (machine ??= new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = `${base}machine.js`;
      script.onload = () => resolve(goldenMachine);
      script.onerror = reject;
      document.head.append(script);
    }));

  // Load all and let Python start; resolved also where that fails, which the bar says.
  async function start() {
    button.disabled = true;
    if (missing.length) {
      status.textContent = `This browser lacks what is needed (${missing.join(", ")}). The notebook of
        this page runs wherever Python does: it is offered under its title.`;
      return;
    }
    status.textContent = "Loading …";
    try {
      const { open } = await loaded();
      page = await open({ description, base, bar });
    } catch {
      machine = null;
      button.disabled = false;
      status.textContent = "This could not be loaded. Try again.";
    }
  }

  let page = null; // that runs
  let starting = null;
  const started = () => (starting ??= start().finally(() => (starting = null)));
  button.onclick = started;

  // What an interactive figure shows, as code: the button that runs the page need not come first.
  async function openState(figure, control) {
    control.textContent = "Python starts …";
    if (!page) await started();
    control.textContent = AS_CODE;
    page?.openState(figure);
  }

  // The scripts of the figures are deferred: they have run by then.
  document.addEventListener("DOMContentLoaded", () => {
    for (const figure of article.querySelectorAll("[data-explorable].x-ready")) {
      const control = document.createElement("button");
      control.type = "button";
      control.className = "noprint";
      control.textContent = AS_CODE;
      control.onclick = () => openState(figure, control);
      const controls = figure.querySelector(".x-controls");
      (controls.querySelector(".x-buttons") ?? controls).append(control);
    }
  });
  if (new URLSearchParams(location.search).has("run")) button.click();
})();
