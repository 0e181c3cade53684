"""Show the built book on this machine: `python -m tools.serve [port]`."""

from __future__ import annotations

import sys
import webbrowser
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

from tools.book import ROOT, is_up_to_date, site


def main() -> int:
    """Serve `_build/html` to this machine only, until Ctrl-C."""
    if not site(ROOT).is_dir():
        print("There is no book yet: make book", file=sys.stderr)
        return 1
    if not is_up_to_date(ROOT):
        print("This book is older than its sources; make book brings it up to date.")
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    handler = partial(SimpleHTTPRequestHandler, directory=str(site(ROOT)))
    with ThreadingHTTPServer(("127.0.0.1", port), handler) as server:
        address = f"http://127.0.0.1:{server.server_port}/"
        print(f"The book is at {address} (Ctrl-C stops)", flush=True)
        webbrowser.open(address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
