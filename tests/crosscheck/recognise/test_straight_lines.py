"""Lines through points, as they are written first of all: outputs without a name, rows of tables, answers yes or no."""

from pathlib import Path

import numpy as np
import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.assembling import symbol_count
from crosscheck.recognise.inner_outputs import inner_outputs
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.source.parsing import parse
from crosscheck.verdicts import Verdict

POINTS = """
import numpy as np

def gradient_descent(m, b, points, rate):
    m_gradient = b_gradient = 0
    n = len(points)
    for i in range(n):
        x, y = points[i][0], points[i][1]
        m_gradient += -(2 / n) * {moved} * (y - (m * x + b))
        b_gradient += -(2 / n) * (y - (m * x + b))
    return m - rate * m_gradient, b - rate * b_gradient

points = np.genfromtxt("points.csv", delimiter=",")
m = b = 0
for i in range(300):
    m, b = gradient_descent(m, b, points, 0.001)
"""
ROWS = """
import pandas as pd

def loss(m, b, points):
    total = 0
    for i in range(len(points)):
        x, y = points.iloc[i].hours, points.iloc[i].score
        total += (y - (m * x + b)) ** 2
    return total / float(len(points))

def gradient_descent(m, b, points, rate):
    m_gradient = b_gradient = 0
    n = len(points)
    for i in range(n):
        x, y = points.iloc[i].hours, points.iloc[i].score
        m_gradient += -(2 / n) * {moved} * (y - (m * x + b))
        b_gradient += -(2 / n) * (y - (m * x + b))
    return m - rate * m_gradient, b - rate * b_gradient

m = b = 0
data = pd.read_csv("data.csv")
for i in range(300):
    m, b = gradient_descent(m, b, data, 0.0001)
"""
ANSWERS = """
import numpy as np
hours = np.array([1, 2, 3, 4, 5, 6, 7])
passed = np.array([0, 0, 0, 1, 0, 1, 1])
w, b = 0.1, 0.0
def predict(x):
    return 1 / (1 + np.exp(-(w * x + b)))
for epoch in range(1000):
    p = predict(hours)
    print(-np.mean(passed * np.log(p) + (1 - passed) * np.log(1 - p)))
    dw = np.mean({moved} * (p - passed))
    db = np.mean(p - passed)
    w -= 0.05 * dw
    b -= 0.05 * db
"""


def verdicts(path: Path, text: str) -> set[Verdict]:
    (path / "program.py").write_text(text, encoding="utf-8")
    return {judge_unit(unit, examples=8).verdict for unit in recognise(read(path / "program.py")).units}


@pytest.mark.thorough
@pytest.mark.parametrize(("program", "right", "wrong"), [(POINTS, "x", "y"), (ROWS, "x", "y"), (ANSWERS, "hours", "p")])
def test_a_line_is_judged(program: str, right: str, wrong: str, tmp_path: Path) -> None:
    assert verdicts(tmp_path, program.format(moved=right)) == {Verdict.AGREE}
    assert verdicts(tmp_path, program.format(moved=wrong)) == {Verdict.DISAGREE}


def test_what_a_comprehension_goes_through_gives_no_output() -> None:
    tree = parse("dm = sum(x[j] * (y[j] - (m * x[j] + c)) for j in range(n))\ndb = 2 * (y - (m * x + c))", Path("x.py"))
    assert [place for place, _, _ in inner_outputs(tree, tree.body)] == [1, 1]


def test_answers_have_two_symbols_whatever_others_have() -> None:
    data = {"hours": np.array([1, 2, 3, 4, 5, 6]), "passed": np.array([0, 0, 1, 0, 1, 1])}
    assert [symbol_count(data, name) for name in data] == [7, 2]
