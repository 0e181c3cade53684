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

  button.onclick = () => {
    button.disabled = true;
    if (missing.length) {
      status.textContent = `This browser lacks what is needed (${missing.join(", ")}). The notebook of
        this page runs wherever Python does: it is offered under its title.`;
      return;
    }
    status.textContent = "Loading …";
    loaded().then(
      ({ open }) => open({ description, base, bar }),
      () => {
        machine = null;
        button.disabled = false;
        status.textContent = "This could not be loaded. Try again.";
      },
    );
  };
  if (new URLSearchParams(location.search).has("run")) button.click();
})();
