"""Losses that return the gradient of their prediction beside them, and turns that go by several judged functions."""

from pathlib import Path

import pytest

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

NET = """
import numpy as np

def squared(guess, y_true):
    miss = guess - y_true
    loss = np.mean(miss ** 2)
    grad = {slope}
    return loss, grad

class Layer:
    def __init__(self, n, m):
        self.W, self.b = np.random.randn(n, m), np.zeros(m)

    def forward(self, x):
        self.x = x
        return x @ self.W + self.b

    def backward(self, back):
        self.dW = self.x.T @ back
        self.db = back.sum(axis=0)
        return back @ self.W.T

layer = Layer(3, 2)
X = np.random.randn(20, 3)
Y = X @ np.random.randn(3, 2)
for turn in range(50):
    out = layer.forward(X)
    loss, grad = squared(out, Y)
    layer.backward(grad)
    layer.W -= 0.1 * layer.dW
    layer.b -= 0.1 * layer.{db}
"""


@pytest.mark.parametrize(
    ("slope", "verdict"),
    [
        ("2 * miss / miss.size", Verdict.AGREE),
        ("miss / miss.size", Verdict.DISAGREE),
        ("2 * miss / len(miss)", Verdict.DISAGREE),
        ("-2 * miss / miss.size", Verdict.DISAGREE),
    ],
)
def test_the_gradient_beside_a_loss_is_that_of_the_prediction(slope: str, verdict: Verdict, tmp_path: Path) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET.format(slope=slope, db="db"))
    (unit,) = [unit for unit in recognise(read(path)).units if unit.name == "squared"]
    assert unit.names == {"guess": "grad"}
    assert judge_unit(unit, examples=6).verdict is verdict


@pytest.mark.parametrize(("db", "known"), [("db", True), ("dW[0]", False), ("dW.mean()", False)])
def test_the_steps_of_a_turn_are_held_against_each_function_that_was_judged(
    db: str, known: bool, tmp_path: Path
) -> None:
    path = tmp_path / "net.py"
    path.write_text(NET.format(slope="2 * miss / miss.size", db=db))
    reports = [judge_unit(unit, examples=6) for unit in recognise(read(path)).units]
    assert all(report.verdict is Verdict.AGREE for report in reports) is known
