// One Python interpreter, as the rest of the page sees it: `start`, `run`. Another WebAssembly
// Python can take its place by keeping these two. Runs in a worker.
const { WASI, File, OpenFile, Fd, PreopenDirectory, Directory, wasi } = goldenWasi;

// What is written to standard output or error goes to a function.
class Sink extends Fd {
  constructor(receive) {
    super();
    this.receive = receive;
  }
  fd_write(data) {
    this.receive(data);
    return { ret: 0, nwritten: data.byteLength };
  }
  fd_fdstat_get() {
    const stat = new wasi.Fdstat(wasi.FILETYPE_CHARACTER_DEVICE, 0);
    stat.fs_rights_base = BigInt(wasi.RIGHTS_FD_WRITE);
    return { ret: 0, fdstat: stat };
  }
  fd_filestat_get() {
    return { ret: 0, filestat: new wasi.Filestat(0n, wasi.FILETYPE_CHARACTER_DEVICE, 0n) };
  }
}

// The members of a zip file whose members are stored as they are: name to bytes.
function unzip(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let end = bytes.length - 22;
  while (view.getUint32(end, true) !== 0x06054b50) end -= 1;
  let at = view.getUint32(end + 16, true);
  const members = {};
  for (let left = view.getUint16(end + 10, true); left > 0; left -= 1) {
    const size = view.getUint32(at + 24, true);
    const [name, extra, comment] = [28, 30, 32].map((place) => view.getUint16(at + place, true));
    const header = view.getUint32(at + 42, true);
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    const text = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + name));
    members[text] = bytes.subarray(start, start + size);
    at += 46 + name + extra + comment;
  }
  return members;
}

// Folders of files, from names with slashes.
function folders(members) {
  const root = new Map();
  for (const [name, bytes] of Object.entries(members)) {
    const parts = name.split("/");
    let folder = root;
    for (const part of parts.slice(0, -1)) {
      if (!folder.has(part)) folder.set(part, new Directory(new Map()));
      folder = folder.get(part).contents;
    }
    folder.set(parts.at(-1), new File(bytes, { readonly: true }));
  }
  return root;
}

class Interpreter {
  // `receive(text, stream)` gets what is written, `stream` being "stdout" or "stderr".
  constructor(receive) {
    const decoders = { stdout: new TextDecoder(), stderr: new TextDecoder() };
    this.sinks = ["stdout", "stderr"].map(
      (name) => new Sink((data) => receive(decoders[name].decode(data, { stream: true }), name)),
    );
  }

  // `program`: bytes of the interpreter; `library`, `data`, `site`: zip files of Python's library,
  // of Matplotlib's data and of the book's package; `prelude`: source of `_page`.
  async start({ program, library, data, site, prelude }) {
    const lib = new Map([["python315.zip", new File(library, { readonly: true })]]);
    const descriptors = [
      new OpenFile(new File([])),
      ...this.sinks,
      new PreopenDirectory("/usr/local/lib", lib),
      new PreopenDirectory("/usr/local/lib/site", folders(unzip(site))),
      new PreopenDirectory("/usr/local/lib/python315.zip/matplotlib/mpl-data", folders(unzip(data))),
      new PreopenDirectory("/tmp", new Map([["home", new Directory(new Map())]])),
    ];
    const environment = [
      "TMPDIR=/tmp", "HOME=/tmp/home", "PYTHONTZPATH=", "MPLBACKEND=agg", "NO_COLOR=1",
      "PYTHONHASHSEED=0", "SOURCE_DATE_EPOCH=0",
    ];
    const system = new WASI(["/usr/local/bin/python.wasm"], environment, descriptors, { debug: false });
    const module = await WebAssembly.compile(program);
    const imports = { wasi_snapshot_preview1: system.wasiImport, host: { call: () => -1 } };
    const instance = await WebAssembly.instantiate(module, imports);
    system.initialize(instance);
    this.exports = instance.exports;
    this.turn(
      `import types\n_page = types.ModuleType("_page")\ndel types\n_page.__file__ = "<page>"\n` +
        `exec(compile(${JSON.stringify(prelude)}, "<page>", "exec"), _page.__dict__)`,
    );
  }

  // Run a piece of Python at top level: 0 if it went through.
  turn(code) {
    const bytes = new TextEncoder().encode(code);
    const at = this.exports.host_alloc(bytes.length) >>> 0;
    new Uint8Array(this.exports.memory.buffer).set(bytes, at);
    return this.exports.turn(at, bytes.length);
  }

  // Run a cell. `apart`: what it defines is its own, though it sees what other cells have defined.
  run(code, name, apart = false) {
    const inputs = [code, name].map((text) => JSON.stringify(text));
    // as a statement: the value of an expression would be printed
    return this.turn(`if _page.run(${inputs}, ${apart ? "True" : "False"}): pass`);
  }
}
