"""Data that a program makes for a forward pass and again, in another shape, for the way back: they are the same."""

from collections.abc import Callable

import pytest

from crosscheck.verdicts import Verdict

NET = """
import numpy as np

class Net:
    def __init__(self, rate):
        self.W, self.V, self.rate = np.random.randn(5, 3), np.random.rand(2, 5), rate

    def forward(self, row):
        self.h = self.W @ row.reshape(3, 1)
        self.out = self.V @ self.h
        return self.out

    def backward(self, y, row):
        d = 2 * (self.out - y)
        dV = d @ self.h.T
        dW = self.V.T @ d * {row}
        self.V = self.V - self.rate * dV
        self.W = self.W - self.rate * dW

rows, targets = np.random.randn(30, 3).tolist(), np.random.randn(30, 2).tolist()
net = Net(0.001)
for a, y in zip(rows, targets):
    net.forward(np.asarray(a))
    net.backward(np.asarray(y).reshape(2, 1), np.asarray(a).reshape(3, 1))
"""


@pytest.mark.parametrize(
    ("row", "verdict"), [("row.reshape(1, 3)", Verdict.AGREE), ("row.reshape(1, 3)[:, ::-1]", Verdict.DISAGREE)]
)
def test_they_are_drawn_together(verdicts: Callable[[str], list[Verdict]], row: str, verdict: Verdict) -> None:
    assert verdicts(NET.format(row=row)) == [verdict]
