"""Old names of modules still work, and say what they are called now."""

import importlib
import sys

import pytest

from lpbook._moved import MOVED


@pytest.mark.parametrize("old", MOVED)
def test_an_old_name_leads_to_the_new_module(old):
    new = importlib.import_module(MOVED[old])
    sys.modules.pop(old, None)
    with pytest.warns(DeprecationWarning, match=f"{old} is now {MOVED[old]}"):
        module = importlib.import_module(old)
    assert new.__all__
    assert all(getattr(module, name) is getattr(new, name) for name in new.__all__)
    assert new.__spec__.name == MOVED[old]
    with pytest.raises(AttributeError):
        module.no_such_name  # noqa: B018
