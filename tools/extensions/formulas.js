// Sets formulas with MathJax, in one process: reads {mathjax, formulas: [[source, display], …]}
// from standard input, writes {glyphs, formulas} to standard output. A formula becomes
// {svg, mathml}, or {error}. Outlines of glyphs stand once, in `glyphs`; a formula uses their names.
"use strict";

const { mathjax, formulas } = JSON.parse(require("fs").readFileSync(0, "utf8"));

async function main() {
  const MathJax = await require(`${mathjax}/node-main.js`).init({
    loader: {
      paths: { mathjax },
      load: ["input/tex", "output/svg", "adaptors/liteDOM"],
      versionWarnings: false,
    },
    startup: { typeset: false },
    svg: { fontCache: "global" },
    tex: {
      // What MathJax does not know is an error, not red letters.
      packages: { "[-]": ["noerrors", "noundefined"] },
      formatError: (_jax, error) => {
        throw error;
      },
    },
  });
  const { adaptor, output } = MathJax.startup;
  const set = [];
  for (const [source, display] of formulas) {
    try {
      const box = await MathJax.tex2svgPromise(source, { display });
      set.push({
        svg: adaptor.outerHTML(adaptor.firstChild(box)),
        mathml: await MathJax.tex2mmlPromise(source, { display }),
      });
    } catch (error) {
      set.push({ error: error.message || String(error) });
    }
  }
  const glyphs = {};
  for (const path of adaptor.childNodes(output.fontCache.getCache())) {
    glyphs[adaptor.getAttribute(path, "id")] = adaptor.getAttribute(path, "d");
  }
  process.stdout.write(JSON.stringify({ glyphs, formulas: set }));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
