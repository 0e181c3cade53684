"""The browser of the tests of the site; and Firefox, where it is."""

import shutil

from tests.book.conftest import browser

FIREFOX = shutil.which("firefox-esr") or shutil.which("firefox")
collect_ignore = [] if FIREFOX else ["test_firefox.py"]

__all__ = ["browser"]
