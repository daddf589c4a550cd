"""Derivatives that are handed the output of a function where they take its input, and the other way round."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.no_loss import OF_NO_LOSS
from crosscheck.source import read
from crosscheck.verdicts import Verdict

GATE = """
import numpy as np

def squash(v):
    return {function}

def squash_derivative(v):
    return {derivative}

rows = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1.0]])
wanted = np.array([[0], [0], [1], [1.0]])
synapses = np.random.randn(3, 1)
for turn in range(2000):
    before = rows @ synapses
    guess = squash(before)
    miss = wanted - guess
    synapses += rows.T @ (miss * squash_derivative({handed}))
"""
SIGMOID, TANH, RELU = "1 / (1 + np.exp(-v))", "np.tanh(v)", "np.maximum(v, 0)"
OF_INPUT, OF_OUTPUT = "squash(v) * (1 - squash(v))", "v * (1 - v)"


def units_of(path: Path, **parts: str) -> list:
    (path / "gate.py").write_text(GATE.format(**parts))
    return recognise(read(path / "gate.py")).units


@pytest.mark.parametrize(
    ("function", "derivative", "handed", "end"),
    [
        (SIGMOID, OF_INPUT, "guess", "returns"),
        (SIGMOID, OF_OUTPUT, "before", "is handed"),
        (TANH, "1 - np.tanh(v) ** 2", "guess", "returns"),
        (TANH, "1 - v ** 2", "before", "is handed"),
    ],
)
def test_a_derivative_at_the_wrong_end_is_wrong_whatever_the_loss_is(
    function: str, derivative: str, handed: str, end: str, tmp_path: Path
) -> None:
    (unit,) = units_of(tmp_path, function=function, derivative=derivative, handed=handed)
    assert unit.assumptions[0].startswith(f"squash_derivative was handed what squash {end}, and is its derivative")
    assert "squared error of guess against wanted" in unit.assumptions[1]
    assert judge_unit(unit, examples=4).verdict is Verdict.DISAGREE


@pytest.mark.parametrize(
    ("function", "derivative", "handed"),
    [
        (SIGMOID, OF_INPUT, "before"),
        (SIGMOID, OF_OUTPUT, "guess"),
        (TANH, "1 - v ** 2", "guess"),
        (RELU, "(v > 0) * 1.0", "guess"),
        (RELU, "(v > 0) * 1.0", "before"),
    ],
)
def test_a_derivative_at_the_right_end_is_right(function: str, derivative: str, handed: str, tmp_path: Path) -> None:
    (unit,) = units_of(tmp_path, function=function, derivative=derivative, handed=handed)
    assert judge_unit(unit, examples=4).verdict is Verdict.AGREE


def test_steps_that_are_added_are_held_against_minus_the_loss(tmp_path: Path) -> None:
    """What is called the gradient points downhill where it is added: nothing climbs."""
    text = GATE.format(function=SIGMOID, derivative=OF_INPUT, handed="guess")
    text = text.replace("    synapses += rows.T @ (", "    slope = 0.5 * rows.T @ (")
    text += "    synapses = synapses + 0.1 * slope\n"
    (tmp_path / "gate.py").write_text(text)
    (unit,) = recognise(read(tmp_path / "gate.py")).units
    assert "minus half the squared error" in unit.assumptions[1]
    assert OF_NO_LOSS not in unit.assumptions
    judged = judge_unit(unit, examples=4)
    assert judged.verdict is Verdict.DISAGREE
    assert not [finding for finding in judged.findings if finding.code == "update-differs"]


NUMBERS = """import math
import random

random.seed(3)
weight = [random.uniform(-1, 1) for _ in range(6)]
fed = [1, 1]

def squash(x):
    return 1 / (1 + math.exp(-x))

def squash_derivative(x):
    return {derivative}

def answer(one, two, weight):
    inner = squash(one * weight[2] + two * weight[3] + weight[4])
    return squash(inner * weight[0] + weight[1])

def slopes(one, two, weight, fed, wanted):
    out = answer(one, two, weight)
    inner = squash(one * weight[2] + two * weight[3] + weight[4])
    delta = (out - wanted) * squash_derivative(out)
    delta_inner = delta * weight[0] * squash_derivative(inner)
    gradients = [
        delta * inner, delta * fed[1], delta_inner * one, delta_inner * two, delta_inner * fed[0], 0.0
    ]
    return gradients

data = [(0, 1, 1), (1, 0, 1), (1, 1, 0), (0, 0, 0)]
for turn in range(20):
    total = [0] * 6
    for one, two, wanted in data:
        for place, slope in enumerate(slopes(one, two, weight, fed, wanted)):
            total[place] += slope
    for place in range(6):
        weight[place] -= 0.7 * total[place]
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("derivative", "verdict"),
    [("x * (1 - x)", Verdict.AGREE), ("math.exp(-x) / (1 + math.exp(-x)) ** 2", Verdict.DISAGREE)],
)
def test_single_numbers_are_gone_through_as_arrays_are(verdicts, derivative: str, verdict: Verdict) -> None:
    """Ones in a list, which a bias is multiplied by, are no symbols that might be others."""
    assert set(verdicts(NUMBERS.format(derivative=derivative))) == {verdict}


NEITHER = "is no derivative of squash, be it handed what squash is handed or what it returns"


@pytest.mark.parametrize(
    ("function", "derivative"),
    [("1 / (v + np.exp(-v))", OF_OUTPUT), (TANH, "1 + v ** 2"), (SIGMOID, "v * (2 - v)")],
)
def test_what_is_no_derivative_at_either_end_is_wrong(function: str, derivative: str, tmp_path: Path) -> None:
    (unit,) = units_of(tmp_path, function=function, derivative=derivative, handed="guess")
    assert unit.assumptions[0] == f"squash_derivative {NEITHER}"
    assert judge_unit(unit, examples=4).verdict is Verdict.DISAGREE


FLAGGED = """
import numpy as np

def squash(v, deriv=False):
    if deriv:
        return {derivative}
    return {function}

rows = np.array([[0, 0, 1], [0, 1, 1], [1, 0, 1], [1, 1, 1.0]])
wanted = np.array([[0], [0], [1], [1.0]])
first, second = np.random.randn(3, 4), np.random.randn(4, 1)
for turn in range(2000):
    inner = rows @ first
    hidden = squash(inner)
    guess = squash(hidden @ second)
    miss = (wanted - guess) * squash(guess, deriv=True)
    back = miss @ second.T * squash({handed}, True)
    second += hidden.T @ miss
    first += rows.T @ back
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("function", "derivative", "handed", "verdict"),
    [
        (SIGMOID, OF_OUTPUT, "hidden", Verdict.AGREE),
        ("1 / (v + np.exp(-v))", OF_OUTPUT, "hidden", Verdict.DISAGREE),
        (TANH, "1 - v ** 2", "hidden", Verdict.AGREE),
        (TANH, "1 - v", "hidden", Verdict.DISAGREE),
        (SIGMOID, OF_OUTPUT, "inner", Verdict.DISAGREE),
        ("np.where(v > 0, 1.0, 0.0)", "1.0 + 0 * v", "hidden", Verdict.AGREE),  # as in a perceptron
        ("np.exp(v) / np.exp(v).sum()", OF_OUTPUT, "hidden", None),
    ],
)
def test_a_function_may_be_asked_for_its_derivative(
    function: str, derivative: str, handed: str, verdict: Verdict | None, tmp_path: Path
) -> None:
    """A step stands for others on purpose, and a softmax is no function of each number."""
    code = FLAGGED.replace("{function}", function).replace("{derivative}", derivative).replace("{handed}", handed)
    (tmp_path / "flagged.py").write_text(code)
    found = recognise(read(tmp_path / "flagged.py")).units
    assert {judge_unit(unit, examples=4).verdict for unit in found} == ({verdict} if verdict else set())
    assert not any(
        " is no derivative of " in said
        for unit in found
        if verdict is not Verdict.DISAGREE
        for said in unit.assumptions
    )
