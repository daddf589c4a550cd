"""Turns that stop before their step, and numbers that are arrays of one entry: loops are judged all the same."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read

STOPS = """
def descend(xs, ys, rate=0.01):
    slope, start, last = 0.5, 0.2, 1e9
    while True:
        cost = d_slope = d_start = 0.0
        for x, y in zip(xs, ys):
            miss = slope * x + start - y
            cost += miss ** 2
            d_slope += 2 * miss * x
            d_start += 2 * miss
        {stop}
            slope = slope - rate * d_slope
            start = start - rate * d_start
        last = cost
    return slope, start

print(descend([1.0, 2.0, 4.0], [0.3, -0.7, 1.1]))
"""
AT_ONCE = "if cost < 1e9:\n            print(last)\n            break\n        if True:"
OTHERWISE = "if abs(last - cost) < 1e12:\n            return slope, start\n        else:"
SINGLES = """
import numpy as np
A, B = np.random.randn(4, 2), np.random.randn(1, 4)
data, targets, preds = np.random.randn(9, 2), np.random.randn(9), np.zeros(9)
for turn in range(3):
    total = 0.0
    for i in range(9):
        x = data[i].reshape(2, 1)
        h = np.tanh(A @ x)
        preds[i] = B @ h
        miss = B @ h - targets[i]
        total += float(miss ** 2) / 2
        dB, dA = miss @ h.T, B.T @ miss * (1 - h ** 2) @ x.T
        A, B = A - 0.1 * dA, B - 0.1 * dB
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("code", "slip", "blamed"),
    [
        (STOPS.format(stop=AT_ONCE), ("", ""), {"slope": "agree", "start": "agree"}),
        (STOPS.format(stop=OTHERWISE), ("", ""), {"slope": "agree", "start": "agree"}),
        (STOPS.format(stop=OTHERWISE), ("d_start += 2 *", "d_start +="), {"slope": "agree", "start": "disagree"}),
        (SINGLES, ("", ""), {"A": "agree", "B": "agree"}),
        (SINGLES, ("(1 - h ** 2)", "(1 - h) ** 2"), {"A": "disagree", "B": "agree"}),
    ],
    ids=["at once", "otherwise", "otherwise, wrong", "singles", "singles, wrong"],
)
def test_the_turn_of_a_loop_is_judged(tmp_path: Path, code: str, slip: tuple[str, str], blamed: dict[str, str]) -> None:
    path = tmp_path / "module.py"
    path.write_text(code.replace(*slip))
    units = recognise(read(path)).units
    assert {t.name: str(t.verdict) for unit in units for t in judge_unit(unit, examples=6).tallies} == blamed
