"""Old names of modules still work, and say what they are called now."""

import importlib
import sys

import pytest

from lpbook._moved import MOVED, RENAMED
from lpbook.distributions import segment_probabilities


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


@pytest.mark.parametrize(
    ("old", "name", "new"),
    [(old, name, new) for old, names in RENAMED.items() for name, new in names.items()],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_what_moved_on_is_found_in_its_old_module(old, name, new):
    module, _, here = new.rpartition(".")
    there = getattr(importlib.import_module(module), here)
    assert getattr(importlib.import_module(old), name) is there
    assert old not in MOVED or name in importlib.import_module(old).__all__


def test_what_left_a_module_that_stayed_is_said():
    from lpbook import digits

    with pytest.warns(DeprecationWarning, match=r"segment_probabilities is now lpbook\.distrib"):
        assert digits.segment_probabilities is segment_probabilities
    with pytest.raises(AttributeError, match="no_such_name"):
        digits.no_such_name  # noqa: B018


@pytest.mark.parametrize(
    ("old", "names"),
    [
        ("lpbook.hits", "all_sums hits_by_count"),
        (
            "lpbook.in_practice",
            "EPSILON POOLS POPUP_LAWS Cell Settings best_scale cells digit_errors digit_images "
            "effective_share family find mask_accuracy mean_interval moment neurons_for_digits "
            "own_gain pool_laws pool_units products random_network recorded run run_cell "
            "weight_law",
        ),
        ("lpbook.waiting", "Band drawn_waits geometric_waits quantile_band rows_until_served"),
    ],
)
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_old_module_has_all_it_had(old, names):
    module = importlib.import_module(old)
    assert all(getattr(module, name) is not None for name in names.split())
