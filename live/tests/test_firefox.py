"""A page runs in Firefox, from a folder and without a network.

Where there is no Firefox this module is not collected (conftest.py): the project asks for one
browser, and its tests are to pass with no other.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from live.tests.conftest import FIREFOX
from tests.reader import NODE, PATIENCE
from tools.book import ROOT, site

# No address is reached: all would go through a proxy that is not there.
PREFERENCES = {
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
}


def test_site_that_is_a_folder_in_firefox(tmp_path: Path) -> None:
    lines = [f"user_pref({json.dumps(n)}, {json.dumps(v)});" for n, v in PREFERENCES.items()]
    (tmp_path / "user.js").write_text("\n".join(lines), encoding="utf-8")
    page = site(ROOT) / "book" / "malach.html"
    driver = Path(__file__).with_name("firefox.mjs")
    done = subprocess.run(
        [NODE / "bin" / "node", driver, str(FIREFOX), tmp_path, page.as_uri(), str(4 * PATIENCE)],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["outside"] == "not reached"
    printed, shown = found["outputs"]
    assert printed["text"] == "10\n"
    assert shown["display"]["text/plain"] == "1.618033988749895"
