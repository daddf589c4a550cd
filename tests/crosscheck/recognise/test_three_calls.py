"""Classes that are called for an output, for its loss and for the gradients, one call after another."""

import ast
from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.three_calls import NAME, with_three_calls
from crosscheck.source import read
from crosscheck.verdicts import Verdict

NET = """
import numpy as np

class Net:
    def __init__(self, n_in, n_hidden, n_out):
        self.W, self.V = np.random.randn(n_in, n_hidden), np.random.randn(n_hidden, n_out)

    def forward(self, x):
        self.x, self.h = x, np.tanh(x @ self.W)
        self.o = self.h @ self.V
        return self.o

    def loss(self, {given}):
        self.d = ({output} - y) / len(y)
        return 0.5 * np.sum(({output} - y) ** 2) / len(y)

    def backward(self):
        self.dV = self.h.T @ self.d
        self.dW = self.x.T @ (self.d @ self.V.T{slip})
"""
SLOPE = " * (1 - self.h ** 2)"


@pytest.mark.thorough
@pytest.mark.parametrize(("given", "output"), [("y", "self.o"), ("logits, y", "logits")])
@pytest.mark.parametrize(("slip", "verdict"), [(SLOPE, Verdict.AGREE), ("", Verdict.DISAGREE)])
def test_all_three_are_called(given: str, output: str, slip: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "net.py").write_text(NET.format(given=given, output=output, slip=slip))
    (unit,) = recognise(read(tmp_path / "net.py")).units
    assert unit.name == f"Net.{NAME}"
    assert unit.names.keys() == {"W", "V"}
    assert judge_unit(unit, examples=12).verdict is verdict


@pytest.mark.parametrize(
    ("right", "other"),
    [
        ("self.d = ", "d = "),  # the loss keeps nothing
        ("def backward(self)", "def backward(self, dout)"),  # it belongs to any loss
        ("self.dV = ", "self.forward(self.x); self.backward(); self.dV = "),  # something calls it
    ],
)
def test_what_is_called_otherwise_stays_as_it_is(right: str, other: str) -> None:
    tree = ast.parse(NET.format(given="y", output="self.o", slip=SLOPE).replace(right, other))
    assert with_three_calls(tree) is tree
