// A page that runs: its cells become editors, and a worker with a Python runs them in order.
// `goldenWorker` (source of the worker), `goldenPrelude` (source of `_page`), `goldenEditor`
// (CodeMirror) and `goldenMarked` (Markdown) stand before this in the built file.
"use strict";

const goldenMachine = (() => {
  const PARTS = ["program", "library", "data", "site"];
  const STORE = "golden-tickets-live";

  // -- loading: by fetch, kept by the browser; by scripts where the site is a folder ------------

  // What `tools/live.py` wrapped in a script, as bytes.
  function unwrapped(bytes) {
    const [open, close] = [bytes.indexOf(96) + 1, bytes.lastIndexOf(96)];
    const out = new Uint8Array(close - open);
    let size = 0;
    for (let at = open; at < close; at += 1) {
      let byte = bytes[at];
      if (byte === 92) {
        at += 1;
        byte = bytes[at] === 114 ? 13 : bytes[at];
      }
      out[size] = byte;
      size += 1;
    }
    return out.subarray(0, size);
  }

  async function fetched(address, onBytes) {
    const store = await globalThis.caches?.open(STORE).catch(() => undefined);
    const kept = await store?.match(address);
    const answer = kept ?? (await fetch(address));
    if (!answer.ok) throw new Error(`${address}: ${answer.status}`);
    const pieces = [];
    const reader = answer.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      pieces.push(value);
      onBytes(value.length);
    }
    const whole = await new Blob(pieces).arrayBuffer();
    if (!kept) {
      await store?.put(address, new Response(whole.slice(0))).catch(() => undefined);
    }
    return unwrapped(new Uint8Array(whole));
  }

  // Parts of an older build are of no use any more.
  async function forgetOthers(addresses) {
    const store = await globalThis.caches?.open(STORE).catch(() => undefined);
    for (const request of (await store?.keys()) ?? []) {
      if (!addresses.includes(request.url)) await store.delete(request);
    }
  }

  function scripted(address, onBytes) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      globalThis.golden_payload = (_name, text) => {
        const bytes = new Uint8Array(text.length);
        for (let at = 0; at < text.length; at += 1) bytes[at] = text.charCodeAt(at) & 255;
        onBytes(bytes.length);
        script.remove();
        resolve(bytes);
      };
      script.charset = "x-user-defined";
      script.onerror = () => reject(new Error(`${address} cannot be read`));
      script.src = address;
      document.head.append(script);
    });
  }

  async function load({ files, bytes }, base, onShare) {
    let got = 0;
    const onBytes = (size) => onShare((got += size) / bytes);
    const parts = {};
    const addresses = PARTS.map((name) => new URL(files[name], base).href);
    for (const [place, name] of PARTS.entries()) {
      const loaded = location.protocol === "file:" ? scripted : fetched;
      parts[name] = await loaded(addresses[place], onBytes);
    }
    if (location.protocol !== "file:") await forgetOthers(addresses);
    return parts;
  }

  // -- the one interface between page and interpreter -------------------------------------------

  // `run(code, name, onOutput)` answers when the cell is done; `stop()` ends anything.
  class Kernel {
    constructor(parts) {
      this.parts = parts;
      this.waiting = new Map();
      this.count = 0;
      this.ready = null;
    }

    start() {
      this.ready ??= new Promise((resolve, reject) => {
        const source = new Blob([goldenWorker], { type: "text/javascript" });
        this.worker = new Worker(URL.createObjectURL(source));
        this.fail = (error) => {
          this.forget(); // the next start is a new one
          reject(error);
        };
        this.worker.onerror = (event) => this.fail(new Error(event.message));
        this.worker.onmessage = ({ data }) => {
          if (data.ready) resolve(data.ready);
          else if (data.failed) this.fail(new Error(data.failed));
          else if (data.output) this.waiting.get(data.output.id)?.onOutput(data.output);
          else this.finish(data.done);
        };
        this.worker.postMessage({ start: { ...this.parts, prelude: goldenPrelude } });
      });
      return this.ready;
    }

    finish(done) {
      if (done.crashed) this.forget();
      this.waiting.get(done.id)?.resolve(done);
      this.waiting.delete(done.id);
    }

    forget() {
      this.worker?.terminate();
      this.ready = null;
    }

    // Whether it is ready, once that is known: it may be stopped before.
    started() {
      return this.start().then(
        () => true,
        () => false,
      );
    }

    async run(code, name, onOutput, apart = false) {
      await this.start();
      this.count += 1;
      const id = this.count;
      return new Promise((resolve) => {
        this.waiting.set(id, { resolve, onOutput });
        this.worker.postMessage({ run: { id, code, name, apart } });
      });
    }

    stop() {
      this.fail?.(new Error("stopped"));
      for (const { resolve } of this.waiting.values()) resolve({ stopped: true });
      this.waiting.clear();
    }
  }

  // -- outputs, as they look on the built page ---------------------------------------------------

  function textBlock(kind, text) {
    const block = document.createElement("div");
    block.className = `output ${kind} notranslate`;
    block.innerHTML = '<div class="highlight"><pre></pre></div>';
    block.querySelector("pre").textContent = text;
    return block;
  }

  let mathjax = null;
  function typeset(element, base) {
    mathjax ??= new Promise((resolve, reject) => {
      globalThis.MathJax = {
        startup: { typeset: false },
        options: { enableMenu: false, enableSpeech: false, enableBraille: false, enableExplorer: false },
        tex: { inlineMath: [["$", "$"]], displayMath: [["$$", "$$"]] },
        svg: { fontCache: "local" },
      };
      const script = document.createElement("script");
      script.src = `${base}mathjax/tex-svg.js`;
      script.onload = () => resolve(globalThis.MathJax.startup.promise);
      script.onerror = reject;
      document.head.append(script);
    });
    return mathjax.then(() => globalThis.MathJax.typesetPromise([element]));
  }

  // Markdown with formulas: what stands between dollars is kept from Markdown's own rules.
  function fromMarkdown(source) {
    const formulas = [];
    const kept = source.replace(/\$\$[^$]+\$\$|\$[^$\n]+\$/g, (formula) => {
      formulas.push(formula);
      return `\u0002${formulas.length - 1}\u0003`;
    });
    const html = goldenMarked.parse(kept, { async: false });
    const escape = (text) =>
      text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
    return html.replace(/\u0002(\d+)\u0003/g, (_all, place) => escape(formulas[place]));
  }

  // One cell's place for outputs: what the built page shows, until the cell is run.
  class Outputs {
    constructor(cell, base) {
      this.base = base;
      this.element = cell.querySelector(":scope > .cell_output, :scope > details .cell_output");
      if (!this.element) {
        this.element = document.createElement("div");
        this.element.className = "cell_output docutils container";
        cell.append(this.element);
      }
      this.built = [...this.element.childNodes];
      this.records = [];
    }

    clear() {
      this.records = [];
      this.picture = 0;
      // A figure keeps its number, its caption and its place; the drawing in it is changed.
      this.figures = this.built.filter((node) => node.nodeName === "FIGURE");
      this.element.replaceChildren(...this.figures);
    }

    reset() {
      this.records = [];
      this.figures?.forEach((figure) => {
        const image = figure.querySelector("img");
        if (image?.dataset.built) image.src = image.dataset.built;
      });
      this.element.replaceChildren(...this.built);
    }

    add(output) {
      this.records.push(output);
      if (output.stream) this.stream(output);
      else if (output.error) this.error(output.error);
      else if (output.display) this.display(output.display);
    }

    stream({ stream, text }) {
      const last = this.element.lastElementChild;
      if (last?.dataset.stream === stream) {
        last.querySelector("pre").textContent += text;
        return;
      }
      const block = textBlock("stream", text);
      block.dataset.stream = stream;
      this.element.append(block);
    }

    error({ trace }) {
      const block = textBlock("live-error", trace);
      block.setAttribute("role", "alert");
      this.element.append(block);
    }

    display(data) {
      if (data["image/svg+xml"]) this.draw(data["image/svg+xml"]);
      else if (data["text/markdown"] ?? data["text/latex"]) {
        const block = document.createElement("div");
        block.className = "output text_markdown";
        block.innerHTML = fromMarkdown(data["text/markdown"] ?? data["text/latex"]);
        this.element.append(block);
        typeset(block, this.base);
      } else if (data["text/html"]) {
        const block = document.createElement("div");
        block.className = "output text_html";
        block.innerHTML = data["text/html"];
        this.element.append(block);
      } else this.element.append(textBlock("text_plain", data["text/plain"]));
    }

    draw(svg) {
      const bytes = new TextEncoder().encode(svg);
      let binary = "";
      for (let at = 0; at < bytes.length; at += 0x8000) {
        binary += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
      }
      // The end of the address tells the style sheet that this is a drawing.
      const address = `data:image/svg+xml;base64,${btoa(binary)}#.svg`;
      const shown = this.figures?.[this.picture]?.querySelector("img");
      this.picture += 1;
      if (shown) {
        shown.dataset.built ||= shown.getAttribute("src");
        shown.src = address;
      } else {
        const image = document.createElement("img");
        image.alt = "What the cell draws";
        image.src = address;
        this.element.append(image);
      }
    }
  }

  // -- editors ------------------------------------------------------------------------------------

  const { EditorView, EditorState, keymap } = goldenEditor;

  const look = EditorView.theme({
    "&": { fontSize: "inherit", backgroundColor: "transparent" },
    "&.cm-focused": { outline: "2px solid var(--gt-blue)", outlineOffset: "2px" },
    ".cm-content": { fontFamily: "inherit", caretColor: "var(--pst-color-text-base)" },
    ".cm-cursor": { borderLeftColor: "var(--pst-color-text-base)" },
    ".cm-scroller": { fontFamily: "inherit", lineHeight: "inherit" },
    ".cm-selectionBackground, &.cm-focused .cm-selectionBackground": {
      backgroundColor: "color-mix(in srgb, var(--gt-blue) 25%, transparent) !important",
    },
    ".cm-tooltip": {
      backgroundColor: "var(--pst-color-surface)",
      color: "var(--pst-color-text-base)",
      border: "1px solid var(--pst-color-border)",
    },
  });

  // The colours are those of the page's own listings, by their classes.
  function colours() {
    const { HighlightStyle, syntaxHighlighting, tags } = goldenEditor;
    const of = (names, list) => list.map((tag) => ({ tag, class: names }));
    return syntaxHighlighting(
      HighlightStyle.define([
        ...of("k", [tags.keyword, tags.controlKeyword, tags.definitionKeyword, tags.operatorKeyword]),
        ...of("kn", [tags.moduleKeyword]),
        ...of("kc", [tags.bool, tags.null]),
        ...of("c1", [tags.comment]),
        ...of("s2", [tags.string, tags.special(tags.string)]),
        ...of("mi", [tags.number]),
        ...of("o", [tags.operator]),
        ...of("nf", [tags.function(tags.definition(tags.variableName))]),
        ...of("nc", [tags.definition(tags.className)]),
        ...of("n", [tags.variableName, tags.propertyName]),
      ]),
    );
  }

  function editor(source, label, { run, runNext, names }) {
    const completeNames = (context) => {
      const word = context.matchBefore(/[\w.]+/);
      if (!word || (word.from === word.to && !context.explicit)) return null;
      return { from: word.from, options: names().map((name) => ({ label: name, type: "variable" })) };
    };
    return new EditorView({
      state: EditorState.create({
        doc: source,
        extensions: [
          keymap.of([
            { key: "Shift-Enter", run: () => (runNext(), true) },
            { key: "Mod-Enter", run: () => (run(), true) },
          ]),
          goldenEditor.history(),
          goldenEditor.drawSelection(),
          goldenEditor.indentOnInput(),
          goldenEditor.bracketMatching(),
          goldenEditor.closeBrackets(),
          goldenEditor.indentUnit.of("    "),
          goldenEditor.python(),
          goldenEditor.pythonLanguage.data.of({ autocomplete: completeNames }),
          goldenEditor.autocompletion(),
          keymap.of([
            goldenEditor.indentWithTab,
            ...goldenEditor.defaultKeymap,
            ...goldenEditor.historyKeymap,
            ...goldenEditor.completionKeymap,
          ]),
          EditorView.contentAttributes.of({
            "aria-label": label,
            "aria-describedby": "live-keys",
          }),
          EditorView.lineWrapping,
          look,
          colours(),
        ],
      }),
    });
  }

  // -- the page -----------------------------------------------------------------------------------

  // What an exercise asks its reader to let a claim try.
  const CHECKED = /lp\.claims\["([\w-]+)"\]\.check\((\w+)=(mine|yours)\)/;

  function isSame(code, source) {
    return code.textContent.trim() === source.trim();
  }

  class Cell {
    // `isCheck`: of a claim, for which the page has a line in the statement's box. `isApart`: needs no
    // other cell, and no other sees what it defines.
    constructor(page, place, { source, isCheck = false, isApart = false }, element) {
      Object.assign(this, { page, place, source, isCheck, isApart, element });
      this.name = Number.isInteger(place) ? `cell ${place + 1}` : "your cell";
      this.ran = null; // the code that has run, in the interpreter that is there now
      this.records = [];
      if (!element) return;
      this.outputs = new Outputs(element, page.base);
      const input = element.querySelector(".cell_input");
      if (!input) return; // its code is not shown: it runs with the others
      this.view = editor(source, `Code of ${this.name}`, {
        run: () => page.run([this]),
        runNext: () => (page.run([this]), page.focusAfter(this)),
        names: () => page.names,
      });
      input.replaceChildren(this.frame());
    }

    frame() {
      const { page, place } = this;
      const frame = document.createElement("div");
      frame.className = "live-cell";
      frame.innerHTML = `<div class="live-editor highlight"></div>
        <div class="live-tools noprint">
          <button type="button" data-do="run">Run</button>
          ${this.isApart ? "" : '<button type="button" data-do="upTo">Run to here</button>'}
          <button type="button" data-do="reset">Reset</button>
          <button type="button" data-do="stop" hidden>Stop</button>
          <span class="live-state" role="status"></span>
        </div>`;
      frame.firstElementChild.append(this.view.dom);
      this.state = frame.querySelector(".live-state");
      frame.querySelector(".live-tools").addEventListener("click", (event) => {
        const what = event.target.closest("button")?.dataset.do;
        if (what === "run") page.run([this]);
        else if (what === "upTo") page.run([...page.cells.filter((cell) => cell.place < place), this]);
        else if (what === "stop") page.kernel.stop();
        else if (what === "reset") this.reset();
      });
      return frame;
    }

    get code() {
      return this.view ? this.view.state.doc.toString() : this.source;
    }

    get hasRun() {
      return this.ran === this.code;
    }

    say(text, running = false) {
      this.element?.classList.toggle("live-running", running);
      if (!this.state) return;
      this.state.textContent = text;
      this.state.parentElement.querySelector("[data-do=stop]").hidden = !running;
    }

    reset() {
      this.view.dispatch({
        changes: { from: 0, to: this.view.state.doc.length, insert: this.source },
        selection: { anchor: 0 },
      });
      this.outputs.reset();
      this.say("");
    }

    async execute(kernel) {
      this.records = [];
      this.outputs?.clear();
      this.say("waits for Python …", true);
      if (!(await kernel.started())) {
        this.say("stopped");
        return { stopped: true, ok: false };
      }
      const started = performance.now();
      const clock = setInterval(() => {
        const seconds = (performance.now() - started) / 1000;
        if (seconds >= 1) this.say(`runs, ${seconds.toFixed(0)} s`, true);
      }, 500);
      this.say("runs", true);
      const { code } = this;
      const receive = (output) => {
        this.records.push(output);
        this.outputs?.add(output);
      };
      const done = await kernel.run(code, this.name, receive, this.isApart);
      clearInterval(clock);
      const failed = this.records.some((output) => output.error);
      if (done.stopped) this.say("stopped");
      else if (done.crashed) {
        this.outputs?.add({ error: { trace: `Python ended: ${done.crashed}` } });
        this.say("Python ended; it starts anew with the next run");
      } else this.say(failed ? "went wrong" : `done in ${(done.time / 1000).toFixed(1)} s`);
      this.time = done.time;
      const ok = !failed && !done.stopped && !done.crashed;
      this.ran = ok ? code : null;
      return { ...done, ok };
    }
  }

  class Page {
    constructor({ description, base, bar }, kernel) {
      Object.assign(this, { base, bar, kernel, states: description.states });
      this.trials = [];
      this.shown = new Map(); // cells with the state of an interactive figure
      this.queue = Promise.resolve();
      this.names = []; // that cells have defined
      // Both are in the order of the page; what a page does not show as a cell has no element.
      const elements = [...document.querySelectorAll(".bd-article div.cell")];
      this.cells = description.cells.map((cell, number) => {
        const code = elements[0]?.querySelector(".cell_input pre");
        const here = elements.length && (code ? isSame(code, cell.source) : cell.hidden);
        return new Cell(this, number, cell, here ? elements.shift() : null);
      });
      this.unmatched = elements.length;
      this.addChecks();
      this.addTrials();
    }

    // The line in a statement's box says what a machine decided: let it decide again.
    addChecks() {
      for (const line of document.querySelectorAll(".bd-article .check-line")) {
        const claim = line.querySelector("a")?.hash.replace("#claim-", "");
        if (!claim) continue;
        const button = document.createElement("button");
        button.type = "button";
        button.className = "live-check noprint";
        button.textContent = "Check it here";
        const place = document.createElement("div");
        place.className = "cell live-checked";
        line.append(" ", button);
        line.after(place);
        const outputs = new Outputs(place, this.base);
        let running = false;
        const check = async () => {
          outputs.clear();
          button.textContent = "Stop checking";
          const code = `import lpbook\nlpbook.claims["${claim}"].replay()`;
          const ready = await this.kernel.started();
          const done = ready && (await this.kernel.run(code, claim, (output) => outputs.add(output)));
          if (!ready || done.stopped || done.crashed) this.lost();
          button.textContent = "Check it again";
        };
        button.addEventListener("click", async () => {
          if (running) return this.kernel.stop();
          running = true;
          button.textContent = "Waits …";
          this.queue = this.queue.then(check);
          await this.queue;
          running = false;
        });
      }
    }

    // An exercise gets a cell of its own; where it asks for a function that a check shall try, the
    // cell has the hole and the check.
    addTrials() {
      for (const exercise of document.querySelectorAll(".bd-article div.exercise")) {
        const asked = CHECKED.exec(exercise.textContent);
        const source = asked
          ? `def ${asked[3]}(*arguments):\n    ...  # yours\n\n\n` +
            `print(lp.claims["${asked[1]}"].check(${asked[2]}=${asked[3]}).summary())\n`
          : "";
        const element = document.createElement("div");
        element.className = "cell live-trial";
        element.innerHTML =
          '<details class="hide"><summary>Try it here</summary><div class="cell_input"></div></details>';
        exercise.append(element);
        const place = this.lastAbove(exercise) + 0.5;
        this.trials.push(new Cell(this, place, { source }, element));
      }
    }

    // What an interactive figure shows, as code in a cell below it; one cell for each figure.
    openState(figure) {
      const source = goldenState.asCode(this.states[figure.dataset.explorable], figure.state());
      let cell = this.shown.get(figure);
      if (cell) {
        cell.source = source;
        cell.reset();
      } else {
        const element = document.createElement("div");
        element.className = "cell live-shown";
        element.innerHTML = '<div class="cell_input"></div>';
        figure.after(element);
        const place = this.lastAbove(figure) + 0.25;
        cell = new Cell(this, place, { source, isApart: true }, element);
        this.shown.set(figure, cell);
      }
      if (document.fullscreenElement) document.exitFullscreen();
      cell.view.focus();
      cell.element.scrollIntoView({ block: "nearest" });
    }

    // The place of the last cell above an element; -1: there is none.
    lastAbove(here) {
      const above = this.cells.filter(
        ({ element }) =>
          element && element.compareDocumentPosition(here) & Node.DOCUMENT_POSITION_FOLLOWING,
      );
      return Math.max(-1, ...above.map((cell) => cell.place));
    }

    // Cells run one after another, in the order of the page; an error ends the rest of a run. What
    // a cell needs and has not run yet is run first.
    run(cells) {
      const end = cells.at(-1); // none, if a page has nothing left to run
      const last = !end || end.isApart ? -1 : end.place;
      const wanted = this.cells.filter(
        (cell) => cells.includes(cell) || (cell.place < last && !cell.hasRun && !cell.isCheck),
      );
      wanted.push(...cells.filter((cell) => !this.cells.includes(cell)));
      const turn = this.queue.then(async () => {
        for (const cell of wanted) {
          if (!cells.includes(cell) && cell.hasRun) continue;
          const done = await cell.execute(this.kernel);
          if (done.stopped || done.crashed) this.lost();
          else this.names = done.names;
          if (!done.ok) break;
        }
      });
      this.queue = turn.catch(() => undefined);
      return turn;
    }

    // The interpreter is gone, and with it all names.
    lost() {
      for (const cell of this.cells) cell.ran = null;
      this.names = [];
      this.say("Python was ended. It starts anew with the next run; names are gone.");
      this.kernel.started().then((ready) => ready && this.say("Python is ready again."));
    }

    focusAfter(cell) {
      this.cells.find((other) => other.place > cell.place && other.view)?.view.focus();
    }

    say(text) {
      this.bar.querySelector(".live-status").textContent = text;
    }
  }

  async function open({ description, base, bar }) {
    const status = bar.querySelector(".live-status");
    const button = bar.querySelector("button");
    const megabytes = description.bytes / 1e6;
    const meter = document.createElement("progress");
    meter.max = 1;
    status.before(meter);
    try {
      const parts = await load(description, base, (share) => {
        meter.value = share;
        const got = Math.min(share, 1) * megabytes;
        status.textContent = `${got.toFixed(0)} of ${megabytes.toFixed(0)} MB`;
      });
      status.textContent = "Python starts …";
      meter.removeAttribute("value");
      const kernel = new Kernel(parts);
      await kernel.start();
      const page = new Page({ description, base, bar }, kernel);
      api.page = page;
      button.textContent = "Run all cells";
      button.disabled = false;
      button.onclick = () => page.run(page.cells.filter((cell) => !cell.isCheck));
      const keys = document.createElement("span");
      keys.id = "live-keys";
      keys.className = "live-keys";
      keys.textContent = " Shift+Enter runs a cell and goes on, Ctrl+Enter runs it; Esc, then Tab leaves it.";
      bar.append(keys);
      page.say(
        location.protocol === "file:"
          ? "Python is ready."
          : "Python is ready. The browser keeps the files, so that it works offline too.",
      );
      return page;
    } catch (error) {
      const isShort = /RangeError|memory|allocat/i.test(String(error));
      status.textContent = isShort
        ? `Python got too little memory here: it needs about 600 MB. Close other pages and try again;
          the notebook of this page, offered under its title, runs elsewhere.`
        : `This did not work: ${error.message}. Try again.`;
      button.disabled = false;
      return null;
    } finally {
      meter.remove();
    }
  }

  const api = { open, page: null };
  return api;
})();
