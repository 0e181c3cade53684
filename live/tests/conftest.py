"""The browser of the tests of the site."""

from tests.book.conftest import browser

__all__ = ["browser"]
