// Versions of the site side by side: `make site` writes their list, and without one nothing is shown.
const VERSIONS = null;

document.addEventListener("DOMContentLoaded", () => {
  const place = document.querySelector(".navbar-brand")?.parentElement;
  if (!VERSIONS || !place) return;

  const top = new URL(document.documentElement.dataset.content_root || "./", location.href);
  const site = new URL("../".repeat(VERSIONS.here.split("/").length - 1), top);
  const page = location.pathname.slice(top.pathname.length);

  const label = document.createElement("label");
  label.className = "versions";
  label.append("Version ");
  const choice = document.createElement("select");
  for (const { name } of VERSIONS.versions) choice.add(new Option(name, name));
  if (!VERSIONS.versions.some(({ name }) => name === VERSIONS.name)) choice.add(new Option(VERSIONS.name));
  choice.value = VERSIONS.name;
  choice.addEventListener("change", () => {
    const chosen = VERSIONS.versions.find(({ name }) => name === choice.value);
    if (!chosen) return;
    // a page that the other version has not leads to its front
    const known = chosen.pages.includes(page);
    location.href = new URL(chosen.place + (known ? page + location.hash : "index.html"), site).href;
  });
  label.append(choice);
  place.after(label);
});
