// What is wider than the page scrolls in its own box. The box says so by fading out where more is
// hidden (book.css), and the keyboard reaches it. Without this script the box scrolls all the same.
(function () {
  "use strict";

  const BOXES = [
    ".scroll-box",
    ".pst-scrollable-table-container",
    "div.highlight pre",
    ".cell_output pre",
    "div.formula",
    ".formula.wide",
  ].join(", ");

  const resized = new ResizeObserver((entries) => entries.forEach(({ target }) => mark(target)));

  function mark(box) {
    const hidden = box.scrollWidth - box.clientWidth;
    const left = box.scrollLeft > 1;
    const right = box.scrollLeft < hidden - 1;
    if (hidden > 1 && getComputedStyle(box).overflowX === "auto") {
      box.dataset.more = left && right ? "both" : left ? "left" : right ? "right" : "none";
      if (!box.hasAttribute("tabindex")) box.tabIndex = 0;
    } else {
      delete box.dataset.more;
    }
  }

  function watch() {
    for (const box of document.querySelectorAll(`article :is(${BOXES})`)) {
      box.addEventListener("scroll", () => mark(box), { passive: true });
      resized.observe(box);
    }
  }

  // A figure's picture scrolls, its caption does not. A narrow picture need not scroll on a phone.
  const NARROW = 520; // CSS pixels: NARROW of lpbook.figures.style, 5.2 inches, and a little

  function wrap(image) {
    const box = document.createElement("div");
    box.className = "scroll-box";
    image.replaceWith(box);
    box.append(image);
    const measure = () => image.classList.toggle("fits", image.naturalWidth <= NARROW);
    if (image.complete) measure();
    else image.addEventListener("load", measure);
  }

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("article :is(figure > img, .cell_output img:not(.panels img))")
      .forEach(wrap);
    watch();
  });
})();

// What is not on a chapter's page any more stands on that of its further results, or in a chapter
// of its own, as tools/old_anchors.toml says: old addresses lead there.
(function () {
  "use strict";

  function leadOn() {
    const name = location.hash.slice(1);
    if (!name || document.getElementById(name)) return;
    const moved = JSON.parse(document.getElementById("moved-anchors")?.textContent ?? "{}");
    if (Object.hasOwn(moved, name)) {
      location.replace(`${moved[name]}.html${location.hash}`);
      return;
    }
    const page = location.pathname.split("/").pop().replace(/\.html$/, "") || "index";
    const further = document.querySelector(
      page.endsWith("_further")  // a chapter may have more than one page of them
        ? 'nav li:has(> a.current[href="#"]) + li > a'
        : `nav a[href$="${page}_further.html"]`
    );
    if (further) location.replace(further.href + location.hash);
  }

  addEventListener("hashchange", leadOn);
  document.addEventListener("DOMContentLoaded", leadOn); // this file is read before the page
})();

// Letters without width forbid a line to end where they stand. What is copied has none of them. (A
// passage with formulas was made ready by formulas.js before this.)
(function () {
  "use strict";

  const bare = (text) => text.replaceAll("\u2060", "");

  addEventListener("copy", (event) => {
    const data = event.clipboardData;
    const selection = getSelection();
    if (!data || selection.isCollapsed) return;
    if (!event.defaultPrevented) {
      if (bare(selection.toString()) === selection.toString()) return;
      const passage = document.createElement("div");
      passage.append(selection.getRangeAt(0).cloneContents());
      data.setData("text/plain", selection.toString());
      data.setData("text/html", passage.innerHTML);
      event.preventDefault();
    }
    for (const type of ["text/plain", "text/html"]) data.setData(type, bare(data.getData(type)));
  });
})();

// An address leads into a fold: the fold opens. Not every browser does that by itself.
(function () {
  "use strict";

  function unfold() {
    const target = document.getElementById(location.hash.slice(1));
    let fold = target?.closest("details:not([open])");
    if (!fold) return;
    for (; fold; fold = fold.parentElement.closest("details:not([open])")) fold.open = true;
    target.scrollIntoView();
  }

  addEventListener("hashchange", unfold);
  document.addEventListener("DOMContentLoaded", unfold);
})();
