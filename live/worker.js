// The worker of a page: gets the parts, starts the interpreter, runs cells one after another.
// In: {start: parts} | {run: {id, code, name, apart}}. Out: {ready} | {output: {id, ...}} | {done: {id, ...}}.
const MARK = "\x1e";
let interpreter;
let current;
let names = []; // that the cells have defined
let rest = ""; // of an output that has come in part

function receive(text, stream) {
  if (stream === "stderr") return post({ stream, text });
  const pieces = (rest + text).split(MARK);
  // Pieces at even places were printed, at odd ones they are outputs; the last may be cut off.
  if (pieces.length % 2 === 0) rest = MARK + pieces.pop();
  else rest = "";
  pieces.forEach((piece, place) => {
    if (place % 2) sent(piece, stream);
    else if (piece) post({ stream, text: piece });
  });
}

// Between two marks stands an output, unless a cell has printed marks of its own.
function sent(piece, stream) {
  let output = { stream, text: piece };
  try {
    output = JSON.parse(piece);
  } catch {
    // then it is text
  }
  if (output.names) names = output.names;
  else post(output);
}

function post(output) {
  postMessage({ output: { id: current, ...output } });
}

async function unpacked(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

onmessage = async ({ data }) => {
  if (data.start) {
    try {
      const { prelude, ...packed } = data.start;
      const names = Object.keys(packed);
      const bytes = await Promise.all(names.map((name) => unpacked(packed[name])));
      const parts = Object.fromEntries(names.map((name, place) => [name, bytes[place]]));
      interpreter = new Interpreter(receive);
      await interpreter.start({ ...parts, prelude });
      postMessage({ ready: true });
    } catch (error) {
      postMessage({ failed: String(error) });
    }
    return;
  }
  const { id, code, name, apart } = data.run;
  const started = performance.now();
  current = id;
  let crashed = null;
  try {
    interpreter.run(code, name, apart);
  } catch (error) {
    crashed = String(error); // a trap of WebAssembly: the interpreter is not to be used again
  }
  postMessage({ done: { id, crashed, names, time: performance.now() - started } });
};
