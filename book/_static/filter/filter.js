// A box and chips above a long list: what is written and chosen there decides what of it is shown.
// The choice is in the address. Without this script the list is there in full.
(function () {
  "use strict";

  // Of each list its entries and, of an entry, its name in the address, its kind, what its chip says if not
  // the kind, and what is not read.
  const LISTS = {
    claims: {
      noun: "statements",
      entries: "div.claim",
      name: (entry) => entry.querySelector('[id^="claim-"]').id,
      kind: (entry) => [...entry.classList].find((name) => name.startsWith("kind-")).slice(5),
      silent: ".dropdown, svg",
    },
    api: {
      noun: "entries",
      entries: "section > dl.py",
      name: (entry) => entry.querySelector("dt[id]").id,
      kind: (entry) => entry.classList[1],
      silent: ".highlight, .doctest, svg",
    },
    gallery: {
      noun: "figures",
      entries: "figure.picture",
      name: (entry) => entry.id,
      kind: (entry) => entry.dataset.chapter,
      label: (entry) => entry.dataset.label,
      silent: "details, .picture-files",
    },
  };

  /** Letters without case, accents and the difference of hyphen and space. */
  const plain = (words) =>
    words.toLowerCase().normalize("NFKD").replace(/\p{M}/gu, "").replace(/[-\s]+/g, " ");

  function read(entry, silent) {
    const copy = entry.cloneNode(true);
    for (const part of copy.querySelectorAll(silent)) part.remove();
    for (const image of copy.querySelectorAll("img[alt]")) image.replaceWith(`${image.alt} `);
    return plain(copy.textContent);
  }

  function element(tag, attributes, ...children) {
    const made = Object.assign(document.createElement(tag), attributes);
    made.append(...children);
    return made;
  }

  function build(place) {
    const article = place.closest("article");
    const list = LISTS[place.dataset.filter];
    const rowOf = new Map([...article.querySelectorAll('tr a[href^="#"]')].map((link) =>
      [link.getAttribute("href").slice(1), link.closest("tr")]));
    const entries = [...article.querySelectorAll(list.entries)].map((entry) => {
      const name = list.name(entry);
      const row = rowOf.get(name);
      const words = read(entry, list.silent) + (row ? ` ${plain(row.textContent)}` : "");
      return { name, kind: list.kind(entry), words, parts: [entry, row].filter(Boolean) };
    });
    // what holds entries or their rows goes when all of these have gone
    const all = new Set(entries.flatMap(({ parts }) => parts));
    const holders = [...article.querySelectorAll("section section, .pst-scrollable-table-container")]
      .map((holder) => [holder, [...all].filter((part) => holder.contains(part))])
      .filter(([, parts]) => parts.length > 0);

    const box = element("input", { type: "search", autocomplete: "off", spellcheck: false });
    const chips = [...new Set(entries.map(({ kind }) => kind))].map((kind) => {
      const first = entries.find((entry) => entry.kind === kind).parts[0];
      const textContent = list.label ? list.label(first) : kind.replaceAll("-", " ");
      const chip = element("button", { type: "button", textContent });
      chip.addEventListener("click", () => {
        press(chip, chip.getAttribute("aria-pressed") !== "true");
        update();
      });
      return [kind, chip];
    });
    const count = element("p", { role: "status" });
    const none = element("button", { type: "button", className: "filter-none", textContent: "Show all" });
    const press = (chip, on) => chip.setAttribute("aria-pressed", on);

    function show(text, kinds) {
      const wanted = plain(text).split(" ").filter(Boolean);
      let shown = 0;
      for (const { kind, words, parts } of entries) {
        const fits = (kinds.length === 0 || kinds.includes(kind))
          && wanted.every((word) => words.includes(word));
        shown += fits;
        for (const part of parts) part.hidden = !fits;
      }
      for (const [holder, parts] of holders) holder.hidden = parts.every((part) => part.hidden);
      none.hidden = shown === entries.length;
      count.textContent = shown === entries.length
        ? `${shown} ${list.noun}` : `${shown} of ${entries.length} ${list.noun}`;
    }

    const chosen = () =>
      chips.filter(([, chip]) => chip.getAttribute("aria-pressed") === "true").map(([kind]) => kind);

    function update() {
      show(box.value, chosen());
      const address = new URL(location.href);
      const values = { find: box.value.trim(), kind: chosen().join(" ") };
      for (const [name, value] of Object.entries(values)) {
        address.searchParams.delete(name);
        if (value) address.searchParams.set(name, value);
      }
      history.replaceState(history.state, "", address);
    }

    /** What the address says: its filters, but never so that the entry it leads to is hidden. */
    function obey() {
      const values = new URLSearchParams(location.search);
      const kinds = (values.get("kind") ?? "").split(" ");
      box.value = values.get("find") ?? "";
      for (const [kind, chip] of chips) press(chip, kinds.includes(kind));
      show(box.value, chosen());
      const target = document.getElementById(location.hash.slice(1));
      if (target?.closest("article [hidden]")) {
        reset();
        target.scrollIntoView();
      }
    }

    function reset() {
      box.value = "";
      for (const [, chip] of chips) press(chip, false);
      update();
    }

    box.addEventListener("input", update);
    box.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && box.value) {
        event.preventDefault();
        box.value = "";
        update();
      } else if (event.key === "Enter") {
        const first = entries.find(({ parts }) => !parts[0].hidden);
        if (first) location.hash = first.name;
      }
    });
    none.addEventListener("click", () => {
      reset();
      box.focus();
    });
    addEventListener("hashchange", obey);
    place.append(
      element("label", {}, `Find ${list.noun} `, box),
      element("div", { className: "filter-chips", role: "group", ariaLabel: "Kind" },
        ...chips.map(([, chip]) => chip)),
      element("div", { className: "filter-count" }, count, none),
    );
    place.setAttribute("role", "search");
    place.setAttribute("aria-label", `Filter of the ${list.noun}`);
    obey();
  }

  document.querySelectorAll(".filter[data-filter]").forEach(build); // the script is deferred
})();
