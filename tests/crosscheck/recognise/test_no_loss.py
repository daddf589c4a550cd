"""Gradients that are those of no loss at all, and rules that only look like it."""

from pathlib import Path

import pytest

from crosscheck.recognise import recognise
from crosscheck.recognise.judging import judge_unit
from crosscheck.recognise.losses import OF_NO_LOSS
from crosscheck.source import read
from crosscheck.verdicts import Verdict

NET = """
import numpy as np

def squash(x):
    return 1 / (1 + np.exp(-x))

class Net:
    def __init__(self, a, b, c, d):
        self.first, self.second, self.third = np.random.randn(a, b), np.random.randn(b, c), np.random.randn(c, d)

    def forward(self, x):
        self.x = x
        self.h = squash(x @ self.first)
        self.g = squash(self.h @ self.second)
        self.o = squash(self.g @ self.third)
        return self.o

    def backward(self, y, lr=0.1):
        slope = np.tanh(3 * (self.o - y))
        third = slope * self.o * (1 - self.o)
        second = third @ self.third.T * self.g * (1 - self.g)
        first = second @ self.second.T * {derivative}
        self.third -= lr * self.g.T @ third
        self.second -= lr * self.h.T @ second
        self.first -= lr * self.x.T @ first

    def train(self, X, y):
        for turn in range(100):
            self.forward(X)
            self.backward(y)

Net(2, 6, 5, 1).train(np.array([[0, 0], [0, 1], [1, 0], [1, 1.0]]), np.array([[0], [1], [1], [0]]))
"""
RIGHT, WRONG = "self.h * (1 - self.h)", "(1 - self.h)"
MACHINE = """
import numpy as np

def squash(x):
    return 1 / (1 + np.exp(-x))

data = np.random.randint(0, 2, (6, 5)).astype(float)
W, b, c = 0.1 * np.random.randn(5, 4), np.zeros(4), np.zeros(5)
for turn in range(500):
    up = squash(data @ W + b)
    down = squash((up > np.random.rand(6, 4)) @ W.T + c)
    again = squash(down @ W + b)
    W += 0.1 * (data.T @ up - down.T @ again) / 6
    b += 0.1 * np.mean(up - again, 0)
    c += 0.1 * np.mean(data - down, 0)
    error = np.sum((data - down) ** 2)
"""


def units_of(path: Path, text: str) -> list:
    (path / "program.py").write_text(text)
    return recognise(read(path / "program.py")).units


def test_gradients_of_no_loss_are_wrong_whatever_the_loss_is(tmp_path: Path) -> None:
    """The slope at the output is that of no loss that is known; the layers above go back from it all the same."""
    (unit,) = units_of(tmp_path, NET.format(derivative=WRONG))
    assert OF_NO_LOSS in unit.assumptions
    assert judge_unit(unit, examples=8).verdict is Verdict.DISAGREE


@pytest.mark.parametrize("text", [NET.format(derivative=RIGHT), MACHINE])
def test_gradients_of_an_unknown_loss_and_rules_that_are_none_are_left_alone(text: str, tmp_path: Path) -> None:
    assert not units_of(tmp_path, text)


def test_a_penalty_that_the_words_tell_of_is_no_proof(tmp_path: Path) -> None:
    assert not units_of(tmp_path, NET.format(derivative=WRONG) + "\n# with a sparsity penalty on h\n")
