"""Whatever is given, the answer is right or one error that says what is wrong, and with what."""

from __future__ import annotations

import copy
import inspect
import re
from decimal import Decimal
from fractions import Fraction
from types import GeneratorType

import numpy as np
import pytest
from bad_input import CALLS, NETWORK, REMEDIES, TICKET, Call
from bad_values import VALUES

import lpbook as lp
from lpbook import _checks
from lpbook.experiments import attention

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


def test_lists_of_values_that_break_are_refused_by_name(folder):
    broken = [value for value in VALUES if value.startswith("broken")]
    assert len(broken) > 9
    for name, argument in ROWS:
        for value in broken:
            arguments = CALLS[name].good(folder) | {argument: [VALUES[value]()]}
            said = complaint(CALLS[name], arguments)
            assert (name, value) == ("Network", "broken str") or said is not None
            assert said is None or re.search(rf"(?<![\w.]){argument}\b", said), f"{value}: {said}"


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


def nested(depth):
    value = 0.5
    for _ in range(depth):
        value = [value]
    return value


def endless():
    value = []
    value.append(value)
    return value


class Refusing:
    """What raises errors of its own wherever it is asked for something."""

    def refuse(self, *_, **__):
        raise KeyError("no")

    __array__ = __float__ = __iter__ = __fspath__ = refuse

    def __len__(self):
        return 2


@pytest.mark.parametrize("value", [nested(5000), endless(), Refusing()], ids=["deep", "end", "no"])
def test_whatever_an_argument_does_is_told_by_its_name(value):
    calls = {
        "x": lambda: NETWORK(value),
        "weights": lambda: lp.Network(value),
        "inputs": lambda: lp.Ball(1.0).contains(value),
        "radius": lambda: lp.Ball(value),
        "path": lambda: TICKET.save(value),
        "activations": lambda: lp.Network([[[1.0]]], activations=value),
    }
    for name, call in calls.items():
        with pytest.raises((TypeError, ValueError), match=rf"^{name}\b") as error:
            call()
        assert len(str(error.value)) <= 400


def test_a_path_that_no_file_can_have_is_named():
    for call in (TICKET.save, lp.load_ticket):
        with pytest.raises(ValueError, match=r"path='.ud800'"):
            call("\ud800")


def test_formulas_take_numbers_of_any_kind():
    wanted = attention.head_error(0.5, 2.0, 3.0)
    for two in (Decimal(2), np.uint8(2), np.float32(2), Fraction(2)):
        assert attention.head_error(0.5, two, 3.0) == wanted


def test_inputs_near_the_largest_float_overflow_in_silence():
    assert NETWORK.bounds([1e308, 1e308]).norms[-1] > 1e308
