"""Errors that are half of some squares: nobody reports these, so they are the loss."""

from pathlib import Path

import pytest

from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.recognition import recognise
from crosscheck.source import read
from crosscheck.verdicts import Verdict

BEGINNING = """
import numpy as np

X, Y = np.random.randn(9, 3), np.random.randint(0, 2, (9, 1)).astype(float)

def sigmoid(z):
    return 1 / (1 + np.exp(-z))
"""
LOOP = """
W1, W2, rate = np.random.randn(3, 5), np.random.randn(5, 1), 0.01
for epoch in range(100):
    h = sigmoid(X @ W1)
    out = sigmoid(h @ W2)
    error = {error}
    d = {slope}
    dW2 = h.T @ d
    dW1 = X.T @ ((d @ W2.T) * h * (1 - h))
    W1 -= rate * dW1
    W2 -= rate * dW2
    print(epoch, error)
"""
CLASS = """
class Net:
    def __init__(self):
        self.W1, self.W2, self.rate = np.random.randn(3, 5), np.random.randn(5, 1), 0.01

    def forward(self, X):
        self.h = sigmoid(X @ self.W1)
        self.out = sigmoid(self.h @ self.W2)
        return self.out

    def backward(self, X, Y):
        out = self.out
        d = {slope}
        dW2 = self.h.T @ d
        dW1 = X.T @ ((d @ self.W2.T) * self.h * (1 - self.h))
        self.W1 -= self.rate * dW1
        self.W2 -= self.rate * dW2

    def train(self, X, Y):
        out = self.forward(X)
        error = {error}
        self.backward(X, Y)
        return error

net = Net()
for epoch in range(100):
    print(net.train(X, Y))
"""
HALF, WHOLE = "0.5 * np.sum((out - Y) ** 2)", "np.sum((out - Y) ** 2)"
RIGHT, PAST = "(out - Y) * out * (1 - out)", "out - Y"


@pytest.mark.parametrize("program", [LOOP, CLASS])
@pytest.mark.parametrize(
    ("error", "slope", "verdict"),
    [(HALF, RIGHT, Verdict.AGREE), (HALF, PAST, Verdict.DISAGREE), (WHOLE, PAST, Verdict.AGREE)],
)
def test_half_of_the_squares_is_a_loss_by_any_name(
    program: str, error: str, slope: str, verdict: Verdict, tmp_path: Path
) -> None:
    path = tmp_path / "net.py"
    path.write_text(BEGINNING + program.format(error=error, slope=slope))
    (unit,) = recognise(read(path)).units
    assert judge_unit(unit, examples=8).verdict is verdict
