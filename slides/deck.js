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
    slide.scrollIntoView({ behavior: "instant", block: "center" });
    slide.focus({ preventScroll: true });
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
      else if (key === "n" || key === "N") root.classList.toggle("speaking");
      else if (key === "f" || key === "F") root.requestFullscreen?.();
      else return;
      event.preventDefault();
    }
  });
})();
