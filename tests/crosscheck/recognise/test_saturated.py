"""Deep networks of many units whose probabilities are almost one: what `1 - p` loses is no error of the gradient."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.references.extended import has_extended_precision
from crosscheck.source import read
from crosscheck.verdicts import Verdict

NETWORK = """
import numpy as np
class Net:
    def __init__(self, n_in=2, {widths}, n_out=1):
        self.W1, self.b1 = np.random.randn(n_in, {first}), np.random.randn(1, {first})
        self.W2, self.b2 = np.random.randn({first}, {second}), np.random.randn(1, {second})
        self.W3, self.b3 = np.random.randn({second}, n_out), np.random.randn(1, n_out)
    def forward(self, X):
        self.a1 = np.maximum(X @ self.W1 + self.b1, 0)
        self.a2 = np.maximum(self.a1 @ self.W2 + self.b2, 0)
        self.a3 = 1 / (1 + np.exp(-(self.a2 @ self.W3 + self.b3)))
        return self.a3
    def backward(self, X, y, output):
        m = X.shape[0]
        dz3 = output - y
        dW3, db3 = self.a2.T @ dz3 / m, np.sum(dz3, axis=0) / m
        dz2 = dz3 @ self.W3.T * (self.a2 > 0)
        dW2, db2 = self.a1.T @ dz2 / m, np.sum(dz2, axis=0) / m
        dz1 = dz2 @ {back} * (self.a1 > 0)
        dW1, db1 = X.T @ dz1 / m, np.sum(dz1, axis=0) / m
        return dW1, db1, dW2, db2, dW3, db3
X = np.random.randn(20, 2)
y = (X[:, :1] * X[:, 1:] > 0).astype(float)
net = Net()
net.backward(X, y, net.forward(X))
"""
LISTED = {"widths": "hidden_size=[50, 50]", "first": "hidden_size[0]", "second": "hidden_size[1]"}
FIXED = {"widths": "p=1, q=1", "first": "(10 * p + 40)", "second": "(20 * q + 31)"}


@pytest.mark.thorough
@pytest.mark.skipif(not has_extended_precision(), reason="no longer numbers here")
def test_many_units_are_tested_along_directions_in_longer_numbers(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(NETWORK.format(back="self.W2.T", **FIXED), encoding="utf-8")
    (unit,) = recognise(read(tmp_path / "program.py")).units
    report = judge_unit(unit, examples=5)
    assert report.oracles == ("derivatives along random directions",)
    assert report.verdict is not Verdict.DISAGREE


@pytest.mark.thorough
@pytest.mark.parametrize(("back", "verdict"), [("self.W2.T", Verdict.AGREE), ("self.W2.T * 1.01", Verdict.DISAGREE)])
def test_widths_in_a_list_become_small_and_unlike(back: str, verdict: Verdict, tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(NETWORK.format(back=back, **LISTED), encoding="utf-8")
    (unit,) = recognise(read(tmp_path / "program.py")).units
    one, other = unit.example[0]["W2"].shape
    assert one != other
    assert max(one, other) < 13
    assert judge_unit(unit, examples=4).verdict is verdict
