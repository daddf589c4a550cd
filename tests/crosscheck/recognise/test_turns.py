"""Training loops that never set to zero what they add their gradients to."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.turns import never_reset
from crosscheck.source import read
from crosscheck.verdicts import Severity, Verdict

ADDING = """
import numpy as np
x, y = np.random.randn(6, 3), np.random.randn(6, 2)
W1, W2 = np.random.randn(3, 4), np.random.randn(4, 2)
dW1, dW2 = np.zeros_like(W1), np.zeros_like(W2)
for step in range(1000):
    h = np.tanh(x @ W1)
    e = h @ W2 - y
    loss = 0.5 * np.sum(e ** 2)
    dW2 += h.T @ e
    dW1 += x.T @ (e @ W2.T * (1 - h ** 2))
    W1 -= 0.01 * dW1
    W2 -= 0.01 * dW2
    print(loss)
    dW2 *= 0
    dW1[:] = 0
"""
FUNCTION = ADDING.replace("\n    ", "\n        ").replace("\nfor ", "\ndef train():\n    for ") + "train()\n"


@pytest.mark.parametrize("program", [ADDING, FUNCTION], ids=["script", "function"])
@pytest.mark.parametrize(
    ("without", "names", "line"),
    [((), [], 0), (("dW2 *= 0",), ["dW2"], "dW1[:] = 0"), (("dW2 *= 0", "dW1[:] = 0"), ["dW1", "dW2"], "dW1 += x.T")],
)
def test_what_no_turn_sets_to_zero_moves_parameters_too_far(program, without, names, line, tmp_path: Path) -> None:
    for statement in without:
        program = program.replace(statement, "pass")
    path = tmp_path / "loop.py"
    path.write_text(program)
    (unit,) = recognise(read(path)).units
    found = never_reset(unit, 0)
    assert [finding.severity for finding in found] == [Severity.ERROR] * bool(names)
    for finding in found:
        assert finding.code == "update-differs"
        assert f"Every turn adds to {', '.join(names)} of the one before" in finding.message
        assert finding.line == next(n for n, text in enumerate(program.split("\n"), 1) if line in text)


def test_what_a_condition_sets_to_zero_now_and_then_is_told_of(tmp_path: Path) -> None:
    path = tmp_path / "loop.py"
    path.write_text(ADDING.replace("    dW2 *= 0\n", "    if loss < 0:\n        dW2 = np.zeros((3, 2))\n"))
    (unit,) = recognise(read(path)).units
    assert [(finding.code, finding.severity) for finding in never_reset(unit, 0)] == [("accumulates", Severity.WARNING)]


def test_gradients_that_are_made_anew_in_every_turn_are_not_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "loop.py"
    path.write_text(ADDING.replace("dW2 +=", "dW2 =").replace("dW1 +=", "dW1 ="))
    (unit,) = recognise(read(path)).units
    assert never_reset(unit, 0) == []


LAYER = """
import numpy as np

class Layer:
    def __init__(self, width, cells):
        self.W = np.random.randn(width, cells)
        self.dW = np.zeros_like(self.W)

    def forward(self, x):
        self.x = x
        return np.tanh(x @ self.W)

    def backward(self, d_out):
        dz = d_out * (1 - np.tanh(self.x @ self.W) ** 2)
        self.dW += self.x.T @ dz
        return dz @ self.W.T

    def update(self):
        self.W -= 0.1 * self.dW
"""


@pytest.mark.parametrize(("more", "warned"), [("", True), ("        self.dW = np.zeros_like(self.W)\n", False)])
def test_gradients_that_nothing_empties_are_told_of(more: str, warned: bool, tmp_path: Path) -> None:
    path = tmp_path / "layer.py"
    path.write_text(LAYER + more)
    (unit,) = recognise(read(path)).units
    report = judge_unit(unit, examples=8)
    assert report.verdict is Verdict.AGREE
    assert any(finding.code == "accumulates" for finding in report.findings) is warned
