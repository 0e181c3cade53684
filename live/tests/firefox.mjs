// Firefox, driven over WebDriver BiDi: `node firefox.mjs FIREFOX PROFILE ADDRESS
// MILLISECONDS`. Opens a page, lets it run, and prints as JSON what a cell gives; after so long it gives
// up.
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

const [firefox, profile, address, patience] = process.argv.slice(2);

const WANTED = `(async () => {
  document.querySelector(".live-start").click();
  while (!globalThis.goldenMachineIsThere) {
    await new Promise((done) => setTimeout(done, 100));
    globalThis.goldenMachineIsThere = typeof goldenMachine === "object" && goldenMachine.page;
    const said = document.querySelector(".live-status").textContent;
    if (/did not work|could not|lacks|too little/.test(said)) return JSON.stringify({ said });
  }
  const outputs = [];
  const code = "import lpbook\\nprint(lpbook.count_digits(0.01))\\nlpbook.PHI";
  await goldenMachine.page.kernel.run(code, "test", (output) => outputs.push(output));
  const outside = await fetch("http://example.org/").then(() => "reached", () => "not reached");
  return JSON.stringify({ outputs, outside });
})()`;

const arguments_ = ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"];
const browser = spawn(firefox, arguments_, { stdio: ["ignore", "ignore", "pipe"] });

setTimeout(() => {
  browser.kill(); // which would outlive this process
  console.error("Firefox took too long");
  process.exit(1);
}, Number(patience)).unref();

// Where it listens stands in a line that it writes.
async function listening() {
  for await (const line of createInterface({ input: browser.stderr })) {
    const place = /WebDriver BiDi listening on (ws:\S+)/.exec(line);
    if (place) return `${place[1]}/session`;
  }
  throw new Error("Firefox ended before it listened");
}

function connected(place) {
  const socket = new WebSocket(place);
  const waiting = new Map();
  let count = 0;
  socket.onmessage = ({ data }) => {
    const { id, type, result, error, message } = JSON.parse(data);
    const { resolve, reject } = waiting.get(id) ?? {};
    waiting.delete(id);
    if (type === "success") resolve?.(result);
    else if (type === "error") reject?.(new Error(`${error}: ${message}`));
  };
  const send = (method, params) =>
    new Promise((resolve, reject) => {
      count += 1;
      waiting.set(count, { resolve, reject });
      socket.send(JSON.stringify({ id: count, method, params }));
    });
  return new Promise((resolve, reject) => {
    socket.onopen = () => resolve(send);
    socket.onerror = () => reject(new Error(`No connection to ${place}`));
  });
}

try {
  const send = await connected(await listening());
  await send("session.new", { capabilities: {} });
  const { contexts } = await send("browsingContext.getTree", {});
  const { context } = contexts[0];
  await send("browsingContext.navigate", { context, url: address, wait: "complete" });
  const { result, exceptionDetails } = await send("script.evaluate", {
    expression: WANTED, awaitPromise: true, target: { context },
  });
  if (exceptionDetails) throw new Error(exceptionDetails.text);
  console.log(result.value);
} finally {
  browser.kill();
}
