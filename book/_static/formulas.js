// Formulas are on the page without this script (tools/extensions/formulas.py). It gives what can be
// done with them: to copy one, alone or within a text, and to see it large.
(function () {
  "use strict";

  const tex = (formula) =>
    formula.matches("div") ? `$$${formula.dataset.tex}$$` : `$${formula.dataset.tex}$`;

  // A copied passage has its formulas as TeX where text is pasted, else as MathML.
  document.addEventListener("copy", (event) => {
    const selection = getSelection();
    if (selection.isCollapsed || !event.clipboardData) return;
    const range = selection.getRangeAt(0).cloneRange();
    const around = (node) => (node.closest ? node : node.parentElement).closest(".formula");
    const [first, last] = [around(range.startContainer), around(range.endContainer)];
    if (first) range.setStartBefore(first);
    if (last) range.setEndAfter(last);
    const passage = document.createElement("div");
    passage.append(range.cloneContents());
    const formulas = passage.querySelectorAll(".formula");
    if (!formulas.length) return;

    formulas.forEach((formula) => {
      const math = formula.querySelector("math").cloneNode(true);
      if (formula.matches("div")) math.setAttribute("display", "block");
      math.dataset.tex = tex(formula);
      formula.replaceWith(math);
    });
    event.clipboardData.setData("text/html", passage.innerHTML);
    passage.querySelectorAll("math").forEach((math) => math.replaceWith(math.dataset.tex));
    passage.style.cssText = "position: fixed; left: -200vw"; // laid out, its lines are known
    document.body.append(passage);
    event.clipboardData.setData("text/plain", passage.innerText);
    passage.remove();
    event.preventDefault();
  });

  // One formula, large, with its source.
  function show(formula) {
    const box = document.createElement("dialog");
    box.className = "formula-box";
    box.setAttribute("aria-label", "Formula");
    const large = formula.cloneNode(true);
    large.removeAttribute("id");
    large.tabIndex = 0;
    const source = document.createElement("pre");
    source.textContent = formula.dataset.tex;
    source.tabIndex = 0;
    const math = formula.querySelector("math").cloneNode(true);
    math.setAttribute("xmlns", "http://www.w3.org/1998/Math/MathML");

    const button = (words, act) => {
      const made = document.createElement("button");
      made.type = "button";
      made.textContent = words;
      made.addEventListener("click", () => act(made));
      return made;
    };
    const copy = (text) => (made) =>
      navigator.clipboard.writeText(text).then(
        () => (made.textContent = "Copied"),
        () => getSelection().selectAllChildren(source), // the browser does not let us
      );
    box.append(
      large,
      source,
      button("Copy TeX", copy(formula.dataset.tex)),
      button("Copy MathML", copy(math.outerHTML)),
      button("Close", () => box.close()),
    );
    box.addEventListener("close", () => box.remove());
    document.body.append(box);
    box.showModal();
  }

  for (const action of ["contextmenu", "dblclick", "keydown"]) {
    document.addEventListener(action, (event) => {
      const formula = event.target.closest(".formula");
      if (!formula || formula.closest("dialog")) return;
      if (action === "keydown" && event.key !== "Enter") return;
      event.preventDefault();
      show(formula);
    });
  }

  // What the search cites of a page has its formulas as TeX.
  document.addEventListener("DOMContentLoaded", () => {
    if (typeof Search === "undefined") return;
    const read = Search.htmlToText;
    Search.htmlToText = (html, anchor) => {
      const page = new DOMParser().parseFromString(html, "text/html");
      page.querySelectorAll(".formula").forEach((formula) => formula.replaceWith(tex(formula)));
      return read(page.documentElement.outerHTML, anchor);
    };
  });
})();
