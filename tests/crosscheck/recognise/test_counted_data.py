"""Data whose number is counted once, before they are gone through: another number of them would not fit."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

LINE = """
import numpy as np
x = np.array([1, 2, 3, 4, 5])
y = np.array([3, 5, 7, 9, 11])
n = len(x)
w = b = 0.0
for epoch in range(100):
    p = w * x + b
    dw = -2 / n * np.sum({moved} * (y - p))
    db = -2 / n * np.sum(y - p)
    w -= 0.01 * dw
    b -= 0.01 * db
"""
HANDED = """
import numpy as np

def slopes(x, y, w, b, n):
    p = w * x + b
    return -2 / n * np.sum({moved} * (y - p)), -2 / n * np.sum(y - p)

def loss(x, y, w, b):
    return np.mean((y - (w * x + b)) ** 2)

x, y = np.array([1, 2, 3, 4, 5]), np.array([3, 5, 7, 9, 11])
w = b = 0.0
for i in range(100):
    dw, db = slopes(x, y, w, b, len(x))
    w -= 0.01 * dw
    b -= 0.01 * db
print(loss(x, y, w, b))
"""
UNNAMED = """
x = [1, 2, 3, 4, 5]
y = [3, 5, 7, 9, 11]
m = c = 0
n = len(x)
for epoch in range(100):
    dm = sum(-2 / n * x[j] * (y[j] - (m * x[j] + c)) for j in range(n))
    dc = sum(-2 / n * (y[j] - (m * x[j] + c)) for j in range(n))
    m -= 0.01 * dm
    c -= 0.01 * dc
"""


def verdicts(path: Path, text: str) -> set[Verdict]:
    (path / "program.py").write_text(text, encoding="utf-8")
    return {judge_unit(unit, examples=13).verdict for unit in recognise(read(path / "program.py")).units}


@pytest.mark.parametrize("program", [LINE, HANDED])
@pytest.mark.parametrize(("moved", "verdict"), [("x", Verdict.AGREE), ("w", Verdict.DISAGREE)])
def test_data_are_as_many_as_they_were_counted(program: str, moved: str, verdict: Verdict, tmp_path: Path) -> None:
    assert verdicts(tmp_path, program.format(moved=moved)) == {verdict}


def test_a_slope_is_no_output(tmp_path: Path) -> None:
    """That the squares of `dc` go down with c makes them no loss of m."""
    assert Verdict.DISAGREE not in verdicts(tmp_path, UNNAMED)
