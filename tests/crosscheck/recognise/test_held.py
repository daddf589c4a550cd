"""What an author holds constant and says so is no path of the gradient; what is said of nothing else counts."""

from pathlib import Path

import pytest

from crosscheck.files.examine import examine
from crosscheck.files.options import Options
from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read

VIEWS = """
import numpy as np

def detach(a):
    return np.array(a)

def step(W, V, a, b):
    za = np.tanh(a @ W)
    {constant}
    p = za @ V
    loss = 0.5 * np.sum((p - goal) ** 2) / len(a)
    dp = (p - goal) / len(a)
    dV = za.T @ dp
    dW = a.T @ (dp @ V.T * {slope})
    return loss, dW, dV

W, V = np.random.randn(4, 3), np.random.randn(3, 3)
for turn in range(3):
    loss, dW, dV = step(W, V, np.random.randn(6, 4), np.random.randn(6, 4))
    W -= 0.1 * dW
    V -= 0.1 * dV
"""
SLOPE = "(1 - za ** 2)"


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("constant", "slope", "verdict"),
    [
        ("goal = np.tanh(b @ W)  # stop-gradient", SLOPE, "agree"),
        ("# this branch is held constant\n    goal = np.tanh(b @ W)", SLOPE, "agree"),
        ("goal = detach(np.tanh(b @ W))", SLOPE, "agree"),
        ("goal = np.tanh(b @ W)  # stop-gradient", "(1 + za ** 2)", "disagree"),
        ("goal = np.tanh(b @ W)  # the other view", SLOPE, "disagree"),
        ("n = len(b)  # stop-gradient\n    goal = np.tanh(b @ W)", SLOPE, "disagree"),
    ],
)
def test_what_is_said_to_be_constant_is_held_so(constant: str, slope: str, verdict: str, tmp_path: Path) -> None:
    (tmp_path / "views.py").write_text(VIEWS.format(constant=constant, slope=slope))
    events: list[dict[str, object]] = []
    examine(read(tmp_path / "views.py"), Options(examples=8, repair=False), events.append)
    (judged,) = (event["subject"] for event in events if event["event"] == "judged")
    assert judged["verdict"] == verdict  # pyright: ignore[reportIndexIssue]


ROUNDED = """
import numpy as np

class Rounded:
    {says}

    def forward(self, x):
        return np.round(x) * x

    def backward(self, dy):
        return dy

class Line:
    def __init__(self):
        self.W = np.random.randn(4, 3)

    def forward(self, x):
        self.x = x
        return x @ self.W

    def backward(self, dy):
        self.dW = self.x.T @ dy
        return dy @ self.W.T

one, two = Line(), Rounded()
for turn in range(3):
    y = two.forward(one.forward(np.random.randn(5, 4)))
    one.backward(two.backward(y))
    one.W -= 0.1 * one.dW
"""


@pytest.mark.parametrize(
    ("says", "verdicts"),
    [("# a straight-through estimator", {"agree"}), ("# rounds", {"agree", "disagree"})],
)
def test_what_says_that_it_goes_straight_through_is_left_out(says: str, verdicts: set[str], tmp_path: Path) -> None:
    (tmp_path / "rounded.py").write_text(ROUNDED.format(says=says))
    found = recognise(read(tmp_path / "rounded.py"))
    assert {str(judge_unit(unit, examples=6).verdict) for unit in found.units} == verdicts
    assert any("Rounded.backward was left out" in text for text in found.assumptions) is (verdicts == {"agree"})


def test_a_turn_that_goes_through_such_a_layer_is_left_out(tmp_path: Path) -> None:
    code = ROUNDED.format(says="# a straight-through estimator").replace("np.round(x) * x", "np.round(x)")
    code = code.replace("one, two =", "last = Line()\nlast.W = np.random.randn(3, 3)\none, two =")
    code = code.replace("y = two.forward(one.forward(", "x = two.forward(one.forward(").replace(
        "    one.backward(two.backward(y))",
        "    y = last.forward(x)\n    loss = 0.5 * (y ** 2).sum()\n"
        "    one.backward(two.backward(last.backward(y)))\n    last.W -= 0.1 * last.dW",
    )
    (tmp_path / "rounded.py").write_text(code)
    found = recognise(read(tmp_path / "rounded.py"))
    assert {unit.name: str(judge_unit(unit, examples=6).verdict) for unit in found.units} == {
        "Line.forward/Line.backward": "agree"
    }
