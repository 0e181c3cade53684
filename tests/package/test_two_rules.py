"""The record of both rules, run again."""

from __future__ import annotations

import pytest

from lpbook.experiments.two_rules import examples, recorded, two_rules


@pytest.mark.parametrize("name", [*examples()])
def test_the_record_is_found_again(name):
    found, record = two_rules(examples()[name]()), recorded()[name]
    for key in ("weights", "epsilon"):
        assert found[key] == pytest.approx(record[key])
    for rule in ("proved", "measured"):
        assert found[rule]["ok"]
        # another processor rounds otherwise, and training takes another path from there
        assert found[rule]["bytes"] == pytest.approx(record[rule]["bytes"], rel=0.1)
    assert found["measured"]["measured"] <= found["epsilon"] < found["measured"]["proved"]
    assert found["proved"]["proved"] <= found["epsilon"]
    assert found["measured"]["bytes"] < found["proved"]["bytes"]
