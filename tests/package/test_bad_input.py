"""Whatever is given, the answer is right or one error that says what is wrong, and with what."""

from __future__ import annotations

import copy
import inspect
import re
from types import GeneratorType

import numpy as np
import pytest
from bad_input import CALLS, NETWORK, REMEDIES, TICKET, Call
from bad_values import VALUES

from lpbook import _checks

ROWS = [(name, argument) for name, call in CALLS.items() for argument in call.arguments]


@pytest.mark.parametrize("name", CALLS)
def test_every_argument_has_its_row(name):
    signature = inspect.signature(CALLS[name].function)
    assert [*CALLS[name].arguments] == [*signature.parameters]


@pytest.mark.parametrize("name", CALLS)
def test_the_call_that_is_right_is_answered(name, folder):
    CALLS[name].function(**CALLS[name].good(folder))


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    TICKET.save(tmp_path / "file.ticket")
    return tmp_path


def complaint(call: Call, arguments: dict[str, object]) -> str | None:
    """What the call says of its arguments; None where it answers."""
    try:
        answer = call.function(**arguments)
        if isinstance(answer, GeneratorType):
            list(answer)
    except (TypeError, ValueError) as error:
        return str(error)
    except OSError as error:  # a path that leads nowhere
        return f"path, folder: {error}"
    return None


@pytest.mark.parametrize(("name", "argument"), ROWS, ids=map(".".join, ROWS))
def test_bad_values_are_refused_by_name(name, argument, folder):
    call = CALLS[name]
    _, right = call.arguments[argument]
    assert len(VALUES) >= 12
    for value, made in VALUES.items():
        arguments = call.good(folder) | {argument: made()}
        said = complaint(call, arguments)
        if right(value):
            assert said is None, f"{value}: {said}"
        else:
            assert said is not None, f"{value} is accepted"
            assert re.search(rf"(?<![\w.]){argument}\b", said), f"{value}: {said}"
            assert "\n" not in said
            assert len(said) <= 400


@pytest.mark.parametrize(("name", "arguments", "part"), REMEDIES)
def test_the_message_says_what_to_do_instead(name, arguments, part, folder):
    call = CALLS[name]
    said = complaint(call, call.good(folder) | arguments)
    assert said is not None
    assert part in said


def test_what_is_given_is_not_changed(folder):
    for name, call in CALLS.items():
        given = call.good(folder)
        arrays = {
            key: value for key, value in given.items() if isinstance(value, (list, np.ndarray))
        }
        before = copy.deepcopy(arrays)
        call.function(**given)
        for key, value in arrays.items():
            np.testing.assert_equal(value, before[key], err_msg=f"{name}: {key}")


class Unshown:
    def __repr__(self):
        raise RuntimeError("no")


def test_values_are_shown_in_a_line_however_large_they_are():
    values = (10**400, -(2**20_000), [2**20_000], "x" * 10**6, Unshown(), [Unshown()], np.eye(99))
    for value in (*values, {"a": [1] * 10**6}, np.array([2**20_000, None])):
        shown = _checks.shown(value)
        assert len(shown) <= 80
        assert "\n" not in shown


def test_integers_that_no_float_holds_are_not_rounded_in_silence():
    network = NETWORK([[2**53, 0.0]])
    assert network.tolist() == [[2.0**52, 2.0**51]]
    for rows in ([[2**53 + 1, 0]], np.array([[2**53 + 1, 0]]), np.array([[2**63 + 1, 0]], "u8")):
        with pytest.raises(ValueError, match=r"x=\d+: no float64 is this integer"):
            NETWORK(rows)
