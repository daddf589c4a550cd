"""Functions that nothing in their file calls, called with the arguments of somebody who knows."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.example_call import LARGEST, ExampleCall
from crosscheck.recognise.judging import judge_unit
from crosscheck.source.document import read_text

PROGRAM = """
import numpy as np

UNITS = 19

def judged(theta, rows, kind):
    h = np.tanh(rows @ theta["v"] + np.zeros(UNITS)[:, None][: len(rows), 0])
    dz = 2 * h * (1 - h * h) if kind == "both" else 1 / 0
    return (h * h).sum(), {"v": rows.T @ dz}

def other(theta, rows):
    raise RuntimeError("is not called")
"""
CALL = ExampleCall("judged", ({"v": np.array([0.3, -0.2, 0.5])}, np.arange(57).reshape(19, 3) / 57, "both"))


class Cell(NamedTuple):
    """Parameters of a class that a child does not have."""

    W: np.ndarray


def found(call):
    return recognise(read_text(PROGRAM, "utf-8", Path("x.py")), function="judged", call=call)


def test_it_is_judged_in_the_sizes_of_the_call():
    (unit,) = found(CALL).units
    assert list(unit.example[0]) == ["v"]
    assert judge_unit(unit, examples=6).verdict == "agree"


@pytest.mark.parametrize("arguments", [(), ({"v": np.ones(3)}, np.ones((19, 3)), "none")])
def test_a_call_that_raises_changes_nothing(arguments):
    with_it, without = found(ExampleCall("judged", arguments)), found(None)
    assert [unit.name for unit in with_it.units] == [unit.name for unit in without.units]


@pytest.mark.parametrize(
    "argument",
    [Cell(np.ones(3)), {1: 2.0}, {1, 2}, np.array(["a"]), np.ones(LARGEST + 1), [np.ones(LARGEST)] * 2],
)
def test_what_does_not_travel_is_left_out(argument):
    assert ExampleCall("judged", (argument,)).as_json() is None


def test_arrays_arrive_in_double_precision_and_integers_as_they_are():
    call = ExampleCall("f", (np.float32([[0.1, 2]]), np.zeros((0, 4)), np.int8([3]), True))
    arguments = ExampleCall.from_json(call.as_json()).arguments
    assert [str(a.dtype) for a in arguments[:3]] == ["float64", "float64", "int8"]
    assert arguments[0].tolist() == call.arguments[0].tolist()
    assert arguments[1].shape == (0, 4)
    assert arguments[3] is True
