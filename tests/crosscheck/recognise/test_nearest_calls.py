"""A backward pass belongs to the forward pass that was made last before it, and to no other that is remembered."""

from pathlib import Path

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.source import read
from crosscheck.verdicts import Verdict

PROGRAM = """
import numpy as np

def squares(y, out):
    return np.mean((y - out) ** 2)

class Line:
    def __init__(self, size):
        self.W = np.random.randn(size, 3)
        self.b = np.zeros((1, 3))

    def forward(self, X):
        self.out = X @ self.W + self.b
        return self.out

    def backward(self, X, y):
        d = 2 * (self.out - y) / y.size
        dW = X.T @ d
        db = d.sum(axis=0, keepdims=True)
        self.W -= 0.1 * dW
        self.b -= 0.1 * db

    def train(self, X, y):
        for epoch in range(50):
            for half in (slice(0, 3), slice(3, 6)):
                X_half = X[half]
                y_half = y[half]
                self.forward(X_half)
                self.backward(X_half, y_half)
            print(squares(y, self.forward(X)))

Line(7).train(np.random.randn(6, 7), np.random.randn(6, 3))
"""


def test_a_forward_pass_for_the_report_is_not_the_one_that_a_later_backward_pass_goes_back_from(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    for unit in recognise(read(path)).units:
        assert judge_unit(unit, examples=12).verdict is Verdict.AGREE, unit.name


def test_what_follows_what_is_known_when_a_call_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "program.py"
    path.write_text(PROGRAM)
    world = recognise(read(path)).world
    assert world is not None
    forward, backward = (world.hooks.entries[f"Line.{name}"] for name in ("forward", "backward"))
    follows = [[second.follows(first) for first in forward] for second in backward]
    assert follows[0][0]
    assert all(sum(row) <= 1 for row in follows)
    assert not any(follows[-1])  # its own forward pass was made after three others, and is not remembered
