// Arrows, space and page keys lead through the slides; N shows the notes, F fills the screen.
(function () {
  "use strict";

  const slides = [...document.querySelectorAll("section")];
  const root = document.documentElement;

  const fit = () =>
    root.style.setProperty("--scale", parseFloat(getComputedStyle(root).fontSize) / 20);
  addEventListener("resize", fit);
  fit();

  const current = () => {
    const middle = innerHeight / 2;
    return slides.findIndex((slide) => slide.getBoundingClientRect().bottom > middle);
  };
  const show = (place) => {
    const slide = slides[Math.min(Math.max(place, 0), slides.length - 1)];
    const block = root.classList.contains("speaking") ? "start" : "center";
    slide.scrollIntoView({ behavior: "instant", block });
    slide.focus({ preventScroll: true });
    follow();
  };

  // The address follows, so that a reload comes back to the slide.
  const follow = () => {
    const here = slides[current()];
    slides.forEach((slide) => slide.classList.toggle("here", slide === here));
    const hash = here.id && `#${here.id}`;
    if (hash !== location.hash) history.replaceState(null, "", hash || location.pathname);
  };
  const named = () => slides.findIndex((slide) => slide.id && `#${slide.id}` === location.hash);
  history.scrollRestoration = "manual";
  addEventListener("load", () => {
    show(named());
    document.querySelector("main").addEventListener("scroll", follow, { passive: true });
  });
  // Interactive figures have words in pixels: each is enlarged as far as its frame allows.
  const drawn = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 30)));
  const enlarge = async (figure) => {
    const frames = [figure, figure.parentElement];
    for (const fit of [1.2, 1.1, 1, 0.94, 0.88, 0.82, 0.76, 0.7, 0.66]) {
      figure.style.setProperty("--fit", fit);
      await drawn();
      if (frames.every((box) => box.scrollHeight <= box.clientHeight + 1)) break;
    }
    figure.classList.add("fitted");
  };
  addEventListener("load", () => document.querySelectorAll("section .explorable").forEach(enlarge));
  addEventListener("hashchange", () => show(named()));
  const speak = () => {
    const here = current();
    root.classList.toggle("speaking");
    fit();
    show(here);
  };
  const steps = {
    ArrowRight: 1, ArrowDown: 1, PageDown: 1, " ": 1,
    ArrowLeft: -1, ArrowUp: -1, PageUp: -1, Home: -Infinity, End: Infinity,
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key;
    if (key === "PageDown" || key === "PageUp" || !event.target.closest(".explorable")) {
      if (key in steps) show(current() + steps[key]);
      else if (key === "n" || key === "N") speak();
      else if (key === "f" || key === "F") root.requestFullscreen?.();
      else return;
      event.preventDefault();
    }
  });
})();
