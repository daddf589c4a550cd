"""Weights that are moved in the very loop which carries the gradient back through them."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

ADDER = """
import numpy as np

STEPS, rate = 6, 0.1
W1, W2 = np.random.randn(2, 5) * 0.5, np.random.randn(5, 1) * 0.5
Wh = np.random.randn(5, 5) * 0.5
dW1, dW2, dWh = np.zeros_like(W1), np.zeros_like(W2), np.zeros_like(Wh)

for turn in range(300):
    a, b = np.random.randint(0, 2, STEPS), np.random.randint(0, 2, STEPS)
    c = (a + b) % 2
    deltas, values = [], [np.zeros(5)]
    for t in range(STEPS):
        X = np.array([[a[STEPS - t - 1], b[STEPS - t - 1]]])
        y = np.array([[c[STEPS - t - 1]]])
        hidden = 1 / (1 + np.exp(-(X @ W1 + values[-1] @ Wh)))
        out = 1 / (1 + np.exp(-(hidden @ W2)))
        deltas.append((y - out) * out * (1 - out))
        values.append(hidden.copy())
    later_delta = np.zeros(5)
    for t in range(STEPS):
        X = np.array([[a[t], b[t]]])
        hidden, before = values[-t - 1], values[-t - 2]
        delta = (later_delta.dot(Wh.T) + deltas[-t - 1].dot(W2.T)) * hidden * (1 - hidden)
        dW2 += np.atleast_2d(hidden).T.dot(deltas[-t - 1])
        dWh += np.atleast_2d(before).T.dot(delta)
        dW1 += X.T.dot(delta)
        later_delta = delta
{indent}    W1 += dW1 * rate
{indent}    W2 += dW2 * rate
{indent}    Wh += dWh * rate
{indent}    dW1 *= 0
{indent}    dW2 *= 0
{indent}    dWh *= 0
"""


@pytest.mark.thorough
@pytest.mark.parametrize(("indent", "wrong"), [("", set()), ("    ", {"W1", "Wh"})])
def test_steps_behind_the_loop_are_right_and_those_inside_of_it_are_not(
    indent: str, wrong: set[str], tmp_path: Path
) -> None:
    path = tmp_path / "adder.py"
    path.write_text(ADDER.format(indent=indent))
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=8)
    assert {tally.name for tally in report.tallies} == {"W1", "W2", "Wh"}
    assert {tally.name for tally in report.tallies if tally.verdict is not Verdict.AGREE} == wrong
